/* Names: which quantities a document speaks of, what is known about each, and which letters are indices, labels and
 * sizes.
 *
 * A scope is filled by setup statements and definitions in the order of the document. A quantity's key is its name
 * without index parts: "tilde C", "W_f", "W_f^h"; a family over labels (W_g) is one quantity for each label. */
#ifndef EDDY_CHECK_SCOPE_H
#define EDDY_CHECK_SCOPE_H

#include "fault.h"
#include "reader.h"

#include <stdint.h>

typedef enum letter_kind { LETTER_NONE, LETTER_INDEX, LETTER_LABEL } letter_kind;

/* What letters stand for at some place of a formula: bound by a sum, free, or substituted. The newest comes first. */
typedef struct binding {
    const char *letter;
    letter_kind kind;
    int64_t value;     /* an index, from 1 (time may be 0 or T + 1) */
    const char *label; /* a label */
    bool summed;       /* bound by a sum or product, not by the claim */
    int64_t high;      /* ... and how far it runs */
    const struct binding *outer;
} binding;

typedef struct size_name { /* B, T, H, ... */
    const char *letter;
    int64_t fixed; /* 0: drawn */
    int64_t value; /* in the world at hand */
    bool said;     /* by the setup: H is this size, though there are H_1, ..., H_T */
} size_name;

typedef struct letter_row { /* an index or label letter declared by the setup */
    const char *letter;
    letter_kind kind;
    const tree *range; /* an index: 1 .. this */
    const char **label;
    int labels;
    const char *of; /* an undeclared element index: of this quantity, on this axis */
    int axis;
} letter_row;

typedef enum quantity_kind {
    QUANTITY_GIVEN,    /* drawn at random */
    QUANTITY_DEFINED,  /* by formulas */
    QUANTITY_LOSS,     /* the checker's own loss of what `reads` lists */
    QUANTITY_DIRECT,   /* the explicit derivative of a loss by `of` */
    QUANTITY_ARGUMENT, /* the argument of the outermost function in the definition of `of` */
} quantity_kind;

typedef struct definition {
    const tree *symbol; /* the left side */
    const tree *value;
    const tree *formula;   /* with its conditions, or NULL */
    const binding *labels; /* of the family */
    const tree *step;      /* at one step: C_0 = 0, dC_T = ...: its index; NULL: at every t */
    const char *letter;    /* of the step: "t" */
    int64_t shift;         /* C_{t-1} = ...: -1 */
    int64_t ahead;         /* the right side speaks of nothing before t + ahead: there are as many steps more */
    bool elements;         /* element by element: a_{g,t,b,j} = ... */
    int convention;        /* meaning.c: 0 not known yet, 1 columns, 2 rows */
} definition;

typedef struct quantity {
    const char *key;
    const char *shown; /* LaTeX without index parts */
    quantity_kind kind;
    int number;          /* in scope order */
    bool timed;          /* has a time index */
    int indices;         /* most index parts seen */
    const tree *of_what; /* J(w) = ...: w */
    bool called;         /* J(w) = ...: brackets after it repeat what it depends on */
    bool library;        /* part of a library cell: formulas about it are claims */
    bool backward;       /* its recurrence runs from T down to 1 */
    definition **definition;
    int definitions;
    const struct quantity *of; /* DIRECT, ARGUMENT */
    struct quantity *loss;     /* DIRECT */
    struct read {
        struct quantity *quantity;
        bool last;
        bool maybe;
    } * reads; /* LOSS; last: only at t = T */
    int read_count;
    unsigned flags;              /* setup_flag, of a given */
    bool limited;                /* the text assumes bounds of it, which hold where scope's `assuming`: */
    double least, most, longest; /* ... of its elements, and of its length */
    bool shaped;                 /* its shape is declared */
    bool drawn;                  /* ... and that it is given */
    int rank;
    const tree *dim[2];
    struct quantity *copy, *copied; /* W: its copies for single steps, W^{(t)}; and back */
    struct quantity *differential;  /* dX: the directions in which it moves; differentials.c */
    struct quantity *argument;      /* the quantity that names the argument of this one's function, or NULL */
    int type;                       /* shapes.c: its place there, or -1 */
} quantity;

typedef struct scope {
    arena *arena;
    const char *name;
    size_name size[32];
    int sizes;
    letter_row letter[32];
    int letters;
    quantity **quantity;
    int quantities, room;
    struct use {
        const char *key;
        int indices;
        bool timed, lowered; /* lowered: a step among the indices below, h_{t,k} */
    } * use;                 /* names seen anywhere in the scene with an index that is a letter */
    int uses, use_room;
    const char *noticed[64]; /* names that the setup introduces by the way */
    int noticeds;
    const char **seen; /* every name of the scene */
    int seens, seen_room;
    const char *split[64]; /* E beside E_t, with a definition of its own: two quantities */
    int splits;
    const char *raised[64]; /* A where A^f and A_f are one quantity: its label stands above or below */
    int raiseds;
    const char *differential;    /* "d": \mathrm d X means partial loss / partial X */
    const tree *differential_of; /* ... its loss as it is written, and once all names are known */
    quantity *differential_loss;
    bool differential_assumed; /* nobody said so: the formulas can be meant no other way */
    quantity *held[32];
    int helds;
    const char *convention;         /* "columns", "rows", or NULL */
    setup_sign sign[WRITTEN_SIGNS]; /* what *, \cdot, \otimes are */
    bool summation;                 /* an index that stands twice in a product is summed over */
    bool summed;                    /* ... and a definition of the document can be meant no other way */
    bool denominator;               /* Jacobians are written transposed */
    bool numerator;                 /* derivatives of numbers are rows, and by matrices transposed */
    bool suggested;                 /* what the setup says is a guess */
    bool assuming;                  /* numbers are drawn within what the text assumes */
    const char *library;            /* "lstm", ... or NULL; its names: */
    const char *library_name[16], *library_from[16], *library_input;
    int library_names, library_froms;
    const tree **formula; /* everything surveyed: formulas and setup lines */
    int formulas, formula_room;
    bool dot_guessed;   /* no setup says what \cdot stands for */
    bool batch_written; /* a quantity of time is a matrix: the document writes the batch out, so there is one sample */
    const void *sized_by;    /* the world whose numbers the sizes have */
    bool batch_unsaid;       /* the setup's sizes have no B, and no formula speaks of a batch: there is one sample */
    bool single;             /* a size is said to be 1: a column of that matrix is a number */
    bool sided;              /* vectors are said to be rows or columns, R^{1 x H}: none fits both */
    bool slice_rows, sliced; /* a row of a matrix by itself is a row; there is one */
    bool from_zero;          /* the steps begin with 0, and what is defined at step t is so at 0 */
    bool before_last;        /* ... and what is said of step t is said up to T - 1 */
    bool raised_time;        /* time stands above: h^t, h^{t-1} */
    const char *layered[64]; /* names whose layer stands above: a^l, with labels l = 1, 2, 3 */
    int layereds;
    const char *labelled[16]; /* Delta, with Delta^r: what stands above is a label, be it a size elsewhere */
    int labelleds;
    const char *classed[16]; /* quantities that are a class: one-hot, or an argmax */
    int classeds;
    const char *by_class[32]; /* s, where s_y is its element at the class y */
    int by_classes;
    const void *tables; /* tables.c: names of which there are several */
    bool frozen;        /* filled: names may be remembered in the trees */
} scope;

void scope_start(scope *s, arena *a);

/* A symbol taken apart. */
typedef struct symbol_use {
    quantity *quantity; /* NULL: not known */
    const char *key;
    const tree *index[8];
    const tree *raised; /* that of the indices which is a superscript without brackets: h^{t-1}; NULL: none */
    int indices;
} symbol_use;

/* \delta_{ik}: an element of the document's own \delta, or Kronecker's, also beside an error \delta_k^{(t)}. Unsure:
 * \delta_{k,1} beside \delta_{k,t}. */
typedef enum delta_kind { DELTA_OWN, DELTA_KRONECKER, DELTA_UNSURE } delta_kind;
delta_kind scope_delta(const scope *s, const symbol_use *use);

/* \rho, \lambda_{\max}, \lambda_{\min} in front of a matrix, where nothing else is called so: a `spectrum`, or -1. */
int scope_spectrum(scope *s, const tree *t);

/* u_j^2, and u has its steps above wherever it has any: a power, or step 2. */
bool scope_is_step_or_power(scope *s, const tree *t);

/* t: TREE_SYMBOL, or a TREE_POW whose exponent turns out to be a label, else false. Unknown label or index letters are
 * labels. */
bool scope_symbol(scope *s, const tree *t, const binding *env, symbol_use *use);
/* P_{kn}, with a sequence in each column: of the indices from `first` on, that of the sequence comes first. */
symbol_use scope_sequence_first(scope *s, const symbol_use *use, int first);
/* Whether a tree is a name: a symbol, W^h, h^{t-1}. */
bool scope_is_name(scope *s, const tree *t, const binding *env);
/* Whether W^h is a name. */
bool scope_is_label(scope *s, const tree *pow, const binding *env);
/* Is this letter an index here (bound, declared, or t)? */
letter_kind scope_letter(const scope *s, const char *letter, const binding *env, const binding **bound);
size_name *scope_size(scope *s, const char *letter);
/* What a letter without an index is: a quantity, or NULL: perhaps a size. H is one where the setup says so, though
 * there are H_t; \pi is the number beside \pi_t. */
quantity *scope_bare_quantity(scope *s, const char *letter);
/* The size that a symbol names, d or d_k; NULL: none. */
size_name *scope_symbol_size(scope *s, const tree *t);
/* V of |V|, how many elements the set V has, and n_2 of n_l at l = 2, where these are sizes; any other tree as it is.
 */
const tree *scope_bare_size(scope *s, const tree *t, const binding *env);
quantity *scope_find(scope *s, const char *key);
quantity *scope_quantity(scope *s, const tree *symbol, const binding *env); /* made if needed */

/* An index expression (t - 1, T, H + I, 2k) as a number: false with a fault. */
bool scope_index(scope *s, const tree *t, const binding *env, int64_t *out, fault *f);
bool scope_is_index(scope *s, const tree *t, const binding *env);

/* Notes a name that the setup introduces without a formula, as a library's parameter. */
void scope_notice(scope *s, const tree *symbol);
/* Notes that a name is a class: before everything else. Whether a part of a subscript is one, of the name
 * `base`, or of anything (NULL). */
void scope_note_class(scope *s, const tree *symbol);
bool scope_is_class(scope *s, const tree *part, const char *base, const binding *env);
/* Notes the names of a formula in advance: which have time indices, so that h_0 is h at step 0 and beta_1 a name. */
void scope_survey(scope *s, const tree *t);
/* Was the name seen anywhere? */
bool scope_appears(scope *s, const char *key);
/* Does the setup say it, or does it stand on the left side of a formula? */
bool scope_stands_left(scope *s, const tree *name);

/* Is it the shorthand for a derivative: \mathrm d X, dX, with \mathrm d X means \partial L / \partial X? */
bool scope_differential(const scope *s, const tree *name);
bool scope_has_sign(const tree *symbol, const char *sign);
/* A name without the sign in front of it, X of dX. */
const tree *scope_bare(scope *s, const tree *name, const char *sign);
/* dS = dA V^T + A dV, with an S that is made of the A and V of the right side: differentials, and no derivatives of a
 * loss, which go the other way; the S, or what else stands behind the d on the left, NULL: it is none. */
const tree *scope_differential_of(scope *s, const tree *relation);
/* What looks like the shorthand, stands on a left side and is one of nothing becomes a name of its own. After the
 * survey of everything; only if everything was read. */
void scope_name_differentials(scope *s);
/* Marks letters that are functions where they stand in front of a bracket, and indices or nothing elsewhere; whether a
 * symbol is marked so. Before everything else. */
void scope_mark_calls(scope *s, tree **formula, int count, tree **given, int givens);
bool scope_is_pi(const tree *t); /* the number, where \pi_k are quantities */
bool scope_is_call(const tree *t);
bool scope_is_term(const tree *t); /* the function L of L_t = L(y_t, h_t) */
/* f in front of a bracket: a letter that functions have, and nothing says what it is. */
bool scope_is_unknown_function(scope *s, const tree *t);
/* Marks \sigma^2 where a formula or the setup introduces it and none its root. */
void scope_mark_squares(scope *s, tree **formula, int count, tree **given, int givens);
bool scope_is_square(const tree *t);
/* Names of which there are several, told apart by the letters of their indices: found among a scene's formulas and the
 * symbols that its setup gives, once the letters are declared and before the survey; then marked in each tree. */
void scope_tables(scope *s, tree **formula, int count, tree **given, int givens);
void scope_mark_tables(scope *s, tree *t);
/* \delta_j = ..., with a j that nobody declares, for each of the \delta: how many formulas; 0: it is no such
 * formula. */
int scope_each_table(scope *s, tree *formula, tree **out, int most);
/* The x of f(x), \sigma'(x), d\sigma(x)/dx on a left side, which is any number; NULL: it is no such thing. */
const tree *scope_any_argument(const tree *left);
/* Undeclared letters that must be element indices: j in b_j where b is a name of its own and j is none. After the
 * survey of everything, before definitions. */
void scope_adopt_letters(scope *s);

/* A setup statement; false with a fault. */
bool scope_apply(scope *s, const setup_statement *statement, fault *f);
/* A formula "symbol = value" whose symbol is new, or new at its step: becomes a definition. False: it is a claim. */
bool scope_define(scope *s, const tree *formula, const tree *symbol, const tree *value, fault *f);

/* d_t = ... d_{t+1} ..., and below it "where d_t := \partial L / \partial h_t": the derivative says what d is. */
bool scope_recurs_before(scope *s, const tree *relation);
/* The rows or columns of a given matrix under its small letter: x_{ij}, x_i, x^{(i)} of X, where nothing introduces an
 * x of its own, become those of X. Before the survey. */
void scope_name_rows(scope *s, tree **formula, int count, const tree *matrix, tree *const dim[2]);
/* U = (u_{jl}): what the elements of U are called. */
bool scope_names_elements(scope *s, const tree *relation);
/* \theta_{kj}, \theta_k of a \Theta without a shape of its own, likewise, and u_{jl} where such a line says it. */
void scope_name_elements(scope *s, tree **formula, int count, tree *const *given, int givens);

/* Whether a letter runs over the time steps. */
bool scope_is_time(const scope *s, const char *name);
const letter_row *scope_declared(const scope *s, const char *name);
/* Is this index a letter for the sequences of the batch: declared so, or b where there is a B? */
bool scope_runs_over_batch(scope *s, const tree *index);
/* A condition after a formula (t < T, t in {1, ..., T}, g in {i, f}): true or false here; false with a fault if it has
 * no meaning. */
bool scope_condition(scope *s, const tree *t, const binding *env, fault *f);
/* \|A\| < 1, a_k > 0: an inequality between numbers that quantities have, which each world meets or not. */
bool scope_is_value_condition(scope *s, const tree *t);
bool scope_conditions(scope *s, const tree *formula, const binding *env, fault *f); /* all of a formula's, but those */
/* The definition that holds for a quantity at this step; NULL: none. */
const definition *scope_definition(scope *s, const quantity *q, int64_t step, fault *f);
/* The library's cells as definitions (library.c). */
bool scope_library(scope *s, const setup_statement *statement, fault *f);

/* After everything is said: which recurrences run backward; names are fixed from here on. */
void scope_finish(scope *s);

/* Free letters of a formula: index letters not bound inside, and label letters. */
typedef struct free_letter {
    const char *letter;
    letter_kind kind;
} free_letter;
int scope_free(scope *s, const tree *t, free_letter *out, int most);

#endif
