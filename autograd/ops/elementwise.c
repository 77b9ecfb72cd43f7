/* Elementwise ops: the shape rule, kernel call and gradient of every row of elementwise.def. */
#include "op_rules.h"
#include "kernels.h"

#include <math.h>

/* ---- Gradients: column "contribution" of the table ---- */

/* d x s / dx = s + x s (1 - s) with s = sigmoid(x) */
static eddy_var silu_gradient(eddy_var g, eddy_var x, eddy_var z)
{
    eddy_var s = eddy_sigmoid(x);
    return eddy_mul(g, eddy_add(s, eddy_mul(z, eddy_rsub_scalar(s, 1))));
}

/* d x t / dx = t + x (1 - t^2) sigmoid(x) with t = tanh(softplus(x)) */
static eddy_var mish_gradient(eddy_var g, eddy_var x)
{
    eddy_var t = eddy_tanh(eddy_softplus(x)), dt = eddy_mul(eddy_rsub_scalar(eddy_square(t), 1), eddy_sigmoid(x));
    return eddy_mul(g, eddy_add(t, eddy_mul(x, dt)));
}

/* What goes to each operand. c is operand 0 of three, y the last of two: others than those no row names. */
#define NONE ((eddy_var){ 0 })
#define GRADIENT(name, to_0, to_1, to_2)                                                                               \
    static eddy_var gradient_##name(const eddy_pullback *back, int64_t k)                                              \
    {                                                                                                                  \
        eddy_var g = back->g, z = back->z, x = back->operand(back, 0), c = x;                                          \
        eddy_var y = back->operand(back, back->node->count > 1);                                                       \
        (void)g, (void)z, (void)x, (void)c, (void)y;                                                                   \
        return k == 0 ? (to_0) : k == 1 ? (to_1) : (to_2);                                                             \
    }
#define EDDY_UNARY(name, types, value, to_x, ...) GRADIENT(name, to_x, NONE, NONE)
#define EDDY_BINARY(name, types, value, to_x, to_y, ...) GRADIENT(name, to_x, to_y, NONE)
#define EDDY_TERNARY(name, types, value, to_x, to_y, ...) GRADIENT(name, NONE, to_x, to_y)
#include "elementwise.def"

/* ---- Rules ---- */

static bool run(const eddy_work *work)
{
    eddy_kernels()->elementwise((eddy_elementwise)(work->rule->elementwise - 1), work->in, work->out);
    return true;
}

static bool may_overlay(const void *attributes, int32_t k, int32_t r)
{
    (void)attributes, (void)k, (void)r;
    return true;
}

/* what is not differentiable for another reason than its steps has no row */
#define STEPS(contribution) (sizeof contribution == sizeof "NONE")
#define RULE(row, has_steps)                                                                                           \
    { .name = #row,                                                                                                    \
      .run = run,                                                                                                      \
      .gradient = gradient_##row,                                                                                      \
      .elementwise = 1 + EDDY_ELEMENTWISE_##row,                                                                       \
      .may_overlay = may_overlay,                                                                                      \
      .steps = has_steps },
static const eddy_rule rules[EDDY_ELEMENTWISE_COUNT] = {
#define EDDY_UNARY(row, types, value, to_x, ...) RULE(row, STEPS(#to_x))
#define EDDY_BINARY(row, types, value, to_x, to_y, ...) RULE(row, STEPS(#to_x))
#define EDDY_TERNARY(row, ...) RULE(row, false)
#include "elementwise.def"
};

const eddy_rule *eddy_elementwise_rule(int32_t row)
{
    return &rules[row];
}

/* ---- Recording ---- */

static eddy_var record(eddy_site site, eddy_elementwise op, int64_t count, const eddy_var *x)
{
    const eddy_rule *rule = &rules[op];
    eddy_tape *tape = eddy_begin(site, rule->name, count, x);
    if (!tape)
        return eddy_failed(x[0].tape);
    eddy_dtype dtype = eddy_var_dtype(x[0]);
    eddy_shape shape = *eddy_var_shape(x[0]);
    for (int64_t k = 1; k < count; k++) {
        const eddy_shape *other = eddy_var_shape(x[k]);
        if (eddy_var_dtype(x[k]) != dtype)
            return eddy_op_fail(tape, site, rule->name, "operands have dtypes %s and %s; convert one with eddy_cast",
                                eddy_dtype_name(dtype), eddy_dtype_name(eddy_var_dtype(x[k])));
        if (!eddy_shape_equal(&shape, other) && !eddy_shape_broadcast(&shape, other, &shape))
            return eddy_op_fail(tape, site, rule->name,
                                "shapes %s and %s do not broadcast: aligned at the right, each pair of dimensions must "
                                "be equal or one of them 1",
                                eddy_shape_format(&shape).text, eddy_shape_format(other).text);
    }
    if (!eddy_kernels()->rows[dtype][op])
        return eddy_op_fail(tape, site, rule->name,
                            "the operand has dtype %s; %s needs f32 or f64 (eddy_cast converts)",
                            eddy_dtype_name(dtype), rule->name);
    return eddy_record(tape, site, &(eddy_recording){ rule, dtype, &shape, count, x, NULL, 0 });
}

eddy_var eddy_number(eddy_site site, const char *op, eddy_var x, double s)
{
    eddy_tape *tape = eddy_begin(site, op, 1, &x);
    if (!tape)
        return eddy_failed(x.tape);
    eddy_dtype dtype = eddy_var_dtype(x);
    if (!eddy_dtype_is_float(dtype) && (s != trunc(s) || !(fabs(s) < (dtype == EDDY_I32 ? 0x1p31 : 0x1p63))))
        return eddy_op_fail(tape, site, op, "the operand has dtype %s, in which %g has no value (eddy_cast converts)",
                            eddy_dtype_name(dtype), s);
    return eddy_full_of_at(site, tape, dtype, EDDY_SCALAR, s);
}

/* A condition in x's dtype: 1 where c, of another one, is not 0. */
static eddy_var as_mask(eddy_site site, eddy_var c, eddy_var x)
{
    if (!eddy_ok(c) || !eddy_ok(x) || eddy_var_dtype(c) == eddy_var_dtype(x))
        return c;
    return eddy_cast_at(site, eddy_ne_scalar_at(site, c, 0), eddy_var_dtype(x));
}

#define EDDY_UNARY(name, ...)                                                                                          \
    eddy_var eddy_##name##_at(eddy_site site, eddy_var x)                                                              \
    {                                                                                                                  \
        return record(site, EDDY_ELEMENTWISE_##name, 1, &x);                                                           \
    }
#define EDDY_BINARY(name, ...)                                                                                         \
    eddy_var eddy_##name##_at(eddy_site site, eddy_var x, eddy_var y)                                                  \
    {                                                                                                                  \
        return record(site, EDDY_ELEMENTWISE_##name, 2, (eddy_var[]){ x, y });                                         \
    }                                                                                                                  \
    eddy_var eddy_##name##_scalar_at(eddy_site site, eddy_var x, double s)                                             \
    {                                                                                                                  \
        return eddy_##name##_at(site, x, eddy_number(site, #name "_scalar", x, s));                                    \
    }
#define EDDY_TERNARY(name, ...)                                                                                        \
    eddy_var eddy_##name##_at(eddy_site site, eddy_var c, eddy_var x, eddy_var y)                                      \
    {                                                                                                                  \
        return record(site, EDDY_ELEMENTWISE_##name, 3, (eddy_var[]){ as_mask(site, c, x), x, y });                    \
    }
#include "elementwise.def"

eddy_var eddy_rsub_scalar_at(eddy_site site, eddy_var x, double s)
{
    return eddy_sub_at(site, eddy_number(site, "rsub_scalar", x, s), x);
}

eddy_var eddy_rdiv_scalar_at(eddy_site site, eddy_var x, double s)
{
    return eddy_div_at(site, eddy_number(site, "rdiv_scalar", x, s), x);
}

eddy_var eddy_zeros_like_at(eddy_site site, eddy_var x)
{
    eddy_tape *tape = eddy_begin(site, "zeros_like", 1, &x);
    return tape ? eddy_full_of_at(site, tape, eddy_var_dtype(x), *eddy_var_shape(x), 0) : eddy_failed(x.tape);
}

eddy_var eddy_ones_like_at(eddy_site site, eddy_var x)
{
    eddy_tape *tape = eddy_begin(site, "ones_like", 1, &x);
    return tape ? eddy_full_of_at(site, tape, eddy_var_dtype(x), *eddy_var_shape(x), 1) : eddy_failed(x.tape);
}

/* ---- What rows of the table name as their contribution ---- */

/* d x^y / dx = y x^(y-1), and 0 where x = y = 0: the power is taken of 1 there, so that no infinity meets the 0, in no
 * derivative. */
eddy_var eddy_pow_gradient_base_at(eddy_site site, eddy_var g, eddy_var x, eddy_var y)
{
    eddy_var zero = eddy_number(site, "pow", x, 0);
    eddy_var flat = eddy_mul_at(site, eddy_eq_at(site, x, zero), eddy_eq_at(site, y, zero));
    eddy_var base = eddy_where_at(site, flat, eddy_ones_like_at(site, x), x);
    return eddy_mul_at(site, g, eddy_mul_at(site, y, eddy_pow_at(site, base, eddy_sub_scalar_at(site, y, 1))));
}

/* d x^y / dy = x^y log x, and 0 at x = 0 for y >= 0. The logarithm is taken of 1 there, so that no infinity meets the 0
 * in a second derivative. */
eddy_var eddy_pow_gradient_exponent_at(eddy_site site, eddy_var g, eddy_var x, eddy_var y, eddy_var z)
{
    eddy_var zero = eddy_number(site, "pow", x, 0);
    eddy_var flat = eddy_mul_at(site, eddy_eq_at(site, x, zero), eddy_ge_at(site, y, zero));
    eddy_var base = eddy_where_at(site, flat, eddy_ones_like_at(site, x), x);
    return eddy_mul_at(site, g, eddy_mul_at(site, z, eddy_log_at(site, base)));
}

/* g where `chosen` won against `other`, g/2 at a tie */
eddy_var eddy_choice_gradient_at(eddy_site site, eddy_var g, eddy_var chosen, eddy_var other)
{
    eddy_var zero = eddy_zeros_like_at(site, g), half = eddy_mul_scalar_at(site, g, 0.5);
    return eddy_where_at(site, eddy_eq_at(site, chosen, other), half,
                         eddy_where_at(site, eddy_gt_at(site, chosen, other), g, zero));
}
