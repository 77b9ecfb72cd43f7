/* u_j^2 of a u that has its steps above, u_j^t: its step 2, or its square? In the usual reading it is the square of all
 * steps, which hardly anybody means. */
#include "court.h"

#include <string.h>

const tree *step_or_power(scope *s, const tree *t)
{
    const tree *found = scope_is_step_or_power(s, t) ? t : NULL;
    for (int i = 0; i < t->count && !found; i++)
        found = step_or_power(s, t->child[i]);
    return found;
}

/* u_j with a step, in front of its other indices; NULL: memory is short. */
static tree *at_step(arena *a, const tree *name, const tree *step)
{
    tree *copy = ARENA_NEW(a, tree), *index = ARENA_NEW(a, tree), **child = ARENA_ARRAY(a, tree *, name->count + 1);
    if (!copy || !index || !child)
        return NULL;
    *index = *step;
    index->brackets = '(';
    child[0] = index;
    for (int i = 0; i < name->count; i++)
        child[i + 1] = name->child[i];
    *copy = *name;
    copy->child = child, copy->count = name->count + 1, copy->quantity = NULL;
    return copy;
}

/* u_j^2 as u_j^{(2)}, or as (u_j^{(t)})^2, everywhere in t; NULL: memory is short. */
static tree *with_steps(scope *s, const tree *t, power_reading as)
{
    static const tree letter = { .kind = TREE_SYMBOL, .name = "t", .accents = "", .style = "" };
    bool power = scope_is_step_or_power(s, t);
    if (power && as == POWER_IS_STEP) {
        tree *name = at_step(s->arena, t->child[0], t->child[1]);
        if (name)
            name->brackets = t->brackets, name->join = t->join;
        return name;
    }
    tree *copy = ARENA_NEW(s->arena, tree);
    if (!copy)
        return NULL;
    *copy = *t;
    copy->quantity = NULL;
    if (copy->count && !(copy->child = ARENA_ARRAY(s->arena, tree *, copy->count)))
        return NULL;
    for (int i = 0; i < copy->count; i++)
        if (!(copy->child[i] = power && !i ? at_step(s->arena, t->child[0], &letter) : with_steps(s, t->child[i], as)))
            return NULL;
    return copy;
}

static bool has_free_step(scope *s, const tree *t)
{
    free_letter free[8];
    int count = scope_free(s, t, free, 8);
    for (int i = 0; i < count; i++)
        if (!strcmp(free[i].letter, "t"))
            return true;
    return false;
}

bool steps_for_powers(scope *s, claimed *claim, power_reading as)
{
    if (!step_or_power(s, claim->left) && !step_or_power(s, claim->right))
        return false;
    if (as == POWER_AT_STEP && !has_free_step(s, claim->left) && !has_free_step(s, claim->right))
        return false;
    const tree *left = with_steps(s, claim->left, as), *right = with_steps(s, claim->right, as);
    return left && right && claim_with_sides(s->arena, claim, left, right);
}
