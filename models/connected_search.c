/* Words out of rows of probabilities. */
#include "connected.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double log_sum(double a, double b)
{
    double most = fmax(a, b);
    return most == -INFINITY ? most : most + log1p(exp(fmin(a, b) - most));
}

/* Words so far, and ln p of all rows that say them and end with a blank or with the last word. */
typedef struct prefix {
    int64_t count, word[CONNECTED_MOST];
    double blank, last;
} prefix;

static double total(const prefix *p)
{
    return log_sum(p->blank, p->last);
}

static int more_probable(const void *a, const void *b)
{
    double x = total(a), y = total(b);
    return (x < y) - (x > y);
}

/* The prefix with these words among the next ones; made if there is none. */
static prefix *find(prefix *next, int64_t *count, const prefix *of, int64_t word)
{
    int64_t length = of->count + (word >= 0), k = 0;
    for (; k < *count; k++)
        if (next[k].count == length && !memcmp(next[k].word, of->word, (size_t)of->count * sizeof *of->word) &&
            (word < 0 || next[k].word[length - 1] == word))
            return &next[k];
    next[k] = *of;
    next[k].count = length;
    next[k].blank = next[k].last = -INFINITY;
    if (word >= 0)
        next[k].word[length - 1] = word;
    ++*count;
    return &next[k];
}

/* One row of log-probabilities. Words that are hopeless beside the best do not begin a prefix. */
static int64_t advance(const prefix *now, int64_t live, prefix *next, const double *row, int64_t words)
{
    int64_t count = 0;
    for (int64_t k = 0; k < live; k++) {
        const prefix *p = &now[k];
        prefix *same = find(next, &count, p, -1);
        same->blank = log_sum(same->blank, total(p) + row[0]);
        if (p->count)
            same->last = log_sum(same->last, p->last + row[1 + p->word[p->count - 1]]);
        for (int64_t w = 0; w < words && p->count < CONNECTED_MOST; w++) {
            if (row[1 + w] < -12)
                continue;
            bool again = p->count && p->word[p->count - 1] == w; /* only behind a blank */
            prefix *longer = find(next, &count, p, w);
            longer->last = log_sum(longer->last, (again ? p->blank : total(p)) + row[1 + w]);
        }
    }
    qsort(next, (size_t)count, sizeof *next, more_probable);
    return count;
}

bool connected_search(const double *rows, int64_t time, int64_t classes, int64_t beam, int64_t word[CONNECTED_MOST],
                      int64_t *count, eddy_status *status)
{
    beam = beam < 1 ? 1 : beam < CONNECTED_BEAM ? beam : CONNECTED_BEAM;
    int64_t words = classes - 1, room = beam * classes, live = 1;
    prefix *now = eddy_allocate((size_t)(2 * room), sizeof *now), *next = now + room;
    if (!now)
        return eddy_status_fail(status, "There is no memory for the search of words.");
    prefix *block = now;
    now[0] = (prefix){ .blank = 0, .last = -INFINITY };
    for (int64_t t = 0; t < time; t++) {
        live = advance(now, live, next, rows + t * (words + 1), words);
        live = live < beam ? live : beam;
        prefix *swap = now;
        now = next;
        next = swap;
    }
    *count = now[0].count;
    memcpy(word, now[0].word, (size_t)now[0].count * sizeof *word);
    eddy_free(block);
    return true;
}

void connected_best_row(const double *rows, int64_t time, int64_t classes, int64_t word[CONNECTED_MOST], int64_t *count)
{
    int64_t before = 0;
    *count = 0;
    for (int64_t t = 0; t < time; t++) {
        int64_t best = 0;
        for (int64_t k = 1; k < classes; k++)
            if (rows[t * classes + k] > rows[t * classes + best])
                best = k;
        if (best && best != before && *count < CONNECTED_MOST)
            word[(*count)++] = best - 1;
        before = best;
    }
}
