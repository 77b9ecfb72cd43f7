/* The forecasting model and what it reads: dates, tables, splits, horizons, bands. */
#include "baseline.h"
#include "forecast.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file of these bytes; its path, valid until the next call. */
static const char *file_of(const char *text)
{
    static char path[32];
    strcpy(path, "/tmp/eddy-frame-XXXXXX");
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    return path;
}

/* ---- Dates ---- */

static const struct dated {
    const char *text;
    date_form form;
    int64_t time; /* by date -u -d ... +%s */
    const char *written;
} dated[] = {
    { "1970-01-01", DATE_ISO, 0, "1970-01-01" },
    { "2012-02-29", DATE_ISO, 1330473600, "2012-02-29" },
    { "1969-12-31", DATE_ISO, -86400, "1969-12-31" },
    { "0001-01-01", DATE_ISO, -62135596800, "0001-01-01" },
    { "9999-12-31", DATE_ISO, 253402214400, "9999-12-31" },
    { "2012-03-01T06:07:08Z", DATE_ISO_SECONDS, 1330582028, "2012-03-01 06:07:08" },
    { "2012-03-01 06:07", DATE_ISO_MINUTES, 1330582020, "2012-03-01 06:07" },
    { "2012/3/1", DATE_SLASHES, 1330560000, "2012/03/01" },
    { "1.3.2012", DATE_DOTS, 1330560000, "01.03.2012" },
    { "3/1/2012", DATE_AMERICAN, 1330560000, "03/01/2012" },
    { "1/3/2012", DATE_BRITISH, 1330560000, "01/03/2012" },
    { "2012-03", DATE_MONTH, 1330560000, "2012-03" },
    { "20120301", DATE_COMPACT, 1330560000, "20120301" },
    { "2012", DATE_YEAR, 1325376000, "2012" },
    /* none of that form */
    { "2011-02-29", DATE_ISO, -1, NULL },
    { "2012-13-01", DATE_ISO, -1, NULL },
    { "2012-00-01", DATE_ISO, -1, NULL },
    { "0000-01-01", DATE_ISO, -1, NULL },
    { "2012-03-01x", DATE_ISO, -1, NULL },
    { " 2012-03-01", DATE_ISO, -1, NULL },
    { "2012-03-01 24:00", DATE_ISO_MINUTES, -1, NULL },
    { "13/1/2012", DATE_AMERICAN, -1, NULL },
    { "", DATE_YEAR, -1, NULL },
    { "1900-02-29", DATE_ISO, -1, NULL },
};

START_TEST(dates)
{
    const struct dated *c = &dated[_i];
    int64_t time = -1;
    char out[DATE_TEXT];
    ck_assert_msg(date_parse(c->text, c->form, &time) == (c->written != NULL), "\"%s\"", c->text);
    if (!c->written)
        return;
    ck_assert_msg(time == c->time, "\"%s\" is %lld", c->text, (long long)time);
    date_write(time, c->form, out);
    ck_assert_str_eq(out, c->written);
}
END_TEST

START_TEST(every_day_is_written_back)
{
    char out[DATE_TEXT];
    for (int64_t day = -200000; day < 200000; day += 13) {
        int64_t time;
        date_write(day * 86400, DATE_ISO, out);
        ck_assert_msg(date_parse(out, DATE_ISO, &time) && time == day * 86400, "day %d: %s", (int)day, out);
        ck_assert(date_of_year(day * 86400) >= 0 && date_of_year(day * 86400) < 1);
    }
}
END_TEST

static const struct stepped {
    const char *rows, *step, *next;
} stepped[] = {
    { "2012-01-30\n2012-01-31\n2012-02-01\n", "a day", "2012-02-02" },
    { "2012-01-02\n2012-01-09\n2012-01-16\n", "a week", "2012-01-23" },
    { "2012-01-31\n2012-02-29\n2012-03-31\n", "a month", "2012-04-30" },
    { "2011-01-01\n2012-01-01\n2013-01-01\n", "a year", "2014-01-01" },
    { "2012-01-15\n2012-04-15\n2012-07-15\n", "3 months", "2012-10-15" },
    { "2012-01-05\n2012-01-06\n2012-01-09\n2012-01-10\n2012-01-11\n2012-01-12\n2012-01-13\n", "a weekday",
      "2012-01-16" },
    { "2012-01-05\n2012-01-06\n2012-01-08\n2012-01-09\n2012-01-10\n", "a day", "2012-01-11" },
    { "2012-01-01 00:00\n2012-01-01 00:30\n2012-01-01 01:00\n", "30 minutes", "2012-01-01 01:30" },
};

START_TEST(steps)
{
    const struct stepped *c = &stepped[_i];
    char text[512] = "when,v\n", out[DATE_TEXT];
    eddy_status status = { 0 };
    frame f;
    int64_t targets, row = 0;
    for (const char *p = c->rows; *p; p = strchr(p, '\n') + 1)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s,%d\n", (int)strcspn(p, "\n"), p, (int)row++);
    const char *path = file_of(text);
    ck_assert_msg(frame_read(&f, path, &(frame_choice){ 0 }, &targets, &status), "%s", status.text);
    date_step_write(&f.step, out);
    ck_assert_str_eq(out, c->step);
    date_write(date_next(f.time[f.rows - 1], &f.step), f.form, out);
    ck_assert_str_eq(out, c->next);
    frame_free(&f);
    unlink(path);
}
END_TEST

/* ---- Tables ---- */

START_TEST(tables)
{
    eddy_status status = { 0 };
    frame f, like;
    int64_t targets;
    const char *path = file_of("date,a,b,c\n1/12/2020,1,2,x\n13/12/2020,4,5,y\n14/12/2020,7,NA,z\n");
    ck_assert(!frame_read(&f, path, &(frame_choice){ .targets = "b" }, &targets, &status));
    ck_assert_msg(strstr(status.text, "line 4, column 3: a gap (\"NA\")") != NULL, "%s", status.text);
    status.text[0] = 0;
    ck_assert_msg(frame_read(&f, path, &(frame_choice){ .targets = "b", .inputs = "a", .gaps = FRAME_GAPS_CARRY },
                             &targets, &status),
                  "%s", status.text);
    ck_assert(f.rows == 3 && f.columns == 2 && targets == 1 && f.carried == 1);
    ck_assert(f.value[4] == 5 && f.value[5] == 7 && !strcmp(f.name[0], "b") && !strcmp(f.name[1], "a"));
    ck_assert_int_eq(f.form, DATE_BRITISH); /* 13/12 is no American date */
    like = f;
    ck_assert(frame_read(&f, path, &(frame_choice){ .targets = "2,3", .gaps = FRAME_GAPS_DROP }, &targets, &status));
    ck_assert(f.rows == 2 && targets == 2 && f.dropped == 1 && f.value[2] == 4);
    frame_free(&f);
    unlink(path);
    /* another file in its manner: columns of those names, dates of that form */
    path = file_of("date,c,b,a\n1/2/2021,9,8,7\n");
    ck_assert_msg(frame_read(&f, path, &(frame_choice){ .like = &like, .like_targets = 1 }, &targets, &status), "%s",
                  status.text);
    ck_assert(targets == 1 && f.columns == 2 && f.value[0] == 8 && f.value[1] == 7 && f.form == DATE_BRITISH);
    ck_assert_int_eq(f.step.count, like.step.count);
    frame_free(&f);
    frame_free(&like);
    unlink(path);
    path = file_of("a,b\n1,2\nx,3\n");
    ck_assert(!frame_read(&f, path, &(frame_choice){ .targets = "b", .inputs = "a" }, &targets, &status));
    ck_assert_msg(strstr(status.text, "line 3, column 1: \"x\" is not a number") != NULL, "%s", status.text);
    status.text[0] = 0;
    ck_assert(!frame_read(&f, path, &(frame_choice){ .targets = "b", .date = "a" }, &targets, &status));
    ck_assert_msg(strstr(status.text, "\"1\" is no date") != NULL, "%s", status.text);
    unlink(path);
}
END_TEST

/* ---- Windows ---- */

START_TEST(no_row_in_two_parts)
{
    for (int64_t horizon = 1; horizon <= 4; horizon++)
        for (int64_t test = horizon; test <= 8; test++)
            for (int64_t held_out = 0; held_out <= 5; held_out++) {
                const frame f = { .rows = 40, .columns = 1 };
                const windows w = windows_of(&f, 3, horizon, 1);
                windows_split s;
                if (!windows_divide(&s, &w, test, held_out, NULL))
                    ck_abort_msg("horizon %d, test %d, held out %d", (int)horizon, (int)test, (int)held_out);
                /* the rows that windows n .. m forecast: n + 3 .. m + 3 + horizon - 1 */
                ck_assert_int_eq(s.test_first + s.test + 3 + horizon - 1, 40);
                ck_assert_int_eq(s.test + horizon - 1, test);
                ck_assert_int_eq(s.held_out, held_out);
                int64_t before = held_out ? s.held_first : s.test_first;
                ck_assert_int_le(s.train - 1 + 3 + horizon - 1, before + 3 - 1);
                if (held_out)
                    ck_assert_int_le(s.held_first + held_out - 1 + 3 + horizon - 1, s.test_first + 3 - 1);
                ck_assert_int_eq(s.train - 1 + horizon, before);
            }
    const frame f = { .rows = 10, .columns = 1 };
    const windows w = windows_of(&f, 3, 2, 1);
    windows_split s;
    eddy_status status = { 0 };
    ck_assert(!windows_divide(&s, &w, 1, 0, &status));
    ck_assert_msg(strstr(status.text, "no window to test") != NULL, "%s", status.text);
}
END_TEST

/* Rows are scaled columns and the calendar; windows of them stand side by side in a batch. */
START_TEST(rows_of_windows)
{
    double value[] = { 1, 10, 3, 20, 5, 30, 7, 40 }, rows[3 * 6], batch[2 * 2 * 6] = { 0 };
    int64_t time[] = { 0, 86400, 2 * 86400, 3 * 86400 };
    const frame f = { .rows = 4, .columns = 2, .value = value, .time = time };
    const windows w = windows_of(&f, 2, 1, 1);
    double shift[] = { 3, 10 }, scale[] = { 2, 5 };
    const eddy_scaler scaler = { .shift = eddy_tensor_wrap(shift, EDDY_F64, EDDY_SHAPE(2)),
                                 .scale = eddy_tensor_wrap(scale, EDDY_F64, EDDY_SHAPE(2)) };
    ck_assert_int_eq(w.count, 2);
    ck_assert(windows_truth(&w, 1, 0) == 7);
    ck_assert(windows_rows(&f, &scaler, true, 1, 3, rows, NULL));
    for (int i = 0; i < 3; i++) {
        double turn = 2 * 3.14159265358979 * (i + 1) / 365;
        ck_assert(rows[6 * i] == i && rows[6 * i + 1] == 2 * (i + 1)); /* (3 - 3) / 2, (20 - 10) / 5, ... */
        ck_assert_double_eq_tol(rows[6 * i + 2], sin(turn), 1e-9);
        ck_assert_double_eq_tol(rows[6 * i + 3], cos(turn), 1e-9);
        ck_assert(rows[6 * i + 4] == 0 && rows[6 * i + 5] == 1); /* midnight */
    }
    for (int b = 0; b < 2; b++)
        windows_place(rows, 6, b, 2, batch, b, 2);
    for (int t = 0; t < 2; t++)
        for (int b = 0; b < 2; b++)
            ck_assert(!memcmp(batch + (t * 2 + b) * 6, rows + (b + t) * 6, 6 * sizeof *rows));
    ck_assert(windows_rows(&f, &scaler, false, 0, 4, rows, NULL) && rows[0] == -1 && rows[7] == 6);
}
END_TEST

/* ---- Bands ---- */

START_TEST(lists_of_levels)
{
    static const char *const wrong[] = {
        "0",        "1",       "0.5,0.5", "0.9,0.1", "x",
        "0.1,,0.9", "0.1;0.9", "nan",     "-1",      "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.95"
    };
    bands b, back;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!bands_parse(&b, wrong[i]), "\"%s\"", wrong[i]);
    ck_assert(bands_parse(&b, "") && b.count == 0);
    ck_assert(bands_parse(&b, "0.1,0.5,0.975") && b.count == 3 && b.level[2] == 0.975);
    card c = { 0 };
    eddy_status status = { 0 };
    bands_describe(&b, &c);
    ck_assert(bands_read(&back, &c, &status) && back.count == 3 && !memcmp(back.level, b.level, sizeof b.level));
    card_text(&c, "quantile", "0.1 0.9 0.5");
    ck_assert(!bands_read(&back, &c, &status) && strstr(status.text, "do not ascend"));
    card_free(&c);
}
END_TEST

/* The recorded loss is the sum of what the host says of each number, over their count; and a quantile that a share q of
 * truths lies below has the least loss. */
START_TEST(losses_of_bands)
{
    enum { BATCH = 3, NUMBERS = 2 };
    const bands b = { .count = 2, .level = { 0.2, 0.9 } };
    double said[BATCH][3][NUMBERS], truth[BATCH][NUMBERS], sum = 0;
    for (int i = 0; i < BATCH * 3 * NUMBERS; i++)
        (&said[0][0][0])[i] = eddy_random_normal((eddy_random){ 8, 8 }, (uint64_t)i);
    for (int n = 0; n < BATCH; n++)
        for (int i = 0; i < NUMBERS; i++) {
            truth[n][i] = eddy_random_normal((eddy_random){ 8, 9 }, (uint64_t)(n * NUMBERS + i));
            const double one[] = { said[n][0][i], said[n][1][i], said[n][2][i] };
            sum += bands_error(&b, one, truth[n][i]);
        }
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(BATCH, 3, NUMBERS)),
             y = eddy_input(tape, "y", EDDY_SHAPE(BATCH, NUMBERS));
    ck_assert(eddy_set(x, said, sizeof said) && eddy_set(y, truth, sizeof truth));
    ck_assert_double_eq_tol(eddy_item(bands_loss(&b, x, y)), sum / (BATCH * NUMBERS), 1e-12);
    ck_assert(!eddy_error(tape));
    eddy_tape_free(tape);

    const bands median = { .count = 1, .level = { 0.75 } };
    double least = 1e9, at = 0;
    for (double q = 0; q <= 10; q += 0.25) { /* truths 1 .. 8: three quarters lie below 6.x */
        double loss = 0;
        for (int k = 1; k <= 8; k++)
            loss += bands_error(&median, (double[]){ k, q }, k);
        if (loss < least) {
            least = loss;
            at = q;
        }
    }
    ck_assert_msg(at >= 6 && at <= 7, "%g", at);
}
END_TEST

START_TEST(distributions_through_bands)
{
    const bands three = { .count = 3, .level = { 0.1, 0.5, 0.9 } }, one = { .count = 1, .level = { 0.9 } },
                none = { 0 };
    double z[BANDS_MOST], normal[] = { 5, 5 - 2 * 1.2815515655446, 5, 5 + 2 * 1.2815515655446 };
    double crossed[] = { 0, 3, 1, 2 }, sample[101], said[4] = { 7 };
    bands_deviations(&three, z);
    ck_assert_double_eq_tol(z[2], 1.2815515655446, 1e-10); /* tables of the normal distribution */
    ck_assert_double_eq_tol(z[1], 0, 1e-10);
    for (double at = -3; at <= 3; at += 0.5) /* N(5, 2), beyond the quantiles too */
        ck_assert_double_eq_tol(bands_at(&three, z, normal, at), 5 + 2 * at, 1e-9);
    bands_deviations(&one, z);
    ck_assert_double_eq_tol(bands_at(&one, z, (double[]){ 5, 5 + 2 * 1.2815515655446 }, -1), 3, 1e-9);
    ck_assert(bands_at(&none, z, said, 2) == 7);
    bands_order(&three, crossed);
    ck_assert(crossed[0] == 0 && crossed[1] == 1 && crossed[2] == 2 && crossed[3] == 3);
    for (int i = 0; i <= 100; i++)
        sample[i] = (i * 37) % 101;
    bands_of_sample(&three, sample, 101, said);
    ck_assert(said[0] == 7 && said[1] == 10 && said[2] == 50 && said[3] == 90);
    bands_of_sample(&three, sample, 1, said);
    ck_assert(said[1] == 0 && said[3] == 0);
}
END_TEST

/* ---- The model ---- */

/* Waves with noise. */
static frame made_frame(int64_t rows, int64_t columns)
{
    frame f = { .rows = rows, .columns = columns };
    f.value = eddy_allocate((size_t)(rows * columns), sizeof *f.value);
    f.name = eddy_allocate((size_t)columns, sizeof *f.name);
    ck_assert(f.value && f.name);
    for (int64_t k = 0; k < columns; k++) {
        f.name[k] = eddy_allocate(2, 1);
        f.name[k][0] = (char)('a' + k);
    }
    for (int64_t i = 0; i < rows * columns; i++)
        f.value[i] = 10 + 3 * sin(0.4 * (double)(i / columns) + (double)(i % columns)) +
                     0.5 * eddy_random_normal((eddy_random){ 5, 5 }, (uint64_t)i);
    return f;
}

static forecast *trained(const frame *f, forecast_options *o, const char *path)
{
    eddy_status status = { 0 };
    training_state state;
    training_end end;
    o->recipe = (training_recipe){ .lr = 0.01, .clip = 1 };
    o->seed = 3;
    o->batch = 16;
    const windows w = windows_of(f, o->window, o->horizon, o->targets);
    ck_assert_msg(windows_divide(&o->split, &w, 60, 20, &status), "%s", status.text);
    forecast *m = forecast_new(f, o, &status);
    ck_assert_msg(m != NULL, "%s", status.text);
    training_job job = forecast_job(m);
    const training_options options = { .epochs = 12, .recipe = o->recipe, .low = 0.1, .model = path };
    ck_assert_msg(training_run(&job, &options, &state, &end, &status), "%s", status.text);
    return m;
}

static const struct kind {
    const char *cell;
    int64_t columns, targets, horizon, layers;
    bool recursive, difference, both;
} kind[] = {
    { "lstm", 1, 1, 1, 1, false, false, false }, { "gru", 2, 1, 3, 1, false, false, false },
    { "lstm", 2, 2, 3, 1, true, false, false },  { "lstm", 2, 2, 2, 2, false, true, true },
    { "gru", 1, 1, 4, 2, true, true, false },    { "mgu", 1, 1, 1, 2, false, false, true },
};

/* It beats the last value, what is saved forecasts the same, and continuing a series is the forecast of its last
 * window. */
START_TEST(kinds)
{
    const struct kind *c = &kind[_i];
    frame f = made_frame(400, c->columns);
    char path[] = "/tmp/eddy-forecast-XXXXXX";
    close(mkstemp(path));
    forecast_options o = { .window = 8,
                           .dtype = EDDY_F32,
                           .horizon = c->horizon,
                           .targets = c->targets,
                           .recursive = c->recursive,
                           .difference = c->difference,
                           .bands = { 2, { 0.1, 0.9 } },
                           .stack = { c->cell, 12, c->layers, c->both, 0.1, _i % 2 ? 0.05 : 0 } };
    eddy_status status = { 0 };
    forecast *m = trained(&f, &o, path), *saved = forecast_open(path, &status);
    ck_assert_msg(saved != NULL, "%s", status.text);
    int64_t width = forecast_width(m), numbers = c->horizon * c->targets;
    ck_assert_int_eq(width, 3 * numbers);
    const windows w = windows_of(&f, 8, c->horizon, c->targets);
    double *ours = eddy_allocate((size_t)w.count, (size_t)width * sizeof *ours);
    double *again = eddy_allocate((size_t)w.count, (size_t)width * sizeof *again);
    double *last = eddy_allocate((size_t)w.count, (size_t)width * sizeof *last);
    ck_assert(ours && again && last);
    ck_assert(forecast_predict(m, &f, 0, w.count, ours, &status));
    ck_assert(forecast_predict(saved, &f, 0, w.count, again, &status));
    for (int64_t i = 0; i < w.count * width; i++)
        ck_assert_msg(ours[i] == again[i] || (isnan(ours[i]) && isnan(again[i])), "number %d", (int)i);
    baseline_naive(&w, 1, last);
    double below = 0, known = 0;
    for (int64_t k = 0; k < c->targets; k++) {
        double rmse = baseline_measure(&w, ours, width, k, -1, o.split.test_first, o.split.test, 1).rmse;
        double naive = baseline_measure(&w, last, numbers, k, -1, o.split.test_first, o.split.test, 1).rmse;
        ck_assert_msg(rmse < 0.9 * naive, "case %d, target %d: %g, and the last value %g", _i, (int)k, rmse, naive);
    }
    for (int64_t n = o.split.test_first; n < w.count; n++)
        for (int64_t i = 0; i < numbers; i++) {
            const double *low = &ours[n * width + numbers + i], *high = low + numbers;
            if (isnan(*low))
                continue;
            double y = f.value[(n + 8 + i / c->targets) * c->columns + i % c->targets];
            ck_assert(*low <= *high);
            known++;
            below += y >= *low && y <= *high;
        }
    ck_assert_msg(below / known > 0.5 && below / known < 0.97, "%g of the truths in the band", below / known);

    frame part = f;
    part.rows = 300;
    double ahead[3 * 4 * 2];
    ck_assert_msg(forecast_continue(saved, &part, c->horizon, ahead, &status), "%s", status.text);
    for (int64_t i = 0; i < numbers; i++)
        ck_assert_msg(fabs(ahead[i] - ours[292 * width + i]) < 1e-5, "case %d, number %d: %g, not %g", _i, (int)i,
                      ahead[i], ours[292 * width + i]);
    double far[3 * 40 * 2];
    bool every = c->columns == c->targets;
    ck_assert_int_eq(forecast_continue(saved, &part, 40, far, &status), every);
    for (int64_t i = 0; every && i < 40 * c->targets; i++) {
        ck_assert(isfinite(far[i]) && fabs(far[i] - 10) < 8);
        ck_assert(far[40 * c->targets + i] <= far[80 * c->targets + i]);
    }
    if (!every)
        ck_assert_msg(strstr(status.text, "at most 3 steps") != NULL, "%s", status.text);
    eddy_free(ours);
    eddy_free(again);
    eddy_free(last);
    forecast_free(m);
    forecast_free(saved);
    frame_free(&f);
    unlink(path);
}
END_TEST

Suite *suite_forecast(void)
{
    Suite *suite = suite_create("forecast");
    TCase *reading = tcase_create("reading"), *model = tcase_create("model");
    tcase_add_loop_test(reading, dates, 0, sizeof dated / sizeof *dated);
    tcase_add_test(reading, every_day_is_written_back);
    tcase_add_loop_test(reading, steps, 0, sizeof stepped / sizeof *stepped);
    tcase_add_test(reading, tables);
    tcase_add_test(reading, no_row_in_two_parts);
    tcase_add_test(reading, rows_of_windows);
    tcase_add_test(reading, lists_of_levels);
    tcase_add_test(reading, losses_of_bands);
    tcase_add_test(reading, distributions_through_bands);
    tcase_set_timeout(model, 120);
    tcase_add_loop_test(model, kinds, 0, sizeof kind / sizeof *kind);
    suite_add_tcase(suite, reading);
    suite_add_tcase(suite, model);
    return suite;
}
