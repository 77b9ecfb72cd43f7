/* Differentiation: reads the tape and records more tape, which can be differentiated again. */
#ifndef EDDY_GRADIENT_H
#define EDDY_GRADIENT_H

#include "ops.h"

EDDY_C_BEGIN

/* d loss / d wrt[i] for a loss of one element; each has the shape of wrt[i], zero where the loss does not depend on it.
 */
EDDY_SITED eddy_list eddy_gradients(eddy_var loss, eddy_list wrt);
/* Sum over k of cotangents[k] * d outputs[k] / d wrt[i] (a vector-Jacobian product); cotangents have the outputs'
 * shapes. */
EDDY_SITED eddy_list eddy_gradients_with(eddy_list outputs, eddy_list cotangents, eddy_list wrt);

EDDY_C_END
#include "gradient_calls.h"
#endif
