/* Ops that move elements: values against naive index arithmetic over random shapes (with empty axes), gradients of
 * first and second order, and the sentence of every mistake. */
#include "recording.h"

/* Axes of 0 to 4 elements, seldom 0. */
static eddy_shape random_shape(int rank)
{
    eddy_shape shape = { .rank = rank };
    for (int i = 0; i < rank; i++)
        shape.dim[i] = below(12) ? 1 + below(4) : 0;
    return shape;
}

static int random_axis(int rank, int *plain)
{
    *plain = (int)below(rank);
    return below(2) ? *plain : *plain - rank;
}

/* An operand that is a view of odd strides half of the time; the leaf in *leaf. */
static eddy_var operand(eddy_tape *tape, eddy_shape shape, eddy_var *leaf)
{
    if (shape.rank < 2 || below(2))
        return *leaf = input(tape, shape, -2, 2);
    eddy_shape turned = shape;
    turned.dim[0] = shape.dim[shape.rank - 1];
    turned.dim[shape.rank - 1] = shape.dim[0];
    *leaf = input(tape, turned, -2, 2);
    return eddy_transpose(*leaf, 0, -1);
}

/* What is moved must come back: gradients of a loss that is curved in every element. */
static void check_moves(eddy_var y, eddy_var leaf)
{
    OK(y.tape);
    if (count_of(y) && count_of(leaf))
        check_gradient(weighted(eddy_sin(y)), EDDY_LIST(leaf), 2);
    else
        ck_assert(has_shape(eddy_gradients(weighted(eddy_sin(y)), EDDY_LIST(leaf)).items[0], eddy_shape_of(leaf)));
    OK(y.tape);
}

START_TEST(constants)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_var a = eddy_full(tape, EDDY_SHAPE(2, 3), 0.1), b = eddy_full_of(tape, EDDY_I32, EDDY_SHAPE(2), -3.7),
             c = eddy_zeros_like(b), d = eddy_ones_like(a), e = eddy_full(tape, EDDY_SHAPE(0, 3), 1);
    OK(tape);
    ck_assert(at(a, 5) == 0.1f && at(b, 1) == -3 && at(c, 0) == 0 && at(d, 3) == 1);
    ck_assert(eddy_dtype_of(c) == EDDY_I32 && eddy_dtype_of(d) == EDDY_F32 && has_shape(d, EDDY_SHAPE(2, 3)) &&
              count_of(e) == 0);
    ck_assert_ptr_nonnull(eddy_value(e));
    eddy_tape_free(tape);
}
END_TEST

START_TEST(cast_and_detach)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = VECTOR(tape, 1.1, -2.9, 3e9, NAN), i = eddy_cast(x, EDDY_I32), f = eddy_cast(x, EDDY_F32);
    VALUES(i, 1, -2, 2147483647, 0);
    VALUES(f, 1.1f, -2.9f, 3e9f, NAN);
    eddy_var y = input(tape, EDDY_SHAPE(4), -1, 1), z = eddy_cast(eddy_exp(eddy_cast(y, EDDY_F32)), EDDY_F64);
    eddy_var g = eddy_gradients(eddy_sum(z), EDDY_LIST(y)).items[0];
    ck_assert_int_eq(eddy_dtype_of(g), EDDY_F64);
    for (int k = 0; k < 4; k++)
        ck_assert_double_eq_tol(at(g, k), (double)expf((float)at(y, k)), 0x1p-22 * at(g, k));
    /* Nothing passes through integers, whatever is done to them. */
    eddy_var whole = eddy_cast(eddy_mul_scalar(y, 9), EDDY_I32);
    whole = eddy_square(eddy_maximum(whole, eddy_abs(eddy_relu(whole))));
    VALUES(eddy_gradients(eddy_sum(eddy_cast(whole, EDDY_F64)), EDDY_LIST(y)).items[0], 0, 0, 0, 0);
    /* x detach(x): only the first factor is differentiated */
    g = eddy_gradients(eddy_sum(eddy_mul(y, eddy_detach(y))), EDDY_LIST(y)).items[0];
    for (int k = 0; k < 4; k++)
        ck_assert(at(g, k) == at(y, k));
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(reshape_squeeze_unsqueeze)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 60; round++) {
        eddy_shape shape = random_shape((int)below(5)), to = EDDY_SHAPE(-1, 1);
        eddy_var leaf, x = operand(tape, shape, &leaf), y;
        if (shape.rank && shape.dim[0]) { /* keep the first axis, join the rest */
            to = EDDY_SHAPE(shape.dim[0], 1, -1);
            y = eddy_reshape(x, to);
        } else {
            y = eddy_reshape(x, to);
        }
        OK(tape);
        ck_assert_int_eq(count_of(y), count_of(x));
        for (int64_t i = 0; i < count_of(x); i++)
            ck_assert(at(y, i) == at(x, i));
        if (round < 20)
            check_moves(y, leaf);
        int plain, axis = random_axis(shape.rank + 1, &plain);
        eddy_var wide = eddy_unsqueeze(x, axis), back = eddy_squeeze(wide, axis);
        OK(tape);
        ck_assert(eddy_shape_of(wide).rank == shape.rank + 1 && eddy_size(wide, plain) == 1 && has_shape(back, shape));
        check_same(back, x);
    }
    eddy_var x = input(tape, EDDY_SHAPE(2, 6), 0, 1), none = input(tape, EDDY_SHAPE(0, 2), 0, 1);
    FAILS(tape, eddy_reshape(x, EDDY_SHAPE(5, 2)), "reshape: shape (2, 6) (12 elements) cannot become (5, 2)");
    FAILS(tape, eddy_reshape(x, EDDY_SHAPE(-1, -1)), "reshape: ", "cannot become (-1, -1)");
    FAILS(tape, eddy_reshape(x, EDDY_SHAPE(5, -1)), "reshape: ", "(5, -1)");
    FAILS(tape, eddy_reshape(x, EDDY_SHAPE(-2, -6)), "reshape: ");
    FAILS(tape, eddy_reshape(none, EDDY_SHAPE(0, -1)), "reshape: ");
    FAILS(tape, eddy_reshape(x, EDDY_SHAPE(INT64_MAX, INT64_MAX, 2)), "reshape: ");
    FAILS(tape, eddy_reshape(x, EDDY_SHAPE(12, 1, 1, 1, 1, 1, 1, 1, 1)), "reshape: ", "more than 8");
    FAILS(tape, eddy_squeeze(x, 0), "squeeze: axis 0 of shape (2, 6) is not 1");
    FAILS(tape, eddy_squeeze(x, 2), "squeeze: axis 2 of shape (2, 6) is out of range");
    FAILS(tape, eddy_unsqueeze(x, 3), "unsqueeze: axis 3 is out of range for shape (2, 6)");
    FAILS(tape, eddy_unsqueeze(x, -4), "unsqueeze: axis -4");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(permute_and_transpose)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 60; round++) {
        int rank = 1 + (int)below(4), order[4];
        eddy_shape shape = random_shape(rank), axes = { .rank = rank };
        eddy_var leaf, x = operand(tape, shape, &leaf);
        for (int i = 0; i < rank; i++)
            order[i] = i;
        for (int i = rank - 1; i > 0; i--) {
            int j = (int)below(i + 1), swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        for (int i = 0; i < rank; i++)
            axes.dim[i] = below(2) ? order[i] : order[i] - rank;
        eddy_var y = eddy_permute(x, axes);
        OK(tape);
        for (int64_t i = 0; i < count_of(y); i++) {
            eddy_shape to = eddy_shape_of(y);
            int64_t index[4], from[4];
            coordinates(&to, i, index);
            for (int k = 0; k < rank; k++)
                from[order[k]] = index[k];
            ck_assert(at(y, i) == at(x, flat_of(&shape, from)));
        }
        if (round < 20)
            check_moves(y, leaf);
        int a, b, axis0 = random_axis(rank, &a), axis1 = random_axis(rank, &b);
        axes = (eddy_shape){ .rank = rank };
        for (int i = 0; i < rank; i++)
            axes.dim[i] = i == a ? b : i == b ? a : i;
        check_same(eddy_transpose(x, axis0, axis1), eddy_permute(x, axes));
    }
    eddy_var x = input(tape, EDDY_SHAPE(2, 6), 0, 1);
    FAILS(tape, eddy_permute(x, EDDY_SHAPE(0)), "permute: (0,) is no permutation of the 2 axes of shape (2, 6)");
    FAILS(tape, eddy_permute(x, EDDY_SHAPE(0, 0)), "permute: (0, 0)");
    FAILS(tape, eddy_permute(x, EDDY_SHAPE(1, -1)), "permute: (1, -1)");
    FAILS(tape, eddy_permute(x, EDDY_SHAPE(0, INT64_MIN)), "permute: ");
    FAILS(tape, eddy_permute(x, EDDY_SHAPE(0, 1, 2, 3, 4, 5, 6, 7, 8)), "permute: ");
    FAILS(tape, eddy_transpose(x, 0, 2), "transpose: axis 2 is out of range for shape (2, 6)");
    FAILS(tape, eddy_transpose(x, -3, 0), "transpose: axis -3");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(broadcast_and_its_adjoint)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 60; round++) {
        int rank = (int)below(4), more = (int)below(3);
        eddy_shape to = random_shape(rank + more), shape = { .rank = rank };
        for (int i = 0; i < rank; i++)
            shape.dim[i] = below(3) ? to.dim[more + i] : 1;
        eddy_var leaf, x = operand(tape, shape, &leaf), y = eddy_broadcast_to(x, to);
        OK(tape);
        ck_assert(has_shape(y, to));
        eddy_var z = eddy_mul(y, y), s = eddy_sum_to(z, shape);
        ck_assert(has_shape(s, shape));
        double sums[256] = { 0 };
        for (int64_t i = 0; i < count_of(y); i++) {
            int64_t index[EDDY_MAX_RANK];
            coordinates(&to, i, index);
            int64_t from = flat_of(&shape, index + more);
            ck_assert(at(y, i) == at(x, from));
            sums[from] += at(y, i) * at(y, i);
        }
        for (int64_t i = 0; i < count_of(s); i++)
            check_near(at(s, i), sums[i], sums[i], (double)count_of(y));
        if (round < 20)
            check_moves(eddy_sum_to(eddy_sin(y), shape), leaf);
    }
    eddy_var x = input(tape, EDDY_SHAPE(2, 3), 0, 1);
    FAILS(tape, eddy_broadcast_to(x, EDDY_SHAPE(4, 3)), "broadcast_to: shape (2, 3) does not broadcast to (4, 3)");
    FAILS(tape, eddy_broadcast_to(x, EDDY_SHAPE(3)), "broadcast_to: ", "(3,)");
    FAILS(tape, eddy_broadcast_to(x, EDDY_SHAPE(2, 1)), "broadcast_to: ");
    FAILS(tape, eddy_broadcast_to(x, EDDY_SHAPE(1, 1, 1, 1, 1, 1, 1, 2, 3)), "broadcast_to: ", "more than 8");
    FAILS(tape, eddy_sum_to(x, EDDY_SHAPE(4, 3)), "sum_to: shape (2, 3) is no broadcast of (4, 3)");
    FAILS(tape, eddy_sum_to(x, EDDY_SHAPE(1, 2, 3)), "sum_to: ");
    eddy_tape_free(tape);
}
END_TEST

/* Python's rule, spelled out: where x[start:stop:step] begins, and whether i is still before the end. */
static int64_t python_slice(int64_t n, int64_t start, int64_t stop, int64_t step, int64_t *index)
{
    int64_t count = 0;
    if (start < 0)
        start = start + n < 0 ? (step > 0 ? 0 : -1) : start + n;
    if (step > 0 ? start > n : start >= n)
        start = step > 0 ? n : n - 1;
    bool open = stop == EDDY_END;
    if (stop < 0)
        stop += n;
    for (int64_t i = start; i >= 0 && i < n && (open || (step > 0 ? i < stop : i > stop)); i += step)
        index[count++] = i;
    return count;
}

START_TEST(slices_as_in_python)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int64_t n = 0; n <= 5; n++) {
        eddy_var x = input(tape, EDDY_SHAPE(n), -1, 1);
        for (int64_t start = -7; start <= 7; start++)
            for (int64_t stop = -7; stop <= 8; stop++)
                for (int64_t step = -3; step <= 3; step++) {
                    int64_t wanted[8], end = stop == 8 ? EDDY_END : stop;
                    if (!step)
                        continue;
                    eddy_mark mark = eddy_mark_now(tape);
                    eddy_var y = eddy_slice(x, -1, start, end, step);
                    int64_t count = python_slice(n, start, end, step, wanted);
                    ck_assert_msg(count_of(y) == count, "%d elements, [%d:%d:%d] has %d and not %d", (int)n, (int)start,
                                  (int)stop, (int)step, (int)count_of(y), (int)count);
                    for (int64_t i = 0; i < count; i++)
                        ck_assert(at(y, i) == at(x, wanted[i]));
                    eddy_reset(tape, mark);
                }
    }
    eddy_var x = input(tape, EDDY_SHAPE(5, 3), -1, 1);
    VALUES(eddy_slice(x, 0, 2, EDDY_END, INT64_MAX), at(x, 6), at(x, 7), at(x, 8));
    VALUES(eddy_slice(x, 0, 2, EDDY_END, -INT64_MAX), at(x, 6), at(x, 7), at(x, 8));
    ck_assert(has_shape(eddy_slice(x, 0, INT64_MIN, INT64_MIN, 1), EDDY_SHAPE(0, 3)));
    ck_assert(has_shape(eddy_slice(x, 0, INT64_MAX - 1, INT64_MIN, -2), EDDY_SHAPE(3, 3)));
    FAILS(tape, eddy_slice(x, 0, 0, 1, 0), "slice: the step along axis 0 of shape (5, 3) is 0");
    ck_assert_int_eq(eddy_size(eddy_slice(x, 0, 4, 0, INT64_MIN), 0), 1); /* the largest step leaves the first */
    FAILS(tape, eddy_slice(x, 2, 0, 1, 1), "slice: axis 2 is out of range for shape (5, 3)");
    FAILS(tape, eddy_slice(eddy_sum(x), 0, 0, 1, 1), "slice: axis 0 is out of range for shape ()");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(slice_select_flip)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 80; round++) {
        int rank = 1 + (int)below(3), plain, axis = random_axis(rank, &plain);
        eddy_shape shape = random_shape(rank), part = shape;
        eddy_var leaf, x = operand(tape, shape, &leaf), y;
        int64_t n = shape.dim[plain], picked[8], count = 0, kind = below(3);
        if (kind == 0) {
            int64_t start = below(9) - 4, stop = below(9) - 4, step = below(2) ? 1 + below(3) : -1 - below(3);
            y = eddy_slice(x, axis, start, stop, step);
            count = part.dim[plain] = python_slice(n, start, stop, step, picked);
        } else if (kind == 1) {
            y = eddy_flip(x, axis);
            for (; count < n; count++)
                picked[count] = n - 1 - count;
        } else {
            if (!n)
                continue;
            picked[count++] = below(n);
            y = eddy_select(x, axis, below(2) ? picked[0] : picked[0] - n);
            part.dim[plain] = 1; /* dropped from the shape, not from the order of the elements */
            ck_assert_int_eq(eddy_shape_of(y).rank, rank - 1);
        }
        OK(tape);
        ck_assert_int_eq(count_of(y), eddy_shape_count(&part));
        for (int64_t i = 0; i < count_of(y); i++) {
            int64_t index[4];
            coordinates(&part, i, index);
            index[plain] = picked[index[plain]];
            ck_assert(at(y, i) == at(x, flat_of(&shape, index)));
        }
        if (round < 30)
            check_moves(y, leaf);
    }
    eddy_var x = input(tape, EDDY_SHAPE(2, 6), 0, 1);
    FAILS(tape, eddy_select(x, 1, 6), "select: index 6 is out of range for axis 1 of shape (2, 6)");
    FAILS(tape, eddy_select(x, 0, -3), "select: index -3");
    FAILS(tape, eddy_select(x, 0, INT64_MIN), "select: index");
    FAILS(tape, eddy_select(x, -3, 0), "select: axis -3 is out of range");
    FAILS(tape, eddy_flip(x, 2), "slice: axis 2 is out of range for shape (2, 6)");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(parts_of_an_axis)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 40; round++) {
        int rank = 1 + (int)below(3), plain, axis = random_axis(rank, &plain);
        eddy_shape shape = random_shape(rank);
        shape.dim[plain] = 6;
        eddy_var leaf, x = operand(tape, shape, &leaf);
        const int64_t sizes[][4] = { { 1, 0, 2, 3 }, { 2, 2, 2, 0 }, { 6, 0, 0, 0 } };
        eddy_list lists[] = { eddy_chunk(x, axis, 3), eddy_split(x, axis, sizes[round % 3], 4), eddy_unstack(x, axis) };
        OK(tape);
        ck_assert(lists[0].count == 3 && lists[1].count == 4 && lists[2].count == 6);
        int64_t start[2] = { 0 };
        for (int k = 0; k < 6; k++) {
            check_same(lists[2].items[k], eddy_select(x, plain, k));
            for (int l = 0; l < 2; l++)
                if (k < lists[l].count) {
                    int64_t size = l ? sizes[round % 3][k] : 2;
                    check_same(lists[l].items[k], eddy_slice(x, axis, start[l], start[l] + size, 1));
                    start[l] += size;
                }
        }
        /* There and back. */
        check_same(eddy_concat_list(axis, lists[0]), x);
        check_same(eddy_concat_list(axis, lists[1]), x);
        check_same(eddy_stack_list(axis, lists[2]), x);
        if (round < 6) {
            check_moves(eddy_mul(lists[0].items[0], eddy_sin(lists[0].items[2])), leaf);
            check_moves(eddy_mul(lists[2].items[5], lists[2].items[1]), leaf);
        }
    }
    eddy_var x = input(tape, EDDY_SHAPE(2, 6), 0, 1);
    FAILS(tape, eddy_chunk(x, 1, 4), "chunk: the 6 of axis 1 of shape (2, 6) are not 4 equal parts");
    FAILS(tape, eddy_chunk(x, 1, 0), "chunk: ", "not 0 equal parts");
    FAILS(tape, eddy_chunk(x, 2, 2), "chunk: axis 2 is out of range");
    FAILS(tape, eddy_split(x, 1, (int64_t[]){ 2, 3 }, 2),
          "split: the 2 sizes do not add up to the 6 of axis 1 of shape (2, 6)");
    FAILS(tape, eddy_split(x, 1, (int64_t[]){ 7, -1 }, 2), "split: ");
    FAILS(tape, eddy_split(x, 1, (int64_t[]){ INT64_MAX, INT64_MAX, 8 }, 3), "split: ");
    FAILS(tape, eddy_split(x, 1, NULL, 2), "split: ");
    FAILS(tape, eddy_split(x, -3, NULL, 0), "split: axis -3");
    FAILS(tape, eddy_unstack(x, 2), "unstack: axis 2");
    ck_assert_int_eq(eddy_unstack(input(tape, EDDY_SHAPE(0, 3), 0, 1), 0).count, 0);
    ck_assert_int_eq(eddy_split(input(tape, EDDY_SHAPE(0, 3), 0, 1), 0, NULL, 0).count, 0);
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(concat_stack_pad)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int round = 0; round < 60; round++) {
        int rank = 1 + (int)below(3), plain, axis = random_axis(rank, &plain), n = 1 + (int)below(4);
        eddy_shape shape = random_shape(rank), joint = shape;
        eddy_var parts[4], leaves[4];
        joint.dim[plain] = 0;
        for (int k = 0; k < n; k++) {
            shape.dim[plain] = below(4);
            joint.dim[plain] += shape.dim[plain];
            parts[k] = operand(tape, shape, &leaves[k]);
        }
        eddy_var y = eddy_concat_list(axis, (eddy_list){ parts, n });
        OK(tape);
        ck_assert(has_shape(y, joint));
        for (int64_t i = 0; i < count_of(y); i++) {
            int64_t index[4];
            int k = 0;
            coordinates(&joint, i, index);
            for (; index[plain] >= eddy_size(parts[k], plain); k++)
                index[plain] -= eddy_size(parts[k], plain);
            eddy_shape of_part = eddy_shape_of(parts[k]);
            ck_assert(at(y, i) == at(parts[k], flat_of(&of_part, index)));
        }
        if (round < 20)
            check_moves(y, leaves[n - 1]);

        for (int k = 0; k < n; k++)
            parts[k] = k ? input(tape, shape, -1, 1) : operand(tape, shape, &leaves[0]);
        axis = random_axis(rank + 1, &plain);
        y = eddy_stack_list(axis, (eddy_list){ parts, n });
        OK(tape);
        ck_assert(eddy_shape_of(y).rank == rank + 1 && eddy_size(y, plain) == n);
        for (int k = 0; k < n; k++)
            check_same(eddy_select(y, plain, k), parts[k]);
        if (round < 20)
            check_moves(y, leaves[0]);

        axis = random_axis(rank, &plain);
        int64_t before = below(3), after = below(3), size = shape.dim[plain];
        y = eddy_pad(parts[0], axis, before, after, -7);
        OK(tape);
        ck_assert_int_eq(eddy_size(y, axis), before + size + after);
        check_same(eddy_slice(y, axis, before, before + size, 1), parts[0]);
        for (int64_t i = 0; i < count_of(y); i++) {
            eddy_shape padded = eddy_shape_of(y);
            int64_t index[4];
            coordinates(&padded, i, index);
            ck_assert((index[plain] >= before && index[plain] < before + size) || at(y, i) == -7);
        }
        if (round < 20)
            check_moves(y, leaves[0]);
    }
    eddy_var x = input(tape, EDDY_SHAPE(2, 6), 0, 1), y = input(tape, EDDY_SHAPE(3, 6), 0, 1),
             z = input(tape, EDDY_SHAPE(6), 0, 1), f = input_of(tape, EDDY_F32, EDDY_SHAPE(2, 6), 0, 1),
             s = eddy_sum(x);
    ck_assert(has_shape(eddy_concat(0, x, y), EDDY_SHAPE(5, 6)) && has_shape(eddy_stack(0, s, s), EDDY_SHAPE(2)));
    FAILS(tape, eddy_concat(1, x, y),
          "concat: part 2 has shape (3, 6) and dtype f64, part 1 has (2, 6) and f64; only the joined axis may differ");
    FAILS(tape, eddy_concat(0, x, z), "concat: part 2 has shape (6,)");
    FAILS(tape, eddy_concat(0, x, f), "concat: part 2 has shape (2, 6) and dtype f32");
    FAILS(tape, eddy_concat(2, x, x), "concat: axis 2 is out of range for parts of shape (2, 6)");
    FAILS(tape, eddy_concat(0, s, s), "concat: axis 0 is out of range for parts of shape ()");
    FAILS(tape, eddy_stack(0, x, y), "stack: part 2 has shape (3, 6)", "must agree");
    FAILS(tape, eddy_stack(3, x, x), "stack: axis 3 is out of range");
    FAILS(tape, eddy_stack(-4, x, x), "stack: axis -4 is out of range");
    FAILS(tape, eddy_pad(x, 0, -1, 0, 0), "pad: -1 before and 0 after");
    FAILS(tape, eddy_pad(x, 0, INT64_MAX, 1, 0), "pad: ");
    FAILS(tape, eddy_pad(x, 2, 0, 0, 0), "pad: axis 2 is out of range");
    /* the same var twice */
    check_gradient(weighted(eddy_sin(eddy_concat(0, x, x))), EDDY_LIST(x), 2);
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_ops_shape(void)
{
    Suite *suite = suite_create("ops_shape");
    TCase *tests = tcase_create("ops_shape");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, constants);
    tcase_add_test(tests, cast_and_detach);
    tcase_add_test(tests, reshape_squeeze_unsqueeze);
    tcase_add_test(tests, permute_and_transpose);
    tcase_add_test(tests, broadcast_and_its_adjoint);
    tcase_add_test(tests, slices_as_in_python);
    tcase_add_test(tests, slice_select_flip);
    tcase_add_test(tests, parts_of_an_axis);
    tcase_add_test(tests, concat_stack_pad);
    suite_add_tcase(suite, tests);
    return suite;
}
