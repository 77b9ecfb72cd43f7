/* eddy eval: how good a model is on other data. */
#include "commands.h"
#include "forecast_results.h"
#include "options.h"
#include "output.h"

#include "classify.h"
#include "common/bleu.h"
#include "connected.h"
#include "text.h"
#include "translate.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct settings {
    const char *model, *data, *column, *inputs, *date;
    int64_t beam, threads;
    int gaps;
    bool json, swap;
} settings;

static bool measure_text(const settings *s, eddy_status *status)
{
    char *text = NULL;
    size_t size = 0;
    unit_text t = { 0 };
    double nats = 0;
    text_model *m = text_open(s->model, status);
    bool ok = m && text_read(&text, &size, s->data, text_units(m)->bytes, status) &&
              units_encode(text_units(m), &t, text, size, s->data, status) && text_nats(m, &t, &nats, status);
    if (ok)
        printf(s->json ? "{ \"task\": \"text\", \"characters\": %" PRId64 ", \"nats\": %.9g, \"bits\": %.9g }\n"
                       : "%" PRId64 " characters: %.4f nats, %.4f bits a character\n",
               t.count, nats, nats / log(2));
    unit_text_free(&t);
    eddy_free(text);
    text_free(m);
    return ok;
}

/* Classes of `set` by a model of `task`. */
static bool measure_set(const settings *s, const char *task, const labelled *set, const char *what, eddy_status *status)
{
    double loss = 0;
    classifier *m = classifier_open(s->model, task, set->longest, status);
    int64_t *predicted = m ? eddy_allocate((size_t)set->count, sizeof *predicted) : NULL;
    bool ok = m && (predicted || eddy_status_fail(status, "There is no memory."));
    if (ok && classifier_classes(m)->features != set->features)
        ok = eddy_status_fail(status, "%s has %" PRId64 " features a step, and the model reads %" PRId64 ".", s->data,
                              set->features, classifier_classes(m)->features);
    ok = ok && classifier_predict(m, set, predicted, &loss, status);
    if (ok && s->json)
        printf("{ \"task\": \"%s\", \"%s\": %" PRId64 ", \"accuracy\": %.9g, \"nats\": %.9g }\n", task, what,
               set->count, labelled_accuracy(set, predicted), loss);
    else if (ok)
        printf("%" PRId64 " %s: accuracy %.4f, %.4f nats\n", set->count, what, labelled_accuracy(set, predicted), loss);
    classifier_free(m);
    eddy_free(predicted);
    return ok;
}

static bool measure_classes(const settings *s, eddy_status *status)
{
    card c = { 0 };
    labelled known = { 0 }, set = { 0 };
    bool ok = card_open(&c, s->model, "classify", status) && labelled_read_classes(&known, &c, status) &&
              labelled_load(&set, s->data, &known, status) && measure_set(s, "classify", &set, "sequences", status);
    labelled_free(&set);
    labelled_free(&known);
    card_free(&c);
    return ok;
}

/* Words of a folder are numbered as they come; here as the model numbers them. */
static bool renumber(labelled *set, const labelled *known, eddy_status *status)
{
    for (int64_t i = 0; i < set->count; i++) {
        const char *word = set->name[set->label[i]];
        int64_t k = 0;
        while (k < known->classes && strcmp(known->name[k], word))
            k++;
        if (k == known->classes)
            return eddy_status_fail(status, "The word \"%s\" is none of the %" PRId64 " that the model knows.",
                                    output_shown(word), known->classes);
        set->label[i] = k;
    }
    return true;
}

static bool measure_speech(const settings *s, eddy_status *status)
{
    card c = { 0 };
    labelled known = { 0 };
    speech heard = { 0 };
    bool ok = card_open(&c, s->model, "speech", status) && labelled_read_classes(&known, &c, status) &&
              speech_load(&heard, s->data, status);
    labelled set = heard.words; /* with the model's numbers; its names stay as they were read */
    ok = ok && renumber(&set, &known, status) && measure_set(s, "speech", &set, "recordings", status);
    speech_free(&heard);
    labelled_free(&known);
    card_free(&c);
    return ok;
}

/* "one-two" as numbers of words that the model knows. */
static bool read_words(const labelled *known, const char *name, int64_t word[CONNECTED_MOST], int64_t *count,
                       eddy_status *status)
{
    *count = 0;
    for (const char *at = name; *at && *count < CONNECTED_MOST;) {
        size_t length = strcspn(at, "-");
        int64_t k = 0;
        while (k < known->classes && (strncmp(known->name[k], at, length) || known->name[k][length]))
            k++;
        if (k == known->classes)
            return eddy_status_fail(status, "\"%.*s\" in \"%s\" is none of the %" PRId64 " words that the model knows.",
                                    (int)length, at, output_shown(name), known->classes);
        word[(*count)++] = k;
        at += length + (at[length] == '-');
    }
    return true;
}

static bool measure_connected(const settings *s, eddy_status *status)
{
    speech heard = { 0 };
    int64_t word[CONNECTED_MOST], right[CONNECTED_MOST], count, asked, errors = 0, words = 0;
    bool ok = speech_load(&heard, s->data, status);
    connected *m = ok ? connected_open(s->model, heard.words.longest, status) : NULL;
    ok = m;
    for (int64_t i = 0; ok && i < heard.words.count; i++) {
        ok = read_words(connected_words(m), heard.words.name[heard.words.label[i]], right, &asked, status) &&
             connected_run(m, &heard.words.sequence[i], s->beam, word, &count, status);
        errors += ok ? spoken_errors(word, count, right, asked) : 0;
        words += ok ? asked : 0;
    }
    if (ok)
        printf(s->json ? "{ \"task\": \"connected\", \"recordings\": %" PRId64 ", \"words\": %" PRId64
                         ", \"label_error_rate\": %.9g }\n"
                       : "%" PRId64 " recordings of %" PRId64 " words: label error rate %.4f\n",
               heard.words.count, words, (double)errors / (double)words);
    connected_free(m);
    speech_free(&heard);
    return ok;
}

static bool measure_pairs(const settings *s, eddy_status *status)
{
    enum { ROOM = 4096, LONGEST = 500 };
    char out[ROOM];
    pairs data = { 0 };
    bleu b = { 0 };
    int64_t left_out = 0, right = 0;
    translator *m = translator_open(s->model, status);
    bool ok = m && pairs_load(&data, s->data, LONGEST, s->swap, &left_out, status);
    if (ok && !data.count)
        ok = eddy_status_fail(status, "%s has no pair of sentences of at most %d characters.", s->data, LONGEST);
    for (int64_t i = 0; ok && i < data.count; i++) {
        eddy_status told = { 0 };
        ok = translator_run(m, data.from[i], s->beam, out, sizeof out, &told) ||
             eddy_status_fail(status, "%s, pair %" PRId64 ": %s", s->data, i + 1, told.text);
        ok = ok && bleu_add(&b, out, data.to[i], status);
        right += ok && !strcmp(out, data.to[i]);
    }
    if (ok)
        printf(s->json ? "{ \"task\": \"translate\", \"sentences\": %" PRId64 ", \"left_out\": %" PRId64
                         ", \"exact\": %.9g, \"bleu\": %.9g }\n"
                       : "%" PRId64 " sentences (%" PRId64 " too long ones left out): %.4f exact, BLEU %.2f\n",
               data.count, left_out, (double)right / (double)data.count, bleu_score(&b));
    pairs_free(&data);
    translator_free(m);
    return ok;
}

/* ---- Series ---- */

/* "{ ... }" or a line of errors. */
static void print_errors(const settings *s, const char *name, const baseline_errors *e)
{
    const double value[] = { e->rmse, e->mae, e->smape, e->mase };
    static const char *const names[] = { "rmse", "mae", "smape", "mase" };
    char shown[32];
    printf(s->json ? ", \"%s\": {" : "  %-12s", name);
    for (int i = 0; i < 4; i++) {
        forecast_figure(shown, value[i], s->json ? 9 : 4);
        if (s->json)
            printf("%s \"%s\": %s", i ? "," : "", names[i], isfinite(value[i]) ? shown : "null");
        else
            printf(" %10s", isfinite(value[i]) ? shown : "n/a");
    }
    printf(s->json ? " }" : "\n");
}

static void print_series(const settings *s, const frame *data, const windows *w, const double *ours, int64_t width,
                         const double *last)
{
    if (s->json)
        printf("{ \"task\": \"forecast\", \"windows\": %" PRId64 ", \"targets\": [", w->count);
    else
        printf("%-14s %10s %10s %10s %10s   (%" PRId64 " windows)\n", "", "RMSE", "MAE", "sMAPE", "MASE", w->count);
    for (int64_t k = 0; k < w->targets; k++) {
        const int64_t all = w->count, numbers = w->horizon * w->targets;
        const baseline_errors e = baseline_measure(w, ours, width, k, -1, 0, all, all);
        const baseline_errors floor = baseline_measure(w, last, numbers, k, -1, 0, all, all);
        if (s->json) {
            printf("%s{ \"name\": ", k ? ", " : "");
            output_json_text(stdout, data->name[k]);
        } else if (w->targets > 1) {
            printf("%s\n", output_shown(data->name[k]));
        }
        print_errors(s, s->json ? "model" : "the model", &e);
        print_errors(s, "last value", &floor);
        printf(s->json ? " }" : "");
    }
    printf(s->json ? "] }\n" : "");
}

static bool measure_series(const settings *s, eddy_status *status)
{
    frame data = { 0 };
    forecast *m = forecast_open(s->model, status);
    const frame_choice choice = {
        .targets = s->column, .inputs = s->inputs, .date = s->date, .gaps = (frame_gaps)s->gaps
    };
    bool ok = m && forecast_read(m, s->data, &choice, &data, status);
    const forecast_options *o = ok ? forecast_describe(m) : NULL;
    windows w = ok ? windows_of(&data, o->window, o->horizon, o->targets) : (windows){ 0 };
    if (ok && w.count < 1)
        ok = eddy_status_fail(status,
                              "%s has %" PRId64 " rows, too few for a window of %" PRId64 " and %" PRId64 " behind it.",
                              s->data, data.rows, o->window, o->horizon);
    int64_t width = ok ? forecast_width(m) : 0;
    double *ours = ok ? eddy_allocate((size_t)w.count, (size_t)width * sizeof *ours) : NULL;
    double *last = ok ? eddy_allocate((size_t)w.count, (size_t)width * sizeof *last) : NULL;
    ok = ok && ((ours && last) || eddy_status_fail(status, "There is no memory for %" PRId64 " forecasts.", w.count)) &&
         forecast_predict(m, &data, 0, w.count, ours, status);
    if (ok) {
        baseline_naive(&w, 1, last);
        print_series(s, &data, &w, ours, width, last);
    }
    eddy_free(ours);
    eddy_free(last);
    frame_free(&data);
    forecast_free(m);
    return ok;
}

/* ---- The command ---- */

int eddy_cmd_eval(int argc, char **argv)
{
    settings s = { .beam = 4 };
    const option_row rows[] = {
        { "data", 0, OPTION_TEXT, "FILE",
          "a text, sequences with classes, series, lines of two sentences, or a folder of recordings (of several words "
          "ONE-TWO_SPEAKER_NUMBER.wav)",
          &s.data, 0, 0 },
        { "column", 0, OPTION_TEXT, "NAME|N,...", "of series: what is forecast; default: the names of training",
          &s.column, 0, 0 },
        { "inputs", 0, OPTION_TEXT, "NAME|N,...", "of series: what is looked at besides; default: the same", &s.inputs,
          0, 0 },
        { "date", 0, OPTION_TEXT, "NAME|N", "of series: the column of dates", &s.date, 0, 0 },
        { "gaps", 0, OPTION_CHOICE, "error|drop|carry", "of series: missing cells", &s.gaps, 0, 0 },
        { "swap", 0, OPTION_FLAG, NULL, "of sentences: from the second to the first", &s.swap, 0, 0 },
        { "beam", 0, OPTION_COUNT, "N", "of sentences and several words: hypotheses of the search; default 4", &s.beam,
          1, 16 },
        { "threads", 0, OPTION_COUNT, "N", "that programs run on; the result is the same", &s.threads, 1, 64 },
        { "json", 0, OPTION_FLAG, NULL, "print one JSON object", &s.json, 0, 0 },
    };
    const options line = {
        .command = "eval",
        .usage = "eval MODEL --data FILE [OPTIONS]",
        .about = "Measures a model of any 'eddy train' task on data that it has not seen: nats of a text, accuracy of "
                 "classes and words, exact translations and\nBLEU, errors of forecasts beside the last value's.",
        .examples = "  eddy eval text/model.safetensors --data other.txt\n"
                    "  eddy eval classify/model.safetensors --data new.ts --json\n"
                    "  eddy eval forecast/model.safetensors --data this-year.csv\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1,
    };
    static const struct {
        const char *task;
        bool (*measure)(const settings *s, eddy_status *status);
    } tasks[] = { { "text", measure_text },       { "classify", measure_classes }, { "forecast", measure_series },
                  { "translate", measure_pairs }, { "speech", measure_speech },    { "connected", measure_connected } };
    int first, result = options_parse(&line, argc, argv, &first);
    if (result != OPTIONS_GO_ON)
        return result;
    if (!s.data)
        return command_wrong("eval", "--data FILE is needed: what the model is to be measured on.");
    card c = { 0 };
    eddy_status status = { 0 };
    s.model = argv[first];
    s.data = options_input(s.data);
    if (s.threads)
        eddy_set_threads((int)s.threads);
    bool ok = card_open(&c, s.model, NULL, &status), known = false;
    const char *task = ok ? card_find(&c, "model") : "";
    for (size_t i = 0; ok && !known && i < sizeof tasks / sizeof *tasks; i++)
        if (!strcmp(task, tasks[i].task)) {
            known = true;
            ok = tasks[i].measure(&s, &status);
        }
    if (ok && !known)
        ok = eddy_status_fail(&status, "%s is a model of 'eddy train %s', which 'eddy eval' cannot measure.",
                              output_shown(s.model), output_shown(task));
    card_free(&c);
    return ok ? COMMAND_DONE : command_wrong("eval", "%s", status.text);
}
