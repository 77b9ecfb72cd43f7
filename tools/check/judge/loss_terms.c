/* L_t = L(y_t, g(h_t)), L(z, y) = \sum_t L(z_t; y_t): one letter for a loss and for the function that its terms are.
 * The function is a name of its own; and where another formula says how the loss is computed, this one says only what
 * it depends on. */
#include "pass.h"

#include <string.h>

static bool is_loss_letter(const tree *t)
{
    static const char *const letters[] = { "l", "\\ell", "L", "J", "E", "C", "CE", "loss", "cost", "Loss" };
    for (size_t i = 0; t->kind == TREE_SYMBOL && !*t->accents && !t->primes && i < sizeof letters / sizeof *letters;
         i++)
        if (!strcmp(t->name, letters[i]))
            return true;
    return false;
}

static bool has_index(const tree *t)
{
    if (t->kind == TREE_SYMBOL && t->count)
        return true;
    for (int i = 0; i < t->count; i++)
        if (has_index(t->child[i]))
            return true;
    return false;
}

static int arguments_of(const tree *list)
{
    return list->kind == TREE_TUPLE ? list->count : 1;
}

/* The bracket behind the letter in this product's place, or in the numerator that it is; NULL: none. */
static const tree *called_with(const tree *t, int at)
{
    const tree *name = t->child[at], *next = t->kind == TREE_MUL && at + 1 < t->count ? t->child[at + 1] : NULL;
    if (name->kind != TREE_SYMBOL || name->count)
        return NULL;
    if (t->kind == TREE_DERIV && at == 0)
        return name->sub;
    return next && next->brackets == '(' && next->join == JOIN_BESIDE ? next : NULL;
}

/* L(y_t, g(h_t)): the letter with arguments that have indices. How many they are; 0: it stands nowhere so. */
static int find_term(const tree *t, const tree *letter)
{
    for (int i = 0; i < t->count; i++) {
        const tree *list = t->kind == TREE_SYMBOL ? NULL : called_with(t, i);
        if (list && !strcmp(t->child[i]->name, letter->name) && !*t->child[i]->accents && has_index(list))
            return arguments_of(list);
        int found = t->kind == TREE_SYMBOL ? 0 : find_term(t->child[i], letter);
        if (found)
            return found;
    }
    return 0;
}

static bool is_equation(const tree *r)
{
    return r->kind == TREE_RELATION && r->relations[0] != REL_IN && r->relations[0] != REL_APPROX;
}

/* L of L_t, of L, and of L(z, y). */
static const tree *head_of(const tree *left)
{
    return is_function_call(left) ? left->child[0] : left;
}

/* table: "term", or "unsaid" where nothing says what the function is. */
static void mark(tree *t, const tree *letter, const char *table)
{
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++) {
        const tree *list = called_with(t, i);
        if (list && !strcmp(t->child[i]->name, letter->name) && !*t->child[i]->accents && has_index(list))
            t->child[i]->table = table;
        mark(t->child[i], letter, table);
    }
}

/* L(y, p) = ..., which is no sum of L's: what the function is. */
static void mark_definition(tree *formula, const tree *letter, int arguments)
{
    const tree *r = formula->child[0];
    tree *left = is_equation(r) ? r->child[0] : NULL;
    if (left && is_function_call(left) && !strcmp(left->child[0]->name, letter->name) && !left->child[0]->count &&
        arguments_of(left->child[1]) == arguments && !find_term(r, letter))
        left->child[0]->table = "term";
}

/* Another formula that says what the left side is, and without the function; NULL: none. */
static const tree *said_elsewhere(tree *const *formula, int count, int which, const tree *letter)
{
    const tree *left = formula[which]->child[0]->child[0];
    for (int i = 0; i < count; i++) {
        const tree *r = formula[i]->child[0];
        bool same = is_equation(r) && (tree_equal(r->child[0], left) || tree_equal(r->child[0], head_of(left)));
        if (i != which && same && !find_term(r, letter) && r->child[1]->kind != TREE_DERIV)
            return r->child[1];
    }
    return NULL;
}

/* ---- Where the function is known by what the loss is ---- */

/* The bracket of a side that is nothing but the call; NULL: it is more. */
static const tree *whole_call(const tree *t, const tree *letter)
{
    const tree *list = t->kind == TREE_MUL && t->count == 2 ? called_with(t, 0) : NULL;
    return list && !strcmp(t->child[0]->name, letter->name) && !*t->child[0]->accents ? list : NULL;
}

static bool same_range(const tree *a, const tree *b)
{
    return a->kind == TREE_SUM && b->kind == TREE_SUM && a->bounds == 1 && b->bounds == 1 &&
           !strcmp(a->bound[0].index, b->bound[0].index);
}

/* L = \sum_t L(z_t; y_t) beside L = -\sum_t S: the call's arguments, and S with its sign; NULL: they do not compare. */
static tree *counterpart(arena *a, const tree *called, const tree *other, const tree *letter, const tree **arguments)
{
    *arguments = whole_call(called, letter);
    if (*arguments)
        return (tree *)(uintptr_t)other;
    if (same_range(called, other))
        return counterpart(a, called->child[0], other->child[0], letter, arguments);
    if (other->kind != TREE_NEG)
        return NULL;
    tree *positive = counterpart(a, called, other->child[0], letter, arguments), *negative = ARENA_NEW(a, tree);
    if (!positive || !negative)
        return NULL;
    *negative = *other;
    negative->child = ARENA_ARRAY(a, tree *, 1);
    if (!negative->child)
        return NULL;
    negative->child[0] = positive;
    return negative;
}

/* Every call of the function with these arguments becomes what it is. */
static void write_calls(arena *a, tree *t, const tree *letter, const tree *arguments, const tree *meaning)
{
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++) {
        const tree *list = called_with(t, i), *name = t->child[i];
        if (!list || strcmp(name->name, letter->name) != 0 || *name->accents || !tree_equal(list, arguments)) {
            write_calls(a, t->child[i], letter, arguments, meaning);
            continue;
        }
        tree *copy = ARENA_NEW(a, tree);
        if (!copy)
            return;
        *copy = *meaning;
        copy->join = name->join, copy->brackets = '(';
        copy->at = name->at, copy->length = list->at + list->length - name->at;
        t->child[i] = copy;
        if (t->kind == TREE_MUL) {
            memmove(t->child + i + 1, t->child + i + 2, (size_t)(t->count - i - 2) * sizeof *t->child);
            t->count--;
        }
    }
}

/* A chain in which a later side says it without the function, L = \sum_t L(y_t, p_t) = -\sum_t y_t^\top \log p_t: what
 * the function is, if the sides compare, and without the sides that it stands in. */
static tree *without_terms(arena *a, tree *r, const tree *letter, const tree **arguments)
{
    tree *meaning = NULL;
    for (int i = 1; i < r->count && !meaning; i++)
        for (int k = 1; k < r->count && !meaning && find_term(r->child[i], letter); k++)
            if (!find_term(r->child[k], letter))
                meaning = counterpart(a, r->child[i], r->child[k], letter, arguments);
    int plain = 0, kept = 1;
    for (int i = 1; i < r->count; i++)
        plain += !find_term(r->child[i], letter);
    for (int i = 1; i < r->count && plain; i++) {
        if (find_term(r->child[i], letter))
            continue;
        r->child[kept] = r->child[i];
        r->relations[kept - 1] = r->relations[i - 1];
        kept++;
    }
    r->count = plain ? kept : r->count;
    return meaning;
}

static bool is_said_loss(const setup *lines, const tree *letter)
{
    for (int i = 0; i < lines->count; i++)
        if (lines->statement[i].kind == SETUP_LOSS && lines->statement[i].symbol->kind == TREE_SYMBOL &&
            !strcmp(lines->statement[i].symbol->name, letter->name))
            return true;
    return false;
}

/* Does a setup say "loss L reads ..." of the letter? */
static bool is_drawn_loss(const parsed *item, int items, const setup *extra, const tree *letter)
{
    bool drawn = is_said_loss(extra, letter);
    for (int i = 0; i < items; i++)
        drawn |= is_said_loss(&item[i].setup, letter);
    return drawn;
}

/* Does a formula say what the function is, L(y, p) = ...? */
static bool is_function_said(tree *const *formula, int count, const tree *letter)
{
    for (int i = 0; i < count; i++) {
        const tree *r = formula[i]->child[0], *left = is_equation(r) ? r->child[0] : NULL;
        if (left && is_function_call(left) && left->child[0]->table && !strcmp(left->child[0]->name, letter->name))
            return true;
    }
    return false;
}

void tell_loss_terms(pass *p, tree **formula, int count, const parsed *item, int items, const setup *extra)
{
    for (int i = 0; i < count; i++) {
        tree *r = formula[i]->child[0];
        const tree *head = is_equation(r) ? head_of(r->child[0]) : r;
        int arguments = 0;
        for (int k = 1; is_equation(r) && is_loss_letter(head) && k < r->count && !arguments; k++)
            arguments = find_term(r->child[k], head);
        if (!arguments || (is_function_call(r->child[0]) && has_index(r->child[0]->child[1])))
            continue;
        tree letter = *head;
        const tree *list = NULL;
        tree *meaning = r->count > 2 ? without_terms(p->arena, r, &letter, &list) : NULL;
        for (int k = 0; k < count; k++)
            mark_definition(formula[k], &letter, arguments);
        const tree *other = said_elsewhere(formula, count, i, &letter);
        bool defined = is_function_said(formula, count, &letter), here = find_term(r, &letter),
             said = here && (other || is_drawn_loss(item, items, extra, &letter));
        if (!meaning && other && here)
            meaning = counterpart(p->arena, r->child[1], other, &letter, &list);
        if (said)
            formula[i]->table = "depends";
        for (int k = 0; k < count; k++) {
            if (meaning && !defined && k != i)
                write_calls(p->arena, formula[k], &letter, list, meaning);
            mark(formula[k], &letter, (said || !here) && !defined ? "unsaid" : "term");
        }
    }
}

bool depends_only(const tree *formula)
{
    return formula->table && !strcmp(formula->table, "depends");
}
