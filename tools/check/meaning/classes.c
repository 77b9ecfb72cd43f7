/* A class as an index: \hat p_{t, y_t} with a one-hot y_t, s_y, p_{k^*} with k^* = \arg\max_k s_k. The name of the
 * class stands where an index stands, and takes the element that it says. */
#include "evaluate.h"
#include "scope_internal.h"

#include <string.h>

static bool among(const char *const *list, int count, const char *key)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(list[i], key))
            return true;
    return false;
}

void scope_note_class(scope *s, const tree *symbol)
{
    symbol_use use;
    if (scope_symbol(s, symbol, NULL, &use) && !among(s->classed, s->classeds, use.key) &&
        s->classeds < (int)(sizeof s->classed / sizeof *s->classed))
        s->classed[s->classeds++] = use.key;
}

bool scope_is_class(scope *s, const tree *t, const char *base, const binding *env)
{
    symbol_use use;
    if (!s->classeds || (t->kind != TREE_SYMBOL && t->kind != TREE_POW) ||
        (t->kind == TREE_SYMBOL && scope_letter(s, t->name, env, NULL) != LETTER_NONE) ||
        !scope_symbol(s, t, env, &use) || !among(s->classed, s->classeds, use.key))
        return false;
    return use.indices || !base || among(s->by_class, s->by_classes, base);
}

/* \delta_{jk}, \delta_{k,y}; of \delta_y^{(t)} one part is a step */
static bool is_kronecker(const scope *s, const tree *t, const binding *env)
{
    bool steps = false;
    for (int i = 0; i < t->count; i++)
        steps |= scope_plain(t->child[i]) && scope_mentions_time(s, t->child[i], env);
    return !strcmp(t->name, "\\delta") && !*t->accents && !steps &&
           (t->count == 2 || (t->count == 1 && t->child[0]->kind == TREE_MUL && t->child[0]->count == 2));
}

/* ky: an index and a class side by side */
static bool class_beside(scope *s, const tree *pair, const char *base, const binding *env)
{
    bool class_[2] = { false, false };
    for (int k = 0; k < 2; k++) {
        if (pair->kind != TREE_MUL || pair->count != 2)
            return false;
        class_[k] = scope_is_class(s, pair->child[k], base, env);
        if (!class_[k] &&
            !(scope_plain(pair->child[k]) && scope_letter(s, pair->child[k]->name, env, NULL) == LETTER_INDEX))
            return false;
    }
    return class_[0] || class_[1];
}

int scope_take_classes(scope *s, const tree *name, const tree *sub, const char *base, const binding *env,
                       const tree *out[2])
{
    base = is_kronecker(s, name, env) ? NULL : base;
    if (scope_is_class(s, sub, base, env)) {
        out[0] = sub;
        return 1;
    }
    if (!class_beside(s, sub, base, env))
        return 0;
    out[0] = sub->child[0], out[1] = sub->child[1];
    return 2;
}

/* s_y beside s, where s_y is no name of its own as b_y is beside W_{hy}. */
static void adopt(scope *s, const tree *t)
{
    for (int i = 0; t->kind == TREE_SYMBOL && i < t->count; i++) {
        symbol_use use, whole;
        tree *others[8], bare = *t;
        if (t->count > 8 || !scope_symbol(s, t->child[i], NULL, &use) || use.indices ||
            !among(s->classed, s->classeds, use.key))
            continue;
        bare.count = 0, bare.child = others, bare.quantity = NULL;
        for (int k = 0; k < t->count; k++)
            if (k != i)
                others[bare.count++] = t->child[k];
        if (!scope_symbol(s, &bare, NULL, &use) || !scope_symbol(s, t, NULL, &whole) || !scope_appears(s, use.key) ||
            scope_introduced(s, whole.key) || among(s->by_class, s->by_classes, use.key) ||
            s->by_classes == (int)(sizeof s->by_class / sizeof *s->by_class))
            continue;
        s->by_class[s->by_classes++] = use.key;
    }
    for (int i = 0; i < t->count; i++)
        adopt(s, t->child[i]);
}

void scope_adopt_classes(scope *s)
{
    for (int i = 0; i < s->formulas && s->classeds; i++)
        adopt(s, s->formula[i]);
}

/* 1 at the class and 0 elsewhere, n numbers. */
static value one_hot(evaluation *e, const tree *index, int64_t n)
{
    value c = meaning_of(e, index), each[VALUE_LONGEST];
    if (!value_ok(c) || (c.rank == 1 && value_size(c, 0) == n))
        return c;
    if (c.rank || n > VALUE_LONGEST)
        return meaning_failed(e, FAULT_SHAPES, "%s", "there are as many classes as elements, or the class is a number");
    for (int64_t i = 0; i < n; i++) {
        value number = value_number(&e->world->algebra, (double)i + 1);
        each[i] = c;
        each[i].number = false;
        each[i].var = eddy_eq(c.var, number.var);
    }
    return value_concat(&e->world->algebra, each, (int)n, false);
}

value meaning_at_class(evaluation *e, value v, int axis, const tree *index)
{
    int64_t n = axis < v.rank ? value_size(v, axis) : 0;
    value hot = n ? one_hot(e, index, n) : value_none();
    if (!value_ok(v) || !value_ok(hot))
        return n || meaning_fault(e)->kind ? value_none()
                                           : meaning_failed(e, FAULT_SHAPES, "%s", "a scalar has no elements");
    bool batched = v.batched || hot.batched;
    eddy_var by = hot.var;
    if (v.rank == 2 && axis == 0)
        by = eddy_unsqueeze(by, -1);
    else if (v.rank == 2 && hot.batched)
        by = eddy_unsqueeze(by, -2);
    return value_taped(&e->world->algebra,
                       (value){ .var = eddy_sum_over(eddy_mul(v.var, by), EDDY_SHAPE(axis - v.rank), false),
                                .rank = v.rank - 1,
                                .batched = batched,
                                .covector = v.covector && v.rank == 2,
                                .row = v.row && v.rank == 2 });
}
