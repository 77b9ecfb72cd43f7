/* Edits of names: a quantity at another step, another quantity, another index letter, and what is missing beside a
 * term. */
#include "edits.h"
#include "reader.h"
#include "meaning.h"

#include <stdio.h>
#include <string.h>

/* ---- Steps and names ---- */

/* t - 1 as a letter and -1 */
static bool offset(editor *e, const tree *index, const char **letter, int64_t *shift)
{
    const tree *first = index->kind == TREE_ADD ? index->child[0] : index;
    int64_t at[2];
    fault f = { 0 };
    if (first->kind != TREE_SYMBOL || first->count)
        return false;
    for (int i = 0; i < 2; i++) {
        binding b = { .letter = first->name, .kind = LETTER_INDEX, .value = 10 + 10 * i, .outer = e->env };
        if (!scope_index(e->court->scope, index, &b, &at[i], &f))
            return false;
    }
    *letter = first->name;
    *shift = at[0] - 10;
    return at[1] - 20 == *shift;
}

static const char *index_text(arena *a, const char *letter, int64_t shift)
{
    return shift ? arena_format(a, "%s%c%d", letter, shift < 0 ? '-' : '+', (int)(shift < 0 ? -shift : shift)) : letter;
}

tree *edit_shifted(editor *e, const tree *index, int by)
{
    const char *letter;
    int64_t shift;
    if (index->kind == TREE_NUMBER)
        return edit_number(e, (int)index->value + by);
    return offset(e, index, &letter, &shift) ? edit_read(e, index_text(e->arena, letter, shift + by)) : NULL;
}

static void try_name(editor *e, const tree *t, const char *name)
{
    arena *a = e->court->arena;
    tree *other = edit_read(e, name);
    if (!other || other->kind != TREE_SYMBOL)
        return;
    other->join = t->join;
    if (edit_try(e, t, other, false) || (edit_occurrences(e->side, t) > 1 && edit_try(e, t, other, true)))
        e->found = arena_format(a, "$%s$ should be $%s$", edit_said(e, t), edit_said(e, other));
}

/* y_k should be y_j, W_{jk} should be W_{kj} */
static void try_letters(editor *e, const tree *t)
{
    arena *a = e->court->arena;
    for (int i = 0; i < t->count && !e->found; i++) {
        tree *c = t->child[i], *to = NULL;
        const binding *own = NULL;
        if (c->kind == TREE_MUL && c->count == 2 && c->child[0]->kind == TREE_SYMBOL &&
            c->child[1]->kind == TREE_SYMBOL) {
            if ((to = ARENA_NEW(e->arena, tree)) && (to->child = ARENA_ARRAY(e->arena, tree *, 2))) {
                tree **child = to->child;
                *to = *c;
                to->child = child;
                child[0] = c->child[1], child[1] = c->child[0];
                tree *other = edit_replaced(e->arena, t, c, to, false);
                if (other && edit_try(e, t, other, false))
                    e->found = arena_format(a, "$%s$ should be $%s$", edit_said(e, t), edit_said(e, other));
            }
            continue;
        }
        if (c->kind != TREE_SYMBOL || c->count ||
            scope_letter(e->court->scope, c->name, e->env, &own) != LETTER_INDEX || !own)
            continue;
        for (const binding *b = e->env; b && !e->found; b = b->outer) {
            tree *other = NULL;
            if (b->kind != LETTER_INDEX || !strcmp(b->letter, c->name) || !(to = ARENA_NEW(e->arena, tree)))
                continue;
            *to = *c;
            to->name = b->letter;
            to->quantity = NULL;
            other = edit_replaced(e->arena, t, c, to, false);
            if (other && edit_try(e, t, other, false))
                e->found = arena_format(a, "$%s$ should be $%s$", edit_said(e, t), edit_said(e, other));
        }
    }
}

void edit_steps(editor *e, const tree *t)
{
    scope *s = e->court->scope;
    arena *a = e->court->arena;
    symbol_use use;
    if (t->kind != TREE_SYMBOL)
        return;
    try_letters(e, t);
    for (int i = 0; i < t->count && !e->found; i++) {
        const tree *c = t->child[i], *letter = c->kind == TREE_ADD ? c->child[0] : c;
        if (letter->kind != TREE_SYMBOL || letter->count || scope_letter(s, letter->name, e->env, NULL) != LETTER_INDEX)
            continue;
        for (int by = -1; by <= 1 && !e->found; by += 2) {
            tree *to = edit_shifted(e, c, by), *other = to ? edit_replaced(e->arena, t, c, to, false) : NULL;
            if (other &&
                (edit_try(e, t, other, false) || (edit_occurrences(e->side, t) > 1 && edit_try(e, t, other, true))))
                e->found = arena_format(a, "$%s$ should be $%s$", edit_said(e, t), edit_said(e, other));
        }
    }
    if (e->found || !scope_symbol(s, t, e->env, &use) || !use.quantity || use.indices != use.quantity->timed)
        return;
    tree *one = edit_complement(e, t);
    if (one && edit_try(e, t, one, true))
        e->found = edit_occurrences(e->side, one)
                       ? arena_format(a, "$%s$ and $1 - %s$ are exchanged", edit_said(e, t), edit_said(e, t))
                       : arena_format(a, "$%s$ should be $1 - %s$", edit_said(e, t), edit_said(e, t));
}

static bool usable(const editor *e, const quantity *q)
{
    return q->kind != QUANTITY_LOSS && q->number < e->court->made[0].world->base->quantities;
}

void edit_names(editor *e, const tree *t)
{
    scope *s = e->court->scope;
    symbol_use use;
    const char *letter = "";
    int64_t shift = 0;
    if (t->kind != TREE_SYMBOL || !scope_symbol(s, t, e->env, &use) || !use.quantity ||
        use.indices != use.quantity->timed)
        return;
    const quantity *q = use.quantity;
    bool input = q->kind == QUANTITY_GIVEN && !q->definitions;
    if (q->timed && !offset(e, use.index[0], &letter, &shift))
        return;
    for (int i = 0; i < s->quantities && !e->found; i++) {
        const quantity *o = s->quantity[i];
        bool other_input = o->kind == QUANTITY_GIVEN && o->timed && !o->definitions && !o->flags;
        if (o != q && o->timed == q->timed && usable(e, o) && (input || !other_input))
            try_name(e, t, notation_at(e->arena, o, q->timed ? index_text(e->arena, letter, shift) : ""));
    }
}

/* f(a) should be f(a + b); a sum in brackets should be a quantity: (1 - f_t) for i_t. */
void edit_sums(editor *e, const tree *t)
{
    scope *s = e->court->scope;
    arena *a = e->court->arena;
    bool call = t->kind == TREE_APPLY && t->count == 1;
    if (!call && t->kind != TREE_MUL)
        return;
    for (int i = 0; i < s->quantities && !e->found && world_clock() < e->until; i++) {
        const quantity *q = s->quantity[i];
        if (!usable(e, q) || q->kind == QUANTITY_DIRECT || (call ? q->timed || q->indices : !q->timed))
            continue;
        const char *name = notation_at(e->arena, q, "t");
        tree *symbol = edit_read(e, name), *sum;
        if (!symbol || symbol->kind != TREE_SYMBOL)
            return;
        if (call && (sum = edit_made(e, TREE_ADD, t->child[0]))) {
            sum->child[sum->count++] = symbol;
            if (edit_try(e, t->child[0], sum, false))
                e->found = arena_format(a, "the term $%s$ is missing in $%s$", name, edit_said(e, t));
        }
        for (int k = 0; k < t->count && !call && !e->found; k++)
            if (t->child[k]->kind == TREE_ADD &&
                (symbol->join = t->child[k]->join, edit_try(e, t->child[k], symbol, false)))
                e->found = arena_format(a, "$%s$ should be $%s$", edit_said(e, t->child[k]), name);
    }
}

/* ---- Missing factors ---- */

static bool missing_beside(editor *e, const tree *term, const char *factor)
{
    const tree *target[3] = { term, NULL, NULL };
    int targets = 1;
    if (term->kind == TREE_MUL && term->count > 1) {
        target[targets++] = term->child[0];
        target[targets++] = term->child[term->count - 1];
    }
    for (int i = 0; i < targets; i++) {
        tree *x = edit_read(e, factor), *product = x ? edit_made(e, TREE_MUL, target[i]) : NULL;
        if (!product)
            return false;
        x->join = JOIN_ODOT;
        product->child[product->count++] = x;
        if (edit_try(e, target[i], product, false)) {
            size_t n = strlen(factor);
            bool brackets = factor[0] == '(' && factor[n - 1] == ')';
            e->found = arena_format(e->court->arena, "the factor $%.*s$ is missing in $%s$",
                                    brackets ? (int)n - 2 : (int)n, factor + brackets, edit_said(e, term));
            return true;
        }
    }
    return false;
}

/* Each summand, the body of each sum, and the whole side: without a factor that is a simple function of a quantity near
 * t? */
void edit_factors(editor *e, const tree *t)
{
    static const int shifts[] = { 0, -1, 1 };
    const scope *s = e->court->scope;
    const tree *term[16];
    int terms = 0;
    if (t == e->side && t->kind != TREE_ADD && t->kind != TREE_SUM)
        term[terms++] = t->kind == TREE_NEG ? t->child[0] : t;
    for (int i = 0; i < t->count && terms < 16 && (t->kind == TREE_ADD || t->kind == TREE_SUM); i++)
        term[terms++] = t->child[i]->kind == TREE_NEG ? t->child[i]->child[0] : t->child[i];
    for (int k = 0; k < 3 && terms; k++)
        for (int i = 0; i < s->quantities; i++) {
            const quantity *q = s->quantity[i];
            if (!usable(e, q) || (k && !q->timed) || q->kind == QUANTITY_DIRECT)
                continue;
            const char *name = notation_near(e->arena, q, shifts[k]);
            for (int f = 0; f < 5; f++) {
                const char *factor = f == 0   ? name
                                     : f == 1 ? arena_format(e->arena, "(1 - %s)", name)
                                     : f == 2 ? arena_format(e->arena, "%s \\odot (1 - %s)", name, name)
                                     : f == 3 ? arena_format(e->arena, "(1 - %s^2)", name)
                                              : arena_format(e->arena, "(1 - \\tanh^2(%s))", name);
                for (int n = 0; n < terms; n++)
                    if (world_clock() > e->until || missing_beside(e, term[n], factor))
                        return;
            }
        }
}
