/* Reductions: sum, maximum, running sum. A result is one left fold over its elements in row-major order: blocks are
 * blocks of results, never of the elements that one result is made of. Assumes what kernels.h says about shapes and
 * dtypes. */
#include "loop.h"
#include "set.h"

/* The folds compare a value with itself to find NaN, which for integers is always false. */
#if defined __GNUC__
#pragma GCC diagnostic ignored "-Wtautological-compare"
#endif

typedef struct reduction {
    void (*begin)(int64_t columns, int64_t column_step, const void *from, void *accumulators);
    void (*fold)(int64_t columns, int64_t column_step, int64_t rows, int64_t row_step, const void *from,
                 void *accumulators);
    void (*end)(int64_t columns, const void *accumulators, void *to);
} reduction;

/* Columns and rows of two arrays that are walked together: how many, and the steps of each array. */
typedef struct field {
    int64_t columns, rows;
    int64_t column_step[2], row_step[2];
} field;

typedef void (*scan)(const field *f, const void *from, void *to, void *accumulators);

/* from so many dense columns on, a row is added at once with vectors */
enum { WIDE = 16 };

#define T float
#define SUM double
#define ID(name) name##_f32
#include "reduce.inc"
#undef T
#undef SUM
#undef ID

#define T double
#define SUM double
#define ID(name) name##_f64
#include "reduce.inc"
#undef T
#undef SUM
#undef ID

#define T int32_t
#define SUM uint64_t
#define ID(name) name##_i32
#include "reduce.inc"
#undef T
#undef SUM
#undef ID

#define T int64_t
#define SUM uint64_t
#define ID(name) name##_i64
#include "reduce.inc"
#undef T
#undef SUM
#undef ID

static const reduction *const sums[] = {
    [EDDY_F32] = &sum_f32, [EDDY_F64] = &sum_f64, [EDDY_I32] = &sum_i32, [EDDY_I64] = &sum_i64
};
static const reduction *const maxima[] = {
    [EDDY_F32] = &amax_f32, [EDDY_F64] = &amax_f64, [EDDY_I32] = &amax_i32, [EDDY_I64] = &amax_i64
};
static const scan scans[] = {
    [EDDY_F32] = scan_f32, [EDDY_F64] = scan_f64, [EDDY_I32] = scan_i32, [EDDY_I64] = scan_i64
};

enum { COLUMNS = 256 };

/* `in` has elements. */
static void reduce(const reduction *r, const eddy_tensor *in, unsigned axes, const eddy_tensor *out)
{
    _Alignas(64) uint64_t accumulators[COLUMNS];
    const int64_t size = (int64_t)loop_size(in);
    loop kept, reduced;
    loop_begin(&kept, 1);
    loop_begin(&reduced, 1);
    for (int i = 0; i < in->shape.rank; i++)
        loop_axis(axes >> i & 1U ? &reduced : &kept, in->shape.dim[i], &in->stride[i]);
    loop_end(&kept);
    loop_end(&reduced);
    char *to = out->data;
    do
        for (int64_t j = 0; j < kept.n; j += COLUMNS) {
            const int64_t columns = kept.n - j < COLUMNS ? kept.n - j : COLUMNS;
            const char *from = (const char *)in->data + (kept.offset[0] + j * kept.step[0]) * size;
            r->begin(columns, kept.step[0], from, accumulators);
            do
                r->fold(columns, kept.step[0], reduced.n, reduced.step[0], from + reduced.offset[0] * size,
                        accumulators);
            while (loop_next(&reduced));
            r->end(columns, accumulators, to);
            to += columns * size;
        }
    while (loop_next(&kept));
}

void KERNEL(sum)(const eddy_tensor *in, unsigned axes, const eddy_tensor *out)
{
    const int64_t results = loop_count(&out->shape);
    if (loop_count(&in->shape))
        reduce(sums[in->dtype], in, axes, out);
    else if (results)
        memset(out->data, 0, (size_t)results * loop_size(out));
}

void KERNEL(amax)(const eddy_tensor *in, unsigned axes, const eddy_tensor *out)
{
    if (loop_count(&in->shape))
        reduce(maxima[in->dtype], in, axes, out);
}

void KERNEL(cumsum)(const eddy_tensor *in, int axis, const eddy_tensor *out)
{
    _Alignas(64) uint64_t accumulators[COLUMNS];
    const int64_t size = (int64_t)loop_size(in);
    loop l;
    loop_begin(&l, 2);
    for (int i = 0; i < in->shape.rank; i++)
        if (i != axis)
            loop_axis(&l, in->shape.dim[i], (const int64_t[]){ in->stride[i], out->stride[i] });
    loop_end(&l);
    const bool scalar = in->shape.rank == 0;
    field f = { .rows = scalar ? 1 : in->shape.dim[axis],
                .column_step = { l.step[0], l.step[1] },
                .row_step = { scalar ? 0 : in->stride[axis], scalar ? 0 : out->stride[axis] } };
    if (!l.count || !f.rows)
        return;
    do
        for (int64_t j = 0; j < l.n; j += COLUMNS) {
            f.columns = l.n - j < COLUMNS ? l.n - j : COLUMNS;
            scans[in->dtype](&f, (const char *)in->data + (l.offset[0] + j * l.step[0]) * size,
                             (char *)out->data + (l.offset[1] + j * l.step[1]) * size, accumulators);
        }
    while (loop_next(&l));
}

void KERNEL(fold_rows)(eddy_dtype dtype, int64_t rows, int64_t columns, const void *in, int64_t row_step,
                       double *totals)
{
    sums[dtype]->fold(columns, 1, rows, row_step, in, totals);
}
