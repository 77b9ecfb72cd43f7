/* Elementwise ops: one function per row of elementwise.def and element type, over unit-stride arrays, and the driver
 * that feeds it. Operands that broadcast or have other strides are brought, a tile at a time, into buffers on the
 * stack; a tile is small enough to stay in L1. Assumes what kernels.h says: the shapes broadcast, the dtypes are equal,
 * the op allows the dtype. */
#include "loop.h"
#include "set.h"

#include <math.h>

/* The rows compare a value with itself to find NaN, which for integers is always false. */
#if defined __GNUC__
#pragma GCC diagnostic ignored "-Wtautological-compare"
#endif

/* Integers are computed in a type that cannot overflow: there is no undefined behaviour on the way to the wrapped
 * result. */
#if defined __SIZEOF_INT128__
__extension__ typedef __int128 wide_i64;
#else
typedef int64_t wide_i64;
#endif

#define ROW_REAL(...) __VA_ARGS__

#define T float
#define W float
#define ID(name) name##_f32
#define ID_MATH(function) function##f
#include "elementwise.inc"
#undef T
#undef W
#undef ID
#undef ID_MATH

#define T double
#define W double
#define ID(name) name##_f64
#define ID_MATH(function) function
#include "elementwise.inc"
#undef T
#undef W
#undef ID
#undef ID_MATH

#undef ROW_REAL
#define ROW_REAL(...)

/* The functions of ANY rows. A remainder by -1 is 0 too, and its quotient may be out of range. */
static inline int64_t whole_remainder(int64_t x, int64_t y)
{
    return y == 0 || y == -1 ? 0 : x % y;
}
#define whole_fmod(x, y) whole_remainder((int64_t)(x), (int64_t)(y))
#define whole_floor(x) (x)
#define whole_ceil(x) (x)
#define whole_rint(x) (x)
#define whole_trunc(x) (x)
#define ID_MATH(function) whole_##function

#define T int32_t
#define W int64_t
#define ID(name) name##_i32
#include "elementwise.inc"
#undef T
#undef W
#undef ID

#define T int64_t
#define W wide_i64
#define ID(name) name##_i64
#include "elementwise.inc"
#undef T
#undef W
#undef ID

const eddy_row *const
    KERNEL(rows)[] = { [EDDY_F32] = rows_f32, [EDDY_F64] = rows_f64, [EDDY_I32] = rows_i32, [EDDY_I64] = rows_i64 };

static const unsigned char arities[EDDY_ELEMENTWISE_COUNT] = {
#define EDDY_UNARY(name, ...) [EDDY_ELEMENTWISE_##name] = 1,
#define EDDY_BINARY(name, ...) [EDDY_ELEMENTWISE_##name] = 2,
#define EDDY_TERNARY(name, ...) [EDDY_ELEMENTWISE_##name] = 3,
#include "elementwise.def"
};

enum { TILE = 512, ARITY = 3, LONG_RUN = 64 };

/* Tiles end where a long dense run of a broadcast operand ends, so that it is read in place and not copied. */
static int64_t tile_length(int64_t left, const walk *w, const bool *walked, int arity)
{
    int64_t n = left < TILE ? left : TILE;
    for (int k = 0; k < arity; k++)
        if (walked[k] && w[k].loop.step[0] == 1 && w[k].loop.n >= LONG_RUN && w[k].loop.n - w[k].at < n)
            n = w[k].loop.n - w[k].at;
    return n;
}

static void broadcast(eddy_row compute, int arity, const eddy_tensor *const in[], const bool *dense,
                      const eddy_tensor *out, int64_t count)
{
    _Alignas(64) double tile[ARITY][TILE];
    const size_t size = loop_size(out);
    walk w[ARITY];
    bool walked[ARITY];
    const void *from[ARITY];
    for (int k = 0; k < arity; k++) {
        from[k] = in[k]->data;
        walked[k] = !dense[k];
        if (walked[k]) {
            walk_begin(&w[k], in[k], &out->shape);
            /* a constant needs to be spread only once */
            if (w[k].loop.rank == 0 && w[k].loop.step[0] == 0) {
                loop_gather(count < TILE ? count : TILE, size, in[k]->data, 0, tile[k]);
                from[k] = tile[k];
                walked[k] = false;
            }
        }
    }
    for (int64_t done = 0; done < count;) {
        const int64_t n = tile_length(count - done, w, walked, arity);
        for (int k = 0; k < arity; k++)
            if (walked[k])
                from[k] = walk_take(&w[k], n, tile[k]);
            else if (dense[k])
                from[k] = (const char *)in[k]->data + (size_t)done * size;
        compute(n, from, (char *)out->data + (size_t)done * size);
        done += n;
    }
}

void KERNEL(elementwise)(eddy_elementwise op, const eddy_tensor *const in[], const eddy_tensor *out)
{
    const eddy_row compute = KERNEL(rows)[out->dtype][op];
    const int arity = arities[op];
    const int64_t count = loop_count(&out->shape);
    const void *from[ARITY] = { 0 };
    bool dense[ARITY] = { 0 }, all = true;
    if (!count)
        return;
    for (int k = 0; k < arity; k++) {
        /* a contiguous operand with as many elements as the result lies exactly like it */
        dense[k] = loop_contiguous(in[k]) && loop_count(&in[k]->shape) == count;
        all = all && dense[k];
        from[k] = in[k]->data;
    }
    if (all)
        compute(count, from, out->data);
    else
        broadcast(compute, arity, in, dense, out, count);
}
