/* Looking ahead with the forecasting model: over the windows of a series, and behind its end. */
#include "forecast_model.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

int64_t forecast_width(const forecast *m)
{
    return (1 + m->options.bands.count) * m->options.horizon * m->options.targets;
}

static double unscaled(const forecast *m, int64_t target, double value)
{
    return eddy_tensor_flat(&m->scaler.shift, target) + eddy_tensor_flat(&m->scaler.scale, target) * value;
}

/* What was forecast, m->next, joins each window as its newest rows, the oldest leave it; every column is a target.
 * m->time is read for a calendar only. */
static void advance(forecast *m)
{
    const forecast_options *o = &m->options;
    int64_t rows = m->numbers / o->targets, row = m->looked * m->features;
    int64_t kept = o->window > rows ? o->window - rows : 0;
    memmove(m->window, m->window + (o->window - kept) * row, (size_t)(kept * row) * sizeof *m->window);
    for (int64_t t = kept; t < o->window; t++)
        for (int64_t b = 0; b < m->looked; b++) {
            int64_t from = b * rows + t - o->window + rows;
            double *to = m->window + t * row + b * m->features;
            memcpy(to, m->next + from * o->targets, (size_t)o->targets * sizeof *to);
            if (o->calendar)
                windows_calendar(m->time[from], to + o->targets);
        }
}

/* ---- Over a series ---- */

/* Forecasts of the windows in m->window, first .. of the frame; the first `count` of them into out. */
static bool predict_batch(forecast *m, const frame *data, int64_t first, int64_t count, double *out,
                          eddy_status *status)
{
    const forecast_options *o = &m->options;
    int64_t step = o->horizon * o->targets, rows = m->numbers / o->targets;
    for (int64_t k = 0; k < o->horizon; k += rows) {
        const eddy_tensor *looked = forecast_look(m);
        double said[1 + BANDS_MOST];
        if (!looked)
            return training_failed(m->tape, status);
        for (int64_t b = 0; b < m->looked; b++)
            for (int64_t i = 0; i < m->numbers; i++) {
                forecast_number(m, looked, b, i, said);
                bands_order(&o->bands, said);
                m->next[b * m->numbers + i] = said[0];
                for (int64_t q = 0; b < count && q <= o->bands.count; q++)
                    out[b * forecast_width(m) + q * step + k * o->targets + i] =
                        q && k ? NAN : unscaled(m, i % o->targets, said[q]);
            }
        if (k + rows >= o->horizon)
            break;
        for (int64_t b = 0; o->calendar && b < m->looked; b++) /* recursive: a row each */
            m->time[b] = data->time[first + (b < count ? b : 0) + o->window + k];
        advance(m);
    }
    return true;
}

bool forecast_predict(forecast *m, const frame *data, int64_t first, int64_t count, double *out, eddy_status *status)
{
    const forecast_options *o = &m->options;
    bool ok = forecast_check_frame(m, data, status);
    for (int64_t from = 0; ok && from < count; from += m->looked) {
        int64_t left = count - from, used = left < m->looked ? left : m->looked;
        ok = windows_rows(data, &m->scaler, o->calendar, first + from, o->window + used - 1, m->scaled, status);
        for (int64_t b = 0; ok && b < m->looked; b++)
            windows_place(m->scaled, m->features, b < used ? b : 0, o->window, m->window, b, m->looked);
        ok = ok && predict_batch(m, data, first + from, used, out + from * forecast_width(m), status);
    }
    return ok;
}

/* ---- Behind the end ---- */

/* One look further, rows from .. of the forecast: path 0 goes on from y^, the others from what they draw. */
static bool walk_on(forecast *m, int64_t from, int64_t steps, double *out, eddy_status *status)
{
    const forecast_options *o = &m->options;
    double said[1 + BANDS_MOST], z[BANDS_MOST];
    const eddy_tensor *looked = forecast_look(m);
    if (!looked)
        return training_failed(m->tape, status);
    bands_deviations(&o->bands, z);
    for (int64_t b = 0; b < m->looked; b++) {
        /* One number for all rows of the look: their errors are of one sign more often than not. */
        double at = eddy_random_normal((eddy_random){ 7, (uint64_t)b + 1 }, (uint64_t)from);
        for (int64_t i = 0; i < m->numbers; i++) {
            forecast_number(m, looked, b, i, said);
            bands_order(&o->bands, said);
            m->next[b * m->numbers + i] = b ? bands_at(&o->bands, z, said, at) : said[0];
        }
    }
    for (int64_t i = 0; i < m->numbers && from + i / o->targets < steps; i++) {
        forecast_number(m, looked, 0, i, said);
        bands_order(&o->bands, said);
        for (int64_t b = 1; b < m->looked; b++)
            m->sample[b - 1] = m->next[b * m->numbers + i];
        if (from && o->bands.count)
            bands_of_sample(&o->bands, m->sample, m->looked - 1, said);
        for (int64_t q = 0; q <= o->bands.count; q++)
            out[(q * steps + from) * o->targets + i] = unscaled(m, i % o->targets, said[q]);
    }
    return true;
}

bool forecast_continue(forecast *m, const frame *history, int64_t steps, double *out, eddy_status *status)
{
    const forecast_options *o = &m->options;
    int64_t rows = m->numbers / o->targets, last = history->rows - 1;
    if (!forecast_check_frame(m, history, status))
        return false;
    if (history->rows < o->window)
        return eddy_status_fail(
            status, "The model looks at windows of %" PRId64 " values, and the series has only %" PRId64 ".", o->window,
            history->rows);
    if (steps > rows && o->targets != history->columns)
        return eddy_status_fail(status,
                                "The model looks at inputs that it does not forecast, so it cannot go on from its own "
                                "forecasts: at most %" PRId64 " steps, its horizon, are possible, not %" PRId64 ".",
                                rows, steps);
    bool ok = windows_rows(history, &m->scaler, o->calendar, last + 1 - o->window, o->window, m->scaled, status);
    for (int64_t b = 0; ok && b < m->looked; b++)
        windows_place(m->scaled, m->features, 0, o->window, m->window, b, m->looked);
    int64_t time = ok && o->calendar ? history->time[last] : 0;
    for (int64_t from = 0; ok && from < steps; from += rows) {
        ok = walk_on(m, from, steps, out, status);
        if (!ok || from + rows >= steps)
            break;
        for (int64_t k = 0; o->calendar && k < rows; k++) {
            time = date_next(time, &history->step);
            for (int64_t b = 0; b < m->looked; b++)
                m->time[b * rows + k] = time;
        }
        advance(m);
    }
    return ok;
}

/* ---- What it is ---- */

const forecast_options *forecast_describe(const forecast *m)
{
    return &m->options;
}

eddy_tape *forecast_tape(const forecast *m)
{
    return m->tape;
}

bool forecast_is_plain(const forecast *m)
{
    const forecast_options *o = &m->options;
    return m->features == 1 && o->targets == 1 && o->horizon == 1 && o->members == 1 && !o->difference &&
           !o->bands.count && !strcmp(o->stack.cell, "lstm") && o->stack.layers == 1 && !o->stack.bidirectional;
}

void forecast_scale_of(const forecast *m, double *mean, double *scale)
{
    *mean = eddy_tensor_flat(&m->scaler.shift, 0);
    *scale = eddy_tensor_flat(&m->scaler.scale, 0);
}
