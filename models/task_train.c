/* One recording for each batch shape, one loop. The tape keeps the first failure, so it is asked once at the end of
 * each part. */
#include "task_train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEST_BATCH = 64, ROUND = 8, SHAPES = TASK_LONGEST / ROUND + 1, RECENT = 256 };

static const task_settings usual[TASK_COUNT] = {
    [TASK_REBER] = { .hidden = 24, .batch = 2, .lr = 0.01, .clip = 1, .forget_bias = 1 },
    /* The last step is one of a hundred, and learned last: without its weight Adam's second moments are those of the
       others. */
    [TASK_LAG_FIXED] = { .hidden = 8,
                         .batch = 1,
                         .lr = 0.01,
                         .anneal = 0.3,
                         .least = 0.01,
                         .beta2 = 0.95,
                         .clip = 1,
                         .chrono = 300,
                         .last = 1e4,
                         .direct = true },
    [TASK_LAG_RANDOM] = { .hidden = 8,
                          .batch = 1,
                          .lr = 0.01,
                          .anneal = 0.3,
                          .least = 0.01,
                          .beta2 = 0.95,
                          .clip = 1,
                          .chrono = 300,
                          .direct = true },
    [TASK_ADDING] = { .hidden = 16,
                      .batch = 4,
                      .lr = 0.005,
                      .anneal = 0.04,
                      .least = 0.01,
                      .clip = 1,
                      .chrono = 110,
                      .in_a_row = 8000 },
    [TASK_ORDER] = { .hidden = 8,
                     .batch = 16,
                     .lr = 0.02,
                     .anneal = 0.2,
                     .least = 0.1,
                     .clip = 1,
                     .chrono = 110,
                     .in_a_row = 8000 },
    [TASK_ADDING_LONG] = { .hidden = 130,
                           .batch = 32,
                           .lr = 0.002,
                           .anneal = 0.02,
                           .least = 0.05,
                           .clip = 1,
                           .chrono = 600 },
    [TASK_COPY] = { .hidden = 57, .batch = 32, .lr = 0.003, .anneal = 0.01, .least = 0.05, .clip = 1, .chrono = 1000 },
};

const task_settings *task_settings_of(const task *t)
{
    return &usual[t->kind];
}

/* One recorded network for batches of one shape. */
typedef struct shape {
    eddy_program *program;
    eddy_var x, y, mask, output;
} shape;

typedef struct trainer {
    const task *task;
    const task_settings *settings;
    uint64_t seed;
    eddy_tape *tape;
    eddy_lstm lstm;
    eddy_linear fc, direct;
    shape training[SHAPES], testing[SHAPES]; /* by time / ROUND, rounded up */
    task_sequence *drawn;                    /* of one batch */
    float *x, *y, *mask, *p;
    double recent[RECENT];  /* errors of the last sequences, in a ring */
    int64_t presented, row; /* how many were right in succession up to now */
    int64_t wanted;         /* in a row */
    double *row_error;      /* the errors of the last `wanted`, in a ring; their sum is not kept: it would drift */
} trainer;

static bool tape_failed(const trainer *m, eddy_status *status)
{
    const char *sentence = eddy_error(m->tape);
    if (sentence)
        eddy_status_fail(status, "%s", sentence);
    return sentence != NULL;
}

static bool no_memory(eddy_status *status)
{
    return eddy_status_fail(status, "There is no memory for the training of a task.");
}

/* ---- The network ---- */

/* x (time, batch, inputs) -> (time, batch, outputs) */
static eddy_var network(const trainer *m, eddy_var x)
{
    eddy_var out = eddy_apply(&m->fc, eddy_unroll(&m->lstm.cell, x, NULL).outputs);
    return m->settings->direct ? eddy_add(out, eddy_apply(&m->direct, x)) : out;
}

/* Over the steps that are asked, the mean of -sum_k y_k log softmax(out)_k, or of (out - y)^2. */
static eddy_var masked_loss(const trainer *m, eddy_var out, eddy_var y, eddy_var mask)
{
    eddy_var each = m->task->numeric ? eddy_square(eddy_sub(out, y)) : eddy_neg(eddy_mul(y, eddy_log_softmax(out, -1)));
    return eddy_div(eddy_sum(eddy_mul(each, mask)), eddy_sum(mask));
}

/* The recorded program for sequences up to this length, made when it is first needed. */
static shape *shape_for(trainer *m, int64_t longest, bool training)
{
    const task *t = m->task;
    int64_t index = (longest + ROUND - 1) / ROUND, time = t->shortest == t->longest ? t->longest : index * ROUND;
    shape *s = training ? &m->training[index] : &m->testing[index];
    if (s->program)
        return s;
    int64_t batch = training ? m->settings->batch : TEST_BATCH;
    char name[32];
    snprintf(name, sizeof name, "%s%lld", training ? "t" : "l", (long long)index);
    eddy_push(m->tape, name);
    s->x = eddy_input(m->tape, "x", EDDY_SHAPE(time, batch, t->inputs));
    eddy_var out = network(m, s->x);
    s->output = t->numeric ? out : eddy_softmax(out, -1);
    if (training) {
        s->y = eddy_input(m->tape, "y", EDDY_SHAPE(time, batch, t->outputs));
        s->mask = eddy_input(m->tape, "mask", EDDY_SHAPE(time, batch, 1));
    }
    eddy_pop(m->tape); /* Adam's states are shared: their names have no prefix */
    eddy_list updates = EDDY_NONE;
    if (training) {
        eddy_list params = eddy_parameters(m->tape), grads = eddy_gradients(masked_loss(m, out, s->y, s->mask), params);
        eddy_clip_grad_norm(&grads, m->settings->clip);
        updates = eddy_adam(params, grads, &(eddy_adam_options){ .lr = m->settings->lr, .beta2 = m->settings->beta2 });
    }
    s->program = eddy_compile(m->tape, EDDY_LIST(s->output), updates);
    return s;
}

/* b_f = log(u),  b_i = -b_f;  all other biases of the gates are 0 */
static void set_chrono(trainer *m)
{
    int64_t hidden = m->settings->hidden;
    const eddy_random random = { m->seed, 0x7a5e00000000U };
    eddy_set_item(m->lstm.bias_hh, 0);
    memset(m->x, 0, (size_t)(4 * hidden) * sizeof *m->x);
    for (int64_t i = 0; i < hidden; i++) {
        m->x[hidden + i] = (float)log(1 + (m->settings->chrono - 2) * eddy_random_uniform(random, (uint64_t)i));
        m->x[i] = -m->x[hidden + i];
    }
    eddy_set(m->lstm.bias_ih, m->x, (size_t)(4 * hidden) * sizeof *m->x);
}

static bool make(trainer *m, eddy_status *status)
{
    const task *t = m->task;
    const task_settings *o = m->settings;
    size_t columns = (size_t)(o->batch > TEST_BATCH ? o->batch : TEST_BATCH),
           steps = (size_t)(t->longest + ROUND) * columns;
    m->drawn = eddy_allocate(columns, sizeof *m->drawn);
    m->x = eddy_allocate(steps * (size_t)t->inputs, sizeof *m->x);
    m->y = eddy_allocate(steps * (size_t)t->outputs, sizeof *m->y);
    m->p = eddy_allocate(steps * (size_t)t->outputs, sizeof *m->p);
    m->mask = eddy_allocate(steps, sizeof *m->mask);
    m->wanted = o->in_a_row > t->in_a_row ? o->in_a_row : t->in_a_row;
    m->row_error = eddy_allocate((size_t)m->wanted + 1, sizeof *m->row_error);
    if (!m->drawn || !m->x || !m->y || !m->p || !m->mask || !m->row_error)
        return no_memory(status);
    m->tape = eddy_tape_new(EDDY_F32, m->seed);
    m->lstm = eddy_lstm_new_with(m->tape, "lstm", t->inputs, o->hidden,
                                 &(eddy_lstm_options){ .forget_bias = o->forget_bias });
    m->fc = eddy_linear_new(m->tape, "fc", o->hidden, t->outputs);
    if (o->direct)
        m->direct = eddy_linear_new_without_bias(m->tape, "direct", t->inputs, t->outputs);
    if (o->chrono > 0)
        set_chrono(m);
    return !tape_failed(m, status);
}

static void unmake(trainer *m)
{
    eddy_tape_free(m->tape);
    eddy_free(m->drawn);
    eddy_free(m->x);
    eddy_free(m->y);
    eddy_free(m->p);
    eddy_free(m->mask);
    eddy_free(m->row_error);
}

/* Runs a network on m->drawn and leaves its outputs in m->p. */
static bool present(trainer *m, bool training, eddy_status *status)
{
    const task *t = m->task;
    int64_t batch = training ? m->settings->batch : TEST_BATCH, longest = t->kind == TASK_REBER ? 0 : t->longest;
    for (int64_t b = 0; b < batch; b++)
        longest = m->drawn[b].steps > longest ? m->drawn[b].steps : longest;
    shape *s = shape_for(m, longest, training);
    int64_t time = eddy_size(s->x, 0);
    if (tape_failed(m, status))
        return false;
    for (int64_t b = 0; b < batch; b++)
        task_write(t, &m->drawn[b], time, batch, b, m->x, m->y, m->mask);
    for (int64_t b = 0; b < batch && m->settings->last > 0; b++)
        m->mask[(m->drawn[b].steps - 1) * batch + b] *= (float)m->settings->last;
    size_t cells = (size_t)(time * batch) * sizeof(float);
    bool ok = eddy_set(s->x, m->x, cells * (size_t)t->inputs);
    if (training)
        ok = ok && eddy_set(s->y, m->y, cells * (size_t)t->outputs) && eddy_set(s->mask, m->mask, cells);
    const eddy_tensor *seen = ok && eddy_run(s->program) ? eddy_output_tensor(s->program, s->output) : NULL;
    eddy_tensor p = eddy_tensor_wrap(m->p, EDDY_F32, EDDY_SHAPE(time, batch, t->outputs));
    if (seen && eddy_tensor_copy(&p, seen, status))
        return true;
    return tape_failed(m, status) ? false : eddy_status_fail(status, "The network could not be computed.");
}

/* ---- Sequences: streams, or for the grammar two fixed sets of strings ---- */

static void draw_batch(trainer *m, uint64_t stream, int64_t from, int64_t batch)
{
    int64_t order[REBER_STRINGS], epoch = -1;
    for (int64_t b = 0; b < batch; b++) {
        int64_t n = from + b;
        if (m->task->kind == TASK_REBER &&
            stream == TASK_STREAM_TRAIN) { /* the strings in another random order in each round */
            if (n / REBER_STRINGS != epoch) {
                epoch = n / REBER_STRINGS;
                eddy_permutation(order, REBER_STRINGS, (eddy_random){ m->seed, 0x7a5d00000000U + (uint64_t)epoch });
            }
            n = order[n % REBER_STRINGS];
        }
        task_draw(m->task, m->seed, stream, (uint64_t)n, &m->drawn[b]);
    }
}

/* How many of `count` sequences of a stream, from the first, are wrong now, and their mean error; count is a multiple
 * of TEST_BATCH. */
static bool test(trainer *m, uint64_t stream, int64_t count, int64_t *wrong, double *error, eddy_status *status)
{
    *wrong = 0;
    *error = 0;
    for (int64_t n = 0; n < count; n += TEST_BATCH) {
        for (int64_t b = 0; b < TEST_BATCH; b++)
            task_draw(m->task, m->seed, stream, (uint64_t)(n + b), &m->drawn[b]);
        if (!present(m, false, status))
            return false;
        for (int64_t b = 0; b < TEST_BATCH; b++) {
            const task_score score = task_judge(m->task, &m->drawn[b], TEST_BATCH, b, m->p);
            *wrong += !score.right;
            *error += score.error / (double)count;
        }
    }
    return true;
}

/* Judges the batch that was just learned from. */
static void judge(trainer *m)
{
    for (int64_t b = 0; b < m->settings->batch; b++) {
        task_score score = task_judge(m->task, &m->drawn[b], m->settings->batch, b, m->p);
        m->recent[m->presented % RECENT] = score.error;
        if (m->wanted)
            m->row_error[m->presented % m->wanted] = score.error;
        m->row = score.right ? m->row + 1 : 0;
        m->presented++;
    }
}

static double mean(const double *value, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += value[i] / (double)count;
    return sum;
}

static double recent_error(const trainer *m)
{
    return mean(m->recent, m->presented < RECENT ? m->presented : RECENT);
}

/* The mean error of the last n; n <= wanted. */
static double row_mean(const trainer *m, int64_t n)
{
    double sum = 0;
    for (int64_t i = 1; i <= n; i++)
        sum += m->row_error[(m->presented - i) % m->wanted] / (double)n;
    return sum;
}

static bool row_holds(const trainer *m, int64_t n)
{
    if (m->task->loss_below > 0)
        return m->presented >= n && row_mean(m, n) < m->task->loss_below;
    return m->row >= n && (!(m->task->mean_below > 0) || row_mean(m, n) < m->task->mean_below);
}

/* Does the criterion hold now, with as many in a row as are wanted? */
static bool succeeded(trainer *m, task_result *out, bool *yes, eddy_status *status)
{
    const task *t = m->task;
    *yes = false;
    if (t->in_a_row) {
        if (!out->first && row_holds(m, t->in_a_row))
            out->first = t->row_counts ? m->presented : m->presented - m->row;
        *yes = out->first && row_holds(m, m->wanted);
        return true;
    }
    if (m->presented % REBER_STRINGS >= m->settings->batch) /* once in each round of the strings */
        return true;
    int64_t wrong = 0;
    double error;
    if (!test(m, TASK_STREAM_TRAIN, REBER_STRINGS, &wrong, &error, status) ||
        (!wrong && !test(m, TASK_STREAM_TEST, REBER_STRINGS, &wrong, &error, status)))
        return false;
    *yes = !wrong;
    if (*yes)
        out->first = m->presented;
    return true;
}

static void set_rate(trainer *m)
{
    const task_settings *o = m->settings;
    if (o->anneal > 0 && m->presented)
        eddy_set_item(eddy_find(m->tape, "adam.lr"), o->lr * fmin(1, fmax(o->least, recent_error(m) / o->anneal)));
}

static bool train(trainer *m, int64_t most, task_progress progress, void *context, task_result *out,
                  eddy_status *status)
{
    const task *t = m->task;
    bool yes = false;
    int64_t uncounted = t->row_counts ? 0 : m->wanted;
    /* a row that is not long enough yet is waited for, if what counts stays within `most` */
    while (!yes && m->presented - (uncounted ? m->row : 0) + m->settings->batch <= most &&
           m->presented < most + uncounted + m->settings->batch) {
        draw_batch(m, TASK_STREAM_TRAIN, m->presented, m->settings->batch);
        set_rate(m);
        if (!present(m, true, status))
            return false;
        judge(m);
        out->updates++;
        if (!succeeded(m, out, &yes, status))
            return false;
        if (!yes && progress && !progress(context, m->presented, recent_error(m), m->row))
            break;
    }
    out->solved = yes;
    out->presented = m->presented;
    out->sequences = yes && uncounted ? m->presented - m->row : m->presented;
    if (!yes && !(t->loss_below > 0))
        return true;
    out->tested = t->kind == TASK_REBER ? REBER_STRINGS : TASK_TEST;
    if (!yes && m->presented < TASK_TEST) /* nothing is expected of so few */
        out->tested = TEST_BATCH;
    return test(m, TASK_STREAM_TEST, out->tested, &out->wrong, &out->loss, status);
}

static int64_t count_parameters(const trainer *m)
{
    int64_t count = 0;
    eddy_list params = eddy_parameters(m->tape);
    for (int64_t i = 0; i < params.count; i++) {
        eddy_shape size = eddy_shape_of(params.items[i]);
        count += eddy_shape_count(&size);
    }
    return count;
}

bool task_train(const task *t, const task_settings *settings, uint64_t seed, int64_t most, task_progress progress,
                void *context, task_result *out, eddy_status *status)
{
    *out = (task_result){ 0 };
    trainer *m = eddy_allocate(1, sizeof *m);
    if (!m)
        return no_memory(status);
    m->task = t;
    m->settings = settings ? settings : task_settings_of(t);
    m->seed = seed;
    bool ok = make(m, status);
    if (ok) {
        out->parameters = count_parameters(m);
        ok = train(m, most, progress, context, out, status);
    }
    unmake(m);
    eddy_free(m);
    return ok;
}
