/* The worked LSTM of `eddy explain lstm --worked` as pictures, and the lattice of CTC. */
#include "figure.h"

#include <math.h>
#include <string.h>

/* ---- The worked LSTM ---- */

static explanation *worked(figure *f)
{
    return figure_explained(f, &(explain_setup){ .network = network_find("lstm"),
                                                 .steps = 2,
                                                 .input = 1,
                                                 .hidden = 1,
                                                 .batch = 1,
                                                 .seed = 1,
                                                 .gain = 1,
                                                 .forget_bias = NAN,
                                                 .pencil = true });
}

/* What the quantity is in step k; column 0. */
static double number(const explanation *e, const char *name, int64_t k)
{
    const quantity *q = explain_find(e, name, 0);
    double x = q ? q->hand[k * q->rows * q->columns] : NAN;
    return q && isnan(x) ? q->tape[k * q->rows * q->columns] : x;
}

static void label(figure *f, double x, double y, char anchor, figure_colour colour, const char *name, double value)
{
    char text[60];
    snprintf(text, sizeof text, "%s", name);
    figure_small(f, x, y, anchor, colour, text);
    snprintf(text, sizeof text, "'%.4f", value);
    figure_small(f, x, y + 16, anchor, colour, text);
}

static bool worked_paths(figure *f)
{
    explanation *e = worked(f);
    if (!e)
        return false;
    figure_begin(f, 300);
    figure_graph_part(f, GRAPH_NUMBERS);
    for (int k = 1; k <= 2; k++) {
        double shift = k == 2 ? 196 : 0;
        char name[40];
        snprintf(name, sizeof name, "dC_%d", k);
        label(f, 60 + shift, 13, 'm', BLUE, name, number(e, "dC", k));
        snprintf(name, sizeof name, "dh_%d", k);
        label(f, (k == 1 ? 26 : 316), 148, 'm', GREEN, name, number(e, "dh", k));
        snprintf(name, sizeof name, "ĝ_%d", k);
        label(f, 90 + shift, 246, 's', INK, name, number(e, "h", k) - number(e, "y", k));
    }
    static const char *const gate[] = { "f", "i", "C", "o" };
    for (int g = 0; g < 4; g++) {
        char name[40], of[40];
        snprintf(name, sizeof name, "delta_%s", gate[g]);
        snprintf(of, sizeof of, "δ_{%s,2}", gate[g]);
        char text[60];
        snprintf(text, sizeof text, "%s = %.4f", of, number(e, name, 2));
        figure_small(f, 158, 176 + 17 * g, 'm', ORANGE, text);
    }
    char text[40];
    snprintf(text, sizeof text, "f_2 = %.4f", number(e, "f", 2));
    figure_small(f, 158, 49, 'm', BLUE, text);
    figure_end(f);
    figure_explained_free(e);
    return true;
}

typedef struct bar {
    const char *english, *chinese;
    double value;
    figure_colour colour;
} bar;

/* Bars from a common zero, and their sum; returns the y below them. */
static double bars(figure *f, const char *name, const bar *all, int count, double top)
{
    double zero = 196, scale = 190, sum = 0;
    char text[80];
    for (int i = 0; i < count; i++)
        sum += all[i].value;
    for (int i = 0; i <= count; i++) {
        double value = i < count ? all[i].value : sum, y = top + 21 * i + (i == count ? 4 : 0);
        figure_box(f, value < 0 ? zero + value * scale : zero, y, fabs(value) * scale, 14,
                   i < count ? all[i].colour : INK, 0.4);
        if (i < count)
            figure_small(f, 112, y + 11, 'e', INK, figure_word(f, all[i].english, all[i].chinese));
        else
            figure_text(f, 112, y + 12, 'e', INK, name);
        snprintf(text, sizeof text, "'%.4f", value);
        figure_small(f, zero + fmax(value, 0) * scale + 5, y + 11, 's', INK, text);
    }
    figure_line(f, zero, top - 4, zero, top + 21 * count + 22, SOFT, false);
    return top + 21 * count + 22;
}

static bool worked_shares(figure *f)
{
    explanation *e = worked(f);
    if (!e)
        return false;
    double weight[4];
    static const char *const gate[] = { "f", "i", "C", "o" };
    for (int g = 0; g < 4; g++) {
        char name[40];
        snprintf(name, sizeof name, "W_%s", gate[g]);
        weight[g] = number(e, name, 0);
        snprintf(name, sizeof name, "delta_%s", gate[g]);
        weight[g] *= number(e, name, 2);
    }
    double through = number(e, "dC", 2) * number(e, "f", 2), slope = tanh(number(e, "C", 1));
    const bar hidden[] = {
        { "'the loss, ĝ_1", "'损失 ĝ_1", number(e, "h", 1) - number(e, "y", 1), GREEN },
        { "'forget gate", "'遗忘门", weight[0], ORANGE },
        { "'input gate", "'输入门", weight[1], ORANGE },
        { "'candidate", "'候选值", weight[2], ORANGE },
        { "'output gate", "'输出门", weight[3], ORANGE },
    };
    const bar cell[] = {
        { "'own output h_1", "'自身输出 h_1", number(e, "dh", 1) * number(e, "o", 1) * (1 - slope * slope), GREEN },
        { "'next state, C_2", "'下一细胞状态 C_2", through, BLUE },
    };
    figure_begin(f, 286);
    figure_text(f, 10, 20, 's', INK, figure_word(f, "'What dh_1 is made of", "'dh_1 的组成"));
    double below = bars(f, "dh_1", hidden, 5, 36);
    figure_text(f, 10, below + 30, 's', INK, figure_word(f, "'What dC_1 is made of", "'dC_1 的组成"));
    bars(f, "dC_1", cell, 2, below + 46);
    figure_end(f);
    figure_explained_free(e);
    return true;
}

/* ---- CTC ---- */

enum { CTC_STEPS = 7, CTC_STATES = 7, CTC_CLASSES = 4 };

static double ctc_log_add(double a, double b)
{
    double most = fmax(a, b);
    return most == -INFINITY ? most : most + log(exp(a - most) + exp(b - most));
}

/* Paths from the left that end in a state of the lattice, log: a state is reached from itself, from the one above it,
 * and, if it is a letter, from the letter before. */
static void ctc_forward(double emit[CTC_STEPS][CTC_STATES], double alpha[CTC_STEPS][CTC_STATES])
{
    for (int t = 0; t < CTC_STEPS; t++)
        for (int s = 0; s < CTC_STATES; s++) {
            double from = !t ? (s < 2 ? 0 : -INFINITY) : alpha[t - 1][s];
            if (t && s)
                from = ctc_log_add(from, alpha[t - 1][s - 1]);
            if (t && s > 1 && s % 2)
                from = ctc_log_add(from, alpha[t - 1][s - 2]);
            alpha[t][s] = from + emit[t][s];
        }
}

/* The share of the probability that goes through each state; checked against the tape's gradient: minus that by the log
 * probability of a class is the share of its states. */
static bool ctc_shares(figure *f, double share[CTC_STEPS][CTC_STATES])
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var logits = figure_drawn(tape, "scores", EDDY_SHAPE(CTC_STEPS, 1, CTC_CLASSES));
    eddy_var log_p = eddy_log_softmax(logits, -1);
    static const double letters[] = { 1, 2, 3 }, steps[] = { CTC_STEPS }, count[] = { 3 };
    eddy_var targets = eddy_constant_of(tape, EDDY_I32, EDDY_SHAPE(1, 3), letters),
             lengths = eddy_constant_of(tape, EDDY_I32, EDDY_SHAPE(1), steps),
             letter_count = eddy_constant_of(tape, EDDY_I32, EDDY_SHAPE(1), count);
    eddy_var loss =
        eddy_sum(eddy_ctc(log_p, targets, lengths, letter_count, &(eddy_ctc_options){ .reduction = EDDY_REDUCE_SUM }));
    eddy_var gradient = eddy_gradients(loss, EDDY_LIST(log_p)).items[0];
    double p[CTC_STEPS][1][CTC_CLASSES], g[CTC_STEPS][1][CTC_CLASSES];
    eddy_get(log_p, p, sizeof p);
    eddy_get(gradient, g, sizeof g);
    double total = -eddy_item(loss);
    bool ok = figure_tape_ok(f, tape);
    eddy_tape_free(tape);
    if (!ok)
        return false;
    double emit[CTC_STEPS][CTC_STATES], mirrored[CTC_STEPS][CTC_STATES], alpha[CTC_STEPS][CTC_STATES],
        beta[CTC_STEPS][CTC_STATES];
    for (int t = 0; t < CTC_STEPS; t++)
        for (int s = 0; s < CTC_STATES; s++) {
            emit[t][s] = p[t][0][s % 2 ? s / 2 + 1 : 0];
            mirrored[CTC_STEPS - 1 - t][CTC_STATES - 1 - s] = emit[t][s];
        }
    ctc_forward(emit, alpha);
    ctc_forward(mirrored, beta);
    for (int t = 0; t < CTC_STEPS; t++) {
        double of_class[CTC_CLASSES] = { 0 };
        for (int s = 0; s < CTC_STATES; s++) {
            double both = alpha[t][s] + beta[CTC_STEPS - 1 - t][CTC_STATES - 1 - s] - emit[t][s];
            share[t][s] = exp(both - total);
            of_class[s % 2 ? s / 2 + 1 : 0] += share[t][s];
        }
        for (int c = 0; c < CTC_CLASSES; c++)
            if (fabs(of_class[c] + g[t][0][c]) > 1e-9)
                return eddy_status_fail(f->status, "The lattice of CTC and the tape's gradient differ in step %d.",
                                        t + 1);
    }
    return true;
}

static bool ctc_lattice(figure *f)
{
    static const char *const name[CTC_STATES] = { "–", "c", "–", "a", "–", "t", "–" };
    double share[CTC_STEPS][CTC_STATES], left = 46, top = 34, across = 44, down = 34;
    if (!ctc_shares(f, share))
        return false;
    figure_begin(f, 282);
    for (int t = 0; t < CTC_STEPS; t++)
        for (int s = 0; s < CTC_STATES; s++)
            for (int step = 0; step <= 2 && t + 1 < CTC_STEPS; step++) {
                int to = s + step;
                if (to >= CTC_STATES || (step == 2 && !(s % 2)) || share[t][s] <= 0 || share[t + 1][to] <= 0)
                    continue;
                figure_line(f, left + across * t, top + down * s, left + across * (t + 1), top + down * to,
                            step == 2 ? ORANGE : SOFT, step == 2);
            }
    for (int s = 0; s < CTC_STATES; s++) {
        char text[16];
        snprintf(text, sizeof text, "'%s", name[s]);
        figure_text(f, 14, top + down * s + 5, 'm', INK, text);
        for (int t = 0; t < CTC_STEPS; t++)
            if (share[t][s] > 0)
                figure_disc(f, left + across * t, top + down * s, 3 + 10 * sqrt(share[t][s]), s % 2 ? BLUE : SOFT);
    }
    for (int t = 0; t < CTC_STEPS; t++) {
        char text[16];
        snprintf(text, sizeof text, t ? "'%d" : "t = %d", t + 1);
        figure_small(f, left + across * t, top - 17, 'm', INK, text);
    }
    figure_key(f, 40, 274, ORANGE, "5 4",
               figure_word(f, "'skips a blank; area: share of probability",
                           "'跳过空白；"
                           "面积：所占概率份额"));
    figure_end(f);
    return true;
}

bool figure_numbers(figure *f, int which)
{
    static bool (*const all[])(figure *) = { worked_paths, worked_shares, ctc_lattice };
    return all[which](f);
}
