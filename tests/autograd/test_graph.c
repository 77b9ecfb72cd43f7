/* Pictures: what the DOT text says, what it leaves out, and that Graphviz can read it. */
#include "recording.h"

#include <string.h>

/* Reads the text with Graphviz if it is installed; a syntax error or a warning fails. */
static void check_dot(const char *text)
{
    if (system("dot -V >/dev/null 2>&1")) {
        printf("SKIPPED: reading DOT with Graphviz (there is no program 'dot')\n");
        return;
    }
    FILE *dot = popen("! dot -Tcanon 2>&1 >/dev/null | grep .", "w");
    ck_assert_ptr_nonnull(dot);
    fputs(text, dot);
    ck_assert_int_eq(pclose(dot), 0);
}

static char *graph_of(eddy_list vars, const eddy_graph_options *options)
{
    char *text = eddy_graph(vars, options);
    ck_assert_msg(text != NULL, "%s", eddy_error(vars.items[0].tape));
    check_dot(text);
    return text;
}

static int occurrences(const char *text, const char *part)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        n++;
    return n;
}

#define HAS(text, part) ck_assert_msg(strstr(text, part) != NULL, "no %s in:\n%s", part, text)
#define HAS_NOT(text, part) ck_assert_msg(strstr(text, part) == NULL, "%s in:\n%s", part, text)

START_TEST(unrolled)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_lstm lstm = eddy_lstm_new(tape, "enc", 3, 4);
    eddy_var loss = eddy_sum(eddy_unroll(&lstm.cell, eddy_input(tape, "x", EDDY_SHAPE(3, 2, 3)), NULL).last);
    char *text = graph_of(EDDY_LIST(loss), &(eddy_graph_options){ .title = "three steps" });
    HAS(text, "<B>three steps</B>");
    HAS(text, "<B>step 0</B>");
    HAS(text, "<B>step 2</B>");
    HAS_NOT(text, "step 3");
    HAS(text, "<B>unroll</B>");
    HAS(text, "test_graph.c:");
    HAS_NOT(text, "/test_graph.c");
    HAS(text, "(16, 3)");
    HAS(text, "class=\"parameter\"");
    HAS(text, "class=\"input\"");
    HAS(text, "enc.weight_ih_l0");
    ck_assert_int_eq(occurrences(text, "<B>f</B>"), 3);
    HAS_NOT(text, "dashed");
    eddy_free(text);

    text = graph_of(eddy_gradients(loss, eddy_parameters(tape)), NULL);
    HAS(text, "gradient");
    HAS(text, "dashed");
    HAS(text, "dir=back");
    eddy_free(text);

    text = graph_of(EDDY_LIST(loss), &(eddy_graph_options){ .no_sites = true, .no_shapes = true });
    HAS_NOT(text, "test_graph.c");
    HAS_NOT(text, "(16, 3)");
    eddy_free(text);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(roles_and_reach)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    double value = 3;
    eddy_tensor one = eddy_tensor_wrap(&value, EDDY_F64, EDDY_SCALAR);
    eddy_var p = eddy_parameter(tape, "p", &one), s = eddy_state(tape, "s", &one), c = eddy_constant(tape, &one),
             x = eddy_input(tape, "x", EDDY_SCALAR);
    eddy_var away = eddy_tanh(eddy_input(tape, "unseen", EDDY_SCALAR));
    eddy_var y = eddy_add(eddy_mul(p, x), eddy_mul_scalar(c, 2.5)), write = eddy_assign(s, y);
    (void)away;
    char *text = graph_of(EDDY_LIST(write), NULL);
    HAS(text, "class=\"parameter\"");
    HAS(text, "class=\"state\"");
    HAS(text, "class=\"constant\"");
    HAS(text, "class=\"input\"");
    HAS(text, "writes");
    HAS(text, "2.5");
    HAS(text, "penwidth=3");
    HAS_NOT(text, "unseen");
    HAS_NOT(text, "tanh");
    ck_assert_int_eq(occurrences(text, " -> "), 8);
    eddy_free(text);

    text = graph_of(EDDY_LIST(x), NULL);
    HAS(text, "<B>x</B>");
    ck_assert_int_eq(occurrences(text, " -> "), 0);
    eddy_free(text);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(escaping)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "a<b>&\"c\\\n\xff]} h\xc3\xa9", EDDY_SHAPE(2)), y = eddy_watch(eddy_tanh(x), "</B>");
    char *text = graph_of(EDDY_LIST(y), &(eddy_graph_options){ .title = "<i>\"" });
    HAS(text, "a&lt;b&gt;&amp;&quot;c&#92;??]} h\xc3\xa9");
    HAS(text, "<B>&lt;/B&gt;</B>");
    HAS(text, "&lt;i&gt;&quot;");
    eddy_free(text);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_mark mark = eddy_mark_now(tape);
    eddy_var x = eddy_input(tape, "x", EDDY_SCALAR), y = eddy_tanh(x);
    eddy_reset(tape, mark);
    FAILS(tape, eddy_graph(EDDY_LIST(y), NULL), "reset");
    ck_assert_ptr_null(eddy_graph(EDDY_NONE, NULL));
    ck_assert_ptr_null(eddy_graph(EDDY_LIST((eddy_var){ 0 }), NULL));
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_graph(void)
{
    Suite *suite = suite_create("graph");
    TCase *tcase = tcase_create("graph");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, unrolled);
    tcase_add_test(tcase, roles_and_reach);
    tcase_add_test(tcase, escaping);
    tcase_add_test(tcase, mistakes);
    suite_add_tcase(suite, tcase);
    return suite;
}
