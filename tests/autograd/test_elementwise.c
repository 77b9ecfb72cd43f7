/* Every row of elementwise.def: values, gradients of first and second order, f32 against f64, broadcasting, strides,
 * integers, mistakes. The rows are read with other macros here, so that a new row is tested without a line of this
 * file. */
#include "recording.h"

/* ---- The table again: the value expression in long double, the public function, what it says of itself ---- */

static long double sigmoidl(long double x)
{
    return 1 / (1 + expl(-x));
}
#define M(f) f##l
#define R(c) ((long double)(c))
#define SELECT(mask, a, b) ((mask) ? (a) : (b))
#if defined __GNUC__
#pragma GCC diagnostic ignored "-Wfloat-equal"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif
#define EDDY_UNARY(name, types, value, ...)                                                                            \
    static long double wide_##name(long double c, long double x, long double y)                                        \
    {                                                                                                                  \
        return value;                                                                                                  \
    }
#define EDDY_BINARY(name, types, value, ...)                                                                           \
    static long double wide_##name(long double c, long double x, long double y)                                        \
    {                                                                                                                  \
        return value;                                                                                                  \
    }
#define EDDY_TERNARY EDDY_BINARY
#include "elementwise.def"

typedef struct row {
    const char *name;
    int arity;
    bool integers;
    long double (*wide)(long double c, long double x, long double y);
    eddy_var (*one)(eddy_var);
    eddy_var (*two)(eddy_var, eddy_var);
    eddy_var (*three)(eddy_var, eddy_var, eddy_var);
    const char *to_x, *to_y; /* the text of the contributions */
    double low, high;
} row;

#define REAL false
#define ANY true
static const row rows[] = {
#define EDDY_UNARY(name, types, value, to_x, low, high, ...)                                                           \
    { #name, 1, types, wide_##name, eddy_##name, NULL, NULL, #to_x, "", low, high },
#define EDDY_BINARY(name, types, value, to_x, to_y, low, high, ...)                                                    \
    { #name, 2, types, wide_##name, NULL, eddy_##name, NULL, #to_x, #to_y, low, high },
#define EDDY_TERNARY(name, types, value, to_x, to_y, low, high, ...)                                                   \
    { #name, 3, types, wide_##name, NULL, NULL, eddy_##name, #to_x, #to_y, low, high },
#include "elementwise.def"
};
enum { ROWS = sizeof rows / sizeof *rows };

static eddy_var apply(const row *r, const eddy_var x[])
{
    return r->arity == 1 ? r->one(x[0]) : r->arity == 2 ? r->two(x[0], x[1]) : r->three(x[0], x[1], x[2]);
}

/* The reference from the operands of the call: unary x; binary x, y; ternary c, x, y. */
static long double reference(const row *r, const double v[])
{
    return r->arity == 1 ? r->wide(0, v[0], 0) : r->arity == 2 ? r->wide(0, v[0], v[1]) : r->wide(v[0], v[1], v[2]);
}

/* The rows of which the table says that they are not differentiable; no other may be without a gradient. */
static bool may_be_flat(const char *name)
{
    static const char *const flat[] = { "sign", "floor", "ceil", "round", "trunc", "eq", "ne", "lt", "le", "gt", "ge" };
    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++)
        if (!strcmp(flat[i], name))
            return true;
    return false;
}

static bool is_flat(const row *r)
{
    return !strcmp(r->to_x, "NONE");
}

/* The binary rows with a kink that a random operand may come near to: a tie, a whole quotient. */
static bool has_kinks(const row *r)
{
    return !strcmp(r->name, "maximum") || !strcmp(r->name, "minimum") || !strcmp(r->name, "fmod");
}

/* Set operands in the row's range. No |x| below 0.1 and no |x - y| below 0.1 in equal places, where some rows have a
 * kink; a condition is 0 or 1. */
static void make_operands(const row *r, eddy_tape *tape, const eddy_shape *shapes, eddy_var x[])
{
    double first[64];
    for (int k = 0; k < r->arity; k++) {
        double values[64];
        int64_t n = eddy_shape_count(&shapes[k]), before = eddy_shape_count(&shapes[0]);
        ck_assert_int_le(n, 64);
        for (int64_t i = 0; i < n; i++)
            do
                values[i] = r->arity == 3 && k == 0 ? (double)below(2) : between(r->low, r->high);
            while (!(r->arity == 3 && k == 0) &&
                   (fabs(values[i]) < 0.1 ||
                    (r->arity == 2 && k == 1 && before && fabs(values[i] - first[i % before]) < 0.1)));
        if (k == 0)
            memcpy(first, values, sizeof first);
        x[k] = input(tape, shapes[k], 0, 0);
        eddy_tensor from = eddy_tensor_wrap(values, EDDY_F64, shapes[k]);
        ck_assert(eddy_set_tensor(x[k], &from));
    }
}

static const eddy_shape vector = { 1, { 7 } };

/* ---- Values ---- */

START_TEST(values_in_every_dtype)
{
    const row *r = &rows[_i];
    for (int dtype = EDDY_F32; dtype <= EDDY_I64; dtype++) {
        if (dtype >= EDDY_I32 && !r->integers)
            continue;
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_var x[3];
        for (int k = 0; k < r->arity; k++)
            x[k] = input_of(tape, (eddy_dtype)dtype, EDDY_SHAPE(700), dtype < EDDY_I32 ? r->low : -9,
                            dtype < EDDY_I32 ? r->high : 9);
        eddy_var z = apply(r, x);
        OK(tape);
        ck_assert(has_shape(z, EDDY_SHAPE(700)) && eddy_dtype_of(z) == (eddy_dtype)dtype);
        for (int64_t i = 0; i < 700; i++) {
            double v[3] = { 0 };
            for (int k = 0; k < r->arity; k++)
                v[k] = at(x[k], i);
            /* Up to four roundings of half a unit in a row's expression, and libm's own unit. */
            long double wanted = reference(r, v);
            if (dtype >= EDDY_I32 && isnan(wanted))
                wanted = 0; /* the remainder of a division by 0 */
            double epsilon = dtype == EDDY_F32 ? FLT_EPSILON : dtype == EDDY_F64 ? DBL_EPSILON : 0;
            ck_assert_msg(fabsl(at(z, i) - wanted) <= 3 * epsilon * fabsl(wanted),
                          "%s(%.17g, %.17g, %.17g) is %.17g, not %.17Lg (dtype %d)", r->name, v[0], v[1], v[2],
                          at(z, i), wanted, dtype);
        }
        eddy_tape_free(tape);
    }
}
END_TEST

/* The main functions by other formulas than the table's. */
static long double other_sigmoid(long double x)
{
    return 0.5L * (1 + tanhl(x / 2));
}
static long double other_tanh(long double x)
{
    return expm1l(2 * x) / (expm1l(2 * x) + 2);
}
static long double other_softplus(long double x)
{
    return log1pl(expl(x));
}
static long double other_relu(long double x)
{
    return fmaxl(x, 0);
}
static long double other_rsqrt(long double x)
{
    return powl(x, -0.5L);
}
static long double other_sqrt(long double x)
{
    return expl(logl(x) / 2);
}
static long double other_exp(long double x)
{
    return powl(2.71828182845904523536L, x);
}
static long double other_log(long double x)
{
    return 2 * atanhl((x - 1) / (x + 1));
}
static long double other_expm1(long double x)
{
    return 2 * sinhl(x / 2) * expl(x / 2);
}
static long double other_log1p(long double x)
{
    return 2 * atanhl(x / (2 + x));
}
static long double other_sin(long double x)
{
    return 2 * sinl(x / 2) * cosl(x / 2);
}
static long double other_cos(long double x)
{
    return 1 - 2 * sinl(x / 2) * sinl(x / 2);
}
static long double other_erf(long double x) /* 2/sqrt(pi) sum (-1)^n x^(2n+1) / (n! (2n+1)) */
{
    long double term = x, sum = x;
    for (int n = 1; n < 60; n++) {
        term *= -x * x / n;
        sum += term / (2 * n + 1);
    }
    return sum * 1.12837916709551257390L;
}

START_TEST(values_by_other_formulas)
{
    static const struct {
        const char *name;
        long double (*f)(long double);
    } others[] = { { "sigmoid", other_sigmoid }, { "tanh", other_tanh },   { "softplus", other_softplus },
                   { "relu", other_relu },       { "rsqrt", other_rsqrt }, { "sqrt", other_sqrt },
                   { "exp", other_exp },         { "log", other_log },     { "expm1", other_expm1 },
                   { "log1p", other_log1p },     { "sin", other_sin },     { "cos", other_cos },
                   { "erf", other_erf },         { "abs", fabsl } };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (size_t o = 0; o < sizeof others / sizeof *others; o++) {
        int k = 0;
        while (k < ROWS && strcmp(rows[k].name, others[o].name))
            k++;
        ck_assert_int_lt(k, ROWS);
        eddy_var x = input(tape, EDDY_SHAPE(300), rows[k].low, rows[k].high), z = rows[k].one(x);
        for (int64_t i = 0; i < 300; i++)
            /* relative to 1 near zeros, where some of these formulas cancel and a long double may be no wider than a
             * double */
            ck_assert_msg(fabsl(at(z, i) - others[o].f(at(x, i))) <=
                              4 * DBL_EPSILON * fmaxl(fabsl(others[o].f(at(x, i))), 1),
                          "%s(%.17g) is %.17g", rows[k].name, at(x, i), at(z, i));
    }
    eddy_var x = input(tape, EDDY_SHAPE(300), 0.3, 3), y = input(tape, EDDY_SHAPE(300), -3, 3), p = eddy_pow(x, y),
             q = eddy_div(y, x);
    for (int64_t i = 0; i < 300; i++) {
        check_close(at(p, i), (double)expl(at(y, i) * logl(at(x, i))), 3, DBL_EPSILON);
        check_close(at(q, i), (double)(at(y, i) * (1 / (long double)at(x, i))), 1, DBL_EPSILON);
    }
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(special_values)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    const double inf = INFINITY;
    eddy_var x = VECTOR(tape, NAN, INFINITY, -INFINITY, 0.0, 1000, -1000), one = eddy_full(tape, EDDY_SCALAR, 1);
    VALUES(eddy_relu(x), NAN, inf, 0, 0, 1000, 0);
    VALUES(eddy_abs(x), NAN, inf, inf, 0, 1000, 1000);
    VALUES(eddy_sign(x), NAN, 1, -1, 0, 1, -1);
    VALUES(eddy_sigmoid(x), NAN, 1, 0, 0.5, 1, 0);
    VALUES(eddy_softplus(x), NAN, inf, 0, 0.69314718055994530942, 1000, 0);
    VALUES(eddy_tanh(x), NAN, 1, -1, 0, 1, -1);
    VALUES(eddy_maximum(x, one), NAN, inf, 1, 1, 1000, 1);
    VALUES(eddy_maximum(one, x), NAN, inf, 1, 1, 1000, 1);
    VALUES(eddy_minimum(x, one), NAN, 1, -inf, 0, 1, -1000);
    VALUES(eddy_minimum(one, x), NAN, 1, -inf, 0, 1, -1000);
    VALUES(eddy_eq(x, x), 0, 1, 1, 1, 1, 1);
    VALUES(eddy_ne(x, x), 1, 0, 0, 0, 0, 0);
    VALUES(eddy_lt(x, one), 0, 0, 1, 1, 0, 1);
    VALUES(eddy_where(x, one, eddy_neg(one)), 1, 1, 1, -1, 1, 1); /* NaN is not 0 */
    VALUES(eddy_where(eddy_eq(x, x), x, one), 1, inf, -inf, 0, 1000, -1000);
    VALUES(eddy_exp(x), NAN, inf, 0, 1, inf, 0);
    VALUES(eddy_silu(x), NAN, inf, 0, 0, 1000, 0);
    VALUES(eddy_mish(x), NAN, inf, 0, 0, 1000, 0);
    VALUES(eddy_elu(x), NAN, inf, -1, 0, 1000, -1);
    VALUES(eddy_hardsigmoid(x), NAN, 1, 0, 0.5, 1, 0);
    VALUES(eddy_hardtanh(x), NAN, 1, -1, 0, 1, -1);
    VALUES(eddy_floor(x), NAN, inf, -inf, 0, 1000, -1000);
    VALUES(eddy_fmod(x, one), NAN, NAN, NAN, 0, 0, -0.0);
    VALUES(eddy_fmod_scalar(VECTOR(tape, 7.5, -7.5, 7.5, 1), 0), NAN, NAN, NAN, NAN);
    /* gradients at the documented places */
    eddy_var z = eddy_zeros_like(one), p = eddy_add(z, VECTOR(tape, 0, 1));
    VALUES(eddy_gradients(eddy_sum(eddy_abs(p)), EDDY_LIST(p)).items[0], 0, 1);
    VALUES(eddy_gradients(eddy_sum(eddy_relu(p)), EDDY_LIST(p)).items[0], 0, 1);
    VALUES(eddy_gradients(eddy_sum(eddy_maximum(p, z)), EDDY_LIST(p)).items[0], 0.5, 1);
    VALUES(eddy_gradients(eddy_sum(eddy_minimum(p, z)), EDDY_LIST(p)).items[0], 0.5, 0);
    VALUES(eddy_gradients(eddy_sum(eddy_maximum(p, p)), EDDY_LIST(p)).items[0], 1, 1);
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

/* Halves go to the even side; the sign of zero stays; integers are whole and have a remainder of 0 by 0. */
START_TEST(rounding)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = VECTOR(tape, -2.5, -1.5, -0.5, -0.2, 0.5, 1.5, 2.5, 0x1p60), up = eddy_ceil(x), near = eddy_round(x);
    VALUES(eddy_floor(x), -3, -2, -1, -1, 0, 1, 2, 0x1p60);
    VALUES(up, -2, -1, -0.0, -0.0, 1, 2, 3, 0x1p60);
    VALUES(near, -2, -2, -0.0, -0.0, 0, 2, 2, 0x1p60);
    VALUES(eddy_trunc(x), -2, -1, -0.0, -0.0, 0, 1, 2, 0x1p60);
    ck_assert(signbit(at(up, 2)) && signbit(at(near, 3)) && !signbit(at(near, 4)));
    eddy_var i = constant(tape, EDDY_I64, EDDY_SHAPE(5), (double[]){ -7, 7, 7, -7, 0 }),
             j = constant(tape, EDDY_I64, EDDY_SHAPE(5), (double[]){ 3, -3, 0, -1, 5 });
    VALUES(eddy_fmod(i, j), -1, 1, 0, 0, 0);
    VALUES(eddy_fmod_scalar(i, 4), -3, 3, 3, -3, 0);
    VALUES(eddy_fmod_scalar(constant(tape, EDDY_I32, EDDY_SHAPE(1), (double[]){ INT32_MIN }), -1), 0);
    VALUES(eddy_floor(i), -7, 7, 7, -7, 0);
    VALUES(eddy_hardtanh(i), -1, 1, 1, -1, 0);
    /* x = n y + z: by y the slope is -n, whichever way x/y is rounded */
    eddy_var a = VECTOR(tape, 7.5, -7.5, 0.3), b = VECTOR(tape, 2, 2, 0.1),
             g = eddy_gradients(eddy_sum(eddy_fmod(a, b)), EDDY_LIST(b)).items[0];
    VALUES(g, -3, 3, -2); /* 0.3 / 0.1 rounds to 3, but 0.3 < 3 * 0.1 in these numbers */
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

/* Far from 0, derivatives of any order are what they tend to, not NaN. */
START_TEST(activations_far_out)
{
    for (int d = 0; d < 2; d++) {
        eddy_tape *tape = eddy_tape_new(d ? EDDY_F32 : EDDY_F64, 1);
        eddy_var x =
            constant(tape, d ? EDDY_F32 : EDDY_F64, EDDY_SHAPE(6), (double[]){ -1e30, -1000, -90, 90, 1000, 1e30 });
        eddy_var y[] = { eddy_silu(x),        eddy_mish(x),     eddy_elu(x),
                         eddy_hardsigmoid(x), eddy_hardtanh(x), eddy_elu_with(x, 2) };
        const double slope[] = { 1, 1, 1, 0, 0, 1 }; /* on the right; it is 0 on the left */
        for (int f = 0; f < 6; f++)
            for (int order = 1; order <= 3; order++) {
                y[f] = eddy_gradients(eddy_sum(y[f]), EDDY_LIST(x)).items[0];
                for (int i = 0; i < 6; i++)
                    ck_assert_msg(fabs(at(y[f], i) - (order == 1 && i > 2 ? slope[f] : 0)) < 1e-30,
                                  "function %d, order %d, element %d: %g", f, order, i, at(y[f], i));
            }
        OK(tape);
        eddy_tape_free(tape);
    }
}
END_TEST

/* The condition's dtype is its own. */
START_TEST(conditions_of_any_dtype)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    const double mask[] = { 1, 0, 0x1p40, 0.25, -1 };
    for (int c = EDDY_F32; c <= EDDY_I64; c++)
        for (int d = EDDY_F32; d <= EDDY_I64; d++) {
            const bool whole = c >= EDDY_I32;
            eddy_var m = constant(tape, (eddy_dtype)c, EDDY_SHAPE(5), mask),
                     x = input_of(tape, (eddy_dtype)d, EDDY_SHAPE(2, 5), 1, 9),
                     y = input_of(tape, (eddy_dtype)d, EDDY_SHAPE(2, 1), -9, -1), z = eddy_where(m, x, y);
            OK(tape);
            ck_assert_int_eq(eddy_dtype_of(z), d);
            for (int i = 0; i < 10; i++)
                ck_assert(at(z, i) == (i % 5 == 1 || (whole && i % 5 == 3) ? at(y, i / 5) : at(x, i)));
            if (d == EDDY_F64)
                check_gradient(weighted(eddy_sin(z)), EDDY_LIST(x, y), 2);
        }
    eddy_var nan = eddy_cast(VECTOR(tape, NAN, 0), EDDY_F32), x = VECTOR(tape, 1, 2), y = VECTOR(tape, 3, 4);
    VALUES(eddy_where(nan, x, y), 1, 4); /* NaN is not 0 */
    VALUES(eddy_where(eddy_gt_scalar(INDICES(tape, 3, 1), 2), x, y), 1, 4);
    FAILS(tape, eddy_where(INDICES(tape, 1, 2, 3), x, y), "where: shapes (3,) and (2,) do not broadcast");
    FAILS(tape, eddy_where(x, x, nan), "where: operands have dtypes f64 and f32");
    FAILS(tape, eddy_where((eddy_var){ 0 }, x, nan), "where: ");
    eddy_tape_free(tape);
}
END_TEST

/* ---- Gradients ---- */

START_TEST(gradients)
{
    const row *r = &rows[_i];
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x[3];
    make_operands(r, tape, (const eddy_shape[]){ vector, vector, vector }, x);
    if (is_flat(r)) {
        ck_assert_msg(may_be_flat(r->name), "%s has no gradient and is not among the ops that need none", r->name);
        eddy_list grads = eddy_gradients(weighted(apply(r, x)), (eddy_list){ x, r->arity });
        OK(tape);
        for (int k = 0; k < r->arity; k++)
            VALUES(grads.items[k], 0, 0, 0, 0, 0, 0, 0);
    } else {
        ck_assert_msg(!may_be_flat(r->name) && (r->arity == 1 || strcmp(r->to_y, "NONE")), "%s: a gradient is missing",
                      r->name);
        int first = r->arity == 3; /* the condition has none */
        check_gradient(weighted(apply(r, x)), (eddy_list){ x + first, r->arity - first }, 2);
        if (first)
            VALUES(eddy_gradients(weighted(apply(r, x)), EDDY_LIST(x[0])).items[0], 0, 0, 0, 0, 0, 0, 0);
        /* both operands the same var */
        if (r->arity == 2 && !has_kinks(r))
            check_gradient(weighted(r->two(x[0], x[0])), EDDY_LIST(x[0]), 2);
    }
    eddy_tape_free(tape);
}
END_TEST

/* f32 records the same formulas: its gradients differ from f64's by rounding only. */
START_TEST(gradients_in_f32)
{
    const row *r = &rows[_i];
    eddy_tape *tapes[2] = { eddy_tape_new(EDDY_F64, 1), eddy_tape_new(EDDY_F32, 1) };
    eddy_var x[2][3], g[2][3], h[2][3];
    for (int t = 0; t < 2; t++) {
        draws = 0;
        make_operands(r, tapes[t], (const eddy_shape[]){ vector, vector, vector }, x[t]);
        for (int k = 0; t == 0 && k < r->arity; k++) { /* values that f32 has */
            eddy_tensor narrow = { 0 };
            ck_assert(eddy_tensor_new(&narrow, EDDY_F32, vector, NULL) &&
                      eddy_tensor_copy(&narrow, eddy_value(x[0][k]), NULL));
            ck_assert(eddy_set_tensor(x[0][k], &narrow));
            eddy_tensor_free(&narrow);
        }
        eddy_list first = eddy_gradients(eddy_sum(apply(r, x[t])), (eddy_list){ x[t], r->arity });
        eddy_list second = eddy_gradients(eddy_dot(first, first), (eddy_list){ x[t], r->arity });
        OK(tapes[t]);
        for (int k = 0; k < r->arity; k++) {
            g[t][k] = first.items[k];
            h[t][k] = second.items[k];
            ck_assert_int_eq(eddy_dtype_of(h[t][k]), t ? EDDY_F32 : EDDY_F64);
        }
    }
    for (int order = 1; order <= 2; order++) {
        double scale = 1; /* of the intermediate values that cancel */
        for (int k = 0; k < r->arity; k++)
            for (int i = 0; i < 7; i++)
                scale = fmax(scale, fmax(fabs(at(g[0][k], i)) * fabs(at(g[0][k], i)),
                                         fabs(at(order == 1 ? g[0][k] : h[0][k], i))));
        for (int k = 0; k < r->arity; k++)
            for (int i = 0; i < 7; i++) {
                double wide = at(order == 1 ? g[0][k] : h[0][k], i), narrow = at(order == 1 ? g[1][k] : h[1][k], i);
                ck_assert_msg(fabs(wide - narrow) <= 16 * FLT_EPSILON * scale,
                              "%s, order %d, operand %d: %.9g in f64, %.9g in f32", r->name, order, k, wide, narrow);
            }
    }
    eddy_tape_free(tapes[0]);
    eddy_tape_free(tapes[1]);
}
END_TEST

/* ---- Shapes ---- */

START_TEST(broadcasting)
{
    const row *r = &rows[_i];
    static const eddy_shape pairs[][3] = {
        { { 0, { 0 } }, { 1, { 3 } }, { 1, { 1 } } },
        { { 1, { 3 } }, { 0, { 0 } }, { 0, { 0 } } },
        { { 2, { 2, 1 } }, { 2, { 1, 3 } }, { 1, { 3 } } },
        { { 3, { 4, 1, 3 } }, { 2, { 2, 1 } }, { 0, { 0 } } },
        { { 1, { 3 } }, { 3, { 2, 2, 3 } }, { 3, { 2, 1, 1 } } },
        { { 2, { 0, 3 } }, { 2, { 1, 3 } }, { 1, { 1 } } },
        { { 1, { 1 } }, { 2, { 2, 0 } }, { 2, { 1, 1 } } },
        { { 1, { 0 } }, { 1, { 0 } }, { 1, { 0 } } },
    };
    for (size_t c = 0; c < sizeof pairs / sizeof *pairs; c++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_var x[3];
        eddy_shape joint = pairs[c][0], shapes[3];
        for (int k = 0; k < r->arity; k++) {
            shapes[k] = pairs[c][k];
            ck_assert(eddy_shape_broadcast(&joint, &shapes[k], &joint));
        }
        make_operands(r, tape, shapes, x);
        eddy_var z = apply(r, x);
        OK(tape);
        ck_assert(has_shape(z, joint));
        for (int64_t i = 0; i < eddy_shape_count(&joint); i++) {
            int64_t index[EDDY_MAX_RANK];
            double v[3] = { 0 };
            coordinates(&joint, i, index);
            for (int k = 0; k < r->arity; k++)
                v[k] = at(x[k], flat_of(&shapes[k], index + joint.rank - shapes[k].rank));
            check_close(at(z, i), (double)reference(r, v), 3, DBL_EPSILON);
        }
        if (!is_flat(r)) {
            int first = r->arity == 3;
            eddy_list wrt = { x + first, r->arity - first }, grads = eddy_gradients(weighted(z), wrt);
            OK(tape);
            for (int64_t k = 0; k < wrt.count; k++)
                ck_assert(has_shape(grads.items[k], shapes[first + k]));
            /* Broadcast operands may lie near a kink. */
            if (!has_kinks(r) && eddy_shape_count(&joint))
                check_gradient(weighted(z), wrt, 2);
        }
        eddy_tape_free(tape);
    }
}
END_TEST

/* Operands with every kind of stride against contiguous copies of them. */
START_TEST(strides)
{
    const row *r = &rows[_i];
    const eddy_shape shape = { 3, { 5, 3, 4 } },
                     kinds[] = { { 3, { 4, 3, 5 } }, { 3, { 5, 3, 4 } }, { 3, { 5, 1, 4 } }, { 3, { 10, 3, 9 } } };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 8; round++) {
        eddy_var odd[3], plain[3];
        for (int k = 0; k < r->arity; k++) {
            int64_t kind = below(4);
            eddy_var leaf = input(tape, kinds[kind], r->low, r->high);
            odd[k] = kind == 0   ? eddy_transpose(leaf, 0, 2)
                     : kind == 1 ? eddy_flip(eddy_flip(leaf, 0), -1)
                     : kind == 2 ? eddy_broadcast_to(leaf, shape)
                                 : eddy_slice(eddy_slice(leaf, 0, 9, EDDY_END, -2), 2, 1, 5, 1);
            plain[k] = input(tape, shape, 0, 0);
            ck_assert(eddy_set_tensor(plain[k], eddy_value(odd[k])));
        }
        check_same(apply(r, odd), apply(r, plain));
    }
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes)
{
    const row *r = &rows[_i];
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var i[3], mixed[3], wrong[3], half = input_of(tape, EDDY_F32, EDDY_SHAPE(3), 0.5, 1);
    for (int k = 0; k < 3; k++) {
        i[k] = input_of(tape, EDDY_I32, EDDY_SHAPE(3), 1, 5);
        mixed[k] = k == r->arity - 1 ? half : input(tape, EDDY_SHAPE(3), 0.5, 1);
        wrong[k] = input(tape, EDDY_SHAPE(2, 3 + k), 0.5, 1);
    }
    char op[40];
    snprintf(op, sizeof op, "%s: ", r->name);
    apply(r, i);
    if (r->integers)
        OK(tape);
    else
        check_sentence(tape, "", (const char *[]){ op, "dtype i32", "needs f32 or f64", NULL });
    if (r->arity > 1) {
        apply(r, mixed);
        check_sentence(tape, "",
                       (const char *[]){ op, "operands have dtypes f64 and f32; convert one with eddy_cast", NULL });
        apply(r, wrong);
        check_sentence(tape, "", (const char *[]){ op, "shapes (2, 3) and (2, 4) do not broadcast", NULL });
    }
    eddy_tape_free(tape);
}
END_TEST

/* The public macros hand over the user's line. */
START_TEST(sites)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var i = input_of(tape, EDDY_I64, EDDY_SHAPE(3), 1, 5), x = input(tape, EDDY_SHAPE(4), 1, 5),
             y = input(tape, EDDY_SHAPE(3), 1, 5);
    FAILS(tape, eddy_tanh(i), "tanh: ");
    FAILS(tape, eddy_add(x, y), "add: ");
    FAILS(tape, eddy_where(x, y, y), "where: ");
    eddy_tape_free(tape);
}
END_TEST

static double f_exp(void *context, double step)
{
    return exp(*(double *)context * step);
}
static double f_kink(void *context, double step)
{
    return (void)context, fabs(step);
}
static double f_nan(void *context, double step)
{
    return (void)context, step > 0 ? NAN : 0;
}

/* The library's numerical derivative: inside its own estimate, which is not lazy. */
START_TEST(ridders)
{
    for (double k = -3; k <= 3; k += 0.37) {
        double error, d = eddy_ridders(f_exp, &k, 0.1, &error);
        ck_assert_msg(fabs(d - k) <= 4 * error + 32 * DBL_EPSILON / 0.1 && error < 1e-9, "%.17g for %g, error %g", d, k,
                      error);
    }
    double error, d = eddy_ridders(f_kink, NULL, 0.1, &error);
    ck_assert(fabs(d) <= 1);
    ck_assert(isnan(eddy_ridders(f_nan, NULL, 0.1, &error)));
}
END_TEST

Suite *suite_elementwise(void)
{
    Suite *suite = suite_create("elementwise");
    TCase *tests = tcase_create("elementwise");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, values_in_every_dtype, 0, ROWS);
    tcase_add_test(tests, values_by_other_formulas);
    tcase_add_test(tests, special_values);
    tcase_add_test(tests, rounding);
    tcase_add_test(tests, activations_far_out);
    tcase_add_test(tests, conditions_of_any_dtype);
    tcase_add_loop_test(tests, gradients, 0, ROWS);
    tcase_add_loop_test(tests, gradients_in_f32, 0, ROWS);
    tcase_add_loop_test(tests, broadcasting, 0, ROWS);
    tcase_add_loop_test(tests, strides, 0, ROWS);
    tcase_add_loop_test(tests, mistakes, 0, ROWS);
    tcase_add_test(tests, sites);
    tcase_add_test(tests, ridders);
    suite_add_tcase(suite, tests);
    return suite;
}
