/* Lesson 6: translation, with the tutorial's attention.
 *
 *   m_1 .. m_S = BiLSTM over the characters of the source
 *   h_t, c_t   = LSTM([E[y_{t-1}], context_t], h_{t-1}, c_{t-1}),   context_t = sum_s alpha_ts m_s,
 *   alpha_ts   = softmax over s of v^T tanh(W_h m_s + W_s h_{t-1}),   p(y_t) = softmax(W [h_t, context_t] + b)
 *
 * Units are characters, so no word is unknown. While training the decoder is told the right characters (teacher
 * forcing); afterwards the most probable of several hypotheses is kept (beam search), probabilities compared as
 * ln p / length. Unit 0 begins and ends a target. */
#ifndef EDDY_TRANSLATE_H
#define EDDY_TRANSLATE_H

#include "common/pairs.h"
#include "common/training.h"

typedef struct translate_options {
    int64_t hidden, embedding, width, batch; /* hidden: of each direction, and of the decoder */
    double dropout;
    training_recipe recipe;
    uint64_t seed;
} translate_options;

typedef struct translator translator;

/* Learns from the first `train` pairs and is validated on the next `held_out`. */
translator *translator_new(const pairs *data, int64_t train, int64_t held_out, const translate_options *options,
                           eddy_status *status);
translator *translator_open(const char *path, eddy_status *status);
void translator_free(translator *model);
training_job translator_job(translator *model);
eddy_tape *translator_tape(const translator *model);

/* The translation, at most `size` - 1 bytes, by a beam of 1 .. 16 hypotheses. A character that the model has never seen
 * and a sentence that is too long are failures. */
bool translator_run(translator *model, const char *from, int64_t beam, char *out, size_t size, eddy_status *status);
/* How much each character of `from` is attended to while each of `to`, and then its end, is written: weights
 * (characters of to + 1, characters of from), f64, whose rows sum to 1. A new tensor. */
bool translator_align(translator *model, const char *from, const char *to, eddy_tensor *weights, eddy_status *status);

#endif
