/* Wrong versions of a formula: each differs from it in one token or one operand, as slips of the pen do.
 *
 * The changes are made in the LaTeX text, at the places that the reader's tree names; what a change leaves unreadable
 * or unchanged in meaning is for the caller to sort out. Everything lives in the arena. */
#ifndef EDDY_TESTS_BOOK_MUTATIONS_H
#define EDDY_TESTS_BOOK_MUTATIONS_H

#include "reader.h"

/* The names of a scene: an exchanged name is always one that occurs there. */
typedef struct vocabulary {
    arena *arena;
    struct vocabulary_name {
        const char *name, *accents;
        int parts;
        const char *part[4]; /* the subscript, piece by piece; "" where an index stands */
    } * name;
    int names;
    char index[512]; /* letters that are indices, with spaces around each */
} vocabulary;

void vocabulary_start(vocabulary *v, arena *a);
void vocabulary_index(vocabulary *v, const char *letter);
/* Twice for each formula: first for the letters that sums bind, then for the names. */
void vocabulary_letters(vocabulary *v, const tree *t);
void vocabulary_names(vocabulary *v, const char *source, const tree *t);

typedef struct mutation {
    const char *source; /* the whole formula */
    const char *what;   /* "index: t-1 -> t" */
} mutation;

typedef struct mutations {
    mutation *at;
    int count;
} mutations;

mutations mutations_of(const vocabulary *v, const char *source, const latex_result *read);

#endif
