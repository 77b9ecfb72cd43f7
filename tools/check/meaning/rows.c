/* Rows and columns of a given matrix under its small letter: x_{ij}, x_i, x^{(i)} of X, which textbooks leave to be
 * understood. They become parts of X, if their indices have the ranges of X's axes and x has no meaning of its own. */
#include "reader.h"
#include "scope_internal.h"

#include <ctype.h>
#include <string.h>

/* The small letter of \Theta or W; NULL: it is no capital. */
static const char *small_letter(scope *s, const char *name)
{
    static const char *const greek[] = { "\\Theta", "\\Phi", "\\Gamma", "\\Lambda", "\\Psi", "\\Omega", "\\Xi" };
    if (name[0] == 'T' && (!name[1] || !strcmp(name + 1, "_*"))) /* of a t that counts no steps */
        return "t_*";
    if (isupper((unsigned char)name[0]) && !name[1])
        return arena_format(s->arena, "%c", tolower((unsigned char)name[0]));
    for (size_t i = 0; i < sizeof greek / sizeof *greek; i++)
        if (!strcmp(greek[i], name))
            return arena_format(s->arena, "\\%c%s", tolower((unsigned char)name[1]), name + 2);
    return NULL;
}

typedef struct sums { /* around a place */
    const tree *sum;
    const struct sums *outer;
} sums;

typedef struct rows {
    scope *scope;
    const char *small, *large;
    tree *const *dim;
    bool own; /* x stands somewhere where it can be no part of X */
    int found;
    bool rename;
} rows;

/* The range of an index, as it is declared or as the sum around says; NULL: it is no index of elements. */
static const tree *range_of(const rows *r, const tree *index, const sums *around)
{
    if (!scope_plain(index))
        return NULL;
    for (; around; around = around->outer)
        for (int i = 0; i < around->sum->bounds; i++)
            if (!strcmp(around->sum->bound[i].index, index->name) && around->sum->bound[i].to)
                return around->sum->bound[i].to;
    const letter_row *l = scope_declared(r->scope, index->name);
    return l && l->kind == LETTER_INDEX ? l->range : NULL;
}

/* The bound of the i of \sum_i, without a range, that nobody declared; else NULL. */
static tree_bound *bare(const rows *r, const tree *index, const sums *around)
{
    for (; around && scope_plain(index) && !index->brackets; around = around->outer)
        for (int i = 0; i < around->sum->bounds; i++) {
            tree_bound *b = &around->sum->bound[i];
            bool ranges = b->from || b->to || b->set || b->relation || scope_declared(r->scope, index->name);
            if (!strcmp(b->index, index->name))
                return ranges ? NULL : b;
        }
    return NULL;
}

static bool counts(const rows *r, const tree *index, const sums *around, int axis)
{
    const tree *range = range_of(r, index, around);
    return range && tree_equal(range, r->dim[axis]);
}

/* x_k^{(i)}: element k of column i. */
static bool is_raised_column(const rows *r, const tree *t, const sums *around)
{
    return t->count == 2 && t->child[0]->brackets == '(' && counts(r, t->child[0], around, 1) &&
           counts(r, t->child[1], around, 0);
}

/* x^{(1)}, x^{(m)}: a part of either kind. */
static bool is_numbered(const rows *r, const tree *t)
{
    return t->count == 1 && t->child[0]->brackets == '(' &&
           (t->child[0]->kind == TREE_NUMBER || tree_equal(t->child[0], r->dim[0]) ||
            tree_equal(t->child[0], r->dim[1]));
}

/* Are these subscripts those of an element, a row or a column? */
static bool is_part(const rows *r, const tree *t, const sums *around)
{
    if (*t->accents || t->primes || t->count < 1 || t->count > 2)
        return false;
    const tree *first = t->child[0], *pair = t->count == 1 && first->kind == TREE_MUL ? first : t;
    if (pair->count == 2)
        return (counts(r, pair->child[0], around, 0) && counts(r, pair->child[1], around, 1)) ||
               is_raised_column(r, pair, around);
    return t->count == 1 && !tree_equal(r->dim[0], r->dim[1]) &&
           (counts(r, first, around, 0) || counts(r, first, around, 1) || bare(r, first, around));
}

/* \Delta u_{jl}(t), as a sign in front of the name: a quantity of its own. */
static bool is_change(const tree *sign, const tree *name)
{
    return sign && sign->kind == TREE_SYMBOL && !sign->count && name->join == JOIN_BESIDE &&
           (!strcmp(sign->name, "\\Delta") || !strcmp(sign->name, "\\delta"));
}

static void walk(rows *r, tree *t, const sums *around)
{
    sums here = { t, around };
    if (t->bounds)
        around = &here;
    if (t->kind == TREE_SYMBOL && !strcmp(t->name, r->small) && !*t->accents) { /* \hat y is another */
        bool part = is_part(r, t, around);
        r->own |= !part && !is_numbered(r, t);
        r->found += part;
        tree_bound *over = part && r->rename && t->count == 1 ? bare(r, t->child[0], around) : NULL;
        if (over)
            over->to = r->dim[0];
        if (part && r->rename) {
            t->name = r->large;
            if (is_raised_column(r, t, around)) {
                tree *column = t->child[0];
                t->child[0] = t->child[1], t->child[1] = column;
                column->brackets = 0;
            }
            if (t->count == 1 && t->child[0]->kind == TREE_SYMBOL)
                t->child[0]->brackets = '('; /* its range says whether it is a row or a column */
        }
    }
    for (int i = 0; i < t->count; i++)
        if (!is_change(t->kind == TREE_MUL && i ? t->child[i - 1] : NULL, t->child[i]))
            walk(r, t->child[i], around);
}

void scope_name_rows(scope *s, tree **formula, int count, const tree *matrix, tree *const dim[2])
{
    rows r = { .scope = s, .large = matrix->name, .dim = dim };
    if (!scope_plain(matrix) || !(r.small = small_letter(s, matrix->name)))
        return;
    if (scope_size(s, r.small) || scope_declared(s, r.small))
        return;
    for (int i = 0; i < count; i++) {
        const tree *said = formula[i]->kind == TREE_FORMULA ? formula[i]->child[0] : formula[i];
        const tree *left = said->kind == TREE_RELATION ? said->child[0] : NULL;
        r.own |= left && left->kind == TREE_SYMBOL && !strcmp(left->name, r.small) &&
                 !*left->accents; /* x_i = ... says what it is */
        walk(&r, formula[i], NULL);
    }
    if (r.own || !r.found)
        return;
    r.rename = true;
    for (int i = 0; i < count; i++)
        walk(&r, formula[i], NULL);
}

/* ---- The elements of a matrix that is defined or used, and not given ---- */

static bool counts_elements(scope *s, const tree *t, bool pair)
{
    const letter_row *l = scope_plain(t) ? scope_declared(s, t->name) : NULL;
    if (pair && !l && scope_plain(t) && !t->name[1] && !scope_size(s, t->name)) /* nobody declares the i of w_{ij} */
        return strchr("ijklmpqrs", *t->name) && !scope_is_time(s, t->name);
    return l && l->kind == LETTER_INDEX && !scope_is_time(s, t->name) && !scope_runs_over_batch(s, t);
}

/* 2: an element, or a column of one of several matrices; 1: a row; 0: anything else. */
static int element_of(scope *s, const tree *t)
{
    const tree *pair = t->count == 1 && t->child[0]->kind == TREE_MUL ? t->child[0] : t;
    if (*t->accents || t->primes || pair->count < 1 || pair->count > 2)
        return 0;
    bool column = t->count == 2 && t->child[0]->brackets == '[' && t->child[1]->brackets == '(' &&
                  scope_plain(t->child[1]) && scope_declared(s, t->child[1]->name); /* a^{[3](i)} */
    if (column)
        return 2;
    for (int i = 0; i < pair->count; i++)
        if (!counts_elements(s, pair->child[i], pair->count == 2))
            return 0;
    return pair->count;
}

bool scope_names_elements(scope *s, const tree *r)
{
    const tree *right = r->kind == TREE_RELATION && r->count == 2 ? r->child[1] : NULL;
    return right && (r->relations[0] == REL_EQ || r->relations[0] == REL_DEFINED) && scope_plain(r->child[0]) &&
           right->kind == TREE_SYMBOL && (right->brackets == '(' || right->brackets == '[') &&
           element_of(s, right) == 2;
}

/* A, A^{[3]} */
static bool is_whole(const tree *t)
{
    return !*t->accents && (!t->count || (t->count == 1 && t->child[0]->brackets == '['));
}

typedef struct elements {
    scope *scope;
    const char *small, *large;
    bool own, whole, rename; /* whole: the capital stands by itself */
    int found;
} elements;

static void walk_elements(elements *e, tree *t)
{
    if (t->kind == TREE_SYMBOL && !strcmp(t->name, e->small) && !*t->accents) {
        int count = element_of(e->scope, t);
        e->own |= !count;
        e->found += count == 2;
        if (count && e->rename)
            t->name = e->large;
    }
    e->whole |= t->kind == TREE_SYMBOL && !strcmp(t->name, e->large) && is_whole(t);
    if (t->kind == TREE_DERIV && t->child[0]->kind == TREE_SYMBOL && !strcmp(t->child[0]->name, e->large))
        e->own = true; /* of a loss E there are no elements */
    for (int i = 0; i < t->count; i++)
        if (!is_change(t->kind == TREE_MUL && i ? t->child[i - 1] : NULL, t->child[i]))
            walk_elements(e, t->child[i]);
}

static const tree *left_name(const tree *formula)
{
    const tree *said = formula->kind == TREE_FORMULA ? formula->child[0] : formula;
    const tree *left = said->kind == TREE_RELATION ? said->child[0] : NULL;
    left = left && left->kind == TREE_POW ? left->child[0] : left; /* e_{ij}^t */
    return left && left->kind == TREE_SYMBOL ? left : NULL;
}

static void name_elements(scope *s, tree **formula, int count, tree *const *given, int givens, const char *large,
                          const char *small)
{
    elements e = { .scope = s, .large = large, .small = small };
    if (!e.small || scope_size(s, e.small) || scope_declared(s, e.small) || scope_size(s, large))
        return;
    for (int i = 0; i < givens; i++)
        e.own |= given[i]->kind == TREE_SYMBOL && !strcmp(given[i]->name, e.small);
    for (int i = 0; i < count && !e.own; i++) {
        const tree *left = left_name(formula[i]);
        e.own = left && !strcmp(left->name, e.small) && !*left->accents;
        walk_elements(&e, formula[i]);
    }
    if (e.own || !e.found || !e.whole)
        return;
    e.rename = true;
    for (int i = 0; i < count; i++)
        walk_elements(&e, formula[i]);
}

static void find_capitals(scope *s, const tree *t, const char **names, int *count)
{
    bool known = t->kind != TREE_SYMBOL || !is_whole(t) || !small_letter(s, t->name);
    for (int i = 0; i < *count && !known; i++)
        known = !strcmp(names[i], t->name);
    if (!known && *count < 32)
        names[(*count)++] = t->name;
    for (int i = 0; i < t->count; i++)
        find_capitals(s, t->child[i], names, count);
}

void scope_name_elements(scope *s, tree **formula, int count, tree *const *given, int givens)
{
    const char *names[32];
    int capitals = 0;
    for (int i = 0; i < count; i++)
        find_capitals(s, formula[i], names, &capitals);
    for (int i = 0; i < capitals; i++)
        name_elements(s, formula, count, given, givens, names[i], small_letter(s, names[i]));
    for (int i = 0; i < count; i++) { /* J = (a_{ij}) */
        const tree *r = formula[i]->kind == TREE_FORMULA ? formula[i]->child[0] : formula[i];
        if (scope_names_elements(s, r) && strcmp(r->child[0]->name, r->child[1]->name) != 0)
            name_elements(s, formula, count, given, givens, r->child[0]->name, r->child[1]->name);
    }
}
