/* The matrix product of tensors: batches, each of one segment (product.c). Assumes what kernels.h says. */
#include "loop.h"
#include "set.h"

/* The products of a batch: the first, and the way to the others. */
typedef struct batch {
    eddy_segment segment;
    eddy_product first;
    loop loop;
} batch;

static void begin(batch *all, const eddy_tensor *a, const eddy_tensor *b, const eddy_tensor *out)
{
    const int rank = out->shape.rank, a_rank = a->shape.rank, b_rank = b->shape.rank;
    const int64_t n = out->shape.dim[rank - 1];
    int64_t m = out->shape.dim[rank - 2], a_step = a->stride[a_rank - 2];
    int axes = rank - 2;
    /* batches that share b are more rows, if a's rows go on at the same step */
    for (; axes > 0; axes--) {
        const int64_t dim = out->shape.dim[axes - 1], step = loop_stride(a, &out->shape, axes - 1);
        if (dim != 1 && (loop_stride(b, &out->shape, axes - 1) != 0 || (m != 1 && step != m * a_step)))
            break;
        if (m == 1)
            a_step = step;
        m *= dim;
    }
    loop_begin(&all->loop, 3);
    int64_t out_step[EDDY_MAX_RANK];
    for (int64_t i = axes - 1, step = m * n; i >= 0; i--) {
        out_step[i] = step;
        step *= out->shape.dim[i];
    }
    for (int i = 0; i < axes; i++)
        loop_axis(&all->loop, out->shape.dim[i],
                  (const int64_t[]){ loop_stride(a, &out->shape, i), loop_stride(b, &out->shape, i), out_step[i] });
    loop_end(&all->loop);
    all->segment = (eddy_segment){ .k = a->shape.dim[a_rank - 1],
                                   .a = a->data,
                                   .a_step = { a_step, a->stride[a_rank - 1] },
                                   .b = b->data,
                                   .b_step = { b->stride[b_rank - 2], b->stride[b_rank - 1] } };
    all->first = (eddy_product){
        .dtype = out->dtype, .m = m, .n = n, .segments = 1, .segment = &all->segment, .c = out->data, .c_step = n
    };
}

size_t KERNEL(matmul_scratch)(const eddy_tensor *a, const eddy_tensor *b, const eddy_tensor *out)
{
    batch all;
    begin(&all, a, b, out);
    return KERNEL(product_scratch)(&all.first, all.first.m);
}

void KERNEL(matmul)(const eddy_tensor *a, const eddy_tensor *b, void *scratch, const eddy_tensor *out)
{
    const int64_t size = (int64_t)loop_size(out);
    batch all;
    begin(&all, a, b, out);
    loop *l = &all.loop;
    if (!l->count || all.first.m == 0 || all.first.n == 0)
        return;
    eddy_product one = all.first;
    do
        for (int64_t i = 0; i < l->n; i++) {
            if (all.segment.k > 0) { /* else there may be no data */
                all.segment.a = (const char *)a->data + (l->offset[0] + i * l->step[0]) * size;
                all.segment.b = (const char *)b->data + (l->offset[1] + i * l->step[1]) * size;
            }
            one.c = (char *)out->data + (l->offset[2] + i * l->step[2]) * size;
            KERNEL(product)(&one, 0, one.m, scratch);
        }
    while (loop_next(l));
}
