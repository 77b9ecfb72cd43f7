/* Numerical derivatives of a function of one number, with an account of their errors. For the gradient checker. */
#ifndef EDDY_NUMERICAL_H
#define EDDY_NUMERICAL_H

#include <stdbool.h>

typedef struct eddy_curve {
    double (*f)(void *context, double step); /* at x + step */
    void *context;
    double noise; /* bound on the rounding error of f */
    double grain; /* rounding of x + step: eps |x| */
} eddy_curve;

typedef struct eddy_slope {
    double value; /* NaN: f was not finite at some step */
    double error; /* estimated truncation error plus the bound on rounding */
    double size;  /* the largest |f| seen */
    double step;  /* the table's first */
} eddy_slope;

/* The derivative at x by one table of Ridders' method that begins with step h. */
eddy_slope eddy_slope_at(const eddy_curve *curve, double h);

/* Do the slopes to the left and to the right of x differ, on the scale of steps below h? *jump is by how much. */
bool eddy_kink_at(const eddy_curve *curve, double h, double *jump);

#endif
