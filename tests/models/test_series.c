/* Reading series: a table of files that must be read and of files that must be refused with the sentence that helps;
 * .npy; the generated series; and the linear autoregression, which must be exact where a series is linear. */
#include "test.h"

#include "baseline.h"
#include "series.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* One column of a file. */
static bool series_read(frame *out, const char *path, const char *column, eddy_status *status)
{
    int64_t targets;
    return frame_read(out, path, &(frame_choice){ .targets = column }, &targets, status);
}

/* A file of these bytes; its path, valid until the next call. */
static const char *file_of(const char *bytes, size_t size)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/eddy-series-XXXXXX");
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, bytes, size), (ssize_t)size);
    close(descriptor);
    return path;
}

static const struct good {
    const char *text, *column;
    int64_t count;
    double value[4];
} good[] = {
    { "1\n2\n3\n", NULL, 3, { 1, 2, 3 } },
    { "1\n2\n3", NULL, 3, { 1, 2, 3 } },
    { "value\r\n1.5\r\n-2e-3\r\n\r\n", NULL, 2, { 1.5, -2e-3 } },
    { "\xef\xbb\xbfvalue\n7\n", NULL, 1, { 7 } },
    { "a,b\n1,2\n3,4\n", "b", 2, { 2, 4 } },
    { "a,b\n1,2\n3,4\n", "2", 2, { 2, 4 } },
    { "1,2\n3,4\n", "1", 2, { 1, 3 } },
    { "\"YEAR\",\"A \"\"b\"\"\",\"c,d\"\n1,\"2\",x\n3, 4 ,\"y,z\"\n", "2", 2, { 2, 4 } },
    { "2020-01-01,5\n2020-01-02,6\n", "2", 2, { 5, 6 } }, /* a line with a number is no header */
    { "day;value\nMon;1\nTue;2\n", "value", 2, { 1, 2 } },
    { "day\tvalue\nMon\t1\nTue\t2\n", "value", 2, { 1, 2 } },
    { "2,1\n5,6\n", "2", 2, { 1, 6 } },
    { "date,x\n1,\n2,\n", "date", 2, { 1, 2 } }, /* gaps in other columns do not matter */
};

START_TEST(good_text)
{
    const struct good *c = &good[_i];
    const char *path = file_of(c->text, strlen(c->text));
    eddy_status status = { 0 };
    frame data;
    ck_assert_msg(series_read(&data, path, c->column, &status), "case %d: %s", _i, status.text);
    ck_assert_int_eq(data.rows, c->count);
    for (int64_t i = 0; i < c->count; i++)
        ck_assert_msg(data.value[i] == c->value[i], "case %d, value %d is %g", _i, (int)i, data.value[i]);
    frame_free(&data);
    unlink(path);
}
END_TEST

static const struct bad {
    const char *text, *column, *sentence;
} bad[] = {
    { "", NULL, "is empty" },
    { "\n\n", NULL, "is empty" },
    { "1\n2\nx\n", NULL, "line 3, column 1: \"x\" is not a number" },
    { "1\n\n3\n", NULL, "line 2, column 1: a gap" },
    { "a,b\n1,2\n3,\n", "b", "line 3, column 2: a gap" },
    { "a,b\n1,2\n3,NaN\n", "b", "line 3, column 2: a gap (\"NaN\")" },
    { "a,b\n1,2\n3,n/a\n", "b", "a gap" },
    { "1\n0x10\n", NULL, "line 2, column 1: \"0x10\" is not a number" },
    { "1\ninf\n", NULL, "\"inf\" is not a number" },
    { "1\n1e999\n", NULL, "\"1e999\" is not a number" },
    { "1\n1.2.3\n", NULL, "\"1.2.3\" is not a number" },
    { "1\n1 2\n", NULL, "\"1 2\" is not a number" },
    { "a,b\n1,2\n3\n", "a", "line 3 has 1 field, but line 1 has 2" },
    { "a,b\n1,2\n3,4,5\n", "a", "line 3 has 3 fields, but line 1 has 2" },
    { "a,b\n1,2\n\n3,4\n", "a", "line 3 has 1 field, but line 1 has 2" },
    { "a,b\n1,2\n", NULL, "has 2 columns (a, b): choose one with --column" },
    { "1,2\n3,4\n", NULL, "has 2 columns: choose one" },
    { "a,b\n1,2\n", "c", "has no column \"c\": it has 2 (a, b)" },
    { "a,b\n1,2\n", "0", "has no column \"0\"" },
    { "a,b\n1,2\n", "3", "has no column \"3\"" },
    { "a,b\n1,2\n", "-1", "has no column \"-1\"" },
    { "1,2\n", "a", "it has 2 without names" },
    { "x,1\n3,2\n", "1", "nor is line 1 a header" },
    { "1\n\"2\n", NULL, "line 2: a quotation mark is not closed" },
    { "1\n\"2\"x\n", NULL, "line 2: text after a closing quotation mark" },
};

START_TEST(bad_text)
{
    const struct bad *c = &bad[_i];
    const char *path = file_of(c->text, strlen(c->text));
    eddy_status status = { 0 };
    frame data;
    ck_assert_msg(!series_read(&data, path, c->column, &status), "case %d was read", _i);
    ck_assert_msg(strstr(status.text, c->sentence) && strstr(status.text, path), "case %d: %s", _i, status.text);
    ck_assert(!data.value && !data.rows);
    unlink(path);
}
END_TEST

START_TEST(no_file)
{
    eddy_status status = { 0 };
    frame data;
    ck_assert(!series_read(&data, "/nowhere/at-all.csv", NULL, &status));
    ck_assert_ptr_nonnull(strstr(status.text, "No such file"));
    status.text[0] = 0;
    ck_assert(!series_read(&data, "/tmp", NULL, &status));
    ck_assert_ptr_nonnull(strstr(status.text, "directory"));
    status.text[0] = 0;
    const char *path = file_of("1\n2\0003\n", 6);
    ck_assert(!series_read(&data, path, NULL, &status));
    ck_assert_ptr_nonnull(strstr(status.text, "is not text: byte 3 is zero"));
    unlink(path);
}
END_TEST

static bool read_array(frame *data, const double *value, eddy_shape shape, const char *column, eddy_status *status)
{
    eddy_tensor array = eddy_tensor_wrap((void *)(uintptr_t)value, EDDY_F64, shape);
    char path[] = "/tmp/eddy-series-XXXXXX";
    close(mkstemp(path));
    ck_assert_msg(eddy_npy_save(&array, path, status), "%s", status->text);
    bool ok = series_read(data, path, column, status);
    unlink(path);
    return ok;
}

START_TEST(npy)
{
    const double value[] = { 1, 2, 3, 4, 5, 6 };
    eddy_status status = { 0 };
    frame data;
    ck_assert_msg(read_array(&data, value, EDDY_SHAPE(6), NULL, &status), "%s", status.text);
    ck_assert_int_eq(data.rows, 6);
    ck_assert(data.value[5] == 6);
    frame_free(&data);
    ck_assert_msg(read_array(&data, value, EDDY_SHAPE(3, 2), "2", &status), "%s", status.text);
    ck_assert_int_eq(data.rows, 3);
    ck_assert(data.value[0] == 2 && data.value[2] == 6);
    frame_free(&data);
    ck_assert_msg(read_array(&data, value, EDDY_SHAPE(6, 1), NULL, &status), "%s", status.text);
    ck_assert_int_eq(data.rows, 6);
    frame_free(&data);

    static const struct {
        int rank;
        const char *column, *sentence;
    } wrong[] = {
        { 2, NULL, "2 columns: choose one" }, { 2, "3", "has no column \"3\"" },    { 2, "a", "columns have no names" },
        { 0, NULL, "a series has one axis" }, { 3, NULL, "a series has one axis" }, { 1, "2", "has no column \"2\"" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        eddy_shape shape = { wrong[i].rank, { wrong[i].rank == 1 ? 6 : 3, 2, 1 } };
        status.text[0] = 0;
        ck_assert(!read_array(&data, value, shape, wrong[i].column, &status));
        ck_assert_msg(strstr(status.text, wrong[i].sentence) != NULL, "%s", status.text);
    }
    const double gap[] = { 1, NAN, 3 };
    status.text[0] = 0;
    ck_assert(!read_array(&data, gap, EDDY_SHAPE(3), NULL, &status));
    ck_assert_msg(strstr(status.text, "element 1: ") != NULL, "%s", status.text);
}
END_TEST

START_TEST(truncated_npy)
{
    eddy_status status = { 0 };
    frame data;
    const char *path = file_of("\x93NUMPY\x01", 7);
    ck_assert(!series_read(&data, path, NULL, &status));
    ck_assert_msg(strstr(status.text, path) != NULL, "%s", status.text);
    unlink(path);
}
END_TEST

START_TEST(generated)
{
    eddy_status status = { 0 };
    frame a, b;
    double sum = 0, square = 0;
    ck_assert(series_generate(&a, 20000, 1, &status) && series_generate(&b, 20000, 2, &status));
    for (int64_t k = 0; k < a.rows; k++) {
        double noise = a.value[k] - sin(0.1 * (double)k);
        sum += noise;
        square += noise * noise;
    }
    /* 20000 draws: mean within 5 deviations of 0.1/sqrt(20000), variance within 5 of 0.01 sqrt(2/20000) */
    ck_assert_double_lt(fabs(sum / 20000), 0.0036);
    ck_assert_double_lt(fabs(square / 20000 - 0.01), 0.0005);
    ck_assert(a.value[3] != b.value[3]);
    frame_free(&a);
    frame_free(&b);
}
END_TEST

START_TEST(autoregression_is_exact)
{
    /* x[n] = 1.5 x[n-1] - 0.9 x[n-2] + 2 is linear in two values; a window of 5 has more columns than the series has
     * dimensions. */
    double value[60] = { 1e6, 1e6 + 3 };
    for (int i = 2; i < 60; i++)
        value[i] = 1e6 + 1.5 * (value[i - 1] - 1e6) - 0.9 * (value[i - 2] - 1e6) + 2;
    const frame data = { .rows = 60, .columns = 1, .value = value };
    for (int64_t window = 2; window <= 5; window++) {
        double prediction[60];
        const windows w = windows_of(&data, window, 1, 1);
        ck_assert(baseline_linear(&w, 30, prediction, NULL));
        for (int64_t n = 0; n < 60 - window; n++)
            ck_assert_msg(fabs(prediction[n] - value[n + window]) < 1e-7, "window %d, n %d: off by %g", (int)window,
                          (int)n, prediction[n] - value[n + window]);
    }
}
END_TEST

START_TEST(autoregression_degenerate)
{
    /* fewer training windows than coefficients, and a constant series */
    double value[12], prediction[12];
    for (int i = 0; i < 12; i++)
        value[i] = 7;
    const frame data = { .rows = 12, .columns = 1, .value = value };
    const windows w = windows_of(&data, 5, 1, 1);
    ck_assert(baseline_linear(&w, 1, prediction, NULL));
    for (int n = 0; n < 7; n++)
        ck_assert_double_eq_tol(prediction[n], 7, 1e-12);
    baseline_naive(&w, 1, prediction);
    ck_assert_double_eq(baseline_measure(&w, prediction, 1, 0, -1, 0, 7, 1).mse, 0);
}
END_TEST

START_TEST(least_squares)
{
    /* Points (0, 1), (1, 3), (2, 4), (3, 4): intercept 1.5, slope 1 by the normal equations; the third column repeats
     * the second. */
    double a[] = { 1, 1, 1, 1, 0, 1, 2, 3, 0, 1, 2, 3 }, b[] = { 1, 3, 4, 4, 2, 6, 8, 8 }, x[6];
    ck_assert(baseline_least_squares(a, b, 4, 3, 2, x));
    ck_assert_double_eq_tol(x[0], 1.5, 1e-14);
    ck_assert_double_eq_tol(x[1] + x[2], 1, 1e-14);
    ck_assert_double_eq_tol(x[3], 3, 1e-14); /* the second right side is twice the first */
    ck_assert_double_eq_tol(x[4] + x[5], 2, 1e-14);
}
END_TEST

START_TEST(two_columns_and_rows_ahead)
{
    /* u follows v by one row, v doubles: both are linear in the last row, so one and two rows ahead are exact. */
    double value[2 * 12], prediction[4 * 12];
    for (int i = 0; i < 12; i++) {
        value[2 * i] = i ? value[2 * i - 1] : 0;
        value[2 * i + 1] = pow(1.5, i);
    }
    const frame data = { .rows = 12, .columns = 2, .value = value };
    const windows w = windows_of(&data, 1, 2, 2);
    ck_assert_int_eq(w.count, 10);
    ck_assert(baseline_linear(&w, 6, prediction, NULL));
    for (int n = 0; n < 10; n++)
        for (int i = 0; i < 4; i++)
            ck_assert_double_eq_tol(prediction[4 * n + i], value[2 * (n + 1) + i], 1e-9 * pow(1.5, 12));
    /* the last value, two rows ahead, is one row older */
    baseline_naive(&w, 1, prediction);
    ck_assert_double_eq(prediction[4 * 3 + 3], value[2 * 3 + 1]);
    baseline_naive(&w, 4, prediction);
    ck_assert(isnan(prediction[4 * 2 + 0]) && prediction[4 * 4 + 3] == value[2 * (4 + 1 + 1 - 4) + 1]);
}
END_TEST

START_TEST(errors_by_hand)
{
    /* truths 2, 4, 8; forecasts 3, 4, 6: errors 1, 0, 2; the naive ones of the first rows 1, 2 are 1 */
    double value[] = { 1, 2, 4, 8 };
    const double prediction[] = { 3, 4, 6 };
    const frame data = { .rows = 4, .columns = 1, .value = value };
    const windows w = windows_of(&data, 1, 1, 1);
    baseline_errors e = baseline_measure(&w, prediction, 1, 0, -1, 0, 3, 1);
    ck_assert_int_eq(e.count, 3);
    ck_assert_double_eq_tol(e.mse, 5.0 / 3, 1e-15);
    ck_assert_double_eq_tol(e.rmse, sqrt(5.0 / 3), 1e-15);
    ck_assert_double_eq_tol(e.mae, 1, 1e-15);
    ck_assert_double_eq_tol(e.smape, (200 * 1.0 / 5 + 200 * 2.0 / 14) / 3, 1e-13);
    ck_assert_double_eq_tol(e.mase, 1, 1e-15);
}
END_TEST

START_TEST(seasons)
{
    double value[300];
    const frame data = { .rows = 300, .columns = 1, .value = value };
    for (int i = 0; i < 300; i++)
        value[i] = 0.5 * i + sin(2 * 3.14159265358979 * i / 25);
    ck_assert_int_eq(baseline_season(&data, 0, 300), 25);
    for (int i = 0; i < 300; i++)
        value[i] = eddy_random_normal((eddy_random){ 3, 1 }, (uint64_t)i);
    ck_assert_int_eq(baseline_season(&data, 0, 300), 0);
}
END_TEST

Suite *suite_series(void)
{
    Suite *suite = suite_create("series");
    TCase *reading = tcase_create("reading"), *baselines = tcase_create("baselines");
    tcase_add_loop_test(reading, good_text, 0, (int)(sizeof good / sizeof *good));
    tcase_add_loop_test(reading, bad_text, 0, (int)(sizeof bad / sizeof *bad));
    tcase_add_test(reading, no_file);
    tcase_add_test(reading, npy);
    tcase_add_test(reading, truncated_npy);
    tcase_add_test(reading, generated);
    tcase_add_test(baselines, autoregression_is_exact);
    tcase_add_test(baselines, autoregression_degenerate);
    tcase_add_test(baselines, least_squares);
    tcase_add_test(baselines, two_columns_and_rows_ahead);
    tcase_add_test(baselines, errors_by_hand);
    tcase_add_test(baselines, seasons);
    suite_add_tcase(suite, reading);
    suite_add_tcase(suite, baselines);
    return suite;
}
