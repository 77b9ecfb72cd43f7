/* The words of a formula. Spacing, sizes of brackets, labels and the like are gone; what they mean for the layout stays
 * as marks on the words around them. */
#ifndef EDDY_CHECK_LATEX_LEXER_H
#define EDDY_CHECK_LATEX_LEXER_H

#include "arena.h"

typedef enum token_kind {
    TOKEN_END,
    TOKEN_LETTER,  /* one letter: "f" */
    TOKEN_GREEK,   /* a command that is a letter: "\\delta", "\\ell" */
    TOKEN_NUMBER,  /* "0.5", value */
    TOKEN_COMMAND, /* any other command or sign, under one of its names only: "\\frac" (also for \dfrac), "\\le" (also
                      for \leq), "(", "|", "\\{",
                      "\\begin{pmatrix}", "left." and "right." for the brackets that are not printed */
    TOKEN_WORD,    /* \mathrm{...}, \operatorname{...}: the letters */
    TOKEN_TEXT     /* \text{...}: the words, trimmed */
} token_kind;

typedef struct token {
    token_kind kind;
    int at, length;
    const char *name;
    int match; /* of a "{": where its "}" is in the array */
    char side; /* of brackets and bars: 'l' after \left or \bigl, 'r' after \right or \bigr, 'b' after \big, else 0 */
    bool quad; /* a \quad or wider stands in front */
    bool row, aligned; /* \\ stands in front (outside matrices); & does */
} token;

typedef struct token_list {
    token *token; /* the last one is TOKEN_END */
    int count;
    const char *sentence; /* NULL, or what is wrong at the byte `at`, without the place */
    int at;
} token_list;

token_list latex_tokens(arena *a, const char *source, size_t length);

/* 'after "..."' for a place in the text; 'at the start'. */
const char *latex_place(arena *a, const char *source, size_t length, int at);

#endif
