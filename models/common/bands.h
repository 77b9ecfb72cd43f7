/* Quantile bands: forecasts that say how sure they are.
 *
 * A forecast of one number is y^, the mean, and quantiles y^_q, below each of which the truth should lie with
 * probability q. All are learned at once: y^ by its squared error, a quantile by the pinball loss (Koenker & Bassett
 * 1978), which is least where the share q of the truths lies below.
 *
 *   L = mean (y^ - y)^2 + sum_q mean max(q (y - y^_q), (q - 1) (y - y^_q))
 *
 * Where a forecast is an array, it has 1 + count numbers: y^, then the quantiles in the order of their levels. */
#ifndef EDDY_BANDS_H
#define EDDY_BANDS_H

#include "card.h"

enum { BANDS_MOST = 9 };

typedef struct bands {
    int64_t count;
    double level[BANDS_MOST]; /* ascending, above 0 and below 1 */
} bands;

/* "0.1,0.5,0.9"; false if it is no such list. */
bool bands_parse(bands *out, const char *text);
void bands_describe(const bands *b, card *c);
bool bands_read(bands *out, const card *c, eddy_status *status);

/* L, of forecasts (batch, 1 + count, numbers) and truths (batch, numbers). */
eddy_var bands_loss(const bands *b, eddy_var forecast, eddy_var truth);
/* The same of one number, on the host. */
double bands_error(const bands *b, const double *forecast, double truth);

/* Quantiles that were learned each for itself may cross: brings them into order. */
void bands_order(const bands *b, double *forecast);
/* z with P(N(0, 1) < z) = level, of each. */
void bands_deviations(const bands *b, double z[BANDS_MOST]);
/* What a distribution that is normal between its quantiles, z deviations from the middle, and beyond them has `at`
 * deviations from it; with one quantile the middle is y^, with none it is all there is. */
double bands_at(const bands *b, const double *z, const double *forecast, double at);
/* The quantiles of a sample of at least one number, which is sorted, into forecast[1] .. . */
void bands_of_sample(const bands *b, double *sample, int64_t count, double *forecast);

#endif
