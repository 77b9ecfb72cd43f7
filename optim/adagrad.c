/* Adagrad. */
#include "state.h"

#include <math.h>
#include <stdio.h>

eddy_list eddy_adagrad_at(eddy_site site, eddy_list params, eddy_list grads, const eddy_adagrad_options *options)
{
    eddy_tape *tape = eddy_optimiser_begin(site, "adagrad", params, grads);
    if (!tape)
        return eddy_failed_list(eddy_list_tape(params), -1);
    eddy_adagrad_options o = options ? *options : (eddy_adagrad_options){ 0 };
    double eps = eddy_or_default(o.eps, 1e-10);
    if (!eddy_optimiser_option(site, tape, "adagrad", "lr", o.lr, 0, INFINITY) ||
        !eddy_optimiser_option(site, tape, "adagrad", "eps", eps, 0, INFINITY) ||
        !eddy_optimiser_option(site, tape, "adagrad", "lr_decay", o.lr_decay, 0, INFINITY) ||
        !eddy_optimiser_option(site, tape, "adagrad", "weight_decay", o.weight_decay, 0, INFINITY) ||
        !eddy_optimiser_option(site, tape, "adagrad", "initial", o.initial, 0, INFINITY))
        return eddy_failed_list(eddy_list_tape(params), -1);
    eddy_scope_push(tape, site, "adagrad", -1);
    eddy_var rate = eddy_optimiser_rate(site, tape, "adagrad", o.lr, 1e-2);
    eddy_var count = eddy_optimiser_scalar(site, tape, "adagrad", "step", EDDY_F64, 0);
    eddy_list updates = eddy_list_new(tape, NULL, 1 + 2 * params.count);
    if (updates.count) {
        /* lr / (1 + (t - 1) lr_decay); the count before this step is t - 1 */
        rate = eddy_cast(eddy_div(rate, eddy_add_scalar(eddy_mul_scalar(count, o.lr_decay), 1)), eddy_tape_dtype(tape));
        updates.items[0] = eddy_assign(count, eddy_add_scalar(count, 1));
    }
    char first[600];
    snprintf(first, sizeof first, "sum.%s", params.count ? eddy_name_of(params.items[0]) : "");
    eddy_optimiser_used(site, "adagrad", "initial", o.initial, eddy_optimiser_find(tape, "adagrad", first));
    for (int64_t i = 0; i < params.count && updates.count; i++) {
        eddy_var p = params.items[i], g = eddy_optimiser_decay(grads.items[i], p, o.weight_decay);
        eddy_var s = eddy_optimiser_moment_of(site, "adagrad", "sum", p, o.initial), *u = &updates.items[1 + 2 * i];
        /* s <- s + g^2,  p <- p - rate g / (sqrt(s) + eps) */
        u[0] = eddy_assign(s, eddy_add(s, eddy_square(g)));
        u[1] = eddy_assign(p, eddy_sub(p, eddy_mul(rate, eddy_div(g, eddy_add_scalar(eddy_sqrt(u[0]), eps)))));
    }
    eddy_scope_pop(tape);
    return updates;
}
