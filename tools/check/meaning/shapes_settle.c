/* The shapes of a whole document: its formulas in their order, definitions before claims, and a size for what remains
 * open. */
#include "scope_internal.h"
#include "shapes_internal.h"

#include <string.h>

/* A formula for each value of its free labels. */
static void infer_labels(struct shapes *s, const tree *t, const binding *env, const free_letter *letters, int count)
{
    if (!count) {
        shapes_of_tree(s, t, env);
        return;
    }
    const letter_row *l = letters->kind == LETTER_LABEL ? scope_declared(s->scope, letters->letter) : NULL;
    if (!l)
        infer_labels(s, t, env, letters + 1, count - 1);
    for (int i = 0; l && i < l->labels; i++)
        infer_labels(s, t, &(binding){ .letter = l->letter, .kind = LETTER_LABEL, .label = l->label[i], .outer = env },
                     letters + 1, count - 1);
}

static void apply_rules(struct shapes *s)
{
    for (int round = 0; round < 8; round++)
        for (int i = 0; i < s->rules; i++) {
            const sum_rule *r = &s->rule[i];
            int64_t sum = 0, total = s->number[shapes_root(s, r->result)];
            int open = -1, opens = 0;
            for (int k = 0; k < r->count; k++) {
                int64_t n = s->number[shapes_root(s, r->part[k])];
                sum += n;
                if (!n)
                    open = shapes_root(s, r->part[k]), opens++;
            }
            if (!opens && !total)
                s->number[shapes_root(s, r->result)] = sum;
            else if (opens == 1 && total > sum)
                s->number[open] = total - sum;
        }
}

static bool used(struct shapes *s, int64_t n)
{
    for (int i = 0; i < s->dims; i++)
        if (s->number[shapes_root(s, i)] == n)
            return true;
    return false;
}

struct shapes *shapes_new(arena *a, scope *sc, int64_t (*size)(void *context, const char *name), void *context)
{
    struct shapes *s = ARENA_NEW(a, struct shapes);
    if (!s)
        return NULL;
    *s = (struct shapes){ .arena = a, .scope = sc, .size = size, .context = context };
    shapes_fresh(s, 0); /* there is always a dimension 0: what fresh returns when memory is short */
    return s->dims ? s : NULL;
}

/* In C_t = C_{t-1} \odot f_t both factors were open, a recurrence's: what they are is known by now. */
static void open_ones_meet(struct shapes *s)
{
    s->rules = 0;
    for (int i = 0; i < s->quantities; i++) {
        const quantity *q = s->scope->quantity[i];
        for (int k = 0; k < q->definitions; k++)
            if (!q->definition[k]->elements)
                shapes_unify(s, s->of[i], shapes_of_tree(s, q->definition[k]->value, q->definition[k]->labels));
    }
}

/* An axis with a known length that the letter counts in a formula; 0: none. */
static int axis_counted(struct shapes *s, const tree *t, const char *letter, const binding *env)
{
    symbol_use use;
    if (scope_is_name(s->scope, t, env)) {
        const quantity *q = scope_symbol(s->scope, t, env, &use) ? use.quantity : NULL;
        const type *of = q && q->number < s->quantities ? &s->of[q->number] : NULL;
        for (int i = of ? q->timed : 0; of && i < use.indices; i++) {
            int axis = i - q->timed - (use.indices - q->timed > of->rank);
            if (axis >= 0 && axis < of->rank && scope_plain(use.index[i]) && !strcmp(use.index[i]->name, letter) &&
                s->number[shapes_root(s, of->d[axis])])
                return of->d[axis];
        }
        return 0;
    }
    int found = 0;
    for (int i = 0; i < t->count && !found; i++)
        found = axis_counted(s, t->child[i], letter, env);
    return found;
}

/* \delta_i = \partial E / \partial z_i with an i that nobody declares: as long as z, if nothing else says how long. */
static void open_elements_meet(struct shapes *s)
{
    for (int i = 0; i < s->quantities; i++) {
        const quantity *q = s->scope->quantity[i];
        for (int k = 0; k < q->definitions; k++) {
            const definition *d = q->definition[k];
            symbol_use use;
            if (!d->elements || !scope_symbol(s->scope, d->symbol, d->labels, &use))
                continue;
            for (int n = q->timed; n < use.indices && n - q->timed < s->of[i].rank; n++) {
                const letter_row *l = scope_plain(use.index[n]) ? scope_declared(s->scope, use.index[n]->name) : NULL;
                int axis = s->of[i].d[n - q->timed];
                int found = s->number[shapes_root(s, axis)] || !scope_plain(use.index[n]) || (l && l->range)
                                ? 0
                                : axis_counted(s, d->value, use.index[n]->name, d->labels);
                if (found)
                    shapes_equal(s, axis, found);
            }
        }
    }
}

/* Is it that of parts on top of each other? */
static bool is_total(struct shapes *s, int d)
{
    for (int i = 0; i < s->rules; i++)
        if (shapes_root(s, s->rule[i].result) == d)
            return true;
    return false;
}

/* A size that was declared and is nowhere yet, H first; else one that nothing has. */
static int64_t free_number(world *w)
{
    struct shapes *s = w->shapes;
    scope *sc = s->scope;
    const size_name *hidden = scope_size(sc, "H");
    if (hidden && !used(s, hidden->value))
        return hidden->value;
    for (int j = 0; j < sc->sizes; j++)
        if (strcmp(sc->size[j].letter, "B") && strcmp(sc->size[j].letter, "T") && !used(s, sc->size[j].value))
            return sc->size[j].value;
    if (w->options.other)
        return w->options.other;
    int64_t n = 2;
    while (used(s, n))
        n++;
    return n;
}

/* Gives every dimension that is still open a number; sums follow from their parts. */
static void settle(world *w)
{
    struct shapes *s = w->shapes;
    apply_rules(s);
    for (int totals = 0; totals < 2; totals++)
        for (int i = 0; i < s->quantities; i++)
            for (int k = 0; k < s->of[i].rank; k++) {
                int d = shapes_root(s, s->of[i].d[k]);
                if (s->number[d] || (!totals && is_total(s, d)))
                    continue;
                s->number[d] = free_number(w);
                apply_rules(s);
            }
}

bool shapes_infer(world *w, fault *f)
{
    struct shapes *s = w->shapes;
    scope *sc = s->scope;
    /* names that are only used, never said or defined, become quantities first */
    s->quantities = 0;
    s->of = NULL;
    for (int i = 0; i < sc->formulas; i++) {
        free_letter letters[8];
        infer_labels(s, sc->formula[i], NULL, letters, scope_free(sc, sc->formula[i], letters, 8));
    }
    s->quantities = sc->quantities;
    s->of = ARENA_ARRAY(s->arena, type, s->quantities + 1);
    s->state = ARENA_ARRAY(s->arena, signed char, s->quantities + 1);
    s->began = ARENA_ARRAY(s->arena, int, s->quantities + 1);
    if (!s->of || !s->state || !s->began)
        return fault_set(f, FAULT_TOO_BIG, "memory is short");
    for (int i = 0; i < s->quantities; i++)
        s->of[i].rank = -1;
    s->rules = 0;
    for (int i = 0; i < s->quantities; i++)
        if (sc->quantity[i]->shaped || sc->quantity[i]->definitions)
            shapes_of_quantity(s, sc->quantity[i]);
    open_ones_meet(s);
    apply_rules(s);
    open_elements_meet(s);
    settle(w); /* claims come last: a false one must not decide about the shapes of what is defined */
    for (int i = 0; i < sc->formulas; i++) {
        free_letter letters[8];
        infer_labels(s, sc->formula[i], NULL, letters, scope_free(sc, sc->formula[i], letters, 8));
    }
    for (int i = 0; i < s->quantities; i++)
        shapes_of_quantity(s, sc->quantity[i]);
    settle(w);
    return true;
}

/* The axis that the letter counts in a formula: that of h in h_{t,i}, though elsewhere it counts the elements of o. */
static bool range_in(scope *s, const letter_row *l, const tree *t, const binding *env, world *w, int64_t *high)
{
    symbol_use use;
    int rank = 0;
    int64_t dim[2] = { 0, 0 };
    if (scope_is_name(s, t, env) && scope_symbol(s, t, env, &use)) {
        quantity *q = use.quantity;
        size_t n = s->differential ? strlen(s->differential) : 0;
        if (scope_differential(s, t) && !strncmp(use.key, s->differential, n) && use.key[n] == ' ')
            q = scope_find(s, use.key + n + 1);
        for (int i = 0; i < use.indices && q && shapes_get(w, q, &rank, dim); i++) {
            int axis = i - q->timed - (use.indices - q->timed > rank);
            if (axis >= 0 && axis < rank && use.index[i]->kind == TREE_SYMBOL && !use.index[i]->count &&
                !strcmp(use.index[i]->name, l->letter)) {
                *high = dim[axis];
                return true;
            }
        }
        return false;
    }
    for (int i = 0; i < t->count; i++)
        if (range_in(s, l, t->child[i], env, w, high))
            return true;
    return false;
}

bool scope_range(scope *s, const letter_row *l, const tree *where, const binding *env, world *w, int64_t *high)
{
    int rank = 0;
    int64_t dim[2] = { 0, 0 };
    if (where && range_in(s, l, where, env, w, high))
        return true;
    quantity *q = scope_find(s, l->of);
    size_t n = s->differential ? strlen(s->differential) : 0;
    if (!q && n && !strncmp(l->of, s->differential, n) && l->of[n] == ' ') /* dh_{t,j} has the elements of h_t */
        q = scope_find(s, l->of + n + 1);
    if (!q || !shapes_get(w, q, &rank, dim) || l->axis >= rank)
        return false;
    *high = dim[l->axis];
    return true;
}

bool shapes_guessed(const world *w, const quantity *q)
{
    return q->number < w->shapes->quantities && w->shapes->of[q->number].guessed;
}

bool shapes_get(world *w, quantity *q, int *rank, int64_t dim[2])
{
    struct shapes *s = w->shapes;
    if (q->number >= s->quantities || s->of[q->number].rank < 0)
        return false;
    *rank = s->of[q->number].rank;
    for (int i = 0; i < *rank; i++)
        dim[i] = s->number[shapes_root(s, s->of[q->number].d[i])];
    return true;
}
