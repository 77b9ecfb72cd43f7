/* Along one axis, stable against overflow: the logarithm of a sum of exponentials, softmax and its logarithm. */
#include "begin_ops.h"
#include "composed.h"

#include <float.h>
#include <math.h>

/* The maximum along an axis as a constant, 0 where it is infinite: what exponentials are shifted by. */
static eddy_var shift(eddy_var x, int axis)
{
    eddy_var m = eddy_amax(eddy_detach(x), EDDY_SHAPE(axis), true);
    double largest = eddy_dtype_of(x) == EDDY_F32 ? FLT_MAX : DBL_MAX;
    return eddy_where(eddy_gt_scalar(eddy_abs(m), largest), eddy_zeros_like(m), m);
}

/* Opens a scope for a composite along one axis, so that what it records names the user's line. */
static bool begin_along(eddy_site site, const char *op, eddy_var x, int axis)
{
    eddy_reduced r;
    if (!eddy_begin_reduction(site, op, x, &(eddy_shape){ 1, { axis } }, &r))
        return false;
    if (r.over == 0 && eddy_shape_count(&r.kept) > 0)
        return eddy_tape_fail(x.tape, site, op, "axis %d of shape %s is empty", axis,
                              eddy_shape_format(eddy_var_shape(x)).text);
    eddy_scope_push(x.tape, site, op, -1);
    return true;
}

static eddy_var end_along(eddy_var out)
{
    eddy_scope_pop(out.tape);
    return out;
}

/* log sum_i e^(x_i) = m + log sum_i e^(x_i - m). Where every x_i is -inf the sum is 0: its logarithm is taken of 1
 * there, and -inf put in, so that the gradient is 0 and not NaN. */
eddy_var eddy_logsumexp_at(eddy_site site, eddy_var x, int axis, bool keepdim)
{
    if (!begin_along(site, "logsumexp", x, axis))
        return eddy_failed(x.tape);
    eddy_var m = shift(x, axis);
    eddy_var sum = eddy_sum_over(eddy_exp(eddy_sub(x, m)), EDDY_SHAPE(axis), true);
    eddy_var none = eddy_eq_scalar(sum, 0), nothing = eddy_full_of(x.tape, eddy_dtype_of(x), EDDY_SCALAR, -INFINITY);
    eddy_var log = eddy_where(none, nothing, eddy_log(eddy_where(none, eddy_ones_like(sum), sum)));
    eddy_var out = eddy_add(log, m);
    return end_along(keepdim ? out : eddy_squeeze(out, axis));
}

/* e^(x - m) / sum e^(x - m) */
eddy_var eddy_softmax_at(eddy_site site, eddy_var x, int axis)
{
    if (!begin_along(site, "softmax", x, axis))
        return eddy_failed(x.tape);
    eddy_var e = eddy_exp(eddy_sub(x, shift(x, axis)));
    return end_along(eddy_div(e, eddy_sum_over(e, EDDY_SHAPE(axis), true)));
}

/* x - log sum e^x */
eddy_var eddy_log_softmax_at(eddy_site site, eddy_var x, int axis)
{
    if (!begin_along(site, "log_softmax", x, axis))
        return eddy_failed(x.tape);
    eddy_var y = eddy_sub(x, shift(x, axis));
    return end_along(eddy_sub(y, eddy_log(eddy_sum_over(eddy_exp(y), EDDY_SHAPE(axis), true))));
}
