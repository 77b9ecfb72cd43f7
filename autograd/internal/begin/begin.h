/* How a call that records begins: can its operands be used, which axes and numbers are meant, and the sentence if not.
 * Nothing here knows a node: this is all that the composed functions see of a tape's inside. */
#ifndef EDDY_BEGIN_H
#define EDDY_BEGIN_H

#include "tape.h"

/* ---- tape.c ---- */
/* Writes "SITE: OP: sentence (in SCOPE, step T)" as the tape's failure unless there is one. op may be NULL. Returns
 * false. */
bool eddy_tape_fail(eddy_tape *tape, eddy_site site, const char *op, const char *format, ...) EDDY_PRINTF(4, 5);
/* The same for calls that return a var or a list of n: the failed one. */
#define eddy_op_fail(tape, ...) (eddy_tape_fail(tape, __VA_ARGS__), eddy_failed(tape))
#define eddy_list_fail(tape, n, ...) (eddy_tape_fail(tape, __VA_ARGS__), eddy_failed_list(tape, n))

/* ---- record.c ---- */
/* The tape of the operands if all are usable and the tape has not failed; else NULL, and the caller returns
 * eddy_failed(x[0].tape). A mistake (another tape's var, a reset one, {0}) becomes the tape's failure. */
eddy_tape *eddy_begin(eddy_site site, const char *op, int64_t count, const eddy_var *x);
/* The same of one operand and one of its axes, which becomes 0 .. rank-1; an axis out of range is a failure. */
bool eddy_begin_axis(eddy_site site, const char *op, eddy_var x, int *axis);
/* Shape and dtype of a usable var; the same as text, for "%s ... %s" in a sentence. */
const eddy_shape *eddy_var_shape(eddy_var var);
eddy_dtype eddy_var_dtype(eddy_var var);
#define EDDY_KIND(x) eddy_shape_format(eddy_var_shape(x)).text, eddy_dtype_name(eddy_var_dtype(x))

#endif
