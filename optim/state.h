/* What optimisers share: checked beginnings, and states with names. For the files of optim/ only. */
#ifndef EDDY_OPTIM_STATE_H
#define EDDY_OPTIM_STATE_H

#include "optim.h"

/* The tape if params and grads are as many and usable, else NULL after a failure. */
eddy_tape *eddy_optimiser_begin(eddy_site site, const char *name, eddy_list params, eddy_list grads);
/* States, made by the first recording that asks for them and shared by later ones (programs for other batch sizes or lengths), with the values they
 * have: a scalar "OPTIMISER.NAME", */
eddy_var eddy_optimiser_scalar(eddy_site site, eddy_tape *tape, const char *optimiser, const char *name, eddy_dtype dtype, double value);
/* and zeros like a parameter, "OPTIMISER.NAME.PARAMETER". */
eddy_var eddy_optimiser_moment(eddy_site site, const char *optimiser, const char *name, eddy_var parameter);

#endif
