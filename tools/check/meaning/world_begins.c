/* Definitions that hold before the first step, too: of derivatives by states that are there already. */
#include "evaluate.h"

/* \delta h_t = \partial E / \partial h_t is that of h_0, too, if anything reads h_0. */
static bool at_initial_state(evaluation *e, const definition *d, int64_t step)
{
    world *w = e->world;
    const tree *t = d->value;
    symbol_use above, below;
    binding at = { .letter = d->letter, .kind = LETTER_INDEX, .value = step - d->shift, .outer = d->labels };
    int64_t from;
    fault f = { 0 };
    if (step >= 1 || d->step || !d->letter || t->kind != TREE_DERIV || t->held ||
        !scope_symbol(w->scope, t->child[0], &at, &above) || !scope_symbol(w->scope, t->child[1], &at, &below) ||
        !above.quantity || !below.quantity || !below.quantity->timed || !below.indices ||
        !scope_index(w->scope, below.index[0], &at, &from, &f))
        return false;
    evaluation outside = { .context = e->context, .world = w, .env = &at, .depth = e->depth };
    if (above.quantity->timed || !value_ok(world_look(&outside, above.quantity, 0))) /* finds what is read */
        return false;
    for (int i = 0; i < w->edges; i++)
        if (w->edge[i].from.quantity == below.quantity && w->edge[i].from.step == from)
            return true;
    return false;
}

/* \delta_t = \sum_{u=t+1}^T \partial L_u / \partial h_t: at t = 0, too. */
static bool sums_from_start(evaluation *e, const tree *t, const binding *at)
{
    symbol_use below;
    int64_t by;
    fault f = { 0 };
    if (t->kind == TREE_DERIV)
        return !t->held && scope_symbol(e->world->scope, t->child[1], at, &below) && below.quantity &&
               below.quantity->timed && below.indices && scope_index(e->world->scope, below.index[0], at, &by, &f) &&
               by == 0;
    bool all = t->kind == TREE_SUM || t->kind == TREE_ADD || t->kind == TREE_NEG;
    for (int i = 0; i < t->count && all; i++)
        all = sums_from_start(e, t->child[i], at);
    return all;
}

/* M_t = \partial h_t / \partial h_0 and s_t = \partial h_t / \partial g say what they are at t = 0, too: 1 and 0. */
static bool begins_at_start(evaluation *e, const definition *d, int64_t step)
{
    scope *s = e->world->scope;
    const tree *t = d->value;
    symbol_use above, below;
    binding at = { .letter = d->letter, .kind = LETTER_INDEX, .value = step - d->shift, .outer = d->labels };
    int64_t of, by = 0;
    fault f = { 0 };
    if (step == 0 && !d->step && d->letter && t->kind == TREE_SUM)
        return sums_from_start(e, t, &at);
    return step == 0 && !d->step && d->letter && t->kind == TREE_DERIV && !t->held &&
           scope_symbol(s, t->child[0], &at, &above) && scope_symbol(s, t->child[1], &at, &below) && above.quantity &&
           below.quantity && above.quantity->timed && above.indices && scope_index(s, above.index[0], &at, &of, &f) &&
           of == 0 &&
           (!below.quantity->timed || (below.indices && scope_index(s, below.index[0], &at, &by, &f) && by == 0));
}

static bool reads_before(scope *s, const tree *t, const quantity *q)
{
    symbol_use use;
    if (scope_is_name(s, t, NULL) && scope_symbol(s, t, NULL, &use))
        return use.quantity == q && use.indices && use.index[0]->kind == TREE_ADD && use.index[0]->count == 2 &&
               use.index[0]->child[1]->kind == TREE_NEG;
    for (int i = 0; i < t->count; i++)
        if (reads_before(s, t->child[i], q))
            return true;
    return false;
}

/* Does the quantity's own formula read it one step before? Then it has an initial state. */
static bool is_state(scope *s, const quantity *q)
{
    for (int i = 0; i < q->definitions; i++)
        if (!q->definition[i]->step && reads_before(s, q->definition[i]->value, q))
            return true;
    return false;
}

/* Does `t` speak of states at step 0, and of nothing else that has steps? */
static bool speaks_of_states(scope *s, const tree *t, const binding *at, bool *states)
{
    symbol_use use;
    int64_t step;
    fault f = { 0 };
    if (t->kind == TREE_DERIV)
        return false;
    if (scope_is_name(s, t, at) && scope_symbol(s, t, at, &use) && use.quantity && use.quantity->timed) {
        *states = true;
        return use.indices && scope_index(s, use.index[0], at, &step, &f) && step == 0 && is_state(s, use.quantity);
    }
    for (int i = 0; i < t->count; i++)
        if (!speaks_of_states(s, t->child[i], at, states))
            return false;
    return true;
}

/* \kappa_t = n^T r_t is n^T r_0 at t = 0, where r_0 is the initial state of r_t = a r_{t-1} + ... */
static bool reads_initial_states(evaluation *e, const definition *d, int64_t step)
{
    binding at = { .letter = d->letter, .kind = LETTER_INDEX, .value = step - d->shift, .outer = d->labels };
    bool states = false;
    return step == 0 && !d->step && d->letter && speaks_of_states(e->world->scope, d->value, &at, &states) && states;
}

bool world_begins(evaluation *e, const definition *d, int64_t step)
{
    return at_initial_state(e, d, step) || begins_at_start(e, d, step) || reads_initial_states(e, d, step);
}
