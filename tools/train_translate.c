/* eddy train translate: sentences into sentences, beside the translation of the most similar sentence. */
#include "app.h"
#include "heatmap.h"
#include "interrupt.h"
#include "train_tasks.h"

#include "common/bleu.h"
#include "common/wordwise.h"
#include "translate.h"

#include <inttypes.h>
#include <string.h>

enum { TESTS = 1000, SHOWN = 5, ROOM = 4096, DEMO = 12000 };

typedef struct settings {
    app app;
    translate_options model;
    int64_t longest, beam;
    bool swap;
} settings;

/* How good some translations are. */
typedef struct rated {
    const char *name;
    int64_t right, count;
    bleu bleu;
} rated;

typedef struct run {
    settings *s;
    pairs data; /* to learn from, held out, tests */
    int64_t train, held_out, tests, left_out;
    translator *model;
    rated ours, nearest, words; /* of the model, the nearest sentence, the dictionary */
    char picture[APP_PATH];
} run;

/* Pairs in an order of the seed; the last tenths are the held-out ones and the tests. A sentence that is learned from
 * is no test: files have many translations of one sentence, which stay together by their source. */
static bool arrange(run *r, eddy_status *status)
{
    pairs *d = &r->data;
    int64_t *order = eddy_allocate((size_t)d->count, sizeof *order), kept = 0;
    const char **from = eddy_allocate((size_t)d->count, sizeof *from),
               **to = eddy_allocate((size_t)d->count, sizeof *to);
    bool ok = (order && from && to) || eddy_status_fail(status, "There is no memory for pairs of sentences.");
    int64_t count = d->count;
    if (ok)
        eddy_permutation(order, count, (eddy_random){ r->s->app.seed, 0x9a125 });
    for (int part = 0; ok && part < 3; part++) {
        int64_t before = kept;
        for (int64_t i = 0; i < count; i++) {
            const char *source = d->from[order[i]];
            uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a: the part is a function of the sentence */
            for (const char *c = source; *c; c++)
                hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
            int share = (int)(eddy_random_bits((eddy_random){ 0x5e17, hash }, 0) % 20);
            if ((share > 1 ? 0 : share == 1 ? 1 : 2) == part) {
                from[kept] = source;
                to[kept++] = d->to[order[i]];
            }
        }
        *(part == 0 ? &r->train : part == 1 ? &r->held_out : &r->tests) = kept - before;
    }
    eddy_free(order);
    if (!ok) {
        eddy_free(from);
        eddy_free(to);
        return false;
    }
    eddy_free(d->from);
    eddy_free(d->to);
    d->from = from;
    d->to = to;
    r->tests = r->tests < TESTS ? r->tests : TESTS;
    if (!r->train || !r->held_out || !r->tests)
        return eddy_status_fail(status,
                                "%s has %" PRId64 " pairs of sentences%s, too few to learn from some and test with "
                                "others.",
                                r->s->app.data ? r->s->app.data : "The example", count,
                                r->left_out ? " that are not too long" : "");
    return true;
}

static bool read_data(run *r, eddy_status *status)
{
    const settings *s = r->s;
    return (s->app.demo
                ? pairs_demo(&r->data, DEMO, s->app.seed, status)
                : pairs_load(&r->data, options_input(s->app.data), s->longest, s->swap, &r->left_out, status)) &&
           arrange(r, status);
}

/* Letters that must be inserted, deleted or replaced, in bytes (Wagner & Fischer 1974); gives up at `most`. */
static int64_t distance(const char *a, const char *b, int64_t most)
{
    enum { LONGEST = 1023 };
    int64_t n = (int64_t)strlen(a), m = (int64_t)strlen(b), row[LONGEST + 1];
    if (n > LONGEST || m > LONGEST || n - m >= most || m - n >= most)
        return most;
    for (int64_t k = 0; k <= m; k++)
        row[k] = k;
    for (int64_t i = 1; i <= n; i++) {
        int64_t corner = row[0], least = row[0] = i;
        for (int64_t k = 1; k <= m; k++) {
            int64_t best = corner + (a[i - 1] != b[k - 1]);
            best = row[k] + 1 < best ? row[k] + 1 : best;
            best = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
            corner = row[k];
            row[k] = best;
            least = best < least ? best : least;
        }
        if (least >= most)
            return most;
    }
    return row[m];
}

static const char *nearest(const run *r, const char *from)
{
    int64_t best = 1024, at = 0;
    for (int64_t i = 0; i < r->train; i++) {
        int64_t d = distance(from, r->data.from[i], best);
        if (d < best) {
            best = d;
            at = i;
        }
    }
    return r->data.to[at];
}

static bool rate(rated *r, const char *translation, const char *right, eddy_status *status)
{
    r->right += !strcmp(translation, right);
    r->count++;
    return bleu_add(&r->bleu, translation, right, status);
}

/* What the attention looks at in the first test. */
static bool draw(run *r, const char *from, const char *to, eddy_status *status)
{
    eddy_tensor weights = { 0 };
    bool ok = translator_align(r->model, from, to, &weights, status) &&
              heatmap_draw_characters(r->picture, &weights, to, from, status);
    eddy_tensor_free(&weights);
    return ok;
}

static bool measure_one(run *r, const wordwise *words, int64_t i, eddy_status *status)
{
    char out[ROOM], plain[ROOM];
    const char *from = r->data.from[r->train + r->held_out + i], *to = r->data.to[r->train + r->held_out + i];
    if (!translator_run(r->model, from, r->s->beam, out, sizeof out, status) ||
        !wordwise_run(words, from, plain, sizeof plain, status) || !rate(&r->ours, out, to, status) ||
        !rate(&r->nearest, nearest(r, from), to, status) || !rate(&r->words, plain, to, status) ||
        (!i && !draw(r, from, out, status)))
        return false;
    if (i < SHOWN && !r->s->app.json)
        printf("  %s\n    %s%s\n", output_shown(from), output_shown(out), strcmp(out, to) ? "" : "   (right)");
    return true;
}

static bool measure(void *context, eddy_status *status)
{
    run *r = context;
    r->ours.name = "the model";
    r->nearest.name = "the nearest learned sentence's";
    r->words.name = "word by word";
    wordwise *words = wordwise_new(r->data.from, r->data.to, r->train, status);
    bool ok = words;
    for (int64_t i = 0; ok && i < r->tests; i++)
        ok = measure_one(r, words, i, status);
    wordwise_free(words);
    return ok;
}

static double exact(const rated *r)
{
    return (double)r->right / (double)r->count;
}

static void print_json(const run *r)
{
    app_json_begin(&r->s->app, "translate");
    printf(", \"test\": { \"sentences\": %" PRId64 ", \"exact\": %.9g, \"bleu\": %.9g }, \"floors\": { "
           "\"nearest sentence\": %.9g, \"nearest sentence bleu\": %.9g, \"word by word\": %.9g, \"word by word "
           "bleu\": %.9g } }\n",
           r->tests, exact(&r->ours), bleu_score(&r->ours.bleu), exact(&r->nearest), bleu_score(&r->nearest.bleu),
           exact(&r->words), bleu_score(&r->words.bleu));
}

static void print(const void *context)
{
    const run *r = context;
    const rated *const all[] = { &r->nearest, &r->words, &r->ours };
    const rated *floor = exact(&r->nearest) > exact(&r->words) ? &r->nearest : &r->words;
    if (r->s->app.json) {
        print_json(r);
        return;
    }
    printf("  %-34s %8s %8s\n", "test", "exact", "BLEU");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        printf("  %-34s %8.4f %8.2f\n", all[i]->name, exact(all[i]), bleu_score(&all[i]->bleu));
    if (exact(&r->ours) > 0.5) { /* of dates, say: BLEU sees one word */
        app_print_verdict("exact translations", exact(&r->ours), floor->name, exact(floor), false);
        return;
    }
    floor = bleu_score(&r->nearest.bleu) > bleu_score(&r->words.bleu) ? &r->nearest : &r->words;
    app_print_verdict("BLEU", bleu_score(&r->ours.bleu), floor->name, bleu_score(&floor->bleu), false);
}

static size_t places(void *context, app_place *place)
{
    run *r = context;
    eddy_status ignored = { 0 }; /* a path that is too long is told of the model */
    app_beside(&r->s->app, "attention.svg", r->picture, &ignored);
    place[0] = (app_place){ "the picture of the attention", r->picture };
    return 1;
}

static bool prepare(void *context, eddy_status *status)
{
    run *r = context;
    settings *s = r->s;
    if (strcmp(s->app.stack.cell, "lstm") || s->app.stack.layers != 1)
        return eddy_status_fail(status, "The translator is made of one layer of LSTM: no --cell, no --layers.");
    s->model.dropout = s->app.stack.dropout;
    s->model.recipe = s->app.training.recipe;
    s->model.seed = s->app.seed;
    s->model.hidden = s->app.stack.hidden;
    if (!read_data(r, status))
        return false;
    r->model = translator_new(&r->data, r->train, r->held_out, &s->model, status);
    return r->model;
}

static void announce(const void *context)
{
    const run *r = context;
    fprintf(stderr,
            "%s: %" PRId64 " pairs to learn from, %" PRId64 " held out, %" PRId64 " to test; %" PRId64
            " too long; %" PRId64 " parameters.\n",
            r->s->app.data ? output_shown(r->s->app.data) : "generated dates", r->train, r->held_out, r->tests,
            r->left_out, eddy_count_elements(eddy_parameters(translator_tape(r->model))));
}

static training_job job(void *context)
{
    return translator_job(((run *)context)->model);
}

int eddy_train_translate(int argc, char **argv)
{
    settings s = { .app = { .training = { .recipe = { .lr = 5e-3, .clip = 1 }, .low = 0.02, .warmup = 50 },
                            .stack = { .cell = "lstm", .hidden = 64, .layers = 1 },
                            .seed = 42,
                            .usual_epochs = 12 },
                   .model = { .embedding = 32, .width = 64, .batch = 64 },
                   .longest = 40,
                   .beam = 4 };
    option_row rows[OPTIONS_MAX] = {
        { "data", 0, OPTION_TEXT, "FILE", "lines of two sentences with a tab between", &s.app.data, 0, 0 },
        { "plot", 0, OPTION_TEXT, "FILE.svg", "picture of the losses (by gnuplot)", &s.app.plot, 0, 0 },
        { "swap", 0, OPTION_FLAG, NULL, "from the second to the first", &s.swap, 0, 0 },
        { "longest", 0, OPTION_COUNT, "N", "leave out sentences of more characters; default 40", &s.longest, 1, 500 },
        { "embedding", 0, OPTION_COUNT, "N", "numbers a character is read as; default 32", &s.model.embedding, 1,
          65536 },
        { "width", 0, OPTION_COUNT, "N", "of the attention's hidden layer; default 64", &s.model.width, 1, 65536 },
        { "batch", 0, OPTION_COUNT, "N", "default 64", &s.model.batch, 1, 65536 },
        { "beam", 0, OPTION_COUNT, "N", "hypotheses of the search; default 4", &s.beam, 1, 16 },
    };
    const options line = {
        .command = "train translate",
        .usage = "train translate --data FILE [OPTIONS]",
        .about =
            "Learns to translate character by character: a bidirectional LSTM reads, an LSTM with additive attention "
            "writes. A tenth of the sentences\n"
            "(never those that were learned from) is held out and tested: exact translations and BLEU (13a). Floors "
            "are the "
            "translation of the most similar learned\nsentence, and word by word with a dictionary of what occurs "
            "together.",
        .examples = "  eddy train translate --demo                       dates to ISO 8601\n"
                    "  eddy train translate --data swe.txt --swap --longest 30 --seconds 1200 -o swe.safetensors\n",
        .rows = rows,
        .count = app_rows(&s.app, rows),
    };
    static const app_task task = { .name = "translate",
                                   .prepare = prepare,
                                   .places = places,
                                   .announce = announce,
                                   .job = job,
                                   .measure = measure,
                                   .print = print };
    run r = { .s = &s };
    int status = app_main(&s.app, &task, &r, &line, argc, argv);
    translator_free(r.model);
    pairs_free(&r.data);
    return interrupt_end(status);
}
