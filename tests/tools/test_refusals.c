/* Every sentence with which the readers of formulas and setups refuse, and rare things that they take. */
#include "test.h"

#include "reader.h"

#include <string.h>

static arena memory;

static void start(void)
{
    arena_start(&memory, (size_t)64 << 20);
}

static void finish(void)
{
    arena_free(&memory);
}

typedef struct refusal {
    const char *source, *words; /* a part of the sentence; NULL: it is read */
} refusal;

START_TEST(formulas)
{
    static const refusal list[] = {
        { "(a = b) c = d", "a relation stands in brackets" },
        { "x = a \\text{ where } y += 2", "\"+=\" stands in a condition" },
        { "|a = b", "\"|\" is expected, for \"|\"" },
        { "\\langle a \\rangle = b", "two vectors separated by a comma are expected between" },
        { "a = .", "a term is expected, not \".\"" },
        { "a = . b", "" },
        { "a = 1e999", NULL },
        { "a_= b", "" },
        { "\\frac = b", "" },
        { "\\mathrm{a + b} = c", "is expected to hold letters" },
        { "\\mathbf{a b} = c", NULL },
        { "\\mathbf{a \\sum b} = c", "" },
        { "{a b}^2 = c", "braces around several factors are not printed" },
        { "\\underbrace x = c", "" },
        { "\\underbrace{x} = c", NULL },
        { "\\underbrace{x}_{\\text{input}} = c", NULL },
        { "\\underbrace{x}_ = c", NULL },
        { "\\underbrace{x + y}_{z} w = c", "a brace around a sum is no bracket" },
        { "\\mathbf 1[a] = c", "a relation is expected in the brackets after a bold 1" },
        { "\\left = c", "a bracket is expected after \\left" },
        { "\\left a \\right) = c", "a bracket is expected after \\left" },
        { "a = \\left", "a bracket is expected after \\left" },
        { "\\operatorname{a+b} x = c", "the name in \\operatorname{...} is expected to be letters" },
        { "\\begin x = c", "the name of an environment in braces is expected" },
        { "\\begin{alignedat} x = c \\end{alignedat}", "alignedat needs its number of columns" },
        { "\\begin{alignedat}{2} x &= c \\end{alignedat}", NULL },
        { "x = c \\end{aligned}", NULL },
        { "x = c \\end{pmatrix}", "" },
        { "\\begin{foo} x = c \\end{foo}", "" },
        { "x = c \\\\[2pt] y = d", NULL },
        { "x = c \\\\[-1.5em] y = d", NULL },
        { "x = c \\", "a command is expected after" },
        { "x = \\1", "a term is expected" },
        { "x = \\text y", "" },
        { "x = \\text", "words in braces are expected after \\text" },
        { "x = \\text{a", "" },
        { "x = c \xC2\xA7", "" },
        { "x = a...b", NULL },
        { "x = a % remark\n + b", "an operator, a relation or the end is expected" },
        { "x = a~b", NULL },
        { "\\partial = c", "" },
        { "\\frac{\\partial}{\\partial x} = c", "what is differentiated is expected" },
        { "\\frac{\\partial y}{x} = c", "" },
        { "\\partial y / x = c", "is expected" },
        { "\\nabla L = c", "\"\\nabla\" needs its variable" },
        { "\\nabla_x L = c", NULL },
        { "\\frac{\\partial^2 y}{\\partial x^2} = c", NULL },
        { "y|_{x = 0} = c", "" },
        { "\\left. y \\right|_{x} = c", "" },
        { "\\left. \\frac{\\partial y}{\\partial x} \\right| = c", "behind the bar a subscript is expected" },
        { "\\left. \\frac{\\partial y}{\\partial x} \\right|_{z \\text{ fixed}} = c", NULL },
        { "\\left. \\frac{\\partial y}{\\partial x} \\right|_{z \\text{ held}} = c", NULL },
        { "\\left. \\frac{\\partial y}{\\partial x} \\right|_{z \\text{ purple}} = c",
          "quantities that are held \"fixed\" are expected" },
        { "\\left. \\frac{\\partial y}{\\partial x} \\right|_{z, w} = c", NULL },
        { "\\sum = c", "" },
        { "\\sum_{} x = c", "" },
        { "\\sum_{j} = c", "" },
        { "\\sum_{j = 1} x_j = c", "" },
        { "\\sum_{2}^{3} x = c", "" },
        { "\\sum_{j \\in S} x_j = c", NULL },
        { "\\sum_{j \\in N(i)} x_j = c", "a set \\{..\\} is expected after" },
        { "\\sum_{j, k, l, m, n} x = c", NULL },
        { "\\sqrt = c", "" },
        { "\\sqrt[3]{x} = c", "" },
        { "\\max_{} x = c", "" },
        { "\\max() = c", "" },
        { "\\sin = c", "" },
        { "\\log^{-1}(x) = c", "" },
        { "\\tanh^2 x = c", NULL },
        { "\\begin{cases} 1 & x > 0 \\\\ 0 & x \\le 0 \\end{cases} = c", NULL },
        { "\\begin{pmatrix} a & b \\\\ c \\end{pmatrix} = d", "" },
        { "\\begin{pmatrix} \\end{pmatrix} = d", "" },
        { "\\begin{pmatrix} a & b", "" },
        { "a = b = ", "" },
        { "= a", "" },
        { "a b", NULL },
        { "a , , b = c", "" },
        { "a = b, c", "after a comma a condition is expected" },
        { "a = b \\text{for all} t", NULL },
        { "a = b, \\quad \\forall t", NULL },
        { "a = b \\quad (t = 1, \\dots, T)", NULL },
        { "a = b \\quad (t < T", "" },
        { "a = b, \\quad 0 < t \\le T", NULL },
        { "a = b, \\qquad 0 < p_j", NULL },
        { "\\phantom{x} a = \\label{z} b", NULL },
        { "\\hspace{2em} a = b \\tag{3}", NULL },
        { "a = b \\mkern 3mu + c", NULL },
        { "\\color{red} a = b", "" },
        { "a^b^c = d", "" },
        { "a'^2 = d", NULL },
        { "a''' = d", NULL },
        { "a^{\\prime} = d", NULL },
        { "a^* = d", NULL },
        { "a^{(2)} = d", NULL },
        { "\\tilde = d", "" },
        { "\\tilde{\\bar a} = d", NULL },
        { "\\mathbb R = d", NULL },
        { "\\mathcal{L}_t = d", NULL },
        { "\\mathfrak a = d", "" },
        { "a \\to b", "" },
        { "a \\propto b", NULL },
        { "\\int x = d", "" },
        { "a \\otimes b = d", NULL },
        { "a / b / c = d", NULL },
        { "-a = +b", NULL },
        { "a - - b = d", "" },
        { "a \\cdot \\cdot b = d", "" },
        { "a + = d", "" },
        { "a! = d", "" },
        { "a : + b = d", "" },
        { "\\| a = d", "\"\\|\" is expected" },
        { "[a, b = d", "" },
        { "\\{a\\} = d", NULL },
        { "g \\in \\{i, f\\}", NULL },
    };
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        latex_result r = latex_read(&memory, list[k].source, strlen(list[k].source));
        bool right = !list[k].words == !r.sentence && (!r.sentence || strstr(r.sentence, list[k].words));
        ck_assert_msg(right && !r.sentence == !!r.count, "%s\n    is   %s\n    not  %s", list[k].source,
                      r.sentence ? r.sentence : "read", list[k].words ? list[k].words : "read");
        for (int i = 0; i < r.count; i++) { /* what is read can be written in all forms */
            ck_assert(*latex_text(&memory, r.formula[i], LATEX_SOURCE) &&
                      *latex_text(&memory, r.formula[i], LATEX_UNICODE));
            ck_assert_ptr_nonnull(strstr(latex_text(&memory, r.formula[i], LATEX_MATHML), "<m"));
        }
    }
}
END_TEST

START_TEST(statements)
{
    static const refusal list[] = {
        { "labels g = 1, 2.5, 3", "is no name of a quantity" },
        { "labels g = ", "the labels are missing after \"labels g =\"" },
        { "labels g = i,, f", NULL },
        { "labels gg = i, f", "" },
        { "labels", "" },
        { "index in H", "the letters are missing in front of \"in\"" },
        { "index j in", "a size is missing after \"in\"" },
        { "index j in H; k in I;", NULL },
        { "index j in d_{model}", NULL },
        { "sizes d_k d_{k} N_h", NULL },
        { "sizes d_", "" },
        { "sizes", NULL },
        { "library lstm f i", NULL },
        { "library lstm: f i \\tilde C o C h form W_f", "is no word of a library's line; did you mean \"from\"?" },
        { "library lstm: f i \\tilde C o C h from W_f into x", "" },
        { "library", "" },
        { "library lstm:", "" },
        { "loss", "" },
        { "loss L reads h_t direct", "" },
        { "loss L reads h_t mabye C_t", "is no word of a loss; did you mean \"maybe\"?" },
        { "loss L reads maybe", "" },
        { "hold f_t fixd", "did you mean \"fixed\"?" },
        { "hold", "" },
        { "convention", "" },
        { "time k", NULL },
        { "time \\tau = 1, \\dots, N", NULL },
        { "time k = 0..N - 1", NULL },
        { "time", "a letter is expected, and where it runs" },
        { "time kk", "a letter is expected, and where it runs" },
        { "time k = 2, ..., N", "a letter is expected, and where it runs" },
        { "time k from 0", "a letter is expected, and where it runs" },
        { "scene", NULL },
        { "given x in R^", "a size is missing after \"R^\"" },
        { "given x in R^{}", "" },
        { "given x in R^H in R^I", "there are two spaces in one statement" },
        { "given x per", "\"sample\" is missing after \"per\"" },
        { "given x zero", "\"or one\" is missing after \"zero\"" },
        { "given x in (0, 2)", "" },
        { "given x in R^{2 H}", NULL },
        { "given x in R^{H + I}", NULL },
        { "given x in R^{H", "\"}\" is missing" },
        { "given x, y, z positive", NULL },
        { "given x in \\mathbb{R}^{H \\times I} symmetric", NULL },
        { "given", "the name of a quantity is missing" },
        { "a_t is the argument", "" },
        { "a_t is the argument of", "" },
        { "a_t is argument of f_t", "" },
        { "\\mathrm d X means", "" },
        { "\\mathrm d X means \\partial L", "" },
        { "\\mathrm{d}X means \\partial L / \\partial X", NULL },
        { "x = 1, \\qquad y = 2", NULL },
        { "x = ", "is not read" },
        { "x := 1", NULL },
        { "loss L reads h_t direct a = b", "" },
    };
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        setup s = setup_read(&memory, list[k].source, 1);
        bool right = !list[k].words == !s.sentence && (!s.sentence || strstr(s.sentence, list[k].words));
        ck_assert_msg(right, "%s\n    is   %s\n    not  %s", list[k].source, s.sentence ? s.sentence : "read",
                      list[k].words ? list[k].words : "read");
    }
    setup most = setup_read(&memory, "sizes T H\ngiben x\ngiven y in R^H\nlabels\ngiven z in R", 4);
    ck_assert_msg(strstr(most.sentence, "line 5: ") && strstr(most.sentence, "; line 7: "), "%s", most.sentence);
    ck_assert_int_eq(most.count, 4); /* the other lines stand */
    text many = { .arena = &memory };
    for (int i = 0; i < 10001; i++)
        text_add(&many, "scene a\n");
    setup all = setup_read(&memory, text_done(&many), 1);
    ck_assert(all.sentence && strstr(all.sentence, "a setup has at most"));
    many.length = 0;
    text_add(&many, "loss L reads");
    for (int i = 0; i < 1100; i++)
        text_add(&many, " h_t");
    all = setup_read(&memory, text_done(&many), 1);
    ck_assert(all.sentence && strstr(all.sentence, "names stand in one statement"));
}
END_TEST

Suite *suite_refusals(void)
{
    Suite *suite = suite_create("refusals");
    TCase *tests = tcase_create("refusals");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_add_test(tests, formulas);
    tcase_add_test(tests, statements);
    suite_add_tcase(suite, tests);
    return suite;
}
