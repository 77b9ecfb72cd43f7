/* Functions of the document whose calls read as something else: \sigma_c(x) = \tanh(x), which is no logistic function
 * with a subscript, and K[u, v] = ..., whose brackets are those of a list. Their calls become f(u) and f(u, v). The
 * a_j(x^{(i)}) of sample i gets an index, and \lambda(t + 1) beside \lambda(t) a step: they are no products. */
#include "pass.h"

#include <string.h>

enum { OWN_MOST = 16 };

typedef struct own {
    const char *name;
    const tree *sub; /* NULL: the brackets are square, or it is a word: avg(v) */
} own;

typedef struct owns {
    arena *arena;
    own item[OWN_MOST];
    int count;
    bool sigma; /* \sigma without a subscript is one of them */
} owns;

static bool in_square(const tree *t)
{
    return t->brackets == '[' && t->join == JOIN_BESIDE;
}

static bool is_own(const owns *o, const char *name, const tree *sub)
{
    for (int i = 0; i < o->count; i++)
        if (!strcmp(o->item[i].name, name) &&
            (sub ? o->item[i].sub && tree_equal(o->item[i].sub, sub) : !o->item[i].sub))
            return true;
    return false;
}

/* u or u, v: what a definition may be of. */
static bool are_letters(const tree *t)
{
    bool list = t->kind == TREE_CONCAT || t->kind == TREE_TUPLE;
    for (int i = 0; list && i < t->count; i++)
        if (t->child[i]->kind != TREE_SYMBOL || t->child[i]->count)
            return false;
    return list || (t->kind == TREE_SYMBOL && !t->count);
}

static bool has_exp(const tree *t)
{
    if (t->kind == TREE_APPLY && !strcmp(t->name, "\\exp"))
        return true;
    for (int i = 0; i < t->count; i++)
        if (has_exp(t->child[i]))
            return true;
    return false;
}

/* \sigma(u) = \tanh(u), \sigma(z) = \max(0, z): of another function than the logistic one. With an e^x it may be that
 * one, which the formula has to agree with. */
static bool is_other_sigma(const tree *left, const tree *right)
{
    return left->kind == TREE_APPLY && left->count == 1 && !left->sub && !left->primes &&
           !strcmp(left->name, "\\sigma") && are_letters(left->child[0]) && right->kind != TREE_SYMBOL &&
           !has_exp(right) && !has_euler(right);
}

static void note(owns *o, const tree *formula)
{
    const tree *r = formula->child[0], *left = r->kind == TREE_RELATION ? r->child[0] : NULL;
    if (!left || (r->relations[0] != REL_EQ && r->relations[0] != REL_DEFINED) || o->count == OWN_MOST)
        return;
    bool subscript = left->kind == TREE_APPLY && left->count == 1 && left->sub && !left->primes &&
                     (!strcmp(left->name, "\\sigma") || (*left->name != '\\' && strcmp(left->name, "softmax"))) &&
                     are_letters(left->child[0]);
    bool word = left->kind == TREE_APPLY && left->count == 1 && !left->sub && !left->primes && /* avg(v) = ... */
                !meaning_is_operation(left->name) && are_letters(left->child[0]);
    bool square = left->kind == TREE_MUL && left->count == 2 && left->child[0]->kind == TREE_SYMBOL &&
                  !left->child[0]->count && in_square(left->child[1]) && are_letters(left->child[1]);
    if (word && !is_own(o, left->name, NULL))
        o->item[o->count++] = (own){ left->name, NULL };
    if (subscript && !is_own(o, left->name, left->sub))
        o->item[o->count++] = (own){ left->name, left->sub };
    o->sigma |= is_other_sigma(left, r->child[r->count - 1]);
    if (square && !is_own(o, left->child[0]->name, NULL))
        o->item[o->count++] = (own){ left->child[0]->name, NULL };
}

/* \sigma_c(x), an application, as the product of a name and a bracket. */
static bool split(const owns *o, const tree *call, tree *out[2])
{
    tree **sub = ARENA_ARRAY(o->arena, tree *, 1);
    if (!sub || !(out[0] = ARENA_NEW(o->arena, tree)))
        return false;
    sub[0] = call->sub; /* or NULL */
    *out[0] = (tree){ .kind = TREE_SYMBOL,
                      .at = call->at,
                      .length = call->length,
                      .name = call->name,
                      .accents = "",
                      .style = "",
                      .primes = call->primes,
                      .child = sub,
                      .count = call->sub != NULL,
                      .height = call->sub ? call->sub->height + 1 : 1,
                      .join = call->join };
    out[1] = call->child[0];
    out[1]->brackets = '(', out[1]->join = JOIN_BESIDE;
    return true;
}

static bool is_own_application(const owns *o, const tree *t)
{
    bool plain = o->sigma && t->kind == TREE_APPLY && !t->sub && !strcmp(t->name, "\\sigma");
    return t->kind == TREE_APPLY && t->count == 1 && (plain || is_own(o, t->name, t->sub));
}

static void rewrite(const owns *o, tree *t);

/* The calls among the factors of a product become two factors. */
static void rewrite_factors(const owns *o, tree *t)
{
    int calls = 0, count = 0;
    for (int i = 0; i < t->count; i++)
        calls += is_own_application(o, t->child[i]);
    tree **child = calls ? ARENA_ARRAY(o->arena, tree *, t->count + calls) : NULL;
    for (int i = 0; child && i < t->count; i++) {
        tree *both[2];
        if (is_own_application(o, t->child[i]) && !t->child[i]->brackets && split(o, t->child[i], both)) {
            child[count++] = both[0];
            child[count++] = both[1];
        } else
            child[count++] = t->child[i];
    }
    if (child)
        t->child = child, t->count = count;
    for (int i = 1; i < t->count; i++) {
        tree *list = t->child[i];
        const tree *name = t->child[i - 1];
        if (!in_square(list) || name->kind != TREE_SYMBOL || name->count || !is_own(o, name->name, NULL))
            continue;
        list->brackets = '(';
        list->kind = list->kind == TREE_CONCAT ? TREE_TUPLE : list->kind;
    }
}

static void rewrite(const owns *o, tree *t)
{
    if (is_own_application(o, t)) {
        tree *both[2], *product = split(o, t, both) ? tree_in_place(o->arena, t, TREE_MUL, 2, both) : NULL;
        if (!product)
            return;
        *t = *product;
        both[0]->join = JOIN_BESIDE;
    } else if (t->kind == TREE_MUL)
        rewrite_factors(o, t);
    for (int i = 0; i < t->count; i++)
        rewrite(o, t->child[i]);
}

/* ---- a_j(x^{(i)}), the a_j of sample i ---- */

/* x_i, x^{(i)}: a sample, with a letter that counts them. */
static bool is_sample(scope *s, const tree *t)
{
    return t->kind == TREE_SYMBOL && t->brackets == '(' && t->join == JOIN_BESIDE && t->count == 1 && !*t->accents &&
           scope_is_index(s, t->child[0], NULL) && !scope_is_time(s, t->child[0]->name) &&
           t->child[0]->kind == TREE_SYMBOL;
}

/* The bracket of a_j(x)^2, whose power is that of all of it. */
static const tree *bracket_of(const tree *t)
{
    return t->kind == TREE_POW && t->child[0]->brackets == '(' && t->join == JOIN_BESIDE ? t->child[0] : t;
}

/* Is each bracket behind this name a sample's? */
static bool only_samples(scope *s, const tree *t, const char *name)
{
    for (int i = 0; i < t->count; i++) {
        const tree *next = t->kind == TREE_MUL && i + 1 < t->count ? bracket_of(t->child[i + 1]) : NULL;
        bool called = next && next->brackets == '(' && next->join == JOIN_BESIDE && t->child[i]->kind == TREE_SYMBOL &&
                      !strcmp(t->child[i]->name, name);
        if ((called && !is_sample(s, next)) || !only_samples(s, t->child[i], name))
            return false;
    }
    return true;
}

/* The name in front of a sample becomes one with an index more. */
static void take_samples(pass *p, tree *t, const char *name)
{
    for (int i = 0; t->kind == TREE_MUL && i + 1 < t->count; i++) {
        tree *of = t->child[i], *power = t->child[i + 1];
        const tree *sample = bracket_of(power);
        tree **child = ARENA_ARRAY(p->arena, tree *, of->count + 1);
        if (of->kind != TREE_SYMBOL || strcmp(of->name, name) || !is_sample(p->scope, sample) || !child)
            continue;
        for (int k = 0; k < of->count; k++)
            child[k] = of->child[k];
        child[of->count] = sample->child[0];
        of->child = child, of->count++;
        if (sample != power) {
            power->child[0] = of, power->join = of->join;
            t->child[i] = power;
        }
        for (int k = i + 1; k + 1 < t->count; k++)
            t->child[k] = t->child[k + 1];
        t->count--;
    }
    for (int i = 0; i < t->count; i++)
        take_samples(p, t->child[i], name);
}

/* A product that has become one factor is that factor. */
static tree *unwrapped(tree *t)
{
    for (int i = 0; i < t->count; i++)
        t->child[i] = unwrapped(t->child[i]);
    if (t->kind != TREE_MUL || t->count != 1)
        return t;
    tree *only = t->child[0];
    only->join = t->join;
    only->brackets = t->brackets ? t->brackets : only->brackets;
    return only;
}

static void tell_samples(pass *p, tree *const *formula, int count)
{
    for (int i = 0; i < count; i++) {
        const tree *r = formula[i]->child[0], *left = r->kind == TREE_RELATION ? r->child[0] : r;
        if (r->kind != TREE_RELATION || r->relations[0] != REL_EQ || left->kind != TREE_MUL || left->count != 2 ||
            left->child[0]->kind != TREE_SYMBOL || left->child[0]->primes || !is_sample(p->scope, left->child[1]))
            continue;
        const char *name = left->child[0]->name;
        bool all = true;
        for (int k = 0; k < count && all; k++)
            all = only_samples(p->scope, formula[k], name);
        for (int k = 0; k < count && all; k++)
            take_samples(p, formula[k], name);
    }
}

/* ---- \lambda(t + 1) beside \lambda(t) ---- */

static bool is_time(const tree *t)
{
    return t->kind == TREE_SYMBOL && !t->count && !strcmp(t->name, "t");
}

/* Does the name stand somewhere with its step in brackets behind it? */
static bool has_step(const tree *t, const char *name)
{
    if (t->kind == TREE_SYMBOL && t->count && !strcmp(t->name, name) && t->child[0]->brackets == '(' &&
        is_time(t->child[0]))
        return true;
    for (int i = 0; i < t->count; i++)
        if (has_step(t->child[i], name))
            return true;
    return false;
}

static bool is_step_of(const tree *name, const tree *step)
{
    return name->kind == TREE_SYMBOL && !name->count && !name->brackets && step->kind == TREE_ADD &&
           step->brackets == '(' && step->join == JOIN_BESIDE && step->count == 2 && is_time(step->child[0]) &&
           (step->child[1]->kind == TREE_NUMBER || step->child[1]->kind == TREE_NEG);
}

static void join_steps(pass *p, tree *t, tree *const *formula, int count)
{
    for (int i = 0; t->kind == TREE_MUL && i + 1 < t->count; i++) {
        tree *name = t->child[i], **child;
        bool stepped = false;
        for (int k = 0; k < count && is_step_of(name, t->child[i + 1]) && !stepped; k++)
            stepped = has_step(formula[k], name->name);
        if (!stepped || !(child = ARENA_ARRAY(p->arena, tree *, 1)))
            continue;
        child[0] = t->child[i + 1];
        name->child = child, name->count = 1;
        for (int k = i + 1; k + 1 < t->count; k++)
            t->child[k] = t->child[k + 1];
        t->count--;
    }
    for (int i = 0; i < t->count; i++)
        join_steps(p, t->child[i], formula, count);
}

void tell_functions(pass *p, tree *const *formula, int count)
{
    owns o = { .arena = p->arena };
    for (int i = 0; i < count; i++)
        note(&o, formula[i]);
    for (int i = 0; i < count && (o.count || o.sigma); i++)
        rewrite(&o, formula[i]);
    tell_samples(p, formula, count);
    for (int i = 0; i < count; i++) {
        join_steps(p, formula[i], formula, count);
        formula[i]->child[0] = unwrapped(formula[i]->child[0]);
    }
}
