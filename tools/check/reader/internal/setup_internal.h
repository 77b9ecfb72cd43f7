/* What the parts of the setup's reader share: setup.c reads lines and statements, setup_words.c words, names and
 * properties.
 *
 * A function that returns bool or a tree fails with the reader's sentence (or a full arena). */
#ifndef EDDY_CHECK_SETUP_INTERNAL_H
#define EDDY_CHECK_SETUP_INTERNAL_H

#include "setup.h"

#include <string.h>

typedef struct setup_reader {
    arena *arena;
    setup out;
    int room;
    int line;      /* where the statement begins */
    const char *p; /* what is left of it */
} setup_reader;

typedef struct setup_list {
    tree **tree;
    int count, room;
} setup_list;

bool setup_fail(setup_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3))); /* false */

bool setup_is_letter(char c);
bool setup_is_blank(char c);
size_t setup_word_length(const char *p);
/* The known word that was perhaps meant, or NULL. */
const char *setup_nearest(const char *word, size_t length, const char *const *known);
/* 'line 7: "giben" is no statement; did you mean "given"?' */
bool setup_unknown(setup_reader *r, const char *word, size_t length, const char *what, const char *const *known);

void setup_skip(setup_reader *r);
void setup_skip_commas(setup_reader *r);
bool setup_among(const char *word, size_t length, const char *const *known);
bool setup_here(const setup_reader *r, const char *word);
bool setup_take(setup_reader *r, const char *word);
/* "in", also as \in or as the sign. */
bool setup_take_in(setup_reader *r);
/* The name at p up to the blank, comma or semicolon after it. An accent or style takes what follows it, blanks or not:
 * \tilde C_t, \mathrm d x_t. */
size_t setup_name_length(const char *p);
/* The first formula, or NULL with the sentence; without `all` there may be only one. */
tree *setup_formula_of(setup_reader *r, const char *source, size_t length, int *count, tree ***all);
tree *setup_expression(setup_reader *r, const char *source, size_t length);
tree *setup_name_of(setup_reader *r, const char *source, size_t length);
/* The name that stands next; NULL with the sentence. `after` says where one is missing. */
tree *setup_name(setup_reader *r, const char *after);
bool setup_append(setup_reader *r, setup_list *l, tree *t);
/* Names with blanks or commas between them, up to a word of at least two letters, a semicolon or the end. */
bool setup_names(setup_reader *r, setup_list *l, const char *after);
/* What is said about a quantity after its name: the space and the flags, in any order. */
bool setup_properties(setup_reader *r, setup_statement *s);

/* A statement more, NULL with the sentence if there is no room. */
setup_statement *setup_add(setup_reader *r, setup_kind kind);

/* ---- setup_statements.c ---- */
bool setup_read_sizes(setup_reader *r);
bool setup_read_labels(setup_reader *r);
bool setup_read_index(setup_reader *r);
bool setup_read_given(setup_reader *r);
bool setup_read_library(setup_reader *r);
bool setup_read_loss(setup_reader *r);
bool setup_read_hold(setup_reader *r);
bool setup_read_convention(setup_reader *r);
bool setup_read_time(setup_reader *r); /* adds nothing: the letters are written out before a setup is read */
bool setup_read_suggested(setup_reader *r);
bool setup_is_sign(setup_reader *r); /* "* is the matrix product": false where the line is no such statement */
/* What stands in front of `at` and behind `after`, around "is the argument of" and "means". */
bool setup_read_argument(setup_reader *r, size_t at, size_t after);
bool setup_read_short(setup_reader *r, size_t at, size_t after);

#endif
