/* The floor of a language model: counts of n-grams, interpolated by Witten & Bell (1991, method C):
 *
 *   P_n(c | h) = (count(h c) + types(h) P_{n-1}(c | h')) / (count(h) + types(h)),   P_0 = 1 / different
 *
 * different the number of units there are, h the n - 1 before c, h' without its first, types(h) how many different
 * units followed h. */
#ifndef EDDY_NGRAM_H
#define EDDY_NGRAM_H

#include "units.h"

enum { NGRAM_ORDERS = 5 };

/* nats[n - 1]: mean of -ln P_n over `test`, counted in `train`; the contexts of its first units begin with it. */
bool ngram_floors(double nats[NGRAM_ORDERS], const int32_t *train, int64_t train_count, const int32_t *test,
                  int64_t test_count, int64_t different, eddy_status *status);

#endif
