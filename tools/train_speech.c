/* eddy train speech: which word a recording is of, each speaker in turn unheard while learning. */
#include "app.h"
#include "confusion.h"
#include "interrupt.h"
#include "train_tasks.h"

#include "classify.h"
#include "speech.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FOLDS = 65 }; /* speakers and the random split */

typedef struct settings {
    app app;
    const char *speaker, *confusion;
    int64_t batch;
    double noise;
} settings;

typedef struct fold {
    const char *name;
    int64_t tests;
    double accuracy, nearest;
    training_state state;
} fold;

typedef struct run {
    settings *s;
    speech data;
    int64_t *predicted; /* of the words of the whole set, each by the fold that had not heard it */
    fold folds[MOST_FOLDS];
    int64_t count;
    int64_t *taken; /* [word * words + what it was taken for], of unheard speakers; without any of the random fifth */
    char base[APP_PATH];
} run;

static bool prepare(void *context, eddy_status *status)
{
    run *r = context;
    const settings *s = r->s;
    if (!(s->app.demo ? speech_demo(&r->data, s->app.seed, status) : speech_load(&r->data, s->app.data, status)))
        return false;
    if (r->data.words.classes < 2)
        return eddy_status_fail(status, "All recordings are of one word: there is nothing to tell apart.");
    if (r->data.speakers.classes >= MOST_FOLDS)
        return eddy_status_fail(status, "There are more than %d speakers.", MOST_FOLDS - 1);
    int64_t k = 0;
    while (s->speaker && k < r->data.speakers.classes && strcmp(r->data.speakers.name[k], s->speaker))
        k++;
    if (s->speaker && strcmp(s->speaker, "none") && k == r->data.speakers.classes)
        return eddy_status_fail(status, "--hold-out %s: there is no such speaker; there is %s, for example.",
                                output_shown(s->speaker), output_shown(r->data.speakers.name[0]));
    return true;
}

/* "model.safetensors" -> "model.NAME.safetensors"; the random split keeps the name. */
static bool train_fold(run *r, const labelled *learned, const labelled *test, fold *f, eddy_status *status)
{
    app *a = &r->s->app;
    labelled train = { 0 }, held_out = { 0 };
    classify_options chosen = { .stack = a->stack,
                                .batch = r->s->batch,
                                .noise = r->s->noise,
                                .recipe = a->training.recipe,
                                .seed = a->seed,
                                .task = "speech" };
    chosen.stack.bidirectional = true;
    bool ok = labelled_split(&train, &held_out, learned, 0.1, a->seed + 1, status) &&
              labelled_nearest(&f->nearest, learned, test, status);
    classifier *model = ok ? classifier_new(&train, &held_out, &chosen, status) : NULL, *saved = NULL;
    if (model) {
        training_job job = classifier_job(model);
        a->training.resume = a->resume && !access(a->checkpoint, F_OK);
        ok = app_train(a, &job, status);
        f->state = a->state;
        saved = ok && a->state.best_step ? classifier_open(a->model, "speech", test->longest, status) : NULL;
        ok = saved && classifier_predict(saved, test, r->predicted, NULL, status);
    }
    ok = ok && model;
    f->tests = test->count;
    f->accuracy = ok ? labelled_accuracy(test, r->predicted) : 0;
    classifier_free(model);
    classifier_free(saved);
    labelled_free(&train);
    labelled_free(&held_out);
    return ok;
}

static void show_fold(const run *r, const fold *f)
{
    if (!r->s->app.quiet)
        fprintf(stderr, "%s held out: accuracy %.4f of %" PRId64 ", nearest neighbour %.4f\n", f->name, f->accuracy,
                f->tests, f->nearest);
}

/* speaker < 0: the random split, a fifth of each word's recordings. */
static bool run_fold(run *r, int64_t speaker, eddy_status *status)
{
    labelled learned, test;
    const speech *d = &r->data;
    const char *name = speaker < 0 ? NULL : d->speakers.name[speaker];
    fold *f = &r->folds[r->count];
    f->name = name ? name : "a random fifth";
    bool ok = app_part(&r->s->app, r->base, name, status) &&
              (speaker < 0 ? labelled_split(&learned, &test, &d->words, 0.2, r->s->app.seed, status)
                           : speech_without(d, speaker, &learned, &test, status));
    if (!ok)
        return false;
    if (!learned.count || !test.count)
        ok = eddy_status_fail(status, "There is one speaker only: nobody can be held out. --hold-out none trains on a "
                                      "random part.");
    ok = ok && train_fold(r, &learned, &test, f, status);
    if (ok) {
        r->count++;
        show_fold(r, f);
        if (!r->s->app.json)
            confusion_print(&test, r->predicted);
        for (int64_t i = 0; (speaker >= 0 || r->count == 1) && i < test.count; i++)
            r->taken[test.label[i] * test.classes + r->predicted[i]]++;
    }
    labelled_free(&learned);
    labelled_free(&test);
    return ok;
}

static void print(const void *context)
{
    const run *r = context;
    double mean = 0, floor = 0;
    int64_t speakers = 0;
    for (int64_t i = 0; i < r->count; i++) {
        bool random = !strcmp(r->folds[i].name, "a random fifth");
        mean += random ? 0 : r->folds[i].accuracy;
        floor += random ? 0 : r->folds[i].nearest;
        speakers += !random;
    }
    if (!speakers) {
        mean = r->folds[0].accuracy;
        floor = r->folds[0].nearest;
    } else {
        mean /= (double)speakers;
        floor /= (double)speakers;
    }
    if (r->s->app.json) {
        app_json_begin(&r->s->app, "speech");
        printf(", \"folds\": [");
        for (int64_t i = 0; i < r->count; i++) {
            printf("%s{ \"held_out\": ", i ? ", " : "");
            output_json_text(stdout, r->folds[i].name);
            printf(", \"tests\": %" PRId64 ", \"accuracy\": %.9g, \"nearest\": %.9g }", r->folds[i].tests,
                   r->folds[i].accuracy, r->folds[i].nearest);
        }
        printf("], \"mean_accuracy\": %.9g, \"mean_nearest\": %.9g }\n", mean, floor);
        return;
    }
    printf("  %-24s %9s %9s %18s\n", "held out", "tests", "accuracy", "nearest neighbour");
    for (int64_t i = 0; i < r->count; i++)
        printf("  %-24s %9" PRId64 " %9.4f %18.4f\n", output_shown(r->folds[i].name), r->folds[i].tests,
               r->folds[i].accuracy, r->folds[i].nearest);
    if (speakers > 1)
        printf("  %-24s %9s %9.4f %18.4f\n", "mean of the speakers", "", mean, floor);
    app_print_verdict(speakers ? "unheard speakers, accuracy" : "accuracy", mean, "nearest neighbour", floor, false);
}

static void announce(const void *context)
{
    const speech *d = &((const run *)context)->data;
    const char *path = ((const run *)context)->s->app.data;
    fprintf(stderr,
            "%s: %" PRId64 " recordings of %" PRId64 " words by %" PRId64 " speakers, up to %" PRId64
            " frames of %d features.\n",
            path ? output_shown(path) : "generated sounds", d->words.count, d->words.classes, d->speakers.classes,
            d->words.longest, MFCC_FEATURES);
}

static bool train(void *context, eddy_status *status)
{
    run *r = context;
    const char *chosen = r->s->speaker;
    const bool none = chosen && !strcmp(chosen, "none");
    memcpy(r->base, r->s->app.model, sizeof r->base);
    r->predicted = eddy_allocate((size_t)r->data.words.count, sizeof *r->predicted);
    r->taken = eddy_allocate((size_t)r->data.words.classes, (size_t)r->data.words.classes * sizeof *r->taken);
    bool ok = (r->predicted && r->taken) || eddy_status_fail(status, "There is no memory for the words of the tests.");
    for (int64_t k = 0; ok && !none && !interrupt_noted() && k < r->data.speakers.classes; k++)
        if (!chosen || !strcmp(chosen, r->data.speakers.name[k]))
            ok = run_fold(r, k, status);
    return ok && (interrupt_noted() || (chosen && !none) || run_fold(r, -1, status));
}

static size_t places(void *context, app_place *place)
{
    const run *r = context;
    place[0] = (app_place){ "--confusion", r->s->confusion };
    return 1;
}

static bool measure(void *context, eddy_status *status)
{
    const run *r = context;
    return !r->s->confusion || confusion_draw(r->s->confusion, &r->data.words, r->taken, status);
}

int eddy_train_speech(int argc, char **argv)
{
    settings s = { .app = { .training = { .recipe = { .lr = 3e-3, .clip = 1 }, .low = 0.02, .warmup = 20 },
                            .stack = { .cell = "lstm", .hidden = 64, .layers = 1, .dropout = 0.4 },
                            .seed = 42,
                            .usual_epochs = 15 },
                   .batch = 32,
                   .noise = 0.5 };
    option_row rows[OPTIONS_MAX] = {
        { "data", 0, OPTION_TEXT, "FOLDER", "recordings, WORD_SPEAKER_NUMBER.wav", &s.app.data, 0, 0 },
        { "hold-out", 0, OPTION_TEXT, "NAME|none",
          "hold out this speaker alone; none: a random fifth of all. Default: each in turn, then the random fifth",
          &s.speaker, 0, 0 },
        { "noise", 0, OPTION_NUMBER, "X", "deviation of noise on the features while training; default 0.5", &s.noise, 0,
          10 },
        { "batch", 0, OPTION_COUNT, "N", "default 32", &s.batch, 1, 65536 },
        { "confusion", 0, OPTION_TEXT, "FILE.svg", "picture of which word was taken for which", &s.confusion, 0, 0 },
    };
    const options line = {
        .command = "train speech",
        .usage = "train speech --data FOLDER [OPTIONS]",
        .about = "Learns which word a recording is of: cepstra every 10 ms, a bidirectional LSTM, the mean of its "
                 "outputs. Each speaker is held out in turn\n"
                 "(models NAME.SPEAKER.safetensors), then a random fifth of all recordings (the model of --out). "
                 "'eddy recognise' uses the models.",
        .examples = "  eddy train speech --demo --epochs 5\n"
                    "  eddy train speech --data recordings --hold-out george -o digits.safetensors\n",
        .rows = rows,
        .count = app_rows(&s.app, rows),
    };
    static const app_task task = { .name = "speech",
                                   .prepare = prepare,
                                   .places = places,
                                   .announce = announce,
                                   .train = train,
                                   .measure = measure,
                                   .print = print };
    run r = { .s = &s };
    int status = app_main(&s.app, &task, &r, &line, argc, argv);
    speech_free(&r.data);
    eddy_free(r.predicted);
    eddy_free(r.taken);
    return interrupt_end(status);
}
