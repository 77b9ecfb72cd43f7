/* Stacks of cells, in one direction or both. Any cell may stand in them, the user's own too. */
#ifndef EDDY_LAYERS_H
#define EDDY_LAYERS_H

#include "cell.h"
#include "rnn.h"

EDDY_C_BEGIN

enum { EDDY_MAX_LAYERS = 16 }; /* cells of a stack: layers times directions */

typedef enum eddy_merge { EDDY_MERGE_CONCAT = 0, EDDY_MERGE_SUM, EDDY_MERGE_MEAN } eddy_merge;

typedef struct eddy_layers_options { /* zero: the default */
    bool bidirectional; /* cells[2 l] runs forwards and cells[2 l + 1] in reverse, each with parameters of its own
                           (BIL.fwd, BIL.bwd) */
    eddy_merge merge;   /* of the two directions' outputs */
    double dropout;     /* on the outputs of every layer but the last, if unroll.training */
    eddy_unroll_options unroll; /* of every layer; `initial` holds the states of cells[0], cells[1], ...; `carry`
                                   becomes CARRY.l0, CARRY.l0_reverse, ... */
} eddy_layers_options;

typedef struct eddy_layered {
    eddy_var outputs;  /* of the last layer, (time, batch, directions * output) or (time, batch, output) */
    eddy_var last;     /* merged outputs at each sequence's last step for the forward and its first for the reverse
                          direction: each has seen all of it */
    eddy_list states;  /* final states: of cells[0], of cells[1], ... */
    eddy_list carried; /* assigns, with unroll.carry */
} eddy_layered;

/* `count` cells from the bottom to the top; the pointers are used only during the call. options may be NULL. */
EDDY_SITED eddy_layered eddy_unroll_layers(const eddy_cell *const *cells, int64_t count, eddy_var x,
                                           const eddy_layers_options *options);

/* Stacks of LSTMs, GRUs or RNNs with PyTorch's names: NAME.weight_ih_l0, NAME.weight_ih_l0_reverse, NAME.weight_ih_l1,
 * ... (what a state_dict of nn.LSTM, nn.GRU or nn.RNN holds). Upper layers of a bidirectional stack take the
 * concatenation, as PyTorch's do; for several layers with merged sums or means make the cells one by one and call
 * eddy_unroll_layers. */
typedef struct eddy_lstm_layers {
    int64_t count; /* of cells */
    bool bidirectional;
    eddy_lstm lstm[EDDY_MAX_LAYERS];
} eddy_lstm_layers;
typedef struct eddy_gru_layers {
    int64_t count; /* of cells */
    bool bidirectional;
    eddy_gru gru[EDDY_MAX_LAYERS];
} eddy_gru_layers;
typedef struct eddy_rnn_layers {
    int64_t count; /* of cells */
    bool bidirectional;
    eddy_rnn rnn[EDDY_MAX_LAYERS];
} eddy_rnn_layers;
EDDY_SITED eddy_lstm_layers eddy_lstm_layers_new(eddy_tape *tape, const char *name, int64_t input, int64_t hidden,
                                                 int64_t layers, bool bidirectional, const eddy_lstm_options *options);
EDDY_SITED eddy_gru_layers eddy_gru_layers_new(eddy_tape *tape, const char *name, int64_t input, int64_t hidden,
                                               int64_t layers, bool bidirectional, const eddy_gru_options *options);
EDDY_SITED eddy_rnn_layers eddy_rnn_layers_new(eddy_tape *tape, const char *name, int64_t input, int64_t hidden,
                                               int64_t layers, bool bidirectional, const eddy_rnn_options *options);
/* eddy_unroll_layers on their cells; options->bidirectional must agree with how they were made. */
EDDY_SITED eddy_layered eddy_unroll_lstm(const eddy_lstm_layers *stack, eddy_var x, const eddy_layers_options *options);
EDDY_SITED eddy_layered eddy_unroll_gru(const eddy_gru_layers *stack, eddy_var x, const eddy_layers_options *options);
EDDY_SITED eddy_layered eddy_unroll_rnn(const eddy_rnn_layers *stack, eddy_var x, const eddy_layers_options *options);

EDDY_C_END
#include "layers_calls.h"
#endif
