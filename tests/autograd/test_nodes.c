/* The public reader of nodes: what it says of a recording, and that it never fails. */
#include "recording.h"

START_TEST(a_tape_is_read)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 3), -1, 1), w = input(tape, EDDY_SHAPE(3, 2), -1, 1);
    eddy_var y = eddy_watch(eddy_matmul(x, w), "y"), s = eddy_sum_over(y, EDDY_SHAPE(1), false);
    eddy_var two = eddy_full(tape, EDDY_SCALAR, 2), z = eddy_mul(s, two), a = eddy_assign(x, eddy_neg(x));
    eddy_list g = eddy_gradients(eddy_sum(z), EDDY_LIST(w));
    OK(tape);
    char text[64];
    ck_assert_str_eq(eddy_node_read(y).op, "matmul");
    ck_assert_int_eq(eddy_node_read(y).operands, 2);
    ck_assert(eddy_same(eddy_operand(y, 0), x) && eddy_same(eddy_operand(y, 1), w) && !eddy_operand(y, 2).tape);
    ck_assert(eddy_node_read(two).is_number && eddy_node_read(two).number == 2 && !eddy_node_read(y).is_number);
    ck_assert(!eddy_node_read(z).is_gradient && eddy_node_read(g.items[0]).is_gradient);
    eddy_var sum = eddy_operand(s, 0); /* behind the reshape that drops the axis */
    ck_assert_str_eq(eddy_attributes_of(sum, text, sizeof text), "axes (1,)");
    ck_assert_str_eq(eddy_attributes_of(y, text, sizeof text), "");
    ck_assert_str_eq(eddy_attributes_of(eddy_slice(y, 1, 0, 2, 1), text, sizeof text), "[:, :]");
    ck_assert_str_eq(eddy_attributes_of(eddy_transpose(y, 0, 1), text, sizeof text), "axes (1, 0)");
    ck_assert(eddy_operand_is_read(a, 0) && !eddy_operand_is_read(a, 1) && eddy_same(eddy_operand(a, 1), x));
    ck_assert_msg(strstr(eddy_site_of(y), "test_nodes.c:") != NULL, "%s", eddy_site_of(y));
    ck_assert(eddy_same(eddy_node_var(tape, y.index), y) && eddy_same(eddy_leaf_var(tape, 0), x));
    ck_assert(!eddy_node_var(tape, eddy_node_count(tape)).tape && !eddy_leaf_var(tape, eddy_leaf_total(tape)).tape);
    ck_assert_str_eq(eddy_watch_read(tape, 0).name, "y");
    ck_assert(eddy_same(eddy_watch_read(tape, 0).var, y) && eddy_watch_read(tape, 0).step == -1);
    ck_assert_ptr_null(eddy_watch_read(tape, 1).name);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(scopes_are_read)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_rnn m = eddy_rnn_new(tape, "m", 2, 3);
    eddy_var last = eddy_unroll(&m.cell, input(tape, EDDY_SHAPE(4, 1, 2), -1, 1), NULL).last;
    OK(tape);
    int64_t at = eddy_node_read(last).scope;
    ck_assert_int_eq(eddy_scope_read(tape, at).step, 3);
    ck_assert_str_eq(eddy_scope_read(tape, eddy_scope_read(tape, at).parent).name, "unroll");
    ck_assert_int_eq(eddy_scope_read(tape, eddy_scope_read(tape, at).parent).parent, -1);
    ck_assert_ptr_null(eddy_scope_read(tape, -1).name);
    ck_assert_ptr_null(eddy_scope_read(tape, 1000).name);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(what_is_needed)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1), *other = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2), -1, 1), unused = input(tape, EDDY_SHAPE(2), -1, 1);
    eddy_var y = eddy_exp(x), idle = eddy_exp(unused), z = eddy_neg(y);
    unsigned char nodes[3] = { 0 }, leaves[2] = { 0 };
    ck_assert_int_eq(eddy_node_count(tape), 3);
    ck_assert(!eddy_mark_below(other, EDDY_LIST(z), nodes, leaves));
    ck_assert(!eddy_mark_below(tape, EDDY_LIST(z, (eddy_var){ 0 }), nodes, leaves) && !nodes[z.index]);
    ck_assert(!eddy_mark_below(tape, (eddy_list){ NULL, 2 }, nodes, leaves));
    ck_assert(eddy_mark_below(tape, EDDY_LIST(z), nodes, leaves));
    ck_assert(nodes[z.index] && nodes[y.index] && !nodes[idle.index] && leaves[0] && !leaves[1]);
    OK(tape);
    eddy_tape_free(other);
    eddy_tape_free(tape);
}
END_TEST

/* Nothing fails, whatever is asked. */
START_TEST(odd_questions)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2), -1, 1), odd[] = { { 0 }, eddy_failed(tape), x };
    char text[8] = "text";
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        ck_assert_ptr_null(eddy_node_read(odd[i]).op);
        ck_assert(!eddy_operand(odd[i], 0).tape && !eddy_operand_is_read(odd[i], 0));
        ck_assert_str_eq(eddy_attributes_of(odd[i], text, sizeof text), "");
    }
    ck_assert_ptr_null(eddy_site_of(odd[0]));
    ck_assert_ptr_nonnull(eddy_site_of(x));
    ck_assert_int_eq(eddy_leaf_total(NULL), 0);
    ck_assert(!eddy_node_var(NULL, 0).tape && !eddy_leaf_var(NULL, 0).tape && !eddy_node_var(tape, -1).tape);
    ck_assert_ptr_null(eddy_scope_read(NULL, 0).name);
    ck_assert_ptr_null(eddy_watch_read(NULL, 0).name);
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_nodes(void)
{
    Suite *suite = suite_create("nodes");
    TCase *tests = tcase_create("nodes");
    tcase_add_test(tests, a_tape_is_read);
    tcase_add_test(tests, scopes_are_read);
    tcase_add_test(tests, what_is_needed);
    tcase_add_test(tests, odd_questions);
    suite_add_tcase(suite, tests);
    return suite;
}
