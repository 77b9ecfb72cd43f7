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

Suite *suite_names(void)
{
    Suite *s = suite_create("names");
    TCase *t = tcase_create("documents");
    tcase_add_checked_fixture(t, start, finish);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, setups);
    tcase_add_test(t, lengths);
    suite_add_tcase(s, t);
    return s;
}
