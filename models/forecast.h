/* Lesson 1: forecasting the next value of a series with an LSTM.
 *
 * The model is the tutorial's: LSTM(1 -> hidden) over a window of values, a linear layer on its last output, mean
 * squared error, Adam, global-norm clipping, all training windows in one batch. Window number n is value[n] .. value[n
 * + window - 1], and value[n + window] is to be forecast.
 *
 * Scale. The tutorial feeds raw values, and so does this model for the generated series (amplitude 1). Values of a file
 * are standardised by the mean and deviation of what the training windows cover, and both numbers are kept in the model
 * file. Weights that come from a file come with their scale: the one in its metadata, or none (a PyTorch file), so that
 * training goes on as it would have there. */
#ifndef EDDY_FORECAST_H
#define EDDY_FORECAST_H

#include "series.h"

typedef enum forecast_scale { FORECAST_SCALE_AUTO = 0, FORECAST_SCALE_NONE, FORECAST_SCALE_STANDARD } forecast_scale;

typedef struct forecast_options {
    int64_t window, hidden; /* at least 1 */
    int64_t train;          /* windows to learn from: the first ones; 1 .. count - window */
    double lr, clip;
    uint64_t seed; /* of the initial weights */
    eddy_dtype dtype;
    forecast_scale scale;
    bool generated;   /* the series is series_generate's with this seed */
    const char *init; /* a file of initial weights with PyTorch's names, or NULL */
} forecast_options;

typedef struct forecast forecast;

/* Checks, records and compiles everything. The series is copied into the model's inputs. NULL after a failure. */
forecast *forecast_new(const series *data, const forecast_options *options, eddy_status *status);
/* One epoch. loss (of scaled values) and the norm of the gradient are those before its update. */
bool forecast_epoch(forecast *model, double *loss, double *norm, eddy_status *status);
/* prediction[n] for every window of the series, in its own units. */
bool forecast_predict(forecast *model, double *prediction, eddy_status *status);
/* Writes the weights, and what is needed to use them, atomically. */
bool forecast_save(forecast *model, const char *path, eddy_status *status);

/* A saved model, to continue series with. */
forecast *forecast_open(const char *path, eddy_status *status);
/* The `steps` values after the end of a series; from the second on a forecast rests on forecasts. */
bool forecast_continue(forecast *model, const series *history, int64_t steps, double *out, eddy_status *status);

/* What the model was made with; of an opened one lr, clip and init are not known. */
const forecast_options *forecast_describe(const forecast *model);
void forecast_scale_of(const forecast *model, double *mean, double *scale);
void forecast_free(forecast *model);

#endif
