/* The forecasting model: one recording to train, one to look ahead. The tape keeps the first failure, so it is asked
 * once at the end of each part. */
#include "forecast.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct forecast {
    forecast_options options;
    double mean, scale; /* the model sees (value - mean) / scale */
    int64_t windows;    /* of the series it was made with; 1 for an opened model */
    eddy_tape *tape;
    eddy_lstm lstm;
    eddy_linear fc;
    eddy_program *training, *looking;
    eddy_var loss, norm;
    eddy_var seen, ahead; /* input and output of `looking` */
};

static bool tape_failed(const forecast *model, eddy_status *status)
{
    const char *sentence = eddy_error(model->tape);
    if (sentence)
        eddy_status_fail(status, "%s", sentence);
    return sentence != NULL;
}

/* After a call that said it failed. */
static bool give_up(const forecast *model, eddy_status *status)
{
    return tape_failed(model, status) ? false : eddy_status_fail(status, "The model could not be computed.");
}

static bool make_tape(forecast *model, eddy_status *status)
{
    model->tape = eddy_tape_new(model->options.dtype, model->options.seed);
    model->lstm = eddy_lstm_new(model->tape, "lstm", 1, model->options.hidden);
    model->fc = eddy_linear_new(model->tape, "fc", model->options.hidden, 1);
    return !tape_failed(model, status);
}

/* The function, not the macro: a mistake in a file stands at no line of this program. */
static void load(const forecast *model, const char *path)
{
    (eddy_load)(model->tape, path, eddy_parameters(model->tape));
}

/* x (window, batch, 1) -> (batch, 1) */
static eddy_var look_ahead(const forecast *model, eddy_var x)
{
    return eddy_apply(&model->fc, eddy_unroll(&model->lstm.cell, x, NULL).last);
}

static bool record_training(forecast *model, const eddy_tensor *xs, const eddy_tensor *ys, eddy_status *status)
{
    eddy_tape *tape = model->tape;
    eddy_var x = eddy_input(tape, "x", xs->shape), y = eddy_input(tape, "y", ys->shape);

    model->loss = eddy_mse(look_ahead(model, x), y);
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(model->loss, params);
    model->norm = eddy_clip_grad_norm(&grads, model->options.clip);
    eddy_list update = eddy_adam(params, grads, &(eddy_adam_options){ .lr = model->options.lr });

    model->training = eddy_compile(tape, EDDY_LIST(model->loss, model->norm), update);
    eddy_set_tensor(x, xs);
    eddy_set_tensor(y, ys);
    return !tape_failed(model, status);
}

static bool record_looking(forecast *model, eddy_shape shape, eddy_status *status)
{
    model->seen = eddy_input(model->tape, "window", shape);
    model->ahead = look_ahead(model, model->seen);
    model->looking = eddy_compile(model->tape, EDDY_LIST(model->ahead), EDDY_NONE);
    return !tape_failed(model, status);
}

/* ---- Model files: weights, and how they were used, in the metadata ---- */

static bool read_number(const eddy_safetensors *file, const char *key, double *value)
{
    const char *text = eddy_safetensors_value(file, key);
    return text && eddy_parse_number(text, strlen(text), value);
}

/* False when the file says no scale; then mean and scale are as before. */
static bool read_scale(const eddy_safetensors *file, double *mean, double *scale)
{
    double m, s;
    if (!read_number(file, "eddy.mean", &m) || !read_number(file, "eddy.scale", &s) || s <= 0)
        return false;
    *mean = m;
    *scale = s;
    return true;
}

bool forecast_save(forecast *model, const char *path, eddy_status *status)
{
    char window[32], mean[32], scale[32], seed[32];
    snprintf(window, sizeof window, "%" PRId64, model->options.window);
    eddy_snprintf(mean, sizeof mean, "%.17g", model->mean);
    eddy_snprintf(scale, sizeof scale, "%.17g", model->scale);
    snprintf(seed, sizeof seed, "%" PRIu64, model->options.seed);
    eddy_metadata metadata[] = {
        { "format", "pt" },    { "eddy.model", "forecast" }, { "eddy.window", window },
        { "eddy.mean", mean }, { "eddy.scale", scale },      { "eddy.generated", seed },
    };
    size_t count = sizeof metadata / sizeof *metadata - !model->options.generated;
    (eddy_save)(model->tape, path, eddy_parameters(model->tape), metadata, count);
    return !tape_failed(model, status);
}

static bool read_file(forecast *model, const eddy_safetensors *file, const char *path, eddy_status *status)
{
    const char *kind = eddy_safetensors_value(file, "eddy.model"),
               *seed = eddy_safetensors_value(file, "eddy.generated");
    const eddy_tensor *weight = eddy_safetensors_find(file, "fc.weight"),
                      *recurrent = eddy_safetensors_find(file, "lstm.weight_hh_l0");
    double window = 0;
    if (!kind || strcmp(kind, "forecast") || !read_number(file, "eddy.window", &window) ||
        !(window >= 1 && window <= 1e6) || window != floor(window) || !read_scale(file, &model->mean, &model->scale))
        return eddy_status_fail(
            status,
            "%s is no model of 'eddy train forecast': its metadata does not name model, window and scale. "
            "(Weights alone, from PyTorch for "
            "example, are what 'eddy train forecast --init' takes.)",
            path);
    int64_t hidden = weight && weight->shape.rank == 2 ? weight->shape.dim[1] : 0;
    /* eddy_load checks everything, but only after parameters of this size exist: the file must be as large as it claims
     * first. */
    if (hidden < 1 || !eddy_dtype_is_float(weight->dtype) || !recurrent ||
        eddy_tensor_count(recurrent) / hidden != 4 * hidden)
        return eddy_status_fail(
            status,
            "%s has no fc.weight (1, hidden) and lstm.weight_hh_l0 (4 hidden, hidden), so it is no forecasting model.",
            path);
    model->options = (forecast_options){
        .window = (int64_t)window, .hidden = hidden, .dtype = weight->dtype, .generated = seed != NULL
    };
    model->options.seed = seed ? strtoull(seed, NULL, 10) : 0;
    return true;
}

forecast *forecast_open(const char *path, eddy_status *status)
{
    eddy_safetensors file = { 0 };
    forecast *model = eddy_allocate(1, sizeof *model);
    if (!model) {
        eddy_status_fail(status, "There is no memory for a model.");
        return NULL;
    }
    bool ok = eddy_safetensors_load(&file, path, status) && read_file(model, &file, path, status);
    eddy_safetensors_free(&file);
    model->windows = 1;
    ok = ok && make_tape(model, status);
    if (ok)
        load(model, path);
    ok = ok && !tape_failed(model, status) && record_looking(model, EDDY_SHAPE(model->options.window, 1, 1), status);
    if (!ok) {
        forecast_free(model);
        return NULL;
    }
    return model;
}

/* ---- Training ---- */

static bool choose_scale(forecast *model, const series *data, eddy_status *status)
{
    const forecast_options *o = &model->options;
    model->mean = 0;
    model->scale = 1;
    if (o->init && o->scale == FORECAST_SCALE_AUTO) {
        eddy_safetensors file = { 0 };
        bool ok = eddy_safetensors_load(&file, o->init, status);
        if (ok)
            read_scale(&file, &model->mean, &model->scale);
        eddy_safetensors_free(&file);
        return ok;
    }
    if (o->scale == FORECAST_SCALE_NONE || (o->scale == FORECAST_SCALE_AUTO && o->generated))
        return true;
    int64_t n = o->train + o->window;
    double mean = 0, square = 0;
    for (int64_t i = 0; i < n; i++)
        mean += data->value[i] / (double)n;
    for (int64_t i = 0; i < n; i++)
        square += (data->value[i] - mean) * (data->value[i] - mean) / (double)n;
    if (!isfinite(mean) || !isfinite(square))
        return eddy_status_fail(status, "The values of the series are too large to be standardised.");
    model->mean = mean;
    model->scale = square > 0 ? sqrt(square) : 1;
    return true;
}

forecast *forecast_new(const series *data, const forecast_options *options, eddy_status *status)
{
    int64_t windows = data->count - options->window, train = options->train;
    if (windows < 1) {
        eddy_status_fail(status,
                         "A window of %" PRId64 " values needs a series of at least %" PRId64
                         ", and this one has %" PRId64 ".",
                         options->window, options->window + 1, data->count);
        return NULL;
    }
    if (train < 1 || train > windows) {
        eddy_status_fail(status, "Training takes 1 to %" PRId64 " windows of this series, not %" PRId64 ".", windows,
                         train);
        return NULL;
    }
    forecast *model = eddy_allocate(1, sizeof *model);
    double *scaled = eddy_allocate((size_t)data->count, sizeof *scaled);
    bool ok = model && scaled;
    if (!ok) {
        eddy_status_fail(status, "There is no memory for a model of %" PRId64 " values.", data->count);
    } else {
        model->options = *options;
        model->windows = windows;
        ok = choose_scale(model, data, status) && make_tape(model, status);
    }
    if (ok && options->init) {
        load(model, options->init);
        ok = !tape_failed(model, status);
    }
    if (ok) {
        for (int64_t i = 0; i < data->count; i++)
            scaled[i] = (data->value[i] - model->mean) / model->scale;
        /* Windows overlap, so they are a view of the series: element (t, n) of xs is scaled[t + n]. */
        eddy_tensor xs = { scaled, EDDY_F64, EDDY_SHAPE(options->window, train, 1), { 1, 1, 1 }, NULL };
        eddy_tensor ys = { scaled + options->window, EDDY_F64, EDDY_SHAPE(train, 1), { 1, 1 }, NULL };
        eddy_tensor all = xs;
        all.shape.dim[1] = windows;
        ok = record_training(model, &xs, &ys, status) && record_looking(model, all.shape, status);
        ok = ok && (eddy_set_tensor(model->seen, &all) || give_up(model, status));
    }
    eddy_free(scaled);
    if (!ok) {
        forecast_free(model);
        return NULL;
    }
    return model;
}

bool forecast_epoch(forecast *model, double *loss, double *norm, eddy_status *status)
{
    if (!eddy_run(model->training))
        return give_up(model, status);
    *loss = eddy_output(model->training, model->loss);
    *norm = eddy_output(model->training, model->norm);
    return true;
}

bool forecast_predict(forecast *model, double *prediction, eddy_status *status)
{
    const eddy_tensor *ahead = eddy_run(model->looking) ? eddy_output_tensor(model->looking, model->ahead) : NULL;
    for (int64_t n = 0; ahead && n < model->windows; n++)
        prediction[n] = model->mean + model->scale * eddy_tensor_flat(ahead, n);
    return ahead || give_up(model, status);
}

bool forecast_continue(forecast *model, const series *history, int64_t steps, double *out, eddy_status *status)
{
    int64_t window = model->options.window;
    if (history->count < window)
        return eddy_status_fail(
            status, "The model looks at windows of %" PRId64 " values, and the series has only %" PRId64 ".", window,
            history->count);
    double *seen = eddy_allocate((size_t)window, sizeof *seen);
    if (!seen)
        return eddy_status_fail(status, "There is no memory for a window of %" PRId64 " values.", window);
    for (int64_t i = 0; i < window; i++)
        seen[i] = (history->value[history->count - window + i] - model->mean) / model->scale;
    eddy_tensor view = eddy_tensor_wrap(seen, EDDY_F64, EDDY_SHAPE(window, 1, 1));
    bool ok = true;
    for (int64_t k = 0; ok && k < steps; k++) {
        ok = eddy_set_tensor(model->seen, &view) && forecast_predict(model, &out[k], status);
        memmove(seen, seen + 1, (size_t)(window - 1) * sizeof *seen);
        seen[window - 1] = (out[k] - model->mean) / model->scale;
    }
    eddy_free(seen);
    return ok || give_up(model, status);
}

const forecast_options *forecast_describe(const forecast *model)
{
    return &model->options;
}

void forecast_scale_of(const forecast *model, double *mean, double *scale)
{
    *mean = model->mean;
    *scale = model->scale;
}

void forecast_free(forecast *model)
{
    if (model)
        eddy_tape_free(model->tape);
    eddy_free(model);
}
