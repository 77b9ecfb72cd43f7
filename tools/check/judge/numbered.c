/* \mu_{1,t} and \mu_{2,t}, which formulas introduce or the setup gives, are two quantities with steps: the number is a
 * label. It is an element's where the name stands with a step alone, x_t beside x_{1,t}, or with a letter that counts.
 */
#include "pass.h"

#include <string.h>

enum { NAMES_MOST = 32 };

typedef struct numbered {
    const tree *name;
    int at; /* where the number stands */
    bool refused;
} numbered;

typedef struct names {
    scope *scope;
    numbered item[NAMES_MOST];
    int count;
} names;

static bool is_step(const scope *s, const tree *t)
{
    if (t->kind == TREE_ADD && t->count)
        return is_step(s, t->child[0]);
    return t->kind == TREE_SYMBOL && !t->count && (scope_is_time(s, t->name) || !strcmp(t->name, "T"));
}

/* The place of the number in \mu_{1,t}, \mu_{t,1}; -1: there is none. */
static int number_at(const scope *s, const tree *t)
{
    for (int i = 0; i < 2 && t->count == 2; i++)
        if (t->child[i]->kind == TREE_NUMBER && !t->child[i]->brackets && !t->child[!i]->brackets &&
            (is_step(s, t->child[!i]) || t->child[!i]->kind == TREE_NUMBER))
            return i;
    return -1;
}

static void note(names *n, const tree *left)
{
    left = left->kind == TREE_POW ? left->child[0] : left;
    if (scope_has_sign(left, "d") || scope_has_sign(left, "delta")) /* dz_{t,1} = ... says nothing of what z is */
        return;
    int at = left->kind == TREE_SYMBOL ? number_at(n->scope, left) : -1;
    if (at >= 0 && is_step(n->scope, left->child[!at]) && n->count < NAMES_MOST)
        n->item[n->count++] = (numbered){ left, at, false };
}

static bool same_name(const tree *a, const tree *b)
{
    return !strcmp(a->name, b->name) && !strcmp(a->accents, b->accents) && a->primes == b->primes;
}

static void refuse(names *n, const tree *t)
{
    for (int i = 0; i < n->count && t->kind == TREE_SYMBOL && t->count; i++)
        if (same_name(t, n->item[i].name))
            n->item[i].refused |= number_at(n->scope, t) < 0 || t->child[n->item[i].at]->kind != TREE_NUMBER;
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++) /* in W_{\mu_1} it is a label */
        refuse(n, t->child[i]);
}

static void mark(names *n, arena *a, tree *t)
{
    for (int i = 0; i < n->count && t->kind == TREE_SYMBOL && t->count; i++) {
        const numbered *one = &n->item[i];
        if (one->refused || !same_name(t, one->name) || t->child[one->at]->table)
            continue;
        tree *label = ARENA_NEW(a, tree), **child = ARENA_ARRAY(a, tree *, t->count);
        if (!label || !child)
            return;
        memcpy(child, t->child, (size_t)t->count * sizeof *child);
        *label = *child[one->at];
        label->table = "label"; /* no index */
        child[one->at] = label;
        t->child = child;
    }
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        mark(n, a, t->child[i]);
}

void tell_numbered(pass *p, tree *const *formula, int count, tree *const *given, int givens)
{
    names n = { .scope = p->scope };
    for (int i = 0; i < count; i++) {
        const tree *r = formula[i]->child[0];
        if (r->kind == TREE_RELATION && (r->relations[0] == REL_EQ || r->relations[0] == REL_DEFINED))
            note(&n, r->child[0]);
    }
    for (int i = 0; i < givens; i++)
        note(&n, given[i]);
    for (int i = 0; i < count && n.count; i++)
        refuse(&n, formula[i]);
    for (int i = 0; i < givens && n.count; i++)
        refuse(&n, given[i]);
    for (int i = 0; i < count && n.count; i++)
        mark(&n, p->arena, formula[i]);
    for (int i = 0; i < givens && n.count; i++)
        mark(&n, p->arena, given[i]);
}
