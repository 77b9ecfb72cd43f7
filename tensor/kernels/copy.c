/* Moving elements: copy with conversion, fill, and the two ways of adding whole tensors (accumulate, sum_n), and the
 * search for NaN and infinity. Assumes what kernels.h says about shapes and dtypes. */
#include "loop.h"
#include "set.h"

#include <math.h>

/* float to integer: truncates, saturates, NaN is 0. The bounds are the powers of two next to the range, which floats
 * hold exactly. */
static inline int32_t i32_from_real(double x)
{
    return x >= 0x1p31 ? INT32_MAX : x > -0x1p31 - 1 ? (int32_t)x : x == x ? INT32_MIN : 0;
}
static inline int64_t i64_from_real(double x)
{
    return x >= 0x1p63 ? INT64_MAX : x >= -0x1p63 ? (int64_t)x : x == x ? INT64_MIN : 0;
}
/* integers saturate too: an index that does not fit must not become a valid one */
static inline int32_t i32_from_i64(int64_t x)
{
    return x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : (int32_t)x;
}

typedef void (*convert)(int64_t n, const void *from, int64_t from_step, void *to, int64_t to_step);

#define CONVERT(A, B, name, value)                                                                                     \
    static void name(int64_t n, const void *from, int64_t from_step, void *to, int64_t to_step)                        \
    {                                                                                                                  \
        const A *in = from;                                                                                            \
        B *out = to;                                                                                                   \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const A x = in[i * from_step];                                                                             \
            out[i * to_step] = value;                                                                                  \
        }                                                                                                              \
    }

CONVERT(float, double, f32_to_f64, x)
CONVERT(float, int32_t, f32_to_i32, i32_from_real((double)x))
CONVERT(float, int64_t, f32_to_i64, i64_from_real((double)x))
CONVERT(double, float, f64_to_f32, (float)x)
CONVERT(double, int32_t, f64_to_i32, i32_from_real(x))
CONVERT(double, int64_t, f64_to_i64, i64_from_real(x))
CONVERT(int32_t, float, i32_to_f32, (float)x)
CONVERT(int32_t, double, i32_to_f64, x)
CONVERT(int32_t, int64_t, i32_to_i64, x)
CONVERT(int64_t, float, i64_to_f32, (float)x)
CONVERT(int64_t, double, i64_to_f64, (double)x)
CONVERT(int64_t, int32_t, i64_to_i32, i32_from_i64(x))

static const convert conversions[5][5] = {
    [EDDY_F32] = { [EDDY_F64] = f32_to_f64, [EDDY_I32] = f32_to_i32, [EDDY_I64] = f32_to_i64 },
    [EDDY_F64] = { [EDDY_F32] = f64_to_f32, [EDDY_I32] = f64_to_i32, [EDDY_I64] = f64_to_i64 },
    [EDDY_I32] = { [EDDY_F32] = i32_to_f32, [EDDY_F64] = i32_to_f64, [EDDY_I64] = i32_to_i64 },
    [EDDY_I64] = { [EDDY_F32] = i64_to_f32, [EDDY_F64] = i64_to_f64, [EDDY_I32] = i64_to_i32 },
};

static void move(int64_t n, size_t size, const void *from, int64_t from_step, void *to, int64_t to_step)
{
    if (to_step == 1) {
        loop_gather(n, size, from, from_step, to);
    } else if (size == 4) {
        const loop_word32 *in = from;
        loop_word32 *out = to;
        for (int64_t i = 0; i < n; i++)
            out[i * to_step] = in[i * from_step];
    } else {
        const loop_word64 *in = from;
        loop_word64 *out = to;
        for (int64_t i = 0; i < n; i++)
            out[i * to_step] = in[i * from_step];
    }
}

/* Runs that read with long steps while the axis outside is dense there: a transposition. Square blocks use every cache
 * line whole. */
static void transpose(loop *l, size_t size, const char *from, char *to)
{
    enum { BLOCK = 16 };
    const int64_t rows = l->dim[l->rank - 1], row_in = l->stride[l->rank - 1][0], row_out = l->stride[l->rank - 1][1];
    l->rank--;
    do {
        for (int64_t j = 0; j < l->n; j += BLOCK)
            for (int64_t i = 0; i < rows; i++) {
                const int64_t at_in = l->offset[0] + i * row_in + j * l->step[0],
                              at_out = l->offset[1] + i * row_out + j * l->step[1];
                move(l->n - j < BLOCK ? l->n - j : BLOCK, size, from + at_in * (int64_t)size, l->step[0],
                     to + at_out * (int64_t)size, l->step[1]);
            }
    } while (loop_next(l));
}

void KERNEL(copy)(const eddy_tensor *in, const eddy_tensor *out)
{
    const size_t in_size = loop_size(in), out_size = loop_size(out);
    const char *from = in->data;
    char *to = out->data;
    loop l;
    loop_over(&l, &out->shape, 2, (const eddy_tensor *const[]){ in, out });
    if (!l.count)
        return;
    if (in->dtype != out->dtype) {
        const convert row = conversions[in->dtype][out->dtype];
        do
            row(l.n, from + l.offset[0] * (int64_t)in_size, l.step[0], to + l.offset[1] * (int64_t)out_size, l.step[1]);
        while (loop_next(&l));
    } else if (l.rank > 0 && l.step[0] != 1 && l.stride[l.rank - 1][0] == 1) {
        transpose(&l, in_size, from, to);
    } else {
        do
            move(l.n, in_size, from + l.offset[0] * (int64_t)in_size, l.step[0], to + l.offset[1] * (int64_t)out_size,
                 l.step[1]);
        while (loop_next(&l));
    }
}

void KERNEL(fill)(const eddy_tensor *out, double value)
{
    union {
        float f32;
        double f64;
        int32_t i32;
        int64_t i64;
    } element = { .f64 = value };
    const size_t size = loop_size(out);
    loop l;
    if (out->dtype == EDDY_F32)
        element.f32 = (float)value;
    else if (out->dtype == EDDY_I32)
        element.i32 = i32_from_real(value);
    else if (out->dtype == EDDY_I64)
        element.i64 = i64_from_real(value);
    loop_over(&l, &out->shape, 1, &out);
    if (!l.count)
        return;
    do
        move(l.n, size, &element, 0, (char *)out->data + l.offset[0] * (int64_t)size, l.step[0]);
    while (loop_next(&l));
}

/* Integers wrap: they are added as unsigned. */
#define ADD(name, A, W)                                                                                                \
    static void name(int64_t n, const void *from, int64_t from_step, void *to, int64_t to_step)                        \
    {                                                                                                                  \
        const A *in = from;                                                                                            \
        A *out = to;                                                                                                   \
        if (from_step == 1 && to_step == 1) {                                                                          \
            LOOP_INDEPENDENT                                                                                           \
            for (int64_t i = 0; i < n; i++)                                                                            \
                out[i] = (A)((W)out[i] + (W)in[i]);                                                                    \
        } else {                                                                                                       \
            for (int64_t i = 0; i < n; i++)                                                                            \
                out[i * to_step] = (A)((W)out[i * to_step] + (W)in[i * from_step]);                                    \
        }                                                                                                              \
    }

ADD(add_to_f32, float, float)
ADD(add_to_f64, double, double)
ADD(add_to_i32, int32_t, uint32_t)
ADD(add_to_i64, int64_t, uint64_t)

const kernel_add KERNEL(additions)[] = {
    [EDDY_F32] = add_to_f32, [EDDY_F64] = add_to_f64, [EDDY_I32] = add_to_i32, [EDDY_I64] = add_to_i64
};

void KERNEL(accumulate)(const eddy_tensor *in, const eddy_tensor *out)
{
    const kernel_add add = KERNEL(additions)[out->dtype];
    const int64_t size = (int64_t)loop_size(out);
    loop l;
    loop_over(&l, &out->shape, 2, (const eddy_tensor *const[]){ in, out });
    if (!l.count)
        return;
    do
        add(l.n, (const char *)in->data + l.offset[0] * size, l.step[0], (char *)out->data + l.offset[1] * size,
            l.step[1]);
    while (loop_next(&l));
}

void KERNEL(sum_n)(int64_t n, const eddy_tensor *const in[], const eddy_tensor *out)
{
    /* the part of out that is being summed stays in L1 while thousands of inputs pass by */
    enum { TILE = 2048 };
    _Alignas(64) uint64_t tile[TILE];
    const kernel_add add = KERNEL(additions)[out->dtype];
    const size_t size = loop_size(out);
    const int64_t count = loop_count(&out->shape);
    for (int64_t start = 0; start < count; start += TILE) {
        const int64_t length = count - start < TILE ? count - start : TILE;
        char *to = (char *)out->data + (size_t)start * size;
        for (int64_t k = 0; k < n; k++) {
            const void *from = (const char *)in[k]->data + (size_t)start * size;
            if (!loop_contiguous(in[k])) {
                walk w;
                walk_begin(&w, in[k], &out->shape);
                walk_seek(&w, start);
                from = walk_take(&w, length, tile);
            }
            if (k)
                add(length, from, 1, to, 1);
            else
                memcpy(to, from, (size_t)length * size);
        }
    }
}

/* The number of the first non-finite element of a run, or n. Whole blocks are tested without a branch per element. */
#define NONFINITE(name, A, absolute, largest)                                                                          \
    static int64_t name(int64_t n, const void *from, int64_t step)                                                     \
    {                                                                                                                  \
        enum { BLOCK = 256 };                                                                                          \
        const A *in = from;                                                                                            \
        for (int64_t i = 0; step == 1 && n - i >= BLOCK; i += BLOCK) {                                                 \
            int bad = 0;                                                                                               \
            for (int64_t j = 0; j < BLOCK; j++)                                                                        \
                bad |= !(absolute(in[i + j]) <= (largest));                                                            \
            if (bad)                                                                                                   \
                for (int64_t j = 0;; j++)                                                                              \
                    if (!(absolute(in[i + j]) <= (largest)))                                                           \
                        return i + j;                                                                                  \
        }                                                                                                              \
        for (int64_t i = step == 1 ? n / BLOCK * BLOCK : 0; i < n; i++)                                                \
            if (!(absolute(in[i * step]) <= (largest)))                                                                \
                return i;                                                                                              \
        return n;                                                                                                      \
    }

NONFINITE(nonfinite_f32, float, fabsf, 0x1.fffffep127f)
NONFINITE(nonfinite_f64, double, fabs, 0x1.fffffffffffffp1023)

bool KERNEL(find_nonfinite)(const eddy_tensor *in, int64_t *at)
{
    const int64_t size = (int64_t)loop_size(in);
    int64_t done = 0;
    loop l;
    if (in->dtype != EDDY_F32 && in->dtype != EDDY_F64)
        return false;
    loop_over(&l, &in->shape, 1, &in);
    if (!l.count)
        return false;
    do {
        const char *from = (const char *)in->data + l.offset[0] * size;
        const int64_t found =
            in->dtype == EDDY_F32 ? nonfinite_f32(l.n, from, l.step[0]) : nonfinite_f64(l.n, from, l.step[0]);
        if (found < l.n) {
            if (at)
                *at = done + found;
            return true;
        }
        done += l.n;
    } while (loop_next(&l));
    return false;
}
