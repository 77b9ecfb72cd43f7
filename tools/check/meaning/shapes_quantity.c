/* The shapes of quantities: declared, of what defines them, of how they are used, and at last by the look of the
 * name. */
#include "reader.h"
#include "scope_internal.h"
#include "shapes_internal.h"

#include <ctype.h>
#include <string.h>

static int64_t constant_of(struct shapes *s, const tree *t)
{
    fault f = { 0 };
    int64_t n;
    return scope_index(s->scope, t, NULL, &n, &f) && n > 0 ? n : 0;
}

/* Z^{(i)}, with i = 1, ..., m: a column of an n x m matrix, a row of an m x n one. */
static type by_raised(struct shapes *s, const tree *index, type whole)
{
    const letter_row *l = index->kind == TREE_SYMBOL ? scope_declared(s->scope, index->name) : NULL;
    int64_t n = l && l->range ? constant_of(s, l->range) : 0;
    for (int axis = 1; axis >= 0; axis--)
        if (n && s->number[shapes_root(s, whole.d[axis])] == n)
            return type_vector(whole.d[!axis]);
    return type_vector(shapes_fresh(s, 0));
}

/* How many values the letter of an index has: by the setup, or by the sum that binds it; 0: nobody says. */
static int64_t counted_by(struct shapes *s, const tree *index, const binding *env)
{
    const letter_row *l = index->kind == TREE_SYMBOL ? scope_declared(s->scope, index->name) : NULL;
    if (l && l->range)
        return constant_of(s, l->range);
    for (; env && !l && index->kind == TREE_SYMBOL && !index->count; env = env->outer)
        if (!strcmp(env->letter, index->name))
            return env->high;
    return 0;
}

/* A column of one number, where a size is said to be 1. */
static type as_number(struct shapes *s, type part)
{
    return s->scope->single && part.rank == 1 && s->number[shapes_root(s, part.d[0])] == 1 ? type_number() : part;
}

/* How many of the element indices of a use are left when a possible batch index is taken away; notes the ranges of the
 * letters. */
type shapes_by_uses(struct shapes *s, const symbol_use *written, type whole, const binding *env)
{
    symbol_use sorted = scope_sequence_first(s->scope, written, written->quantity->timed);
    const symbol_use *use = &sorted;
    const quantity *q = use->quantity;
    int first = q->timed, elements = use->indices - first;
    if (elements > 0) {
        if (scope_runs_over_batch(s->scope, use->index[first]))
            first++, elements--;
    }
    if (whole.rank < 0 && s->state[q->number] == 0 && elements > 0 && elements <= 2) {
        whole.rank = elements;
        for (int i = 0; i < elements; i++)
            whole.d[i] = shapes_fresh(s, 0);
        s->of[q->number] = whole;
    }
    if (elements == 1 && whole.rank == 2 && use->index[first]->brackets == '(') /* row or column: its range says */
        return as_number(s, by_raised(s, use->index[first], whole));
    for (int i = 0; i < elements && i < whole.rank; i++) {
        const tree *index = use->index[first + i];
        int64_t n = counted_by(s, index, env);
        const struct counted *c = !n && scope_plain(index) ? s->counted : NULL;
        while (c && strcmp(c->letter, index->name) != 0)
            c = c->outer;
        if (n || c)
            shapes_equal(s, whole.d[i], n ? shapes_fresh(s, n) : c->length);
    }
    if (shapes_has_range(use->index + first, elements))
        return shapes_part(s, whole, use->index + first, elements);
    type left = { .rank = whole.rank < 0          ? -1
                          : whole.rank > elements ? whole.rank - elements
                                                  : 0,
                  .slice = whole.rank == 2 && elements == 1,
                  .row = whole.rank == 2 && elements == 1 && s->scope->slice_rows,
                  .open = whole.rank < 0 ? whole.open : 0 };
    for (int i = 0; i < left.rank; i++)
        left.d[i] = whole.d[i + elements];
    return elements == 1 && whole.rank == 2 ? as_number(s, left) : left;
}

typedef struct factor_use { /* how formulas multiply a quantity */
    bool beside, by_elements;
} factor_use;

static void look_at_factors(scope *s, const tree *t, const quantity *q, factor_use *out)
{
    symbol_use use;
    for (int i = 0; i < t->count; i++) {
        const tree *one = t->child[i];
        if (!scope_is_name(s, one, NULL)) {
            look_at_factors(s, one, q, out);
            continue;
        }
        if (!scope_symbol(s, one, NULL, &use) || use.quantity != q)
            continue;
        for (int k = i ? i : 1; t->kind == TREE_MUL && k <= i + 1 && k < t->count; k++) {
            bool by_elements = t->child[k]->join == JOIN_ODOT || t->child[k]->join == JOIN_STAR;
            out->by_elements |= by_elements;
            out->beside |= !by_elements;
        }
        out->by_elements |= t->kind == TREE_APPLY;
    }
}

/* \beta_t in (0,1), which stands beside vectors only: a number; a gate is multiplied element by element. */
static bool is_rate(scope *s, const quantity *q, bool greek)
{
    factor_use seen = { false, false };
    for (int i = 0; i < s->formulas && greek && q->timed && q->flags & (GIVEN_POSITIVE | GIVEN_UNIT); i++)
        look_at_factors(s, s->formula[i], q, &seen);
    return seen.beside && !seen.by_elements;
}

static type guess(struct shapes *s, const quantity *q)
{
    const char *base = q->key, *end = base + strcspn(base, "_^");
    for (const char *space; (space = memchr(base, ' ', (size_t)(end - base)));) /* past the accents */
        base = space + 1;
    const struct use *seen = scope_use(s->scope, q->key);
    int elements = seen ? seen->indices - seen->timed : 0;
    type t = { .rank = q->timed || (*base != '\\' && !isupper((unsigned char)*base)) ? 1 : *base == '\\' ? 0 : 2 };
    bool number = !q->timed && q->flags & (GIVEN_POSITIVE | GIVEN_UNIT); /* given c positive */
    if (t.rank == 1 && (number || is_rate(s->scope, q, *base == '\\')))
        t.rank = 0;
    t.rank = elements > t.rank && elements < 3 ? elements : t.rank; /* its elements are written somewhere */
    for (int i = 0; i < t.rank; i++)
        t.d[i] = shapes_fresh(s, 0);
    if (!strcmp(q->key, "x") && q->timed && s->size(s->context, "I"))
        s->number[t.d[0]] = s->size(s->context, "I");
    return t;
}

/* What is defined element by element: as long as its letters count on the right, which may speak of it too. */
static type by_elements(struct shapes *s, quantity *q, const definition *d)
{
    symbol_use use;
    struct counted letter[8];
    type *of = &s->of[q->number];
    if (!scope_symbol(s->scope, d->symbol, d->labels, &use))
        return (type){ .rank = -1 };
    use.quantity = q;
    for (int i = q->timed; i < use.indices && i < 8 && q->definitions == 1; i++)
        if (scope_plain(use.index[i])) {
            letter[i] = (struct counted){ use.index[i]->name, shapes_fresh(s, 0), s->counted };
            s->counted = &letter[i];
        }
    s->state[q->number] = 0;
    shapes_by_uses(s, &use, *of, NULL);
    s->state[q->number] = 1;
    const type found = shapes_of_tree(s, d->value, d->labels);
    if (found.rank == 1 && use.indices == q->timed + 1 &&
        shapes_has_row(s, d->value, d->labels)) /* q_i = Q_{i:}^\top: row i */
        *of = (type){ .rank = 2, .d = { shapes_fresh(s, 0), found.d[0] } };
    return *of;
}

type shapes_of_quantity(struct shapes *s, quantity *q)
{
    if (q->number >= s->quantities || s->depth > 200)
        return (type){ .rank = -1 };
    type *t = &s->of[q->number];
    if (s->state[q->number] == 2)
        return *t;
    if (s->state[q->number] == 1) { /* a recurrence: open until something in it is a vector */
        t->open = t->rank < 0 ? q->number + 1 : 0;
        return *t;
    }
    s->began[q->number] = ++s->depth;
    s->state[q->number] = 1;
    type found = { .rank = -1 };
    t->rank = -1;
    if (q->shaped) {
        found.rank = q->rank;
        for (int i = 0; i < q->rank; i++)
            found.d[i] = shapes_fresh(s, constant_of(s, q->dim[i]));
        *t = found;
        for (int i = 0; i < q->definitions; i++) /* what it is made of has shapes that fit */
            if (!q->definition[i]->elements) {
                s->state[q->number] = 2;
                shapes_unify(s, found, shapes_of_tree(s, q->definition[i]->value, q->definition[i]->labels));
            }
    } else if (q->kind == QUANTITY_LOSS)
        found = type_number();
    else if (q->kind == QUANTITY_DIRECT || q->kind == QUANTITY_ARGUMENT)
        found = shapes_of_quantity(s, (quantity *)(uintptr_t)q->of);
    else if (q->definitions) {
        const definition *d = q->definition[0];
        for (int i = 1; i < q->definitions && d->step; i++)
            d = q->definition[i];
        const struct counted *outer = s->counted;
        s->counted = NULL; /* letters mean something else there */
        found = d->elements ? by_elements(s, q, d) : shapes_of_tree(s, d->value, d->labels);
        s->counted = outer;
        if (found.number && found.rank == 0 && d->step && q->timed)
            found = guess(s, q);
    }
    if (found.rank < 0 && found.open && found.open != q->number + 1 &&
        t->rank < 1) { /* as open as another one that it is made of */
        s->state[q->number] = 0;
        s->depth--;
        return found;
    }
    if (found.rank < 0)
        found = t->rank >= 1 ? *t : found.open ? type_number() : guess(s, q), found.guessed = t->rank < 1;
    shapes_unify(s, *t, found);
    found.row = found.number = false;
    found.open = 0;
    *t = found;
    s->state[q->number] = 2;
    s->depth--;
    return *t;
}

/* Is the quantity a factor of anything, or an argument? Its derivative says nothing. */
static bool is_factor(struct shapes *s, const tree *t, const quantity *q)
{
    symbol_use use;
    if (t->kind == TREE_DERIV)
        return false;
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++) {
        const tree *part = t->child[i];
        bool same = scope_is_name(s->scope, part, NULL) && scope_symbol(s->scope, part, NULL, &use) &&
                    use.quantity == q && !use.indices;
        if ((same && t->kind != TREE_ADD && t->kind != TREE_NEG && t->kind != TREE_RELATION) ||
            (!same && is_factor(s, part, q)))
            return true;
    }
    return false;
}

type shapes_of_offset(struct shapes *s, const tree *t, const binding *env, type guessed, type other)
{
    symbol_use use;
    if (guessed.rank != 2 || other.rank != 1 || s->scope->batch_written || !scope_is_name(s->scope, t, env) ||
        !scope_symbol(s->scope, t, env, &use) || !use.quantity || use.indices ||
        use.quantity->number >= s->quantities || !s->of[use.quantity->number].guessed)
        return guessed;
    for (int i = 0; i < s->scope->formulas; i++)
        if (is_factor(s, s->scope->formula[i], use.quantity))
            return guessed;
    return s->of[use.quantity->number] = type_vector(other.d[0]);
}

/* Is the name at this end of a product one of time? -1: it is no name, 0: no, 1: yes. */
static int is_timed(struct shapes *s, const tree *t, const binding *env)
{
    symbol_use use;
    while (t->kind == TREE_TRANSPOSE)
        t = t->child[0];
    return scope_is_name(s->scope, t, env) && scope_symbol(s->scope, t, env, &use) && use.quantity ? use.quantity->timed
                                                                                                   : -1;
}

bool shapes_adds_to_columns(struct shapes *s, const tree *sum, const binding *env, type matrix, type vector)
{
    int64_t n = s->number[shapes_root(s, vector.d[0])], rows = s->number[shapes_root(s, matrix.d[0])],
            columns = s->number[shapes_root(s, matrix.d[1])];
    for (int i = 0; i < sum->count; i++) {
        const tree *term = sum->child[i]->kind == TREE_NEG ? sum->child[i]->child[0] : sum->child[i];
        int first = term->kind == TREE_MUL ? is_timed(s, term->child[0], env) : -1,
            last = term->kind == TREE_MUL ? is_timed(s, term->child[term->count - 1], env) : -1;
        if (first == !last)
            return last;
    }
    return n && n == rows && n != columns;
}
