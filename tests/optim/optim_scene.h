/* A scene for tests of optimisers: one parameter that is pulled to a moving target, every optimiser with a set of
 * options, and the same as a loop over scalars. Assumes recording.h's: one thread, small tapes. */
#ifndef EDDY_TEST_OPTIM_SCENE_H
#define EDDY_TEST_OPTIM_SCENE_H

#include "recording.h"

enum { SIZE = 6, STEPS = 25, KINDS = 12 };

/* One parameter p pulled to an input that moves every step: dp = 4 (p - x)^3. */
typedef struct scene {
    eddy_tape *tape;
    eddy_var p, x;
    eddy_list params, grads;
} scene;

static inline scene scene_new(eddy_dtype dtype)
{
    scene s = { .tape = eddy_tape_new(dtype, 1) };
    double start[SIZE];
    for (int i = 0; i < SIZE; i++)
        start[i] = cos(1.3 * i);
    eddy_tensor p = eddy_tensor_wrap(start, EDDY_F64, EDDY_SHAPE(SIZE));
    s.p = eddy_parameter(s.tape, "p", &p);
    s.x = eddy_input(s.tape, "x", EDDY_SHAPE(SIZE));
    s.params = eddy_parameters(s.tape);
    s.grads = eddy_gradients(eddy_sum(eddy_square(eddy_square(eddy_sub(s.p, s.x)))), s.params);
    OK(s.tape);
    return s;
}

static inline double target(int step, int i)
{
    return sin(0.7 * step + i);
}

static inline void aim(const scene *s, int step)
{
    double x[SIZE];
    for (int i = 0; i < SIZE; i++)
        x[i] = target(step, i);
    eddy_tensor value = eddy_tensor_wrap(x, EDDY_F64, EDDY_SHAPE(SIZE));
    ck_assert(eddy_set_tensor(s->x, &value));
}

static inline void train(const scene *s, eddy_program *program, int from, int to)
{
    for (int step = from; step < to; step++) {
        aim(s, step);
        ck_assert_msg(eddy_run(program), "%s", eddy_error(s->tape));
    }
}

/* ---- The optimisers, and the same as loops ---- */

static const eddy_sgd_options sgd[] = { { .lr = 0.05, .weight_decay = 0.1 },
                                        { .lr = 0.02, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.01 },
                                        { .lr = 0.02, .momentum = 0.8, .nesterov = true, .weight_decay = 0.05 } };
static const eddy_rmsprop_options rmsprop[] = {
    { .lr = 0.01, .alpha = 0.99, .eps = 1e-8 },
    { .lr = 0.003, .alpha = 0.9, .eps = 1e-8, .momentum = 0.7, .weight_decay = 0.02, .centered = true },
    { .lr = 0.01, .alpha = 0.99, .eps = 1e-3, .centered = true }
};
static const eddy_adagrad_options adagrad[] = {
    { .lr = 0.01, .eps = 1e-10 }, { .lr = 0.1, .lr_decay = 0.2, .weight_decay = 0.1, .initial = 0.5, .eps = 1e-6 }
};
static const eddy_adam_options adam[] = {
    { .lr = 0.03, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.1 },
    { .lr = 0.03, .beta1 = 0.7, .beta2 = 0.9, .eps = 1e-8, .amsgrad = true },
    { .lr = 0.03, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.01 },
    { .lr = 0.03, .beta1 = 0.9, .beta2 = 0.8, .eps = 1e-4, .weight_decay = 0.3, .amsgrad = true }
};
static const char *const names[KINDS] = { "sgd",     "sgd",     "sgd",  "rmsprop", "rmsprop", "rmsprop",
                                          "adagrad", "adagrad", "adam", "adam",    "adamw",   "adamw" };

/* Kinds 3, 6 and 10 use the defaults, which must be those of the table. */
static inline eddy_list optimise(const scene *s, int kind)
{
    switch (kind) {
    case 0:
    case 1:
    case 2:
        return eddy_sgd(s->params, s->grads, &sgd[kind]);
    case 3:
        return eddy_rmsprop(s->params, s->grads, NULL);
    case 4:
    case 5:
        return eddy_rmsprop(s->params, s->grads, &rmsprop[kind - 3]);
    case 6:
        return eddy_adagrad(s->params, s->grads, NULL);
    case 7:
        return eddy_adagrad(s->params, s->grads, &adagrad[1]);
    case 8:
    case 9:
        return eddy_adam(s->params, s->grads, &adam[kind - 8]);
    case 10:
        return eddy_adamw(s->params, s->grads, &(eddy_adam_options){ .lr = 0.03 });
    default:
        return eddy_adamw(s->params, s->grads, &adam[3]);
    }
}

typedef struct memory {
    double a, b, c;
} memory;

static inline double step_of(int kind, int t, double p, double g, memory *m)
{
    if (kind < 3) {
        const eddy_sgd_options *o = &sgd[kind];
        g += o->weight_decay * p;
        if (o->momentum == 0)
            return p - o->lr * g;
        m->a = t == 1 ? g : o->momentum * m->a + (1 - o->dampening) * g;
        return p - o->lr * (o->nesterov ? g + o->momentum * m->a : m->a);
    }
    if (kind < 6) {
        const eddy_rmsprop_options *o = &rmsprop[kind - 3];
        g += o->weight_decay * p;
        m->a = o->alpha * m->a + (1 - o->alpha) * g * g;
        m->b = o->alpha * m->b + (1 - o->alpha) * g;
        double step = g / (sqrt(m->a - (o->centered ? m->b * m->b : 0)) + o->eps);
        m->c = o->momentum * m->c + step;
        return p - o->lr * m->c;
    }
    if (kind < 8) {
        const eddy_adagrad_options *o = &adagrad[kind - 6];
        g += o->weight_decay * p;
        m->a = (t == 1 ? o->initial : m->a) + g * g;
        return p - o->lr / (1 + (t - 1) * o->lr_decay) * g / (sqrt(m->a) + o->eps);
    }
    const eddy_adam_options *o = &adam[kind - 8];
    if (kind < 10)
        g += o->weight_decay * p;
    else
        p *= 1 - o->lr * o->weight_decay;
    m->a = o->beta1 * m->a + (1 - o->beta1) * g;
    m->b = o->beta2 * m->b + (1 - o->beta2) * g * g;
    m->c = fmax(m->c, m->b);
    double v = o->amsgrad ? m->c : m->b;
    return p - o->lr / (1 - pow(o->beta1, t)) * m->a / (sqrt(v) / sqrt(1 - pow(o->beta2, t)) + o->eps);
}

#endif
