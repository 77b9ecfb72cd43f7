/* Derivatives of one quantity by another, each computed once in a context. */
#include "evaluate.h"

#include <string.h>

value derivative_again(evaluation *e, node_name y, value v, node_name vn, eddy_var *fresh)
{
    *fresh = eddy_add_scalar(v.var, 0);
    evaluation inner = { .context = e->context,
                         .world = e->world,
                         .inside = true,
                         .to = y,
                         .replaced = vn,
                         .replacement = *fresh,
                         .depth = e->depth };
    if (y.quantity->kind == QUANTITY_GIVEN) { /* it depends on nothing but itself */
        value same = world_look(e, y.quantity, y.step);
        if (y.quantity == vn.quantity && y.step == vn.step)
            same.var = *fresh;
        return same;
    }
    return world_again(&inner, y.quantity, y.step);
}

value derivative_whole_of(evaluation *e, node_name y, node_name v, bool explicit_)
{
    wiring *c = e->context;
    for (int i = 0; i < c->derivatives; i++) {
        const derivative_entry *d = &c->derivative[i];
        if (d->y.quantity == y.quantity && d->y.step == y.step && d->v.quantity == v.quantity && d->v.step == v.step &&
            d->explicit_ == explicit_)
            return d->value;
    }
    evaluation outside = *e;
    outside.inside = false;
    outside.replaced = (node_name){ 0 };
    value top = world_look(&outside, y.quantity, y.step), bottom = world_look(&outside, v.quantity, v.step);
    if (!value_ok(top) || !value_ok(bottom))
        return value_none();
    if (explicit_) {
        value by = bottom;
        top = derivative_again(&outside, y, bottom, v, &by.var);
        if (!value_ok(top))
            return value_none();
        bottom = by;
    }
    value out = derivative_tensor(e, top, bottom);
    if (!value_ok(out))
        return value_none();
    if (c->derivatives == c->derivative_room) {
        int room = c->derivative_room ? 2 * c->derivative_room : 32;
        derivative_entry *more = ARENA_ARRAY(c->arena, derivative_entry, room);
        if (!more)
            return out;
        if (c->derivatives)
            memcpy(more, c->derivative, (size_t)c->derivatives * sizeof *more);
        c->derivative = more, c->derivative_room = room;
    }
    c->kept++;
    c->derivative[c->derivatives++] = (derivative_entry){ y, v, explicit_, out };
    return out;
}

value derivative_of(evaluation *e, node_name y, node_name v, bool explicit_)
{
    value out = derivative_whole_of(e, y, v, explicit_);
    return out.rank > 2 ? derivative_three_axes(e) : out;
}
