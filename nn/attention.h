/* Attention over a memory of steps, and a decoder that attends at every step.
 *
 * score e_s of memory step s for a query q, weights alpha = softmax over s of e (tutorial ATT.alpha with its missing
 * index), context c = sum_s alpha_s m_s (ATT.c): additive    e_s = v^T tanh(W_h m_s + W_s q)      Bahdanau, Cho &
 * Bengio 2015; the tutorial's dot         e_s = m_s . q                        Luong, Pham & Manning 2015 scaled dot
 * e_s = m_s . q / sqrt(size)           Vaswani et al. 2017 general     e_s = m_s^T W q                      Luong et
 * al. 2015 */
#ifndef EDDY_ATTENTION_H
#define EDDY_ATTENTION_H

#include "cell.h"
#include "rnn.h"

EDDY_C_BEGIN

typedef enum eddy_attention_kind { EDDY_ADDITIVE = 0, EDDY_DOT, EDDY_SCALED_DOT, EDDY_GENERAL } eddy_attention_kind;

typedef struct eddy_attention {
    eddy_attention_kind kind;
    eddy_var weight_memory; /* additive: W_h (width, memory); general: W (memory, query) */
    eddy_var weight_query;  /* additive: W_s (width, query) */
    eddy_var v;             /* additive: (width) */
} eddy_attention;

/* Parameters NAME.weight_memory, ...; dot and scaled dot have none and need memory = query. width is used by additive
 * only. */
EDDY_SITED eddy_attention eddy_attention_new(eddy_tape *tape, const char *name, eddy_attention_kind kind,
                                             int64_t memory, int64_t query, int64_t width);

typedef struct eddy_attended {
    eddy_var context; /* (batch, memory) */
    eddy_var weights; /* (steps, batch) */
} eddy_attended;

/* memory (steps, batch, memory) with at least one step, query (batch, query); mask (steps, batch): 1 may be attended
 * to, 0 not, {0}: all may. A sequence whose mask is all 0 gets weights and context 0, with zero gradients of every
 * order. The query may be the memory's own last step (self-query): it is a var like any other. */
EDDY_SITED eddy_attended eddy_attend(const eddy_attention *attention, eddy_var memory, eddy_var query, eddy_var mask);
/* softmax along an axis where mask is not 0, 0 elsewhere and where the mask is all 0. mask broadcasts to x; {0}: plain
 * softmax. */
EDDY_SITED eddy_var eddy_masked_softmax(eddy_var x, eddy_var mask, int axis);
/* (time, batch) of the tape's dtype: 1 for steps below each sequence's length, else 0. */
EDDY_SITED eddy_var eddy_length_mask(eddy_var lengths, int64_t time);

/* A decoder: an LSTM whose input is [x, context], the context attended with the state h before the step as query. A
 * cell: state[0] = h, state[1] = c; output [h', context]. memory and mask are set for each recording: decoder.memory =
 * run.outputs. Watched: "attention" (the weights). */
typedef struct eddy_attention_decoder {
    eddy_cell cell;
    eddy_lstm lstm;
    eddy_attention attention;
    eddy_var memory, mask;
} eddy_attention_decoder;
EDDY_SITED eddy_attention_decoder eddy_attention_decoder_new(eddy_tape *tape, const char *name,
                                                             eddy_attention_kind kind, int64_t input, int64_t memory,
                                                             int64_t hidden, int64_t width);

EDDY_C_END
#include "attention_calls.h"
#endif
