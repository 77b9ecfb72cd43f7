/* LaTeX to tree, and a tree back to LaTeX, to one line of Unicode, and to MathML.
 *
 * The reader takes a formula without its delimiters. It never guesses: what it does not know is a sentence with a
 * place. Time is linear in the text and brackets nest at most LATEX_DEPTH deep. */
#ifndef EDDY_CHECK_LATEX_H
#define EDDY_CHECK_LATEX_H

#include "tree.h"

enum { LATEX_DEPTH = 100, LATEX_LONGEST = 20000 /* bytes of one formula */ };

typedef struct latex_result {
    tree **formula; /* TREE_FORMULA, TREE_RELATION's without conditions are wrapped too; a row "a = b, \qquad c = d"
                       holds two */
    int count;
    const char *sentence; /* NULL, or why what comes after these was not read: 'after "\frac{a": "}" is missing' */
    int at;               /* and where, bytes into the text */
} latex_result;

/* One formula or one row of an align. Without a relation the formula's child[0] is any other tree. \label, \nonumber,
 * \tag, spacing, \displaystyle, \left, \right, \big.. and the alignment & are passed over; trailing . , ; too. */
latex_result latex_read(arena *a, const char *source, size_t length);

typedef enum latex_form { LATEX_SOURCE, LATEX_UNICODE, LATEX_MATHML } latex_form;
/* The tree written out. LATEX_MATHML gives the inside of <math>. */
void latex_write(text *out, const tree *t, latex_form form);
const char *latex_text(arena *a, const tree *t, latex_form form);

/* dW, \\delta y_t, \\Delta W written without \\mathrm: which of the signs "d", "delta", "Delta" a formula's left side
 * consists of in front of one name, or NULL; such a formula is read with the sign as an accent of every name that it
 * stands in front of. latex_merge does the same to any formula, for one name only if `like` is not NULL. latex_merged:
 * the sign that the name on a left side was merged with, or NULL. */
const char *latex_sign(const tree *formula);
void latex_merge(arena *a, tree *formula, const char *sign, const tree *like);
const char *latex_merged(const tree *formula);

/* Whether a name with a prime stands on a left side; and h_t' as the transpose of h_t where none does: everywhere but
 * in front of a bracket, and there of the names that are matrices. */
bool latex_defines_primed(const tree *formula);
void latex_transpose_primed(arena *a, tree *formula, const char *const *matrices, int count);

#endif
