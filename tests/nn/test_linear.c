/* The linear layer: y = x W^T + b, its parameters, its mistakes. */
#include "recording.h"

START_TEST(values_and_gradients)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_linear fc = eddy_linear_new(tape, "fc", 5, 3), plain = eddy_linear_new_without_bias(tape, "plain", 5, 3);
    const eddy_shape shapes[] = { EDDY_SHAPE(5), EDDY_SHAPE(4, 5), EDDY_SHAPE(2, 3, 5), EDDY_SHAPE(0, 5),
                                  EDDY_SHAPE(2, 1, 3, 5) };
    for (int s = 0; s < 5; s++) {
        eddy_var x = input(tape, shapes[s], -1, 1), y = eddy_apply(&fc, x), z = eddy_apply(&plain, x);
        OK(tape);
        eddy_shape out = shapes[s];
        out.dim[out.rank - 1] = 3;
        ck_assert(has_shape(y, out) && has_shape(z, out));
        for (int64_t i = 0; i < count_of(y); i++) {
            double sum = 0, other = 0;
            for (int k = 0; k < 5; k++) {
                sum += at(x, i / 3 * 5 + k) * at(fc.weight, i % 3 * 5 + k);
                other += at(x, i / 3 * 5 + k) * at(plain.weight, i % 3 * 5 + k);
            }
            check_near(at(y, i), sum + at(fc.bias, i % 3), 5, 1);
            check_near(at(z, i), other, 5, 1);
        }
        if (s == 1 || s == 2) {
            check_gradient(weighted(eddy_tanh(y)), EDDY_LIST(x, fc.weight, fc.bias), 2);
            check_gradient(weighted(eddy_tanh(z)), EDDY_LIST(x, plain.weight), 2);
        }
    }
    eddy_tape_free(tape);
}
END_TEST

START_TEST(parameters)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_push(tape, "net");
    eddy_linear fc = eddy_linear_new(tape, "fc", 100, 40), none = eddy_linear_new_without_bias(tape, "none", 2, 3);
    eddy_pop(tape);
    OK(tape);
    ck_assert_str_eq(eddy_name_of(fc.weight), "net.fc.weight");
    ck_assert_str_eq(eddy_name_of(fc.bias), "net.fc.bias");
    ck_assert(has_shape(fc.weight, EDDY_SHAPE(40, 100)) && has_shape(fc.bias, EDDY_SHAPE(40)) && !none.bias.tape);
    ck_assert_int_eq(eddy_parameters(tape).count, 3);
    double largest = 0;
    for (int i = 0; i < 4000; i++)
        largest = fmax(largest, fabs(at(fc.weight, i)));
    ck_assert(largest <= 0.1 && largest > 0.099);
    for (int i = 0; i < 40; i++)
        ck_assert(fabs(at(fc.bias, i)) <= 0.1 && at(fc.bias, i) != 0);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_linear fc = eddy_linear_new(tape, "fc", 5, 3);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(4, 6)), s = eddy_input(tape, "s", EDDY_SCALAR),
             d = eddy_input_of(tape, "d", EDDY_F64, EDDY_SHAPE(4, 5));
    /* the user's line, although the product is recorded elsewhere */
    FAILS(tape, eddy_apply(&fc, x), "matmul: shapes (4, 6) and (5, 3): the inner dimensions 6 and 5 differ",
          "in linear at ");
    FAILS(tape, eddy_apply(&fc, s), "a scalar has no inner dimension");
    FAILS(tape, eddy_apply(&fc, d), "dtypes f64 and f32");
    FAILS(tape, eddy_apply(NULL, x), "apply: the linear layer is NULL");
    FAILS(tape, eddy_apply(&fc, (eddy_var){ 0 }), "is no var");
    FAILS(tape, eddy_linear_new(tape, "fc", 5, 3), "\"fc.weight\" already");
    FAILS(tape, eddy_linear_new(tape, "neg", -5, 3), "(3, -5)");
    FAILS(tape, eddy_linear_new(tape, "", 5, 3), "push: the name is empty");
    ck_assert_str_eq(eddy_name_of(eddy_input(tape, "after", EDDY_SCALAR)), "after"); /* no prefix left behind */
    ck_assert(!eddy_linear_new(NULL, "x", 1, 1).weight.tape && !eddy_apply(&(eddy_linear){ 0 }, (eddy_var){ 0 }).tape);
    eddy_linear empty = eddy_linear_new(tape, "empty", 0, 2);
    eddy_var none = eddy_full(tape, EDDY_SHAPE(3, 0), 0);
    ck_assert(has_shape(eddy_apply(&empty, none), EDDY_SHAPE(3, 2)));
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_linear(void)
{
    Suite *suite = suite_create("linear");
    TCase *tests = tcase_create("linear");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, values_and_gradients);
    tcase_add_test(tests, parameters);
    tcase_add_test(tests, mistakes);
    suite_add_tcase(suite, tests);
    return suite;
}
