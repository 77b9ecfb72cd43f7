/* What authors leave to be understood: whole documents, each formula's verdict by its tag. */
#include "judged.h"

/* The derivative and powers of a function that the document defines. */
START_TEST(functions_of_the_document)
{
    static const claim list[] = {
        { "h(u) = \\tanh(u)", "DEFINES" },
        { "h'(u) = 1 - h(u)^2", "HOLDS" },
        { "h'(u) = 1 - h(u)", "FAILS" },
        { "E = \\sum_j h(a_j)", "DEFINES" },
        { "\\frac{\\partial E}{\\partial a_j} = h'(a_j)", "HOLDS" },
        { "\\frac{\\partial E}{\\partial a_j} = 1 - h(a_j)^2", "HOLDS" },
        { "\\frac{\\partial E}{\\partial a_j} = 1 - h(a_j^2)", "FAILS" },
    };
    JUDGED("sizes M\nindex j in M\ngiven a in R^M", list);
}
END_TEST

/* J(\theta) beside J^{(t)}(\theta), E beside E_n: two quantities; what stands in the bracket says nothing. */
START_TEST(the_whole_and_its_parts)
{
    static const claim steps[] = {
        { "J^{(t)}(\\theta) = CE(y^{(t)}, h^{(t)}) = \\|h^{(t)} - y^{(t)}\\|^2", "DEFINES" },
        { "J(\\theta) = \\frac1T \\sum_{t=1}^T J^{(t)}(\\theta)", "DEFINES" },
        { "\\frac{\\partial J^{(t)}}{\\partial h^{(t)}} = 2 (h^{(t)} - y^{(t)})", "HOLDS" },
        { "\\frac{\\partial J}{\\partial h^{(t)}} = \\frac2T (h^{(t)} - y^{(t)})", "HOLDS" },
        { "\\frac{\\partial J}{\\partial h^{(t)}} = 2 (h^{(t)} - y^{(t)})", "FAILS" },
        { "PP^{(t)} = \\exp(J^{(t)}(\\theta))", "DEFINES" },
        { "\\exp(J(\\theta)) = (\\prod_{t=1}^T PP^{(t)})^{1/T}", "HOLDS" },
    };
    JUDGED("sizes T H\ngiven x^{(t)} in R^H; y^{(t)} in R^H; W in R^{H \\times H}\nh^{(t)} = W x^{(t)}", steps);
    static const claim patterns[] = {
        { "E(w) = \\sum_{n=1}^N E_n(w)", "DEFINES" },
        { "E_n(w) = \\frac12 (y_n - d_n)^2", "DEFINES" },
        { "\\frac{\\partial E_n}{\\partial w_i} = (y_n - d_n) x_{ni}", "HOLDS" },
        { "\\nabla_w E(w) = \\sum_n \\nabla_w E_n(w)", "HOLDS" },
        { "\\nabla_w E(w) = \\frac1N \\sum_n \\nabla_w E_n(w)", "FAILS" },
    };
    JUDGED("sizes N D\nindex n in N; i in D\ngiven x in R^{N \\times D}; w in R^D; d in R^N\ny_n = \\sum_i w_i x_{ni}",
           patterns);
}
END_TEST

/* d_t = ... d_{t+1} ... is a claim where the text says below it what d is. */
START_TEST(recursions_before_their_definition)
{
    static const claim list[] = {
        { "d_t = W^\\top ((1 - h_{t+1}^2) \\odot d_{t+1}) + 2 h_t", "HOLDS" },
        { "d_t := \\frac{\\partial L}{\\partial h_t}", "DEFINES" },
        { "\\frac{\\partial L}{\\partial W} = \\sum_{t=1}^T (d_t \\odot (1 - h_t^2)) h_{t-1}^\\top", "HOLDS" },
    };
    JUDGED("sizes T H\ngiven x_t in R^H; W in R^{H \\times H}\nh_t = \\tanh(W h_{t-1} + x_t)\n"
           "L = \\sum_{t=1}^T \\|h_t\\|^2",
           list);
    static const claim wrong[] = {
        { "d_t = W^\\top ((1 - h_t^2) \\odot d_{t+1}) + 2 h_t", "FAILS" },
        { "d_t = \\frac{\\partial L}{\\partial h_t}", "DEFINES" },
    };
    JUDGED("sizes T H\ngiven x_t in R^H; W in R^{H \\times H}\nh_t = \\tanh(W h_{t-1} + x_t)\n"
           "L = \\sum_{t=1}^T \\|h_t\\|^2",
           wrong);
}
END_TEST

/* x_i is a row of X, or a column, as its range says; a small letter with a meaning of its own is not. */
START_TEST(rows_under_a_small_letter)
{
    static const claim rows[] = {
        { "J = \\frac1{2n} \\sum_{i=1}^n (x_i^\\top w - y_i)^2", "DEFINES" },
        { "\\frac{\\partial J}{\\partial w_j} = \\frac1n \\sum_{i=1}^n (x_i^\\top w - y_i) x_{ij}", "HOLDS" },
        { "\\frac{\\partial J}{\\partial w_j} = \\frac1n \\sum_{i=1}^n (x_i^\\top w - y_i)", "FAILS" },
        { "\\nabla_w J = \\frac1n X^\\top (X w - y)", "HOLDS" },
    };
    JUDGED("sizes n d\nindex i in n; j in d\ngiven X in R^{n \\times d}; y in R^n; w in R^d", rows);
    static const claim columns[] = {
        { "J = \\sum_{i=1}^m (w^\\top x^{(i)} - y_i)^2", "DEFINES" },
        { "\\nabla_w J = 2 \\sum_{i=1}^m (w^\\top x^{(i)} - y_i) x^{(i)}", "HOLDS" },
        { "\\nabla_w J = 2 X (X^\\top w - y)", "HOLDS" },
        { "\\nabla_w J = \\sum_{i=1}^m (w^\\top x^{(i)} - y_i) x^{(i)}", "FAILS" },
    };
    JUDGED("sizes m d\nindex i in m\ngiven X in R^{d \\times m}; y in R^m; w in R^d", columns);
    static const claim own[] = {
        { "x_i = 2 X_{i,i}", "DEFINES" },
        { "\\sum_i x_i = 2 \\operatorname{tr}(X)", "HOLDS" },
    };
    JUDGED("sizes n\nindex i in n\ngiven X in R^{n \\times n}", own);
}
END_TEST

/* "We write \bar M = \partial L / \partial M" is what `means` says in a setup. */
START_TEST(a_shorthand_in_the_text)
{
    static const claim list[] = {
        { "\\bar M = \\partial L / \\partial M", "" }, { "\\bar Z = \\bar A \\odot (1 - A \\odot A)", "HOLDS" },
        { "\\bar W = X^\\top \\bar Z", "HOLDS" },      { "\\bar W = \\bar Z X", "FAILS" },
        { "\\bar X = \\bar Z W^\\top", "HOLDS" },
    };
    JUDGED("sizes n d h\ngiven X in R^{n \\times d}; W in R^{d \\times h}\nZ = X W\nA = \\tanh(Z)\nloss L reads A",
           list);
}
END_TEST

/* A row of softmax: ones of whatever size fits on both sides; gradients at a point; errors called e. */
START_TEST(ones_points_and_errors)
{
    static const claim rows[] = {
        { "\\frac{\\partial L}{\\partial S} = A \\odot (G - (G \\odot A) \\mathbf 1 \\mathbf 1^\\top)", "HOLDS" },
        { "\\frac{\\partial L}{\\partial S} = A \\odot (G - \\mathbf 1 \\mathbf 1^\\top (G \\odot A))", "FAILS" },
    };
    JUDGED("sizes n m\ngiven S in R^{n \\times m}\nA = \\mathrm{softmax}(S)\nloss L reads A\nG = \\partial L / "
           "\\partial A",
           rows);
    static const claim descent[] = {
        { "f(u) = \\frac12 u^\\top A u - b^\\top u", "DEFINES" },
        { "q_t = q_{t-1} - \\eta \\nabla f(q_{t-1})", "DEFINES" },
        { "\\frac{\\partial q_t}{\\partial q_{t-1}} = I - \\eta A", "HOLDS" },
        { "\\frac{\\partial q_t}{\\partial q_{t-1}} = I - A", "FAILS" },
    };
    JUDGED("sizes T n\ngiven A in R^{n \\times n} symmetric; b in R^n; \\eta in (0,1)", descent);
    static const claim errors[] = {
        { "e_l(t) = d_l(t) - o_l(t)", "DEFINES" },
        { "E = \\frac12 \\sum_{t=1}^T \\sum_l e_l(t)^2", "DEFINES" },
        { "\\frac{\\partial E}{\\partial o_l(t)} = -e_l(t)", "HOLDS" },
        { "\\frac{\\partial E}{\\partial o_l(t)} = e_l(t)", "FAILS" },
    };
    JUDGED("sizes T P\nindex l in P\ngiven d_l(t) in R^P; o_l(t) in R^P", errors);
}
END_TEST

/* W X + b, of a batch that is written out: b is added to each column, or to each row. */
START_TEST(batches_written_out)
{
    static const claim columns[] = {
        { "H_t = \\tanh(W X_t + U H_{t-1} + b)", "DEFINES" },
        { "P = V H_T + c", "DEFINES" },
        { "J = \\frac{1}{N H} \\sum_{n=1}^N \\sum_{j=1}^H (P_{jn} - Y_{jn})^2", "DEFINES" },
        { "\\frac{\\partial J}{\\partial P} = \\frac{2}{N H} (P - Y)", "HOLDS" },
        { "\\frac{\\partial J}{\\partial c} = \\frac{2}{N H} (P - Y) \\mathbf 1_N", "HOLDS" },
        { "\\frac{\\partial J}{\\partial c} = \\frac{2}{N H} (P - Y)", "FAILS" },
        { "\\frac{\\partial J}{\\partial b} = \\sum_t (\\frac{\\partial J}{\\partial H_t} \\odot (1 - H_t^2)) \\mathbf "
          "1_N",
          "HOLDS" },
        { "\\frac{\\partial J}{\\partial P} = \\frac{2}{N} (P - Y)", "FAILS" },
    };
    JUDGED("sizes T N D M H\ngiven X_t in R^{D \\times N}; c in R^H; Y in R^{H \\times N}; W in R^{M \\times D}; V in "
           "R^{H "
           "\\times M}",
           columns);
    static const claim rows[] = {
        { "H_t = \\tanh(X_t W + H_{t-1} U + b)", "DEFINES" },
        { "J = \\|H_T - Y\\|_F^2", "DEFINES" },
        { "\\frac{\\partial J}{\\partial b} = \\sum_t \\mathbf 1_N^\\top (\\frac{\\partial J}{\\partial H_t} \\odot (1 "
          "- "
          "H_t^2))",
          "HOLDS" },
    };
    JUDGED("sizes T N D M\ngiven X_t in R^{N \\times D}; Y in R^{N \\times M}; W in R^{D \\times M}", rows);
}
END_TEST

/* P_{kn}, X in R^{D x B}: with a sequence in each column its number stands behind the element's. */
START_TEST(sequences_in_columns)
{
    static const claim list[] = {
        { "P_t = V X_t", "DEFINES" },
        { "X_t \\in \\mathbb R^{D \\times B}", "HOLDS" },
        { "X_t \\in \\mathbb R^{B \\times D}", "HOLDS" },
        { "X_t \\in \\mathbb R^{K \\times B}", "FAILS" },
        { "J = \\sum_{n=1}^B \\sum_{k=1}^K (P_{T,kn} - Y_{kn})^2", "DEFINES" },
        { "\\frac{\\partial J}{\\partial P_{T,kn}} = 2 (P_{T,kn} - Y_{kn})", "HOLDS" },
        { "\\frac{\\partial J}{\\partial P_{T,nk}} = 2 (P_{T,nk} - Y_{nk})", "HOLDS" },
        { "\\frac{\\partial J}{\\partial P_T} = P_T - Y", "FAILS" },
    };
    JUDGED("sizes B T D K\nindex k in K; n in B\ngiven X_t in R^D; Y in R^K per sample; V in R^{K \\times D}\n"
           "convention columns",
           list);
}
END_TEST

/* The sum to K says how long the softmax is; y in \delta_y is a label though y is a class. */
START_TEST(labels_of_the_output)
{
    static const claim list[] = {
        { "z_y^{(t)} = W_{yh} h^{(t)} + b_y", "DEFINES" },
        { "p^{(t)} = \\mathrm{softmax}(z_y^{(t)})", "DEFINES" },
        { "L = -\\sum_{t=1}^T \\sum_{k=1}^K y_k^{(t)} \\log p_k^{(t)}", "DEFINES" },
        { "\\delta_y^{(t)} = \\frac{\\partial L}{\\partial z_y^{(t)}}", "DEFINES" },
        { "\\delta_y^{(t)} = p^{(t)} - y^{(t)}", "HOLDS" },
        { "\\delta_y^{(t)} = y^{(t)} - p^{(t)}", "FAILS" },
        { "\\frac{\\partial L}{\\partial W_{yh}} = \\sum_{t=1}^T \\delta_y^{(t)} (h^{(t)})^\\top", "HOLDS" },
    };
    JUDGED("sizes T H K\ngiven h^{(t)} in R^H; y^{(t)} in R^K one-hot", list);
}
END_TEST

/* \theta \leftarrow \theta - \eta g says nothing that could be false; what stands behind a further = does. */
START_TEST(updates)
{
    static const claim list[] = {
        { "J(w) = \\frac12 w^\\top A w + \\frac{\\lambda}2 \\|w\\|^2", "DEFINES" },
        { "w \\leftarrow w - \\eta \\nabla J(w)", "DECLARES: an update" },
        { "w \\leftarrow (1 - \\eta \\lambda) w - \\eta A w", "DECLARES: an update" },
        { "w \\leftarrow w - \\eta \\nabla J(w) = (1 - \\eta \\lambda) w - \\eta A w", "HOLDS" },
        { "w \\leftarrow w - \\eta \\nabla J(w) = (1 - \\lambda) w - \\eta A w", "FAILS" },
        { "w \\leftarrow A w", "NOT READ" },
        { "J \\leftarrow J + w^\\top w", "NOT READ" },
    };
    JUDGED("sizes n\ngiven A in R^{n \\times n} symmetric; w in R^n; \\eta, \\lambda positive", list);
}
END_TEST

/* d_T = ... is where d_t = ... d_{t+1} begins, and h_1 where h_t = f(h_{t-1}) does. */
START_TEST(recursions_with_a_beginning)
{
    static const claim list[] = {
        { "h_1 = \\tanh(W x_1)", "DEFINES" },
        { "h_t = \\tanh(W x_t + U h_{t-1})", "DEFINES" },
        { "d_T = g_T", "DEFINES" },
        { "d_t = g_t + U^\\top ((1 - h_{t+1}^2) \\odot d_{t+1})", "DEFINES" },
        { "\\frac{\\partial L}{\\partial h_t} = d_t", "HOLDS" },
        { "\\frac{\\partial L}{\\partial h_t} = 2 d_t", "FAILS" },
        { "\\frac{\\partial L}{\\partial U} = \\sum_{t=2}^T ((1 - h_t^2) \\odot d_t) h_{t-1}^\\top", "HOLDS" },
        { "d_T = 0", "FAILS" },
    };
    JUDGED("sizes T D H\ngiven x_t in R^D; W in R^{H \\times D}; U in R^{H \\times H}\nloss L reads h_t direct g_t",
           list);
}
END_TEST

/* h_t \leftarrow ... is an equation where nothing overwrites it. */
START_TEST(assignments)
{
    static const claim list[] = {
        { "a_t \\leftarrow W s_{t-1} + x_t", "DEFINES" },
        { "s_t \\leftarrow \\tanh(a_t)", "DEFINES" },
        { "\\frac{\\partial s_t}{\\partial a_t} = \\operatorname{diag}(1 - s_t^2)", "HOLDS" },
        { "\\mathrm dx_t \\leftarrow (1 - s_t^2) \\odot \\mathrm ds_t", "HOLDS" },
        { "\\mathrm da_t \\leftarrow s_t^2 \\odot \\mathrm ds_t", "FAILS" },
        { "E \\leftarrow \\sum_t \\|s_t\\|^2", "DEFINES" },
        { "\\frac{\\partial E}{\\partial s_T} = 2 s_T", "HOLDS" },
        { "v_T \\leftarrow 2 s_T", "DEFINES" },
        { "W \\leftarrow 2 I", "NOT READ: an assignment changes a quantity" },
        { "m \\leftarrow s_t", "NOT READ: an assignment changes a quantity" },
        { "\\theta = (W, s_0)", "DECLARES: one name for a list of quantities" },
        { "W \\theta = \\theta", "NOT READ" },
        { "q_t = 2 x_t", "DEFINES" },
        { "q_t \\leftarrow \\tanh(q_t)", "NOT READ: an assignment changes a quantity" },
        { "r_t \\leftarrow x_t", "NOT READ: an assignment changes a quantity" },
        { "r_t \\leftarrow 3 x_t", "NOT READ: an assignment changes a quantity" },
    };
    JUDGED("sizes T n\ngiven W in R^{n \\times n}; x_t in R^n\nloss L reads s_t\n\\mathrm d X means \\partial L / "
           "\\partial X",
           list);
}
END_TEST

/* \vec{1} is a vector of ones; numerator layout where no chain shows it: a column in front of a row. */
START_TEST(rows_behind_columns)
{
    static const claim rows[] = {
        { "z = W x", "DEFINES" },
        { "\\frac{\\partial L}{\\partial W} = x \\frac{\\partial L}{\\partial z}", "HOLDS IF: numerator layout" },
        { "\\frac{\\partial L}{\\partial W} = 2 x \\frac{\\partial L}{\\partial z}", "FAILS" },
        { "\\frac{\\partial (w - x)}{\\partial x} = \\operatorname{diag}(-\\vec{1})", "HOLDS" },
        { "\\frac{\\partial (w - x)}{\\partial x} = \\operatorname{diag}(\\vec{1})", "FAILS" },
        { "\\frac{\\partial z}{\\partial w} = \\vec 0", "HOLDS" },
    };
    JUDGED("sizes n m\ngiven x, w in R^n; W in R^{m \\times n}\nloss L reads z", rows);
    static const claim both[] = {
        { "z = W x", "DEFINES" },
        { "\\frac{\\partial L}{\\partial x} = W^\\top \\frac{\\partial L}{\\partial z}", "HOLDS" },
        { "\\frac{\\partial L}{\\partial W} = x \\frac{\\partial L}{\\partial z}", "FAILS" },
    };
    JUDGED("sizes n m\ngiven x in R^n; W in R^{m \\times n}\nloss L reads z", both);
}
END_TEST

Suite *suite_authors(void)
{
    Suite *suite = suite_create("authors");
    TCase *tests = tcase_create("authors");
    tcase_add_checked_fixture(tests, start, finish);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, functions_of_the_document);
    tcase_add_test(tests, the_whole_and_its_parts);
    tcase_add_test(tests, recursions_before_their_definition);
    tcase_add_test(tests, rows_under_a_small_letter);
    tcase_add_test(tests, a_shorthand_in_the_text);
    tcase_add_test(tests, ones_points_and_errors);
    tcase_add_test(tests, batches_written_out);
    tcase_add_test(tests, sequences_in_columns);
    tcase_add_test(tests, labels_of_the_output);
    tcase_add_test(tests, updates);
    tcase_add_test(tests, recursions_with_a_beginning);
    tcase_add_test(tests, assignments);
    tcase_add_test(tests, rows_behind_columns);
    suite_add_tcase(suite, tests);
    return suite;
}
