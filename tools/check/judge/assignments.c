/* h_t \leftarrow \tanh(a_t), as pseudocode has it: where this is the only value that h_t gets, it is what h_t is. */
#include "pass.h"

static bool stands_in(const tree *t, const tree *name)
{
    if (tree_equal(t, name))
        return true;
    for (int i = 0; i < t->count; i++)
        if (stands_in(t->child[i], name))
            return true;
    return false;
}

static bool is_assignment(const tree *formula)
{
    const tree *r = formula->child[0];
    return r->kind == TREE_RELATION && r->relations[0] == REL_BECOMES;
}

/* How often is this name assigned to? */
static int assigned(const parsed *item, int count, const tree *name)
{
    int times = 0;
    for (int i = 0; i < count; i++)
        for (int k = 0; k < item[i].formulas.count; k++) {
            const tree *formula = item[i].formulas.formula[k];
            times += is_assignment(formula) && tree_equal(formula->child[0]->child[0], name);
        }
    return times;
}

static bool has_step(const scope *s, const tree *t)
{
    if (t->kind == TREE_SYMBOL && !t->count)
        return scope_is_time(s, t->name);
    for (int i = 0; i < t->count; i++)
        if (has_step(s, t->child[i]))
            return true;
    return false;
}

/* Each step has a value of its own: nothing is overwritten by another step's. */
static bool is_of_a_step(const scope *s, const tree *name)
{
    return (name->kind == TREE_SYMBOL || name->kind == TREE_POW) && name->count && has_step(s, name);
}

void tell_assignments(pass *p, parsed *item, int count)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < item[i].formulas.count; k++) {
            tree *formula = item[i].formulas.formula[k], *r = formula->child[0];
            if (is_assignment(formula) && r->count == 2 && is_of_a_step(p->scope, r->child[0]) &&
                !stands_in(r->child[1], r->child[0]) && assigned(item, count, r->child[0]) == 1)
                r->relations[0] = REL_EQ;
        }
}
