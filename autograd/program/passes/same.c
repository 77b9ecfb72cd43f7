/* Same: what is computed twice, by the same rule of the same operands, is computed once. Nothing is merged across the
 * border of a checkpointed region: its second recording is there to be computed again. */
#include "ir.h"

#include <string.h>

static uint64_t hash_of(const eddy_ir *ir, const eddy_ir_call *call)
{
    uint64_t hash = eddy_ir_mix((uintptr_t)call->rule, call->attribute_size);
    const unsigned char *bytes = call->attributes;
    for (uint32_t i = 0; i < call->attribute_size; i += 4) {
        uint32_t word = 0;
        memcpy(&word, bytes + i, call->attribute_size - i < 4 ? call->attribute_size - i : 4);
        hash = eddy_ir_mix(hash, word);
    }
    for (int32_t k = 0; k < call->count; k++)
        hash = eddy_ir_mix(hash, (uint64_t)ir->operands[call->first + k]);
    return hash ^ hash >> 29;
}

static bool is_same(const eddy_ir *ir, const eddy_ir_call *a, const eddy_ir_call *b)
{
    const eddy_ir_value *x = &ir->values[a->out], *y = &ir->values[b->out];
    const eddy_node *m = &ir->nodes[a->node], *n = &ir->nodes[b->node];
    return a->rule == b->rule && a->count == b->count && a->attribute_size == b->attribute_size &&
           m->region == n->region && m->again == n->again && x->dtype == y->dtype &&
           eddy_shape_equal(&x->layout->shape, &y->layout->shape) &&
           !memcmp(ir->operands + a->first, ir->operands + b->first, (size_t)a->count * sizeof *ir->operands) &&
           (!a->attribute_size || !memcmp(a->attributes, b->attributes, a->attribute_size));
}

/* The first of the calls that compute the same as call i, which it becomes if it is the first. */
static int32_t first_of(const eddy_ir *ir, int32_t i, int32_t *table, uint32_t mask)
{
    uint32_t at = (uint32_t)hash_of(ir, &ir->calls[i]) & mask;
    for (; table[at] >= 0; at = (at + 1) & mask)
        if (is_same(ir, &ir->calls[table[at]], &ir->calls[i]))
            return table[at];
    table[at] = i;
    return i;
}

bool eddy_pass_same(eddy_ir *ir)
{
    uint32_t capacity = 16;
    while (capacity < 2 * (uint32_t)ir->call_count)
        capacity *= 2;
    int32_t *table = eddy_allocate(capacity, sizeof *table), *by = eddy_allocate((size_t)ir->value_count, sizeof *by);
    bool done = table && by;
    if (done) {
        memset(table, 0xff, capacity * sizeof *table);
        for (int32_t v = 0; v < ir->value_count; v++)
            by[v] = v;
    }
    for (int32_t i = 0; i < ir->call_count && done; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        for (int32_t k = 0; k < call->count; k++)
            ir->operands[call->first + k] = by[ir->operands[call->first + k]];
        if (call->outputs == 1 && !call->rule->named)
            by[call->out] = ir->calls[first_of(ir, i, table, capacity - 1)].out;
    }
    if (done)
        eddy_ir_replace(ir, by, ir->value_count);
    int32_t kept = 0;
    for (int32_t i = 0; i < ir->call_count && done; i++)
        if (by[ir->calls[i].out] == ir->calls[i].out)
            ir->calls[kept++] = ir->calls[i];
    ir->call_count = done ? kept : ir->call_count;
    eddy_free(table);
    eddy_free(by);
    return done || eddy_ir_no_memory(ir);
}
