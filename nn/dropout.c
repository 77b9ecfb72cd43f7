/* Dropout: a random mask and a product. */
#include "dropout.h"

eddy_var eddy_dropout_at(eddy_site site, eddy_var x, double p)
{
    if (!(p >= 0 && p < 1))
        return eddy_fail_at(site, x.tape, "dropout: the probability %g is not in [0, 1)", p);
    if (p == 0)
        return x;
    if (!eddy_ok(x))
        return eddy_mul_scalar_at(site, x, 1); /* fails, and says what is wrong with x */
    eddy_var mask = eddy_cast_at(site, eddy_bernoulli_at(site, x.tape, eddy_shape_of(x), 1 - p), eddy_dtype_of(x));
    return eddy_mul_at(site, x, eddy_div_scalar_at(site, mask, 1 - p));
}
