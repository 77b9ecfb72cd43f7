/* eddy_gradcheck_claim, the witnesses beside the elements, and what the diagnosis names. Ops that misbehave are made
 * here, from the inside. */
#include "failing_memory.h"
#include "node.h"
#include "recording.h"

#include <math.h>

static eddy_var with_derivative_of(eddy_var w, eddy_var y)
{
    return eddy_add(w, eddy_detach(eddy_sub(y, w)));
}

static eddy_gradcheck_report check(eddy_var loss, eddy_list wrt, const eddy_gradcheck_options *options)
{
    eddy_gradcheck_report report;
    ck_assert_msg(eddy_gradcheck(loss, wrt, options, &report), "%s", eddy_error(loss.tape));
    OK(loss.tape);
    return report;
}

static eddy_gradcheck_report claim(eddy_var loss, eddy_list wrt, eddy_claim claimed, void *context,
                                   const eddy_gradcheck_options *options)
{
    eddy_gradcheck_report report;
    eddy_gradcheck_options with = options ? *options : (eddy_gradcheck_options){ 0 };
    with.context = context;
    ck_assert_msg(eddy_gradcheck_claim(loss, wrt, claimed, &with, &report), "%s", eddy_error(loss.tape));
    OK(loss.tape);
    return report;
}

/* Verdict and a part of the message; frees the report. */
static void is(eddy_gradcheck_report report, eddy_verdict verdict, const char *part)
{
    ck_assert_msg(report.verdict == verdict, "%s", report.message);
    ck_assert_msg(!part || strstr(report.message, part), "no \"%s\" in: %s", part, report.message);
    eddy_gradcheck_free(&report);
}

/* ---- Claims: L = sum sin(x) y, wrt x and y ---- */

typedef struct wish {
    int calls;
    double factor, jitter;
    int64_t wrong; /* the element of x with an error, -1 none */
    bool unfilled;
} wish;

static void sine_claim(void *context, int64_t count, const eddy_tensor *const values[], const eddy_tensor gradients[])
{
    wish *w = context;
    w->calls++;
    const double *x = values[0]->data, *y = values[1]->data;
    double *dx = gradients[0].data, *dy = gradients[1].data;
    for (int64_t i = 0; i < eddy_tensor_count(values[0]); i++) {
        dx[i] = cos(x[i]) * y[i] * w->factor + w->jitter * w->calls + (i == w->wrong ? 0.01 : 0);
        if (!w->unfilled)
            dy[i] = sin(x[i]);
    }
    w->calls += count != 2;
}

static eddy_var sine_loss(eddy_var x, eddy_var y)
{
    return eddy_sum(eddy_mul(eddy_sin(x), y));
}

START_TEST(claims)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(3, 4)), y = input(tape, EDDY_SHAPE(3, 4), -1, 1),
             loss = sine_loss(x, y);
    wish w = { .factor = 1, .wrong = -1 };
    /* x is unset: the claim sees what was drawn */
    eddy_gradcheck_report r = claim(loss, EDDY_LIST(x, y), sine_claim, &w, NULL);
    ck_assert_int_eq(r.compared, 24);
    ck_assert_int_eq(r.tape_disagreed, 0);
    ck_assert_double_lt(fabs(r.elements[0].by_tape - r.elements[0].claimed), 1e-14);
    ck_assert_int_eq(w.calls, 2);
    is(r, EDDY_AGREE, NULL);
    FAILS(tape, eddy_value(x), "no value yet");
    w.factor = 12;
    is(claim(loss, EDDY_LIST(x, y), sine_claim, &w, NULL), EDDY_DISAGREE, "12 times too large");
    w.factor = -1;
    r = claim(loss, EDDY_LIST(x, y), sine_claim, &w, NULL);
    ck_assert_int_eq(r.tape_disagreed, 12);
    is(r, EDDY_DISAGREE, "wrong sign");
    w.factor = 1;
    w.wrong = 7;
    is(claim(loss, EDDY_LIST(x, y), sine_claim, &w, NULL), EDDY_DISAGREE, "[1, 3]");
    w.wrong = -1;
    w.unfilled = true;
    is(claim(loss, EDDY_LIST(x, y), sine_claim, &w, NULL), EDDY_DISAGREE, "does the claim fill them?");
    /* the tape is wrong, the claim is right */
    w.unfilled = false;
    eddy_var doubled = with_derivative_of(eddy_mul_scalar(loss, 2), loss);
    r = claim(doubled, EDDY_LIST(x, y), sine_claim, &w,
              &(eddy_gradcheck_options){ .without = 1u << EDDY_WITNESS_ADJOINT });
    ck_assert_int_eq(r.tape_disagreed, 24);
    ck_assert_int_eq(r.disagreed, 0);
    is(r, EDDY_AGREE, NULL);
    eddy_tape_free(tape);
}
END_TEST

/* One wrong element of many that are not looked at: found by its difference from the tape's gradient, and along the
 * direction. */
START_TEST(sampled)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(40, 50), -1, 1), y = input(tape, EDDY_SHAPE(40, 50), 0.5, 1);
    wish w = { .factor = 1, .wrong = 1003 };
    eddy_gradcheck_options few = { .max_elements = 10, .order = 1 };
    eddy_gradcheck_report r = claim(sine_loss(x, y), EDDY_LIST(x, y), sine_claim, &w, &few);
    ck_assert_int_eq(r.compared, 21);
    ck_assert_int_eq(r.disagreed, 1);
    ck_assert_int_eq(r.elements[0].index, 1003);
    is(r, EDDY_DISAGREE, "[20, 3]");
    /* the tape's own: no other gradient to compare with */
    static double off[2000];
    for (int i = 0; i < 2000; i++)
        off[i] = i == 1003 ? 1.01 : 1;
    eddy_var z = eddy_sin(x),
             wrong = with_derivative_of(eddy_mul(z, constant(tape, EDDY_F64, EDDY_SHAPE(40, 50), off)), z);
    r = check(weighted(wrong), EDDY_LIST(x), &few);
    ck_assert_int_eq(r.disagreed, 0);
    ck_assert_int_eq(r.witness[EDDY_WITNESS_DIRECTION].verdict, EDDY_DISAGREE);
    is(r, EDDY_DISAGREE, "numerical derivative along a direction");
    few.without = ~0u;
    r = check(weighted(wrong), EDDY_LIST(x), &few);
    for (int i = 0; i < EDDY_WITNESSES; i++)
        ck_assert_int_eq(r.witness[i].verdict, EDDY_NOT_CHECKED);
    is(r, EDDY_AGREE, NULL);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(taylor)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(5), -1, 1), y = eddy_exp(x), at_kink = VECTOR(tape, 0.0, 1.0);
    eddy_gradcheck_report r = check(weighted(y), EDDY_LIST(x), NULL);
    ck_assert_double_eq_tol(r.witness[EDDY_WITNESS_TAYLOR].found, 2, 0.1);
    is(r, EDDY_AGREE, NULL);
    r = check(weighted(with_derivative_of(eddy_mul_scalar(y, 1.1), y)), EDDY_LIST(x), NULL);
    ck_assert_double_eq_tol(r.witness[EDDY_WITNESS_TAYLOR].found, 1, 0.1);
    ck_assert_int_eq(r.witness[EDDY_WITNESS_TAYLOR].verdict, EDDY_DISAGREE);
    ck_assert_int_eq(r.witness[EDDY_WITNESS_ADJOINT].verdict, EDDY_AGREE); /* both sides by the same wrong rule */
    is(r, EDDY_DISAGREE, NULL);
    /* a kink is nobody's fault */
    r = check(weighted(eddy_relu(at_kink)), EDDY_LIST(at_kink), &(eddy_gradcheck_options){ .order = 1 });
    ck_assert_int_ne(r.witness[EDDY_WITNESS_TAYLOR].verdict, EDDY_DISAGREE);
    is(r, EDDY_UNRESOLVED, "kink");
    for (eddy_witness i = 0; i < EDDY_WITNESSES; i++)
        ck_assert(eddy_witness_name(i)[0]);
    eddy_tape_free(tape);
}
END_TEST

/* ---- What a numerical derivative cannot tell ---- */

static void constant_claim(void *context, int64_t count, const eddy_tensor *const values[],
                           const eddy_tensor gradients[])
{
    const double *all = context;
    (void)values;
    for (int64_t k = 0; k < count; k++)
        for (int64_t i = 0; i < eddy_tensor_count(&gradients[k]); i++)
            ((double *)gradients[k].data)[i] = *all++;
}

START_TEST(at_a_kink)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = VECTOR(tape, 0.0, 1.0);
    double all[] = { 0.5, 1 };
    const double slopes[] = { 0, 0.5, 1, 0.25 };
    for (int i = 0; i < 4; i++) {
        all[0] = slopes[i];
        eddy_gradcheck_report r = claim(eddy_sum(eddy_relu(x)), EDDY_LIST(x), constant_claim, all, NULL);
        ck_assert_msg(!strstr(r.message, "wrong as well"), "%s", r.message);
        is(r, EDDY_UNRESOLVED, "kink");
    }
    all[0] = 1.5;
    eddy_gradcheck_report r = claim(eddy_sum(eddy_relu(x)), EDDY_LIST(x), constant_claim, all, NULL);
    ck_assert_msg(!strstr(r.message, "wrong as well"), "%s", r.message);
    is(r, EDDY_DISAGREE, "1.5");
    eddy_tape_free(tape);
}
END_TEST

/* L = sum sin(x) + 1e-16 sum of y^3: y is far below the rounding of L. */
START_TEST(far_below_the_loss)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = VECTOR(tape, 0.3, 1.1), y = VECTOR(tape, 0.7, -0.4), z = VECTOR(tape, 2.0);
    eddy_var loss = eddy_add(eddy_sum(eddy_sin(x)), eddy_mul_scalar(eddy_sum(eddy_pow_scalar(y, 3)), 1e-16));
    double all[] = { cos(0.3), cos(1.1), 3e-16 * 0.49, 3e-16 * 0.16 };
    is(claim(loss, EDDY_LIST(x, y), constant_claim, all, NULL), EDDY_AGREE, NULL);
    all[3] *= -1;
    is(claim(loss, EDDY_LIST(x, y), constant_claim, all, NULL), EDDY_DISAGREE, "only wrong one");
    is(check(loss, EDDY_LIST(x, y), NULL), EDDY_AGREE, NULL);
    eddy_var part = eddy_mul_scalar(eddy_sum(eddy_pow_scalar(y, 3)), 1e-16);
    is(check(eddy_add(eddy_sum(eddy_sin(x)), with_derivative_of(eddy_neg(part), part)), EDDY_LIST(x, y), NULL),
       EDDY_DISAGREE, "wrong sign");
    /* behind something that is not linear, only the tape can tell: exp(sin x + 1e-18 z^2) */
    loss = eddy_exp(eddy_add(eddy_sum(eddy_sin(x)), eddy_mul_scalar(eddy_sum(eddy_square(z)), 1e-18)));
    double e = exp(sin(0.3) + sin(1.1)), more[] = { e * cos(0.3), e * cos(1.1), e * 4e-18 };
    is(claim(loss, EDDY_LIST(x, z), constant_claim, more, NULL), EDDY_AGREE, NULL);
    more[2] *= -1;
    is(claim(loss, EDDY_LIST(x, z), constant_claim, more, NULL), EDDY_DISAGREE, "has room for both");
    more[2] = 0;
    is(claim(loss, EDDY_LIST(x, z), constant_claim, more, NULL), EDDY_DISAGREE, "has room for both");
    eddy_gradcheck_report r = check(loss, EDDY_LIST(x, z), &(eddy_gradcheck_options){ .order = 1 });
    ck_assert_msg(!strstr(r.message, "kink"), "%s", r.message);
    ck_assert_int_eq(r.leaves[0].verdict, EDDY_AGREE);
    ck_assert_int_eq(r.leaves[1].verdict, EDDY_UNRESOLVED);
    is(r, EDDY_UNRESOLVED, "rounding");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(constant_losses)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = VECTOR(tape, 0.3, -1.2, 2.2, 0.9);
    double none[4] = { 0, 0, 0, 0 }, some[4] = { 0, 1e-12, -1e-12, 0 };
    is(check(eddy_sum(eddy_softmax(x, 0)), EDDY_LIST(x), NULL), EDDY_AGREE, NULL);
    is(check(eddy_sum(eddy_sub(x, eddy_mean(x))), EDDY_LIST(x), NULL), EDDY_AGREE, NULL);
    is(check(eddy_logsumexp(eddy_log_softmax(x, 0), 0, false), EDDY_LIST(x), NULL), EDDY_AGREE, NULL);
    is(claim(eddy_sum(eddy_softmax(x, 0)), EDDY_LIST(x), constant_claim, none, NULL), EDDY_AGREE, NULL);
    is(claim(eddy_sum(eddy_softmax(x, 0)), EDDY_LIST(x), constant_claim, some, NULL), EDDY_DISAGREE, NULL);
    eddy_tape_free(tape);
}
END_TEST

/* Each leaf has a verdict of its own, and what is said of one is not said of another. */
START_TEST(leaves)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(3, 4), -1, 1), y = input(tape, EDDY_SHAPE(3, 4), -1, 1);
    wish w = { .factor = 2, .wrong = -1 };
    eddy_gradcheck_report r = claim(sine_loss(x, y), EDDY_LIST(x, y), sine_claim, &w, NULL);
    ck_assert_int_eq(r.leaf_count, 2);
    ck_assert_int_eq(r.leaves[0].verdict, EDDY_DISAGREE);
    ck_assert_int_eq(r.leaves[0].disagreed, 12);
    ck_assert_int_eq(r.leaves[1].verdict, EDDY_AGREE);
    ck_assert_int_eq(r.leaves[1].compared, 12);
    is(r, EDDY_DISAGREE, "1 other leaf agrees");
    eddy_tape_free(tape);
}
END_TEST

/* ---- Ops that misbehave: y = 2 x ---- */

static double drift;
static int runs;

static bool twice(const eddy_work *work)
{
    runs++;
    for (int64_t i = 0; i < eddy_tensor_count(work->out); i++)
        ((double *)work->out->data)[i] = 2 * eddy_tensor_flat(work->in[0], i) + drift * runs;
    return true;
}

static eddy_var right_rule(const eddy_pullback *back, int64_t k)
{
    (void)k;
    return eddy_mul_scalar(back->g, 2);
}

/* Right for the cotangent 1, and no linear function of it. */
static eddy_var square_rule(const eddy_pullback *back, int64_t k)
{
    (void)k;
    return eddy_mul_scalar(eddy_square(back->g), 2);
}

/* Right for every cotangent but 0. */
static eddy_var stubborn_rule(const eddy_pullback *back, int64_t k)
{
    (void)k;
    return eddy_mul_scalar(eddy_where(eddy_eq(back->g, eddy_zeros_like(back->g)), eddy_ones_like(back->g), back->g), 2);
}

static const eddy_rule drifting = { .name = "drifting", .run = twice, .gradient = right_rule };
static const eddy_rule squaring = { .name = "squaring", .run = twice, .gradient = square_rule };
static const eddy_rule stubborn = { .name = "stubborn", .run = twice, .gradient = stubborn_rule };

static eddy_var misbehave(const eddy_rule *rule, eddy_var x)
{
    return eddy_record(x.tape, EDDY_HERE, &(eddy_recording){ rule, EDDY_F64, eddy_var_shape(x), 1, &x, NULL, 0 });
}

START_TEST(witnesses)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(4), -1, 1);
    eddy_gradcheck_options first = { .order = 1 };
    is(check(eddy_sum(misbehave(&drifting, x)), EDDY_LIST(x), &first), EDDY_AGREE, NULL);
    drift = 1e-14;
    eddy_gradcheck_report r = check(eddy_sum(misbehave(&drifting, x)), EDDY_LIST(x), &first);
    ck_assert_int_eq(r.witness[EDDY_WITNESS_REPEAT].verdict, EDDY_DISAGREE);
    is(r, EDDY_DISAGREE, "the loss has other bits");
    is(check(eddy_sum(eddy_square(eddy_detach(misbehave(&drifting, x)))), EDDY_LIST(x), &first), EDDY_DISAGREE,
       "other bits");
    drift = 0;
    r = check(eddy_sum(misbehave(&squaring, x)), EDDY_LIST(x), &first);
    ck_assert_int_eq(r.disagreed, 0);
    ck_assert_int_eq(r.witness[EDDY_WITNESS_ADJOINT].verdict, EDDY_DISAGREE);
    is(r, EDDY_DISAGREE, "differentiating twice");
    first.without = 1u << EDDY_WITNESS_ADJOINT | 1u << EDDY_WITNESS_ZERO;
    is(check(eddy_sum(misbehave(&squaring, x)), EDDY_LIST(x), &first), EDDY_AGREE, NULL);
    first.without = 1u << EDDY_WITNESS_ADJOINT;
    is(check(eddy_sum(misbehave(&stubborn, x)), EDDY_LIST(x), &first), EDDY_DISAGREE, "cotangent 0");
    /* a claim that changes */
    eddy_var y = input(tape, EDDY_SHAPE(4), -1, 1);
    wish w = { .factor = 1, .jitter = 1e-15, .wrong = -1 };
    is(claim(sine_loss(x, y), EDDY_LIST(x, y), sine_claim, &w, NULL), EDDY_DISAGREE, "asked again");
    eddy_tape_free(tape);
}
END_TEST

/* ---- Aliases, broadcasting, accumulation: right whatever the leaf's part ---- */

START_TEST(aliases)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(3, 3), -1, 1), b = input(tape, EDDY_SHAPE(3, 1), -1, 1),
             s = input(tape, EDDY_SCALAR, -1, 1);
    is(check(weighted(eddy_mul(x, x)), EDDY_LIST(x), NULL), EDDY_AGREE, NULL);
    is(check(weighted(eddy_matmul(x, eddy_transpose(x, 0, 1))), EDDY_LIST(x), NULL), EDDY_AGREE, NULL);
    is(check(weighted(eddy_add(eddy_flip(x, 0), eddy_tanh(x))), EDDY_LIST(x), NULL), EDDY_AGREE, NULL);
    is(check(weighted(eddy_mul(eddy_exp(s), eddy_mul(eddy_broadcast_to(b, EDDY_SHAPE(2, 3, 4)), s))), EDDY_LIST(b, s),
             NULL),
       EDDY_AGREE, NULL);
    is(check(weighted(eddy_slice(eddy_sin(x), 1, 2, EDDY_END, -2)), EDDY_LIST(x, x, b), NULL), EDDY_AGREE, NULL);
    eddy_var sum = eddy_tanh(s);
    for (int i = 0; i < 10; i++)
        sum = eddy_add(eddy_mul(sum, s), eddy_sin(s));
    is(check(sum, EDDY_LIST(s), NULL), EDDY_AGREE, NULL);
    is(check(s, EDDY_LIST(s), NULL), EDDY_AGREE, NULL);
    /* an alias forgotten */
    is(check(weighted(eddy_mul(x, eddy_detach(x))), EDDY_LIST(x), NULL), EDDY_DISAGREE, "0.5");
    eddy_tape_free(tape);
}
END_TEST

/* ---- Mistakes and short memory ---- */

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(3), -1, 1), y = input(tape, EDDY_SHAPE(3), -1, 1), loss = sine_loss(x, y);
    wish w = { .factor = 1, .wrong = -1 };
    const eddy_gradcheck_options with = { .context = &w };
    eddy_gradcheck_report r;
    FAILS(tape, eddy_gradcheck_claim(loss, EDDY_LIST(x, y), NULL, NULL, &r), "no claim");
    FAILS(tape,
          eddy_gradcheck_claim(loss, EDDY_LIST(x, y), sine_claim,
                               &(eddy_gradcheck_options){ .order = 2, .context = &w }, &r),
          "first derivative");
    FAILS(tape, eddy_gradcheck_claim(x, EDDY_LIST(x, y), sine_claim, &with, &r), "one element");
    FAILS(tape, eddy_gradcheck_claim(loss, EDDY_LIST(x, y), sine_claim, &with, NULL), "no report");
    ck_assert(!eddy_gradcheck_claim((eddy_var){ 0 }, EDDY_NONE, sine_claim, &with, &r));
    ck_assert_int_eq(w.calls, 0);
    is(claim(loss, EDDY_NONE, sine_claim, &w, NULL), EDDY_NOT_CHECKED, NULL);
    eddy_tape_free(tape);
}
END_TEST

/* h <- x_t tanh(h): the carry is cut. */
static eddy_var step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    (void)cell;
    return state[0] = eddy_watch(eddy_mul(x, eddy_tanh(state[0])), "h");
}

static void uncarried(void *context, int64_t count, const eddy_tensor *const values[], const eddy_tensor gradients[])
{
    (void)context, (void)count;
    const double *x = values[0]->data, *h0 = values[1]->data;
    double h1 = x[0] * tanh(h0[0]), *dx = gradients[0].data, *dh = gradients[1].data;
    dx[0] = tanh(h0[0]); /* + x_1 (1 - tanh^2 h_1) tanh h_0 */
    dx[1] = tanh(h1);
    dh[0] = x[0] * (1 - tanh(h0[0]) * tanh(h0[0]));
}

START_TEST(faults)
{
    long last = 0;
    for (long n = 1; !last; n++) {
        fault f;
        fault_install(&f, n);
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_cell cell = { .step = step, .states = 1, .state_size = { 1 } };
        eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(2, 1, 1)), h0 = eddy_input(tape, "h0", EDDY_SHAPE(1, 1));
        eddy_var loss = eddy_sum(eddy_unroll(&cell, x, &(eddy_unroll_options){ .initial = &h0 }).outputs);
        bool ready = tape && !eddy_error(tape);
        int64_t nodes = tape ? eddy_node_count(tape) : 0;
        eddy_gradcheck_report report;
        bool done = eddy_gradcheck_claim(loss, EDDY_LIST(x, h0), uncarried, NULL, &report);
        if (ready) {
            ck_assert(done == !eddy_error(tape));
            ck_assert_int_eq(eddy_node_count(tape), nodes);
            if (done)
                ck_assert_msg(strstr(report.message, "hands to another held fixed"), "%s", report.message);
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

Suite *suite_claims(void)
{
    Suite *suite = suite_create("claims");
    TCase *tcase = tcase_create("claims");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, claims);
    tcase_add_test(tcase, sampled);
    tcase_add_test(tcase, taylor);
    tcase_add_test(tcase, at_a_kink);
    tcase_add_test(tcase, far_below_the_loss);
    tcase_add_test(tcase, constant_losses);
    tcase_add_test(tcase, leaves);
    tcase_add_test(tcase, witnesses);
    tcase_add_test(tcase, aliases);
    tcase_add_test(tcase, mistakes);
    tcase_add_test(tcase, faults);
    suite_add_tcase(suite, tcase);
    return suite;
}
