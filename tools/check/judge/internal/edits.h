/* The search for the one small change that makes a false claim true: what edits.c tries, and what it tries it with. */
#ifndef EDDY_CHECK_EDITS_H
#define EDDY_CHECK_EDITS_H

#include "patterns.h"

typedef struct editor {
    court *court;
    claimed claim;    /* with the changed side */
    const tree *side; /* the side that is changed */
    bool left;        /* it is the left one */
    const assumption *as;
    arena *arena;
    double until;
    int64_t limit; /* of the court's work */
    const char *found;
    const binding *env; /* letters bound at the place at hand */
} editor;

/* A copy of t in which `from` is replaced: this node, or everything that says the same. */
tree *edit_replaced(arena *a, const tree *t, const tree *from, tree *to, bool all);
int edit_occurrences(const tree *t, const tree *what);
/* Does the claim hold in all worlds with `to` in the place of `from`? */
bool edit_try(editor *e, const tree *from, tree *to, bool all);
/* A node of this kind around another. */
tree *edit_made(editor *e, tree_kind kind, const tree *inner);
tree *edit_number(editor *e, int number);
tree *edit_complement(editor *e, const tree *t); /* (1 - t) */
/* t - 1 by 1: t; 1 by 1: 2; NULL for anything else. */
tree *edit_shifted(editor *e, const tree *index, int by);
tree *edit_read(editor *e, const char *latex);
/* LaTeX without outer brackets, to be told. */
const char *edit_said(const editor *e, const tree *t);

/* edits_names.c: other steps, names and letters; factors and terms that are missing. They set `found`. */
void edit_steps(editor *e, const tree *t);
void edit_names(editor *e, const tree *t);
void edit_sums(editor *e, const tree *t);
void edit_factors(editor *e, const tree *t);

#endif
