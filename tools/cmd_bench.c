/* eddy bench: how fast training steps of networks are recorded, planned and run here, beside what this machine's
 * processor can do. */
#include "commands.h"
#include "networks.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The shapes by name; those of docs/performance.md. */
static const struct size {
    const char *name;
    network_size size;
} sizes[] = {
    { "small", { .steps = 50, .batch = 16, .input = 32, .hidden = 32 } },
    { "tutorial", { .steps = 20, .batch = 800, .input = 1, .hidden = 64 } },
    { "med", { .steps = 100, .batch = 32, .input = 128, .hidden = 256 } },
    { "large", { .steps = 50, .batch = 64, .input = 512, .hidden = 512 } },
};
enum { SIZES = sizeof sizes / sizeof *sizes, MOST_RUNS = 1000, MOST_GROUPS = 1000 };

typedef struct settings {
    double seconds;
    int64_t threads;
    int dtype;
    bool inference, json;
} settings;

typedef struct measured {
    double record, plan, first, run; /* seconds; run: the median */
    double products;                 /* operations of a run */
    eddy_program_stats stats;
} measured;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    return values[count / 2];
}

static double count_products(const eddy_program *program)
{
    static eddy_program_group groups[MOST_GROUPS];
    int64_t count = eddy_program_groups(program, groups, MOST_GROUPS);
    double products = 0;
    for (int64_t k = 0; k < count; k++)
        products += groups[k].is_product ? groups[k].operations : 0;
    return products;
}

/* False with the tape's failure. */
static bool measure(eddy_tape *tape, const network *model, const network_size *size, const settings *s, measured *m)
{
    double began = now();
    network_step step = network_record_step(tape, model, size, s->inference);
    double recorded = now();
    eddy_program *program = eddy_compile(tape, step.outputs, step.updates);
    double planned = now();
    m->record = recorded - began;
    m->plan = planned - recorded;
    if (!program || !network_fill(tape) || !eddy_run(program))
        return false;
    m->first = now() - planned;
    m->stats = eddy_program_describe(program);
    m->products = count_products(program);
    static double runs[MOST_RUNS];
    int count = 0;
    for (double start = now(); count < 3 || (count < MOST_RUNS && now() - start < s->seconds); count++) {
        double before = now();
        if (!eddy_run(program))
            return false;
        runs[count] = now() - before;
    }
    m->run = median(runs, count);
    return true;
}

static void print_row(const network *model, const struct size *size, const settings *s, double peak, const measured *m)
{
    const network_size *z = &size->size;
    double rate = m->products / m->run * 1e-9, unit = 4.0 * (double)(z->steps * z->batch * z->hidden);
    if (s->json)
        printf(
            "{\"schema\": \"eddy-bench-1\", \"network\": \"%s\", \"size\": \"%s\", \"steps\": %lld, \"batch\": %lld, "
            "\"input\": %lld, \"hidden\": %lld, \"dtype\": \"%s\", \"training\": %s, \"threads\": %d, "
            "\"peak_gflops\": %.1f, \"record_s\": %.6f, \"plan_s\": %.6f, \"first_run_s\": %.6f, \"run_s\": %.9f, "
            "\"product_operations\": %.0f, \"gflops\": %.2f, \"bytes\": %lld}\n",
            model->name, size->name, (long long)z->steps, (long long)z->batch, (long long)z->input,
            (long long)z->hidden, s->dtype ? "f64" : "f32", s->inference ? "false" : "true", eddy_threads(), peak,
            m->record, m->plan, m->first, m->run, m->products, rate, (long long)m->stats.bytes);
    else
        printf("%-10s %-9s %9.2f %9.2f %10.3f %9.3f %9.1f %7.0f%% %9.1f %7.1f\n", model->name, size->name,
               1e3 * m->record, 1e3 * m->plan, 1e3 * m->run, 1e-9 * m->products, rate, 100 * rate / peak,
               1e-6 * (double)m->stats.bytes, (double)m->stats.bytes / unit);
    fflush(stdout);
}

static bool is_size(const char *word)
{
    for (size_t k = 0; k < SIZES; k++)
        if (!strcmp(word, sizes[k].name))
            return true;
    return false;
}

/* Are there words of that kind, and is this one of them? All are meant where none is named. */
static bool is_meant(const char *name, int count, char **words, bool of_sizes)
{
    bool any = false;
    for (int k = 0; k < count; k++) {
        const network *model = is_size(words[k]) ? NULL : network_find(words[k]);
        if (is_size(words[k]) != of_sizes)
            continue;
        any = true;
        if (!strcmp(of_sizes ? words[k] : model->name, name))
            return true;
    }
    return !any && (of_sizes || !strcmp(name, "lstm") || !strcmp(name, "gru"));
}

static int run_all(const settings *s, int count, char **words)
{
    const double peak = eddy_peak() * eddy_threads() / (s->dtype ? 2 : 1);
    if (!s->json) {
        printf("%d thread%s, %s: %.1f GFLOP/s is the peak of multiply-adds, measured now\n\n", eddy_threads(),
               eddy_threads() == 1 ? "" : "s", s->dtype ? "f64" : "f32", peak);
        printf("%-10s %-9s %9s %9s %10s %9s %9s %8s %9s %7s\n", "network", "size", "record ms", "plan ms", "run ms",
               "GFLOP", "GFLOP/s", "of peak", "MB", "x TBH4");
    }
    for (size_t i = 0; network_at(i); i++)
        for (size_t k = 0; k < SIZES; k++) {
            const network *model = network_at(i);
            if (!is_meant(model->name, count, words, false) || !is_meant(sizes[k].name, count, words, true))
                continue;
            eddy_tape *tape = eddy_tape_new(s->dtype ? EDDY_F64 : EDDY_F32, 1);
            measured m;
            bool done = measure(tape, model, &sizes[k].size, s, &m);
            int status = done ? COMMAND_DONE : command_failed("bench", "%s", eddy_error(tape));
            eddy_tape_free(tape);
            if (!done)
                return status;
            print_row(model, &sizes[k], s, peak, &m);
        }
    return COMMAND_DONE;
}

int eddy_cmd_bench(int argc, char **argv)
{
    settings s = { .seconds = 1 };
    const option_row rows[] = {
        { "threads", 0, OPTION_COUNT, "N", "threads; otherwise EDDY_THREADS, or the processors", &s.threads, 1, 64 },
        { "dtype", 0, OPTION_CHOICE, "f32|f64", "of the numbers", &s.dtype, 0, 0 },
        { "seconds", 0, OPTION_POSITIVE, "S", "to run each; the median of its runs is shown", &s.seconds, 0, 3600 },
        { "inference", 0, OPTION_FLAG, NULL, "the forward part only, without gradients and optimiser", &s.inference, 0,
          0 },
        { "json", 0, OPTION_FLAG, NULL, "for programs: one JSON object a line", &s.json, 0, 0 },
    };
    const options line = { .command = "bench",
                           .usage = "bench [NETWORK | SIZE ...] [OPTIONS]",
                           .about = "Measures training steps (forward, backward, clipping, Adam): recording, planning "
                                    "and running apart, the arithmetic of their matrix products, and what share of "
                                    "the processor's peak that is.\n"
                                    "Networks are those of 'eddy graph', by default lstm and gru; sizes are small, "
                                    "tutorial, med and large.",
                           .examples = "  eddy bench                          lstm and gru, every size\n"
                                       "  eddy bench lstm med --threads 1\n"
                                       "  eddy bench gru small large --json\n",
                           .rows = rows,
                           .count = sizeof rows / sizeof *rows,
                           .least = 0,
                           .most = -1 };
    int first;
    int status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    for (int k = first; k < argc; k++)
        if (!is_size(argv[k]) && !network_find(argv[k])) {
            const char *near = options_nearest(argv[k], network_name, &(network_offer){ NULL });
            return command_wrong("bench", "\"%s\" is no network and no size%s%s%s; 'eddy bench --help' names them.",
                                 argv[k], near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
        }
    if (s.threads)
        eddy_set_threads((int)s.threads);
    return run_all(&s, argc - first, argv + first);
}
