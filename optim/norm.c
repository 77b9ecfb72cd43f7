/* The norm of many vars together, and clipping by it. */
#include "optim.h"
#include "composed.h"

/* ||g|| = sqrt(sum over all elements of all vars). The root of 0 is taken of 1 and replaced, so that its gradient there
 * is 0 and not infinite. */
eddy_var eddy_global_norm_at(eddy_site site, eddy_list vars)
{
    eddy_tape *tape = eddy_list_tape(vars);
    if (!eddy_list_ok_at(site, tape, "global_norm", vars))
        return eddy_failed(tape);
    eddy_scope_push(tape, site, "global_norm", -1);
    eddy_var square = eddy_dot(vars, vars), zero = eddy_zeros_like(square), none = eddy_eq(square, zero);
    eddy_var norm = eddy_where(none, zero, eddy_sqrt(eddy_where(none, eddy_ones_like(square), square)));
    eddy_scope_pop(tape);
    return norm;
}

/* g <- g min(1, max_norm / (||g|| + 1e-6))                                                docs/book/optimisers.md */
eddy_var eddy_clip_grad_norm_at(eddy_site site, eddy_list *grads, double max_norm)
{
    eddy_tape *tape = grads ? eddy_list_tape(*grads) : NULL;
    if (tape && !(max_norm > 0))
        return eddy_fail_at(site, tape, "clip_grad_norm: max_norm must be above 0");
    if (!tape)
        return (eddy_var){ 0 };
    eddy_scope_push(tape, site, "clip_grad_norm", -1);
    eddy_var norm = eddy_global_norm(*grads);
    eddy_var scale = eddy_clamp(eddy_rdiv_scalar(eddy_add_scalar(norm, 1e-6), max_norm), -1, 1);
    eddy_list clipped = eddy_list_new(tape, NULL, grads->count);
    for (int64_t i = 0; i < clipped.count; i++)
        clipped.items[i] = eddy_mul(grads->items[i], scale);
    *grads = clipped;
    eddy_scope_pop(tape);
    return norm;
}

/* g <- min(max(g, -limit), limit) */
void eddy_clip_grad_value_at(eddy_site site, eddy_list *grads, double limit)
{
    eddy_tape *tape = grads ? eddy_list_tape(*grads) : NULL;
    if (tape && !(limit > 0))
        eddy_fail_at(site, tape, "clip_grad_value: limit must be above 0");
    if (!tape || eddy_error(tape))
        return;
    eddy_scope_push(tape, site, "clip_grad_value", -1);
    eddy_list clipped = eddy_list_new(tape, NULL, grads->count);
    for (int64_t i = 0; i < clipped.count; i++)
        clipped.items[i] = eddy_clamp(grads->items[i], -limit, limit);
    *grads = clipped;
    eddy_scope_pop(tape);
}
