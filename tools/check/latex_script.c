/* Subscripts and superscripts, and what they belong to. */
#include "latex_parser.h"

#include <string.h>

tree_list parse_subscript(parser *p)
{
    tree_list parts = { 0 };
    const token *open = parser_next(p);
    bool before = p->subscript;
    p->subscript = true;
    if (parser_take(p, "{")) {
        char separator;
        if (token_is(parser_next(p), "}"))
            parser_fail(p, open, "the subscript is empty");
        parts = parse_items(p, "}", open, &separator);
        if (separator == ';')
            parser_fail(p, open, "the parts of a subscript are expected to be separated by commas");
    } else
        list_add(p, &parts, parse_braces(p));
    p->subscript = before;
    return parts;
}

static bool is_top(parser *p, const token *t, bool alone)
{
    (void)p;
    return token_is(t, "\\top") || (alone && ((t->kind == TOKEN_LETTER || t->kind == TOKEN_WORD) && !strcmp(t->name, "T")));
}

superscript parse_superscript(parser *p)
{
    superscript s = { 0 };
    const token *open = parser_next(p);
    bool before = p->subscript;
    if (!parser_take(p, "{")) {
        if (is_top(p, open, true))
            s.transposed = true;
        else if (token_is(open, "\\prime"))
            s.primes = 1;
        else {
            s.power = parse_braces(p);
            return s;
        }
        p->next++;
        return s;
    }
    const token *close = &p->token[open->match];
    while (parser_take(p, "\\prime") || parser_take(p, "'"))
        s.primes++;
    if (is_top(p, parser_next(p), parser_next(p) + 1 == close)) {
        s.transposed = true;
        p->next++;
        parser_expect(p, "}", open);
        return s;
    }
    if (s.primes) {
        parser_expect(p, "}", open);
        return s;
    }
    if (token_is(parser_next(p), "}"))
        parser_fail(p, open, "the superscript is empty");
    if (token_is(parser_next(p), "("))
        for (int depth = 0, k = p->next; k <= open->match; k++) {
            depth += token_is(&p->token[k], "(") - token_is(&p->token[k], ")");
            if (!depth && k == open->match - 1)
                parser_fail(p, open, "a superscript in brackets may be an index or a power: a subscript is expected for an index");
            if (!depth)
                break;
        }
    p->subscript = false;
    p->brackets++;
    char inner = p->inner;
    p->inner = '{';
    s.power = parse_sum(p);
    p->inner = inner;
    p->brackets--;
    p->subscript = before;
    s.transposed = parser_take(p, "\\top");
    parser_expect(p, "}", open);
    return s;
}

static bool numeric(const tree *t)
{
    if (t->kind == TREE_NUMBER)
        return true;
    if (t->kind != TREE_DIV && t->kind != TREE_NEG && t->kind != TREE_ADD && t->kind != TREE_POW)
        return false;
    for (int k = 0; k < t->count; k++)
        if (!numeric(t->child[k]))
            return false;
    return true;
}

tree *apply_superscript(parser *p, tree *base, superscript s, const token *first)
{
    bool power = numeric(base) || (base->kind == TREE_SYMBOL && !strcmp(base->style, "bb"));
    if (s.transposed && !s.power && power) {
        s.power = parser_node(p, TREE_SYMBOL, first);
        s.power->name = "T";
        s.transposed = false;
    }
    if (s.power) {
        tree *both[] = { base, s.power };
        base = parser_parent(p, TREE_POW, first, 2, both);
    }
    return s.transposed ? parser_parent(p, TREE_TRANSPOSE, first, 1, &base) : base;
}

static tree *add_subscript(parser *p, tree *base, tree_list parts, const token *first, const token *at)
{
    bool relation = false;
    for (int k = 0; k < parts.count; k++)
        relation = relation || parts.item[k]->kind == TREE_RELATION;
    bool one = base->kind == TREE_ONES || (base->kind == TREE_NUMBER && base->value == 1);
    if (one && relation && parts.count == 1 && !base->brackets)
        return parser_parent(p, TREE_INDICATOR, first, 1, parts.item);
    if (relation)
        parser_fail(p, at, "a relation stands in a subscript");
    if (base->kind == TREE_ONES || base->kind == TREE_NORM) {
        if (base->sub || parts.count != 1)
            parser_fail(p, at, "one subscript is expected here");
        base->sub = parts.item[0];
        return parser_seal(p, base, first);
    }
    if (base->kind == TREE_NUMBER)
        parser_fail(p, at, "a number has a subscript");
    if (base->kind == TREE_ABS)
        parser_fail(p, at, "\"|..|\" has a subscript: a norm is written \\lVert x\\rVert");
    if (base->kind == TREE_DOTS || base->kind == TREE_PLACE || base->kind == TREE_WORDS)
        parser_fail(p, at, "a subscript stands on something that has none");
    tree_list all = { 0 };
    if (base->kind == TREE_SYMBOL && !base->brackets) {
        for (int k = 0; k < base->count; k++)
            list_add(p, &all, base->child[k]);
        for (int k = 0; k < parts.count; k++)
            list_add(p, &all, parts.item[k]);
        base->child = all.item;
        base->count = all.count;
        return parser_seal(p, base, first);
    }
    list_add(p, &all, base);
    for (int k = 0; k < parts.count; k++)
        list_add(p, &all, parts.item[k]);
    return parser_parent(p, TREE_ELEMENT, first, all.count, all.item);
}

tree *parse_scripts(parser *p, tree *base, const token *first)
{
    tree_list parts = { 0 };
    superscript raised = { 0 };
    int primes = 0;
    const token *at = NULL;
    bool up = false;
    for (;;) {
        const token *t = parser_next(p);
        if (!p->brackets && (t->quad || t->row) && (token_is(t, "_") || token_is(t, "^") || token_is(t, "'")))
            parser_fail(p, t, "a term is expected, not \"%s\"", t->name);
        if (parser_take(p, "'"))
            primes++;
        else if (token_is(t, "_") && !at) {
            p->next++;
            at = t;
            parts = parse_subscript(p);
        } else if (token_is(t, "^") && !up) {
            p->next++;
            raised = parse_superscript(p);
            primes += raised.primes;
            up = raised.power || raised.transposed;
        } else if (token_is(t, "_") || token_is(t, "^"))
            parser_fail(p, t, "a second %sscript", *t->name == '_' ? "sub" : "super");
        else
            break;
    }
    if (primes) {
        if (base->kind != TREE_SYMBOL || base->brackets)
            parser_fail(p, first, "a prime stands on something that is neither a symbol nor a function");
        base->primes += primes;
    }
    if (at)
        base = add_subscript(p, base, parts, first, at);
    return up ? apply_superscript(p, base, raised, first) : base;
}
