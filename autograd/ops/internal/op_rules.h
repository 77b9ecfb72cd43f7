/* What the files of ops share with each other, with gradients and with programs: how nodes are recorded, pieces of
 * rules, and the adjoint of slices. */
#ifndef EDDY_OP_RULES_H
#define EDDY_OP_RULES_H

#include "begin_ops.h"
#include "layout.h"
#include "node.h"
#include "ops.h"

/* ---- elementwise.c ---- */
/* That of row `row` of elementwise.def. */
const eddy_rule *eddy_elementwise_rule(int32_t row);

/* ---- shape.c ---- */
/* out = in[0], of any strides. */
bool eddy_run_copy(const eddy_work *work);
/* The length of the axis that an op's attributes are: for longest_sum. */
int64_t eddy_length_of_axis(const void *attributes, const eddy_shape *x);
/* The adjoint of slices: zeros of a shape with parts added in their regions. `disjoint` promises that the regions do
 * not overlap and leave nothing out, so that parts are copied. */
eddy_var eddy_region_place(eddy_site site, const char *op, const eddy_shape *shape, eddy_list parts,
                           const eddy_region *regions, bool disjoint);

#endif
