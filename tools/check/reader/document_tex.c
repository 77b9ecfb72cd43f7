/* .tex: where formulas, setups and annotations stand in it; comments and verbatim text are passed over. Assumes UTF-8
 * without zero bytes. */
#include "document_internal.h"

/* "% eddy: ..." on this line and the following ones: one setup. `at` is behind the %. Returns the end of the last line,
 * `at` if it is none. */
static size_t tex_setup(document_reader *r, size_t at)
{
    text t = { .arena = r->arena };
    size_t end = at, first = 0;
    for (size_t p = at;;) {
        while (p < r->n && document_blank(r->s[p]))
            p++;
        if (!document_at(r, p, "eddy:"))
            break;
        p += 5;
        p += p < r->n && r->s[p] == ' ';
        end = document_line_end(r, p);
        if (!first)
            first = p;
        size_t stop = end;
        while (stop > p && document_blank(r->s[stop - 1]))
            stop--;
        text_add_n(&t, r->s + p, stop - p);
        text_add(&t, "\n");
        for (p = end + 1; p < r->n && document_blank(r->s[p]); p++)
            ;
        if (p >= r->n || r->s[p++] != '%')
            break;
    }
    return first && document_add_setup(r, text_done(&t), first, end) ? end : at;
}

static size_t tex_comment(document_reader *r, size_t at)
{
    size_t end = tex_setup(r, at + 1);
    if (end == at + 1) {
        end = document_line_end(r, at);
        document_comment(r, at, at + 1, end, end);
    }
    return end;
}

/* $...$ of .tex: a $ within braces belongs to a \text{} in it. */
static size_t tex_dollar(document_reader *r, size_t at)
{
    int depth = 0;
    for (size_t p = at + 1; p < r->n; p++) {
        char c = r->s[p];
        if (c == '\\')
            p++;
        else if (c == '%')
            p = document_line_end(r, p) - 1;
        else if (c == '{' || c == '}')
            depth += c == '{' ? 1 : -1;
        else if (c == '\n' && document_blank_line(r, p + 1))
            break;
        else if (c == '$' && depth <= 0) {
            document_between(r, at, 1, p, 1, false, false);
            return p + 1;
        }
    }
    document_fail(r, at, "the formula that begins with $ is not closed before the paragraph ends");
    return r->n;
}

/* A command of running text; returns the place after what it takes. */
static size_t tex_command(document_reader *r, size_t at)
{
    static const char *const code[] = { "verbatim", "verbatim*", "lstlisting",   "minted",
                                        "comment",  "Verbatim",  "filecontents", "filecontents*" };
    static const char *const titles[] = { "\\section", "\\subsection", "\\subsubsection",
                                          "\\chapter", "\\paragraph",  "\\part" };
    if (document_at(r, at, "\\[") || document_at(r, at, "\\(")) {
        bool display = r->s[at + 1] == '[';
        size_t close = document_close(r, at + 2, r->n, display ? "\\]" : "\\)", false);
        if (close == DOCUMENT_NONE) {
            document_fail(r, at, "the formula that begins with \\%c is not closed", r->s[at + 1]);
            return r->n;
        }
        document_between(r, at, 2, close, 2, display, false);
        return close + 2;
    }
    size_t length = document_environment_name(r, at), end, to;
    for (size_t k = 0; length && k < sizeof code / sizeof *code; k++) {
        if (strlen(code[k]) != length || memcmp(code[k], r->s + at + 7, length) != 0)
            continue;
        for (to = at + 7; to < r->n; to++) /* no comments and no backslashes mean anything in there */
            if (r->s[to] == '\\' && document_at(r, to, "\\end{") && r->n - to > length + 5 &&
                memcmp(r->s + to + 5, code[k], length) == 0 && r->s[to + 5 + length] == '}')
                return to + 6 + length;
        document_fail(r, at, "\\begin{%s} has no \\end{%s}", code[k], code[k]);
        return r->n;
    }
    end = document_environment(r, at);
    if (end != at)
        return end;
    if ((document_at(r, at, "\\verb") && !(at + 5 < r->n && document_letter(r->s[at + 5])))) {
        size_t mark = at + 5 + (at + 5 < r->n && r->s[at + 5] == '*'), eol = document_line_end(r, at);
        const char *close = mark + 1 < eol ? memchr(r->s + mark + 1, r->s[mark], eol - mark - 1) : NULL;
        return close ? (size_t)(close - r->s) + 1 : at + 5;
    }
    if (document_at(r, at, "\\end{document}"))
        return r->n;
    for (size_t k = 0; k < sizeof titles / sizeof *titles; k++) {
        size_t start = at + strlen(titles[k]);
        if (!document_at(r, at, titles[k]) || (start < r->n && document_letter(r->s[start])))
            continue;
        start += start < r->n && r->s[start] == '*';
        size_t eol = document_line_end(r, at), open = start;
        int depth = 0;
        if (open >= eol || r->s[open] != '{')
            return start;
        for (to = open; to < eol; to++)
            if ((r->s[to] == '{' && ++depth) || (r->s[to] == '}' && --depth == 0 && to > open))
                if (!depth)
                    break;
        document_heading(r, open + 1, to);
        return start + 1; /* formulas of the title are read, too */
    }
    return at + 2;
}

void document_scan_tex(document_reader *r)
{
    size_t at = 0;
    for (size_t line = 0;
         line < r->n && !at;) { /* what stands in front of \begin{document} is no text; setups may stand there */
        size_t end = document_line_end(r, line), p = document_close(r, line, end, "\\begin{document}", false);
        at = p == DOCUMENT_NONE ? 0 : p + strlen("\\begin{document}");
        line = end + 1;
    }
    size_t text_from = at;
    for (at = 0; at < text_from && !r->sentence;) {
        while (at < text_from && document_blank(r->s[at]))
            at++;
        size_t end = at < text_from && r->s[at] == '%' ? tex_setup(r, at + 1) : at;
        at = document_line_end(r, end) + 1;
    }
    for (at = text_from; at < r->n && !r->sentence && !r->arena->failed;) {
        if (r->s[at] == '%')
            at = tex_comment(r, at);
        else if (r->s[at] == '\\')
            at = tex_command(r, at);
        else if (r->s[at] != '$')
            at++;
        else if (document_at(r, at, "$$")) {
            size_t close = document_close(r, at + 2, r->n, "$$", false);
            if (close == DOCUMENT_NONE) {
                document_fail(r, at, "the formula that begins with $$ is not closed");
                return;
            }
            document_between(r, at, 2, close, 2, true, false);
            at = close + 2;
        } else {
            at = tex_dollar(r, at);
        }
    }
}
