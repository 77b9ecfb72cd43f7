/* Superscripts and subscripts that belong to a name, and functions that a chain defines: each formula's verdict by its
 * tag. */
#include "judged.h"

START_TEST(letters_above_a_parameter)
{
    static const claim list[] = {
        { "z_t = W^{sx} x_t + W^{ss} s_{t-1} + W_0^{ss}", "DEFINES" },
        { "s_t = \\tanh(z_t)", "DEFINES" },
        { "L = \\sum_{t=1}^T \\|s_t\\|^2", "DEFINES" },
        { "\\frac{\\partial s_t}{\\partial s_{t-1}} = \\operatorname{diag}(1 - s_t^2) W^{ss}", "HOLDS" },
        { "\\frac{\\partial s_t}{\\partial s_{t-1}} = \\operatorname{diag}(1 - s_t^2) {W^{ss}}^T", "FAILS" },
        { "\\frac{\\partial L}{\\partial W^{ss}} = \\sum_t \\frac{\\partial L}{\\partial z_t} s_{t-1}^T", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W_0^{ss}} = \\sum_t \\frac{\\partial L}{\\partial z_t}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial s_{T-1}} = 2 s_{T-1} + W^{ss\\top} \\frac{\\partial L}{\\partial z_T}",
          "HOLDS" },
    };
    JUDGED("sizes T l m\ngiven x_t in R^l; s_0 in R^m", list);
    static const claim torch[] = {
        { "h_t = \\tanh(W^{ih} x_t + b^{ih} + W^{hh} h_{t-1} + b^{hh})", "DEFINES" },
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = \\operatorname{diag}(1 - h_t \\odot h_t) W^{hh}", "HOLDS" },
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = \\operatorname{diag}(1 - h_t \\odot h_t) W^{ih}", "FAILS" },
    };
    JUDGED("sizes T I H\ngiven x_t in R^I", torch);
    static const claim powers[] = {
        { "A^{2} u = A A u", "HOLDS" },
        { "\\frac{\\partial (A^{2} u)}{\\partial u} = A^{2}", "HOLDS" },
        { "c = \\sum_j u_j^{2}", "DEFINES" },
        { "\\frac{\\partial c}{\\partial u_j} = 2 u_j", "HOLDS" },
        { "h_{k+1} = A h_k", "DEFINES" },
        { "h_{N} = A^{N} h_0", "HOLDS" },
        { "h_{N} = A^N h_0", "HOLDS" },
        { "h_{N} = A^{N-1} h_0", "FAILS" },
        { "J = \\sum_{k=1}^N \\|h_k\\|^2 + \\sum_{k=1}^{N} u^T h_k", "DEFINES" },
        { "\\frac{\\partial J}{\\partial h_{N}} = 2 h_N + u", "HOLDS" },
    };
    JUDGED("sizes n\nindex j in n\nN means T\nk means t\ngiven A in R^{n \\times n}; u in R^n; h_0 in R^n\nh_1 = A h_0",
           powers);
}
END_TEST

START_TEST(numbers_above_a_quantity)
{
    static const claim list[] = {
        { "z_t^1 = V x_t + U s_{t-1}", "DEFINES" },
        { "s_t = \\tanh(z_t^1)", "DEFINES" },
        { "z_t^{2} = A s_t", "DEFINES" },
        { "\\frac{\\partial z_t^2}{\\partial s_t} = A", "HOLDS" },
        { "\\frac{\\partial s_t}{\\partial z_t^1} = \\operatorname{diag}(1 - s_t^2)", "HOLDS" },
        { "\\frac{\\partial s_t}{\\partial z_t^1} = \\operatorname{diag}(1 - (z_t^1)^2)", "FAILS" },
        { "\\frac{\\partial z_{t+1}^2}{\\partial z_t^{1}} = A \\operatorname{diag}(1 - s_{t+1}^2) U "
          "\\operatorname{diag}(1 - s_t^2)",
          "HOLDS" },
    };
    JUDGED("sizes T l\ngiven x_t in R^l", list);
    static const claim square[] = {
        { "s_t = \\tanh(x_t)", "DEFINES" },
        { "q_t = s_t^2", "DEFINES" },
        { "\\frac{\\partial q_t}{\\partial x_t} = \\operatorname{diag}(2 s_t - 2 s_t^3)", "HOLDS" },
    };
    JUDGED("sizes T l\ngiven x_t in R^l", square);
}
END_TEST

/* \delta^{s_t}, and \delta_{s_t} as others have it: the error of s at step t. */
START_TEST(names_of_errors)
{
    static const claim above[] = {
        { "s_t = \\tanh(V x_t + U s_{t-1})", "DEFINES" },
        { "L = \\sum_{u=1}^T L_u", "DEFINES" },
        { "\\delta^{s_t} = \\sum_{u=t+1}^{T} \\frac{\\partial L_u}{\\partial s_t}", "DEFINES" },
        { "\\delta^{s_T} = 0", "HOLDS" },
        { "\\frac{\\partial L}{\\partial s_t} = \\frac{\\partial L_t}{\\partial s_t} + \\delta^{s_t}", "HOLDS" },
        { "\\delta^{s_{t-1}} = U^T ((1 - s_t^2) \\odot (\\frac{\\partial L_t}{\\partial s_t} + \\delta^{s_t}))",
          "HOLDS" },
        { "\\delta^{s_{t-1}} = U^T ((1 - s_t^2) \\odot \\delta^{s_t})", "HOLDS IF" },
        { "\\frac{\\partial L}{\\partial s_0} = \\delta^{s_0}", "HOLDS" },
    };
    JUDGED("sizes T l\ngiven x_t in R^l\nloss L_t reads s_t", above);
    static const claim below[] = {
        { "\\delta_{h_t} = \\frac{\\partial L}{\\partial h_t}", "DEFINES" },
        { "\\delta_{h_t} = U^T ((1 - h_{t+1}^2) \\odot \\delta_{h_{t+1}}) + 2 h_t", "HOLDS" },
        { "\\delta_{h_t} = U^T ((1 - h_t^2) \\odot \\delta_{h_{t+1}}) + 2 h_t", "FAILS" },
        { "\\delta_{h_T} = 2 h_T", "HOLDS" },
    };
    JUDGED("sizes T l\ngiven x_t in R^l\nh_t = \\tanh(V x_t + U h_{t-1})\nL = \\sum_{t=1}^T \\|h_t\\|^2", below);
}
END_TEST

/* s_t = f_1(z_t) = \tanh(z_t) says what f_1 is, and h_t = f(h_{t-1}, x_t) = ... what h depends on. */
START_TEST(functions_of_a_chain)
{
    static const claim list[] = {
        { "z_t = V x_t + U s_{t-1}", "DEFINES" },
        { "s_t = f_1(z_t) = \\tanh(z_t)", "HOLDS" },
        { "y_t = g(s_t) = A s_t + c", "HOLDS" },
        { "\\frac{\\partial s_t}{\\partial z_t} = \\mathrm{diag}(f_1'(z_t)) = \\mathrm{diag}(1 - s_t \\odot s_t)",
          "HOLDS" },
        { "\\frac{\\partial s_t}{\\partial z_t} = \\mathrm{diag}(f_1'(z_t)) = \\mathrm{diag}(1 - s_t)", "FAILS" },
        { "f_1'(z_t) = 1 - f_1(z_t)^2", "HOLDS" },
        { "g(s_t + s_{t+1}) = y_t + y_{t+1} - c", "HOLDS" },
        { "g(s_t + s_{t+1}) = y_t + y_{t+1}", "FAILS" },
    };
    JUDGED("sizes T m l\ngiven x_t in R^l; s_0, c in R^m; V in R^{m \\times l}; A, U in R^{m \\times m}", list);
    static const claim sums[] = {
        { "h_t = \\phi(V x_t + U h_{t-1}) = \\sigma(V x_t + U h_{t-1})", "HOLDS" },
        { "q_t = f(h_{t-1}, x_t) = \\tanh(A h_{t-1} + V x_t)", "DEFINES" },
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = \\operatorname{diag}(\\phi'(V x_t + U h_{t-1})) U", "HOLDS" },
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = \\operatorname{diag}(h_t (1 - h_t)) U", "HOLDS" },
        { "\\frac{\\partial q_t}{\\partial x_t} = \\operatorname{diag}(1 - q_t^2) V", "HOLDS" },
        { "\\frac{\\partial q_t}{\\partial x_t} = \\operatorname{diag}(1 - q_t) V", "FAILS" },
    };
    JUDGED("sizes T m l\ngiven x_t in R^l; h_0 in R^m; V in R^{m \\times l}; A, U in R^{m \\times m}", sums);
}
END_TEST

Suite *suite_scripts(void)
{
    Suite *suite = suite_create("scripts");
    TCase *tests = tcase_create("scripts");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, letters_above_a_parameter);
    tcase_add_test(tests, numbers_above_a_quantity);
    tcase_add_test(tests, names_of_errors);
    tcase_add_test(tests, functions_of_a_chain);
    suite_add_tcase(suite, tests);
    return suite;
}
