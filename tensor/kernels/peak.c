/* How fast this set multiplies and adds when nothing else is in the way: what products are measured against. */
#include "vector.h"

#include <time.h>

static double seconds(void)
{
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double KERNEL(peak)(void)
{
    enum { CHAINS = 12, STEPS = 200000 };
    double best = 0;
    for (int round = 0; round < 20; round++) {
        vector_f32 c[CHAINS], a = splat_f32(0.5F), b = splat_f32(0.25F);
        for (int i = 0; i < CHAINS; i++)
            c[i] = splat_f32((float)i);
        const double start = seconds();
        for (int step = 0; step < STEPS; step++) {
            UNROLL for (int i = 0; i < CHAINS; i++) c[i] = fma_f32(a, c[i], b);
        }
        double took = seconds() - start;
        for (int i = 1; i < CHAINS; i++)
            c[0] = c[0] + c[i];
        took += c[0][0] == 12345; /* so that the sums are needed */
        const double speed = 2.0 * CHAINS * STEPS * LANES_f32 / took * 1e-9;
        best = speed > best ? speed : best;
    }
    return best;
}
