/* \tanh(\underbrace{W h_{t-1} + U x_t}_{z_t}): a label that other formulas use as a name, and that nothing else says
 * what it is, is a definition. What stands over it is that name from then on, so that \partial h_t / \partial z_t has a
 * meaning. Any other label is a remark. */
#include "pass.h"

#include <string.h>

static bool has_same_letter(const tree *a, const tree *b)
{
    const tree *x = a->kind == TREE_POW ? a->child[0] : a, *y = b->kind == TREE_POW ? b->child[0] : b;
    return x->kind == TREE_SYMBOL && y->kind == TREE_SYMBOL && !strcmp(x->name, y->name) &&
           !strcmp(x->accents, y->accents) && x->primes == y->primes;
}

/* Does the name, or another with its letter, stand in the formula? */
static bool speaks_of(const tree *t, const tree *name)
{
    bool found = has_same_letter(t, name);
    for (int i = 0; i < t->count && !found; i++)
        found = speaks_of(t->child[i], name);
    return found;
}

/* Does a line say what it is, or read it as something known? */
static bool is_said(const setup *lines, const tree *name)
{
    for (int i = 0; i < lines->count; i++) {
        const setup_statement *st = &lines->statement[i];
        if ((st->symbol && has_same_letter(st->symbol, name)) || (st->value && speaks_of(st->value, name)))
            return true;
        for (int k = 0; k < st->count; k++)
            if (has_same_letter(st->list[k], name))
                return true;
    }
    return false;
}

static bool stands_alone(const tree *formula, const tree *name)
{
    const tree *r = formula->child[0];
    for (int i = 0; r->kind == TREE_RELATION && i < r->count; i++)
        if (has_same_letter(r->child[i], name))
            return true;
    return false;
}

/* Once more over another expression: then it is a remark, \delta over each of the errors. */
static bool is_elsewhere(const tree *t, const tree *brace)
{
    if (t != brace && t->label && has_same_letter(t->label, brace->label) && !tree_equal(t, brace))
        return true;
    for (int i = 0; i < t->count; i++)
        if (is_elsewhere(t->child[i], brace))
            return true;
    return false;
}

static bool is_definition(const parsed *item, int count, const setup *extra, const tree *brace)
{
    const tree *name = brace->label;
    bool used = false;
    if (speaks_of(brace, name) || is_said(extra, name))
        return false;
    for (int i = 0; i < count; i++) {
        if (is_said(&item[i].setup, name))
            return false;
        for (int k = 0; k < item[i].formulas.count; k++) {
            const tree *formula = item[i].formulas.formula[k];
            if (stands_alone(formula, name) || is_elsewhere(formula, brace))
                return false;
            used |= speaks_of(formula, name);
        }
    }
    return used;
}

static bool define_label(arena *a, setup *extra, const tree *brace)
{
    tree *relation = ARENA_NEW(a, tree), *formula = ARENA_NEW(a, tree), *over = ARENA_NEW(a, tree);
    tree **side = ARENA_ARRAY(a, tree *, 3);
    tree_relation *equal = ARENA_ARRAY(a, tree_relation, 1);
    setup_statement *line = ARENA_ARRAY(a, setup_statement, extra->count + 1);
    if (!relation || !formula || !over || !side || !equal || !line)
        return false;
    *over = *brace;
    over->label = NULL, over->join = JOIN_BESIDE;
    side[0] = brace->label, side[1] = over, side[2] = relation;
    *equal = REL_EQ;
    *relation = (tree){ .kind = TREE_RELATION, .name = "", .accents = "", .style = "", .count = 2, .child = side };
    relation->relations = equal, relation->height = over->height + 1;
    *formula = (tree){ .kind = TREE_FORMULA, .name = "", .accents = "", .style = "", .count = 1, .child = side + 2 };
    formula->height = relation->height + 1;
    if (extra->count)
        memcpy(line, extra->statement, (size_t)extra->count * sizeof *line);
    line[extra->count] = (setup_statement){ .kind = SETUP_FORMULA, .words = "", .value = formula };
    extra->statement = line, extra->count++;
    return true;
}

static void name_all(tree *t, const tree *brace)
{
    for (int i = 0; i < t->count; i++)
        name_all(t->child[i], brace);
    if (!t->label || !tree_equal(t->label, brace->label))
        return;
    tree_join join = t->join;
    *t = *brace->label;
    t->join = join;
}

/* The first in a formula that is a definition. */
static const tree *label_of(const parsed *item, int count, const setup *extra, const tree *t)
{
    const tree *found = t->label && is_definition(item, count, extra, t) ? t : NULL;
    for (int i = 0; i < t->count && !found; i++)
        found = label_of(item, count, extra, t->child[i]);
    return found;
}

void tell_braces(pass *p, parsed *item, int count, setup *extra)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < item[i].formulas.count; k++) {
            const tree *brace;
            while ((brace = label_of(item, count, extra, item[i].formulas.formula[k])) != NULL) {
                const tree kept = *brace;
                if (!define_label(p->arena, extra, brace))
                    return;
                for (int m = 0; m < count; m++)
                    for (int n = 0; n < item[m].formulas.count; n++)
                        name_all(item[m].formulas.formula[n], &kept);
            }
        }
}
