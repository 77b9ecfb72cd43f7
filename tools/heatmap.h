/* Tables of shares as pictures: what a translation looks at, what is taken for what, what is heard when. */
#ifndef EDDY_HEATMAP_H
#define EDDY_HEATMAP_H

#include <eddy/eddy.h>

/* An SVG without fonts or scripts: a field for each share (rows, columns), 0 dark and 1 bright. */
typedef struct heatmap {
    const eddy_tensor *shares;
    const char *const *down, *const *across; /* names of rows and of columns; NULL: columns have none */
    int width;                               /* of a column; 0: as high as a row */
} heatmap;
bool heatmap_draw(const char *path, const heatmap *h, eddy_status *status);
/* Columns are the characters of `across`, rows those of `down`, and a row more is its end. */
bool heatmap_draw_characters(const char *path, const eddy_tensor *shares, const char *down, const char *across,
                             eddy_status *status);

#endif
