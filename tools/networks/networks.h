/* The networks that the program knows by name: every built-in cell unrolled over the steps, what is composed of cells,
 * and cells as a user writes them. */
#ifndef EDDY_NETWORKS_H
#define EDDY_NETWORKS_H

#include "user_cells.h"

typedef struct network {
    const char *name, *title;
    const char *cell; /* of nn/cells.def; NULL: a user's */
    bool both;        /* a second cell of that kind runs in reverse; outputs are joined */
    bool attention;   /* additive attention over the outputs, the query being the last one */
    user_cell user;
} network;

/* NULL after the last. */
const network *network_at(size_t i);
/* NULL if there is none; earlier names are known too. */
const network *network_find(const char *name);
/* The name of number i among those that an offer accepts (`accepts` NULL: all), for options_nearest and for lists; NULL
 * after the last. */
typedef struct network_offer {
    bool (*accepts)(const network *n);
} network_offer;
const char *network_name(const void *offer, size_t i);

/* x (steps, batch, input) -> the network's output after the last step: h_T, both directions' joined, or the context. */
eddy_var network_record(eddy_tape *tape, const network *n, eddy_var x, int64_t hidden, int64_t checkpoint);

typedef struct network_size {
    int64_t steps, batch, input, hidden;
    int64_t checkpoint; /* of eddy_unroll_options */
} network_size;
typedef enum network_part {
    NETWORK_TRAINING,  /* loss, gradients, clipping, Adam */
    NETWORK_INFERENCE, /* the forward part */
    NETWORK_GRADIENTS, /* the gradients by all parameters */
    NETWORK_HESSIAN    /* the Hessian of the loss by all parameters times a vector */
} network_part;
extern const char *const network_part_names[]; /* "training", ... */
/* What is compiled. */
typedef struct network_step {
    eddy_list outputs, updates;
} network_step;
/* Its inputs are "x" and, but for the forward part, "y". */
network_step network_record_step(eddy_tape *tape, const network *n, const network_size *size, network_part part);
/* Sets the inputs of a step to numbers between -1 and 1. False with the tape's failure. */
bool network_fill(eddy_tape *tape);

#endif
