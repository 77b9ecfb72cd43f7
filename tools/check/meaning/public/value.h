/* Mathematical objects on the tape: scalars, vectors and matrices, one for all samples or one for each.
 *
 * A value is stored per sample whatever the convention: [batch,] then its own axes. Whether a vector is a column or a
 * row is a mark that decides which products and sums exist. A batch of columns is a matrix whose columns are the
 * samples, so a product over the samples' axis (delta zeta^T) sums over the batch: such a value is `pending`: it is one
 * matrix per sample until it meets something that is shared by the batch, and is summed then. */
#ifndef EDDY_CHECK_VALUE_H
#define EDDY_CHECK_VALUE_H

#include "fault.h"

#include "reader.h"

#include <eddy/eddy.h>

enum { VALUE_LONGEST = 64 }; /* elements of a vector */

typedef struct value {
    eddy_var var;    /* var.tape NULL: a failure, told to the fault */
    int rank;        /* of one sample: 0, 1, 2 */
    bool batched;    /* axis 0 of var is the batch */
    bool row;        /* rank 1: a row */
    bool number;     /* rank 0: a number written or computed from numbers: fits any shape */
    bool jacobian;   /* rank 2: a derivative of a vector by a vector, or diag(...): sums with vectors are understood */
    bool covector;   /* derivative of a scalar: in a product with a Jacobian it stands on the left */
    bool pending;    /* see above */
    bool stack;      /* rank 2: its columns (row: its rows) are time steps and samples */
    bool any_ones;   /* ones written without a size: as many as fit */
    bool ones;       /* the vector of ones over the batch, or over what it meets: rank 0, the number that it is times */
    bool unit;       /* this multiple of the identity, of unsaid size: rank 0, in a sum with a matrix its diagonal */
    bool full;       /* 1 1^T, of unsaid size: rank 0, in a sum with a matrix every element of it */
    bool slice;      /* rank 1: a row of a matrix by itself: a row to some authors, a column to others */
    bool wide;       /* rank 1: x 1^T of unsaid width, 1 x^T of unsaid height: beside a matrix as large as that */
    bool same_sides; /* rank 1: a parameter, which may stand in a sum of rows or of columns */
} value;

typedef struct algebra {
    eddy_tape *tape;
    int64_t batch;
    fault *fault;
    int64_t rows;      /* of the side that a formula is compared with, where that is known: what fits an identity by */
    bool loose;        /* rows and columns are not told apart */
    bool sides;        /* ... in sums and comparisons only */
    bool apart;        /* what is pending stays so beside what all samples share: I - z z^T, of each sample */
    int64_t besides;   /* how often two vectors without a sign between were multiplied element by element */
    int64_t dots;      /* how often two vectors with a dot between were multiplied */
    int64_t frozen;    /* how many spectral norms, radii were computed, which other numbers do not change */
    int64_t diagonals; /* how often a vector was read as a diagonal matrix in a sum */
    eddy_var eye[VALUE_LONGEST + 1]; /* identity matrices, made when first needed */
} algebra;

bool value_ok(value v);
value value_taped(algebra *a, value v); /* v, or a failure of the tape as the formula's */
bool value_short(algebra *a, value x);  /* no axis longer than VALUE_LONGEST; else a fault */
value value_none(void);
value value_number(algebra *a, double number);
value value_identity(algebra *a, int64_t n); /* 0: of unsaid size */
value value_add(algebra *a, value x, value y);
value value_negate(algebra *a, value x);
value value_hadamard(algebra *a, value x, value y);
value value_product(algebra *a, value x, value y); /* juxtaposition, \cdot, \times */
/* x and y with a sign between them, and what it stands for. */
value value_signed(algebra *a, value x, value y, written_sign written, setup_sign sign);
value value_divide(algebra *a, value x, value y);
value value_power(algebra *a, value x, value y);
value value_transpose(algebra *a, value x);
value value_diag(algebra *a, value x);
value value_inner(algebra *a, value x, value y);
value value_norm(algebra *a, value x);          /* Euclidean or Frobenius */
value value_spectral_norm(algebra *a, value x); /* a number per sample */
value value_vec(algebra *a, value x);           /* the columns of a matrix on top of each other */
value value_kronecker(algebra *a, value x, value y);
typedef enum spectrum {
    SPECTRUM_RADIUS,
    SPECTRUM_LEAST_SINGULAR,
    SPECTRUM_LARGEST, /* eigenvalue, of a symmetric matrix */
    SPECTRUM_LEAST
} spectrum;
value value_spectrum(algebra *a, value x, spectrum which); /* a number per sample, without a derivative */
value value_map(algebra *a, value x, eddy_var (*f)(eddy_var));
/* Before value_concat: in [W, b] a vector beside matrices is a column, in [W; b^T] it is a row. */
void value_as_blocks(value *part, int count, bool on_top);
/* 0 and I among blocks become matrices, as large as the other blocks say; a fault if they do not. blocks.c */
bool value_fill_blocks(algebra *a, value *part, int rows, int columns);
value value_concat(
    algebra *a, const value *part, int count,
    bool on_top); /* [a, b]: vectors and scalars into a vector; matrices side by side, or on top of each other */
value value_stack(algebra *a, const value *part,
                  int count); /* [v_1, ..., v_T]: vectors become columns (rows: rows), scalars a vector */
value value_element(algebra *a, value x, int axis, int64_t index);          /* of one sample, from 0 */
value value_range(algebra *a, value x, int axis, int64_t from, int64_t to); /* of an axis: from, ..., to - 1 */
value value_sample(algebra *a, value x, int64_t index); /* of the batch; a shared value stays as it is */
value value_sum_batch(algebra *a, value x);
value value_sum_all(algebra *a, value x); /* over the elements of one sample */
int64_t value_size(value x, int axis);    /* of one sample */

/* Both sides of a claim as tensors of one shape; false with a fault if they cannot be compared. */
bool value_meet(algebra *a, value *left, value *right);

#endif
