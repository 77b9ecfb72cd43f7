/* Derivatives made of gradients. */
#include "begin.h"
#include "composed.h"
#include "gradient.h"

/* g(u) = u^T J is linear in the cotangent u, so d<g, v>/du = J v. */
eddy_list eddy_jvp_at(eddy_site site, eddy_list outputs, eddy_list wrt, eddy_list tangents)
{
    eddy_tape *tape = eddy_begin(site, "jvp", outputs.count, outputs.items);
    if (!tape)
        return eddy_failed_list(eddy_list_tape(outputs), outputs.count);
    eddy_list cotangents = eddy_list_new(tape, NULL, outputs.count);
    for (int64_t k = 0; k < cotangents.count; k++)
        cotangents.items[k] = eddy_zeros_like_at(site, outputs.items[k]);
    eddy_list g = eddy_gradients_with_at(site, outputs, cotangents, wrt);
    return eddy_gradients_at(site, eddy_dot_at(site, g, tangents), cotangents);
}

eddy_var eddy_jacobian_at(eddy_site site, eddy_var y, eddy_var x)
{
    eddy_tape *tape = eddy_begin(site, "jacobian", 2, (eddy_var[]){ y, x });
    if (!tape)
        return eddy_failed(y.tape);
    eddy_shape shape = *eddy_var_shape(y);
    const eddy_shape *of_x = eddy_var_shape(x);
    if (shape.rank + of_x->rank > EDDY_MAX_RANK)
        return eddy_op_fail(tape, site, "jacobian", "shapes %s and %s together have more than %d axes",
                            eddy_shape_format(&shape).text, eddy_shape_format(of_x).text, EDDY_MAX_RANK);
    int64_t count = eddy_shape_count(&shape);
    for (int i = 0; i < of_x->rank; i++)
        shape.dim[shape.rank++] = of_x->dim[i];
    if (!count)
        return eddy_full_of_at(site, tape, eddy_var_dtype(y), shape, 0);
    eddy_var flat = eddy_reshape_at(site, y, EDDY_SHAPE(count));
    eddy_list rows = eddy_list_new(tape, NULL, count);
    for (int64_t i = 0; i < rows.count; i++)
        rows.items[i] = eddy_gradients_at(site, eddy_select_at(site, flat, 0, i), (eddy_list){ &x, 1 }).items[0];
    return eddy_reshape_at(site, eddy_stack_list_at(site, 0, rows), shape);
}

eddy_list eddy_hvp_at(eddy_site site, eddy_var loss, eddy_list params, eddy_list vectors)
{
    return eddy_gradients_at(site, eddy_dot_at(site, eddy_gradients_at(site, loss, params), vectors), params);
}
