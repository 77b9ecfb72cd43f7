/* RMSprop. */
#include "state.h"
#include "composed.h"

#include <math.h>

eddy_list eddy_rmsprop_at(eddy_site site, eddy_list params, eddy_list grads, const eddy_rmsprop_options *options)
{
    eddy_tape *tape = eddy_optimiser_begin(site, "rmsprop", params, grads);
    if (!tape)
        return eddy_failed_list(eddy_list_tape(params), -1);
    eddy_rmsprop_options o = options ? *options : (eddy_rmsprop_options){ 0 };
    double alpha = eddy_or_default(o.alpha, 0.99), eps = eddy_or_default(o.eps, 1e-8);
    if (!eddy_optimiser_option(site, tape, "rmsprop", "lr", o.lr, 0, INFINITY) ||
        !eddy_optimiser_option(site, tape, "rmsprop", "alpha", alpha, 0, 1) ||
        !eddy_optimiser_option(site, tape, "rmsprop", "eps", eps, 0, INFINITY) ||
        !eddy_optimiser_option(site, tape, "rmsprop", "momentum", o.momentum, 0, INFINITY) ||
        !eddy_optimiser_option(site, tape, "rmsprop", "weight_decay", o.weight_decay, 0, INFINITY))
        return eddy_failed_list(eddy_list_tape(params), -1);
    bool momentum = o.momentum != 0;
    eddy_scope_push(tape, site, "rmsprop", -1);
    eddy_var rate = eddy_cast(eddy_optimiser_rate(site, tape, "rmsprop", o.lr, 1e-2), eddy_tape_dtype(tape));
    eddy_list updates = eddy_list_new(tape, NULL, params.count * (2 + momentum + o.centered));
    for (int64_t i = 0, n = 0; n < updates.count; i++) {
        eddy_var p = params.items[i], g = eddy_optimiser_decay(grads.items[i], p, o.weight_decay), step;
        /* v <- alpha v + (1 - alpha) g^2 */
        eddy_var v = eddy_optimiser_moment(site, "rmsprop", "v", p);
        v = updates.items[n++] =
            eddy_assign(v, eddy_add(eddy_mul_scalar(v, alpha), eddy_mul_scalar(eddy_square(g), 1 - alpha)));
        if (o.centered) {
            /* m <- m + (1 - alpha)(g - m),  v - m^2 under the root: not negative, whatever rounding says */
            eddy_var m = eddy_optimiser_moment(site, "rmsprop", "m", p);
            m = updates.items[n++] = eddy_assign(m, eddy_add(m, eddy_mul_scalar(eddy_sub(g, m), 1 - alpha)));
            v = eddy_clamp(eddy_sub(v, eddy_square(m)), 0, INFINITY);
        }
        /* p <- p - lr g / (sqrt(v) + eps),  with momentum: b <- momentum b + g / (sqrt(v) + eps),  p <- p - lr b */
        step = eddy_div(g, eddy_add_scalar(eddy_sqrt(v), eps));
        if (momentum) {
            eddy_var b = eddy_optimiser_moment(site, "rmsprop", "momentum", p);
            step = updates.items[n++] = eddy_assign(b, eddy_add(eddy_mul_scalar(b, o.momentum), step));
        }
        updates.items[n++] = eddy_assign(p, eddy_sub(p, eddy_mul(rate, step)));
    }
    eddy_scope_pop(tape);
    return updates;
}
