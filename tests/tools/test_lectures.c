/* What lectures, notes and solutions of homework wrote that no document before them did. */
#include "judged.h"

/* A state that grows with 1/\tau: numbers are drawn so that it stays one, and instances that are none say nothing. */
START_TEST(leaky_units)
{
    static const claim list[] = {
        { "s_k(t) = \\sum_l w_{kl} y_l(t) + \\sum_m v_{km} x_m(t)", "DEFINES" },
        { "y_k(t+1) = (1 - \\frac{1}{\\tau_k}) y_k(t) + \\frac{1}{\\tau_k} f(s_k(t))", "DEFINES" },
        { "f(s) = \\frac{1}{1 + e^{-s}}", "DEFINES" },
        { "e_k(t) = d_k(t) - y_k(t), \\qquad J(t) = \\frac12 \\sum_k e_k(t)^2", "DEFINES" },
        { "E = \\sum_{t=1}^{T} J(t)", "DEFINES" },
        { "f'(s_k(t)) = y_k(t+1) (1 - y_k(t+1))", "FAILS" },
        { "\\frac{\\partial y_k(t+1)}{\\partial y_l(t)} = (1 - \\frac{1}{\\tau_k}) \\delta_{kl} + \\frac{1}{\\tau_k} "
          "f'(s_k(t)) w_{kl}",
          "HOLDS" },
        { "\\frac{\\partial E}{\\partial \\tau_i} = \\frac{1}{\\tau_i} \\sum_{t=0}^{T-1} "
          "\\frac{\\partial E}{\\partial y_i(t+1)} (y_i(t) - y_i(t+1))",
          "HOLDS" },
    };
    JUDGED("sizes T N M\nindex i, j, k, l in N; m in M\ntime t = 0, ..., T-1\ngiven w in R^{N \\times N}; v in R^{N "
           "\\times M}; x(t) in R^M; d(t) in R^N\n"
           "given \\tau in R^N positive",
           list);
}
END_TEST

/* "given h_t in R^H" of an h_t that a formula defines says its shape; W_{2,ij} is an element of the given W_2. */
START_TEST(shapes_of_what_is_defined)
{
    static const claim list[] = {
        { "h_t = \\tanh(W_1 x_t + U h_{t-1})", "DEFINES" },
        { "y_t = W_2 h_t", "DEFINES" },
        { "L = \\frac12 \\sum_t y_t^\\top y_t", "DEFINES" },
        { "\\frac{\\partial L}{\\partial W_2} = \\sum_t y_t h_t^\\top", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W_{2,ij}} = \\sum_t y_{t,i} h_{t,j}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W_{2,ij}} = \\sum_t y_{t,j} h_{t,i}", "FAILS" },
        { "\\frac{\\partial y_t}{\\partial h_t} = W_2", "HOLDS" },
    };
    JUDGED(
        "sizes T I H\nindex i, j in H\ngiven x_t in R^I; h_t, y_t in R^H; W_1 in R^{H \\times I}; W_2 in R^{H \\times "
        "H}",
        list);
    static const claim differentials[] = {
        { "h_t = \\tanh(u_t)", "DEFINES" },
        { "u_t = W x_t + h_{t-1}", "DEFINES" },
        { "L = \\frac12 \\sum_t h_t^\\top h_t", "DEFINES" },
        { "du = dh * (1 - h * h)", "HOLDS" },
        { "du = dh * h", "FAILS" },
    };
    JUDGED("sizes T I H\ngiven x_t in R^I\ndX means \\partial L / \\partial X", differentials);
}
END_TEST

/* r and c count steps where they are compared with one; beta_t beside vectors is a number, a gate is none. */
START_TEST(letters_of_steps_and_rates)
{
    static const claim list[] = {
        { "S_t = S_{t-1} + \\beta_t v_t k_t^\\top", "DEFINES" },
        { "o_t = S_t q_t", "DEFINES" },
        { "o_t = S_c q_t + \\sum_{i=c+1}^t \\beta_i (k_i^\\top q_t) v_i, \\quad c < t", "HOLDS" },
        { "o_t = S_c q_t + \\sum_{i=c}^t \\beta_i (k_i^\\top q_t) v_i, \\quad c < t", "FAILS" },
        { "\\frac{\\partial o_t}{\\partial v_r} = \\beta_r (k_r^\\top q_t) I, \\quad r \\le t", "HOLDS" },
    };
    JUDGED("sizes T m n\ngiven q_t, k_t in R^n; v_t in R^m; \\beta_t in (0,1)\nS_0 = 0", list);
}
END_TEST

/* Ones behind a Jacobian sum over elements: nothing speaks of a batch. A bound on 0 is no condition. */
START_TEST(ones_and_bounds)
{
    static const claim list[] = {
        { "c_t = \\tanh(x_t + v * c_{t-1})", "DEFINES" },
        { "n = z - \\frac1d \\mathbf 1 \\mathbf 1^\\top z", "DEFINES" },
        { "\\frac{\\partial n}{\\partial z} = I - \\frac1d \\mathbf 1 \\mathbf 1^\\top", "HOLDS" },
        { "\\frac{\\partial n}{\\partial z} \\mathbf 1 = 0", "HOLDS" },
        { "\\mathrm d v = \\sum_t \\mathrm d c_t * (1 - c_t^2) * c_{t-1}", "HOLDS" },
        { "\\mathrm d v = \\sum_t \\mathrm d c_t * (1 - c_t^2) * c_t", "FAILS" },
        { "h_t = \\tanh(W h_{t-1} + x_t)", "DEFINES" },
        { "\\left\\| \\frac{\\partial h_3}{\\partial h_1} \\right\\|_2 \\le \\|W\\|_2", "FAILS" },
        { "\\frac{\\partial n}{\\partial z} \\mathbf 1 = \\frac1d \\mathbf 1", "FAILS" },
    };
    JUDGED("sizes T d\ngiven x_t, z in R^d; W in R^{d \\times d}; h_0 in R^d\nloss L reads c_t, n\n"
           "\\mathrm d X means \\partial L / \\partial X",
           list);
}
END_TEST

/* "Put v = 0" is meant for what follows it, and v is drawn elsewhere. */
START_TEST(numbers_for_once)
{
    static const char source[] = "<!-- eddy\nsizes T d\ngiven x_t, v in R^d\nloss L reads c_t\n-->\n"
                                 "$$c_t = \\tanh(x_t + v \\odot c_{t-1})$$\n\n"
                                 "Put $v = 0$ and nothing is left:\n\n"
                                 "$$\\frac{\\partial c_t}{\\partial c_{t-1}} = 0 \\tag{1}$$\n\n"
                                 "$$\\frac{\\partial c_t}{\\partial v} = 0 \\tag{2}$$\n\n";
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, source, sizeof source - 1);
    const findings *all = check_document(&memory, &d, &(check_options){ .seconds = 60 });
    ck_assert(all && all->count == 3);
    ck_assert_int_eq(all->finding[1].verdict, CHECK_HOLDS_IF);
    ck_assert_str_eq(all->finding[1].summary, "$v = 0$");
    ck_assert_int_eq(all->finding[2].verdict, CHECK_FAILS);
}
END_TEST

/* The bounds that a sentence assumes hold for what follows; a bound that breaks within them is false all the same. */
START_TEST(assumed_bounds)
{
    static const char source[] =
        "<!-- eddy\nsizes T m n\ngiven k_t in R^n; v_t in R^m; \\gamma in (0,1)\nR_0 = 0\n-->\n"
        "$$R_t = \\gamma R_{t-1} + v_t k_t^\\top$$\n\n"
        "$$\\| R_t \\|_F \\le \\frac{1}{1 - \\gamma} \\tag{1}$$\n\n"
        "Assume from here on that $\\|k_t\\| \\le 1$ and $\\|v_t\\| \\le 1$.\n\n"
        "$$\\| R_t \\|_F \\le \\frac{1}{1 - \\gamma} \\tag{2}$$\n\n"
        "$$\\| R_t \\|_F \\le \\frac{\\gamma}{1 - \\gamma} \\tag{3}$$\n\n";
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, source, sizeof source - 1);
    const findings *all = check_document(&memory, &d, &(check_options){ .seconds = 60 });
    static const check_verdict said[] = { CHECK_DEFINES,  CHECK_FAILS, CHECK_DECLARES,
                                          CHECK_DECLARES, CHECK_HOLDS, CHECK_FAILS };
    ck_assert(all && all->count == 6);
    for (int i = 0; i < 6; i++)
        ck_assert_msg(all->finding[i].verdict == said[i], "%s: %s", all->finding[i].id,
                      check_verdict_name(all->finding[i].verdict));
    ck_assert(strstr(all->finding[4].reading, "assumes"));
}
END_TEST

/* Columns side by side with dots between them, rows on top of each other; a product that runs down to a number. */
START_TEST(columns_and_products)
{
    static const claim list[] = {
        { "v_t = W x_t", "DEFINES" },
        { "X = \\begin{bmatrix} x_1 & x_2 & \\cdots & x_T \\end{bmatrix}", "DEFINES" },
        { "Z = \\begin{pmatrix} y_1^\\top \\\\ \\vdots \\\\ y_T^\\top \\end{pmatrix}", "DEFINES" },
        { "E = \\sum_t y_t^\\top v_t", "DEFINES" },
        { "\\frac{\\partial E}{\\partial W} = Z^\\top X^\\top", "HOLDS" },
        { "\\frac{\\partial E}{\\partial W} = 2 Z^\\top X^\\top", "FAILS" },
        { "s_{t,j} = \\tanh(x_{t,j} + \\sum_k U_{jk} s_{t-1,k})", "DEFINES" },
        { "\\frac{\\partial s_t}{\\partial s_0} = \\prod_{r=t}^{1} \\frac{\\partial s_r}{\\partial s_{r-1}}", "HOLDS" },
        { "\\frac{\\partial s_t}{\\partial s_0} = 2 \\prod_{r=t}^{1} \\frac{\\partial s_r}{\\partial s_{r-1}}",
          "FAILS" },
    };
    JUDGED("sizes T d m\nindex j, k in d\ngiven x_t in R^d; W in R^{m \\times d}; y_t in R^m; U in R^{d \\times d}",
           list);
}
END_TEST

Suite *suite_lectures(void)
{
    Suite *s = suite_create("lectures");
    TCase *t = tcase_create("documents");
    tcase_add_checked_fixture(t, start, finish);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, leaky_units);
    tcase_add_test(t, shapes_of_what_is_defined);
    tcase_add_test(t, letters_of_steps_and_rates);
    tcase_add_test(t, ones_and_bounds);
    tcase_add_test(t, numbers_for_once);
    tcase_add_test(t, assumed_bounds);
    tcase_add_test(t, columns_and_products);
    suite_add_tcase(s, t);
    return s;
}
