/* The matrix product. An element of the result is one left fold over the inner dimension in the tensors' own type,
 * rounded after every step in the same way (multiply and add contract everywhere or nowhere, by the instruction set),
 * so it does not depend on the shape of the product, on its place in it, or on blocks. Operands are read through their
 * strides; nothing is allocated. Assumes what kernels.h says. */
#include "loop.h"
#include "set.h"

enum {
    ROWS = 4, /* of the block in registers: 8 accumulators, 2 vectors of B, 1 of A and a product fit in 16 registers */
    DEPTH =
        128, /* of a packed panel: one of B is 4 KB, that of A 8 KB, and with all panels of B 64 KB they stay in L2 */
    PANELS = 16, /* of B packed at once */
    APART = 4,   /* vectors between panels: at a power of two they would fight for the same cache lines */
    PIECE = 2048 /* columns of a row product */
};

/* out (m x n, dense) = a b with inner dimension k > 0; steps from row to row and from column to column. */
typedef struct product {
    int64_t m, n, k;
    const void *a, *b;
    int64_t a_step[2], b_step[2];
    void *out;
} product;

#define T float
#define ID(name) name##_f32
#define EACH_LANE(f) f(0), f(1), f(2), f(3)
#include "matmul.inc"
#undef T
#undef ID
#undef EACH_LANE

#define T double
#define ID(name) name##_f64
#define EACH_LANE(f) f(0), f(1)
#include "matmul.inc"
#undef T
#undef ID
#undef EACH_LANE

void KERNEL(matmul)(const eddy_tensor *a, const eddy_tensor *b, const eddy_tensor *out)
{
    const int rank = out->shape.rank, a_rank = a->shape.rank, b_rank = b->shape.rank;
    const int64_t size = (int64_t)loop_size(out), n = out->shape.dim[rank - 1], k = a->shape.dim[a_rank - 1];
    int64_t m = out->shape.dim[rank - 2], a_step[2] = { a->stride[a_rank - 2], a->stride[a_rank - 1] };
    const int64_t b_step[2] = { b->stride[b_rank - 2], b->stride[b_rank - 1] };
    int batch = rank - 2;
    loop l;
    /* batches that share b are more rows, if a's rows go on at the same step */
    for (; batch > 0; batch--) {
        const int64_t dim = out->shape.dim[batch - 1], step = loop_stride(a, &out->shape, batch - 1);
        if (dim != 1 && (loop_stride(b, &out->shape, batch - 1) != 0 || (m != 1 && step != m * a_step[0])))
            break;
        if (m == 1)
            a_step[0] = step;
        m *= dim;
    }
    loop_begin(&l, 3);
    int64_t out_step[EDDY_MAX_RANK];
    for (int64_t i = batch - 1, step = m * n; i >= 0; i--) {
        out_step[i] = step;
        step *= out->shape.dim[i];
    }
    for (int i = 0; i < batch; i++)
        loop_axis(&l, out->shape.dim[i],
                  (const int64_t[]){ loop_stride(a, &out->shape, i), loop_stride(b, &out->shape, i), out_step[i] });
    loop_end(&l);
    if (!l.count || m == 0 || n == 0)
        return;
    if (k == 0) {
        memset(out->data, 0, (size_t)(l.count * m * n * size));
        return;
    }
    do
        for (int64_t i = 0; i < l.n; i++) {
            const product one = { .m = m,
                                  .n = n,
                                  .k = k,
                                  .a = (const char *)a->data + (l.offset[0] + i * l.step[0]) * size,
                                  .b = (const char *)b->data + (l.offset[1] + i * l.step[1]) * size,
                                  .a_step = { a_step[0], a_step[1] },
                                  .b_step = { b_step[0], b_step[1] },
                                  .out = (char *)out->data + (l.offset[2] + i * l.step[2]) * size };
            if (out->dtype == EDDY_F32)
                any_f32(&one);
            else
                any_f64(&one);
        }
    while (loop_next(&l));
}
