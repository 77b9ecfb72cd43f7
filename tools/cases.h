/* What `eddy gradcheck` checks: every op and module, each as a function that records a loss in which every output has a
 * random weight of its own. */
#ifndef EDDY_CASES_H
#define EDDY_CASES_H

#include <eddy/eddy.h>

typedef struct check_case {
    const char *name; /* "matmul", "matmul.batch": a variant */
    eddy_var (*record)(eddy_tape *tape);
    bool flat; /* not differentiable: the gradient must be exactly zero */
} check_case;

/* NULL after the last. */
const check_case *check_case_at(size_t i);

#endif
