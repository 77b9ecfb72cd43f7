/* What the exercises share: a gradient is handed to the checker as a claim, and what it found is printed. */
#ifndef COURSE_H
#define COURSE_H

#include <eddy/eddy.h>

#include <math.h>
#include <stdio.h>

/* 0 if the gradient agrees with the numerical derivative, else 1. The inputs are drawn at random. */
static inline int course_check(eddy_tape *tape, eddy_var loss, eddy_list wrt, eddy_claim backward)
{
    eddy_gradcheck_report report;
    if (!eddy_gradcheck_claim(loss, wrt, backward, NULL, &report)) {
        fprintf(stderr, "%s\n", eddy_error(tape));
        return 1;
    }
    int64_t missing = 0; /* the checker hands over gradients full of NaN; what still is one was not written */
    for (int64_t i = 0; i < report.count; i++)
        missing += isnan(report.elements[i].claimed) != 0;
    if (missing == report.count)
        printf("The gradient is missing: backward() writes nothing yet.\n");
    else if (missing)
        printf("%d of the %d elements looked at are not written yet.\n%s\n", (int)missing, (int)report.count,
               report.message);
    else
        printf("%s\n", report.message);
    int result = report.verdict == EDDY_AGREE ? 0 : 1;
    eddy_gradcheck_free(&report);
    return result;
}

#endif
