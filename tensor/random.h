/* Counter-based random numbers: value number i of a stream is a pure function of (seed, stream, i), so the numbers are
 * the same on every machine and for any number of threads, and any of them can be had without the ones before.
 *
 * Generator: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011). The
 * normal distribution is the inverse of its cumulative distribution function (Wichura, AS 241, 1988), computed with + -
 * * / sqrt only. */
#ifndef EDDY_RANDOM_H
#define EDDY_RANDOM_H

#include "tensor.h"

EDDY_C_BEGIN

typedef struct eddy_random {
    uint64_t seed;
    uint64_t stream;
} eddy_random;

EDDY_API void eddy_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]); /* the raw generator */
EDDY_API uint64_t eddy_random_bits(eddy_random random, uint64_t i);                           /* 64 uniform bits */
EDDY_API double eddy_random_uniform(eddy_random random, uint64_t i); /* [0, 1), a multiple of 2^-53 */
EDDY_API double eddy_random_normal(eddy_random random, uint64_t i);  /* mean 0, variance 1 */

/* Fill a floating-point tensor (any strides) in row-major order with values number 0, 1, ... of the stream, drawn in
 * f64 and rounded to the dtype. */
EDDY_API bool eddy_fill_uniform(const eddy_tensor *out, eddy_random random, double low, double high,
                                eddy_status *status);
EDDY_API bool eddy_fill_normal(const eddy_tensor *out, eddy_random random, double mean, double deviation,
                               eddy_status *status);
EDDY_API bool eddy_fill_bernoulli(const eddy_tensor *out, eddy_random random, double probability,
                                  eddy_status *status); /* 1 or 0 */
/* A permutation of 0..n-1 into out[n]; every permutation equally likely (Fisher-Yates). */
EDDY_API void eddy_permutation(int64_t *out, int64_t n, eddy_random random);

EDDY_C_END
#endif
