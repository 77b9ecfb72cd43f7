/* What `eddy explain` found out: quantities, each computed by the formula in plain C ("by hand"), by the tape, and some
 * numerically; and how gradients flow.
 *
 * One quantity holds all its steps. Steps are stored in the order in which a layer takes them: element k = 0 is what
 * stands before the first step (an initial state, or NaN), k = 1 .. steps the steps; explain_time says which step of
 * the sequence that is (a reverse layer begins with the last one). */
#ifndef EDDY_EXPLANATION_H
#define EDDY_EXPLANATION_H

#include "networks.h"

/* A window of a series, for a model of `eddy train forecast`. */
typedef struct explain_window {
    const char *path;     /* of the model */
    const double *scaled; /* steps + 1 values as the model sees them; the last one is to be forecast */
    double mean, scale;   /* value = mean + scale * scaled */
    int64_t at;           /* the window's number, from 1 */
} explain_window;

typedef struct explain_setup {
    const network *network;
    int64_t steps, input, hidden, batch;
    uint64_t seed;
    double gain;        /* of the weights */
    int64_t worked;     /* the step to work with numbers, from 1; 0: chosen */
    double forget_bias; /* of the gate that keeps; NaN: as drawn */
    bool pencil;        /* for a pencil: what is given has one decimal, one bias a gate, L = 1/2 sum_t |h_t - y_t|^2 */
    const explain_window *window; /* NULL: a random network */
} explain_setup;

typedef enum explain_part { PART_GIVEN, PART_FORWARD, PART_BACKWARD, PART_WEIGHT } explain_part;

typedef struct quantity {
    explain_part part;
    const char *name;    /* "delta_f" */
    const char *label;   /* as a formula in LaTeX, "\\delta_f" */
    const char *formula; /* how it is computed by hand, in LaTeX; NULL for what is given */
    const char *work;    /* the same for one element, to put numbers in: see worked.c; or NULL */
    const char *right;   /* the same for the columns on the right, W^x of a weight and b_hh of a bias; NULL: as work */
    const char *id;      /* of the formula, or NULL */
    bool initial;        /* the gradient of what stands before the first step */
    bool own_rows;       /* a parameter or its gradient: rows are no samples */
    int direction;       /* of a bidirectional network: 1 forwards, -1 in reverse; else 0 */
    bool reverse;
    int64_t first, last;                           /* k of its steps; both 0 for what has no steps */
    int64_t rows, columns;                         /* of one step: batch x size; of a weight: its own */
    double *hand, *tape, *numerical, *uncertainty; /* (last + 1) * rows * columns; NaN where there is none */
    uint64_t ulp;                                  /* by hand against tape, the largest, in units in the last place */
    double relative; /* the same, relative to the value or a thousandth of the step's largest */
    double numerical_ratio, numerical_relative; /* tape against numerical: in units of its estimated error, and
                                                   relative; NaN: not compared */
    int64_t numerical_count;                    /* elements compared numerically */
    int64_t unresolved; /* elements whose numerical derivative is too uncertain to tell anything: not counted above */
    bool agrees;
} quantity;

typedef struct flow_step {
    double gradient; /* |dL/dh_t|, sample 1 */
    double state;    /* |d state_T / d state_t|_2, the full Jacobian */
    double cell;     /* |d C_T / d C_t|_2 with h_t fixed; NaN without a cell */
    double direct;   /* the largest element of the product of the keeping gates: f, 1 - z or z */
} flow_step;

typedef struct flow {
    int direction;
    bool reverse;
    const char *keep; /* "f", "(1-z)" or "z" */
    flow_step *step;  /* k = 0 .. steps */
    char sentence[800];
} flow;

typedef struct saturation {
    const quantity *gate;
    double low, high; /* share of its elements (all steps, units, samples) below 0.1, above 0.9 */
} saturation;

enum { EXPLAIN_MAX = 120, EXPLAIN_BLOCKS = 5 * EXPLAIN_MAX, EXPLAIN_LINES = 3 };

typedef struct explanation {
    explain_setup setup;
    quantity item[EXPLAIN_MAX];
    int count;
    flow flow[2];
    int flows;
    saturation gate[8];
    int gates;
    const char *loss_formula[EXPLAIN_LINES]; /* in LaTeX; NULL after the last */
    double loss, forecast, truth;            /* the last two: of a forecast, in the series' units */
    int64_t compared, unresolved;            /* elements numerically */
    bool agrees;
    char missing[200]; /* why nothing was compared, or "" */
    void *block[EXPLAIN_BLOCKS];
    int blocks;
    eddy_status status;
} explanation;

/* Memory that lives as long as the explanation; filled with NaN. NULL after a sentence in the status. */
double *explain_doubles(explanation *e, int64_t count);
quantity *explain_add(explanation *e, explain_part part, const char *name, const char *label, int64_t first,
                      int64_t last, int64_t rows, int64_t columns);
void explain_free(explanation *e);

/* Compares; writes ulp, relative, ... and agrees of each quantity, and agrees of the explanation. */
void explain_judge(explanation *e);

/* The step of the sequence, from 1, for element k. 0 or steps + 1: before the first one taken. */
int64_t explain_time(const explanation *e, bool reverse, int64_t k);
/* The quantity's name with the direction, "delta_f_reverse". */
void explain_name(const quantity *q, char *out, size_t size);
const char *explain_arrow(int direction); /* "→", "←" or "" */
/* The quantity of that name and direction, or NULL. */
const quantity *explain_find(const explanation *e, const char *name, int direction);

/* How many doubles lie between a and b, 0 if they are equal; UINT64_MAX if one is NaN. */
uint64_t ulp_distance(double a, double b);

/* Agreement by hand and by tape: two correct computations in f64 differ by rounding, here up to 1e-11 in unlucky sums,
 * and a wrong formula by 1e-3 and more. */
#define HAND_TOLERANCE 1e-8
/* A numerical derivative tells nothing about an element if its own estimated error, relative as above, is larger: where
 * the loss is chaotic. */
#define NUMERICAL_RESOLUTION 1e-5

#endif
