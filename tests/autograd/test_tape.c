/* The tape: life, failures that stick and name the user's line, scopes, marks and resets, lists, eager mode. */
#include "failing_memory.h"
#include "recording.h"

START_TEST(life)
{
    eddy_tape *a = eddy_tape_new(EDDY_F32, 7), *b = eddy_tape_new(EDDY_F64, 0);
    ck_assert(a && b);
    ck_assert_int_eq(eddy_tape_dtype(a), EDDY_F32);
    ck_assert_int_eq(eddy_tape_dtype(b), EDDY_F64);
    ck_assert_uint_eq(eddy_tape_seed(a), 7);
    ck_assert_int_eq(eddy_node_count(a), 0);
    ck_assert_ptr_null(eddy_error(a));
    eddy_tape_free(a);
    eddy_tape_free(b);
    const int wrong[] = { EDDY_I32, EDDY_I64, 0, 99 };
    for (int i = 0; i < 4; i++) {
        eddy_tape *tape = eddy_tape_new((eddy_dtype)wrong[i], 0);
        ck_assert_ptr_nonnull(tape);
        check_sentence(tape, "", (const char *[]){ "EDDY_F32 or EDDY_F64", NULL });
        eddy_tape_free(tape);
    }
}
END_TEST

/* Every function of the tape takes NULL and {0}. */
START_TEST(null_everywhere)
{
    eddy_var none = { 0 };
    eddy_tape_free(NULL);
    ck_assert_int_eq(eddy_tape_dtype(NULL), 0);
    ck_assert_uint_eq(eddy_tape_seed(NULL), 0);
    ck_assert_ptr_nonnull(strstr(eddy_error(NULL), "out of memory"));
    ck_assert(!eddy_ok(eddy_fail(NULL, "x")));
    eddy_clear_error(NULL);
    eddy_set_eager(NULL, true);
    eddy_push(NULL, "x");
    eddy_pop(NULL);
    eddy_tensor number = eddy_tensor_wrap(&(double){ 1 }, EDDY_F64, EDDY_SCALAR);
    ck_assert(!eddy_input(NULL, "x", EDDY_SCALAR).tape && !eddy_input_of(NULL, "x", EDDY_I32, EDDY_SCALAR).tape);
    ck_assert(!eddy_parameter(NULL, "x", &number).tape && !eddy_state(NULL, "x", &number).tape &&
              !eddy_constant(NULL, &number).tape);
    ck_assert(!eddy_set(none, &number, 8) && !eddy_set_tensor(none, &number) && !eddy_set_item(none, 1));
    ck_assert(!eddy_find(NULL, "x").tape && !eddy_parameters(NULL).count && !eddy_leaves(NULL, EDDY_INPUT).count);
    ck_assert(!eddy_ok(none) && eddy_same(none, none));
    ck_assert_int_eq(eddy_shape_of(none).rank, -1);
    ck_assert_int_eq(eddy_size(none, 0), -1);
    ck_assert_int_eq(eddy_dtype_of(none), 0);
    ck_assert_int_eq(eddy_role_of(none), EDDY_NODE);
    ck_assert_str_eq(eddy_name_of(none), "");
    ck_assert_ptr_null(eddy_value(none));
    ck_assert(isnan(eddy_item(none)) && !eddy_print(none) && !eddy_get(none, &number, 8));
    ck_assert(!eddy_watch(none, "x").tape && !eddy_watched(NULL, "x", 0).tape);
    ck_assert(!eddy_list_new(NULL, &none, 1).count && !eddy_list_join(NULL, EDDY_LIST(none), EDDY_NONE).count);
    eddy_reset(NULL, eddy_mark_now(NULL));
    ck_assert_int_eq(eddy_node_count(NULL), 0);
    eddy_scope_push(NULL, "here", "x", 0);
    eddy_scope_pop(NULL);
    ck_assert(!eddy_add(none, none).tape && !eddy_full(NULL, EDDY_SCALAR, 1).tape &&
              !eddy_concat_list(0, EDDY_NONE).tape);
    ck_assert(!eddy_gradients(none, EDDY_LIST(none)).items[0].tape && !eddy_unstack(none, 0).items[9].tape &&
              !eddy_gradients_with(EDDY_NONE, EDDY_NONE, EDDY_NONE).count);
    ck_assert_ptr_null(eddy_compile(NULL, EDDY_LIST(none), EDDY_NONE));
    eddy_program_free(NULL);
    ck_assert(!eddy_run(NULL) && isnan(eddy_output(NULL, none)) && !eddy_output_tensor(NULL, none) &&
              !eddy_program_describe(NULL).nodes);
    ck_assert(!eddy_bernoulli(NULL, EDDY_SCALAR, 0.5).tape && !eddy_dropout(none, 0.5).tape &&
              !eddy_assign(none, none).tape);
}
END_TEST

START_TEST(the_first_failure_sticks)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 3), 0, 1), y = input(tape, EDDY_SHAPE(4, 3), 0, 1), good = eddy_exp(x);
    const char *line = EDDY_HERE ":";
    eddy_var bad = eddy_add(x, y), next = eddy_tanh(bad), other = eddy_matmul(x, y);
    ck_assert_ptr_nonnull(eddy_error(tape));
    ck_assert_int_eq(atoi(strrchr(eddy_error(tape), 'c') ? strstr(eddy_error(tape), ".c:") + 3 : ""),
                     atoi(strstr(line, ".c:") + 3) + 1);
    ck_assert_ptr_nonnull(strstr(eddy_error(tape), "add: "));
    ck_assert_ptr_nonnull(strstr(eddy_error(tape), "(2, 3) and (4, 3)"));
    ck_assert(!eddy_ok(bad) && !eddy_ok(next) && !eddy_ok(other) && eddy_ok(good));
    ck_assert_ptr_eq(bad.tape, tape);
    ck_assert_int_eq(eddy_shape_of(bad).rank, -1);
    ck_assert_str_eq(eddy_name_of(bad), "");
    char first[EDDY_STATUS_SIZE];
    snprintf(first, sizeof first, "%s", eddy_error(tape));

    /* Everything fails now, and the sentence stays. */
    double d[6];
    ck_assert(!eddy_value(good) && isnan(eddy_item(good)) && !eddy_get(good, d, sizeof d) && !eddy_print(good));
    ck_assert(!eddy_set(x, d, sizeof d) && !eddy_set_item(x, 1));
    ck_assert(!eddy_ok(eddy_input(tape, "late", EDDY_SCALAR)) && !eddy_ok(eddy_full(tape, EDDY_SCALAR, 1)) &&
              !eddy_ok(eddy_watch(good, "w")));
    eddy_list list = eddy_gradients(eddy_sum(good), EDDY_LIST(x, y));
    ck_assert_int_eq(list.count, 2);
    ck_assert(!eddy_ok(list.items[0]) && !eddy_ok(list.items[1]));
    ck_assert_ptr_null(eddy_compile(tape, EDDY_LIST(good), EDDY_NONE));
    list = eddy_chunk(x, 0, 2);
    ck_assert(list.count == 2 && !eddy_ok(list.items[1]));
    ck_assert(!eddy_ok(eddy_fail(tape, "later")));
    ck_assert_str_eq(eddy_error(tape), first);

    eddy_clear_error(tape);
    OK(tape);
    ck_assert(!eddy_find(tape, "late").tape);
    FAILS(tape, eddy_exp(bad), "exp: ", "operand 1 is the result of a failed call");
    FAILS(tape, eddy_fail(tape, "the cell dislikes its input"), "the cell dislikes its input");
    FAILS(tape, eddy_fail(tape, "%s", ""), "failed");
    FAILS(tape, eddy_fail(tape, "%d rows of %s", 3, "x"), "test_tape.c:", ": 3 rows of x");
    eddy_var (*by_address)(eddy_tape *, const char *, ...) = eddy_fail;
    eddy_scope_push(tape, "user.c:7", "cell", -1);
    ck_assert(!eddy_ok(by_address(tape, "%.1f", 2.5)));
    ck_assert_str_eq(eddy_error(tape), "user.c:7: 2.5 (in cell at user.c:7)");
    eddy_scope_pop(tape);
    eddy_clear_error(tape);
    ck_assert_double_eq_tol(at(good, 0), exp(at(x, 0)), 1e-14);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(wrong_handles)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1), *other = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(3), 0, 1), foreign = input(other, EDDY_SHAPE(3), 0, 1), none = { 0 };
    FAILS(tape, eddy_add(x, foreign), "add: operand 2 belongs to another tape");
    FAILS(tape, eddy_where(x, x, none), "where: operand 3 is no var ({0})");
    FAILS(tape, eddy_where(none, x, x), "where: operand 1 is no var ({0})");
    FAILS(tape, eddy_exp((eddy_var){ tape, -900, 0 }), "no handle");
    FAILS(tape, eddy_exp((eddy_var){ tape, 12345, 0 }), "was reset");
    FAILS(tape, eddy_concat(0, x, foreign), "concat: operand 2 belongs to another tape");
    FAILS(tape, eddy_set_item((eddy_var){ tape, INT32_MAX, 3 }, 1), "was reset");
    FAILS(tape, eddy_gradients(eddy_sum(x), EDDY_LIST(foreign)), "item of wrt 1 belongs to another tape");
    FAILS(tape, eddy_gradients_with(EDDY_LIST(x), EDDY_LIST(foreign), EDDY_LIST(x)),
          "cotangent 1 belongs to another tape");
    FAILS(tape, eddy_gradients(eddy_sum(x), EDDY_LIST(x, none)), "item of wrt 2 is no var");
    FAILS(tape, eddy_compile(tape, EDDY_LIST(foreign), EDDY_NONE), "another tape");
    OK(other);
    eddy_tape_free(tape);
    eddy_tape_free(other);
}
END_TEST

START_TEST(reset_drops_what_is_younger)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(4), -1, 1), old = eddy_watch(eddy_exp(x), "old");
    at(old, 0);
    eddy_mark mark = eddy_mark_now(tape);
    eddy_var young = eddy_watch(eddy_tanh(old), "young"), late = input(tape, EDDY_SHAPE(4), 0, 1);
    eddy_list list = eddy_list_new(tape, (eddy_var[]){ young, old }, 2);
    double kept = at(late, 1);
    at(young, 0);
    eddy_program *program = eddy_compile(tape, EDDY_LIST(young), EDDY_NONE);
    ck_assert_int_eq(eddy_node_count(tape), 2);
    eddy_reset(tape, mark);
    OK(tape);
    ck_assert_int_eq(eddy_node_count(tape), 1);
    ck_assert(eddy_ok(old) && !eddy_ok(young) && eddy_ok(late));
    ck_assert(!eddy_watched(tape, "young", -1).tape && eddy_same(eddy_watched(tape, "old", -1), old));
    ck_assert(at(late, 1) == kept);
    ck_assert_double_eq_tol(at(old, 2), exp(at(x, 2)), 1e-14);
    FAILS(tape, eddy_exp(young), "operand 1 was reset", "record it again");
    FAILS(tape, eddy_value(young), "value: ", "was reset");
    FAILS(tape, eddy_sum_list(list), "was reset"); /* a stale list still holds handles */
    ck_assert(eddy_run(program));                  /* programs stay */
    ck_assert_double_eq_tol(eddy_tensor_flat(eddy_output_tensor(program, young), 3), tanh(exp(at(x, 3))), 1e-14);

    /* The same node number again is another node. */
    eddy_var again = eddy_sin(old);
    ck_assert(again.index == young.index && !eddy_same(again, young) && eddy_ok(again) && !eddy_ok(young));
    FAILS(tape, eddy_neg(young), "was reset");
    ck_assert_double_eq_tol(at(again, 0), sin(exp(at(x, 0))), 1e-14);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(reset_and_failures)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(4), -1, 1);
    eddy_mark before = eddy_mark_now(tape);
    eddy_reshape(x, EDDY_SHAPE(3));
    eddy_mark after = eddy_mark_now(tape);
    eddy_reset(tape, after);
    ck_assert_ptr_nonnull(eddy_error(tape)); /* older than the mark */
    eddy_reset(tape, before);
    OK(tape);

    /* A name pushed before a failure is popped after it. */
    eddy_push(tape, "outer");
    eddy_reshape(x, EDDY_SHAPE(3));
    eddy_push(tape, "inner.most");
    eddy_pop(tape);
    eddy_pop(tape);
    eddy_reset(tape, before);
    OK(tape);
    ck_assert_str_eq(eddy_name_of(eddy_input(tape, "plain", EDDY_SCALAR)), "plain");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(void_marks)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(4), -1, 1);
    eddy_mark empty = eddy_mark_now(tape);
    for (int i = 0; i < 5; i++)
        eddy_exp(x);
    eddy_mark five = eddy_mark_now(tape);
    eddy_reset(tape, empty);
    ck_assert_int_eq(eddy_node_count(tape), 0);
    eddy_reset(tape, five);
    check_sentence(tape, "", (const char *[]){ "reset", "void", "eddy_mark_now", NULL });
    for (int i = 0; i < 9; i++)
        eddy_exp(x);
    eddy_reset(tape, five); /* five nodes there are, but other ones */
    check_sentence(tape, "", (const char *[]){ "void", NULL });
    ck_assert_int_eq(eddy_node_count(tape), 9);
    eddy_reset(tape, empty);
    eddy_reset(tape, empty);
    OK(tape);
    ck_assert_int_eq(eddy_node_count(tape), 0);
    eddy_tape_free(tape);
}
END_TEST

/* Resets to nested marks in random order, over the borders of the node chunks: what is left is right. */
START_TEST(many_nodes_and_marks)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2), 1, 2), one = eddy_full(tape, EDDY_SCALAR, 1);
    enum { DEEP = 6 };
    eddy_mark marks[DEEP];
    int64_t counts[DEEP];
    eddy_var last[DEEP + 1] = { eddy_mul(x, one) };
    double wanted[DEEP + 1] = { 0 };
    int depth = 0;
    for (int round = 0; round < 40; round++) {
        if (depth < DEEP && below(3)) {
            marks[depth] = eddy_mark_now(tape);
            counts[depth] = eddy_node_count(tape);
            eddy_var y = last[depth];
            wanted[depth + 1] = wanted[depth];
            for (int64_t n = below(1500); n >= 0; n--) {
                y = eddy_add(y, one);
                wanted[depth + 1] += 1;
                if (n % 100 == 7)
                    eddy_list_new(tape, &y, 1);
            }
            last[++depth] = y;
        } else if (depth) {
            depth = (int)below(depth);
            eddy_reset(tape, marks[depth]);
            ck_assert_int_eq(eddy_node_count(tape), counts[depth]);
        }
        OK(tape);
        check_near(at(last[depth], 1), at(x, 1) + wanted[depth], wanted[depth] + 2, wanted[depth] + 1);
    }
    eddy_tape_free(tape);
}
END_TEST

START_TEST(lists)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var a = eddy_full(tape, EDDY_SCALAR, 1), b = eddy_full(tape, EDDY_SCALAR, 2), local[] = { a, b };
    eddy_list list = eddy_list_new(tape, local, 2), blank = eddy_list_new(tape, NULL, 3),
              both = eddy_list_join(tape, list, EDDY_LIST(b));
    local[0] = b;
    ck_assert(list.count == 2 && eddy_same(list.items[0], a) && eddy_same(list.items[1], b));
    ck_assert(blank.count == 3 && !blank.items[2].tape);
    ck_assert(both.count == 3 && eddy_same(both.items[0], a) && eddy_same(both.items[2], b));
    ck_assert(!eddy_list_new(tape, NULL, 0).count && !eddy_list_join(tape, EDDY_NONE, EDDY_NONE).count);
    ck_assert_int_eq(eddy_list_join(tape, EDDY_NONE, list).count, 2);
    OK(tape);
    eddy_list_new(tape, NULL, INT64_MAX);
    check_sentence(tape, "", (const char *[]){ "out of memory", NULL });
    eddy_list_new(tape, NULL, -1);
    check_sentence(tape, "", (const char *[]){ "list: a list of -1 items", NULL });
    ck_assert(eddy_list_ok(tape, "mine", list) && eddy_list_ok(tape, "mine", EDDY_NONE));
    FAILS(tape, eddy_list_ok(tape, "mine", (eddy_list){ NULL, 3 }), "mine: a list of 3 items without the items");
    ck_assert(!eddy_ok(eddy_list_join(tape, list, (eddy_list){ list.items, -2 }).items[0]));
    check_sentence(tape, "", (const char *[]){ "list_join: a list of -2 items", NULL });
    ck_assert_ptr_eq(eddy_list_tape((eddy_list){ (eddy_var[]){ { 0 }, a }, 2 }), tape);
    ck_assert_ptr_null(eddy_list_tape((eddy_list){ NULL, 3 }));
    eddy_list large = eddy_list_new(tape, NULL, 100000); /* larger than a chunk */
    ck_assert_int_eq(large.count, 100000);
    ck_assert(!large.items[99999].tape);
    eddy_tape_free(tape);
}
END_TEST

/* Whoever asked for a list may index it, whatever went wrong. */
START_TEST(lists_of_failed_calls)
{
    fault f;
    fault_install(&f, 0);
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_fail(tape, "no");
    eddy_list parts = eddy_unstack(x, 0), chunks = eddy_chunk(x, 0, 5000);
    ck_assert(parts.count == 0 && chunks.count == 5000);
    for (int i = 0; i < EDDY_FAILED_ITEMS; i++)
        ck_assert(parts.items[i].tape == tape && !eddy_ok(parts.items[i]));
    for (int i = 0; i < 5000; i++)
        ck_assert(chunks.items[i].tape == tape && !eddy_ok(chunks.items[i]));
    ck_assert(!eddy_ok(eddy_add(parts.items[0], parts.items[1])));
    /* What is written there does not stay. */
    eddy_clear_error(tape);
    parts.items[3] = eddy_full(tape, EDDY_SCALAR, 1);
    ck_assert(!eddy_ok(eddy_unstack(x, 0).items[3]));
    eddy_clear_error(tape);
    f.fail_at = f.asked + 1;
    ck_assert(!eddy_ok(eddy_list_new(tape, NULL, 1 << 20).items[EDDY_FAILED_ITEMS - 1]) && eddy_error(tape));
    f.fail_at = f.asked + 1;
    ck_assert(!eddy_ok(eddy_chunk(x, 0, 1 << 20).items[EDDY_FAILED_ITEMS - 1]));
    eddy_tape_free(tape);
    eddy_set_allocator(NULL);
    ck_assert_int_eq(f.living, 0);
}
END_TEST

START_TEST(scopes_name_the_users_line_and_step)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2), 1, 2), (*plain)(eddy_var, eddy_shape) = eddy_reshape;
    eddy_scope_push(tape, "user.c:12", "unroll", -1);
    eddy_scope_push(tape, NULL, "step", 3);
    plain(x, EDDY_SHAPE(5)); /* a call without a site: that of the scope */
    check_sentence(tape, "user.c:12", (const char *[]){ "(2,)", "(5,)", "step 3 of unroll at user.c:12", NULL });
    FAILS(tape, eddy_reshape(x, EDDY_SHAPE(5)), "step 3 of unroll at user.c:12"); /* the cell's own line */
    eddy_watch(eddy_exp(x), "inside");
    eddy_scope_pop(tape);
    plain(x, EDDY_SHAPE(5));
    check_sentence(tape, "user.c:12", (const char *[]){ "in unroll at user.c:12", NULL });
    eddy_scope_pop(tape);
    plain(x, EDDY_SHAPE(5));
    ck_assert_ptr_null(strstr(eddy_error(tape), "unroll"));
    eddy_clear_error(tape);
    eddy_scope_pop(tape); /* one too many: nothing happens */
    ck_assert(eddy_ok(eddy_watched(tape, "inside", 3)) && !eddy_watched(tape, "inside", 2).tape &&
              !eddy_watched(tape, "inside", -1).tape);

    /* A failure while running names the step in which the node was recorded, whatever scope is open now. */
    eddy_var index = eddy_input_of(tape, "index", EDDY_I32, EDDY_SHAPE(1));
    eddy_scope_push(tape, "user.c:40", "walk", 5);
    eddy_var y = eddy_index_select(x, 0, index);
    eddy_scope_pop(tape);
    eddy_set(index, &(int32_t){ 2 }, 4);
    eddy_value(y);
    check_sentence(tape, "", (const char *[]){ "gather", "step 5 of walk at user.c:40", NULL });
    eddy_tape_free(tape);
}
END_TEST

START_TEST(watching)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2), 1, 2), a = eddy_exp(x), b = eddy_sin(x);
    ck_assert(eddy_same(eddy_watch(a, "w"), a));
    ck_assert_str_eq(eddy_name_of(a), "w");
    ck_assert_str_eq(eddy_name_of(b), "sin");
    ck_assert(eddy_same(eddy_watched(tape, "w", -1), a));
    eddy_watch(b, "w");
    ck_assert(eddy_same(eddy_watched(tape, "w", -1), b)); /* the latest */
    eddy_watch(x, "leaf");
    ck_assert(eddy_same(eddy_watched(tape, "leaf", -1), x));
    ck_assert(!eddy_watched(tape, "none", -1).tape && !eddy_watched(tape, NULL, -1).tape &&
              !eddy_watched(tape, "w", 0).tape);
    FAILS(tape, eddy_watch(a, NULL), "watch: the name is empty");
    FAILS(tape, eddy_watch(a, ""), "watch: the name is empty");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(eager_mode_finds_where_a_nan_is_born)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_set_eager(tape, true);
    eddy_var late = eddy_input(tape, "late", EDDY_SHAPE(3)), x = VECTOR(tape, 1, 0, -1);
    eddy_var waits = eddy_log(late), fine = eddy_exp(x);
    OK(tape);
    FAILS(tape, eddy_log(fine.tape ? x : x), "log: ", "infinity", "element 1", "(3,)");
    FAILS(tape, eddy_sqrt(x), "sqrt: ", "NaN", "element 2");
    ck_assert(eddy_set(late, (double[]){ 1, 2, -3 }, 24));
    eddy_value(waits);
    ck_assert_ptr_nonnull(eddy_error(tape));
    ck_assert_ptr_nonnull(strstr(eddy_error(tape), "log: "));
    eddy_clear_error(tape);
    eddy_set_eager(tape, false);
    ck_assert(isnan(at(waits, 2)));

    /* sqrt(0) is fine, its gradient is not: the sentence has the line of the sqrt. */
    eddy_set_eager(tape, true);
    eddy_var zero = VECTOR(tape, 0, 1);
    const char *line = EDDY_HERE;
    eddy_var root = eddy_sqrt(zero);
    OK(tape);
    eddy_gradients(eddy_sum(root), EDDY_LIST(zero));
    ck_assert_int_eq(atoi(strstr(eddy_error(tape), ".c:") + 3), atoi(strstr(line, ".c:") + 3) + 1);
    check_sentence(tape, "", (const char *[]){ "in its gradient", "infinity", NULL });
    eddy_tape_free(tape);

    ck_assert(!setenv("EDDY_EAGER", "1", 1));
    tape = eddy_tape_new(EDDY_F32, 1);
    FAILS(tape, eddy_log(eddy_full(tape, EDDY_SCALAR, -1)), "log: ", "NaN");
    eddy_tape_free(tape);
    ck_assert(!setenv("EDDY_EAGER", "0", 1));
    tape = eddy_tape_new(EDDY_F32, 1);
    ck_assert(eddy_ok(eddy_log(eddy_full(tape, EDDY_SCALAR, -1))));
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

/* A little of everything, with the n-th allocation failing: a sentence or success, and no leak. True when nothing
 * failed any more. */
static bool work(void)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    if (!tape)
        return false;
    eddy_push(tape, "a");
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(3, 4));
    eddy_set_item(x, 0.5);
    eddy_scope_push(tape, "user.c:1", "s", 0);
    eddy_var parts[5];
    for (int i = 0; i < 5; i++)
        parts[i] = eddy_watch(eddy_tanh(eddy_slice(x, 1, i % 3, i % 3 + 1, 1)), "part");
    eddy_scope_pop(tape);
    eddy_var loss = eddy_sum(eddy_square(eddy_concat_list(1, eddy_list_new(tape, parts, 5))));
    eddy_list grads = eddy_gradients(loss, EDDY_LIST(x));
    eddy_program *program =
        eddy_compile(tape, EDDY_LIST(loss), EDDY_LIST(eddy_assign(x, grads.count ? grads.items[0] : x)));
    bool done = eddy_run(program) && !isnan(eddy_output(program, loss)) && !isnan(eddy_item(loss));
    ck_assert(done == !eddy_error(tape));
    ck_assert(done || strstr(eddy_error(tape), "out of memory"));
    eddy_clear_error(tape);
    eddy_scope_push(tape, "user.c:2", "t", 1);
    eddy_scope_pop(tape);
    eddy_pop(tape);
    eddy_tape_free(tape);
    return done;
}

START_TEST(failing_allocations)
{
    fault f;
    long n = 0;
    for (bool done = false; !done; n++) {
        fault_install(&f, n + 1);
        done = work();
        eddy_set_allocator(NULL);
        ck_assert_msg(f.living == 0, "allocation %ld failing leaves %ld blocks", n + 1, f.living);
        ck_assert_int_lt(n, 1000);
    }
    ck_assert_int_gt(n, 20);
}
END_TEST

Suite *suite_tape(void)
{
    Suite *suite = suite_create("tape");
    TCase *tests = tcase_create("tape");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, life);
    tcase_add_test(tests, null_everywhere);
    tcase_add_test(tests, the_first_failure_sticks);
    tcase_add_test(tests, wrong_handles);
    tcase_add_test(tests, reset_drops_what_is_younger);
    tcase_add_test(tests, reset_and_failures);
    tcase_add_test(tests, void_marks);
    tcase_add_test(tests, many_nodes_and_marks);
    tcase_add_test(tests, lists);
    tcase_add_test(tests, lists_of_failed_calls);
    tcase_add_test(tests, scopes_name_the_users_line_and_step);
    tcase_add_test(tests, watching);
    tcase_add_test(tests, eager_mode_finds_where_a_nan_is_born);
    tcase_add_test(tests, failing_allocations);
    suite_add_tcase(suite, tests);
    return suite;
}
