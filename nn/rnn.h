/* The classical cells, written with the public ops. Parameters have PyTorch's names, layout and initial values:
 * weight_ih_l0 (gates*hidden, input), weight_hh_l0 (gates*hidden, hidden), bias_ih_l0 and bias_hh_l0 (gates*hidden),
 * all U(-1/sqrt(hidden), 1/sqrt(hidden)).
 *
 * Two biases: they enter only as a sum, and the tutorial has one. PyTorch keeps two, and as two parameters they count
 * twice in the norm of the gradients and move twice as far under Adam, so a model with one would not train to the same
 * numbers. eddy therefore keeps two as well. */
#ifndef EDDY_RNN_H
#define EDDY_RNN_H

#include "cell.h"

EDDY_C_BEGIN

/* Elman: h' = act(W_ih x + b_ih + W_hh h + b_hh) */
typedef struct eddy_rnn {
    eddy_cell cell;
    eddy_var weight_ih, weight_hh, bias_ih, bias_hh;
    eddy_var (*act)(eddy_var x);
} eddy_rnn;
typedef struct eddy_rnn_options { /* zero: the default */
    eddy_var (*act)(eddy_var x);  /* eddy_tanh */
    bool no_bias;
    int layer;    /* of the names' suffix: _l0, _l1, ... */
    bool reverse; /* names end in _reverse */
} eddy_rnn_options;

/* Hochreiter & Schmidhuber 1997 with forget gates (Gers et al. 2000); tutorial LSTM.f .. LSTM.h; gates stacked i, f, g,
 * o (g is the candidate C~): i, f, o = sigma(W x + U h + b),  g = tanh(W x + U h + b),  c' = f * c + i * g,  h' = o *
 * tanh(c') state[0] = h, state[1] = c. Watched in each step: "i", "f", "g", "o", "c", "h". */
typedef struct eddy_lstm_options { /* zero: the default */
    bool no_bias;
    double forget_bias; /* the initial value of the forget gate's bias_ih if not 0 (bias_hh's is then 0): Gers et al.
                           2000, Jozefowicz et al. 2015 */
    bool peepholes; /* i and f also see p * c, o sees p_o * c' (Gers, Schraudolph & Schmidhuber 2002); weight_p_l0 (3
                       hidden): i, f, o; coupled (2 hidden): f, o */
    bool coupled;   /* i = 1 - f (Greff et al. 2017, CIFG); the i rows are not there: gates stacked f, g, o */
    int64_t projection; /* h' = W_hr (o * tanh(c')), of this size (Sak et al. 2014; PyTorch's proj_size); weight_hr_l0
                           (projection, hidden). 0: none */
    bool layer_norm;    /* of W x and U h (each with weight and bias of their own) and of c' before its tanh (Ba et al.
                           2016, eq. 20 to 22):    norm_ih_weight_l0, norm_ih_bias_l0, norm_hh_..., norm_c_... */
    int layer;          /* of the names' suffix: _l0, _l1, ... */
    bool reverse;       /* names end in _reverse */
} eddy_lstm_options;
typedef struct eddy_lstm {
    eddy_cell cell;
    eddy_var weight_ih, weight_hh, bias_ih, bias_hh;
    eddy_var weight_p, weight_hr;
    eddy_var norm_ih[2], norm_hh[2], norm_c[2]; /* weight, bias */
    bool coupled;
} eddy_lstm;

/* Cho et al. 2014. Two variants:
 * reset after (default; PyTorch, cuDNN), gates stacked r, z, n:
 *   n = tanh(W_n x + b_in + r * (U_n h + b_hn)),  h' = (1 - z) * n + z * h
 * reset before (tutorial GRU.z .. GRU.h; z is the share of the new):
 *   n = tanh(W_n x + b_in + U_n (r * h) + b_hn),  h' = (1 - z) * h + z * n
 * state[0] = h. Watched: "r", "z", "n", "h". */
typedef struct eddy_gru {
    eddy_cell cell;
    eddy_var weight_ih, weight_hh, bias_ih, bias_hh;
} eddy_gru;
typedef struct eddy_gru_options { /* zero: the default */
    bool reset_before;
    bool no_bias;
    int layer;    /* of the names' suffix: _l0, _l1, ... */
    bool reverse; /* names end in _reverse */
} eddy_gru_options;

/* options may be NULL. */
EDDY_SITED eddy_rnn eddy_rnn_new(eddy_tape *tape, const char *name, int64_t input, int64_t hidden);
EDDY_SITED eddy_rnn eddy_rnn_new_with(eddy_tape *tape, const char *name, int64_t input, int64_t hidden,
                                      const eddy_rnn_options *options);
EDDY_SITED eddy_lstm eddy_lstm_new(eddy_tape *tape, const char *name, int64_t input, int64_t hidden);
EDDY_SITED eddy_lstm eddy_lstm_new_with(eddy_tape *tape, const char *name, int64_t input, int64_t hidden,
                                        const eddy_lstm_options *options);
EDDY_SITED eddy_gru eddy_gru_new(eddy_tape *tape, const char *name, int64_t input, int64_t hidden);
EDDY_SITED eddy_gru eddy_gru_new_with(eddy_tape *tape, const char *name, int64_t input, int64_t hidden,
                                      const eddy_gru_options *options);

/* ---- By name: for programs that offer all built-in cells, as `eddy graph` and `eddy gradcheck` do ---- */

/* PyTorch's four parameters, with which every built-in cell begins; {0}: a bias that the cell has not. */
typedef struct eddy_plain_cell {
    eddy_cell cell;
    eddy_var weight_ih, weight_hh, bias_ih, bias_hh;
} eddy_plain_cell;

/* A built-in cell of any kind. `cell` and `plain` can be read whichever it is. */
typedef union eddy_any_cell {
    eddy_cell cell;
    eddy_plain_cell plain;
    eddy_rnn rnn;
    eddy_lstm lstm;
    eddy_gru gru;
} eddy_any_cell;

typedef struct eddy_any_options { /* zero: the default */
    int layer;                    /* of the names' suffix: _l0, _l1, ... */
    bool reverse;                 /* names end in _reverse */
} eddy_any_options;

/* One name a row of cells.def: "rnn", "lstm", "lstm.peepholes", "gru" (PyTorch's, reset after the product),
 * "gru-reset-before", ...; NULL after the last. */
const char *eddy_cell_name(size_t i);
/* What such a cell is, for people: "GRU (reset before the product)". NULL for a name that there is not. */
const char *eddy_cell_title(const char *kind);

/* The cell of that kind, made as eddy_lstm_new_with and its like make it; options may be NULL. An unknown kind is an
 * error. */
EDDY_SITED eddy_any_cell eddy_any_cell_new(eddy_tape *tape, const char *kind, const char *name, int64_t input,
                                           int64_t hidden, const eddy_any_options *options);

EDDY_C_END
#include "rnn_calls.h"
#endif
