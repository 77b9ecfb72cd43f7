/* The classical cells as formulas on the tape. */
#include "rnn.h"
#include "init.h"

#include <math.h>

typedef struct gates {
    eddy_var weight_ih, weight_hh, bias_ih, bias_hh;
} gates;

/* PyTorch's four parameters of one layer. */
static gates gates_new(eddy_site site, eddy_tape *tape, const char *name, int64_t count, int64_t input, int64_t hidden, bool bias)
{
    gates g = { { 0 }, { 0 }, { 0 }, { 0 } };
    eddy_init uniform = { .kind = EDDY_INIT_UNIFORM, .a = 1 / sqrt((double)(hidden > 0 ? hidden : 1)) };
    eddy_push_at(site, tape, name);
    g.weight_ih = eddy_parameter_init_at(site, tape, "weight_ih_l0", EDDY_SHAPE(count * hidden, input), uniform);
    g.weight_hh = eddy_parameter_init_at(site, tape, "weight_hh_l0", EDDY_SHAPE(count * hidden, hidden), uniform);
    if (bias) {
        g.bias_ih = eddy_parameter_init_at(site, tape, "bias_ih_l0", EDDY_SHAPE(count * hidden), uniform);
        g.bias_hh = eddy_parameter_init_at(site, tape, "bias_hh_l0", EDDY_SHAPE(count * hidden), uniform);
    }
    eddy_pop_at(site, tape);
    return g;
}

/* x W^T + b, the bias if there is one */
static eddy_var affine(eddy_var x, eddy_var weight, eddy_var bias)
{
    eddy_var y = eddy_matmul(x, eddy_transpose(weight, 0, 1));
    return bias.tape ? eddy_add(y, bias) : y;
}

/* Part k of n equal parts of the last axis. */
static eddy_var part(eddy_var x, int64_t k, int64_t n)
{
    int64_t size = eddy_size(x, -1) / n;
    return eddy_slice(x, -1, k * size, (k + 1) * size, 1);
}

/* ---- RNN ---- */

static eddy_var rnn_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const eddy_rnn *m = (const eddy_rnn *)cell;
    /* h' = act(W_ih x + b_ih + W_hh h + b_hh) */
    eddy_var h = m->act(eddy_add(affine(x, m->weight_ih, m->bias_ih), affine(state[0], m->weight_hh, m->bias_hh)));
    return state[0] = eddy_watch(h, "h");
}

eddy_rnn eddy_rnn_new_with_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, int64_t hidden, const eddy_rnn_options *options)
{
    gates g = gates_new(site, tape, name, 1, input, hidden, !(options && options->no_bias));
    return (eddy_rnn){ .cell = { .step = rnn_step, .states = 1, .state_size = { hidden } },
                       .weight_ih = g.weight_ih,
                       .weight_hh = g.weight_hh,
                       .bias_ih = g.bias_ih,
                       .bias_hh = g.bias_hh,
                       .act = options && options->act ? options->act : eddy_tanh };
}

eddy_rnn eddy_rnn_new_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, int64_t hidden)
{
    return eddy_rnn_new_with_at(site, tape, name, input, hidden, NULL);
}

/* ---- LSTM ---- */

static eddy_var lstm_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const eddy_lstm *m = (const eddy_lstm *)cell;
    eddy_var h = state[0], c = state[1];
    eddy_var a = eddy_add(affine(x, m->weight_ih, m->bias_ih), affine(h, m->weight_hh, m->bias_hh));
    /* i = sigma(a_i),  f = sigma(a_f),  g = tanh(a_g),  o = sigma(a_o)                               LSTM.i LSTM.f LSTM.Ctil LSTM.o */
    eddy_var i = eddy_watch(eddy_sigmoid(part(a, 0, 4)), "i");
    eddy_var f = eddy_watch(eddy_sigmoid(part(a, 1, 4)), "f");
    eddy_var g = eddy_watch(eddy_tanh(part(a, 2, 4)), "g");
    eddy_var o = eddy_watch(eddy_sigmoid(part(a, 3, 4)), "o");
    /* c' = f * c + i * g,  h' = o * tanh(c')                                                         LSTM.C LSTM.h */
    state[1] = eddy_watch(eddy_add(eddy_mul(f, c), eddy_mul(i, g)), "c");
    return state[0] = eddy_watch(eddy_mul(o, eddy_tanh(state[1])), "h");
}

eddy_lstm eddy_lstm_new_with_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, int64_t hidden, const eddy_lstm_options *options)
{
    gates g = gates_new(site, tape, name, 4, input, hidden, !(options && options->no_bias));
    if (options && options->forget_bias != 0 && !options->no_bias && !eddy_error(tape)) {
        eddy_reinitialise_at(site, g.bias_ih, (eddy_init){ .kind = EDDY_INIT_CONSTANT, .a = options->forget_bias }, hidden, 2 * hidden);
        eddy_reinitialise_at(site, g.bias_hh, (eddy_init){ .kind = EDDY_INIT_ZEROS }, hidden, 2 * hidden);
    }
    return (eddy_lstm){ .cell = { .step = lstm_step, .states = 2, .state_size = { hidden, hidden } },
                        .weight_ih = g.weight_ih,
                        .weight_hh = g.weight_hh,
                        .bias_ih = g.bias_ih,
                        .bias_hh = g.bias_hh };
}

eddy_lstm eddy_lstm_new_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, int64_t hidden)
{
    return eddy_lstm_new_with_at(site, tape, name, input, hidden, NULL);
}

/* ---- GRU ---- */

static eddy_var gru_reset_after_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const eddy_gru *m = (const eddy_gru *)cell;
    eddy_var h = state[0];
    eddy_var p = affine(x, m->weight_ih, m->bias_ih), q = affine(h, m->weight_hh, m->bias_hh);
    /* r = sigma(p_r + q_r),  z = sigma(p_z + q_z),  n = tanh(p_n + r * q_n),  h' = (1 - z) * n + z * h */
    eddy_var r = eddy_watch(eddy_sigmoid(eddy_add(part(p, 0, 3), part(q, 0, 3))), "r");
    eddy_var z = eddy_watch(eddy_sigmoid(eddy_add(part(p, 1, 3), part(q, 1, 3))), "z");
    eddy_var n = eddy_watch(eddy_tanh(eddy_add(part(p, 2, 3), eddy_mul(r, part(q, 2, 3)))), "n");
    return state[0] = eddy_watch(eddy_lerp(n, h, z), "h");
}

/* Rows k of n equal parts of a weight or bias: those of one gate. {0} stays {0}. */
static eddy_var rows(eddy_var x, int64_t from, int64_t to, int64_t n)
{
    int64_t size = x.tape ? eddy_size(x, 0) / n : 0;
    return x.tape ? eddy_slice(x, 0, from * size, to * size, 1) : x;
}

static eddy_var gru_reset_before_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const eddy_gru *m = (const eddy_gru *)cell;
    eddy_var h = state[0];
    eddy_var p = affine(x, m->weight_ih, m->bias_ih);
    eddy_var q = affine(h, rows(m->weight_hh, 0, 2, 3), rows(m->bias_hh, 0, 2, 3));
    /* r = sigma(p_r + q_r),  z = sigma(p_z + q_z)                                                    GRU.r GRU.z */
    eddy_var r = eddy_watch(eddy_sigmoid(eddy_add(part(p, 0, 3), part(q, 0, 2))), "r");
    eddy_var z = eddy_watch(eddy_sigmoid(eddy_add(part(p, 1, 3), part(q, 1, 2))), "z");
    /* n = tanh(p_n + U_n (r * h) + b_hn),  h' = (1 - z) * h + z * n                                  GRU.htil GRU.h */
    eddy_var u = affine(eddy_mul(r, h), rows(m->weight_hh, 2, 3, 3), rows(m->bias_hh, 2, 3, 3));
    eddy_var n = eddy_watch(eddy_tanh(eddy_add(part(p, 2, 3), u)), "n");
    return state[0] = eddy_watch(eddy_lerp(h, n, z), "h");
}

eddy_gru eddy_gru_new_with_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, int64_t hidden, const eddy_gru_options *options)
{
    gates g = gates_new(site, tape, name, 3, input, hidden, !(options && options->no_bias));
    eddy_step step = options && options->reset_before ? gru_reset_before_step : gru_reset_after_step;
    return (eddy_gru){ .cell = { .step = step, .states = 1, .state_size = { hidden } },
                       .weight_ih = g.weight_ih,
                       .weight_hh = g.weight_hh,
                       .bias_ih = g.bias_ih,
                       .bias_hh = g.bias_hh };
}

eddy_gru eddy_gru_new_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, int64_t hidden)
{
    return eddy_gru_new_with_at(site, tape, name, input, hidden, NULL);
}
