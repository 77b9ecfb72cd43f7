/* Markdown's blocks: headings, paragraphs, lists, quotations, code, tables. Assumes valid UTF-8 and formulas in order.
 * Lines are cut where no formula and no comment goes on; blocks within blocks are lines without their margin. */
#include "prose.h"

#include "pieces.h"

#include <string.h>

enum { NESTED = 12 };

typedef struct line {
    size_t from, to;
    bool code; /* within a fence, or one of its ends */
} line;

typedef struct lines {
    line *line;
    int count, room;
} lines;

static bool blank(const prose *p, line l)
{
    for (size_t at = l.from; at < l.to; at++)
        if (!strchr(" \t\r", p->s[at]))
            return false;
    return true;
}

static size_t indent(const prose *p, line l)
{
    size_t at = l.from;
    while (at < l.to && (p->s[at] == ' ' || p->s[at] == '\t'))
        at++;
    return at;
}

static size_t run(const prose *p, size_t at, size_t to)
{
    size_t end = at;
    while (end < to && p->s[end] == p->s[at])
        end++;
    return end - at;
}

static size_t fence_at(const prose *p, size_t at, size_t to)
{
    if (at >= to || (p->s[at] != '`' && p->s[at] != '~'))
        return 0;
    size_t length = run(p, at, to);
    bool span = p->s[at] == '`' && memchr(p->s + at + length, '`', to - at - length);
    return length >= 3 && !span ? length : 0;
}

/* A list item's marker at `at`, with the blank behind it; 0 if there is none. */
static size_t marker(const prose *p, size_t at, size_t to, bool *ordered)
{
    size_t q = at;
    *ordered = false;
    if (at < to && strchr("-*+", p->s[at]))
        q = at + 1;
    else {
        while (q < to && q - at < 9 && p->s[q] >= '0' && p->s[q] <= '9')
            q++;
        q = q > at && q < to && (p->s[q] == '.' || p->s[q] == ')') ? q + 1 : at;
        *ordered = true;
    }
    if (q == at || (q < to && p->s[q] != ' ' && p->s[q] != '\t'))
        return 0;
    return q - at + (q < to);
}

static bool rule(const prose *p, line l)
{
    size_t at = indent(p, l);
    char c = at < l.to ? p->s[at] : 0;
    int seen = 0;
    if (c != '-' && c != '*' && c != '_')
        return false;
    for (; at < l.to; at++) {
        if (p->s[at] == c)
            seen++;
        else if (!strchr(" \t\r", p->s[at]))
            return false;
    }
    return seen >= 3;
}

static size_t heading(const prose *p, line l)
{
    size_t at = indent(p, l), n = at < l.to && p->s[at] == '#' ? run(p, at, l.to) : 0;
    return n >= 1 && n <= 6 && (at + n >= l.to || p->s[at + n] == ' ') ? n : 0;
}

static bool row_line(const prose *p, line l) /* |---|---| */
{
    bool dash = false, bar = false;
    for (size_t at = l.from; at < l.to; at++) {
        if (!strchr("|:- \t\r", p->s[at]))
            return false;
        dash = dash || p->s[at] == '-';
        bar = bar || p->s[at] == '|';
    }
    return dash && bar;
}

/* ---- lines ---- */

static void add_line(prose *p, lines *all, line l)
{
    if (all->count == all->room) {
        int room = all->room ? 2 * all->room : 256;
        line *more = ARENA_ARRAY(p->out->arena, line, room);
        if (!more)
            return;
        if (all->count)
            memcpy(more, all->line, (size_t)all->count * sizeof *more);
        all->line = more;
        all->room = room;
    }
    all->line[all->count++] = l;
}

/* The end of the line that begins at `at`: behind formulas and comments that begin in it. */
static size_t line_to(prose *p, size_t at)
{
    while (at < p->n && p->s[at] != '\n') {
        int span = prose_span_at(p, at);
        if (span >= 0)
            at = p->span[span].end;
        else if (p->s[at] == '<' && p->n - at > 4 && !memcmp(p->s + at, "<!--", 4)) {
            while (at < p->n && !(p->n - at >= 3 && !memcmp(p->s + at, "-->", 3)))
                at++;
            at = at < p->n ? at + 3 : p->n;
        } else
            at++;
    }
    return at < p->n ? at : p->n;
}

static lines lines_of(prose *p)
{
    lines all = { 0 };
    size_t fence = 0;
    char mark = 0;
    for (size_t at = 0; at < p->n;) {
        size_t eol = at, text_at = at;
        while (eol < p->n && p->s[eol] != '\n')
            eol++;
        bool ordered;
        for (size_t step = 1; step && text_at < eol;) { /* quotations and list items in front of a fence */
            while (text_at < eol && strchr(" \t>", p->s[text_at]))
                text_at++;
            step = fence ? 0 : marker(p, text_at, eol, &ordered);
            text_at += step;
        }
        size_t length = fence_at(p, text_at, eol);
        line l = { at, eol, fence > 0 };
        if (fence && length >= fence && p->s[text_at] == mark) {
            fence = 0;
        } else if (!fence && length) {
            size_t info = text_at + length;
            while (info < eol && p->s[info] == ' ')
                info++;
            if (prose_span_at(p, text_at) >= 0)
                l.to = line_to(p, at); /* ```math */
            else {
                fence = length;
                mark = p->s[text_at];
                l.code = true;
            }
        } else if (!fence)
            l.to = line_to(p, at);
        add_line(p, &all, l);
        at = l.to + 1;
    }
    p->next = 0;
    return all;
}

/* ---- blocks ---- */

static void blocks(prose *p, line *l, int count);

/* Running text in which displays stand between paragraphs. */
static void paragraphs(prose *p, size_t from, size_t to, const char *open, const char *close)
{
    size_t at = from;
    while (at < to && !p->out->arena->failed) {
        int next = p->next, display = -1;
        prose_span_at(p, at);
        for (int k = p->next; k < p->spans && p->span[k].begin < to; k++)
            if (p->span[k].display) {
                display = k;
                break;
            }
        p->next = next;
        size_t stop = display >= 0 ? p->span[display].begin : to;
        text part = { .arena = p->arena }, *out = p->out;
        p->out = &part;
        prose_inline(p, at, stop);
        p->out = out;
        const char *made = text_done(&part);
        if (made[strspn(made, " \t\r\n.,;:")])
            text_format(p->out, "%s%s%s\n", open, made, close);
        if (display < 0)
            break;
        p->formula(p->context, display);
        at = p->span[display].end;
    }
}

static void put_heading(prose *p, size_t from, size_t to, size_t level)
{
    static const char *const open[] = { "<h2>", "<h2>", "<h3>", "<h4>" }, *const close[] = { "</h2>", "</h2>", "</h3>",
                                                                                             "</h4>" };
    size_t k = level < 4 ? level - 1 : 3;
    while (to > from && strchr(" #\r\n", p->s[to - 1]))
        to--;
    paragraphs(p, from, to, open[k], close[k]);
}

static int put_code(prose *p, const line *l, int count)
{
    size_t open = indent(p, l[0]), margin = open - l[0].from;
    size_t info = open;
    while (info < l[0].to && (p->s[info] == p->s[open] || p->s[info] == ' '))
        info++;
    bool ours = l[0].to - info >= 4 && !memcmp(p->s + info, "eddy", 4) &&
                (l[0].to - info == 4 || strchr(" \r", p->s[info + 4]));
    text_add(p->out, ours ? "<details class=\"setup\"><summary>Setup for the checker</summary><pre>" : "<pre><code>");
    int k = 1;
    for (; k < count && l[k].code; k++) {
        size_t from = l[k].from;
        while (from < l[k].to && from - l[k].from < margin && strchr(" \t>", p->s[from]))
            from++;
        if (fence_at(p, indent(p, l[k]), l[k].to) && p->s[indent(p, l[k])] == p->s[open]) {
            k++;
            break;
        }
        prose_escaped(p, from, l[k].to);
        text_add(p->out, "\n");
    }
    text_add(p->out, ours ? "</pre></details>\n" : "</code></pre>\n");
    return k;
}

static void put_row(prose *p, line l, const char *cell)
{
    size_t at = indent(p, l), to = l.to;
    while (to > at && strchr(" \t\r", p->s[to - 1]))
        to--;
    at += at < to && p->s[at] == '|';
    to -= to > at && p->s[to - 1] == '|' && p->s[to - 2] != '\\';
    text_add(p->out, "<tr>");
    for (bool more = true; more;) {
        size_t end = at;
        int next = p->next;
        while (end < to && p->s[end] != '|') {
            int span = prose_span_at(p, end);
            size_t step = span >= 0 ? p->span[span].end : end + 1 + (p->s[end] == '\\');
            if (span < 0 && p->s[end] == '`') { /* `a|b` */
                const char *tick = memchr(p->s + end + 1, '`', to - end - 1);
                step = tick ? (size_t)(tick - p->s) + 1 : step;
            }
            end = step;
        }
        p->next = next;
        more = end < to;
        end = end < to ? end : to;
        text_format(p->out, "<%s>", cell);
        prose_inline(p, at, end);
        text_format(p->out, "</%s>", cell);
        at = end + 1;
    }
    text_add(p->out, "</tr>\n");
}

static int put_table(prose *p, const line *l, int count)
{
    int k = 2;
    text_add(p->out, "<div class=\"scroll\" tabindex=\"0\"><table class=\"prose\"><thead>");
    put_row(p, l[0], "th");
    text_add(p->out, "</thead><tbody>\n");
    for (; k < count && !blank(p, l[k]) && !l[k].code && memchr(p->s + l[k].from, '|', l[k].to - l[k].from); k++)
        put_row(p, l[k], "td");
    text_add(p->out, "</tbody></table></div>\n");
    return k;
}

/* The lines of a quotation, without their marks. */
static int put_quotation(prose *p, line *l, int count)
{
    int k = 0;
    for (; k < count && !blank(p, l[k]); k++) {
        size_t at = indent(p, l[k]);
        if (at < l[k].to && p->s[at] == '>')
            l[k].from = at + 1 + (at + 1 < l[k].to && p->s[at + 1] == ' ');
        else if (k && (l[k].code || heading(p, l[k]) || rule(p, l[k]) || blank(p, l[k - 1])))
            break;
    }
    text_add(p->out, "<blockquote>\n");
    blocks(p, l, k);
    text_add(p->out, "</blockquote>\n");
    return k;
}

static int put_list(prose *p, line *l, int count)
{
    bool ordered, other;
    size_t first = indent(p, l[0]) - l[0].from;
    marker(p, indent(p, l[0]), l[0].to, &ordered);
    text_add(p->out, ordered ? "<ol>\n" : "<ul>\n");
    int k = 0;
    while (k < count) {
        size_t at = indent(p, l[k]), mark = marker(p, at, l[k].to, &other);
        if (!mark || other != ordered || at - l[k].from > first + 1 || (!ordered && rule(p, l[k])))
            break;
        l[k].from = at + mark;
        int end = k + 1;
        bool gap = false;
        for (; end < count; end++) { /* what stands to the right of the marker, or goes on without a gap */
            size_t start = indent(p, l[end]), in = start - l[end].from;
            bool empty = blank(p, l[end]), marked = marker(p, start, l[end].to, &other) != 0;
            if (empty && !l[end].code) {
                gap = true;
                continue;
            }
            if (in <= first + 1 && (marked || gap || heading(p, l[end]) || (l[end].code && !l[end - 1].code)))
                break;
            l[end].from += in < first + mark ? in : first + mark;
            gap = false;
        }
        while (end > k + 1 && blank(p, l[end - 1]) && !l[end - 1].code)
            end--;
        text_add(p->out, "<li>");
        blocks(p, l + k, end - k);
        text_add(p->out, "</li>\n");
        k = end;
        int after = k;
        while (after < count && blank(p, l[after]) && !l[after].code)
            after++;
        if (after < count && marker(p, indent(p, l[after]), l[after].to, &other) && other == ordered)
            k = after;
    }
    text_add(p->out, ordered ? "</ol>\n" : "</ul>\n");
    return k ? k : 1;
}

static bool comment_only(const prose *p, line l)
{
    size_t at = indent(p, l);
    return l.to - at >= 7 && !memcmp(p->s + at, "<!--", 4);
}

/* A comment at a line's beginning: a setup is shown, all others vanish. Returns the place behind it. */
static size_t put_comment(prose *p, line l)
{
    size_t at = indent(p, l) + 4, end = at;
    while (end < p->n && memcmp(p->s + end, "-->", p->n - end < 3 ? p->n - end : 3) != 0)
        end++;
    while (at < end && strchr(" \n\r\t", p->s[at]))
        at++;
    if (end - at > 4 && !memcmp(p->s + at, "eddy", 4) && strchr(" \n\r", p->s[at + 4]))
        prose_setup(p, at + 4, end);
    return end + 3 < l.to ? end + 3 : l.to;
}

static bool begins_block(const prose *p, const line *l, int left)
{
    size_t at = indent(p, l[0]);
    bool ordered;
    return l[0].code || blank(p, l[0]) || heading(p, l[0]) || rule(p, l[0]) || (at < l[0].to && p->s[at] == '>') ||
           marker(p, at, l[0].to, &ordered) || (left > 1 && row_line(p, l[1]) && memchr(p->s + at, '|', l[0].to - at));
}

/* A paragraph, or a heading that is underlined. */
static int put_paragraph_(prose *p, const line *l, int count)
{
    int k = 1;
    size_t from = indent(p, l[0]);
    for (; k < count && !l[k].code && !blank(p, l[k]); k++) {
        size_t at = indent(p, l[k]), n = at < l[k].to && strchr("=-", p->s[at]) ? run(p, at, l[k].to) : 0;
        if (n >= 2 && blank(p, (line){ at + n, l[k].to, false })) {
            put_heading(p, from, l[k - 1].to, p->s[at] == '=' ? 1 : 2);
            return k + 1;
        }
        if (begins_block(p, l + k, count - k) || comment_only(p, l[k]))
            break;
    }
    prose_span_at(p, from);
    bool formula = p->next < p->spans && p->span[p->next].begin < l[k - 1].to;
    if (formula || from - l[0].from < 4) {
        paragraphs(p, from, l[k - 1].to, "<p>", "</p>");
        return k;
    }
    text_add(p->out, "<pre>"); /* code by its margin */
    for (int i = 0; i < k; i++) {
        prose_escaped(p, l[i].from + 4 < l[i].to ? l[i].from + 4 : l[i].to, l[i].to);
        text_add(p->out, "\n");
    }
    text_add(p->out, "</pre>\n");
    return k;
}

static void blocks(prose *p, line *l, int count)
{
    if (p->depth >= NESTED) {
        for (int k = 0; k < count; k++)
            paragraphs(p, l[k].from, l[k].to, "<p>", "</p>");
        return;
    }
    p->depth++;
    for (int k = 0; k < count && !p->out->arena->failed;) {
        arena_position before = arena_now(p->arena);
        size_t at = indent(p, l[k]), level;
        bool ordered;
        if (l[k].code)
            k += put_code(p, l + k, count - k);
        else if (blank(p, l[k]))
            k++;
        else if (comment_only(p, l[k])) {
            l[k].from = put_comment(p, l[k]);
            k += blank(p, l[k]);
        } else if ((level = heading(p, l[k])) != 0) {
            put_heading(p, at + level + (at + level < l[k].to), l[k].to, level);
            k++;
        } else if (rule(p, l[k])) {
            text_add(p->out, "<hr>\n");
            k++;
        } else if (p->s[at] == '>')
            k += put_quotation(p, l + k, count - k);
        else if (marker(p, at, l[k].to, &ordered))
            k += put_list(p, l + k, count - k);
        else if (k + 1 < count && row_line(p, l[k + 1]) && memchr(p->s + at, '|', l[k].to - at))
            k += put_table(p, l + k, count - k);
        else
            k += put_paragraph_(p, l + k, count - k);
        if (p->depth == 1) {
            p->after_block(p->context);
            arena_reset(p->arena, before);
        }
    }
    p->depth--;
}

void prose_markdown(prose *p)
{
    lines all = lines_of(p);
    blocks(p, all.line, all.count);
}
