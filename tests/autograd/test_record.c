/* Recording: what becomes a node, what a handle says about itself, and calls without a site. */
#include "recording.h"

#include "node.h"

START_TEST(what_a_handle_says)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_tensor w = random_tensor(EDDY_F64, EDDY_SHAPE(3, 2), -1, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(4, 2)), i = eddy_input_of(tape, "i", EDDY_I64, EDDY_SHAPE(5)),
             p = eddy_parameter(tape, "p", &w), s = eddy_state(tape, "s", &w), c = eddy_constant(tape, &w),
             y = eddy_matmul(x, eddy_transpose(p, 0, 1)), z = eddy_cast(y, EDDY_F64);
    OK(tape);
    const struct {
        eddy_var var;
        eddy_role role;
        eddy_dtype dtype;
        const char *name;
    } rows[] = { { x, EDDY_INPUT, EDDY_F32, "x" },           { i, EDDY_INPUT, EDDY_I64, "i" },
                 { p, EDDY_PARAMETER, EDDY_F32, "p" },       { s, EDDY_STATE, EDDY_F64, "s" },
                 { c, EDDY_CONSTANT, EDDY_F32, "constant" }, { y, EDDY_NODE, EDDY_F32, "matmul" },
                 { z, EDDY_NODE, EDDY_F64, "cast" } };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        ck_assert(eddy_ok(rows[k].var));
        ck_assert_int_eq(eddy_role_of(rows[k].var), rows[k].role);
        ck_assert_int_eq(eddy_dtype_of(rows[k].var), rows[k].dtype);
        ck_assert_str_eq(eddy_name_of(rows[k].var), rows[k].name);
    }
    ck_assert(has_shape(y, EDDY_SHAPE(4, 3)) && has_shape(i, EDDY_SHAPE(5)));
    ck_assert_int_eq(eddy_size(y, 0), 4);
    ck_assert_int_eq(eddy_size(y, -1), 3);
    ck_assert_int_eq(eddy_size(y, 2), -1);
    ck_assert_int_eq(eddy_size(y, -3), -1);
    ck_assert(eddy_same(y, y) && !eddy_same(y, z) && !eddy_same(x, p));
    eddy_tensor_free(&w);
    eddy_tape_free(tape);
}
END_TEST

static eddy_var twice(eddy_var (*f)(eddy_var), eddy_var x)
{
    return f(f(x));
}

/* Recording computes nothing, counts nodes, keeps the site; a function pointer has none and takes that of the scope. */
START_TEST(nodes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(2)); /* has no value */
    const char *line = EDDY_HERE;
    eddy_var y = eddy_exp(x);
    const eddy_node *node = eddy_node_at(tape, y.index);
    ck_assert_int_eq(atoi(strstr(node->site, ".c:") + 3), atoi(strstr(line, ".c:") + 3) + 1);
    ck_assert_str_eq(node->rule->name, "exp");
    ck_assert(!node->is_gradient && node->scope == -1 && node->count == 1 && node->operand[0] == x.index);
    ck_assert_int_eq(eddy_node_count(tape), 1);
    eddy_var z = twice(eddy_tanh, y);
    ck_assert_int_eq(eddy_node_count(tape), 3);
    ck_assert_ptr_null(eddy_node_at(tape, z.index)->site);
    eddy_scope_push(tape, "user.c:9", "f", -1);
    z = twice(eddy_tanh, y);
    ck_assert_str_eq(eddy_node_at(tape, z.index)->site, "user.c:9");
    eddy_scope_pop(tape);

    eddy_list grads = eddy_gradients(eddy_sum(z), EDDY_LIST(x));
    node = eddy_node_at(tape, grads.items[0].index);
    ck_assert(node->is_gradient);
    int inherited = 0;
    for (int32_t i = 0; i < tape->count; i++)
        inherited += eddy_node_at(tape, i)->is_gradient && eddy_node_at(tape, i)->site &&
                     !strcmp(eddy_node_at(tape, i)->site, "user.c:9");
    ck_assert_int_ge(inherited, 4); /* of the two tanh */
    ck_assert(!tape->in_gradient && tape->scope == -1 && !tape->here);

    /* More operands than a node has room for. */
    eddy_var many[40];
    for (int i = 0; i < 40; i++)
        many[i] = eddy_full(tape, EDDY_SHAPE(2), i);
    eddy_var sum = eddy_sum_list((eddy_list){ many, 40 });
    ck_assert_int_eq(eddy_node_at(tape, sum.index)->count, 40);
    VALUES(sum, 780, 780);
    ck_assert(eddy_tape_verify(tape, 0));
    eddy_tape_free(tape);
}
END_TEST

/* What changes nothing records nothing. */
START_TEST(no_needless_nodes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 3), 0, 1);
    ck_assert(eddy_same(eddy_reshape(x, EDDY_SHAPE(2, -1)), x) && eddy_same(eddy_broadcast_to(x, EDDY_SHAPE(2, 3)), x));
    ck_assert(eddy_same(eddy_sum_to(x, EDDY_SHAPE(2, 3)), x) && eddy_same(eddy_cast(x, EDDY_F64), x) &&
              eddy_same(eddy_sum_list(EDDY_LIST(x)), x));
    ck_assert(eddy_same(eddy_dropout(x, 0), x) && eddy_same(eddy_clamp(x, -INFINITY, INFINITY), x));
    ck_assert_int_eq(eddy_node_count(tape), 0);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(impossible_shapes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_full(tape, EDDY_SHAPE(1 << 30, 1), 1), y = eddy_full(tape, EDDY_SHAPE(1, 1 << 30, 1 << 20), 1);
    OK(tape);
    FAILS(tape, eddy_full(tape, EDDY_SHAPE(1, 1, 1, 1, 1, 1, 1, 1, 1), 0), "full: ", "more than 8");
    FAILS(tape, eddy_full(tape, EDDY_SHAPE(2, -1), 0), "full: ", "(2, -1)");
    FAILS(tape, eddy_add(eddy_reshape(x, EDDY_SHAPE(1 << 30, 1, 1)), y), "add: ", "too large");
    FAILS(tape, eddy_full_of(tape, (eddy_dtype)0, EDDY_SCALAR, 0), "full: 0 is no dtype");
    FAILS(tape, eddy_cast(x, (eddy_dtype)77), "cast: 77 is no dtype");
    eddy_var e = eddy_full(tape, EDDY_SHAPE(1, 1, 1, 1, 1, 1, 1, 1), 0);
    FAILS(tape, eddy_unsqueeze(e, 0), "unsqueeze: ", "at most 8");
    FAILS(tape, eddy_stack(0, e, e), "stack: ", "out of range");
    FAILS(tape, eddy_one_hot(eddy_cast(e, EDDY_I32), 2), "one_hot: ");
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_record(void)
{
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("record");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, what_a_handle_says);
    tcase_add_test(tests, nodes);
    tcase_add_test(tests, no_needless_nodes);
    tcase_add_test(tests, impossible_shapes);
    suite_add_tcase(suite, tests);
    return suite;
}
