/* `eddy check`: a document in, findings out.
 *
 *   reader   document*.c, latex*.c, setup*.c            bytes -> formulas, trees, statements
 *   meaning  scope*.c, shapes*.c, world.c, meaning.c,   trees -> values and derivatives on a tape
 *            big_operators.c, products.c, functions.c,
 *            derivative.c, value.c, library*.c
 *   judge    claims.c, judge.c, conditions.c, verdict.c, is it true, when, and what is wrong
 *            oracle.c, patterns.c, example.c,
 *            missing.c, dependencies.c
 *   report   report*.c                                  findings -> terminal, JSON, page */
#ifndef EDDY_CHECK_CHECK_H
#define EDDY_CHECK_CHECK_H

#include "document.h"
#include "finding.h"

typedef struct check_options { /* zero: the default */
    const char *setup;         /* lines of a setup that stand before each scene's own, or NULL */
    bool quick;                /* only true or false: no conditions, counterexamples, patterns, graphs */
    double seconds; /* for the whole document; what is not judged by then is NOT READ and says so. Default 120 */
    void (*progress)(void *context, int done, int of);
    void *context;
} check_options;

/* Whether a finding is as its annotation expects, or good without one: sets `met` and `unmet`. */
void expectation_meet(arena *a, finding *f);

/* Everything that is found lives in the arena. NULL when memory is short. */
findings *check_document(arena *a, const document *d, const check_options *options);

#endif
