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
    return is_d(t) && !token_is(t + 1, "_") ? "d" : NULL;
}

static tree *derivative(parser *p, const token *first, tree *above, tree *below)
{
    tree *both[] = { above, below };
    for (int k = 0; k < 2; k++) { /* \partial L / \partial (W_z)_{ji} is one by an element */
        const tree *name = both[k]->kind == TREE_ELEMENT ? both[k]->child[0] : NULL;
        if (!name || name->kind != TREE_SYMBOL || both[k]->child[1]->kind == TREE_RANGE) /* f[:H] is kept as written */
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
        parser_fail(p, t, "\"\\partial%s\" is not known here", t->name);
    return parse_factor(p);
}

/* ---- What stands behind a sign: \partial^2, \partial^{2}, \partial^+ ---- */

typedef struct order {
    int times; /* how often is differentiated, at least 1 */
    bool immediate;
} order;

static order parse_order(parser *p)
{
    order o = { 1, false };
    const token *hat = parser_next(p), *t = hat + 1;
    bool braces = token_is(t, "{");
    t += braces;
    if (!token_is(hat, "^") || (braces && !token_is(t + 1, "}")))
        return o;
    o.immediate = token_is(t, "+");
    if (!o.immediate && (t->kind != TOKEN_NUMBER || strlen(t->name) > 1 || *t->name < '1' || *t->name > '4'))
        parser_fail(p, hat, "a derivative of order 2, 3 or 4 is expected, not \"%.12s\"", t->name);
    o.times = o.immediate ? 1 : *t->name - '0';
    p->next += 2 + 2 * braces;
    return o;
}

static tree *immediate(parser *p, tree *t, const token *first)
{
    t->held = parser_node(p, TREE_SYMBOL, first);
    t->held->name = "immediate";
    return t;
}

/* How often is differentiated by what stands below the line: a^2 twice; then it is the a. x^\top, beside x, is x. */
static int times_below(tree **below)
{
    tree *t = *below;
    bool power = t->kind == TREE_POW && !t->brackets && t->child[1]->kind == TREE_NUMBER && t->child[1]->value >= 1 &&
                 t->child[1]->value <= 4;
    int times = power ? (int)t->child[1]->value : 1;
    *below = power || t->kind == TREE_TRANSPOSE ? t->child[0] : t;
    return times;
}

/* \partial a_i \partial a_j, \partial a^2, behind the first sign, which is read already; the one named first is
 * differentiated by first. `above` comes later where it stands behind the fraction: then a place for it is left. */
static int parse_below(parser *p, const char *sign, order o, tree *below[4])
{
    int count = 0;
    for (;;) {
        const token *at = parser_next(p);
        if (o.immediate)
            parse_order(p);
        tree *by = operand(p);
        int times = o.times > 1 ? times_below(&by) : 1;
        if (count + times > o.times)
            parser_fail(p, at, "a derivative of order %d has more variables below the line", o.times);
        while (times--)
            below[count++] = by;
        if (count == o.times)
            return count;
        if (*sign == '\\' ? !parser_take(p, sign) : !is_d(parser_next(p)))
            parser_fail(p, parser_next(p), "a derivative of order %d has %d variable%s below the line", o.times, count,
                        count == 1 ? "" : "s");
        p->next += *sign != '\\';
    }
}

static tree *derivatives(parser *p, const token *first, tree *above, tree **below, int count)
{
    for (int k = 0; k < count; k++)
        above = derivative(p, first, above, below[k]);
    return above;
}

static tree *operand_of_call(parser *p, int last)
{
    tree *t = operand(p);
    if (t->kind != TREE_SYMBOL || t->brackets || !names_only(p, p->next, last))
        return t;
    bool list = false;
    for (int k = p->next; k < last; k++)
        list |= token_is(&p->token[k], ",") || token_is(&p->token[k], ";");
    if (list)
        t->sub = parse_primary(p); /* H(q, p), beside an H(q) */
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

/* \frac{\partial A}{\partial B}, \frac{\partial}{\partial B} A, \frac{\partial^2 A}{\partial B \partial C} */
static tree *parse_leibniz(parser *p, const token *first, const token *open, const token *second, const char *sign)
{
    char inner = p->inner;
    tree *above = NULL, *below[4];
    p->brackets++;
    p->inner = '{';
    p->next += 2;
    order o = parse_order(p);
    if (!token_is(parser_next(p), "}"))
        above = numerator(p, open->match - 1);
    parser_expect(p, "}", open);
    p->next += 2;
    int count = parse_below(p, sign, o, below);
    parser_expect(p, "}", second);
    p->brackets--;
    p->inner = inner;
    if (!above)
        above = differentiated(p, true);
    tree *t = derivatives(p, first, above, below, count);
    return o.immediate ? immediate(p, t, first) : t;
}

tree *parse_fraction(parser *p)
{
    const token *first = parser_next(p), *open = first + 1;
    p->next++;
    if (token_is(open, "{") && token_is(&p->token[open->match + 1], "{")) {
        const token *second = &p->token[open->match + 1];
        const char *above_sign = differential(p, (int)(open - p->token)),
                   *below_sign = differential(p, (int)(second - p->token));
        if (above_sign && below_sign && !strcmp(above_sign, below_sign) && !token_is(second + 2, "}"))
            return parse_leibniz(p, first, open, second, below_sign);
    }
    tree *above = parse_braces(p), *both[] = { above, parse_braces(p) };
    return parser_parent(p, TREE_DIV, first, 2, both);
}

/* \partial A / \partial B, {\partial A}/{\partial B}, \partial^2 A / \partial B^2 */
static tree *parse_partials(parser *p)
{
    const token *first = parser_next(p);
    tree *above = NULL, *below[4];
    int count = 0;
    order o = { 0 };
    for (int k = 0; k < 2; k++) {
        const token *open = parser_next(p);
        bool braces = parser_take(p, "{");
        if (!parser_take(p, "\\partial"))
            parser_fail(p, parser_next(p), "\"\\partial\" is expected below a derivative");
        p->brackets += braces;
        if (k)
            count = parse_below(p, "\\partial", o, below);
        else {
            o = parse_order(p);
            above = operand(p);
            if (above->kind == TREE_SYMBOL && token_is(parser_next(p), "(")) { /* \partial X(\theta + v) */
                tree *call[] = { above, parse_bracket(p) };
                above = parser_parent(p, TREE_MUL, first, 2, call);
                above->brackets = '(';
            }
        }
        p->brackets -= braces;
        if (braces)
            parser_expect(p, "}", open);
        if (!k && !parser_take(p, "/"))
            parser_fail(p, parser_next(p), "\"/ \\partial\" is expected: a derivative is \\partial A / \\partial B");
    }
    tree *t = derivatives(p, first, above, below, count);
    t->inline_ = true;
    return o.immediate ? immediate(p, t, first) : t;
}

/* \nabla_x A, \partial_x A; \nabla_x^2 A and \nabla^2_x A, the matrix of second derivatives */
/* Does the bracket that begins here hold several things? */
static bool lists_arguments(const parser *p)
{
    int depth = 0;
    for (const token *t = &p->token[p->next]; t->kind != TOKEN_END; t++) {
        depth += token_is(t, "(") - token_is(t, ")");
        if (!depth || (depth == 1 && (token_is(t, ",") || token_is(t, ";"))))
            return depth == 1;
    }
    return false;
}

static tree *parse_nabla(parser *p)
{
    const token *first = parser_next(p);
    tree *below[4];
    p->next++;
    order o = parse_order(p);
    const token *at = parser_next(p);
    bool called = token_letter(at) && token_is(at + 1, "(");
    int styled = called && at[2].kind == TOKEN_COMMAND; /* \nabla f(\mathbf x) */
    if (called && token_letter(at + 2 + styled) && token_is(at + 3 + styled, ")")) {
        tree *above = parse_braces(p);
        p->next++;
        below[0] = below[1] = below[2] = below[3] = parse_braces(p);
        p->next++;
        return derivatives(p, first, above, below, o.times);
    }
    if (called && o.times == 1) { /* \nabla f(x_t): f' there */
        tree *name = parse_braces(p);
        name->primes++;
        return name;
    }
    if (!parser_take(p, "_"))
        parser_fail(p, at, "\"\\nabla\" needs its variable: \\nabla_{W} is expected");
    bool before = p->subscript;
    p->subscript = false;
    if (token_is(parser_next(p), "{")) {
        char separator;
        p->next++;
        tree_list parts = parse_items(p, "}", at, &separator);
        below[0] = as_one(p, parts, at);
    } else
        below[0] = parse_braces(p);
    p->subscript = before;
    if (o.times == 1 && token_is(parser_next(p), "^"))
        o = parse_order(p);
    tree *by = below[0];
    bool mixed = o.times > 1 && by->count == o.times && (by->kind == TREE_TUPLE || by->kind == TREE_MUL);
    for (int k = 0; k < o.times; k++)
        below[k] = mixed ? by->child[k] : by;
    tree *above = differentiated(p, false);
    if (above->kind == TREE_SYMBOL && !above->brackets && token_is(parser_next(p), "(")) { /* \nabla_w J(w) */
        int close = p->next;
        while (p->token[close].kind != TOKEN_END && !token_is(&p->token[close], ")"))
            close++;
        bool same = close == p->next + 2 && by->kind == TREE_SYMBOL && !strcmp(p->token[p->next + 1].name, by->name);
        if (same)
            p->next = close + 1;
        else if (lists_arguments(p)) /* \nabla_z L(z, y) */
            above->sub = parse_bracket(p);
    }
    return derivatives(p, first, above, below, o.times);
}

/* ---- Behind the bar ---- */

static bool says(const token *t, const char *const *words)
{
    for (; t->kind == TOKEN_TEXT && *words; words++)
        if (!strcmp(t->name, *words))
            return true;
    return false;
}

/* The quantity below the line as it is used at one step: W at (t), the step's index added to its name. */
static void use_at(parser *p, tree *t, tree *step, const token *at)
{
    tree *whole = t->child[1], *name = whole->kind == TREE_POW ? whole->child[0] : whole, *copy;
    if (name->kind != TREE_SYMBOL)
        parser_fail(p, at, "a step behind the bar is expected to be one of a quantity below the line");
    copy = parser_node(p, TREE_SYMBOL, at);
    tree **child = ARENA_ARRAY(p->arena, tree *, name->count + 1);
    if (!child)
        parser_fail(p, at, "there is no memory");
    for (int k = 0; k < name->count; k++)
        child[k] = name->child[k];
    child[name->count] = step;
    step->brackets = 0;
    *copy = *name;
    copy->child = child, copy->count = name->count + 1;
    copy->accents = *name->accents ? arena_format(p->arena, "eddycopy %s", name->accents) : "eddycopy";
    if (whole->kind == TREE_POW)
        whole->child[0] = copy;
    else
        t->child[1] = copy;
}

/* "fixed" behind quantities that are held: that is what the bar says already. */
static void parse_fixed(parser *p)
{
    static const char *const fixed[] = { "fixed",     "held fixed", "const", "constant",
                                         "are fixed", "is fixed",   "held",  NULL };
    const token *said = parser_next(p);
    if (said->kind != TOKEN_TEXT)
        return;
    if (!says(said, fixed))
        parser_fail(p, said,
                    "behind the bar quantities that are held \"fixed\" are expected, or \"via\" quantities, or \"at "
                    "step\" t, not \"%.24s\"",
                    said->name);
    p->next++;
}

/* _{h, C}, _{\text{via } o_{t+1}}, _{\text{at step } t}, _{(t)}, _{\text{direct}} */
void parse_bar(parser *p, tree *t)
{
    static const char *const via[] = { "via", "through", "along", "only via", "only through", "by way of", NULL };
    static const char *const step[] = {
        "step", "at step", "via step", "from step", "in step", "at time", "time", NULL
    };
    static const char *const direct[] = { "direct", "explicit", "immediate", "local", NULL };
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
    const token *said = parser_next(p);
    bool steps = says(said, step), whole = says(said, direct);
    if (says(said, via)) {
        tree *words = parser_node(p, TREE_WORDS, said);
        words->name = "via";
        list_add(p, &items, words);
    }
    p->next += steps || whole || items.count;
    while (!whole) {
        list_add(p, &items, parse_sum(p));
        if (items.count == 1 && parser_take(p, "=")) {
            parse_evaluated(p, t, items.item[0], at);
            p->inner = inner;
            p->brackets--;
            parser_expect(p, "}", open);
            return;
        }
        if (!parser_take(p, ",") || parser_next(p)->kind == TOKEN_TEXT)
            break;
    }
    parse_fixed(p);
    p->inner = inner;
    p->brackets--;
    parser_expect(p, "}", open);
    bool alone = items.count == 1 && items.item[0]->brackets == '(' && items.item[0]->kind != TREE_TUPLE;
    if (whole)
        immediate(p, t, at);
    else if (items.count == 1 && (steps || alone))
        use_at(p, t, items.item[0], at);
    else
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
    else if (token_is(first, "\\partial") &&
             (token_is(first + 1, "_") || (token_is(first + 1, "^") && token_is(first + 3, "_"))))
        return parse_nabla(p);
    else if (token_is(first, "\\partial") ||
             (token_is(first, "{") && token_is(first + 1, "\\partial") && token_is(&p->token[first->match + 1], "/")))
        t = parse_partials(p);
    else if (token_is(first, "\\nabla"))
        return parse_nabla(p);
    else if (!p->subscript && quotient_ahead(p))
        t = parse_quotient(p);
    else if (token_is(first, "left."))
        t = parse_open_left(p);
    else
        return NULL;
    if (t->kind == TREE_DERIV && !t->held)
        t = parse_held(p, t, first);
    return parse_scripts(p, t, first);
}
