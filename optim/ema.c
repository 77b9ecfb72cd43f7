/* Exponential moving average of parameters. */
#include "state.h"

static bool check_parameters(eddy_site site, eddy_tape *tape, const char *op, eddy_list params)
{
    if (!eddy_list_ok_at(site, tape, op, params))
        return false;
    for (int64_t i = 0; i < params.count; i++)
        if (params.items[i].tape != tape || eddy_role_of(params.items[i]) != EDDY_PARAMETER)
            return eddy_optimiser_fail(site, tape, "%s: item %lld of the parameters is none", op, (long long)i + 1);
    return true;
}

/* The average's leaf, made with the parameter's value if it is not there yet. */
static eddy_var average(eddy_site site, eddy_var p)
{
    eddy_tape *tape = p.tape;
    bool made = eddy_optimiser_find(tape, "ema", eddy_name_of(p)).tape;
    eddy_var e = eddy_optimiser_filled(site, tape, "ema", eddy_name_of(p), eddy_dtype_of(p), eddy_shape_of(p), 0);
    const eddy_tensor *value = made || eddy_error(tape) ? NULL : eddy_value_at(site, p);
    if (value)
        eddy_set_tensor_at(site, e, value);
    return e;
}

eddy_list eddy_ema_at(eddy_site site, eddy_list params, eddy_list updates, double decay)
{
    eddy_tape *tape = eddy_list_tape(params) ? eddy_list_tape(params) : eddy_list_tape(updates);
    if (!tape || eddy_error(tape) || !check_parameters(site, tape, "ema", params) ||
        !eddy_list_ok_at(site, tape, "ema", updates) || !eddy_optimiser_option(site, tape, "ema", "decay", decay, 0, 1))
        return eddy_failed_list(tape, -1);
    for (int64_t k = 0; k < updates.count; k++)
        if (updates.items[k].tape != tape || !eddy_assigned(updates.items[k]).tape) {
            eddy_optimiser_fail(site, tape, "ema: item %lld of the updates is no assign of the parameters' tape",
                                (long long)k + 1);
            return eddy_failed_list(tape, -1);
        }
    eddy_scope_push(tape, site, "ema", -1);
    eddy_list out = eddy_list_new(tape, NULL, params.count), values = eddy_list_new(tape, params.items, params.count);
    /* The new value of a parameter is its assign. Both lists usually have one order, so the search goes on where the
     * last one ended. */
    for (int64_t i = 0, k = 0; i < values.count; i++)
        for (int64_t tried = 0; tried < updates.count; tried++, k = (k + 1) % updates.count)
            if (eddy_same(eddy_assigned(updates.items[k]), params.items[i])) {
                values.items[i] = updates.items[k];
                break;
            }
    for (int64_t i = 0; i < out.count && i < values.count; i++) {
        /* e <- decay e + (1 - decay) p */
        eddy_var e = average(site, params.items[i]);
        out.items[i] = eddy_assign(e, eddy_add(eddy_mul_scalar(e, decay), eddy_mul_scalar(values.items[i], 1 - decay)));
    }
    eddy_scope_pop(tape);
    return out;
}

bool eddy_ema_swap_at(eddy_site site, eddy_list params)
{
    eddy_tape *tape = eddy_list_tape(params);
    if (!tape || eddy_error(tape) || !check_parameters(site, tape, "ema_swap", params))
        return false;
    eddy_tensor *copies = eddy_allocate((size_t)params.count, sizeof *copies);
    eddy_status status = { 0 };
    bool done = copies || eddy_status_fail(&status, "ema_swap: out of memory");
    for (int64_t i = 0; i < params.count && done; i++) {
        eddy_var p = params.items[i];
        const eddy_tensor *value = eddy_value_at(site, p);
        if (!eddy_optimiser_find(tape, "ema", eddy_name_of(p)).tape)
            done = eddy_status_fail(&status, "ema_swap: there is no average of \"%.300s\"; record eddy_ema first",
                                    eddy_name_of(p));
        done = done && value && eddy_tensor_new(&copies[i], value->dtype, value->shape, &status) &&
               eddy_tensor_copy(&copies[i], value, &status);
    }
    /* Nothing below allocates, so nothing is left half exchanged. */
    for (int64_t i = 0; i < params.count && done; i++) {
        eddy_var e = eddy_optimiser_find(tape, "ema", eddy_name_of(params.items[i]));
        done = eddy_set_tensor_at(site, params.items[i], eddy_value_at(site, e)) &&
               eddy_set_tensor_at(site, e, &copies[i]);
    }
    for (int64_t i = 0; i < params.count && copies; i++)
        eddy_tensor_free(&copies[i]);
    eddy_free(copies);
    if (!done && !eddy_error(tape))
        eddy_fail_at(site, tape, "%s", status.text);
    return done;
}
