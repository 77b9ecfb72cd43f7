/* Cells, and unrolling them over time.
 *
 * A cell is a step function with its parameters: a struct whose first member is an eddy_cell and whose other members are vars and modules by value.
 * eddy_unroll calls the step once a time step and records what it records; nothing else is needed for gradients of any order. */
#ifndef EDDY_CELL_H
#define EDDY_CELL_H

#include "ops.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { EDDY_MAX_STATES = 4 };

typedef struct eddy_cell eddy_cell;
/* x (batch, input); state[i] (batch, state_size[i]) carries in the previous step's and must carry out this one's. Returns the step's output
 * (batch, any size). */
typedef eddy_var (*eddy_step)(const eddy_cell *cell, eddy_var x, eddy_var state[]);

struct eddy_cell {
    eddy_step step;
    int states; /* 1..EDDY_MAX_STATES */
    int64_t state_size[EDDY_MAX_STATES];
};

typedef struct eddy_unroll_options { /* zero: the default */
    const eddy_var *initial;         /* `states` vars (batch, state_size[i]); NULL: zeros */
} eddy_unroll_options;

typedef struct eddy_unrolled {
    eddy_var outputs;                /* (time, batch, output) */
    eddy_var last;                   /* the output of the last step, (batch, output) */
    eddy_var state[EDDY_MAX_STATES]; /* after the last step */
} eddy_unrolled;

/* x (time, batch, input), time >= 1. options may be NULL. Nodes of step t carry t (see eddy_watched, eddy_graph, error sentences). A step that forgets
 * to set a state or changes its shape is an error that names the state and the step. */
EDDY_CALL eddy_unrolled eddy_unroll(const eddy_cell *cell, eddy_var x, const eddy_unroll_options *options);

#ifdef __cplusplus
}
#endif
#include "cell_calls.h"
#endif
