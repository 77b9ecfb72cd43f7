/* Differentials, dS = dA V^T + A dV. Each quantity that stands behind a d on the right side moves by itself, in a
 * direction drawn at random; what it is made of stays. How the left side moves then is the tape's to say. */
#include "evaluate.h"
#include "reader.h"

value meaning_direction(evaluation *e, const node_name *node)
{
    world *w = e->world;
    quantity *q = node->quantity;
    evaluation outside = *e;
    outside.inside = false;
    value v = world_look(&outside, q, node->step);
    if (!value_ok(v))
        return v;
    if (!q->differential) {
        if (!(q->differential = ARENA_NEW(w->scope->arena, quantity)))
            return meaning_failed(e, FAULT_TOO_BIG, "%s", "memory is short");
        *q->differential = (quantity){ .key = arena_format(w->scope->arena, "differential %s", q->key),
                                       .shown = arena_format(w->scope->arena, "\\mathrm{d} %s", q->shown),
                                       .timed = q->timed,
                                       .drawn = true };
    }
    const value *there = world_find_leaf(w, q->differential, node->step);
    if (there)
        v.var = there->var;
    else {
        int64_t dim[2] = { v.rank ? value_size(v, 0) : 1, v.rank == 2 ? value_size(v, 1) : 1 };
        v = world_leaf(w, q->differential, node->step, v, dim, false);
    }
    v.number = v.covector = v.jacobian = v.pending = false;
    for (int i = 0; i < e->moved->count; i++)
        if (e->moved->node[i].quantity == q && e->moved->node[i].step == node->step)
            return v;
    if (e->moved->count == CONTEXT_FREE)
        return meaning_failed(e, FAULT_TOO_BIG, "%s", "more than 64 differentials at once");
    e->moved->node[e->moved->count] = *node;
    e->moved->direction[e->moved->count++] = v.var;
    return v;
}

value meaning_moved(evaluation *e, const tree *left)
{
    const moving *m = e->moved;
    eddy_var at[CONTEXT_FREE];
    evaluation inner = *e;
    inner.moved = NULL;
    inner.reading.differentials = false;
    inner.context = derivative_context(e, e->context);
    if (!inner.context)
        return value_none();
    inner.context->record = false;
    for (int i = 0; i < m->count; i++)
        inner.context->free[inner.context->frees++] = m->node[i];
    evaluation outside = inner;
    outside.inside = false;
    symbol_use use;
    node_name node;
    int first;
    for (int i = 0; i < m->count; i++) {
        value v = world_look(&outside, m->node[i].quantity, m->node[i].step);
        if (!value_ok(v))
            return v;
        at[i] = v.var;
        if (left->kind == TREE_SYMBOL && derivative_node(e, left, &use, &node, &first) &&
            node.quantity == m->node[i].quantity && node.step == m->node[i].step)
            return meaning_failed(e, FAULT_NOT_READ, "the differential of $%s$ stands on both sides",
                                  use.quantity->shown);
    }
    value y = meaning_of(&inner, left);
    if (!value_ok(y))
        return y;
    eddy_list along = eddy_jvp(EDDY_LIST(y.var), (eddy_list){ at, m->count },
                               (eddy_list){ (eddy_var *)(uintptr_t)m->direction, m->count });
    y.var = along.count == 1 ? along.items[0] : (eddy_var){ 0 };
    y.number = y.covector = false;
    return value_taped(&e->world->algebra, y);
}
