/* eddy train text: a language model of characters or bytes beside counts of n-grams. */
#include "app.h"
#include "interrupt.h"
#include "train_tasks.h"

#include "common/ngram.h"
#include "text.h"

#include <math.h>
#include <string.h>

typedef struct settings {
    app app;
    int64_t embedding, batch, time, sample;
    double held_out;
    int units;
    bool shuffle_lines;
} settings;

typedef struct run {
    settings *s;
    char *text;
    size_t size;
    units units;
    unit_text all, train, held_out; /* the last two are parts of the first */
    text_model *model;
    double floors[NGRAM_ORDERS];
} run;

/* Lines in an order of the seed, so that the end of a sorted file is like its beginning. */
static bool shuffle_lines(char *text, size_t size, uint64_t seed, eddy_status *status)
{
    int64_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n' || i + 1 == size;
    char *copy = eddy_allocate(size + 1, 1);
    size_t *begin = eddy_allocate((size_t)lines, sizeof *begin);
    int64_t *order = eddy_allocate((size_t)lines, sizeof *order);
    bool ok = copy && begin && order;
    if (ok) {
        memcpy(copy, text, size);
        copy[size] = '\n'; /* a last line without an end gets one */
        for (size_t i = 0, k = 0; i < size; i++)
            if (i == 0 || text[i - 1] == '\n')
                begin[k++] = i;
        eddy_permutation(order, lines, (eddy_random){ seed, 0x11e5 });
        size_t used = 0;
        for (int64_t k = 0; k < lines; k++) {
            const char *line = copy + begin[order[k]];
            size_t length = (size_t)((const char *)memchr(line, '\n', size + 1 - begin[order[k]]) - line) + 1;
            length = used + length > size ? size - used : length;
            memcpy(text + used, line, length);
            used += length;
        }
    }
    eddy_free(copy);
    eddy_free(begin);
    eddy_free(order);
    return ok || eddy_status_fail(status, "There is no memory to shuffle the lines of a text.");
}

static bool read_data(run *r, eddy_status *status)
{
    settings *s = r->s;
    bool bytes = s->units == 1;
    if (s->app.demo) {
        r->text = text_demo(&r->size, s->app.seed);
        if (!r->text)
            return eddy_status_fail(status, "There is no memory for a text.");
    } else if (!text_read(&r->text, &r->size, options_input(s->app.data), bytes, status)) {
        return false;
    }
    if (s->shuffle_lines && !shuffle_lines(r->text, r->size, s->app.seed, status))
        return false;
    const char *name = s->app.data ? s->app.data : "the example";
    if (!units_find(&r->units, r->text, r->size, bytes, status) ||
        !units_encode(&r->units, &r->all, r->text, r->size, name, status))
        return false;
    int64_t kept = (int64_t)((double)r->all.count * (1 - s->held_out));
    if (r->units.count < 2)
        return eddy_status_fail(status, "%s has only one character, again and again: there is nothing to learn.", name);
    if (kept < 2 || r->all.count - kept < 2)
        return eddy_status_fail(status, "%s has %lld characters, too few to learn from some and hold out others.", name,
                                (long long)r->all.count);
    r->train = (unit_text){ r->all.unit, kept };
    r->held_out = (unit_text){ r->all.unit + kept, r->all.count - kept };
    return true;
}

static void show_sample(void *context)
{
    run *r = context;
    const text_sampling how = { .temperature = 0.8, .top_p = 1, .seed = r->s->app.seed };
    eddy_status status = { 0 };
    int32_t unit = r->held_out.unit[0];
    char out[4];
    if (!r->s->sample)
        return;
    bool ok = text_begin(r->model, &status);
    fprintf(stderr, "  | ");
    for (int64_t i = 0; ok && i < r->s->sample; i++) {
        ok = text_read_unit(r->model, unit, &status);
        unit = ok ? text_draw(r->model, &how, (uint64_t)i) : 0;
        size_t n = units_decode(&r->units, unit, out);
        if (n == 1 && *out == '\n')
            fprintf(stderr, "\n  | ");
        else if (n > 1 || (unsigned char)*out >= ' ')
            fwrite(out, 1, n, stderr);
    }
    fprintf(stderr, "\n");
}

static void choose_floor(run *r)
{
    static const char *const name[NGRAM_ORDERS] = { "1-gram", "2-gram", "3-gram", "4-gram", "5-gram" };
    app *a = &r->s->app;
    a->floor = INFINITY;
    for (int n = 0; n < NGRAM_ORDERS; n++)
        if (r->floors[n] < a->floor) {
            a->floor = r->floors[n];
            a->floor_name = name[n];
        }
}

static bool prepare(void *context, eddy_status *status)
{
    run *r = context;
    settings *s = r->s;
    if (!read_data(r, status))
        return false;
    s->app.validated = show_sample;
    s->app.context = r;
    const text_options chosen = { .stack = s->app.stack,
                                  .embedding = s->embedding,
                                  .batch = s->batch,
                                  .time = s->time,
                                  .recipe = s->app.training.recipe,
                                  .seed = s->app.seed };
    r->model = text_new(&r->units, &r->train, &r->held_out, &chosen, status);
    if (!r->model || !ngram_floors(r->floors, r->train.unit, r->train.count, r->held_out.unit, r->held_out.count,
                                   r->units.count, status))
        return false;
    choose_floor(r);
    return true;
}

static void print_table(const run *r)
{
    const double ln2 = log(2);
    const app *a = &r->s->app;
    const double best = a->state.best;
    printf("  %-34s %8s %8s\n", "held out", "nats", "bits");
    for (int n = 0; n < NGRAM_ORDERS; n++)
        printf("  %d-gram%-28s %8.4f %8.4f\n", n + 1, n ? ", Witten-Bell" : "", r->floors[n], r->floors[n] / ln2);
    printf("  %-34s %8.4f %8.4f\n", "the model", best, best / ln2);
    app_print_verdict("held out, nats a character,", best, a->floor_name, a->floor, true);
}

static void print_json(const run *r)
{
    app_json_begin(&r->s->app, "text");
    printf(", \"held_out\": { \"characters\": %lld, \"nats\": %.9g, \"bits\": %.9g }, \"floors\": [",
           (long long)r->held_out.count, r->s->app.state.best, r->s->app.state.best / log(2));
    for (int n = 0; n < NGRAM_ORDERS; n++)
        printf("%s%.9g", n ? ", " : "", r->floors[n]);
    printf("] }\n");
}

static void print(const void *context)
{
    const run *r = context;
    if (r->s->app.json)
        print_json(r);
    else
        print_table(r);
}

static training_job job(void *context)
{
    return text_job(((run *)context)->model);
}

static void announce(const void *context)
{
    const run *r = context;
    fprintf(stderr,
            "%s: %lld characters to learn from and %lld held out, %lld different; %lld parameters, %lld steps an "
            "epoch.\n",
            r->s->app.data ? output_shown(r->s->app.data) : "generated dialogues", (long long)r->train.count,
            (long long)r->held_out.count, (long long)r->units.count,
            (long long)eddy_count_elements(eddy_parameters(text_tape(r->model))), (long long)text_job(r->model).steps);
}

int eddy_train_text(int argc, char **argv)
{
    settings s = {
        .app = { .training = { .recipe = { .lr = 2e-3, .clip = 1 }, .low = 0.02, .warmup = 50, .patience = 5 },
                 .stack = { .cell = "lstm", .hidden = 256, .layers = 1 },
                 .seed = 42,
                 .usual_epochs = 10 },
        .embedding = 64,
        .batch = 32,
        .time = 64,
        .held_out = 0.1
    };
    option_row rows[OPTIONS_MAX] = {
        { "data", 0, OPTION_TEXT, "FILE", "the text, UTF-8; \"-\": standard input", &s.app.data, 0, 0 },
        { "plot", 0, OPTION_TEXT, "FILE.svg", "picture of the losses (by gnuplot)", &s.app.plot, 0, 0 },
        { "units", 0, OPTION_CHOICE, "chars|bytes", "what the model reads one by one; default chars (code points)",
          &s.units, 0, 0 },
        { "held-out", 0, OPTION_POSITIVE, "X", "share of the text, its end, to measure with; default 0.1", &s.held_out,
          0, 0.9 },
        { "shuffle-lines", 0, OPTION_FLAG, NULL, "lines in random order first: for a sorted list", &s.shuffle_lines, 0,
          0 },
        { "embedding", 0, OPTION_COUNT, "N", "numbers a unit is read as; default 64", &s.embedding, 1, 65536 },
        { "batch", 0, OPTION_COUNT, "N", "streams read side by side; default 32", &s.batch, 1, 65536 },
        { "time", 0, OPTION_COUNT, "N", "units that a gradient reaches back; default 64", &s.time, 1, 65536 },
        { "every", 0, OPTION_COUNT, "N", "steps between measurements; default one an epoch", &s.app.training.every, 1,
          1e9 },
        { "sample", 0, OPTION_COUNT, "N", "characters of a sample after each measurement; default none", &s.sample, 1,
          1e5 },
    };
    const options line = {
        .command = "train text",
        .usage = "train text --data FILE [OPTIONS]",
        .about = "Trains a model of the next character on the beginning of a text and measures it on the end, in nats "
                 "and bits a character, beside n-grams\n"
                 "of 1 to 5 characters (Witten-Bell) of the same text. The best of the measured models is kept. "
                 "'eddy generate' writes with it.",
        .examples = "  eddy train text --demo --epochs 8\n"
                    "  eddy train text --data novel.txt --seconds 300 --hidden 512 --dropout 0.2 -o novel.safetensors\n"
                    "  eddy train text --data names.txt --shuffle-lines --sample 60\n"
                    "  eddy train text --data novel.txt --epochs 20 --resume -o novel.safetensors\n",
        .rows = rows,
        .count = app_rows(&s.app, rows),
    };
    static const app_task task = {
        .name = "text", .prepare = prepare, .announce = announce, .job = job, .print = print
    };
    run r = { .s = &s };
    int status = app_main(&s.app, &task, &r, &line, argc, argv);
    text_free(r.model);
    unit_text_free(&r.all);
    units_free(&r.units);
    eddy_free(r.text);
    return interrupt_end(status);
}
