/* Initial values of parameters. Every value is a pure function of (tape seed, number of the parameter on the tape,
 * element). */
#ifndef EDDY_INIT_H
#define EDDY_INIT_H

#include "tape.h"

EDDY_C_BEGIN

typedef enum eddy_init_kind {
    EDDY_INIT_ZEROS = 0,
    EDDY_INIT_CONSTANT,        /* a */
    EDDY_INIT_UNIFORM,         /* [-a, a) */
    EDDY_INIT_NORMAL,          /* mean 0, deviation a */
    EDDY_INIT_XAVIER_UNIFORM,  /* [-b, b), b = gain sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010, eq. 16) */
    EDDY_INIT_XAVIER_NORMAL,   /* deviation gain sqrt(2 / (fan_in + fan_out)) */
    EDDY_INIT_KAIMING_UNIFORM, /* [-b, b), b = gain sqrt(3 / fan_in) (He et al. 2015) */
    EDDY_INIT_KAIMING_NORMAL,  /* deviation gain / sqrt(fan_in) */
    EDDY_INIT_ORTHOGONAL /* rows (or columns, whichever are fewer) orthonormal times gain (Saxe et al. 2014, eq. in
                            section 2) */
} eddy_init_kind;

/* gain 0 means 1. A weight is (out, in): fan_in is its last dimension, fan_out its first, both times the product of
 * what lies between. */
typedef struct eddy_init {
    eddy_init_kind kind;
    double a;
    double gain;
} eddy_init;

/* A new parameter of this shape in the tape's dtype. */
EDDY_SITED eddy_var eddy_parameter_init(eddy_tape *tape, const char *name, eddy_shape shape, eddy_init init);
/* Draws the values of an existing parameter anew (orthogonal recurrent weights, a forget-gate bias, ...). rows
 * first..last-1 of axis 0 only; last 0 means all. */
EDDY_SITED bool eddy_reinitialise(eddy_var parameter, eddy_init init, int64_t first, int64_t last);

EDDY_C_END
#include "init_calls.h"
#endif
