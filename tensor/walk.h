/* Steps through a tensor of any strides in row-major order. Assumes a tensor with at least one element; after
 * the last one the walk starts over, so callers count. */
#ifndef EDDY_WALK_H
#define EDDY_WALK_H

#include "tensor.h"

typedef struct eddy_walk {
    const eddy_tensor *tensor;
    int64_t index[EDDY_MAX_RANK];
    int64_t offset; /* of the current element, in elements */
} eddy_walk;

static inline void eddy_walk_next(eddy_walk *walk)
{
    for (int k = walk->tensor->shape.rank - 1; k >= 0; k--) {
        if (++walk->index[k] < walk->tensor->shape.dim[k]) {
            walk->offset += walk->tensor->stride[k];
            return;
        }
        walk->offset -= (walk->index[k] - 1) * walk->tensor->stride[k];
        walk->index[k] = 0;
    }
}

#endif
