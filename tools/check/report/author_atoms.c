/* What a formula's letters, digits, words and signs become. */
#include "author_internal.h"

#include "pieces.h"

#include <string.h>

void author_put(typesetter *t, text *out, const char *tag, const char *attributes, const char *sign)
{
    text_format(out, "<%s%s>", tag, attributes);
    author_escaped(out, sign, strlen(sign));
    text_format(out, "</%s>", tag);
    t->width += !strcmp(tag, "mo") ? 0.9 : 0.55 * sentence_columns(sign);
}

static void put_letter(typesetter *t, text *out, unsigned code, bool upright)
{
    unsigned styled = author_letter(code, t->font);
    bool plain = upright || t->font == FONT_ROMAN || (styled == code && t->font && t->font != FONT_BOLD_ITALIC);
    text_format(out, "<mi%s>&#x%X;</mi>", plain && styled == code ? " mathvariant=\"normal\"" : "", styled);
    t->width += 0.55;
}

unsigned author_decode(const char *p, size_t *length)
{
    const unsigned char *s = (const unsigned char *)p;
    if (s[0] < 0x80)
        return *length = 1, s[0];
    if (s[0] < 0xE0 && (s[1] & 0xC0) == 0x80)
        return *length = 2, (unsigned)(s[0] & 31) << 6 | (s[1] & 63u);
    if (s[0] < 0xF0 && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80)
        return *length = 3, (unsigned)(s[0] & 15) << 12 | (unsigned)(s[1] & 63) << 6 | (s[2] & 63u);
    if ((s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80 && (s[3] & 0xC0) == 0x80)
        return *length = 4,
               (unsigned)(s[0] & 7) << 18 | (unsigned)(s[1] & 63) << 12 | (unsigned)(s[2] & 63) << 6 | (s[3] & 63u);
    return *length = 1, 0xFFFD;
}

/* ---- words ---- */

/* The inside of \text{...}: words, and mathematics between dollars. */
void author_words(typesetter *t, text *out, size_t from, size_t to)
{
    text said = { .arena = t->arena };
    text_add(out, "<mrow>");
    for (size_t p = from; p <= to; p++) {
        char c = p < to ? t->s[p] : 0;
        if (p == to || c == '$') {
            if (said.length) {
                text_add(out, "<mtext>");
                author_escaped(out, text_done(&said), said.length);
                text_add(out, "</mtext>");
                t->width += 0.5 * sentence_columns(text_done(&said));
                said = (text){ .arena = t->arena };
            }
            if (p < to && t->depth < AUTHOR_DEEPEST) {
                typesetter part = *t;
                part.at = p + 1;
                part.n = to;
                part.font = FONT_NONE;
                part.depth++;
                author_inside(&part, out, STOP_DOLLAR);
                t->width = part.width;
                p = part.at;
            }
        } else if (c == '\\' && p + 1 < to) {
            typesetter part = { .s = t->s, .n = to };
            size_t length = author_command(&part, p);
            if (length == 2 && strchr("_%$#&{} ", t->s[p + 1]))
                text_add_n(&said, t->s + p + 1, 1);
            p += length - 1;
        } else if (c == ' ' || c == '\n' || c == '~')
            text_add(&said, "\u00A0");
        else if (c != '{' && c != '}')
            text_add_n(&said, &c, 1);
    }
    text_add(out, "</mrow>");
}

bool author_known(const author_names *names, const char *s, size_t n)
{
    for (int k = 0; names && k < names->count; k++)
        if (strlen(names->name[k]) == n && !memcmp(names->name[k], s, n))
            return true;
    return false;
}

/* A word of letters at the place: in an upright or bold font, with \_ in it, or of a name that the document uses. */
static bool word(typesetter *t, text *out)
{
    text said = { .arena = t->arena };
    size_t p = t->at;
    bool joined = false, dashes = t->font == FONT_ROMAN;
    for (; p < t->n; p++) {
        bool line = t->s[p] == '\\' && p + 1 < t->n && t->s[p + 1] == '_' && p > t->at;
        if (!author_is_letter(t->s[p]) && !line && !(p > t->at && author_is_digit(t->s[p])) &&
            !(dashes && t->s[p] == '-' && p > t->at && p + 1 < t->n && author_is_letter(t->s[p + 1])))
            break;
        joined = joined || line;
        p += line;
        text_add_n(&said, t->s + p, 1);
    }
    bool fonted = t->font == FONT_ROMAN || t->font == FONT_BOLD || t->font == FONT_SANS || t->font == FONT_TYPEWRITER;
    if (said.length < 2 || !(joined || fonted || author_known(t->names, text_done(&said), said.length)))
        return false;
    text_add(out, "<mi>");
    for (const char *c = text_done(&said); *c; c++) {
        unsigned code = author_letter((unsigned char)*c, t->font);
        if (code != (unsigned char)*c)
            text_format(out, "&#x%X;", code);
        else
            author_escaped(out, c, 1);
    }
    text_add(out, "</mi>");
    t->width += 0.5 * (double)said.length;
    t->at = p;
    return true;
}

/* ---- signs ---- */

static bool operator_before(author_class before)
{
    return before == AUTHOR_NONE || before == AUTHOR_OPEN || before == AUTHOR_BINARY || before == AUTHOR_RELATION ||
           before == AUTHOR_COMMA || before == AUTHOR_FUNCTION || before == AUTHOR_LIMITED || before == AUTHOR_BIG;
}

void author_put_sign(typesetter *t, author_atom *a, const author_sign *sign, author_class before)
{
    static const char stiff[] = " stretchy=\"false\"";
    text *out = &a->markup;
    a->kind = sign->kind;
    size_t length;
    switch (sign->kind) {
    case AUTHOR_LETTER:
    case AUTHOR_UPRIGHT:
        put_letter(t, out, author_decode(sign->sign, &length), sign->kind == AUTHOR_UPRIGHT);
        break;
    case AUTHOR_FUNCTION:
    case AUTHOR_LIMITED:
        a->below = sign->kind == AUTHOR_LIMITED && t->display;
        author_put(t, out, "mi", strlen(sign->sign) == 1 ? " mathvariant=\"normal\"" : "", sign->sign);
        break;
    case AUTHOR_BIG:
        a->below = t->display;
        author_put(t, out, "mo", "", sign->sign);
        break;
    case AUTHOR_OPEN:
    case AUTHOR_CLOSE:
        author_put(t, out, "mo", stiff, sign->sign);
        break;
    case AUTHOR_SPACE:
        text_format(out, "<mspace width=\"%s\"/>", sign->sign);
        t->width += 0.3;
        a->kind = before;
        break;
    default:
        author_put(t, out, "mo", sign->kind == AUTHOR_BINARY && operator_before(before) ? " form=\"prefix\"" : "",
                   sign->sign);
    }
}

static void put_character(typesetter *t, author_atom *a, author_class before)
{
    static const char separators[] = ",;", opening[] = "([", closing[] = ")]", relations[] = "=<>:", binary[] = "+*/";
    char c = t->s[t->at];
    text *out = &a->markup;
    char self[2] = { c, 0 };
    t->at++;
    if (c == ':' && t->at < t->n && t->s[t->at] == '=') {
        t->at++;
        author_put_sign(t, a, &(author_sign){ "", "≔", AUTHOR_RELATION }, before);
    } else if ((c == '+' || c == '-') && t->at < t->n && t->s[t->at] == '=') {
        t->at++;
        author_put_sign(t, a, &(author_sign){ "", c == '+' ? "+=" : "−=", AUTHOR_RELATION }, before);
    } else if (c == '-')
        author_put_sign(t, a, &(author_sign){ "", "−", AUTHOR_BINARY }, before);
    else if (strchr(binary, c))
        author_put_sign(t, a, &(author_sign){ "", self, AUTHOR_BINARY }, before);
    else if (strchr(relations, c))
        author_put_sign(t, a, &(author_sign){ "", self, AUTHOR_RELATION }, before);
    else if (strchr(opening, c))
        author_put_sign(t, a, &(author_sign){ "", self, AUTHOR_OPEN }, before);
    else if (strchr(closing, c))
        author_put_sign(t, a, &(author_sign){ "", self, AUTHOR_CLOSE }, before);
    else if (strchr(separators, c))
        author_put(t, out, "mo", " separator=\"true\"", self), a->kind = AUTHOR_COMMA;
    else if (c == '|')
        author_put(t, out, "mo", " stretchy=\"false\" lspace=\"0\" rspace=\"0\"", self);
    else if (c == '~')
        author_put_sign(t, a, author_sign_of(" ", 1), before);
    else if (c == '.')
        author_put(t, out, "mtext", "", self);
    else
        author_put(t, out, "mo", "", self);
}

/* A number, a letter, or one character of any alphabet. */
void author_take_plain(typesetter *t, author_atom *a, author_class before)
{
    const char *s = t->s + t->at;
    size_t left = t->n - t->at, k = 0, length;
    a->kind = AUTHOR_LETTER;
    if (author_is_digit(*s) || (*s == '.' && left > 1 && author_is_digit(s[1]))) {
        while (k < left && (author_is_digit(s[k]) || (s[k] == '.' && k + 1 < left && author_is_digit(s[k + 1]))))
            k++;
        text_add(&a->markup, "<mn>");
        for (size_t i = 0; i < k; i++)
            text_format(&a->markup, "&#x%X;", author_letter((unsigned char)s[i], t->font));
        text_add(&a->markup, "</mn>");
        t->width += 0.5 * (double)k;
        t->at += k;
    } else if (author_is_letter(*s)) {
        if (word(t, &a->markup))
            return;
        put_letter(t, &a->markup, (unsigned char)*s, false);
        t->at++;
    } else if ((unsigned char)*s < 0x80) {
        put_character(t, a, before);
    } else {
        char bytes[5] = { 0 };
        unsigned code = author_decode(s, &length);
        length = length > left ? left : length;
        memcpy(bytes, s, length);
        t->at += length;
        bool sign = (code >= 0x2190 && code < 0x2400 && code != 0x2202 && code != 0x2207 && code != 0x221E) ||
                    (code >= 0x27C0 && code < 0x2B00) || code == 0xB7 || code == 0xD7 || code == 0xB1;
        if (sign)
            author_put_sign(t, a,
                            &(author_sign){ "", bytes, code == 0x2211 || code == 0x220F ? AUTHOR_BIG : AUTHOR_BINARY },
                            before);
        else if (code >= 0x2E80)
            author_put(t, &a->markup, "mtext", "", bytes), t->width += 0.5;
        else if (code < 0xA0 || code == 0xFFFD || (code >= 0x2000 && code < 0x2070)) /* controls, marks of direction */
            author_put(t, &a->markup, "mtext", "", bytes);
        else
            put_letter(t, &a->markup, code, false);
    }
}
