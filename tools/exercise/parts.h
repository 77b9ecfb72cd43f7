/* What the files of the room share with each other only. */
#ifndef EDDY_EXERCISE_PARTS_H
#define EDDY_EXERCISE_PARTS_H

#include "exercise.h"

/* ---- saying.c: whether a formula says anything new ---- */

enum { NAMED_MOST = 128, USED_MOST = 128, KEY_LONGEST = 1 << 16 };

typedef struct named { /* a name and what it stands for */
    const tree *left, *right;
    bool own;    /* of the answer */
    bool active; /* while it is written out */
} named;

typedef struct used_derivative {
    const char *key, *latex;
} used_derivative;

typedef struct saying {
    arena *arena;
    named name[NAMED_MOST];
    int names;
    const char *letter[64]; /* that stand for steps, elements and labels */
    int letters;
    const char *accent, *loss; /* \mathrm d X means \partial L / \partial X; NULL: nothing does */
    const tree *defined[NAMED_MOST];
    int defines; /* all formulas of the setup */
    used_derivative used[USED_MOST];
    int uses;
} saying;

void saying_of_setup(saying *s, arena *a, const char *setup);
/* The answer's own definition. */
void saying_add(saying *s, const tree *left, const tree *right);
/* A text that two trees share if they speak of the same: steps are added up, names that stand for derivatives are
 * written out, and with `own` those of the answer too. "" if it is too long. Derivatives in it are in s->used. */
const char *saying_key(saying *s, const tree *t, bool own);
/* Is right the setup's own definition of left? */
bool saying_is_definition(saying *s, const tree *left, const tree *right);

/* ---- mark.c ---- */

/* Are these formulas true, one and all, in the exercise's setup with the answer's own definitions in front? quick: no
 * search for reasons. */
typedef struct trying {
    arena *arena;
    const exercise *exercise;
    const char *const *own; /* definitions of the answer */
    int owns;
    int64_t *left; /* pieces of formulas that may still be evaluated: what is found depends on no clock */
} trying;
bool trying_holds(const trying *t, const char *latex);

/* ---- evidence.c ---- */

evidence evidence_of(const trying *t, saying *s, const finding *f, const tree *relation, const char *condition);

/* What kind of mistake it is to write the one symbol for the other. */
mistake evidence_exchange(const saying *s, const tree *from, const tree *to);

/* ---- reference.c ---- */

/* The one place where the right side leaves the sheet's `which`-th right answer, and what stands there in that; false:
 * there is no such place. Not judged yet. */
bool reference_parts(const exercise *e, saying *s, const tree *left, const tree *right, int which, const tree **here,
                     const tree **there, evidence *out);

#endif
