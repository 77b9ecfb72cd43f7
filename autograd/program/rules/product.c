/* Running sums of products, what prepares for them, and sums of rows. */
#include "ir.h"
#include "kernels.h"

#include <stdint.h>

static bool is_packed(const eddy_tensor *b)
{
    return b->shape.rank == 1;
}

static eddy_segment segment_of(const eddy_tensor *a, const eddy_tensor *b)
{
    eddy_segment s = { .k = a->shape.dim[1], .a = a->data, .a_step = { a->stride[0], a->stride[1] } };
    if (is_packed(b)) {
        s.packed = b->data ? b->data : b; /* who asks for scratch has no data yet: that it is packed counts */
    } else {
        s.b = b->data;
        s.b_step[0] = b->stride[0];
        s.b_step[1] = b->stride[1];
    }
    return s;
}

static int32_t parts_of(const eddy_work *work)
{
    return work->count ? eddy_ir_product_parts(&work->in[0]->shape, &work->out->shape) : 1;
}

static int32_t segments_of(const eddy_work *work)
{
    return work->count / (parts_of(work) + 1);
}

static eddy_product product_of(const eddy_work *work, const eddy_segment *segments)
{
    const eddy_tensor *out = work->out;
    return (eddy_product){ .dtype = out->dtype,
                           .accumulate = work->rule->adds,
                           .m = out->shape.dim[0],
                           .n = out->shape.dim[1],
                           .segments = segments_of(work),
                           .segment = segments,
                           .parts = parts_of(work),
                           .c = out->data,
                           .c_step = out->stride[0] };
}

static void fill_segments(const eddy_work *work, eddy_segment *segment)
{
    const int32_t parts = parts_of(work), segments = segments_of(work);
    for (int32_t s = 0; s < segments; s++)
        for (int32_t p = 0; p < parts; p++) {
            const eddy_tensor *const *in = work->in + (ptrdiff_t)s * (parts + 1);
            segment[p * segments + s] = segment_of(in[p], in[parts]);
        }
}

/* The product, and behind it its segments. */
static size_t prepare_product(const eddy_work *work)
{
    eddy_product *p = work->prepared;
    if (p) {
        eddy_segment *segment = (eddy_segment *)(void *)(p + 1);
        fill_segments(work, segment);
        *p = product_of(work, segment);
    }
    return sizeof *p + (size_t)segments_of(work) * (size_t)parts_of(work) * sizeof(eddy_segment);
}

static size_t scratch_product(const eddy_work *work)
{
    const eddy_product *p = work->prepared;
    return eddy_kernels()->product_scratch(p, p->m);
}

static double product_operations(const eddy_work *work)
{
    double inner = 0;
    for (int32_t k = 0; k < work->count; k += parts_of(work) + 1)
        inner += (double)work->in[k]->shape.dim[1];
    return 2 * inner * (double)eddy_tensor_count(work->out);
}

/* Of x W, those of x. */
static bool product_own_rows(const eddy_work *work, int32_t k)
{
    return parts_of(work) == 1 && k % 2 == 0;
}

static bool run_product(const eddy_work *work)
{
    const eddy_product *p = work->prepared;
    int64_t begin = p->m * work->share.index / work->share.count,
            end = p->m * (work->share.index + 1) / work->share.count;
    if (begin < end && p->n)
        eddy_kernels()->product(p, begin, end, work->scratch);
    return true;
}

const eddy_rule eddy_ir_product = { .name = "product",
                                    .run = run_product,
                                    .prepare = prepare_product,
                                    .scratch = scratch_product,
                                    .operations = product_operations,
                                    .is_product = true,
                                    .shares = true,
                                    .own_rows = product_own_rows };
const eddy_rule eddy_ir_product_adds = { .name = "product",
                                         .run = run_product,
                                         .prepare = prepare_product,
                                         .scratch = scratch_product,
                                         .operations = product_operations,
                                         .is_product = true,
                                         .shares = true,
                                         .own_rows = product_own_rows,
                                         .adds = true };

/* ---- pack ---- */

int64_t eddy_ir_pack_count(const eddy_ir_value *matrix)
{
    size_t size = eddy_dtype_size(matrix->dtype);
    return (int64_t)((eddy_kernels()->pack_bytes(matrix->dtype, matrix->layout->shape.dim[0],
                                                 matrix->layout->shape.dim[1]) +
                      size - 1) /
                     size);
}

static bool run_pack(const eddy_work *work)
{
    const eddy_tensor *b = work->in[0];
    eddy_kernels()->pack(b->dtype, b->shape.dim[0], b->shape.dim[1], b->data,
                         (const int64_t[]){ b->stride[0], b->stride[1] }, work->out->data);
    return true;
}

const eddy_rule eddy_ir_pack = { .name = "pack", .run = run_pack };

/* ---- row sums ---- */

static bool run_row_sum(const eddy_work *work)
{
    const eddy_tensor *out = work->out;
    int64_t n = out->shape.dim[0], begin = n * work->share.index / work->share.count,
            end = n * (work->share.index + 1) / work->share.count;
    double *sums = (double *)out->data + begin;
    for (int64_t j = 0; j < end - begin && !work->rule->adds; j++)
        sums[j] = 0;
    for (int32_t k = 0; k < work->count; k++) {
        const eddy_tensor *x = work->in[k];
        eddy_kernels()->fold_rows(x->dtype, x->shape.dim[0], end - begin,
                                  (const char *)x->data + begin * (int64_t)eddy_dtype_size(x->dtype), x->stride[0],
                                  sums);
    }
    return true;
}

const eddy_rule eddy_ir_row_sum = { .name = "row_sum", .run = run_row_sum, .shares = true };
const eddy_rule eddy_ir_row_sum_adds = { .name = "row_sum", .run = run_row_sum, .shares = true, .adds = true };

const eddy_rule eddy_ir_copy = { .name = "copy", .run = eddy_run_copy };
