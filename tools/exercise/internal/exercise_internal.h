/* What the files of the room share with each other only. */
#ifndef EDDY_EXERCISE_INTERNAL_H
#define EDDY_EXERCISE_INTERNAL_H

#include "exercise.h"

/* ---- saying.c: whether a formula says anything new ---- */

enum { NAMED_MOST = 128, USED_MOST = 128, KEY_LONGEST = 1 << 16 };

typedef struct named { /* a name and what it stands for */
    const tree *left, *right;
    bool own;    /* of the answer */
    bool active; /* while it is written out */
} named;

typedef struct label_letter { /* g = i, f, C, o */
    const char *letter;
    tree *const *value;
    int count;
} label_letter;

typedef struct used_derivative {
    const char *key, *latex;
} used_derivative;

typedef struct saying {
    arena *arena;
    named name[NAMED_MOST];
    int names;
    const char *letter[64]; /* that stand for steps, elements and labels */
    int letters;
    label_letter label[8]; /* those of them that stand for labels */
    int labels;
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
/* Is this the letter of an element or of a sequence: neither a step nor a label? */
bool saying_is_element(const saying *s, const char *letter);
/* Is right the setup's own definition of left? */
bool saying_is_definition(saying *s, const tree *left, const tree *right);

/* ---- asked.c: which question a left side answers ---- */

enum { SHIFTS = 3 };

typedef struct asked {                           /* a want, at t - 1, at t and at t + 1 */
    const char *key[SHIFTS], *condition[SHIFTS]; /* the keys: "" where there is no such shift */
    const char *whole;                           /* its left side without the indices of elements; NULL: it has none */
    const char *whole_key[SHIFTS];
} asked;

asked asked_of(saying *s, const want *w);
/* Does this left side say what was asked for: as it was asked, for the step before or after, of all elements at once,
 * or
 * (`elements`) of each? */
bool asked_for(saying *s, const asked *q, const tree *left, bool elements, int *shift);
/* Does the formula of this key speak of what was asked for, of some elements of it or of all? */
bool asked_in(const saying *s, const asked *q, int shift, const char *key);

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

/* ---- answer.c ---- */

typedef struct piece {     /* a formula of the answer */
    const char *source;    /* as it is judged */
    const char *alone;     /* with the answer's own condition; NULL: it has none */
    const char *condition; /* its own */
    int line;
    int want;      /* that it is the answer to, as far as its left side says */
    int shift;     /* of the step: -1 for what was asked for, written for t - 1 */
    bool complete; /* the exercise's left side, or blank, was put to it */
    const char *raw;
} piece;

typedef struct marker {
    arena *arena;
    const exercise *e;
    language language;
    marking *m;
    saying saying;
    piece piece[ANSWER_MOST];
    int pieces;
    asked want[8];
    const char *own[ANSWER_MOST];
    trying trying;
    int64_t trials_left;
} marker;

const char *marker_in(const marker *k, const char *english, const char *chinese);
bool marker_stop(marker *k, const char *sentence); /* false */
/* The relation of a formula, NULL if there is none. */
const tree *answer_relation(const tree *formula);
/* Which want has this left side, and at which step? -1: none. */
int answer_want(marker *k, const tree *left, int *shift);
/* The answer's formulas into k->piece; false with a sentence if there are none. */
bool answer_take(marker *k, const char *bytes, size_t length, bool formula);

/* ---- condition.c ---- */

marked_line condition_mark(const trying *t, const char *said, int line, language l);

/* ---- evidence.c ---- */

evidence evidence_of(const trying *t, saying *s, const finding *f, const tree *relation, const char *condition);

/* What kind of mistake it is to write the one symbol for the other. */
mistake evidence_exchange(const saying *s, const tree *from, const tree *to);

/* ---- reference.c ---- */

/* The one place where the right side leaves the sheet's `which`-th right answer, and what stands there in that; false:
 * there is no such place. Not judged yet. */
bool reference_parts(const exercise *e, saying *s, const tree *left, const tree *right, int which, bool several,
                     const tree **here, const tree **there, evidence *out);

#endif
