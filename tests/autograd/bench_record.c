/* What recording, interpreting and running cost beside the arithmetic. Prints figures; decides nothing. Assumes an idle
 * machine: each figure is the best of several repetitions. */
#include "count.h"

#include <eddy/eddy.h>

#include <stdio.h>
#include <time.h>

enum { REPEATS = 5 };
static count counter;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void least(double *best, double seconds)
{
    *best = *best == 0 || seconds < *best ? seconds : *best;
}

static void check(const eddy_tape *tape)
{
    if (!eddy_error(tape))
        return;
    fprintf(stderr, "%s\n", eddy_error(tape));
    exit(1);
}

/* A chain of N ops on tensors of one element: the arithmetic is nothing, what is left is overhead. */
static void chain(int64_t N)
{
    double record = 0, again = 0, value = 0, run = 0;
    for (int k = 0; k < REPEATS; k++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
        eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(1)), w = eddy_input(tape, "w", EDDY_SHAPE(1)), y = x;
        eddy_mark mark = eddy_mark_now(tape);
        for (int warm = 0; warm < 2; warm++) {
            eddy_reset(tape, mark);
            y = x;
            double start = now();
            for (int64_t i = 0; i < N; i += 2)
                y = eddy_add(eddy_mul(y, w), x);
            least(warm ? &again : &record, (now() - start) / (double)N);
        }
        eddy_set_item(x, 1);
        eddy_set_item(w, 0.5);
        double start = now();
        eddy_item(y);
        eddy_set_item(x, 1); /* buffers are there now */
        start = now();
        eddy_item(y);
        least(&value, (now() - start) / (double)N);
        eddy_program *program = eddy_compile(tape, EDDY_LIST(y), EDDY_NONE);
        eddy_run(program);
        start = now();
        eddy_run(program);
        least(&run, (now() - start) / (double)N);
        check(tape);
        eddy_tape_free(tape);
    }
    printf("chain of %lld ops of one element: recorded %.0f ns each on a new tape, %.0f ns again after a reset; "
           "eddy_value %.0f ns, eddy_run %.0f ns\n",
           (long long)N, 1e9 * record, 1e9 * again, 1e9 * value, 1e9 * run);
}

typedef struct figures {
    double record, gradients, compile, run, nodes, steps, recorded_bytes, bytes, value_bytes;
} figures;

static void print(const char *what, int64_t T, const figures *f)
{
    printf("%s, T = %lld: %.0f nodes, recorded %.1f ms + differentiated %.1f ms (%.0f ns a node), compiled %.1f ms, "
           "run %.2f ms "
           "(%.0f nodes, %.0f ns each); recording %.1f MB, all %.1f MB, program's values %.2f MB\n",
           what, (long long)T, f->nodes, 1e3 * f->record, 1e3 * f->gradients,
           1e9 * (f->record + f->gradients) / f->nodes, 1e3 * f->compile, 1e3 * f->run, f->steps,
           1e9 * f->run / f->steps, f->recorded_bytes / 1e6, f->bytes / 1e6, f->value_bytes / 1e6);
}

static void measure(figures *f, const eddy_tape *tape, eddy_program *program)
{
    check(tape);
    for (int k = 0; k < 4; k++) {
        double start = now();
        eddy_run(program);
        least(&f->run, now() - start);
    }
    check(tape);
    f->bytes = (double)counter.peak;
    f->steps = (double)eddy_program_describe(program).nodes;
    f->value_bytes = (double)eddy_program_describe(program).bytes;
}

/* d/dx of sum over t of sum(x[t] * x[t]) */
static void slices(int64_t T)
{
    figures f = { 0 };
    for (int k = 0; k < REPEATS; k++) {
        count_install(&counter);
        eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
        eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(T, 8));
        eddy_set_item(x, 1);
        double start = now();
        eddy_list terms = eddy_list_new(tape, NULL, T);
        for (int64_t t = 0; t < terms.count; t++) {
            eddy_var row = eddy_select(x, 0, t);
            terms.items[t] = eddy_sum(eddy_mul(row, row));
        }
        eddy_var loss = eddy_sum_list(terms);
        least(&f.record, now() - start);
        start = now();
        eddy_list gradient = eddy_gradients(loss, EDDY_LIST(x));
        least(&f.gradients, now() - start);
        f.nodes = (double)eddy_node_count(tape);
        f.recorded_bytes = (double)counter.peak;
        start = now();
        eddy_program *program = eddy_compile(tape, gradient, EDDY_NONE);
        least(&f.compile, now() - start);
        measure(&f, tape, program);
        eddy_tape_free(tape);
        eddy_set_allocator(NULL);
    }
    print("gradient through slices of 8", T, &f);
}

static void lstm(int64_t T, int64_t batch, int64_t hidden)
{
    figures f = { 0 };
    for (int k = 0; k < (T * batch * hidden > 1000000 ? 1 : REPEATS); k++) {
        count_install(&counter);
        eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
        eddy_lstm cell = eddy_lstm_new(tape, "lstm", 1, hidden);
        eddy_linear fc = eddy_linear_new(tape, "fc", hidden, 1);
        eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(T, batch, 1)), y = eddy_input(tape, "y", EDDY_SHAPE(batch, 1));
        double start = now(); /* not the drawing of initial values */
        eddy_var loss = eddy_mse(eddy_apply(&fc, eddy_unroll(&cell.cell, x, NULL).last), y);
        least(&f.record, now() - start);
        start = now();
        eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
        least(&f.gradients, now() - start);
        f.nodes = (double)eddy_node_count(tape);
        f.recorded_bytes = (double)counter.peak;
        eddy_list update = eddy_adam(params, grads, NULL);
        eddy_set_item(x, 0.5);
        eddy_set_item(y, 0.25);
        start = now();
        eddy_program *program = eddy_compile(tape, EDDY_LIST(loss), update);
        least(&f.compile, now() - start);
        measure(&f, tape, program);
        eddy_tape_free(tape);
        eddy_set_allocator(NULL);
    }
    char what[64];
    snprintf(what, sizeof what, "LSTM(1, %lld) training step, batch %lld", (long long)hidden, (long long)batch);
    print(what, T, &f);
}

/* Looking at every step's value while recording goes on, as a debugging session does; and finding every watched var
 * afterwards. */
static void looking(int64_t T)
{
    double look = 0, find = 0;
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_var x = eddy_full(tape, EDDY_SHAPE(2, 2), 0.5), w = eddy_transpose(eddy_mul_scalar(x, 1.5), 0, 1), h = x;
    double start = now();
    for (int64_t t = 0; t < T; t++) {
        eddy_scope_push(tape, NULL, "step", t);
        h = eddy_watch(eddy_add(eddy_tanh(eddy_matmul(h, w)), x), "h");
        eddy_value(h);
        eddy_scope_pop(tape);
    }
    least(&look, (now() - start) / (double)T);
    start = now();
    for (int64_t t = 0; t < T; t++)
        h = eddy_watched(tape, "h", t);
    least(&find, (now() - start) / (double)T);
    check(tape);
    printf("%lld steps of 3 ops, each looked at: %.0f ns a step; each found by name: %.0f ns\n", (long long)T,
           1e9 * look, 1e9 * find);
    eddy_tape_free(tape);
}

int main(void)
{
    chain(1000);
    chain(100000);
    looking(1000);
    looking(10000);
    slices(1000);
    slices(10000);
    lstm(500, 1, 4);
    lstm(1000, 1, 4);
    lstm(2000, 1, 4);
    lstm(20, 32, 64);
    return 0;
}
