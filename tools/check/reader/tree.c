/* Whether two formulas say the same; nodes that take another's place. */
#include "tree.h"

#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

static bool both_equal(const tree *a, const tree *b)
{
    return a && b ? tree_equal(a, b) : a == b;
}

static bool same_bounds(const tree *a, const tree *b)
{
    for (int k = 0; k < a->bounds; k++) {
        const tree_bound *x = &a->bound[k], *y = &b->bound[k];
        if (!same_text(x->index, y->index) || !both_equal(x->from, y->from) || !both_equal(x->to, y->to) ||
            !both_equal(x->relation, y->relation) || !both_equal(x->set, y->set))
            return false;
    }
    return true;
}

bool tree_equal(const tree *a, const tree *b)
{
    if (a->kind != b->kind || a->count != b->count || a->primes != b->primes || a->bounds != b->bounds ||
        a->rows != b->rows || a->columns != b->columns || a->separator != b->separator)
        return false;
    if (a->kind == TREE_NUMBER)
        return a->value == b->value;
    if (!same_text(a->name, b->name) || !same_text(a->accents, b->accents) || !same_text(a->table, b->table))
        return false;
    if (!both_equal(a->sub, b->sub) || !both_equal(a->held, b->held) || !same_bounds(a, b))
        return false;
    for (int k = 0; k < a->count; k++)
        if (!tree_equal(a->child[k], b->child[k]) ||
            (a->kind == TREE_MUL && k && a->child[k]->join != b->child[k]->join) ||
            (a->kind == TREE_RELATION && k && a->relations[k - 1] != b->relations[k - 1]))
            return false;
    return true;
}

const tree *tree_range_end(const tree *range, int end)
{
    const tree *t = range->child[end];
    return t->kind == TREE_WORDS ? NULL : t;
}

bool tree_from_zero(const tree *range)
{
    return range->separator == '[';
}

tree *tree_in_place(arena *a, const tree *t, tree_kind kind, int count, tree *const *child)
{
    tree *made = ARENA_NEW(a, tree), **parts = ARENA_ARRAY(a, tree *, count);
    if (!made || !parts)
        return NULL;
    memcpy(parts, child, (size_t)count * sizeof *parts);
    *made = (tree){ .kind = kind,
                    .at = t->at,
                    .length = t->length,
                    .name = "",
                    .accents = "",
                    .style = "",
                    .child = parts,
                    .count = count,
                    .height = t->height,
                    .brackets = t->brackets,
                    .join = t->join };
    return made;
}
