/* The tutorial's noisy sine. */
#ifndef EDDY_SERIES_H
#define EDDY_SERIES_H

#include "common/frame.h"

/* value[k] = sin(0.1 k) + 0.1 N(0, 1), one column. No forecast of it can have a mean squared error below 0.01, the
 * variance of the noise. */
bool series_generate(frame *out, int64_t count, uint64_t seed, eddy_status *status);

#endif
