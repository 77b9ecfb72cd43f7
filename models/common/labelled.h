/* Sequences of numbers with a class each: read from .ts files (the format of the UEA archive) and from tables of
 * comma-separated values, split, and classified by the nearest neighbour. Trusts nothing in a file. */
#ifndef EDDY_LABELLED_H
#define EDDY_LABELLED_H

#include "card.h"

typedef struct labelled {
    int64_t count, features, longest; /* sequences; numbers a step; steps of the longest */
    eddy_tensor *sequence;            /* each (steps, features), f32, at least one step */
    int64_t *label;                   /* of each, a place in `name` */
    int64_t classes;
    char **name;
} labelled;

/* A .ts file, or a table whose first column says which sequence a row is a step of (rows of one follow each other), the
 * last its class, and the others are features. With `classes` of a set read before, labels are that set's: others are
 * refused. Sequences without a class, gaps and dimensions of different lengths are refused with their line. */
bool labelled_load(labelled *out, const char *path, const labelled *classes, eddy_status *status);
/* Waves of three frequencies with noise, 10 to 30 steps. */
bool labelled_demo(labelled *out, uint64_t seed, eddy_status *status);
void labelled_free(labelled *set);

/* Appends a sequence: its steps are copied. */
bool labelled_add(labelled *set, const float *values, int64_t steps, const char *name, eddy_status *status);
/* Views of the chosen sequences; what is chosen lives in `of`. labelled_free frees the view alone. */
bool labelled_choose(labelled *view, const labelled *of, const int64_t *index, int64_t count, eddy_status *status);
/* A share of each class at random, at least one if the class has two, into *second, the others into *first. */
bool labelled_split(labelled *first, labelled *second, const labelled *of, double share, uint64_t seed,
                    eddy_status *status);

/* Share of the sequences whose class was predicted. */
double labelled_accuracy(const labelled *set, const int64_t *predicted);
/* Share of `test` whose nearest neighbour in `train` has its class: sequences are standardised, brought to 16 steps by
 * linear interpolation, and compared by Euclid's distance. */
bool labelled_nearest(double *accuracy, const labelled *train, const labelled *test, eddy_status *status);

void labelled_describe(const labelled *set, card *c); /* the classes */
bool labelled_read_classes(labelled *out, const card *c, eddy_status *status);

#endif
