/* Formulas drawn as their authors typeset them: LaTeX to MathML token by token, without asking what anything means. */
#ifndef EDDY_CHECK_AUTHOR_H
#define EDDY_CHECK_AUTHOR_H

#include "reader.h"

/* Names of several letters that the document uses, so that `net` is one word and `xy` are two letters. */
typedef struct author_names {
    const char **name;
    int count, room;
} author_names;
void author_names_of(arena *a, author_names *names, const tree *formula);

/* One <math>. Never fails: a command that is not known is shown as it was typed; what nests too deeply or is too long
 * becomes <code>. Memory for pieces comes from `a`. */
void author_math(text *out, arena *a, const char *latex, size_t length, bool display, const author_names *names);

/* ---- What a command stands for (author_signs.c) ---- */

typedef enum author_class {
    AUTHOR_NONE,     /* nothing stands before */
    AUTHOR_LETTER,   /* <mi>, slanted */
    AUTHOR_UPRIGHT,  /* <mi>, upright */
    AUTHOR_BINARY,   /* + */
    AUTHOR_RELATION, /* = */
    AUTHOR_OPEN,
    AUTHOR_CLOSE,
    AUTHOR_COMMA,
    AUTHOR_FUNCTION, /* \tanh */
    AUTHOR_LIMITED,  /* \max: what stands below it is written below it */
    AUTHOR_BIG,      /* \sum */
    AUTHOR_INTEGRAL,
    AUTHOR_ACCENT, /* over its argument */
    AUTHOR_BELOW,
    AUTHOR_SPACE /* `sign` is its width */
} author_class;

typedef struct author_sign {
    const char *name, *sign;
    author_class kind;
} author_sign;
const author_sign *author_sign_of(const char *name, size_t length);

typedef enum author_font {
    FONT_NONE,
    FONT_ROMAN,
    FONT_BOLD,
    FONT_BOLD_ITALIC,
    FONT_CALLIGRAPHIC,
    FONT_DOUBLE,
    FONT_FRAKTUR,
    FONT_SANS,
    FONT_TYPEWRITER
} author_font;
author_font author_font_of(const char *command, size_t length);
/* The character of a letter (ASCII or Greek) or digit in a font; the same where it has none. */
unsigned author_letter(unsigned character, author_font font);

#endif
