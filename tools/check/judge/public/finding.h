/* What the checker found out about each formula: the judge fills it in, the reports print it.
 *
 * Texts are sentences of UTF-8 with $...$ around math (LaTeX): the terminal prints it as Unicode, the page as MathML,
 * JSON both ways. */
#ifndef EDDY_CHECK_FINDING_H
#define EDDY_CHECK_FINDING_H

#include "reader.h"

typedef enum check_verdict {
    CHECK_DEFINES,  /* introduces a quantity: nothing to judge */
    CHECK_DECLARES, /* x_t \in R^I: a shape, taken over; a known shape that it agrees with HOLDS */
    CHECK_HOLDS,
    CHECK_HOLDS_IF,   /* `condition` */
    CHECK_FAILS,      /* `counterexample` */
    CHECK_DEGENERATE, /* depends on none of its inputs */
    CHECK_UNRESOLVED, /* rounding hides the answer */
    CHECK_NOT_READ,   /* `why` */
    CHECK_VERDICTS
} check_verdict;
const char *check_verdict_name(check_verdict verdict); /* "HOLDS IF" */

typedef struct number_row { /* one quantity of a counterexample */
    const char *name;       /* $C_0$ */
    int rank;               /* 0, 1, 2 */
    int rows, columns;
    const double *value;
} number_row;

typedef struct counterexample {
    const char *sizes; /* "$B=1$, $T=2$, $I=1$, $H=1$" */
    const char *where; /* "$t=1$" or "" */
    number_row *given; /* what is not zero */
    int givens;
    bool others_zero;               /* "everything else given is 0" */
    number_row left, right;         /* the two sides, under the author's own notation */
    const char *element;            /* "row 1, column 2" of the sides where they differ most, or "" */
    double left_value, right_value; /* there */
} counterexample;

typedef struct graph_node {
    const char *name;            /* LaTeX, "C_{t+1}" */
    int step;                    /* relative to t: -1, 0, 1; GRAPH_NO_STEP for L and parameters */
    bool numerator, denominator; /* of a derivative in the formula */
} graph_node;
enum { GRAPH_NO_STEP = 1000 };
typedef struct graph_edge {
    int from, to;
    bool used; /* on a path from the denominator to the numerator */
    int cut;   /* 0, or 1 + the number of the condition that cuts it */
} graph_edge;

typedef struct finding {
    const document_item *item;
    const char *id;       /* the item's; with " (2)" ... where one item holds several formulas */
    const tree *formula;  /* NULL when it was not read */
    const char *instance; /* "" or which labels: "$g=f$" for the first failing one */
    check_verdict verdict;
    double error;        /* largest relative error of the reading judged: against what it should be */
    double tolerance;    /* what rounding explains of it */
    const char *summary; /* one line: the condition, the pattern or the reason; "" when there is nothing to add */
    const char *reading; /* how it was read, where more than one way is usual; "" if nothing was open */
    bool read_otherwise; /* ... because it cannot be multiplied out in the way that comes first */
    bool usual, turned;  /* it HOLDS as a derivative by a matrix that has the matrix's shape; ... the transposed one */
    const char **condition; /* HOLDS IF: each alone is enough, none contains another */
    int conditions;
    const char **note; /* remarks: "the total and the explicit derivative agree here", "both sides are 0" */
    int notes;
    const char *pattern;     /* "the right side has an extra factor $f_t \odot (1 - f_t)$" or NULL */
    const char *missing;     /* LaTeX of what must be added to the right side, or NULL */
    const char *repair;      /* DEGENERATE: "softmax over $t$: then it HOLDS", or NULL */
    counterexample *example; /* or NULL */
    graph_node *node;        /* the dependency graph around the formula; 0 nodes: none */
    graph_edge *edge;
    int nodes, edges;
    const char *expected; /* the annotation's words, or NULL */
    bool met;             /* the expectation; without one: the verdict is good */
    const char *unmet;    /* why not, a sentence, or NULL */
    int64_t compared;     /* numbers compared */
    double seconds;
} finding;

typedef struct findings {
    const char *document; /* its name */
    finding *finding;
    int count;
    int verdicts[CHECK_VERDICTS];
    int mentions;       /* inline math without a relation: nothing to judge */
    int unmet;          /* findings that are not as they should be: decides the exit status */
    const char **scene; /* what was drawn: "B=2, T=4, I=3, H=5", ... */
    int scenes;
    int64_t work; /* pieces of formulas evaluated, see check_options */
    double seconds;
} findings;

#endif
