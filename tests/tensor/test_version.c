/* The version: one number, in its parts, in words, and in the library that runs. */
#include "test.h"

#include "version.h"

#include <stdio.h>

START_TEST(parts_and_whole_agree)
{
    char text[64];
    snprintf(text, sizeof text, "%d.%d.%d", EDDY_VERSION_MAJOR, EDDY_VERSION_MINOR, EDDY_VERSION_PATCH);
    ck_assert_str_eq(EDDY_VERSION, text);
    ck_assert_str_eq(eddy_version(), EDDY_VERSION);
}
END_TEST

Suite *suite_version(void)
{
    Suite *suite = suite_create("version");
    TCase *tests = tcase_create("version");
    tcase_add_test(tests, parts_and_whole_agree);
    suite_add_tcase(suite, tests);
    return suite;
}
