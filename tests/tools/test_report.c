/* The reports of `eddy check`: what they say, that they are well-formed, and that nothing in a document can break out
 * of them. */
#include "test.h"

#include "pieces.h"

#include <math.h>
#include <string.h>

#ifdef EDDY_HAVE_JANSSON
#include <jansson.h>
#endif

/* ---- Findings as the judge would make them ---- */

enum { FAKES = 13, NODES = 13, EDGES = 18 };
#define HOSTILE                                                                                                        \
    "</math></code><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;\"\\ \x1b[31m\x07 \xff\xfe "            \
    "\xe2\x80\xae tail"
#define HOSTILE_ID "<b id=\"x\">&'" HOSTILE
#define HOSTILE_FRACTION "\\frac{a" HOSTILE
#define HOSTILE_WORDS "\\text{" HOSTILE "} = 0"

static const char *const sources[FAKES] = {
    "C_t = f_t \\odot C_{t-1} + i_t \\odot \\tilde C_t",
    "x_t \\in R^I",
    "\\frac{\\partial C_t}{\\partial C_{t-1}} = \\operatorname{diag}(f_t)",
    "\\frac{\\partial L}{\\partial C_t} = \\frac{\\partial L}{\\partial h_t} \\odot o_t \\odot (1 - \\tanh^2(C_t))",
    "\\delta_{f,t} = \\frac{\\partial L}{\\partial C_t} \\odot C_{t-1}",
    "\\alpha_t = \\mathrm{softmax}(e_t)",
    "\\frac{\\partial L}{\\partial W_f} = \\sum_t \\delta_{f,t} [h_{t-1}, x_t]^T",
    HOSTILE_FRACTION,
    "h_t = o_t \\odot \\tanh(C_t)",
    "\\frac{\\partial L}{\\partial C_{t-1}} = \\frac{\\partial L}{\\partial C_t} \\odot f_t + \\frac{\\partial "
    "L}{\\partial C_t} \\odot C_{t-1} "
    "\\odot f_t \\odot (1-f_t) "
    "+ \\frac{\\partial L}{\\partial C_t} \\odot i_t \\odot (1-\\tilde C_t^2) + \\frac{\\partial L}{\\partial C_t} "
    "\\odot \\tilde C_t \\odot i_t "
    "\\odot (1-i_t)",
    "C_t = C_t",
    "\\|h_t\\| \\le 1",
    HOSTILE_WORDS,
};
static const char *const ids[FAKES] = { "LSTM.C",  "line 7",  "line 9",   "BPTT.dC",   "BPTT.df", "line 14", "BPTT.dW",
                                        "line 18", "line 20", "BPTT.dCp", "line 22.2", "line 23", HOSTILE_ID };
static const check_verdict verdicts[FAKES] = { CHECK_DEFINES, CHECK_DECLARES,   CHECK_HOLDS,      CHECK_HOLDS_IF,
                                               CHECK_FAILS,   CHECK_DEGENERATE, CHECK_UNRESOLVED, CHECK_NOT_READ,
                                               CHECK_DEFINES, CHECK_HOLDS_IF,   CHECK_HOLDS,      CHECK_FAILS,
                                               CHECK_FAILS };

static const graph_node nodes[NODES] = {
    { "C_{t-1}", -1, false, true },
    { "h_{t-1}", -1, false, false },
    { "f_t", 0, false, false },
    { "i_t", 0, false, false },
    { "\\tilde C_t", 0, false, false },
    { "o_t", 0, false, false },
    { "C_t", 0, false, false },
    { "h_t", 0, false, false },
    { "f_{t+1}", 1, false, false },
    { "C_{t+1}", 1, false, false },
    { "h_{t+1}", 1, false, false },
    { "L", GRAPH_NO_STEP, true, false },
    { "W_f", GRAPH_NO_STEP, false, false },
};
static const graph_edge edges[EDGES] = { { 0, 6, true, 0 },   { 1, 2, false, 0 },  { 1, 3, false, 0 },
                                         { 1, 4, false, 0 },  { 1, 5, false, 0 },  { 2, 6, false, 0 },
                                         { 3, 6, false, 0 },  { 4, 6, false, 0 },  { 5, 7, false, 0 },
                                         { 6, 7, true, 0 },   { 6, 9, true, 1 },   { 7, 8, true, 2 },
                                         { 8, 9, true, 0 },   { 9, 10, true, 0 },  { 7, 11, true, 0 },
                                         { 10, 11, true, 0 }, { 12, 2, false, 0 }, { 12, 8, false, 0 } };

static const double one[] = { 1 }, vector[] = { 0.5, -0.25 }, matrix[] = { 1, -2.5, 0.125, 1e-7, 30000, -1 },
                    left_side[] = { 0.25 }, right_side[] = { 0.25000001 };

static void add_example(arena *a, finding *f)
{
    counterexample *e = ARENA_NEW(a, counterexample);
    *e = (counterexample){ .sizes = "$B=1$, $T=2$, $I=3$, $H=2$",
                           .where = "$t=1$",
                           .others_zero = true,
                           .element = "row 1",
                           .left_value = 0.25,
                           .right_value = 0.25000001 };
    e->given = ARENA_ARRAY(a, number_row, 3);
    e->givens = 3;
    e->given[0] = (number_row){ "$C_0$", 0, 1, 1, one };
    e->given[1] = (number_row){ "$h_0$", 1, 2, 1, vector };
    e->given[2] = (number_row){ "$W_f$", 2, 2, 3, matrix };
    e->left = (number_row){ "$\\delta_{f,t}$", 1, 1, 1, left_side };
    e->right = (number_row){ "$\\frac{\\partial L}{\\partial C_t} \\odot C_{t-1}$", 1, 1, 1, right_side };
    f->example = e;
}

static void add_conditions(finding *f, const char **conditions, int count)
{
    f->condition = conditions;
    f->conditions = count;
    f->summary = conditions[0];
}

static findings *fake_findings(arena *a, int count)
{
    static const char *several[] = { "$t = T$",
                                     ("$C_t \\to C_{t+1}$ and $h_t \\to f_{t+1}$ are cut: the derivative then is the "
                                      "explicit one, by what stands in the equation itself"),
                                     "zero initial state" };
    static const char *alone[] = { "$f_t$, $i_t$ and $\\tilde C_t$ are held fixed" };
    static const char *scenes[] = { "$B=2$, $T=4$, $I=3$, $H=5$", "$B=3$, $T=5$, $I=2$, $H=4$" };
    static const char *notes[] = { "the total and the explicit derivative agree here", "both sides are 0 at $t = 1$" };
    findings *all = ARENA_NEW(a, findings);
    *all = (findings){ .document = count ? "lstm & more.md" : "empty.md",
                       .count = count,
                       .mentions = count ? 41 : 0,
                       .scene = scenes,
                       .scenes = count ? 2 : 0,
                       .seconds = 1.25 };
    all->finding = ARENA_ARRAY(a, finding, count ? count : 1);
    for (int i = 0; i < count; i++) {
        finding *f = &all->finding[i];
        document_item *item = ARENA_NEW(a, document_item);
        *item = (document_item){ .source = sources[i],
                                 .line = 5 + 2 * i,
                                 .column = 1,
                                 .id = ids[i],
                                 .heading = i < 4    ? "The cell"
                                            : i < 12 ? "Back through time: $\\partial L$"
                                                     : HOSTILE };
        latex_result read = latex_read(a, sources[i], strlen(sources[i]));
        bool known = verdicts[i] != CHECK_NOT_READ && !read.sentence && read.count > 0;
        *f = (finding){ .item = item,
                        .id = ids[i],
                        .formula = known ? read.formula[0] : NULL,
                        .instance = "",
                        .verdict = verdicts[i],
                        .error = NAN,
                        .summary = "",
                        .met = true };
        if (verdicts[i] == CHECK_HOLDS || verdicts[i] == CHECK_HOLDS_IF || verdicts[i] == CHECK_FAILS) {
            f->error = verdicts[i] == CHECK_FAILS ? 0.37 : 3e-16;
            f->tolerance = 1e-14;
            f->compared = 120 + i;
        }
        f->met = verdicts[i] <= CHECK_HOLDS;
        f->note = notes;
        f->notes = verdicts[i] == CHECK_HOLDS ? 2 : 0;
        if (verdicts[i] == CHECK_HOLDS_IF) {
            add_conditions(f, i == 3 ? several : alone, i == 3 ? 3 : 1);
            f->unmet = i == 3 ? "expected: it holds; it holds only under a condition" : NULL;
            f->expected = i == 3 ? "holds" : "holds if $f_t, i_t$ fixed";
            f->met = i != 3;
            f->node = (graph_node *)(uintptr_t)nodes;
            f->edge = (graph_edge *)(uintptr_t)edges;
            f->nodes = NODES;
            f->edges = EDGES;
        }
        if (i == 4 || i == 12)
            add_example(a, f);
        if (i == 4) {
            f->instance = "$g=f$";
            f->pattern = f->summary = "the right side lacks the factor $f_t \\odot (1 - f_t)$";
            f->missing = "\\frac{\\partial L}{\\partial C_t} \\odot C_{t-1} \\odot (f_t \\odot (1 - f_t) - 1)";
        }
        if (verdicts[i] == CHECK_DEGENERATE) {
            f->summary = "always 1: a softmax over one number";
            f->repair = "softmax over $t$: then it HOLDS";
        }
        if (verdicts[i] == CHECK_NOT_READ)
            f->summary = "after \"\\frac{a\": \"}\" is missing " HOSTILE;
        if (i == 12) {
            f->pattern = HOSTILE " $" HOSTILE "$";
            f->missing = HOSTILE;
            f->expected = HOSTILE;
        }
        all->verdicts[verdicts[i]]++;
        all->unmet += !f->met;
    }
    return all;
}

/* ---- What a report printed ---- */

typedef enum kind { TEXT, TEXT_NARROW, TEXT_COLOUR, TEXT_VERBOSE, JSON, HTML } kind;

/* free() it. */
static char *print(const findings *all, kind what)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&bytes, &length);
    ck_assert_ptr_nonnull(stream);
    bool fine = what == JSON   ? report_json(stream, all)
                : what == HTML ? report_html(stream, NULL, all, "A <title> & more")
                               : report_text(stream, all, what == TEXT_VERBOSE ? 2 : 0, what == TEXT_COLOUR,
                                             what == TEXT_NARROW ? 80 : 0);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert(fine);
    ck_assert_uint_eq(strlen(bytes), length);
    const char *keep = getenv("EDDY_KEEP_REPORTS"); /* a folder: to look at them */
    if (keep && all->count > 1) {
        static const char *const names[] = { "text.txt",    "narrow.txt",  "colour.txt",
                                             "verbose.txt", "report.json", "report.html" };
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", keep, names[what]);
        FILE *copy = fopen(path, "w");
        if (copy) {
            fputs(bytes, copy);
            fclose(copy);
        }
    }
    return bytes;
}

#define HAS(bytes, part) ck_assert_msg(strstr(bytes, part) != NULL, "\"%s\" is not in:\n%.2000s", part, bytes)
#define HAS_NOT(bytes, part) ck_assert_msg(strstr(bytes, part) == NULL, "\"%s\" is in:\n%.2000s", part, bytes)

/* No control characters but line ends, and valid UTF-8 (no byte that cannot begin or continue one). */
static void expect_harmless(const char *bytes)
{
    for (const unsigned char *c = (const unsigned char *)bytes; *c; c++)
        ck_assert_msg((*c >= 32 || *c == '\n') && *c != 0x7F && *c < 0xF5 && *c != 0xC0 && *c != 0xC1,
                      "byte %02x at %td", *c, (const char *)c - bytes);
    HAS_NOT(bytes, "\xE2\x80\xAE");
}

/* ---- HTML ---- */

static bool is_void(const char *name)
{
    static const char *const names[] = { "meta", "br", "hr", "img", "input", "link" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

/* Every tag of the page is one of ours, closed in order; ids are unique and links lead to them. */
static void expect_well_formed(const char *html)
{
    static const char *const known[] = { "html",   "head",    "meta",    "title",     "style",   "body",   "header",
                                         "main",   "section", "article", "h1",        "h2",      "h3",     "h4",
                                         "p",      "ul",      "ol",      "li",        "a",       "span",   "strong",
                                         "div",    "details", "summary", "table",     "thead",   "tbody",  "tr",
                                         "th",     "td",      "code",    "svg",       "g",       "rect",   "path",
                                         "circle", "text",    "math",    "mi",        "mo",      "mn",     "mrow",
                                         "msub",   "msup",    "msubsup", "mfrac",     "mover",   "munder", "munderover",
                                         "mtext",  "msqrt",   "mtable",  "mtr",       "tspan",   "mtd",    "mspace",
                                         "mstyle", "mpadded", "mroot",   "semantics", "menclose" };
    char stack[64][24];
    int depth = 0;
    const char *s = strchr(html, '\n'); /* after the doctype */
    while ((s = strchr(s, '<')) != NULL) {
        bool closing = s[1] == '/';
        s += closing ? 2 : 1;
        size_t length = strcspn(s, " />\n");
        char name[24];
        ck_assert_msg(length > 0 && length < sizeof name, "a tag without a name: %.40s", s);
        memcpy(name, s, length);
        name[length] = 0;
        bool ours = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            ours = ours || !strcmp(known[i], name);
        ck_assert_msg(ours, "a foreign tag <%s>", name);
        s += length;
        bool alone = false;
        while (*s && *s != '>') {
            if (*s == '"') {
                s = strchr(s + 1, '"');
                ck_assert_ptr_nonnull(s);
            }
            ck_assert_msg(*s != '<' && *s != '\'', "a broken tag <%s ... %.30s", name, s);
            alone = *s == '/';
            s++;
        }
        ck_assert_int_eq(*s, '>');
        if (closing) {
            ck_assert_msg(depth > 0 && !strcmp(stack[depth - 1], name), "</%s> closes <%s>", name,
                          depth ? stack[depth - 1] : "nothing");
            depth--;
        } else if (!alone && !is_void(name)) {
            ck_assert_int_lt(depth, 64);
            memcpy(stack[depth++], name, sizeof name);
        }
        if (!closing && !strcmp(name, "style"))
            ck_assert_ptr_nonnull(s = strstr(s, "</style>"));
    }
    ck_assert_msg(depth == 0, "<%s> stays open", depth ? stack[depth - 1] : "");
    for (const char *link = html; (link = strstr(link, "href=\"#")) != NULL; link++) {
        char id[512] = " id=\"";
        size_t length = strcspn(link + 7, "\"");
        ck_assert_uint_lt(length, sizeof id - 8);
        strncat(id, link + 7, length);
        strcat(id, "\"");
        const char *first = strstr(html, id);
        ck_assert_msg(first != NULL, "a link leads nowhere: %s", id);
        ck_assert_msg(strstr(first + 1, id) == NULL, "twice: %s", id);
    }
}

START_TEST(test_html)
{
    arena a;
    arena_start(&a, (size_t)64 << 20);
    char *html = print(fake_findings(&a, FAKES), HTML);
    expect_harmless(html);
    expect_well_formed(html);
    HAS_NOT(html, "<script");
    HAS_NOT(html, "<img");
    HAS_NOT(html, "http:");
    HAS_NOT(html, "https:");
    HAS(html, "<html lang=\"en\">");
    HAS(html, "<title>A &lt;title&gt; &amp; more</title>");
    HAS(html, "7 formulas need attention");
    HAS(html, "href=\"#f-BPTT.df\"");
    HAS(html, "id=\"f-line_22.2\"");
    HAS(html, "<math display=\"block\">");
    HAS(html, "class=\"edge used cut\"");
    HAS(html, "prefers-color-scheme:dark");
    HAS(html, "@media print");
    HAS(html, "<td>−2.5</td>");
    HAS(html, "0.25000001"); /* six digits would show two equal numbers */
    for (int v = 0; v < CHECK_VERDICTS; v++)
        HAS(html, check_verdict_name((check_verdict)v));
    free(html);
    arena_free(&a);
}
END_TEST

/* ---- Text ---- */

START_TEST(test_text)
{
    arena a;
    arena_start(&a, (size_t)64 << 20);
    char *said = print(fake_findings(&a, FAKES), TEXT);
    expect_harmless(said);
    HAS(said, "  LSTM.C  ");
    HAS(said, "HOLDS IF     3.0e-16");
    HAS(said, "! BPTT.df ");
    HAS(said, "13 formulas: 2 hold, 2 hold under a condition, 3 fail, 1 degenerate, 1 unresolved, 2 define a quantity, "
              "1 declares a shape, 1 not "
              "read; 41 mentions "
              "without a relation.\n");
    HAS(said, "7 are not as they should be: BPTT.dC, BPTT.df, line 14, BPTT.dW, line 18, line 23, ");
    HAS(said, "the left side is 0.25, the right side is 0.25000001 (row 1)");
    HAS(said, "(-v names 2 more conditions)");
    HAS(said, "(as expected)");
    HAS_NOT(said, "$");
    HAS_NOT(said, "smallest counterexample"); /* only -v */
    free(said);
    arena_free(&a);
}
END_TEST

START_TEST(test_text_narrow)
{
    arena a;
    arena_start(&a, (size_t)64 << 20);
    findings *all = fake_findings(&a, FAKES - 1);
    char *said = print(all, TEXT_NARROW);
    for (const char *line = said, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        const char *copy = arena_text(&a, line, (size_t)(end - line));
        ck_assert_msg(sentence_columns(copy) <= 80, "%d columns: %s", sentence_columns(copy), copy);
    }
    HAS(said, "…\n");
    free(said);
    arena_free(&a);
}
END_TEST

START_TEST(test_text_colour)
{
    arena a;
    arena_start(&a, (size_t)64 << 20);
    findings *all = fake_findings(&a, FAKES);
    char *said = print(all, TEXT_COLOUR);
    HAS(said, "\033[31mFAILS\033[0m");
    HAS_NOT(said, "\033[31m\x07"); /* the document's own */
    free(said);
    arena_free(&a);
}
END_TEST

START_TEST(test_text_verbose)
{
    arena a;
    arena_start(&a, (size_t)64 << 20);
    char *said = print(fake_findings(&a, FAKES), TEXT_VERBOSE);
    expect_harmless(said);
    HAS(said, "smallest counterexample: for B");
    HAS(said, "= [    1   -2.5  0.125]\n");
    HAS(said, "[1e-07  30000     -1]\n");
    HAS(said, "or if ");
    HAS(said, "(cut by condition 2)");
    HAS(said, "note: the total and the explicit derivative agree here\n");
    HAS(said, "drawn: ");
    HAS(said, "122 numbers compared, largest relative error 3.0e-16, rounding explains up to 1.0e-14\n");
    free(said);
    arena_free(&a);
}
END_TEST

/* ---- JSON ---- */

START_TEST(test_json)
{
    arena a;
    arena_start(&a, (size_t)64 << 20);
    char *json = print(fake_findings(&a, FAKES), JSON);
    expect_harmless(json);
    HAS(json, "\"schema\": \"eddy-check-1\"");
#ifdef EDDY_HAVE_JANSSON
    json_error_t error;
    json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(root != NULL, "line %d: %s", error.line, error.text);
    ck_assert_str_eq(json_string_value(json_object_get(root, "document")), "lstm & more.md");
    ck_assert(json_is_false(json_object_get(root, "met")));
    ck_assert_int_eq(json_integer_value(json_object_get(root, "unmet")), 7);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(root, "verdicts"), "HOLDS IF")), 2);
    json_t *list = json_object_get(root, "findings");
    ck_assert_uint_eq(json_array_size(list), FAKES);
    json_t *defines = json_array_get(list, 0), *condition = json_array_get(list, 3), *fails = json_array_get(list, 4),
           *hostile = json_array_get(list, 12);
    ck_assert_str_eq(json_string_value(json_object_get(defines, "verdict")), "DEFINES");
    ck_assert(json_is_null(json_object_get(defines, "error"))); /* NaN */
    ck_assert(json_is_null(json_object_get(defines, "counterexample")));
    ck_assert_uint_eq(json_array_size(json_object_get(condition, "conditions")), 3);
    ck_assert_str_eq(
        json_string_value(json_object_get(json_array_get(json_object_get(condition, "conditions"), 0), "latex")),
        "$t = T$");
    json_t *edge = json_array_get(json_object_get(json_object_get(condition, "graph"), "edges"), 11);
    ck_assert_int_eq(json_integer_value(json_object_get(edge, "cut_by")), 1);
    json_t *given = json_object_get(json_object_get(fails, "counterexample"), "given");
    ck_assert_uint_eq(json_array_size(given), 3);
    json_t *value = json_object_get(json_array_get(given, 2), "value");
    ck_assert_uint_eq(json_array_size(value), 2);
    ck_assert(json_real_value(json_array_get(json_array_get(value, 0), 1)) == -2.5);
    ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(hostile, "id")), "<b id=\"x\">&'</math>"));
    ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(hostile, "id")), "\x1b[31m"));
    json_decref(root);
#else
    int depth = 0;
    for (const char *c = json; *c; c++) {
        if (*c == '"')
            for (c++; *c != '"'; c++)
                ck_assert_msg(*c && (*c != '\\' || *++c), "an open string");
        depth += (*c == '{' || *c == '[') - (*c == '}' || *c == ']');
    }
    ck_assert_int_eq(depth, 0);
#endif
    free(json);
    arena_free(&a);
}
END_TEST

/* ---- Corners ---- */

START_TEST(test_empty)
{
    arena a;
    arena_start(&a, (size_t)64 << 20);
    findings *none = fake_findings(&a, 0);
    char *said = print(none, TEXT), *json = print(none, JSON), *html = print(none, HTML);
    ck_assert_str_eq(said, "empty.md: no formulas.\n");
    HAS(json, "\"findings\": []");
    expect_well_formed(html);
    HAS(html, "no formulas.");
    free(said);
    free(json);
    free(html);
    findings *single = fake_findings(&a, 1);
    single->mentions = 1;
    said = print(single, TEXT);
    HAS(said, "1 formula: 1 defines a quantity; 1 mention without a relation.\nEverything is as it should be.\n");
    free(said);
    arena_free(&a);
}
END_TEST

START_TEST(test_math)
{
    arena a;
    arena_start(&a, (size_t)64 << 20);
    ck_assert_str_eq(math_sentence(&a, "costs 5$, or \\$6 & <b>", LATEX_MATHML), "costs 5$, or $6 &amp; &lt;b&gt;");
    ck_assert_str_eq(math_sentence(&a, "a\nb\tc", LATEX_UNICODE), "a b c");
    ck_assert_str_eq(math_sentence(&a, "$$ and $x$ and $", LATEX_UNICODE), "$$ and x and $");
    HAS(math_sentence(&a, "$C \\to h$ is cut", LATEX_UNICODE), "C → h is cut");
    HAS(math_sentence(&a, "$f_t, i_t$ fixed", LATEX_UNICODE), "f_t, i_t fixed");
    HAS(math_sentence(&a, "$\\frac{<a$", LATEX_MATHML), "\\frac{&lt;a");
    ck_assert_int_eq(sentence_columns("C\xCC\x83 = 1"), 5);
    ck_assert_uint_eq(sentence_fit("a\xCE\xB4x", 2), 3);
    text out = { .arena = &a };
    text_clean(&out, "\xF0\x9F\x98\x80 \xED\xA0\x80 \xC0\x80 \xE2\x82", 14, ESCAPE_LINE);
    ck_assert_str_eq(
        text_done(&out),
        "\xF0\x9F\x98\x80 \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD");
    arena_free(&a);
}
END_TEST

/* Cycles, edges to the past, and graphs that are no graphs. */
START_TEST(test_picture)
{
    arena a;
    arena_start(&a, (size_t)64 << 20);
    graph_node some[] = { { "a_t", 0, false, true },
                          { "b_t", 0, false, false },
                          { "c_{t+1}", 1, true, false },
                          { "<b>", -1, false, false } };
    graph_edge cyclic[] = {
        { 0, 1, true, 0 }, { 1, 0, false, 0 }, { 0, 0, false, 1 }, { 2, 1, true, 0 }, { 2, 3, false, 2 }
    };
    finding f = { .node = some, .edge = cyclic, .nodes = 4, .edges = 5 };
    text out = { .arena = &a };
    ck_assert(picture_graph(&out, &f));
    HAS(text_done(&out), "<svg");
    HAS_NOT(text_done(&out), "<b>");
    HAS_NOT(text_done(&out), "nan");
    int drawn = 0;
    for (const char *s = text_done(&out); (s = strstr(s, "class=\"edge")) != NULL; s++)
        drawn++;
    ck_assert_int_eq(drawn, 5);
    size_t before = out.length;
    cyclic[0].to = 4;
    ck_assert(!picture_graph(&out, &f));
    f.nodes = 0;
    ck_assert(!picture_graph(&out, &f));
    ck_assert_uint_eq(out.length, before);
    arena_free(&a);
}
END_TEST

Suite *suite_report(void)
{
    Suite *suite = suite_create("report");
    TCase *tcase = tcase_create("report");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_text);
    tcase_add_test(tcase, test_text_narrow);
    tcase_add_test(tcase, test_text_colour);
    tcase_add_test(tcase, test_text_verbose);
    tcase_add_test(tcase, test_json);
    tcase_add_test(tcase, test_html);
    tcase_add_test(tcase, test_empty);
    tcase_add_test(tcase, test_math);
    tcase_add_test(tcase, test_picture);
    suite_add_tcase(suite, tcase);
    return suite;
}
