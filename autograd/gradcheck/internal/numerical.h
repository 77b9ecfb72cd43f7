/* Numerical derivatives of a function of one number, with an account of their errors. For the gradient checker. */
#ifndef EDDY_NUMERICAL_H
#define EDDY_NUMERICAL_H

#include <stdbool.h>

typedef struct eddy_curve {
    double (*f)(void *context, double step); /* at x + step */
    void *context;
    double middle; /* f(0); NaN: unknown, and no kink is looked for */
    double noise;  /* bound on the rounding error of f */
    double grain;  /* rounding of x + step: eps |x| */
} eddy_curve;

typedef struct eddy_slope {
    double value;    /* NaN: f was not finite at some step */
    double rounding; /* of `error`, what is rounding */
    double error;    /* estimated truncation error plus the bound on rounding */
    double jump; /* slope to the right of x minus slope to the left, if a kink is much nearer to x than the step... */
    double jump_error; /* ...give or take this. Infinite where it is not known */
    double size;       /* the largest |f| seen */
    double step;       /* the table's first */
} eddy_slope;

/* The derivative at x by one table of Ridders' method that begins with step h, and the jump of the slope seen by the
 * same values. */
eddy_slope eddy_slope_at(const eddy_curve *curve, double h);

/* Is the jump larger than its error? */
bool eddy_slope_bends(const eddy_slope *slope);

#endif
