/* Translating: beam search, and what the attention looks at. */
#include "translate_model.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct hypothesis {
    double score; /* ln p of all units so far */
    int64_t count;
    int32_t *unit;
    float *h, *c;
} hypothesis;

typedef struct beam {
    hypothesis now[BEAM], next[BEAM], best; /* best: of the ended ones */
    int64_t live, ended, width;
    float *h, *c; /* of all, as the program reads them */
    int64_t *y;
    void *block;
} beam;

static bool beam_new(beam *b, const translator *m)
{
    size_t hidden = (size_t)m->options.hidden, longest = (size_t)m->longest[1];
    size_t one = 2 * hidden * sizeof(float) + longest * sizeof(int32_t);
    *b = (beam){ .block = eddy_allocate(2 * BEAM + 1, one),
                 .h = eddy_allocate(BEAM, hidden * sizeof(float)),
                 .c = eddy_allocate(BEAM, hidden * sizeof(float)),
                 .y = eddy_allocate(BEAM, sizeof *b->y) };
    if (!b->block || !b->h || !b->c || !b->y)
        return false;
    for (int64_t k = 0; k < 2 * BEAM + 1; k++) {
        hypothesis *x = k < BEAM ? &b->now[k] : k < 2 * BEAM ? &b->next[k - BEAM] : &b->best;
        x->h = (float *)(void *)((char *)b->block + (size_t)k * one);
        x->c = x->h + hidden;
        x->unit = (int32_t *)(void *)(x->c + hidden);
    }
    return true;
}

static void beam_free(beam *b)
{
    eddy_free(b->block);
    eddy_free(b->h);
    eddy_free(b->c);
    eddy_free(b->y);
}

static bool step(const translator *m, beam *b)
{
    size_t hidden = (size_t)m->options.hidden, bytes = hidden * sizeof(float);
    for (int64_t k = 0; k < BEAM; k++) {
        const hypothesis *x = &b->now[k < b->live ? k : 0];
        memcpy(b->h + (size_t)k * hidden, x->h, bytes);
        memcpy(b->c + (size_t)k * hidden, x->c, bytes);
        b->y[k] = x->count ? x->unit[x->count - 1] : 0;
    }
    return eddy_set(m->h_in, b->h, BEAM * bytes) && eddy_set(m->c_in, b->c, BEAM * bytes) &&
           eddy_set(m->y_in, b->y, BEAM * sizeof *b->y) && eddy_run(m->stepping);
}

static void end_one(beam *b, const hypothesis *x, double score)
{
    double length = (double)x->count + 1;
    if (!b->ended++ || score / length > b->best.score / ((double)b->best.count + 1)) {
        b->best.score = score;
        b->best.count = x->count;
        memcpy(b->best.unit, x->unit, (size_t)x->count * sizeof *x->unit);
    }
}

/* The `width` best ways to go on become the hypotheses; those that end leave. */
static void go_on(const translator *m, beam *b)
{
    const eddy_tensor *scores = eddy_output_tensor(m->stepping, m->scores),
                      *h = eddy_output_tensor(m->stepping, m->h_out), *c = eddy_output_tensor(m->stepping, m->c_out);
    int64_t different = m->to.count + 1, hidden = m->options.hidden, kept = 0, live = b->live;
    bool taken[BEAM][MOST_UNITS] = { { false } };
    for (int64_t n = 0; n < b->width; n++) {
        int64_t from = -1, unit = 0;
        double most = -INFINITY;
        for (int64_t k = 0; k < live; k++)
            for (int64_t u = 0; u < different; u++) {
                double score = b->now[k].score + eddy_tensor_flat(scores, k * different + u);
                if (!taken[k][u] && score > most) {
                    most = score;
                    from = k;
                    unit = u;
                }
            }
        if (from < 0)
            break;
        taken[from][unit] = true;
        const hypothesis *x = &b->now[from];
        if (!unit || x->count + 1 >= m->longest[1]) {
            end_one(b, x, most);
            continue;
        }
        hypothesis *y = &b->next[kept++];
        y->score = most;
        y->count = x->count + 1;
        memcpy(y->unit, x->unit, (size_t)x->count * sizeof *x->unit);
        y->unit[x->count] = (int32_t)unit;
        for (int64_t i = 0; i < hidden; i++) {
            y->h[i] = (float)eddy_tensor_flat(h, from * hidden + i);
            y->c[i] = (float)eddy_tensor_flat(c, from * hidden + i);
        }
    }
    for (int64_t k = 0; k < kept; k++) {
        hypothesis swap = b->now[k];
        b->now[k] = b->next[k];
        b->next[k] = swap;
    }
    b->live = kept;
}

/* Encodes the sentence and sets what all steps read. */
static bool begin(translator *m, beam *b, const char *from, eddy_status *status)
{
    unit_text t;
    if (!units_encode(&m->from, &t, from, strlen(from), "The sentence", status))
        return false;
    int64_t longest = m->longest[0], n = t.count;
    int64_t *x = eddy_allocate((size_t)longest, sizeof *x);
    float *mask = eddy_allocate((size_t)longest * BEAM, sizeof *mask);
    bool ok = (x && mask) || translator_no_memory(status);
    if (ok && (n < 1 || n > longest))
        ok = eddy_status_fail(status, "The sentence has %" PRId64 " characters, and the model reads 1 to %" PRId64 ".",
                              n, longest);
    for (int64_t i = 0; ok && i < n; i++) {
        x[i] = t.unit[i] + 1;
        for (int64_t k = 0; k < BEAM; k++)
            mask[i * BEAM + k] = 1;
    }
    if (ok)
        ok = (eddy_set(m->source, x, (size_t)longest * sizeof *x) && eddy_set_item(m->length, (double)n) &&
              eddy_run(m->encoding) && eddy_set_tensor(m->memory_in, eddy_output_tensor(m->encoding, m->memory)) &&
              eddy_set(m->mask_in, mask, (size_t)longest * BEAM * sizeof *mask)) ||
             training_failed(m->tape, status);
    const eddy_tensor *first = ok ? eddy_output_tensor(m->encoding, m->first) : NULL;
    for (int64_t i = 0; first && i < m->options.hidden; i++)
        b->now[0].h[i] = (float)eddy_tensor_flat(first, i);
    b->live = 1;
    eddy_free(x);
    eddy_free(mask);
    unit_text_free(&t);
    return ok;
}

bool translator_run(translator *m, const char *from, int64_t width, char *out, size_t size, eddy_status *status)
{
    beam b;
    bool ok = beam_new(&b, m) || translator_no_memory(status);
    b.width = width < 1 ? 1 : width > BEAM ? BEAM : width;
    ok = ok && begin(m, &b, from, status);
    for (int64_t t = 0; ok && b.live && b.ended < b.width && t < m->longest[1]; t++) {
        ok = step(m, &b) || training_failed(m->tape, status);
        if (ok)
            go_on(m, &b);
    }
    size_t used = 0;
    for (int64_t i = 0; ok && i < b.best.count && used + 5 <= size; i++)
        used += units_decode(&m->to, b.best.unit[i] - 1, out + used);
    out[used] = 0;
    beam_free(&b);
    return ok;
}

/* The attention of the step that was run, of the first hypothesis. */
static void note_attention(const translator *m, int64_t n, double *row)
{
    const eddy_tensor *seen = eddy_output_tensor(m->stepping, m->attention);
    for (int64_t i = 0; i < n; i++)
        row[i] = eddy_tensor_flat(seen, i * BEAM);
}

/* The state behind the step that was run is the first hypothesis's. */
static void keep_state(const translator *m, beam *b)
{
    const eddy_tensor *h = eddy_output_tensor(m->stepping, m->h_out), *c = eddy_output_tensor(m->stepping, m->c_out);
    for (int64_t i = 0; i < m->options.hidden; i++) {
        b->now[0].h[i] = (float)eddy_tensor_flat(h, i);
        b->now[0].c[i] = (float)eddy_tensor_flat(c, i);
    }
}

bool translator_align(translator *m, const char *from, const char *to, eddy_tensor *weights, eddy_status *status)
{
    beam b;
    unit_text x = { 0 }, y = { 0 };
    *weights = (eddy_tensor){ 0 };
    bool ok = (beam_new(&b, m) || translator_no_memory(status)) && begin(m, &b, from, status) &&
              units_encode(&m->from, &x, from, strlen(from), "The sentence", status) &&
              units_encode(&m->to, &y, to, strlen(to), "The translation", status);
    if (ok && y.count + 1 > m->longest[1])
        ok = eddy_status_fail(status,
                              "The translation has %" PRId64 " characters, and the model writes at most %" PRId64 ".",
                              y.count, m->longest[1] - 1);
    ok = ok && eddy_tensor_new(weights, EDDY_F64, EDDY_SHAPE(y.count + 1, x.count), status);
    for (int64_t t = 0; ok && t <= y.count; t++) {
        ok = step(m, &b) || training_failed(m->tape, status);
        if (!ok)
            break;
        note_attention(m, x.count, (double *)weights->data + t * x.count);
        keep_state(m, &b);
        if (t < y.count)
            b.now[0].unit[b.now[0].count++] = y.unit[t] + 1;
    }
    if (!ok)
        eddy_tensor_free(weights);
    unit_text_free(&x);
    unit_text_free(&y);
    beam_free(&b);
    return ok;
}
