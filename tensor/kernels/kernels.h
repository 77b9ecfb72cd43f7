/* The only place that computes: one table of kernels for each instruction set, made from the same sources, of which one
 * is chosen at the first use and then stays. Every kernel takes tensors whose shapes the caller has checked, allocates
 * nothing, and writes every element of `out` (kernels that add say so). Inputs may have any strides; `out` must not
 * overlap an input unless said. f32 and f64 (and where an op allows it i32 and i64) are one body included several times
 * (*.inc).
 *
 * Sums are left folds over row-major order, f32 sums accumulate in f64. An element of a matrix product is one chain
 * c = c + a b over its inner dimension ascending in its own type, with one rounding a step on sets that have FMA. So
 * results depend on no block size, no tile, no place in a vector, no number of threads; and all sets that have FMA give
 * the same bits. */
#ifndef EDDY_KERNELS_H
#define EDDY_KERNELS_H

#include "random.h"

/* One value per row of elementwise.def: EDDY_ELEMENTWISE_tanh, ... */
typedef enum eddy_elementwise {
#define EDDY_UNARY(name, ...) EDDY_ELEMENTWISE_##name,
#define EDDY_BINARY(name, ...) EDDY_ELEMENTWISE_##name,
#define EDDY_TERNARY(name, ...) EDDY_ELEMENTWISE_##name,
#include "elementwise.def"
    EDDY_ELEMENTWISE_COUNT
} eddy_elementwise;

/* rows x columns elements of an elementwise op of which operand k's element (i, j) is in[k][i * in_step[k] + j], or
 * in[k][i * in_step[k]] where operand k is spread (one value for a row; with in_step 0 too, one for all), and the
 * result's is out[i * out_step + j]. Steps count elements, may be 0 or negative for operands. The result may be the
 * very memory of an operand that has its step and is not spread; else it overlaps none. rows, columns >= 0. */
typedef struct eddy_tile {
    int64_t rows, columns;
    const void *in[3];
    int64_t in_step[3];
    bool spread[3];
    void *out;
    int64_t out_step;
} eddy_tile;

/* One elementwise op on a tile: so that several ops can share a tile that stays in cache. */
typedef void (*eddy_row)(const eddy_tile *tile);

/* A stretch of a product's inner dimension: a is m x k, b is k x n, of any strides (elements; transposes, reversals and
 * repetitions included). `packed` is b as pack() left it, or NULL; b may be NULL if it is not. */
typedef struct eddy_segment {
    int64_t k;
    const void *a;
    int64_t a_step[2]; /* from row to row; along k */
    const void *b;
    int64_t b_step[2]; /* along k; from column to column */
    const void *packed;
} eddy_segment;

/* c (m x n, rows c_step elements apart, overlapping no operand) = sum of the segments' a b, in their order; added to
 * what c holds if `accumulate`: the chain continues from there, so that a product in pieces gives the bits of the
 * whole. Without segments (or with k = 0 in all) the sum is 0. */
typedef struct eddy_product {
    eddy_dtype dtype; /* EDDY_F32 or EDDY_F64 */
    bool accumulate;
    int64_t m, n;
    int64_t segments;
    const eddy_segment *segment;
    /* More than 1: c's rows are made by that many matrices on the left, one below the other, m / parts rows each: part
     * p of segment s is a of segment[p * segments + s]; b is that of part 0. */
    int64_t parts;
    void *c;
    int64_t c_step;
    /* Called, if not NULL, for each block of rows of c when it is finished and still in cache; blocks are in order and
     * cover the rows asked for. */
    void (*epilogue)(void *context, int64_t row0, int64_t row1);
    void *context;
} eddy_product;

/* An order of the elements along an axis. NaN counts as larger than every number (nan_first: comes first whatever the
 * direction), -0 equals 0. */
typedef struct eddy_order {
    int axis, descending, nan_first;
} eddy_order;

enum { EDDY_ORDER_FEW = 16, EDDY_ORDER_ENTRY = 16 };
/* Bytes of scratch to find the first k of n; more than there can be when that is too much to be counted. */
static inline size_t eddy_order_scratch(int64_t n, int64_t k)
{
    const uint64_t entries = k <= EDDY_ORDER_FEW ? (uint64_t)k : 2 * (uint64_t)n;
    return entries > SIZE_MAX / 2 / EDDY_ORDER_ENTRY ? SIZE_MAX / 2 : (size_t)entries * EDDY_ORDER_ENTRY;
}

typedef struct eddy_kernel_set {
    const char *name; /* of the instruction set, for EDDY_ISA: "baseline", "avx2", "avx512", "neon" */
    bool fma;         /* a product's steps are rounded once */
    /* Of each dtype, the function of each elementwise op; NULL where the op does not allow the dtype. */
    const eddy_row *const *rows;
    /* out = op(in[0], ...): operands broadcast to out's shape; all of one dtype, which the op allows. out is contiguous
     * and may be the very same memory as a contiguous operand of the same shape. */
    void (*elementwise)(eddy_elementwise op, const eddy_tensor *const in[], const eddy_tensor *out);
    /* out = in, converting the dtype; equal shapes, any strides on both sides. */
    void (*copy)(const eddy_tensor *in, const eddy_tensor *out);
    /* out += in; equal shapes and dtypes, any strides on both sides. */
    void (*accumulate)(const eddy_tensor *in, const eddy_tensor *out);
    /* Every element of out (any strides) = value. */
    void (*fill)(const eddy_tensor *out, double value);
    /* out = in[0] + in[1] + ... as one left fold per element; n >= 1; equal shapes and dtypes; out contiguous. */
    void (*sum_n)(int64_t n, const eddy_tensor *const in[], const eddy_tensor *out);
    /* Reductions over the axes whose bit is set in `axes`; out is contiguous with those dimensions 1. A sum over
     * nothing is 0, a maximum over nothing does not occur. The maximum of a set with a NaN is NaN. */
    void (*sum)(const eddy_tensor *in, unsigned axes, const eddy_tensor *out);
    void (*amax)(const eddy_tensor *in, unsigned axes, const eddy_tensor *out);
    /* out[..., i] = in[..., 0] + ... + in[..., i] along one axis; out contiguous. */
    void (*cumsum)(const eddy_tensor *in, int axis, const eddy_tensor *out);
    /* sums[j] += in[i * row_step + j] for i = 0, 1, ..., rows - 1 and each column j of floating-point rows: a column
     * sum that goes on from an f64 accumulator. */
    void (*fold_rows)(eddy_dtype dtype, int64_t rows, int64_t columns, const void *in, int64_t row_step, double *sums);
    /* Rows row0 <= i < row1 of a product: threads share one by rows, every row has the same bits whoever makes it.
     * Takes product_scratch(p, row1 - row0) bytes of scratch, 64-byte aligned; NULL if that is 0. */
    size_t (*product_scratch)(const eddy_product *p, int64_t rows);
    void (*product)(const eddy_product *p, int64_t row0, int64_t row1, void *scratch);
    /* b (k x n) in the order in which the inner loop of products of this set reads it, padded: for weights that many
     * products share. `to` has pack_bytes(dtype, k, n) bytes, 64-byte aligned. Of no use to another set. */
    size_t (*pack_bytes)(eddy_dtype dtype, int64_t k, int64_t n);
    void (*pack)(eddy_dtype dtype, int64_t k, int64_t n, const void *b, const int64_t b_step[2], void *to);
    /* out[..., m, n] = sum over k of a[..., m, k] b[..., k, n]; rank >= 2, leading dimensions broadcast to out's; a and
     * b any strides (transposed operands are not copied), out contiguous. k = 0 gives zeros. Takes matmul_scratch(a, b,
     * out) bytes of scratch, 64-byte aligned (the tensors need no data for that question). */
    size_t (*matmul_scratch)(const eddy_tensor *a, const eddy_tensor *b, const eddy_tensor *out);
    void (*matmul)(const eddy_tensor *a, const eddy_tensor *b, void *scratch, const eddy_tensor *out);
    /* out[i, ..., j] = in[i, ..., index[i, ..., j], ..., j] with the index replacing coordinate `axis` (PyTorch's
     * gather). index is i32 or i64 with out's shape; false with a sentence for an index outside 0..n-1. out is
     * contiguous. */
    bool (*gather)(const eddy_tensor *in, int axis, const eddy_tensor *index, const eddy_tensor *out,
                   eddy_status *status);
    /* out = 0, then out[i, ..., index[i, ..., j], ..., j] += in[i, ..., j] in row-major order of in. out is contiguous.
     */
    bool (*scatter_add)(const eddy_tensor *in, int axis, const eddy_tensor *index, const eddy_tensor *out,
                        eddy_status *status);
    /* False with a sentence, "WHAT[1, 2] is 9; it must lie in 0..5", for the first element of a contiguous integer
     * tensor that lies outside of low..high. */
    bool (*check_range)(const eddy_tensor *in, int64_t low, int64_t high, const char *what, eddy_status *status);
    /* The places, i64, of the first k elements along the axis, equal ones in their order; out has in's shape with k in
     * place of the axis. Takes eddy_order_scratch(size of the axis, k) bytes of scratch. */
    void (*order)(const eddy_tensor *in, const eddy_order *order, void *scratch, const eddy_tensor *out);
    /* Row number r of out (i64, contiguous, logits' shape without the last axis) is a class drawn from the softmax of
     * row r of floating-point logits by uniform number r; false with a sentence for a row that has none. */
    bool (*categorical)(const eddy_tensor *logits, eddy_random random, const eddy_tensor *out, eddy_status *status);
    /* True if some element of a floating-point tensor is NaN or infinite; *at is its row-major number. */
    bool (*find_nonfinite)(const eddy_tensor *in, int64_t *at);
    /* GFLOP/s of f32 multiplications and additions in registers alone, measured now (a tenth of a second): what
     * products are compared with. */
    double (*peak)(void);
} eddy_kernel_set;

/* The set in use: the best that this processor can run, or the one that EDDY_ISA names if it can. The choice is made
 * once in a process; every thread sees the same. */
const eddy_kernel_set *eddy_kernels(void);
/* Number 0, 1, ... of the sets that this processor can run, the best last; NULL after them. For tests and measurements.
 */
const eddy_kernel_set *eddy_kernels_at(int number);

#endif
