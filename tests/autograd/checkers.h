/* The acceptance rules of other libraries' gradient checkers, applied to our numbers: the same function, the same
 * claimed gradient, each rule with its own numerical derivative, steps and tolerances. docs/gradcheck.md names the
 * sources and what is approximated. */
#ifndef EDDY_TEST_CHECKERS_H
#define EDDY_TEST_CHECKERS_H

#include "mutants.h"

typedef struct problem {
    const trial *t;
    eddy_program *loss;
    double *x[TRIAL_LEAVES], *claimed[TRIAL_LEAVES], *scratch; /* scratch: as large as the largest leaf */
    int64_t n[TRIAL_LEAVES];
    uint64_t seed, draws;
} problem;

typedef struct checker {
    const char *name, *rule;
    bool (*accepts)(problem *p);
} checker;

/* NULL after the last. */
const checker *checker_at(int i);

/* Asks for the claim. The trial must outlive the problem. */
bool problem_new(problem *p, const trial *t, uint64_t seed);
void problem_free(problem *p);

#endif
