/* Signs that are no factors: operators in front of a quantity, a loss that is also a function, functions with a label,
 * derivatives at a place; and names with two labels or two steps. */
#include "said.h"

#define MOVED                                                                                                          \
    "sizes T D H\ngiven x_t in R^D; \\epsilon in R; A, P in R^{H \\times D}; B, Q in R^{H \\times H}\n"                \
    "U = A + \\epsilon P\nV = B + \\epsilon Q\na_t = U x_t + V s_{t-1}\ns_t = \\tanh(a_t)\nloss L reads s_t\n"         \
    "d X means \\partial L / \\partial X\n"

START_TEST(operators)
{
    static const reading list[] = {
        { MOVED "\\mathcal R X means \\partial X / \\partial \\epsilon",
          "\\mathcal R a_t = P x_t + Q s_{t-1} + V \\mathcal R s_{t-1}", "HOLDS" },
        { MOVED "\\mathcal R X means \\partial X / \\partial \\epsilon",
          "\\mathcal R a_t = P x_t + V \\mathcal R s_{t-1}", "FAILS" },
        { MOVED "\\mathcal R X means \\partial X / \\partial \\epsilon",
          "\\mathcal R\\{s_t\\} = (1 - s_t^2) \\odot \\mathcal R\\{a_t\\}", "HOLDS" },
        { MOVED "\\mathcal R X means \\partial X / \\partial \\epsilon",
          "\\mathcal R (dV) = \\sum_t (\\mathcal R (da_t) s_{t-1}^\\top + da_t (\\mathcal R s_{t-1})^\\top)", "HOLDS" },
        { MOVED "\\mathcal R X means \\partial X / \\partial \\epsilon",
          "\\mathcal R (dU) = 2 \\sum_t \\mathcal R (da_t) x_t^\\top", "FAILS" },
        { MOVED "\\mathcal R X means \\partial X / \\partial \\epsilon",
          "\\mathcal R^2 s_t = \\mathcal R(\\mathcal R s_t)", "HOLDS" },
        { MOVED "\\mathcal R X means \\partial X / \\partial \\epsilon", "\\mathcal R^2 s_t = (\\mathcal R s_t)^2",
          "FAILS" },
        { MOVED "\\operatorname{Rop}(X) means \\partial X / \\partial \\epsilon",
          "\\operatorname{Rop}(s_t) = (1 - s_t^2) \\odot \\operatorname{Rop}(a_t)", "HOLDS" },
        { MOVED "\\mathcal R\\{X\\} = \\frac{\\partial X}{\\partial \\epsilon}",
          "\\mathcal R\\{s_t\\} = (1 - s_t^2) \\odot \\mathcal R\\{a_t\\}", "HOLDS" },
        { MOVED, "\\mathcal R(dU) = \\sum_t \\mathcal R(da_t) x_t^\\top",
          "NOT READ: stands in front of brackets only, and neither the document nor the setup says what it is" },
    };
    SAID(list);
}
END_TEST

#define TERMS                                                                                                          \
    "sizes T D H\ngiven x_t in R^D; y_t in R^H; A in R^{H \\times D}; B in R^{H \\times H}\n"                          \
    "h_t = \\tanh(A x_t + B h_{t-1})\n"

/* L_t = L(y_t, h_t): L is the whole loss, and a function as well. */
START_TEST(loss_terms)
{
    static const reading list[] = {
        { TERMS "L_t = L(y_t, g(h_t))\nL = \\sum_t L_t",
          "\\frac{\\partial L}{\\partial B} = \\sum_t \\frac{\\partial L_t}{\\partial B}", "HOLDS" },
        { TERMS "L_t = L(y_t, g(h_t))\nL = \\sum_t L_t",
          "\\frac{\\partial L}{\\partial B} = \\frac{\\partial L_T}{\\partial B}", "FAILS" },
        { TERMS "L(h, y) = \\sum_t L(h_t; y_t)",
          "\\frac{\\partial L}{\\partial h_T} = \\frac{\\partial L(h_T; y_T)}{\\partial h_T}", "HOLDS" },
        { TERMS "L(h, y) = \\sum_t L(h_t; y_t)",
          "\\frac{\\partial L}{\\partial h_t} = \\frac{\\partial L(h_t; y_t)}{\\partial h_t}", "HOLDS IF" },
        /* two formulas say what L is: the function is the summand of the other one */
        { TERMS "L = \\sum_t \\ell(h_t, y_t)\nL(h, y) = \\sum_t L(h_t; y_t)",
          "\\frac{\\partial L}{\\partial h_t} = dL(h_t; y_t)/dh_t + B^\\top ((1 - h_{t+1}^2) \\odot \\frac{\\partial "
          "L}{\\partial h_{t+1}})",
          "HOLDS" },
        { TERMS "L = -\\sum_t y_t^\\top h_t\nL(h, y) = \\sum_t L(h_t; y_t)",
          "\\frac{\\partial L(h_t; y_t)}{\\partial h_t} = -y_t", "HOLDS" },
        { TERMS "L = -\\sum_t y_t^\\top h_t\nL(h, y) = \\sum_t L(h_t; y_t)",
          "\\frac{\\partial L(h_t; y_t)}{\\partial h_t} = y_t", "FAILS" },
        { TERMS "L = \\frac1T \\sum_t l(h_t, y_t)",
          "\\frac{\\partial L}{\\partial h_T} = \\frac{\\partial l (h_T, y_T)}{T \\cdot \\partial h_T}", "HOLDS" },
        { TERMS "L = \\frac1T \\sum_t l(h_t, y_t)",
          "\\frac{\\partial L}{\\partial h_T} = \\frac{\\partial l (h_T, y_T)}{\\partial h_T}", "FAILS" },
        /* a chain says it, too */
        { TERMS "L_t = L(h_t, y_t) = \\frac12 \\|h_t - y_t\\|^2\nL = \\sum_t L_t",
          "\\frac{\\partial L(h_t, y_t)}{\\partial h_t} = h_t - y_t", "HOLDS" },
        { TERMS "L_t = \\ell(h_t, y_t)\nL = \\sum_t L_t",
          "\\frac{\\partial L_t}{\\partial h_t} = \\nabla_{h_t} \\ell(h_t, y_t)", "HOLDS" },
        { TERMS "L_t = \\ell(h_t, y_t)\nL = \\sum_t L_t",
          "\\frac{\\partial L}{\\partial h_t} = \\nabla_{h_t} \\ell(h_t, y_t)", "HOLDS IF" },
        /* and where nothing says so, there is nothing to judge */
        { TERMS "loss L reads h_t\nL(h, y) = \\sum_t L(h_t; y_t)",
          "\\frac{\\partial L}{\\partial h_T} = \\frac{\\partial L(h_T; y_T)}{\\partial h_T}",
          "NOT READ: no formula says what the function" },
        { TERMS "loss L reads h_t", "L(h, y) = \\sum_t L(h_t; y_t)", "DECLARES: what the loss depends on" },
    };
    SAID(list);
}
END_TEST

#define OUTPUT                                                                                                         \
    "sizes T D H K\nindex i, j in H; k in K\ntime n = 1, ..., T\n"                                                     \
    "given u(n) in R^D; d(n) in R^K; W^{in} in R^{H \\times D}; W in R^{H \\times H}; W^{out} in R^{K \\times H}\n"    \
    "z(n+1) = W^{in} u(n+1) + W x(n)\nx(n) = f(z(n))\nq(n) = W^{out} x(n)\np(n) = f^{out}(q(n))\n"                     \
    "E = \\frac12 \\sum_{n=1}^T \\| p(n) - d(n) \\|^2\n"

/* f^{out}, {f^{out}}', and what stands behind the bar of a derivative by a letter. */
START_TEST(functions_with_labels)
{
    static const reading list[] = {
        { OUTPUT, "\\frac{\\partial E}{\\partial q_k(n)} = (p_k(n) - d_k(n)) {f^{out}}'(q_k(n))", "HOLDS" },
        { OUTPUT, "\\frac{\\partial E}{\\partial q_k(n)} = (p_k(n) - d_k(n)) f'(q_k(n))", "FAILS" },
        { OUTPUT,
          "\\frac{\\partial E}{\\partial q_k(n)} = (p_k(n) - d_k(n)) \\left. \\frac{\\partial f^{out}(u)}{\\partial u} "
          "\\right|_{u = q_k(n)}",
          "HOLDS" },
        { OUTPUT,
          "\\frac{\\partial E}{\\partial q_k(n)} = (p_k(n) - d_k(n)) \\left. \\frac{\\partial f^{out}(u)}{\\partial u} "
          "\\right|_{u = p_k(n)}",
          "FAILS" },
        { OUTPUT, "\\frac{\\partial x_i(n)}{\\partial z_i(n)} = \\left. \\frac{d f(v)}{d v} \\right|_{v = z_i(n)}",
          "HOLDS" },
        { OUTPUT,
          "\\frac{\\partial E}{\\partial w^{out}_{kj}} = \\sum_{n=1}^T \\frac{\\partial E}{\\partial q_k(n)} x_j(n)",
          "HOLDS" },
        { OUTPUT,
          "\\frac{\\partial E}{\\partial w^{out}_{kj}} = \\sum_{n=1}^T \\frac{\\partial E}{\\partial q_k(n)} x_j(n-1)",
          "FAILS" },
    };
    SAID(list);
}
END_TEST

#define UNDECLARED                                                                                                     \
    "sizes T D K N\ngiven x_t in R^D; V in R^{N \\times D}; W in R^{N \\times N}; P in R^{K \\times N}\n"              \
    "z_t = V x_t + W h_{t-1}\nh_t = \\tanh(z_t)\nq_t = P h_t\nloss E reads q_t\n"                                      \
    "s_t = \\partial E / \\partial q_t\nr_{t,i} = \\frac{\\partial E}{\\partial z_{t,i}}\n"

/* One letter for axes of two lengths: i counts units in x_i, the outputs in q_i. */
START_TEST(letters_of_several_axes)
{
    static const reading list[] = {
        { OUTPUT, "\\frac{\\partial E}{\\partial q_i(n)} = (p_i(n) - d_i(n)) {f^{out}}'(q_i(n))", "HOLDS" },
        { OUTPUT, "q_i(n) = \\sum_{j=1}^H w^{out}_{ij} x_j(n)", "HOLDS" },
        { OUTPUT, "q_i(n) = \\sum_{j=1}^H w^{out}_{ij} x_j(n-1)", "FAILS" },
        /* the elements of W^{rec}, whether anybody declares i and j or not */
        { "sizes T D H\ngiven x_t in R^D; W^{rec} in R^{H \\times H}; V in R^{H \\times D}\na_t = V x_t + W^{rec} "
          "\\tanh(a_{t-1})\nloss E reads a_t",
          "\\frac{\\partial E}{\\partial w^{rec}_{ij}} = \\sum_t \\frac{\\partial E}{\\partial a_{t,i}} "
          "\\tanh(a_{t-1,j})",
          "HOLDS" },
        /* an i that nobody declares: r is as long as z */
        { UNDECLARED, "r_{t,i} = (1 - h_{t,i}^2) \\sum_{j=1}^{K} s_{t,j} P_{ji}", "HOLDS IF: t = T" },
        { UNDECLARED, "r_{T,i} = (1 - h_{T,i}^2) \\sum_{j=1}^{K} s_{T,j} P_{ji}", "HOLDS" },
        { UNDECLARED, "r_{T,i} = h_{T,i}^2 \\sum_{j=1}^{K} s_{T,j} P_{ji}", "FAILS" },
    };
    SAID(list);
}
END_TEST

#define POWERS                                                                                                         \
    "sizes T D H\ngiven x_t in R^D; W in R^{H \\times D}; U in R^{H \\times H}; \\alpha in R\n"                        \
    "z_t = W x_t + U h_{t-1}\nh_t = f(z_t)\ne(u) = \\tanh(u)\nr_t = e(z_t)\n"

/* f(z)^2 is the square of f(z), of whatever has arguments; \alpha (z)^2 is a product. */
START_TEST(powers_behind_functions)
{
    static const reading list[] = {
        { POWERS, "f(z_t)^2 = h_t^2", "HOLDS" },
        { POWERS, "f(z_t)^2 = h_t", "FAILS" },
        { POWERS, "f(W x_t + U h_{t-1})^\\top = h_t^\\top", "HOLDS" },
        { POWERS, "2 f'(z_t)^{\\top} = 2 (f'(z_t))^\\top", "HOLDS" },
        { POWERS, "e'(z_t)^2 = (1 - r_t^2)^2", "HOLDS" },
        { POWERS, "e'(z_t)^2 = 1 - r_t^2", "FAILS" },
        { POWERS, "\\alpha (z_t)^2 = \\alpha z_t^2", "HOLDS" },
        { POWERS "given g in R", "g (z_t)^2 = g z_t^2", "HOLDS" },
    };
    SAID(list);
}
END_TEST

/* What a function gives of how many is not known; what its derivative gives is. */
START_TEST(functions_and_shapes)
{
    static const reading list[] = {
        { POWERS "given y_t in R^D", "y_t = g(h_t)", "NOT READ: nobody says how many numbers g gives of how many" },
        { POWERS "given A in R^{D \\times D}; v in R^H", "A f'(z_t) = v", "FAILS: the shapes do not fit" },
        { POWERS "given A in R^{D \\times D}; v in R^H", "A f(z_t) = v", "NOT READ: in the setup would decide" },
    };
    SAID(list);
}
END_TEST

#define MAPS                                                                                                           \
    "sizes n\ngiven a in R^n; A in R^{n \\times n}; b in R\ng(u) = A u + a\ne(u) = u \\odot \\tanh(u)\n"               \
    "\\phi(u) = \\frac12 u^\\top A u + b"

/* The derivative of a document's own function of a vector: a gradient, each element's, or a matrix. */
START_TEST(derivatives_of_maps)
{
    static const reading list[] = {
        { MAPS, "e'(a) = \\tanh(a) + a \\odot (1 - \\tanh(a)^2)", "HOLDS" },
        { MAPS, "\\left. \\frac{d \\phi(u)}{d u} \\right|_{u = a} = \\frac12 (A + A^\\top) a", "HOLDS" },
        { MAPS, "\\left. \\frac{d \\phi(u)}{d u} \\right|_{u = a} = A a", "FAILS" },
        { MAPS, "g'(a) = A", "NOT READ: the derivative of g is a matrix" },
        { MAPS, "\\left. \\frac{\\partial g(u)}{\\partial u} \\right|_{u = a} = A", "NOT READ: is a matrix" },
        /* of any u, whose length nobody says */
        { MAPS, "\\frac{d \\phi(u)}{d u} = \\frac12 (A + A^\\top) u", "HOLDS" },
        { MAPS, "\\frac{d \\phi(u)}{d u} = A u", "NOT READ: is neither defined nor given" },
    };
    SAID(list);
}
END_TEST

/* p (1 - p) with a p next to 1 is as exact as 1 - p. */
START_TEST(cancelling_in_a_factor)
{
    static const reading list[] = {
        { "sizes n\nindex i, j in n\ngiven u in R^n\np = \\operatorname{softmax}(20 u)",
          "\\frac{\\partial p_i}{\\partial u_j} = 20 p_i ([i = j] - p_j)", "HOLDS" },
        { "sizes n\nindex i, j in n\ngiven u in R^n\np = \\operatorname{softmax}(20 u)",
          "\\frac{\\partial p_i}{\\partial u_j} = 20 p_i ([i = j] - 1.00001 p_j)", "FAILS" },
    };
    SAID(list);
}
END_TEST

#define DECODER                                                                                                        \
    "sizes T S d\nindex s in S\ntime t = 1, ..., T\ngiven a^{\\langle t \\rangle} in R^d; U^d in R^{d \\times d}\n"    \
    "given h^e_s in R^d\nh^{d \\langle t \\rangle} = \\tanh(U^d h^{d \\langle t-1 \\rangle} + a^{\\langle t "          \
    "\\rangle})\nm_s^{\\langle t \\rangle} = (h^{d \\langle t \\rangle})^\\top h^e_s\nloss L reads m_s^{\\langle t "   \
    "\\rangle}\n"

/* A label and the step in one superscript, in any order. */
START_TEST(labels_with_steps)
{
    static const reading list[] = {
        { DECODER,
          "\\frac{\\partial L}{\\partial h^{d \\langle T \\rangle}} = \\sum_s \\frac{\\partial L}{\\partial "
          "m_s^{\\langle T \\rangle}} h^e_s",
          "HOLDS" },
        { DECODER,
          "\\frac{\\partial L}{\\partial h^{d \\langle t \\rangle}} = \\sum_s \\frac{\\partial L}{\\partial "
          "m_s^{\\langle t \\rangle}} h^e_s",
          "HOLDS IF" },
        { DECODER, "h^{\\langle t \\rangle d} = h^{d \\langle t \\rangle}", "HOLDS" },
        { DECODER, "(m_s^{\\langle t \\rangle})^2 = (h^{d \\langle t-1 \\rangle \\top} h^e_s)^2", "FAILS" },
    };
    SAID(list);
}
END_TEST

Suite *suite_operators(void)
{
    Suite *suite = suite_create("operators");
    TCase *tests = tcase_create("operators");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, operators);
    tcase_add_test(tests, loss_terms);
    tcase_add_test(tests, functions_with_labels);
    tcase_add_test(tests, letters_of_several_axes);
    tcase_add_test(tests, powers_behind_functions);
    tcase_add_test(tests, functions_and_shapes);
    tcase_add_test(tests, derivatives_of_maps);
    tcase_add_test(tests, cancelling_in_a_factor);
    tcase_add_test(tests, labels_with_steps);
    suite_add_tcase(suite, tests);
    return suite;
}
