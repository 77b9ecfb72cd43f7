/* The gradient checker: right gradients agree, a set of deliberately wrong ones is caught, every one, and the tape is
 * as before.
 *
 * A wrong derivative is made of right ops: w + detach(y - w) has the value of y and the derivative of w. */
#include "failing_memory.h"
#include "numerical.h"
#include "recording.h"

#include <math.h>

static eddy_var with_derivative_of(eddy_var w, eddy_var y)
{
    return eddy_add(w, eddy_detach(eddy_sub(y, w)));
}

static eddy_gradcheck_report run(eddy_var loss, eddy_list wrt, int order)
{
    eddy_gradcheck_report report;
    bool done = eddy_gradcheck(loss, wrt, &(eddy_gradcheck_options){ .order = order }, &report);
    ck_assert_msg(done, "%s", eddy_error(loss.tape));
    OK(loss.tape);
    return report;
}

/* The verdict, and parts of the message; frees the report. */
static void expect(eddy_var loss, eddy_list wrt, eddy_verdict verdict, const char *part)
{
    eddy_gradcheck_report report = run(loss, wrt, 2);
    ck_assert_msg(report.verdict == verdict, "%s", report.message);
    ck_assert_msg(!part || strstr(report.message, part), "no \"%s\" in: %s", part, report.message);
    ck_assert_int_eq(strncmp(report.message, eddy_verdict_name(verdict), strlen(eddy_verdict_name(verdict))), 0);
    eddy_gradcheck_free(&report);
}

/* ---- Ridders ---- */

static double sine(void *context, double step)
{
    (*(int *)context)++;
    return sin(1 + step);
}

static double logarithm(void *context, double step)
{
    (void)context;
    return log(1e-3 + step);
}

START_TEST(ridders)
{
    int calls = 0;
    double error, slope = eddy_ridders(sine, &calls, 0.1, &error);
    ck_assert_double_le(fabs(slope - cos(1)), error);
    ck_assert_double_lt(error, 1e-12);
    ck_assert_int_lt(calls, 21);
    slope = eddy_ridders(logarithm, NULL, 5e-4, &error);
    ck_assert_double_le(fabs(slope - 1e3), error);
    ck_assert_double_lt(error, 1e-7);
    ck_assert(isnan(eddy_ridders(logarithm, NULL, 0.1, &error)) && isnan(error));
    ck_assert(isnan(eddy_ridders(sine, &calls, 0, NULL)));
    error = 0;
    ck_assert(isnan(eddy_ridders(NULL, NULL, 0.1, &error)) && isnan(error));
    ck_assert(isnan(eddy_ridders(NULL, NULL, 0.1, NULL)));
}
END_TEST

/* A kink of that size at that distance, on something that bends itself. */
typedef struct kink {
    double at, size;
} kink;

static double bend(void *context, double step)
{
    const kink *k = context;
    return k->size * fabs(step - k->at) + sin(1 + 3 * step);
}

START_TEST(kinks)
{
    const double sizes[] = { 1, 1e-3, 1e-7, 1e-10 };
    for (int i = 0; i < 4; i++) {
        kink k = { 0, sizes[i] };
        eddy_curve curve = { .f = bend, .context = &k, .middle = bend(&k, 0), .noise = 1e-16 };
        eddy_slope slope = eddy_slope_at(&curve, 0.1);
        ck_assert(eddy_slope_bends(&slope));
        ck_assert_double_le(fabs(slope.jump - 2 * k.size), slope.jump_error + 1e-15);
        /* the slope lies between those of both sides */
        ck_assert_double_le(fabs(slope.value - 3 * cos(1)), k.size + slope.error);
        k.at = 1e-4 * 0.1;
        curve.middle = bend(&k, 0);
        slope = eddy_slope_at(&curve, 0.1);
        ck_assert_double_le(fabs(slope.value - (3 * cos(1) - k.size)), fabs(slope.jump) + slope.error);
        k.at = 0.5;
        curve.middle = bend(&k, 0);
        slope = eddy_slope_at(&curve, 0.1);
        ck_assert(!eddy_slope_bends(&slope));
    }
}
END_TEST

/* ---- Right ones ---- */

START_TEST(right)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var w = input(tape, EDDY_SHAPE(4, 3), -1, 1), x = input(tape, EDDY_SHAPE(3, 5), -1, 1);
    eddy_gradcheck_report report = run(weighted(eddy_tanh(eddy_matmul(w, x))), EDDY_LIST(w, x), 2);
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s", report.message);
    ck_assert_int_eq(report.compared, 2 * (12 + 15));
    ck_assert_int_eq(report.count, report.compared);
    ck_assert_double_lt(report.worst_relative, 1e-9);
    for (int64_t i = 0; i < report.count; i++) {
        ck_assert_double_le(report.elements[i].error, i ? report.elements[i - 1].error : 1); /* worst first */
        ck_assert_double_lt(report.elements[i].uncertainty, 1e-8); /* and agreement means something */
    }
    eddy_gradcheck_free(&report);
    ck_assert_ptr_null(report.elements);
    /* what the loss does not reach has gradient zero */
    expect(eddy_sum(w), EDDY_LIST(x, w), EDDY_AGREE, NULL);
    expect(eddy_sum(eddy_sign(w)), EDDY_LIST(w), EDDY_AGREE, NULL);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(hard_but_right)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    /* the edge of a domain and a kink close by, large and small numbers, a small difference of large terms */
    eddy_var x = VECTOR(tape, 1e-7, 3e-3, 40), one = VECTOR(tape, 1), near = VECTOR(tape, 1e-4, -1e-4, 3e-3);
    expect(eddy_sum(eddy_log(x)), EDDY_LIST(x), EDDY_AGREE, NULL);
    expect(eddy_sum(eddy_relu(near)), EDDY_LIST(near), EDDY_AGREE, NULL);
    eddy_var wide = VECTOR(tape, 1e8, -1e8, 1e-8, 2);
    expect(weighted(eddy_square(wide)), EDDY_LIST(wide), EDDY_AGREE, NULL);
    expect(eddy_sum(eddy_sub_scalar(eddy_add_scalar(eddy_square(one), 1e6), 1e6)), EDDY_LIST(one), EDDY_AGREE, NULL);
    eddy_var exact = VECTOR(tape, 0, 0);
    expect(eddy_sum(eddy_square(exact)), EDDY_LIST(exact), EDDY_AGREE, NULL);
    eddy_tape_free(tape);
}
END_TEST

/* ---- Wrong ones, every one caught ---- */

START_TEST(wrong_sign)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(7), -1, 1), y = eddy_sin(x);
    expect(weighted(with_derivative_of(eddy_neg(y), y)), EDDY_LIST(x), EDDY_DISAGREE, "wrong sign");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(wrong_scale)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    const double factors[] = { 1.01, 0.99, 1 + 1e-6, 2 };
    eddy_var x = input(tape, EDDY_SHAPE(3, 4), -1, 1), y = eddy_tanh(x);
    for (int i = 0; i < 4; i++) {
        char part[40];
        snprintf(part, sizeof part, "factor %.4g", factors[i]);
        expect(weighted(with_derivative_of(eddy_mul_scalar(y, factors[i]), y)), EDDY_LIST(x), EDDY_DISAGREE,
               factors[i] == 1.01 ? part : NULL);
    }
    expect(with_derivative_of(eddy_sum(y), eddy_mean(y)), EDDY_LIST(x), EDDY_DISAGREE, "12 times too large");
    eddy_tape_free(tape);
}
END_TEST

/* One in ten thousand: suite mutants. */
START_TEST(one_element_in_a_thousand)
{
    double weights[1000];
    for (int i = 0; i < 1000; i++)
        weights[i] = i == 721 ? 1.01 : 1;
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(10, 100), -1, 1), y = eddy_sin(x),
             w = constant(tape, EDDY_F64, EDDY_SHAPE(10, 100), weights);
    eddy_gradcheck_report report = run(weighted(with_derivative_of(eddy_mul(y, w), y)), EDDY_LIST(x), 1);
    ck_assert_msg(report.verdict == EDDY_DISAGREE, "%s", report.message);
    ck_assert_int_eq(report.compared, 1000);
    ck_assert_int_eq(report.disagreed, 1);
    ck_assert_int_eq(report.elements[0].index, 721);
    ck_assert_double_eq_tol(report.worst_relative, 0.01, 1e-4);
    ck_assert_msg(strstr(report.message, "[7, 21]") && strstr(report.message, "only wrong one"), "%s", report.message);
    eddy_gradcheck_free(&report);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(wrong_terms)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var a = input(tape, EDDY_SHAPE(3, 3), -1, 1), h = input(tape, EDDY_SHAPE(3), -1, 1);
    /* the derivative of the transpose */
    expect(weighted(with_derivative_of(eddy_transpose(a, 0, 1), a)), EDDY_LIST(a), EDDY_DISAGREE, "transpose");
    expect(weighted(eddy_matmul(with_derivative_of(eddy_transpose(a, 0, 1), a), h)), EDDY_LIST(a, h), EDDY_DISAGREE,
           NULL);
    /* a carry term dropped: d/dh of h + tanh(h) a without the first */
    eddy_var y = eddy_add(h, eddy_matmul(eddy_tanh(h), a));
    expect(weighted(with_derivative_of(eddy_matmul(eddy_tanh(h), a), y)), EDDY_LIST(h, a), EDDY_DISAGREE, NULL);
    /* a path cut */
    expect(weighted(eddy_detach(eddy_tanh(h))), EDDY_LIST(h), EDDY_DISAGREE, "zero");
    expect(weighted(eddy_mul(h, eddy_detach(h))), EDDY_LIST(h), EDDY_DISAGREE, "factor 0.5");
    /* 0.009 where 0 is right, beside elements of size 1 */
    double small[] = { 0.009, 0, 0 };
    eddy_var flat = eddy_select(a, 0, 0), extra = eddy_mul(flat, constant(tape, EDDY_F64, EDDY_SHAPE(3), small));
    eddy_var loss = eddy_add(weighted(h), eddy_sum(with_derivative_of(extra, eddy_zeros_like(extra))));
    expect(loss, EDDY_LIST(h, a), EDDY_DISAGREE, "[0, 0] is claimed to be 0.009");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(wrong_second_order)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(4), -1, 1), held = eddy_detach(x);
    /* x^2 with the right gradient 2x, whose own gradient is lost */
    eddy_var loss = eddy_sum(eddy_sub(eddy_mul_scalar(eddy_mul(x, held), 2), eddy_square(held)));
    eddy_gradcheck_report report = run(loss, EDDY_LIST(x), 1);
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s", report.message);
    ck_assert_int_eq(report.compared, 4);
    eddy_gradcheck_free(&report);
    expect(loss, EDDY_LIST(x), EDDY_DISAGREE, "order 2");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(not_a_number)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = VECTOR(tape, 0.5, 0.25), zero = eddy_zeros_like(x);
    /* the branch not taken has a NaN, which 0 times lets through */
    eddy_var y = eddy_where(eddy_gt(x, zero), x, eddy_sqrt(eddy_rsub_scalar(x, -1)));
    expect(eddy_sum(y), EDDY_LIST(x), EDDY_DISAGREE, "NaN");
    /* the loss itself: nothing can be said for it */
    eddy_gradcheck_report report = run(eddy_sum(eddy_log(eddy_neg(x))), EDDY_LIST(x), 1);
    ck_assert_int_ne(report.verdict, EDDY_AGREE);
    eddy_gradcheck_free(&report);
    /* an infinite slope at the edge of the domain */
    eddy_var edge = VECTOR(tape, 0);
    report = run(eddy_sum(eddy_sqrt(edge)), EDDY_LIST(edge), 1);
    ck_assert_int_eq(report.verdict, EDDY_UNRESOLVED);
    eddy_gradcheck_free(&report);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(at_a_kink)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    const double places[] = { 0, 1e-11, -1e-11 };
    for (int i = 0; i < 3; i++) {
        eddy_var x = VECTOR(tape, places[i]), y = eddy_relu(x);
        /* beside the kink, steps that are smaller than its distance tell; at order 2 they drown in rounding */
        eddy_gradcheck_report report = run(eddy_sum(y), EDDY_LIST(x), 1);
        ck_assert_msg(report.verdict == (i ? EDDY_AGREE : EDDY_UNRESOLVED), "%s", report.message);
        ck_assert_msg(i || strstr(report.message, "kink"), "%s", report.message);
        eddy_gradcheck_free(&report);
        report = run(eddy_sum(y), EDDY_LIST(x), 2);
        ck_assert_int_ne(report.verdict, EDDY_DISAGREE);
        eddy_gradcheck_free(&report);
        /* no slope of either side, nor between: not the kink's fault */
        expect(eddy_sum(with_derivative_of(eddy_mul_scalar(eddy_add(y, x), 3), y)), EDDY_LIST(x), EDDY_DISAGREE, NULL);
    }
    /* a jump has no slope at all */
    eddy_var x = VECTOR(tape, 0), step = eddy_gt(x, eddy_zeros_like(x));
    expect(eddy_sum(step), EDDY_LIST(x), EDDY_UNRESOLVED, NULL);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(nothing_to_check)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var empty = input(tape, EDDY_SHAPE(0, 3), -1, 1), x = input(tape, EDDY_SHAPE(2), -1, 1);
    expect(eddy_sum(x), EDDY_NONE, EDDY_NOT_CHECKED, NULL);
    expect(eddy_add(eddy_sum(x), eddy_sum(empty)), EDDY_LIST(empty), EDDY_NOT_CHECKED, NULL);
    eddy_tape_free(tape);
}
END_TEST

/* ---- Everything as before ---- */

START_TEST(restored)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var set = input(tape, EDDY_SHAPE(3), -1, 1), unset = eddy_input(tape, "unset", EDDY_SHAPE(2, 3));
    double values[] = { -0.0, 1.0 / 3, 1e-300 }, after[3];
    ck_assert(eddy_set(set, values, sizeof values));
    eddy_var loss = weighted(eddy_tanh(eddy_mul(set, unset))), part = eddy_sum(eddy_exp(set));
    double before = eddy_item(part);
    int64_t nodes = eddy_node_count(tape);
    int64_t constants = eddy_leaves(tape, EDDY_CONSTANT).count;
    eddy_set_eager(tape, true);
    expect(loss, EDDY_LIST(set, unset), EDDY_AGREE, NULL);
    eddy_set_eager(tape, false);
    ck_assert_int_eq(eddy_node_count(tape), nodes);
    ck_assert_int_eq(eddy_leaves(tape, EDDY_CONSTANT).count, constants);
    ck_assert(eddy_get(set, after, sizeof after));
    ck_assert_int_eq(memcmp(values, after, sizeof after), 0);
    FAILS(tape, eddy_value(unset), "no value yet");
    ck_assert(same_bits(eddy_item(part), before));
    /* values are recomputed when leaves change, as ever */
    ck_assert(eddy_set_item(set, 0));
    ck_assert_double_eq_tol(eddy_item(part), 3, 1e-15);
    /* a leaf made afterwards takes nobody's place */
    eddy_var later = eddy_input(tape, "later", EDDY_SCALAR);
    ck_assert_str_eq(eddy_name_of(later), "later");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(restored_after_failure)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(3), -1, 1), unset = eddy_input(tape, "unset", EDDY_SHAPE(3));
    eddy_var loss = eddy_sum(eddy_index_select(eddy_mul(x, unset), 0, INDICES(tape, 1, 7)));
    double value = at(x, 0);
    int64_t nodes = eddy_node_count(tape);
    eddy_gradcheck_report report;
    bool done = eddy_gradcheck(loss, EDDY_LIST(x, unset), NULL, &report);
    ck_assert(!done && eddy_error(tape) && strstr(eddy_error(tape), "7"));
    ck_assert_int_eq(report.verdict, EDDY_NOT_CHECKED);
    ck_assert_ptr_null(report.elements);
    eddy_clear_error(tape);
    ck_assert_int_eq(eddy_node_count(tape), nodes);
    ck_assert(same_bits(at(x, 0), value));
    FAILS(tape, eddy_value(unset), "no value yet");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(same_mask)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(6, 6), -1, 1);
    expect(weighted(eddy_dropout(eddy_tanh(x), 0.5)), EDDY_LIST(x), EDDY_AGREE, NULL);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(samples)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(1000), -1, 1);
    eddy_gradcheck_report report;
    ck_assert(eddy_gradcheck(weighted(eddy_exp(x)), EDDY_LIST(x),
                             &(eddy_gradcheck_options){ .order = 1, .max_elements = 10 }, &report));
    ck_assert_int_eq(report.compared, 10);
    bool last = false;
    for (int64_t i = 0; i < report.count; i++)
        last = last || report.elements[i].index == 900;
    ck_assert(last);
    eddy_gradcheck_free(&report);
    eddy_tape_free(tape);
}
END_TEST

/* ---- Mistakes ---- */

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1), *other = eddy_tape_new(EDDY_F32, 1);
    eddy_var x = input(tape, EDDY_SHAPE(3), -1, 1), y = eddy_tanh(x), loss = eddy_sum(y),
             index = eddy_input_of(tape, "index", EDDY_I64, EDDY_SHAPE(2));
    eddy_var narrow = eddy_input_of(tape, "narrow", EDDY_F32, EDDY_SHAPE(2)),
             single = input(other, EDDY_SHAPE(2), -1, 1);
    eddy_gradcheck_report r;
    FAILS(tape, eddy_gradcheck(y, EDDY_LIST(x), NULL, &r), "shape (3,)", "one element");
    FAILS(tape, eddy_gradcheck(loss, EDDY_LIST(x, y), NULL, &r), "item 2", "tanh", "only leaves");
    FAILS(tape, eddy_gradcheck(loss, EDDY_LIST(narrow), NULL, &r), "\"narrow\"", "f32");
    FAILS(tape, eddy_gradcheck(loss, EDDY_LIST(x), NULL, NULL), "no report");
    FAILS(tape, eddy_gradcheck(loss, EDDY_LIST(x), &(eddy_gradcheck_options){ .order = 3 }, &r), "order 3");
    FAILS(tape, eddy_gradcheck(loss, EDDY_LIST(x), &(eddy_gradcheck_options){ .low = 2, .high = 1 }, &r), "2 to 1");
    FAILS(tape, eddy_gradcheck(loss, EDDY_LIST(x), &(eddy_gradcheck_options){ .max_elements = -1 }, &r), "negative");
    FAILS(tape, eddy_gradcheck(eddy_sum(eddy_index_select(x, 0, index)), EDDY_LIST(x), NULL, &r), "\"index\"", "i64",
          "no value");
    FAILS(other, eddy_gradcheck(eddy_sum(single), EDDY_LIST(single), NULL, &r), "f32", "EDDY_F64");
    FAILS(tape, eddy_gradcheck(loss, EDDY_LIST(single), NULL, &r), "tape");
    ck_assert(!eddy_gradcheck((eddy_var){ 0 }, EDDY_NONE, NULL, &r));
    eddy_gradcheck_free(NULL);
    eddy_tape_free(tape);
    eddy_tape_free(other);
}
END_TEST

START_TEST(faults)
{
    long last = 0;
    for (long n = 1; !last; n++) {
        fault f;
        fault_install(&f, n);
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(2)), y = eddy_input(tape, "y", EDDY_SHAPE(2)),
                 loss = eddy_sum(eddy_mul(x, y));
        bool ready = tape && !eddy_error(tape);
        eddy_gradcheck_report report;
        bool done = eddy_gradcheck(loss, EDDY_LIST(x, y), NULL, &report);
        if (ready) {
            ck_assert(done == !eddy_error(tape));
            ck_assert_int_eq(eddy_node_count(tape), 3);
            ck_assert_int_eq(eddy_leaves(tape, EDDY_CONSTANT).count, 0);
            eddy_clear_error(tape);
            ck_assert_ptr_null(eddy_value(x));
        }
        eddy_gradcheck_free(&report);
        eddy_tape_free(tape);
        ck_assert_int_eq(f.living, 0);
        last = f.asked < n;
        eddy_set_allocator(NULL);
    }
}
END_TEST

/* The gradient of relu jumps where its operand changes its sign: a step across it shows a slope that is not there. The
 * same of a function that jumps itself, and of an oscillation that large steps take for a plateau. */
START_TEST(jumps_beside)
{
    for (int i = 0; i < 12; i++) {
        double distance = pow(10, -12 + i);
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_var x = eddy_input(tape, "x", EDDY_SCALAR);
        eddy_set(x, (double[]){ 0.7 }, sizeof(double));
        eddy_var beside = eddy_relu(eddy_add_scalar(x, distance - 0.7));
        eddy_var faint = eddy_mul_scalar(eddy_square(beside), 1e-6), y = eddy_add(eddy_sin(x), faint);
        eddy_gradcheck_report report = run(y, EDDY_LIST(x), 2);
        ck_assert_msg(report.verdict != EDDY_DISAGREE, "at %g: %s", distance, report.message);
        eddy_gradcheck_free(&report);
        eddy_var stairs = eddy_mul_scalar(eddy_floor(eddy_add_scalar(x, 0.3 + distance)), 1e-7);
        report = run(eddy_add(eddy_sin(x), stairs), EDDY_LIST(x), 2);
        ck_assert_msg(report.verdict != EDDY_DISAGREE, "stairs at %g: %s", distance, report.message);
        eddy_gradcheck_free(&report);
        eddy_tape_free(tape);
    }
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SCALAR);
    eddy_set(x, (double[]){ 1.2345e10 }, sizeof(double));
    eddy_var small = eddy_mul_scalar(eddy_sin(x), 3e-16), y = eddy_sigmoid(eddy_add_scalar(small, 1));
    expect(y, EDDY_LIST(x), EDDY_UNRESOLVED, NULL);
    eddy_tape_free(tape);
}
END_TEST

/* 0 is the slope of a function with a scale of 1e-7 at steps of 0.05; the other element says that 0 is exact enough. */
START_TEST(plateau_beside_a_small_leaf)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(2));
    eddy_set(x, (double[]){ 1e-7, 2e-7 }, 2 * sizeof(double));
    eddy_var y = eddy_reciprocal(eddy_add_scalar(eddy_square(eddy_mul_scalar(x, 1e7)), 0.1));
    eddy_var lost = eddy_add(eddy_detach(eddy_select(y, 0, 0)), eddy_select(y, 0, 1));
    eddy_gradcheck_report report = run(lost, EDDY_LIST(x), 1);
    ck_assert_msg(report.verdict == EDDY_DISAGREE, "%s", report.message);
    eddy_gradcheck_free(&report);
    report = run(eddy_sum(y), EDDY_LIST(x), 1);
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s", report.message);
    eddy_gradcheck_free(&report);
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_gradcheck(void)
{
    Suite *suite = suite_create("gradcheck");
    TCase *tcase = tcase_create("gradcheck");
    tcase_set_timeout(tcase, 280);
    tcase_add_test(tcase, ridders);
    tcase_add_test(tcase, kinks);
    tcase_add_test(tcase, right);
    tcase_add_test(tcase, hard_but_right);
    tcase_add_test(tcase, wrong_sign);
    tcase_add_test(tcase, wrong_scale);
    tcase_add_test(tcase, one_element_in_a_thousand);
    tcase_add_test(tcase, wrong_terms);
    tcase_add_test(tcase, wrong_second_order);
    tcase_add_test(tcase, not_a_number);
    tcase_add_test(tcase, at_a_kink);
    tcase_add_test(tcase, jumps_beside);
    tcase_add_test(tcase, plateau_beside_a_small_leaf);
    tcase_add_test(tcase, nothing_to_check);
    tcase_add_test(tcase, restored);
    tcase_add_test(tcase, restored_after_failure);
    tcase_add_test(tcase, same_mask);
    tcase_add_test(tcase, samples);
    tcase_add_test(tcase, mistakes);
    tcase_add_test(tcase, faults);
    suite_add_tcase(suite, tcase);
    return suite;
}
