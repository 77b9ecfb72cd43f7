/* Element types, shapes, and the rules of views; see tensor.h and layout.h. Shapes are not trusted. */
#include "layout.h"
#include "text_buffer.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
} dtypes[] = { { "no dtype", 0 },
               [EDDY_F32] = { "f32", 4 },
               [EDDY_F64] = { "f64", 8 },
               [EDDY_I32] = { "i32", 4 },
               [EDDY_I64] = { "i64", 8 } };

/* Where the table describes a dtype. */
static size_t row(eddy_dtype dtype)
{
    return dtype >= EDDY_F32 && dtype <= EDDY_I64 ? (size_t)dtype : 0;
}

size_t eddy_dtype_size(eddy_dtype dtype)
{
    return dtypes[row(dtype)].size;
}

const char *eddy_dtype_name(eddy_dtype dtype)
{
    return dtypes[row(dtype)].name;
}

bool eddy_dtype_is_float(eddy_dtype dtype)
{
    return dtype == EDDY_F32 || dtype == EDDY_F64;
}

static bool rank_is_valid(int rank)
{
    return rank >= 0 && rank <= EDDY_MAX_RANK;
}

eddy_shape eddy_shape_make(size_t rank, const int64_t *dim)
{
    eddy_shape shape = { .rank = -1 };
    if (rank > EDDY_MAX_RANK || (rank && !dim))
        return shape;
    shape.rank = (int)rank;
    for (size_t k = 0; k < rank; k++)
        shape.dim[k] = dim[k];
    return shape;
}

/* The product of the dimensions other than 0 must fit too, so that strides never overflow. */
int64_t eddy_shape_count(const eddy_shape *shape)
{
    if (!shape || !rank_is_valid(shape->rank))
        return -1;
    int64_t product = 1;
    bool empty = false;
    for (int k = 0; k < shape->rank; k++) {
        int64_t dim = shape->dim[k];
        if (dim < 0 || (dim > 0 && product > INT64_MAX / 8 / dim))
            return -1;
        if (dim)
            product *= dim;
        else
            empty = true;
    }
    return empty ? 0 : product;
}

bool eddy_shape_equal(const eddy_shape *a, const eddy_shape *b)
{
    if (!a || !b || a->rank != b->rank || !rank_is_valid(a->rank))
        return false;
    for (int k = 0; k < a->rank; k++)
        if (a->dim[k] != b->dim[k])
            return false;
    return true;
}

eddy_shape_text eddy_shape_format(const eddy_shape *shape)
{
    eddy_shape_text out = { "(" };
    if (!shape || !rank_is_valid(shape->rank)) {
        snprintf(out.text, sizeof out.text, "(no shape: more than %d axes)", EDDY_MAX_RANK);
        return out;
    }
    for (int k = 0; k < shape->rank; k++) {
        /* The longest dimension, its comma, and the ellipsis that replaces what does not fit. */
        if (strlen(out.text) + 22 + 5 > sizeof out.text) {
            eddy_append(out.text, sizeof out.text, ", ...");
            break;
        }
        eddy_append(out.text, sizeof out.text, "%s%lld", k ? ", " : "", (long long)shape->dim[k]);
    }
    eddy_append(out.text, sizeof out.text, shape->rank == 1 ? ",)" : ")");
    return out;
}

bool eddy_shape_broadcast(const eddy_shape *a, const eddy_shape *b, eddy_shape *out)
{
    if (!a || !b || !out || !rank_is_valid(a->rank) || !rank_is_valid(b->rank))
        return false;
    eddy_shape result = { .rank = a->rank > b->rank ? a->rank : b->rank };
    for (int k = 1; k <= result.rank; k++) {
        int64_t p = k <= a->rank ? a->dim[a->rank - k] : 1, q = k <= b->rank ? b->dim[b->rank - k] : 1;
        if (p != q && p != 1 && q != 1)
            return false;
        result.dim[result.rank - k] = p == 1 ? q : p;
    }
    *out = result;
    return true;
}

int eddy_axis_index(int axis, int rank)
{
    if (rank < 0 || axis < -rank || axis >= rank)
        return -1;
    return axis < 0 ? axis + rank : axis;
}

/* ---- The rules of views ---- */

static bool shaping_reshape(const eddy_shape *from, const eddy_asked *asked, eddy_shape *out, eddy_layout *layout,
                            eddy_status *status)
{
    (void)layout;
    const char *why = NULL;
    int unknown = -1;
    *out = asked->shape;
    for (int k = 0; k < out->rank && k < EDDY_MAX_RANK; k++)
        if (out->dim[k] == -1) {
            why = unknown >= 0 ? "there is more than one -1" : NULL;
            unknown = k;
            out->dim[k] = 1;
        }
    int64_t count = eddy_shape_count(from), known = eddy_shape_count(out);
    if (!why && known < 0)
        why = "that is not a shape: 0 to 8 axes, each of length 0 or more";
    else if (!why && unknown >= 0 && known == 0)
        why = "the -1 cannot be inferred beside a dimension 0; write it out";
    else if (!why && (unknown >= 0 ? count % known != 0 : known != count))
        why = "the numbers of elements do not agree";
    if (why)
        return eddy_status_fail(status, "shape %s (%lld elements) cannot become %s: %s", eddy_shape_format(from).text,
                                (long long)count, eddy_shape_format(&asked->shape).text, why);
    if (unknown >= 0)
        out->dim[unknown] = count / known;
    return true;
}

/* From the last axis on: the longest run of old axes that lies in memory like one axis is divided among new axes, whose
 * product must be its length. */
bool eddy_strides_reshape(const void *layout, const eddy_tensor *in, eddy_tensor *out, int64_t *offset)
{
    (void)layout, (void)offset;
    if (eddy_tensor_count(in) == 0) {
        *out = eddy_tensor_wrap(out->data, out->dtype, out->shape);
        return true;
    }
    int64_t run = 1, step = 1; /* what is left of the run, and its elements' distance */
    for (int to = out->shape.rank - 1, from = in->shape.rank; to >= 0; to--) {
        int64_t size = out->shape.dim[to];
        if (run == 1 && size > 1) {
            while (in->shape.dim[from - 1] == 1)
                from--;
            step = in->stride[from - 1];
            while (from > 0 && (in->shape.dim[from - 1] == 1 || in->stride[from - 1] == run * step))
                run *= in->shape.dim[--from];
        }
        if (run % size)
            return false;
        out->stride[to] = step;
        step *= size;
        run /= size;
    }
    return true;
}

static bool shaping_permute(const eddy_shape *from, const eddy_asked *asked, eddy_shape *out, eddy_layout *layout,
                            eddy_status *status)
{
    const eddy_shape *axes = &asked->shape;
    unsigned seen = 0;
    *out = *from;
    for (int k = 0; k < from->rank && axes->rank == from->rank; k++) {
        int64_t axis = axes->dim[k] < 0 ? axes->dim[k] + from->rank : axes->dim[k];
        if (axis < 0 || axis >= from->rank)
            break;
        seen |= 1u << axis;
        layout->order[k] = (int)axis;
        out->dim[k] = from->dim[axis];
    }
    return (axes->rank == from->rank && seen == (1u << from->rank) - 1) ||
           eddy_status_fail(status, "%s is no permutation of the %d axes of shape %s", eddy_shape_format(axes).text,
                            from->rank, eddy_shape_format(from).text);
}

bool eddy_strides_permute(const void *layout, const eddy_tensor *in, eddy_tensor *out, int64_t *offset)
{
    (void)offset;
    for (int k = 0; k < in->shape.rank; k++)
        out->stride[k] = in->stride[((const int *)layout)[k]];
    return true;
}

static bool shaping_broadcast(const eddy_shape *from, const eddy_asked *asked, eddy_shape *out, eddy_layout *layout,
                              eddy_status *status)
{
    (void)layout;
    return (eddy_shape_count(&asked->shape) >= 0 && eddy_shape_broadcast(from, &asked->shape, out) &&
            eddy_shape_equal(out, &asked->shape)) ||
           eddy_status_fail(
               status, "shape %s does not broadcast to %s: aligned at the right, each dimension must be equal or 1",
               eddy_shape_format(from).text, eddy_shape_format(&asked->shape).text);
}

bool eddy_strides_broadcast(const void *layout, const eddy_tensor *in, eddy_tensor *out, int64_t *offset)
{
    (void)layout, (void)offset;
    int added = out->shape.rank - in->shape.rank;
    for (int k = 0; k < out->shape.rank; k++)
        out->stride[k] = k < added || in->shape.dim[k - added] == 1 ? 0 : in->stride[k - added];
    return true;
}

bool eddy_strides_same(const void *layout, const eddy_tensor *in, eddy_tensor *out, int64_t *offset)
{
    (void)layout, (void)offset;
    memcpy(out->stride, in->stride, sizeof out->stride);
    return true;
}

void eddy_shape_insert(eddy_shape *shape, int at)
{
    memmove(&shape->dim[at + 1], &shape->dim[at], (size_t)(shape->rank++ - at) * sizeof *shape->dim);
    shape->dim[at] = 1;
}

/* ---- Regions ---- */

eddy_region eddy_region_whole(const eddy_shape *shape)
{
    eddy_region region = { 0 };
    for (int i = 0; i < shape->rank; i++) {
        region.step[i] = 1;
        region.size[i] = shape->dim[i];
    }
    return region;
}

static int axis_of(const eddy_shape *from, int axis, eddy_status *status)
{
    int at = eddy_axis_index(axis, from->rank);
    if (at < 0)
        eddy_status_fail(status, "axis %d is out of range for shape %s", axis, eddy_shape_format(from).text);
    return at;
}

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* As Python's slice.indices() has it; EDDY_END lies beyond every axis, whichever way the step goes. */
static bool shaping_range(const eddy_shape *from, const eddy_asked *asked, eddy_shape *to, eddy_layout *layout,
                          eddy_status *status)
{
    eddy_region *out = &layout->region;
    eddy_range r = asked->range;
    int at = axis_of(from, asked->axis, status);
    if (at < 0)
        return false;
    if (r.step == 0)
        return eddy_status_fail(status, "the step along axis %d of shape %s is 0; it must be positive or negative", at,
                                eddy_shape_format(from).text);
    int64_t n = from->dim[at], low = r.step > 0 ? 0 : -1, high = r.step > 0 ? n : n - 1;
    int64_t start = clamp(r.start < 0 ? r.start + n : r.start, low, high);
    int64_t stop = clamp(r.stop < 0 ? r.stop + n : r.stop, low, high);
    if (r.stop == EDDY_END && r.step < 0)
        stop = -1;
    uint64_t stride = r.step > 0 ? (uint64_t)r.step : 0 - (uint64_t)r.step;
    int64_t distance = r.step > 0 ? stop - start : start - stop;
    int64_t length = distance > 0 ? (int64_t)((uint64_t)(distance - 1) / stride) + 1 : 0;
    *out = eddy_region_whole(from);
    out->start[at] = length ? start : 0;
    out->step[at] = length > 1 ? r.step : 1; /* an unused step may be too large to be multiplied by a stride */
    out->size[at] = length;
    *to = eddy_region_shape(out, from->rank);
    return true;
}

static bool shaping_index(const eddy_shape *from, const eddy_asked *asked, eddy_shape *to, eddy_layout *layout,
                          eddy_status *status)
{
    eddy_region *out = &layout->region;
    int at = axis_of(from, asked->axis, status);
    if (at < 0)
        return false;
    int64_t n = from->dim[at], index = asked->range.start;
    if (index < -n || index >= n)
        return eddy_status_fail(status, "index %lld is out of range for axis %d of shape %s", (long long)index, at,
                                eddy_shape_format(from).text);
    *out = eddy_region_whole(from);
    out->start[at] = index < 0 ? index + n : index;
    out->size[at] = 1;
    out->dropped = 1u << at;
    *to = eddy_region_shape(out, from->rank);
    return true;
}

eddy_shape eddy_region_shape(const eddy_region *region, int rank)
{
    eddy_shape shape = { 0 };
    for (int i = 0; i < rank; i++)
        if (!(region->dropped >> i & 1))
            shape.dim[shape.rank++] = region->size[i];
    return shape;
}

bool eddy_strides_region(const void *layout, const eddy_tensor *in, eddy_tensor *out, int64_t *offset)
{
    const eddy_region *region = layout;
    int64_t first = 0;
    for (int i = 0, j = 0; i < in->shape.rank; i++) {
        first += region->start[i] * in->stride[i];
        if (!(region->dropped >> i & 1))
            out->stride[j++] = region->step[i] * in->stride[i];
    }
    *offset =
        eddy_tensor_count(out) ? first : 0; /* without elements it may lie anywhere, so not outside of the block */
    return true;
}

const eddy_view eddy_view_reshape = { shaping_reshape, eddy_strides_reshape, 0 },
                eddy_view_permute = { shaping_permute, eddy_strides_permute, sizeof(int[EDDY_MAX_RANK]) },
                eddy_view_broadcast = { shaping_broadcast, eddy_strides_broadcast, 0 },
                eddy_view_range = { shaping_range, eddy_strides_region, sizeof(eddy_region) },
                eddy_view_index = { shaping_index, eddy_strides_region, sizeof(eddy_region) };
