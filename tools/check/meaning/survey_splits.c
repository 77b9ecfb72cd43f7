/* One letter for two things: E = \sum_t E_t beside E_t, a rate \alpha beside \alpha_t, the argument x of a function
 * beside x_t. Without an index it is a quantity of its own. */
#include "scope_internal.h"

#include <string.h>

/* Does `t` speak of the name with an index? */
static bool has_indexed(scope *s, const tree *t, const char *key, const binding *env)
{
    symbol_use use;
    binding bound[4];
    if (scope_is_name(s, t, env) && scope_symbol(s, t, env, &use) && use.indices && !strcmp(use.key, key))
        return true;
    for (int i = 0; i < t->bounds && i < 4; i++) {
        bound[i] = (binding){ .letter = t->bound[i].index, .kind = LETTER_INDEX, .value = 1, .outer = env };
        env = &bound[i];
    }
    for (int i = 0; i < t->count; i++)
        if (has_indexed(s, t->child[i], key, env))
            return true;
    return false;
}

static const tree *relation_in(const tree *t)
{
    const tree *r = t->kind == TREE_FORMULA ? t->child[0] : t;
    return r->kind == TREE_RELATION && (r->relations[0] == REL_EQ || r->relations[0] == REL_DEFINED) ? r : NULL;
}

/* E, and the E of E(w) = ... */
static const tree *left_side(const tree *t)
{
    const tree *r = relation_in(t), *left = r ? r->child[0] : NULL;
    if (left && left->kind == TREE_MUL && left->count == 2 && left->child[1]->brackets == '(' &&
        left->child[1]->join == JOIN_BESIDE)
        left = left->child[0];
    return left && left->kind == TREE_SYMBOL ? left : NULL;
}

/* Does `t` speak of the name without any index? */
static bool has_bare(scope *s, const tree *t, const char *key)
{
    symbol_use use;
    if (scope_is_name(s, t, NULL))
        return scope_symbol(s, t, NULL, &use) && !use.indices && !strcmp(use.key, key);
    for (int i = 0; i < t->count && t->kind != TREE_DERIV; i++)
        if (has_bare(s, t->child[i], key))
            return true;
    return false;
}

/* E = \\sum_t E_t, or E = ... beside E_t = ...: E is a quantity of its own, not E_1, ..., E_T. So is the E of
 * E = \\sum_n E_n, with any index. */
static void split_names(scope *s)
{
    for (int i = 0; i < s->formulas; i++) {
        const tree *left = left_side(s->formula[i]);
        symbol_use use, other;
        const tree *relation = relation_in(s->formula[i]);
        if (!left || !scope_symbol(s, left, NULL, &use) || !scope_use(s, use.key) || scope_names_elements(s, relation))
            continue;
        if (use.indices) { /* \alpha_t = \alpha / \sqrt t */
            if (scope_use(s, use.key)->timed && has_bare(s, relation->child[1], use.key) && s->splits < 64)
                s->split[s->splits++] = use.key;
            continue;
        }
        bool own = false, timed = scope_use(s, use.key)->timed;
        for (int k = 1; k < relation->count; k++)
            own |= has_indexed(s, relation->child[k], use.key, NULL);
        for (int k = 0; k < s->formulas && !own && timed; k++) {
            const tree *step = left_side(s->formula[k]);
            own = step && scope_symbol(s, step, NULL, &other) && other.indices && !strcmp(other.key, use.key);
        }
        if (own && s->splits < 64)
            s->split[s->splits++] = use.key;
    }
}

const tree *scope_any_argument(const tree *left)
{
    bool call = left->kind == TREE_MUL && left->count == 2 && left->child[1]->brackets == '(' &&
                left->child[1]->join == JOIN_BESIDE && left->child[0]->kind == TREE_SYMBOL;
    if (left->kind == TREE_DERIV && left->child[0]->kind == TREE_APPLY && left->child[0]->count == 1 &&
        scope_plain(left->child[1]) && tree_equal(left->child[0]->child[0], left->child[1]))
        return left->child[1];
    const tree *argument = call ? left->child[1] : left->kind == TREE_APPLY && left->count == 1 ? left->child[0] : NULL;
    return argument && scope_plain(argument) ? argument : NULL;
}

/* x in f(x) = ..., beside x_t: any argument of f, and none of the x_t. */
static void split_arguments(scope *s)
{
    for (int i = 0; i < s->formulas; i++) {
        const tree *r = s->formula[i]->kind == TREE_FORMULA ? s->formula[i]->child[0] : s->formula[i];
        const tree *argument = r->kind == TREE_RELATION ? scope_any_argument(r->child[0]) : NULL;
        struct use *seen = argument ? scope_use(s, argument->name) : NULL;
        if (seen && seen->timed && s->splits < 64)
            s->split[s->splits++] = argument->name;
    }
}

void scope_split_names(scope *s)
{
    split_names(s);
    split_arguments(s);
}
