/* Windows over a table of series: what a forecaster of any kind is shown, and what it is asked.
 *
 * Window number n shows the rows n .. n + length - 1. Asked are the targets, the first so many columns, of the
 * `horizon` rows behind it: target i % targets, 1 + i / targets rows ahead, is number i of the horizon * targets of a
 * forecast. */
#ifndef EDDY_WINDOWS_H
#define EDDY_WINDOWS_H

#include "frame.h"

typedef struct windows {
    const frame *data;
    int64_t length, horizon, targets;
    int64_t count; /* rows - length - horizon + 1; below 1: the series is too short for any */
} windows;

windows windows_of(const frame *data, int64_t length, int64_t horizon, int64_t targets);
/* What came: number i of window n. */
double windows_truth(const windows *w, int64_t n, int64_t i);

/* Parts of a series in the order of time, of which no two have a row to be forecast in common. */
typedef struct windows_split {
    int64_t train;                /* windows 0 .. train - 1 are learned from */
    int64_t held_first, held_out; /* the next ones choose the best model */
    int64_t test_first, test;     /* and these tell how good it is */
} windows_split;

/* The last `test` rows are tested, `held_out` windows before them choose, the others are learned from. False with a
 * sentence if a part would be empty (but for held_out 0). */
bool windows_divide(windows_split *out, const windows *w, int64_t test, int64_t held_out, eddy_status *status);

/* Place in the year and in the day, each as sine and cosine: 31 December is a neighbour of 1 January. */
enum { WINDOWS_CALENDAR = 4 };
void windows_calendar(int64_t time, double out[WINDOWS_CALENDAR]);
/* Rows first .. of a table as a network is shown them: the columns, scaled, and behind them if asked (and if there are
 * dates) the calendar; out (rows, columns + 0 or WINDOWS_CALENDAR). */
bool windows_rows(const frame *data, const eddy_scaler *scaler, bool calendar, int64_t first, int64_t rows, double *out,
                  eddy_status *status);
/* `length` such rows, from row n on, into column b of a batch (length, size, features). */
void windows_place(const double *rows, int64_t features, int64_t n, int64_t length, double *batch, int64_t b,
                   int64_t size);

#endif
