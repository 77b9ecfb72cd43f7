/* \Delta C = o_{t+1} \odot (1 - \tanh^2 C_{t+1}): a name whose step is left to be understood. Wherever it stands in its
 * scene it is \Delta C_t, for the t of the formula. */
#include "pass.h"

#include <string.h>

typedef struct search {
    scope *scope;
    const tree *name;
    bool differentiated, other, used; /* other: with an index of its own */
} search;

static bool has_same_letter(const tree *a, const tree *b)
{
    return a->kind == TREE_SYMBOL && !strcmp(a->name, b->name) && !strcmp(a->accents, b->accents) &&
           a->primes == b->primes;
}

/* Is there a step among a tree's indices? */
static bool has_step(scope *s, const tree *t)
{
    free_letter letters[16];
    int count = scope_free(s, t, letters, 16);
    for (int i = 0; i < count; i++)
        if (letters[i].kind == LETTER_INDEX && scope_is_time(s, letters[i].letter))
            return true;
    return false;
}

/* ... free, or bound by a sum. */
static bool speaks_of_steps(scope *s, const tree *t)
{
    if (has_step(s, t))
        return true;
    for (int i = 0; i < t->bounds; i++)
        if (scope_is_time(s, t->bound[i].index))
            return true;
    for (int i = 0; i < t->count; i++)
        if (speaks_of_steps(s, t->child[i]))
            return true;
    return false;
}

/* How a formula uses the name: not above a derivative's line, where it would be a number of all steps. */
static void look(search *s, const tree *t, bool above)
{
    if (has_same_letter(t, s->name)) {
        bool same = tree_equal(t, s->name);
        s->used |= same;
        s->differentiated |= same && above;
        s->other |= !same && has_step(s->scope, t);
        return;
    }
    for (int i = 0; i < t->count; i++)
        look(s, t->child[i], above || (t->kind == TREE_DERIV && i == 0));
}

static void add_step(arena *a, tree *t, const tree *name, const tree *step)
{
    for (int i = 0; i < t->count; i++)
        if (t->child[i] != name)
            add_step(a, t->child[i], name, step);
    tree **child = tree_equal(t, name) ? ARENA_ARRAY(a, tree *, t->count + 1) : NULL;
    if (!child)
        return;
    child[0] = (tree *)(uintptr_t)step;
    if (t->count)
        memcpy(child + 1, t->child, (size_t)t->count * sizeof *child);
    t->child = child, t->count++;
}

static const tree *abbreviated(pass *p, const tree *formula)
{
    const tree *r = formula->child[0];
    if (formula->count > 1 || r->kind != TREE_RELATION || r->count != 2 ||
        (r->relations[0] != REL_EQ && r->relations[0] != REL_DEFINED) || r->child[0]->kind != TREE_SYMBOL)
        return NULL;
    const tree *name = r->child[0];
    search inside = { .scope = p->scope, .name = name };
    look(&inside, r->child[1], false);
    return !scope_differential(p->scope, name) && !has_step(p->scope, name) && has_step(p->scope, r->child[1]) &&
                   !inside.used && !inside.other
               ? name
               : NULL;
}

static bool is_given(const setup *lines, const tree *name)
{
    for (int i = 0; i < lines->count; i++) {
        const setup_statement *st = &lines->statement[i];
        if (st->symbol && has_same_letter(st->symbol, name))
            return true;
        for (int k = 0; k < st->count; k++)
            if (has_same_letter(st->list[k], name))
                return true;
    }
    return false;
}

void tell_abbreviations(pass *p, parsed *item, int count, const setup *extra)
{
    tree *step = ARENA_NEW(p->arena, tree);
    if (!step)
        return;
    *step = (tree){ .kind = TREE_SYMBOL, .name = "t", .accents = "", .style = "", .height = 1 };
    for (int i = 0; i < count; i++)
        for (int k = 0; k < item[i].formulas.count; k++) {
            const tree *formula = item[i].formulas.formula[k], *name = abbreviated(p, formula);
            bool known = !name || is_given(extra, name), elsewhere = false;
            search s = { .scope = p->scope, .name = name };
            for (int m = 0; m < count && !known; m++) {
                known |= is_given(&item[m].setup, name);
                for (int n = 0; n < item[m].formulas.count && !known; n++) {
                    const tree *other = item[m].formulas.formula[n], *left = other->child[0];
                    if (other == formula)
                        continue;
                    s.used = false;
                    look(&s, other, false);
                    known = s.differentiated || s.other || (s.used && !speaks_of_steps(p->scope, other)) ||
                            (left->kind == TREE_RELATION && tree_equal(left->child[0], name));
                    elsewhere |= s.used;
                }
            }
            tree *copy = known || !elsewhere ? NULL : ARENA_NEW(p->arena, tree);
            if (!copy)
                continue;
            *copy = *name;
            for (int m = 0; m < count; m++)
                for (int n = 0; n < item[m].formulas.count; n++)
                    add_step(p->arena, item[m].formulas.formula[n], copy, step);
        }
}
