/* More cells from the literature: memories of matrices and grids, clocks, oscillators, addressing. */
#ifndef EDDY_TEST_USER_CELLS_MEMORY_H
#define EDDY_TEST_USER_CELLS_MEMORY_H

#include "user_cells_gated.h"

/* mLSTM (Beck et al. 2024): C' = f C + i v k^T,  n' = f n + i k,  h = o * C' q / max(|n' . q|, 1) */
enum { D = 3 };
typedef struct mlstm {
    eddy_cell cell;
    eddy_linear vectors, scalars;
} mlstm;

static eddy_var mlstm_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const mlstm *m = (const mlstm *)cell;
    int64_t batch = eddy_size(x, 0);
    eddy_var *v = eddy_chunk(eddy_apply(&m->vectors, x), -1, 4).items,
             *s = eddy_chunk(eddy_apply(&m->scalars, x), -1, 2).items;
    eddy_var q = v[0], k = eddy_mul_scalar(v[1], 1 / 1.7320508075688772), i = eddy_exp(s[0]), f = eddy_sigmoid(s[1]);
    eddy_var outer = eddy_matmul(eddy_unsqueeze(v[2], 2), eddy_unsqueeze(k, 1));
    state[0] = eddy_add(eddy_mul(f, state[0]), eddy_mul(i, eddy_reshape(outer, EDDY_SHAPE(batch, D * D))));
    state[1] = eddy_add(eddy_mul(f, state[1]), eddy_mul(i, k));
    eddy_var read = eddy_squeeze(eddy_matmul(eddy_reshape(state[0], EDDY_SHAPE(batch, D, D)), eddy_unsqueeze(q, 2)), 2);
    eddy_var norm = eddy_abs(eddy_sum_over(eddy_mul(state[1], q), EDDY_SHAPE(-1), true));
    return eddy_mul(eddy_sigmoid(v[3]), eddy_div(read, eddy_maximum(norm, eddy_ones_like(norm))));
}

static mlstm mlstm_new(eddy_tape *tape)
{
    return (mlstm){ .cell = { .step = mlstm_step, .states = 2, .state_size = { D * D, D } },
                    .vectors = eddy_linear_new(tape, "vectors", IN, 4 * D),
                    .scalars = eddy_linear_new(tape, "scalars", IN, 2) };
}

/* ConvLSTM (Shi et al. 2015) on a line of WIDTH places: the gates are convolutions with TAPS taps over [x, h]. */
enum { WIDTH = 3, CHANNELS = 2, TAPS = 3 };
typedef struct convlstm {
    eddy_cell cell;
    eddy_linear tap[TAPS];
} convlstm;

static eddy_var convlstm_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const convlstm *m = (const convlstm *)cell;
    int64_t batch = eddy_size(x, 0);
    eddy_var grid = eddy_concat(-1, eddy_reshape(x, EDDY_SHAPE(batch, WIDTH, 1)),
                                eddy_reshape(state[0], EDDY_SHAPE(batch, WIDTH, CHANNELS)));
    eddy_var padded = eddy_pad(grid, 1, TAPS / 2, TAPS / 2, 0), sum[TAPS];
    for (int k = 0; k < TAPS; k++)
        sum[k] = eddy_apply(&m->tap[k], eddy_slice(padded, 1, k, k + WIDTH, 1));
    eddy_var *a = eddy_chunk(eddy_sum_list((eddy_list){ sum, TAPS }), -1, 4).items;
    eddy_var c = eddy_reshape(state[1], EDDY_SHAPE(batch, WIDTH, CHANNELS));
    c = eddy_add(eddy_mul(eddy_sigmoid(a[1]), c), eddy_mul(eddy_sigmoid(a[0]), eddy_tanh(a[2])));
    state[1] = eddy_reshape(c, EDDY_SHAPE(batch, WIDTH * CHANNELS));
    return state[0] = eddy_reshape(eddy_mul(eddy_sigmoid(a[3]), eddy_tanh(c)), EDDY_SHAPE(batch, WIDTH * CHANNELS));
}

static convlstm convlstm_new(eddy_tape *tape)
{
    static const char *const names[TAPS] = { "tap0", "tap1", "tap2" };
    convlstm m = { .cell = { .step = convlstm_step, .states = 2, .state_size = { WIDTH * CHANNELS } } };
    for (int k = 0; k < TAPS; k++)
        m.tap[k] = eddy_linear_new(tape, names[k], 1 + CHANNELS, 4 * CHANNELS);
    return m;
}

/* Clockwork RNN (Koutnik et al. 2014): half of h moves in every step, the other half in every second one. */
typedef struct clockwork {
    eddy_cell cell;
    eddy_linear linear;
} clockwork;

static eddy_var clockwork_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    eddy_var h = state[0],
             even = eddy_eq_scalar(eddy_fmod(eddy_steps_done(x.tape), eddy_full(x.tape, EDDY_SCALAR, 2)), 0);
    eddy_var new = eddy_tanh(eddy_apply(&((const clockwork *)cell)->linear, eddy_concat(-1, x, h)));
    eddy_var *fast = eddy_chunk(new, -1, 2).items, *slow = eddy_chunk(h, -1, 2).items;
    return state[0] = eddy_concat(-1, fast[0], eddy_where(even, fast[1], slow[1]));
}

static clockwork clockwork_new(eddy_tape *tape)
{
    return (clockwork){ .cell = { .step = clockwork_step, .states = 1, .state_size = { HID } },
                        .linear = eddy_linear_new(tape, "linear", IN + HID, HID) };
}

/* Phased LSTM (Neil et al. 2016): an LSTM that is open for a share r of its own period tau from its phase s on, and
 * leaks by alpha in between: phi = ((t - s) mod tau)/tau. */
typedef struct phased {
    eddy_cell cell;
    eddy_lstm lstm;
    eddy_var tau, s;
} phased;

static eddy_var phased_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const phased *m = (const phased *)cell;
    const double r = 0.6, alpha = 0.1;
    eddy_var turns = eddy_div(eddy_sub(eddy_steps_done(x.tape), m->s), eddy_add_scalar(eddy_square(m->tau), 2));
    eddy_var phi = eddy_sub(turns, eddy_detach(eddy_floor(turns))), up = eddy_mul_scalar(phi, 2 / r);
    eddy_var open = eddy_where(eddy_lt_scalar(phi, r / 2), up, eddy_rsub_scalar(up, 2));
    open = eddy_where(eddy_lt_scalar(phi, r), open, eddy_mul_scalar(phi, alpha));
    eddy_var new[] = { state[0], state[1] };
    m->lstm.cell.step(&m->lstm.cell, x, new);
    state[1] = eddy_lerp(state[1], new[1], open);
    return state[0] = eddy_lerp(state[0], new[0], open);
}

static phased phased_new(eddy_tape *tape)
{
    return (phased){ .cell = { .step = phased_step, .states = 2, .state_size = { HID, HID } },
                     .lstm = eddy_lstm_new(tape, "lstm", IN, HID),
                     .tau = vector(tape, "tau", HID),
                     .s = vector(tape, "s", HID) };
}

/* LRU (Orvieto et al. 2023): s' = lambda * s + gamma * B x of complex s, lambda = e^(-e^nu + i theta), gamma =
 * sqrt(1 - |lambda|^2);  y = Re(C s') + D x. state[0] is the real part, state[1] the imaginary one. */
typedef struct lru {
    eddy_cell cell;
    eddy_var nu, theta;
    eddy_linear b_re, b_im, c_re, c_im, d;
} lru;

static eddy_var lru_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const lru *m = (const lru *)cell;
    eddy_var size = eddy_exp(eddy_neg(eddy_exp(m->nu))), re = state[0], im = state[1];
    eddy_var cosine = eddy_mul(size, eddy_cos(m->theta)), sine = eddy_mul(size, eddy_sin(m->theta));
    eddy_var gamma = eddy_sqrt(eddy_rsub_scalar(eddy_square(size), 1));
    state[0] = eddy_add(eddy_sub(eddy_mul(cosine, re), eddy_mul(sine, im)), eddy_mul(gamma, eddy_apply(&m->b_re, x)));
    state[1] = eddy_add(eddy_add(eddy_mul(sine, re), eddy_mul(cosine, im)), eddy_mul(gamma, eddy_apply(&m->b_im, x)));
    return eddy_add(eddy_sub(eddy_apply(&m->c_re, state[0]), eddy_apply(&m->c_im, state[1])), eddy_apply(&m->d, x));
}

static lru lru_new(eddy_tape *tape)
{
    return (lru){ .cell = { .step = lru_step, .states = 2, .state_size = { HID, HID } },
                  .nu = vector(tape, "nu", HID),
                  .theta = vector(tape, "theta", HID),
                  .b_re = eddy_linear_new_without_bias(tape, "b_re", IN, HID),
                  .b_im = eddy_linear_new_without_bias(tape, "b_im", IN, HID),
                  .c_re = eddy_linear_new_without_bias(tape, "c_re", HID, 2),
                  .c_im = eddy_linear_new_without_bias(tape, "c_im", HID, 2),
                  .d = eddy_linear_new(tape, "d", IN, 2) };
}

/* LEM (Rusch et al. 2022): two time scales. a, b = sigma(W [y, x]),  z' = (1 - a) z + a tanh(W_z [y, x]),
 * y' = (1 - b) y + b tanh(W_y [z', x]) */
typedef struct lem {
    eddy_cell cell;
    eddy_linear first, last;
} lem;

static eddy_var lem_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const lem *m = (const lem *)cell;
    eddy_var y = state[0], *a = eddy_chunk(eddy_apply(&m->first, eddy_concat(-1, y, x)), -1, 3).items;
    state[1] = eddy_lerp(state[1], eddy_tanh(a[2]), eddy_sigmoid(a[0]));
    return state[0] = eddy_lerp(y, eddy_tanh(eddy_apply(&m->last, eddy_concat(-1, state[1], x))), eddy_sigmoid(a[1]));
}

static lem lem_new(eddy_tape *tape)
{
    return (lem){ .cell = { .step = lem_step, .states = 2, .state_size = { HID, HID } },
                  .first = eddy_linear_new(tape, "first", HID + IN, 3 * HID),
                  .last = eddy_linear_new(tape, "last", HID + IN, HID) };
}

/* coRNN (Rusch & Mishra 2021): coupled oscillators. z' = z + dt (tanh(W [y, z, x]) - gamma y - epsilon z),
 * y' = y + dt z' */
static eddy_var cornn_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const double dt = 0.3, gamma = 1.1, epsilon = 0.7;
    eddy_var y = state[0], z = state[1];
    eddy_var force = eddy_tanh(eddy_apply(&((const minimal *)cell)->input, eddy_concat(-1, y, z, x)));
    force = eddy_sub(force, eddy_add(eddy_mul_scalar(y, gamma), eddy_mul_scalar(z, epsilon)));
    state[1] = eddy_add(z, eddy_mul_scalar(force, dt));
    return state[0] = eddy_add(y, eddy_mul_scalar(state[1], dt));
}

static minimal cornn_new(eddy_tape *tape)
{
    return (minimal){ .cell = { .step = cornn_step, .states = 2, .state_size = { HID, HID } },
                      .input = eddy_linear_new(tape, "input", 2 * HID + IN, HID) };
}

/* Addressing of the neural Turing machine (Graves et al. 2014, section 3.3): by content (key, beta), a gate between
 * that and the weights before, a circular shift, sharpening; then erase, add, read. state[0] is the memory, state[1]
 * the weights over its SLOTS places. */
enum { SLOTS = 4, WORD = 2, PARTS = 3 * WORD + 6 };
static eddy_var ntm_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const int64_t batch = eddy_size(x, 0), sizes[] = { WORD, WORD, WORD, 1, 1, 1, 3 };
    eddy_var *p = eddy_split(eddy_apply(&((const minimal *)cell)->input, x), -1, sizes, 7).items;
    eddy_var memory = eddy_reshape(state[0], EDDY_SHAPE(batch, SLOTS, WORD)), key = eddy_unsqueeze(p[0], 1);
    eddy_var dot = eddy_sum_over(eddy_mul(memory, key), EDDY_SHAPE(-1), false);
    eddy_var lengths = eddy_mul(eddy_sum_over(eddy_square(memory), EDDY_SHAPE(-1), false),
                                eddy_sum_over(eddy_square(key), EDDY_SHAPE(-1), false));
    eddy_var content = eddy_softmax(eddy_mul(eddy_softplus(p[3]), eddy_div(dot, eddy_sqrt(lengths))), -1);
    eddy_var w = eddy_lerp(state[1], content, eddy_sigmoid(p[4])), shift = eddy_softmax(p[6], -1), moved[3];
    for (int k = 0; k < 3; k++) /* one place down, none, one up */
        moved[k] = eddy_mul(eddy_slice(eddy_concat(-1, w, w, w), 1, SLOTS - 1 + k, 2 * SLOTS - 1 + k, 1),
                            eddy_slice(shift, 1, k, k + 1, 1));
    w = eddy_pow(eddy_sum_list((eddy_list){ moved, 3 }), eddy_add_scalar(eddy_softplus(p[5]), 1));
    w = state[1] = eddy_div(w, eddy_sum_over(w, EDDY_SHAPE(-1), true));
    eddy_var at = eddy_unsqueeze(w, 2), erase = eddy_unsqueeze(eddy_sigmoid(p[1]), 1), add = eddy_unsqueeze(p[2], 1);
    memory = eddy_add(eddy_mul(memory, eddy_rsub_scalar(eddy_mul(at, erase), 1)), eddy_mul(at, add));
    state[0] = eddy_reshape(memory, EDDY_SHAPE(batch, SLOTS * WORD));
    return eddy_sum_over(eddy_mul(memory, at), EDDY_SHAPE(1), false);
}

static minimal ntm_new(eddy_tape *tape)
{
    return (minimal){ .cell = { .step = ntm_step, .states = 2, .state_size = { SLOTS * WORD, SLOTS } },
                      .input = eddy_linear_new(tape, "input", IN, PARTS) };
}

#endif
