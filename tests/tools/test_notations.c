/* What authors' documents, seen for the first time, wrote and was not read or misjudged. */
#include "said.h"

#define VECTORS "sizes h n\nindex i, j in h\ngiven u, w in R^h; A in R^{h \\times h}\nm = \\frac1h \\sum_j u_j"

START_TEST(identity_and_ones)
{
    static const reading list[] = {
        { VECTORS, "(I - u u^T) w = w - (u^T w) u", "HOLDS" },
        { VECTORS, "(2 \\mathbf I - A A^T) w = 2 w - A A^T w", "HOLDS" },
        { VECTORS, "(1 - u u^T) w = w - (u^T w) u", "FAILS" },
        { VECTORS, "I \\odot A = \\operatorname{diag}(\\operatorname{diag}(A))", "HOLDS" },
        { VECTORS, "\\operatorname{tr}(\\mathbf I_h) = h", "HOLDS" },
        { VECTORS, "\\operatorname{tr}(I) = h", "NOT READ: how large the identity" },
        { VECTORS, "A A^T = I", "FAILS" },
        { VECTORS "\nc = u - m",
          "\\frac{\\partial c}{\\partial u} = \\mathbf I_h - \\frac1h \\mathbf 1 \\mathbf 1^\\top", "HOLDS" },
        { VECTORS "\nc = u - m",
          "\\frac{\\partial c}{\\partial u} + u u^T = I - \\frac1h \\mathbf 1 \\mathbf 1^\\top + u u^T", "HOLDS" },
        { VECTORS "\nc = u - m", "\\frac{\\partial c}{\\partial u} = I - \\frac1h \\mathbf 1 \\mathbf 1^\\top",
          "HOLDS" },
        { VECTORS "\nc = u - m", "\\|I - \\frac1h \\mathbf 1 \\mathbf 1^\\top\\|_F = 1",
          "NOT READ: how large the identity and the ones" },
        { VECTORS "\nc = u - m", "c = u - \\frac1h \\mathbf 1 \\mathbf 1^T u", "HOLDS" },
        { VECTORS "\nc = u - m", "c = u - 2 m \\mathbf 1", "FAILS" },
    };
    SAID(list);
}
END_TEST

#define CELLS                                                                                                          \
    "sizes T I H\nindex i in I; c, h in H\ngiven x_i^t in R^I; w_{ic}, w_{hc}; v_{h\\phi}, v_{c\\phi}\n"               \
    "a_c^t = \\sum_i w_{ic} x_i^t + \\sum_{h=1}^H w_{hc} b_h^{t-1}\n"                                                  \
    "a_\\phi^t = \\sum_{h=1}^H v_{h\\phi} b_h^{t-1} + \\sum_{c=1}^H v_{c\\phi} s_c^{t-1}\n"                            \
    "s_c^t = f(a_\\phi^t) s_c^{t-1} + a_c^t\nb_c^t = h(s_c^t)\nloss L reads b_c^t direct \\kappa_c^t"

START_TEST(names)
{
    static const reading list[] = {
        { CELLS, "\\frac{\\partial b_c^t}{\\partial s_c^t} = h'(s_c^t)", "HOLDS" },
        { CELLS, "\\frac{\\partial b_c^t}{\\partial s_c^t} = f'(s_c^t)", "FAILS" },
        { CELLS,
          "\\frac{\\partial L}{\\partial v_{c\\phi}} = \\sum_t \\frac{\\partial L}{\\partial a_\\phi^t} s_c^{t-1}",
          "HOLDS" },
        { CELLS,
          "\\frac{\\partial L}{\\partial v_{h\\phi}} = \\sum_t \\frac{\\partial L}{\\partial a_\\phi^t} s_h^{t-1}",
          "FAILS" },
        { "sizes m\nindex i in m\ngiven x in R^m; \\epsilon in R positive\n\\mu_B = \\frac1m \\sum_i x_i\n"
          "\\sigma_B^2 = \\frac1m \\sum_i (x_i - \\mu_B)^2\ny_i = x_i / \\sqrt{\\sigma_B^2 + \\epsilon}\nloss L reads "
          "y",
          "\\frac{\\partial L}{\\partial \\sigma_B^2} = -\\frac12 \\sum_i \\frac{\\partial L}{\\partial y_i} x_i "
          "(\\sigma_B^2 + \\epsilon)^{-3/2}",
          "HOLDS" },
        { "sizes T h\ngiven x_t in R^h\nu_t = \\tanh(x_t)\nloss L reads u_t\n\\Delta^r_t means \\partial L / \\partial "
          "x_t\n\\Delta^h_t means \\partial L / \\partial u_t",
          "\\Delta^r_t = \\Delta^h_t \\odot (1 - u_t^2)", "HOLDS" },
        { "sizes n m\ngiven W in R^{n \\times m}; x in R^m\nz = W x\nloss L reads z\n\\delta = \\partial L / \\partial "
          "z",
          "\\frac{\\partial L}{\\partial W} = \\delta^T x^T", "HOLDS" },
        { "sizes n m\ngiven W in R^{n \\times m}; x in R^m\nz = W x\nloss L reads z\n\\delta = \\partial L / \\partial "
          "z",
          "\\frac{\\partial L}{\\partial x} = (\\delta W^T)^T", "FAILS" },
    };
    SAID(list);
}
END_TEST

#define STEPS                                                                                                          \
    "sizes T H\ngiven W, U in R^{H \\times H}; x_t in R^H; h_0 in R^H\nh_t = \\tanh(W x_t + U h_{t-1})\n"              \
    "E = \\sum_t \\|h_t\\|^2\na_t is the argument of h_t\n\\delta h_t = \\partial E / \\partial h_t\n"                 \
    "\\delta a_t = \\partial E / \\partial a_t\n\\Delta h_t = U^T \\delta a_{t+1}\n"

START_TEST(signs)
{
    static const reading list[] = {
        { STEPS, "\\delta h_t = 2 h_t + \\Delta h_t", "HOLDS" },
        { STEPS, "\\Delta h_{t-1} = U^T \\delta a_t", "HOLDS" },
        { STEPS, "\\delta h_0 = U^T \\delta a_1", "HOLDS" },
        { STEPS, "\\delta h_0 = U \\delta a_1", "FAILS" },
        { STEPS, "\\frac{\\partial E}{\\partial W} = \\sum_t \\delta a_t \\otimes x_t + 0 \\odot W", "HOLDS" },
        { STEPS, "\\frac{\\partial E}{\\partial W} = \\sum_t x_t \\otimes \\delta a_t + 0 \\odot W", "FAILS" },
        { STEPS, "\\delta a_t = \\delta h_t \\otimes (1 - h_t^2)", "HOLDS" },
        { STEPS "\\otimes is the outer product", "\\frac{\\partial E}{\\partial W} = \\sum_t \\delta a_t \\otimes x_t",
          "HOLDS" },
        { "sizes T I H\ngiven x_t in R^I; W_a, W_b in R^{H \\times I}\nE = \\sum_t (\\|W_a x_t\\|^2 + \\|W_b x_t\\|^2 "
          "/ 2)\n"
          "W = [W_a; W_b]",
          "\\frac{\\partial E}{\\partial W} = \\sum_t [2 W_a x_t; W_b x_t] x_t^T", "HOLDS" },
        { "sizes T I H\ngiven x_t in R^I; W in R^{H \\times I}\nE = \\sum_t \\|W x_t\\|^2\nq = W W^T",
          "\\frac{\\partial E}{\\partial q} = q", "NOT READ: stands in no other definition" },
    };
    SAID(list);
}
END_TEST

/* Shapes that no line gives are those of what stands beside. */
#define GATES                                                                                                          \
    "sizes T n m\ngiven x_t in R^m\nf_t = \\sigma(W h_{t-1} + U x_t)\ni_t = \\sigma(R h_{t-1} + V x_t + b)\n"          \
    "c_t = c_{t-1} \\odot f_t + i_t \\odot i_t\nh_t = \\tanh(c_t)\nloss L reads h_t\n"

START_TEST(shapes_by_use)
{
    static const reading list[] = {
        { GATES, "\\frac{\\partial L}{\\partial f_t} = \\frac{\\partial L}{\\partial c_t} \\odot c_{t-1}", "HOLDS" },
        { GATES, "\\frac{\\partial L}{\\partial f_t} = \\frac{\\partial L}{\\partial c_t} \\odot c_t", "FAILS" },
        { "sizes T H D\ngiven x_t in R^D\nz_t = \\begin{bmatrix} h_{t-1} \\\\ x_t \\end{bmatrix}\n"
          "h_t = \\tanh(W z_t + b)\nloss L reads h_t",
          "\\frac{\\partial h_t}{\\partial z_t} = \\operatorname{diag}(1 - h_t^2) W", "HOLDS" },
        { "sizes N C D\nindex k in N; c in C; l in D\ngiven x in R^{N \\times C}; w in R^{C \\times D}; g in R^D\n"
          "h_{kl} = \\sum_c x_{kc} w_{cl}\ny_{kl} = g_l h_{kl}\nloss L reads y_{kl}",
          "\\frac{\\partial L}{\\partial g_l} = \\sum_k \\frac{\\partial L}{\\partial y_{kl}} h_{kl}", "HOLDS" },
        { "sizes I H\nindex c, c' in H; i in I\ngiven x_i in R^I; w_{cc'} in R^{H \\times H}; w_{ci} in R^{H "
          "\\times I}\nu_c = \\sum_i w_{ci} x_i\nv_c = \\sum_{c'} w_{cc'} u_{c'}",
          "\\frac{\\partial v_c}{\\partial u_{c'}} = w_{cc'}", "HOLDS" },
        { "sizes N D\nindex i, n, l in N\ngiven S in R^{N \\times D}; s in R^N",
          "\\frac{\\partial s_i}{\\partial s_n} = \\delta_{in}", "HOLDS" },
        { "sizes m d\ngiven X, W_Q in R^{d \\times d}\nQ = X W_Q\nloss L reads Q",
          "\\frac{\\partial L}{\\partial W_Q} = X^T \\frac{\\partial L}{\\partial Q}", "HOLDS" },
        { "sizes n\ngiven A, B in R^{n \\times n}; x, y in R^n\nM = \\begin{pmatrix} A & B \\\\ B & A \\end{pmatrix}\n"
          "q = M u\nu = \\begin{pmatrix} x \\\\ y \\end{pmatrix}\nloss L reads q",
          "\\frac{\\partial L}{\\partial u} = M^T \\frac{\\partial L}{\\partial q}", "HOLDS" },
    };
    SAID(list);
}
END_TEST

#define ROWS                                                                                                           \
    "sizes B T D H\nconvention rows\ngiven x_t in R^{B \\times D}\nc_t = x_t W + h_{t-1} U + b\nh_t = \\tanh(c_t)\n"   \
    "loss L reads h_t"
#define TRANSITION                                                                                                     \
    "sizes T n\ngiven W in R^{n \\times n}; e in R; x_t in R^n\nq_t = \\tanh(W h_{t-1} + x_t)\nh_t = h_{t-1} + e "     \
    "q_t\nloss L reads h_T"

/* What a sum and a product reach over, ones, constants. */
START_TEST(reach)
{
    static const reading list[] = {
        { ROWS, "\\frac{\\partial L}{\\partial b} = \\sum_{t=1}^T \\mathbf 1_B^T \\frac{\\partial L}{\\partial c_t}",
          "HOLDS" },
        { ROWS "\na_t = x_t A\nd_t = x_t C", "[a_t, d_t] = x_t [A, C]", "HOLDS" },
        { ROWS,
          "\\begin{bmatrix} c_t & c_t \\end{bmatrix} = \\begin{bmatrix} x_t & h_{t-1} \\end{bmatrix} "
          "\\begin{bmatrix} W & W \\\\ U & U \\end{bmatrix} + \\begin{bmatrix} b & b \\end{bmatrix}",
          "HOLDS" },
        { "sizes T K\ngiven o_t, y_t in R^K; c in R^K\np_t = o_t + c\nL = \\sum_t \\|p_t - y_t\\|^2 / 2",
          "\\frac{\\partial L}{\\partial c} = \\sum_{t=1}^T p_t - y_t", "HOLDS" },
        { "sizes T K\ngiven o_t, y_t in R^K; c in R^K\np_t = o_t + c\nL = \\sum_t \\|p_t - y_t\\|^2 / 2",
          "\\frac{\\partial L}{\\partial c} = \\sum_{t=1}^T p_t - 2 y_t", "FAILS" },
        { "sizes m\nindex i in m\ngiven y_i, z_i in R\na_i = \\sigma(z_i)\n"
          "J = -\\frac{1}{m} \\sum_i y_i \\log a_i + (1 - y_i) \\log(1 - a_i)",
          "\\frac{\\partial J}{\\partial z_i} = \\frac{1}{m} (a_i - y_i)", "HOLDS" },
        { TRANSITION,
          "\\frac{\\partial h_T}{\\partial h_k} = \\prod_{t=k+1}^T (\\mathbf I + e \\operatorname{diag}(1 - q_t^2) W)",
          "HOLDS IF: in the product the later step stands on the left" },
        { TRANSITION,
          "\\frac{\\partial h_T}{\\partial h_k} = \\prod_{t=k+1}^T (\\mathbf I + e W \\operatorname{diag}(1 - q_t^2))",
          "FAILS" },
        { TRANSITION,
          "\\frac{\\partial h_T}{\\partial h_k} = \\prod_{t=k+1}^T (\\mathbf I + e \\operatorname{diag}(1 - q_t) W)",
          "FAILS" },
        { TRANSITION, "\\left\\| \\frac{\\partial h_T}{\\partial h_t} \\right\\|_2 \\ge \\|W\\|_2^{T-t}", "FAILS" },
        { "sizes N d\ngiven \\tau in R; q, k in R^d\n\\tau = 1 / \\sqrt{d}", "\\tau q^T k = q^T k / \\sqrt d",
          "HOLDS" },
    };
    SAID(list);
}
END_TEST

#define WEIGHTS                                                                                                        \
    "sizes T I H\ngiven w_{ij} in R^{I \\times H}; x_i in R^I\nindex i in I; j in H\nq_j = \\sum_i w_{ij} x_i\n"       \
    "E = \\sum_j q_j^2"
#define PRIMED                                                                                                         \
    "sizes T I H\nindex c, c' in H; i in I\ngiven x_i^{(t)} in R^I; w_{cc'} in R^{H \\times H}; w_{ci} in "            \
    "R^{H \\times I}\ny_c^{(t)} = \\tanh(\\sum_{c'} w_{cc'} y_{c'}^{(t-1)} + \\sum_i w_{ci} x_i^{(t)})\nloss L reads " \
    "y_c^{(t)}"

START_TEST(elements)
{
    static const reading list[] = {
        { WEIGHTS, "\\frac{\\partial E}{\\partial w_{ij}} = 2 q_j x_i", "HOLDS" },
        { WEIGHTS, "\\frac{\\partial E}{\\partial w_{ij}} = 2 q_j", "FAILS" },
        { WEIGHTS, "\\frac{\\partial E}{\\partial w_{21}} = 2 q_1 x_2", "HOLDS" },
        { WEIGHTS, "\\frac{\\partial E}{\\partial w_{12}} = 2 q_1 x_2", "FAILS" },
        { WEIGHTS, "\\frac{\\partial q_j}{\\partial w_{1j}} = x_1", "HOLDS" },
        { WEIGHTS, "\\frac{\\partial q_j}{\\partial w_{i2}} = \\delta_{j2} x_i", "HOLDS" },
        { WEIGHTS, "\\frac{\\partial q_j}{\\partial w_{i2}} = \\delta_{j1} x_i", "FAILS" },
        { PRIMED,
          "\\frac{\\partial L}{\\partial w_{cc'}} = \\sum_t \\frac{\\partial L}{\\partial y_c^{(t)}} (1 - "
          "(y_c^{(t)})^2) "
          "y_{c'}^{(t-1)}",
          "HOLDS" },
        { PRIMED,
          "\\frac{\\partial L}{\\partial w_{ci}} = \\sum_t \\frac{\\partial L}{\\partial y_c^{(t)}} (1 - "
          "(y_c^{(t)})^2) "
          "x_i^{(t)}",
          "HOLDS" },
        { PRIMED,
          "\\frac{\\partial L}{\\partial w_{ci}} = \\sum_t \\frac{\\partial L}{\\partial y_c^{(t)}} (1 - y_c^{(t)}) "
          "x_i^{(t)}",
          "FAILS" },
    };
    SAID(list);
}
END_TEST

#define LAYERS                                                                                                         \
    "sizes n_0 n_1 n_2 m\nlabels l = 1, 2\nindex i in m\ngiven A^{[0]} in R^{n_0 \\times m}; W^{[l]} in "              \
    "R^{n_l \\times n_{l-1}}; b^{[l]} in R^{n_l}; Y in R^{n_2 \\times m} one-hot\n"                                    \
    "Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]} \\mathbf 1_m^T\nA^{[l]} = \\tanh(Z^{[l]})\n"                                \
    "L = -\\sum_{i=1}^m \\sum_{k=1}^{n_2} Y_{ki} Z^{[2]}_{ki} + \\sum_{i=1}^m \\log \\sum_{k=1}^{n_2} \\exp "          \
    "Z^{[2]}_{ki}\nP_{ki} = \\exp Z^{[2]}_{ki} / \\sum_{j=1}^{n_2} \\exp Z^{[2]}_{ji}\n"                               \
    "dZ^{[l]} = \\partial L / \\partial Z^{[l]}"

/* Layers of different sizes, examples in columns. */
START_TEST(layers)
{
    static const reading list[] = {
        { LAYERS, "\\frac{\\partial L}{\\partial Z^{[2]}} = P - Y", "HOLDS" },
        { LAYERS, "\\frac{\\partial L}{\\partial Z^{[2]}} = Y - P", "FAILS" },
        { LAYERS, "\\frac{\\partial L}{\\partial W^{[l]}} = dZ^{[l]} A^{[l-1]T}", "HOLDS" },
        { LAYERS, "\\frac{\\partial L}{\\partial b^{[l]}} = \\sum_{i=1}^m dZ^{[l](i)}", "HOLDS" },
        { LAYERS, "\\frac{\\partial L}{\\partial b^{[l]}} = 2 \\sum_{i=1}^m dZ^{[l](i)}", "FAILS" },
        { LAYERS, "dZ^{[l]} = W^{[l+1]T} dZ^{[l+1]} \\odot (1 - A^{[l]} \\odot A^{[l]})", "HOLDS" },
        { LAYERS, "dZ^{[l]} = W^{[l+1]T} dZ^{[l+1]} \\odot (1 - A^{[l]} \\odot A^{[l]}), \\quad l = 1", "HOLDS" },
        { LAYERS, "dZ^{[l]} = W^{[l+1]T} dZ^{[l+1]} \\odot (1 - A^{[l]}), \\quad l = 1", "FAILS" },
        { LAYERS,
          "\\frac{\\partial L}{\\partial W^{[l]}_{rk}} = \\sum_{i=1}^m dZ^{[l]}_{ri} A^{[l-1]}_{ki}, \\quad l = 2, 1",
          "HOLDS" },
        { LAYERS, "\\frac{\\partial L}{\\partial W^{[l]}_{rk}} = \\sum_{i=1}^m dZ^{[l]}_{ki} A^{[l-1]}_{ri}", "FAILS" },
        { LAYERS, "\\frac{\\partial L}{\\partial W^{[l]}} = dZ^{[l]} A^{[l-1]T}, \\quad l \\in \\{1, 2\\}", "HOLDS" },
    };
    SAID(list);
}
END_TEST

#define WORDS                                                                                                          \
    "sizes T H V\ngiven x_t in R^{|V|} one-hot; E in R^{H \\times |V|}; W in R^{H \\times H}\n"                        \
    "h_t = \\tanh(W h_{t-1} + E x_t)\nL = \\sum_{t=1}^T \\|h_t\\|^2"

/* The sign of transposition in front, |V| as a size, and functions with a capital. */
START_TEST(signs_elsewhere)
{
    static const reading list[] = {
        { WORDS, "\\frac{\\partial L}{\\partial h_T} = 2 h_T", "HOLDS" },
        { WORDS,
          "\\frac{\\partial L}{\\partial h_t} = 2 h_t + {}^t W (\\frac{\\partial L}{\\partial h_{t+1}} \\odot (1 - "
          "h_{t+1}^2))",
          "HOLDS" },
        { WORDS,
          "\\frac{\\partial L}{\\partial h_t} = 2 h_t + {}^{\\mathrm t} W (\\frac{\\partial L}{\\partial h_{t+1}} "
          "\\odot "
          "(1 - h_t^2))",
          "FAILS" },
        { WORDS,
          "\\frac{\\partial L}{\\partial E} = \\sum_{t=1}^T ((1 - h_t^2) \\odot \\frac{\\partial L}{\\partial h_t}) "
          "{}^\\top x_t",
          "HOLDS" },
        { WORDS, "\\sum_{j=1}^{|V|} x_{t,j} = 1", "HOLDS" },
        { WORDS, "\\frac{\\partial h_t}{\\partial x_t} = \\operatorname{Diag}(1 - h_t^2) E", "HOLDS" },
        { WORDS, "\\operatorname{Tr}(W^T W) = \\|W\\|_F^2", "HOLDS" },
        { "given x_t in R^I; y_t in R^I\nloss L reads y_t", "y_t = x_{t+1}", "DEFINES" }, /* the setup says its shape */
        { "given x_t in R^I; y_t in R^I positive\nloss L reads y_t", "y_t = x_{t+1}",
          "NOT READ: leave it out of the setup" },
    };
    SAID(list);
}
END_TEST

#define NETS "sizes T H\ngiven x_t in R^H; W, U in R^{H \\times H}; b in R^H"
#define COUNTED "sizes T H\nindex u, u'' in H\ngiven x_t in R^H; w_{uu'}\ny_{t,u} = \\tanh(\\sum_{u'} w_{uu'} x_{t,u'})"

/* Words in bold or italics, signs of programs, primes on indices, and \lambda_{\max} behind a logarithm. */
START_TEST(styles_of_authors)
{
    static const reading list[] = {
        { NETS "\n\\mathbf{net}_t = W x_t + b", "\\frac{\\partial \\mathbf{net}_t}{\\partial x_t} = W", "HOLDS" },
        { NETS "\n\\mathit{net}_t = W x_t + b", "\\tanh(\\boldsymbol{net}_t) = \\tanh(W x_t + b)", "HOLDS" },
        { NETS, "\\mathbf{Wb} = W b", "HOLDS" },
        { NETS, "x_t .* (W x_t .+ b) = x_t \\odot (W x_t) + x_t \\odot b", "HOLDS" },
        { NETS, "\\tanh.(x_t).^2 = (\\tanh x_t) \\odot (\\tanh x_t)", "HOLDS" },
        { NETS, "1 .- \\sigma.(x_t) = 1 ./ (1 + \\exp(x_t))", "HOLDS" },
        { NETS, "x_t .* b = x_t .- b", "FAILS" },
        { COUNTED, "\\frac{\\partial y_{t,u}}{\\partial x_{t,u'}} = (1 - y_{t,u}^2) w_{uu'}", "HOLDS" },
        { COUNTED, "\\frac{\\partial y_{t,u}}{\\partial x_{t,u''}} = (1 - y_{t,u}^2) w_{u''u}", "FAILS" },
        { COUNTED, "\\frac{\\partial x_{t,u}}{\\partial x_{t',u}} = \\mathbf 1[t = t']", "HOLDS" },
        { NETS, "\\|W\\|_2 = \\exp(\\frac12 \\ln \\lambda_{\\max}(W^\\top W))", "HOLDS" },
    };
    SAID(list);
}
END_TEST

Suite *suite_notations(void)
{
    Suite *suite = suite_create("notations");
    TCase *tests = tcase_create("notations");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, identity_and_ones);
    tcase_add_test(tests, names);
    tcase_add_test(tests, signs);
    tcase_add_test(tests, shapes_by_use);
    tcase_add_test(tests, reach);
    tcase_add_test(tests, elements);
    tcase_add_test(tests, layers);
    tcase_add_test(tests, signs_elsewhere);
    tcase_add_test(tests, styles_of_authors);
    suite_add_tcase(suite, tests);
    return suite;
}
