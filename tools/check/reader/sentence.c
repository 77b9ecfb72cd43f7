/* Math and foreign text in sentences: $...$ in sentences, escaping, and how wide a text is in a terminal. */
#include "sentence.h"

#include <string.h>

/* ---- UTF-8 ---- */

enum { REPLACEMENT = 0xFFFD };

/* The next character; REPLACEMENT for each byte that is not part of one. */
static uint32_t next_character(const unsigned char **at, const unsigned char *end)
{
    const unsigned char *s = *at;
    uint32_t c = s[0];
    int more = c < 0x80 ? 0 : c >= 0xC2 && c < 0xE0 ? 1 : c >= 0xE0 && c < 0xF0 ? 2 : c >= 0xF0 && c < 0xF5 ? 3 : -1;
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    if (more < 0 || end - s <= more) {
        *at = s + 1;
        return REPLACEMENT;
    }
    c &= more ? 0x3Fu >> more : 0x7Fu;
    for (int k = 1; k <= more; k++) {
        if ((s[k] & 0xC0) != 0x80) {
            *at = s + 1;
            return REPLACEMENT;
        }
        c = c << 6 | (s[k] & 0x3Fu);
    }
    if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
        *at = s + 1;
        return REPLACEMENT;
    }
    *at = s + more + 1;
    return c;
}

/* Characters that no page may hold, and those that turn the direction of what follows: text must look like what it is.
 */
static bool is_forbidden(uint32_t c)
{
    return (c < 32 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0) || (c & 0xFFFE) == 0xFFFE ||
           (c >= 0xFDD0 && c <= 0xFDEF) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static void clean_one(text *out, const unsigned char *s, size_t length, uint32_t c, text_escape escape)
{
    const char *instead = NULL;
    if (escape == ESCAPE_JSON) {
        if (c < 32 || (is_forbidden(c) && c < 0x10000)) { /* lossless, and harmless to look at */
            text_format(out, "\\u%04x", (unsigned)c);
            return;
        }
        instead = c == '"' ? "\\\"" : c == '\\' ? "\\\\" : c == REPLACEMENT ? "\xEF\xBF\xBD" : NULL;
    } else if (escape == ESCAPE_LINE && (c < 32 || c == 0x7F || c == 0x2028 || c == 0x2029)) {
        instead = " ";
    } else if (is_forbidden(c) || c == REPLACEMENT) {
        instead = "\xEF\xBF\xBD";
    } else if (escape == ESCAPE_HTML) {
        instead = c == '&'    ? "&amp;"
                  : c == '<'  ? "&lt;"
                  : c == '>'  ? "&gt;"
                  : c == '"'  ? "&quot;"
                  : c == '\'' ? "&#39;"
                              : NULL;
    }
    if (instead)
        text_add(out, instead);
    else
        text_add_n(out, (const char *)s, length);
}

void text_clean(text *out, const char *bytes, size_t length, text_escape escape)
{
    const unsigned char *s = (const unsigned char *)bytes, *end = s + length;
    while (s < end) {
        const unsigned char *start = s;
        uint32_t c = next_character(&s, end);
        clean_one(out, start, (size_t)(s - start), c, escape);
    }
}

const char *text_cleaned(arena *a, const char *bytes, text_escape escape)
{
    text out = { .arena = a };
    text_clean(&out, bytes, strlen(bytes), escape);
    return text_done(&out);
}

/* ---- Width ---- */

static int character_columns(uint32_t c)
{
    if ((c >= 0x300 && c < 0x370) || (c >= 0x200B && c < 0x2010) || (c >= 0x20D0 && c < 0x2100) ||
        (c >= 0xFE00 && c < 0xFE10) || c == 0x2061)
        return 0;
    return (c >= 0x1100 && c < 0x1160) || (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xAC00 && c < 0xD7A4) ||
                   (c >= 0xF900 && c < 0xFB00) || (c >= 0xFE30 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFF61) ||
                   (c >= 0x1F300 && c < 0x1F650) || (c >= 0x20000 && c < 0x40000)
               ? 2
               : 1;
}

size_t sentence_fit(const char *utf8, int columns)
{
    const unsigned char *start = (const unsigned char *)utf8, *s = start, *end = s + strlen(utf8);
    int used = 0;
    while (s < end) {
        const unsigned char *before = s;
        used += character_columns(next_character(&s, end));
        if (used > columns)
            return (size_t)(before - start);
    }
    return (size_t)(end - start);
}

int sentence_columns(const char *utf8)
{
    const unsigned char *s = (const unsigned char *)utf8, *end = s + strlen(utf8);
    int used = 0;
    while (s < end)
        used += character_columns(next_character(&s, end));
    return used;
}

/* ---- Math ---- */

/* The reader knows formulas; arrows and commas between quantities are this file's. Where the next one stands outside
 * brackets, and how many bytes it has. */
static size_t find_joint(const char *s, size_t length, size_t *width)
{
    static const char *const joints[] = { "\\to", "\\rightarrow", "," };
    int depth = 0;
    for (size_t i = 0; i < length; i++) {
        depth += (s[i] == '{' || s[i] == '(' || s[i] == '[') - (s[i] == '}' || s[i] == ')' || s[i] == ']');
        for (size_t k = 0; depth == 0 && k < sizeof joints / sizeof *joints; k++) {
            size_t n = strlen(joints[k]);
            bool longer = n > 1 && i + n < length && (s[i + n] | 32) >= 'a' && (s[i + n] | 32) <= 'z';
            if (i + n <= length && !strncmp(s + i, joints[k], n) && !longer) {
                *width = n;
                return i;
            }
        }
        i += s[i] == '\\' && i + 1 < length && !((s[i + 1] | 32) >= 'a' && (s[i + 1] | 32) <= 'z');
    }
    *width = 0;
    return length;
}

static void write_trees(text *out, const latex_result *read, latex_form form)
{
    text raw = { .arena = out->arena };
    for (int i = 0; i < read->count; i++) {
        if (i)
            text_add(&raw, form == LATEX_MATHML ? "<mo>,</mo><mspace width=\"1em\"></mspace>" : ", ");
        latex_write(&raw, read->formula[i], form);
    }
    text_clean(out, text_done(&raw), raw.length, form == LATEX_MATHML ? ESCAPE_MARKUP : ESCAPE_LINE);
}

/* The inside of <math>, or Unicode. False when it cannot be read, whole or in pieces. */
static bool write_math(text *out, const char *source, size_t length, latex_form form)
{
    latex_result read = latex_read(out->arena, source, length);
    if (!read.sentence && read.count > 0) {
        write_trees(out, &read, form);
        return true;
    }
    for (size_t width, at; length > 0; source += at + width, length -= at + width) {
        at = find_joint(source, length, &width);
        read = latex_read(out->arena, source, at);
        if (read.sentence || !read.count || at + width == 0)
            return false;
        write_trees(out, &read, form);
        if (width == 1)
            text_add(out, form == LATEX_MATHML ? "<mo separator=\"true\">,</mo>" : ", ");
        else if (width)
            text_add(out, form == LATEX_MATHML ? "<mo>→</mo>" : " → ");
    }
    return true;
}

static void add_math(text *out, const char *source, size_t length, latex_form form, bool display)
{
    text inside = { .arena = out->arena };
    bool known = write_math(&inside, source, length, form);
    if (form != LATEX_MATHML) {
        if (known)
            text_add(out, text_done(&inside));
        else
            text_clean(out, source, length, ESCAPE_LINE);
        return;
    }
    text_add(out, !known ? "<code class=\"tex\">" : display ? "<math display=\"block\">" : "<math>");
    if (known)
        text_add(out, text_done(&inside));
    else
        text_clean(out, source, length, ESCAPE_HTML);
    text_add(out, known ? "</math>" : "</code>");
}

const char *math_sentence(arena *a, const char *sentence, latex_form form)
{
    if (form == LATEX_SOURCE)
        return sentence;
    text_escape escape = form == LATEX_MATHML ? ESCAPE_HTML : ESCAPE_LINE;
    text out = { .arena = a };
    for (const char *s = sentence; *s;) {
        size_t plain = 0;
        while (s[plain] && s[plain] != '$' && !(s[plain] == '\\' && s[plain + 1] == '$'))
            plain++;
        text_clean(&out, s, plain, escape);
        s += plain;
        if (*s == '\\') {
            text_add(&out, "$");
            s += 2;
            continue;
        }
        if (!*s)
            break;
        const char *end = s + 1;
        while (*end && *end != '$')
            end += *end == '\\' && end[1] ? 2 : 1;
        if (!*end || end == s + 1) { /* nothing between: dollars, no math */
            text_add(&out, *end ? "$$" : "$");
            s += *end ? 2 : 1;
            continue;
        }
        add_math(&out, s + 1, (size_t)(end - s - 1), form, false);
        s = end + 1;
    }
    return text_done(&out);
}

const char *math_formula(arena *a, const char *latex, latex_form form, bool display)
{
    if (form == LATEX_SOURCE)
        return latex;
    text out = { .arena = a };
    add_math(&out, latex, strlen(latex), form, display);
    return text_done(&out);
}
