/* Kernels alone, by every set that this machine runs: the peak of fused multiply-adds in registers, then products at
 * the shapes of recurrent networks and rows of elementwise ops, each the best of several runs. A share of the peak
 * is of the same run's. */
#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static float *draw(int64_t count)
{
    float *result = aligned_alloc(64, ((size_t)count * sizeof *result + 63) / 64 * 64);
    if (!result)
        exit(1);
    for (int64_t i = 0; i < count; i++)
        result[i] = (float)(i * 7919 % 1000) / 1000 - 0.5F;
    return result;
}

typedef struct shape {
    const char *what;
    int64_t m, n, k;
    int over_time; /* a and b lie with k outermost */
    int64_t segments;
} shape;

static const shape shapes[] = {
    { "inner loop, in L1", 6, 16, 256, 0, 1 },
    { "one product of gates", 32, 1024, 384, 0, 1 },
    { "med, h R", 32, 1024, 256, 0, 1 },
    { "large, h R", 64, 2048, 512, 0, 1 },
    { "tutorial, h R", 800, 256, 64, 0, 1 },
    { "tall", 1600, 128, 128, 0, 1 },
    { "small, h R", 16, 128, 32, 0, 1 },
    { "small, two layers", 16, 128, 64, 0, 1 },
    { "small, d R", 16, 32, 128, 0, 1 },
    { "one row", 1, 512, 128, 0, 1 },
    { "one row, large", 1, 2048, 512, 0, 1 },
    { "small, sum over time", 32, 128, 800, 1, 50 },
    { "med, sum over time", 256, 1024, 3200, 1, 100 },
    { "large, sum over time", 512, 2048, 3200, 1, 50 },
};

/* GFLOP/s; weights are packed before, but for sums over time. */
static double measure(const eddy_kernel_set *set, const shape *s)
{
    float *a = draw(s->m * s->k), *b = draw(s->k * s->n), *c = draw(s->m * s->n), *packed = NULL;
    eddy_segment *segment = calloc((size_t)s->segments, sizeof *segment);
    const int64_t k = s->k / s->segments;
    for (int64_t i = 0; segment && i < s->segments; i++)
        segment[i] = (eddy_segment){ .k = k,
                                     .a = a + i * k * (s->over_time ? s->m : 1),
                                     .a_step = { s->over_time ? 1 : s->k, s->over_time ? s->m : 1 },
                                     .b = b + i * k * s->n,
                                     .b_step = { s->n, 1 } };
    if (segment && !s->over_time) {
        packed = draw((int64_t)(set->pack_bytes(EDDY_F32, s->k, s->n) / sizeof *packed));
        set->pack(EDDY_F32, s->k, s->n, b, segment->b_step, packed);
        segment->packed = packed;
    }
    const eddy_product p = { .dtype = EDDY_F32,
                             .accumulate = true,
                             .m = s->m,
                             .n = s->n,
                             .segments = s->segments,
                             .segment = segment,
                             .c = c,
                             .c_step = s->n };
    float *scratch = draw((int64_t)(set->product_scratch(&p, s->m) / sizeof *scratch + 16));
    const double work = 2 * (double)s->m * (double)s->n * (double)s->k;
    const int times = (int)(2e7 / work) + 1;
    double best = 1e9;
    for (int round = 0; round < 15; round++) {
        const double start = seconds();
        for (int i = 0; i < times; i++)
            set->product(&p, 0, s->m, scratch);
        const double took = (seconds() - start) / times;
        best = took < best ? took : best;
    }
    free(a);
    free(b);
    free(c);
    free(packed);
    free(segment);
    free(scratch);
    return work / best * 1e-9;
}

/* Nanoseconds an element. */
static double measure_row(const eddy_kernel_set *set, eddy_dtype dtype, eddy_elementwise op)
{
    enum { COUNT = 2048 };
    static double in[COUNT], out[COUNT];
    for (int i = 0; i < COUNT; i++)
        if (dtype == EDDY_F64)
            in[i] = -3 + 6.0 * i / COUNT;
        else
            ((float *)in)[i] = -3 + 6 * (float)i / COUNT;
    double best = 1e9;
    for (int round = 0; round < 200; round++) {
        const double start = seconds();
        set->rows[dtype][op](&(eddy_tile){ .rows = 1, .columns = COUNT, .in = { in, in }, .out = out });
        const double took = seconds() - start;
        best = took < best ? took : best;
    }
    return best / COUNT * 1e9;
}

int main(void)
{
    static const struct {
        const char *name;
        eddy_elementwise op;
    } rows[] = { { "exp", EDDY_ELEMENTWISE_exp },         { "tanh", EDDY_ELEMENTWISE_tanh },
                 { "sigmoid", EDDY_ELEMENTWISE_sigmoid }, { "expm1", EDDY_ELEMENTWISE_expm1 },
                 { "log", EDDY_ELEMENTWISE_log },         { "log1p", EDDY_ELEMENTWISE_log1p },
                 { "erf", EDDY_ELEMENTWISE_erf },         { "sin", EDDY_ELEMENTWISE_sin },
                 { "cos", EDDY_ELEMENTWISE_cos },         { "mul", EDDY_ELEMENTWISE_mul } };
    const eddy_kernel_set *set;
    for (int i = 0; (set = eddy_kernels_at(i)); i++) {
        const double peak = set->peak();
        printf("%s: peak %.1f GFLOP/s\n", set->name, peak);
        for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
            const shape *s = &shapes[k];
            const double speed = measure(set, s);
            printf("  %-24s %5lld x %5lld x %5lld  %6.1f GFLOP/s  %3.0f%%\n", s->what, (long long)s->m, (long long)s->n,
                   (long long)s->k, speed, 100 * speed / peak);
        }
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            printf("  %-8s f32 %5.2f  f64 %5.2f ns an element\n", rows[k].name, measure_row(set, EDDY_F32, rows[k].op),
                   measure_row(set, EDDY_F64, rows[k].op));
    }
    return 0;
}
