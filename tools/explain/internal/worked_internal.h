/* What worked.c (numbers in lines) and worked_matrix.c (numbers in matrices) share: a template's products, read. */
#ifndef EDDY_EXPLAIN_WORKED_INTERNAL_H
#define EDDY_EXPLAIN_WORKED_INTERNAL_H

#include "worked.h"

enum { MOST_FACTORS = 4 };

/* Which element of which quantity, in which step. */
typedef struct place {
    const explanation *e;
    const quantity *of;
    int64_t k, row, column;
    bool whole;
} place;

/* One letter of a product. */
typedef struct factor {
    const quantity *q;
    bool running, last, rest; /* over all steps; the last step; 1 - q */
    int shift;
    const char *index[2]; /* "k", "H+j", "0"; NULL: the element's own */
} factor;

typedef struct product {
    factor factor[MOST_FACTORS];
    int factors;
    bool only_last, exponential;
} product;

/* Reads "{...}" from behind its brace; returns what follows it, NULL for a letter that there is not. */
const char *worked_read(const place *p, const char *s, product *out);
/* Is there anything of the product in this step? Not of what lies behind the last step, or of a second bias of
 * zeros. */
bool worked_exists(const place *p, const product *m);
/* The factor's number in step t, of sample b, with running index k; NaN if there is no such step. */
double worked_factor(const place *p, const factor *f, int64_t t, int64_t b, int64_t k);
/* The sum of all its terms. */
double worked_sum(const place *p, const product *m);
/* The formula with the step for t. */
void worked_formula(FILE *out, const quantity *q, int64_t k);

#endif
