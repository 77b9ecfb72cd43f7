/* Conditions on quantities that the setup gives: "y = g, \quad \|g\| \le c" is one formula and not two, and
 * "$\|A\| < 1$" in a sentence assumes what nobody could prove of an A that is any matrix. */
#include "pass.h"

#include <math.h>
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

static bool number_of(const tree *t, double *out)
{
    bool minus = t->kind == TREE_NEG;
    t = minus ? t->child[0] : t;
    *out = minus ? -t->value : t->value;
    return t->kind == TREE_NUMBER;
}

/* x, |x| or \|x\| <= bound, or >= for x by itself */
static void note_bound(pass *p, const tree *t, bool above, double bound)
{
    symbol_use use;
    bool norm = t->kind == TREE_NORM && (!t->sub || (t->sub->kind == TREE_NUMBER && t->sub->value == 2)),
         size = t->kind == TREE_ABS;
    const tree *name = norm || size ? t->child[0] : t;
    if (((norm || size) && !above) || !scope_is_name(p->scope, name, NULL) ||
        !scope_symbol(p->scope, name, NULL, &use) || !use.quantity)
        return;
    quantity *q = use.quantity;
    if (q->definitions || q->kind != QUANTITY_GIVEN || (norm && use.indices > q->timed))
        return;
    if (!q->limited)
        q->limited = true, q->least = -INFINITY, q->most = q->longest = INFINITY;
    double most = above ? bound : INFINITY, least = size ? -bound : above ? -INFINITY : bound;
    if (norm)
        q->longest = fmin(q->longest, bound);
    else if (fmax(q->least, least) < fmin(q->most, most))
        q->least = fmax(q->least, least), q->most = fmin(q->most, most);
}

void note_bounds(pass *p, const tree *r)
{
    for (int i = 0; i + 1 < r->count; i++) {
        bool less = r->relations[i] == REL_LT || r->relations[i] == REL_LE,
             more = r->relations[i] == REL_GT || r->relations[i] == REL_GE;
        double bound;
        if ((less || more) && number_of(r->child[i + 1], &bound))
            note_bound(p, r->child[i], less, bound);
        if ((less || more) && number_of(r->child[i], &bound))
            note_bound(p, r->child[i + 1], more, bound);
    }
}

void judge_assuming(pass *p, claimed *claim, finding *f)
{
    bool any = false;
    for (int i = 0; i < p->scope->quantities; i++)
        any |= p->scope->quantity[i]->limited;
    if (!any || f->verdict != CHECK_FAILS)
        return;
    finding so = *f;
    p->scope->assuming = true;
    p->court.epoch++; /* other numbers */
    judge_claim(&p->court, claim, &so);
    p->scope->assuming = false;
    p->court.epoch++;
    if (so.verdict != CHECK_HOLDS)
        return;
    *f = so;
    f->reading = "with the bounds that the text before assumes";
}
