/* What looks elements up by integer indices. gather and scatter_add: the index replaces the coordinate along one axis.
 * Where the index is the same for a whole run (rows of an embedding), the run is moved or added at once. Assumes what
 * kernels.h says about shapes and dtypes; the values of the index are not trusted. */
#include "loop.h"
#include "set.h"

#include <inttypes.h>
#include <stdio.h>

static int64_t index_at(const eddy_tensor *index, int64_t offset)
{
    return index->dtype == EDDY_I32 ? ((const int32_t *)index->data)[offset] : ((const int64_t *)index->data)[offset];
}

/* A scalar counts as one element along an axis. */
static int64_t axis_size(const eddy_tensor *tensor, int axis)
{
    return tensor->shape.rank ? tensor->shape.dim[axis] : 1;
}

static int64_t axis_stride(const eddy_tensor *tensor, int axis)
{
    return tensor->shape.rank ? tensor->stride[axis] : 0;
}

/* Searches again, slowly, for the first index outside 0..n-1 and says where it is. */
static bool fail_index(const eddy_tensor *index, const eddy_tensor *table, int axis, eddy_status *status)
{
    const int64_t n = axis_size(table, axis), count = loop_count(&index->shape);
    for (int64_t flat = 0; flat < count; flat++) {
        eddy_shape place = index->shape;
        int64_t offset = 0, rest = flat;
        for (int i = place.rank - 1; i >= 0; i--) {
            place.dim[i] = rest % index->shape.dim[i];
            rest /= index->shape.dim[i];
            offset += place.dim[i] * index->stride[i];
        }
        const int64_t value = index_at(index, offset);
        if (value >= 0 && value < n)
            continue;
        if (n == 0)
            return eddy_status_fail(
                status, "the index at %s is %" PRId64 ", but axis %d of the tensor of shape %s has no elements",
                eddy_shape_format(&place).text, value, axis, eddy_shape_format(&table->shape).text);
        return eddy_status_fail(
            status, "the index at %s is %" PRId64 ", but axis %d of the tensor of shape %s takes 0 to %" PRId64,
            eddy_shape_format(&place).text, value, axis, eddy_shape_format(&table->shape).text, n - 1);
    }
    return eddy_status_fail(status, "the index tensor changed while it was read; do not write to it during the call");
}

/* Operand 0 is the dense side, 1 the index, 2 the table that is looked up, which the index alone moves along `axis`. */
static void index_loop(loop *l, const eddy_tensor *dense, const eddy_tensor *index, const eddy_tensor *table, int axis)
{
    loop_begin(l, 3);
    for (int i = 0; i < index->shape.rank; i++)
        loop_axis(l, index->shape.dim[i],
                  (const int64_t[]){ dense->stride[i], index->stride[i], i == axis ? 0 : table->stride[i] });
    loop_end(l);
}

bool KERNEL(gather)(const eddy_tensor *in, int axis, const eddy_tensor *index, const eddy_tensor *out,
                    eddy_status *status)
{
    const size_t size = loop_size(in);
    const int64_t n = axis_size(in, axis), stride = axis_stride(in, axis);
    loop l;
    index_loop(&l, out, index, in, axis);
    if (!l.count)
        return true;
    do {
        char *to = (char *)out->data + l.offset[0] * (int64_t)size;
        const int64_t together = l.step[1] == 0 ? l.n : 1;
        for (int64_t i = 0; i < l.n; i += together) {
            const int64_t at = index_at(index, l.offset[1] + i * l.step[1]);
            if (at < 0 || at >= n)
                return fail_index(index, in, axis, status);
            const char *from = (const char *)in->data + (l.offset[2] + i * l.step[2] + at * stride) * (int64_t)size;
            loop_gather(together, size, from, together == 1 ? 0 : l.step[2], to + i * l.step[0] * (int64_t)size);
        }
    } while (loop_next(&l));
    return true;
}

/* The table starts as zeros, and equal indices meet in row-major order of `in`. */
bool KERNEL(scatter_add)(const eddy_tensor *in, int axis, const eddy_tensor *index, const eddy_tensor *out,
                         eddy_status *status)
{
    const int64_t size = (int64_t)loop_size(out);
    const int64_t n = axis_size(out, axis), stride = axis_stride(out, axis), count = loop_count(&out->shape);
    const kernel_add add = KERNEL(additions)[out->dtype];
    loop l;
    if (count)
        memset(out->data, 0, (size_t)(count * size));
    index_loop(&l, in, index, out, axis);
    if (!l.count)
        return true;
    do {
        const char *from = (const char *)in->data + l.offset[0] * size;
        const int64_t together = l.step[1] == 0 ? l.n : 1;
        for (int64_t i = 0; i < l.n; i += together) {
            const int64_t at = index_at(index, l.offset[1] + i * l.step[1]);
            if (at < 0 || at >= n)
                return fail_index(index, out, axis, status);
            char *to = (char *)out->data + (l.offset[2] + i * l.step[2] + at * stride) * size;
            add(together, from + i * l.step[0] * size, l.step[0], to, l.step[2]);
        }
    } while (loop_next(&l));
    return true;
}

/* "3" or "1, 2": where in the tensor element i is. */
static void place_of(const eddy_shape *shape, int64_t i, char *text, size_t size)
{
    int64_t at[EDDY_MAX_RANK] = { 0 };
    for (int axis = shape->rank - 1; axis >= 0; i /= shape->dim[axis], axis--)
        at[axis] = i % shape->dim[axis];
    text[0] = 0;
    for (int axis = 0, used = 0; axis < shape->rank && used >= 0 && (size_t)used < size; axis++)
        used += snprintf(text + used, size - (size_t)used, "%s%" PRId64, axis ? ", " : "", at[axis]);
}

bool KERNEL(check_range)(const eddy_tensor *in, int64_t low, int64_t high, const char *what, eddy_status *status)
{
    const int64_t count = loop_count(&in->shape);
    for (int64_t i = 0; i < count; i++) {
        const int64_t x = index_at(in, i);
        if (x < low || x > high) {
            char where[200];
            place_of(&in->shape, i, where, sizeof where);
            return eddy_status_fail(status, "%s[%s] is %" PRId64 "; it must lie in %" PRId64 "..%" PRId64, what, where,
                                    x, low, high);
        }
    }
    return true;
}
