/* The reports of a check: for a terminal, for programs (JSON), and as one page (HTML) for readers.
 *
 * All three take findings as they are and never trust their texts: bytes that are no UTF-8, control characters and
 * markup from a hostile document come out harmless. A report is made whole before its first byte is written: false when
 * memory was short, and then nothing is written, or when the stream takes no more. */
#ifndef EDDY_CHECK_REPORT_H
#define EDDY_CHECK_REPORT_H

#include "finding.h"
#include "latex.h"

#include <stdio.h>

/* verbosity 0: details of what is not as it should be; 1: of everything; 2: scenes and times too. width: the terminal's
 * columns, 0 for no terminal. */
bool report_text(FILE *stream, const findings *all, int verbosity, bool colour, int width);
/* The schema "eddy-check-1" is described in report_json.c. */
bool report_json(FILE *stream, const findings *all);
bool report_html(FILE *stream, const findings *all, const char *title);

/* ---- Math in texts (report_math.c) ---- */

/* A sentence with $...$ around math. LATEX_SOURCE: as it is; LATEX_UNICODE: one line for a terminal; LATEX_MATHML:
 * HTML, escaped, with <math>. What the reader of formulas does not know is shown as it was typed. */
const char *math_sentence(arena *a, const char *sentence, latex_form form);
/* A formula without dollars. `display` matters for LATEX_MATHML: a line of its own. */
const char *math_formula(arena *a, const char *latex, latex_form form, bool display);
/* A finding's formula, or the document's source of it where it was not read. */
const char *math_finding(arena *a, const finding *f, latex_form form);

typedef enum report_escape {
    ESCAPE_LINE,   /* one line of plain text: control characters become blanks */
    ESCAPE_HTML,   /* text and attribute values */
    ESCAPE_MARKUP, /* markup made by this program: only characters that no page may hold are replaced */
    ESCAPE_JSON    /* inside of a JSON string */
} report_escape;
void report_clean(text *out, const char *bytes, size_t length, report_escape escape);
const char *report_cleaned(arena *a, const char *bytes, report_escape escape);

/* Columns that a text takes in a terminal, and how many bytes of it fit into so many columns. */
int report_columns(const char *utf8);
size_t report_fit(const char *utf8, int columns);

static inline bool report_has(const char *words)
{
    return words && *words;
}

/* Limits, in bytes, of the memory for the pieces of one finding and for a whole report. */
#define REPORT_PIECES ((size_t)256 << 20)
#define REPORT_WHOLE ((size_t)1 << 30)
/* Writes what was made, if its memory sufficed. */
bool report_put(FILE *stream, const text *whole);

/* ---- Words that the reports share (report_words.c) ---- */

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

/* ---- The picture of a dependency graph (report_graph.c) ---- */

enum { PICTURE_NODES = 64, PICTURE_EDGES = 256 };
/* Appends one <svg> that flows from the past (left) to the loss (right). False, and nothing appended, for a graph that
 * is empty, too large or not sound. */
bool picture_graph(text *out, const finding *f);

extern const char report_style[]; /* the page's CSS */

#endif
