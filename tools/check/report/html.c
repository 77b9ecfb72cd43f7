/* The findings as one page for readers: the document as it is, its prose and its formulas as their author wrote them,
 * and beside each formula what was found; in front of it a summary that can be hung up. No scripts, no network,
 * formulas as MathML, graphs as SVG. It stands alone, so it can be sent around and printed.
 *
 * Whatever comes from the document goes through math_sentence(..., LATEX_MATHML), author_math or
 * text_clean(..., ESCAPE_HTML); a policy in the page forbids scripts besides. */
#include "page.h"
#include "prose.h"

#include <stdlib.h>
#include <string.h>

enum { ALL_OPEN = 30 /* up to so many rows the table of everything is shown unfolded */ };

static const struct {
    const char *class, *sign;
} looks[CHECK_VERDICTS] = {
    [CHECK_DEFINES] = { "v-defines", "≔" },       [CHECK_DECLARES] = { "v-declares", "∈" },
    [CHECK_HOLDS] = { "v-holds", "✓" },           [CHECK_HOLDS_IF] = { "v-holds-if", "◐" },
    [CHECK_FAILS] = { "v-fails", "✗" },           [CHECK_DEGENERATE] = { "v-degenerate", "∅" },
    [CHECK_UNRESOLVED] = { "v-unresolved", "?" }, [CHECK_NOT_READ] = { "v-not-read", "…" },
};

/* ---- Pieces ---- */

const char *page_class(check_verdict verdict)
{
    return looks[verdict].class;
}

void page_put(const page *p, const char *markup)
{
    text_add(p->out, markup);
}

void page_escaped(const page *p, const char *words)
{
    text_clean(p->out, words, strlen(words), ESCAPE_HTML);
}

void page_sentence(const page *p, const char *sentence)
{
    page_put(p, math_sentence(p->arena, sentence, LATEX_MATHML));
}

void page_paragraph(const page *p, const char *class, const char *label, const char *sentence)
{
    text_format(p->out, "<p%s%s%s>%s", *class ? " class=\"" : "", class, *class ? "\"" : "", label);
    page_sentence(p, sentence);
    page_put(p, "</p>\n");
}

/* Ids are unique, so this one to one writing of them is, too. */
void page_anchor(const page *p, const char *id)
{
    page_put(p, "f-");
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
    page_put(p, "<a href=\"#");
    page_anchor(p, f->id);
    page_put(p, "\">");
    page_escaped(p, f->id);
    page_put(p, "</a>");
}

void page_badge(const page *p, check_verdict v)
{
    text_format(p->out, "<span class=\"badge %s\"><span class=\"sign\" aria-hidden=\"true\">%s</span>%s</span>",
                looks[v].class, looks[v].sign, check_verdict_name(v));
}

void page_formula(const page *p, const char *latex, size_t length, bool display)
{
    if (display)
        page_put(p, "<div class=\"formula\"><div class=\"scroll\" tabindex=\"0\">");
    text made = { .arena = p->arena };
    author_math(&made, p->arena, latex, length, display, p->names);
    text_clean(p->out, text_done(&made), made.length, ESCAPE_MARKUP);
    if (display)
        page_put(p, "</div></div>\n");
}

static int line_of(const finding *f)
{
    return f->item ? f->item->line : 0;
}

/* ---- The summary ---- */

static void put_bar(const page *p, const findings *all)
{
    page_put(p, "<div class=\"bar\" aria-hidden=\"true\">");
    for (int i = 0; i < CHECK_VERDICTS; i++) {
        check_verdict v = words_verdict_order[i];
        if (all->verdicts[v] > 0)
            text_format(p->out, "<span class=\"%s\" style=\"flex-grow:%d\">%s&#xA0;%d</span>", looks[v].class,
                        all->verdicts[v], looks[v].sign, all->verdicts[v]);
    }
    page_put(p, "</div>\n");
}

static void put_attention(const page *p, const findings *all)
{
    if (!all->count)
        return;
    if (!all->unmet) {
        page_put(p, "<p class=\"fine\">✓ Everything is as it should be.</p>\n");
        return;
    }
    text_format(p->out, "<div class=\"attention\">\n<p><strong>%s attention:</strong></p>\n<ul>\n",
                words_count(p->arena, all->unmet, "formula needs", "formulas need"));
    for (int i = 0; i < all->count; i++) {
        const finding *f = &all->finding[i];
        if (f->met)
            continue;
        arena_position before = arena_now(p->arena);
        page_put(p, "<li>");
        put_link(p, f);
        page_put(p, " ");
        page_badge(p, f->verdict);
        page_put(p, " ");
        page_sentence(p, words_summary(p->arena, f));
        if (f->item)
            page_formula(p, f->item->source, strlen(f->item->source), true);
        page_put(p, "</li>\n");
        arena_reset(p->arena, before);
    }
    page_put(p, "</ul>\n</div>\n");
}

static void put_legend(const page *p, const findings *all)
{
    page_put(p, "<ul class=\"legend\">\n");
    for (int i = 0; i < CHECK_VERDICTS; i++) {
        check_verdict v = words_verdict_order[i];
        if (all->verdicts[v] < 1)
            continue;
        page_put(p, "<li>");
        page_badge(p, v);
        text_format(p->out, "<span><strong>%d</strong>: %s</span></li>\n", all->verdicts[v], words_verdict_meaning(v));
    }
    page_put(p, "</ul>\n");
}

static void put_all(const page *p, const findings *all)
{
    if (!all->count)
        return;
    text_format(
        p->out,
        "<details%s><summary>All formulas</summary>\n<div class=\"scroll\" tabindex=\"0\"><table class=\"all\">\n",
        all->count <= ALL_OPEN ? " open" : "");
    page_put(p, "<thead><tr><th scope=\"col\">Formula</th><th scope=\"col\">Verdict</th><th scope=\"col\">Line</th>"
                "<th class=\"wide\" scope=\"col\">Found</th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < all->count; i++) {
        const finding *f = &all->finding[i];
        arena_position before = arena_now(p->arena);
        page_put(p, "<tr><td>");
        put_link(p, f);
        page_put(p, "</td><td>");
        page_badge(p, f->verdict);
        text_format(p->out, "</td><td>%d</td><td class=\"wide\">", line_of(f));
        page_sentence(p, words_summary(p->arena, f));
        page_put(p, "</td></tr>\n");
        arena_reset(p->arena, before);
    }
    page_put(p, "</tbody></table></div></details>\n");
}

static void put_tests(const page *p, const findings *all)
{
    if (!all->scenes)
        return;
    page_put(p, "<details><summary>How it was checked</summary>\n<p>Every quantity that is given was drawn at random, "
                "in these sizes, and every formula was evaluated at every time step:</p>\n<ul>\n");
    for (int i = 0; i < all->scenes; i++) {
        page_put(p, "<li>");
        page_sentence(p, all->scene[i]);
        page_put(p, "</li>\n");
    }
    text_format(p->out, "</ul>\n<p>It took %.2f seconds.</p>\n</details>\n", all->seconds);
}

/* ---- The document ---- */

typedef struct layout {
    page *page;
    const document *d;
    const findings *all;
    prose *prose;
    const prose_span *span;
    int next;       /* the first finding that is not on the page yet */
    size_t written; /* up to here the document is on the page */
} layout;

/* Findings of what begins before `end`. */
static void put_findings(layout *l, size_t end, bool formula)
{
    for (; l->next < l->all->count; l->next++) {
        const finding *f = &l->all->finding[l->next];
        if (f->item && f->item->begin >= end)
            break;
        arena_position before = arena_now(l->page->arena);
        page_finding(l->page, f, formula && f->item && f->item->kind == DOCUMENT_FORMULA);
        arena_reset(l->page->arena, before);
    }
}

/* What stands between the delimiters of a formula; a display in a quotation without its marks. */
static const char *bare(arena *a, const document *d, const prose_span *s, size_t *length)
{
    const char *t = d->text;
    size_t from = s->begin, to = s->end, line = from;
    static const char *const open[] = { "$$", "\\[", "\\(", "$`", "$" };
    for (size_t k = 0; k < sizeof open / sizeof *open; k++) {
        size_t n = strlen(open[k]);
        if (to - from >= 2 * n && !memcmp(t + from, open[k], n)) {
            from += n;
            to -= n;
            break;
        }
    }
    if (from == s->begin && (t[from] == '`' || t[from] == '~')) { /* ```math */
        while (from < to && t[from] != '\n')
            from++;
        while (to > from && t[to - 1] != '\n')
            to--;
    }
    while (line > 0 && t[line - 1] != '\n')
        line--;
    while (line < s->begin && (t[line] == ' ' || t[line] == '\t'))
        line++;
    bool quoted = line < s->begin && t[line] == '>';
    text out = { .arena = a };
    for (size_t at = from; at < to;) {
        size_t end = at;
        while (end < to && t[end] != '\n')
            end++;
        while (quoted && at < end && at > from && strchr(" \t>", t[at]))
            at++;
        text_add_n(&out, t + at, end - at);
        text_add(&out, "\n");
        at = end + 1;
    }
    const char *shown = document_shown(a, d, text_done(&out), out.length);
    *length = strlen(shown);
    return shown;
}

static void put_formula(void *context, int which)
{
    layout *l = context;
    const prose_span *s = &l->span[which];
    const page p = { l->prose->out, l->page->arena, l->page->names };
    size_t length;
    const char *shown = bare(p.arena, l->d, s, &length);
    int last = l->next;
    while (last < l->all->count && (!l->all->finding[last].item || l->all->finding[last].item->begin <= s->begin))
        last++;
    const finding *f = last > l->next ? &l->all->finding[last - 1] : NULL;
    bool judged = f && f->item && f->item->begin == s->begin;
    page_formula(&p, shown, length, s->display);
    if (!s->display && judged) {
        text_format(p.out, "<a class=\"mark %s\" title=\"%s\" href=\"#", looks[f->verdict].class,
                    check_verdict_name(f->verdict));
        page_anchor(&p, f->id);
        text_format(p.out, "\">%s</a>", looks[f->verdict].sign);
    }
    if (s->display)
        put_findings(l, s->begin + 1, false);
    l->written = s->end;
}

static void after_block(void *context)
{
    layout *l = context;
    put_findings(l, l->written, false);
}

static void put_document(page *p, const document *d, const findings *all)
{
    prose_span *spans = ARENA_ARRAY(p->out->arena, prose_span, d->count ? d->count : 1);
    int count = 0;
    for (int k = 0; spans && k < d->count; k++) {
        const document_item *item = &d->item[k];
        if (item->kind == DOCUMENT_FORMULA && item->end > item->begin &&
            (!count || item->begin >= spans[count - 1].end))
            spans[count++] = (prose_span){ item->begin, item->end, item->display };
    }
    if (!spans)
        return;
    layout l = { .page = p, .d = d, .all = all, .span = spans };
    prose text_ = { .out = p->out,
                    .arena = p->arena,
                    .s = d->text,
                    .n = d->length,
                    .span = spans,
                    .spans = count,
                    .context = &l,
                    .formula = put_formula,
                    .after_block = after_block };
    l.prose = &text_;
    page_put(p, "<section class=\"document\">\n");
    (d->type == DOCUMENT_TEX ? prose_tex : prose_markdown)(&text_);
    page_put(p, "</section>\n");
    put_findings(&l, SIZE_MAX, true); /* none, as far as the prose was understood */
}

/* Without the document: under its headings. */
static void put_list(page *p, const findings *all)
{
    const char *heading = NULL;
    for (int i = 0; i < all->count; i++) {
        const finding *f = &all->finding[i];
        const char *own = f->item && f->item->heading ? f->item->heading : "";
        arena_position before = arena_now(p->arena);
        if (!heading || strcmp(heading, own) != 0) {
            page_put(p, heading ? "</section>\n<section>\n" : "<section>\n");
            heading = own;
            page_put(p, "<h2>");
            page_sentence(p, *heading ? heading : i ? "Under no heading" : "At the beginning");
            page_put(p, "</h2>\n");
        }
        page_finding(p, f, true);
        arena_reset(p->arena, before);
    }
    page_put(p, heading ? "</section>\n" : "");
}

/* ---- The whole ---- */

static void put_head(const page *p, const char *title)
{
    page_put(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                "'unsafe-inline'\">\n<title>");
    page_escaped(p, title);
    page_put(p, "</title>\n<style>\n");
    page_put(p, report_style);
    page_put(p, "</style>\n</head>\n<body>\n<header>\n<h1>");
    page_escaped(p, title);
    page_put(p, "</h1>\n");
}

bool report_html(FILE *stream, const document *d, const findings *all, const char *title)
{
    arena memory, page_memory;
    arena_start(&memory, REPORT_PIECES);
    arena_start(&page_memory, REPORT_WHOLE);
    text whole = { .arena = &page_memory };
    author_names names = { 0 };
    for (int i = 0; i < all->count; i++)
        author_names_of(&page_memory, &names, all->finding[i].formula);
    page p = { &whole, &memory, &names };
    put_head(&p, title && *title ? title : all->document);
    page_put(&p, "<p class=\"lead\">");
    if (title && *title && strcmp(title, all->document) != 0)
        text_format(&whole, "%s: ", text_cleaned(&memory, all->document, ESCAPE_HTML));
    page_escaped(&p, words_counts(&memory, all));
    page_put(&p, "</p>\n</header>\n<main>\n<section class=\"summary\">\n");
    put_bar(&p, all);
    put_attention(&p, all);
    put_legend(&p, all);
    put_all(&p, all);
    put_tests(&p, all);
    page_put(&p, "</section>\n");
    if (d && d->text)
        put_document(&p, d, all);
    else
        put_list(&p, all);
    page_put(&p, "</main>\n</body>\n</html>\n");
    bool fine = !memory.failed && report_put(stream, &whole);
    arena_free(&memory);
    arena_free(&page_memory);
    return fine;
}
