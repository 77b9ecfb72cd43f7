/* What programs and short sentences write of functions. np.sum(Z, axis=1) is a product. Functions without their
 * argument, \sigma' = \sigma (1 - \sigma) and \tanh' = 1 - \tanh^2: an identity of any, which is written out; whatever
 * else stands in the formula, it is left alone. */
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

/* The comma, or the end, of what begins at p in brackets. */
static const char *argument_end(const char *p)
{
    int depth = 0;
    for (; *p && (depth || (*p != ',' && *p != ')')); p++)
        depth += (*p == '(' || *p == '{' || *p == '[') - (*p == ')' || *p == '}' || *p == ']');
    return p;
}

/* np.sum(Z, axis=1, keepdims=True), in whatever font its words are: Z \mathbf 1, or with axis 0 \mathbf 1^\top Z. How
 * much of p it is; 0: something else. */
static size_t write_sum(text *out, const char *p)
{
    static const char *const names[] = { "\\text{np.sum}", "\\mathrm{np.sum}", "\\operatorname{np.sum}",
                                         "\\texttt{np.sum}", "np.sum" };
    size_t n = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names && !n; i++)
        n = strncmp(p, names[i], strlen(names[i])) ? 0 : strlen(names[i]);
    const char *open = p + n + strspn(p + n, " ");
    if (!n || *open != '(')
        return 0;
    const char *first = open + 1, *end = argument_end(first), *close = end, *axis = NULL;
    while (*close == ',') {
        const char *next = argument_end(close + 1), *equals = memchr(close, '=', (size_t)(next - close));
        for (const char *word = close; equals && word + 4 <= equals; word++)
            if (!memcmp(word, "axis", 4))
                axis = equals + 1 + strspn(equals + 1, " {");
        close = next;
    }
    if (*close != ')' || !axis || (*axis != '0' && *axis != '1'))
        return 0;
    text_format(out, *axis == '1' ? "{(%.*s) \\mathbf 1}" : "{\\mathbf 1^\\top (%.*s)}", (int)(end - first), first);
    return (size_t)(close + 1 - p);
}

/* The formula with the sums of programs as products; the same text where there are none. */
static const char *with_sums(const spellings *s, const char *formula)
{
    text out = { .arena = s->arena };
    if (!strstr(formula, "np.sum"))
        return formula;
    for (const char *p = formula; *p;) {
        size_t used = write_sum(&out, p);
        if (!used)
            text_add_n(&out, p, used = 1);
        p += used;
    }
    return text_done(&out);
}

const char *spell_functions(const spellings *s, const char *formula)
{
    formula = with_sums(s, formula);
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
