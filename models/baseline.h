/* What a forecaster must be compared with: forecasts that need no learning, or a linear one.
 *
 * Window number n of a series is value[n] .. value[n + window - 1]; the value after it is to be forecast, so there are
 * count - window windows. */
#ifndef EDDY_BASELINE_H
#define EDDY_BASELINE_H

#include "series.h"

/* Tomorrow is like today: prediction[n] = value[n + window - 1]. */
void baseline_last_value(const series *data, int64_t window, double *prediction);

/* prediction[n] = a + sum over i of w[i] value[n + i], with the a and w that have the least squared error on the first
 * `train` windows. */
bool baseline_autoregression(const series *data, int64_t window, int64_t train, double *prediction,
                             eddy_status *status);

/* Mean over the windows first .. last-1 of (prediction[n] - value[n + window])^2. */
double baseline_mse(const series *data, int64_t window, const double *prediction, int64_t first, int64_t last);

/* x with the least |A x - b|, A of rows x columns stored column after column; A and b are overwritten. By Householder
 * reflections with column exchanges (Golub & Van Loan, Matrix Computations, 4th ed., algorithm 5.4.1); columns that the
 * others explain get x = 0. False when memory is short. */
bool baseline_least_squares(double *a, double *b, int64_t rows, int64_t columns, double *x);

#endif
