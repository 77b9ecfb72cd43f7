/* What runs over an index: sums, products, maxima and minima with their bounds. */
#include "evaluate.h"
#include "scope_internal.h"

#include <string.h>

/* ---- Bounds of sums and products ---- */

/* The quantity in a body that has `letter` among its indices, and at which place. */
static bool find_index(evaluation *e, const tree *t, const char *letter, symbol_use *use, int *place)
{
    if (!t)
        return false;
    if (scope_is_name(e->world->scope, t, e->env)) {
        binding as_index = { .letter = letter, .kind = LETTER_INDEX, .value = 1, .outer = e->env };
        if (!scope_symbol(e->world->scope, t, &as_index, use))
            return false;
        for (int i = 0; i < use->indices; i++)
            if (use->index[i]->kind == TREE_SYMBOL && !use->index[i]->count && !strcmp(use->index[i]->name, letter)) {
                *place = i;
                return true;
            }
        return false;
    }
    for (int i = 0; i < t->count; i++)
        if (find_index(e, t->child[i], letter, use, place))
            return true;
    return false;
}

bool meaning_range(evaluation *e, const tree *t, const char *letter, int64_t *high, bool *batch)
{
    scope *s = e->world->scope;
    const letter_row *declared = scope_declared(s, letter);
    symbol_use use;
    int place;
    if (declared && declared->of)
        return scope_range(s, declared, t, e->env, e->world, high) ||
               fault_set(meaning_fault(e), FAULT_NOT_READ, "the index $%s$ runs over nothing that is known", letter);
    if (declared && declared->range) {
        *batch = declared->range->kind == TREE_SYMBOL && !strcmp(declared->range->name, "B");
        return meaning_reach(e, t, letter, declared->range, high) ||
               scope_index(s, declared->range, e->env, high, meaning_fault(e));
    }
    if (scope_is_time(s, letter)) {
        *high = e->world->T;
        return true;
    }
    if (!find_index(e, t, letter, &use, &place))
        return fault_set(meaning_fault(e), FAULT_NOT_READ,
                         "the index $%s$ runs over nothing that is known: say \"index %s in ...\" in the setup", letter,
                         letter);
    quantity *q = use.quantity;
    if (q && q->timed && place == 0) {
        *high = e->world->T;
        return true;
    }
    int64_t step = 1;
    if (q && q->timed) {
        binding first = { .letter = letter, .kind = LETTER_INDEX, .value = 1, .outer = e->env };
        if (!scope_index(s, use.index[0], &first, &step, meaning_fault(e)))
            return false;
    }
    value v = q ? world_look(e, q, step) : value_none();
    if (!value_ok(v))
        return fault_set(meaning_fault(e), FAULT_NOT_READ, "the index $%s$ runs over nothing that is known", letter);
    int elements = use.indices - q->timed, axis = place - q->timed;
    if (elements == v.rank + 1 && v.batched && axis == 0) {
        *batch = true;
        *high = e->world->B;
        return true;
    }
    axis -= elements - v.rank;
    if (axis < 0 || axis >= v.rank)
        return fault_set(meaning_fault(e), FAULT_SHAPES, "$%s$ has no such index as $%s$", q->shown, letter);
    *high = value_size(v, axis);
    return true;
}

typedef struct folding {
    const tree *t;
    value sum, at; /* at: of an argmax, the index of the best so far */
    int64_t terms;
    bool leftwards; /* \prod_{t \ge i > k}: a later step stands on the left */
    bool chain;     /* of Jacobians from step to step: the same */
    bool reversed;  /* \prod_{j=k+1}^{t} for a k > t of the claim: such a product is not meant */
} folding;

/* \arg\max: v belongs to the value that the index has here. */
static void fold_best(evaluation *e, folding *f, value v)
{
    const binding *index;
    bool first = !f->terms;
    scope_letter(e->world->scope, f->t->bound[0].index, e->env, &index);
    if (f->t->bounds != 1 || !index || index->kind != LETTER_INDEX || v.rank ||
        (!first && v.batched != f->sum.batched)) {
        f->sum = meaning_failed(e, FAULT_NOT_READ, "%s", "an argmax is understood of numbers, over one index");
        return;
    }
    eddy_var here = eddy_add_scalar(eddy_mul_scalar(v.var, 0), (double)index->value);
    eddy_var better = first ? v.var : f->t->kind == TREE_MAX ? eddy_gt(v.var, f->sum.var) : eddy_lt(v.var, f->sum.var);
    f->at = (value){ .var = first ? here : eddy_where(better, here, f->at.var), .batched = v.batched };
    f->sum.var = first ? v.var : eddy_where(better, v.var, f->sum.var);
    f->sum.batched = v.batched;
}

static void fold_in(evaluation *e, folding *f, value v)
{
    algebra *a = &e->world->algebra;
    if (!strcmp(f->t->name, "arg"))
        fold_best(e, f, v);
    if (!f->terms++) {
        f->sum = v;
        return;
    }
    switch (f->t->kind) {
    case TREE_SUM:
        f->sum = value_add(a, f->sum, v);
        return;
    case TREE_PROD:
        f->sum = f->leftwards ? value_product(a, v, f->sum) : value_product(a, f->sum, v);
        return;
    default:
        if (*f->t->name)
            return;
        f->sum.var = f->t->kind == TREE_MAX ? eddy_maximum(f->sum.var, v.var) : eddy_minimum(f->sum.var, v.var);
    }
}

/* k + 1: what is written so begins after k and runs up. */
static bool begins_after(const tree_bound *b)
{
    return b->from->kind == TREE_ADD && b->from->count == 2 && b->from->child[0]->kind == TREE_SYMBOL &&
           b->from->child[1]->kind == TREE_NUMBER && b->to->kind != TREE_ADD;
}

/* \prod_{k=t}^{s+1}, with s a letter: ends before s and runs down; so does \prod_{k=t}^{t-n+1}. */
static bool ends_before(scope *s, const tree_bound *b)
{
    const tree *to = b->to;
    if (to->kind == TREE_ADD && to->count == 3 && to->child[1]->kind == TREE_NEG && to->child[2]->kind == TREE_NUMBER &&
        scope_plain(b->from) && tree_equal(b->from, to->child[0]))
        return true;
    return b->from->kind == TREE_SYMBOL && to->kind == TREE_ADD && to->count == 2 && scope_plain(to->child[0]) &&
           scope_letter(s, to->child[0]->name, NULL, NULL) == LETTER_INDEX && to->child[1]->kind == TREE_NUMBER;
}

/* \prod_{j=k}^{t-1}, with k and t letters: stops before t and runs up. */
static bool stops_short(const tree_bound *b)
{
    const tree *to = b->to;
    return b->from->kind == TREE_SYMBOL && to->kind == TREE_ADD && to->count == 2 && scope_plain(to->child[0]) &&
           to->child[1]->kind == TREE_NEG;
}

bool meaning_runs_down(scope *s, const tree_bound *b, int64_t low, int64_t high)
{
    const tree *first = b->from->kind == TREE_ADD ? b->from->child[0] : b->from;
    bool late = first->kind == TREE_SYMBOL && (!strcmp(first->name, "T") || !strcmp(first->name, "t"));
    bool to_number = b->to->kind == TREE_NUMBER && b->from->kind != TREE_NUMBER;
    if (to_number && b->to->value > 1)
        return late && !begins_after(b);
    if (ends_before(s, b) && (late || low > high))
        return true;
    return (late && !strcmp(first->name, "T") && first == b->from) || to_number ||
           (low > high + 1 && !begins_after(b) && !stops_short(b));
}

/* Does a bound speak of an index of the claim itself? */
static bool is_free(evaluation *e, const tree *t)
{
    const binding *bound = NULL;
    if (t->kind == TREE_SYMBOL && !t->count)
        return scope_letter(e->world->scope, t->name, e->env, &bound) == LETTER_INDEX && bound && !bound->summed;
    for (int i = 0; i < t->count; i++)
        if (is_free(e, t->child[i]))
            return true;
    return false;
}

static bool fold(evaluation *e, folding *f, int which)
{
    world *w = e->world;
    const tree *t = f->t;
    const binding *outside = e->env;
    if (which == t->bounds) {
        for (int i = 0; i < t->bounds; i++)
            if (t->bound[i].relation && !scope_condition(w->scope, t->bound[i].relation, e->env, &w->fault))
                return w->fault.kind == FAULT_NONE;
        value v = meaning_of(e, t->child[0]);
        if (!value_ok(v))
            return false;
        fold_in(e, f, v);
        return value_ok(f->sum);
    }
    const tree_bound *b = &t->bound[which];
    const letter_row *declared = scope_declared(w->scope, b->index);
    bool ok = true;
    if (b->set || (declared && declared->kind == LETTER_LABEL)) {
        int count = b->set ? b->set->count : declared->labels;
        for (int i = 0; ok && i < count; i++) {
            symbol_use use = { 0 };
            if (b->set && !scope_symbol(w->scope, b->set->child[i], NULL, &use))
                return fault_set(&w->fault, FAULT_NOT_READ, "a set to sum over must be a list of labels");
            binding label = { .letter = b->index,
                              .kind = LETTER_LABEL,
                              .label = b->set ? use.key : declared->label[i],
                              .outer = outside };
            e->env = &label;
            ok = fold(e, f, which + 1);
        }
        e->env = outside;
        return ok;
    }
    int64_t low = 1, high = 1;
    bool batch = false;
    if (b->from && !scope_index(w->scope, b->from, e->env, &low, &w->fault))
        return false;
    if (b->to) {
        if (!scope_index(w->scope, b->to, e->env, &high, &w->fault))
            return false;
    } else if (!strcmp(b->index, "b") && scope_size(w->scope, "B") && !declared)
        high = w->B, batch = true;
    else if (!b->from && b->relation && scope_mentions_time(w->scope, b->relation, NULL))
        high = w->T; /* t >= i > k */
    else if (!meaning_range(e, t->child[0], b->index, &high, &batch))
        return false;
    if (w->scope->from_zero && !b->from && !b->to && !b->relation && scope_is_time(w->scope, b->index))
        low = 0, high = w->T - 1;
    bool down = t->kind == TREE_PROD && b->from && b->to && meaning_runs_down(w->scope, b, low, high);
    f->leftwards |= (f->chain || e->reading.later_left) && !down;
    f->reversed |=
        t->kind == TREE_PROD && b->from && b->to && is_free(e, b->from) && (down ? high > low + 1 : low > high + 1);
    int64_t count = down ? low - high + 1 : high - low + 1;
    if (count > 100000)
        return fault_set(&w->fault, FAULT_TOO_BIG, "a sum of %lld terms is more than a check takes (100000)",
                         (long long)count);
    for (int64_t i = 0; ok && i < count; i++) {
        binding index = { .letter = b->index,
                          .kind = LETTER_INDEX,
                          .value = down ? low - i : low + i,
                          .summed = true,
                          .high = down ? low : high,
                          .outer = outside };
        e->env = &index;
        ok = fold(e, f, which + 1);
    }
    e->env = outside;
    return ok;
}

static bool mentions_letter(const tree *t, const char *letter)
{
    if (!t)
        return false;
    if (t->kind == TREE_SYMBOL && !t->count && !strcmp(t->name, letter))
        return true;
    for (int i = 0; i < t->count; i++)
        if (mentions_letter(t->child[i], letter))
            return true;
    return mentions_letter(t->sub, letter);
}

/* \prod_{t \ge i > k}: written from the last step down. */
static bool listed_down(const tree_bound *b)
{
    const tree *r = b->relation;
    return r && r->count == 3 && (r->relations[0] == REL_GE || r->relations[0] == REL_GT) &&
           (r->relations[1] == REL_GE || r->relations[1] == REL_GT);
}

/* t >= i > k with t < k: such a product is not meant. */
static bool is_reversed(evaluation *e, const tree *r)
{
    int64_t first, last;
    fault f = { 0 };
    bool down = r->relations[0] == REL_GE || r->relations[0] == REL_GT;
    return r->count == 3 && scope_index(e->world->scope, r->child[0], e->env, &first, &f) &&
           scope_index(e->world->scope, r->child[2], e->env, &last, &f) && (down ? first < last : last < first);
}

/* \prod_{i=k+1}^{t} \partial h_i / \partial h_{i-1}: whichever way it runs, the chain says in which order its
 * Jacobians stand. */
static bool is_chain(const tree *t)
{
    const tree *d = t->child[0];
    if (t->kind != TREE_PROD || t->bounds != 1 || d->kind != TREE_DERIV || d->child[0]->kind != TREE_SYMBOL ||
        d->child[1]->kind != TREE_SYMBOL || !d->child[0]->count || !d->child[1]->count)
        return false;
    int by[2] = { 0, 0 };
    for (int side = 0; side < 2; side++) {
        const tree *index = d->child[side]->child[0];
        if (index->kind == TREE_ADD && index->count == 2) {
            by[side] = index->child[1]->kind == TREE_NEG ? -1 : 1;
            index = index->child[0];
        }
        if (index->kind != TREE_SYMBOL || strcmp(index->name, t->bound[0].index))
            return false;
    }
    return by[0] == by[1] + 1;
}

/* \prod_{\tau=k}^{t-1} (W^\top) \delta_{t,t}: the quantities of other steps behind what speaks of \tau stand outside.
 * How many factors are inside? */
static int inside_product(evaluation *e, const tree *t)
{
    const tree *body = t->child[0];
    const char *letter = t->bounds == 1 ? t->bound[0].index : "";
    int count = body->count;
    if (t->kind != TREE_PROD || t->bounds != 1 || body->kind != TREE_MUL || body->brackets)
        return count;
    for (; count > 1; count--) {
        const tree *last = body->child[count - 1];
        symbol_use use;
        last = last->kind == TREE_TRANSPOSE ? last->child[0] : last;
        if (mentions_letter(last, letter) || !scope_is_name(e->world->scope, last, e->env) ||
            !scope_symbol(e->world->scope, last, e->env, &use) || !use.quantity || !use.quantity->timed || !use.indices)
            break;
    }
    for (int i = 0; i < count; i++)
        if (mentions_letter(body->child[i], letter))
            return count;
    return body->count;
}

value meaning_fold(evaluation *e, const tree *t)
{
    algebra *a = &e->world->algebra;
    int inside = inside_product(e, t), outside = t->child[0]->count - inside;
    if (outside > 0 && outside < 16) {
        tree *factor[16], product = *t, body = *t->child[0], *only[] = { &body };
        memcpy(factor + 1, body.child + inside, (size_t)outside * sizeof *factor);
        body.count = inside;
        if (inside == 1)
            only[0] = t->child[0]->child[0];
        product.child = only, product.brackets = '(';
        factor[0] = &product;
        return meaning_product(e, &(tree){ .kind = TREE_MUL,
                                           .name = "",
                                           .accents = "",
                                           .style = "",
                                           .child = factor,
                                           .count = outside + 1,
                                           .height = t->height + 1 });
    }
    /* \sum_b delta_t: over the samples of what has no index b */
    if (t->kind == TREE_SUM && t->bounds == 1 && !t->bound[0].set && !mentions_letter(t->child[0], t->bound[0].index)) {
        int64_t high = 0;
        bool batch = !strcmp(t->bound[0].index, "b") && scope_size(e->world->scope, "B");
        const letter_row *declared = scope_declared(e->world->scope, t->bound[0].index);
        if (declared && declared->range && !meaning_range(e, t->child[0], t->bound[0].index, &high, &batch))
            return value_none();
        if (batch)
            return value_sum_batch(a, meaning_of(e, t->child[0]));
    }
    folding f = { .t = t };
    f.leftwards = t->kind == TREE_PROD && t->bounds == 1 && listed_down(&t->bound[0]);
    f.chain = is_chain(t) && !e->reading.transposed;
    if (!fold(e, &f, 0))
        return value_none();
    if (!f.terms && t->kind == TREE_PROD && t->bounds == 1 &&
        (f.reversed || (t->bound[0].relation && is_reversed(e, t->bound[0].relation))))
        return meaning_failed(e, FAULT_STEP, "%s", "a product whose range ends before it begins");
    if (!f.terms) { /* an empty sum is 0, an empty product 1 */
        if (t->kind == TREE_SUM || t->kind == TREE_PROD)
            return value_number(a, t->kind == TREE_PROD);
        return meaning_failed(e, FAULT_STEP, "%s over nothing", t->kind == TREE_MAX ? "a maximum" : "a minimum");
    }
    return *t->name ? value_taped(a, f.at) : f.sum;
}
