/* What every pass needs of the IR, its verifier and its text. */
#include "ir.h"
#include "text.h"

#include <stdio.h>
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

int32_t eddy_ir_base(const eddy_ir *ir, int32_t v)
{
    return ir->values[v].kind == EDDY_VALUE_VIEW ? ir->values[v].source : v;
}

eddy_tensor eddy_ir_tensor(const eddy_ir *ir, int32_t v)
{
    const eddy_ir_value *value = &ir->values[v];
    eddy_tensor tensor = { .dtype = value->dtype, .shape = value->shape };
    memcpy(tensor.stride, value->stride, sizeof tensor.stride);
    return tensor;
}

size_t eddy_ir_size(const eddy_ir *ir, int32_t v)
{
    size_t bytes = (size_t)eddy_shape_count(&ir->values[v].shape) * eddy_dtype_size(ir->values[v].dtype);
    return bytes ? (bytes + EDDY_IR_LINE - 1) & ~(size_t)(EDDY_IR_LINE - 1) : EDDY_IR_LINE;
}

void eddy_ir_free(eddy_ir *ir)
{
    eddy_free(ir->values);
    eddy_free(ir->calls);
    eddy_free(ir->operands);
    eddy_free(ir->results);
}

/* ---- Verifier ---- */

static const char *value_fault(const eddy_ir *ir, int32_t v)
{
    const eddy_ir_value *value = &ir->values[v];
    eddy_tensor tensor = eddy_ir_tensor(ir, v);
    if (eddy_shape_count(&value->shape) < 0 || !eddy_dtype_size(value->dtype))
        return "has no legal shape or dtype";
    switch (value->kind) {
    case EDDY_VALUE_CALL:
        return eddy_tensor_is_contiguous(&tensor) ? NULL : "is written by a call and not contiguous";
    case EDDY_VALUE_LEAF:
        return value->source >= 0 && value->source < ir->tape->leaf_count ? NULL : "is of a leaf that is not there";
    case EDDY_VALUE_CONSTANT:
        return NULL;
    case EDDY_VALUE_VIEW:
        return value->source < 0 || value->source >= ir->value_count       ? "is a view of a value that is not there"
               : ir->values[value->source].kind == EDDY_VALUE_VIEW         ? "is a view of a view"
               : value->dtype != ir->values[value->source].dtype           ? "is a view of another dtype"
               : value->offset < 0 && eddy_shape_count(&value->shape) != 0 ? "begins before its base"
                                                                           : NULL;
    }
    return "is of no kind";
}

static bool is_written(const eddy_ir *ir, const unsigned char *written, int32_t v)
{
    int32_t base = eddy_ir_base(ir, v);
    return ir->values[base].kind != EDDY_VALUE_CALL || written[base];
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
        if (ir->values[v].kind != EDDY_VALUE_CALL)
            return "writes to what is no call's value";
        if (written[v] != call->rule->adds)
            return written[v] ? "writes a value a second time" : "adds to a value that is not written yet";
        written[v] = 1;
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

/* ---- Text ---- */

static void add_type(eddy_text *text, const eddy_ir_value *v)
{
    eddy_text_print(text, "%s %s", eddy_dtype_name(v->dtype), eddy_shape_format(&v->shape).text);
}

static void add_value(eddy_text *text, const eddy_ir *ir, int32_t at)
{
    const eddy_ir_value *v = &ir->values[at];
    if (v->kind == EDDY_VALUE_CALL)
        return;
    eddy_text_print(text, "  %%%-5d ", (int)at);
    add_type(text, v);
    if (v->kind == EDDY_VALUE_LEAF) {
        const char *name = ir->tape->leaves[v->source]->name;
        eddy_text_print(text, "  leaf %.200s\n", name ? name : "(constant)");
        return;
    }
    if (v->kind == EDDY_VALUE_CONSTANT) {
        eddy_tensor one = eddy_tensor_wrap((void *)(uintptr_t)&v->one, v->dtype, EDDY_SCALAR);
        eddy_text_print(text, "  constant %.17g\n", eddy_tensor_flat(&one, 0));
        return;
    }
    eddy_text_print(text, "  view of %%%d, from element %lld, strides", (int)v->source, (long long)v->offset);
    for (int i = 0; i < v->shape.rank; i++)
        eddy_text_print(text, " %lld", (long long)v->stride[i]);
    eddy_text_add(text, "\n", 1);
}

static void add_call(eddy_text *text, const eddy_ir *ir, const eddy_ir_call *call)
{
    char attributes[160] = "";
    const eddy_shape *x = call->count ? &ir->values[ir->operands[call->first]].shape : NULL;
    if (call->rule->describe)
        call->rule->describe(call->attributes, x, attributes, sizeof attributes);
    for (int32_t v = call->out; v < call->out + call->outputs; v++)
        eddy_text_print(text, "%s%%%-5d ", v == call->out ? "  " : ", ", (int)v);
    add_type(text, &ir->values[call->out]);
    eddy_text_print(text, " %s %s", call->rule->adds ? "+=" : "=", call->rule->name);
    for (int32_t k = 0; k < call->count; k++)
        eddy_text_print(text, "%s%%%d", k ? ", " : " ", (int)ir->operands[call->first + k]);
    eddy_text_print(text, "%s%s", attributes[0] ? "  " : "", attributes);
    const eddy_ir_value *out = &ir->values[call->out];
    if (out->size)
        eddy_text_print(text, "  @%zu", out->place);
    eddy_text_add(text, "\n", 1);
}

char *eddy_ir_dump(const eddy_ir *ir)
{
    eddy_text text = { 0 };
    eddy_text_print(&text, "values\n");
    for (int32_t v = 0; v < ir->value_count; v++)
        add_value(&text, ir, v);
    eddy_text_print(&text, "calls\n");
    for (int32_t i = 0; i < ir->call_count; i++)
        add_call(&text, ir, &ir->calls[i]);
    eddy_text_print(&text, "results");
    for (int64_t k = 0; k < ir->result_count; k++)
        eddy_text_print(&text, " %%%d", (int)ir->results[k]);
    eddy_text_print(&text, "\nbytes %zu, without sharing %lld\n", ir->block, (long long)ir->block_unshared);
    if (!text.failed)
        return text.data;
    eddy_free(text.data);
    eddy_ir_no_memory(ir);
    return NULL;
}
