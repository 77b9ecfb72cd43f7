/* Constants: what no run changes is computed now; one element is kept, which all readers see everywhere. */
#include "ir.h"

#include <string.h>

bool eddy_pass_constants(eddy_ir *ir)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < ir->call_count; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        if (!call->rule->constant) {
            ir->calls[kept++] = *call;
            continue;
        }
        eddy_ir_value *v = &ir->values[call->out];
        eddy_tensor one = eddy_tensor_wrap(&v->one, v->dtype, EDDY_SCALAR);
        call->rule->run(&(eddy_work){ .rule = call->rule, .attributes = call->attributes, .out = &one, .outputs = 1 });
        v->kind = EDDY_VALUE_CONSTANT;
        v->layout = eddy_ir_find_layout(ir, &v->layout->shape, (const int64_t[EDDY_MAX_RANK]){ 0 });
        if (!v->layout)
            return false;
    }
    ir->call_count = kept;
    return true;
}
