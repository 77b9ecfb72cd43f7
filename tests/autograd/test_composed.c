/* Functions composed of ops: values, gradients of first and second order, zeros and infinities, and the sentence of
 * every mistake. Means, variances, products and minima over random axes are in test_ops_reduce.c, beside the sums. */
#include "recording.h"

START_TEST(elementwise)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var a = input(tape, EDDY_SHAPE(3, 4), -2, 2), b = input(tape, EDDY_SHAPE(4), -2, 2),
             w = input(tape, EDDY_SHAPE(3, 1), -1, 2);
    eddy_var l = eddy_lerp(a, b, w), r = eddy_leaky_relu(a, 0.1), g = eddy_gelu(a), e = eddy_elu_with(a, 0.3);
    for (int i = 0; i < 12; i++) {
        double x = at(a, i), y = at(b, i % 4), m = at(w, i / 4);
        check_near(at(l, i), (1 - m) * x + m * y, 8, 1);
        ck_assert(at(r, i) == (x > 0 ? x : 0.1 * x));
        check_near(at(e, i), x > 0 ? x : 0.3 * (exp(x) - 1), 1, 2);
        check_near(at(g, i), x * 0.5 * erfc(-x * 0.70710678118654752440), 2, 2);
    }
    check_gradient(weighted(l), EDDY_LIST(a, b, w), 2);
    check_gradient(weighted(g), EDDY_LIST(a), 2);
    check_gradient(weighted(e), EDDY_LIST(a), 2);
    check_gradient(weighted(eddy_sin(r)), EDDY_LIST(a), 2);

    eddy_var x = VECTOR(tape, -3, -1, 0, 0.5, 1, 7, NAN), c = eddy_clamp(x, -1, 0.5);
    VALUES(c, -1, -1, 0, 0.5, 0.5, 0.5, NAN);
    VALUES(eddy_gradients(eddy_sum(c), EDDY_LIST(x)).items[0], 0, 1, 1, 1, 0, 0, 1); /* 1 on the bounds */
    VALUES(eddy_clamp(x, -INFINITY, 0.5), -3, -1, 0, 0.5, 0.5, 0.5, NAN);
    VALUES(eddy_clamp(x, 0, INFINITY), 0, 0, 0, 0.5, 1, 7, NAN);
    VALUES(eddy_clamp(INDICES(tape, -5, 0, 5), -1, 2), -1, 0, 2);
    FAILS(tape, eddy_clamp(x, 1, 0), "clamp: the bounds 1 and 0 are not in order");
    FAILS(tape, eddy_clamp(x, NAN, 0), "clamp: the bounds");
    FAILS(tape, eddy_clamp(INDICES(tape, 1), 0.5, 2), "clamp: ", "0.5 has no value");
    eddy_tape_free(tape);
}
END_TEST

/* The gradient of a product is the product of the others and the second gradient that of the others but two: exact with
 * whole numbers and zeros. */
START_TEST(products_with_zeros)
{
    const double rows[][5] = {
        { 2, 3, 5, 7, 4 }, { 2, 0, 5, 7, 4 }, { 0, 3, 0, 7, 4 }, { 0, 0, 0, 7, 4 }, { -1, 0, 2, -3, 0 }
    };
    for (size_t r = 0; r < 5; r++)
        for (int n = 1; n <= 5; n++) {
            eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
            eddy_var x = constant(tape, EDDY_F64, EDDY_SHAPE(n), rows[r]), p = eddy_prod(x, EDDY_SCALAR, false),
                     g = eddy_gradients(p, EDDY_LIST(x)).items[0], h = eddy_jacobian(g, x);
            OK(tape);
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++) {
                    double first = 1, second = i == j ? 0 : 1;
                    for (int k = 0; k < n; k++) {
                        first *= k == i ? 1 : rows[r][k];
                        second *= k == i || k == j ? 1 : rows[r][k];
                    }
                    ck_assert_msg(at(g, i) == first && at(h, i * n + j) == second,
                                  "row %d, n %d, (%d, %d): %g and %g, not %g and %g", (int)r, n, i, j, at(g, i),
                                  at(h, i * n + j), first, second);
                }
            eddy_tape_free(tape);
        }
}
END_TEST

/* The number of the row along an axis that an element lies in. */
static int64_t row_of(const eddy_shape *shape, int axis, int64_t flat)
{
    int64_t index[EDDY_MAX_RANK], row = 0;
    coordinates(shape, flat, index);
    for (int i = 0; i < shape->rank; i++)
        row = i == axis ? row : row * shape->dim[i] + index[i];
    return row;
}

START_TEST(along_one_axis)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 20; round++) {
        int rank = 1 + (int)below(3), axis = (int)below(rank), given = below(2) ? axis : axis - rank;
        eddy_shape shape = { .rank = rank };
        for (int i = 0; i < rank; i++)
            shape.dim[i] = 1 + below(4);
        /* large enough for e^x to overflow */
        eddy_var x = eddy_mul_scalar(input(tape, shape, -1, 1), round % 2 ? 1000 : 3), s = eddy_softmax(x, given),
                 l = eddy_log_softmax(x, given), e = eddy_logsumexp(x, given, true),
                 f = eddy_logsumexp(x, given, false);
        OK(tape);
        ck_assert(has_shape(s, shape) && has_shape(l, shape) && eddy_size(e, axis) == 1 &&
                  eddy_shape_of(f).rank == rank - 1);
        for (int64_t i = 0; i < count_of(x); i++) {
            long double sum = 0, shift = round % 2 ? -INFINITY : 0;
            int64_t mine = row_of(&shape, axis, i);
            for (int64_t k = 0; k < count_of(x) && round % 2; k++) /* a long double may be no wider than a double */
                if (row_of(&shape, axis, k) == mine)
                    shift = fmaxl(shift, at(x, k));
            for (int64_t k = 0; k < count_of(x); k++)
                if (row_of(&shape, axis, k) == mine)
                    sum += expl(at(x, k) - shift);
            double wide = (double)(logl(sum) + shift), size = fabs(at(x, i)) + fabs(wide) + 1;
            check_near(at(e, mine), wide, size, 4);
            check_near(at(f, mine), wide, size, 4);
            check_near(at(l, i), at(x, i) - wide, size, 4);
            check_near(at(s, i), (double)(expl(at(x, i) - shift) / sum), (double)(expl(at(x, i) - shift) / sum) * size,
                       8);
        }
    }
    eddy_tape_free(tape);
}
END_TEST

START_TEST(infinite_rows)
{
    const double inf = INFINITY;
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var none = VECTOR(tape, -INFINITY, -INFINITY, -INFINITY), some = VECTOR(tape, -INFINITY, 0, 0),
             all = VECTOR(tape, INFINITY, 1, -INFINITY);
    eddy_var e = eddy_logsumexp(none, 0, false), g = eddy_gradients(e, EDDY_LIST(none)).items[0];
    VALUES(e, -inf);
    VALUES(g, 0, 0, 0);
    VALUES(eddy_gradients(eddy_sum(eddy_square(g)), EDDY_LIST(none)).items[0], 0, 0, 0);
    e = eddy_logsumexp(some, 0, false);
    g = eddy_gradients(e, EDDY_LIST(some)).items[0];
    VALUES(e, log(2));
    VALUES(g, 0, 0.5, 0.5);
    VALUES(eddy_gradients(eddy_select(g, 0, 1), EDDY_LIST(some)).items[0], 0, 0.25, -0.25);
    VALUES(eddy_softmax(some, 0), 0, 0.5, 0.5);
    VALUES(eddy_gradients(eddy_select(eddy_softmax(some, 0), 0, 1), EDDY_LIST(some)).items[0], 0, 0.25, -0.25);
    VALUES(eddy_log_softmax(some, 0), -inf, log(0.5), log(0.5));
    VALUES(eddy_gradients(eddy_select(eddy_log_softmax(some, 0), 0, 1), EDDY_LIST(some)).items[0], 0, 0.5, -0.5);
    VALUES(eddy_logsumexp(all, 0, false), inf);
    g = eddy_gradients(eddy_logsumexp(all, 0, false), EDDY_LIST(all)).items[0];
    ck_assert(at(g, 1) == 0 && at(g, 2) == 0);
    OK(tape);

    /* Eager mode does not take the infinities of the formulas themselves for failures. */
    eddy_set_eager(tape, true);
    eddy_var plain = VECTOR(tape, 1, 2, 3);
    eddy_gradients(eddy_add(eddy_logsumexp(plain, 0, false), eddy_sum(eddy_softmax(plain, 0))), EDDY_LIST(plain));
    OK(tape);
    FAILS(tape, eddy_logsumexp(none, 0, false), "an infinity", "in logsumexp at ");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(jacobians)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var a = input(tape, EDDY_SHAPE(3, 4), -1, 1), x = input(tape, EDDY_SHAPE(4), -1, 1), y = eddy_matmul(a, x),
             j = eddy_jacobian(y, x);
    OK(tape);
    check_same(j, a);
    j = eddy_jacobian(eddy_exp(a), x);
    ck_assert(has_shape(j, EDDY_SHAPE(3, 4, 4)));
    for (int i = 0; i < 48; i++)
        ck_assert(at(j, i) == 0);
    j = eddy_jacobian(eddy_transpose(a, 0, 1), a);
    ck_assert(has_shape(j, EDDY_SHAPE(4, 3, 3, 4)));
    for (int64_t i = 0; i < 144; i++) {
        int64_t index[4];
        coordinates(&(eddy_shape){ 4, { 4, 3, 3, 4 } }, i, index);
        ck_assert(at(j, i) == (index[0] == index[3] && index[1] == index[2]));
    }
    ck_assert(has_shape(eddy_jacobian(eddy_slice(x, 0, 0, 0, 1), a), EDDY_SHAPE(0, 3, 4)));
    ck_assert(has_shape(eddy_jacobian(eddy_sum(x), x), EDDY_SHAPE(4)));
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

/* H v and J v against the explicit matrices, of a function of two leaves. */
START_TEST(products_with_vectors)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 3), -1, 1), w = input(tape, EDDY_SHAPE(3, 2), -1, 1),
             y = eddy_tanh(eddy_matmul(x, w)),
             loss = eddy_sum(eddy_mul(eddy_exp(y), eddy_sum_over(x, EDDY_SHAPE(1), true)));
    eddy_var leaves[] = { x, w }, v[] = { input(tape, EDDY_SHAPE(2, 3), -1, 1), input(tape, EDDY_SHAPE(3, 2), -1, 1) };
    eddy_list wrt = { leaves, 2 }, g = eddy_gradients(loss, wrt), hv = eddy_hvp(loss, wrt, (eddy_list){ v, 2 }),
              jv = eddy_jvp(EDDY_LIST(y, loss), wrt, (eddy_list){ v, 2 });
    OK(tape);
    ck_assert(hv.count == 2 && jv.count == 2 && has_shape(jv.items[0], EDDY_SHAPE(2, 2)) &&
              has_shape(jv.items[1], EDDY_SCALAR));
    eddy_var h[2][2], j[2], l[2];
    for (int a = 0; a < 2; a++) {
        j[a] = eddy_jacobian(y, leaves[a]);
        l[a] = eddy_jacobian(loss, leaves[a]);
        for (int b = 0; b < 2; b++)
            h[a][b] = eddy_jacobian(g.items[a], leaves[b]);
    }
    OK(tape);
    for (int a = 0; a < 2; a++)
        for (int i = 0; i < 6; i++) {
            double sum = 0, size = 1;
            for (int b = 0; b < 2; b++)
                for (int k = 0; k < 6; k++) {
                    sum += at(h[a][b], i * 6 + k) * at(v[b], k);
                    size += fabs(at(h[a][b], i * 6 + k));
                    check_near(at(h[a][b], i * 6 + k), at(h[b][a], k * 6 + i), size, 8); /* symmetric */
                }
            check_near(at(hv.items[a], i), sum, size, 8);
        }
    double along = 0;
    for (int i = 0; i < 4; i++) {
        double sum = 0;
        for (int b = 0; b < 2; b++)
            for (int k = 0; k < 6; k++)
                sum += at(j[b], i * 6 + k) * at(v[b], k);
        check_near(at(jv.items[0], i), sum, 12, 4);
    }
    for (int b = 0; b < 2; b++)
        for (int k = 0; k < 6; k++)
            along += at(l[b], k) * at(v[b], k);
    check_near(eddy_item(jv.items[1]), along, 50, 4);
    /* an output that does not depend on wrt */
    VALUES(eddy_jvp(EDDY_LIST(eddy_sum(w)), EDDY_LIST(x), EDDY_LIST(v[0])).items[0], 0);
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 3), 0, 1), i = INDICES(tape, 1, 2),
             none = input(tape, EDDY_SHAPE(2, 0), 0, 1);
    FAILS(tape, eddy_mean_over(x, EDDY_SHAPE(-3), true), "mean: axis -3");
    FAILS(tape, eddy_prod(x, EDDY_SHAPE(2), true), "prod: axis 2");
    FAILS(tape, eddy_variance(x, EDDY_SHAPE(2), 1, true), "variance: axis 2");
    FAILS(tape, eddy_mean(i), "dtype i64");
    FAILS(tape, eddy_softmax(x, 2), "softmax: axis 2 is out of range");
    FAILS(tape, eddy_softmax(none, 1), "softmax: axis 1 of shape (2, 0) is empty");
    FAILS(tape, eddy_log_softmax(none, -1), "log_softmax: axis -1 of shape (2, 0) is empty");
    FAILS(tape, eddy_logsumexp(none, 1, true), "logsumexp: axis 1 of shape (2, 0) is empty");
    FAILS(tape, eddy_softmax(i, 0), "dtype i64");
    eddy_mark mark = eddy_mark_now(tape);
    eddy_var gone = eddy_exp(x);
    eddy_reset(tape, mark);
    FAILS(tape, eddy_softmax(gone, 0), "test_composed.c:", ": softmax: operand 1 was reset");
    FAILS(tape, eddy_variance(gone, EDDY_SCALAR, 1, false), ": variance: operand 1 was reset");
    FAILS(tape, eddy_clamp(gone, 0, 1), ": clamp: operand 1 was reset");
    FAILS(tape, eddy_pad(gone, 0, 1, 1, 0), ": pad: operand 1 was reset");
    FAILS(tape, eddy_dot(EDDY_LIST(x), EDDY_LIST(gone)), ": dot: operand 1 was reset");
    FAILS(tape, eddy_jacobian(x, gone), ": jacobian: operand 2 was reset");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes_of_derivatives)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2), 0, 1), y = eddy_exp(x), i = INDICES(tape, 1, 2), loss = eddy_sum(y),
             five = eddy_full(tape, EDDY_SHAPE(1, 1, 1, 1, 1), 1);
    FAILS(tape, eddy_jvp(EDDY_LIST(y), EDDY_LIST(x), EDDY_LIST(x, x)), "dot: the lists have 1 and 2 vars");
    FAILS(tape, eddy_jvp(EDDY_LIST(y), EDDY_LIST(x), EDDY_LIST(loss)), "dot: vars 1 have shapes (2,) and ()");
    FAILS(tape, eddy_hvp(loss, EDDY_LIST(x), EDDY_NONE), "dot: the lists have 1 and 0 vars");
    FAILS(tape, eddy_jacobian(y, i), "i64");
    FAILS(tape, eddy_jacobian(five, five),
          "jacobian: shapes (1, 1, 1, 1, 1) and (1, 1, 1, 1, 1) together have more than 8 axes");
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_composed(void)
{
    Suite *suite = suite_create("composed");
    TCase *tests = tcase_create("composed");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, elementwise);
    tcase_add_test(tests, products_with_zeros);
    tcase_add_test(tests, along_one_axis);
    tcase_add_test(tests, infinite_rows);
    tcase_add_test(tests, jacobians);
    tcase_add_test(tests, products_with_vectors);
    tcase_add_test(tests, mistakes);
    tcase_add_test(tests, mistakes_of_derivatives);
    suite_add_tcase(suite, tests);
    return suite;
}
