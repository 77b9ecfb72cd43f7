/* The IR as text. */
#include "ir.h"
#include "text_buffer.h"

static void add_type(eddy_text *text, const eddy_ir_value *v)
{
    eddy_text_print(text, "%s %s", eddy_dtype_name(v->dtype), eddy_shape_format(&v->layout->shape).text);
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
    if (v->kind == EDDY_VALUE_BLOCK) {
        eddy_text_print(text, "  block%s", v->size ? "" : "\n");
        if (v->size)
            eddy_text_print(text, "  @%zu\n", v->place);
        return;
    }
    if (v->kind == EDDY_VALUE_CONSTANT) {
        eddy_tensor one = eddy_tensor_wrap((void *)(uintptr_t)&v->one, v->dtype, EDDY_SCALAR);
        eddy_text_print(text, "  constant %.17g\n", eddy_tensor_flat(&one, 0));
        return;
    }
    eddy_text_print(text, "  view of %%%d, from element %lld, strides", (int)v->source, (long long)v->offset);
    for (int i = 0; i < v->layout->shape.rank; i++)
        eddy_text_print(text, " %lld", (long long)v->layout->stride[i]);
    eddy_text_add(text, "\n", 1);
}

static void add_call(eddy_text *text, const eddy_ir *ir, const eddy_ir_call *call)
{
    char attributes[160] = "";
    const eddy_shape *x = call->count ? eddy_ir_shape(ir, ir->operands[call->first]) : NULL;
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
