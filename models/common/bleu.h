/* BLEU of translations (Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine translation"), as
 * sacrebleu computes it without options: tokens of 13a, the WMT's, n-grams up to 4, one reference, exponential
 * smoothing of orders without a match (Chen & Cherry 2014, method 3). */
#ifndef EDDY_BLEU_H
#define EDDY_BLEU_H

#include <eddy/eddy.h>

enum { BLEU_ORDERS = 4 };

typedef struct bleu { /* zero: no sentence yet */
    int64_t match[BLEU_ORDERS], total[BLEU_ORDERS];
    int64_t ours, reference; /* tokens */
} bleu;

/* Text in UTF-8 as 13a splits it, with single blanks between tokens. For eddy_free; NULL when memory is short. */
char *bleu_tokens(const char *text);
/* Counts a sentence. */
bool bleu_add(bleu *b, const char *translation, const char *reference, eddy_status *status);
/* 0 .. 100, of all sentences together. */
double bleu_score(const bleu *b);

#endif
