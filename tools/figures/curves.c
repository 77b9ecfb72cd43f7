/* Functions and recursions. */
#include "figure.h"

#include <math.h>

enum { POINTS = 121 };

static void sample(double from, double to, double *x)
{
    for (int i = 0; i < POINTS; i++)
        x[i] = from + (to - from) * i / (POINTS - 1);
}

/* ---- The activation functions and their slopes ---- */

static bool activations(figure *f)
{
    double x[POINTS], y[4][POINTS];
    sample(-5, 5, x);
    for (int i = 0; i < POINTS; i++) {
        double s = 1 / (1 + exp(-x[i])), h = tanh(x[i]);
        y[0][i] = s;
        y[1][i] = h;
        y[2][i] = s * (1 - s);
        y[3][i] = 1 - h * h;
    }
    figure_begin(f, 356);
    figure_axes above = { 36, 26, 288, 128, -5, 5, -1, 1, false, "a", figure_word(f, "'value", "'函数值") };
    figure_axes_draw(f, &above, 10, 4);
    figure_curve(f, &above, x, y[0], POINTS, BLUE, "");
    figure_curve(f, &above, x, y[1], POINTS, ORANGE, "7 4");
    figure_key(f, 52, 44, BLUE, "", "σ(a)");
    figure_key(f, 52, 62, ORANGE, "7 4", "tanh(a)");
    figure_axes below = { 36, 214, 288, 96, -5, 5, 0, 1, false, "a", figure_word(f, "'slope", "'斜率") };
    figure_axes_draw(f, &below, 10, 4);
    figure_curve(f, &below, x, y[2], POINTS, BLUE, "");
    figure_curve(f, &below, x, y[3], POINTS, ORANGE, "7 4");
    figure_key(f, 44, 228, BLUE, "", "σ(1 − σ) ≤ 1/4");
    figure_key(f, 210, 228, ORANGE, "7 4", "1 − tanh^2 ≤ 1");
    figure_end(f);
    return true;
}

/* ---- Softmax of three scores, one of which moves ---- */

static bool softmax(figure *f)
{
    double x[POINTS], right[POINTS], loss[POINTS], gradient[POINTS];
    sample(-4, 6, x);
    for (int i = 0; i < POINTS; i++) { /* the other scores are 0 and 1 */
        right[i] = exp(x[i]) / (exp(x[i]) + 1 + exp(1));
        loss[i] = -log(right[i]);
        gradient[i] = right[i] - 1;
    }
    figure_begin(f, 270);
    figure_axes axes = { 36, 30, 288, 196, -4, 6, -1, 6, false, "s_1", "" };
    figure_axes_draw(f, &axes, 10, 7);
    figure_line(f, axes.left, figure_y(&axes, 0), axes.left + axes.width, figure_y(&axes, 0), SOFT, true);
    figure_curve(f, &axes, x, loss, POINTS, ORANGE, "7 4");
    figure_curve(f, &axes, x, right, POINTS, BLUE, "");
    figure_curve(f, &axes, x, gradient, POINTS, GREEN, "2 3");
    figure_key(f, 152, 44, ORANGE, "7 4", figure_word(f, "'loss, −log y_1", "'损失 −log y_1"));
    figure_key(f, 152, 62, BLUE, "", figure_word(f, "'probability y_1", "'概率 y_1"));
    figure_key(f, 152, 80, GREEN, "2 3", figure_word(f, "'gradient y_1 − 1", "'梯度 y_1 − 1"));
    figure_end(f);
    return true;
}

/* ---- Clipping ---- */

/* Two gradients (3, 0.5) and (0, 2): of one tensor each, so that a plane shows both. */
static bool clip(double gradient[2], double limit, bool by_value, eddy_status *status)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var g[2];
    for (int i = 0; i < 2; i++)
        g[i] = eddy_full(tape, EDDY_SHAPE(1), gradient[i]);
    eddy_list list = EDDY_LIST(g[0], g[1]);
    if (by_value)
        eddy_clip_grad_value(&list, limit);
    else
        eddy_clip_grad_norm(&list, limit);
    for (int i = 0; i < 2; i++)
        gradient[i] = eddy_item(list.items[i]);
    bool ok = !eddy_error(tape) || eddy_status_fail(status, "%s", eddy_error(tape));
    eddy_tape_free(tape);
    return ok;
}

static bool clipping(figure *f)
{
    static const double at[] = { 2.7, 1.0 };
    double whole[] = { at[0], at[1] }, each[] = { at[0], at[1] };
    if (!clip(whole, 1.5, false, f->status) || !clip(each, 1.5, true, f->status))
        return false;
    double x[2][POINTS], y[2][POINTS];
    for (int i = 0; i < POINTS; i++) {
        double turn = 2 * acos(-1) * i / (POINTS - 1), far = fmax(fabs(cos(turn)), fabs(sin(turn)));
        x[0][i] = 1.5 * cos(turn);
        y[0][i] = 1.5 * sin(turn);
        x[1][i] = 1.5 * cos(turn) / far;
        y[1][i] = 1.5 * sin(turn) / far;
    }
    figure_axes a = { 46, 24, 276, 207, -1, 3, -1, 2, false, "g_1", "g_2" };
    for (int i = 0; i < POINTS; i++)
        for (int k = 0; k < 2; k++)
            if (x[k][i] < -1 || y[k][i] < -1)
                y[k][i] = NAN;
    figure_begin(f, 336);
    figure_axes_draw(f, &a, 4, 3);
    figure_curve(f, &a, x[0], y[0], POINTS, BLUE, "2 3");
    figure_curve(f, &a, x[1], y[1], POINTS, ORANGE, "2 3");
    double x0 = figure_x(&a, 0), y0 = figure_y(&a, 0);
    figure_arrow(f, x0, y0, figure_x(&a, at[0]), figure_y(&a, at[1]), 0, INK, false);
    figure_arrow(f, x0, y0, figure_x(&a, each[0]), figure_y(&a, each[1]), 0, ORANGE, false);
    figure_arrow(f, x0, y0, figure_x(&a, whole[0]), figure_y(&a, whole[1]), 0, BLUE, false);
    figure_text(f, figure_x(&a, at[0]) + 4, figure_y(&a, at[1]) - 6, 'm', INK, "g");
    figure_key(f, 30, 286, BLUE, "",
               figure_word(f, "'clipped by the common norm: same direction", "'按总范数裁剪：方向不变"));
    figure_key(f, 30, 304, ORANGE, "",
               figure_word(f, "'clipped element by element: it turns", "'逐元素裁剪：方向改变"));
    figure_key(f, 30, 322, INK, "2 3",
               figure_word(f, "'how far each of them lets a step go",
                           "'各自允许的"
                           "最大步"));
    figure_end(f);
    return true;
}

/* ---- Adam's first steps under a constant gradient ---- */

static bool adam(figure *f)
{
    double x[POINTS], with[POINTS], without[POINTS], m = 0, v = 0;
    for (int t = 1; t <= POINTS; t++) {
        m = 0.9 * m + 0.1;
        v = 0.999 * v + 0.001;
        x[t - 1] = t;
        without[t - 1] = m / sqrt(v);
        with[t - 1] = m / (1 - pow(0.9, t)) / sqrt(v / (1 - pow(0.999, t)));
    }
    figure_begin(f, 258);
    figure_axes axes = { 36,
                         30,
                         288,
                         186,
                         0,
                         120,
                         0,
                         8,
                         false,
                         "t",
                         figure_word(f, "'step, in units of η",
                                     "'步长"
                                     "（以 η 为单位）") };
    figure_axes_draw(f, &axes, 6, 8);
    figure_curve(f, &axes, x, without, POINTS, ORANGE, "7 4");
    figure_curve(f, &axes, x, with, POINTS, BLUE, "");
    figure_key(f, 150, 50, ORANGE, "7 4", figure_word(f, "'without the correction", "'不做修正"));
    figure_key(f, 150, 178, BLUE, "",
               figure_word(f, "'with it: η from the first",
                           "'做修正："
                           "第一步起就是 η"));
    figure_end(f);
    return true;
}

bool figure_curves(figure *f, int which)
{
    static bool (*const all[])(figure *) = { softmax, activations, clipping, adam };
    return all[which](f);
}
