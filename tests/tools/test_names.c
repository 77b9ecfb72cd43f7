/* Names, indices and lines of a setup as authors and new users write them. */
#include "judged.h"

/* Lines as a new user writes them: a comma between quantities, a loss that is said what it is. */
START_TEST(setups)
{
    const claim network[] = {
        { "o_t = V x_t", "DEFINES" },
        { "p_t = \\operatorname{softmax}(o_t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial o_t} = p_t - y_t", "HOLDS" },
        { "\\frac{\\partial L}{\\partial V} = \\sum_t (p_t - y_t) x_t^\\top", "HOLDS" },
        { "\\frac{\\partial L}{\\partial V} = \\sum_t (y_t - p_t) x_t^\\top", "FAILS" },
    };
    JUDGED("sizes T I K\ngiven x_t in R^I, y_t in R^K one-hot\nloss L = -\\sum_t \\sum_k y_{t,k} \\log p_{t,k}",
           network);
}
END_TEST

/* \sum_i w_{ji} x_i: what one letter counts is of one length, also where nobody declares it. */
START_TEST(lengths)
{
    const claim network[] = {
        { "s_j(t) = \\tanh(a_j(t))", "DEFINES" },
        { "a_j(t) = \\sum_i w_{ji} x_i(t) + \\sum_h u_{jh} s_h(t-1)", "DEFINES" },
        { "o_k(t) = \\sum_j v_{kj} s_j(t)", "DEFINES" },
        { "\\frac{\\partial L}{\\partial v_{kj}} = \\sum_t \\frac{\\partial L}{\\partial o_k(t)} s_j(t)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial u_{jh}} = \\sum_t \\frac{\\partial L}{\\partial a_j(t)} s_h(t-1)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial u_{jh}} = \\sum_t \\frac{\\partial L}{\\partial a_h(t)} s_j(t-1)", "FAILS" },
    };
    JUDGED("given x_t in R^I\nloss L reads o_t", network);
}
END_TEST

/* j' in a subscript is an index, and no transpose; h_t' in a product is one. */
START_TEST(primed_indices)
{
    const claim network[] = {
        { "h_{t,i} = \\tanh(a_{t,i}), \\qquad a_t = W x_t + U h_{t-1}", "DEFINES" },
        { "\\frac{\\partial L}{\\partial U_{i'j'}} = \\sum_t \\frac{\\partial L}{\\partial a_{t,i'}} h_{t-1,j'}",
          "HOLDS" },
        { "\\frac{\\partial h_{t,i}}{\\partial h_{t-1,i'}} = (1 - h_{t,i}^2) U_{ii'}", "HOLDS" },
        { "\\frac{\\partial h_{t,i}}{\\partial h_{t-1,i'}} = (1 - h_{t,i}^2) U_{i'i}", "FAILS" },
        { "(U U')_{ii'} = \\sum_k U_{ik} U_{i'k}", "HOLDS" },
        { "h_t' h_t = \\sum_{i'} h_{t,i'}^2", "HOLDS" },
    };
    JUDGED("given x_t in R^I; W in R^{H x I}; U in R^{H x H}\nloss L reads h_t", network);
}
END_TEST

/* What a brace's label names is a definition where other formulas use it, and a remark elsewhere. */
START_TEST(labels_of_braces)
{
    const claim network[] = {
        { "h_t = \\tanh(\\underbrace{W h_{t-1} + U x_t}_{z_t} + b)", "DEFINES" },
        { "\\delta_t = \\frac{\\partial L}{\\partial z_t}", "DEFINES" },
        { "\\frac{\\partial L}{\\partial U} = \\sum_t \\underbrace{\\frac{\\partial L}{\\partial h_t} \\odot (1 - "
          "h_t^2)}_{\\delta_t} x_t^\\top",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\delta_t h_{t-1}^\\top", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\delta_t x_t^\\top", "FAILS" },
        { "\\frac{\\partial h_t}{\\partial z_t} = \\underbrace{\\operatorname{diag}(1 - h_t^2)}_{\\text{diagonal}}",
          "HOLDS" },
    };
    JUDGED("given x_t in R^I\nloss L reads h_t", network);
}
END_TEST

/* \delta_t = ... behind \delta_T = ...: a definition of the others. */
START_TEST(last_step_first)
{
    const claim network[] = {
        { "h_t = \\tanh(W x_t + U h_{t-1})", "DEFINES" },
        { "\\delta_T = \\frac{\\partial L}{\\partial h_T}", "DEFINES" },
        { "\\delta_t = \\frac{\\partial L}{\\partial h_t}", "DEFINES" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t (\\delta_t \\odot (1 - h_t^2)) x_t^\\top", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\delta_t x_t^\\top", "FAILS" },
    };
    JUDGED("given x_t in R^I\nloss L reads h_t", network);
}
END_TEST

/* Elements under another name, whatever \Delta u is; W^+ is a name, and avg a function, where the text says so. */
START_TEST(names_that_the_text_gives)
{
    static const claim list[] = {
        { "h_j(t) = \\tanh(\\sum_{l=1}^m u_{jl} h_l(t-1))", "DEFINES" },
        { "E = \\sum_t \\sum_j h_j(t)^2", "DEFINES" },
        { "\\Delta u_{jl} := -\\eta \\frac{\\partial E}{\\partial u_{jl}}", "DEFINES" },
        { "\\mathbf U = (u_{jl})", "DECLARES" },
        { "\\frac{\\partial \\mathbf h(t)}{\\partial \\mathbf h(t-1)} = \\operatorname{diag}(1 - \\mathbf h(t)^2) "
          "\\mathbf U",
          "HOLDS" },
        { "\\frac{\\partial \\mathbf h(t)}{\\partial \\mathbf h(t-1)} = -\\mathbf U", "FAILS" },
        { "U^+ = U - \\eta \\frac{\\partial E}{\\partial U}", "DEFINES" },
        { "U^+ - U = -\\eta \\frac{\\partial E}{\\partial U}", "HOLDS" },
        { "U^+ - U = \\eta \\frac{\\partial E}{\\partial U}", "FAILS" },
    };
    JUDGED("sizes T m\nindex j, l in m\ngiven h(0) in R^m; U in R^{m \\times m}; \\eta in R", list);
    static const claim words[] = {
        { "\\operatorname{avg}(v) = \\frac1d \\mathbf 1^\\top v", "DEFINES" },
        { "u = a - \\operatorname{avg}(a) \\mathbf 1", "DEFINES" },
        { "\\frac{\\partial u}{\\partial a} = I - \\frac1d \\mathbf 1 \\mathbf 1^\\top", "HOLDS" },
        { "\\frac{\\partial (\\operatorname{avg}(a) \\mathbf 1)}{\\partial a} = \\frac1d \\mathbf 1 \\mathbf 1^\\top",
          "HOLDS" },
        { "\\frac{\\partial u}{\\partial a} = \\frac1d \\mathbf 1 \\mathbf 1^\\top", "FAILS" },
    };
    JUDGED("sizes d\ngiven a in R^d", words);
}
END_TEST

/* What the setup holds may be a square; a Jacobian of one sequence is that of each. */
START_TEST(held_squares_and_samples)
{
    static const claim held[] = {
        { "\\mu = \\frac1m \\sum_i x_i", "DEFINES" },
        { "\\sigma_B^2 = \\frac1m \\sum_i (x_i - \\mu)^2", "DEFINES" },
        { "y_i = \\frac{x_i - \\mu}{\\sqrt{\\sigma_B^2 + c}}", "DEFINES" },
        { "\\frac{\\partial y_i}{\\partial x_i} = \\frac{1}{\\sqrt{\\sigma_B^2 + c}}", "HOLDS" },
        { "\\frac{\\partial y_i}{\\partial x_i} = \\frac{1}{\\sigma_B^2 + c}", "FAILS" },
    };
    JUDGED("sizes m\nindex i in m\ngiven x in R^m; c positive\nhold \\mu, \\sigma_B^2 fixed", held);
    static const claim samples[] = {
        { "m = \\frac1d \\sum_j a_j", "DEFINES" },
        { "s = \\sqrt{\\frac1d \\sum_j (a_j - m)^2 + c}", "DEFINES" },
        { "z = \\frac{a - m \\mathbf 1}{s}", "DEFINES" },
        { "\\frac{\\partial z}{\\partial a} = \\frac1s (I - \\frac1d \\mathbf 1 \\mathbf 1^\\top - \\frac1d z z^\\top)",
          "HOLDS" },
        { "\\frac{\\partial z}{\\partial a} = \\frac1s (I - \\frac1d z z^\\top)", "FAILS" },
    };
    JUDGED("sizes B d\nindex j in d; b in B\ngiven a in R^d per sample; c in R positive", samples);
}
END_TEST

/* A prime on a bracket, on ones or on a given matrix is a transpose; what is side by side binds more than \otimes. */
START_TEST(primes_of_statisticians)
{
    static const claim list[] = {
        { "(A X)' C = X' A' C", "HOLDS" },
        { "\\operatorname{tr}(A' A) = (\\operatorname{vec} A)' \\operatorname{vec} A", "HOLDS" },
        { "\\frac{\\partial \\operatorname{vec}(A X)}{\\partial (\\operatorname{vec} X)'} = I_p \\otimes A", "HOLDS" },
        { "\\phi = \\frac12 \\|A X - C\\|_F^2", "DEFINES" },
        { "\\frac{\\partial \\phi}{\\partial X} = A' (A X - C)", "HOLDS" },
        { "\\frac{\\partial \\phi}{\\partial X} = A (A X - C)", "FAILS" },
        { "\\frac{\\partial^2 \\phi}{\\partial \\operatorname{vec} X \\, \\partial (\\operatorname{vec} X)'} = I_p "
          "\\otimes A' A",
          "HOLDS" },
        { "\\frac{\\partial^2 \\phi}{\\partial \\operatorname{vec} X \\, \\partial (\\operatorname{vec} X)'} = A' A "
          "\\otimes I_p",
          "FAILS" },
        { "1_m' A z = \\sum_i (A z)_i", "HOLDS" },
    };
    JUDGED(
        "sizes m n p\nindex i in m\ngiven A in R^{m \\times n}; X in R^{n \\times p}; C in R^{m \\times p}; z in R^n",
        list);
}
END_TEST

/* Layers of examples in columns, one row of targets, and the sums of programs. */
START_TEST(examples_in_columns)
{
    static const claim list[] = {
        { "Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}", "DEFINES" },
        { "A^{[0]} = X", "DEFINES" },
        { "A^{[1]} = \\tanh(Z^{[1]})", "DEFINES" },
        { "A^{[2]} = \\sigma(Z^{[2]})", "DEFINES" },
        { "J = -\\frac1m \\sum_{i=1}^m \\left( y^{(i)} \\log a^{[2](i)} + (1 - y^{(i)}) \\log(1 - a^{[2](i)}) \\right)",
          "DEFINES" },
        { "\\frac{\\partial J}{\\partial Z^{[2]}} = \\frac1m (A^{[2]} - Y)", "HOLDS" },
        { "\\frac{\\partial J}{\\partial W^{[2]}} = \\frac1m (A^{[2]} - Y) A^{[1]T}", "HOLDS" },
        { "\\frac{\\partial J}{\\partial W^{[2]}} = (A^{[2]} - Y) A^{[1]T}", "FAILS" },
        { "\\frac{\\partial J}{\\partial b^{[2]}} = \\frac1m \\text{np.sum}(A^{[2]} - Y, \\text{axis}=1, "
          "\\text{keepdims=True})",
          "HOLDS" },
    };
    JUDGED(
        "sizes n_0 n_1 n_2=1 m\nlabels l = 1, 2\nindex i in m\ngiven X in R^{n_0 \\times m}; Y in R^{1 \\times m} zero "
        "or one; W^{[l]} in R^{n_l \\times n_{l-1}}; b^{[l]} in R^{n_l}",
        list);
}
END_TEST

/* What a sign or a letter means where the setup or the text says it. */
START_TEST(signs_and_letters)
{
    static const claim filter[] = {
        { "\\hat x_t^- = A \\hat x_{t-1}", "DEFINES" },
        { "\\nu_t = y_t - C \\hat x_t^-", "DEFINES" },
        { "\\hat x_t = \\hat x_t^- + K \\nu_t", "DEFINES" },
        { "J = \\frac12 \\sum_{t=1}^T \\nu_t^\\top \\nu_t", "DEFINES" },
        { "\\frac{\\partial \\hat x_t}{\\partial \\hat x_{t-1}} = (I_n - K C) A", "HOLDS" },
        { "\\frac{\\partial \\hat x_t}{\\partial \\hat x_{t-1}} = A - K C", "FAILS" },
    };
    JUDGED("sizes T n m\ngiven y_t in R^m; A in R^{n \\times n}; C in R^{m \\times n}; K in R^{n \\times m}", filter);
    static const claim patterns[] = {
        { "y_n = \\sigma(w^\\top x_n)", "DEFINES" },
        { "E = -\\sum_n (t_n \\ln y_n + (1 - t_n) \\ln(1 - y_n))", "DEFINES" },
        { "\\nabla E = \\sum_n (y_n - t_n) x_n", "HOLDS" },
        { "\\nabla \\nabla E = \\sum_n y_n (1 - y_n) x_n x_n^\\top", "HOLDS" },
        { "\\nabla \\nabla E = \\sum_n y_n (1 - y_n) x_n", "FAILS" },
    };
    JUDGED("sizes N D\ntime s\nindex n in N\ngiven X in R^{N \\times D}; w in R^D; t in R^N in (0,1)\n"
           "\\nabla X means \\partial X / \\partial w\n\\nabla \\nabla X means \\nabla_w^2 X",
           patterns);
    static const claim classes[] = {
        { "a_{nk} = w_k^\\top \\phi_n", "DEFINES" },
        { "y_{nk} = \\frac{\\exp(a_{nk})}{\\sum_j \\exp(a_{nj})}", "DEFINES" },
        { "E = -\\sum_n \\sum_k t_{nk} \\ln y_{nk}", "DEFINES" },
        { "\\frac{\\partial E}{\\partial a_{nj}} = y_{nj} - t_{nj}", "HOLDS" },
        { "\\frac{\\partial E}{\\partial w_j} = \\sum_n (y_{nj} - t_{nj}) \\phi_n", "HOLDS" },
        { "\\frac{\\partial E}{\\partial w_j} = \\sum_n (t_{nj} - y_{nj}) \\phi_n", "FAILS" },
    };
    JUDGED(
        "sizes N M K\ntime s\nindex n in N; j, k in K\ngiven \\Phi in R^{N \\times M}; w_k in R^M; T in R^{N \\times "
        "K} one-hot",
        classes);
    static const claim units[] = {
        { "s_i^{(t)} = f_i s_i^{(t-1)} + e_i^{(t)}", "DEFINES" },
        { "\\frac{\\partial s_i^{(t)}}{\\partial s_i^{(k)}} = \\prod_{m=k+1}^t f_i, \\quad k < t", "HOLDS" },
        { "\\frac{\\partial s_i^{(t+1)}}{\\partial e_i^{(t+1)}} = 1", "HOLDS" },
        { "\\frac{\\partial s_i^{(t)}}{\\partial s_i^{(k)}} = f_i, \\quad k < t", "FAILS" },
    };
    JUDGED("sizes H\nindex i in H\ngiven e^{(t)} in R^H; f in R^H", units);
}
END_TEST

/* A transposed gradient is none where others have the shape of their matrices; a bound that overflows is one. */
START_TEST(one_layout)
{
    static const claim list[] = {
        { "h_t = \\tanh(W x_t + U h_{t-1})", "DEFINES" },
        { "y_t = V h_t", "DEFINES" },
        { "L = \\frac12 \\sum_t \\|y_t - d_t\\|^2", "DEFINES" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_t \\left( \\frac{\\partial L}{\\partial h_t} \\odot (1 - h_t^2) "
          "\\right) "
          "x_t^\\top",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial h_T} = \\frac{\\partial L}{\\partial y_T} \\frac{\\partial y_T}{\\partial "
          "h_T}",
          "HOLDS" },
        { "\\frac{\\partial L}{\\partial V} = \\sum_t h_t (y_t - d_t)^\\top", "HOLDS IF" },
        { "\\|h_t\\|^2 \\le \\exp(1000 + \\exp(\\|x_t\\|^2 + 7))", "HOLDS" },
    };
    JUDGED("sizes T I H O\ngiven x_t in R^I; d_t in R^O", list);
}
END_TEST

/* A size with a word below; E and \mathcal E, both defined, are two. */
START_TEST(words_below_and_scripts)
{
    static const claim list[] = {
        { "h = \\tanh(W x)", "DEFINES" },
        { "E = \\frac{1}{2 N_{in}} \\|h\\|^2", "DEFINES" },
        { "\\mathcal E = \\sum_i h_i", "DEFINES" },
        { "\\frac{\\partial E}{\\partial h} = \\frac{1}{N_{\\mathrm{in}}} h", "HOLDS" },
        { "\\frac{\\partial E}{\\partial h} = h", "FAILS" },
        { "\\frac{\\partial \\mathcal{E}}{\\partial h_i} = 1", "HOLDS" },
        { "\\frac{\\partial \\mathcal{E}}{\\partial h} = h", "FAILS" },
    };
    JUDGED("sizes N_{in} n_h\nindex i in n_h\ngiven x in R^{N_{in}}; W in R^{n_h \\times N_{in}}", list);
}
END_TEST

Suite *suite_names(void)
{
    Suite *s = suite_create("names");
    TCase *t = tcase_create("documents");
    tcase_add_checked_fixture(t, start, finish);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, setups);
    tcase_add_test(t, lengths);
    tcase_add_test(t, primed_indices);
    tcase_add_test(t, labels_of_braces);
    tcase_add_test(t, last_step_first);
    tcase_add_test(t, names_that_the_text_gives);
    tcase_add_test(t, held_squares_and_samples);
    tcase_add_test(t, primes_of_statisticians);
    tcase_add_test(t, examples_in_columns);
    tcase_add_test(t, signs_and_letters);
    tcase_add_test(t, one_layout);
    tcase_add_test(t, words_below_and_scripts);
    suite_add_tcase(s, t);
    return s;
}
