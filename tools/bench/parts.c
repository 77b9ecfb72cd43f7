/* What this machine does with the parts of a network: multiply-adds, memory, products, functions, one step at a
 * time. */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool failed(eddy_tape *tape)
{
    fprintf(stderr, "eddy bench: %s\n", eddy_error(tape));
    eddy_tape_free(tape);
    return false;
}

/* A leaf of numbers between 0.1 and 0.9, where all functions of the table are defined. */
static eddy_var filled(eddy_tape *tape, const char *name, eddy_shape shape)
{
    eddy_var leaf = eddy_input(tape, name, shape);
    eddy_status status = { 0 };
    eddy_tensor values = { 0 };
    if (!eddy_tensor_new(&values, EDDY_F32, shape, &status) ||
        !eddy_fill_uniform(&values, (eddy_random){ .seed = 1 }, 0.1, 0.9, &status))
        eddy_fail(tape, "%s", status.text);
    else
        eddy_set_tensor(leaf, &values);
    eddy_tensor_free(&values);
    return leaf;
}

static eddy_tape *tape_of(bool f64)
{
    return eddy_tape_new(f64 ? EDDY_F64 : EDDY_F32, 1);
}

/* ---- The machine ---- */

bool bench_machine(double seconds, bool f64, bool json)
{
    const size_t bytes = (size_t)256 << 20; /* beyond every cache */
    char *from = malloc(bytes), *to = malloc(bytes);
    if (!from || !to) {
        fprintf(stderr, "eddy bench: no memory for the bandwidth's two buffers of 256 MiB.\n");
        free(from);
        free(to);
        return false;
    }
    memset(from, 1, bytes);
    memset(to, 2, bytes);
    double best = 0;
    int round = 0; /* the first ones meet memory that was never touched */
    for (double start = bench_now(); round < 5 || bench_now() - start < seconds; round++) {
        double before = bench_now();
        memcpy(to, from, bytes);
        double rate = 2 * (double)bytes / (bench_now() - before);
        best = rate > best ? rate : best;
        from[to[bytes / 2] == 1]++; /* what was copied is used */
    }
    free(from);
    free(to);
    const double peak = eddy_peak() / (f64 ? 2 : 1);
    if (json)
        printf("{\"schema\": \"eddy-bench-machine-1\", \"peak_gflops\": %.1f, \"copy_gbytes_per_s\": %.2f}\n", peak,
               best * 1e-9);
    else
        printf("machine: %.1f GFLOP/s multiply-adds of one thread (%s); copying memory reads and writes %.1f GB/s\n\n",
               peak, f64 ? "f64" : "f32", best * 1e-9);
    return true;
}

/* ---- Products ---- */

/* rows x inner times inner x columns; `turned`: the left one is stored transposed, as for a weight's gradient. */
typedef struct shape {
    const char *what;
    int64_t rows, inner, columns;
    bool turned;
} shape;

bool bench_products(double seconds, bool f64, bool json)
{
    static const shape shapes[] = {
        { "gates, small", 16, 64, 128, false },    { "gates, tutorial", 800, 65, 256, false },
        { "gates, med", 32, 384, 1024, false },    { "gates, large", 64, 1024, 2048, false },
        { "weights, med", 1024, 3200, 256, true }, { "weights, large", 2048, 3200, 512, true },
        { "one row", 1, 512, 2048, false },        { "square", 512, 512, 512, false },
    };
    const double peak = eddy_peak() * eddy_threads() / (f64 ? 2 : 1);
    if (!json)
        printf("%-18s %-22s %10s %9s %8s\n", "product", "rows x inner x columns", "us", "GFLOP/s", "of peak");
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        const shape *s = &shapes[k];
        eddy_tape *tape = tape_of(f64);
        eddy_var a = filled(tape, "a", s->turned ? EDDY_SHAPE(s->inner, s->rows) : EDDY_SHAPE(s->rows, s->inner));
        eddy_var product =
            eddy_matmul(s->turned ? eddy_transpose(a, 0, 1) : a, filled(tape, "b", EDDY_SHAPE(s->inner, s->columns)));
        eddy_program *program = eddy_compile(tape, EDDY_LIST(product), EDDY_NONE);
        measured m;
        if (!program || !eddy_run(program) || !bench_runs(program, seconds / 4, &m))
            return failed(tape);
        const double rate = m.products / m.run * 1e-9;
        if (json)
            printf("{\"schema\": \"eddy-bench-product-1\", \"what\": \"%s\", \"rows\": %lld, \"inner\": %lld, "
                   "\"columns\": "
                   "%lld, \"run_s\": %.9f, \"gflops\": %.2f, \"peak_gflops\": %.1f}\n",
                   s->what, (long long)s->rows, (long long)s->inner, (long long)s->columns, m.run, rate, peak);
        else
            printf("%-18s %6lld x%6lld x%6lld %11.1f %9.1f %7.0f%%\n", s->what, (long long)s->rows, (long long)s->inner,
                   (long long)s->columns, 1e6 * m.run, rate, 100 * rate / peak);
        eddy_tape_free(tape);
    }
    if (!json)
        printf("\n");
    return true;
}

/* ---- Functions ---- */

bool bench_functions(double seconds, bool f64, bool json)
{
    static const struct {
        const char *name;
        eddy_var (*record)(eddy_var x);
    } functions[] = {
        { "exp", eddy_exp },   { "expm1", eddy_expm1 },       { "log", eddy_log }, { "log1p", eddy_log1p },
        { "tanh", eddy_tanh }, { "sigmoid", eddy_sigmoid },   { "erf", eddy_erf }, { "sin", eddy_sin },
        { "cos", eddy_cos },   { "softplus", eddy_softplus },
    };
    enum { ELEMENTS = 4096 }; /* in the nearest caches */
    if (!json)
        printf("%-18s %14s\n", "function", "ns an element");
    for (size_t k = 0; k < sizeof functions / sizeof *functions; k++) {
        eddy_tape *tape = tape_of(f64);
        eddy_var y = functions[k].record(filled(tape, "x", EDDY_SHAPE(ELEMENTS)));
        eddy_program *program = eddy_compile(tape, EDDY_LIST(y), EDDY_NONE);
        measured m;
        if (!program || !bench_runs(program, seconds / 8, &m))
            return failed(tape);
        if (json)
            printf(
                "{\"schema\": \"eddy-bench-function-1\", \"function\": \"%s\", \"dtype\": \"%s\", \"ns_per_element\": "
                "%.4f}\n",
                functions[k].name, f64 ? "f64" : "f32", 1e9 * m.run / ELEMENTS);
        else
            printf("%-18s %14.3f\n", functions[k].name, 1e9 * m.run / ELEMENTS);
        eddy_tape_free(tape);
    }
    if (!json)
        printf("\n");
    return true;
}

/* ---- Streaming ---- */

bool bench_stream(double seconds, bool f64, bool json)
{
    static const int64_t sizes[] = { 32, 128, 512 };
    enum { INPUT = 16 };
    if (!json)
        printf("%-18s %8s %12s\n", "stream", "hidden", "us a step");
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        eddy_tape *tape = tape_of(f64);
        eddy_lstm lstm = eddy_lstm_new(tape, "lstm", INPUT, sizes[k]);
        eddy_var x = filled(tape, "x", EDDY_SHAPE(1, 1, INPUT));
        eddy_unrolled run = eddy_unroll(&lstm.cell, x, &(eddy_unroll_options){ .carry = "carried" });
        eddy_program *program = eddy_compile(tape, EDDY_LIST(run.last), run.carried);
        measured m;
        if (!program || !eddy_run(program) || !bench_runs(program, seconds / 4, &m))
            return failed(tape);
        if (json)
            printf("{\"schema\": \"eddy-bench-stream-1\", \"network\": \"lstm\", \"input\": %d, \"hidden\": %lld, "
                   "\"run_s\": %.9f}\n",
                   INPUT, (long long)sizes[k], m.run);
        else
            printf("%-18s %8lld %12.2f\n", "lstm", (long long)sizes[k], 1e6 * m.run);
        eddy_tape_free(tape);
    }
    if (!json)
        printf("\n");
    return true;
}
