/* The checker as a whole: what documents mean, and what is true of them. */
#include "test.h"

#include "judge.h"
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static arena memory;

static void setup_memory(void)
{
    arena_start(&memory, (size_t)1 << 30);
}

static void free_memory(void)
{
    arena_free(&memory);
}

static findings *checked(const char *source)
{
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, source, strlen(source));
    ck_assert_msg(!d.sentence, "%s", d.sentence ? d.sentence : "");
    findings *all = check_document(&memory, &d, &(check_options){ .seconds = 60 });
    ck_assert_ptr_nonnull(all);
    return all;
}

static const finding *found(const findings *all, const char *id)
{
    for (int i = 0; i < all->count; i++)
        if (!strcmp(all->finding[i].id, id))
            return &all->finding[i];
    ck_abort_msg("there is no finding %s", id);
    return NULL;
}

/* The verdict on the formula tagged "it" after the lines of a setup and other formulas. */
static check_verdict verdict_on(const char *before, const char *formula)
{
    const char *source =
        arena_format(&memory, "```eddy\nsizes B T I H\n%s\n```\n\n$$%s \\tag{it}$$\n", before, formula);
    return found(checked(source), "it")->verdict;
}

#define VERDICT(before, formula, wanted)                                                                               \
    do {                                                                                                               \
        check_verdict is = verdict_on(before, formula);                                                                \
        ck_assert_msg(is == wanted, "%s is %s, not %s", formula, check_verdict_name(is), check_verdict_name(wanted));  \
    } while (0)

#define LSTM                                                                                                           \
    "given x_t in R^I\nlibrary lstm: f i \\tilde C o C h from W_f b_f W_i b_i W_C b_C W_o b_o\n"                       \
    "loss L reads h_t direct \\hat g_t, maybe C_T direct \\kappa\na_{f,t} is the argument of f_t\n"                    \
    "\\delta_{f,t} = \\partial L / \\partial a_{f,t}\nindex j, k in H; b in B"
#define RNN                                                                                                            \
    "h_t = \\tanh(W h_{t-1} + U x_t + b)\nloss L reads h_t direct \\hat g_t\na_t is the argument of h_t\n\\delta_t = " \
    "\\partial L / \\partial "                                                                                         \
    "a_t\nindex j, k in H"

/* ---- The tutorial ---- */

START_TEST(the_gates_are_held_against_the_library)
{
    VERDICT(LSTM, "f_t = \\sigma(W_f [h_{t-1}, x_t] + b_f)", CHECK_HOLDS);
    VERDICT(LSTM, "C_t = f_t \\odot C_{t-1} + i_t \\odot \\tilde C_t", CHECK_HOLDS);
    VERDICT(LSTM, "h_t = o_t \\odot \\tanh(C_t)", CHECK_HOLDS);
    VERDICT(LSTM, "f_t = \\sigma(W_f [x_t, h_{t-1}] + b_f)", CHECK_FAILS);
    VERDICT(LSTM, "f_t = \\sigma(W_i [h_{t-1}, x_t] + b_f)", CHECK_FAILS);
    VERDICT(LSTM, "C_t = f_t \\odot C_{t-1} + i_t \\odot C_t", CHECK_FAILS);
}
END_TEST

static bool has_condition(const finding *f, const char *unicode)
{
    for (int i = 0; i < f->conditions; i++)
        if (!strcmp(math_sentence(&memory, f->condition[i], LATEX_UNICODE), unicode))
            return true;
    return false;
}

START_TEST(the_missing_path_is_found_by_search)
{
    const finding *f = found(
        checked("```eddy\nsizes B T I H\n" LSTM "\n```\n"
                "$$\\frac{\\partial L}{\\partial f_t} = \\frac{\\partial L}{\\partial h_t} \\cdot \\frac{\\partial "
                "h_t}{\\partial C_t} \\cdot \\frac{\\partial C_t}{\\partial f_t} \\tag{df}$$\n"),
        "df");
    ck_assert_int_eq(f->verdict, CHECK_HOLDS_IF);
    ck_assert(has_condition(f, "κ = 0 and t = T"));
    ck_assert(has_condition(f, "κ = 0 and C_t → C_{t+1} is cut"));
    ck_assert(has_condition(f, "C_t → C_{t+1} is cut and C_T → L is cut"));
    for (int i = 0; i < f->conditions; i++) /* each is needed: none contains another */
        ck_assert_str_ne(f->condition[i], "$t = T$");
    ck_assert_ptr_nonnull(f->example);
    ck_assert(fabs(f->example->left_value - 0.25 * (1 - pow(tanh(0.25), 2))) <
              1e-12); /* B = H = 1, T = 2, C_0 = 1: the smallest example there is */
    ck_assert(f->example->right_value == 0);
    ck_assert_ptr_nonnull(f->missing);
    ck_assert_ptr_nonnull(strstr(f->missing, "C_{t+1}"));
}
END_TEST

START_TEST(an_extra_factor_is_named)
{
    const finding *f =
        found(checked("```eddy\nsizes B T I H\n" LSTM "\n```\n"
                      "$$\\frac{\\partial C_t}{\\partial f_t} = C_{t-1} \\odot f_t \\odot (1 - f_t) \\tag{dCdf}$$\n"),
              "dCdf");
    ck_assert_int_eq(f->verdict, CHECK_FAILS);
    ck_assert_ptr_nonnull(f->pattern);
    ck_assert_ptr_nonnull(strstr(math_sentence(&memory, f->pattern, LATEX_UNICODE), "f_t ⊙ (1 - f_t)"));
    VERDICT(LSTM, "\\frac{\\partial C_t}{\\partial f_t} = C_{t-1}", CHECK_HOLDS);
    VERDICT(LSTM, "\\frac{\\partial h_t}{\\partial C_t} = o_t \\odot (1 - \\tanh^2(C_t))", CHECK_HOLDS);
}
END_TEST

START_TEST(the_matrix_form_holds_in_its_convention)
{
    VERDICT(LSTM,
            "\\frac{\\partial L}{\\partial W_f} = \\sum_{t=1}^T \\left( \\delta_{f,t} \\cdot [h_{t-1}, x_t]^T \\right)",
            CHECK_HOLDS);
    VERDICT(LSTM, "\\frac{\\partial L}{\\partial W_f} = \\sum_{t=2}^T \\delta_{f,t} [h_{t-1}, x_t]^T",
            CHECK_HOLDS_IF); /* zero initial states hide it */
    VERDICT(LSTM, "\\frac{\\partial L}{\\partial W_f} = \\sum_{t=1}^T \\delta_{f,t} [h_t, x_t]^T", CHECK_FAILS);
    VERDICT(LSTM, "\\frac{\\partial L}{\\partial W_f} = \\frac{1}{B} \\sum_{t=1}^T \\delta_{f,t} [h_{t-1}, x_t]^T",
            CHECK_FAILS); /* true for B = 1 only */
    VERDICT(LSTM, "\\frac{\\partial L}{\\partial b_f} = \\sum_{t=1}^T \\delta_{f,t} \\mathbf 1_B", CHECK_HOLDS);
    VERDICT(LSTM, "\\frac{\\partial L}{\\partial b_f} = \\sum_{t=1}^T \\delta_{f,t}", CHECK_FAILS);
    VERDICT(LSTM, "\\delta_{f,t} = \\frac{\\partial L}{\\partial f_t} \\odot \\sigma'(\\cdot)", CHECK_HOLDS);
    VERDICT(LSTM, "\\delta_{f,t} = \\frac{\\partial L}{\\partial f_t} \\odot \\sigma'(f_t)", CHECK_FAILS);
}
END_TEST

START_TEST(the_gru_jacobian_lacks_the_update_gate)
{
    const finding *f = found(
        checked(
            "```eddy\nsizes B T I H\ngiven x_t in R^I\nlibrary gru-reset-before: z r \\tilde h h from W_z W_r W\n```\n"
            "$$\\frac{\\partial h_t}{\\partial h_{t-1}} = (1 - z_t) + z_t \\odot \\frac{\\partial \\tilde "
            "h_t}{\\partial h_{t-1}} \\tag{dhdh}$$\n"
            "$$\\frac{\\partial h_T}{\\partial h_0} = \\prod_{t=T}^{1} \\frac{\\partial h_t}{\\partial "
            "h_{t-1}} \\tag{prod}$$\n"
            "$$\\frac{\\partial h_T}{\\partial h_0} = \\prod_{t=1}^{T} \\frac{\\partial h_t}{\\partial "
            "h_{t-1}} \\tag{order}$$\n"),
        "dhdh");
    ck_assert_int_eq(f->verdict, CHECK_HOLDS_IF);
    ck_assert(has_condition(f, "z_t → h_t is cut (z_t is held fixed)"));
    ck_assert_int_ge(f->notes, 1);
    ck_assert_ptr_nonnull(f->missing);
    ck_assert_ptr_nonnull(strstr(f->missing, "W_z"));
    VERDICT("given x_t in R^I\nlibrary gru-reset-before: z r \\tilde h h from W_z W_r W",
            "\\frac{\\partial h_T}{\\partial h_0} = \\prod_{t=T}^{1} \\frac{\\partial h_t}{\\partial h_{t-1}}",
            CHECK_HOLDS);
    VERDICT("given x_t in R^I\nlibrary gru-reset-before: z r \\tilde h h from W_z W_r W",
            "\\frac{\\partial h_T}{\\partial h_0} = \\prod_{t=1}^{T} \\frac{\\partial h_t}{\\partial h_{t-1}}",
            CHECK_HOLDS); /* the chain says in which order they stand */
    VERDICT("sizes T I H\nh_t = \\tanh(W h_{t-1} + U x_t)",
            "\\frac{\\partial h_T}{\\partial h_0} = \\prod_{t=1}^{T} \\operatorname{diag}(1 - h_t^2) W",
            CHECK_HOLDS_IF);
}
END_TEST

/* "gru" is PyTorch's here as everywhere; a document that was written when it was the other one keeps its meaning. */
START_TEST(gru_is_one_variant)
{
    static const char *const before[] = { "gru-reset-before: z r \\tilde h h from W_z W_r W",
                                          "gru: z r \\tilde h h from W_z W_r W", "gru: z r \\tilde h h",
                                          "gru: z r \\tilde h h from W_z b_z W_r b_r W b_h" };
    static const char *const after[] = { "gru: r z n h", "gru-reset-after: r z n h",
                                         "gru: r z n h from W_{ir} W_{hr} W_{iz} W_{hz} W_{in} W_{hn}" };
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        VERDICT(arena_format(&memory, "given x_t in R^I\nlibrary %s", before[i]),
                "h_t = (1 - z_t) \\odot h_{t-1} + z_t \\odot \\tilde h_t", CHECK_HOLDS);
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        VERDICT(arena_format(&memory, "given x_t in R^I\nlibrary %s", after[i]),
                "h_t = (1 - z_t) \\odot n_t + z_t \\odot h_{t-1}", CHECK_HOLDS);
}
END_TEST

START_TEST(the_softmax_of_a_scalar_is_degenerate)
{
    const char *attention = "given h_t in R^H\ngiven s in R^H per sample\nlibrary attention: \\alpha c from W_h W_s v";
    const finding *f = found(checked(arena_format(&memory,
                                                  "```eddy\nsizes B T I H\n%s\n```\n$$\\alpha_t = "
                                                  "\\mathrm{softmax}(v^T \\tanh(W_h h_t + W_s s)) \\tag{a}$$\n",
                                                  attention)),
                             "a");
    ck_assert_int_eq(f->verdict, CHECK_DEGENERATE);
    ck_assert_ptr_nonnull(f->repair);
    ck_assert_ptr_nonnull(strstr(f->repair, "over $t$"));
    VERDICT(attention, "c = \\sum_{t=1}^T \\alpha_t h_t", CHECK_HOLDS);
    VERDICT(attention, "\\alpha_t = \\mathrm{softmax}_t(v^T \\tanh(W_h h_t + W_s s))", CHECK_HOLDS);
}
END_TEST

/* ---- Meaning ---- */

START_TEST(what_holds_in_a_recurrent_network)
{
    VERDICT(RNN, "\\delta_t = (1 - h_t^2) \\odot \\frac{\\partial L}{\\partial h_t}", CHECK_HOLDS);
    VERDICT(RNN, "\\frac{\\partial L}{\\partial h_t} = \\hat g_t + W^T \\delta_{t+1}", CHECK_HOLDS);
    VERDICT(RNN, "\\frac{\\partial L}{\\partial h_t} = \\hat g_t + W \\delta_{t+1}",
            CHECK_FAILS); /* at t = T it is true, but there W stands before 0 */
    VERDICT(RNN, "\\frac{\\partial L}{\\partial h_t} = \\hat g_t + W^T \\delta_t", CHECK_FAILS);
    VERDICT(RNN, "\\frac{\\partial L}{\\partial h_t} = W^T \\delta_{t+1}",
            CHECK_HOLDS_IF); /* where the loss does not read h_t */
    VERDICT(RNN, "\\frac{\\partial L}{\\partial h_t} = \\hat g_t", CHECK_HOLDS_IF); /* t = T */
    VERDICT(RNN, "\\frac{\\partial h_t}{\\partial h_{t-1}} = \\operatorname{diag}(1 - h_t^2) W", CHECK_HOLDS);
    VERDICT(RNN, "\\frac{\\partial h_t}{\\partial h_{t-1}} = W \\operatorname{diag}(1 - h_t^2)", CHECK_FAILS);
    VERDICT(RNN, "\\frac{\\partial h_{t,j}}{\\partial h_{t-1,k}} = (1 - h_{t,j}^2) W_{jk}", CHECK_HOLDS);
    VERDICT(RNN, "\\frac{\\partial h_{t,j}}{\\partial h_{t-1,k}} = (1 - h_{t,j}^2) W_{kj}", CHECK_FAILS);
    VERDICT(RNN,
            "\\frac{\\partial L}{\\partial W} = \\sum_t \\delta_t h_{t-1}^\\top, \\qquad \\frac{\\partial L}{\\partial "
            "U} = \\sum_t \\delta_t x_t^\\top",
            CHECK_HOLDS);
}
END_TEST

START_TEST(rows_and_columns)
{
    const char *rows = "given x_t in R^I\nh_t = \\tanh(h_{t-1} W^\\top + x_t U^\\top + b)\nloss L reads h_t\na_t is "
                       "the argument of h_t\n\\delta_t = "
                       "\\partial L / \\partial a_t\nconvention rows";
    VERDICT(rows, "\\frac{\\partial L}{\\partial W} = \\sum_t \\delta_t^\\top h_{t-1}", CHECK_HOLDS);
    VERDICT(rows, "\\frac{\\partial L}{\\partial W} = \\sum_t \\delta_t h_{t-1}^\\top", CHECK_FAILS);
    VERDICT(rows, "\\frac{\\partial L}{\\partial x_t} = \\delta_t U", CHECK_HOLDS);
    VERDICT(rows, "\\frac{\\partial L}{\\partial x_t} = U^\\top \\delta_t", CHECK_FAILS);
    VERDICT(RNN, "\\frac{\\partial L}{\\partial x_t} = U^\\top \\delta_t", CHECK_HOLDS);
    VERDICT(RNN, "\\frac{\\partial L}{\\partial x_t} = \\delta_t U",
            CHECK_HOLDS_IF); /* rows and columns are confused */
}
END_TEST

START_TEST(total_and_explicit)
{
    VERDICT(LSTM, "\\frac{\\partial C_t}{\\partial C_{t-1}} = \\operatorname{diag}(f_t)", CHECK_HOLDS_IF);
    VERDICT(
        LSTM,
        "\\left.\\frac{\\partial C_t}{\\partial C_{t-1}}\\right|_{f_t, i_t, \\tilde C_t} = \\operatorname{diag}(f_t)",
        CHECK_HOLDS);
    const finding *f =
        found(checked("```eddy\nsizes B T I H\n" LSTM
                      "\n```\n$$\\frac{\\partial C_t}{\\partial C_{t-1}} = \\operatorname{diag}(f_t) \\tag{dCdC}$$\n"),
              "dCdC");
    ck_assert(has_condition(f, "∂C_t/∂C_{t-1} is the explicit derivative"));
    ck_assert(has_condition(f, "C_{t-1} → h_{t-1} is cut"));
}
END_TEST

START_TEST(softmax_and_entropy)
{
    const char *ce = "sizes K\ngiven o_t in R^K\ngiven \\hat y_t in R^K one-hot\ny_t = \\mathrm{softmax}(o_t)\nL = "
                     "-\\frac1T \\sum_{t=1}^T "
                     "\\sum_{c=1}^K \\hat y_{t,c} \\log y_{t,c}\nindex j, k in K";
    VERDICT(ce, "\\frac{\\partial L}{\\partial o_t} = \\frac{1}{T}(y_t - \\hat y_t)", CHECK_HOLDS);
    VERDICT(ce, "\\frac{\\partial L}{\\partial o_t} = y_t - \\hat y_t", CHECK_FAILS);
    VERDICT(ce, "\\frac{\\partial y_{t,j}}{\\partial o_{t,k}} = y_{t,j} (\\mathbf 1[j = k] - y_{t,k})", CHECK_HOLDS);
    VERDICT(ce, "\\frac{\\partial y_t}{\\partial o_t} = \\operatorname{diag}(y_t) - y_t y_t^\\top", CHECK_HOLDS);
    VERDICT(ce, "\\frac{\\partial y_t}{\\partial o_t} = y_t - y_t y_t^\\top", CHECK_FAILS); /* a vector less a matrix */
    VERDICT(ce, "\\frac{\\partial y_t}{\\partial o_t} = \\operatorname{diag}(y_t) + y_t y_t^\\top", CHECK_FAILS);
    VERDICT(ce, "\\sum_{k=1}^K y_{t,k} = 1", CHECK_HOLDS);
    VERDICT(ce, "\\sum_{k=1}^K \\frac{\\partial y_{t,k}}{\\partial o_{t,j}} = 0", CHECK_HOLDS);
}
END_TEST

START_TEST(nothing_is_true_for_lack_of_content)
{
    VERDICT(RNN, "\\frac{\\partial L}{\\partial V} = 0", CHECK_NOT_READ); /* nobody knows V */
    VERDICT(RNN, "\\frac{\\partial E_t}{\\partial h_t} = 2 \\frac{\\partial E_t}{\\partial h_t}", CHECK_NOT_READ);
    VERDICT(RNN, "\\frac{\\partial h_{t-1}}{\\partial h_t} = \\frac{\\partial h_{t-1}}{\\partial x_t}",
            CHECK_DEGENERATE); /* 0 = 0 */
    VERDICT(RNN, "10^{16} + h_t = 10^{16} + 2 h_t", CHECK_UNRESOLVED);
    VERDICT(RNN, "\\|h_t\\| < \\|h_t\\|", CHECK_FAILS);
    VERDICT(RNN, "\\|h_t\\|_2 \\le \\|h_t\\|_2", CHECK_HOLDS);
    VERDICT(RNN, "h_t = 2 h_t", CHECK_FAILS);
}
END_TEST

START_TEST(what_is_not_understood_says_so)
{
    VERDICT(RNN, "h_t \\approx 0", CHECK_NOT_READ);
    VERDICT(RNN, "\\mathrm{LSTM}(x_t) = h_t", CHECK_NOT_READ);
    VERDICT(RNN, "\\frac{\\partial^2 L}{\\partial W^2} = 0", CHECK_NOT_READ);
    VERDICT(RNN, "\\sum_{k=1}^{1000000000} k = 0", CHECK_NOT_READ);
    VERDICT(RNN, "q_t = q_t + 1", CHECK_NOT_READ);
    const findings *all = checked("```eddy\nsizes B T\ngiben x_t in R^I\n```\n$$y_t = 2 x_t$$\n");
    ck_assert_int_ge(all->verdicts[CHECK_NOT_READ], 1);
    ck_assert_int_ge(all->unmet, 1);
}
END_TEST

START_TEST(expectations_are_met_or_not)
{
    const char *start = "```eddy\nsizes B T I H\n" RNN "\n```\n";
    const char *claim = "$$\\frac{\\partial L}{\\partial h_t} = \\hat g_t \\tag{it}$$\n";
    ck_assert_int_eq(checked(arena_format(&memory, "%s<!-- expect holds if $t = T$ -->\n%s", start, claim))->unmet, 0);
    ck_assert_int_eq(checked(arena_format(&memory, "%s<!-- expect holds if $t = 1$ -->\n%s", start, claim))->unmet, 1);
    ck_assert_int_eq(checked(arena_format(&memory, "%s<!-- expect fails -->\n%s", start, claim))->unmet, 1);
    ck_assert_int_eq(checked(arena_format(&memory, "%s<!-- expect maybe -->\n%s", start, claim))->unmet, 1);
    ck_assert_int_eq(checked(arena_format(&memory, "%s%s", start, claim))->unmet, 1);
}
END_TEST

START_TEST(a_false_claim_harms_nothing_else)
{
    const findings *all = checked(
        "```eddy\nsizes B T I H\n" LSTM
        "\n```\n$$\\frac{\\partial L}{\\partial W_f} = \\sum_t [h_{t-1}, x_t] \\delta_{f,t}^\\top \\tag{false}$$\n"
        "$$\\frac{\\partial L}{\\partial W_f} = \\sum_t \\delta_{f,t} [h_{t-1}, x_t]^\\top \\tag{true}$$\n");
    ck_assert_int_eq(found(all, "false")->verdict, CHECK_FAILS);
    ck_assert_int_eq(found(all, "true")->verdict, CHECK_HOLDS);
}
END_TEST

START_TEST(hostile_documents_end)
{
    const char *nested = arena_format(&memory, "$$%0*d$$", 15000, 1);
    checked(nested);
    text deep = { .arena = &memory };
    text_add(&deep, "$$x = ");
    for (int i = 0; i < 6000; i++)
        text_add(&deep, "{");
    for (int i = 0; i < 6000; i++)
        text_add(&deep, "}");
    text_add(&deep, "$$\n");
    ck_assert_int_eq(checked(text_done(&deep))->verdicts[CHECK_NOT_READ], 1);
    text chain = { .arena = &memory };
    text_add(&chain, "$$a_{0,t} = x_t$$\n\n");
    for (int i = 1; i < 300; i++)
        text_format(&chain, "$$a_{%d,t} = a_{%d,t} + a_{%d,t}$$\n\n", i, i - 1, i - 1);
    ck_assert_ptr_nonnull(checked(text_done(&chain)));
    ck_assert_int_ge(checked("$$p_t = q_t$$\n\n$$q_t = p_t$$\n")->count, 2);
}
END_TEST

/* A mistake in the lines that stand before the document's own is told, too. */
START_TEST(a_wrong_setup_in_front_is_told)
{
    text lines = { .arena = &memory };
    text_add(&lines, "sizes");
    for (int i = 0; i < 40; i++)
        text_format(&lines, " %c_%c", 'a' + i % 26, 'x' + i / 26);
    document d = document_read(&memory, "test.md", DOCUMENT_MARKDOWN, "$$y = 1$$", 9);
    findings *told = check_document(&memory, &d, &(check_options){ .setup = text_done(&lines), .seconds = 60 });
    ck_assert_ptr_nonnull(told);
    const finding *f = found(told, "setup, line 1");
    ck_assert_int_eq(f->verdict, CHECK_NOT_READ);
    ck_assert_ptr_nonnull(strstr(f->summary, "there are more sizes than"));
}
END_TEST

/* Where the memory for a document ends, nothing is reported of it. */
START_TEST(short_of_memory_nothing_is_reported)
{
    const char *source =
        "```eddy\nsizes B T I H\n" RNN "\n```\n$$\\frac{\\partial L}{\\partial b} = \\sum_t \\delta_t$$\n";
    int refused = 0;
    for (size_t limit = 1000; limit < 400000; limit += limit / 3) {
        arena small;
        arena_start(&small, limit);
        document d = document_read(&small, "test.md", DOCUMENT_MARKDOWN, source, strlen(source));
        findings *all = d.sentence ? NULL : check_document(&small, &d, &(check_options){ .seconds = 60 });
        ck_assert(d.sentence || !all == small.failed);
        if (all)
            ck_assert_int_eq(all->finding[0].verdict, CHECK_FAILS); /* the sum over the batch is missing */
        refused += !all;
        arena_free(&small);
    }
    ck_assert_int_gt(refused, 5);
}
END_TEST

Suite *suite_check(void)
{
    Suite *s = suite_create("check");
    TCase *c = tcase_create("check");
    tcase_add_checked_fixture(c, setup_memory, free_memory);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, a_wrong_setup_in_front_is_told);
    tcase_add_test(c, short_of_memory_nothing_is_reported);
    tcase_add_test(c, the_gates_are_held_against_the_library);
    tcase_add_test(c, the_missing_path_is_found_by_search);
    tcase_add_test(c, an_extra_factor_is_named);
    tcase_add_test(c, the_matrix_form_holds_in_its_convention);
    tcase_add_test(c, the_gru_jacobian_lacks_the_update_gate);
    tcase_add_test(c, gru_is_one_variant);
    tcase_add_test(c, the_softmax_of_a_scalar_is_degenerate);
    tcase_add_test(c, what_holds_in_a_recurrent_network);
    tcase_add_test(c, rows_and_columns);
    tcase_add_test(c, total_and_explicit);
    tcase_add_test(c, softmax_and_entropy);
    tcase_add_test(c, nothing_is_true_for_lack_of_content);
    tcase_add_test(c, what_is_not_understood_says_so);
    tcase_add_test(c, expectations_are_met_or_not);
    tcase_add_test(c, a_false_claim_harms_nothing_else);
    tcase_add_test(c, hostile_documents_end);
    suite_add_tcase(s, c);
    return s;
}
