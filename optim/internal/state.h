/* What optimisers share: checked beginnings, states with names, sentences. For the files of optim/ only. */
#ifndef EDDY_OPTIM_STATE_H
#define EDDY_OPTIM_STATE_H

#include "optim.h"

#include <math.h>

/* The tape if params and grads are as many and usable, else NULL after a failure. */
eddy_tape *eddy_optimiser_begin(eddy_site site, const char *name, eddy_list params, eddy_list grads);
/* Makes the sentence the tape's failure. Returns false. */
bool eddy_optimiser_fail(eddy_site site, eddy_tape *tape, const char *format, ...) EDDY_PRINTF(3, 4);
/* Whether low <= value < high, else a sentence about the option; an infinite high: any finite value from low on. */
bool eddy_optimiser_option(eddy_site site, eddy_tape *tape, const char *optimiser, const char *option, double value,
                           double low, double high);
/* An option's value, or the default for 0; EDDY_ZERO, which has a sign, is a 0 that is meant. */
static inline double eddy_or_default(double value, double usual)
{
    return value != 0 || signbit(value) ? value + 0.0 : usual;
}

/* States, made by the first recording that asks for them and shared by later ones (programs for other batch sizes or
 * lengths), with the values they have: a scalar "OPTIMISER.NAME", */
eddy_var eddy_optimiser_scalar(eddy_site site, eddy_tape *tape, const char *optimiser, const char *name,
                               eddy_dtype dtype, double value);
/* one of any shape, filled with `value`, */
eddy_var eddy_optimiser_filled(eddy_site site, eddy_tape *tape, const char *optimiser, const char *name,
                               eddy_dtype dtype, eddy_shape shape, double value);
/* and one like a parameter, "OPTIMISER.NAME.PARAMETER", zeros or filled. */
eddy_var eddy_optimiser_moment(eddy_site site, const char *optimiser, const char *name, eddy_var parameter);
eddy_var eddy_optimiser_moment_of(eddy_site site, const char *optimiser, const char *name, eddy_var parameter,
                                  double value);
/* The leaf "OPTIMISER.NAME" behind the prefix in force; {0} if there is none. */
eddy_var eddy_optimiser_find(eddy_tape *tape, const char *optimiser, const char *name);

/* The rate "OPTIMISER.lr", in f64, so that a schedule computes it to full precision whatever the tape's dtype. */
eddy_var eddy_optimiser_rate(eddy_site site, eddy_tape *tape, const char *optimiser, double lr, double usual);
/* Warns if an option is named (EDDY_ZERO is, 0 is not) whose state `known`, found before this recording, was
 * made with another value; {0}: there was none. */
void eddy_optimiser_used(eddy_site site, const char *optimiser, const char *option, double value, eddy_var known);
/* g + weight_decay p */
eddy_var eddy_optimiser_decay(eddy_var g, eddy_var p, double weight_decay);

#endif
