/* The forecasting model: one recording to train, one to look ahead. The tape keeps the first failure, so it is asked
 * once at the end of each part. */
#include "forecast_model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool forecast_no_memory(eddy_status *status)
{
    return eddy_status_fail(status, "There is no memory for a forecasting model.");
}

/* ---- The network ---- */

bool forecast_make_tape(forecast *m, eddy_status *status)
{
    const forecast_options *o = &m->options;
    m->features = m->columns.columns + (o->calendar ? WINDOWS_CALENDAR : 0);
    m->numbers = (o->recursive ? 1 : o->horizon) * o->targets;
    m->tape = eddy_tape_new(o->dtype, o->seed);
    for (int64_t i = 0; i < o->members; i++) { /* "lstm" and "fc", "lstm2" and "fc2", ... */
        char name[32], fc[16], number[8] = "";
        if (i)
            snprintf(number, sizeof number, "%d", (int)i + 1);
        snprintf(name, sizeof name, "%.*s%s", (int)strcspn(o->stack.cell, ".-"), o->stack.cell, number);
        snprintf(fc, sizeof fc, "fc%s", number);
        m->stack[i] = stack_new(m->tape, name, m->features, &o->stack);
        m->fc[i] = eddy_linear_new(m->tape, fc, m->stack[i].outputs, (1 + o->bands.count) * m->numbers);
    }
    return !eddy_error(m->tape) || training_failed(m->tape, status);
}

/* x (window, batch, features) -> (batch, 1 + quantiles, numbers) */
static eddy_var look_ahead(const forecast *m, int64_t member, eddy_var x, bool training)
{
    const forecast_options *o = &m->options;
    int64_t batch = eddy_size(x, 1), targets = o->targets, ways = 1 + o->bands.count;
    eddy_var h = stack_unroll(&m->stack[member], x, &(eddy_unroll_options){ .training = training }).last;
    eddy_var y = stack_apply(&m->stack[member], &m->fc[member], h, training);
    if (o->difference) {
        eddy_var last = eddy_slice(eddy_select(x, 0, o->window - 1), 1, 0, targets, 1);
        y = eddy_add(eddy_reshape(y, EDDY_SHAPE(batch, ways, m->numbers / targets, targets)),
                     eddy_reshape(last, EDDY_SHAPE(batch, 1, 1, targets)));
    }
    return eddy_reshape(y, EDDY_SHAPE(batch, ways, m->numbers));
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
    eddy_var loss[FORECAST_MEMBERS] = { 0 };
    m->x = eddy_input(m->tape, "x", EDDY_SHAPE(o->window, m->batch, m->features));
    m->y = eddy_input(m->tape, "y", EDDY_SHAPE(m->batch, m->numbers));
    for (int64_t i = 0; i < o->members; i++)
        loss[i] = bands_loss(&o->bands, look_ahead(m, i, m->x, true), m->y);
    m->loss = mean_of(loss, o->members);
    eddy_list update = training_updates(m->loss, &o->recipe, &m->norm);
    m->training = eddy_compile(m->tape, EDDY_LIST(m->loss, m->norm), update);
    return !eddy_error(m->tape) || training_failed(m->tape, status);
}

bool forecast_record_looking(forecast *m, int64_t batch, eddy_status *status)
{
    const forecast_options *o = &m->options;
    eddy_var ahead[FORECAST_MEMBERS] = { 0 };
    m->looked = batch;
    size_t row = (size_t)m->features * sizeof *m->window, numbers = (size_t)(batch * m->numbers);
    m->window = eddy_allocate((size_t)(o->window * batch), row);
    m->scaled = eddy_allocate((size_t)(o->window + batch), row);
    m->next = eddy_allocate(numbers, sizeof *m->next);
    m->sample = eddy_allocate((size_t)batch, sizeof *m->sample);
    m->time = eddy_allocate(numbers, sizeof *m->time);
    if (!m->window || !m->scaled || !m->next || !m->sample || !m->time)
        return forecast_no_memory(status);
    m->seen = eddy_input(m->tape, "window", EDDY_SHAPE(o->window, batch, m->features));
    for (int64_t i = 0; i < o->members; i++)
        ahead[i] = look_ahead(m, i, m->seen, false);
    m->ahead = mean_of(ahead, o->members);
    m->looking = eddy_compile(m->tape, EDDY_LIST(m->ahead), EDDY_NONE);
    return !eddy_error(m->tape) || training_failed(m->tape, status);
}

const eddy_tensor *forecast_look(forecast *m)
{
    eddy_tensor view = eddy_tensor_wrap(m->window, EDDY_F64, EDDY_SHAPE(m->options.window, m->looked, m->features));
    return eddy_set_tensor(m->seen, &view) && eddy_run(m->looking) ? eddy_output_tensor(m->looking, m->ahead) : NULL;
}

void forecast_number(const forecast *m, const eddy_tensor *looked, int64_t b, int64_t i, double out[1 + BANDS_MOST])
{
    int64_t ways = 1 + m->options.bands.count;
    for (int64_t q = 0; q < ways; q++)
        out[q] = eddy_tensor_flat(looked, (b * ways + q) * m->numbers + i);
}

/* ---- Training ---- */

/* Number i behind window n, scaled. */
static double asked(const forecast *m, int64_t n, int64_t i)
{
    const forecast_options *o = &m->options;
    return m->rows[(n + o->window + i / o->targets) * m->features + i % o->targets];
}

static bool fill(forecast *m, int64_t step)
{
    const forecast_options *o = &m->options;
    for (int64_t b = 0; b < m->batch; b++) {
        int64_t n = m->order[step * m->batch + b];
        windows_place(m->rows, m->features, n, o->window, m->xs, b, m->batch);
        for (int64_t i = 0; i < m->numbers; i++)
            m->ys[b * m->numbers + i] = asked(m, n, i);
    }
    eddy_tensor xs = eddy_tensor_wrap(m->xs, EDDY_F64, EDDY_SHAPE(o->window, m->batch, m->features));
    eddy_tensor ys = eddy_tensor_wrap(m->ys, EDDY_F64, EDDY_SHAPE(m->batch, m->numbers));
    return eddy_set_tensor(m->x, &xs) && eddy_set_tensor(m->y, &ys);
}

static bool learn(void *context, int64_t epoch, int64_t step, double *loss, eddy_status *status)
{
    forecast *m = context;
    int64_t count = m->options.split.train;
    bool one = m->batch == count, set = one && m->epoch >= 0; /* a batch of all keeps their order and is set once */
    if (m->epoch != epoch && !one)
        eddy_permutation(m->order, count, (eddy_random){ m->options.seed, 0xf0c00000000U + (uint64_t)epoch });
    m->epoch = epoch;
    if ((!set && !fill(m, step)) || !eddy_run(m->training))
        return training_failed(m->tape, status);
    *loss = eddy_output(m->training, m->loss);
    m->last_norm = eddy_output(m->training, m->norm);
    return true;
}

static bool validate(void *context, double *loss, eddy_status *status)
{
    forecast *m = context;
    const windows_split *split = &m->options.split;
    double sum = 0, said[1 + BANDS_MOST];
    for (int64_t from = 0; from < split->held_out; from += m->looked) {
        int64_t left = split->held_out - from, count = left < m->looked ? left : m->looked;
        int64_t first = split->held_first + from;
        for (int64_t b = 0; b < m->looked; b++)
            windows_place(m->rows, m->features, first + (b < count ? b : 0), m->options.window, m->window, b,
                          m->looked);
        const eddy_tensor *looked = forecast_look(m);
        if (!looked)
            return training_failed(m->tape, status);
        for (int64_t b = 0; b < count; b++)
            for (int64_t i = 0; i < m->numbers; i++) {
                forecast_number(m, looked, b, i, said);
                sum += bands_error(&m->options.bands, said, asked(m, first + b, i));
            }
    }
    *loss = sum / (double)(split->held_out * m->numbers);
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

/* ---- A new one ---- */

bool forecast_check_frame(const forecast *m, const frame *data, eddy_status *status)
{
    if (data->columns != m->columns.columns)
        return eddy_status_fail(status, "The model looks at %" PRId64 " columns, not at %" PRId64 ".",
                                m->columns.columns, data->columns);
    if (m->options.calendar && !data->time)
        return eddy_status_fail(status, "The model looks at the calendar, and the series has no dates.");
    return true;
}

/* Weights of a file come with its scale, or with none. */
static bool choose_scale(forecast *m, eddy_status *status)
{
    const forecast_options *o = &m->options;
    bool chosen = o->scale != FORECAST_SCALE_AUTO, known = false;
    if (o->init && !chosen) {
        card c;
        known = card_open(&c, o->init, "forecast", NULL) && card_read_scaler(&c, m->data->columns, &m->scaler, NULL);
        card_free(&c);
    }
    bool none = chosen ? o->scale == FORECAST_SCALE_NONE : o->generated || o->init;
    eddy_tensor learned = eddy_tensor_wrap(m->data->value, EDDY_F64,
                                           EDDY_SHAPE(o->split.train + o->window + o->horizon - 1, m->data->columns));
    eddy_status told = { 0 };
    return known || eddy_scaler_fit(&m->scaler, none ? EDDY_SCALER_NONE : EDDY_SCALER_STANDARD, &learned, &told) ||
           eddy_status_fail(status, "The series cannot be standardised: %s.", told.text);
}

static bool prepare(forecast *m, eddy_status *status)
{
    const forecast_options *o = &m->options;
    const int64_t count = windows_of(m->data, o->window, o->horizon, o->targets).count;
    m->batch = o->batch && o->batch < o->split.train ? o->batch : o->split.train;
    m->epoch = -1;
    if (!choose_scale(m, status))
        return false;
    forecast_describe_in_card(m);
    if (m->card.failed)
        return forecast_no_memory(status);
    if (!frame_read_names(&m->columns, &m->card, status) || !forecast_check_frame(m, m->data, status) ||
        !forecast_make_tape(m, status))
        return false;
    if (o->init) /* the function, not the macro: a mistake in a file stands at no line of this program */
        (eddy_load)(m->tape, o->init, eddy_parameters(m->tape));
    size_t row = (size_t)m->features * sizeof *m->rows;
    m->rows = eddy_allocate((size_t)m->data->rows, row);
    m->xs = eddy_allocate((size_t)(o->window * m->batch), row);
    m->ys = eddy_allocate((size_t)m->batch, (size_t)m->numbers * sizeof *m->ys);
    m->order = eddy_allocate((size_t)o->split.train, sizeof *m->order);
    if (!m->rows || !m->xs || !m->ys || !m->order)
        return forecast_no_memory(status);
    for (int64_t n = 0; n < o->split.train; n++)
        m->order[n] = n;
    return windows_rows(m->data, &m->scaler, o->calendar, 0, m->data->rows, m->rows, status) &&
           (!eddy_error(m->tape) || training_failed(m->tape, status)) && record_training(m, status) &&
           forecast_record_looking(m, count < FORECAST_LOOKED ? count : FORECAST_LOOKED, status);
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
    eddy_scaler_free(&m->scaler);
    void *blocks[] = { m->rows, m->xs, m->ys, m->order, m->window, m->scaled, m->next, m->sample, m->time };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        eddy_free(blocks[i]);
    eddy_free(m);
}
