/* Printing: the expected texts are what NumPy prints for the same values with precision 4. */
#include "failing_memory.h"
#include "test.h"

#include "format.h"

#include <math.h>

static void expect_with(const eddy_tensor *x, const eddy_format_options *options, const char *expected)
{
    eddy_status status = { { 0 } };
    char *text = eddy_tensor_format(x, options, &status);
    ck_assert_str_eq(status.text, "");
    ck_assert_str_eq(text, expected);
    eddy_free(text);
}

static void expect(eddy_dtype dtype, const void *data, eddy_shape shape, const char *expected)
{
    eddy_tensor x = eddy_tensor_wrap((void *)(uintptr_t)data, dtype, shape);
    expect_with(&x, NULL, expected);
}

#define VECTOR(expected, ...)                                                                                          \
    expect(EDDY_F64, (double[]){ __VA_ARGS__ }, EDDY_SHAPE(sizeof((double[]){ __VA_ARGS__ }) / 8), expected)

START_TEST(numbers)
{
    VECTOR("[0.]", 0);
    VECTOR("[-0.   1.5  nan]", -0.0, 1.5, (double)NAN);
    VECTOR("[ inf -inf   2.]", (double)INFINITY, -(double)INFINITY, 2);
    VECTOR("[nan]", -(double)NAN);
    VECTOR("[0.5    0.25   0.3333]", 0.5, 0.25, 1.0 / 3);
    VECTOR("[1.e+09 1.e+00]", 1e9, 1);
    VECTOR("[1.e+08]", 1e8);
    VECTOR("[1.e-05 0.e+00]", 1e-5, 0);
    VECTOR("[1.0e+03 5.5e-01]", 1000, 0.55);
    VECTOR("[10000000.   100000.]", 1e7, 1e5);
    VECTOR("[1.0000e-310 1.7977e+308]", 1e-310, 1.7976931348623157e308);
    expect(EDDY_F32, (float[]){ 0.1f, 3 }, EDDY_SHAPE(2), "[0.1 3. ]");
    expect(EDDY_I32, (int32_t[]){ INT32_MIN, 7 }, EDDY_SHAPE(2), "[-2147483648           7]");
    expect(EDDY_I64, (int64_t[]){ INT64_MIN, INT64_MAX }, EDDY_SHAPE(2), "[-9223372036854775808  9223372036854775807]");
}
END_TEST

START_TEST(scalars_stand_bare)
{
    expect(EDDY_F64, (double[]){ 3 }, EDDY_SCALAR, "3.0");
    expect(EDDY_F64, (double[]){ -1.25 }, EDDY_SCALAR, "-1.25");
    expect(EDDY_F64, (double[]){ 1e10 }, EDDY_SCALAR, "1e+10");
    expect(EDDY_F64, (double[]){ (double)NAN }, EDDY_SCALAR, "nan");
    expect(EDDY_I64, (int64_t[]){ -4 }, EDDY_SCALAR, "-4");
}
END_TEST

START_TEST(brackets)
{
    int32_t data[12] = { 1, -2, 300, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    expect(EDDY_I32, data, EDDY_SHAPE(2, 2), "[[  1  -2]\n [300   4]]");
    expect(EDDY_I32, data + 3, EDDY_SHAPE(2, 2, 2), "[[[ 4  5]\n  [ 6  7]]\n\n [[ 8  9]\n  [10 11]]]");
    expect(EDDY_I32, data, EDDY_SHAPE(1, 1, 1), "[[[1]]]");
    expect(EDDY_F32, data, EDDY_SHAPE(0), "[]");
    expect(EDDY_F32, data, EDDY_SHAPE(2, 0, 3), "[]");
    eddy_tensor x = eddy_tensor_wrap(data + 3, EDDY_I32, EDDY_SHAPE(2, 3)), y;
    ck_assert(eddy_tensor_permute(&y, &x, (int[]){ 1, 0 }, NULL));
    ck_assert(eddy_tensor_slice(&y, &y, 0, (eddy_range){ -1, EDDY_END, -1 }, NULL));
    expect_with(&y, NULL, "[[6 9]\n [5 8]\n [4 7]]");
    ck_assert(eddy_tensor_select(&y, &x, 0, 0, NULL) && eddy_tensor_broadcast(&y, &y, EDDY_SHAPE(2, 3), NULL));
    expect_with(&y, NULL, "[[4 5 6]\n [4 5 6]]");
}
END_TEST

START_TEST(long_rows_wrap_and_large_tensors_are_summarised)
{
    static double data[2000];
    for (int i = 0; i < 2000; i++)
        data[i] = i;
    eddy_tensor x = eddy_tensor_wrap(data, EDDY_F64, EDDY_SHAPE(2000));
    expect_with(&x, NULL, "[0.000e+00 1.000e+00 2.000e+00 ... 1.997e+03 1.998e+03 1.999e+03]");
    x = eddy_tensor_wrap(data, EDDY_F64, EDDY_SHAPE(30));
    expect_with(&x, NULL,
                "[ 0.  1.  2.  3.  4.  5.  6.  7.  8.  9. 10. 11. 12. 13. 14. 15. 16. 17. 18.\n"
                " 19. 20. 21. 22. 23. 24. 25. 26. 27. 28. 29.]");
    expect_with(&x, &(eddy_format_options){ .width = 20 },
                "[ 0.  1.  2.  3.\n  4.  5.  6.  7.\n  8.  9. 10. 11.\n 12. 13. 14. 15.\n 16. 17. 18. 19.\n"
                " 20. 21. 22. 23.\n 24. 25. 26. 27.\n 28. 29.]");
    x = eddy_tensor_wrap(data, EDDY_F64, EDDY_SHAPE(5, 6));
    expect_with(&x, &(eddy_format_options){ .threshold = 10, .edge = 1 }, "[[ 0. ...  5.]\n ...\n [24. ... 29.]]");
    x = eddy_tensor_wrap(data, EDDY_F64, EDDY_SHAPE(1));
    data[0] = 2.0 / 3;
    expect_with(&x, &(eddy_format_options){ .precision = 8 }, "[0.66666667]");
    expect_with(&x, &(eddy_format_options){ .precision = 1000, .width = 1 },
                "[0.66666666666666662965923251249478198587894439697265625]");
}
END_TEST

START_TEST(failures)
{
    eddy_tensor freed = { 0 };
    eddy_status status = { { 0 } };
    ck_assert_ptr_null(eddy_tensor_format(&freed, NULL, &status));
    ck_assert_int_ne(status.text[0], 0);
    ck_assert_ptr_null(eddy_tensor_format(NULL, NULL, NULL));
    double data[60] = { 0 };
    eddy_tensor x = eddy_tensor_wrap(data, EDDY_F64, EDDY_SHAPE(60, 1));
    for (long n = 1;; n++) {
        fault f;
        fault_install(&f, n);
        status.text[0] = 0;
        char *text = eddy_tensor_format(&x, NULL, &status);
        if (text)
            eddy_free(text);
        ck_assert_int_eq(f.living, 0);
        ck_assert_int_eq(text != NULL, status.text[0] == 0);
        eddy_set_allocator(NULL);
        if (text) {
            ck_assert_int_gt(n, 1);
            break;
        }
    }
    FILE *stream = tmpfile();
    char line[16] = "";
    x = eddy_tensor_wrap(data, EDDY_F64, EDDY_SHAPE(2));
    ck_assert(eddy_tensor_print(stream, &x, NULL));
    rewind(stream);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, stream));
    ck_assert_str_eq(line, "[0. 0.]\n");
    fclose(stream);
}
END_TEST

Suite *suite_format(void)
{
    Suite *suite = suite_create("format");
    TCase *tests = tcase_create("format");
    tcase_add_test(tests, numbers);
    tcase_add_test(tests, scalars_stand_bare);
    tcase_add_test(tests, brackets);
    tcase_add_test(tests, long_rows_wrap_and_large_tensors_are_summarised);
    tcase_add_test(tests, failures);
    suite_add_tcase(suite, tests);
    return suite;
}
