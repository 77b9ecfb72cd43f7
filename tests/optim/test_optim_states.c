/* What optimisers keep from run to run: saving and resuming with the same bits, accumulated gradients and updates that
 * wait for them, moving averages, and what is left when memory is short. */
#include "optim_scene.h"
#include "failing_memory.h"
#include "scratch.h"

/* ---- Saving and resuming ---- */

/* Optimiser, schedule, average and accumulation together. */
static eddy_program *everything(scene *s, int kind, eddy_list *states)
{
    eddy_var ready;
    eddy_list waiting, grads = s->grads;
    s->grads = eddy_accumulate(grads, 2, &ready, &waiting);
    eddy_list updates = optimise(s, kind);
    updates = eddy_list_join(s->tape, updates, eddy_ema(s->params, updates, 0.9));
    updates =
        eddy_list_join(s->tape, updates,
                       eddy_schedule(s->tape, names[kind],
                                     &(eddy_schedule_options){
                                         .kind = EDDY_SCHEDULE_EXPONENTIAL, .lr = 0.02, .gamma = 0.9, .warmup = 2 }));
    s->grads = grads;
    *states = eddy_list_join(s->tape, s->params, eddy_leaves(s->tape, EDDY_STATE));
    eddy_program *program =
        eddy_compile(s->tape, EDDY_NONE, eddy_list_join(s->tape, eddy_when(ready, updates), waiting));
    OK(s->tape);
    return program;
}

START_TEST(resuming_has_the_same_bits)
{
    scratch file = scratch_new("state.safetensors");
    for (int dtype = EDDY_F32; dtype <= EDDY_F64; dtype++)
        for (int kind = 0; kind < KINDS; kind++) {
            scene one = scene_new((eddy_dtype)dtype), two = scene_new((eddy_dtype)dtype);
            eddy_list states[2];
            eddy_program *first = everything(&one, kind, &states[0]), *second = everything(&two, kind, &states[1]);
            train(&one, first, 0, 7);
            ck_assert(eddy_save(one.tape, file.path, states[0], NULL, 0));
            train(&two, second, 3, 5);
            ck_assert_msg(eddy_load(two.tape, file.path, states[1]), "%s", eddy_error(two.tape));
            train(&one, first, 7, 20);
            train(&two, second, 7, 20);
            ck_assert_int_eq(states[0].count, states[1].count);
            for (int64_t k = 0; k < states[0].count; k++)
                check_same(states[0].items[k], states[1].items[k]);
            eddy_tape_free(one.tape);
            eddy_tape_free(two.tape);
        }
    scratch_free(&file);
}
END_TEST

START_TEST(another_kind_or_shape_is_refused)
{
    scratch file = scratch_new("state.safetensors");
    scene one = scene_new(EDDY_F64);
    train(&one, eddy_compile(one.tape, EDDY_NONE, optimise(&one, 4)), 0, 3);
    ck_assert(eddy_save(one.tape, file.path, eddy_optimiser_states(one.tape, "rmsprop"), NULL, 0));
    for (int kind = 0; kind < KINDS; kind++) {
        if (kind == 4)
            continue;
        scene two = scene_new(EDDY_F64);
        train(&two, eddy_compile(two.tape, EDDY_NONE, optimise(&two, kind)), 0, 2);
        eddy_list states = eddy_optimiser_states(two.tape, names[kind]);
        OK(two.tape);
        double before[8][SIZE] = { { 0 } };
        ck_assert_int_le(states.count, 8);
        for (int64_t k = 0; k < states.count; k++)
            for (int64_t i = 0; i < count_of(states.items[k]); i++)
                before[k][i] = at(states.items[k], i);
        FAILS(two.tape, eddy_load(two.tape, file.path, states), "does not fit the model, nothing was loaded",
              "unexpected rmsprop.m");
        for (int64_t k = 0; k < states.count; k++)
            for (int64_t i = 0; i < count_of(states.items[k]); i++)
                ck_assert(same_bits(before[k][i], at(states.items[k], i)));
        eddy_tape_free(two.tape);
    }
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_tensor start = random_tensor(EDDY_F64, EDDY_SHAPE(2, 3), 0, 1);
    eddy_var p = eddy_parameter(tape, "p", &start);
    eddy_rmsprop(EDDY_LIST(p), EDDY_LIST(p), &rmsprop[1]);
    FAILS(tape, eddy_load(tape, file.path, eddy_optimiser_states(tape, "rmsprop")),
          "rmsprop.v.p has shape (6,) in the file and (2, 3) in the model");
    ck_assert(at(eddy_find(tape, "rmsprop.v.p"), 0) == 0 && at(eddy_find(tape, "rmsprop.lr"), 0) == 0.003);
    eddy_tensor_free(&start);
    eddy_tape_free(tape);
    eddy_tape_free(one.tape);
    scratch_free(&file);
}
END_TEST

/* ---- Accumulation ---- */

/* Three runs with a third of the sum are one step with the mean of their gradients; an i64 counter waits as well. */
START_TEST(accumulation)
{
    for (int dtype = EDDY_F32; dtype <= EDDY_F64; dtype++)
        for (int64_t n = 1; n <= 3; n++) {
            scene s = scene_new((eddy_dtype)dtype);
            int64_t zero = 0;
            eddy_tensor number = eddy_tensor_wrap(&zero, EDDY_I64, EDDY_SCALAR);
            eddy_var counter = eddy_state(s.tape, "counter", &number), ready;
            eddy_list waiting, mean = eddy_accumulate(s.grads, n, &ready, &waiting);
            eddy_list updates = eddy_sgd(s.params, mean, &sgd[2]);
            eddy_var one = eddy_full_of(s.tape, EDDY_I64, EDDY_SCALAR, 1);
            updates = eddy_when(
                ready, eddy_list_join(s.tape, updates, EDDY_LIST(eddy_assign(counter, eddy_add(counter, one)))));
            ck_assert_int_eq(updates.count, 3);
            eddy_program *program = eddy_compile(s.tape, EDDY_LIST(ready, s.grads.items[0], mean.items[0]),
                                                 eddy_list_join(s.tape, updates, waiting));
            OK(s.tape);
            double p[SIZE], tolerance = dtype == EDDY_F64 ? 1e-13 : 1e-5, sum[SIZE] = { 0 };
            memory m[SIZE] = { { 0, 0, 0 } };
            for (int i = 0; i < SIZE; i++)
                p[i] = at(s.p, i);
            for (int run = 0; run < 12; run++) {
                train(&s, program, run, run + 1);
                bool now = (run + 1) % n == 0;
                ck_assert(eddy_output(program, ready) == now);
                for (int i = 0; i < SIZE; i++) {
                    sum[i] += eddy_tensor_flat(eddy_output_tensor(program, s.grads.items[0]), i);
                    double got = eddy_tensor_flat(eddy_output_tensor(program, mean.items[0]), i);
                    ck_assert(fabs(got - sum[i] / (double)n) <= tolerance * fmax(1, fabs(got)));
                    if (now)
                        p[i] = step_of(2, (run + 1) / (int)n, p[i], sum[i] / (double)n, &m[i]);
                    sum[i] = now ? 0 : sum[i];
                    ck_assert_msg(fabs(at(s.p, i) - p[i]) <= tolerance, "run %d: %.17g, not %.17g", run, at(s.p, i),
                                  p[i]);
                }
                ck_assert_int_eq((int)at(counter, 0), (run + 1) / (int)n);
                ck_assert(eddy_item(eddy_find(s.tape, "accumulate.count")) == (double)((run + 1) % n));
            }
            eddy_tape_free(s.tape);
        }
}
END_TEST

/* What is not wanted does not get through: a NaN while ready is 0. */
START_TEST(when_selects)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_tensor one = random_tensor(EDDY_F64, EDDY_SHAPE(2, 2), 1, 1);
    eddy_var a = eddy_parameter(tape, "a", &one), b = eddy_state(tape, "b", &one),
             ready = eddy_input_of(tape, "ready", EDDY_I32, EDDY_SHAPE(1, 1));
    eddy_list updates =
        EDDY_LIST(eddy_assign(a, eddy_full(tape, EDDY_SHAPE(2, 2), NAN)), eddy_assign(b, eddy_mul_scalar(b, 2)));
    eddy_program *program = eddy_compile(tape, EDDY_NONE, eddy_when(ready, updates));
    OK(tape);
    ck_assert(eddy_set_item(ready, 0) && eddy_run(program) && at(a, 3) == 1 && at(b, 3) == 1);
    ck_assert(eddy_set_item(ready, 1) && eddy_run(program) && isnan(at(a, 3)) && at(b, 3) == 2);
    FAILS(tape, eddy_when(b, updates), "when: the condition has shape (2, 2); it must have one element");
    FAILS(tape, eddy_when(ready, EDDY_LIST(updates.items[0], a)), "when: item 2 of the updates is no assign");
    FAILS(tape, eddy_when(ready, EDDY_LIST(eddy_neg(a))), "when: item 1 of the updates is no assign");
    ck_assert_int_eq(eddy_when(ready, EDDY_NONE).count, 0);
    eddy_var *none = NULL;
    eddy_list waiting;
    FAILS(tape, eddy_accumulate(EDDY_LIST(a), 0, &ready, &waiting), "accumulate: n is 0; it must be at least 1");
    FAILS(tape, eddy_accumulate(EDDY_LIST(a), 2, none, &waiting), "accumulate: ready and updates must not be NULL");
    FAILS(tape, eddy_accumulate(EDDY_LIST(a, (eddy_var){ 0 }), 2, &ready, &waiting),
          "accumulate: item 2 of the gradients is no floating-point var");
    ck_assert_int_eq(waiting.count, 0);
    eddy_tensor_free(&one);
    eddy_tape_free(tape);
}
END_TEST

/* ---- Averages ---- */

START_TEST(averages)
{
    scene s = scene_new(EDDY_F64);
    eddy_list updates = optimise(&s, 8), average = eddy_ema(s.params, updates, 0.8);
    ck_assert_int_eq(average.count, 1);
    eddy_program *program = eddy_compile(s.tape, EDDY_NONE, eddy_list_join(s.tape, updates, average));
    OK(s.tape);
    eddy_var e = eddy_find(s.tape, "ema.p");
    check_same(e, s.p);
    double want[SIZE], p[SIZE], now[SIZE];
    ck_assert(eddy_get(e, want, sizeof want));
    for (int step = 0; step < 10; step++) {
        train(&s, program, step, step + 1);
        for (int i = 0; i < SIZE; i++) {
            want[i] = 0.8 * want[i] + (1 - 0.8) * at(s.p, i);
            ck_assert(fabs(at(e, i) - want[i]) <= 1e-15);
        }
    }
    ck_assert(eddy_get(e, now, sizeof now) && eddy_get(s.p, p, sizeof p));
    ck_assert(eddy_ema_swap(s.params));
    for (int i = 0; i < SIZE; i++)
        ck_assert(same_bits(at(s.p, i), now[i]) && same_bits(at(e, i), p[i]));
    ck_assert(eddy_ema_swap(s.params));
    for (int i = 0; i < SIZE; i++)
        ck_assert(same_bits(at(s.p, i), p[i]) && same_bits(at(e, i), now[i]));

    /* a parameter that no update writes keeps its value; a second recording shares the average */
    int64_t states = eddy_leaf_count(s.tape, EDDY_STATE);
    eddy_var frozen = eddy_ema(s.params, EDDY_NONE, 0.8).items[0];
    for (int i = 0; i < SIZE; i++)
        ck_assert(fabs(at(frozen, i) - (0.8 * now[i] + (1 - 0.8) * p[i])) <= 1e-15);
    ck_assert_int_eq(eddy_leaf_count(s.tape, EDDY_STATE), states);

    eddy_tensor more = random_tensor(EDDY_F64, EDDY_SHAPE(2), 0, 1);
    eddy_var q = eddy_parameter(s.tape, "q", &more);
    FAILS(s.tape, eddy_ema_swap(EDDY_LIST(s.p, q)), "ema_swap: there is no average of \"q\"; record eddy_ema first");
    ck_assert(same_bits(at(s.p, 0), p[0]) && same_bits(at(e, 0), now[0]));
    FAILS(s.tape, eddy_ema_swap(EDDY_LIST(s.p, s.x)), "ema_swap: item 2 of the parameters is none");
    FAILS(s.tape, eddy_ema(EDDY_LIST(s.x), updates, 0.9), "ema: item 1 of the parameters is none");
    FAILS(s.tape, eddy_ema(s.params, EDDY_LIST(s.x), 0.9), "ema: item 1 of the updates is no assign");
    FAILS(s.tape, eddy_ema(s.params, updates, 1), "ema: decay is 1; it must be at least 0 and below 1");
    FAILS(s.tape, eddy_ema(s.params, updates, NAN), "ema: decay is nan");
    eddy_tensor_free(&more);
    eddy_tape_free(s.tape);
}
END_TEST

/* Every allocation of a recording with everything, and of a swap, fails in turn: a sentence, no leak, no change of a
 * parameter or half a swap. */
START_TEST(faults)
{
    for (int kind = 1; kind < KINDS; kind += 2)
        for (long n = 1, finished = 0; !finished; n++) {
            fault f;
            fault_install(&f, 0);
            scene s = scene_new(EDDY_F64);
            f.fail_at = f.asked + n;
            eddy_var ready;
            eddy_list waiting, grads = s.grads;
            s.grads = eddy_accumulate(grads, 2, &ready, &waiting);
            eddy_list updates = optimise(&s, kind);
            updates = eddy_list_join(s.tape, updates, eddy_ema(s.params, updates, 0.9));
            updates = eddy_list_join(
                s.tape, updates, eddy_schedule(s.tape, names[kind], &(eddy_schedule_options){ .lr = 1, .warmup = 3 }));
            eddy_program *program =
                eddy_compile(s.tape, EDDY_NONE, eddy_list_join(s.tape, eddy_when(ready, updates), waiting));
            finished = f.asked < f.fail_at;
            ck_assert(finished ? program != NULL && !eddy_error(s.tape) : eddy_error(s.tape) != NULL);
            f.fail_at = 0;
            if (finished) {
                train(&s, program, 0, 8);
                eddy_var e = eddy_find(s.tape, "ema.p");
                double p = at(s.p, 1), average = at(e, 1);
                f.fail_at = f.asked + 1;
                for (long k = 2; !eddy_ema_swap(s.params); k++) {
                    ck_assert(eddy_error(s.tape) && strstr(eddy_error(s.tape), "memory"));
                    eddy_clear_error(s.tape);
                    f.fail_at = 0;
                    ck_assert(same_bits(at(s.p, 1), p) && same_bits(at(e, 1), average));
                    f.fail_at = f.asked + k;
                }
                f.fail_at = 0;
                ck_assert(same_bits(at(s.p, 1), average) && same_bits(at(e, 1), p) && p != average);
            }
            eddy_tape_free(s.tape);
            eddy_set_allocator(NULL);
            ck_assert_msg(f.living == 0, "%ld blocks leaked when allocation %ld failed", f.living, n);
        }
}
END_TEST

Suite *suite_optim_states(void)
{
    Suite *suite = suite_create("optim_states");
    TCase *tests = tcase_create("optim_states");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, resuming_has_the_same_bits);
    tcase_add_test(tests, another_kind_or_shape_is_refused);
    tcase_add_test(tests, accumulation);
    tcase_add_test(tests, when_selects);
    tcase_add_test(tests, averages);
    tcase_add_test(tests, faults);
    suite_add_tcase(suite, tests);
    return suite;
}
