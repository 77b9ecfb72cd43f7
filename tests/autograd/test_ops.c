/* Numbers as operands, products, sums of lists, indices, random masks and assign:
 * values against naive loops, gradients of first and second order, and the sentence of every mistake. */
#include "recording.h"

START_TEST(numbers_as_operands)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 4), 0.3, 2), i = INDICES(tape, 1, -2, 3);
    eddy_var y[] = { eddy_add_scalar(x, 0.7), eddy_sub_scalar(x, 0.7), eddy_rsub_scalar(x, 0.7),
                     eddy_mul_scalar(x, 0.7), eddy_div_scalar(x, 0.7), eddy_rdiv_scalar(x, 0.7),
                     eddy_pow_scalar(x, 0.7) };
    for (int k = 0; k < 8; k++) {
        double v = at(x, k), wanted[] = { v + 0.7, v - 0.7, 0.7 - v, v * 0.7, v / 0.7, 0.7 / v, pow(v, 0.7) };
        for (int f = 0; f < 7; f++)
            check_close(at(y[f], k), wanted[f], 1, DBL_EPSILON);
    }
    for (int f = 0; f < 7; f++)
        check_gradient(weighted(eddy_sin(y[f])), EDDY_LIST(x), 2);
    VALUES(eddy_add_scalar(i, 3), 4, 1, 6);
    VALUES(eddy_rsub_scalar(i, 3), 2, 5, 0);
    VALUES(eddy_mul_scalar(i, -2), -2, 4, -6);
    eddy_var (*const compare[])(eddy_var, double) = { eddy_eq_scalar, eddy_ne_scalar, eddy_lt_scalar,
                                                      eddy_le_scalar, eddy_gt_scalar, eddy_ge_scalar };
    for (int f = 0; f < 6; f++) {
        const double s = at(x, 3),
                     wanted[][3] = { { 0, 1, 0 }, { 1, 0, 1 }, { 1, 0, 0 }, { 1, 1, 0 }, { 0, 0, 1 }, { 0, 1, 1 } };
        eddy_var c = compare[f](x, s), n = compare[f](i, 1);
        for (int k = 0; k < 8; k++)
            ck_assert(at(c, k) == wanted[f][at(x, k) < s ? 0 : at(x, k) > s ? 2 : 1]);
        VALUES(n, wanted[f][1], wanted[f][0], wanted[f][2]);
        ck_assert_int_eq(eddy_dtype_of(n), EDDY_I64);
        VALUES(compare[f](VECTOR(tape, NAN), 1), f == 1);
        VALUES(eddy_gradients(eddy_sum(eddy_mul(c, x)), EDDY_LIST(x)).items[0], at(c, 0), at(c, 1), at(c, 2), at(c, 3),
               at(c, 4), at(c, 5), at(c, 6), at(c, 7));
        compare[f](i, 0.5);
        check_sentence(tape, "",
                       (const char *[]){ "_scalar: the operand has dtype i64, in which 0.5 has no value", NULL });
    }
    FAILS(tape, eddy_gt_scalar(eddy_cast(i, EDDY_I32), 3e9),
          "gt_scalar: the operand has dtype i32, in which 3e+09 has no value");
    FAILS(tape, eddy_eq_scalar(i, INFINITY), "in which inf has no value");
    FAILS(tape, eddy_mul_scalar(i, 0.5), "mul_scalar: the operand has dtype i64, in which 0.5 has no value");
    FAILS(tape, eddy_div_scalar(i, 2), "div: ", "needs f32 or f64");
    eddy_tape_free(tape);
}
END_TEST

/* x^n at 0, differentiated until nothing is left: n!/(n-k)! 0^(n-k), never NaN. */
START_TEST(powers_of_zero)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int n = 0; n <= 4; n++) {
        eddy_var x = VECTOR(tape, 0, 2, -1), y = eddy_pow_scalar(x, n);
        double factor = 1;
        for (int k = 0; k <= n + 2; k++) {
            for (int e = 0; e < 3; e++)
                check_close(at(y, e), k > n ? 0 : factor * pow((double[]){ 0, 2, -1 }[e], n - k), 1, DBL_EPSILON);
            factor *= n - k;
            y = eddy_gradients(eddy_sum(y), EDDY_LIST(x)).items[0];
        }
    }
    /* by the exponent: x^y log x, 0 at x = 0 for y >= 0 */
    eddy_var x = VECTOR(tape, 0, 0, 2), y = VECTOR(tape, 0, 2, 3), z = eddy_pow(x, y);
    eddy_list g = eddy_gradients(eddy_sum(z), EDDY_LIST(x, y));
    VALUES(z, 1, 0, 8);
    VALUES(g.items[0], 0, 0, 12);
    VALUES(g.items[1], 0, 0, 8 * log(2));
    for (int k = 0; k < 2; k++) {
        eddy_list h = eddy_gradients(eddy_sum(g.items[k]), EDDY_LIST(x, y));
        for (int e = 1; e < 3; e++) /* at (0, 0) the mixed derivative 1/x is infinite */
            ck_assert(isfinite(at(h.items[0], e)) && isfinite(at(h.items[1], e)));
        ck_assert(!isnan(at(h.items[0], 0)) && !isnan(at(h.items[1], 0)));
    }
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(sums_of_lists)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x[7], y[7];
    for (int k = 0; k < 7; k++) {
        x[k] = input(tape, EDDY_SHAPE(2, 3), -1, 1);
        y[k] = input(tape, EDDY_SHAPE(2, 3), -1, 1);
    }
    eddy_var sum = eddy_sum_list((eddy_list){ x, 7 }), dot = eddy_dot((eddy_list){ x, 7 }, (eddy_list){ y, 7 });
    double inner = 0;
    for (int i = 0; i < 6; i++) {
        double fold = at(x[0], i);
        for (int k = 1; k < 7; k++)
            fold += at(x[k], i);
        ck_assert(at(sum, i) == fold); /* a left fold, exactly */
        for (int k = 0; k < 7; k++)
            inner += at(x[k], i) * at(y[k], i);
    }
    check_near(eddy_item(dot), inner, 20, 1);
    check_gradient(weighted(eddy_sin(sum)), EDDY_LIST(x[0], x[6]), 2);
    check_gradient(eddy_sin(dot), EDDY_LIST(x[3], y[5]), 2);
    check_gradient(eddy_dot(EDDY_LIST(x[0]), EDDY_LIST(x[0])), EDDY_LIST(x[0]), 2);
    eddy_var z = input(tape, EDDY_SHAPE(3), -1, 1);
    FAILS(tape, eddy_sum_list(EDDY_LIST(x[0], x[1], z)),
          "sum_list: term 3 has shape (3,) and dtype f64, term 1 has (2, 3)");
    FAILS(tape, eddy_dot(EDDY_LIST(x[0]), EDDY_LIST(x[0], x[1])), "dot: the lists have 1 and 2 vars");
    FAILS(tape, eddy_dot(EDDY_LIST(x[0], x[1]), EDDY_LIST(x[0], z)), "dot: vars 2 have shapes (2, 3) and (3,)");
    ck_assert(!eddy_sum_list(EDDY_NONE).tape && !eddy_dot(EDDY_NONE, EDDY_NONE).tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(matmul)
{
    static const struct {
        eddy_shape a, b, c;
    } cases[] = {
        { { 2, { 3, 4 } }, { 2, { 4, 5 } }, { 2, { 3, 5 } } },
        { { 1, { 4 } }, { 1, { 4 } }, { 0, { 0 } } },
        { { 1, { 4 } }, { 2, { 4, 5 } }, { 1, { 5 } } },
        { { 2, { 3, 4 } }, { 1, { 4 } }, { 1, { 3 } } },
        { { 3, { 2, 3, 4 } }, { 2, { 4, 5 } }, { 3, { 2, 3, 5 } } },
        { { 2, { 3, 4 } }, { 3, { 2, 4, 5 } }, { 3, { 2, 3, 5 } } },
        { { 4, { 2, 1, 3, 4 } }, { 3, { 3, 4, 2 } }, { 4, { 2, 3, 3, 2 } } },
        { { 1, { 4 } }, { 3, { 2, 4, 3 } }, { 2, { 2, 3 } } },
        { { 3, { 2, 3, 4 } }, { 1, { 4 } }, { 2, { 2, 3 } } },
        { { 2, { 1, 1 } }, { 2, { 1, 1 } }, { 2, { 1, 1 } } },
        { { 2, { 3, 0 } }, { 2, { 0, 5 } }, { 2, { 3, 5 } } },
        { { 2, { 0, 4 } }, { 2, { 4, 5 } }, { 2, { 0, 5 } } },
        { { 3, { 0, 3, 4 } }, { 2, { 4, 5 } }, { 3, { 0, 3, 5 } } },
        { { 3, { 2, 0, 4 } }, { 3, { 2, 4, 0 } }, { 3, { 2, 0, 0 } } },
    };
    for (size_t t = 0; t < sizeof cases / sizeof *cases; t++)
        for (int turned = 0; turned < 2; turned++) {
            eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
            eddy_shape sa = cases[t].a, sb = cases[t].b;
            eddy_var la, lb, a, b;
            if (turned && sa.rank > 1 && sb.rank > 1) {
                eddy_shape ta = sa, tb = sb;
                ta.dim[sa.rank - 1] = sa.dim[sa.rank - 2], ta.dim[sa.rank - 2] = sa.dim[sa.rank - 1];
                tb.dim[sb.rank - 1] = sb.dim[sb.rank - 2], tb.dim[sb.rank - 2] = sb.dim[sb.rank - 1];
                la = input(tape, ta, -1, 1), a = eddy_transpose(la, -1, -2);
                lb = input(tape, tb, -1, 1), b = eddy_transpose(lb, -2, -1);
            } else {
                la = a = input(tape, sa, -1, 1);
                lb = b = input(tape, sb, -1, 1);
            }
            eddy_var c = eddy_matmul(a, b);
            OK(tape);
            ck_assert(has_shape(c, cases[t].c));
            /* as matrices with batches */
            eddy_shape ma = sa, mb = sb, mc = { 0 };
            if (sa.rank == 1)
                ma = EDDY_SHAPE(1, sa.dim[0]);
            if (sb.rank == 1)
                mb = EDDY_SHAPE(sb.dim[0], 1);
            int64_t m = ma.dim[ma.rank - 2], k = ma.dim[ma.rank - 1], n = mb.dim[mb.rank - 1];
            mc.rank = ma.rank > mb.rank ? ma.rank : mb.rank;
            for (int i = 1; i <= mc.rank; i++) {
                int64_t p = i <= ma.rank ? ma.dim[ma.rank - i] : 1, q = i <= mb.rank ? mb.dim[mb.rank - i] : 1;
                mc.dim[mc.rank - i] = i == 1 ? n : i == 2 ? m : p == 1 ? q : p;
            }
            for (int64_t i = 0; i < count_of(c); i++) {
                int64_t index[EDDY_MAX_RANK], ia[EDDY_MAX_RANK], ib[EDDY_MAX_RANK];
                coordinates(&mc, i, index);
                for (int j = 0; j < ma.rank; j++)
                    ia[j] = index[mc.rank - ma.rank + j];
                for (int j = 0; j < mb.rank; j++)
                    ib[j] = index[mc.rank - mb.rank + j];
                double sum = 0, size = 1;
                for (int64_t l = 0; l < k; l++) {
                    ia[ma.rank - 1] = ib[mb.rank - 2] = l;
                    double term = at(a, flat_of(&ma, ia)) * at(b, flat_of(&mb, ib));
                    sum += term;
                    size += fabs(term);
                }
                check_near(at(c, i), sum, size, 1);
            }
            if (count_of(c) && k)
                check_gradient(weighted(eddy_sin(c)), EDDY_LIST(la, lb), 2);
            else {
                eddy_list g = eddy_gradients(weighted(c), EDDY_LIST(la, lb));
                OK(tape);
                ck_assert(has_shape(g.items[0], eddy_shape_of(la)) && has_shape(g.items[1], eddy_shape_of(lb)));
                for (int64_t i = 0; i < count_of(la); i++)
                    ck_assert(at(g.items[0], i) == 0);
            }
            eddy_tape_free(tape);
        }
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 3), -1, 1), s = eddy_sum(x), b = input(tape, EDDY_SHAPE(2, 3, 4), -1, 1),
             c = input(tape, EDDY_SHAPE(3, 4, 2), -1, 1), f = eddy_cast(x, EDDY_F32);
    FAILS(tape, eddy_matmul(x, x), "matmul: shapes (2, 3) and (2, 3): the inner dimensions 3 and 2 differ");
    FAILS(tape, eddy_matmul(x, s), "matmul: shapes (2, 3) and (): a scalar has no inner dimension");
    FAILS(tape, eddy_matmul(b, c), "matmul: shapes (2, 3, 4) and (3, 4, 2): the leading dimensions do not broadcast");
    FAILS(tape, eddy_matmul(x, eddy_transpose(f, 0, 1)), "matmul: operands have dtypes f64 and f32");
    FAILS(tape, eddy_matmul(eddy_cast(x, EDDY_I32), eddy_cast(x, EDDY_I32)),
          "matmul: operands have dtypes i32 and i32");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(looking_up)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 30; round++) {
        int rank = 1 + (int)below(3), axis = (int)below(rank), given = below(2) ? axis : axis - rank;
        eddy_shape shape = { .rank = rank }, of_index;
        for (int i = 0; i < rank; i++)
            shape.dim[i] = 1 + below(4);
        of_index = shape;
        for (int i = 0; i < rank; i++)
            of_index.dim[i] = i == axis ? below(6) : 1 + below(shape.dim[i]);
        eddy_var x = input(tape, shape, -1, 1),
                 index = input_of(tape, below(2) ? EDDY_I32 : EDDY_I64, of_index, 0, (double)shape.dim[axis] - 0.01),
                 src = input(tape, of_index, -1, 1), y = eddy_gather(x, given, index),
                 z = eddy_scatter_add(x, given, index, src);
        OK(tape);
        ck_assert(has_shape(y, of_index) && has_shape(z, shape));
        double sums[64];
        for (int64_t i = 0; i < count_of(x); i++)
            sums[i] = at(x, i);
        for (int64_t i = 0; i < count_of(index); i++) {
            int64_t to[4];
            coordinates(&of_index, i, to);
            to[axis] = (int64_t)at(index, i);
            int64_t flat = 0;
            for (int k = 0; k < rank; k++)
                flat = flat * shape.dim[k] + to[k];
            ck_assert(at(y, i) == at(x, flat));
            sums[flat] += at(src, i);
        }
        for (int64_t i = 0; i < count_of(x); i++)
            check_near(at(z, i), sums[i], 8, 4);
        if (round < 10 && count_of(index)) {
            check_gradient(weighted(eddy_sin(y)), EDDY_LIST(x), 2);
            check_gradient(weighted(eddy_sin(z)), EDDY_LIST(x, src), 2);
        }
    }
    eddy_var w = input(tape, EDDY_SHAPE(5, 3), -1, 1), i = INDICES(tape, 4, 0, 4),
             two = eddy_reshape(INDICES(tape, 1, 2, 3, 4, 0, 1), EDDY_SHAPE(2, 3));
    eddy_var rows = eddy_index_select(w, 0, i), columns = eddy_index_select(w, -1, INDICES(tape, 2, 2)),
             e = eddy_embedding(w, two), h = eddy_one_hot(two, 5), one = eddy_embedding(w, eddy_select(i, 0, 0));
    OK(tape);
    ck_assert(has_shape(e, EDDY_SHAPE(2, 3, 3)) && has_shape(h, EDDY_SHAPE(2, 3, 5)) && has_shape(one, EDDY_SHAPE(3)));
    check_same(rows, eddy_stack(0, eddy_select(w, 0, 4), eddy_select(w, 0, 0), eddy_select(w, 0, 4)));
    check_same(columns, eddy_stack(1, eddy_select(w, 1, 2), eddy_select(w, 1, 2)));
    for (int k = 0; k < 6; k++)
        for (int d = 0; d < 5; d++) {
            ck_assert(at(h, k * 5 + d) == (at(two, k) == d));
            if (d < 3)
                ck_assert(at(e, k * 3 + d) == at(w, (int64_t)at(two, k) * 3 + d));
        }
    check_gradient(weighted(eddy_sin(rows)), EDDY_LIST(w), 2);
    check_gradient(weighted(eddy_sin(e)), EDDY_LIST(w), 2);
    ck_assert(has_shape(eddy_embedding(w, eddy_full_of(tape, EDDY_I32, EDDY_SHAPE(0, 2), 0)), EDDY_SHAPE(0, 2, 3)));
    ck_assert_ptr_nonnull(eddy_value(eddy_index_select(w, 0, eddy_full_of(tape, EDDY_I32, EDDY_SHAPE(0), 0))));

    FAILS(tape, eddy_gather(w, 2, two), "gather: axis 2 is out of range for shape (5, 3)");
    FAILS(tape, eddy_gather(w, 0, i), "gather: index of shape (3,) does not fit (5, 3)");
    FAILS(tape, eddy_gather(w, 1, eddy_full_of(tape, EDDY_I32, EDDY_SHAPE(6, 1), 0)),
          "gather: index of shape (6, 1) does not fit (5, 3)");
    FAILS(tape, eddy_gather(w, 0, w), "gather: the index has dtype f64; i32 or i64 is needed");
    FAILS(tape, eddy_scatter_add(w, 0, two, w),
          "scatter_add: x (5, 3) f64, index (2, 3) and src (5, 3) f64 do not fit");
    FAILS(tape, eddy_scatter_add(w, 0, two, eddy_full_of(tape, EDDY_F32, EDDY_SHAPE(2, 3), 0)),
          "scatter_add: ", "one dtype");
    FAILS(tape, eddy_index_select(w, 0, two), "index_select: the index has shape (2, 3); a vector is needed");
    FAILS(tape, eddy_embedding(i, two), "embedding: ", "must be (V, D)");
    FAILS(tape, eddy_embedding(w, w), "dtype f64; i32 or i64 is needed");
    FAILS(tape, eddy_one_hot(two, 0), "one_hot: ", "0 classes");
    FAILS(tape, eddy_one_hot(w, 3), "one_hot: ", "f64");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(ranges_are_checked_when_run)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int d = 0; d < 2; d++) {
        eddy_var i = input_of(tape, d ? EDDY_I64 : EDDY_I32, EDDY_SHAPE(2, 3), 0, 0),
                 y = eddy_check_range(i, -1, 4, "the classes");
        const double good[] = { -1, 4, 0, 1, 2, 3 }, low[] = { 0, 0, 0, 0, -2, 9 }, high[] = { 0, 0, 5, 0, 0, 0 };
        check_same(y, i);
        eddy_tensor value = eddy_tensor_wrap((void *)(uintptr_t)good, EDDY_F64, EDDY_SHAPE(2, 3));
        eddy_set_tensor(i, &value);
        check_same(y, i);
        value.data = (void *)(uintptr_t)low;
        eddy_set_tensor(i, &value);
        ck_assert_ptr_null(eddy_value(y));
        check_sentence(tape, "",
                       (const char *[]){ "check_range: the classes[1, 1] is -2; it must lie in -1..4", NULL });
        value.data = (void *)(uintptr_t)high;
        eddy_set_tensor(i, &value);
        ck_assert_ptr_null(eddy_value(y));
        check_sentence(tape, "", (const char *[]){ "test_ops.c:", "the classes[0, 2] is 5", NULL });
    }
    FAILS(tape, eddy_check_range(eddy_full(tape, EDDY_SCALAR, 1), 0, 1, "x"), "check_range: the operand has dtype f64");
    eddy_tape_free(tape);
}
END_TEST

/* Indices are looked at when the op runs. */
START_TEST(indices_out_of_range)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var w = input(tape, EDDY_SHAPE(5, 3), -1, 1), i = input_of(tape, EDDY_I64, EDDY_SHAPE(2), 0, 0),
             src = input(tape, EDDY_SHAPE(2, 3), -1, 1);
    eddy_var wide = eddy_broadcast_to(eddy_unsqueeze(i, 1), EDDY_SHAPE(2, 3));
    eddy_var y[] = { eddy_index_select(w, 0, i), eddy_embedding(w, i), eddy_one_hot(i, 5),
                     eddy_scatter_add(w, 0, wide, src), eddy_gather(w, 0, wide) };
    const int64_t bad[][2] = { { 5, 0 }, { 0, -1 }, { INT64_MAX, 0 }, { INT64_MIN, 4 } };
    for (int k = 0; k < 5; k++) {
        ck_assert(eddy_set(i, (int64_t[]){ 4, 0 }, 16));
        ck_assert_ptr_nonnull(eddy_value(y[k]));
        for (int b = 0; b < 4; b++) {
            char number[30];
            snprintf(number, sizeof number, "is %lld,", (long long)bad[b][bad[b][0] >= 0 && bad[b][0] < 5]);
            ck_assert(eddy_set(i, bad[b], 16));
            ck_assert_ptr_null(eddy_value(y[k]));
            check_sentence(tape, "", (const char *[]){ "test_ops.c:", "index at (", number, "takes 0 to 4", NULL });
        }
    }
    eddy_tape_free(tape);
}
END_TEST

START_TEST(random_masks)
{
    enum { N = 40000 };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 9), *same = eddy_tape_new(EDDY_F64, 9),
              *other = eddy_tape_new(EDDY_F64, 10);
    eddy_tape *tapes[] = { tape, same, other };
    eddy_var a[3], b[3];
    for (int t = 0; t < 3; t++) {
        a[t] = eddy_bernoulli(tapes[t], EDDY_SHAPE(N), 0.3);
        b[t] = eddy_bernoulli(tapes[t], EDDY_SHAPE(N), 0.3);
    }
    check_same(a[0], a[1]);
    check_same(b[0], b[1]);
    /* N draws: the mean is within 5 deviations, two masks agree as independent ones do */
    double agree[2] = { 0 }, mean = 0, chance = 0.3 * 0.3 + 0.7 * 0.7;
    for (int i = 0; i < N; i++) {
        ck_assert(at(a[0], i) == 0 || at(a[0], i) == 1);
        mean += at(a[0], i) / N;
        agree[0] += (at(a[0], i) == at(b[0], i)) / (double)N;
        agree[1] += (at(a[0], i) == at(a[2], i)) / (double)N;
    }
    ck_assert(fabs(mean - 0.3) < 5 * sqrt(0.21 / N));
    for (int k = 0; k < 2; k++)
        ck_assert(fabs(agree[k] - chance) < 5 * sqrt(chance * (1 - chance) / N));
    VALUES(eddy_bernoulli(tape, EDDY_SHAPE(3), 0), 0, 0, 0);
    VALUES(eddy_bernoulli(tape, EDDY_SHAPE(3), 1), 1, 1, 1);
    FAILS(tape, eddy_bernoulli(tape, EDDY_SHAPE(3), 1.5), "bernoulli: 1.5 is no probability");
    FAILS(tape, eddy_bernoulli(tape, EDDY_SHAPE(3), NAN), "is no probability");
    for (int t = 0; t < 3; t++)
        eddy_tape_free(tapes[t]);
}
END_TEST

START_TEST(dropout)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 9);
    eddy_push(tape, "deep"); /* the draw number is no matter of prefixes */
    eddy_var x = input(tape, EDDY_SHAPE(20, 10), 1, 2), y = eddy_dropout(x, 0.25), z = eddy_dropout(x, 0.25);
    eddy_pop(tape);
    ck_assert(eddy_ok(eddy_find(tape, "random.draw")));
    eddy_var g = eddy_gradients(eddy_sum(eddy_square(y)), EDDY_LIST(x)).items[0];
    int kept = 0, differ = 0;
    for (int i = 0; i < 200; i++) {
        double mask = at(y, i) == 0 ? 0 : 1 / 0.75;
        check_close(at(y, i), at(x, i) * mask, 1, DBL_EPSILON);
        check_close(at(g, i), 2 * at(y, i) * mask, 2, DBL_EPSILON); /* the same mask */
        kept += mask != 0;
        differ += (at(y, i) == 0) != (at(z, i) == 0);
    }
    ck_assert(kept > 120 && kept < 175 && differ > 40);
    check_gradient(weighted(eddy_sin(y)), EDDY_LIST(x), 2);

    /* A program without updates draws the same again; one with updates draws anew, the same for forward and backward in
     * one run. */
    eddy_var loss = eddy_sum(y), slope = eddy_gradients(loss, EDDY_LIST(x)).items[0];
    eddy_program *still = eddy_compile(tape, EDDY_LIST(y), EDDY_NONE);
    eddy_program *moves = eddy_compile(tape, EDDY_LIST(y, slope), EDDY_LIST(eddy_assign(x, x)));
    OK(tape);
    double first[200] = { 0 }, before[200] = { 0 };
    int changed = 0;
    for (int run = 0; run < 4; run++) {
        ck_assert(eddy_run(run % 2 ? moves : still));
        const eddy_tensor *out = eddy_output_tensor(run % 2 ? moves : still, y);
        for (int i = 0; i < 200; i++) {
            double v = eddy_tensor_flat(out, i);
            if (run % 2 == 0) {
                changed += run && (v == 0) != (before[i] == 0);
            } else {
                ck_assert((v == 0) == (before[i] == 0)); /* the draw advances after the run */
                ck_assert((eddy_tensor_flat(eddy_output_tensor(moves, slope), i) == 0) == (v == 0));
            }
            before[i] = v;
            first[i] = run ? first[i] : v;
        }
    }
    ck_assert_int_gt(changed, 40);
    ck_assert_int_eq((int)eddy_item(eddy_find(tape, "random.draw")), 2);
    /* the interpreter sees the same draw as the next run would */
    ck_assert(eddy_run(still));
    for (int i = 0; i < 200; i++)
        ck_assert(same_bits(at(y, i), eddy_tensor_flat(eddy_output_tensor(still, y), i)));
    /* and going back repeats it */
    ck_assert(eddy_set_item(eddy_find(tape, "random.draw"), 0) && eddy_run(still));
    for (int i = 0; i < 200; i++)
        ck_assert((first[i] == 0) == (at(y, i) == 0) &&
                  same_bits(at(y, i), eddy_tensor_flat(eddy_output_tensor(still, y), i)));
    FAILS(tape, eddy_dropout(x, 1), "dropout: the probability 1 is not in [0, 1)");
    FAILS(tape, eddy_dropout(x, -0.1), "dropout: ");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(assigns)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 9);
    eddy_var x = input(tape, EDDY_SHAPE(3), 1, 2), v = eddy_exp(x), a = eddy_assign(x, v);
    double before = at(x, 0);
    check_same(a, v);
    ck_assert(at(x, 0) == before); /* written by a program only */
    check_gradient(weighted(eddy_sin(a)), EDDY_LIST(x), 2);
    eddy_var unset = eddy_input(tape, "unset", EDDY_SHAPE(3));
    check_same(eddy_assign(unset, v), v); /* the target's value is not needed */
    eddy_tensor one = eddy_tensor_wrap(&(double){ 1 }, EDDY_F64, EDDY_SCALAR);
    FAILS(tape, eddy_assign(v, x), "assign: the target is the result of an op");
    FAILS(tape, eddy_assign(eddy_constant(tape, &one), eddy_sum(x)), "assign: the target is a constant");
    FAILS(tape, eddy_assign(x, eddy_sum(x)), "assign: ", "has shape (3,) and dtype f64, the value has () and f64");
    FAILS(tape, eddy_assign(x, eddy_cast(x, EDDY_F32)), "assign: ", "(3,) and f32");
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_ops(void)
{
    Suite *suite = suite_create("ops");
    TCase *tests = tcase_create("ops");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, numbers_as_operands);
    tcase_add_test(tests, powers_of_zero);
    tcase_add_test(tests, sums_of_lists);
    tcase_add_test(tests, matmul);
    tcase_add_test(tests, looking_up);
    tcase_add_test(tests, indices_out_of_range);
    tcase_add_test(tests, ranges_are_checked_when_run);
    tcase_add_test(tests, random_masks);
    tcase_add_test(tests, dropout);
    tcase_add_test(tests, assigns);
    suite_add_tcase(suite, tests);
    return suite;
}
