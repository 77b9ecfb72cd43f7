/* What the files that give formulas a meaning share (world.h has what everybody may call). */
#ifndef EDDY_CHECK_EVALUATE_H
#define EDDY_CHECK_EVALUATE_H

#include "world.h"

/* Tells the fault, "%s" in the format being `what`, and returns no value. */
value meaning_failed(evaluation *e, fault_kind kind, const char *format, const char *what);
value meaning_fold(evaluation *e, const tree *t);    /* TREE_SUM, TREE_PROD, TREE_MAX, TREE_MIN */
value meaning_product(evaluation *e, const tree *t); /* TREE_MUL */
/* f' and (z_2), side by side in a product from factor `at` on, with an f of the document: a call. The two as one tree,
 * which they fill; NULL: they are none. */
const tree *meaning_own_call(evaluation *e, const tree *t, int at, tree *both);
/* The values of the terms that dots stand for, between the neighbours `before` and `after`; *same: both are one term,
 * with nothing between. */
bool meaning_fill_dots(evaluation *e, const tree *before, const tree *after, value *out, int *count, int most,
                       bool *same);
value meaning_list(evaluation *e, const tree *t);   /* TREE_CONCAT, TREE_TUPLE */
value meaning_matrix(evaluation *e, const tree *t); /* TREE_MATRIX */

/* jacobian.c: d (sum of y) / d v; y's axes, then v's, at most two; the same by several vectors of each sample at once
 * (false: take them one by one); and why there is none. */
eddy_var derivative_gradient(eddy_var y, eddy_var v);
value derivative_jacobian(evaluation *e, value y, value v);
value derivative_tensor(evaluation *e, value y, value v); /* ... with up to four axes, of which elements are selected */
value derivative_by_vec(evaluation *e, value y, value v); /* of a number or a vector by \operatorname{vec}(v) */
bool derivative_jacobians(evaluation *e, value y, const value *v, int count, value *out);
/* derivative_kept.c: y once more, of a fresh copy of v that is read at this step only; and the derivative of all of y
 * by all of v, as many axes as the two have. */
value derivative_again(evaluation *e, node_name y, value v, node_name vn, eddy_var *fresh);
value derivative_whole_of(evaluation *e, node_name y, node_name v, bool explicit_);
void derivative_side(const evaluation *e, value *gradient); /* a row or a column */
quantity *derivative_whole(const world *w, quantity *q);    /* Q of q_i = Q_{i:}^\top, or q: what has its derivative */
value derivative_refused(evaluation *e);
value derivative_three_axes(evaluation *e);
value derivative_unshaped(evaluation *e, const char *what);
/* Why one cannot differentiate by it, \sigma^2 beside a given \sigma: false, with a fault. */
bool derivative_no_quantity(evaluation *e, const tree *below);
/* derivative.c: a derivative of a vector by a matrix, and its product with a vector. */
bool meaning_is_tensor(evaluation *e, const tree *t);
/* arguments.c: is the bracket behind a name a list of quantities on which it depends? */
bool meaning_repeats_arguments(scope *s, const tree *name, const tree *argument);
value meaning_contract(evaluation *e, value by, const tree *t);

/* classes.c: the element at a class on an axis of one sample */
value meaning_at_class(evaluation *e, value v, int axis, const tree *index);

/* random_loss.c: L, and its explicit derivative by one of the quantities that it reads. */
value loss_value(evaluation *e, quantity *loss);
value loss_direct(evaluation *e, quantity *q, int64_t step);
/* A number for a name and a step: which random numbers are drawn for it. */
uint64_t world_hash(const char *key, int64_t step);
/* world_draw.c: those of a quantity at a step, for so many samples of this shape. */
void world_draw_values(const world *w, const quantity *q, int64_t step, int rank, const int64_t dim[2], int64_t samples,
                       double *out);

/* unknown_functions.c: l(o_t, y_t), a number that depends on its arguments smoothly; f(a), \phi'(a), f_k(a), any smooth
 * function, the same wherever its name stands. */
bool is_unknown_scalar(scope *s, const tree *t, const tree *argument);
value unknown_scalar(evaluation *e, const tree *name, const tree *argument);
value unknown_function(evaluation *e, const tree *name, const tree *argument);

/* world_begins.c: is what a definition says true of this step, before the first one? */
bool world_begins(evaluation *e, const definition *d, int64_t step);

/* What is given at a step, drawn when it is first needed. */
value world_given(world *w, quantity *q, int64_t step, bool initial);
/* A leaf of this name, and the rank and side of `shaped`; the one that is there already, or NULL. */
value world_leaf(world *w, quantity *q, int64_t step, value shaped, const int64_t dim[2], bool initial);
const value *world_find_leaf(const world *w, const quantity *q, int64_t step);

/* derivative.c: a name as a node and its element indices, from `first` on; a context in which other things are held. */
bool derivative_node(evaluation *e, const tree *t, symbol_use *use, node_name *node, int *first);
wiring *derivative_context(evaluation *e, const wiring *like);
value meaning_place(evaluation *e, const tree *place); /* places.c: TREE_PLACE */
/* differentials.c: the direction in which a quantity moves, in a claim about differentials. */
value meaning_direction(evaluation *e, const node_name *node);

/* derivative.c: \partial^+; a Jacobian in the layout of the reading. */
bool derivative_is_immediate(const tree *t);
value derivative_laid_out(evaluation *e, value j);

/* ---- derivative_parts.c ---- */
/* Does anything that was evaluated depend on q? False with the reason: a name that nobody gives or reads. */
/* Selects elements of j: those of y on the first axes, those of v on the axes after. */
value derivative_elements(evaluation *e, value j, const symbol_use *y, int y_first, int y_rank, bool y_batched,
                          const symbol_use *v, int v_first, int v_rank, bool v_batched);
bool derivative_is_sequence(evaluation *e, const tree *t); /* e without its index: e_1, ..., e_T */
bool derivative_has_paths(evaluation *e, const quantity *q);
/* R(X) = \partial X / \partial \epsilon: does anything depend on that \epsilon? False with the reason. */
bool derivative_argument_moves(evaluation *e, const tree *t);
/* net_0, where only y_0 is read: before the first step there are states and nothing else. */
bool derivative_before_all(const world *w, node_name v);
/* W = [W_a; W_i], which no formula reads: the stack of which its parts are read, or NULL; and the derivative by it. */
/* In a context, what is held fixed at the bar of a derivative by these. h_{t+1} beside a derivative by h_t, or behind
 * "via", is the one of that step. */
bool derivative_hold(evaluation *e, const tree *held, const node_name *node, int count, wiring *c);
/* The derivative of a number by a stack, that of its parts; false: v is none. */
bool derivative_by_stack(evaluation *e, node_name y, node_name v, value *out);
/* W of \operatorname{vec}(W), also transposed, or NULL; and a derivative by it. */
const tree *derivative_inside_vec(const tree *t, bool *transposed);
value derivative_of_vec(evaluation *e, const tree *t, bool explicit_);

#endif
