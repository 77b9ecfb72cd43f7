/* Commands with arguments: fractions, roots, accents, brackets that grow, words, and what shows nothing. */
#include "author_internal.h"

#include <string.h>

static void fraction(typesetter *t, text *out, const char *attributes)
{
    double before = t->width, above;
    bool display = t->display;
    t->display = false;
    t->width = 0;
    text_format(out, "<mfrac%s>", attributes);
    author_argument(t, out);
    above = t->width;
    t->width = 0;
    author_argument(t, out);
    text_add(out, "</mfrac>");
    t->width = before + 0.3 + (above > t->width ? above : t->width);
    t->display = display;
}

static void root(typesetter *t, text *out)
{
    text index = { .arena = t->arena }, body = { .arena = t->arena };
    bool has = author_optional(t, &index);
    author_argument(t, &body);
    text_add(out, has ? "<mroot>" : "<msqrt>");
    text_add(out, text_done(&body));
    if (has)
        text_add(out, text_done(&index));
    text_add(out, has ? "</mroot>" : "</msqrt>");
    t->width += 0.8;
}

static void accent(typesetter *t, author_atom *a, const char *name, const author_sign *sign)
{
    bool under = sign->kind == AUTHOR_BELOW, brace = strstr(name, "brace") != NULL;
    bool wide = brace || strstr(name, "over") || strstr(name, "wide") || strstr(name, "line");
    text *out = &a->markup;
    text_add(out, under ? "<munder accentunder=\"true\">" : "<mover accent=\"true\">");
    author_argument(t, out);
    text_format(out, "<mo stretchy=\"%s\">", wide ? "true" : "false");
    author_escaped(out, sign->sign, strlen(sign->sign));
    text_format(out, "</mo>%s", under ? "</munder>" : "</mover>");
    a->kind = AUTHOR_LETTER;
    a->below = brace;
}

/* \stackrel{a}{b}, \overset{a}{b}, \underset{a}{b}, \xrightarrow[b]{a}. */
static bool stacked(typesetter *t, author_atom *a, const char *name, size_t length)
{
#define IS(word) (length == sizeof word - 1 && !memcmp(name, word, length))
    bool under = IS("underset"), arrow = IS("xrightarrow") || IS("xleftarrow") || IS("xlongrightarrow");
    if (!under && !arrow && !IS("stackrel") && !IS("overset"))
        return false;
    text small = { .arena = t->arena }, low = { .arena = t->arena }, base = { .arena = t->arena };
    bool both = arrow && author_optional(t, &low), display = t->display;
    t->display = false;
    author_argument(t, &small);
    t->display = display;
    if (arrow)
        text_format(&base, "<mo stretchy=\"true\">%s</mo>", IS("xleftarrow") ? "←" : "→");
    else
        author_argument(t, &base);
    text_format(&a->markup, "<%s>%s%s%s</%s>",
                both    ? "munderover"
                : under ? "munder"
                        : "mover",
                text_done(&base), text_done(&low), text_done(&small),
                both    ? "munderover"
                : under ? "munder"
                        : "mover");
    a->kind = AUTHOR_RELATION;
    return true;
}

static void fence(typesetter *t, text *out, const char *attributes)
{
    author_blanks(t);
    size_t length = author_command(t, t->at), step = length ? length : 1;
    if (t->at >= t->n)
        return;
    const author_sign *sign = length ? author_sign_of(t->s + t->at + 1, length - 1) : NULL;
    char self[5] = { t->s[t->at], 0 };
    if (!length && (unsigned char)self[0] >= 0x80) {
        author_decode(t->s + t->at, &step);
        step = step > t->n - t->at ? t->n - t->at : step;
        memcpy(self, t->s + t->at, step);
    }
    t->at += step;
    if (!length && self[0] == '.')
        return;
    author_put(t, out, "mo", attributes,
               sign             ? sign->sign
               : length         ? ""
               : self[0] == '<' ? "⟨"
               : self[0] == '>' ? "⟩"
                                : self);
}

static void left_right(typesetter *t, text *out)
{
    text_add(out, "<mrow>");
    fence(t, out, " stretchy=\"true\" fence=\"true\" form=\"prefix\"");
    author_row(t, out, STOP_RIGHT);
    if (author_is(t, "\\right")) {
        t->at += 6;
        fence(t, out, " stretchy=\"true\" fence=\"true\" form=\"postfix\"");
    }
    text_add(out, "</mrow>");
}

/* Commands that take words. */
static bool takes_words(const char *name, size_t length)
{
    static const char *const names[] = { "text", "textrm", "textnormal", "textbf", "textit", "textsf", "texttt",
                                         "mbox", "hbox",   "emph",       "ref",    "eqref",  "cite",   "textup" };
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strlen(names[k]) == length && !memcmp(names[k], name, length))
            return true;
    return false;
}

/* Commands of which nothing is shown; how many groups go with them, -1 for none of these commands. */
static int says_nothing(const char *name, size_t length)
{
    static const struct {
        const char *name;
        int groups;
    } silent[] = { { "tag", 1 },
                   { "label", 1 },
                   { "nonumber", 0 },
                   { "notag", 0 },
                   { "displaystyle", 0 },
                   { "textstyle", 0 },
                   { "scriptstyle", 0 },
                   { "limits", 0 },
                   { "nolimits", 0 },
                   { "hspace", 1 },
                   { "vspace", 1 },
                   { "color", 1 },
                   { "mathstrut", 0 },
                   { "allowbreak", 0 },
                   { "nobreak", 0 },
                   { "hline", 0 },
                   { "left", 0 },
                   { "right", 0 },
                   { "vphantom", 1 },
                   { "strut", 0 },
                   { "normalsize", 0 },
                   { "small", 0 },
                   { "large", 0 },
                   { "scriptsize", 0 },
                   { "footnotesize", 0 },
                   { "noindent", 0 },
                   { "centering", 0 },
                   { "raggedright", 0 },
                   { "phantom", 1 },
                   { "hphantom", 1 },
                   { "unboldmath", 0 },
                   { "newline", 0 },
                   { "-", 0 },
                   { "/", 0 },
                   { "*", 0 },
                   { "intertext", 1 },
                   { "relax", 0 },
                   { "mathsurround", 0 },
                   { "setcounter", 2 },
                   { "par", 0 } };
    for (size_t k = 0; k < sizeof silent / sizeof *silent; k++)
        if (strlen(silent[k].name) == length && !memcmp(silent[k].name, name, length))
            return silent[k].groups;
    return -1;
}

static bool one_of(const char *name, size_t length, const char *const *names)
{
    for (; *names; names++)
        if (strlen(*names) == length && !memcmp(*names, name, length))
            return true;
    return false;
}

static void operator_name(typesetter *t, author_atom *a)
{
    bool star = t->at < t->n && t->s[t->at] == '*';
    author_font font = t->font;
    t->at += star;
    t->font = FONT_ROMAN;
    author_argument(t, &a->markup);
    t->font = font;
    a->kind = AUTHOR_FUNCTION;
    a->below = star && t->display;
}

static void unknown(typesetter *t, author_atom *a, const char *name, size_t length)
{
    text_add(&a->markup, "<mtext class=\"tex\">\\");
    author_escaped(&a->markup, name, length);
    text_add(&a->markup, "</mtext>");
    t->width += 0.6 * (double)length;
}

/* \not and the sign behind it, struck through. */
static void negated(typesetter *t, text *out, author_class before)
{
    author_atom next = author_take_atom(t, before);
    size_t end = next.markup.length;
    const char *all = text_done(&next.markup), *close = end > 5 ? all + end - 5 : all;
    text_add_n(out, all, (size_t)(close - all));
    text_format(out, "%s%s", end > 5 && close[0] == '<' ? "\u0338" : "", close);
}

void author_take_command(typesetter *t, author_atom *a, author_class before)
{
    static const char *const bigs[] = { "big",  "Big",  "bigg",  "Bigg",  "bigl", "Bigl", "biggl",  "Biggl",
                                        "bigr", "Bigr", "biggr", "Biggr", "bigm", "Bigm", "middle", NULL },
                             *const plain[] = { "mathop",   "mathrel",    "mathbin", "mathord",    "smash",
                                                "mathit",   "mathnormal", "cancel",  "ensuremath", "overbracket",
                                                "mathopen", "mathclose",  NULL };
    size_t length = author_command(t, t->at) - 1, from, to;
    const char *name = t->s + t->at + 1;
    const author_sign *sign = author_sign_of(name, length);
    author_font font = author_font_of(name, length), old = t->font;
    int silent = says_nothing(name, length);
    text *out = &a->markup;
    a->kind = AUTHOR_LETTER;
    if (IS("begin")) {
        author_environment(t, out);
        return;
    }
    t->at += length + 1;
    if (sign && (sign->kind == AUTHOR_ACCENT || sign->kind == AUTHOR_BELOW))
        accent(t, a, sign->name, sign);
    else if (sign)
        author_put_sign(t, a, sign, before);
    else if (font) {
        bool whole = length <= 2 || IS("cal") || IS("boldmath"); /* for the rest of the group */
        t->font = font;
        if (whole)
            return;
        author_argument(t, out);
        t->font = old;
    } else if (IS("frac") || IS("dfrac") || IS("tfrac") || IS("cfrac") || IS("nicefrac"))
        fraction(t, out, "");
    else if (IS("binom") || IS("dbinom") || IS("tbinom")) {
        text_add(out, "<mrow><mo>(</mo>");
        fraction(t, out, " linethickness=\"0\"");
        text_add(out, "<mo>)</mo></mrow>");
    } else if (IS("sqrt"))
        root(t, out);
    else if (IS("left"))
        left_right(t, out);
    else if (one_of(name, length, bigs)) {
        fence(t, out, IS("middle") ? " stretchy=\"true\"" : " stretchy=\"true\" minsize=\"1.5em\" maxsize=\"1.5em\"");
        a->kind = name[length - 1] == 'l' ? AUTHOR_OPEN : AUTHOR_CLOSE;
    } else if (takes_words(name, length)) {
        if (author_group(t, &from, &to))
            author_words(t, out, from, to);
    } else if (IS("operatorname"))
        operator_name(t, a);
    else if (IS("substack")) {
        if (author_group(t, &from, &to)) {
            size_t end = t->at, n = t->n;
            t->at = from, t->n = to;
            author_rows(t, out, "stack", 0);
            t->at = end, t->n = n;
        }
    } else if (IS("textcolor") || IS("colorbox") || IS("href")) {
        author_group(t, &from, &to);
        author_argument(t, out);
    } else if (IS("boxed") || IS("fbox")) {
        text_add(out, "<mrow class=\"boxed\">");
        author_argument(t, out);
        text_add(out, "</mrow>");
    } else if (IS("not")) {
        negated(t, out, before);
        a->kind = AUTHOR_RELATION;
    } else if (one_of(name, length, plain)) {
        author_argument(t, out);
        a->below = IS("mathop") && t->display;
    } else if (IS("pmod")) {
        text_add(out, "<mrow><mspace width=\"1em\"/><mo>(</mo><mi>mod</mi><mspace width=\"0.3em\"/>");
        author_argument(t, out);
        text_add(out, "<mo>)</mo></mrow>");
    } else if (silent >= 0) {
        t->at += t->at < t->n && t->s[t->at] == '*';
        for (int k = 0; k < silent; k++)
            author_group(t, &from, &to);
        a->kind = before;
    } else if (!stacked(t, a, name, length))
        unknown(t, a, name, length);
#undef IS
}
