/* Dropout. */
#ifndef EDDY_DROPOUT_H
#define EDDY_DROPOUT_H

#include "ops.h"

#ifdef __cplusplus
extern "C" {
#endif

/* x times a mask of kept elements divided by 1 - p (inverted dropout, Srivastava et al. 2014). Record it for training
 * only. */
EDDY_SITED eddy_var eddy_dropout(eddy_var x, double p);

#ifdef __cplusplus
}
#endif
#include "dropout_calls.h"
#endif
