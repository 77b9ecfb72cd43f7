/* The prose of a .tex document: titles, lists, emphasis, verbatim text; other commands vanish and leave their words. */
#include "prose.h"

#include "pieces.h"

#include <string.h>

enum { OPEN_MOST = 32 };

typedef struct tex {
    prose *p;
    size_t at, to;
    text line;                    /* the paragraph so far */
    const char *close[OPEN_MOST]; /* what closing braces write; NULL: a brace of their own */
    int open, lists;
    const char *around; /* the paragraph's element */
} tex;

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool at(const tex *t, const char *what)
{
    size_t n = strlen(what);
    return t->to - t->at >= n && !memcmp(t->p->s + t->at, what, n);
}

static void flush(tex *t)
{
    while (t->open)
        if (t->close[--t->open])
            text_add(&t->line, t->close[t->open]);
    const char *made = text_done(&t->line);
    if (made[strspn(made, " \n.,;:")])
        text_format(t->p->out, "<%s>%s</%s>\n", t->around, made, t->around);
    t->line = (text){ .arena = t->p->arena };
    t->around = "p";
    t->p->after_block(t->p->context);
}

/* {...} at the place: its inside, passed over. */
static bool group(tex *t, size_t *from, size_t *to)
{
    int depth = 0;
    if (t->at >= t->to || t->p->s[t->at] != '{')
        return false;
    for (size_t q = t->at; q < t->to; q++) {
        char c = t->p->s[q];
        if (c == '\\')
            q++;
        else if (c == '{')
            depth++;
        else if (c == '}' && --depth == 0) {
            *from = t->at + 1;
            *to = q;
            t->at = q + 1;
            return true;
        }
    }
    return false;
}

static void option(tex *t)
{
    if (t->at < t->to && t->p->s[t->at] == '[') {
        const char *end = memchr(t->p->s + t->at, ']', t->to - t->at);
        t->at = end ? (size_t)(end - t->p->s) + 1 : t->at;
    }
}

static void push(tex *t, const char *open, const char *close)
{
    if (t->at >= t->to || t->p->s[t->at] != '{' || t->open >= OPEN_MOST)
        return;
    t->at++;
    text_add(&t->line, open);
    t->close[t->open++] = close;
}

/* \begin{NAME} and \end{NAME}. */
static void environment(tex *t, bool begins)
{
    size_t from, to;
    if (!group(t, &from, &to))
        return;
    const char *name = t->p->s + from;
    size_t n = to - from;
#define NAMED(word) (n == sizeof word - 1 && !memcmp(name, word, n))
    bool list = NAMED("itemize") || NAMED("enumerate") || NAMED("description");
    if (NAMED("verbatim") || NAMED("lstlisting") || NAMED("minted") || NAMED("Verbatim") || NAMED("comment")) {
        const char *mark = arena_format(t->p->arena, "\\end{%.*s}", (int)n, name);
        size_t start = t->at;
        while (t->at < t->to && !at(t, mark))
            t->at++;
        flush(t);
        if (begins && !NAMED("comment")) {
            text_add(t->p->out, "<pre>");
            for (size_t line = start; line < t->at;) {
                const char *eol = memchr(t->p->s + line, '\n', t->at - line);
                size_t stop = eol ? (size_t)(eol - t->p->s) : t->at;
                prose_escaped(t->p, line, stop);
                text_add(t->p->out, "\n");
                line = stop + 1;
            }
            text_add(t->p->out, "</pre>\n");
        }
        t->at = begins && at(t, mark) ? t->at + strlen(mark) : t->at;
    } else if (list) {
        flush(t);
        t->lists += begins ? 1 : t->lists > 0 ? -1 : 0;
        option(t);
    } else
        option(t);
#undef NAMED
}

static void command(tex *t)
{
    static const struct {
        const char *name, *around;
    } titles[] = { { "\\chapter", "h2" },       { "\\section", "h2" },   { "\\subsection", "h3" },
                   { "\\subsubsection", "h4" }, { "\\paragraph", "h4" }, { "\\title", "h2" } };
    static const char *const dropped[] = { "\\label",      "\\bibliographystyle", "\\bibliography",       "\\vspace",
                                           "\\hspace",     "\\includegraphics",   "\\usepackage",         "\\setlength",
                                           "\\newcommand", "\\renewcommand",      "\\DeclareMathOperator" };
    prose *p = t->p;
    size_t start = t->at, from, to;
    t->at++;
    if (t->at < t->to && !letter(p->s[t->at])) {
        char c = p->s[t->at++];
        text_add(&t->line, c == '\\' ? "<br>" : c == '&' ? "&amp;" : strchr("%$#_{}", c) ? (char[]){ c, 0 } : " ");
        return;
    }
    while (t->at < t->to && letter(p->s[t->at]))
        t->at++;
    const char *name = p->s + start;
    size_t n = t->at - start;
    t->at += t->at < t->to && p->s[t->at] == '*';
#define IS(word) (n == strlen(word) && !memcmp(name, word, n))
    for (size_t k = 0; k < sizeof titles / sizeof *titles; k++)
        if (IS(titles[k].name)) {
            flush(t);
            option(t);
            t->around = titles[k].around;
            push(t, "", "");
            return;
        }
    for (size_t k = 0; k < sizeof dropped / sizeof *dropped; k++)
        if (IS(dropped[k])) {
            option(t);
            while (group(t, &from, &to))
                option(t);
            return;
        }
    if (IS("\\begin") || IS("\\end"))
        environment(t, IS("\\begin"));
    else if (IS("\\item")) {
        flush(t);
        option(t);
        t->around = "li";
    } else if (IS("\\emph") || IS("\\textit"))
        push(t, "<em>", "</em>");
    else if (IS("\\textbf"))
        push(t, "<strong>", "</strong>");
    else if (IS("\\texttt"))
        push(t, "<code>", "</code>");
    else if (IS("\\cite") || IS("\\ref") || IS("\\eqref") || IS("\\citep") || IS("\\citet") || IS("\\autoref")) {
        option(t);
        push(t, "[", "]");
    } else if (IS("\\footnote"))
        push(t, " (", ")");
    else if (IS("\\par"))
        flush(t);
    else {
        option(t);
        push(t, "", "");
    }
#undef IS
}

/* A formula at the place: true if there is one. */
static bool formula(tex *t)
{
    prose *p = t->p;
    int span = prose_span_at(p, t->at);
    if (span < 0)
        return false;
    if (p->span[span].display) {
        flush(t);
        p->formula(p->context, span);
    } else {
        text *page = p->out;
        p->out = &t->line;
        p->formula(p->context, span);
        p->out = page;
    }
    t->at = p->span[span].end > t->at ? p->span[span].end : t->at + 1;
    return true;
}

void prose_tex(prose *p)
{
    tex t = { .p = p, .to = p->n, .line = { .arena = p->arena }, .around = "p" };
    for (size_t k = 0; k < p->n && !t.at; k++) /* what stands in front of it is no text */
        if (p->s[k] == '\\' && p->n - k > 16 && !memcmp(p->s + k, "\\begin{document}", 16))
            t.at = k + 16;
    while (t.at < t.to && !p->out->arena->failed && !p->arena->failed) {
        char c = p->s[t.at];
        if (formula(&t))
            continue;
        if (at(&t, "\\end{document}"))
            break;
        if (c == '\\')
            command(&t);
        else if (c == '%') {
            while (t.at < t.to && p->s[t.at] != '\n')
                t.at++;
            t.at += t.at < t.to;
        } else if (c == '{') {
            push(&t, "", NULL);
            t.at += t.at < t.to && p->s[t.at] == '{' && t.open >= OPEN_MOST;
        } else if (c == '}') {
            if (t.open && t.close[--t.open])
                text_add(&t.line, t.close[t.open]);
            if (t.around[0] == 'h' && !t.open)
                flush(&t);
            t.at++;
        } else if (c == '\n') {
            size_t next = t.at + 1;
            while (next < t.to && strchr(" \t\r", p->s[next]))
                next++;
            if (next < t.to && p->s[next] == '\n')
                flush(&t);
            text_add(&t.line, "\n");
            t.at = next;
        } else {
            bool dash = at(&t, "--");
            int quotes = at(&t, "``") ? 1 : at(&t, "''") ? 2 : 0;
            if (dash || quotes || c == '~') {
                text_add(&t.line, c == '~' ? "\u00A0" : dash ? "–" : quotes == 1 ? "“" : "”");
                t.at += c == '~' ? 1 : 2;
                continue;
            }
            size_t end = t.at + 1;
            while (end < t.to && !strchr("\\%{}\n-`'~$", p->s[end]))
                end++;
            text_clean(&t.line, p->s + t.at, end - t.at, ESCAPE_HTML);
            t.at = end;
        }
    }
    flush(&t);
}
