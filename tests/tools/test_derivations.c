/* What derivations are made of in textbooks and programs: names in a font, lines that add to a gradient, differentials.
 * Whole documents, each formula's verdict by its tag. */
#include "judged.h"

/* Several letters in one font command: a new left side is a name; where both are possible nothing FAILS. */
START_TEST(letters_in_a_font)
{
    static const claim products[] = {
        { "\\mathbf{Wx}_t = W x_t", "DEFINES" },
        { "h_t = \\tanh(\\mathbf{Uh}_{t-1} + \\mathbf{Wx}_t + b)", "DEFINES" },
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = \\operatorname{diag}(1 - h_t^2) U", "HOLDS" },
        { "\\frac{\\partial h_t}{\\partial x_t} = \\operatorname{diag}(1 - h_t^2) U", "FAILS" },
        { "\\mathbf{UW} = \\mathbf{WU}", "NOT READ: a product, or one name" },
        { "\\mathbf{WW}^\\top = W W", "NOT READ: a product, or one name" },
    };
    JUDGED("sizes T H\ngiven x_t in R^H; W, U in R^{H \\times H}; b in R^H", products);
    static const claim names[] = {
        { "\\mathbf{hx}_t = [h_{t-1}; x_t]", "DEFINES" },
        { "h_t = \\tanh(V \\mathbf{hx}_t)", "DEFINES" },
        { "\\mathit{ct}_t = c + h_t", "DEFINES" },
        { "\\frac{\\partial h_t}{\\partial \\mathbf{hx}_t} = \\operatorname{diag}(1 - h_t^2) V", "HOLDS" },
        { "\\frac{\\partial \\mathit{ct}_t}{\\partial c} = \\operatorname{diag}(h_t)", "FAILS" },
        { "\\mathbf{ab} = 2 c", "DEFINES" },
        { "\\mathbf{ab} + c = 3 c", "HOLDS" },
        { "\\mathbf{pq}^\\top c = c^\\top \\mathbf{pq}", "HOLDS" },
    };
    JUDGED("sizes T I H\ngiven x_t in R^I; V in R^{H \\times H+I}; c in R^H; \\mathbf{pq} in R^H", names);
    static const claim used[] = {
        { "z_t = \\mathbf{Wx}_t + b", "DEFINES" },
        { "\\mathbf{Wx}_t = z_t - b", "HOLDS" },
        { "\\mathbf{Wx}_t = z_t + b", "NOT READ: a product, or one name" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\frac{\\partial L}{\\partial z_t} x_t^\\top", "HOLDS" },
        { "(W x)_t = z_t - b", "HOLDS" },
    };
    JUDGED("sizes T I H\ngiven x_t in R^I; W in R^{H \\times I}; b in R^H\nloss L reads z_t", used);
}
END_TEST

#define CELL                                                                                                           \
    "sizes T H\ngiven x_t in R^H; W, U, V in R^{H \\times H}\nc_t = c_{t-1} \\odot \\sigma(W x_t) + \\tanh(U x_t)\n"   \
    "h_t = \\tanh(c_t)\ny_t = V h_t + c_t\nloss L reads y_t, h_t direct \\kappa_t\ndX means \\partial L / \\partial "  \
    "X\n"

/* X += Y: all lines together are X; one that cannot be a part of the sum is named. */
START_TEST(lines_that_add)
{
    static const claim right[] = {
        { "dc_t \\mathrel{+}= dy_t", "HOLDS" },
        { "dc_t \\mathrel{+}= dh_t \\odot (1 - h_t^2)", "HOLDS" },
        { "dc_{t-1} \\mathrel{+}= dc_t \\odot \\sigma(W x_t)", "HOLDS" },
        { "dV \\mathrel{+}= dy_t h_t^\\top", "HOLDS" },
    };
    JUDGED(CELL, right);
    static const claim wrong[] = {
        { "dc_t \\mathrel{+}= dy_t", "HOLDS: as a part of the sum" },
        { "dc_t \\mathrel{+}= dh_t \\odot (1 - h_t)", "FAILS: it is no part of the sum" },
        { "dc_{t-1} \\mathrel{+}= dc_t \\odot \\sigma(W x_t)", "HOLDS: as a part of the sum" },
        { "dV \\mathrel{+}= dh_t h_t^\\top", "FAILS" },
    };
    JUDGED(CELL, wrong);
    static const claim open[] = {
        { "dc_t \\mathrel{+}= dy_t \\odot h_t", "NOT READ: one of these lines is wrong" },
        { "dc_{t-1} \\mathrel{+}= dc_t", "NOT READ: one of these lines is wrong" },
    };
    JUDGED(CELL, open);
    static const claim first[] = {
        { "dc_t = dy_t", "HOLDS" },
        { "dc_t \\mathrel{+}= dh_t \\odot (1 - h_t^2)", "HOLDS" },
        { "dc_{t-1} \\mathrel{+}= dc_t \\odot \\sigma(W x_t)", "HOLDS" },
    };
    JUDGED(CELL, first);
}
END_TEST

#define MATRICES                                                                                                       \
    "sizes n m k\ngiven A in R^{n \\times m}; V in R^{k \\times m}; W in R^{k \\times n}; x in R^n; b in R^k\n"        \
    "S = A V^\\top\nh = \\tanh(W x + b)\np = \\mathrm{softmax}(h)\nE = \\|S\\|_F^2 + \\|h\\|^2\n"                      \
    "G = \\partial E / \\partial W\n"

START_TEST(differentials)
{
    static const claim list[] = {
        { "dS = dA V^\\top + A\\, dV^\\top", "HOLDS" },
        { "dS = dA V^\\top", "HOLDS" },
        { "dS = A\\, dA^\\top + A\\, dV^\\top", "FAILS" },
        { "d\\mathbf{h} = \\mathrm{diag}(1 - h^2)(W\\,d\\mathbf{x} + dW\\,\\mathbf{x})", "HOLDS" },
        { "d\\mathbf{h} = \\mathrm{diag}(1 - h)(W\\,d\\mathbf{x} + dW\\,\\mathbf{x})", "FAILS" },
        { "\\mathrm{d}E = \\operatorname{tr}(G^\\top \\mathrm{d}W)", "HOLDS" },
        { "\\mathrm{d}E = \\operatorname{tr}(G\\, \\mathrm{d}W)", "FAILS" },
        { "dE = 2 \\operatorname{tr}(S^\\top dS) + 2 h^\\top dh", "HOLDS" },
        { "dp = (\\operatorname{diag}(p) - p p^\\top)\\, dh", "HOLDS" },
        { "dp = (\\operatorname{diag}(p) + p p^\\top)\\, dh", "FAILS" },
        { "dp_i = p_i (dh_i - \\sum_j p_j\\, dh_j)", "HOLDS" },
        { "db = dh", "DEFINES" },
        { "\\mathrm{d}(A V^\\top) = (\\mathrm{d}A) V^\\top + A (\\mathrm{d}V)^\\top", "HOLDS" },
        { "d(W x) = dW\\, x + W\\, dx", "HOLDS" },
        { "d(W x) = dW\\, x - W\\, dx", "FAILS" },
    };
    JUDGED(MATRICES "index i, j in k", list);
    static const claim both[] = {
        { "dW = (dh \\odot (1 - h^2)) x^\\top", "HOLDS" },
        { "dh = (1 - h^2) \\odot (W\\, dx + dW\\, x + db)", "HOLDS" },
        { "dh = (1 + h^2) \\odot (W\\, dx + dW\\, x + db)", "FAILS" },
    };
    JUDGED(MATRICES "dX means \\partial E / \\partial X", both);
    static const claim steps[] = {
        { "dh_t = (1 - h_t^2) \\odot (W\\, dh_{t-1} + dW\\, h_{t-1} + U\\, dx_t)", "HOLDS" },
        { "dh_t = (1 - h_t^2) \\odot (W\\, dh_{t-1} + dW\\, h_t + U\\, dx_t)", "FAILS" },
        { "dL = \\sum_t \\frac{\\partial L}{\\partial x_t}^\\top dx_t", "HOLDS" },
        { "dL = \\sum_t \\frac{\\partial L}{\\partial h_t}^\\top dh_t", "NOT READ: whether each moves by itself" },
    };
    JUDGED("sizes T H\ngiven x_t in R^H; W, U in R^{H \\times H}\nh_t = \\tanh(W h_{t-1} + U x_t)\nloss L reads h_t",
           steps);
    static const claim backward[] = {
        /* derivatives of a loss that nobody names: no differentials */
        { "df_t = dc_t \\odot c_{t-1}", "DEFINES" },
        { "dc_{t-1} = dc_t \\odot f_t", "DEFINES" },
        { "dc_t = f_t \\odot dc_{t-1} + df_t \\odot c_{t-1} + dx_t", "HOLDS" },
    };
    JUDGED("sizes T H\ngiven x_t in R^H; W, U in R^{H \\times H}\nf_t = \\sigma(W h_{t-1} + U x_t)\n"
           "c_t = f_t \\odot c_{t-1} + x_t\nh_t = \\tanh(c_t)",
           backward);
}
END_TEST

#define NET                                                                                                            \
    "sizes T H I\ngiven x_t in R^I; W in R^{H \\times H}; U in R^{H \\times I}\na_t = W h_{t-1} + U x_t\n"             \
    "h_t = \\tanh(a_t)\nloss L reads h_t\n"
#define HEADS "sizes N D\ngiven Q, K, V in R^{N \\times D}\nS = Q K^\\top\nP = \\tanh(S)\nO = P V\n"

/* dX on the left sides of a series, against the definitions, and nobody says what it means. */
START_TEST(gradients_nobody_explains)
{
    static const claim net[] = {
        { "da_t = dh_t \\odot (1 - h_t^2)", "HOLDS" },     { "dx_t = U^\\top da_t", "HOLDS" },
        { "dU = \\sum_t da_t\\, x_t^\\top", "HOLDS" },     { "dW = \\sum_t da_t\\, h_{t-1}^\\top", "HOLDS" },
        { "dW = \\sum_t da_t\\, h_{t-1}^\\top", "HOLDS" }, { "dW = \\sum_t da_t\\, h_t^\\top", "FAILS" },
    };
    JUDGED(NET, net);
    static const claim upright[] = {
        { "\\mathrm{d}a_t = \\mathrm{d}h_t \\odot (1 - h_t^2)", "HOLDS" },
        { "\\mathrm{d}x_t = U \\mathrm{d}a_t", "FAILS" },
        { "\\mathrm{d}W \\mathrel{+}= \\mathrm{d}a_t h_{t-1}^\\top", "HOLDS" },
    };
    JUDGED(NET, upright);
    static const claim delta[] = {
        { "\\delta a_t = \\delta h_t \\odot (1 - h_t^2)", "HOLDS" },
        { "\\delta x_t = U^\\top \\delta a_t", "HOLDS" },
        { "\\delta x_t = U^\\top \\delta h_t", "FAILS" },
    };
    JUDGED(NET, delta);
    static const claim matrices[] = {
        { "dV = P^\\top dO", "HOLDS" },
        { "dP = dO\\, V^\\top", "HOLDS" },
        { "dS = dP \\odot (1 - P \\odot P)", "HOLDS" },
        { "dQ = dS K", "HOLDS" },
        { "dK = dS^\\top Q", "HOLDS" },
        { "dK = dS\\, Q", "FAILS" },
    };
    JUDGED(HEADS "loss L reads O", matrices);
    JUDGED(HEADS "J = \\|O\\|_F^2", matrices);
    static const claim with[] = {
        /* differentials: they go with the definitions */
        { "dS = dQ\\, K^\\top + Q\\, dK^\\top", "HOLDS" },
        { "dO = dP\\, V + P\\, dV", "HOLDS" },
    };
    JUDGED(HEADS "loss L reads O", with);
    static const claim none[] = {
        { "dP = dO\\, V", "NOT READ: \"dX means ...\" in the setup would decide" },
        { "dS = dP \\odot P", "NOT READ: \"dX means ...\" in the setup would decide" },
    };
    JUDGED(HEADS "loss L reads O", none);
}
END_TEST

#define GUESSED "suggested\nsizes T H I\ngiven x_t in R^I; y_t in R^H; W in R^{H \\times H}; U in R^{H \\times I}\n"

/* A setup that is a guess accuses nobody by itself; what has a simple repair is a slip all the same. */
START_TEST(guesses)
{
    static const claim list[] = {
        { "h_t = \\tanh(W h_{t-1} + U x_t)", "DEFINES" },
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = \\operatorname{diag}(1 - h_t^2) W", "HOLDS" },
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = 2 \\operatorname{diag}(1 - h_t^2) W", "FAILS" },
        { "\\frac{\\partial h_t}{\\partial x_t} = \\operatorname{diag}(1 - h_t^2) U", "HOLDS" },
        { "\\frac{\\partial h_t}{\\partial x_t} = U \\operatorname{diag}(1 - h_t^2)",
          "NOT READ: the shapes in the setup are suggested ones" },
        { "h_t = y_t + U x_t", "NOT READ: says of $y$, which is suggested" },
        { "x_t = \\tanh(x_{t+1})", "NOT READ: says of $x$, which is suggested" },
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = \\tanh(W) \\operatorname{diag}(h_t - h_{t-1})",
          "NOT READ: no small change makes it hold" },
    };
    JUDGED(GUESSED, list);
    static const claim said[] = {
        { "h_t = \\tanh(W h_{t-1} + U x_t)", "DEFINES" },
        { "\\frac{\\partial h_t}{\\partial x_t} = U \\operatorname{diag}(1 - h_t^2)", "FAILS" },
        { "h_t = y_t + U x_t", "FAILS" },
    };
    JUDGED(&GUESSED[sizeof "suggested"], said);
}
END_TEST

#define BLOCKS                                                                                                         \
    "sizes n m k\ngiven A in R^{n \\times m}; X in R^{m \\times k}; C in R^{k \\times n}; W in R^{n \\times m}; x in " \
    "R^m; "                                                                                                            \
    "b in R^n\nh = W x + b\nz = \\tanh(h)\nY = A X\nloss L reads z, Y\n"

/* vec(...) of matrices, and with it \otimes as Kronecker's product. */
START_TEST(vec_and_kronecker)
{
    static const claim list[] = {
        { "\\operatorname{vec}(A X C) = (C^\\top \\otimes A) \\operatorname{vec}(X)", "HOLDS" },
        { "\\operatorname{vec}(A X C) = (A \\otimes C^\\top) \\operatorname{vec}(X)", "FAILS" },
        { "\\frac{\\partial \\operatorname{vec}(h)}{\\partial \\operatorname{vec}(W)^\\top} = x^\\top \\otimes I",
          "HOLDS" },
        { "\\frac{\\partial h}{\\partial \\operatorname{vec}(W)^\\top} = x^\\top \\otimes I_n", "HOLDS" },
        { "\\frac{\\partial h}{\\partial \\operatorname{vec}(W)^\\top} = I_n \\otimes x^\\top", "FAILS" },
        { "\\frac{\\partial z}{\\partial \\operatorname{vec}(W)^\\top} = \\operatorname{diag}(1 - z^2) (x^\\top "
          "\\otimes I_n)",
          "HOLDS" },
        { "\\frac{\\partial \\operatorname{vec}(Y)}{\\partial \\operatorname{vec}(X)^\\top} = I_k \\otimes A",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial \\operatorname{vec}(W)} = x \\otimes \\frac{\\partial L}{\\partial h}",
          "HOLDS" },
        { "\\operatorname{vec}(\\frac{\\partial L}{\\partial W}) = \\frac{\\partial L}{\\partial h} \\otimes x",
          "FAILS" },
        { "\\operatorname{vec}(h) = (x^\\top \\otimes I) \\operatorname{vec}(W) + b", "HOLDS" },
        { "M = x^\\top \\otimes I", "NOT READ: how large the identity" },
    };
    JUDGED(BLOCKS, list);
    static const claim said[] = {
        { "(A \\otimes W)(X \\otimes X) = (A X) \\otimes (W X)", "HOLDS" },
        { "(A \\otimes W)(X \\otimes X) = (W X) \\otimes (A X)", "FAILS" },
    };
    JUDGED(BLOCKS "\\otimes is the Kronecker product", said);
}
END_TEST

#define PLAIN "sizes T H\ngiven x_t in R^H; W, U in R^{H \\times H}; b in R^H\n"

/* Step letters with a number, the derivative of a function without its argument, one letter for two functions. */
START_TEST(letters_and_functions)
{
    static const claim steps[] = {
        { "\\sum_{t_1=1}^T \\sum_{t_2=1}^{T} x_{t_1}^\\top x_{t_2} = (\\sum_t x_t)^\\top (\\sum_t x_t)", "HOLDS" },
        { "s_t = \\sum_{t_1 \\le t} x_{t_1}", "DEFINES" },
        { "\\frac{\\partial s_t}{\\partial x_{t_1}} = 0, \\quad t_1 > t", "HOLDS" },
        { "\\sum_{t_1 < t} x_{t_1} = s_t - x_t", "HOLDS" },
        { "\\sum_{t_1 < t} x_{t_1} = s_t", "FAILS" },
    };
    JUDGED(PLAIN, steps);
    static const claim prime[] = {
        { "\\delta_t = \\sigma' \\odot \\frac{\\partial L}{\\partial h_t}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial a_t} = \\frac{\\partial L}{\\partial h_t} \\odot \\sigma'", "HOLDS" },
        { "\\delta_t = \\sigma' \\odot \\frac{\\partial L}{\\partial h_{t+1}}", "FAILS" },
        { "\\delta_t = \\sigma'(\\cdot) \\odot \\frac{\\partial L}{\\partial h_t}", "HOLDS" },
        { "\\frac{\\partial h_t}{\\partial x_t} = \\operatorname{diag}(\\sigma') U", "HOLDS" },
    };
    JUDGED(PLAIN
           "a_t = W h_{t-1} + U x_t\nh_t = \\sigma(a_t)\nloss L reads h_t\n\\delta_t = \\partial L / \\partial a_t",
           prime);
    static const claim unknown[] = {
        { "\\delta_t = f' \\odot \\frac{\\partial L}{\\partial h_t}", "HOLDS" },
        { "\\delta_t = f' \\odot \\frac{\\partial L}{\\partial x_t}", "FAILS" },
    };
    JUDGED(PLAIN "a_t = W h_{t-1} + U x_t\nh_t = f(a_t)\nloss L reads h_t\n\\delta_t = \\partial L / \\partial a_t",
           unknown);
    static const claim two[] = {
        { "x_t \\odot \\sigma' = x_t", "NOT READ: it is not clear which that is: that of $h$, $q$" },
    };
    JUDGED(PLAIN "h_t = \\sigma(W x_t)\nq_t = \\sigma(U x_t)\nloss L reads h_t, q_t", two);
    static const claim entropy[] = {
        { "H(q) = -\\sum_k q_k \\log q_k", "DEFINES" },
        { "H(q, p) = -\\sum_k q_k \\log p_k", "DEFINES" },
        { "D(q, p) = \\sum_k q_k \\log \\frac{q_k}{p_k}", "DEFINES" },
        { "D(q, p) = H(q, p) - H(q)", "HOLDS" },
        { "D(q, p) = H(q, p) - H(p)", "FAILS" },
        { "H(q, q) = H(q)", "HOLDS" },
        { "\\frac{\\partial H(q, p)}{\\partial p_k} = -\\frac{q_k}{p_k}", "HOLDS" },
    };
    JUDGED("sizes K\nindex k in K\ngiven q, p in R^K positive", entropy);
}
END_TEST

Suite *suite_derivations(void)
{
    Suite *suite = suite_create("derivations");
    TCase *tests = tcase_create("derivations");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, letters_in_a_font);
    tcase_add_test(tests, lines_that_add);
    tcase_add_test(tests, differentials);
    tcase_add_test(tests, gradients_nobody_explains);
    tcase_add_test(tests, guesses);
    tcase_add_test(tests, letters_and_functions);
    tcase_add_test(tests, vec_and_kronecker);
    suite_add_tcase(suite, tests);
    return suite;
}
