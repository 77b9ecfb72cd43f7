/* Functions composed of ops: they have no rule and no kernel of their own. Names and meaning are PyTorch's, operands
 * and axes as in ops.h. */
#ifndef EDDY_COMPOSED_H
#define EDDY_COMPOSED_H

#include "ops.h"

EDDY_C_BEGIN

/* ---- Elementwise ---- */
/* (1 - w) a + w b */
EDDY_SITED eddy_var eddy_lerp(eddy_var a, eddy_var b, eddy_var w);
/* min(max(x, low), high); gradient 1 on the bounds. -INFINITY or INFINITY: no bound. */
EDDY_SITED eddy_var eddy_clamp(eddy_var x, double low, double high);
/* x where x > 0, else slope x */
EDDY_SITED eddy_var eddy_leaky_relu(eddy_var x, double slope);
/* x where x > 0, else alpha (e^x - 1); eddy_elu is the one with alpha 1 */
EDDY_SITED eddy_var eddy_elu_with(eddy_var x, double alpha);
/* x Phi(x), Phi the normal distribution function (Hendrycks & Gimpel 2016), by erf */
EDDY_SITED eddy_var eddy_gelu(eddy_var x);

/* ---- Reductions ---- */
EDDY_SITED eddy_var eddy_mean(eddy_var x); /* of all elements, a scalar */
EDDY_SITED eddy_var eddy_mean_over(eddy_var x, eddy_shape axes, bool keepdim);
/* as eddy_amax */
EDDY_SITED eddy_var eddy_amin(eddy_var x, eddy_shape axes, bool keepdim);
/* a tree of products: exact gradients at zeros, in every order */
EDDY_SITED eddy_var eddy_prod(eddy_var x, eddy_shape axes, bool keepdim);
/* Mean squared deviation, divided by n - correction (1: unbiased, PyTorch's default; 0: population). */
EDDY_SITED eddy_var eddy_variance(eddy_var x, eddy_shape axes, double correction, bool keepdim);
/* Sum over i of sum(a[i] * b[i]): the inner product of two lists of equal shapes. Summed along the first axis first. */
EDDY_SITED eddy_var eddy_dot(eddy_list a, eddy_list b);

/* ---- Along one axis ---- */
/* log of the sum of exponentials along one axis; -inf with zero gradient where all are -inf. */
EDDY_SITED eddy_var eddy_logsumexp(eddy_var x, int axis, bool keepdim);
EDDY_SITED eddy_var eddy_softmax(eddy_var x, int axis);
EDDY_SITED eddy_var eddy_log_softmax(eddy_var x, int axis);

/* ---- Parts of an axis ---- */
/* n equal parts of an axis (its size must divide); parts of given sizes; all slices of an axis with the axis removed.
 */
EDDY_SITED eddy_list eddy_chunk(eddy_var x, int axis, int64_t n);
EDDY_SITED eddy_list eddy_split(eddy_var x, int axis, const int64_t *sizes, int64_t n);
EDDY_SITED eddy_list eddy_unstack(eddy_var x, int axis);
/* rows (or slices) by a vector of indices */
EDDY_SITED eddy_var eddy_index_select(eddy_var x, int axis, eddy_var index);
/* `before` and `after` elements of `value` around one axis. */
EDDY_SITED eddy_var eddy_pad(eddy_var x, int axis, int64_t before, int64_t after, double value);

/* ---- Derivatives made of gradients ---- */
/* Jacobian-vector product: for each output, sum over i of d output / d wrt[i] * tangents[i], by differentiating twice.
 */
EDDY_SITED eddy_list eddy_jvp(eddy_list outputs, eddy_list wrt, eddy_list tangents);
/* The Jacobian of y with respect to x, of shape shape(y) + shape(x): one vector-Jacobian product for each element of y.
 */
EDDY_SITED eddy_var eddy_jacobian(eddy_var y, eddy_var x);
/* Hessian-vector product: d/dparams of the inner product of the loss's gradient with `vectors`. */
EDDY_SITED eddy_list eddy_hvp(eddy_var loss, eddy_list params, eddy_list vectors);

EDDY_C_END
#include "composed_calls.h"
#endif
