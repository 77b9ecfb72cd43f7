/* How calls of ops begin that have more than operands and one axis: several axes, an index, a number. With begin.h this
 * is all that the composed functions see of how ops are recorded; nothing here knows a node. */
#ifndef EDDY_BEGIN_OPS_H
#define EDDY_BEGIN_OPS_H

#include "begin.h"

/* ---- reduce.c ---- */
typedef struct eddy_reduced {
    unsigned axes;            /* the reduced ones as bits */
    eddy_shape kept, dropped; /* the result's, with the reduced dimensions 1 and without them */
    int64_t over;             /* elements reduced to one */
} eddy_reduced;
/* As eddy_begin_axis, of several axes, which none may be given twice; none: all. */
bool eddy_begin_reduction(eddy_site site, const char *op, eddy_var x, const eddy_shape *axes, eddy_reduced *r);

/* ---- index.c ---- */
/* As eddy_begin_axis, of one operand and an index, whose dtype must be an integer one. */
bool eddy_begin_index(eddy_site site, const char *op, eddy_var x, int *axis, eddy_var index);

/* ---- elementwise.c ---- */
/* s as a scalar of x's tape and dtype; a failed var if x is no good or s has no value in an integer dtype. */
eddy_var eddy_number(eddy_site site, const char *op, eddy_var x, double s);

#endif
