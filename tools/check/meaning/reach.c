/* How far an index runs where the document uses one letter for axes of several lengths: i counts N units in h_i, and in
 * y_i the L outputs, whatever the setup says of i. */
#include "evaluate.h"
#include "scope_internal.h"

#include <string.h>

typedef struct reach {
    evaluation *e;
    const char *letter;
    int64_t found; /* 0: none, -1: axes of different lengths */
} reach;

static void note(reach *r, int64_t length)
{
    r->found = !r->found || r->found == length ? length : -1;
}

/* The value of a quantity at the step that is written, or at the first one; none if it has none yet. */
static value look(reach *r, quantity *q, const symbol_use *use)
{
    world *w = r->e->world;
    fault before = w->fault, f = { 0 };
    int64_t step = q->timed;
    evaluation outside = *r->e;
    outside.inside = false;
    outside.replaced = (node_name){ 0 };
    if (q->timed && use->indices && !scope_index(w->scope, use->index[0], r->e->env, &step, &f))
        step = 1;
    value v = world_look(&outside, q, step);
    if (!value_ok(v)) {
        w->fault = before;
        eddy_clear_error(w->tape);
    }
    return v;
}

static void look_at_name(reach *r, const tree *t)
{
    symbol_use use;
    binding as_index = { .letter = r->letter, .kind = LETTER_INDEX, .value = 1, .outer = r->e->env };
    if (!scope_symbol(r->e->world->scope, t, &as_index, &use) || !use.quantity)
        return;
    int first = use.quantity->timed;
    for (int i = first; i < use.indices; i++) {
        if (!scope_plain(use.index[i]) || strcmp(use.index[i]->name, r->letter) != 0)
            continue;
        value v = look(r, use.quantity, &use);
        int elements = use.indices - first, axis = i - first - (v.batched && elements == v.rank + 1);
        if (value_ok(v) && axis >= 0 && axis < v.rank)
            note(r, value_size(v, axis));
    }
}

static void walk(reach *r, const tree *t)
{
    if (scope_is_name(r->e->world->scope, t, r->e->env)) {
        look_at_name(r, t);
        return;
    }
    for (int i = 0; i < t->bounds; i++)
        if (!strcmp(t->bound[i].index, r->letter)) /* another one of that name */
            return;
    for (int i = 0; i < t->count; i++)
        walk(r, t->child[i]);
}

/* Is there a \sum_{j=1}^{L} though j is declared to run over something else? Then the letter has several ranges. */
static bool runs_elsewhere(const tree *t, const char *letter, const tree *range)
{
    for (int i = 0; i < t->bounds; i++)
        if (!strcmp(t->bound[i].index, letter) && t->bound[i].to && scope_plain(t->bound[i].to) &&
            !tree_equal(t->bound[i].to, range))
            return true;
    for (int i = 0; i < t->count; i++)
        if (runs_elsewhere(t->child[i], letter, range))
            return true;
    return false;
}

bool meaning_reach(evaluation *e, const tree *t, const char *letter, const tree *range, int64_t *high)
{
    reach r = { .e = e, .letter = letter };
    if (!t || !scope_plain(range) || !scope_size(e->world->scope, range->name) || !strcmp(range->name, "B") ||
        !strcmp(range->name, "T") || e->world->fault.kind)
        return false;
    walk(&r, t);
    int64_t said = scope_size(e->world->scope, range->name)->value;
    bool several = r.found > 0 && r.found < said; /* i_{t,j} = z_{t,j} may be the first H elements of 4 H */
    for (int i = 0; i < e->world->scope->formulas && r.found > said && !several; i++)
        several = runs_elsewhere(e->world->scope->formula[i], letter, range);
    if (several)
        *high = r.found;
    return several;
}
