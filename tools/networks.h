/* The networks that the program knows by name, for `eddy graph` and `eddy explain`: every built-in cell unrolled over
 * the steps, and what is composed of cells. */
#ifndef EDDY_NETWORKS_H
#define EDDY_NETWORKS_H

#include <eddy/eddy.h>

typedef struct network {
    const char *name, *title;
    const char *cell; /* of nn/cells.def */
    bool both;        /* a second cell of that kind runs in reverse; outputs are joined */
    bool attention;   /* additive attention over the outputs, the query being the last one */
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
eddy_var network_record(eddy_tape *tape, const network *n, eddy_var x, int64_t hidden);

typedef struct network_size {
    int64_t steps, batch, input, hidden;
} network_size;
/* What is compiled. */
typedef struct network_step {
    eddy_list outputs, updates;
} network_step;
/* The forward part, or a whole training step: loss, gradients, clipping, Adam. Its inputs are "x" and "y". */
network_step network_record_step(eddy_tape *tape, const network *n, const network_size *size, bool inference);
/* Sets the inputs of a step to numbers between -1 and 1. False with the tape's failure. */
bool network_fill(eddy_tape *tape);

#endif
