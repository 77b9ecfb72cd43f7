/* What every suite shares: Check, the list of suites, and the folder of foreign test vectors. */
#ifndef EDDY_TEST_H
#define EDDY_TEST_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Check writes the place of every assertion that holds into a file, to say where a test was when it crashed: in
 * loops over elements that was most of a suite's time. Here a place that was noted before is not noted again. */
static inline void test_mark(const char *file, int line)
{
    static int noted[64];
    int *note = &noted[line % 64];
    if (*note != line)
        _mark_point(file, line);
    *note = line;
}

#undef ck_assert_msg
#define ck_assert_msg(expr, ...) ((expr) ? test_mark(__FILE__, __LINE__) : ck_abort_msg(__VA_ARGS__))
#undef ck_assert
#define ck_assert(expr) ck_assert_msg(expr, "Assertion '%s' failed", #expr)

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

/* Whether also that is to be run which takes its time and finds little more (tools/test --all). */
static inline bool test_all(void)
{
    const char *all = getenv("EDDY_TEST_ALL");
    return all && *all;
}

/* Of cases that take the same ways through the code with other numbers, a slow build (sanitizers) runs one in
 * EDDY_TEST_EVERY; without the variable all are run. */
static inline int test_every(void)
{
    const char *every = getenv("EDDY_TEST_EVERY");
    int n = every ? atoi(every) : 1;
    return n > 1 ? n : 1;
}

#endif
