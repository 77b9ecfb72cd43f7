/* Baselines of a forecast: last value and linear autoregression, all in f64. Assumes a series longer than the window.
 */
#include "baseline.h"

#include <float.h>
#include <math.h>

void baseline_last_value(const series *data, int64_t window, double *prediction)
{
    for (int64_t n = 0; n < data->count - window; n++)
        prediction[n] = data->value[n + window - 1];
}

double baseline_mse(const series *data, int64_t window, const double *prediction, int64_t first, int64_t last)
{
    double sum = 0;
    for (int64_t n = first; n < last; n++) {
        double error = prediction[n] - data->value[n + window];
        sum += error * error;
    }
    return sum / (double)(last - first);
}

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

bool baseline_least_squares(double *a, double *b, int64_t rows, int64_t columns, double *x)
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
        reflect(b + rank, u, uu, rest);
        diagonal[rank] = -signed_length;
    }
    for (int64_t k = 0; k < columns; k++)
        x[k] = 0;
    for (int64_t k = rank - 1; k >= 0; k--) {
        double sum = b[k];
        for (int64_t j = k + 1; j < rank; j++)
            sum -= a[j * rows + k] * x[order[j]];
        x[order[k]] = sum / diagonal[k];
    }
    eddy_free(order);
    eddy_free(diagonal);
    return true;
}

bool baseline_autoregression(const series *data, int64_t window, int64_t train, double *prediction, eddy_status *status)
{
    int64_t columns = window + 1, windows = data->count - window;
    double *a = eddy_allocate((size_t)train, (size_t)columns * sizeof *a), *b = eddy_allocate((size_t)train, sizeof *b);
    double *w = eddy_allocate((size_t)columns, sizeof *w), center = 0, spread = 0;
    /* Solved for (value - center) / spread: an offset of the series must not drown its changes beside the column of
     * ones. */
    for (int64_t i = 0; i < train + window; i++)
        center += data->value[i] / (double)(train + window);
    for (int64_t i = 0; i < train + window; i++)
        spread = fmax(spread, fabs(data->value[i] - center));
    spread = spread > 0 ? spread : 1;
    bool ok = a && b && w;
    for (int64_t i = 0; ok && i < columns; i++)
        for (int64_t n = 0; n < train; n++)
            a[i * train + n] = i < window ? (data->value[n + i] - center) / spread : 1;
    for (int64_t n = 0; ok && n < train; n++)
        b[n] = (data->value[n + window] - center) / spread;
    ok = ok && baseline_least_squares(a, b, train, columns, w);
    for (int64_t n = 0; ok && n < windows; n++) {
        double sum = w[window];
        for (int64_t i = 0; i < window; i++)
            sum += w[i] * ((data->value[n + i] - center) / spread);
        prediction[n] = center + spread * sum;
    }
    eddy_free(a);
    eddy_free(b);
    eddy_free(w);
    return ok ||
           eddy_status_fail(status, "There is no memory for the linear autoregression of %lld windows of %lld values.",
                            (long long)train, (long long)window);
}
