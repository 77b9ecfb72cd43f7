/* Along one axis: its parts, slices chosen by an index, constants around it. */
#include "begin_ops.h"
#include "composed.h"

/* n parts of an axis side by side: of the given sizes, or of one. */
static eddy_list cut(eddy_site site, eddy_var x, int axis, int64_t n, const int64_t *sizes, int64_t size)
{
    eddy_list parts = eddy_list_new(x.tape, NULL, n);
    for (int64_t i = 0, first = 0; i < parts.count; i++) {
        int64_t end = first + (sizes ? sizes[i] : size);
        parts.items[i] = eddy_slice_at(site, x, axis, first, end, 1);
        first = end;
    }
    return parts;
}

eddy_list eddy_split_at(eddy_site site, eddy_var x, int axis, const int64_t *sizes, int64_t n)
{
    if (!eddy_begin_axis(site, "split", x, &axis))
        return eddy_failed_list(x.tape, n);
    const eddy_shape *shape = eddy_var_shape(x);
    int64_t rest = shape->dim[axis];
    bool legal = n >= 0 && (sizes || !n);
    for (int64_t i = 0; i < n && legal; i++) {
        legal = sizes[i] >= 0 && sizes[i] <= rest;
        rest -= legal ? sizes[i] : 0;
    }
    if (!legal || rest)
        return eddy_list_fail(x.tape, n, site, "split",
                              "the %lld sizes do not add up to the %lld of axis %d of shape %s", (long long)n,
                              (long long)shape->dim[axis], axis, eddy_shape_format(shape).text);
    return cut(site, x, axis, n, sizes, 0);
}

eddy_list eddy_chunk_at(eddy_site site, eddy_var x, int axis, int64_t n)
{
    if (!eddy_begin_axis(site, "chunk", x, &axis))
        return eddy_failed_list(x.tape, n);
    const eddy_shape *shape = eddy_var_shape(x);
    int64_t all = shape->dim[axis];
    if (n <= 0 || all % n)
        return eddy_list_fail(x.tape, n, site, "chunk", "the %lld of axis %d of shape %s are not %lld equal parts",
                              (long long)all, axis, eddy_shape_format(shape).text, (long long)n);
    return cut(site, x, axis, n, NULL, all / n);
}

eddy_list eddy_unstack_at(eddy_site site, eddy_var x, int axis)
{
    if (!eddy_begin_axis(site, "unstack", x, &axis))
        return eddy_failed_list(x.tape, -1);
    eddy_list parts = eddy_list_new(x.tape, NULL, eddy_var_shape(x)->dim[axis]);
    for (int64_t i = 0; i < parts.count; i++)
        parts.items[i] = eddy_select_at(site, x, axis, i);
    return parts;
}

/* The vector of indices is seen as an index of x's rank without a copy. */
eddy_var eddy_index_select_at(eddy_site site, eddy_var x, int axis, eddy_var index)
{
    if (!eddy_begin_index(site, "index_select", x, &axis, index))
        return eddy_failed(x.tape);
    eddy_shape rows = *eddy_var_shape(index), shape = *eddy_var_shape(x), column = { .rank = shape.rank };
    if (rows.rank != 1)
        return eddy_op_fail(x.tape, site, "index_select", "the index has shape %s; a vector is needed",
                            eddy_shape_format(&rows).text);
    for (int i = 0; i < shape.rank; i++)
        column.dim[i] = i == axis ? rows.dim[0] : 1;
    shape.dim[axis] = rows.dim[0];
    return eddy_gather_at(site, x, axis, eddy_broadcast_to_at(site, eddy_reshape_at(site, index, column), shape));
}

eddy_var eddy_pad_at(eddy_site site, eddy_var x, int axis, int64_t before, int64_t after, double value)
{
    if (!eddy_begin_axis(site, "pad", x, &axis))
        return eddy_failed(x.tape);
    eddy_shape left = *eddy_var_shape(x), right = left;
    int64_t size = left.dim[axis];
    if (before < 0 || after < 0 || __builtin_add_overflow(size, before, &size) ||
        __builtin_add_overflow(size, after, &size))
        return eddy_op_fail(x.tape, site, "pad", "%lld before and %lld after: neither may be negative or huge",
                            (long long)before, (long long)after);
    left.dim[axis] = before;
    right.dim[axis] = after;
    eddy_dtype dtype = eddy_var_dtype(x);
    eddy_var first = eddy_full_of_at(site, x.tape, dtype, left, value);
    eddy_var last = eddy_full_of_at(site, x.tape, dtype, right, value);
    return eddy_concat_list_at(site, axis, EDDY_LIST(first, x, last));
}
