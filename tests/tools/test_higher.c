/* Second derivatives, derivatives along some paths, classes as indices, argmax and proportions. */
#include "said.h"

#define NETWORK                                                                                                        \
    "sizes N\nindex i, j, k in N\ngiven W in R^{N \\times N}; x, y, b in R^N\n"                                        \
    "a = W x + b\nz = \\sigma(a)\nL = \\frac12 \\sum_i (z_i - y_i)^2"
#define CURVE "\\left( \\sigma'(a_i)^2 + (z_i - y_i) \\sigma''(a_i) \\right)"

START_TEST(second_derivatives)
{
    static const reading list[] = {
        { NETWORK, "\\frac{\\partial^2 L}{\\partial z_i \\partial z_j} = \\delta_{ij}", "HOLDS" },
        { NETWORK, "\\frac{\\partial^2 L}{\\partial a_i \\partial a_j} = \\delta_{ij} " CURVE, "HOLDS" },
        { NETWORK, "\\frac{\\partial^2 L}{\\partial a_i \\partial a_j} = " CURVE, "FAILS" },
        { NETWORK, "\\frac{\\partial^2 L}{\\partial a_i^2} = " CURVE, "HOLDS" },
        { NETWORK, "\\frac{\\partial^{2} L}{\\partial a_i^{2}} = \\sigma'(a_i)^2", "FAILS" },
        { NETWORK, "\\partial^2 L / \\partial a_i^2 = " CURVE, "HOLDS" },
        { NETWORK, "\\frac{d^2 L}{d b_i^2} = \\frac{\\partial^2 L}{\\partial a_i^2}", "HOLDS" },
        { NETWORK,
          "\\frac{\\partial^2 L}{\\partial a_i^2} = \\left(\\frac{\\partial z_i}{\\partial a_i}\\right)^2 "
          "\\frac{\\partial^2 L}{\\partial z_i^2} + \\frac{\\partial^2 z_i}{\\partial a_i^2} \\frac{\\partial "
          "L}{\\partial z_i}",
          "HOLDS" },
        { NETWORK, "\\frac{\\partial^2 L}{\\partial W_{ij}^2} = \\frac{\\partial^2 L}{\\partial a_i^2} x_j^2",
          "HOLDS" },
        { NETWORK, "\\frac{\\partial^2 L}{\\partial W_{ij} \\partial W_{kj}} = 0, \\quad i \\ne k", "HOLDS" },
        { NETWORK, "\\frac{\\partial^2 L}{\\partial x \\partial x^T} = W^T \\frac{\\partial^2 L}{\\partial a^2} W",
          "HOLDS" },
        { NETWORK, "\\nabla_x^2 L = W^T \\nabla^2_a L\\, W", "HOLDS" },
        { NETWORK, "\\nabla_x^2 L = W \\nabla_a^2 L\\, W^T", "FAILS" },
        { NETWORK, "\\partial^2_{x} L = W^T \\partial_a^2 L\\, W", "HOLDS" },
        { NETWORK, "\\frac{\\partial^3 L}{\\partial z_i^3} = 0", "HOLDS" },
    };
    SAID(list);
}
END_TEST

#define CELL                                                                                                           \
    "sizes T N I\ngiven x_t in R^I\nloss L reads h_t, C_T\nf_t = \\sigma(W_f x_t + U_f h_{t-1})\n"                     \
    "o_t = \\sigma(W_o x_t + U_o h_{t-1})\nC_t = f_t \\odot C_{t-1} + \\tanh(W_C x_t + U_C h_{t-1})\n"                 \
    "h_t = o_t \\odot \\tanh(C_t)"
#define VIA_O " = U_o^T \\left(\\frac{\\partial L}{\\partial o_{t+1}} \\odot o_{t+1} \\odot (1 - o_{t+1})\\right)"
#define AT_STEP " = \\left(\\frac{\\partial L}{\\partial f_t} \\odot f_t \\odot (1 - f_t)\\right) x_t^T"
#define CARRIED "\\frac{\\partial C_t}{\\partial C_{t-1}}"

START_TEST(paths)
{
    static const reading list[] = {
        { CELL, "\\left.\\frac{\\partial L}{\\partial h_t}\\right|_{\\text{via } o_{t+1}}" VIA_O, "HOLDS" },
        { CELL, "\\frac{\\partial L}{\\partial h_t}\\Big|_{\\text{through } o_{t+1}}" VIA_O, "HOLDS" },
        { CELL, "\\frac{\\partial L}{\\partial h_t}\\Big|_{\\text{via } f_{t+1}}" VIA_O, "FAILS" },
        { CELL, "\\left.\\frac{\\partial L}{\\partial W_f}\\right|_{\\text{at step } t}" AT_STEP, "HOLDS" },
        { CELL, "\\frac{\\partial L}{\\partial W_f}\\Big|_{(t)}" AT_STEP, "HOLDS" },
        { CELL, "\\frac{\\partial L}{\\partial W_f}" AT_STEP, "FAILS" },
        { CELL, "\\left(" CARRIED "\\right)_{h_{t-1}} = \\operatorname{diag}(f_t)", "HOLDS" },
        { CELL, "\\left." CARRIED "\\right|_{\\text{direct}} = \\operatorname{diag}(f_t)", "HOLDS" },
        { CELL, "\\frac{\\partial^+ C_t}{\\partial C_{t-1}} = \\operatorname{diag}(f_t)", "HOLDS" },
        { CELL, "\\partial^+ C_t / \\partial^+ C_{t-1} = \\operatorname{diag}(f_t)", "HOLDS" },
        { CELL, "\\frac{\\partial^+ C_t}{\\partial C_{t-1}} = \\operatorname{diag}(o_t)", "FAILS" },
    };
    SAID(list);
}
END_TEST

#define CLASSES                                                                                                        \
    "sizes T K D\nindex j, k in K\ngiven h_t in R^D; V in R^{K \\times D}; y_t in R^K one-hot\ns_t = V h_t\n"          \
    "p_t = \\mathrm{softmax}(s_t)\nL_t = -\\log p_{t,y_t}"
#define ONE "sizes K\nindex j, k in K\ngiven s in R^K; b_y in R^K; y in R^K one-hot\n"

START_TEST(classes)
{
    static const reading list[] = {
        { CLASSES, "L_t = -s_{t,y_t} + \\log \\sum_j e^{s_{t,j}}", "HOLDS" },
        { CLASSES, "L_t = -y_t^T \\log p_t", "HOLDS" },
        { CLASSES, "\\frac{\\partial L_t}{\\partial s_t} = p_t - y_t", "HOLDS" },
        { CLASSES, "\\frac{\\partial L_t}{\\partial s_{t,k}} = p_{t,k} - \\mathbf 1[k = y_t]", "HOLDS" },
        { CLASSES, "\\frac{\\partial L_t}{\\partial s_{t,y_t}} = p_{t,y_t} - 1", "HOLDS" },
        { CLASSES, "\\frac{\\partial p_{t,y_t}}{\\partial s_{t,k}} = p_{t,y_t} (\\delta_{k,y_t} - p_{t,k})", "HOLDS" },
        { CLASSES, "\\frac{\\partial p_{t,y_t}}{\\partial s_{t,k}} = p_{t,y_t} (1 - p_{t,k})", "FAILS" },
        { ONE "L = -\\log \\mathrm{softmax}(s + b_y)_y", "L = -s_y - (b_y)_y + \\log \\sum_k e^{s_k + (b_y)_k}",
          "HOLDS" },
        { ONE "L = -s_y + \\log \\sum_k e^{s_k}",
          "\\frac{\\partial L}{\\partial s_k} = \\frac{e^{s_k}}{\\sum_j "
          "e^{s_j}} - \\delta_{ky}",
          "HOLDS" },
        { CLASSES, "\\arg\\max_k p_{t,k} = \\operatorname*{arg\\,max}_k s_{t,k}", "HOLDS" },
        { CLASSES, "\\operatorname{argmax}(p_t) = \\operatorname{argmax}_k s_{t,k}", "HOLDS" },
        { CLASSES, "\\arg\\max_k p_{t,k} = \\arg\\min_k s_{t,k}", "FAILS" },
        { CLASSES "\nc_t^* = \\arg\\max_k s_{t,k}", "p_{t,c_t^*} = \\max_k p_{t,k}", "HOLDS" },
        { CLASSES "\nc_t^* = \\arg\\max_k s_{t,k}", "p_{t,c_t^*} = p_{t,y_t}", "FAILS" },
    };
    SAID(list);
}
END_TEST

START_TEST(proportions)
{
    static const reading list[] = {
        { CLASSES, "p_{t,k} \\propto \\exp(s_{t,k})", "HOLDS" },
        { CLASSES, "p_{t,k} \\propto s_{t,k}", "FAILS" },
        { CLASSES, "p_t \\propto \\exp(s_t)", "HOLDS" },
        { CLASSES "\nq_{t,k} = p_{t,k}^2 / \\sum_j p_{t,j}^2", "q_{t,k} \\propto \\exp(2 s_{t,k})", "HOLDS" },
        { CLASSES, "\\frac{\\partial L_t}{\\partial V} \\propto (p_t - y_t) h_t^\\top", "HOLDS" },
        { CLASSES, "\\frac{\\partial L_t}{\\partial V} \\propto p_t h_t^\\top", "FAILS" },
        { CLASSES, "\\frac{\\partial L_t}{\\partial s_t} \\propto y_t - p_t",
          "NOT READ: factor of this proportion is" },
        { CLASSES, "\\frac{\\partial L_t}{\\partial s_t} \\propto -(y_t - p_t)", "HOLDS" },
        { "sizes N\ngiven w, v in R^N\nc = w^T v", "c \\propto w^T w", "NOT READ: a single number is proportional" },
        { CLASSES, "q_{t,k} \\propto \\exp(2 s_{t,k})", "DEFINES" },
    };
    SAID(list);
}
END_TEST

Suite *suite_higher(void)
{
    Suite *suite = suite_create("higher");
    TCase *tests = tcase_create("higher");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, second_derivatives);
    tcase_add_test(tests, paths);
    tcase_add_test(tests, classes);
    tcase_add_test(tests, proportions);
    suite_add_tcase(suite, tests);
    return suite;
}
