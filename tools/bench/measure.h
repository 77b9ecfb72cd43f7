/* Measuring programs, for `eddy bench`. */
#ifndef EDDY_BENCH_MEASURE_H
#define EDDY_BENCH_MEASURE_H

#include "networks.h"

typedef struct measured {
    int64_t nodes;                /* recorded */
    double record, plan, first;   /* seconds; first: the first run */
    double run;                   /* seconds of a run, the median */
    double products;              /* operations of the matrix products of a run */
    double product_seconds, rest; /* of a run in which every call was timed: the products, and all else */
    eddy_program_stats stats;
} measured;

double bench_now(void);
/* Runs the program for so many seconds, three times at least. False with the tape's failure. */
bool bench_runs(eddy_program *program, double seconds, measured *m);
/* Records a part of a network's step, compiles and runs it. False with the tape's failure. */
bool bench_network(eddy_tape *tape, const network *n, const network_size *size, network_part part, double seconds,
                   measured *m);

/* The parts of this machine on their own: a table each on standard output, or JSON objects a line. False after a
 * failure, which they print. */
bool bench_machine(double seconds, bool f64, bool json);   /* peak of multiply-adds, bandwidth of memory */
bool bench_products(double seconds, bool f64, bool json);  /* matrix products as recurrent networks have them */
bool bench_functions(double seconds, bool f64, bool json); /* elementwise functions */
bool bench_stream(double seconds, bool f64, bool json);    /* one step of one sequence a run, the state carried over */

#endif
