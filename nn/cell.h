/* Cells, and unrolling them over time.
 *
 * A cell is a step function with its parameters: a struct whose first member is an eddy_cell and whose other members
 * are vars and modules by value. eddy_unroll calls the step once a time step and records what it records; nothing else
 * is needed for gradients of any order. */
#ifndef EDDY_CELL_H
#define EDDY_CELL_H

#include "ops.h"

EDDY_C_BEGIN

enum { EDDY_STATE_SIZES = 8 }; /* that can be written out; the number of states has no limit */

typedef struct eddy_cell eddy_cell;
/* x (batch, input); state[i] (batch, its size) carries in the previous step's and must carry out this one's. Returns
 * the step's output (batch, any size). */
typedef eddy_var (*eddy_step)(const eddy_cell *cell, eddy_var x, eddy_var state[]);

struct eddy_cell {
    eddy_step step;
    int states; /* at least 1 */
    /* A 0 stands for the size of the state before, as do sizes that find no place here: 40 states of one size are
     * .states = 40, .state_size = { size }. */
    int64_t state_size[EDDY_STATE_SIZES];
};

typedef struct eddy_unroll_options { /* zero: the default */
    const eddy_var *initial; /* `states` vars (batch, size), or (size) or (1, size) for all sequences (learned initial
                                states); NULL: zeros */
    eddy_var lengths; /* (batch), i32 or i64, 0..time, checked when run: steps beyond a sequence's length change no
                         state and put out zeros; whatever the input holds there has no influence on any value or
                         gradient. {0}: all sequences have `time` steps */
    bool reverse;  /* from the last step to the first, each sequence within its own length; outputs stand at the steps
                      that they belong to */
    bool training; /* draws the masks below; otherwise dropout does nothing and zoneout takes its expectation */
    double input_dropout;             /* variational (Gal & Ghahramani 2016): one mask for all steps, on the input */
    double state_dropout;             /* the same on what the step reads of state[0] */
    double zoneout[EDDY_STATE_SIZES]; /* probability that an element of a state keeps its old value (Krueger et al.
                                        2017); an output that is a state is that state after zoneout. States that find
                                        no place here have none */
    int64_t truncate;   /* detach the states between the steps n k - 1 and n k for all k (truncated BPTT); 0: never */
    int64_t checkpoint; /* recompute segments of so many steps for the gradient instead of keeping their values; -1:
                           about sqrt(time); 0: keep all */
    const char *carry; /* make states "CARRY.0", ... that carry the final states over to the next run (`initial` is then
                          their first value, zeros if NULL); list `carried` among the updates */
} eddy_unroll_options;

typedef struct eddy_unrolled {
    eddy_var outputs;  /* (time, batch, output) */
    eddy_var last;     /* each sequence's output at its last step (the first one in reverse), (batch, output); zeros for
                         length 0 */
    eddy_list states;  /* each sequence's states after its last step; its initial ones for length 0 */
    eddy_list carried; /* assigns, with `carry` */
    eddy_var state[EDDY_STATE_SIZES]; /* the first of `states` */
} eddy_unrolled;

/* x (time, batch, input), time >= 1. options may be NULL. Nodes of step t carry t (see eddy_watched, eddy_graph, error
 * sentences). A step that forgets to set a state or changes its shape is an error that names the state and the step. */
EDDY_SITED eddy_unrolled eddy_unroll(const eddy_cell *cell, eddy_var x, const eddy_unroll_options *options);

/* For use in a step: how many steps each sequence has behind it, (batch, 1) of the input's dtype, to compute with (a
 * clock, a position code). Forwards that is eddy_step_index for all; in reverse it counts from each sequence's own last
 * step, and is 0 where a sequence has not begun. A failure where no eddy_unroll of this tape is recording a step. */
EDDY_SITED eddy_var eddy_steps_done(eddy_tape *tape);

EDDY_C_END
#include "cell_calls.h"
#endif
