/* The parts of the gradient checker to each other: gradcheck.c runs, levels.c records what is differentiated and how it
 * rounds, numerical.c differentiates numerically, element.c gives an element's verdict, witness.c asks what is asked
 * beside the elements, branches.c tells whether a step crosses a kink or a jump, rounding.c measures rounding, report.c
 * concludes and words, diagnose.c says what a wrong gradient looks like, cut_states.c differentiates with the states
 * cut between time steps, record_again.c records a graph once more. */
#ifndef EDDY_GRADCHECK_INTERNAL_H
#define EDDY_GRADCHECK_INTERNAL_H

#include "gradcheck.h"
#include "node.h"
#include "program.h"

enum { EDDY_CHECK_ORDERS = 2, EDDY_CHECK_LEVELS = EDDY_CHECK_ORDERS + 1 };

/* Level 0 is the loss y0; level k + 1 is y[k+1] = <gradient of y[k], direction of level k>. */
typedef struct eddy_check_level {
    eddy_var y;
    eddy_list gradient;  /* with respect to wrt */
    eddy_list direction; /* through all of wrt; elements of size 0.5 to 1.5 and either sign */
    eddy_var along;      /* the derivative of y along `direction` by differentiating twice; {0}: not asked */
    /* y's rounding is at most the sum over `sizes` times `weight`; that of `change` where leaf k of wrt moves, the sum
     * over those that depend on it (bit k) times `change_weight`. */
    eddy_var sizes;
    double *weight, *change_weight;
    uint64_t *depends, *serves; /* serves: bit k, the gradient of the level below with respect to wrt[k] needs it */
    int64_t sizes_count;
    eddy_var change;                /* y(x) - y(x0), from differences `moving` - `held` */
    eddy_list moving, held;         /* vars, and leaves that keep their values at x0 */
    bool change_is_wrong;           /* it contradicted y, so that y itself is differentiated */
    eddy_program *program;          /* y and change */
    eddy_program *beside;           /* sizes, for other values of the leaves; NULL: not yet asked for */
    struct eddy_branches *branches; /* the same of the branches */
} eddy_check_level;

typedef struct eddy_check {
    eddy_tape *tape;
    eddy_site site;
    eddy_list wrt;
    eddy_gradcheck_options options;
    int32_t leaves, nodes; /* that the tape had before */
    uint64_t *versions;    /* of those leaves */
    void **drawn;          /* the bytes of a leaf that was unset; NULL for the others */
    eddy_check_level levels[EDDY_CHECK_LEVELS];
    eddy_list zero;                 /* gradients of the loss for the cotangent 0 */
    eddy_program *claims;           /* every gradient, size, derivative along and y */
    eddy_claim claim;               /* the user's; NULL: the tape's gradient is checked */
    eddy_tensor *claimed;           /* by the user, one for each of wrt */
    struct eddy_rounding *rounding; /* NULL: not measured */
    eddy_status repeat;             /* what differed between two computations; "" if nothing */
} eddy_check;

typedef struct eddy_gradcheck_scale {
    double loss_noise, claim_noise; /* bounds on the rounding of the function and of each claimed element */
    double largest_of_leaf;         /* the tape's largest element of this leaf */
    bool nothing;                   /* and none of them is more than rounding */
} eddy_gradcheck_scale;

/* ---- gradcheck.c ---- */
bool eddy_check_fail(const eddy_check *c, const char *sentence);
bool eddy_check_no_memory(const eddy_check *c);
/* One byte a node, then one a leaf: 1 if one of the vars needs it. NULL when memory is short. */
unsigned char *eddy_check_below(const eddy_check *c, const eddy_var *y, int64_t count);
/* What is claimed to be the gradient of y[order - 1] with respect to wrt[k], and what the tape says. */
const eddy_tensor *eddy_check_claimed(const eddy_check *c, int order, int64_t k);
const eddy_tensor *eddy_check_by_tape(const eddy_check *c, int order, int64_t k);
/* A bound on the rounding of each claimed element of wrt[k]; k -1: of all. */
double eddy_check_claim_noise(const eddy_check *c, int order, int64_t k);

/* ---- compare.c ---- */
/* y[order - 1] with other values in the leaves than the ones in force, as a difference from y there; NaN after a
 * failure. */
double eddy_check_change(eddy_check *c, int order);
/* The bound on its rounding there, where leaf k of wrt moves (-1: all of them). */
double eddy_check_noise_beside(eddy_check *c, int order, int64_t k);
/* Fills the report's elements, by order, leaf and index. */
bool eddy_check_compare(eddy_check *c, eddy_gradcheck_report *report);

/* ---- branches.c ---- */
/* What lies between x and another point, as far as the outcomes of comparisons, signs and the like tell. */
typedef enum eddy_crossing {
    EDDY_CROSSES_NOTHING,
    EDDY_CROSSES_KINK, /* an outcome that only the derivative reads: the function is continuous */
    EDDY_CROSSES_JUMP  /* one that the function reads */
} eddy_crossing;
/* Between the values in force when the branches were recorded and those now, for y[order - 1]. After a failure, a
 * jump. */
eddy_crossing eddy_check_crossing(eddy_check *c, int order);
bool eddy_branches_record(eddy_check *c, eddy_check_level *at);
void eddy_branches_forget(struct eddy_branches *branches);

/* ---- levels.c ---- */
/* The terms of the longest sum that makes an element of the node: 1 if it adds nothing up. */
double eddy_check_fold(const eddy_tape *tape, const eddy_node *node);
/* Records gradient and sizes of at->y; unless it is the last level, also its change. */
bool eddy_check_record_level(eddy_check *c, eddy_check_level *at, bool last);
/* A random direction; its leaves are removed at the end. */
eddy_list eddy_check_direction(eddy_check *c, eddy_list gradient, int order);
void eddy_check_forget_level(eddy_check_level *at);
/* Keeps the values in force for `change`. */
bool eddy_check_hold(eddy_check *c, eddy_check_level *at);
/* A bound on the rounding of y; k >= 0: on what of it comes from computing the gradient of the level below with respect
 * to wrt[k]. */
double eddy_check_noise(const eddy_check *c, int level, int64_t k);
/* The same of its change where leaf k of wrt moves (-1: all of them), by the sizes that the program has computed. */
double eddy_check_change_noise(const eddy_check *c, const eddy_program *program, int level, int64_t k);

/* ---- claim.c ---- */
/* Lets the user claim, at the values in force: into c->claimed, or into other tensors of these shapes. */
bool eddy_check_claim(eddy_check *c);
bool eddy_check_ask_user(const eddy_check *c, eddy_tensor *gradients);
void eddy_check_forget_claim(eddy_check *c);

/* ---- witness.c ---- */
/* Is this witness to be asked? */
bool eddy_check_asks(const eddy_check *c, eddy_witness witness);
/* Records what the witnesses need, after the levels. */
bool eddy_witness_record(eddy_check *c);
/* Computes everything a second time, after the first. */
bool eddy_witness_repeat(eddy_check *c);
bool eddy_witness_ask(eddy_check *c, eddy_gradcheck_report *report);

/* ---- judge.c ---- */
/* The largest finite |element|. */
double eddy_gradcheck_largest(const eddy_tensor *claimed);
/* A function of one number: its value at x + step less that at x, a bound on its rounding there, and what lies between
 * x and there (both may be NULL). */
typedef struct eddy_probe {
    void *context;
    double (*f)(void *context, double step);
    double (*noise)(void *context, double step);
    eddy_crossing (*crossing)(void *context, double step);
} eddy_probe;
/* Fills all of an element but leaf, index, order, claimed and by_tape. */
void eddy_gradcheck_judge(eddy_gradcheck_element *e, const eddy_probe *probe, double x,
                          const eddy_gradcheck_scale *scale);

/* ---- report.c ---- */
/* Counts, sorts, and writes verdict and message. Elements stand by order, leaf and index. */
bool eddy_gradcheck_conclude(eddy_check *c, eddy_gradcheck_report *report);

/* ---- diagnose.c ---- */
/* The elements of one order and leaf stand together: [from, to). */
typedef struct eddy_span {
    const eddy_gradcheck_element *e;
    int64_t from, to;
} eddy_span;
/* What the disagreement of a whole leaf looks like, "; ...". */
bool eddy_diagnose(eddy_check *c, eddy_span s, char *text, size_t size);

/* ---- copy.c ---- */
typedef struct eddy_copy_changes { /* each may be NULL */
    void *context;
    /* What the copy of `reader` reads as operand k instead of `operand`, a leaf or a copy. */
    eddy_var (*operand)(void *context, const eddy_node *reader, int32_t k, eddy_var operand);
    /* What stands for the copy of `node` from then on. */
    eddy_var (*result)(void *context, const eddy_node *node, eddy_var copy);
} eddy_copy_changes;
/* Records all nodes that the vars need once more; copies by node number, {0} for the others, to be freed. NULL after a
 * failure. */
eddy_var *eddy_check_copy(eddy_check *c, const eddy_var *wanted, int64_t count, const eddy_copy_changes *changes);

/* ---- rounding.c ---- */
/* Measures the rounding of every claimed element and of the adjoint identity, once; false after a failure. */
bool eddy_rounding_measure(eddy_check *c);
/* How far rounding moves the tape's element i of wrt[k], or the adjoint identity's two sides apart. */
double eddy_rounding_of(const eddy_check *c, int order, int64_t k, int64_t i);
double eddy_rounding_of_adjoint(const eddy_check *c, int order);
void eddy_rounding_forget(eddy_check *c);

/* ---- cut_states.c ---- */
/* The gradient of the loss with respect to wrt, with what one time step hands to another (only what is watched under
 * the name `only`, unless that is NULL) held fixed. An empty list if nothing is handed over. */
eddy_list eddy_check_cut_carry(eddy_check *c, const char *only);
/* Names under which things handed from step to step are watched, into names[room]; returns how many. */
int eddy_check_carried(const eddy_check *c, const char **names, int room);

#endif
