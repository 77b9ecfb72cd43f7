/* Random shapes and layouts for the tests of kernels: axes permuted, flipped, with gaps, or with stride 0. A tensor's
 * block is exactly as large as the layout needs, so that a sanitizer sees a step outside, and starts as GAP bytes, so
 * that a write between elements is seen as well. The sequence of random numbers is the same in every run. */
#ifndef EDDY_RANDOM_TENSOR_H
#define EDDY_RANDOM_TENSOR_H

#include "tensor.h"
#include "test.h"

#include <math.h>
#include <string.h>

enum { GAP = 0x5a, STRAIGHT = 0, STRIDED = 1, REPEATED = 2 /* strided, perhaps with stride 0 */ };

static uint64_t draw_state = 0x9e3779b97f4a7c15;

static inline uint64_t draw(void)
{
    draw_state ^= draw_state << 13;
    draw_state ^= draw_state >> 7;
    draw_state ^= draw_state << 17;
    return draw_state * 0x2545f4914f6cdd1d >> 16;
}

static inline int64_t draw_below(int64_t n)
{
    return (int64_t)(draw() % (uint64_t)n);
}

static inline double draw_real(double low, double high)
{
    return low + (high - low) * (double)draw_below(1 << 30) / (1 << 30);
}

/* Mostly small, sometimes empty, sometimes with one long axis that is longer than any tile. */
static inline eddy_shape draw_shape(int min_rank, int max_rank)
{
    eddy_shape shape = { .rank = min_rank + (int)draw_below(max_rank - min_rank + 1) };
    for (int i = 0; i < shape.rank; i++)
        shape.dim[i] = draw_below(12) == 0 ? 0 : 1 + draw_below(shape.rank > 3 ? 4 : 7);
    if (shape.rank > 0 && draw_below(16) == 0)
        shape.dim[draw_below(shape.rank)] = 250 + draw_below(shape.rank > 2 ? 50 : 2000);
    return shape;
}

static inline int64_t element_offset(const eddy_tensor *t, int64_t flat)
{
    int64_t offset = 0;
    for (int i = t->shape.rank - 1; i >= 0; i--) {
        offset += flat % t->shape.dim[i] * t->stride[i];
        flat /= t->shape.dim[i];
    }
    return offset;
}

static inline double get(const eddy_tensor *t, int64_t flat)
{
    const int64_t at = element_offset(t, flat);
    switch (t->dtype) {
    case EDDY_F32:
        return (double)((const float *)t->data)[at];
    case EDDY_F64:
        return ((const double *)t->data)[at];
    case EDDY_I32:
        return ((const int32_t *)t->data)[at];
    default:
        return (double)((const int64_t *)t->data)[at];
    }
}

static inline void put(const eddy_tensor *t, int64_t flat, double value)
{
    const int64_t at = element_offset(t, flat);
    switch (t->dtype) {
    case EDDY_F32:
        ((float *)t->data)[at] = (float)value;
        break;
    case EDDY_F64:
        ((double *)t->data)[at] = value;
        break;
    case EDDY_I32:
        ((int32_t *)t->data)[at] = (int32_t)value;
        break;
    default:
        ((int64_t *)t->data)[at] = (int64_t)value;
    }
}

static inline int64_t count_of(const eddy_tensor *t)
{
    return eddy_shape_count(&t->shape);
}

/* The number of elements in the block: from the lowest to the highest address. */
static inline int64_t block_count(const eddy_tensor *t)
{
    int64_t span = 1;
    for (int i = 0; i < t->shape.rank; i++)
        span += (t->shape.dim[i] - 1) * llabs(t->stride[i]);
    return count_of(t) ? span : 0;
}

static inline eddy_tensor draw_layout(eddy_dtype dtype, eddy_shape shape, int layout)
{
    eddy_tensor t = { .dtype = dtype, .shape = shape };
    int order[EDDY_MAX_RANK];
    int64_t next = layout != STRAIGHT && draw_below(3) == 0 ? 2 : 1, start = 0;
    for (int i = 0; i < shape.rank; i++)
        order[i] = i;
    for (int i = shape.rank - 1; i > 0 && layout != STRAIGHT && draw_below(3) > 0; i--) {
        int k = (int)draw_below(i + 1), other = order[i];
        order[i] = order[k];
        order[k] = other;
    }
    for (int k = shape.rank - 1; k >= 0; k--) {
        const int i = order[k];
        t.stride[i] = next;
        next *= (shape.dim[i] > 0 ? shape.dim[i] : 1) + (layout != STRAIGHT && draw_below(4) == 0);
        if (layout == REPEATED && draw_below(6) == 0)
            t.stride[i] = 0;
        if (layout != STRAIGHT && draw_below(4) == 0)
            t.stride[i] = -t.stride[i];
        if (t.stride[i] < 0)
            start -= (shape.dim[i] - 1) * t.stride[i];
    }
    const int64_t count = block_count(&t);
    if (count) {
        const size_t size = eddy_dtype_size(dtype);
        t.owned = malloc((size_t)count * size);
        memset(t.owned, GAP, (size_t)count * size);
        t.data = (char *)t.owned + (size_t)start * size;
    }
    return t;
}

/* Elements between low and high; whole numbers for integers. */
static inline eddy_tensor draw_tensor(eddy_dtype dtype, eddy_shape shape, int layout, double low, double high)
{
    eddy_tensor t = draw_layout(dtype, shape, layout);
    for (int64_t i = 0; i < count_of(&t); i++)
        put(&t, i, draw_real(low, high));
    return t;
}

static inline void release(eddy_tensor *t)
{
    free(t->owned);
    *t = (eddy_tensor){ 0 };
}

/* No byte between the elements was written. */
static inline void check_gaps(const eddy_tensor *t)
{
    const size_t size = eddy_dtype_size(t->dtype), bytes = (size_t)block_count(t) * size;
    char *ours = calloc(bytes + 1, 1);
    for (int64_t i = 0; i < count_of(t); i++)
        memset(ours + ((const char *)t->data - (const char *)t->owned) + element_offset(t, i) * (int64_t)size, 1, size);
    for (size_t i = 0; i < bytes; i++)
        if (!ours[i])
            ck_assert_msg(((const unsigned char *)t->owned)[i] == GAP, "byte %zu outside every element was written", i);
    free(ours);
}

/* Equal, or both NaN; zeros may differ in sign. */
static inline void check_same(double got, double want, const char *what, const eddy_tensor *t, int64_t flat)
{
    ck_assert_msg(got == want || (got != got && want != want),
                  "%s: element %lld of shape %s (%s) is %.17g and should be %.17g", what, (long long)flat,
                  eddy_shape_format(&t->shape).text, eddy_dtype_name(t->dtype), got, want);
}

#endif
