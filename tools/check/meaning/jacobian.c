/* Derivatives of values on the tape, without names: gradients, Jacobians, one for each sample. */
#include "evaluate.h"

value derivative_refused(evaluation *e)
{
    const char *why = eddy_error(e->world->tape);
    fault_set(meaning_fault(e), FAULT_TAPE, "%s", fault_plain(why));
    return value_none();
}

value derivative_three_axes(evaluation *e)
{
    fault_set(meaning_fault(e), FAULT_NOT_READ,
              "a derivative of a vector by a matrix has three axes: write it element by element");
    return value_none();
}

value derivative_unshaped(evaluation *e, const char *what)
{
    fault_set(meaning_fault(e), FAULT_SHAPES, "%s", what);
    return value_none();
}

/* d (sum of y) / d v */
eddy_var derivative_gradient(eddy_var y, eddy_var v)
{
    eddy_list g = eddy_gradients(eddy_sum(y), EDDY_LIST(v));
    return g.count == 1 ? g.items[0] : (eddy_var){ 0 };
}

/* dy/dv of one element of y, given by sample: the samples do not see each other, so the gradient of the sum over the
 * batch holds them all; of a shared v each sample needs its own. */
static eddy_var by_sample(evaluation *e, eddy_var y, bool y_batched, value v)
{
    if (!y_batched || v.batched)
        return derivative_gradient(y, v.var);
    eddy_var each[64];
    int64_t B = e->world->B;
    for (int64_t b = 0; b < B && b < 64; b++)
        each[b] = derivative_gradient(eddy_select(y, 0, b), v.var);
    return eddy_stack_list(0, (eddy_list){ each, B });
}

value derivative_jacobian(evaluation *e, value y, value v)
{
    return y.rank + v.rank > 2 ? derivative_three_axes(e) : derivative_tensor(e, y, v);
}

/* y, v: values of rank 0, 1 or 2. The result has y's axes, then v's. */
value derivative_tensor(evaluation *e, value y, value v)
{
    if (y.batched && !v.batched && e->world->B > 64)
        return derivative_unshaped(e, "the batch is too large for a derivative by a shared quantity");
    if (!y.batched && v.batched && y.rank)
        return derivative_unshaped(e, "a quantity shared by the batch is differentiated by one of each sample");
    bool batched = y.batched || v.batched;
    value out = { .rank = y.rank + v.rank,
                  .batched = batched,
                  .row = v.row && y.rank == 0,
                  .covector = y.rank == 0,
                  .jacobian = y.rank == 1 && v.rank == 1 };
    if (y.rank == 0) {
        out.var = by_sample(e, y.var, y.batched, v);
        out.same_sides = out.rank == 1 && !batched && !e->world->scope->sided;
        return eddy_ok(out.var) ? out : derivative_refused(e);
    }
    eddy_var item[256];
    int64_t n = value_size(y, 0), m = y.rank == 2 ? value_size(y, 1) : 1;
    if (n * m > 256)
        return derivative_unshaped(e, "a derivative of more than 256 numbers at once");
    for (int64_t i = 0; i < n * m; i++) {
        eddy_var one = eddy_select(y.var, y.batched ? 1 : 0, i / m);
        if (y.rank == 2)
            one = eddy_select(one, y.batched ? 1 : 0, i % m);
        item[i] = by_sample(e, one, y.batched, v);
    }
    int axis = batched ? 1 : 0;
    if (y.rank == 1)
        out.var = eddy_stack_list(axis, (eddy_list){ item, n });
    else { /* of a matrix */
        eddy_shape shape = { 0 };
        if (batched)
            shape.dim[shape.rank++] = e->world->B;
        shape.dim[shape.rank++] = n, shape.dim[shape.rank++] = m;
        for (int i = 0; i < v.rank; i++)
            shape.dim[shape.rank++] = value_size(v, i);
        out.var = eddy_reshape(eddy_stack_list(axis, (eddy_list){ item, n * m }), shape);
    }
    out.row = y.row && out.rank == 1;
    return eddy_ok(out.var) ? out : derivative_refused(e);
}

value derivative_by_vec(evaluation *e, value y, value v)
{
    eddy_var item[256];
    int64_t n = y.rank ? value_size(y, 0) : 1;
    if (y.rank > 1)
        return derivative_unshaped(e, "a derivative by vec(...) is that of a number or of a vector, vec(...) as well");
    if (n > 256 || (y.batched && !v.batched && e->world->B > 64))
        return derivative_unshaped(e, "a derivative of more than 256 numbers at once");
    bool batched = y.batched || v.batched;
    for (int64_t i = 0; i < n; i++) {
        value one = { .rank = v.rank, .batched = batched };
        one.var = by_sample(e, y.rank ? eddy_select(y.var, y.batched ? 1 : 0, i) : y.var, y.batched, v);
        item[i] = value_vec(&e->world->algebra, one).var;
    }
    value out = { .rank = 1 + (y.rank == 1), .batched = batched, .covector = !y.rank, .jacobian = y.rank == 1 };
    out.var = y.rank ? eddy_stack_list(batched ? 1 : 0, (eddy_list){ item, n }) : item[0];
    return eddy_ok(out.var) ? out : derivative_refused(e);
}

void derivative_side(const evaluation *e, value *gradient)
{
    gradient->same_sides &= !e->reading.upstream;
    gradient->row = (e->reading.rows || e->reading.upstream) && !gradient->same_sides;
}

/* The Jacobians of a vector by several vectors of each sample at once: one pass backward for each element of y. False:
 * take them one by one. */
bool derivative_jacobians(evaluation *e, value y, const value *v, int count, value *out)
{
    eddy_var by[CONTEXT_FREE], *item;
    int64_t n = y.rank == 1 ? value_size(y, 0) : 0;
    if (!y.batched || n < 1 || n > 256 || !(item = ARENA_ARRAY(e->context->arena, eddy_var, n * count)))
        return false;
    for (int i = 0; i < count; i++) {
        if (!v[i].batched || v[i].rank > 1)
            return false;
        by[i] = v[i].var;
    }
    for (int64_t j = 0; j < n; j++) {
        eddy_list g = eddy_gradients(eddy_sum(eddy_select(y.var, 1, j)), (eddy_list){ by, count });
        if (g.count != count)
            return false;
        for (int i = 0; i < count; i++)
            item[i * n + j] = g.items[i];
    }
    for (int i = 0; i < count; i++)
        out[i] = (value){ .var = eddy_stack_list(1, (eddy_list){ item + i * n, n }),
                          .rank = 1 + v[i].rank,
                          .batched = true,
                          .jacobian = v[i].rank == 1 };
    return true;
}

quantity *derivative_whole(const world *w, quantity *q)
{
    const definition *d = q->definitions == 1 && !q->timed && !q->called ? q->definition[0] : NULL;
    const tree *part = d && d->elements && d->value->kind == TREE_TRANSPOSE ? d->value->child[0] : d ? d->value : NULL;
    symbol_use name, of;
    bool row = part && part->kind == TREE_SYMBOL && scope_symbol(w->scope, d->symbol, d->labels, &name) &&
               scope_symbol(w->scope, part, d->labels, &of) && of.quantity && !of.quantity->timed &&
               name.indices == 1 && of.indices == 1 && tree_equal(name.index[0], of.index[0]);
    return row ? of.quantity : q;
}
