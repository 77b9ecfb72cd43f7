/* Where threads have to wait for each other. Of a call that is shared, each thread makes the same rows as of every
 * other shared call with as many rows. So as long as calls read only the rows that they make, as all the calls of a
 * time step do, no thread waits; a barrier stands before the first call that touches memory in another way than it was
 * touched since the barrier before: that reads what another thread may have written, or writes where another may still
 * read. */
#include "compiled.h"

/* A way to share memory: rows of so many bytes from `start` on belong to the thread that makes them. rows 0: it is not
 * shared, all threads may touch all of it; -1: it is the first thread's. */
typedef struct sharing {
    const char *start;
    int64_t row_bytes, rows;
} sharing;

/* What has been done with a stretch of memory since the last barrier. */
typedef struct stretch {
    sharing reader, writer;
    uint32_t read, written; /* in which epoch; 0: never */
} stretch;

typedef struct survey {
    const char *block;
    size_t size, unit; /* bytes of the block, and of a stretch */
    stretch *stretches;
    uint32_t epoch;
} survey;

static bool same(const sharing *a, const sharing *b)
{
    return a->rows == b->rows && (a->rows <= 0 || (a->start == b->start && a->row_bytes == b->row_bytes));
}

/* The bytes that an operand or result touches: from *low, fewer than *high. */
static void reach(const eddy_tensor *x, const char **low, const char **high)
{
    const int64_t size = (int64_t)eddy_dtype_size(x->dtype);
    *low = x->data;
    *high = *low + size;
    for (int i = 0; i < x->shape.rank; i++) {
        const int64_t far = (x->shape.dim[i] - 1) * x->stride[i] * size;
        *(far < 0 ? low : high) += far;
    }
}

/* Row i of x as memory of the thread that makes row i: the rows that x's elements lie in, columns that it leaves out
 * included, so that parts of a row are shared as the row is. */
static sharing by_rows(const eddy_tensor *x, const eddy_tensor *base)
{
    const int64_t size = (int64_t)eddy_dtype_size(x->dtype), rows = x->shape.rank ? x->shape.dim[0] : 1;
    sharing s = { x->data, x->shape.rank ? x->stride[0] * size : 0, rows };
    int64_t width = size;
    for (int i = 1; i < x->shape.rank; i++) {
        if (x->stride[i] < 0)
            return (sharing){ 0 };
        width += (x->shape.dim[i] - 1) * x->stride[i] * size;
    }
    if (rows == 1)
        s.row_bytes = width;
    if (s.row_bytes < width)
        return (sharing){ 0 };
    const int64_t into = (s.start - (const char *)base->data) % s.row_bytes;
    if (rows > 1 && into + width <= s.row_bytes)
        s.start -= into;
    return s;
}

/* How call `at` shares operand k, or result -1 - k. */
static sharing sharing_of(const eddy_program *p, const eddy_instruction *at, const eddy_ir *ir, int32_t k)
{
    const eddy_work *work = &at->work;
    if (!work->rule->shares)
        return (sharing){ .rows = -1 };
    const eddy_tensor *x = k < 0 ? &work->out[-1 - k] : work->in[k];
    if (!work->rule->own_rows || (k >= 0 && !work->rule->own_rows(work, k)))
        return (sharing){ 0 };
    return by_rows(x, &p->tensors[eddy_ir_base(ir, (int32_t)(x - p->tensors))]);
}

static bool within(const survey *s, const char *low)
{
    return low >= s->block && low < s->block + s->size;
}

/* Would a touch like this clash with one since the last barrier? */
static bool clashes(const survey *s, const eddy_tensor *x, const sharing *how, bool writes)
{
    const char *low, *high;
    reach(x, &low, &high);
    if (!within(s, low))
        return false;
    for (size_t i = (size_t)(low - s->block) / s->unit; i <= (size_t)(high - 1 - s->block) / s->unit; i++) {
        const stretch *t = &s->stretches[i];
        if ((t->written == s->epoch && (!how->rows || !same(&t->writer, how))) ||
            (writes && t->read == s->epoch && (!how->rows || !same(&t->reader, how))))
            return true;
    }
    return false;
}

static void note(survey *s, const eddy_tensor *x, const sharing *how, bool writes)
{
    const char *low, *high;
    reach(x, &low, &high);
    if (!within(s, low))
        return;
    for (size_t i = (size_t)(low - s->block) / s->unit; i <= (size_t)(high - 1 - s->block) / s->unit; i++) {
        stretch *t = &s->stretches[i];
        uint32_t *when = writes ? &t->written : &t->read;
        sharing *noted = writes ? &t->writer : &t->reader;
        /* ways that differ are as if all threads touched all of it */
        *noted = *when == s->epoch && !same(noted, how) ? (sharing){ 0 } : *how;
        *when = s->epoch;
    }
}

/* Once leaves are written, what touches one waits: only the block is surveyed. */
static bool touches_leaf(const eddy_program *p, const eddy_instruction *at, const eddy_ir *ir)
{
    const eddy_work *work = &at->work;
    for (int32_t k = -work->outputs; k < work->count; k++) {
        const eddy_tensor *x = k < 0 ? &work->out[-1 - k] : work->in[k];
        if (ir->values[eddy_ir_base(ir, (int32_t)(x - p->tensors))].kind == EDDY_VALUE_LEAF)
            return true;
    }
    return false;
}

static bool touches_nothing(const eddy_tensor *x)
{
    return !eddy_tensor_count(x);
}

/* Every operand, then every result, of a call. False: one clashes. */
static bool visit(survey *s, const eddy_program *p, const eddy_instruction *at, const eddy_ir *ir, bool notes)
{
    const eddy_work *work = &at->work;
    for (int32_t k = -work->outputs; k < work->count; k++) {
        const eddy_tensor *x = k < 0 ? &work->out[-1 - k] : work->in[k];
        if (touches_nothing(x) || (k >= 0 && !eddy_rule_reads(work->rule, k)))
            continue;
        const sharing how = sharing_of(p, at, ir, k);
        if (notes)
            note(s, x, &how, k < 0);
        else if (clashes(s, x, &how, k < 0))
            return false;
    }
    return true;
}

bool eddy_find_barriers(eddy_program *p, const eddy_ir *ir, const char *block, size_t size)
{
    enum { MOST = 1 << 16 };
    survey s = { .block = block, .size = size, .unit = EDDY_IR_LINE, .epoch = 1 };
    while (size / s.unit >= MOST)
        s.unit *= 2;
    s.stretches = eddy_allocate(size / s.unit + 1, sizeof *s.stretches);
    if (!s.stretches)
        return false;
    for (int64_t i = 0; i < p->instruction_count; i++) {
        eddy_instruction *at = &p->instructions[i];
        at->waits = !visit(&s, p, at, ir, false) || (i >= p->in_place && touches_leaf(p, at, ir));
        s.epoch += at->waits;
        visit(&s, p, at, ir, true);
    }
    eddy_free(s.stretches);
    return true;
}
