/* The training loop that the applications share, for those who do not write their own.
 *
 * The loop knows nothing of models. It calls the job's step for every batch and its validation now and then, sets the
 * optimiser's rate before each step, stops early, keeps the best model in one file and everything that is needed to go
 * on in another, and asks whether it shall stop. What a job does in a step may be the five lines of any other loop: set
 * inputs, eddy_run.
 *
 * Resuming. A checkpoint holds the leaves that are parameters and states (moments, averages, carried states, the draw
 * number of random masks) and the loop's own numbers. A training that was killed at any moment and is resumed ends with
 * the same bits as one that was not, if the job's steps depend on (seed, epoch, step) and leaves alone: that is, if all
 * programs are compiled before the loop begins, in one order, and if the end is given in epochs. A budget in seconds
 * depends on the clock, and the rate follows it. Checkpoints take a twentieth of the time at most: after short steps
 * not every validation is followed by one, which changes no bit of the model. */
#ifndef EDDY_TRAINING_H
#define EDDY_TRAINING_H

#include "card.h"

/* How weights are changed. */
typedef struct training_recipe {
    double lr;      /* Adam's largest rate */
    double clip;    /* largest norm of the gradient; 0: any */
    double decay;   /* of weights, by AdamW; 0: Adam */
    double average; /* decay of averages of the weights (eddy_ema), which are validated and saved; 0: none */
} training_recipe;

/* How the rate falls from the recipe's to its share `low`, behind the warmup. */
typedef enum training_schedule { TRAINING_COSINE = 0, TRAINING_LINEAR, TRAINING_CONSTANT } training_schedule;

typedef struct training_options { /* zero: the default */
    int64_t epochs;               /* 0: no limit; then `seconds` must be given */
    double seconds;               /* budget of time, checkpoints before this start included; 0: no limit */
    int64_t every;                /* steps between validations; 0: one at the end of each epoch */
    int64_t patience;             /* validations in succession without a better one, then it ends; 0: never */
    training_recipe recipe;       /* the one of training_updates */
    training_schedule schedule;   /* half a cosine, a line, or none: `low` is not looked at */
    double low;                   /* share of the rate at the end, 0..1 */
    int64_t warmup;               /* steps in which the rate rises from 0 */
    const char *model;            /* file of the best model so far; NULL: none */
    const char *checkpoint;       /* file to go on from, written after validations and at the end; NULL: none */
    bool resume;                  /* begin with the checkpoint */
    uint64_t seed;                /* what the job draws from: a checkpoint of another seed or recipe is refused */
} training_options;

/* What a caller may show. */
typedef struct training_state {
    int64_t epoch, epochs, step, steps; /* done so far, and expected (0: unknown) */
    double loss;                        /* mean of the steps since the last validation */
    double norm;                        /* of the last step's gradient before clipping; NAN where the job tells none */
    double validation, best;            /* of the last validation, and the best of all; NAN before the first */
    int64_t best_step, bad;             /* where the best was, validations since */
    double rate, elapsed, left;         /* seconds since the first start; expected until the end */
    bool validated, better;             /* is this call one after a validation; was it the best so far? */
    bool saves;                         /* is a checkpoint written behind this call? */
} training_state;

typedef struct training_job {
    eddy_tape *tape;
    int64_t steps;    /* in an epoch */
    const card *card; /* what the model file says of the model */
    void *context;
    /* One update. Batches of an epoch are a function of it: eddy_permutation or eddy_bucket, the epoch as stream. */
    bool (*step)(void *context, int64_t epoch, int64_t step, double *loss, eddy_status *status);
    /* The loss that the best model has the least of. It may change states of its own only. NULL: nothing is held out,
     * and the newest model is the best. */
    bool (*validate)(void *context, double *loss, eddy_status *status);
    /* After each step, once more after each validation, and before the last checkpoint; false ends the training as an
     * interrupt does. NULL: none */
    bool (*report)(void *context, const training_state *now);
    const double *norm; /* where `step` leaves the norm of its gradient; NULL: nowhere */
} training_job;

typedef enum training_end { TRAINING_EPOCHS = 0, TRAINING_TIME, TRAINING_PATIENCE, TRAINING_STOPPED } training_end;

/* What a job's programs list among their updates. *norm is the gradient's before clipping; NULL: not asked. */
eddy_list training_updates(eddy_var loss, const training_recipe *recipe, eddy_var *norm);

/* Runs the job to its end and leaves the best parameters on the tape. A loss that is not finite is a failure. The model
 * file exists after every end but a failure before the first validation. */
bool training_run(const training_job *job, const training_options *options, training_state *state, training_end *end,
                  eddy_status *status);

/* "dir/model.safetensors" -> "dir/model.last.safetensors"; false if it does not fit. */
bool training_checkpoint_path(const char *model, char *out, size_t size);

double training_seconds(void); /* of a clock that never goes back */
/* After a call of the library that failed on a tape: its sentence. Returns false. */
bool training_failed(const eddy_tape *tape, eddy_status *status);

#endif
