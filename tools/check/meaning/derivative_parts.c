/* Derivatives by what stands for its parts: by a stack of parameters, by vec(...); and whether there is a path to
 * differentiate along at all. */
#include "evaluate.h"
#include "reader.h"
#include "scope_internal.h"

#include <string.h>

static bool has_reader(const world *w, const quantity *q)
{
    for (int i = 0; i < w->edges; i++)
        if (w->edge[i].from.quantity == q || (q->copy && w->edge[i].from.quantity == q->copy))
            return true;
    return false;
}

/* net_0, where only y_0 is read: before the first step there are states and nothing else. */
bool derivative_before_all(const world *w, node_name v)
{
    if (!v.quantity->timed || v.step >= 1 || !v.quantity->definitions || !has_reader(w, v.quantity))
        return false;
    for (int i = 0; i < w->edges; i++)
        if (w->edge[i].from.quantity == v.quantity && w->edge[i].from.step == v.step)
            return false;
    return true;
}

/* W = [W_a; W_i], which no formula reads: the stack of which its parts are read. */
const tree *derivative_stack_of(const world *w, const quantity *q)
{
    const tree *t = q->definitions == 1 && !q->timed && !has_reader(w, q) ? q->definition[0]->value : NULL;
    bool stack = t && ((t->kind == TREE_CONCAT && t->separator == ';') || (t->kind == TREE_MATRIX && t->columns == 1));
    for (int i = 0; stack && i < t->count; i++)
        stack = scope_is_name(w->scope, t->child[i], NULL);
    return stack ? t : NULL;
}

/* The derivative of a number by a stack: that of its parts. */
value derivative_by_stack(evaluation *e, node_name y, const tree *stack)
{
    value part[64];
    evaluation outside = *e;
    outside.inside = false;
    if (stack->count > 64)
        return derivative_unshaped(e, "a stack of more than 64 parts");
    for (int i = 0; i < stack->count; i++) {
        symbol_use use;
        node_name v;
        int first;
        if (!derivative_node(e, stack->child[i], &use, &v, &first) ||
            !value_ok(world_look(&outside, v.quantity, v.step)))
            return value_none();
        part[i] = derivative_of(e, y, v, false);
        if (!value_ok(part[i]))
            return value_none();
        part[i].row = false;
    }
    value all = value_concat(&e->world->algebra, part, stack->count, true);
    if (all.rank == 1)
        derivative_side(e, &all);
    return all;
}

/* The letter k of f_k beside f, a quantity, where nobody said that k is an index; NULL. */
static const char *unsaid_index(evaluation *e, const quantity *q)
{
    const char *under = strrchr(q->key, '_');
    if (!under || under[1] < 'a' || under[1] > 'z' || under[2])
        return NULL;
    return scope_find(e->world->scope, arena_text(e->world->arena, q->key, (size_t)(under - q->key))) ? under + 1
                                                                                                      : NULL;
}

/* Does anything that was evaluated depend on q? A name that nobody gives or reads was forgotten. */
bool derivative_has_paths(evaluation *e, const quantity *q)
{
    if (q->kind == QUANTITY_DEFINED && !q->timed && !has_reader(e->world, q))
        return fault_set(meaning_fault(e), FAULT_NOT_READ,
                         "$%s$ stands in no other definition, so nothing depends on it", q->shown);
    if (q->kind != QUANTITY_GIVEN || q->shaped || has_reader(e->world, q))
        return true;
    const char *letter = unsaid_index(e, q);
    return letter ? fault_set(meaning_fault(e), FAULT_NOT_READ,
                              "$%s$ stands in no definition; if $%s$ counts elements, say so: index %s in H, or "
                              "another size",
                              q->shown, letter, letter)
                  : fault_set(meaning_fault(e), FAULT_NOT_READ,
                              "$%s$ stands in no definition, so nothing depends on it", q->shown);
}

bool derivative_argument_moves(evaluation *e, const tree *t)
{
    symbol_use below;
    bool parameter = false;
    for (const bound_argument *p = e->parameter; p && scope_plain(t->child[0]); p = p->outer)
        parameter |= !strcmp(p->name, t->child[0]->name);
    if (!parameter || !scope_is_name(e->world->scope, t->child[1], e->env) ||
        !scope_symbol(e->world->scope, t->child[1], e->env, &below) || !below.quantity ||
        below.quantity->kind != QUANTITY_GIVEN || has_reader(e->world, below.quantity))
        return true;
    return fault_set(meaning_fault(e), FAULT_NOT_READ,
                     "$%s$ stands in no definition, so nothing can be said of a derivative by it",
                     below.quantity->shown);
}

/* W of \operatorname{vec}(W), also transposed; NULL: it is something else. */
const tree *derivative_inside_vec(const tree *t, bool *transposed)
{
    *transposed = t->kind == TREE_TRANSPOSE;
    t = *transposed ? t->child[0] : t;
    return t->kind == TREE_APPLY && t->count == 1 && !strcmp(t->name, "vec") ? t->child[0] : NULL;
}

/* \partial \operatorname{vec}(h) / \partial \operatorname{vec}(W)^\top */
value derivative_of_vec(evaluation *e, const tree *t, bool explicit_)
{
    bool transposed, above;
    const tree *below = derivative_inside_vec(t->child[1], &transposed),
               *top = derivative_inside_vec(t->child[0], &above);
    symbol_use use;
    node_name v, y;
    int first;
    evaluation outside = *e;
    outside.inside = false;
    top = top ? top : t->child[0];
    if (t->held && !derivative_is_immediate(t))
        return meaning_failed(e, FAULT_NOT_READ, "%s", "beside vec(...) nothing can be held fixed");
    if (!derivative_node(e, below, &use, &v, &first) || use.indices > first)
        return meaning_failed(e, FAULT_NOT_READ, "%s",
                              "what stands below the line of a derivative must be a quantity, also in vec(...)");
    value bottom = world_look(&outside, v.quantity, v.step);
    if (!value_ok(bottom) || !derivative_has_paths(e, v.quantity))
        return value_none();
    bool named = derivative_node(e, top, &use, &y, &first) && use.indices == first;
    value of = value_none();
    if (named && explicit_)
        of = derivative_again(&outside, y, bottom, v, &bottom.var);
    else if (!meaning_fault(e)->kind)
        of = meaning_of(&outside, top);
    value j = value_ok(of) ? derivative_by_vec(e, value_vec(&e->world->algebra, of), bottom) : of;
    if (value_ok(j) && j.rank == 1)
        j.row = transposed;
    return value_ok(j) && !transposed ? derivative_laid_out(e, j) : j;
}
