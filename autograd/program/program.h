/* Programs: a part of a tape, compiled once, run many times. */
#ifndef EDDY_PROGRAM_H
#define EDDY_PROGRAM_H

#include "tape.h"

EDDY_C_BEGIN

typedef struct eddy_program eddy_program;

/* Compiles what `outputs` and `updates` need. updates are vars from eddy_assign; a program with updates also advances
 * the tape's draw number, so that its next run sees other random masks. The program owns copies of its nodes: the tape
 * may be reset afterwards. It lives until eddy_program_free or the tape is freed. NULL after a failure. */
EDDY_SITED eddy_program *eddy_compile(eddy_tape *tape, eddy_list outputs, eddy_list updates);
EDDY_API void eddy_program_free(eddy_program *program);
/* The programs of the tape that live, in the order in which they were compiled: number k, from 0; NULL beyond the
 * last. */
EDDY_API eddy_program *eddy_program_at(const eddy_tape *tape, int64_t k);

/* Computes every output, then writes all updates together. After a failure (an input never set, an index out of range,
 * in eager mode a NaN) it returns false and nothing has been written. It allocates nothing. */
EDDY_SITED bool eddy_run(eddy_program *program);

/* How many threads programs run on, the caller's included, from 1 to 64. They are made when a run first needs them and
 * sleep between runs. 0: the default, which is EDDY_THREADS, or the processors that the process may run on
 * (EDDY_THREADS=+3: three even where a program gains nothing by them, for tests). A program keeps the count with which
 * it was compiled, and uses fewer where it is too small to gain by them, or while another run has them. Not a bit of
 * any result depends on it. eddy_set_threads(1) also ends the threads. */
EDDY_API void eddy_set_threads(int count);
EDDY_API int eddy_threads(void);

/* Snapshots of the last run. eddy_output: of a one-element output, NaN after a failure. eddy_output_tensor: a view,
 * valid until the next run. */
EDDY_SITED double eddy_output(const eddy_program *program, eddy_var output);
EDDY_SITED const eddy_tensor *eddy_output_tensor(const eddy_program *program, eddy_var output);

typedef struct eddy_program_stats {
    int64_t nodes;          /* that are executed in a run */
    int64_t bytes;          /* of the block that holds all intermediate values */
    int64_t bytes_unshared; /* what the values would take if no buffer were reused */
} eddy_program_stats;
EDDY_API eddy_program_stats eddy_program_describe(const eddy_program *program);

/* Calls of a program that do the same on the same shapes. */
typedef struct eddy_program_group {
    char what[120];    /* "product [32, 1024], inner 256", "fused [32, 256]: sigmoid mul add" */
    int64_t calls;     /* in a run */
    int64_t waits;     /* of them before which threads wait for each other */
    bool is_product;   /* of matrices */
    double operations; /* of all of them: a multiplication and an addition of a product are two, an elementwise op on an
                          element, or a term of a sum, is one */
    double bytes;      /* that they read and write, a value as often as a call has it */
    double seconds;    /* that they took in the last run that was measured; 0: none was */
} eddy_program_group;

/* GFLOP/s of f32 multiplications and additions in registers alone that one thread reaches, measured now, in a tenth of
 * a second: what the products of a program may be compared with. */
EDDY_API double eddy_peak(void);
/* Says whether runs measure the time of every call, which costs a look at the clock for each. */
EDDY_API void eddy_program_measure(eddy_program *program, bool on);
/* Writes the groups, in the order of their first calls; returns how many. `most` is the room for them: what is beyond
 * is left out. */
EDDY_API int64_t eddy_program_groups(const eddy_program *program, eddy_program_group *groups, int64_t most);

/* The passes that rewrite a program while it is compiled, in order: number k, from 0; beyond the last, both are NULL.
 * The environment switches them off: EDDY_PASSES=-early_sums,-places, or all but one: EDDY_PASSES=-all,+views. */
typedef struct eddy_pass_info {
    const char *name;    /* "early_sums" */
    const char *purpose; /* one line */
} eddy_pass_info;
EDDY_API eddy_pass_info eddy_pass_at(int64_t k);

/* What is left behind a pass: how many calls a run makes, and how many bytes hold the values that they make; before the
 * pass "places", no value has taken another's place. */
typedef struct eddy_pass_effect {
    bool on; /* EDDY_PASSES may say that it is not */
    int64_t calls, bytes;
} eddy_pass_effect;
/* What the passes did, one after the other: effects[0] is what was recorded, effects[k + 1] what pass number k left;
 * `room` is for how many there is room. The program is planned once more for that, so its vars must not have been
 * reset. False after a failure. */
EDDY_SITED bool eddy_program_effects(const eddy_program *program, eddy_pass_effect *effects, int64_t room);

/* What eddy_compile makes of the same lists, as text, as it stands after a pass; "recorded": before the first; NULL:
 * after the last. For eddy_free. NULL after a failure. */
EDDY_SITED char *eddy_program_dump(eddy_tape *tape, eddy_list outputs, eddy_list updates, const char *pass);

EDDY_C_END
#include "program_calls.h"
#endif
