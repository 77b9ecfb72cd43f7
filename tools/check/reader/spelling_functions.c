/* Functions without their argument, \sigma' = \sigma (1 - \sigma) and \tanh' = 1 - \tanh^2: an identity of any, which
 * is written out. Whatever else stands in the formula, it is left alone. */
#include "spelling_text.h"

static const char *const functions[] = {
    "\\sigma",
    "\\tanh",
    "\\sinh",
    "\\cosh",
    "\\sin",
    "\\cos",
    "\\exp",
    "\\mathrm{tanh}",
    "\\operatorname{tanh}",
    "\\mathrm{sigmoid}",
    "\\operatorname{sigmoid}",
    "\\text{sigmoid}",
};

static size_t function_at(const char *p)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        size_t n = strlen(functions[i]);
        if (!strncmp(p, functions[i], n) && !latex_is_letter(p[n]))
            return n;
    }
    return 0;
}

static size_t prime_at(const char *p)
{
    static const char *const primes[] = { "'", "^{\\prime}", "^\\prime", "^{'}" };
    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++)
        if (!strncmp(p, primes[i], strlen(primes[i])))
            return strlen(primes[i]);
    return 0;
}

/* ^2, ^{2} */
static size_t square_at(const char *p)
{
    return !strncmp(p, "^2", 2) ? 2 : !strncmp(p, "^{2}", 4) ? 4 : 0;
}

/* d, \mathrm d, \partial */
static size_t sign_of_derivative(const char *p)
{
    static const char *const signs[] = { "\\mathrm d", "\\mathrm{d}", "\\partial", "d" };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (!strncmp(p, signs[i], strlen(signs[i])))
            return strlen(signs[i]);
    return 0;
}

/* \frac{d \sigma}{d z} = at p: how much of it is in front of the sign; the function and the letter. */
static size_t fraction_at(const char *p, const char **function, const char **letter)
{
    const char *at = p + strlen("\\frac{");
    size_t n;
    if (strncmp(p, "\\frac{", 6) || !(n = sign_of_derivative(at)))
        return 0;
    *function = at = spelling_skip(at + n);
    at = spelling_skip(at + function_at(at));
    if (at == *function || at[0] != '}' || at[1] != '{' || !(n = sign_of_derivative(at + 2)))
        return 0;
    *letter = at = spelling_skip(at + 2 + n);
    return latex_is_letter(*at) && at[1] == '}' ? (size_t)(at + 2 - p) : 0;
}

/* The functions of an identity with their argument; false: something else stands in it. */
static bool write_identity(text *out, const char *p, const char *argument)
{
    static const char *const signs[] = { "\\cdot", "\\odot", "\\circ",  "\\left", "\\right", "\\bigl",
                                         "\\bigr", "\\big",  "\\times", "\\,",    "\\;",     "\\!" };
    while (*p) {
        size_t n = function_at(p), other = 0;
        for (size_t i = 0; !n && i < sizeof signs / sizeof *signs; i++)
            if (!strncmp(p, signs[i], strlen(signs[i])) && !latex_is_letter(p[strlen(signs[i])]))
                other = strlen(signs[i]);
        if (n) {
            size_t primes = prime_at(p + n), square = primes ? 0 : square_at(p + n);
            text_format(out, "{(%.*s%s(%s))%s}", (int)n, p, primes ? "'" : "", argument, square ? "^2" : "");
            p += n + primes + square;
        } else if (other || strchr("0123456789+-()[]*=., \t\r\n&", *p)) {
            text_add_n(out, p, other ? other : 1);
            p += other ? other : 1;
        } else
            return false;
    }
    return true;
}

const char *spell_functions(const spellings *s, const char *formula)
{
    text out = { .arena = s->arena };
    const char *p = formula + strspn(formula, " \t\r\n&"), *function = p, *letter = p;
    size_t n = function_at(p), primes = n ? prime_at(p + n) : 0, fraction = n ? 0 : fraction_at(p, &function, &letter);
    const char *equals = spelling_skip(p + n + primes + fraction);
    equals += strspn(equals, " &");
    if (!(primes || fraction) || *equals != '=')
        return formula;
    const char *argument = fraction ? arena_text(s->arena, letter, 1) : "\\zeta";
    if (fraction)
        text_format(&out, "\\frac{d %.*s(%s)}{d %s} ", (int)function_at(function), function, argument, argument);
    return write_identity(&out, fraction ? equals : p, argument) ? text_done(&out) : formula;
}
