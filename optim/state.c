/* What optimisers share. */
#include "state.h"

#include <stdio.h>

eddy_tape *eddy_optimiser_begin(eddy_site site, const char *name, eddy_list params, eddy_list grads)
{
    eddy_tape *tape = params.count ? params.items[0].tape : NULL;
    if (!tape || eddy_error(tape))
        return NULL;
    char text[700] = "";
    if (params.count != grads.count)
        snprintf(text, sizeof text, "%s: %lld parameters have %lld gradients", name, (long long)params.count, (long long)grads.count);
    for (int64_t i = 0; i < params.count && !*text; i++) {
        eddy_var p = params.items[i], g = grads.items[i];
        eddy_shape shape = eddy_shape_of(p), of_gradient = eddy_shape_of(g);
        if (eddy_role_of(p) != EDDY_PARAMETER)
            snprintf(text, sizeof text, "%s: item %lld of the parameters is none", name, (long long)i + 1);
        else if (!eddy_ok(g) || g.tape != tape)
            snprintf(text, sizeof text, "%s: the gradient of \"%.300s\" is no var of its tape", name, eddy_name_of(p));
        else if (!eddy_shape_equal(&shape, &of_gradient) || eddy_dtype_of(p) != eddy_dtype_of(g))
            snprintf(text, sizeof text, "%s: \"%.300s\" has shape %s and dtype %s, its gradient %s and %s", name, eddy_name_of(p),
                     eddy_shape_format(&shape).text, eddy_dtype_name(eddy_dtype_of(p)), eddy_shape_format(&of_gradient).text,
                     eddy_dtype_name(eddy_dtype_of(g)));
    }
    if (!*text)
        return tape;
    eddy_error_set_at(site, tape, text);
    return NULL;
}

/* The state of that name if an earlier recording made it and it fits; {0} if there is none. */
static eddy_var existing(eddy_site site, eddy_tape *tape, const char *name, eddy_dtype dtype, eddy_shape shape)
{
    char full[900];
    snprintf(full, sizeof full, "%s%s", eddy_prefix(tape), name);
    eddy_var state = eddy_find(tape, full);
    eddy_shape found = eddy_shape_of(state);
    if (!state.tape || (eddy_role_of(state) == EDDY_STATE && eddy_dtype_of(state) == dtype && eddy_shape_equal(&found, &shape)))
        return state;
    char text[1000];
    snprintf(text, sizeof text, "there is a leaf \"%s\" already that does not fit this optimiser", full);
    return eddy_error_set_at(site, tape, text);
}

eddy_var eddy_optimiser_scalar(eddy_site site, eddy_tape *tape, const char *optimiser, const char *name, eddy_dtype dtype, double value)
{
    char full[64];
    snprintf(full, sizeof full, "%s.%s", optimiser, name);
    eddy_var state = existing(site, tape, full, dtype, EDDY_SCALAR);
    if (state.tape)
        return state;
    eddy_tensor number = eddy_tensor_wrap(&value, EDDY_F64, EDDY_SCALAR), initial;
    eddy_status status = { 0 };
    if (!eddy_tensor_new(&initial, dtype, EDDY_SCALAR, &status) || !eddy_tensor_copy(&initial, &number, &status))
        return eddy_error_set_at(site, tape, status.text);
    state = eddy_state_at(site, tape, full, &initial);
    eddy_tensor_free(&initial);
    return state;
}

eddy_var eddy_optimiser_moment(eddy_site site, const char *optimiser, const char *name, eddy_var parameter)
{
    char full[600];
    snprintf(full, sizeof full, "%s.%s.%s", optimiser, name, eddy_name_of(parameter));
    eddy_var state = existing(site, parameter.tape, full, eddy_dtype_of(parameter), eddy_shape_of(parameter));
    if (state.tape)
        return state;
    eddy_tensor zeros;
    eddy_status status = { 0 };
    if (!eddy_tensor_new(&zeros, eddy_dtype_of(parameter), eddy_shape_of(parameter), &status))
        return eddy_error_set_at(site, parameter.tape, status.text);
    state = eddy_state_at(site, parameter.tape, full, &zeros);
    eddy_tensor_free(&zeros);
    return state;
}
