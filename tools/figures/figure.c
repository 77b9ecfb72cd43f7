/* SVG, and the list of the figures. */
#include "figure.h"

#include <math.h>
#include <string.h>

/* ---- Drawing ---- */

static const char *const colours[] = { "currentColor", "currentColor", "#2b7bba", "#d1591b", "#2e8b57" };

const char *figure_word(const figure *f, const char *english, const char *chinese)
{
    return f->chinese ? chinese : english;
}

void figure_begin(figure *f, int height)
{
    fprintf(f->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"figure\" viewBox=\"0 0 %d %d\" role=\"img\" "
            "font-size=\"13\" font-family=\"serif\">"
            "<style>svg.figure:root{color:#1c1e21;background:#fff}@media (prefers-color-scheme:dark){"
            "svg.figure:root{color:#e6e8ea;background:#16181b}}</style>\n",
            FIGURE_WIDTH, height);
}

void figure_end(figure *f)
{
    fputs("</svg>\n", f->out);
}

static void paint(figure *f, figure_colour colour, const char *what)
{
    fprintf(f->out, " %s=\"%s\"", what, colours[colour]);
    if (colour == SOFT)
        fprintf(f->out, " %s-opacity=\"0.6\"", what);
}

static void escaped(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == '<')
            fputs("&lt;", out);
        else if (text[i] == '&')
            fputs("&amp;", out);
        else
            fputc(text[i], out);
}

/* "C_{t-1}" as a text and tspans that are moved down or up, and back. */
static void words(figure *f, const char *text)
{
    int back = 0;
    while (*text) {
        size_t plain = strcspn(text, "_^");
        if (plain) {
            fprintf(f->out, "<tspan dy=\"%d\">", back);
            escaped(f->out, text, plain);
            fputs("</tspan>", f->out);
            back = 0;
            text += plain;
        }
        if (!*text)
            break;
        int move = *text == '_' ? 4 : -5;
        text++;
        bool braced = *text == '{';
        text += braced;
        size_t length = braced ? strcspn(text, "}") : 1;
        while (!braced && (text[length] & 0xC0) == 0x80) /* all bytes of one letter */
            length++;
        fprintf(f->out, "<tspan dy=\"%d\" font-size=\"80%%\">", move + back);
        escaped(f->out, text, length);
        fputs("</tspan>", f->out);
        back = -move;
        text += length + (braced && text[length]);
    }
}

static void text_of(figure *f, double x, double y, char anchor, figure_colour colour, const char *text, int size)
{
    bool upright = *text == '\'';
    fprintf(f->out, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\"%s text-anchor=\"%s\"", x, y, size,
            upright ? " font-family=\"system-ui,sans-serif\"" : " font-style=\"italic\"",
            anchor == 's'   ? "start"
            : anchor == 'e' ? "end"
                            : "middle");
    paint(f, colour, "fill");
    fputc('>', f->out);
    words(f, text + upright);
    fputs("</text>\n", f->out);
}

void figure_text(figure *f, double x, double y, char anchor, figure_colour colour, const char *text)
{
    text_of(f, x, y, anchor, colour, text, *text == '\'' ? 13 : 14);
}

void figure_small(figure *f, double x, double y, char anchor, figure_colour colour, const char *text)
{
    text_of(f, x, y, anchor, colour, text, 12);
}

void figure_line(figure *f, double x1, double y1, double x2, double y2, figure_colour colour, bool dashed)
{
    fprintf(f->out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke-width=\"%s\"%s", x1, y1, x2, y2,
            colour >= BLUE ? "2" : "1.2", dashed ? " stroke-dasharray=\"5 4\"" : "");
    paint(f, colour, "stroke");
    fputs("/>\n", f->out);
}

void figure_arrow(figure *f, double x1, double y1, double x2, double y2, double bend, figure_colour colour, bool dashed)
{
    double length = hypot(x2 - x1, y2 - y1);
    if (length == 0)
        return;
    double mx = (x1 + x2) / 2 + bend * (y2 - y1) / length, my = (y1 + y2) / 2 - bend * (x2 - x1) / length;
    double end = hypot(x2 - mx, y2 - my), dx = (x2 - mx) / end, dy = (y2 - my) / end;
    fprintf(f->out, "<path fill=\"none\" stroke-width=\"%s\"%s d=\"M%.1f %.1fQ%.1f %.1f %.1f %.1f\"",
            colour >= BLUE ? "2" : "1.2", dashed ? " stroke-dasharray=\"5 4\"" : "", x1, y1, mx, my, x2 - 5 * dx,
            y2 - 5 * dy);
    paint(f, colour, "stroke");
    fputs("/>\n", f->out);
    fprintf(f->out, "<polygon points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\"", x2, y2, x2 - 8 * dx - 3.5 * dy,
            y2 - 8 * dy + 3.5 * dx, x2 - 8 * dx + 3.5 * dy, y2 - 8 * dy - 3.5 * dx);
    paint(f, colour, "fill");
    fputs("/>\n", f->out);
}

static void outline(figure *f, figure_colour colour, double filled)
{
    fprintf(f->out, " stroke=\"%s\" stroke-width=\"1.3\" fill=\"%s\" fill-opacity=\"%.2f\"/>\n", colours[colour],
            colours[colour], filled);
}

void figure_box(figure *f, double x, double y, double width, double height, figure_colour colour, double filled)
{
    fprintf(f->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\"", x, y, width, height);
    outline(f, colour, filled);
}

void figure_circle(figure *f, double x, double y, double radius, figure_colour colour, double filled)
{
    fprintf(f->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", x, y, radius);
    outline(f, colour, filled);
}

void figure_cell(figure *f, double x, double y, double size, figure_colour colour, double shade)
{
    fprintf(
        f->out,
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" stroke=\"currentColor\" stroke-opacity=\"0.25\" "
        "fill=\"%s\" fill-opacity=\"%.3f\"/>\n",
        x, y, size, size, colours[colour], shade);
}

void figure_disc(figure *f, double x, double y, double radius, figure_colour colour)
{
    fprintf(f->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\"/>\n", x, y, radius, colours[colour]);
}

/* ---- Curves ---- */

double figure_x(const figure_axes *a, double x)
{
    return a->left + (x - a->x0) / (a->x1 - a->x0) * a->width;
}

double figure_y(const figure_axes *a, double y)
{
    return a->top + (a->y1 - (a->log ? log10(y) : y)) / (a->y1 - a->y0) * a->height;
}

void figure_axes_draw(figure *f, const figure_axes *a, int x_ticks, int y_ticks)
{
    char text[40];
    double bottom = a->top + a->height;
    for (int i = 0; i <= x_ticks; i++) {
        double x = a->x0 + (a->x1 - a->x0) * i / x_ticks, at = figure_x(a, x);
        snprintf(text, sizeof text, "'%g", x);
        figure_line(f, at, bottom, at, bottom + 4, SOFT, false);
        figure_small(f, at, bottom + 15, 'm', INK, text);
    }
    for (int i = 0; i <= y_ticks; i++) {
        double y = a->y0 + (a->y1 - a->y0) * i / y_ticks, at = a->top + a->height * (y_ticks - i) / y_ticks;
        snprintf(text, sizeof text, a->log ? "'10^{%g}" : "'%g", y);
        figure_line(f, a->left - 4, at, a->left, at, SOFT, false);
        figure_small(f, a->left - 6, at + 4, 'e', INK, text);
    }
    figure_line(f, a->left, a->top, a->left, bottom, SOFT, false);
    figure_line(f, a->left, bottom, a->left + a->width, bottom, SOFT, false);
    figure_text(f, a->left + a->width, bottom + 29, 'e', INK, a->x_label);
    figure_text(f, a->left + 4, a->top - 6, 's', INK, a->y_label);
}

void figure_curve(figure *f, const figure_axes *a, const double *x, const double *y, int64_t count,
                  figure_colour colour, const char *dash)
{
    bool pen = false;
    fprintf(f->out, "<path fill=\"none\" stroke-width=\"2\" stroke-dasharray=\"%s\"", *dash ? dash : "none");
    paint(f, colour, "stroke");
    fputs(" d=\"", f->out);
    for (int64_t i = 0; i < count; i++) {
        double height = a->log ? log10(y[i]) : y[i];
        bool shown = height >= a->y0 && height <= a->y1;
        if (shown)
            fprintf(f->out, "%s%.1f %.1f", pen ? "L" : "M", figure_x(a, x[i]), figure_y(a, y[i]));
        pen = shown;
    }
    fputs("\"/>\n", f->out);
}

void figure_key(figure *f, double x, double y, figure_colour colour, const char *dash, const char *meaning)
{
    fprintf(f->out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke-width=\"2\" stroke-dasharray=\"%s\"",
            x, y - 4, x + 22, y - 4, *dash ? dash : "none");
    paint(f, colour, "stroke");
    fputs("/>\n", f->out);
    figure_small(f, x + 27, y, 's', INK, meaning);
}

/* ---- The list ---- */

static const figure_row rows[] = {
    { "lstm-step", "forward", "one step of an LSTM as a graph", figure_graph, 0 },
    { "forward-shapes", "forward", "the shapes of one step's product", figure_shapes, 0 },
    { "softmax-gradient", "losses", "softmax and the gradient of the cross-entropy", figure_curves, 0 },
    { "mask", "losses", "which steps of a padded batch count", figure_shapes, SHAPES_MASK },
    { "lstm-readers", "scalar", "who reads the hidden state and the cell state", figure_graph, 1 },
    { "sigmoid", "forward", "the activation functions and their slopes", figure_curves, 1 },
    { "columns-shapes", "matrix", "the shapes of an error's way back, batches in columns", figure_shapes, 1 },
    { "columns-gradient", "matrix", "the shapes of a weight's gradient, batches in columns", figure_shapes, 2 },
    { "rows-shapes", "matrix-rows", "the shapes of an error's way back, batches in rows", figure_shapes, 3 },
    { "rows-gradient", "matrix-rows", "the shapes of a weight's gradient, batches in rows", figure_shapes, 4 },
    { "sum-of-products", "one-product", "a product for each step, added up", figure_shapes, SHAPES_SUM },
    { "one-product", "one-product", "the same as one product", figure_shapes, SHAPES_ONE },
    { "unrolled", "tutorial", "the unrolled LSTM with the forgotten path dashed", figure_graph, 2 },
    { "forgotten-share", "tutorial", "how much of the gradient the tutorial's formula keeps", figure_data, 0 },
    { "gru-step", "gru", "one step of a GRU as a graph", figure_graph, 3 },
    { "gru-gates", "gru", "a GRU's gates over time", figure_trained, 0 },
    { "gru-after-step", "gru-reset-after", "one step of a GRU with reset after the product", figure_graph, 4 },
    { "gru-after-gates", "gru-reset-after", "its gates over time", figure_trained, 1 },
    { "bilstm", "bilstm", "both directions, unrolled", figure_graph, 5 },
    { "bilstm-reach", "bilstm", "which input reaches which output", figure_data, 1 },
    { "attention-graph", "attention", "from states to a context", figure_graph, 6 },
    { "attention-weights", "attention", "attention weights and their gradients", figure_trained, 2 },
    { "flow", "flow", "gradient over 50 steps for three forget biases", figure_data, 2 },
    { "flow-paths", "flow", "the full Jacobian beside the product of the forget gates", figure_data, 3 },
    { "clipping", "optimisers", "how clipping bends a step", figure_curves, 2 },
    { "adam", "optimisers", "Adam's first steps with and without correction", figure_curves, 3 },
    { "numbers-paths", "numbers", "the worked LSTM's backward pass with its numbers", figure_numbers, 0 },
    { "numbers-shares", "numbers", "what the gradient of each step is made of", figure_numbers, 1 },
    { "ctc-lattice", "elsewhere/ctc", "the lattice of CTC", figure_numbers, 2 },
    { "forgotten-path", "scalar", "the two ways from one cell state to the next", figure_graph, 7 },
};

const figure_row *figure_at(size_t i)
{
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}
