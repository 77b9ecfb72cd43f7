/* Programs: recorded once and run many times, outputs as snapshots, writes that commit together or not at all, memory,
 * life. */
#include "failing_memory.h"
#include "recording.h"

#include <stdlib.h>

static double out(eddy_program *program, eddy_var var, int64_t i)
{
    const eddy_tensor *tensor = eddy_output_tensor(program, var);
    OK(var.tape);
    ck_assert_ptr_nonnull(tensor);
    return eddy_tensor_flat(tensor, i);
}

START_TEST(run_many)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(2, 3)), w = input(tape, EDDY_SHAPE(3, 2), -1, 1),
             y = eddy_tanh(eddy_matmul(x, w)), s = eddy_sum(y), turned = eddy_transpose(y, 0, 1),
             four = eddy_full(tape, EDDY_SHAPE(2), 4), none = eddy_full(tape, EDDY_SHAPE(0), 4);
    eddy_program *program = eddy_compile(tape, EDDY_LIST(s, y, turned, x, four, none, y), EDDY_NONE);
    OK(tape);
    FAILS(tape, eddy_output(program, s), "output: the program has not run yet");
    FAILS(tape, eddy_run(program), "run: \"x\" has no value yet; set it with eddy_set");
    ck_assert_ptr_null(eddy_output_tensor(program, eddy_neg(s)));
    check_sentence(tape, "", (const char *[]){ "output: this var is not among the program's outputs", NULL });
    for (int round = 0; round < 5; round++) {
        double values[6], once;
        for (int i = 0; i < 6; i++)
            values[i] = between(-1, 1);
        eddy_set(x, values, sizeof values);
        ck_assert(eddy_run(program));
        once = eddy_output(program, s);
        ck_assert(same_bits(once, eddy_item(s)));
        for (int i = 0; i < 6; i++)
            ck_assert(out(program, x, i) == values[i]);
        for (int i = 0; i < 4; i++)
            ck_assert(same_bits(out(program, y, i), at(y, i)) &&
                      same_bits(out(program, turned, i), at(y, i % 2 * 2 + i / 2)));
        ck_assert(out(program, four, 1) == 4 && eddy_tensor_count(eddy_output_tensor(program, none)) == 0);
        /* a snapshot: neither a new input nor the interpreter changes it */
        eddy_set_item(x, 9);
        eddy_value(s);
        ck_assert(eddy_output(program, s) == once && out(program, x, 0) == values[0]);
    }
    FAILS(tape, eddy_output(program, y), "output: shape (2, 2) has 4 elements, not one; use eddy_output_tensor");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(what_cannot_be_compiled)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2), -1, 1), y = eddy_neg(x), a = eddy_assign(x, y),
             b = eddy_assign(x, eddy_exp(x));
    eddy_mark mark = eddy_mark_now(tape);
    eddy_var young = eddy_exp(y);
    eddy_reset(tape, mark);
    FAILS(tape, eddy_compile(tape, EDDY_NONE, EDDY_NONE), "compile: there is nothing to compile");
    FAILS(tape, eddy_compile(tape, EDDY_LIST(y), EDDY_LIST(a, y)), "compile: update 2 is no assign but neg");
    FAILS(tape, eddy_compile(tape, EDDY_LIST(y), EDDY_LIST(x)), "compile: update 1 is no assign");
    FAILS(tape, eddy_compile(tape, EDDY_LIST(y), EDDY_LIST(a, b)), "compile: updates 1 and 2 both write \"",
          eddy_name_of(x));
    FAILS(tape, eddy_compile(tape, EDDY_LIST(young), EDDY_NONE), "compile: ", "was reset");
    FAILS(tape, eddy_compile(tape, EDDY_LIST((eddy_var){ 0 }), EDDY_NONE), "compile: ");
    ck_assert_ptr_null(eddy_compile(NULL, EDDY_LIST(y), EDDY_NONE));
    eddy_tape_free(tape);
}
END_TEST

/* Every write sees the values from before the run. */
START_TEST(writes_commit_together)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var a = input(tape, EDDY_SHAPE(3), 0, 0), b = input(tape, EDDY_SHAPE(3), 0, 0),
             c = input(tape, EDDY_SHAPE(3), 0, 0), d = input(tape, EDDY_SHAPE(3), 0, 0),
             fresh = eddy_input(tape, "fresh", EDDY_SHAPE(3));
    eddy_var swap_a = eddy_assign(a, b), swap_b = eddy_assign(b, a), flip = eddy_assign(c, eddy_flip(c, 0)),
             sum = eddy_add(eddy_add(a, b), d), more = eddy_assign(d, sum),
             made = eddy_assign(fresh, eddy_full(tape, EDDY_SHAPE(3), 8));
    eddy_program *program = eddy_compile(tape, EDDY_LIST(a, sum, more), EDDY_LIST(swap_a, swap_b, flip, more, made));
    OK(tape);
    eddy_set(a, (double[]){ 1, 2, 3 }, 24);
    eddy_set(b, (double[]){ 10, 20, 30 }, 24);
    eddy_set(c, (double[]){ 7, 8, 9 }, 24);
    ck_assert(eddy_run(program));
    VALUES(a, 10, 20, 30);
    VALUES(b, 1, 2, 3);
    VALUES(c, 9, 8, 7);
    VALUES(d, 11, 22, 33);
    VALUES(fresh, 8, 8, 8);
    for (int i = 0; i < 3; i++) /* outputs are the values of the run, not what was written */
        ck_assert(out(program, a, i) == i + 1 && out(program, sum, i) == 11 * (i + 1) &&
                  out(program, more, i) == 11 * (i + 1));
    ck_assert(eddy_run(program));
    VALUES(a, 1, 2, 3);
    VALUES(b, 10, 20, 30);
    VALUES(c, 7, 8, 9);
    VALUES(d, 22, 44, 66);
    VALUES(sum, 33, 66, 99); /* the interpreter, from what is there now */
    /* the values assigned may use each other: n = m + 1, k = 2 n, both new */
    eddy_var n = eddy_assign(a, eddy_add_scalar(a, 1)), k = eddy_assign(b, eddy_mul_scalar(n, 2));
    program = eddy_compile(tape, EDDY_NONE, EDDY_LIST(k, n));
    ck_assert(eddy_run(program) && eddy_run(program));
    VALUES(a, 3, 4, 5);
    VALUES(b, 6, 8, 10);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(a_failed_run_writes_nothing)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var s = input(tape, EDDY_SHAPE(2), 1, 1), i = input_of(tape, EDDY_I32, EDDY_SHAPE(1), 0, 0),
             total = eddy_sum(s);
    const char *line = EDDY_HERE;
    eddy_var y = eddy_index_select(s, 0, i), t = input(tape, EDDY_SHAPE(1), 5, 5);
    eddy_program *program =
        eddy_compile(tape, EDDY_LIST(total), EDDY_LIST(eddy_assign(s, eddy_mul_scalar(s, 2)), eddy_assign(t, y)));
    ck_assert(eddy_run(program));
    VALUES(s, 2, 2);
    VALUES(t, 1);
    ck_assert(eddy_output(program, total) == 2);
    eddy_set_item(i, 2);
    ck_assert(!eddy_run(program));
    ck_assert_int_eq(atoi(strstr(eddy_error(tape), ".c:") + 3), atoi(strstr(line, ".c:") + 3) + 1);
    ck_assert(!eddy_run(program)); /* the failure sticks */
    check_sentence(tape, "", (const char *[]){ "index at (0,) is 2", "takes 0 to 1", NULL });
    VALUES(s, 2, 2);
    VALUES(t, 1);
    FAILS(tape, eddy_output(program, total), "output: ", "its last run failed");
    eddy_set_item(i, 1);
    ck_assert(eddy_run(program));
    VALUES(s, 4, 4);
    VALUES(t, 2);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(eager_mode_in_a_run)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(3)), s = input(tape, EDDY_SHAPE(3), 1, 1);
    eddy_scope_push(tape, "user.c:70", "outer", -1);
    eddy_scope_push(tape, NULL, "step", 2);
    const char *line = EDDY_HERE;
    eddy_var y = eddy_sqrt(x);
    eddy_scope_pop(tape);
    eddy_scope_pop(tape);
    eddy_program *program = eddy_compile(tape, EDDY_LIST(y), EDDY_LIST(eddy_assign(s, eddy_add(s, y))));
    eddy_set(x, (double[]){ 1, -1, 4 }, 24);
    ck_assert(eddy_run(program)); /* without eager mode a NaN is a value */
    ck_assert(isnan(out(program, y, 1)) && isnan(at(s, 1)));
    eddy_set_item(s, 1);
    eddy_set_eager(tape, true);
    ck_assert(!eddy_run(program));
    ck_assert_int_eq(atoi(strstr(eddy_error(tape), ".c:") + 3), atoi(strstr(line, ".c:") + 3) + 1);
    check_sentence(tape, "",
                   (const char *[]){ "sqrt: the result has NaN at element 1 of shape (3,)",
                                     "step 2 of outer at user.c:70", NULL });
    VALUES(s, 1, 1, 1);
    eddy_set_item(x, 4);
    ck_assert(eddy_run(program));
    VALUES(s, 3, 3, 3);
    eddy_tape_free(tape);
}
END_TEST

/* A training step of a small recurrence, in a tape that counts what is allocated. */
START_TEST(running_allocates_nothing)
{
    fault f;
    fault_install(&f, 0);
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_lstm lstm = eddy_lstm_new(tape, "lstm", 3, 5);
    eddy_var x = input(tape, EDDY_SHAPE(6, 2, 3), -1, 1),
             loss = eddy_mean(eddy_square(eddy_dropout(eddy_unroll(&lstm.cell, x, NULL).last, 0.5)));
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
    eddy_var norm = eddy_clip_grad_norm(&grads, 0.5);
    eddy_program *program = eddy_compile(tape, EDDY_LIST(loss, norm), eddy_adam(params, grads, NULL));
    OK(tape);
    ck_assert(eddy_run(program));
    long asked = f.asked, living = f.living;
    for (int i = 0; i < 5; i++) {
        ck_assert(eddy_run(program));
        ck_assert(!isnan(eddy_output(program, loss)) && eddy_output_tensor(program, norm));
    }
    ck_assert_int_eq(f.asked, asked);
    ck_assert_int_eq(f.living, living);
    /* programs are freed one by one, or with their tape */
    eddy_program *other = eddy_compile(tape, EDDY_LIST(loss), EDDY_NONE),
                 *third = eddy_compile(tape, EDDY_LIST(norm), EDDY_NONE);
    ck_assert(eddy_run(other) && eddy_run(third));
    eddy_program_free(other);
    ck_assert(eddy_run(third) && eddy_run(program));
    eddy_tape_free(tape);
    ck_assert_int_eq(f.living, 0);
    eddy_set_allocator(NULL);
}
END_TEST

START_TEST(buffers_are_reused)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(1000), -1, 1), y = x, unused = eddy_exp(eddy_exp(x));
    for (int i = 0; i < 50; i++) /* each reads the one before from its end, so no two go through the cache together */
        y = eddy_tanh(eddy_add(eddy_flip(y, 0), x));
    eddy_program *program = eddy_compile(tape, EDDY_LIST(y), EDDY_NONE);
    OK(tape);
    eddy_program_stats stats = eddy_program_describe(program);
    ck_assert_int_le(stats.nodes, 100); /* not the unused ones */
    ck_assert_int_gt(stats.nodes, 0);
    if (!getenv("EDDY_PASSES")) { /* which may switch the sharing off */
        ck_assert_int_lt(stats.bytes, stats.bytes_unshared);
        ck_assert_int_le(stats.bytes, 4 * 8064);
    }
    ck_assert(eddy_run(program));
    for (int i = 0; i < 1000; i += 100)
        ck_assert(same_bits(out(program, y, i), at(y, i)));
    ck_assert(eddy_ok(unused));
    eddy_tape_free(tape);
}
END_TEST

START_TEST(the_tape_may_be_reset)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(4), -1, 1), i = input_of(tape, EDDY_I32, EDDY_SHAPE(1), 0, 0);
    eddy_mark mark = eddy_mark_now(tape);
    eddy_scope_push(tape, "first.c:1", "first", -1);
    eddy_scope_push(tape, NULL, "step", 6);
    eddy_var y = eddy_sin(eddy_concat(0, x, eddy_index_select(x, 0, i)));
    eddy_scope_pop(tape);
    eddy_scope_pop(tape);
    double wanted[5];
    for (int k = 0; k < 5; k++)
        wanted[k] = sin(at(x, k % 4));
    eddy_program *program = eddy_compile(tape, EDDY_LIST(y), EDDY_NONE);
    for (int round = 0; round < 20; round++) {
        eddy_reset(tape, mark);
        ck_assert_int_eq(eddy_node_count(tape), 0);
        eddy_scope_push(tape, "second.c:2", "second", -1);
        eddy_scope_push(tape, NULL, "step", 1);
        eddy_var z = x; /* other nodes take the place of the old ones */
        for (int64_t n = below(300); n >= 0; n--)
            z = eddy_concat(0, eddy_slice(z, 0, 0, 2, 1), eddy_slice(z, 0, 1, 3, 1));
        eddy_scope_pop(tape);
        eddy_scope_pop(tape);
        at(z, 0);
        ck_assert(eddy_run(program));
        for (int k = 0; k < 5; k++)
            ck_assert(out(program, y, k) == wanted[k]);
    }
    /* its sentences are still about where its nodes were recorded */
    eddy_set_item(i, 4);
    ck_assert(!eddy_run(program));
    check_sentence(tape, "", (const char *[]){ "index at (0,) is 4", "step 6 of first at first.c:1", NULL });
    eddy_tape_free(tape);
}
END_TEST

/* Programs of one tape see each other's writes. */
START_TEST(programs_share_leaves)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var w = input(tape, EDDY_SHAPE(2), 1, 1), x = input(tape, EDDY_SHAPE(2), 3, 3), y = eddy_mul(w, x);
    eddy_program *use = eddy_compile(tape, EDDY_LIST(y), EDDY_NONE),
                 *grow = eddy_compile(tape, EDDY_NONE, EDDY_LIST(eddy_assign(w, eddy_add_scalar(w, 1))));
    for (int k = 1; k < 4; k++) {
        ck_assert(eddy_run(use) && out(use, y, 0) == 3 * k);
        ck_assert(eddy_run(grow));
        ck_assert(at(y, 1) == 3 * (k + 1));
    }
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_program(void)
{
    Suite *suite = suite_create("program");
    TCase *tests = tcase_create("program");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, run_many);
    tcase_add_test(tests, what_cannot_be_compiled);
    tcase_add_test(tests, writes_commit_together);
    tcase_add_test(tests, a_failed_run_writes_nothing);
    tcase_add_test(tests, eager_mode_in_a_run);
    tcase_add_test(tests, running_allocates_nothing);
    tcase_add_test(tests, buffers_are_reused);
    tcase_add_test(tests, the_tape_may_be_reset);
    tcase_add_test(tests, programs_share_leaves);
    suite_add_tcase(suite, tests);
    return suite;
}
