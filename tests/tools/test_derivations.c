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
    suite_add_tcase(suite, tests);
    return suite;
}
