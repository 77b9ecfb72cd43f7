/* Heat maps and curves as inline SVG: no scripts, no fonts, no network; drawn at a size that a telephone shows. */
#include "formula.h"
#include "show.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct rgb {
    double r, g, b;
} rgb;

static colour between(rgb a, rgb b, double x)
{
    colour c;
    double red = a.r + (b.r - a.r) * x, green = a.g + (b.g - a.g) * x, blue = a.b + (b.b - a.b) * x;
    snprintf(c.text, sizeof c.text, "#%02x%02x%02x", (unsigned)(red + 0.5) & 255u, (unsigned)(green + 0.5) & 255u,
             (unsigned)(blue + 0.5) & 255u);
    c.dark = 0.299 * red + 0.587 * green + 0.114 * blue < 130;
    return c;
}

static double within(double x, double low, double high)
{
    return isnan(x) ? low : x < low ? low : x > high ? high : x;
}

colour colour_share(double x)
{
    /* dark blue, grey, yellow with even steps of lightness */
    static const rgb at[] = { { 0, 32, 76 }, { 66, 78, 107 }, { 124, 123, 120 }, { 187, 173, 108 }, { 255, 233, 69 } };
    double place = within(x, 0, 1) * 4;
    int i = place >= 4 ? 3 : (int)place;
    return between(at[i], at[i + 1], place - i);
}

colour colour_signed(double x)
{
    static const rgb blue = { 33, 102, 172 }, white = { 247, 247, 247 }, orange = { 179, 88, 6 };
    x = within(x, -1, 1);
    return x < 0 ? between(white, blue, -x) : between(white, orange, x);
}

/* ---- Heat maps ---- */

static double largest(const quantity *q, int64_t sample)
{
    double size = 0;
    for (int64_t k = q->first; k <= q->last; k++)
        for (int64_t j = 0; j < q->columns; j++)
            size = fmax(size, fabs(q->tape[(k * q->rows + sample) * q->columns + j]));
    return size;
}

/* A gate (and a softmax weight) is a share of something; everything else has a sign. */
static bool is_share(const quantity *q)
{
    static const char *const shares[] = { "f", "i", "o", "z", "r", "alpha" };
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        if (!strcmp(q->name, shares[i]))
            return q->part == PART_FORWARD;
    return false;
}

static void legend(FILE *stream, bool share, double size, int y)
{
    for (int i = 0; i < 40; i++) {
        double x = i / 39.0;
        fprintf(stream, "<rect x=\"%d\" y=\"%d\" width=\"4\" height=\"8\" fill=\"%s\"/>", 30 + 4 * i, y,
                (share ? colour_share(x) : colour_signed(2 * x - 1)).text);
    }
    fprintf(stream, "<text x=\"30\" y=\"%d\">%s</text>", y + 18, share ? "0" : number_short(-size).text);
    fprintf(stream, "<text x=\"110\" y=\"%d\" text-anchor=\"middle\">%s</text>", y + 18, share ? "0.5" : "0");
    fprintf(stream, "<text x=\"190\" y=\"%d\" text-anchor=\"end\">%s</text>", y + 18,
            share ? "1" : number_short(size).text);
}

void picture_map(FILE *stream, const explanation *e, const quantity *q, int64_t sample)
{
    int64_t steps = q->last - q->first + 1;
    bool share = is_share(q), numbers = steps <= 6;
    double size = largest(q, sample);
    int wide = numbers ? 46 : (int)fmax(3, floor(270.0 / (double)steps)), high = q->columns <= 8    ? 18
                                                                                 : q->columns <= 32 ? 9
                                                                                                    : 4;
    int width = 34 + wide * (int)steps, height = 14 + high * (int)q->columns + 34;
    width = width < 210 ? 210 : width;
    fprintf(
        stream,
        "<svg class=\"map\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s over time\">",
        width, height, width, height, q->name);
    for (int64_t n = 0; n < steps; n++) {
        int64_t k = q->reverse ? q->last - n : q->first + n, time = explain_time(e, q->reverse, k);
        int x = 30 + wide * (int)n;
        bool tick =
            numbers || n == 0 || n == steps - 1 || (time % 10 == 0 && n > 20 / wide && n < steps - 1 - 20 / wide);
        if (tick)
            fprintf(stream, "<text x=\"%d\" y=\"10\" text-anchor=\"middle\">%s%" PRId64 "</text>", x + wide / 2,
                    numbers ? "t=" : "", time);
        for (int64_t j = 0; j < q->columns; j++) {
            double value = q->tape[(k * q->rows + sample) * q->columns + j];
            colour c = share ? colour_share(value) : colour_signed(size > 0 ? value / size : 0);
            int y = 14 + high * (int)j;
            fprintf(stream,
                    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"><title>t=%" PRId64 ", unit %" PRId64
                    ": %.6g</title></rect>",
                    x, y, wide, high, c.text, time, j + 1, value);
            if (numbers && high >= 18)
                fprintf(stream, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"%s\">%.*f</text>", x + wide / 2,
                        y + 13, c.dark ? "#fff" : "#111", fabs(value) < 100 ? 3 : 0, value);
        }
    }
    for (int64_t j = 0; j < q->columns; j++)
        if (high >= 18 || j == 0 || j == q->columns - 1)
            fprintf(stream, "<text x=\"26\" y=\"%d\" text-anchor=\"end\">%" PRId64 "</text>",
                    14 + high * (int)j + (high >= 18 ? 13 : 8), j + 1);
    legend(stream, share, size, 20 + high * (int)q->columns);
    fputs("</svg>", stream);
}

/* ---- Curves ---- */

enum { WIDE = 340, HIGH = 230, LEFT = 44, RIGHT = 10, TOP = 10, BOTTOM = 34 };

typedef struct curve {
    const char *name, *colour, *dash;
    double (*value)(const flow_step *step);
} curve;

static double gradient_of(const flow_step *s)
{
    return s->gradient;
}

static double state_of(const flow_step *s)
{
    return s->state;
}

static double direct_of(const flow_step *s)
{
    return s->direct;
}

static const curve curves[] = {
    { "|dL/dh_t|", "#0072b2", "", gradient_of },
    { "full Jacobian", "#d55e00", "7 3", state_of },
    { "direct product", "#333333", "2 3", direct_of },
};
enum { CURVES = sizeof curves / sizeof *curves };

void picture_flow(FILE *stream, const explanation *e, const flow *f)
{
    int64_t T = e->setup.steps;
    double low = INFINITY, high = -INFINITY;
    for (int c = 0; c < CURVES; c++)
        for (int64_t k = 0; k <= T; k++) {
            double v = curves[c].value(&f->step[k]);
            if (v > 0 && isfinite(v)) {
                low = fmin(low, log10(v));
                high = fmax(high, log10(v));
            }
        }
    low = isfinite(low) ? floor(low) : -1;
    high = isfinite(high) ? ceil(high) : 1;
    high = high <= low ? low + 1 : high;
    double sx = (double)(WIDE - LEFT - RIGHT) / (double)T, sy = (HIGH - TOP - BOTTOM) / (high - low);
    int every = (int)ceil((high - low) / 6);
    fprintf(
        stream,
        "<svg class=\"curve\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"gradient flow over time, logarithmic\">",
        WIDE, HIGH + 16);
    for (int d = (int)low; d <= (int)high; d += every) {
        double y = TOP + (high - d) * sy;
        fprintf(stream,
                "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" "
                "text-anchor=\"end\">1e%d</text>",
                LEFT, WIDE - RIGHT, y, y, LEFT - 4, y + 4, d);
    }
    for (int i = 0; i <= 5 && (T >= 5 || i <= T); i++) {
        int64_t n = T >= 5 ? T * i / 5 : i;
        fprintf(stream, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%" PRId64 "</text>", LEFT + (double)n * sx,
                HIGH - BOTTOM + 14, f->reverse ? n + 1 : n);
    }
    fprintf(stream, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">t</text>", LEFT + (WIDE - LEFT - RIGHT) / 2,
            HIGH - BOTTOM + 26);
    for (int c = 0; c < CURVES; c++) {
        bool pen = false;
        fprintf(stream, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" d=\"",
                curves[c].colour, curves[c].dash);
        for (int64_t k = 0; k <= T; k++) {
            double v = curves[c].value(&f->step[k]), x = LEFT + (double)(f->reverse ? T - k : k) * sx;
            if (v > 0 && isfinite(v))
                fprintf(stream, "%s%.1f %.1f", pen ? "L" : "M", x, TOP + (high - log10(v)) * sy);
            pen = v > 0 && isfinite(v);
        }
        fputs("\"/>", stream);
        int x = 8 + 112 * c;
        fprintf(stream,
                "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\" "
                "stroke-dasharray=\"%s\"/><text x=\"%d\" "
                "y=\"%d\">%s</text>",
                x, x + 22, HIGH + 6, HIGH + 6, curves[c].colour, curves[c].dash, x + 26, HIGH + 10, curves[c].name);
    }
    fputs("</svg>", stream);
}
