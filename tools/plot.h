/* Pictures of a training run, drawn by gnuplot if it is installed. */
#ifndef EDDY_PLOT_H
#define EDDY_PLOT_H

#include <eddy/eddy.h>

/* What a training learned, validation by validation. */
typedef struct plot_learning {
    const double *step, *loss, *held_out; /* NAN: was not measured then */
    int64_t count;
    const char *unit; /* of the losses; "": none */
    bool logarithmic; /* the axis of the losses */
    double floor;     /* what is reached without learning, or at best: a line with its name; NULL: none */
    const char *floor_name;
} plot_learning;
bool plot_losses(const char *path, const plot_learning *learning, eddy_status *status);

/* Rows of a series and of forecasts of it, side by side; NAN: there is none of that row. */
typedef struct plot_lines {
    const double *truth, *forecast;
    const double *low, *high; /* edges of a band; NULL: there is none */
    const int64_t *time;      /* seconds from 1970; NULL: the axis shows indices */
    int64_t first, count;     /* index of the first row, and rows */
    int64_t tested;           /* the first row that was not learned from */
    bool ahead;               /* forecasts of what nobody knows yet */
} plot_lines;
bool plot_series(const char *path, const plot_lines *lines, eddy_status *status);

#endif
