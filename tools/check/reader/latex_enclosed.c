/* What stands between brackets, bars and angles, and in matrices. */
#include "latex_parser.h"

#include <string.h>

bool token_opens(const token *t)
{
    return token_is(t, "(") || token_is(t, "[") || token_is(t, "\\{");
}

char parser_enter(parser *p, char kind)
{
    char before = p->inner;
    p->inner = kind;
    p->brackets++;
    return before;
}

void parser_leave(parser *p, char before)
{
    p->inner = before;
    p->brackets--;
}

static tree *nothing(parser *p, const token *at)
{
    tree *t = parser_node(p, TREE_WORDS, at);
    t->name = "";
    return t;
}

/* An item, or a range of indices: i, :, H:, 1:t */
static tree *parse_item(parser *p, bool ranges, const char *close)
{
    const token *first = parser_next(p);
    bool before = p->colon;
    p->colon = ranges;
    tree *item = ranges && token_is(first, ":") ? nothing(p, first) : parse_relation(p);
    if (ranges && parser_take(p, ":")) {
        const token *t = parser_next(p);
        if (item->kind == TREE_RELATION)
            parser_fail(p, first, "a range of indices such as 1:H is expected in front of the colon");
        tree *both[] = { item, token_is(t, ",") || token_is(t, close) ? nothing(p, t) : parse_sum(p) };
        item = parser_parent(p, TREE_RANGE, first, 2, both);
    }
    p->colon = before;
    return item;
}

static bool doubled(const token *t) /* || without a space between */
{
    return token_is(t, "|") && !t->side && token_is(t + 1, "|") && !t[1].side && t[1].at == t->at + 1;
}

/* The one \| or || in D(q \| p), which separates its arguments; NULL: there is none, or they are norms. */
static const token *divider_in(const token *open)
{
    const token *found = NULL;
    int depth = 0, count = 0;
    for (const token *t = open + 1; t->kind != TOKEN_END; t++) {
        bool opens = token_opens(t) || token_is(t, "{"),
             closes = token_is(t, ")") || token_is(t, "]") || token_is(t, "}") || token_is(t, "\\}");
        if (closes && !depth)
            return count == 1 && found != open + 1 ? found : NULL;
        depth += opens - closes;
        if (depth || !(token_is(t, "\\|") || doubled(t)))
            continue;
        found = t, count++;
        t += doubled(t);
    }
    return NULL;
}

tree_list parse_items(parser *p, const char *close, const token *opened, char *separator)
{
    tree_list items = { 0 };
    char before = parser_enter(p, *close);
    const token *divider = p->divider;
    bool ranges = p->ranges;
    p->divider = *close == ')' ? divider_in(opened) : NULL;
    *separator = 0;
    p->ranges = false;
    for (;;) {
        list_add(p, &items, parse_item(p, ranges, close));
        const token *t = parser_next(p);
        char here = token_is(t, ",")                                                        ? ','
                    : token_is(t, ";")                                                      ? ';'
                    : token_is(t, "\\mid") && (*close == ']' || !strcmp(close, "\\rangle")) ? ','
                    : t == p->divider                                                       ? ','
                                                                                            : 0;
        if (!here)
            break;
        if (*separator && here != *separator && *close != ')') /* L(z, y; \theta) */
            parser_fail(p, t, "the items of one list are separated by \"%c\" and by \"%c\"", *separator, here);
        *separator = here;
        p->next += 1 + (t == p->divider && doubled(t));
    }
    p->divider = divider;
    parser_leave(p, before);
    parser_expect(p, close, opened);
    return items;
}

void no_relations(parser *p, tree_list items, const token *at)
{
    for (int k = 0; k < items.count; k++)
        if (items.item[k]->kind == TREE_RELATION)
            parser_fail(p, at, "a relation stands where a term is expected");
}

tree *parse_bracket(parser *p)
{
    const token *open = parser_next(p);
    char kind = open->name[*open->name == '\\'], separator;
    const char *close = kind == '(' ? ")" : kind == '[' ? "]" : "\\}";
    p->next++;
    tree_list items = parse_items(p, close, open, &separator);
    if (items.count > 1) {
        no_relations(p, items, open);
        tree *t = parser_parent(p,
                                kind == '('   ? TREE_TUPLE
                                : kind == '[' ? TREE_CONCAT
                                              : TREE_SET,
                                open, items.count, items.item);
        t->separator = kind == '[' ? separator : 0;
        t->brackets = kind == '{' ? 0 : kind;
        return t;
    }
    tree *only = items.item[0];
    if (only->kind == TREE_RELATION) {
        if (kind == '[')
            return parser_parent(p, TREE_INDICATOR, open, 1, items.item);
        parser_fail(p, open, "a relation stands in brackets: [..] or \\mathbf 1[..] is 1 where it is true");
    }
    only->brackets = kind;
    return only;
}

tree *parse_bars(parser *p)
{
    const token *open = parser_next(p);
    bool twice = doubled(open), norm = open->name[0] == '\\' || twice;
    p->next += 1 + twice;
    char before = parser_enter(p, twice || !norm ? '|' : 'n');
    tree *inside = parse_sum(p);
    parser_leave(p, before);
    if (parser_next(p)->side == 'l')
        parser_fail(p, parser_next(p), "a closing bar is expected, for \"%s\"", open->name);
    if (twice && !doubled(parser_next(p)))
        parser_fail(p, parser_next(p), "\"||\" is expected, for \"||\"");
    p->next += twice;
    parser_expect(p, open->name, open);
    return parser_parent(p, norm ? TREE_NORM : TREE_ABS, open, 1, &inside);
}

tree *parse_inner(parser *p)
{
    const token *open = parser_next(p);
    char separator;
    p->next++;
    tree_list items = parse_items(p, "\\rangle", open, &separator);
    if (items.count != 2 || separator != ',')
        parser_fail(p, open, "two vectors separated by a comma are expected between \\langle and \\rangle");
    no_relations(p, items, open);
    return parser_parent(p, TREE_INNER, open, 2, items.item);
}

tree *parse_matrix(parser *p)
{
    const token *open = parser_next(p);
    const char *close = arena_format(p->arena, "\\end%s", open->name + strlen("\\begin"));
    tree_list cells = { 0 };
    int columns = 0, rows = 0, here = 0;
    p->next++;
    char before = parser_enter(p, 'm');
    for (;;) {
        list_add(p, &cells, parse_sum(p));
        here++;
        if (parser_take(p, "&"))
            continue;
        const token *t = parser_next(p);
        if (rows && here != columns)
            parser_fail(p, t, "row %d of the matrix has %d columns, those above have %d", rows + 1, here, columns);
        columns = here;
        rows++;
        here = 0;
        if (!parser_take(p, "\\\\") || token_is(parser_next(p), close))
            break;
    }
    parser_leave(p, before);
    parser_expect(p, close, open);
    tree *t = parser_parent(p, TREE_MATRIX, open, cells.count, cells.item);
    t->rows = rows;
    t->columns = columns;
    t->brackets = strchr(open->name + 7, 'p') ? '(' : strchr(open->name + 7, 'b') ? '[' : 0;
    return t;
}
