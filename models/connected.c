/* Words without boundaries. */
#include "connected.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LENGTHS = 4, STRIDE = 2 }; /* of programs; every second frame is read */

/* The network for batches of one length. */
typedef struct reader {
    eddy_program *program;
    eddy_var x, lengths, words, counts, loss;
    int64_t time;
} reader;

struct connected {
    connected_options options;
    card card;
    labelled words;
    eddy_scaler scaler;
    const spoken *data;
    int64_t *train, trained, *held_out, held; /* recordings */
    int64_t *lengths_of_train, *order, epoch;
    int64_t longest, most; /* rows, words */
    eddy_tape *tape;
    stack stack;
    eddy_linear out;
    reader training[LENGTHS], measuring[LENGTHS];
    eddy_program *hearing;
    eddy_var heard, length, rows; /* of hearing */
    float *x;
    int64_t *lengths, *label, *counts;
};

static bool no_memory(eddy_status *status)
{
    return eddy_status_fail(status, "There is no memory for a recogniser of words.");
}

static int64_t rows_of(const eddy_tensor *sequence)
{
    return (sequence->shape.dim[0] + STRIDE - 1) / STRIDE;
}

/* ---- The network ---- */

/* x (time, batch, features) -> log-probabilities (time, batch, words + 1), the blank first */
static eddy_var network(const connected *m, eddy_var x, eddy_var lengths, bool training)
{
    eddy_var h = stack_unroll(&m->stack, x, &(eddy_unroll_options){ .lengths = lengths, .training = training }).outputs;
    return eddy_log_softmax(stack_apply(&m->stack, &m->out, h, training), -1);
}

static void record(connected *m, reader *r, int64_t time, bool training)
{
    const connected_options *o = &m->options;
    char name[32];
    snprintf(name, sizeof name, training ? "training%" PRId64 : "measuring%" PRId64, time);
    r->time = time;
    eddy_push(m->tape, name);
    r->x = eddy_input(m->tape, "x", EDDY_SHAPE(time, o->batch, MFCC_FEATURES));
    r->lengths = eddy_input_of(m->tape, "lengths", EDDY_I64, EDDY_SHAPE(o->batch));
    r->words = eddy_input_of(m->tape, "words", EDDY_I64, EDDY_SHAPE(o->batch, m->most));
    r->counts = eddy_input_of(m->tape, "counts", EDDY_I64, EDDY_SHAPE(o->batch));
    eddy_var rows = network(m, r->x, r->lengths, training);
    eddy_pop(m->tape);
    r->loss = eddy_ctc(rows, r->words, r->lengths, r->counts, &(eddy_ctc_options){ .zero_infinity = true });
    eddy_list updates = EDDY_NONE;
    if (training)
        updates = training_updates(r->loss, &o->recipe, NULL);
    r->program = eddy_compile(m->tape, EDDY_LIST(r->loss), updates);
}

static bool make(connected *m, eddy_status *status)
{
    const connected_options *o = &m->options;
    size_t batch = (size_t)o->batch;
    m->x = eddy_allocate(batch * (size_t)m->longest, MFCC_FEATURES * sizeof *m->x);
    m->lengths = eddy_allocate(batch, sizeof *m->lengths);
    m->counts = eddy_allocate(batch, sizeof *m->counts);
    m->label = eddy_allocate(batch, (size_t)(m->most + 1) * sizeof *m->label);
    if (!m->x || !m->lengths || !m->counts || !m->label)
        return no_memory(status);
    m->tape = eddy_tape_new(EDDY_F32, o->seed);
    m->stack = stack_new(m->tape, "rnn", MFCC_FEATURES, &o->stack);
    m->out = eddy_linear_new(m->tape, "out", m->stack.outputs, m->words.classes + 1);
    for (int64_t i = 0; m->trained && i < LENGTHS; i++) {
        int64_t time = (m->longest * (i + 1) + LENGTHS - 1) / LENGTHS;
        record(m, &m->training[i], time, true);
        record(m, &m->measuring[i], time, false);
    }
    m->heard = eddy_input(m->tape, "heard", EDDY_SHAPE(m->longest, 1, MFCC_FEATURES));
    m->length = eddy_input_of(m->tape, "length", EDDY_I64, EDDY_SHAPE(1));
    m->rows = network(m, m->heard, m->length, false);
    m->hearing = eddy_compile(m->tape, EDDY_LIST(m->rows), EDDY_NONE);
    return !eddy_error(m->tape) || training_failed(m->tape, status);
}

/* ---- A new one and a saved one ---- */

static bool choose(connected *m, int64_t speaker, eddy_status *status)
{
    const spoken *d = m->data;
    size_t count = (size_t)d->count + 1;
    m->train = eddy_allocate(count, sizeof *m->train);
    m->held_out = eddy_allocate(count, sizeof *m->held_out);
    m->order = eddy_allocate(count, sizeof *m->order);
    m->lengths_of_train = eddy_allocate(count, sizeof *m->lengths_of_train);
    if (!m->train || !m->held_out || !m->order || !m->lengths_of_train)
        return no_memory(status);
    for (int64_t i = 0; i < d->count; i++) {
        if (d->speaker[i] == speaker)
            continue;
        if (d->held_out[i]) {
            m->held_out[m->held++] = i;
        } else {
            m->lengths_of_train[m->trained] = rows_of(&d->sequence[i]);
            m->train[m->trained++] = i;
        }
    }
    if (m->trained && m->held)
        return true;
    return eddy_status_fail(status, "There are too few recordings to learn from some and to choose the best model by "
                                    "others; or one speaker only, whom nobody is left to learn from.");
}

static void describe(connected *m)
{
    card_text(&m->card, "model", "connected");
    labelled_describe(&m->words, &m->card);
    stack_describe(&m->options.stack, &m->card);
    card_scaler(&m->card, &m->scaler);
}

connected *connected_new(const spoken *data, const labelled *words, int64_t speaker, const connected_options *options,
                         eddy_status *status)
{
    if (!stack_check(&options->stack, status))
        return NULL;
    connected *m = eddy_allocate(1, sizeof *m);
    if (!m) {
        no_memory(status);
        return NULL;
    }
    m->options = *options;
    m->data = data;
    m->epoch = -1;
    m->longest = (data->longest + STRIDE - 1) / STRIDE;
    m->most = data->most;
    bool ok = choose(m, speaker, status) && labelled_choose(&m->words, words, NULL, 0, status) &&
              eddy_scaler_fit_sequences(&m->scaler, EDDY_SCALER_STANDARD, data->sequence, m->train, m->trained, status);
    if (ok) {
        m->options.batch = options->batch < m->trained ? options->batch : m->trained;
        describe(m);
        ok = make(m, status);
    }
    if (ok)
        return m;
    connected_free(m);
    return NULL;
}

connected *connected_open(const char *path, int64_t longest, eddy_status *status)
{
    connected *m = eddy_allocate(1, sizeof *m);
    if (!m) {
        no_memory(status);
        return NULL;
    }
    m->options.batch = 1;
    m->longest = (longest + STRIDE - 1) / STRIDE;
    bool ok = card_open(&m->card, path, "connected", status) && labelled_read_classes(&m->words, &m->card, status) &&
              stack_read(&m->options.stack, &m->card, status) &&
              card_read_scaler(&m->card, MFCC_FEATURES, &m->scaler, status) && make(m, status) &&
              card_load(m->tape, eddy_parameters(m->tape), path, status);
    if (ok)
        return m;
    connected_free(m);
    return NULL;
}

void connected_free(connected *m)
{
    if (!m)
        return;
    eddy_tape_free(m->tape);
    card_free(&m->card);
    labelled_free(&m->words);
    eddy_scaler_free(&m->scaler);
    void *blocks[] = { m->train, m->held_out, m->lengths_of_train, m->order, m->x, m->lengths, m->label, m->counts };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        eddy_free(blocks[i]);
    eddy_free(m);
}

eddy_tape *connected_tape(const connected *m)
{
    return m->tape;
}

const labelled *connected_words(const connected *m)
{
    return &m->words;
}

/* ---- Batches ---- */

/* A recording into column b of x (any, batch, features). */
static void place(const connected *m, const eddy_tensor *sequence, int64_t b, int64_t batch, eddy_random noise)
{
    const float *x = sequence->data;
    const double *shift = m->scaler.shift.data, *scale = m->scaler.scale.data;
    uint64_t drawn = (uint64_t)b << 32;
    for (int64_t t = 0; t < rows_of(sequence); t++)
        for (int64_t f = 0; f < MFCC_FEATURES; f++) {
            double value = (x[t * STRIDE * MFCC_FEATURES + f] - shift[f]) / scale[f];
            if (noise.stream)
                value += m->options.noise * eddy_random_normal(noise, drawn++);
            m->x[(t * batch + b) * MFCC_FEATURES + f] = (float)value;
        }
}

/* Recordings index[0 .. count - 1] through the shortest program that takes them; the rest of the batch repeats the
 * first. NULL after a failure. */
static reader *feed(connected *m, reader *readers, const int64_t *index, int64_t count, eddy_random noise)
{
    const spoken *d = m->data;
    const int64_t batch = m->options.batch;
    int64_t longest = 0;
    memset(m->label, 0, (size_t)(batch * m->most) * sizeof *m->label);
    memset(m->x, 0, (size_t)(batch * m->longest) * MFCC_FEATURES * sizeof *m->x);
    for (int64_t b = 0; b < batch; b++) {
        int64_t i = index[b < count ? b : 0];
        m->lengths[b] = rows_of(&d->sequence[i]);
        m->counts[b] = d->begin[i + 1] - d->begin[i];
        longest = m->lengths[b] > longest ? m->lengths[b] : longest;
        for (int64_t k = 0; k < m->counts[b]; k++)
            m->label[b * m->most + k] = d->word[d->begin[i] + k] + 1;
        place(m, &d->sequence[i], b, batch, noise);
    }
    reader *r = readers;
    while (r->time < longest)
        r++;
    size_t one = (size_t)batch * sizeof *m->lengths;
    bool ok = eddy_set(r->x, m->x, (size_t)(r->time * batch * MFCC_FEATURES) * sizeof *m->x) &&
              eddy_set(r->lengths, m->lengths, one) && eddy_set(r->counts, m->counts, one) &&
              eddy_set(r->words, m->label, one * (size_t)m->most) && eddy_run(r->program);
    return ok ? r : NULL;
}

static bool learn(void *context, int64_t epoch, int64_t step, double *loss, eddy_status *status)
{
    connected *m = context;
    const connected_options *o = &m->options;
    int64_t index[1024], from = step * o->batch, left = m->trained - from, count = left < o->batch ? left : o->batch;
    if (m->epoch != epoch) {
        if (!eddy_bucket(m->order, m->lengths_of_train, m->trained, o->batch, 8,
                         (eddy_random){ o->seed, 0xcc7c00000U + (uint64_t)epoch }, status))
            return false;
        m->epoch = epoch;
    }
    for (int64_t b = 0; b < count; b++)
        index[b] = m->train[m->order[from + b]];
    uint64_t stream = o->noise > 0 ? 0xcc7e000000000U + (uint64_t)(epoch * m->trained + from) : 0;
    const reader *r = feed(m, m->training, index, count, (eddy_random){ o->seed, stream });
    if (!r)
        return training_failed(m->tape, status);
    *loss = eddy_output(r->program, r->loss);
    return true;
}

/* Whole batches: their losses are means. The last ones repeat some of the first. */
static bool validate(void *context, double *loss, eddy_status *status)
{
    connected *m = context;
    int64_t index[1024], batches = (m->held + m->options.batch - 1) / m->options.batch;
    *loss = 0;
    for (int64_t k = 0; k < batches; k++) {
        for (int64_t b = 0; b < m->options.batch; b++)
            index[b] = m->held_out[(k * m->options.batch + b) % m->held];
        const reader *r = feed(m, m->measuring, index, m->options.batch, (eddy_random){ 0 });
        if (!r)
            return training_failed(m->tape, status);
        *loss += eddy_output(r->program, r->loss) / (double)batches;
    }
    return true;
}

training_job connected_job(connected *m)
{
    return (training_job){ .tape = m->tape,
                           .steps = (m->trained + m->options.batch - 1) / m->options.batch,
                           .card = &m->card,
                           .context = m,
                           .step = learn,
                           .validate = validate };
}

/* ---- Hearing ---- */

bool connected_listen(connected *m, const eddy_tensor *sequence, eddy_tensor *rows, eddy_status *status)
{
    int64_t time = rows_of(sequence), classes = m->words.classes + 1;
    *rows = (eddy_tensor){ 0 };
    if (time > m->longest)
        return eddy_status_fail(status, "The recording is too long: %" PRId64 " frames, and %" PRId64 " are heard.",
                                sequence->shape.dim[0], m->longest * STRIDE);
    memset(m->x, 0, (size_t)m->longest * MFCC_FEATURES * sizeof *m->x);
    place(m, sequence, 0, 1, (eddy_random){ 0 });
    if (!eddy_set(m->heard, m->x, (size_t)m->longest * MFCC_FEATURES * sizeof *m->x) ||
        !eddy_set_item(m->length, (double)time) || !eddy_run(m->hearing))
        return training_failed(m->tape, status);
    const eddy_tensor *out = eddy_output_tensor(m->hearing, m->rows);
    bool ok = eddy_tensor_new(rows, EDDY_F64, EDDY_SHAPE(time, classes), status);
    for (int64_t i = 0; ok && i < time * classes; i++)
        ((double *)rows->data)[i] = eddy_tensor_flat(out, i);
    return ok;
}

bool connected_run(connected *m, const eddy_tensor *sequence, int64_t beam, int64_t word[CONNECTED_MOST],
                   int64_t *count, eddy_status *status)
{
    eddy_tensor rows;
    bool ok = connected_listen(m, sequence, &rows, status);
    int64_t time = ok ? rows.shape.dim[0] : 0, classes = m->words.classes + 1;
    if (ok && beam > 1)
        ok = connected_search(rows.data, time, classes, beam, word, count, status);
    else if (ok)
        connected_best_row(rows.data, time, classes, word, count);
    eddy_tensor_free(&rows);
    return ok;
}
