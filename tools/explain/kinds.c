/* The formulas of the layers as they are shown, in LaTeX, and which function computes them.
 * Rows of W are hidden units: a_g = Z_t W_g^T + b_g, Z_t = [h_{t-1}, x_t]. */
#include "network.h"

#include <stddef.h>
#include <string.h>

#define WEIGHT(g, sum)                                                                                                 \
    .weight_label = "\\mathrm dW_" g, .weight_formula = "\\mathrm dW_" g " = " sum, .bias_label = "\\mathrm db_" g,    \
    .bias_formula = "\\mathrm db_" g " = \\sum_t \\delta_{" g ",t}^\\top \\mathbf 1"

static const gate_row lstm_gates[] = {
    [GATE_F] = { .watch = "f",
                 .block = 1,
                 .name = "f",
                 .label = "f",
                 .formula = "f_t = \\sigma(Z_t W_f^\\top + b_f)",
                 .id = "LSTM.f",
                 .delta_name = "delta_f",
                 .delta_label = "\\delta_f",
                 .delta_formula = "\\delta_{f,t} = \\mathrm dC_t \\odot C_{t-1} \\odot f_t \\odot (1 - f_t)",
                 .delta_id = "X.LSTM.delta_f",
                 .weight_name = "dW_f",
                 .weight_id = "X.LSTM.dW_f",
                 .bias_name = "db_f",
                 WEIGHT("f", "\\sum_t \\delta_{f,t}^\\top Z_t") },
    [GATE_I] = { .watch = "i",
                 .block = 0,
                 .name = "i",
                 .label = "i",
                 .formula = "i_t = \\sigma(Z_t W_i^\\top + b_i)",
                 .id = "LSTM.i",
                 .delta_name = "delta_i",
                 .delta_label = "\\delta_i",
                 .delta_formula = "\\delta_{i,t} = \\mathrm dC_t \\odot \\tilde C_t \\odot i_t \\odot (1 - i_t)",
                 .delta_id = "X.LSTM.delta_i",
                 .weight_name = "dW_i",
                 .weight_id = "X.LSTM.dW_i",
                 .bias_name = "db_i",
                 WEIGHT("i", "\\sum_t \\delta_{i,t}^\\top Z_t") },
    [GATE_C] = { .watch = "g",
                 .block = 2,
                 .name = "C_tilde",
                 .label = "\\tilde C",
                 .formula = "\\tilde C_t = \\tanh(Z_t W_C^\\top + b_C)",
                 .id = "LSTM.Ctil",
                 .delta_name = "delta_C",
                 .delta_label = "\\delta_C",
                 .delta_formula = "\\delta_{C,t} = \\mathrm dC_t \\odot i_t \\odot (1 - \\tilde C_t^2)",
                 .delta_id = "X.LSTM.delta_C",
                 .weight_name = "dW_C",
                 .weight_id = "X.LSTM.dW_C",
                 .bias_name = "db_C",
                 WEIGHT("C", "\\sum_t \\delta_{C,t}^\\top Z_t") },
    [GATE_O] = { .watch = "o",
                 .block = 3,
                 .name = "o",
                 .label = "o",
                 .formula = "o_t = \\sigma(Z_t W_o^\\top + b_o)",
                 .id = "LSTM.o",
                 .delta_name = "delta_o",
                 .delta_label = "\\delta_o",
                 .delta_formula = "\\delta_{o,t} = \\mathrm dh_t \\odot \\tanh(C_t) \\odot o_t \\odot (1 - o_t)",
                 .delta_id = "X.LSTM.delta_o",
                 .weight_name = "dW_o",
                 .weight_id = "X.LSTM.dW_o",
                 .bias_name = "db_o",
                 WEIGHT("o", "\\sum_t \\delta_{o,t}^\\top Z_t") },
};

static const layer_kind lstm = {
    .cell = "lstm",
    .family = "lstm",
    .cell_state = true,
    .gates = 4,
    .blocks = 4,
    .gate = lstm_gates,
    .h_formula = "h_t = o_t \\odot \\tanh(C_t)",
    .h_id = "LSTM.h",
    .dh_formula = "\\mathrm dh_t = \\hat g_t + \\sum_g \\delta_{g,t+1} W_g^h",
    .dh_id = "X.LSTM.dh_total",
    .dx_formula = "\\mathrm dx_t = \\sum_g \\delta_{g,t} W_g^x",
    .dh0_formula = "\\mathrm dh_0 = \\sum_g \\delta_{g,1} W_g^h",
    .keep_gate = GATE_F,
    .keep = "f",
};

static const gate_row gru_reset_before_gates[] = {
    [GATE_Z] = { .watch = "z",
                 .block = 1,
                 .name = "z",
                 .label = "z",
                 .formula = "z_t = \\sigma(Z_t W_z^\\top + b_z)",
                 .id = "GRU.z",
                 .delta_name = "delta_z",
                 .delta_label = "\\delta_z",
                 .delta_formula =
                     "\\delta_{z,t} = \\mathrm dh_t \\odot (\\tilde h_t - h_{t-1}) \\odot z_t \\odot (1 - z_t)",
                 .delta_id = "X.GRU.delta_z",
                 .weight_name = "dW_z",
                 .weight_id = "X.GRU.dW_z",
                 .bias_name = "db_z",
                 WEIGHT("z", "\\sum_t \\delta_{z,t}^\\top Z_t") },
    [GATE_R] = { .watch = "r",
                 .block = 0,
                 .name = "r",
                 .label = "r",
                 .formula = "r_t = \\sigma(Z_t W_r^\\top + b_r)",
                 .id = "GRU.r",
                 .delta_name = "delta_r",
                 .delta_label = "\\delta_r",
                 .delta_formula = "\\delta_{r,t} = \\mathrm dr_t \\odot r_t \\odot (1 - r_t)",
                 .delta_id = "X.GRU.delta_r",
                 .weight_name = "dW_r",
                 .weight_id = "X.GRU.dW_r",
                 .bias_name = "db_r",
                 WEIGHT("r", "\\sum_t \\delta_{r,t}^\\top Z_t") },
    [GATE_H] = { .watch = "n",
                 .block = 2,
                 .name = "h_tilde",
                 .label = "\\tilde h",
                 .formula = "\\tilde h_t = \\tanh([r_t \\odot h_{t-1}, x_t] W^\\top + b)",
                 .id = "GRU.htil",
                 .delta_name = "delta_h",
                 .delta_label = "\\delta_h",
                 .delta_formula = "\\delta_{h,t} = \\mathrm dh_t \\odot z_t \\odot (1 - \\tilde h_t^2)",
                 .delta_id = "X.GRU.delta_h",
                 .weight_name = "dW_h",
                 .weight_id = "X.GRU.dW_h",
                 .bias_name = "db_h",
                 WEIGHT("h", "\\sum_t \\delta_{h,t}^\\top [r_t \\odot h_{t-1}, x_t]") },
};

static const layer_kind gru_reset_before = {
    .cell = "gru-reset-before",
    .family = "gru",
    .gates = 3,
    .blocks = 3,
    .gate = gru_reset_before_gates,
    .h_formula = "h_t = (1 - z_t) \\odot h_{t-1} + z_t \\odot \\tilde h_t",
    .h_id = "GRU.h",
    .dh_formula = "\\mathrm dh_{t-1} = \\hat g_{t-1} + \\mathrm dh_t \\odot (1 - z_t) + (\\delta_{h,t} W^h) \\odot r_t "
                  "+ \\delta_{z,t} W_z^h + "
                  "\\delta_{r,t} W_r^h",
    .dh_id = "X.GRU.dh_prev",
    .dr_formula = "\\mathrm dr_t = (\\delta_{h,t} W^h) \\odot h_{t-1}",
    .dx_formula = "\\mathrm dx_t = \\delta_{h,t} W^x + \\delta_{z,t} W_z^x + \\delta_{r,t} W_r^x",
    .dh0_formula = "\\mathrm dh_0 = \\mathrm dh_1 \\odot (1 - z_1) + (\\delta_{h,1} W^h) \\odot r_1 + \\delta_{z,1} "
                   "W_z^h + \\delta_{r,1} W_r^h",
    .keep_gate = GATE_Z,
    .keep_inverse = true,
    .keep = "(1-z)",
};

static const gate_row gru_gates[] = {
    [GATE_Z] = { .watch = "z",
                 .block = 1,
                 .name = "z",
                 .label = "z",
                 .formula = "z_t = \\sigma(Z_t W_z^\\top + b_z)",
                 .delta_name = "delta_z",
                 .delta_label = "\\delta_z",
                 .delta_formula = "\\delta_{z,t} = \\mathrm dh_t \\odot (h_{t-1} - n_t) \\odot z_t \\odot (1 - z_t)",
                 .weight_name = "dW_z",
                 .weight_id = "X.GRA.dW_hh",
                 .bias_name = "db_z",
                 WEIGHT("z", "\\sum_t \\delta_{z,t}^\\top Z_t") },
    [GATE_R] = { .watch = "r",
                 .block = 0,
                 .name = "r",
                 .label = "r",
                 .formula = "r_t = \\sigma(Z_t W_r^\\top + b_r)",
                 .delta_name = "delta_r",
                 .delta_label = "\\delta_r",
                 .delta_formula = "\\delta_{r,t} = \\mathrm dr_t \\odot r_t \\odot (1 - r_t)",
                 .weight_name = "dW_r",
                 .weight_id = "X.GRA.dW_hh",
                 .bias_name = "db_r",
                 WEIGHT("r", "\\sum_t \\delta_{r,t}^\\top Z_t") },
    [GATE_H] = { .watch = "n",
                 .block = 2,
                 .name = "n",
                 .label = "n",
                 .formula = "n_t = \\tanh(x_t W_{in}^\\top + b_{in} + r_t \\odot q_t)",
                 .delta_name = "delta_n",
                 .delta_label = "\\delta_n",
                 .delta_formula = "\\delta_{n,t} = \\mathrm dh_t \\odot (1 - z_t) \\odot (1 - n_t^2)",
                 .weight_name = "dW_n",
                 .weight_label = "\\mathrm dW_n",
                 .weight_formula =
                     "\\mathrm dW_n = [\\sum_t \\delta_{q,t}^\\top h_{t-1}, \\sum_t \\delta_{n,t}^\\top x_t]",
                 .weight_id = "X.GRA.dW_ih",
                 .bias_name = "db_n",
                 .bias_label = "\\mathrm db_n",
                 .bias_formula = "\\mathrm db_{in} = \\sum_t \\delta_{n,t}^\\top \\mathbf 1, \\qquad \\mathrm db_{hn} "
                                 "= \\sum_t \\delta_{q,t}^\\top \\mathbf 1" },
};

static const layer_kind gru = {
    .cell = "gru",
    .family = "gru",
    .reset_after = true,
    .gates = 3,
    .blocks = 3,
    .gate = gru_gates,
    .h_formula = "h_t = (1 - z_t) \\odot n_t + z_t \\odot h_{t-1}",
    .dh_formula = "\\mathrm dh_{t-1} = \\hat g_{t-1} + \\mathrm dh_t \\odot z_t + \\delta_{r,t} W_r^h + \\delta_{z,t} "
                  "W_z^h + \\delta_{q,t} W_n^h",
    .dh_id = "X.GRA.dh0",
    .dr_formula = "\\mathrm dr_t = \\delta_{n,t} \\odot q_t, \\qquad q_t = h_{t-1} W_{hn}^\\top + b_{hn}",
    .dx_formula = "\\mathrm dx_t = \\delta_{r,t} W_r^x + \\delta_{z,t} W_z^x + \\delta_{n,t} W_n^x",
    .dh0_formula =
        "\\mathrm dh_0 = \\mathrm dh_1 \\odot z_1 + \\delta_{r,1} W_r^h + \\delta_{z,1} W_z^h + \\delta_{q,1} W_n^h",
    .keep_gate = GATE_Z,
    .keep = "z",
};

static const layer_kind *const kinds[] = { &lstm, &gru, &gru_reset_before };

const layer_kind *layer_kind_of(const char *cell)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i]->cell, cell))
            return kinds[i];
    return NULL;
}

bool explain_knows(const network *n)
{
    return layer_kind_of(n->cell) && hand_find(n->cell);
}
