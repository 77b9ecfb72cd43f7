/* What textbooks and lecture notes write, each with a true and a false formula. */
#include "judged.h"

/* ---- Functions ---- */

#define UNITS                                                                                                          \
    "sizes T n m\nindex i, j, k, l in n; r in m\ngiven w in R^{n \\times n}; v in R^{n \\times m}; x_t in R^m\n"

#define UNIT                                                                                                           \
    { "net_k(t) = \\sum_l w_{kl} y_l(t-1) + \\sum_r v_{kr} x_r(t)", "DEFINES" },                                       \
    {                                                                                                                  \
        "y_k(t) = f_k(net_k(t))", "DEFINES"                                                                            \
    }

START_TEST(each_unit_has_a_function)
{
    static const claim any[] = {
        UNIT,
        { "\\frac{\\partial y_k(t)}{\\partial y_l(t-1)} = f'_k(net_k(t)) w_{kl}", "HOLDS" },
        { "\\frac{\\partial y_k(t)}{\\partial y_l(t-1)} = f'_l(net_k(t)) w_{kl}", "FAILS" },
    };
    JUDGED(UNITS, any);
    JUDGED(UNITS "given f_k", any);
    static const claim logistic[] = {
        UNIT,
        { "f'_k(net_k(t)) = y_k(t) (1 - y_k(t))", "HOLDS" },
        { "f'_k(net_k(t)) = y_k(t) (1 + y_k(t))", "FAILS" },
        { "\\frac{\\partial y_k(t)}{\\partial y_l(t-1)} = f'_l(net_l(t)) w_{kl}", "FAILS" },
    };
    JUDGED(UNITS "f_k(u) = \\frac{1}{1 + e^{-u}}", logistic);
}
END_TEST

/* A gain g_i in front of a bracket is no function. */
START_TEST(a_given_letter_is_no_function)
{
    static const claim gain[] = {
        { "h_i = g_i (x_i + b_i)", "DEFINES" },
        { "\\frac{\\partial h_i}{\\partial x_j} = g_i \\delta_{ij}", "HOLDS" },
        { "\\frac{\\partial h_i}{\\partial x_j} = g_j", "FAILS" },
    };
    JUDGED("sizes n\nindex i, j in n\ngiven g, b, x in R^n", gain);
}
END_TEST

START_TEST(functions_in_other_languages)
{
    static const claim list[] = {
        { "h_t = \\operatorname{th}(W x_t)", "DEFINES" },
        { "q_t = \\mathrm{sigm}(W x_t)", "DEFINES" },
        { "h_t = \\frac{\\operatorname{sh}(W x_t)}{\\operatorname{ch}(W x_t)}", "HOLDS" },
        { "h_t = \\operatorname{tg}(W x_t)", "FAILS" },
        { "\\frac{\\partial q_t}{\\partial x_t} = \\operatorname{diag}(q_t \\odot (1 - q_t)) W", "HOLDS" },
        { "\\mathrm{sgm}(W x_t) = \\mathrm{logistic}(W x_t)", "HOLDS" },
        { "\\mathrm{gauss}(W x_t) = q_t", "NOT READ: say what it is in the setup" },
    };
    JUDGED("sizes T I H\ngiven x_t in R^I; W in R^{H \\times I}", list);
}
END_TEST

/* The loss of a shorthand is L, also where L_t is a part of it. */
START_TEST(a_shorthand_takes_the_whole_loss)
{
    static const claim list[] = {
        { "h_t = \\tanh(W h_{t-1} + V x_t)", "DEFINES" },
        { "\\mathcal{L}_t = u^\\top h_t", "DEFINES" },
        { "\\mathcal{L} = \\sum_{t=1}^{T} \\mathcal{L}_t", "DEFINES" },
        { "\\delta h_T = u", "HOLDS" },
        { "\\delta h_t = u + W^\\top (\\delta h_{t+1} \\odot (1 - h_{t+1}^2)), \\quad t < T", "HOLDS" },
        { "\\delta h_t = u + W (\\delta h_{t+1} \\odot (1 - h_{t+1}^2)), \\quad t < T", "FAILS" },
        { "\\delta V = \\sum_{t=1}^{T} (\\delta h_t \\odot (1 - h_t^2)) x_t^\\top", "HOLDS" },
    };
    JUDGED("sizes T I H\ngiven x_t in R^I; W in R^{H \\times H}; V in R^{H \\times I}; u in R^H\n"
           "\\delta \\mathbf X means \\partial \\mathcal{L} / \\partial \\mathbf X",
           list);
}
END_TEST

/* ---- Sums that are left to be understood ---- */

#define LAYER "sizes n m\nindex i, j in n; k, l in m\ngiven W in R^{n \\times m}; x in R^m; b in R^n\n"

START_TEST(repeated_indices)
{
    static const claim none_written[] = {
        { "a_i = W_{ik} x_k + b_i", "DEFINES" },
        { "h_i = \\tanh(a_i)", "DEFINES" },
        { "\\frac{\\partial h_i}{\\partial x_k} = (1 - h_i^2) W_{ik}", "HOLDS" },
        { "\\frac{\\partial h_i}{\\partial x_k} = \\frac{\\partial h_i}{\\partial a_j} \\frac{\\partial a_j}{\\partial "
          "x_k}",
          "HOLDS" },
        { "\\frac{\\partial h_i}{\\partial x_k} = \\frac{\\partial h_j}{\\partial a_j} \\frac{\\partial a_i}{\\partial "
          "x_k}",
          "FAILS" },
        { "W_{ik} W_{jk} = W_{jl} W_{il}", "HOLDS" },
        { "W_{ik} x_k = b_i", "FAILS" },
    };
    JUDGED(LAYER, none_written);
    JUDGED(LAYER "convention summation", none_written);
    static const claim written[] = {
        { "a_i = \\sum_k W_{ik} x_k + b_i", "DEFINES" },
        { "a_i = W_{ik} x_k + b_i", "HOLDS IF: repeated indices are summed" },
        { "a_i = W_{ik} x_k + x_k + b_i", "FAILS" },
    };
    JUDGED(LAYER, written);
    static const claim said[] = {
        { "a_i = \\sum_k W_{ik} x_k + b_i", "DEFINES" },
        { "a_i = W_{ik} x_k + b_i", "HOLDS" },
        { "a_i = W_{ik} x_k - b_i", "FAILS" },
    };
    JUDGED(LAYER "convention summation", said);
}
END_TEST

/* ---- More axes than a matrix has ---- */

/* Williams and Zipser's sensitivities, beside errors that are called as Kronecker's delta is. */
START_TEST(sensitivities)
{
    static const claim list[] = {
        UNIT,
        { "p_{ij}^k(t) = \\frac{\\partial y_k(t)}{\\partial w_{ij}}", "DEFINES" },
        { "p_{ij}^k(t) = f'_k(net_k(t)) \\left[ \\sum_l w_{kl} p_{ij}^l(t-1) + \\delta_{ik} y_j(t-1) \\right]",
          "HOLDS" },
        { "p_{ij}^k(t) = f'_k(net_k(t)) \\left[ \\sum_l w_{kl} p_{ij}^l(t-1) + \\delta_{ik} y_j(t) \\right]", "FAILS" },
        { "p_{ij}^k(0) = 0", "HOLDS" },
        { "J = \\sum_{t=1}^{T} \\sum_k y_k(t)^2", "DEFINES" },
        { "\\delta_k(t) = \\frac{\\partial J}{\\partial net_k(t)}", "DEFINES" },
        { "\\frac{\\partial J}{\\partial w_{ij}} = 2 \\sum_{t=1}^{T} \\sum_k y_k(t) p_{ij}^k(t)", "HOLDS" },
        { "\\frac{\\partial J}{\\partial w_{ij}} = \\sum_{t=1}^{T} \\delta_i(t) y_j(t-1)", "HOLDS" },
        { "\\frac{\\partial J}{\\partial w_{ij}} = \\sum_{t=1}^{T} \\delta_j(t) y_i(t-1)", "FAILS" },
        { "\\Delta w_{ij}(t) = -\\alpha \\sum_k y_k(t) p_{ij}^k(t)", "DEFINES" },
        { "2 \\sum_{t=1}^{T} \\Delta w_{ij}(t) = -\\alpha \\frac{\\partial J}{\\partial w_{ij}}", "HOLDS" },
    };
    JUDGED(UNITS "f_k(u) = \\frac{1}{1 + e^{-u}}", list);
}
END_TEST

/* ---- Time above ---- */

START_TEST(the_last_step_above)
{
    static const claim list[] = {
        { "h_i^t = \\tanh(\\sum_j W_{ij} h_j^{t-1} + x_i^t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial h_j^{T-1}} = \\left. \\frac{\\partial L}{\\partial h_j^{T-1}} "
          "\\right|_{h^{T}} + \\sum_i "
          "\\frac{\\partial L}{\\partial h_i^T} (1 - (h_i^T)^2) W_{ij}",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial h_j^{T-1}} = \\left. \\frac{\\partial L}{\\partial h_j^{T-1}} "
          "\\right|_{h^{T}} + \\sum_i "
          "\\frac{\\partial L}{\\partial h_i^T} (1 - (h_i^T)^2) W_{ji}",
          "FAILS" },
    };
    JUDGED("sizes T n\nindex i, j in n\ngiven x_t in R^n; W in R^{n \\times n}\nloss L reads h_t", list);
}
END_TEST

/* ---- Elements at a step, in brackets ---- */

/* s counts positions, is a label in W_s, and tells the rows u_{t,s} of a matrix for each step. */
START_TEST(attention_by_positions)
{
    static const claim list[] = {
        { "h_t = \\tanh(W_x x_t + W_h h_{t-1})", "DEFINES" },
        { "e_t(s) = h_t^\\top W_a \\bar h_s", "DEFINES" },
        { "a_t(s) = \\frac{\\exp(e_t(s))}{\\sum_j \\exp(e_t(j))}", "DEFINES" },
        { "c_t = \\sum_s a_t(s) \\bar h_s", "DEFINES" },
        { "o_t = W_s c_t", "DEFINES" },
        { "L = \\sum_{t=1}^{T} o_t^\\top y_t", "DEFINES" },
        { "\\frac{\\partial L}{\\partial c_t} = W_s^\\top y_t", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W_s} = \\sum_t y_t c_t^\\top", "HOLDS" },
        { "\\frac{\\partial L}{\\partial a_t(s)} = \\bar h_s^\\top \\frac{\\partial L}{\\partial c_t}", "HOLDS" },
        { "\\frac{\\partial a_t(s)}{\\partial e_t(j)} = a_t(s) (\\mathbf 1[s = j] - a_t(j))", "HOLDS" },
        { "\\frac{\\partial L}{\\partial e_t(s)} = a_t(s) \\left( \\frac{\\partial L}{\\partial a_t(s)} - \\sum_j "
          "\\frac{\\partial L}{\\partial a_t(j)} \\right)",
          "FAILS" },
        /* W_a for its transpose shows in a term that vanishes where e_t is held fixed: that is no condition */
        { "\\frac{\\partial L}{\\partial \\bar h_s} = \\sum_t \\left( a_t(s) \\frac{\\partial L}{\\partial c_t} + "
          "\\frac{\\partial L}{\\partial e_t(s)} W_a^\\top h_t \\right)",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial \\bar h_s} = \\sum_t \\left( a_t(s) \\frac{\\partial L}{\\partial c_t} + "
          "\\frac{\\partial L}{\\partial e_t(s)} W_a h_t \\right)",
          "FAILS: W_a" },
        { "u_{t,s} = \\tanh(W_1 h_t + W_2 \\bar h_s)", "DEFINES" },
        { "k_t(s) = v_a^\\top u_{t,s}", "DEFINES" },
        { "\\frac{\\partial k_t(s)}{\\partial v_a} = u_{t,s}", "HOLDS" },
        { "\\frac{\\partial k_t(s)}{\\partial h_t} = W_1^\\top (v_a \\odot (1 - u_{t,s}^2))", "HOLDS" },
        { "\\frac{\\partial k_t(s)}{\\partial h_t} = W_1^\\top (v_a \\odot u_{t,s}^2)", "FAILS" },
    };
    JUDGED("sizes T S n m K\nindex s, j in S\ngiven x_t in R^m; y_t in R^K; \\bar h_s in R^n; W_s in R^{K \\times n}\n"
           "given W_a, W_h, W_1, W_2 in R^{n \\times n}; W_x in R^{n \\times m}; v_a in R^n",
           list);
}
END_TEST

/* Functions without an argument: identities of any. An angle that nobody gives is none. */
START_TEST(functions_alone)
{
    static const claim list[] = {
        { "h = \\sigma(W x)", "DEFINES" },
        { "\\sigma' = \\sigma (1 - \\sigma)", "HOLDS" },
        { "\\sigma^\\prime = \\sigma \\odot (1 + \\sigma)", "FAILS" },
        { "\\tanh' = 1 - \\tanh^2", "HOLDS" },
        { "\\tanh' = 1 - \\tanh", "FAILS" },
        { "\\frac{d\\sigma}{dz} = \\sigma (1 - \\sigma)", "HOLDS" },
        { "\\sin' = \\cos", "HOLDS" },
        { "\\tan(x) \\odot \\cos(x) = \\sin(x)", "HOLDS" },
        { "\\cos\\theta = \\frac{x^\\top h}{\\|x\\| \\|h\\|}", "NOT READ: \\theta" },
        { "\\frac{\\partial h}{\\partial x} = \\operatorname{diag}(h \\odot (1 - h)) W", "HOLDS" },
    };
    JUDGED("sizes n\ngiven x in R^n; W in R^{n \\times n}", list);
}
END_TEST

Suite *suite_textbooks(void)
{
    Suite *suite = suite_create("textbooks");
    TCase *tests = tcase_create("textbooks");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, each_unit_has_a_function);
    tcase_add_test(tests, a_given_letter_is_no_function);
    tcase_add_test(tests, functions_in_other_languages);
    tcase_add_test(tests, a_shorthand_takes_the_whole_loss);
    tcase_add_test(tests, repeated_indices);
    tcase_add_test(tests, sensitivities);
    tcase_add_test(tests, the_last_step_above);
    tcase_add_test(tests, attention_by_positions);
    tcase_add_test(tests, functions_alone);
    suite_add_tcase(suite, tests);
    return suite;
}
