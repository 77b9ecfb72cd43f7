/* Gradient descent with momentum. */
#include "state.h"

#include <math.h>

eddy_list eddy_sgd_at(eddy_site site, eddy_list params, eddy_list grads, const eddy_sgd_options *options)
{
    eddy_tape *tape = eddy_optimiser_begin(site, "sgd", params, grads);
    if (!tape)
        return eddy_failed_list(eddy_list_tape(params), -1);
    eddy_sgd_options o = options ? *options : (eddy_sgd_options){ 0 };
    if (!eddy_optimiser_option(site, tape, "sgd", "lr", o.lr, 0, INFINITY) ||
        !eddy_optimiser_option(site, tape, "sgd", "momentum", o.momentum, 0, INFINITY) ||
        !eddy_optimiser_option(site, tape, "sgd", "dampening", o.dampening, -INFINITY, INFINITY) ||
        !eddy_optimiser_option(site, tape, "sgd", "weight_decay", o.weight_decay, 0, INFINITY))
        return eddy_failed_list(eddy_list_tape(params), -1);
    if (o.nesterov && (o.momentum == 0 || o.dampening != 0)) {
        eddy_optimiser_fail(site, tape, "sgd: nesterov needs a momentum and no dampening; they are %g and %g",
                            o.momentum, o.dampening);
        return eddy_failed_list(eddy_list_tape(params), -1);
    }
    eddy_dtype dtype = eddy_tape_dtype(tape);
    bool momentum = o.momentum != 0, dampening = momentum && o.dampening != 0;
    eddy_scope_push(tape, site, "sgd", -1);
    eddy_var rate = eddy_cast(eddy_optimiser_rate(site, tape, "sgd", o.lr, 1e-3), dtype), fresh = { 0 };
    eddy_list updates = eddy_list_new(tape, NULL, params.count * (momentum ? 2 : 1) + dampening);
    int64_t n = 0;
    if (dampening && updates.count) {
        /* 1 in the first step, 1 - dampening later: the share of the gradient that enters b */
        eddy_var count = eddy_optimiser_scalar(site, tape, "sgd", "step", EDDY_F64, 0);
        eddy_var share = eddy_full_of(tape, EDDY_F64, EDDY_SCALAR, 1 - o.dampening);
        fresh = eddy_cast(eddy_where(count, share, eddy_ones_like(share)), dtype);
        updates.items[n++] = eddy_assign(count, eddy_add_scalar(count, 1));
    }
    for (int64_t i = 0; i < params.count && n < updates.count; i++) {
        eddy_var p = params.items[i], g = eddy_optimiser_decay(grads.items[i], p, o.weight_decay), direction = g;
        if (momentum) {
            /* b <- momentum b + (1 - dampening) g */
            eddy_var b = eddy_optimiser_moment(site, "sgd", "momentum", p);
            b = updates.items[n++] =
                eddy_assign(b, eddy_add(eddy_mul_scalar(b, o.momentum), dampening ? eddy_mul(fresh, g) : g));
            direction = o.nesterov ? eddy_add(g, eddy_mul_scalar(b, o.momentum)) : b;
        }
        /* p <- p - lr b,  nesterov: p - lr (g + momentum b) */
        updates.items[n++] = eddy_assign(p, eddy_sub(p, eddy_mul(rate, direction)));
    }
    eddy_scope_pop(tape);
    return updates;
}
