/* What restricts a formula: "t < T", "t = 1, \dots, T", "\text{for } g \in \{i, f\}", and where the next formula of a
 * row begins. */
#include "latex_parser.h"

#include <string.h>

bool token_punctuation(const token *t)
{
    return token_is(t, ",") || token_is(t, ";") || token_is(t, ".");
}

/* Whether the words introduce a condition and say nothing else. */
static bool introduces(const char *words)
{
    static const char *const known[] = { "for",
                                         "if",
                                         "when",
                                         "where",
                                         "with",
                                         "and",
                                         "at",
                                         "as",
                                         "for all",
                                         "for each",
                                         "for every",
                                         "for any",
                                         "only if",
                                         "provided",
                                         "for each step",
                                         "for every step",
                                         "for all steps",
                                         "for each time step",
                                         "for every time step",
                                         "for all time steps",
                                         "whenever",
                                         "as long as",
                                         "for each index",
                                         "let",
                                         "since",
                                         "because" };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (!strcmp(words, known[k]))
            return true;
    return false;
}

/* 1 < t, 1 \le t, but also 0 \le p_j; 0 < p_j speaks of more than a letter. */
static bool bound_ahead(parser *p, int k)
{
    tree_relation relation;
    const token *after = parser_ahead(p, k + 3);
    if (parser_ahead(p, k)->kind != TOKEN_NUMBER || !token_relation(parser_ahead(p, k + 1), &relation) ||
        !token_letter(parser_ahead(p, k + 2)))
        return false;
    bool alone = after->kind == TOKEN_END || after->kind == TOKEN_TEXT || token_punctuation(after) || after->quad ||
                 after->row || token_is(after, ")");
    return relation == REL_LE || ((relation == REL_LT || relation == REL_GT || relation == REL_GE) &&
                                  (alone || token_relation(after, &relation)));
}

/* "t < T", "t = 1, \dots, T": a letter by itself, compared; with = only if nothing but letters and numbers is on the
 * right. */
static bool condition_ahead(parser *p, int k)
{
    tree_relation relation;
    const token *t = parser_ahead(p, k);
    if (t->kind == TOKEN_TEXT || token_is(t, "\\forall"))
        return true;
    if (token_is(t, "("))
        return condition_ahead(p, k + 1);
    if (!token_letter(t) || !token_relation(parser_ahead(p, k + 1), &relation))
        return bound_ahead(p, k);
    if (relation != REL_EQ)
        return relation != REL_ADDS;
    bool operand = false;
    if (parser_ahead(p, k + 2)->kind == TOKEN_NUMBER && token_is(parser_ahead(p, k + 3), "-") &&
        token_letter(parser_ahead(p, k + 4))) /* i = 1 - f, of two gates */
        return false;
    for (k += 2;; k++) {
        t = parser_ahead(p, k);
        bool is = token_letter(t) || t->kind == TOKEN_NUMBER || token_is(t, "\\dots") || token_is(t, "\\cdots");
        if (!is && !token_is(t, "+") && !token_is(t, "-"))
            return operand && (t->kind == TOKEN_END || token_punctuation(t) || t->quad || t->row ||
                               t->kind == TOKEN_TEXT || token_is(t, ")"));
        if (is && operand)
            return t->quad || t->row;
        operand = is;
    }
}

/* After "t = 1": whether ", 2" goes on with the list rather than with another condition. */
static bool list_goes_on(parser *p)
{
    tree_relation relation;
    if (!token_is(parser_next(p), ","))
        return false;
    if (parser_ahead(p, 1)->quad && !token_is(parser_ahead(p, 1), "\\dots"))
        return false;
    for (int k = 1;; k++) {
        const token *t = parser_ahead(p, k);
        if (t->kind == TOKEN_END || t->kind == TOKEN_TEXT || token_is(t, ",") || token_is(t, ")") ||
            (k > 1 && (t->quad || t->row)))
            return k > 1;
        if (token_relation(t, &relation))
            return false;
    }
}

tree *parse_condition(parser *p)
{
    const token *first = parser_next(p);
    tree *t = parse_relation(p);
    for (int k = 0; t->kind == TREE_RELATION && k + 1 < t->count; k++)
        if (t->relations[k] == REL_ADDS)
            parser_fail(p, first, "\"+=\" stands in a condition, which changes nothing");
    if (t->kind != TREE_RELATION || t->count != 2 || t->relations[0] != REL_EQ || !list_goes_on(p))
        return t;
    tree_list items = { 0 };
    list_add(p, &items, t->child[1]);
    while (list_goes_on(p)) {
        p->next++;
        list_add(p, &items, parse_sum(p));
    }
    tree *sides[] = { t->child[0], parser_parent(p, TREE_SET, first, items.count, items.item) };
    tree_relation *in = ARENA_NEW(p->arena, tree_relation);
    if (!in)
        parser_fail(p, first, "there is no memory");
    *in = REL_IN;
    t = parser_parent(p, TREE_RELATION, first, 2, sides);
    t->relations = in;
    return t;
}

/* Whether what comes after `from` tokens, up to a comma, is a formula. */
static bool formula_ahead(parser *p, int from)
{
    tree_relation relation;
    int depth = 0;
    for (int k = from;; k++) {
        const token *t = parser_ahead(p, k);
        if (t->kind == TOKEN_END || (!depth && k > from && (token_punctuation(t) || t->quad || t->row)))
            return false;
        depth += (token_is(t, "{") || token_is(t, "(") || token_is(t, "[")) -
                 (token_is(t, "}") || token_is(t, ")") || token_is(t, "]"));
        if (!depth && token_relation(t, &relation))
            return relation == REL_EQ || relation == REL_DEFINED;
    }
}

/* What restricts the formula before it, up to its end or the next formula. */
void parse_conditions(parser *p, tree_list *parts)
{
    bool separated = true;
    for (;;) {
        const token *t = parser_next(p);
        int comma = token_is(t, ",") || token_is(t, ";") || token_is(t, ".");
        const token *after = parser_ahead(p, comma);
        bool wide = after->quad || after->row;
        if (after->kind == TOKEN_END) {
            p->next += comma;
            return;
        }
        if (comma && token_punctuation(after))
            parser_fail(p, after, "a condition or a formula is expected, not \"%s\"", after->name);
        if (!comma && !wide && !separated && after->kind != TOKEN_TEXT)
            parser_fail(p, after, "a comma, \\quad or the end is expected after a condition");
        if (!condition_ahead(p, comma)) {
            if (comma && !wide && !formula_ahead(p, 1))
                parser_fail(p, after,
                            "after a comma a condition is expected (t < T); formulas are separated by \", \\qquad\"");
            p->next += comma;
            return;
        }
        p->next += comma;
        separated = false;
        if (after->kind == TOKEN_TEXT) {
            p->next++;
            bool opened = *after->name == '('; /* \text{(since } h_0 = 0) */
            if (introduces(after->name + opened)) {
                separated = true;
                bool joins =
                    !strcmp(after->name, "and") || !strcmp(after->name, "where") || !strcmp(after->name, "with");
                if (joins && !condition_ahead(p, 0) && formula_ahead(p, 0))
                    return;
                bool reason = !strcmp(after->name + opened, "since") ||
                              !strcmp(after->name + opened, "because"); /* says why, not when */
                if ((reason || opened || !condition_ahead(p, 0)) && parser_next(p)->kind != TOKEN_END) {
                    tree *said = parse_condition(p);
                    if (!reason)
                        list_add(p, parts, said);
                    if (opened)
                        parser_expect(p, ")", after);
                    separated = false;
                }
                continue;
            }
            tree *words = parser_node(p, TREE_WORDS, after);
            words->name = after->name;
            list_add(p, parts, words);
            continue;
        }
        if (parser_take(p, "\\forall")) {
            list_add(p, parts, parse_condition(p));
            continue;
        }
        bool bracket = parser_take(p, "(");
        do
            list_add(p, parts, parse_condition(p));
        while (bracket && parser_take(p, ","));
        if (bracket)
            parser_expect(p, ")", after);
    }
}

/* "t = 1, \\dots, T" by itself, in a sentence. */
bool range_ahead(parser *p)
{
    const token *t = parser_ahead(p, 2);
    int k = 3;
    if (!token_letter(parser_next(p)) || !token_is(parser_ahead(p, 1), "=") ||
        (!token_letter(t) && t->kind != TOKEN_NUMBER))
        return false;
    while (token_is(parser_ahead(p, k), ",") && parser_ahead(p, k + 1)->kind == TOKEN_NUMBER)
        k += 2;
    if (k > 3 && parser_ahead(p, k)->kind == TOKEN_END) /* l = 1, 2 */
        return true;
    return token_is(parser_ahead(p, k), ",") && token_is(parser_ahead(p, k + 1), "\\dots");
}
