/* Gradient descent with momentum. */
#include "state.h"

eddy_list eddy_sgd_at(eddy_site site, eddy_list params, eddy_list grads, const eddy_sgd_options *options)
{
    eddy_tape *tape = eddy_optimiser_begin(site, "sgd", params, grads);
    if (!tape)
        return (eddy_list){ 0 };
    double momentum = options ? options->momentum : 0;
    eddy_scope_push(tape, site, "sgd", -1);
    eddy_var lr =
        eddy_optimiser_scalar(site, tape, "sgd", "lr", tape ? eddy_tape_dtype(tape) : EDDY_F32, options && options->lr != 0 ? options->lr : 1e-3);
    eddy_list updates = eddy_list_new(tape, NULL, params.count * (momentum != 0 ? 2 : 1));
    for (int64_t i = 0, n = 0; n < updates.count; i++) {
        eddy_var p = params.items[i], direction = grads.items[i];
        if (momentum != 0) {
            /* b <- momentum b + g */
            eddy_var b = eddy_optimiser_moment(site, "sgd", "momentum", p);
            direction = updates.items[n++] = eddy_assign(b, eddy_add(eddy_mul_scalar(b, momentum), direction));
        }
        /* p <- p - lr b */
        updates.items[n++] = eddy_assign(p, eddy_sub(p, eddy_mul(lr, direction)));
    }
    eddy_scope_pop(tape);
    return updates;
}
