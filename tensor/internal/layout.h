/* Internal: what may be done with a tensor, and the rules of views, one set for tensors (tensor.c) and for recorded ops
 * (autograd/ops): which shape comes out, or a sentence that does not name the call, and with which strides. */
#ifndef EDDY_LAYOUT_H
#define EDDY_LAYOUT_H

#include "tensor.h"

/* A part of a whole: what a slice takes out, and where a part is placed. */
typedef struct eddy_region {
    int64_t start[EDDY_MAX_RANK], step[EDDY_MAX_RANK], size[EDDY_MAX_RANK]; /* for each axis of the whole */
    unsigned dropped; /* axes that the part does not have (their size is 1) */
} eddy_region;
eddy_region eddy_region_whole(const eddy_shape *shape);
eddy_shape eddy_region_shape(const eddy_region *region, int rank);

/* What a view is asked to show. */
typedef struct eddy_asked {
    eddy_shape shape; /* to reshape or to broadcast to, one dimension to reshape to may be -1; axes to permute to */
    int axis;         /* of a range or an index */
    eddy_range range; /* an index: its start */
} eddy_asked;

/* What the strides follow from. */
typedef union eddy_layout {
    eddy_region region;       /* of a range or an index */
    int order[EDDY_MAX_RANK]; /* of a permutation: axis k is axis order[k] of the whole */
} eddy_layout;

typedef bool eddy_shaping(const eddy_shape *from, const eddy_asked *asked, eddy_shape *to, eddy_layout *layout,
                          eddy_status *status);

/* The strides of out, which has the shape, and how many elements behind in's first it begins; false if no view can do
 * it. `layout` points to the member of the union that the kind of view has, if it has one. */
typedef bool eddy_striding(const void *layout, const eddy_tensor *in, eddy_tensor *out, int64_t *offset);
eddy_striding eddy_strides_same, eddy_strides_reshape, eddy_strides_permute, eddy_strides_broadcast,
    eddy_strides_region;

/* A kind of view. */
typedef struct eddy_view {
    eddy_shaping *shaping;
    eddy_striding *striding;
    size_t size; /* bytes of the layout that the strides need */
} eddy_view;
extern const eddy_view eddy_view_reshape, eddy_view_permute, eddy_view_broadcast, eddy_view_range, eddy_view_index;

/* Whether a call can use a tensor; else a sentence about it. */
bool eddy_check_tensor(const char *call, const eddy_tensor *tensor, eddy_status *status);
/* A new axis of length 1 before axis `at`. */
void eddy_shape_insert(eddy_shape *shape, int at);

#endif
