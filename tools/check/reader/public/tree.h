/* A formula as its author typeset it: the tree that the LaTeX reader makes and that everything else reads.
 *
 * The tree says how a formula is written, not what it means: whether f in W_f is a label or an index, whether W^h is a
 * power or a name, is decided by whoever knows which names there are (scope.h). */
#ifndef EDDY_CHECK_TREE_H
#define EDDY_CHECK_TREE_H

#include "arena.h"

#include <stdint.h>

typedef enum tree_kind {
    TREE_NUMBER,    /* value */
    TREE_SYMBOL,    /* name, accents, primes; child[0 .. count): the subscript's parts between commas */
    TREE_ADD,       /* child: terms; a subtracted term is a TREE_NEG */
    TREE_NEG,       /* child[0] */
    TREE_MUL,       /* child: factors; child k > 0 is joined to those before by child[k]->join */
    TREE_DIV,       /* child[0] / child[1]; `inline_` when written with a slash */
    TREE_POW,       /* child[0] to the power child[1]; also W^h, where h may turn out to be a label */
    TREE_TRANSPOSE, /* child[0]; `inline_` when written with the letter T rather than \\top; `big` when
                       not written at all */
    TREE_APPLY,     /* function `name` ("\\sigma", "\\tanh", "\\exp", "\\sqrt"; words "softmax", "diag", but
                       \mathrm{tanh} is "\\tanh") with `primes` of child[0 .. count); `sub`: softmax_t's */
    TREE_NORM,      /* ‖child[0]‖, `sub`: 2, F, ... or NULL */
    TREE_ABS,       /* |child[0]| */
    TREE_CONCAT,    /* [a, b] or [a; b]: child; `separator` is ',' or ';' */
    TREE_MATRIX,    /* \begin{pmatrix}: rows x columns, child row by row */
    TREE_TUPLE,     /* (a, b) */
    TREE_INNER,     /* <child[0], child[1]> in angle brackets */
    TREE_SUM,       /* child[0] the body; bounds */
    TREE_PROD,      /* the same, in the order of the bounds, left to right */
    TREE_MAX,       /* \max_{bounds} body: over an index; \max(a, b) is a TREE_APPLY */
    TREE_MIN,       /* \min_{bounds} body */
    TREE_DERIV,     /* partial child[0] / partial child[1]; either may be a TREE_TUPLE; `held`: what stands at the bar,
                       \big|_{...}, or NULL */
    TREE_INDICATOR, /* [child[0]], 1[child[0]] or 1_{child[0]}: 1 where the relation is true, else 0 */
    TREE_ONES,      /* a bold or blackboard 1; `sub` its size, or NULL; `name` "0": 0_n, 0_{n \times m} */
    TREE_ELEMENT,   /* (child[0])_{child[1], ...}: elements of an expression in brackets */
    TREE_RANGE,     /* a:b in a subscript, [a:b] behind a name: child[0], child[1], TREE_WORDS "" where nothing stands;
                       `separator` is '[' in square brackets, where elements count from 0 and b is left out */
    TREE_DOTS,      /* \dots or \cdots between factors or list items */
    TREE_PLACE,     /* a dot for an argument: \sigma'(\cdot) */
    TREE_RELATION,  /* child[0] relation[0] child[1] relation[1] child[2] ... */
    TREE_FORMULA, /* child[0]: the relation; child[1 .. count): conditions after it ("t < T", "t = 1, \dots, T"), each a
                     relation, a list or a set */
    TREE_SET,     /* \{a, b, \dots\}: child */
    TREE_WORDS    /* \text{...}: name holds the words (only in conditions and where they are no function) */
} tree_kind;

typedef enum tree_join {
    JOIN_BESIDE,
    JOIN_CDOT,
    JOIN_TIMES,
    JOIN_ODOT,
    JOIN_STAR,
    JOIN_OTIMES
} tree_join; /* ab, a \cdot b, a \times b, a \odot b (also \circ), a * b, a \otimes b */

typedef enum tree_relation {
    REL_EQ,
    REL_LE,
    REL_LT,
    REL_GE,
    REL_GT,
    REL_NE,
    REL_IN,
    REL_APPROX,
    REL_BECOMES /* \leftarrow */,
    REL_DEFINED /* := */,
    REL_ADDS /* += */,
    REL_PROPTO
} tree_relation;

typedef struct tree tree;

/* \sum_{t=1}^{T}: index t from 1 to T. \sum_t: neither bound. \sum_{k \le t}: `relation` holds k <= t. \sum_{g \in \{i,
 * f\}}: `set`. \sum_{k \ne j}: relation. \sum_{t,b}: two of them. */
typedef struct tree_bound {
    const char *index; /* the letter, "t", "\\ell" */
    tree *from, *to;   /* or NULL */
    tree *relation;    /* a TREE_RELATION in which the index is bound, or NULL */
    tree *set;         /* a TREE_SET, or NULL */
    const char *whole; /* V of w \in \mathcal V: all that the index runs over has this name; or NULL */
} tree_bound;

struct tree {
    tree_kind kind;
    int at, length;    /* the place in the formula's text, bytes */
    int count, height; /* children; height of the tree, leaves 1 */
    tree **child;
    const char *name;    /* symbols: the letter or command or word: "f", "\\delta", "hn"; functions likewise */
    const char *accents; /* from the outside in, "tilde", "hat", "overrightarrow", "d" (a \mathrm d in front); joined by
                            spaces, "" for none */
    const char *style;   /* "bf", "rm", "cal", "bb", "" ...: kept for rendering; \mathbf h and h are one name; of a
                            product: its letters stand in one font command, \mathbf{Wx}, and may be a name */
    const char *table;   /* symbols: which of several tables of this name, by the ranges of its indices; or NULL */
    int primes;
    double value;
    tree *sub, *held;
    tree *label; /* below a brace under this node: the name that its author gives it, or NULL */
    tree_bound *bound;
    int bounds;
    int rows, columns;
    char separator;
    char brackets;            /* '(' '[' '{' written around this node, 0 none; never changes the meaning */
    bool inline_, big;        /* big: \cdots rather than \dots */
    tree_join join;           /* to the factors before, in a TREE_MUL */
    tree_relation *relations; /* count - 1 of them */
    void *quantity;           /* scope.c: what a symbol without label variables names, once found */
};

/* Whether two trees say the same (places, brackets and styles aside). */
bool tree_equal(const tree *a, const tree *b);

/* A node of these parts in the place of t: with its place in the text, its brackets and its join. NULL: no memory. */
tree *tree_in_place(arena *a, const tree *t, tree_kind kind, int count, tree *const *child);

/* An end of a TREE_RANGE, 0 or 1; NULL: open. Does it count from 0? */
const tree *tree_range_end(const tree *range, int end);
bool tree_from_zero(const tree *range);

#endif
