/* Functions that a document uses and does not define: l(o_t, y_t), f(a), \phi'(a), f_k(a). */
#include "evaluate.h"
#include "reader.h"
#include "scope_internal.h"

#include <string.h>

/* l(o_t, y_t), \mathcal L(x_t): a number that depends on its arguments smoothly, whatever it is. */
bool is_unknown_scalar(scope *s, const tree *t, const tree *argument)
{
    static const char *const names[] = { "l", "\\ell", "L", "J", "E", "C", "CE", "loss", "cost", "Loss" };
    const quantity *q = t->kind == TREE_SYMBOL && !t->count && !*t->accents ? scope_find(s, t->name) : NULL;
    if (scope_is_term(t))
        return true;
    if (t->kind != TREE_SYMBOL || t->count || *t->accents || t->primes ||
        (q && (q->definitions || q->shaped || q->drawn || q->timed || q->kind)))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(t->name, names[i]))
            return true;
    return argument->kind == TREE_TUPLE;
}

/* Some smooth function, the same wherever the letter stands: what is true of it is true of many. Steeper than 1 in
 * places, neither odd nor monotonic, and bounded, so that recurrences stay moderate. */
static eddy_var smooth(eddy_var x)
{
    eddy_var falling = eddy_exp(eddy_mul_scalar(eddy_softplus(x), -0.5)); /* from 1 down to 0 */
    return eddy_add(eddy_mul_scalar(eddy_add_scalar(eddy_neg(falling), 1), 3),
                    eddy_mul_scalar(eddy_sin(eddy_mul_scalar(x, 2)), 0.3));
}

value unknown_scalar(evaluation *e, const tree *name, const tree *argument)
{
    int count = argument->kind == TREE_TUPLE ? argument->count : 1;
    value total = value_none(), mixed = total;
    algebra *a = &e->world->algebra;
    if (name->table && !strcmp(name->table, "unsaid")) /* another L than the loss would accuse the innocent */
        return meaning_failed(e, FAULT_NOT_READ,
                              "no formula says what the function $%s$ of these arguments is, as the loss is computed "
                              "otherwise; write one as the other",
                              name->name);
    for (int i = 0; i < count; i++) {
        value x = meaning_of(e, count > 1 ? argument->child[i] : argument);
        if (!value_ok(x))
            return value_none();
        x.covector = x.pending = x.number = x.row = false;
        value y = x, z = x;
        y.var =
            smooth(eddy_add_scalar(eddy_mul_scalar(x.var, 1 + 0.3 * i), 0.05 * (double)(unsigned char)name->name[0]));
        z.var = eddy_sin(eddy_mul_scalar(x.var, 0.6 + 0.2 * i));
        y = value_sum_all(a, y), z = value_sum_all(a, z);
        total = i ? value_add(a, total, y) : y;
        mixed = i ? value_product(a, mixed, z) : z;
    }
    return value_add(a, total, mixed);
}

static bool is_word(const tree *t)
{
    return t->kind == TREE_SYMBOL && !t->count && !strcmp(t->style, "rm") && strlen(t->name) > 1;
}

/* f(...), \phi'(a): a letter that functions have and that nothing defines. */
bool scope_is_unknown_function(scope *s, const tree *t)
{
    static const char *const names[] = { "f", "g", "\\phi", "\\varphi", "\\psi" };
    if (scope_is_call(t))
        return true;
    bool labelled = t->kind == TREE_SYMBOL && t->count == 1 && is_word(t->child[0]); /* f^{out} */
    const quantity *q = t->kind != TREE_SYMBOL || *t->accents ? NULL
                        : labelled  ? scope_find(s, arena_format(s->arena, "%s_%s", t->name, t->child[0]->name))
                        : !t->count ? scope_find(s, t->name)
                                    : NULL;
    if (t->kind != TREE_SYMBOL || (t->count && !labelled) || *t->accents ||
        (q && (q->definitions || q->shaped || q->drawn || q->timed)))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(t->name, names[i]))
            return true;
    return false;
}

/* Which of the f_k it is, as what its argument is shifted by. */
static bool which_function(evaluation *e, const tree *name, double *shift)
{
    int64_t unit = 0;
    *shift = name->name[0] == '\\' ? 0.1 * (double)name->name[2] : 0.05 * (double)name->name[0];
    for (const char *c = name->count && is_word(name->child[0]) ? name->child[0]->name : ""; *c; c++)
        *shift += 0.01 * (double)(unsigned char)*c;
    if (name->count && !is_word(name->child[0]) &&
        !scope_index(e->world->scope, name->child[0], e->env, &unit, meaning_fault(e)))
        return false;
    *shift += 0.37 * (double)unit;
    return true;
}

value unknown_function(evaluation *e, const tree *name, const tree *argument)
{
    double shift;
    if (argument->kind == TREE_TUPLE)
        return meaning_failed(e, FAULT_NOT_READ, "the function $%s$ of several quantities is not known", name->name);
    value x = meaning_of(e, argument);
    if (!value_ok(x) || !which_function(e, name, &shift))
        return value_none();
    eddy_var at = eddy_add_scalar(x.var, 0), y = smooth(eddy_add_scalar(at, shift));
    for (int i = 0; i < name->primes; i++) {
        eddy_list g = eddy_gradients(eddy_sum(y), EDDY_LIST(at));
        y = g.count == 1 ? g.items[0] : (eddy_var){ 0 };
    }
    x.var = y;
    x.covector = x.pending = false;
    return x;
}
