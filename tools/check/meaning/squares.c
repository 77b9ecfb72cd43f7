/* \sigma^2 as a quantity of its own, where a formula or the setup introduces the square rather than its root: then one
 * differentiates by it, \sigma^4 is its square, and \sigma, if it stands anywhere, its root. */
#include "reader.h"
#include "scope_internal.h"

#include <string.h>

static bool is_letter(const tree *t)
{
    return t->kind == TREE_SYMBOL && strlen(t->name) == 1;
}

/* \sigma_{\mathcal B}, \sigma_t with any step; not \sigma_1 and \sigma_2, which may be two. */
static bool same_name(const tree *a, const tree *b)
{
    bool same = a->kind == TREE_SYMBOL && b->kind == TREE_SYMBOL && !strcmp(a->name, b->name) &&
                !strcmp(a->accents, b->accents) && a->count == b->count;
    for (int i = 0; same && i < a->count; i++)
        same = tree_equal(a->child[i], b->child[i]) || a->child[i]->kind == TREE_ADD || b->child[i]->kind == TREE_ADD ||
               (is_letter(a->child[i]) && is_letter(b->child[i]));
    return same;
}

static bool is_step(const scope *s, const tree *t)
{
    return scope_plain(t) && scope_is_time(s, t->name);
}

typedef struct square {
    const tree *name;
    bool parts; /* \sigma_j are its elements */
} square;

/* Is t the root, at another step, \sigma_0, or one of its elements, \sigma_j? */
static bool is_root(scope *s, const tree *t, const square *of)
{
    const tree *root = of->name;
    if (t->kind != TREE_SYMBOL || root->count > 1 || strcmp(t->name, root->name) || strcmp(t->accents, root->accents))
        return same_name(t, root);
    if (!root->count)
        return !t->count || (of->parts && t->count == 1 && !is_step(s, t->child[0]) && scope_plain(t->child[0]) &&
                             scope_is_index(s, t->child[0], NULL));
    bool step = t->count == 1 && t->child[0]->kind == TREE_NUMBER && is_step(s, root->child[0]);
    return step || same_name(t, root);
}

/* The n of x^n and x^{-n}; 0: another exponent. */
static int whole_power(const tree *exponent)
{
    bool below = exponent->kind == TREE_NEG;
    const tree *n = below ? exponent->child[0] : exponent;
    bool whole = n->kind == TREE_NUMBER && n->value >= 1 && n->value < 100 && n->value == (int)n->value;
    return !whole ? 0 : below ? -(int)n->value : (int)n->value;
}

/* \sigma_B in \sigma_B^2, and in its other even powers. */
static tree *powered(const tree *t, int *power)
{
    bool name = t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL && !t->child[0]->brackets;
    *power = name ? whole_power(t->child[1]) : 0;
    return *power && *power % 2 == 0 ? t->child[0] : NULL;
}

static tree *squared(const tree *t)
{
    int power;
    tree *name = powered(t, &power);
    return power == 2 ? name : NULL;
}

/* The exponent of the square in place of that of the root. */
static tree *halved(arena *a, const tree *exponent, int power)
{
    tree *half = ARENA_NEW(a, tree), *number = ARENA_NEW(a, tree), **child = ARENA_ARRAY(a, tree *, 1);
    if (!half || !number || !child)
        return NULL;
    const tree *was = exponent->kind == TREE_NEG ? exponent->child[0] : exponent;
    *number = *was;
    number->value = (power < 0 ? -power : power) / 2;
    number->name = arena_format(a, "%d", (int)number->value);
    if (exponent->kind != TREE_NEG)
        return number;
    *half = *exponent;
    child[0] = number, half->child = child;
    return half;
}

static void mark_square(scope *s, tree *t, const square *of)
{
    int power;
    tree *name = powered(t, &power);
    if (name && is_root(s, name, of)) {
        tree_join join = t->join;
        char brackets = t->brackets;
        tree *half = power == 2 ? NULL : halved(s->arena, t->child[1], power);
        if (power == 2) {
            *t = *name;
            t->table = "square";
            t->join = join, t->brackets = brackets;
        } else if (half) {
            name->table = "square";
            t->child[1] = half;
        }
        return;
    }
    for (int i = 0; i < t->count; i++)
        mark_square(s, t->child[i], of);
}

/* Is there a derivative by the root? It would have to change the square, which is drawn without it. */
static bool moves_root(const tree *t, const tree *root)
{
    if (t->kind == TREE_DERIV && t->count == 2) {
        const tree *below = t->child[1];
        bool found = same_name(below, root);
        for (int i = 0; i < below->count && below->kind == TREE_TUPLE; i++)
            found |= same_name(below->child[i], root);
        if (found)
            return true;
    }
    for (int i = 0; i < t->count; i++)
        if (moves_root(t->child[i], root))
            return true;
    return false;
}

/* Is the root given, defined, or something to differentiate by? */
static bool is_rooted(const tree *name, tree **formula, int count, tree **given, int givens)
{
    for (int k = 0; k < givens; k++)
        if (same_name(given[k], name))
            return true;
    for (int k = 0; k < count; k++) {
        const tree *other = formula[k]->child[0];
        if ((other->kind == TREE_RELATION && same_name(other->child[0], name)) || moves_root(formula[k], name))
            return true;
    }
    return false;
}

/* W^2 beside W^1 is one of several layers. */
static bool is_one_of_several(const tree *name, tree **given, int givens)
{
    int power;
    for (int k = 0; k < givens; k++)
        if (given[k]->kind == TREE_POW && same_name(given[k]->child[0], name) &&
            !(powered(given[k], &power) && power == 2))
            return true;
    return false;
}

/* \sigma^2 in \sigma^2 = ... and \log \sigma^2 = ... */
static tree *introduced(const tree *left)
{
    bool logarithm = left->kind == TREE_APPLY && left->count == 1 && !left->primes && !left->sub &&
                     (!strcmp(left->name, "\\log") || !strcmp(left->name, "\\ln"));
    return squared(logarithm ? left->child[0] : left);
}

/* Does something else introduce a \sigma_j, or a \sigma_j^2, beside \sigma? */
static bool has_parts(const tree *name, tree **formula, int count, tree **given, int givens)
{
    for (int i = 0; i < count + givens; i++) {
        const tree *r = i < count ? formula[i]->child[0] : NULL;
        const tree *t = !r ? given[i - count] : r->kind == TREE_RELATION ? r->child[0] : r;
        t = t->kind == TREE_POW ? t->child[0] : t;
        if (t->kind == TREE_SYMBOL && t->count && !strcmp(t->name, name->name) && !strcmp(t->accents, name->accents))
            return true;
    }
    return false;
}

static bool counts_layers(const scope *s)
{
    for (int i = 0; i < s->letters; i++)
        if (s->letter[i].kind == LETTER_LABEL && s->letter[i].labels && *s->letter[i].label[0] >= '0' &&
            *s->letter[i].label[0] <= '9')
            return true;
    return false;
}

void scope_mark_squares(scope *s, tree **formula, int count, tree **given, int givens)
{
    bool layers = counts_layers(s);
    for (int i = 0; i < count + givens; i++) {
        tree *said = i < count ? NULL : given[i - count];
        const tree *r = said ? NULL : formula[i]->child[0], *name = said                       ? squared(said)
                                                                    : r->kind == TREE_RELATION ? introduced(r->child[0])
                                                                                               : NULL;
        if (!name || (r && r->relations[0] != REL_EQ && r->relations[0] != REL_DEFINED) ||
            (said && (layers || is_one_of_several(name, given, givens))))
            continue;
        const tree bare = *name;
        const square of = { &bare, !has_parts(&bare, formula, count, given, givens) };
        if (!is_rooted(&bare, formula, count, given, givens)) {
            for (int k = 0; k < count; k++)
                mark_square(s, formula[k], &of);
            for (int k = 0; k < givens; k++)
                mark_square(s, given[k], &of);
        } else if (said) /* whoever gives \sigma^2 gives \sigma */
            *said = bare;
    }
}

bool scope_is_square(const tree *t)
{
    return t->kind == TREE_SYMBOL && t->table && !strcmp(t->table, "square");
}
