/* What the trainings of the program share. */
#include "app.h"
#include "interrupt.h"
#include "plot.h"

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
    a->schedule = -1;
    const option_row shared[] = {
        { "cell", 0, OPTION_TEXT, "NAME", "lstm, gru, mgu, lstm.layer_norm, ...; default lstm", &a->stack.cell, 0, 0 },
        { "hidden", 0, OPTION_COUNT, "N", "units of each layer and direction", &a->stack.hidden, 1, 65536 },
        { "layers", 0, OPTION_COUNT, "N", "of the stack", &a->stack.layers, 1, EDDY_MAX_LAYERS },
        { "dropout", 0, OPTION_NUMBER, "P", "share of the units left out while training", &a->stack.dropout, 0, 0.95 },
        { "zoneout", 0, OPTION_NUMBER, "P", "share of the state that stays as it was, while training",
          &a->stack.zoneout, 0, 0.95 },
        { "epochs", 0, OPTION_COUNT, "N", "passes over the training data, at most", &t->epochs, 1, 1e9 },
        { "seconds", 0, OPTION_POSITIVE, "X", "budget of time; the rate falls with it", &t->seconds, 0, 1e9 },
        { "patience", 0, OPTION_COUNT, "N", "ends after so many validations without a better one", &t->patience, 1,
          1e9 },
        { "lr", 0, OPTION_POSITIVE, "X", "Adam's largest rate", &recipe->lr, 0, 1e3 },
        { "schedule", 0, OPTION_CHOICE, "cosine|linear|constant",
          "how it falls to a fiftieth over the epochs or seconds", &a->schedule, 0, 0 },
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
        { "log", 0, OPTION_TEXT, "FILE", "epoch, loss, grad_norm, step, validation, best, rate, seconds", &a->log, 0,
          0 },
        { "json", 0, OPTION_FLAG, NULL, "print one JSON object instead of the table", &a->json, 0, 0 },
        { "quiet", 'q', OPTION_FLAG, NULL, "only the result", &a->quiet, 0, 0 },
        { "demo", 0, OPTION_FLAG, NULL, "learn from a generated example", &a->demo, 0, 0 },
    };
    memcpy(rows + count, shared, sizeof shared);
    return count + sizeof shared / sizeof *shared;
}

/* Begins: --threads counts for what is compiled from now on. */
static bool begin(app *a, const app_task *task, eddy_status *status)
{
    if (a->threads)
        eddy_set_threads((int)a->threads);
    if (task->own_data)
        a->demo = a->demo || !a->data;
    if (!a->data == a->demo)
        return true;
    return eddy_status_fail(status, a->data ? "--demo makes its own data, so it does not go with --data."
                                            : "--data FILE is needed; --demo shows the task with a generated example.");
}

bool app_beside(const app *a, const char *name, char out[APP_PATH], eddy_status *status)
{
    int n = snprintf(out, APP_PATH, "%s%s", a->folder, name);
    return (n >= 0 && n < APP_PATH) || eddy_status_fail(status, "The path of --out is too long.");
}

bool app_part(app *a, const char *base, const char *name, eddy_status *status)
{
    size_t length = strlen(base), tail = strlen(".safetensors");
    length -= length > tail && !strcmp(base + length - tail, ".safetensors") ? tail : 0;
    int n = name ? snprintf(a->model, APP_PATH, "%.*s.%s.safetensors", (int)length, base, name)
                 : snprintf(a->model, APP_PATH, "%s", base);
    if (n < 0 || n >= APP_PATH || !training_checkpoint_path(a->model, a->checkpoint, APP_PATH))
        return eddy_status_fail(status, "The path of --out is too long.");
    a->training.model = a->streamed ? NULL : a->model;
    a->training.checkpoint = a->streamed ? NULL : a->checkpoint;
    return true;
}

/* What is written is written once, and reads nothing away. */
static bool distinct(const app *a, const app_place *place, size_t count, eddy_status *status)
{
    for (size_t i = 0; i < count; i++) {
        if (!place[i].path)
            continue;
        if (a->data && output_same(place[i].path, a->data))
            return eddy_status_fail(status, "%s would overwrite the data, %s.", place[i].meaning, a->data);
        if (a->init && i && output_same(place[i].path, a->init))
            return eddy_status_fail(status, "%s would overwrite the weights of --init, %s.", place[i].meaning, a->init);
        for (size_t k = 0; k < i; k++)
            if (place[k].path && output_same(place[i].path, place[k].path))
                return eddy_status_fail(status, "%s and %s are the same file, %s.", place[k].meaning, place[i].meaning,
                                        place[i].path);
    }
    for (size_t i = 0; i < count; i++)
        if (place[i].path && strcmp(place[i].path, "-") && !eddy_writer_check(place[i].path, status))
            return false;
    return true;
}

static bool name_places(app *a, const char *task, eddy_status *status)
{
    struct stat about;
    if (a->out && !strcmp(a->out, "-"))
        return eddy_status_fail(status, "--out takes the name of a file: the state to resume with stands beside it.");
    a->streamed = a->out && !stat(a->out, &about) && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
    bool usual = !a->out || a->streamed; /* beside a pipe is no place for results */
    int n = usual ? snprintf(a->folder, sizeof a->folder, "%s/", task)
                  : (output_folder(a->out, a->folder, sizeof a->folder) ? 0 : APP_PATH);
    if (n < 0 || n >= APP_PATH || !app_beside(a, "model.safetensors", a->model, status))
        return eddy_status_fail(status, "The path of --out is too long.");
    if (a->out && snprintf(a->model, sizeof a->model, "%s", a->out) >= APP_PATH)
        return eddy_status_fail(status, "The path of --out is too long.");
    if (!training_checkpoint_path(a->model, a->checkpoint, sizeof a->checkpoint))
        return eddy_status_fail(status, "The path of --out is too long.");
    if (a->streamed)
        *a->checkpoint = 0;
    if (!a->log && a->usual_log) {
        if (!app_beside(a, a->usual_log, a->log_path, status))
            return false;
        a->log = a->log_path;
    }
    return true;
}

/* All results can be written and none is the data. Without --out they go to a folder named as the task, which is
 * made. */
static bool choose_places(app *a, const app_task *task, void *run, eddy_status *status)
{
    if (!name_places(a, task->name, status))
        return false;
    char folder[64];
    snprintf(folder, sizeof folder, "%s", task->name);
    bool usual = !a->out || a->streamed, made = usual && !mkdir(folder, 0777);
    if (usual && !made && errno != EEXIST)
        return eddy_status_fail(status, "The folder %s cannot be made here: %s. --out FILE puts the results elsewhere.",
                                folder, strerror(errno));
    app_place place[4 + APP_PLACES] = { { "--out", a->streamed ? NULL : a->model },
                                        { "the state to resume with", a->streamed ? NULL : a->checkpoint },
                                        { "--log", a->log },
                                        { "--plot", a->plot } };
    size_t count = 4 + (task->places ? task->places(run, place + 4) : 0);
    if (!distinct(a, place, count, status)) {
        if (made)
            rmdir(folder);
        return false;
    }
    training_options *t = &a->training;
    if (!t->epochs && !(t->seconds > 0))
        t->epochs = a->usual_epochs;
    t->model = a->streamed ? NULL : a->model;
    t->checkpoint = a->streamed ? NULL : a->checkpoint;
    t->resume = a->resume;
    t->seed = a->seed;
    if (a->schedule >= 0)
        t->schedule = (training_schedule)a->schedule;
    return true;
}

/* ---- Log ---- */

/* The log is written anew, complete or not at all, before each checkpoint; so a killed training has one, and a resumed
 * one keeps the rows up to its checkpoint. */

static const char header[] = "epoch,loss,grad_norm,step,validation,best,rate,seconds\n";
enum { LOG_FIELDS = 8 };

static bool is_stream(const char *path)
{
    struct stat about;
    return !strcmp(path, "-") || (!stat(path, &about) && !S_ISREG(about.st_mode));
}

static void write_number(FILE *stream, const char *before, int digits, double value)
{
    char text[40] = "";
    if (!isnan(value))
        eddy_snprintf(text, sizeof text, "%.*g", digits, value);
    fprintf(stream, "%s%s", before, text);
}

static void write_row(const app *a, FILE *stream, const app_row *row)
{
    int digits = a->digits ? a->digits : 9;
    fprintf(stream, "%" PRId64, row->epoch);
    write_number(stream, ",", digits, row->loss);
    write_number(stream, ",", digits, row->norm);
    fprintf(stream, ",%" PRId64, row->step);
    write_number(stream, ",", digits, row->validation);
    write_number(stream, ",", digits, row->best);
    write_number(stream, ",", 9, row->rate);
    write_number(stream, ",", 6, row->seconds);
    fputc('\n', stream);
}

static bool add_row(app *a, const app_row *row)
{
    if (a->row_count == a->row_room) {
        int64_t room = a->row_room ? 2 * a->row_room : 256;
        app_row *grown = eddy_reallocate(a->rows, (size_t)room, sizeof *grown);
        if (!grown)
            return false;
        a->rows = grown;
        a->row_room = room;
    }
    a->rows[a->row_count++] = *row;
    return true;
}

static bool parse_row(app_row *row, const char *line)
{
    double value[LOG_FIELDS];
    for (int i = 0; i < LOG_FIELDS; i++) {
        size_t length = strcspn(line, ",\n");
        value[i] = NAN;
        if (length && !eddy_parse_number(line, length, &value[i]))
            return false;
        line += length;
        if (*line != (i < LOG_FIELDS - 1 ? ',' : '\n'))
            return false;
        line++;
    }
    *row =
        (app_row){ (int64_t)value[0], (int64_t)value[3], value[1], value[2], value[4], value[5], value[6], value[7] };
    return value[0] >= 0 && value[3] >= 0;
}

/* The rows of an interrupted training up to its checkpoint. */
static bool open_log(app *a, int64_t step, eddy_status *status)
{
    a->row_count = 0;
    if (!a->log || is_stream(a->log)) {
        if (a->log && !strcmp(a->log, "-"))
            fputs(header, stdout);
        return true;
    }
    FILE *stream = a->training.resume ? fopen(a->log, "r") : NULL;
    char line[512];
    app_row row;
    bool ok = true;
    if (stream && fgets(line, sizeof line, stream) && !strcmp(line, header))
        while (ok && fgets(line, sizeof line, stream) && parse_row(&row, line) && row.step <= step)
            ok = add_row(a, &row);
    if (stream)
        fclose(stream);
    return ok || eddy_status_fail(status, "There is no memory for the log.");
}

static bool write_log(const app *a, eddy_status *status)
{
    output file = { 0 };
    if (!a->log || !strcmp(a->log, "-"))
        return true;
    if (!output_open(&file, a->log, status))
        return false;
    fputs(header, file.stream);
    for (int64_t i = 0; i < a->row_count; i++)
        write_row(a, file.stream, &a->rows[i]);
    return output_keep(&file, status);
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

/* Where nothing is held out every epoch is one: ten lines are enough. */
static bool worth_a_line(const app *a, const training_state *now)
{
    int64_t every = now->epochs >= 10 ? now->epochs / 10 : 1;
    return !a->quiet && (!isnan(now->validation) || now->epoch % every == 0 || now->epoch == now->epochs);
}

static void show_validation(app *a, const training_state *now)
{
    char time[32];
    if (!worth_a_line(a, now))
        return;
    fprintf(stderr, "%sepoch %-5" PRId64 " step %-7" PRId64 " loss %-11.6g ", isatty(2) ? "\r\033[K" : "", now->epoch,
            now->step, now->loss);
    if (!isnan(now->norm))
        fprintf(stderr, "gradient norm %-10.4g ", now->norm);
    if (!isnan(now->validation))
        fprintf(stderr, "held out %.5g %s%s  ", now->validation, a->unit, now->better ? " *" : "  ");
    fprintf(stderr, " %s\n", clock_text(time, now->elapsed));
    if (a->validated)
        a->validated(a->context);
}

/* Before each checkpoint: a training that is resumed has all rows up to there. */
static bool save_log(const app *a, eddy_status *status)
{
    return !a->log || is_stream(a->log) || write_log(a, status);
}

static bool note_validation(app *a, const training_state *now, eddy_status *status)
{
    const app_row row = { now->epoch,      now->step, now->loss, now->norm,
                          now->validation, now->best, now->rate, now->elapsed };
    show_validation(a, now);
    if (a->log && !strcmp(a->log, "-")) {
        write_row(a, stdout, &row);
        fflush(stdout);
    }
    if (!add_row(a, &row))
        return eddy_status_fail(status, "There is no memory for the log.");
    return !now->saves || save_log(a, status);
}

static void show_progress(app *a, const training_state *now)
{
    double clock = training_seconds();
    char left[32];
    if (a->quiet || !isatty(2) || clock - a->shown < 0.1)
        return;
    a->shown = clock;
    fprintf(stderr, "\r\033[Kepoch %" PRId64 "   step %" PRId64 "   loss %.5g   rate %.3g   %s left", now->epoch,
            now->step, now->loss, now->rate, clock_text(left, now->left));
    fflush(stderr);
}

/* ---- Training ---- */

/* The loop hands its job's context to every callback; here two have each their own. */
typedef struct both {
    app *app;
    const training_job *job;
    eddy_status log; /* what the log failed with */
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
    both *b = context;
    if (now->validated && !note_validation(b->app, now, &b->log))
        return false;
    if (!now->validated)
        show_progress(b->app, now);
    if (!now->validated && now->saves && !save_log(b->app, &b->log))
        return false;
    return !interrupt_noted();
}

static bool step_of_checkpoint(const app *a, int64_t *step, eddy_status *status)
{
    card c;
    *step = 0;
    if (!a->training.resume)
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
    both context = { .app = a, .job = job };
    training_job outer = *job;
    outer.context = &context;
    outer.step = step_of;
    outer.validate = job->validate ? validate_of : NULL;
    outer.report = report_of;
    int64_t step;
    if (!step_of_checkpoint(a, &step, status) || !open_log(a, step, status))
        return false;
    interrupt_catch();
    bool ok = training_run(&outer, &a->training, &a->state, &a->end, status);
    if (isatty(2) && !a->quiet)
        fprintf(stderr, "\r\033[K");
    if (ok && *context.log.text)
        ok = eddy_status_fail(status, "%s", context.log.text);
    if (ok && a->streamed)
        ok = card_save(job->card, job->tape, eddy_parameters(job->tape), a->model, status);
    eddy_status trouble = { 0 };
    if (!write_log(a, &trouble) && ok)
        ok = eddy_status_fail(status, "%s", trouble.text);
    return ok;
}

/* ---- Results ---- */

/* "no better for a while after 12 epochs (1234 steps, 0:01:23); best 1.234 nats in step 1200" */
static void print_end(const app *a)
{
    char time[32];
    if (!a->quiet || a->end == TRAINING_STOPPED) {
        static const char *const why[] = { "all epochs done", "the time is over", "no better for a while",
                                           "interrupted" };
        fprintf(stderr, "%s after %" PRId64 " epoch%s (%" PRId64 " steps, %s)", why[a->end], a->state.epoch,
                a->state.epoch == 1 ? "" : "s", a->state.step, clock_text(time, a->state.elapsed));
        if (a->state.best_step)
            fprintf(stderr, "; best %.5g %s in step %" PRId64 ". Model %s\n", a->state.best, a->unit,
                    a->state.best_step, output_shown(a->model));
        else
            fprintf(stderr, "; nothing was learned, nothing is saved.\n");
    }
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

bool app_draw_losses(const app *a, const char *path, eddy_status *status)
{
    double *step = eddy_allocate((size_t)a->row_count + 1, 3 * sizeof *step), *loss = step + a->row_count,
           *held_out = loss + a->row_count;
    if (!step)
        return eddy_status_fail(status, "%s was not drawn: there is no memory.", output_shown(path));
    for (int64_t i = 0; i < a->row_count; i++) {
        step[i] = (double)a->rows[i].step;
        loss[i] = a->rows[i].loss;
        held_out[i] = a->rows[i].validation;
    }
    const plot_learning learning = { .step = step,
                                     .loss = loss,
                                     .held_out = held_out,
                                     .count = a->row_count,
                                     .unit = a->unit,
                                     .logarithmic = a->logarithmic,
                                     .floor = a->floor,
                                     .floor_name = a->floor_name };
    const bool drawn = plot_losses(path, &learning, status);
    eddy_free(step);
    return drawn;
}

static int run_task(app *a, const app_task *task, void *run, const options *line, int argc, char **argv)
{
    int first, wrong = options_parse(line, argc, argv, &first);
    if (wrong != OPTIONS_GO_ON)
        return wrong;
    eddy_status status = { 0 };
    a->unit = a->unit ? a->unit : "nats";
    if (!begin(a, task, &status) || !task->prepare(run, &status) || !choose_places(a, task, run, &status))
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
    if (a->plot && !app_draw_losses(a, a->plot, &status)) /* a picture that cannot be drawn fails nothing */
        fprintf(stderr, "eddy %s: %s\n", line->command, status.text);
    else if (a->plot && !a->quiet)
        fprintf(stderr, "picture %s\n", output_shown(a->plot));
    task->print(run);
    return COMMAND_DONE;
}

int app_main(app *a, const app_task *task, void *run, const options *line, int argc, char **argv)
{
    int result = run_task(a, task, run, line, argc, argv);
    eddy_free(a->rows);
    a->rows = NULL;
    return result;
}
