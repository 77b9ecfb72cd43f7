/* Where a written formula needs brackets, and the signs of commands: what the three forms share. */
#include "latex_writer.h"

#include <stdio.h>
#include <string.h>

bool tree_flat(const tree *t, latex_form form)
{
    return form == LATEX_UNICODE || (t->inline_ && !t->held);
}

static bool big(const tree *t)
{
    return t->kind == TREE_SUM || t->kind == TREE_PROD || t->kind == TREE_MAX || t->kind == TREE_MIN;
}

static tree_level level_of(const tree *t, latex_form form)
{
    char room[64];
    switch (t->kind) {
    case TREE_NUMBER: {
        const char *digits = tree_number(t, room);
        return *digits == '-' ? LEVEL_SUM : strchr(digits, 'e') ? LEVEL_TERM : LEVEL_BASE;
    }
    case TREE_RELATION:
    case TREE_FORMULA:
        return LEVEL_LIST;
    case TREE_ADD:
    case TREE_NEG:
        return LEVEL_SUM;
    case TREE_MUL:
    case TREE_SUM:
    case TREE_PROD:
    case TREE_MAX:
    case TREE_MIN:
        return LEVEL_TERM;
    case TREE_DIV:
        return tree_flat(t, form) ? LEVEL_TERM : LEVEL_FACTOR;
    case TREE_SYMBOL:
        return tree_is_square(t) ? LEVEL_FACTOR : LEVEL_BASE;
    case TREE_TRANSPOSE:
        return t->big && t->child[0]->kind == TREE_SYMBOL ? LEVEL_BASE : LEVEL_FACTOR; /* not written */
    case TREE_POW:
    case TREE_DERIV:
    case TREE_ELEMENT:
        return LEVEL_FACTOR;
    case TREE_APPLY:
        return strcmp(t->name, "\\sqrt") ? LEVEL_FACTOR : LEVEL_BASE;
    default:
        return LEVEL_BASE;
    }
}

bool tree_open(const tree *t, latex_form form)
{
    if (t->brackets)
        return false;
    if (t->kind == TREE_MUL || t->kind == TREE_NEG)
        return tree_open(t->child[t->count - 1], form);
    if (t->kind == TREE_APPLY)
        return t->count == 1 && strcmp(t->name, "\\sqrt") && !tree_argument(t, form) && tree_open(t->child[0], form);
    if (t->kind == TREE_POW && tree_raised_name(t))
        return tree_open(t->child[0], form);
    return big(t);
}

/* Brackets that belong to what it is, rather than stand around it. */
static bool own(const tree *t)
{
    return t->kind == TREE_MATRIX || (t->kind == TREE_CONCAT && t->brackets == '[') ||
           (t->kind == TREE_TUPLE && t->brackets == '(') || t->kind == TREE_RELATION || t->kind == TREE_FORMULA;
}

char tree_brackets(const tree *t, tree_level level, bool last, latex_form form)
{
    if (t->brackets && !own(t))
        return t->brackets;
    return level_of(t, form) < level || (!last && tree_open(t, form)) ? '(' : 0;
}

bool tree_factor_last(const tree *product, int k)
{
    return k == product->count - 1;
}

tree_level tree_factor_level(const tree *product, int k, latex_form form)
{
    const tree *t = product->child[k];
    bool first = k == 0 && t->kind == TREE_DIV && tree_flat(t, form);
    return first || (tree_factor_last(product, k) && big(t)) ? LEVEL_TERM : LEVEL_FACTOR;
}

static bool takes_bare(const char *name)
{
    static const char *const known[] = { "softmax", "diag", "tr",  "sign",      "sgn",  "sigmoid",
                                         "relu",    "ReLU", "vec", "logsumexp", "Diag", "trace" };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (!strcmp(name, known[k]))
            return true;
    return *name == '\\' && strcmp(name, "\\sigma");
}

/* Begins with a bracket, which the function would take for its own. */
static bool leads(const tree *t, latex_form form)
{
    if (t->brackets || t->kind == TREE_TUPLE || t->kind == TREE_SET || t->kind == TREE_ELEMENT ||
        t->kind == TREE_CONCAT)
        return true;
    if (t->kind == TREE_POW || t->kind == TREE_TRANSPOSE)
        return level_of(t->child[0], form) < LEVEL_BASE || leads(t->child[0], form);
    return false;
}

char tree_argument(const tree *call, latex_form form)
{
    const tree *only = call->child[0];
    if (call->count != 1 || only->kind == TREE_TUPLE || only->kind == TREE_SET)
        return '(';
    if (only->kind == TREE_CONCAT && only->brackets == '[')
        return 0;
    if (only->brackets && only->kind != TREE_MATRIX)
        return only->brackets;
    bool atom = level_of(only, form) >= LEVEL_FACTOR || big(only);
    if (only->kind == TREE_DERIV || only->kind == TREE_DIV)
        atom = !tree_flat(only, form);
    if (only->kind == TREE_PLACE || only->kind == TREE_DOTS || only->kind == TREE_WORDS)
        atom = false;
    return atom && takes_bare(call->name) && !(only->kind != TREE_MATRIX && leads(only, form)) ? 0 : '(';
}

int tree_derivatives(const tree *t, const tree **above, const tree *below[4], bool *immediate)
{
    const tree *chain[4] = { t };
    int count = 1;
    *immediate = t->held && t->held->kind == TREE_SYMBOL && !strcmp(t->held->name, "immediate");
    for (const tree *next = t->child[0];
         !t->held && count < 4 && next->kind == TREE_DERIV && !next->held && !next->brackets &&
         next->child[1]->kind == TREE_SYMBOL && !next->child[1]->brackets && t->child[1]->kind == TREE_SYMBOL &&
         !t->child[1]->brackets;
         next = next->child[0])
        chain[count++] = next;
    *above = chain[count - 1]->child[0];
    for (int k = 0; k < count; k++)
        below[k] = chain[count - 1 - k]->child[1];
    return count;
}

const tree *tree_used_at(const tree *below, tree_used *out)
{
    static const char copy[] = "eddycopy";
    const tree *name = below->kind == TREE_POW ? below->child[0] : below;
    if (name->kind != TREE_SYMBOL || !name->count || strncmp(name->accents, copy, sizeof copy - 1))
        return NULL;
    out->symbol = *name;
    out->symbol.count--;
    out->symbol.accents += sizeof copy - 1;
    out->symbol.accents += *out->symbol.accents == ' ';
    out->whole = &out->symbol;
    if (name != below) {
        out->power = *below;
        out->child[0] = &out->symbol, out->child[1] = below->child[1];
        out->power.child = out->child;
        out->whole = &out->power;
    }
    return name->child[name->count - 1];
}

bool tree_raised_name(const tree *t)
{
    const tree *call = t->child[0], *power = t->kind == TREE_POW ? t->child[1] : NULL;
    if (!power || call->kind != TREE_APPLY || call->brackets || !strcmp(call->name, "\\sqrt"))
        return false;
    return power->kind != TREE_NEG || power->child[0]->kind != TREE_NUMBER || power->child[0]->value != 1;
}

const char *tree_number(const tree *t, char room[64])
{
    if (t->name && *t->name)
        return t->name;
    for (int digits = 6; digits <= 17; digits++) { /* the shortest that says it */
        double back = 0;
        snprintf(room, 64, "%.*g", digits, t->value);
        if (sscanf(room, "%lf", &back) == 1 && back == t->value)
            break;
    }
    char *e = strchr(room, 'e'), *digits = e ? e + 1 + (e[1] == '+' || e[1] == '-') : NULL;
    if (e) { /* 1e-07 as 1e-7, 3e+20 as 3e20 */
        size_t zeros = strspn(digits, "0");
        char *to = e[1] == '-' ? digits : e + 1;
        memmove(to, digits + zeros, strlen(digits + zeros) + 1);
    }
    return room;
}

bool tree_is_square(const tree *t)
{
    return t->kind == TREE_SYMBOL && t->table && !strcmp(t->table, "square");
}

bool tree_is_word(const char *name)
{
    return *name != '\\' && name[0] && name[1];
}

const char *tree_sign(const char *name)
{
    static const char *const signs[][2] = {
        { "alpha", "α" },      { "beta", "β" },   { "gamma", "γ" },    { "delta", "δ" },  { "epsilon", "ϵ" },
        { "varepsilon", "ε" }, { "zeta", "ζ" },   { "eta", "η" },      { "theta", "θ" },  { "vartheta", "ϑ" },
        { "iota", "ι" },       { "kappa", "κ" },  { "lambda", "λ" },   { "mu", "μ" },     { "nu", "ν" },
        { "xi", "ξ" },         { "pi", "π" },     { "varpi", "ϖ" },    { "rho", "ρ" },    { "infty", "∞" },
        { "varrho", "ϱ" },     { "sigma", "σ" },  { "varsigma", "ς" }, { "tau", "τ" },    { "upsilon", "υ" },
        { "phi", "ϕ" },        { "varphi", "φ" }, { "chi", "χ" },      { "psi", "ψ" },    { "omega", "ω" },
        { "Gamma", "Γ" },      { "Delta", "Δ" },  { "Theta", "Θ" },    { "Lambda", "Λ" }, { "Xi", "Ξ" },
        { "Pi", "Π" },         { "Sigma", "Σ" },  { "Upsilon", "Υ" },  { "Phi", "Φ" },    { "Psi", "Ψ" },
        { "Omega", "Ω" },      { "ell", "ℓ" },
    };
    for (size_t k = 0; *name == '\\' && k < sizeof signs / sizeof *signs; k++)
        if (!strcmp(signs[k][0], name + 1))
            return signs[k][1];
    return NULL;
}

const char *tree_bare_name(const char *name)
{
    return *name == '\\' ? name + 1 : name;
}

static bool letters_and_numbers(const tree *t)
{
    if (t->kind == TREE_ADD || t->kind == TREE_NEG) {
        for (int k = 0; k < t->count; k++)
            if (!letters_and_numbers(t->child[k]))
                return false;
        return !t->brackets;
    }
    return !t->brackets && (t->kind == TREE_NUMBER || (t->kind == TREE_SYMBOL && !t->count && !t->primes &&
                                                       !*t->accents && !*t->style && !tree_is_word(t->name)));
}

bool tree_plain_condition(const tree *t)
{
    return t->kind == TREE_RELATION && t->child[0]->kind == TREE_SYMBOL && letters_and_numbers(t->child[0]) &&
           *t->child[0]->name && (t->relations[0] != REL_EQ || (t->count == 2 && letters_and_numbers(t->child[1])));
}

unsigned tree_styled_letter(char c, const char *style)
{
    static const struct {
        char letter;
        unsigned code;
    } bb[] = { { 'C', 0x2102 }, { 'H', 0x210D }, { 'N', 0x2115 }, { 'P', 0x2119 },
               { 'Q', 0x211A }, { 'R', 0x211D }, { 'Z', 0x2124 } },
      cal[] = { { 'B', 0x212C }, { 'E', 0x2130 }, { 'F', 0x2131 }, { 'H', 0x210B }, { 'I', 0x2110 }, { 'L', 0x2112 },
                { 'M', 0x2133 }, { 'R', 0x211B }, { 'e', 0x212F }, { 'g', 0x210A }, { 'o', 0x2134 } };
    bool upper = c >= 'A' && c <= 'Z';
    if (!upper && !(c >= 'a' && c <= 'z'))
        return 0;
    unsigned place = upper ? (unsigned)(c - 'A') : (unsigned)(c - 'a') + 26;
    if (!strcmp(style, "bf"))
        return 0x1D400 + place;
    if (!strcmp(style, "bb")) {
        for (size_t k = 0; k < sizeof bb / sizeof *bb; k++)
            if (bb[k].letter == c)
                return bb[k].code;
        return 0x1D538 + place;
    }
    if (strcmp(style, "cal") != 0)
        return 0;
    for (size_t k = 0; k < sizeof cal / sizeof *cal; k++)
        if (cal[k].letter == c)
            return cal[k].code;
    return 0x1D49C + place;
}
