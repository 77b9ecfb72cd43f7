/* Quantities, steps and instances in the document's own notation. */
#ifndef EDDY_CHECK_NOTATION_H
#define EDDY_CHECK_NOTATION_H

#include "scope.h"

/* C, "t+1" -> C_{t+1}; W_f, "t" -> W_{f,t}; an untimed quantity as it is. LaTeX without dollars. */
const char *notation_at(arena *a, const quantity *q, const char *step);
/* The same at a step written relative to t: -1 -> C_{t-1}. */
const char *notation_near(arena *a, const quantity *q, int64_t shift);
/* "$t=1$, $g=f$" */
const char *notation_env(arena *a, const binding *env);

#endif
