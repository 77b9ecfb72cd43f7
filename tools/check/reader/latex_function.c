/* Functions, sums and products over an index, roots. */
#include "latex_parser.h"

#include <string.h>

/* Functions that take an argument without brackets too. Words that have a command are the command: \mathrm{tanh} is
 * \tanh. */
static const char *const commands[] = { "\\tanh", "\\exp",  "\\log",  "\\ln",  "\\sin", "\\cos", "\\sinh",
                                        "\\cosh", "\\sech", "\\coth", "\\tan", "\\max", "\\min" };
static const char *const words[] = { "softmax",   "diag", "tr",    "sign", "sgn", "sigmoid", "relu", "ReLU", "vec",
                                     "logsumexp", "Diag", "trace", "th",   "sh",  "ch",      "tg",   "sigm", "sgm" };

/* Capitals in front, as some write them. */
static const char *small(const token *t)
{
    static const char *const same[][2] = { { "Diag", "diag" },       { "Softmax", "softmax" }, { "SoftMax", "softmax" },
                                           { "Sigmoid", "sigmoid" }, { "Tanh", "tanh" },       { "Tr", "tr" },
                                           { "Relu", "ReLU" },       { "Sign", "sign" } };
    for (size_t k = 0; (t->kind == TOKEN_WORD || t->kind == TOKEN_TEXT) && k < sizeof same / sizeof *same; k++)
        if (!strcmp(t->name, same[k][0]))
            return same[k][1];
    return t->name;
}

static const char *function_name(const token *written, bool *bare)
{
    token known = *written;
    const token *t = &known;
    known.name = small(written);
    for (size_t k = 0; k < sizeof commands / sizeof *commands; k++)
        if (token_is(t, commands[k]) || (t->kind == TOKEN_WORD && !strcmp(t->name, commands[k] + 1))) {
            *bare = true;
            return commands[k];
        }
    if (t->kind == TOKEN_WORD && !strcmp(t->name, "sqrt"))
        return "\\sqrt";
    if (t->kind == TOKEN_WORD && (!strcmp(t->name, "Diag") || !strcmp(t->name, "Tr"))) {
        *bare = true;
        return t->name[0] == 'D' ? "diag" : "tr";
    }
    if (t->kind == TOKEN_WORD || t->kind == TOKEN_TEXT)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (!strcmp(t->name, words[k]))
                *bare = t->kind == TOKEN_WORD;
    if (t->kind == TOKEN_WORD && t->name[1])
        return t->name;
    if (t->kind == TOKEN_TEXT && t->name[0] && t->name[1] && !strpbrk(t->name, " \\${}"))
        return t->name;
    return t->kind == TOKEN_GREEK && !strcmp(t->name, "\\sigma") ? t->name : NULL;
}

/* The token after the scripts of the one at p->next, and whether a subscript is among them. */
static const token *after_scripts(const parser *p, bool *subscript)
{
    *subscript = false;
    int k = p->next + 1;
    for (;;) {
        const token *t = &p->token[k];
        *subscript = *subscript || token_is(t, "_");
        if (token_is(t, "'"))
            k++;
        else if ((token_is(t, "^") || token_is(t, "_")) && t[1].kind != TOKEN_END)
            k = token_is(t + 1, "{") ? t[1].match + 1 : k + 2;
        else
            return t;
    }
}

static bool opens(const parser *p, const token *t, bool braces)
{
    if (!p->brackets && (t->quad || t->row))
        return false;
    return token_is(t, "(") || token_is(t, "[") || (braces && token_is(t, "\\{"));
}

/* The items of the bracket that opens here. */
static tree_list parse_arguments(parser *p)
{
    const token *open = parser_next(p);
    char separator;
    tree_list items;
    p->next++;
    if (token_is(open, "[")) { /* [h, x] is one argument */
        p->next--;
        items = (tree_list){ 0 };
        list_add(p, &items, parse_primary(p));
        return items;
    }
    items = parse_items(p, token_is(open, "(") ? ")" : "\\}", open, &separator);
    no_relations(p, items, open);
    tree *only = items.item[0];
    if (items.count == 1 && only->kind != TREE_TUPLE && only->kind != TREE_SET && only->kind != TREE_MATRIX)
        only->brackets = *open->name == '(' ? '(' : '{';
    return items;
}

tree *as_one(parser *p, tree_list parts, const token *at)
{
    no_relations(p, parts, at);
    return parts.count == 1 ? parts.item[0] : parser_parent(p, TREE_TUPLE, at, parts.count, parts.item);
}

static bool minus_one(const tree *t)
{
    return t && t->kind == TREE_NEG && t->child[0]->kind == TREE_NUMBER && t->child[0]->value == 1;
}

/* 2 \pi v behind \log: a number in front and the names beside it are one argument. */
static tree *parse_multiple(parser *p, tree *number, const token *first)
{
    tree_list factors = { 0 };
    bool subscript;
    list_add(p, &factors, number);
    for (const token *t = parser_next(p); t->kind == TOKEN_LETTER || t->kind == TOKEN_GREEK; t = parser_next(p)) {
        if ((!p->brackets && (t->quad || t->row)) || opens(p, after_scripts(p, &subscript), false))
            break;
        list_add(p, &factors, parse_factor(p));
    }
    if (factors.count == 1)
        return number;
    tree *product = parser_parent(p, TREE_MUL, first, factors.count, factors.item);
    product->brackets = '(';
    return product;
}

/* \lambda_{\max}(A) behind \ln: a function with its argument. */
static tree *parse_bare_argument(parser *p)
{
    const token *first = parser_next(p);
    tree *t = parse_factor(p);
    if (t->kind == TREE_NUMBER && !t->brackets)
        return parse_multiple(p, t, first);
    const char *label = t->kind == TREE_SYMBOL && t->count == 1 && t->child[0]->name ? t->child[0]->name : "";
    if (t->kind != TREE_SYMBOL || strcmp(t->name, "\\lambda") != 0 || !(strstr(label, "max") || strstr(label, "min")) ||
        !opens(p, parser_next(p), false))
        return t;
    tree *both[] = { t, parse_primary(p) };
    tree *call = parser_parent(p, TREE_MUL, first, 2, both);
    call->brackets = '(';
    return call;
}

/* f = \tanh, at the end of a formula: the function itself. */
static bool stands_alone(const parser *p)
{
    const token *after = &p->token[p->next + 1];
    bool braces = p->next > 0 && token_is(after - 2, "{") && token_is(after, "}"); /* {\tanh} */
    return braces ||
           (!p->brackets && (after->kind == TOKEN_END || token_punctuation(after) || after->quad || after->row));
}

static tree *parse_call(parser *p, const char *name)
{
    const token *first = parser_next(p);
    p->next++;
    tree *call = parser_node(p, TREE_APPLY, first);
    call->name = name;
    superscript raised = { 0 };
    bool up = false;
    for (;;) {
        const token *t = parser_next(p);
        if (parser_take(p, "'"))
            call->primes++;
        else if (token_is(t, "_") && !call->sub) {
            p->next++;
            call->sub = as_one(p, parse_subscript(p), t);
        } else if (token_is(t, "^") && !up) {
            p->next++;
            raised = parse_superscript(p);
            call->primes += raised.primes;
            up = raised.power || raised.transposed;
            if (minus_one(raised.power))
                parser_fail(p, t, "%s^{-1} may be the inverse function or 1 / %s: (%s(x))^{-1} is expected", name, name,
                            name);
        } else if (token_is(t, "_") || token_is(t, "^"))
            parser_fail(p, t, "a second %sscript", *t->name == '_' ? "sub" : "super");
        else
            break;
    }
    bool bracket = opens(p, parser_next(p), true);
    tree_list arguments = { 0 };
    if (bracket)
        arguments = parse_arguments(p);
    else {
        if (parser_next(p)->kind == TOKEN_TEXT || !starts_factor(p) ||
            (!p->brackets && (parser_next(p)->quad || parser_next(p)->row)))
            parser_fail(p, parser_next(p), "the argument of \"%.24s\" is expected", name);
        list_add(p, &arguments, parse_bare_argument(p));
    }
    call->child = arguments.item;
    call->count = arguments.count;
    tree *t = parser_seal(p, call, first);
    if (up)
        t = apply_superscript(p, t, raised, first);
    return bracket ? parse_scripts(p, t, first) : t;
}

/* ---- sums, products, maxima ---- */

static tree *side_letter(tree *relation)
{
    tree *middle = relation->count == 3 ? relation->child[1] : NULL; /* t >= i > k */
    if (middle && middle->kind == TREE_SYMBOL && !middle->count && !*middle->accents)
        return middle;
    for (int k = 0; k < relation->count; k++) {
        tree *t = relation->child[k];
        if (t->kind == TREE_SYMBOL && !t->count && !*t->accents)
            return t;
    }
    return NULL;
}

static tree_bound read_bound(parser *p, tree *part, const token *at)
{
    tree_bound bound = { 0 };
    tree *letter = part->kind == TREE_RELATION ? side_letter(part) : part;
    if (!letter || letter->kind != TREE_SYMBOL || letter->count || letter->primes > 1 || *letter->accents)
        parser_fail(p, at, "under a sum or product an index is expected: t, t=1, t \\in \\{..\\}, k \\le t");
    if (letter->primes) { /* t' is a letter of its own; latex.c renames its other places */
        letter->name = arena_format(p->arena, "%s'", letter->name);
        letter->primes = 0;
        if (p->primes < 8)
            p->primed[p->primes++] = letter->name;
    }
    bound.index = letter->name;
    if (part->kind != TREE_RELATION)
        return bound;
    bool two = part->count == 2 && part->child[0] == letter;
    if (two && part->relations[0] == REL_EQ)
        bound.from = part->child[1];
    else if (two && part->relations[0] == REL_IN) {
        tree *set = part->child[1];
        bool whole = set->kind == TREE_SYMBOL && !set->count && !set->primes && !*set->accents &&
                     (set->name[0] < 'a' || set->name[0] > 'z'); /* \mathcal V: all that the index runs over */
        if (set->kind != TREE_SET && !whole)
            parser_fail(p, at, "a set \\{..\\} is expected after \\in");
        bound.set = whole ? NULL : set;
        bound.whole = whole ? set->name : NULL;
    } else {
        for (int k = 0; k + 1 < part->count; k++)
            if (part->relations[k] >= REL_IN)
                parser_fail(p, at, "this relation under a sum is not known here");
        bound.relation = part;
    }
    return bound;
}

/* \sum_{t : x_{t,k} = 1}: the index and what its values satisfy, in `such`; false: the bounds are of another kind. */
static bool parse_such(parser *p, tree *t, tree **such)
{
    const token *open = parser_ahead(p, 1), *letter = parser_ahead(p, 2), *colon = parser_ahead(p, 3);
    if (!token_is(parser_next(p), "_") || !token_is(open, "{") || !token_letter(letter) ||
        (!token_is(colon, ":") && !token_is(colon, "\\mid")))
        return false;
    bool before = p->subscript;
    p->next += 4;
    p->subscript = false;
    *such = parse_relation(p);
    p->subscript = before;
    if ((*such)->kind != TREE_RELATION)
        parser_fail(p, colon, "a condition on the index is expected after \"%s\"", colon->name);
    parser_expect(p, "}", open);
    t->bound = ARENA_NEW(p->arena, tree_bound);
    if (!t->bound)
        parser_fail(p, open, "there is no memory");
    *t->bound = (tree_bound){ .index = letter->name };
    t->bounds = 1;
    return true;
}

/* \sum_{ij}: over both. */
static tree_list separate_letters(parser *p, tree_list parts)
{
    tree_list all = { 0 };
    for (int k = 0; k < parts.count; k++) {
        tree *part = parts.item[k];
        bool letters = part->kind == TREE_MUL;
        for (int i = 0; letters && i < part->count; i++)
            letters = part->child[i]->kind == TREE_SYMBOL && part->child[i]->join == JOIN_BESIDE;
        for (int i = 0; i < (letters ? part->count : 1); i++)
            list_add(p, &all, letters ? part->child[i] : part);
    }
    return all;
}

static void parse_bounds(parser *p, tree *t, const token *first)
{
    tree_list parts = { 0 };
    tree *to = NULL;
    bool lower = false;
    const token *upper = NULL;
    for (;;) {
        const token *at = parser_next(p);
        if (token_is(at, "_") && !lower) {
            p->next++;
            parts = separate_letters(p, parse_subscript(p));
            lower = true;
        } else if (token_is(at, "^") && !upper) {
            p->next++;
            upper = at;
            to = parse_braces(p);
        } else
            break;
    }
    if (!lower)
        parser_fail(p, parser_next(p), "\"%s\" has no index: %s_t is expected", first->name, first->name);
    t->bound = ARENA_ARRAY(p->arena, tree_bound, parts.count);
    if (!t->bound)
        parser_fail(p, first, "there is no memory");
    for (int k = 0; k < parts.count; k++) {
        t->bound[k] = read_bound(p, parts.item[k], first);
        for (int j = 0; j < k; j++)
            if (!strcmp(t->bound[j].index, t->bound[k].index))
                parser_fail(p, first, "the index %s stands twice under \"%s\"", t->bound[k].index, first->name);
    }
    t->bounds = parts.count;
    for (int k = 0; upper && k < t->bounds; k++) {
        tree_bound *b = &t->bound[k];
        if (b->set || b->relation || t->bounds > 1)
            parser_fail(p, upper, "the upper bound needs one lower bound: \"%s_{t=1}^{T}\" is expected", first->name);
        if (!b->from) { /* \sum_i^n is \sum_{i=1}^n */
            b->from = parser_node(p, TREE_NUMBER, upper);
            b->from->value = 1;
        }
        b->to = to;
    }
    if (!upper)
        for (int k = 0; k < t->bounds; k++)
            if (t->bound[k].from)
                parser_fail(p, parser_next(p), "the upper bound of \"%s\" is missing", first->name);
}

static bool speaks_of(const tree *t, const char *letter)
{
    if (t->kind == TREE_SYMBOL && !t->count && !strcmp(t->name, letter))
        return true;
    for (int i = 0; i < t->count; i++)
        if (speaks_of(t->child[i], letter))
            return true;
    return false;
}

/* \prod_{j=k+1}^t \partial s_j / \partial s_{j-1} \partial s_k / \partial W: the derivatives behind those that speak of
 * j stand outside. How many factors are inside? */
static int inside_product(const tree *t, const tree *body)
{
    int count = body->count;
    if (t->kind != TREE_PROD || t->bounds != 1 || body->kind != TREE_MUL || body->brackets ||
        body->child[0]->kind != TREE_DERIV)
        return count;
    while (count > 1 && body->child[count - 1]->kind == TREE_DERIV &&
           !speaks_of(body->child[count - 1], t->bound[0].index))
        count--;
    return speaks_of(body->child[count - 1], t->bound[0].index) ? count : body->count;
}

static tree *parse_big(parser *p, tree_kind kind)
{
    const token *first = parser_next(p);
    p->next++;
    tree *t = parser_node(p, kind, first);
    tree *such = NULL;
    if (kind != TREE_SUM || !parse_such(p, t, &such))
        parse_bounds(p, t, first);
    const token *sign = parser_next(p);
    bool minus = parser_take(p, "-");
    tree *body = parse_term(p);
    if (minus)
        body = parser_parent(p, TREE_NEG, sign, 1, &body);
    if (such) {
        tree *factor[2] = { parser_parent(p, TREE_INDICATOR, first, 1, &such), body };
        body = parser_parent(p, TREE_MUL, first, 2, factor);
    }
    t->child = ARENA_NEW(p->arena, tree *);
    if (!t->child)
        parser_fail(p, first, "there is no memory");
    t->child[0] = body;
    t->count = 1;
    int inside = inside_product(t, body), outside = body->count - inside;
    if (body->kind != TREE_MUL || !outside)
        return parser_seal(p, t, first);
    tree *factor[16];
    if (outside > 15)
        parser_fail(p, first, "a product has too many factors behind it: write brackets");
    memcpy(factor + 1, body->child + inside, (size_t)outside * sizeof *factor);
    body->count = inside;
    t->child[0] = inside == 1 ? body->child[0] : body;
    t->brackets = '(';
    factor[0] = parser_seal(p, t, first);
    return parser_parent(p, TREE_MUL, first, outside + 1, factor);
}

/* \arg\max_k, \operatorname{argmax}_k: the index at which it is largest. */
static tree *parse_arg(parser *p)
{
    const token *first = parser_next(p);
    bool apart = token_is(first, "\\arg"), subscript;
    const token *extreme = first + apart;
    const char *name = apart ? extreme->name : first->name + (first->kind == TOKEN_COMMAND);
    bool least = strlen(name) > 3 && !strcmp(name + strlen(name) - 3, "min");
    if (!apart && strcmp(name, "argmax") != 0 && strcmp(name, "argmin") != 0)
        return NULL;
    if (apart && strcmp(name, "\\max") != 0 && strcmp(name, "\\min") != 0)
        parser_fail(p, extreme, "\"\\max\" or \"\\min\" is expected after \"\\arg\"");
    p->next += apart;
    after_scripts(p, &subscript);
    if (!subscript)
        return parse_call(p, least ? "argmin" : "argmax");
    tree *t = parse_big(p, least ? TREE_MIN : TREE_MAX);
    t->name = "arg";
    return t;
}

static tree *parse_root(parser *p)
{
    const token *first = parser_next(p);
    p->next++;
    if (token_is(parser_next(p), "["))
        parser_fail(p, parser_next(p), "\"\\sqrt[..]\" is not known here: a power is expected");
    tree *inside = parse_braces(p), *t = parser_parent(p, TREE_APPLY, first, 1, &inside);
    t->name = "\\sqrt";
    return parse_scripts(p, t, first);
}

tree *parse_function(parser *p)
{
    const token *t = parser_next(p);
    bool bare = false;
    if (token_is(t, "\\sum"))
        return parse_big(p, TREE_SUM);
    if (token_is(t, "\\prod"))
        return parse_big(p, TREE_PROD);
    if (token_is(t, "\\sqrt"))
        return parse_root(p);
    if (token_is(t, "\\arg") || token_is(t, "\\argmax") || token_is(t, "\\argmin") ||
        (t->kind == TOKEN_WORD && !p->subscript && !strncmp(t->name, "argm", 4))) {
        tree *arg = parse_arg(p);
        if (arg)
            return arg;
    }
    const char *name = p->subscript && t->kind != TOKEN_COMMAND ? NULL : function_name(t, &bare);
    if (!name)
        return NULL;
    bool extreme = !strcmp(name, "\\max") || !strcmp(name, "\\min");
    bool subscript;
    const token *after = after_scripts(p, &subscript);
    if (extreme && !p->subscript && subscript)
        return parse_big(p, name[2] == 'a' ? TREE_MAX : TREE_MIN);
    if (p->subscript && (token_is(after, "}") || token_is(after, ","))) { /* h_{\max} */
        p->next++;
        tree *label = parser_node(p, TREE_SYMBOL, t);
        label->name = name;
        return label;
    }
    bool words_here = t->kind == TOKEN_WORD || t->kind == TOKEN_TEXT;
    if (bare && stands_alone(p)) {
        p->next++;
        tree *itself = parser_node(p, TREE_SYMBOL, t);
        itself->name = name;
        itself->style = "rm";
        return itself;
    }
    if (words_here && !bare && step_ahead(after)) /* \mathrm{net}_j(t) is a name at a step */
        return NULL;
    if (opens(p, after, bare || words_here) || (bare && !words_here))
        return parse_call(p, name);
    if (!bare)
        return NULL;
    /* \operatorname{diag} f_t, but a word by itself is a name */
    int before = p->next;
    p->next = (int)(after - p->token);
    bool follows = starts_factor(p) && (p->brackets || !(after->quad || after->row));
    p->next = before;
    return follows ? parse_call(p, name) : NULL;
}
