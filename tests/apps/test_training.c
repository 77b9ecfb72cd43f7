/* The training loop on a model that is too small to be slow: what it promises of resuming, of the best model, of early
 * stopping; model cards; text as numbers; n-gram counts against numbers worked out by hand. */
#include "scratch.h"
#include "test.h"

#include "common/ngram.h"
#include "common/training.h"

#include <math.h>

/* ---- A job: y = w x with dropout, so that a step depends on the draw number too ---- */

typedef struct line {
    card card;
    training_job job;
    eddy_program *program, *looking;
    eddy_var x, y, loss, w, look;
    int64_t stop_after, validations;
    double validation[64]; /* what validate answers, if set */
    bool scripted;
    int64_t told; /* the step of the last report before a checkpoint */
} line;

static bool step(void *context, int64_t epoch, int64_t number, double *loss, eddy_status *status)
{
    line *l = context;
    (void)status;
    float x[4], y[4];
    for (int i = 0; i < 4; i++) {
        x[i] = (float)eddy_random_normal((eddy_random){ 1, (uint64_t)epoch }, (uint64_t)(number * 4 + i));
        y[i] = 3 * x[i];
    }
    bool ok = eddy_set(l->x, x, sizeof x) && eddy_set(l->y, y, sizeof y) && eddy_run(l->program);
    *loss = eddy_output(l->program, l->loss);
    return ok;
}

static bool validate(void *context, double *loss, eddy_status *status)
{
    line *l = context;
    (void)status;
    bool ok = eddy_run(l->looking);
    *loss = l->scripted ? l->validation[l->validations] : fabs(eddy_output(l->looking, l->look) - 3);
    l->validations++;
    return ok;
}

static bool report(void *context, const training_state *now)
{
    line *l = context;
    l->told = now->saves ? now->step : l->told;
    return !l->stop_after || now->step < l->stop_after;
}

static line line_new(double average)
{
    line l = { 0 };
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 5);
    eddy_tensor zero;
    ck_assert(eddy_tensor_new(&zero, EDDY_F32, EDDY_SHAPE(4), NULL));
    l.w = eddy_parameter(tape, "w", &zero);
    eddy_tensor_free(&zero);
    l.x = eddy_input(tape, "x", EDDY_SHAPE(4));
    l.y = eddy_input(tape, "y", EDDY_SHAPE(4));
    l.loss = eddy_mse(eddy_mul(eddy_dropout(l.w, 0.2), l.x), l.y);
    eddy_list updates = training_updates(l.loss, &(training_recipe){ .lr = 0.1, .clip = 1, .average = average }, NULL);
    l.program = eddy_compile(tape, EDDY_LIST(l.loss), updates);
    l.look = eddy_mean(l.w);
    l.looking = eddy_compile(tape, EDDY_LIST(l.look), EDDY_NONE);
    card_text(&l.card, "model", "line");
    l.job = (training_job){ .tape = tape, .steps = 7, .step = step, .validate = validate, .report = report };
    ck_assert_msg(!eddy_error(tape), "%s", eddy_error(tape));
    return l;
}

static training_state train(line *l, training_options o, training_end *end)
{
    training_state state;
    eddy_status status = { 0 };
    l->job.card = &l->card;
    l->job.context = l;
    ck_assert_msg(training_run(&l->job, &o, &state, end, &status), "%s", status.text);
    return state;
}

static void line_free(line *l)
{
    card_free(&l->card);
    eddy_tape_free(l->job.tape);
}

static void assert_same_files(const char *a, const char *b)
{
    unsigned char *x, *y;
    size_t n, m;
    ck_assert(eddy_read_whole(&x, &n, a, 1 << 20, NULL) && eddy_read_whole(&y, &m, b, 1 << 20, NULL));
    ck_assert_uint_eq(n, m);
    ck_assert_int_eq(memcmp(x, y, n), 0);
    eddy_free(x);
    eddy_free(y);
}

/* Stopped at any step and resumed, a training leaves the bits of one that was not; with averages too. */
START_TEST(resumes_with_the_same_bits)
{
    scratch s = scratch_new("model.safetensors");
    char other[400], last[400], other_last[400];
    double average = _i % 2 ? 0.9 : 0;
    snprintf(other, sizeof other, "%s.other.safetensors", s.path);
    ck_assert(training_checkpoint_path(s.path, last, sizeof last));
    ck_assert(training_checkpoint_path(other, other_last, sizeof other_last));
    training_options o = {
        .epochs = 4, .recipe = { .lr = 0.1, .average = average }, .low = 0.1, .warmup = 3, .every = 5
    };
    training_end end;

    line whole = line_new(average);
    o.model = s.path;
    o.checkpoint = last;
    training_state expected = train(&whole, o, &end);
    ck_assert_int_eq(expected.step, 28);
    ck_assert_int_eq(end, TRAINING_EPOCHS);

    line first = line_new(average);
    first.stop_after = 1 + _i;
    o.model = other;
    o.checkpoint = other_last;
    training_state half = train(&first, o, &end);
    ck_assert_int_eq(half.step, 1 + _i);
    ck_assert_int_eq(first.told, 1 + _i); /* what stands beside the checkpoint could be written before */
    ck_assert_int_eq(whole.told, 28);
    ck_assert_int_eq(end, TRAINING_STOPPED);

    line second = line_new(average);
    o.resume = true;
    training_state state = train(&second, o, &end);
    ck_assert_int_eq(state.step, 28);
    ck_assert(state.best == expected.best && state.best_step == expected.best_step);
    assert_same_files(s.path, other);
    for (int i = 0; i < 4; i++)
        ck_assert(eddy_tensor_flat(eddy_value(whole.w), i) == eddy_tensor_flat(eddy_value(second.w), i));
    line_free(&whole);
    line_free(&first);
    line_free(&second);
    unlink(last);
    unlink(other);
    unlink(other_last);
    scratch_free(&s);
}
END_TEST

/* The best is what is left, and patience counts validations since. */
START_TEST(stops_early_with_the_best)
{
    scratch s = scratch_new("model.safetensors");
    line l = line_new(0);
    l.scripted = true;
    memcpy(l.validation, (double[]){ 5, 4, 6, 3, 3, 7, 8, 1 }, 8 * sizeof(double));
    training_end end;
    training_state state =
        train(&l,
              (training_options){
                  .epochs = 100, .recipe.lr = 0.1, .schedule = TRAINING_CONSTANT, .patience = 3, .model = s.path },
              &end);
    ck_assert_int_eq(end, TRAINING_PATIENCE);
    ck_assert_int_eq(l.validations, 7);
    ck_assert_int_eq(state.best_step, 4 * 7);
    ck_assert(state.best == 3 && state.rate == 0.1);
    unsigned char *bytes;
    size_t size;
    ck_assert(eddy_read_whole(&bytes, &size, s.path, 1 << 20, NULL));
    eddy_free(bytes);
    line_free(&l);
    scratch_free(&s);
}
END_TEST

START_TEST(refuses_a_checkpoint_of_another_training)
{
    scratch s = scratch_new("last.safetensors");
    training_end end;
    line l = line_new(0), other = line_new(0);
    training_options o = { .epochs = 1, .recipe.lr = 0.1, .checkpoint = s.path };
    train(&l, o, &end);
    card_text(&other.card, "hidden", "7");
    other.job.card = &other.card;
    other.job.context = &other;
    training_state state;
    eddy_status status = { 0 };
    o.resume = true;
    ck_assert(!training_run(&other.job, &o, &state, &end, &status));
    ck_assert_msg(strstr(status.text, "another training: its hidden is nothing, and here it is 7"), "%s", status.text);
    line faster = line_new(0);
    faster.job.card = &faster.card;
    faster.job.context = &faster;
    o.recipe.lr = 0.25;
    *status.text = 0;
    ck_assert(!training_run(&faster.job, &o, &state, &end, &status));
    ck_assert_msg(strstr(status.text, "rate 0.25") && strstr(status.text, "rate 0.1"), "%s", status.text);
    line_free(&faster);
    line_free(&l);
    line_free(&other);
    scratch_free(&s);
}
END_TEST

/* The last of seven steps is behind 6/7 of the training. */
START_TEST(rates_fall_as_asked)
{
    static const double last[] = { 0.1 * (0.5 + 0.5 * (1 + -0.9009688679024191) / 2), 0.1 * (0.5 + 0.5 / 7), 0.1 };
    for (int i = 0; i < 3; i++) {
        training_end end;
        line l = line_new(0);
        training_options o = { .epochs = 1, .recipe.lr = 0.1, .schedule = (training_schedule)i, .low = 0.5 };
        ck_assert_double_eq_tol(train(&l, o, &end).rate, last[i], 1e-12);
        line_free(&l);
    }
}
END_TEST

/* ---- Cards ---- */

START_TEST(cards_trust_nothing)
{
    card c = { 0 };
    int64_t n;
    double x[3];
    card_text(&c, "a", "12");
    card_text(&c, "b", "1 2 three");
    card_numbers(&c, "c", (double[]){ 0.1, -2, 1e300 }, 3);
    ck_assert(card_read_count(&c, "a", 1, 12, &n, NULL) && n == 12);
    ck_assert(!card_read_count(&c, "a", 1, 11, &n, NULL));
    ck_assert(!card_read_count(&c, "none", 1, 11, &n, NULL));
    ck_assert(!card_read_numbers(&c, "b", x, 3, NULL));
    ck_assert(!card_read_numbers(&c, "c", x, 2, NULL));
    ck_assert(card_read_numbers(&c, "c", x, 3, NULL) && x[0] == 0.1 && x[2] == 1e300);
    card_free(&c);
}
END_TEST

/* ---- Text ---- */

static const struct utf8 {
    const char *bytes;
    size_t length; /* 0: none */
    uint32_t point;
} utf8[] = {
    { "a", 1, 'a' },
    { "\xc3\xa5", 2, 0xe5 },
    { "\xe2\x82\xac", 3, 0x20ac },
    { "\xf0\x9f\x8c\x80", 4, 0x1f300 },
    { "\xc3", 0, 0 },
    { "\xc0\xaf", 0, 0 },
    { "\xe0\x80\xaf", 0, 0 },
    { "\xed\xa0\x80", 0, 0 },
    { "\xf4\x90\x80\x80", 0, 0 },
    { "\x80", 0, 0 },
    { "\xff", 0, 0 },
};

START_TEST(utf8_is_read_and_written)
{
    const struct utf8 *u = &utf8[_i];
    uint32_t point = 0;
    char out[4];
    ck_assert_uint_eq(utf8_next(u->bytes, strlen(u->bytes), &point), u->length);
    if (u->length) {
        ck_assert_uint_eq(point, u->point);
        ck_assert_uint_eq(utf8_put(point, out), u->length);
        ck_assert_int_eq(memcmp(out, u->bytes, u->length), 0);
    }
}
END_TEST

START_TEST(units_know_what_they_have_seen)
{
    units u;
    unit_text t;
    eddy_status status = { 0 };
    ck_assert(units_find(&u,
                         "b\xc3\xa5"
                         "ab",
                         5, false, NULL));
    ck_assert_int_eq(u.count, 3);
    ck_assert(units_encode(&u, &t, "a\xc3\xa5", 3, "here", NULL));
    ck_assert(t.count == 2 && t.unit[0] == 0 && t.unit[1] == 2);
    unit_text_free(&t);
    ck_assert(!units_encode(&u, &t, "ab\nax", 5, "here", &status));
    units_free(&u);
    ck_assert(units_find(&u, "a\nb", 3, false, NULL));
    status = (eddy_status){ 0 };
    ck_assert(!units_encode(&u, &t, "a\nax", 4, "here", &status));
    ck_assert_msg(strstr(status.text, "here, line 2, column 2") && strstr(status.text, "\"x\""), "%s", status.text);
    units_free(&u);
}
END_TEST

/* "abab", measured on "ab": P_1(a) = (2 + 2/2)/(4 + 2) = 1/2 = P_1(b); P_2(b | a) = (2 + 1/2)/(2 + 1) = 5/6. */
START_TEST(n_grams_by_hand)
{
    const int32_t train_text[] = { 0, 1, 0, 1 }, test_text[] = { 0, 1 };
    double nats[NGRAM_ORDERS];
    ck_assert(ngram_floors(nats, train_text, 4, test_text, 2, 2, NULL));
    ck_assert_double_eq_tol(nats[0], log(2), 1e-15);
    ck_assert_double_eq_tol(nats[1], (log(2) - log(5.0 / 6)) / 2, 1e-15);
}
END_TEST

Suite *suite_training(void)
{
    Suite *suite = suite_create("training");
    TCase *tests = tcase_create("training");
    tcase_add_loop_test(tests, resumes_with_the_same_bits, 0, 24);
    tcase_add_test(tests, stops_early_with_the_best);
    tcase_add_test(tests, rates_fall_as_asked);
    tcase_add_test(tests, refuses_a_checkpoint_of_another_training);
    tcase_add_test(tests, cards_trust_nothing);
    tcase_add_loop_test(tests, utf8_is_read_and_written, 0, (int)(sizeof utf8 / sizeof *utf8));
    tcase_add_test(tests, units_know_what_they_have_seen);
    tcase_add_test(tests, n_grams_by_hand);
    suite_add_tcase(suite, tests);
    return suite;
}
