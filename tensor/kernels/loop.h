/* How kernels walk over strided tensors. A loop visits the elements of up to four operands together, in row-major
 * order of a common shape, as runs: axes of one element are dropped, neighbouring axes that all operands cross with one
 * stride are merged, and what is then innermost is handed out as (n, step per operand). A walk reads one operand along
 * a contiguous result and turns it into unit-stride pieces.
 *
 * Assumes shapes that eddy_shape_count accepts. Offsets count elements from an operand's `data`. No function here
 * touches memory of a tensor without elements, whose data may be NULL. */
#ifndef EDDY_LOOP_H
#define EDDY_LOOP_H

/* Rows that call libm cannot be vectorised, and clang warns where LOOP_INDEPENDENT invited it to. It looks for the
 * permission at the first place where a file was included, hence here. */
#if defined __clang__
#pragma GCC diagnostic ignored "-Wpass-failed"
#endif

#include "kernels.h"

#include <math.h>
#include <string.h>

#if defined __x86_64__
#include <immintrin.h>
#elif defined __aarch64__
#include <arm_neon.h>
#endif

enum { LOOP_OPERANDS = 4 };

/* Elements as bits, so that moving them needs no case per dtype. */
typedef uint32_t __attribute__((may_alias)) loop_word32;
typedef uint64_t __attribute__((may_alias)) loop_word64;

/* Before a loop whose iterations touch distinct elements, or one element both read and written: in-place calls may
 * still use vectors. */
#if defined __clang__
#define LOOP_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined __GNUC__
#define LOOP_INDEPENDENT _Pragma("GCC ivdep")
#else
#define LOOP_INDEPENDENT
#endif

typedef struct loop {
    int operands, rank; /* rank counts the outer axes, innermost last */
    int64_t count;      /* of all elements; 0: do not enter */
    int64_t n;          /* elements of a run */
    int64_t step[LOOP_OPERANDS];
    int64_t offset[LOOP_OPERANDS]; /* of the current run */
    int64_t dim[EDDY_MAX_RANK], index[EDDY_MAX_RANK];
    int64_t stride[EDDY_MAX_RANK][LOOP_OPERANDS];
} loop;

static inline size_t loop_size(const eddy_tensor *tensor)
{
    return tensor->dtype == EDDY_F32 || tensor->dtype == EDDY_I32 ? 4 : 8;
}

static inline int64_t loop_count(const eddy_shape *shape)
{
    int64_t count = 1;
    for (int i = 0; i < shape->rank; i++)
        count *= shape->dim[i];
    return count;
}

static inline bool loop_contiguous(const eddy_tensor *tensor)
{
    int64_t expected = 1;
    for (int i = tensor->shape.rank - 1; i >= 0; i--) {
        if (tensor->shape.dim[i] != 1 && tensor->stride[i] != expected)
            return false;
        expected *= tensor->shape.dim[i];
    }
    return true;
}

/* The stride of an operand along axis `i` of a shape it broadcasts to. */
static inline int64_t loop_stride(const eddy_tensor *tensor, const eddy_shape *shape, int i)
{
    int own = i - (shape->rank - tensor->shape.rank);
    return own < 0 || tensor->shape.dim[own] == 1 ? 0 : tensor->stride[own];
}

static inline void loop_begin(loop *l, int operands)
{
    l->operands = operands;
    l->rank = 0;
    l->count = 1;
}

/* Adds the next axis, outermost first. */
static inline void loop_axis(loop *l, int64_t dim, const int64_t *stride)
{
    l->count *= dim;
    if (dim == 1)
        return;
    if (l->rank > 0) {
        int64_t *last = l->stride[l->rank - 1];
        bool merge = true;
        for (int k = 0; k < l->operands; k++)
            merge = merge && last[k] == stride[k] * dim;
        if (merge) {
            l->dim[l->rank - 1] *= dim;
            for (int k = 0; k < l->operands; k++)
                last[k] = stride[k];
            return;
        }
    }
    l->dim[l->rank] = dim;
    for (int k = 0; k < l->operands; k++)
        l->stride[l->rank][k] = stride[k];
    l->rank++;
}

/* After the last axis: the innermost one becomes the run. */
static inline void loop_end(loop *l)
{
    l->n = 1;
    for (int k = 0; k < l->operands; k++)
        l->step[k] = l->offset[k] = 0;
    if (l->rank > 0) {
        l->rank--;
        l->n = l->dim[l->rank];
        for (int k = 0; k < l->operands; k++)
            l->step[k] = l->stride[l->rank][k];
    }
    for (int i = 0; i < l->rank; i++)
        l->index[i] = 0;
}

/* On to the next run; false after the last, when the loop is back at its beginning and can be entered again. */
static inline bool loop_next(loop *l)
{
    for (int i = l->rank - 1; i >= 0; i--) {
        if (++l->index[i] < l->dim[i]) {
            for (int k = 0; k < l->operands; k++)
                l->offset[k] += l->stride[i][k];
            return true;
        }
        l->index[i] = 0;
        for (int k = 0; k < l->operands; k++)
            l->offset[k] -= (l->dim[i] - 1) * l->stride[i][k];
    }
    return false;
}

/* A loop over `shape`; every operand broadcasts to it. */
static inline void loop_over(loop *l, const eddy_shape *shape, int operands, const eddy_tensor *const tensor[])
{
    loop_begin(l, operands);
    for (int i = 0; i < shape->rank; i++) {
        int64_t stride[LOOP_OPERANDS] = { 0 };
        for (int k = 0; k < operands; k++)
            stride[k] = loop_stride(tensor[k], shape, i);
        loop_axis(l, shape->dim[i], stride);
    }
    loop_end(l);
}

#define LOOP_GATHER(name, word)                                                                                        \
    static inline void name(int64_t n, const word *in, int64_t step, word *out)                                        \
    {                                                                                                                  \
        const word first = *in;                                                                                        \
        if (step == 0)                                                                                                 \
            for (int64_t i = 0; i < n; i++)                                                                            \
                out[i] = first;                                                                                        \
        else                                                                                                           \
            for (int64_t i = 0; i < n; i++)                                                                            \
                out[i] = in[i * step];                                                                                 \
    }
LOOP_GATHER(loop_gather32, loop_word32)
LOOP_GATHER(loop_gather64, loop_word64)
#undef LOOP_GATHER

/* n > 0 elements of `size` bytes from a strided array to a dense one. */
static inline void loop_gather(int64_t n, size_t size, const void *from, int64_t step, void *to)
{
    if (step == 1)
        memcpy(to, from, (size_t)n * size);
    else if (size == 4)
        loop_gather32(n, from, step, to);
    else
        loop_gather64(n, from, step, to);
}

/* One operand read in row-major order of a shape it broadcasts to. */
typedef struct walk {
    const char *data;
    size_t size;
    int64_t at; /* elements of the current run already taken */
    loop loop;
} walk;

static inline void walk_begin(walk *w, const eddy_tensor *tensor, const eddy_shape *shape)
{
    w->data = tensor->data;
    w->size = loop_size(tensor);
    w->at = 0;
    loop_over(&w->loop, shape, 1, &tensor);
}

/* Goes to element number `flat`. */
static inline void walk_seek(walk *w, int64_t flat)
{
    loop *l = &w->loop;
    w->at = flat % l->n;
    flat /= l->n;
    l->offset[0] = 0;
    for (int i = l->rank - 1; i >= 0; i--) {
        l->index[i] = flat % l->dim[i];
        flat /= l->dim[i];
        l->offset[0] += l->index[i] * l->stride[i][0];
    }
}

/* The next n elements, dense: where they are, or brought into `tile`. The caller asks for no more than there are. */
static inline const void *walk_take(walk *w, int64_t n, void *tile)
{
    loop *l = &w->loop;
    const int64_t step = l->step[0];
    if (step == 1 && l->n - w->at >= n) {
        const char *here = w->data + (l->offset[0] + w->at) * (int64_t)w->size;
        w->at += n;
        if (w->at == l->n) {
            w->at = 0;
            loop_next(l);
        }
        return here;
    }
    for (int64_t done = 0; done < n;) {
        int64_t piece = l->n - w->at < n - done ? l->n - w->at : n - done;
        const char *from = w->data + (l->offset[0] + w->at * step) * (int64_t)w->size;
        loop_gather(piece, w->size, from, step, (char *)tile + done * (int64_t)w->size);
        done += piece;
        w->at += piece;
        if (w->at == l->n) {
            w->at = 0;
            loop_next(l);
        }
    }
    return tile;
}

#endif
