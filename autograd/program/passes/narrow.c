/* Narrow. Where only blocks of columns of a product are looked at, as of gates that are computed side by side, each
 * block becomes a product of its own, and a block that nobody looks at is not computed; the same goes for elementwise
 * ops on the way there. What remains are whole, dense matrices, however the user wrote the gates. From the last call to
 * the first, so that blocks are passed on from a sum to its terms. No element is computed in another way. */
#include "ir.h"

#include <string.h>

enum { MOST_BLOCKS = 16 };

typedef struct blocks {
    int count;
    int64_t start[MOST_BLOCKS], size[MOST_BLOCKS];
    int32_t value[MOST_BLOCKS]; /* the new one */
} blocks;

typedef struct narrowing {
    eddy_ir *ir;
    eddy_ir_uses uses;
    int32_t *by; /* what replaces each value */
    int32_t replaceable, by_capacity;
    eddy_ir_call *made; /* the calls from the last to the first */
    int32_t count, capacity;
} narrowing;

/* If view looks at a block of base's columns: which; size 0 if not. */
static bool is_block(const eddy_ir_value *base, const eddy_ir_value *view, int64_t *start, int64_t *size)
{
    const eddy_ir_layout *of = base->layout, *seen = view->layout;
    int last = of->shape.rank - 1;
    if (seen->shape.rank != of->shape.rank)
        return false;
    for (int i = 0; i <= last; i++)
        if ((i < last && seen->shape.dim[i] != of->shape.dim[i]) ||
            (seen->shape.dim[i] != 1 && seen->stride[i] != of->stride[i]))
            return false;
    *start = view->offset;
    *size = seen->shape.dim[last];
    return *size > 0 && *start + *size <= of->shape.dim[last];
}

/* The blocks that are looked at, if nothing else of v is, and no two overlap. */
static bool find_blocks(const narrowing *n, int32_t v, blocks *b)
{
    const eddy_ir_value *base = &n->ir->values[v];
    b->count = 0;
    if (n->uses.direct[v] || base->kind != EDDY_VALUE_CALL || base->layout->shape.rank == 0)
        return false;
    for (int32_t at = n->uses.view[v]; at >= 0; at = n->uses.next[at]) {
        int64_t start, size;
        if (!is_block(base, &n->ir->values[at], &start, &size))
            return false;
        int k = 0;
        while (k < b->count && (b->start[k] != start || b->size[k] != size)) {
            if (start < b->start[k] + b->size[k] && b->start[k] < start + size)
                return false;
            k++;
        }
        if (k == MOST_BLOCKS)
            return false;
        b->start[k] = start;
        b->size[k] = size;
        b->count += k == b->count;
    }
    return b->count > 0;
}

static bool grow(narrowing *n)
{
    if (!eddy_ir_grow_uses(n->ir, &n->uses))
        return false;
    for (; n->replaceable < n->ir->value_count; n->replaceable++) {
        if (!eddy_grow((void **)&n->by, &n->by_capacity, n->replaceable, sizeof *n->by))
            return false;
        n->by[n->replaceable] = n->replaceable;
    }
    return true;
}

static bool append(narrowing *n, eddy_ir_call call)
{
    if (!eddy_grow((void **)&n->made, &n->capacity, n->count, sizeof *n->made))
        return false;
    n->made[n->count++] = call;
    return true;
}

/* Operand k of the call, as a block of its result reads it. */
static int32_t block_operand(narrowing *n, const eddy_ir_call *call, int32_t k, int64_t start, int64_t size)
{
    eddy_ir *ir = n->ir;
    int32_t v = ir->operands[call->first + k];
    int last = eddy_ir_shape(ir, v)->rank - 1;
    bool wide = call->rule == &eddy_ir_product ? k % 2 == 1 : last >= 0 && eddy_ir_shape(ir, v)->dim[last] != 1;
    return wide ? eddy_ir_slice(ir, v, last, start, size) : v;
}

/* The call's block: a call of its own. */
static bool append_block(narrowing *n, const eddy_ir_call *call, blocks *b, int k)
{
    eddy_ir *ir = n->ir;
    eddy_shape shape = *eddy_ir_shape(ir, call->out);
    shape.dim[shape.rank - 1] = b->size[k];
    eddy_ir_call block = *call;
    block.out = b->value[k] = eddy_ir_new_value(ir, ir->values[call->out].dtype, &shape, call->node);
    block.first = ir->operand_count;
    bool done = block.out >= 0;
    for (int32_t o = 0; o < call->count && done; o++) {
        int32_t v = block_operand(n, call, o, b->start[k], b->size[k]);
        done = v >= 0 && grow(n) && eddy_ir_add_operands(ir, &v, 1) >= 0;
        if (done)
            eddy_ir_count_use(ir, &n->uses, v, 1);
    }
    return done && append(n, block);
}

/* The call as one call for each block; what looked at a block reads that call's value. */
static bool narrow(narrowing *n, const eddy_ir_call *call, blocks *b)
{
    eddy_ir *ir = n->ir;
    for (int32_t o = 0; o < call->count; o++)
        eddy_ir_count_use(ir, &n->uses, ir->operands[call->first + o], -1);
    for (int k = 0; k < b->count; k++)
        if (!append_block(n, call, b, k))
            return false;
    for (int32_t at = n->uses.view[call->out]; at >= 0; at = n->uses.next[at]) {
        int64_t start = 0, size = 0;
        int k = 0;
        is_block(&ir->values[call->out], &ir->values[at], &start, &size);
        while (b->start[k] != start)
            k++;
        n->by[at] = b->value[k];
    }
    return grow(n);
}

static bool can_narrow(const eddy_ir_call *call)
{
    return call->outputs == 1 && (call->rule->elementwise || call->rule->is_sum || call->rule == &eddy_ir_product);
}

bool eddy_pass_narrow(eddy_ir *ir)
{
    narrowing n = { .ir = ir };
    bool done = eddy_ir_find_uses(ir, &n.uses) && grow(&n);
    for (int32_t i = ir->call_count - 1; i >= 0 && done; i--) {
        const eddy_ir_call *call = &ir->calls[i];
        const eddy_shape *shape = eddy_ir_shape(ir, call->out);
        blocks b = { .count = 0 };
        if (can_narrow(call) && find_blocks(&n, call->out, &b) &&
            (b.count > 1 || b.size[0] != shape->dim[shape->rank - 1]))
            done = narrow(&n, call, &b);
        else
            done = append(&n, *call);
    }
    if (done) {
        for (int32_t i = 0; i < n.count / 2; i++) {
            eddy_ir_call call = n.made[i];
            n.made[i] = n.made[n.count - 1 - i];
            n.made[n.count - 1 - i] = call;
        }
        eddy_free(ir->calls);
        ir->calls = n.made;
        ir->call_count = n.count;
        ir->call_capacity = n.capacity;
        eddy_ir_replace(ir, n.by, ir->value_count);
    } else {
        eddy_free(n.made);
    }
    eddy_free(n.by);
    eddy_ir_free_uses(&n.uses);
    /* every block has left the value behind that it is a block of: the passes to come need not walk through those */
    return done ? eddy_ir_compact(ir) : eddy_ir_no_memory(ir);
}
