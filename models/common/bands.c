/* Quantile bands. */
#include "bands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Which ones ---- */

static bool ascends(const bands *b)
{
    for (int64_t q = 0; q < b->count; q++)
        if (!(b->level[q] > (q ? b->level[q - 1] : 0) && b->level[q] < 1))
            return false;
    return true;
}

bool bands_parse(bands *out, const char *text)
{
    *out = (bands){ 0 };
    while (*text) {
        size_t length = strcspn(text, ",");
        if (out->count == BANDS_MOST || !eddy_parse_number(text, length, &out->level[out->count]))
            return false;
        out->count++;
        text += length + (text[length] == ',');
    }
    return ascends(out);
}

void bands_describe(const bands *b, card *c)
{
    card_count(c, "quantiles", b->count);
    if (b->count)
        card_numbers(c, "quantile", b->level, b->count);
}

bool bands_read(bands *out, const card *c, eddy_status *status)
{
    *out = (bands){ 0 };
    return card_read_count(c, "quantiles", 0, BANDS_MOST, &out->count, status) &&
           (!out->count || card_read_numbers(c, "quantile", out->level, out->count, status)) &&
           (ascends(out) ||
            eddy_status_fail(status, "The model file is damaged: its quantiles do not ascend from 0 to 1."));
}

/* ---- Learning ---- */

eddy_var bands_loss(const bands *b, eddy_var forecast, eddy_var truth)
{
    eddy_var loss = eddy_mse(eddy_select(forecast, 1, 0), truth);
    for (int64_t q = 0; q < b->count; q++)
        loss = eddy_add(loss, eddy_quantile(eddy_select(forecast, 1, q + 1), truth, b->level[q], NULL));
    return loss;
}

double bands_error(const bands *b, const double *forecast, double truth)
{
    double sum = (truth - forecast[0]) * (truth - forecast[0]);
    for (int64_t q = 0; q < b->count; q++) {
        double far = truth - forecast[q + 1];
        sum += fmax(b->level[q] * far, (b->level[q] - 1) * far);
    }
    return sum;
}

/* ---- Reading them ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void bands_order(const bands *b, double *forecast)
{
    qsort(forecast + 1, (size_t)b->count, sizeof *forecast, ascending);
}

/* By bisection. */
static double normal_quantile(double p)
{
    double low = -40, high = 40;
    for (int i = 0; i < 80; i++) {
        double middle = (low + high) / 2;
        if (erfc(-middle / sqrt(2)) / 2 < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

void bands_deviations(const bands *b, double z[BANDS_MOST])
{
    for (int64_t q = 0; q < b->count; q++)
        z[q] = normal_quantile(b->level[q]);
}

double bands_at(const bands *b, const double *z, const double *forecast, double at)
{
    const double *y = forecast + 1;
    int64_t k = 1;
    if (b->count < 2) /* the median alone says nothing of the width */
        return b->count && fabs(z[0]) > 1e-3 ? forecast[0] + (y[0] - forecast[0]) * at / z[0] : forecast[0];
    while (k < b->count - 1 && at > z[k])
        k++;
    return y[k - 1] + (y[k] - y[k - 1]) * (at - z[k - 1]) / (z[k] - z[k - 1]);
}

void bands_of_sample(const bands *b, double *sample, int64_t count, double *forecast)
{
    qsort(sample, (size_t)count, sizeof *sample, ascending);
    for (int64_t q = 0; q < b->count; q++)
        forecast[q + 1] = sample[(int64_t)(b->level[q] * (double)(count - 1) + 0.5)];
}
