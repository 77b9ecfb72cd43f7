/* What optimisers share. */
#include "state.h"

#include <stdio.h>

eddy_tape *eddy_optimiser_begin(eddy_site site, const char *name, eddy_list params, eddy_list grads)
{
    eddy_tape *tape = params.count ? params.items[0].tape : NULL;
    if (!tape || eddy_error(tape))
        return NULL;
    char text[200] = "";
    if (params.count != grads.count)
        snprintf(text, sizeof text, "%s: %lld parameters have %lld gradients", name, (long long)params.count, (long long)grads.count);
    for (int64_t i = 0; i < params.count && !*text; i++)
        if (eddy_role_of(params.items[i]) != EDDY_PARAMETER)
            snprintf(text, sizeof text, "%s: item %lld of the parameters is none", name, (long long)i + 1);
    if (!*text)
        return tape;
    eddy_error_set_at(site, tape, text);
    return NULL;
}

/* The state of that name if an earlier recording made it and it fits; {0} if there is none. */
static eddy_var existing(eddy_site site, eddy_tape *tape, const char *name, eddy_dtype dtype, eddy_shape shape)
{
    eddy_var state = eddy_find(tape, name);
    eddy_shape found = eddy_shape_of(state);
    if (!state.tape || (eddy_role_of(state) == EDDY_STATE && eddy_dtype_of(state) == dtype && eddy_shape_equal(&found, &shape)))
        return state;
    char text[700];
    snprintf(text, sizeof text, "there is a leaf \"%s\" already that does not fit this optimiser", name);
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
