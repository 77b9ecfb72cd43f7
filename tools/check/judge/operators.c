/* Operators in front of a quantity that are no letters of factors: \mathcal R X means \partial X / \partial \epsilon,
 * for any X; in the setup, or in the text as \mathcal R\{X\} = \partial X / \partial \epsilon. Wherever the sign stands
 * its meaning is written out, with what stands behind it in the place of X. */
#include "pass.h"

#include <string.h>

enum { OPERATORS_MOST = 16 };

typedef struct operators {
    arena *arena;
    const tree *sign[OPERATORS_MOST], *meaning[OPERATORS_MOST];
    const char *placeholder[OPERATORS_MOST];
    int count;
} operators;

static bool is_sign(const tree *sign, const tree *t)
{
    return t->kind == sign->kind && (t->kind == TREE_SYMBOL || t->kind == TREE_APPLY) && !strcmp(t->name, sign->name) &&
           !strcmp(t->style, sign->style) && !strcmp(t->accents, sign->accents) && t->primes == sign->primes &&
           (t->kind == TREE_APPLY ? t->count == 1 && !t->sub : tree_equal(t, sign));
}

static bool is_placeholder(const tree *t, const char *name)
{
    return t->kind == TREE_SYMBOL && !t->count && !*t->accents && !t->primes && !strcmp(t->name, name);
}

/* The meaning with what is operated on for X. */
static tree *written(arena *a, const tree *meaning, const char *placeholder, const tree *operand)
{
    tree *copy = ARENA_NEW(a, tree), **child = ARENA_ARRAY(a, tree *, meaning->count + 1);
    if (!copy || !child)
        return (tree *)(uintptr_t)operand;
    if (is_placeholder(meaning, placeholder)) {
        *copy = *operand;
        copy->join = meaning->join;
        return copy;
    }
    *copy = *meaning;
    for (int i = 0; i < meaning->count; i++)
        child[i] = written(a, meaning->child[i], placeholder, operand);
    copy->child = child;
    copy->height = meaning->height + operand->height;
    return copy;
}

/* (\mathcal R h)^\top is \mathcal R h^\top. */
static tree *operated(const operators *o, int which, tree *operand, const tree *place)
{
    tree *out;
    if (operand->kind == TREE_TRANSPOSE && !operand->brackets) {
        operand->child[0] = operated(o, which, operand->child[0], operand->child[0]);
        out = operand;
    } else
        out = written(o->arena, o->meaning[which], o->placeholder[which], operand);
    out->join = place->join;
    out->at = place->at, out->length = operand->at + operand->length - place->at;
    return out;
}

/* How often the sign is applied that stands here: \mathcal R^2 twice. */
static int times_of(const tree *sign, const tree *t)
{
    bool power = t->kind == TREE_POW && is_sign(sign, t->child[0]) && t->child[1]->kind == TREE_NUMBER;
    double exponent = power ? t->child[1]->value : is_sign(sign, t);
    return exponent == 1 || exponent == 2 || exponent == 3 ? (int)exponent : 0;
}

static void write_operators(const operators *o, tree *t)
{
    for (int i = t->count - 1; i >= 0; i--) {
        if (t->kind != TREE_SYMBOL)
            write_operators(o, t->child[i]);
        tree *next =
            t->kind == TREE_MUL && i + 1 < t->count && t->child[i + 1]->join == JOIN_BESIDE ? t->child[i + 1] : NULL;
        for (int k = 0; k < o->count && t->kind != TREE_SYMBOL; k++) {
            bool call = t->child[i]->kind == TREE_APPLY;
            int times = times_of(o->sign[k], t->child[i]);
            if (!times || (!next && !call))
                continue;
            tree *place = t->child[i], *operand = call ? place->child[0] : next;
            for (; times; times--)
                operand = operated(o, k, operand, place);
            t->child[i] = operand;
            operand->brackets = place->brackets;
            if (call)
                break;
            memmove(t->child + i + 1, t->child + i + 2, (size_t)(t->count - i - 2) * sizeof *t->child);
            t->count--;
            break;
        }
    }
    if (t->kind == TREE_MUL && t->count == 1) { /* nothing else stands in the product */
        char brackets = t->brackets;
        tree_join join = t->join;
        *t = *t->child[0];
        t->brackets = brackets ? brackets : t->brackets, t->join = join;
    }
    for (int i = 0; i < t->bounds; i++)
        if (t->bound[i].relation)
            write_operators(o, t->bound[i].relation);
}

/* The sign and the X of \mathcal R X, \mathcal R\{X\}, \mathrm{Rop}(X); NULL: it is something else. */
static const tree *sign_of(const tree *t, const tree **x)
{
    bool product =
        t->kind == TREE_MUL && t->count == 2 && t->child[0]->kind == TREE_SYMBOL && t->child[1]->join == JOIN_BESIDE;
    *x = product ? t->child[1] : t->kind == TREE_APPLY && t->count == 1 ? t->child[0] : NULL;
    return *x && is_placeholder(*x, (*x)->name) ? (product ? t->child[0] : t) : NULL;
}

static void add(operators *o, const tree *sign, const tree *x, const tree *meaning)
{
    if (o->count == OPERATORS_MOST)
        return;
    o->sign[o->count] = sign;
    o->placeholder[o->count] = x->name;
    o->meaning[o->count++] = meaning;
}

static bool is_named(const tree *t, const char *name)
{
    const tree *left = t->kind == TREE_FORMULA ? t->child[0] : t;
    left = left->kind == TREE_RELATION ? left->child[0] : left;
    return left->kind == TREE_SYMBOL && !strcmp(left->name, name) && !*left->accents;
}

/* Is something called so in the scene? */
static bool is_known(const parsed *item, int count, const setup *extra, const char *name)
{
    for (int i = -1; i < count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++) {
            const setup_statement *st = &lines->statement[k];
            if ((st->symbol && is_named(st->symbol, name)) || (st->kind == SETUP_FORMULA && is_named(st->value, name)))
                return true;
        }
        for (int k = 0; i >= 0 && k < item[i].formulas.count; k++)
            if (item[i].formulas.formula[k]->child[0]->kind == TREE_RELATION &&
                is_named(item[i].formulas.formula[k], name))
                return true;
    }
    return false;
}

/* \mathcal R\{X\} = \partial X / \partial \epsilon, of any X: taken, if it is such a formula. */
static bool take_definition(operators *o, const tree *formula, const parsed *item, int count, const setup *extra)
{
    const tree *r = formula->child[0], *x = NULL,
               *sign =
                   r->kind == TREE_RELATION && r->count == 2 && formula->count == 1 ? sign_of(r->child[0], &x) : NULL;
    const tree *right = sign ? r->child[1] : NULL;
    if (!sign || (r->relations[0] != REL_EQ && r->relations[0] != REL_DEFINED))
        return false;
    for (int k = 0; k < o->count; k++) /* the setup says so, too */
        if (is_sign(o->sign[k], sign) && !strcmp(o->placeholder[k], x->name))
            return true;
    if (right->kind != TREE_DERIV || !is_placeholder(right->child[0], x->name) ||
        is_placeholder(right->child[1], x->name) || is_known(item, count, extra, x->name))
        return false;
    add(o, sign, x, right);
    return true;
}

void tell_operators(pass *p, parsed *item, int count, setup *extra)
{
    operators o = { .arena = p->arena };
    for (int i = -1; i < count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++)
            if (lines->statement[k].kind == SETUP_OPERATOR)
                add(&o, lines->statement[k].from[0], lines->statement[k].from[1], lines->statement[k].value);
    }
    for (int i = -1; i < count; i++) {
        setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++)
            if (lines->statement[k].kind == SETUP_FORMULA &&
                take_definition(&o, lines->statement[k].value, item, count, extra))
                lines->statement[k].kind = SETUP_OPERATOR;
        for (int k = 0; i >= 0 && k < item[i].formulas.count; k++) {
            latex_result *r = &item[i].formulas;
            if (!take_definition(&o, r->formula[k], item, count, extra))
                continue;
            memmove(r->formula + k, r->formula + k + 1, (size_t)(r->count - k - 1) * sizeof *r->formula);
            r->count--, k--;
            p->all->mentions++;
        }
    }
    for (int i = -1; i < count && o.count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++)
            if (lines->statement[k].kind == SETUP_FORMULA)
                write_operators(&o, lines->statement[k].value);
        for (int k = 0; i >= 0 && k < item[i].formulas.count; k++) {
            tree *formula = item[i].formulas.formula[k];
            if (p->scope->differential) /* \mathcal R dh_t: of dh_t */
                latex_merge(p->arena, formula, p->scope->differential, NULL);
            write_operators(&o, formula);
        }
    }
}
