/* Which trees of a scene speak of tables that are told apart by their indices; see scope_tables. */
#include "pass.h"

#include <string.h>
#include <strings.h>

typedef struct trees {
    tree **item;
    int count, room;
} trees;

static void keep(arena *a, trees *list, tree *t)
{
    if (list->count == list->room) {
        int room = list->room ? 2 * list->room : 64;
        tree **more = ARENA_ARRAY(a, tree *, room);
        if (!more)
            return;
        if (list->count)
            memcpy(more, list->item, (size_t)list->count * sizeof *more);
        list->item = more, list->room = room;
    }
    list->item[list->count++] = t;
}

static void keep_setup(arena *a, const setup *lines, trees *given, trees *shaped, trees *formulas)
{
    for (int i = 0; i < lines->count; i++) {
        const setup_statement *st = &lines->statement[i];
        if (st->kind == SETUP_GIVEN && st->symbol)
            keep(a, given, st->symbol);
        if (st->kind == SETUP_GIVEN && st->symbol && st->flags & GIVEN_SHAPED)
            keep(a, shaped, st->symbol);
        if (st->kind == SETUP_FORMULA && st->value)
            keep(a, formulas, st->value);
        for (int k = 0; k < st->count && st->kind == SETUP_LOSS; k++) {
            keep(a, given, st->list[k]);
            if (st->direct && st->direct[k])
                keep(a, given, st->direct[k]);
        }
    }
}

/* "hold \sigma^2 fixed" mentions a quantity, as a formula could. */
static void keep_held(arena *a, const setup *lines, trees *formulas)
{
    for (int i = 0; i < lines->count; i++)
        for (int k = 0; k < lines->statement[i].count && lines->statement[i].kind == SETUP_HOLD; k++) {
            tree *mention = ARENA_NEW(a, tree);
            if (!mention)
                return;
            *mention = (tree){ .kind = TREE_FORMULA, .name = "", .accents = "", .style = "" };
            mention->child = lines->statement[i].list + k, mention->count = 1;
            keep(a, formulas, mention);
        }
}

/* The formulas for each table in the place of the one for any. */
static void write_each(pass *p, parsed *item)
{
    latex_result *r = &item->formulas;
    for (int k = 0; k < r->count; k++) {
        tree *each[16], **more;
        int made = scope_each_table(p->scope, r->formula[k], each, 16);
        if (!made || !(more = ARENA_ARRAY(p->arena, tree *, r->count + made)))
            continue;
        memcpy(more, r->formula, (size_t)k * sizeof *more);
        memcpy(more + k, each, (size_t)made * sizeof *more);
        memcpy(more + k + made, r->formula + k + 1, (size_t)(r->count - k - 1) * sizeof *more);
        r->formula = more;
        r->count += made - 1;
        k += made - 1;
        item->each = true;
    }
}

/* \Delta out_t = ... makes \Delta out a name in every formula, also beside \delta out. */
static void merge_signs(pass *p, const trees *formulas)
{
    for (int i = 0; i < formulas->count; i++) {
        const char *sign = formulas->item[i]->child[0]->kind == TREE_RELATION ? latex_merged(formulas->item[i]) : NULL;
        if (!sign)
            continue;
        tree like = *formulas->item[i]->child[0]->child[0];
        while (like.kind == TREE_POW)
            like = *like.child[0];
        like.accents += strlen(sign);
        like.accents += *like.accents == ' ';
        for (int k = 0; k < formulas->count; k++)
            latex_merge(p->arena, formulas->item[k], sign, &like);
    }
}

/* x_i of a given X, where the setup has no x. */
static void name_rows(pass *p, const parsed *item, int count, const setup *extra, const trees *given,
                      const trees *formulas)
{
    for (int i = -1; i < count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++) {
            const setup_statement *st = &lines->statement[k];
            bool own = st->kind != SETUP_GIVEN || st->rank != 2;
            for (int g = 0; g < given->count && !own; g++) /* a small letter of the same name is given, too */
                own = given->item[g] != st->symbol && given->item[g]->kind == TREE_SYMBOL &&
                      !strcasecmp(given->item[g]->name, st->symbol->name);
            if (!own)
                scope_name_rows(p->scope, formulas->item, formulas->count, st->symbol, st->dim);
        }
    }
}

/* ---- Labels that are letters of indices elsewhere ---- */

static bool is_labelled(const tree *t, const tree *name)
{
    return t->kind == TREE_SYMBOL && t->count == 1 && !strcmp(t->name, name->name) &&
           !strcmp(t->accents, name->accents) && tree_equal(t->child[0], name->child[0]);
}

/* Does the name stand in the formula; does its letter stand there for itself? */
static void find_label(const tree *t, const tree *name, bool *named, bool *letter)
{
    const char *label = name->child[0]->name;
    if (is_labelled(t, name)) {
        *named = true;
        return;
    }
    *letter |= t->kind == TREE_SYMBOL && !t->count && !strcmp(t->name, label);
    for (int i = 0; i < t->bounds; i++)
        *letter |= !strcmp(t->bound[i].index, label);
    for (int i = 0; i < t->count; i++)
        find_label(t->child[i], name, named, letter);
}

static void mark_label(arena *a, tree *t, const tree *name)
{
    if (is_labelled(t, name)) {
        tree *label = ARENA_NEW(a, tree);
        if (!label)
            return;
        *label = *t->child[0];
        label->table = "label"; /* no index by itself */
        t->child[0] = label;
        return;
    }
    for (int i = 0; i < t->count; i++)
        mark_label(a, t->child[i], name);
}

/* W_s, a given matrix, in formulas that have no s besides: the s is part of its name, though it is an index of others.
 */
static void name_labels(pass *p, const setup *lines, const trees *given, const trees *formulas)
{
    for (int i = 0; i < lines->count; i++) {
        const setup_statement *st = &lines->statement[i];
        const tree *label =
            st->kind == SETUP_GIVEN && st->rank == 2 && st->symbol->kind == TREE_SYMBOL && st->symbol->count == 1
                ? st->symbol->child[0]
                : NULL;
        if (label && (label->kind != TREE_SYMBOL || label->count || *label->accents || label->primes))
            label = NULL;
        const letter_row *index = label ? scope_declared(p->scope, label->name) : NULL;
        bool counts = !index || index->kind != LETTER_INDEX || scope_is_time(p->scope, label->name);
        for (int k = 0; k < formulas->count && !counts; k++) {
            bool named = false, letter = false;
            find_label(formulas->item[k], st->symbol, &named, &letter);
            counts = named && letter;
        }
        if (counts)
            continue;
        const tree name = *st->symbol;
        tree *child[1] = { name.child[0] };
        tree like = name;
        like.child = child;
        for (int k = 0; k < formulas->count; k++)
            mark_label(p->arena, formulas->item[k], &like);
        for (int k = 0; k < given->count; k++)
            mark_label(p->arena, given->item[k], &like);
    }
}

/* ---- A shorthand in the text ---- */

/* \bar M = \partial L / \partial M, of any M: the M; NULL: it is no such formula. */
static const tree *shorthand_of(const tree *formula)
{
    const tree *r = formula->child[0];
    if (r->kind != TREE_RELATION || r->count != 2 || (r->relations[0] != REL_EQ && r->relations[0] != REL_DEFINED))
        return NULL;
    const tree *left = r->child[0];
    if (left->kind != TREE_SYMBOL || !*left->accents || left->count || r->child[1]->kind != TREE_DERIV ||
        r->child[1]->held || r->child[1]->count != 2)
        return NULL;
    const tree *above = r->child[1]->child[0], *below = r->child[1]->child[1];
    bool plain = above->kind == TREE_SYMBOL && !above->count && below->kind == TREE_SYMBOL && !below->count &&
                 !*below->accents && !strcmp(below->name, left->name) && strcmp(above->name, left->name);
    return plain ? below : NULL;
}

static bool is_called_so(const trees *list, const tree *name)
{
    for (int i = 0; i < list->count; i++) {
        const tree *t = list->item[i]->kind == TREE_FORMULA ? list->item[i]->child[0] : list->item[i];
        const tree *left = t->kind == TREE_RELATION ? t->child[0] : t;
        if (t != list->item[i] && left == t)
            continue; /* "every matrix $M$" introduces none */
        if (left->kind == TREE_SYMBOL && !strcmp(left->name, name->name) && !*left->accents)
            return true;
    }
    return false;
}

/* "We write $\bar M = \partial L / \partial M$" says how all that follows is to be read, as the setup's `means`
 * does. */
static void take_shorthand(pass *p, parsed *item, int count, const trees *given, const trees *formulas)
{
    for (int i = 0; i < count; i++) {
        latex_result *r = &item[i].formulas;
        const tree *any = r->count == 1 ? shorthand_of(r->formula[0]) : NULL;
        if (!any || p->scope->differential || is_called_so(given, any) || is_called_so(formulas, any))
            continue;
        const tree *said = r->formula[0]->child[0];
        setup_statement st = { .kind = SETUP_SHORT,
                               .words = said->child[0]->accents,
                               .symbol = said->child[1]->child[0] };
        fault f = { 0 };
        if (scope_apply(p->scope, &st, &f)) {
            r->count = 0;
            p->all->mentions++;
            return;
        }
    }
}

/* ---- H(q) beside H(q, p) ---- */

/* How many arguments stand behind the name in this product's place k; 0: no bracket does. */
static int arguments_behind(const tree *t, int k)
{
    const tree *next = t->kind == TREE_MUL && k + 1 < t->count ? t->child[k + 1] : NULL;
    if (t->kind == TREE_DERIV && t->child[k]->kind == TREE_SYMBOL && t->child[k]->sub) /* \partial H(q, p) */
        return t->child[k]->sub->kind == TREE_TUPLE ? t->child[k]->sub->count : 1;
    return t->child[k]->kind != TREE_SYMBOL || !next || next->brackets != '(' || next->join != JOIN_BESIDE ? 0
           : next->kind == TREE_TUPLE                                                                      ? next->count
                                                                                                           : 1;
}

static void mark_arguments(pass *p, tree *t, const tree *name, int count)
{
    for (int i = 0; i < t->count; i++) {
        tree *part = t->child[i];
        if (arguments_behind(t, i) == count && !strcmp(part->name, name->name) && !part->count &&
            !strcmp(part->accents, name->accents) && !part->table)
            part->table = arena_format(p->arena, "%d", count);
        mark_arguments(p, part, name, count);
    }
}

/* A letter that two definitions give different numbers of arguments is two functions. */
static void tell_arguments(pass *p, const trees *formulas)
{
    for (int i = 0; i < formulas->count; i++) {
        const tree *r = formulas->item[i]->child[0], *left = r->kind == TREE_RELATION ? r->child[0] : r;
        int count = left->kind == TREE_MUL && left->count == 2 ? arguments_behind(left, 0) : 0;
        bool others = false;
        for (int k = 0; k < formulas->count && count > 1 && !left->child[0]->count; k++) {
            const tree *s = formulas->item[k]->child[0], *other = s->kind == TREE_RELATION ? s->child[0] : s;
            int arguments = other->kind == TREE_MUL && other->count == 2 ? arguments_behind(other, 0) : 0;
            others |= arguments && arguments != count && !strcmp(other->child[0]->name, left->child[0]->name);
        }
        for (int k = 0; k < formulas->count && others; k++)
            mark_arguments(p, formulas->item[k], left->child[0], count);
    }
}

void tell_tables(pass *p, parsed *item, int count, setup *extra)
{
    trees given = { 0 }, shaped = { 0 }, formulas = { 0 };
    keep_setup(p->arena, extra, &given, &shaped, &formulas);
    for (int i = 0; i < count; i++) {
        keep_setup(p->arena, &item[i].setup, &given, &shaped, &formulas);
        for (int k = 0; k < item[i].formulas.count; k++)
            keep(p->arena, &formulas, item[i].formulas.formula[k]);
    }
    tell_rows(p, item, count, extra, formulas.item, formulas.count);
    tell_indexed_calls(p, formulas.item, formulas.count, given.item, given.count);
    tell_numbered(p, formulas.item, formulas.count, given.item, given.count);
    tell_functions(p, formulas.item, formulas.count);
    name_labels(p, extra, &given, &formulas);
    for (int i = 0; i < count; i++)
        name_labels(p, &item[i].setup, &given, &formulas);
    take_shorthand(p, item, count, &given, &formulas);
    merge_signs(p, &formulas);
    name_rows(p, item, count, extra, &given, &formulas);
    scope_name_elements(p->scope, formulas.item, formulas.count, given.item, given.count);
    tell_loss_terms(p, formulas.item, formulas.count, item, count, extra);
    tell_arguments(p, &formulas);
    scope_mark_calls(p->scope, formulas.item, formulas.count, shaped.item, shaped.count);
    keep_held(p->arena, extra, &formulas);
    for (int i = 0; i < count; i++)
        keep_held(p->arena, &item[i].setup, &formulas);
    scope_mark_squares(p->scope, formulas.item, formulas.count, given.item, given.count);
    scope_tables(p->scope, formulas.item, formulas.count, given.item, given.count);
    for (int i = 0; i < given.count; i++)
        scope_mark_tables(p->scope, given.item[i]);
    for (int i = 0; i < formulas.count; i++)
        scope_mark_tables(p->scope, formulas.item[i]);
    for (int i = 0; i < count; i++) {
        write_each(p, &item[i]);
        for (int k = 0; k < item[i].formulas.count; k++)
            scope_mark_tables(p->scope, item[i].formulas.formula[k]);
    }
}

/* ---- Classes ---- */

static bool is_argmax(const tree *t)
{
    return ((t->kind == TREE_MAX || t->kind == TREE_MIN) && !strcmp(t->name, "arg")) ||
           (t->kind == TREE_APPLY && (!strcmp(t->name, "argmax") || !strcmp(t->name, "argmin")));
}

static void note_class(pass *p, const tree *formula)
{
    const tree *r = formula->child[0];
    if (r->kind == TREE_RELATION && is_argmax(r->child[1]))
        scope_note_class(p->scope, r->child[0]);
}

/* What is one-hot or an argmax may be an index. */
void note_classes(pass *p, const parsed *item, int count, const setup *extra)
{
    for (int i = -1; i < count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++) {
            const setup_statement *st = &lines->statement[k];
            if (st->kind == SETUP_FORMULA)
                note_class(p, st->value);
            else if (st->flags & GIVEN_ONE_HOT && st->symbol)
                scope_note_class(p->scope, st->symbol);
        }
        for (int k = 0; i >= 0 && k < item[i].formulas.count; k++)
            note_class(p, item[i].formulas.formula[k]);
    }
}
