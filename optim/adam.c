/* Adam. */
#include "state.h"

static double or_default(double value, double usual)
{
    return value != 0 ? value : usual;
}

/* Kingma & Ba 2015, algorithm 1. The scalar factors are computed in f64: 1 - 0.999^t has few right digits in f32. */
eddy_list eddy_adam_at(eddy_site site, eddy_list params, eddy_list grads, const eddy_adam_options *options)
{
    eddy_tape *tape = eddy_optimiser_begin(site, "adam", params, grads);
    if (!tape)
        return (eddy_list){ 0 };
    eddy_adam_options o = options ? *options : (eddy_adam_options){ 0 };
    double beta1 = or_default(o.beta1, 0.9), beta2 = or_default(o.beta2, 0.999), eps = or_default(o.eps, 1e-8);
    eddy_dtype dtype = eddy_tape_dtype(tape);
    eddy_scope_push(tape, site, "adam", -1);
    eddy_var lr = eddy_optimiser_scalar(site, tape, "adam", "lr", EDDY_F64, or_default(o.lr, 1e-3));
    eddy_var count = eddy_optimiser_scalar(site, tape, "adam", "step", EDDY_F64, 0);
    eddy_list updates = eddy_list_new(tape, NULL, 1 + 3 * params.count);
    if (updates.count) {
        eddy_var t = updates.items[0] = eddy_assign(count, eddy_add_scalar(count, 1));
        /* lr/(1 - beta1^t),  sqrt(1 - beta2^t) */
        eddy_var power1 = eddy_pow(eddy_full_of(tape, EDDY_F64, EDDY_SCALAR, beta1), t);
        eddy_var power2 = eddy_pow(eddy_full_of(tape, EDDY_F64, EDDY_SCALAR, beta2), t);
        eddy_var rate = eddy_cast(eddy_div(lr, eddy_rsub_scalar(power1, 1)), dtype);
        eddy_var correction = eddy_cast(eddy_sqrt(eddy_rsub_scalar(power2, 1)), dtype);
        for (int64_t i = 0; i < params.count; i++) {
            eddy_var p = params.items[i], g = grads.items[i];
            eddy_var m = eddy_optimiser_moment(site, "adam", "m", p), v = eddy_optimiser_moment(site, "adam", "v", p);
            eddy_var *u = &updates.items[1 + 3 * i];
            /* m <- m + (1 - beta1)(g - m),  v <- beta2 v + (1 - beta2) g^2 */
            u[0] = eddy_assign(m, eddy_add(m, eddy_mul_scalar(eddy_sub(g, m), 1 - beta1)));
            u[1] = eddy_assign(v, eddy_add(eddy_mul_scalar(v, beta2), eddy_mul_scalar(eddy_square(g), 1 - beta2)));
            /* p <- p - rate m / (sqrt(v)/correction + eps) */
            eddy_var scale = eddy_add_scalar(eddy_div(eddy_sqrt(u[1]), correction), eps);
            u[2] = eddy_assign(p, eddy_sub(p, eddy_mul(rate, eddy_div(u[0], scale))));
        }
    }
    eddy_scope_pop(tape);
    return updates;
}
