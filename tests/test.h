/* What every suite shares: Check, the list of suites, and the folder of foreign test vectors. */
#ifndef EDDY_TEST_H
#define EDDY_TEST_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define SUITE(name) Suite *suite_##name(void);
#include "suites.def"
#undef SUITE

/* Other libraries' vectors and data live outside the project. The folder's path, or NULL after a line that says which
 * test is skipped. */
static inline const char *test_shared(const char *what)
{
    const char *shared = getenv("EDDY_SHARED");
    if (shared && *shared)
        return shared;
    printf("SKIPPED: %s (EDDY_SHARED names no folder of test vectors)\n", what);
    return NULL;
}

/* Of cases that take the same ways through the code with other numbers, a slow build (sanitizers, coverage) runs one in
 * EDDY_TEST_EVERY; without the variable all are run. */
static inline int test_every(void)
{
    const char *every = getenv("EDDY_TEST_EVERY");
    int n = every ? atoi(every) : 1;
    return n > 1 ? n : 1;
}

#endif
