/* The matrix product, bit for bit against one left fold per element: any strides, broadcast batches, sizes around every
 * block of the kernel. */
#include "kernels.h"
#include "random_tensor.h"

/* In scratch that is exactly as large as the kernel asks for. */
static void multiply(const eddy_tensor *a, const eddy_tensor *b, const eddy_tensor *out)
{
    eddy_tensor no_a = *a, no_b = *b, no_out = *out; /* who asks may have no data yet */
    no_a.data = no_b.data = no_out.data = NULL;
    const size_t bytes = eddy_kernels()->matmul_scratch(&no_a, &no_b, &no_out);
    unsigned char *scratch = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);
    ck_assert_ptr_nonnull(scratch);
    memset(scratch, 0xff, bytes + 64);
    eddy_kernels()->matmul(a, b, scratch, out);
    for (size_t i = 0; i < 64; i++)
        ck_assert(scratch[bytes + i] == 0xff);
    free(scratch);
}

/* Whether this build rounds a multiplication and an addition once or twice; every element of every product must do the
 * same. */
static bool fused(eddy_dtype dtype)
{
    const double x = dtype == EDDY_F32 ? 1 + 0x1p-13 : 1 + 0x1p-30,
                 square = dtype == EDDY_F32 ? (double)(float)(x * x) : x * x;
    eddy_tensor a = draw_layout(dtype, EDDY_SHAPE(4, 2), STRAIGHT), b = draw_layout(dtype, EDDY_SHAPE(2, 4), STRAIGHT);
    eddy_tensor out = draw_layout(dtype, EDDY_SHAPE(4, 4), STRAIGHT);
    for (int64_t i = 0; i < 8; i++) {
        put(&a, i, i % 2 ? x : -square);
        put(&b, i, i < 4 ? 1 : x);
    }
    multiply(&a, &b, &out);
    const bool result = get(&out, 0) != 0;
    release(&a);
    release(&b);
    release(&out);
    return result;
}

static double step(eddy_dtype dtype, bool fuse, double sum, double a, double b)
{
    if (dtype == EDDY_F32) {
        const float product = (float)a * (float)b;
        return (double)(fuse ? fmaf((float)a, (float)b, (float)sum) : (float)sum + product);
    }
    const double product = a * b;
    return fuse ? fma(a, b, sum) : sum + product;
}

/* The shape of one operand's leading axes: some dropped, some 1. */
static eddy_shape operand_shape(const eddy_shape *out, int64_t rows, int64_t columns)
{
    const int drop = (int)draw_below(out->rank - 1);
    eddy_shape shape = { .rank = out->rank - drop };
    for (int i = 0; i < shape.rank - 2; i++)
        shape.dim[i] = draw_below(3) == 0 ? 1 : out->dim[i + drop];
    shape.dim[shape.rank - 2] = rows;
    shape.dim[shape.rank - 1] = columns;
    return shape;
}

/* The number of an operand's element [batch of out..., row, column]. */
static int64_t operand_flat(const eddy_shape *own, const eddy_shape *out, int64_t batch, int64_t row, int64_t column)
{
    int64_t result = row * own->dim[own->rank - 1] + column, factor = own->dim[own->rank - 2] * own->dim[own->rank - 1];
    for (int i = out->rank - 3, k = own->rank - 3; k >= 0; i--, k--) {
        if (own->dim[k] != 1)
            result += batch % out->dim[i] * factor;
        factor *= own->dim[k];
        batch /= out->dim[i];
    }
    return result;
}

static void check_product(eddy_dtype dtype, const eddy_tensor *a, const eddy_tensor *b, const eddy_tensor *out)
{
    const bool fuse = fused(dtype);
    const int64_t m = out->shape.dim[out->shape.rank - 2], n = out->shape.dim[out->shape.rank - 1],
                  k = a->shape.dim[a->shape.rank - 1];
    multiply(a, b, out);
    for (int64_t flat = 0; flat < count_of(out); flat++) {
        const int64_t batch = flat / (m * n), row = flat / n % m, column = flat % n;
        double want = 0;
        for (int64_t p = 0; p < k; p++)
            want = step(dtype, fuse, want, get(a, operand_flat(&a->shape, &out->shape, batch, row, p)),
                        get(b, operand_flat(&b->shape, &out->shape, batch, p, column)));
        check_same(get(out, flat), want, "matmul", out, flat);
    }
    check_gaps(out);
}

static void check_random(eddy_dtype dtype, eddy_shape out_shape, int64_t k)
{
    const int64_t m = out_shape.dim[out_shape.rank - 2], n = out_shape.dim[out_shape.rank - 1];
    eddy_tensor a = draw_tensor(dtype, operand_shape(&out_shape, m, k), REPEATED, -1, 1);
    eddy_tensor b = draw_tensor(dtype, operand_shape(&out_shape, k, n), REPEATED, -1, 1),
                out = draw_layout(dtype, out_shape, STRAIGHT);
    if (draw_below(6) == 0 && count_of(&a) && count_of(&b)) {
        put(&a, draw_below(count_of(&a)), INFINITY);
        put(&b, draw_below(count_of(&b)), draw_below(2) ? NAN : -INFINITY);
    }
    check_product(dtype, &a, &b, &out);
    release(&a);
    release(&b);
    release(&out);
}

START_TEST(small)
{
    for (int round = 0; round < 600; round++) {
        eddy_shape shape = { .rank = 2 + (int)draw_below(4) };
        for (int i = 0; i < shape.rank; i++)
            shape.dim[i] = draw_below(20) == 0 ? 0 : i < shape.rank - 2 ? 1 + draw_below(3) : 1 + draw_below(20);
        check_random(_i ? EDDY_F64 : EDDY_F32, shape, draw_below(20));
    }
}
END_TEST

/* one below, at and above the sizes at which blocks end: 4, 8, 128 and 2048 */
START_TEST(edges)
{
    static const int64_t sizes[] = { 1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 127, 128, 129, 257 };
    for (int round = 0; round < 60; round++)
        check_random(_i ? EDDY_F64 : EDDY_F32, EDDY_SHAPE(sizes[draw_below(15)], sizes[draw_below(15)]),
                     sizes[draw_below(15)]);
    check_random(_i ? EDDY_F64 : EDDY_F32, EDDY_SHAPE(1, 2049), 6);
    check_random(_i ? EDDY_F64 : EDDY_F32, EDDY_SHAPE(2049, 1), 6);
    check_random(_i ? EDDY_F64 : EDDY_F32, EDDY_SHAPE(3, 4100), 5);
}
END_TEST

/* Every pair of plain and transposed operands, as recording them produces. */
START_TEST(transposed)
{
    for (int round = 0; round < 80; round++) {
        const eddy_dtype dtype = round % 2 ? EDDY_F64 : EDDY_F32;
        const int64_t m = 1 + draw_below(50), n = 1 + draw_below(50), k = draw_below(200);
        eddy_tensor a = draw_tensor(dtype, EDDY_SHAPE(m, k), STRAIGHT, -1, 1),
                    b = draw_tensor(dtype, EDDY_SHAPE(k, n), STRAIGHT, -1, 1);
        eddy_tensor out = draw_layout(dtype, EDDY_SHAPE(m, n), STRAIGHT);
        if (round & 2) {
            a.stride[0] = 1;
            a.stride[1] = m;
        }
        if (round & 4) {
            b.stride[0] = 1;
            b.stride[1] = k;
        }
        check_product(dtype, &a, &b, &out);
        release(&a);
        release(&b);
        release(&out);
    }
}
END_TEST

/* A row of a product is the same bits whether its matrix has one row or many. */
START_TEST(position)
{
    const int64_t m = 37, n = 45, k = 300;
    eddy_tensor a = draw_tensor(EDDY_F32, EDDY_SHAPE(m, k), STRAIGHT, -1, 1),
                b = draw_tensor(EDDY_F32, EDDY_SHAPE(k, n), STRAIGHT, -1, 1);
    eddy_tensor whole = draw_layout(EDDY_F32, EDDY_SHAPE(m, n), STRAIGHT);
    multiply(&a, &b, &whole);
    for (int round = 0; round < 200; round++) {
        const int64_t top = draw_below(m), left = draw_below(n), rows = 1 + draw_below(m - top),
                      columns = 1 + draw_below(n - left);
        eddy_tensor part_a = a, part_b = b, part = draw_layout(EDDY_F32, EDDY_SHAPE(rows, columns), STRAIGHT);
        part_a.data = (float *)a.data + top * k;
        part_a.shape.dim[0] = rows;
        part_b.data = (float *)b.data + left;
        part_b.shape.dim[1] = columns;
        multiply(&part_a, &part_b, &part);
        for (int64_t i = 0; i < rows * columns; i++)
            check_same(get(&part, i), get(&whole, (top + i / columns) * n + left + i % columns), "part of a product",
                       &part, i);
        release(&part);
    }
    release(&a);
    release(&b);
    release(&whole);
}
END_TEST

Suite *suite_matmul(void)
{
    Suite *suite = suite_create("matmul");
    TCase *tests = tcase_create("matmul");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, small, 0, 2);
    tcase_add_loop_test(tests, edges, 0, 2);
    tcase_add_test(tests, transposed);
    tcase_add_test(tests, position);
    suite_add_tcase(suite, tests);
    return suite;
}
