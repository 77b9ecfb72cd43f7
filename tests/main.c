/* Runs the suites named on the command line, or all. Ends with Check's summary; the exit status says whether something
 * failed. */
#include "test.h"

#include <stdbool.h>
#include <string.h>

static const struct {
    const char *name;
    Suite *(*make)(void);
} suites[] = {
#define SUITE(name) { #name, suite_##name },
#include "suites.def"
#undef SUITE
};

int main(int argc, char **argv)
{
    SRunner *runner = srunner_create(NULL);
    int chosen = 0;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        bool wanted = argc < 2;
        for (int k = 1; k < argc; k++)
            wanted = wanted || !strcmp(argv[k], suites[i].name);
        if (wanted) {
            srunner_add_suite(runner, suites[i].make());
            chosen++;
        }
    }
    if (!chosen) {
        fprintf(stderr, "no suite of that name\n");
        srunner_free(runner);
        return 2;
    }
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
