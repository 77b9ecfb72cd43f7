/* Losses. Predictions first, then targets. Zero options mean PyTorch's defaults. */
#ifndef EDDY_LOSS_H
#define EDDY_LOSS_H

#include "ops.h"

EDDY_C_BEGIN

typedef enum eddy_reduction { EDDY_REDUCE_MEAN = 0, EDDY_REDUCE_SUM, EDDY_REDUCE_NONE } eddy_reduction;

/* Of all losses here. mask: of the per-element loss's shape (or broadcasting to it), of any dtype, 1 counts and 0 does
 * not: a masked element has no influence whatever it holds, and a mean divides by the mask's sum (0 elements: 0). Other
 * values weigh. No gradient flows into a mask. */
typedef struct eddy_loss_options {
    eddy_reduction reduction;
    eddy_var mask;
} eddy_loss_options;

/* What all of them end with, for one's own losses: their sum, their mean or they themselves. A mean divides by the sum
 * of `counts` (of any shape), 0 if that is 0; {0}: by the number of losses. */
EDDY_SITED eddy_var eddy_reduce_loss(eddy_var losses, eddy_var counts, eddy_reduction reduction);

/* Mean over all elements of (prediction - target)^2; equal shapes (no broadcasting: a (B, 1) against a (B) is nearly
 * always a mistake). */
EDDY_SITED eddy_var eddy_mse(eddy_var prediction, eddy_var target);
EDDY_SITED eddy_var eddy_mse_with(eddy_var prediction, eddy_var target, const eddy_loss_options *options);
/* |p - y|, gradient 0 at 0 */
EDDY_SITED eddy_var eddy_mae(eddy_var prediction, eddy_var target, const eddy_loss_options *options);
/* d^2/2 for |d| <= delta, else delta (|d| - delta/2) (Huber 1964; PyTorch's HuberLoss); delta > 0 */
EDDY_SITED eddy_var eddy_huber(eddy_var prediction, eddy_var target, double delta, const eddy_loss_options *options);
/* max(q d, (q - 1) d) with d = target - prediction (Koenker & Bassett 1978); 0 < q < 1; gradient
 * 1/2 - q, between the two slopes, at 0 */
EDDY_SITED eddy_var eddy_quantile(eddy_var prediction, eddy_var target, double q, const eddy_loss_options *options);
/* softplus(x) - x y for logits x and targets y in [0, 1]; its second derivative is right at 0 too */
EDDY_SITED eddy_var eddy_bce_with_logits(eddy_var logits, eddy_var target, const eddy_loss_options *options);

typedef struct eddy_cross_entropy_options { /* zero: the default */
    eddy_reduction reduction; /* a mean divides by the sum of the weights of the targets that count, as PyTorch */
    eddy_var mask;            /* of the target's shape */
    eddy_var weight;          /* (classes) or {0} */
    double label_smoothing;   /* 0..1 (Szegedy et al. 2016) */
    bool ignore;              /* targets equal to ignore_index do not count (PyTorch's is -100) */
    int64_t ignore_index;
} eddy_cross_entropy_options;
/* -log softmax(logits)[target]; logits (..., classes), target (...) i32 or i64, checked when run where it counts. With
 * label smoothing e and weights w: (1 - e) w_y (-l_y) + e/classes sum_c w_c (-l_c), l = log softmax, as PyTorch. If
 * nothing counts a mean is 0 (PyTorch's is NaN). Derived in docs/book/losses.md. */
EDDY_SITED eddy_var eddy_cross_entropy(eddy_var logits, eddy_var target, const eddy_cross_entropy_options *options);
/* The same from log-probabilities. */
EDDY_SITED eddy_var eddy_nll(eddy_var log_probabilities, eddy_var target, const eddy_cross_entropy_options *options);

typedef struct eddy_ctc_options { /* zero: the default */
    eddy_reduction
        reduction; /* a mean divides each loss by its target's length, then averages over the batch, as PyTorch */
    int64_t blank;
    bool zero_infinity; /* impossible targets (too long for their input) count 0 and have gradient 0 instead of an
                           infinite loss */
} eddy_ctc_options;
/* Connectionist temporal classification (Graves et al. 2006, section 4.1, in the log domain). log_probabilities (time,
 * batch, classes) from log_softmax; targets (batch, longest) without blanks, input_lengths (batch) 0..time,
 * target_lengths (batch) 0..longest, all i32 or i64 and checked when run. What lies beyond the lengths has no
 * influence. An impossible target has loss infinity with gradient 0 (PyTorch's is NaN). The gradient is that with
 * respect to log_probabilities (PyTorch returns the one for logits before log_softmax in its place; behind log_softmax
 * the two agree). */
EDDY_SITED eddy_var eddy_ctc(eddy_var log_probabilities, eddy_var targets, eddy_var input_lengths,
                             eddy_var target_lengths, const eddy_ctc_options *options);

EDDY_C_END
#include "loss_calls.h"
#endif
