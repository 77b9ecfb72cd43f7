/* Subscripts and superscripts, and what they belong to. */
#include "latex_parser.h"

#include <string.h>

static bool is_open(const tree *t)
{
    return t->kind == TREE_RANGE && !tree_range_end(t, 0) && !tree_range_end(t, 1);
}

/* A letter that counts elements: i, j, n. */
static bool counts(const tree *t)
{
    return t && t->kind == TREE_SYMBOL && !t->count && !t->primes && !*t->accents && t->name[0] >= 'a' &&
           t->name[0] <= 'z' && !t->name[1];
}

/* W_{i:} and W_{i,:} are row i, W_{:j} is column j; a colon at the end says nothing more. */
static tree_list plain_rows(parser *p, tree_list parts)
{
    tree *only = parts.item[0];
    if (parts.count == 1 && only->kind == TREE_RANGE) {
        const tree *from = tree_range_end(only, 0), *to = tree_range_end(only, 1);
        if (counts(from) && !to)
            parts.item[0] = only->child[0];
        else if (!from && counts(to)) {
            tree *column = only->child[1];
            only->child[1] = only->child[0];
            list_add(p, &parts, column);
        }
    }
    tree *last = parts.item[parts.count - 1];
    if (parts.count > 1 && last->kind == TREE_RANGE && counts(tree_range_end(last, 0)) && !tree_range_end(last, 1))
        parts.item[parts.count - 1] = last->child[0]; /* H_{t,n:} */
    while (parts.count > 1 && is_open(parts.item[parts.count - 1]))
        parts.count--;
    return parts;
}

/* W_{j\cdot}, W_{\cdot,k}: all of an axis, as in W_{j,:}. */
static void dots_to_ranges(parser *p, const token *open)
{
    for (int k = p->next + 1; k < open->match; k++) {
        const token *before = &p->token[k - 1], *after = &p->token[k + 1];
        bool first = before == open || token_is(before, ","), last = k + 1 == open->match || token_is(after, ",");
        if (token_is(&p->token[k], "\\cdot") && first != last)
            p->token[k].name = ":";
        else if (token_is(&p->token[k], "\\cdot") && first && (before != open || k + 1 != open->match))
            p->token[k].name = ":";
    }
}

tree_list parse_subscript(parser *p)
{
    tree_list parts = { 0 };
    const token *open = parser_next(p);
    if (token_is(open, "{"))
        dots_to_ranges(p, open);
    bool before = p->subscript;
    const token *only = token_is(open, "{") && open->match == p->next + 2 ? open + 1 : open;
    if (token_is(only, "\\infty")) { /* \|x\|_\infty; see add_subscript */
        p->next += only == open ? 1 : 3;
        tree *infinity = parser_node(p, TREE_SYMBOL, only);
        infinity->name = "\\infty";
        list_add(p, &parts, infinity);
        return parts;
    }
    p->subscript = true;
    if (parser_take(p, "{")) {
        char separator;
        if (token_is(parser_next(p), "}"))
            parser_fail(p, open, "the subscript is empty");
        int wrapped =
            token_is(parser_next(p), "\\{") && token_is(&p->token[open->match - 1], "\\}"); /* 1_{\{i = j\}} */
        p->next += wrapped;
        p->ranges = !wrapped;
        parts = plain_rows(p, parse_items(p, wrapped ? "\\}" : "}", open, &separator));
        if (wrapped)
            parser_expect(p, "}", open);
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
    return token_is(t, "\\top") ||
           (alone &&
            ((t->kind == TOKEN_LETTER || t->kind == TOKEN_WORD || t->kind == TOKEN_TEXT) && !strcmp(t->name, "T")));
}

/* Where the bracket that opens at `first` within a superscript closes; -1: none opens there. */
static int bracket_close(parser *p, const token *brace, int first)
{
    static const char *const pairs[][2] = { { "(", ")" }, { "[", "]" }, { "\\langle", "\\rangle" }, { "<", ">" } };
    int depth = 0;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (int k = first; token_is(&p->token[first], pairs[i][0]) && k < brace->match; k++) {
            depth += token_is(&p->token[k], pairs[i][0]) - token_is(&p->token[k], pairs[i][1]);
            if (!depth)
                return k;
        }
    return -1;
}

/* Is it ^{(t)}, ^{[l]}, ^{[l](i)}, ^{\langle t\rangle}, ^{<t>}: brackets, and nothing but a sign of transposition
 * behind them? */
static bool is_raised(parser *p, const token *brace)
{
    int at = (int)(brace - p->token) + 1, brackets = 0;
    const bool several = token_is(&p->token[at], "["); /* (x)(2) is a product */
    for (int close; (several || !brackets) && (close = bracket_close(p, brace, at)) >= 0; at = close + 1)
        brackets++;
    return brackets && (at == brace->match || (at + 1 == brace->match && is_top(p, &p->token[at], true)));
}

/* t, t - 1, 2, T: what a step or a layer is called, rather than a power. */
static bool plain_index(const tree *t, bool sums)
{
    bool letter = t->kind == TREE_SYMBOL && !t->count && !*t->accents && !t->primes;
    if (letter || t->kind == TREE_NUMBER || t->kind == TREE_TUPLE)
        return true;
    return sums && t->kind == TREE_ADD && t->count == 2 && plain_index(t->child[0], false) &&
           (t->child[1]->kind == TREE_NUMBER ||
            (t->child[1]->kind == TREE_NEG && t->child[1]->child[0]->kind == TREE_NUMBER));
}

/* W^{(xh)} */
static bool raised_label(const tree *t)
{
    bool letters = t->kind == TREE_MUL;
    for (int k = 0; letters && k < t->count; k++)
        letters = t->child[k]->kind == TREE_SYMBOL && !t->child[k]->count && !t->child[k]->brackets &&
                  t->child[k]->join == JOIN_BESIDE;
    return letters;
}

/* One bracket of a raised index: its parts are added, in the brackets that they were written with. */
static void parse_raised_one(parser *p, const token *open, int close, bool sums, tree_list *all)
{
    const token *bracket = parser_next(p);
    tree_list parts = { 0 };
    char separator;
    bool round = token_is(bracket, "("), angle = token_is(bracket, "<") || token_is(bracket, "\\langle");
    p->next++;
    if (angle) {
        p->brackets++;
        list_add(p, &parts, parse_sum(p));
        p->brackets--;
        if (p->next++ != close)
            parser_fail(p, bracket, "an index is expected in \"%s\"", bracket->name);
    } else
        parts = parse_items(p, round ? ")" : "]", bracket, &separator);
    no_relations(p, parts, bracket);
    for (int k = 0; k < parts.count; k++) {
        if (round && !raised_label(parts.item[k]) && !plain_index(parts.item[k], sums))
            parser_fail(p, open,
                        "a superscript in brackets may be an index or a power: a subscript is expected for an index");
        parts.item[k]->brackets = round ? '(' : '[';
        list_add(p, all, parts.item[k]);
    }
}

/* x^{(t)}_k says x_{t,k}, Z^{[l](i)} Z_{l,i}: the raised indices come first. */
static bool parse_raised(parser *p, const tree *base, bool scripted, tree_list *parts, bool *transposed)
{
    const token *open = parser_ahead(p, 1);
    bool before = p->subscript;
    if (base->kind != TREE_SYMBOL || base->brackets || !token_is(open, "{") || !is_raised(p, open))
        return false;
    bool euler = !strcmp(base->name, "e") && !*base->accents && !scripted && /* e_i^{(t+1)} is none */
                 !token_is(&p->token[open->match + 1], "_");
    p->next += 2;
    p->subscript = true;
    for (int close; (close = bracket_close(p, open, p->next)) >= 0;)
        parse_raised_one(p, open, close, !euler, parts);
    p->subscript = before;
    *transposed = p->next < open->match;
    p->next = open->match + 1;
    return true;
}

superscript parse_superscript(parser *p)
{
    superscript s = { 0 };
    const token *open = parser_next(p), *star = open + token_is(open, "{");
    bool before = p->subscript;
    if ((token_is(star, "*") || token_is(star, "\\star")) &&
        (star == open || open->match == p->next + 2)) { /* y^*: a name of its own */
        p->next += star == open ? 1 : 3;
        s.power = parser_node(p, TREE_SYMBOL, star);
        s.power->name = "*";
        s.power->style = "rm";
        return s;
    }
    s.letter = !token_is(star, "\\top");
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
    if ((token_is(parser_next(p), "\\odot") || token_is(parser_next(p), "\\circ")) &&
        parser_ahead(p, 1)->kind == TOKEN_NUMBER) { /* A^{\odot 2}: of each element */
        s.entrywise = true;
        p->next++;
    }
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
    if (parser_take(p, "}"))
        return s;
    if (is_raised(p, open))
        parser_fail(p, open,
                    "a superscript in brackets may be an index or a power: a subscript is expected for an index");
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
    bool power = (numeric(base) && s.letter) ||
                 ((base->kind == TREE_NORM || base->kind == TREE_ABS || base->kind == TREE_INNER) && s.letter) ||
                 (base->kind == TREE_SYMBOL && !strcmp(base->style, "bb"));
    if (s.transposed && !s.power && power) {
        s.power = parser_node(p, TREE_SYMBOL, first);
        s.power->name = "T";
        s.transposed = false;
    }
    if (s.transposed && !s.power && base->kind == TREE_NUMBER && base->value == 1 && !base->brackets)
        base = parser_node(p, TREE_ONES, first); /* 1^\top, as 1_B is */
    double times = s.entrywise && s.power->kind == TREE_NUMBER ? s.power->value : 0;
    if (times == 2 || times == 3) {
        tree_list factors = { 0 };
        for (int k = 0; k < (int)times; k++) {
            tree *factor = parser_node(p, base->kind, first);
            *factor = *base;
            factor->join = k ? JOIN_ODOT : JOIN_BESIDE;
            list_add(p, &factors, factor);
        }
        base = parser_parent(p, TREE_MUL, first, factors.count, factors.item);
        base->brackets = '(';
    } else if (s.power) {
        tree *both[] = { base, s.power };
        base = parser_parent(p, TREE_POW, first, 2, both);
    }
    if (!s.transposed)
        return base;
    tree *t = parser_parent(p, TREE_TRANSPOSE, first, 1, &base);
    t->inline_ = s.letter; /* ^T, which of a scalar is a power */
    return t;
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
    if (base->kind != TREE_NORM && parts.count == 1 && !strcmp(parts.item[0]->name, "\\infty"))
        parser_fail(p, at, "only a norm has the subscript \\infty: another name is expected");
    if (one && base->kind == TREE_NUMBER && !base->brackets) /* 1_B: of whose boldness the author had no need */
        base = parser_node(p, TREE_ONES, first);
    if (base->kind == TREE_NUMBER && base->value == 0 && !base->brackets && parts.count == 1) { /* 0_{n \times m} */
        base = parser_node(p, TREE_ONES, first);
        base->name = "0";
    }
    bool frobenius = parts.count == 1 && parts.item[0]->kind == TREE_SYMBOL && !strcmp(parts.item[0]->name, "F");
    if (base->kind == TREE_INNER && !base->brackets && frobenius) /* of matrices there is no other */
        return base;
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

/* Is there a colon in the square brackets that come? */
static bool slice_ahead(parser *p)
{
    int depth = 0;
    if (!token_is(parser_next(p), "[") || parser_next(p)->quad || parser_next(p)->row)
        return false;
    for (int k = 0;; k++) {
        const token *t = parser_ahead(p, k);
        depth += (token_is(t, "[") || token_is(t, "{") || token_is(t, "(")) -
                 (token_is(t, "]") || token_is(t, "}") || token_is(t, ")"));
        if (!depth || t->kind == TOKEN_END)
            return false;
        if (depth == 1 && token_is(t, ":"))
            return true;
    }
}

tree *parse_slice(parser *p, tree *base, const token *first)
{
    const token *open = parser_next(p);
    char separator;
    if (!slice_ahead(p))
        return base;
    p->next++;
    p->ranges = true;
    tree_list items = parse_items(p, "]", open, &separator), all = { 0 };
    list_add(p, &all, base);
    for (int k = 0; k < items.count; k++) {
        if (items.item[k]->kind != TREE_RANGE)
            parser_fail(p, open, "in square brackets with a colon every part is expected to be a range such as :H");
        items.item[k]->separator = '[';
        list_add(p, &all, items.item[k]);
    }
    return parse_scripts(p, parser_parent(p, TREE_ELEMENT, first, all.count, all.item), first);
}

/* What has no derivative that a prime could stand for. */
static bool is_turned_by_prime(const tree *base)
{
    return base->brackets == '(' || base->brackets == '[' || base->kind == TREE_ONES || base->kind == TREE_MATRIX ||
           (base->kind == TREE_NUMBER && base->value == 1);
}

tree *parse_scripts(parser *p, tree *base, const token *first)
{
    tree_list parts = { 0 }, front = { 0 };
    superscript raised = { 0 };
    int primes = 0;
    const token *at = NULL, *index = NULL;
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
        } else if (token_is(t, "^") && !up && !index && parse_raised(p, base, at != NULL, &front, &raised.transposed)) {
            index = t;
            up = raised.transposed;
        } else if (token_is(t, "^") && !up && !index) {
            p->next++;
            raised = parse_superscript(p);
            primes += raised.primes;
            up = raised.power || raised.transposed;
        } else if (token_is(t, "_") || token_is(t, "^"))
            parser_fail(p, t, "a second %sscript", *t->name == '_' ? "sub" : "super");
        else
            break;
    }
    tree *named = primes ? labelled_function(p, base, primes, first) : base; /* {f^{out}}' */
    if (named != base)
        base = named;
    else if (primes == 1 && !up && is_turned_by_prime(base)) /* (A X)', 1_n' */
        raised.transposed = up = true;
    else if (primes) {
        if (base->kind != TREE_SYMBOL || base->brackets)
            parser_fail(p, first, "a prime stands on something that is neither a symbol nor a function");
        base->primes += primes;
    }
    if (index) {
        for (int k = 0; k < parts.count; k++)
            list_add(p, &front, parts.item[k]);
        base = add_subscript(p, base, front, first, index);
    } else if (at)
        base = add_subscript(p, base, parts, first, at);
    if (!up && (base->kind == TREE_SYMBOL || base->brackets == '('))
        return parse_slice(p, base, first);
    return up ? labelled_function(p, apply_superscript(p, base, raised, first), 0, first) : base;
}
