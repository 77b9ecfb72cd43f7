/* Cells as a user writes them. No line here knows of plans, products or gradients. */
#include "user_cells.h"

#include <math.h>

/* Minimal gated unit (Zhou et al. 2016):  f = sigma(W_f [h,x] + b_f),  h~ = tanh(W_h [f * h, x] + b_h),
 * h' = (1 - f) * h + f * h~ */
typedef struct mgu {
    eddy_cell cell;
    eddy_linear forget, candidate;
} mgu;

static eddy_var mgu_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const mgu *m = (const mgu *)cell;
    eddy_var h = state[0];
    eddy_var f = eddy_sigmoid(eddy_apply(&m->forget, eddy_concat(-1, h, x)));
    eddy_var c = eddy_tanh(eddy_apply(&m->candidate, eddy_concat(-1, eddy_mul(f, h), x)));
    return state[0] = eddy_lerp(h, c, f);
}

eddy_unrolled user_mgu(eddy_tape *tape, eddy_var x, int64_t hidden, const eddy_unroll_options *options)
{
    const int64_t wide = hidden + eddy_size(x, -1);
    mgu m = { .cell = { .step = mgu_step, .states = 1, .state_size = { hidden } },
              .forget = eddy_linear_new(tape, "forget", wide, hidden),
              .candidate = eddy_linear_new(tape, "candidate", wide, hidden) };
    return eddy_unroll(&m.cell, x, options);
}

/* sLSTM (Beck et al. 2024, eq. 8 to 17): exponential gates, kept in range by a running maximum m.
 *   m' = max(f~ + m, i~),  c' = e^(f~ + m - m') c + e^(i~ - m') tanh(z~),  n' likewise of 1,  h' = sigma(o~) c'/n' */
typedef struct slstm {
    eddy_cell cell;
    eddy_linear gates;
} slstm;

static eddy_var slstm_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    enum { H, C, N, M };
    const slstm *m = (const slstm *)cell;
    eddy_var *a = eddy_chunk(eddy_apply(&m->gates, eddy_concat(-1, x, state[H])), -1, 4).items;
    eddy_var kept = eddy_add(a[1], state[M]), top = eddy_maximum(kept, a[0]);
    eddy_var i = eddy_exp(eddy_sub(a[0], top)), f = eddy_exp(eddy_sub(kept, top));
    state[C] = eddy_add(eddy_mul(f, state[C]), eddy_mul(i, eddy_tanh(a[2])));
    state[N] = eddy_add(eddy_mul(f, state[N]), i);
    state[M] = top;
    return state[H] = eddy_mul(eddy_sigmoid(a[3]), eddy_div(state[C], state[N]));
}

eddy_unrolled user_slstm(eddy_tape *tape, eddy_var x, int64_t hidden, const eddy_unroll_options *options)
{
    slstm m = { .cell = { .step = slstm_step, .states = 4, .state_size = { hidden } },
                .gates = eddy_linear_new(tape, "gates", eddy_size(x, -1) + hidden, 4 * hidden) };
    return eddy_unroll(&m.cell, x, options);
}

static eddy_var vector(eddy_tape *tape, const char *name, int64_t size)
{
    return eddy_parameter_init(tape, name, EDDY_SHAPE(size),
                               (eddy_init){ .kind = EDDY_INIT_UNIFORM, .a = 1 / sqrt((double)size) });
}

/* IndRNN (Li et al. 2018, eq. 2):  h' = relu(W x + u * h + b) */
typedef struct indrnn {
    eddy_cell cell;
    eddy_linear input;
    eddy_var u;
} indrnn;

static eddy_var indrnn_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const indrnn *m = (const indrnn *)cell;
    return state[0] = eddy_relu(eddy_add(eddy_apply(&m->input, x), eddy_mul(m->u, state[0])));
}

eddy_unrolled user_indrnn(eddy_tape *tape, eddy_var x, int64_t hidden, const eddy_unroll_options *options)
{
    indrnn m = { .cell = { .step = indrnn_step, .states = 1, .state_size = { hidden } },
                 .input = eddy_linear_new(tape, "input", eddy_size(x, -1), hidden),
                 .u = vector(tape, "u", hidden) };
    return eddy_unroll(&m.cell, x, options);
}

/* SRU (Lei et al. 2018, eq. 3 to 7; x~ = V x where x is of another size than h):
 *   f, r = sigma(W x + v * c + b),  c' = f * c + (1 - f) * W x,  h = r * c' + (1 - r) * x~ */
typedef struct sru {
    eddy_cell cell;
    eddy_linear value, gates, skip;
    eddy_var v_f, v_r;
} sru;

static eddy_var sru_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const sru *m = (const sru *)cell;
    eddy_var c = state[0], *gate = eddy_chunk(eddy_apply(&m->gates, x), -1, 2).items;
    eddy_var f = eddy_sigmoid(eddy_add(gate[0], eddy_mul(m->v_f, c)));
    eddy_var r = eddy_sigmoid(eddy_add(gate[1], eddy_mul(m->v_r, c)));
    state[0] = eddy_lerp(eddy_apply(&m->value, x), c, f);
    return eddy_lerp(m->skip.weight.tape ? eddy_apply(&m->skip, x) : x, state[0], r);
}

eddy_unrolled user_sru(eddy_tape *tape, eddy_var x, int64_t hidden, const eddy_unroll_options *options)
{
    const int64_t input = eddy_size(x, -1);
    sru m = { .cell = { .step = sru_step, .states = 1, .state_size = { hidden } },
              .value = eddy_linear_new_without_bias(tape, "value", input, hidden),
              .gates = eddy_linear_new(tape, "gates", input, 2 * hidden),
              .v_f = vector(tape, "v_f", hidden),
              .v_r = vector(tape, "v_r", hidden) };
    if (input != hidden)
        m.skip = eddy_linear_new_without_bias(tape, "skip", input, hidden);
    return eddy_unroll(&m.cell, x, options);
}
