/* eddy graph: a module's computation as a picture, drawn by Graphviz if it is installed, else as DOT text. */
#include "commands.h"
#include "filter.h"
#include "networks.h"
#include "options.h"
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct settings {
    const char *path;
    int64_t steps;
    bool gradient, no_sites, no_shapes;
} settings;

enum { BATCH = 2, INPUT = 3, HIDDEN = 4 };

/* ---- The text ---- */

/* DOT text for eddy_free. */
static char *draw(eddy_tape *tape, const network *model, const settings *s)
{
    char title[120];
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(s->steps, BATCH, INPUT));
    eddy_var last = network_record(tape, model, x, HIDDEN, 0);
    eddy_list vars = EDDY_LIST(last);
    if (s->gradient) {
        eddy_var loss = eddy_sum(last);
        eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
        for (int64_t i = 0; i < grads.count; i++) {
            snprintf(title, sizeof title, "d %s", eddy_name_of(params.items[i]));
            eddy_watch(grads.items[i], title);
        }
        vars = eddy_list_join(tape, EDDY_LIST(loss), grads);
    }
    snprintf(title, sizeof title, "%s, %lld step%s%s", model->title, (long long)s->steps, s->steps == 1 ? "" : "s",
             s->gradient ? ", and the gradient of the sum of its last output" : "");
    return eddy_graph(vars,
                      &(eddy_graph_options){ .title = title, .no_sites = s->no_sites, .no_shapes = s->no_shapes });
}

/* ---- Files ---- */

static int write_text(const char *path, const char *text)
{
    output file;
    eddy_status status = { 0 };
    if (!output_open(&file, path, &status))
        return command_failed("graph", "%s", status.text);
    fputs(text, file.stream);
    if (!output_keep(&file, &status))
        return command_failed("graph", "%s", status.text);
    printf("%s written\n", output_shown(path));
    return COMMAND_DONE;
}

/* "lstm.svg" with another ending. */
static bool with_ending(const char *path, const char *ending, char *out, size_t size)
{
    int length = snprintf(out, size, "%.*s%s", (int)(strrchr(path, '.') - path), path, ending);
    return length > 0 && (size_t)length < size;
}

static int write_picture(const char *kind, const char *path, const char *text)
{
    char dot_path[4096], type[16];
    const char *const dot[] = { "dot", type, NULL };
    eddy_status status = { 0 };
    eddy_writer picture;
    snprintf(type, sizeof type, "-T%s", kind);
    if (!with_ending(path, ".dot", dot_path, sizeof dot_path))
        return command_wrong("graph", "the path %.60s... is too long.", path);
    if (!eddy_writer_open(&picture, path, &status))
        return command_wrong("graph", "%s", status.text);
    FILE *file = tmpfile();
    filtered result = file && fputs(text, file) >= 0 ? filter_run(dot, file, picture.descriptor) : FILTER_FAILED;
    if (!file)
        eddy_status_fail(&status, "there is no place for a temporary file: %s.", strerror(errno));
    else
        fclose(file);
    bool drawn = result == FILTERED && eddy_writer_close(&picture);
    eddy_writer_abandon(&picture);
    if (drawn) {
        printf("%s written\n", output_shown(path));
        return COMMAND_DONE;
    }
    if (result != FILTER_MISSING)
        return command_failed("graph", "%s could not be drawn%s%s", path, *status.text ? ": " : ".", status.text);
    int failed = write_text(dot_path, text);
    if (failed)
        return failed;
    fprintf(stderr,
            "eddy graph: Graphviz's program 'dot' is not installed (package graphviz), so the picture is written as "
            "text: %s. Elsewhere, 'dot -T%s' draws it.\n",
            output_shown(dot_path), kind);
    return COMMAND_DONE;
}

/* ---- The command ---- */

/* The kind of file by its ending, NULL if it is none of ours. */
static const char *kind_of(const char *path)
{
    static const char *const kinds[] = { "dot", "svg", "png", "pdf" };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(dot + 1, kinds[i]))
            return kinds[i];
    return NULL;
}

int eddy_cmd_graph(int argc, char **argv)
{
    settings s = { .steps = 3 };
    const option_row rows[] = {
        { "steps", 0, OPTION_COUNT, "N", "time steps", &s.steps, 1, 1000 },
        { "gradient", 0, OPTION_FLAG, NULL, "also draw the gradient with respect to the parameters", &s.gradient, 0,
          0 },
        { "no-sites", 0, OPTION_FLAG, NULL, "leave the call sites out", &s.no_sites, 0, 0 },
        { "no-shapes", 0, OPTION_FLAG, NULL, "leave the shapes out", &s.no_shapes, 0, 0 },
        { "out", 'o', OPTION_TEXT, "FILE",
          ".svg, .png, .pdf (drawn by Graphviz) or .dot; \"-\" or nothing: DOT text on standard output", &s.path, 0,
          0 },
        { "output", 0, OPTION_TEXT, "FILE", NULL, &s.path, 0, 0 },
    };
    const options line = { .command = "graph",
                           .usage = "graph lstm|gru|gru-reset-before|rnn|bilstm|attention [OPTIONS]",
                           .about = "Draws the recorded computation of a network: time steps, ops, shapes, parameters, "
                                    "call sites; with --gradient also what\n"
                                    "differentiation adds to it. Variants of cells are known as 'eddy gradcheck "
                                    "--list' names them: lstm.peepholes, gru.no_bias.",
                           .examples = "  eddy graph lstm --steps 3 -o lstm.svg        a picture\n"
                                       "  eddy graph gru --gradient -o gru.png         with what differentiation adds\n"
                                       "  eddy graph attention | dot -Tsvg > a.svg     DOT text for Graphviz\n",
                           .rows = rows,
                           .count = sizeof rows / sizeof *rows,
                           .least = 1,
                           .most = 1 };
    int first;
    int status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    const network *model = network_find(argv[first]);
    if (!model) {
        options_offer near;
        return command_wrong("graph", "there is no network \"%s\"%s 'eddy graph --help' names those that can be drawn.",
                             argv[first],
                             options_did_you_mean(&near, argv[first], network_name, &(network_offer){ NULL }));
    }
    if (s.path && !strcmp(s.path, "-"))
        s.path = NULL;
    const char *kind = s.path ? kind_of(s.path) : "dot";
    if (!kind)
        return command_wrong("graph", "the ending of %s says no kind of picture: .svg, .png, .pdf or .dot.", s.path);

    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    char *text = draw(tape, model, &s);
    if (!text)
        status = command_failed("graph", "%s", eddy_error(tape));
    else if (!s.path)
        status = fputs(text, stdout) < 0 ? COMMAND_FAILED : COMMAND_DONE;
    else if (!strcmp(kind, "dot"))
        status = write_text(s.path, text);
    else
        status = write_picture(kind, s.path, text);
    eddy_free(text);
    eddy_tape_free(tape);
    return status;
}
