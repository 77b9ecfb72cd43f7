/* What the checker says of false claims: the mistake's pattern, the smallest counterexample, the missing term, the
 * graph. Documents are written for one mistake each. */
#include "test.h"

#include "judge.h"
#include "reader.h"
#include "report.h"

#include <math.h>
#include <string.h>

#define LSTM_SETUP                                                                                                     \
    "```eddy\n"                                                                                                        \
    "sizes B T I H\n"                                                                                                  \
    "labels g = i, f, C, o\n"                                                                                          \
    "given x_t in R^I\n"                                                                                               \
    "library lstm: f i \\tilde{C} o C h from W_f b_f W_i b_i W_C b_C W_o b_o\n"                                        \
    "loss L reads h_t direct \\hat{g}_t, maybe C_T direct \\kappa\n"                                                   \
    "a_{f,t} is the argument of f_t\n"                                                                                 \
    "\\delta_{f,t} = \\partial L/\\partial a_{f,t}\n"                                                                  \
    "\\mathrm d X means \\partial L / \\partial X\n"                                                                   \
    "```\n\n"
#define GRU_SETUP                                                                                                      \
    "```eddy\n"                                                                                                        \
    "sizes B T I H\n"                                                                                                  \
    "given x_t in R^I\n"                                                                                               \
    "library gru-reset-before: z r \\tilde h h from W_z W_r W\n"                                                       \
    "loss L reads h_t direct \\hat g_t\n"                                                                              \
    "```\n\n"

static arena memory;
static findings *all;

static void fresh_memory(void)
{
    arena_start(&memory, (size_t)512 << 20);
}

static void teardown(void)
{
    arena_free(&memory);
}

/* The finding on the last formula. */
static const finding *judged(const char *before, const char *formula)
{
    const char *source = arena_format(&memory, "%s$$ %s $$\n", before, formula);
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, source, strlen(source));
    ck_assert_msg(!d.sentence, "%s", d.sentence);
    document *kept = ARENA_NEW(&memory, document);
    *kept = d;
    all = check_document(&memory, kept, &(check_options){ .seconds = 60 });
    ck_assert_ptr_nonnull(all);
    ck_assert_int_gt(all->count, 0);
    return &all->finding[all->count - 1];
}

static const finding *fails(const char *before, const char *formula)
{
    const finding *f = judged(before, formula);
    ck_assert_msg(f->verdict == CHECK_FAILS, "%s: %s (%s)", formula, check_verdict_name(f->verdict), f->summary);
    ck_assert_ptr_nonnull(f->example);
    return f;
}

static const finding *holds_if(const char *before, const char *formula)
{
    const finding *f = judged(before, formula);
    ck_assert_msg(f->verdict == CHECK_HOLDS_IF, "%s: %s (%s)", formula, check_verdict_name(f->verdict), f->summary);
    ck_assert_ptr_nonnull(f->example);
    return f;
}

/* ---- Patterns ---- */

static const struct {
    const char *before, *formula, *pattern;
} mistakes[] = {
    { LSTM_SETUP, "\\frac{\\partial C_t}{\\partial f_t} = C_{t-1} \\odot f_t \\odot (1 - f_t)",
      "the right side has an extra factor $f_t \\odot (1 - f_t)$: it is the derivative by $a_{f,t}$, the argument of "
      "$f_t$'s function" },
    { LSTM_SETUP, "\\frac{\\partial h_t}{\\partial C_t} = 1 - \\tanh^2(C_t)", "the right side lacks the factor $o_t$" },
    { LSTM_SETUP, "\\delta_{f,t} = \\frac{\\partial L}{\\partial C_t} \\odot C_{t-1} \\odot f_t",
      "the right side lacks the factor $1 - f_t$" },
    { LSTM_SETUP,
      "\\delta_{f,t} = \\frac{\\partial L}{\\partial h_t} \\odot o_t \\odot (1-\\tanh^2 C_t) \\odot C_{t-1} \\odot f_t "
      "\\odot (1-f_t) \\odot f_t "
      "\\odot "
      "(1-f_t)",
      "if $\\kappa = 0$ and $t = T$, the right side has an extra factor $f_t \\odot (1 - f_t)$" },
    { LSTM_SETUP, "C_t = -f_t \\odot C_{t-1} - i_t \\odot \\tilde C_t", "the right side has the wrong sign" },
    { LSTM_SETUP, "h_t = 2 o_t \\odot \\tanh(C_t)", "the right side is twice the left side" },
    { LSTM_SETUP, "\\frac{\\partial L}{\\partial W_f} = \\frac{1}{T} \\sum_{t=1}^T \\delta_{f,t} [h_{t-1}, x_t]^\\top",
      "the right side has an extra factor $1/T$" },
    { LSTM_SETUP, "\\frac{\\partial L}{\\partial b_f} = T \\sum_{t=1}^T \\delta_{f,t} \\mathbf 1_B",
      "the right side has an extra factor $T$" },
    { LSTM_SETUP, "\\frac{\\partial C_{t+1}}{\\partial C_t} = 1 + \\frac{\\partial C_{t+1}}{\\partial C_t}", NULL },
    { LSTM_SETUP, "C_t = f_t \\odot C_t + i_t \\odot \\tilde C_t", "$C_t$ should be $C_{t-1}$" },
    { LSTM_SETUP, "C_t = f_t \\odot C_{t-1} + o_t \\odot \\tilde C_t", "$o_t$ should be $i_t$" },
    { LSTM_SETUP, "C_t = f_t \\odot C_{t-1} + (1 - f_t) \\odot \\tilde C_t", "$1 - f_t$ should be $i_t$" },
    { LSTM_SETUP, "C_t = f_t \\odot C_{t-1} - i_t \\odot \\tilde C_t",
      "the sign of $i_t \\odot \\tilde{C}_t$ is wrong" },
    { LSTM_SETUP, "h_t = o_t \\odot C_t", "$C_t$ should be $\\tanh(C_t)$" },
    { LSTM_SETUP, "f_t = \\sigma(W_f [h_{t-1}, x_t])", "the term $b_{f}$ is missing in $\\sigma(W_f[h_{t-1}, x_t])$" },
    { LSTM_SETUP, "\\frac{\\partial h_t}{\\partial C_t} = o_t \\odot (1 - \\tanh(C_t))",
      "$\\tanh(C_t)$ should be squared" },
    { LSTM_SETUP, "\\frac{\\partial L}{\\partial W_f} = \\sum_{t=1}^T \\delta_{f,t} [h_t, x_t]^\\top",
      "$h_t$ should be $h_{t-1}$" },
    { LSTM_SETUP, "\\mathrm d C_{t-1} = \\mathrm d C_t \\odot f_{t-1} + 0", NULL },
    { GRU_SETUP, "h_t = z_t \\odot h_{t-1} + (1-z_t) \\odot \\tilde h_t", "$z_t$ and $1 - z_t$ are exchanged" },
    { GRU_SETUP, "\\frac{\\partial \\tilde h_t}{\\partial r_t} = h_{t-1}", NULL },
    { "```eddy\nsizes B T N\ngiven x_t in R^N\ngiven W in R^{N \\times N}\ny_t = W x_t\n```\n\n", "y_t = W^\\top x_t",
      "$W$ should not be transposed" },
    { "```eddy\nsizes B T N\ngiven x_t in R^N\ngiven W in R^{N \\times N}\ny_t = W x_t\nloss L reads y_t\n```\n\n",
      "\\frac{\\partial L}{\\partial W} = \\sum_{t=1}^T x_t \\frac{\\partial L}{\\partial y_t}^\\top",
      "the right side is the transpose of the left side" },
    { "```eddy\nsizes B T N\ngiven x_t, u_t in R^N\ny_t = u_t \\odot x_t\n```\n\n", "y_t = u_{t+1} \\odot x_{t+1}",
      "it is the right side at $t-1$ that is equal to the left side at $t$: they are one step apart" },
    { LSTM_SETUP,
      "\\mathrm d C_t = \\mathrm d h_t \\odot o_t \\odot (1-\\tanh^2 C_t) + \\mathrm d C_t \\odot f_{t+1}, \\quad t < "
      "T",
      "$\\mathrm{d}C_t$ should be $\\mathrm{d}C_{t+1}$" },
    { LSTM_SETUP, "\\mathrm d C_t = \\mathrm d h_t \\odot o_t + \\mathrm d C_{t+1} \\odot f_{t+1}, \\quad t < T",
      "the factor $1 - \\tanh^2(C_t)$ is missing in $\\mathrm{d}h_t \\odot o_t$" },
    { "```eddy\nsizes B T N M\ngiven x_t in R^N\ngiven W in R^{M \\times N}\ny_t = W x_t\nloss L reads y_t\n```\n\n",
      "\\frac{\\partial L}{\\partial W} = \\sum_{t=2}^T \\frac{\\partial L}{\\partial y_t} x_t^\\top",
      "the sum should begin at $t = 1$" },
    { "```eddy\nsizes B T N M\ngiven x_t in R^N\ngiven W in R^{M \\times N}\ny_t = W x_t\nloss L reads y_t\n```\n\n",
      "\\frac{\\partial L}{\\partial x_t} = W \\frac{\\partial L}{\\partial y_t}", "$W$ should be transposed" },
    { "```eddy\nsizes B T\ngiven e_t in R\n\\alpha_t = \\mathrm{softmax}_t(e_t)\n```\n\n",
      "\\sum_{t=1}^T \\alpha_{t-1} = 1", "on the left side, $\\alpha_{t-1}$ should be $\\alpha_t$" },
    { "```eddy\nsizes B T K\nindex j, k in K\ngiven a_t in R^K\ny_t = \\mathrm{softmax}(a_t)\n```\n\n",
      "\\frac{\\partial y_{t,k}}{\\partial a_{t,j}} = y_{t,k} (\\mathbf 1[k = j] - y_{t,k})",
      "$y_{t,k}$ should be $y_{t,j}$" },
    { "```eddy\nsizes B T N\ngiven x_t, u_t in R^N\ns_t = x_t + u_t\n```\n\n", "s_t = x_t",
      "the right side lacks the term $u_t$" },
};

START_TEST(test_patterns)
{
    const finding *f = judged(mistakes[_i].before, mistakes[_i].formula);
    const char *wanted = mistakes[_i].pattern;
    if (wanted) {
        ck_assert_msg(f->verdict == CHECK_FAILS, "%s: %s", mistakes[_i].formula, check_verdict_name(f->verdict));
        ck_assert_msg(f->pattern && !strcmp(f->pattern, wanted), "%s: \"%s\", wanted \"%s\"", mistakes[_i].formula,
                      f->pattern ? f->pattern : "nothing", wanted);
        ck_assert(f->example || strstr(f->summary, "shapes"));
    } else
        ck_assert_msg(f->verdict != CHECK_HOLDS && f->verdict != CHECK_NOT_READ, "%s: %s", mistakes[_i].formula,
                      check_verdict_name(f->verdict));
}
END_TEST

/* ---- Counterexamples ---- */

static double given(const counterexample *e, const char *name)
{
    for (int i = 0; i < e->givens; i++)
        if (!strcmp(e->given[i].name, name))
            return e->given[i].value[0];
    return 0;
}

START_TEST(test_example_of_a_lost_path)
{
    const counterexample *e = holds_if(LSTM_SETUP, "\\frac{\\partial L}{\\partial f_t} = \\frac{\\partial L}{\\partial "
                                                   "h_t} \\odot o_t \\odot (1 - \\tanh^2 C_t) \\odot C_{t-1}")
                                  ->example;
    ck_assert_str_eq(e->sizes, "$B=1$, $T=2$, $I=1$, $H=1$, $L = h_2$");
    ck_assert_str_eq(e->where, "$t=1$");
    ck_assert_int_eq(e->givens, 1);
    ck_assert(given(e, "$C_0$") == 1);
    ck_assert(e->others_zero);
    ck_assert_double_eq_tol(e->left_value, 0.25 * (1 - pow(tanh(0.25), 2)), 1e-15);
    ck_assert(e->right_value == 0);
    ck_assert_str_eq(e->left.name, "$\\frac{\\partial L}{\\partial f_t}$");
    ck_assert(e->left.value[0] == e->left_value);
}
END_TEST

START_TEST(test_example_of_a_factor)
{
    const counterexample *e =
        fails(LSTM_SETUP, "\\frac{\\partial C_t}{\\partial f_t} = C_{t-1} \\odot f_t \\odot (1 - f_t)")->example;
    ck_assert_str_eq(e->sizes, "$B=1$, $T=1$, $I=1$, $H=1$");
    ck_assert_int_eq(e->givens, 1);
    ck_assert(given(e, "$C_0$") == 1);
    ck_assert(e->left_value == 1);
    ck_assert(e->right_value == 0.25);
}
END_TEST

START_TEST(test_example_with_a_matrix)
{
    const counterexample *e = holds_if(GRU_SETUP, "\\frac{\\partial h_t}{\\partial h_{t-1}} = (1 - z_t) + z_t \\odot "
                                                  "\\frac{\\partial \\tilde h_t}{\\partial h_{t-1}}")
                                  ->example;
    ck_assert_int_eq(e->givens, 2);
    ck_assert(given(e, "$W_{z}$") == 1);
    ck_assert(given(e, "$h_0$") == 1);
    double s = 1 / (1 + exp(-1));
    ck_assert_double_eq_tol(e->right_value, 1 - s, 1e-15);
    ck_assert_double_eq_tol(e->left_value, 1 - s - s * (1 - s), 1e-15);
}
END_TEST

/* Numbers keep what was declared of them, and vectors of different lengths are needed. */
START_TEST(test_example_keeps_declarations)
{
    const counterexample *e = fails("```eddy\nsizes B T K=3\ngiven a_t in R^K\ngiven y_t in R^K one-hot\n```\n\n",
                                    "\\langle y_t, a_t \\rangle = \\|a_t\\|")
                                  ->example;
    double ones = 0;
    for (int i = 0; i < e->givens; i++)
        for (int k = 0; k < 3 && !strcmp(e->given[i].name, "$y_1$"); k++)
            ones += e->given[i].value[k];
    ck_assert(ones == 1);
    const finding *f = fails("```eddy\nsizes B T N\ngiven p_t in R positive\n```\n\n", "\\sqrt{p_t} = p_t");
    ck_assert(given(f->example, "$p_1$") > 0);
    ck_assert(given(f->example, "$p_1$") != 1);
    f = judged("```eddy\nsizes B T N\ngiven p_t in R^N\n```\n\n", "\\|p_t\\|^2 \\le \\|p_t\\|");
    ck_assert_int_eq(f->verdict, CHECK_FAILS);
    ck_assert(f->example->left_value > f->example->right_value);
}
END_TEST

/* A mistake that one sample cannot show. */
START_TEST(test_example_with_two_samples)
{
    const counterexample *e =
        fails(LSTM_SETUP, "\\frac{\\partial L}{\\partial b_f} = \\frac{1}{B} \\sum_{t=1}^T \\delta_{f,t} \\mathbf 1_B")
            ->example;
    ck_assert_msg(!strncmp(e->sizes, "$B=2$", 5), "%s", e->sizes);
    ck_assert(e->left_value != e->right_value);
}
END_TEST

/* ---- Missing terms ---- */

static const struct {
    const char *before, *formula, *missing;
} lacks[] = {
    { LSTM_SETUP,
      "\\frac{\\partial L}{\\partial f_t} = \\frac{\\partial L}{\\partial h_t} \\cdot \\frac{\\partial h_t}{\\partial "
      "C_t} \\cdot \\frac{\\partial "
      "C_t}{\\partial f_t}",
      "\\frac{\\partial L}{\\partial C_{t+1}} \\odot f_{t+1} \\odot C_{t-1}" },
    { LSTM_SETUP, "\\mathrm d C_t = \\mathrm d h_t \\odot o_t \\odot (1-\\tanh^2 C_t)",
      "\\frac{\\partial L}{\\partial C_{t+1}} \\odot f_{t+1}" },
    { LSTM_SETUP, "\\frac{\\partial L}{\\partial C_t} = \\frac{\\partial L}{\\partial C_{t+1}} \\odot f_{t+1}",
      "\\frac{\\partial L}{\\partial h_t} \\odot o_t \\odot (1 - \\tanh^2(C_t))" },
    { GRU_SETUP,
      "\\frac{\\partial h_t}{\\partial h_{t-1}} = (1 - z_t) + z_t \\odot \\frac{\\partial \\tilde h_t}{\\partial "
      "h_{t-1}}",
      "\\operatorname{diag}(\\tilde{h}_t - h_{t-1}) \\operatorname{diag}(z_t \\odot (1 - z_t)) W_{z}^h" },
    { GRU_SETUP,
      "\\frac{\\partial L}{\\partial h_t} = \\left(\\frac{\\partial h_{t+1}}{\\partial h_t}\\right)^\\top "
      "\\frac{\\partial L}{\\partial h_{t+1}}",
      "\\hat{g}_t" },
    { "```eddy\nsizes B T H\ngiven W in R^{H \\times H}\ngiven u_t in R^H\nh_t = \\tanh(W h_{t-1} + u_t)\nloss L reads "
      "h_t direct g_t\n```\n\n",
      "\\frac{\\partial L}{\\partial h_t} = g_t",
      "W^\\top (\\frac{\\partial L}{\\partial h_{t+1}} \\odot (1 - h_{t+1}^2))" },
};

START_TEST(test_missing)
{
    const finding *f = holds_if(lacks[_i].before, lacks[_i].formula);
    const char *got = f->missing ? math_formula(&memory, f->missing, LATEX_UNICODE, false) : "nothing";
    const char *wanted = math_formula(&memory, lacks[_i].missing, LATEX_UNICODE, false);
    ck_assert_msg(!strcmp(got, wanted), "%s: %s (%s), wanted %s", lacks[_i].formula, got, f->missing ? f->missing : "",
                  wanted);
}
END_TEST

/* ---- Graphs ---- */

static const graph_edge *edge_between(const finding *f, const char *from, const char *to)
{
    for (int i = 0; i < f->edges; i++)
        if (!strcmp(f->node[f->edge[i].from].name, from) && !strcmp(f->node[f->edge[i].to].name, to))
            return &f->edge[i];
    return NULL;
}

static const graph_node *node_called(const finding *f, const char *name)
{
    for (int i = 0; i < f->nodes; i++)
        if (!strcmp(f->node[i].name, name))
            return &f->node[i];
    return NULL;
}

START_TEST(test_graph)
{
    const finding *f = holds_if(LSTM_SETUP, "\\frac{\\partial L}{\\partial f_t} = \\frac{\\partial L}{\\partial h_t} "
                                            "\\odot o_t \\odot (1 - \\tanh^2 C_t) \\odot C_{t-1}");
    ck_assert_int_le(f->nodes, 24);
    const graph_node *below = node_called(f, "f_t"), *above = node_called(f, "L"), *next = node_called(f, "C_{t+1}");
    ck_assert(below && below->denominator && !below->numerator && below->step == 0);
    ck_assert(above && above->numerator && !above->denominator && above->step == GRAPH_NO_STEP);
    ck_assert(next && !next->numerator && !next->denominator && next->step == 1);
    ck_assert_ptr_null(node_called(f, "W_{f}"));
    ck_assert_ptr_null(node_called(f, "x_t"));
    const graph_edge *cut = edge_between(f, "C_t", "C_{t+1}"), *first = edge_between(f, "f_t", "C_t"),
                     *side = edge_between(f, "i_t", "C_t");
    ck_assert(cut && cut->used && cut->cut > 0 && cut->cut <= f->conditions);
    ck_assert_ptr_nonnull(strstr(f->condition[cut->cut - 1], "\\to C_{t+1}$ is cut"));
    ck_assert(first && first->used && !first->cut);
    ck_assert(side && !side->used);
    ck_assert_ptr_nonnull(edge_between(f, "C_T", "L"));
}
END_TEST

START_TEST(test_graph_is_about_derivatives)
{
    ck_assert_int_eq(fails(LSTM_SETUP, "h_t = o_t \\odot C_t")->nodes, 0);
    const finding *f =
        fails(LSTM_SETUP,
              "\\frac{\\partial L}{\\partial W_f} = \\frac{1}{T} \\sum_{t=1}^T \\delta_{f,t} [h_{t-1}, x_t]^\\top");
    const graph_node *below = node_called(f, "W_{f}");
    ck_assert(below && below->denominator && below->step == GRAPH_NO_STEP);
}
END_TEST

/* A limit of work gives the same on every machine: what was done of it is counted, and half of it does not suffice. */
START_TEST(test_work)
{
    static const char claim[] = "\\frac{\\partial L}{\\partial C_t} = \\frac{\\partial L}{\\partial h_t} \\odot o_t";
    const finding *f = judged(LSTM_SETUP, claim);
    int64_t work = all->work;
    ck_assert_int_gt(work, 0);
    ck_assert_int_ne(f->verdict, CHECK_NOT_READ);
    judged(LSTM_SETUP, claim);
    ck_assert_int_eq(all->work, work);
    const char *source = arena_format(&memory, "%s$$ %s \\tag{1} $$\n\n$$ %s \\tag{2} $$\n", LSTM_SETUP, claim, claim);
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, source, strlen(source));
    all = check_document(&memory, &d, &(check_options){ .work = work / 2 });
    ck_assert_int_eq(all->count, 2);
    ck_assert_int_eq(all->finding[1].verdict, CHECK_NOT_READ);
    ck_assert_ptr_nonnull(strstr(all->finding[1].summary, "work"));
    ck_assert_int_lt(all->work, work);
}
END_TEST

Suite *suite_findings(void)
{
    Suite *suite = suite_create("findings");
    TCase *tcase = tcase_create("findings");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, fresh_memory, teardown);
    tcase_add_loop_test(tcase, test_patterns, 0, (int)(sizeof mistakes / sizeof *mistakes));
    tcase_add_test(tcase, test_example_of_a_lost_path);
    tcase_add_test(tcase, test_example_of_a_factor);
    tcase_add_test(tcase, test_example_with_a_matrix);
    tcase_add_test(tcase, test_example_keeps_declarations);
    tcase_add_test(tcase, test_example_with_two_samples);
    tcase_add_loop_test(tcase, test_missing, 0, (int)(sizeof lacks / sizeof *lacks));
    tcase_add_test(tcase, test_work);
    tcase_add_test(tcase, test_graph);
    tcase_add_test(tcase, test_graph_is_about_derivatives);
    suite_add_tcase(suite, tcase);
    return suite;
}
