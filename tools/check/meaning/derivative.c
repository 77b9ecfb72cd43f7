/* Derivatives in formulas: gradients and Jacobians of the tape, total or explicit, whole or by elements; see world.h
 * and docs/check.md, "Meaning". */
#include "evaluate.h"
#include "scope_internal.h"

#include <string.h>

/* The context in which some quantities are held fixed, or made independent of each other. Derivatives in it are not
 * cached across formulas. */
wiring *derivative_context(evaluation *e, const wiring *like)
{
    wiring *c = context_new(e->world, like->arena);
    if (!c) {
        fault_set(meaning_fault(e), FAULT_TOO_BIG, "memory is short");
        return NULL;
    }
    memcpy(c->cut, like->cut, sizeof c->cut);
    c->cuts = like->cuts;
    memcpy(c->held, like->held, sizeof c->held);
    memcpy(c->held_once, like->held_once, sizeof c->held_once);
    memcpy(c->held_step, like->held_step, sizeof c->held_step);
    c->helds = like->helds;
    return c;
}

bool derivative_is_immediate(const tree *t)
{
    return t->held && t->held->kind == TREE_SYMBOL && !strcmp(t->held->name, "immediate");
}

/* A vector by a matrix: three axes, of which a product with a vector leaves two. */
static bool tensor_nodes(evaluation *e, const tree *t, node_name *y, node_name *v, value *top, value *bottom)
{
    symbol_use above, below;
    int y_first, v_first;
    evaluation outside = *e;
    outside.inside = false;
    if (t->kind != TREE_DERIV || (t->held && !derivative_is_immediate(t)) || t->child[0]->kind == TREE_TUPLE ||
        t->child[1]->kind == TREE_TUPLE || meaning_fault(e)->kind ||
        !derivative_node(e, t->child[0], &above, y, &y_first) ||
        !derivative_node(e, t->child[1], &below, v, &v_first) || above.indices > y_first || below.indices > v_first)
        return false;
    *top = world_look(&outside, y->quantity, y->step);
    *bottom = world_look(&outside, v->quantity, v->step);
    return value_ok(*top) && value_ok(*bottom) && top->rank == 1 && bottom->rank == 2;
}

bool meaning_is_tensor(evaluation *e, const tree *t)
{
    node_name y, v;
    value top, bottom;
    fault before = *meaning_fault(e);
    bool is = tensor_nodes(e, t, &y, &v, &top, &bottom);
    *meaning_fault(e) = before;
    return is;
}

value meaning_contract(evaluation *e, value by, const tree *t)
{
    node_name y, v;
    value top, bottom;
    evaluation outside = *e;
    outside.inside = false;
    if (!value_ok(by) || !tensor_nodes(e, t, &y, &v, &top, &bottom))
        return derivative_three_axes(e);
    bool explicit_ = derivative_is_immediate(t) || e->reading.all_explicit;
    for (int i = 0; i < e->reading.explicits; i++)
        explicit_ |= e->reading.explicit_[i] == t;
    if (explicit_) {
        eddy_var fresh;
        top = derivative_again(&outside, y, bottom, v, &fresh);
        bottom.var = fresh;
    }
    if (!value_ok(top))
        return value_none();
    if (by.rank != 1 || value_size(by, 0) != value_size(top, 0))
        return derivative_unshaped(e,
                                   "a derivative of a vector by a matrix is multiplied with a vector of another size");
    value out = { .var = derivative_gradient(eddy_mul(eddy_detach(by.var), top.var), bottom.var), .rank = 2 };
    return eddy_ok(out.var) ? out : derivative_refused(e);
}

/* A symbol as a node and the element indices that remain. */
bool derivative_node(evaluation *e, const tree *t, symbol_use *use, node_name *node, int *first)
{
    scope *s = e->world->scope;
    if (!scope_symbol(s, t, e->env, use))
        return false;
    quantity *q = use->quantity ? use->quantity : scope_quantity(s, t, e->env);
    if (!q || q->number >= e->context->quantities)
        return fault_set(meaning_fault(e), FAULT_NOT_READ, "what is differentiated is not known");
    use->quantity = q;
    if (q->timed && !use->indices)
        return false;
    node->quantity = q;
    node->step = 0;
    *first = q->timed;
    return !q->timed || scope_index(s, use->index[0], e->env, &node->step, meaning_fault(e));
}

/* Does the first of the element indices say which sequence of the batch? */
static bool names_sample(scope *s, const symbol_use *use, int first, int rank)
{
    int elements = use->indices - first;
    return elements == rank + 1 || (elements > 0 && elements <= rank && scope_runs_over_batch(s, use->index[first]));
}

value derivative_elements(evaluation *e, value j, const symbol_use *y, int y_first, int y_rank, bool y_batched,
                          const symbol_use *v, int v_first, int v_rank, bool v_batched)
{
    algebra *a = &e->world->algebra;
    scope *s = e->world->scope;
    symbol_use sorted[2];
    if (y && y_batched)
        sorted[0] = scope_sequence_first(s, y, y_first), y = &sorted[0];
    if (v && v_batched)
        sorted[1] = scope_sequence_first(s, v, v_first), v = &sorted[1];
    int64_t sample_y = 0, sample_v = 0, at;
    bool has_y = y && y_batched && names_sample(s, y, y_first, y_rank),
         has_v = v && v_batched && names_sample(s, v, v_first, v_rank);
    int axis = 0;
    value out = j;
    if ((has_y && !scope_index(s, y->index[y_first], e->env, &sample_y, meaning_fault(e))) ||
        (has_v && !scope_index(s, v->index[v_first], e->env, &sample_v, meaning_fault(e))))
        return value_none();
    if (has_y || has_v) {
        out = value_sample(a, out, (has_y ? sample_y : sample_v) - 1);
        if (has_y && has_v && sample_y != sample_v) /* the samples do not see each other */
            out.var = eddy_zeros_like(out.var);
    }
    for (int which = 0; which < 2; which++) {
        const symbol_use *u = which ? v : y;
        int rank = which ? v_rank : y_rank, first = which ? v_first + has_v : y_first + has_y;
        int elements = u ? u->indices - first : 0;
        if (elements > rank)
            return derivative_unshaped(e, "a derivative has fewer indices than are written");
        for (int i = 0; i < elements; i++) {
            if (scope_is_class(s, u->index[first + i], u->key, e->env)) {
                out = meaning_at_class(e, out, axis, u->index[first + i]);
                if (!value_ok(out))
                    return out;
                continue;
            }
            if (!scope_index(s, u->index[first + i], e->env, &at, meaning_fault(e)))
                return value_none();
            int64_t n = value_size(out, axis);
            if (at < 1 || at > n)
                return derivative_unshaped(e, "an element index of a derivative is out of range");
            out.var = eddy_select(out.var, out.batched + axis, at - 1);
            out.rank--;
        }
        axis += rank - elements;
    }
    out.jacobian = out.rank == 2;
    return eddy_ok(out.var) ? out : derivative_refused(e);
}

value derivative_laid_out(evaluation *e, value j)
{
    return e->reading.transposed && j.jacobian ? value_transpose(&e->world->algebra, j) : j;
}

/* The derivative of a whole vector by one element. */
static value by_number(const evaluation *e, value j, bool whole)
{
    if (value_ok(j) && whole && j.rank == 1 && e->reading.by_numbers && !j.same_sides)
        j.row = !j.row;
    return j;
}

bool derivative_is_sequence(evaluation *e, const tree *t)
{
    symbol_use use;
    return scope_symbol(e->world->scope, t, e->env, &use) && use.quantity && use.quantity->timed && !use.indices;
}

/* \big|_{\text{via } o_{t+1}} */
static bool is_via(const tree *held)
{
    return held && held->kind == TREE_TUPLE && held->child[0]->kind == TREE_WORDS;
}

/* Along the paths through these quantities only: all paths but those that are left when they are held. */
static value along(evaluation *e, const tree *t)
{
    tree whole = *t, rest = *t, *held = ARENA_NEW(e->world->arena, tree);
    if (!held)
        return meaning_failed(e, FAULT_TOO_BIG, "%s", "memory is short");
    *held = *t->held;
    held->child++, held->count--, held->name = "once";
    whole.held = NULL, rest.held = held;
    value all = meaning_derivative(e, &whole);
    return value_add(&e->world->algebra, all, value_negate(&e->world->algebra, meaning_derivative(e, &rest)));
}

/* Below the line: the quantities by which is differentiated at once, with where each stands. */
typedef struct below_line {
    node_name node[CONTEXT_FREE];
    int first[CONTEXT_FREE], count;
    bool tuple;      /* several, or one that is a sequence */
    symbol_use last; /* the use of the last one */
} below_line;

static bool take_below(evaluation *e, const tree *below, below_line *b)
{
    bool sequence = derivative_is_sequence(e, below);
    b->tuple = below->kind == TREE_TUPLE || below->kind == TREE_CONCAT;
    b->count = b->tuple ? below->count : sequence ? (int)e->world->T : 1;
    if (b->count > CONTEXT_FREE) {
        derivative_unshaped(e, "a derivative by more than 64 quantities at once");
        return false;
    }
    for (int i = 0; i < b->count; i++) {
        const tree *one = b->tuple ? below->child[i] : below;
        symbol_use use;
        if (sequence) { /* by e_1, ..., e_T */
            scope_symbol(e->world->scope, one, e->env, &use);
            b->node[i] = (node_name){ use.quantity, i + 1 };
            b->first[i] = 0;
        } else if (!derivative_node(e, one, &use, &b->node[i], &b->first[i]))
            return derivative_no_quantity(e, one);
        if (b->tuple && use.indices > b->first[i]) {
            derivative_unshaped(e, "a derivative by several quantities cannot be by elements");
            return false;
        }
        b->last = use;
    }
    b->tuple |= sequence;
    return true;
}

bool derivative_hold(evaluation *e, const tree *held, const node_name *node, int count, wiring *c)
{
    scope *s = e->world->scope;
    for (int i = 0; held && i < (held->kind == TREE_TUPLE ? held->count : 1); i++) {
        symbol_use kept;
        const tree *one = held->kind == TREE_TUPLE ? held->child[i] : held;
        if (!scope_symbol(s, one, e->env, &kept) || !(kept.quantity = scope_quantity(s, one, e->env)) ||
            c->helds == CONTEXT_HELD)
            return fault_set(meaning_fault(e), FAULT_NOT_READ, "what is held fixed at the bar must be quantities");
        int at = c->helds++;
        c->held[at] = kept.quantity;
        bool itself = held->kind == TREE_TUPLE && *held->name;
        for (int k = 0; k < count; k++)
            itself |= node[k].quantity == kept.quantity;
        c->held_once[at] = itself && kept.indices && kept.quantity->timed;
        if (c->held_once[at] && !scope_index(s, kept.index[0], e->env, &c->held_step[at], meaning_fault(e)))
            return false;
    }
    return true;
}

/* Side by side the derivatives of y by each part. */
static value by_all(evaluation *e, value y, value *part, int count)
{
    algebra *a = &e->world->algebra;
    value blocks[CONTEXT_FREE], all;
    for (int i = 0; i < count; i++)
        if (!value_ok(part[i]))
            return value_none();
    if (!derivative_jacobians(e, y, part, count, blocks))
        for (int i = 0; i < count; i++)
            blocks[i] = derivative_jacobian(e, y, part[i]);
    if (part[0].rank == 0) { /* by scalars: a column of the Jacobian each */
        for (int i = 0; i < count; i++)
            blocks[i].row = false;
        all = value_stack(a, blocks, count);
        all.stack = all.row = false;
        all.covector = y.rank == 0;
    } else
        all = value_concat(a, blocks, count, false);
    if (!value_ok(all))
        return all;
    all.jacobian = all.rank == 2;
    return derivative_laid_out(e, all);
}

/* Tuples, held quantities, and numerators that are no single quantity: in a context of their own. */
static value in_context(evaluation *e, const tree *t)
{
    below_line b;
    value part[CONTEXT_FREE] = { 0 };
    evaluation inner = *e;
    if (!take_below(e, t->child[1], &b))
        return value_none();
    if (t->held || b.tuple) {
        inner.context = derivative_context(e, e->context);
        if (!inner.context)
            return value_none();
        inner.context->record = false;
        for (int i = 0; b.tuple && i < b.count; i++)
            inner.context->free[inner.context->frees++] = b.node[i];
        if (!derivative_hold(e, t->held, b.node, b.count, inner.context))
            return value_none();
    }
    evaluation outside = inner;
    outside.inside = false;
    for (int i = 0; i < b.count; i++)
        part[i] = world_look(&outside, b.node[i].quantity, b.node[i].step);
    value by = part[0], y = meaning_of(&inner, t->child[0]);
    if (!value_ok(y))
        return value_none();
    return b.tuple ? by_all(e, y, part, b.count)
                   : derivative_elements(e, derivative_jacobian(e, y, by), NULL, 0, y.rank, y.batched, &b.last,
                                         b.first[0], by.rank, by.batched);
}

/* \partial^+ L / \partial h_t of an L without a step: on all paths but those through the steps that come after. */
static value besides_steps(evaluation *e, const tree *t, int64_t step)
{
    scope *s = e->world->scope;
    tree plain = *t;
    evaluation inner = *e;
    inner.context = derivative_context(e, e->context);
    if (!inner.context)
        return value_none();
    inner.context->record = false;
    for (int i = 0; i < s->quantities; i++) {
        quantity *q = s->quantity[i];
        if (!q->timed || !q->definitions || q->kind != QUANTITY_DEFINED)
            continue;
        if (inner.context->helds == CONTEXT_HELD)
            return meaning_failed(e, FAULT_TOO_BIG, "%s", "too many quantities would have to be held fixed");
        int at = inner.context->helds++;
        inner.context->held[at] = q;
        inner.context->held_once[at] = true;
        inner.context->held_step[at] = q->backward ? step - 1 : step + 1;
    }
    plain.held = NULL;
    return meaning_derivative(&inner, &plain);
}

/* \nabla f(a), where f(u) is a function of something else. */
static bool is_at_another_place(evaluation *e, const tree *t)
{
    symbol_use use;
    return t->child[0]->kind == TREE_SYMBOL && scope_symbol(e->world->scope, t->child[0], e->env, &use) &&
           use.quantity && use.quantity->called && use.quantity->of_what->kind == TREE_SYMBOL &&
           !tree_equal(use.quantity->of_what, t->child[1]);
}

static bool is_zero(value v)
{
    const eddy_tensor *x = eddy_value(v.var);
    for (int64_t i = 0; x && i < eddy_tensor_count(x); i++)
        if (eddy_tensor_flat(x, i) != 0)
            return false;
    return x != NULL;
}

/* \partial l(o_t, y_t), of a function that only the bracket explains: that of the call; false: it is something else. */
static bool derivative_of_call(evaluation *e, const tree *t, value *out)
{
    symbol_use known;
    if (t->child[0]->kind != TREE_SYMBOL || !t->child[0]->sub)
        return false;
    if (!scope_is_term(t->child[0]) && scope_symbol(e->world->scope, t->child[0], e->env, &known) && known.quantity &&
        (known.quantity->definitions || known.quantity->kind))
        return false;
    tree *part[] = { t->child[0], t->child[0]->sub };
    tree call = { .kind = TREE_MUL, .count = 2, .child = part, .accents = "", .style = "" }, copy = *t;
    tree *sides[] = { &call, t->child[1] };
    copy.child = sides;
    *out = in_context(e, &copy);
    return true;
}

/* What stands above and below the line, where both are quantities or elements of them. */
typedef struct fraction {
    symbol_use above, below;
    node_name y, v;
    int y_first, v_first; /* the first of their indices that is one of an element */
    bool explicit_;
} fraction;

/* Is there anything that could be differentiated by it? Else why not. */
static bool may_be_below(evaluation *e, const tree *t, fraction *f)
{
    const quantity *q = f->v.quantity, *y = f->y.quantity;
    if (!q->shaped && !q->definitions && scope_beyond_layers(e->world->scope, t->child[1], e->env))
        return fault_set(meaning_fault(e), FAULT_STEP, "$%s$ does not exist: no layer has this number", q->shown);
    f->v.quantity = derivative_whole(e->world, f->v.quantity);
    return (y->kind != QUANTITY_GIVEN || y->shaped || y->definitions || y == f->v.quantity) ||
           fault_set(meaning_fault(e), FAULT_NOT_READ,
                     "$%s$ is neither defined nor given, so nothing can be said of its derivative", y->shown);
}

static value elements_of(evaluation *e, const fraction *f, value all, value top, value bottom)
{
    return derivative_elements(e, all, &f->above, f->y_first, top.rank, top.batched, &f->below, f->v_first, bottom.rank,
                               bottom.batched);
}

static value of_quantities(evaluation *e, const tree *t, fraction *f)
{
    evaluation outside = *e;
    outside.inside = false;
    bool other = f->y.quantity != f->v.quantity;
    value top = world_look(&outside, f->y.quantity, f->y.step), by_stack;
    if (value_ok(top) && other && !top.rank && f->below.indices == f->v_first &&
        derivative_by_stack(e, f->y, f->v, &by_stack))
        return by_stack;
    value bottom = value_ok(top) ? world_look(&outside, f->v.quantity, f->v.step) : top;
    if (!value_ok(bottom) || (other && !derivative_has_paths(e, f->v.quantity)))
        return value_none();
    if (top.rank && (other || f->y.step != f->v.step) && derivative_before_all(e->world, f->v)) {
        fault_set(meaning_fault(e), FAULT_STEP, "$%s$ does not exist at step %lld", f->v.quantity->shown,
                  (long long)f->v.step);
        return value_none();
    }
    bool whole = f->above.indices == f->y_first;
    f->explicit_ &= top.rank != 0;    /* the derivative of a scalar is total */
    if (top.rank + bottom.rank > 2) { /* a vector by a matrix, of which elements are meant */
        if (whole && f->below.indices == f->v_first)
            return derivative_three_axes(e);
        if (top.rank > 2 || bottom.rank > 2)
            return in_context(e, t);
        value all = derivative_whole_of(e, f->y, f->v, f->explicit_);
        all = value_ok(all) ? elements_of(e, f, all, top, bottom) : all;
        return all.rank > 2 ? derivative_three_axes(e) : by_number(e, all, whole);
    }
    value j = derivative_of(e, f->y, f->v, f->explicit_);
    if (!value_ok(j))
        return value_none();
    if (j.rank == 1 && top.rank == 0)
        derivative_side(e, &j);
    j = elements_of(e, f, j, top, bottom);
    if (value_ok(j) && !top.rank && j.rank == 2 && e->reading.numerator)
        return value_transpose(&e->world->algebra, j);
    if (top.rank)
        j = by_number(e, j, whole && f->below.indices > f->v_first);
    return value_ok(j) && top.rank ? derivative_laid_out(e, j) : j; /* of a scalar it has the shape of what it is by */
}

static value derivative_as_written(evaluation *e, const tree *t)
{
    fraction f = { .y_first = 0 };
    bool transposed;
    value call;
    if (derivative_of_call(e, t, &call))
        return call;
    if (!derivative_argument_moves(e, t))
        return value_none();
    if (is_via(t->held))
        return along(e, t);
    if (derivative_is_immediate(t) && derivative_node(e, t->child[0], &f.above, &f.y, &f.y_first) &&
        !f.y.quantity->timed && derivative_node(e, t->child[1], &f.below, &f.v, &f.v_first) && f.v.quantity->timed)
        return besides_steps(e, t, f.v.step);
    if (meaning_fault(e)->kind)
        return value_none();
    f.explicit_ = e->reading.all_explicit;
    for (int i = 0; i < e->reading.explicits; i++)
        f.explicit_ |= e->reading.explicit_[i] == t;
    f.explicit_ |= derivative_is_immediate(t);
    if (derivative_inside_vec(t->child[1], &transposed))
        return derivative_of_vec(e, t, f.explicit_);
    if (t->child[0]->kind == TREE_TUPLE || t->child[1]->kind == TREE_TUPLE ||
        (t->held && !derivative_is_immediate(t)) || derivative_is_sequence(e, t->child[1]) ||
        scope_differential(e->world->scope, t->child[0]) || /* of dX */
        !derivative_node(e, t->child[0], &f.above, &f.y, &f.y_first))
        return meaning_fault(e)->kind ? value_none() : in_context(e, t);
    if (!derivative_node(e, t->child[1], &f.below, &f.v, &f.v_first)) {
        derivative_no_quantity(e, t->child[1]);
        return value_none();
    }
    return may_be_below(e, t, &f) ? of_quantities(e, t, &f) : value_none();
}

/* \partial y / \partial x^\top and \partial y^\top / \partial x say their layout themselves: the Jacobian with a row
 * for each element of y, and its transpose. The derivative of a number by x^\top is a row. */
static value with_layout(evaluation *e, const tree *t)
{
    algebra *a = &e->world->algebra;
    bool below = t->child[1]->kind == TREE_TRANSPOSE;
    tree *part[2] = { t->child[0], t->child[1] }, plain = *t;
    part[below] = part[below]->child[0];
    plain.child = part;
    evaluation inner = *e;
    inner.reading.transposed = inner.reading.numerator = false;
    inner.reading.upstream &= inner.reading.rows;
    for (int i = 0; i < inner.reading.explicits; i++)
        if (inner.reading.explicit_[i] == t)
            inner.reading.explicit_[i] = &plain;
    value of = meaning_of(&inner, part[0]), v = value_ok(of) ? derivative_as_written(&inner, &plain) : of;
    return value_ok(v) && below == !of.rank ? value_transpose(a, v) : v;
}

static bool says_layout(const tree *t)
{
    bool transposed;
    return (t->child[0]->kind == TREE_TRANSPOSE) != (t->child[1]->kind == TREE_TRANSPOSE) &&
           !derivative_inside_vec(t->child[1], &transposed);
}

value meaning_derivative(evaluation *e, const tree *t)
{
    value v = says_layout(t) ? with_layout(e, t) : derivative_as_written(e, t);
    if (value_ok(v) && is_at_another_place(e, t) && is_zero(v))
        return meaning_failed(e, FAULT_NOT_READ,
                              "$%s$ is a function of something else: its derivative at another place has a prime",
                              t->child[0]->name);
    return v;
}
