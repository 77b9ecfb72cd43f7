/* What the files that fill a scope share. */
#ifndef EDDY_CHECK_SCOPE_INTERNAL_H
#define EDDY_CHECK_SCOPE_INTERNAL_H

#include "scope.h"

/* A symbol without accents, primes and subscript. */
bool scope_plain(const tree *t);
/* The letter of labels in l or l - 1; NULL: there is none. */
const char *scope_label_in(const scope *s, const tree *t);
/* Does an index expression hold T or a letter that runs over time? */
bool scope_mentions_time(const scope *s, const tree *t, const binding *env);
/* What of a script are indices: t - 1, jk; whether letters are among them. */
bool scope_index_parts(scope *s, const tree *t, const binding *env, bool *has_letter);
/* A declared letter that counts elements, and no steps. */
bool scope_counts_elements(scope *s, const tree *t, const binding *env);
/* h^{t-1} where time is written so, h_t^j with an element's letter j, o_i^p of a sequence p: no powers. */
bool scope_is_raised_index(scope *s, const tree *pow, const binding *env);
/* Where a name was seen with an index; NULL: nowhere. */
struct use *scope_use(scope *s, const char *key);

/* Calls `each` for every combination of label values of the free label letters in a symbol's parts. */
bool scope_for_labels(scope *s, const tree *symbol, const binding *env,
                      bool (*each)(scope *s, const tree *symbol, const binding *env, void *context), void *context);
/* t + 2 -> t, 2; false if it is no letter with a shift. */
bool scope_letter_and_shift(scope *s, const tree *index, const char **name, int64_t *shift);

/* Is the name a left side or said by the setup? */
bool scope_introduced(scope *s, const char *key);
/* Once more, when more is known of the letters. */
void scope_survey_again(scope *s);
bool scope_is_labelled(const scope *s, const char *name);
/* l - 1 as a number, where l is a label bound to one: layers. */
bool scope_label_number(scope *s, const tree *t, const binding *env, double *out);
/* classes.c: the classes, and the letters beside them, that a part of this name's subscript is: how many. */
int scope_take_classes(scope *s, const tree *name, const tree *sub, const char *base, const binding *env,
                       const tree *out[2]);
/* The bare y of s_y, where s is a name and s_y none. */
void scope_adopt_classes(scope *s);

/* W^{(t)} beside a given W without steps: the copies that are used at single steps. */
void scope_copies(scope *s);

/* W^{[l+1]} at the last l, W^{[l]} where there is none for this l: no layer has this number. */
bool scope_beyond_layers(scope *s, const tree *t, const binding *env);

/* ---- survey_letters.c ---- */
/* `factor`: t stands in a product. */
bool scope_speaks_of_batch(scope *s, const tree *t, bool factor);
bool scope_runs_over_steps(scope *s, const char *letter);
bool scope_surely_counts_steps(scope *s, const char *letter);

/* ---- survey_splits.c ---- */
void scope_split_names(scope *s); /* after the survey of everything */

#endif
