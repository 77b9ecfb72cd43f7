/* Elementwise ops as one call, which goes over its operands tile by tile: each op is the row of elementwise.def as the
 * kernels have it, on a tile that stays in the nearest cache. For the files of autograd/program/ only. */
#ifndef EDDY_FUSED_H
#define EDDY_FUSED_H

#include "ir.h"

/* in and out are slots: first the call's operands, then its results, then temporaries of one tile. An op may read what
 * an op before it has written. */
typedef struct eddy_fused_op {
    const eddy_rule *rule; /* an elementwise one */
    int32_t count, in[3], out;
    int32_t node; /* the recorded one, among the program's */
} eddy_fused_op;

/* The attributes of eddy_ir_fused. Operands and results are seen along common axes, of which neighbours that all cross
 * with one stride are one; an operand's stride along the last one is 0 or 1, a result's 1. */
typedef struct eddy_fused {
    eddy_dtype dtype;
    int32_t rank; /* 1 at least */
    int64_t dim[EDDY_MAX_RANK];
    int32_t ops, operands, results, temporaries;
    eddy_shape shape;  /* of the results */
    int64_t first_dim; /* of the results' shape: rows that threads share */
    const eddy_fused_op *op;
    const int64_t *stride; /* of slot s along axis i: stride[s * rank + i] */
    const int32_t *when;   /* of an operand: the last op that reads it; of a result: the first that writes it */
} eddy_fused;

#endif
