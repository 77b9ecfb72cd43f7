/* \mathrm d X, the shorthand for the derivative of the loss by X that the setup names. */
#include "evaluate.h"

/* dh of an h_t, as h is: the differentials of all steps, one beside the other */
static value whole_differential(evaluation *e, const tree *t)
{
    value part[256];
    world *w = e->world;
    tree step = { .kind = TREE_NUMBER, .name = "", .accents = "", .style = "" }, *child = &step, one = *t;
    if (w->T > 256)
        return meaning_failed(e, FAULT_TOO_BIG, "%s", "a sequence is longer than 256 steps");
    one.child = &child, one.count = 1, one.quantity = NULL;
    for (int64_t i = 1; i <= w->T; i++) {
        step.value = (double)i;
        part[i - 1] = meaning_differential(e, &one);
        if (!value_ok(part[i - 1]))
            return value_none();
    }
    return value_stack(&w->algebra, part, (int)w->T);
}

/* \mathrm d X: the derivative of the loss that the setup names. */
value meaning_differential(evaluation *e, const tree *t)
{
    world *w = e->world;
    const tree *copy = scope_bare(w->scope, t, w->scope->differential);
    symbol_use use;
    if (!copy->count && derivative_is_sequence(e, copy))
        return whole_differential(e, t);
    node_name v;
    int first = 0;
    if (!derivative_node(e, copy, &use, &v, &first)) {
        fault_set(meaning_fault(e), FAULT_NOT_READ, "the quantity after \\mathrm %s is not known",
                  w->scope->differential);
        return value_none();
    }
    v.quantity = derivative_whole(w, v.quantity);
    evaluation outside = *e;
    outside.inside = false;
    node_name loss = { w->scope->differential_loss, 0 };
    value top = world_look(&outside, loss.quantity, 0), by_stack;
    if (value_ok(top) && use.indices == first && derivative_by_stack(e, loss, v, &by_stack))
        return by_stack;
    value bottom = world_look(&outside, v.quantity, v.step);
    value j = value_ok(bottom) ? derivative_of(e, loss, v, false) : bottom;
    if (!value_ok(j))
        return j;
    if (!derivative_has_paths(e, v.quantity))
        return value_none();
    if (j.rank == 1)
        derivative_side(e, &j);
    return derivative_elements(e, j, NULL, 0, 0, false, &use, first, bottom.rank, bottom.batched);
}
