/* The setup: what a teacher says about a document's quantities before it is checked. docs/check.md describes the
 * language; this is its reader.
 *
 * A line is one statement; # begins a comment; a line that begins with white space continues the one before. Symbols
 * are LaTeX, $...$ around them is allowed. */
#ifndef EDDY_CHECK_SETUP_H
#define EDDY_CHECK_SETUP_H

#include "tree.h"

typedef enum setup_kind {
    SETUP_SCENE,    /* scene NAME: forget everything; words = NAME or "" */
    SETUP_SIZES,    /* sizes B T I H K=3: one statement for each; words = the letter, number >= 1 if fixed, else 0 */
    SETUP_LABELS,   /* labels g = i, f, C, o: words = "g", list = the values; "in" for "=" and \{ \} around them are
                       allowed */
    SETUP_INDEX,    /* index j, k in H; m in H+I; b in B: one for each letter: words = the letter, value = the size's
                       expression (H, H+I) */
    SETUP_GIVEN,    /* given x_t in R^I [per sample] [one-hot|positive|in (0,1)|zero or one|symmetric]: symbol, dim[0 ..
                       rank), flags; without "in" only flags. "given a, b in R; c in R^H": one statement for each */
    SETUP_LIBRARY,  /* library lstm: f i \tilde C o C h [from W_f b_f ...] [input x]: words = "lstm", list = names, from
                       = parameters, symbol = the input or NULL */
    SETUP_LOSS,     /* loss L reads h_t direct \hat g_t, maybe C_T direct \kappa: symbol = L; list = read quantities,
                       `maybe` and `direct` beside each */
    SETUP_FORMULA,  /* X = ...: a definition in LaTeX; value = the TREE_FORMULA. Also "X \in \{...\}" is no formula: use
                       labels */
    SETUP_ARGUMENT, /* a_{f,t} is the argument of f_t: symbol, value */
    SETUP_SHORT,    /* \mathrm d X means \partial L / \partial X: words = the accent ("d"), symbol = the loss */
    SETUP_OPERATOR, /* \mathcal R X means \partial X / \partial \epsilon: from = the sign and the X, value = the meaning
                     */
    SETUP_HOLD,     /* hold f_t, i_t fixed: list */
    SETUP_CONVENTION, /* convention columns | rows | denominator | numerator | summation: words */
    SETUP_RESET,      /* hold nothing; convention any: words = "hold" or "convention" */
    SETUP_SUGGESTED,  /* suggested: the lines are a guess, so that a formula is not false for what they say alone */
    SETUP_SIGN, /* * is the matrix product, \cdot entrywise, \otimes the Kronecker product: sign, number a setup_sign */
} setup_kind;

/* What a sign between two factors stands for; SIGN_USUAL: of * element by element where the shapes are the same and the
 * matrix product otherwise; of a dot, the other way round. */
typedef enum setup_sign {
    SIGN_USUAL,
    SIGN_PRODUCT,
    SIGN_ENTRYWISE,
    SIGN_INNER,
    SIGN_OUTER,
    SIGN_KRONECKER,
    SIGNS
} setup_sign;

/* The signs of which that can be said: *; \cdot and \times; \otimes. */
typedef enum written_sign { WRITTEN_STAR, WRITTEN_DOT, WRITTEN_OTIMES, WRITTEN_SIGNS } written_sign;
static inline int written_sign_of(tree_join join) /* -1: none of them */
{
    return join == JOIN_STAR                         ? WRITTEN_STAR
           : join == JOIN_CDOT || join == JOIN_TIMES ? WRITTEN_DOT
           : join == JOIN_OTIMES                     ? WRITTEN_OTIMES
                                                     : -1;
}

typedef enum setup_flag {
    GIVEN_PER_SAMPLE = 1,
    GIVEN_ONE_HOT = 2,
    GIVEN_POSITIVE = 4,
    GIVEN_UNIT = 8,
    GIVEN_ZERO_ONE = 16,
    GIVEN_SYMMETRIC = 32,
    GIVEN_SHAPED = 64,
    GIVEN_SHAPE_ONLY = 128, /* a shape is said, not that the quantity is drawn */
    GIVEN_MATRIX = 256      /* R^{1 x m} of a matrix that happens to have one row */
} setup_flag;

typedef struct setup_statement {
    setup_kind kind;
    int line; /* in the document */
    const char *words;
    int64_t number;
    written_sign sign; /* whose meaning is said */
    tree *symbol, *value;
    tree **list, **from;
    int count, froms;
    bool *maybe;
    tree **direct; /* for a quantity that is read: the name of its explicit derivative; NULL where none */
    tree *dim[2];
    int rank;
    unsigned flags;
} setup_statement;

typedef struct setup {
    setup_statement *statement;
    int count;
    const char *sentence; /* NULL, or what is wrong, with its line: 'line 7: "giben x_t" begins with no statement that
                             there is; did you mean "given"?' */
} setup;

setup setup_read(arena *a, const char *source, int first_line);

#endif
