/* Any letter may count the steps, from 1 or from 0: whole documents, each formula's verdict by its tag. */
#include "judged.h"

/* A definition shows it: s_i = f(s_{i-1}); joined subscripts have it too. */
START_TEST(a_letter_that_a_definition_shows)
{
    static const claim decoder[] = {
        { "e_{ij} = v^\\top \\tanh(W s_{i-1} + U h_j)", "DEFINES" },
        { "\\alpha_{ij} = \\frac{\\exp(e_{ij})}{\\sum_{k=1}^{N} \\exp(e_{ik})}", "DEFINES" },
        { "c_i = \\sum_{j=1}^N \\alpha_{ij} h_j", "DEFINES" },
        { "s_i = \\tanh(A s_{i-1} + C c_i)", "DEFINES" },
        { "L = \\sum_{i=1}^M \\|s_i\\|^2", "DEFINES" },
        { "\\frac{\\partial L}{\\partial \\alpha_{ij}} = h_j^\\top \\frac{\\partial L}{\\partial c_i}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial s_{M}} = 2 s_{M}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial s_i} = 2 s_i + A^\\top ((1 - s_{i+1}^2) \\odot \\frac{\\partial L}{\\partial "
          "s_{i+1}})",
          "HOLDS IF" },
        { "\\frac{\\partial L}{\\partial C} = \\sum_{i=1}^M (\\frac{\\partial L}{\\partial s_i} \\odot (1 - s_i^2)) "
          "c_i^\\top",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial C} = \\sum_{i=1}^M (\\frac{\\partial L}{\\partial s_i} \\odot (1 - s_i^2)) "
          "s_{i-1}^\\top",
          "FAILS" },
    };
    JUDGED("sizes N M n m\nindex i in M; j, k in N\ngiven h_j in R^n; s_0 in R^n; v in R^m; W, U in R^{m \\times n}; "
           "A, C in R^{n \\times n}",
           decoder);
    static const claim by_way[] = {
        { "a_m = W h_{m-1} + x_m", "DEFINES" },
        { "h_m = \\tanh(a_m)", "DEFINES" },
        { "\\frac{\\partial h_m}{\\partial a_{m-1}} = \\operatorname{diag}(1 - h_m^2) W "
          "\\operatorname{diag}(1 - h_{m-1}^2), \\quad m > 1",
          "HOLDS" },
        { "\\frac{\\partial h_m}{\\partial a_{m-1}} = \\operatorname{diag}(1 - h_m^2) W, \\quad m > 1", "FAILS" },
    };
    JUDGED("sizes H\ngiven x_m in R^H; h_0 in R^H", by_way);
    static const claim raised[] = {
        { "h^{(k)} = \\tanh(W h^{(k-1)} + U x^{(k)})", "DEFINES" },
        { "J = \\frac12 \\sum_{k=1}^K \\|h^{(k)}\\|^2", "DEFINES" },
        { "\\frac{\\partial h^{(k)}}{\\partial h^{(k-1)}} = \\operatorname{diag}(1 - (h^{(k)})^2) W", "HOLDS" },
        { "\\frac{\\partial J}{\\partial h^{(K)}} = h^{(K)}", "HOLDS" },
        { "\\frac{\\partial J}{\\partial h^{(k)}} = h^{(k)}", "HOLDS IF" },
    };
    JUDGED("sizes H I\ngiven x^{(k)} in R^I; W in R^{H \\times H}", raised);
    static const claim ahead[] = {
        { "h_{\\tau+1} = \\tanh(W h_{\\tau} + U x_{\\tau+1})", "DEFINES" },
        { "J = \\sum_{\\tau=1}^N \\|h_\\tau\\|^2", "DEFINES" },
        { "\\frac{\\partial J}{\\partial U} = \\sum_{\\tau=1}^N (\\frac{\\partial J}{\\partial h_\\tau} \\odot (1 - "
          "h_\\tau^2)) x_\\tau^\\top",
          "HOLDS" },
        { "\\frac{\\partial J}{\\partial U} = \\sum_{\\tau=1}^N (\\frac{\\partial J}{\\partial h_\\tau} \\odot (1 - "
          "h_\\tau^2)) x_{\\tau-1}^\\top",
          "FAILS" },
    };
    JUDGED("sizes H I\ngiven x_\\tau in R^I; W in R^{H \\times H}", ahead);
}
END_TEST

/* Steps in brackets, and a second equation behind a wide blank, show it, too; not in a document that has a t. */
START_TEST(a_letter_in_brackets)
{
    static const claim list[] = {
        { "z(n+1) = V u(n+1) + W x(n), \\qquad x(n+1) = \\tanh(z(n+1))", "DEFINES" },
        { "\\frac{\\partial x(n+1)}{\\partial x(n)} = \\operatorname{diag}(1 - x(n+1)^2) W", "HOLDS" },
        { "\\frac{\\partial x(n+1)}{\\partial x(n)} = \\operatorname{diag}(1 - x(n)^2) W", "FAILS" },
    };
    JUDGED("sizes K N\ngiven V in R^{N \\times K}; W in R^{N \\times N}; u(n) in R^K", list);
    static const claim other[] = { { "x(n) = W x(n-1) + u_t", "NOT READ" },
                                   { "\\frac{\\partial x(n)}{\\partial x(n-1)} = W", "NOT READ" } };
    JUDGED("sizes N\ngiven W in R^{N \\times N}; u_t in R^N", other);
}
END_TEST

/* x_{k+1} = f(x_k, u_k), k = 0, ..., N-1. */
START_TEST(steps_from_zero)
{
    static const claim list[] = {
        { "x_{k+1} = \\tanh(A x_k + B u_k), \\quad k = 0, 1, \\dots, N-1", "DEFINES" },
        { "y_k = C x_k, \\quad k = 0, \\dots, N-1", "DEFINES" },
        { "F_k = \\operatorname{diag}(1 - x_{k+1}^2) A", "DEFINES" },
        { "J = \\frac12 \\sum_{k=0}^{N-1} \\|y_k\\|^2 + \\|x_N\\|^2", "DEFINES" },
        { "\\frac{\\partial x_N}{\\partial x_0} = F_{N-1} F_{N-2} \\cdots F_1 F_0", "HOLDS" },
        { "\\frac{\\partial x_N}{\\partial x_0} = F_N F_{N-1} \\cdots F_2 F_1", "FAILS" },
        { "\\frac{\\partial y_{k+2}}{\\partial u_k} = C F_{k+1} \\operatorname{diag}(1 - x_{k+1}^2) B", "HOLDS" },
        { "\\frac{\\partial J}{\\partial x_0} = C^\\top C x_0 + F_0^\\top \\frac{\\partial J}{\\partial x_1}",
          "HOLDS" },
        { "\\frac{\\partial J}{\\partial x_0} = F_0^\\top \\frac{\\partial J}{\\partial x_1}", "FAILS" },
        { "\\frac{\\partial J}{\\partial C} = \\sum_{k=0}^{N-1} y_k x_k^\\top", "HOLDS" },
        { "\\frac{\\partial J}{\\partial C} = \\sum_{k=1}^{N-1} y_k x_k^\\top", "FAILS" },
        { "\\frac{\\partial J}{\\partial C} = \\sum_{k=0}^{N} y_k x_k^\\top", "FAILS" },
    };
    JUDGED(
        "sizes n m p\ngiven x_0 in R^n; u_k in R^m; A in R^{n \\times n}; B in R^{n \\times m}; C in R^{p \\times n}",
        list);
    static const claim own[] = {
        { "h_{t+1} = \\tanh(W h_t + U x_t)", "DEFINES" },
        { "L = \\sum_{t=0}^{T-1} \\|h_{t+1}\\|^2", "DEFINES" },
        { "\\frac{\\partial L}{\\partial U} = \\sum_{t=0}^{T-1} (\\frac{\\partial L}{\\partial h_{t+1}} \\odot (1 - "
          "h_{t+1}^2)) x_t^\\top",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial U} = \\sum_{t=1}^{T-1} (\\frac{\\partial L}{\\partial h_{t+1}} \\odot (1 - "
          "h_{t+1}^2)) x_t^\\top",
          "FAILS" },
    };
    JUDGED("sizes H I\ngiven x_t in R^I; W in R^{H \\times H}; h_0 in R^H", own);
}
END_TEST

/* ... or the setup says it: k means t, time n = 1, ..., N, k means t-1. */
START_TEST(a_letter_that_the_setup_says)
{
    static const claim list[] = {
        { "h_n = \\tanh(W h_{n-1} + U x_n)", "DEFINES" },
        { "p_{nj} = \\frac{e^{h_{nj}}}{\\sum_k e^{h_{nk}}}", "DEFINES" },
        { "L = -\\sum_{n=1}^N \\sum_j y_{nj} \\log p_{nj}", "DEFINES" },
        { "\\frac{\\partial p_{ni}}{\\partial h_{nj}} = p_{ni} (\\delta_{ij} - p_{nj})", "HOLDS" },
        { "\\frac{\\partial L}{\\partial h_{N,j}} = p_{Nj} - y_{Nj}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial h_{nj}} = p_{nj} - y_{nj}", "HOLDS IF" },
    };
    static const char *const said[] = { "n means t\nN means T", "time n", "time n = 1, \\dots, N", "time n = 1..N" };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        JUDGED(arena_format(&memory,
                            "sizes H I\nindex i, j, k in H\n%s\ngiven x_n in R^I; y_n in R^H one-hot; "
                            "W in R^{H \\times H}",
                            said[i]),
               list);
    static const claim before[] = {
        { "x_{k+1} = \\tanh(A x_k + B u_{k+1})", "DEFINES" },
        { "a_{k+1,j} = \\frac{1}{k+1} x_{k+1,j}", "DEFINES" },
        { "\\frac{\\partial x_{k+2}}{\\partial x_{k}} = \\operatorname{diag}(1 - x_{k+2}^2) A "
          "\\operatorname{diag}(1 - x_{k+1}^2) A",
          "HOLDS" },
        { "\\frac{\\partial x_{k+1}}{\\partial x_{k}} = \\operatorname{diag}(1 - x_k^2) A", "FAILS" },
    };
    JUDGED("sizes T n m\nindex j in n\nk means t-1\ngiven x_0 in R^n; u_k in R^m; A in R^{n \\times n}; B in R^{n "
           "\\times m}",
           before);
}
END_TEST

/* A recursion over layers is none over time, and neither is one in a document whose steps are t. */
START_TEST(other_recursions)
{
    static const claim list[] = {
        { "h_t = \\tanh(W h_{t-1} + x_t)", "DEFINES" },
        { "S_k = S_{k-1} + u_k", "NOT READ" },
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = \\operatorname{diag}(1 - h_t^2) W", "HOLDS" },
    };
    JUDGED("sizes T H\nindex i, k in H\ngiven x_t in R^H; u in R^H", list);
    static const claim layers[] = {
        { "a^{k} = \\tanh(W^{k} a^{k-1})", "DEFINES" },
        { "\\frac{\\partial a^{2}}{\\partial a^{1}} = \\operatorname{diag}(1 - a^{2} \\odot a^{2}) W^{2}", "HOLDS" },
    };
    JUDGED("sizes H\nlabels k = 1, 2, 3\ngiven a^0 in R^H; W^k in R^{H \\times H}", layers);
}
END_TEST

/* A number where steps stand is that step, or a power; beside an error delta that has its steps above, one among the
 * indices below is Kronecker's. */
START_TEST(numbers_as_steps)
{
    static const claim powers[] = {
        { "u^1 = z", "DEFINES" },
        { "u^{t+1} = W u^t", "DEFINES" },
        { "\\frac{\\partial u^{t+1}}{\\partial u^t} = W", "HOLDS" },
        { "\\frac{\\partial u_j^1}{\\partial z_i} = \\delta_{ij}", "HOLDS" },
        { "\\frac{\\partial u^{t+1}}{\\partial u^t} = 2 W", "FAILS" },
        { "\\frac{\\partial u_j^2}{\\partial z_i} = W_{ji}", "HOLDS" },
        { "\\frac{\\partial u_j^2}{\\partial u_i^1} = W_{ij}", "FAILS" },
        { "h^t = \\tanh(u^t)", "DEFINES" },
        { "\\frac{\\partial h_j^t}{\\partial u_j^t} = 1 - h_j^2", "HOLDS" },
        { "\\frac{\\partial h_j^t}{\\partial u_j^t} = 2 - h_j^2", "FAILS" },
    };
    JUDGED("sizes T H\nindex i, j in H\ngiven z in R^H; W in R^{H \\times H}", powers);
    static const claim errors[] = {
        { "h^{(t)} = \\tanh(W h^{(t-1)} + x^{(t)})", "DEFINES" },
        { "\\delta_k^{(t)} = \\frac{\\partial L}{\\partial h_k^{(t)}}", "DEFINES" },
        { "\\frac{\\partial L}{\\partial x_k^{(1)}} = \\delta_k^{(1)} (1 - (h_k^{(1)})^2)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial x_k^{(1)}} = \\delta_k^{(1)} (1 - h_k^{(1)})", "FAILS" },
        { "\\frac{\\partial W_{i1}}{\\partial W_{11}} = \\delta_{i,1}", "HOLDS" },
        { "\\frac{\\partial W_{i1}}{\\partial W_{11}} = \\delta_{i1}", "HOLDS" },
        { "\\frac{\\partial W_{1i}}{\\partial W_{1k}} = 1 - \\delta_{ik}", "FAILS" },
        { "\\frac{\\partial h_k}{\\partial x_k} = 1 - h_k^2", "HOLDS" }, /* the step is understood */
        { "\\frac{\\partial W_{1i}}{\\partial W_{1k}} = \\delta_{ik}", "HOLDS" },
    };
    JUDGED("sizes T H\nindex i, k in H\ngiven x_t in R^H; W in R^{H \\times H}\nloss L reads h", errors);
    static const claim lowered[] = {
        { "h_t = \\tanh(W h_{t-1} + x_t)", "DEFINES" },
        { "\\delta_{k,t} = \\frac{\\partial L}{\\partial h_{k,t}}", "DEFINES" },
        { "\\frac{\\partial L}{\\partial x_{k,t}} = \\delta_{k,t} (1 - h_{k,t}^2)", "HOLDS" },
        { "\\frac{\\partial W_{i1}}{\\partial W_{11}} = \\delta_{i,1}", "NOT READ: Kronecker's" },
    };
    JUDGED("sizes T H\nindex i, k in H\ngiven x_t in R^H; W in R^{H \\times H}\nloss L reads h", lowered);
}
END_TEST

/* Where steps are counted by another letter, t is a quantity like others, also with an index. */
START_TEST(t_that_is_no_step)
{
    static const claim list[] = {
        { "y_i = \\frac{e^{o_i}}{\\sum_j e^{o_j}}", "DEFINES" },
        { "E = -\\sum_i t_i \\log y_i", "DEFINES" },
        { "\\frac{\\partial E}{\\partial o_i} = y_i - t_i", "HOLDS" },
        { "\\frac{\\partial E}{\\partial o_i} = t_i - y_i", "FAILS" },
    };
    JUDGED("time s\nsizes C\nindex i, j in C\ngiven o in R^C; t in R^C one-hot", list);
}
END_TEST

/* A linear recursion grows; its softmax is defined, not lost in overflow. */
START_TEST(linear_recursions)
{
    static const claim list[] = {
        { "u^{k+1} = H u^k + m_k", "DEFINES" },
        { "p = \\operatorname{softmax}(W u^{K+1})", "DEFINES" },
        { "\\frac{\\partial p_i}{\\partial u_j^{K+1}} = \\sum_l p_i (\\delta_{il} - p_l) W_{lj}", "HOLDS" },
        { "\\frac{\\partial p_i}{\\partial u_j^{K+1}} = p_i W_{ij}", "FAILS" },
    };
    JUDGED("time k = 1, ..., K\nsizes K n\nindex i, j, l in n\ngiven u^1 in R^n; m_k in R^n; H, W in R^{n \\times n}",
           list);
}
END_TEST

/* \lambda_N = ... begins the recursion also where the text says later what \lambda_k is the derivative of. */
START_TEST(costates_from_the_end)
{
    static const claim list[] = {
        { "x_{k+1} = A x_k + u_k, \\quad k = 0, \\dots, N-1", "DEFINES" },
        { "J = \\frac12 \\sum_{k=0}^{N-1} x_k^\\top x_k + \\frac12 x_N^\\top S x_N", "DEFINES" },
        { "\\lambda_N = S x_N", "DEFINES" },
        { "\\lambda_k = A^\\top \\lambda_{k+1} + x_k, \\quad k = N-1, \\dots, 0", "DEFINES" },
        { "\\lambda_k = \\frac{\\partial J}{\\partial x_k}", "HOLDS" },
        { "\\frac{\\partial J}{\\partial u_k} = \\lambda_{k+1}", "HOLDS" },
        { "\\frac{\\partial J}{\\partial u_k} = \\lambda_k", "FAILS" },
    };
    JUDGED("time k = 0, ..., N-1\nsizes N n\ngiven x_0 in R^n; u_k in R^n; A in R^{n \\times n}; S in R^{n \\times n} "
           "symmetric",
           list);
}
END_TEST

Suite *suite_steps(void)
{
    Suite *suite = suite_create("steps");
    TCase *tests = tcase_create("steps");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, a_letter_that_a_definition_shows);
    tcase_add_test(tests, a_letter_in_brackets);
    tcase_add_test(tests, steps_from_zero);
    tcase_add_test(tests, a_letter_that_the_setup_says);
    tcase_add_test(tests, other_recursions);
    tcase_add_test(tests, numbers_as_steps);
    tcase_add_test(tests, t_that_is_no_step);
    tcase_add_test(tests, linear_recursions);
    tcase_add_test(tests, costates_from_the_end);
    suite_add_tcase(suite, tests);
    return suite;
}
