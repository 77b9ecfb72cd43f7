/* Notations that say something simpler: \begin{cases} as a sum with indicators, y(t) as y_t. */
#include "latex_parser.h"

#include <string.h>

/* One condition of a case: "i = j", "\\text{if } i = j", "\\text{otherwise}"; NULL for the last. */
static tree *parse_case(parser *p)
{
    const token *t = parser_next(p);
    bool words = t->kind == TOKEN_TEXT || t->kind == TOKEN_WORD;
    if (words && (!strncmp(t->name, "otherwise", 9) || !strncmp(t->name, "else", 4))) {
        p->next++;
        return NULL;
    }
    if (words && (!strcmp(t->name, "if") || !strcmp(t->name, "for") || !strcmp(t->name, "when")))
        p->next++;
    tree *relation = parse_relation(p);
    if (relation->kind != TREE_RELATION)
        parser_fail(p, t, "a relation or \\text{otherwise} is expected after \"&\"");
    return parser_parent(p, TREE_INDICATOR, t, 1, &relation);
}

/* \\begin{cases} a & i = j \\\\ b & \\text{otherwise} \\end{cases} says a [i = j] + b (1 - [i = j]). */
tree *parse_cases(parser *p)
{
    const token *open = parser_next(p);
    const char *close = arena_format(p->arena, "\\end%s", open->name + strlen("\\begin"));
    tree_list terms = { 0 }, rest = { 0 };
    tree *one = parser_node(p, TREE_NUMBER, open);
    one->name = "1";
    one->value = 1;
    list_add(p, &rest, one);
    p->next++;
    char before = p->inner;
    p->inner = 'm';
    p->brackets++;
    bool more = true;
    while (more) {
        tree *value = parse_sum(p), *when = NULL;
        parser_take(p, ",");
        parser_expect(p, "&", open);
        const token *t = parser_next(p);
        when = parse_case(p);
        bool last = !when;
        if (last && rest.count < 2)
            parser_fail(p, t, "a case stands alone");
        if (last) {
            when = parser_parent(p, TREE_ADD, t, rest.count, rest.item);
            when->brackets = '(';
        } else {
            tree *minus = parser_parent(p, TREE_NEG, t, 1, &when);
            list_add(p, &rest, minus);
        }
        bool zero = value->kind == TREE_NUMBER && value->value == 0;
        if ((value->kind == TREE_ADD || value->kind == TREE_NEG || value->kind == TREE_MUL) && !value->brackets)
            value->brackets = '(';
        when->join = JOIN_ODOT;
        tree *both[] = { value, when };
        if (!zero)
            list_add(p, &terms, parser_parent(p, TREE_MUL, open, 2, both));
        parser_take(p, ",");
        parser_take(p, ".");
        more = parser_take(p, "\\\\") && !token_is(parser_next(p), close) && !last;
    }
    p->inner = before;
    p->brackets--;
    parser_expect(p, close, open);
    if (!terms.count)
        parser_fail(p, open, "all cases are 0");
    tree *t = terms.count == 1 ? terms.item[0] : parser_parent(p, TREE_ADD, open, terms.count, terms.item);
    t->brackets = '(';
    return t;
}

/* y(t), y_j(t - 1), c(T), c(0): the step in brackets behind a name is its first index. */
bool parse_step(parser *p, tree *t, const token *first)
{
    static const char *const scalars[] = { "t", "T", "e", "\\lambda", "\\beta", "\\gamma", "\\eta" };
    const token *step = parser_ahead(p, 1), *after = parser_ahead(p, 2);
    if (p->subscript || t->kind != TREE_SYMBOL || t->brackets || !token_is(parser_next(p), "(") || parser_next(p)->quad)
        return false;
    bool letter = step->kind == TOKEN_LETTER && (!strcmp(step->name, "t") || !strcmp(step->name, "T"));
    bool shifted = letter && (token_is(after, "-") || token_is(after, "+")) && parser_ahead(p, 3)->kind == TOKEN_NUMBER;
    bool number = step->kind == TOKEN_NUMBER && (!strcmp(step->name, "0") || !strcmp(step->name, "1"));
    if ((!letter && !number) || !token_is(parser_ahead(p, shifted ? 4 : 2), ")"))
        return false;
    for (size_t k = 0; k < sizeof scalars / sizeof *scalars; k++)
        if (!strcmp(t->name, scalars[k]) && (shifted || number || k < 3))
            return false;
    for (int k = 0; k < t->count; k++)
        if (t->child[k]->kind != TREE_SYMBOL || !strcmp(t->child[k]->name, "t"))
            return false;
    tree_list parts = { 0 };
    p->next++;
    list_add(p, &parts, parse_sum(p));
    p->next++;
    parts.item[0]->brackets = '(';
    for (int k = 0; k < t->count; k++)
        list_add(p, &parts, t->child[k]);
    t->child = parts.item;
    t->count = parts.count;
    parser_seal(p, t, first);
    return true;
}
