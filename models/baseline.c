/* Baselines of a forecast, all in f64. */
#include "baseline.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

static double value_at(const windows *w, int64_t row, int64_t column)
{
    return w->data->value[row * w->data->columns + column];
}

/* ---- Without learning ---- */

void baseline_naive(const windows *w, int64_t season, double *prediction)
{
    for (int64_t n = 0; n < w->count; n++)
        for (int64_t k = 0; k < w->horizon; k++)
            for (int64_t m = 0; m < w->targets; m++) {
                int64_t row = n + w->length + k - season * (k / season + 1);
                *prediction++ = row < 0 ? NAN : value_at(w, row, m);
            }
}

/* y less its regression on the row number. */
static void take_out_line(double *y, int64_t rows)
{
    double middle = (double)(rows - 1) / 2, mean = 0, along = 0, square = 0;
    for (int64_t i = 0; i < rows; i++)
        mean += y[i] / (double)rows;
    for (int64_t i = 0; i < rows; i++) {
        along += ((double)i - middle) * (y[i] - mean);
        square += ((double)i - middle) * ((double)i - middle);
    }
    for (int64_t i = 0; i < rows; i++)
        y[i] -= mean + (square > 0 ? along / square * ((double)i - middle) : 0);
}

static double correlation(const double *y, int64_t rows, int64_t lag)
{
    double sum = 0, square = 0;
    for (int64_t i = 0; i < rows; i++) {
        sum += i >= lag ? y[i] * y[i - lag] : 0;
        square += y[i] * y[i];
    }
    return square > 0 ? sum / square : 0;
}

int64_t baseline_season(const frame *data, int64_t column, int64_t rows)
{
    enum { LONGEST = 2000 };
    int64_t best = 0, most = rows / 2 < LONGEST ? rows / 2 : LONGEST;
    double *y = eddy_allocate((size_t)(rows + most + 1), sizeof *y), *r = y + rows, highest = 0.2;
    for (int64_t i = 0; y && i < rows; i++)
        y[i] = data->value[i * data->columns + column];
    if (y) {
        take_out_line(y, rows);
        for (int64_t lag = 0; lag <= most; lag++)
            r[lag] = correlation(y, rows, lag);
        int64_t lag = 1;
        while (lag < most && r[lag] > 0)
            lag++;
        for (lag++; lag < most; lag++)
            if (r[lag] > highest && r[lag] >= r[lag - 1] && r[lag] >= r[lag + 1]) {
                highest = r[lag];
                best = lag;
            }
    }
    eddy_free(y);
    return best;
}

/* ---- Least squares ---- */

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* v <- v - 2 u (u.v) / (u.u) */
static void reflect(double *v, const double *u, double uu, int64_t n)
{
    double factor = 2 * dot(u, v, n) / uu;
    for (int64_t i = 0; i < n; i++)
        v[i] -= factor * u[i];
}

bool baseline_least_squares(double *a, double *b, int64_t rows, int64_t columns, int64_t sides, double *x)
{
    int64_t *order = eddy_allocate((size_t)columns, sizeof *order);
    double *diagonal = eddy_allocate((size_t)columns, sizeof *diagonal), largest = 0;
    int64_t rank = 0;
    if (!order || !diagonal) {
        eddy_free(order);
        eddy_free(diagonal);
        return false;
    }
    for (int64_t k = 0; k < columns; k++)
        order[k] = k;
    for (; rank < rows && rank < columns; rank++) {
        int64_t rest = rows - rank, best = rank;
        double longest = -1;
        for (int64_t k = rank; k < columns; k++) {
            const double *column = a + k * rows + rank;
            double length = dot(column, column, rest);
            if (length > longest) {
                longest = length;
                best = k;
            }
        }
        double length = sqrt(longest);
        if (rank == 0)
            largest = length;
        if (!(length > (double)(rows + columns) * DBL_EPSILON * largest))
            break;
        for (int64_t i = 0; best != rank && i < rows; i++) {
            double swap = a[best * rows + i];
            a[best * rows + i] = a[rank * rows + i];
            a[rank * rows + i] = swap;
        }
        int64_t swap = order[best];
        order[best] = order[rank];
        order[rank] = swap;

        /* u = column + sign(column[0]) |column| e_0 takes the column to -sign |column| e_0 */
        double *u = a + rank * rows + rank, signed_length = u[0] < 0 ? -length : length;
        u[0] += signed_length;
        double uu = dot(u, u, rest);
        for (int64_t k = rank + 1; k < columns; k++)
            reflect(a + k * rows + rank, u, uu, rest);
        for (int64_t side = 0; side < sides; side++)
            reflect(b + side * rows + rank, u, uu, rest);
        diagonal[rank] = -signed_length;
    }
    for (int64_t side = 0; side < sides; side++, x += columns, b += rows) {
        for (int64_t k = 0; k < columns; k++)
            x[k] = 0;
        for (int64_t k = rank - 1; k >= 0; k--) {
            double sum = b[k];
            for (int64_t j = k + 1; j < rank; j++)
                sum -= a[j * rows + k] * x[order[j]];
            x[order[k]] = sum / diagonal[k];
        }
    }
    eddy_free(order);
    eddy_free(diagonal);
    return true;
}

/* ---- Linear autoregression ---- */

/* The columns less their centers, over their spreads: an offset must not drown changes beside the column of ones. */
typedef struct scaling {
    double center[FRAME_COLUMNS], spread[FRAME_COLUMNS];
} scaling;

static void find_scaling(scaling *s, const windows *w, int64_t rows)
{
    for (int64_t k = 0; k < w->data->columns; k++) {
        double center = 0, spread = 0;
        for (int64_t i = 0; i < rows; i++)
            center += value_at(w, i, k) / (double)rows;
        for (int64_t i = 0; i < rows; i++)
            spread = fmax(spread, fabs(value_at(w, i, k) - center));
        s->center[k] = center;
        s->spread[k] = spread > 0 ? spread : 1;
    }
}

static double scaled_at(const scaling *s, const windows *w, int64_t row, int64_t k)
{
    return (value_at(w, row, k) - s->center[k]) / s->spread[k];
}

/* Number i of a window: its rows one after the other, then 1. */
static double regressor(const scaling *s, const windows *w, int64_t n, int64_t i)
{
    int64_t columns = w->data->columns;
    return i < w->length * columns ? scaled_at(s, w, n + i / columns, i % columns) : 1;
}

bool baseline_linear(const windows *w, int64_t train, double *prediction, eddy_status *status)
{
    int64_t count = w->length * w->data->columns + 1, sides = w->horizon * w->targets;
    double *a = eddy_allocate((size_t)train, (size_t)count * sizeof *a);
    double *b = eddy_allocate((size_t)train, (size_t)sides * sizeof *b);
    double *weight = eddy_allocate((size_t)count, (size_t)sides * sizeof *weight);
    bool ok = a && b && weight;
    scaling s;
    find_scaling(&s, w, train + w->length + w->horizon - 1);
    for (int64_t i = 0; ok && i < count; i++)
        for (int64_t n = 0; n < train; n++)
            a[i * train + n] = regressor(&s, w, n, i);
    for (int64_t i = 0; ok && i < sides; i++)
        for (int64_t n = 0; n < train; n++)
            b[i * train + n] = scaled_at(&s, w, n + w->length + i / w->targets, i % w->targets);
    ok = ok && baseline_least_squares(a, b, train, count, sides, weight);
    for (int64_t n = 0; ok && n < w->count; n++)
        for (int64_t i = 0; i < sides; i++) {
            double sum = 0;
            for (int64_t k = 0; k < count; k++)
                sum += weight[i * count + k] * regressor(&s, w, n, k);
            *prediction++ = s.center[i % w->targets] + s.spread[i % w->targets] * sum;
        }
    eddy_free(a);
    eddy_free(b);
    eddy_free(weight);
    return ok || eddy_status_fail(status,
                                  "There is no memory for the linear autoregression of %" PRId64 " windows of %" PRId64
                                  " values.",
                                  train, count - 1);
}

/* ---- Errors ---- */

baseline_errors baseline_measure(const windows *w, const double *prediction, int64_t width, int64_t target,
                                 int64_t step, int64_t first, int64_t count, int64_t train)
{
    baseline_errors e = { 0 };
    int64_t known = train + w->length;
    double naive = 0;
    for (int64_t n = first; n < first + count; n++)
        for (int64_t k = step < 0 ? 0 : step; k < (step < 0 ? w->horizon : step + 1); k++) {
            int64_t i = k * w->targets + target;
            double f = prediction[n * width + i], y = windows_truth(w, n, i), far = fabs(f - y);
            if (isnan(f))
                continue;
            e.count++;
            e.mse += far * far;
            e.mae += far;
            e.smape += fabs(f) + fabs(y) > 0 ? 200 * far / (fabs(f) + fabs(y)) : 0;
        }
    for (int64_t i = 1; i < known; i++)
        naive += fabs(value_at(w, i, target) - value_at(w, i - 1, target)) / (double)(known - 1);
    e.mse /= (double)e.count;
    e.mae /= (double)e.count;
    e.smape /= (double)e.count;
    e.rmse = sqrt(e.mse);
    e.mase = e.mae / naive;
    return e;
}
