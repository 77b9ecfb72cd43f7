/* One step worked with numbers: what stands in each formula, substituted. */
#ifndef EDDY_EXPLAIN_WORKED_H
#define EDDY_EXPLAIN_WORKED_H

#include "explanation.h"

#include <stdio.h>

/* One formula of sample 1, unit 1 (of a weight: its first element) in the worked step. worked_free frees its texts. */
typedef struct worked_line {
    const quantity *of;
    char *formula;     /* LaTeX, with the step for t */
    char *substituted; /* one line of Unicode: "σ(0.1·(-0.2) + 0.3) = σ(0.28)" */
    double value;
} worked_line;

/* The step, from 1: the one that was asked for, or the last but one, which has a step before and one after it. */
int64_t worked_step(const explanation *e);
/* The line after *next, which begins with 0; whole: with all terms of long sums. False after the last, or with a
 * sentence in the status. */
bool worked_next(const explanation *e, int *next, bool whole, worked_line *line, eddy_status *status);
void worked_free(worked_line *line);

#endif
