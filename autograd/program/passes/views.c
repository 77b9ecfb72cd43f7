/* Views: where an op's value lies in its operand's memory already, no call is made. */
#include "ir.h"

#include <string.h>

bool eddy_pass_views(eddy_ir *ir)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < ir->call_count; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        eddy_tensor out = eddy_ir_tensor(ir, call->out);
        int64_t offset = 0;
        int32_t from = call->count ? ir->operands[call->first] : -1;
        const eddy_tensor in = from >= 0 ? eddy_ir_tensor(ir, from) : out;
        if (!call->rule->view || !call->rule->view(call->attributes, &in, &out, &offset)) {
            ir->calls[kept++] = *call;
            continue;
        }
        eddy_ir_value *v = &ir->values[call->out];
        v->kind = EDDY_VALUE_VIEW;
        v->source = eddy_ir_base(ir, from);
        v->offset = offset + ir->values[from].offset;
        v->layout = eddy_ir_find_layout(ir, &out.shape, out.stride);
        if (!v->layout)
            return false;
    }
    ir->call_count = kept;
    return true;
}
