/* eddy info: what a model file is. */
#include "commands.h"
#include "options.h"
#include "output.h"

#include <inttypes.h>
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
