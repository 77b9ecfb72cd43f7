/* argmax, argmin, argsort, sort and topk against a naive stable sort, with ties, NaN, -0, every dtype, strides, empty
 * axes; gradients of sorted values; categorical sampling: frequencies, repeatability, rows that have no distribution.
 */
#include "recording.h"

/* NaN is the largest; equal elements keep their order. */
static bool before(double a, double b, bool descending)
{
    if (isnan(a) || isnan(b))
        return descending ? isnan(a) && !isnan(b) : !isnan(a) && isnan(b);
    return descending ? a > b : a < b;
}

/* Places of a line of n <= 64 elements in order, by insertion. */
static void naive(const double *x, int64_t n, bool descending, int64_t *places)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t to = i;
        for (; to > 0 && before(x[i], x[places[to - 1]], descending); to--)
            places[to] = places[to - 1];
        places[to] = i;
    }
}

/* Few values, so that there are ties. */
static double common(eddy_dtype dtype)
{
    static const double few[] = { -2, -1, -0.0, 0.0, 1, 2, NAN, INFINITY, -INFINITY };
    return few[below(dtype < EDDY_I32 ? 9 : 6)];
}

static eddy_var seen(eddy_var x, int way)
{
    return way == 0 ? x : way == 1 ? eddy_flip(x, 1) : eddy_transpose(x, 0, 2);
}

START_TEST(against_a_naive_sort)
{
    for (int round = 0; round < 160; round++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        const eddy_dtype dtype = (eddy_dtype)(EDDY_F32 + round % 4);
        const int axis = (int)below(3), way = (int)below(3);
        eddy_shape shape = { 3, { 1 + below(4), 1 + below(4), 1 + below(4) } };
        shape.dim[way == 2 && axis != 1 ? 2 - axis : axis] = round % 5 ? 1 + below(8) : 20 + below(12);
        double values[600];
        for (int64_t i = 0; i < eddy_shape_count(&shape); i++)
            values[i] = round % 3 ? common(dtype) : between(-50, 50);
        eddy_var x = seen(constant(tape, dtype, shape, values), way);
        shape = eddy_shape_of(x);
        const int64_t n = shape.dim[axis], k = below(n + 1);
        const bool down = below(2);
        eddy_sorted all = eddy_sort(x, axis, down), top = eddy_topk(x, k, axis - 3, down);
        eddy_var order = eddy_argsort(x, axis, down), most = eddy_argmax(x, axis, true),
                 least = eddy_argmin(x, axis, false);
        OK(tape);
        ck_assert(eddy_dtype_of(all.indices) == EDDY_I64 && eddy_dtype_of(all.values) == dtype &&
                  eddy_dtype_of(most) == EDDY_I64);
        check_same(order, all.indices);
        eddy_shape one = shape, kept = shape, gone = { .rank = 2 };
        one.dim[axis] = 1;
        kept.dim[axis] = k;
        for (int i = 0, to = 0; i < 3; i++)
            if (i != axis)
                gone.dim[to++] = shape.dim[i];
        ck_assert(has_shape(all.values, shape) && has_shape(all.indices, shape) && has_shape(most, one) &&
                  has_shape(top.values, kept) && has_shape(top.indices, kept) && has_shape(least, gone));
        for (int64_t l = 0; l < eddy_shape_count(&one); l++) {
            int64_t index[3], places[64];
            double line[64];
            coordinates(&one, l, index);
            for (int64_t j = 0; j < n; j++)
                index[axis] = j, line[j] = at(x, flat_of(&shape, index));
            naive(line, n, down, places);
            for (int64_t j = 0; j < n; j++) {
                index[axis] = j;
                ck_assert(at(all.indices, flat_of(&shape, index)) == (double)places[j]);
                ck_assert(same_bits(at(all.values, flat_of(&shape, index)), line[places[j]]));
                if (j < k) {
                    int64_t flat = (index[0] * kept.dim[1] + index[1]) * kept.dim[2] + index[2];
                    ck_assert(at(top.indices, flat) == (double)places[j]);
                    ck_assert(same_bits(at(top.values, flat), line[places[j]]));
                }
            }
            int64_t low = 0, high = 0; /* the first NaN, else the first extreme */
            for (int64_t j = 1; j < n; j++) {
                low = isnan(line[low]) || !(isnan(line[j]) || line[j] < line[low]) ? low : j;
                high = isnan(line[high]) || !(isnan(line[j]) || line[j] > line[high]) ? high : j;
            }
            ck_assert(at(most, l) == (double)high && at(least, l) == (double)low);
        }
        eddy_tape_free(tape);
    }
}
END_TEST

START_TEST(by_hand)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_var x = constant(tape, EDDY_F32, EDDY_SHAPE(6), (double[]){ 3, NAN, 1, 3, -0.0, 0.0 });
    VALUES(eddy_argsort(x, 0, false), 4, 5, 2, 0, 3, 1);
    VALUES(eddy_argsort(x, 0, true), 1, 0, 3, 2, 4, 5);
    VALUES(eddy_sort(x, 0, false).values, -0.0, 0, 1, 3, 3, NAN);
    VALUES(eddy_topk(x, 2, 0, true).values, NAN, 3);
    VALUES(eddy_topk(x, 2, 0, false).indices, 4, 5);
    VALUES(eddy_argmax(x, 0, false), 1);
    VALUES(eddy_argmin(x, -1, true), 1);
    const int64_t far[] = { INT64_MAX, INT64_MIN, -1, INT64_MAX - 1, 0 };
    eddy_tensor wide = eddy_tensor_wrap((void *)(uintptr_t)far, EDDY_I64, EDDY_SHAPE(5));
    VALUES(eddy_argsort(eddy_constant(tape, &wide), 0, false), 1, 2, 4, 3, 0); /* no detour over doubles */
    VALUES(eddy_argmax(eddy_constant(tape, &wide), 0, false), 0);
    VALUES(eddy_argmin(eddy_constant(tape, &wide), 0, false), 1);
    /* more than a few elements are sorted by merging, fewer by insertion: the same order */
    eddy_var y = input(tape, EDDY_SHAPE(1000), -1, 1);
    eddy_sorted all = eddy_sort(y, 0, true), few = eddy_topk(y, 16, 0, true), more = eddy_topk(y, 17, 0, true);
    check_same(eddy_slice(all.indices, 0, 0, 16, 1), few.indices);
    check_same(eddy_slice(all.indices, 0, 0, 17, 1), more.indices);
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(gradients_of_sorted_values)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(3, 4), 0, 0);
    double spread[12];
    for (int i = 0; i < 12; i++) /* 0.5 apart, so that no difference crosses a tie */
        spread[i] = 0.5 * (i * 5 % 12) + between(0, 0.1);
    ck_assert(eddy_set(x, spread, sizeof spread));
    for (int axis = 0; axis < 2; axis++) {
        check_gradient(weighted(eddy_sin(eddy_sort(x, axis, axis).values)), EDDY_LIST(x), 2);
        check_gradient(weighted(eddy_sin(eddy_topk(x, 2, axis, !axis).values)), EDDY_LIST(x), 2);
    }
    /* to the chosen elements and to no other; not through the indices */
    eddy_var v = VECTOR(tape, 2, 5, 5, 1);
    VALUES(eddy_gradients(eddy_sum(eddy_topk(v, 2, 0, true).values), EDDY_LIST(v)).items[0], 0, 1, 1, 0);
    VALUES(eddy_gradients(eddy_sum(eddy_topk(v, 1, 0, true).values), EDDY_LIST(v)).items[0], 0, 1, 0, 0);
    eddy_var place = eddy_cast(eddy_argmax(v, 0, true), EDDY_F64);
    VALUES(eddy_gradients(eddy_sum(eddy_mul(place, v)), EDDY_LIST(v)).items[0], 1, 1, 1, 1);
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(orders_in_a_program)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_var x = input(tape, EDDY_SHAPE(3, 40), -1, 1);
    eddy_sorted s = eddy_sort(x, 1, false), t = eddy_topk(eddy_tanh(x), 3, 1, true);
    eddy_list outputs = EDDY_LIST(s.values, s.indices, t.values, t.indices, eddy_argmin(x, 0, false),
                                  eddy_gradients(eddy_sum(t.values), EDDY_LIST(x)).items[0]);
    eddy_program *program = eddy_compile(tape, outputs, EDDY_NONE);
    ck_assert(eddy_run(program));
    for (int64_t k = 0; k < outputs.count; k++)
        for (int64_t i = 0; i < count_of(outputs.items[k]); i++)
            ck_assert(
                same_bits(at(outputs.items[k], i), eddy_tensor_flat(eddy_output_tensor(program, outputs.items[k]), i)));
    eddy_tape_free(tape);
}
END_TEST

START_TEST(orders_of_nothing_and_mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 3), -1, 1), none = eddy_full(tape, EDDY_SHAPE(2, 0), 0),
             rows = eddy_full(tape, EDDY_SHAPE(0, 3), 0), one = eddy_full(tape, EDDY_SCALAR, 1);
    eddy_var empty[] = { eddy_sort(none, 1, false).values, eddy_topk(none, 0, 1, true).indices,
                         eddy_topk(x, 0, 0, true).values, eddy_argmax(rows, 1, false),
                         eddy_sort(rows, 1, true).indices };
    const eddy_shape shapes[] = { { 2, { 2, 0 } }, { 2, { 2, 0 } }, { 2, { 0, 3 } }, { 1, { 0 } }, { 2, { 0, 3 } } };
    for (int k = 0; k < 5; k++)
        ck_assert(has_shape(empty[k], shapes[k]) && eddy_value(empty[k]));
    VALUES(eddy_gradients(eddy_sum(empty[2]), EDDY_LIST(x)).items[0], 0, 0, 0, 0, 0, 0);
    FAILS(tape, eddy_topk(x, 4, 1, true), "topk: k is 4, but axis 1 of shape (2, 3) has 3 elements");
    FAILS(tape, eddy_topk(x, -1, 0, true), "topk: k is -1, but axis 0 of shape (2, 3) has 2 elements");
    FAILS(tape, eddy_sort(x, 2, true), "argsort: axis 2 is out of range for shape (2, 3)");
    FAILS(tape, eddy_argsort(one, 0, true), "argsort: axis 0 is out of range for shape ()");
    FAILS(tape, eddy_argmax(none, 1, false), "argmax: axis 1 of shape (2, 0) is empty");
    FAILS(tape, eddy_argmin(x, -3, false), "argmin: axis -3 is out of range for shape (2, 3)");
    eddy_topk(x, 4, 1, true);
    eddy_sorted failed = eddy_sort(x, 0, true);
    ck_assert(!eddy_ok(failed.values) && !eddy_ok(failed.indices));
    eddy_tape_free(tape);
}
END_TEST

/* ---- Sampling ---- */

/* N draws of each row are distributed as its softmax says: each count within 5 standard deviations. */
START_TEST(frequencies)
{
    enum { N = 20000, ROWS = 3, CLASSES = 4 };
    for (int d = EDDY_F32; d <= EDDY_F64; d++) {
        eddy_tape *tape = eddy_tape_new((eddy_dtype)d, 7);
        const double logits[ROWS * CLASSES] = { 0, 0, 0, 0, 1000, 1001, 999, -INFINITY, -2, 1, 0.5, -700 };
        eddy_var x = constant(tape, (eddy_dtype)d, EDDY_SHAPE(ROWS, CLASSES), logits), p = eddy_softmax(x, 1),
                 y = eddy_categorical(eddy_broadcast_to(x, EDDY_SHAPE(N, ROWS, CLASSES)));
        OK(tape);
        ck_assert(has_shape(y, EDDY_SHAPE(N, ROWS)) && eddy_dtype_of(y) == EDDY_I64);
        int counts[ROWS][CLASSES] = { 0 };
        for (int i = 0; i < N * ROWS; i++)
            counts[i % ROWS][(int)at(y, i)]++;
        for (int r = 0; r < ROWS; r++)
            for (int c = 0; c < CLASSES; c++) {
                double wanted = at(p, r * CLASSES + c);
                ck_assert_msg(fabs(counts[r][c] - N * wanted) <= 5 * sqrt(N * wanted * (1 - wanted)),
                              "row %d, class %d: %d of %d, not %g", r, c, counts[r][c], N, N * wanted);
            }
        eddy_tape_free(tape);
    }
}
END_TEST

START_TEST(draws_repeat)
{
    enum { N = 200 };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 7), *same = eddy_tape_new(EDDY_F64, 7),
              *other = eddy_tape_new(EDDY_F64, 8);
    eddy_tape *tapes[] = { tape, same, other };
    eddy_var x[3], y[3], z[3];
    for (int t = 0; t < 3; t++) {
        draws = 0;
        x[t] = input(tapes[t], EDDY_SHAPE(N, 6), -1, 1);
        y[t] = eddy_categorical(x[t]);
        z[t] = eddy_categorical(x[t]);
    }
    check_same(y[0], y[1]);
    check_same(z[0], z[1]);
    int differ[2] = { 0 };
    for (int i = 0; i < N; i++) {
        differ[0] += at(y[0], i) != at(z[0], i);
        differ[1] += at(y[0], i) != at(y[2], i);
    }
    ck_assert(differ[0] > N / 2 && differ[1] > N / 2);
    /* what stands in other rows changes nothing */
    double values[N * 6], before[N];
    for (int i = 0; i < N; i++)
        before[i] = at(y[0], i);
    ck_assert(eddy_get(x[0], values, sizeof values));
    for (int i = 0; i < 6 * N / 2; i++)
        values[i] = i;
    ck_assert(eddy_set(x[0], values, sizeof values));
    for (int i = N / 2; i < N; i++)
        ck_assert(at(y[0], i) == before[i]);
    /* the draw advances with runs that write, and going back repeats it */
    eddy_program *program = eddy_compile(tape, EDDY_LIST(y[0], z[0]), EDDY_LIST(eddy_assign(x[0], x[0])));
    double first[N];
    int changed = 0;
    for (int run = 0; run < 3; run++) {
        if (run == 2)
            ck_assert(eddy_set_item(eddy_find(tape, "random.draw"), 0));
        ck_assert(eddy_run(program));
        for (int i = 0; i < N; i++) {
            double v = eddy_tensor_flat(eddy_output_tensor(program, y[0]), i);
            if (run == 0)
                first[i] = v;
            changed += run == 1 && v != first[i];
            ck_assert(run != 2 || v == first[i]);
        }
    }
    ck_assert_int_gt(changed, N / 4);
    eddy_var v = VECTOR(tape, 1, 2);
    VALUES(eddy_gradients(eddy_cast(eddy_categorical(v), EDDY_F64), EDDY_LIST(v)).items[0], 0, 0);
    for (int t = 0; t < 3; t++)
        eddy_tape_free(tapes[t]);
}
END_TEST

START_TEST(rows_without_a_distribution)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 7);
    static const double bad[][3] = { { 0, NAN, 1 }, { 0, 1, INFINITY }, { -INFINITY, -INFINITY, -INFINITY } };
    eddy_var x = input(tape, EDDY_SHAPE(2, 2, 3), -1, 1), y = eddy_categorical(x);
    for (int b = 0; b < 3; b++) {
        double values[12] = { 0 };
        memcpy(values + 6, bad[b], sizeof bad[b]);
        ck_assert(eddy_set(x, values, sizeof values));
        ck_assert_ptr_null(eddy_value(y));
        check_sentence(tape, "",
                       (const char *[]){ "test_order.c:", "categorical: row (1, 0)", "of shape (2, 2, 3)", NULL });
    }
    VALUES(eddy_categorical(VECTOR(tape, -INFINITY, 3, -INFINITY)), 1);
    ck_assert(has_shape(eddy_categorical(eddy_full(tape, EDDY_SHAPE(0, 3), 0)), EDDY_SHAPE(0)));
    ck_assert_ptr_nonnull(eddy_value(eddy_categorical(eddy_full(tape, EDDY_SHAPE(0, 3), 0))));
    FAILS(tape, eddy_categorical(eddy_full(tape, EDDY_SCALAR, 1)), "categorical: ", "shape () and dtype f64");
    FAILS(tape, eddy_categorical(eddy_full(tape, EDDY_SHAPE(2, 0), 1)), "categorical: ", "shape (2, 0) and dtype f64");
    FAILS(tape, eddy_categorical(INDICES(tape, 1, 2)), "categorical: ", "shape (2,) and dtype i64");
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_order(void)
{
    Suite *suite = suite_create("order");
    TCase *tests = tcase_create("order");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, against_a_naive_sort);
    tcase_add_test(tests, by_hand);
    tcase_add_test(tests, gradients_of_sorted_values);
    tcase_add_test(tests, orders_in_a_program);
    tcase_add_test(tests, orders_of_nothing_and_mistakes);
    tcase_add_test(tests, frequencies);
    tcase_add_test(tests, draws_repeat);
    tcase_add_test(tests, rows_without_a_distribution);
    suite_add_tcase(suite, tests);
    return suite;
}
