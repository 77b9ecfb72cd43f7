/* Prints the table of docs/gradcheck.md: how many wrong gradients each checker lets pass, and how many right ones it
 * accuses. With --names, which. */
#include "checkers.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 16 };
static int killed[MOST], alarms[MOST], unresolved_wrong, unresolved_right;

/* Checker 0 is eddy's own. */
static void judge(const trial *t, const char *group, const char *name, bool right, bool names)
{
    eddy_gradcheck_report report;
    problem p;
    if (!eddy_gradcheck_claim(t->loss, t->wrt, t->claim, &(eddy_gradcheck_options){ .context = t->context }, &report))
        printf("%s %s: %s\n", group, name, eddy_error(t->tape));
    bool accused = report.verdict == EDDY_DISAGREE;
    *(right ? &alarms[0] : &killed[0]) += accused;
    *(right ? &unresolved_right : &unresolved_wrong) += report.verdict == EDDY_UNRESOLVED;
    if (names && accused == right)
        printf("eddy: %s %s %s\n", group, name, report.message);
    eddy_gradcheck_free(&report);
    if (problem_new(&p, t, 1))
        for (int i = 0; checker_at(i); i++) {
            accused = !checker_at(i)->accepts(&p);
            *(right ? &alarms[i + 1] : &killed[i + 1]) += accused;
            if (names && accused == right)
                printf("%s %s: %s: %s\n", checker_at(i)->name, right ? "accuses" : "accepts", group, name);
        }
    problem_free(&p);
}

int main(int argc, char **argv)
{
    bool names = argc > 1 && !strcmp(argv[1], "--names");
    int wrong = 0, right = right_count();
    for (; mutant_at(wrong); wrong++) {
        trial t;
        if (trial_mutant(&t, mutant_at(wrong), 1, false))
            judge(&t, mutant_at(wrong)->group, mutant_at(wrong)->name, false, names);
        else
            printf("%s: %s\n", mutant_at(wrong)->name, eddy_error(t.tape));
        trial_free(&t);
    }
    for (int i = 0; i < right; i++) {
        trial t;
        const char *name = "";
        if (trial_right(&t, i, &name))
            judge(&t, "right", name, true, names);
        else
            printf("%s: %s\n", name, eddy_error(t.tape));
        trial_free(&t);
    }
    printf("| checker | rule | wrong gradients found, of %d | right ones accused, of %d |\n|---|---|---|---|\n", wrong,
           right);
    printf("| **eddy** | estimated errors; %d wrong and %d right ones unresolved | **%d** | **%d** |\n",
           unresolved_wrong, unresolved_right, killed[0], alarms[0]);
    for (int i = 0; checker_at(i); i++)
        printf("| %s | %s | %d | %d |\n", checker_at(i)->name, checker_at(i)->rule, killed[i + 1], alarms[i + 1]);
    return killed[0] == wrong && alarms[0] == 0 ? 0 : 1;
}
