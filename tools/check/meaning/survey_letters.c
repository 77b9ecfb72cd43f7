/* What letters and ones stand for by where they stand: do formulas speak of a batch, does a letter count the steps? */
#include "scope_internal.h"

#include <string.h>

static bool is_ones(const tree *t)
{
    return t->kind == TREE_ONES || (t->kind == TREE_TRANSPOSE && t->child[0]->kind == TREE_ONES);
}

/* \frac1d: of numbers and sizes */
static bool is_plain_number(scope *s, const tree *t)
{
    if (t->kind == TREE_SYMBOL)
        return !t->count && scope_size(s, t->name);
    for (int i = 0; i < t->count; i++)
        if (!is_plain_number(s, t->child[i]))
            return false;
    return t->kind == TREE_NUMBER || t->kind == TREE_DIV || t->kind == TREE_NEG;
}

/* Ones in \mathbf 1 \mathbf 1^\top, in \frac1d \mathbf 1 or behind a Jacobian, which speak of elements. */
static bool sums_elements(scope *s, const tree *product, int i)
{
    bool alone = product->kind == TREE_MUL && is_ones(product->child[i]);
    for (int k = 0; k < product->count && alone; k++)
        alone = k == i || is_plain_number(s, product->child[k]);
    if (alone)
        return true;
    for (int k = i - 1; k <= i + 1; k += 2)
        if (product->kind == TREE_MUL && k >= 0 && k < product->count && is_ones(product->child[i]) &&
            (is_ones(product->child[k]) || product->child[k]->kind == TREE_DERIV))
            return true;
    return false;
}

/* B is the number of sequences unless it is a quantity, as in x_t = A x_{t-1} + B u_t. Ones without a size sum over the
 * batch as a factor; as a term, 1 - h, or an argument they are of the size of what they meet. */
bool scope_speaks_of_batch(scope *s, const tree *t, bool factor)
{
    if (!t)
        return false;
    if ((t->kind == TREE_ONES && !t->sub && factor) ||
        (scope_plain(t) && ((!strcmp(t->name, "B") && !scope_introduced(s, "B")) ||
                            (!strcmp(t->name, "b") && scope_letter(s, "b", NULL, NULL) == LETTER_INDEX))))
        return true;
    for (int i = 0; i < t->bounds; i++)
        if (!strcmp(t->bound[i].index, "b") || scope_speaks_of_batch(s, t->bound[i].to, false))
            return true;
    bool factors = t->kind == TREE_MUL || t->kind == TREE_INNER || (t->kind == TREE_TRANSPOSE && factor);
    for (int i = 0; i < t->count; i++)
        if (scope_speaks_of_batch(s, t->child[i], factors && !sums_elements(s, t, i)))
            return true;
    return scope_speaks_of_batch(s, t->sub, false);
}

/* ---- Letters for steps ---- */

/* \sum_{k=1}^{t}: does the letter run up to a step somewhere? */
static bool runs_to_step(scope *s, const tree *t, const char *letter)
{
    for (int i = 0; i < t->bounds; i++)
        if (!strcmp(t->bound[i].index, letter) && t->bound[i].to && scope_mentions_time(s, t->bound[i].to, NULL))
            return true;
    for (int i = 0; i < t->count; i++)
        if (runs_to_step(s, t->child[i], letter))
            return true;
    return false;
}

bool scope_runs_over_steps(scope *s, const char *letter)
{
    for (int i = 0; i < s->formulas; i++)
        if (runs_to_step(s, s->formula[i], letter))
            return true;
    return false;
}

/* r < t: is the letter compared with a step? */
static bool is_compared(scope *s, const tree *t, const char *letter)
{
    for (int i = 0; t->kind == TREE_RELATION && i + 1 < t->count; i++) {
        tree_relation r = t->relations[i];
        for (int k = 0; k < 2 && (r == REL_LT || r == REL_LE || r == REL_GT || r == REL_GE); k++)
            if (scope_plain(t->child[i + k]) && !strcmp(t->child[i + k]->name, letter) &&
                scope_mentions_time(s, t->child[i + 1 - k], NULL))
                return true;
    }
    for (int i = 0; t->kind == TREE_FORMULA && i < t->count; i++)
        if (is_compared(s, t->child[i], letter))
            return true;
    return false;
}

/* Any small letter counts steps where a sum of it runs to one or a condition compares it with one: r < t. */
bool scope_surely_counts_steps(scope *s, const char *letter)
{
    bool counts = *letter >= 'a' && *letter <= 'z' && !letter[1] && strcmp(letter, "t") != 0 &&
                  !scope_introduced(s, letter) && !scope_size(s, letter);
    bool compared = false;
    for (int i = 0; i < s->formulas && counts && !compared; i++)
        compared = is_compared(s, s->formula[i], letter);
    return counts && (compared || scope_runs_over_steps(s, letter));
}
