/* Ridders' method with a running bound on rounding, and the search for a kink.
 *
 * Central differences D(h) = (f(x+h) - f(x-h)) / 2h have an error in even powers of h. D is tabulated for h, h/1.4,
 * h/1.4^2, ... and extrapolated to h = 0 (Neville); an entry's truncation error is estimated by its distance to the two
 * entries it was made from (Ridders 1982; Numerical Recipes 5.7). An error of `noise` in f makes one of noise/h in
 * D(h), and the extrapolation adds such errors with its own coefficients, so that every entry also has a bound on
 * rounding. The entry with the smallest sum of both is the answer: a plain minimum of the estimates would pick the
 * entry in which rounding errors happen to cancel. */
#include "gradcheck.h"
#include "numerical.h"

#include <float.h>
#include <math.h>

enum { ROWS = 10 };
static const double shrink = 1.4;

eddy_slope eddy_slope_at(const eddy_curve *curve, double h)
{
    const eddy_slope none = { NAN, INFINITY, 0, h };
    eddy_slope best = none;
    double value[ROWS][ROWS], rounding[ROWS][ROWS], size = 0; /* [column][row] */
    for (int row = 0; row < ROWS; row++, h /= shrink) {
        double up = curve->f(curve->context, h), down = curve->f(curve->context, -h);
        if (!isfinite(up) || !isfinite(down) || !(h > 0))
            return none;
        size = fmax(size, fmax(fabs(up), fabs(down)));
        value[0][row] = (up - down) / (2 * h);
        rounding[0][row] = (curve->noise + DBL_EPSILON * size + curve->grain * fabs(value[0][row])) / h;
        bool settled = false;
        double factor = shrink * shrink;
        for (int column = 1; column <= row; column++, factor *= shrink * shrink) {
            double finer = value[column - 1][row], coarser = value[column - 1][row - 1];
            double v = value[column][row] = finer + (finer - coarser) / (factor - 1);
            double r = rounding[column][row] =
                (factor * rounding[column - 1][row] + rounding[column - 1][row - 1]) / (factor - 1);
            double truncation = fmax(fabs(v - finer), fabs(v - coarser));
            if (truncation + r < best.error)
                best = (eddy_slope){ v, truncation + r, 0, none.step };
            settled = settled || truncation <= r;
        }
        if (settled && row >= 2) /* smaller steps would only add rounding */
            break;
    }
    best.size = size;
    return best;
}

double eddy_ridders(double (*f)(void *context, double step), void *context, double h, double *error)
{
    eddy_curve curve = { .f = f, .context = context };
    eddy_slope slope = eddy_slope_at(&curve, fabs(h));
    if (error)
        *error = isnan(slope.value) ? NAN : slope.error;
    return slope.value;
}

/* (f(x+h) - 2 f(x) + f(x-h)) / h is the jump of the slope if there is a kink within h of x, and shrinks like h if there
 * is none. A kink that is not at x itself is seen down to steps of its distance. */
bool eddy_kink_at(const eddy_curve *curve, double h, double *jump)
{
    enum { STEPS = 8, RATIO = 16 };
    double middle = curve->f(curve->context, 0), before = INFINITY;
    int constant = 0;
    *jump = 0;
    for (int i = 0; i < STEPS && isfinite(middle); i++, h /= RATIO) {
        double up = curve->f(curve->context, h), down = curve->f(curve->context, -h);
        double gap = fabs(up - 2 * middle + down) / h;
        double rounding =
            4 * (curve->noise + DBL_EPSILON * (fabs(up) + 2 * fabs(middle) + fabs(down)) + curve->grain * gap) / h;
        if (!isfinite(gap))
            continue;
        if (gap <= 4 * rounding)
            break;
        if (gap > before / 2) {
            constant++;
            *jump = fmax(*jump, gap);
        }
        before = gap;
    }
    return constant >= 2;
}
