/* {\bf W}, {\rm tanh}, {\cal L}: the font switches of plain TeX, written as the commands that take an argument; and a
 * brace in front of several equations, written as rows. */
#include "document_internal.h"

#include <string.h>

static const struct {
    const char *old, *command;
} fonts[] = { { "\\bf", "\\mathbf" }, { "\\rm", "\\mathrm" }, { "\\cal", "\\mathcal" }, { "\\it", "\\mathit" },
              { "\\sf", "\\mathsf" }, { "\\tt", "\\mathtt" }, { "\\mit", "\\mathit" } };

/* The switch at s, and how long it is with the blanks behind it; NULL: there is none. */
static const char *switch_at(const char *s, size_t *length)
{
    for (size_t k = 0; k < sizeof fonts / sizeof *fonts; k++) {
        size_t n = strlen(fonts[k].old);
        if (!strncmp(s, fonts[k].old, n) && !document_letter(s[n])) {
            *length = n + strspn(s + n, " \t\n");
            return fonts[k].command;
        }
    }
    return NULL;
}

static size_t group_end(const char *s)
{
    size_t at = 0;
    for (int depth = 0; s[at]; at++) {
        if (s[at] == '\\' && s[at + 1])
            at++;
        else if (s[at] == '{')
            depth++;
        else if (s[at] == '}' && --depth == 0)
            return at;
    }
    return 0;
}

const char *document_fonts(arena *a, const char *s)
{
    text out = { .arena = a };
    size_t length, closing[32];
    int open = 0;
    bool any = false;
    for (size_t p = 0; s[p]; p++) {
        size_t inside = s[p] == '{' ? p + 1 + strspn(s + p + 1, " ") : p;
        const char *command = s[p] == '{' || s[p] == '\\' ? switch_at(s + inside, &length) : NULL;
        size_t end = command && s[p] == '{' ? group_end(s + p) : 0;
        if (open && p == closing[open - 1]) {
            text_add(&out, "}}");
            open--;
        } else if (end && open < 32) {
            text_format(&out, "{%s{", command);
            closing[open++] = p + end;
            p = inside + length - 1;
            any = true;
        } else if (command && s[p] == '\\') { /* of all that follows: it decorates */
            p += length - 1;
            any = true;
        } else {
            text_add_n(&out, s + p, s[p] == '\\' && s[p + 1] ? 2 : 1);
            p += s[p] == '\\' && s[p + 1];
        }
    }
    return any ? text_done(&out) : s;
}

/* \begin{cases} x_{k+1} = ... \\ y_k = ... \end{cases}, a whole formula: equations, and no cases of one. */
const char *document_systems(arena *a, const char *s)
{
    static const char open[] = "\\begin{cases}", close[] = "\\end{cases}";
    const char *begin = s + strspn(s, " \t\r\n"), *inside = begin + sizeof open - 1;
    const char *end = strncmp(begin, open, sizeof open - 1) ? NULL : strstr(inside, close);
    if (!end || memchr(inside, '&', (size_t)(end - inside)) || !memchr(inside, '=', (size_t)(end - inside)))
        return s;
    return arena_format(a, "%.*s%s", (int)(end - inside), inside, end + sizeof close - 1);
}
