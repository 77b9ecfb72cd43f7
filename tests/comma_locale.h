/* A locale whose decimal point is a comma, for tests that numbers never follow it. Assumes that the process is the
 * test's own: it stays in that locale. */
#ifndef EDDY_TEST_LOCALE_H
#define EDDY_TEST_LOCALE_H

#include "scratch.h"

#include <locale.h>
#include <stdbool.h>

/* True when the process is in such a locale now, made by localedef if the machine has none; else after a line that says
 * what is skipped. */
static inline bool comma_locale(const char *what)
{
    char text[32], command[900];
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) {
        scratch s = scratch_new("de_DE.UTF-8");
        snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 '%s' >'%s/log' 2>&1", s.path, s.folder);
        int made = system(command);
        setenv("LOCPATH", s.folder, 1);
        bool set = setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
        snprintf(command, sizeof command, "rm -r '%s'", s.folder);
        if (system(command) || !set) {
            printf("SKIPPED: %s in a locale with a decimal comma (localedef says %d)\n", what, made);
            return false;
        }
    }
    snprintf(text, sizeof text, "%g", 0.5);
    ck_assert_str_eq(text, "0,5");
    return true;
}

#endif
