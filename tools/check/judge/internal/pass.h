/* What the files share that go through a document: its scenes (check.c) and what each formula says (claims.c). */
#ifndef EDDY_CHECK_PASS_H
#define EDDY_CHECK_PASS_H

#include "check.h"
#include "court.h"

typedef struct entry { /* one formula of the document */
    finding *finding;
    const tree *formula;
    const tree *differential; /* see claimed */
    bool definition;          /* its first relation introduced a quantity */
    const char *convention;   /* in force where it stands */
    const tree *once;         /* the text before puts this parameter to 0, or NULL */
    quantity *held[32];
    int helds;
    struct added *added; /* the lines that add to one quantity together, once they are judged; see accumulate.c */
} entry;

typedef struct parsed parsed;

/* What a scene is read with, unless it says so: see run_scene. */
enum { GUESS_DOT = 1, GUESS_SLICES = 2 };

typedef struct pass {
    arena *arena;
    const document *document;
    const check_options *options;
    findings *all;
    int room;
    scope *scope;
    court court;
    entry *entry;
    int entries, entry_room;
    double began;
    uint64_t refused;     /* allocations, when it began */
    bool starved;         /* memory was short somewhere: no verdict is to be trusted */
    const parsed *parsed; /* of the scene's items, from .. to - 1 of the document */
    int from, to;
    const tree *once; /* "put $v = 0$": the formula that follows may be meant so */
    int other;        /* the guess of the scene that is taken the other way; see run_scene */
} pass;

struct parsed { /* one item of the document */
    setup setup;
    const char *lines; /* of a setup, with t and T for the author's steps */
    const char *idle;  /* NULL, or that one of its lines changes nothing */
    latex_result formulas;
    bool each; /* of one formula for each value of a letter */
};

/* scene_reading.c: the items of a scene become trees, in the pass's new scope, whose names and letters are known then;
 * false: memory is short. Then each setup line and formula in its order says what it says. */
bool scene_read(pass *p, int from, int to, parsed *item, setup *extra);
void scene_take(pass *p, int from, int to, parsed *item, setup *extra);

/* scene_tables.c: each table of a name that several have gets a mark, and a formula about any of them becomes one for
 * each. */
void tell_tables(pass *p, parsed *item, int count, setup *extra);
/* ... and what is one-hot or an argmax is noted: it may be an index. */
void note_classes(pass *p, const parsed *item, int count, const setup *extra);
/* assignments.c: h_t \leftarrow ..., if that is all that h_t is assigned, is an equation. */
void tell_assignments(pass *p, parsed *item, int count, const setup *extra);
/* operators.c: \mathcal R X, which the setup or the text explains, is written out wherever it stands. */
void tell_operators(pass *p, parsed *item, int count, setup *extra);
/* loss_terms.c: the L of L_t = L(y_t, h_t) becomes a name of its own; a formula that says only what a loss depends on
 * is marked, and depends_only. */
void tell_loss_terms(pass *p, tree **formula, int count, const parsed *item, int items, const setup *extra);
bool depends_only(const tree *formula);
/* own_functions.c: calls of functions that the scene defines as \sigma_c(x) or K[u, v]. */
void tell_functions(pass *p, tree *const *formula, int count);
/* row_vectors.c: rows that are given among columns are transposes of columns. */
void tell_rows(pass *p, parsed *item, int count, setup *extra, tree **formula, int formulas);
/* indexed_calls.c: \phi(t, u), defined for steps and indices, becomes \phi_{t,u}. */
void tell_indexed_calls(pass *p, tree *const *formula, int count, tree *const *given, int givens);
/* numbered.c: the number of \mu_{1,t} is a label where nothing shows that it is an element. */
void tell_numbered(pass *p, tree *const *formula, int count, tree *const *given, int givens);
/* primes.c: \sigma' without an argument gets a dot for it. */
void tell_primes(pass *p, parsed *item, int count, const setup *extra);
/* braces.c: labels of braces that are names become definitions. */
void tell_braces(pass *p, parsed *item, int count, setup *extra);
/* abbreviations.c: names whose step is left to be understood get it. */
void tell_abbreviations(pass *p, parsed *item, int count, const setup *extra);

/* shorthand.c: a series of formulas about dX, which the setup does not explain, is about derivatives of the loss; and
 * if none of them holds so, none of them fails either. */
void tell_shorthand(pass *p, parsed *item, int count, const setup *extra);
void doubt_shorthand(pass *p);

/* suggested.c: nothing fails for lines of a setup that are suggested only. */
void doubt_suggested(pass *p);

/* tokens.c: the names of classes that the text explains by a one-hot vector. */
void tell_tokens(pass *p, spellings *s, const char *const *lines, int from, int to);

/* last_step.c: h^T is at the last step where h^t is at step t. */
void tell_last_step(pass *p, parsed *item, int count);
/* ... and that T is the number of steps where formulas speak of a step T and nothing else is called so. */
void tell_last_of_all(pass *p, const parsed *item, int count, const setup *extra);

/* A new row of the findings for a formula (part > 0: the next one of the same source); NULL when there is no room. */
finding *new_finding(pass *p, const document_item *item, int part);
void not_read(finding *f, const char *sentence);

/* value_conditions.c: \|A\| < 1, an inequality between what the setup gives, which nobody could prove. */
bool is_assumption(pass *p, const tree *relation);
/* r_t = 1 of an r_t that is something else by its definition. */
bool is_special_case(pass *p, const tree *relation);
/* "y = g" with "\|g\| \le c" behind it as its condition; NULL: that is no condition. */
const tree *with_condition(pass *p, const tree *formula, const tree *next);
/* A claim about it that came out false. */
void take_as_assumed(finding *f);
/* "\tau_k \ge 1", "\|k_t\| \le 1", assumed of what is given: for the formulas that follow, see quantity. */
void note_bounds(pass *p, const tree *relation);
/* A claim that fails for any numbers, with those that the text before it assumes. */
void judge_assuming(pass *p, claimed *claim, finding *f);

/* A formula in a sentence, of which no verdict is expected. */
bool is_aside(const document_item *item);
/* A formula becomes a definition, a declaration, a mention or a claim to be judged. */
void take_formula(pass *p, const document_item *item, const tree *formula, int part);
/* A space such as \mathbb R^{H \times I} as a statement of its shape; false if it is none. */
bool declaration(arena *a, const tree *space, setup_statement *st);
/* The first of each label letter's values: what is said of a family's shape is said of each. */
const binding *first_labels(scope *s, const tree *t, binding out[4]);

/* definers.c: what a formula introduces. False: nothing, it is a claim; or a fault. */
bool define(pass *p, const tree *formula, fault *f);
/* \sigma^2, given or defined by this formula, says what \sigma is, too. */
bool define_root(pass *p, const tree *formula, const tree *square, fault *f);
void define_called(pass *p, const tree *formula); /* s = f(z) = \tanh(z): f */
bool calls_unknown(scope *s, const tree *t);      /* f(z), of an f that nothing defines */
void define_summands(pass *p, const tree *formula);
/* introduced.c: a = \tanh(W x) = \tanh(\hat a): \hat a is W x, and a is said by it: so the formula is returned. */
const tree *define_argument(pass *p, const tree *formula, fault *f);
/* Names that stand alone on a side of a chain, with nothing else to say what they are. A formula of two sides whose
 * right one is such a name becomes its definition, with the sides exchanged. */
const tree *define_introduced(pass *p, const tree *formula, bool *defines, fault *f);
bool has_euler(const tree *t);               /* e^x */
bool is_unknown(scope *s, const tree *name); /* neither given nor defined so far */
bool is_function_call(const tree *t);        /* f(u), of a name that is no word */

/* scene_setup.c: the lines that say how to read (letters, sizes, shorthands), or the others. A line that says nothing
 * is a finding. */
void setup_apply(pass *p, const document_item *item, const setup *lines, bool letters_only);
void setup_survey(pass *p, const setup *lines);
bool setup_has_sizes(const setup *lines);
bool setup_has_batch(const setup *lines);

/* accumulate.c: is it X += Y, or the X = Y in front of such lines? The verdict on it: all lines that add to X together
 * must be X; if exactly one of them is no part of that sum, it FAILS and the others hold. */
bool is_summed(pass *p, const entry *e);
void judge_sum(pass *p, entry *e, claimed *claim, finding *f);

/* suggest.c: the lines for one scene, each with its reason; what the document says of a setup is passed over. */
enum { SUGGEST_NAMES = 64 };
typedef struct suggestion {
    bool square, rows, layers;          /* everything has one size, N; vectors are rows; l counts layers */
    const char *dropped[SUGGEST_NAMES]; /* names that are not given after all */
    int drops;
    const char *direct;               /* what the loss's explicit derivative is called, or NULL */
    const char *given[SUGGEST_NAMES]; /* out: those that are */
    int givens;
} suggestion;
const char *suggest_scene(arena *a, const document *d, suggestion *how);

/* side_scenes.c: puts scenes that a setup beside the document has for places in it in front of these; the lines that
 * are for all are returned. */
const char *side_scenes(arena *a, document *d, const char *setup);

#endif
