/* Parts of vectors and matrices, and names with a step, as published documents write them. */
#include "said.h"

#define ATTENTION                                                                                                      \
    "sizes N d\nindex i, j in N\ngiven Q, K, V in R^{N \\times d}\nS = Q K^T\nP = \\mathrm{softmax}(S)\nO = P V\n"     \
    "loss L reads O\ndX means \\partial L / \\partial X\nq_i = Q_{i:}^T\nk_j = K_{j:}^T\nv_j = V_{j:}^T\n"             \
    "o_i = O_{i:}^T\ndv_j = dV_{j:}^T\ndo_i = dO_{i:}^T\nD_i = do_i^T o_i\n"
#define SLICED                                                                                                         \
    "sizes T H D\ngiven x_t in R^D; W in R^{H \\times (H + D)}\nz_t = [h_{t-1}, x_t]\nh_t = \\tanh(W z_t + b)\n"       \
    "loss L reads h_t\na_t is the argument of h_t\n\\mathrm dX means \\partial L / \\partial X\n"

/* Rows, columns and ranges of elements. */
START_TEST(parts)
{
    static const reading list[] = {
        { ATTENTION, "S_{ij} = q_i^T k_j", "HOLDS" },
        { ATTENTION, "S_{ij} = Q_{i:} K_{j:}^T", "HOLDS" },
        { ATTENTION, "S_{ij} = Q_{i,:}^T K_{j,:}", "HOLDS" },
        { ATTENTION, "S_{:j} = Q k_j", "HOLDS" },
        { ATTENTION, "S_{:,j} = Q_{:,j}", "FAILS" },
        { ATTENTION, "o_i = P_{i:} V = \\sum_j P_{ij} v_j", "HOLDS" },
        { ATTENTION, "o_i = P_{i:} V = \\sum_j P_{ij} v_i", "FAILS" },
        { ATTENTION, "dS_{i:} = P_{i:} \\circ dP_{i:} - (P_{i:}^T dP_{i:}) P_{i:}", "HOLDS" },
        { ATTENTION, "dv_j = \\sum_i P_{ij} do_i", "HOLDS" },
        { ATTENTION, "dq_i = \\sum_j dS_{ij} k_j", "HOLDS" },
        { ATTENTION, "dk_j = \\sum_i P_{ij} (dP_{ij} - D_j) q_i", "FAILS" },
        { ATTENTION, "dS = P \\circ (dP - D \\mathbf 1^\\top)", "HOLDS" },
        { ATTENTION, "dS = P \\circ (dP - 2 D \\mathbf 1^\\top)", "FAILS" },
        { SLICED, "\\mathrm dx_t = \\mathrm dz_t[H:]", "HOLDS" },
        { SLICED, "\\mathrm dx_t = \\frac{\\partial L}{\\partial z_t}[H:H+D]", "HOLDS" },
        { SLICED, "\\mathrm dx_t = W[:, H:]^T \\mathrm da_t", "HOLDS" },
        { SLICED, "\\mathrm dx_t = W[:, :D]^T \\mathrm da_t", "FAILS" },
        { SLICED, "h_{t-1} = z_{t,1:H}", "HOLDS" },
        { SLICED, "\\mathrm dh_t = \\mathrm dz_{t+1}[:H]", "HOLDS IF: t < T" },
    };
    SAID(list);
}
END_TEST

#define HIGHWAY                                                                                                        \
    "sizes T n\ngiven x_t in R^n; R, Q in R^{n \\times n}\nh_t = \\tanh(R y_{t-1} + x_t)\n"                            \
    "g_t = \\sigma(Q y_{t-1})\ny_t = g_t \\odot h_t + y_{t-1}\nloss L reads y_t\n"

/* Names whose step is left to be understood, names that have one beside a constant, and functions. */
START_TEST(names_and_steps)
{
    static const reading list[] = {
        { HIGHWAY,
          "\\Delta G = g_t \\odot (1 - g_t) \\odot h_t, \\qquad \\frac{\\partial y_t}{\\partial y_{t-1}} = I_n + "
          "\\operatorname{diag}(\\Delta G) Q + \\operatorname{diag}\\{g_t \\odot (1 - h_t^2)\\} R \\tag{1}",
          "HOLDS" },
        { HIGHWAY,
          "\\Delta G = g_t \\odot h_t, \\qquad \\frac{\\partial y_t}{\\partial y_{t-1}} = I_n + "
          "\\operatorname{diag}(\\Delta G) Q + \\operatorname{diag}(g_t \\odot (1 - h_t^2)) R \\tag{1}",
          "FAILS" },
        { HIGHWAY,
          "\\mathbf H' = \\operatorname{diag}(1 - h_t^2) R, \\qquad \\frac{\\partial h_t}{\\partial y_{t-1}} = "
          "\\mathbf H'",
          "HOLDS" },
        { "sizes T D\ngiven g_t in R^D; \\alpha, \\beta in R in (0,1)\nm_0 = 0\nm_t = \\beta m_{t-1} + g_t\n"
          "\\alpha_t = \\alpha / (1 - \\beta^t)",
          "\\alpha_t m_t = \\alpha m_t / (1 - \\beta^t)", "HOLDS" },
        { "sizes T D\ngiven g_t in R^D; \\alpha, \\beta in R in (0,1)\nm_0 = 0\nm_t = \\beta m_{t-1} + g_t\n"
          "\\alpha_t = \\alpha / (1 - \\beta^t)",
          "\\alpha_t m_t = \\alpha m_t", "FAILS" },
        { "sizes T",
          "\\varphi(z) = \\frac{1}{1 + e^{-z}}, \\qquad \\varphi'(z) = \\varphi(z) (1 - \\varphi(z)) \\tag{1}",
          "HOLDS" },
        { "sizes T", "\\varphi(z) = \\frac{1}{1 + e^{-z}}, \\qquad \\varphi'(z) = \\varphi(z) \\tag{1}", "FAILS" },
        { "sizes T\ngiven w in R; x_t in R\nz_t = w h_{t-1} + x_t\nh_t = \\phi(z_t)",
          "\\frac{\\partial h_T}{\\partial h_1} = w^{T-1} \\phi'(z_2) \\cdots \\phi'(z_T)", "HOLDS" },
        { "sizes T\ngiven w in R; x_t in R\nz_t = w h_{t-1} + x_t\nh_t = \\phi(z_t)",
          "\\frac{\\partial h_T}{\\partial h_1} = w^{T-1} \\phi'(z_1) \\cdots \\phi'(z_T)", "FAILS" },
        { "sizes T n m\ngiven x_t in R^m\nz_{t+1} = W h_t + V x_{t+1} + b\nh_{t+1} = \\tanh(z_{t+1})\nloss L reads h_T",
          "\\frac{\\partial L}{\\partial W} = \\sum_{k=1}^T \\frac{\\partial L}{\\partial z_k} h_{k-1}^T", "HOLDS" },
    };
    SAID(list);
}
END_TEST

#define UNITS                                                                                                          \
    "sizes D M K\nindex i in D; j, j' in M; k, k' in K\ngiven x in R^D; d in R^K; w in R^{M \\times D}; v in R^{K "    \
    "\\times M}\na_j = \\sum_i w_{ji} x_i\nz_j = \\tanh(a_j)\ny_k = \\sum_j v_{kj} z_j\n"                              \
    "E = \\frac12 \\sum_k (y_k - d_k)^2\n"

/* Functions and what they are of, sums of functions, words. */
START_TEST(calls)
{
    static const reading list[] = {
        { "sizes T", "h(a) = \\tanh(a), \\qquad h'(a) = 1 - h(a)^2 \\tag{1}", "HOLDS" },
        { "sizes T", "h(a) = \\tanh(a), \\qquad h'(a) = 1 - h(a^2) \\tag{1}", "FAILS" },
        { "sizes T n\ngiven x_t in R^n", "\\sigma'(x) = \\sigma(x) (1 - \\sigma(x))", "HOLDS" },
        { "sizes T n\ngiven x_t in R^n", "\\sigma'(x) = \\sigma(x) (1 + \\sigma(x))", "FAILS" },
        { "sizes T N M\ngiven u_t in R^M; c, e in R^N; B in R^{N \\times M}\nx_t = c \\odot x_{t-1} + B u_t\nloss L "
          "reads x_t",
          "\\frac{\\partial L}{\\partial c} = \\sum_t \\frac{\\partial L}{\\partial x_t} \\odot x_{t-1}", "HOLDS" },
        { UNITS, "\\frac{\\partial^2 E}{\\partial v_{kj} \\partial v_{k'j'}} = z_j z_{j'} I_{kk'}", "HOLDS" },
        { UNITS, "\\frac{\\partial^2 E}{\\partial v_{kj} \\partial v_{k'j'}} = z_j z_{j'} I_{jj'}", "FAILS" },
        { "sizes N D\nindex n in N; i in D\ngiven x in R^{N \\times D}; w in R^D\ny_n = \\sum_i w_i x_{ni}\nE_n = "
          "y_n^2",
          "E(w) = \\sum_{n=1}^N E_n(w), \\qquad \\frac{\\partial E}{\\partial w_i} = \\sum_n 2 y_n x_{ni} \\tag{1}",
          "HOLDS" },
        { "sizes T V\nindex j in V\ngiven y_t in R^V one-hot; o_t in R^V; E in R^{V \\times V}\np_t = "
          "\\mathrm{softmax}(o_t)",
          "J_t(\\theta) = CE(y_t, p_t) = -\\sum_{j=1}^{|V|} y_{t,j} \\log p_{t,j}, \\qquad J(\\theta) = \\frac1T "
          "\\sum_t "
          "J_t(\\theta), \\qquad \\frac{\\partial J}{\\partial o_t} = \\frac1T (p_t - y_t) \\tag{1}",
          "HOLDS" },
        { "sizes T D M K\nindex i in D; j, j' in M; k in K\ngiven x_t in R^D; d_t in R^K; w in R^{M \\times D}; u in "
          "R^{M "
          "\\times M}; v in R^{K \\times M}\na_{tj} = \\sum_i w_{ji} x_{ti} + \\sum_{j'} u_{jj'} z_{t-1,j'}\nz_{tj} = "
          "\\tanh(a_{tj})\ny_{tk} = \\sum_j v_{kj} z_{tj}\nE = \\frac12 \\sum_t \\sum_k (y_{tk} - "
          "d_{tk})^2\n\\delta_{tk} "
          "= \\frac{\\partial E}{\\partial y_{tk}}\n\\delta_{tj} = \\frac{\\partial E}{\\partial a_{tj}}",
          "\\delta_{tj} = (1 - z_{tj}^2) \\left\\{ \\sum_k v_{kj} \\delta_{tk} + \\sum_{j'} u_{j'j} \\delta_{t+1,j'} "
          "\\right\\}",
          "HOLDS" },
    };
    SAID(list);
}
END_TEST

/* What is tried for one formula leaves the next one alone. */
START_TEST(verdicts_are_independent)
{
    static const char source[] =
        "<!-- eddy\nsizes D M\nindex i in D; j in M\ngiven x in R^D; w in R^{M \\times D}; e in R positive\n-->\n"
        "$$h(a) = \\tanh(a)$$\n$$h'(a) = 1 - h(a)$$\n$$a_j = \\sum_i w_{ji} x_i$$\n$$z_j = h(a_j)$$\n"
        "$$s^2 = \\frac1M \\sum_j z_j^2$$\n$$y_j = z_j (s^2 + e)^{-1/2}$$\n$$L = \\sum_j y_j^4$$\n"
        "$$\\frac{\\partial L}{\\partial y_j} = y_j^3$$\n$$\\frac{\\partial L}{\\partial y_j} = 4 y_j^3$$\n"
        "$$\\frac{\\partial z_j}{\\partial a_j} = 1 - z_j^2$$\n";
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, source, strlen(source));
    findings *all = check_document(&memory, &d, &(check_options){ .seconds = 60 });
    static const char *const said[] = { "DEFINES", "FAILS",   "DEFINES", "DEFINES", "DEFINES",
                                        "DEFINES", "DEFINES", "FAILS",   "HOLDS",   "HOLDS" };
    ck_assert_int_eq(all->count, 10);
    for (int i = 0; i < all->count; i++)
        ck_assert_msg(!strcmp(check_verdict_name(all->finding[i].verdict), said[i]), "%s is %s", all->finding[i].id,
                      check_verdict_name(all->finding[i].verdict));
}
END_TEST

#define LAYERS                                                                                                         \
    "sizes n_0 n_1 n_2 n_3\nlabels l = 1, 2, 3\ngiven x in R^{n_0}; y in R^{n_3}\ngiven W^{[1]} in R^{n_1 \\times "    \
    "n_0}; W^{[2]} in R^{n_2 \\times n_1}; W^{[3]} in R^{n_3 \\times n_2}\na^{[0]} = x\nz^{[l]} = W^{[l]} "            \
    "a^{[l-1]}\na^{[l]} = \\tanh(z^{[l]})\nL = \\|a^{[3]} - y\\|^2\nd^{[l]} = \\partial L / \\partial z^{[l]}\n"
#define EXAMPLES                                                                                                       \
    "sizes m n K\nindex i in m; k in K\ngiven X in R^{n \\times m}; Y in R^{K \\times m} one-hot; W in R^{K \\times "  \
    "n}; b in R^K\nZ = W X + b \\mathbf 1_m^T\nA_{ki} = e^{Z_{ki}} / \\sum_{j=1}^K e^{Z_{ji}}\nL = -\\sum_{i=1}^m "    \
    "\\sum_{k=1}^K Y_{ki} \\log A_{ki}\nJ = L / m\n"

/* Layers, transposes in front, examples as columns. */
START_TEST(layers_and_examples)
{
    static const reading list[] = {
        { LAYERS, "d^{[l]} = (W^{[l+1]})^\\top d^{[l+1]} \\odot (1 - (a^{[l]})^2), \\qquad l = 2, 1", "HOLDS" },
        { LAYERS, "d^{[l]} = (W^{[l+1]})^\\top d^{[l+1]} \\odot (1 - (a^{[l]})^2), \\quad l < 3", "HOLDS" },
        { LAYERS, "d^{[l]} = (W^{[l+1]})^\\top d^{[l+1]} \\odot (1 - (a^{[l]})^2)", "HOLDS" },
        { LAYERS, "d^{[l]} = (W^{[l+1]})^\\top d^{[l+1]} \\odot (1 - a^{[l]}), \\qquad l = 2, 1", "FAILS" },
        { LAYERS, "d^{[l]} = {}^t W^{[l+1]} \\, d^{[l+1]} \\odot (1 - (a^{[l]})^2), \\qquad l = 2, 1", "HOLDS" },
        { "sizes n\nlabels l = 1, 2\ngiven W^l in R^{n \\times n}\nz^l = W^l a^{l-1}\na^l = \\tanh(z^l)",
          "\\frac{\\partial a^l}{\\partial z^l} = \\operatorname{diag}(1 - (a^l)^2)", "HOLDS" }, /* a^0 comes in */
        { LAYERS, "d^{[l]} = {}^{\\top}(W^{[l+1]} d^{[l+1]})", "FAILS" },
        { LAYERS, "\\frac{\\partial a^{[l]}}{\\partial z^{[l]}} = \\operatorname{Diag}(1 - (a^{[l]})^2)", "HOLDS" },
        { EXAMPLES, "\\frac{\\partial L}{\\partial Z} = A - Y", "HOLDS" },
        { EXAMPLES, "\\frac{\\partial J}{\\partial W} = \\frac1m (A - Y) X^T", "HOLDS" },
        { EXAMPLES, "\\frac{\\partial J}{\\partial b} = (A - Y) \\mathbf 1_m", "FAILS" },
    };
    SAID(list);
}
END_TEST

/* What a text only supposes is no definition. */
START_TEST(suppositions)
{
    static const char source[] = "<!-- eddy\nsizes n\nindex i, j in n\ngiven z in R^n; c in R positive\n-->\n"
                                 "$$p_i = e^{c z_i} / \\sum_j e^{c z_j}$$\n"
                                 "$$\\frac{\\partial p_i}{\\partial z_j} = p_i (\\delta_{ij} - p_j)$$\n"
                                 "A check disagrees unless $c = 1$; take $c = 1$.\n"
                                 "$$\\frac{\\partial p_i}{\\partial z_j} = c p_i (\\delta_{ij} - p_j)$$\n";
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, source, strlen(source));
    findings *all = check_document(&memory, &d, &(check_options){ .seconds = 60 });
    static const char *const said[] = { "DEFINES", "FAILS", "DECLARES", "HOLDS" };
    ck_assert_int_eq(all->count, 4);
    for (int i = 0; i < all->count; i++)
        ck_assert_msg(!strcmp(check_verdict_name(all->finding[i].verdict), said[i]), "%s is %s", all->finding[i].id,
                      check_verdict_name(all->finding[i].verdict));
}
END_TEST

Suite *suite_parts(void)
{
    Suite *suite = suite_create("parts");
    TCase *tests = tcase_create("parts");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, parts);
    tcase_add_test(tests, names_and_steps);
    tcase_add_test(tests, calls);
    tcase_add_test(tests, verdicts_are_independent);
    tcase_add_test(tests, layers_and_examples);
    tcase_add_test(tests, suppositions);
    suite_add_tcase(suite, tests);
    return suite;
}
