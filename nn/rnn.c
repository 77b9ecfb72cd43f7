/* The classical cells as formulas on the tape. */
#include "rnn.h"
#include "composed.h"
#include "embedding.h"
#include "init.h"

#include <math.h>
#include <stdio.h>

/* One layer's parameters under PyTorch's names, "NAME.weight_ih_l0", ... */
typedef struct layer {
    eddy_site site;
    eddy_tape *tape;
    eddy_init init;
    int number;
    bool reverse;
} layer;

static eddy_var layer_parameter(const layer *l, const char *kind, eddy_shape shape, eddy_init init)
{
    char name[64];
    snprintf(name, sizeof name, "%s_l%d%s", kind, l->number, l->reverse ? "_reverse" : "");
    return eddy_parameter_init_at(l->site, l->tape, name, shape, init);
}

/* Every product of a size and a number of gates below stays within 64 bits; larger sizes fit into no memory. */
enum { LARGEST_SIZE_BITS = 57 };

/* A sentence if a size cannot be meant; then the caller counts with zeros. */
static bool sizes_are_good(const layer *l, const char *cell, int64_t input, int64_t hidden, int64_t projection)
{
    const int64_t largest = (int64_t)1 << LARGEST_SIZE_BITS;
    if (input >= 0 && input <= largest && hidden > 0 && hidden <= largest && projection <= largest)
        return true;
    if (l->tape)
        eddy_fail_at(l->site, l->tape,
                     "%s: input %lld, hidden %lld, projection %lld; hidden is at least 1, and no size is beyond 2^%d",
                     cell, (long long)input, (long long)hidden, (long long)projection, LARGEST_SIZE_BITS);
    return false;
}

typedef struct gates {
    eddy_var weight_ih, weight_hh, bias_ih, bias_hh;
} gates;

/* PyTorch's four: `rows` rows (gates times hidden) for `input` and for `back` elements of what is fed back. */
static gates gates_new(const layer *l, int64_t rows, int64_t input, int64_t back, bool bias)
{
    gates g = { { 0 }, { 0 }, { 0 }, { 0 } };
    if (l->tape && l->number < 0)
        eddy_fail_at(l->site, l->tape, "the layer's number is negative; the first is 0");
    g.weight_ih = layer_parameter(l, "weight_ih", EDDY_SHAPE(rows, input), l->init);
    g.weight_hh = layer_parameter(l, "weight_hh", EDDY_SHAPE(rows, back), l->init);
    if (bias) {
        g.bias_ih = layer_parameter(l, "bias_ih", EDDY_SHAPE(rows), l->init);
        g.bias_hh = layer_parameter(l, "bias_hh", EDDY_SHAPE(rows), l->init);
    }
    return g;
}

/* PyTorch's initial values for all parameters of a layer: U(-1/sqrt(hidden), 1/sqrt(hidden)). */
static eddy_init uniform(int64_t hidden)
{
    return (eddy_init){ .kind = EDDY_INIT_UNIFORM, .a = 1 / sqrt((double)(hidden > 0 ? hidden : 1)) };
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

eddy_rnn eddy_rnn_new_with_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, int64_t hidden,
                              const eddy_rnn_options *options)
{
    layer l = { .site = site, .tape = tape, .init = uniform(hidden) };
    if (options) {
        l.number = options->layer;
        l.reverse = options->reverse;
    }
    if (!sizes_are_good(&l, "rnn", input, hidden, 0))
        input = hidden = 0;
    eddy_push_at(site, tape, name);
    gates g = gates_new(&l, hidden, input, hidden, !(options && options->no_bias));
    eddy_pop_at(site, tape);
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

/* Layer normalisation by its weight and bias, if there are any. */
static eddy_var normed(eddy_var x, const eddy_var norm[2])
{
    return norm[0].tape ? eddy_normalise(&(eddy_layer_norm){ .weight = norm[0], .bias = norm[1], .eps = 1e-5 }, x) : x;
}

/* LN(x W^T) + b */
static eddy_var normed_affine(eddy_var x, eddy_var weight, const eddy_var norm[2], eddy_var bias)
{
    eddy_var y = normed(eddy_matmul(x, eddy_transpose(weight, 0, 1)), norm);
    return bias.tape ? eddy_add(y, bias) : y;
}

/* a + p * c with the peephole of one gate, if there are any: number k of i, f, o, or of f, o in a coupled cell */
static eddy_var peep(const eddy_lstm *m, eddy_var a, int64_t k, eddy_var c)
{
    if (!m->weight_p.tape)
        return a;
    return eddy_add(a, eddy_mul(part(m->weight_p, m->coupled ? k - 1 : k, m->coupled ? 2 : 3), c));
}

static eddy_var lstm_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const eddy_lstm *m = (const eddy_lstm *)cell;
    eddy_var h = state[0], c = state[1];
    eddy_var a = eddy_add(normed_affine(x, m->weight_ih, m->norm_ih, m->bias_ih),
                          normed_affine(h, m->weight_hh, m->norm_hh, m->bias_hh));
    /* i = sigma(a_i),  f = sigma(a_f),  g = tanh(a_g),  o = sigma(a_o)                               LSTM.i LSTM.f
     * LSTM.Ctil LSTM.o with peepholes i and f see c, and o sees c'; coupled, i = 1 - f and a has no part i */
    int64_t n = m->coupled ? 3 : 4;
    eddy_var i = { 0 };
    if (!m->coupled)
        i = eddy_watch(eddy_sigmoid(peep(m, part(a, 0, n), 0, c)), "i");
    eddy_var f = eddy_watch(eddy_sigmoid(peep(m, part(a, n - 3, n), 1, c)), "f");
    if (m->coupled)
        i = eddy_watch(eddy_rsub_scalar(f, 1), "i");
    eddy_var g = eddy_watch(eddy_tanh(part(a, n - 2, n)), "g");
    /* c' = f * c + i * g,  h' = o * tanh(c'), projected if there is a projection                     LSTM.C LSTM.h */
    state[1] = eddy_watch(eddy_add(eddy_mul(f, c), eddy_mul(i, g)), "c");
    eddy_var o = eddy_watch(eddy_sigmoid(peep(m, part(a, n - 1, n), 2, state[1])), "o");
    eddy_var out = eddy_mul(o, eddy_tanh(normed(state[1], m->norm_c)));
    return state[0] = eddy_watch(m->weight_hr.tape ? affine(out, m->weight_hr, (eddy_var){ 0 }) : out, "h");
}

static void layer_norm_new(const layer *l, eddy_var norm[2], const char *weight, const char *bias, int64_t size)
{
    norm[0] = layer_parameter(l, weight, EDDY_SHAPE(size), (eddy_init){ .kind = EDDY_INIT_CONSTANT, .a = 1 });
    norm[1] = layer_parameter(l, bias, EDDY_SHAPE(size), (eddy_init){ .kind = EDDY_INIT_ZEROS });
}

eddy_lstm eddy_lstm_new_with_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, int64_t hidden,
                                const eddy_lstm_options *options)
{
    eddy_lstm_options o = options ? *options : (eddy_lstm_options){ 0 };
    if (tape && o.projection < 0)
        eddy_fail_at(site, tape, "lstm: the size of the projection is negative; 0 means none");
    layer l = { .site = site, .tape = tape, .init = uniform(hidden), .number = o.layer, .reverse = o.reverse };
    if (!sizes_are_good(&l, "lstm", input, hidden, o.projection))
        input = hidden = o.projection = 0;
    int64_t count = o.coupled ? 3 : 4, back = o.projection > 0 ? o.projection : hidden;
    eddy_push_at(site, tape, name);
    gates g = gates_new(&l, count * hidden, input, back, !o.no_bias);
    eddy_lstm m = { .cell = { .step = lstm_step, .states = 2, .state_size = { back, hidden } },
                    .weight_ih = g.weight_ih,
                    .weight_hh = g.weight_hh,
                    .bias_ih = g.bias_ih,
                    .bias_hh = g.bias_hh,
                    .coupled = o.coupled };
    if (o.forget_bias != 0 && !o.no_bias && !eddy_error(tape)) {
        int64_t first = (count - 3) * hidden;
        eddy_reinitialise_at(site, g.bias_ih, (eddy_init){ .kind = EDDY_INIT_CONSTANT, .a = o.forget_bias }, first,
                             first + hidden);
        eddy_reinitialise_at(site, g.bias_hh, (eddy_init){ .kind = EDDY_INIT_ZEROS }, first, first + hidden);
    }
    if (o.projection > 0)
        m.weight_hr = layer_parameter(&l, "weight_hr", EDDY_SHAPE(back, hidden), l.init);
    if (o.peepholes)
        m.weight_p = layer_parameter(&l, "weight_p", EDDY_SHAPE((count - 1) * hidden), l.init);
    if (o.layer_norm) {
        layer_norm_new(&l, m.norm_ih, "norm_ih_weight", "norm_ih_bias", count * hidden);
        layer_norm_new(&l, m.norm_hh, "norm_hh_weight", "norm_hh_bias", count * hidden);
        layer_norm_new(&l, m.norm_c, "norm_c_weight", "norm_c_bias", hidden);
    }
    eddy_pop_at(site, tape);
    return m;
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

eddy_gru eddy_gru_new_with_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, int64_t hidden,
                              const eddy_gru_options *options)
{
    layer l = { .site = site,
                .tape = tape,
                .init = uniform(hidden),
                .number = options ? options->layer : 0,
                .reverse = options && options->reverse };
    if (!sizes_are_good(&l, "gru", input, hidden, 0))
        input = hidden = 0;
    eddy_push_at(site, tape, name);
    gates g = gates_new(&l, 3 * hidden, input, hidden, !(options && options->no_bias));
    eddy_pop_at(site, tape);
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
