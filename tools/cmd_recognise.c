/* eddy recognise: the words of recordings, by a model of 'eddy train speech'. */
#include "commands.h"
#include "options.h"
#include "output.h"

#include "classify.h"
#include "common/wave.h"

static bool hear(labelled *set, int count, char **paths, eddy_status *status)
{
    bool ok = true;
    *set = (labelled){ .features = MFCC_FEATURES };
    for (int i = 0; ok && i < count; i++) {
        wave w = { 0 };
        eddy_tensor t = { 0 };
        ok = wave_load(&w, options_input(paths[i]), status) && mfcc(&t, &w, status) &&
             labelled_add(set, t.data, t.shape.dim[0], "?", status);
        eddy_tensor_free(&t);
        wave_free(&w);
    }
    return ok;
}

int eddy_cmd_recognise(int argc, char **argv)
{
    bool json = false;
    const option_row rows[] = { { "json", 0, OPTION_FLAG, NULL, "print one JSON object", &json, 0, 0 } };
    const options line = {
        .command = "recognise",
        .usage = "recognise MODEL FILE.wav... [OPTIONS]",
        .about = "Says which word of a model of 'eddy train speech' each recording is of.",
        .examples = "  eddy recognise speech/model.safetensors seven.wav\n"
                    "  eddy recognise digits.george.safetensors recordings/*_george_*.wav --json\n",
        .rows = rows,
        .count = 1,
        .least = 2,
        .most = -1,
    };
    int first, status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    labelled set = { 0 };
    eddy_status trouble = { 0 };
    classifier *model = NULL;
    char **paths = argv + first + 1;
    int count = argc - first - 1;
    int64_t *predicted = eddy_allocate((size_t)count, sizeof *predicted);
    bool ok = (predicted || eddy_status_fail(&trouble, "There is no memory.")) && hear(&set, count, paths, &trouble);
    model = ok ? classifier_open(options_input(argv[first]), "speech", set.longest, &trouble) : NULL;
    if (model && classifier_classes(model)->features != MFCC_FEATURES)
        ok = eddy_status_fail(&trouble, "The model hears other features than these.");
    for (int64_t i = 0; i < set.count; i++)
        set.label[i] = 0; /* not known, and of no influence on what is predicted */
    ok = ok && model && classifier_predict(model, &set, predicted, NULL, &trouble);
    if (ok && json)
        printf("{ \"words\": [");
    for (int i = 0; ok && i < count; i++) {
        const char *word = classifier_classes(model)->name[predicted[i]];
        if (json) {
            printf("%s{ \"file\": ", i ? ", " : "");
            output_json_text(stdout, paths[i]);
            printf(", \"word\": ");
            output_json_text(stdout, word);
            printf(" }");
        } else {
            printf("%-12s %s\n", output_shown(word), output_shown(paths[i]));
        }
    }
    if (ok && json)
        printf("] }\n");
    classifier_free(model);
    labelled_free(&set);
    eddy_free(predicted);
    return ok ? COMMAND_DONE : command_wrong("recognise", "%s", trouble.text);
}
