/* The forecasting model's file: weights, and in the card how they were used. */
#include "forecast_model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void forecast_describe_in_card(forecast *m)
{
    const forecast_options *o = &m->options;
    card *c = &m->card;
    card_text(c, "model", "forecast");
    card_count(c, "window", o->window);
    card_scaler(c, &m->scaler);
    frame_describe(m->data, c);
    card_count(c, "targets", o->targets);
    card_count(c, "horizon", o->horizon);
    card_count(c, "recursive", o->recursive);
    card_count(c, "difference", o->difference);
    card_count(c, "calendar", o->calendar);
    card_count(c, "members", o->members);
    bands_describe(&o->bands, c);
    stack_describe(&o->stack, c);
    if (o->generated) {
        char seed[32];
        snprintf(seed, sizeof seed, "%" PRIu64, o->seed);
        card_text(c, "generated", seed);
    }
}

/* A card of window, mean and scale alone, as who brings weights from elsewhere writes it, speaks of the plain model. */
static void complete(card *c, int64_t hidden)
{
    static const struct {
        const char *name;
        int64_t value;
    } plain[] = { { "date_form", 0 }, { "date_unit", 0 },     { "date_step", 0 }, { "targets", 1 }, { "horizon", 1 },
                  { "recursive", 0 }, { "difference", 0 },    { "calendar", 0 },  { "members", 1 }, { "quantiles", 0 },
                  { "layers", 1 },    { "bidirectional", 0 }, { "dropout", 0 } };
    card_text(c, "columns", "value");
    card_text(c, "cell", "lstm");
    card_count(c, "hidden", hidden);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        card_count(c, plain[i].name, plain[i].value);
}

static bool read_card(forecast *m, const card *c, eddy_status *status)
{
    forecast_options *o = &m->options;
    const char *seed = card_find(c, "generated");
    o->generated = seed != NULL;
    o->seed = seed ? strtoull(seed, NULL, 10) : 0;
    return card_read_count(c, "window", 1, 1000000, &o->window, status) && frame_read_names(&m->columns, c, status) &&
           card_read_scaler(c, m->columns.columns, &m->scaler, status) &&
           card_read_count(c, "targets", 1, m->columns.columns, &o->targets, status) &&
           card_read_count(c, "horizon", 1, 100000, &o->horizon, status) &&
           card_read_flag(c, "recursive", &o->recursive, status) &&
           card_read_flag(c, "difference", &o->difference, status) &&
           card_read_flag(c, "calendar", &o->calendar, status) &&
           card_read_count(c, "members", 1, FORECAST_MEMBERS, &o->members, status) &&
           bands_read(&o->bands, c, status) && stack_read(&o->stack, c, status) &&
           card_check_size(c, (o->recursive ? 1 : o->horizon) * o->targets * (1 + o->bands.count), status);
}

static bool read_model(forecast *m, const char *path, eddy_status *status)
{
    eddy_safetensors file = { 0 };
    if (!card_open(&m->card, path, "forecast", status) || !eddy_safetensors_load(&file, path, status))
        return false;
    const eddy_tensor *weight = eddy_safetensors_find(&file, "fc.weight");
    bool found = weight && weight->shape.rank == 2 && eddy_dtype_is_float(weight->dtype);
    m->options.dtype = found ? weight->dtype : EDDY_F32;
    if (found && !card_find(&m->card, "columns"))
        complete(&m->card, weight->shape.dim[1]);
    eddy_safetensors_free(&file);
    return read_card(m, &m->card, status) && forecast_make_tape(m, status) &&
           card_load(m->tape, eddy_parameters(m->tape), path, status) &&
           forecast_record_looking(m, m->options.bands.count ? FORECAST_PATHS : 1, status);
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
