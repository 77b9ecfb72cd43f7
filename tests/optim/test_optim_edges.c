/* What optimisers refuse, and what they leave behind when they do: every option out of range, vars that are no
 * parameters, gradients or assigns of the tape, leaves of their names that do not fit, calls after a failure and on
 * nothing at all, and memory that ends in any of their allocations. */
#include "optim_scene.h"
#include "failing_memory.h"

/* A var that failed; the tape has no failure. */
static eddy_var failed_var(const scene *s)
{
    eddy_var bad = eddy_add(s->x, eddy_full(s->tape, EDDY_SHAPE(SIZE + 1), 1));
    ck_assert(eddy_error(s->tape) && !eddy_ok(bad));
    eddy_clear_error(s->tape);
    return bad;
}

START_TEST(options_out_of_range)
{
    scene s = scene_new(EDDY_F64);
    int64_t leaves = eddy_leaf_count(s.tape, EDDY_STATE);
#define REFUSED(sentence, name, options, ...)                                                                          \
    FAILS(s.tape, eddy_##name(s.params, s.grads, &(eddy_##options##_options){ __VA_ARGS__ }), sentence)
    REFUSED("sgd: dampening is inf", sgd, sgd, .momentum = 0.9, .dampening = INFINITY);
    REFUSED("rmsprop: lr is -1", rmsprop, rmsprop, .lr = -1);
    REFUSED("rmsprop: momentum is -1", rmsprop, rmsprop, .momentum = -1);
    REFUSED("rmsprop: weight_decay is -1", rmsprop, rmsprop, .weight_decay = -1);
    REFUSED("adagrad: lr is inf", adagrad, adagrad, .lr = INFINITY);
    REFUSED("adagrad: eps is -1", adagrad, adagrad, .eps = -1);
    REFUSED("adagrad: weight_decay is nan", adagrad, adagrad, .weight_decay = NAN);
    REFUSED("adam: lr is -1", adam, adam, .lr = -1);
    REFUSED("adamw: lr is nan", adamw, adam, .lr = NAN);
    REFUSED("adam: eps is -1", adam, adam, .eps = -1);
    ck_assert_int_eq(eddy_leaf_count(s.tape, EDDY_STATE), leaves);

    eddy_adam(s.params, s.grads, &(eddy_adam_options){ .lr = 0.5 });
    OK(s.tape);
#undef REFUSED
#define REFUSED(sentence, ...)                                                                                         \
    FAILS(s.tape, eddy_schedule(s.tape, "adam", &(eddy_schedule_options){ __VA_ARGS__ }), sentence)
    REFUSED("schedule: lr is inf", .lr = INFINITY);
    REFUSED("schedule: -1 is no kind of schedule", .lr = 1, .kind = (eddy_schedule_kind)-1);
    REFUSED("schedule: rise is -0.5", .lr = 1, .kind = EDDY_SCHEDULE_ONE_CYCLE, .total = 3, .rise = -0.5);
    REFUSED("schedule: end_factor is 0.5", .lr = 1, .kind = EDDY_SCHEDULE_ONE_CYCLE, .total = 3, .end_factor = 0.5);
#undef REFUSED
    eddy_plateau plateau[] = { { .threshold = 1 }, { .low = -1 } };
    FAILS(s.tape, eddy_plateau_step(s.tape, "adam", &plateau[0], 1), "plateau_step: threshold is 1");
    FAILS(s.tape, eddy_plateau_step(s.tape, "adam", &plateau[1], 1), "plateau_step: low is -1");
    FAILS(s.tape, eddy_plateau_step(s.tape, "", &plateau[1], 1), "plateau_step: there is no learning rate");
    ck_assert(plateau[0].calls == 0 && plateau[1].calls == 0 && eddy_item(eddy_find(s.tape, "adam.lr")) == 0.5);
    FAILS(s.tape, eddy_ema(s.params, EDDY_NONE, 1), "ema: decay is 1; it must be at least 0 and below 1");
    eddy_tape_free(s.tape);
}
END_TEST

START_TEST(vars_that_do_not_fit)
{
    scene s = scene_new(EDDY_F64), other = scene_new(EDDY_F64);
    eddy_var bad = failed_var(&s), single = eddy_cast(s.x, EDDY_F32), whole = eddy_cast(s.x, EDDY_I64), ready;
    eddy_list waiting, two = EDDY_LIST(s.p, other.p), updates = eddy_sgd(s.params, s.grads, NULL),
                       foreign = eddy_sgd(other.params, other.grads, NULL);
    OK(s.tape);
    FAILS(s.tape, eddy_adam(two, EDDY_LIST(s.grads.items[0], s.grads.items[0]), NULL),
          "adam: item 2 of the parameters is none");
    FAILS(s.tape, eddy_adam(s.params, EDDY_LIST(bad), NULL), "adam: the gradient of \"p\" is no var of its tape");
    FAILS(s.tape, eddy_adam(s.params, other.grads, NULL), "adam: the gradient of \"p\" is no var of its tape");
    FAILS(s.tape, eddy_adam(s.params, EDDY_LIST(eddy_sum(s.x)), NULL), "adam: \"p\" has shape (6,)", "its gradient ()");
    FAILS(s.tape, eddy_adam(s.params, EDDY_LIST(single), NULL), "adam: \"p\" has shape (6,) and dtype f64", "f32");

    FAILS(s.tape, eddy_accumulate(s.grads, 2, NULL, &waiting), "accumulate: ready and updates must not be NULL");
    ck_assert_int_eq(waiting.count, 0);
    FAILS(s.tape, eddy_accumulate(s.grads, 2, &ready, NULL), "accumulate: ready and updates must not be NULL");
    ck_assert(!eddy_ok(ready));
    FAILS(s.tape, eddy_accumulate(s.grads, 0, &ready, &waiting), "accumulate: n is 0; it must be at least 1");
    FAILS(s.tape, eddy_accumulate(EDDY_LIST(s.grads.items[0], bad), 2, &ready, &waiting),
          "accumulate: item 2 of the gradients is no floating-point var of the first one's tape");
    FAILS(s.tape, eddy_accumulate(EDDY_LIST(s.grads.items[0], other.grads.items[0]), 2, &ready, &waiting), "item 2");
    FAILS(s.tape, eddy_accumulate(EDDY_LIST(whole), 2, &ready, &waiting), "item 1");

    FAILS(s.tape, eddy_when(bad, updates), "when: the condition is no usable var");
    FAILS(s.tape, eddy_when(s.x, updates), "when: the condition has shape (6,); it must have one element");
    FAILS(s.tape, eddy_when(eddy_sum(s.x), foreign), "when: item 1 of the updates is no assign of the condition's");
    FAILS(s.tape, eddy_when(eddy_sum(s.x), s.grads), "when: item 1 of the updates is no assign of the condition's");
    FAILS(s.tape, eddy_ema(two, EDDY_NONE, 0.9), "ema: item 2 of the parameters is none");
    FAILS(s.tape, eddy_ema(EDDY_LIST(s.p, s.x), EDDY_NONE, 0.9), "ema: item 2 of the parameters is none");
    FAILS(s.tape, eddy_ema(s.params, foreign, 0.9), "ema: item 1 of the updates is no assign of the parameters' tape");
    FAILS(s.tape, eddy_ema(s.params, s.grads, 0.9), "ema: item 1 of the updates is no assign of the parameters' tape");
    FAILS(s.tape, eddy_ema_swap(two), "ema_swap: item 2 of the parameters is none");
    eddy_tape_free(s.tape);
    eddy_tape_free(other.tape);
}
END_TEST

/* Leaves with an optimiser's names: of another dtype, another shape, another role. */
START_TEST(names_that_are_taken)
{
    double zeros[SIZE] = { 0 };
    for (int i = 0; i < 3; i++) {
        scene s = scene_new(EDDY_F64);
        eddy_tensor one = eddy_tensor_wrap(zeros, i == 0 ? EDDY_F32 : EDDY_F64, i == 1 ? EDDY_SHAPE(2) : EDDY_SCALAR);
        static const char *const taken[] = { "adam.step", "adagrad.step", "rmsprop.lr",
                                             "sgd.lr",    "ema.p",        "accumulate.count" };
        for (size_t k = 0; k < sizeof taken / sizeof *taken; k++)
            i == 2 ? eddy_parameter(s.tape, taken[k], &one) : eddy_state(s.tape, taken[k], &one);
        OK(s.tape);
        eddy_var ready;
        eddy_list waiting;
        FAILS(s.tape, eddy_adam(s.params, s.grads, NULL), "there is a leaf \"adam.step\" already that does not fit");
        FAILS(s.tape, eddy_adagrad(s.params, s.grads, NULL), "there is a leaf \"adagrad.step\" already");
        FAILS(s.tape, eddy_ema(s.params, EDDY_NONE, 0.9), "there is a leaf \"ema.p\" already");
        FAILS(s.tape, eddy_accumulate(s.grads, 2, &ready, &waiting), "there is a leaf \"accumulate.count\" already");
        if (i)
            FAILS(s.tape, eddy_rmsprop(s.params, s.grads, NULL), "there is a leaf \"rmsprop.lr\" already");
        eddy_plateau plateau = { 0 };
        if (i)
            FAILS(s.tape, eddy_plateau_step(s.tape, "sgd", &plateau, 1), "there is no learning rate \"sgd.lr\"");
        eddy_tape_free(s.tape);
    }
    /* a rate of integers */
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    int64_t three = 3;
    eddy_tensor rate = eddy_tensor_wrap(&three, EDDY_I64, EDDY_SCALAR);
    eddy_state(tape, "sgd.lr", &rate);
    FAILS(tape, eddy_schedule(tape, "sgd", &(eddy_schedule_options){ .lr = 1 }), "there is no learning rate");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(nothing_and_after_a_failure)
{
    eddy_var ready = { 0 };
    eddy_list waiting = { 0 };
    eddy_plateau plateau = { 0 };
    ck_assert(!eddy_accumulate(EDDY_NONE, 2, &ready, &waiting).count && !eddy_ok(ready) && !waiting.count);
    ck_assert(!eddy_when((eddy_var){ 0 }, EDDY_NONE).count && !eddy_ema(EDDY_NONE, EDDY_NONE, 0.9).count);
    ck_assert(!eddy_ema_swap(EDDY_NONE) && !eddy_optimiser_states(NULL, "adam").count);

    scene s = scene_new(EDDY_F64);
    eddy_list updates = eddy_sgd(s.params, s.grads, NULL);
    eddy_var one = eddy_sum(s.x), first = eddy_add(s.x, eddy_full(s.tape, EDDY_SHAPE(SIZE + 1), 1));
    ck_assert(!eddy_ok(first));
    char sentence[EDDY_STATUS_SIZE];
    snprintf(sentence, sizeof sentence, "%s", eddy_error(s.tape));
    int64_t leaves = eddy_leaf_count(s.tape, EDDY_STATE);
    ck_assert(!eddy_adam(s.params, s.grads, NULL).count && !eddy_accumulate(s.grads, 2, &ready, &waiting).count);
    ck_assert(!eddy_when(one, updates).count && !eddy_ema(s.params, updates, 0.9).count && !eddy_ema_swap(s.params));
    ck_assert(!eddy_optimiser_states(s.tape, "sgd").count && !eddy_plateau_step(s.tape, "sgd", &plateau, 1));
    ck_assert(!eddy_schedule(s.tape, "sgd", &(eddy_schedule_options){ .lr = 1 }).count);
    ck_assert_str_eq(eddy_error(s.tape), sentence);
    ck_assert_int_eq(eddy_leaf_count(s.tape, EDDY_STATE), leaves);
    eddy_tape_free(s.tape);
}
END_TEST

/* One step in all: neither rises nor falls. */
START_TEST(one_cycle_of_one_step)
{
    scene s = scene_new(EDDY_F64);
    eddy_list updates = eddy_sgd(s.params, s.grads, NULL);
    updates = eddy_list_join(
        s.tape, updates,
        eddy_schedule(s.tape, "sgd",
                      &(eddy_schedule_options){ .kind = EDDY_SCHEDULE_ONE_CYCLE, .lr = 0.25, .total = 1, .rise = 1 }));
    eddy_program *program = eddy_compile(s.tape, EDDY_NONE, updates);
    OK(s.tape);
    ck_assert(eddy_item(eddy_find(s.tape, "sgd.lr")) == 0.25);
    train(&s, program, 0, 3);
    ck_assert(eddy_item(eddy_find(s.tape, "sgd.lr")) == 0.25);
    eddy_tape_free(s.tape);
}
END_TEST

/* ---- Memory ---- */

enum { MANY = 300 }; /* parameters: their lists are allocations of their own */

static eddy_list record(eddy_tape *tape, int what, eddy_list params, eddy_list grads)
{
    eddy_var ready;
    eddy_list waiting;
    switch (what) {
    case 0:
        return eddy_sgd(params, grads, &(eddy_sgd_options){ .momentum = 0.9, .dampening = 0.1 });
    case 1:
        return eddy_rmsprop(params, grads, &(eddy_rmsprop_options){ .centered = true, .momentum = 0.9 });
    case 2:
        return eddy_adagrad(params, grads, NULL);
    case 3:
        return eddy_adamw(params, grads, NULL);
    case 4:
        return eddy_accumulate(grads, 2, &ready, &waiting);
    case 5:
        return eddy_ema(params, EDDY_NONE, 0.9);
    default:
        eddy_adam(params, grads, NULL);
        return eddy_schedule(tape, "adam",
                             &(eddy_schedule_options){ .lr = 1, .kind = EDDY_SCHEDULE_COSINE, .total = 9 });
    }
}

START_TEST(memory_runs_out)
{
    fault f;
    for (long n = 0, needed = 0; n <= needed; n += n < 60 ? 1 : 1 + needed / 40) {
        fault_install(&f, 0);
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        double zero[1] = { 0 };
        eddy_tensor value = eddy_tensor_wrap(zero, EDDY_F64, EDDY_SHAPE(1));
        eddy_list params = eddy_list_new(tape, NULL, MANY), grads = eddy_list_new(tape, NULL, MANY);
        for (int i = 0; i < MANY; i++) {
            char name[16];
            snprintf(name, sizeof name, "p%d", i);
            params.items[i] = eddy_parameter(tape, name, &value);
            grads.items[i] = eddy_mul_scalar(params.items[i], 2);
        }
        OK(tape);
        long before = f.asked;
        f.fail_at = n ? before + n : 0;
        eddy_list updates = record(tape, _i, params, grads);
        if (!n)
            needed = f.asked - before;
        ck_assert_msg(n ? eddy_error(tape) && strstr(eddy_error(tape), "memory") : !eddy_error(tape) && updates.count,
                      "allocation %ld of %ld: %s", n, needed, eddy_error(tape));
        f.fail_at = 0;
        eddy_tape_free(tape);
        ck_assert_int_eq(f.living, 0);
    }
    eddy_set_allocator(NULL);
}
END_TEST

Suite *suite_optim_edges(void)
{
    Suite *suite = suite_create("optim_edges");
    TCase *tests = tcase_create("optim_edges");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, options_out_of_range);
    tcase_add_test(tests, vars_that_do_not_fit);
    tcase_add_test(tests, names_that_are_taken);
    tcase_add_test(tests, nothing_and_after_a_failure);
    tcase_add_test(tests, one_cycle_of_one_step);
    tcase_add_loop_test(tests, memory_runs_out, 0, 7);
    suite_add_tcase(suite, tests);
    return suite;
}
