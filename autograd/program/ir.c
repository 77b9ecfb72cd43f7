/* What every pass needs of the IR, and its verifier. */
#include "ir.h"

#include <string.h>

bool eddy_ir_no_memory(const eddy_ir *ir)
{
    return eddy_tape_out_of_memory(ir->tape, ir->site, "compile");
}

bool eddy_ir_append(eddy_ir *ir, eddy_ir_call call)
{
    if (!eddy_grow((void **)&ir->calls, &ir->call_capacity, ir->call_count, sizeof *ir->calls))
        return eddy_ir_no_memory(ir);
    ir->calls[ir->call_count++] = call;
    return true;
}

eddy_ir_call *eddy_ir_take_calls(eddy_ir *ir, int32_t *count)
{
    eddy_ir_call *calls = ir->calls;
    *count = ir->call_count;
    ir->calls = NULL;
    ir->call_count = ir->call_capacity = 0;
    return calls;
}

int32_t eddy_ir_add_value(eddy_ir *ir, const eddy_ir_value *value)
{
    const eddy_ir_value copy = *value; /* it may be one of ir's, which move */
    if (!eddy_grow((void **)&ir->values, &ir->value_capacity, ir->value_count, sizeof *ir->values)) {
        eddy_ir_no_memory(ir);
        return -1;
    }
    ir->values[ir->value_count] = copy;
    return ir->value_count++;
}

static int32_t chain_of(const eddy_ir *ir, const eddy_shape *shape, const int64_t *stride)
{
    uint64_t hash = (uint64_t)shape->rank;
    for (int i = 0; i < shape->rank; i++)
        hash = eddy_ir_mix(eddy_ir_mix(hash, (uint64_t)shape->dim[i]), (uint64_t)stride[i]);
    return (int32_t)(hash >> 40) & (ir->layout_chains - 1);
}

/* Twice as many chains. */
static bool grow_layouts(eddy_ir *ir)
{
    const eddy_ir_layout **before = ir->layouts;
    const int32_t count = ir->layout_chains;
    const eddy_ir_layout **chains = eddy_allocate(count ? 2 * (size_t)count : 16, sizeof *chains);
    if (!chains)
        return false;
    ir->layouts = chains;
    ir->layout_chains = count ? 2 * count : 16;
    for (int32_t i = 0; i < count; i++)
        for (eddy_ir_layout *l = (eddy_ir_layout *)before[i], *next; l; l = next) {
            const int32_t at = chain_of(ir, &l->shape, l->stride);
            next = (eddy_ir_layout *)l->next;
            l->next = chains[at];
            chains[at] = l;
        }
    eddy_free(before);
    return true;
}

const eddy_ir_layout *eddy_ir_find_layout(eddy_ir *ir, const eddy_shape *shape, const int64_t *stride)
{
    int64_t dense[EDDY_MAX_RANK], step = 1;
    for (int i = shape->rank - 1; i >= 0 && !stride; i--) {
        dense[i] = step;
        step *= shape->dim[i] ? shape->dim[i] : 1;
    }
    stride = stride ? stride : dense;
    const size_t bytes = (size_t)shape->rank * sizeof *stride;
    if (ir->layout_count == ir->layout_chains && !grow_layouts(ir))
        return eddy_ir_no_memory(ir), NULL;
    const int32_t at = chain_of(ir, shape, stride);
    for (const eddy_ir_layout *l = ir->layouts[at]; l; l = l->next)
        if (l->shape.rank == shape->rank && !memcmp(l->shape.dim, shape->dim, bytes) &&
            !memcmp(l->stride, stride, bytes))
            return l;
    eddy_ir_layout *made = eddy_arena_take(ir->arena, sizeof *made);
    if (!made)
        return eddy_ir_no_memory(ir), NULL;
    *made = (eddy_ir_layout){ .shape = *shape, .next = ir->layouts[at] };
    memcpy(made->stride, stride, bytes);
    ir->layouts[at] = made;
    ir->layout_count++;
    return made;
}

int32_t eddy_ir_new_value(eddy_ir *ir, eddy_dtype dtype, const eddy_shape *shape, int32_t node)
{
    const eddy_ir_value v = {
        .kind = EDDY_VALUE_CALL, .node = node, .dtype = dtype, .layout = eddy_ir_find_layout(ir, shape, NULL)
    };
    return v.layout ? eddy_ir_add_value(ir, &v) : -1;
}

int64_t eddy_ir_add_operands(eddy_ir *ir, const int32_t *operands, int64_t count)
{
    if (ir->operand_count + count > ir->operand_capacity) {
        int64_t wanted = 2 * ir->operand_capacity + count;
        int32_t *larger = eddy_reallocate(ir->operands, (size_t)wanted, sizeof *larger);
        if (!larger) {
            eddy_ir_no_memory(ir);
            return -1;
        }
        ir->operands = larger;
        ir->operand_capacity = wanted;
    }
    if (count)
        memcpy(ir->operands + ir->operand_count, operands, (size_t)count * sizeof *operands);
    ir->operand_count += count;
    return ir->operand_count - count;
}

bool eddy_ir_repeat_operands(eddy_ir *ir, const eddy_ir_call *call)
{
    for (int32_t k = 0; k < call->count; k++) {
        int32_t v = ir->operands[call->first + k]; /* the array may move */
        if (eddy_ir_add_operands(ir, &v, 1) < 0)
            return false;
    }
    return true;
}

eddy_tensor eddy_ir_tensor(const eddy_ir *ir, int32_t v)
{
    const eddy_ir_value *value = &ir->values[v];
    eddy_tensor tensor = { .dtype = value->dtype, .shape = value->layout->shape };
    memcpy(tensor.stride, value->layout->stride, sizeof tensor.stride);
    return tensor;
}

size_t eddy_ir_size(const eddy_ir *ir, int32_t v)
{
    size_t bytes = (size_t)eddy_shape_count(eddy_ir_shape(ir, v)) * eddy_dtype_size(ir->values[v].dtype);
    return bytes ? eddy_ir_lines(bytes) : EDDY_IR_LINE;
}

void eddy_ir_free(eddy_ir *ir)
{
    eddy_free(ir->values);
    eddy_free(ir->calls);
    eddy_free(ir->operands);
    eddy_free(ir->results);
    eddy_free(ir->targets);
    eddy_free(ir->layouts);
}

/* ---- Verifier ---- */

static const char *value_fault(const eddy_ir *ir, int32_t v)
{
    const eddy_ir_value *value = &ir->values[v];
    eddy_tensor tensor = eddy_ir_tensor(ir, v);
    if (eddy_shape_count(&value->layout->shape) < 0 || !eddy_dtype_size(value->dtype))
        return "has no legal shape or dtype";
    switch (value->kind) {
    case EDDY_VALUE_CALL:
    case EDDY_VALUE_BLOCK:
        return eddy_tensor_is_contiguous(&tensor) ? NULL : "is written by calls and not contiguous";
    case EDDY_VALUE_LEAF:
        return value->source >= 0 && value->source < ir->tape->leaf_count ? NULL : "is of a leaf that is not there";
    case EDDY_VALUE_CONSTANT:
        return NULL;
    case EDDY_VALUE_VIEW:
        return value->source < 0 || value->source >= ir->value_count ? "is a view of a value that is not there"
               : ir->values[value->source].kind == EDDY_VALUE_VIEW   ? "is a view of a view"
               : value->dtype != ir->values[value->source].dtype     ? "is a view of another dtype"
               : value->offset < 0 && eddy_shape_count(&value->layout->shape) != 0 ? "begins before its base"
                                                                                   : NULL;
    }
    return "is of no kind";
}

/* written[v]: of a call's value and of a view of a block, whether a call has written it; of a block, whether one has
 * written a part. */
static bool is_written(const eddy_ir *ir, const unsigned char *written, int32_t v)
{
    int32_t base = eddy_ir_base(ir, v);
    eddy_value_kind kind = ir->values[base].kind;
    return (kind != EDDY_VALUE_CALL && kind != EDDY_VALUE_BLOCK) || written[base];
}

/* Does an update write value v to the leaf in whose memory it lies? */
static bool is_update_in_place(const eddy_ir *ir, int32_t v)
{
    for (int64_t k = 0; k < ir->result_count; k++)
        if (eddy_ir_base(ir, ir->results[k]) == v && ir->targets[k] == ir->values[v].source)
            return ir->values[v].kind == EDDY_VALUE_LEAF;
    return false;
}

static const char *call_fault(const eddy_ir *ir, const eddy_ir_call *call, unsigned char *written)
{
    if (!call->rule || !call->rule->run)
        return "has no rule that runs";
    if (call->first < 0 || call->count < 0 || call->first + call->count > ir->operand_count)
        return "has operands that are not there";
    for (int32_t k = 0; k < call->count; k++) {
        int32_t v = ir->operands[call->first + k];
        if (v < 0 || v >= ir->value_count)
            return "reads a value that is not there";
        if (eddy_rule_reads(call->rule, k) && !is_written(ir, written, v))
            return "reads a value before it is written";
    }
    if (call->out < 0 || call->outputs < 1 || call->out + call->outputs > ir->value_count)
        return "writes values that are not there";
    for (int32_t v = call->out; v < call->out + call->outputs; v++) {
        int32_t base = eddy_ir_base(ir, v);
        if (ir->values[v].kind != EDDY_VALUE_CALL && ir->values[base].kind != EDDY_VALUE_BLOCK &&
            !is_update_in_place(ir, v))
            return "writes to what is no call's value, no update's and no part of a block";
        if (written[v] != call->rule->adds)
            return written[v] ? "writes a value a second time" : "adds to a value that is not written yet";
        written[v] = written[base] = 1;
    }
    return NULL;
}

bool eddy_ir_verify(const eddy_ir *ir, const char *pass)
{
    unsigned char *written = eddy_allocate((size_t)ir->value_count, 1);
    if (!written)
        return eddy_ir_no_memory(ir);
    const char *what = "value", *fault = NULL;
    int32_t at = -1;
    for (int32_t v = 0; v < ir->value_count && !fault; v++)
        fault = value_fault(ir, at = v);
    for (int32_t i = 0; i < ir->call_count && !fault; i++) {
        what = "call";
        fault = call_fault(ir, &ir->calls[at = i], written);
    }
    for (int64_t k = 0; k < ir->result_count && !fault; k++)
        if (!is_written(ir, written, ir->results[k])) {
            what = "value";
            at = ir->results[k];
            fault = "is a result and never written";
        }
    eddy_free(written);
    return !fault || eddy_tape_fail(ir->tape, ir->site, "compile",
                                    "after %s, %s %d %s; this is a mistake in the library", pass, what, (int)at, fault);
}
