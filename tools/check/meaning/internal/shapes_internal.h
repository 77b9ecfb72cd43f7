/* What the inference of shapes keeps, for shapes*.c only. */
#ifndef EDDY_SHAPES_INTERNAL_H
#define EDDY_SHAPES_INTERNAL_H

#include "world.h"

typedef struct type {
    int rank; /* -1: not known */
    int d[2];
    bool row, number;
    bool slice;   /* rank 1: a row of a matrix by itself */
    bool guessed; /* the rank, by the look of the name */
    int open;     /* rank -1: 1 + the number of the quantity whose definition is being read */
} type;

struct bound_type { /* x in f(x) = ..., while f is looked at for some argument */
    const char *name;
    type is;
    const struct bound_type *outer;
};

struct counted { /* a letter of the formula that is looked at, and how many values it has: what it counts is so long */
    const char *letter;
    int length;
    const struct counted *outer;
};

typedef struct sum_rule { /* result = part + part + ... */
    int result, count, part[16];
} sum_rule;

struct shapes {
    arena *arena;
    scope *scope;
    int64_t (*size)(void *context, const char *name);
    void *context;
    int *parent;
    int64_t *number; /* 0: open */
    int dims, dim_room;
    type *of; /* by quantity */
    signed char *state;
    int *began; /* by quantity whose definition is being read: how deep */
    int quantities;
    sum_rule rule[256];
    int rules, depth;
    const struct bound_type *bound;
    const struct counted *counted;
};

static inline type type_number(void)
{
    return (type){ .rank = 0 };
}

static inline type type_vector(int d)
{
    return (type){ .rank = 1, .d = { d } };
}

/* ---- shapes_quantity.c ---- */
/* What is left of a quantity's shape at the indices with which it is written, in view of the sums around it. */
type shapes_by_uses(struct shapes *s, const symbol_use *use, type whole, const binding *env);
/* W X + b: is b added to each column, as it is where the batch stands behind its weights, or to each row? */
bool shapes_adds_to_columns(struct shapes *s, const tree *sum, const binding *env, type matrix, type vector);

/* W_0 in W x_t + W_0: what looks like a matrix, and stands in sums only, is as large as what it is added to. */
type shapes_of_offset(struct shapes *s, const tree *t, const binding *env, type guessed, type other);

/* ---- shapes.c ---- */
void shapes_equal(struct shapes *s, int a, int b);  /* two dimensions */
int shapes_fresh(struct shapes *s, int64_t number); /* a new dimension; number 0: open */
int shapes_root(struct shapes *s, int d);           /* the dimension that stands for all that equal d */
type shapes_of_tree(struct shapes *s, const tree *t, const binding *env);
type shapes_of_quantity(struct shapes *s, quantity *q);
void shapes_unify(struct shapes *s, type a, type b); /* of one rank: their dimensions are the same */

/* ---- shapes_ranges.c ---- */
bool shapes_has_range(const tree *const *index, int count);
bool shapes_has_row(struct shapes *s, const tree *t, const binding *env); /* Q_{i:}, of a matrix Q */
/* What is left of a whole at these indices, ranges among them. */
type shapes_part(struct shapes *s, type whole, const tree *const *index, int count);

#endif
