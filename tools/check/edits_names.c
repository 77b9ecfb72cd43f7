/* Edits of names: a quantity at another step, another quantity, another index letter, and what is missing beside a term. */
#include "edits.h"
#include "latex.h"
#include "notation.h"

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
        if (c->kind == TREE_MUL && c->count == 2 && c->child[0]->kind == TREE_SYMBOL && c->child[1]->kind == TREE_SYMBOL) {
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
        if (c->kind != TREE_SYMBOL || c->count || scope_letter(e->court->scope, c->name, e->env, &own) != LETTER_INDEX || !own)
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

static void try_symbol(editor *e, const tree *t, bool names)
{
    scope *s = e->court->scope;
    arena *a = e->court->arena;
    symbol_use use;
    const char *letter = "", *at = "";
    int64_t shift = 0;
    if (t->kind != TREE_SYMBOL || !scope_symbol(s, t, e->env, &use) || !use.quantity)
        return;
    const quantity *q = use.quantity;
    if (!names)
        try_letters(e, t);
    bool whole = use.indices == q->timed; /* no elements */
    if (q->timed && (!use.indices || !offset(e, use.index[0], &letter, &shift)))
        return;
    if (!whole || e->found)
        return;
    if (!names) {
        for (int64_t d = -1; d <= 1 && q->timed && !e->found; d += 2)
            try_name(e, t, notation_at(e->arena, q, index_text(e->arena, letter, shift + d)));
        if (!e->found && edit_try(e, t, edit_complement(e, t), true)) {
            const tree *one = edit_complement(e, t);
            e->found = one && edit_occurrences(e->side, one) ? arena_format(a, "$%s$ and $1 - %s$ are exchanged", edit_said(e, t), edit_said(e, t))
                                                             : arena_format(a, "$%s$ should be $1 - %s$", edit_said(e, t), edit_said(e, t));
        }
        return;
    }
    at = q->timed ? index_text(e->arena, letter, shift) : "";
    for (int i = 0; i < s->quantities && !e->found; i++) {
        const quantity *o = s->quantity[i];
        if (o == q || o->timed != q->timed || o->kind == QUANTITY_LOSS || o->number >= e->court->made[0].world->base->quantities ||
            (o->kind == QUANTITY_GIVEN && o->timed && !o->definitions && !o->flags && !(q->kind == QUANTITY_GIVEN && !q->definitions)))
            continue;
        try_name(e, t, notation_at(e->arena, o, at));
    }
}

/* f(a) should be f(a + b); a sum in brackets should be a quantity: (1 - f_t) for i_t. */
static void try_quantities(editor *e, const tree *t)
{
    scope *s = e->court->scope;
    arena *a = e->court->arena;
    bool call = t->kind == TREE_APPLY && t->count == 1;
    for (int i = 0; i < s->quantities && !e->found && patterns_now() < e->until; i++) {
        const quantity *q = s->quantity[i];
        if (q->kind == QUANTITY_LOSS || q->kind == QUANTITY_DIRECT || q->number >= e->court->made[0].world->base->quantities ||
            (call ? q->timed || q->indices : !q->timed))
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
            if (t->child[k]->kind == TREE_ADD && (symbol->join = t->child[k]->join, edit_try(e, t->child[k], symbol, false)))
                e->found = arena_format(a, "$%s$ should be $%s$", edit_said(e, t->child[k]), name);
    }
}
