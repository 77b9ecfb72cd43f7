/* Derivatives that textbooks write shortly: dL/dz in a line, \frac{\partial f(u)}{\partial u} at u = z; and functions
 * with a label above, f^{out}(z), {f^{out}}'(z). */
#include "latex_parser.h"

#include <string.h>

static bool is_d(const token *t)
{
    return (t->kind == TOKEN_WORD || t->kind == TOKEN_LETTER) && !strcmp(t->name, "d");
}

/* dL, \mathrm d L, d\mathbf z: the sign of a differential with a name right behind it. */
static bool differential_at(const token *d)
{
    const token *t = d + 1;
    bool name = token_letter(t) || (t->kind == TOKEN_COMMAND && *t->name == '\\' && token_is(t + 1, "{")) ||
                (t->kind == TOKEN_WORD && t->name[1]);
    return is_d(d) && name && !t->quad && !t->row && (d->kind == TOKEN_WORD || t->at == d->at + d->length);
}

/* Past the name that stands here, its scripts and the bracket of its arguments. */
static const token *past_name(const parser *p, const token *t)
{
    t += token_is(t + 1, "{") ? (int)(&p->token[t[1].match] - t) + 1 : 1;
    for (;;) {
        if (token_is(t, "'"))
            t++;
        else if ((token_is(t, "^") || token_is(t, "_")) && t[1].kind != TOKEN_END)
            t = token_is(t + 1, "{") ? &p->token[t[1].match] + 1 : t + 2;
        else
            break;
    }
    if (!token_is(t, "("))
        return t;
    int depth = 0;
    for (; t->kind != TOKEN_END; t++) {
        depth += token_is(t, "(") - token_is(t, ")");
        if (!depth)
            return t + 1;
    }
    return t;
}

bool quotient_ahead(const parser *p)
{
    const token *d = &p->token[p->next], *slash = differential_at(d) ? past_name(p, d + 1) : d;
    return token_is(slash, "/") && differential_at(slash + 1);
}

/* dL(z_t, y_t)/dz_t */
tree *parse_quotient(parser *p)
{
    const token *first = parser_next(p);
    p->next++;
    tree *above = parse_factor(p);
    if (token_is(parser_next(p), "(")) {
        tree *call[] = { above, parse_bracket(p) };
        above = parser_parent(p, TREE_MUL, first, 2, call);
        above->brackets = '(';
    }
    parser_expect(p, "/", first);
    p->next++;
    tree *both[] = { above, parse_factor(p) };
    tree *t = parser_parent(p, TREE_DERIV, first, 2, both);
    t->inline_ = above->kind != TREE_MUL;
    return t;
}

/* ---- f^{out} ---- */

static bool is_function_letter(const tree *t)
{
    static const char *const letters[] = { "f", "g", "F", "G", "\\phi", "\\varphi", "\\psi", "\\Phi" };
    for (size_t i = 0; t->kind == TREE_SYMBOL && !t->count && !*t->accents && i < sizeof letters / sizeof *letters; i++)
        if (!strcmp(t->name, letters[i]))
            return true;
    return false;
}

/* f^{\mathrm{out}}: a letter of functions below a word; where it is called or has a prime it is one name. */
static bool is_labelled(const tree *t)
{
    return t->kind == TREE_POW && is_function_letter(t->child[0]) && t->child[1]->kind == TREE_SYMBOL &&
           !strcmp(t->child[1]->style, "rm") && strlen(t->child[1]->name) > 1 && *t->child[1]->name != '\\';
}

tree *labelled_function(parser *p, tree *t, int primes, const token *first)
{
    if (!is_labelled(t) || !(primes || (token_is(parser_next(p), "(") && !step_ahead(parser_next(p)))))
        return t;
    tree *name = t->child[0], **label = ARENA_ARRAY(p->arena, tree *, 1);
    if (!label)
        parser_fail(p, first, "there is no memory");
    label[0] = t->child[1];
    name->child = label, name->count = 1;
    name->primes += primes;
    return parser_seal(p, name, first);
}

/* ---- |_{u = z} ---- */

static bool is_letter(const tree *t, const tree *letter)
{
    return t->kind == TREE_SYMBOL && !t->count && !t->primes && !strcmp(t->name, letter->name) &&
           !strcmp(t->accents, letter->accents);
}

/* f of f(u), and of an f that is differentiated by u; NULL: it is something else. */
static tree *function_of(parser *p, tree *t, const tree *letter)
{
    bool call = t->kind == TREE_MUL && t->count == 2 && t->child[1]->brackets == '(' &&
                t->child[1]->join == JOIN_BESIDE && is_letter(t->child[1], letter);
    if (t->kind == TREE_APPLY && t->count == 1 && !t->sub)
        return is_letter(t->child[0], letter) ? t : NULL;
    tree *name = call ? t->child[0] : t;
    if (is_labelled(name))
        return labelled_function(p, name, 1, parser_next(p));
    if (name->kind != TREE_SYMBOL || (t->kind == TREE_MUL && !call))
        return NULL;
    name->primes++;
    name->sub = NULL;
    return name;
}

void parse_evaluated(parser *p, tree *t, const tree *letter, const token *at)
{
    tree *place = parse_sum(p), *above = t, *name, **both = ARENA_ARRAY(p->arena, tree *, 2);
    int times = 0;
    for (; above->kind == TREE_DERIV && !above->held && is_letter(above->child[1], letter); times++)
        above = above->child[0];
    name = times && letter->kind == TREE_SYMBOL && !letter->count ? function_of(p, above, letter) : NULL;
    if (!name || !both)
        parser_fail(p, at,
                    "behind the bar of a derivative by u, \"u = ...\" is read of a function of u: "
                    "\\frac{\\partial f(u)}{\\partial u}");
    place->brackets = '(';
    place->join = JOIN_BESIDE;
    if (name->kind == TREE_APPLY) { /* \tanh'(z) */
        name->primes += times;
        name->child[0] = place;
        *t = *name;
    } else {
        name->primes += times - 1;
        both[0] = name, both[1] = place;
        *t = (tree){ .kind = TREE_MUL, .name = "", .accents = "", .style = "", .child = both, .count = 2 };
    }
    parser_seal(p, t, at);
}
