/* A table of shares as a picture: the attention of a translation. */
#ifndef EDDY_HEATMAP_H
#define EDDY_HEATMAP_H

#include <eddy/eddy.h>

/* An SVG without fonts or scripts: a square for each weight (rows, columns), 0 dark and 1 bright. Columns are the
 * characters of `across`, rows those of `down`, and a row more is its end. */
bool heatmap_draw(const char *path, const eddy_tensor *weights, const char *down, const char *across,
                  eddy_status *status);

#endif
