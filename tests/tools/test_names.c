/* Names, indices and lines of a setup as authors and new users write them. */
#include "judged.h"

/* Lines as a new user writes them: a comma between quantities, a loss that is said what it is. */
START_TEST(setups)
{
    const claim network[] = {
        { "o_t = V x_t", "DEFINES" },
        { "p_t = \\operatorname{softmax}(o_t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial o_t} = p_t - y_t", "HOLDS" },
        { "\\frac{\\partial L}{\\partial V} = \\sum_t (p_t - y_t) x_t^\\top", "HOLDS" },
        { "\\frac{\\partial L}{\\partial V} = \\sum_t (y_t - p_t) x_t^\\top", "FAILS" },
    };
    JUDGED("sizes T I K\ngiven x_t in R^I, y_t in R^K one-hot\nloss L = -\\sum_t \\sum_k y_{t,k} \\log p_{t,k}",
           network);
}
END_TEST

/* \sum_i w_{ji} x_i: what one letter counts is of one length, also where nobody declares it. */
START_TEST(lengths)
{
    const claim network[] = {
        { "s_j(t) = \\tanh(a_j(t))", "DEFINES" },
        { "a_j(t) = \\sum_i w_{ji} x_i(t) + \\sum_h u_{jh} s_h(t-1)", "DEFINES" },
        { "o_k(t) = \\sum_j v_{kj} s_j(t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial v_{kj}} = \\sum_t \\frac{\\partial L}{\\partial o_k(t)} s_j(t)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial u_{jh}} = \\sum_t \\frac{\\partial L}{\\partial a_j(t)} s_h(t-1)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial u_{jh}} = \\sum_t \\frac{\\partial L}{\\partial a_h(t)} s_j(t-1)", "FAILS" },
    };
    JUDGED("given x_t in R^I\nloss L reads o_t", network);
}
END_TEST

/* j' in a subscript is an index, and no transpose; h_t' in a product is one. */
START_TEST(primed_indices)
{
    const claim network[] = {
        { "h_{t,i} = \\tanh(a_{t,i}), \\qquad a_t = W x_t + U h_{t-1}", "DEFINES" },
        { "\\frac{\\partial L}{\\partial U_{i'j'}} = \\sum_t \\frac{\\partial L}{\\partial a_{t,i'}} h_{t-1,j'}",
          "HOLDS" },
        { "\\frac{\\partial h_{t,i}}{\\partial h_{t-1,i'}} = (1 - h_{t,i}^2) U_{ii'}", "HOLDS" },
        { "\\frac{\\partial h_{t,i}}{\\partial h_{t-1,i'}} = (1 - h_{t,i}^2) U_{i'i}", "FAILS" },
        { "(U U')_{ii'} = \\sum_k U_{ik} U_{i'k}", "HOLDS" },
        { "h_t' h_t = \\sum_{i'} h_{t,i'}^2", "HOLDS" },
    };
    JUDGED("given x_t in R^I; W in R^{H x I}; U in R^{H x H}\nloss L reads h_t", network);
}
END_TEST

/* What a brace's label names is a definition where other formulas use it, and a remark elsewhere. */
START_TEST(labels_of_braces)
{
    const claim network[] = {
        { "h_t = \\tanh(\\underbrace{W h_{t-1} + U x_t}_{z_t} + b)", "DEFINES" },
        { "\\delta_t = \\frac{\\partial L}{\\partial z_t}", "DEFINES" },
        { "\\frac{\\partial L}{\\partial U} = \\sum_t \\underbrace{\\frac{\\partial L}{\\partial h_t} \\odot (1 - "
          "h_t^2)}_{\\delta_t} x_t^\\top",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\delta_t h_{t-1}^\\top", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\delta_t x_t^\\top", "FAILS" },
        { "\\frac{\\partial h_t}{\\partial z_t} = \\underbrace{\\operatorname{diag}(1 - h_t^2)}_{\\text{diagonal}}",
          "HOLDS" },
    };
    JUDGED("given x_t in R^I\nloss L reads h_t", network);
}
END_TEST

/* \delta_t = ... behind \delta_T = ...: a definition of the others. */
START_TEST(last_step_first)
{
    const claim network[] = {
        { "h_t = \\tanh(W x_t + U h_{t-1})", "DEFINES" },
        { "\\delta_T = \\frac{\\partial L}{\\partial h_T}", "DEFINES" },
        { "\\delta_t = \\frac{\\partial L}{\\partial h_t}", "DEFINES" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t (\\delta_t \\odot (1 - h_t^2)) x_t^\\top", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\delta_t x_t^\\top", "FAILS" },
    };
    JUDGED("given x_t in R^I\nloss L reads h_t", network);
}
END_TEST

Suite *suite_names(void)
{
    Suite *s = suite_create("names");
    TCase *t = tcase_create("documents");
    tcase_add_checked_fixture(t, start, finish);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, setups);
    tcase_add_test(t, lengths);
    tcase_add_test(t, primed_indices);
    tcase_add_test(t, labels_of_braces);
    tcase_add_test(t, last_step_first);
    suite_add_tcase(s, t);
    return s;
}
