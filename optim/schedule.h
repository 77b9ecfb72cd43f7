/* Learning-rate schedules. A schedule is an assign of an optimiser's "NAME.lr" that belongs among a program's updates:
 * run k of the program uses the rate of step k (from 0) and writes the next one. `step` counts runs; formulas are
 * PyTorch's closed forms. */
#ifndef EDDY_SCHEDULE_H
#define EDDY_SCHEDULE_H

#include "optim.h"

EDDY_C_BEGIN

/* Each takes the optimiser's name ("adam") and the peak or initial rate, makes a state "NAME.schedule" (the step
 * count), sets "NAME.lr" to the rate of step 0 and returns the assigns. A second recording of it (a program for another
 * batch size) shares the count and leaves the rate as it is. `warmup` steps come first in which the rate rises linearly
 * from 0 to the formula's value at step 0: step k < warmup has k/warmup of it. Like that of a state, the optimiser's
 * name is looked up behind the prefix that eddy_push has put in force. */
typedef enum eddy_schedule_kind {
    EDDY_SCHEDULE_CONSTANT = 0,
    EDDY_SCHEDULE_STEP,        /* lr gamma^floor(step / every) */
    EDDY_SCHEDULE_EXPONENTIAL, /* lr gamma^step */
    EDDY_SCHEDULE_COSINE, /* low + (lr - low)(1 + cos(pi step / total))/2, low after total (Loshchilov & Hutter 2017) */
    EDDY_SCHEDULE_ONE_CYCLE /* cosine up from lr/start_factor to lr, down to lr/(start_factor end_factor); Smith & Topin
                               2018, PyTorch's OneCycleLR */
} eddy_schedule_kind;
typedef struct eddy_schedule_options { /* zero: the default */
    eddy_schedule_kind kind;
    double lr;                             /* required */
    int64_t warmup;                        /* 0 */
    int64_t every;                         /* step: required */
    double gamma;                          /* step and exponential: 0.1 */
    int64_t total;                         /* cosine and one-cycle: required */
    double low;                            /* cosine: 0 */
    double rise, start_factor, end_factor; /* one-cycle: 0.3, 25, 1e4 */
} eddy_schedule_options;
EDDY_SITED eddy_list eddy_schedule(eddy_tape *tape, const char *optimiser, const eddy_schedule_options *options);

/* Reduce on plateau, on the host (it depends on a validation loss): after more than `patience` calls without an
 * improvement of the best value by more than `threshold` of it, lr <- max(lr factor, low). Zero: factor 0.1, patience
 * 10 (below 0: none), threshold 1e-4, low 0. Returns whether the rate was reduced. */
typedef struct eddy_plateau {
    double factor, threshold, low;
    int64_t patience;
    double best; /* the plateau's own */
    int64_t bad, calls;
} eddy_plateau;
EDDY_SITED bool eddy_plateau_step(eddy_tape *tape, const char *optimiser, eddy_plateau *plateau, double value);

EDDY_C_END
#include "schedule_calls.h"
#endif
