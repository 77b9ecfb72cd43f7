/* Reads the formulas of explain (see formula.h), which are this program's own: nothing here has to survive hostile text. */
#include "formula.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The end of the UTF-8 character at p. */
static const char *after_character(const char *p)
{
    for (p++; ((unsigned char)*p & 0xC0) == 0x80;)
        p++;
    return p;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && *p == ' ')
        p++;
    return p;
}

/* "tanh" and the like at p, or NULL. */
static const char *function_at(const char *p, const char *end)
{
    static const char *const names[] = { "tanh", "softmax", "max", "diag" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if ((size_t)(end - p) >= strlen(names[i]) && !strncmp(p, names[i], strlen(names[i])))
            return names[i];
    return NULL;
}

static bool is_letter(const char *p, const char *end)
{
    /* Greek and the hat letters are the only others here: U+0370 and up, before the arrows and operators at U+2190 */
    return p < end && (isalpha((unsigned char)*p) || ((unsigned char)*p >= 0xC3 && (unsigned char)*p <= 0xCF) || *p == '~');
}

static void write_row(FILE *stream, const char *p, const char *end);

/* Writes the atom at p and returns its end. */
static const char *write_atom(FILE *stream, const char *p, const char *end)
{
    const char *function = function_at(p, end), *next = after_character(p);
    if (function) {
        fprintf(stream, "<mi>%s</mi>", function);
        return p + strlen(function);
    }
    if (*p == '~') {
        next = after_character(p + 1);
        fprintf(stream, "<mover accent=\"true\"><mi>%.*s</mi><mo>~</mo></mover>", (int)(next - p - 1), p + 1);
        return next;
    }
    if (isdigit((unsigned char)*p)) {
        while (next < end && isdigit((unsigned char)*next))
            next++;
        fprintf(stream, "<mn>%.*s</mn>", (int)(next - p), p);
    } else if (!strncmp(p, "⊤", strlen("⊤")) || (is_letter(p, end) && strncmp(p, "Σ", strlen("Σ")) != 0)) {
        fprintf(stream, "<mi>%.*s</mi>", (int)(next - p), p);
    } else if (*p == '-') {
        fputs("<mo>−</mo>", stream);
    } else if (strchr("()[]|", *p) || !strncmp(p, "⟨", strlen("⟨")) || !strncmp(p, "⟩", strlen("⟩"))) {
        fprintf(stream, "<mo stretchy=\"false\">%.*s</mo>", (int)(next - p), p);
    } else {
        fprintf(stream, "<mo>%s%.*s</mo>", *p == '<' ? "&lt;" : *p == '>' ? "&gt;" : "", *p == '<' || *p == '>' ? 0 : (int)(next - p), p);
    }
    return next;
}

/* What stands at p after _ or ^: {...} or one atom. */
static const char *group_end(const char *p, const char *end)
{
    if (*p == '{') {
        const char *close = strchr(p, '}');
        return close && close < end ? close + 1 : end;
    }
    return *p == '~' ? after_character(p + 1) : after_character(p);
}

static void write_group(FILE *stream, const char *p, const char *end)
{
    bool braces = *p == '{';
    fputs("<mrow>", stream);
    write_row(stream, p + braces, end - braces);
    fputs("</mrow>", stream);
}

static void write_row(FILE *stream, const char *p, const char *end)
{
    for (p = skip_blanks(p, end); p < end; p = skip_blanks(p, end)) {
        if (*p == 'd' && !function_at(p, end) && is_letter(p + 1, end)) {
            fputs("<mi mathvariant=\"normal\">d</mi>", stream);
            p++;
        }
        /* the atom's end, then what hangs on it: MathML names the kind of script first */
        const char *function = function_at(p, end);
        const char *atom = function ? p + strlen(function) : *p == '~' ? after_character(p + 1) : after_character(p);
        while (!function && isdigit((unsigned char)*p) && atom < end && isdigit((unsigned char)*atom))
            atom++;
        const char *sub = NULL, *sup = NULL, *next = atom;
        for (int i = 0; i < 2 && next < end; i++) {
            const char **script = *next == '_' ? &sub : *next == '^' ? &sup : NULL;
            if (!script)
                break;
            *script = next + 1;
            next = group_end(next + 1, end);
        }
        const char *tag = sub && sup ? "msubsup" : sub ? "msub" : sup ? "msup" : NULL;
        if (tag)
            fprintf(stream, "<%s>", tag);
        write_atom(stream, p, end);
        if (sub)
            write_group(stream, sub, group_end(sub, end));
        if (sup)
            write_group(stream, sup, group_end(sup, end));
        if (tag)
            fprintf(stream, "</%s>", tag);
        p = next;
    }
}

void math_markup(FILE *stream, const char *formula, bool display)
{
    fprintf(stream, "<math%s><mrow>", display ? " display=\"block\"" : "");
    write_row(stream, formula, formula + strlen(formula));
    fputs("</mrow></math>", stream);
}

void math_text(FILE *stream, const char *formula)
{
    for (const char *p = formula; *p; p++)
        if (*p == '~' && p[1])
            fprintf(stream, "%c~", *++p);
        else
            fputc(*p, stream);
}

int text_columns(const char *text)
{
    int columns = 0;
    for (; *text; text++)
        columns += ((unsigned char)*text & 0xC0) != 0x80;
    return columns;
}

void text_padded(FILE *stream, const char *text, int columns)
{
    fprintf(stream, "%s%*s", text, columns > text_columns(text) ? columns - text_columns(text) : 0, "");
}

/* ---- Numbers ---- */

static number number_with(double x, int fixed, int exponent)
{
    number n;
    double size = fabs(x);
    if (isnan(x))
        snprintf(n.text, sizeof n.text, "-");
    else if (size == 0)
        snprintf(n.text, sizeof n.text, "0");
    else if (size >= 0.01 && size < 1000)
        snprintf(n.text, sizeof n.text, "%.*f", fixed, x);
    else
        snprintf(n.text, sizeof n.text, "%.*e", exponent, x);
    return n;
}

number number_short(double x)
{
    return number_with(x, 6, 3);
}

number number_long(double x)
{
    return number_with(x, 12, 9);
}

number number_ulp(uint64_t ulp)
{
    number n;
    if (ulp == UINT64_MAX)
        snprintf(n.text, sizeof n.text, "NaN");
    else if (ulp < 1000000)
        snprintf(n.text, sizeof n.text, "%" PRIu64, ulp);
    else
        snprintf(n.text, sizeof n.text, "%.0e", (double)ulp);
    return n;
}
