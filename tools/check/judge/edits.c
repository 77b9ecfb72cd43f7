/* The one small change of a side that makes a false claim true: another sign, step, name, power, transposition, bound,
 * or a part left out or missing. What is tried is judged like any other claim, in the first world first, in all of them
 * before it is told. */
#include "edits.h"
#include "reader.h"

#include <stdio.h>
#include <string.h>

/* A copy of t in which `from` is replaced: this node, or everything that says the same. */
tree *edit_replaced(arena *a, const tree *t, const tree *from, tree *to, bool all)
{
    if (t == from || (all && tree_equal(t, from)))
        return to;
    tree *copy = ARENA_NEW(a, tree);
    if (!copy)
        return NULL;
    *copy = *t;
    copy->child = ARENA_ARRAY(a, tree *, t->count ? t->count : 1);
    bool changed = false;
    for (int i = 0; copy->child && i < t->count; i++) {
        copy->child[i] = edit_replaced(a, t->child[i], from, to, all);
        if (!copy->child[i])
            return NULL;
        if (copy->child[i] == to &&
            copy->child[i]->join != t->child[i]->join) { /* how a factor is joined belongs to the product */
            tree *joined = ARENA_NEW(a, tree);
            if (!joined)
                return NULL;
            *joined = *to;
            joined->join = t->child[i]->join;
            copy->child[i] = joined;
        }
        changed |= copy->child[i] != t->child[i];
    }
    if (changed && t->kind == TREE_SYMBOL)
        copy->quantity = NULL;
    return copy->child ? copy : NULL;
}

int edit_occurrences(const tree *t, const tree *what)
{
    int count = tree_equal(t, what);
    for (int i = 0; i < t->count; i++)
        count += edit_occurrences(t->child[i], what);
    return count;
}

static bool is_true(editor *e, tree *side)
{
    tally t;
    if (!side || world_clock() > e->until || e->court->work > e->limit)
        return false;
    *(e->left ? &e->claim.left : &e->claim.right) = side;
    if (tree_equal(e->claim.left, e->claim.right)) /* "a = a" explains nothing */
        return false;
    const tree *other = e->left ? e->claim.right : e->claim.left;
    if (edit_occurrences(side, other) > edit_occurrences(e->side, other)) /* nor does putting one side into the other */
        return false;
    judge_run(e->court, &e->claim, e->as, 1, STOP_FIRST, &t);
    if (t.outcome != OUTCOME_PASS || t.zero || !t.compared)
        return false;
    judge_run(e->court, &e->claim, e->as, court_worlds(e->court, &e->claim), STOP_FIRST, &t);
    return t.outcome == OUTCOME_PASS && !t.zero;
}

bool edit_try(editor *e, const tree *from, tree *to, bool all)
{
    return to && is_true(e, edit_replaced(e->arena, e->side, from, to, all));
}

tree *edit_made(editor *e, tree_kind kind, const tree *inner)
{
    tree *t = ARENA_NEW(e->arena, tree);
    tree **child = ARENA_ARRAY(e->arena, tree *, 2);
    if (!t || !child)
        return NULL;
    *t =
        (tree){ .kind = kind, .child = child, .count = 1, .name = "", .accents = "", .style = "", .join = inner->join };
    child[0] = (tree *)(uintptr_t)inner;
    return t;
}

tree *edit_read(editor *e, const char *latex)
{
    latex_result r = latex_read(e->arena, latex, strlen(latex));
    return r.count == 1 ? r.formula[0]->child[0] : NULL;
}

const char *edit_said(const editor *e, const tree *t)
{
    tree bare = *t;
    bare.brackets = 0;
    return latex_text(e->court->arena, &bare, LATEX_SOURCE);
}

tree *edit_number(editor *e, int number)
{
    tree *t = ARENA_NEW(e->arena, tree);
    if (t)
        *t = (tree){ .kind = TREE_NUMBER,
                     .value = number,
                     .name = arena_format(e->arena, "%d", number),
                     .accents = "",
                     .style = "" };
    return t;
}

tree *edit_complement(editor *e, const tree *t)
{
    tree *sum = edit_made(e, TREE_ADD, t), *one = edit_number(e, 1), *minus = edit_made(e, TREE_NEG, t);
    if (!sum || !one || !minus)
        return NULL;
    sum->child[0] = one, sum->child[1] = minus;
    sum->count = 2;
    sum->brackets = '(';
    return sum;
}

/* ---- Parts left out, signs ---- */

static tree *without(editor *e, const tree *t, int which)
{
    if (t->count == 2)
        return t->child[1 - which];
    tree *copy = ARENA_NEW(e->arena, tree);
    tree **child = ARENA_ARRAY(e->arena, tree *, t->count);
    if (!copy || !child)
        return NULL;
    *copy = *t;
    copy->child = child;
    copy->count = 0;
    for (int i = 0; i < t->count; i++)
        if (i != which)
            child[copy->count++] = t->child[i];
    return copy;
}

static void try_parts(editor *e, const tree *t)
{
    arena *a = e->court->arena;
    for (int i = 0; i < t->count && !e->found; i++) {
        const tree *c = t->child[i];
        if (t->kind == TREE_ADD) {
            tree *turned = c->kind == TREE_NEG ? c->child[0] : edit_made(e, TREE_NEG, c);
            const char *name = edit_said(e, c->kind == TREE_NEG ? c->child[0] : c);
            if (edit_try(e, c, turned, false))
                e->found = arena_format(a, "the sign of $%s$ is wrong", name);
            else if (edit_try(e, t, without(e, t, i), false))
                e->found = arena_format(a, "the term $%s$ is too much", name);
        } else if (t->kind == TREE_MUL && c->kind != TREE_DOTS && edit_try(e, t, without(e, t, i), false))
            e->found = arena_format(a, "the factor $%s$ is too much", edit_said(e, c));
    }
}

/* ---- Powers, transpositions, functions ---- */

static tree *squared(editor *e, const tree *t)
{
    tree *p = edit_made(e, TREE_POW, t);
    return p && (p->child[p->count++] = edit_number(e, 2)) ? p : NULL;
}

static void try_shape(editor *e, const tree *t)
{
    arena *a = e->court->arena;
    bool square = t->kind == TREE_POW && t->child[1]->kind == TREE_NUMBER && t->child[1]->value == 2;
    bool name = t->kind == TREE_SYMBOL || (t->kind == TREE_POW && scope_is_label(e->court->scope, t, e->env));
    if (t->kind == TREE_TRANSPOSE && edit_try(e, t, t->child[0], false))
        e->found = arena_format(a, "$%s$ should not be transposed", edit_said(e, t->child[0]));
    else if (square && edit_try(e, t, t->child[0], false))
        e->found = arena_format(a, "$%s$ should not be squared", edit_said(e, t->child[0]));
    else if ((t->kind == TREE_SYMBOL || t->kind == TREE_APPLY) && edit_try(e, t, squared(e, t), false))
        e->found = arena_format(a, "$%s$ should be squared", edit_said(e, t));
    else if ((name || t->kind == TREE_DERIV) && edit_try(e, t, edit_made(e, TREE_TRANSPOSE, t), false))
        e->found = arena_format(a, "$%s$ should be transposed", edit_said(e, t));
    static const char *const wraps[] = { "\\tanh", "\\sigma" };
    for (int i = 0; i < 2 && !e->found && t->kind == TREE_SYMBOL; i++) {
        tree *call = edit_made(e, TREE_APPLY, t);
        if (!call)
            return;
        call->name = wraps[i];
        if (edit_try(e, t, call, false))
            e->found = arena_format(a, "$%s$ should be $%s(%s)$", edit_said(e, t), wraps[i], edit_said(e, t));
    }
    if (!e->found && t->kind == TREE_APPLY && t->count == 1 && edit_try(e, t, t->child[0], false))
        e->found = arena_format(a, "$%s$ should be $%s$", edit_said(e, t), edit_said(e, t->child[0]));
    static const char *const pairs[][2] = { { "\\sigma", "\\tanh" }, { "\\tanh", "\\sigma" } };
    for (int i = 0; i < 2 && !e->found && t->kind == TREE_APPLY && t->count == 1; i++) {
        tree *copy = ARENA_NEW(e->arena, tree);
        if (!copy || strcmp(t->name, pairs[i][0]) != 0)
            continue;
        *copy = *t;
        copy->name = pairs[i][1];
        if (edit_try(e, t, copy, false))
            e->found = arena_format(a, "$%s$ should be $%s$", edit_said(e, t), edit_said(e, copy));
    }
}

/* ---- Bounds ---- */

static void try_bounds(editor *e, const tree *t)
{
    for (int i = 0; i < t->bounds && !e->found; i++)
        for (int k = 0; k < 4 && !e->found; k++) {
            bool end = k >= 2;
            const tree *at = end ? t->bound[i].to : t->bound[i].from;
            tree *other = at ? edit_shifted(e, at, k % 2 ? 1 : -1) : NULL,
                 *copy = other ? ARENA_NEW(e->arena, tree) : NULL;
            tree_bound *bound = copy ? ARENA_ARRAY(e->arena, tree_bound, t->bounds) : NULL;
            if (!bound)
                continue;
            *copy = *t;
            memcpy(bound, t->bound, (size_t)t->bounds * sizeof *bound);
            copy->bound = bound;
            *(end ? &bound[i].to : &bound[i].from) = other;
            if (edit_try(e, t, copy, false))
                e->found = arena_format(e->court->arena, "the %s should %s at $%s = %s$",
                                        t->kind == TREE_PROD ? "product" : "sum", end ? "end" : "begin", bound[i].index,
                                        edit_said(e, other));
        }
}

/* ---- Everywhere ---- */

static void everywhere(editor *e, const tree *t, void (*edit)(editor *e, const tree *t))
{
    binding bound[4];
    const binding *outside = e->env;
    if (e->found || world_clock() > e->until)
        return;
    edit(e, t);
    for (int i = 0; i < t->bounds && i < 4; i++) {
        bound[i] = (binding){ .letter = t->bound[i].index, .kind = LETTER_INDEX, .value = 2, .outer = e->env };
        const letter_row *l = scope_declared(e->court->scope, t->bound[i].index);
        if (l && l->kind == LETTER_LABEL)
            bound[i].kind = LETTER_LABEL, bound[i].label = l->labels ? l->label[0] : "";
        e->env = &bound[i];
    }
    bool name = t->kind == TREE_SYMBOL || (t->kind == TREE_POW && scope_is_label(e->court->scope, t, e->env));
    for (int i = 0; i < t->count && !e->found && !name; i++)
        everywhere(e, t->child[i], edit);
    e->env = outside;
}

static bool first_instance(void *context, const binding *env, int64_t t)
{
    static void (*const edits[])(editor * e, const tree *t) = { try_parts,  edit_steps, try_bounds,  try_shape,
                                                                edit_names, edit_sums,  edit_factors };
    editor *e = context;
    const claimed claim = e->claim;
    (void)t;
    e->env = env;
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++)
        everywhere(e, e->side, edits[i]);
    e->claim = claim;
    if (e->found || claim.left->kind == TREE_SYMBOL || claim.left->kind == TREE_DERIV)
        return false;
    e->side = claim.left;
    e->left = true;
    for (int i = 0; i < 3; i++)
        everywhere(e, e->side, edits[i]);
    if (e->found)
        e->found = arena_format(e->court->arena, "on the left side, %s", e->found);
    return false;
}

enum { EDIT_WORK = 20000 }; /* so that what is found does not depend on how fast the machine is */

const char *edits_find(court *c, const claimed *claim, const assumption *as, double until)
{
    editor e = { .court = c,
                 .claim = *claim,
                 .side = claim->right,
                 .as = as,
                 .arena = &c->scratch,
                 .until = until,
                 .limit = c->work + EDIT_WORK };
    fault f = { 0 };
    world *w = court_world(c, claim, 0, as, &f);
    if (w)
        judge_instances(w, claim, &f, first_instance, &e);
    return e.found;
}
