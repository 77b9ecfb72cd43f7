/* The smallest pieces of a written formula: names, accents, numbers, and what keeps them apart. For LaTeX and the line
 * of Unicode. */
#include "latex_writer.h"

#include <string.h>

/* Adds one of two spellings; a command before a letter and a digit before a digit are kept apart. */
void writer_put(writer *w, const char *latex, const char *unicode)
{
    const char *s = w->form == LATEX_SOURCE ? latex : unicode, *all = text_done(w->out);
    size_t n = w->out->length, k = n;
    if (!*s)
        return;
    char tight[32];
    if (w->scripts && s[0] == ' ' && strlen(s) < sizeof tight) { /* the operator without the spaces around it */
        size_t end = strlen(s);
        while (end > 1 && s[end - 1] == ' ')
            end--;
        memcpy(tight, s + 1, end - 1);
        tight[end - 1] = 0;
        s = tight;
        if (!*s)
            return;
    }
    bool letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'), digit = (*s >= '0' && *s <= '9') || *s == '.';
    if (n && w->form == LATEX_SOURCE && letter) {
        while (k && ((all[k - 1] >= 'a' && all[k - 1] <= 'z') || (all[k - 1] >= 'A' && all[k - 1] <= 'Z')))
            k--;
        if (k && k < n && all[k - 1] == '\\')
            text_add(w->out, " ");
    } else if (n && digit && ((all[n - 1] >= '0' && all[n - 1] <= '9') || all[n - 1] == '.'))
        text_add(w->out, " ");
    text_add(w->out, s);
}

void writer_primes(writer *w, int primes)
{
    while (primes-- > 0)
        writer_put(w, "'", "′");
}

/* A word with more in it than \mathrm{...} takes. */
static bool needs_text(const char *name)
{
    for (const char *c = name; *c && *name != '\\'; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
              (c > name && ((*c >= '0' && *c <= '9') || *c == '-'))))
            return true;
    return false;
}

/* A name as it stands in the text: h, \delta, \mathrm{in}, \mathbf{h}. */
void writer_name(writer *w, const char *name, const char *style)
{
    if (w->form == LATEX_UNICODE) {
        const char *sign = tree_sign(name);
        writer_put(w, "", !strcmp(style, "bb") && !strcmp(name, "R") ? "ℝ" : sign ? sign : tree_bare_name(name));
        return;
    }
    const char *command = !strcmp(style, "bf")    ? "\\mathbf"
                          : !strcmp(style, "bb")  ? "\\mathbb"
                          : !strcmp(style, "cal") ? "\\mathcal"
                                                  : "";
    if (*name == '\\' || (name[0] && !name[1] && name[0] == 'd'))
        command = *name == '\\' && !strcmp(command, "\\mathbf") ? command : "";
    else if (tree_is_word(name) || (!strcmp(style, "rm") && name[0] && !name[1]))
        command = "\\mathrm";
    if (needs_text(name))
        command = "\\text";
    writer_put(w, command, "");
    writer_put(w, *command ? "{" : "", "");
    writer_put(w, name, "");
    writer_put(w, *command ? "}" : "", "");
}

static const char *const combining[][2] = {
    { "tilde", "\u0303" }, { "hat", "\u0302" },   { "bar", "\u0304" },       { "dot", "\u0307" },
    { "ddot", "\u0308" },  { "vec", "\u20d7" },   { "overrightarrow", "→" }, { "overleftarrow", "←" },
    { "check", "\u030c" }, { "breve", "\u0306" }, { "underline", "\u0332" },
};

void writer_accented(writer *w, const tree *t, const char *accents)
{
    size_t n = strcspn(accents, " ");
    if (!n) {
        /* a function's name by itself, as in h_{\max}, and \text{...} are names in braces only */
        bool label = (*t->name == '\\' && !tree_sign(t->name)) || needs_text(t->name);
        writer_put(w, label ? "{" : "", "");
        writer_name(w, t->name, t->style);
        writer_put(w, label ? "}" : "", "");
        return;
    }
    const char *rest = accents[n] ? accents + n + 1 : accents + n;
    if (n == 1 && *accents == 'd') {
        writer_put(w, "\\mathrm{d}", "d");
        writer_accented(w, t, rest);
        return;
    }
    if (n == 8 && !memcmp(accents, "eddycopy", 8)) { /* its step says it */
        writer_accented(w, t, rest);
        return;
    }
    if (n == 5 && !memcmp(accents + 1, "elta", 4)) {
        writer_put(w, *accents == 'd' ? "\\delta" : "\\Delta", *accents == 'd' ? "δ" : "Δ");
        writer_accented(w, t, rest);
        return;
    }
    if (w->form == LATEX_SOURCE) {
        writer_put(w, "\\", "");
        text_add_n(w->out, accents, n);
        writer_put(w, "{", "");
    }
    writer_accented(w, t, rest);
    writer_put(w, "}", "");
    for (size_t k = 0; w->form == LATEX_UNICODE && k < sizeof combining / sizeof *combining; k++)
        if (strlen(combining[k][0]) == n && !memcmp(combining[k][0], accents, n))
            writer_put(w, "", combining[k][1]);
}

void writer_number(writer *w, const tree *t)
{
    char room[64];
    const char *digits = tree_number(t, room), *e = strchr(digits, 'e');
    if (!e) {
        writer_put(w, digits, digits);
        return;
    }
    char front[64] = { 0 };
    memcpy(front, digits, (size_t)(e - digits));
    writer_put(w, front, front);
    writer_put(w, " \\cdot 10^{", "·10^{");
    writer_put(w, e + 1, e + 1);
    writer_put(w, "}", "}");
}

const char *latex_text(arena *a, const tree *t, latex_form form)
{
    text out = { .arena = a };
    latex_write(&out, t, form);
    return text_done(&out);
}
