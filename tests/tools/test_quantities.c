/* Which signs of a document are one quantity, and which are several: squares, labels beside steps, functions of the
 * step and of indices, rows among columns. */
#include "judged.h"

/* A variance is given or defined as a square: one differentiates by it, and its even powers are its own. */
START_TEST(squares_that_are_given)
{
    static const claim list[] = {
        { "f = \\frac{q}{v^2} + \\log v^2", "DEFINES" },
        { "\\frac{\\partial f}{\\partial v^2} = \\frac{1}{v^2} - \\frac{q}{v^4}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial v^2} = \\frac{1}{v^2} - q (v^{-2})^2", "HOLDS" },
        { "\\frac{\\partial f}{\\partial v^2} = v^{-2} - q v^{-4}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial v^2} = \\frac{1}{v^2} - \\frac{q}{v^2}", "FAILS" },
        { "f = 2 \\log v + \\frac{v q}{v^3}", "HOLDS" },
    };
    JUDGED("given q in R; v^2 in R positive", list);
    static const claim greek[] = {
        { "g = \\sum_j \\log \\sigma_j^2 + \\kappa \\tau_a^2", "DEFINES" },
        { "\\frac{\\partial g}{\\partial \\tau_a^2} = \\kappa", "HOLDS" },
        { "\\frac{\\partial g}{\\partial \\tau_a^2} = 2 \\kappa \\tau_a", "FAILS" },
        { "\\sum_j \\log \\sigma_j = \\frac{1}{2} (g - \\kappa \\tau_a^2)", "HOLDS" },
    };
    JUDGED("sizes n\nindex j in n\ngiven \\sigma^2 in R^n; \\kappa, \\tau_a^2 in R", greek);
    static const claim steps[] = {
        { "f = \\sum_{t=1}^T (\\log \\sigma_t^2 + \\frac{e_t^2}{\\sigma_t^2})", "DEFINES" },
        { "\\frac{\\partial f}{\\partial \\sigma_t^2} = \\frac{1}{\\sigma_t^2} - \\frac{e_t^2}{\\sigma_t^4}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial e_t} = \\frac{2 e_t}{\\sigma_t^2}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial e_t} = \\frac{2 e_t}{\\sigma_t \\sigma_t}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial e_t} = \\frac{2 e_t}{\\sigma_t^4}", "FAILS" },
    };
    JUDGED("sizes T\ngiven e_t in R; \\sigma_t^2 in R positive", steps);
}
END_TEST

/* A recursion of squares from a given one: none of them is negative, at whatever step it stands. */
START_TEST(recursions_of_squares)
{
    static const claim list[] = {
        { "v_t^2 = a + b e_{t-1}^2 + c v_{t-1}^2", "DEFINES" },
        { "f = -\\frac{1}{2} \\sum_{t=1}^T (\\log v_t^2 + \\frac{e_t^2}{v_t^2})", "DEFINES" },
        { "\\frac{\\partial v_t^2}{\\partial c} = v_{t-1}^2 + c \\frac{\\partial v_{t-1}^2}{\\partial c}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial v_t^2} = \\frac{e_t^2 - v_t^2}{2 v_t^4} + c \\frac{\\partial f}{\\partial "
          "v_{t+1}^2}",
          "HOLDS" },
        { "\\frac{\\partial f}{\\partial v_t^2} = \\frac{e_t^2 - v_t^2}{v_t^4} + c \\frac{\\partial f}{\\partial "
          "v_{t+1}^2}",
          "FAILS" },
        { "v_1^2 = a + b e_0^2 + c v_0^2", "HOLDS" },
        { "\\log v_0^2 = 2 \\log v_0", "HOLDS" },
    };
    JUDGED("sizes T\ngiven e_t in R; a, b, c in R positive; v_0^2 in R", list);
    static const claim parts[] = {
        { "\\log s^2 = A h", "DEFINES" },
        { "z = s \\odot q", "DEFINES" },
        { "D = \\frac{1}{2} \\sum_{j=1}^d (s_j^2 - \\log s_j^2)", "DEFINES" },
        { "\\frac{\\partial D}{\\partial s_j^2} = \\frac{1}{2} (1 - \\frac{1}{s_j^2})", "HOLDS" },
        { "\\frac{\\partial D}{\\partial s_j^2} = \\frac{1}{2} (1 - \\frac{1}{s_j})", "FAILS" },
        { "\\frac{\\partial z_j}{\\partial s_j^2} = \\frac{q_j}{2 s_j}", "HOLDS" },
    };
    JUDGED("sizes d m\nindex j in d\ngiven A in R^{d \\times m}; h in R^m; q in R^d", parts);
}
END_TEST

/* By the root one differentiates too, and then it is the root that is given. */
START_TEST(roots_of_squares)
{
    static const claim list[] = {
        { "f = \\frac{q}{v^2} + \\log v^2", "DEFINES" },
        { "\\frac{\\partial f}{\\partial v} = \\frac{2}{v} - \\frac{2 q}{v^3}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial v} = \\frac{1}{v} - \\frac{2 q}{v^3}", "FAILS" },
    };
    JUDGED("given q in R; v^2 in R positive", list);
    static const claim given[] = {
        { "f = \\frac{q}{v^2} + \\log v^2", "DEFINES" },
        { "\\frac{\\partial f}{\\partial v^2} = \\frac{1}{v^2} - \\frac{q}{v^4}", "NOT READ: give or define $v^2$" },
    };
    JUDGED("given q in R; v in R positive", given);
}
END_TEST

/* a_{1,t} and a_{2,t} are two; a number beside the step of a given vector is an element's. */
START_TEST(numbers_beside_steps)
{
    static const claim list[] = {
        { "a_{1,t} = U h_t", "DEFINES" },
        { "a_{2,t} = V h_t + a_{1,t}", "DEFINES" },
        { "\\hat a_{1,t} = \\exp(a_{1,t})", "DEFINES" },
        { "f = \\sum_{t=1}^T \\sum_{j=1}^M (a_{2,t}^j)^2 \\hat a_{1,t}^j", "DEFINES" },
        { "\\frac{\\partial f}{\\partial a_{2,t}^j} = 2 a_{2,t}^j \\hat a_{1,t}^j", "HOLDS" },
        { "\\frac{\\partial f}{\\partial V} = \\sum_{t=1}^T \\frac{\\partial f}{\\partial a_{2,t}} h_t^\\top",
          "HOLDS" },
        { "\\frac{\\partial f}{\\partial V} = 2 \\sum_{t=1}^T \\frac{\\partial f}{\\partial a_{2,t}} h_t^\\top",
          "FAILS" },
        { "\\frac{\\partial f}{\\partial a_{1,t}^j} = \\frac{\\partial f}{\\partial a_{2,t}^j} + (a_{2,t}^j)^2 \\hat "
          "a_{1,t}^j",
          "HOLDS" },
        { "\\frac{\\partial f}{\\partial a_{1,t}^j} = \\frac{\\partial f}{\\partial a_{2,t}^j} + (a_{2,t}^j)^2",
          "FAILS" },
    };
    JUDGED("sizes T M N\nindex j in M\ngiven h_t in R^N; U, V in R^{M \\times N}", list);
    static const claim elements[] = {
        { "q_t = h_{t,1} h_{t+1,2} + (h_t)_1", "DEFINES" },
        { "f = \\sum_{t=1}^T q_t", "DEFINES" },
        { "q_t = (h_t)_1 (h_{t+1})_2 + h_{t,1}", "HOLDS" },
        { "q_t = (h_t)_1 (h_{t+1})_1 + h_{t,1}", "FAILS" },
    };
    JUDGED("sizes T\ngiven h_t in R^2", elements);
    static const claim given[] = {
        { "f = \\sum_{t=1}^T x_{1,t} x_{2,t}^2", "DEFINES" },
        { "\\frac{\\partial f}{\\partial x_{2,t}} = 2 x_{1,t} x_{2,t}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial x_{1,t}} = x_{1,t}^2", "FAILS" },
    };
    JUDGED("sizes T\ngiven x_{1,t}, x_{2,t} in R", given);
}
END_TEST

/* A function of the step and of indices only is a quantity with these. */
START_TEST(calls_of_indices)
{
    static const claim list[] = {
        { "\\phi(u, t) = \\sum_{k=1}^K a_t^k \\exp(-(b_t^k - u)^2)", "DEFINES" },
        { "s_t = \\sum_{u=1}^U \\phi(u, t) c_u", "DEFINES" },
        { "f = \\sum_{t=1}^T w^\\top s_t", "DEFINES" },
        { "\\frac{\\partial \\phi(u, t)}{\\partial b_t^k} = -2 a_t^k (b_t^k - u) \\exp(-(b_t^k - u)^2)", "HOLDS" },
        { "\\frac{\\partial \\phi(u, t)}{\\partial b_t^k} = 2 a_t^k (b_t^k - u) \\exp(-(b_t^k - u)^2)", "FAILS" },
        { "\\rho(k, t, u) = a_t^k \\exp(-(b_t^k - u)^2) (w^\\top c_u)", "DEFINES" },
        { "\\frac{\\partial f}{\\partial b_t^k} = 2 \\sum_{u=1}^U \\rho(k, t, u) (u - b_t^k)", "HOLDS" },
        { "\\frac{\\partial f}{\\partial b_t^k} = 2 \\sum_{u=1}^U \\rho(k, t, u)", "FAILS" },
    };
    JUDGED("sizes T U K N\nindex k in K; u in U\ngiven a_t, b_t in R^K; c in R^{U \\times N}; w in R^N", list);
}
END_TEST

/* The number beside quantities of the same letter. */
START_TEST(circles)
{
    static const claim list[] = {
        { "\\pi_k = \\frac{\\exp(s_k)}{\\sum_{l=1}^K \\exp(s_l)}", "DEFINES" },
        { "f = \\log \\sum_{k=1}^K \\frac{\\pi_k}{\\sqrt{2 \\pi}} g_k", "DEFINES" },
        { "f = -\\frac{1}{2} \\log 2\\pi + \\log \\sum_{k=1}^K \\pi_k g_k", "HOLDS" },
        { "f = -\\frac{1}{2} \\log \\pi_1 + \\log \\sum_{k=1}^K \\pi_k g_k", "FAILS" },
    };
    JUDGED("sizes K\nindex k, l in K\ngiven s in R^K; g in R^K positive", list);
    static const claim steps[] = {
        { "\\pi_t = \\exp(-x_t^2)", "DEFINES" },
        { "f = \\sum_{t=1}^T (\\pi_t^2 + \\log 2 \\pi - \\frac{x_t}{\\sqrt \\pi})", "DEFINES" },
        { "\\frac{\\partial f}{\\partial x_t} = -4 x_t \\pi_t^2 - \\frac{1}{\\sqrt \\pi}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial x_t} = -4 x_t \\pi_t^2 - \\frac{1}{\\sqrt{\\pi_t}}", "FAILS" },
    };
    JUDGED("sizes T\ngiven x_t in R", steps);
}
END_TEST

/* With steps up to n a given T is a matrix as any other, and stands above nothing but as the transpose. */
START_TEST(given_T)
{
    static const claim list[] = {
        { "h_t = T h_{t-1} + x_t", "DEFINES" },
        { "f = \\frac{1}{2} \\sum_{t=1}^n h_t^T h_t", "DEFINES" },
        { "\\frac{\\partial f}{\\partial h_t} = h_t + T^T \\frac{\\partial f}{\\partial h_{t+1}}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial h_t} = h_t + T \\frac{\\partial f}{\\partial h_{t+1}}", "FAILS: transposed" },
        { "\\frac{\\partial f}{\\partial h_n} = h_n", "HOLDS" },
        { "\\frac{\\partial f}{\\partial T} = \\sum_{t=1}^n \\frac{\\partial f}{\\partial h_t} h_{t-1}^T", "HOLDS" },
    };
    JUDGED("time t = 1, ..., n\nsizes m\ngiven x_t in R^m; T in R^{m \\times m}; h_0 in R^m", list);
}
END_TEST

/* A cut under which a derivative on the right is 0 at every step is no condition that an author could have meant; here
 * it is not 0 from the third step on only. */
START_TEST(cuts_that_show_late)
{
    static const claim list[] = {
        { "p_{t+1} = p_t (1 - p_t) + v", "DEFINES" },
        { "a_{t+1} = a_t + p_t e_t", "DEFINES" },
        { "f = \\sum_{t=1}^T a_t^2", "DEFINES" },
        { "\\frac{\\partial f}{\\partial v} = 2 \\sum_{t=1}^T a_t \\frac{\\partial a_t}{\\partial v}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial v} = \\sum_{t=1}^T a_t \\frac{\\partial a_t}{\\partial v}", "FAILS" },
    };
    JUDGED("sizes T\ngiven e_t in R; v, p_1, a_1 in R", list);
}
END_TEST

/* One row among columns is the transpose of a column; where vectors stand in front of matrices all of them are rows. */
START_TEST(rows_among_columns)
{
    static const claim list[] = {
        { "e_t = y_t - C s_t", "DEFINES" },
        { "G_t = C V C' + q", "DEFINES" },
        { "K_t = A V C' G_t^{-1}", "DEFINES" },
        { "s_{t+1} = A s_t + K_t e_t", "DEFINES" },
        { "f = \\frac{1}{2} \\sum_{t=1}^T \\frac{e_t^2}{G_t}", "DEFINES" },
        { "\\frac{\\partial s_{t+1}}{\\partial s_t} = A - K_t C", "HOLDS" },
        { "\\frac{\\partial s_{t+1}}{\\partial s_t} = A - C K_t", "FAILS" },
        { "\\frac{\\partial e_t}{\\partial s_t} = -C", "HOLDS" },
        { "\\frac{\\partial f}{\\partial s_t} = -C' \\frac{e_t}{G_t} + (A - K_t C)^\\top \\frac{\\partial f}{\\partial "
          "s_{t+1}}",
          "HOLDS" },
        { "\\frac{\\partial f}{\\partial s_t} = C' \\frac{e_t}{G_t} + (A - K_t C)^\\top \\frac{\\partial f}{\\partial "
          "s_{t+1}}",
          "FAILS: sign" },
        { "C V C' = \\operatorname{tr}(V C' C)", "HOLDS" },
        { "(C')_j = C_j", "HOLDS" },
    };
    JUDGED("sizes T m\nindex j in m\ngiven y_t in R; C in R^{1 \\times m}; A in R^{m \\times m}; s_1 in R^m\n"
           "given V in R^{m \\times m} symmetric; q in R positive",
           list);
    static const claim moved[] = {
        { "f = (c x)^2", "DEFINES" },
        { "\\frac{\\partial f}{\\partial c} = 2 (c x) x^\\top", "HOLDS" },
        { "\\frac{\\partial f}{\\partial x} = 2 (c x) c^\\top", "HOLDS" },
        { "\\frac{\\partial f}{\\partial x} = (c x) c^\\top", "FAILS" },
    };
    JUDGED("sizes n\ngiven c in R^{1 \\times n}; x in R^{n \\times 1}", moved);
    static const claim rows[] = {
        { "h_t = \\tanh(x_t W + h_{t-1} U + b)", "DEFINES" },
        { "f = \\sum_{t=1}^T h_t v^\\top", "DEFINES" },
        { "\\frac{\\partial f}{\\partial W} = \\sum_{t=1}^T x_t^\\top (\\frac{\\partial f}{\\partial h_t} \\odot (1 - "
          "h_t^2))",
          "HOLDS" },
    };
    JUDGED("sizes T m n\ngiven x_t in R^{1 \\times m}; W in R^{m \\times n}; U in R^{n \\times n}; b in R^{1 \\times "
           "n}; v in R^{1 \\times n}",
           rows);
}
END_TEST

/* f = w . h is a number to most authors, and its dot multiplies elements to some. */
START_TEST(dots_in_definitions)
{
    static const claim list[] = {
        { "h_t = \\tanh(W h_{t-1} + x_t)", "DEFINES" },
        { "s_t = w \\cdot h_t", "DEFINES" },
        { "f = \\sum_{t=1}^T s_t^2", "DEFINES" },
        { "\\frac{\\partial f}{\\partial w_j} = 2 \\sum_{t=1}^T s_t h_{t,j}", "HOLDS" },
        { "\\frac{\\partial f}{\\partial h_t} = 2 s_t w + W^\\top ((1 - h_{t+1}^2) \\odot \\frac{\\partial "
          "f}{\\partial h_{t+1}})",
          "HOLDS" },
        { "\\frac{\\partial f}{\\partial h_t} = s_t w + W^\\top ((1 - h_{t+1}^2) \\odot \\frac{\\partial "
          "f}{\\partial h_{t+1}})",
          "FAILS" },
        { "\\frac{\\partial s_t}{\\partial h_t} = w^\\top", "HOLDS" },
    };
    JUDGED("sizes T N\nindex j in N\ngiven x_t in R^N; w in R^N; W in R^{N \\times N}", list);
    static const claim entrywise[] = {
        { "c_t = a_t \\cdot c_{t-1} + b_t \\cdot u_t", "DEFINES" },
        { "f = \\sum_{t=1}^T \\|c_t\\|^2", "DEFINES" },
        { "\\frac{\\partial f}{\\partial c_t} = 2 c_t + a_{t+1} \\cdot \\frac{\\partial f}{\\partial c_{t+1}}",
          "HOLDS" },
        { "\\frac{\\partial f}{\\partial b_t} = \\frac{\\partial f}{\\partial c_t} \\cdot u_t", "HOLDS" },
        { "\\frac{\\partial f}{\\partial b_t} = \\frac{\\partial f}{\\partial c_t} \\cdot b_t", "FAILS" },
    };
    JUDGED("sizes T N\ngiven a_t, b_t, u_t in R^N", entrywise);
}
END_TEST

Suite *suite_quantities(void)
{
    Suite *suite = suite_create("quantities");
    TCase *tests = tcase_create("quantities");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, squares_that_are_given);
    tcase_add_test(tests, recursions_of_squares);
    tcase_add_test(tests, roots_of_squares);
    tcase_add_test(tests, numbers_beside_steps);
    tcase_add_test(tests, calls_of_indices);
    tcase_add_test(tests, circles);
    tcase_add_test(tests, given_T);
    tcase_add_test(tests, cuts_that_show_late);
    tcase_add_test(tests, rows_among_columns);
    tcase_add_test(tests, dots_in_definitions);
    suite_add_tcase(suite, tests);
    return suite;
}
