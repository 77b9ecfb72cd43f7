/* CTC against the definition: the sum over all alignments, enumerated (Graves et al. 2006, equation 3), and so is its
 * gradient. */
#include "recording.h"

enum { TIME = 4, CLASSES = 3, LONGEST = 3, BATCH = 16, BLANK_LAST = CLASSES - 1 };

/* Every length of input and target, repeated labels, impossible ones; what lies beyond the lengths is garbage. Labels
 * are 1 and 2 with blank 0, and are shifted for the other blank. */
static const int64_t inputs[BATCH] = { 4, 4, 4, 4, 4, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0, 2 };
static const int64_t lengths[BATCH] = { 0, 1, 2, 2, 2, 3, 3, 2, 3, 2, 2, 1, 2, 0, 1, 0 };
static const int64_t labels[BATCH][LONGEST] = { { 77, -5, 0 }, { 1, 0, 99 }, { 1, 2, -1 }, { 1, 1, 9 },
                                                { 2, 1, 0 },   { 1, 2, 1 },  { 1, 1, 2 },  { 2, 2, 50 },
                                                { 1, 2, 1 },   { 1, 2, 0 },  { 1, 1, 0 },  { 2, 7, 7 },
                                                { 1, 2, 0 },   { 4, 4, 4 },  { 1, 0, 0 },  { -9, 0, 0 } };

typedef struct problem {
    eddy_tape *tape;
    eddy_var logits, log_probabilities, targets, inputs, lengths;
} problem;

static int64_t moved_label(int64_t label, int64_t blank)
{
    return blank == 0 ? label : label == 1 ? 0 : label == 2 ? 1 : label == 0 ? blank : label;
}

static problem set_up(eddy_dtype dtype, int64_t blank)
{
    problem p = { .tape = eddy_tape_new(dtype, 1) };
    p.logits = input(p.tape, EDDY_SHAPE(TIME, BATCH, CLASSES), -2, 2);
    p.log_probabilities = eddy_log_softmax(p.logits, -1);
    p.targets = eddy_input_of(p.tape, "targets", EDDY_I64, EDDY_SHAPE(BATCH, LONGEST));
    p.inputs = eddy_input_of(p.tape, "inputs", EDDY_I32, EDDY_SHAPE(BATCH));
    p.lengths = eddy_input_of(p.tape, "lengths", EDDY_I64, EDDY_SHAPE(BATCH));
    int64_t shifted[BATCH][LONGEST];
    int32_t narrow[BATCH];
    for (int b = 0; b < BATCH; b++) {
        narrow[b] = (int32_t)inputs[b];
        for (int l = 0; l < LONGEST; l++)
            shifted[b][l] = moved_label(labels[b][l], blank);
    }
    eddy_set(p.targets, shifted, sizeof shifted);
    eddy_set(p.inputs, narrow, sizeof narrow);
    eddy_set(p.lengths, lengths, sizeof lengths);
    OK(p.tape);
    return p;
}

/* P(l | x) of sequence b by enumeration of all paths, and dP / d log y for each step and class. */
static double enumerate(eddy_var log_probabilities, int64_t b, int64_t blank, double derivative[TIME][CLASSES])
{
    double total = 0;
    int64_t paths = 1;
    memset(derivative, 0, sizeof(double) * TIME * CLASSES);
    for (int64_t t = 0; t < inputs[b]; t++)
        paths *= CLASSES;
    for (int64_t path = 0; path < paths; path++) {
        int64_t taken[TIME], found[TIME], n = 0, rest = path, previous = -1;
        double probability = 1;
        for (int64_t t = 0; t < inputs[b]; t++, rest /= CLASSES) {
            taken[t] = rest % CLASSES;
            probability *= exp(at(log_probabilities, (t * BATCH + b) * CLASSES + taken[t]));
            if (taken[t] != previous && taken[t] != blank)
                found[n++] = taken[t];
            previous = taken[t];
        }
        bool same = n == lengths[b];
        for (int64_t l = 0; l < n && same; l++)
            same = found[l] == moved_label(labels[b][l], blank);
        if (!same)
            continue;
        total += probability;
        for (int64_t t = 0; t < inputs[b]; t++)
            derivative[t][taken[t]] += probability;
    }
    return total;
}

/* Losses and gradients of every sequence; returns how many are impossible. */
static int compare(const problem *p, int64_t blank, bool zero_infinity, double tolerance)
{
    eddy_var losses =
        eddy_ctc(p->log_probabilities, p->targets, p->inputs, p->lengths,
                 &(eddy_ctc_options){ .reduction = EDDY_REDUCE_NONE, .blank = blank, .zero_infinity = zero_infinity });
    OK(p->tape);
    ck_assert(has_shape(losses, EDDY_SHAPE(BATCH)));
    eddy_var gradient = eddy_gradients(eddy_sum(losses), EDDY_LIST(p->log_probabilities)).items[0];
    eddy_program *program = eddy_compile(p->tape, EDDY_LIST(losses, gradient), EDDY_NONE);
    ck_assert_msg(eddy_run(program), "%s", eddy_error(p->tape));
    int impossible = 0;
    for (int64_t b = 0; b < BATCH; b++) {
        double derivative[TIME][CLASSES], probability = enumerate(p->log_probabilities, b, blank, derivative),
                                          loss = -log(probability);
        bool none = probability == 0;
        impossible += none;
        ck_assert(same_bits(at(losses, b), eddy_tensor_flat(eddy_output_tensor(program, losses), b)));
        ck_assert_msg(none ? at(losses, b) == (zero_infinity ? 0 : INFINITY)
                           : fabs(at(losses, b) - loss) <= tolerance * fmax(1, loss),
                      "sequence %d: %.17g, by enumeration %.17g", (int)b, at(losses, b), loss);
        for (int64_t t = 0; t < TIME; t++)
            for (int64_t k = 0; k < CLASSES; k++) {
                int64_t flat = (t * BATCH + b) * CLASSES + k;
                double want = none ? 0 : -derivative[t][k] / probability;
                ck_assert_msg(fabs(at(gradient, flat) - want) <= tolerance,
                              "sequence %d, step %d, class %d: %.17g, by enumeration %.17g", (int)b, (int)t, (int)k,
                              at(gradient, flat), want);
                ck_assert(same_bits(at(gradient, flat), eddy_tensor_flat(eddy_output_tensor(program, gradient), flat)));
            }
    }
    return impossible;
}

START_TEST(alignments)
{
    for (int last = 0; last < 2; last++)
        for (int zero_infinity = 0; zero_infinity < 2; zero_infinity++) {
            problem p = set_up(EDDY_F64, last ? BLANK_LAST : 0);
            /* { 1, 1, 2 } in 4 steps is just possible; 1 1 in 2, 2 2 in 3 is possible, 1 2 in 1 and 1 in 0 are not */
            ck_assert_int_eq(compare(&p, last ? BLANK_LAST : 0, zero_infinity, 1e-13), 3);
            eddy_tape_free(p.tape);
        }
    problem p = set_up(EDDY_F32, 0);
    compare(&p, 0, false, 4e-6);
    eddy_tape_free(p.tape);
}
END_TEST

START_TEST(reductions)
{
    problem p = set_up(EDDY_F64, 0);
    eddy_ctc_options o = { .reduction = EDDY_REDUCE_NONE, .zero_infinity = true };
    eddy_var each = eddy_ctc(p.log_probabilities, p.targets, p.inputs, p.lengths, &o);
    o.reduction = EDDY_REDUCE_SUM;
    eddy_var sum = eddy_ctc(p.log_probabilities, p.targets, p.inputs, p.lengths, &o);
    o.reduction = EDDY_REDUCE_MEAN;
    eddy_var mean = eddy_ctc(p.log_probabilities, p.targets, p.inputs, p.lengths, &o);
    double total = 0, average = 0;
    for (int b = 0; b < BATCH; b++) {
        total += at(each, b);
        average += at(each, b) / (double)(lengths[b] ? lengths[b] : 1) / BATCH;
    }
    check_close(eddy_item(sum), total, 4, DBL_EPSILON);
    check_close(eddy_item(mean), average, 8, DBL_EPSILON);
    /* without options: mean, blank 0, infinite where impossible */
    ck_assert(eddy_item(eddy_ctc(p.log_probabilities, p.targets, p.inputs, p.lengths, NULL)) == INFINITY);
    eddy_tape_free(p.tape);
}
END_TEST

START_TEST(derivatives)
{
    problem p = set_up(EDDY_F64, 0);
    eddy_var each = eddy_ctc(p.log_probabilities, p.targets, p.inputs, p.lengths,
                             &(eddy_ctc_options){ .reduction = EDDY_REDUCE_NONE, .zero_infinity = true });
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    ck_assert_msg(eddy_gradcheck(weighted(each), EDDY_LIST(p.logits), NULL, &report), "%s", eddy_error(p.tape));
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s", report.message);
    eddy_gradcheck_free(&report);
    eddy_tape_free(p.tape);
}
END_TEST

/* NaN beyond a sequence's own steps, and probabilities of 0 within: no NaN comes out, in either order. */
START_TEST(garbage)
{
    problem p = set_up(EDDY_F64, 0);
    eddy_var clean = eddy_input(p.tape, "clean", EDDY_SHAPE(TIME, BATCH, CLASSES)),
             dirty = eddy_input(p.tape, "dirty", EDDY_SHAPE(TIME, BATCH, CLASSES));
    double values[TIME * BATCH * CLASSES];
    ck_assert(eddy_get(p.log_probabilities, values, sizeof values));
    values[(1 * BATCH + 2) * CLASSES + 1] = -INFINITY;
    values[(0 * BATCH + 5) * CLASSES + 2] = -INFINITY;
    for (int b = 8; b < BATCH; b++)
        for (int k = 0; k < CLASSES; k++)
            for (int t = (int)inputs[b]; t < TIME; t++)
                values[(t * BATCH + b) * CLASSES + k] = -1;
    eddy_set(clean, values, sizeof values);
    for (int b = 8; b < BATCH; b++)
        for (int k = 0; k < CLASSES; k++)
            for (int t = (int)inputs[b]; t < TIME; t++)
                values[(t * BATCH + b) * CLASSES + k] = k ? NAN : INFINITY;
    eddy_set(dirty, values, sizeof values);
    eddy_ctc_options o = { .reduction = EDDY_REDUCE_NONE };
    eddy_var result[2][3];
    for (int k = 0; k < 2; k++) {
        eddy_var x = k ? dirty : clean;
        result[k][0] = eddy_ctc(x, p.targets, p.inputs, p.lengths, &o);
        result[k][1] = eddy_gradients(eddy_sum(result[k][0]), EDDY_LIST(x)).items[0];
        result[k][2] = eddy_gradients(eddy_sum(eddy_square(result[k][1])), EDDY_LIST(x)).items[0];
    }
    for (int i = 0; i < 3; i++)
        check_same(result[0][i], result[1][i]);
    for (int64_t i = 0; i < TIME * BATCH * CLASSES; i++)
        ck_assert(isfinite(at(result[1][1], i)) && isfinite(at(result[1][2], i)));
    eddy_tape_free(p.tape);
}
END_TEST

START_TEST(sizes_of_zero)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_ctc_options o = { .reduction = EDDY_REDUCE_NONE };
    eddy_var none = eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(2, 0), 0),
             one = eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(2, 1), 1);
    /* no targets: the probability of blanks only */
    eddy_var x = input(tape, EDDY_SHAPE(3, 2, 2), -2, -1),
             loss = eddy_ctc(x, none, INDICES(tape, 3, 2), INDICES(tape, 0, 0), &o);
    check_close(at(loss, 0), -(at(x, 0) + at(x, 4) + at(x, 8)), 8, DBL_EPSILON);
    check_close(at(loss, 1), -(at(x, 2) + at(x, 6)), 8, DBL_EPSILON);
    check_gradient(eddy_sum(loss), EDDY_LIST(x), 1);
    /* no steps */
    eddy_var empty = eddy_full(tape, EDDY_SHAPE(0, 2, 2), 0);
    loss = eddy_ctc(empty, one, INDICES(tape, 0, 0), INDICES(tape, 0, 1), &o);
    ck_assert(at(loss, 0) == 0 && at(loss, 1) == INFINITY);
    /* no batch */
    eddy_var nobody = eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(0), 0);
    o.reduction = EDDY_REDUCE_SUM;
    ck_assert(eddy_item(eddy_ctc(eddy_full(tape, EDDY_SHAPE(3, 0, 2), 0),
                                 eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(0, 2), 0), nobody, nobody, &o)) == 0);
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(3, 2, 4), -2, -1), two = INDICES(tape, 2, 2), none = { 0 };
    eddy_var targets = constant(tape, EDDY_I64, EDDY_SHAPE(2, 2), (double[]){ 1, 2, 3, 1 });
    FAILS(tape, eddy_ctc(x, targets, INDICES(tape, 1, 2, 3), two, NULL), "input_lengths has shape (3,)", "(batch)");
    FAILS(tape, eddy_ctc(x, two, two, two, NULL), "targets has shape (2,)", "(batch, longest)");
    FAILS(tape, eddy_ctc(eddy_select(x, 0, 0), targets, two, two, NULL), "log_probabilities has shape (2, 4)");
    FAILS(tape, eddy_ctc(x, eddy_cast(targets, EDDY_F64), two, two, NULL), "targets has dtype f64");
    FAILS(tape, eddy_ctc(x, targets, none, two, NULL), "input_lengths is no var");
    FAILS(tape, eddy_ctc(x, targets, two, two, &(eddy_ctc_options){ .blank = 4 }),
          "the blank is 4; with 4 classes it must be 0 to 3");
    FAILS(tape, eddy_ctc(x, targets, two, two, &(eddy_ctc_options){ .reduction = (eddy_reduction)7 }),
          "EDDY_REDUCE_MEAN");
    /* found when run */
    struct {
        double targets[4], inputs[2], lengths[2];
        const char *part[2];
    } wrong[] = {
        { { 1, 2, 3, 0 }, { 2, 2 }, { 2, 2 }, { "targets (-1 is the blank among them)[1, 1] is -1", "0..3" } },
        { { 1, 4, 3, 1 }, { 2, 2 }, { 2, 2 }, { "[0, 1] is 4", "it must lie in 0..3" } },
        { { 1, -2, 3, 1 }, { 2, 2 }, { 2, 2 }, { "[0, 1] is -2", "targets" } },
        { { 1, 2, 3, 1 }, { 2, 4 }, { 2, 2 }, { "input_lengths[1] is 4", "0..3" } },
        { { 1, 2, 3, 1 }, { -1, 2 }, { 2, 2 }, { "input_lengths[0] is -1", "0..3" } },
        { { 1, 2, 3, 1 }, { 2, 2 }, { 2, 3 }, { "target_lengths[1] is 3", "0..2" } },
    };
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        eddy_var loss = eddy_ctc(x, constant(tape, EDDY_I64, EDDY_SHAPE(2, 2), wrong[k].targets),
                                 constant(tape, EDDY_I64, EDDY_SHAPE(2), wrong[k].inputs),
                                 constant(tape, EDDY_I64, EDDY_SHAPE(2), wrong[k].lengths), NULL);
        OK(tape);
        ck_assert(isnan(eddy_item(loss)));
        check_sentence(tape, "", (const char *const[]){ wrong[k].part[0], wrong[k].part[1], "in ctc at ", NULL });
    }
    /* beyond its length a target may be anything */
    ck_assert(isfinite(eddy_item(eddy_ctc(x, constant(tape, EDDY_I64, EDDY_SHAPE(2, 2), (double[]){ 1, 0, 2, 9 }), two,
                                          INDICES(tape, 1, 1), NULL))));
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_ctc(void)
{
    Suite *suite = suite_create("ctc");
    TCase *tests = tcase_create("ctc");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, alignments);
    tcase_add_test(tests, reductions);
    tcase_add_test(tests, derivatives);
    tcase_add_test(tests, garbage);
    tcase_add_test(tests, sizes_of_zero);
    tcase_add_test(tests, mistakes);
    suite_add_tcase(suite, tests);
    return suite;
}
