/* Updates. What an update writes is made where its leaf is, and neither waits elsewhere nor is copied: where no call
 * behind the one that makes it reads the leaf's old value, no result does, and no call from there on can fail, for a
 * failed run writes nothing. Not in eager mode, in which every call can. */
#include "ir.h"

/* An index out of range is a failure; of these, no operand's values can be wrong. */
static bool cannot_fail(const eddy_rule *rule)
{
    return rule->shares || rule->elementwise || rule->sum_axes || rule->is_sum;
}

/* Of the calls and results behind the one that is looked at. */
typedef struct behind {
    unsigned char *read; /* of each leaf: is its value read? */
    unsigned char *made; /* of each value: is it written, or added to? */
    int32_t *target;     /* of each value: the leaf that an update writes it to, -1 none */
} behind;

static void note_read(const eddy_ir *ir, const behind *b, int32_t v)
{
    const eddy_ir_value *base = &ir->values[eddy_ir_base(ir, v)];
    if (base->kind == EDDY_VALUE_LEAF)
        b->read[base->source] = 1;
}

/* May result r of the call be made in the memory of this leaf? Not if the call reads what it has overwritten. */
static bool fits(const eddy_ir *ir, const eddy_ir_call *call, int32_t r, int32_t leaf)
{
    const eddy_ir_value *out = &ir->values[call->out + r];
    const eddy_tensor *to = &ir->tape->leaves[leaf]->value;
    if (out->kind != EDDY_VALUE_CALL || out->dtype != to->dtype || !eddy_shape_equal(&out->layout->shape, &to->shape) ||
        !eddy_tensor_is_contiguous(to))
        return false;
    for (int32_t k = 0; k < call->count; k++) {
        const int32_t v = ir->operands[call->first + k];
        const eddy_ir_value *base = &ir->values[eddy_ir_base(ir, v)];
        if (base->kind == EDDY_VALUE_LEAF && base->source == leaf &&
            (base != &ir->values[v] || !call->rule->may_overlay || !call->rule->may_overlay(call->attributes, k, r)))
            return false;
    }
    return true;
}

/* From the last call to the first. */
static void place_updates(eddy_ir *ir, const behind *b)
{
    for (int64_t k = 0; k < ir->result_count; k++) {
        const int32_t base = eddy_ir_base(ir, ir->results[k]);
        note_read(ir, b, base);
        if (ir->targets[k] >= 0 && eddy_ir_same_view(ir, ir->results[k], base))
            b->target[base] = ir->targets[k];
    }
    for (int32_t i = ir->call_count - 1; i >= 0 && cannot_fail(ir->calls[i].rule); i--) {
        const eddy_ir_call *call = &ir->calls[i];
        for (int32_t r = 0; r < call->outputs && !call->once; r++) {
            const int32_t v = call->out + r, leaf = b->target[v];
            if (leaf >= 0 && !b->made[v] && !call->rule->adds && !b->read[leaf] && fits(ir, call, r, leaf)) {
                ir->values[v].kind = EDDY_VALUE_LEAF;
                ir->values[v].source = leaf;
                b->read[leaf] = 1; /* by one update */
            }
            b->made[v] = 1;
        }
        for (int32_t k = 0; k < call->count; k++)
            if (eddy_rule_reads(call->rule, k))
                note_read(ir, b, ir->operands[call->first + k]);
    }
}

bool eddy_pass_updates(eddy_ir *ir)
{
    if (ir->tape->eager)
        return true;
    behind b = { .read = eddy_allocate((size_t)ir->tape->leaf_count, 1),
                 .made = eddy_allocate((size_t)ir->value_count, 1),
                 .target = eddy_allocate((size_t)ir->value_count, sizeof *b.target) };
    const bool done = b.read && b.made && b.target;
    for (int32_t v = 0; v < ir->value_count && done; v++)
        b.target[v] = -1;
    if (done)
        place_updates(ir, &b);
    eddy_free(b.read);
    eddy_free(b.made);
    eddy_free(b.target);
    return done || eddy_ir_no_memory(ir);
}
