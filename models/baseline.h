/* What a forecaster must be compared with: forecasts that need no learning, or a linear one; and how far a forecast is
 * from what came.
 *
 * Forecasts of all windows stand one after the other, each horizon * targets numbers (windows.h). */
#ifndef EDDY_BASELINE_H
#define EDDY_BASELINE_H

#include "common/windows.h"

/* The value of the last row that is a whole number of seasons before; season 1: the last value, however far ahead. NAN
 * where the series does not reach so far back. */
void baseline_naive(const windows *w, int64_t season, double *prediction);
/* prediction = a + sum over rows and columns of the window of w x, for each target and row ahead with the a and w that
 * have the least squared error on the first `train` windows. */
bool baseline_linear(const windows *w, int64_t train, double *prediction, eddy_status *status);
/* The season of a column's first `rows` values: the lag of the highest peak of the autocorrelation, a line taken out,
 * behind its first change of sign. 0: none is above 0.2. */
int64_t baseline_season(const frame *data, int64_t column, int64_t rows);

/* Of one target over some windows. */
typedef struct baseline_errors {
    double mse, rmse, mae;
    double smape; /* mean of 200 |f - y| / (|f| + |y|), in percent */
    double mase;  /* mae over the mean |y_t - y_{t-1}| of the first `train` windows' rows (Hyndman & Koehler 2006) */
    int64_t count;
} baseline_errors;
/* width: numbers from window to window in `prediction`. Forecasts that are NAN do not count. step: rows ahead, from 0;
 * -1: all. */
baseline_errors baseline_measure(const windows *w, const double *prediction, int64_t width, int64_t target,
                                 int64_t step, int64_t first, int64_t count, int64_t train);

/* x with the least |A x - b| for each of `sides` right sides b, A of rows x columns; A, b and x stored column after
 * column; A and b are overwritten. By Householder reflections with column exchanges (Golub & Van Loan, Matrix
 * Computations, 4th ed., algorithm 5.4.1); columns that the others explain get x = 0. False when memory is short. */
bool baseline_least_squares(double *a, double *b, int64_t rows, int64_t columns, int64_t sides, double *x);

#endif
