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

/* W = [W_a; W_i], z_t = [z^i_t; z^f_t], [W_a, U_a; W_i, U_i], which no formula reads: the stack of which its parts are
 * read. */
static const tree *stack_of(const world *w, const quantity *q)
{
    bool whole = q->definitions == 1 && (!q->timed || (!q->definition[0]->step && q->definition[0]->letter));
    const tree *t = whole && !has_reader(w, q) ? q->definition[0]->value : NULL;
    bool stack = t && ((t->kind == TREE_CONCAT && t->separator == ';') || t->kind == TREE_MATRIX);
    for (int i = 0; stack && i < t->count; i++)
        stack = scope_is_name(w->scope, t->child[i], NULL);
    return stack ? t : NULL;
}

bool derivative_by_stack(evaluation *e, node_name y, node_name v, value *out)
{
    const world *w = e->world;
    const tree *stack = stack_of(w, v.quantity);
    if (!stack)
        return false;
    value part[64];
    evaluation outside = *e, inside = *e;
    bool after = v.quantity->timed && v.step > w->T; /* as of everything: nothing, of the same size */
    const definition *d = v.quantity->definition[0];
    binding step = { .letter = v.quantity->timed ? d->letter : "",
                     .kind = LETTER_INDEX,
                     .value = (after ? w->T : v.step) - d->shift,
                     .outer = e->env };
    outside.inside = false;
    if (v.quantity->timed)
        inside.env = &step;
    *out = value_none();
    if (stack->count > 64) {
        *out = derivative_unshaped(e, "a stack of more than 64 parts");
        return true;
    }
    for (int i = 0; i < stack->count; i++) {
        symbol_use use;
        node_name of;
        int first;
        if (!derivative_node(&inside, stack->child[i], &use, &of, &first) ||
            !value_ok(world_look(&outside, of.quantity, of.step)))
            return true;
        part[i] = derivative_of(e, y, of, false);
        if (!value_ok(part[i]))
            return true;
        part[i].row = false;
    }
    algebra *a = &e->world->algebra;
    int columns = stack->kind == TREE_MATRIX ? stack->columns : 1, rows = stack->count / columns;
    for (int i = 0; i < rows && columns > 1; i++) { /* a row of blocks becomes one */
        value_as_blocks(part + i * columns, columns, false);
        part[i] = value_concat(a, part + i * columns, columns, false);
    }
    value all = value_concat(a, part, rows, true);
    if (value_ok(all) && after)
        all.var = eddy_mul_scalar(all.var, 0);
    if (all.rank == 1)
        derivative_side(e, &all);
    *out = all;
    return true;
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
    if (!derivative_node(e, below, &use, &v, &first) || use.indices > first)
        return meaning_failed(e, FAULT_NOT_READ, "%s",
                              "what stands below the line of a derivative must be a quantity, also in vec(...)");
    if (t->held && !derivative_is_immediate(t)) {
        outside.context = derivative_context(e, e->context);
        if (!outside.context || !derivative_hold(e, t->held, &v, 1, outside.context))
            return value_none();
        outside.context->record = false;
        outside.inside = e->inside;
    }
    evaluation bare = outside;
    bare.inside = false;
    value bottom = world_look(&bare, v.quantity, v.step);
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

bool derivative_no_quantity(evaluation *e, const tree *below)
{
    symbol_use use;
    bool square = below->kind == TREE_POW && below->child[1]->kind == TREE_NUMBER &&
                  scope_symbol(e->world->scope, below->child[0], e->env, &use) && use.quantity;
    const char *power = square ? latex_text(e->world->arena, below, LATEX_SOURCE) : "";
    return square ? fault_set(meaning_fault(e), FAULT_NOT_READ,
                              "$%s$ is no quantity here, since $%s$ is: give or define $%s$ instead of its root", power,
                              use.quantity->shown, power)
                  : fault_set(meaning_fault(e), FAULT_NOT_READ,
                              "what stands below the line of a derivative must be a quantity");
}
