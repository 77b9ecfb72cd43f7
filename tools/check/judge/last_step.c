/* The last step: h^T beside h^t, which is no transpose, and T among the sizes. */
#include "pass.h"

#include <string.h>

enum { NAMES_MOST = 64 };

typedef struct raised {
    const tree *name[NAMES_MOST];
    int names;
} raised;

static bool speaks_of_t(const tree *t)
{
    if (t->kind == TREE_SYMBOL && !t->count && !strcmp(t->name, "t"))
        return true;
    return t->kind == TREE_ADD && t->count == 2 && speaks_of_t(t->child[0]);
}

static bool is_known(const raised *r, const tree *name)
{
    for (int i = 0; i < r->names; i++)
        if (!strcmp(r->name[i]->name, name->name) && !strcmp(r->name[i]->accents, name->accents))
            return true;
    return false;
}

static void collect(raised *r, const tree *t)
{
    if (t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL && !t->child[0]->brackets && speaks_of_t(t->child[1]) &&
        r->names < NAMES_MOST && !is_known(r, t->child[0]))
        r->name[r->names++] = t->child[0];
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        collect(r, t->child[i]);
}

static void rewrite(arena *a, const raised *r, tree *t)
{
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        rewrite(a, r, t->child[i]);
    if (t->held)
        rewrite(a, r, t->held);
    if (t->kind != TREE_TRANSPOSE || !t->inline_ || t->child[0]->kind != TREE_SYMBOL || t->child[0]->brackets ||
        !is_known(r, t->child[0]))
        return;
    tree *last = ARENA_NEW(a, tree), **child = ARENA_ARRAY(a, tree *, 2);
    if (!last || !child)
        return;
    *last = (tree){ .kind = TREE_SYMBOL, .name = "T", .accents = "", .style = "", .height = 1, .at = t->at };
    child[0] = t->child[0], child[1] = last;
    t->kind = TREE_POW, t->child = child, t->count = 2, t->inline_ = false;
}

void tell_last_step(pass *p, parsed *item, int count)
{
    raised r = { .names = 0 };
    for (int i = 0; i < count; i++)
        for (int k = 0; k < item[i].formulas.count; k++)
            collect(&r, item[i].formulas.formula[k]);
    for (int i = 0; i < count && r.names && scope_size(p->scope, "T"); i++)
        for (int k = 0; k < item[i].formulas.count; k++)
            rewrite(p->arena, &r, item[i].formulas.formula[k]);
}

static bool is_last(const tree *t)
{
    if (!t)
        return false;
    if (t->kind == TREE_SYMBOL && !t->count && !*t->accents && !t->primes && !strcmp(t->name, "T"))
        return true;
    return t->kind == TREE_ADD && t->count && is_last(t->child[0]);
}

/* Is T the end of a sum, a step or a bound of steps; or the name of something? */
static bool speaks_of_last(const tree *t)
{
    bool found = false;
    for (int i = 0; i < t->bounds && !found; i++)
        found = is_last(t->bound[i].to) || is_last(t->bound[i].from);
    found |= t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL && is_last(t->child[1]); /* u^{T+1} */
    for (int i = 0; i < t->count && t->kind == TREE_RELATION && !found; i++)                  /* t < T */
        found = is_last(t->child[i]) &&
                ((i && speaks_of_t(t->child[i - 1])) || (i + 1 < t->count && speaks_of_t(t->child[i + 1])));
    for (int i = 0; i < t->count && !found; i++)
        found = (t->kind == TREE_SYMBOL && is_last(t->child[i])) || speaks_of_last(t->child[i]);
    return found;
}

static bool names_last(const setup *lines)
{
    for (int i = 0; i < lines->count; i++) {
        const setup_statement *st = &lines->statement[i];
        if (st->symbol && st->symbol->kind == TREE_SYMBOL && !strcmp(st->symbol->name, "T"))
            return true;
    }
    return false;
}

void tell_last_of_all(pass *p, const parsed *item, int count, const setup *extra)
{
    scope *s = p->scope;
    bool spoken = false, named = names_last(extra) || scope_size(s, "T") || scope_declared(s, "T");
    for (int i = 0; i < count; i++) {
        named |= names_last(&item[i].setup);
        for (int k = 0; k < item[i].formulas.count; k++) {
            const tree *f = item[i].formulas.formula[k], *left = f->child[0];
            spoken |= speaks_of_last(f);
            named |= left->kind == TREE_RELATION && is_last(left->child[0]) && left->child[0]->kind == TREE_SYMBOL;
        }
    }
    if (spoken && !named && s->sizes < (int)(sizeof s->size / sizeof *s->size))
        s->size[s->sizes++] = (size_name){ .letter = "T" };
}
