/* Embedding, layer normalisation, and what one wants to know of parameters. */
#ifndef EDDY_EMBEDDING_H
#define EDDY_EMBEDDING_H

#include "init.h"
#include "ops.h"

EDDY_C_BEGIN

/* weight (V, D), index of any shape S: result S + (D,) */
EDDY_SITED eddy_var eddy_embedding(eddy_var weight, eddy_var index);
/* NAME.weight (count, size), N(0, 1) as PyTorch's. eddy_embedding(e.weight, index) looks up. */
typedef struct eddy_embedding_table {
    eddy_var weight;
} eddy_embedding_table;
EDDY_SITED eddy_embedding_table eddy_embedding_new(eddy_tape *tape, const char *name, int64_t count, int64_t size);
EDDY_SITED eddy_var eddy_embed(const eddy_embedding_table *table, eddy_var index);

/* y = (x - mean) / sqrt(var + eps) * weight + bias over the last axis (Ba, Kiros & Hinton 2016, eq. 3 and 4; population
 * variance, as PyTorch). */
typedef struct eddy_layer_norm {
    eddy_var weight, bias; /* (size) */
    double eps;            /* 1e-5 */
} eddy_layer_norm;
EDDY_SITED eddy_layer_norm eddy_layer_norm_new(eddy_tape *tape, const char *name, int64_t size);
EDDY_SITED eddy_var eddy_normalise(const eddy_layer_norm *norm, eddy_var x);

/* The number of elements of all vars of a list (eddy_parameters(tape): of the model). */
EDDY_API int64_t eddy_count_elements(eddy_list vars);
/* The list without the vars whose names begin with a prefix: eddy_without(eddy_parameters(tape), "encoder.") freezes
 * the encoder when it is what is differentiated by and updated. */
EDDY_SITED eddy_list eddy_without(eddy_list vars, const char *prefix);

EDDY_C_END
#include "embedding_calls.h"
#endif
