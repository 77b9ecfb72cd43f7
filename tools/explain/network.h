/* Records the network on a tape, with the library's cells, and takes from it what the explanation shows. */
#ifndef EDDY_EXPLAIN_NETWORK_H
#define EDDY_EXPLAIN_NETWORK_H

#include "by_hand.h"
#include "explanation.h"

/* Fills e->item, e->loss and the flow from e->setup and judges. False with a sentence in e->status when it could not be
 * done, whatever the verdicts. */
bool explain_network(explanation *e);
/* Can it be explained? */
bool explain_knows(const network *n);

/* ---- For the files of this folder ---- */

/* What is special about a kind of layer: its gates in the order in which they are shown. */
typedef struct gate_row {
    const char *watch; /* the library's name */
    int block;         /* its rows in the library's stacked parameters */
    const char *name, *label, *formula, *work, *id;
    const char *delta_name, *delta_label, *delta_formula, *delta_work, *delta_id;
    const char *weight_name, *weight_label, *weight_formula, *weight_work, *weight_right, *weight_id;
    const char *bias_name, *bias_label, *bias_formula, *bias_work, *bias_right;
    const char *given[4]; /* names and labels of the parameters: "W_f", "W_f", "b_f", "b_f" */
} gate_row;

typedef struct layer_kind {
    const char *cell, *family; /* the first of nn/cells.def, the second begins the names of parameters */
    bool cell_state;           /* LSTM */
    bool reset_after;
    int gates, blocks; /* blocks: of the stacked parameters */
    const gate_row *gate;
    const char *h_formula, *h_work, *h_id, *dh_formula, *dh_work, *dh_id, *dr_formula, *dr_work, *dx_formula, *dx_work,
        *dx_id, *dh0_formula, *dh0_work;
    int keep_gate; /* and how it keeps: as it is or 1 - */
    bool keep_inverse;
    const char *keep;
} layer_kind;
/* The kind of the built-in cell of that name; NULL for one that is not worked out by hand. */
const layer_kind *layer_kind_of(const char *cell);

typedef struct layer {
    const layer_kind *kind;
    int direction;
    bool reverse;
    eddy_any_cell cell;
    eddy_var x, inject_ih, inject_hh, inject_h, inject_C, inject_x, h0,
        C0; /* leaves; the injections are zeros, see probe in network.c */
    eddy_unrolled run;
    eddy_var *h, *C, *tanh_C, *gate[4], *q; /* steps + 1 vars each, [0] unused */
    int64_t steps, batch, input, hidden;
    const double *kappa;
    double *hat; /* of q_hat: (steps + 1) x batch x hidden */
    double *weight[4], *bias[4], *bias_hn;
    quantity *q_x, *q_h, *q_C, *q_tanh_C, *q_gate[4];
    quantity *q_y, *q_G, *q_Q, *q_kappa, *q_q, *q_hat, *q_W[4], *q_b[4];
    quantity *q_dh, *q_dC, *q_dr, *q_delta[4], *q_delta_q, *q_dx;
    quantity *q_dW[4], *q_db[4], *q_h0, *q_C0;
} layer;

/* Full Jacobians by the tape, products of the keeping gates, saturation, and what one sees. */
bool explain_flow(explanation *e, const layer *l, eddy_tape *tape);
/* The largest singular value. */
double spectral_norm(const double *matrix, int64_t rows, int64_t columns);

#endif
