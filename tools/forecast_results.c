/* Forecasts beside their baselines. */
#include "forecast_results.h"
#include "output.h"
#include "plot.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Computing ---- */

int64_t forecast_results_width(const forecast_results *r, int kind)
{
    int64_t numbers = r->windows.horizon * r->windows.targets;
    return kind == RESULT_MODEL ? numbers * (1 + r->options->bands.count) : numbers;
}

bool forecast_results_compute(forecast_results *r, forecast *model, int64_t season, eddy_status *status)
{
    const forecast_options *o = r->options;
    r->windows = windows_of(r->data, o->window, o->horizon, o->targets);
    r->learned = o->split.test_first - (o->horizon - 1);
    r->season = season ? season : baseline_season(r->data, 0, r->learned + o->window + o->horizon - 1);
    for (int i = 0; i < RESULTS; i++) {
        if (i == RESULT_SEASONAL && !r->season)
            continue;
        r->forecast[i] =
            eddy_allocate((size_t)r->windows.count, (size_t)forecast_results_width(r, i) * sizeof *r->forecast[i]);
        if (!r->forecast[i])
            return eddy_status_fail(status, "There is no memory for %" PRId64 " forecasts.", r->windows.count);
    }
    baseline_naive(&r->windows, 1, r->forecast[RESULT_LAST]);
    if (r->season)
        baseline_naive(&r->windows, r->season, r->forecast[RESULT_SEASONAL]);
    return forecast_predict(model, r->data, 0, r->windows.count, r->forecast[RESULT_MODEL], status) &&
           baseline_linear(&r->windows, r->learned, r->forecast[RESULT_LINEAR], status);
}

void forecast_results_free(forecast_results *r)
{
    for (int i = 0; i < RESULTS; i++) {
        eddy_free(r->forecast[i]);
        r->forecast[i] = NULL;
    }
}

baseline_errors forecast_results_errors(const forecast_results *r, int kind, int64_t target, int64_t step, bool test)
{
    const windows_split *split = &r->options->split;
    return baseline_measure(&r->windows, r->forecast[kind], forecast_results_width(r, kind), target, step,
                            test ? split->test_first : 0, test ? split->test : split->train, r->learned);
}

double forecast_results_floor(const forecast_results *r, int64_t target, const char **name)
{
    static const char *const names[] = { NULL, "linear autoregression", "seasonal naive", "last value" };
    double best = NAN;
    for (int i = RESULT_LINEAR; i < RESULTS; i++) {
        double rmse = r->forecast[i] ? forecast_results_errors(r, i, target, -1, true).rmse : NAN;
        if (isfinite(rmse) && !(rmse >= best)) {
            best = rmse;
            *name = names[i];
        }
    }
    return best;
}

/* ---- Tables ---- */

void forecast_name(const forecast_options *o, int64_t columns, char *out, size_t size)
{
    size_t length = strlen(o->stack.cell), used = 0;
    if (o->members > 1)
        used = (size_t)eddy_snprintf(out, size, "%" PRId64 " x ", o->members);
    for (size_t i = 0; i < length && i < 24 && used + 1 < size; i++)
        out[used++] = (char)toupper((unsigned char)o->stack.cell[i]);
    used += (size_t)eddy_snprintf(out + used, size - used, "(%" PRId64 "->%" PRId64 "%s)",
                                  columns + (o->calendar ? WINDOWS_CALENDAR : 0), o->stack.hidden,
                                  o->stack.bidirectional ? ", both ways" : "");
    if (o->stack.layers > 1)
        eddy_snprintf(out + used, size - used, ", %" PRId64 " layers", o->stack.layers);
}

static void name_of(const forecast_results *r, int kind, char out[80])
{
    if (kind == RESULT_MODEL) {
        char name[56];
        forecast_name(r->options, r->data->columns, name, sizeof name);
        eddy_snprintf(out, 80, "%s, %" PRId64 " epoch%s", name, r->epochs, r->epochs == 1 ? "" : "s");
    } else if (kind == RESULT_LINEAR) {
        eddy_snprintf(out, 80, "linear autoregression of %" PRId64, r->options->window);
    } else if (kind == RESULT_SEASONAL) {
        eddy_snprintf(out, 80, "seasonal naive, %" PRId64 " rows", r->season);
    } else {
        eddy_snprintf(out, 80, "last value");
    }
}

const char *forecast_figure(char out[32], double value, int digits)
{
    if (isfinite(value))
        eddy_snprintf(out, 32, "%.*g", digits, value);
    return isfinite(value) ? out : "n/a";
}

static void print_errors(const forecast_results *r, int64_t target)
{
    char name[80], shown[6][32];
    if (r->windows.targets > 1)
        printf("%s\n", output_shown(r->data->name[target]));
    printf("%-32s %11s %11s %9s %9s %9s %9s\n", "", "train MSE", "test MSE", "RMSE", "MAE", "sMAPE", "MASE");
    for (int i = 0; i < RESULTS; i++) {
        if (!r->forecast[i])
            continue;
        baseline_errors learned = forecast_results_errors(r, i, target, -1, false);
        baseline_errors e = forecast_results_errors(r, i, target, -1, true);
        name_of(r, i, name);
        printf("%-32s %11s %11s %9s %9s %9s %9s\n", name, forecast_figure(shown[0], learned.mse, 5),
               forecast_figure(shown[1], e.mse, 5), forecast_figure(shown[2], e.rmse, 4),
               forecast_figure(shown[3], e.mae, 4), forecast_figure(shown[4], e.smape, 4),
               forecast_figure(shown[5], e.mase, 4));
    }
    if (r->options->generated)
        printf("%-32s %11g %11g %9g   (the variance of the noise)\n", "noise floor", 0.01, 0.01, 0.1);
}

/* The errors of the rows ahead, at most eight of them. */
static void print_steps(const forecast_results *r, int64_t target)
{
    int64_t horizon = r->windows.horizon, step[8], count = 0;
    char name[80], shown[32];
    for (int64_t k = 1; k <= horizon && count < 8; k = k < 4 ? k + 1 : 2 * k)
        step[count++] = k;
    count += step[count - 1] < horizon && count < 8;
    step[count - 1] = horizon;
    printf("%-32s", "test RMSE, rows ahead:");
    for (int64_t k = 0; k < count; k++)
        printf(" %9" PRId64, step[k]);
    for (int i = 0; i < RESULTS; i++) {
        if (!r->forecast[i])
            continue;
        name_of(r, i, name);
        printf("\n%-32s", name);
        for (int64_t k = 0; k < count; k++)
            printf(" %9s", forecast_figure(shown, forecast_results_errors(r, i, target, step[k] - 1, true).rmse, 4));
    }
    printf("\n");
}

/* The share of truths of the test that lie below a quantile (those that were forecast). */
static double share_below(const forecast_results *r, int64_t target, int64_t quantile)
{
    const windows_split *split = &r->options->split;
    int64_t width = forecast_results_width(r, RESULT_MODEL), numbers = r->windows.horizon * r->windows.targets;
    double below = 0, all = 0;
    for (int64_t n = split->test_first; n < split->test_first + split->test; n++)
        for (int64_t k = 0; k < r->windows.horizon; k++) {
            double edge =
                r->forecast[RESULT_MODEL][n * width + (quantile + 1) * numbers + k * r->windows.targets + target];
            double truth = r->data->value[(n + r->windows.length + k) * r->data->columns + target];
            all += !isnan(edge);
            below += truth < edge;
        }
    return below / all;
}

static void print_bands(const forecast_results *r, int64_t target)
{
    const forecast_options *o = r->options;
    printf("%-32s", "quantile:");
    for (int64_t q = 0; q < o->bands.count; q++)
        printf(" %9g", o->bands.level[q]);
    printf("\n%-32s", "share of the test's truths below");
    for (int64_t q = 0; q < o->bands.count; q++)
        printf(" %9.4f", share_below(r, target, q));
    printf("\n");
    for (int64_t q = 0; q < o->bands.count / 2; q++)
        printf("The band from %g to %g should hold %.1f %% of the truths, and holds %.1f %%.\n", o->bands.level[q],
               o->bands.level[o->bands.count - 1 - q],
               100 * (o->bands.level[o->bands.count - 1 - q] - o->bands.level[q]),
               100 * (share_below(r, target, o->bands.count - 1 - q) - share_below(r, target, q)));
}

void forecast_results_print(const forecast_results *r, const forecast *model)
{
    for (int64_t m = 0; m < r->windows.targets; m++) {
        print_errors(r, m);
        if (r->windows.horizon > 1)
            print_steps(r, m);
        if (r->options->bands.count)
            print_bands(r, m);
    }
    double mean, scale;
    forecast_scale_of(model, &mean, &scale);
    if (r->data->columns == 1 && (mean != 0 || scale != 1))
        printf("The model sees (value - %.6g) / %.6g, and losses are of such values; the table is in the series' own "
               "units.\n",
               mean, scale);
    else if (r->data->columns > 1)
        printf("The model sees standardised values, and losses are of such values; the table is in the series' own "
               "units.\n");
}

/* NAME: VALUE, behind what stands before it. */
static void print_field(const char *before, const char *name, double value)
{
    if (isfinite(value))
        printf("%s\"%s\": %.9g", before, name, value);
    else
        printf("%s\"%s\": null", before, name);
}

static void print_errors_json(const forecast_results *r, int kind, int64_t target)
{
    static const char *const names[] = { "model", "linear autoregression", "seasonal naive", "last value" };
    baseline_errors e = forecast_results_errors(r, kind, target, -1, true);
    printf(", \"%s\": ", names[kind]);
    print_field("{ ", "train_mse", forecast_results_errors(r, kind, target, -1, false).mse);
    print_field(", ", "mse", e.mse);
    print_field(", ", "rmse", e.rmse);
    print_field(", ", "mae", e.mae);
    print_field(", ", "smape", e.smape);
    print_field(", ", "mase", e.mase);
    printf(", \"rmse_ahead\": [");
    for (int64_t k = 0; k < r->windows.horizon; k++) {
        double rmse = forecast_results_errors(r, kind, target, k, true).rmse;
        printf(isfinite(rmse) ? "%s%.9g" : "%snull", k ? ", " : "", rmse);
    }
    printf("] }");
}

void forecast_results_print_json(const forecast_results *r)
{
    printf(", \"season\": %" PRId64 ", \"tested\": %" PRId64 ", \"targets\": [", r->season, r->options->split.test);
    for (int64_t m = 0; m < r->windows.targets; m++) {
        printf("%s{ \"name\": ", m ? ", " : "");
        output_json_text(stdout, r->data->name[m]);
        for (int i = 0; i < RESULTS; i++)
            if (r->forecast[i])
                print_errors_json(r, i, m);
        printf(", \"bands\": [");
        for (int64_t q = 0; q < r->options->bands.count; q++)
            printf("%s{ \"quantile\": %g, \"below\": %.9g }", q ? ", " : "", r->options->bands.level[q],
                   share_below(r, m, q));
        printf("] }");
    }
    printf("]");
}

/* ---- Walk forward ---- */

static const char *const kinds[RESULTS] = { "model", "linear", "seasonal", "last value" };

void forecast_walk_print(const frame *data, const forecast_fold *fold, int64_t count)
{
    double square[RESULTS] = { 0 }, tests = 0;
    char shown[32];
    if (!count)
        return;
    printf("Walk forward, each model trained on all that was before its tests; RMSE%s%s:\n",
           data->columns > 1 ? " of " : "", data->columns > 1 ? output_shown(data->name[0]) : "");
    printf("%-24s %9s %9s", "tests from", "learned", "tests");
    for (int i = 0; i < RESULTS; i++)
        printf(" %10s", kinds[i]);
    printf("\n");
    for (int64_t k = 0; k < count; k++) {
        const forecast_fold *f = &fold[k];
        char date[DATE_TEXT];
        snprintf(date, sizeof date, "%" PRId64, f->first);
        if (data->time)
            date_write(data->time[f->first], data->form, date);
        printf("%-24s %9" PRId64 " %9" PRId64, date, f->learned, f->count);
        for (int i = 0; i < RESULTS; i++) {
            printf(" %10s", forecast_figure(shown, f->rmse[i], 4));
            square[i] += f->rmse[i] * f->rmse[i] * (double)f->count;
        }
        tests += (double)f->count;
        printf("\n");
    }
    printf("%-44s", "all");
    for (int i = 0; i < RESULTS; i++)
        printf(" %10s", forecast_figure(shown, sqrt(square[i] / tests), 4));
    printf("\n");
}

void forecast_walk_print_json(const forecast_fold *fold, int64_t count)
{
    for (int64_t k = 0; k < count; k++) {
        const forecast_fold *f = &fold[k];
        printf("%s{ \"first\": %" PRId64 ", \"learned\": %" PRId64 ", \"tested\": %" PRId64 ", \"rmse\": {",
               k ? ", " : ", \"walk_forward\": [", f->first, f->learned, f->count);
        for (int i = 0; i < RESULTS; i++)
            print_field(i ? ", " : " ", kinds[i], f->rmse[i]);
        printf(" } }%s", k == count - 1 ? "]" : "");
    }
}

/* ---- Files ---- */

int forecast_digits(const forecast_options *o)
{
    return o->dtype == EDDY_F32 ? 9 : 17;
}

/* A name of a file's header as a cell of another. */
static void print_cell(FILE *stream, const char *text, const char *more)
{
    bool quoted = strpbrk(text, ",;\"\r\n\t");
    fputs(quoted ? ",\"" : ",", stream);
    for (const char *p = text; *p; p++) {
        if (quoted && *p == '"')
            fputc('"', stream);
        fputc(*p, stream);
    }
    fprintf(stream, "%s%s", more, quoted ? "\"" : "");
}

void forecast_print_columns(FILE *stream, const forecast_options *o, const frame *columns, bool truth)
{
    for (int64_t m = 0; m < o->targets; m++) {
        bool one = o->targets == 1;
        if (truth)
            print_cell(stream, one ? "truth" : columns->name[m], one ? "" : ".truth");
        print_cell(stream, one ? "prediction" : columns->name[m], "");
        for (int64_t q = 0; q < o->bands.count; q++) {
            char more[32];
            eddy_snprintf(more, sizeof more, "%sq%g", one ? "" : ".", o->bands.level[q]);
            print_cell(stream, one ? "" : columns->name[m], more);
        }
    }
}

static const char *part_of(const windows_split *s, int64_t n)
{
    if (n >= s->test_first)
        return "test";
    return n < s->train ? "train" : n >= s->held_first && n < s->held_first + s->held_out ? "held out" : "between";
}

static void write_row(const forecast_results *r, FILE *stream, int64_t n, int64_t k)
{
    const forecast_options *o = r->options;
    int64_t row = n + o->window + k, width = forecast_results_width(r, RESULT_MODEL);
    const double *truth = r->data->value + row * r->data->columns;
    char date[DATE_TEXT];
    fprintf(stream, "%" PRId64, row);
    if (r->data->time) {
        date_write(r->data->time[row], r->data->form, date);
        fprintf(stream, ",%s", date);
    }
    if (o->horizon > 1)
        fprintf(stream, ",%" PRId64, k + 1);
    for (int64_t m = 0; m < o->targets; m++) {
        fprintf(stream, ",%.*g", forecast_digits(o), truth[m]);
        for (int64_t q = 0; q <= o->bands.count; q++) {
            double value = r->forecast[RESULT_MODEL][n * width + (q * o->horizon + k) * o->targets + m];
            fprintf(stream, isnan(value) ? "," : ",%.*g", forecast_digits(o), value);
        }
    }
    fprintf(stream, ",%s\n", part_of(&o->split, n));
}

bool forecast_results_write(const forecast_results *r, const char *path, eddy_status *status)
{
    output file = { 0 };
    const forecast_options *o = r->options;
    if (!output_open(&file, path, status))
        return false;
    fprintf(file.stream, "index%s%s", r->data->time ? ",date" : "", o->horizon > 1 ? ",ahead" : "");
    forecast_print_columns(file.stream, o, r->data, true);
    fprintf(file.stream, ",split\n");
    for (int64_t n = 0; n < r->windows.count; n++)
        for (int64_t k = 0; k < o->horizon; k++)
            write_row(r, file.stream, n, k);
    return output_keep(&file, status);
}

/* Every horizon-th window's forecast, so that there is one for each row; the last window's too. */
bool forecast_results_plot(const forecast_results *r, const char *path, bool end, eddy_status *status)
{
    enum { SHOWN = 240 };
    const forecast_options *o = r->options;
    const windows_split *s = &o->split;
    int64_t rows = r->data->rows, first = 0, width = forecast_results_width(r, RESULT_MODEL);
    int64_t tested = s->test_first + o->window;
    if (end)
        first = rows - (rows - tested < SHOWN ? rows - tested : SHOWN);
    double *block = eddy_allocate((size_t)rows, 4 * sizeof *block);
    if (!block)
        return eddy_status_fail(status, "%s was not drawn: there is no memory.", path);
    double *line[4] = { block, block + rows, block + 2 * rows, block + 3 * rows };
    for (int64_t row = 0; row < rows; row++) {
        int64_t past = row - tested, from = past >= 0 ? tested : o->window;
        int64_t n = row < o->window ? -1 : from + (row - from) / o->horizon * o->horizon - o->window;
        n = n >= r->windows.count ? r->windows.count - 1 : n;
        line[0][row] = r->data->value[row * r->data->columns];
        const double *of = n < 0 ? NULL : r->forecast[RESULT_MODEL] + n * width + (row - n - o->window) * o->targets;
        line[1][row] = of ? of[0] : NAN;
        line[2][row] = of && o->bands.count > 1 ? of[o->horizon * o->targets] : NAN;
        line[3][row] = of && o->bands.count > 1 ? of[o->bands.count * o->horizon * o->targets] : NAN;
    }
    bool ok = plot_series(path,
                          &(plot_lines){ .truth = line[0] + first,
                                         .forecast = line[1] + first,
                                         .low = o->bands.count > 1 ? line[2] + first : NULL,
                                         .high = line[3] + first,
                                         .time = r->data->time ? r->data->time + first : NULL,
                                         .first = first,
                                         .count = rows - first,
                                         .tested = tested - first },
                          status);
    eddy_free(block);
    return ok;
}
