/* The shapes of parts that are said by ranges: z[:H], z[H:], W_{:,j}. */
#include "scope_internal.h"
#include "shapes_internal.h"

bool shapes_has_range(const tree *const *index, int count)
{
    bool found = false;
    for (int i = 0; i < count; i++)
        found |= index[i]->kind == TREE_RANGE;
    return found;
}

/* How long the part of a whole axis is: with what stands in front of it and behind it the whole. */
static int part_of(struct shapes *s, int whole, const tree *range)
{
    const tree *from = tree_range_end(range, 0), *to = tree_range_end(range, 1);
    int64_t front = 0, last = 0;
    fault f = { 0 };
    if (!from && !to)
        return whole;
    if ((from && !scope_index(s->scope, from, NULL, &front, &f)) || (to && !scope_index(s->scope, to, NULL, &last, &f)))
        return shapes_fresh(s, 0);
    front -= from && !tree_from_zero(range);
    if (front < 0 || (to && last <= front) || s->rules == sizeof s->rule / sizeof *s->rule)
        return shapes_fresh(s, 0);
    int kept = shapes_fresh(s, to ? last - front : 0);
    sum_rule rule = { .result = whole };
    if (front)
        rule.part[rule.count++] = shapes_fresh(s, front);
    rule.part[rule.count++] = kept;
    if (to)
        rule.part[rule.count++] = shapes_fresh(s, 0);
    s->rule[s->rules++] = rule;
    return kept;
}

type shapes_part(struct shapes *s, type whole, const tree *const *index, int count)
{
    type out = { .rank = whole.rank < 0 ? -1 : 0, .row = whole.row };
    for (int i = 0; i < whole.rank; i++) {
        const tree *at = i < count ? index[i] : NULL;
        if (!at || at->kind == TREE_RANGE)
            out.d[out.rank++] = at ? part_of(s, whole.d[i], at) : whole.d[i];
    }
    return out;
}

bool shapes_has_row(struct shapes *s, const tree *t, const binding *env)
{
    symbol_use use;
    if (t->kind == TREE_SYMBOL && scope_symbol(s->scope, t, env, &use) && use.quantity &&
        use.quantity->number < s->quantities && use.indices == use.quantity->timed + 1 &&
        s->state[use.quantity->number] == 2 && s->of[use.quantity->number].rank == 2)
        return true;
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        if (shapes_has_row(s, t->child[i], env))
            return true;
    return false;
}
