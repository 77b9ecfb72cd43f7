/* Internal: the rules of views, one set for tensors (tensor.c) and for recorded ops (autograd/ops): which shape comes
 * out, or a sentence that does not name the call, and with which strides. */
#ifndef EDDY_LAYOUT_H
#define EDDY_LAYOUT_H

#include "tensor.h"

/* *out = asked with its one -1 inferred. */
bool eddy_layout_reshape(const eddy_shape *from, const eddy_shape *asked, eddy_shape *out, eddy_status *status);
/* The strides of out, which has a shape of as many elements as in; false if no view can do it. */
bool eddy_layout_reshape_strides(const eddy_tensor *in, eddy_tensor *out);
/* Axis k of *out is axis order[k] of `from`; those of `axes` may be negative. */
bool eddy_layout_permute(const eddy_shape *from, const eddy_shape *axes, int *order, eddy_shape *out,
                         eddy_status *status);
/* A new axis of length 1 before axis `at`. */
void eddy_layout_insert(eddy_shape *shape, int at);
bool eddy_layout_broadcast(const eddy_shape *from, const eddy_shape *to, eddy_status *status);
void eddy_layout_broadcast_strides(const eddy_tensor *in, eddy_tensor *out);

/* A part of a whole: what a slice takes out, and where a part is placed. */
typedef struct eddy_region {
    int64_t start[EDDY_MAX_RANK], step[EDDY_MAX_RANK], size[EDDY_MAX_RANK]; /* for each axis of the whole */
    unsigned dropped; /* axes that the part does not have (their size is 1) */
} eddy_region;
eddy_region eddy_region_whole(const eddy_shape *shape);
bool eddy_region_range(const eddy_shape *from, int axis, eddy_range range, eddy_region *out, eddy_status *status);
bool eddy_region_index(const eddy_shape *from, int axis, int64_t index, eddy_region *out, eddy_status *status);
eddy_shape eddy_region_shape(const eddy_region *region, int rank);
/* The strides of out, which has the region's shape; returns how many elements behind the whole's first it begins. */
int64_t eddy_region_strides(const eddy_region *region, const eddy_tensor *whole, eddy_tensor *out);

#endif
