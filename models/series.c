/* The tutorial's noisy sine. */
#include "series.h"

#include <math.h>

bool series_generate(frame *out, int64_t count, uint64_t seed, eddy_status *status)
{
    const eddy_random noise = { .seed = seed,
                                .stream = 0x5e21e5 }; /* a stream of its own: parameters are drawn from the same seed */
    double *value = eddy_allocate((size_t)count, sizeof *value);
    *out = (frame){ 0 };
    for (int64_t k = 0; value && k < count; k++)
        value[k] = sin(0.1 * (double)k) + 0.1 * eddy_random_normal(noise, (uint64_t)k);
    bool ok = value ? frame_of(out, value, count, "value", status)
                    : eddy_status_fail(status, "There is no memory for a series of %lld values.", (long long)count);
    eddy_free(value);
    return ok;
}
