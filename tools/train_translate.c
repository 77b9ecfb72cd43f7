/* eddy train translate: sentences into sentences, beside the translation of the most similar sentence. */
#include "app.h"
#include "interrupt.h"
#include "train_tasks.h"

#include "translate.h"

#include <inttypes.h>
#include <string.h>

enum { TESTS = 500, SHOWN = 5, ROOM = 4096, DEMO = 4000 };

typedef struct settings {
    app app;
    translate_options model;
    int64_t longest, beam;
    bool swap;
} settings;

typedef struct run {
    settings *s;
    pairs data; /* to learn from, held out, tests */
    int64_t train, held_out, tests, left_out;
    translator *model;
    double exact, nearest;
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

static bool measure(void *context, eddy_status *status)
{
    run *r = context;
    char out[ROOM];
    int64_t right = 0, floor = 0, first = r->train + r->held_out;
    for (int64_t i = 0; i < r->tests; i++) {
        const char *from = r->data.from[first + i], *to = r->data.to[first + i], *near = nearest(r, from);
        if (!translator_run(r->model, from, r->s->beam, out, sizeof out, status))
            return false;
        right += !strcmp(out, to);
        floor += !strcmp(near, to);
        if (i < SHOWN && !r->s->app.json)
            printf("  %s\n    %s%s\n", output_shown(from), output_shown(out), strcmp(out, to) ? "" : "   (right)");
    }
    r->exact = (double)right / (double)r->tests;
    r->nearest = (double)floor / (double)r->tests;
    return true;
}

static void print(const void *context)
{
    const run *r = context;
    if (r->s->app.json) {
        app_json_begin(&r->s->app, "translate");
        printf(", \"test\": { \"sentences\": %" PRId64
               ", \"exact\": %.9g }, \"floors\": { \"nearest sentence\": %.9g } }\n",
               r->tests, r->exact, r->nearest);
        return;
    }
    printf("  %-34s %8s\n", "test", "exact");
    printf("  %-34s %8.4f\n", "of the nearest learned sentence", r->nearest);
    printf("  %-34s %8.4f\n", "the model", r->exact);
    app_print_verdict("exact translations", r->exact, "nearest sentence", r->nearest, false);
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
            "(never those that were learned from) is held out and tested. The floor is the translation of the most "
            "similar learned sentence.",
        .examples = "  eddy train translate --demo                       dates to ISO 8601\n"
                    "  eddy train translate --data swe.txt --swap --longest 30 --seconds 1200 -o swe.safetensors\n",
        .rows = rows,
        .count = app_rows(&s.app, rows),
    };
    static const app_task task = {
        .name = "translate", .prepare = prepare, .announce = announce, .job = job, .measure = measure, .print = print
    };
    run r = { .s = &s };
    int status = app_main(&s.app, &task, &r, &line, argc, argv);
    translator_free(r.model);
    pairs_free(&r.data);
    return interrupt_end(status);
}
