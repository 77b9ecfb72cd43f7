/* The program eddy: finds the subcommand. What a subcommand does stands in cmd_NAME.c. */
#include "commands.h"
#include "options.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    { "train", eddy_cmd_train, "train a model on your data: forecast, text, classify, speech, connected, translate" },
    { "forecast", eddy_cmd_forecast, "continue a series with a trained model" },
    { "generate", eddy_cmd_generate, "write text with a model of 'eddy train text'" },
    { "recognise", eddy_cmd_recognise,
      "say which words recordings are of, with a model of 'eddy train speech' or 'connected'" },
    { "translate", eddy_cmd_translate, "translate sentences with a model of 'eddy train translate'" },
    { "info", eddy_cmd_info, "say what a model file is" },
    { "eval", eddy_cmd_eval, "measure a model on other data" },
    { "gradcheck", eddy_cmd_gradcheck, "compare every gradient with a numerical derivative" },
    { "graph", eddy_cmd_graph, "draw the computation of a module" },
    { "plan", eddy_cmd_plan, "show what a network's training step is compiled to" },
    { "check", eddy_cmd_check, "read the formulas of a document and say which are true" },
    { "exercise", eddy_cmd_exercise, "exercises for the book of derivations: show one, mark an answer, give a hint" },
    { "explain", eddy_cmd_explain, "backpropagation through time step by step: by hand, by the tape, numerically" },
    { "bench", eddy_cmd_bench, "measure training steps beside the processor's peak" },
    { "bench-tasks", eddy_cmd_bench_tasks,
      "solve the tasks with which the LSTM was published, and count the sequences" },
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static const char *command_name(const void *list, size_t i)
{
    (void)list;
    return i < COMMANDS ? commands[i].name : NULL;
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    const char *near = options_nearest(name, command_name, NULL);
    if (near)
        fprintf(stderr, "eddy: there is no command \"%s\". Did you mean \"%s\"? 'eddy --help' lists them.\n",
                output_shown(name), near);
    else
        fprintf(stderr, "eddy: there is no command \"%s\"; 'eddy --help' lists them.\n", output_shown(name));
    return NULL;
}

static void print_help(FILE *stream)
{
    fprintf(stream, "Usage: eddy COMMAND [OPTIONS]\n\nTapes of tensor computations: recorded, differentiated by "
                    "recording more tape, and run.\n\nCommands:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stream, "  %-12s %s\n", commands[i].name, commands[i].summary);
    fprintf(stream, "  %-12s explain a command and its options (the same as 'eddy COMMAND --help')\n\n",
            "help COMMAND");
    fprintf(stream,
            "Options:\n  %-12s print the version\n  %-12s this text\n\n"
            "Examples:\n"
            "  eddy train forecast                         trains the tutorial's forecaster\n"
            "  eddy check notes.md -v                      which formulas of a document are true, and why not\n"
            "  eddy explain lstm                           backpropagation through time with numbers\n"
            "  eddy graph lstm --steps 3 -o lstm.svg       draws the tape\n\n"
            "-o FILE or --out FILE names the file of a result in every command that has one; \"-\" is standard "
            "output, and as a file to be read standard input.\n",
            "--version", "--help");
    fprintf(stream, "Exit status: 0 done, or what was checked is true; 1 what was checked is false, or the work "
                    "failed; 2 wrong usage, bad input or too little memory.\n");
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return COMMAND_WRONG;
    }
    const char *word = argv[1];
    if (!strcmp(word, "--version") || !strcmp(word, "-V") || !strcmp(word, "version")) {
        printf("eddy %s\n", eddy_version());
        return COMMAND_DONE;
    }
    bool help = !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
    if (help && argc == 2) {
        print_help(stdout);
        return COMMAND_DONE;
    }
    if (*word == '-' && !help) {
        fprintf(stderr, "eddy: the command comes first: eddy COMMAND %s ...; 'eddy --help' lists the commands.\n",
                output_shown(word));
        return COMMAND_WRONG;
    }
    const struct command *command = find(help ? argv[2] : word);
    if (!command)
        return COMMAND_WRONG;
    if (!help)
        return command->run(argc - 1, argv + 1);
    char *asked[] = { argv[2], argc > 3 ? argv[3] : (char[]){ "--help" }, (char[]){ "--help" }, NULL };
    return command->run(argc > 3 ? 3 : 2, asked);
}

/* The first file that is opened takes the lowest number that is free: were standard output closed, what is printed
 * would go into that file. So the three are always taken, in the direction that makes their use fail. Returns whether
 * standard output was closed. */
static bool take_descriptors(void)
{
    bool closed = false;
    for (int k = 0; k < 3; k++)
        if (fcntl(k, F_GETFD) < 0 && errno == EBADF) {
            int taken = open("/dev/null", k == 0 ? O_WRONLY : O_RDONLY);
            closed = closed || (k == 1 && taken == 1);
        }
    return closed;
}

/* The exit status, when what was printed has arrived or has not: a full disk or a closed pipe may show only here. */
static int finish(int status, bool closed)
{
    bool lost = ferror(stdout) != 0;
    int error = fflush(stdout) ? errno : 0;
    if (!lost && !error)
        return status;
    /* The reason of an earlier failure is no longer known; one more byte finds it again. */
    if (!error && (putchar('\n') == EOF || fflush(stdout)))
        error = errno;
    if (closed) {
        fprintf(stderr, "eddy: the standard output is closed, so nothing could be printed.\n");
        return COMMAND_WRONG;
    }
    fprintf(stderr, "eddy: the output could not be written: %s.\n", error ? strerror(error) : "a part of it was lost");
    return status == COMMAND_DONE ? COMMAND_FAILED : status;
}

int main(int argc, char **argv)
{
    bool closed = take_descriptors();
    /* A write that fails is told by a sentence, after the other results are in place. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    int status = run(argc, argv);
    if (eddy_allocations_refused()) { /* also where the command made the best of it */
        if (!command_said())
            fprintf(stderr, "eddy: memory was short, so what was printed is not complete.\n");
        status = COMMAND_WRONG;
    }
    return finish(status, closed);
}
