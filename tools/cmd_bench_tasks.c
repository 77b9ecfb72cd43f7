/* eddy bench-tasks: how many sequences an LSTM needs for the tasks with which it was published, beside the figures of
 * the paper. */
#include "commands.h"
#include "options.h"

#include "task_train.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_SEEDS = 1000, SMOKE_SEQUENCES = 256 };

typedef struct settings {
    int64_t seeds, first, most; /* most 0: three times the paper's figure */
    bool json, smoke, list;
} settings;

static const char *task_name(const void *list, size_t i)
{
    (void)list;
    return i < TASK_COUNT ? task_of((task_kind)i)->name : NULL;
}

/* ---- Progress: one line that is written over, on a terminal only ---- */

typedef struct progress {
    const task *task;
    uint64_t seed;
    int64_t shown;
} progress;

static bool show(void *context, int64_t sequences, double error, int64_t in_a_row)
{
    progress *p = context;
    if (sequences - p->shown >= 500) {
        p->shown = sequences;
        fprintf(stderr, "\r%s, seed %" PRIu64 ": %" PRId64 " sequences, mean error %.4f, %" PRId64 " right in a row   ",
                p->task->name, p->seed, sequences, error, in_a_row);
        fflush(stderr);
    }
    return true;
}

static void wipe(const progress *p)
{
    if (p->shown)
        fprintf(stderr, "\r%79s\r", "");
}

/* ---- Reports ---- */

static void describe(const task *t, FILE *stream)
{
    const task_settings *o = task_settings_of(t);
    fprintf(stream, "%s (task %s): %s.\n  Success: %s.\n  LSTM(%" PRId64 "->%" PRId64 ")%s, Adam %g", t->name,
            t->number, t->about, t->criterion, t->inputs, o->hidden,
            o->direct ? ", direct connections from input to output" : "", o->lr);
    if (o->anneal > 0)
        fprintf(stream, " times clamp(recent error / %g, %g, 1)", o->anneal, o->least);
    if (o->beta2 > 0)
        fprintf(stream, ", beta2 %g", o->beta2);
    if (o->last > 0)
        fprintf(stream, ", the last step's loss times %g", o->last);
    fprintf(stream, ", batches of %" PRId64 ", clipping at %g, ", o->batch, o->clip);
    if (o->chrono > 0)
        fprintf(stream, "chrono initialisation for %g steps.\n", o->chrono);
    else
        fprintf(stream, "forget bias %g.\n", o->forget_bias);
    if (o->in_a_row > t->in_a_row)
        fprintf(stream,
                "  Training goes on until the last %" PRId64
                " are right, more than the criterion asks, and these count too.\n",
                o->in_a_row);
    if (t->loss_below > 0)
        fprintf(stream, "  In the paper: LSTM %g, %s; at chance %.4g. Here at most %" PRId64 " sequences.\n",
                t->paper_loss, t->paper_note, t->chance, t->paper);
    else
        fprintf(stream, "  In the paper: %" PRId64 " sequences, %s.\n", t->paper, t->paper_note);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The middle of n numbers; sorts them. */
static double median(int64_t *value, int64_t n)
{
    qsort(value, (size_t)n, sizeof *value, compare);
    return n % 2 ? (double)value[n / 2] : ((double)value[n / 2 - 1] + (double)value[n / 2]) / 2;
}

static void print_seed(const task *t, uint64_t seed, const task_result *r)
{
    printf("  seed %-6" PRIu64 " ", seed);
    if (t->loss_below > 0)
        printf("%s %" PRId64 " sequences; loss of %" PRId64 " fresh ones %.3g\n",
               r->solved ? "solved in" : "not solved in", r->presented, r->tested, r->loss);
    else if (r->solved)
        printf("%8" PRId64 " sequences (the criterion held first after %" PRId64 "), then %" PRId64 " of %" PRId64
               " wrong\n",
               r->sequences, r->first, r->wrong, r->tested);
    else
        printf("not solved in %" PRId64 " sequences\n", r->presented);
}

static void print_seed_json(const task *t, uint64_t seed, const task_result *r, bool comma)
{
    printf("%s{\"seed\": %" PRIu64 ", \"solved\": %s, \"sequences\": %" PRId64 ", \"updates\": %" PRId64,
           comma ? ", " : "", seed, r->solved ? "true" : "false", r->sequences, r->updates);
    if (t->loss_below > 0)
        printf(", \"loss\": %.6g", r->loss);
    else if (r->solved)
        printf(", \"first\": %" PRId64 ", \"tested\": %" PRId64 ", \"wrong\": %" PRId64, r->first, r->tested, r->wrong);
    printf("}");
}

/* Returns how many seeds were solved, -1 after a failure. */
static int64_t bench(const task *t, const settings *s, int64_t *sequences, bool comma, eddy_status *status)
{
    int64_t solved = 0, worst_wrong = 0,
            most = s->most             ? s->most
                   : s->smoke          ? SMOKE_SEQUENCES
                   : t->loss_below > 0 ? t->paper
                                       : 3 * t->paper;
    const task_settings *o = task_settings_of(t);
    if (s->json)
        printf("%s{\"task\": \"%s\", \"number\": \"%s\", \"paper_sequences\": %" PRId64 ", \"hidden\": %" PRId64
               ", \"batch\": %" PRId64 ", \"max_sequences\": %" PRId64 ", \"runs\": [",
               comma ? ",\n " : "[", t->name, t->number, t->paper, o->hidden, o->batch, most);
    else
        describe(t, stdout);
    task_result r = { 0 };
    for (int64_t i = 0; i < s->seeds; i++) {
        progress p = { t, (uint64_t)(s->first + i), 0 };
        fflush(stdout);
        bool ok = task_train(t, NULL, p.seed, most, isatty(STDERR_FILENO) ? show : NULL, &p, &r, status);
        wipe(&p);
        if (!ok) {
            printf(s->json ? "], \"complete\": false}" : "");
            return -1;
        }
        if (s->json)
            print_seed_json(t, p.seed, &r, i > 0);
        else
            print_seed(t, p.seed, &r);
        if (r.solved) {
            sequences[solved++] = r.sequences;
            worst_wrong = r.wrong > worst_wrong ? r.wrong : worst_wrong;
        }
    }
    double middle = solved ? median(sequences, solved) : 0;
    int64_t worst = solved ? sequences[solved - 1] : 0;
    if (s->json) {
        printf("], \"parameters\": %" PRId64 ", \"solved\": %" PRId64 ", \"seeds\": %" PRId64, r.parameters, solved,
               s->seeds);
        if (solved)
            printf(", \"median\": %.10g, \"worst\": %" PRId64 ", \"worst_wrong\": %" PRId64, middle, worst,
                   worst_wrong);
        printf("}");
        return solved;
    }
    printf("  %" PRId64 " of %" PRId64 " seeds solved, %" PRId64 " parameters", solved, s->seeds, r.parameters);
    if (solved && t->loss_below > 0)
        printf("; of these: median %.10g, worst %" PRId64, middle, worst);
    else if (solved)
        printf("; of these: median %.10g, worst %" PRId64 " (the paper: %" PRId64
               ", so the worst is %.2f of it), at most %" PRId64 " wrong",
               middle, worst, t->paper, (double)worst / (double)t->paper, worst_wrong);
    printf(".\n\n");
    return solved;
}

static int run(const settings *s, const task *const *chosen, size_t count)
{
    eddy_status status = { 0 };
    int64_t *sequences = eddy_allocate((size_t)s->seeds, sizeof *sequences);
    if (!sequences)
        return command_failed("bench-tasks", "there is no memory.");
    bool all = true, ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        int64_t solved = bench(chosen[i], s, sequences, i > 0, &status);
        ok = solved >= 0;
        all = all && solved == s->seeds;
    }
    eddy_free(sequences);
    if (s->json)
        printf("]\n");
    if (!ok)
        return command_failed("bench-tasks", "%s", status.text);
    /* a smoke run asks only whether everything runs */
    return all || s->smoke ? COMMAND_DONE : COMMAND_FAILED;
}

int eddy_cmd_bench_tasks(int argc, char **argv)
{
    settings s = { .seeds = 5, .first = 1 };
    const option_row rows[] = {
        { "seeds", 0, OPTION_COUNT, "N", "runs of each task, each with its own weights and sequences; default 5",
          &s.seeds, 1, MOST_SEEDS },
        { "first-seed", 0, OPTION_COUNT, "N", "the seed of the first run; default 1", &s.first, 0, 1e9 },
        { "max-sequences", 0, OPTION_COUNT, "N", "give a run up after so many; default three times the paper's figure",
          &s.most, 1, 1e9 },
        { "json", 0, OPTION_FLAG, NULL, "print one JSON array of tasks", &s.json, 0, 0 },
        { "smoke", 0, OPTION_FLAG, NULL, "one seed and 256 sequences of each task, solved or not: does everything run?",
          &s.smoke, 0, 0 },
        { "list", 0, OPTION_FLAG, NULL, "describe the tasks and what they are trained with, and run none", &s.list, 0,
          0 },
    };
    const options line = {
        .command = "bench-tasks",
        .usage = "bench-tasks [TASK...] [OPTIONS]",
        .about =
            "Trains an LSTM on the tasks of Hochreiter & Schmidhuber (1997) and counts the sequences until "
            "success, beside the paper's figure. "
            "Tasks, by\n"
            "name or number: reber (1), lag (2a), lag-random (2b), adding (4), order (6a); default: all of these. "
            "Seeds are 1, 2, ...: nothing is chosen.\n"
            "adding-600 and copy-1000, on which Bai, Kolter & Koltun's (2018) LSTMs stayed at chance, take an hour "
            "or more: only when named.\n"
            "The exit status is 0 if every seed of every task was solved, else 1.",
        .examples = "  eddy bench-tasks --list                      what the tasks are\n"
                    "  eddy bench-tasks reber --seeds 10            one task from ten seeds\n"
                    "  eddy bench-tasks adding-600 --seeds 1        where an LSTM was said to stay at chance\n"
                    "  eddy bench-tasks --smoke                     does everything run?\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 0,
        .most = TASK_COUNT,
    };
    int first, status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    const task *chosen[TASK_COUNT];
    size_t count = 0;
    for (int i = first; i < argc; i++) {
        const task *t = task_find(argv[i]);
        const char *near = t ? NULL : options_nearest(argv[i], task_name, NULL);
        if (!t && near)
            return command_wrong("bench-tasks", "there is no task \"%s\". Did you mean \"%s\"?", argv[i], near);
        if (!t)
            return command_wrong("bench-tasks", "there is no task \"%s\"; 'eddy bench-tasks --list' describes them.",
                                 argv[i]);
        chosen[count++] = t;
    }
    for (int kind = 0; first >= argc && kind < TASK_COUNT; kind++)
        if (s.list || !(task_of((task_kind)kind)->loss_below > 0))
            chosen[count++] = task_of((task_kind)kind);
    if (s.smoke)
        s.seeds = 1;
    for (size_t i = 0; s.list && i < count; i++)
        describe(chosen[i], stdout);
    return s.list ? COMMAND_DONE : run(&s, chosen, count);
}
