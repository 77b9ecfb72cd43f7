/* eddy recognise: the words of recordings, by a model of 'eddy train speech'. */
#include "commands.h"
#include "heatmap.h"
#include "options.h"
#include "output.h"

#include "classify.h"
#include "connected.h"

#include <math.h>
#include <string.h>

static bool hear(labelled *set, int count, char **paths, eddy_status *status)
{
    bool ok = true;
    *set = (labelled){ .features = MFCC_FEATURES };
    for (int i = 0; ok && i < count; i++) {
        wave w = { 0 };
        eddy_tensor t = { 0 };
        ok = wave_load(&w, options_input(paths[i]), status) && wave_check(&w, paths[i], status) &&
             mfcc(&t, &w, status) && labelled_add(set, t.data, t.shape.dim[0], "?", status);
        eddy_tensor_free(&t);
        wave_free(&w);
    }
    return ok;
}

/* The words of recording i, as a model of either task says them. */
typedef struct listener {
    classifier *one;
    connected *many;
    int64_t *predicted; /* of `one` */
    int64_t beam;
} listener;

static bool open_model(listener *l, const char *path, const labelled *set, eddy_status *status)
{
    card c = { 0 };
    bool ok = card_open(&c, path, NULL, status);
    if (ok && card_find(&c, "model") && !strcmp(card_find(&c, "model"), "connected")) {
        l->many = connected_open(path, set->longest, status);
        ok = l->many;
    } else if (ok) {
        l->one = classifier_open(path, "speech", set->longest, status);
        ok = l->one;
        if (ok && classifier_classes(l->one)->features != MFCC_FEATURES)
            ok = eddy_status_fail(status, "The model hears other features than these.");
        ok = ok && classifier_predict(l->one, set, l->predicted, NULL, status);
    }
    card_free(&c);
    return ok;
}

static bool listen(listener *l, const labelled *set, int64_t i, const char *word[CONNECTED_MOST], int64_t *count,
                   eddy_status *status)
{
    int64_t heard[CONNECTED_MOST];
    if (l->one) {
        word[0] = classifier_classes(l->one)->name[l->predicted[i]];
        *count = 1;
        return true;
    }
    if (!connected_run(l->many, &set->sequence[i], l->beam, heard, count, status))
        return false;
    for (int64_t k = 0; k < *count; k++)
        word[k] = connected_words(l->many)->name[heard[k]];
    return true;
}

static bool show(listener *l, const labelled *set, char **paths, int64_t i, bool json, eddy_status *status)
{
    const char *word[CONNECTED_MOST];
    int64_t count;
    if (!listen(l, set, i, word, &count, status))
        return false;
    if (json) {
        printf("%s{ \"file\": ", i ? ", " : "");
        output_json_text(stdout, paths[i]);
        printf(", \"word\": ");
    }
    char said[4096] = "";
    for (int64_t k = 0, used = 0; k < count && used < (int64_t)sizeof said; k++)
        used += snprintf(said + used, sizeof said - (size_t)used, "%s%s", k ? " " : "", word[k]);
    if (json)
        output_json_text(stdout, said);
    else
        printf("%-12s %s", output_shown(said), output_shown(paths[i]));
    printf(json ? " }" : "\n");
    return true;
}

/* What a model of connected words hears in every second frame of the last recording. */
static bool draw(const listener *l, const labelled *set, const char *path, eddy_status *status)
{
    const labelled *words = connected_words(l->many);
    int64_t classes = words->classes + 1;
    eddy_tensor rows, shares = { 0 };
    const char **name = eddy_allocate((size_t)classes, sizeof *name);
    bool ok = connected_listen(l->many, &set->sequence[set->count - 1], &rows, status) &&
              eddy_tensor_new(&shares, EDDY_F64, EDDY_SHAPE(classes, rows.shape.dim[0]), status) &&
              (name || eddy_status_fail(status, "There is no memory."));
    for (int64_t k = 0; ok && k < classes; k++) {
        name[k] = k ? words->name[k - 1] : "(blank)";
        for (int64_t t = 0; t < rows.shape.dim[0]; t++)
            ((double *)shares.data)[k * rows.shape.dim[0] + t] = exp(eddy_tensor_flat(&rows, t * classes + k));
    }
    ok = ok && heatmap_draw(path, &(heatmap){ .shares = &shares, .down = name, .width = 6 }, status);
    eddy_tensor_free(&rows);
    eddy_tensor_free(&shares);
    eddy_free(name);
    return ok;
}

int eddy_cmd_recognise(int argc, char **argv)
{
    bool json = false;
    const char *plot = NULL;
    listener l = { .beam = 16 };
    const option_row rows[] = {
        { "beam", 0, OPTION_COUNT, "N",
          "prefixes of the search for several words, 1: the most probable row; default 16", &l.beam, 1,
          CONNECTED_BEAM },
        { "plot", 0, OPTION_TEXT, "FILE.svg",
          "a picture of when each of several words is heard in the (last) recording", &plot, 0, 0 },
        { "json", 0, OPTION_FLAG, NULL, "print one JSON object", &json, 0, 0 },
    };
    const options line = {
        .command = "recognise",
        .usage = "recognise MODEL FILE.wav... [OPTIONS]",
        .about = "Says which word of a model of 'eddy train speech' each recording is of, or which words of a model of "
                 "'eddy train connected' it says.",
        .examples = "  eddy recognise speech/model.safetensors seven.wav\n"
                    "  eddy recognise digits.george.safetensors recordings/*_george_*.wav --json\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 2,
        .most = -1,
    };
    int first, status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    labelled set = { 0 };
    eddy_status trouble = { 0 };
    char **paths = argv + first + 1;
    int count = argc - first - 1;
    bool reads = plot && output_same(plot, argv[first]);
    for (int i = 0; plot && i < count; i++)
        reads = reads || output_same(plot, paths[i]);
    if (reads)
        return command_wrong("recognise", "--plot would overwrite %s, which is read.", output_shown(plot));
    l.predicted = eddy_allocate((size_t)count, sizeof *l.predicted);
    bool ok = (l.predicted || eddy_status_fail(&trouble, "There is no memory.")) &&
              (!plot || eddy_writer_check(plot, &trouble)) && hear(&set, count, paths, &trouble) &&
              open_model(&l, options_input(argv[first]), &set, &trouble);
    if (ok && plot && !l.many)
        ok =
            eddy_status_fail(&trouble, "--plot shows when each of several words is heard, so it needs a model of 'eddy "
                                       "train connected'.");
    if (ok && json)
        printf("{ \"words\": [");
    for (int i = 0; ok && i < count; i++)
        ok = show(&l, &set, paths, i, json, &trouble);
    if (ok && json)
        printf("] }\n");
    ok = ok && (!plot || draw(&l, &set, plot, &trouble));
    classifier_free(l.one);
    connected_free(l.many);
    labelled_free(&set);
    eddy_free(l.predicted);
    return ok ? COMMAND_DONE : command_wrong("recognise", "%s", trouble.text);
}
