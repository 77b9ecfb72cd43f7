/* \phi(t, u) = ..., with a step t and a declared index u: no function of numbers but a quantity with indices, written
 * \phi_{t,u} elsewhere. So is \phi(t, u) wherever it stands then, with the step in front of the other indices. */
#include "pass.h"

#include <string.h>

enum { NAMES_MOST = 16, ARGUMENTS_MOST = 6 };

typedef struct indexed {
    const tree *name;
    int count, step; /* of arguments; which of them is the step, -1: none */
    bool refused;
} indexed;

typedef struct indexeds {
    pass *pass;
    indexed item[NAMES_MOST];
    int count;
} indexeds;

static bool same_name(const tree *a, const tree *b)
{
    return a->kind == TREE_SYMBOL && !a->count && !a->primes && !strcmp(a->name, b->name) &&
           !strcmp(a->accents, b->accents);
}

/* The list of arguments behind factor k of a product, or below the line of what a derivative is of; NULL: none. */
static tree *arguments_of(const tree *t, int k)
{
    const tree *name = t->child[k];
    if (name->kind != TREE_SYMBOL || name->count || name->brackets)
        return NULL;
    if (t->kind == TREE_DERIV && name->sub)
        return name->sub;
    tree *next = t->kind == TREE_MUL && k + 1 < t->count ? t->child[k + 1] : NULL;
    return next && next->brackets == '(' && next->join == JOIN_BESIDE ? next : NULL;
}

static bool is_list(const tree *t, int count)
{
    return t && t->kind == TREE_TUPLE && t->count == count;
}

/* \phi(t, u) on a left side, of different letters that are indices. */
static void note(indexeds *x, const tree *formula)
{
    scope *s = x->pass->scope;
    const tree *r = formula->child[0], *left = r->kind == TREE_RELATION ? r->child[0] : NULL;
    const tree *list = left && left->kind == TREE_MUL && left->count == 2 ? arguments_of(left, 0) : NULL;
    if (!list || list->kind != TREE_TUPLE || list->count > ARGUMENTS_MOST || left->child[0]->primes ||
        x->count == NAMES_MOST || (r->relations[0] != REL_EQ && r->relations[0] != REL_DEFINED))
        return;
    int step = -1;
    for (int i = 0; i < list->count; i++) {
        const tree *letter = list->child[i];
        if (letter->kind != TREE_SYMBOL || letter->count || *letter->accents || letter->primes ||
            scope_letter(s, letter->name, NULL, NULL) != LETTER_INDEX)
            return;
        for (int k = 0; k < i; k++)
            if (!strcmp(list->child[k]->name, letter->name))
                return;
        if (step < 0 && scope_is_time(s, letter->name))
            step = i;
    }
    for (int i = 0; i < x->count; i++)
        x->item[i].refused |= same_name(left->child[0], x->item[i].name);
    x->item[x->count++] = (indexed){ left->child[0], list->count, step, false };
}

/* A name that stands without its arguments, or in front of others, is something else as well. */
static void refuse(indexeds *x, const tree *t)
{
    for (int i = 0; i < t->count; i++) {
        const tree *part = t->child[i], *list = arguments_of(t, i);
        for (int k = 0; k < x->count && part->kind == TREE_SYMBOL; k++) {
            indexed *one = &x->item[k];
            if (strcmp(part->name, one->name->name) || strcmp(part->accents, one->name->accents))
                continue;
            one->refused |= !same_name(part, one->name) || !is_list(list, one->count);
            for (int n = 0; !one->refused && n < list->count; n++)
                one->refused =
                    !scope_is_index(x->pass->scope, list->child[n], NULL) && list->child[n]->kind != TREE_NUMBER;
        }
        if (part->kind != TREE_SYMBOL) /* in W_\phi it is a label */
            refuse(x, part);
    }
}

static const indexed *found(const indexeds *x, const tree *name)
{
    for (int i = 0; i < x->count; i++)
        if (!x->item[i].refused && same_name(name, x->item[i].name))
            return &x->item[i];
    return NULL;
}

static bool take_arguments(const indexeds *x, const indexed *one, tree *name, const tree *list)
{
    tree **child = ARENA_ARRAY(x->pass->arena, tree *, list->count);
    int count = 0;
    if (!child)
        return false;
    if (one->step >= 0)
        child[count++] = list->child[one->step];
    for (int i = 0; i < list->count; i++)
        if (i != one->step)
            child[count++] = list->child[i];
    name->child = child, name->count = count, name->height = list->height;
    name->length = list->at + list->length - name->at;
    name->sub = NULL;
    return true;
}

static void rewrite(const indexeds *x, tree *t)
{
    for (int i = 0; i < t->count; i++) {
        tree *list = arguments_of(t, i);
        const indexed *one = list ? found(x, t->child[i]) : NULL;
        if (!one || !is_list(list, one->count) || !take_arguments(x, one, t->child[i], list) || t->kind == TREE_DERIV)
            continue;
        t->count--;
        memmove(t->child + i + 1, t->child + i + 2, (size_t)(t->count - i - 1) * sizeof *t->child);
    }
    if (t->kind == TREE_MUL && t->count == 1) { /* the product was the call alone */
        char brackets = t->brackets;
        tree_join join = t->join;
        *t = *t->child[0];
        t->brackets = brackets, t->join = join;
    }
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        rewrite(x, t->child[i]);
}

void tell_indexed_calls(pass *p, tree *const *formula, int count, tree *const *given, int givens)
{
    indexeds x = { .pass = p };
    for (int i = 0; i < count; i++)
        note(&x, formula[i]);
    for (int i = 0; i < count && x.count; i++)
        refuse(&x, formula[i]);
    for (int i = 0; i < givens; i++)
        for (int k = 0; k < x.count; k++)
            x.item[k].refused |= given[i]->kind == TREE_SYMBOL && !strcmp(given[i]->name, x.item[k].name->name);
    tree names[NAMES_MOST];
    for (int i = 0; i < x.count; i++) { /* as they are before they get indices */
        names[i] = *x.item[i].name;
        x.item[i].name = &names[i];
    }
    for (int i = 0; i < count && x.count; i++)
        rewrite(&x, formula[i]);
}
