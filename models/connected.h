/* Lesson 7: which words does a recording say, when nobody says where one ends?
 *
 *   h_1 .. h_T = stack of bidirectional LSTMs over every second frame of cepstra,   y_t = softmax(W h_t + b)
 *
 * y_t has a class more than there are words, the blank. Many rows of classes, one a frame, collapse to one sequence of
 * words: equal neighbours become one, then blanks vanish. What is learned is -ln of the sum of the probabilities of all
 * rows that collapse to the right words (connectionist temporal classification, Graves et al. 2006). */
#ifndef EDDY_CONNECTED_H
#define EDDY_CONNECTED_H

#include "common/stack.h"
#include "common/training.h"
#include "speech.h"

/* Recordings of several words. */
typedef struct spoken {
    int64_t count, longest, most; /* recordings, frames of the longest, words of the longest */
    eddy_tensor *sequence;        /* each (frames, MFCC_FEATURES), f32 */
    int64_t *begin, *word;        /* words of i: word[begin[i]] .. word[begin[i + 1] - 1], places in names of speech */
    int64_t *speaker;
    bool *held_out; /* of takes of which no other recording is made */
} spoken;

/* For each speaker `each` recordings of 2 .. most words of his, drawn at random, with up to a tenth of a second
 * between; a tenth of the takes is kept for a tenth of the recordings. */
bool spoken_make(spoken *out, const speech *of, int64_t each, int64_t most, uint64_t seed, eddy_status *status);
void spoken_free(spoken *s);
/* Words to insert, delete or replace to get from n words, at most CONNECTED_MOST, to m others (Wagner & Fischer
 * 1974). */
int64_t spoken_errors(const int64_t *a, int64_t n, const int64_t *b, int64_t m);

typedef struct connected_options {
    stack_options stack; /* dropout also before the last layer */
    int64_t batch;
    double noise; /* deviation of normal noise on the standardised features while training */
    training_recipe recipe;
    uint64_t seed;
} connected_options;

typedef struct connected connected;

/* Learns from the recordings of all speakers but `speaker` (-1: of all) that are not held out, and is validated on
 * those that are. `data` stays the caller's. `words` has the names. */
connected *connected_new(const spoken *data, const labelled *words, int64_t speaker, const connected_options *options,
                         eddy_status *status);
/* A saved one, for recordings of at most `longest` frames. */
connected *connected_open(const char *path, int64_t longest, eddy_status *status);
void connected_free(connected *model);
training_job connected_job(connected *model);
eddy_tape *connected_tape(const connected *model);
const labelled *connected_words(const connected *model); /* names alone */

enum { CONNECTED_MOST = 64, CONNECTED_BEAM = 32 };

/* Log-probabilities of all classes, the blank first and then the words, of every second frame: a new tensor (rows,
 * words + 1), f64. */
bool connected_listen(connected *model, const eddy_tensor *sequence, eddy_tensor *rows, eddy_status *status);
/* The words of a recording, at most CONNECTED_MOST. beam 1: those of the most probable row; more: the most probable
 * words of a prefix beam search of that width, at most CONNECTED_BEAM, which adds up all rows of one prefix. */
bool connected_run(connected *model, const eddy_tensor *sequence, int64_t beam, int64_t word[CONNECTED_MOST],
                   int64_t *count, eddy_status *status);
/* The most probable words of rows of log-probabilities (time, classes), class 0 the blank, by such a search; and of the
 * most probable row alone. */
bool connected_search(const double *rows, int64_t time, int64_t classes, int64_t beam, int64_t word[CONNECTED_MOST],
                      int64_t *count, eddy_status *status);
void connected_best_row(const double *rows, int64_t time, int64_t classes, int64_t word[CONNECTED_MOST],
                        int64_t *count);

#endif
