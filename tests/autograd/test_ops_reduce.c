/* Reductions and running sums: values against naive loops over random shapes and axes, gradients of first and second
 * order, ties, and the sentence of every mistake. */
#include "recording.h"

/* A random shape of the rank, and a random subset of its axes, some of them negative. EDDY_SCALAR now and then: all of
 * them. */
static eddy_shape random_shape(int rank, bool empty)
{
    eddy_shape shape = { .rank = rank };
    for (int i = 0; i < rank; i++)
        shape.dim[i] = !empty || below(8) ? 1 + below(4) : 0;
    return shape;
}

static eddy_shape random_axes(int rank, bool reduced[])
{
    eddy_shape axes = { 0 };
    for (int i = 0; i < rank; i++)
        if ((reduced[i] = below(2)))
            axes.dim[axes.rank++] = below(2) ? i : i - rank;
    for (int i = 0; i < rank && !axes.rank; i++)
        reduced[i] = true;
    return axes;
}

/* What each reduced group of x comes to, naively. */
typedef struct group {
    long double sum, absolute, product, largest, smallest, squares, mean;
    int64_t n;
} group;

static int64_t group_of(const eddy_shape *shape, const bool reduced[], int64_t flat)
{
    int64_t index[EDDY_MAX_RANK], g = 0;
    coordinates(shape, flat, index);
    for (int i = 0; i < shape->rank; i++)
        if (!reduced[i])
            g = g * shape->dim[i] + index[i];
    return g;
}

static eddy_shape reduced_shape(const eddy_shape *shape, const bool reduced[], bool keepdim)
{
    eddy_shape out = { 0 };
    for (int i = 0; i < shape->rank; i++)
        if (!reduced[i] || keepdim)
            out.dim[out.rank++] = reduced[i] ? 1 : shape->dim[i];
    return out;
}

START_TEST(values)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 120; round++) {
        int rank = (int)below(5);
        bool reduced[4] = { 0 }, keepdim = below(2);
        eddy_shape shape = random_shape(rank, true), axes = random_axes(rank, reduced),
                   out = reduced_shape(&shape, reduced, keepdim);
        eddy_var x = input(tape, shape, -2, 2);
        if (rank > 1 && below(2)) { /* odd strides */
            eddy_shape order = { .rank = rank };
            for (int i = 0; i < rank; i++)
                order.dim[i] = (i + 1) % rank;
            eddy_shape turned = { .rank = rank };
            for (int i = 0; i < rank; i++)
                turned.dim[(i + 1) % rank] = shape.dim[i];
            x = eddy_permute(input(tape, turned, -2, 2), order);
            ck_assert(has_shape(x, shape));
        }
        group groups[300] = { { 0 } };
        for (int g = 0; g < 300; g++)
            groups[g].product = 1, groups[g].largest = -INFINITY, groups[g].smallest = INFINITY;
        for (int pass = 0; pass < 2; pass++)
            for (int64_t i = 0; i < count_of(x); i++) {
                group *g = &groups[group_of(&shape, reduced, i)];
                long double v = at(x, i);
                if (pass) {
                    g->squares += (v - g->sum / (long double)g->n) * (v - g->sum / (long double)g->n);
                    continue;
                }
                g->n++;
                g->sum += v;
                g->absolute += fabsl(v);
                g->product *= v;
                g->largest = fmaxl(g->largest, v);
                g->smallest = fminl(g->smallest, v);
            }
        eddy_var sum = eddy_sum_over(x, axes, keepdim), mean = eddy_mean_over(x, axes, keepdim),
                 product = eddy_prod(x, axes, keepdim), variance = eddy_variance(x, axes, 1, keepdim),
                 population = eddy_variance(x, axes, 0, keepdim);
        OK(tape);
        ck_assert(has_shape(sum, out) && has_shape(mean, out) && has_shape(product, out) && has_shape(variance, out) &&
                  has_shape(population, out));
        int64_t n = 1;
        for (int i = 0; i < rank; i++)
            n *= reduced[i] ? shape.dim[i] : 1;
        for (int64_t i = 0; i < count_of(sum); i++) {
            const group *g = &groups[i];
            double most = (double)(g->absolute + 1), terms = (double)n + 2;
            check_near(at(sum, i), (double)g->sum, most, terms);
            check_close(at(product, i), (double)g->product, terms, DBL_EPSILON);
            if (!n) {
                ck_assert(isnan(at(mean, i)));
                continue;
            }
            check_near(at(mean, i), (double)g->sum / (double)n, most, terms);
            check_near(at(population, i), (double)(g->squares / (long double)n), (double)g->squares + 1, 4 * terms);
            if (n > 1)
                check_near(at(variance, i), (double)(g->squares / (long double)(n - 1)), (double)g->squares + 1,
                           4 * terms);
            else
                ck_assert(isnan(at(variance, i))); /* 0/0, as PyTorch */
        }
        if (!n && eddy_shape_count(&out)) {
            FAILS(tape, eddy_amax(x, axes, keepdim), "amax: ", "has no element");
            FAILS(tape, eddy_amin(x, axes, keepdim), "has no element");
            continue;
        }
        eddy_var largest = eddy_amax(x, axes, keepdim), smallest = eddy_amin(x, axes, keepdim);
        OK(tape);
        ck_assert(has_shape(largest, out) && has_shape(smallest, out));
        for (int64_t i = 0; i < count_of(largest); i++)
            ck_assert(at(largest, i) == (double)groups[i].largest && at(smallest, i) == (double)groups[i].smallest);
    }
    eddy_tape_free(tape);
}
END_TEST

START_TEST(gradients)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 25; round++) {
        int rank = (int)below(4);
        bool reduced[4] = { 0 }, keepdim = below(2);
        eddy_shape shape = random_shape(rank, false), axes = random_axes(rank, reduced);
        eddy_var x = input(tape, shape, 0.2, 2);
        int64_t n = 1;
        for (int i = 0; i < rank; i++)
            n *= reduced[i] ? shape.dim[i] : 1;
        eddy_var y[] = { eddy_sum_over(x, axes, keepdim), eddy_mean_over(x, axes, keepdim), eddy_prod(x, axes, keepdim),
                         eddy_variance(x, axes, n > 1, keepdim) };
        for (int k = 0; k < 4; k++)
            check_gradient(weighted(eddy_sin(y[k])), EDDY_LIST(x), 2);
    }
    /* Distinct values with gaps, so that no step of the numerical derivative changes the winner. */
    double spread[24];
    for (int i = 0; i < 24; i++)
        spread[i] = (i * 7 % 24) * 0.2 - 2;
    eddy_var leaf = input(tape, EDDY_SHAPE(2, 3, 4), 0, 0);
    eddy_set(leaf, spread, sizeof spread);
    for (int round = 0; round < 8; round++) {
        bool reduced[3];
        eddy_shape axes = random_axes(3, reduced);
        check_gradient(weighted(eddy_sin(eddy_amax(leaf, axes, below(2)))), EDDY_LIST(leaf), 2);
        check_gradient(weighted(eddy_sin(eddy_amin(leaf, axes, below(2)))), EDDY_LIST(leaf), 2);
    }
    for (int axis = -3; axis < 3; axis++) {
        check_gradient(weighted(eddy_sin(eddy_cumsum(leaf, axis))), EDDY_LIST(leaf), 2);
        check_gradient(weighted(eddy_logsumexp(leaf, axis, axis > 0)), EDDY_LIST(leaf), 2);
        check_gradient(weighted(eddy_softmax(leaf, axis)), EDDY_LIST(leaf), 2);
        check_gradient(weighted(eddy_log_softmax(leaf, axis)), EDDY_LIST(leaf), 2);
    }
    eddy_var none = input(tape, EDDY_SHAPE(0, 3), 0, 1);
    eddy_var y[] = { eddy_sum(none), eddy_prod(none, EDDY_SCALAR, false), eddy_sum(eddy_cumsum(none, 0)),
                     eddy_sum(eddy_softmax(none, 1)) };
    VALUES(eddy_stack_list(0, (eddy_list){ y, 4 }), 0, 1, 0, 0);
    for (int k = 0; k < 4; k++) {
        ck_assert(has_shape(eddy_gradients(y[k], EDDY_LIST(none)).items[0], EDDY_SHAPE(0, 3)));
        OK(tape);
    }
    eddy_tape_free(tape);
}
END_TEST

START_TEST(ties_share_the_gradient)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = VECTOR(tape, 3, 1, 3, 0, 3, 2);
    VALUES(eddy_gradients(eddy_amax(x, EDDY_SCALAR, false), EDDY_LIST(x)).items[0], 1 / 3.0, 0, 1 / 3.0, 0, 1 / 3.0, 0);
    VALUES(eddy_gradients(eddy_amin(x, EDDY_SCALAR, false), EDDY_LIST(x)).items[0], 0, 0, 0, 1, 0, 0);
    eddy_var nan = VECTOR(tape, 1, NAN, 2);
    ck_assert(isnan(at(eddy_amax(nan, EDDY_SCALAR, false), 0)) && isnan(at(eddy_amin(nan, EDDY_SCALAR, false), 0)));
    eddy_var low = VECTOR(tape, -INFINITY, -INFINITY);
    VALUES(eddy_amax(low, EDDY_SCALAR, false), -INFINITY);
    VALUES(eddy_gradients(eddy_amax(low, EDDY_SCALAR, false), EDDY_LIST(low)).items[0], 0.5, 0.5);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(running_sums)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 20; round++) {
        int rank = 1 + (int)below(3), axis = (int)below(rank);
        eddy_shape shape = random_shape(rank, true);
        eddy_var x = input(tape, shape, -1, 1), y = eddy_cumsum(x, below(2) ? axis : axis - rank);
        OK(tape);
        ck_assert(has_shape(y, shape));
        for (int64_t i = 0; i < count_of(x); i++) {
            int64_t index[4] = { 0 };
            coordinates(&shape, i, index);
            double before = 0;
            if (index[axis]) {
                index[axis]--;
                before = at(y, flat_of(&shape, index));
            }
            check_near(at(y, i), before + at(x, i), 5, 1);
        }
    }
    eddy_var whole = INDICES(tape, 3, -1, 4), sum = eddy_sum(whole);
    VALUES(eddy_cumsum(whole, 0), 3, 2, 6);
    VALUES(sum, 6);
    ck_assert_int_eq(eddy_dtype_of(sum), EDDY_I64);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 3), 0, 1), i = INDICES(tape, 1, 2), s = eddy_sum(x);
    FAILS(tape, eddy_sum_over(x, EDDY_SHAPE(2), false), "sum: axis 2 is out of range for shape (2, 3)");
    FAILS(tape, eddy_sum_over(x, EDDY_SHAPE(0, -2), false), "sum: axis -2 is given twice for shape (2, 3)");
    FAILS(tape, eddy_sum_over(x, EDDY_SHAPE(INT64_MIN), false), "sum: axis");
    FAILS(tape, eddy_sum_over(x, EDDY_SHAPE(0, 1, 2, 3, 4, 5, 6, 7, 8), false),
          "sum: the list of axes is longer than 8");
    FAILS(tape, eddy_sum_over(s, EDDY_SHAPE(0), false), "sum: axis 0 is out of range for shape ()");
    FAILS(tape, eddy_amax(x, EDDY_SHAPE(2), true), "amax: axis 2");
    FAILS(tape, eddy_amax(i, EDDY_SCALAR, true), "amax: the operand has dtype i64");
    FAILS(tape, eddy_cumsum(x, 2), "cumsum: axis 2 is out of range for shape (2, 3)");
    FAILS(tape, eddy_cumsum(s, 0), "cumsum: axis 0");
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_ops_reduce(void)
{
    Suite *suite = suite_create("ops_reduce");
    TCase *tests = tcase_create("ops_reduce");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, values);
    tcase_add_test(tests, gradients);
    tcase_add_test(tests, ties_share_the_gradient);
    tcase_add_test(tests, running_sums);
    tcase_add_test(tests, mistakes);
    suite_add_tcase(suite, tests);
    return suite;
}
