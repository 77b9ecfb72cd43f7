/* What the trainings of the program share: options, files, signals, progress, log and result. Each 'eddy train TASK'
 * says what is its own in an app_task, and app_main does the rest. */
#ifndef EDDY_APP_H
#define EDDY_APP_H

#include "commands.h"
#include "options.h"
#include "output.h"

#include "common/stack.h"
#include "common/training.h"

enum { APP_PATH = 4096, APP_PLACES = 8 };

/* A file that a task writes: what sentences call it, and where it is. */
typedef struct app_place {
    const char *meaning, *path;
} app_place;

/* What the log tells of a validation. */
typedef struct app_row {
    int64_t epoch, step;
    double loss, norm, validation, best, rate, seconds;
} app_row;

typedef struct app {
    /* Options; the command sets the defaults. */
    training_options training;
    stack_options stack;
    uint64_t seed;
    int64_t threads;      /* 0: as many as programs use by themselves */
    int64_t usual_epochs; /* when neither --epochs nor --seconds is given */
    const char *data, *out, *log, *plot;
    bool resume, json, quiet, demo;
    int schedule; /* a training_schedule; below 0: the command's */

    /* The command's */
    const char *unit;       /* what the validation loss is: "nats" */
    int digits;             /* of losses in the log; 0: 9 */
    const char *usual_log;  /* name of a log beside the model when there is no --log; NULL: none then */
    const char *floor_name; /* a loss beside which the picture shows those of the training; NULL: none */
    double floor;
    bool logarithmic;                 /* ... and its axis */
    const char *init;                 /* a file that the task reads besides its data */
    void (*validated)(void *context); /* may print after a validation, a sample for example; NULL: nothing */
    void *context;

    /* Its own */
    char folder[APP_PATH]; /* of the results, with its last slash; "" is here */
    char model[APP_PATH], checkpoint[APP_PATH], log_path[APP_PATH];
    bool streamed; /* the model goes into a pipe or a device: it is written once, and there is no checkpoint */
    app_row *rows;
    int64_t row_count, row_room;
    double shown;
    training_state state;
    training_end end;
} app;

/* What a task does itself. `run` is its own; every function gets it. */
typedef struct app_task {
    const char *name; /* "text": of 'eddy train text', and of the folder of its results */
    bool own_data;    /* without --data it makes its own, as with --demo */
    bool (*prepare)(void *run, eddy_status *status); /* reads the data, makes the model */
    /* Its own results; app->folder is known. They are checked with the others. NULL: none */
    size_t (*places)(void *run, app_place out[APP_PLACES]);
    void (*announce)(const void *run); /* a line on stderr: what is learned from what */
    training_job (*job)(void *run);
    bool (*train)(void *run, eddy_status *status);   /* instead of app_train with the job, for a task of several */
    bool (*measure)(void *run, eddy_status *status); /* of the best model, behind the training; NULL: nothing */
    void (*print)(const void *run);                  /* the result */
} app_task;

/* Puts the rows of the options that all trainings have behind the task's own; returns how many there are then. */
size_t app_rows(app *a, option_row rows[OPTIONS_MAX]);
/* The whole command, from its options to its result: the exit status, for interrupt_end. */
int app_main(app *a, const app_task *task, void *run, const options *line, int argc, char **argv);

/* The path of a result beside the model; false if it is too long. */
bool app_beside(const app *a, const char *name, char out[APP_PATH], eddy_status *status);
/* The places of one of several trainings: NAME stands before the ending of `base`, which is the path of --out; NULL:
 * that path itself. */
bool app_part(app *a, const char *base, const char *name, eddy_status *status);
/* A training, with the model saved after Ctrl-C too. */
bool app_train(app *a, const training_job *job, eddy_status *status);
/* A picture of the losses by step, beside the floor. */
bool app_draw_losses(const app *a, const char *path, eddy_status *status);
/* The last line: whether `ours` is better than the best floor. lower: less is better. */
void app_print_verdict(const char *what, double ours, const char *floor_name, double floor, bool lower);
/* Begins the JSON object of a result with the fields that all have. */
void app_json_begin(const app *a, const char *task);

#endif
