/* What networks compute: how far gradients reach. */
#include "figure.h"

#include "network.h"

#include <math.h>
#include <stdlib.h>

bool figure_tape_ok(figure *f, eddy_tape *tape)
{
    return !eddy_error(tape) || eddy_status_fail(f->status, "%s", eddy_error(tape));
}

explanation *figure_explained(figure *f, const explain_setup *setup)
{
    explanation *e = eddy_allocate(1, sizeof *e);
    if (!e) {
        eddy_status_fail(f->status, "There is no memory for an explanation.");
        return NULL;
    }
    *e = (explanation){ .setup = *setup };
    if (explain_network(e))
        return e;
    eddy_status_fail(f->status, "%s", e->status.text);
    figure_explained_free(e);
    return NULL;
}

void figure_explained_free(explanation *e)
{
    if (e)
        explain_free(e);
    eddy_free(e);
}

eddy_var figure_drawn(eddy_tape *tape, const char *name, eddy_shape shape)
{
    static double values[FIGURE_DRAWN];
    eddy_var leaf = eddy_input(tape, name, shape);
    int64_t count = 1;
    for (int i = 0; i < shape.rank; i++)
        count *= shape.dim[i];
    for (int64_t i = 0; i < count && i < FIGURE_DRAWN; i++)
        values[i] = eddy_random_normal((eddy_random){ .seed = 5, .stream = (uint64_t)*name }, (uint64_t)i);
    eddy_set(leaf, values, (size_t)count * sizeof *values);
    return leaf;
}

/* ---- What the tutorial's formula keeps ---- */

/* The library's LSTM, written out so that the cell state's own path can be cut. */
typedef struct cut_lstm {
    eddy_cell cell;
    eddy_lstm of;
    bool forgets;
    eddy_var *forget_gate; /* one for each step */
    int64_t step;
} cut_lstm;

static eddy_var cut_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    cut_lstm *m = (cut_lstm *)cell;
    int64_t hidden = m->cell.state_size[0];
    eddy_var a = eddy_add(eddy_matmul(x, eddy_transpose(m->of.weight_ih, 0, 1)), m->of.bias_ih);
    a = eddy_add(a, eddy_matmul(state[0], eddy_transpose(m->of.weight_hh, 0, 1)));
    eddy_var part[4];
    for (int64_t g = 0; g < 4; g++) {
        eddy_var piece = eddy_slice(a, -1, g * hidden, (g + 1) * hidden, 1);
        part[g] = g == 2 ? eddy_tanh(piece) : eddy_sigmoid(piece);
    }
    m->forget_gate[m->step++] = part[1];
    eddy_var old = m->forgets ? eddy_detach(state[1]) : state[1];
    state[1] = eddy_add(eddy_mul(part[1], old), eddy_mul(part[0], part[2]));
    return state[0] = eddy_mul(part[3], eddy_tanh(state[1]));
}

static double norm_of(eddy_var v)
{
    return eddy_item(eddy_sqrt(eddy_sum(eddy_square(v))));
}

enum { SHARE_STEPS = 20, SHARE_HIDDEN = 8, SHARE_INPUT = 3 };

/* |dL/df_t| for L = <r, h_T>. */
static bool forget_gradients(figure *f, bool forgets, double *norm)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 4);
    eddy_var gate[SHARE_STEPS];
    cut_lstm m = { .cell = { .step = cut_step, .states = 2, .state_size = { SHARE_HIDDEN, SHARE_HIDDEN } },
                   .of = eddy_lstm_new_with(tape, "lstm", SHARE_INPUT, SHARE_HIDDEN,
                                            &(eddy_lstm_options){ .forget_bias = 1 }),
                   .forgets = forgets,
                   .forget_gate = gate };
    eddy_var x = figure_drawn(tape, "x", EDDY_SHAPE(SHARE_STEPS, 1, SHARE_INPUT)),
             r = figure_drawn(tape, "r", EDDY_SHAPE(1, SHARE_HIDDEN));
    eddy_var loss = eddy_sum(eddy_mul(eddy_unroll(&m.cell, x, NULL).last, r));
    eddy_list grads = eddy_gradients(loss, (eddy_list){ gate, SHARE_STEPS });
    for (int t = 0; t < SHARE_STEPS && !eddy_error(tape); t++)
        norm[t] = norm_of(grads.items[t]);
    bool ok = figure_tape_ok(f, tape);
    eddy_tape_free(tape);
    return ok;
}

static bool forgotten_share(figure *f)
{
    double t[SHARE_STEPS], whole[SHARE_STEPS], kept[SHARE_STEPS];
    if (!forget_gradients(f, false, whole) || !forget_gradients(f, true, kept))
        return false;
    for (int k = 0; k < SHARE_STEPS; k++)
        t[k] = k + 1;
    figure_begin(f, 290);
    figure_axes axes = { 48, 30, 276, 186, 0, SHARE_STEPS, -12, 0, true, "t", "|∂L/∂f_t|" };
    figure_axes_draw(f, &axes, 4, 4);
    figure_curve(f, &axes, t, whole, SHARE_STEPS, GREEN, "");
    figure_curve(f, &axes, t, kept, SHARE_STEPS, ORANGE, "7 4");
    figure_key(f, 48, 262, GREEN, "", figure_word(f, "'all paths", "'全部路径"));
    figure_key(f, 48, 280, ORANGE, "7 4", figure_word(f, "'without dC_{t+1} f_{t+1}", "'缺 dC_{t+1} f_{t+1} 一项"));
    figure_end(f);
    return true;
}

/* ---- Which input reaches which output ---- */

enum { REACH_STEPS = 8, REACH_HIDDEN = 6, REACH_INPUT = 3 };

static bool reach(figure *f, bool reverse, double norm[REACH_STEPS][REACH_STEPS])
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 9);
    eddy_lstm lstm =
        eddy_lstm_new_with(tape, "lstm", REACH_INPUT, REACH_HIDDEN, &(eddy_lstm_options){ .forget_bias = 1 });
    eddy_var x = figure_drawn(tape, "x", EDDY_SHAPE(REACH_STEPS, 1, REACH_INPUT)),
             r = figure_drawn(tape, "r", EDDY_SHAPE(1, REACH_HIDDEN));
    eddy_unrolled run = eddy_unroll(&lstm.cell, x, &(eddy_unroll_options){ .reverse = reverse });
    for (int64_t s = 0; s < REACH_STEPS && !eddy_error(tape); s++) {
        eddy_var seen = eddy_sum(eddy_mul(eddy_slice(run.outputs, 0, s, s + 1, 1), r));
        eddy_list grads = eddy_gradients(seen, EDDY_LIST(x));
        for (int64_t t = 0; t < REACH_STEPS; t++)
            norm[s][t] = norm_of(eddy_slice(grads.items[0], 0, t, t + 1, 1));
    }
    bool ok = figure_tape_ok(f, tape);
    eddy_tape_free(tape);
    return ok;
}

static bool bilstm_reach(figure *f)
{
    figure_begin(f, 226);
    for (int half = 0; half < 2; half++) {
        double norm[REACH_STEPS][REACH_STEPS], unit = 16, left = half ? 196 : 34, top = 44, largest = 0;
        if (!reach(f, half, norm))
            return false;
        for (int i = 0; i < REACH_STEPS * REACH_STEPS; i++)
            largest = fmax(largest, norm[i / REACH_STEPS][i % REACH_STEPS]);
        for (int s = 0; s < REACH_STEPS; s++)
            for (int t = 0; t < REACH_STEPS; t++) /* four powers of ten from faint to full */
                figure_cell(f, left + unit * t, top + unit * s, unit, half ? ORANGE : BLUE,
                            norm[s][t] > 0 ? fmax(0.06, 1 + log10(norm[s][t] / largest) / 4) : 0);
        figure_text(f, left + unit * REACH_STEPS / 2, top - 24, 'm', half ? ORANGE : BLUE,
                    half ? "∂ ←h_s / ∂ x_t" : "∂ →h_s / ∂ x_t");
        for (int t = 0; t < REACH_STEPS; t++) {
            char text[8];
            snprintf(text, sizeof text, "'%d", t + 1);
            figure_small(f, left + unit * t + unit / 2, top - 5, 'm', INK, text);
            figure_small(f, left - 5, top + unit * t + 12, 'e', INK, text);
        }
        figure_small(f, left + unit * REACH_STEPS / 2, top + unit * REACH_STEPS + 16, 'm', INK,
                     figure_word(f, "'→ input t", "'→ 输入 t"));
    }
    figure_small(f, 170, 212, 'm', INK,
                 figure_word(f, "'↓ output s; full: largest, faint: 1/10000, empty: 0",
                             "'↓ 输出 s；深：最大，浅：万分之一，空：0"));
    figure_end(f);
    return true;
}

/* ---- Gradients over fifty steps ---- */

enum { FLOW_STEPS = 50, FLOW_DRAWS = 7 };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Medians over some draws, by steps back: of |d(h, C)_T / d(h, C)_t|, and of the largest product of forget gates. */
typedef struct flow_medians {
    bool known;
    double state[FLOW_STEPS + 1], direct[FLOW_STEPS + 1];
} flow_medians;

/* For forget bias 0, 1, 2 or 3; computed once. NULL with a sentence in the status. */
static const flow_medians *flows(figure *f, int forget_bias)
{
    static flow_medians found[4];
    static double all[2][FLOW_STEPS + 1][FLOW_DRAWS];
    flow_medians *m = &found[forget_bias];
    for (int draw = 0; draw < FLOW_DRAWS && !m->known; draw++) {
        explanation *e = figure_explained(f, &(explain_setup){ .network = network_find("lstm"),
                                                               .steps = FLOW_STEPS,
                                                               .input = 4,
                                                               .hidden = 16,
                                                               .batch = 1,
                                                               .seed = (uint64_t)draw + 1,
                                                               .gain = 1,
                                                               .forget_bias = forget_bias });
        if (!e)
            return NULL;
        for (int64_t k = 0; k <= FLOW_STEPS; k++) {
            all[0][FLOW_STEPS - k][draw] = e->flow[0].step[k].state;
            all[1][FLOW_STEPS - k][draw] = e->flow[0].step[k].direct;
        }
        figure_explained_free(e);
    }
    for (int k = 0; k <= FLOW_STEPS && !m->known; k++) {
        qsort(all[0][k], FLOW_DRAWS, sizeof(double), by_size);
        qsort(all[1][k], FLOW_DRAWS, sizeof(double), by_size);
        m->state[k] = all[0][k][FLOW_DRAWS / 2];
        m->direct[k] = all[1][k][FLOW_DRAWS / 2];
    }
    m->known = true;
    return m;
}

static void steps_back(double *back)
{
    for (int k = 0; k <= FLOW_STEPS; k++)
        back[k] = k;
}

/* Norms of Jacobians, by powers of ten, over the steps back. */
static figure_axes flow_axes(const figure *f, const char *title)
{
    return (figure_axes){ 48,         30, 276, 200,  0,
                          FLOW_STEPS, -8, 2,   true, figure_word(f, "'steps back", "'向前回溯的步数"),
                          title };
}

static bool flow_biases(figure *f)
{
    static const int bias[] = { 0, 1, 3 };
    static const figure_colour colour[] = { ORANGE, GREEN, BLUE };
    static const char *const dash[] = { "2 3", "7 4", "" };
    double back[FLOW_STEPS + 1];
    steps_back(back);
    figure_begin(f, 300);
    figure_axes axes = flow_axes(f, figure_word(f, "'norm of the Jacobian", "'雅可比矩阵的范数"));
    figure_axes_draw(f, &axes, 5, 5);
    for (int i = 0; i < 3; i++) {
        const flow_medians *m = flows(f, bias[i]);
        if (!m)
            return false;
        figure_curve(f, &axes, back, m->state, FLOW_STEPS + 1, colour[i], dash[i]);
        char text[60];
        snprintf(text, sizeof text, figure_word(f, "'bias %d", "'偏置 %d"), bias[i]);
        figure_key(f, 48 + 96 * i, 286, colour[i], dash[i], text);
    }
    figure_end(f);
    return true;
}

static bool flow_paths(figure *f)
{
    double back[FLOW_STEPS + 1];
    steps_back(back);
    const flow_medians *m = flows(f, 1);
    if (!m)
        return false;
    figure_begin(f, 312);
    figure_axes axes = flow_axes(f, figure_word(f, "'forget bias 1", "'遗忘门偏置 1"));
    figure_axes_draw(f, &axes, 5, 5);
    figure_curve(f, &axes, back, m->state, FLOW_STEPS + 1, GREEN, "");
    figure_curve(f, &axes, back, m->direct, FLOW_STEPS + 1, ORANGE, "7 4");
    figure_key(f, 48, 282, GREEN, "",
               figure_word(f, "'all paths: the whole Jacobian",
                           "'全部路径："
                           "完整的雅可比矩阵"));
    figure_key(f, 48, 300, ORANGE, "7 4",
               figure_word(f, "'gates held fixed: product of forget gates", "'门固定：遗忘门的乘积"));
    figure_end(f);
    return true;
}

bool figure_data(figure *f, int which)
{
    static bool (*const all[])(figure *) = { forgotten_share, bilstm_reach, flow_biases, flow_paths };
    return all[which](f);
}
