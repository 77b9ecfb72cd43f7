/* eddy train forecast: reads or makes series, trains the forecaster, compares it with its baselines, and leaves model,
 * tables and pictures.
 *
 * Whatever can be wrong with the input or the places of the output is told before the first epoch. */
#include "app.h"
#include "forecast_results.h"
#include "interrupt.h"
#include "plot.h"
#include "train_tasks.h"

#include "series.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum { GENERATED = 1000, GENERATED_TRAIN = 800 };

typedef struct settings {
    app app;
    forecast_options model;
    frame_choice choice;
    const char *split, *predictions, *quantiles;
    double held_out; /* share; below 0: the default */
    int64_t test, season, backtest;
    int dtype, scale, gaps, ways;
    bool no_plot;
} settings;

typedef struct run {
    settings *s;
    frame data;
    forecast *model;
    forecast_results results;
    forecast_fold fold[FORECAST_FOLDS];
    int64_t folds;
    training_state state; /* of the model itself */
    char predictions[APP_PATH], loss[APP_PATH], series[APP_PATH], bands[APP_PATH];
} run;

/* ---- Data ---- */

/* How many windows, from the first on, come before the tested ones: "800", or "0.8" of them. */
static bool read_split(const settings *s, int64_t count, int64_t *learned, eddy_status *status)
{
    char expected[128];
    double share = 0.8;
    const char *text = s->split;
    *learned = s->model.generated && count > GENERATED_TRAIN ? GENERATED_TRAIN : (int64_t)((double)count * share);
    if (s->test)
        *learned = count - s->test;
    if (text && strpbrk(text, ".eE")) {
        if (!options_positive(text, 1, &share, expected, sizeof expected) || share >= 1)
            return eddy_status_fail(
                status, "--split takes a number of windows, or a share of them above 0 and below 1, not \"%s\".", text);
        *learned = (int64_t)((double)count * share + 1e-9);
    } else if (text && !options_count(text, 1, 1e15, learned, expected, sizeof expected)) {
        return eddy_status_fail(
            status, "--split takes a number of windows, or a share of them above 0 and below 1, not \"%s\".", text);
    }
    if (count < 2)
        return eddy_status_fail(status,
                                "The series is too short: %" PRId64 " windows of %" PRId64
                                " values with what comes after each, and one must be left to test.",
                                count, s->model.window);
    if (!text && !s->test && *learned < 1)
        *learned = 1;
    if (*learned < 1 || *learned >= count)
        return eddy_status_fail(status, "%s leaves %s: the series has %" PRId64 " windows of %" PRId64 " values.",
                                text ? "--split" : "--test",
                                *learned < 1 ? "no window to train on" : "no window to test", count, s->model.window);
    return true;
}

/* Does each column change? */
static bool varies(const frame *data, const char *name, eddy_status *status)
{
    for (int64_t k = 0; k < data->columns; k++) {
        int64_t row = 1;
        while (row < data->rows && data->value[row * data->columns + k] == data->value[k])
            row++;
        if (row < data->rows)
            continue;
        if (data->columns == 1)
            return eddy_status_fail(status,
                                    "%s is constant: all its %" PRId64 " values are %g, so there is nothing to learn.",
                                    name, data->rows, data->value[k]);
        return eddy_status_fail(status,
                                "%s is constant in column \"%s\": all its %" PRId64
                                " values are %g, so there is nothing to learn from it. Leave it out.",
                                name, output_shown(data->name[k]), data->rows, data->value[k]);
    }
    return true;
}

/* Where learning, choosing and testing take place. */
static bool divide(const settings *s, forecast_options *o, const frame *data, int64_t test, eddy_status *status)
{
    /* The tutorial's training and one that goes on from a file's weights hold nothing out: their losses are known. */
    double share = s->held_out >= 0 ? s->held_out : o->generated || o->init ? 0 : 0.1;
    const windows all = windows_of(data, o->window, o->horizon, o->targets);
    int64_t learned = all.count - test;
    int64_t held_out = (int64_t)(share * (double)learned);
    if (!held_out && share > 0 && s->held_out > 0)
        held_out = 1;
    if (held_out + o->horizon > learned && s->held_out < 0) /* too few to keep some by default */
        held_out = 0;
    return windows_divide(&o->split, &all, test, held_out, status);
}

static bool read_quantiles(settings *s, eddy_status *status)
{
    return !s->quantiles || bands_parse(&s->model.bands, s->quantiles) ||
           eddy_status_fail(
               status,
               "--quantiles takes at most %d ascending numbers above 0 and below 1 with commas between, as "
               "0.1,0.5,0.9, not \"%s\".",
               BANDS_MOST, output_shown(s->quantiles));
}

static bool read_data(run *r, eddy_status *status)
{
    settings *s = r->s;
    forecast_options *o = &s->model;
    const char *name = s->app.data ? s->app.data : "The generated series";
    const char *chosen = s->choice.targets ? "--column" : s->choice.inputs ? "--inputs" : "--date";
    if (!s->app.data && (s->choice.targets || s->choice.inputs || s->choice.date))
        return eddy_status_fail(status, "%s chooses from a file, so it needs --data.", chosen);
    if (s->split && s->test)
        return eddy_status_fail(status, "--split and --test say the same; leave one out.");
    s->choice.gaps = (frame_gaps)s->gaps;
    if (!(s->app.data ? frame_read(&r->data, options_input(s->app.data), &s->choice, &o->targets, status)
                      : series_generate(&r->data, GENERATED, o->seed, status)))
        return false;
    int64_t count = windows_of(&r->data, o->window, o->horizon, o->targets).count, learned;
    if (count < 1)
        return eddy_status_fail(status,
                                "%s has %" PRId64 " values, too few for a window of %" PRId64
                                " and %s after it: choose a smaller --window.",
                                name, r->data.rows, o->window, o->horizon > 1 ? "its horizon" : "the value");
    if (o->calendar && !r->data.time)
        return eddy_status_fail(status, "--calendar needs a column of dates, and %s has none%s.", name,
                                s->choice.date ? "" : " that is recognised; --date NAME names it");
    return varies(&r->data, name, status) && read_split(s, count, &learned, status) &&
           divide(s, o, &r->data, count - learned + o->horizon - 1, status);
}

/* The tutorial's way for the generated series and for weights of a file: one batch, one rate. */
static void choose_recipe(settings *s)
{
    app *a = &s->app;
    forecast_options *o = &s->model;
    training_options *t = &a->training;
    bool tutorial = o->generated || o->init;
    if (t->recipe.lr == 0)
        t->recipe.lr = tutorial ? 1e-3 : 3e-3;
    if (!o->batch && !tutorial)
        o->batch = 32;
    if (!t->patience && !tutorial)
        t->patience = 20;
    t->low = 0.02;
    t->schedule = tutorial ? TRAINING_CONSTANT : TRAINING_COSINE;
    o->recipe = t->recipe;
    o->stack = a->stack;
    o->stack.bidirectional = s->ways == 1;
}

static bool prepare(void *context, eddy_status *status)
{
    run *r = context;
    settings *s = r->s;
    forecast_options *o = &s->model;
    o->seed = s->app.seed;
    o->dtype = s->dtype ? EDDY_F64 : EDDY_F32;
    o->scale = (forecast_scale)s->scale;
    o->generated = !s->app.data;
    if (o->generated) {
        s->app.floor = 0.01;
        s->app.floor_name = "variance of the noise";
    }
    o->targets = 1;
    s->app.init = o->init;
    s->app.digits = forecast_digits(o);
    choose_recipe(s);
    if (!read_quantiles(s, status) || !read_data(r, status))
        return false;
    r->model = forecast_new(&r->data, o, status);
    return r->model;
}

static size_t places(void *context, app_place *place)
{
    run *r = context;
    const settings *s = r->s;
    eddy_status ignored = { 0 }; /* a path that is too long is told of the model */
    size_t count = 0;
    if (s->predictions)
        snprintf(r->predictions, sizeof r->predictions, "%s", s->predictions);
    else
        app_beside(&s->app, "predictions.csv", r->predictions, &ignored);
    place[count++] = (app_place){ "--predictions", r->predictions };
    if (s->no_plot)
        return count;
    app_beside(&s->app, "loss.svg", r->loss, &ignored);
    app_beside(&s->app, "series.svg", r->series, &ignored);
    app_beside(&s->app, "test.svg", r->bands, &ignored);
    place[count++] = (app_place){ "the picture of the loss", r->loss };
    place[count++] = (app_place){ "the picture of the series", r->series };
    place[count++] = (app_place){ "the picture of the test", r->bands };
    return count;
}

static void announce(const void *context)
{
    const run *r = context;
    const settings *s = r->s;
    const forecast_options *o = &s->model;
    char text[DATE_TEXT] = "", name[80];
    fprintf(stderr, "%s: %" PRId64 " values", o->generated ? "sin(0.1 k) + 0.1 N(0, 1)" : output_shown(s->app.data),
            r->data.rows);
    if (r->data.columns > 1)
        fprintf(stderr, " of %" PRId64 " columns", r->data.columns);
    if (r->data.time) {
        date_write(r->data.time[0], r->data.form, text);
        fprintf(stderr, " from %s", text);
        date_write(r->data.time[r->data.rows - 1], r->data.form, text);
        fprintf(stderr, " to %s, ", text);
        date_step_write(&r->data.step, text);
        fprintf(stderr, "%s apart", text);
        if (r->data.step.others)
            fprintf(stderr, " (but for %" PRId64 ")", r->data.step.others);
    }
    if (r->data.dropped || r->data.carried)
        fprintf(stderr, "; %" PRId64 " rows with gaps left out, %" PRId64 " gaps filled", r->data.dropped,
                r->data.carried);
    fprintf(stderr, "; windows of %" PRId64 ", %" PRId64 " to train, %" PRId64 " held out and %" PRId64 " to test.\n",
            o->window, o->split.train, o->split.held_out, o->split.test);
    forecast_name(o, r->data.columns, name, sizeof name);
    fprintf(stderr, "%s and a linear layer, %" PRId64 " parameters in %s; Adam %g, clipping at %g, seed %" PRIu64 ".\n",
            name, eddy_count_elements(eddy_parameters(forecast_tape(r->model))), eddy_dtype_name(o->dtype),
            o->recipe.lr, o->recipe.clip, o->seed);
}

/* ---- Training ---- */

/* The model of fold k: of all rows before its tests, which are the k-th part of the tested rows. */
static bool walk(run *r, app *part, int64_t k, int64_t test, eddy_status *status)
{
    forecast_fold *f = &r->fold[k];
    frame seen = r->data; /* a part of it, not a copy */
    forecast_options o = r->s->model;
    int64_t first = seen.rows - test + k * test / r->s->backtest,
            behind = seen.rows - test + (k + 1) * test / r->s->backtest;
    seen.rows = behind;
    if (!divide(r->s, &o, &seen, behind - first, status))
        return false;
    forecast_results results = { .data = &seen, .options = &o };
    forecast *model = forecast_new(&seen, &o, status);
    bool ok = model;
    if (ok) {
        const training_job job = forecast_job(model);
        part->training.resume = part->resume && !access(part->checkpoint, F_OK);
        ok = app_train(part, &job, status) && forecast_results_compute(&results, model, r->results.season, status);
    }
    *f = (forecast_fold){ o.split.test_first - (o.horizon - 1), first, o.split.test, { 0 } };
    for (int i = 0; ok && i < RESULTS; i++)
        f->rmse[i] = results.forecast[i] ? forecast_results_errors(&results, i, 0, -1, true).rmse : NAN;
    r->folds += ok && !interrupt_noted();
    forecast_results_free(&results);
    forecast_free(model);
    return ok;
}

static bool train(void *context, eddy_status *status)
{
    run *r = context;
    settings *s = r->s;
    app *a = &s->app;
    const training_job job = forecast_job(r->model);
    if (!app_train(a, &job, status))
        return false;
    r->results = (forecast_results){ .data = &r->data, .options = &s->model, .epochs = a->state.epoch };
    if (!a->state.best_step || !forecast_results_compute(&r->results, r->model, s->season, status))
        return !*status->text;
    app part = *a; /* the models of the walk have files of their own, and no log */
    part.log = NULL;
    part.rows = NULL;
    part.row_count = part.row_room = 0;
    bool ok = true;
    for (int64_t k = 0; ok && k < s->backtest && !interrupt_noted(); k++) {
        char name[32];
        snprintf(name, sizeof name, "walk%" PRId64, k + 1);
        ok = app_part(&part, a->model, name, status) &&
             walk(r, &part, k, s->model.split.test + s->model.horizon - 1, status);
    }
    if (interrupt_noted())
        a->end = TRAINING_STOPPED;
    eddy_free(part.rows);
    return ok;
}

/* ---- Results ---- */

static void draw(const run *r)
{
    const app *a = &r->s->app;
    eddy_status trouble[3] = { 0 };
    bool drawn[3] = { app_draw_losses(a, r->loss, &trouble[0]),
                      forecast_results_plot(&r->results, r->series, false, &trouble[1]),
                      forecast_results_plot(&r->results, r->bands, true, &trouble[2]) };
    for (int i = 0; i < 3; i++)
        if (!drawn[i])
            fprintf(stderr, "eddy train forecast: %s\n", *trouble[i].text ? trouble[i].text : "there is no memory.");
    if (!a->quiet)
        for (int i = 0; i < 3; i++)
            if (drawn[i])
                fprintf(stderr, "picture %s\n", output_shown(i == 0 ? r->loss : i == 1 ? r->series : r->bands));
}

static bool measure(void *context, eddy_status *status)
{
    run *r = context;
    if (!forecast_results_write(&r->results, r->predictions, status))
        return false;
    if (!r->s->no_plot)
        draw(r);
    return true;
}

static void print(const void *context)
{
    const run *r = context;
    if (r->s->app.json) {
        app_json_begin(&r->s->app, "forecast");
        forecast_results_print_json(&r->results);
        forecast_walk_print_json(r->fold, r->folds);
        printf(" }\n");
        return;
    }
    forecast_results_print(&r->results, r->model);
    forecast_walk_print(&r->data, r->fold, r->folds);
    for (int64_t m = 0; m < r->results.windows.targets; m++) {
        const char *floor_name = "";
        char what[80] = "test RMSE";
        double floor = forecast_results_floor(&r->results, m, &floor_name);
        double ours = forecast_results_errors(&r->results, RESULT_MODEL, m, -1, true).rmse;
        double last = forecast_results_errors(&r->results, RESULT_LAST, m, -1, true).rmse;
        if (r->results.windows.targets > 1)
            snprintf(what, sizeof what, "test RMSE of %.50s", output_shown(r->data.name[m]));
        if (last > 0 && isfinite(ours / last))
            printf("%s: %.1f %% %s than the last value's. ", what, 100 * fabs(1 - ours / last),
                   ours < last ? "less" : "more");
        app_print_verdict(what, ours, floor_name, floor, true);
    }
}

static const char about[] =
    "Trains an LSTM to forecast series from a window of their values, and compares it with the last value, "
    "the value a season ago and a linear\n"
    "autoregression of the same window. The generated series, and training that goes on from --init, is the "
    "tutorial's: all windows in one batch,\n"
    "one rate, nothing held out, and with the same data and weights the losses are PyTorch's. Otherwise "
    "batches of 32, a rate that falls, and the\n"
    "model that is best on held-out windows, which lie between those that are learned from and those that "
    "are tested; so no tested row is learned from.\n"
    "Loss and gradient norm are those before the update. Scale auto: values of a file are standardised, but "
    "with --init the scale is that file's, or none.";

static const char examples[] =
    "  eddy train forecast                          the tutorial's series; results in forecast/\n"
    "  eddy train forecast --data prices.csv --column close -o out/model.safetensors\n"
    "  eddy train forecast --data weather.csv --column temp_max --inputs temp_min,wind --calendar "
    "--difference --test 365\n"
    "  eddy train forecast --data sales.csv --column units --horizon 14 --quantiles 0.1,0.5,0.9 "
    "--backtest 4\n"
    "  eddy train forecast --epochs 20 --hidden 32 --no-plot\n";

static int run_task(settings *s, const options *line, int argc, char **argv)
{
    static const app_task task = { .name = "forecast",
                                   .own_data = true,
                                   .prepare = prepare,
                                   .places = places,
                                   .announce = announce,
                                   .train = train,
                                   .measure = measure,
                                   .print = print };
    run *r = eddy_allocate(1, sizeof *r); /* its paths are long */
    if (!r)
        return command_failed("train forecast", "there is no memory.");
    r->s = s;
    int status = app_main(&s->app, &task, r, line, argc, argv);
    forecast_results_free(&r->results);
    forecast_free(r->model);
    frame_free(&r->data);
    eddy_free(r);
    return interrupt_end(status);
}

int eddy_train_forecast(int argc, char **argv)
{
    settings s = { .app = { .training = { .recipe = { .clip = 0.5 } },
                            .stack = { .cell = "lstm", .hidden = 64, .layers = 1 },
                            .seed = 42,
                            .usual_epochs = 100,
                            .usual_log = "log.csv",
                            .logarithmic = true,
                            .unit = "" },
                   .model = { .window = 20, .horizon = 1 },
                   .held_out = -1 };
    option_row rows[OPTIONS_MAX] = {
        { "data", 0, OPTION_TEXT, "FILE",
          "series, .csv or .npy, \"-\": standard input; default: 1000 values of sin(0.1 k) + 0.1 N(0, 1)", &s.app.data,
          0, 0 },
        { "column", 0, OPTION_TEXT, "NAME|N,...", "which column of the file, by name or number (from 1); or several",
          &s.choice.targets, 0, 0 },
        { "inputs", 0, OPTION_TEXT, "NAME|N,...", "columns that the model looks at besides, but does not forecast",
          &s.choice.inputs, 0, 0 },
        { "date", 0, OPTION_TEXT, "NAME|N", "the column of dates; default: the first that looks like one",
          &s.choice.date, 0, 0 },
        { "gaps", 0, OPTION_CHOICE, "error|drop|carry",
          "missing cells: refuse, leave the row out, repeat the value before", &s.gaps, 0, 0 },
        { "window", 0, OPTION_COUNT, "N", "values that the model looks at; default 20", &s.model.window, 1, 1e6 },
        { "horizon", 0, OPTION_COUNT, "N", "rows ahead that it forecasts; default 1", &s.model.horizon, 1, 1e5 },
        { "recursive", 0, OPTION_FLAG, NULL, "one row at a time, each from the forecasts before; else all at once",
          &s.model.recursive, 0, 0 },
        { "difference", 0, OPTION_FLAG, NULL, "the network says how far the forecast is from the last value",
          &s.model.difference, 0, 0 },
        { "calendar", 0, OPTION_FLAG, NULL, "it also looks at the place in the year and in the day", &s.model.calendar,
          0, 0 },
        { "quantiles", 0, OPTION_TEXT, "P,...", "learn these too, 0.1,0.9 for example: the edges of bands",
          &s.quantiles, 0, 0 },
        { "members", 0, OPTION_COUNT, "N", "networks, whose mean is the forecast; default 1", &s.model.members, 1,
          FORECAST_MEMBERS },
        { "ways", 0, OPTION_CHOICE, "forwards|both", "directions in which a window is read", &s.ways, 0, 0 },
        { "split", 0, OPTION_TEXT, "N|0.8",
          "windows before the tested ones, number or share; default 800 (generated), 0.8 (file)", &s.split, 0, 0 },
        { "test", 0, OPTION_COUNT, "N", "instead: test the last N windows", &s.test, 1, 1e12 },
        { "held-out", 0, OPTION_NUMBER, "X",
          "share of the windows before, the last ones, that chooses the best model; default 0.1 (file), 0 (generated)",
          &s.held_out, 0, 0.5 },
        { "backtest", 0, OPTION_COUNT, "N", "walk forward: N more models, each tested on the N-th part that follows",
          &s.backtest, 2, FORECAST_FOLDS },
        { "season", 0, OPTION_COUNT, "N", "rows, of the seasonal naive forecast; default: found", &s.season, 2, 1e9 },
        { "batch", 0, OPTION_COUNT, "N", "windows; default 32 (file), all in one (generated, --init)", &s.model.batch,
          1, 1e9 },
        { "init", 0, OPTION_TEXT, "FILE",
          "initial weights, .safetensors with PyTorch's names (lstm.weight_ih_l0, ..., fc.bias)", &s.model.init, 0, 0 },
        { "dtype", 0, OPTION_CHOICE, "f32|f64", "default f32", &s.dtype, 0, 0 },
        { "scale", 0, OPTION_CHOICE, "auto|none|standard", "what the model sees: values as they are, or standardised",
          &s.scale, 0, 0 },
        { "predictions", 0, OPTION_TEXT, "FILE", "index, truth, prediction, split; default predictions.csv",
          &s.predictions, 0, 0 },
        { "no-plot", 0, OPTION_FLAG, NULL, "no pictures (loss.svg, series.svg, test.svg, by gnuplot)", &s.no_plot, 0,
          0 },
    };
    const options line = {
        .command = "train forecast",
        .usage = "train forecast [OPTIONS]",
        .about = about,
        .examples = examples,
        .rows = rows,
        .count = app_rows(&s.app, rows),
    };
    return run_task(&s, &line, argc, argv);
}
