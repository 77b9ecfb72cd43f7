/* Reductions and running sums, and what is composed of them. */
#include "node.h"
#include "kernels.h"

#include <float.h>
#include <math.h>

typedef struct reduction {
    unsigned axes;            /* the reduced ones as bits */
    eddy_shape kept, dropped; /* the result's, with the reduced dimensions 1 and without them */
    int64_t over;             /* elements reduced to one */
} reduction;

static bool begin_reduction(eddy_site site, const char *op, eddy_var x, const eddy_shape *axes, reduction *r)
{
    if (!eddy_begin(site, op, 1, &x))
        return false;
    const eddy_shape *shape = eddy_var_shape(x);
    if (axes->rank < 0)
        return eddy_tape_fail(x.tape, site, op, "the list of axes is longer than %d", EDDY_MAX_RANK);
    *r = (reduction){ .kept = *shape, .over = 1, .axes = axes->rank ? 0 : (1u << shape->rank) - 1 };
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

static eddy_var reduce(eddy_site site, const eddy_rule *rule, eddy_var x, const reduction *r, bool keepdim)
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
    reduction r;
    return begin_reduction(site, "sum", x, &axes, &r) ? reduce(site, &rule_sum, x, &r, keepdim) : eddy_failed(x.tape);
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
    reduction r;
    if (!begin_reduction(site, "amax", x, &axes, &r))
        return eddy_failed(x.tape);
    if (r.over == 0 && eddy_shape_count(&r.kept) > 0)
        return eddy_op_fail(x.tape, site, "amax", "shape %s has no element to take the maximum of",
                            eddy_shape_format(eddy_var_shape(x)).text);
    if (!eddy_dtype_is_float(eddy_var_dtype(x)))
        return eddy_op_fail(x.tape, site, "amax", "the operand has dtype %s; f32 or f64 is needed (eddy_cast converts)",
                            eddy_dtype_name(eddy_var_dtype(x)));
    return reduce(site, &rule_amax, x, &r, keepdim);
}

eddy_var eddy_amin_at(eddy_site site, eddy_var x, eddy_shape axes, bool keepdim)
{
    return eddy_neg_at(site, eddy_amax_at(site, eddy_neg_at(site, x), axes, keepdim));
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

eddy_var eddy_dot_at(eddy_site site, eddy_list a, eddy_list b)
{
    eddy_tape *tape = eddy_list_tape(a) ? eddy_list_tape(a) : eddy_list_tape(b);
    if (tape && eddy_list_ok_at(site, tape, "dot", a) && eddy_list_ok_at(site, tape, "dot", b) && a.count != b.count)
        eddy_tape_fail(tape, site, "dot", "the lists have %lld and %lld vars; they must be as long as each other",
                       (long long)a.count, (long long)b.count);
    if (!eddy_begin(site, "dot", a.count, a.items) || !eddy_begin(site, "dot", b.count, b.items))
        return eddy_failed(tape);
    eddy_list terms = eddy_list_new(tape, NULL, a.count);
    for (int64_t i = 0; i < terms.count; i++) {
        const eddy_shape *sa = eddy_var_shape(a.items[i]), *sb = eddy_var_shape(b.items[i]);
        if (!eddy_shape_equal(sa, sb))
            return eddy_op_fail(tape, site, "dot", "vars %lld have shapes %s and %s; they must be equal",
                                (long long)i + 1, eddy_shape_format(sa).text, eddy_shape_format(sb).text);
        terms.items[i] = eddy_sum_at(site, eddy_mul_at(site, a.items[i], b.items[i]));
    }
    return eddy_sum_list_at(site, terms);
}

/* ---- Composed reductions ---- */

eddy_var eddy_mean_over_at(eddy_site site, eddy_var x, eddy_shape axes, bool keepdim)
{
    reduction r;
    if (!begin_reduction(site, "mean", x, &axes, &r))
        return eddy_failed(x.tape);
    return eddy_div_scalar_at(site, eddy_sum_over_at(site, x, axes, keepdim), (double)r.over);
}

eddy_var eddy_mean_at(eddy_site site, eddy_var x)
{
    return eddy_mean_over_at(site, x, EDDY_SCALAR, false);
}

eddy_var eddy_variance_at(eddy_site site, eddy_var x, eddy_shape axes, double correction, bool keepdim)
{
    reduction r;
    if (!begin_reduction(site, "variance", x, &axes, &r))
        return eddy_failed(x.tape);
    eddy_var deviation = eddy_sub_at(site, x, eddy_mean_over_at(site, x, axes, true));
    return eddy_div_scalar_at(site, eddy_sum_over_at(site, eddy_square_at(site, deviation), axes, keepdim),
                              (double)r.over - correction);
}

/* Halves are multiplied until one is left: log2(n) products, none of which divides by an element, so zeros cost
 * nothing. */
eddy_var eddy_prod_at(eddy_site site, eddy_var x, eddy_shape axes, bool keepdim)
{
    reduction r;
    if (!begin_reduction(site, "prod", x, &axes, &r))
        return eddy_failed(x.tape);
    if (r.over == 0)
        return eddy_full_of_at(site, x.tape, eddy_var_dtype(x), keepdim ? r.kept : r.dropped, 1);
    eddy_shape order = { .rank = r.kept.rank }, flat = r.dropped;
    for (int i = 0, kept = 0, reduced = r.dropped.rank; i < order.rank; i++)
        order.dim[r.axes >> i & 1 ? reduced++ : kept++] = i;
    if (flat.rank == EDDY_MAX_RANK)
        return x;
    flat.dim[flat.rank++] = r.over;
    eddy_var rows = eddy_reshape_at(site, eddy_permute_at(site, x, order), flat);
    for (int64_t n = r.over; n > 1; n = n / 2 + n % 2) {
        int64_t half = n / 2;
        eddy_var product = eddy_mul_at(site, eddy_slice_at(site, rows, -1, 0, half, 1),
                                       eddy_slice_at(site, rows, -1, half, 2 * half, 1));
        eddy_var odd = n % 2 ? eddy_slice_at(site, rows, -1, n - 1, n, 1) : product;
        rows = n % 2 ? eddy_concat_list_at(site, -1, EDDY_LIST(product, odd)) : product;
    }
    return eddy_reshape_at(site, rows, keepdim ? r.kept : r.dropped);
}

/* ---- Along one axis, stable against overflow ---- */

/* The maximum along an axis as a constant, 0 where it is infinite: what exponentials are shifted by. */
static eddy_var shift(eddy_var x, int axis)
{
    eddy_var m = eddy_amax(eddy_detach(x), EDDY_SHAPE(axis), true);
    double largest = eddy_dtype_of(x) == EDDY_F32 ? FLT_MAX : DBL_MAX;
    return eddy_where(eddy_gt_scalar(eddy_abs(m), largest), eddy_zeros_like(m), m);
}

/* Opens a scope for a composite along one axis, so that what it records names the user's line. */
static bool begin_along(eddy_site site, const char *op, eddy_var x, int axis)
{
    reduction r;
    if (!begin_reduction(site, op, x, &(eddy_shape){ 1, { axis } }, &r))
        return false;
    if (r.over == 0 && eddy_shape_count(&r.kept) > 0)
        return eddy_tape_fail(x.tape, site, op, "axis %d of shape %s is empty", axis,
                              eddy_shape_format(eddy_var_shape(x)).text);
    eddy_scope_push(x.tape, site, op, -1);
    return true;
}

static eddy_var end_along(eddy_var out)
{
    eddy_scope_pop(out.tape);
    return out;
}

/* log sum_i e^(x_i) = m + log sum_i e^(x_i - m). Where every x_i is -inf the sum is 0: its logarithm is taken of 1
 * there, and -inf put in, so that the gradient is 0 and not NaN. */
eddy_var eddy_logsumexp_at(eddy_site site, eddy_var x, int axis, bool keepdim)
{
    if (!begin_along(site, "logsumexp", x, axis))
        return eddy_failed(x.tape);
    eddy_var m = shift(x, axis);
    eddy_var sum = eddy_sum_over(eddy_exp(eddy_sub(x, m)), EDDY_SHAPE(axis), true);
    eddy_var none = eddy_eq_scalar(sum, 0), nothing = eddy_full_of(x.tape, eddy_dtype_of(x), EDDY_SCALAR, -INFINITY);
    eddy_var log = eddy_where(none, nothing, eddy_log(eddy_where(none, eddy_ones_like(sum), sum)));
    eddy_var out = eddy_add(log, m);
    return end_along(keepdim ? out : eddy_squeeze(out, axis));
}

/* e^(x - m) / sum e^(x - m) */
eddy_var eddy_softmax_at(eddy_site site, eddy_var x, int axis)
{
    if (!begin_along(site, "softmax", x, axis))
        return eddy_failed(x.tape);
    eddy_var e = eddy_exp(eddy_sub(x, shift(x, axis)));
    return end_along(eddy_div(e, eddy_sum_over(e, EDDY_SHAPE(axis), true)));
}

/* x - log sum e^x */
eddy_var eddy_log_softmax_at(eddy_site site, eddy_var x, int axis)
{
    if (!begin_along(site, "log_softmax", x, axis))
        return eddy_failed(x.tape);
    eddy_var y = eddy_sub(x, shift(x, axis));
    return end_along(eddy_sub(y, eddy_log(eddy_sum_over(eddy_exp(y), EDDY_SHAPE(axis), true))));
}
