/* Formulas written once, in a line of text, and shown in a terminal and as MathML. */
#ifndef EDDY_EXPLAIN_FORMULA_H
#define EDDY_EXPLAIN_FORMULA_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* UTF-8 text. A letter or number is an atom of its own, but tanh, softmax and max are functions, and "d" before a letter means the derivative of the loss with
 * respect to it; _x, _{f,t}, ^x and ^{..} are subscript and superscript of the atom before; ~h is h with a tilde; blanks do not matter. */

/* <math>...</math>; display: on a line of its own. */
void math_markup(FILE *stream, const char *formula, bool display);
/* As it is, the tilde behind its letter, for a terminal. */
void math_text(FILE *stream, const char *formula);

/* Columns that UTF-8 text takes in a terminal (no combining characters, none of double width), and the text padded to so many. */
int text_columns(const char *text);
void text_padded(FILE *stream, const char *text, int columns);

/* A number in 12 columns: 0.123457, or 1.234568e-09 where that shows too little. */
typedef struct number {
    char text[40];
} number;
number number_short(double x); /* 6 digits */
number number_long(double x);  /* 12 digits */
number number_ulp(uint64_t ulp);

#endif
