/* What optimisers share. */
#include "state.h"
#include "nodes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool eddy_optimiser_fail(eddy_site site, eddy_tape *tape, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    eddy_fail_v(site, tape, format, arguments);
    va_end(arguments);
    return false;
}

eddy_tape *eddy_optimiser_begin(eddy_site site, const char *name, eddy_list params, eddy_list grads)
{
    eddy_tape *tape = eddy_list_tape(params) ? eddy_list_tape(params) : eddy_list_tape(grads);
    if (!tape || eddy_error(tape) || !eddy_list_ok_at(site, tape, name, params) ||
        !eddy_list_ok_at(site, tape, name, grads))
        return NULL;
    bool done =
        params.count == grads.count || eddy_optimiser_fail(site, tape, "%s: %lld parameters have %lld gradients", name,
                                                           (long long)params.count, (long long)grads.count);
    for (int64_t i = 0; i < params.count && done; i++) {
        eddy_var p = params.items[i], g = grads.items[i];
        eddy_shape shape = eddy_shape_of(p), of_gradient = eddy_shape_of(g);
        if (p.tape != tape || eddy_role_of(p) != EDDY_PARAMETER)
            done = eddy_optimiser_fail(site, tape, "%s: item %lld of the parameters is none", name, (long long)i + 1);
        else if (!eddy_ok(g) || g.tape != tape)
            done = eddy_optimiser_fail(site, tape, "%s: the gradient of \"%.300s\" is no var of its tape", name,
                                       eddy_name_of(p));
        else if (!eddy_shape_equal(&shape, &of_gradient) || eddy_dtype_of(p) != eddy_dtype_of(g))
            done = eddy_optimiser_fail(site, tape, "%s: \"%.300s\" has shape %s and dtype %s, its gradient %s and %s",
                                       name, eddy_name_of(p), eddy_shape_format(&shape).text,
                                       eddy_dtype_name(eddy_dtype_of(p)), eddy_shape_format(&of_gradient).text,
                                       eddy_dtype_name(eddy_dtype_of(g)));
    }
    return done ? tape : NULL;
}

bool eddy_optimiser_option(eddy_site site, eddy_tape *tape, const char *optimiser, const char *option, double value,
                           double low, double high)
{
    if (value >= low && value < high)
        return true;
    if (isinf(high))
        return eddy_optimiser_fail(site, tape, "%s: %s is %g; it must be a finite number, at least %g", optimiser,
                                   option, value, low);
    return eddy_optimiser_fail(site, tape, "%s: %s is %g; it must be at least %g and below %g", optimiser, option,
                               value, low, high);
}

eddy_var eddy_optimiser_find(eddy_tape *tape, const char *optimiser, const char *name)
{
    char full[1200];
    snprintf(full, sizeof full, "%s%s.%s", eddy_prefix(tape), optimiser, name);
    return eddy_find(tape, full);
}

eddy_var eddy_optimiser_filled(eddy_site site, eddy_tape *tape, const char *optimiser, const char *name,
                               eddy_dtype dtype, eddy_shape shape, double value)
{
    eddy_var state = eddy_optimiser_find(tape, optimiser, name);
    eddy_shape found = eddy_shape_of(state);
    if (state.tape &&
        (eddy_role_of(state) != EDDY_STATE || eddy_dtype_of(state) != dtype || !eddy_shape_equal(&found, &shape))) {
        eddy_optimiser_fail(site, tape, "there is a leaf \"%s\" already that does not fit this optimiser",
                            eddy_name_of(state));
        return eddy_failed(tape);
    }
    if (state.tape)
        return state;
    char own[700];
    snprintf(own, sizeof own, "%s.%s", optimiser, name);
    eddy_tensor number = eddy_tensor_wrap(&value, EDDY_F64, EDDY_SCALAR), all, initial;
    eddy_status status = { 0 };
    if (!eddy_tensor_broadcast(&all, &number, shape, &status) || !eddy_tensor_new(&initial, dtype, shape, &status))
        return eddy_fail_at(site, tape, "%s", status.text);
    state = eddy_tensor_copy(&initial, &all, &status) ? eddy_state_at(site, tape, own, &initial)
                                                      : eddy_fail_at(site, tape, "%s", status.text);
    eddy_tensor_free(&initial);
    return state;
}

eddy_var eddy_optimiser_scalar(eddy_site site, eddy_tape *tape, const char *optimiser, const char *name,
                               eddy_dtype dtype, double value)
{
    return eddy_optimiser_filled(site, tape, optimiser, name, dtype, EDDY_SCALAR, value);
}

eddy_var eddy_optimiser_moment_of(eddy_site site, const char *optimiser, const char *name, eddy_var parameter,
                                  double value)
{
    char own[600];
    snprintf(own, sizeof own, "%s.%s", name, eddy_name_of(parameter));
    return eddy_optimiser_filled(site, parameter.tape, optimiser, own, eddy_dtype_of(parameter),
                                 eddy_shape_of(parameter), value);
}

eddy_var eddy_optimiser_moment(eddy_site site, const char *optimiser, const char *name, eddy_var parameter)
{
    return eddy_optimiser_moment_of(site, optimiser, name, parameter, 0);
}

void eddy_optimiser_used(eddy_site site, const char *optimiser, const char *option, double value, eddy_var known)
{
    if ((value == 0 && !signbit(value)) || !eddy_ok(known))
        return;
    const double wanted = value + 0.0;
    /* The same option again, for another batch say, is no other one, though a schedule may have moved the rate. */
    const bool scalar = eddy_shape_of(known).rank == 0;
    const double kept = eddy_dtype_of(known) == EDDY_F32 ? (double)(float)wanted : wanted;
    if (kept != eddy_initial_item(known) && !(scalar && kept == eddy_item(known)))
        eddy_warn_at(
            site, known.tape,
            "%s: %s %g is not used: \"%.200s\" is there already, made at %s with %g; an optimiser of its own needs "
            "eddy_push before it and eddy_pop behind it%s",
            optimiser, option, wanted, eddy_name_of(known), eddy_site_of(known) ? eddy_site_of(known) : "?",
            eddy_initial_item(known), scalar ? ", and eddy_set_item changes that of this one" : "");
}

eddy_var eddy_optimiser_rate(eddy_site site, eddy_tape *tape, const char *optimiser, double lr, double usual)
{
    eddy_var known = eddy_optimiser_find(tape, optimiser, "lr");
    eddy_var rate = eddy_optimiser_scalar(site, tape, optimiser, "lr", EDDY_F64, eddy_or_default(lr, usual));
    if (eddy_ok(rate))
        eddy_optimiser_used(site, optimiser, "lr", lr, known);
    return rate;
}

eddy_var eddy_optimiser_decay(eddy_var g, eddy_var p, double weight_decay)
{
    return weight_decay != 0 ? eddy_add(g, eddy_mul_scalar(p, weight_decay)) : g;
}

eddy_list eddy_optimiser_states_at(eddy_site site, eddy_tape *tape, const char *name)
{
    if (!tape || eddy_error(tape))
        return eddy_failed_list(tape, -1);
    char start[700];
    int length = snprintf(start, sizeof start, "%s%s.", eddy_prefix(tape), name ? name : "");
    eddy_list all = eddy_leaves(tape, EDDY_STATE), own = { .items = all.items };
    for (int64_t i = 0; i < all.count && name && *name; i++)
        if (!strncmp(eddy_name_of(all.items[i]), start, (size_t)length))
            own.items[own.count++] = all.items[i];
    if (!own.count)
        eddy_optimiser_fail(
            site, tape,
            "optimiser_states: there is no state whose name begins with \"%.300s\"; record the optimiser first", start);
    return own.count ? own : eddy_failed_list(tape, -1);
}
