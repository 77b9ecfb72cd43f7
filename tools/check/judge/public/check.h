/* `eddy check`: a document in, findings out. */
#ifndef EDDY_CHECK_CHECK_H
#define EDDY_CHECK_CHECK_H

#include "reader.h"
#include "finding.h"

typedef struct check_options { /* zero: the default */
    const char *setup;         /* lines of a setup that stand before each scene's own, or NULL */
    bool brief;                /* of cut edges only one, and at every step: for answers that are waited for */
    bool quick;                /* only true or false: no conditions, counterexamples, patterns, graphs */
    int64_t
        work; /* as many pieces of formulas may be evaluated for the whole document; what is not judged by then is NOT
                     READ and says so. Unlike seconds it is the same on every machine. 0: any number */
    double seconds; /* for the whole document; what is not judged by then is NOT READ and says so. Default 120 */
    void (*progress)(void *context, int done, int of);
    void *context;
} check_options;

/* Whether a finding is as its annotation expects, or good without one: sets `met` and `unmet`. */
void expectation_meet(arena *a, finding *f);

/* Everything that is found lives in the arena. NULL when memory is short. */
findings *check_document(arena *a, const document *d, const check_options *options);

/* A setup for the formulas of a document, each line with its reason behind a #, to be edited and used; what the
 * document itself says of a setup is not looked at. NULL when memory is short. */
const char *suggest_setup(arena *a, const document *d);

#endif
