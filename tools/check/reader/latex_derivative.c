/* Fractions and derivatives: \frac{\partial A}{\partial B}, \partial A / \partial B, \nabla_B A, what is held fixed
 * behind a bar. */
#include "latex_parser.h"

#include <string.h>

static bool is_d(const token *t)
{
    return (t->kind == TOKEN_WORD || t->kind == TOKEN_LETTER) && !strcmp(t->name, "d");
}

/* The differential sign at the front of a group that goes on: "\partial", "d", or NULL. */
static const char *differential(const parser *p, int open)
{
    const token *t = &p->token[open + 1];
    if (token_is(t, "\\partial"))
        return "\\partial";
    return is_d(t) ? "d" : NULL;
}

static tree *derivative(parser *p, const token *first, tree *above, tree *below)
{
    tree *both[] = { above, below };
    for (int k = 0; k < 2; k++) { /* \partial L / \partial (W_z)_{ji} is one by an element */
        const tree *name = both[k]->kind == TREE_ELEMENT ? both[k]->child[0] : NULL;
        if (!name || name->kind != TREE_SYMBOL)
            continue;
        tree *symbol = parser_node(p, TREE_SYMBOL, first);
        tree **child = ARENA_ARRAY(p->arena, tree *, name->count + both[k]->count);
        if (!child)
            parser_fail(p, first, "there is no memory");
        for (int i = 0; i < name->count; i++)
            child[i] = name->child[i];
        for (int i = 1; i < both[k]->count; i++)
            child[name->count + i - 1] = both[k]->child[i];
        *symbol = *name;
        symbol->brackets = 0;
        symbol->child = child, symbol->count = name->count + both[k]->count - 1;
        both[k] = parser_seal(p, symbol, first);
    }
    return parser_parent(p, TREE_DERIV, first, 2, both);
}

/* Whether a list of names in brackets stands between these tokens: (w), (W, b), (\theta; x). */
static bool names_only(const parser *p, int open, int close)
{
    if (!token_is(&p->token[open], "(") || !token_is(&p->token[close], ")") || close == open + 1)
        return false;
    for (int k = open + 1; k < close; k++) {
        const token *t = &p->token[k];
        if (token_is(t, "_") && token_is(t + 1, "{"))
            k = t[1].match;
        else if (token_is(t, "_"))
            k++;
        else if (!token_letter(t) && !token_is(t, ",") && !token_is(t, ";"))
            return false;
    }
    return true;
}

static tree *operand(parser *p)
{
    const token *t = parser_next(p);
    if (token_is(t, "^") || token_is(t, "_"))
        parser_fail(p, t,
                    *t->name == '^' ? "a second derivative is not known here" : "\"\\partial_\" is not known here");
    return parse_factor(p);
}

static tree *operand_of_call(parser *p, int last)
{
    tree *t = operand(p);
    if (t->kind == TREE_SYMBOL && !t->brackets && names_only(p, p->next, last))
        p->next = last + 1;
    return t;
}

/* 2, \frac12, \frac{1}{2}, \frac{1}{2n} */
static bool number_ahead(const parser *p)
{
    const token *t = &p->token[p->next];
    if (token_is(t, "\\frac"))
        t++;
    return t->kind == TOKEN_NUMBER || (token_is(t, "{") && t[1].kind == TOKEN_NUMBER && t->match == p->next + 3);
}

/* What follows \nabla_x: one factor, or a number and all that it is multiplied with. \frac{\partial}{\partial x} takes
 * the whole product, too. */
static tree *differentiated(parser *p, bool operation)
{
    if (!starts_factor(p))
        parser_fail(p, parser_next(p), "what is differentiated is expected");
    bool all = number_ahead(p) || (operation && !token_is(parser_next(p), "(") && !token_is(parser_next(p), "[") &&
                                   !token_is(parser_next(p), "\\{"));
    tree *above = all ? parse_term(p) : parse_factor(p);
    if (all && above->kind == TREE_MUL)
        above->brackets = '(';
    return above;
}

/* \partial x^\top A x: all of it; \partial J(w): J, a function of w. `last`: the token in front of the closing brace.
 */
static tree *numerator(parser *p, int last)
{
    if (token_is(parser_next(p), "^") || token_is(parser_next(p), "_") || names_only(p, p->next + 1, last))
        return operand_of_call(p, last);
    tree *t = parse_term(p);
    if (t->kind != TREE_MUL)
        return t;
    tree *called = t->child[0], *list = t->child[1];
    bool names = t->count == 2 && called->kind == TREE_SYMBOL && !called->brackets && list->brackets == '(' &&
                 list->join == JOIN_BESIDE && (list->kind == TREE_SYMBOL || list->kind == TREE_TUPLE);
    t->brackets = '(';
    if (names)
        called->sub = list; /* of a function that is defined nowhere it says what of */
    return names ? called : t;
}

/* \frac{\partial A}{\partial B}, \frac{\partial}{\partial B} A */
tree *parse_fraction(parser *p)
{
    const token *first = parser_next(p), *open = first + 1;
    p->next++;
    if (token_is(open, "{") && token_is(&p->token[open->match + 1], "{")) {
        const token *second = &p->token[open->match + 1];
        const char *above_sign = differential(p, (int)(open - p->token)),
                   *below_sign = differential(p, (int)(second - p->token));
        bool alone = open->match == p->next + 2, below_alone = second->match == (int)(second - p->token) + 2;
        if (above_sign && below_sign && !strcmp(above_sign, below_sign) && !below_alone) {
            tree *above = NULL;
            char inner = p->inner;
            p->brackets++;
            p->inner = '{';
            p->next += 2;
            if (!alone)
                above = numerator(p, open->match - 1);
            parser_expect(p, "}", open);
            p->next += 2;
            tree *below = operand(p);
            parser_expect(p, "}", second);
            p->brackets--;
            p->inner = inner;
            if (!above) {
                above = differentiated(p, true);
            }
            return derivative(p, first, above, below);
        }
    }
    tree *above = parse_braces(p), *both[] = { above, parse_braces(p) };
    return parser_parent(p, TREE_DIV, first, 2, both);
}

/* \partial A / \partial B, {\partial A}/{\partial B} */
static tree *parse_partials(parser *p)
{
    const token *first = parser_next(p);
    tree *parts[2];
    for (int k = 0; k < 2; k++) {
        const token *open = parser_next(p);
        bool braces = parser_take(p, "{");
        if (!parser_take(p, "\\partial"))
            parser_fail(p, parser_next(p), "\"\\partial\" is expected below a derivative");
        p->brackets += braces;
        parts[k] = operand(p);
        p->brackets -= braces;
        if (braces)
            parser_expect(p, "}", open);
        if (!k && !parser_take(p, "/"))
            parser_fail(p, parser_next(p), "\"/ \\partial\" is expected: a derivative is \\partial A / \\partial B");
    }
    tree *t = derivative(p, first, parts[0], parts[1]);
    t->inline_ = true;
    return t;
}

static tree *parse_nabla(parser *p) /* \partial_x, too */
{
    const token *first = parser_next(p);
    p->next++;
    const token *at = parser_next(p);
    if (token_letter(at) && token_is(at + 1, "(") && token_letter(at + 2) && token_is(at + 3, ")")) { /* \nabla f(x) */
        tree *above = parse_braces(p);
        p->next++;
        tree *below = parse_braces(p);
        p->next++;
        return derivative(p, first, above, below);
    }
    if (!parser_take(p, "_"))
        parser_fail(p, at, "\"\\nabla\" needs its variable: \\nabla_{W} is expected");
    bool before = p->subscript;
    p->subscript = false;
    tree *below;
    if (token_is(parser_next(p), "{")) {
        char separator;
        p->next++;
        tree_list parts = parse_items(p, "}", at, &separator);
        below = as_one(p, parts, at);
    } else
        below = parse_braces(p);
    p->subscript = before;
    tree *above = differentiated(p, false);
    if (above->kind == TREE_SYMBOL && !above->brackets && token_is(parser_next(p), "(")) { /* \nabla_w J(w) */
        int close = p->next;
        while (p->token[close].kind != TOKEN_END && !token_is(&p->token[close], ")"))
            close++;
        bool same =
            close == p->next + 2 && below->kind == TREE_SYMBOL && !strcmp(p->token[p->next + 1].name, below->name);
        if (same)
            p->next = close + 1;
    }
    return derivative(p, first, above, below);
}

void parse_bar(parser *p, tree *t)
{
    const token *at = parser_next(p), *open = at + 1;
    tree_list items = { 0 };
    if (t->kind != TREE_DERIV || t->held)
        parser_fail(p, at, "a bar with a subscript is expected to stand behind one derivative");
    p->next++;
    if (!parser_take(p, "{")) {
        t->held = parse_braces(p);
        return;
    }
    p->brackets++;
    char inner = p->inner;
    p->inner = '{';
    do {
        if (items.count && parser_next(p)->kind == TOKEN_TEXT)
            break;
        list_add(p, &items, parse_sum(p));
    } while (parser_take(p, ","));
    const token *said = parser_next(p);
    if (said->kind == TOKEN_TEXT) { /* "fixed": that is what the bar says already */
        if (strcmp(said->name, "fixed") && strcmp(said->name, "held fixed") && strcmp(said->name, "const") &&
            strcmp(said->name, "constant") && strcmp(said->name, "are fixed") && strcmp(said->name, "is fixed") &&
            strcmp(said->name, "held"))
            parser_fail(p, said, "behind the bar quantities that are held \"fixed\" are expected, not \"%.24s\"",
                        said->name);
        p->next++;
    }
    p->inner = inner;
    p->brackets--;
    parser_expect(p, "}", open);
    t->held = items.count == 1 ? items.item[0] : parser_parent(p, TREE_TUPLE, open, items.count, items.item);
}

tree *parse_held(parser *p, tree *t, const token *first)
{
    const token *bar = parser_next(p);
    if (!token_is(bar, "|") || !token_is(bar + 1, "_") || (p->inner == '|' && bar->side != 'b'))
        return t;
    if (bar->side == 'r' && p->inner == '.')
        return t;
    p->next++;
    parse_bar(p, t);
    return parser_seal(p, t, first);
}

/* \left. ... \right|_{...} */
static tree *parse_open_left(parser *p)
{
    const token *first = parser_next(p);
    p->next++;
    char before = p->inner;
    p->inner = '.';
    p->brackets++;
    tree *t = parse_sum(p);
    p->brackets--;
    p->inner = before;
    if (token_is(parser_next(p), "|") && parser_next(p)->side == 'r') {
        p->next++;
        if (!token_is(parser_next(p), "_"))
            parser_fail(p, parser_next(p), "behind the bar a subscript is expected: what is held fixed");
        parse_bar(p, t);
    } else {
        parser_expect(p, "right.", first);
        if (t->kind == TREE_ADD || t->kind == TREE_NEG || t->kind == TREE_MUL)
            parser_fail(p, first, "\\left. .. \\right. around several terms is not printed: ( ) is expected");
    }
    return parser_seal(p, t, first);
}

tree *parse_derivative(parser *p)
{
    const token *first = parser_next(p);
    tree *t;
    if (token_is(first, "\\frac"))
        t = parse_fraction(p);
    else if (token_is(first, "\\partial") && token_is(first + 1, "_"))
        return parse_nabla(p);
    else if (token_is(first, "\\partial") ||
             (token_is(first, "{") && token_is(first + 1, "\\partial") && token_is(&p->token[first->match + 1], "/")))
        t = parse_partials(p);
    else if (token_is(first, "\\nabla"))
        return parse_nabla(p);
    else if (token_is(first, "left."))
        t = parse_open_left(p);
    else
        return NULL;
    if (t->kind == TREE_DERIV && !t->held)
        t = parse_held(p, t, first);
    return parse_scripts(p, t, first);
}
