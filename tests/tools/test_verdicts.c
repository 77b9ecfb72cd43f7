/* Layouts, functions of the document, quantities of two steps, operators: what examiners found accused or passed. */
#include "judged.h"

START_TEST(gradients_in_numerator_layout)
{
    static const claim rows[] = {
        { "z_t = W h_{t-1} + U x_t", "DEFINES" },
        { "h_t = \\tanh(z_t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial z_t} = \\frac{\\partial L}{\\partial h_t} \\frac{\\partial h_t}{\\partial "
          "z_t}",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t h_{t-1} \\frac{\\partial L}{\\partial z_t}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial U} = \\sum_t x_t \\frac{\\partial L}{\\partial z_t}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial U} = \\sum_t x_{t-1} \\frac{\\partial L}{\\partial z_t}", "FAILS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t h_t \\frac{\\partial L}{\\partial z_t}", "FAILS" },
    };
    JUDGED("sizes T n d\nloss L reads h_t\ngiven x_t in R^d", rows);
    static const claim columns[] = {
        /* nothing says that the author's gradients are rows */
        { "z_t = W h_{t-1} + U x_t", "DEFINES" },
        { "h_t = \\tanh(z_t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial U} = \\sum_t x_t \\frac{\\partial L}{\\partial z_t}",
          "HOLDS IF: derivatives of numbers are rows" },
        { "\\frac{\\partial L}{\\partial U} = \\sum_t x_{t-1} \\frac{\\partial L}{\\partial z_t}", "FAILS" },
    };
    JUDGED("sizes T n d\nloss L reads h_t\ngiven x_t in R^d", columns);
    static const claim said[] = {
        { "z_t = W h_{t-1} + U x_t", "DEFINES" },
        { "h_t = \\tanh(z_t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial U} = \\sum_t x_t \\frac{\\partial L}{\\partial z_t}", "HOLDS" },
    };
    JUDGED("sizes T n d\nloss L reads h_t\ngiven x_t in R^d\nconvention numerator", said);
}
END_TEST

START_TEST(a_name_for_the_argument_of_a_function_of_ones_own)
{
    static const claim later[] = {
        { "g(u) = \\tanh(u)", "DEFINES" },
        { "c_t = f_t \\odot c_{t-1} + g(W x_t + b)", "DEFINES" },
        { "a_t = W x_t + b", "DEFINES" },
        { "q_t = x_t \\odot (V x_t)", "DEFINES" },
        { "v_t = V x_t", "DEFINES" },
        { "c_t = f_t \\odot c_{t-1} + \\tanh(a_t)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial a_t} = \\frac{\\partial L}{\\partial c_t} \\odot g'(a_t)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial a_t} = \\frac{\\partial L}{\\partial c_t} \\odot g'(c_t)", "FAILS" },
        { "q_t = x_t \\odot v_t", "HOLDS" },
    };
    JUDGED("sizes T I H\ngiven x_t in R^I; f_t in R^H; V in R^{I \\times I}\nloss L reads c_t", later);
    static const claim named[] = {
        { "\\phi(x) = \\mathrm{softmax}(x)", "DEFINES" },
        { "y_t = \\phi(W x_t)", "DEFINES" },
        { "h_t = g(V x_t)", "DEFINES" },
        { "L = -\\sum_t d_t^\\top \\log y_t + \\sum_t d_t^\\top h_t", "DEFINES" },
        { "\\frac{\\partial L}{\\partial a_t} = y_t - d_t", "HOLDS" },
        { "\\frac{\\partial L}{\\partial e_t} = d_t \\odot g'(e_t)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial e_t} = d_t \\odot g'(h_t)", "FAILS" },
        { "\\frac{\\partial L}{\\partial a_t} = d_t - y_t", "FAILS" },
    };
    JUDGED("sizes T I K\ngiven x_t in R^I; d_t in R^K one-hot\na_t is the argument of y_t\n"
           "e_t is the argument of h_t",
           named);
    static const claim primed[] = {
        { "h_t = e(u_t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial u_t} = e'(u_t) \\odot \\frac{\\partial L}{\\partial h_t}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial u_t} = e'(h_t) \\odot \\frac{\\partial L}{\\partial h_t}", "FAILS" },
    };
    JUDGED("sizes T I H\ngiven x_t in R^I\nu_t = W x_t + b\nloss L reads h_t", primed);
}
END_TEST

START_TEST(the_identity_beside_a_size_called_I)
{
    static const claim list[] = {
        { "s_t = s_{t-1} + V x_t", "DEFINES" },
        { "\\frac{\\partial s_t}{\\partial s_{t-1}} = I", "HOLDS" },
        { "\\frac{\\partial (2 s_t)}{\\partial s_{t-1}} = 2 I", "HOLDS" },
        { "\\frac{\\partial s_t}{\\partial s_{t-1}} = -I", "FAILS" },
        { "\\frac{\\partial m_t}{\\partial k_t} = \\frac{1}{I} x_t", "HOLDS" },
        { "\\frac{\\partial n_t}{\\partial k_t} = I", "HOLDS" },
    };
    JUDGED("sizes T I H\ngiven x_t in R^I; k_t in R; V in R^{H \\times I}\nm_t = \\frac{1}{I} k_t x_t\nn_t = I k_t",
           list);
}
END_TEST

START_TEST(explicit_derivatives_of_the_loss)
{
    static const claim list[] = {
        { "\\frac{\\partial L}{\\partial h_t} = \\frac{\\partial^+ L}{\\partial h_t} + \\left(\\frac{\\partial "
          "h_{t+1}}{\\partial h_t}\\right)^\\top \\frac{\\partial L}{\\partial h_{t+1}}, \\quad t < T",
          "HOLDS" },
        { "\\frac{\\partial^+ L}{\\partial h_t} = V^\\top \\frac{\\partial L}{\\partial o_t}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial h_t} = \\frac{\\partial^+ L}{\\partial h_t}", "HOLDS IF: $t = T$" },
    };
    JUDGED("sizes T I H K\ngiven x_t in R^I\nh_t = \\tanh(W h_{t-1} + U x_t)\no_t = V h_t\nloss L reads o_t", list);
}
END_TEST

#define TWO_STEPS                                                                                                      \
    "sizes T H\nindex k in T\ngiven x_t in R^H; W in R^{H \\times H}\nz_t = W h_{t-1} + x_t\nh_t = \\tanh(z_t)\n"      \
    "L_t = l(h_t)\n\\delta_{t,k} = \\partial L_t / \\partial z_k"

START_TEST(quantities_of_two_steps)
{
    static const claim list[] = {
        { "\\delta_{t,k} = \\prod_{\\tau=k}^{t-1} (\\operatorname{diag}(1 - h_\\tau^2) W^\\top) \\delta_{t,t}",
          "HOLDS" },
        { "\\delta_{t,k} = \\left(\\prod_{\\tau=k}^{t-1} \\operatorname{diag}(1 - h_\\tau^2) W^\\top\\right) "
          "\\delta_{t,t}, \\quad k \\le t",
          "HOLDS" },
        { "\\delta_{t,k} = \\prod_{\\tau=k}^{t} (\\operatorname{diag}(1 - h_\\tau^2) W^\\top) \\delta_{t,t}", "FAILS" },
        { "\\delta_{t,k} = \\operatorname{diag}(1 - h_k^2) W^\\top \\delta_{t,k+1}, \\quad k < t", "HOLDS" },
        { "\\delta_{t,k} = 7 \\operatorname{diag}(h_k) W \\delta_{t,k+1}, \\quad k < t", "FAILS" },
        { "\\delta_{t,k} = 0, \\quad k > t", "HOLDS" },
        { "\\delta_{t,k} = \\operatorname{diag}(1 - h_k^2) W^\\top \\delta_{t,k+1}", "HOLDS IF" },
    };
    JUDGED(TWO_STEPS, list);
    static const claim undeclared[] = {
        { "\\delta_{t,k} = \\frac{\\partial L_t}{\\partial z_k}", "DEFINES" },
        { "\\frac{\\partial L_t}{\\partial W} = \\sum_{k=1}^t \\delta_{t,k} h_{k-1}^\\top", "HOLDS" },
        { "\\frac{\\partial L_t}{\\partial W} = \\sum_{k=1}^t \\delta_{t,k} h_k^\\top", "FAILS" },
    };
    JUDGED("sizes T H D\ngiven x_t in R^D\nz_t = W h_{t-1} + U x_t\nh_t = \\tanh(z_t)\nL_t = l(h_t)", undeclared);
}
END_TEST

START_TEST(operators_that_nobody_introduces)
{
#define OPERATED                                                                                                       \
    "sizes T H\ngiven x_t in R^H\nloss L reads h_t\nh_t = \\tanh(W h_{t-1} + x_t)\ndX means \\partial L / \\partial X"
    static const claim list[] = {
        { "\\mathcal R(dW) = \\sum_t \\mathcal R(dh_t \\odot (1 - h_t^2)) h_{t-1}^\\top",
          "NOT READ: neither the document nor the setup says what it is" },
        { "\\lambda (dW + dW) = 2 \\lambda\\, dW", "HOLDS" },
    };
    JUDGED(OPERATED, list);
    static const claim along[] = { { "\\mathcal R(h_t) = (1 - h_t^2) \\odot (W \\mathcal R(h_{t-1}))",
                                     "DEGENERATE: both sides are 0" } }; /* no h depends on \epsilon */
    JUDGED(OPERATED "\ngiven \\epsilon in R\n\\mathcal R(X) = \\partial X / \\partial \\epsilon", along);
}
END_TEST

START_TEST(updates_in_a_chain)
{
    static const claim list[] = {
        { "J(w) = \\frac12 w^\\top A w + \\frac{\\lambda}{2} \\|w\\|^2", "DEFINES" },
        { "w \\leftarrow w - \\eta \\nabla J(w) = (1 - \\eta \\lambda) w - \\eta A w", "HOLDS" },
        { "w \\leftarrow w - \\eta \\nabla J(w) = (1 - \\lambda) w - \\eta A w", "FAILS" },
    };
    JUDGED("sizes T n\ngiven A in R^{n \\times n} symmetric; w in R^n; \\eta, \\lambda positive", list);
}
END_TEST

/* What holds for k < t only, as prose may say; and row times column is a number. */
START_TEST(an_earlier_step_and_rows_by_numbers)
{
    static const claim list[] = {
        { "z_t = U h_{t-1} + x_t", "DEFINES" },
        { "h_t = \\tanh(z_t)", "DEFINES" },
        { "\\ell_t = y_t^\\top h_t", "DEFINES" },
        { "\\delta_{t,k} = \\frac{\\partial \\ell_t}{\\partial z_k}", "DEFINES" },
        { "\\delta_{t,k} = \\operatorname{diag}(1 - h_k^2) U^\\top \\delta_{t,k+1}", "HOLDS IF" },
        { "\\delta_{t,k} = \\operatorname{diag}(1 - h_k^2) U \\delta_{t,k+1}", "FAILS" },
        { "\\frac{\\partial \\ell_t}{\\partial u_{ij}} = \\frac{\\partial h_t}{\\partial u_{ij}} "
          "\\frac{\\partial \\ell_t}{\\partial h_t}",
          "HOLDS" },
        { "\\frac{\\partial \\ell_t}{\\partial u_{ij}} = 2 \\frac{\\partial h_t}{\\partial u_{ij}} "
          "\\frac{\\partial \\ell_t}{\\partial h_t}",
          "FAILS" },
    };
    JUDGED("sizes T D\nindex i, j in D; k in T\ngiven x_t, y_t in R^D; U in R^{D \\times D}", list);
}
END_TEST

/* An inequality between what the setup gives, beside a formula, is its condition: the worlds are drawn so that it is
 * met. */
START_TEST(conditions_on_quantities)
{
    static const claim list[] = {
        { "y = \\min(1, \\frac{c}{\\|g\\|}) g", "DEFINES" },
        { "y = g, \\quad \\|g\\| \\le c", "HOLDS" },
        { "y = g, \\quad \\|g\\| > c", "FAILS" },
        { "y = \\frac{c}{\\|g\\|} g, \\quad \\|g\\| > c", "HOLDS" },
        { "y = \\frac{c}{\\|g\\|} g, \\quad \\text{if } \\|g\\| \\le c", "FAILS" },
        { "\\|A x\\|_2 \\le \\|x\\|_2, \\quad \\|A\\|_2 < 1", "HOLDS" },
        { "\\|A x\\|_2 \\le \\|x\\|_2, \\quad \\text{if } \\|A\\|_2 \\le 2", "FAILS" },
        { "u_k = \\max(0, x_k), \\qquad k = 1, \\dots, n", "DEFINES" },
        { "\\frac{\\partial u_k}{\\partial x_k} = 1, \\quad x_k > 0", "HOLDS" },
        { "\\frac{\\partial u_k}{\\partial x_k} = 1, \\quad x_k < 0", "FAILS" },
        { "\\|A\\|_2 < 1", "NOT READ: an assumption" },
        { "\\|A x\\|_2 \\ge \\|A\\|_2 \\|x\\|_2", "FAILS" },
    };
    JUDGED("sizes n\nindex k in n\ngiven A in R^{n \\times n}; g, x in R^n; c in R positive", list);
}
END_TEST

/* Bounds that drawn numbers rarely break: numbers are moved until they do. */
START_TEST(bounds_are_searched)
{
    static const claim list[] = {
        { "f = \\sigma(R h + b)", "DEFINES" },
        { "g = \\tanh(S h)", "DEFINES" },
        { "u = f \\odot h + (1 - f) \\odot g", "DEFINES" },
        { "B = \\operatorname{diag}((h - g) \\odot f \\odot (1 - f)) R", "DEFINES" },
        { "\\|B\\|_2 \\le \\frac14 \\|R\\|_2 (\\|h\\|_\\infty + 1)", "HOLDS" },
        { "\\|B\\|_2 \\le \\frac14 \\|R\\|_2 \\|h\\|_\\infty + \\frac18 \\|R\\|_2", "FAILS" },
        { "\\|B\\|_2 \\le \\|R\\|_2 \\|h\\|_2", "FAILS" },
        { "x^2 + y^2 \\ge 2 x y", "HOLDS" },
        { "x^2 + y^2 \\ge 2.5 x y - 1", "FAILS" },
        { "\\frac{\\sigma(x) (1 - \\sigma(x))}{1} \\le \\frac14", "HOLDS" },
        { "\\|R S\\|_F \\le \\|R\\|_F \\|S\\|_F", "HOLDS" },
        { "\\|R S\\|_2 \\ge 0.2 \\|R\\|_2 \\|S\\|_2", "FAILS" },
    };
    JUDGED("sizes n\ngiven R, S in R^{n \\times n}; h, b in R^n; x, y in R", list);
}
END_TEST

/* A radius by its name, and its powers; what is constant behind a maximum is false, not degenerate. */
START_TEST(radius_and_maximum)
{
    static const claim list[] = {
        { "h_t = W \\tanh(h_{t-1}) + x_t", "DEFINES" },
        { "\\lambda_1 = \\rho(W)", "DEFINES" },
        { "\\rho(W)^2 = \\lambda_1^2", "HOLDS" },
        { "\\rho(W)^2 \\le \\|W\\|_2^2", "HOLDS" },
        { "\\left\\| \\frac{\\partial h_t}{\\partial h_k} \\right\\|_2 \\le \\rho(W)^{t-k}, \\quad k < t", "FAILS" },
        { "s = \\sigma_{\\min}(W)", "DEFINES" },
        { "\\hat g = \\min(1, \\frac{c}{\\|g\\|}) g", "DEFINES" },
        { "\\|g - \\hat g\\| = \\max(0, \\|g\\| - c)", "HOLDS" },
        { "\\|g - \\hat g\\| = \\max(0, c - \\|g\\|)", "FAILS" },
    };
    JUDGED("sizes T n m\ngiven x_t in R^n; W in R^{n \\times n}; g in R^m; c in R positive", list);
}
END_TEST

Suite *suite_verdicts(void)
{
    Suite *suite = suite_create("verdicts");
    TCase *tests = tcase_create("verdicts");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, gradients_in_numerator_layout);
    tcase_add_test(tests, a_name_for_the_argument_of_a_function_of_ones_own);
    tcase_add_test(tests, the_identity_beside_a_size_called_I);
    tcase_add_test(tests, explicit_derivatives_of_the_loss);
    tcase_add_test(tests, quantities_of_two_steps);
    tcase_add_test(tests, operators_that_nobody_introduces);
    tcase_add_test(tests, updates_in_a_chain);
    tcase_add_test(tests, an_earlier_step_and_rows_by_numbers);
    tcase_add_test(tests, radius_and_maximum);
    tcase_add_test(tests, conditions_on_quantities);
    tcase_add_test(tests, bounds_are_searched);
    suite_add_tcase(suite, tests);
    return suite;
}
