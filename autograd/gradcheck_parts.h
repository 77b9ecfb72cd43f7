/* The two halves of the gradient checker to each other: gradcheck.c runs, gradcheck_report.c judges and words. */
#ifndef EDDY_GRADCHECK_PARTS_H
#define EDDY_GRADCHECK_PARTS_H

#include "gradcheck.h"
#include "node.h"

typedef struct eddy_gradcheck_scale {
    double loss_noise, claim_noise;  /* bounds on the rounding of the function and of each claimed element */
    double largest, largest_of_leaf; /* claimed elements: of all leaves, of this one */
} eddy_gradcheck_scale;

/* The largest finite |element|. */
double eddy_gradcheck_largest(const eddy_tensor *claimed);
/* Fills all of an element but leaf, index, order and claimed. f(context, step) is the function with the element at x + step. */
void eddy_gradcheck_judge(eddy_gradcheck_element *e, double (*f)(void *context, double step), void *context, double x,
                          const eddy_gradcheck_scale *scale);
/* Counts, sorts, and writes verdict and message. Elements stand by order, leaf and index. */
void eddy_gradcheck_conclude(eddy_list wrt, eddy_gradcheck_report *report);

#endif
