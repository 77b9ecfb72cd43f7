/* Measuring programs. */
#include "measure.h"

#include <stdlib.h>
#include <time.h>

enum { MOST_RUNS = 100000, MOST_GROUPS = 1000 };

double bench_now(void)
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

/* One more run, with the time of every call. */
static bool look_inside(eddy_program *program, measured *m)
{
    static eddy_program_group groups[MOST_GROUPS];
    eddy_program_measure(program, true);
    bool done = eddy_run(program);
    eddy_program_measure(program, false);
    int64_t count = eddy_program_groups(program, groups, MOST_GROUPS);
    m->products = m->product_seconds = m->rest = 0;
    for (int64_t k = 0; k < count; k++) {
        m->products += groups[k].is_product ? groups[k].operations : 0;
        *(groups[k].is_product ? &m->product_seconds : &m->rest) += groups[k].seconds;
    }
    return done;
}

bool bench_runs(eddy_program *program, double seconds, measured *m)
{
    static double runs[MOST_RUNS];
    int count = 0;
    for (double start = bench_now(); count < 3 || (count < MOST_RUNS && bench_now() - start < seconds); count++) {
        double before = bench_now();
        if (!eddy_run(program))
            return false;
        runs[count] = bench_now() - before;
    }
    qsort(runs, (size_t)count, sizeof *runs, by_value);
    m->run = runs[count / 2];
    m->stats = eddy_program_describe(program);
    return look_inside(program, m);
}

bool bench_network(eddy_tape *tape, const network *n, const network_size *size, network_part part, double seconds,
                   measured *m)
{
    double began = bench_now();
    network_step step = network_record_step(tape, n, size, part);
    m->nodes = eddy_node_count(tape);
    double recorded = bench_now();
    eddy_program *program = eddy_compile(tape, step.outputs, step.updates);
    double planned = bench_now();
    m->record = recorded - began;
    m->plan = planned - recorded;
    if (!program || !network_fill(tape))
        return false;
    double filled = bench_now();
    if (!eddy_run(program))
        return false;
    m->first = bench_now() - filled;
    return bench_runs(program, seconds, m);
}
