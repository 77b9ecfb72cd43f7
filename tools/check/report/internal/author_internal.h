/* Inside of author_math: author.c walks over the tokens, author_tables.c over rows and columns. */
#ifndef EDDY_CHECK_AUTHOR_INTERNAL_H
#define EDDY_CHECK_AUTHOR_INTERNAL_H

#include "author.h"

enum { AUTHOR_DEEPEST = 60, AUTHOR_LONGEST = 40000, AUTHOR_COLUMNS = 32 };

typedef struct typesetter {
    arena *arena;
    const char *s;
    size_t n, at;
    int depth;
    bool display, broken; /* broken: it nests too deeply */
    author_font font;
    const author_names *names;
    double width; /* of what was written since it was last set to 0, in em, roughly */
} typesetter;

/* Where a row of tokens ends; what ends it is left to the caller. */
typedef enum author_stop {
    STOP_BRACE = 1,
    STOP_BRACKET = 2,
    STOP_RIGHT = 4,
    STOP_CELL = 8,
    STOP_DOLLAR = 16
} author_stop;

typedef struct author_atom { /* what scripts are put to */
    text markup;
    author_class kind;
    bool below; /* its scripts stand below and above it */
} author_atom;

static inline bool author_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool author_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

void author_blanks(typesetter *t);                            /* and comments */
bool author_is(const typesetter *t, const char *command);     /* a command stands at the place */
size_t author_command(const typesetter *t, size_t at);        /* the length of the \name at `at`, 0 if there is none */
size_t author_group(typesetter *t, size_t *from, size_t *to); /* passes over {...}; 0 and nothing if there is none */
void author_row(typesetter *t, text *out, unsigned stop);
void author_escaped(text *out, const char *bytes, size_t length);

author_atom author_take_atom(typesetter *t, author_class before);
void author_argument(typesetter *t, text *out);              /* {...} or one token, as one element */
void author_inside(typesetter *t, text *out, unsigned stop); /* a row as one element */
bool author_optional(typesetter *t, text *out);              /* [...]: true and its row if there is one */

/* ---- author_atoms.c ---- */
unsigned author_decode(const char *p, size_t *length); /* the character at p and its bytes */
void author_put(typesetter *t, text *out, const char *tag, const char *attributes, const char *sign);
void author_put_sign(typesetter *t, author_atom *a, const author_sign *sign, author_class before);
/* A number, a letter or word, or one character of any alphabet. */
void author_take_plain(typesetter *t, author_atom *a, author_class before);
/* The inside of \text{...}: words, and mathematics between dollars. */
void author_words(typesetter *t, text *out, size_t from, size_t to);
bool author_known(const author_names *names, const char *s, size_t n);

/* ---- author_commands.c ---- */
void author_take_command(typesetter *t, author_atom *a, author_class before);

/* ---- author_tables.c ---- */
/* \begin{...} at the place, with everything up to its \end. */
void author_environment(typesetter *t, text *out);
/* Rows up to \end, a stop or the end of the text. With `lined`, columns are right and left in turn, as of an align. */
void author_rows(typesetter *t, text *out, const char *class, unsigned stop);

#endif
