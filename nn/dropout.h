/* Dropout. */
#ifndef EDDY_DROPOUT_H
#define EDDY_DROPOUT_H

#include "ops.h"

EDDY_C_BEGIN

/* x times a mask of kept elements divided by 1 - p (inverted dropout, Srivastava et al. 2014). Record it for training
 * only. */
EDDY_SITED eddy_var eddy_dropout(eddy_var x, double p);

EDDY_C_END
#include "dropout_calls.h"
#endif
