/* Pictures of a training run, drawn by gnuplot if it is installed. */
#ifndef EDDY_PLOT_H
#define EDDY_PLOT_H

#include <eddy/eddy.h>

/* The loss of each epoch on a logarithmic scale. floor: the loss that no model can go below, drawn as a line if above
 * 0. held_out: the loss of windows that are not learned from; NULL: there are none. */
bool plot_loss(const char *path, const double *loss, const double *held_out, int64_t epochs, double floor,
               eddy_status *status);

/* What a training learned, validation by validation. */
typedef struct plot_learning {
    const double *step, *loss, *held_out; /* NAN: was not measured then */
    int64_t count;
    const char *unit;
    double floor; /* what is reached without learning, a line with its name; NULL: none */
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
