/* The linear layer. */
#include "linear.h"

#include <math.h>

static eddy_linear linear_new(eddy_site site, eddy_tape *tape, const char *name, int64_t in, int64_t out, bool bias)
{
    eddy_linear linear = { { 0 }, { 0 } };
    eddy_init uniform = { .kind = EDDY_INIT_UNIFORM, .a = 1 / sqrt((double)(in > 0 ? in : 1)) };
    eddy_push_at(site, tape, name);
    linear.weight = eddy_parameter_init_at(site, tape, "weight", EDDY_SHAPE(out, in), uniform);
    if (bias)
        linear.bias = eddy_parameter_init_at(site, tape, "bias", EDDY_SHAPE(out), uniform);
    eddy_pop_at(site, tape);
    return linear;
}

eddy_linear eddy_linear_new_at(eddy_site site, eddy_tape *tape, const char *name, int64_t in, int64_t out)
{
    return linear_new(site, tape, name, in, out, true);
}

eddy_linear eddy_linear_new_without_bias_at(eddy_site site, eddy_tape *tape, const char *name, int64_t in, int64_t out)
{
    return linear_new(site, tape, name, in, out, false);
}

/* y = x W^T + b */
eddy_var eddy_apply_at(eddy_site site, const eddy_linear *linear, eddy_var x)
{
    if (!linear)
        return eddy_fail_at(site, x.tape, "apply: the linear layer is NULL");
    eddy_tape *tape = x.tape ? x.tape : linear->weight.tape;
    eddy_scope_push(tape, site, "linear", -1);
    eddy_var y = eddy_matmul(x, eddy_transpose(linear->weight, 0, 1));
    if (linear->bias.tape)
        y = eddy_add(y, linear->bias);
    eddy_scope_pop(tape);
    return y;
}
