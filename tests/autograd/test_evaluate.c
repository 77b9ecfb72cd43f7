/* Values: recomputed when a leaf has changed, never old; views; reading out; and several hundred random tapes, where
 * interpreter, eager mode and compiled programs must agree to the last bit. */
#include "random_tape.h"

#include <unistd.h>

START_TEST(never_old)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(2)), y = eddy_input(tape, "y", EDDY_SHAPE(2));
    eddy_var turned = eddy_flip(x, 0), e = eddy_mul(turned, y), f = eddy_neg(e), only_y = eddy_add(y, y);
    ck_assert(isnan(eddy_item(eddy_sum(f))));
    check_sentence(tape, "",
                   (const char *[]){ "slice: ", "\"x\"", "has no value yet", NULL }); /* about the op that reads it */
    eddy_set(x, (double[]){ 1, 2 }, 16);
    eddy_set(y, (double[]){ 10, 100 }, 16);
    VALUES(f, -20, -100);
    VALUES(only_y, 20, 200);
    eddy_set_item(x, 3);
    VALUES(turned, 3, 3);
    VALUES(only_y, 20, 200);
    VALUES(f, -30, -300);
    eddy_set_item(y, 1);
    VALUES(f, -3, -3);
    VALUES(only_y, 2, 2);
    VALUES(e, 3, 3);
    /* In every order of looking. */
    for (int i = 0; i < 200; i++) {
        static double now[2] = { 3, 1 };
        int64_t k = below(6);
        if (k < 2)
            eddy_set_item(k ? y : x, now[k] = between(-1, 1));
        else
            ck_assert(at(k == 2   ? e
                         : k == 3 ? f
                         : k == 4 ? only_y
                                  : turned,
                         0) == (k == 2   ? now[0] * now[1]
                                : k == 3 ? -(now[0] * now[1])
                                : k == 4 ? now[1] + now[1]
                                         : now[0]));
    }
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

/* Writes by a program are seen, too. */
START_TEST(never_old_after_a_run)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var s = input(tape, EDDY_SHAPE(2), 1, 1), twice = eddy_add(s, s), first = eddy_select(s, 0, 0);
    VALUES(twice, 2, 2);
    eddy_program *program = eddy_compile(tape, EDDY_NONE, EDDY_LIST(eddy_assign(s, eddy_mul_scalar(s, 3))));
    for (int i = 0; i < 3; i++)
        ck_assert(eddy_run(program));
    VALUES(twice, 54, 54);
    ck_assert(at(first, 0) == 27);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(views_share_memory)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(4, 6), -1, 1);
    eddy_var views[] = { eddy_reshape(x, EDDY_SHAPE(24)),
                         eddy_transpose(x, 0, 1),
                         eddy_slice(x, 1, 5, EDDY_END, -2),
                         eddy_select(x, 0, -1),
                         eddy_broadcast_to(x, EDDY_SHAPE(3, 4, 6)),
                         eddy_detach(x),
                         eddy_unsqueeze(x, 1),
                         eddy_flip(x, 0),
                         eddy_slice(eddy_transpose(x, 0, 1), 0, 1, 3, 1) };
    const double *first = eddy_value(x)->data;
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        const eddy_tensor *v = eddy_value(views[i]);
        ck_assert(!v->owned && (const double *)v->data >= first && (const double *)v->data < first + 24);
    }
    /* strides that force a copy */
    eddy_var copied = eddy_reshape(views[1], EDDY_SHAPE(24));
    ck_assert_ptr_nonnull(eddy_value(copied)->owned);
    for (int i = 0; i < 24; i++)
        ck_assert(at(copied, i) == at(x, i % 4 * 6 + i / 4));
    /* a constant is one element */
    const eddy_tensor *full = eddy_value(eddy_full(tape, EDDY_SHAPE(1000, 1000, 100), 2));
    ck_assert(full->stride[0] == 0 && full->stride[1] == 0 && full->stride[2] == 0 &&
              eddy_tensor_flat(full, 99999999) == 2);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(reading_out)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 3), -1, 1), t = eddy_transpose(x, 0, 1),
             one = eddy_sum_over(x, EDDY_SCALAR, true);
    float out[6];
    ck_assert(eddy_get(t, out, sizeof out));
    for (int i = 0; i < 6; i++)
        ck_assert(out[i] == at(x, i % 2 * 3 + i / 2));
    FAILS(tape, eddy_get(t, out, 20), "get: shape (3, 2) and dtype f32 are 24 bytes; there is room for 20");
    FAILS(tape, eddy_get(t, NULL, 24), "get: ", "there is room for 0");
    FAILS(tape, eddy_item(t), "item: shape (3, 2) has 6 elements, not one");
    FAILS(tape, eddy_item(eddy_full(tape, EDDY_SHAPE(0), 1)), "item: shape (0,) has 0 elements, not one");
    ck_assert(!isnan(eddy_item(one)));
    ck_assert(eddy_get(eddy_full(tape, EDDY_SHAPE(2, 0), 1), NULL, 0));
    eddy_var unset = eddy_input(tape, "unset", EDDY_SHAPE(2));
    const char *line = EDDY_HERE;
    eddy_var below_it = eddy_exp(unset);
    eddy_item(below_it);
    ck_assert_int_eq(atoi(strstr(eddy_error(tape), ".c:") + 3),
                     atoi(strstr(line, ".c:") + 3) + 1); /* where it was recorded */
    check_sentence(tape, "", (const char *[]){ "exp: ", "\"unset\" (made at ", "has no value yet", NULL });
    eddy_tape_free(tape);
}
END_TEST

START_TEST(printing)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = VECTOR(tape, 1, 2.5, -3), y = eddy_watch(eddy_neg(x), "minus");
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    fflush(stdout);
    int saved = dup(1);
    dup2(fileno(file), 1);
    bool done = eddy_print(y) && eddy_print(eddy_neg(eddy_sum(x)));
    fflush(stdout);
    dup2(saved, 1);
    close(saved);
    ck_assert(done);
    char text[500] = "";
    rewind(file);
    size_t n = fread(text, 1, sizeof text - 1, file);
    text[n] = 0;
    fclose(file);
    ck_assert_msg(strstr(text, "minus (3,) f64\n[-1.") && strstr(text, "-2.5") && strstr(text, "neg () f64\n-0.5"),
                  "%s", text);
    eddy_tape_free(tape);
}
END_TEST

/* The same random tape in the given dtype; `draws` is put back so that it comes out the same. */
static pool record_again(eddy_tape *tape, uint64_t seed)
{
    draws = seed << 20;
    pool p = { .count = 0 };
    pool_leaves(&p, tape);
    pool_grow(&p, 4 + (int)(seed % 20));
    return p;
}

START_TEST(random_tapes_three_ways)
{
    for (uint64_t seed = 1; seed <= 400; seed++) {
        eddy_dtype dtype = seed % 2 ? EDDY_F64 : EDDY_F32;
        eddy_tape *tape = eddy_tape_new(dtype, 1), *eager = eddy_tape_new(dtype, 1);
        eddy_set_eager(eager, true);
        pool a = record_again(tape, seed), b = record_again(eager, seed);
        OK(tape);
        OK(eager);
        ck_assert_int_eq(a.count, b.count);
        /* All as outputs; the last alone, so that buffers are reused; both after the tape is gone. */
        eddy_program *all = eddy_compile(tape, (eddy_list){ a.item, a.count }, EDDY_NONE);
        eddy_program *last = eddy_compile(tape, EDDY_LIST(a.item[a.count - 1]), EDDY_NONE);
        OK(tape);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < POOL_LEAVES; i++) {
                eddy_tensor value = random_tensor(dtype, eddy_shape_of(a.leaf[i]), -1, 1);
                ck_assert(eddy_set_tensor(a.leaf[i], &value) && eddy_set_tensor(b.leaf[i], &value));
                eddy_tensor_free(&value);
            }
            ck_assert(eddy_run(last) && eddy_run(all));
            for (int k = a.count - 1; k >= 0; k--) {
                const eddy_tensor *once = eddy_output_tensor(all, a.item[k]),
                                  *alone = k == a.count - 1 ? eddy_output_tensor(last, a.item[k]) : once;
                for (int64_t i = 0; i < eddy_tensor_count(once); i++) {
                    double v = at(a.item[k], i);
                    ck_assert_msg(same_bits(v, eddy_tensor_flat(once, i)) && same_bits(v, eddy_tensor_flat(alone, i)) &&
                                      same_bits(v, at(b.item[k], i)),
                                  "tape %d, var %d, element %d: %.17g, as a program %.17g and %.17g, eager %.17g",
                                  (int)seed, k, (int)i, v, eddy_tensor_flat(once, i), eddy_tensor_flat(alone, i),
                                  at(b.item[k], i));
                }
            }
        }
        eddy_tape_free(tape);
        eddy_tape_free(eager);
    }
}
END_TEST

Suite *suite_evaluate(void)
{
    Suite *suite = suite_create("evaluate");
    TCase *tests = tcase_create("evaluate");
    tcase_set_timeout(tests, 200);
    tcase_add_test(tests, never_old);
    tcase_add_test(tests, never_old_after_a_run);
    tcase_add_test(tests, views_share_memory);
    tcase_add_test(tests, reading_out);
    tcase_add_test(tests, printing);
    tcase_add_test(tests, random_tapes_three_ways);
    suite_add_tcase(suite, tests);
    return suite;
}
