/* Formulas written once, in LaTeX, and shown in a terminal and as MathML by the reader and writer of the checker; and
 * numbers. */
#ifndef EDDY_EXPLAIN_FORMULA_H
#define EDDY_EXPLAIN_FORMULA_H

#include <stdint.h>
#include <stdio.h>

/* <math>...</math>, in a line of text. */
void math_markup(FILE *stream, const char *latex);
/* One line of Unicode for a terminal; returns the columns that it takes. */
int math_text(FILE *stream, const char *latex);
/* How many columns a text takes. */
int text_columns(const char *utf8);
/* The text, and blanks up to so many columns. */
void text_padded(FILE *stream, const char *utf8, int columns);

/* A number in 12 columns: 0.123457, or 1.234568e-09 where that shows too little. */
typedef struct number {
    char text[40];
} number;
number number_short(double x); /* 6 digits */
number number_long(double x);  /* 12 digits */
number number_ulp(uint64_t ulp);

#endif
