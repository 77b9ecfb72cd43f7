/* What a setup's line, a sentence or a declaration says that a name means: each formula's verdict by its tag. */
#include "judged.h"

#define VECTORS "sizes n\nindex j in n\ngiven u, w in R^n; A in R^{n \\times n}\n"

/* An abbreviation stays together, reaches into fonts, subscripts and other abbreviations. */
START_TEST(abbreviations)
{
    static const claim list[] = {
        { "A q = A u + A w", "HOLDS" },
        { "A q = A u + w", "FAILS" },
        { "\\log q^2 = 2 \\log |u + w|", "HOLDS" },
        { "\\boldsymbol{p}_{j} = u_j + 1", "HOLDS" },
        { "\\tanh r = \\tanh(u^\\top w)", "HOLDS" },
        { "s = A (u + w) + w", "HOLDS" },
        { "\\frac{\\partial (A q)}{\\partial u} = A", "HOLDS" },
    };
    JUDGED(VECTORS "q means u + w\np_{j} means u_j + 1\nr means u^\\top w\ns means A q + w", list);
}
END_TEST

START_TEST(lines_without_effect)
{
    static const char *const formula[] = { "A q = A (u + w)" };
    const findings *all = checked(VECTORS "q means u + w\nz means u - w", formula, 1);
    ck_assert_int_eq(all->count, 2);
    for (int i = 0; i < 2; i++) {
        const finding *f = &all->finding[i];
        if (strncmp(f->id, "setup", 5))
            ck_assert_int_eq(f->verdict, CHECK_HOLDS);
        else
            ck_assert_msg(strstr(f->summary, "line 6: \"z\" stands in no formula"), "%s", f->summary);
    }
}
END_TEST

/* The k of d_k is none of the indices. */
START_TEST(sizes_with_a_label)
{
    static const claim list[] = {
        { "S_{ij} = \\frac{1}{\\sqrt{d_k}} \\sum_c Q_{ic} K_{jc}", "DEFINES" },
        { "P_{ij} = \\frac{e^{S_{ij}}}{\\sum_k e^{S_{ik}}}", "DEFINES" },
        { "L = \\sum_i \\sum_j P_{ij}^2", "DEFINES" },
        { "\\frac{\\partial P_{ij}}{\\partial S_{ik}} = P_{ij} (\\delta_{jk} - P_{ik})", "HOLDS" },
        { "\\frac{\\partial L}{\\partial Q} = \\frac{1}{\\sqrt{d_k}} \\frac{\\partial L}{\\partial S} K", "HOLDS" },
        { "\\frac{\\partial L}{\\partial Q} = \\frac{1}{d_k} \\frac{\\partial L}{\\partial S} K", "FAILS" },
    };
    JUDGED("sizes N d_k\nindex i, j, k in N; c in d_k\ngiven Q, K in R^{N \\times d_k}", list);
}
END_TEST

START_TEST(sums_over_a_set)
{
    static const claim list[] = {
        { "z = \\sum_{w \\in \\mathcal{V}} \\exp(s_w)", "DEFINES" },
        { "p_w = \\exp(s_w) / z, \\quad w \\in \\mathcal V", "DEFINES" },
        { "\\frac{\\partial \\log z}{\\partial s_w} = p_w", "HOLDS" },
        { "\\sum_{w' \\in \\mathcal{V}} p_{w'} = 1", "HOLDS" },
        { "\\sum_{w \\in V} p_w s_w = p^T s", "HOLDS" },
        { "\\sum_{w \\in \\mathcal{V}} p_w^2 = 1", "FAILS" },
        { "\\beta_w \\in \\mathbb R^K", "HOLDS" },
        { "\\beta_w \\in \\mathbb R^{V \\times K}", "FAILS" },
    };
    JUDGED("sizes V K\nindex w in V\ngiven s in R^V; \\beta in R^{V \\times K}", list);
}
END_TEST

/* \theta_{kj} and \theta_k of \Theta; a derivative by one of them is one by a number. */
START_TEST(elements_under_a_small_letter)
{
    static const claim list[] = {
        { "a_t = \\Theta h_{t-1} + x_t", "DEFINES" },
        { "h_t = \\tanh(a_t)", "DEFINES" },
        { "L = \\sum_t \\|h_t\\|^2", "DEFINES" },
        { "a_{t,k} = \\theta_k \\cdot h_{t-1} + x_{t,k}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial \\theta_{k,j}} = \\sum_t \\frac{\\partial L}{\\partial a_{t,k}} h_{t-1,j}",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial \\theta_{k,j}} = \\sum_t \\frac{\\partial L}{\\partial a_{t,j}} h_{t-1,k}",
          "FAILS" },
        { "\\frac{\\partial h_{t,k}}{\\partial h_{t-1,j}} = (1 - h_{t,k}^2) \\theta_{kj}", "HOLDS" },
        { "\\frac{\\partial h_{t,k}}{\\partial \\theta_{kj}} = (1 - h_{t,k}^2) (h_{t-1,j} + \\theta_k \\cdot "
          "\\frac{\\partial h_{t-1}}{\\partial \\theta_{kj}})",
          "HOLDS" },
        { "\\frac{\\partial h_{t,k}}{\\partial \\theta_{kj}} = (1 - h_{t,k}^2) h_{t-1,j}", "HOLDS IF" },
    };
    JUDGED("sizes T K\nindex k, j in K\ngiven x_t in R^K; h_0 in R^K", list);
    static const claim latin[] = {
        { "y = M x + u", "DEFINES" },
        { "\\frac{\\partial y_i}{\\partial x_j} = m_{ij}", "HOLDS" },
        { "\\frac{\\partial y_i}{\\partial x_j} = m_{ji}", "FAILS" },
    };
    JUDGED("sizes N\nindex i, j in N\ngiven x, u in R^N", latin);
}
END_TEST

static const finding *tagged(const findings *all, const char *id)
{
    for (int i = 0; i < all->count; i++)
        if (!strcmp(all->finding[i].id, id))
            return &all->finding[i];
    ck_abort_msg("%s", id);
    return NULL;
}

static const findings *document_checked(const char *source)
{
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, source, strlen(source));
    ck_assert_msg(!d.sentence, "%s", d.sentence ? d.sentence : "");
    const findings *all = check_document(&memory, &d, &(check_options){ .seconds = 100 });
    ck_assert_ptr_nonnull(all);
    return all;
}

/* A sentence says which class a one-hot vector is of. */
START_TEST(classes_in_the_text)
{
    static const char *const sentence[] = { "Let $\\mathbf{y}_t$ be the one-hot vector of the class $c_{t+1}$.",
                                            "The token $c_{t+1}$ has the one-hot\nencoding $y_t$ here." };
    for (size_t i = 0; i < sizeof sentence / sizeof *sentence; i++) {
        const findings *all = document_checked(
            arena_format(&memory,
                         "<!-- eddy\nsizes T V K\ngiven h_t in R^K; \\beta in R^{V \\times K}; y_t in R^V one-hot\n"
                         "p_t = \\mathrm{softmax}(\\beta h_t)\n-->\n%s\n\n"
                         "$$L = -\\sum_{t=1}^T \\log p_{t,c_{t+1}} \\tag{L}$$\n"
                         "$$\\frac{\\partial L}{\\partial h_t} = \\beta^T p_t - \\beta_{c_{t+1}} \\tag{h}$$\n"
                         "$$\\frac{\\partial L}{\\partial h_t} = \\beta_{c_{t+1}} - \\beta^T p_t \\tag{wrong}$$\n",
                         sentence[i]));
        ck_assert_int_eq(tagged(all, "L")->verdict, CHECK_DEFINES);
        ck_assert_int_eq(tagged(all, "h")->verdict, CHECK_HOLDS);
        ck_assert_int_eq(tagged(all, "wrong")->verdict, CHECK_FAILS);
    }
}
END_TEST

/* "For the linear model ($D = I$)" says nothing of any other. */
START_TEST(hypotheses_in_brackets)
{
    const findings *all = document_checked("<!-- eddy\nsizes n\ngiven D in R^{n \\times n}; u in R^n\n-->\n"
                                           "For the linear model ($D = 2 D$) it is trivial, but\n"
                                           "we see ($D = 3 D$) and\n\n$$D u = D u \\tag{1}$$\n");
    ck_assert_int_eq(all->count, 2);
    ck_assert_int_eq(all->finding[0].verdict, CHECK_FAILS);
    ck_assert_str_eq(all->finding[0].id, "line 6");
    all = document_checked("<!-- eddy\nsizes n\ngiven A in R^{n \\times n}\n-->\n"
                           "When A is a contraction, $\\|A\\| < 1$, all is well.\n");
    ck_assert_int_eq(all->count, 1);
    ck_assert_int_eq(all->finding[0].verdict, CHECK_DECLARES);
    all = document_checked("<!-- eddy\nsizes T n\ngiven x_t in R^n; W in R^{n \\times n}\n-->\n"
                           "$$r_t = \\sigma(W x_t)$$\nWith $r_t = \\mathbf 1$ nothing is reset.\n");
    ck_assert_int_eq(all->count, 2);
    ck_assert_int_eq(all->finding[1].verdict, CHECK_DECLARES);
}
END_TEST

/* \delta_X means ...: what stands in the subscript is a quantity, unless it counts. */
START_TEST(subscripts_that_say_of_what)
{
    static const claim list[] = {
        { "a_u^{(t)} = W_u x^{(t)} + U_u s^{(t-1)}", "DEFINES" },
        { "u^{(t)} = \\sigma(a_u^{(t)})", "DEFINES" },
        { "s^{(t)} = (1 - u^{(t)}) \\odot s^{(t-1)} + u^{(t)} \\odot x^{(t)}", "DEFINES" },
        { "L = \\frac12 \\sum_{t=1}^T \\|s^{(t)}\\|^2", "DEFINES" },
        { "\\delta_u^{(t)} = \\delta_s^{(t)} \\odot (x^{(t)} - s^{(t-1)})", "HOLDS" },
        { "\\delta_u^{(t)} = \\delta_s^{(t)} \\odot (s^{(t-1)} - x^{(t)})", "FAILS" },
        { "\\delta_{a_u}^{(t)} = \\delta^{(t)}_u \\odot u^{(t)} \\odot (1 - u^{(t)})", "HOLDS" },
        { "\\delta_{a_u,k}^{(t)} = \\delta_{u,k}^{(t)} u_k^{(t)} (1 - u_k^{(t)})", "HOLDS" },
        { "\\delta_{W_u} = \\sum_t \\delta_{a_u}^{(t)} x^{(t) \\top}", "HOLDS" },
        { "\\delta_{W_u} = \\sum_t x^{(t)} \\delta_{a_u}^{(t) \\top}", "FAILS" },
        { "\\frac{\\partial u_k^{(t)}}{\\partial u_j^{(t)}} = \\delta_{kj}", "HOLDS" },
    };
    JUDGED("sizes T H\nindex j, k in H\ngiven x^{(t)} in R^H; W_u, U_u in R^{H \\times H}\n"
           "\\delta_X means \\partial L / \\partial X",
           list);
    static const claim other[] = {
        { "h_t = \\tanh(W h_{t-1} + x_t)", "DEFINES" },
        { "g_{h,T} = \\frac{\\partial L}{\\partial h_T}", "HOLDS" },
        { "g_{x_t} = g_{h_t} \\odot (1 - h_t \\odot h_t)", "HOLDS" },
        { "g_W = \\sum_t g_{x,t} h_{t-1}^\\top", "HOLDS" },
        { "g_W = \\sum_t g_{x,t} h_t^\\top", "FAILS" },
    };
    JUDGED("sizes T H\ngiven x_t in R^H; W in R^{H \\times H}\nloss L reads h_t\ng_X means \\partial L / \\partial X",
           other);
}
END_TEST

/* Names as in code, without steps; a shorthand of its own for what dX would mean of another quantity. */
START_TEST(names_of_code)
{
    static const claim list[] = {
        { "z\\_f = W\\_f [a\\_prev; x\\_t]", "DEFINES" },
        { "f\\_t = \\sigma(z\\_f), \\qquad i\\_t = 1 - f\\_t", "DEFINES" },
        { "c\\_next = f\\_t * c\\_prev + i\\_t * \\tanh(z\\_f)", "DEFINES" },
        { "a\\_next = f\\_t * \\tanh(c\\_next)", "DEFINES" },
        { "dc\\_tot = dc\\_next + da\\_next * f\\_t * (1 - \\tanh(c\\_next)^2)", "HOLDS" },
        { "dc\\_tot = dc\\_next", "FAILS" },
        { "dc\\_prev = dc\\_tot * f\\_t", "HOLDS" },
        { "\\frac{\\partial c\\_next_{jk}}{\\partial c\\_prev_{jk}} = f\\_t_{jk}", "HOLDS" },
        { "da\\_prev = W\\_f[:, :n]^T dz\\_f", "HOLDS" },
        { "da\\_prev = W\\_f[:, n:]^T dz\\_f", "FAILS" },
        { "dc\\_prev[:q] = dc\\_tot[:q] * f\\_t[:q]", "HOLDS" },
        { "f\\_t[:q]^2 = f\\_t[:q] * f\\_t[:q]", "HOLDS" },
    };
    JUDGED("sizes m n q=2\nindex j in n; k in m\n"
           "given x\\_t, a\\_prev, c\\_prev in R^{n \\times m}; W\\_f in R^{n \\times 2 n}\n"
           "loss J reads a\\_next direct da\\_next, c\\_next direct dc\\_next\n"
           "dX means \\partial J / \\partial X\ndc\\_tot means \\partial J / \\partial c\\_next\n* is entrywise",
           list);
}
END_TEST

Suite *suite_meanings(void)
{
    Suite *suite = suite_create("meanings");
    TCase *tests = tcase_create("meanings");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, abbreviations);
    tcase_add_test(tests, lines_without_effect);
    tcase_add_test(tests, sizes_with_a_label);
    tcase_add_test(tests, sums_over_a_set);
    tcase_add_test(tests, elements_under_a_small_letter);
    tcase_add_test(tests, classes_in_the_text);
    tcase_add_test(tests, hypotheses_in_brackets);
    tcase_add_test(tests, subscripts_that_say_of_what);
    tcase_add_test(tests, names_of_code);
    suite_add_tcase(suite, tests);
    return suite;
}
