/* Pairs of sentences, to learn to translate from. Trusts nothing in a file. */
#ifndef EDDY_PAIRS_H
#define EDDY_PAIRS_H

#include "units.h"

typedef struct pairs {
    char *text;              /* all of it, sentences end in zeros */
    const char **from, **to; /* views of it */
    int64_t count;
} pairs;

/* Lines "source TAB target" (more columns are left out); empty sentences are refused with their line, longer ones than
 * `longest` characters are left out. `swap`: the other way round. */
bool pairs_load(pairs *out, const char *path, int64_t longest, bool swap, int64_t *left_out, eddy_status *status);
/* Dates as people write them, and ISO 8601: "3 March 2021" -> "2021-03-03". */
bool pairs_demo(pairs *out, int64_t count, uint64_t seed, eddy_status *status);
void pairs_free(pairs *p);

/* Sentences of one language as numbers: character k of its units is k + 1, 0 is the end of a sentence. Sentence i is
 * unit[begin[i]] .. unit[begin[i + 1] - 1]. */
typedef struct sentences {
    int32_t *unit;
    int64_t *begin, longest;
} sentences;

/* Finds the units of all, too. */
bool sentences_encode(sentences *s, units *u, const char **text, int64_t count, eddy_status *status);
void sentences_free(sentences *s);

#endif
