/* Views: where an op's value lies in its operand's memory already, no call is made. A view of all of its operand as it
 * is, such as what an assign returns, is that operand. */
#include "ir.h"

#include <string.h>

static bool make_view(eddy_ir *ir, int32_t v, int32_t from, const eddy_tensor *out, int64_t offset)
{
    const eddy_ir_layout *layout = eddy_ir_find_layout(ir, &out->shape, out->stride);
    eddy_ir_value *value = &ir->values[v];
    value->kind = EDDY_VALUE_VIEW;
    value->source = eddy_ir_base(ir, from);
    value->offset = offset + ir->values[from].offset;
    value->layout = layout;
    return layout != NULL;
}

bool eddy_pass_views(eddy_ir *ir)
{
    const int32_t count = ir->value_count;
    int32_t kept = 0, *by = eddy_allocate((size_t)count, sizeof *by);
    bool done = by != NULL;
    for (int32_t v = 0; v < count && done; v++)
        by[v] = v;
    for (int32_t i = 0; i < ir->call_count && done; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        eddy_tensor out = eddy_ir_tensor(ir, call->out);
        int64_t offset = 0;
        int32_t from = call->count ? by[ir->operands[call->first]] : -1;
        const eddy_tensor in = from >= 0 ? eddy_ir_tensor(ir, from) : out;
        if (!call->rule->view || !call->rule->view(call->attributes, &in, &out, &offset)) {
            ir->calls[kept++] = *call;
            continue;
        }
        done = make_view(ir, call->out, from, &out, offset);
        if (done && eddy_ir_same_view(ir, call->out, from))
            by[call->out] = from;
    }
    if (done) {
        ir->call_count = kept;
        eddy_ir_replace(ir, by, count);
    }
    eddy_free(by);
    return done || eddy_ir_no_memory(ir);
}
