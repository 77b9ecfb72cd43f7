/* Losses between two tensors of one shape, element by element, and what every loss ends with: a mask and a reduction.
 *
 * A masked element is replaced by 0 before anything is computed with it, so that not even a NaN gets through, in no
 * order of derivative. */
#include "loss.h"
#include "composed.h"

#include <math.h>

eddy_var eddy_reduce_loss_at(eddy_site site, eddy_var losses, eddy_var counts, eddy_reduction reduction)
{
    if (!eddy_ok(losses))
        return eddy_fail_at(site, losses.tape ? losses.tape : counts.tape, "reduce_loss: the losses are no usable var");
    if (reduction == EDDY_REDUCE_NONE)
        return losses;
    if (reduction != EDDY_REDUCE_MEAN && reduction != EDDY_REDUCE_SUM)
        return eddy_fail_at(site, losses.tape,
                            "the reduction of a loss is EDDY_REDUCE_MEAN, EDDY_REDUCE_SUM or EDDY_REDUCE_NONE");
    if (reduction == EDDY_REDUCE_SUM)
        return eddy_sum_at(site, losses);
    if (!counts.tape)
        return eddy_mean_at(site, losses);
    eddy_var sum = eddy_sum_at(site, losses), n = eddy_sum_at(site, counts), zero = eddy_zeros_like_at(site, n);
    eddy_var none = eddy_eq_at(site, n, zero);
    return eddy_where_at(site, none, zero,
                         eddy_div_at(site, sum, eddy_where_at(site, none, eddy_ones_like_at(site, n), n)));
}

typedef struct operands {
    eddy_var prediction, target;
    eddy_var mask; /* of their shape and dtype, or {0} */
    eddy_reduction reduction;
} operands;

/* Opens the scope. False after a failure that has its sentence; the scope is then closed. */
static bool begin(operands *o, eddy_tape *tape, eddy_site site, const char *name, eddy_var prediction, eddy_var target,
                  const eddy_loss_options *options)
{
    eddy_shape p = eddy_shape_of(prediction), y = eddy_shape_of(target), joint;
    *o = (operands){ .prediction = prediction,
                     .target = target,
                     .reduction = options ? options->reduction : EDDY_REDUCE_MEAN };
    if (p.rank >= 0 && y.rank >= 0 && !eddy_shape_equal(&p, &y)) {
        eddy_fail_at(site, tape, "%s: the prediction has shape %s and the target %s; they must be equal (eddy_reshape)",
                     name, eddy_shape_format(&p).text, eddy_shape_format(&y).text);
        return false;
    }
    eddy_scope_push(tape, site, name, -1);
    if (!options || !options->mask.tape || p.rank < 0 || y.rank < 0)
        return true;
    eddy_shape m = eddy_shape_of(options->mask);
    if (m.rank >= 0 && !(eddy_shape_broadcast(&m, &p, &joint) && eddy_shape_equal(&joint, &p))) {
        eddy_fail(tape, "the mask has shape %s; it must broadcast to %s, the shape of the losses",
                  eddy_shape_format(&m).text, eddy_shape_format(&p).text);
        eddy_scope_pop(tape);
        return false;
    }
    o->mask = eddy_broadcast_to(eddy_detach(eddy_cast(options->mask, eddy_dtype_of(prediction))), p);
    o->prediction = eddy_where(o->mask, prediction, eddy_zeros_like(prediction));
    o->target = eddy_where(o->mask, target, eddy_zeros_like(target));
    return true;
}

static eddy_var finish(eddy_tape *tape, const operands *o, eddy_var losses)
{
    eddy_var loss = eddy_reduce_loss(o->mask.tape ? eddy_mul(losses, o->mask) : losses, o->mask, o->reduction);
    eddy_scope_pop(tape);
    return loss;
}

static eddy_tape *tape_of(eddy_var a, eddy_var b)
{
    return a.tape ? a.tape : b.tape;
}

/* (p - y)^2 */
eddy_var eddy_mse_with_at(eddy_site site, eddy_var prediction, eddy_var target, const eddy_loss_options *options)
{
    eddy_tape *tape = tape_of(prediction, target);
    operands o;
    if (!begin(&o, tape, site, "mse", prediction, target, options))
        return eddy_failed(tape);
    return finish(tape, &o, eddy_square(eddy_sub(o.prediction, o.target)));
}

eddy_var eddy_mse_at(eddy_site site, eddy_var prediction, eddy_var target)
{
    return eddy_mse_with_at(site, prediction, target, NULL);
}

/* |p - y| */
eddy_var eddy_mae_at(eddy_site site, eddy_var prediction, eddy_var target, const eddy_loss_options *options)
{
    eddy_tape *tape = tape_of(prediction, target);
    operands o;
    if (!begin(&o, tape, site, "mae", prediction, target, options))
        return eddy_failed(tape);
    return finish(tape, &o, eddy_abs(eddy_sub(o.prediction, o.target)));
}

/* c (d - c/2) with c = min(max(d, -delta), delta): both pieces in one formula, so that no unchosen square can overflow
 * into the gradient */
eddy_var eddy_huber_at(eddy_site site, eddy_var prediction, eddy_var target, double delta,
                       const eddy_loss_options *options)
{
    eddy_tape *tape = tape_of(prediction, target);
    operands o;
    if (!(delta > 0))
        return eddy_fail_at(site, tape, "huber: delta is %g; it must be above 0", delta);
    if (!begin(&o, tape, site, "huber", prediction, target, options))
        return eddy_failed(tape);
    eddy_var d = eddy_sub(o.prediction, o.target), c = eddy_clamp(d, -delta, delta);
    return finish(tape, &o, eddy_mul(c, eddy_sub(d, eddy_mul_scalar(c, 0.5))));
}

/* max(q d, (q - 1) d), d = y - p */
eddy_var eddy_quantile_at(eddy_site site, eddy_var prediction, eddy_var target, double q,
                          const eddy_loss_options *options)
{
    eddy_tape *tape = tape_of(prediction, target);
    operands o;
    if (!(q > 0 && q < 1))
        return eddy_fail_at(site, tape, "quantile: q is %g; it must lie between 0 and 1", q);
    if (!begin(&o, tape, site, "quantile", prediction, target, options))
        return eddy_failed(tape);
    eddy_var d = eddy_sub(o.target, o.prediction);
    return finish(tape, &o, eddy_maximum(eddy_mul_scalar(d, q), eddy_mul_scalar(d, q - 1)));
}

/* softplus(x) - x y:  dx = sigma(x) - y,  d2x = sigma(x) (1 - sigma(x)) everywhere */
eddy_var eddy_bce_with_logits_at(eddy_site site, eddy_var logits, eddy_var target, const eddy_loss_options *options)
{
    eddy_tape *tape = tape_of(logits, target);
    operands o;
    if (!begin(&o, tape, site, "bce_with_logits", logits, target, options))
        return eddy_failed(tape);
    return finish(tape, &o, eddy_sub(eddy_softplus(o.prediction), eddy_mul(o.prediction, o.target)));
}
