/* The functions that elementwise.def names, on vectors: of every lane alone, so of the same bits wherever an element
 * stands. Polynomials are by tools/fit/functions.py; the bounds are of tests/tensor/test_functions.c, which finds the
 * worst argument again: over all arguments in f32, of samples in f64, in units in the last place (ULP) of the result.
 * With and without FMA the bound is the same, the worst argument may differ.
 *
 *             f32: worst, at             f64: worst found, at
 *   exp       1.05  0x1.da5b7ap+5        0.90  0x1.3dfc53c3a4e98p+9
 *   expm1     0.51                       1.53  0x1.8c13efd61c16p-2
 *   tanh      1.47  0x1.1a2ab2p-1        1.44  0x1.1c6ce457e409ep-1
 *   sigmoid   1.98  -0x1.76ea8p+2        1.50  0x1.febabfcffca4p+3
 *   log       0.51                       0.82  0x1.661432dc2f1c9p+0
 *   log1p     0.51                       0.84  0x1.9db93794f00bcp-2
 *   erf       0.51                       1.31  -0x1.f22df3a509397p-1
 *   sin       0.51                       0.90  0x1.c7884e74611e4p+17
 *   cos       0.51                       0.93  0x1.9645a3b436b22p-1
 *
 * f32's others are computed in f64 and rounded once. */
#ifndef EDDY_FUNCTIONS_H
#define EDDY_FUNCTIONS_H

#include "vector.h"

typedef uint64_t bits_f64 __attribute__((vector_size(SET_VECTOR_BYTES), may_alias));
typedef uint32_t bits_f32 __attribute__((vector_size(SET_VECTOR_BYTES), may_alias));
typedef float half_f32 __attribute__((vector_size(SET_VECTOR_BYTES / 2), may_alias));

#define BOTH(make) make(float, f32, f) make(double, f64, )

/* Added and taken away again, it rounds to a whole number; the sum's last bits are that number. */
#define WHOLE_f32 splat_f32(0x1.8p23f)
#define WHOLE_f64 splat_f64(0x1.8p52)

#define MAKE(T, D, f)                                                                                                  \
    static inline vector_##D fabs_##D(vector_##D x)                                                                    \
    {                                                                                                                  \
        return (vector_##D)((bits_##D)x & ~(bits_##D)splat_##D((T)-0.0));                                              \
    }                                                                                                                  \
    static inline vector_##D with_sign_##D(vector_##D x, vector_##D sign)                                              \
    {                                                                                                                  \
        return (vector_##D)((bits_##D)x | ((bits_##D)sign & (bits_##D)splat_##D((T)-0.0)));                            \
    }                                                                                                                  \
    static inline vector_##D rint_##D(vector_##D x)                                                                    \
    {                                                                                                                  \
        const vector_##D large = sizeof(T) == 4 ? splat_##D((T)0x1p23) : splat_##D((T)0x1p52), a = fabs_##D(x),        \
                         r = (a + large) - large;                                                                      \
        return select_##D(a < large, with_sign_##D(r, x), x);                                                          \
    }                                                                                                                  \
    static inline vector_##D floor_##D(vector_##D x)                                                                   \
    {                                                                                                                  \
        const vector_##D r = rint_##D(x);                                                                              \
        return select_##D(r > x, r - splat_##D((T)1), r);                                                              \
    }                                                                                                                  \
    static inline vector_##D ceil_##D(vector_##D x)                                                                    \
    {                                                                                                                  \
        return -floor_##D(-x);                                                                                         \
    }                                                                                                                  \
    static inline vector_##D trunc_##D(vector_##D x)                                                                   \
    {                                                                                                                  \
        return with_sign_##D(floor_##D(fabs_##D(x)), x);                                                               \
    }                                                                                                                  \
    static inline vector_##D fmod_##D(vector_##D x, vector_##D y)                                                      \
    {                                                                                                                  \
        for (int i = 0; i < LANES_##D; i++)                                                                            \
            x[i] = fmod##f(x[i], y[i]);                                                                                \
        return x;                                                                                                      \
    }                                                                                                                  \
    static inline vector_##D pow_##D(vector_##D x, vector_##D y)                                                       \
    {                                                                                                                  \
        for (int i = 0; i < LANES_##D; i++)                                                                            \
            x[i] = pow##f(x[i], y[i]);                                                                                 \
        return x;                                                                                                      \
    }
BOTH(MAKE)
#undef MAKE

/* c[0] + c[1] x + ... + c[n - 1] x^(n-1), by Horner. */
#define MAKE(T, D, f)                                                                                                  \
    static inline __attribute__((always_inline)) vector_##D polynomial_##D(vector_##D x, const int n, const T *c)      \
    {                                                                                                                  \
        vector_##D sum = splat_##D(c[n - 1]);                                                                          \
        UNROLL for (int i = n - 2; i >= 0; i--) sum = fma_##D(sum, x, splat_##D(c[i]));                                \
        return sum;                                                                                                    \
    }
BOTH(MAKE)
#undef MAKE

/* ---- exp: x = n ln 2 + r with |r| <= ln 2 / 2;  e^r - 1 = r + r^2 P(r);  2^n in two factors, so that a subnormal is
 * rounded once. ln 2 is split so that n times its upper part is exact. ---- */

static const float exp_tail_f32[] = { 0x1.00000056b8baep-1f, 0x1.555486f1311ebp-3f, 0x1.55545401d5ff5p-5f,
                                      0x1.124146e1f342ap-7f, 0x1.6dbc5bffada2ep-10f };
static const double exp_tail_f64[] = { 0x1.000000000000dp-1,  0x1.5555555555562p-3,  0x1.555555554f935p-5,
                                       0x1.111111110d170p-7,  0x1.6c16c18735e23p-10, 0x1.a01a01bc80cc5p-13,
                                       0x1.a0199245d3881p-16, 0x1.71dddc2db9ffdp-19, 0x1.28b455a0d0ed1p-22,
                                       0x1.af8b424eb3809p-26 };

/* n, and e^r - 1 */
static inline vector_f32 exp_parts_f32(vector_f32 x, vector_f32 *n)
{
    *n = fma_f32(x, splat_f32(0x1.715476p+0f), WHOLE_f32) - WHOLE_f32;
    const vector_f32 upper = fma_f32(-*n, splat_f32(0x1.62e4p-1f), x), lower = *n * splat_f32(0x1.7f7d1cp-20f);
    const vector_f32 r = upper - lower;
    return fma_f32(r * r, polynomial_f32(r, 5, exp_tail_f32), r);
}

static inline vector_f64 exp_parts_f64(vector_f64 x, vector_f64 *n)
{
    *n = fma_f64(x, splat_f64(0x1.71547652b82fep+0), WHOLE_f64) - WHOLE_f64;
    const vector_f64 upper = fma_f64(-*n, splat_f64(0x1.62e42feep-1), x), lower = *n * splat_f64(0x1.a39ef35793c76p-33);
    const vector_f64 r = upper - lower, error = (upper - r) - lower;
    return r + fma_f64(r * r, polynomial_f64(r, 10, exp_tail_f64), error);
}

/* 2^n for whole n with a normal result */
static inline vector_f32 power_of_2_f32(vector_f32 n)
{
    return (vector_f32)(((bits_f32)(n + WHOLE_f32) << 23) + (bits_f32)splat_f32(1.0f));
}

static inline vector_f64 power_of_2_f64(vector_f64 n)
{
    return (vector_f64)(((bits_f64)(n + WHOLE_f64) << 52) + (bits_f64)splat_f64(1.0));
}

static const float tanh_tail_f32[] = { -0x1.55554b130190ap-2f, 0x1.110d3b13ed72bp-3f, -0x1.b92bba36ea264p-5f,
                                       0x1.5956892f57473p-6f, -0x1.9bba74478a499p-8f };
static const double tanh_tail_f64[] = { -0x1.5555555555555p-2,  0x1.11111111110b4p-3,   -0x1.ba1ba1ba1472bp-5,
                                        0x1.664f4880856f1p-6,   -0x1.226e34f62806fp-7,  0x1.d6d3b89cf51c3p-9,
                                        -0x1.7da180b5885f8p-10, 0x1.353e537f2dd19p-11,  -0x1.f39606b296058p-13,
                                        0x1.8a310b036e2e7p-14,  -0x1.14b2b329a9d33p-15, 0x1.f4925563b702ep-18 };

#define MAKE(T, D, f)                                                                                                  \
    /* where e^x is a normal number */                                                                                 \
    static inline vector_##D exp_normal_##D(vector_##D x)                                                              \
    {                                                                                                                  \
        vector_##D n, less = exp_parts_##D(x, &n), scale = power_of_2_##D(n);                                          \
        return fma_##D(less, scale, scale);                                                                            \
    }                                                                                                                  \
    /* e^x, and what rounding took from it */                                                                          \
    static inline __attribute__((always_inline)) vector_##D exp_lost_##D(vector_##D x, vector_##D *lost)               \
    {                                                                                                                  \
        const vector_##D most = splat_##D((T)(sizeof(T) == 4 ? 89 : 710)),                                             \
                         least = splat_##D((T)(sizeof(T) == 4 ? -104 : -746)), one = splat_##D((T)1);                  \
        x = select_##D(x > most, most, select_##D(x < least, least, x));                                               \
        vector_##D n;                                                                                                  \
        const vector_##D less = exp_parts_##D(x, &n), part = (n * splat_##D((T)0.5) + WHOLE_##D) - WHOLE_##D;          \
        const vector_##D sum = one + less, first = power_of_2_##D(part), second = power_of_2_##D(n - part);            \
        *lost = (less - (sum - one)) * first * second;                                                                 \
        return sum * first * second;                                                                                   \
    }                                                                                                                  \
    static inline vector_##D exp_##D(vector_##D x)                                                                     \
    {                                                                                                                  \
        vector_##D lost;                                                                                               \
        return exp_lost_##D(x, &lost);                                                                                 \
    }                                                                                                                  \
    /* x + x^3 P(x^2) below 0.55; 1 - 2 / (e^2x + 1) above */                                                          \
    static inline vector_##D tanh_##D(vector_##D x)                                                                    \
    {                                                                                                                  \
        const vector_##D one = splat_##D((T)1), most = splat_##D((T)(sizeof(T) == 4 ? 10 : 22)), a = fabs_##D(x),      \
                         square = x * x;                                                                               \
        const vector_##D near =                                                                                        \
            fma_##D(a * square, polynomial_##D(square, sizeof tanh_tail_##D / sizeof(T), tanh_tail_##D), a);           \
        const vector_##D bounded = select_##D(a > most, most, a), power = exp_normal_##D(bounded + bounded);           \
        const vector_##D far = one - splat_##D((T)2) / (power + one);                                                  \
        return with_sign_##D(select_##D(a < splat_##D((T)0.55), near, far), x);                                        \
    }

BOTH(MAKE)
#undef MAKE

/* ---- sigmoid: z = e^-|x|, which cannot overflow: 1 / (1 + z), or z / (1 + z) below 0 ---- */

/* What the sum lost, d, counts: 1 / (s + d) is nearly (1 - d) / s. z is 2^64 times as large until the end, so that a
 * subnormal is rounded once; 1 + z is 1 then. */
static inline vector_f32 sigmoid_f32(vector_f32 x)
{
    const vector_f32 one = splat_f32(1.0f), least = splat_f32(-104.0f), down = -fabs_f32(x), back = splat_f32(0x1p-64f);
    vector_f32 n, less = exp_parts_f32(select_f32(down < least, least, down), &n);
    const vector_f32 scale = power_of_2_f32(n + splat_f32(64.0f)), z = fma_f32(less, scale, scale), part = z * back;
    const vector_f32 s = one + part, d = part - (s - one);
    const vector_f32 r = select_f32(x < splat_f32(0.0f), z, splat_f32(0x1p64f)) / s;
    return fma_f32(-r, d, r) * back;
}

/* z's and the sum's lost parts, e and d, count: (z + e) / (s + d + e) = z/s + (e - z/s (d + e)) / s, 1/s = 1 - z/s */
static inline vector_f64 sigmoid_f64(vector_f64 x)
{
    const vector_f64 one = splat_f64(1.0);
    const mask_f64 below = x < splat_f64(0.0);
    vector_f64 e, z = exp_lost_f64(-fabs_f64(x), &e);
    const vector_f64 s = one + z, d = z - (s - one), r = select_f64(below, z, one) / s;
    return select_f64(below, fma_f64(fma_f64(-r, d + e, e), one - r, r), r);
}

/* 2^n (e^r - 1) + (2^n - 1), halved on the way so that nothing overflows early. */
static inline vector_f64 expm1_f64(vector_f64 x)
{
    const vector_f64 most = splat_f64(710.0), least = splat_f64(-40.0);
    const vector_f64 bounded = select_f64(x > most, most, select_f64(x < least, least, x));
    vector_f64 n, less = exp_parts_f64(bounded, &n), scale = power_of_2_f64(n - splat_f64(1.0));
    const vector_f64 half = fma_f64(scale, less, scale - splat_f64(0.5));
    return select_f64(fabs_f64(x) < splat_f64(0x1p-54), x, half + half);
}

/* ---- log: 1 + f = 2^-k x, between sqrt(1/2) and sqrt(2);  s = f / (2 + f), so that log(1 + f) = 2 atanh(s)
 * = f - (f^2/2 - s (f^2/2 + s^2 P(s^2))) ---- */

static const double log_tail_f64[] = { 0x1.5555555555592p-1, 0x1.999999997fceep-2, 0x1.24924941fd309p-2,
                                       0x1.c71c51fede966p-3, 0x1.746641327b8afp-3, 0x1.39a17c4ef6c53p-3,
                                       0x1.2f07f8834380dp-3 };

/* k and f of a positive normal x */
static inline vector_f64 log_parts_f64(vector_f64 x, vector_f64 *k)
{
    const bits_f64 sign = (bits_f64)splat_f64(-0.0), root = (bits_f64)splat_f64(0x1.6a09e667f3bcdp-1);
    const bits_f64 above = ((bits_f64)x - root + sign) >> 52; /* k + 2048 */
    *k = (vector_f64)(above + (bits_f64)splat_f64(0x1p52)) - splat_f64(0x1p52 + 2048);
    return (vector_f64)((bits_f64)x - (above << 52) + sign) - splat_f64(1.0);
}

/* k ln 2 + log(1 + f) + more, which is small */
static inline vector_f64 log_sum_f64(vector_f64 k, vector_f64 f, vector_f64 more)
{
    const vector_f64 s = f / (f + splat_f64(2.0)), z = s * s, half = splat_f64(0.5) * f * f;
    const vector_f64 tail = fma_f64(z, polynomial_f64(z, 7, log_tail_f64), half);
    const vector_f64 low = fma_f64(s, tail, fma_f64(k, splat_f64(0x1.a39ef35793c76p-33), more));
    return fma_f64(k, splat_f64(0x1.62e42feep-1), f - (half - low));
}

static inline vector_f64 log_f64(vector_f64 x)
{
    const mask_f64 small = x < splat_f64(0x1p-1022);
    vector_f64 k, f = log_parts_f64(select_f64(small, x * splat_f64(0x1p54), x), &k);
    k = select_f64(small, k - splat_f64(54.0), k);
    const vector_f64 y = log_sum_f64(k, f, splat_f64(0.0)), infinity = splat_f64((double)INFINITY);
    return select_f64(
        (x > splat_f64(0.0)) & (x < infinity), y,
        select_f64(x == splat_f64(0.0), -infinity, select_f64(x == infinity, x, x - x + (x - x) / (x - x))));
}

/* log(u) + (1 + x - u) / u with u = 1 + x rounded; near 0, f = x itself */
static inline vector_f64 log1p_f64(vector_f64 x)
{
    const vector_f64 one = splat_f64(1.0), zero = splat_f64(0.0), infinity = splat_f64((double)INFINITY), u = one + x;
    const vector_f64 lost = select_f64(x > one, one - (u - x), x - (u - one));
    vector_f64 k, f = log_parts_f64(u, &k);
    const mask_f64 near = (x > splat_f64(-0.29)) & (x < splat_f64(0.41));
    const vector_f64 y =
        log_sum_f64(select_f64(near, zero, k), select_f64(near, x, f), select_f64(near, zero, lost / u));
    const vector_f64 good = select_f64(fabs_f64(x) < splat_f64(0x1p-54), x, y);
    return select_f64((x > -one) & (x < infinity), good,
                      select_f64(x == -one, -infinity, select_f64(x == infinity, x, x - x + (x - x) / (x - x))));
}

/* ---- erf: x + x P(x^2) below 1; above, 1 - e^(-x^2) Q(t) with t = (x - 2) / (x + 2) ---- */

static const double erf_near_f64[] = { 0x1.06eba8214db69p-3,   -0x1.812746b0379e6p-2,  0x1.ce2f21a042b34p-4,
                                       -0x1.b82ce31284f38p-6,  0x1.565bcd0dbd922p-8,   -0x1.c02db3db4989dp-11,
                                       0x1.f9a321e4bc150p-14,  -0x1.f4d1e4351d222p-17, 0x1.b9df306299835p-20,
                                       -0x1.5f1f4134f49bep-23, 0x1.f7b9a036e904bp-27,  -0x1.38ac2bcb75734p-30,
                                       0x1.062774aa4295dp-34 };
static const double erf_far_f64[] = {
    0x1.058671b52c776p-2,  -0x1.b57034efd3f72p-2,  0x1.eeea7dc8a78b1p-3,   -0x1.437f0b68c0c14p-4, 0x1.e9471597a6070p-9,
    0x1.ca95ed533bc0dp-8,  -0x1.bc25a48504891p-11, -0x1.016b5ce1a1527p-10, 0x1.6d5f0eb6e4db2p-15, 0x1.6da96ebdc0a25p-13,
    0x1.cdc91b828aa91p-16, -0x1.ceb2d50c3a228p-16, -0x1.d466e2ed29e35p-17, 0x1.7203b1da35c75p-20, 0x1.f759bb277f580p-19,
    0x1.5649379d3f443p-20, -0x1.08903ebd2192fp-21, -0x1.6722848fb7b43p-21, 0x1.6a7df4db76e84p-23
};

static inline vector_f64 erf_f64(vector_f64 x)
{
    const vector_f64 a = fabs_f64(x), one = splat_f64(1.0), two = splat_f64(2.0), most = splat_f64(6.0);
    const vector_f64 near = fma_f64(x, polynomial_f64(x * x, 13, erf_near_f64), x);
    const vector_f64 bounded = select_f64(a > most, most, a), t = (bounded - two) / (bounded + two);
    const vector_f64 far = one - exp_normal_f64(-bounded * bounded) * polynomial_f64(t, 19, erf_far_f64);
    return select_f64(a < one, near, with_sign_f64(far, x));
}

/* ---- sin, cos: x = n pi/2 + y + error with |y| <= pi/4; pi/2 in three parts, so that n times the first two is exact.
 * Beyond 2^20 lane by lane by the C library. ---- */

static const double sin_tail_f64[] = { -0x1.5555555555549p-3, 0x1.111111110f841p-7,   -0x1.a01a019c0a269p-13,
                                       0x1.71de3570fbe31p-19, -0x1.ae5e60c39154dp-26, 0x1.5d915dd27eb9fp-33 };
static const double cos_tail_f64[] = { 0x1.555555555554cp-5,   -0x1.6c16c16c15140p-10, 0x1.a01a019cab752p-16,
                                       -0x1.27e4f805346dbp-22, 0x1.1ee9e8912f084p-29,  -0x1.8facd192f74a5p-37 };

/* the sine of x + quarter pi/2 */
static inline vector_f64 sine_f64(vector_f64 x, int64_t quarter)
{
    const vector_f64 one = splat_f64(1.0), sum = fma_f64(x, splat_f64(0x1.45f306dc9c883p-1), WHOLE_f64),
                     n = sum - WHOLE_f64;
    const vector_f64 a = x - n * splat_f64(0x1.921fb544p+0), w = n * splat_f64(0x1.0b4611a6p-34), r = a - w, b = r - a;
    const vector_f64 low = ((a - (r - b)) - (w + b)) - n * splat_f64(0x1.3198a2e037073p-69), y = r + low,
                     error = (r - y) + low;
    const vector_f64 z = y * y, half = splat_f64(0.5) * z, w1 = one - half;
    const vector_f64 s = y + fma_f64(y * z, polynomial_f64(z, 6, sin_tail_f64), error);
    const vector_f64 c = w1 + (((one - w1) - half) + (z * z * polynomial_f64(z, 6, cos_tail_f64) - y * error));
    const bits_f64 turn = (bits_f64)sum + (bits_f64){ EACH_f64((uint64_t)quarter) };
    const mask_f64 odd = -(mask_f64)(turn & (bits_f64){ EACH_f64(1) });
    return (vector_f64)((bits_f64)select_f64(odd, c, s) ^ ((turn & (bits_f64){ EACH_f64(2) }) << 62));
}

static inline vector_f64 sin_f64(vector_f64 x)
{
    vector_f64 y = sine_f64(x, 0);
    const mask_f64 far = fabs_f64(x) > splat_f64(0x1p20);
    y = select_f64(fabs_f64(x) < splat_f64(0x1p-27), x, y);
    for (int i = 0; i < LANES_f64; i++)
        if (far[i])
            y[i] = sin(x[i]);
    return y;
}

static inline vector_f64 cos_f64(vector_f64 x)
{
    vector_f64 y = sine_f64(x, 1);
    const mask_f64 far = fabs_f64(x) > splat_f64(0x1p20);
    for (int i = 0; i < LANES_f64; i++)
        if (far[i])
            y[i] = cos(x[i]);
    return y;
}

/* ---- f32 by way of f64 ---- */

#define MAKE(name)                                                                                                     \
    static inline vector_f32 name##_f32(vector_f32 x)                                                                  \
    {                                                                                                                  \
        half_f32 part[2];                                                                                              \
        memcpy(part, &x, sizeof x);                                                                                    \
        for (int i = 0; i < 2; i++)                                                                                    \
            part[i] = __builtin_convertvector(name##_f64(__builtin_convertvector(part[i], vector_f64)), half_f32);     \
        memcpy(&x, part, sizeof x);                                                                                    \
        return x;                                                                                                      \
    }
MAKE(expm1)
MAKE(log)
MAKE(log1p)
MAKE(erf)
MAKE(sin)
MAKE(cos)
#undef MAKE
#undef BOTH

#endif
