/* Shapes and views. The main test makes random chains of views and keeps beside each the list of base elements that it
 * must show, computed by naive index arithmetic. */
#include "failing_memory.h"
#include "test.h"

#include "random.h"
#include "tensor.h"

#include <math.h>

START_TEST(shapes)
{
    eddy_shape scalar = EDDY_SCALAR, vector = EDDY_SHAPE(3), matrix = EDDY_SHAPE(20, 800, 1),
               nine = EDDY_SHAPE(1, 1, 1, 1, 1, 1, 1, 1, 1), out;
    ck_assert_str_eq(eddy_shape_format(&scalar).text, "()");
    ck_assert_str_eq(eddy_shape_format(&vector).text, "(3,)");
    ck_assert_str_eq(eddy_shape_format(&matrix).text, "(20, 800, 1)");
    ck_assert_ptr_nonnull(strstr(eddy_shape_format(&nine).text, "more than 8"));
    const int64_t m = INT64_MIN;
    eddy_shape longest = EDDY_SHAPE(m, m, m, m, m, m, m, m);
    ck_assert_ptr_nonnull(strstr(eddy_shape_format(&longest).text, "...)"));
    ck_assert_int_eq(nine.rank, -1);
    ck_assert_int_eq(eddy_shape_count(&scalar), 1);
    ck_assert_int_eq(eddy_shape_count(&matrix), 16000);
    ck_assert_int_eq(eddy_shape_count(&nine), -1);
    const struct {
        eddy_shape shape;
        int64_t count;
    } counts[] = { { EDDY_SHAPE(0), 0 },
                   { EDDY_SHAPE(5, 0, 7), 0 },
                   { EDDY_SHAPE(-1, 2), -1 },
                   { EDDY_SHAPE(INT64_MAX / 8), INT64_MAX / 8 },
                   { EDDY_SHAPE(INT64_MAX / 8 + 1), -1 },
                   { EDDY_SHAPE(INT64_MAX, INT64_MAX), -1 },
                   { EDDY_SHAPE(INT64_MAX, 0), -1 } };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        ck_assert_int_eq(eddy_shape_count(&counts[i].shape), counts[i].count);
    eddy_shape a = EDDY_SHAPE(5, 1, 3), b = EDDY_SHAPE(4, 1), c = EDDY_SHAPE(5, 4, 3), zero = EDDY_SHAPE(0),
               one = EDDY_SHAPE(1);
    ck_assert(eddy_shape_broadcast(&a, &b, &out) && eddy_shape_equal(&out, &c));
    ck_assert(eddy_shape_broadcast(&scalar, &a, &out) && eddy_shape_equal(&out, &a));
    ck_assert(eddy_shape_broadcast(&zero, &one, &out) && eddy_shape_equal(&out, &zero));
    ck_assert(!eddy_shape_broadcast(&b, &matrix, &out));
    ck_assert(!eddy_shape_broadcast(&nine, &a, &out));
    ck_assert(!eddy_shape_equal(&nine, &nine));
    ck_assert_int_eq(eddy_axis_index(-1, 3), 2);
    ck_assert_int_eq(eddy_axis_index(2, 3), 2);
    ck_assert_int_eq(eddy_axis_index(3, 3), -1);
    ck_assert_int_eq(eddy_axis_index(-4, 3), -1);
    ck_assert_int_eq(eddy_axis_index(0, 0), -1);
}
END_TEST

START_TEST(making)
{
    eddy_status status = { { 0 } };
    eddy_tensor t;
    for (int dtype = EDDY_F32; dtype <= EDDY_I64; dtype++) {
        ck_assert(eddy_tensor_new(&t, (eddy_dtype)dtype, EDDY_SHAPE(3, 5), &status));
        ck_assert_uint_eq((uintptr_t)t.data % 64, 0);
        ck_assert(eddy_tensor_is_contiguous(&t));
        for (int i = 0; i < 15; i++)
            ck_assert(eddy_tensor_flat(&t, i) == 0);
        eddy_tensor_free(&t);
        ck_assert_ptr_null(t.data);
        ck_assert(eddy_tensor_new(&t, (eddy_dtype)dtype, EDDY_SHAPE(3, 0, 2), &status));
        ck_assert_ptr_nonnull(t.data);
        ck_assert_int_eq(eddy_tensor_count(&t), 0);
        eddy_tensor_free(&t);
    }
    eddy_tensor_free(&t);
    eddy_tensor_free(NULL);
    ck_assert_str_eq(status.text, "");
    ck_assert(!eddy_tensor_new(&t, EDDY_F32, EDDY_SHAPE(-3), &status));
    ck_assert_ptr_nonnull(strstr(status.text, "(-3,)"));
    ck_assert(!eddy_tensor_new(&t, (eddy_dtype)0, EDDY_SHAPE(3), NULL));
    ck_assert(!eddy_tensor_new(&t, (eddy_dtype)9, EDDY_SHAPE(3), NULL));
    ck_assert(!eddy_tensor_new(&t, EDDY_F32, EDDY_SHAPE(1, 1, 1, 1, 1, 1, 1, 1, 1), NULL));
    fault f;
    fault_install(&f, 1);
    status.text[0] = 0;
    ck_assert(!eddy_tensor_new(&t, EDDY_F32, EDDY_SHAPE(7, 2), &status));
    eddy_set_allocator(NULL);
    ck_assert_ptr_null(t.data);
    ck_assert_ptr_nonnull(strstr(status.text, "out of memory"));
    ck_assert_ptr_nonnull(strstr(status.text, "(7, 2)"));
}
END_TEST

/* A view and the base elements that it must show, in row-major order. */
enum { MOST = 4096 };
typedef struct shown {
    eddy_tensor view;
    int64_t element[MOST];
} shown;

static uint64_t draws;
static int64_t pick(int64_t below)
{
    return (int64_t)(eddy_random_bits((eddy_random){ 1, 2 }, draws++) % (uint64_t)below);
}

static void check_shown(const shown *s)
{
    int64_t count = eddy_tensor_count(&s->view), index[EDDY_MAX_RANK] = { 0 };
    bool contiguous = true;
    for (int64_t i = 0; i < count; i++) {
        ck_assert(eddy_tensor_at(&s->view, index) == (double)s->element[i]);
        ck_assert(eddy_tensor_flat(&s->view, i) == (double)s->element[i]);
        contiguous = contiguous && s->element[i] == s->element[0] + i;
        for (int k = s->view.shape.rank - 1; k >= 0 && ++index[k] == s->view.shape.dim[k]; k--)
            index[k] = 0;
    }
    ck_assert_int_eq(eddy_tensor_is_contiguous(&s->view), contiguous);
}

static void naive_index(const eddy_shape *shape, int64_t flat, int64_t *index)
{
    for (int k = shape->rank - 1; k >= 0; k--) {
        index[k] = flat % shape->dim[k];
        flat /= shape->dim[k];
    }
}

static int64_t naive_flat(const eddy_shape *shape, const int64_t *index)
{
    int64_t flat = 0;
    for (int k = 0; k < shape->rank; k++)
        flat = flat * shape->dim[k] + index[k];
    return flat;
}

static void try_permute(const shown *in, shown *out)
{
    int axes[EDDY_MAX_RANK], rank = in->view.shape.rank;
    for (int k = 0; k < rank; k++) {
        int at = (int)pick(k + 1);
        axes[k] = axes[at];
        axes[at] = k;
    }
    for (int k = 0; k < rank; k++)
        axes[k] -= pick(2) ? rank : 0;
    ck_assert(eddy_tensor_permute(&out->view, &in->view, axes, NULL));
    for (int64_t i = 0; i < eddy_tensor_count(&out->view); i++) {
        int64_t to[EDDY_MAX_RANK], from[EDDY_MAX_RANK];
        naive_index(&out->view.shape, i, to);
        for (int k = 0; k < rank; k++)
            from[axes[k] < 0 ? axes[k] + rank : axes[k]] = to[k];
        out->element[i] = in->element[naive_flat(&in->view.shape, from)];
    }
}

/* The positions that Python's slice takes, by walking there. */
static int64_t python_slice(int64_t n, int64_t start, int64_t stop, int64_t step, int64_t *taken)
{
    int64_t count = 0;
    if (start < 0)
        start += n;
    if (stop < 0)
        stop += n;
    if (stop == EDDY_END)
        stop = step > 0 ? n : -1;
    else if (stop < -1)
        stop = -1;
    if (step > 0)
        for (int64_t i = start < 0 ? 0 : start; i < n && i < stop; i += step)
            taken[count++] = i;
    else
        for (int64_t i = start >= n ? n - 1 : start; i >= 0 && i > stop; i += step)
            taken[count++] = i;
    return count;
}

static void try_slice(const shown *in, shown *out)
{
    int axis = (int)pick(in->view.shape.rank);
    int64_t n = in->view.shape.dim[axis], taken[MOST];
    int64_t start = pick(2 * n + 5) - n - 2, stop = pick(6) ? pick(2 * n + 5) - n - 2 : EDDY_END, step = pick(7) - 3;
    if (!step) {
        ck_assert(!eddy_tensor_slice(&out->view, &in->view, axis, (eddy_range){ start, stop, 0 }, NULL));
        step = 1;
    }
    ck_assert(eddy_tensor_slice(&out->view, &in->view, axis - (pick(2) ? in->view.shape.rank : 0),
                                (eddy_range){ start, stop, step }, NULL));
    eddy_shape shape = in->view.shape;
    shape.dim[axis] = python_slice(n, start, stop, step, taken);
    ck_assert(eddy_shape_equal(&shape, &out->view.shape));
    for (int64_t i = 0; i < eddy_tensor_count(&out->view); i++) {
        int64_t at[EDDY_MAX_RANK];
        naive_index(&shape, i, at);
        at[axis] = taken[at[axis]];
        out->element[i] = in->element[naive_flat(&in->view.shape, at)];
    }
}

static void try_select(const shown *in, shown *out)
{
    int axis = (int)pick(in->view.shape.rank);
    int64_t n = in->view.shape.dim[axis];
    ck_assert(!eddy_tensor_select(&out->view, &in->view, axis, n, NULL));
    ck_assert(!eddy_tensor_select(&out->view, &in->view, axis, -n - 1, NULL));
    if (!n) {
        *out = *in;
        return;
    }
    int64_t index = pick(n);
    ck_assert(eddy_tensor_select(&out->view, &in->view, axis, pick(2) ? index : index - n, NULL));
    for (int64_t i = 0; i < eddy_tensor_count(&out->view); i++) {
        int64_t to[EDDY_MAX_RANK], from[EDDY_MAX_RANK];
        naive_index(&out->view.shape, i, to);
        for (int k = 0; k < in->view.shape.rank; k++)
            from[k] = k < axis ? to[k] : k == axis ? index : to[k - 1];
        out->element[i] = in->element[naive_flat(&in->view.shape, from)];
    }
}

static void try_broadcast(const shown *in, shown *out)
{
    eddy_shape shape = in->view.shape;
    for (int k = 0; k < shape.rank; k++)
        if (shape.dim[k] == 1 && eddy_shape_count(&shape) < MOST / 4)
            shape.dim[k] = pick(4);
    if (shape.rank < EDDY_MAX_RANK && eddy_shape_count(&shape) < MOST / 4) {
        memmove(shape.dim + 1, shape.dim, (size_t)shape.rank++ * sizeof *shape.dim);
        shape.dim[0] = pick(3) + 1;
    }
    ck_assert(eddy_tensor_broadcast(&out->view, &in->view, shape, NULL));
    int added = shape.rank - in->view.shape.rank;
    for (int64_t i = 0; i < eddy_tensor_count(&out->view); i++) {
        int64_t to[EDDY_MAX_RANK];
        naive_index(&shape, i, to);
        for (int k = 0; k < in->view.shape.rank; k++)
            if (in->view.shape.dim[k] == 1)
                to[added + k] = 0;
        out->element[i] = in->element[naive_flat(&in->view.shape, to + added)];
    }
}

/* A view exists exactly when each axis has one distance between its neighbours everywhere. */
static bool can_view(const shown *in, const eddy_shape *shape)
{
    for (int64_t i = 0; i < eddy_shape_count(shape); i++) {
        int64_t at[EDDY_MAX_RANK], expected = in->element[0];
        naive_index(shape, i, at);
        for (int k = 0; k < shape->rank; k++) {
            int64_t unit[EDDY_MAX_RANK] = { 0 };
            if (!at[k])
                continue;
            unit[k] = 1;
            expected += at[k] * (in->element[naive_flat(shape, unit)] - in->element[0]);
        }
        if (expected != in->element[i])
            return false;
    }
    return true;
}

static void try_reshape(const shown *in, shown *out)
{
    int64_t left = eddy_tensor_count(&in->view);
    eddy_shape shape = { 0 };
    if (left == 0) {
        shape = EDDY_SHAPE(pick(3), 0);
    } else {
        while (left > 1 && shape.rank < EDDY_MAX_RANK - 2) {
            int64_t divisor = pick(left) + 1;
            while (left % divisor)
                divisor--;
            shape.dim[shape.rank++] = divisor;
            left /= divisor;
        }
        shape.dim[shape.rank++] = left;
        if (pick(2))
            shape.dim[shape.rank++] = 1;
    }
    eddy_shape asked = shape;
    if (eddy_shape_count(&shape) && pick(2))
        asked.dim[pick(shape.rank)] = -1;
    bool good = eddy_tensor_reshape(&out->view, &in->view, asked, NULL);
    ck_assert_int_eq(good, can_view(in, &shape));
    if (!good) {
        *out = *in;
        return;
    }
    ck_assert(eddy_shape_equal(&out->view.shape, &shape));
    memcpy(out->element, in->element, sizeof in->element);
}

START_TEST(views_show_what_naive_indexing_shows)
{
    static shown a, b;
    draws = (uint64_t)_i * 1000;
    for (int chain = 0; chain < 1500; chain++) {
        eddy_tensor base;
        eddy_shape shape = { .rank = (int)pick(6) };
        for (int k = 0; k < shape.rank; k++)
            shape.dim[k] = pick(20) ? pick(4) + 1 : 0;
        ck_assert(eddy_tensor_new(&base, (eddy_dtype)(pick(4) + 1), shape, NULL));
        int64_t count = eddy_tensor_count(&base);
        for (int64_t i = 0; i < count; i++) {
            a.element[i] = i;
            switch (base.dtype) {
            case EDDY_F32:
                ((float *)base.data)[i] = (float)i;
                break;
            case EDDY_F64:
                ((double *)base.data)[i] = (double)i;
                break;
            case EDDY_I32:
                ((int32_t *)base.data)[i] = (int32_t)i;
                break;
            case EDDY_I64:
                ((int64_t *)base.data)[i] = i;
                break;
            }
        }
        a.view = base;
        a.view.owned = NULL;
        for (int step = 0; step < 6; step++) {
            static void (*const moves[])(const shown *, shown *) = { try_permute, try_broadcast, try_reshape, try_slice,
                                                                     try_select };
            moves[pick(a.view.shape.rank ? 5 : 3)](&a, &b);
            a = b;
            ck_assert_ptr_null(a.view.owned);
            if (eddy_tensor_count(&a.view))
                check_shown(&a);
        }
        eddy_tensor_free(&base);
    }
}
END_TEST

START_TEST(slices_at_the_limits)
{
    float data[5] = { 0, 1, 2, 3, 4 };
    eddy_tensor x = eddy_tensor_wrap(data, EDDY_F32, EDDY_SHAPE(5)), y;
    const struct {
        int64_t start, stop, step, count;
        double first;
    } cases[] = { { 0, EDDY_END, 1, 5, 0 },
                  { -1, EDDY_END, -1, 5, 4 },
                  { EDDY_END, EDDY_END, -2, 3, 4 },
                  { INT64_MIN, INT64_MAX, INT64_MAX, 1, 0 },
                  { INT64_MAX, INT64_MIN, INT64_MIN, 1, 4 },
                  { INT64_MIN, EDDY_END, -1, 0, 0 },
                  { 5, EDDY_END, 1, 0, 0 },
                  { 3, 1, 1, 0, 0 },
                  { -2, -4, -1, 2, 3 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(eddy_tensor_slice(&y, &x, 0, (eddy_range){ cases[i].start, cases[i].stop, cases[i].step }, NULL));
        ck_assert_int_eq(eddy_tensor_count(&y), cases[i].count);
        if (cases[i].count)
            ck_assert(eddy_tensor_flat(&y, 0) == cases[i].first);
    }
}
END_TEST

START_TEST(mistakes_are_sentences)
{
    float data[6] = { 0 };
    eddy_tensor x = eddy_tensor_wrap(data, EDDY_F32, EDDY_SHAPE(2, 3)), freed = { 0 }, bad = x, y, z;
    eddy_status s;
    bad.shape.rank = -1;
#define REFUSED(call, part)                                                                                            \
    do {                                                                                                               \
        s.text[0] = 0;                                                                                                 \
        ck_assert(!(call));                                                                                            \
        ck_assert_msg(strstr(s.text, part), "%s", s.text);                                                             \
    } while (0)
    REFUSED(eddy_tensor_reshape(&y, &x, EDDY_SHAPE(4, 2), &s),
            "shape (2, 3) (6 elements) cannot become (4, 2): the numbers");
    REFUSED(eddy_tensor_reshape(&y, &x, EDDY_SHAPE(-1, 4), &s), "(-1, 4)");
    REFUSED(eddy_tensor_reshape(&y, &x, EDDY_SHAPE(-1, -1), &s), "more than one -1");
    REFUSED(eddy_tensor_reshape(&y, &x, EDDY_SHAPE(-1, 0), &s), "beside a dimension 0");
    REFUSED(eddy_tensor_reshape(&y, &x, EDDY_SHAPE(-2, 3), &s), "cannot become (-2, 3): that is not a shape");
    REFUSED(eddy_tensor_reshape(&y, &bad, EDDY_SHAPE(6), &s), "impossible shape");
    REFUSED(eddy_tensor_reshape(&y, &freed, EDDY_SHAPE(6), &s), "no dtype");
    ck_assert(eddy_tensor_permute(&z, &x, (int[]){ 1, 0 }, &s));
    REFUSED(eddy_tensor_reshape(&y, &z, EDDY_SHAPE(6), &s), "copy it first");
    REFUSED(eddy_tensor_permute(&y, &x, (int[]){ 0, 0 }, &s), "(0, 0) is no permutation of the 2 axes of shape (2, 3)");
    REFUSED(eddy_tensor_permute(&y, &x, (int[]){ 0, 2 }, &s), "(0, 2) is no permutation");
    REFUSED(eddy_tensor_permute(&y, &x, NULL, &s), "NULL");
    REFUSED(eddy_tensor_permute(&y, NULL, NULL, &s), "NULL");
    REFUSED(eddy_tensor_slice(&y, &x, 2, (eddy_range){ 0, 1, 1 }, &s), "axis 2 is out of range for shape (2, 3)");
    REFUSED(eddy_tensor_slice(&y, &x, 0, (eddy_range){ 0, 1, 0 }, &s), "step");
    REFUSED(eddy_tensor_select(&y, &x, 1, 3, &s), "index 3 is out of range for axis 1");
    REFUSED(eddy_tensor_select(&y, &x, -3, 0, &s), "axis -3 is out of range");
    REFUSED(eddy_tensor_broadcast(&y, &x, EDDY_SHAPE(3, 2), &s), "(2, 3) does not broadcast to (3, 2)");
    REFUSED(eddy_tensor_broadcast(&y, &x, EDDY_SHAPE(3), &s), "does not broadcast");
    REFUSED(eddy_tensor_broadcast(&y, &bad, EDDY_SHAPE(3), &s), "impossible shape");
    REFUSED(eddy_tensor_copy(&z, &x, &s), "(3, 2)");
    REFUSED(eddy_tensor_copy(&freed, &x, &s), "no dtype");
    eddy_tensor empty = eddy_tensor_wrap(NULL, EDDY_F32, EDDY_SHAPE(2, 3));
    REFUSED(eddy_tensor_copy(&empty, &x, &s), "no data");
#undef REFUSED
}
END_TEST

START_TEST(view_in_place_keeps_the_block)
{
    fault f;
    fault_install(&f, 0);
    eddy_tensor x;
    ck_assert(eddy_tensor_new(&x, EDDY_F64, EDDY_SHAPE(4, 6), NULL));
    ck_assert(eddy_tensor_select(&x, &x, 0, 2, NULL));
    ck_assert(eddy_tensor_reshape(&x, &x, EDDY_SHAPE(2, 3), NULL));
    eddy_tensor_free(&x);
    eddy_set_allocator(NULL);
    ck_assert_int_eq(f.living, 0);
}
END_TEST

START_TEST(copy_converts)
{
    double data[6] = { 1.9, -1.9, NAN, 1e30, -1e30, 7 };
    eddy_tensor from = eddy_tensor_wrap(data, EDDY_F64, EDDY_SHAPE(2, 3)), to, columns;
    const double expected[6] = { 1, -1, 0, INT32_MAX, INT32_MIN, 7 };
    ck_assert(eddy_tensor_new(&to, EDDY_I32, EDDY_SHAPE(3, 2), NULL));
    ck_assert(eddy_tensor_permute(&columns, &to, (int[]){ 1, 0 }, NULL));
    ck_assert(eddy_tensor_copy(&columns, &from, NULL));
    for (int64_t i = 0; i < 6; i++)
        ck_assert(eddy_tensor_flat(&columns, i) == expected[i]);
    ck_assert(eddy_tensor_flat(&to, 1) == INT32_MAX);
    eddy_tensor nothing = eddy_tensor_wrap(NULL, EDDY_F32, EDDY_SHAPE(0)),
                none = eddy_tensor_wrap(NULL, EDDY_I64, EDDY_SHAPE(0));
    ck_assert(eddy_tensor_copy(&nothing, &none, NULL));
    eddy_tensor_free(&to);
}
END_TEST

Suite *suite_tensor(void)
{
    Suite *suite = suite_create("tensor");
    TCase *tests = tcase_create("tensor");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, shapes);
    tcase_add_test(tests, making);
    tcase_add_loop_test(tests, views_show_what_naive_indexing_shows, 0, 4);
    tcase_add_test(tests, slices_at_the_limits);
    tcase_add_test(tests, mistakes_are_sentences);
    tcase_add_test(tests, view_in_place_keeps_the_block);
    tcase_add_test(tests, copy_converts);
    suite_add_tcase(suite, tests);
    return suite;
}
