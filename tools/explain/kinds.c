/* The formulas of the layers as they are shown, in LaTeX, and which function computes them.
 * Rows of W are hidden units: a_g = Z_t W_g^T + b_g, Z_t = [h_{t-1}, x_t]. */
#include "network.h"

#include <stddef.h>
#include <string.h>

/* W_g and b_g, what goes into a gate that sees h_{t-1} and x_t, and the gradients' sums over steps and samples. */
#define GIVEN(g) .given = { "W_" g, "W_" g, "b_" g, "b_" g }
#define SEES(g) "{W_" g "[j,k] h-[k]} + {W_" g "[j,H+k] x[k]} + {b_" g "[j,0]} + {b_" g "[j,1]}"
#define WEIGHT_BY(g, sum, work)                                                                                        \
    .weight_label = "\\mathrm dW_" g, .weight_formula = "\\mathrm dW_" g " = " sum, .weight_work = work,               \
    .weight_right = "{delta_" g "*[i] x*[j]}", .bias_label = "\\mathrm db_" g,                                         \
    .bias_formula = "\\mathrm db_" g " = \\sum_t \\delta_{" g ",t}^\\top \\mathbf 1",                                  \
    .bias_work = "{delta_" g "*[i]}", .bias_right = "{delta_" g "*[i]}", GIVEN(g)
#define WEIGHT(g, sum) WEIGHT_BY(g, sum, "{delta_" g "*[i] h*-[j]}")
#define BACK(g) "{delta_" g "+[k] W_" g "[k,j]}"
#define TO_X(g) "{delta_" g "[k] W_" g "[k,H+j]}"

static const gate_row lstm_gates[] = {
    [GATE_F] = { .watch = "f",
                 .block = 1,
                 .name = "f",
                 .label = "f",
                 .formula = "f_t = \\sigma(Z_t W_f^\\top + b_f)",
                 .work = "σ<" SEES("f") ">",
                 .id = "LSTM.f",
                 .delta_name = "delta_f",
                 .delta_label = "\\delta_f",
                 .delta_formula = "\\delta_{f,t} = \\mathrm dC_t \\odot C_{t-1} \\odot f_t \\odot (1 - f_t)",
                 .delta_work = "{dC}·{C-}·{f}·(1 − {f})",
                 .delta_id = "X.LSTM.delta_f",
                 .weight_name = "dW_f",
                 .weight_id = "X.LSTM.dW_g",
                 .bias_name = "db_f",
                 WEIGHT("f", "\\sum_t \\delta_{f,t}^\\top Z_t") },
    [GATE_I] = { .watch = "i",
                 .block = 0,
                 .name = "i",
                 .label = "i",
                 .formula = "i_t = \\sigma(Z_t W_i^\\top + b_i)",
                 .work = "σ<" SEES("i") ">",
                 .id = "LSTM.i",
                 .delta_name = "delta_i",
                 .delta_label = "\\delta_i",
                 .delta_formula = "\\delta_{i,t} = \\mathrm dC_t \\odot \\tilde C_t \\odot i_t \\odot (1 - i_t)",
                 .delta_work = "{dC}·{C_tilde}·{i}·(1 − {i})",
                 .delta_id = "X.LSTM.delta_i",
                 .weight_name = "dW_i",
                 .weight_id = "X.LSTM.dW_g",
                 .bias_name = "db_i",
                 WEIGHT("i", "\\sum_t \\delta_{i,t}^\\top Z_t") },
    [GATE_C] = { .watch = "g",
                 .block = 2,
                 .name = "C_tilde",
                 .label = "\\tilde C",
                 .formula = "\\tilde C_t = \\tanh(Z_t W_C^\\top + b_C)",
                 .work = "tanh<" SEES("C") ">",
                 .id = "LSTM.Ctil",
                 .delta_name = "delta_C",
                 .delta_label = "\\delta_C",
                 .delta_formula = "\\delta_{C,t} = \\mathrm dC_t \\odot i_t \\odot (1 - \\tilde C_t^2)",
                 .delta_work = "{dC}·{i}·(1 − {C_tilde}²)",
                 .delta_id = "X.LSTM.delta_C",
                 .weight_name = "dW_C",
                 .weight_id = "X.LSTM.dW_g",
                 .bias_name = "db_C",
                 WEIGHT("C", "\\sum_t \\delta_{C,t}^\\top Z_t") },
    [GATE_O] = { .watch = "o",
                 .block = 3,
                 .name = "o",
                 .label = "o",
                 .formula = "o_t = \\sigma(Z_t W_o^\\top + b_o)",
                 .work = "σ<" SEES("o") ">",
                 .id = "LSTM.o",
                 .delta_name = "delta_o",
                 .delta_label = "\\delta_o",
                 .delta_formula = "\\delta_{o,t} = \\mathrm dh_t \\odot \\tanh(C_t) \\odot o_t \\odot (1 - o_t)",
                 .delta_work = "{dh}·{tanh_C}·{o}·(1 − {o})",
                 .delta_id = "X.LSTM.delta_o",
                 .weight_name = "dW_o",
                 .weight_id = "X.LSTM.dW_g",
                 .bias_name = "db_o",
                 WEIGHT("o", "\\sum_t \\delta_{o,t}^\\top Z_t") },
};

#define LSTM_BACK BACK("f") " + " BACK("i") " + " BACK("C") " + " BACK("o")
static const layer_kind lstm = {
    .cell = "lstm",
    .family = "lstm",
    .cell_state = true,
    .gates = 4,
    .blocks = 4,
    .gate = lstm_gates,
    .h_formula = "h_t = o_t \\odot \\tanh(C_t)",
    .h_work = "{o}·{tanh_C}",
    .h_id = "LSTM.h",
    .dh_formula = "\\mathrm dh_t = \\hat g_t + \\sum_g \\delta_{g,t+1} W_g^h",
    .dh_work = "{ghat} + " LSTM_BACK,
    .dh0_work = LSTM_BACK,
    .dh_id = "X.LSTM.dh_total",
    .dx_formula = "\\mathrm dx_t = \\sum_g \\delta_{g,t} W_g^x",
    .dx_work = TO_X("f") " + " TO_X("i") " + " TO_X("C") " + " TO_X("o"),
    .dx_id = "X.LSTM.dx",
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
                 .work = "σ<" SEES("z") ">",
                 .id = "GRU.z",
                 .delta_name = "delta_z",
                 .delta_label = "\\delta_z",
                 .delta_formula =
                     "\\delta_{z,t} = \\mathrm dh_t \\odot (\\tilde h_t - h_{t-1}) \\odot z_t \\odot (1 - z_t)",
                 .delta_work = "{dh}·({h_tilde} − {h-})·{z}·(1 − {z})",
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
                 .work = "σ<" SEES("r") ">",
                 .id = "GRU.r",
                 .delta_name = "delta_r",
                 .delta_label = "\\delta_r",
                 .delta_formula = "\\delta_{r,t} = \\mathrm dr_t \\odot r_t \\odot (1 - r_t)",
                 .delta_work = "{dr}·{r}·(1 − {r})",
                 .delta_id = "X.GRU.delta_r",
                 .weight_name = "dW_r",
                 .weight_id = "X.GRU.dW_r",
                 .bias_name = "db_r",
                 WEIGHT("r", "\\sum_t \\delta_{r,t}^\\top Z_t") },
    [GATE_H] = { .watch = "n",
                 .block = 2,
                 .name = "h_tilde",
                 .label = "\\tilde h",
                 .formula = "\\tilde h_t = \\tanh([r_t \\odot h_{t-1}, x_t] W_h^\\top + b_h)",
                 .work = "tanh<{W_h[j,k] r[k] h-[k]} + {W_h[j,H+k] x[k]} + {b_h[j,0]} + {b_h[j,1]}>",
                 .id = "GRU.htil",
                 .delta_name = "delta_h",
                 .delta_label = "\\delta_h",
                 .delta_formula = "\\delta_{h,t} = \\mathrm dh_t \\odot z_t \\odot (1 - \\tilde h_t^2)",
                 .delta_work = "{dh}·{z}·(1 − {h_tilde}²)",
                 .delta_id = "X.GRU.delta_h",
                 .weight_name = "dW_h",
                 .weight_id = "X.GRU.dW_h",
                 .bias_name = "db_h",
                 WEIGHT_BY("h", "\\sum_t \\delta_{h,t}^\\top [r_t \\odot h_{t-1}, x_t]",
                           "{delta_h*[i] r*[j] h*-[j]}") },
};

#define GRU_RESET_BEFORE_BACK "{dh+ ~z+} + {r+ delta_h+[k] W_h[k,j]} + " BACK("z") " + " BACK("r")
static const layer_kind gru_reset_before = {
    .cell = "gru-reset-before",
    .family = "gru",
    .gates = 3,
    .blocks = 3,
    .gate = gru_reset_before_gates,
    .h_formula = "h_t = (1 - z_t) \\odot h_{t-1} + z_t \\odot \\tilde h_t",
    .h_work = "(1 − {z})·{h-} + {z h_tilde}",
    .h_id = "GRU.h",
    .dh_formula =
        "\\mathrm dh_t = \\hat g_t + \\mathrm dh_{t+1} \\odot (1 - z_{t+1}) + (\\delta_{h,t+1} W_h^h) \\odot r_{t+1} "
        "+ \\delta_{z,t+1} W_z^h + \\delta_{r,t+1} W_r^h",
    .dh_work = "{ghat} + " GRU_RESET_BEFORE_BACK,
    .dh0_work = GRU_RESET_BEFORE_BACK,
    .dh_id = "X.GRU.dh_prev",
    .dr_formula = "\\mathrm dr_t = (\\delta_{h,t} W_h^h) \\odot h_{t-1}",
    .dr_work = "({delta_h[k] W_h[k,j]})·{h-}",
    .dx_formula = "\\mathrm dx_t = \\delta_{h,t} W_h^x + \\delta_{z,t} W_z^x + \\delta_{r,t} W_r^x",
    .dx_work = TO_X("h") " + " TO_X("z") " + " TO_X("r"),
    .dx_id = "X.GRU.dx",
    .dh0_formula = "\\mathrm dh_0 = \\mathrm dh_1 \\odot (1 - z_1) + (\\delta_{h,1} W_h^h) \\odot r_1 + \\delta_{z,1} "
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
                 .work = "σ<" SEES("z") ">",
                 .delta_name = "delta_z",
                 .delta_label = "\\delta_z",
                 .delta_formula = "\\delta_{z,t} = \\mathrm dh_t \\odot (h_{t-1} - n_t) \\odot z_t \\odot (1 - z_t)",
                 .delta_work = "{dh}·({h-} − {n})·{z}·(1 − {z})",
                 .weight_name = "dW_z",
                 .weight_id = "X.GRA.dW_hh",
                 .bias_name = "db_z",
                 WEIGHT("z", "\\sum_t \\delta_{z,t}^\\top Z_t") },
    [GATE_R] = { .watch = "r",
                 .block = 0,
                 .name = "r",
                 .label = "r",
                 .formula = "r_t = \\sigma(Z_t W_r^\\top + b_r)",
                 .work = "σ<" SEES("r") ">",
                 .delta_name = "delta_r",
                 .delta_label = "\\delta_r",
                 .delta_formula = "\\delta_{r,t} = \\mathrm dr_t \\odot r_t \\odot (1 - r_t)",
                 .delta_work = "{dr}·{r}·(1 − {r})",
                 .weight_name = "dW_r",
                 .weight_id = "X.GRA.dW_hh",
                 .bias_name = "db_r",
                 WEIGHT("r", "\\sum_t \\delta_{r,t}^\\top Z_t") },
    [GATE_H] = { .watch = "n",
                 .block = 2,
                 .name = "n",
                 .label = "n",
                 .formula = "n_t = \\tanh(x_t W_{in}^\\top + b_{in} + r_t \\odot q_t)",
                 .work = "tanh<{W_n[j,H+k] x[k]} + {b_n[j,0]} + {r q}>",
                 .delta_name = "delta_n",
                 .delta_label = "\\delta_n",
                 .delta_formula = "\\delta_{n,t} = \\mathrm dh_t \\odot (1 - z_t) \\odot (1 - n_t^2)",
                 .delta_work = "{dh}·(1 − {z})·(1 − {n}²)",
                 .weight_name = "dW_n",
                 .weight_label = "\\mathrm dW_n",
                 .weight_formula =
                     "\\mathrm dW_n = [\\sum_t \\delta_{q,t}^\\top h_{t-1}, \\sum_t \\delta_{n,t}^\\top x_t]",
                 .weight_work = "{delta_q*[i] h*-[j]}",
                 .weight_right = "{delta_n*[i] x*[j]}",
                 .weight_id = "X.GRA.dW_ih",
                 .given = { "W_n", "W_n = [W_{hn}, W_{in}]", "b_n", "b_n = [b_{in}, b_{hn}]" },
                 .bias_name = "db_n",
                 .bias_label = "\\mathrm db_n",
                 .bias_formula = "\\mathrm db_{in} = \\sum_t \\delta_{n,t}^\\top \\mathbf 1, \\qquad \\mathrm db_{hn} "
                                 "= \\sum_t \\delta_{q,t}^\\top \\mathbf 1",
                 .bias_work = "{delta_n*[i]}",
                 .bias_right = "{delta_q*[i]}" },
};

#define GRU_BACK "{dh+ z+} + " BACK("r") " + " BACK("z") " + {delta_q+[k] W_n[k,j]}"
static const layer_kind gru = {
    .cell = "gru",
    .family = "gru",
    .reset_after = true,
    .gates = 3,
    .blocks = 3,
    .gate = gru_gates,
    .h_formula = "h_t = (1 - z_t) \\odot n_t + z_t \\odot h_{t-1}",
    .h_work = "(1 − {z})·{n} + {z h-}",
    .dh_formula =
        "\\mathrm dh_t = \\hat g_t + \\mathrm dh_{t+1} \\odot z_{t+1} + \\delta_{r,t+1} W_r^h + \\delta_{z,t+1} W_z^h "
        "+ \\delta_{q,t+1} W_n^h",
    .dh_work = "{ghat} + " GRU_BACK,
    .dh0_work = GRU_BACK,
    .dh_id = "X.GRA.dh0",
    .dr_formula = "\\mathrm dr_t = \\delta_{n,t} \\odot q_t",
    .dr_work = "{delta_n}·{q}",
    .dx_formula = "\\mathrm dx_t = \\delta_{r,t} W_r^x + \\delta_{z,t} W_z^x + \\delta_{n,t} W_n^x",
    .dx_work = TO_X("r") " + " TO_X("z") " + " TO_X("n"),
    .dx_id = "X.GRA.dx",
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
    return n->cell && layer_kind_of(n->cell) && hand_find(n->cell);
}
