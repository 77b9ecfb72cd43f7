/* Markdown within a paragraph: emphasis, code, links, formulas. */
#include "prose.h"

#include "pieces.h"

#include <string.h>

enum { NEAR = 2000, /* what closes is looked for so far */ DEEPEST = 8 };

void prose_escaped(prose *p, size_t from, size_t to)
{
    if (to > from)
        text_clean(p->out, p->s + from, to - from, ESCAPE_HTML);
}

int prose_span_at(prose *p, size_t at)
{
    while (p->next < p->spans && p->span[p->next].begin < at)
        p->next++;
    return p->next < p->spans && p->span[p->next].begin == at ? p->next : -1;
}

void prose_setup(prose *p, size_t from, size_t to)
{
    while (to > from && strchr(" \n\r", p->s[to - 1]))
        to--;
    while (from < to && strchr(" \n\r", p->s[from]))
        from++;
    text_add(p->out, "<details class=\"setup\"><summary>Setup for the checker</summary><pre>");
    for (size_t line = from; line < to;) {
        const char *end = memchr(p->s + line, '\n', to - line);
        size_t stop = end ? (size_t)(end - p->s) : to;
        prose_escaped(p, line, stop);
        text_add(p->out, "\n");
        line = stop + 1;
    }
    text_add(p->out, "</pre></details>\n");
}

static bool word_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* Past what is opaque at `at`: a formula, a code span, an escaped character; `at` if nothing is. */
static size_t opaque(prose *p, size_t at, size_t to)
{
    char c = p->s[at];
    int next = p->next, span = prose_span_at(p, at);
    p->next = next;
    if (span >= 0)
        return p->span[span].end;
    if (c == '\\' && at + 1 < to)
        return at + 2;
    if (c != '`')
        return at;
    size_t run = 1, limit = at + NEAR < to ? at + NEAR : to;
    while (at + run < to && p->s[at + run] == '`')
        run++;
    for (size_t q = at + run; q < limit; q++) {
        size_t other = 0;
        while (q + other < limit && p->s[q + other] == '`')
            other++;
        if (other == run)
            return q + run;
        q += other ? other - 1 : 0;
    }
    return at + run;
}

/* Where `mark` closes what it opened in front of `at`; 0 if it does not. */
static size_t closes(prose *p, size_t at, size_t to, const char *mark)
{
    size_t length = strlen(mark), limit = at + NEAR < to ? at + NEAR : to;
    int next = p->next;
    size_t found = 0;
    for (size_t q = at; q + length <= limit && !found;) {
        size_t past = opaque(p, q, to);
        if (past > q) {
            q = past;
            continue;
        }
        bool here = !memcmp(p->s + q, mark, length) && q > at && !strchr(" \n", p->s[q - 1]);
        if (here && *mark == '_' && q + length < to && word_character(p->s[q + length]))
            here = false;
        if (here && length == 1 && q + 1 < to && p->s[q + 1] == *mark) { /* ** within * */
            q += 2;
            continue;
        }
        if (here)
            found = q;
        q++;
    }
    p->next = next;
    return found;
}

static void code(prose *p, size_t at, size_t end)
{
    size_t run = 0;
    while (at + run < end && p->s[at + run] == '`')
        run++;
    size_t from = at + run, to = end - run;
    if (end - at < 2 * run + 1) {
        prose_escaped(p, at, end);
        return;
    }
    if (to > from + 2 && p->s[from] == ' ' && p->s[to - 1] == ' ')
        from++, to--;
    text_add(p->out, "<code>");
    prose_escaped(p, from, to);
    text_add(p->out, "</code>");
}

static bool begins(const prose *p, size_t at, size_t to, const char *what)
{
    size_t n = strlen(what);
    return to - at >= n && !memcmp(p->s + at, what, n);
}

/* [words](address), ![words](address): the place after it, `at` if it is none. */
static size_t link_(prose *p, size_t at, size_t to)
{
    bool picture = p->s[at] == '!';
    size_t open = at + picture, close = closes(p, open + 1, to, "]");
    if (picture && open + 1 < to && p->s[open + 1] == ']')
        close = open + 1;
    if (!close || close + 1 >= to || p->s[close + 1] != '(')
        return at;
    size_t address = close + 2, limit = address + NEAR < to ? address + NEAR : to, end = address;
    while (end < limit && p->s[end] != ')' && p->s[end] != '\n')
        end++;
    if (end >= limit || p->s[end] != ')')
        return at;
    size_t stop = address;
    while (stop < end && p->s[stop] != ' ')
        stop++;
    bool web = !picture && (begins(p, address, end, "https://") || begins(p, address, end, "http://"));
    if (web) {
        text_add(p->out, "<a rel=\"noreferrer\" href=\"");
        prose_escaped(p, address, stop);
        text_add(p->out, "\">");
    } else if (picture)
        text_add(p->out, "<span class=\"soft\">[");
    p->depth++;
    prose_inline(p, open + 1, close);
    p->depth--;
    text_add(p->out, web ? "</a>" : picture ? "]</span>" : "");
    return end + 1;
}

/* Emphasis at `at`: the place after it, `at` if it is none. */
static size_t emphasis(prose *p, size_t from, size_t at, size_t to)
{
    static const struct {
        const char *mark, *open, *close;
    } kinds[] = { { "***", "<strong><em>", "</em></strong>" },
                  { "**", "<strong>", "</strong>" },
                  { "__", "<strong>", "</strong>" },
                  { "*", "<em>", "</em>" },
                  { "_", "<em>", "</em>" },
                  { "~~", "<span class=\"struck\">", "</span>" } };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        size_t length = strlen(kinds[k].mark), inside = at + length;
        if (!begins(p, at, to, kinds[k].mark) || inside >= to || strchr(" \n", p->s[inside]))
            continue;
        if (*kinds[k].mark == '_' && at > from && word_character(p->s[at - 1]))
            continue;
        size_t close = closes(p, inside, to, kinds[k].mark);
        if (!close)
            continue;
        text_add(p->out, kinds[k].open);
        p->depth++;
        prose_inline(p, inside, close);
        p->depth--;
        text_add(p->out, kinds[k].close);
        return close + length;
    }
    return at;
}

/* A tag or comment at `at`: the place after it, `at` if it is none. Tags are not taken over. */
static size_t tag(prose *p, size_t at, size_t to)
{
    if (begins(p, at, p->n, "<!--")) {
        size_t end = at + 4;
        while (end < p->n && !begins(p, end, p->n, "-->"))
            end++;
        return end < p->n ? end + 3 : p->n;
    }
    size_t q = at + 1 + (at + 1 < to && p->s[at + 1] == '/'), limit = at + NEAR < to ? at + NEAR : to;
    if (q >= to || !((p->s[q] | 0x20) >= 'a' && (p->s[q] | 0x20) <= 'z'))
        return at;
    while (q < limit && p->s[q] != '>' && p->s[q] != '<')
        q++;
    if (q >= limit || p->s[q] != '>')
        return at;
    if (begins(p, at, to, "<http")) /* an address */
        prose_escaped(p, at + 1, q);
    if (begins(p, at, to, "<br"))
        text_add(p->out, "<br>");
    return q + 1;
}

static size_t entity(prose *p, size_t at, size_t to)
{
    static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&nbsp;", "&ndash;", "&mdash;", "&copy;" };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (begins(p, at, to, known[k])) {
            text_add(p->out, known[k]);
            return at + strlen(known[k]);
        }
    return at;
}

/* A line's end: nothing between two Chinese characters, a new line behind two blanks. Returns the next line's text. */
static size_t line_end(prose *p, size_t from, size_t at, size_t to)
{
    size_t next = at + 1;
    while (next < to && strchr(" \t>", p->s[next]))
        next++;
    bool hard = at > from + 1 && p->s[at - 1] == ' ' && p->s[at - 2] == ' ';
    bool joined = at > from && next < to && (unsigned char)p->s[at - 1] >= 0x80 && (unsigned char)p->s[next] >= 0xE3;
    text_add(p->out, hard ? "<br>\n" : joined ? "" : "\n");
    return next;
}

void prose_inline(prose *p, size_t from, size_t to)
{
    for (size_t at = from; at < to && !p->out->arena->failed;) {
        char c = p->s[at];
        int span = prose_span_at(p, at);
        size_t past = at;
        if (span >= 0) {
            p->formula(p->context, span);
            at = p->span[span].end;
            continue;
        }
        if (c == '`') {
            past = opaque(p, at, to);
            code(p, at, past);
        } else if (c == '\\' && at + 1 < to && strchr("\\`*_{}[]()#+-.!$|<>~\"'&%", p->s[at + 1])) {
            prose_escaped(p, at + 1, at + 2);
            past = at + 2;
        } else if (p->depth < DEEPEST && (c == '[' || (c == '!' && at + 1 < to && p->s[at + 1] == '[')))
            past = link_(p, at, to);
        else if (p->depth < DEEPEST && strchr("*_~", c))
            past = emphasis(p, from, at, to);
        else if (c == '<')
            past = tag(p, at, to);
        else if (c == '&')
            past = entity(p, at, to);
        else if (c == '\n')
            past = line_end(p, from, at, to);
        if (past > at) {
            at = past;
            continue;
        }
        size_t end = at + 1; /* what is only text, and the rest of a run of marks */
        while (end < to && (!strchr("`\\[!*_~<&\n$", p->s[end]) || (strchr("*_~", c) && p->s[end] == c)))
            end++;
        prose_escaped(p, at, end);
        at = end;
    }
}
