/* The page of `eddy check`: formulas as their authors wrote them, and the document's prose around them. */
#include "test.h"

#include "author.h"
#include "pieces.h"

#include <stdlib.h>
#include <string.h>

#define HAS(bytes, part) ck_assert_msg(strstr(bytes, part) != NULL, "\"%s\" is not in:\n%.3000s", part, bytes)
#define HAS_NOT(bytes, part) ck_assert_msg(strstr(bytes, part) == NULL, "\"%s\" is in:\n%.3000s", part, bytes)

static const char *drawn(arena *a, const char *latex, const author_names *names)
{
    text out = { .arena = a };
    author_math(&out, a, latex, strlen(latex), true, names);
    return text_done(&out);
}

/* Elements are closed in order. */
static void expect_nested(const char *markup)
{
    char stack[256][16];
    int depth = 0;
    for (const char *s = markup; (s = strchr(s, '<')) != NULL;) {
        bool closing = s[1] == '/';
        s += closing ? 2 : 1;
        size_t n = strcspn(s, " />");
        ck_assert_msg(n > 0 && n < sizeof *stack, "a broken tag: %.30s", s);
        const char *end = strchr(s, '>');
        ck_assert_ptr_nonnull(end);
        if (closing) {
            ck_assert_msg(depth && strlen(stack[depth - 1]) == n && !memcmp(stack[depth - 1], s, n),
                          "</%.*s> closes <%s> in %s", (int)n, s, depth ? stack[depth - 1] : "nothing", markup);
            depth--;
        } else if (end[-1] != '/' && !(n == 2 && (!memcmp(s, "br", 2) || !memcmp(s, "hr", 2))) &&
                   !(n == 4 && !memcmp(s, "meta", 4)) && *s != '!') {
            ck_assert_int_lt(depth, 256);
            memcpy(stack[depth], s, n);
            stack[depth++][n] = 0;
        }
        s = end;
    }
    ck_assert_msg(!depth, "<%s> stays open in %s", depth ? stack[depth - 1] : "", markup);
}

START_TEST(test_tokens)
{
    arena a;
    arena_start(&a, (size_t)64 << 20);
    static const char *const cases[][2] = {
        { "h^{(t)}", "<msup><mrow><mi>&#x68;</mi></mrow><mrow><mrow><mo stretchy=\"false\">(</mo><mi>&#x74;</mi>" },
        { "\\mathbf{net}_t", "<mi>&#x1D427;&#x1D41E;&#x1D42D;</mi>" },
        { "\\mathrm{net}_t", "<mi>net</mi>" },
        { "top\\_diff\\_is", "<mi>top_diff_is</mi>" },
        { "\\begin{bmatrix} a & b \\\\ c & d \\end{bmatrix}",
          "form=\"prefix\">[</mo><mtable class=\"matrix\"><mtr><mtd><mi>&#x61;</mi></mtd><mtd>" },
        { "\\begin{aligned} a &= b \\\\ &= c \\end{aligned}", "</mtd></mtr><mtr><mtd></mtd><mtd><mo>=</mo>" },
        { "\\begin{cases} x & y \\\\ z & \\text{if $u$} \\end{cases}",
          "form=\"prefix\">{</mo><mtable class=\"cases\">" },
        { "\\underbrace{x}_{\\text{all of it}}", "<munder><mrow><munder accentunder=\"true\">" },
        { "\\operatorname{softmax}(x)", "<mi>softmax</mi>" },
        { "\\operatorname*{argmax}_k y", "<munder><mrow><mrow><mi>argmax</mi></mrow></mrow>" },
        { "\\left. \\frac{a}{b} \\right|_{f}", "<msub><mrow><mrow><mfrac>" },
        { "a \\stackrel{\\mathrm{def}}{=} b", "<mover><mrow><mo>=</mo></mrow><mrow><mrow><mi>def</mi>" },
        { "\\sum_{t=1}^T x", "<munderover><mrow><mo>∑</mo></mrow>" },
        { "x'_t", "<msubsup>" },
        { "a = -b", "<mo>=</mo><mo form=\"prefix\">−</mo>" },
        { "\\tanh C", "<mi>tanh</mi><mspace width=\"0.17em\"/>" },
        { "\\nosuch{x}", "<mtext class=\"tex\">\\nosuch</mtext>" },
        { "\\text{for all } t", "<mtext>for\u00A0all\u00A0</mtext>" },
        { "1.5 x^10", "<msup><mrow><mi>&#x78;</mi></mrow><mrow><mn>1</mn></mrow></msup><mn>&#x30;</mn>" },
        { "a <b & c>", "&lt;" },
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const char *made = drawn(&a, cases[k][0], NULL);
        expect_nested(made);
        HAS(made, cases[k][1]);
    }
    author_names names = { 0 };
    static const char words[] = "\\mathrm{net}_t = \\mathrm{out}_t";
    latex_result read = latex_read(&a, words, sizeof words - 1);
    author_names_of(&a, &names, read.formula[0]);
    HAS(drawn(&a, "net_t = xy", &names), "<mi>net</mi>");
    HAS(drawn(&a, "net_t = xy", &names), "<mi>&#x78;</mi><mi>&#x79;</mi>");
    arena_free(&a);
}
END_TEST

/* Whatever comes, the markup is sound, and nothing of the document's becomes markup. */
START_TEST(test_hostile_formulas)
{
    arena a;
    arena_start(&a, (size_t)256 << 20);
    static const char *const cases[] = { "}}}{{{",
                                         "\\frac",
                                         "\\frac{a",
                                         "\\left(",
                                         "\\right)",
                                         "\\begin{",
                                         "\\end{x}",
                                         "x^",
                                         "_",
                                         "x^^^y",
                                         "\\sqrt[",
                                         "\\text{",
                                         "\\text{$",
                                         "&&\\\\&",
                                         "\\\\",
                                         "\\begin{aligned}\\frac{a}\\end{aligned}",
                                         "<script>alert(1)</script>",
                                         "\\href{javascript:x}{y}",
                                         "\\not",
                                         "\\not\\in",
                                         "\\",
                                         "\\text{<img src=x>}",
                                         "\xF0\x9F\x98\x80",
                                         "\xE2\x80\xAE",
                                         "\\operatorname{<b>}",
                                         "\\begin{bmatrix} \\begin{cases} a & b",
                                         "\\stackrel",
                                         "\\big",
                                         "\\color{<}",
                                         "x_{\\end{a}}" };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const char *made = drawn(&a, cases[k], NULL);
        expect_nested(made);
        HAS_NOT(made, "<script");
        HAS_NOT(made, "<img");
        HAS_NOT(made, "<b>");
        HAS_NOT(made, "href");
    }
    enum { DEEP = 3000 };
    text deep = { .arena = &a };
    for (int k = 0; k < DEEP; k++)
        text_add(&deep, "x^{");
    expect_nested(drawn(&a, text_done(&deep), NULL));
    deep.length = 0;
    for (int k = 0; k < DEEP; k++)
        text_add(&deep, "\\frac\\sqrt\\hat");
    HAS(drawn(&a, text_done(&deep), NULL), "<code class=\"tex\">");
    ck_assert(!a.failed);
    arena_free(&a);
}
END_TEST

static char *page_of(const char *name, document_type type, const char *source)
{
    arena a;
    arena_start(&a, (size_t)1 << 30);
    document d = document_read(&a, name, type, source, strlen(source));
    ck_assert_msg(!d.sentence, "%s", d.sentence);
    findings *all = check_document(&a, &d, &(check_options){ .quick = true });
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&bytes, &length);
    ck_assert(report_html(stream, &d, all, name));
    fclose(stream);
    arena_free(&a);
    const char *body = strstr(bytes, "<section class=\"document\">");
    ck_assert_ptr_nonnull(body);
    expect_nested(strchr(bytes, '\n'));
    memmove(bytes, body, strlen(body) + 1);
    return bytes;
}

/* In the order of the document: returns the place behind what was found. */
static const char *after(const char *page, const char *part)
{
    const char *found = strstr(page, part);
    ck_assert_msg(found != NULL, "\"%s\" does not follow in:\n%.3000s", part, page);
    return found + strlen(part);
}

START_TEST(test_prose)
{
    char *page = page_of("notes.md", DOCUMENT_MARKDOWN,
                         "# A *title* with $x_t$\n\n<!-- eddy\ngiven u, w in R^H\n-->\n"
                         "Words, **strong ones**, `a < b`, [linked](https://example.org/a_b_c) <b>bold</b> &amp; "
                         "[not](javascript:alert(1)).\n\n"
                         "- one, where $u + w = w + u$\n- two\n  $$ 2u = u + u \\tag{twice} $$\n\n"
                         "| a | b |\n|---|---|\n| $u$ | `x|y` |\n\n"
                         "> quoted\n> $$ u = u + 0 \\tag{zero} $$\n\n"
                         "```c\nint x = 1 < 2; /* $u = 1$ */\n```\n\n"
                         "Underlined\n---\n\n1. first\n2. second\n\n***\n\nThe end.\n");
    HAS(page, "<h2>A <em>title</em> with <math>");
    const char *p = after(page, "<details class=\"setup\">");
    p = after(p, "given u, w in R^H");
    p = after(p, "<strong>strong ones</strong>, <code>a &lt; b</code>, <a rel=\"noreferrer\" "
                 "href=\"https://example.org/a_b_c\">linked</a> bold &amp; ");
    p = after(p, "<ul>\n<li><p>one, where <math>");
    p = after(p, "<a class=\"mark v-holds\"");
    p = after(p, "<div class=\"formula\">");
    p = after(p, "id=\"f-twice\"");
    p = after(p, "</ul>");
    p = after(p, "<th> a </th><th> b </th>");
    p = after(p, "<code>x|y</code>");
    p = after(p, "<blockquote>\n<p>quoted\n</p>\n<div class=\"formula\">");
    p = after(p, "id=\"f-zero\"");
    p = after(p, "<pre><code>int x = 1 &lt; 2; /* $u = 1$ */\n</code></pre>");
    p = after(p, "<h2>Underlined</h2>");
    p = after(p, "<ol>\n<li><p>first</p>");
    p = after(p, "<hr>");
    after(p, "<p>The end.</p>");
    HAS_NOT(page, "<b>");
    HAS_NOT(page, "javascript");
    free(page);
}
END_TEST

START_TEST(test_commands_of_the_author)
{
    char *page = page_of(
        "notes.tex", DOCUMENT_TEX,
        "\\documentclass{article}\\newcommand{\\vc}[1]{\\mathbf{#1}}\n\\begin{document}\n"
        "\\section{Sums \\emph{of} two}\n% eddy: given \\vc{u} in R^H\nLet \\textbf{us} see~\\cite{x} -- now:\n\n"
        "\\begin{itemize}\\item a point\\end{itemize}\n"
        "\\begin{align}\n 2 \\vc{u} &= \\vc{u} + \\vc{u} \\label{twice} \\\\\n 0 &\\stackrel{!}{=} \\vc{u} - \\vc{u}\n"
        "\\end{align}\n\\begin{verbatim}\n<b> $x$\n\\end{verbatim}\n\\end{document}\n");
    const char *p = after(page, "<h2>Sums <em>of</em> two</h2>");
    p = after(p, "Let <strong>us</strong> see\u00A0[x] – now:");
    p = after(p, "<li> a point</li>");
    p = after(p, "<mtable class=\"aligned\"");
    p = after(p, "&#x1D42E;"); /* bold u: the author's own command */
    p = after(p, "<mover>");
    p = after(p, "<article");
    p = after(p, "<article");
    after(p, "&lt;b&gt; $x$");
    HAS_NOT(page, "\\vc");
    HAS_NOT(page, "documentclass");
    free(page);
}
END_TEST

/* Every finding is on the page once, whatever surrounds its formula. */
START_TEST(test_all_are_placed)
{
    char *page = page_of("odd.md", DOCUMENT_MARKDOWN,
                         "<!-- eddy given u in R^H -->\n$$ u = u \\tag{1} $$ text $$ 2u = u + u \\tag{2} $$\n"
                         "* * *\n- - $u + 0 = u$\n\n[$u = 1 u$](x) *a $u = u \\cdot 1$ b* **c\n\n"
                         "| $3u = u + 2u$ |\n|---|\n\n<div>$0 = u - u$</div> $$\n-u = 0 - u\n\n+ 0 \\tag{3} $$ \n");
    int articles = 0;
    for (const char *s = page; (s = strstr(s, "<article")) != NULL; s++)
        articles++;
    ck_assert_int_eq(articles, 8);
    free(page);
}
END_TEST

Suite *suite_page(void)
{
    Suite *suite = suite_create("page");
    TCase *tcase = tcase_create("page");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_tokens);
    tcase_add_test(tcase, test_hostile_formulas);
    tcase_add_test(tcase, test_prose);
    tcase_add_test(tcase, test_commands_of_the_author);
    tcase_add_test(tcase, test_all_are_placed);
    suite_add_tcase(suite, tcase);
    return suite;
}
