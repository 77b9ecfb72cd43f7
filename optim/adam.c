/* Adam, and AdamW, which differs in where the weights decay. */
#include "state.h"

#include <math.h>

/* Kingma & Ba 2015, algorithm 1. The scalar factors are computed in f64: 1 - 0.999^t has few right digits in f32.
 * `decoupled`: the decay of Loshchilov & Hutter 2019, not part of the gradient. */
static eddy_list adam(eddy_site site, const char *name, eddy_list params, eddy_list grads,
                      const eddy_adam_options *options, bool decoupled)
{
    eddy_tape *tape = eddy_optimiser_begin(site, name, params, grads);
    if (!tape)
        return eddy_failed_list(eddy_list_tape(params), -1);
    eddy_adam_options o = options ? *options : (eddy_adam_options){ 0 };
    double beta1 = eddy_or_default(o.beta1, 0.9), beta2 = eddy_or_default(o.beta2, 0.999),
           eps = eddy_or_default(o.eps, 1e-8);
    double decay = !decoupled ? o.weight_decay : o.weight_decay < 0 ? 0 : eddy_or_default(o.weight_decay, 1e-2);
    if (!eddy_optimiser_option(site, tape, name, "lr", o.lr, 0, INFINITY) ||
        !eddy_optimiser_option(site, tape, name, "beta1", beta1, 0, 1) ||
        !eddy_optimiser_option(site, tape, name, "beta2", beta2, 0, 1) ||
        !eddy_optimiser_option(site, tape, name, "eps", eps, 0, INFINITY) ||
        !eddy_optimiser_option(site, tape, name, "weight_decay", decay, 0, INFINITY))
        return eddy_failed_list(eddy_list_tape(params), -1);
    eddy_dtype dtype = eddy_tape_dtype(tape);
    eddy_scope_push(tape, site, name, -1);
    eddy_var lr = eddy_optimiser_rate(site, tape, name, o.lr, 1e-3);
    eddy_var count = eddy_optimiser_scalar(site, tape, name, "step", EDDY_F64, 0);
    eddy_list updates = eddy_list_new(tape, NULL, 1 + (3 + o.amsgrad) * params.count);
    if (updates.count) {
        eddy_var t = updates.items[0] = eddy_assign(count, eddy_add_scalar(count, 1));
        /* lr/(1 - beta1^t),  sqrt(1 - beta2^t),  1 - lr decay */
        eddy_var power1 = eddy_pow(eddy_full_of(tape, EDDY_F64, EDDY_SCALAR, beta1), t);
        eddy_var power2 = eddy_pow(eddy_full_of(tape, EDDY_F64, EDDY_SCALAR, beta2), t);
        eddy_var rate = eddy_cast(eddy_div(lr, eddy_rsub_scalar(power1, 1)), dtype);
        eddy_var correction = eddy_cast(eddy_sqrt(eddy_rsub_scalar(power2, 1)), dtype);
        eddy_var keep = decoupled && decay > 0 ? eddy_cast(eddy_rsub_scalar(eddy_mul_scalar(lr, decay), 1), dtype)
                                               : (eddy_var){ 0 };
        for (int64_t i = 0, n = 1; i < params.count; i++) {
            eddy_var p = params.items[i],
                     g = decoupled ? grads.items[i] : eddy_optimiser_decay(grads.items[i], p, decay);
            eddy_var m = eddy_optimiser_moment(site, name, "m", p), v = eddy_optimiser_moment(site, name, "v", p);
            /* m <- m + (1 - beta1)(g - m),  v <- beta2 v + (1 - beta2) g^2 */
            m = updates.items[n++] = eddy_assign(m, eddy_add(m, eddy_mul_scalar(eddy_sub(g, m), 1 - beta1)));
            v = updates.items[n++] =
                eddy_assign(v, eddy_add(eddy_mul_scalar(v, beta2), eddy_mul_scalar(eddy_square(g), 1 - beta2)));
            if (o.amsgrad) {
                eddy_var largest = eddy_optimiser_moment(site, name, "v_max", p);
                v = updates.items[n++] = eddy_assign(largest, eddy_maximum(largest, v));
            }
            /* p <- p (1 - lr decay),  p <- p - rate m / (sqrt(v)/correction + eps) */
            eddy_var scale = eddy_add_scalar(eddy_div(eddy_sqrt(v), correction), eps),
                     start = keep.tape ? eddy_mul(p, keep) : p;
            updates.items[n++] = eddy_assign(p, eddy_sub(start, eddy_mul(rate, eddy_div(m, scale))));
        }
    }
    eddy_scope_pop(tape);
    return updates;
}

eddy_list eddy_adam_at(eddy_site site, eddy_list params, eddy_list grads, const eddy_adam_options *options)
{
    return adam(site, "adam", params, grads, options, false);
}

eddy_list eddy_adamw_at(eddy_site site, eddy_list params, eddy_list grads, const eddy_adam_options *options)
{
    return adam(site, "adamw", params, grads, options, true);
}
