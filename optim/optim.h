/* Optimisers: recorded like everything else. Each takes parameters and their gradients (vars), makes the states it needs (moments, step count,
 * learning rate: leaves named "OPTIMISER.NAME") and returns the assigns that a program is to list among its updates. A
 * second recording of the same optimiser (a program for another batch size or length) shares the states of the first. Two optimisers of one kind are
 * kept apart by eddy_push, which prefixes the names of their states. */
#ifndef EDDY_OPTIM_H
#define EDDY_OPTIM_H

#include "gradient.h"

#ifdef __cplusplus
extern "C" {
#endif

/* sqrt of the sum of squares over all elements of all vars; gradient zero at zero. X.CLIP.scale */
EDDY_CALL eddy_var eddy_global_norm(eddy_list vars);
/* g <- g min(1, max_norm / (norm + 1e-6)) with the norm over all gradients together (Pascanu et al. 2013; PyTorch's clip_grad_norm_, with its 1e-6).
 * Replaces *grads by the clipped ones (a new list) and returns the norm before clipping. */
EDDY_CALL eddy_var eddy_clip_grad_norm(eddy_list *grads, double max_norm);

typedef struct eddy_sgd_options { /* zero: the default */
    double lr;                    /* default 1e-3; the state "sgd.lr" */
    double momentum;              /* default 0.  b <- momentum b + g,  p <- p - lr b */
} eddy_sgd_options;
EDDY_CALL eddy_list eddy_sgd(eddy_list params, eddy_list grads, const eddy_sgd_options *options);

/* Kingma & Ba 2015, algorithm 1, in PyTorch's order of operations:
 *   m <- m + (1 - beta1)(g - m),  v <- beta2 v + (1 - beta2) g^2,  p <- p - lr/(1 - beta1^t) m / (sqrt(v)/sqrt(1 - beta2^t) + eps) */
typedef struct eddy_adam_options { /* zero: the default */
    double lr;                     /* default 1e-3; the state "adam.lr" */
    double beta1, beta2;           /* default 0.9, 0.999 */
    double eps;                    /* default 1e-8 */
} eddy_adam_options;
EDDY_CALL eddy_list eddy_adam(eddy_list params, eddy_list grads, const eddy_adam_options *options);

#ifdef __cplusplus
}
#endif
#include "optim_calls.h"
#endif
