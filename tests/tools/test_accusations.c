/* No true formula is called false: whole documents, each formula's verdict by its tag. */
#include "test.h"

#include "judge.h"

#include <stdio.h>
#include <string.h>

static arena memory;

static void start(void)
{
    arena_start(&memory, (size_t)1 << 30);
}

static void finish(void)
{
    arena_free(&memory);
}

static const findings *checked(const char *lines, const char *const *formula, size_t count)
{
    text source = { .arena = &memory };
    text_format(&source, "<!-- eddy\n%s\n-->\n", lines);
    for (size_t i = 0; i < count; i++)
        text_format(&source, "$$%s \\tag{%zu}$$\n", formula[i], i);
    const char *bytes = text_done(&source);
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, bytes, strlen(bytes));
    ck_assert_msg(!d.sentence, "%s", d.sentence ? d.sentence : "");
    const findings *all = check_document(&memory, &d, &(check_options){ .seconds = 100 });
    ck_assert_ptr_nonnull(all);
    return all;
}

typedef struct claim {
    const char *formula, *said; /* "VERDICT" or "VERDICT: words of the summary or of the reading" */
} claim;

static void judged(const char *lines, const claim *list, size_t count)
{
    const char *formula[32];
    ck_assert_uint_le(count, 32);
    for (size_t i = 0; i < count; i++)
        formula[i] = list[i].formula;
    const findings *all = checked(lines, formula, count);
    for (int i = 0; i < all->count; i++) {
        const finding *f = &all->finding[i];
        size_t which = (size_t)(f->id[0] - '0');
        ck_assert_msg(f->id[0] >= '0' && f->id[0] <= '9', "%s: %s: %s", lines, f->id, f->summary);
        if (f->id[1])
            which = 10 * which + (size_t)(f->id[1] - '0');
        const char *said = list[which].said, *words = strstr(said, ": "), *verdict = check_verdict_name(f->verdict);
        size_t length = words ? (size_t)(words - said) : strlen(said);
        ck_assert_msg(strlen(verdict) == length && !strncmp(said, verdict, length) &&
                          (!words || strstr(f->summary, words + 2)),
                      "%s\n    is  %s: %s\n    not %s", list[which].formula, verdict, f->summary, said);
        ck_assert_msg(!strstr(f->summary, "report this"), "%s", f->summary);
    }
}
#define JUDGED(setup, list) judged(setup, list, sizeof list / sizeof *list)

#define NETWORK                                                                                                        \
    "sizes B T I H\ngiven x_t in R^I; W in R^{H \\times H}; V in R^{H \\times I}\n"                                    \
    "A_{f,t} = W h_{t-1} + V x_t\nh_t = \\tanh(A_{f,t})\nloss L reads h_t\n"                                           \
    "dX means \\partial L / \\partial X"

/* ---- One name, wherever its labels stand ---- */

START_TEST(decorated_names_are_one_quantity)
{
    static const claim list[] = {
        { "dA^f_t = dh_t \\odot (1 - h_t^2)", "HOLDS" },     { "dA^{(f)}_t = dh_t \\odot (1 - h_t^2)", "HOLDS" },
        { "dA_{f,t} = dh_t \\odot (1 - h_t^2)", "HOLDS" },   { "dA^f_t = dh_t \\odot (1 + h_t^2)", "FAILS" },
        { "dA^{(f)}_t = dh_t \\odot (1 + h_t^2)", "FAILS" }, { "dW = \\sum_t dA^f_t h_{t-1}^\\top", "HOLDS" },
    };
    JUDGED(NETWORK, list);
    /* both are introduced: two quantities */
    static const claim two[] = { { "U^f = 2 U_f", "DEFINES" },
                                 { "U^f = 3 U_f", "FAILS" },
                                 { "y_t = U^f x_t + U_f x_t", "DEFINES" },
                                 { "y_t = 3 U_f x_t", "HOLDS" } };
    JUDGED("sizes B T I H\ngiven x_t in R^I; U_f in R^{H \\times I}", two);
}
END_TEST

/* ---- What depends on something unreadable, and what stands behind it ---- */

START_TEST(a_failing_formula_concerns_no_other)
{
    static const claim list[] = {
        { "q_t = W x_t", "NOT READ: the definition of $q$ does not multiply out" },
        { "\\frac{\\partial L}{\\partial W} = q_t q_t^\\top", "NOT READ: the definition of $q$ does not multiply out" },
        { "dV = \\sum_t dA_{f,t} x_t^\\top", "HOLDS" },
    };
    JUDGED(NETWORK, list);
    static const claim function[] = {
        { "a_t = W h_{t-1} + V x_t", "DEFINES" },
        { "h_t = f(a_t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial V} = \\sum_t x_t h_t", "FAILS" },
        { "\\frac{\\partial L}{\\partial a_t} = \\frac{\\partial L}{\\partial h_t} \\odot f'(h_t)", "FAILS" },
        { "\\frac{\\partial L}{\\partial a_t} = \\frac{\\partial L}{\\partial h_t} \\odot f'(a_t)", "HOLDS" },
    };
    JUDGED("sizes B T I H\ngiven x_t in R^I; W in R^{H \\times H}; V in R^{H \\times I}\nloss L reads h_t", function);
}
END_TEST

/* ---- Functions that grow ---- */

START_TEST(numbers_stay_moderate)
{
    static const claim list[] = {
        { "h_t = f(W h_{t-1} + V x_t + b)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial b} = \\sum_t \\frac{\\partial L}{\\partial h_t} \\odot f'(W h_{t-1} + V x_t + "
          "b) \\mathbf 1_B",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\left(\\frac{\\partial L}{\\partial h_t} \\odot f'(W h_{t-1} + "
          "V "
          "x_t + b)\\right) h_{t-1}^\\top",
          "HOLDS" },
    };
    JUDGED("sizes B T=12 I=6 H=9\ngiven x_t in R^I\nloss L reads h_t", list);
    static const claim cubes[] = {
        { "h_t = W h_{t-1}^3 + V x_t", "DEFINES" },
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = 3 W \\operatorname{diag}(h_{t-1}^2)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\frac{\\partial L}{\\partial h_t} (h_{t-1}^3)^\\top", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\frac{\\partial L}{\\partial h_t} (h_{t-1}^2)^\\top", "FAILS" },
    };
    JUDGED("sizes B T I H\ngiven x_t in R^I\nloss L reads h_t", cubes);
    static const claim relu[] = {
        { "h_t = \\mathrm{ReLU}(W h_{t-1} + V x_t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial V} = \\sum_t \\left(\\frac{\\partial L}{\\partial h_t} \\odot \\mathbf 1[h_t "
          "> "
          "0]\\right) x_t^\\top",
          "HOLDS" },
    };
    JUDGED("sizes B T=10 I=6 H=9\ngiven x_t in R^I\nloss L reads h_t", relu);
}
END_TEST

Suite *suite_accusations(void)
{
    Suite *suite = suite_create("accusations");
    TCase *tests = tcase_create("accusations");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, decorated_names_are_one_quantity);
    tcase_add_test(tests, a_failing_formula_concerns_no_other);
    tcase_add_test(tests, numbers_stay_moderate);
    suite_add_tcase(suite, tests);
    return suite;
}
