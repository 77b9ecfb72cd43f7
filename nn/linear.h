/* y = x W^T + b */
#ifndef EDDY_LINEAR_H
#define EDDY_LINEAR_H

#include "init.h"
#include "ops.h"

EDDY_C_BEGIN

/* weight (out, in), bias (out) or {0}; PyTorch's layout and initial values U(-1/sqrt(in), 1/sqrt(in)). */
typedef struct eddy_linear {
    eddy_var weight, bias;
} eddy_linear;

/* Parameters NAME.weight and NAME.bias. */
EDDY_SITED eddy_linear eddy_linear_new(eddy_tape *tape, const char *name, int64_t in, int64_t out);
EDDY_SITED eddy_linear eddy_linear_new_without_bias(eddy_tape *tape, const char *name, int64_t in, int64_t out);
/* x (..., in) -> (..., out) */
EDDY_SITED eddy_var eddy_apply(const eddy_linear *linear, eddy_var x);

EDDY_C_END
#include "linear_calls.h"
#endif
