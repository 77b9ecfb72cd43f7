/* Lesson 3: a language model of characters.
 *
 *   e_t = E[x_t],   h_t = stack of LSTMs (e_t, h_{t-1}),   p(x_{t+1} | x_1 .. x_t) = softmax(W h_t + b)
 *
 * The training text is cut into `batch` streams that are read side by side, `time` units at once; the states at the end
 * of a chunk are those at the beginning of the next, so the model remembers more than the gradient can see (truncated
 * backpropagation through time). Each epoch begins the streams at another place. */
#ifndef EDDY_TEXT_H
#define EDDY_TEXT_H

#include "common/stack.h"
#include "common/training.h"
#include "common/units.h"

typedef struct text_options {
    stack_options stack; /* dropout also before the last layer */
    int64_t embedding, batch, time;
    training_recipe recipe;
    uint64_t seed;
} text_options;

typedef struct text_model text_model;

/* A new model to train on `train` and to validate on `held_out`, whose units stay the caller's while it is used. NULL
 * after a failure. */
text_model *text_new(const units *u, const unit_text *train, const unit_text *held_out, const text_options *options,
                     eddy_status *status);
/* A saved one, to generate with and to measure. */
text_model *text_open(const char *path, eddy_status *status);
void text_free(text_model *model);

/* What training_run needs but for `report`; context is the model. */
training_job text_job(text_model *model);
const units *text_units(const text_model *model);
eddy_tape *text_tape(const text_model *model);

/* Mean of -ln p of the units of a text, read in `batch` streams that each begin without a past. */
bool text_nats(text_model *model, const unit_text *text, double *nats, eddy_status *status);

typedef struct text_sampling {
    double temperature; /* logits are divided by it */
    int64_t top_k;      /* only the k most probable; 0: all */
    double top_p;       /* only the most probable that together reach it (Holtzman et al. 2020); 1: all */
    uint64_t seed;
} text_sampling;

/* Forgets the past; reads a unit; draws the next one (number n of the seed) after at least one was read. */
bool text_begin(text_model *model, eddy_status *status);
bool text_read_unit(text_model *model, int32_t unit, eddy_status *status);
int32_t text_draw(text_model *model, const text_sampling *how, uint64_t n);

/* A generated text that a model of five units of memory cannot foretell, for trying things: short dialogues in which
 * names return. For eddy_free; NULL when memory is short. */
char *text_demo(size_t *size, uint64_t seed);

#endif
