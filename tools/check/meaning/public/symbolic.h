/* Explicit derivatives of defining equations, written out: ∂C_{t+1}/∂C_t is diag(f_{t+1}). */
#ifndef EDDY_CHECK_SYMBOLIC_H
#define EDDY_CHECK_SYMBOLIC_H

#include "world.h"

enum { SYMBOLIC_FACTORS = 8, SYMBOLIC_TERMS = 6 };

typedef struct symbolic_factor {
    const char *latex;
    bool diagonal; /* diag(latex), else a matrix */
    bool sum;      /* needs brackets beside another factor */
    bool block;    /* W_z^h: the columns of W_z that h meets; no name of the document */
} symbolic_factor;

typedef struct symbolic_term {
    symbolic_factor factor[SYMBOLIC_FACTORS];
    int factors;
    bool negative;
} symbolic_term;

typedef struct symbolic_sum { /* of products; no terms: 0; one term without factors: the identity */
    symbolic_term term[SYMBOLIC_TERMS];
    int terms;
} symbolic_sum;

/* ∂y/∂v where v stands in y's defining equation. t: what "t" is in the result. False where the equation is
 * not simple. */
bool symbolic_explicit(world *w, node_name y, node_name v, int64_t t, symbolic_sum *out);
symbolic_sum symbolic_identity(void);
symbolic_sum symbolic_matrix(const char *latex);
/* a b: false if there are too many terms. */
bool symbolic_product(const symbolic_sum *a, const symbolic_sum *b, symbolic_sum *out);
/* diag(a) - diag(b) -> diag(a - b) */
void symbolic_gather(arena *a, symbolic_sum *s);
bool symbolic_has_block(const symbolic_sum *s);
/* Of a vector by a vector: diag(...) diag(...) W. */
const char *symbolic_jacobian(arena *a, const symbolic_sum *s);
/* Of a scalar, as a column: W^\top (gradient ⊙ ...). */
const char *symbolic_gradient(arena *a, const char *gradient, const symbolic_sum *s);

#endif
