/* The findings as one page for readers: no scripts, no network, formulas as MathML, graphs as SVG. It stands alone, so
 * it can be sent around and printed.
 *
 * Whatever comes from the document goes through math_sentence(..., LATEX_MATHML) or text_clean(..., ESCAPE_HTML); a
 * policy in the page forbids scripts besides. */
#include "pieces.h"

#include <math.h>
#include <string.h>

enum { ALL_OPEN = 12 /* up to so many rows the table of everything is shown unfolded */ };

typedef struct page {
    text *out;
    arena *arena;
} page;

static const struct {
    const char *class, *sign;
} looks[CHECK_VERDICTS] = {
    [CHECK_DEFINES] = { "v-defines", "≔" },       [CHECK_DECLARES] = { "v-declares", "∈" },
    [CHECK_HOLDS] = { "v-holds", "✓" },           [CHECK_HOLDS_IF] = { "v-holds-if", "◐" },
    [CHECK_FAILS] = { "v-fails", "✗" },           [CHECK_DEGENERATE] = { "v-degenerate", "∅" },
    [CHECK_UNRESOLVED] = { "v-unresolved", "?" }, [CHECK_NOT_READ] = { "v-not-read", "…" },
};

/* ---- Pieces ---- */

static void put(const page *p, const char *markup)
{
    text_add(p->out, markup);
}

static void put_escaped(const page *p, const char *words)
{
    put(p, text_cleaned(p->arena, words, ESCAPE_HTML));
}

static void put_sentence(const page *p, const char *sentence)
{
    put(p, math_sentence(p->arena, sentence, LATEX_MATHML));
}

static void put_paragraph(const page *p, const char *class, const char *label, const char *sentence)
{
    text_format(p->out, "<p%s%s%s>%s", *class ? " class=\"" : "", class, *class ? "\"" : "", label);
    put_sentence(p, sentence);
    put(p, "</p>\n");
}

/* Ids are unique, so this one to one writing of them is, too. */
static void put_anchor(const page *p, const char *id)
{
    put(p, "f-");
    for (const unsigned char *c = (const unsigned char *)id; *c; c++) {
        bool plain =
            (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || *c == '.' || *c == '-';
        if (plain)
            text_add_n(p->out, (const char *)c, 1);
        else if (*c == ' ')
            text_add(p->out, "_");
        else
            text_format(p->out, ":%02X", *c);
    }
}

static void put_link(const page *p, const finding *f)
{
    put(p, "<a href=\"#");
    put_anchor(p, f->id);
    put(p, "\">");
    put_escaped(p, f->id);
    put(p, "</a>");
}

static void put_badge(const page *p, check_verdict v)
{
    text_format(p->out, "<span class=\"badge %s\"><span class=\"sign\" aria-hidden=\"true\">%s</span>%s</span>",
                looks[v].class, looks[v].sign, check_verdict_name(v));
}

static int line_of(const finding *f)
{
    return f->item ? f->item->line : 0;
}

static const char *heading_of(const finding *f)
{
    return f->item && f->item->heading ? f->item->heading : "";
}

/* ---- Numbers ---- */

/* With a minus that is as wide as a plus. */
static void put_digits(const page *p, const char *digits)
{
    for (; *digits; digits++)
        if (*digits == '-')
            put(p, "−");
        else
            text_add_n(p->out, digits, 1);
}

static void put_numbers(const page *p, const number_row *row)
{
    number_shape shape = number_row_shape(row);
    int rows = shape.rows < NUMBERS_SHOWN ? shape.rows : NUMBERS_SHOWN,
        columns = shape.columns < NUMBERS_SHOWN ? shape.columns : NUMBERS_SHOWN;
    put(p, "<div class=\"number\"><div class=\"name scroll\" tabindex=\"0\">");
    put_sentence(p, row->name);
    put(p, " =</div>");
    if (rows < 1 || columns < 1) {
        text_format(p->out, "<span class=\"soft\">%s</span></div>\n", row->value ? "no numbers" : "not computed");
        return;
    }
    text_format(p->out, "<div class=\"scroll\" tabindex=\"0\"><table%s>", row->rank ? "" : " class=\"scalar\"");
    for (int i = 0; i < rows; i++) {
        put(p, "<tr>");
        for (int j = 0; j < columns; j++) {
            put(p, "<td>");
            put_digits(p, arena_format(p->arena, "%.6g", row->value[(size_t)i * (size_t)shape.columns + (size_t)j]));
            put(p, "</td>");
        }
        put(p, columns < shape.columns ? "<td>…</td></tr>" : "</tr>");
    }
    put(p, "</table></div>");
    if (rows < shape.rows || columns < shape.columns)
        text_format(p->out, "<span class=\"soft\">… %d × %d numbers</span>", shape.rows, shape.columns);
    put(p, "</div>\n");
}

static void put_example(const page *p, const counterexample *e)
{
    put(p, "<h4>Smallest counterexample</h4>\n");
    const char *where = words_where(p->arena, e);
    if (*where)
        put_paragraph(p, "", "", where);
    put(p, "<div class=\"numbers\">\n");
    for (int i = 0; i < e->givens; i++)
        put_numbers(p, &e->given[i]);
    put(p, "</div>\n");
    if (e->others_zero)
        put_paragraph(p, "", "", e->givens ? "Everything else given is 0. Then" : "Everything given is 0. Then");
    put(p, "<div class=\"numbers\">\n<div class=\"side\"><strong>Left side</strong>\n");
    put_numbers(p, &e->left);
    put(p, "</div>\n<div class=\"side\"><strong>Right side</strong>\n");
    put_numbers(p, &e->right);
    put(p, "</div>\n</div>\n");
    char left[40], right[40];
    words_two_numbers(e->left_value, e->right_value, left, right, sizeof left);
    put(p, "<p>The left side is <strong>");
    put_digits(p, left);
    put(p, "</strong>, the right side is <strong>");
    put_digits(p, right);
    put(p, "</strong>");
    if (report_has(e->element)) {
        put(p, " (");
        put_sentence(p, e->element);
        put(p, ")");
    }
    put(p, ".</p>\n");
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
    put(p, "<ul class=\"keys\">\n");
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
    put(p, "</ul>\n");
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
    text_format(p->out, "<details%s>\n<summary>What depends on what</summary>\n", drawn ? " open" : "");
    if (drawn) {
        text_format(p->out, "<div class=\"scroll\" tabindex=\"0\">%s</div>\n", text_done(&picture));
        put_keys(p, f);
    }
    if (words.length)
        text_format(p->out, "<details><summary>in words</summary>\n<ul>\n%s</ul>\n</details>\n", text_done(&words));
    put(p, "</details>\n");
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
        put_paragraph(p, "verdict-line", "Holds if ", f->condition[0]);
    if (f->conditions < 2)
        return;
    put(p, "<p class=\"verdict-line\">Holds under each of these conditions alone:</p>\n<ol>\n");
    for (int i = 0; i < f->conditions; i++) {
        put(p, "<li>");
        put_sentence(p, f->condition[i]);
        put(p, "</li>\n");
    }
    put(p, "</ol>\n");
}

static void put_accuracy(const page *p, const finding *f)
{
    if (f->compared < 1)
        return;
    put(p, "<p class=\"soft\">");
    put_escaped(p, words_count(p->arena, f->compared, "number", "numbers"));
    put(p, " compared; largest relative error ");
    put_digits(p, arena_format(p->arena, "%.1e", f->error));
    put(p, "; rounding explains up to ");
    put_digits(p, arena_format(p->arena, "%.1e", f->tolerance));
    put(p, ".</p>\n");
}

static void put_finding(const page *p, const finding *f)
{
    text_format(p->out, "<article class=\"finding %s\" id=\"", looks[f->verdict].class);
    put_anchor(p, f->id);
    put(p, "\">\n<header><h3>");
    put_escaped(p, f->id);
    put(p, "</h3> ");
    put_badge(p, f->verdict);
    if (strncmp(f->id, "line ", 5) != 0)
        text_format(p->out, " <span class=\"soft\">line %d</span>", line_of(f));
    text_format(p->out, "</header>\n<div class=\"formula scroll\" tabindex=\"0\">%s</div>\n",
                math_finding(p->arena, f, LATEX_MATHML));
    if (report_has(f->unmet))
        put_paragraph(p, "unmet", "", f->unmet);
    else if (!f->met && report_has(f->expected))
        put_paragraph(p, "unmet", "", "This is not what was expected.");
    if (report_has(f->expected))
        put_paragraph(p, "", f->met ? "As expected: " : "Expected: ", f->expected);
    if (report_has(f->instance))
        put_paragraph(p, "", "With ", f->instance);
    if (says_more(f))
        put_paragraph(p, "verdict-line", "", f->summary);
    put_conditions(p, f);
    if (report_has(f->pattern))
        put_paragraph(p, "", "Pattern: ", f->pattern);
    if (report_has(f->missing))
        text_format(p->out, "<p>What the right side lacks:</p>\n<div class=\"scroll\" tabindex=\"0\">%s</div>\n",
                    math_formula(p->arena, f->missing, LATEX_MATHML, true));
    if (report_has(f->repair))
        put_paragraph(p, "", "Repair: ", f->repair);
    if (f->example)
        put_example(p, f->example);
    if (report_has(f->reading))
        put_paragraph(p, "", "Read so: ", f->reading);
    for (int i = 0; i < f->notes; i++)
        put_paragraph(p, "", "Note: ", f->note[i]);
    if (f->nodes > 0)
        put_graph(p, f);
    put_accuracy(p, f);
    put(p, "</article>\n");
}

/* ---- The whole ---- */

static void put_attention(const page *p, const findings *all)
{
    if (!all->count)
        return;
    if (!all->unmet) {
        put(p, "<p class=\"fine\">✓ Everything is as it should be.</p>\n");
        return;
    }
    text_format(p->out, "<div class=\"attention\">\n<p><strong>%s attention:</strong></p>\n<ul>\n",
                words_count(p->arena, all->unmet, "formula needs", "formulas need"));
    for (int i = 0; i < all->count; i++) {
        const finding *f = &all->finding[i];
        if (f->met)
            continue;
        arena_position before = arena_now(p->arena);
        put(p, "<li>");
        put_link(p, f);
        put(p, " ");
        put_badge(p, f->verdict);
        put(p, " ");
        put_sentence(p, words_summary(p->arena, f));
        put(p, "</li>\n");
        arena_reset(p->arena, before);
    }
    put(p, "</ul>\n</div>\n");
}

static void put_legend(const page *p, const findings *all)
{
    put(p, "<ul class=\"legend\">\n");
    for (int i = 0; i < CHECK_VERDICTS; i++) {
        check_verdict v = words_verdict_order[i];
        if (all->verdicts[v] < 1)
            continue;
        put(p, "<li>");
        put_badge(p, v);
        text_format(p->out, "<span><strong>%d</strong>: %s</span></li>\n", all->verdicts[v], words_verdict_meaning(v));
    }
    put(p, "</ul>\n");
}

static void put_all(const page *p, const findings *all)
{
    if (!all->count)
        return;
    text_format(
        p->out,
        "<details%s><summary>All formulas</summary>\n<div class=\"scroll\" tabindex=\"0\"><table class=\"all\">\n",
        all->count <= ALL_OPEN ? " open" : "");
    put(p, "<thead><tr><th scope=\"col\">Formula</th><th scope=\"col\">Verdict</th><th scope=\"col\">Line</th><th "
           "class=\"wide\" "
           "scope=\"col\">Found</th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < all->count; i++) {
        const finding *f = &all->finding[i];
        arena_position before = arena_now(p->arena);
        put(p, "<tr><td>");
        put_link(p, f);
        put(p, "</td><td>");
        put_badge(p, f->verdict);
        text_format(p->out, "</td><td>%d</td><td class=\"wide\">", line_of(f));
        put_sentence(p, words_summary(p->arena, f));
        put(p, "</td></tr>\n");
        arena_reset(p->arena, before);
    }
    put(p, "</tbody></table></div></details>\n");
}

static void put_tests(const page *p, const findings *all)
{
    if (!all->scenes)
        return;
    put(p, "<details><summary>How it was checked</summary>\n<p>Every quantity that is given was drawn at random, in "
           "these sizes, and every formula was "
           "evaluated at every time step:</p>\n<ul>\n");
    for (int i = 0; i < all->scenes; i++) {
        put(p, "<li>");
        put_sentence(p, all->scene[i]);
        put(p, "</li>\n");
    }
    text_format(p->out, "</ul>\n<p>It took %.2f seconds.</p>\n</details>\n", all->seconds);
}

static void put_head(const page *p, const char *title)
{
    put(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
           "'unsafe-inline'\">\n<title>");
    put_escaped(p, title);
    put(p, "</title>\n<style>\n");
    put(p, report_style);
    put(p, "</style>\n</head>\n<body>\n<header>\n<h1>");
    put_escaped(p, title);
    put(p, "</h1>\n");
}

bool report_html(FILE *stream, const findings *all, const char *title)
{
    arena memory, page_memory;
    arena_start(&memory, REPORT_PIECES);
    arena_start(&page_memory, REPORT_WHOLE);
    text whole = { .arena = &page_memory };
    const page p = { &whole, &memory };
    put_head(&p, title && *title ? title : all->document);
    put(&p, "<p class=\"lead\">");
    put_escaped(&p, all->document);
    put(&p, ": ");
    put_escaped(&p, words_counts(&memory, all));
    put(&p, "</p>\n</header>\n<main>\n");
    put_attention(&p, all);
    put_legend(&p, all);
    put_all(&p, all);
    put_tests(&p, all);
    const char *heading = NULL;
    for (int i = 0; i < all->count; i++) {
        const finding *f = &all->finding[i];
        arena_position before = arena_now(&memory);
        if (!heading || strcmp(heading, heading_of(f)) != 0) {
            put(&p, heading ? "</section>\n<section>\n" : "<section>\n");
            heading = heading_of(f);
            put(&p, "<h2>");
            put_sentence(&p, *heading ? heading : i ? "Under no heading" : "At the beginning");
            put(&p, "</h2>\n");
        }
        put_finding(&p, f);
        arena_reset(&memory, before);
    }
    put(&p, heading ? "</section>\n" : "");
    put(&p, "</main>\n</body>\n</html>\n");
    bool fine = !memory.failed && report_put(stream, &whole);
    arena_free(&memory);
    arena_free(&page_memory);
    return fine;
}
