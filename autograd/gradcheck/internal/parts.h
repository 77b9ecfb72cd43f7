/* The parts of the gradient checker to each other: gradcheck.c runs, witness.c asks what is asked beside the elements,
 * judge.c judges and words, diagnose.c says what a wrong gradient looks like, cut_states.c differentiates with
 * the states cut between time steps. */
#ifndef EDDY_PARTS_H
#define EDDY_PARTS_H

#include "gradcheck.h"
#include "node.h"

enum { EDDY_CHECK_ORDERS = 2, EDDY_CHECK_LEVELS = EDDY_CHECK_ORDERS + 1 };

/* Level 0 is the loss y0; level k + 1 is y[k+1] = <gradient of y[k], direction of level k>. */
typedef struct eddy_check_level {
    eddy_var y, noise;     /* noise: a bound on the rounding of y */
    eddy_list gradient;    /* with respect to wrt */
    eddy_list direction;   /* through all of wrt; elements of size 0.5 to 1.5 and either sign */
    eddy_var along;        /* the derivative of y along `direction` by differentiating twice; {0}: not asked */
    eddy_program *program; /* y alone */
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
    eddy_list zero;       /* gradients of the loss for the cotangent 0 */
    eddy_program *claims; /* every gradient, noise, derivative along and y */
    eddy_claim claim;     /* the user's; NULL: the tape's gradient is checked */
    void *context;
    eddy_tensor *claimed; /* by the user, one for each of wrt */
    eddy_status repeat;   /* what differed between two computations; "" if nothing */
} eddy_check;

typedef struct eddy_gradcheck_scale {
    double loss_noise, claim_noise;  /* bounds on the rounding of the function and of each claimed element */
    double largest, largest_of_leaf; /* claimed elements: of all leaves, of this one */
} eddy_gradcheck_scale;

/* ---- gradcheck.c ---- */
bool eddy_check_fail(const eddy_check *c, const char *sentence);
bool eddy_check_no_memory(const eddy_check *c);
/* One byte a node, then one a leaf: 1 if y needs it. NULL when memory is short. */
unsigned char *eddy_check_below(const eddy_check *c, eddy_var y);
/* What is claimed to be the gradient of y[order - 1] with respect to wrt[k], and what the tape says. */
const eddy_tensor *eddy_check_claimed(const eddy_check *c, int order, int64_t k);
const eddy_tensor *eddy_check_by_tape(const eddy_check *c, int order, int64_t k);
/* A bound on the rounding of each claimed element. */
double eddy_check_claim_noise(const eddy_check *c, int order);

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
/* Fills all of an element but leaf, index, order, claimed and by_tape. f(context, step) is the function with the
 * element at x + step. */
void eddy_gradcheck_judge(eddy_gradcheck_element *e, double (*f)(void *context, double step), void *context, double x,
                          const eddy_gradcheck_scale *scale);
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

/* ---- cut_states.c ---- */
/* The gradient of the loss with respect to wrt, with what one time step hands to another (only what is watched under
 * the name `only`, unless that is NULL) held fixed. An empty list if nothing is handed over. */
eddy_list eddy_check_cut_carry(eddy_check *c, const char *only);
/* Names under which things handed from step to step are watched, into names[room]; returns how many. */
int eddy_check_carried(const eddy_check *c, const char **names, int room);

#endif
