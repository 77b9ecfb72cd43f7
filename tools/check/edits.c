/* The one small change of the right side that makes a false claim true: another sign, step, name, power, transposition, or a part left out. What is tried
 * is judged like any other claim, in the first world first, in all of them before it is told. */
#include "latex.h"
#include "notation.h"
#include "patterns.h"

#include <stdio.h>
#include <string.h>

typedef struct editor {
    court *court;
    claimed claim; /* with the changed right side */
    const tree *right;
    const assumption *as;
    arena *arena;
    double until;
    const char *found;
    const binding *env; /* letters bound at the place at hand */
} editor;

/* A copy of t in which `from` is replaced: this node, or everything that says the same. */
static tree *replaced(arena *a, const tree *t, const tree *from, tree *to, bool all)
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
        copy->child[i] = replaced(a, t->child[i], from, to, all);
        if (!copy->child[i])
            return NULL;
        if (copy->child[i] == to && copy->child[i]->join != t->child[i]->join) { /* how a factor is joined belongs to the product */
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

static int occurrences(const tree *t, const tree *what)
{
    int count = tree_equal(t, what);
    for (int i = 0; i < t->count; i++)
        count += occurrences(t->child[i], what);
    return count;
}

static bool is_true(editor *e, tree *right)
{
    tally t;
    if (!right || patterns_now() > e->until || tree_equal(right, e->claim.left)) /* "a = a" explains nothing */
        return false;
    e->claim.right = right;
    judge_run(e->court, &e->claim, e->as, 1, true, &t);
    if (t.outcome != OUTCOME_PASS || t.zero || !t.compared)
        return false;
    judge_run(e->court, &e->claim, e->as, JUDGE_WORLDS, true, &t);
    return t.outcome == OUTCOME_PASS && !t.zero;
}

static bool try_node(editor *e, const tree *from, tree *to, bool all)
{
    return to && is_true(e, replaced(e->arena, e->right, from, to, all));
}

static tree *made(editor *e, tree_kind kind, const tree *inner)
{
    tree *t = ARENA_NEW(e->arena, tree);
    tree **child = ARENA_ARRAY(e->arena, tree *, 2);
    if (!t || !child)
        return NULL;
    *t = (tree){ .kind = kind, .child = child, .count = 1, .name = "", .accents = "", .style = "", .join = inner->join };
    child[0] = (tree *)(uintptr_t)inner;
    return t;
}

static tree *read_back(editor *e, const char *latex)
{
    latex_result r = latex_read(e->arena, latex, strlen(latex));
    return r.count == 1 ? r.formula[0]->child[0] : NULL;
}

static const char *said(const editor *e, const tree *t)
{
    tree bare = *t;
    bare.brackets = 0;
    return latex_text(e->court->arena, &bare, LATEX_SOURCE);
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
            tree *turned = c->kind == TREE_NEG ? c->child[0] : made(e, TREE_NEG, c);
            const char *name = said(e, c->kind == TREE_NEG ? c->child[0] : c);
            if (try_node(e, c, turned, false))
                e->found = arena_format(a, "the sign of $%s$ is wrong", name);
            else if (try_node(e, t, without(e, t, i), false))
                e->found = arena_format(a, "the term $%s$ is too much", name);
        } else if (t->kind == TREE_MUL && c->kind != TREE_DOTS && try_node(e, t, without(e, t, i), false))
            e->found = arena_format(a, "the factor $%s$ is too much", said(e, c));
    }
}

/* ---- Powers, transpositions, functions ---- */

static tree *squared(editor *e, const tree *t)
{
    tree *p = made(e, TREE_POW, t), *two = p ? ARENA_NEW(e->arena, tree) : NULL;
    if (!two)
        return NULL;
    *two = (tree){ .kind = TREE_NUMBER, .value = 2, .name = "2", .accents = "", .style = "" };
    p->child[1] = two;
    p->count = 2;
    return p;
}

static tree *complement(editor *e, const tree *t)
{
    tree *sum = made(e, TREE_ADD, t), *one = sum ? ARENA_NEW(e->arena, tree) : NULL;
    if (!one)
        return NULL;
    *one = (tree){ .kind = TREE_NUMBER, .value = 1, .name = "1", .accents = "", .style = "" };
    sum->child[0] = one;
    sum->child[1] = made(e, TREE_NEG, t);
    sum->count = 2;
    sum->brackets = '(';
    return sum->child[1] ? sum : NULL;
}

static void try_shape(editor *e, const tree *t)
{
    arena *a = e->court->arena;
    bool square = t->kind == TREE_POW && t->child[1]->kind == TREE_NUMBER && t->child[1]->value == 2;
    if (t->kind == TREE_TRANSPOSE && try_node(e, t, t->child[0], false))
        e->found = arena_format(a, "$%s$ should not be transposed", said(e, t->child[0]));
    else if (square && try_node(e, t, t->child[0], false))
        e->found = arena_format(a, "$%s$ should not be squared", said(e, t->child[0]));
    else if ((t->kind == TREE_SYMBOL || t->kind == TREE_APPLY) && try_node(e, t, squared(e, t), false))
        e->found = arena_format(a, "$%s$ should be squared", said(e, t));
    else if ((t->kind == TREE_SYMBOL || t->kind == TREE_DERIV) && try_node(e, t, made(e, TREE_TRANSPOSE, t), false))
        e->found = arena_format(a, "$%s$ should be transposed", said(e, t));
    static const char *const wraps[] = { "\\tanh", "\\sigma" };
    for (int i = 0; i < 2 && !e->found && t->kind == TREE_SYMBOL; i++) {
        tree *call = made(e, TREE_APPLY, t);
        if (!call)
            return;
        call->name = wraps[i];
        if (try_node(e, t, call, false))
            e->found = arena_format(a, "$%s$ should be $%s(%s)$", said(e, t), wraps[i], said(e, t));
    }
    if (!e->found && t->kind == TREE_APPLY && t->count == 1 && try_node(e, t, t->child[0], false))
        e->found = arena_format(a, "$%s$ should be $%s$", said(e, t), said(e, t->child[0]));
    static const char *const pairs[][2] = { { "\\sigma", "\\tanh" }, { "\\tanh", "\\sigma" } };
    for (int i = 0; i < 2 && !e->found && t->kind == TREE_APPLY && t->count == 1; i++) {
        tree *copy = ARENA_NEW(e->arena, tree);
        if (!copy || strcmp(t->name, pairs[i][0]) != 0)
            continue;
        *copy = *t;
        copy->name = pairs[i][1];
        if (try_node(e, t, copy, false))
            e->found = arena_format(a, "$%s$ should be $%s$", said(e, t), said(e, copy));
    }
}

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
    tree *other = read_back(e, name);
    if (!other || other->kind != TREE_SYMBOL)
        return;
    other->join = t->join;
    if (try_node(e, t, other, false) || (occurrences(e->right, t) > 1 && try_node(e, t, other, true)))
        e->found = arena_format(a, "$%s$ should be $%s$", said(e, t), said(e, other));
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
                tree *other = replaced(e->arena, t, c, to, false);
                if (other && try_node(e, t, other, false))
                    e->found = arena_format(a, "$%s$ should be $%s$", said(e, t), said(e, other));
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
            other = replaced(e->arena, t, c, to, false);
            if (other && try_node(e, t, other, false))
                e->found = arena_format(a, "$%s$ should be $%s$", said(e, t), said(e, other));
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
        if (!e->found && try_node(e, t, complement(e, t), true)) {
            const tree *one = complement(e, t);
            e->found = one && occurrences(e->right, one) ? arena_format(a, "$%s$ and $1 - %s$ are exchanged", said(e, t), said(e, t))
                                                         : arena_format(a, "$%s$ should be $1 - %s$", said(e, t), said(e, t));
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
        tree *symbol = read_back(e, name), *sum;
        if (!symbol || symbol->kind != TREE_SYMBOL)
            return;
        if (call && (sum = made(e, TREE_ADD, t->child[0]))) {
            sum->child[sum->count++] = symbol;
            if (try_node(e, t->child[0], sum, false))
                e->found = arena_format(a, "the term $%s$ is missing in $%s$", name, said(e, t));
        }
        for (int k = 0; k < t->count && !call && !e->found; k++)
            if (t->child[k]->kind == TREE_ADD && (symbol->join = t->child[k]->join, try_node(e, t->child[k], symbol, false)))
                e->found = arena_format(a, "$%s$ should be $%s$", said(e, t->child[k]), name);
    }
}

/* ---- Everywhere ---- */

typedef enum edit_kind { EDIT_PARTS, EDIT_STEPS, EDIT_SHAPES, EDIT_NAMES, EDIT_SUMS, EDITS } edit_kind;

static void everywhere(editor *e, const tree *t, edit_kind kind)
{
    binding bound[4];
    const binding *outside = e->env;
    if (e->found || patterns_now() > e->until)
        return;
    switch (kind) {
    case EDIT_PARTS:
        try_parts(e, t);
        break;
    case EDIT_SHAPES:
        try_shape(e, t);
        break;
    case EDIT_SUMS:
        if (t->kind == TREE_MUL || t->kind == TREE_APPLY)
            try_quantities(e, t);
        break;
    default:
        try_symbol(e, t, kind == EDIT_NAMES);
    }
    for (int i = 0; i < t->bounds && i < 4; i++) {
        bound[i] = (binding){ .letter = t->bound[i].index, .kind = LETTER_INDEX, .value = 2, .outer = e->env };
        const letter_row *l = scope_declared(e->court->scope, t->bound[i].index);
        if (l && l->kind == LETTER_LABEL)
            bound[i].kind = LETTER_LABEL, bound[i].label = l->labels ? l->label[0] : "";
        e->env = &bound[i];
    }
    for (int i = 0; i < t->count && !e->found && t->kind != TREE_SYMBOL; i++)
        everywhere(e, t->child[i], kind);
    e->env = outside;
}

static bool first_instance(void *context, const binding *env, int64_t t)
{
    editor *e = context;
    (void)t;
    e->env = env;
    for (int kind = 0; kind < EDITS; kind++)
        everywhere(e, e->right, (edit_kind)kind);
    return false;
}

const char *edits_find(court *c, const claimed *claim, const assumption *as, double until)
{
    editor e = { .court = c, .claim = *claim, .right = claim->right, .as = as, .arena = &c->scratch, .until = until };
    fault f = { 0 };
    world *w = court_world(c, claim, 0, as, &f);
    if (w)
        judge_instances(w, claim, &f, first_instance, &e);
    return e.found;
}
