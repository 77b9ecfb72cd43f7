/* How far sums reach. A condition about the index of a sum that has no bounds of its own, "\sum_t \dots, t = 0, \dots,
 * T - 1", says its range; an index that stands behind the sum, and nowhere on the left, says that the sum goes on. */
#include "latex_parser.h"

#include <string.h>

static bool is_letter(const tree *t, const char *letter)
{
    return t->kind == TREE_SYMBOL && !t->count && !t->primes && !*t->accents && !strcmp(t->name, letter);
}

static bool binds(const tree *t, const char *letter)
{
    for (int k = 0; k < t->bounds; k++)
        if (!strcmp(t->bound[k].index, letter))
            return true;
    return false;
}

/* Does the letter stand anywhere without a sum that binds it? */
static bool is_free(const tree *t, const char *letter)
{
    if (!t || binds(t, letter))
        return false;
    if (is_letter(t, letter) || is_free(t->sub, letter) || is_free(t->held, letter))
        return true;
    for (int k = 0; k < t->bounds; k++)
        if (is_free(t->bound[k].from, letter) || is_free(t->bound[k].to, letter) ||
            is_free(t->bound[k].relation, letter))
            return true;
    for (int k = 0; k < t->count; k++)
        if (is_free(t->child[k], letter))
            return true;
    return false;
}

/* Gives the condition to every open sum over the letter; how many there were. */
static int close_sums(tree *t, const char *letter, tree *condition)
{
    int count = 0;
    for (int k = 0; k < t->bounds; k++) {
        tree_bound *b = &t->bound[k];
        if (strcmp(b->index, letter) || b->from || b->to || b->set || b->relation)
            continue;
        const tree *set = condition->relations[0] == REL_IN ? condition->child[1] : NULL;
        count++;
        if (set)
            b->from = set->child[0], b->to = set->child[2];
        else
            b->relation = condition;
    }
    for (int k = 0; k < t->count; k++)
        count += close_sums(t->child[k], letter, condition);
    return count;
}

void parse_ranges(tree *formula)
{
    int kept = 1;
    for (int k = 1; k < formula->count; k++) {
        tree *c = formula->child[k];
        const tree *letter = c->kind == TREE_RELATION && c->count == 2 ? c->child[0] : NULL;
        bool range = letter && letter->kind == TREE_SYMBOL && is_letter(letter, letter->name) &&
                     (c->relations[0] != REL_IN || (c->child[1]->kind == TREE_SET && c->child[1]->count == 3 &&
                                                    c->child[1]->child[1]->kind == TREE_DOTS));
        if (!range || is_free(formula->child[0], letter->name) || !close_sums(formula->child[0], letter->name, c))
            formula->child[kept++] = c;
    }
    formula->count = kept;
}

/* Is the letter an index below or above some name, outside of sums that bind it? */
static bool is_index(const tree *t, const char *letter)
{
    if (binds(t, letter))
        return false;
    for (int k = 0; k < t->count; k++) {
        bool script = t->kind == TREE_SYMBOL || (t->kind == TREE_POW && k == 1 && t->child[0]->kind == TREE_SYMBOL);
        if (script ? is_free(t->child[k], letter) : is_index(t->child[k], letter))
            return true;
    }
    return false;
}

/* The sum at the end of a term: -\sum, \frac1m \sum. */
static tree *last_sum(tree *term)
{
    while ((term->kind == TREE_NEG || term->kind == TREE_MUL) && !term->brackets)
        term = term->child[term->count - 1];
    return term->kind == TREE_SUM && term->bounds == 1 && !term->brackets ? term : NULL;
}

static tree *reach(parser *p, tree *side, const tree *formula, bool names, const token *first)
{
    for (int k = 0; side->kind == TREE_ADD && k < side->count; k++) {
        tree *sum = last_sum(side->child[k]);
        const char *letter = sum ? sum->bound[0].index : NULL;
        int last = k;
        for (int i = k + 1; letter && i < side->count; i++)
            last = is_index(side->child[i], letter) ? i : last;
        bool meant = last > k && (side->child[k]->kind != TREE_NEG || names); /* -\sum_t a_t + b_t may be either */
        const tree *relation = formula->child[0];
        meant = meant && !is_free(relation->child[0], letter);
        for (int i = 1; meant && i < formula->count; i++)
            meant = !is_free(formula->child[i], letter);
        if (!meant)
            continue;
        tree_list inside = { 0 };
        list_add(p, &inside, sum->child[0]);
        for (int i = k + 1; i <= last; i++)
            list_add(p, &inside, side->child[i]);
        sum->child[0] = parser_parent(p, TREE_ADD, first, inside.count, inside.item);
        sum->child[0]->brackets = '(';
        for (int i = last + 1; i < side->count; i++)
            side->child[k + 1 + i - last - 1] = side->child[i];
        side->count -= last - k;
    }
    return side->kind == TREE_ADD && side->count == 1 ? side->child[0] : side;
}

/* J = -\frac1m \sum_i y_i \log a_i + (1 - y_i) \log(1 - a_i) sums both. */
void parse_reach(parser *p, tree *formula, const token *first)
{
    tree *r = formula->child[0];
    for (int k = 1; r->kind == TREE_RELATION && k < r->count; k++)
        r->child[k] = reach(p, r->child[k], formula, r->child[0]->kind != TREE_DERIV, first);
}
