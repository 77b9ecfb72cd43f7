/* How authors introduce a name in passing, and signs that have more than one spelling: whole documents, each formula's
 * verdict by its tag. */
#include "judged.h"

#define LAYER "sizes I H\ngiven x in R^I; W in R^{H \\times I}; b, y in R^H\nz = W x + b\n"
#define NETWORK LAYER "a = \\tanh(z)\nL = \\frac12 \\|a - y\\|^2"

/* A chain says what its names are, wherever in it they stand. */
START_TEST(names_in_a_chain)
{
    static const char *const chains[] = {
        "\\frac{\\partial L}{\\partial z} = \\delta = (a - y) \\odot (1 - a^2)",
        "\\frac{\\partial L}{\\partial z} = (a - y) \\odot (1 - a^2) = \\delta",
        "\\frac{\\partial L}{\\partial z} = (a - y) \\odot (1 - a^2) =: \\delta",
        "\\frac{\\partial L}{\\partial z} \\equiv \\delta = (a - y) \\odot (1 - a^2)",
        "\\delta = e = (a - y) \\odot (1 - a^2)",
        "\\text{Output error: } \\delta = \\nabla_z L = (a - y) \\odot (1 - a^2)",
        "\\text{let } \\delta \\doteq \\nabla_z L = \\mathop{\\rm diag}(1 - a^{\\odot 2}) (a - y)",
        "\\delta^\\top = (a - y)^\\top \\mathrm{diag}(1 - a^2)",
    };
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        claim list[] = {
            { chains[i], i + 1 < sizeof chains / sizeof *chains ? "HOLDS" : "DEFINES" },
            { "\\nabla_W L = \\delta x^\\top", "HOLDS" },
            { "\\nabla_W L = \\delta z^\\top", "FAILS" },
        };
        JUDGED(NETWORK, list);
    }
    static const claim last[] = {
        { "\\nabla_z L = \\delta", "FAILS" },
        { "\\delta_j = (a_j - y_j) (1 - a_j)", "DEFINES" },
    };
    JUDGED(NETWORK "\nindex j in H", last);
}
END_TEST

/* Kronecker's delta, sizes and the identity say what they are by themselves. */
START_TEST(no_names)
{
    static const claim list[] = {
        { "\\frac{\\partial z_i}{\\partial z_j} = \\delta_{ij}", "HOLDS" },
        { "\\mathbf 1^\\top \\mathbf 1_H = H", "HOLDS" },
    };
    JUDGED(LAYER "index i, j in H", list);
}
END_TEST

/* h_{W,b}(x) names the output, of the one x there is. */
START_TEST(outputs_as_functions)
{
    static const claim list[] = {
        { "h_{W,b}(x) = a = \\tanh(z)", "HOLDS" },
        { "J = \\frac12 \\|h_{W,b}(x) - y\\|^2", "DEFINES" },
        { "\\nabla_z J = (a - y) \\odot (1 - a^2)", "HOLDS" },
        { "\\nabla_z J = a \\odot (1 - a^2)", "FAILS" },
    };
    JUDGED(LAYER, list);
}
END_TEST

/* A letter that nothing defines, in front of a bracket: no factor that could make a formula false. */
START_TEST(functions_without_a_formula)
{
    static const claim list[] = {
        { "m = \\frac1H \\sum_j q_j(x)", "DEFINES" },
        { "\\frac{\\partial m}{\\partial b_j} = \\frac1H q_j(x) (1 - q_j(x))",
          "NOT READ: stands in front of a bracket" },
        { "\\frac{\\partial z_j}{\\partial b_j} = 2", "FAILS" },
    };
    JUDGED(LAYER "index j in H", list);
}
END_TEST

/* \\sigma_g is a function of the document, not the logistic one; so is K[u, v], with brackets of its own. */
START_TEST(functions_of_ones_own)
{
    static const claim gates[] = {
        { "\\sigma_c(x) = \\tanh(x)", "DEFINES" },
        { "\\sigma_g(x) = (1 + e^{-x})^{-1}", "DEFINES" },
        { "a = \\sigma_c(z) \\odot \\sigma_g(z)", "DEFINES" },
        { "L = \\sum_j a_j", "DEFINES" },
        { "\\frac{\\partial L}{\\partial z} = (1 - \\sigma_c(z)^2) \\odot \\sigma_g(z) + \\sigma_c(z) \\odot "
          "\\sigma_g'(z)",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial z} = \\sigma_c'(z) \\odot \\sigma_g(z)", "FAILS" },
    };
    JUDGED(LAYER "index j in H", gates);
    static const claim kernel[] = {
        { "K\\big[u, v\\big] = \\frac{u \\cdot v}{\\|u\\| \\cdot \\|v\\|}", "DEFINES" },
        { "s = K\\big[z, y\\big]", "DEFINES" },
        { "\\frac{\\partial s}{\\partial z} = \\frac{y}{\\|z\\| \\|y\\|} - s \\frac{z}{\\|z\\|^2}", "HOLDS" },
        { "\\frac{\\partial s}{\\partial z} = \\frac{y}{\\|z\\| \\|y\\|} - s \\frac{z}{\\|z\\|}", "FAILS" },
    };
    JUDGED(LAYER, kernel);
    static const claim alone[] = { { "a = \\sigma_g(z)", "NOT READ: has a subscript" } };
    JUDGED(LAYER, alone);
}
END_TEST

/* A step behind a transpose, a square or a label above; the derivative by what is a stack of parts at each step. */
START_TEST(steps_behind_and_stacks)
{
    static const claim filter[] = {
        { "y(k) = \\mathbf w^T(k) \\mathbf u(k)", "DEFINES" },
        { "e(k) = d(k) - y(k)", "DEFINES" },
        { "E(k) = \\frac12 e^2(k)", "DEFINES" },
        { "\\mathbf w(k+1) = \\mathbf w(k) + \\mu \\, e(k) \\mathbf u(k)", "DEFINES" },
        { "\\frac{\\partial E(k)}{\\partial \\mathbf w(k)} = -e(k) \\mathbf u(k)", "HOLDS" },
        { "\\|\\mathbf w(k+1)\\|^2 = \\|\\mathbf w(k)\\|^2 + 2 \\mu e(k) y(k) + \\mu^2 e^2(k) \\|\\mathbf u(k)\\|^2",
          "HOLDS" },
        { "\\|\\mathbf w(k+1)\\|^2 = \\|\\mathbf w(k)\\|^2 + 2 \\mu e(k) y(k)", "FAILS" },
    };
    JUDGED("sizes n N\ntime k = 0, ..., N\ngiven \\mathbf u(k) in R^n; d(k) in R; \\mu in R", filter);
    static const claim stacks[] = {
        { "z^i_t = W_i x_t + R_i h_{t-1}", "DEFINES" },
        { "z^g_t = W_g x_t + R_g h_{t-1}", "DEFINES" },
        { "h_t = \\sigma(z^i_t) \\odot \\tanh(z^g_t)", "DEFINES" },
        { "R = \\begin{bmatrix} R_i \\\\ R_g \\end{bmatrix}", "DEFINES" },
        { "z_t = \\begin{bmatrix} z^i_t \\\\ z^g_t \\end{bmatrix}", "DEFINES" },
        { "L = \\sum_t \\|h_t\\|^2", "DEFINES" },
        { "\\delta h_t = 2 h_t + R^\\top \\delta z_{t+1}", "HOLDS" },
        { "\\delta R = \\sum_{t=1}^T \\delta z_t h_{t-1}^\\top", "HOLDS" },
        { "\\delta R = \\sum_{t=1}^T \\delta z_t h_t^\\top", "FAILS" },
    };
    JUDGED("sizes T D H\ngiven x_t in R^D; W_i, W_g in R^{H \\times D}; R_i, R_g in R^{H \\times H}\n"
           "\\delta X means \\partial L / \\partial X",
           stacks);
}
END_TEST

/* What a function is applied to gets a name in the same breath; an initial state gives what is read off it an initial
 * value, too; \\lambda(t+1) beside \\lambda(t) is a step. */
START_TEST(arguments_and_beginnings)
{
    static const claim gates[] = {
        { "a_t = \\tanh(W x_t + U a_{t-1}) = \\tanh(\\hat a_t)", "HOLDS" },
        { "L = \\sum_t \\|a_t\\|^2", "DEFINES" },
        { "\\frac{\\partial L}{\\partial \\hat a_t} = (1 - a_t^2) \\odot \\frac{\\partial L}{\\partial a_t}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial \\hat a_t} = (1 - \\hat a_t^2) \\odot \\frac{\\partial L}{\\partial a_t}",
          "FAILS" },
        { "\\left. \\frac{\\partial \\hat a_t}{\\partial \\operatorname{vec}(W)^\\top} \\right|_{a_{t-1}} = x_t^\\top "
          "\\otimes I_H",
          "HOLDS" },
        { "\\frac{\\partial \\hat a_t}{\\partial \\operatorname{vec}(W)^\\top} = x_t^\\top \\otimes I_H", "HOLDS IF" },
        { "P = \\begin{bmatrix} W & U \\end{bmatrix}", "DEFINES" },
        { "\\frac{\\partial L}{\\partial P} = \\sum_t \\frac{\\partial L}{\\partial \\hat a_t} [x_t; a_{t-1}]^\\top",
          "HOLDS" },
    };
    JUDGED("sizes T I H\ngiven x_t in R^I; W in R^{H \\times I}; U in R^{H \\times H}", gates);
    static const claim rates[] = {
        { "r(t) = (1 - \\alpha) r(t-1) + \\alpha J \\tanh(r(t-1))", "DEFINES" },
        { "J_{ij} = \\sum_{\\rho=1}^R m_i^{(\\rho)} n_j^{(\\rho)}", "DEFINES" },
        { "\\kappa_\\rho(t) = \\sum_j n_j^{(\\rho)} \\tanh(r_j(t))", "DEFINES" },
        { "r_i(t) = (1 - \\alpha) r_i(t-1) + \\alpha \\sum_{\\rho=1}^R m_i^{(\\rho)} \\kappa_\\rho(t-1)", "HOLDS" },
        { "\\lambda(t) = \\frac{\\partial L}{\\partial r(t)}", "DEFINES" },
        { "\\lambda(t) = r(t) + (1 - \\alpha) \\lambda(t+1) + \\alpha (1 - \\tanh(r(t))^2) \\odot (J^\\top "
          "\\lambda(t+1))",
          "HOLDS" },
        { "\\lambda(t) = r(t) + (1 - \\alpha) \\lambda(t+1) + \\alpha (1 - \\tanh(r(t))^2) \\odot (J \\lambda(t+1))",
          "FAILS" },
    };
    JUDGED("sizes T N R\nindex i, j in N; \\rho in R\ngiven m, n in R^{N \\times R}; \\alpha in (0,1)\n"
           "L = \\frac12 \\sum_t \\|r(t)\\|^2",
           rates);
    static const claim patterns[] = {
        { "a_i^p(t) = \\sum_j w_{ij} o_j^p(t-1) + \\xi_i^p", "DEFINES" },
        { "o_i^p(t) = \\tanh(a_i^p(t))", "DEFINES" },
        { "E = \\sum_p \\sum_t \\sum_i o_i^p(t)", "DEFINES" },
        { "e_i^p(t) = \\frac{\\partial E}{\\partial a_i^p(t)}", "DEFINES" },
        { "\\frac{\\partial E}{\\partial w_{ij}} = \\sum_p \\sum_t e_i^p(t) o_j^p(t-1)", "HOLDS" },
        { "\\frac{\\partial E}{\\partial w_{ij}} = \\sum_p \\sum_t e_i^p(t) o_j^p(t)", "FAILS" },
    };
    JUDGED("sizes B T n\nindex i, j in n; p in B\ngiven w in R^{n \\times n}; \\xi in R^n per sample", patterns);
    static const claim nested[] = {
        { "q_t = V h_t + b_q", "DEFINES" },
        { "E = \\sum_t \\sum_k q_{t_k}^2", "DEFINES" },
        { "\\frac{\\partial E}{\\partial q_{t_k}} = 2 q_{t_k}", "HOLDS" },
        { "\\frac{\\partial E}{\\partial V_{kj}} = \\sum_t 2 q_{t_k} h_{t_j}", "HOLDS" },
        { "\\frac{\\partial E}{\\partial V_{kj}} = \\sum_t 2 q_{t_j} h_{t_k}", "FAILS" },
    };
    JUDGED("sizes T N\nindex j, k in N\ngiven h_t in R^N; V in R^{N \\times N}; b_q in R^N", nested);
}
END_TEST

/* z_j^{(2)}(x^{(i)}) is that of sample i, a column of X; W^{(l)} exists for the layers that the setup gives. */
START_TEST(samples_and_layers)
{
    static const claim samples[] = {
        { "z_j(x^{(i)}) = \\sum_k W_{jk} x_k^{(i)} + b_j, \\qquad a_j(x^{(i)}) = \\tanh(z_j(x^{(i)}))", "DEFINES" },
        { "\\hat\\rho_j = \\frac1m \\sum_{i=1}^m a_j(x^{(i)})", "DEFINES" },
        { "\\frac{\\partial \\hat\\rho_j}{\\partial W_{jk}} = \\frac1m \\sum_{i=1}^m (1 - a_j(x^{(i)})^2) x_k^{(i)}",
          "HOLDS" },
        { "\\frac{\\partial \\hat\\rho_j}{\\partial W_{jk}} = \\sum_{i=1}^m (1 - a_j(x^{(i)})^2) x_k^{(i)}", "FAILS" },
    };
    JUDGED("sizes m n s\nindex i in m; j in s; k in n\ngiven X in R^{n \\times m}; W in R^{s \\times n}; b in R^s",
           samples);
    static const claim layers[] = {
        { "z^{(2)} = W^{(1)} x + b^{(1)}", "DEFINES" },       { "a^{(2)} = \\tanh(z^{(2)})", "DEFINES" },
        { "z^{(3)} = W^{(2)} a^{(2)} + b^{(2)}", "DEFINES" }, { "J = \\|z^{(3)}\\|^2", "DEFINES" },
        { "\\nabla_{b^{(l)}} J = \\delta^{(l+1)}", "HOLDS" }, { "\\nabla_{b^{(l)}} J = 2 \\delta^{(l+1)}", "FAILS" },
    };
    JUDGED("sizes n\nlabels l = 1, 2, 3\ngiven x, b^{(1)}, b^{(2)} in R^n; W^{(1)}, W^{(2)} in R^{n \\times n}\n"
           "\\delta^{(l)} means \\partial J / \\partial z^{(l)}",
           layers);
}
END_TEST

/* \sigma(u) = \tanh(u) says which function it is; h_{t-n} is n steps before; what is said of j = 0, ..., N-1 is not
 * said of N; with steps j a t is part of a name. */
START_TEST(ranges_and_sigma)
{
    static const claim lag[] = {
        { "h_t = \\tanh(W h_{t-1} + x_t)", "DEFINES" },
        { "\\frac{\\partial h_t}{\\partial h_{t-n}} = \\prod_{k=t}^{t-n+1} \\mathrm{diag}(1 - h_k^2) W", "HOLDS" },
        { "\\frac{\\partial h_t}{\\partial h_{t-n}} = \\prod_{k=t}^{t-n} \\mathrm{diag}(1 - h_k^2) W", "FAILS" },
    };
    JUDGED("sizes T H\ngiven x_t in R^H; W in R^{H \\times H}", lag);
    static const claim euler[] = {
        { "\\sigma(u) = \\tanh(u)", "DEFINES" },
        { "y_{j+1} = y_j + W^t \\sigma(y_j)", "DEFINES" },
        { "L = \\|y_N\\|^2", "DEFINES" },
        { "\\frac{\\partial y_{j+1}}{\\partial y_j} = I + W^t \\mathrm{diag}(\\sigma'(y_j))", "HOLDS" },
        { "\\sigma'(y_j) = 1 - \\sigma(y_j)^2", "HOLDS" },
        { "\\sigma'(y_j) = \\sigma(y_j) (1 - \\sigma(y_j))", "FAILS" },
        { "\\frac{\\partial L}{\\partial y_j} = \\left(\\frac{\\partial y_{j+1}}{\\partial y_j}\\right)^\\top "
          "\\frac{\\partial L}{\\partial y_{j+1}}",
          "HOLDS" },
    };
    JUDGED("time j = 0, ..., N-1\nsizes n N\ngiven y_0 in R^n; W^t in R^{n \\times n}", euler);
}
END_TEST

/* A brace of equations, W_u beside W_\kappa, errors named by what they are of, tokens that are rows of a matrix. */
START_TEST(systems_and_rows)
{
    static const claim system[] = {
        { "\\begin{cases} x_t = \\tanh(V x_{t-1}) \\\\ y_t = W_u x_t \\end{cases}", "DEFINES" },
        { "z_t = W_\\kappa x_t", "DEFINES" },
        { "\\mathcal{E}_{\\mathbf{y}_t} = \\frac12 \\|y_t\\|^2, \\qquad E = \\sum_t \\mathcal{E}_{\\mathbf{y}_t}",
          "DEFINES" },
        { "\\frac{\\partial E}{\\partial W_u} = \\sum_t y_t x_t^\\top", "HOLDS" },
        { "\\frac{\\partial E}{\\partial W_u} = \\sum_t x_t y_t^\\top", "FAILS" },
    };
    JUDGED("sizes T H\ngiven V, W_u, W_\\kappa in R^{H \\times H}", system);
    static const claim tokens[] = {
        { "Q = X W, \\qquad q_i = Q_{i,:}", "DEFINES" },
        { "s_{ij} = q_i q_j^\\top", "DEFINES" },
        { "L = \\sum_i \\sum_j s_{ij}", "DEFINES" },
        { "s_{ij} = x_i W W^\\top x_j^\\top", "HOLDS" },
        { "s_{ij} = x_i W^\\top W x_j^\\top", "FAILS" },
        { "\\frac{\\partial L}{\\partial q_i} = 2 \\sum_j q_j", "HOLDS" },
    };
    JUDGED("sizes N d\nindex i, j in N\ngiven X in R^{N \\times d}; W in R^{d \\times d}\nx_i = X_{i,:}", tokens);
}
END_TEST

/* Fonts of plain TeX, bold text, a dot for all of an axis, a row of blocks, a sum with its upper end alone. */
START_TEST(other_spellings)
{
    static const char *const layers[] = {
        "{\\bf z} = {\\bf W} {\\bf x} + {\\bf b}",
        "\\textbf{z} = \\textbf{W} \\textbf{x} + \\textbf{b}",
        "z_j = W_{j\\cdot} x + b_j",
        "z_j = \\sum_i^I W_{ji} x_i + b_j",
        "z = \\begin{bmatrix} W & b \\end{bmatrix} \\begin{bmatrix} x \\\\ 1 \\end{bmatrix}",
        "z = W x + b \\text{ where } x \\in \\mathbb R^I",
        "z = W \\bullet x + b",
    };
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        claim list[] = {
            { layers[i], "DEFINES" },
            { "L = \\mathbf 1^\\top \\tanh(z)", "DEFINES" },
            { "\\nabla_W L = (1 - \\tanh(z)^2) x^\\top", "HOLDS" },
        };
        JUDGED("sizes I H\nindex i in I; j in H\ngiven x in R^I; W in R^{H \\times I}; b in R^H", list);
    }
}
END_TEST

/* A setup that says with `means` what needs no saying, or an entry with a minus, and what a sign stands for. */
START_TEST(meanings_of_a_setup)
{
    static const claim list[] = {
        { "\\delta_j = (y_j - a_j) (1 - a_j^2)", "HOLDS" },
        { "\\nabla_W L = -\\delta x^\\top", "HOLDS" },
        { "\\nabla_z L = (a - y) \\bullet (1 - a^2)", "HOLDS" },
        { "\\nabla_z L = (a - y) \\bullet a^2", "FAILS" },
    };
    JUDGED(NETWORK "\nindex j in H\n\\delta_j means -\\partial L / \\partial z_j\n"
                   "\\frac{dL}{dX} means \\frac{\\partial L}{\\partial X}\n\\bullet is the Hadamard product\n"
                   "\\odot is entrywise",
           list);
}
END_TEST

/* e_o beside e^x and e_{ok}; a star and a step above one name; \alpha^{t-s} of a number is a power; l counts what a
 * sum over it says; dh_{next} is a derivative along one way. */
START_TEST(scripts_with_two_meanings)
{
    static const claim labels[] = {
        { "z(t) = V s(t)", "DEFINES" },
        { "p_k(t) = e^{z_k(t)}", "DEFINES" },
        { "F = \\sum_t \\sum_k p_k(t)", "DEFINES" },
        { "e_o(t) = p(t)", "HOLDS" },
        { "\\frac{\\partial F}{\\partial V_{kj}} = \\sum_{t=1}^T e_{ok}(t) s_j(t)", "HOLDS" },
        { "e_h(t) = V^\\top e_o(t)", "HOLDS" },
        { "e_h(t) = V^\\top z(t)", "FAILS" },
    };
    JUDGED("sizes T H K\nindex j in H; k in K\ngiven s(t) in R^H; V in R^{K \\times H}\n"
           "e_o(t) means \\partial F / \\partial z(t)\ne_h(t) means \\partial F / \\partial s(t)",
           labels);
    static const claim traces[] = {
        { "y_k^t = \\alpha y_k^{t-1} + \\sum_{l=1}^{I} W_{kl}^{in} x_l^t, \\qquad y_k^0 = 0", "DEFINES" },
        { "E = \\frac12 \\sum_{t=1}^T \\sum_k (y_k^t - y_k^{*,t})^2", "DEFINES" },
        { "\\frac{dE}{dW_{kl}^{in}} = \\sum_{t=1}^T (y_k^t - y_k^{*,t}) \\sum_{t'=1}^{t} \\alpha^{t-t'} x_l^{t'}",
          "HOLDS" },
        { "\\frac{dE}{dW_{kl}^{in}} = \\sum_{t=1}^T y_k^t x_l^t", "FAILS" },
    };
    JUDGED("sizes T I K\nindex k in K\ngiven x^t in R^I; y^{*,t} in R^K; W^{in} in R^{K \\times I}; \\alpha in (0,1)",
           traces);
    static const claim ways[] = {
        { "h_t = \\tanh(W h_{t-1} + x_t)", "DEFINES" },
        { "L = \\frac12 \\sum_t \\|h_t\\|^2", "DEFINES" },
        { "\\mathrm dh_t = h_t + dh_{next}", "HOLDS" },
        { "\\mathrm dh_t = h_t - dh_{next}", "FAILS" },
    };
    JUDGED("sizes T H\ngiven x_t in R^H; W in R^{H \\times H}\ndX means \\partial L / \\partial X\n"
           "dh_{next} means \\left. \\frac{\\partial L}{\\partial h_t} \\right|_{\\text{via } h_{t+1}}",
           ways);
}
END_TEST

/* With steps k, a given t is a quantity like others; y_k of the output is no element of y_j(t). */
START_TEST(letters_with_two_meanings)
{
    static const claim target[] = {
        { "s_k = w s_{k-1} + x_k", "DEFINES" },
        { "s_0 = 0", "DEFINES" },
        { "E = (t - s_n)^2", "DEFINES" },
        { "s_n = \\sum_{k=1}^n w^{n-k} x_k", "HOLDS" },
        { "\\frac{\\partial E}{\\partial s_k} = 2 (s_n - t) w^{n-k}", "HOLDS" },
        { "\\frac{\\partial E}{\\partial s_k} = 2 (t - s_n) w^{n-k}", "FAILS" },
    };
    JUDGED("time k = 1, ..., n\ngiven x_k in R; t in R; w in R", target);
    static const claim tables[] = {
        { "y_j(t) = \\tanh(\\sum_h u_{jh} y_h(t-1) + x_j(t))", "DEFINES" },
        { "y_k = \\sum_j w_{kj} y_j(T)", "DEFINES" },
        { "E = \\frac12 \\sum_k y_k^2", "DEFINES" },
        { "\\frac{\\partial E}{\\partial w_{kj}} = y_k y_j(T)", "HOLDS" },
        { "\\frac{\\partial E}{\\partial w_{kj}} = y_k y_j(T-1)", "FAILS" },
    };
    JUDGED(
        "sizes T m o\nindex j, h in m; k in o\ngiven x(t) in R^m; u_{jh} in R^{m \\times m}; w_{kj} in R^{o \\times m}",
        tables);
}
END_TEST

Suite *suite_habits(void)
{
    Suite *suite = suite_create("habits");
    TCase *tests = tcase_create("habits");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, names_in_a_chain);
    tcase_add_test(tests, no_names);
    tcase_add_test(tests, outputs_as_functions);
    tcase_add_test(tests, functions_without_a_formula);
    tcase_add_test(tests, functions_of_ones_own);
    tcase_add_test(tests, steps_behind_and_stacks);
    tcase_add_test(tests, arguments_and_beginnings);
    tcase_add_test(tests, samples_and_layers);
    tcase_add_test(tests, ranges_and_sigma);
    tcase_add_test(tests, systems_and_rows);
    tcase_add_test(tests, other_spellings);
    tcase_add_test(tests, meanings_of_a_setup);
    tcase_add_test(tests, scripts_with_two_meanings);
    tcase_add_test(tests, letters_with_two_meanings);
    suite_add_tcase(suite, tests);
    return suite;
}
