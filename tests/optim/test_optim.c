/* Optimisers against plain loops over scalars, the formulas that Adam and clipping satisfy, and states shared by
 * several recordings. */
#include "recording.h"

enum { STEPS = 20, SIZE = 7 };

/* One parameter of SIZE elements, a target that the loss pulls it to, and an input that moves the target every step:
 * gradients that change. */
typedef struct scene {
    eddy_tape *tape;
    eddy_var p, q, x, loss;
    double values[2][SIZE];
} scene;

static scene scene_new(eddy_dtype dtype)
{
    scene s = { .tape = eddy_tape_new(dtype, 1) };
    eddy_tensor p = random_tensor(EDDY_F64, EDDY_SHAPE(SIZE), -1, 1),
                q = random_tensor(EDDY_F64, EDDY_SHAPE(SIZE), -1, 1);
    memcpy(s.values[0], p.data, sizeof s.values[0]);
    memcpy(s.values[1], q.data, sizeof s.values[1]);
    s.p = eddy_parameter(s.tape, "p", &p);
    s.q = eddy_parameter(s.tape, "q", &q);
    s.x = eddy_input(s.tape, "x", EDDY_SHAPE(SIZE));
    /* dp = 4 (p - x)^3,  dq = x exp(q x) */
    eddy_var d = eddy_square(eddy_sub(s.p, s.x));
    s.loss = eddy_add(eddy_sum(eddy_square(d)), eddy_sum(eddy_exp(eddy_mul(s.q, s.x))));
    OK(s.tape);
    eddy_tensor_free(&p);
    eddy_tensor_free(&q);
    return s;
}

/* The next input, and the two gradients there by the formulas above. */
static void next(scene *s, double g[2][SIZE])
{
    double x[SIZE];
    for (int i = 0; i < SIZE; i++) {
        x[i] = between(-1, 1);
        double d = s->values[0][i] - x[i];
        g[0][i] = 4 * d * d * d;
        g[1][i] = x[i] * exp(s->values[1][i] * x[i]);
    }
    ck_assert(eddy_set(s->x, x, sizeof x));
}

static void check_parameters(const scene *s, int step)
{
    for (int i = 0; i < SIZE; i++) {
        ck_assert_msg(fabs(at(s->p, i) - s->values[0][i]) <= 1e-12, "step %d, p: %.17g, not %.17g", step, at(s->p, i),
                      s->values[0][i]);
        ck_assert_msg(fabs(at(s->q, i) - s->values[1][i]) <= 1e-12, "step %d, q: %.17g, not %.17g", step, at(s->q, i),
                      s->values[1][i]);
    }
}

START_TEST(sgd)
{
    for (int kind = 0; kind < 3; kind++) {
        scene s = scene_new(EDDY_F64);
        eddy_list params = eddy_parameters(s.tape), grads = eddy_gradients(s.loss, params);
        eddy_sgd_options options = { .lr = kind ? 0.05 : 0, .momentum = kind == 2 ? 0.9 : 0 };
        eddy_program *program =
            eddy_compile(s.tape, EDDY_LIST(s.loss), eddy_sgd(params, grads, kind ? &options : NULL));
        OK(s.tape);
        double b[2][SIZE] = { { 0 } }, g[2][SIZE];
        for (int step = 0; step < STEPS; step++) {
            next(&s, g);
            ck_assert(eddy_run(program));
            for (int k = 0; k < 2; k++)
                for (int i = 0; i < SIZE; i++) {
                    b[k][i] = options.momentum * b[k][i] + g[k][i];
                    s.values[k][i] -= (kind ? 0.05 : 1e-3) * b[k][i];
                }
            check_parameters(&s, step);
        }
        if (kind == 2)
            for (int i = 0; i < SIZE; i++)
                ck_assert(fabs(at(eddy_find(s.tape, "sgd.momentum.q"), i) - b[1][i]) < 1e-12);
        eddy_tape_free(s.tape);
    }
}
END_TEST

START_TEST(adam)
{
    for (int kind = 0; kind < 2; kind++) {
        scene s = scene_new(EDDY_F64);
        eddy_list params = eddy_parameters(s.tape), grads = eddy_gradients(s.loss, params);
        eddy_adam_options o = kind ? (eddy_adam_options){ .lr = 0.03, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-3 }
                                   : (eddy_adam_options){ .lr = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 };
        eddy_program *program = eddy_compile(s.tape, EDDY_LIST(s.loss), eddy_adam(params, grads, kind ? &o : NULL));
        OK(s.tape);
        double m[2][SIZE] = { { 0 } }, v[2][SIZE] = { { 0 } }, g[2][SIZE];
        double history[STEPS][2][SIZE], start[2][SIZE], closed[2][SIZE];
        memcpy(start, s.values, sizeof start);
        for (int step = 0; step < STEPS; step++) {
            next(&s, g);
            memcpy(history[step], g, sizeof g);
            ck_assert(eddy_run(program));
            for (int k = 0; k < 2; k++)
                for (int i = 0; i < SIZE; i++) { /* the paper's algorithm 1, written down */
                    m[k][i] = o.beta1 * m[k][i] + (1 - o.beta1) * g[k][i];
                    v[k][i] = o.beta2 * v[k][i] + (1 - o.beta2) * g[k][i] * g[k][i];
                    double mh = m[k][i] / (1 - pow(o.beta1, step + 1)), vh = v[k][i] / (1 - pow(o.beta2, step + 1));
                    s.values[k][i] -= o.lr * mh / (sqrt(vh) + o.eps);
                }
            check_parameters(&s, step);
        }
        /* X.ADAM.closed: theta_t = theta_0 - lr sum_k (m_k / (1 - b1^k)) / (sqrt(v_k / (1 - b2^k)) + eps), moments as
         * sums over the past */
        for (int k = 0; k < 2; k++)
            for (int i = 0; i < SIZE; i++) {
                closed[k][i] = start[k][i];
                for (int t = 1; t <= STEPS; t++) {
                    double mt = 0, vt = 0;
                    for (int j = 1; j <= t; j++) {
                        mt += (1 - o.beta1) * pow(o.beta1, t - j) * history[j - 1][k][i];
                        vt += (1 - o.beta2) * pow(o.beta2, t - j) * history[j - 1][k][i] * history[j - 1][k][i];
                    }
                    closed[k][i] -= o.lr * (mt / (1 - pow(o.beta1, t))) / (sqrt(vt / (1 - pow(o.beta2, t))) + o.eps);
                }
                ck_assert(fabs(at(k ? s.q : s.p, i) - closed[k][i]) <= 1e-12);
            }
        ck_assert(eddy_item(eddy_find(s.tape, "adam.step")) == STEPS &&
                  eddy_item(eddy_find(s.tape, "adam.lr")) == o.lr);
        for (int i = 0; i < SIZE; i++)
            ck_assert(fabs(at(eddy_find(s.tape, "adam.m.p"), i) - m[0][i]) < 1e-12 &&
                      fabs(at(eddy_find(s.tape, "adam.v.q"), i) - v[1][i]) < 1e-12);
        eddy_tape_free(s.tape);
    }
}
END_TEST

/* X.ADAM.first, X.ADAM.const: with a constant gradient every step is -lr g / (|g| + eps), whatever the betas. */
START_TEST(adam_with_a_constant_gradient)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    const double g[SIZE] = { 3, -0.01, 1e-4, 1e-7, -1e-8, 100, 0 };
    eddy_tensor zeros = random_tensor(EDDY_F64, EDDY_SHAPE(SIZE), 0, 0);
    eddy_var p = eddy_parameter(tape, "p", &zeros), c = constant(tape, EDDY_F64, EDDY_SHAPE(SIZE), g);
    eddy_list grads = eddy_gradients(eddy_sum(eddy_mul(p, c)), EDDY_LIST(p));
    eddy_program *program = eddy_compile(
        tape, EDDY_NONE, eddy_adam(EDDY_LIST(p), grads, &(eddy_adam_options){ .lr = 0.1, .beta1 = 0.7, .beta2 = 0.9 }));
    OK(tape);
    for (int t = 1; t <= STEPS; t++) {
        ck_assert(eddy_run(program));
        for (int i = 0; i < SIZE; i++) {
            double wanted = -0.1 * t * g[i] / (fabs(g[i]) + 1e-8);
            ck_assert_msg(fabs(at(p, i) - wanted) <= 1e-12 * fmax(1, fabs(wanted)), "step %d, g %g: %.17g, not %.17g",
                          t, g[i], at(p, i), wanted);
        }
    }
    eddy_tensor_free(&zeros);
    eddy_tape_free(tape);
}
END_TEST

/* In f32 the corrections are computed in f64: 1 - 0.999^t keeps its digits. */
START_TEST(adam_in_f32)
{
    scene s = scene_new(EDDY_F32);
    eddy_list params = eddy_parameters(s.tape), grads = eddy_gradients(s.loss, params);
    eddy_program *program = eddy_compile(s.tape, EDDY_NONE, eddy_adam(params, grads, &(eddy_adam_options){ .lr = 1 }));
    OK(s.tape);
    ck_assert_int_eq(eddy_dtype_of(eddy_find(s.tape, "adam.m.p")), EDDY_F32);
    double before = at(s.p, 0), g = 4 * pow(before - 0.5, 3);
    ck_assert(eddy_set_item(s.x, 0.5) && eddy_run(program));
    /* the first step is lr whatever the gradient; p itself is below 2 */
    ck_assert_msg(fabs(fabs(at(s.p, 0) - before) - fabs(g) / (fabs(g) + 1e-8)) < 4 * FLT_EPSILON, "%.9g to %.9g",
                  before, at(s.p, 0));
    eddy_tape_free(s.tape);
}
END_TEST

START_TEST(clipping)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 6; round++) {
        eddy_var a = input(tape, EDDY_SHAPE(3, 2), -1, 1), b = input(tape, EDDY_SHAPE(4), -1, 1),
                 s = input(tape, EDDY_SCALAR, -1, 1);
        eddy_list grads = EDDY_LIST(a, b, s), clipped = grads;
        double squares = 0, after = 0, c = (const double[]){ 0.01, 0.5, 1, 3, 1000, 1e-9 }[round];
        for (int k = 0; k < 3; k++)
            for (int64_t i = 0; i < count_of(grads.items[k]); i++)
                squares += at(grads.items[k], i) * at(grads.items[k], i);
        double norm = sqrt(squares), scale = fmin(1, c / (norm + 1e-6)); /* X.CLIP.scale */
        eddy_var n = eddy_clip_grad_norm(&clipped, c);
        OK(tape);
        ck_assert(clipped.items != grads.items && clipped.count == 3);
        check_close(eddy_item(n), norm, 4, DBL_EPSILON);
        check_close(eddy_item(eddy_global_norm(grads)), norm, 4, DBL_EPSILON);
        for (int k = 0; k < 3; k++)
            for (int64_t i = 0; i < count_of(grads.items[k]); i++) {
                check_close(at(clipped.items[k], i), at(grads.items[k], i) * scale, 8, DBL_EPSILON);
                after += at(clipped.items[k], i) * at(clipped.items[k], i);
            }
        /* X.CLIP.norm: min(norm, c norm / (norm + 1e-6)), strictly below c when clipped */
        check_close(sqrt(after), fmin(norm, c * norm / (norm + 1e-6)), 16, DBL_EPSILON);
        ck_assert(scale == 1 ? sqrt(after) <= norm * (1 + 4 * DBL_EPSILON) : sqrt(after) < c);
        check_gradient(eddy_global_norm(grads), grads, 2);
    }
    /* norm and gradient at zero: no NaN */
    eddy_var z = input(tape, EDDY_SHAPE(3), 0, 0);
    eddy_list zero = EDDY_LIST(z);
    eddy_var n = eddy_clip_grad_norm(&zero, 1), g = eddy_gradients(n, EDDY_LIST(z)).items[0];
    VALUES(n, 0);
    VALUES(zero.items[0], 0, 0, 0);
    VALUES(g, 0, 0, 0);
    VALUES(eddy_gradients(eddy_sum(eddy_square(g)), EDDY_LIST(z)).items[0], 0, 0, 0);
    zero = EDDY_LIST(z);
    FAILS(tape, eddy_clip_grad_norm(&zero, 0), "clip_grad_norm: max_norm must be above 0");
    FAILS(tape, eddy_clip_grad_norm(&zero, NAN), "clip_grad_norm: max_norm must be above 0");
    ck_assert(!eddy_clip_grad_norm(NULL, 1).tape && !eddy_clip_grad_norm(&(eddy_list){ 0 }, 1).tape &&
              !eddy_global_norm(EDDY_NONE).tape);
    eddy_tape_free(tape);
}
END_TEST

/* Two recordings of one optimiser, alternating, are one optimisation; also under a prefix. */
START_TEST(states_are_shared)
{
    for (int kind = 0; kind < 3; kind++) {
        draws = 0;
        scene one = scene_new(EDDY_F64);
        draws = 0;
        scene two = scene_new(EDDY_F64);
        eddy_program *programs[2][2];
        scene *scenes[] = { &one, &two };
        for (int k = 0; k < 2; k++) {
            scene *s = scenes[k];
            for (int j = 0; j < 2; j++) {
                eddy_list params = eddy_parameters(s->tape), grads = eddy_gradients(s->loss, params);
                if (kind == 2)
                    eddy_push(s->tape, "generator");
                eddy_list update = kind ? eddy_adam(params, grads, NULL)
                                        : eddy_sgd(params, grads, &(eddy_sgd_options){ .lr = 0.1, .momentum = 0.5 });
                if (kind == 2)
                    eddy_pop(s->tape);
                programs[k][j] = eddy_compile(s->tape, EDDY_LIST(s->loss), update);
                OK(s->tape);
            }
            ck_assert_int_eq(eddy_leaves(s->tape, EDDY_STATE).count, kind ? 6 : 3);
        }
        for (int step = 0; step < 6; step++) {
            ck_assert(eddy_set_item(one.x, 0.1 * step) && eddy_set_item(two.x, 0.1 * step));
            ck_assert(eddy_run(programs[0][0]) && eddy_run(programs[1][step % 2]));
            for (int i = 0; i < SIZE; i++)
                ck_assert(same_bits(at(one.p, i), at(two.p, i)) && same_bits(at(one.q, i), at(two.q, i)));
        }
        /* the learning rate is a state that may be set */
        eddy_var lr = eddy_find(one.tape, kind == 0 ? "sgd.lr" : kind == 1 ? "adam.lr" : "generator.adam.lr");
        ck_assert(eddy_ok(lr) && eddy_set_item(lr, 0));
        double before = at(one.p, 0);
        ck_assert(eddy_run(programs[0][1]) && at(one.p, 0) == before);
        eddy_tape_free(one.tape);
        eddy_tape_free(two.tape);
    }
}
END_TEST

START_TEST(mistakes)
{
    scene s = scene_new(EDDY_F64);
    eddy_list params = eddy_parameters(s.tape), grads = eddy_gradients(s.loss, params);
    FAILS(s.tape, eddy_sgd(params, EDDY_LIST(grads.items[0]), NULL), "sgd: 2 parameters have 1 gradients");
    FAILS(s.tape, eddy_adam(EDDY_LIST(s.p, s.x), grads, NULL), "adam: item 2 of the parameters is none");
    FAILS(s.tape, eddy_adam(EDDY_LIST(s.p), EDDY_LIST(s.loss), NULL),
          "adam: \"p\" has shape (7,) and dtype f64, its gradient () and f64");
    FAILS(s.tape, eddy_sgd(EDDY_LIST(s.p), EDDY_LIST((eddy_var){ 0 }), NULL),
          "sgd: the gradient of \"p\" is no var of its tape");
    ck_assert(!eddy_sgd(EDDY_NONE, EDDY_NONE, NULL).count && !eddy_adam(EDDY_NONE, EDDY_NONE, NULL).count);
    OK(s.tape);
    eddy_tape_free(s.tape);
    s = scene_new(EDDY_F64);
    eddy_input(s.tape, "adam.m.p", EDDY_SHAPE(SIZE));
    FAILS(s.tape, eddy_adam(EDDY_LIST(s.p), EDDY_LIST(s.p), NULL),
          "there is a leaf \"adam.m.p\" already that does not fit");
    eddy_tape_free(s.tape);
}
END_TEST

/* 0 stands for the default; EDDY_ZERO is a 0 that is meant. */
START_TEST(a_rate_of_zero)
{
    for (int meant = 0; meant < 2; meant++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_tensor one = { 0 };
        ck_assert(eddy_tensor_new(&one, EDDY_F64, EDDY_SHAPE(3), NULL));
        eddy_var p = eddy_parameter(tape, "p", &one);
        eddy_list params = eddy_parameters(tape), grads = eddy_gradients(eddy_sum(eddy_exp(p)), params);
        eddy_list updates =
            eddy_list_join(tape, eddy_adam(params, grads, &(eddy_adam_options){ .lr = meant ? EDDY_ZERO : 0 }),
                           eddy_list_new(tape, NULL, 0));
        ck_assert(eddy_item(eddy_find(tape, "adam.lr")) == (meant ? 0 : 1e-3));
        ck_assert(!signbit(eddy_item(eddy_find(tape, "adam.lr"))));
        ck_assert(eddy_run(eddy_compile(tape, EDDY_NONE, updates)));
        ck_assert((at(p, 1) == 0) == meant);
        eddy_tensor_free(&one);
        eddy_tape_free(tape);
    }
}
END_TEST

Suite *suite_optim(void)
{
    Suite *suite = suite_create("optim");
    TCase *tests = tcase_create("optim");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, sgd);
    tcase_add_test(tests, adam);
    tcase_add_test(tests, adam_with_a_constant_gradient);
    tcase_add_test(tests, adam_in_f32);
    tcase_add_test(tests, clipping);
    tcase_add_test(tests, states_are_shared);
    tcase_add_test(tests, mistakes);
    tcase_add_test(tests, a_rate_of_zero);
    suite_add_tcase(suite, tests);
    return suite;
}
