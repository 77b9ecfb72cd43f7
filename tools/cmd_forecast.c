/* eddy forecast: continues a series with a model of 'eddy train forecast'. */
#include "commands.h"
#include "options.h"
#include "output.h"

#include "forecast.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { GENERATED = 1000 };

typedef struct settings {
    const char *model, *data, *column, *out;
    int64_t steps;
    bool json;
} settings;

static void print_csv(FILE *stream, const double *value, int64_t steps, int64_t first, int digits)
{
    fprintf(stream, "index,prediction\n");
    for (int64_t k = 0; k < steps; k++)
        fprintf(stream, "%" PRId64 ",%.*g\n", first + k, digits, value[k]);
}

static void print_json(const settings *s, const forecast *model, const double *value, int64_t first, int digits)
{
    const forecast_options *o = forecast_describe(model);
    printf("{\"model\": ");
    output_json_text(stdout, s->model);
    printf(", \"window\": %" PRId64 ", \"hidden\": %" PRId64 ", \"dtype\": \"%s\", \"first_index\": %" PRId64
           ", \"predictions\": [",
           o->window, o->hidden, eddy_dtype_name(o->dtype), first);
    for (int64_t k = 0; k < s->steps; k++)
        printf("%s%.*g", k ? ", " : "", digits, value[k]);
    printf("]}\n");
}

static int continue_series(const settings *s)
{
    eddy_status status = { 0 };
    series data = { 0 };
    output file = { 0 };
    double *value = NULL;
    int result = COMMAND_WRONG;
    forecast *model = forecast_open(s->model, &status);
    bool ok = model != NULL;
    if (ok && !s->data && !forecast_describe(model)->generated)
        ok = eddy_status_fail(&status, "%s was trained on a file: name the series to continue with --data.", s->model);
    ok = ok && (s->data ? series_read(&data, options_input(s->data), s->column, &status)
                        : series_generate(&data, GENERATED, forecast_describe(model)->seed, &status));
    if (ok && s->out && (output_same(s->out, s->model) || (s->data && output_same(s->out, s->data))))
        ok = eddy_status_fail(&status, "--out would overwrite %s, which is read.", s->out);
    ok = ok && (!s->out || output_open(&file, s->out, &status));
    if (ok) {
        value = eddy_allocate((size_t)s->steps, sizeof *value);
        ok = value || eddy_status_fail(&status, "There is no memory for %" PRId64 " steps.", s->steps);
    }
    ok = ok && forecast_continue(model, &data, s->steps, value, &status);
    if (ok) {
        int digits = forecast_describe(model)->dtype == EDDY_F32 ? 9 : 17;
        if (s->json)
            print_json(s, model, value, data.count, digits);
        if (file.stream || !s->json)
            print_csv(file.stream ? file.stream : stdout, value, s->steps, data.count, digits);
        result = output_keep(&file, &status) ? COMMAND_DONE : COMMAND_FAILED;
    }
    if (*status.text) {
        if (result == COMMAND_FAILED)
            command_failed("forecast", "%s", status.text);
        else
            command_wrong("forecast", "%s", status.text);
    }
    output_discard(&file);
    eddy_free(value);
    series_free(&data);
    forecast_free(model);
    return result;
}

int eddy_cmd_forecast(int argc, char **argv)
{
    settings s = { .steps = 20 };
    const option_row rows[] = {
        { "data", 0, OPTION_TEXT, "FILE",
          "the series, .csv or .npy, \"-\": standard input; may be left out for a model of the generated series",
          &s.data, 0, 0 },
        { "column", 0, OPTION_TEXT, "NAME|N", "which column of the file, by name or number (from 1)", &s.column, 0, 0 },
        { "steps", 0, OPTION_COUNT, "N", "values to forecast; default 20", &s.steps, 1, 1e7 },
        { "out", 'o', OPTION_TEXT, "FILE",
          "write index,prediction there instead of to the standard output, which is \"-\"", &s.out, 0, 0 },
        { "json", 0, OPTION_FLAG, NULL, "print one JSON object", &s.json, 0, 0 },
    };
    const options line = {
        .command = "forecast",
        .usage = "forecast MODEL [--data FILE] [OPTIONS]",
        .about = "Continues a series with a model of 'eddy train forecast': forecasts the next value, takes it as the "
                 "series' next, and so on. From the\n"
                 "second step on a forecast rests on forecasts. Indices count from 0 at the start of the series.",
        .examples = "  eddy forecast forecast/model.safetensors --steps 50\n"
                    "  eddy forecast m.safetensors --data prices.csv --column close -o next.csv\n"
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
    if (s.column && !s.data)
        return command_wrong("forecast", "--column chooses from a file, so it needs --data.");
    return continue_series(&s);
}
