/* eddy forecast: continues series with a model of 'eddy train forecast'. */
#include "commands.h"
#include "forecast_results.h"
#include "options.h"
#include "output.h"
#include "plot.h"

#include "series.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GENERATED = 1000 };

typedef struct settings {
    const char *model, *data, *column, *inputs, *date, *out, *plot;
    int64_t steps;
    int gaps;
    bool json;
} settings;

typedef struct run {
    const settings *s;
    forecast *model;
    frame data;
    double *value; /* (1 + quantiles, steps, targets) */
    int64_t *time; /* of the steps; NULL: the series has no dates */
} run;

static double value_of(const run *r, int64_t quantile, int64_t step, int64_t target)
{
    return r->value[(quantile * r->s->steps + step) * forecast_describe(r->model)->targets + target];
}

static void print_csv(const run *r, FILE *stream)
{
    const forecast_options *o = forecast_describe(r->model);
    char date[DATE_TEXT];
    fprintf(stream, "index%s", r->time ? ",date" : "");
    forecast_print_columns(stream, o, &r->data, false);
    fprintf(stream, "\n");
    for (int64_t k = 0; k < r->s->steps; k++) {
        fprintf(stream, "%" PRId64, r->data.rows + k);
        if (r->time) {
            date_write(r->time[k], r->data.form, date);
            fprintf(stream, ",%s", date);
        }
        for (int64_t m = 0; m < o->targets; m++)
            for (int64_t q = 0; q <= o->bands.count; q++)
                fprintf(stream, ",%.*g", forecast_digits(o), value_of(r, q, k, m));
        fprintf(stream, "\n");
    }
}

static void print_values(const run *r, int64_t quantile, int64_t target)
{
    printf("[");
    for (int64_t k = 0; k < r->s->steps; k++)
        printf("%s%.*g", k ? ", " : "", forecast_digits(forecast_describe(r->model)), value_of(r, quantile, k, target));
    printf("]");
}

static void print_bands(const run *r, int64_t target)
{
    const forecast_options *o = forecast_describe(r->model);
    printf("[");
    for (int64_t q = 0; q < o->bands.count; q++) {
        printf("%s{ \"quantile\": %g, \"values\": ", q ? ", " : "", o->bands.level[q]);
        print_values(r, q + 1, target);
        printf(" }");
    }
    printf("]");
}

static void print_json(const run *r)
{
    const forecast_options *o = forecast_describe(r->model);
    char date[DATE_TEXT];
    printf("{\"model\": ");
    output_json_text(stdout, r->s->model);
    printf(", \"window\": %" PRId64 ", \"hidden\": %" PRId64 ", \"dtype\": \"%s\", \"first_index\": %" PRId64,
           o->window, o->stack.hidden, eddy_dtype_name(o->dtype), r->data.rows);
    if (r->time) {
        printf(", \"dates\": [");
        for (int64_t k = 0; k < r->s->steps; k++) {
            date_write(r->time[k], r->data.form, date);
            printf("%s\"%s\"", k ? ", " : "", date);
        }
        printf("]");
    }
    if (o->targets == 1) {
        printf(", \"predictions\": ");
        print_values(r, 0, 0);
        printf(", \"bands\": ");
        print_bands(r, 0);
    } else {
        printf(", \"targets\": [");
        for (int64_t m = 0; m < o->targets; m++) {
            printf("%s{ \"name\": ", m ? ", " : "");
            output_json_text(stdout, r->data.name[m]);
            printf(", \"predictions\": ");
            print_values(r, 0, m);
            printf(", \"bands\": ");
            print_bands(r, m);
            printf(" }");
        }
        printf("]");
    }
    printf("}\n");
}

/* The last rows and what follows, of the first target. */
static bool draw(const run *r, eddy_status *status)
{
    const forecast_options *o = forecast_describe(r->model);
    int64_t steps = r->s->steps, usual = 3 * steps > 60 ? 3 * steps : 60;
    int64_t before = r->data.rows < usual ? r->data.rows : usual, rows = before + steps;
    double *block = eddy_allocate((size_t)rows, 4 * sizeof *block);
    int64_t *time = eddy_allocate((size_t)rows, sizeof *time);
    bool ok = (block && time) || eddy_status_fail(status, "%s was not drawn: there is no memory.", r->s->plot);
    if (ok) {
        double *line[4] = { block, block + rows, block + 2 * rows, block + 3 * rows };
        for (int64_t i = 0; i < rows; i++) {
            int64_t k = i - before, row = r->data.rows + k;
            line[0][i] = k < 0 ? r->data.value[row * r->data.columns] : NAN;
            line[1][i] = k < 0 ? NAN : value_of(r, 0, k, 0);
            line[2][i] = k < 0 ? NAN : value_of(r, o->bands.count > 1 ? 1 : 0, k, 0);
            line[3][i] = k < 0 ? NAN : value_of(r, o->bands.count, k, 0);
            time[i] = !r->time ? 0 : k < 0 ? r->data.time[row] : r->time[k];
        }
        ok = plot_series(r->s->plot,
                         &(plot_lines){ .truth = line[0],
                                        .forecast = line[1],
                                        .low = o->bands.count > 1 ? line[2] : NULL,
                                        .high = line[3],
                                        .time = r->time ? time : NULL,
                                        .first = r->data.rows - before,
                                        .count = rows,
                                        .ahead = true },
                         status);
    }
    eddy_free(block);
    eddy_free(time);
    return ok;
}

/* ---- The command ---- */

static bool read_series(run *r, eddy_status *status)
{
    const settings *s = r->s;
    const forecast_options *o = forecast_describe(r->model);
    if (!s->data && !o->generated)
        return eddy_status_fail(status, "%s was trained on a file: name the series to continue with --data.", s->model);
    if (!s->data)
        return series_generate(&r->data, GENERATED, o->seed, status);
    const frame_choice choice = {
        .targets = s->column, .inputs = s->inputs, .date = s->date, .gaps = (frame_gaps)s->gaps
    };
    return forecast_read(r->model, options_input(s->data), &choice, &r->data, status);
}

static bool compute(run *r, eddy_status *status)
{
    const settings *s = r->s;
    const forecast_options *o = forecast_describe(r->model);
    r->value = eddy_allocate((size_t)((1 + o->bands.count) * s->steps), (size_t)o->targets * sizeof *r->value);
    r->time = r->data.time ? eddy_allocate((size_t)s->steps, sizeof *r->time) : NULL;
    if (!r->value || (r->data.time && !r->time))
        return eddy_status_fail(status, "There is no memory for %" PRId64 " steps.", s->steps);
    if (!forecast_continue(r->model, &r->data, s->steps, r->value, status))
        return false;
    for (int64_t k = 0; r->time && k < s->steps; k++)
        r->time[k] = date_next(k ? r->time[k - 1] : r->data.time[r->data.rows - 1], &r->data.step);
    return true;
}

static int continue_series(run *r)
{
    const settings *s = r->s;
    eddy_status status = { 0 };
    output file = { 0 };
    int result = COMMAND_WRONG;
    r->model = forecast_open(s->model, &status);
    bool ok = r->model && read_series(r, &status);
    const char *const written[2] = { s->out, s->plot };
    for (int i = 0; ok && i < 2; i++)
        if (written[i] && (output_same(written[i], s->model) || (s->data && output_same(written[i], s->data))))
            ok = eddy_status_fail(&status, "%s would overwrite %s, which is read.", i ? "--plot" : "--out", written[i]);
    ok = ok && (!s->plot || eddy_writer_check(s->plot, &status));
    ok = ok && (!s->out || output_open(&file, s->out, &status));
    ok = ok && compute(r, &status);
    if (ok) {
        if (s->json)
            print_json(r);
        if (file.stream || !s->json)
            print_csv(r, file.stream ? file.stream : stdout);
        result = output_keep(&file, &status) && (!s->plot || draw(r, &status)) ? COMMAND_DONE : COMMAND_FAILED;
    }
    if (*status.text) {
        if (result == COMMAND_FAILED)
            command_failed("forecast", "%s", status.text);
        else
            command_wrong("forecast", "%s", status.text);
    }
    output_discard(&file);
    eddy_free(r->value);
    eddy_free(r->time);
    frame_free(&r->data);
    forecast_free(r->model);
    return result;
}

int eddy_cmd_forecast(int argc, char **argv)
{
    settings s = { .steps = 20 };
    const option_row rows[] = {
        { "data", 0, OPTION_TEXT, "FILE",
          "the series, .csv or .npy, \"-\": standard input; may be left out for a model of the generated series",
          &s.data, 0, 0 },
        { "column", 0, OPTION_TEXT, "NAME|N,...",
          "which column of the file, by name or number (from 1), or several; default: those with the names of training",
          &s.column, 0, 0 },
        { "inputs", 0, OPTION_TEXT, "NAME|N,...", "columns that the model looks at besides; default: the same",
          &s.inputs, 0, 0 },
        { "date", 0, OPTION_TEXT, "NAME|N", "the column of dates; default: the first that looks like one", &s.date, 0,
          0 },
        { "gaps", 0, OPTION_CHOICE, "error|drop|carry",
          "missing cells: refuse, leave the row out, repeat the value before", &s.gaps, 0, 0 },
        { "steps", 0, OPTION_COUNT, "N", "values to forecast; default 20", &s.steps, 1, 1e7 },
        { "out", 'o', OPTION_TEXT, "FILE",
          "write index,prediction there instead of to the standard output, which is \"-\"", &s.out, 0, 0 },
        { "plot", 0, OPTION_TEXT, "FILE.svg", "a picture of the end of the series and what follows, by gnuplot",
          &s.plot, 0, 0 },
        { "json", 0, OPTION_FLAG, NULL, "print one JSON object", &s.json, 0, 0 },
    };
    const options line = {
        .command = "forecast",
        .usage = "forecast MODEL [--data FILE] [OPTIONS]",
        .about = "Continues series with a model of 'eddy train forecast': forecasts its horizon, takes that as the "
                 "series' next values, and so on. Behind the\n"
                 "horizon a forecast rests on forecasts, and bands are those of 200 paths that draw from the bands "
                 "before. Rows have the dates that follow.\n"
                 "Indices count from 0 at the start of the series.",
        .examples = "  eddy forecast forecast/model.safetensors --steps 50\n"
                    "  eddy forecast m.safetensors --data prices.csv --column close -o next.csv --plot next.svg\n"
                    "  tail -n 100 prices.csv | eddy forecast m.safetensors --data - --column 2 --json\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1,
    };
    int first, status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    s.model = argv[first];
    if (s.out && !strcmp(s.out, "-"))
        s.out = NULL;
    if ((s.column || s.inputs || s.date) && !s.data)
        return command_wrong("forecast", "%s chooses from a file, so it needs --data.",
                             s.column   ? "--column"
                             : s.inputs ? "--inputs"
                                        : "--date");
    return continue_series(&(run){ .s = &s });
}
