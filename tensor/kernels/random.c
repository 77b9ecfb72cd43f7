/* The normal distribution, and tensors filled with random numbers. The same bits on every machine, so one body for all
 * instruction sets: doubles with + - * / sqrt and frexp only, each of them exact or correctly rounded; this file must
 * not be compiled with contraction or fast-math. */
#include "random.h"
#include "walk.h"

#include <math.h>

/* log(m 2^e) = e log 2 + 2 atanh(s),  s = (m - 1)/(m + 1),  m in [sqrt(1/2), sqrt(2)): |s| < 0.172, so the series ends
 * at s^23. */
static double portable_log(double x)
{
    int e;
    double m = frexp(x, &e);
    if (m < 0.70710678118654752) {
        m *= 2;
        e--;
    }
    double s = (m - 1) / (m + 1), square = s * s, series = 0;
    for (int k = 23; k >= 3; k -= 2)
        series = (series + 1.0 / k) * square;
    /* log 2 in two parts; the first has enough zero bits for the product with e to be exact */
    return e * 0x1.62e42feep-1 + (e * 0x1.a39ef35793c76p-33 + (2 * s + 2 * s * series));
}

static double polynomial(const double coefficient[8], double x)
{
    double sum = coefficient[7];
    for (int k = 6; k >= 0; k--)
        sum = sum * x + coefficient[k];
    return sum;
}

/* Numerator and denominator of the approximations of PPND16: near the median, in the tails, far out in the tails. */
static const double central[2][8] = {
    { 3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
      67265.770927008700853, 33430.575583588128105, 2509.0809287301226727 },
    { 1.0000000000000000000, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
      39307.895800092710610, 28729.085735721942674, 5226.4952788528545610 }
};
static const double tail[2][8] = {
    { 1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
      1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4 },
    { 1.00000000000000000000, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
      0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9 }
};
static const double far_tail[2][8] = {
    { 6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
      0.0265321895265761230930, 0.00124266094738807843860, 2.71155556874348757815e-5, 2.01033439929228813265e-7 },
    { 1.00000000000000000000, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
      7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15 }
};

static double ratio(const double approximation[2][8], double x)
{
    return polynomial(approximation[0], x) / polynomial(approximation[1], x);
}

/* PPND16: the x with P(X < x) = p for a standard normal X, relative error about 1e-16, 0 < p < 1. */
static double inverse_normal(double p)
{
    double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        double r = 0.180625 - q * q;
        return q * polynomial(central[0], r) / polynomial(central[1], r);
    }
    double r = sqrt(-portable_log(q < 0 ? p : 1 - p));
    double x = r <= 5 ? ratio(tail, r - 1.6) : ratio(far_tail, r - 5);
    return q < 0 ? -x : x;
}

/* p = (n + 1/2) / 2^52 is exact, never 0 or 1, and symmetric about 1/2. */
double eddy_random_normal(eddy_random random, uint64_t i)
{
    return inverse_normal(((double)(eddy_random_bits(random, i) >> 12) + 0.5) * 0x1p-52);
}

/* ---- Tensors ---- */

/* Number i of a distribution with two parameters. */
typedef double draw(eddy_random random, uint64_t i, const double of[2]);

static double from_interval(eddy_random random, uint64_t i, const double of[2])
{
    return of[0] + (of[1] - of[0]) * eddy_random_uniform(random, i);
}

static double around(eddy_random random, uint64_t i, const double of[2])
{
    return of[0] + of[1] * eddy_random_normal(random, i);
}

static double flip(eddy_random random, uint64_t i, const double of[2])
{
    return eddy_random_uniform(random, i) < of[0];
}

static bool fill(const char *call, const eddy_tensor *out, eddy_random random, draw *number, const double of[2],
                 eddy_status *status)
{
    if (!out || !eddy_dtype_is_float(out->dtype))
        return eddy_status_fail(status, "%s: random numbers go into tensors of f32 or f64, and this one is %s", call,
                                out ? eddy_dtype_name(out->dtype) : "NULL");
    if (eddy_tensor_count(out) < 0)
        return eddy_status_fail(status, "%s: a tensor has the impossible shape %s", call,
                                eddy_shape_format(&out->shape).text);
    eddy_walk walk = { .tensor = out };
    for (int64_t i = 0, n = eddy_tensor_count(out); i < n; i++, eddy_walk_next(&walk)) {
        double value = number(random, (uint64_t)i, of);
        if (out->dtype == EDDY_F32)
            ((float *)out->data)[walk.offset] = (float)value;
        else
            ((double *)out->data)[walk.offset] = value;
    }
    return true;
}

bool eddy_fill_uniform(const eddy_tensor *out, eddy_random random, double low, double high, eddy_status *status)
{
    if (!(low <= high) || !isfinite(high - low))
        return eddy_status_fail(
            status, "eddy_fill_uniform: low = %g and high = %g bound no finite interval; low must not exceed high", low,
            high);
    return fill("eddy_fill_uniform", out, random, from_interval, (double[]){ low, high }, status);
}

bool eddy_fill_normal(const eddy_tensor *out, eddy_random random, double mean, double deviation, eddy_status *status)
{
    if (!isfinite(mean) || !isfinite(deviation) || deviation < 0)
        return eddy_status_fail(
            status, "eddy_fill_normal: mean = %g and deviation = %g; both must be finite, and the deviation at least 0",
            mean, deviation);
    return fill("eddy_fill_normal", out, random, around, (double[]){ mean, deviation }, status);
}

bool eddy_fill_bernoulli(const eddy_tensor *out, eddy_random random, double probability, eddy_status *status)
{
    if (!(probability >= 0 && probability <= 1))
        return eddy_status_fail(status, "eddy_fill_bernoulli: %g is no probability; it must be from 0 to 1",
                                probability);
    return fill("eddy_fill_bernoulli", out, random, flip, (double[]){ probability, 0 }, status);
}
