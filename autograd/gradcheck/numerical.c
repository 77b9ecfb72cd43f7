/* Ridders' method with a running bound on rounding, and the jump of the slope by the same values.
 *
 * Central differences D(h) = (f(x+h) - f(x-h)) / 2h have an error in even powers of h. D is tabulated for h, h/1.4,
 * h/1.4^2, ... and extrapolated to h = 0 (Neville); an entry's truncation error is estimated by its distance to the two
 * entries it was made from (Ridders 1982; Numerical Recipes 5.7). An error of `noise` in f makes one of noise/h in
 * D(h), and the extrapolation adds such errors with its own coefficients, so that every entry also has a bound on
 * rounding. The entry with the smallest sum of both is the answer: a plain minimum of the estimates would pick the
 * entry in which rounding errors happen to cancel.
 *
 * Near a kink, D(h) tends to the mean of both slopes and looks as convergent as beside a smooth point. But
 *
 *     (f(x+h) - 2 f(x) + f(x-h)) / h = jump of the slope + odd powers of h,
 *
 * so that a second table, by the same values, gives the jump with an error of the same kind: 0 at a smooth point. A
 * kink that is much fainter than the curvature is found so. */
#include "gradcheck.h"
#include "numerical.h"

#include <float.h>
#include <math.h>

enum { ROWS = 10 };
static const double shrink = 1.4;

/* Differences extrapolated to h = 0: the error's powers of h are first, first + 2, ... */
typedef struct table {
    double first;
    double value[ROWS][ROWS], rounding[ROWS][ROWS]; /* [column][row] */
    double best, error, best_rounding;
} table;

/* Adds a row; returns whether smaller steps would only add rounding. */
static bool add_row(table *t, int row, double difference, double rounding)
{
    bool settled = false;
    double factor = pow(shrink, t->first);
    t->value[0][row] = difference;
    t->rounding[0][row] = rounding;
    for (int column = 1; column <= row; column++, factor *= shrink * shrink) {
        double finer = t->value[column - 1][row], coarser = t->value[column - 1][row - 1];
        double v = t->value[column][row] = finer + (finer - coarser) / (factor - 1);
        double r = t->rounding[column][row] =
            (factor * t->rounding[column - 1][row] + t->rounding[column - 1][row - 1]) / (factor - 1);
        double truncation = fmax(fabs(v - finer), fabs(v - coarser));
        if (truncation + r < t->error) {
            t->best = v;
            t->error = truncation + r;
            t->best_rounding = r;
        }
        settled = settled || truncation <= r;
    }
    return settled;
}

eddy_slope eddy_slope_at(const eddy_curve *curve, double h)
{
    const eddy_slope none = { .value = NAN, .error = INFINITY, .jump_error = INFINITY, .step = h };
    table slope = { .first = 2, .best = NAN, .error = INFINITY }, jump = { .first = 1, .best = 0, .error = INFINITY };
    double size = 0;
    for (int row = 0; row < ROWS; row++, h /= shrink) {
        double up = curve->f(curve->context, h), down = curve->f(curve->context, -h);
        if (!isfinite(up) || !isfinite(down) || !(h > 0))
            return none;
        size = fmax(size, fmax(fabs(up), fabs(down)));
        double difference = (up - down) / (2 * h);
        double rounding = (curve->noise + DBL_EPSILON * size + curve->grain * fabs(difference)) / h;
        bool settled = add_row(&slope, row, difference, rounding);
        if (isfinite(curve->middle))
            settled = add_row(&jump, row, ((up - curve->middle) - (curve->middle - down)) / h, 4 * rounding) && settled;
        if (settled && row >= 2)
            break;
    }
    return (eddy_slope){ .value = slope.best,
                         .rounding = slope.best_rounding,
                         .error = slope.error,
                         .jump = jump.best,
                         .jump_error = jump.error,
                         .size = size,
                         .step = none.step };
}

bool eddy_slope_bends(const eddy_slope *slope)
{
    return fabs(slope->jump) > 2 * slope->jump_error;
}

double eddy_ridders(double (*f)(void *context, double step), void *context, double h, double *error)
{
    eddy_curve curve = { .f = f, .context = context, .middle = NAN };
    eddy_slope slope = f ? eddy_slope_at(&curve, fabs(h)) : (eddy_slope){ .value = NAN };
    if (error)
        *error = isnan(slope.value) ? NAN : slope.error;
    return slope.value;
}
