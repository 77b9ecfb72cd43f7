/* What value.c and value_parts.c share. For these two only. */
#ifndef EDDY_CHECK_VALUE_INSIDE_H
#define EDDY_CHECK_VALUE_INSIDE_H

#include "value.h"

/* None, with the fault that the shapes of the two do not fit. */
value value_wrong(algebra *a, const char *what, value x, value y);
/* x's var with the batch axis and `rank` axes, so that it broadcasts against a value of that rank: scalars get trailing
 * ones. */
eddy_var value_lifted(value x, int rank, bool batched);
/* A vector as a matrix of one row, or of one column. */
value value_as_matrix(value x, bool row);

#endif
