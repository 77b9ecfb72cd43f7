/* Shapes, and the tensors and views made of them. Assumes that a tensor handed in either came from here or has a data
 * pointer, strides and shape that agree; shapes themselves are not trusted. Only copying touches elements, and it
 * leaves that to a kernel. */
#include "tensor.h"
#include "kernels.h"

#include <stdio.h>
#include <string.h>

enum { ALIGNMENT = 64 }; /* a cache line, and the widest vector register */

size_t eddy_dtype_size(eddy_dtype dtype)
{
    switch (dtype) {
    case EDDY_F32:
    case EDDY_I32:
        return 4;
    case EDDY_F64:
    case EDDY_I64:
        return 8;
    }
    return 0;
}

const char *eddy_dtype_name(eddy_dtype dtype)
{
    switch (dtype) {
    case EDDY_F32:
        return "f32";
    case EDDY_F64:
        return "f64";
    case EDDY_I32:
        return "i32";
    case EDDY_I64:
        return "i64";
    }
    return "no dtype";
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
    if (rank > EDDY_MAX_RANK)
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
    if (a->rank != b->rank || !rank_is_valid(a->rank))
        return false;
    for (int k = 0; k < a->rank; k++)
        if (a->dim[k] != b->dim[k])
            return false;
    return true;
}

eddy_shape_text eddy_shape_format(const eddy_shape *shape)
{
    eddy_shape_text text;
    if (!shape || !rank_is_valid(shape->rank)) {
        snprintf(text.text, sizeof text.text, "(no shape: more than %d axes)", EDDY_MAX_RANK);
        return text;
    }
    size_t used = (size_t)snprintf(text.text, sizeof text.text, "(");
    for (int k = 0; k < shape->rank; k++) {
        /* The longest dimension, its comma, and the ellipsis that replaces what does not fit. */
        if (used + 22 + 5 > sizeof text.text) {
            used += (size_t)snprintf(text.text + used, sizeof text.text - used, ", ...");
            break;
        }
        used += (size_t)snprintf(text.text + used, sizeof text.text - used, "%s%lld", k ? ", " : "",
                                 (long long)shape->dim[k]);
    }
    snprintf(text.text + used, sizeof text.text - used, shape->rank == 1 ? ",)" : ")");
    return text;
}

bool eddy_shape_broadcast(const eddy_shape *a, const eddy_shape *b, eddy_shape *out)
{
    if (!rank_is_valid(a->rank) || !rank_is_valid(b->rank))
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
    if (axis < -rank || axis >= rank)
        return -1;
    return axis < 0 ? axis + rank : axis;
}

static void set_contiguous_strides(eddy_tensor *tensor)
{
    int64_t stride = 1;
    for (int k = tensor->shape.rank - 1; k >= 0; k--) {
        tensor->stride[k] = stride;
        stride *= tensor->shape.dim[k] ? tensor->shape.dim[k] : 1;
    }
}

bool eddy_tensor_new(eddy_tensor *out, eddy_dtype dtype, eddy_shape shape, eddy_status *status)
{
    *out = (eddy_tensor){ 0 };
    size_t size = eddy_dtype_size(dtype);
    if (!size)
        return eddy_status_fail(status, "eddy_tensor_new: %d is no dtype; use EDDY_F32, EDDY_F64, EDDY_I32 or EDDY_I64",
                                (int)dtype);
    int64_t count = eddy_shape_count(&shape);
    if (count < 0)
        return eddy_status_fail(
            status,
            "eddy_tensor_new: %s is not a shape that memory can hold; a tensor has 0 to %d axes, each of "
            "length 0 or more",
            eddy_shape_format(&shape).text, EDDY_MAX_RANK);
    void *block = NULL;
    if ((uint64_t)count <= (PTRDIFF_MAX - ALIGNMENT) / size)
        block = eddy_allocate((size_t)count * size + ALIGNMENT, 1);
    if (!block)
        return eddy_status_fail(status, "out of memory: no %lld bytes for a tensor of %s with shape %s",
                                (long long)count * (long long)size, eddy_dtype_name(dtype),
                                eddy_shape_format(&shape).text);
    eddy_tensor tensor = { .dtype = dtype, .shape = shape, .owned = block };
    tensor.data = (char *)block + (ALIGNMENT - (uintptr_t)block % ALIGNMENT);
    set_contiguous_strides(&tensor);
    *out = tensor;
    return true;
}

eddy_tensor eddy_tensor_wrap(void *data, eddy_dtype dtype, eddy_shape shape)
{
    eddy_tensor tensor = { .data = data, .dtype = dtype, .shape = shape };
    if (eddy_shape_count(&shape) >= 0)
        set_contiguous_strides(&tensor);
    return tensor;
}

void eddy_tensor_free(eddy_tensor *tensor)
{
    if (!tensor)
        return;
    eddy_free(tensor->owned);
    *tensor = (eddy_tensor){ 0 };
}

int64_t eddy_tensor_count(const eddy_tensor *tensor)
{
    return eddy_shape_count(&tensor->shape);
}

bool eddy_tensor_is_contiguous(const eddy_tensor *tensor)
{
    int64_t expected = 1;
    if (eddy_tensor_count(tensor) <= 0)
        return true;
    for (int k = tensor->shape.rank - 1; k >= 0; k--) {
        if (tensor->shape.dim[k] != 1 && tensor->stride[k] != expected)
            return false;
        expected *= tensor->shape.dim[k];
    }
    return true;
}

static double element(const eddy_tensor *tensor, int64_t offset)
{
    switch (tensor->dtype) {
    case EDDY_F32:
        return (double)((const float *)tensor->data)[offset];
    case EDDY_F64:
        return ((const double *)tensor->data)[offset];
    case EDDY_I32:
        return (double)((const int32_t *)tensor->data)[offset];
    case EDDY_I64:
        return (double)((const int64_t *)tensor->data)[offset];
    }
    return 0;
}

double eddy_tensor_at(const eddy_tensor *tensor, const int64_t *index)
{
    int64_t offset = 0;
    for (int k = 0; k < tensor->shape.rank; k++)
        offset += index[k] * tensor->stride[k];
    return element(tensor, offset);
}

double eddy_tensor_flat(const eddy_tensor *tensor, int64_t flat)
{
    int64_t offset = 0;
    for (int k = tensor->shape.rank - 1; k >= 0; k--) {
        offset += flat % tensor->shape.dim[k] * tensor->stride[k];
        flat /= tensor->shape.dim[k];
    }
    return element(tensor, offset);
}

static bool check_tensor(const char *call, const eddy_tensor *tensor, eddy_status *status)
{
    if (!tensor)
        return eddy_status_fail(status, "%s: a tensor is NULL", call);
    if (!eddy_dtype_size(tensor->dtype))
        return eddy_status_fail(status, "%s: a tensor has no dtype (%d); it was freed, or never made", call,
                                (int)tensor->dtype);
    if (eddy_tensor_count(tensor) < 0)
        return eddy_status_fail(
            status, "%s: a tensor has the impossible shape %s; a tensor has 0 to %d axes, each of length 0 or more",
            call, eddy_shape_format(&tensor->shape).text, EDDY_MAX_RANK);
    if (!tensor->data && eddy_tensor_count(tensor) > 0)
        return eddy_status_fail(status, "%s: a tensor of shape %s has no data", call,
                                eddy_shape_format(&tensor->shape).text);
    return true;
}

bool eddy_tensor_copy(const eddy_tensor *to, const eddy_tensor *from, eddy_status *status)
{
    if (!check_tensor("eddy_tensor_copy", to, status) || !check_tensor("eddy_tensor_copy", from, status))
        return false;
    if (!eddy_shape_equal(&to->shape, &from->shape))
        return eddy_status_fail(
            status,
            "eddy_tensor_copy: the shape to copy to is %s and the shape to copy from is %s; they must be "
            "equal (broadcast first)",
            eddy_shape_format(&to->shape).text, eddy_shape_format(&from->shape).text);
    if (eddy_tensor_count(from) > 0)
        eddy_kernel_copy(from, to);
    return true;
}

/* A view made in place of its own source keeps the source's block, or it would leak. */
static bool give_view(eddy_tensor *out, const eddy_tensor *in, eddy_tensor view)
{
    view.owned = out == in ? in->owned : NULL;
    *out = view;
    return true;
}

/* A view without elements may lie anywhere; moving its pointer could leave the block. */
static void *element_address(const eddy_tensor *view, int64_t offset)
{
    if (!offset || eddy_tensor_count(view) == 0)
        return view->data;
    return (char *)view->data + offset * (int64_t)eddy_dtype_size(view->dtype);
}

static bool infer_dimension(const eddy_tensor *in, eddy_shape *shape, eddy_status *status)
{
    const eddy_shape asked = *shape;
    int unknown = -1;
    for (int k = 0; k < shape->rank; k++) {
        if (shape->dim[k] != -1)
            continue;
        if (unknown >= 0)
            return eddy_status_fail(
                status, "eddy_tensor_reshape: the shape %s has more than one -1; only one dimension can be inferred",
                eddy_shape_format(&asked).text);
        unknown = k;
    }
    if (unknown >= 0)
        shape->dim[unknown] = 1;
    int64_t count = eddy_tensor_count(in), known = eddy_shape_count(shape);
    if (known < 0)
        return eddy_status_fail(
            status, "eddy_tensor_reshape: %s is not a shape; a tensor has 0 to %d axes, each of length 0 or more",
            eddy_shape_format(&asked).text, EDDY_MAX_RANK);
    if (unknown >= 0 && known > 0 && count % known == 0)
        shape->dim[unknown] = count / known;
    else if (unknown >= 0 && known == 0)
        return eddy_status_fail(
            status, "eddy_tensor_reshape: the -1 in %s cannot be inferred beside a dimension 0; write it out",
            eddy_shape_format(&asked).text);
    else if (unknown >= 0 || known != count)
        return eddy_status_fail(status, "eddy_tensor_reshape: %s holds %lld elements, which do not fill %s",
                                eddy_shape_format(&in->shape).text, (long long)count, eddy_shape_format(&asked).text);
    return true;
}

/* Splits both shapes into the shortest runs of axes with equal products; each run of the old one must lie in memory
 * like one axis. */
static bool reshape_strides(const eddy_tensor *in, eddy_tensor *view)
{
    int64_t dim[EDDY_MAX_RANK], stride[EDDY_MAX_RANK];
    int rank = 0;
    for (int k = 0; k < in->shape.rank; k++) {
        if (in->shape.dim[k] == 1)
            continue;
        dim[rank] = in->shape.dim[k];
        stride[rank++] = in->stride[k];
    }
    int from = 0, to = 0;
    while (from < rank) {
        int from_end = from + 1, to_end = to + 1;
        int64_t p = dim[from], q = view->shape.dim[to];
        while (p != q) {
            if (p < q)
                p *= dim[from_end++];
            else
                q *= view->shape.dim[to_end++];
        }
        for (int k = from; k + 1 < from_end; k++)
            if (stride[k] != dim[k + 1] * stride[k + 1])
                return false;
        int64_t step = stride[from_end - 1];
        for (int k = to_end - 1; k >= to; k--) {
            view->stride[k] = step;
            step *= view->shape.dim[k];
        }
        from = from_end;
        to = to_end;
    }
    for (; to < view->shape.rank; to++)
        view->stride[to] = 1;
    return true;
}

bool eddy_tensor_reshape(eddy_tensor *out, const eddy_tensor *in, eddy_shape shape, eddy_status *status)
{
    if (!check_tensor("eddy_tensor_reshape", in, status) || !infer_dimension(in, &shape, status))
        return false;
    eddy_tensor view = { .data = in->data, .dtype = in->dtype, .shape = shape };
    if (eddy_tensor_count(in) == 0)
        set_contiguous_strides(&view);
    else if (!reshape_strides(in, &view))
        return eddy_status_fail(
            status,
            "eddy_tensor_reshape: this view of shape %s is not laid out so that %s could be a view of it; "
            "copy it first",
            eddy_shape_format(&in->shape).text, eddy_shape_format(&shape).text);
    return give_view(out, in, view);
}

bool eddy_tensor_permute(eddy_tensor *out, const eddy_tensor *in, const int *axes, eddy_status *status)
{
    if (!check_tensor("eddy_tensor_permute", in, status))
        return false;
    if (!axes && in->shape.rank)
        return eddy_status_fail(status, "eddy_tensor_permute: axes is NULL for a tensor of shape %s",
                                eddy_shape_format(&in->shape).text);
    eddy_tensor view = *in;
    unsigned seen = 0;
    for (int k = 0; k < in->shape.rank; k++) {
        int axis = eddy_axis_index(axes[k], in->shape.rank);
        if (axis < 0)
            return eddy_status_fail(status, "eddy_tensor_permute: axis %d does not exist in a tensor of shape %s",
                                    axes[k], eddy_shape_format(&in->shape).text);
        if (seen & 1u << axis)
            return eddy_status_fail(status,
                                    "eddy_tensor_permute: axis %d is named twice; each axis of %s must be named once",
                                    axes[k], eddy_shape_format(&in->shape).text);
        seen |= 1u << axis;
        view.shape.dim[k] = in->shape.dim[axis];
        view.stride[k] = in->stride[axis];
    }
    return give_view(out, in, view);
}

/* A Python slice bound on an axis of length n, clamped to low..high; counts from the end when negative. */
static int64_t slice_bound(int64_t at, int64_t n, int64_t low, int64_t high)
{
    if (at < 0)
        at += n;
    return at < low ? low : at > high ? high : at;
}

bool eddy_tensor_slice(eddy_tensor *out, const eddy_tensor *in, int axis, int64_t start, int64_t stop, int64_t step,
                       eddy_status *status)
{
    if (!check_tensor("eddy_tensor_slice", in, status))
        return false;
    int k = eddy_axis_index(axis, in->shape.rank);
    if (k < 0)
        return eddy_status_fail(status, "eddy_tensor_slice: axis %d does not exist in a tensor of shape %s", axis,
                                eddy_shape_format(&in->shape).text);
    if (step == 0)
        return eddy_status_fail(status,
                                "eddy_tensor_slice: the step along axis %d of %s is 0; it must be positive or negative",
                                axis, eddy_shape_format(&in->shape).text);
    int64_t n = in->shape.dim[k], length;
    if (step > 0) {
        start = slice_bound(start, n, 0, n);
        stop = slice_bound(stop, n, 0, n); /* EDDY_END is beyond every axis */
        length = start < stop ? (stop - start - 1) / step + 1 : 0;
    } else {
        start = slice_bound(start, n, -1, n - 1);
        stop = stop == EDDY_END ? -1 : slice_bound(stop, n, -1, n - 1);
        length = start > stop ? (int64_t)((uint64_t)(start - stop - 1) / (0 - (uint64_t)step)) + 1 : 0;
    }
    eddy_tensor view = *in;
    view.shape.dim[k] = length;
    if (length > 1) /* or the product with a huge step could overflow, and means nothing */
        view.stride[k] = in->stride[k] * step;
    view.data = element_address(&view, length ? start * in->stride[k] : 0);
    return give_view(out, in, view);
}

bool eddy_tensor_select(eddy_tensor *out, const eddy_tensor *in, int axis, int64_t index, eddy_status *status)
{
    if (!check_tensor("eddy_tensor_select", in, status))
        return false;
    int k = eddy_axis_index(axis, in->shape.rank);
    if (k < 0)
        return eddy_status_fail(status, "eddy_tensor_select: axis %d does not exist in a tensor of shape %s", axis,
                                eddy_shape_format(&in->shape).text);
    int64_t n = in->shape.dim[k];
    if (index < -n || index >= n)
        return eddy_status_fail(status,
                                "eddy_tensor_select: index %lld is out of range for axis %d of a tensor of shape %s",
                                (long long)index, axis, eddy_shape_format(&in->shape).text);
    eddy_tensor view = *in;
    view.shape.rank--;
    for (int j = k; j < view.shape.rank; j++) {
        view.shape.dim[j] = in->shape.dim[j + 1];
        view.stride[j] = in->stride[j + 1];
    }
    view.shape.dim[view.shape.rank] = view.stride[view.shape.rank] = 0;
    view.data = element_address(&view, (index < 0 ? index + n : index) * in->stride[k]);
    return give_view(out, in, view);
}

bool eddy_tensor_broadcast(eddy_tensor *out, const eddy_tensor *in, eddy_shape shape, eddy_status *status)
{
    if (!check_tensor("eddy_tensor_broadcast", in, status))
        return false;
    eddy_shape common;
    if (eddy_shape_count(&shape) < 0 || !eddy_shape_broadcast(&in->shape, &shape, &common) ||
        !eddy_shape_equal(&common, &shape))
        return eddy_status_fail(
            status,
            "eddy_tensor_broadcast: %s does not broadcast to %s; aligned right, each dimension must be equal or 1",
            eddy_shape_format(&in->shape).text, eddy_shape_format(&shape).text);
    eddy_tensor view = { .data = in->data, .dtype = in->dtype, .shape = shape };
    int added = shape.rank - in->shape.rank;
    for (int k = 0; k < in->shape.rank; k++)
        view.stride[added + k] = in->shape.dim[k] == 1 ? 0 : in->stride[k];
    return give_view(out, in, view);
}
