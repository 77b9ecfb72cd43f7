/* A user's own cell: the minimal gated unit (Zhou et al. 2016). Nothing in it mentions a backward pass, memory, or
 * errors. */
#ifndef MGU_H
#define MGU_H

#include <eddy/eddy.h>

/* f = sigma(W_f [h,x] + b_f),  h~ = tanh(W_h [f * h, x] + b_h),  h' = (1-f) * h + f * h~ */
typedef struct {
    eddy_cell cell;
    eddy_linear forget, candidate;
} mgu;

static eddy_var mgu_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const mgu *m = (const mgu *)cell;
    eddy_var h = state[0];
    eddy_var f = eddy_sigmoid(eddy_apply(&m->forget, eddy_concat(-1, h, x)));
    eddy_var c = eddy_tanh(eddy_apply(&m->candidate, eddy_concat(-1, eddy_mul(f, h), x)));
    return state[0] = eddy_lerp(h, c, f); /* the step's output; state[] holds what is carried on */
}

static mgu mgu_new(eddy_tape *tape, const char *name, int64_t input, int64_t hidden)
{
    eddy_push(tape, name); /* names below become "NAME.forget.weight", ... */
    mgu m = { .cell = { .step = mgu_step, .states = 1, .state_size = { hidden } },
              .forget = eddy_linear_new(tape, "forget", hidden + input, hidden),
              .candidate = eddy_linear_new(tape, "candidate", hidden + input, hidden) };
    eddy_pop(tape);
    return m;
}

#endif
