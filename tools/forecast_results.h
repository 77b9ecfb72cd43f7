/* What 'eddy train forecast' finds out: forecasts of the model beside its baselines, as a table, a file and
 * pictures. */
#ifndef EDDY_FORECAST_RESULTS_H
#define EDDY_FORECAST_RESULTS_H

#include "baseline.h"
#include "forecast.h"

#include <stdio.h>

enum { RESULT_MODEL = 0, RESULT_LINEAR, RESULT_SEASONAL, RESULT_LAST, RESULTS, FORECAST_FOLDS = 20 };

typedef struct forecast_results {
    const frame *data;
    const forecast_options *options;
    windows windows;
    int64_t learned;           /* windows whose rows all lie before the tested ones: what the baselines may know */
    int64_t season;            /* rows; 0: none was found, and RESULT_SEASONAL is NULL */
    int64_t epochs;            /* that the model was trained for */
    double *forecast[RESULTS]; /* of all windows, forecast_results_width numbers each; its own memory */
} forecast_results;

int64_t forecast_results_width(const forecast_results *r, int kind);
/* Forecasts all windows of r->data; data, options and epochs are set. season: a given one, 0: it is looked for. To be
 * freed with forecast_results_free, also after a failure. */
bool forecast_results_compute(forecast_results *r, forecast *model, int64_t season, eddy_status *status);
/* Errors of one target in the tested windows, or in those that were learned from; step < 0: all rows ahead. */
baseline_errors forecast_results_errors(const forecast_results *r, int kind, int64_t target, int64_t step, bool test);
/* Root mean squared errors of the best baseline on the test; *name says which it is. */
double forecast_results_floor(const forecast_results *r, int64_t target, const char **name);
void forecast_results_free(forecast_results *r);

/* One model of a walk forward. */
typedef struct forecast_fold {
    int64_t learned, first, count; /* windows before, the first row that is tested, tested windows */
    double rmse[RESULTS];          /* of the first target; NAN: there is no such baseline */
} forecast_fold;
void forecast_walk_print(const frame *data, const forecast_fold *fold, int64_t count);
void forecast_walk_print_json(const forecast_fold *fold, int64_t count);

/* "LSTM(1->64)" */
void forecast_name(const forecast_options *options, int64_t columns, char *out, size_t size);
/* "n/a" where a number would be infinite or none: of a series whose errors are all 0, or too large to be squared. */
const char *forecast_figure(char out[32], double value, int digits);
/* The tables. */
void forecast_results_print(const forecast_results *r, const forecast *model);
/* ", \"targets\": [...]" of a JSON object. */
void forecast_results_print_json(const forecast_results *r);
/* A row for each window and row ahead. */
bool forecast_results_write(const forecast_results *r, const char *path, eddy_status *status);
/* The first target: the whole series, and the end of it with its bands. */
bool forecast_results_plot(const forecast_results *r, const char *path, bool end, eddy_status *status);

/* The digits that give a model's number back exactly. */
int forecast_digits(const forecast_options *options);
/* The head of the columns of all targets: ",truth" if asked, ",prediction" and quantiles, ",q0.1"; of several targets
 * with their names. */
void forecast_print_columns(FILE *stream, const forecast_options *options, const frame *columns, bool truth);

#endif
