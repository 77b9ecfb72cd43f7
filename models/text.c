/* A language model of characters. The tape keeps the first failure, so it is asked once at the end of each part. */
#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One recording of the network, with states of its own that it carries from run to run. */
typedef struct reader {
    eddy_program *program;
    eddy_var x, y, loss, logits;
    eddy_list carried;
} reader;

typedef struct candidate {
    double p;
    int32_t unit;
} candidate;

struct text_model {
    text_options options;
    card card;
    units units;
    const unit_text *train, *held_out;
    eddy_tape *tape;
    eddy_embedding_table table;
    stack stack;
    eddy_linear out;
    reader training, measuring, writing;
    int64_t *x, *y;        /* of one chunk */
    candidate *candidates; /* of one draw */
};

enum { NOT_ASKED = -1 };

/* ---- The network ---- */

/* x (time, batch) of indices -> logits (time, batch, units) */
static eddy_var network(const text_model *m, reader *r, bool training)
{
    eddy_layered run = stack_unroll(&m->stack, eddy_embed(&m->table, r->x),
                                    &(eddy_unroll_options){ .carry = "state", .training = training });
    r->carried = run.carried;
    return stack_apply(&m->stack, &m->out, run.outputs, training);
}

static void record_training(text_model *m, eddy_shape shape)
{
    reader *r = &m->training;
    eddy_push(m->tape, "training");
    r->x = eddy_input_of(m->tape, "x", EDDY_I64, shape);
    r->y = eddy_input_of(m->tape, "y", EDDY_I64, shape);
    r->loss = eddy_cross_entropy(network(m, r, true), r->y, NULL);
    eddy_pop(m->tape); /* the optimiser's states have no prefix */
    const text_options *o = &m->options;
    eddy_list updates = training_updates(r->loss, &o->recipe, NULL);
    r->program = eddy_compile(m->tape, EDDY_LIST(r->loss), eddy_list_join(m->tape, updates, r->carried));
}

static void record_measuring(text_model *m, eddy_shape shape)
{
    reader *r = &m->measuring;
    eddy_push(m->tape, "measuring");
    r->x = eddy_input_of(m->tape, "x", EDDY_I64, shape);
    r->y = eddy_input_of(m->tape, "y", EDDY_I64, shape);
    r->loss = eddy_cross_entropy(
        network(m, r, false), r->y,
        &(eddy_cross_entropy_options){ .reduction = EDDY_REDUCE_SUM, .ignore = true, .ignore_index = NOT_ASKED });
    eddy_pop(m->tape);
    r->program = eddy_compile(m->tape, EDDY_LIST(r->loss), r->carried);
}

static void record_writing(text_model *m)
{
    reader *r = &m->writing;
    eddy_push(m->tape, "writing");
    r->x = eddy_input_of(m->tape, "x", EDDY_I64, EDDY_SHAPE(1, 1));
    r->logits = network(m, r, false);
    eddy_pop(m->tape);
    r->program = eddy_compile(m->tape, EDDY_LIST(r->logits), r->carried);
}

static void describe(text_model *m)
{
    const text_options *o = &m->options;
    card_text(&m->card, "model", "text");
    units_describe(&m->units, &m->card);
    stack_describe(&o->stack, &m->card);
    card_count(&m->card, "embedding", o->embedding);
    card_count(&m->card, "batch", o->batch);
    card_count(&m->card, "time", o->time);
}

/* Everything but the training program, with units and options known. */
static bool make(text_model *m, eddy_status *status)
{
    const text_options *o = &m->options;
    size_t cells = (size_t)(o->batch * o->time);
    m->x = eddy_allocate(cells, sizeof *m->x);
    m->y = eddy_allocate(cells, sizeof *m->y);
    m->candidates = eddy_allocate((size_t)m->units.count, sizeof *m->candidates);
    if (!m->x || !m->y || !m->candidates)
        return eddy_status_fail(status, "There is no memory for a model of text.");
    m->tape = eddy_tape_new(EDDY_F32, o->seed);
    m->table = eddy_embedding_new(m->tape, "embedding", m->units.count, o->embedding);
    m->stack = stack_new(m->tape, "rnn", o->embedding, &o->stack);
    m->out = eddy_linear_new(m->tape, "out", m->stack.outputs, m->units.count);
    if (m->train)
        record_training(m, EDDY_SHAPE(o->time, o->batch));
    record_measuring(m, EDDY_SHAPE(o->time, o->batch));
    record_writing(m);
    return !eddy_error(m->tape) || training_failed(m->tape, status);
}

text_model *text_new(const units *u, const unit_text *train, const unit_text *held_out, const text_options *options,
                     eddy_status *status)
{
    int64_t least = options->batch * 2;
    if (!stack_check(&options->stack, status))
        return NULL;
    if (options->stack.bidirectional || train->count < least || held_out->count < 1) {
        eddy_status_fail(status,
                         options->stack.bidirectional ? "A model that foretells text cannot read it backwards."
                                                      : "The text is too short: %" PRId64
                                                        " characters to learn from and %" PRId64 " held out; %" PRId64
                                                        " streams need 2 characters each. Choose a smaller --batch.",
                         train->count, held_out->count, options->batch);
        return NULL;
    }
    text_model *m = eddy_allocate(1, sizeof *m);
    if (!m) {
        eddy_status_fail(status, "There is no memory for a model of text.");
        return NULL;
    }
    m->options = *options;
    int64_t longest = train->count / options->batch - 1;
    m->options.time = options->time < longest ? options->time : longest;
    m->train = train;
    m->held_out = held_out;
    card c = { 0 };
    units_describe(u, &c);
    bool ok = !c.failed ? units_read(&m->units, &c, status) /* a copy */
                        : eddy_status_fail(status, "There is no memory for a model of text.");
    card_free(&c);
    if (ok)
        describe(m);
    if (!ok || !make(m, status)) {
        text_free(m);
        return NULL;
    }
    return m;
}

text_model *text_open(const char *path, eddy_status *status)
{
    text_model *m = eddy_allocate(1, sizeof *m);
    if (!m) {
        eddy_status_fail(status, "There is no memory for a model of text.");
        return NULL;
    }
    text_options *o = &m->options;
    bool ok = card_open(&m->card, path, "text", status) && units_read(&m->units, &m->card, status) &&
              stack_read(&o->stack, &m->card, status) &&
              card_read_count(&m->card, "embedding", 1, 65536, &o->embedding, status) &&
              card_check_size(&m->card, o->embedding * m->units.count, status) &&
              card_read_count(&m->card, "batch", 1, 1 << 20, &o->batch, status) &&
              card_read_count(&m->card, "time", 1, 1 << 20, &o->time, status) && make(m, status) &&
              card_load(m->tape, eddy_parameters(m->tape), path, status);
    if (!ok) {
        text_free(m);
        return NULL;
    }
    return m;
}

void text_free(text_model *m)
{
    if (!m)
        return;
    eddy_tape_free(m->tape);
    card_free(&m->card);
    units_free(&m->units);
    eddy_free(m->x);
    eddy_free(m->y);
    eddy_free(m->candidates);
    eddy_free(m);
}

const units *text_units(const text_model *model)
{
    return &model->units;
}

eddy_tape *text_tape(const text_model *model)
{
    return model->tape;
}

/* ---- Reading streams ---- */

static bool forget(const text_model *m, const reader *r, eddy_status *status)
{
    bool ok = true;
    for (int64_t i = 0; i < r->carried.count; i++)
        ok = ok && eddy_set_item(eddy_assigned(r->carried.items[i]), 0);
    return ok || training_failed(m->tape, status);
}

/* Stream b is units from + b length ..; chunk `step` of each into x, and what follows every unit of it into y. A unit
 * beyond the end of a stream or of the text is read as 0 and not asked. Returns how many are asked. */
static int64_t cut(text_model *m, const unit_text *text, int64_t from, int64_t length, int64_t step)
{
    int64_t asked = 0;
    const text_options *o = &m->options;
    for (int64_t b = 0; b < o->batch; b++)
        for (int64_t t = 0; t < o->time; t++) {
            int64_t in_stream = step * o->time + t, at = from + b * length + in_stream;
            bool known = in_stream < length && at + 1 < text->count;
            m->x[t * o->batch + b] = known ? text->unit[at] : 0;
            m->y[t * o->batch + b] = known ? text->unit[at + 1] : NOT_ASKED;
            asked += known;
        }
    return asked;
}

static bool feed(const text_model *m, const reader *r)
{
    size_t bytes = (size_t)(m->options.batch * m->options.time) * sizeof *m->x;
    return eddy_set(r->x, m->x, bytes) && eddy_set(r->y, m->y, bytes) && eddy_run(r->program);
}

static int64_t stream_length(const text_model *m)
{
    return (m->train->count - 1) / m->options.batch;
}

static int64_t steps_of_epoch(const text_model *m)
{
    /* All that fits; what is left over is where the next epoch may begin. */
    return stream_length(m) / m->options.time;
}

static bool learn(void *context, int64_t epoch, int64_t step, double *loss, eddy_status *status)
{
    text_model *m = context;
    int64_t spare = m->train->count - 1 - m->options.batch * m->options.time * steps_of_epoch(m);
    double u = eddy_random_uniform((eddy_random){ m->options.seed, 0x7e87 }, (uint64_t)epoch);
    if (step == 0 && !forget(m, &m->training, status))
        return false;
    cut(m, m->train, (int64_t)(u * (double)(spare + 1)), steps_of_epoch(m) * m->options.time, step);
    if (!feed(m, &m->training))
        return training_failed(m->tape, status);
    *loss = eddy_output(m->training.program, m->training.loss);
    return true;
}

bool text_nats(text_model *m, const unit_text *text, double *nats, eddy_status *status)
{
    int64_t length = (text->count - 1 + m->options.batch - 1) / m->options.batch, asked = 0;
    double sum = 0;
    if (text->count < 2)
        return eddy_status_fail(status, "A text needs at least 2 characters to be measured.");
    if (!forget(m, &m->measuring, status))
        return false;
    for (int64_t step = 0; step * m->options.time < length; step++) {
        asked += cut(m, text, 0, length, step);
        if (!feed(m, &m->measuring))
            return training_failed(m->tape, status);
        sum += eddy_output(m->measuring.program, m->measuring.loss);
    }
    *nats = sum / (double)asked;
    return true;
}

static bool validate(void *context, double *loss, eddy_status *status)
{
    text_model *m = context;
    return text_nats(m, m->held_out, loss, status);
}

training_job text_job(text_model *m)
{
    return (training_job){
        .tape = m->tape, .steps = steps_of_epoch(m), .card = &m->card, .context = m, .step = learn, .validate = validate
    };
}

/* ---- Writing ---- */

bool text_begin(text_model *m, eddy_status *status)
{
    return forget(m, &m->writing, status);
}

bool text_read_unit(text_model *m, int32_t unit, eddy_status *status)
{
    return (eddy_set_item(m->writing.x, unit) && eddy_run(m->writing.program)) || training_failed(m->tape, status);
}

static int by_probability(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->p != y->p)
        return x->p > y->p ? -1 : 1;
    return x->unit < y->unit ? -1 : 1;
}

int32_t text_draw(text_model *m, const text_sampling *how, uint64_t n)
{
    const eddy_tensor *logits = eddy_output_tensor(m->writing.program, m->writing.logits);
    int64_t count = m->units.count, kept = how->top_k && how->top_k < count ? how->top_k : count;
    double largest = -INFINITY, sum = 0, reached = 0;
    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, eddy_tensor_flat(logits, i));
    for (int64_t i = 0; i < count; i++) {
        m->candidates[i] = (candidate){ exp((eddy_tensor_flat(logits, i) - largest) / how->temperature), (int32_t)i };
        sum += m->candidates[i].p;
    }
    qsort(m->candidates, (size_t)count, sizeof *m->candidates, by_probability);
    double share = 0;
    for (int64_t i = 0; i < kept; i++) {
        share += m->candidates[i].p;
        if (share >= how->top_p * sum)
            kept = i + 1;
    }
    double u = eddy_random_uniform((eddy_random){ how->seed, 0x5a3e }, n) * share;
    for (int64_t i = 0; i < kept; i++) {
        reached += m->candidates[i].p;
        if (u < reached)
            return m->candidates[i].unit;
    }
    return m->candidates[kept - 1].unit;
}

/* ---- A text of its own ---- */

char *text_demo(size_t *size, uint64_t seed)
{
    enum { DIALOGUES = 600, LONGEST = 128 };
    static const char *const names[] = { "Anna", "Ben", "Clara", "David", "Erik", "Freja", "Gustav", "Hanna" };
    static const char *const things[] = { "book", "letter", "lamp", "basket", "map", "violin" };
    static const char *const places[] = { "garden", "harbour", "kitchen", "library" };
    const eddy_random random = { seed, 0xde30 };
    char *text = eddy_allocate(DIALOGUES, LONGEST);
    *size = 0;
    for (uint64_t i = 0; text && i < DIALOGUES; i++) {
        uint64_t bits = eddy_random_bits(random, i);
        const char *a = names[bits % 8], *b = names[(bits % 8 + 1 + bits / 8 % 7) % 8];
        *size += (size_t)snprintf(text + *size, LONGEST, "%s gives %s a %s in the %s. %s thanks %s.\n", a, b,
                                  things[bits / 64 % 6], places[bits / 512 % 4], b, a);
    }
    return text;
}
