/* Numbers that break a claim: what example.c makes simpler, and violation.c looks for where none was drawn. */
#ifndef EDDY_CHECK_HUNT_H
#define EDDY_CHECK_HUNT_H

#include "court.h"

enum { INSTANCES = 6 };

typedef struct failing {
    value left, right;
    const binding *env; /* the instance */
    const char *where;
    double least; /* a difference below this is no longer clear */
} failing;

typedef struct hunt {
    court *court;
    const claimed *claim;
    const assumption *as;
    world *world;
    failing at[INSTANCES];
    int count;
    double until;
    bool violations; /* of an inequality that no drawn numbers break: instances are climbed until one fails */
    int climbs;      /* evaluations left for that */
} hunt;

/* The sides at an instance with the numbers that the leaves have now. Spectral norms are no functions on the tape: with
 * one of them everything is recorded again, and dropped with hunt_looked. */
typedef struct look {
    value left, right;
    bool fresh;
    eddy_mark mark;
    arena_position position;
} look;
look hunt_look(const hunt *h, const failing *at);
void hunt_looked(const hunt *h, const look *l);

/* How far the sides of a claim are from what its relation says. */
typedef struct gap {
    double difference, size;
    int64_t worst; /* the element where they differ most */
    bool finite;
} gap;
gap hunt_measure(const hunt *h, const failing *at, tree_relation relation);
bool hunt_fails(const gap *g, double least);

typedef struct numbers { /* of one leaf */
    double *value, *before;
    int64_t count;
    bool hidden; /* it cannot be 0, but nothing depends on it */
} numbers;
numbers *hunt_numbers(const hunt *h); /* as they are now, in the scratch arena; NULL: memory is short */
bool hunt_set(const leaf_row *leaf, const numbers *n);
bool hunt_allowed(unsigned flags, double x); /* by what the setup says of the quantity */

/* violation.c: moves the numbers of the world until the sides at `at` fail clearly; false, with all as it was: they do
 * not. */
bool hunt_climb(hunt *h, const failing *at, numbers *n);

#endif
