/* A series to forecast: read from a file, or the tutorial's noisy sine. Trusts nothing in a file. */
#ifndef EDDY_SERIES_H
#define EDDY_SERIES_H

#include <eddy/eddy.h>

typedef struct series {
    double *value; /* all finite */
    int64_t count;
} series;

/* Reads one column of a file of comma-separated values (or one separated by semicolons or tabs, if the first line has
 * no comma; eddy/csv.h), or a .npy file of one axis (or two: rows and columns).
 *
 * column: NULL if there is one column only; a name of the first line; or a number from 1. The first line is a header if
 * no field of it is a number. Empty fields, NaN and text are failures that name the line: a forecaster of equally
 * spaced values must not close gaps by itself. *out is {0} after a failure. */
bool series_read(series *out, const char *path, const char *column, eddy_status *status);

/* value[k] = sin(0.1 k) + 0.1 N(0, 1), the tutorial's data. No forecast of it can have a mean squared error below 0.01,
 * the variance of the noise. */
bool series_generate(series *out, int64_t count, uint64_t seed, eddy_status *status);

void series_free(series *data);

#endif
