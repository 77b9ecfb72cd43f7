/* Losses, each a scalar var. */
#ifndef EDDY_LOSS_H
#define EDDY_LOSS_H

#include "ops.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Mean over all elements of (prediction - target)^2; equal shapes (no broadcasting: a (B, 1) against a (B) is nearly always a mistake). */
EDDY_CALL eddy_var eddy_mse(eddy_var prediction, eddy_var target);

#ifdef __cplusplus
}
#endif
#include "loss_calls.h"
#endif
