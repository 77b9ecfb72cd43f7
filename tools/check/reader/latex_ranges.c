/* A condition about the index of a sum that has no bounds of its own: "\sum_t \dots, t = 0, \dots, T - 1" says the
 * sum's range. */
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
