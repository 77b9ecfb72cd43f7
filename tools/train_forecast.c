/* eddy train forecast: reads or makes a series, trains the forecaster, compares it with its baselines, and leaves
 * model, tables and pictures.
 *
 * Whatever can be wrong with the input or the places of the output is told before the first epoch. */
#include "train_tasks.h"
#include "interrupt.h"
#include "options.h"
#include "output.h"
#include "plot.h"

#include "baseline.h"
#include "forecast.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, GENERATED = 1000, GENERATED_TRAIN = 800 };

typedef struct settings {
    forecast_options model;
    int64_t epochs;
    const char *data, *column, *split, *log, *predictions, *out;
    int dtype, scale;
    bool no_plot, quiet;
} settings;

typedef struct run {
    const settings *s;
    series data;
    int64_t windows, done;
    double *loss, *norm;  /* of the epochs done */
    double *forecasts[3]; /* of the model, the linear autoregression, the last value */
    forecast *model;
    output log, predictions;
    char place[5][PATH_SIZE]; /* model, log, predictions, loss picture, series picture */
} run;

/* "800" windows or "0.8" of them. */
static bool read_split(const settings *s, int64_t windows, int64_t *train, eddy_status *status)
{
    char expected[128];
    double share = 0.8;
    const char *text = s->split;
    *train = !s->data && windows > GENERATED_TRAIN ? GENERATED_TRAIN : (int64_t)((double)windows * share);
    if (text && strpbrk(text, ".eE")) {
        if (!options_positive(text, 1, &share, expected, sizeof expected) || share >= 1)
            return eddy_status_fail(
                status, "--split takes a number of windows, or a share of them above 0 and below 1, not \"%s\".", text);
        *train = (int64_t)((double)windows * share + 1e-9);
    } else if (text && !options_count(text, 1, 1e15, train, expected, sizeof expected)) {
        return eddy_status_fail(
            status, "--split takes a number of windows, or a share of them above 0 and below 1, not \"%s\".", text);
    }
    if (windows < 2)
        return eddy_status_fail(status,
                                "The series is too short: %" PRId64 " windows of %" PRId64
                                " values with the value after each, and one must be left to test.",
                                windows, s->model.window);
    if (!text && *train < 1)
        *train = 1;
    if (*train < 1 || *train >= windows)
        return eddy_status_fail(status,
                                "--split %s leaves %s: the series has %" PRId64 " windows of %" PRId64 " values.", text,
                                *train < 1 ? "no window to train on" : "no window to test", windows, s->model.window);
    return true;
}

static bool read_data(run *r, settings *s, eddy_status *status)
{
    const char *name = s->data ? s->data : "The generated series";
    if (s->column && !s->data)
        return eddy_status_fail(status, "--column chooses from a file, so it needs --data.");
    if (!(s->data ? series_read(&r->data, options_input(s->data), s->column, status)
                  : series_generate(&r->data, GENERATED, s->model.seed, status)))
        return false;
    r->windows = r->data.count - s->model.window;
    if (r->windows < 1)
        return eddy_status_fail(status,
                                "%s has %" PRId64 " values, too few for a window of %" PRId64
                                " and the value after it: choose a smaller --window.",
                                name, r->data.count, s->model.window);
    int64_t same = 1;
    while (same < r->data.count && r->data.value[same] == r->data.value[0])
        same++;
    if (same == r->data.count)
        return eddy_status_fail(status,
                                "%s is constant: all its %" PRId64 " values are %g, so there is nothing to learn.",
                                name, same, r->data.value[0]);
    return read_split(s, r->windows, &s->model.train, status);
}

/* ---- Where the results go ---- */

static bool choose_places(run *r, eddy_status *status)
{
    static const char *const defaults[] = { "model.safetensors", "log.csv", "predictions.csv", "loss.svg",
                                            "series.svg" };
    static const char *const meaning[] = { "--out", "--log", "--predictions", "the picture of the loss",
                                           "the picture of the series" };
    const char *given[5] = { r->s->out, r->s->log, r->s->predictions, NULL, NULL };
    char folder[PATH_SIZE] = "forecast/";
    struct stat about;
    /* Beside a device or a pipe is no place for results. */
    bool beside = r->s->out && (stat(r->s->out, &about) || S_ISREG(about.st_mode) || S_ISDIR(about.st_mode));
    if (beside && !output_folder(r->s->out, folder, sizeof folder))
        return eddy_status_fail(status, "The path of --out is too long.");
    for (int i = 0; i < 5; i++) {
        int n = given[i] ? snprintf(r->place[i], PATH_SIZE, "%s", given[i])
                         : snprintf(r->place[i], PATH_SIZE, "%s%s", folder, defaults[i]);
        if (n >= PATH_SIZE)
            return eddy_status_fail(status, "The path for %s is too long.", meaning[i]);
    }
    int used = r->s->no_plot ? 3 : 5;
    for (int i = 0; i < used; i++) {
        if (r->s->data && output_same(r->place[i], r->s->data))
            return eddy_status_fail(status, "%s would overwrite the data, %s.", meaning[i], r->s->data);
        if (r->s->model.init && i && output_same(r->place[i], r->s->model.init))
            return eddy_status_fail(status, "%s would overwrite the weights of --init, %s.", meaning[i],
                                    r->s->model.init);
        for (int k = 0; k < i; k++)
            if (output_same(r->place[i], r->place[k]))
                return eddy_status_fail(status, "%s and %s are the same file, %s.", meaning[k], meaning[i],
                                        r->place[i]);
    }
    bool made = !beside && !mkdir("forecast", 0777);
    if (!beside && !made && errno != EEXIST)
        return eddy_status_fail(status,
                                "The folder forecast cannot be made here: %s. --out FILE puts the results elsewhere.",
                                strerror(errno));
    bool ok = true;
    for (int i = 0; ok && i < used; i++) /* model and pictures, which others write */
        ok = i == 1 || i == 2 || eddy_writer_check(r->place[i], status);
    ok = ok && output_open(&r->predictions, r->place[2], status) && output_open(&r->log, r->place[1], status);
    if (!ok) {
        output_discard(&r->predictions);
        if (made)
            rmdir("forecast");
    }
    return ok;
}

/* ---- Training ---- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void show_progress(const run *r, double start, double *shown)
{
    int64_t epochs = r->s->epochs, every = epochs >= 10 ? epochs / 10 : 1;
    bool terminal = isatty(2), last = r->done == epochs || interrupt_noted();
    double now = seconds(), left = (now - start) / (double)r->done * (double)(epochs - r->done);
    if (r->s->quiet || (!last && (terminal ? now - *shown < 0.05 : r->done % every != 0)))
        return;
    *shown = now;
    int64_t whole = (int64_t)fmin((last ? now - start : left) + 0.5, 1e9);
    fprintf(stderr, "%sepoch %*" PRId64 "/%" PRId64 "   loss %-11.6g gradient norm %-11.4g %" PRId64 ":%02d:%02d %s%s",
            terminal ? "\r\033[K" : "", snprintf(NULL, 0, "%" PRId64, epochs), r->done, epochs, r->loss[r->done - 1],
            r->norm[r->done - 1], whole / 3600, (int)(whole / 60 % 60), (int)(whole % 60), last ? "in all" : "left",
            terminal && !last ? "" : "\n");
}

static bool grow(run *r, int64_t *room, eddy_status *status)
{
    if (r->done < *room)
        return true;
    int64_t more = *room ? 2 * *room : 128;
    double *loss = eddy_reallocate(r->loss, (size_t)more, sizeof *loss);
    r->loss = loss ? loss : r->loss;
    double *norm = loss ? eddy_reallocate(r->norm, (size_t)more, sizeof *norm) : NULL;
    r->norm = norm ? norm : r->norm;
    *room = more;
    return norm || eddy_status_fail(status, "There is no memory for the losses of %" PRId64 " epochs.", more);
}

/* The digits that give the number back exactly. */
static int digits(const run *r)
{
    return r->s->model.dtype == EDDY_F32 ? 9 : 17;
}

static bool train(run *r, eddy_status *status)
{
    double start = seconds(), shown = 0;
    int64_t room = 0;
    fprintf(r->log.stream, "epoch,loss,grad_norm\n");
    while (r->done < r->s->epochs && !interrupt_noted()) {
        double loss, norm;
        if (!grow(r, &room, status) || !forecast_epoch(r->model, &loss, &norm, status))
            return false;
        r->loss[r->done] = loss;
        r->norm[r->done] = norm;
        r->done++;
        fprintf(r->log.stream, "%" PRId64 ",%.*g,%.*g\n", r->done, digits(r), loss, digits(r), norm);
        output_flush(&r->log);
        show_progress(r, start, &shown);
        if (!isfinite(loss) || !isfinite(norm))
            return eddy_status_fail(status,
                                    "The %s became %g in epoch %" PRId64
                                    ": try a smaller --lr or --clip. The log is kept in %s; no model was written.",
                                    isfinite(loss) ? "norm of the gradient" : "loss", isfinite(loss) ? norm : loss,
                                    r->done, r->place[1]);
    }
    return true;
}

/* ---- Results ---- */

static bool compute_results(run *r, eddy_status *status)
{
    for (int i = 0; i < 3; i++) {
        r->forecasts[i] = eddy_allocate((size_t)r->windows, sizeof(double));
        if (!r->forecasts[i])
            return eddy_status_fail(status, "There is no memory for %" PRId64 " forecasts.", r->windows);
    }
    baseline_last_value(&r->data, r->s->model.window, r->forecasts[2]);
    return forecast_predict(r->model, r->forecasts[0], status) &&
           baseline_autoregression(&r->data, r->s->model.window, r->s->model.train, r->forecasts[1], status);
}

static void write_predictions(const run *r)
{
    const forecast_options *o = &r->s->model;
    fprintf(r->predictions.stream, "index,truth,prediction,split\n");
    for (int64_t n = 0; n < r->windows; n++)
        fprintf(r->predictions.stream, "%" PRId64 ",%.*g,%.*g,%s\n", n + o->window, digits(r),
                r->data.value[n + o->window], digits(r), r->forecasts[0][n], n < o->train ? "train" : "test");
}

/* "n/a" where a number would be infinite or none: of a series whose errors are all 0, or too large to be squared. */
static const char *figure(char out[32], bool fixed, double value)
{
    if (!isfinite(value))
        return "n/a";
    snprintf(out, 32, fixed ? "%.3f" : "%.5g", value);
    return out;
}

static void print_table(const run *r)
{
    const forecast_options *o = &r->s->model;
    char names[3][64], shown[3][32];
    double mse[3][2], mean, scale;
    snprintf(names[0], sizeof names[0], "LSTM(1->%" PRId64 "), %" PRId64 " epoch%s", o->hidden, r->done,
             r->done == 1 ? "" : "s");
    snprintf(names[1], sizeof names[1], "linear autoregression of %" PRId64, o->window);
    snprintf(names[2], sizeof names[2], "last value");
    for (int i = 0; i < 3; i++) {
        mse[i][0] = baseline_mse(&r->data, o->window, r->forecasts[i], 0, o->train);
        mse[i][1] = baseline_mse(&r->data, o->window, r->forecasts[i], o->train, r->windows);
    }
    printf("%-32s %12s %12s   %s\n", "", "train MSE", "test MSE", "test MSE / autoregression's");
    for (int i = 0; i < 3; i++)
        printf("%-32s %12s %12s   %s\n", names[i], figure(shown[0], false, mse[i][0]),
               figure(shown[1], false, mse[i][1]), figure(shown[2], true, mse[i][1] / mse[1][1]));
    if (r->s->data)
        printf("%-32s %12s %12s\n", "noise floor", "n/a", "n/a");
    else
        printf("%-32s %12.5g %12.5g   (the variance of the noise)\n", "noise floor", 0.01, 0.01);
    forecast_scale_of(r->model, &mean, &scale);
    if (mean != 0 || scale != 1)
        printf("The model sees (value - %.6g) / %.6g, and losses are of such values; the table is in the series' own "
               "units.\n",
               mean, scale);
}

static int write_results(run *r, eddy_status *status)
{
    const forecast_options *o = &r->s->model;
    bool computed = compute_results(r, status);
    if (computed) {
        write_predictions(r);
        print_table(r);
    }
    /* one file that fails must not take the others with it */
    bool saved = forecast_save(r->model, r->place[0], status);
    saved = output_keep(&r->log, status) && saved;
    saved = computed && output_keep(&r->predictions, status) && saved;
    if (!saved)
        return command_failed("train forecast", "%s", status->text);
    bool drawn[2] = { false, false };
    if (!r->s->no_plot) {
        eddy_status trouble[2] = { 0 };
        drawn[0] = plot_loss(r->place[3], r->loss, r->done, r->s->data ? 0 : 0.01, &trouble[0]);
        drawn[1] =
            plot_series(r->place[4], r->data.value, r->data.count, o->window, o->train, r->forecasts[0], &trouble[1]);
        for (int i = 0; i < 2; i++)
            if (!drawn[i])
                fprintf(stderr, "eddy train forecast: %s\n", trouble[i].text);
    }
    if (!r->s->quiet) {
        printf("Model %s, log %s, forecasts %s", output_shown(r->place[0]), output_shown(r->place[1]),
               output_shown(r->place[2]));
        for (int i = 0; i < 2; i++)
            if (drawn[i])
                printf(", picture %s", output_shown(r->place[3 + i]));
        printf("\n");
    }
    return COMMAND_DONE;
}

static int train_and_report(run *r, settings *s)
{
    eddy_status status = { 0 };
    r->s = s;
    if (!read_data(r, s, &status) || !(r->model = forecast_new(&r->data, &s->model, &status)) ||
        !choose_places(r, &status))
        return command_wrong("train forecast", "%s", status.text);
    if (!s->quiet) {
        int64_t h = s->model.hidden;
        fprintf(stderr,
                "%s: %" PRId64 " values, windows of %" PRId64 ", %" PRId64 " to train and %" PRId64 " to test.\n",
                s->data ? output_shown(s->data) : "sin(0.1 k) + 0.1 N(0, 1)", r->data.count, s->model.window,
                s->model.train, r->windows - s->model.train);
        fprintf(stderr,
                "LSTM(1->%" PRId64 ") and a linear layer, %" PRId64
                " parameters in %s; Adam %g, clipping at %g, seed %" PRIu64 ".\n",
                h, 4 * h * (1 + h + 2) + h + 1, eddy_dtype_name(s->model.dtype), s->model.lr, s->model.clip,
                s->model.seed);
    }

    interrupt_catch();
    if (!train(r, &status)) {
        output_keep(&r->log, NULL);
        return command_failed("train forecast", "%s", status.text);
    }
    if (interrupt_noted())
        fprintf(stderr, "eddy train forecast: interrupted after %" PRId64 " epoch%s; %s.\n", r->done,
                r->done == 1 ? "" : "s",
                r->done ? "what was learned so far is being saved" : "nothing was learned, nothing is saved");
    return r->done ? write_results(r, &status) : COMMAND_FAILED;
}

int eddy_train_forecast(int argc, char **argv)
{
    settings s = { .model = { .window = 20, .hidden = 64, .lr = 1e-3, .clip = 0.5, .seed = 42 }, .epochs = 100 };
    const option_row rows[] = {
        { "data", 0, OPTION_TEXT, "FILE",
          "the series, .csv or .npy, \"-\": standard input; default: 1000 values of sin(0.1 k) + 0.1 N(0, 1)", &s.data,
          0, 0 },
        { "column", 0, OPTION_TEXT, "NAME|N", "which column of the file, by name or number (from 1)", &s.column, 0, 0 },
        { "window", 0, OPTION_COUNT, "N", "values that the model looks at; default 20", &s.model.window, 1, 1e6 },
        { "split", 0, OPTION_TEXT, "N|0.8", "windows to train on, number or share; default 800 (generated), 0.8 (file)",
          &s.split, 0, 0 },
        { "hidden", 0, OPTION_COUNT, "N", "units of the LSTM; default 64", &s.model.hidden, 1, 65536 },
        { "epochs", 0, OPTION_COUNT, "N", "default 100", &s.epochs, 1, 1e9 },
        { "lr", 0, OPTION_POSITIVE, "X", "Adam's learning rate; default 0.001", &s.model.lr, 0, 1e3 },
        { "clip", 0, OPTION_POSITIVE, "X", "largest norm of the gradient; default 0.5", &s.model.clip, 0, 1e30 },
        { "seed", 0, OPTION_SEED, "N", "of the weights and the generated noise; default 42", &s.model.seed, 0, 0 },
        { "init", 0, OPTION_TEXT, "FILE",
          "initial weights, .safetensors with PyTorch's names (lstm.weight_ih_l0, ..., fc.bias)", &s.model.init, 0, 0 },
        { "dtype", 0, OPTION_CHOICE, "f32|f64", "default f32", &s.dtype, 0, 0 },
        { "scale", 0, OPTION_CHOICE, "auto|none|standard", "what the model sees: values as they are, or standardised",
          &s.scale, 0, 0 },
        { "out", 'o', OPTION_TEXT, "FILE",
          "the model; default forecast/model.safetensors. Other results stand beside it", &s.out, 0, 0 },
        { "log", 0, OPTION_TEXT, "FILE", "epoch, loss, grad_norm; default log.csv", &s.log, 0, 0 },
        { "predictions", 0, OPTION_TEXT, "FILE", "index, truth, prediction, split; default predictions.csv",
          &s.predictions, 0, 0 },
        { "no-plot", 0, OPTION_FLAG, NULL, "no pictures (loss.svg, series.svg, by gnuplot)", &s.no_plot, 0, 0 },
        { "quiet", 'q', OPTION_FLAG, NULL, "only the final table", &s.quiet, 0, 0 },
    };
    const options line = {
        .command = "train forecast",
        .usage = "train forecast [OPTIONS]",
        .about = "Trains an LSTM to forecast the next value of a series from a window of values, in full-batch epochs, "
                 "and compares it with a linear\n"
                 "autoregression of the same window and with the last value. The loss and gradient norm of an epoch "
                 "are those before its update.\n"
                 "Scale auto: generated values stay as they are; those of a file are standardised, but with --init the "
                 "scale is the one in that file's\n"
                 "metadata, or none: with the same data and weights the losses are PyTorch's. Ctrl-C saves what was "
                 "learned so far.",
        .examples = "  eddy train forecast                          the tutorial's series; results in forecast/\n"
                    "  eddy train forecast --data prices.csv --column close -o out/model.safetensors\n"
                    "  eddy train forecast --epochs 20 --hidden 32 --no-plot\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 0,
        .most = 0,
    };
    int first, status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    s.model.dtype = s.dtype ? EDDY_F64 : EDDY_F32;
    s.model.scale = (forecast_scale)s.scale;
    s.model.generated = !s.data;

    run *r = eddy_allocate(1, sizeof *r); /* its paths are long */
    if (!r)
        return command_failed("train forecast", "there is no memory.");
    status = train_and_report(r, &s);
    output_discard(&r->log);
    output_discard(&r->predictions);
    for (int i = 0; i < 3; i++)
        eddy_free(r->forecasts[i]);
    eddy_free(r->loss);
    eddy_free(r->norm);
    series_free(&r->data);
    forecast_free(r->model);
    eddy_free(r);
    return interrupt_end(status);
}
