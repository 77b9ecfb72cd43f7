/* Which question an answer's left side answers. A formula is the same for the step before, and what it says of a vector
 * it says of the elements. */
#include "exercise_internal.h"

#include <string.h>

/* ---- Other steps ---- */

static tree *node(arena *a, tree_kind kind, int count)
{
    tree *t = ARENA_NEW(a, tree);
    if (!t || !(t->child = ARENA_ARRAY(a, tree *, count + 1)))
        return NULL;
    t->kind = kind;
    t->count = count;
    t->name = t->accents = t->style = "";
    return t;
}

static tree *copied(arena *a, const tree *t, int count)
{
    tree *copy = node(a, t->kind, count);
    if (!copy)
        return NULL;
    tree **child = copy->child;
    *copy = *t;
    copy->child = child;
    copy->count = count;
    for (int i = 0; i < count; i++)
        child[i] = t->child[i];
    return copy;
}

/* t + by for t. */
static tree *moved(arena *a, const tree *t, int by)
{
    bool time = t->kind == TREE_SYMBOL && !t->count && !*t->accents && !strcmp(t->name, "t");
    tree *copy = copied(a, t, t->count);
    for (int i = 0; copy && i < t->count; i++)
        if (!(copy->child[i] = moved(a, t->child[i], by)))
            return NULL;
    if (!copy || !time || !by)
        return copy;
    tree *sum = node(a, TREE_ADD, 2), *one = node(a, TREE_NUMBER, 0), *minus = node(a, TREE_NEG, 1);
    if (!sum || !one || !minus)
        return NULL;
    one->value = 1;
    minus->child[0] = one;
    sum->child[0] = copy, sum->child[1] = by < 0 ? minus : one;
    return sum;
}

/* ---- Without elements ---- */

static bool is_element(const saying *s, const tree *index)
{
    if (index->kind == TREE_MUL) { /* W_{jm} */
        for (int i = 0; i < index->count; i++)
            if (!is_element(s, index->child[i]))
                return false;
        return true;
    }
    return index->kind == TREE_SYMBOL && !index->count && !*index->accents && saying_is_element(s, index->name);
}

static bool shares_letter(const tree *a, const tree *b)
{
    if (a->kind == TREE_SYMBOL && b->kind == TREE_SYMBOL)
        return !strcmp(a->name, b->name);
    for (int i = 0; i < a->count; i++)
        if (shares_letter(a->child[i], b))
            return true;
    for (int i = 0; i < b->count && a->kind == TREE_SYMBOL; i++)
        if (shares_letter(a, b->child[i]))
            return true;
    return false;
}

/* \delta_{g,t} of \delta_{g,t,b,j}; NULL: there are no elements' indices at its end, or one stands there twice. */
static const tree *whole_of(saying *s, const tree *left)
{
    const tree *symbol = left->kind == TREE_DERIV && left->count > 1 ? left->child[1] : left;
    int count = symbol->kind == TREE_SYMBOL ? symbol->count : 0, n = count;
    while (n && is_element(s, symbol->child[n - 1]))
        n--;
    for (int i = n; i < count; i++) {
        const tree *pair = symbol->child[i];
        for (int k = i + 1; k < count; k++)
            if (shares_letter(pair, symbol->child[k]))
                return NULL;
        if (pair->kind == TREE_MUL && (pair->count != 2 || shares_letter(pair->child[0], pair->child[1])))
            return NULL;
    }
    tree *bare = n < count ? copied(s->arena, symbol, n) : NULL;
    if (!bare || symbol == left)
        return bare;
    tree *all = copied(s->arena, left, left->count);
    if (all)
        all->child[1] = bare;
    return all;
}

/* ---- What was asked for ---- */

static const char *key_of(saying *s, const tree *t)
{
    return t ? arena_format(s->arena, "%s", saying_key(s, t, false)) : "";
}

asked asked_of(saying *s, const want *w)
{
    asked q = { .key = { "", "", "" }, .condition = { "", w->condition, "" }, .whole_key = { "", "", "" } };
    latex_result left = latex_read(s->arena, w->left, strlen(w->left)),
                 condition = latex_read(s->arena, w->condition, strlen(w->condition));
    if (left.count != 1)
        return q;
    const tree *asked_left = left.formula[0]->child[0], *whole = whole_of(s, asked_left);
    q.whole = whole ? latex_text(s->arena, whole, LATEX_SOURCE) : NULL;
    for (int i = 0; i < SHIFTS; i++) {
        int by = i - 1;
        q.key[i] = key_of(s, moved(s->arena, asked_left, by));
        q.whole_key[i] = whole ? key_of(s, moved(s->arena, whole, by)) : q.key[i];
        if (!by)
            continue;
        if (!strcmp(q.key[i], key_of(s, asked_left))) { /* it has no step */
            q.key[i] = q.whole_key[i] = "";
            continue;
        }
        const tree *there = condition.count == 1 ? moved(s->arena, condition.formula[0]->child[0], by) : NULL;
        const char *steps = by < 0 ? "t \\ge 2" : "t < T"; /* that the step is one of those asked for */
        q.condition[i] =
            there ? arena_format(s->arena, "%s, \\quad %s", steps, latex_text(s->arena, there, LATEX_SOURCE)) : steps;
    }
    return q;
}

bool asked_for(saying *s, const asked *q, const tree *left, bool elements, int *shift)
{
    const tree *whole = elements ? whole_of(s, left) : NULL;
    const char *key = key_of(s, left), *own = arena_format(s->arena, "%s", saying_key(s, left, true)),
               *all = key_of(s, whole);
    static const int order[SHIFTS] = { 1, 0, 2 };
    for (int n = 0; n < SHIFTS; n++) {
        int i = order[n];
        bool same = !strcmp(q->key[i], key) || !strcmp(q->key[i], own);
        if (elements && q->whole) /* of elements: said of all, or of each of them, of a sequence for instance */
            same |= !strcmp(q->whole_key[i], key) || !strcmp(q->whole_key[i], all);
        else if (elements)
            same |= !strcmp(q->key[i], all);
        if (*q->key[i] && same) {
            *shift = i - 1;
            return true;
        }
    }
    return false;
}

bool asked_in(const saying *s, const asked *q, int shift, const char *key)
{
    const char *whole = q->whole_key[shift + 1], *at = key;
    size_t end = strlen(whole);
    while (end && strchr(">)", whole[end - 1]))
        end--;
    while (end && (at = strstr(at, arena_text(s->arena, whole, end))) != NULL) { /* and then indices of elements only */
        const char *index = at + end;
        bool elements = true;
        while (*index && *index != '>' && elements) {
            size_t n = strcspn(index, "+-;>");
            elements = !n || saying_is_element(s, arena_text(s->arena, index, n));
            index += strcspn(index, ";>");
            index += *index == ';';
        }
        if (elements && *index == '>')
            return true;
        at++;
    }
    return false;
}
