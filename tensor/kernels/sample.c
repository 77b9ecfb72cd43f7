/* Draws from distributions over classes. Assumes what kernels.h says about shapes and dtypes; the values of the logits
 * are not trusted. Everything is computed in f64, whatever the dtype of the logits. */
#include "loop.h"
#include "set.h"

#include <math.h>

typedef struct row {
    const eddy_tensor *logits;
    int64_t from, step, classes;
} row;

static double logit(const row *r, int64_t c)
{
    const int64_t offset = r->from + c * r->step;
    return r->logits->dtype == EDDY_F32 ? (double)((const float *)r->logits->data)[offset]
                                        : ((const double *)r->logits->data)[offset];
}

/* The first class c with sum_{i <= c} p_i > u sum p, which has p_c > 0; -1 where the logits are no distribution. */
static int64_t draw(const row *r, double u)
{
    double largest = -INFINITY, total = 0, sum = 0;
    for (int64_t c = 0; c < r->classes; c++)
        largest = logit(r, c) > largest ? logit(r, c) : largest;
    for (int64_t c = 0; c < r->classes; c++)
        total += exp(logit(r, c) - largest); /* NaN for a NaN, and where the largest is infinite */
    for (int64_t c = 0; c < r->classes; c++) {
        sum += exp(logit(r, c) - largest);
        if (sum > u * total)
            return c;
    }
    return -1;
}

static bool fail_row(const row *r, int64_t number, const eddy_shape *rows, eddy_status *status)
{
    eddy_shape place = *rows;
    for (int i = place.rank - 1; i >= 0; number /= rows->dim[i], i--)
        place.dim[i] = number % rows->dim[i];
    return eddy_status_fail(
        status,
        "row %s of the logits of shape %s is no distribution: one of its %lld is NaN or infinity, or all are -infinity",
        eddy_shape_format(&place).text, eddy_shape_format(&r->logits->shape).text, (long long)r->classes);
}

bool KERNEL(categorical)(const eddy_tensor *logits, eddy_random random, const eddy_tensor *out, eddy_status *status)
{
    const int last = logits->shape.rank - 1;
    int64_t *to = out->data, number = 0;
    loop l;
    loop_begin(&l, 1);
    for (int i = 0; i < last; i++)
        loop_axis(&l, logits->shape.dim[i], &logits->stride[i]);
    loop_end(&l);
    if (!l.count)
        return true;
    do
        for (int64_t i = 0; i < l.n; i++, number++) {
            const row r = { logits, l.offset[0] + i * l.step[0], logits->stride[last], logits->shape.dim[last] };
            to[number] = draw(&r, eddy_random_uniform(random, (uint64_t)number));
            if (to[number] < 0)
                return fail_row(&r, number, &out->shape, status);
        }
    while (loop_next(&l));
    return true;
}
