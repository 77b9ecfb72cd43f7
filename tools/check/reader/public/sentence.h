/* Sentences with math in them, and foreign text, made fit for a terminal, a page or JSON. */
#ifndef EDDY_CHECK_SENTENCE_H
#define EDDY_CHECK_SENTENCE_H

#include "latex.h"

/* A sentence with $...$ around math. LATEX_SOURCE: as it is; LATEX_UNICODE: one line for a terminal; LATEX_MATHML:
 * HTML, escaped, with <math>. What the reader of formulas does not know is shown as it was typed. */
const char *math_sentence(arena *a, const char *sentence, latex_form form);
/* A formula without dollars. `display` matters for LATEX_MATHML: a line of its own. */
const char *math_formula(arena *a, const char *latex, latex_form form, bool display);

typedef enum text_escape {
    ESCAPE_LINE,   /* one line of plain text: control characters become blanks */
    ESCAPE_HTML,   /* text and attribute values */
    ESCAPE_MARKUP, /* markup made by this program: only characters that no page may hold are replaced */
    ESCAPE_JSON    /* inside of a JSON string */
} text_escape;
void text_clean(text *out, const char *bytes, size_t length, text_escape escape);
const char *text_cleaned(arena *a, const char *bytes, text_escape escape);

/* Columns that a text takes in a terminal, and how many bytes of it fit into so many columns. */
int sentence_columns(const char *utf8);
size_t sentence_fit(const char *utf8, int columns);

#endif
