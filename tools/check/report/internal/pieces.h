/* What the reports share: limits, words, the picture of a dependency graph. */
#ifndef EDDY_CHECK_PIECES_H
#define EDDY_CHECK_PIECES_H

#include "report.h"

static inline bool report_has(const char *words)
{
    return words && *words;
}

/* Limits, in bytes, of the memory for the pieces of one finding and for a whole report. */
#define REPORT_PIECES ((size_t)256 << 20)
#define REPORT_WHOLE ((size_t)1 << 30)
/* Writes what was made, if its memory sufficed. */
bool report_put(FILE *stream, const text *whole);

/* ---- Words that the reports share (words.c) ---- */

/* A finding's formula, or the document's source of it where it was not read. */
const char *math_finding(arena *a, const finding *f, latex_form form);
/* "15 formulas: 9 hold, 3 hold under a condition, 1 fails; 41 mentions without a relation." */
const char *words_counts(arena *a, const findings *all);
extern const check_verdict words_verdict_order[CHECK_VERDICTS]; /* the good first */
/* "1 holds under a condition" */
const char *words_verdict_count(arena *a, check_verdict verdict, int count);
/* What a verdict means, for a legend. */
const char *words_verdict_meaning(check_verdict verdict);
/* "1 thing", "2 things" */
const char *words_count(arena *a, int64_t count, const char *one, const char *many);
/* "$h_t$ depends on $o_t$, $C_t$ (cut by condition 1)" for one node of the graph; "" if nothing leads to it. */
const char *words_dependencies(arena *a, const finding *f, int node);
/* What a finding adds to its verdict, one sentence, "" for nothing. */
const char *words_summary(arena *a, const finding *f);
/* "for $B=1$, $T=2$, at $t=1$" */
const char *words_where(arena *a, const counterexample *e);
/* The two values where a claim fails, with as many digits as it takes to tell them apart. */
void words_two_numbers(double a, double b, char *first, char *second, size_t size);

/* How many numbers a row holds, and how they are laid out: a vector is a column. */
typedef struct number_shape {
    int rows, columns;
} number_shape;
number_shape number_row_shape(const number_row *row);
enum { NUMBERS_SHOWN = 16 }; /* rows and columns of a table for people; JSON holds all */

/* ---- The picture of a dependency graph (graph.c) ---- */

enum { PICTURE_NODES = 64, PICTURE_EDGES = 256 };
/* Appends one <svg> that flows from the past (left) to the loss (right). False, and nothing appended, for a graph that
 * is empty, too large or not sound. */
bool picture_graph(text *out, const finding *f);

extern const char report_style[]; /* the page's CSS */

#endif
