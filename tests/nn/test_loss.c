/* Losses. */
#include "recording.h"

START_TEST(mean_squared_error)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var p = input(tape, EDDY_SHAPE(4, 3), -1, 1), y = input(tape, EDDY_SHAPE(4, 3), -1, 1), loss = eddy_mse(p, y);
    OK(tape);
    ck_assert(has_shape(loss, EDDY_SCALAR));
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += (at(p, i) - at(y, i)) * (at(p, i) - at(y, i));
    check_near(eddy_item(loss), sum / 12, 4, 4);
    eddy_list g = eddy_gradients(loss, EDDY_LIST(p, y));
    for (int i = 0; i < 12; i++) { /* dp = 2/N (p - y) */
        check_close(at(g.items[0], i), 2.0 / 12 * (at(p, i) - at(y, i)), 4, DBL_EPSILON);
        ck_assert(at(g.items[1], i) == -at(g.items[0], i));
    }
    check_gradient(loss, EDDY_LIST(p, y), 2);
    eddy_var one = eddy_full(tape, EDDY_SCALAR, 3);
    ck_assert(eddy_item(eddy_mse(one, one)) == 0);
    ck_assert(isnan(eddy_item(
        eddy_mse(eddy_full(tape, EDDY_SHAPE(0), 1), eddy_full(tape, EDDY_SHAPE(0), 1))))); /* the mean of nothing */
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var p = input(tape, EDDY_SHAPE(4, 1), -1, 1), y = input(tape, EDDY_SHAPE(4), -1, 1), none = { 0 };
    FAILS(tape, eddy_mse(p, y), "mse: the prediction has shape (4, 1) and the target (4,); they must be equal");
    FAILS(tape, eddy_mse(p, eddy_cast(p, EDDY_F32)), "dtypes f64 and f32", "in mse at ");
    FAILS(tape, eddy_mse(none, y), "operand 1 is no var");
    FAILS(tape, eddy_mse(y, none), "operand 2 is no var");
    FAILS(tape, eddy_mse(INDICES(tape, 1), INDICES(tape, 2)), "i64");
    ck_assert(!eddy_mse(none, none).tape);
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_loss(void)
{
    Suite *suite = suite_create("loss");
    TCase *tests = tcase_create("loss");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, mean_squared_error);
    tcase_add_test(tests, mistakes);
    suite_add_tcase(suite, tests);
    return suite;
}
