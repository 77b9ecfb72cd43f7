/* Lesson 1: forecasting a series with an LSTM.
 *
 *   h_1 .. h_W = LSTM over a window of W rows x_n .. x_{n+W-1},   y^ = V h_W + c
 *
 * y^ holds the targets of the `horizon` rows behind the window at once (direct), or those of the next row alone, which
 * then joins the window, and so on (recursive). Its squared error is learned, and if asked quantiles, the edges of a
 * band in which the truth should lie as often as they say (common/bands.h).
 *
 * The tutorial's model is the simplest case: one column, one row ahead, LSTM(1 -> 64), all windows in one batch.
 *
 * Time. Windows are learned from, held out to choose the best model, and tested in this order (common/windows.h).
 *
 * Scale. The tutorial feeds raw values, and so does this model for the generated series (amplitude 1). Columns of a
 * file are standardised by the mean and deviation of what the training windows cover, and both are kept in the model
 * file. Weights that come from a file come with their scale: the one in its metadata, or none (a PyTorch file), so that
 * training goes on as it would have there. */
#ifndef EDDY_FORECAST_H
#define EDDY_FORECAST_H

#include "common/bands.h"
#include "common/stack.h"
#include "common/training.h"
#include "common/windows.h"

typedef enum forecast_scale { FORECAST_SCALE_AUTO = 0, FORECAST_SCALE_NONE, FORECAST_SCALE_STANDARD } forecast_scale;

enum { FORECAST_MEMBERS = 16 };

typedef struct forecast_options {
    int64_t window, horizon; /* at least 1 */
    int64_t targets;         /* the first so many columns */
    bool recursive;          /* otherwise direct */
    bool difference;         /* the network says how far the targets are from the window's last row */
    int64_t members;         /* networks that learn side by side and whose mean is the forecast; 0: 1 */
    bool calendar;           /* place in the year, and for steps below a day in the day, as further inputs */
    bands bands;
    stack_options stack;
    training_recipe recipe;
    int64_t batch; /* windows; 0: all of them in one, in their order */
    windows_split split;
    uint64_t seed; /* of the initial weights and of the order */
    eddy_dtype dtype;
    forecast_scale scale;
    bool generated;   /* the series is series_generate's with this seed */
    const char *init; /* a file of initial weights with PyTorch's names, or NULL */
} forecast_options;

typedef struct forecast forecast;

/* Checks, records and compiles everything. The frame must live as long as the model is trained; of it no row behind the
 * last tested one is looked at. NULL after a failure. */
forecast *forecast_new(const frame *data, const forecast_options *options, eddy_status *status);
training_job forecast_job(forecast *model);
eddy_tape *forecast_tape(const forecast *model);

/* Numbers of one window's forecast: horizon * targets for y^, and so many again for each quantile. */
int64_t forecast_width(const forecast *model);
/* For windows first .. first + count - 1 of a frame with the model's columns, in their own units: out[n * width + (q *
 * horizon + k) * targets + m], q = 0 for y^, 1 .. for the quantiles (NAN behind the first row if recursive). */
bool forecast_predict(forecast *model, const frame *data, int64_t first, int64_t count, double *out,
                      eddy_status *status);

/* A saved model. */
forecast *forecast_open(const char *path, eddy_status *status);
/* Series for an opened model: those of the choice, or for what it leaves out the columns of training. */
bool forecast_read(const forecast *model, const char *path, const frame_choice *choice, frame *out,
                   eddy_status *status);
/* Rows behind the end of a series, as forecast_predict's with horizon = steps. From the row behind the horizon on
 * forecasts rest on forecasts: then every column must be a target, and quantiles are those of 200 paths, each of which
 * draws from the band of a horizon, as if the distribution were normal between its quantiles, and goes on from
 * there. */
bool forecast_continue(forecast *model, const frame *history, int64_t steps, double *out, eddy_status *status);

/* What the model was made with; of an opened one recipe, batch, split and init are not known. */
const forecast_options *forecast_describe(const forecast *model);
/* Is it the tutorial's, one column, one row ahead, one layer of LSTM? */
bool forecast_is_plain(const forecast *model);
/* Of the first column. */
void forecast_scale_of(const forecast *model, double *mean, double *scale);
void forecast_free(forecast *model);

#endif
