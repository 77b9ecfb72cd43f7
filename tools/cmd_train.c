/* eddy train TASK: finds the task. What a task does stands in train_TASK.c. */
#include "options.h"
#include "output.h"
#include "train_tasks.h"

#include <stdio.h>
#include <string.h>

static const struct task_row {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} tasks[] = {
    { "forecast", eddy_train_forecast, "the next values of a series" },
    { "text", eddy_train_text, "a language model of characters, to generate text with" },
    { "classify", eddy_train_classify, "the class of sequences of numbers" },
    { "speech", eddy_train_speech, "the word that a recording is of" },
    { "connected", eddy_train_connected, "the words that a recording says, one after the other" },
    { "translate", eddy_train_translate, "sentences into sentences" },
};
enum { TASKS = sizeof tasks / sizeof *tasks };

static const char *task_name(const void *list, size_t i)
{
    (void)list;
    return i < TASKS ? tasks[i].name : NULL;
}

static int help(FILE *stream, int status)
{
    fprintf(stream, "Usage: eddy train TASK [OPTIONS]\n\nTrains a model on your data, or on a generated example, and "
                    "compares it with what needs no learning.\n\nTasks:\n");
    for (size_t i = 0; i < TASKS; i++)
        fprintf(stream, "  %-12s %s\n", tasks[i].name, tasks[i].summary);
    fprintf(stream, "\n'eddy train TASK --help' explains a task's options.\n\nExamples:\n"
                    "  eddy train forecast                          the tutorial's series; results in forecast/\n"
                    "  eddy train text --data novel.txt --seconds 300\n"
                    "  eddy train classify --demo --epochs 10\n");
    return status;
}

int eddy_cmd_train(int argc, char **argv)
{
    if (argc < 2) {
        command_wrong("train", "a task is needed: forecast, text, classify, speech, connected or translate; 'eddy "
                               "train --help' says what they are.");
        return COMMAND_WRONG;
    }
    for (size_t i = 0; i < TASKS; i++)
        if (!strcmp(argv[1], tasks[i].name))
            return tasks[i].run(argc - 1, argv + 1);
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return help(stdout, COMMAND_DONE);
    const char *near = options_nearest(argv[1], task_name, NULL);
    if (*argv[1] == '-')
        return command_wrong("train",
                             "the task comes first: eddy train TASK %s ...; 'eddy train --help' lists the tasks.",
                             output_shown(argv[1]));
    return near
               ? command_wrong("train", "there is no task \"%s\". Did you mean \"%s\"? 'eddy train --help' lists them.",
                               output_shown(argv[1]), near)
               : command_wrong("train", "there is no task \"%s\"; 'eddy train --help' lists them.",
                               output_shown(argv[1]));
}
