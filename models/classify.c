/* Classes of sequences. */
#include "classify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LENGTHS = 6 }; /* of programs */

/* The network for batches of one length. */
typedef struct reader {
    eddy_program *program;
    eddy_var x, lengths, label, mask, loss, logits;
    int64_t time;
} reader;

struct classifier {
    classify_options options;
    card card;
    labelled classes;
    eddy_scaler scaler;
    const labelled *train, *held_out;
    int64_t longest, *lengths_of_train, *order, epoch; /* of which epoch `order` is */
    eddy_tape *tape;
    stack stack;
    eddy_linear out;
    reader training[LENGTHS], measuring[LENGTHS];
    float *x, *mask; /* of a batch */
    int64_t *lengths, *label;
};

static bool no_memory(eddy_status *status)
{
    return eddy_status_fail(status, "There is no memory for a classifier.");
}

/* x (time, batch, features) -> logits (batch, classes) */
static eddy_var network(const classifier *m, const reader *r, bool training)
{
    eddy_layered run =
        stack_unroll(&m->stack, r->x, &(eddy_unroll_options){ .lengths = r->lengths, .training = training });
    eddy_var steps = eddy_unsqueeze(eddy_cast(r->lengths, EDDY_F32), -1);
    eddy_var mean = eddy_div(eddy_sum_over(run.outputs, EDDY_SHAPE(0), false), steps);
    return stack_apply(&m->stack, &m->out, mean, training);
}

static void record(classifier *m, reader *r, int64_t time, bool training)
{
    const classify_options *o = &m->options;
    char name[32];
    snprintf(name, sizeof name, training ? "training%" PRId64 : "measuring%" PRId64, time);
    r->time = time;
    eddy_push(m->tape, name);
    r->x = eddy_input(m->tape, "x", EDDY_SHAPE(time, o->batch, m->classes.features));
    r->lengths = eddy_input_of(m->tape, "lengths", EDDY_I64, EDDY_SHAPE(o->batch));
    r->label = eddy_input_of(m->tape, "label", EDDY_I64, EDDY_SHAPE(o->batch));
    r->mask = eddy_input(m->tape, "mask", EDDY_SHAPE(o->batch));
    r->logits = network(m, r, training);
    eddy_pop(m->tape);
    eddy_cross_entropy_options how = { .mask = r->mask, .reduction = training ? EDDY_REDUCE_MEAN : EDDY_REDUCE_SUM };
    r->loss = eddy_cross_entropy(r->logits, r->label, &how);
    eddy_list updates = EDDY_NONE;
    if (training)
        updates = training_updates(r->loss, &o->recipe, NULL);
    r->program = eddy_compile(m->tape, EDDY_LIST(r->loss, r->logits), updates);
}

/* Programs for up to LENGTHS lengths, the last the longest. */
static void record_all(classifier *m)
{
    for (int64_t i = 0; i < LENGTHS; i++) {
        int64_t time = (m->longest * (i + 1) + LENGTHS - 1) / LENGTHS;
        if (i && time == (m->longest * i + LENGTHS - 1) / LENGTHS)
            continue;
        if (m->train)
            record(m, &m->training[i], time, true);
        record(m, &m->measuring[i], time, false);
    }
}

static bool make(classifier *m, eddy_status *status)
{
    const classify_options *o = &m->options;
    size_t batch = (size_t)o->batch;
    m->x = eddy_allocate(batch * (size_t)m->longest, (size_t)m->classes.features * sizeof *m->x);
    m->mask = eddy_allocate(batch, sizeof *m->mask);
    m->lengths = eddy_allocate(batch, sizeof *m->lengths);
    m->label = eddy_allocate(batch, sizeof *m->label);
    if (!m->x || !m->mask || !m->lengths || !m->label)
        return no_memory(status);
    m->tape = eddy_tape_new(EDDY_F32, o->seed);
    m->stack = stack_new(m->tape, "rnn", m->classes.features, &o->stack);
    m->out = eddy_linear_new(m->tape, "out", m->stack.outputs, m->classes.classes);
    record_all(m);
    return !eddy_error(m->tape) || training_failed(m->tape, status);
}

/* ---- A new one and a saved one ---- */

static void describe(classifier *m)
{
    card_text(&m->card, "model", m->options.task);
    labelled_describe(&m->classes, &m->card);
    stack_describe(&m->options.stack, &m->card);
    card_count(&m->card, "batch", m->options.batch);
    card_scaler(&m->card, &m->scaler);
}

classifier *classifier_new(const labelled *train, const labelled *held_out, const classify_options *options,
                           eddy_status *status)
{
    if (!stack_check(&options->stack, status))
        return NULL;
    int64_t used = 0;
    for (int64_t k = 0; k < train->classes; k++)
        for (int64_t i = 0; i < train->count; i++)
            if (train->label[i] == k) {
                used++;
                break;
            }
    if (used < 2) {
        eddy_status_fail(status, "All sequences to learn from are of one class: there is nothing to tell apart.");
        return NULL;
    }
    classifier *m = eddy_allocate(1, sizeof *m);
    if (!m) {
        no_memory(status);
        return NULL;
    }
    m->options = *options;
    m->options.batch = options->batch < train->count ? options->batch : train->count;
    m->train = train;
    m->held_out = held_out->count ? held_out : train;
    m->longest = train->longest > held_out->longest ? train->longest : held_out->longest;
    m->epoch = -1;
    m->order = eddy_allocate((size_t)train->count, sizeof *m->order);
    m->lengths_of_train = eddy_allocate((size_t)train->count, sizeof *m->lengths_of_train);
    bool ok = (m->order && m->lengths_of_train) || no_memory(status);
    for (int64_t i = 0; ok && i < train->count; i++)
        m->lengths_of_train[i] = train->sequence[i].shape.dim[0];
    ok = ok && labelled_choose(&m->classes, train, NULL, 0, status) &&
         eddy_scaler_fit_sequences(&m->scaler, EDDY_SCALER_STANDARD, train->sequence, NULL, train->count, status);
    if (ok)
        describe(m);
    if (!ok || !make(m, status)) {
        classifier_free(m);
        return NULL;
    }
    return m;
}

classifier *classifier_open(const char *path, const char *task, int64_t longest, eddy_status *status)
{
    classifier *m = eddy_allocate(1, sizeof *m);
    if (!m) {
        no_memory(status);
        return NULL;
    }
    m->longest = longest;
    bool ok = card_open(&m->card, path, task, status) && labelled_read_classes(&m->classes, &m->card, status) &&
              stack_read(&m->options.stack, &m->card, status) &&
              card_read_count(&m->card, "batch", 1, 1 << 20, &m->options.batch, status) &&
              card_read_scaler(&m->card, m->classes.features, &m->scaler, status) && make(m, status) &&
              card_load(m->tape, eddy_parameters(m->tape), path, status);
    if (!ok) {
        classifier_free(m);
        return NULL;
    }
    return m;
}

void classifier_free(classifier *m)
{
    if (!m)
        return;
    eddy_tape_free(m->tape);
    card_free(&m->card);
    labelled_free(&m->classes);
    eddy_scaler_free(&m->scaler);
    void *blocks[] = { m->order, m->lengths_of_train, m->x, m->mask, m->lengths, m->label };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        eddy_free(blocks[i]);
    eddy_free(m);
}

eddy_tape *classifier_tape(const classifier *m)
{
    return m->tape;
}

const labelled *classifier_classes(const classifier *m)
{
    return &m->classes;
}

card *classifier_card(classifier *m)
{
    return &m->card;
}

/* ---- Batches ---- */

/* Sequences index[0 .. count - 1] of a set (index NULL: from `from` on) into the inputs of the shortest program that
 * takes them; the rest of the batch repeats the first and counts nothing. NULL after a failure. */
static reader *feed(classifier *m, reader *readers, const labelled *set, const int64_t *index, int64_t from,
                    int64_t count, eddy_random noise)
{
    const int64_t batch = m->options.batch, features = m->classes.features;
    int64_t longest = 0;
    for (int64_t b = 0; b < batch; b++) {
        int64_t i = b < count ? (index ? index[from + b] : from + b) : (index ? index[from] : from);
        m->lengths[b] = set->sequence[i].shape.dim[0];
        m->label[b] = set->label[i];
        m->mask[b] = b < count;
        longest = m->lengths[b] > longest ? m->lengths[b] : longest;
    }
    reader *r = readers;
    while (r->time < longest)
        r++;
    memset(m->x, 0, (size_t)(r->time * batch * features) * sizeof *m->x);
    const double *shift = m->scaler.shift.data, *scale = m->scaler.scale.data;
    uint64_t drawn = 0;
    for (int64_t b = 0; b < batch; b++) {
        int64_t i = b < count ? (index ? index[from + b] : from + b) : (index ? index[from] : from);
        const float *x = set->sequence[i].data;
        for (int64_t t = 0; t < m->lengths[b]; t++)
            for (int64_t f = 0; f < features; f++) {
                double value = (x[t * features + f] - shift[f]) / scale[f];
                if (noise.stream)
                    value += m->options.noise * eddy_random_normal(noise, drawn++);
                m->x[(t * batch + b) * features + f] = (float)value;
            }
    }
    size_t cells = (size_t)(r->time * batch * features) * sizeof *m->x, column = (size_t)batch;
    return eddy_set(r->x, m->x, cells) && eddy_set(r->lengths, m->lengths, column * sizeof *m->lengths) &&
                   eddy_set(r->label, m->label, column * sizeof *m->label) &&
                   eddy_set(r->mask, m->mask, column * sizeof *m->mask) && eddy_run(r->program)
               ? r
               : NULL;
}

static bool learn(void *context, int64_t epoch, int64_t step, double *loss, eddy_status *status)
{
    classifier *m = context;
    const classify_options *o = &m->options;
    if (m->epoch != epoch) {
        if (!eddy_bucket(m->order, m->lengths_of_train, m->train->count, o->batch, 8,
                         (eddy_random){ o->seed, 0xb0c000000U + (uint64_t)epoch }, status))
            return false;
        m->epoch = epoch;
    }
    int64_t from = step * o->batch, left = m->train->count - from;
    uint64_t stream = o->noise > 0 ? 0x0153000000000U + (uint64_t)(epoch * m->train->count + from) : 0;
    const reader *r = feed(m, m->training, m->train, m->order, from, left < o->batch ? left : o->batch,
                           (eddy_random){ o->seed, stream });
    if (!r)
        return training_failed(m->tape, status);
    *loss = eddy_output(r->program, r->loss);
    return true;
}

bool classifier_predict(classifier *m, const labelled *set, int64_t *predicted, double *loss, eddy_status *status)
{
    double sum = 0;
    if (set->longest > m->longest)
        return eddy_status_fail(status,
                                "A sequence has %" PRId64 " steps, and the model was made for at most %" PRId64 ".",
                                set->longest, m->longest);
    for (int64_t from = 0; from < set->count; from += m->options.batch) {
        int64_t left = set->count - from, count = left < m->options.batch ? left : m->options.batch;
        const reader *r = feed(m, m->measuring, set, NULL, from, count, (eddy_random){ 0 });
        if (!r)
            return training_failed(m->tape, status);
        sum += eddy_output(r->program, r->loss);
        const eddy_tensor *logits = eddy_output_tensor(r->program, r->logits);
        for (int64_t b = 0; predicted && b < count; b++) {
            int64_t best = 0, classes = m->classes.classes;
            for (int64_t k = 1; k < classes; k++)
                if (eddy_tensor_flat(logits, b * classes + k) > eddy_tensor_flat(logits, b * classes + best))
                    best = k;
            predicted[from + b] = best;
        }
    }
    if (loss)
        *loss = sum / (double)set->count;
    return true;
}

static bool validate(void *context, double *loss, eddy_status *status)
{
    classifier *m = context;
    return classifier_predict(m, m->held_out, NULL, loss, status);
}

training_job classifier_job(classifier *m)
{
    return (training_job){ .tape = m->tape,
                           .steps = (m->train->count + m->options.batch - 1) / m->options.batch,
                           .card = &m->card,
                           .context = m,
                           .step = learn,
                           .validate = validate };
}
