/* What value.c and value_parts.c share. For these two only. */
#ifndef EDDY_CHECK_VALUE_INTERNAL_H
#define EDDY_CHECK_VALUE_INTERNAL_H

#include "value.h"

/* None, with the fault that the shapes of the two do not fit. */
value value_wrong(algebra *a, const char *what, value x, value y);
/* x's var with the batch axis and `rank` axes, so that it broadcasts against a value of that rank: scalars get trailing
 * ones. */
eddy_var value_lifted(value x, int rank, bool batched);
/* A vector as a matrix of one row, or of one column. */
value value_as_matrix(value x, bool row);

value value_elementwise(algebra *a, value x, value y, eddy_var (*f)(eddy_var, eddy_var), const char *what);

/* ---- value_ones.c ---- */
value value_scaled(algebra *a, value x, value ones); /* x times the number that is in front of the ones */
value value_with_ones(algebra *a, value x, value y); /* a product of which one side is ones */
value value_with_full(algebra *a, value x, value y); /* ... or 1 1^T */

#endif
