/* Tensors: their memory, their elements, and views of them. Assumes that a tensor handed in either came from here or
 * has a data pointer, strides and shape that agree; shapes themselves are not trusted. Only copying touches elements,
 * and it leaves that to a kernel. */
#include "tensor.h"
#include "layout.h"

#include <stdio.h>
#include <string.h>

enum { ALIGNMENT = 64 }; /* a cache line, and the widest vector register */

bool eddy_tensor_new(eddy_tensor *out, eddy_dtype dtype, eddy_shape shape, eddy_status *status)
{
    if (!out)
        return eddy_status_fail(status, "eddy_tensor_new: there is no place for the tensor (out is NULL)");
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
    *out = eddy_tensor_wrap((char *)block + (ALIGNMENT - (uintptr_t)block % ALIGNMENT), dtype, shape);
    out->owned = block;
    return true;
}

eddy_tensor eddy_tensor_wrap(void *data, eddy_dtype dtype, eddy_shape shape)
{
    eddy_tensor tensor = { .data = data, .dtype = dtype, .shape = shape };
    int64_t stride = 1;
    for (int k = eddy_shape_count(&shape) >= 0 ? shape.rank - 1 : -1; k >= 0; k--) {
        tensor.stride[k] = stride;
        stride *= shape.dim[k] ? shape.dim[k] : 1;
    }
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
    return tensor ? eddy_shape_count(&tensor->shape) : -1;
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

bool eddy_check_tensor(const char *call, const eddy_tensor *tensor, eddy_status *status)
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

static bool check_view(const char *call, const eddy_tensor *out, const eddy_tensor *in, eddy_status *status)
{
    return out ? eddy_check_tensor(call, in, status)
               : eddy_status_fail(status, "%s: there is no place for the view (out is NULL)", call);
}

/* ---- Views ---- */

static bool view(const char *call, const eddy_view *kind, const eddy_asked *asked, eddy_tensor *out,
                 const eddy_tensor *in, eddy_status *status)
{
    eddy_status why = { 0 };
    eddy_layout layout;
    int64_t offset = 0;
    if (!check_view(call, out, in, status))
        return false;
    eddy_tensor made = { .dtype = in->dtype };
    if (!kind->shaping(&in->shape, asked, &made.shape, &layout, &why))
        return eddy_status_fail(status, "%s: %s", call, why.text);
    if (!kind->striding(&layout, in, &made, &offset))
        return eddy_status_fail(
            status, "%s: this view of shape %s is not laid out so that %s could be a view of it; copy it first", call,
            eddy_shape_format(&in->shape).text, eddy_shape_format(&asked->shape).text);
    made.data = offset ? (char *)in->data + offset * (int64_t)eddy_dtype_size(in->dtype) : in->data;
    made.owned = out == in ? in->owned : NULL; /* in place of its own source it keeps the block, or that would leak */
    *out = made;
    return true;
}

bool eddy_tensor_reshape(eddy_tensor *out, const eddy_tensor *in, eddy_shape shape, eddy_status *status)
{
    return view("eddy_tensor_reshape", &eddy_view_reshape, &(eddy_asked){ .shape = shape }, out, in, status);
}

bool eddy_tensor_permute(eddy_tensor *out, const eddy_tensor *in, const int *axes, eddy_status *status)
{
    if (!check_view("eddy_tensor_permute", out, in, status))
        return false;
    if (!axes && in->shape.rank)
        return eddy_status_fail(status, "eddy_tensor_permute: axes is NULL for a tensor of shape %s",
                                eddy_shape_format(&in->shape).text);
    eddy_asked asked = { .shape = { .rank = in->shape.rank } };
    for (int k = 0; k < in->shape.rank; k++)
        asked.shape.dim[k] = axes[k];
    return view("eddy_tensor_permute", &eddy_view_permute, &asked, out, in, status);
}

bool eddy_tensor_slice(eddy_tensor *out, const eddy_tensor *in, int axis, eddy_range range, eddy_status *status)
{
    return view("eddy_tensor_slice", &eddy_view_range, &(eddy_asked){ .axis = axis, .range = range }, out, in, status);
}

bool eddy_tensor_select(eddy_tensor *out, const eddy_tensor *in, int axis, int64_t index, eddy_status *status)
{
    return view("eddy_tensor_select", &eddy_view_index, &(eddy_asked){ .axis = axis, .range = { .start = index } }, out,
                in, status);
}

bool eddy_tensor_broadcast(eddy_tensor *out, const eddy_tensor *in, eddy_shape shape, eddy_status *status)
{
    return view("eddy_tensor_broadcast", &eddy_view_broadcast, &(eddy_asked){ .shape = shape }, out, in, status);
}
