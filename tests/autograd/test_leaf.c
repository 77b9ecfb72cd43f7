/* Leaves: names and prefixes, and what may be written into them. */
#include "recording.h"

START_TEST(names)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var a = eddy_input(tape, "x", EDDY_SHAPE(2));
    eddy_push(tape, "enc");
    eddy_push(tape, "layers.0");
    eddy_var b = eddy_input(tape, "x", EDDY_SCALAR);
    eddy_pop(tape);
    eddy_var c = eddy_input(tape, "x", EDDY_SCALAR);
    eddy_pop(tape);
    eddy_var d = eddy_input(tape, "y", EDDY_SCALAR);
    OK(tape);
    ck_assert_str_eq(eddy_name_of(a), "x");
    ck_assert_str_eq(eddy_name_of(b), "enc.layers.0.x");
    ck_assert_str_eq(eddy_name_of(c), "enc.x");
    ck_assert_str_eq(eddy_name_of(d), "y");
    ck_assert(eddy_same(eddy_find(tape, "enc.x"), c) && !eddy_find(tape, "enc").tape && !eddy_find(tape, NULL).tape);
    FAILS(tape, eddy_input(tape, "x", EDDY_SCALAR), "input: there is a leaf named \"x\" already");
    FAILS(tape, eddy_input_of(tape, "enc.x", EDDY_I32, EDDY_SCALAR), "\"enc.x\" already");
    FAILS(tape, eddy_input(tape, NULL, EDDY_SCALAR), "input: the name is empty");
    FAILS(tape, eddy_input(tape, "", EDDY_SCALAR), "input: the name is empty");
    FAILS(tape, eddy_pop(tape), "pop: there is no name to pop");
    FAILS(tape, eddy_push(tape, ""), "push: the name is empty");
    eddy_pop(tape); /* belongs to the push that failed */
    FAILS(tape, eddy_push(tape, NULL), "push: the name is empty");
    eddy_pop(tape);
    OK(tape);
    char longest[600];
    memset(longest, 'n', sizeof longest);
    longest[599] = 0;
    FAILS(tape, eddy_push(tape, longest), "push: the name", "is too long");
    eddy_pop(tape);
    FAILS(tape, eddy_input(tape, longest, EDDY_SCALAR), "input: the name", "is too long");
    for (int i = 0; i < 127; i++)
        eddy_push(tape, "p");
    OK(tape);
    FAILS(tape, eddy_push(tape, "p"), "too long");
    for (int i = 0; i < 128; i++)
        eddy_pop(tape);
    OK(tape);
    ck_assert_str_eq(eddy_name_of(eddy_input(tape, "z", EDDY_SCALAR)), "z");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(making)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_tensor wide = random_tensor(EDDY_F64, EDDY_SHAPE(3, 2), -1, 1), turned,
                whole = random_tensor(EDDY_I32, EDDY_SHAPE(4), 0, 9);
    ck_assert(eddy_tensor_permute(&turned, &wide, (int[]){ 1, 0 }, NULL));
    eddy_var p = eddy_parameter(tape, "p", &turned), s = eddy_state(tape, "s", &whole), c = eddy_constant(tape, &wide);
    ck_assert_int_eq(eddy_dtype_of(p), EDDY_F32);
    ck_assert_int_eq(eddy_dtype_of(s), EDDY_I32);
    ck_assert_int_eq(eddy_dtype_of(c), EDDY_F32); /* as everything that names no dtype */
    ck_assert_int_eq(eddy_dtype_of(eddy_constant(tape, &whole)), EDDY_I32);
    ck_assert(has_shape(p, EDDY_SHAPE(2, 3)));
    for (int i = 0; i < 6; i++) {
        ck_assert(at(p, i) == (float)((double *)wide.data)[i % 3 * 2 + i / 3]);
        ck_assert(at(c, i) == (float)((double *)wide.data)[i]);
    }
    ((double *)wide.data)[0] = 99; /* copies: later changes are not seen */
    ck_assert(at(c, 0) != 99);
    FAILS(tape, eddy_parameter(tape, "q", NULL), "parameter: there is no tensor to copy from");
    FAILS(tape, eddy_state(tape, "q", NULL), "state: there is no tensor");
    eddy_var n = eddy_constant_from(tape, EDDY_SHAPE(2, 2), (double[]){ 1, 0.1, -3, 4 }),
             i = eddy_constant_of(tape, EDDY_I64, EDDY_SHAPE(3), (const double[]){ 2, 0x1p40, -1.9 });
    ck_assert(eddy_dtype_of(n) == EDDY_F32 && eddy_role_of(n) == EDDY_CONSTANT && has_shape(n, EDDY_SHAPE(2, 2)));
    VALUES(n, 1, 0.1F, -3, 4);
    ck_assert_int_eq(eddy_dtype_of(i), EDDY_I64);
    VALUES(i, 2, 0x1p40, -1);
    ck_assert(has_shape(eddy_constant_from(tape, EDDY_SHAPE(0, 3), NULL), EDDY_SHAPE(0, 3)));
    FAILS(tape, eddy_constant_from(tape, EDDY_SHAPE(1), NULL), "constant: there are no numbers to copy from");
    FAILS(tape, eddy_constant_from(tape, EDDY_SHAPE(-1), (double[]){ 1 }), "constant: ", "(-1,)");
    FAILS(tape, eddy_constant_of(tape, (eddy_dtype)9, EDDY_SHAPE(1), (double[]){ 1 }), "constant: 9 is no dtype");
    FAILS(tape, eddy_constant(tape, NULL), "constant: there is no tensor");
    FAILS(tape, eddy_input(tape, "q", EDDY_SHAPE(3, -1)), "input: ", "(3, -1)", "\"q\"");
    FAILS(tape, eddy_input(tape, "q", EDDY_SHAPE(1, 1, 1, 1, 1, 1, 1, 1, 1)), "input: ", "more than 8");
    FAILS(tape, eddy_input_of(tape, "q", (eddy_dtype)9, EDDY_SCALAR), "9 is no dtype");
    ck_assert(!eddy_find(tape, "q").tape);
    eddy_tensor_free(&wide);
    eddy_tensor_free(&whole);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(lists_of_roles)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_tensor one = eddy_tensor_wrap(&(double){ 1 }, EDDY_F64, EDDY_SCALAR);
    eddy_var p = eddy_parameter(tape, "p", &one), x = eddy_input(tape, "x", EDDY_SCALAR),
             s = eddy_state(tape, "s", &one), q = eddy_parameter(tape, "q", &one);
    eddy_constant(tape, &one);
    eddy_list params = eddy_parameters(tape);
    ck_assert(params.count == 2 && eddy_same(params.items[0], p) && eddy_same(params.items[1], q));
    ck_assert(eddy_leaves(tape, EDDY_INPUT).count == 1 && eddy_same(eddy_leaves(tape, EDDY_INPUT).items[0], x));
    ck_assert(eddy_leaves(tape, EDDY_STATE).count == 1 && eddy_same(eddy_leaves(tape, EDDY_STATE).items[0], s));
    ck_assert_int_eq(eddy_leaves(tape, EDDY_CONSTANT).count, 1);
    ck_assert_int_eq(eddy_leaves(tape, EDDY_NODE).count, 0);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(setting)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(2, 3)), i = eddy_input_of(tape, "i", EDDY_I32, EDDY_SHAPE(2)),
             none = eddy_input(tape, "e", EDDY_SHAPE(0));
    const float values[6] = { 1, 2, 3, 4, 5, 6 };
    FAILS(tape, eddy_value(x), "value: \"x\" has no value yet", "eddy_set");
    ck_assert(eddy_set(x, values, sizeof values));
    VALUES(x, 1, 2, 3, 4, 5, 6);
    FAILS(tape, eddy_set(x, values, 20), "set: \"x\" has shape (2, 3) and dtype f32, which is 24 bytes; 20 were given");
    FAILS(tape, eddy_set(x, values, 48), "24 bytes; 48 were given");
    FAILS(tape, eddy_set(x, NULL, 24), "NULL");
    VALUES(x, 1, 2, 3, 4, 5, 6);
    ck_assert(eddy_set(none, NULL, 0));
    ck_assert_ptr_nonnull(eddy_value(none));

    eddy_tensor wide = random_tensor(EDDY_F64, EDDY_SHAPE(2, 3), -9, 9),
                narrow = random_tensor(EDDY_F64, EDDY_SHAPE(3, 2), -9, 9), turned;
    ck_assert(eddy_tensor_permute(&turned, &narrow, (int[]){ 1, 0 }, NULL));
    ck_assert(eddy_set_tensor(x, &wide) && at(x, 5) == (float)eddy_tensor_flat(&wide, 5));
    ck_assert(eddy_set_tensor(x, &turned) && at(x, 1) == (float)eddy_tensor_flat(&narrow, 2));
    FAILS(tape, eddy_set_tensor(x, &narrow), "set: \"x\" has shape (2, 3); a tensor of shape (3, 2) was given");
    FAILS(tape, eddy_set_tensor(x, NULL), "set: \"x\" has shape (2, 3)", "NULL");
    eddy_tensor two = random_tensor(EDDY_F64, EDDY_SHAPE(2), 3.1, 3.9);
    ck_assert(eddy_set_tensor(i, &two));
    VALUES(i, 3, 3); /* truncated */
    ck_assert(eddy_set_item(x, 0.1) && at(x, 3) == 0.1f);
    ck_assert(eddy_set_item(i, -7));
    VALUES(i, -7, -7);

    FAILS(tape, eddy_set_item(eddy_exp(x), 1), "set: only leaves", "exp");
    FAILS(tape, eddy_set(eddy_constant(tape, &two), two.data, 16), "set: a constant cannot be set");
    eddy_tensor_free(&wide);
    eddy_tensor_free(&narrow);
    eddy_tensor_free(&two);
    eddy_tape_free(tape);
}
END_TEST

/* A leaf from a view of itself. */
START_TEST(setting_from_itself)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(5)), flipped = eddy_flip(x, 0);
    ck_assert(eddy_set(x, (double[]){ 1, 2, 3, 4, 5 }, 40));
    ck_assert(eddy_set_tensor(x, eddy_value(flipped)));
    VALUES(x, 5, 4, 3, 2, 1);
    VALUES(flipped, 1, 2, 3, 4, 5);
    ck_assert(eddy_set(x, eddy_value(x)->data, 40) && eddy_set_tensor(x, eddy_value(x)));
    VALUES(x, 5, 4, 3, 2, 1);
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_leaf(void)
{
    Suite *suite = suite_create("leaf");
    TCase *tests = tcase_create("leaf");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, names);
    tcase_add_test(tests, making);
    tcase_add_test(tests, lists_of_roles);
    tcase_add_test(tests, setting);
    tcase_add_test(tests, setting_from_itself);
    suite_add_tcase(suite, tests);
    return suite;
}
