/* Pictures of the book: SVG made when a page is rendered, from the library's own numbers where there are any.
 *
 * A picture is 340 units wide, so that its letters are legible on a telephone. Lines and letters have the colour of the
 * text around them, and three other colours stand out from light and dark paper; what a colour says, a dash or a letter
 * says, too. Words are few; each comes in both languages of the book. */
#ifndef EDDY_FIGURE_H
#define EDDY_FIGURE_H

#include "explanation.h"

#include <eddy/eddy.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { FIGURE_WIDTH = 340 };

typedef enum figure_colour { INK, SOFT, BLUE, ORANGE, GREEN } figure_colour;

typedef struct figure {
    FILE *out;
    bool chinese;
    eddy_status *status;
} figure;

/* ---- All of them ---- */

typedef struct figure_row {
    const char *name, *chapter, *about;
    bool (*draw)(figure *f, int which); /* false with a sentence in the status */
    int which;
} figure_row;

/* NULL after the last. */
const figure_row *figure_at(size_t i);

/* ---- Drawing ---- */

void figure_begin(figure *f, int height);
void figure_end(figure *f);
/* The word in the figure's language. */
const char *figure_word(const figure *f, const char *english, const char *chinese);

/* anchor: 's', 'm' or 'e'. _x, _{...} and ^x, ^{...} in the text stand below and above; a text that begins with ' is
 * upright, others are in italics. */
void figure_text(figure *f, double x, double y, char anchor, figure_colour colour, const char *text);
void figure_small(figure *f, double x, double y, char anchor, figure_colour colour, const char *text);
void figure_line(figure *f, double x1, double y1, double x2, double y2, figure_colour colour, bool dashed);
/* bend: how far the middle is moved to the left of the way, 0 for a straight arrow. */
void figure_arrow(figure *f, double x1, double y1, double x2, double y2, double bend, figure_colour colour,
                  bool dashed);
void figure_box(figure *f, double x, double y, double width, double height, figure_colour colour, double filled);
void figure_circle(figure *f, double x, double y, double radius, figure_colour colour, double filled);

/* Axes and curves. */
typedef struct figure_axes {
    double left, top, width, height; /* of the area, in units */
    double x0, x1, y0, y1;           /* what is shown; y as log10 if `log` */
    bool log;
    const char *x_label, *y_label;
} figure_axes;
void figure_axes_draw(figure *f, const figure_axes *a, int x_ticks, int y_ticks);
double figure_x(const figure_axes *a, double x);
double figure_y(const figure_axes *a, double y);
/* Points that are not within the axes end a piece. */
void figure_curve(figure *f, const figure_axes *a, const double *x, const double *y, int64_t count,
                  figure_colour colour, const char *dash);
/* A short line and what it means. */
void figure_key(figure *f, double x, double y, figure_colour colour, const char *dash, const char *words);

/* A square of a table of shades, 0 (empty) to 1. */
void figure_cell(figure *f, double x, double y, double size, figure_colour colour, double shade);
void figure_disc(figure *f, double x, double y, double radius, figure_colour colour);

/* ---- The families; `which` is the last number of a row ---- */

enum { GRAPH_NUMBERS = 8, SHAPES_MASK = 5, SHAPES_SUM, SHAPES_ONE };

bool figure_graph(figure *f, int which);   /* nodes and arrows: graphs.c */
bool figure_shapes(figure *f, int which);  /* matrices as boxes to scale: shapes.c */
bool figure_curves(figure *f, int which);  /* functions and recursions: curves.c */
bool figure_data(figure *f, int which);    /* gradients of networks: data.c */
bool figure_trained(figure *f, int which); /* what networks have learned: trained.c */
bool figure_numbers(figure *f, int which); /* the worked LSTM and CTC: numbers.c */

/* ---- For the families ---- */

/* The graph without its frame; its height. f NULL: the height only. */
int figure_graph_part(figure *f, int which);
/* False, with the tape's first mistake in the status. */
bool figure_tape_ok(figure *f, eddy_tape *tape);
enum { FIGURE_DRAWN = 256 };
/* An input with normal numbers, at most FIGURE_DRAWN; others for another first letter of the name. */
eddy_var figure_drawn(eddy_tape *tape, const char *name, eddy_shape shape);
/* What `eddy explain` finds out; NULL with a sentence in the status. */
explanation *figure_explained(figure *f, const explain_setup *setup);
void figure_explained_free(explanation *e);

#endif
