/* What the files that write MathML share. */
#ifndef EDDY_CHECK_LATEX_MATHML_H
#define EDDY_CHECK_LATEX_MATHML_H

#include "latex_writer.h"

/* ---- mathml_names.c ---- */
void mathml_element(text *out, const char *open, const char *inside, const char *close);
void mathml_sign(text *out, const char *sign); /* <mo> */
void mathml_name(text *out, const char *name, const char *style);
void mathml_accented(text *out, const tree *t, const char *accents); /* under the accents that are left */
void mathml_number(text *out, const tree *t);

/* ---- latex_mathml.c ---- */
/* A part where `level` is taken, in brackets if it needs them; parts between separators. */
void mathml_child(text *out, const tree *t, tree_level level, bool last);
void mathml_list(text *out, tree *const *item, int count, const char *separator);

/* ---- mathml_fractions.c ---- */
void mathml_derivative(text *out, const tree *t);
void mathml_fraction(text *out, const tree *t);

#endif
