/* eddy info: what a model file is; eddy eval: how good it is on other data. */
#include "commands.h"
#include "options.h"
#include "output.h"

#include "classify.h"
#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static bool show(const char *path, bool json, eddy_status *status)
{
    eddy_safetensors file = { 0 };
    if (!eddy_safetensors_load(&file, options_input(path), status))
        return false;
    int64_t parameters = 0;
    const char *task = eddy_safetensors_value(&file, "eddy.model");
    bool checkpoint = eddy_safetensors_value(&file, "eddy.checkpoint.step");
    for (size_t i = 0; i < file.count; i++)
        parameters += eddy_tensor_count(&file.tensors[i].tensor);
    if (json) {
        printf("{ \"task\": ");
        if (task)
            output_json_text(stdout, task);
        else
            printf("null");
        printf(", \"checkpoint\": %s, \"elements\": %" PRId64 ", \"metadata\": {", checkpoint ? "true" : "false",
               parameters);
        for (size_t i = 0; i < file.metadata_count; i++) {
            printf("%s ", i ? "," : "");
            output_json_text(stdout, file.metadata[i].key);
            printf(": ");
            output_json_text(stdout, file.metadata[i].value);
        }
        printf(" }, \"tensors\": {");
        for (size_t i = 0; i < file.count; i++) {
            printf("%s ", i ? "," : "");
            output_json_text(stdout, file.tensors[i].name);
            printf(": \"%s\"", eddy_shape_format(&file.tensors[i].tensor.shape).text);
        }
        printf(" } }\n");
    } else {
        if (task)
            printf("%s: a %s of 'eddy train %s'\n", output_shown(path), checkpoint ? "checkpoint" : "model",
                   output_shown(task));
        else
            printf("%s: tensors, and no model of 'eddy train'\n", output_shown(path));
        for (size_t i = 0; i < file.metadata_count; i++)
            printf("  %-24s %.100s%s\n", output_shown(file.metadata[i].key), output_shown(file.metadata[i].value),
                   strlen(file.metadata[i].value) > 100 ? "..." : "");
        for (size_t i = 0; i < file.count; i++)
            printf("  %-40s %-4s %s\n", output_shown(file.tensors[i].name),
                   eddy_dtype_name(file.tensors[i].tensor.dtype),
                   eddy_shape_format(&file.tensors[i].tensor.shape).text);
        printf("%zu tensors, %" PRId64 " numbers\n", file.count, parameters);
    }
    eddy_safetensors_free(&file);
    return true;
}

int eddy_cmd_info(int argc, char **argv)
{
    bool json = false;
    const option_row rows[] = { { "json", 0, OPTION_FLAG, NULL, "print one JSON object", &json, 0, 0 } };
    const options line = {
        .command = "info",
        .usage = "info MODEL [OPTIONS]",
        .about = "Says what a model file (.safetensors) is: task, settings, tensors.",
        .examples = "  eddy info text/model.safetensors\n  eddy info classify/model.last.safetensors --json\n",
        .rows = rows,
        .count = 1,
        .least = 1,
        .most = 1,
    };
    int first, status = options_parse(&line, argc, argv, &first);
    eddy_status trouble = { 0 };
    if (status != OPTIONS_GO_ON)
        return status;
    return show(argv[first], json, &trouble) ? COMMAND_DONE : command_wrong("info", "%s", trouble.text);
}

/* ---- Measuring ---- */

static bool measure_text(const char *model, const char *data, bool json, eddy_status *status)
{
    char *text = NULL;
    size_t size = 0;
    unit_text t = { 0 };
    double nats = 0;
    text_model *m = text_open(model, status);
    bool ok = m && text_read(&text, &size, data, text_units(m)->bytes, status) &&
              units_encode(text_units(m), &t, text, size, data, status) && text_nats(m, &t, &nats, status);
    if (ok)
        printf(json ? "{ \"task\": \"text\", \"characters\": %" PRId64 ", \"nats\": %.9g, \"bits\": %.9g }\n"
                    : "%" PRId64 " characters: %.4f nats, %.4f bits a character\n",
               t.count, nats, nats / log(2));
    unit_text_free(&t);
    eddy_free(text);
    text_free(m);
    return ok;
}

static bool measure_classes(const char *model, const char *data, bool json, eddy_status *status)
{
    card c = { 0 };
    labelled known = { 0 }, set = { 0 };
    classifier *m = NULL;
    double loss = 0;
    int64_t *predicted = NULL;
    bool ok = card_open(&c, model, "classify", status) && labelled_read_classes(&known, &c, status) &&
              labelled_load(&set, data, &known, status);
    m = ok ? classifier_open(model, "classify", set.longest, status) : NULL;
    predicted = m ? eddy_allocate((size_t)set.count, sizeof *predicted) : NULL;
    ok = m && (predicted || eddy_status_fail(status, "There is no memory.")) &&
         classifier_predict(m, &set, predicted, &loss, status);
    if (ok)
        printf(json ? "{ \"task\": \"classify\", \"sequences\": %" PRId64 ", \"accuracy\": %.9g, \"nats\": %.9g }\n"
                    : "%" PRId64 " sequences: accuracy %.4f, %.4f nats\n",
               set.count, labelled_accuracy(&set, predicted), loss);
    classifier_free(m);
    eddy_free(predicted);
    labelled_free(&set);
    labelled_free(&known);
    card_free(&c);
    return ok;
}

int eddy_cmd_eval(int argc, char **argv)
{
    const char *data = NULL;
    bool json = false;
    const option_row rows[] = {
        { "data", 0, OPTION_TEXT, "FILE", "a text, or sequences with classes", &data, 0, 0 },
        { "json", 0, OPTION_FLAG, NULL, "print one JSON object", &json, 0, 0 },
    };
    const options line = {
        .command = "eval",
        .usage = "eval MODEL --data FILE [OPTIONS]",
        .about = "Measures a model of 'eddy train text' or 'eddy train classify' on data that it has not seen.",
        .examples = "  eddy eval text/model.safetensors --data other.txt\n"
                    "  eddy eval classify/model.safetensors --data new.ts --json\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 1,
        .most = 1,
    };
    int first, status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    if (!data)
        return command_wrong("eval", "--data FILE is needed: what the model is to be measured on.");
    card c = { 0 };
    eddy_status trouble = { 0 };
    const char *model = argv[first];
    bool ok = card_open(&c, model, NULL, &trouble);
    const char *task = ok ? card_find(&c, "model") : "";
    if (!strcmp(task, "text"))
        ok = measure_text(model, options_input(data), json, &trouble);
    else if (!strcmp(task, "classify"))
        ok = measure_classes(model, options_input(data), json, &trouble);
    else if (ok)
        ok = eddy_status_fail(&trouble, "%s is a model of 'eddy train %s', which 'eddy eval' cannot measure.",
                              output_shown(model), output_shown(task));
    card_free(&c);
    return ok ? COMMAND_DONE : command_wrong("eval", "%s", trouble.text);
}
