/* The forecasting model's file: weights, and in the card how they were used. */
#include "forecast_model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void forecast_describe_in_card(forecast *m)
{
    const forecast_options *o = &m->options;
    card *c = &m->card;
    char seed[32];
    card_text(c, "model", "forecast");
    card_count(c, "window", o->window);
    card_numbers(c, "mean", m->mean, m->columns.columns);
    card_numbers(c, "scale", m->scale, m->columns.columns);
    frame_describe(&m->columns, c);
    card_count(c, "targets", o->targets);
    card_count(c, "horizon", o->horizon);
    card_count(c, "recursive", o->recursive);
    card_count(c, "difference", o->difference);
    card_count(c, "calendar", o->calendar);
    card_count(c, "members", o->members);
    card_count(c, "quantiles", o->quantiles);
    if (o->quantiles)
        card_numbers(c, "quantile", o->quantile, o->quantiles);
    stack_describe(&o->stack, c);
    snprintf(seed, sizeof seed, "%" PRIu64, o->seed);
    if (o->generated)
        card_text(c, "generated", seed);
}

static bool read_flag(const card *c, const char *name, bool *out, eddy_status *status)
{
    int64_t value;
    if (!card_read_count(c, name, 0, 1, &value, status))
        return false;
    *out = value;
    return true;
}

/* What a model file says besides the plain model's window, mean and scale. */
static bool read_card(forecast *m, const card *c, eddy_status *status)
{
    forecast_options *o = &m->options;
    if (!frame_read_names(&m->columns, c, status) ||
        !card_read_count(c, "targets", 1, m->columns.columns, &o->targets, status) ||
        !card_read_count(c, "horizon", 1, 100000, &o->horizon, status) ||
        !read_flag(c, "recursive", &o->recursive, status) || !read_flag(c, "difference", &o->difference, status) ||
        !read_flag(c, "calendar", &o->calendar, status) ||
        !card_read_count(c, "members", 1, FORECAST_MEMBERS, &o->members, status) ||
        !card_read_count(c, "quantiles", 0, FORECAST_QUANTILES, &o->quantiles, status) ||
        (o->quantiles && !card_read_numbers(c, "quantile", o->quantile, o->quantiles, status)) ||
        !stack_read(&o->stack, c, status))
        return false;
    for (int64_t q = 0; q < o->quantiles; q++)
        if (!(o->quantile[q] > (q ? o->quantile[q - 1] : 0) && o->quantile[q] < 1))
            return eddy_status_fail(status, "The model file is damaged: its quantiles do not ascend from 0 to 1.");
    return true;
}

bool forecast_read_scales(forecast *m, const card *c, eddy_status *status)
{
    int64_t count = m->columns.columns;
    if (!card_read_numbers(c, "mean", m->mean, count, status) ||
        !card_read_numbers(c, "scale", m->scale, count, status))
        return false;
    for (int64_t k = 0; k < count; k++)
        if (!(m->scale[k] > 0))
            return eddy_status_fail(status, "The model file is damaged: a scale is not above 0.");
    return true;
}

/* card_load checks everything, but only after parameters of this size exist: the file must be as large as it claims
 * first. */
static bool check_size(forecast *m, const char *path, bool plain, eddy_status *status)
{
    eddy_safetensors file = { 0 };
    if (!eddy_safetensors_load(&file, path, status))
        return false;
    forecast_options *o = &m->options;
    const eddy_tensor *weight = eddy_safetensors_find(&file, "fc.weight"), *recurrent = NULL;
    for (size_t i = 0; i < file.count; i++)
        if ((strstr(file.tensors[i].name, ".weight_hh_l0") || strstr(file.tensors[i].name, "_l0.forget.weight")) &&
            !strstr(file.tensors[i].name, "_reverse"))
            recurrent = &file.tensors[i].tensor;
    int64_t ways = o->stack.bidirectional ? 2 : 1;
    int64_t hidden = weight && weight->shape.rank == 2 ? weight->shape.dim[1] / ways : 0;
    if (plain)
        o->stack.hidden = hidden;
    bool ok = hidden >= 1 && hidden == o->stack.hidden && eddy_dtype_is_float(weight->dtype) && recurrent &&
              eddy_tensor_count(recurrent) / hidden >= hidden &&
              (!plain || eddy_tensor_count(recurrent) / hidden == 4 * hidden);
    if (ok)
        o->dtype = weight->dtype;
    else
        eddy_status_fail(status,
                         "%s has no fc.weight (1, hidden) and lstm.weight_hh_l0 (4 hidden, hidden) of its size, so it "
                         "is no forecasting model.",
                         path);
    eddy_safetensors_free(&file);
    return ok;
}

static bool read_model(forecast *m, const char *path, eddy_status *status)
{
    forecast_options *o = &m->options;
    eddy_status ignored = { 0 };
    eddy_safetensors file = { 0 };
    if (!eddy_safetensors_load(&file, path, status)) /* what is no file at all is told as it is */
        return false;
    const char *task = eddy_safetensors_value(&file, "eddy.model");
    bool other = task && (strcmp(task, "forecast") != 0 || eddy_safetensors_value(&file, "eddy.checkpoint.step"));
    eddy_safetensors_free(&file);
    if (other) /* a model of another task, or a checkpoint: card_open says which */
        return card_open(&m->card, path, "forecast", status);
    bool ok = card_open(&m->card, path, "forecast", &ignored) &&
              card_read_count(&m->card, "window", 1, 1000000, &o->window, &ignored);
    bool plain = ok && !card_find(&m->card, "columns");
    if (plain) {
        const double nothing = 0;
        *o = (forecast_options){ .window = o->window,
                                 .horizon = 1,
                                 .targets = 1,
                                 .members = 1,
                                 .stack = { .cell = "lstm", .hidden = 1, .layers = 1 } };
        ok = frame_of(&m->columns, &nothing, 0, "value", status);
    } else if (ok && !read_card(m, &m->card, status)) {
        return false;
    }
    ok = ok && forecast_size_up(m, &ignored) && forecast_read_scales(m, &m->card, &ignored);
    if (!ok)
        return eddy_status_fail(
            status,
            "%s is no model of 'eddy train forecast': its metadata does not name model, window and scale. "
            "(Weights alone, from PyTorch for "
            "example, are what 'eddy train forecast --init' takes.)",
            path);
    const char *seed = card_find(&m->card, "generated");
    o->generated = seed != NULL;
    o->seed = seed ? strtoull(seed, NULL, 10) : 0;
    return check_size(m, path, plain, status) && forecast_make_tape(m, status) &&
           card_load(m->tape, eddy_parameters(m->tape), path, status) &&
           forecast_record_looking(m, o->quantiles ? FORECAST_PATHS : 1, status);
}

forecast *forecast_open(const char *path, eddy_status *status)
{
    forecast *m = eddy_allocate(1, sizeof *m);
    if (!m)
        forecast_no_memory(status);
    else if (read_model(m, path, status))
        return m;
    forecast_free(m);
    return NULL;
}

bool forecast_read(const forecast *m, const char *path, const frame_choice *choice, frame *out, eddy_status *status)
{
    const frame *columns = &m->columns;
    frame_choice how = *choice;
    int64_t targets;
    how.like = columns;
    how.like_targets = m->options.targets;
    if (!frame_read(out, path, &how, &targets, status))
        return false;
    if (targets == m->options.targets && out->columns == columns->columns)
        return true;
    int64_t chosen = out->columns;
    frame_free(out);
    return eddy_status_fail(status,
                            "The model forecasts %" PRId64 " of %" PRId64 " columns, and here %" PRId64 " of %" PRId64
                            " are chosen: name them with --column and --inputs.",
                            m->options.targets, columns->columns, targets, chosen);
}
