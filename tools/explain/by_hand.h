/* The matrix form of backpropagation through time as plain loops over doubles, one line of C a line of algebra. Nothing
 * here knows the tape.
 *
 * Row-vector batches: h_t is batch x hidden, Z_t = [h_{t-1}, x_t], a_g = Z_t W_g^T + b_g with W_g = [W_g^h | W_g^x] of
 * hidden x (hidden + input). dq is the total derivative of the loss with respect to q, delta_g that with respect to the
 * pre-activation a_g.
 *
 * The way back takes the forward values as given, so that it does not inherit other roundings of them; the forward
 * formulas are checked a step at a time, each from the given state before it. Arrays of steps have elements 0 .. steps
 * (0: before the first step), each batch x size. */
#ifndef EDDY_EXPLAIN_BY_HAND_H
#define EDDY_EXPLAIN_BY_HAND_H

#include <stdint.h>

enum { GATE_F = 0, GATE_I, GATE_C, GATE_O }; /* LSTM */
enum { GATE_Z = 0, GATE_R, GATE_H };         /* GRU; the candidate is ~h, or n with reset after */

typedef struct hand_pass {
    int64_t steps, batch, input, hidden;
    const double *weight[4];                    /* hidden x (hidden + input) */
    const double *bias[4];                      /* hidden; with reset after the candidate's without b_hn */
    const double *bias_hn;                      /* reset after */
    const double *x, *h, *C, *tanh_C, *gate[4]; /* given */
    double *h_out, *C_out, *tanh_C_out, *q_out, *gate_out[4]; /* forward, from what is given before each step */
    const double *hat;                              /* the direct derivative of the loss with respect to h_t */
    const double *kappa;                            /* and to C_T, batch x hidden */
    double *dh, *dC, *dr, *delta[4], *delta_q, *dx; /* backward */
    double *dW[4], *db[4];                          /* hidden x (hidden + input); hidden x 2: of b_ih and b_hh */
} hand_pass;

/* Both passes of the built-in cell of that name; NULL for one that is not worked out by hand. */
typedef struct hand_cell {
    const char *cell; /* of nn/cells.def */
    void (*forward)(const hand_pass *p);
    void (*backward)(const hand_pass *p);
} hand_cell;
const hand_cell *hand_find(const char *cell);

/* Additive attention over h_1 .. h_T with the query s = h_T. */
typedef struct hand_attention {
    int64_t steps, batch, hidden, width;
    const double *W_h, *W_s, *v;               /* width x hidden, width x hidden, width */
    const double *h, *u, *alpha;               /* given: hidden, width, 1 */
    const double *dc;                          /* batch x hidden */
    double *u_out, *e_out, *alpha_out, *c_out; /* forward */
    double *dalpha, *de, *delta;               /* backward: 1, 1, width */
    double *dW_h, *dW_s, *dv;
    double *hat; /* what it adds to the direct derivative with respect to h_t is added there */
} hand_attention;

void hand_attention_forward(const hand_attention *p);
void hand_attention_backward(const hand_attention *p);

#endif
