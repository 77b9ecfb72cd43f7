/* Constants around a tensor. */
#include "begin.h"
#include "composed.h"

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
