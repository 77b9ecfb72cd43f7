/* Cells from the literature, as a user would write them with the public header alone: recurrent networks with gates,
 * and what became of them. */
#ifndef EDDY_TEST_USER_CELLS_GATED_H
#define EDDY_TEST_USER_CELLS_GATED_H

#include <eddy/eddy.h>

enum { IN = 3, HID = 4 };

static inline eddy_var vector(eddy_tape *tape, const char *name, int64_t size)
{
    return eddy_parameter_init(tape, name, EDDY_SHAPE(size), (eddy_init){ .kind = EDDY_INIT_UNIFORM, .a = 1 });
}

/* IndRNN (Li et al. 2018): h' = relu(W x + u * h + b) */
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

static indrnn indrnn_new(eddy_tape *tape)
{
    return (indrnn){ .cell = { .step = indrnn_step, .states = 1, .state_size = { HID } },
                     .input = eddy_linear_new(tape, "input", IN, HID),
                     .u = vector(tape, "u", HID) };
}

/* SRU (Lei et al. 2018): f, r = sigma(W x + v * c + b),  c' = f * c + (1 - f) * W x,  h = r * c' + (1 - r) * x */
typedef struct sru {
    eddy_cell cell;
    eddy_linear value, gates;
    eddy_var v_f, v_r;
} sru;

static eddy_var sru_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const sru *m = (const sru *)cell;
    eddy_var c = state[0], *gate = eddy_chunk(eddy_apply(&m->gates, x), -1, 2).items;
    eddy_var f = eddy_sigmoid(eddy_add(gate[0], eddy_mul(m->v_f, c)));
    eddy_var r = eddy_sigmoid(eddy_add(gate[1], eddy_mul(m->v_r, c)));
    state[0] = eddy_lerp(eddy_apply(&m->value, x), c, f);
    return eddy_lerp(x, state[0], r);
}

static sru sru_new(eddy_tape *tape)
{
    return (sru){ .cell = { .step = sru_step, .states = 1, .state_size = { HID } },
                  .value = eddy_linear_new_without_bias(tape, "value", HID, HID),
                  .gates = eddy_linear_new(tape, "gates", HID, 2 * HID),
                  .v_f = vector(tape, "v_f", HID),
                  .v_r = vector(tape, "v_r", HID) };
}

/* QRNN (Bradbury et al. 2017), a window of two and fo-pooling: z = tanh, f, o = sigma of W [x_(t-1), x_t],
 * c' = f * c + (1 - f) * z,  h = o * c'. The input before is a state. */
typedef struct qrnn {
    eddy_cell cell;
    eddy_linear window;
} qrnn;

static eddy_var qrnn_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const qrnn *m = (const qrnn *)cell;
    eddy_var *part = eddy_chunk(eddy_apply(&m->window, eddy_concat(-1, state[1], x)), -1, 3).items;
    state[0] = eddy_lerp(eddy_tanh(part[0]), state[0], eddy_sigmoid(part[1]));
    state[1] = x;
    return eddy_mul(eddy_sigmoid(part[2]), state[0]);
}

static qrnn qrnn_new(eddy_tape *tape)
{
    return (qrnn){ .cell = { .step = qrnn_step, .states = 2, .state_size = { HID, IN } },
                   .window = eddy_linear_new(tape, "window", 2 * IN, 3 * HID) };
}

/* minGRU and minLSTM (Feng et al. 2024): gates of x alone.
 *   z = sigma(W x),  h' = (1 - z) * h + z * W x;    f, i = sigma(W x),  h' = f/(f + i) * h + i/(f + i) * W x */
typedef struct minimal {
    eddy_cell cell;
    eddy_linear input;
} minimal;

static eddy_var mingru_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    eddy_var *part = eddy_chunk(eddy_apply(&((const minimal *)cell)->input, x), -1, 2).items;
    return state[0] = eddy_lerp(state[0], part[1], eddy_sigmoid(part[0]));
}

static eddy_var minlstm_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    eddy_var *part = eddy_chunk(eddy_apply(&((const minimal *)cell)->input, x), -1, 3).items;
    eddy_var f = eddy_sigmoid(part[0]), i = eddy_sigmoid(part[1]);
    return state[0] = eddy_lerp(state[0], part[2], eddy_div(i, eddy_add(f, i)));
}

static minimal mingru_new(eddy_tape *tape)
{
    return (minimal){ .cell = { .step = mingru_step, .states = 1, .state_size = { HID } },
                      .input = eddy_linear_new(tape, "input", IN, 2 * HID) };
}

static minimal minlstm_new(eddy_tape *tape)
{
    return (minimal){ .cell = { .step = minlstm_step, .states = 1, .state_size = { HID } },
                      .input = eddy_linear_new(tape, "input", IN, 3 * HID) };
}

/* Multiplicative LSTM (Krause et al. 2016): an LSTM that sees m = (W x) * (U h) in place of h. */
typedef struct mullstm {
    eddy_cell cell;
    eddy_linear of_x, of_h;
    eddy_lstm lstm;
} mullstm;

static eddy_var mullstm_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const mullstm *m = (const mullstm *)cell;
    state[0] = eddy_mul(eddy_apply(&m->of_x, x), eddy_apply(&m->of_h, state[0]));
    return m->lstm.cell.step(&m->lstm.cell, x, state);
}

static mullstm mullstm_new(eddy_tape *tape)
{
    return (mullstm){ .cell = { .step = mullstm_step, .states = 2, .state_size = { HID, HID } },
                      .of_x = eddy_linear_new_without_bias(tape, "of_x", IN, HID),
                      .of_h = eddy_linear_new_without_bias(tape, "of_h", HID, HID),
                      .lstm = eddy_lstm_new(tape, "lstm", IN, HID) };
}

/* Nested LSTM (Moniz & Krueger 2018): the memory is an LSTM of its own, whose input is i * g and whose state is f * c.
 */
typedef struct nested {
    eddy_cell cell;
    eddy_linear gates;
    eddy_lstm inner;
} nested;

static eddy_var nested_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const nested *m = (const nested *)cell;
    eddy_var *a = eddy_chunk(eddy_apply(&m->gates, eddy_concat(-1, x, state[0])), -1, 4).items;
    eddy_var memory[] = { eddy_mul(eddy_sigmoid(a[1]), state[1]), state[2] };
    state[1] = m->inner.cell.step(&m->inner.cell, eddy_mul(eddy_sigmoid(a[0]), eddy_tanh(a[2])), memory);
    state[2] = memory[1];
    return state[0] = eddy_mul(eddy_sigmoid(a[3]), eddy_tanh(state[1]));
}

static nested nested_new(eddy_tape *tape)
{
    return (nested){ .cell = { .step = nested_step, .states = 3, .state_size = { HID } },
                     .gates = eddy_linear_new(tape, "gates", IN + HID, 4 * HID),
                     .inner = eddy_lstm_new(tape, "inner", HID, HID) };
}

/* Recurrent highway network (Zilly et al. 2017): DEPTH times s <- t * tanh(R s + b [+ W x]) + (1 - t) * s in a step. */
enum { DEPTH = 3 };
typedef struct rhn {
    eddy_cell cell;
    eddy_linear input, layer[DEPTH];
} rhn;

static eddy_var rhn_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const rhn *m = (const rhn *)cell;
    for (int l = 0; l < DEPTH; l++) {
        eddy_var a = eddy_apply(&m->layer[l], state[0]);
        eddy_var *part = eddy_chunk(l ? a : eddy_add(a, eddy_apply(&m->input, x)), -1, 2).items;
        state[0] = eddy_lerp(state[0], eddy_tanh(part[0]), eddy_sigmoid(part[1]));
    }
    return state[0];
}

static rhn rhn_new(eddy_tape *tape)
{
    static const char *const names[DEPTH] = { "layer0", "layer1", "layer2" };
    rhn m = { .cell = { .step = rhn_step, .states = 1, .state_size = { HID } },
              .input = eddy_linear_new_without_bias(tape, "input", IN, 2 * HID) };
    for (int l = 0; l < DEPTH; l++)
        m.layer[l] = eddy_linear_new(tape, names[l], HID, 2 * HID);
    return m;
}

/* sLSTM (Beck et al. 2024): exponential gates, kept in range by a running maximum.
 *   m' = max(f~ + m, i~),  c' = e^(f~ + m - m') c + e^(i~ - m') tanh(z~),  n' likewise of 1,  h' = sigma(o~) c'/n' */
static eddy_var slstm_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    enum { H, C, N, M };
    eddy_var *a = eddy_chunk(eddy_apply(&((const minimal *)cell)->input, eddy_concat(-1, x, state[H])), -1, 4).items;
    eddy_var kept = eddy_add(a[1], state[M]), top = eddy_maximum(kept, a[0]);
    eddy_var i = eddy_exp(eddy_sub(a[0], top)), f = eddy_exp(eddy_sub(kept, top));
    state[C] = eddy_add(eddy_mul(f, state[C]), eddy_mul(i, eddy_tanh(a[2])));
    state[N] = eddy_add(eddy_mul(f, state[N]), i);
    state[M] = top;
    return state[H] = eddy_mul(eddy_sigmoid(a[3]), eddy_div(state[C], state[N]));
}

static minimal slstm_new(eddy_tape *tape)
{
    return (minimal){ .cell = { .step = slstm_step, .states = 4, .state_size = { HID } },
                      .input = eddy_linear_new(tape, "input", IN + HID, 4 * HID) };
}

#endif
