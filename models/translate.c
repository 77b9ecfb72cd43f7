/* Translation by characters. */
#include "translate_model.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOT_ASKED = -1 };

bool translator_no_memory(eddy_status *status)
{
    return eddy_status_fail(status, "There is no memory for a translator.");
}

/* ---- The network ---- */

typedef struct encoded {
    eddy_var memory, first;
} encoded;

/* x (source, batch) -> memory (source, batch, 2 hidden) and the decoder's first state (batch, hidden) */
static encoded encode(const translator *m, eddy_var x, eddy_var lengths, bool training)
{
    eddy_var e = eddy_embed(&m->table[0], x);
    if (training && m->options.dropout > 0)
        e = eddy_dropout(e, m->options.dropout);
    eddy_layered run = eddy_unroll_lstm(
        &m->encoder, e,
        &(eddy_layers_options){ .bidirectional = true, .unroll = { .lengths = lengths, .training = training } });
    return (encoded){ run.outputs, eddy_tanh(eddy_apply(&m->bridge, run.last)) };
}

static void record(translator *m, reader *r, const char *name, bool training)
{
    const translate_options *o = &m->options;
    eddy_push(m->tape, name);
    r->x = eddy_input_of(m->tape, "x", EDDY_I64, EDDY_SHAPE(m->longest[0], o->batch));
    r->lengths = eddy_input_of(m->tape, "lengths", EDDY_I64, EDDY_SHAPE(o->batch));
    r->y = eddy_input_of(m->tape, "y", EDDY_I64, EDDY_SHAPE(m->longest[1], o->batch));
    r->target = eddy_input_of(m->tape, "target", EDDY_I64, EDDY_SHAPE(m->longest[1], o->batch));
    encoded e = encode(m, r->x, r->lengths, training);
    eddy_attention_decoder decoder = m->decoder;
    decoder.memory = e.memory;
    decoder.mask = eddy_length_mask(r->lengths, m->longest[0]);
    const eddy_var initial[] = { e.first, eddy_zeros_like(e.first) };
    eddy_var h =
        eddy_unroll(&decoder.cell, eddy_embed(&m->table[1], r->y), &(eddy_unroll_options){ .initial = initial })
            .outputs;
    eddy_pop(m->tape);
    if (training && o->dropout > 0)
        h = eddy_dropout(h, o->dropout);
    r->loss = eddy_cross_entropy(
        eddy_apply(&m->out, h), r->target,
        &(eddy_cross_entropy_options){
            .reduction = training ? EDDY_REDUCE_MEAN : EDDY_REDUCE_SUM, .ignore = true, .ignore_index = NOT_ASKED });
    eddy_list updates = EDDY_NONE;
    if (training)
        updates = training_updates(r->loss, &o->recipe, NULL);
    r->program = eddy_compile(m->tape, EDDY_LIST(r->loss), updates);
}

/* One sentence encoded; and one step of BEAM hypotheses. */
static void record_search(translator *m)
{
    const translate_options *o = &m->options;
    m->source = eddy_input_of(m->tape, "source", EDDY_I64, EDDY_SHAPE(m->longest[0], 1));
    m->length = eddy_input_of(m->tape, "length", EDDY_I64, EDDY_SHAPE(1));
    encoded e = encode(m, m->source, m->length, false);
    m->memory = eddy_broadcast_to(e.memory, EDDY_SHAPE(m->longest[0], BEAM, 2 * o->hidden));
    m->first = eddy_broadcast_to(e.first, EDDY_SHAPE(BEAM, o->hidden));
    m->encoding = eddy_compile(m->tape, EDDY_LIST(m->memory, m->first), EDDY_NONE);

    m->memory_in = eddy_input(m->tape, "memory", EDDY_SHAPE(m->longest[0], BEAM, 2 * o->hidden));
    m->mask_in = eddy_input(m->tape, "mask", EDDY_SHAPE(m->longest[0], BEAM));
    m->h_in = eddy_input(m->tape, "h", EDDY_SHAPE(BEAM, o->hidden));
    m->c_in = eddy_input(m->tape, "c", EDDY_SHAPE(BEAM, o->hidden));
    m->y_in = eddy_input_of(m->tape, "last", EDDY_I64, EDDY_SHAPE(1, BEAM));
    eddy_attention_decoder decoder = m->decoder;
    decoder.memory = m->memory_in;
    decoder.mask = m->mask_in;
    const eddy_var initial[] = { m->h_in, m->c_in };
    eddy_unrolled run =
        eddy_unroll(&decoder.cell, eddy_embed(&m->table[1], m->y_in), &(eddy_unroll_options){ .initial = initial });
    m->attention = eddy_watched(m->tape, "attention", 0);
    m->scores = eddy_log_softmax(eddy_apply(&m->out, run.last), -1);
    m->h_out = run.state[0];
    m->c_out = run.state[1];
    m->stepping = eddy_compile(m->tape, EDDY_LIST(m->scores, m->h_out, m->c_out, m->attention), EDDY_NONE);
}

static bool make(translator *m, eddy_status *status)
{
    const translate_options *o = &m->options;
    size_t batch = (size_t)o->batch;
    m->x = eddy_allocate(batch * (size_t)m->longest[0], sizeof *m->x);
    m->y = eddy_allocate(batch * (size_t)m->longest[1], sizeof *m->y);
    m->target = eddy_allocate(batch * (size_t)m->longest[1], sizeof *m->target);
    m->lengths = eddy_allocate(batch, sizeof *m->lengths);
    if (!m->x || !m->y || !m->target || !m->lengths)
        return translator_no_memory(status);
    m->tape = eddy_tape_new(EDDY_F32, o->seed);
    m->table[0] = eddy_embedding_new(m->tape, "source_table", m->from.count + 1, o->embedding);
    m->table[1] = eddy_embedding_new(m->tape, "target_table", m->to.count + 1, o->embedding);
    m->encoder = eddy_lstm_layers_new(m->tape, "encoder", o->embedding, o->hidden, 1, true, NULL);
    m->decoder =
        eddy_attention_decoder_new(m->tape, "decoder", EDDY_ADDITIVE, o->embedding, 2 * o->hidden, o->hidden, o->width);
    m->bridge = eddy_linear_new(m->tape, "bridge", 2 * o->hidden, o->hidden);
    m->out = eddy_linear_new(m->tape, "out", 3 * o->hidden, m->to.count + 1);
    if (m->train) {
        record(m, &m->training, "training", true);
        record(m, &m->measuring, "measuring", false);
    }
    record_search(m);
    return !eddy_error(m->tape) || training_failed(m->tape, status);
}

/* Both languages have their characters in a card of their own, which becomes rows of the model's. */
static void describe(translator *m)
{
    const translate_options *o = &m->options;
    card c = { 0 };
    card_text(&m->card, "model", "translate");
    units_describe(&m->from, &c);
    card_text(&m->card, "from", card_find(&c, "characters") ? card_find(&c, "characters") : "");
    units_describe(&m->to, &c);
    card_text(&m->card, "to", card_find(&c, "characters") ? card_find(&c, "characters") : "");
    m->card.failed = m->card.failed || c.failed;
    card_free(&c);
    card_count(&m->card, "hidden", o->hidden);
    card_count(&m->card, "embedding", o->embedding);
    card_count(&m->card, "width", o->width);
    card_count(&m->card, "longest_source", m->longest[0]);
    card_count(&m->card, "longest_target", m->longest[1]);
}

static bool read_units(units *u, const card *from, const char *name, eddy_status *status)
{
    card c = { 0 };
    card_text(&c, "units", "chars");
    card_text(&c, "characters", card_find(from, name) ? card_find(from, name) : "");
    bool ok = units_read(u, &c, status);
    card_free(&c);
    return ok;
}

translator *translator_new(const pairs *data, int64_t train, int64_t held_out, const translate_options *options,
                           eddy_status *status)
{
    if (train < 1 || held_out < 1 || train + held_out > data->count) {
        eddy_status_fail(status, "There are too few pairs of sentences: %" PRId64 ".", data->count);
        return NULL;
    }
    translator *m = eddy_allocate(1, sizeof *m);
    if (!m) {
        translator_no_memory(status);
        return NULL;
    }
    m->options = *options;
    m->options.batch = options->batch < train ? options->batch : train;
    m->train = train;
    m->held_out = held_out;
    m->epoch = -1;
    m->order = eddy_allocate((size_t)train, sizeof *m->order);
    bool ok = (m->order || translator_no_memory(status)) &&
              sentences_encode(&m->sources, &m->from, data->from, data->count, status) &&
              sentences_encode(&m->targets, &m->to, data->to, data->count, status);
    if (ok && m->to.count >= MOST_UNITS)
        ok = eddy_status_fail(status, "The targets have %" PRId64 " different characters; at most %d are learned.",
                              m->to.count, MOST_UNITS - 1);
    m->longest[0] = m->sources.longest;
    m->longest[1] = m->targets.longest + 1;
    if (ok)
        describe(m);
    if (!ok || !make(m, status)) {
        translator_free(m);
        return NULL;
    }
    return m;
}

translator *translator_open(const char *path, eddy_status *status)
{
    translator *m = eddy_allocate(1, sizeof *m);
    if (!m) {
        translator_no_memory(status);
        return NULL;
    }
    translate_options *o = &m->options;
    o->batch = 1;
    bool ok =
        card_open(&m->card, path, "translate", status) && read_units(&m->from, &m->card, "from", status) &&
        read_units(&m->to, &m->card, "to", status) &&
        card_read_count(&m->card, "hidden", 1, 65536, &o->hidden, status) &&
        card_read_count(&m->card, "embedding", 1, 65536, &o->embedding, status) &&
        card_read_count(&m->card, "width", 1, 65536, &o->width, status) &&
        card_read_count(&m->card, "longest_source", 1, 65536, &m->longest[0], status) &&
        card_read_count(&m->card, "longest_target", 1, 65536, &m->longest[1], status) &&
        card_check_size(&m->card, (m->from.count + m->to.count) * o->embedding + o->hidden * (o->hidden + o->width),
                        status) &&
        (m->to.count < MOST_UNITS || eddy_status_fail(status, "%s knows too many characters.", path)) &&
        make(m, status) && card_load(m->tape, eddy_parameters(m->tape), path, status);
    if (!ok) {
        translator_free(m);
        return NULL;
    }
    return m;
}

void translator_free(translator *m)
{
    if (!m)
        return;
    eddy_tape_free(m->tape);
    card_free(&m->card);
    units_free(&m->from);
    units_free(&m->to);
    sentences_free(&m->sources);
    sentences_free(&m->targets);
    void *blocks[] = { m->order, m->x, m->lengths, m->y, m->target };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        eddy_free(blocks[i]);
    eddy_free(m);
}

eddy_tape *translator_tape(const translator *m)
{
    return m->tape;
}

/* ---- Batches ---- */

/* Pairs index(b) for b < count; the rest of the batch asks nothing. Returns how many characters are asked. */
static int64_t feed(translator *m, const reader *r, const int64_t *index, int64_t from, int64_t count)
{
    const int64_t batch = m->options.batch;
    int64_t asked = 0;
    for (int64_t b = 0; b < batch; b++) {
        int64_t i = index ? index[from + (b < count ? b : 0)] : from + (b < count ? b : 0);
        const int32_t *x = m->sources.unit + m->sources.begin[i], *y = m->targets.unit + m->targets.begin[i];
        int64_t n = m->sources.begin[i + 1] - m->sources.begin[i], t = m->targets.begin[i + 1] - m->targets.begin[i];
        m->lengths[b] = n;
        for (int64_t k = 0; k < m->longest[0]; k++)
            m->x[k * batch + b] = k < n ? x[k] : 0;
        for (int64_t k = 0; k < m->longest[1]; k++) {
            m->y[k * batch + b] = k && k <= t ? y[k - 1] : 0;
            m->target[k * batch + b] = b >= count || k > t ? NOT_ASKED : k < t ? y[k] : 0;
            asked += b < count && k <= t;
        }
    }
    size_t one = (size_t)batch * sizeof *m->x;
    bool ok = eddy_set(r->x, m->x, one * (size_t)m->longest[0]) && eddy_set(r->lengths, m->lengths, one) &&
              eddy_set(r->y, m->y, one * (size_t)m->longest[1]) &&
              eddy_set(r->target, m->target, one * (size_t)m->longest[1]) && eddy_run(r->program);
    return ok ? asked : -1;
}

static bool learn(void *context, int64_t epoch, int64_t step, double *loss, eddy_status *status)
{
    translator *m = context;
    int64_t from = step * m->options.batch, left = m->train - from;
    if (m->epoch != epoch)
        eddy_permutation(m->order, m->train, (eddy_random){ m->options.seed, 0x7a500000U + (uint64_t)epoch });
    m->epoch = epoch;
    if (feed(m, &m->training, m->order, from, left < m->options.batch ? left : m->options.batch) < 0)
        return training_failed(m->tape, status);
    *loss = eddy_output(m->training.program, m->training.loss);
    return true;
}

static bool validate(void *context, double *loss, eddy_status *status)
{
    translator *m = context;
    double sum = 0;
    int64_t asked = 0;
    for (int64_t from = m->train; from < m->train + m->held_out; from += m->options.batch) {
        int64_t left = m->train + m->held_out - from;
        int64_t n = feed(m, &m->measuring, NULL, from, left < m->options.batch ? left : m->options.batch);
        if (n < 0)
            return training_failed(m->tape, status);
        asked += n;
        sum += eddy_output(m->measuring.program, m->measuring.loss);
    }
    *loss = sum / (double)asked;
    return true;
}

training_job translator_job(translator *m)
{
    return (training_job){ .tape = m->tape,
                           .steps = (m->train + m->options.batch - 1) / m->options.batch,
                           .card = &m->card,
                           .context = m,
                           .step = learn,
                           .validate = validate };
}
