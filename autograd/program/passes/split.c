/* Split. A product of joined matrices, [h, x] W, is computed from the parts: its inner dimension runs through h, then
 * through x, each with its own rows of W, and nothing is copied side by side. Where the joined axis is not the inner
 * one, as of the deltas of gates in a weight's gradient, each part makes its own rows or columns of the result. The
 * sum of no element changes. */
#include "ir.h"
#include "layout.h"

#include <string.h>

enum {
    MOST_PARTS = 16,
    MOST_SUMS = 64 /* sums of rows that are remembered */
};

/* A matrix that is made of parts side by side along one axis, as an operand sees it. */
typedef struct joined {
    int axis, count;
    int64_t start[MOST_PARTS], size[MOST_PARTS];
    int32_t part[MOST_PARTS];
    bool transposed; /* parts are to be */
} joined;

typedef struct splitting {
    eddy_ir *ir;
    eddy_ir_uses uses;
    const eddy_ir_call *calls; /* of before the pass */
    unsigned char *added;      /* of each value: whether a call adds to it */
    int32_t sum[MOST_SUMS];    /* the last calls that sum the rows of a part */
    int32_t sums;
} splitting;

/* The parts in the order of their places; false if they overlap, or do not cover all of the axis. */
static bool sort_parts(joined *j, int64_t dim)
{
    for (int i = 1; i < j->count; i++)
        for (int k = i; k > 0 && j->start[k] < j->start[k - 1]; k--) {
            int64_t start = j->start[k], size = j->size[k];
            int32_t part = j->part[k];
            j->start[k] = j->start[k - 1], j->size[k] = j->size[k - 1], j->part[k] = j->part[k - 1];
            j->start[k - 1] = start, j->size[k - 1] = size, j->part[k - 1] = part;
        }
    int64_t end = 0;
    for (int k = 0; k < j->count; k++) {
        if (j->start[k] != end || !j->size[k])
            return false;
        end += j->size[k];
    }
    return end == dim;
}

/* The parts of the matrix v, which may be a joined one or one transposed. */
static bool find_parts(const splitting *s, int32_t v, joined *j)
{
    const eddy_ir *ir = s->ir;
    int32_t base = eddy_ir_base(ir, v), at = s->uses.writer[base];
    const eddy_ir_layout *whole = ir->values[base].layout, *seen = ir->values[v].layout;
    const eddy_ir_call *call = at >= 0 ? &s->calls[at] : NULL;
    if (!call || !call->rule->regions || ir->values[base].kind != EDDY_VALUE_CALL || whole->shape.rank != 2 ||
        call->count > MOST_PARTS || call->count < 2)
        return false;
    j->transposed = base != v;
    if (base != v && (ir->values[v].offset || seen->shape.rank != 2 || seen->shape.dim[0] != whole->shape.dim[1] ||
                      seen->stride[0] != 1 || seen->stride[1] != whole->shape.dim[1]))
        return false;
    const eddy_region *region = call->rule->regions(call->attributes);
    int axis = region[0].size[0] == whole->shape.dim[0] ? 1 : 0;
    j->axis = j->transposed ? 1 - axis : axis;
    j->count = call->count;
    for (int k = 0; k < j->count; k++) {
        const eddy_region *r = &region[k];
        if (r->dropped || r->size[1 - axis] != whole->shape.dim[1 - axis] || r->step[axis] != 1 || r->start[1 - axis])
            return false;
        j->start[k] = r->start[axis];
        j->size[k] = r->size[axis];
        j->part[k] = ir->operands[call->first + k];
    }
    return sort_parts(j, whole->shape.dim[axis]);
}

static bool add_operand(splitting *s, int32_t v)
{
    return v >= 0 && eddy_ir_add_operands(s->ir, &v, 1) >= 0;
}

static int32_t part_of(splitting *s, const joined *j, int k)
{
    return j->transposed ? eddy_ir_transposed(s->ir, j->part[k]) : j->part[k];
}

/* Start .. start + size of an axis of v: a part of it, if v is joined so. */
static int32_t piece(splitting *s, int32_t v, int axis, int64_t start, int64_t size)
{
    joined j;
    if (find_parts(s, v, &j) && j.axis == axis)
        for (int k = 0; k < j.count; k++)
            if (j.start[k] == start && j.size[k] == size)
                return part_of(s, &j, k);
    return eddy_ir_slice(s->ir, v, axis, start, size);
}

/* Is a term of the call joined along its inner dimension? On which side, and from which parts? */
static bool find_inner(const splitting *s, const eddy_ir_call *call, int32_t k, bool *left, joined *j)
{
    const int32_t *operand = s->ir->operands + call->first + k;
    *left = find_parts(s, operand[0], j) && j->axis == 1;
    return *left || (find_parts(s, operand[1], j) && j->axis == 0);
}

/* The call with joined inner dimensions taken apart. */
static bool append_inner(splitting *s, const eddy_ir_call *call)
{
    eddy_ir_call split = *call;
    split.first = s->ir->operand_count;
    for (int32_t k = 0; k < call->count; k += 2) {
        int32_t a = s->ir->operands[call->first + k], b = s->ir->operands[call->first + k + 1];
        joined j;
        bool left;
        if (!find_inner(s, call, k, &left, &j)) {
            if (!add_operand(s, a) || !add_operand(s, b))
                return false;
            continue;
        }
        for (int p = 0; p < j.count; p++)
            if (!add_operand(s, left ? part_of(s, &j, p) : piece(s, a, 1, j.start[p], j.size[p])) ||
                !add_operand(s, left ? piece(s, b, 0, j.start[p], j.size[p]) : part_of(s, &j, p)))
                return false;
    }
    split.count = (int32_t)(s->ir->operand_count - split.first);
    return eddy_ir_append(s->ir, split);
}

/* Are the operands at `side`, `side` + step, ... all joined along the axis, with parts of equal sizes? */
static bool all_joined(const splitting *s, const eddy_ir_call *call, int side, int step, int axis, joined *first)
{
    for (int32_t k = side; k < call->count; k += step) {
        joined j;
        if (!find_parts(s, s->ir->operands[call->first + k], k == side ? first : &j))
            return false;
        const joined *now = k == side ? first : &j;
        if (now->axis != axis || now->count != first->count ||
            memcmp(now->size, first->size, (size_t)first->count * sizeof *first->size) != 0)
            return false;
    }
    return call->count > side;
}

/* The call with the parts of each matrix on the left one below the other, which make rows of its result. */
static bool append_rows(splitting *s, const eddy_ir_call *call)
{
    eddy_ir_call rows = *call;
    rows.first = s->ir->operand_count;
    for (int32_t k = 0; k < call->count; k += 2) {
        joined j;
        if (!find_parts(s, s->ir->operands[call->first + k], &j))
            return false;
        for (int p = 0; p < j.count; p++)
            if (!add_operand(s, part_of(s, &j, p)))
                return false;
        if (!add_operand(s, s->ir->operands[call->first + k + 1]))
            return false;
    }
    rows.count = (int32_t)(s->ir->operand_count - rows.first);
    return eddy_ir_append(s->ir, rows);
}

static bool equal_sizes(const joined *j)
{
    for (int k = 1; k < j->count; k++)
        if (j->size[k] != j->size[0])
            return false;
    return true;
}

/* The sum of the same rows that was made already: two biases of one gate have one gradient, which was hidden in sums
 * over all gates. It becomes a copy of that. */
static bool append_once(splitting *s, eddy_ir_call call)
{
    eddy_ir *ir = s->ir;
    if (call.rule != &eddy_ir_row_sum)
        return eddy_ir_append(ir, call);
    for (int32_t i = s->sums > MOST_SUMS ? s->sums - MOST_SUMS : 0; i < s->sums; i++) {
        const eddy_ir_call *before = &ir->calls[s->sum[i % MOST_SUMS]];
        const eddy_node *m = &ir->nodes[before->node], *n = &ir->nodes[call.node];
        if (before->count == call.count && m->region == n->region && m->again == n->again &&
            !memcmp(ir->operands + before->first, ir->operands + call.first,
                    (size_t)call.count * sizeof *ir->operands)) {
            call.rule = &eddy_ir_copy;
            call.count = 1;
            ir->operands[call.first] = before->out;
            return eddy_ir_append(ir, call);
        }
    }
    s->sum[s->sums++ % MOST_SUMS] = ir->call_count;
    return eddy_ir_append(ir, call);
}

/* One call for each part, which writes its rows (axis 0) or columns (axis 1) of what becomes a block. */
static bool append_outer(splitting *s, const eddy_ir_call *call, int side, int step, const joined *parts, int axis)
{
    eddy_ir *ir = s->ir;
    ir->values[call->out].kind = EDDY_VALUE_BLOCK;
    for (int p = 0; p < parts->count; p++) {
        eddy_ir_call part = *call;
        part.first = ir->operand_count;
        for (int32_t k = 0; k < call->count; k++) {
            int32_t v = ir->operands[call->first + k];
            joined j;
            if (k % step == side && !find_parts(s, v, &j))
                return false;
            if (!add_operand(s, k % step == side ? part_of(s, &j, p) : v))
                return false;
        }
        part.out = eddy_ir_slice(ir, call->out, axis, parts->start[p], parts->size[p]);
        if (part.out < 0 || !append_once(s, part))
            return false;
    }
    return true;
}

/* Outer dimensions first. What an adding call adds to is whole. */
static bool append_split(splitting *s, const eddy_ir_call *call)
{
    joined parts;
    bool product = eddy_ir_is_product(call), outer = !call->rule->adds && !s->added[call->out], left, any = false;
    /* a column is made faster as a row, which only one matrix on the left can be */
    if (product && eddy_ir_shape(s->ir, call->out)->dim[1] > 1 && all_joined(s, call, 0, 2, 0, &parts) &&
        equal_sizes(&parts))
        return append_rows(s, call);
    if (product && outer && all_joined(s, call, 0, 2, 0, &parts))
        return append_outer(s, call, 0, 2, &parts, 0);
    if (product && outer && all_joined(s, call, 1, 2, 1, &parts))
        return append_outer(s, call, 1, 2, &parts, 1);
    if (call->rule == &eddy_ir_row_sum && outer && all_joined(s, call, 0, 1, 1, &parts))
        return append_outer(s, call, 0, 1, &parts, 0);
    for (int32_t k = 0; k < call->count && product && !any; k += 2)
        any = find_inner(s, call, k, &left, &parts);
    return any ? append_inner(s, call) : eddy_ir_append(s->ir, *call);
}

bool eddy_pass_split(eddy_ir *ir)
{
    splitting s = { .ir = ir, .added = eddy_allocate((size_t)ir->value_count, 1) };
    bool done = eddy_ir_find_uses(ir, &s.uses) && s.added;
    int32_t count;
    eddy_ir_call *calls = eddy_ir_take_calls(ir, &count);
    s.calls = calls;
    for (int32_t i = 0; i < count && done; i++)
        s.added[calls[i].out] |= calls[i].rule->adds;
    for (int32_t i = 0; i < count && done; i++)
        done = append_split(&s, &calls[i]);
    eddy_free(calls);
    eddy_free(s.added);
    eddy_ir_free_uses(&s.uses);
    return (done && eddy_ir_sweep(ir)) || eddy_ir_no_memory(ir);
}
