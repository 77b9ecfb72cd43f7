/* The user's side of eddy_gradcheck_claim: asks for the gradient that is to be checked. */
#include "gradcheck_internal.h"

#include <math.h>

bool eddy_check_ask_user(const eddy_check *c, eddy_tensor *gradients)
{
    const eddy_tensor **values = eddy_allocate((size_t)c->wrt.count, sizeof *values);
    if (!values)
        return eddy_check_no_memory(c);
    for (int64_t k = 0; k < c->wrt.count; k++) {
        values[k] = &eddy_leaf_at(c->tape, c->wrt.items[k].index)->value;
        double *g = gradients[k].data;
        for (int64_t i = 0; i < eddy_tensor_count(&gradients[k]); i++)
            g[i] = NAN;
    }
    c->claim(c->options.context, c->wrt.count, values, gradients);
    eddy_free(values);
    return true;
}

bool eddy_check_claim(eddy_check *c)
{
    eddy_status status = { 0 };
    c->claimed = eddy_allocate((size_t)c->wrt.count, sizeof *c->claimed);
    if (!c->claimed)
        return eddy_check_no_memory(c);
    for (int64_t k = 0; k < c->wrt.count; k++)
        if (!eddy_tensor_new(&c->claimed[k], EDDY_F64, *eddy_var_shape(c->wrt.items[k]), &status))
            return eddy_check_fail(c, status.text);
    return eddy_check_ask_user(c, c->claimed);
}

void eddy_check_forget_claim(eddy_check *c)
{
    for (int64_t k = 0; c->claimed && k < c->wrt.count; k++)
        eddy_tensor_free(&c->claimed[k]);
    eddy_free(c->claimed);
}
