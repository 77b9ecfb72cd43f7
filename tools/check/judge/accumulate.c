/* dc_t += ..., dc_{t-1} += ...: what is added to one quantity in several places is all of it together. */
#include "pass.h"

#include <string.h>

static tree *shifted(arena *a, const tree *t, const char *letter, int by)
{
    for (int i = 0; i < t->bounds; i++)
        if (!strcmp(t->bound[i].index, letter))
            return (tree *)(uintptr_t)t;
    tree *copy = ARENA_NEW(a, tree);
    if (!copy)
        return NULL;
    *copy = *t;
    copy->quantity = NULL;
    if (t->kind == TREE_SYMBOL && !t->count && !*t->accents && !t->primes && !strcmp(t->name, letter)) {
        tree **child = ARENA_ARRAY(a, tree *, 2), *number = ARENA_NEW(a, tree), *minus = ARENA_NEW(a, tree);
        tree **inside = ARENA_ARRAY(a, tree *, 1), *sum = ARENA_NEW(a, tree);
        if (!child || !number || !minus || !inside || !sum)
            return NULL;
        *number = (tree){ .kind = TREE_NUMBER, .value = by < 0 ? -by : by, .name = "", .accents = "", .style = "" };
        *minus = (tree){ .kind = TREE_NEG, .name = "", .accents = "", .style = "", .child = inside, .count = 1 };
        inside[0] = number;
        child[0] = copy, child[1] = by < 0 ? minus : number;
        *sum = (tree){ .kind = TREE_ADD, .name = "", .accents = "", .style = "", .child = child, .count = 2 };
        sum->height = 3;
        return sum;
    }
    copy->child = ARENA_ARRAY(a, tree *, t->count ? t->count : 1);
    for (int i = 0; copy->child && i < t->count; i++)
        if (!(copy->child[i] = shifted(a, t->child[i], letter, by)))
            return NULL;
    return copy->child ? copy : NULL;
}

/* A line is said for the steps 1 .. T: where its own t is another, it adds nothing. */
static tree *within(arena *a, tree *term, const char *letter, int by)
{
    tree *shape[4];
    for (int i = 0; i < 4; i++) {
        if (!(shape[i] = ARENA_NEW(a, tree)))
            return NULL;
        *shape[i] = (tree){ .name = "", .accents = "", .style = "", .height = 1 };
    }
    tree *one = shape[0], *last = shape[1], *relation = shape[2], *indicator = shape[3];
    tree **sides = ARENA_ARRAY(a, tree *, 3), **inside = ARENA_ARRAY(a, tree *, 1),
         **factors = ARENA_ARRAY(a, tree *, 2);
    tree *product = ARENA_NEW(a, tree), *t = ARENA_NEW(a, tree);
    static tree_relation relations[] = { REL_LE, REL_LE };
    if (!sides || !inside || !factors || !product || !t)
        return NULL;
    one->kind = TREE_NUMBER, one->value = 1;
    last->kind = TREE_SYMBOL, last->name = "T";
    *t = (tree){ .kind = TREE_SYMBOL, .name = letter, .accents = "", .style = "", .height = 1 };
    sides[0] = one, sides[1] = shifted(a, t, letter, by), sides[2] = last;
    relation->kind = TREE_RELATION, relation->child = sides, relation->count = 3, relation->relations = relations;
    inside[0] = relation;
    indicator->kind = TREE_INDICATOR, indicator->child = inside, indicator->count = 1;
    factors[0] = indicator, factors[1] = term;
    *product = (tree){ .kind = TREE_MUL, .name = "", .accents = "", .style = "", .child = factors, .count = 2 };
    product->height = term->height + 1;
    return sides[1] ? product : NULL;
}

/* The step at which a left side stands: t + shift; false: at none that is known. */
static bool step_of(const symbol_use *use, const char **letter, int *shift)
{
    const tree *index = use->indices ? use->index[0] : NULL;
    *shift = 0;
    *letter = NULL;
    if (!index)
        return true;
    if (index->kind == TREE_ADD && index->count == 2) {
        const tree *by = index->child[1], *number = by->kind == TREE_NEG ? by->child[0] : by;
        if (number->kind != TREE_NUMBER || number->value > 100)
            return false;
        *shift = (int)(by->kind == TREE_NEG ? -number->value : number->value);
        index = index->child[0];
    }
    *letter = index->name;
    return index->kind == TREE_SYMBOL && !index->count;
}

/* Over all steps, where the left side has none: dW += dh_t x_t^T. */
static tree *over_steps(pass *p, const tree *t)
{
    free_letter letters[8];
    bool timed = false;
    for (int i = 0, count = scope_free(p->scope, t, letters, 8); i < count; i++)
        timed |= !strcmp(letters[i].letter, "t");
    tree *sum = ARENA_NEW(p->arena, tree), **child = ARENA_ARRAY(p->arena, tree *, 1);
    tree_bound *bound = ARENA_NEW(p->arena, tree_bound);
    if (!timed || !sum || !child || !bound)
        return (tree *)(uintptr_t)t;
    *bound = (tree_bound){ .index = "t" };
    child[0] = (tree *)(uintptr_t)t;
    *sum = (tree){ .kind = TREE_SUM, .name = "", .accents = "", .style = "", .child = child, .count = 1 };
    sum->bound = bound, sum->bounds = 1, sum->height = t->height + 1;
    return sum;
}

bool accumulated(pass *p, const entry *e, claimed *claim, const char **others)
{
    symbol_use use, other;
    const char *letter, *also;
    int shift, by;
    text names = { .arena = p->arena };
    tree *all = ARENA_NEW(p->arena, tree), **child = ARENA_ARRAY(p->arena, tree *, p->entries + 1);
    tree *formula = ARENA_NEW(p->arena, tree), **parts = ARENA_ARRAY(p->arena, tree *, 1);
    tree *relation = ARENA_NEW(p->arena, tree), **sides = ARENA_ARRAY(p->arena, tree *, 2);
    static tree_relation equal[] = { REL_EQ };
    if (!all || !child || !formula || !parts || !relation || !sides ||
        !scope_symbol(p->scope, claim->left, NULL, &use) || !step_of(&use, &letter, &shift))
        return false;
    int count = 0;
    for (int i = 0; i < p->entries; i++) {
        const tree *r = p->entry[i].formula->child[0];
        if (r->count != 2 || r->relations[0] != REL_ADDS || !scope_symbol(p->scope, r->child[0], NULL, &other) ||
            strcmp(other.key, use.key) || other.indices != use.indices)
            continue;
        if (p->entry[i].formula->count > 1 || !step_of(&other, &also, &by) || (letter && strcmp(letter, also)))
            return false;
        tree *term = (tree *)(uintptr_t)r->child[1];
        term = !letter ? over_steps(p, term) : shift == by ? term : shifted(p->arena, term, letter, shift - by);
        if (term && letter && (shift != by || shift))
            term = within(p->arena, term, letter, shift - by);
        if (!term)
            return false;
        child[count++] = term;
        if (&p->entry[i] != e)
            text_format(&names, "%s%s", *text_done(&names) ? ", " : "", p->entry[i].finding->id);
    }
    *all = (tree){ .kind = TREE_ADD, .name = "", .accents = "", .style = "", .child = child, .count = count };
    for (int i = 0; i < count; i++)
        all->height = child[i]->height >= all->height ? child[i]->height + 1 : all->height;
    sides[0] = (tree *)(uintptr_t)claim->left, sides[1] = count == 1 ? child[0] : all;
    *relation = *e->formula->child[0];
    relation->child = sides, relation->relations = equal;
    *formula = *e->formula;
    parts[0] = relation, formula->child = parts;
    claim->formula = formula, claim->right = sides[1], claim->relation = REL_EQ;
    *others = text_done(&names);
    return count > 0;
}
