/* The ops: what can be recorded; composed.h has what is made of them. Elementwise ones (eddy_add, eddy_tanh, ...) are
 * declared in elementwise_calls.h, made from elementwise.def.
 *
 * Names and meaning are PyTorch's. Operands of one op have one dtype (eddy_cast converts); shapes broadcast by NumPy's
 * rule; an axis may be negative. Every op that is differentiable is so any number of times. */
#ifndef EDDY_OPS_H
#define EDDY_OPS_H

#include "tape.h"
#include "elementwise_calls.h"

EDDY_C_BEGIN

/* ---- Constants; no memory but one element ---- */
EDDY_SITED eddy_var eddy_full(eddy_tape *tape, eddy_shape shape, double value);
EDDY_SITED eddy_var eddy_full_of(eddy_tape *tape, eddy_dtype dtype, eddy_shape shape, double value);
EDDY_SITED eddy_var eddy_zeros_like(eddy_var x);
EDDY_SITED eddy_var eddy_ones_like(eddy_var x);

/* ---- One operand a number: every op of two operands has a form eddy_NAME_scalar(x, s) in elementwise_calls.h; these
 * are s - x and s / x. For integers s must be one. ---- */
EDDY_SITED eddy_var eddy_rsub_scalar(eddy_var x, double s);
EDDY_SITED eddy_var eddy_rdiv_scalar(eddy_var x, double s);

/* The gradient rules of pow, maximum and minimum (used by elementwise.def; ordinary recordings). */
EDDY_SITED eddy_var eddy_pow_gradient_base(eddy_var g, eddy_var x, eddy_var y);
EDDY_SITED eddy_var eddy_pow_gradient_exponent(eddy_var g, eddy_var x, eddy_var y, eddy_var z);
EDDY_SITED eddy_var eddy_choice_gradient(eddy_var g, eddy_var chosen, eddy_var other);

/* Another dtype; differentiable between f32 and f64. */
EDDY_SITED eddy_var eddy_cast(eddy_var x, eddy_dtype dtype);
/* The value of x without its history: no gradient passes. */
EDDY_SITED eddy_var eddy_detach(eddy_var x);
/* a[0] + a[1] + ... of equal shapes, one left fold */
EDDY_SITED eddy_var eddy_sum_list(eddy_list terms);

/* ---- Shape: views, nothing is copied unless strides force it ---- */
EDDY_SITED eddy_var eddy_reshape(eddy_var x, eddy_shape shape); /* one dimension may be -1 */
/* EDDY_SHAPE(2, 0, 1): axis i of the result is axis axes[i] of x */
EDDY_SITED eddy_var eddy_permute(eddy_var x, eddy_shape axes);
EDDY_SITED eddy_var eddy_transpose(eddy_var x, int axis0, int axis1);
EDDY_SITED eddy_var eddy_broadcast_to(eddy_var x, eddy_shape shape);
/* the adjoint of broadcast_to: sums the broadcast axes away */
EDDY_SITED eddy_var eddy_sum_to(eddy_var x, eddy_shape shape);
EDDY_SITED eddy_var eddy_squeeze(eddy_var x, int axis);
EDDY_SITED eddy_var eddy_unsqueeze(eddy_var x, int axis); /* the new axis of size 1 is number `axis` of the result */
/* Python's x[start:stop:step] on one axis; EDDY_END: to the end. */
EDDY_SITED eddy_var eddy_slice(eddy_var x, int axis, int64_t start, int64_t stop, int64_t step);
EDDY_SITED eddy_var eddy_select(eddy_var x, int axis, int64_t index); /* x[index] on one axis, which disappears */
EDDY_SITED eddy_var eddy_flip(eddy_var x, int axis);
EDDY_SITED eddy_var eddy_concat_list(int axis, eddy_list parts);
EDDY_SITED eddy_var eddy_stack_list(int axis, eddy_list parts);
#define eddy_concat(axis, ...) eddy_concat_list(axis, EDDY_LIST(__VA_ARGS__))
#define eddy_stack(axis, ...) eddy_stack_list(axis, EDDY_LIST(__VA_ARGS__))

/* ---- Products ---- */
/* PyTorch's matmul: vectors, matrices, broadcast batches of matrices (the last two axes). */
EDDY_SITED eddy_var eddy_matmul(eddy_var a, eddy_var b);

/* ---- Reductions. `axes` in a shape: EDDY_SHAPE(0, -1); EDDY_SCALAR means all axes. keepdim keeps them with size 1.
 * ---- */
EDDY_SITED eddy_var eddy_sum(eddy_var x); /* of all elements, a scalar */
EDDY_SITED eddy_var eddy_sum_over(eddy_var x, eddy_shape axes, bool keepdim);
/* ties share the gradient evenly; over no element: an error */
EDDY_SITED eddy_var eddy_amax(eddy_var x, eddy_shape axes, bool keepdim);
EDDY_SITED eddy_var eddy_cumsum(eddy_var x, int axis);

/* ---- Indices: i32 or i64, checked when run, 0..n-1 ---- */
EDDY_SITED eddy_var eddy_gather(eddy_var x, int axis, eddy_var index); /* PyTorch's gather, index of x's rank */
/* x plus src added at the positions index along axis (PyTorch's scatter_add); index and src of equal shape. */
EDDY_SITED eddy_var eddy_scatter_add(eddy_var x, int axis, eddy_var index, eddy_var src);
EDDY_SITED eddy_var eddy_one_hot(eddy_var index, int64_t classes); /* a new last axis, the tape's dtype */
/* x as it is, i32 or i64; a run that meets an element outside low..high fails with "WHAT[3] is 9; it must lie in 0..5".
 * what: a few words (their first 47 bytes are kept). */
EDDY_SITED eddy_var eddy_check_range(eddy_var x, int64_t low, int64_t high, const char *what);

/* ---- Order along one axis. NaN counts as larger than every number, -0 equals 0, equal elements keep their order; any
 * dtype. Indices are i64 and not differentiable. Of all elements: eddy_reshape(x, EDDY_SHAPE(-1)) first. ---- */
/* The place of the largest and of the smallest element, the first of several; of the first NaN if there is one. Over an
 * empty axis: an error. */
EDDY_SITED eddy_var eddy_argmax(eddy_var x, int axis, bool keepdim);
EDDY_SITED eddy_var eddy_argmin(eddy_var x, int axis, bool keepdim);
EDDY_SITED eddy_var eddy_argsort(eddy_var x, int axis, bool descending);
/* values is x gathered by indices, so that gradients of any order flow to the elements that were chosen. */
typedef struct eddy_sorted {
    eddy_var values, indices;
} eddy_sorted;
EDDY_SITED eddy_sorted eddy_sort(eddy_var x, int axis, bool descending);
/* The first k of the order: the k largest, or the k smallest, in their order. */
EDDY_SITED eddy_sorted eddy_topk(eddy_var x, int64_t k, int axis, bool largest);

/* ---- Random numbers, drawn anew in every run of a program that writes (see eddy_compile), the same in one run
 * wherever they are read ---- */
/* Each element 1 with probability p, else 0, in the tape's dtype; a function of (tape seed, number of this call, draw
 * number). */
EDDY_SITED eddy_var eddy_bernoulli(eddy_tape *tape, eddy_shape shape, double p);
/* A class for each row of logits (the last axis, f32 or f64), drawn from their softmax, as PyTorch's Categorical: i64
 * of the shape without that axis, a function of (tape seed, number of this call, draw number, row). -inf is never
 * drawn; a run fails at a row with NaN or infinity, or with nothing but -inf. Temperature: divide the logits by it; n
 * draws of each row: eddy_broadcast_to them to (n, ...). Not differentiable. */
EDDY_SITED eddy_var eddy_categorical(eddy_var logits);

/* ---- Writing ---- */
/* Records that `leaf` (parameter, state or input) becomes `value` (same shape and dtype) when a program that lists this
 * var among its updates runs. Returns a var with the value. */
EDDY_SITED eddy_var eddy_assign(eddy_var leaf, eddy_var value);
/* The leaf that an assign writes to; {0} if the var is no assign. */
EDDY_API eddy_var eddy_assigned(eddy_var assign);

EDDY_C_END
#include "ops_calls.h"
#endif
