/* eddy train classify: which class a sequence of numbers is of, beside the nearest neighbour. */
#include "app.h"
#include "confusion.h"
#include "interrupt.h"
#include "train_tasks.h"

#include "classify.h"

#include <inttypes.h>

typedef struct settings {
    app app;
    const char *test;
    int64_t batch;
    double held_out, noise;
    int ways;
} settings;

typedef struct run {
    const settings *s;
    labelled all, rest, test, train, held_out; /* rest and test are parts of all when there is no file of tests */
    classifier *model;
    int64_t *predicted;
    double nearest, accuracy, loss;
} run;

static bool read_data(run *r, eddy_status *status)
{
    const settings *s = r->s;
    if (!(s->app.demo ? labelled_demo(&r->all, s->app.seed, status)
                      : labelled_load(&r->all, options_input(s->app.data), NULL, status)))
        return false;
    if (r->all.classes < 2)
        return eddy_status_fail(status, "%s has one class only: there is nothing to tell apart.",
                                s->app.data ? s->app.data : "The example");
    if (s->test) {
        if (!labelled_load(&r->test, options_input(s->test), &r->all, status))
            return false;
        if (r->test.features != r->all.features)
            return eddy_status_fail(status, "%s has %" PRId64 " features a step, and %s has %" PRId64 ".", s->test,
                                    r->test.features, s->app.data, r->all.features);
    } else if (!labelled_split(&r->rest, &r->test, &r->all, 0.2, s->app.seed, status)) {
        return false;
    }
    const labelled *learned = s->test ? &r->all : &r->rest;
    if (!r->test.count)
        return eddy_status_fail(status, "There are too few sequences to keep some for the test.");
    return labelled_split(&r->train, &r->held_out, learned, s->held_out, s->app.seed + 1, status) &&
           labelled_nearest(&r->nearest, learned, &r->test, status);
}

static bool prepare(void *context, eddy_status *status)
{
    run *r = context;
    const settings *s = r->s;
    if (!read_data(r, status))
        return false;
    classify_options chosen = { .stack = s->app.stack,
                                .batch = s->batch,
                                .noise = s->noise,
                                .recipe = s->app.training.recipe,
                                .seed = s->app.seed,
                                .task = "classify" };
    chosen.stack.bidirectional = s->ways == 0;
    r->model = classifier_new(&r->train, &r->held_out, &chosen, status);
    return r->model;
}

/* Features that have one value everywhere are no mistake, but worth a word. */
static void note_constants(const labelled *set)
{
    for (int64_t f = 0; f < set->features; f++) {
        const float first = ((const float *)set->sequence[0].data)[f];
        bool same = true;
        for (int64_t i = 0; same && i < set->count; i++)
            for (int64_t t = 0; same && t < set->sequence[i].shape.dim[0]; t++)
                same = ((const float *)set->sequence[i].data)[t * set->features + f] == first;
        if (same)
            fprintf(stderr, "Feature %" PRId64 " is constant, %g everywhere: it tells nothing.\n", f + 1,
                    (double)first);
    }
}

static void announce(const void *context)
{
    const run *r = context;
    fprintf(stderr,
            "%s: %" PRId64 " sequences of up to %" PRId64 " steps of %" PRId64 " features to learn from, %" PRId64
            " held out, %" PRId64 " to test; %" PRId64 " classes; %" PRId64 " parameters.\n",
            r->s->app.data ? output_shown(r->s->app.data) : "generated waves", r->train.count, r->train.longest,
            r->train.features, r->held_out.count, r->test.count, r->all.classes,
            eddy_count_elements(eddy_parameters(classifier_tape(r->model))));
    note_constants(&r->all);
}

static training_job job(void *context)
{
    return classifier_job(((run *)context)->model);
}

static bool measure(void *context, eddy_status *status)
{
    run *r = context;
    r->predicted = eddy_allocate((size_t)r->test.count, sizeof *r->predicted);
    if (!r->predicted)
        return eddy_status_fail(status, "There is no memory for the classes of the test.");
    classifier *saved = classifier_open(r->s->app.model, "classify", r->test.longest, status);
    bool ok = saved && classifier_predict(saved, &r->test, r->predicted, &r->loss, status);
    classifier_free(saved);
    r->accuracy = ok ? labelled_accuracy(&r->test, r->predicted) : 0;
    return ok;
}

static void print(const void *context)
{
    const run *r = context;
    if (r->s->app.json) {
        app_json_begin(&r->s->app, "classify");
        printf(", \"test\": { \"sequences\": %" PRId64 ", \"accuracy\": %.9g, \"nats\": %.9g }, "
               "\"floors\": { \"nearest neighbour\": %.9g } }\n",
               r->test.count, r->accuracy, r->loss, r->nearest);
        return;
    }
    confusion_print(&r->test, r->predicted);
    printf("  %-34s %8s\n", "test", "accuracy");
    printf("  %-34s %8.4f\n", "nearest neighbour (16 steps)", r->nearest);
    printf("  %-34s %8.4f   (%.4f nats)\n", "the model", r->accuracy, r->loss);
    app_print_verdict("accuracy", r->accuracy, "nearest neighbour", r->nearest, false);
}

int eddy_train_classify(int argc, char **argv)
{
    settings s = { .app = { .training = { .recipe = { .lr = 5e-3, .clip = 1 }, .low = 0.02, .warmup = 20 },
                            .stack = { .cell = "lstm", .hidden = 64, .layers = 1, .dropout = 0.3 },
                            .seed = 42,
                            .usual_epochs = 60 },
                   .batch = 16,
                   .held_out = 0.1,
                   .noise = 0.3 };
    option_row rows[OPTIONS_MAX] = {
        { "data", 0, OPTION_TEXT, "FILE", "sequences with classes, .ts or .csv", &s.app.data, 0, 0 },
        { "plot", 0, OPTION_TEXT, "FILE.svg", "picture of the losses (by gnuplot)", &s.app.plot, 0, 0 },
        { "test", 0, OPTION_TEXT, "FILE", "sequences to test with; default: a fifth of the data", &s.test, 0, 0 },
        { "held-out", 0, OPTION_NUMBER, "X",
          "share of the others that chooses the best model; default 0.1, with 0 the loss of training does", &s.held_out,
          0, 0.5 },
        { "ways", 0, OPTION_CHOICE, "both|forwards", "directions in which sequences are read", &s.ways, 0, 0 },
        { "noise", 0, OPTION_NUMBER, "X", "deviation of noise on the standardised steps; default 0.3", &s.noise, 0,
          10 },
        { "batch", 0, OPTION_COUNT, "N", "default 16", &s.batch, 1, 65536 },
    };
    const options line = {
        .command = "train classify",
        .usage = "train classify --data FILE [OPTIONS]",
        .about = "Learns the class of sequences of numbers with a bidirectional LSTM and the mean of its outputs, and "
                 "compares it with the nearest neighbour.\n"
                 "A .csv has a row for each step: which sequence (rows of one follow each other), features, class.",
        .examples = "  eddy train classify --demo --epochs 10\n"
                    "  eddy train classify --data JapaneseVowels_TRAIN.ts --test JapaneseVowels_TEST.ts\n"
                    "  eddy train classify --data gestures.csv --cell gru --hidden 32 -o gestures.safetensors\n",
        .rows = rows,
        .count = app_rows(&s.app, rows),
    };
    static const app_task task = {
        .name = "classify", .prepare = prepare, .announce = announce, .job = job, .measure = measure, .print = print
    };
    run r = { .s = &s };
    int status = app_main(&s.app, &task, &r, &line, argc, argv);
    classifier_free(r.model);
    labelled *sets[] = { &r.train, &r.held_out, &r.rest, &r.test, &r.all };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        labelled_free(sets[i]);
    eddy_free(r.predicted);
    return interrupt_end(status);
}
