/* What unusual formulas mean, and what cannot be read and why: each formula after some lines of a setup, with its
 * verdict and a part of what is said of it. */
#include "said.h"

#define VECTORS                                                                                                        \
    "sizes B T I H\ngiven u, w in R^H; A, C in R^{H \\times H}; V in R^{H \\times I}; z in R^I; c in R; x_t in "       \
    "R^I\nindex j, k in H; i in I; b in B"
#define NETWORK                                                                                                        \
    "sizes B T I H\ngiven x_t in R^I; W in R^{H \\times H}; U in R^{H \\times I}; b in R^H\n"                          \
    "h_t = \\tanh(W h_{t-1} + U x_t + b)\nloss L reads h_t\nindex j, k in H; i in I"

/* ---- Sums, products, maxima ---- */

START_TEST(ranges)
{
    static const reading list[] = {
        { VECTORS, "\\sum_j u_j = \\mathbf 1^\\top u", "HOLDS" },
        { VECTORS, "\\sum_{j} A_{jj} = \\operatorname{tr}(A)", "HOLDS" },
        { VECTORS, "\\sum_i V_{ji} z_i = (V z)_j", "HOLDS" },
        { VECTORS, "\\sum_{j \\ne k} u_j = \\sum_j u_j - u_k", "HOLDS" },
        { VECTORS, "\\sum_{j < k} u_j + \\sum_{j \\ge k} u_j = \\sum_j u_j", "HOLDS" },
        { VECTORS, "\\sum_{j=1}^H \\sum_{k=1}^H A_{jk} = \\mathbf 1^\\top A \\mathbf 1_H", "HOLDS" },
        { VECTORS, "\\prod_{k=1}^{3} 2 = 8", "HOLDS" },
        { VECTORS, "\\prod_{k=3}^{1} k = 6", "HOLDS" },
        { VECTORS, "\\sum_{k=1}^{0} u_k = 0", "HOLDS" },
        { VECTORS, "\\max_j u_j \\ge u_k", "HOLDS" },
        { VECTORS, "\\min_j u_j \\le u_k", "HOLDS" },
        { VECTORS, "\\max(u) = \\max_j u_j", "HOLDS" },
        { VECTORS, "\\min(u) = -\\max(-u)", "HOLDS" },
        { VECTORS, "\\max(c, 1) = c + \\max(0, 1 - c)", "HOLDS" },
        { VECTORS, "\\min(c, 1, 2) = \\min(c, 1)", "HOLDS" },
        { VECTORS, "\\max_{k=2}^{1} u_k = c", "NOT READ: there is no step" },
        { VECTORS, "\\sum_{k=1}^{200000} c = 200000 c", "NOT READ: a sum of 200000 terms is more than a check takes" },
        { VECTORS, "\\sum_q c = c", "NOT READ: " },
        { VECTORS, "\\sum_{j} A_{jk} = (A^\\top \\mathbf 1_H)_k", "HOLDS" },
        { VECTORS "\nlabels g = p, q\ngiven m_g in R^H", "\\sum_g m_g = m_p + m_q", "HOLDS" },
        { VECTORS "\nlabels g = p, q\ngiven m_g in R^H", "\\sum_{g \\in \\{p\\}} m_g = m_p", "HOLDS" },
        { VECTORS "\nlabels l = 1, 2, 3\ngiven m_l in R^H", "\\sum_{l} m_l = m_1 + m_2 + m_3", "HOLDS" },
        { VECTORS, "x_t = x_t + \\sum_{b=1}^B 0", "HOLDS" },
        { VECTORS, "\\frac1B \\sum_b x_{t,b,i} = \\frac1B \\sum_{b} x_{t,b,i}", "HOLDS" },
        { VECTORS "\ns = \\sum_{t=1}^T x_t", "\\sum_t x_{t,i} = s_i", "HOLDS" },
        { VECTORS, "u_1 + u_2 + \\dots + u_H = \\sum_j u_j", "NOT READ: " },
        { NETWORK, "\\sum_{t=1}^{T-1} x_t + x_T = \\sum_t x_t", "HOLDS" },
        { NETWORK, "\\mathrm{mean}(h_t) = \\frac1H \\sum_j h_{t,j}", "HOLDS" },
    };
    SAID(list);
}
END_TEST

START_TEST(given_and_defined)
{
    static const reading list[] = {
        { VECTORS, "u = 0", "NOT READ: the setup gives u, any numbers, and here it is defined" },
        { VECTORS, "u^\\top w = 0", "FAILS" },
        { VECTORS "\ngiven q in R", "q = 0.9", "DEFINES" },
        { VECTORS "\ngiven s_0 in R^H\ns_t = s_{t-1} + u", "s_0 = 0", "DEFINES" },
    };
    SAID(list);
}
END_TEST

START_TEST(inner_products_of_matrices)
{
    static const reading list[] = {
        { VECTORS, "A : C = \\operatorname{tr}(A^\\top C)", "HOLDS" },
        { VECTORS, "A : C = \\operatorname{tr}(A C)", "FAILS" },
        { VECTORS, "A \\colon u w^\\top = u^\\top A w", "HOLDS" },
        { VECTORS, "A C : A - C : A^\\top A = 0", "HOLDS" },
        { VECTORS, "A C \\mathbin{:} A = C : A A^\\top", "FAILS" },
        { VECTORS, "\\langle A, C \\rangle_F = \\langle A \\mid C \\rangle = \\sum_{j,k} A_{jk} C_{jk}", "HOLDS" },
        { VECTORS, "\\|A\\|_F^2 = A : A", "HOLDS" },
        { VECTORS "\nS = A C\nE = \\|S\\|_F^2", "\\mathrm{d}E = 2 S : \\mathrm{d}S", "HOLDS" },
        { VECTORS "\nS = A C\nE = \\|S\\|_F^2", "\\mathrm{d}E = 2 A^\\top S : \\mathrm{d}C", "HOLDS" },
        { VECTORS "\nS = A C\nE = \\|S\\|_F^2", "\\mathrm{d}E = 2 S A^\\top : \\mathrm{d}C", "FAILS" },
        { VECTORS, "A :", "NOT READ: the second matrix of an inner product" },
        { VECTORS, "V_{1:2,i} = V_{1:2,i}", "HOLDS" },
    };
    SAID(list);
}
END_TEST

/* ---- Dots, lists, blocks, functions ---- */

#define SINGLE                                                                                                         \
    "sizes T I H\ngiven x_t in R^I; y_t in R^H one-hot; W in R^{H \\times H}; U in R^{H \\times I}\n"                  \
    "h_t = \\tanh(W h_{t-1} + U x_t)\nloss L reads h_t\ndX means \\partial L / \\partial X"

START_TEST(as_authors_write)
{
    static const reading list[] = {
        { SINGLE, "\\sum_t h_t[y_t] = \\sum_t y_t^\\top h_t", "HOLDS" },
        { SINGLE, "\\sum_t h_t[y_t] = \\sum_t y_{t-1}^\\top h_t", "FAILS" },
        { SINGLE, "(dU)_{jk} = \\sum_{t : x_{t,k} \\ne 0} dh_{t,j} (1 - h_{t,j}^2) x_{t,k}", "HOLDS" },
        { SINGLE "\nindex k in I", "(dU)_{jk} = \\sum_{t : t > 0} dh_{t,j} (1 - h_{t,j}^2) x_{t,k}", "HOLDS" },
        { SINGLE "\nindex k in I", "(dU)_{jk} = \\sum_{t : t > 1} dh_{t,j} (1 - h_{t,j}^2) x_{t,k}", "FAILS" },
        { SINGLE,
          "dh^{next}_t = W^\\top ((1 - h_{t+1}^2) \\odot dh_{t+1})$$\n$$dh_t = \\frac{\\partial L}{\\partial h_t}",
          "HOLDS" },
        { SINGLE, "dq_t = h_t", "NOT READ: " },
        { SINGLE "\nF\\_X means \\partial L / \\partial X", "F\\_U = \\sum_t (F\\_h_t \\odot (1 - h_t^2)) x_t^\\top",
          "HOLDS" },
        { SINGLE "\nF\\_X means \\partial L / \\partial X", "F\\_U = \\sum_t F\\_h_t x_t^\\top", "FAILS" },
        { SINGLE "\nindex i in I; j in H",
          "\\frac{\\partial L}{\\partial (U)_{ji}} = \\sum_t dh_{t,j} (1 - h_{t,j}^2) x_{t,i}", "HOLDS" },
        { "sizes N\nlabels l = 1, 2, 3\ngiven a^0, y in R^N; w^l in R^{N \\times N}\nz^l = w^l a^{l-1}\na^l = "
          "\\sigma(z^l)\n"
          "C = y^\\top a^3",
          "\\frac{\\partial C}{\\partial z^l} = (w^{l+1})^\\top \\frac{\\partial C}{\\partial z^{l+1}} "
          "\\odot \\sigma'(z^l), \\quad l < 3",
          "HOLDS" },
        { SINGLE, "dW = \\sum_t \\langle dh_t \\odot (1 - h_t^2), h_{t-1} \\rangle", "HOLDS" },
        { SINGLE, "dW = \\sum_t \\langle dh_t \\odot (1 - h_t^2), h_t \\rangle", "FAILS" },
        { SINGLE, "dW \\mathrel{+}= (dh_t \\odot (1 - h_t^2)) h_{t-1}^\\top", "HOLDS" },
        { SINGLE, "dW \\mathrel{+}= (dh_t \\odot (1 - h_t^2)) h_t^\\top", "FAILS" },
        { SINGLE, "dW = \\sum_t dh_{t+1} \\odot (1 - h_{t+1}^2) h_t^\\top, \\quad t = 0, \\dots, T - 1", "HOLDS" },
        { SINGLE, "dW = \\sum_t dh_{t+1} \\odot (1 - h_{t+1}^2) h_t^\\top, \\quad t = 1, \\dots, T - 1",
          "HOLDS IF: initial" },
        { SINGLE, "dW = \\sum_t \\frac{\\partial L}{\\partial h_t} \\frac{\\partial h_t}{\\partial W}", "HOLDS" },
        { SINGLE, "E_{t+1} = y_{t+1}^\\top h_{t+1}$$\n$$E_1 = y_1^\\top h_1", "HOLDS" },
        { SINGLE,
          "\\frac{\\partial h_t}{\\partial h_k} = \\prod_{t \\ge i > k} \\frac{\\partial h_i}{\\partial h_{i-1}}",
          "HOLDS" },
        { SINGLE, "\\rho(W) \\le \\|W\\|_2", "HOLDS" },
        { SINGLE, "\\|W\\|_2 \\le \\rho(W)", "FAILS" },
        { SINGLE, "\\sigma_{\\min}(W) \\le \\|W\\|_2", "HOLDS" },
        { SINGLE, "\\lambda_{\\max}(W^\\top W) \\ge \\|W\\|_2", "FAILS" },
        { SINGLE, "\\sqrt{\\lambda_{\\max}(W^\\top W)} \\ge 0.999 \\|W\\|_2", "HOLDS" },
        { SINGLE, "\\frac{\\partial L}{\\partial h_t} = \\hat g_t + W \\frac{\\partial L}{\\partial h_{t+1}}",
          "NOT READ: " },
    };
    SAID(list);
}
END_TEST

#define TABLES                                                                                                         \
    "sizes T I H K\nindex i in I; h, h' in H; k in K\ngiven x_i^t, w_{ih}, w_{h'h}, w_{hk}\n"                          \
    "a_h^t = \\sum_i w_{ih} x_i^t + \\sum_{h'} w_{h'h} b_{h'}^{t-1}\nb_h^t = \\tanh(a_h^t)\n"                          \
    "a_k^t = \\sum_h w_{hk} b_h^t\nO = \\sum_t \\sum_k (a_k^t)^2"

START_TEST(tables_by_their_letters)
{
    static const reading list[] = {
        { TABLES, "\\frac{\\partial O}{\\partial a_k^t} = 2 a_k^t", "HOLDS" },
        { TABLES, "\\frac{\\partial O}{\\partial a_k^t} = 2 a_h^t", "FAILS" },
        { TABLES, "\\frac{\\partial O}{\\partial w_{hk}} = \\sum_t 2 a_k^t b_h^t", "HOLDS" },
        { TABLES, "\\frac{\\partial O}{\\partial w_{hk}} = \\sum_t 2 a_k^t b_h^{t-1}", "FAILS" },
        { TABLES,
          "\\delta_j^t = \\frac{\\partial O}{\\partial a_j^t}$$\n$$\\delta_h^t = (1 - (b_h^t)^2) (\\sum_k w_{hk} "
          "\\delta_k^t + \\sum_{h'} w_{hh'} \\delta_{h'}^{t+1})",
          "HOLDS" },
        { TABLES,
          "\\delta_j^t = \\frac{\\partial O}{\\partial a_j^t}$$\n$$\\delta_h^t = (1 - (b_h^t)^2) (\\sum_k w_{hk} "
          "\\delta_k^t + \\sum_{h'} w_{h'h} \\delta_{h'}^{t+1})",
          "FAILS" },
        { TABLES, "\\delta_j^t = \\frac{\\partial O}{\\partial a_j^t}$$\n$$\\delta_h^{T+1} = 0", "HOLDS" },
        { TABLES,
          "\\frac{\\partial O}{\\partial w_{ih}} = \\sum_t \\frac{\\partial O}{\\partial a_h^t} \\frac{\\partial "
          "a_h^t}{\\partial w_{ih}}",
          "HOLDS" },
    };
    SAID(list);
}
END_TEST

START_TEST(parts)
{
    static const reading list[] = {
        { NETWORK "\nJ_t = \\operatorname{diag}(1 - h_t^2) W",
          "\\frac{\\partial h_T}{\\partial h_0} = J_T J_{T-1} \\cdots J_1", "HOLDS" },
        { NETWORK "\nJ_t = \\operatorname{diag}(1 - h_t^2) W",
          "\\frac{\\partial h_T}{\\partial h_0} = J_1 J_2 \\cdots J_T", "FAILS" },
        { NETWORK "\nX = [x_1, \\dots, x_T]", "X \\mathbf 1_T = \\sum_t x_t", "HOLDS" },
        { NETWORK, "\\cdots h_t = h_t", "NOT READ: " },
        { NETWORK, "h_t \\cdots W = h_t", "NOT READ: dots must stand between two terms" },
        { NETWORK, "[h_t, \\dots] = h_t", "NOT READ: " },
        { VECTORS, "[u, w]_1 = (u)_1", "HOLDS" },
        { VECTORS, "\\begin{pmatrix} A & C \\\\ C & A \\end{pmatrix} [u; w] = [A u + C w; C u + A w]", "HOLDS" },
        { VECTORS,
          "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix} \\begin{pmatrix} 1 \\\\ 1 \\end{pmatrix} = "
          "\\begin{pmatrix} 3 \\\\ 7 \\end{pmatrix}",
          "HOLDS" },
        { VECTORS, "\\begin{pmatrix} u & w \\end{pmatrix} \\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix} = u + 2 w",
          "HOLDS" },
        { VECTORS, "[A; V] = A", "FAILS: do not fit" },
        { VECTORS, "[A, u^\\top] = A", "FAILS: do not fit" },
        { VECTORS, "f(u) = f(u)", "HOLDS" },
        { VECTORS, "\\frac{\\partial f(c)}{\\partial c} = f'(c)", "NOT READ: neither defined nor given" },
        { VECTORS, "f(u, w) = u", "NOT READ: function" },
        { VECTORS, "\\phi(c) = 2 \\phi(c)", "FAILS" },
        { VECTORS, "J(w) = w^\\top A w$$\n$$\\frac{\\partial J(w)}{\\partial w} = (A + A^\\top) w", "HOLDS" },
        { VECTORS, "J(w) = w^\\top A w$$\n$$J(u) = u^\\top A u", "HOLDS: " },
        { VECTORS, "\\operatorname{softmax}(u)_j = \\frac{\\exp u_j}{\\sum_k \\exp u_k}", "HOLDS" },
        { VECTORS "\ne_t = u^\\top W x_t", "\\sum_t \\operatorname{softmax}_t(e_t) = 1", "HOLDS" },
        { VECTORS "\ne_t = u^\\top W x_t", "\\operatorname{softmax}_{t+1}(e_t) = 1",
          "NOT READ: the index of softmax must be one letter" },
        { VECTORS, "\\tanh_2(u) = u", "NOT READ: subscript" },
        { VECTORS, "\\operatorname{frob}(u) + u = u", "NOT READ: " },
        { VECTORS, "\\exp''(c) = \\exp(c)", "HOLDS" },
        { VECTORS, "\\sigma'(u) = \\sigma(u) (1 - \\sigma(u))", "HOLDS" },
        { VECTORS, "\\max'(c) = 1", "NOT READ: " },
        { VECTORS, "\\max(c) = c", "NOT READ: needs a vector" },
        { VECTORS, "\\log_2(c) = c", "NOT READ: " },
        { VECTORS, "\\sinh(c) = \\frac{e^c - e^{-c}}{2}", "HOLDS" },
        { VECTORS, "e^{2 c} = (e^c)^2", "HOLDS" },
        { VECTORS, "\\pi > 3.14", "HOLDS" },
        { VECTORS, "\\mathbb E u = u", "NOT READ: " },
        { VECTORS, "\\sigma = u", "DEFINES" },
        { VECTORS, "\\tanh + u = u", "NOT READ: " },
    };
    SAID(list);
}
END_TEST

/* ---- Indices, labels, conditions ---- */

START_TEST(indices)
{
    static const reading list[] = {
        { VECTORS, "u_{j,k} = u_j", "FAILS: fewer indices than are written" },
        { VECTORS, "A_{jk} = (A^\\top)_{kj}", "HOLDS" },
        { VECTORS, "A^\\top_{jk} = A_{kj}", "NOT READ: elements of a transpose" },
        { VECTORS, "(u)_9 = 0", "FAILS: element 9 of " },
        { VECTORS, "u_{j+1} = u_j", "FAILS" },
        { VECTORS, "(u + w)_j = u_j + w_j", "HOLDS" },
        { VECTORS, "\\mathbf 1[j = k] = \\delta_{jk}", "HOLDS" },
        { VECTORS, "\\delta_{jk} = 0 [j = k], \\quad j \\ne k", "DEFINES" },
        { VECTORS, "u_j = u_k, \\quad j = k", "HOLDS" },
        { VECTORS, "u_j = u_k, \\quad j \\le k", "FAILS" },
        { VECTORS, "u_j = u_k, \\quad j \\in \\{1\\}, k \\in \\{1\\}", "HOLDS" },
        { VECTORS, "u_j = u_1 [j = 1] + u_2 [j = 2], \\quad j \\in \\{1, 2\\}", "HOLDS" },
        { VECTORS, "u_j = u_1 + (j - 1), \\quad j \\in \\{1, \\dots, 1\\}", "HOLDS" },
        { VECTORS, "u_j = u_j, \\quad j \\in \\{\\dots, 1\\}", "NOT READ: a list must not begin or end with dots" },
        { VECTORS "\nlabels g = p, q\ngiven m_g in R^H", "m_g = m_p, \\quad g = p", "HOLDS" },
        { VECTORS "\nlabels g = p, q\ngiven m_g in R^H", "m_g = m_p, \\quad g \\in \\{p\\}", "HOLDS" },
        { VECTORS "\nlabels g = p, q\ngiven m_g in R^H", "m_g = m_q, \\quad g \\ne p", "HOLDS" },
        { VECTORS "\nlabels g = p, q\ngiven m_g in R^H", "m_g = m_p", "FAILS" },
        { NETWORK, "h_{t/2} = h_t", "NOT READ: " },
        { NETWORK, "h_{c} = h_t", "NOT READ: " },
        { NETWORK, "h_{\\frac{2 t}{2}} = h_t", "NOT READ: the index t has no value here" },
        { NETWORK, "h_{t+12} = h_t", "NOT READ: there is no step at which both sides exist" },
        { NETWORK, "h^{(t)} = h_t", "HOLDS" },
        { NETWORK, "x_t = x_{t-1} + [t = 1], \\quad 1 < t \\le T", "FAILS" },
        { NETWORK, "x_t = x_T, \\quad t = T", "HOLDS" },
        { NETWORK, "h_{T-t+1} = h_{T+1-t}", "NOT READ: the index t has no value here" },
        { NETWORK, "h_{t,j} = \\tanh(\\sum_k W_{jk} h_{t-1,k} + \\sum_i U_{ji} x_{t,i} + b_j)", "HOLDS" },
        { NETWORK, "\\frac{\\partial h_{t,j}}{\\partial h_{t-1,k}} = (1 - h_{t,j}^2) W_{jk}", "HOLDS" },
        { NETWORK,
          "\\frac{\\partial L}{\\partial W_{jk}} = \\sum_t \\frac{\\partial L}{\\partial h_{t,j}} (1 - h_{t,j}^2) "
          "h_{t-1,k}",
          "FAILS: it is true only if B = 1" },
        { NETWORK, "\\frac{\\partial h_t}{\\partial W} = h_t", "NOT READ: " },
    };
    SAID(list);
}
END_TEST

/* ---- Shapes, norms, powers ---- */

START_TEST(shapes_and_powers)
{
    static const reading list[] = {
        { VECTORS, "A u = u A", "FAILS: do not fit" },
        { VECTORS, "u + z = u", "FAILS: do not fit" },
        { VECTORS, "u z^\\top = u \\odot z^\\top", "FAILS: do not fit" },
        { VECTORS, "V \\odot z = V", "FAILS: write the vector on the left" },
        { VECTORS, "A^{2} = A A", "HOLDS" },
        { VECTORS, "A^{0} = \\operatorname{diag}(\\mathbf 1_H)", "HOLDS" },
        { VECTORS, "A^{\\frac12} = A", "NOT READ: give an inverse or a root a name" },
        { VECTORS, "A^{-1} A = A", "NOT READ: give an inverse or a root a name" },
        { VECTORS, "u^{1} = u", "HOLDS" },
        { VECTORS, "e^{w \\odot \\log u} = (0 + u)^w", "UNRESOLVED" },
        { VECTORS "\ngiven s in R^H positive", "e^{w \\odot \\log s} = (0 + s)^w", "HOLDS" },
        { VECTORS "\ngiven s in R^H positive", "\\sqrt{s} \\odot \\sqrt{s} = s", "HOLDS" },
        { VECTORS, "\\|u\\|^2 = u^\\top u", "HOLDS" },
        { VECTORS, "\\|u\\|_2 \\le \\|u\\|_1", "HOLDS" },
        { VECTORS, "\\|u\\|_3 = 1", "NOT READ: of norms" },
        { VECTORS, "\\|A\\|_F^2 = \\operatorname{tr}(A^\\top A)", "HOLDS" },
        { VECTORS, "\\|A u\\| \\le \\|A\\|_2 \\|u\\|", "HOLDS" },
        { VECTORS, "\\|c\\| = |c|", "HOLDS" },
        { VECTORS, "|u_j| \\ge 0", "HOLDS" },
        { VECTORS, "|u_j| > u_j", "FAILS" },
        { VECTORS, "u \\ne w", "HOLDS" },
        { VECTORS, "u \\ne u", "FAILS" },
        { VECTORS, "u \\approx w", "NOT READ: about equal" },
        { VECTORS, "u \\leftarrow w", "NOT READ: an assignment" },
        { VECTORS, "\\langle u, A w \\rangle = \\langle A^\\top u, w \\rangle", "HOLDS" },
        { VECTORS, "\\frac{u}{w} \\odot w = u", "HOLDS" },
        { VECTORS, "\\frac{A}{c} = \\frac1c A", "HOLDS" },
        { VECTORS, "u \\in \\mathbb R^H", "HOLDS" },
        { VECTORS, "u \\in \\mathbb R^I",
          "FAILS: its shape is another: for B = 2, T = 3, I = 4, H = 5 it has 5 elements" },
        { VECTORS, "A \\in \\mathbb R^{H \\times I}",
          "FAILS: its shape is another: for B = 2, T = 3, I = 4, H = 5 it is 5 x 5" },
        { VECTORS, "c \\in \\mathbb R^I", "FAILS: its shape is another: it is a scalar" },
        { VECTORS, "c \\in \\mathbb R", "HOLDS" },
        { VECTORS, "n \\in \\mathbb R^{H \\times I \\times H}", "NOT READ: a space such as" },
        { VECTORS, "n \\in \\mathbb R^{2 H \\times I}", "DECLARES" },
        { VECTORS, "\\operatorname{diag}(u) w = u \\odot w", "HOLDS" },
        { VECTORS, "A + u = A + \\operatorname{diag}(u)", "FAILS" },
        { VECTORS, "\\mathbf 1^\\top \\mathbf 1 = H", "NOT READ: two vectors of ones" },
        { VECTORS, "\\mathbf 1_H^\\top u = \\sum_j u_j", "HOLDS" },
        { VECTORS, "[u > w] + [u \\le w] = 1", "HOLDS" },
        { VECTORS, "[u > z] = 1", "FAILS: do not fit" },
        { VECTORS "\ngiven p_1, p_2 in (0,1)", "p_1 < p_2 + 1", "HOLDS" },
        { VECTORS, "T = 3", "DECLARES: a size of the author's" },
        { VECTORS, "c = c", "HOLDS" },
        { VECTORS, "c^2 \\ge 0 = c - c", "HOLDS" },
        { VECTORS, "A^{65} = A", "NOT READ: whole numbers from 0 to 64" },
        { VECTORS, "\\mathbf 1^\\top A \\mathbf 1 = \\sum_{j,k} A_{jk}", "HOLDS" },
        { VECTORS, "(\\mathbf 1^\\top A)_j = \\sum_k A_{kj}", "HOLDS" },
        { VECTORS, "(A \\mathbf 1)_j = \\sum_k A_{kj}", "FAILS" },
        { VECTORS, "c = 1 \\le 2", "FAILS" },
        { VECTORS, "\\operatorname{softmax}(c) = 1", "HOLDS" },
    };
    SAID(list);
}
END_TEST

/* ---- Derivatives ---- */

START_TEST(derivatives)
{
    static const reading list[] = {
        { NETWORK, "\\nabla_b L = \\sum_t (1 - h_t^2) \\odot \\frac{\\partial L}{\\partial h_t} \\mathbf 1_B",
          "HOLDS" },
        { NETWORK, "\\nabla L = b", "NOT READ: needs its variable" },
        { NETWORK, "\\frac{\\partial h_t}{\\partial q} = 1", "NOT READ: " },
        { NETWORK, "\\frac{\\partial (h_t + b)}{\\partial h_{t-1}} = \\frac{\\partial h_t}{\\partial h_{t-1}}",
          "HOLDS" },
        { NETWORK, "\\frac{\\partial x_t}{\\partial h_{t-1}} = 0", "HOLDS" },
        { NETWORK, "\\frac{\\partial h_t}{\\partial h_t} = 1", "HOLDS" },
        { NETWORK, "\\left. \\frac{\\partial h_t}{\\partial h_{t-2}} \\right|_{h_{t-1}} = 0, \\quad t \\ge 2",
          "HOLDS" },
        { NETWORK, "\\left. \\frac{\\partial h_t}{\\partial h_{t-1}} \\right|_{2} = 0", "NOT READ: " },
        { NETWORK, "\\frac{\\partial^2 L}{\\partial W^2} = 0", "NOT READ: " },
        { NETWORK, "\\frac{\\mathrm d h_t}{\\mathrm d h_{t-1}} = \\operatorname{diag}(1 - h_t^2) W", "HOLDS" },
        { NETWORK,
          "\\frac{\\partial L}{\\partial b_j} = \\sum_t \\frac{\\partial L}{\\partial h_{t,j}} (1 - h_{t,j}^2)",
          "FAILS: it is true only if B = 1" },
        { NETWORK, "\\frac{\\partial h_{t,9}}{\\partial h_{t-1,1}} = 0", "FAILS: " },
        { NETWORK "\nhold h_t fixed", "\\frac{\\partial L}{\\partial W} = 0", "HOLDS" },
        { NETWORK "\n\\mathrm d X means \\partial L / \\partial X",
          "\\mathrm d h_t = \\frac{\\partial L}{\\partial h_t}", "HOLDS" },
        { NETWORK "\n\\mathrm d X means \\partial L / \\partial X",
          "\\mathrm d h_0 = W^\\top (\\mathrm d h_1 \\odot (1 - h_1^2))", "HOLDS" },
        { NETWORK "\n\\mathrm d X means \\partial L / \\partial X",
          "\\mathrm d h_T = W^\\top (\\mathrm d h_T \\odot (1 - h_T^2))", "FAILS" },
        { NETWORK "\n\\mathrm d X means \\partial L / \\partial X", "\\mathrm d q_t = h_t",
          "NOT READ: q stands in no definition" },
        { NETWORK,
          "\\frac{\\partial L}{\\partial h_t} = W^\\top \\left( (1 - h_{t+1}^2) \\odot \\frac{\\partial L}{\\partial "
          "h_{t+1}} \\right) + \\left. \\frac{\\partial L}{\\partial h_t} \\right|_{h_{t+1}}",
          "HOLDS" },
        { NETWORK,
          "\\frac{\\partial L}{\\partial h_t} = W^\\top ((1 - h_{t+1}^2) \\odot \\frac{\\partial L}{\\partial "
          "h_{t+1}})",
          "HOLDS IF: t < T and h_t" },
        { VECTORS, "\\frac{\\partial (u^\\top A u)}{\\partial u} = (A + A^\\top) u", "HOLDS" },
        { VECTORS, "\\frac{\\partial u^\\top A u}{\\partial A} = u u^\\top", "HOLDS" },
        { VECTORS, "\\frac{\\partial (u_j w_k)}{\\partial u_k} = w_k [j = k]", "HOLDS" },
        { VECTORS, "\\frac{\\partial |c|}{\\partial c} = \\mathrm{sign}(c)", "HOLDS" },
        { VECTORS, "\\frac{\\partial \\max(c, 0)}{\\partial c} = [c > 0]", "HOLDS" },
        { VECTORS, "\\frac{\\partial}{\\partial c} c^2 = 2 c", "HOLDS" },
        { VECTORS, "\\frac{\\partial c}{c} = 1", "NOT READ: is expected: a derivative is" },
    };
    SAID(list);
}
END_TEST

/* ---- Setups that contradict themselves or the library ---- */

START_TEST(setups)
{
    static const reading list[] = {
        { "library lstm: f i", "h_t = 1", "NOT READ: library lstm has " },
        { "library lstm: f i \\tilde C o C h from W_f", "h_t = 1", "NOT READ: library lstm has " },
        { "library rnn: h", "h_t = 1", "NOT READ: " },
        { "library lstm: f i \\tilde C o C h\nlibrary gru: z r \\tilde q q", "f_t = f_t",
          "NOT READ: a scene has one library line" },
        { "h_t = x_t\nlibrary gru: z r \\tilde h h", "h_t = h_t", "NOT READ: is defined already" },
        { "loss L reads h_t", "L = h_t", "NOT READ: " },
        { "loss L reads q", "x = 1", "NOT READ: which is neither defined nor given" },
        { "given q in R\nloss L reads q\nloss L reads q", "x = 1", "NOT READ: is said twice" },
        { "given q in R\nloss L reads 2 q", "x = 1", "NOT READ: " },
        { "2 + 2", "x = 1", "NOT READ: " },
        { "given q in R\n2 q = 4", "x = q", "NOT READ: " },
        { "given q in R\nq < 4", "x = q", "NOT READ: " },
        { "labels g = a+b", "x = 1", "NOT READ: " },
        { "labels g = 1, 2\ngiven m_g in R", "m_1 + m_2 = \\sum_g m_g", "HOLDS" },
        { "given q in R^H\nhold q fixed\nhold nothing", "\\frac{\\partial (2 q)}{\\partial q} = 2", "HOLDS" },
        { "given X_t in R^{B \\times I}; W in R^{I \\times H}\nconvention rows\nH_t = X_t W",
          "\\frac{\\partial (\\mathbf 1^\\top H_t \\mathbf 1_H)}{\\partial W} = X_t^\\top \\mathbf 1_B \\mathbf "
          "1_H^\\top",
          "NOT READ: " },
        { "given X_t in R^{B \\times I}; W in R^{I \\times H}; b in R^H\nH_t = \\tanh(X_t W + b)\nloss L reads H_t",
          "\\frac{\\partial L}{\\partial W} = \\sum_t X_t^\\top \\left( \\frac{\\partial L}{\\partial H_t} \\odot (1 - "
          "H_t^2) \\right)",
          "HOLDS" },
        { "given x_t in R^I\nconvention columns", "y_t = x_t", "DEFINES" },
        { "given x_t in R^{1000 \\times 1000}", "\\|x_t\\|_F \\ge 0",
          "NOT READ: elements; a check takes at most 100000" },
        { "C_0 = 0\nC_t = C_{t-1} + 1", "C_T = T", "HOLDS" },
        { "given g_t in R\ng_t = 2", "g_t = 2", "NOT READ: g is given already" },
        { "2 g = 4", "g = 2", "NOT READ: one of these is expected: a quantity" },
        { "g_t = g_t + 1", "g_t = 2", "NOT READ: on the right stands g itself" },
        { "given u in R^I\ny = M u\nM \\in R", "M = M", "NOT READ: " },
        { "given q_t in R", "q_{t+1.5} = 2 q_t", "NOT READ: no whole number" },
        { "sizes B T d_k\ngiven q in R^{d_k}", "q^\\top q = \\sum_{j=1}^{d_k} q_j^2", "HOLDS" },
        { "sizes n_0 n_1\ngiven W in R^{n_1 \\times n_0}; q in R^{n_0}", "(W q)_j = \\sum_{k=1}^{n_0} W_{jk} q_k",
          "HOLDS" },
        { "sizes B T n\ngiven X in R^{n \\times n}", "\\sum_{i=1}^n X_{ii} = \\operatorname{tr}(X)", "HOLDS" },
    };
    SAID(list);
}
END_TEST

Suite *suite_readings(void)
{
    Suite *suite = suite_create("readings");
    TCase *tests = tcase_create("readings");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, ranges);
    tcase_add_test(tests, inner_products_of_matrices);
    tcase_add_test(tests, given_and_defined);
    tcase_add_test(tests, as_authors_write);
    tcase_add_test(tests, tables_by_their_letters);
    tcase_add_test(tests, parts);
    tcase_add_test(tests, indices);
    tcase_add_test(tests, shapes_and_powers);
    tcase_add_test(tests, derivatives);
    tcase_add_test(tests, setups);
    suite_add_tcase(suite, tests);
    return suite;
}
