/* The numbers that given quantities have in a world. */
#include "evaluate.h"

#include <math.h>

uint64_t world_hash(const char *key, int64_t step)
{
    uint64_t h = 1469598103934665603u ^ (uint64_t)(step + 1000);
    for (; *key; key++)
        h = (h ^ (unsigned char)*key) * 1099511628211u;
    return h;
}

/* From the fourth draw on each given quantity has a size of its own, so that a minimum or maximum is seen from both
 * sides. */
static double spread(const world *w, const quantity *q, int rank)
{
    eddy_random random = { .seed = 77, .stream = world_hash(q->key, 0) };
    return w->options.draw < 3 || w->options.tiny ? 1
                                                  : exp((rank == 0 || q->flags & GIVEN_POSITIVE ? 1.5 : 0.5) *
                                                        eddy_random_normal(random, w->options.draw));
}

void world_draw_values(const world *w, const quantity *q, int64_t step, int rank, const int64_t dim[2], int64_t samples,
                       double *out)
{
    eddy_random random = { .seed = w->options.draw * 7919 + 1, .stream = world_hash(q->key, step) };
    int64_t last = rank ? dim[rank - 1] : 1, each = rank == 2 ? dim[0] * dim[1] : last, count = samples * each;
    for (int64_t i = 0; i < count; i++) {
        double normal = eddy_random_normal(random, (uint64_t)i), unit = eddy_random_uniform(random, (uint64_t)i);
        out[i] = rank == 2 ? 0.7 * normal : normal;
        if (fabs(out[i]) < 0.05) /* nothing near zero: a product with it would hide what it multiplies */
            out[i] += out[i] < 0 ? -0.3 : 0.3;
        if (q->flags & GIVEN_POSITIVE)
            out[i] = exp(0.5 * normal);
        out[i] *= spread(w, q, rank) * ldexp(1, -w->options.damped);
        if (q->flags & GIVEN_UNIT)
            out[i] = 0.1 + 0.8 * unit;
        if (q->flags & GIVEN_ZERO_ONE)
            out[i] = unit < 0.6 || (i == 0 && step <= 1);
    }
    for (int64_t i = 0; i < count && (q->flags & GIVEN_ONE_HOT); i++) {
        bool columns = rank == 2 && w->options.hot_columns;
        int64_t class = columns ? i % each / last : i % last, classes = columns ? dim[0] : last;
        out[i] = class == (int64_t)((world_hash(q->key, step) + (uint64_t)(columns ? i % last : i / last) * 5) %
                                    (uint64_t)classes);
    }
    for (int64_t i = 0; i < count && (q->flags & GIVEN_SYMMETRIC) && rank == 2 && dim[0] == dim[1]; i++) {
        int64_t r = i % each / last, c = i % last;
        if (c < r)
            out[i] = out[i - i % each + c * last + r];
    }
}
