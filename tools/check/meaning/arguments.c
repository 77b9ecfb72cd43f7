/* Brackets behind the name of a quantity that only repeat what it depends on: f(x), where f = x^\top A x. */
#include "evaluate.h"
#include "scope_internal.h"

enum { DEFINITIONS_DEEP = 8 };

static bool depends_on(scope *s, const quantity *q, const quantity *on, int deep);

static bool speaks_of(scope *s, const tree *t, const quantity *on, int deep)
{
    symbol_use use;
    if (scope_is_name(s, t, NULL) && scope_symbol(s, t, NULL, &use) && use.quantity)
        return use.quantity == on || (deep && depends_on(s, use.quantity, on, deep - 1));
    for (int i = 0; i < t->count; i++)
        if (speaks_of(s, t->child[i], on, deep))
            return true;
    return false;
}

static bool depends_on(scope *s, const quantity *q, const quantity *on, int deep)
{
    for (int i = 0; i < q->definitions; i++)
        if (speaks_of(s, q->definition[i]->value, on, deep))
            return true;
    return false;
}

bool meaning_repeats_arguments(scope *s, const tree *name, const tree *argument)
{
    symbol_use of, use;
    bool list = argument->kind == TREE_TUPLE;
    if (name->kind != TREE_SYMBOL || name->primes || argument->brackets != '(' || argument->join != JOIN_BESIDE ||
        !scope_symbol(s, name, NULL, &of) || !of.quantity || of.quantity->called || of.quantity->timed)
        return false;
    for (int i = 0; i < (list ? argument->count : 1); i++) {
        const tree *one = list ? argument->child[i] : argument;
        if (one->kind != TREE_SYMBOL || !scope_is_name(s, one, NULL) || !scope_symbol(s, one, NULL, &use) ||
            !use.quantity || !depends_on(s, of.quantity, use.quantity, DEFINITIONS_DEEP))
            return false;
    }
    return true;
}
