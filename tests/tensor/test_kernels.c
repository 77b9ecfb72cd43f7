/* The kernels but for the matrix product, against loops over single elements: random shapes and layouts, every dtype,
 * every row of elementwise.def. */
#include "kernels.h"
#include "random_tensor.h"

#include <inttypes.h>

static const eddy_dtype dtypes[] = { EDDY_F32, EDDY_F64, EDDY_I32, EDDY_I64 };

/* ---- elementwise ---- */

static double pick(bool mask, double a, double b)
{
    return mask ? a : b;
}
static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}
#define SELECT(mask, a, b) pick((mask), (a), (b))
#define R(constant) ((double)(constant))
#define M(function) function
#define EDDY_UNARY(name, types, value, ...)                                                                            \
    static double want_##name(const double v[3])                                                                       \
    {                                                                                                                  \
        const double x = v[0];                                                                                         \
        return value;                                                                                                  \
    }
#define EDDY_BINARY(name, types, value, ...)                                                                           \
    static double want_##name(const double v[3])                                                                       \
    {                                                                                                                  \
        const double x = v[0], y = v[1];                                                                               \
        return value;                                                                                                  \
    }
#define EDDY_TERNARY(name, types, value, ...)                                                                          \
    static double want_##name(const double v[3])                                                                       \
    {                                                                                                                  \
        const double c = v[0], x = v[1], y = v[2];                                                                     \
        return value;                                                                                                  \
    }
#include "elementwise.def"
#undef SELECT
#undef R
#undef M

typedef struct op {
    const char *name;
    int arity;
    bool integers;
    double (*want)(const double v[3]);
    double low, high;
} op;

enum { REAL, ANY };
static const op ops[] = {
#define EDDY_UNARY(name, types, value, x, low, high, text) { #name, 1, types, want_##name, low, high },
#define EDDY_BINARY(name, types, value, x, y, low, high, text) { #name, 2, types, want_##name, low, high },
#define EDDY_TERNARY(name, types, value, x, y, low, high, text) { #name, 3, types, want_##name, low, high },
#include "elementwise.def"
};

/* f32 rows may be this many units in the last place away from the f64 result: a function of 1, and three roundings; f64
 * rows of functions from the C library's. */
enum { ULPS = 4 };

/* Does the row call one of kernels/functions.h that the C library computes otherwise? */
static bool is_approximate(const char *name)
{
    static const char *const names[] = { "exp", "expm1", "tanh", "sigmoid", "log",      "log1p", "erf",
                                         "sin", "cos",   "silu", "mish",    "softplus", "elu" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

static void check_close(double got, double want, const char *what, const eddy_tensor *t, int64_t flat)
{
    int exponent = 0;
    if (want != want || isinf(want)) {
        check_same(got, want, what, t, flat);
        return;
    }
    frexp(want, &exponent);
    const double ulp = t->dtype == EDDY_F32 ? ldexp(1, (exponent < -125 ? -125 : exponent) - 24)
                                            : ldexp(1, (exponent < -1021 ? -1021 : exponent) - 53);
    ck_assert_msg(fabs(got - want) <= ULPS * ulp,
                  "%s: element %" PRId64 " of shape %s is %.9g and should be %.9g: %.2g ULP", what, flat,
                  eddy_shape_format(&t->shape).text, got, want, fabs(got - want) / ulp);
}

static eddy_shape broadcastable(eddy_shape shape)
{
    const int64_t way = draw_below(4);
    if (way == 0)
        return shape;
    const int drop = shape.rank > 0 ? (int)draw_below(shape.rank + 1) * (int)draw_below(2) : 0;
    eddy_shape own = { .rank = shape.rank - drop };
    for (int i = 0; i < own.rank; i++)
        own.dim[i] = draw_below(3) == 0 ? 1 : shape.dim[i + drop];
    return own;
}

/* The row-major number, in an operand of that shape, of element `flat` of a shape it broadcasts to. */
static int64_t broadcast_flat(const eddy_shape *own, const eddy_shape *shape, int64_t flat)
{
    int64_t result = 0, factor = 1;
    for (int i = shape->rank - 1, k = own->rank - 1; k >= 0; i--, k--) {
        if (own->dim[k] != 1)
            result += flat % shape->dim[i] * factor;
        factor *= own->dim[k];
        flat /= shape->dim[i];
    }
    return result;
}

START_TEST(elementwise_rows)
{
    const op *o = &ops[_i];
    ck_assert_int_eq((int)(sizeof ops / sizeof *ops), EDDY_ELEMENTWISE_COUNT);
    for (int round = 0; round < 60; round++) {
        const eddy_dtype dtype = dtypes[draw_below(o->integers ? 4 : 2)];
        const bool real = eddy_dtype_is_float(dtype);
        const eddy_shape shape = draw_shape(0, 5);
        eddy_tensor in[3], out = draw_layout(dtype, shape, STRAIGHT);
        const eddy_tensor *operands[3] = { &in[0], &in[1], &in[2] };
        for (int k = 0; k < o->arity; k++) {
            in[k] = draw_tensor(dtype, round % 5 ? broadcastable(shape) : shape, round % 5 ? REPEATED : STRAIGHT,
                                real ? o->low : -50, real ? o->high : 50);
            if (draw_below(4) == 0 && real) {
                static const double specials[] = { NAN, INFINITY, -INFINITY, 0.0, -0.0, 1e30, -1e30, 1e-30 };
                for (int i = 0; i < 20 && count_of(&in[k]); i++)
                    put(&in[k], draw_below(count_of(&in[k])), specials[draw_below(8)]);
            }
        }
        eddy_kernels()->elementwise((eddy_elementwise)_i, operands, &out);
        for (int64_t i = 0; i < count_of(&out); i++) {
            double v[3] = { 0 };
            for (int k = 0; k < o->arity; k++)
                v[k] = get(&in[k], broadcast_flat(&in[k].shape, &shape, i));
            double want = o->want(v);
            if (!real && isnan(want))
                want = 0; /* the remainder of a division by 0 */
            if (dtype == EDDY_F32)
                check_close(get(&out, i), fabs(want) > 0x1.fffffep127 ? copysign(INFINITY, want) : want, o->name, &out,
                            i);
            else if (is_approximate(o->name))
                check_close(get(&out, i), want, o->name, &out, i);
            else
                check_same(get(&out, i), want, o->name, &out, i);
        }
        check_gaps(&out);
        release(&out);
        for (int k = 0; k < o->arity; k++)
            release(&in[k]);
    }
}
END_TEST

START_TEST(elementwise_in_place)
{
    const op *o = &ops[_i];
    for (int round = 0; round < 8; round++) {
        const eddy_dtype dtype = dtypes[draw_below(2)];
        const eddy_shape shape = draw_shape(1, 3);
        eddy_tensor in[3], out = draw_layout(dtype, shape, STRAIGHT);
        const int place = (int)draw_below(o->arity);
        for (int k = 0; k < o->arity; k++)
            in[k] = draw_tensor(dtype, round % 2 && k != place ? broadcastable(shape) : shape,
                                k == place ? STRAIGHT : STRIDED, o->low, o->high);
        const eddy_tensor *operands[3] = { &in[0], &in[1], &in[2] };
        eddy_kernels()->elementwise((eddy_elementwise)_i, operands, &out);
        eddy_kernels()->elementwise((eddy_elementwise)_i, operands, &in[place]);
        for (int64_t i = 0; i < count_of(&out); i++)
            check_same(get(&in[place], i), get(&out, i), o->name, &out, i);
        release(&out);
        for (int k = 0; k < o->arity; k++)
            release(&in[k]);
    }
}
END_TEST

static double apply(eddy_elementwise which, eddy_dtype dtype, double x, double y)
{
    union {
        double f64;
        float f32;
        int32_t i32;
        int64_t i64;
    } cell[3];
    eddy_tensor t[3];
    for (int k = 0; k < 3; k++)
        t[k] = eddy_tensor_wrap(&cell[k], dtype, EDDY_SCALAR);
    put(&t[0], 0, x);
    put(&t[1], 0, y);
    eddy_kernels()->elementwise(which, (const eddy_tensor *const[]){ &t[0], &t[1] }, &t[2]);
    return get(&t[2], 0);
}

START_TEST(elementwise_special)
{
    for (int i = 0; i < 2; i++) {
        const eddy_dtype d = dtypes[i];
        ck_assert(isnan(apply(EDDY_ELEMENTWISE_maximum, d, NAN, 1)) &&
                  isnan(apply(EDDY_ELEMENTWISE_maximum, d, 1, NAN)));
        ck_assert(isnan(apply(EDDY_ELEMENTWISE_minimum, d, NAN, 1)) &&
                  isnan(apply(EDDY_ELEMENTWISE_minimum, d, 1, NAN)));
        ck_assert(apply(EDDY_ELEMENTWISE_maximum, d, -INFINITY, 2) == 2 &&
                  apply(EDDY_ELEMENTWISE_minimum, d, INFINITY, 2) == 2);
        ck_assert(isnan(apply(EDDY_ELEMENTWISE_relu, d, NAN, 0)) && apply(EDDY_ELEMENTWISE_relu, d, -INFINITY, 0) == 0);
        ck_assert(isnan(apply(EDDY_ELEMENTWISE_sign, d, NAN, 0)) && apply(EDDY_ELEMENTWISE_sign, d, -3, 0) == -1);
        ck_assert(apply(EDDY_ELEMENTWISE_sigmoid, d, -1e4, 0) == 0 && apply(EDDY_ELEMENTWISE_sigmoid, d, 1e4, 0) == 1);
        ck_assert(apply(EDDY_ELEMENTWISE_softplus, d, -1e4, 0) == 0 &&
                  apply(EDDY_ELEMENTWISE_softplus, d, 1e4, 0) == 1e4);
        ck_assert(isnan(apply(EDDY_ELEMENTWISE_softplus, d, NAN, 0)) &&
                  isnan(apply(EDDY_ELEMENTWISE_sigmoid, d, NAN, 0)));
        ck_assert(apply(EDDY_ELEMENTWISE_ne, d, NAN, NAN) == 1 && apply(EDDY_ELEMENTWISE_eq, d, NAN, NAN) == 0);
    }
    /* integers wrap */
    for (int i = 2; i < 4; i++) {
        const double least = i == 2 ? -0x1p31 : -0x1p63;
        ck_assert(apply(EDDY_ELEMENTWISE_neg, dtypes[i], least, 0) == least &&
                  apply(EDDY_ELEMENTWISE_abs, dtypes[i], least, 0) == least);
        ck_assert(apply(EDDY_ELEMENTWISE_square, dtypes[i], least, 0) == 0 &&
                  apply(EDDY_ELEMENTWISE_mul, dtypes[i], least, -1) == least);
        ck_assert(apply(EDDY_ELEMENTWISE_add, dtypes[i], least, least) == 0 &&
                  apply(EDDY_ELEMENTWISE_sub, dtypes[i], 0, least) == least);
    }
    ck_assert(apply(EDDY_ELEMENTWISE_mul, EDDY_I32, 65537, 65537) == 131073);
}
END_TEST

/* ---- moving ---- */

/* C's conversion where it is defined, saturation elsewhere */
static double converted(double x, eddy_dtype to)
{
    const double low = to == EDDY_I32 ? -0x1p31 : -0x1p63, high = to == EDDY_I32 ? 0x1p31 - 1 : 0x1p63;
    if (to == EDDY_F64)
        return x;
    if (to == EDDY_F32)
        return (double)(float)x;
    return x != x ? 0 : x < low ? low : x > high ? high : trunc(x);
}

START_TEST(copies)
{
    for (int round = 0; round < 800; round++) {
        const eddy_dtype from = dtypes[draw_below(4)], to = dtypes[draw_below(4)];
        const eddy_shape shape = draw_shape(0, 5);
        eddy_tensor in = draw_tensor(from, shape, REPEATED, -100, 100), out = draw_layout(to, shape, STRIDED);
        static const double specials[] = {
            NAN, INFINITY, -INFINITY, 3e9, -3e9, 1e30, -1e30, 2147483647.5, -2147483648.5
        };
        if (eddy_dtype_is_float(from) && count_of(&in))
            put(&in, draw_below(count_of(&in)), specials[draw_below(9)]);
        else if (from == EDDY_I64 && count_of(&in))
            put(&in, draw_below(count_of(&in)), specials[3 + draw_below(2)]);
        eddy_kernels()->copy(&in, &out);
        for (int64_t i = 0; i < count_of(&in); i++)
            check_same(get(&out, i), converted(get(&in, i), to), "copy", &out, i);
        check_gaps(&out);
        release(&in);
        release(&out);
    }
}
END_TEST

START_TEST(fills)
{
    static const double values[] = { 0, 1.75, -7.25, 3e9, -1e30, NAN };
    for (int round = 0; round < 250; round++) {
        const double value = values[draw_below(6)];
        eddy_tensor out = draw_layout(dtypes[draw_below(4)], draw_shape(0, 4), STRIDED);
        eddy_kernels()->fill(&out, value);
        for (int64_t i = 0; i < count_of(&out); i++)
            check_same(get(&out, i), converted(value, out.dtype), "fill", &out, i);
        check_gaps(&out);
        release(&out);
    }
}
END_TEST

START_TEST(accumulates)
{
    for (int round = 0; round < 250; round++) {
        const eddy_dtype dtype = dtypes[draw_below(4)];
        const eddy_shape shape = draw_shape(0, 5);
        eddy_tensor in = draw_tensor(dtype, shape, REPEATED, -100, 100),
                    out = draw_tensor(dtype, shape, STRIDED, -100, 100);
        eddy_tensor old = draw_layout(dtype, shape, STRAIGHT);
        eddy_kernels()->copy(&out, &old);
        eddy_kernels()->accumulate(&in, &out);
        for (int64_t i = 0; i < count_of(&in); i++)
            check_same(get(&out, i), converted(get(&old, i) + get(&in, i), dtype), "accumulate", &out, i);
        check_gaps(&out);
        release(&in);
        release(&out);
        release(&old);
    }
}
END_TEST

START_TEST(sums_of_many)
{
    for (int round = 0; round < 200; round++) {
        const eddy_dtype dtype = dtypes[draw_below(4)];
        eddy_shape shape = draw_shape(0, 4);
        if (round % 20 == 0)
            shape = EDDY_SHAPE(5000 + draw_below(10), 1 + draw_below(2)); /* several tiles */
        const int64_t n = round % 50 == 1 ? 1000 : 1 + draw_below(6);
        eddy_tensor *in = calloc((size_t)n, sizeof *in), out = draw_layout(dtype, shape, STRAIGHT);
        const eddy_tensor **list = calloc((size_t)n, sizeof *list);
        for (int64_t k = 0; k < n; k++) {
            in[k] = draw_tensor(dtype, shape, draw_below(2) ? REPEATED : STRAIGHT, -100, 100);
            list[k] = &in[k];
        }
        eddy_kernels()->sum_n(n, list, &out);
        for (int64_t i = 0; i < count_of(&out); i++) {
            double want = get(&in[0], i);
            for (int64_t k = 1; k < n; k++)
                want = converted(want + get(&in[k], i), dtype);
            check_same(get(&out, i), want, "sum_n", &out, i);
        }
        check_gaps(&out);
        for (int64_t k = 0; k < n; k++)
            release(&in[k]);
        release(&out);
        free(in);
        free(list);
    }
}
END_TEST

START_TEST(nonfinite)
{
    for (int round = 0; round < 400; round++) {
        eddy_tensor in = draw_tensor(dtypes[draw_below(2)], draw_shape(0, 4), STRIDED, -100, 100);
        const int64_t count = count_of(&in);
        int64_t at = -7;
        ck_assert(!eddy_kernels()->find_nonfinite(&in, &at) && at == -7);
        if (count) {
            const int64_t first = draw_below(count), second = first + draw_below(count - first);
            put(&in, second, NAN);
            put(&in, first, round % 3 ? round % 3 == 1 ? INFINITY : -INFINITY : NAN);
            ck_assert(eddy_kernels()->find_nonfinite(&in, &at));
            ck_assert_int_eq(at, first);
        }
        release(&in);
    }
    eddy_tensor largest =
        eddy_tensor_wrap((double[]){ 0x1.fffffffffffffp1023, -0x1.fffffffffffffp1023 }, EDDY_F64, EDDY_SHAPE(2));
    ck_assert(!eddy_kernels()->find_nonfinite(&largest, NULL));
}
END_TEST

/* ---- reductions ---- */

static void check_reduction(bool maximum, eddy_dtype dtype, eddy_shape shape)
{
    const unsigned axes = (unsigned)draw_below(1 << shape.rank);
    eddy_shape kept = shape;
    for (int i = 0; i < shape.rank; i++)
        if (axes >> i & 1U)
            kept.dim[i] = 1;
    eddy_tensor in = draw_tensor(dtype, shape, REPEATED, -100, 100), out = draw_layout(dtype, kept, STRAIGHT);
    const int64_t count = count_of(&in), results = count_of(&out);
    if (maximum && eddy_dtype_is_float(dtype) && count && draw_below(2))
        put(&in, draw_below(count), draw_below(2) ? NAN : -INFINITY);
    double *want = calloc((size_t)results + 1, sizeof *want);
    bool *seen = calloc((size_t)results + 1, sizeof *seen);
    for (int64_t i = 0; i < count; i++) {
        const int64_t k = broadcast_flat(&kept, &shape, i);
        const double x = get(&in, i);
        if (!maximum)
            want[k] += x;
        else if (!seen[k] || x != x || x > want[k])
            want[k] = x;
        seen[k] = true;
    }
    (maximum ? eddy_kernels()->amax : eddy_kernels()->sum)(&in, axes, &out);
    for (int64_t i = 0; i < results; i++)
        if (!maximum || seen[i])
            check_same(get(&out, i), converted(want[i], dtype), maximum ? "amax" : "sum", &out, i);
    if (!maximum)
        check_gaps(&out);
    release(&in);
    release(&out);
    free(want);
    free(seen);
}

START_TEST(reductions)
{
    for (int round = 0; round < 400; round++)
        check_reduction(_i, dtypes[draw_below(4)],
                        round % 10 ? draw_shape(0, 5) : EDDY_SHAPE(1 + draw_below(40), 1 + draw_below(600)));
}
END_TEST

START_TEST(cumulative_sums)
{
    for (int round = 0; round < 400; round++) {
        const eddy_dtype dtype = dtypes[draw_below(4)];
        const eddy_shape shape = draw_shape(0, 4);
        const int axis = shape.rank ? (int)draw_below(shape.rank) : 0;
        eddy_tensor in = draw_tensor(dtype, shape, REPEATED, -100, 100), out = draw_layout(dtype, shape, STRAIGHT);
        eddy_kernels()->cumsum(&in, axis, &out);
        int64_t inner = 1;
        for (int i = axis + 1; i < shape.rank; i++)
            inner *= shape.dim[i];
        for (int64_t i = 0; i < count_of(&in); i++) {
            const int64_t at = shape.rank ? i / inner % shape.dim[axis] : 0;
            double want = 0;
            for (int64_t k = at; k >= 0; k--)
                want += get(&in, i - k * inner);
            check_same(get(&out, i), converted(want, dtype), "cumsum", &out, i);
        }
        check_gaps(&out);
        release(&in);
        release(&out);
    }
}
END_TEST

/* ---- index ---- */

/* With the number of an element of the index, that of the element it means in the table. */
static int64_t looked_up(const eddy_shape *index, const eddy_shape *table, int axis, int64_t flat, int64_t value)
{
    int64_t result = 0, factor = 1;
    for (int i = index->rank - 1; i >= 0; i--) {
        result += (i == axis ? value : flat % index->dim[i]) * factor;
        factor *= table->dim[i];
        flat /= index->dim[i];
    }
    return result;
}

START_TEST(gathers_and_scatters)
{
    for (int round = 0; round < 400; round++) {
        const eddy_dtype dtype = dtypes[draw_below(4)];
        const eddy_shape shape = draw_shape(1, 4);
        const int axis = (int)draw_below(shape.rank);
        eddy_shape table_shape = shape;
        for (int i = 0; i < shape.rank; i++)
            table_shape.dim[i] += i == axis ? 1 + draw_below(5) : draw_below(2);
        eddy_tensor index = draw_tensor(dtypes[2 + draw_below(2)], shape, REPEATED, 0, (double)table_shape.dim[axis]);
        if (round % 2)
            for (int i = axis + 1; i < shape.rank; i++)
                index.stride[i] = 0; /* rows of an embedding */
        eddy_tensor table = draw_tensor(dtype, table_shape, REPEATED, -100, 100),
                    out = draw_layout(dtype, shape, STRAIGHT);
        eddy_tensor sums = draw_layout(dtype, table_shape, STRAIGHT),
                    in = draw_tensor(dtype, shape, REPEATED, -100, 100);
        double *want = calloc((size_t)count_of(&sums) + 1, sizeof *want);
        eddy_status status = { 0 };
        ck_assert_msg(eddy_kernels()->gather(&table, axis, &index, &out, &status), "%s", status.text);
        ck_assert_msg(eddy_kernels()->scatter_add(&in, axis, &index, &sums, &status), "%s", status.text);
        for (int64_t i = 0; i < count_of(&index); i++) {
            const int64_t at = looked_up(&shape, &table_shape, axis, i, (int64_t)get(&index, i));
            check_same(get(&out, i), get(&table, at), "gather", &out, i);
            want[at] = converted(want[at] + get(&in, i), dtype);
        }
        for (int64_t i = 0; i < count_of(&sums); i++)
            check_same(get(&sums, i), want[i], "scatter_add", &sums, i);
        check_gaps(&out);
        check_gaps(&sums);
        release(&index);
        release(&table);
        release(&out);
        release(&sums);
        release(&in);
        free(want);
    }
}
END_TEST

static void check_sentence(const eddy_tensor *table, int axis, const eddy_tensor *index, const char *part)
{
    eddy_tensor out = draw_layout(EDDY_F32, index->shape, STRAIGHT),
                sums = draw_layout(EDDY_F32, table->shape, STRAIGHT);
    eddy_status gather = { 0 }, scatter = { 0 };
    ck_assert(!eddy_kernels()->gather(table, axis, index, &out, &gather));
    ck_assert_msg(strstr(gather.text, part), "%s", gather.text);
    eddy_kernels()->fill(&out, 1);
    ck_assert(!eddy_kernels()->scatter_add(&out, axis, index, &sums, &scatter));
    ck_assert_msg(strstr(scatter.text, part), "%s", scatter.text);
    ck_assert(!eddy_kernels()->gather(table, axis, index, &out, NULL));
    release(&out);
    release(&sums);
}

START_TEST(index_errors)
{
    eddy_tensor table = draw_tensor(EDDY_F32, EDDY_SHAPE(5, 3), STRAIGHT, 0, 1),
                none = draw_layout(EDDY_F32, EDDY_SHAPE(0, 3), STRAIGHT);
    int32_t rows[] = { 0, 4, 5 };
    int64_t cells[] = { 2, 0, -1, 1 };
    eddy_tensor row_index = eddy_tensor_wrap(rows, EDDY_I32, EDDY_SHAPE(3, 3)),
                cell_index = eddy_tensor_wrap(cells, EDDY_I64, EDDY_SHAPE(2, 2));
    row_index.stride[0] = 1;
    row_index.stride[1] = 0;
    check_sentence(&table, 0, &row_index,
                   "the index at (2, 0) is 5, but axis 0 of the tensor of shape (5, 3) takes 0 to 4");
    check_sentence(&table, 1, &cell_index,
                   "the index at (1, 0) is -1, but axis 1 of the tensor of shape (5, 3) takes 0 to 2");
    check_sentence(&none, 0, &row_index,
                   "the index at (0, 0) is 0, but axis 0 of the tensor of shape (0, 3) has no elements");
    release(&table);
    release(&none);
}
END_TEST

Suite *suite_kernels(void)
{
    Suite *suite = suite_create("kernels");
    TCase *elementwise = tcase_create("elementwise"), *moving = tcase_create("moving"),
          *reducing = tcase_create("reducing"), *indexing = tcase_create("indexing");
    tcase_add_loop_test(elementwise, elementwise_rows, 0, EDDY_ELEMENTWISE_COUNT);
    tcase_add_loop_test(elementwise, elementwise_in_place, 0, EDDY_ELEMENTWISE_COUNT);
    tcase_add_test(elementwise, elementwise_special);
    tcase_add_test(moving, copies);
    tcase_add_test(moving, fills);
    tcase_add_test(moving, accumulates);
    tcase_add_test(moving, sums_of_many);
    tcase_add_test(moving, nonfinite);
    tcase_add_loop_test(reducing, reductions, 0, 2);
    tcase_add_test(reducing, cumulative_sums);
    tcase_add_test(indexing, gathers_and_scatters);
    tcase_add_test(indexing, index_errors);
    TCase *all[] = { elementwise, moving, reducing, indexing };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        tcase_set_timeout(all[i], 300);
        suite_add_tcase(suite, all[i]);
    }
    return suite;
}
