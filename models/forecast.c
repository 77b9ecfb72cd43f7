/* The forecasting model: one recording to train, one to look ahead. The tape keeps the first failure, so it is asked
 * once at the end of each part. */
#include "forecast_model.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

bool forecast_tape_failed(const forecast *m, eddy_status *status)
{
    const char *sentence = eddy_error(m->tape);
    if (sentence)
        eddy_status_fail(status, "%s", sentence);
    return sentence != NULL;
}

bool forecast_no_memory(eddy_status *status)
{
    return eddy_status_fail(status, "There is no memory for a forecasting model.");
}

/* ---- The network ---- */

bool forecast_size_up(forecast *m, eddy_status *status)
{
    const forecast_options *o = &m->options;
    m->features = m->columns.columns + (o->calendar ? FORECAST_CALENDAR : 0);
    m->direct = o->recursive ? 1 : o->horizon;
    m->mean = eddy_allocate((size_t)m->columns.columns, sizeof *m->mean);
    m->scale = eddy_allocate((size_t)m->columns.columns, sizeof *m->scale);
    return (m->mean && m->scale) || forecast_no_memory(status);
}

bool forecast_make_tape(forecast *m, eddy_status *status)
{
    const forecast_options *o = &m->options;
    m->tape = eddy_tape_new(o->dtype, o->seed);
    for (int64_t i = 0; i < o->members; i++) { /* "lstm" and "fc", "lstm2" and "fc2", ... */
        char name[32], fc[16], number[8] = "";
        if (i)
            snprintf(number, sizeof number, "%d", (int)i + 1);
        snprintf(name, sizeof name, "%.*s%s", (int)strcspn(o->stack.cell, ".-"), o->stack.cell, number);
        snprintf(fc, sizeof fc, "fc%s", number);
        m->stack[i] = stack_new(m->tape, name, m->features, &o->stack);
        m->fc[i] = eddy_linear_new(m->tape, fc, m->stack[i].outputs, (1 + o->quantiles) * m->direct * o->targets);
    }
    return !forecast_tape_failed(m, status);
}

/* x (window, batch, features) -> (batch, 1 + quantiles, direct * targets) */
static eddy_var look_ahead(const forecast *m, int64_t member, eddy_var x, bool training)
{
    const forecast_options *o = &m->options;
    eddy_var h = stack_unroll(&m->stack[member], x, &(eddy_unroll_options){ .training = training }).last;
    if (training && o->stack.dropout > 0)
        h = eddy_dropout(h, o->stack.dropout);
    eddy_var y = eddy_apply(&m->fc[member], h);
    eddy_shape shape = EDDY_SHAPE(eddy_size(x, 1), 1 + o->quantiles, m->direct, o->targets);
    if (o->difference)
        y = eddy_add(eddy_reshape(y, shape),
                     eddy_reshape(eddy_slice(eddy_select(x, 0, o->window - 1), 1, 0, o->targets, 1),
                                  EDDY_SHAPE(eddy_size(x, 1), 1, 1, o->targets)));
    return eddy_reshape(y, EDDY_SHAPE(eddy_size(x, 1), 1 + o->quantiles, m->direct * o->targets));
}

static eddy_var mean_of(const eddy_var *var, int64_t count)
{
    eddy_var sum = var[0];
    for (int64_t i = 1; i < count; i++)
        sum = eddy_add(sum, var[i]);
    return count > 1 ? eddy_div_scalar(sum, (double)count) : sum;
}

static bool record_training(forecast *m, eddy_status *status)
{
    const forecast_options *o = &m->options;
    int64_t numbers = m->direct * o->targets;
    m->x = eddy_input(m->tape, "x", EDDY_SHAPE(o->window, m->batch, m->features));
    m->y = eddy_input(m->tape, "y", EDDY_SHAPE(m->batch, numbers));
    eddy_var losses[FORECAST_MEMBERS] = { 0 };
    for (int64_t i = 0; i < o->members; i++) {
        eddy_var out = look_ahead(m, i, m->x, true);
        losses[i] = eddy_mse(eddy_select(out, 1, 0), m->y);
        for (int64_t q = 0; q < o->quantiles; q++)
            losses[i] = eddy_add(losses[i], eddy_quantile(eddy_select(out, 1, q + 1), m->y, o->quantile[q], NULL));
    }
    m->loss = mean_of(losses, o->members);
    eddy_list update = training_updates(m->loss, &o->recipe, &m->norm);
    m->training = eddy_compile(m->tape, EDDY_LIST(m->loss, m->norm), update);
    return !forecast_tape_failed(m, status);
}

bool forecast_record_looking(forecast *m, int64_t batch, eddy_status *status)
{
    const forecast_options *o = &m->options;
    m->looked = batch;
    m->window = eddy_allocate((size_t)(o->window * batch), (size_t)m->features * sizeof *m->window);
    if (!m->window)
        return forecast_no_memory(status);
    m->seen = eddy_input(m->tape, "window", EDDY_SHAPE(o->window, batch, m->features));
    eddy_var ahead[FORECAST_MEMBERS] = { 0 };
    for (int64_t i = 0; i < o->members; i++)
        ahead[i] = look_ahead(m, i, m->seen, false);
    m->ahead = mean_of(ahead, o->members);
    m->looking = eddy_compile(m->tape, EDDY_LIST(m->ahead), EDDY_NONE);
    return !forecast_tape_failed(m, status);
}

/* ---- Rows as the network sees them ---- */

void forecast_calendar(int64_t time, double out[FORECAST_CALENDAR])
{
    static const double turn = 2 * 3.14159265358979323846;
    out[0] = sin(turn * date_of_year(time));
    out[1] = cos(turn * date_of_year(time));
    out[2] = sin(turn * date_of_day(time));
    out[3] = cos(turn * date_of_day(time));
}

void forecast_scale_rows(const forecast *m, const frame *data, int64_t first, int64_t rows, double *out)
{
    int64_t columns = m->columns.columns;
    for (int64_t i = 0; i < rows; i++, out += m->features) {
        const double *value = data->value + (first + i) * columns;
        for (int64_t k = 0; k < columns; k++)
            out[k] = (value[k] - m->mean[k]) / m->scale[k];
        if (m->options.calendar)
            forecast_calendar(data->time[first + i], out + columns);
    }
}

bool forecast_check_frame(const forecast *m, const frame *data, eddy_status *status)
{
    if (data->columns != m->columns.columns)
        return eddy_status_fail(status, "The model looks at %" PRId64 " columns, not at %" PRId64 ".",
                                m->columns.columns, data->columns);
    if (m->options.calendar && !data->time)
        return eddy_status_fail(status, "The model looks at the calendar, and the series has no dates.");
    return true;
}

static bool choose_scale(forecast *m, eddy_status *status)
{
    const forecast_options *o = &m->options;
    int64_t columns = m->columns.columns, n = o->split.train + o->window + o->horizon - 1;
    for (int64_t k = 0; k < columns; k++)
        m->scale[k] = 1;
    if (o->init && o->scale == FORECAST_SCALE_AUTO) {
        card c;
        eddy_status none = { 0 };
        if (card_open(&c, o->init, "forecast", &none) && !forecast_read_scales(m, &c, &none))
            for (int64_t k = 0; k < columns; k++) {
                m->mean[k] = 0;
                m->scale[k] = 1;
            }
        card_free(&c);
        return true;
    }
    if (o->scale == FORECAST_SCALE_NONE || (o->scale == FORECAST_SCALE_AUTO && o->generated))
        return true;
    for (int64_t k = 0; k < columns; k++) {
        double mean = 0, square = 0;
        for (int64_t i = 0; i < n; i++)
            mean += m->data->value[i * columns + k] / (double)n;
        for (int64_t i = 0; i < n; i++) {
            double far = m->data->value[i * columns + k] - mean;
            square += far * far / (double)n;
        }
        if (!isfinite(mean) || !isfinite(square))
            return eddy_status_fail(status, "The values of the series are too large to be standardised.");
        m->mean[k] = mean;
        m->scale[k] = square > 0 ? sqrt(square) : 1;
    }
    return true;
}

/* ---- Training ---- */

bool forecast_divide(forecast_split *out, int64_t rows, const forecast_options *o, int64_t test, int64_t held_out,
                     eddy_status *status)
{
    int64_t behind = o->horizon - 1, windows = rows - o->window - behind;
    *out = (forecast_split){ .windows = windows, .test_first = rows - test - o->window, .test = test - behind };
    int64_t learned = out->test_first - behind; /* windows whose rows all lie before the first tested one */
    out->train = held_out ? learned - held_out - behind : learned;
    out->held_first = learned - held_out;
    out->held_out = held_out;
    if (out->test >= 1 && out->train >= 1 && held_out >= 0)
        return true;
    return eddy_status_fail(status,
                            "Of %" PRId64 " rows, with a window of %" PRId64 " and %" PRId64 " ahead, %" PRId64
                            " tested and %" PRId64 " held out leave %s.",
                            rows, o->window, o->horizon, test, held_out,
                            out->test < 1 ? "no window to test" : "no window to train on");
}

void forecast_place(const forecast *m, const double *rows, int64_t n, double *xs, int64_t b, int64_t batch)
{
    for (int64_t t = 0; t < m->options.window; t++)
        memcpy(xs + (t * batch + b) * m->features, rows + (n + t) * m->features, (size_t)m->features * sizeof *xs);
}

static bool fill(forecast *m, int64_t step)
{
    const forecast_options *o = &m->options;
    for (int64_t b = 0; b < m->batch; b++) {
        int64_t n = m->order[step * m->batch + b];
        forecast_place(m, m->rows, n, m->xs, b, m->batch);
        for (int64_t k = 0; k < m->direct; k++)
            memcpy(m->ys + (b * m->direct + k) * o->targets, m->rows + (n + o->window + k) * m->features,
                   (size_t)o->targets * sizeof *m->ys);
    }
    eddy_tensor xs = eddy_tensor_wrap(m->xs, EDDY_F64, EDDY_SHAPE(o->window, m->batch, m->features));
    eddy_tensor ys = eddy_tensor_wrap(m->ys, EDDY_F64, EDDY_SHAPE(m->batch, m->direct * o->targets));
    return eddy_set_tensor(m->x, &xs) && eddy_set_tensor(m->y, &ys);
}

static bool learn(void *context, int64_t epoch, int64_t step, double *loss, eddy_status *status)
{
    forecast *m = context;
    bool one = m->batch == m->options.split.train; /* the batch of all windows keeps their order and is set once */
    if (m->epoch != epoch && (!one || m->epoch < 0)) {
        for (int64_t n = 0; n < m->options.split.train; n++)
            m->order[n] = n;
        if (!one)
            eddy_permutation(m->order, m->options.split.train,
                             (eddy_random){ m->options.seed, 0xf0c00000000U + (uint64_t)epoch });
    }
    if ((!one || m->epoch < 0) && !fill(m, step))
        return training_failed(m->tape, status);
    m->epoch = epoch;
    if (!eddy_run(m->training))
        return training_failed(m->tape, status);
    *loss = eddy_output(m->training, m->loss);
    m->last_norm = eddy_output(m->training, m->norm);
    return true;
}

const eddy_tensor *forecast_look(forecast *m)
{
    eddy_tensor view = eddy_tensor_wrap(m->window, EDDY_F64, EDDY_SHAPE(m->options.window, m->looked, m->features));
    return eddy_set_tensor(m->seen, &view) && eddy_run(m->looking) ? eddy_output_tensor(m->looking, m->ahead) : NULL;
}

static bool validate(void *context, double *loss, eddy_status *status)
{
    forecast *m = context;
    const forecast_options *o = &m->options;
    int64_t numbers = m->direct * o->targets;
    double sum = 0;
    for (int64_t from = 0; from < o->split.held_out; from += m->looked) {
        int64_t left = o->split.held_out - from, count = left < m->looked ? left : m->looked;
        for (int64_t b = 0; b < m->looked; b++)
            forecast_place(m, m->rows, o->split.held_first + from + (b < count ? b : 0), m->window, b, m->looked);
        const eddy_tensor *out = forecast_look(m);
        if (!out)
            return training_failed(m->tape, status);
        for (int64_t b = 0; b < count; b++)
            for (int64_t i = 0; i < numbers; i++) {
                int64_t row = o->split.held_first + from + b + o->window + i / o->targets;
                double y = m->rows[row * m->features + i % o->targets];
                double far = y - eddy_tensor_flat(out, b * (1 + o->quantiles) * numbers + i);
                sum += far * far;
                for (int64_t q = 0; q < o->quantiles; q++) {
                    far = y - eddy_tensor_flat(out, (b * (1 + o->quantiles) + q + 1) * numbers + i);
                    sum += fmax(o->quantile[q] * far, (o->quantile[q] - 1) * far);
                }
            }
    }
    *loss = sum / (double)(o->split.held_out * numbers);
    return true;
}

training_job forecast_job(forecast *m)
{
    return (training_job){ .tape = m->tape,
                           .steps = m->options.split.train / m->batch,
                           .card = &m->card,
                           .context = m,
                           .step = learn,
                           .validate = m->options.split.held_out ? validate : NULL,
                           .norm = &m->last_norm };
}

static bool prepare(forecast *m, eddy_status *status)
{
    const forecast_options *o = &m->options;
    const frame *data = m->data;
    card names = { 0 };
    frame_describe(data, &names);
    bool ok = !names.failed && frame_read_names(&m->columns, &names, status);
    card_free(&names);
    m->batch = o->batch && o->batch < o->split.train ? o->batch : o->split.train;
    m->epoch = -1;
    ok = ok && forecast_size_up(m, status) && forecast_check_frame(m, data, status) && choose_scale(m, status);
    if (!ok)
        return *status->text ? false : forecast_no_memory(status);
    size_t row = (size_t)m->features * sizeof *m->rows;
    m->rows = eddy_allocate((size_t)data->rows, row);
    m->xs = eddy_allocate((size_t)(o->window * m->batch), row);
    m->ys = eddy_allocate((size_t)(m->batch * m->direct), (size_t)o->targets * sizeof *m->ys);
    m->order = eddy_allocate((size_t)o->split.train, sizeof *m->order);
    if (!m->rows || !m->xs || !m->ys || !m->order)
        return forecast_no_memory(status);
    forecast_scale_rows(m, data, 0, data->rows, m->rows);
    forecast_describe_in_card(m);
    if (!forecast_make_tape(m, status))
        return false;
    if (o->init) /* the function, not the macro: a mistake in a file stands at no line of this program */
        (eddy_load)(m->tape, o->init, eddy_parameters(m->tape));
    int64_t looked = o->split.windows < FORECAST_LOOKED ? o->split.windows : FORECAST_LOOKED;
    return !forecast_tape_failed(m, status) && record_training(m, status) && forecast_record_looking(m, looked, status);
}

forecast *forecast_new(const frame *data, const forecast_options *options, eddy_status *status)
{
    if (!stack_check(&options->stack, status))
        return NULL;
    if (options->recursive && options->horizon > 1 && data->columns != options->targets) {
        eddy_status_fail(status, "A recursive forecast goes on from its own forecasts, so every column must be a "
                                 "target; the direct one may look at further inputs.");
        return NULL;
    }
    forecast *m = eddy_allocate(1, sizeof *m);
    if (!m) {
        forecast_no_memory(status);
        return NULL;
    }
    m->options = *options;
    m->options.members = options->members ? options->members : 1;
    m->data = data;
    if (prepare(m, status))
        return m;
    forecast_free(m);
    return NULL;
}
void forecast_free(forecast *m)
{
    if (!m)
        return;
    eddy_tape_free(m->tape);
    card_free(&m->card);
    frame_free(&m->columns);
    void *blocks[] = { m->mean, m->scale, m->rows, m->xs, m->ys, m->window, m->order };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        eddy_free(blocks[i]);
    eddy_free(m);
}
