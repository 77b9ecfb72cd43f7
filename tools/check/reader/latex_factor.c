/* What stands between the operators of a product: symbols, numbers, brackets, accents, matrices, and the subscripts and
 * superscripts of all of them. */
#include "latex_parser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const accents[] = { "tilde",          "hat",           "bar",   "dot",   "ddot",      "vec",
                                       "overrightarrow", "overleftarrow", "check", "breve", "underline", "eddycopy" };
static const char *const styles[][2] = {
    { "\\mathbf", "bf" }, { "\\mathbb", "bb" }, { "\\mathcal", "cal" }, { "\\mathrm", "rm" }, { "\\mathit", "it" }
};

static const char *accent_of(const token *t)
{
    for (size_t k = 0; k < sizeof accents / sizeof *accents; k++)
        if (t->kind == TOKEN_COMMAND && *t->name == '\\' && !strcmp(t->name + 1, accents[k]))
            return accents[k];
    return NULL;
}

static const char *style_of(const token *t)
{
    for (size_t k = 0; k < sizeof styles / sizeof *styles; k++)
        if (token_is(t, styles[k][0]))
            return styles[k][1];
    return NULL;
}

/* Whether a word is letters only, so that \text{LSTM}(x) is a function. */
static bool one_word(const char *name)
{
    for (const char *c = name; *c; c++)
        if (*c == ' ' || *c == '$' || *c == '\\' || *c == '{' || *c == '}')
            return false;
    return *name;
}

static bool begins_symbol(const token *t)
{
    return token_letter(t) || accent_of(t) || style_of(t) || t->kind == TOKEN_WORD ||
           (t->kind == TOKEN_TEXT && one_word(t->name));
}

bool starts_factor(parser *p)
{
    static const char *const known[] = {
        "(",      "[",        "\\{",     "{",       "\\langle", "\\frac",    "\\sqrt", "\\sum",        "\\prod",
        "\\max",  "\\min",    "\\tanh",  "\\exp",   "\\log",    "\\ln",      "\\sin",  "\\cos",        "\\sinh",
        "\\cosh", "\\sech",   "\\dots",  "\\cdots", "\\nabla",  "\\partial", "left.",  "\\underbrace", "\\overbrace",
        "\\arg",  "\\argmax", "\\argmin"
    };
    const token *t = parser_next(p);
    if (token_letter(t) || t->kind == TOKEN_NUMBER || t->kind == TOKEN_WORD)
        return true;
    if (t == p->divider)
        return false;
    if (t->kind == TOKEN_TEXT)
        return one_word(t->name) && token_opens(parser_ahead(p, 1)) && !parser_ahead(p, 1)->quad;
    if (t->kind != TOKEN_COMMAND)
        return false;
    if (token_is(t, "|") || token_is(t, "\\|"))
        return t->side == 'l' || (t->side != 'r' && p->inner != (*t->name == '|' ? '|' : 'n'));
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (!strcmp(t->name, known[k]))
            return true;
    return accent_of(t) || style_of(t) || !strncmp(t->name, "\\begin{", 7);
}

/* {...}: a sum in it would change its meaning with braces that are not printed. */
static tree *parse_group(parser *p)
{
    const token *open = parser_next(p);
    p->next++;
    char before = parser_enter(p, '{');
    tree *inside = parse_sum(p);
    parser_leave(p, before);
    parser_expect(p, "}", open);
    return inside;
}

static tree *make_symbol(parser *p, const token *t, const char *name)
{
    tree *made = parser_node(p, TREE_SYMBOL, t);
    made->name = name;
    return made;
}

static tree *make_word(parser *p, const token *t)
{
    bool name = t->kind == TOKEN_WORD || p->subscript || one_word(t->name);
    tree *made = parser_node(p, name ? TREE_SYMBOL : TREE_WORDS, t);
    made->name = t->name;
    made->style = "rm";
    return made;
}

static tree *parse_number(parser *p, bool digit)
{
    token *t = parser_next(p);
    const char *name = t->name;
    tree *made;
    if (digit && *name == '.')
        parser_fail(p, t, "a digit is expected, not \".\"");
    if (digit && strlen(name) > 1) { /* \frac12, x_10: one digit only */
        token whole = *t;
        name = arena_text(p->arena, name, 1);
        t->length = 1;
        p->next++;
        made = parser_node(p, TREE_NUMBER, t);
        p->next--;
        *t = (token){ .kind = TOKEN_NUMBER, .at = whole.at + 1, .length = whole.length - 1, .name = whole.name + 1 };
        if (!strcmp(t->name, "."))
            *t = (token){ .kind = TOKEN_COMMAND, .at = t->at, .length = 1, .name = "." };
    } else {
        p->next++;
        made = parser_node(p, TREE_NUMBER, t);
    }
    made->name = name;
    made->value = strtod(name, NULL);
    if (!isfinite(made->value))
        parser_fail(p, t, "this number is too large");
    return made;
}

tree *parse_braces(parser *p)
{
    token *t = parser_next(p);
    if (token_is(t, "{"))
        return parse_group(p);
    if (t->kind == TOKEN_NUMBER)
        return parse_number(p, true);
    if (token_letter(t)) {
        p->next++;
        return make_symbol(p, t, t->name);
    }
    if (t->kind == TOKEN_WORD || t->kind == TOKEN_TEXT) {
        p->next++;
        return make_word(p, t);
    }
    if (style_of(t) || accent_of(t) || token_is(t, "\\frac") || token_is(t, "\\sqrt") || token_is(t, "\\dots"))
        return parse_primary(p);
    if (t->kind == TOKEN_END)
        parser_fail(p, t, "a group in braces or one letter is expected, not the end");
    parser_fail(p, t, "a group in braces or one letter is expected, not \"%.*s\"", t->length < 24 ? t->length : 24,
                p->source + t->at);
}

/* \vec{1}, \mathbf 1: a vector of ones; NULL: t is no such thing. */
static tree *ones_of(parser *p, const tree *t, const char *style, const token *first)
{
    if (t->kind != TREE_NUMBER || t->value != 1 || t->brackets)
        return NULL;
    tree *ones = parser_node(p, TREE_ONES, first);
    ones->style = style;
    return ones;
}

static tree *add_accent(parser *p, tree *symbol, const char *accent, const token *first)
{
    bool arrow = !strcmp(accent, "vec") || !strcmp(accent, "overrightarrow") || !strcmp(accent, "underline");
    tree *ones = arrow ? ones_of(p, symbol, "bf", first) : NULL;
    if (ones)
        return ones;
    if (arrow && symbol->kind == TREE_NUMBER && symbol->value == 0)
        return symbol;
    if (symbol->kind != TREE_SYMBOL || symbol->brackets)
        parser_fail(p, first, "\"%.16s\" is expected to stand on one symbol", first->name);
    symbol->accents = *symbol->accents ? arena_format(p->arena, "%s %s", accent, symbol->accents) : accent;
    return parser_seal(p, symbol, first);
}

static tree *add_style(parser *p, tree *t, const char *style, const token *first)
{
    tree *ones = *style == 'b' ? ones_of(p, t, style, first) : NULL;
    if (ones)
        return ones;
    if (t->kind == TREE_MUL) {
        for (int k = 0; k < t->count; k++) {
            if (t->child[k]->kind != TREE_SYMBOL)
                parser_fail(p, first, "\"%.16s\" is expected to hold letters", first->name);
            if (!*t->child[k]->style)
                t->child[k]->style = style;
        }
        t->style = style;
    } else if (t->kind != TREE_SYMBOL && t->kind != TREE_NUMBER && t->kind != TREE_ONES && t->kind != TREE_POW)
        parser_fail(p, first, "\"%.16s\" is expected to hold letters", first->name);
    if (t->kind == TREE_SYMBOL && !*t->style)
        t->style = style;
    return parser_seal(p, t, first);
}

/* \mathrm{softmax}, \mathrm d C_t, a label */
static tree *parse_word(parser *p)
{
    const token *t = parser_next(p);
    if (t->kind == TOKEN_WORD && !strcmp(t->name, "d") && !p->subscript && begins_symbol(parser_ahead(p, 1))) {
        p->next++;
        return add_accent(p, parse_primary(p), "d", t);
    }
    if (t->kind == TOKEN_WORD && !strcmp(t->name, "d") && !p->subscript && token_is(parser_ahead(p, 1), "{")) {
        p->next++;
        return add_accent(p, parse_group(p), "d", t);
    }
    if (!p->subscript) {
        tree *applied = parse_function(p);
        if (applied)
            return applied;
    }
    p->next++;
    return make_word(p, t);
}

static tree *parse_braced(parser *p)
{
    tree *inside = parse_group(p);
    if ((inside->kind == TREE_ADD || inside->kind == TREE_NEG) && !inside->brackets)
        parser_fail(p, parser_next(p), "braces around a sum are not printed: ( ) is expected");
    const token *t = parser_next(p);
    if ((inside->kind == TREE_MUL || inside->kind == TREE_DIV || inside->kind == TREE_SUM ||
         inside->kind == TREE_PROD) &&
        !inside->brackets && (token_is(t, "^") || token_is(t, "_") || token_is(t, "'")))
        parser_fail(p, t, "braces around several factors are not printed: ( ) is expected");
    return inside;
}

/* The label's source, if it is a name; what is none, and words, are remarks. */
static tree *brace_name(parser *p, const token *t)
{
    const token *close = token_is(t, "{") ? &p->token[t->match] : t;
    int from = token_is(t, "{") ? t->at + t->length : t->at, to = token_is(t, "{") ? close->at : t->at + t->length;
    latex_result r =
        latex_read(p->arena, arena_text(p->arena, p->source + from, (size_t)(to - from)), (size_t)(to - from));
    tree *name = !r.sentence && r.count == 1 && r.formula[0]->count == 1 ? r.formula[0]->child[0] : NULL;
    const tree *base = name && name->kind == TREE_POW ? name->child[0] : name;
    return base && base->kind == TREE_SYMBOL && strcmp(base->style, "rm") != 0 ? name : NULL;
}

static tree *parse_brace_label(parser *p)
{
    const token *open = parser_next(p);
    const char *mark = token_is(open, "\\underbrace") ? "_" : "^";
    p->next++;
    if (!token_is(parser_next(p), "{"))
        parser_fail(p, parser_next(p), "a group in braces is expected after \"%s\"", open->name);
    tree *inside = parse_group(p);
    if (parser_take(p, mark)) {
        const token *t = parser_next(p);
        if (t->kind == TOKEN_END)
            parser_fail(p, t, "the label of \"%s\" is missing", open->name);
        inside->label = brace_name(p, t);
        p->next = token_is(t, "{") ? t->match + 1 : p->next + 1;
    }
    if ((inside->kind == TREE_ADD || inside->kind == TREE_NEG) && !inside->brackets &&
        (p->next > 1 && (starts_factor(p) || token_is(parser_next(p), "\\cdot") || token_is(parser_next(p), "\\odot") ||
                         token_is(parser_next(p), "\\otimes") || token_is(parser_next(p), "/"))))
        parser_fail(p, parser_next(p), "a brace around a sum is no bracket: ( ) is expected");
    return inside;
}

/* ---- the factor ---- */

tree *parse_primary(parser *p)
{
    const token *t = parser_next(p);
    const char *known;
    tree *made;
    if (t->kind == TOKEN_NUMBER)
        return parse_number(p, false);
    if (t->kind == TOKEN_WORD || t->kind == TOKEN_TEXT)
        return parse_word(p);
    if (token_letter(t)) {
        p->next++;
        return make_symbol(p, t, t->name);
    }
    if ((known = accent_of(t))) {
        p->next++;
        return add_accent(p, parse_braces(p), known, t);
    }
    if ((known = style_of(t))) {
        p->next++;
        return add_style(p, parse_braces(p), known, t);
    }
    if (token_opens(t))
        return parse_bracket(p);
    if (token_is(t, "{"))
        return parse_braced(p);
    if (token_is(t, "\\underbrace") || token_is(t, "\\overbrace"))
        return parse_brace_label(p);
    if (token_is(t, "\\langle"))
        return parse_inner(p);
    if ((token_is(t, "|") || token_is(t, "\\|")) && starts_factor(p))
        return parse_bars(p);
    if (t->kind == TOKEN_COMMAND && !strncmp(t->name, "\\begin{", 7))
        return token_is(t, "\\begin{cases}") || token_is(t, "\\begin{dcases}") ? parse_cases(p) : parse_matrix(p);
    if (token_is(t, "\\dots") || token_is(t, "\\cdots") || token_is(t, "\\vdots")) {
        p->next++;
        made = parser_node(p, TREE_DOTS, t);
        made->big = !token_is(t, "\\dots");
        return made;
    }
    if (token_is(t, "\\cdot") && p->brackets) {
        const token *after = parser_ahead(p, 1);
        if (after->side == 'r' || token_is(after, ")") || token_is(after, "]") || token_is(after, "|") ||
            token_is(after, "\\|") || token_is(after, ",") || token_is(after, "\\}")) {
            p->next++;
            return parser_node(p, TREE_PLACE, t);
        }
    }
    if (t->kind == TOKEN_COMMAND && t->name[0] == '\\' &&
        strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", t->name[1]) && !starts_factor(p) &&
        strncmp(t->name, "\\end{", 5)) {
        tree_relation relation;
        if (!token_relation(t, &relation) && !token_is(t, "\\odot") && !token_is(t, "\\times") &&
            !token_is(t, "\\otimes") && !token_is(t, "\\circ") && !token_is(t, "\\cdot") && !token_is(t, "\\rangle") &&
            !token_is(t, "\\mid") && !token_is(t, "\\top"))
            parser_fail(p, t, "\"%.24s\" is not known here", t->name);
    }
    if (t->kind == TOKEN_END)
        parser_fail(p, t, "a term is expected, not the end");
    parser_fail(p, t, "a term is expected, not \"%.*s\"", t->length < 24 ? t->length : 24, p->source + t->at);
}

/* {}^t, {}^{\\top} in front of what is transposed, as in French books: taken, if it is there. */
static bool transposed_in_front(parser *p)
{
    const token *open = parser_next(p);
    int group = token_is(open, "{") && token_is(parser_ahead(p, 1), "}") ? 2 : 0; /* behind "=" it is passed over */
    if (!token_is(parser_ahead(p, group), "^"))
        return false;
    bool braces = token_is(parser_ahead(p, group + 1), "{");
    const token *sign = parser_ahead(p, group + 1 + braces);
    bool is = token_is(sign, "\\top") || ((token_letter(sign) || sign->kind == TOKEN_WORD) &&
                                          (!strcmp(sign->name, "t") || !strcmp(sign->name, "T")));
    if (!is || (braces && !token_is(sign + 1, "}")))
        return false;
    p->next += group + 2 + 2 * braces;
    return true;
}

/* The subscript of \mathbf{Wx}_t is printed at x, and so is a step above it; a transpose may be that of both. */
static tree *parse_font_scripts(parser *p, tree *product, const token *first)
{
    const token *raised = token_is(parser_next(p), "^") ? parser_ahead(p, 1) : NULL;
    raised = raised && token_is(raised, "{") ? raised + 1 : raised;
    if (token_is(parser_next(p), "_") || (raised && token_is(raised, "(")))
        product->child[product->count - 1] = parse_scripts(p, product->child[product->count - 1], first);
    return parser_seal(p, product, first);
}

tree *parse_factor(parser *p)
{
    const token *first = parser_next(p);
    if (++p->depth > LATEX_DEPTH)
        parser_fail(p, first, "brackets are nested more than %d deep", LATEX_DEPTH);
    if (transposed_in_front(p)) { /* {}^t A */
        tree *of = parse_factor(p);
        of = parser_parent(p, TREE_TRANSPOSE, first, 1, &of);
        p->depth--;
        return of;
    }
    tree *t = parse_derivative(p);
    t = t ? parse_slice(p, t, first) : parse_function(p);
    if (!t) {
        t = parse_primary(p);
        if (t->kind == TREE_ONES && !t->sub && token_opens(parser_next(p)) && first->kind == TOKEN_COMMAND &&
            style_of(first)) {
            const token *open = parser_next(p);
            char separator, kind = open->name[*open->name == '\\'];
            p->next++;
            tree_list items = parse_items(p, kind == '(' ? ")" : kind == '[' ? "]" : "\\}", open, &separator);
            if (items.count != 1 || items.item[0]->kind != TREE_RELATION)
                parser_fail(p, open, "a relation is expected in the brackets after a bold 1");
            t = parser_parent(p, TREE_INDICATOR, first, 1, items.item);
        }
        if (t->kind == TREE_MUL && *t->style && !t->brackets)
            t = parse_font_scripts(p, t, first);
        t = parse_scripts(p, t, first);
        if (parse_step(p, t, first))
            t = parse_scripts(p, t, first);
    }
    p->depth--;
    return t;
}
