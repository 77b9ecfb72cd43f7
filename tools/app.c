/* What the trainings of the program share. */
#include "app.h"
#include "interrupt.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Options and places ---- */

size_t app_rows(app *a, option_row rows[OPTIONS_MAX])
{
    training_options *t = &a->training;
    training_recipe *recipe = &t->recipe;
    size_t count = 0;
    while (rows[count].name)
        count++;
    const option_row shared[] = {
        { "cell", 0, OPTION_TEXT, "NAME", "lstm, gru, lstm.layer_norm, ...; default lstm", &a->stack.cell, 0, 0 },
        { "hidden", 0, OPTION_COUNT, "N", "units of each layer and direction", &a->stack.hidden, 1, 65536 },
        { "layers", 0, OPTION_COUNT, "N", "of the stack", &a->stack.layers, 1, EDDY_MAX_LAYERS },
        { "dropout", 0, OPTION_NUMBER, "P", "share of the units left out while training", &a->stack.dropout, 0, 0.95 },
        { "epochs", 0, OPTION_COUNT, "N", "passes over the training data, at most", &t->epochs, 1, 1e9 },
        { "seconds", 0, OPTION_POSITIVE, "X", "budget of time; the rate falls with it", &t->seconds, 0, 1e9 },
        { "patience", 0, OPTION_COUNT, "N", "ends after so many validations without a better one", &t->patience, 1,
          1e9 },
        { "lr", 0, OPTION_POSITIVE, "X", "Adam's largest rate; it falls on a half cosine", &recipe->lr, 0, 1e3 },
        { "warmup", 0, OPTION_COUNT, "N", "steps in which the rate rises", &t->warmup, 0, 1e9 },
        { "clip", 0, OPTION_NUMBER, "X", "largest norm of the gradient", &recipe->clip, 0, 1e30 },
        { "decay", 0, OPTION_NUMBER, "X", "weight decay (AdamW)", &recipe->decay, 0, 10 },
        { "average", 0, OPTION_NUMBER, "X", "use a moving average of the weights with this decay, 0.999 for example",
          &recipe->average, 0, 0.999999 },
        { "seed", 0, OPTION_SEED, "N", "of weights, order and masks; default 42", &a->seed, 0, 0 },
        { "threads", 0, OPTION_COUNT, "N", "that programs run on; the result is the same", &a->threads, 1, 64 },
        { "out", 'o', OPTION_TEXT, "FILE", "the best model; the last state stands beside it as NAME.last.safetensors",
          &a->out, 0, 0 },
        { "resume", 0, OPTION_FLAG, NULL, "go on from that last state, to the same bits", &a->resume, 0, 0 },
        { "log", 0, OPTION_TEXT, "FILE", "step, epoch, loss, validation, best, rate, seconds", &a->log, 0, 0 },
        { "json", 0, OPTION_FLAG, NULL, "print one JSON object instead of the table", &a->json, 0, 0 },
        { "quiet", 'q', OPTION_FLAG, NULL, "only the result", &a->quiet, 0, 0 },
        { "demo", 0, OPTION_FLAG, NULL, "learn from a generated example", &a->demo, 0, 0 },
    };
    memcpy(rows + count, shared, sizeof shared);
    return count + sizeof shared / sizeof *shared;
}

/* Begins: --threads counts for what is compiled from now on. */
static bool begin(const app *a, eddy_status *status)
{
    if (a->threads)
        eddy_set_threads((int)a->threads);
    if (!a->data == a->demo)
        return true;
    return eddy_status_fail(status, a->data ? "--demo makes its own data, so it does not go with --data."
                                            : "--data FILE is needed; --demo shows the task with a generated example.");
}

/* Model and checkpoint can be written and are not the data. Without --out they go to `folder`, which is made. */
static bool choose_places(app *a, const char *folder, eddy_status *status)
{
    if (a->out && !strcmp(a->out, "-"))
        return eddy_status_fail(status, "--out takes the name of a file: the state to resume with stands beside it.");
    int n = a->out ? snprintf(a->model, sizeof a->model, "%s", a->out)
                   : snprintf(a->model, sizeof a->model, "%s/model.safetensors", folder);
    if (n < 0 || (size_t)n >= sizeof a->model ||
        !training_checkpoint_path(a->model, a->checkpoint, sizeof a->checkpoint))
        return eddy_status_fail(status, "The path of --out is too long.");
    const char *places[] = { a->model, a->checkpoint, a->log };
    for (int i = 0; i < 3; i++)
        for (int k = -1; places[i] && k < i; k++) {
            const char *other = k < 0 ? a->data : places[k];
            if (other && output_same(places[i], other))
                return eddy_status_fail(status, "%s would be overwritten: choose another place for the results.",
                                        output_shown(other));
        }
    if (!a->out && mkdir(folder, 0777) && errno != EEXIST)
        return eddy_status_fail(status, "The folder %s cannot be made here: %s. --out FILE puts the results elsewhere.",
                                folder, strerror(errno));
    if (!a->training.epochs && !(a->training.seconds > 0))
        a->training.epochs = a->usual_epochs;
    a->training.model = a->model;
    a->training.checkpoint = a->checkpoint;
    a->training.resume = a->resume;
    return eddy_writer_check(a->model, status) && eddy_writer_check(a->checkpoint, status);
}

/* ---- Log ---- */

/* The log goes to the disk line by line, so that a killed training has one; a resumed one keeps the lines up to its
 * checkpoint. */
static bool open_log(app *a, int64_t step, eddy_status *status)
{
    static const char header[] = "step,epoch,loss,validation,best,rate,seconds\n";
    if (!a->log)
        return true;
    if (!strcmp(a->log, "-")) {
        a->log_stream = stdout;
        fputs(header, stdout);
        return true;
    }
    a->log_stream = a->resume ? fopen(a->log, "r+") : NULL;
    long end = 0;
    char line[512];
    while (a->log_stream && fgets(line, sizeof line, a->log_stream)) {
        if (!strchr(line, '\n') || (end && strtoll(line, NULL, 10) > step))
            break;
        end = ftell(a->log_stream);
    }
    if (a->log_stream && (fseek(a->log_stream, end, SEEK_SET) || ftruncate(fileno(a->log_stream), end)))
        return eddy_status_fail(status, "%s cannot be written: %s.", output_shown(a->log), strerror(errno));
    if (!a->log_stream)
        a->log_stream = fopen(a->log, "w");
    if (!a->log_stream)
        return eddy_status_fail(status, "%s cannot be written: %s.", output_shown(a->log), strerror(errno));
    if (!end)
        fputs(header, a->log_stream);
    return true;
}

/* ---- Progress ---- */

static const char *clock_text(char out[32], double seconds)
{
    int64_t whole = (int64_t)fmin(seconds + 0.5, 1e9);
    if (!(seconds >= 0))
        return "?";
    snprintf(out, 32, "%" PRId64 ":%02d:%02d", whole / 3600, (int)(whole / 60 % 60), (int)(whole % 60));
    return out;
}

static void show_validation(app *a, const training_state *now)
{
    char time[32];
    if (!a->quiet)
        fprintf(stderr, "%sepoch %-5" PRId64 " step %-7" PRId64 " loss %-9.5g held out %.5g %s%s   %s\n",
                isatty(2) ? "\r\033[K" : "", now->epoch, now->step, now->loss, now->validation, a->unit,
                now->better ? " *" : "  ", clock_text(time, now->elapsed));
    if (a->log_stream) {
        fprintf(a->log_stream, "%" PRId64 ",%" PRId64 ",%.9g,%.9g,%.9g,%.9g,%.3f\n", now->step, now->epoch, now->loss,
                now->validation, now->best, now->rate, now->elapsed);
        fflush(a->log_stream);
    }
    if (!a->quiet && a->validated)
        a->validated(a->context);
}

static bool on_report(void *context, const training_state *now)
{
    app *a = context;
    double clock = training_seconds();
    if (now->validated) {
        show_validation(a, now);
    } else if (!a->quiet && isatty(2) && clock - a->shown > 0.1) {
        char left[32];
        a->shown = clock;
        fprintf(stderr, "\r\033[Kepoch %" PRId64 "   step %" PRId64 "   loss %.5g   rate %.3g   %s left", now->epoch,
                now->step, now->loss, now->rate, clock_text(left, now->left));
        fflush(stderr);
    }
    return !interrupt_noted();
}

/* ---- Training ---- */

/* The loop hands its job's context to every callback; here two have each their own. */
typedef struct both {
    app *app;
    const training_job *job;
} both;

static bool step_of(void *context, int64_t epoch, int64_t step, double *loss, eddy_status *status)
{
    const training_job *job = ((both *)context)->job;
    return job->step(job->context, epoch, step, loss, status);
}

static bool validate_of(void *context, double *loss, eddy_status *status)
{
    const training_job *job = ((both *)context)->job;
    return job->validate(job->context, loss, status);
}

static bool report_of(void *context, const training_state *now)
{
    return on_report(((both *)context)->app, now);
}

static bool step_of_checkpoint(const app *a, int64_t *step, eddy_status *status)
{
    card c;
    *step = 0;
    if (!a->resume)
        return true;
    bool ok = card_open(&c, a->checkpoint, NULL, status);
    if (ok) {
        const char *text = card_find(&c, "checkpoint.step");
        *step = text ? strtoll(text, NULL, 10) : 0;
        card_free(&c);
    }
    return ok;
}

bool app_train(app *a, const training_job *job, eddy_status *status)
{
    both context = { a, job };
    training_job outer = *job;
    outer.context = &context;
    outer.step = step_of;
    outer.validate = validate_of;
    outer.report = report_of;
    int64_t step;
    if (!step_of_checkpoint(a, &step, status) || !open_log(a, step, status))
        return false;
    interrupt_catch();
    bool ok = training_run(&outer, &a->training, &a->state, &a->end, status);
    if (isatty(2) && !a->quiet)
        fprintf(stderr, "\r\033[K");
    if (a->log_stream && a->log_stream != stdout && fclose(a->log_stream))
        ok = ok && eddy_status_fail(status, "%s could not be written: %s.", output_shown(a->log), strerror(errno));
    a->log_stream = NULL;
    return ok;
}

/* ---- Results ---- */

/* "stopped early after 12 epochs (1234 steps, 0:01:23); best 1.234 nats in step 1200" */
static void print_end(const app *a)
{
    static const char *const why[] = { "all epochs done", "the time is over", "no better for a while", "interrupted" };
    char time[32];
    if (!a->quiet)
        fprintf(stderr, "%s: %" PRId64 " steps, %" PRId64 " epochs, %s; best %.5g %s in step %" PRId64 ". Model %s\n",
                why[a->end], a->state.step, a->state.epoch, clock_text(time, a->state.elapsed), a->state.best, a->unit,
                a->state.best_step, output_shown(a->model));
}

void app_print_verdict(const char *what, double ours, const char *floor_name, double floor, bool lower)
{
    double by = lower ? floor - ours : ours - floor;
    if (by > 0)
        printf("The model beats its floor: %s %.4g, %s %.4g.\n", what, ours, floor_name, floor);
    else
        printf("The model does NOT beat its floor: %s %.4g, %s %.4g.\n", what, ours, floor_name, floor);
}

void app_json_begin(const app *a, const char *task)
{
    static const char *const why[] = { "epochs", "time", "patience", "interrupted" };
    printf("{ \"task\": \"%s\", \"model\": ", task);
    output_json_text(stdout, a->model);
    printf(", \"seed\": %" PRIu64 ", \"steps\": %" PRId64 ", \"epochs\": %" PRId64 ", \"ended_by\": \"%s\", "
           "\"best\": %.17g, \"best_step\": %" PRId64 ", \"seconds\": %.3f",
           a->seed, a->state.step, a->state.epoch, why[a->end], a->state.best, a->state.best_step, a->state.elapsed);
}

/* ---- The command ---- */

static bool train(app *a, const app_task *task, void *run, eddy_status *status)
{
    if (task->train)
        return task->train(run, status);
    const training_job job = task->job(run);
    return app_train(a, &job, status);
}

int app_main(app *a, const app_task *task, void *run, const options *line, int argc, char **argv)
{
    int first, wrong = options_parse(line, argc, argv, &first);
    if (wrong != OPTIONS_GO_ON)
        return wrong;
    eddy_status status = { 0 };
    a->unit = "nats";
    if (!begin(a, &status) || !task->prepare(run, &status) || !choose_places(a, task->name, &status))
        return command_wrong(line->command, "%s", status.text);
    if (!a->quiet)
        task->announce(run);
    if (!train(a, task, run, &status))
        return command_failed(line->command, "%s", status.text);
    print_end(a);
    if (!a->state.best_step)
        return COMMAND_FAILED;
    if (task->measure && !task->measure(run, &status))
        return command_failed(line->command, "%s", status.text);
    task->print(run);
    return COMMAND_DONE;
}
