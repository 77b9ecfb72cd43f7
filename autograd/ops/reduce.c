/* Reductions and running sums. */
#include "op_rules.h"
#include "kernels.h"

bool eddy_begin_reduction(eddy_site site, const char *op, eddy_var x, const eddy_shape *axes, eddy_reduced *r)
{
    if (!eddy_begin(site, op, 1, &x))
        return false;
    const eddy_shape *shape = eddy_var_shape(x);
    if (axes->rank < 0)
        return eddy_tape_fail(x.tape, site, op, "the list of axes is longer than %d", EDDY_MAX_RANK);
    *r = (eddy_reduced){ .kept = *shape, .over = 1, .axes = axes->rank ? 0 : (1u << shape->rank) - 1 };
    for (int i = 0; i < axes->rank; i++) {
        int64_t axis = axes->dim[i];
        int at = axis >= -EDDY_MAX_RANK && axis < EDDY_MAX_RANK ? eddy_axis_index((int)axis, shape->rank) : -1;
        if (at < 0 || (r->axes >> at & 1))
            return eddy_tape_fail(x.tape, site, op, "axis %lld is %s for shape %s", (long long)axis,
                                  at < 0 ? "out of range" : "given twice", eddy_shape_format(shape).text);
        r->axes |= 1u << at;
    }
    for (int i = 0; i < shape->rank; i++) {
        if (r->axes >> i & 1) {
            r->over *= shape->dim[i];
            r->kept.dim[i] = 1;
        } else {
            r->dropped.dim[r->dropped.rank++] = shape->dim[i];
        }
    }
    return true;
}

static eddy_var reduce(eddy_site site, const eddy_rule *rule, eddy_var x, const eddy_reduced *r, bool keepdim)
{
    if (r->axes)
        x = eddy_record(x.tape, site, &(eddy_recording){ rule, 0, &r->kept, 1, &x, &r->axes, sizeof r->axes });
    return keepdim ? x : eddy_reshape_at(site, x, r->dropped);
}

/* ---- sum ---- */

static bool run_sum(const eddy_work *work)
{
    eddy_kernels()->sum(work->in[0], *(const unsigned *)work->attributes, work->out);
    return true;
}

static eddy_var gradient_sum(const eddy_pullback *back, int64_t k)
{
    return eddy_broadcast_to(back->g, eddy_shape_of(back->operand(back, k)));
}

static unsigned axes_of_sum(const void *attributes)
{
    return *(const unsigned *)attributes;
}

static const eddy_rule rule_sum = {
    .name = "sum", .run = run_sum, .gradient = gradient_sum, .describe = eddy_describe_axes, .sum_axes = axes_of_sum
};

eddy_var eddy_sum_over_at(eddy_site site, eddy_var x, eddy_shape axes, bool keepdim)
{
    eddy_reduced r;
    return eddy_begin_reduction(site, "sum", x, &axes, &r) ? reduce(site, &rule_sum, x, &r, keepdim)
                                                           : eddy_failed(x.tape);
}

eddy_var eddy_sum_at(eddy_site site, eddy_var x)
{
    return eddy_sum_over_at(site, x, EDDY_SCALAR, false);
}

/* ---- amax ---- */

static bool run_amax(const eddy_work *work)
{
    eddy_kernels()->amax(work->in[0], *(const unsigned *)work->attributes, work->out);
    return true;
}

/* g shared evenly among the elements that are the maximum */
static eddy_var gradient_amax(const eddy_pullback *back, int64_t k)
{
    eddy_var x = back->operand(back, k), winners = eddy_eq(x, back->z);
    eddy_var count = eddy_sum_to(winners, eddy_shape_of(back->z));
    return eddy_where(winners, eddy_div(back->g, count), eddy_zeros_like(winners));
}

static const eddy_rule rule_amax = {
    .name = "amax", .run = run_amax, .gradient = gradient_amax, .describe = eddy_describe_axes
};

eddy_var eddy_amax_at(eddy_site site, eddy_var x, eddy_shape axes, bool keepdim)
{
    eddy_reduced r;
    if (!eddy_begin_reduction(site, "amax", x, &axes, &r))
        return eddy_failed(x.tape);
    if (r.over == 0 && eddy_shape_count(&r.kept) > 0)
        return eddy_op_fail(x.tape, site, "amax", "shape %s has no element to take the maximum of",
                            eddy_shape_format(eddy_var_shape(x)).text);
    if (!eddy_dtype_is_float(eddy_var_dtype(x)))
        return eddy_op_fail(x.tape, site, "amax", "the operand has dtype %s; f32 or f64 is needed (eddy_cast converts)",
                            eddy_dtype_name(eddy_var_dtype(x)));
    return reduce(site, &rule_amax, x, &r, keepdim);
}

/* ---- cumsum ---- */

static bool run_cumsum(const eddy_work *work)
{
    eddy_kernels()->cumsum(work->in[0], *(const int *)work->attributes, work->out);
    return true;
}

/* y_i = x_0 + ... + x_i:  dx_i = g_i + ... + g_last, a running sum from the other end */
static eddy_var gradient_cumsum(const eddy_pullback *back, int64_t k)
{
    (void)k;
    int axis = *(const int *)back->attributes;
    return eddy_flip(eddy_cumsum(eddy_flip(back->g, axis), axis), axis);
}

static const eddy_rule rule_cumsum = { .name = "cumsum",
                                       .run = run_cumsum,
                                       .gradient = gradient_cumsum,
                                       .longest_sum = eddy_length_of_axis,
                                       .describe = eddy_describe_axis };

eddy_var eddy_cumsum_at(eddy_site site, eddy_var x, int axis)
{
    return eddy_begin_axis(site, "cumsum", x, &axis)
               ? eddy_record(x.tape, site, &(eddy_recording){ &rule_cumsum, 0, NULL, 1, &x, &axis, sizeof axis })
               : eddy_failed(x.tape);
}

/* ---- Sums of several vars ---- */

static bool run_sum_list(const eddy_work *work)
{
    eddy_kernels()->sum_n(work->count, work->in, work->out);
    return true;
}

static eddy_var gradient_sum_list(const eddy_pullback *back, int64_t k)
{
    (void)k;
    return back->g;
}

static const eddy_rule rule_sum_list = {
    .name = "sum_list", .run = run_sum_list, .gradient = gradient_sum_list, .is_sum = true
};

eddy_var eddy_sum_list_at(eddy_site site, eddy_list terms)
{
    eddy_tape *tape = eddy_begin(site, "sum_list", terms.count, terms.items);
    if (!tape)
        return eddy_failed(eddy_list_tape(terms));
    for (int64_t k = 1; k < terms.count; k++)
        if (!eddy_same_kind(terms.items[0], terms.items[k]))
            return eddy_op_fail(tape, site, "sum_list",
                                "term %lld has shape %s and dtype %s, term 1 has %s and %s; all must agree",
                                (long long)k + 1, EDDY_KIND(terms.items[k]), EDDY_KIND(terms.items[0]));
    if (terms.count == 1)
        return terms.items[0];
    return eddy_record(tape, site, &(eddy_recording){ .rule = &rule_sum_list, .count = terms.count, .x = terms.items });
}
