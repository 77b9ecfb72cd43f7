/* Looking ahead with the forecasting model: over the windows of a series, and behind its end. */
#include "forecast_model.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int64_t forecast_width(const forecast *m)
{
    return (1 + m->options.quantiles) * m->options.horizon * m->options.targets;
}

static double unscaled(const forecast *m, int64_t target, double value)
{
    return m->mean[target] + m->scale[target] * value;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Forecast q (0: y^) of window b for target i % targets of row i / targets, scaled. Quantiles that were learned each
 * for itself may cross: they are put in order. */
static double ahead(const forecast *m, const eddy_tensor *out, int64_t b, int64_t q, int64_t i)
{
    int64_t quantiles = m->options.quantiles, numbers = m->direct * m->options.targets;
    double all[FORECAST_QUANTILES];
    if (!q)
        return eddy_tensor_flat(out, b * (1 + quantiles) * numbers + i);
    for (int64_t k = 0; k < quantiles; k++)
        all[k] = eddy_tensor_flat(out, (b * (1 + quantiles) + k + 1) * numbers + i);
    qsort(all, (size_t)quantiles, sizeof *all, ascending);
    return all[q - 1];
}

/* The `direct` newest rows join each window, the oldest leave it. value (looked, direct, targets) scaled; every column
 * is a target. time[direct] is read for a calendar only. */
static void advance(forecast *m, const double *value, const int64_t *time)
{
    const forecast_options *o = &m->options;
    int64_t row = m->looked * m->features, kept = o->window > m->direct ? o->window - m->direct : 0;
    memmove(m->window, m->window + (o->window - kept) * row, (size_t)(kept * row) * sizeof *m->window);
    for (int64_t t = kept; t < o->window; t++) {
        int64_t k = t - o->window + m->direct;
        for (int64_t b = 0; b < m->looked; b++) {
            double *to = m->window + t * row + b * m->features;
            memcpy(to, value + (b * m->direct + k) * o->targets, (size_t)o->targets * sizeof *to);
            if (o->calendar)
                forecast_calendar(time[k], to + o->targets);
        }
    }
}

/* ---- Over a series ---- */

/* Forecasts of the windows in m->window, first .. of the frame; the first `count` of them into out. */
static bool predict_batch(forecast *m, const frame *data, int64_t first, int64_t count, double *next, double *out,
                          eddy_status *status)
{
    const forecast_options *o = &m->options;
    int64_t width = forecast_width(m), step = o->horizon * o->targets;
    for (int64_t k = 0; k < o->horizon; k += m->direct) {
        const eddy_tensor *seen = forecast_look(m);
        if (!seen)
            return training_failed(m->tape, status);
        for (int64_t b = 0; b < m->looked; b++)
            for (int64_t i = 0; i < m->direct * o->targets; i++) {
                next[b * m->direct * o->targets + i] = ahead(m, seen, b, 0, i);
                for (int64_t q = 0; b < count && q <= o->quantiles; q++)
                    out[b * width + q * step + k * o->targets + i] =
                        q && k ? NAN : unscaled(m, i % o->targets, ahead(m, seen, b, q, i));
            }
        /* Windows of a batch are at different dates, so a calendar is written for each by itself. */
        if (k + m->direct < o->horizon) {
            advance(m, next, (int64_t[]){ 0 });
            for (int64_t b = 0; o->calendar && b < m->looked; b++) {
                int64_t row = first + (b < count ? b : 0) + o->window + k;
                forecast_calendar(data->time[row],
                                  m->window + ((o->window - 1) * m->looked + b) * m->features + o->targets);
            }
        }
    }
    return true;
}

bool forecast_predict(forecast *m, const frame *data, int64_t first, int64_t count, double *out, eddy_status *status)
{
    const forecast_options *o = &m->options;
    if (!forecast_check_frame(m, data, status))
        return false;
    int64_t rows = o->window + m->looked - 1;
    double *scaled = eddy_allocate((size_t)rows, (size_t)m->features * sizeof *scaled);
    double *next = eddy_allocate((size_t)(m->looked * m->direct), (size_t)o->targets * sizeof *next);
    bool ok = (scaled && next) || forecast_no_memory(status);
    for (int64_t from = 0; ok && from < count; from += m->looked) {
        int64_t left = count - from, used = left < m->looked ? left : m->looked;
        forecast_scale_rows(m, data, first + from, o->window + used - 1, scaled);
        for (int64_t b = 0; b < m->looked; b++)
            forecast_place(m, scaled, b < used ? b : 0, m->window, b, m->looked);
        ok = predict_batch(m, data, first + from, used, next, out + from * forecast_width(m), status);
    }
    eddy_free(scaled);
    eddy_free(next);
    return ok;
}

/* ---- Behind the end ---- */

/* z with P(N(0, 1) < z) = p, by bisection. */
static double normal_quantile(double p)
{
    double low = -40, high = 40;
    for (int i = 0; i < 80; i++) {
        double middle = (low + high) / 2;
        if (erfc(-middle / sqrt(2)) / 2 < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

/* What a distribution that is normal between (and beyond) its quantiles has at z; one quantile: that and y^. */
static double at_normal(const forecast *m, const double *z, const double *quantile, double middle, double at)
{
    int64_t count = m->options.quantiles, k = 1;
    if (count == 1)
        return fabs(z[0]) > 1e-3 ? middle + (quantile[0] - middle) * at / z[0] : middle;
    while (k < count - 1 && at > z[k])
        k++;
    return quantile[k - 1] + (quantile[k] - quantile[k - 1]) * (at - z[k - 1]) / (z[k] - z[k - 1]);
}

typedef struct walk {
    forecast *m;
    double z[FORECAST_QUANTILES], *next, *sorted;
    int64_t *time; /* of the rows behind the end; NULL: no dates */
    int64_t steps;
    double *out;
} walk;

/* One horizon further, rows from .. of the forecast: path 0 goes on from y^, the others from what they draw. */
static bool walk_on(walk *w, int64_t from, eddy_status *status)
{
    forecast *m = w->m;
    const forecast_options *o = &m->options;
    int64_t numbers = m->direct * o->targets;
    const eddy_tensor *seen = forecast_look(m);
    if (!seen)
        return training_failed(m->tape, status);
    for (int64_t b = 0; b < m->looked; b++) {
        /* One number for all rows of the horizon: their errors are of one sign more often than not. */
        double at = eddy_random_normal((eddy_random){ 7, (uint64_t)b + 1 }, (uint64_t)from);
        for (int64_t i = 0; i < numbers; i++) {
            double quantile[FORECAST_QUANTILES], middle = ahead(m, seen, b, 0, i);
            for (int64_t q = 0; q < o->quantiles; q++)
                quantile[q] = ahead(m, seen, b, q + 1, i);
            w->next[b * numbers + i] = b && o->quantiles ? at_normal(m, w->z, quantile, middle, at) : middle;
        }
    }
    for (int64_t i = 0; i < numbers && from + i / o->targets < w->steps; i++) {
        double *out = w->out + from * o->targets + i;
        int64_t target = i % o->targets;
        *out = unscaled(m, target, w->next[i]);
        for (int64_t b = 1; b < m->looked && from; b++)
            w->sorted[b - 1] = w->next[b * numbers + i];
        if (from && o->quantiles)
            qsort(w->sorted, (size_t)m->looked - 1, sizeof *w->sorted, ascending);
        for (int64_t q = 0; q < o->quantiles; q++)
            out[(q + 1) * w->steps * o->targets] =
                unscaled(m, target,
                         from ? w->sorted[(int64_t)(o->quantile[q] * (double)(m->looked - 2) + 0.5)]
                              : ahead(m, seen, 0, q + 1, i));
    }
    advance(m, w->next, w->time ? w->time + from : NULL);
    return true;
}

bool forecast_continue(forecast *m, const frame *history, int64_t steps, double *out, eddy_status *status)
{
    const forecast_options *o = &m->options;
    if (!forecast_check_frame(m, history, status))
        return false;
    if (history->rows < o->window)
        return eddy_status_fail(
            status, "The model looks at windows of %" PRId64 " values, and the series has only %" PRId64 ".", o->window,
            history->rows);
    if (steps > m->direct && o->targets != history->columns)
        return eddy_status_fail(status,
                                "The model looks at inputs that it does not forecast, so it cannot go on from its own "
                                "forecasts: at most %" PRId64 " steps, its horizon, are possible, not %" PRId64 ".",
                                m->direct, steps);
    walk w = { .m = m, .steps = steps, .out = out };
    int64_t padded = (steps + m->direct - 1) / m->direct * m->direct;
    double *scaled = eddy_allocate((size_t)o->window, (size_t)m->features * sizeof *scaled);
    w.next = eddy_allocate((size_t)(m->looked * m->direct), (size_t)o->targets * sizeof *w.next);
    w.sorted = eddy_allocate((size_t)m->looked, sizeof *w.sorted);
    w.time = o->calendar ? eddy_allocate((size_t)padded, sizeof *w.time) : NULL;
    bool ok = (scaled && w.next && w.sorted && (w.time || !o->calendar)) || forecast_no_memory(status);
    for (int64_t q = 0; ok && q < o->quantiles; q++)
        w.z[q] = normal_quantile(o->quantile[q]);
    for (int64_t k = 0; ok && w.time && k < padded; k++)
        w.time[k] = date_next(k ? w.time[k - 1] : history->time[history->rows - 1], &history->step);
    if (ok) {
        forecast_scale_rows(m, history, history->rows - o->window, o->window, scaled);
        for (int64_t b = 0; b < m->looked; b++)
            forecast_place(m, scaled, 0, m->window, b, m->looked);
    }
    for (int64_t from = 0; ok && from < steps; from += m->direct)
        ok = walk_on(&w, from, status);
    eddy_free(scaled);
    eddy_free(w.next);
    eddy_free(w.sorted);
    eddy_free(w.time);
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
           !o->quantiles && !strcmp(o->stack.cell, "lstm") && o->stack.layers == 1 && !o->stack.bidirectional;
}

void forecast_scale_of(const forecast *m, double *mean, double *scale)
{
    *mean = m->mean[0];
    *scale = m->scale[0];
}
