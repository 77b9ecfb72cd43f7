/* A world: sizes drawn, a tape, and the quantities of a scope recorded on it, at every step on demand.
 *
 * A context is one way of wiring the same numbers: with some edges of the dependency graph cut (the occurrence is
 * replaced by its value), some quantities held fixed, some made independent. Values are the same in every context,
 * derivatives are not. */
#ifndef EDDY_CHECK_WORLD_H
#define EDDY_CHECK_WORLD_H

#include "scope.h"
#include "value.h"

typedef struct node_name { /* a quantity at a step; untimed: step 0 */
    quantity *quantity;
    int64_t step;
} node_name;

typedef struct edge {
    node_name from, to;
} edge;

typedef struct leaf_row {
    node_name name;
    value value;
    bool initial; /* a state before the first (or after the last) step */
    bool shared;
} leaf_row;

typedef struct world_options {
    uint64_t draw;          /* which random numbers */
    bool tiny;              /* the given sizes as they are: for counterexamples */
    bool kappa;             /* the loss also reads what it may */
    bool zero_initial;      /* initial states are 0 */
    int64_t steps, batch;   /* 0: drawn */
    bool hot_columns;       /* a one-hot matrix has a 1 in each column instead of each row */
    int64_t other;          /* every other size, 0: drawn, all different */
    int damped;             /* numbers are drawn so many times half as large, positive ones as much closer to 1 */
    const quantity *pushed; /* those of this one are multiplied, so that a condition is met; NULL: none */
    double times;
} world_options;

typedef struct world {
    scope *scope;
    world_options options;
    eddy_tape *tape;
    algebra algebra;
    fault fault;
    arena *arena;
    int64_t T, B;
    int64_t size[32]; /* of the scope's size letters, in their order */
    leaf_row *leaf;
    int leaves, leaf_room;
    edge *edge; /* of the base context, in order of discovery */
    int edges, edge_room;
    struct wiring *base;
    double until;        /* world_clock() at which evaluation ends with a sentence; 0: never */
    int64_t spent, most; /* pieces of formula evaluated: a bound on time */
    struct shapes *shapes;
    int confirmed; /* derivatives of the base context that the oracle has seen */
    int64_t nudges;
    const void *prepared; /* the claim whose quantities are all in the base context */
    struct loss_numbers {
        const quantity *loss, *read;
        int64_t step;
        eddy_var g, q; /* <g, h> + <q, h^2> / 2 */
    } * loss_number;
    int loss_numbers, loss_room;
} world;

enum { CONTEXT_CUTS = 24, CONTEXT_HELD = 40, CONTEXT_FREE = 64, CONTEXT_NUDGES = 32 };

typedef struct derivative_entry {
    node_name y, v;
    bool explicit_;
    value value;
} derivative_entry;

typedef struct wiring {
    world *world;
    arena *arena;
    edge cut[CONTEXT_CUTS];
    int cuts;
    quantity *held[CONTEXT_HELD];
    bool held_once[CONTEXT_HELD]; /* at held_step only */
    int64_t held_step[CONTEXT_HELD];
    int helds;
    node_name free[CONTEXT_FREE]; /* made independent: derivatives by tuples */
    int frees;
    struct nudge {
        node_name node; /* gets this added */
        eddy_var by;
    } nudge[CONTEXT_NUDGES];
    int nudges;
    value *memo;        /* [quantity][step] */
    signed char *state; /* 0 not yet, 1 being computed, 2 there */
    int quantities;
    bool record; /* edges */
    derivative_entry *derivative;
    int derivatives, derivative_room;
    int64_t kept; /* values and derivatives that are remembered: counted up */
    int depth;
} wiring;

enum { STEPS_BEFORE = 2, STEPS_AFTER = 3, WORLD_DEPTH = 3000, WORLD_NODES = 2000000, JUDGED_STEPS = 64 };

/* NULL with a fault. Everything lives in the arena; world_free frees the tape. */
/* Brings numbers of a given, sample by sample, into the bounds that the text assumes, where they are in force. */
void world_keep_bounds(const world *w, const quantity *q, int64_t samples, int64_t each, double *x);
world *world_new(arena *a, scope *s, const world_options *options, fault *f);
/* The scope's letters for sizes get this world's numbers: several worlds take turns, and what is read in one with the
 * sizes of another stays wrong in it. */
void world_take_sizes(const world *w);
void world_free(world *w);
wiring *context_new(world *w, arena *a); /* in that arena; nothing cut */

/* How often what is drawn must be halved for the defined quantities to stay moderate, whatever functions they are made
 * of: beyond, differences of values say little. */
int world_damping(arena *a, scope *s);

double world_clock(void); /* seconds of a clock that only runs forward */

/* How a formula is read. */
typedef struct bound_argument { /* x in f(x) = ..., while f is computed for some argument */
    const char *name;
    value value;
    const struct bound_argument *outer;
} bound_argument;

/* What moves in a claim about differentials, and how. */
typedef struct moving {
    node_name node[CONTEXT_FREE];
    eddy_var direction[CONTEXT_FREE];
    int count;
} moving;

typedef struct reading {
    bool differentials;             /* dX is the differential of X */
    bool rows, loose, spectral;     /* spectral: norms of matrices without a subscript */
    bool outer;                     /* angle brackets around two vectors are their outer product */
    bool sides;                     /* a row where a column is expected, in sums and comparisons only */
    bool apart;                     /* products over the batch are of each sample by itself */
    bool slice_rows;                /* a row of a matrix by itself is a row */
    bool later_left;                /* in products that run up, later factors stand on the left */
    bool upstream;                  /* derivatives of numbers by columns are rows */
    bool numerator;                 /* ... and by matrices have the transposed shape */
    bool by_numbers;                /* derivatives of columns by numbers are rows, of rows columns */
    bool identity;                  /* I is the identity, though a size is called so */
    setup_sign sign[WRITTEN_SIGNS]; /* what *, \cdot, \otimes are; the scope's if SIGN_USUAL */
    bool transposed;                /* Jacobians in denominator layout */
    const tree *explicit_[16];      /* these derivatives are explicit */
    int explicits;
    bool all_explicit;
} reading;

/* What the dot in \sigma'(\cdot) stands for: the argument of this quantity's function; NULL: one of the candidates. */
typedef struct dot_place {
    const char *function;
    quantity *quantity;
    int64_t step;
    const char *candidates;
} dot_place;

enum { PLACES = 4 };

typedef struct evaluation {
    wiring *context;
    world *world;
    const binding *env;
    reading reading;
    const bound_argument *parameter;
    moving *moved;   /* of a claim about differentials: noted while its right side is evaluated */
    int64_t rows;    /* of the other side of a claim; 0: not known */
    bool per_sample; /* the left side of a claim is one of each sample */
    bool inside;     /* a definition: derivatives are total, and edges lead to `to` */
    node_name to;
    node_name replaced; /* explicit derivatives: this occurrence is another var */
    eddy_var replacement;
    dot_place place[PLACES];
    int places;
    int depth;
} evaluation;

value meaning_of(evaluation *e, const tree *t);
/* The function of a TREE_APPLY on arguments that are there already. */
value meaning_apply(evaluation *e, const tree *call, const value *argument, int count);
/* A quantity at a step as seen from where `e` stands; notes the edge, obeys cuts. */
value world_look(evaluation *e, quantity *q, int64_t step);
/* The same quantity evaluated once more, past the memory of the context (for `replaced`). */
value world_again(evaluation *e, quantity *q, int64_t step);
bool meaning_is_function(const char *name);
/* ... or any other word or command that has a meaning of its own in front of its arguments: \mathrm{diag}, \max */
bool meaning_is_operation(const char *name);
value meaning_call(evaluation *e, const tree *call);
value meaning_derivative(evaluation *e, const tree *t);
value derivative_of(evaluation *e, node_name y, node_name v, bool explicit_);
value meaning_differential(evaluation *e, const tree *symbol);
/* Finds what the dots in a relation stand for, at the instance that `env` binds. */
void meaning_find_places(evaluation *e, const tree *relation);
/* How the left side moves along the directions that the right side names, which was evaluated before. */
value meaning_moved(evaluation *e, const tree *left);
/* e's own fault, for the formula at hand */
fault *meaning_fault(evaluation *e);
/* The index that a sum without bounds runs over: 1 .. *high (time, batch or elements), found in its body. */
bool meaning_range(evaluation *e, const tree *t, const char *letter, int64_t *high, bool *batch);
/* The one length of all axes that the letter counts in t, where it is another than the declared range and the letter
 * has several; else false. */
bool meaning_reach(evaluation *e, const tree *t, const char *letter, const tree *range, int64_t *high);
/* \prod_{t=T}^{1}, \prod_{k=T}^{t+1} and \prod_{j=t}^{2} run down; \prod_{m=k+1}^{t}, \prod_{m=k+1}^{3} and
 * \prod_{m=k}^{2} run up and are empty at k = t. The bounds are written, and their values low and high. */
bool meaning_runs_down(scope *s, const tree_bound *b, int64_t low, int64_t high);

/* Shapes of given quantities (shapes.c): of one sample. */
struct shapes *shapes_new(arena *a, scope *s, int64_t (*size)(void *context, const char *name), void *context);
bool shapes_get(world *w, quantity *q, int *rank, int64_t dim[2]);
/* Did only the look of its name say whether it is a number, a vector or a matrix? */
bool shapes_guessed(const world *w, const quantity *q);
bool shapes_infer(world *w, fault *f);
/* The range of an adopted letter: the axis of the quantity that it indexes in a formula, or anywhere. */
bool scope_range(scope *s, const letter_row *l, const tree *where, const binding *env, world *w, int64_t *high);

/* Library cells: do the scope's definitions and the library's cell agree in this world? False with a fault. */
bool library_agrees(world *w, fault *f);

#endif
