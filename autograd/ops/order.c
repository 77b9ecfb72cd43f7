/* The order of elements along one axis: argmax, argmin, argsort, sort, topk. Only indices are computed here, and they
 * are not differentiable; values are gathered by them, so that gradients of every order flow to the elements chosen and
 * to no other. */
#include "op_rules.h"
#include "kernels.h"

#include <stdio.h>

static bool run_order(const eddy_work *work)
{
    eddy_kernels()->order(work->in[0], work->attributes, work->scratch, work->out);
    return true;
}

static size_t scratch_order(const eddy_work *work)
{
    const eddy_order *order = work->attributes;
    return eddy_order_scratch(work->in[0]->shape.dim[order->axis], work->out->shape.dim[order->axis]);
}

static void describe_order(const void *attributes, const eddy_shape *x, char *text, size_t size)
{
    const eddy_order *order = attributes;
    (void)x;
    snprintf(text, size, "axis %d%s", order->axis, order->descending ? ", descending" : "");
}

#define ORDER .run = run_order, .scratch = scratch_order, .describe = describe_order
static const eddy_rule rule_argmax = { .name = "argmax", ORDER }, rule_argmin = { .name = "argmin", ORDER },
                       rule_argsort = { .name = "argsort", ORDER }, rule_topk = { .name = "topk", ORDER };

/* The indices of the first k elements, NULL for all, in place of the axis. */
static eddy_var record(eddy_site site, const eddy_rule *rule, eddy_var x, const int64_t *k, eddy_order order)
{
    if (!eddy_begin_axis(site, rule->name, x, &order.axis))
        return eddy_failed(x.tape);
    eddy_shape shape = *eddy_var_shape(x);
    const int64_t n = shape.dim[order.axis];
    if (k && (*k < 0 || *k > n))
        return eddy_op_fail(x.tape, site, rule->name, "k is %lld, but axis %d of shape %s has %lld elements",
                            (long long)*k, order.axis, eddy_shape_format(&shape).text, (long long)n);
    shape.dim[order.axis] = k ? *k : n;
    return eddy_record(x.tape, site, &(eddy_recording){ rule, EDDY_I64, &shape, 1, &x, &order, sizeof order });
}

static eddy_var extreme(eddy_site site, const eddy_rule *rule, eddy_var x, eddy_order order, bool keepdim)
{
    if (!eddy_begin_axis(site, rule->name, x, &order.axis))
        return eddy_failed(x.tape);
    if (eddy_var_shape(x)->dim[order.axis] == 0)
        return eddy_op_fail(x.tape, site, rule->name, "axis %d of shape %s is empty", order.axis,
                            eddy_shape_format(eddy_var_shape(x)).text);
    eddy_var index = record(site, rule, x, &(int64_t){ 1 }, order);
    return keepdim ? index : eddy_squeeze_at(site, index, order.axis);
}

eddy_var eddy_argmax_at(eddy_site site, eddy_var x, int axis, bool keepdim)
{
    return extreme(site, &rule_argmax, x, (eddy_order){ .axis = axis, .descending = true }, keepdim);
}

eddy_var eddy_argmin_at(eddy_site site, eddy_var x, int axis, bool keepdim)
{
    return extreme(site, &rule_argmin, x, (eddy_order){ .axis = axis, .nan_first = true }, keepdim);
}

eddy_var eddy_argsort_at(eddy_site site, eddy_var x, int axis, bool descending)
{
    return record(site, &rule_argsort, x, NULL, (eddy_order){ .axis = axis, .descending = descending });
}

eddy_sorted eddy_sort_at(eddy_site site, eddy_var x, int axis, bool descending)
{
    eddy_var indices = eddy_argsort_at(site, x, axis, descending);
    return (eddy_sorted){ eddy_gather_at(site, x, axis, indices), indices };
}

eddy_sorted eddy_topk_at(eddy_site site, eddy_var x, int64_t k, int axis, bool largest)
{
    eddy_var indices = record(site, &rule_topk, x, &k, (eddy_order){ .axis = axis, .descending = largest });
    return (eddy_sorted){ eddy_gather_at(site, x, axis, indices), indices };
}
