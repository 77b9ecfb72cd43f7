/* eddy translate: sentences by a model of 'eddy train translate'. */
#include "commands.h"
#include "heatmap.h"
#include "options.h"
#include "output.h"

#include "translate.h"

int eddy_cmd_translate(int argc, char **argv)
{
    enum { ROOM = 4096 };
    int64_t beam = 4;
    const char *attention = NULL;
    const option_row rows[] = {
        { "beam", 0, OPTION_COUNT, "N", "hypotheses of the search; default 4", &beam, 1, 16 },
        { "attention", 0, OPTION_TEXT, "FILE.svg",
          "a picture of what each character of the (last) translation looks at", &attention, 0, 0 },
    };
    const options line = {
        .command = "translate",
        .usage = "translate MODEL SENTENCE... [OPTIONS]",
        .about = "Translates each sentence with a model of 'eddy train translate', a line each.",
        .examples = "  eddy translate translate/model.safetensors \"3 March 2021\" --attention march.svg\n"
                    "  eddy translate swe.safetensors \"Jag vet inte.\" --beam 8\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 2,
        .most = -1,
    };
    int first, status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    eddy_status trouble = { 0 };
    char out[ROOM];
    translator *m = translator_open(options_input(argv[first]), &trouble);
    bool ok = m;
    for (int i = first + 1; ok && i < argc; i++) {
        ok = translator_run(m, argv[i], beam, out, sizeof out, &trouble);
        if (ok)
            printf("%s\n", out);
    }
    eddy_tensor weights = { 0 };
    ok = ok && (!attention || (translator_align(m, argv[argc - 1], out, &weights, &trouble) &&
                               heatmap_draw_characters(attention, &weights, out, argv[argc - 1], &trouble)));
    eddy_tensor_free(&weights);
    translator_free(m);
    return ok ? COMMAND_DONE : command_wrong("translate", "%s", trouble.text);
}
