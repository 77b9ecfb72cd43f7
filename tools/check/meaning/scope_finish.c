/* What is found out once everything is said: recurrences that run backward, names of parts, arguments of functions. */
#include "reader.h"
#include "scope_internal.h"

#include <string.h>

typedef struct chase {
    scope *scope;
    const quantity *start;
    int visited[512][2], count;
    bool backward;
} chase;

static void chase_tree(chase *c, const tree *t, const binding *env, int64_t shift);

static void chase_quantity(chase *c, const quantity *q, int64_t shift)
{
    if (q == c->start && c->count) {
        c->backward |= shift > 0;
        return;
    }
    for (int i = 0; i < c->count; i++)
        if (c->visited[i][0] == q->number && c->visited[i][1] == (int)shift)
            return;
    if (c->count == 512 || shift > 3 || shift < -3)
        return;
    c->visited[c->count][0] = q->number;
    c->visited[c->count++][1] = (int)shift;
    if (q->of)
        chase_quantity(c, q->of, shift);
    for (int i = 0; i < q->definitions; i++)
        if (!q->definition[i]->step)
            chase_tree(c, q->definition[i]->value, q->definition[i]->labels, shift - q->definition[i]->shift);
}

static void chase_tree(chase *c, const tree *t, const binding *env, int64_t shift)
{
    symbol_use use;
    const char *name;
    int64_t more;
    if (t->kind == TREE_DERIV) /* a derivative is no recurrence */
        return;
    if ((t->kind == TREE_SYMBOL || t->kind == TREE_POW) && scope_symbol(c->scope, t, env, &use) && use.quantity &&
        use.quantity->timed && use.indices && scope_letter_and_shift(c->scope, use.index[0], &name, &more))
        chase_quantity(c, use.quantity, shift + more);
    for (int i = 0; i < t->count; i++)
        chase_tree(c, t->child[i], env, shift);
}

static bool is_name_in(const tree *t, const tree *x)
{
    bool found = tree_equal(t, x);
    for (int i = 0; i < t->count && !found; i++)
        found = is_name_in(t->child[i], x);
    return found;
}

/* x^\top A x, \|x\|, A x with a given matrix A: x is no number there. */
static bool is_vector_in(scope *s, const tree *t, const tree *x)
{
    if ((t->kind == TREE_TRANSPOSE || t->kind == TREE_NORM || t->kind == TREE_INNER) && is_name_in(t, x))
        return true;
    for (int i = 0; i < t->count; i++) {
        symbol_use use;
        const tree *before = t->kind == TREE_MUL && i ? t->child[i - 1] : NULL;
        if (before && tree_equal(t->child[i], x) && scope_is_name(s, before, NULL) &&
            scope_symbol(s, before, NULL, &use) && use.quantity && use.quantity->shaped &&
            use.quantity->rank - (use.indices - use.quantity->timed) == 2)
            return true;
        if (is_vector_in(s, t->child[i], x))
            return true;
    }
    return false;
}

/* Is it so in any function of an x? */
static bool is_vector_argument(scope *s, const tree *x)
{
    for (int i = 0; i < s->quantities; i++)
        for (int k = 0; k < s->quantity[i]->definitions && s->quantity[i]->called; k++)
            if (tree_equal(s->quantity[i]->of_what, x) && is_vector_in(s, s->quantity[i]->definition[k]->value, x))
                return true;
    return false;
}

/* x of f(x) = ..., which is nothing else, and of \sigma'(x) = ... beside x_t: any number. */
static void give_arguments(scope *s)
{
    for (int i = 0; i < s->splits; i++) {
        tree bare = { .kind = TREE_SYMBOL, .name = s->split[i], .accents = "", .style = "" };
        quantity *x = strpbrk(s->split[i], " _^") ? NULL : scope_quantity(s, &bare, NULL);
        if (x && x->kind == QUANTITY_GIVEN && !x->shaped && !x->drawn && !x->definitions)
            x->drawn = x->shaped = true, x->rank = 0;
    }
    for (int i = 0, count = s->quantities; i < count; i++) {
        const tree *of = s->quantity[i]->called ? s->quantity[i]->of_what : NULL;
        if (!of || of->kind != TREE_SYMBOL || of->count || *of->accents || scope_size(s, of->name))
            continue;
        quantity *x = scope_quantity(s, of, NULL);
        if (x && x->kind == QUANTITY_GIVEN && !x->shaped && !x->drawn && !x->definitions && !x->timed &&
            !is_vector_argument(s, of))
            x->drawn = x->shaped = true, x->rank = 0;
    }
}

/* z_t = W h_t + b, said after y_t = softmax(W h_t + b): what stands in y_t is z_t. */
static const tree *with_name(scope *s, const tree *t, const tree *value, const tree *name)
{
    if (tree_equal(t, value)) { /* g(W x + b): between the same brackets, behind the same sign */
        tree *there = ARENA_NEW(s->arena, tree);
        if (!there)
            return t;
        *there = *name;
        there->brackets = t->brackets, there->join = t->join;
        return there;
    }
    if (t->height <= value->height)
        return t;
    tree *copy = NULL;
    for (int i = 0; i < t->count; i++) {
        const tree *part = with_name(s, t->child[i], value, name);
        if (part == t->child[i])
            continue;
        if (!copy) {
            tree **child = ARENA_ARRAY(s->arena, tree *, t->count);
            if (!child || !(copy = ARENA_NEW(s->arena, tree)))
                return t;
            *copy = *t;
            memcpy(child, t->child, (size_t)t->count * sizeof *child);
            copy->child = child;
        }
        copy->child[i] = (tree *)(uintptr_t)part;
    }
    return copy ? copy : t;
}

static bool stands_in(scope *s, const tree *t, const quantity *q)
{
    symbol_use use;
    if (t->kind == TREE_DERIV) /* that asks for it, and is no use */
        return false;
    if (scope_is_name(s, t, NULL) && scope_symbol(s, t, NULL, &use) && use.quantity == q)
        return true;
    for (int i = 0; i < t->count; i++)
        if (stands_in(s, t->child[i], q))
            return true;
    return false;
}

static void name_parts(scope *s)
{
    for (int i = 0; i < s->quantities; i++) {
        quantity *q = s->quantity[i];
        const definition *d = q->definitions == 1 ? q->definition[0] : NULL;
        if (!d || d->step || d->shift || d->elements || q->library || q->called || q->argument ||
            (d->value->kind != TREE_ADD && d->value->kind != TREE_MUL))
            continue;
        bool used = false;
        for (int k = 0; k < s->quantities && !used; k++)
            for (int m = 0; m < s->quantity[k]->definitions && !used; m++)
                used = stands_in(s, s->quantity[k]->definition[m]->value, q);
        for (int k = 0; k < s->quantities && !used; k++)
            for (int m = 0; m < s->quantity[k]->definitions; m++) {
                definition *other = s->quantity[k]->definition[m];
                bool same = !other->letter || !d->letter || !strcmp(other->letter, d->letter);
                if (other != d && !other->shift && !other->step && same && !tree_equal(other->value, d->value))
                    other->value = with_name(s, other->value, d->value, d->symbol);
            }
    }
}

void scope_finish(scope *s)
{
    give_arguments(s);
    name_parts(s);
    scope_copies(s);
    for (int i = 0; i < s->quantities; i++) {
        quantity *q = s->quantity[i];
        chase c = { .scope = s, .start = q };
        if (q->timed && q->definitions)
            chase_quantity(&c, q, 0);
        q->backward |= c.backward;
    }
    s->frozen = true;
}
