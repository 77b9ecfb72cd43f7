/* eddy graph: a module's computation as a picture, drawn by Graphviz if it is installed, else as DOT text. */
#include "commands.h"
#include "networks.h"
#include "options.h"
#include "output.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
    eddy_var last = network_record(tape, model, x, HIDDEN);
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
    printf("%s written\n", path);
    return COMMAND_DONE;
}

extern char **environ;

typedef enum rendered { RENDERED, NO_GRAPHVIZ, RENDER_FAILED } rendered;

/* dot -Tkind -oOUT < in; no shell reads the path. */
static rendered render(const char *kind, FILE *in, const char *out)
{
    char dot[] = "dot", type[16], to[4200];
    snprintf(type, sizeof type, "-T%s", kind);
    snprintf(to, sizeof to, "-o%s", out);
    char *arguments[] = { dot, type, to, NULL };
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status;
    if (posix_spawn_file_actions_init(&actions))
        return RENDER_FAILED;
    int error = posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
    error = error ? error : posix_spawnp(&child, "dot", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        return error == ENOENT || error == EACCES ? NO_GRAPHVIZ : RENDER_FAILED;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return RENDER_FAILED;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return NO_GRAPHVIZ;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? RENDERED : RENDER_FAILED;
}

/* "lstm.svg" with another ending. */
static bool with_ending(const char *path, const char *ending, char *out, size_t size)
{
    int length = snprintf(out, size, "%.*s%s", (int)(strrchr(path, '.') - path), path, ending);
    return length > 0 && (size_t)length < size;
}

static int write_picture(const char *kind, const char *path, const char *text)
{
    char dot_path[4096], part[4096];
    eddy_status status = { 0 };
    if (!with_ending(path, ".dot", dot_path, sizeof dot_path) ||
        snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return command_wrong("graph", "the path %.60s... is too long.", path);
    if (!output_check(path, &status))
        return command_wrong("graph", "%s", status.text);
    FILE *file = tmpfile();
    if (!file)
        return command_failed("graph", "there is no place for a temporary file: %s.", strerror(errno));
    bool written = fputs(text, file) >= 0 && fflush(file) == 0 && fseek(file, 0, SEEK_SET) == 0;
    rendered result = written ? render(kind, file, part) : RENDER_FAILED;
    fclose(file);
    if (result == RENDERED && rename(part, path) == 0) {
        printf("%s written\n", path);
        return COMMAND_DONE;
    }
    remove(part);
    if (result != NO_GRAPHVIZ)
        return command_failed("graph", "%s could not be drawn.", path);
    int failed = write_text(dot_path, text);
    if (failed)
        return failed;
    fprintf(stderr,
            "eddy graph: Graphviz's program 'dot' is not installed (package graphviz), so the picture is written as "
            "text: %s. Elsewhere, 'dot -T%s "
            "%s -o %s' draws it.\n",
            dot_path, kind, dot_path, path);
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
        const char *near = options_nearest(argv[first], network_name, &(network_offer){ NULL });
        return command_wrong("graph",
                             "there is no network \"%s\"; %s%s%s 'eddy graph --help' names those that can be drawn.",
                             argv[first], near ? "did you mean \"" : "", near ? near : "", near ? "\"?" : "");
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
