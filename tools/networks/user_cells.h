/* Cells that the library does not have, written as a user would, on its public ops: what `eddy bench`, `eddy plan` and
 * `eddy graph` know besides the built-in ones. */
#ifndef EDDY_USER_CELLS_H
#define EDDY_USER_CELLS_H

#include <eddy/eddy.h>

/* Unrolls a new cell of the kind over x (time, batch, input). */
typedef eddy_unrolled (*user_cell)(eddy_tape *tape, eddy_var x, int64_t hidden, const eddy_unroll_options *options);

eddy_unrolled user_mgu(eddy_tape *tape, eddy_var x, int64_t hidden, const eddy_unroll_options *options);
eddy_unrolled user_slstm(eddy_tape *tape, eddy_var x, int64_t hidden, const eddy_unroll_options *options);
eddy_unrolled user_indrnn(eddy_tape *tape, eddy_var x, int64_t hidden, const eddy_unroll_options *options);
eddy_unrolled user_sru(eddy_tape *tape, eddy_var x, int64_t hidden, const eddy_unroll_options *options);

#endif
