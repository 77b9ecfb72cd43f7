/* Notations that say something simpler: \begin{cases} as a sum with indicators, y(t) as y_t, dW as a name. */
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

int step_ahead(const token *open)
{
    if (!token_is(open, "("))
        return 0;
    const token *step = open + 1;
    bool letter = step->kind == TOKEN_LETTER && (!strcmp(step->name, "t") || !strcmp(step->name, "T"));
    bool shifted = letter && (token_is(step + 1, "-") || token_is(step + 1, "+")) && step[2].kind == TOKEN_NUMBER;
    bool number = step->kind == TOKEN_NUMBER && (!strcmp(step->name, "0") || !strcmp(step->name, "1"));
    int length = shifted ? 5 : 3;
    return (letter || number) && token_is(&open[length - 1], ")") ? length : 0;
}

/* t, t - 1, T, 1 */
static bool is_step(const tree *t)
{
    if (t->kind == TREE_ADD)
        return t->count == 2 && is_step(t->child[0]) && t->child[0]->kind == TREE_SYMBOL;
    return t->kind == TREE_NUMBER
               ? t->value <= 2
               : t->kind == TREE_SYMBOL && !t->count && (!strcmp(t->name, "t") || !strcmp(t->name, "T"));
}

/* (k), (j, k), (k') in front of us: indices of elements, and nothing else. */
static bool elements_ahead(const token *open)
{
    const token *t = open;
    if (!token_is(open, "(") || open->quad)
        return false;
    do {
        t++;
        if (!token_letter(t) || !strchr("ijklmnrs", t->name[0]) || (t->name[1] && t->name[1] != '\''))
            return false;
        t += 1 + token_is(t + 1, "'");
    } while (token_is(t, ","));
    return token_is(t, ")");
}

/* w of w^g, with a label above. */
static tree *labelled(tree *t)
{
    bool label = t->kind == TREE_POW && !t->brackets && t->child[0]->kind == TREE_SYMBOL &&
                 t->child[1]->kind == TREE_SYMBOL && !t->child[1]->count;
    return label ? t->child[0] : NULL;
}

/* \alpha_t(k), \xi_t(j, k), w^g_t(i): elements of what stands at a step. */
static bool parse_elements(parser *p, tree *t, const token *first)
{
    const token *open = parser_next(p);
    if (labelled(t)) {
        bool there = parse_elements(p, labelled(t), first);
        parser_seal(p, t, first);
        return there;
    }
    if (p->subscript || t->kind != TREE_SYMBOL || t->brackets || !t->count || !is_step(t->child[t->count - 1]) ||
        !elements_ahead(open))
        return false;
    char separator;
    tree_list parts = { 0 };
    for (int k = 0; k < t->count; k++)
        list_add(p, &parts, t->child[k]);
    p->next++;
    tree_list items = parse_items(p, ")", open, &separator);
    for (int k = 0; k < items.count; k++)
        list_add(p, &parts, items.item[k]);
    t->child = parts.item;
    t->count = parts.count;
    parser_seal(p, t, first);
    return true;
}

/* A letter, or ij: letters side by side; but not t, which is a step already. */
static bool is_letters(const tree *t)
{
    if (t->kind == TREE_MUL)
        for (int k = 0; k < t->count; k++)
            if (t->child[k]->kind != TREE_SYMBOL || t->child[k]->join != JOIN_BESIDE || !is_letters(t->child[k]))
                return false;
    return t->kind == TREE_MUL || (t->kind == TREE_SYMBOL && strcmp(t->name, "t"));
}

/* y(t), y_j(t - 1), w_{ij}(t), c(T), c(0), y^c(t): the step in brackets behind a name is its first index. */
static bool step_behind(parser *p, tree *t, const token *first)
{
    bool turned = t->kind == TREE_TRANSPOSE && !t->brackets && t->child[0]->kind == TREE_SYMBOL, /* w^T(k) is w(k)^T */
        squared = t->kind == TREE_POW && !t->brackets && t->child[0]->kind == TREE_SYMBOL &&
                  t->child[1]->kind == TREE_NUMBER; /* e^2(k) is e(k)^2 */
    if (turned || squared ||
        (labelled(t) &&
         (strcmp(t->child[0]->name, "e") || t->child[0]->count))) { /* the label or element stands above */
        bool there = step_behind(p, t->child[0], first);
        parser_seal(p, t, first);
        return there;
    }
    static const char *const scalars[] = { "t", "T", "\\lambda", "\\beta", "\\gamma", "\\eta" };
    int length = step_ahead(parser_next(p));
    if (!length || p->subscript || t->kind != TREE_SYMBOL || t->brackets || parser_next(p)->quad)
        return false;
    bool letter = length == 3 && parser_ahead(p, 1)->kind == TOKEN_LETTER;
    for (size_t k = 0; k < sizeof scalars / sizeof *scalars; k++)
        if (!strcmp(t->name, scalars[k]) &&
            (k < 2 || (!letter && !t->count))) /* \lambda (t - 1), but \lambda_i(t - 1) */
            return false;
    for (int k = 0; k < t->count; k++)
        if (!is_letters(t->child[k]))
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

bool parse_step(parser *p, tree *t, const token *first)
{
    return parse_elements(p, t, first) || step_behind(p, t, first);
}

static const char *const signs[][2] = { { "d", "d" }, { "\\delta", "delta" }, { "\\Delta", "Delta" } };

/* The name at the bottom of h, h^2, h^\top, h[:n]. */
static tree *bottom(tree *t)
{
    while (!t->brackets && (t->kind == TREE_POW || t->kind == TREE_TRANSPOSE || t->kind == TREE_ELEMENT))
        t = t->child[0];
    return t->brackets || t->kind != TREE_SYMBOL ? NULL : t;
}

/* Which sign `t` is, if a name follows it. */
static const char *sign_before(const tree *t, tree *next)
{
    if (t->kind != TREE_SYMBOL || t->count || t->primes || *t->accents || t->brackets || next->join != JOIN_BESIDE ||
        !bottom(next))
        return NULL;
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        if (!strcmp(t->name, signs[k][0]))
            return k || t->at + t->length == next->at ? signs[k][1] : NULL;
    return NULL;
}

const char *latex_sign(const tree *formula)
{
    const tree *t = formula->kind == TREE_FORMULA ? formula->child[0] : formula;
    if (t->kind == TREE_RELATION)
        t = t->child[0];
    bool product = t->kind == TREE_MUL && t->count == 2 && t->child[0]->kind == TREE_SYMBOL && !t->child[0]->count &&
                   !*t->child[0]->accents && !t->child[0]->primes && !strcmp(t->child[0]->name, "d") &&
                   t->child[1]->kind == TREE_MUL && t->child[1]->brackets == '(';
    if (product) /* d(XY) = dX Y + X dY */
        return "d";
    return t->kind == TREE_MUL && t->count == 2 && t->child[1]->kind == TREE_SYMBOL
               ? sign_before(t->child[0], t->child[1])
               : NULL;
}

/* Is the factor the name that a sign is looked for in front of? */
static bool is_like(tree *factor, const tree *like)
{
    const tree *name = like ? bottom(factor) : NULL;
    return !like || (name && !strcmp(name->name, like->name) && !strcmp(name->accents, like->accents));
}

static tree *merged(arena *a, tree *t, const char *sign, const tree *like)
{
    for (int k = 0; k < t->bounds; k++) {
        t->bound[k].from = t->bound[k].from ? merged(a, t->bound[k].from, sign, like) : NULL;
        t->bound[k].to = t->bound[k].to ? merged(a, t->bound[k].to, sign, like) : NULL;
    }
    int kept = 0;
    for (int k = 0; k < t->count; k++) {
        const char *here = t->kind == TREE_MUL && k + 1 < t->count ? sign_before(t->child[k], t->child[k + 1]) : NULL;
        if (here && !strcmp(here, sign) && is_like(t->child[k + 1], like)) {
            tree *name = bottom(t->child[k + 1]);
            name->accents = *name->accents ? arena_format(a, "%s %s", sign, name->accents) : sign;
            t->child[k + 1]->join = t->child[k]->join;
            continue;
        }
        t->child[kept++] = merged(a, t->child[k], sign, like);
    }
    t->count = kept;
    if (t->kind != TREE_MUL || kept > 1)
        return t;
    t->child[0]->join = t->join;
    t->child[0]->brackets = t->child[0]->brackets ? t->child[0]->brackets : t->brackets;
    return t->child[0];
}

void latex_merge(arena *a, tree *formula, const char *sign, const tree *like)
{
    merged(a, formula, sign, like);
}

const char *latex_merged(const tree *t)
{
    while (t->kind == TREE_FORMULA || t->kind == TREE_RELATION || t->kind == TREE_POW)
        t = t->child[0];
    for (size_t k = 0; k < sizeof signs / sizeof *signs && t->kind == TREE_SYMBOL; k++) {
        size_t n = strlen(signs[k][1]);
        if (!strncmp(t->accents, signs[k][1], n) && (!t->accents[n] || t->accents[n] == ' '))
            return signs[k][1];
    }
    return NULL;
}

bool latex_defines_primed(const tree *formula)
{
    const tree *t = formula->count ? formula->child[0] : formula;
    while (t->kind == TREE_RELATION || t->kind == TREE_POW ||
           (t->kind == TREE_MUL && t->count == 2 && t->child[1]->brackets == '(')) /* f'(x) = ...; not h' h = ... */
        t = t->child[0];
    return t->kind == TREE_SYMBOL && t->primes;
}

void latex_transpose_primed(arena *a, tree *t, const char *const *matrices, int count)
{
    for (int i = 0; i < t->count; i++) {
        tree *c = t->child[i];
        const tree *next = t->kind == TREE_MUL && i + 1 < t->count ? t->child[i + 1] : NULL;
        bool function = next && next->brackets == '(' && next->join == JOIN_BESIDE;
        for (int k = 0; k < count && function && c->kind == TREE_SYMBOL; k++)
            function = strcmp(matrices[k], c->name) != 0;
        latex_transpose_primed(a, c, matrices, count);
        if (c->kind != TREE_SYMBOL || c->primes != 1 || function || t->kind == TREE_SYMBOL)
            continue;
        tree *inside = ARENA_NEW(a, tree), **child = ARENA_ARRAY(a, tree *, 1);
        if (!inside || !child)
            return;
        *inside = *c;
        inside->primes = 0;
        inside->join = JOIN_BESIDE;
        child[0] = inside;
        *c = (tree){ .kind = TREE_TRANSPOSE,
                     .at = c->at,
                     .length = c->length,
                     .name = "",
                     .accents = "",
                     .style = "",
                     .child = child,
                     .count = 1,
                     .height = c->height + 1,
                     .join = c->join };
    }
}
