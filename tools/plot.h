/* Pictures of a training run, drawn by gnuplot if it is installed. */
#ifndef EDDY_PLOT_H
#define EDDY_PLOT_H

#include <eddy/eddy.h>

/* The loss of each epoch on a logarithmic scale. floor: the loss that no model can go below, drawn as a line if above
 * 0. */
bool plot_loss(const char *path, const double *loss, int64_t epochs, double floor, eddy_status *status);

/* A series, and the forecasts of window n (the first `train` of them learned from) at n + window. */
bool plot_series(const char *path, const double *value, int64_t count, int64_t window, int64_t train,
                 const double *prediction, eddy_status *status);

#endif
