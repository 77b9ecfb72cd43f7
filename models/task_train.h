/* Lesson 2, the network: an LSTM and a linear layer on every step's output, trained on a task's sequences until the
 * task's criterion holds.
 *
 * Sequences of different lengths: a batch has the task's longest length (Reber strings: the longest in it, rounded up
 * to a multiple of 8; one compiled program for each such length, on shared parameters and optimiser states). Sequences
 * begin together and are followed by zeros, where nothing is asked. An LSTM sees no future, so what follows the end has
 * no influence on outputs, loss or gradient.
 *
 * Every sequence is judged by the outputs before the update that learns from it, and counted once each time that it is
 * presented. */
#ifndef EDDY_TASK_TRAIN_H
#define EDDY_TASK_TRAIN_H

#include "tasks.h"

typedef struct task_settings {
    int64_t hidden, batch;
    double lr;            /* Adam's */
    double beta2;         /* Adam's; 0: 0.999 */
    double anneal, least; /* the rate is lr times the mean error of recent sequences over `anneal`, but least .. 1 times
                             lr; anneal 0: lr */
    double clip;          /* the largest norm of the gradient */
    double forget_bias;
    double chrono;    /* if not 0, instead: forget gates begin with bias b = log(u), u uniform in 1 .. chrono - 1, input
                         gates with -b, so that memories last as long as the task may need (Tallec & Ollivier 2018, "Can
                         recurrent neural networks warp time?", eq. 16) */
    double last;      /* how much the last step that is asked counts in the loss, where others count 1; 0: 1 */
    int64_t in_a_row; /* goes on until so many in a row are right, more than the criterion asks: fewer are wrong
                         afterwards; 0: as it asks */
    bool direct; /* a linear layer from the step's input to its output besides, as the paper's networks had for the lag
                    tasks */
} task_settings;

/* What docs/tasks.md was measured with. */
const task_settings *task_settings_of(const task *t);

typedef struct task_result {
    bool solved;
    int64_t sequences; /* presented until success (until it was given up); see task.row_counts */
    int64_t first;     /* how many there were when the criterion held first, without settings.in_a_row; 0: never */
    int64_t presented; /* all that were learned from */
    int64_t updates;
    int64_t parameters; /* numbers that are learned */
    int64_t tested,
        wrong;   /* fresh sequences (Reber: the 256 test strings) after success, and how many of them were wrong */
    double loss; /* of a task with a loss, solved or not: its mean over the tested */
} task_result;

/* What a caller may show while it goes on; false ends the training as unsolved. */
typedef bool (*task_progress)(void *context, int64_t sequences, double error, int64_t in_a_row);

/* Trains until success, or until `most` sequences could not bring it any more. settings NULL: task_settings_of.
 * progress may be NULL. False after a failure, with a sentence; not being solved is none. */
bool task_train(const task *t, const task_settings *settings, uint64_t seed, int64_t most, task_progress progress,
                void *context, task_result *out, eddy_status *status);

#endif
