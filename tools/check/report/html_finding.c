/* One finding on the page: the formula as its author wrote it, how it was read, the verdict and what is known of it. */
#include "page.h"

#include <math.h>
#include <string.h>

/* ---- Numbers ---- */

/* With a minus that is as wide as a plus. */
static void put_digits(const page *p, const char *digits)
{
    for (; *digits; digits++)
        if (*digits == '-')
            page_put(p, "−");
        else
            text_add_n(p->out, digits, 1);
}

static void put_numbers(const page *p, const number_row *row)
{
    number_shape shape = number_row_shape(row);
    int rows = shape.rows < NUMBERS_SHOWN ? shape.rows : NUMBERS_SHOWN,
        columns = shape.columns < NUMBERS_SHOWN ? shape.columns : NUMBERS_SHOWN;
    page_put(p, "<div class=\"number\"><div class=\"name scroll\" tabindex=\"0\">");
    page_sentence(p, row->name);
    page_put(p, " =</div>");
    if (rows < 1 || columns < 1) {
        text_format(p->out, "<span class=\"soft\">%s</span></div>\n", row->value ? "no numbers" : "not computed");
        return;
    }
    text_format(p->out, "<div class=\"scroll\" tabindex=\"0\"><table%s>", row->rank ? "" : " class=\"scalar\"");
    for (int i = 0; i < rows; i++) {
        page_put(p, "<tr>");
        for (int j = 0; j < columns; j++) {
            page_put(p, "<td>");
            put_digits(p, arena_format(p->arena, "%.6g", row->value[(size_t)i * (size_t)shape.columns + (size_t)j]));
            page_put(p, "</td>");
        }
        page_put(p, columns < shape.columns ? "<td>…</td></tr>" : "</tr>");
    }
    page_put(p, "</table></div>");
    if (rows < shape.rows || columns < shape.columns)
        text_format(p->out, "<span class=\"soft\">… %d × %d numbers</span>", shape.rows, shape.columns);
    page_put(p, "</div>\n");
}

static void put_example(const page *p, const counterexample *e)
{
    page_put(p, "<h4>Smallest counterexample</h4>\n");
    const char *where = words_where(p->arena, e);
    if (*where)
        page_paragraph(p, "", "", where);
    page_put(p, "<div class=\"numbers\">\n");
    for (int i = 0; i < e->givens; i++)
        put_numbers(p, &e->given[i]);
    page_put(p, "</div>\n");
    if (e->others_zero)
        page_paragraph(p, "", "", e->givens ? "Everything else given is 0. Then" : "Everything given is 0. Then");
    page_put(p, "<div class=\"numbers\">\n<div class=\"side\"><strong>Left side</strong>\n");
    put_numbers(p, &e->left);
    page_put(p, "</div>\n<div class=\"side\"><strong>Right side</strong>\n");
    put_numbers(p, &e->right);
    page_put(p, "</div>\n</div>\n");
    char left[40], right[40];
    words_two_numbers(e->left_value, e->right_value, left, right, sizeof left);
    page_put(p, "<p>The left side is <strong>");
    put_digits(p, left);
    page_put(p, "</strong>, the right side is <strong>");
    put_digits(p, right);
    page_put(p, "</strong>");
    if (report_has(e->element)) {
        page_put(p, " (");
        page_sentence(p, e->element);
        page_put(p, ")");
    }
    page_put(p, ".</p>\n");
}

/* ---- Graph ---- */

static void put_key(const page *p, const char *sample, const char *meaning)
{
    text_format(p->out, "<li><svg width=\"34\" height=\"18\" aria-hidden=\"true\">%s</svg>%s</li>\n", sample, meaning);
}

static void put_keys(const page *p, const finding *f)
{
    bool used = false, cut = false, numerator = false, denominator = false;
    for (int i = 0; i < f->edges; i++) {
        used = used || f->edge[i].used;
        cut = cut || f->edge[i].cut > 0;
    }
    for (int i = 0; i < f->nodes; i++) {
        numerator = numerator || f->node[i].numerator;
        denominator = denominator || f->node[i].denominator;
    }
    page_put(p, "<ul class=\"keys\">\n");
    if (denominator)
        put_key(p, "<g class=\"node denominator\"><rect x=\"3\" y=\"2\" width=\"28\" height=\"14\" rx=\"4\"/></g>",
                "what is differentiated by");
    if (numerator)
        put_key(p,
                "<g class=\"node\"><rect x=\"2\" y=\"1\" width=\"30\" height=\"16\" rx=\"4\"/><rect x=\"5\" y=\"4\" "
                "width=\"24\" height=\"10\" "
                "rx=\"2\"/></g>",
                "what is differentiated");
    if (used)
        put_key(p,
                "<g class=\"edge used\"><path class=\"line\" d=\"M0 9h26\"/><path class=\"tip\" d=\"M34 9l-9 "
                "-4.5v9z\"/></g>",
                "on a path between them");
    if (cut)
        put_key(p,
                "<g class=\"edge cut\"><path class=\"line\" d=\"M0 9h34\"/><circle class=\"mark\" cx=\"17\" cy=\"9\" "
                "r=\"8\"/><text class=\"mark\" "
                "x=\"17\" "
                "y=\"13\">1</text></g>",
                "cut by the condition of that number");
    put_key(p, "<g class=\"edge\"><path class=\"line\" d=\"M0 9h26\"/><path class=\"tip\" d=\"M34 9l-9 -4.5v9z\"/></g>",
            used ? "any other dependency" : "goes into");
    page_put(p, "</ul>\n");
}

static void put_graph(const page *p, const finding *f)
{
    text picture = { .arena = p->arena }, words = { .arena = p->arena };
    for (int i = 0; i < f->nodes; i++) {
        const char *sentence = words_dependencies(p->arena, f, i);
        if (*sentence)
            text_format(&words, "<li>%s</li>\n", math_sentence(p->arena, sentence, LATEX_MATHML));
    }
    bool drawn = picture_graph(&picture, f);
    if (!drawn && !words.length)
        return;
    text_format(p->out, "<details%s>\n<summary>What depends on what</summary>\n",
                drawn && f->verdict != CHECK_HOLDS ? " open" : "");
    if (drawn) {
        text_format(p->out, "<div class=\"scroll\" tabindex=\"0\">%s</div>\n", text_done(&picture));
        put_keys(p, f);
    }
    if (words.length)
        text_format(p->out, "<details><summary>in words</summary>\n<ul>\n%s</ul>\n</details>\n", text_done(&words));
    page_put(p, "</details>\n");
}

/* ---- One finding ---- */

static bool says_more(const finding *f)
{
    bool more = report_has(f->summary) && !(report_has(f->unmet) && !strcmp(f->summary, f->unmet)) &&
                !(report_has(f->pattern) && !strcmp(f->summary, f->pattern));
    for (int i = 0; i < f->conditions; i++)
        more = more && strcmp(f->summary, f->condition[i]) != 0;
    return more;
}

static void put_conditions(const page *p, const finding *f)
{
    if (f->conditions == 1)
        page_paragraph(p, "verdict-line", "Holds if ", f->condition[0]);
    if (f->conditions < 2)
        return;
    page_put(p, "<p class=\"verdict-line\">Holds under each of these conditions alone:</p>\n<ol>\n");
    for (int i = 0; i < f->conditions; i++) {
        page_put(p, "<li>");
        page_sentence(p, f->condition[i]);
        page_put(p, "</li>\n");
    }
    page_put(p, "</ol>\n");
}

static void put_accuracy(const page *p, const finding *f)
{
    if (f->compared < 1)
        return;
    page_put(p, "<p class=\"soft accuracy\">");
    page_escaped(p, words_count(p->arena, f->compared, "number", "numbers"));
    page_put(p, " compared; largest relative error ");
    put_digits(p, arena_format(p->arena, "%.1e", f->error));
    page_put(p, "; rounding explains up to ");
    put_digits(p, arena_format(p->arena, "%.1e", f->tolerance));
    page_put(p, ".</p>\n");
}

/* The tree, not the author's text: what was judged. */
static void put_reading(const page *p, const finding *f)
{
    text read = { .arena = p->arena };
    latex_write(&read, f->formula, LATEX_MATHML);
    page_put(p, "<div class=\"read\"><span>read as</span><span class=\"scroll\" tabindex=\"0\"><math>");
    text_clean(p->out, text_done(&read), read.length, ESCAPE_MARKUP);
    page_put(p, "</math></span>");
    if (report_has(f->reading)) {
        page_put(p, "<span class=\"how\">");
        page_sentence(p, f->reading);
        page_put(p, "</span>");
    }
    page_put(p, "</div>\n");
}

void page_finding(const page *p, const finding *f, bool formula)
{
    text_format(p->out, "<article class=\"finding %s\" id=\"", page_class(f->verdict));
    page_anchor(p, f->id);
    page_put(p, "\">\n<header><h3>");
    page_escaped(p, f->id);
    page_put(p, "</h3> ");
    page_badge(p, f->verdict);
    if (f->formula)
        put_reading(p, f);
    if (strncmp(f->id, "line ", 5) != 0 && f->item)
        text_format(p->out, " <span class=\"soft line\">line %d</span>", f->item->line);
    page_put(p, "</header>\n");
    if (formula && f->item)
        page_formula(p, f->item->source, strlen(f->item->source), true);
    if (report_has(f->unmet))
        page_paragraph(p, "unmet", "", f->unmet);
    else if (!f->met && report_has(f->expected))
        page_paragraph(p, "unmet", "", "This is not what was expected.");
    if (report_has(f->expected))
        page_paragraph(p, "", f->met ? "As expected: " : "Expected: ", f->expected);
    if (report_has(f->instance))
        page_paragraph(p, "", "With ", f->instance);
    if (says_more(f))
        page_paragraph(p, "verdict-line", "", f->summary);
    put_conditions(p, f);
    if (report_has(f->pattern))
        page_paragraph(p, "", "Pattern: ", f->pattern);
    if (report_has(f->missing))
        text_format(p->out, "<p>What the right side lacks:</p>\n<div class=\"scroll\" tabindex=\"0\">%s</div>\n",
                    math_formula(p->arena, f->missing, LATEX_MATHML, true));
    if (report_has(f->repair))
        page_paragraph(p, "", "Repair: ", f->repair);
    if (f->example)
        put_example(p, f->example);
    if (report_has(f->reading) && !f->formula)
        page_paragraph(p, "", "Read so: ", f->reading);
    for (int i = 0; i < f->notes; i++)
        page_paragraph(p, "", "Note: ", f->note[i]);
    if (f->nodes > 0)
        put_graph(p, f);
    put_accuracy(p, f);
    page_put(p, "</article>\n");
}
