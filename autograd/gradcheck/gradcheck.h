/* Is a gradient right? The tape's gradient, or one that the user derived, against a numerical derivative that comes
 * with an estimate of its own error.
 *
 * Numerical derivative: central differences extrapolated to step 0 (Ridders 1982; as in Numerical Recipes 5.7), in f64,
 * element by element. The tolerance of an element is made of that estimate and a bound on rounding (gradcheck.c says
 * which); there is no bare constant. Verdicts: AGREE; DISAGREE (the difference is larger than the errors can explain);
 * UNRESOLVED (the numerical derivative is too uncertain to tell, near a kink for example). A NaN never agrees, and a
 * check that compared nothing has failed.
 *
 * Beside the elements stand witnesses that look at all of them at once; each may be switched off, and one that
 * disagrees makes the whole check disagree. */
#ifndef EDDY_GRADCHECK_H
#define EDDY_GRADCHECK_H

#include "gradient.h"

EDDY_C_BEGIN

typedef enum eddy_verdict { EDDY_AGREE = 0, EDDY_DISAGREE = 1, EDDY_UNRESOLVED = 2, EDDY_NOT_CHECKED = 3 } eddy_verdict;
EDDY_API const char *eddy_verdict_name(eddy_verdict verdict); /* "agree", ... */

/* What else is asked, of the gradient g claimed and a random direction d through all leaves. */
typedef enum eddy_witness {
    EDDY_WITNESS_ADJOINT,   /* <g, d> = J d, the right side by differentiating twice (eddy_jvp): <J^T v, d> = <v, J d>;
                               order 2: of the gradient's Jacobian */
    EDDY_WITNESS_DIRECTION, /* <g, d> = the derivative along d, numerically (Ridders): it sees the elements that
                               max_elements leaves out too */
    EDDY_WITNESS_TAYLOR,    /* f(x + h d) - f(x) - h <g, d> falls like h^2 (`found` is the slope in a log-log plot, 2 is
                              right, 1 is a wrong gradient; NaN or meaningless where the remainder vanishes at once) */
    EDDY_WITNESS_REPEAT,    /* loss and gradient, computed twice, have the same bits */
    EDDY_WITNESS_ZERO,      /* the cotangent 0 gives the gradient 0 exactly */
    EDDY_WITNESSES
} eddy_witness;
EDDY_API const char *eddy_witness_name(eddy_witness witness); /* "adjoint identity", ... */

typedef struct eddy_gradcheck_witness {
    eddy_verdict verdict; /* NOT_CHECKED: switched off, or there was nothing to ask; UNRESOLVED: too uncertain to tell
                             (does not count against the check) */
    int order;
    double expected, found; /* both sides; NaN where there are none */
    double uncertainty;
} eddy_gradcheck_witness;

typedef struct eddy_gradcheck_options { /* zero: the default */
    int order; /* 1: the gradient; 2: also the gradient of its inner product with a random direction. Default 2 */
    int64_t max_elements; /* of one leaf; more are sampled evenly. Default 0: all */
    uint64_t seed;        /* of values for unset inputs and of random directions. Default 1 */
    double low, high;     /* range of values drawn for unset inputs. Default -1, 1 */
    unsigned without;     /* witnesses not to ask: 1u << EDDY_WITNESS_TAYLOR | ...; ~0u: none is asked */
    void *context;        /* handed to the claim of eddy_gradcheck_claim */
} eddy_gradcheck_options;

typedef struct eddy_gradcheck_element {
    int leaf;      /* position in wrt */
    int64_t index; /* row-major element number */
    int order;     /* 1 or 2 */
    double claimed, numerical;
    double by_tape;     /* the tape's gradient: `claimed` itself, unless the user claims */
    double uncertainty; /* estimated error of both together: the tolerance */
    double error;       /* |claimed - numerical| / uncertainty: above 1 disagrees; infinite for a NaN. Where the tape
                           decides (told_by_tape): |claimed - by_tape| / rounding */
    bool kink; /* the slopes at both sides differ: no derivative exists, and `claimed` is one of the slopes between them
                */
    bool rounding;       /* unresolved, or told by the tape, because rounding drowns the numerical derivative */
    bool told_by_tape;   /* of a claim: the numerical derivative has room for it; the tape's gradient decides */
    bool tape_disagrees; /* of a wrong claim: the tape's gradient is shown to be wrong as well */
    eddy_verdict verdict;
} eddy_gradcheck_element;

typedef struct eddy_gradcheck_leaf {
    eddy_verdict verdict; /* the worst of its elements */
    int64_t compared, disagreed, unresolved;
} eddy_gradcheck_leaf;

typedef struct eddy_gradcheck_report {
    eddy_verdict verdict; /* the worst of all; NOT_CHECKED if nothing was compared */
    int64_t compared, disagreed, unresolved;
    double worst_relative; /* largest |claimed - numerical| / max(|numerical|, 1e-3 of the leaf's largest): how far from
                              right in plain words. Where a leaf's gradient is zero within the uncertainty, the largest
                              of all leaves takes its place. */
    eddy_gradcheck_element *elements; /* worst first; eddy_gradcheck_free */
    int64_t count;
    eddy_gradcheck_leaf *leaves; /* in the order of wrt; NULL where nothing was compared */
    int64_t leaf_count;
    eddy_gradcheck_witness witness[EDDY_WITNESSES]; /* the worse of both orders */
    int64_t tape_disagreed; /* of a claim: elements, of all, in which it differs from the tape's gradient by more than
                               rounding (which is measured) */
    char message[768];      /* one sentence: the verdict, the worst element, a diagnosis: what to look at */
} eddy_gradcheck_report;

/* Checks d loss / d wrt of a one-element loss on an f64 tape, wrt being f64 leaves of any role; options may be NULL.
 * Unset floating-point inputs below the loss are drawn at random for the check and unset again afterwards (an unset
 * integer input is a failure); every leaf keeps its value, also after a failure. Returns false when something could not
 * be done (the tape then has the sentence); otherwise true, whatever the verdict. The nodes recorded on the way are
 * reset; eager mode is off meanwhile. The report needs eddy_gradcheck_free. */
EDDY_SITED bool eddy_gradcheck(eddy_var loss, eddy_list wrt, const eddy_gradcheck_options *options,
                               eddy_gradcheck_report *report);
/* The gradient that the user derived, for eddy_gradcheck_claim: plain C on arrays. values[k] and gradients[k] are
 * contiguous f64 tensors of wrt[k]'s shape, context is the options'; the function writes d loss / d wrt[k] at these
 * values into gradients[k].data, which it finds full of NaN. */
typedef void (*eddy_claim)(void *context, int64_t count, const eddy_tensor *const values[],
                           const eddy_tensor gradients[]);
/* The same check, first order, of the user's own gradient of the loss. Unset inputs are drawn as above, so the claim
 * sees the values in force; what else the loss depends on (inputs not in wrt) the claim must know. The tape's gradient
 * stands beside (by_tape); where a claim is sampled (max_elements), the elements in which it differs most from the
 * tape's are looked at besides. */
EDDY_SITED bool eddy_gradcheck_claim(eddy_var loss, eddy_list wrt, eddy_claim claim,
                                     const eddy_gradcheck_options *options, eddy_gradcheck_report *report);
EDDY_API void eddy_gradcheck_free(eddy_gradcheck_report *report);

/* The derivative of f at 0 by Ridders' method from step h, with an estimate of its absolute error; NaN if f gives one.
 */
EDDY_API double eddy_ridders(double (*f)(void *context, double step), void *context, double h, double *error);

EDDY_C_END
#include "gradcheck_calls.h"
#endif
