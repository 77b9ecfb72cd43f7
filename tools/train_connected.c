/* eddy train connected: which words a recording says one after the other, each speaker in turn unheard while
 * learning. */
#include "app.h"
#include "interrupt.h"
#include "train_tasks.h"

#include "connected.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FOLDS = 65 };

typedef struct settings {
    app app;
    const char *speaker;
    int64_t batch, each, most, beam;
    double noise;
} settings;

/* Errors of the recordings of a speaker who was not heard, in words. */
typedef struct fold {
    const char *name;
    int64_t tests, words, greedy, beam;
    double nearest; /* share of single words that their nearest neighbour is wrong about */
} fold;

typedef struct run {
    settings *s;
    speech data;
    spoken spoken;
    fold folds[MOST_FOLDS];
    int64_t count;
    char base[APP_PATH];
} run;

static bool prepare(void *context, eddy_status *status)
{
    run *r = context;
    const settings *s = r->s;
    if (!(s->app.demo ? speech_demo(&r->data, s->app.seed, status)
                      : speech_load(&r->data, options_input(s->app.data), status)))
        return false;
    if (r->data.speakers.classes < 2 || r->data.speakers.classes > MOST_FOLDS)
        return eddy_status_fail(status, "There are %" PRId64 " speakers; 2 to %d are needed, since each is held out.",
                                r->data.speakers.classes, MOST_FOLDS);
    if (r->data.words.classes < 2)
        return eddy_status_fail(status, "All recordings are of one word: there is nothing to tell apart.");
    int64_t k = 0;
    while (s->speaker && k < r->data.speakers.classes && strcmp(r->data.speakers.name[k], s->speaker))
        k++;
    if (k == r->data.speakers.classes)
        return eddy_status_fail(status, "--hold-out %s: there is no such speaker; there is %s, for example.",
                                output_shown(s->speaker), output_shown(r->data.speakers.name[0]));
    return spoken_make(&r->spoken, &r->data, s->each, s->most, s->app.seed, status);
}

static void announce(const void *context)
{
    const run *r = context;
    fprintf(stderr,
            "%s: %" PRId64 " recordings of 2 to %" PRId64 " of %" PRId64 " words by %" PRId64
            " speakers, up to %" PRId64 " frames.\n",
            r->s->app.data ? output_shown(r->s->app.data) : "generated sounds", r->spoken.count, r->s->most,
            r->data.words.classes, r->data.speakers.classes, r->spoken.longest);
}

static bool test(run *r, connected *m, int64_t speaker, fold *f, eddy_status *status)
{
    const spoken *d = &r->spoken;
    int64_t word[CONNECTED_MOST], count;
    for (int64_t i = 0; i < d->count; i++) {
        if (d->speaker[i] != speaker)
            continue;
        const int64_t *right = d->word + d->begin[i], words = d->begin[i + 1] - d->begin[i];
        for (int beam = 0; beam < 2; beam++) {
            if (!connected_run(m, &d->sequence[i], beam ? r->s->beam : 1, word, &count, status))
                return false;
            *(beam ? &f->beam : &f->greedy) += spoken_errors(word, count, right, words);
        }
        f->tests++;
        f->words += words;
    }
    return true;
}

static bool run_fold(run *r, int64_t speaker, eddy_status *status)
{
    app *a = &r->s->app;
    fold *f = &r->folds[r->count];
    labelled others = { 0 }, one = { 0 };
    const connected_options chosen = {
        .stack = a->stack, .batch = r->s->batch, .noise = r->s->noise, .recipe = a->training.recipe, .seed = a->seed
    };
    f->name = r->data.speakers.name[speaker];
    bool ok = app_part(a, r->base, f->name, status) && speech_without(&r->data, speaker, &others, &one, status) &&
              labelled_nearest(&f->nearest, &others, &one, status);
    f->nearest = 1 - f->nearest;
    labelled_free(&others);
    labelled_free(&one);
    connected *m = ok ? connected_new(&r->spoken, &r->data.words, speaker, &chosen, status) : NULL;
    if (m) {
        const training_job job = connected_job(m);
        a->training.resume = a->resume && !access(a->checkpoint, F_OK);
        ok = app_train(a, &job, status) && a->state.best_step && test(r, m, speaker, f, status);
    }
    connected_free(m);
    r->count += ok && m;
    if (ok && m && !a->quiet)
        fprintf(stderr, "%s held out: label error rate %.4f\n", f->name, (double)f->beam / (double)f->words);
    return ok && m;
}

static bool train(void *context, eddy_status *status)
{
    run *r = context;
    memcpy(r->base, r->s->app.model, sizeof r->base);
    for (int64_t k = 0; !interrupt_noted() && k < r->data.speakers.classes; k++)
        if ((!r->s->speaker || !strcmp(r->s->speaker, r->data.speakers.name[k])) && !run_fold(r, k, status))
            return interrupt_noted() && !*status->text;
    return true;
}

static void print(const void *context)
{
    const run *r = context;
    double nearest = 0, greedy = 0, beam = 0;
    bool json = r->s->app.json;
    if (json) {
        app_json_begin(&r->s->app, "connected");
        printf(", \"folds\": [");
    } else {
        printf("  %-20s %9s %9s %9s %9s   %s\n", "label error rate of", "tests", "words", "greedy", "beam",
               "nearest neighbour, told where each word is");
    }
    for (int64_t i = 0; i < r->count; i++) {
        const fold *f = &r->folds[i];
        double rate[2] = { (double)f->greedy / (double)f->words, (double)f->beam / (double)f->words };
        greedy += rate[0] / (double)r->count;
        beam += rate[1] / (double)r->count;
        nearest += f->nearest / (double)r->count;
        if (json) {
            printf("%s{ \"held_out\": ", i ? ", " : "");
            output_json_text(stdout, f->name);
            printf(", \"tests\": %" PRId64 ", \"words\": %" PRId64
                   ", \"greedy\": %.9g, \"beam\": %.9g, \"nearest\": %.9g }",
                   f->tests, f->words, rate[0], rate[1], f->nearest);
        } else {
            printf("  %-20s %9" PRId64 " %9" PRId64 " %9.4f %9.4f   %.4f\n", output_shown(f->name), f->tests, f->words,
                   rate[0], rate[1], f->nearest);
        }
    }
    if (json) {
        printf("], \"greedy\": %.9g, \"beam\": %.9g, \"nearest\": %.9g }\n", greedy, beam, nearest);
        return;
    }
    printf("  %-40s %9.4f %9.4f   %.4f\n", "mean", greedy, beam, nearest);
    app_print_verdict("unheard speakers, label error rate", beam, "nearest neighbour of single words", nearest, true);
}

int eddy_train_connected(int argc, char **argv)
{
    settings s = {
        .app = { .training = { .recipe = { .lr = 3e-3, .clip = 1 }, .low = 0.02, .warmup = 50 },
                 .stack = { .cell = "lstm", .hidden = 64, .layers = 1, .dropout = 0.4, .bidirectional = true },
                 .seed = 42,
                 .usual_epochs = 20 },
        .batch = 16,
        .each = 200,
        .most = 5,
        .beam = 16,
        .noise = 0.5
    };
    option_row rows[OPTIONS_MAX] = {
        { "data", 0, OPTION_TEXT, "FOLDER", "recordings of single words, WORD_SPEAKER_NUMBER.wav", &s.app.data, 0, 0 },
        { "hold-out", 0, OPTION_TEXT, "NAME", "hold out this speaker alone; default: each in turn", &s.speaker, 0, 0 },
        { "each", 0, OPTION_COUNT, "N", "joined recordings of each speaker; default 200", &s.each, 10, 1e6 },
        { "most", 0, OPTION_COUNT, "N", "words in one, at most; default 5", &s.most, 2, CONNECTED_MOST },
        { "beam", 0, OPTION_COUNT, "N", "prefixes of the search; default 16", &s.beam, 2, CONNECTED_BEAM },
        { "noise", 0, OPTION_NUMBER, "X", "deviation of noise on the features while training; default 0.5", &s.noise, 0,
          10 },
        { "batch", 0, OPTION_COUNT, "N", "default 16", &s.batch, 1, 1024 },
    };
    const options line = {
        .command = "train connected",
        .usage = "train connected --data FOLDER [OPTIONS]",
        .about = "Learns which words a recording says one after the other, without being told where each begins: "
                 "recordings of single words are joined at random,\n"
                 "a bidirectional LSTM reads their cepstra, and the loss is that of connectionist temporal "
                 "classification. Each speaker is held out in turn\n"
                 "(models NAME.SPEAKER.safetensors, which 'eddy recognise' takes).",
        .examples = "  eddy train connected --demo --epochs 5\n"
                    "  eddy train connected --data recordings --hold-out george -o digits.safetensors\n",
        .rows = rows,
        .count = app_rows(&s.app, rows),
    };
    static const app_task task = {
        .name = "connected", .prepare = prepare, .announce = announce, .train = train, .print = print
    };
    run r = { .s = &s };
    int status = app_main(&s.app, &task, &r, &line, argc, argv);
    spoken_free(&r.spoken);
    speech_free(&r.data);
    return interrupt_end(status);
}
