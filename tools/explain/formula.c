/* Formulas and numbers of explain as texts. The formulas are this program's own, and all can be read. */
#include "formula.h"

#include "reader.h"

#include <inttypes.h>
#include <math.h>

enum { FORMULA_MEMORY = 1 << 20 };

/* Returns how many columns the text takes where it is one. */
static int write_formula(FILE *stream, const char *latex, latex_form form)
{
    arena a;
    arena_start(&a, FORMULA_MEMORY);
    const char *written = math_formula(&a, latex, form, false);
    if (a.failed)
        written = "(no memory for this formula)";
    int columns = sentence_columns(written);
    fputs(written, stream);
    arena_free(&a);
    return columns;
}

void math_markup(FILE *stream, const char *latex)
{
    write_formula(stream, latex, LATEX_MATHML);
}

int math_text(FILE *stream, const char *latex)
{
    return write_formula(stream, latex, LATEX_UNICODE);
}

int text_columns(const char *utf8)
{
    return sentence_columns(utf8);
}

void text_padded(FILE *stream, const char *utf8, int columns)
{
    int used = sentence_columns(utf8);
    fprintf(stream, "%s%*s", utf8, columns > used ? columns - used : 0, "");
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
