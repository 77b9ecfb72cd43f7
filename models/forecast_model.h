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
    int64_t features;     /* of a row as the network sees it: columns and calendar */
    int64_t direct;       /* rows that the network forecasts at once */
    double *mean, *scale; /* of the columns: the model sees (value - mean) / scale */
    eddy_tape *tape;
    stack stack[FORECAST_MEMBERS];
    eddy_linear fc[FORECAST_MEMBERS];
    eddy_program *training, *looking;
    eddy_var x, y, loss, norm, seen, ahead; /* inputs and outputs of the two */
    int64_t batch, looked;                  /* windows in a run of each */
    double *rows;                           /* (data->rows, features), scaled */
    double *xs, *ys, *window;               /* one batch of `training`, of `looking` */
    int64_t *order, epoch;
    double last_norm;
};

/* For an opened or a new model whose options and columns are known. */
bool forecast_size_up(forecast *m, eddy_status *status);
bool forecast_make_tape(forecast *m, eddy_status *status);
/* Runs of `batch` windows. */
bool forecast_record_looking(forecast *m, int64_t batch, eddy_status *status);
/* One such run, of m->window: forecasts, scaled, (looked, 1 + quantiles, direct * targets). NULL after a failure. */
const eddy_tensor *forecast_look(forecast *m);
/* Window n of rows (any, features) into column b of a batch (window, batch, features). */
void forecast_place(const forecast *m, const double *rows, int64_t n, double *xs, int64_t b, int64_t batch);
/* Rows first .. of a frame as the network sees them, (rows, features). */
void forecast_scale_rows(const forecast *m, const frame *data, int64_t first, int64_t rows, double *out);
void forecast_calendar(int64_t time, double out[FORECAST_CALENDAR]);
/* Has it the model's columns, and dates if they are needed? */
bool forecast_check_frame(const forecast *m, const frame *data, eddy_status *status);
void forecast_describe_in_card(forecast *m);
bool forecast_read_scales(forecast *m, const card *c, eddy_status *status);

/* False, with the sentence. */
bool forecast_no_memory(eddy_status *status);
/* Has its tape failed? Then the sentence too. */
bool forecast_tape_failed(const forecast *m, eddy_status *status);

#endif
