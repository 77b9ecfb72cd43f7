/* What the trainings of the program share: options, files, signals, progress, log and result. Each 'eddy train TASK'
 * makes its model and its job, and app_train does the rest. */
#ifndef EDDY_APP_H
#define EDDY_APP_H

#include "commands.h"
#include "options.h"
#include "output.h"

#include "common/stack.h"
#include "common/training.h"

#include <signal.h>

enum { APP_PATH = 4096 };

typedef struct app {
    /* Options; the command sets the defaults. */
    training_options training;
    stack_options stack;
    double clip, decay, average;
    uint64_t seed;
    int64_t threads;      /* 0: as many as programs use by themselves */
    int64_t usual_epochs; /* when neither --epochs nor --seconds is given */
    const char *data, *out, *log;
    bool resume, json, quiet, demo;

    /* The command's */
    const char *unit;                 /* what the validation loss is: "nats" */
    void (*validated)(void *context); /* may print after a validation, a sample for example; NULL: nothing */
    void *context;

    /* Its own */
    char model[APP_PATH], checkpoint[APP_PATH];
    FILE *log_stream;
    double shown;
    training_state state;
    training_end end;
} app;

/* Writes the rows of the options that all trainings have behind `count` others; returns how many there are then. */
size_t app_rows(app *a, option_row rows[OPTIONS_MAX], size_t count);

/* Begins: --threads counts for what is compiled from now on, and either --data or --demo must be given. */
bool app_data(const app *a, eddy_status *status);
/* Model and checkpoint can be written and are not the data. Without --out they go to `folder`, which is made. */
bool app_places(app *a, const char *folder, eddy_status *status);

/* The whole training, with the model saved after Ctrl-C too. */
bool app_train(app *a, training_job *job, eddy_status *status);
/* "stopped early after 12 epochs (1234 steps, 0:01:23); best 1.234 nats in step 1200" */
void app_print_end(const app *a);
/* A line of the table of a model and its floors, with the model's share of it. */
void app_print_row(const char *name, const char *format, double value);
/* The last line: whether `ours` is better than the best floor. lower: less is better. */
void app_print_verdict(const char *what, double ours, const char *floor_name, double floor, bool lower);
/* The fields that all results have, `"steps": 12, ... ` without braces. */
void app_json_fields(const app *a);
/* Was there one? A command with several trainings begins no other. */
bool app_interrupted(void);
/* Ends as an interrupt asks if there was one, else returns the status. */
int app_end(app *a, int status);

#endif
