/* What the three files of the forecasting model share: forecast.c records and trains it, forecast_file.c keeps it,
 * forecast_ahead.c looks ahead with it. */
#ifndef EDDY_FORECAST_MODEL_H
#define EDDY_FORECAST_MODEL_H

#include "forecast.h"

enum { FORECAST_LOOKED = 256, FORECAST_PATHS = 200 };

struct forecast {
    forecast_options options;
    card card;
    frame columns; /* names and dates only */
    const frame *data;
    eddy_scaler scaler; /* of the columns */
    int64_t features;   /* of a row as the network sees it: columns and calendar */
    int64_t numbers;    /* that the network forecasts at once: of all targets, and of all rows or of one if recursive */
    eddy_tape *tape;
    stack stack[FORECAST_MEMBERS];
    eddy_linear fc[FORECAST_MEMBERS];
    eddy_program *training, *looking;
    eddy_var x, y, loss, norm, seen, ahead; /* inputs and outputs of the two */
    int64_t batch, looked;                  /* windows in a run of each */
    double *rows;                           /* (data->rows, features), scaled */
    double *xs, *ys, *window;               /* one batch of `training`, of `looking` */
    double *scaled, *next, *sample;         /* rows of such a batch, (looked, numbers) of its forecasts, one of each */
    int64_t *time;                          /* (looked, rows of numbers) that follow the windows */
    int64_t *order, epoch;
    double last_norm;
};

/* For a model whose options, columns and dtype are known. */
bool forecast_make_tape(forecast *m, eddy_status *status);
/* Runs of `batch` windows. */
bool forecast_record_looking(forecast *m, int64_t batch, eddy_status *status);
/* One such run, of m->window. NULL after a failure. */
const eddy_tensor *forecast_look(forecast *m);
/* Number i that it says of window b, scaled: y^, then its quantiles as they were learned. */
void forecast_number(const forecast *m, const eddy_tensor *looked, int64_t b, int64_t i, double out[1 + BANDS_MOST]);
/* Has it the model's columns, and dates if they are needed? */
bool forecast_check_frame(const forecast *m, const frame *data, eddy_status *status);
void forecast_describe_in_card(forecast *m);

/* False, with the sentence. */
bool forecast_no_memory(eddy_status *status);

#endif
