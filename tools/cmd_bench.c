/* eddy bench: how fast training steps of networks are recorded, planned and run here, beside what this machine's
 * processor can do. */
#include "commands.h"
#include "bench/measure.h"
#include "options.h"

#include <stdio.h>
#include <string.h>

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
enum { SIZES = sizeof sizes / sizeof *sizes };

static const struct part {
    const char *name;
    bool (*run)(double seconds, bool f64, bool json);
} parts[] = { { "machine", bench_machine },
              { "products", bench_products },
              { "functions", bench_functions },
              { "stream", bench_stream } };
enum { PARTS = sizeof parts / sizeof *parts };

/* What "cells" stands for. */
static const char *const cells[] = { "lstm",  "gru",    "rnn", "bilstm", "mgu", "lstm.peepholes", "lstm.layer_norm",
                                     "slstm", "indrnn", "sru" };
enum { CELLS = sizeof cells / sizeof *cells };

typedef struct settings {
    double seconds;
    int64_t threads, steps, checkpoint; /* steps 0: the size's own */
    int dtype, of;                      /* of: a network_part */
    bool json;
} settings;

static void print_row(const network *model, const char *size, const network_size *z, const settings *s, double peak,
                      const measured *m)
{
    double rate = m->products / m->run * 1e-9, unit = 4.0 * (double)(z->steps * z->batch * z->hidden);
    if (s->json)
        printf(
            "{\"schema\": \"eddy-bench-1\", \"network\": \"%s\", \"size\": \"%s\", \"steps\": %lld, \"batch\": %lld, "
            "\"input\": %lld, \"hidden\": %lld, \"dtype\": \"%s\", \"what\": \"%s\", \"training\": %s, \"threads\": "
            "%d, "
            "\"peak_gflops\": %.1f, \"nodes\": %lld, \"record_s\": %.6f, \"plan_s\": %.6f, \"first_run_s\": %.6f, "
            "\"run_s\": %.9f, \"product_operations\": %.0f, \"gflops\": %.2f, \"product_s\": %.9f, "
            "\"elementwise_s\": %.9f, \"bytes\": %lld}\n",
            model->name, size, (long long)z->steps, (long long)z->batch, (long long)z->input, (long long)z->hidden,
            s->dtype ? "f64" : "f32", network_part_names[s->of], s->of == NETWORK_TRAINING ? "true" : "false",
            eddy_threads(), peak, (long long)m->nodes, m->record, m->plan, m->first, m->run, m->products, rate,
            m->product_seconds, m->rest, (long long)m->stats.bytes);
    else
        printf("%-15s %-9s %9.2f %9.2f %7.2f %10.3f %9.3f %8.1f %7.0f%% %8.1f %9.3f %8.1f %6.1f\n", model->name, size,
               1e3 * m->record, 1e3 * m->plan, 1e6 * (m->record + m->plan) / (double)m->nodes, 1e3 * m->run,
               1e-9 * m->products, rate, 100 * rate / peak,
               m->product_seconds > 0 ? m->products / m->product_seconds * 1e-9 : 0, 1e3 * m->rest,
               1e-6 * (double)m->stats.bytes, (double)m->stats.bytes / unit);
    fflush(stdout);
}

typedef enum word_kind { WORD_NONE, WORD_SIZE, WORD_NETWORK, WORD_PART } word_kind;

static word_kind kind_of(const char *word)
{
    for (size_t k = 0; k < SIZES; k++)
        if (!strcmp(word, sizes[k].name))
            return WORD_SIZE;
    for (size_t k = 0; k < PARTS; k++)
        if (!strcmp(word, parts[k].name))
            return WORD_PART;
    return !strcmp(word, "cells") || network_find(word) ? WORD_NETWORK : WORD_NONE;
}

typedef struct words {
    int count;
    char **word;
    bool any[WORD_PART + 1]; /* are there words of that kind? */
} words;

static bool is_among(const words *w, word_kind kind, const char *name)
{
    for (int k = 0; k < w->count; k++) {
        if (kind_of(w->word[k]) != kind)
            continue;
        if (kind == WORD_NETWORK && !strcmp(w->word[k], "cells")) {
            for (size_t c = 0; c < CELLS; c++)
                if (!strcmp(cells[c], name))
                    return true;
        } else if (!strcmp(kind == WORD_NETWORK ? network_find(w->word[k])->name : w->word[k], name)) {
            return true;
        }
    }
    return false;
}

/* Sizes: all of them where none is named. Parts and networks: what is named; without any name, machine, lstm, gru. */
static bool is_meant(const words *w, word_kind kind, const char *name)
{
    if (w->any[kind])
        return is_among(w, kind, name);
    if (kind == WORD_SIZE)
        return true;
    if (kind == WORD_PART)
        return !w->any[WORD_NETWORK] && !w->any[WORD_SIZE] && !strcmp(name, "machine");
    return !w->any[WORD_PART] && (!strcmp(name, "lstm") || !strcmp(name, "gru"));
}

static int run_networks(const settings *s, const words *w)
{
    const double peak = eddy_peak() * eddy_threads() / (s->dtype ? 2 : 1);
    bool titled = s->json;
    for (size_t i = 0; network_at(i); i++)
        for (size_t k = 0; k < SIZES; k++) {
            const network *model = network_at(i);
            if (!is_meant(w, WORD_NETWORK, model->name) || !is_meant(w, WORD_SIZE, sizes[k].name))
                continue;
            if (!titled)
                printf("%d thread%s, %s, %s: %.1f GFLOP/s is the peak of multiply-adds, measured now\n\n"
                       "%-15s %-9s %9s %9s %7s %10s %9s %8s %8s %8s %9s %8s %6s\n",
                       eddy_threads(), eddy_threads() == 1 ? "" : "s", s->dtype ? "f64" : "f32",
                       network_part_names[s->of], peak, "network", "size", "record ms", "plan ms", "us/node", "run ms",
                       "GFLOP", "GFLOP/s", "of peak", "products", "others ms", "MB", "xTBH4");
            titled = true;
            network_size size = sizes[k].size;
            size.steps = s->steps ? s->steps : size.steps;
            size.checkpoint = s->checkpoint;
            eddy_tape *tape = eddy_tape_new(s->dtype ? EDDY_F64 : EDDY_F32, 1);
            measured m;
            bool done = bench_network(tape, model, &size, (network_part)s->of, s->seconds, &m);
            int status = done ? COMMAND_DONE : command_failed("bench", "%s", eddy_error(tape));
            eddy_tape_free(tape);
            if (!done)
                return status;
            print_row(model, sizes[k].name, &size, s, peak, &m);
        }
    return COMMAND_DONE;
}

int eddy_cmd_bench(int argc, char **argv)
{
    settings s = { .seconds = 1 };
    const option_row rows[] = {
        { "threads", 0, OPTION_COUNT, "N", "threads; otherwise EDDY_THREADS, or the processors it may run on",
          &s.threads, 1, 64 },
        { "dtype", 0, OPTION_CHOICE, "f32|f64", "of the numbers", &s.dtype, 0, 0 },
        { "seconds", 0, OPTION_POSITIVE, "S", "to run each; the median of its runs is shown", &s.seconds, 0, 3600 },
        { "of", 0, OPTION_CHOICE, "training|inference|gradients|hessian",
          "a training step; the forward part; the gradients alone; the Hessian times a vector", &s.of, 0, 0 },
        { "steps", 0, OPTION_COUNT, "N", "time steps, instead of the size's own", &s.steps, 1, 100000 },
        { "checkpoint", 0, OPTION_COUNT, "N", "recompute segments of N steps for the gradient", &s.checkpoint, 1,
          100000 },
        { "json", 0, OPTION_FLAG, NULL, "for programs: one JSON object a line", &s.json, 0, 0 },
    };
    const options line = {
        .command = "bench",
        .usage = "bench [NETWORK | SIZE | PART ...] [OPTIONS]",
        .about =
            "Measures training steps (forward, backward, clipping, Adam): recording, planning and running apart, the "
            "arithmetic of their matrix products, and what share of the processor's peak that is; then, from a run "
            "in which every call is timed, the GFLOP/s of the products alone and the time of all else.\n"
            "Networks are those of 'eddy graph', by default lstm and gru; 'cells' means ten of them, four of which "
            "the library does not have (tools/networks/user_cells.c). Sizes are small, tutorial, med and large. Parts: "
            "machine (peak, memory), products, functions, stream (a step of one sequence a run).",
        .examples = "  eddy bench                          the machine; lstm and gru, every size\n"
                    "  eddy bench cells med --threads 1\n"
                    "  eddy bench lstm small --of hessian  beside --of gradients: what differentiating twice costs\n"
                    "  eddy bench lstm small --steps 10000\n"
                    "  eddy bench machine products functions stream --threads 1\n",
        .rows = rows,
        .count = sizeof rows / sizeof *rows,
        .least = 0,
        .most = -1
    };
    int first;
    int status = options_parse(&line, argc, argv, &first);
    if (status != OPTIONS_GO_ON)
        return status;
    words w = { .count = argc - first, .word = argv + first };
    for (int k = first; k < argc; k++) {
        word_kind kind = kind_of(argv[k]);
        w.any[kind] = true;
        if (kind == WORD_NONE) {
            options_offer near;
            return command_wrong("bench", "\"%s\" is no network, size or part%s 'eddy bench --help' names them.",
                                 argv[k], options_did_you_mean(&near, argv[k], network_name, &(network_offer){ NULL }));
        }
    }
    if (s.threads)
        eddy_set_threads((int)s.threads);
    for (size_t k = 0; k < PARTS; k++)
        if (is_meant(&w, WORD_PART, parts[k].name) && !parts[k].run(s.seconds, s.dtype, s.json))
            return COMMAND_FAILED;
    return run_networks(&s, &w);
}
