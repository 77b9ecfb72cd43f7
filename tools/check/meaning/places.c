/* What the dot of \sigma'(\cdot) stands for, and \sigma' alone: the argument that the function has in the definition of
 * what is differentiated. */
#include "evaluate.h"
#include "reader.h"
#include "scope_internal.h"

#include <string.h>

enum { CANDIDATES = 8 };

typedef struct candidates {
    evaluation *e;
    const char *function;
    node_name node[CANDIDATES];
    int count;
} candidates;

/* x of f(x); NULL: it is no call of this function. */
static const tree *argument_of(const tree *t, const char *function)
{
    if (t->kind == TREE_APPLY && t->count == 1 && !t->primes && !strcmp(t->name, function))
        return t->child[0];
    bool call = t->kind == TREE_MUL && t->count == 2 && t->child[0]->kind == TREE_SYMBOL && !t->child[0]->primes &&
                !strcmp(t->child[0]->name, function) && t->child[1]->brackets == '(' &&
                t->child[1]->join == JOIN_BESIDE;
    return call ? t->child[1] : NULL;
}

static void add(candidates *c, quantity *q, int64_t step)
{
    for (int i = 0; i < c->count; i++)
        if (c->node[i].quantity == q && c->node[i].step == step)
            return;
    if (c->count < CANDIDATES)
        c->node[c->count++] = (node_name){ q, step };
}

/* u_t = f(a_t), where a at this step is what is differentiated. */
static void add_users(candidates *c, const quantity *q, int64_t step)
{
    scope *s = c->e->world->scope;
    symbol_use use;
    const char *letter;
    for (int i = 0; i < s->quantities; i++)
        for (int k = 0; k < s->quantity[i]->definitions; k++) {
            const definition *d = s->quantity[i]->definition[k];
            const tree *argument = argument_of(d->value, c->function);
            int64_t shift = 0;
            if (!argument || d->step || !scope_is_name(s, argument, d->labels) ||
                !scope_symbol(s, argument, d->labels, &use) || use.quantity != q ||
                (q->timed && (!use.indices || !scope_letter_and_shift(s, use.index[0], &letter, &shift))))
                continue;
            add(c, s->quantity[i], s->quantity[i]->timed ? step - shift + d->shift : 0);
        }
}

static void add_differentiated(candidates *c, const tree *name, const binding *env)
{
    scope *s = c->e->world->scope;
    symbol_use use;
    int64_t step = 0;
    fault f = { 0 };
    if (!scope_is_name(s, name, env) || !scope_symbol(s, name, env, &use) || !use.quantity ||
        (use.quantity->timed && (!use.indices || !scope_index(s, use.index[0], env, &step, &f))))
        return;
    quantity *q = use.quantity->kind == QUANTITY_ARGUMENT ? (quantity *)(uintptr_t)use.quantity->of : use.quantity;
    const definition *d = scope_definition(s, q, step, &f);
    if (d && argument_of(d->value, c->function))
        add(c, q, step);
    else
        add_users(c, use.quantity, step);
}

/* All that is differentiated in t, also by the name of a derivative. */
static void look_through(candidates *c, const tree *t, const binding *env)
{
    scope *s = c->e->world->scope;
    symbol_use use;
    int64_t step = 0;
    fault f = { 0 };
    if (t->kind == TREE_DERIV)
        add_differentiated(c, t->child[1], env);
    if (scope_differential(s, t)) {
        add_differentiated(c, scope_bare(s, t, s->differential), env);
        return;
    }
    if (scope_is_name(s, t, env)) {
        if (!scope_symbol(s, t, env, &use) || !use.quantity ||
            (use.quantity->timed && (!use.indices || !scope_index(s, use.index[0], env, &step, &f))))
            return;
        const definition *d = scope_definition(s, use.quantity, step, &f);
        binding at = { .letter = d && d->letter ? d->letter : "t",
                       .kind = LETTER_INDEX,
                       .value = step - (d ? d->shift : 0) };
        at.outer = d ? d->labels : NULL;
        if (d && d->value->kind == TREE_DERIV)
            add_differentiated(c, d->value->child[1], use.quantity->timed ? &at : d->labels);
        return;
    }
    for (int i = 0; i < t->count; i++)
        look_through(c, t->child[i], env);
}

/* The only quantity that is this function of something. */
static void look_everywhere(candidates *c)
{
    scope *s = c->e->world->scope;
    const binding *t = NULL;
    scope_letter(s, "t", c->e->env, &t);
    for (int i = 0; i < s->quantities; i++)
        for (int k = 0; k < s->quantity[i]->definitions; k++)
            if (argument_of(s->quantity[i]->definition[k]->value, c->function) && (t || !s->quantity[i]->timed))
                add(c, s->quantity[i], t && s->quantity[i]->timed ? t->value : 0);
}

static bool has_place(const tree *t, const char *function)
{
    if (t->kind == TREE_PLACE)
        return !strcmp(t->name, function);
    for (int i = 0; i < t->count; i++)
        if (has_place(t->child[i], function))
            return true;
    return false;
}

static void find_place(evaluation *e, const tree *relation, const char *function)
{
    candidates c = { .e = e, .function = function };
    dot_place *found = &e->place[e->places];
    for (int i = 0; i < e->places; i++)
        if (!strcmp(e->place[i].function, function))
            return;
    if (e->places == PLACES)
        return;
    e->places++;
    if (relation->count)
        look_through(&c, relation->child[0], e->env);
    if (c.count != 1) {
        c.count = 0;
        look_through(&c, relation, e->env);
    }
    if (!c.count)
        look_everywhere(&c);
    *found = (dot_place){ .function = function };
    if (c.count == 1)
        found->quantity = c.node[0].quantity, found->step = c.node[0].step;
    text names = { .arena = e->world->arena };
    for (int i = 0; i < c.count && c.count > 1; i++)
        text_format(&names, "%s$%s$", i ? ", " : "", c.node[i].quantity->shown);
    found->candidates = text_done(&names);
}

static void find_places(evaluation *e, const tree *relation, const tree *t)
{
    if (t->kind == TREE_PLACE && *t->name && has_place(relation, t->name))
        find_place(e, relation, t->name);
    for (int i = 0; i < t->count; i++)
        find_places(e, relation, t->child[i]);
}

void meaning_find_places(evaluation *e, const tree *relation)
{
    find_places(e, relation, relation);
}

value meaning_place(evaluation *e, const tree *t)
{
    scope *s = e->world->scope;
    const dot_place *found = NULL;
    for (int i = 0; i < e->places; i++)
        if (!strcmp(e->place[i].function, t->name))
            found = &e->place[i];
    const definition *d =
        found && found->quantity ? scope_definition(s, found->quantity, found->step, meaning_fault(e)) : NULL;
    const tree *argument = d ? argument_of(d->value, t->name) : NULL;
    if (!argument) {
        fault_set(meaning_fault(e), FAULT_NOT_READ,
                  "the dot in %s'(\\cdot) stands for the argument of %s in the definition of what is differentiated, "
                  "and it is not clear which that is%s%s",
                  *t->name ? t->name : "f", *t->name ? t->name : "f", found && *found->candidates ? ": that of " : "",
                  found ? found->candidates : "");
        return value_none();
    }
    binding at = {
        .letter = d->letter ? d->letter : "t", .kind = LETTER_INDEX, .value = found->step - d->shift, .outer = d->labels
    };
    const binding *outside = e->env;
    bool rows = e->reading.rows;
    e->env = &at;
    e->reading.rows = d->convention == 2;
    value v = meaning_of(e, argument);
    e->env = outside;
    e->reading.rows = rows;
    if (value_ok(v) && v.rank == 1)
        v.row = rows && !v.same_sides;
    return v;
}
