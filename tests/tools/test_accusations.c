/* No true formula is called false: whole documents, each formula's verdict by its tag. */
#include "judged.h"

#define NETWORK                                                                                                        \
    "sizes B T I H\ngiven x_t in R^I; W in R^{H \\times H}; V in R^{H \\times I}\n"                                    \
    "A_{f,t} = W h_{t-1} + V x_t\nh_t = \\tanh(A_{f,t})\nloss L reads h_t\n"                                           \
    "dX means \\partial L / \\partial X"

/* ---- One name, wherever its labels stand ---- */

START_TEST(decorated_names_are_one_quantity)
{
    static const claim list[] = {
        { "dA^f_t = dh_t \\odot (1 - h_t^2)", "HOLDS" },     { "dA^{(f)}_t = dh_t \\odot (1 - h_t^2)", "HOLDS" },
        { "dA_{f,t} = dh_t \\odot (1 - h_t^2)", "HOLDS" },   { "dA^f_t = dh_t \\odot (1 + h_t^2)", "FAILS" },
        { "dA^{(f)}_t = dh_t \\odot (1 + h_t^2)", "FAILS" }, { "dW = \\sum_t dA^f_t h_{t-1}^\\top", "HOLDS" },
    };
    JUDGED(NETWORK, list);
    static const claim library[] = { { "W^g \\in \\mathbb R^{H \\times (H+I)}", "HOLDS" },
                                     { "f_t = \\sigma(W^f [h_{t-1}, x_t] + b^f)", "HOLDS" },
                                     { "f_t = \\sigma(W^i [h_{t-1}, x_t] + b^f)", "FAILS" } };
    JUDGED("sizes B T I H\nlabels g = i, f, C, o\ngiven x_t in R^I\n"
           "library lstm: f i \\tilde C o C h from W_f b_f W_i b_i W_C b_C W_o b_o",
           library);
    /* both are introduced: two quantities */
    static const claim two[] = { { "U^f = 2 U_f", "DEFINES" },
                                 { "U^f = 3 U_f", "FAILS" },
                                 { "y_t = U^f x_t + U_f x_t", "DEFINES" },
                                 { "y_t = 3 U_f x_t", "HOLDS" } };
    JUDGED("sizes B T I H\ngiven x_t in R^I; U_f in R^{H \\times I}", two);
}
END_TEST

/* ---- What depends on something unreadable, and what stands behind it ---- */

START_TEST(a_failing_formula_concerns_no_other)
{
    static const claim list[] = {
        { "q_t = W x_t", "NOT READ: the definition of $q$ does not multiply out" },
        { "\\frac{\\partial L}{\\partial W} = q_t q_t^\\top", "NOT READ: the definition of $q$ does not multiply out" },
        { "dV = \\sum_t dA_{f,t} x_t^\\top", "HOLDS" },
    };
    JUDGED(NETWORK, list);
    static const claim function[] = {
        { "a_t = W h_{t-1} + V x_t", "DEFINES" },
        { "h_t = f(a_t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial V} = \\sum_t x_t h_t", "FAILS" },
        { "\\frac{\\partial L}{\\partial a_t} = \\frac{\\partial L}{\\partial h_t} \\odot f'(h_t)", "FAILS" },
        { "\\frac{\\partial L}{\\partial a_t} = \\frac{\\partial L}{\\partial h_t} \\odot f'(a_t)", "HOLDS" },
    };
    JUDGED("sizes B T I H\ngiven x_t in R^I; W in R^{H \\times H}; V in R^{H \\times I}\nloss L reads h_t", function);
}
END_TEST

/* ---- Functions that grow ---- */

START_TEST(numbers_stay_moderate)
{
    static const claim list[] = {
        { "h_t = f(W h_{t-1} + V x_t + b)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial b} = \\sum_t \\frac{\\partial L}{\\partial h_t} \\odot f'(W h_{t-1} + V x_t + "
          "b) \\mathbf 1_B",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\left(\\frac{\\partial L}{\\partial h_t} \\odot f'(W h_{t-1} + "
          "V "
          "x_t + b)\\right) h_{t-1}^\\top",
          "HOLDS" },
    };
    JUDGED("sizes B T=12 I=6 H=9\ngiven x_t in R^I\nloss L reads h_t", list);
    static const claim cubes[] = {
        { "h_t = W h_{t-1}^3 + V x_t", "DEFINES" },
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = 3 W \\operatorname{diag}(h_{t-1}^2)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\frac{\\partial L}{\\partial h_t} (h_{t-1}^3)^\\top", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\frac{\\partial L}{\\partial h_t} (h_{t-1}^2)^\\top", "FAILS" },
    };
    JUDGED("sizes B T I H\ngiven x_t in R^I\nloss L reads h_t", cubes);
    static const claim relu[] = {
        { "h_t = \\mathrm{ReLU}(W h_{t-1} + V x_t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial V} = \\sum_t \\left(\\frac{\\partial L}{\\partial h_t} \\odot \\mathbf 1[h_t "
          "> "
          "0]\\right) x_t^\\top",
          "HOLDS" },
    };
    JUDGED("sizes B T=10 I=6 H=9\ngiven x_t in R^I\nloss L reads h_t", relu);
}
END_TEST

/* ---- Other readings before a verdict, and what is said where none fits ---- */

START_TEST(signs_are_read_so_that_they_fit)
{
    static const claim list[] = {
        { "dV = \\sum_t dA_{f,t} * x_t^\\top", "HOLDS" },
        { "dV = \\sum_t dA_{f,t} \\cdot x_t^\\top", "HOLDS" },
        { "dW = \\sum_t (dh_t * (1 - h_t * h_t)) * h_{t-1}^\\top", "HOLDS" },
        { "dW = \\sum_t (dh_t \\cdot (1 - h_t \\cdot h_t)) \\cdot h_{t-1}^\\top", "HOLDS" },
        { "dA_{f,t} = dh_t * h_t", "FAILS" },
        { "dW = \\sum_t dA_{f,t} * x_t^\\top", "FAILS: the shapes do not fit" },
    };
    JUDGED(NETWORK, list);
    static const claim square[] = { { "Y = A * C", "DEFINES" }, { "Y_{jk} = A_{jk} C_{jk}", "HOLDS" } };
    JUDGED("sizes H\ngiven A, C in R^{H \\times H}\nindex j, k, i in H", square);
    static const claim product[] = { { "Y = A * C", "DEFINES" },
                                     { "Y_{jk} = \\sum_i A_{ji} C_{ik}", "HOLDS" },
                                     { "Y_{jk} = A_{jk} C_{jk}", "FAILS" } };
    JUDGED("sizes H\n* is the matrix product\ngiven A, C in R^{H \\times H}\nindex j, k, i in H", product);
    static const claim inner[] = { { "s = u \\cdot w", "DEFINES" }, { "s = \\sum_j u_j w_j", "HOLDS" } };
    JUDGED("sizes H\n\\cdot is the inner product\ngiven u, w in R^H\nindex j in H", inner);
    static const claim unsaid[] = { { "u \\cdot w = \\sum_j u_j w_j", "HOLDS" },
                                    { "u \\cdot w = \\sum_j u_j u_j", "FAILS" } };
    JUDGED("sizes H\ngiven u, w in R^H\nindex j in H", unsaid);
}
END_TEST

START_TEST(layouts_are_tried)
{
    static const claim list[] = {
        { "y = \\tanh(V z)", "DEFINES" },
        { "\\frac{\\partial y}{\\partial z} = \\operatorname{diag}(1 - y^2) V", "HOLDS" },
        { "\\frac{\\partial y}{\\partial z} = V^\\top \\operatorname{diag}(1 - y^2)", "HOLDS" },
        { "\\frac{\\partial y}{\\partial z} = V^\\top \\operatorname{diag}(1 + y^2)", "FAILS" },
    };
    JUDGED("sizes I H\ngiven z in R^I; V in R^{H \\times I}", list);
    static const claim denominator[] = {
        { "y = \\tanh(A z)", "DEFINES" },
        { "\\frac{\\partial y}{\\partial z} = A^\\top \\operatorname{diag}(1 - y^2)", "HOLDS" },
        { "\\frac{\\partial y}{\\partial z} = \\operatorname{diag}(1 - y^2) A", "FAILS" },
    };
    JUDGED("sizes H\nconvention denominator\ngiven z in R^H; A in R^{H \\times H}", denominator);
    static const claim sides[] = { { "y^\\top = V z", "HOLDS" }, { "y = V z + z_0", "FAILS" } };
    JUDGED("sizes I H\ngiven z in R^I; V in R^{H \\times I}; z_0 in R^H\ny = V z", sides);
}
END_TEST

START_TEST(misfits_are_no_accusation)
{
    /* nobody says that gamma is a vector, v a matrix */
    static const claim unsaid[] = {
        { "h_t = \\tanh(V x_t)", "DEFINES" },
        { "y_t = \\gamma h_t", "DEFINES" },
        { "\\frac{\\partial L}{\\partial \\gamma} = \\sum_t (\\frac{\\partial L}{\\partial y_t} \\odot h_t) \\mathbf "
          "1_B",
          "NOT READ: given \\gamma in R^..." },
    };
    JUDGED("sizes B T I H\ngiven x_t in R^I; V in R^{H \\times I}\nloss L reads y_t", unsaid);
    static const claim said[] = {
        { "\\frac{\\partial L}{\\partial V} = \\sum_t x_t dA_{f,t}^\\top",
          "FAILS: with equal sizes it is not true either" },
        { "dA_{f,t} = W x_t^\\top", "FAILS: in no reading and whatever the sizes" },
        { "dV = \\sum_t dA_{f,t} x_t^\\top", "HOLDS" },
    };
    JUDGED(NETWORK, said);
}
END_TEST

/* What is left when equal things are subtracted is rounding of these, not of 0. */
START_TEST(differences_cancel)
{
    static const claim list[] = {
        { "\\frac{\\partial L}{\\partial W_{jk}} - \\left(\\sum_t \\sum_{b=1}^B dA_{f,t,b,j} h_{t-1,b,k}\\right) = 0",
          "HOLDS" },
        { "0 = \\left(\\sum_t \\sum_{b=1}^B dA_{f,t,b,j} h_{t-1,b,k}\\right) - \\frac{\\partial L}{\\partial W_{jk}}",
          "HOLDS" },
        { "0 = \\left(\\sum_t \\sum_{b=1}^B dA_{f,t,b,j} h_{t-1,b,k}\\right) - 1.0001 \\frac{\\partial L}{\\partial "
          "W_{jk}}",
          "FAILS" },
    };
    JUDGED(NETWORK "\nindex j, k in H; b in B", list);
}
END_TEST

#define BPTT                                                                                                           \
    "sizes T I H K\ngiven x_t in R^I; y_t in R^K one-hot; V in R^{K \\times H}\ns_t = \\tanh(Ux_t + Ws_{t-1})\n"       \
    "\\hat y_t = \\mathrm{softmax}(Vs_t)\nE_t = -y_t^T \\log \\hat y_t"
#define BEFORE(E, s, k, last)                                                                                          \
    "\\frac{\\partial " E "}{\\partial W} = \\sum_{k=" k "}^{" last "} \\frac{\\partial " E "}{\\partial " s "} "
#define JACOBIANS(from, last) "\\left(\\prod_{j=" from "}^{" last "} \\frac{\\partial s_j}{\\partial s_{j-1}}\\right) "
#define WHOLE "\\frac{\\partial s_k}{\\partial W}"
#define IMMEDIATE "\\frac{\\partial^+ s_k}{\\partial W}"

/* Backpropagation through time as it is usually written: the last factor is each step's own part, whether or not the
 * function's argument has a name, and a product from k + 1 runs up to a number as to a letter. */
START_TEST(jacobians_of_a_sum_over_the_steps)
{
    static const claim list[] = {
        { BEFORE("E_3", "s_3", "0", "3") JACOBIANS("k+1", "3") WHOLE, "HOLDS" },
        { BEFORE("E_3", "s_3", "1", "3") JACOBIANS("k+1", "3") IMMEDIATE, "HOLDS" },
        { BEFORE("E_t", "s_t", "1", "t") JACOBIANS("k+1", "t") WHOLE, "HOLDS" },
        { BEFORE("E_t", "s_t", "1", "t") "\\prod_{j=k+1}^{t} \\frac{\\partial s_j}{\\partial s_{j-1}} " WHOLE,
          "HOLDS" },
        { BEFORE("E_t", "s_t", "1", "t") "\\prod_{j=k}^{t} \\frac{\\partial s_j}{\\partial s_{j-1}} " WHOLE, "FAILS" },
        { BEFORE("E_3", "s_3", "0", "3") "\\frac{\\partial s_3}{\\partial s_k}" WHOLE, "HOLDS" },
        { "\\frac{\\partial s_3}{\\partial s_k} = \\prod_{j=k+1}^{3} \\frac{\\partial s_j}{\\partial s_{j-1}}",
          "HOLDS" },
        { "\\frac{\\partial s_t}{\\partial s_k} = \\prod_{j=k+1}^{t} \\frac{\\partial s_j}{\\partial s_{j-1}}",
          "HOLDS" },
        { "\\frac{\\partial s_3}{\\partial s_k} = \\prod_{j=k}^{2} \\frac{\\partial s_{j+1}}{\\partial s_j}", "HOLDS" },
        { "\\frac{\\partial s_t}{\\partial s_1} = \\prod_{j=t}^{2} \\frac{\\partial s_j}{\\partial s_{j-1}}", "HOLDS" },
        { BEFORE("E_3", "s_3", "1", "3") JACOBIANS("k", "3") IMMEDIATE, "FAILS" },
        { "\\frac{\\partial s_3}{\\partial s_k} = \\prod_{j=k}^{3} \\frac{\\partial s_j}{\\partial s_{j-1}}", "FAILS" },
    };
    JUDGED(BPTT, list);
    JUDGED(BPTT "\na_t is the argument of s_t", list);
    JUDGED("sizes T I H K\ngiven x_t in R^I; y_t in R^K one-hot; V in R^{K \\times H}\na_t = Ux_t + Ws_{t-1}\n"
           "s_t = \\tanh(a_t)\n\\hat y_t = \\mathrm{softmax}(Vs_t)\nE_t = -y_t^T \\log \\hat y_t",
           list);
}
END_TEST

/* h_{n,t} is element n at step t, and so is every other step of it. */
START_TEST(steps_after_the_element)
{
    static const claim list[] = {
        { "\\frac{\\partial J}{\\partial h_{n,t}} = \\frac{\\partial J}{\\partial h_{n,T}} \\frac{\\partial "
          "h_{n,T}}{\\partial h_{n,t}} = \\frac{\\partial J}{\\partial h_{n,T}} \\prod_{k=t}^{T-1} \\frac{\\partial "
          "h_{n,k+1}}{\\partial h_{n,k}} = \\frac{\\partial J}{\\partial h_{n,T}} \\prod_{k=t}^{T-1} (1 - "
          "h_{n,k+1}^2) u_n",
          "HOLDS" },
        { "\\frac{\\partial h_{n,1}}{\\partial h_{n,0}} = (1 - h_{n,1}^2) u_n", "HOLDS" },
        { "\\frac{\\partial h_{n,1}}{\\partial h_{n,0}} = (1 - h_{n,0}^2) u_n", "FAILS" },
    };
    JUDGED("sizes T I H\nindex n in H\ngiven x_t in R^I; u in R^H\nh_t = \\tanh(W x_t + u \\odot h_{t-1} + b)\n"
           "loss J reads h_T",
           list);
}
END_TEST

/* -y \log p of two vectors, for a loss that is a number: an inner product may be meant, and nobody says so. */
START_TEST(inner_products_are_asked_for)
{
    static const claim list[] = {
        { "E_t = -y_t \\log \\hat y_t", "NOT READ: an inner product may be meant" },
        { "E_t = -y_t^\\top \\log \\hat y_t", "HOLDS" },
        { "E_t = y_t^\\top \\log \\hat y_t", "FAILS" },
        { "E_t = y_t \\log \\hat y_t", "FAILS" },
    };
    JUDGED(BPTT, list);
}
END_TEST

/* Where a size is 1 a vector is a number. */
START_TEST(sizes_of_one)
{
    static const claim list[] = {
        { "W^\\top \\delta_t = \\delta_t W", "HOLDS" },
        { "\\delta_t W = W^\\top \\delta_t", "HOLDS" },
        { "W^\\top \\delta_t = 2 \\delta_t W", "FAILS" },
    };
    JUDGED("sizes T=3 I H=1\ngiven x_t in R^I\nh_t = \\tanh(W h_{t-1} + U x_t + b)\na_t is the argument of h_t\n"
           "loss L reads h_t\n\\delta_t = \\frac{\\partial L}{\\partial a_t}",
           list);
}
END_TEST

/* The second meaning of a name is not ignored. */
START_TEST(a_name_has_one_meaning)
{
    static const char again[] =
        "<!-- eddy\ngiven x_t in R^I\nh_t = \\sigma(V x_t)\na_t is the argument of h_t\n\\sigma' means \\sigma'(a_t)\n"
        "-->\n\n<!-- eddy\n\\sigma' means \\sigma'(%s)\n-->\n";
    for (int other = 0; other < 2; other++) {
        const char *bytes = arena_format(&memory, again, other ? "x_t" : "a_t");
        document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, bytes, strlen(bytes));
        const findings *all = check_document(&memory, &d, &(check_options){ .seconds = 100 });
        ck_assert_ptr_nonnull(all);
        bool said = false;
        for (int i = 0; i < all->count; i++)
            said |= all->finding[i].summary &&
                    strstr(all->finding[i].summary, "line 9: \"\\sigma'\" has a meaning in this scene already") != NULL;
        ck_assert_int_eq(said, other);
    }
}
END_TEST

/* ---- As students write an answer ---- */

START_TEST(what_students_write_is_read)
{
    /* a batch in parts, each summed over it; one sequence by its index; sizes without brackets */
    static const claim list[] = {
        { "dW = \\sum_t dA_t h_{t-1}^\\top", "HOLDS" },
        { "[dW, dV] = [\\sum_t dA_t h_{t-1}^\\top, \\sum_t dA_t x_t^\\top]", "HOLDS" },
        { "[dW, dV] = \\sum_t [dA_t h_{t-1}^\\top, dA_t x_t^\\top]", "HOLDS" },
        { "[dW, dV] = [\\sum_t dA_t h_t^\\top, \\sum_t dA_t x_t^\\top]", "FAILS" },
        { "dW = \\sum_t \\sum_{b=1}^{B} \\delta_{t,b} h_{t-1,b}^\\top", "HOLDS" },
        { "dW = \\sum_t \\sum_{b=1}^{B} \\delta_{t,b} h_{t,b}^\\top", "FAILS" },
        { "\\delta_{t,b} = dh_{t,b} \\odot (1 - h_{t,b}^2)", "HOLDS" },
        { "\\delta_{t,b,j} = dh_{t,b,j} (1 - h_{t,b,j}^2)", "HOLDS" },
        { "\\delta_{t,b,j} = dh_{t,b,j} (1 + h_{t,b,j}^2)", "FAILS" },
        { "W \\in \\mathbb R^{H \\times H + I - I}", "HOLDS" },
        { "V \\in \\mathbb R^{H \\times I + H}", "FAILS: its shape is another: for $B = 2" },
        { "dA_t = dh_t \\odot \\operatorname{sech}^2(A_t)", "HOLDS" },
        { "dA_t = \\frac{dh_t}{\\cosh^2 A_t}", "HOLDS" },
        { "\\tanh(x_t) = \\sinh(x_t) \\sech(x_t)", "HOLDS" },
        { "dA_t = dh_t \\odot \\operatorname{sech}(A_t)", "FAILS" },
        { "dA_t ＝ dh_t \\odot （1 － h_t^2）", "HOLDS" },
        { "\\delta_{t，b，j} = dh_{t，b，j}（1 - h_{t，b，j}^2）。", "HOLDS" },
    };
    JUDGED("sizes B T I H\ngiven x_t in R^I; W in R^{H \\times H}; V in R^{H \\times I}\n"
           "A_t = W h_{t-1} + V x_t\nh_t = \\tanh(A_t)\nloss L reads h_t\n"
           "dX means \\partial L / \\partial X\n\\delta_t = \\partial L / \\partial A_t",
           list);
}
END_TEST

/* Worlds of several sizes take turns while a false formula is searched: what they compute stays apart. */
START_TEST(a_false_formula_leaves_the_others_alone)
{
    static const claim jacobian[] = {
        { "\\frac{\\partial h_t}{\\partial h_{t-1}} = \\operatorname{diag}(1 - h_{t-1}^2) W", "FAILS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_{t=1}^T (\\frac{\\partial L}{\\partial h_t} \\odot (1 - "
          "h_t^2)) "
          "h_{t-1}^\\top",
          "HOLDS" },
    };
    JUDGED("sizes T n q m\ngiven x_t in R^n; d_t in R^q; W in R^{q \\times q}; U in R^{q \\times n}\n"
           "h_t = \\tanh(W h_{t-1} + U x_t)\nL = \\sum_{t=1}^T \\|h_t - d_t\\|^2",
           jacobian);
    static const claim mean[] = {
        { "\\frac{\\partial \\ell}{\\partial Z} = Y - A", "FAILS" },
        { "\\frac{\\partial J}{\\partial W} = \\frac{1}{m} \\frac{\\partial \\ell}{\\partial Z} X^\\top", "HOLDS" },
        { "m J = \\ell", "HOLDS" },
    };
    JUDGED("sizes m n q\ngiven X in R^{n \\times m}; Y in R^{q \\times m}; W in R^{q \\times n}; c in R^q\n"
           "Z = W X + c \\mathbf 1_m^\\top\nA = \\tanh(Z)\n\\ell = \\|A - Y\\|_F^2\nJ = \\frac{1}{m} \\ell",
           mean);
}
END_TEST

/* B is a matrix in x_t = A x_{t-1} + B u_t, and a bold 1 in a difference no sum over a batch. */
START_TEST(a_matrix_called_B_is_no_batch)
{
    static const claim list[] = {
        { "\\frac{\\partial L}{\\partial \\lambda} = \\sum_{t=1}^T \\frac{\\partial L}{\\partial x_t} \\odot "
          "x_{t-1}",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial \\lambda} = \\sum_{t=1}^T \\frac{\\partial L}{\\partial x_t} \\odot x_t",
          "FAILS" },
        { "\\frac{\\partial y_t}{\\partial x_t} = \\operatorname{diag}(\\mathbf 1 - y_t^2)", "HOLDS" },
    };
    JUDGED("sizes T N M\ngiven u_t in R^M; \\lambda in R^N; B in R^{N \\times M}\nloss L reads y_t\n"
           "x_t = \\lambda \\odot x_{t-1} + B u_t\ny_t = \\tanh(x_t)",
           list);
}
END_TEST

/* x stands for any number, though x_t is a quantity. */
START_TEST(identities_of_functions)
{
    static const claim list[] = {
        { "\\sigma'(x) = \\sigma(x) (1 - \\sigma(x))", "HOLDS" },
        { "\\frac{d \\sigma(x)}{d x} = \\sigma(x) (1 - \\sigma(x))", "HOLDS" },
        { "\\tanh'(x) = 1 - \\tanh^2(x)", "HOLDS" },
        { "\\tanh'(x) = 1 - \\tanh(x)", "FAILS" },
        { "\\frac{\\partial h_t}{\\partial x_k} = 0, \\quad k > t", "HOLDS" },
    };
    JUDGED("sizes T I H\ngiven x_t in R^I; W in R^{H \\times I}\nh_t = \\tanh(W x_t)", list);
}
END_TEST

/* I_{jk} is an element of the identity. */
START_TEST(elements_of_the_identity)
{
    static const claim list[] = {
        { "\\frac{\\partial z_j}{\\partial z_m} = I_{jm}", "HOLDS" },
        { "\\frac{\\partial^2 (z^\\top z)}{\\partial z_j \\partial z_m} = 2 I_{jm}", "HOLDS" },
        { "\\frac{\\partial^2 (z^\\top z)}{\\partial z_j \\partial z_m} = I_{jm}", "FAILS" },
    };
    JUDGED("sizes M\nindex j, m in M\ngiven z in R^M", list);
}
END_TEST

/* \\delta_{tk} and \\delta_{tj} are two, and \\delta_{t+1,m} is one of them. */
START_TEST(tables_with_a_step_beside)
{
    static const claim list[] = {
        { "\\delta_{tk} = \\frac{\\partial E}{\\partial y_{tk}}", "DEFINES" },
        { "\\delta_{tj} = \\frac{\\partial E}{\\partial a_{tj}}", "DEFINES" },
        { "\\delta_{tj} = (1 - z_{tj}^2) (\\sum_k v_{kj} \\delta_{tk} + \\sum_m u_{mj} \\delta_{t+1,m})", "HOLDS" },
        { "\\delta_{tj} = (1 - z_{tj}^2) (\\sum_k v_{kj} \\delta_{tk} + \\sum_m u_{jm} \\delta_{t+1,m})", "FAILS" },
    };
    JUDGED("sizes T M K\nindex j, m in M; k in K\ngiven d_t in R^K; u in R^{M \\times M}; v in R^{K \\times M}\n"
           "z_{tj} = \\tanh(a_{tj})\na_{tj} = \\sum_m u_{jm} z_{t-1,m}\ny_{tk} = \\sum_j v_{kj} z_{tj}\n"
           "E = \\frac12 \\sum_{t=1}^T \\sum_k (y_{tk} - d_{tk})^2",
           list);
}
END_TEST

#define RATES                                                                                                          \
    "sizes T N\ngiven g in R; x_t in R^N; W in R^{N \\times N}\nh_t = \\tanh(g W h_{t-1} + x_t)\n"                     \
    "J_t = \\frac{\\partial h_t}{\\partial h_{t-1}}\nM_t = \\frac{\\partial h_t}{\\partial h_0}\n"                     \
    "q_t = \\frac{\\partial h_t}{\\partial g}"

/* A product written from the last step down never runs up; what a derivative is at t = 0 its definition says. */
START_TEST(products_that_run_down)
{
    static const claim list[] = {
        { "\\frac{\\partial h_t}{\\partial h_s} = \\prod_{k=t}^{s+1} J_k, \\quad s < t", "HOLDS" },
        { "\\frac{\\partial h_t}{\\partial h_s} = \\prod_{k=t}^{s+1} J_{k-1}, \\quad s < t", "FAILS" },
        { "\\frac{\\partial h_t}{\\partial h_k} = J_t J_{t-1} \\cdots J_{k+1}, \\quad k < t", "HOLDS" },
        { "\\frac{\\partial h_t}{\\partial h_k} = J_t J_{t-1} \\cdots J_k, \\quad k < t", "FAILS" },
        { "\\frac{\\partial h_t}{\\partial h_0} = J_t J_{t-1} \\cdots J_1", "HOLDS" },
        { "M_t = J_t M_{t-1}", "HOLDS" },
        { "M_t = M_{t-1} J_t", "HOLDS IF" },
        { "q_t = J_t q_{t-1} + (1 - h_t^2) \\odot (W h_{t-1})", "HOLDS" },
    };
    JUDGED(RATES, list);
}
END_TEST

/* L(\theta) is what the setup says that the loss reads, p_y with a one-hot y an element of p, \log Z = ... says what Z
 * is. */
START_TEST(names_before_brackets_and_classes)
{
    static const claim loss[] = {
        { "J(\\theta) = L(\\theta) + \\frac{\\lambda}{2} \\|\\theta\\|^2", "DEFINES" },
        { "\\nabla_\\theta J = \\nabla_\\theta L + \\lambda \\theta", "HOLDS" },
        { "\\nabla_\\theta J = \\nabla_\\theta L + 2 \\lambda \\theta", "FAILS" },
        { "L(\\theta) = L", "HOLDS" },
        { "L(\\theta + \\eta) = L + \\eta", "NOT READ: other arguments" },
    };
    JUDGED("sizes N\ngiven \\theta in R^N; \\eta, \\lambda in R\nloss L reads \\theta", loss);
    static const claim hot[] = {
        { "p = \\mathrm{softmax}(z)", "DEFINES" },
        { "\\log p_y = \\sum_{k=1}^K y_k \\log p_k", "HOLDS" },
        { "\\log p_y = y^\\top \\log p", "HOLDS" },
        { "\\log p_y = \\sum_{k=1}^K y_k p_k", "FAILS" },
        { "\\log Z = \\log \\sum_{k=1}^K \\exp z_k", "DEFINES" },
        { "\\frac{\\partial \\log Z}{\\partial z_k} = p_k", "HOLDS" },
        { "\\frac{\\partial \\log Z}{\\partial z_k} = y_k", "FAILS" },
        { "D_{\\mathrm{KL}}(p \\,\\|\\, q) = \\sum_{k=1}^K p_k \\log \\frac{p_k}{q_k}", "DEFINES" },
        { "\\frac{\\partial D_{\\mathrm{KL}}(p || q)}{\\partial q_k} = -\\frac{p_k}{q_k}", "HOLDS" },
    };
    JUDGED("sizes K\nindex k in K\ngiven z in R^K; q in R^K positive; y in R^K one-hot", hot);
}
END_TEST

/* Elements of the arguments of a defined function are those of what stands in their place; s is a step beside s_t; and
 * what a name is only guessed to be accuses nobody. */
START_TEST(arguments_by_elements)
{
    static const claim divergence[] = {
        { "D_{\\mathrm{KL}}(q, p) = \\sum_{k=1}^K q_k \\log \\frac{q_k}{p_k}", "DEFINES" },
        { "D_{\\mathrm{KL}}(q, q) = 0", "HOLDS" },
        { "D_{\\mathrm{KL}}(p, q) = -\\sum_{k=1}^K p_k \\log \\frac{q_k}{p_k}", "HOLDS" },
        { "D_{\\mathrm{KL}}(p, q) = D_{\\mathrm{KL}}(q, p)", "FAILS" },
    };
    JUDGED("sizes K\nindex k in K\ngiven p, q in R^K positive", divergence);
    static const claim steps[] = {
        { "\\frac{\\partial h_t}{\\partial h_s} = \\prod_{k=t}^{s+1} J_k, \\quad s < t", "HOLDS" },
        { "s_t = \\frac{\\partial h_t}{\\partial g}", "DEFINES" },
        { "s_t = J_t s_{t-1} + (1 - h_t^2) \\odot (W h_{t-1})", "HOLDS" },
    };
    JUDGED(RATES, steps);
    static const claim guessed[] = {
        { "F = \\log Z + u^\\top u", "DEFINES" },
        { "\\frac12 \\log Z = \\log \\sum_k \\exp u_k", "NOT READ" },
    };
    JUDGED("sizes K\nindex k in K\ngiven u in R^K", guessed);
}
END_TEST

/* \alpha_t(k) is an element, wherever it stands. */
START_TEST(elements_in_brackets)
{
    static const claim list[] = {
        { "\\alpha_1(k) = e_{1,k}", "DEFINES" },
        { "\\alpha_t(k) = e_{t,k} + \\log \\sum_j \\exp(\\alpha_{t-1}(j) + A_{jk}), \\quad t \\ge 2", "DEFINES" },
        { "\\log Z = \\log \\sum_k \\exp \\alpha_T(k)", "DEFINES" },
        { "\\frac{\\partial \\alpha_t(k)}{\\partial \\alpha_{t-1}(j)} = \\exp(\\alpha_{t-1}(j) + A_{jk} + e_{t,k} - "
          "\\alpha_t(k)), \\quad t \\ge 2",
          "HOLDS" },
        { "\\frac{\\partial \\alpha_t(k)}{\\partial \\alpha_{t-1}(j)} = \\exp(\\alpha_{t-1}(j) + A_{jk} - "
          "\\alpha_t(k)), \\quad t \\ge 2",
          "FAILS" },
        { "\\frac{\\partial \\log Z}{\\partial e_{T,k}} = \\exp(\\alpha_T(k) - \\log Z)", "HOLDS" },
    };
    JUDGED("sizes T K\nindex j, k in K\ngiven e_t in R^K; A in R^{K \\times K}", list);
}
END_TEST

/* Nobody said that n counts sequences: how many there are is not the formula's to say. */
START_TEST(a_letter_for_sequences_is_asked_for)
{
#define COUNTED                                                                                                        \
    "sizes B T I H\nindex j in H; b in B\nlibrary lstm: f i \\tilde C o C h from W_f b_f W_i b_i W_C b_C W_o b_o\n"    \
    "loss L reads h_t\n\\mathrm d X means \\partial L / \\partial X"
    static const claim unsaid[] = { { "\\mathrm d f_{t,n,j} = \\mathrm d C_{t,n,j} C_{t-1,n,j}", "NOT READ" } };
    JUDGED(COUNTED, unsaid);
    static const claim said[] = { { "\\mathrm d f_{t,n,j} = \\mathrm d C_{t,n,j} C_{t-1,n,j}", "HOLDS" },
                                  { "\\mathrm d f_{t,n,j} = \\mathrm d C_{t,n,j} C_{t,n,j}", "FAILS" } };
    JUDGED(COUNTED "\nindex n in B", said);
    static const claim given[] = {
        /* W_v beside W: v is a part of its name */
        { "h_t = \\tanh(W x_t + W_v h_{t-1})", "DEFINES" },
        { "\\frac{\\partial L}{\\partial W_v} = \\sum_t ((1 - h_t^2) \\odot \\frac{\\partial L}{\\partial h_t}) "
          "h_{t-1}^\\top",
          "HOLDS" },
    };
    JUDGED("given x_t in R^I; W, W_v\nloss L reads h_t", given);
}
END_TEST

Suite *suite_accusations(void)
{
    Suite *suite = suite_create("accusations");
    TCase *tests = tcase_create("accusations");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, decorated_names_are_one_quantity);
    tcase_add_test(tests, a_failing_formula_concerns_no_other);
    tcase_add_test(tests, numbers_stay_moderate);
    tcase_add_test(tests, signs_are_read_so_that_they_fit);
    tcase_add_test(tests, layouts_are_tried);
    tcase_add_test(tests, misfits_are_no_accusation);
    tcase_add_test(tests, differences_cancel);
    tcase_add_test(tests, jacobians_of_a_sum_over_the_steps);
    tcase_add_test(tests, steps_after_the_element);
    tcase_add_test(tests, inner_products_are_asked_for);
    tcase_add_test(tests, sizes_of_one);
    tcase_add_test(tests, a_name_has_one_meaning);
    tcase_add_test(tests, what_students_write_is_read);
    tcase_add_test(tests, a_false_formula_leaves_the_others_alone);
    tcase_add_test(tests, a_matrix_called_B_is_no_batch);
    tcase_add_test(tests, a_letter_for_sequences_is_asked_for);
    tcase_add_test(tests, identities_of_functions);
    tcase_add_test(tests, elements_of_the_identity);
    tcase_add_test(tests, tables_with_a_step_beside);
    tcase_add_test(tests, products_that_run_down);
    tcase_add_test(tests, names_before_brackets_and_classes);
    tcase_add_test(tests, arguments_by_elements);
    tcase_add_test(tests, elements_in_brackets);
    suite_add_tcase(suite, tests);
    return suite;
}
