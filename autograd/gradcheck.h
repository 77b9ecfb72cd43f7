/* Is a gradient right? The tape's gradient against a numerical derivative that comes with an estimate of its own error.
 *
 * Numerical derivative: central differences extrapolated to step 0 (Ridders 1982; as in Numerical Recipes 5.7), in f64, element by element. The
 * tolerance of an element is made of that estimate and a bound on rounding (gradcheck.c says which); there is no bare constant. Verdicts: AGREE; DISAGREE (the difference is
 * larger than the errors can explain); UNRESOLVED (the numerical derivative is too uncertain to tell, near a kink for example). A NaN never agrees,
 * and a check that compared nothing has failed. */
#ifndef EDDY_GRADCHECK_H
#define EDDY_GRADCHECK_H

#include "gradient.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum eddy_verdict { EDDY_AGREE = 0, EDDY_DISAGREE = 1, EDDY_UNRESOLVED = 2, EDDY_NOT_CHECKED = 3 } eddy_verdict;
EDDY_API const char *eddy_verdict_name(eddy_verdict verdict); /* "agree", ... */

typedef struct eddy_gradcheck_options { /* zero: the default */
    int order;                          /* 1: the gradient; 2: also the gradient of its inner product with a random direction. Default 2 */
    int64_t max_elements;               /* of one leaf; more are sampled evenly. Default 0: all */
    uint64_t seed;                      /* of values for unset inputs and of random directions. Default 1 */
    double low, high;                   /* range of values drawn for unset inputs. Default -1, 1 */
} eddy_gradcheck_options;

typedef struct eddy_gradcheck_element {
    int leaf;      /* position in wrt */
    int64_t index; /* row-major element number */
    int order;     /* 1 or 2 */
    double claimed, numerical;
    double uncertainty; /* estimated error of both together: the tolerance */
    double error;       /* |claimed - numerical| / uncertainty: above 1 disagrees; infinite for a NaN */
    bool kink;          /* the slopes at both sides differ: no derivative exists, and `claimed` is one of the slopes between them */
    eddy_verdict verdict;
} eddy_gradcheck_element;

typedef struct eddy_gradcheck_report {
    eddy_verdict verdict; /* the worst of all; NOT_CHECKED if nothing was compared */
    int64_t compared, disagreed, unresolved;
    double worst_relative; /* largest |claimed - numerical| / max(|numerical|, 1e-3 of the leaf's largest): how far from right in plain words.
                                   Where a leaf's gradient is zero within the uncertainty, the largest of all leaves takes its place. */
    eddy_gradcheck_element *elements; /* worst first; eddy_gradcheck_free */
    int64_t count;
    char message[512]; /* one sentence: the verdict, the worst element, what to look at */
} eddy_gradcheck_report;

/* Checks d loss / d wrt of a one-element loss on an f64 tape, wrt being f64 leaves of any role; options may be NULL. Unset floating-point inputs below the loss are drawn at random for the check and
 * unset again afterwards (an unset integer input is a failure); every leaf keeps its value, also after a failure. Returns false when something could not be done (the tape then has the sentence); otherwise
 * true, whatever the verdict. The nodes recorded on the way are reset; eager mode is off meanwhile. The report needs eddy_gradcheck_free. */
EDDY_CALL bool eddy_gradcheck(eddy_var loss, eddy_list wrt, const eddy_gradcheck_options *options, eddy_gradcheck_report *report);
EDDY_API void eddy_gradcheck_free(eddy_gradcheck_report *report);

/* The derivative of f at 0 by Ridders' method from step h, with an estimate of its absolute error; NaN if f gives one. */
EDDY_API double eddy_ridders(double (*f)(void *context, double step), void *context, double h, double *error);

#ifdef __cplusplus
}
#endif
#include "gradcheck_calls.h"
#endif
