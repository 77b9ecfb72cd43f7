/* Inside of latex_write: what decides where brackets are needed, for all three forms. */
#ifndef EDDY_CHECK_LATEX_WRITER_H
#define EDDY_CHECK_LATEX_WRITER_H

#include "latex.h"

/* What a place in a formula takes without brackets. */
typedef enum tree_level { LEVEL_LIST, LEVEL_SUM, LEVEL_TERM, LEVEL_FACTOR, LEVEL_BASE } tree_level;

bool tree_flat(const tree *t, latex_form form); /* a quotient or derivative on one line */
bool tree_open(const tree *t, latex_form form); /* a sum's body and the like, that would take in what follows */
char tree_brackets(const tree *t, tree_level level, bool last,
                   latex_form form); /* those to print around t where `level` is taken: '(' '[' '{' or 0 */
tree_level tree_factor_level(const tree *product, int k, latex_form form); /* what a factor's place takes */
bool tree_factor_last(const tree *product, int k);
/* A derivative of a derivative is written as one: how many variables stand below the line, at most 4, in order; what is
 * differentiated, and whether it is the immediate derivative, \\partial^+. */
int tree_derivatives(const tree *t, const tree **above, const tree *below[4], bool *immediate);
/* W of \partial L / \partial W |_{(t)}, the copy that one step uses: the step, and the name without it; NULL: it is no
 * such copy. */
typedef struct tree_used {
    const tree *whole;
    tree symbol, power;
    tree *child[2];
} tree_used;
const tree *tree_used_at(const tree *below, tree_used *out);
/* How a function's argument is written: the brackets, 0 for none. */
char tree_argument(const tree *call, latex_form form);
/* \tanh^2(x): a power that is written at the function's name. */
bool tree_raised_name(const tree *power);
const char *tree_number(const tree *t, char room[64]);
bool tree_is_word(const char *name); /* set upright: several letters, no command */
/* The sign of a command, "σ" for "\\sigma"; NULL for one without. */
const char *tree_sign(const char *name);
bool tree_is_square(const tree *t);           /* a symbol that stands for its square; see scope.h */
const char *tree_bare_name(const char *name); /* "tanh" for "\\tanh" */
bool tree_plain_condition(const tree *t);

unsigned tree_styled_letter(char c, const char *style); /* its code in "bf", "bb", "cal", or 0 */

/* A text in one of the two forms on a line. */
typedef struct writer {
    text *out;
    latex_form form;
    int scripts; /* in subscripts and superscripts operators stand without spaces */
} writer;

void writer_put(writer *w, const char *latex, const char *unicode);
void writer_name(writer *w, const char *name, const char *style);
void writer_accented(writer *w, const tree *t,
                     const char *accents); /* the symbol's name under the accents that are left */
void writer_primes(writer *w, int primes);
void writer_number(writer *w, const tree *t);
/* latex_write.c: a part where `level` is taken, in brackets if it needs them; parts between separators. */
void writer_child(writer *w, const tree *t, tree_level level, bool last);
void writer_list(writer *w, tree *const *item, int count, const char *separator);
/* latex_fractions.c */
void writer_derivative(writer *w, const tree *t);
void writer_fraction(writer *w, const tree *t);

void mathml_write(text *out, const tree *t);

#endif
