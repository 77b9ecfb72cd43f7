/* Losses beside eddy_mse: their values by loops, derivatives of both orders, kinks, masks that hide NaN, and sentences.
 */
#include "failing_memory.h"
#include "recording.h"

#define CHECKED(loss, ...) agrees(EDDY_HERE, loss, EDDY_LIST(__VA_ARGS__))

static void agrees(const char *here, eddy_var loss, eddy_list wrt)
{
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    ck_assert_msg(eddy_gradcheck(loss, wrt, NULL, &report), "%s: %s", here, eddy_error(loss.tape));
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s: %s", here, report.message);
    eddy_gradcheck_free(&report);
}

/* ---- Between tensors of one shape ---- */

enum { MSE, MAE, HUBER, QUANTILE, BCE, KINDS };
static const double delta = 0.7, q = 0.3;

static eddy_var record(int kind, eddy_var p, eddy_var y, const eddy_loss_options *o)
{
    switch (kind) {
    case MSE:
        return eddy_mse_with(p, y, o);
    case MAE:
        return eddy_mae(p, y, o);
    case HUBER:
        return eddy_huber(p, y, delta, o);
    case QUANTILE:
        return eddy_quantile(p, y, q, o);
    default:
        return eddy_bce_with_logits(p, y, o);
    }
}

/* The loss of one element, and its derivative by p, with the value at a kink that is promised. */
static double formula(int kind, double p, double y, double *dp)
{
    double d = p - y, s = 1 / (1 + exp(-p));
    switch (kind) {
    case MSE:
        *dp = 2 * d;
        return d * d;
    case MAE:
        *dp = d > 0 ? 1 : d < 0 ? -1 : 0;
        return fabs(d);
    case HUBER:
        *dp = fabs(d) <= delta ? d : copysign(delta, d);
        return fabs(d) <= delta ? d * d / 2 : delta * (fabs(d) - delta / 2);
    case QUANTILE:
        *dp = d < 0 ? -q : d > 0 ? 1 - q : 0.5 - q;
        return fmax(q * -d, (q - 1) * -d);
    default:
        *dp = s - y;
        return -(y * log(s) + (1 - y) * log(1 - s));
    }
}

START_TEST(elements)
{
    for (int kind = 0; kind < KINDS; kind++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_var p = input(tape, EDDY_SHAPE(4, 3), -2, 2), y = input(tape, EDDY_SHAPE(4, 3), 0, 1), losses[3];
        double sum = 0;
        for (int r = 0; r < 3; r++)
            losses[r] = record(kind, p, y, &(eddy_loss_options){ .reduction = (eddy_reduction)r });
        eddy_list g = eddy_gradients(losses[EDDY_REDUCE_SUM], EDDY_LIST(p, y));
        for (int i = 0; i < 12; i++) {
            double dp, want = formula(kind, at(p, i), at(y, i), &dp);
            check_near(at(losses[EDDY_REDUCE_NONE], i), want, 4, 4);
            check_near(at(g.items[0], i), dp, 4, 4);
            check_near(at(g.items[1], i), kind == BCE ? -at(p, i) : -dp, 4, 4);
            sum += want;
        }
        check_near(eddy_item(losses[EDDY_REDUCE_SUM]), sum, 40, 8);
        check_near(eddy_item(losses[EDDY_REDUCE_MEAN]), sum / 12, 4, 8);
        ck_assert(same_bits(eddy_item(losses[EDDY_REDUCE_MEAN]), eddy_item(record(kind, p, y, NULL))));
        CHECKED(weighted(losses[EDDY_REDUCE_NONE]), p, y);
        eddy_tape_free(tape);
    }
}
END_TEST

/* At p = y, at |d| = delta, and far out. */
START_TEST(kinks)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    const double at_p[] = { 0.5, 0.7, -0.7, 1e200, -INFINITY }, at_y[] = { 0.5, 0, 0, 0, 0 };
    eddy_var p = eddy_input(tape, "p", EDDY_SHAPE(5)), y = VECTOR(tape, 0.5, 0, 0, 0, 0);
    eddy_set(p, at_p, sizeof at_p);
    for (int kind = MAE; kind <= QUANTILE; kind++) {
        eddy_var sum = record(kind, p, y, &(eddy_loss_options){ .reduction = EDDY_REDUCE_SUM });
        eddy_var first = eddy_gradients(sum, EDDY_LIST(p)).items[0],
                 second = eddy_gradients(eddy_sum(first), EDDY_LIST(p)).items[0];
        for (int i = 0; i < 5; i++) {
            double dp;
            formula(kind, at_p[i], at_y[i], &dp);
            check_close(at(first, i), dp, 2, DBL_EPSILON);
            ck_assert(at(second, i) == (kind == HUBER && fabs(at_p[i] - at_y[i]) <= delta ? 1 : 0));
        }
    }
    /* BCE: no kink at 0, and no overflow */
    const double logits[] = { 0, 800, -800, 40, -1e300 };
    eddy_set(p, logits, sizeof logits);
    y = VECTOR(tape, 1, 0, 1, 0.25, 0);
    eddy_var each = eddy_bce_with_logits(p, y, &(eddy_loss_options){ .reduction = EDDY_REDUCE_NONE });
    eddy_var first = eddy_gradients(eddy_sum(each), EDDY_LIST(p)).items[0],
             second = eddy_gradients(eddy_sum(first), EDDY_LIST(p)).items[0];
    VALUES(each, log(2), 800, 800, 30, 0);
    VALUES(first, -0.5, 1, -1, 0.75, 0);
    check_close(at(second, 0), 0.25, 1, DBL_EPSILON);
    ck_assert(at(second, 1) == 0 && at(second, 4) == 0);
    eddy_tape_free(tape);
}
END_TEST

/* A masked element may hold anything: values, gradients and second gradients are those of a clean one, and its own are
 * 0. */
START_TEST(masks)
{
    for (int kind = 0; kind < KINDS; kind++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_var p = input(tape, EDDY_SHAPE(3, 2), -2, 2), y = input(tape, EDDY_SHAPE(3, 2), 0, 1),
                 mask = INDICES(tape, 1, 0, 1, 1, 0, 1);
        mask = eddy_reshape(mask, EDDY_SHAPE(3, 2));
        double sum = 0, dp, dirty[6], targets[6];
        ck_assert(eddy_get(p, dirty, sizeof dirty) && eddy_get(y, targets, sizeof targets));
        for (int i = 0; i < 6; i++)
            sum += i == 1 || i == 4 ? 0 : formula(kind, dirty[i], targets[i], &dp);
        eddy_var loss = record(kind, p, y, &(eddy_loss_options){ .mask = mask });
        eddy_list g = eddy_gradients(loss, EDDY_LIST(p, y)),
                  h = eddy_gradients(eddy_sum(eddy_square(g.items[0])), EDDY_LIST(p, y));
        check_near(eddy_item(loss), sum / 4, 4, 8);
        CHECKED(loss, p, y);
        dirty[1] = NAN, dirty[4] = -INFINITY, targets[1] = INFINITY, targets[4] = NAN;
        double clean[4][6];
        for (int k = 0; k < 4; k++)
            ck_assert(eddy_get(k < 2 ? g.items[k] : h.items[k - 2], clean[k], sizeof clean[k]));
        eddy_set(p, dirty, sizeof dirty);
        eddy_set(y, targets, sizeof targets);
        check_near(eddy_item(loss), sum / 4, 4, 8);
        for (int k = 0; k < 4; k++)
            for (int i = 0; i < 6; i++) {
                double got = at(k < 2 ? g.items[k] : h.items[k - 2], i);
                ck_assert(got == clean[k][i] && ((i != 1 && i != 4) || got == 0));
            }
        /* one that broadcasts: rows; and one that lets nothing through */
        eddy_var rows = constant(tape, EDDY_F64, EDDY_SHAPE(3, 1), (double[]){ 0, 1, 0 });
        double row = (formula(kind, dirty[2], targets[2], &dp) + formula(kind, dirty[3], targets[3], &dp)) / 2;
        check_near(eddy_item(record(kind, p, y, &(eddy_loss_options){ .mask = rows })), row, 4, 4);
        loss = record(kind, p, y, &(eddy_loss_options){ .mask = eddy_zeros_like(p) });
        g = eddy_gradients(loss, EDDY_LIST(p));
        h = eddy_gradients(eddy_sum(g.items[0]), EDDY_LIST(p));
        ck_assert(eddy_item(loss) == 0);
        for (int i = 0; i < 6; i++)
            ck_assert(at(g.items[0], i) == 0 && at(h.items[0], i) == 0);
        eddy_tape_free(tape);
    }
}
END_TEST

/* ---- Cross-entropy ---- */

enum { N = 6, C = 4 };

typedef struct setting {
    eddy_reduction reduction;
    bool weights, ignore, masked;
    double smoothing;
} setting;

/* PyTorch's definition by loops: (1 - e) w_y (-l_y) + e/C sum_c w_c (-l_c), of what counts; the mean by the sum of w_y.
 */
static double by_hand(const setting *s, eddy_var x, const int64_t *y, const double *w, const double *mask,
                      double each[N])
{
    double sum = 0, count = 0;
    for (int n = 0; n < N; n++) {
        double m = (s->ignore && y[n] == -100 ? 0 : 1) * (s->masked ? mask[n] : 1), total = 0, smooth = 0;
        each[n] = 0;
        if (m == 0)
            continue;
        for (int c = 0; c < C; c++)
            total += exp(at(x, n * C + c));
        for (int c = 0; c < C; c++)
            smooth += (s->weights ? w[c] : 1) * (log(total) - at(x, n * C + c));
        double wy = s->weights ? w[y[n]] : 1;
        each[n] = (1 - s->smoothing) * wy * (log(total) - at(x, n * C + y[n])) + s->smoothing / C * smooth;
        sum += each[n];
        count += wy;
    }
    return s->reduction == EDDY_REDUCE_SUM ? sum : count > 0 ? sum / count : 0;
}

START_TEST(cross_entropies)
{
    const double w[C] = { 0.5, 2, 1, 0.25 }, mask[N] = { 1, 1, 0, 1, 0, 1 };
    const int64_t plain[N] = { 0, 3, 1, 2, 2, 1 }, ignored[N] = { 0, -100, 1, 2, -100, 1 },
                  hidden[N] = { 0, 3, 77, 2, -1, 1 }, both[N] = { 0, -100, 77, 2, -1, 1 };
    for (int k = 0; k < 48; k++) {
        setting s = { .reduction = (eddy_reduction)(k % 3),
                      .weights = k / 3 % 2,
                      .ignore = k / 6 % 2,
                      .masked = k / 12 % 2,
                      .smoothing = k / 24 ? 0.3 : 0 };
        const int64_t *y = s.ignore ? s.masked ? both : ignored : s.masked ? hidden : plain;
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_var x = input(tape, EDDY_SHAPE(2, 3, C), -2, 2),
                 target = eddy_input_of(tape, "y", EDDY_I64, EDDY_SHAPE(2, 3));
        eddy_var wv = eddy_input(tape, "w", EDDY_SHAPE(C)), mv = constant(tape, EDDY_F64, EDDY_SHAPE(2, 3), mask);
        eddy_set(target, y, N * sizeof *y);
        eddy_set(wv, w, sizeof w);
        eddy_cross_entropy_options o = {
            .reduction = s.reduction, .label_smoothing = s.smoothing, .ignore = s.ignore, .ignore_index = -100
        };
        if (s.weights)
            o.weight = wv;
        if (s.masked)
            o.mask = mv;
        double each[N], want = by_hand(&s, x, y, w, mask, each);
        eddy_var loss = eddy_cross_entropy(x, target, &o);
        for (int n = 0; n < (s.reduction == EDDY_REDUCE_NONE ? N : 0); n++)
            check_near(at(loss, n), each[n], 8, 4);
        if (s.reduction != EDDY_REDUCE_NONE)
            check_near(eddy_item(loss), want, 8, 8);
        /* the same from log-probabilities, and from narrow targets */
        eddy_var nll = eddy_nll(eddy_log_softmax(x, -1), eddy_cast(target, EDDY_I32), &o);
        for (int n = 0; n < count_of(loss); n++)
            check_near(at(nll, n), at(loss, n), 8, 2);
        if (s.weights)
            CHECKED(weighted(loss), x, wv);
        else
            CHECKED(weighted(loss), x);
        eddy_tape_free(tape);
    }
}
END_TEST

/* X.CE.dlogits: (y - target)/N, also at logits far apart, and X.CE.masked. */
START_TEST(cross_entropy_gradient)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    const double logits[] = { 0, 1000, -1000, 0.5, 0, 0, NAN, INFINITY, -INFINITY };
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(3, 3)), y = INDICES(tape, 1, 2, 999);
    eddy_set(x, logits, sizeof logits);
    eddy_cross_entropy_options o = { .mask = VECTOR(tape, 1, 1, 0) };
    eddy_var loss = eddy_cross_entropy(x, y, &o), g = eddy_gradients(loss, EDDY_LIST(x)).items[0];
    eddy_var h = eddy_gradients(eddy_sum(eddy_square(g)), EDDY_LIST(x)).items[0];
    double z = exp(0.5) + 2, p[] = { exp(0.5) / z, 1 / z, 1 / z };
    check_close(eddy_item(loss), log(z) / 2, 4, DBL_EPSILON);
    const double want[] = { 0, 0, 0, p[0] / 2, p[1] / 2, (p[2] - 1) / 2, 0, 0, 0 };
    for (int i = 0; i < 9; i++)
        check_near(at(g, i), want[i], 1, 4);
    for (int i = 0; i < 9; i++)
        ck_assert(isfinite(at(h, i)) && (i < 6 || at(h, i) == 0));
    /* nothing counts */
    loss =
        eddy_cross_entropy(x, INDICES(tape, 7, 7, 7),
                           &(eddy_cross_entropy_options){ .ignore = true, .ignore_index = 7, .label_smoothing = 0.1 });
    g = eddy_gradients(loss, EDDY_LIST(x)).items[0];
    ck_assert(eddy_item(loss) == 0);
    for (int i = 0; i < 9; i++)
        ck_assert(at(g, i) == 0);
    /* an impossible class: log-probability -inf elsewhere does no harm */
    loss = eddy_cross_entropy(constant(tape, EDDY_F64, EDDY_SHAPE(1, 2), (double[]){ -INFINITY, 3 }), INDICES(tape, 1),
                              NULL);
    ck_assert(eddy_item(loss) == 0);
    /* no rows */
    loss = eddy_cross_entropy(
        eddy_full(tape, EDDY_SHAPE(0, 3), 1), eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(0), 0),
        &(eddy_cross_entropy_options){ .reduction = EDDY_REDUCE_SUM, .weight = VECTOR(tape, 1, 2, 3) });
    ck_assert(eddy_item(loss) == 0);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var p = input(tape, EDDY_SHAPE(4, 3), -1, 1), y = input(tape, EDDY_SHAPE(4), -1, 1), none = { 0 },
             t = INDICES(tape, 0, 1, 2, 0);
    FAILS(tape, eddy_mae(p, y, NULL), "mae: the prediction has shape (4, 3) and the target (4,)");
    FAILS(tape, eddy_huber(p, p, 0, NULL), "delta is 0; it must be above 0");
    FAILS(tape, eddy_huber(p, p, NAN, NULL), "delta");
    FAILS(tape, eddy_quantile(p, p, 1, NULL), "q is 1; it must lie between 0 and 1");
    FAILS(tape, eddy_mse_with(p, p, &(eddy_loss_options){ .mask = y }),
          "the mask has shape (4,); it must broadcast to (4, 3)");
    FAILS(tape, eddy_mae(p, p, &(eddy_loss_options){ .mask = eddy_full(tape, EDDY_SHAPE(2, 4, 3), 1) }),
          "the mask has shape (2, 4, 3)");
    FAILS(tape, eddy_mse_with(p, p, &(eddy_loss_options){ .reduction = (eddy_reduction)5 }), "EDDY_REDUCE_MEAN");
    FAILS(tape, eddy_bce_with_logits(p, none, NULL), "operand 2 is no var", "in bce_with_logits at ");
    ck_assert(!eddy_mae(none, none, NULL).tape);
    FAILS(tape, eddy_cross_entropy(p, INDICES(tape, 1, 2), NULL),
          "cross_entropy: the classes stand on the last axis of shape (4, 3), and the target has", "(2,)", "(4,)");
    FAILS(tape, eddy_cross_entropy(eddy_full(tape, EDDY_SCALAR, 1), t, NULL), "there must be one");
    FAILS(tape, eddy_nll(p, y, NULL), "nll: the target has dtype f64; class numbers are i32 or i64");
    FAILS(tape, eddy_cross_entropy(p, t, &(eddy_cross_entropy_options){ .weight = y }),
          "class weights have shape (4,); (3,) is needed");
    FAILS(tape, eddy_cross_entropy(p, t, &(eddy_cross_entropy_options){ .mask = p }),
          "the mask has shape (4, 3); it must have the target's, (4,)");
    FAILS(tape, eddy_cross_entropy(p, t, &(eddy_cross_entropy_options){ .label_smoothing = 1.5 }),
          "label_smoothing is 1.5");
    FAILS(tape, eddy_mae(none, p, &(eddy_loss_options){ .mask = p }), "operand 1 is no var", "in mae at ");
    FAILS(tape, eddy_cross_entropy(none, t, NULL), "is no var");
    FAILS(tape, eddy_cross_entropy(none, t, &(eddy_cross_entropy_options){ .mask = y }), "operand 1 is no var",
          "in cross_entropy at ");
    FAILS(tape, eddy_cross_entropy(p, none, NULL), "is no var");
    eddy_var late = eddy_cross_entropy(p, INDICES(tape, 0, 1, 3, 0), NULL); /* found when run */
    ck_assert(isnan(eddy_item(late)));
    check_sentence(tape, "",
                   (const char *const[]){ "is 3, but axis 1 of the tensor of shape (4, 3) takes 0 to 2",
                                          "in cross_entropy at ", NULL });
    eddy_tape_free(tape);
}
END_TEST

/* Every allocation fails in turn: a sentence, no leak, no crash; and then it works. */
static bool all_losses(void)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_embedding_table table = eddy_embedding_new(tape, "table", 3, 4);
    eddy_layer_norm norm = eddy_layer_norm_new(tape, "norm", 4);
    eddy_attention_decoder decoder = eddy_attention_decoder_new(tape, "decoder", EDDY_ADDITIVE, 4, 4, 3, 2);
    eddy_var index = eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(2, 2), 1),
             one = eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(2), 1);
    eddy_var x = eddy_normalise(&norm, eddy_embed(&table, index));
    decoder.memory = x;
    decoder.mask = eddy_length_mask(one, 2);
    eddy_var y = eddy_unroll(&decoder.cell, x, NULL).outputs;
    eddy_cross_entropy_options o = { .mask = decoder.mask, .label_smoothing = 0.1, .ignore = true };
    eddy_var loss =
        eddy_add(eddy_cross_entropy(y, index, &o), eddy_ctc(eddy_log_softmax(y, -1), index, one, one, NULL));
    eddy_var zero = eddy_zeros_like(y);
    for (int kind = 0; kind < KINDS; kind++)
        loss = eddy_add(loss, record(kind, y, zero, &(eddy_loss_options){ .mask = eddy_unsqueeze(decoder.mask, -1) }));
    eddy_list params = eddy_without(eddy_parameters(tape), "table."), grads = eddy_gradients(loss, params);
    double number = eddy_item(eddy_dot(grads, grads));
    bool done = !eddy_error(tape);
    ck_assert(done == isfinite(number));
    eddy_tape_free(tape);
    return done;
}

START_TEST(eager)
{
    setenv("EDDY_EAGER", "1", 1); /* stops at the first NaN or infinity: none may be made on the way */
    ck_assert(all_losses());
    unsetenv("EDDY_EAGER");
}
END_TEST

START_TEST(faults)
{
    static fault f;
    long asked = 0;
    for (long n = 0; n == 0 || n <= asked; n++) {
        fault_install(&f, n);
        bool done = all_losses();
        ck_assert_msg(f.living == 0, "allocation %ld: %ld blocks leak", n, f.living);
        ck_assert_msg(done == (n == 0), "allocation %ld failed and nothing was said", n);
        asked = n ? asked : f.asked;
    }
    ck_assert_int_gt(asked, 20);
    eddy_set_allocator(NULL);
}
END_TEST

Suite *suite_losses(void)
{
    Suite *suite = suite_create("losses");
    TCase *tests = tcase_create("losses");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, elements);
    tcase_add_test(tests, kinks);
    tcase_add_test(tests, masks);
    tcase_add_test(tests, cross_entropies);
    tcase_add_test(tests, cross_entropy_gradient);
    tcase_add_test(tests, mistakes);
    tcase_add_test(tests, eager);
    tcase_add_test(tests, faults);
    suite_add_tcase(suite, tests);
    return suite;
}
