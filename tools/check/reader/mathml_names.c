/* The leaves of a formula as MathML: names with their accents, numbers, signs. */
#include "latex_mathml.h"

#include <string.h>

static void escaped(text *out, const char *s)
{
    for (; *s; s++) {
        const char *entity = *s == '&'    ? "&amp;"
                             : *s == '<'  ? "&lt;"
                             : *s == '>'  ? "&gt;"
                             : *s == '"'  ? "&quot;"
                             : *s == '\'' ? "&#39;"
                                          : NULL;
        if (entity)
            text_add(out, entity);
        else
            text_add_n(out, s, 1);
    }
}

void mathml_element(text *out, const char *open, const char *inside, const char *close)
{
    text_add(out, open);
    escaped(out, inside);
    text_add(out, close);
}

void mathml_sign(text *out, const char *sign)
{
    mathml_element(out, "<mo>", sign, "</mo>");
}

/* Signs like ~ and bars that stand for themselves, at their own size. */
static void fixed_sign(text *out, const char *sign)
{
    mathml_element(out, "<mo stretchy=\"false\">", sign, "</mo>");
}

static bool styled(text *out, char c, const char *style)
{
    unsigned code = tree_styled_letter(c, style);
    if (code)
        text_format(out, "<mi>&#x%X;</mi>", code);
    return code;
}

void mathml_name(text *out, const char *name, const char *style)
{
    const char *sign = tree_sign(name);
    if (sign)
        mathml_element(out, "<mi>", sign, "</mi>");
    else if (name[0] && !name[1] && styled(out, *name, style))
        return;
    else
        mathml_element(out, name[0] && !name[1] && !strcmp(style, "rm") ? "<mi mathvariant=\"normal\">" : "<mi>",
                       tree_bare_name(name), "</mi>");
}

void mathml_accented(text *out, const tree *t, const char *accents)
{
    static const char *const signs[][2] = { { "tilde", "~" },
                                            { "hat", "^" },
                                            { "bar", "¯" },
                                            { "dot", "˙" },
                                            { "ddot", "¨" },
                                            { "vec", "→" },
                                            { "overrightarrow", "→" },
                                            { "overleftarrow", "←" },
                                            { "check", "ˇ" },
                                            { "breve", "˘" } };
    size_t n = strcspn(accents, " ");
    const char *rest = accents[n] ? accents + n + 1 : accents + n;
    if (!n) {
        mathml_name(out, t->name, t->style);
        return;
    }
    if ((n == 1 && *accents == 'd') || (n == 5 && !memcmp(accents + 1, "elta", 4))) {
        text_add(out, n == 1            ? "<mrow><mi mathvariant=\"normal\">d</mi>"
                      : *accents == 'd' ? "<mrow><mi>δ</mi>"
                                        : "<mrow><mi>Δ</mi>");
        mathml_accented(out, t, rest);
        text_add(out, "</mrow>");
        return;
    }
    bool under = n == 9 && !memcmp(accents, "underline", 9);
    text_add(out, under ? "<munder accentunder=\"true\">" : "<mover accent=\"true\">");
    mathml_accented(out, t, rest);
    if (under)
        fixed_sign(out, "_");
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        if (strlen(signs[k][0]) == n && !memcmp(signs[k][0], accents, n))
            fixed_sign(out, signs[k][1]);
    text_add(out, under ? "</munder>" : "</mover>");
}

void mathml_number(text *out, const tree *t)
{
    char room[64];
    const char *digits = tree_number(t, room), *e = strchr(digits, 'e');
    if (!e) {
        mathml_element(out, *digits == '-' ? "<mrow><mo>−</mo><mn>" : "<mn>", digits + (*digits == '-'),
                       *digits == '-' ? "</mn></mrow>" : "</mn>");
        return;
    }
    const char *power = e + 1;
    text_add(out, "<mrow><mn>");
    text_add_n(out, digits, (size_t)(e - digits));
    text_add(out, "</mn><mo>·</mo><msup><mn>10</mn><mrow>");
    mathml_element(out, *power == '-' ? "<mo>−</mo><mn>" : "<mn>", power + (*power == '-'),
                   "</mn></mrow></msup></mrow>");
}
