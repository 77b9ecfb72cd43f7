/* eddy explain: the distance of doubles, norms, formulas as lines and as markup, the three ways of every network, and
 * that a wrong formula is seen. */
#include "test.h"

#include "formula.h"
#include "network.h"
#include "show.h"
#include "worked.h"

#include <math.h>
#include <string.h>

/* ---- Numbers ---- */

START_TEST(distance_counts_doubles)
{
    ck_assert(ulp_distance(1, 1) == 0);
    ck_assert(ulp_distance(0.0, -0.0) == 0);
    ck_assert(ulp_distance(1, nextafter(1, 2)) == 1);
    ck_assert(ulp_distance(nextafter(1, 0), nextafter(1, 2)) == 2);
    ck_assert(ulp_distance(5e-324, -5e-324) == 2);
    ck_assert(ulp_distance(1, 2) == (uint64_t)1 << 52);
    ck_assert(ulp_distance(-1, -2) == (uint64_t)1 << 52);
    ck_assert(ulp_distance(NAN, 1) == UINT64_MAX);
    ck_assert(ulp_distance(-INFINITY, INFINITY) > (uint64_t)1 << 63);
}
END_TEST

START_TEST(norm_is_the_largest_singular_value)
{
    const double diagonal[] = { 0, -3, 0, 2, 0, 0 }, rotated[] = { 3, 4, -4, 3 }, one[] = { 1, 1, 1, 1, 1, 1 },
                 tiny[] = { 3e-200, 4e-200 };
    ck_assert_double_eq_tol(spectral_norm(diagonal, 2, 3), 3, 1e-12);
    ck_assert_double_eq_tol(spectral_norm(rotated, 2, 2), 5, 1e-12);
    ck_assert_double_eq_tol(spectral_norm(one, 3, 2), sqrt(6), 1e-12);
    ck_assert_double_eq_tol(spectral_norm(tiny, 1, 2) * 1e200, 5, 1e-12);
    ck_assert(spectral_norm((double[]){ 0, 0 }, 1, 2) == 0);
    ck_assert(isnan(spectral_norm((double[]){ 1, NAN }, 1, 2)));
}
END_TEST

/* ---- Formulas ---- */

static void check_formula(const char *latex, const char *line, int line_columns, const char *markup)
{
    char text[1000] = "";
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    int columns = math_text(file, latex);
    fputc('|', file);
    math_markup(file, latex);
    rewind(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = 0;
    fclose(file);
    char *middle = strchr(text, '|');
    ck_assert_ptr_nonnull(middle);
    *middle = 0;
    ck_assert_str_eq(text, line);
    ck_assert_str_eq(middle + 1, markup);
    ck_assert_int_eq(columns, line_columns);
}

START_TEST(formulas_become_lines_and_markup)
{
    check_formula("x", "x", 1, "<math><mrow><mi>x</mi></mrow></math>");
    check_formula("12 - a", "12 - a", 6, "<math><mrow><mrow><mn>12</mn><mo>−</mo><mi>a</mi></mrow></mrow></math>");
    check_formula("\\delta_{f,t}", "δ_{f,t}", 7,
                  "<math><mrow><msub><mi>δ</mi><mrow><mi>f</mi><mo>,</mo><mi>t</mi></mrow></msub></mrow></math>");
    check_formula(
        "\\tilde C_t^2", "C̃_t²", 4,
        "<math><mrow><msubsup><mover accent=\"true\"><mi>C</mi><mo "
        "stretchy=\"false\">~</mo></mover><mrow><mi>t</mi></mrow><mrow><mn>2</mn></mrow></msubsup></mrow></math>");
    check_formula("\\mathrm dh", "dh", 2,
                  "<math><mrow><mrow><mi mathvariant=\"normal\">d</mi><mi>h</mi></mrow></mrow></math>");
    check_formula("\\tanh^2(C)", "tanh²(C)", 8,
                  "<math><mrow><mrow><msup><mi>tanh</mi><mrow><mn>2</mn></mrow></msup><mo>\u2061</mo><mrow><mo>(</"
                  "mo><mi>C</mi><mo>)</mo></mrow></"
                  "mrow></mrow></math>");
    check_formula("t < T", "t < T", 5, "<math><mrow><mrow><mi>t</mi><mo>&lt;</mo><mi>T</mi></mrow></mrow></math>");
    check_formula("\\delta_f", "δ_f", 3, "<math><mrow><msub><mi>δ</mi><mrow><mi>f</mi></mrow></msub></mrow></math>");
}
END_TEST

START_TEST(colours_have_ends)
{
    ck_assert_str_eq(colour_share(0).text, "#00204c");
    ck_assert_str_eq(colour_share(1).text, "#ffe945");
    ck_assert_str_eq(colour_share(7).text, "#ffe945");
    ck_assert_str_eq(colour_signed(0).text, "#f7f7f7");
    ck_assert_str_eq(colour_signed(-1).text, "#2166ac");
    ck_assert(colour_share(0).dark && !colour_share(1).dark);
}
END_TEST

/* ---- Networks ---- */

static const char *const explained_names[] = { "lstm", "gru", "gru-reset-before", "bilstm", "attention" };
enum { EXPLAINED = sizeof explained_names / sizeof *explained_names };

static explanation *explained(const char *name, int64_t steps, int64_t input, int64_t hidden, int64_t batch,
                              uint64_t seed)
{
    explanation *e = eddy_allocate(1, sizeof *e);
    ck_assert_ptr_nonnull(e);
    e->setup = (explain_setup){ .network = network_find(name),
                                .steps = steps,
                                .input = input,
                                .hidden = hidden,
                                .batch = batch,
                                .seed = seed,
                                .gain = 1,
                                .forget_bias = NAN };
    ck_assert_msg(explain_network(e), "%s: %s", name, e->status.text);
    return e;
}

static void done(explanation *e)
{
    explain_free(e);
    eddy_free(e);
}

START_TEST(three_ways_agree)
{
    static const int64_t sizes[][4] = {
        { 3, 2, 2, 2 }, { 1, 1, 1, 1 }, { 1, 2, 3, 1 }, { 4, 3, 1, 2 }, { 7, 1, 4, 3 }
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            explanation *e = explained(explained_names[_i], sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3], seed);
            for (int n = 0; n < e->count; n++)
                ck_assert_msg(e->item[n].agrees, "%s %s, size %zu, seed %d: %g, %g", explained_names[_i],
                              e->item[n].name, i, (int)seed, e->item[n].relative, e->item[n].numerical_ratio);
            ck_assert(e->agrees && e->compared > 0);
            done(e);
        }
}
END_TEST

/* Every value by hand or tape matters: one that is off by a millionth is seen, in every quantity, and so is one that is
 * missing. */
START_TEST(wrong_values_are_seen)
{
    explanation *e = explained(explained_names[_i], 3, 2, 2, 2, 1);
    for (int n = 0; n < e->count; n++) {
        quantity *q = &e->item[n];
        if (!q->formula)
            continue;
        int64_t at = (q->last + 1) * q->rows * q->columns - 1;
        double kept = q->hand[at];
        q->hand[at] = kept * (1 + 1e-6) + (kept == 0 ? 1e-6 : 0);
        explain_judge(e);
        ck_assert_msg(!q->agrees && !e->agrees, "%s", q->name);
        q->hand[at] = NAN;
        explain_judge(e);
        ck_assert_msg(!q->agrees && q->ulp == UINT64_MAX, "%s", q->name);
        q->hand[at] = kept;
        if (q->numerical) {
            double numerical = q->numerical[at];
            q->numerical[at] = q->tape[at] + 2 * q->uncertainty[at];
            explain_judge(e);
            ck_assert_msg(!q->agrees || q->unresolved, "%s", q->name);
            q->numerical[at] = numerical;
        }
        explain_judge(e);
        ck_assert(e->agrees);
    }
    done(e);
}
END_TEST

/* With no recurrent paths the direct product is all there is: J = diag(f). */
START_TEST(flow_without_gates_is_the_product)
{
    explanation *e = explained("lstm", 5, 2, 3, 1, 4);
    const flow_step *s = e->flow[0].step;
    ck_assert(s[5].state == 1 && s[5].direct == 1 && s[5].cell == 1);
    for (int k = 4; k >= 0; k--)
        ck_assert(s[k].direct < s[k + 1].direct && s[k].cell <= s[k].state * (1 + 1e-9));
    /* one step: dC_T/dC_{T-1} with h fixed is diag(f_T) exactly */
    const quantity *f = explain_find(e, "f", 0);
    double most = 0;
    for (int64_t j = 0; j < 3; j++)
        most = fmax(most, f->tape[5 * 3 + j]);
    ck_assert_double_eq_tol(s[4].cell, most, 1e-12);
    ck_assert_double_eq_tol(s[4].direct, most, 1e-15);
    done(e);
    /* |dL/dh_0| is what the matrix form says */
    e = explained("gru-reset-before", 4, 2, 2, 1, 4);
    const quantity *h0 = explain_find(e, "dh0", 0);
    ck_assert_double_eq_tol(e->flow[0].step[0].gradient, hypot(h0->hand[0], h0->hand[1]), 1e-12);
    done(e);
}
END_TEST

/* With 16 units over 50 steps the direct product is 1e6 times too small at forget bias 0, and a bias of 3
 * keeps the gradient alive. */
START_TEST(forget_bias_keeps_the_gradient)
{
    double state[2];
    for (int i = 0; i < 2; i++) {
        explanation *e = eddy_allocate(1, sizeof *e);
        e->setup = (explain_setup){ .network = network_find("lstm"),
                                    .steps = 50,
                                    .input = 2,
                                    .hidden = 16,
                                    .batch = 1,
                                    .seed = 1,
                                    .gain = 1,
                                    .forget_bias = 3 * i };
        ck_assert_msg(explain_network(e), "%s", e->status.text);
        state[i] = e->flow[0].step[0].state;
        ck_assert(e->agrees);
        ck_assert_msg(state[i] > (i ? 10 : 1e5) * e->flow[0].step[0].direct, "%g, %g", state[i],
                      e->flow[0].step[0].direct);
        ck_assert_ptr_nonnull(strstr(e->flow[0].sentence, "underestimates"));
        done(e);
    }
    ck_assert(state[0] < 1e-4 && state[1] > 1);
}
END_TEST

/* The linker leads open_memstream of the test program here. A stream without memory is NULL, or fails when it grows and
 * has no text. */
static int memstreams, short_at;
static bool grows;
FILE *__real_open_memstream(char **text, size_t *size);
FILE *__wrap_open_memstream(char **text, size_t *size);
FILE *__wrap_open_memstream(char **text, size_t *size)
{
    if (!short_at || ++memstreams != short_at)
        return __real_open_memstream(text, size);
    return grows ? fopen("/dev/full", "w") : NULL;
}

START_TEST(memory_for_formulas_is_short)
{
    explanation *e = explained("lstm", 2, 1, 1, 1, 1);
    for (int way = 0; way < 2; way++)
        for (short_at = 1; short_at <= 4; short_at++) {
            eddy_status status = { 0 };
            worked_line line;
            int lines = 0;
            memstreams = 0;
            grows = way;
            for (int next = 0; worked_next(e, &next, true, &line, &status); lines++)
                worked_free(&line);
            ck_assert_int_le(lines, 2);
            ck_assert_msg(strstr(status.text, "no memory") != NULL, "\"%s\"", status.text);
        }
    short_at = 0;
    done(e);
}
END_TEST

Suite *suite_explain(void)
{
    Suite *s = suite_create("explain");
    TCase *t = tcase_create("explain");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, distance_counts_doubles);
    tcase_add_test(t, norm_is_the_largest_singular_value);
    tcase_add_test(t, formulas_become_lines_and_markup);
    tcase_add_test(t, colours_have_ends);
    tcase_add_loop_test(t, three_ways_agree, 0, EXPLAINED);
    tcase_add_loop_test(t, wrong_values_are_seen, 0, EXPLAINED);
    tcase_add_test(t, memory_for_formulas_is_short);
    tcase_add_test(t, flow_without_gates_is_the_product);
    tcase_add_test(t, forget_bias_keeps_the_gradient);
    suite_add_tcase(s, t);
    return s;
}
