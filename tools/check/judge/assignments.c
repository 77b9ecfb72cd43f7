/* h_t \leftarrow \tanh(a_t), L \leftarrow \sum_t L_t, as pseudocode has it: where this is the only value that the name
 * gets, it is what it is. */
#include "pass.h"

#include <string.h>

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

/* Does t stand in it, or T, and no sum over it around? */
static bool has_step(const scope *s, const tree *t)
{
    if (t->kind == TREE_SYMBOL && !t->count)
        return scope_is_time(s, t->name) || !strcmp(t->name, "T");
    for (int i = 0; i < t->bounds; i++)
        if (scope_is_time(s, t->bound[i].index))
            return false;
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

/* Does a line of the setup or an equation say something of it, too? */
static bool is_said(const parsed *item, int count, const setup *extra, const tree *name)
{
    for (int i = -1; i < count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++) {
            const setup_statement *st = &lines->statement[k];
            const tree *r = st->kind == SETUP_FORMULA ? st->value->child[0] : NULL;
            if ((st->symbol && tree_equal(st->symbol, name)) || (r && tree_equal(r->child[0], name)))
                return true;
        }
        for (int k = 0; i >= 0 && k < item[i].formulas.count; k++) {
            const tree *r = item[i].formulas.formula[k]->child[0];
            if (r->kind == TREE_RELATION && r->relations[0] != REL_BECOMES && tree_equal(r->child[0], name))
                return true;
        }
    }
    return false;
}

/* A new name for what is the same at all steps. */
static bool is_new(const pass *p, const parsed *item, int count, const setup *extra, const tree *r)
{
    const tree *name = r->child[0];
    return name->kind == TREE_SYMBOL && !has_step(p->scope, name) && !has_step(p->scope, r->child[1]) &&
           !is_said(item, count, extra, name);
}

void tell_assignments(pass *p, parsed *item, int count, const setup *extra)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < item[i].formulas.count; k++) {
            tree *formula = item[i].formulas.formula[k], *r = formula->child[0];
            if (is_assignment(formula) && r->count == 2 &&
                (is_of_a_step(p->scope, r->child[0]) || is_new(p, item, count, extra, r)) &&
                !stands_in(r->child[1], r->child[0]) && assigned(item, count, r->child[0]) == 1)
                r->relations[0] = REL_EQ;
        }
}
