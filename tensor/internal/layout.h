/* Internal: the rules of views, one set for tensors (view.c) and for recorded ops (autograd/ops): which shape comes
 * out, or a sentence that does not name the call, and with which strides. */
#ifndef EDDY_LAYOUT_H
#define EDDY_LAYOUT_H

#include "tensor.h"

/* *out = asked with its one -1 inferred. */
bool eddy_layout_reshape(const eddy_shape *from, const eddy_shape *asked, eddy_shape *out, eddy_status *status);
/* The strides of out, which has a shape of as many elements as in; false if no view can do it. */
bool eddy_layout_reshape_strides(const eddy_tensor *in, eddy_tensor *out);
/* Axis k of *out is axis order[k] of `from`; axes[0 .. count) may be negative. */
bool eddy_layout_permute(const eddy_shape *from, int count, const int64_t *axes, int *order, eddy_shape *out,
                         eddy_status *status);
/* Python's start:stop:step of an axis. */
typedef struct eddy_steps {
    int64_t start, stop, step;
    int64_t length; /* how many indices these are */
} eddy_steps;
/* Of axis `at`, which exists: start becomes the first index, and length is filled in. */
bool eddy_layout_slice(const eddy_shape *from, int at, eddy_steps *steps, eddy_status *status);
/* An axis and an index that may be negative become 0 .. rank-1 and 0 .. dim-1. */
bool eddy_layout_axis(const eddy_shape *from, int axis, int *at, eddy_status *status);
bool eddy_layout_index(const eddy_shape *from, int at, int64_t *index, eddy_status *status);
bool eddy_layout_broadcast(const eddy_shape *from, const eddy_shape *to, eddy_status *status);
void eddy_layout_broadcast_strides(const eddy_tensor *in, eddy_tensor *out);

#endif
