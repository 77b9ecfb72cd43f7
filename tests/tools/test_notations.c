/* What authors' documents, seen for the first time, wrote and was not read or misjudged. */
#include "said.h"

#define VECTORS "sizes h n\nindex i, j in h\ngiven u, w in R^h; A in R^{h \\times h}\nm = \\frac1h \\sum_j u_j"

START_TEST(identity_and_ones)
{
    static const reading list[] = {
        { VECTORS, "(I - u u^T) w = w - (u^T w) u", "HOLDS" },
        { VECTORS, "(2 \\mathbf I - A A^T) w = 2 w - A A^T w", "HOLDS" },
        { VECTORS, "(1 - u u^T) w = w - (u^T w) u", "FAILS" },
        { VECTORS, "I \\odot A = \\operatorname{diag}(\\operatorname{diag}(A))", "HOLDS" },
        { VECTORS, "\\operatorname{tr}(\\mathbf I_h) = h", "HOLDS" },
        { VECTORS, "\\operatorname{tr}(I) = h", "NOT READ: how large the identity" },
        { VECTORS, "A A^T = I", "FAILS" },
        { VECTORS "\nc = u - m",
          "\\frac{\\partial c}{\\partial u} = \\mathbf I_h - \\frac1h \\mathbf 1 \\mathbf 1^\\top", "HOLDS" },
        { VECTORS "\nc = u - m",
          "\\frac{\\partial c}{\\partial u} + u u^T = I - \\frac1h \\mathbf 1 \\mathbf 1^\\top + u u^T", "HOLDS" },
        { VECTORS "\nc = u - m", "\\frac{\\partial c}{\\partial u} = I - \\frac1h \\mathbf 1 \\mathbf 1^\\top",
          "NOT READ: how large the identity and the ones" },
        { VECTORS "\nc = u - m", "c = u - \\frac1h \\mathbf 1 \\mathbf 1^T u", "HOLDS" },
        { VECTORS "\nc = u - m", "c = u - 2 m \\mathbf 1", "FAILS" },
    };
    SAID(list);
}
END_TEST

#define CELLS                                                                                                          \
    "sizes T I H\nindex i in I; c, h in H\ngiven x_i^t in R^I; w_{ic}, w_{hc}; v_{h\\phi}, v_{c\\phi}\n"               \
    "a_c^t = \\sum_i w_{ic} x_i^t + \\sum_{h=1}^H w_{hc} b_h^{t-1}\n"                                                  \
    "a_\\phi^t = \\sum_{h=1}^H v_{h\\phi} b_h^{t-1} + \\sum_{c=1}^H v_{c\\phi} s_c^{t-1}\n"                            \
    "s_c^t = f(a_\\phi^t) s_c^{t-1} + a_c^t\nb_c^t = h(s_c^t)\nloss L reads b_c^t direct \\kappa_c^t"

START_TEST(names)
{
    static const reading list[] = {
        { CELLS, "\\frac{\\partial b_c^t}{\\partial s_c^t} = h'(s_c^t)", "HOLDS" },
        { CELLS, "\\frac{\\partial b_c^t}{\\partial s_c^t} = f'(s_c^t)", "FAILS" },
        { CELLS,
          "\\frac{\\partial L}{\\partial v_{c\\phi}} = \\sum_t \\frac{\\partial L}{\\partial a_\\phi^t} s_c^{t-1}",
          "HOLDS" },
        { CELLS,
          "\\frac{\\partial L}{\\partial v_{h\\phi}} = \\sum_t \\frac{\\partial L}{\\partial a_\\phi^t} s_h^{t-1}",
          "FAILS" },
        { "sizes m\nindex i in m\ngiven x in R^m; \\epsilon in R positive\n\\mu_B = \\frac1m \\sum_i x_i\n"
          "\\sigma_B^2 = \\frac1m \\sum_i (x_i - \\mu_B)^2\ny_i = x_i / \\sqrt{\\sigma_B^2 + \\epsilon}\nloss L reads "
          "y",
          "\\frac{\\partial L}{\\partial \\sigma_B^2} = -\\frac12 \\sum_i \\frac{\\partial L}{\\partial y_i} x_i "
          "(\\sigma_B^2 + \\epsilon)^{-3/2}",
          "HOLDS" },
        { "sizes T h\ngiven x_t in R^h\nu_t = \\tanh(x_t)\nloss L reads u_t\n\\Delta^r_t means \\partial L / \\partial "
          "x_t\n\\Delta^h_t means \\partial L / \\partial u_t",
          "\\Delta^r_t = \\Delta^h_t \\odot (1 - u_t^2)", "HOLDS" },
        { "sizes n m\ngiven W in R^{n \\times m}; x in R^m\nz = W x\nloss L reads z\n\\delta = \\partial L / \\partial "
          "z",
          "\\frac{\\partial L}{\\partial W} = \\delta^T x^T", "HOLDS" },
        { "sizes n m\ngiven W in R^{n \\times m}; x in R^m\nz = W x\nloss L reads z\n\\delta = \\partial L / \\partial "
          "z",
          "\\frac{\\partial L}{\\partial x} = (\\delta W^T)^T", "FAILS" },
    };
    SAID(list);
}
END_TEST

#define STEPS                                                                                                          \
    "sizes T H\ngiven W, U in R^{H \\times H}; x_t in R^H; h_0 in R^H\nh_t = \\tanh(W x_t + U h_{t-1})\n"              \
    "E = \\sum_t \\|h_t\\|^2\na_t is the argument of h_t\n\\delta h_t = \\partial E / \\partial h_t\n"                 \
    "\\delta a_t = \\partial E / \\partial a_t\n\\Delta h_t = U^T \\delta a_{t+1}\n"

START_TEST(signs)
{
    static const reading list[] = {
        { STEPS, "\\delta h_t = 2 h_t + \\Delta h_t", "HOLDS" },
        { STEPS, "\\Delta h_{t-1} = U^T \\delta a_t", "HOLDS" },
        { STEPS, "\\delta h_0 = U^T \\delta a_1", "HOLDS" },
        { STEPS, "\\delta h_0 = U \\delta a_1", "FAILS" },
        { STEPS, "\\frac{\\partial E}{\\partial W} = \\sum_t \\delta a_t \\otimes x_t + 0 \\odot W", "HOLDS" },
        { STEPS, "\\frac{\\partial E}{\\partial W} = \\sum_t x_t \\otimes \\delta a_t + 0 \\odot W", "FAILS" },
        { STEPS, "\\delta a_t = \\delta h_t \\otimes (1 - h_t^2)", "HOLDS" },
        { STEPS "\\otimes is the outer product", "\\frac{\\partial E}{\\partial W} = \\sum_t \\delta a_t \\otimes x_t",
          "HOLDS" },
        { "sizes T I H\ngiven x_t in R^I; W_a, W_b in R^{H \\times I}\nE = \\sum_t (\\|W_a x_t\\|^2 + \\|W_b x_t\\|^2 "
          "/ 2)\n"
          "W = [W_a; W_b]",
          "\\frac{\\partial E}{\\partial W} = \\sum_t [2 W_a x_t; W_b x_t] x_t^T", "HOLDS" },
        { "sizes T I H\ngiven x_t in R^I; W in R^{H \\times I}\nE = \\sum_t \\|W x_t\\|^2\nq = W W^T",
          "\\frac{\\partial E}{\\partial q} = q", "NOT READ: stands in no other definition" },
    };
    SAID(list);
}
END_TEST

Suite *suite_notations(void)
{
    Suite *suite = suite_create("notations");
    TCase *tests = tcase_create("notations");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, identity_and_ones);
    tcase_add_test(tests, names);
    tcase_add_test(tests, signs);
    suite_add_tcase(suite, tests);
    return suite;
}
