/* Matrices of blocks, layouts of derivatives that a formula says itself, products whose sign has several meanings. */
#include "judged.h"

START_TEST(blocks)
{
    static const claim list[] = {
        { "M = \\begin{pmatrix} A & B \\\\ \\mathbf 0 & D \\end{pmatrix}", "DEFINES" },
        { "M \\begin{pmatrix} x \\\\ y \\end{pmatrix} = \\begin{pmatrix} A x + B y \\\\ D y \\end{pmatrix}", "HOLDS" },
        { "M \\begin{pmatrix} x \\\\ y \\end{pmatrix} = \\begin{pmatrix} A x \\\\ D y \\end{pmatrix}", "FAILS" },
        { "\\begin{bmatrix} I & B \\\\ 0 & I \\end{bmatrix} \\begin{bmatrix} x \\\\ y \\end{bmatrix} = "
          "\\begin{bmatrix} x + B y \\\\ y \\end{bmatrix}",
          "HOLDS" },
        { "\\begin{pmatrix} A & x \\\\ 0^\\top & 1 \\end{pmatrix} \\begin{pmatrix} x \\\\ 1 \\end{pmatrix} = "
          "\\begin{pmatrix} A x + x \\\\ 1 \\end{pmatrix}",
          "HOLDS" },
        { "\\begin{pmatrix} I_n & 0_{n \\times m} \\end{pmatrix} \\begin{pmatrix} x \\\\ y \\end{pmatrix} = x",
          "HOLDS" },
        { "\\begin{pmatrix} I & 0 \\end{pmatrix} \\begin{pmatrix} x \\\\ y \\end{pmatrix} = x",
          "NOT READ: how large a block is" },
        { "\\begin{pmatrix} x \\\\ 0_m \\end{pmatrix} + \\begin{pmatrix} 0_n \\\\ y \\end{pmatrix} = "
          "\\begin{pmatrix} x \\\\ y \\end{pmatrix}",
          "HOLDS" },
        { "1^\\top x = \\sum_i x_i", "HOLDS" },
    };
    JUDGED("sizes n m\ngiven A in R^{n \\times n}; B in R^{n \\times m}; D in R^{m \\times m}; x in R^n; y in R^m",
           list);
}
END_TEST

START_TEST(layouts)
{
    static const claim list[] = {
        { "y = \\tanh(W x)", "DEFINES" },
        { "\\frac{\\partial y}{\\partial x^\\top} = \\operatorname{diag}(1 - y^2) W", "HOLDS" },
        { "\\frac{\\partial y}{\\partial x^\\top} = W^\\top \\operatorname{diag}(1 - y^2)", "FAILS" },
        { "\\frac{\\partial y^\\top}{\\partial x} = W^\\top \\operatorname{diag}(1 - y^2)", "HOLDS" },
        { "\\frac{\\partial y^\\top}{\\partial x} = \\operatorname{diag}(1 - y^2) W", "FAILS" },
        { "\\frac{\\partial L}{\\partial x} = \\frac{\\partial y^\\top}{\\partial x} \\frac{\\partial L}{\\partial y}",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial x^\\top} = \\frac{\\partial L}{\\partial y^\\top} \\frac{\\partial y}"
          "{\\partial x^\\top}",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial W^\\top} = x \\left(\\frac{\\partial L}{\\partial y} \\odot (1 - y^2)"
          "\\right)^\\top",
          "HOLDS" },
    };
    JUDGED("sizes n m\ngiven W in R^{m \\times n}; x in R^n\nloss L reads y", list);
    static const claim denominator[] = {
        { "y = W x", "DEFINES" },
        { "\\frac{\\partial y^\\top}{\\partial x} = W^\\top", "HOLDS" },
        { "\\frac{\\partial y}{\\partial x^\\top} = W", "HOLDS" },
        { "\\frac{\\partial (x^\\top A x)}{\\partial x^\\top} = x^\\top (A + A^\\top)", "HOLDS" },
    };
    JUDGED("sizes n m\nconvention denominator\ngiven W in R^{m \\times n}; x in R^n; A in R^{n \\times n}",
           denominator);
    static const claim batch[] = {
        { "Y = X W + 1_B b^\\top", "DEFINES" },
        { "\\frac{\\partial L}{\\partial b} = \\left(\\frac{\\partial L}{\\partial Y}\\right)^\\top 1_B", "HOLDS" },
        { "\\frac{\\partial L}{\\partial b^\\top} = 1_B^\\top \\frac{\\partial L}{\\partial Y}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial b} = \\frac{\\partial L}{\\partial Y} 1_B", "FAILS" },
    };
    JUDGED("sizes B n m\ngiven X in R^{B \\times n}; W in R^{n \\times m}; b in R^m\nloss L reads Y", batch);
}
END_TEST

START_TEST(dots)
{
    static const claim vectors[] = {
        { "J = -\\log \\sigma(u_o \\cdot v) - \\sum_{j=1}^k \\log \\sigma(-u_j \\cdot v)", "DEFINES" },
        { "\\frac{\\partial J}{\\partial v} = (\\sigma(u_o \\cdot v) - 1) u_o + \\sum_{j=1}^k \\sigma(u_j \\cdot v) "
          "u_j",
          "HOLDS" },
        { "\\frac{\\partial J}{\\partial u_j} = \\sigma(u_j \\cdot v) v", "HOLDS" },
        { "\\frac{\\partial J}{\\partial u_j} = (\\sigma(u_j \\cdot v) - 1) v", "FAILS" },
    };
    JUDGED("sizes d k\ngiven v, u_o in R^d; u_j in R^d\nindex j in k", vectors);
    static const claim gates[] = {
        { "f_t = \\sigma(W_f x_t + U_f h_{t-1})", "DEFINES" },
        { "g_t = \\tanh(W_g x_t + U_g h_{t-1})", "DEFINES" },
        { "c_t = f_t \\cdot c_{t-1} + (1 - f_t) \\cdot g_t", "DEFINES" },
        { "h_t = \\tanh(c_t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial g_t} = \\frac{\\partial L}{\\partial c_t} \\odot (1 - f_t)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial g_t} = \\frac{\\partial L}{\\partial c_t} \\odot f_t", "FAILS" },
    };
    JUDGED("given x_t in R^I\nloss L reads h_t", gates);
    static const claim said[] = {
        { "s = \\sigma(u \\cdot v)", "DEFINES" },
        { "\\frac{\\partial s}{\\partial u} = \\operatorname{diag}(s \\odot (1 - s) \\odot v)", "HOLDS" },
        { "\\sum_i s_i = \\sigma(u^\\top v)", "FAILS" },
    };
    JUDGED("sizes d\nindex i in d\n\\cdot is entrywise\ngiven u, v in R^d", said);
}
END_TEST

START_TEST(ones)
{
    static const claim list[] = {
        { "p = \\mathrm{softmax}(z)", "DEFINES" },
        { "\\frac{\\partial \\log p}{\\partial z} = I - \\mathbf 1 p^\\top", "HOLDS" },
        { "\\frac{\\partial \\log p}{\\partial z} = I - p \\mathbf 1^\\top", "FAILS" },
        { "A \\operatorname{diag}(z) = A \\odot (\\mathbf 1 z^\\top)", "HOLDS" },
        { "\\operatorname{diag}(z) A = A \\odot (\\mathbf 1 z^\\top)", "FAILS" },
        { "\\operatorname{diag}(z) A = (z \\mathbf 1^\\top) \\odot A", "HOLDS" },
        { "A + \\mathbf 1 z^\\top = (A^\\top + z \\mathbf 1^\\top)^\\top", "HOLDS" },
        { "A + \\mathbf 1 z^\\top = A + z \\mathbf 1^\\top", "FAILS" },
        { "(\\mathbf 1 z^\\top) z = \\|z\\|^2 \\mathbf 1", "HOLDS" },
    };
    JUDGED("sizes n\ngiven z in R^n; A in R^{n \\times n}", list);
}
END_TEST

START_TEST(rows_in_sums)
{
    static const claim list[] = {
        { "L = \\frac1N \\sum_i (w^\\top x_i - y_i)^2", "DEFINES" },
        { "\\nabla_w L = \\frac2N X^\\top (X w - y)", "HOLDS" },
        { "\\nabla_w L = \\frac1N X^\\top (X w - y)", "FAILS" },
    };
    JUDGED("sizes N d\ngiven X in R^{N \\times d}; y in R^N; w in R^d", list);
}
END_TEST

START_TEST(row_vectors)
{
    static const claim list[] = {
        { "y = x W + b", "DEFINES" },
        { "\\frac{\\partial L}{\\partial W} = x^\\top \\frac{\\partial L}{\\partial y}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial x} = \\frac{\\partial L}{\\partial y} W^\\top", "HOLDS" },
        { "\\frac{\\partial L}{\\partial x} = W \\frac{\\partial L}{\\partial y}", "FAILS" },
    };
    JUDGED("sizes n m\ngiven x in R^{1 \\times n}; W in R^{n \\times m}; b in R^{1 \\times m}\nloss L reads y", list);
}
END_TEST

START_TEST(norms_and_sums)
{
    static const claim list[] = {
        { "\\langle A, B \\rangle = \\sum_{ij} A_{ij} B_{ij}", "HOLDS" },
        { "\\sum_{ij} A_{ij} B_{ij} = \\operatorname{tr}(A B)", "FAILS" },
        { "\\|x\\|_\\infty = \\max_i |x_i|", "HOLDS" },
        { "\\|x\\|_2 \\le \\sqrt n \\|x\\|_{\\infty}", "HOLDS" },
        { "\\|x\\|_2 \\le \\|x\\|_\\infty", "FAILS" },
        { "\\|A\\|_\\infty = \\max_i \\sum_j |A_{ij}|", "HOLDS" },
        { "\\|A\\|_1 = \\max_j \\sum_i |A_{ij}|", "HOLDS" },
        { "\\|A\\|_1 = \\max_i \\sum_j |A_{ij}|", "FAILS" },
        { "x_\\infty = 0", "NOT READ: only a norm" },
    };
    JUDGED("sizes n\ngiven A, B in R^{n \\times n}; x in R^n\nindex i, j in n", list);
}
END_TEST

START_TEST(repeated_arguments)
{
    static const claim list[] = {
        { "z = W x", "DEFINES" },
        { "L = \\frac12 \\|z - y\\|^2", "DEFINES" },
        { "L(W) = \\frac12 \\|W x - y\\|^2", "HOLDS" },
        { "L(W) = \\|W x - y\\|^2", "FAILS" },
        { "L(z) = \\frac12 \\|z - y\\|^2", "HOLDS" },
        { "L(1 - L) = L - L^2", "HOLDS" },
    };
    JUDGED("sizes n m\ngiven W in R^{m \\times n}; x in R^n; y in R^m", list);
}
END_TEST

Suite *suite_layouts(void)
{
    Suite *suite = suite_create("layouts");
    TCase *tests = tcase_create("layouts");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, blocks);
    tcase_add_test(tests, layouts);
    tcase_add_test(tests, dots);
    tcase_add_test(tests, ones);
    tcase_add_test(tests, row_vectors);
    tcase_add_test(tests, rows_in_sums);
    tcase_add_test(tests, norms_and_sums);
    tcase_add_test(tests, repeated_arguments);
    suite_add_tcase(suite, tests);
    return suite;
}
