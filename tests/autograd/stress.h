/* Random losses for the gradient checker and claims about their gradients, right and wrong, each made from one seed.
 * stress_draw.c draws losses, stress_claims.c claims, stress_gradcheck.c asks the checker and counts. */
#ifndef EDDY_STRESS_H
#define EDDY_STRESS_H

#include <eddy/eddy.h>

enum { STRESS_LEAVES = 16, STRESS_TERMS = 3 };

typedef struct stress {
    eddy_tape *tape;
    eddy_var loss;
    eddy_list wrt; /* all f64 inputs */
    eddy_var term[STRESS_TERMS];
    int terms;
    const char *family[STRESS_TERMS];
    double *claimed[STRESS_LEAVES]; /* one array for each of wrt */
} stress;

/* Draws a loss. `wrong`: for a wrong claim, so without points at which no gradient exists. False: the draw was useless
 * (its value is not finite); try another seed. */
bool stress_draw(stress *s, uint64_t seed, bool wrong);
void stress_free(stress *s);
/* Random numbers that go on from the draw's. */
double stress_between(double low, double high);
int64_t stress_below(int64_t n);
int64_t stress_count(const stress *s, int k); /* elements of wrt[k] */

/* Right gradients, computed in several ways; *how names the way. */
bool stress_claim_right(stress *s, const char **how);
/* The tape's gradient, spoiled in a way that rounding cannot explain. False: no such way was found. */
bool stress_claim_wrong(stress *s, const char **how);
/* Replaces the loss by one of the same value with a wrong gradient (order 1), or a right one with a wrong gradient of
 * its own (order 2), by the tape. */
bool stress_spoil_tape(stress *s, int order, const char **how);
/* An eddy_claim; the context is the stress. */
void stress_claim(void *context, int64_t count, const eddy_tensor *const values[], const eddy_tensor gradients[]);

#endif
