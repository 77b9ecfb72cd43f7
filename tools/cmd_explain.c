/* eddy explain: a recurrent network's forward pass, backpropagation through time in matrix form, and gradient flow,
 * with numbers. */
#include "commands.h"
#include "options.h"
#include "output.h"

#include "network.h"
#include "show.h"
#include "forecast.h"
#include "series.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { GENERATED = 1000, MOST_STEPS = 1000, MOST_UNITS = 256, MOST_JACOBIAN = 1 << 24 };

typedef struct settings {
    explain_setup setup;
    const char *model, *data, *column, *html, *csv, *out;
    int64_t at;
    bool json, verbose, worked;
} settings;

/* ---- A trained model ---- */

/* The window of the series as the model sees it, in scaled (to be freed), and the network's sizes. */
static bool open_model(settings *s, explain_window *window, double **scaled, eddy_status *status)
{
    frame data = { 0 };
    int64_t targets;
    forecast *model = forecast_open(s->model, status);
    bool ok = model != NULL;
    if (ok && !s->data && !forecast_describe(model)->generated)
        ok = eddy_status_fail(status, "%s was trained on a file: name a series with --data.", s->model);
    if (ok && !forecast_is_plain(model))
        ok =
            eddy_status_fail(status,
                             "%s is no plain forecaster (one column, one value ahead, one layer of LSTM, no bands): it "
                             "cannot be explained.",
                             s->model);
    const forecast_options *o = ok ? forecast_describe(model) : NULL;
    ok = ok &&
         (s->data ? frame_read(&data, options_input(s->data), &(frame_choice){ .targets = s->column }, &targets, status)
                  : series_generate(&data, GENERATED, o->seed, status));
    int64_t count = ok ? windows_of(&data, o->window, 1, 1).count : 0;
    if (ok && count < 1)
        ok = eddy_status_fail(status,
                              "The model looks at windows of %" PRId64
                              " values and forecasts the next; the series has only %" PRId64 " values.",
                              o->window, data.rows);
    if (ok && s->at > count)
        ok = eddy_status_fail(
            status, "--at %" PRId64 " is beyond the last of the series' %" PRId64 " windows of %" PRId64 " values.",
            s->at, count, o->window);
    if (ok && (o->window > MOST_STEPS || o->stack.hidden > MOST_UNITS))
        ok = eddy_status_fail(status,
                              "%s looks at windows of %" PRId64 " values with %" PRId64
                              " hidden units; at most %d and %d can be explained.",
                              s->model, o->window, o->stack.hidden, MOST_STEPS, MOST_UNITS);
    if (ok) {
        *window = (explain_window){ .path = s->model, .at = s->at };
        forecast_scale_of(model, &window->mean, &window->scale);
        *scaled = eddy_allocate((size_t)o->window + 1, sizeof **scaled);
        ok = *scaled || eddy_status_fail(status, "There is no memory for a window of %" PRId64 " values.", o->window);
        for (int64_t k = 0; ok && k <= o->window; k++)
            (*scaled)[k] = (data.value[s->at - 1 + k] - window->mean) / window->scale;
        window->scaled = *scaled;
        s->setup.window = window;
        s->setup.steps = o->window;
        s->setup.hidden = o->stack.hidden;
        s->setup.input = s->setup.batch = 1;
    }
    frame_free(&data);
    forecast_free(model);
    return ok;
}

/* ---- The work ---- */

static bool places(const settings *s, eddy_status *status)
{
    const char *out[] = { s->html, s->csv, s->out }, *option[] = { "--html", "--csv", "--out" };
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < i; k++)
            if (out[i] && out[k] && (output_same(out[i], out[k]) || (!strcmp(out[i], "-") && !strcmp(out[k], "-"))))
                return eddy_status_fail(status, "%s and %s are the same file, %s.", option[k], option[i], out[i]);
    for (int i = 0; i < 3; i++)
        if (out[i] && ((s->model && output_same(out[i], s->model)) || (s->data && output_same(out[i], s->data))))
            return eddy_status_fail(status, "%s would overwrite %s, which is read.", option[i], out[i]);
    return true;
}

static int explain(settings *s)
{
    eddy_status status = { 0 };
    explain_window window;
    double *scaled = NULL;
    output html = { 0 }, csv = { 0 }, out = { 0 };
    int result = COMMAND_WRONG;
    explanation *e = eddy_allocate(1, sizeof *e);
    bool ok = e || eddy_status_fail(&status, "There is no memory for an explanation.");
    ok = ok && places(s, &status) && (!s->model || open_model(s, &window, &scaled, &status));
    if (ok && s->setup.steps * s->setup.hidden * s->setup.hidden * 4 > MOST_JACOBIAN)
        ok = eddy_status_fail(&status,
                              "%" PRId64 " steps of %" PRId64
                              " hidden units make Jacobians too large to be kept; take fewer of either.",
                              s->setup.steps, s->setup.hidden);
    if (ok && s->setup.worked > s->setup.steps)
        ok = eddy_status_fail(&status, "--step %" PRId64 " is beyond the last of the window's %" PRId64 " values.",
                              s->setup.worked, s->setup.steps);
    bool page = s->html && !strcmp(s->html, "-"), table = s->csv && !strcmp(s->csv, "-"); /* instead of the text */
    ok = ok && (!s->out || output_open(&out, s->out, &status));
    ok = ok && (!s->html || output_open(&html, s->html, &status)) && (!s->csv || output_open(&csv, s->csv, &status));
    if (ok) {
        e->setup = s->setup;
        result = COMMAND_FAILED;
        ok = explain_network(e) || eddy_status_fail(&status, "%s", e->status.text);
    }
    FILE *report = out.stream ? out.stream : stdout;
    if (ok && (out.stream || (!page && !table)))
        ok = s->json ? show_json(report, e, &status) : show_text(report, e, s->verbose, &status);
    if (ok && html.stream)
        ok = show_page(html.stream, e, &status);
    if (ok && csv.stream)
        show_csv(csv.stream, e);
    ok = ok && output_keep(&out, &status) && output_keep(&html, &status) && output_keep(&csv, &status);
    if (ok)
        result = e->agrees ? COMMAND_DONE : COMMAND_FAILED;
    else if (result == COMMAND_WRONG)
        command_wrong("explain", "%s", status.text);
    else
        command_failed("explain", "%s", status.text);
    output_discard(&out);
    output_discard(&html);
    output_discard(&csv);
    if (e)
        explain_free(e);
    eddy_free(e);
    eddy_free(scaled);
    return result;
}

/* ---- Every number of a small network ---- */

/* One unit with numbers, then two with matrices. */
static int explain_worked(const settings *s)
{
    eddy_status status = { 0 };
    output out = { 0 };
    bool ok = output_open(&out, s->out ? s->out : "-", &status), agrees = true;
    int wrong = ok ? COMMAND_FAILED : COMMAND_WRONG;
    explanation *e = eddy_allocate(1, sizeof *e);
    ok = ok && (e || eddy_status_fail(&status, "There is no memory for an explanation."));
    for (int64_t units = 1; ok && units <= 2; units++) {
        *e = (explanation){ .setup = s->setup };
        e->setup.pencil = true;
        e->setup.steps = 2;
        e->setup.input = e->setup.batch = 1;
        e->setup.hidden = units;
        ok = explain_network(e) || eddy_status_fail(&status, "%s", e->status.text);
        fputs(ok && units > 1 ? "\n\n" : "", out.stream);
        ok = ok && show_worked(out.stream, e, &status);
        agrees = agrees && e->agrees;
        explain_free(e);
    }
    ok = ok && output_keep(&out, &status);
    output_discard(&out);
    eddy_free(e);
    if (ok)
        return agrees ? COMMAND_DONE : COMMAND_FAILED;
    if (wrong == COMMAND_WRONG)
        return command_wrong("explain", "%s", status.text);
    return command_failed("explain", "%s", status.text);
}

/* ---- The command line ---- */

/* Sizes and numbers are chosen so that everything can be written down. */
static int check_worked(const settings *s, const explain_setup *defaults)
{
    const explain_setup *o = &s->setup;
    if (o->network->both || o->network->attention)
        return command_wrong("explain", "--worked shows one layer: lstm, gru or gru-reset-before, not %s.",
                             o->network->name);
    if (s->model || s->json || s->html || s->csv || s->verbose || o->worked || o->steps != defaults->steps ||
        o->input != defaults->input || o->hidden != defaults->hidden || o->batch != defaults->batch ||
        o->gain != defaults->gain || !isnan(o->forget_bias))
        return command_wrong("explain", "--worked prints a text about a network of its own: of the other options it "
                                        "takes --seed and --out only.");
    return OPTIONS_GO_ON;
}

/* Options of random networks say nothing about a trained one. */
static int check_settings(const settings *s, const explain_setup *defaults)
{
    const explain_setup *o = &s->setup;
    if (!s->model && (s->data || s->at))
        return command_wrong("explain", "%s belongs to a trained model, so it needs --model.",
                             s->data ? "--data" : "--at");
    if (s->column && !s->data)
        return command_wrong("explain", "--column chooses from a file, so it needs --data.");
    if (s->model && strcmp(o->network->name, "lstm"))
        return command_wrong("explain", "a model of 'eddy train forecast' is an lstm, not %s.", o->network->name);
    if (!s->model && o->worked > o->steps)
        return command_wrong("explain", "--step %" PRId64 " is beyond the last of %" PRId64 " steps.", o->worked,
                             o->steps);
    if (s->model && (o->steps != defaults->steps || o->input != defaults->input || o->hidden != defaults->hidden ||
                     o->batch != defaults->batch || o->gain != defaults->gain || !isnan(o->forget_bias)))
        return command_wrong("explain", "sizes and weights are those of --model; leave --steps, --input, --hidden, "
                                        "--batch, --gain and --forget-bias out.");
    return OPTIONS_GO_ON;
}

static int take_network(settings *s, const char *word)
{
    s->setup.network = network_find(word);
    if (!s->setup.network || !explain_knows(s->setup.network)) {
        options_offer near;
        return command_wrong(
            "explain", "there is no network \"%s\"%s It can explain lstm, gru, gru-reset-before, bilstm and attention.",
            word, options_did_you_mean(&near, word, network_name, &(network_offer){ explain_knows }));
    }
    return OPTIONS_GO_ON;
}

/* The file's ending says what goes into it. */
static int take_endings(settings *s)
{
    const char *ending = s->out ? strrchr(s->out, '.') : NULL;
    s->json = s->json || (ending && !strcmp(ending, ".json"));
    if (ending && !strcmp(ending, ".html") && !s->html)
        s->html = s->out, s->out = NULL;
    else if (ending && !strcmp(ending, ".csv") && !s->csv)
        s->csv = s->out, s->out = NULL;
    if (s->json && !s->out && ((s->html && !strcmp(s->html, "-")) || (s->csv && !strcmp(s->csv, "-"))))
        return command_wrong("explain", "--json and %s - both want the standard output.",
                             s->html && !strcmp(s->html, "-") ? "--html" : "--csv");
    return OPTIONS_GO_ON;
}

int eddy_cmd_explain(int argc, char **argv)
{
    const explain_setup defaults = {
        .steps = 3, .input = 2, .hidden = 2, .batch = 2, .seed = 1, .gain = 1, .forget_bias = NAN
    };
    settings s = { .setup = defaults };
    const option_row rows[] = {
        { "steps", 0, OPTION_COUNT, "N", "time steps; default 3", &s.setup.steps, 1, MOST_STEPS },
        { "input", 0, OPTION_COUNT, "N", "inputs; default 2", &s.setup.input, 1, MOST_UNITS },
        { "hidden", 0, OPTION_COUNT, "N", "hidden units; default 2", &s.setup.hidden, 1, MOST_UNITS },
        { "batch", 0, OPTION_COUNT, "N", "samples; default 2", &s.setup.batch, 1, 64 },
        { "seed", 0, OPTION_SEED, "N", "of parameters, inputs, states and loss; default 1", &s.setup.seed, 0, 0 },
        { "gain", 0, OPTION_POSITIVE, "G", "weights [W^h|W^x] are drawn from N(0, G^2/(hidden + input)); default 1",
          &s.setup.gain, 0, 1000 },
        { "forget-bias", 0, OPTION_NUMBER, "B",
          "bias of the gate that keeps: f, z of gru; of gru-reset-before z gets -B", &s.setup.forget_bias, -100, 100 },
        { "model", 0, OPTION_TEXT, "FILE", "a model of 'eddy train forecast' instead of random parameters", &s.model, 0,
          0 },
        { "data", 0, OPTION_TEXT, "FILE",
          "the series for it, .csv or .npy, \"-\": standard input; may be left out for a model of the generated one",
          &s.data, 0, 0 },
        { "column", 0, OPTION_TEXT, "NAME|N", "which column of the file, by name or number (from 1)", &s.column, 0, 0 },
        { "at", 0, OPTION_COUNT, "N", "which window of the series; default 1, the first", &s.at, 1, 1e15 },
        { "step", 0, OPTION_COUNT, "N", "the step to work with numbers; default the last but one", &s.setup.worked, 1,
          MOST_STEPS },
        { "worked", 0, OPTION_FLAG, NULL,
          "every number of two steps of one unit, then of two units in matrices, from numbers with one decimal "
          "(others with --seed)",
          &s.worked, 0, 0 },
        { "out", 'o', OPTION_TEXT, "FILE",
          "where the result goes: .html a page, .csv a table (as --html, --csv), .json as --json, else the text",
          &s.out, 0, 0 },
        { "html", 0, OPTION_TEXT, "FILE", "write a page: formulas, tables, pictures", &s.html, 0, 0 },
        { "csv", 0, OPTION_TEXT, "FILE", "write quantity,step,sample,row,column,hand,tape,numerical", &s.csv, 0, 0 },
        { "json", 0, OPTION_FLAG, NULL, "print one JSON object", &s.json, 0, 0 },
        { "verbose", 'v', OPTION_FLAG, NULL, "all that is given, all samples, and all elements of the weights",
          &s.verbose, 0, 0 },
    };
    const options line = {
        .command = "explain",
        .usage = "explain lstm|gru|gru-reset-before|bilstm|attention [OPTIONS]",
        .about = "Shows how a gradient comes about: gates and states of each step; backpropagation through time in "
                 "matrix form, computed by plain loops,\n"
                 "beside what the tape says; each weight's gradient by hand, by the tape and numerically; and how much "
                 "gradient flows through the steps.\n"
                 "With --steps 50 --hidden 16 the flow is the point: try --forget-bias 0, 1, 3 and --gain 1, 4.\n"
                 "Exit status 0 only if all agree.",
        .examples = "  eddy explain lstm                            three steps, forward and backward\n"
                    "  eddy explain gru -v                          with all that is given, to redo it by hand\n"
                    "  eddy explain lstm --worked                   every substitution of the smallest LSTM\n"
                    "  eddy explain lstm -o lstm.html               a page with pictures\n"
                    "  eddy explain lstm --steps 50 --hidden 16 --forget-bias 1   does the gradient vanish?\n"
                    "  eddy explain --model forecast/model.safetensors            what a trained model does\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 0,
        .most = 1
    };
    int first, status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    const char *word = first < argc ? argv[first] : s.model ? "lstm" : NULL;
    if (!word)
        return command_wrong(
            "explain",
            "which network? lstm, gru, gru-reset-before, bilstm or attention; 'eddy explain --help' says more.");
    status = take_network(&s, word);
    if (status != OPTIONS_GO_ON)
        return status;
    status = s.worked ? check_worked(&s, &defaults) : check_settings(&s, &defaults);
    if (status != OPTIONS_GO_ON)
        return status;
    s.at = s.at ? s.at : 1;
    s.out = s.out && strcmp(s.out, "-") ? s.out : NULL;
    if (s.worked)
        return explain_worked(&s);
    status = take_endings(&s);
    return status == OPTIONS_GO_ON ? explain(&s) : status;
}
