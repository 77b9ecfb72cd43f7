/* What network.c (layers on the tape) offers to explain.c (the whole network, its loss and gradients). */
#ifndef EDDY_EXPLAIN_NETWORK_INTERNAL_H
#define EDDY_EXPLAIN_NETWORK_INTERNAL_H

#include "network.h"

/* Values drawn from stream `stream`, uniform in [-1, 1) or normal; they live as long as the explanation. */
double *explain_random(explanation *e, uint64_t stream, int64_t count, bool normal);
eddy_var explain_leaf(eddy_tape *tape, const char *name, eddy_shape shape, const double *values);
bool explain_read(explanation *e, eddy_var var, double *to, int64_t count);

bool layer_make(explanation *e, eddy_tape *tape, layer *l, const layer_kind *kind, int direction, eddy_var x);
bool layer_quantities(explanation *e, layer *l);
bool layer_read_forward(explanation *e, layer *l);
void layer_wanted(const layer *l, eddy_tape *tape, eddy_list *leaves, eddy_list *steps);
int64_t layer_read_gradients(explanation *e, layer *l, const eddy_var *gradient);
quantity *layer_element(const layer *l, int leaf, int64_t index, int64_t *at);

#endif
