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
/* The line of one element of a quantity in step k (0 for what is before the first). False if there is none. */
bool worked_at(const explanation *e, const quantity *q, int64_t k, int64_t row, int64_t column, worked_line *line,
               eddy_status *status);
/* How many columns of a weight or bias belong to the state and the first bias; all, where that makes no difference. */
int64_t worked_left(const explanation *e, const quantity *q);
/* The whole of a quantity in step k with matrices for its letters, and what they come to, indented so far. Does nothing
 * if nothing of it exists in this step. */
void worked_matrices(FILE *stream, const explanation *e, const quantity *q, int64_t k, int indent);
/* Which part of a gradient the columns left (0) or right (1) are, "dW_f^h = "; "= " for what has no parts. */
void worked_part(FILE *stream, const quantity *q, int right);
/* Has it columns on the right that are computed in another way? */
bool worked_parted(const quantity *q);
/* "name = [...]" with what the quantity holds in step k. */
void worked_values(FILE *stream, const quantity *q, int64_t k, int indent);
void worked_free(worked_line *line);

#endif
