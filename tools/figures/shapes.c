/* Matrices as boxes to scale: a row for each factor, side by side as in the formula. */
#include "figure.h"

#include <stdio.h>
#include <string.h>

typedef struct factor {
    const char *sign; /* in front of it */
    const char *label, *rows, *columns;
    int row_count, column_count; /* in units */
    figure_colour colour;
    int stripes; /* the box is cut so often: > 0 across its columns, < 0 across its rows */
} factor;

/* H = 4, I = 2, B = 3, T = 3 */
enum { H = 4, I = 2, B = 3, T = 3, FACTORS = 4, LINES = 4 };

/* Lines of one figure, each a product. */
typedef struct products {
    double unit;
    int lines;
    factor line[LINES][FACTORS];
} products;

#define WEIGHT(label, columns, count)                                                                                  \
    {                                                                                                                  \
        "", label, "H", columns, H, count, ORANGE, 0                                                                   \
    }
static const products all[] = {
    { 13,
      1,
      { { WEIGHT("W_g", "(H+I)", H + I),
          { "", "ζ_t", "(H+I)", "B", H + I, B, GREEN, 0 },
          { "+", "b_g", "H", "1", H, 1, ORANGE, 0 },
          { "=", "a_{g,t}", "H", "B", H, B, BLUE, 0 } } } },
    { 12,
      3,
      { { WEIGHT("W_g", "(H+I)", H + I),
          { "", "ζ_t", "(H+I)", "B", H + I, B, GREEN, 0 },
          { "=", "W_g ζ_t", "H", "B", H, B, BLUE, 0 } },
        { { "Σ_g", "(W_g^h)^⊤", "H", "H", H, H, ORANGE, 0 },
          { "", "δ_{g,t}", "H", "B", H, B, BLUE, 0 },
          { "→", "dh_{t-1}", "H", "B", H, B, GREEN, 0 } },
        { { "Σ_g", "(W_g^x)^⊤", "I", "H", I, H, ORANGE, 0 },
          { "", "δ_{g,t}", "H", "B", H, B, BLUE, 0 },
          { "=", "dx_t", "I", "B", I, B, GREEN, 0 } } } },
    { 12,
      4,
      { { { "Σ_t", "δ_{g,t}", "H", "B", H, B, BLUE, 0 },
          { "", "ζ_t^⊤", "B", "(H+I)", B, H + I, GREEN, 0 },
          { "=", "∂L/∂W_g", "H", "(H+I)", H, H + I, ORANGE, 0 } },
        { { "Σ_t", "δ_{g,t}", "H", "B", H, B, BLUE, 0 },
          { "", "h_{t-1}^⊤", "B", "H", B, H, GREEN, 0 },
          { "=", "∂L/∂W_g^h", "H", "H", H, H, ORANGE, 0 } },
        { { "Σ_t", "δ_{g,t}", "H", "B", H, B, BLUE, 0 },
          { "", "x_t^⊤", "B", "I", B, I, GREEN, 0 },
          { "=", "∂L/∂W_g^x", "H", "I", H, I, ORANGE, 0 } },
        { { "Σ_t", "δ_{g,t}", "H", "B", H, B, BLUE, 0 },
          { "", "'1_B", "B", "1", B, 1, SOFT, 0 },
          { "=", "∂L/∂b_g", "H", "1", H, 1, ORANGE, 0 } } } },
    { 12,
      3,
      { { { "", "Z_t", "B", "(H+I)", B, H + I, GREEN, 0 },
          { "", "W_g^⊤", "(H+I)", "H", H + I, H, ORANGE, 0 },
          { "=", "Z_t W_g^⊤", "B", "H", B, H, BLUE, 0 } },
        { { "Σ_g", "δ_{g,t}", "B", "H", B, H, BLUE, 0 },
          { "", "W_g^h", "H", "H", H, H, ORANGE, 0 },
          { "→", "dh_{t-1}", "B", "H", B, H, GREEN, 0 } },
        { { "Σ_g", "δ_{g,t}", "B", "H", B, H, BLUE, 0 },
          { "", "W_g^x", "H", "I", H, I, ORANGE, 0 },
          { "=", "dx_t", "B", "I", B, I, GREEN, 0 } } } },
    { 12,
      4,
      { { { "Σ_t", "δ_{g,t}^⊤", "H", "B", H, B, BLUE, 0 },
          { "", "Z_t", "B", "(H+I)", B, H + I, GREEN, 0 },
          { "=", "∂L/∂W_g", "H", "(H+I)", H, H + I, ORANGE, 0 } },
        { { "Σ_t", "δ_{g,t}^⊤", "H", "B", H, B, BLUE, 0 },
          { "", "h_{t-1}", "B", "H", B, H, GREEN, 0 },
          { "=", "∂L/∂W_g^h", "H", "H", H, H, ORANGE, 0 } },
        { { "Σ_t", "δ_{g,t}^⊤", "H", "B", H, B, BLUE, 0 },
          { "", "x_t", "B", "I", B, I, GREEN, 0 },
          { "=", "∂L/∂W_g^x", "H", "I", H, I, ORANGE, 0 } },
        { { "Σ_t", "δ_{g,t}^⊤", "H", "B", H, B, BLUE, 0 },
          { "", "'1_B", "B", "1", B, 1, SOFT, 0 },
          { "=", "∂L/∂b_g", "H", "1", H, 1, ORANGE, 0 } } } },
};
#undef WEIGHT

static double width_of(const factor *p, double unit)
{
    double box = p->column_count * unit;
    return box > 36 ? box : 36;
}

static void draw_factor(figure *f, const factor *p, double x, double middle, double unit)
{
    char text[40];
    double width = p->column_count * unit, height = p->row_count * unit, left = x + (width_of(p, unit) - width) / 2,
           top = middle - height / 2;
    figure_box(f, left, top, width, height, p->colour, 0.22);
    for (int i = 1; i < p->stripes; i++)
        figure_line(f, left + width * i / p->stripes, top, left + width * i / p->stripes, top + height, p->colour,
                    true);
    for (int i = 1; i < -p->stripes; i++)
        figure_line(f, left, top - height * i / p->stripes, left + width, top - height * i / p->stripes, p->colour,
                    true);
    figure_text(f, left + width / 2, top - 7, 'm', INK, p->label);
    snprintf(text, sizeof text, "%s × %s", p->rows, p->columns);
    figure_small(f, left + width / 2, top + height + 15, 'm', INK, text);
}

static void draw_product(figure *f, const factor *p, double middle, double unit)
{
    double gap = 8, sign[FACTORS] = { 0 }, whole = 0;
    int count = 0;
    for (; count < FACTORS && p[count].label; count++) {
        sign[count] = !*p[count].sign ? 0 : strlen(p[count].sign) > 3 ? 24 : 15; /* Σ with a letter, = */
        whole += width_of(&p[count], unit) + gap + sign[count];
    }
    double x = (FIGURE_WIDTH - whole + gap) / 2;
    for (int i = 0; i < count; i++) {
        if (*p[i].sign) {
            char text[16];
            snprintf(text, sizeof text, "'%s", p[i].sign);
            figure_text(f, x + sign[i] / 2 - 2, middle + 5, 'm', INK, text);
            x += sign[i];
        }
        draw_factor(f, &p[i], x, middle, unit);
        x += width_of(&p[i], unit) + gap;
    }
}

/* ---- A product for each step, and one for all ---- */

static bool sum_of_products(figure *f)
{
    static const factor step = { "", "Δ_t", "4H", "B", 4 * H, B, BLUE, 0 };
    double unit = 5;
    figure_begin(f, 378);
    for (int t = 1; t <= T; t++) {
        char errors[16], seen[16];
        snprintf(errors, sizeof errors, "Δ_%d", t);
        snprintf(seen, sizeof seen, "ζ_%d^⊤", t);
        factor line[FACTORS] = { step,
                                 { "", seen, "B", "(H+I)", B, H + I, GREEN, 0 },
                                 { "=", "", "4H", "(H+I)", 4 * H, H + I, ORANGE, 0 } };
        line[0].label = errors;
        draw_product(f, line, 68 + 122 * (t - 1), unit);
        if (t > 1)
            figure_text(f, 262, 68 + 122 * (t - 1) - 58, 'm', INK, "'+");
    }
    figure_end(f);
    return true;
}

static bool one_product(figure *f)
{
    static const factor line[FACTORS] = { { "", "Δ", "4H", "TB", 4 * H, T * B, BLUE, T },
                                          { "", "Ζ^⊤", "TB", "(H+I)", T * B, H + I, GREEN, -T },
                                          { "=", "∂L/∂W", "4H", "(H+I)", 4 * H, H + I, ORANGE, 0 } };
    figure_begin(f, 226);
    draw_product(f, line, 112, 10);
    figure_end(f);
    return true;
}

/* ---- Which steps of a padded batch count ---- */

static bool mask(figure *f)
{
    static const int length[] = { 7, 4, 6, 2 };
    enum { SEQUENCES = 4, STEPS = 7 };
    double unit = 30, left = 66, top = 34;
    int counted = 0;
    figure_begin(f, 218);
    for (int b = 0; b < SEQUENCES; b++) {
        char text[32];
        snprintf(text, sizeof text, "b = %d", b + 1);
        figure_text(f, left - 10, top + unit * b + 20, 'e', INK, text);
        for (int t = 0; t < STEPS; t++) {
            bool counts = t < length[b];
            counted += counts;
            figure_box(f, left + unit * t + 2, top + unit * b + 2, unit - 4, unit - 4, counts ? BLUE : SOFT,
                       counts ? 0.3 : 0);
            figure_text(f, left + unit * t + unit / 2, top + unit * b + 20, 'm', counts ? INK : SOFT,
                        counts ? "'1" : "'0");
        }
    }
    for (int t = 0; t < STEPS; t++) {
        char text[32];
        snprintf(text, sizeof text, t ? "%d" : "t = %d", t + 1);
        figure_small(f, left + unit * t + unit / 2, top - 6, 'm', INK, text);
    }
    char sum[100];
    snprintf(sum, sizeof sum,
             figure_word(f, "'N = %d steps count, each with weight 1/%d",
                         "'N = %d 个步计入，"
                         "权重各为 1/%d"),
             counted, counted);
    figure_text(f, FIGURE_WIDTH / 2., top + unit * SEQUENCES + 24, 'm', INK, sum);
    snprintf(sum, sizeof sum,
             figure_word(f, "'(not 1/%d, the padding included)",
                         "'（不是连填充也算的 "
                         "1/%d）"),
             SEQUENCES * STEPS);
    figure_text(f, FIGURE_WIDTH / 2., top + unit * SEQUENCES + 46, 'm', INK, sum);
    figure_end(f);
    return true;
}

bool figure_shapes(figure *f, int which)
{
    if (which == SHAPES_MASK)
        return mask(f);
    if (which == SHAPES_SUM)
        return sum_of_products(f);
    if (which == SHAPES_ONE)
        return one_product(f);
    const products *p = &all[which];
    double y = 8, top[LINES];
    for (int i = 0; i < p->lines; i++) { /* a line's highest box, its names above and its shapes below */
        int rows = 0;
        for (int k = 0; k < FACTORS; k++)
            rows = p->line[i][k].row_count > rows ? p->line[i][k].row_count : rows;
        top[i] = y + 18 + rows * p->unit / 2;
        y += 46 + rows * p->unit;
    }
    figure_begin(f, (int)y);
    for (int i = 0; i < p->lines; i++)
        draw_product(f, p->line[i], top[i], p->unit);
    figure_end(f);
    return true;
}
