/* The programs that a model file makes. */
#ifndef EDDY_PLAN_MODEL_H
#define EDDY_PLAN_MODEL_H

#include <eddy/eddy.h>

typedef struct plan_model {
    const char *task; /* "text" */
    eddy_tape *tape;  /* whose programs they are; the model's */
    void *model;
    void (*close)(void *model);
} plan_model;

/* longest: steps of a sequence, for models that take sequences of any length. False with the sentence; to be closed
 * either way. */
bool plan_model_open(plan_model *m, const char *path, int64_t longest, eddy_status *status);
void plan_model_close(plan_model *m);
/* Sets all inputs to ones, which are numbers, indices and lengths. False with the tape's failure. */
bool plan_model_fill(eddy_tape *tape);

#endif
