/* Stacks of any built-in cell, chosen by name, or of the minimal gated unit: what the applications' networks are made
 * of. */
#ifndef EDDY_STACK_H
#define EDDY_STACK_H

#include "card.h"

typedef struct stack_options {
    const char *cell; /* a name of cells.def: "lstm", "gru", "lstm.layer_norm", ...; or "mgu" */
    int64_t hidden, layers;
    bool bidirectional;
    double dropout; /* between layers, while training */
    double zoneout; /* probability that an element of a state stays as it was, while training; then its expectation */
} stack_options;

/* A cell of one's own among the built-in ones, the minimal gated unit (Zhou et al. 2016): f = sigma(W_f [h, x] + b_f),
 * h~ = tanh(W_h [f * h, x] + b_h), h' = (1 - f) * h + f * h~. */
typedef struct mgu {
    eddy_cell cell;
    eddy_linear forget, candidate;
} mgu;

typedef struct stack {
    stack_options options;
    int64_t count, outputs; /* of cells; width of the last layer's outputs */
    eddy_any_cell cell[EDDY_MAX_LAYERS];
    mgu own[EDDY_MAX_LAYERS]; /* in their place */
} stack;

/* Is there such a cell, and do so many layers fit? */
bool stack_check(const stack_options *options, eddy_status *status);
/* Parameters with PyTorch's names, NAME.weight_ih_l0, ...; of an mgu NAME_l0.forget.weight, ... */
stack stack_new(eddy_tape *tape, const char *name, int64_t input, const stack_options *options);
/* x (time, batch, input); options may be NULL. Training draws dropout between layers. */
eddy_layered stack_unroll(const stack *s, eddy_var x, const eddy_unroll_options *options);
/* The layer behind a stack: W h + b, with the stack's dropout before it while training. */
eddy_var stack_apply(const stack *s, const eddy_linear *out, eddy_var h, bool training);

/* In a card, and out of it; `cell` then points into the card. */
void stack_describe(const stack_options *options, card *c);
bool stack_read(stack_options *options, const card *c, eddy_status *status);

#endif
