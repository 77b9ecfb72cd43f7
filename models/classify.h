/* Lesson 4: which class is a sequence of?
 *
 *   h_1 .. h_T = stack of (bidirectional) LSTMs over the standardised steps,   p(class) = softmax(W mean_t h_t + b)
 *
 * Sequences have different lengths. Batches are made of similar ones and padded with zeros; steps beyond a sequence's
 * length change nothing (eddy_unroll's lengths). There is one program for each of a few lengths, all on the same
 * parameters and optimiser states, recorded before the training begins. */
#ifndef EDDY_CLASSIFY_H
#define EDDY_CLASSIFY_H

#include "common/labelled.h"
#include "common/stack.h"
#include "common/training.h"

typedef struct classify_options {
    stack_options stack; /* dropout also on the mean */
    int64_t batch;
    double noise; /* deviation of normal noise on the standardised steps while training */
    training_recipe recipe;
    uint64_t seed;
    const char *task; /* of the card: "classify" or "speech" */
} classify_options;

typedef struct classifier classifier;

/* Sets stay the caller's while the model is used. `held_out` (of as many features and the same classes) chooses the
 * best; without sequences the training set does. NULL after a failure. */
classifier *classifier_new(const labelled *train, const labelled *held_out, const classify_options *options,
                           eddy_status *status);
/* A saved one, for sequences of at most `longest` steps. */
classifier *classifier_open(const char *path, const char *task, int64_t longest, eddy_status *status);
void classifier_free(classifier *model);

training_job classifier_job(classifier *model);
eddy_tape *classifier_tape(const classifier *model);
const labelled *classifier_classes(const classifier *model); /* no sequences, but names and features */
card *classifier_card(classifier *model);                    /* for a task to add to, before the training */

/* The most probable class of each sequence, and the mean of -ln p of the right ones. Either may be NULL. Sequences that
 * are longer than those that the model was made for are a failure. */
bool classifier_predict(classifier *model, const labelled *set, int64_t *predicted, double *loss, eddy_status *status);

#endif
