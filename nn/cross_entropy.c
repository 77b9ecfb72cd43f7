/* Cross-entropy between classes: log_softmax, then gather.
 *
 * What does not count (a mask of 0, a target of ignore_index) is replaced before anything is computed with it: logits
 * by 0, targets by class 0, so that neither a NaN nor an index out of range gets through. */
#include "loss.h"
#include "composed.h"

/* {0} if shapes and options fit, else the failed var. Operands that failed or are no vars are left to the ops. */
static eddy_var mistake(eddy_site site, const char *name, eddy_var x, eddy_var target,
                        const eddy_cross_entropy_options *o)
{
    eddy_tape *tape = x.tape;
    eddy_shape sx = eddy_shape_of(x), st = eddy_shape_of(target), sm = eddy_shape_of(o->mask),
               sw = eddy_shape_of(o->weight);
    if (sx.rank < 0 || st.rank < 0)
        return (eddy_var){ 0 };
    eddy_shape wanted = sx;
    wanted.rank--;
    if (sx.rank < 1 || sx.dim[sx.rank - 1] < 1 || !eddy_shape_equal(&wanted, &st))
        return eddy_fail_at(site, tape,
                            "%s: the classes stand on the last axis of shape %s, and the target has shape %s; it must "
                            "have the others, %s",
                            name, eddy_shape_format(&sx).text, eddy_shape_format(&st).text,
                            sx.rank < 1 ? "and there must be one" : eddy_shape_format(&wanted).text);
    if (eddy_dtype_is_float(eddy_dtype_of(target)))
        return eddy_fail_at(site, tape, "%s: the target has dtype %s; class numbers are i32 or i64", name,
                            eddy_dtype_name(eddy_dtype_of(target)));
    if (o->mask.tape && sm.rank >= 0 && !eddy_shape_equal(&sm, &st))
        return eddy_fail_at(site, tape, "%s: the mask has shape %s; it must have the target's, %s", name,
                            eddy_shape_format(&sm).text, eddy_shape_format(&st).text);
    if (o->weight.tape && sw.rank >= 0 && (sw.rank != 1 || sw.dim[0] != sx.dim[sx.rank - 1]))
        return eddy_fail_at(site, tape, "%s: the class weights have shape %s; (%lld,) is needed, one for each class",
                            name, eddy_shape_format(&sw).text, (long long)sx.dim[sx.rank - 1]);
    if (!(o->label_smoothing >= 0 && o->label_smoothing <= 1))
        return eddy_fail_at(site, tape, "%s: label_smoothing is %g; it must lie between 0 and 1", name,
                            o->label_smoothing);
    return (eddy_var){ 0 };
}

static eddy_var cross_entropy(eddy_site site, const char *name, bool softmax, eddy_var x, eddy_var target,
                              const eddy_cross_entropy_options *options)
{
    eddy_tape *tape = x.tape ? x.tape : target.tape;
    const eddy_cross_entropy_options o = options ? *options : (eddy_cross_entropy_options){ 0 };
    eddy_var fault = mistake(site, name, x, target, &o);
    if (fault.tape)
        return fault;
    eddy_scope_push(tape, site, name, -1);
    if (!eddy_ok(x) || !eddy_ok(target)) {
        eddy_var none = eddy_gather(x, -1, target); /* finds the words */
        eddy_scope_pop(tape);
        return none;
    }
    eddy_dtype dtype = eddy_dtype_of(x);
    eddy_var y = target, count = { 0 }; /* count: of each target, in the mean; {0}: 1 */
    if (o.mask.tape)
        count = eddy_detach(eddy_cast(o.mask, dtype));
    if (o.ignore) {
        y = eddy_cast(y, EDDY_I64);
        eddy_var seen = eddy_cast(eddy_ne(y, eddy_full_of(tape, EDDY_I64, EDDY_SCALAR, (double)o.ignore_index)), dtype);
        count = count.tape ? eddy_mul(count, seen) : seen;
    }
    if (count.tape) {
        x = eddy_where(eddy_unsqueeze(count, -1), x, eddy_zeros_like(x));
        y = eddy_where(eddy_cast(eddy_ne(count, eddy_zeros_like(count)), eddy_dtype_of(y)), y, eddy_zeros_like(y));
    }
    eddy_var l = softmax ? eddy_log_softmax(x, -1) : x;
    eddy_var losses = eddy_neg(eddy_squeeze(eddy_gather(l, -1, eddy_unsqueeze(y, -1)), -1)), weight = { 0 };
    if (o.weight.tape) {
        eddy_shape shape = eddy_shape_of(y);
        weight =
            eddy_reshape(eddy_index_select(o.weight, 0, eddy_reshape(y, EDDY_SHAPE(eddy_shape_count(&shape)))), shape);
        losses = eddy_mul(weight, losses);
    }
    if (o.label_smoothing > 0) {
        /* (1 - e) w_y (-l_y) + e/C sum_c w_c (-l_c) */
        eddy_var all = eddy_neg(eddy_sum_over(o.weight.tape ? eddy_mul(l, o.weight) : l, EDDY_SHAPE(-1), false));
        losses = eddy_add(eddy_mul_scalar(losses, 1 - o.label_smoothing),
                          eddy_mul_scalar(all, o.label_smoothing / (double)eddy_size(x, -1)));
    }
    if (count.tape)
        losses = eddy_mul(losses, count);
    eddy_var loss = eddy_reduce_loss(losses,
                                     !weight.tape ? count
                                     : count.tape ? eddy_mul(weight, count)
                                                  : weight,
                                     o.reduction);
    eddy_scope_pop(tape);
    return loss;
}

eddy_var eddy_cross_entropy_at(eddy_site site, eddy_var logits, eddy_var target,
                               const eddy_cross_entropy_options *options)
{
    return cross_entropy(site, "cross_entropy", true, logits, target, options);
}

eddy_var eddy_nll_at(eddy_site site, eddy_var log_probabilities, eddy_var target,
                     const eddy_cross_entropy_options *options)
{
    return cross_entropy(site, "nll", false, log_probabilities, target, options);
}
