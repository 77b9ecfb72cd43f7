/* The matrix product with a segmented inner dimension. An element of c is one chain c = fma(a, b, c) over the inner
 * dimension ascending, so it does not depend on the shape of the product, on its place in it, on blocks, on what is
 * packed, or on whoever makes which rows. Assumes what kernels.h says.
 *
 * Blocks of rows; in them, DEPTH of the inner dimension at a time; in that, GROUP panels of columns of b; and for each
 * panel the tiles of rows: the panel stays in L1 and the block of a in L2. b is read as the caller packed it, or in
 * place where few rows would use it again (panels of its own rows), or is packed a group at a time. a is read in place
 * unless its elements lie so that L1 would not keep the lines. */
#include "loop.h"
#include "set.h"
#include "vector.h"

#if SET_VECTOR_BYTES == 64
#define MOST_ROWS                                                                                                      \
    14 /* 28 accumulators, 2 vectors of b, of 32 registers; elements of a are spread by the multiplication */
#define DEPTH 128
#define EACH_TILE(f)                                                                                                   \
    f(1, 1) f(1, 2) f(1, 4) f(2, 1) f(2, 2) f(3, 1) f(3, 2) f(4, 1) f(5, 1) f(6, 1) f(7, 1) f(8, 1) f(9, 1) f(10, 1)   \
        f(11, 1) f(12, 1) f(13, 1) f(14, 1)
#elif SET_VECTOR_BYTES == 32 || defined __aarch64__
#define MOST_ROWS 6 /* 12 accumulators, 2 vectors of b, 1 of a, of 16 registers */
#define DEPTH 256   /* a panel is 16 KB, half of an L1 */
#define EACH_TILE(f) f(1, 1) f(1, 2) f(1, 4) f(2, 1) f(2, 2) f(3, 1) f(3, 2) f(4, 1) f(5, 1) f(6, 1)
#else
#define MOST_ROWS 4 /* 8 accumulators, 2 vectors of b, 1 of a, and a product, of 16 registers */
#define DEPTH 256
#define EACH_TILE(f) f(1, 1) f(1, 2) f(1, 4) f(2, 1) f(2, 2) f(3, 1) f(3, 2) f(4, 1)
#endif

enum {
    MOST_PANELS = 4,
    GROUP = 16,   /* panels of b packed at once, half of an L2: long stretches of its rows are read */
    WIDE = 64,    /* the same where they serve all rows: each comes from L3 once a block, and a is packed less often */
    BLOCK = 252,  /* rows: whole tiles, and DEPTH of them fill half of a small L2 */
    PIECES = 16,  /* stretches of the inner dimension that a tile runs through without going back to memory */
    HOT = 1 << 17 /* bytes of c of a block that an epilogue shall find in cache */
};

/* One side of a product: elements, and the steps from row to row and from column to column. */
typedef struct operand {
    const char *data;
    int64_t step[2];
} operand;

/* Of a product, what is decided once. */
typedef struct decision {
    const eddy_product *p;
    bool turned; /* c is a column: its transpose is computed, a row */
    int rows;    /* segments that c begins with, as it is the same for all rows of a: biases */
    bool packs_a, direct_b;
    bool b_once;  /* a group of b, once packed, serves all rows; else a block of a, once packed, all groups */
    int64_t part; /* rows that one matrix on the left makes */
    int64_t n, k, block, group;
} decision;

/* Of the inner dimension: k from k0 on in one segment. */
typedef struct slice {
    const eddy_segment *segment;
    int64_t k0, k;
} slice;

static int64_t size_of(eddy_dtype dtype)
{
    return dtype == EDDY_F32 ? 4 : 8;
}

static operand left_of(const decision *plan, const eddy_segment *s, int64_t row)
{
    if (plan->turned)
        return (operand){ s->b, { s->b_step[1], s->b_step[0] } };
    const int64_t part = row / plan->part;
    s += part * plan->p->segments;
    row -= part * plan->part;
    return (operand){ (const char *)s->a + row * s->a_step[0] * size_of(plan->p->dtype),
                      { s->a_step[0], s->a_step[1] } };
}

static operand right_of(const decision *plan, const eddy_segment *s)
{
    return plan->turned ? (operand){ s->a, { s->a_step[1], s->a_step[0] } }
                        : (operand){ s->b, { s->b_step[0], s->b_step[1] } };
}

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Are b's rows dense, in all segments? */
static bool dense_rows(const decision *plan)
{
    for (int64_t i = plan->rows; i < plan->p->segments; i++)
        if (right_of(plan, &plan->p->segment[i]).step[1] != 1 && (plan->turned || !plan->p->segment[i].packed))
            return false;
    return true;
}

/* How many segments at the beginning are one row, times a number? */
static int leading_rows(const eddy_product *p)
{
    int rows = 0;
    while (rows < p->segments && rows < PIECES && !p->accumulate && p->segment[rows].k == 1 &&
           p->segment[rows].a_step[0] == 0 && p->segment[rows].b && p->segment[rows].b_step[1] == 1)
        rows++;
    return rows;
}

static decision decide(const eddy_product *p, int64_t rows)
{
    const int64_t size = size_of(p->dtype), panel = 2 * SET_VECTOR_BYTES / size;
    decision plan = { .p = p, .turned = p->n == 1 && p->c_step == 1 && p->parts < 2, .n = p->n };
    bool scattered = false;
    int64_t k = 0;
    plan.rows = plan.turned ? 0 : leading_rows(p);
    for (int64_t i = plan.rows; i < p->segments; i++) {
        const eddy_segment *s = &p->segment[i];
        plan.turned = plan.turned && !(s->packed && !s->b);
        scattered = scattered || s->a_step[1] != 1 || s->a_step[0] * size % 4096 == 0;
        k += s->k;
    }
    if (plan.turned) {
        plan.n = rows;
        rows = 1;
    }
    const int64_t segments = p->segments - plan.rows;
    const bool pieces = segments > 1 && k < segments * 24;
    plan.direct_b = rows <= MOST_ROWS && dense_rows(&plan) && !(pieces && rows > 1);
    plan.packs_a = rows >= MOST_ROWS && plan.n >= 4 * panel && (scattered || pieces);
    plan.part = p->parts > 1 ? p->m / p->parts : p->m + !p->m;
    plan.block = lesser(lesser(rows, BLOCK), plan.part);
    plan.b_once = !plan.turned && !p->epilogue && !plan.direct_b && rows > plan.block;
    plan.group = plan.b_once ? WIDE : GROUP;
    plan.k = k;
    if (p->epilogue && !plan.turned && plan.n * size * plan.block > HOT) {
        plan.block = HOT / (plan.n * size) / MOST_ROWS * MOST_ROWS;
        plan.block = lesser(rows, plan.block < 4 * MOST_ROWS ? 4 * MOST_ROWS : plan.block);
    }
    return plan;
}

#define T float
#define ID(name) name##_f32
#include "product.inc"
#undef T
#undef ID

#define T double
#define ID(name) name##_f64
#include "product.inc"
#undef T
#undef ID

size_t KERNEL(product_scratch)(const eddy_product *p, int64_t rows)
{
    const decision plan = decide(p, rows);
    return (size_t)(size_of(p->dtype) * (p->dtype == EDDY_F32 ? scratch_f32(&plan, NULL) : scratch_f64(&plan, NULL)));
}

void KERNEL(product)(const eddy_product *p, int64_t row0, int64_t row1, void *scratch)
{
    const decision plan = decide(p, row1 - row0);
    if (row0 >= row1)
        return;
    if (p->n > 0) {
        if (p->dtype == EDDY_F32)
            run_f32(&plan, row0, row1, scratch);
        else
            run_f64(&plan, row0, row1, scratch);
    } else if (p->epilogue) {
        p->epilogue(p->context, row0, row1);
    }
}

size_t KERNEL(pack_bytes)(eddy_dtype dtype, int64_t k, int64_t n)
{
    const int64_t panel = 2 * SET_VECTOR_BYTES / size_of(dtype);
    return (size_t)((n + panel - 1) / panel * ((k + 1) * 2 * SET_VECTOR_BYTES));
}

void KERNEL(pack)(eddy_dtype dtype, int64_t k, int64_t n, const void *b, const int64_t b_step[2], void *to)
{
    const operand from = { b, { b_step[0], b_step[1] } };
    if (dtype == EDDY_F32)
        pack_columns_f32(&from, k, n, to, (k + 1) * PANEL_f32);
    else
        pack_columns_f64(&from, k, n, to, (k + 1) * PANEL_f64);
}
