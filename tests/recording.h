/* What the suites of recorded things share: random leaves, sentences that must be right, values compared by naive
 * means, and a numerical gradient with an estimate of its own error. Assumes one thread, and tapes of a few dozen
 * nodes. */
#ifndef EDDY_TEST_RECORDING_H
#define EDDY_TEST_RECORDING_H

#include <eddy/eddy.h>

#include "test.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* No failure so far. */
#define OK(tape) ck_assert_msg(!eddy_error(tape), "%s", eddy_error(tape))
/* The call fails; its sentence begins with this very place in the file and holds all the given parts. Clears the
 * failure. */
#define FAILS(tape, call, ...)                                                                                         \
    do {                                                                                                               \
        OK(tape);                                                                                                      \
        (void)(call);                                                                                                  \
        check_sentence(tape, EDDY_HERE, (const char *const[]){ __VA_ARGS__, NULL });                                   \
    } while (0)

static inline void check_sentence(eddy_tape *tape, const char *here, const char *const *parts)
{
    const char *sentence = eddy_error(tape);
    ck_assert_msg(sentence != NULL, "%s: nothing failed", here);
    if (here[0]) {
        /* Of a call that spans lines, compilers may name any of the lines. */
        size_t file = (size_t)(strrchr(here, ':') + 1 - here);
        int after = atoi(here + file) - (strncmp(sentence, here, file) ? 0 : atoi(sentence + file));
        ck_assert_msg(after > -4 && after < 4, "%s: not the user's line: %s", here, sentence);
    }
    for (; *parts; parts++)
        ck_assert_msg(strstr(sentence, *parts) != NULL, "%s: no \"%s\" in: %s", here, *parts, sentence);
    eddy_clear_error(tape);
}

/* ---- Random numbers and leaves ---- */

static uint64_t draws; /* each test has a process of its own and starts at 0 */

static inline double between(double low, double high)
{
    return low + (high - low) * eddy_random_uniform((eddy_random){ .seed = 3 }, draws++);
}

static inline int64_t below(int64_t n)
{
    return (int64_t)(eddy_random_bits((eddy_random){ .seed = 3 }, draws++) % (uint64_t)n);
}

/* A tensor of random values, to be freed. */
static inline eddy_tensor random_tensor(eddy_dtype dtype, eddy_shape shape, double low, double high)
{
    eddy_tensor wide = { 0 }, out;
    ck_assert(eddy_tensor_new(&wide, EDDY_F64, shape, NULL) && eddy_tensor_new(&out, dtype, shape, NULL));
    for (int64_t i = 0; i < eddy_tensor_count(&wide); i++)
        ((double *)wide.data)[i] = between(low, high);
    ck_assert(eddy_tensor_copy(&out, &wide, NULL));
    eddy_tensor_free(&wide);
    return out;
}

/* A set input with a name of its own. */
static inline eddy_var input_of(eddy_tape *tape, eddy_dtype dtype, eddy_shape shape, double low, double high)
{
    static int names;
    char name[32];
    snprintf(name, sizeof name, "leaf%d", names++);
    eddy_tensor value = random_tensor(dtype, shape, low, high);
    eddy_var x = eddy_input_of(tape, name, dtype, shape);
    eddy_set_tensor(x, &value);
    eddy_tensor_free(&value);
    return x;
}

static inline eddy_var input(eddy_tape *tape, eddy_shape shape, double low, double high)
{
    return input_of(tape, eddy_tape_dtype(tape), shape, low, high);
}

static inline eddy_var constant(eddy_tape *tape, eddy_dtype dtype, eddy_shape shape, const double *values)
{
    return eddy_constant_of(tape, dtype, shape, values);
}
#define VECTOR(tape, ...)                                                                                              \
    constant(tape, EDDY_F64, EDDY_SHAPE((int64_t)(sizeof((double[]){ __VA_ARGS__ }) / sizeof(double))),                \
             (double[]){ __VA_ARGS__ })
#define INDICES(tape, ...)                                                                                             \
    constant(tape, EDDY_I64, EDDY_SHAPE((int64_t)(sizeof((double[]){ __VA_ARGS__ }) / sizeof(double))),                \
             (double[]){ __VA_ARGS__ })

/* ---- Values ---- */

static inline double at(eddy_var x, int64_t flat)
{
    const eddy_tensor *value = eddy_value(x);
    ck_assert_msg(value != NULL, "%s", x.tape && eddy_error(x.tape) ? eddy_error(x.tape) : "no value");
    ck_assert_int_lt(flat, eddy_tensor_count(value));
    return eddy_tensor_flat(value, flat);
}

static inline int64_t count_of(eddy_var x)
{
    eddy_shape shape = eddy_shape_of(x);
    return eddy_shape_count(&shape);
}

static inline bool has_shape(eddy_var x, eddy_shape wanted)
{
    eddy_shape shape = eddy_shape_of(x);
    return eddy_shape_equal(&shape, &wanted);
}

/* Equal to the last bit; every NaN is alike. */
static inline bool same_bits(double a, double b)
{
    return (isnan(a) && isnan(b)) || !memcmp(&a, &b, sizeof a);
}

static inline void check_same(eddy_var a, eddy_var b)
{
    ck_assert(has_shape(a, eddy_shape_of(b)));
    for (int64_t i = 0; i < count_of(a); i++)
        ck_assert_msg(same_bits(at(a, i), at(b, i)), "element %d: %.17g and %.17g", (int)i, at(a, i), at(b, i));
}

/* |a - b| within a number of units in the last place of `digits` (DBL_EPSILON, FLT_EPSILON), relative to the wanted
 * value. */
static inline void check_close(double got, double wanted, double ulp, double epsilon)
{
    if (same_bits(got, wanted) || got == wanted)
        return;
    ck_assert_msg(fabs(got - wanted) <= ulp * epsilon * fabs(wanted), "%.17g, not %.17g: %.3g ulp", got, wanted,
                  fabs(got - wanted) / (epsilon * fabs(wanted)));
}

/* The same for a value whose error is relative to `scale`: a sum with terms of that size. */
static inline void check_near(double got, double wanted, double scale, double ulp)
{
    ck_assert_msg(got == wanted || fabs(got - wanted) <= ulp * DBL_EPSILON * scale, "%.17g, not %.17g: %.3g", got,
                  wanted, fabs(got - wanted));
}

static inline void check_values(eddy_var x, const double *wanted, int64_t n, double ulp)
{
    ck_assert_int_eq(count_of(x), n);
    for (int64_t i = 0; i < n; i++)
        check_close(at(x, i), wanted[i], ulp, DBL_EPSILON);
}
#define VALUES(x, ...)                                                                                                 \
    check_values(x, (double[]){ __VA_ARGS__ }, (int64_t)(sizeof((double[]){ __VA_ARGS__ }) / sizeof(double)), 4)

/* Coordinates of a row-major element number, and back; a coordinate of a broadcast dimension counts as 0. */
static inline void coordinates(const eddy_shape *shape, int64_t flat, int64_t *index)
{
    for (int i = shape->rank - 1; i >= 0; i--) {
        index[i] = flat % shape->dim[i];
        flat /= shape->dim[i];
    }
}

static inline int64_t flat_of(const eddy_shape *shape, const int64_t *index)
{
    int64_t flat = 0;
    for (int i = 0; i < shape->rank; i++)
        flat = flat * shape->dim[i] + (shape->dim[i] == 1 ? 0 : index[i]);
    return flat;
}

/* ---- Gradients ---- */

/* A loss in which every element has a random weight of its own, so that no wrong derivative cancels. */
static inline eddy_var weighted(eddy_var y)
{
    eddy_tensor weights = random_tensor(eddy_dtype_of(y), eddy_shape_of(y), 0.3, 1.3);
    for (int64_t i = 0; i < eddy_tensor_count(&weights); i += 2)
        if (eddy_dtype_of(y) == EDDY_F64)
            ((double *)weights.data)[i] *= -1;
    eddy_var loss = eddy_sum(eddy_mul(y, eddy_cast(eddy_constant(y.tape, &weights), eddy_dtype_of(y))));
    eddy_tensor_free(&weights);
    return loss;
}

/* d loss / d element: central differences with steps h, h/2, h/4, ..., extrapolated to step 0 (the error is even in h,
 * so column j of the scheme has weight 4^j). The entry that differs least from its two neighbours is taken; that
 * difference is its error. The rounding of the loss, divided by the step, is added to it. */
static inline double numerical_derivative(eddy_var loss, eddy_var leaf, int64_t element, double *values,
                                          double *uncertainty)
{
    enum { STEPS = 7 };
    const size_t bytes = (size_t)count_of(leaf) * sizeof *values;
    const double centre = values[element];
    double column[STEPS] = { 0 }, best = NAN, error = INFINITY, largest = 1, h = 0.04;
    for (int k = 0; k < STEPS; k++, h /= 2) {
        double side[2];
        for (int s = 0; s < 2; s++) {
            values[element] = centre + (s ? h : -h);
            ck_assert(eddy_set(leaf, values, bytes));
            side[s] = eddy_item(loss);
            largest = fmax(largest, fabs(side[s]));
        }
        double left = (side[1] - side[0]) / (2 * h), weight = 4;
        for (int j = 0; j <= k; j++, weight *= 4) {
            double up = column[j];
            column[j] = left;
            if (j < k) {
                double next = left + (left - up) / (weight - 1), difference = fmax(fabs(next - left), fabs(next - up));
                difference += 32 * DBL_EPSILON * largest / h;
                if (difference < error) {
                    error = difference;
                    best = next;
                }
                left = next;
            }
        }
    }
    values[element] = centre;
    ck_assert(eddy_set(leaf, values, bytes));
    *uncertainty = error;
    return best;
}

/* The tape's gradient of a loss on an f64 tape against the numerical one, and the same for the gradient's inner product
 * with random directions if order is 2. At most 24 elements of each leaf, evenly taken. */
static inline void check_gradient(eddy_var loss, eddy_list wrt, int order)
{
    eddy_tape *tape = loss.tape;
    eddy_list grads = eddy_gradients(loss, wrt);
    OK(tape);
    ck_assert_int_eq(grads.count, wrt.count);
    int compared = 0;
    for (int64_t k = 0; k < wrt.count; k++) {
        eddy_var x = wrt.items[k];
        ck_assert(has_shape(grads.items[k], eddy_shape_of(x)));
        int64_t n = count_of(x), stride = n / 24 + 1;
        double *values = malloc((size_t)(n ? n : 1) * sizeof *values);
        ck_assert(eddy_get(x, values, (size_t)n * sizeof *values));
        for (int64_t i = 0; i < n; i += stride, compared++) {
            double uncertainty, claimed = at(grads.items[k], i),
                                numerical = numerical_derivative(loss, x, i, values, &uncertainty);
            uncertainty = 4 * uncertainty + 32 * DBL_EPSILON * fabs(claimed);
            OK(tape);
            ck_assert_msg(uncertainty < 1e-6 * fmax(1, fabs(numerical)),
                          "order %d, leaf %d, element %d: the numerical derivative is no good (%g)", order, (int)k,
                          (int)i, uncertainty);
            ck_assert_msg(fabs(claimed - numerical) <= uncertainty,
                          "order %d, leaf %d, element %d: %.15g, numerically %.15g +- %.3g", order, (int)k, (int)i,
                          claimed, numerical, uncertainty);
        }
        free(values);
    }
    if (order < 2)
        return;
    ck_assert_int_gt(compared, 0);
    eddy_list directions = eddy_list_new(tape, NULL, wrt.count);
    for (int64_t k = 0; k < wrt.count; k++) {
        eddy_tensor direction = random_tensor(EDDY_F64, eddy_shape_of(wrt.items[k]), -1, 1);
        directions.items[k] = eddy_constant(tape, &direction);
        eddy_tensor_free(&direction);
    }
    check_gradient(eddy_dot(grads, directions), wrt, order - 1);
}

#endif
