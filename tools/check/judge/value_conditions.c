/* Conditions on quantities that the setup gives: "y = g, \quad \|g\| \le c" is one formula and not two, and
 * "$\|A\| < 1$" in a sentence assumes what nobody could prove of an A that is any matrix. */
#include "pass.h"

#include <string.h>

/* Does an equation of the scene say what it is? */
static bool is_equated(scope *s, const char *key)
{
    symbol_use use;
    for (int i = 0; i < s->formulas; i++) {
        const tree *t = s->formula[i], *r = t->kind == TREE_FORMULA ? t->child[0] : t;
        if (r->kind == TREE_RELATION && (r->relations[0] == REL_EQ || r->relations[0] == REL_DEFINED) &&
            scope_is_name(s, r->child[0], NULL) && scope_symbol(s, r->child[0], NULL, &use) && !strcmp(use.key, key))
            return true;
    }
    return false;
}

/* Is there a quantity in it, and are all of them given? */
static bool is_of_givens(scope *s, const tree *t, bool *any)
{
    if (t->kind == TREE_DERIV)
        return false;
    if (scope_is_name(s, t, NULL)) {
        symbol_use use;
        const tree *bare = t->kind == TREE_POW ? t->child[0] : t;
        if (scope_is_index(s, t, NULL) || (!t->count && scope_size(s, bare->name)))
            return true;
        bool given = scope_symbol(s, t, NULL, &use) && use.quantity && use.quantity->kind == QUANTITY_GIVEN &&
                     (use.quantity->drawn || use.quantity->shaped) && !use.quantity->definitions &&
                     !is_equated(s, use.key) && !scope_differential(s, t);
        *any |= given;
        return given;
    }
    for (int i = 0; i < t->count; i++)
        if (!is_of_givens(s, t->child[i], any))
            return false;
    return true;
}

static bool mentions(scope *s, const tree *t, const quantity *q)
{
    symbol_use use;
    if (scope_is_name(s, t, NULL))
        return scope_symbol(s, t, NULL, &use) && use.quantity == q;
    for (int i = 0; i < t->count; i++)
        if (mentions(s, t->child[i], q))
            return true;
    return false;
}

/* \|A B\| \le \|A\| \|B\| says something of all A and B. */
static bool shares(scope *s, const tree *t, const tree *other)
{
    symbol_use use;
    if (scope_is_name(s, t, NULL))
        return scope_symbol(s, t, NULL, &use) && use.quantity && mentions(s, other, use.quantity);
    for (int i = 0; i < t->count; i++)
        if (shares(s, t->child[i], other))
            return true;
    return false;
}

bool is_assumption(pass *p, const tree *relation)
{
    bool any = false, apart = scope_is_value_condition(p->scope, relation) && is_of_givens(p->scope, relation, &any);
    for (int i = 0; apart && i + 1 < relation->count; i++)
        apart = !shares(p->scope, relation->child[i], relation->child[i + 1]);
    return apart && any;
}

static bool is_constant(const tree *t)
{
    return t->kind == TREE_NUMBER || t->kind == TREE_ONES || (t->kind == TREE_SYMBOL && !strcmp(t->name, "I"));
}

bool is_special_case(pass *p, const tree *relation)
{
    symbol_use use;
    return relation->count == 2 && relation->relations[0] == REL_EQ && is_constant(relation->child[1]) &&
           scope_is_name(p->scope, relation->child[0], NULL) &&
           scope_symbol(p->scope, relation->child[0], NULL, &use) && use.quantity && use.quantity->definitions;
}

const tree *with_condition(pass *p, const tree *formula, const tree *next)
{
    tree *both = ARENA_NEW(p->arena, tree), **child = ARENA_ARRAY(p->arena, tree *, formula->count + next->count);
    if (formula->child[0]->kind != TREE_RELATION || is_assumption(p, formula->child[0]) || !both || !child ||
        !is_assumption(p, next->child[0]))
        return NULL;
    *both = *formula;
    memcpy(child, formula->child, (size_t)formula->count * sizeof *child);
    memcpy(child + formula->count, next->child, (size_t)next->count * sizeof *child);
    both->child = child, both->count = formula->count + next->count;
    return both;
}

void take_as_assumed(finding *f)
{
    finding plain = { .item = f->item,
                      .id = f->id,
                      .formula = f->formula,
                      .expected = f->expected,
                      .instance = "",
                      .reading = "",
                      .summary = "read as an assumption: it is not always true" };
    bool sentence = is_aside(f->item);
    plain.verdict = sentence ? CHECK_DECLARES : CHECK_NOT_READ;
    if (!sentence)
        plain.summary =
            "of what the setup gives it is not always true: a claim, or an assumption, which belongs beside "
            "the formulas that need it (\\quad \\|A\\| < 1), or into a sentence";
    *f = plain;
}
