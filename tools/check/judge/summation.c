/* Einstein's convention: an index that stands twice in a product, and on the other side not at all, is summed over. */
#include "pass.h"

#include <string.h>

static int stands(const tree *t, const char *letter)
{
    int count = t->kind == TREE_SYMBOL && !t->count && !*t->accents && !t->primes && !strcmp(t->name, letter);
    for (int i = 0; i < t->bounds; i++)
        if (!strcmp(t->bound[i].index, letter))
            return 0;
    for (int i = 0; i < t->count; i++)
        count += stands(t->child[i], letter);
    return count;
}

static tree *sum_over(arena *a, const tree *t, const char *letter)
{
    tree *sum = ARENA_NEW(a, tree), *body = ARENA_NEW(a, tree), **child = ARENA_ARRAY(a, tree *, 1);
    tree_bound *bound = ARENA_NEW(a, tree_bound);
    if (!sum || !body || !child || !bound)
        return NULL;
    *bound = (tree_bound){ .index = letter };
    *body = *t;
    body->join = JOIN_BESIDE, body->quantity = NULL;
    child[0] = body;
    *sum = (tree){ .kind = TREE_SUM, .name = "", .accents = "", .style = "", .child = child, .count = 1 };
    sum->bound = bound, sum->bounds = 1, sum->join = t->join, sum->height = t->height + 1;
    sum->at = t->at, sum->length = t->length;
    return sum;
}

/* Each product of `t` in which the letter stands, with a sum in front; NULL: it stands in one only once. */
static tree *summed(arena *a, const tree *t, const char *letter)
{
    tree *copy = ARENA_NEW(a, tree);
    int inside = 0, at = 0;
    for (int i = 0; i < t->count; i++)
        if (stands(t->child[i], letter))
            inside++, at = i;
    if (!copy || t->kind == TREE_POW || !stands(t, letter))
        return NULL;
    bool terms = t->kind == TREE_ADD, through = terms || t->kind == TREE_NEG;
    through |= inside == 1 && (t->kind == TREE_MUL || t->kind == TREE_DIV || t->kind == TREE_APPLY ||
                               t->kind == TREE_SUM || t->kind == TREE_TRANSPOSE);
    if (!through)
        return stands(t, letter) > 1 ? sum_over(a, t, letter) : NULL;
    *copy = *t;
    copy->quantity = NULL;
    if (!(copy->child = ARENA_ARRAY(a, tree *, t->count)))
        return NULL;
    memcpy(copy->child, t->child, (size_t)t->count * sizeof *copy->child);
    for (int i = 0; i < t->count; i++)
        if ((terms ? stands(t->child[i], letter) > 0 : i == at) && !(copy->child[i] = summed(a, t->child[i], letter)))
            return NULL;
    return copy;
}

/* One side, with sums over the letters that the other has not; the same tree where there is none; NULL: a letter cannot
 * be meant so. */
static const tree *side_summed(scope *s, const tree *side, const tree *other)
{
    free_letter here[8], there[8];
    int count = scope_free(s, side, here, 8), others = scope_free(s, other, there, 8);
    for (int i = 0; i < count && side; i++) {
        bool known = here[i].kind != LETTER_INDEX || scope_is_time(s, here[i].letter);
        for (int k = 0; k < others; k++)
            known |= !strcmp(here[i].letter, there[k].letter);
        if (!known)
            side = summed(s->arena, side, here[i].letter);
    }
    return side;
}

bool claim_with_sides(arena *a, claimed *claim, const tree *left, const tree *right)
{
    tree *formula = ARENA_NEW(a, tree), *r = ARENA_NEW(a, tree);
    tree **parts = ARENA_ARRAY(a, tree *, claim->formula->count), **sides = ARENA_ARRAY(a, tree *, 2);
    if (!formula || !r || !parts || !sides)
        return false;
    *formula = *claim->formula, *r = *claim->formula->child[0];
    memcpy(parts, claim->formula->child, (size_t)claim->formula->count * sizeof *parts);
    sides[0] = (tree *)(uintptr_t)left, sides[1] = (tree *)(uintptr_t)right;
    tree_relation *relation = ARENA_NEW(a, tree_relation);
    if (!relation)
        return false;
    *relation = claim->relation;
    r->child = sides, r->count = 2, r->relations = relation;
    parts[0] = r, formula->child = parts;
    claim->formula = formula, claim->left = left, claim->right = right;
    return true;
}

bool summation_claim(scope *s, claimed *claim)
{
    const tree *left = side_summed(s, claim->left, claim->right), *right = side_summed(s, claim->right, claim->left);
    return left && right && (left != claim->left || right != claim->right) &&
           claim_with_sides(s->arena, claim, left, right);
}

const tree *summation_formula(scope *s, const tree *formula)
{
    const tree *r = formula->child[0];
    claimed c = { .formula = formula };
    if (r->kind != TREE_RELATION || r->count != 2)
        return formula;
    c.left = r->child[0], c.right = r->child[1], c.relation = r->relations[0];
    return summation_claim(s, &c) ? c.formula : formula;
}

/* Does the document write sums over elements out? */
static bool has_sum(scope *s, const tree *t)
{
    for (int i = 0; i < t->bounds && t->kind == TREE_SUM; i++)
        if (!scope_is_time(s, t->bound[i].index) && scope_declared(s, t->bound[i].index))
            return true;
    for (int i = 0; i < t->count; i++)
        if (has_sum(s, t->child[i]))
            return true;
    return false;
}

bool summation_written(scope *s)
{
    for (int i = 0; i < s->formulas; i++)
        if (has_sum(s, s->formula[i]))
            return true;
    return false;
}
