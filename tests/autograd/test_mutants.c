/* The checker against its mutants: every wrong gradient is caught and most are named, no right one is accused, and
 * nearly none is left open. */
#include "test.h"
#include "mutants.h"

#include <string.h>

START_TEST(killed)
{
    const mutant *m = mutant_at(_i * test_every());
    trial t;
    ck_assert_msg(trial_mutant(&t, m, 1, false), "%s: %s", m->name, eddy_error(t.tape));
    eddy_gradcheck_report report;
    ck_assert_msg(
        eddy_gradcheck_claim(t.loss, t.wrt, t.claim, &(eddy_gradcheck_options){ .context = t.context }, &report),
        "%s: %s", m->name, eddy_error(t.tape));
    ck_assert_msg(report.verdict == EDDY_DISAGREE, "%s survives: %s", m->name, report.message);
    ck_assert_msg(!m->hint || strstr(report.message, m->hint), "%s: no \"%s\" in: %s", m->name, m->hint,
                  report.message);
    ck_assert_msg(report.tape_disagreed > 0, "%s: the tape's gradient is the same", m->name);
    eddy_gradcheck_free(&report);
    trial_free(&t);
}
END_TEST

START_TEST(none_accused)
{
    int unresolved = 0, count = right_count();
    ck_assert_int_ge(count, 200);
    for (int i = 0; i < count; i += test_every()) {
        trial t;
        const char *name = "";
        ck_assert_msg(trial_right(&t, i, &name), "%s: %s", name, eddy_error(t.tape));
        eddy_gradcheck_report report;
        ck_assert_msg(
            eddy_gradcheck_claim(t.loss, t.wrt, t.claim, &(eddy_gradcheck_options){ .context = t.context }, &report),
            "%s: %s", name, eddy_error(t.tape));
        ck_assert_msg(report.verdict == EDDY_AGREE || report.verdict == EDDY_UNRESOLVED, "%s: %s", name,
                      report.message);
        if (report.verdict == EDDY_UNRESOLVED)
            printf("unresolved: %s: %s\n", name, report.message);
        unresolved += report.verdict == EDDY_UNRESOLVED;
        ck_assert_int_eq(report.tape_disagreed, 0);
        eddy_gradcheck_free(&report);
        trial_free(&t);
    }
    ck_assert_msg(unresolved * 50 <= count, "%d of %d right gradients are unresolved", unresolved, count);
}
END_TEST

Suite *suite_mutants(void)
{
    int mutants = 0;
    while (mutant_at(mutants))
        mutants++;
    mutants = mutants < 40 ? 40 : mutants;
    Suite *suite = suite_create("mutants");
    TCase *tcase = tcase_create("mutants");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, killed, 0, (mutants + test_every() - 1) / test_every());
    tcase_add_test(tcase, none_accused);
    suite_add_tcase(suite, tcase);
    return suite;
}
