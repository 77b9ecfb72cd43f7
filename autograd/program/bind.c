/* From numbers to pointers: where every value lies, and what a run calls with what. */
#include "compiled.h"
#include "crew.h"

#include <stdint.h>

/* Everything but data and scratch, which lie in the block. */
static bool bind_calls(eddy_program *p, const eddy_ir *ir)
{
    /* all of it is written before it is read: it need not be cleared */
    p->tensors = eddy_reallocate(NULL, (size_t)ir->value_count, sizeof *p->tensors);
    p->node_of = eddy_reallocate(NULL, (size_t)ir->value_count, sizeof *p->node_of);
    p->operands = eddy_reallocate(NULL, (size_t)ir->operand_count, sizeof *p->operands);
    p->results = eddy_reallocate(NULL, (size_t)ir->result_count, sizeof *p->results);
    p->constants = eddy_reallocate(NULL, (size_t)ir->value_count, sizeof *p->constants);
    p->instructions = eddy_reallocate(NULL, (size_t)ir->call_count, sizeof *p->instructions);
    if (!p->tensors || !p->node_of || !p->operands || !p->results || !p->constants || !p->instructions)
        return false;
    for (int32_t v = 0; v < ir->value_count; v++) {
        p->tensors[v] = eddy_ir_tensor(ir, v);
        p->node_of[v] = ir->values[v].node;
    }
    for (int64_t k = 0; k < ir->operand_count; k++)
        p->operands[k] = &p->tensors[ir->operands[k]];
    for (int64_t k = 0; k < ir->result_count; k++)
        p->results[k] = &p->tensors[ir->results[k]];
    for (int32_t i = 0; i < ir->call_count; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        p->instructions[i] = (eddy_instruction){ .work = { .rule = call->rule,
                                                           .attributes = call->attributes,
                                                           .in = p->operands + call->first,
                                                           .out = &p->tensors[call->out],
                                                           .status = &p->status,
                                                           .count = call->count,
                                                           .outputs = call->outputs,
                                                           .share = { 0, 1 } },
                                                 .node = call->node };
        if (call->once)
            p->instructions[i].once = ir->tape->leaves[ir->values[eddy_ir_base(ir, ir->operands[call->first])].source];
    }
    p->instruction_count = ir->call_count;
    p->in_place = ir->call_count;
    for (int32_t i = ir->call_count - 1; i >= 0; i--)
        for (int32_t v = ir->calls[i].out; v < ir->calls[i].out + ir->calls[i].outputs; v++)
            if (ir->values[v].kind == EDDY_VALUE_LEAF)
                p->in_place = i;
    return true;
}

static size_t prepared_bytes(const eddy_work *work)
{
    return work->rule->prepare ? eddy_ir_lines(work->rule->prepare(work)) : 0;
}

/* Room for what calls prepare. */
static bool make_prepared(eddy_program *p)
{
    size_t bytes = 0;
    for (int64_t i = 0; i < p->instruction_count; i++)
        bytes += prepared_bytes(&p->instructions[i].work);
    p->prepared = eddy_reallocate(NULL, bytes + EDDY_IR_LINE, 1);
    if (!p->prepared)
        return false;
    char *at = p->prepared + (EDDY_IR_LINE - (uintptr_t)p->prepared % EDDY_IR_LINE) % EDDY_IR_LINE;
    for (int64_t i = 0; i < p->instruction_count; i++) {
        eddy_work *work = &p->instructions[i].work;
        const size_t size = prepared_bytes(work);
        work->prepared = size ? at : NULL;
        at += size;
    }
    return true;
}

static void prepare(const eddy_program *p)
{
    for (int64_t i = 0; i < p->instruction_count; i++)
        if (p->instructions[i].work.prepared)
            p->instructions[i].work.rule->prepare(&p->instructions[i].work);
}

/* One piece of memory serves all calls, which run one after the other. */
static size_t largest_scratch(const eddy_program *p)
{
    size_t largest = 0;
    for (int64_t i = 0; i < p->instruction_count; i++) {
        const eddy_work *work = &p->instructions[i].work;
        size_t bytes = work->rule->scratch ? work->rule->scratch(work) : 0;
        largest = bytes > largest ? bytes : largest;
    }
    return largest;
}

/* The data of all values; `unplaced` is where those begin that have no place. */
static void bind_data(eddy_program *p, const eddy_ir *ir, char *block, char *unplaced)
{
    for (int32_t i = 0; i < ir->value_count; i++) {
        const eddy_ir_value *v = &ir->values[i];
        if (v->kind == EDDY_VALUE_LEAF) {
            p->tensors[i].data = ir->tape->leaves[v->source]->value.data;
        } else if (v->kind == EDDY_VALUE_CONSTANT) {
            p->constants[i] = v->one;
            p->tensors[i].data = &p->constants[i];
        } else if (v->kind != EDDY_VALUE_VIEW && v->size) {
            p->tensors[i].data = block + v->place;
        }
    }
    for (int32_t i = 0; i < ir->call_count; i++)
        for (int32_t v = ir->calls[i].out; v < ir->calls[i].out + ir->calls[i].outputs; v++) {
            int32_t base = eddy_ir_base(ir, v);
            if (p->tensors[base].data)
                continue;
            p->tensors[base].data = unplaced;
            unplaced += eddy_ir_size(ir, base);
        }
    for (int32_t i = 0; i < ir->value_count; i++) {
        const eddy_ir_value *v = &ir->values[i];
        if (v->kind != EDDY_VALUE_VIEW)
            continue;
        char *data = p->tensors[v->source].data;
        p->tensors[i].data = v->offset ? data + v->offset * (int64_t)eddy_dtype_size(v->dtype) : data;
    }
}

/* How many threads pay: what is shared has to take much longer than to wake them. */
static int32_t worth_threads(const eddy_program *p)
{
    /* of a modern core, roughly: operations of products and of others in a microsecond, and what a thread is worth */
    enum { PRODUCTS = 60000, OTHERS = 1000, LEAST = 2000 };
    double shared = 0;
    for (int64_t i = 0; i < p->instruction_count; i++) {
        const eddy_work *work = &p->instructions[i].work;
        if (work->rule->shares)
            shared += eddy_operations(work) / (work->rule->is_product ? PRODUCTS : OTHERS);
    }
    bool always;
    const int32_t most = eddy_crew_size(&always);
    if (always)
        return most;
    return shared / LEAST < most ? (shared < 2 * LEAST ? 1 : (int32_t)(shared / LEAST)) : most;
}

static bool is_placed(const eddy_ir *ir, int32_t base)
{
    return ir->values[base].size || ir->values[base].kind == EDDY_VALUE_LEAF;
}

bool eddy_bind(eddy_program *p, const eddy_ir *ir)
{
    if (!bind_calls(p, ir) || !make_prepared(p))
        return eddy_ir_no_memory(ir);
    prepare(p);
    size_t end = ir->block, scratch = largest_scratch(p);
    for (int32_t i = 0; i < ir->call_count; i++)
        for (int32_t v = ir->calls[i].out; v < ir->calls[i].out + ir->calls[i].outputs; v++)
            end += is_placed(ir, eddy_ir_base(ir, v)) ? 0 : eddy_ir_size(ir, eddy_ir_base(ir, v));
    p->threads = worth_threads(p);
    p->scratch = eddy_ir_lines(scratch);
    p->block = eddy_reallocate(NULL, end + p->scratch * (size_t)p->threads + EDDY_IR_LINE,
                               1); /* every value is written before it is read */
    if (!p->block)
        return eddy_ir_no_memory(ir);
    char *block = p->block + (EDDY_IR_LINE - (uintptr_t)p->block % EDDY_IR_LINE) % EDDY_IR_LINE;
    bind_data(p, ir, block, block + ir->block);
    prepare(p);
    for (int64_t i = 0; i < p->instruction_count; i++)
        p->instructions[i].work.scratch = block + end;
    if (p->threads > 1 && !eddy_find_barriers(p, ir, block, end))
        return eddy_ir_no_memory(ir);
    p->stats = (eddy_program_stats){ .nodes = p->instruction_count,
                                     .bytes = (int64_t)(end + scratch),
                                     .bytes_unshared =
                                         (ir->block_unshared ? ir->block_unshared : (int64_t)end) + (int64_t)scratch };
    return true;
}
