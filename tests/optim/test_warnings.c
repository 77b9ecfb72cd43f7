/* Warnings: assigns that no program writes, pushes without a pop, a second optimiser's rate; and nothing is said of
 * what is as it should be. */
#include "recording.h"

#define WARNS(tape, ...) check_warning(tape, (const char *[]){ __VA_ARGS__, NULL })
static void check_warning(eddy_tape *tape, const char *const *parts)
{
    const char *text = eddy_warning(tape);
    ck_assert_ptr_nonnull(text);
    for (; *parts; parts++)
        ck_assert_msg(strstr(text, *parts) != NULL, "no \"%s\" in: %s", *parts, text);
}

static eddy_tape *tape;
static eddy_var w, loss;
static eddy_list params, grads;

static void setup(void)
{
    tape = eddy_tape_new(EDDY_F64, 1);
    w = eddy_parameter_init(tape, "w", EDDY_SHAPE(3), (eddy_init){ .kind = EDDY_INIT_CONSTANT, .a = 1 });
    loss = eddy_sum(eddy_square(w));
    params = eddy_list_new(tape, &w, 1);
    grads = eddy_gradients(loss, params);
}

static void finish(void)
{
    OK(tape);
    eddy_tape_free(tape);
}

START_TEST(nothing_to_say)
{
    setup();
    ck_assert_ptr_null(eddy_warning(NULL));
    eddy_list update = eddy_adam(params, grads, NULL);
    ck_assert_ptr_null(eddy_warning(tape)); /* no program has run: it may still come */
    eddy_gradcheck_report report;
    ck_assert(eddy_gradcheck(loss, params, NULL, &report));
    eddy_gradcheck_free(&report);
    ck_assert_ptr_null(eddy_warning(tape)); /* the checker's programs are not the user's */
    eddy_program *program = eddy_compile(tape, EDDY_LIST(loss), update);
    ck_assert(eddy_run(program));
    ck_assert_ptr_null(eddy_warning(tape));
    eddy_value(eddy_assign(w, eddy_mul_scalar(w, 2))); /* somebody looks at it */
    ck_assert(eddy_run(program));
    ck_assert_ptr_null(eddy_warning(tape));
    finish();
}
END_TEST

START_TEST(forgotten_assigns)
{
    setup();
    eddy_list update = eddy_adam(params, grads, NULL);
    eddy_program *program = eddy_compile(tape, EDDY_LIST(loss), EDDY_NONE);
    ck_assert(eddy_run(program));
    WARNS(tape, "test_warnings.c:", "no program lists", "eddy_compile", "adam");
    eddy_program *second = eddy_compile(tape, EDDY_LIST(loss), update);
    ck_assert(eddy_run(second));
    ck_assert_ptr_null(eddy_warning(tape));
    /* reset before anybody asked */
    eddy_mark mark = eddy_mark_now(tape);
    eddy_assign(w, eddy_mul_scalar(w, 2));
    ck_assert(eddy_run(program));
    eddy_reset(tape, mark);
    WARNS(tape, "no program lists it", "\"w\"");
    eddy_clear_error(tape);
    ck_assert_ptr_null(eddy_warning(tape));
    finish();
}
END_TEST

START_TEST(unbalanced_push)
{
    setup();
    eddy_push(tape, "encoder");
    WARNS(tape, "test_warnings.c:", "push: \"encoder\" was never popped", "eddy_pop");
    eddy_pop(tape);
    ck_assert_ptr_null(eddy_warning(tape));
    finish();
}
END_TEST

START_TEST(second_optimiser)
{
    setup();
    eddy_adam(params, grads, &(eddy_adam_options){ .lr = 0.1 });
    eddy_set_item(eddy_find(tape, "adam.lr"), 0.05);
    eddy_adam(params, grads, &(eddy_adam_options){ .lr = 0.1 }); /* the same option, as for another batch */
    eddy_adam(params, grads, &(eddy_adam_options){ .lr = 0.05 });
    ck_assert_ptr_null(eddy_warning(tape));
    eddy_adam(params, grads, NULL); /* nor does one that names no rate */
    ck_assert_ptr_null(eddy_warning(tape));
    eddy_push(tape, "other");
    eddy_adam(params, grads, &(eddy_adam_options){ .lr = 0.2 });
    eddy_pop(tape);
    ck_assert_ptr_null(eddy_warning(tape));
    eddy_adam(params, grads, &(eddy_adam_options){ .lr = EDDY_ZERO });
    WARNS(tape, "lr 0 is not used");
    eddy_clear_error(tape);
    eddy_adam(params, grads, &(eddy_adam_options){ .lr = 0.2 });
    WARNS(tape, "test_warnings.c:", "lr 0.2 is not used", "\"adam.lr\"", "0.1", "eddy_push");
    eddy_clear_error(tape);
    for (int k = 0; k < 2; k++) /* one line, two rates: a helper that makes optimisers */
        eddy_adam(params, grads, &(eddy_adam_options){ .lr = k ? 0.3 : 0.1 });
    WARNS(tape, "lr 0.3 is not used");
    eddy_clear_error(tape);
    eddy_adam(params, grads, &(eddy_adam_options){ .lr = 0.2 });
    eddy_warn(tape, "%d", 7); /* the first stays */
    WARNS(tape, "lr 0.2 is not used");
    eddy_clear_error(tape);
    eddy_warn(tape, "%d is odd", 7);
    WARNS(tape, "test_warnings.c:", ": 7 is odd");
    finish();
}
END_TEST

START_TEST(second_initial_sum)
{
    setup();
    eddy_adagrad(params, grads, &(eddy_adagrad_options){ .initial = 0.1 });
    eddy_adagrad(params, grads, &(eddy_adagrad_options){ .initial = 0.1 });
    eddy_adagrad(params, grads, NULL);
    ck_assert_ptr_null(eddy_warning(tape));
    eddy_adagrad(params, grads, &(eddy_adagrad_options){ .initial = 0.2 });
    WARNS(tape, "test_warnings.c:", "adagrad: initial 0.2 is not used", "\"adagrad.sum.w\"", "with 0.1", "eddy_push");
    eddy_clear_error(tape);
    eddy_adagrad(params, grads, &(eddy_adagrad_options){ .initial = EDDY_ZERO });
    WARNS(tape, "initial 0 is not used");
    finish();

    eddy_tape *single = eddy_tape_new(EDDY_F32, 1); /* 0.1 is another number there */
    eddy_var v = eddy_parameter_init(single, "v", EDDY_SHAPE(3), (eddy_init){ .kind = EDDY_INIT_CONSTANT, .a = 1 });
    eddy_list wrt = EDDY_LIST(v), slopes = eddy_gradients(eddy_sum(eddy_square(v)), wrt);
    for (int k = 0; k < 2; k++)
        eddy_adagrad(wrt, slopes, &(eddy_adagrad_options){ .initial = 0.1 });
    OK(single);
    ck_assert_ptr_null(eddy_warning(single));
    eddy_tape_free(single);
}
END_TEST

/* A step that resets the tape under the unroll that records it. */
static eddy_mark before;
static eddy_var resetting_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    (void)cell;
    eddy_reset(x.tape, before);
    return state[0] = eddy_tanh(x);
}

static eddy_var pushing_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    (void)cell;
    eddy_push(x.tape, "a");
    return state[0] = eddy_tanh(x);
}

START_TEST(push_in_a_step)
{
    setup();
    eddy_cell cell = { .step = pushing_step, .states = 1, .state_size = { 2 } };
    FAILS(tape, eddy_unroll(&cell, input(tape, EDDY_SHAPE(3, 1, 2), -1, 1), NULL), "names begin with \"a.\"", "step 0");
    finish();
}
END_TEST

START_TEST(reset_in_a_step)
{
    setup();
    before = eddy_mark_now(tape);
    eddy_cell cell = { .step = resetting_step, .states = 1, .state_size = { 2 } };
    eddy_var x = input(tape, EDDY_SHAPE(3, 1, 2), -1, 1);
    eddy_unroll(&cell, x, NULL);
    check_sentence(tape, "", (const char *[]){ "test_warnings.c:", "reset: unroll at ", "still being recorded", NULL });
    eddy_tape *other = eddy_tape_new(EDDY_F64, 1);
    FAILS(tape, eddy_reset(tape, eddy_mark_now(other)), "test_warnings.c:", "another tape");
    eddy_tape_free(other);
    FAILS(tape, eddy_pop(tape), "pop");
    finish();
}
END_TEST

Suite *suite_warnings(void)
{
    Suite *suite = suite_create("warnings");
    TCase *tests = tcase_create("warnings");
    tcase_add_test(tests, nothing_to_say);
    tcase_add_test(tests, forgotten_assigns);
    tcase_add_test(tests, unbalanced_push);
    tcase_add_test(tests, second_optimiser);
    tcase_add_test(tests, second_initial_sum);
    tcase_add_test(tests, push_in_a_step);
    tcase_add_test(tests, reset_in_a_step);
    suite_add_tcase(suite, tests);
    return suite;
}
