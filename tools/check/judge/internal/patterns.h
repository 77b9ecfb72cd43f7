/* What the search for a false claim's mistake shares: both sides in numbers at every instance, and the edits of its
 * formula. */
#ifndef EDDY_CHECK_PATTERNS_H
#define EDDY_CHECK_PATTERNS_H

#include "court.h"

enum { PATTERN_SPOTS = 288, PATTERN_CANDIDATES = 96 };

typedef struct spot { /* one instance in one world; numbers as [samples][rows][columns] */
    world *world;
    int which; /* world */
    int64_t t;
    const binding *env;
    int rank;
    bool batched;
    int64_t samples, rows, columns;
    double *left, *right, left_most, right_most; /* largest absolute values */
} spot;

typedef struct spots {
    court *court;
    const claimed *claim;
    assumption as;
    arena *arena; /* scratch */
    spot spot[PATTERN_SPOTS];
    int count, rank;
    bool diagonal; /* matrices, all diagonal */
    double until;
    bool failed;
    bool partly; /* there are more instances than these */
} spots;

/* Both sides everywhere in the assumption's span; false if some instance has no value, or all are 0. */
bool spots_gather(spots *s);
/* A value's numbers in the scratch arena; NULL with the world's fault cleared. */
double *spots_numbers(spots *s, const world *w, value v);
evaluation spots_evaluation(const spots *s, const spot *at);

/* factors.c: a factor or a term by which the sides differ; a fragment of a sentence or NULL. */
const char *factors_find(spots *s, bool terms);
/* edits.c: the one small change of the formula that makes the claim true. */
const char *edits_find(court *c, const claimed *claim, const assumption *as, double until);

#endif
