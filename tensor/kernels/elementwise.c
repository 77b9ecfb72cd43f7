/* Elementwise ops: one function per row of elementwise.def and element type, over tiles, and the driver that feeds
 * it. Operands whose elements lie with long steps are brought, a tile at a time, into buffers on the stack; a tile
 * is small enough to stay in L1. Assumes what kernels.h says: the shapes broadcast, the dtypes are equal, the op
 * allows the dtype. */
#include "loop.h"
#include "set.h"
#include "vector.h"
#include "functions.h"

#include <math.h>

/* The rows compare a value with itself to find NaN, which for integers is always false. */
#if defined __GNUC__
#pragma GCC diagnostic ignored "-Wtautological-compare"
#endif

/* ---- Floating point, in vectors ---- */

#define ROW_REAL(...) __VA_ARGS__
#define W ID(vector)
#define LANES ID(LANES)
#define READ(from) ID(load)(from)
#define READ_PART(from, n) ID(load_part)(from, n)
#define WRITE(to, value) ID(store)(to, (value))
#define WRITE_PART(to, value, n) ID(store_part)(to, (value), n)
#define SELECT(mask, a, b) ID(select)((mask), (a), (b))
#define R(constant) ID(splat)((T)(constant))
#define M(function) ID(function)

#define T float
#define ID(name) name##_f32
#include "elementwise.inc"
#undef T
#undef ID

#define T double
#define ID(name) name##_f64
#include "elementwise.inc"
#undef T
#undef ID

#undef ROW_REAL
#undef W
#undef LANES
#undef READ
#undef READ_PART
#undef WRITE
#undef WRITE_PART
#undef SELECT
#undef R
#undef M

/* ---- Integers, one by one ---- */

/* Integers are computed in a type that cannot overflow: there is no undefined behaviour on the way to the wrapped
 * result. */
#if defined __SIZEOF_INT128__
__extension__ typedef __int128 wide_i64;
#else
typedef int64_t wide_i64;
#endif

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

#define ROW_REAL(...)
#define LANES 1
#define READ(from) (*(from))
#define READ_PART(from, n) ((void)(n), *(from))
#define WRITE(to, value) (*(to) = (T)(value))
#define WRITE_PART(to, value, n) ((void)(n), *(to) = (T)(value))
#define SELECT(mask, a, b) ((mask) ? (a) : (b))
#define R(constant) ((W)(constant))
#define M(function) whole_##function

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

enum { TILE = 512, ARITY = 3, LONG_RUN = 64, SHORT_RUN = 8 };

/* Tiles end where a long dense run of a broadcast operand ends, so that it is read in place and not copied. */
static int64_t tile_length(int64_t left, const walk *w, const bool *walked, int arity)
{
    int64_t n = left < TILE ? left : TILE;
    for (int k = 0; k < arity; k++)
        if (walked[k] && w[k].loop.step[0] == 1 && w[k].loop.n >= LONG_RUN && w[k].loop.n - w[k].at < n)
            n = w[k].loop.n - w[k].at;
    return n;
}

static void broadcast(eddy_row compute, int arity, const eddy_tensor *const in[], const eddy_tensor *out)
{
    _Alignas(64) double buffer[ARITY][TILE];
    const size_t size = loop_size(out);
    const int64_t count = loop_count(&out->shape);
    walk w[ARITY];
    bool walked[ARITY];
    eddy_tile tile = { .rows = 1 };
    for (int k = 0; k < arity; k++) {
        tile.in[k] = in[k]->data;
        walk_begin(&w[k], in[k], &out->shape);
        tile.spread[k] = w[k].loop.rank == 0 && w[k].loop.step[0] == 0;
        walked[k] = !tile.spread[k];
    }
    for (int64_t done = 0; done < count; done += tile.columns) {
        tile.columns = tile_length(count - done, w, walked, arity);
        for (int k = 0; k < arity; k++)
            if (walked[k])
                tile.in[k] = walk_take(&w[k], tile.columns, buffer[k]);
        tile.out = (char *)out->data + (size_t)done * size;
        compute(&tile);
    }
}

/* Rows that the kernels can read where they are: dense, or one value for a row. */
static void in_place(eddy_row compute, int arity, const eddy_tensor *const in[], const eddy_tensor *out, loop *l)
{
    const int64_t size = (int64_t)loop_size(out);
    eddy_tile tile = { .rows = 1, .columns = l->n };
    for (int k = 0; k < arity; k++)
        tile.spread[k] = l->step[k] == 0;
    if (l->rank > 0) {
        l->rank--;
        tile.rows = l->dim[l->rank];
        for (int k = 0; k < arity; k++)
            tile.in_step[k] = l->stride[l->rank][k];
        tile.out_step = l->stride[l->rank][arity];
    }
    do {
        for (int k = 0; k < arity; k++)
            tile.in[k] = (const char *)in[k]->data + l->offset[k] * size;
        tile.out = (char *)out->data + l->offset[arity] * size;
        compute(&tile);
    } while (loop_next(l));
}

void KERNEL(elementwise)(eddy_elementwise op, const eddy_tensor *const in[], const eddy_tensor *out)
{
    const eddy_row compute = KERNEL(rows)[out->dtype][op];
    const int arity = arities[op];
    const eddy_tensor *all[ARITY + 1];
    loop l;
    for (int k = 0; k < arity; k++)
        all[k] = in[k];
    all[arity] = out;
    loop_over(&l, &out->shape, arity + 1, all);
    if (!l.count)
        return;
    bool readable = l.rank == 0 || l.n >= SHORT_RUN;
    for (int k = 0; k < arity; k++)
        readable = readable && (l.step[k] == 0 || l.step[k] == 1 || l.n == 1);
    if (readable)
        in_place(compute, arity, in, out, &l);
    else
        broadcast(compute, arity, in, out);
}
