/* Optimisers: recorded like everything else. Each takes parameters and their gradients (vars), makes the states it
 * needs (moments, step count, learning rate: leaves named "OPTIMISER.NAME") and returns the assigns that a program is
 * to list among its updates. A second recording of the same optimiser (a program for another batch size or length)
 * shares the states of the first. Two optimisers of one kind are kept apart by eddy_push, which prefixes the names of
 * their states. */
#ifndef EDDY_OPTIM_H
#define EDDY_OPTIM_H

#include "gradient.h"

EDDY_C_BEGIN

/* In the options below 0 stands for the default; this is a 0 that is meant: .lr = EDDY_ZERO moves nothing. */
#define EDDY_ZERO (-0.0)

/* sqrt of the sum of squares over all elements of all vars; gradient zero at zero. docs/book/optimisers.md */
EDDY_SITED eddy_var eddy_global_norm(eddy_list vars);
/* g <- g min(1, max_norm / (norm + 1e-6)) with the norm over all gradients together (Pascanu et al. 2013; PyTorch's
 * clip_grad_norm_, with its 1e-6). Replaces *grads by the clipped ones (a new list) and returns the norm before
 * clipping. */
EDDY_SITED eddy_var eddy_clip_grad_norm(eddy_list *grads, double max_norm);

/* g <- min(max(g, -limit), limit), element by element. Replaces *grads. */
EDDY_SITED void eddy_clip_grad_value(eddy_list *grads, double limit);

/* Every optimiser has a state "NAME.lr" that starts at options.lr; a schedule, or eddy_set_item(eddy_find(tape,
 * "adam.lr"), x), changes it. weight_decay adds weight_decay p to the gradient unless said otherwise. The order of
 * operations is PyTorch's. */

typedef struct eddy_sgd_options { /* zero: the default */
    double lr;                    /* 1e-3 */
    double momentum;              /* b <- momentum b + (1 - dampening) g (the first b is g),  p <- p - lr b */
    double dampening;
    double weight_decay;
    bool nesterov; /* p <- p - lr (g + momentum b) */
} eddy_sgd_options;
EDDY_SITED eddy_list eddy_sgd(eddy_list params, eddy_list grads, const eddy_sgd_options *options);

/* v <- alpha v + (1 - alpha) g^2,  p <- p - lr g / (sqrt(v) + eps) (Tieleman & Hinton 2012); centered: v - m^2 under
 * the root (Graves 2013) */
typedef struct eddy_rmsprop_options { /* zero: the default */
    double lr, alpha, eps;            /* 1e-2, 0.99, 1e-8 */
    double momentum, weight_decay;
    bool centered;
} eddy_rmsprop_options;
EDDY_SITED eddy_list eddy_rmsprop(eddy_list params, eddy_list grads, const eddy_rmsprop_options *options);

/* s <- s + g^2,  p <- p - lr/(1 + (t - 1) lr_decay) g / (sqrt(s) + eps) (Duchi, Hazan & Singer 2011) */
typedef struct eddy_adagrad_options { /* zero: the default */
    double lr, eps;                   /* 1e-2, 1e-10 */
    double lr_decay, weight_decay, initial;
} eddy_adagrad_options;
EDDY_SITED eddy_list eddy_adagrad(eddy_list params, eddy_list grads, const eddy_adagrad_options *options);

/* Kingma & Ba 2015, algorithm 1:
 *   m <- m + (1 - beta1)(g - m),  v <- beta2 v + (1 - beta2) g^2,
 *   p <- p - lr/(1 - beta1^t) m / (sqrt(v)/sqrt(1 - beta2^t) + eps)
 * amsgrad: the largest v so far under the root (Reddi, Kale & Kumar 2018). */
typedef struct eddy_adam_options { /* zero: the default */
    double lr;                     /* 1e-3; the state "adam.lr" */
    double beta1, beta2;           /* 0.9, 0.999 */
    double eps;                    /* 1e-8 */
    double weight_decay;           /* 0; eddy_adamw: 1e-2 */
    bool amsgrad;
} eddy_adam_options;
EDDY_SITED eddy_list eddy_adam(eddy_list params, eddy_list grads, const eddy_adam_options *options);
/* Adam with decoupled decay: p <- p - lr weight_decay p before the step (Loshchilov & Hutter 2019, algorithm 2).
 * weight_decay < 0 means 0. */
EDDY_SITED eddy_list eddy_adamw(eddy_list params, eddy_list grads, const eddy_adam_options *options);

/* Gradient accumulation: returns the sum of the gradients of this and the last n - 1 runs, over n, as *ready (1 in
 * every n-th run, else 0) says; the update list of a program is then eddy_when(ready, updates), whose assigns keep the
 * old value while ready is 0. *updates gets the assigns of the accumulator. */
EDDY_SITED eddy_list eddy_accumulate(eddy_list grads, int64_t n, eddy_var *ready, eddy_list *updates);
EDDY_SITED eddy_list eddy_when(eddy_var ready, eddy_list updates);

/* Exponential moving average of the parameters, "ema.PARAMETER", updated with the new values of `updates`: e <- decay e
 * + (1 - decay) p (Polyak & Juditsky 1992 in this form). The first value is the parameter's. eddy_ema_swap (behind the
 * same prefix) exchanges parameters and averages (to evaluate; again to go on). */
EDDY_SITED eddy_list eddy_ema(eddy_list params, eddy_list updates, double decay);
EDDY_SITED bool eddy_ema_swap(eddy_list params);

/* The states of an optimiser (all whose names begin with "NAME.", behind the prefix in force), its schedule's included,
 * for eddy_save and eddy_load: training resumes with the same bits. */
EDDY_SITED eddy_list eddy_optimiser_states(eddy_tape *tape, const char *name);

EDDY_C_END
#include "optim_calls.h"
#endif
