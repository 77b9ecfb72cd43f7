/* Elementwise functions that are no row of elementwise.def. */
#include "begin_ops.h"
#include "composed.h"

#include <math.h>

/* (1 - w) a + w b */
eddy_var eddy_lerp_at(eddy_site site, eddy_var a, eddy_var b, eddy_var w)
{
    return eddy_add_at(site, eddy_mul_at(site, eddy_rsub_scalar_at(site, w, 1), a), eddy_mul_at(site, w, b));
}

eddy_var eddy_clamp_at(eddy_site site, eddy_var x, double low, double high)
{
    if (!(low <= high))
        return eddy_op_fail(x.tape, site, "clamp", "the bounds %g and %g are not in order", low, high);
    if (low > -INFINITY) {
        eddy_var bound = eddy_number(site, "clamp", x, low);
        x = eddy_where_at(site, eddy_lt_at(site, x, bound), bound, x);
    }
    if (high < INFINITY) {
        eddy_var bound = eddy_number(site, "clamp", x, high);
        x = eddy_where_at(site, eddy_gt_at(site, x, bound), bound, x);
    }
    return x;
}

eddy_var eddy_leaky_relu_at(eddy_site site, eddy_var x, double slope)
{
    eddy_var zero = eddy_number(site, "leaky_relu", x, 0);
    return eddy_where_at(site, eddy_gt_at(site, x, zero), x, eddy_mul_scalar_at(site, x, slope));
}

eddy_var eddy_elu_with_at(eddy_site site, eddy_var x, double alpha)
{
    eddy_var below = eddy_mul_scalar_at(site, eddy_elu_at(site, x), alpha);
    return eddy_where_at(site, eddy_gt_scalar_at(site, x, 0), x, below);
}

/* x/2 (1 + erf(x / sqrt 2)) */
eddy_var eddy_gelu_at(eddy_site site, eddy_var x)
{
    eddy_var phi = eddy_add_scalar_at(site, eddy_erf_at(site, eddy_mul_scalar_at(site, x, 0.70710678118654752440)), 1);
    return eddy_mul_at(site, eddy_mul_scalar_at(site, x, 0.5), phi);
}
