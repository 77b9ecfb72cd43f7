/* The product with a segmented inner dimension, by every set of kernels that this machine runs, bit for bit against one
 * chain per element: segments of any strides, packed or not, added to c or not, in pieces of rows, with an epilogue. */
#include "kernels.h"
#include "random_tensor.h"

enum { SEGMENTS = 40 };

typedef struct watch {
    int64_t next;
    bool in_order;
} watch;

static void see(void *context, int64_t row0, int64_t row1)
{
    watch *w = context;
    w->in_order = w->in_order && row0 == w->next && row1 > row0;
    w->next = row1;
}

static double chain(eddy_dtype dtype, bool fma_, double a, double b, double c)
{
    if (dtype == EDDY_F32) {
        const float product = (float)a * (float)b;
        return (double)(fma_ ? fmaf((float)a, (float)b, (float)c) : product + (float)c);
    }
    const double product = a * b;
    return fma_ ? fma(a, b, c) : product + c;
}

typedef struct problem {
    eddy_product p;
    eddy_segment segment[SEGMENTS];
    eddy_tensor a[SEGMENTS], b[SEGMENTS], c, first;
    void *packed[SEGMENTS];
} problem;

static void *room(size_t bytes)
{
    void *result = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);
    ck_assert_ptr_nonnull(result);
    memset(result, 0xff, bytes);
    return result;
}

static int64_t draw_size(int round)
{
    static const int64_t edges[] = { 1, 2, 3, 5, 6, 7, 12, 13, 15, 16, 17, 31, 32, 33, 63, 65, 100, 253, 260 };
    return round % 3 ? 1 + draw_below(24) : edges[draw_below(19)];
}

static void draw_problem(problem *q, const eddy_kernel_set *set, int round)
{
    const eddy_dtype dtype = draw_below(2) ? EDDY_F32 : EDDY_F64;
    const int64_t m = draw_size(round), n = draw_size(round + 1);
    const int layout = draw_below(2) ? STRAIGHT : REPEATED;
    eddy_product p = { .dtype = dtype, .m = m, .n = n, .accumulate = draw_below(2), .segment = q->segment };
    p.segments = round % 7 ? draw_below(4) : draw_below(SEGMENTS);
    const bool packs = draw_below(3) == 0, dense = draw_below(2);
    for (int64_t i = 0; i < p.segments; i++) {
        const int64_t k = round % 11 == 0 ? draw_below(600) : draw_below(round % 7 ? 40 : 20);
        q->a[i] = draw_tensor(dtype, EDDY_SHAPE(m, k), layout, -1, 1);
        q->b[i] = draw_tensor(dtype, EDDY_SHAPE(k, n), dense ? STRAIGHT : layout, -1, 1);
        q->segment[i] = (eddy_segment){ .k = k,
                                        .a = q->a[i].data,
                                        .a_step = { q->a[i].stride[0], q->a[i].stride[1] },
                                        .b = q->b[i].data,
                                        .b_step = { q->b[i].stride[0], q->b[i].stride[1] } };
        q->packed[i] = NULL;
        if (packs && k && draw_below(4)) {
            q->packed[i] = room(set->pack_bytes(dtype, k, n));
            set->pack(dtype, k, n, q->segment[i].b, q->segment[i].b_step, q->packed[i]);
            q->segment[i].packed = q->packed[i];
            if (draw_below(2))
                q->segment[i].b = NULL;
        }
    }
    q->c = draw_tensor(dtype, EDDY_SHAPE(m, n), STRAIGHT, -1, 1);
    q->first = draw_tensor(dtype, EDDY_SHAPE(m, n), STRAIGHT, -1, 1);
    for (int64_t i = 0; i < m * n; i++)
        put(&q->first, i, get(&q->c, i));
    p.c = q->c.data;
    p.c_step = n;
    q->p = p;
}

static void release_problem(problem *q)
{
    for (int64_t i = 0; i < q->p.segments; i++) {
        release(&q->a[i]);
        release(&q->b[i]);
        free(q->packed[i]);
    }
    release(&q->c);
    release(&q->first);
}

static void check_problem(const problem *q, const eddy_kernel_set *set)
{
    const int64_t m = q->p.m, n = q->p.n;
    for (int64_t flat = 0; flat < m * n; flat++) {
        double want = q->p.accumulate ? get(&q->first, flat) : 0;
        for (int64_t s = 0; s < q->p.segments; s++)
            for (int64_t k = 0; k < q->segment[s].k; k++)
                want = chain(q->p.dtype, set->fma, get(&q->a[s], flat / n * q->segment[s].k + k),
                             get(&q->b[s], k * n + flat % n), want);
        check_same(get(&q->c, flat), want, set->name, &q->c, flat);
    }
    check_gaps(&q->c);
}

/* Rows in up to three parts, as threads would share them. */
static void run_parts(problem *q, const eddy_kernel_set *set)
{
    watch w = { 0, true };
    if (draw_below(2)) {
        q->p.epilogue = see;
        q->p.context = &w;
    }
    for (int64_t row = 0, end; row < q->p.m; row = end) {
        end = draw_below(2) ? q->p.m : row + 1 + draw_below(q->p.m - row);
        const size_t bytes = set->product_scratch(&q->p, end - row);
        unsigned char *scratch = room(bytes + 64);
        set->product(&q->p, row, end, scratch);
        for (size_t i = 0; i < 64; i++)
            ck_assert(scratch[bytes + i] == 0xff);
        free(scratch);
    }
    ck_assert(w.in_order && (!q->p.epilogue || w.next == q->p.m));
}

START_TEST(random_products)
{
    const eddy_kernel_set *set;
    for (int number = 0; (set = eddy_kernels_at(number)); number++)
        for (int round = 0; round < 700; round++) {
            static problem q;
            draw_problem(&q, set, round);
            run_parts(&q, set);
            check_problem(&q, set);
            release_problem(&q);
        }
}
END_TEST

/* NaN in one row reaches no other, and rows of zeros in the inner dimension change no bit. */
START_TEST(rows_are_alone)
{
    enum { M = 23, N = 37, K = 50 };
    const eddy_kernel_set *set;
    for (int number = 0; (set = eddy_kernels_at(number)); number++) {
        eddy_tensor a = draw_tensor(EDDY_F32, EDDY_SHAPE(M, K), STRAIGHT, -1, 1),
                    b = draw_tensor(EDDY_F32, EDDY_SHAPE(K, N), STRAIGHT, -1, 1);
        float c[2][M * N];
        eddy_segment s = { .k = K, .a = a.data, .a_step = { K, 1 }, .b = b.data, .b_step = { N, 1 } };
        eddy_product p = { .dtype = EDDY_F32, .m = M, .n = N, .segments = 1, .segment = &s, .c = c[0], .c_step = N };
        void *scratch = room(set->product_scratch(&p, M));
        for (int64_t i = 0; i < M; i++)
            for (int64_t k = 40; k < K; k++)
                put(&a, i * K + k, 0);
        set->product(&p, 0, M, scratch);
        s.k = 40;
        p.c = c[1];
        set->product(&p, 0, M, scratch);
        ck_assert(!memcmp(c[0], c[1], sizeof c[0]));
        for (int64_t k = 0; k < K; k++)
            put(&a, 7 * K + k, NAN);
        set->product(&p, 0, M, scratch);
        for (int64_t i = 0; i < M; i++)
            ck_assert(i == 7 ? isnan(c[1][i * N]) : !memcmp(c[0] + i * N, c[1] + i * N, N * sizeof(float)));
        free(scratch);
        release(&a);
        release(&b);
    }
}
END_TEST

Suite *suite_product(void)
{
    Suite *suite = suite_create("product");
    TCase *tests = tcase_create("product");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, random_products);
    tcase_add_test(tests, rows_are_alone);
    suite_add_tcase(suite, tests);
    return suite;
}
