/* Conditions beside a formula: is one true at the steps and labels at hand? */
#include "reader.h"
#include "scope_internal.h"

#include <string.h>

static bool in_set(scope *s, const tree *item, const tree *set, const binding *env, fault *f)
{
    int64_t value, low, high, other;
    const binding *bound;
    bool label = item->kind == TREE_SYMBOL && scope_letter(s, item->name, env, &bound) == LETTER_LABEL;
    double number;
    if (label && bound && !scope_label_number(s, item, env, &number)) {
        for (int i = 0; i < set->count; i++)
            if (set->child[i]->kind == TREE_SYMBOL && !strcmp(set->child[i]->name, bound->label))
                return true;
        return false;
    }
    if (!scope_index(s, item, env, &value, f))
        return false;
    for (int i = 0; i < set->count; i++) {
        if (set->child[i]->kind == TREE_DOTS) {
            if (i == 0 || i + 1 >= set->count)
                return fault_set(f, FAULT_NOT_READ, "a list must not begin or end with dots");
            if (!scope_index(s, set->child[i - 1], env, &low, f) || !scope_index(s, set->child[i + 1], env, &high, f))
                return false;
            if (value >= (low < high ? low : high) && value <= (low < high ? high : low))
                return true;
        } else if (!scope_index(s, set->child[i], env, &other, f))
            return false;
        else if (other == value)
            return true;
    }
    return false;
}

/* May words say when a formula holds? Those that name what stands beside them do not. */
static bool restricts(const char *words)
{
    static const char *const whole[] = { "if", "for", "all", "any", "only", "when", "each", "else", "long", "as" };
    static const char *const signs[] = { "step",  "time",  "last",   "first", "final",  "unless", "othe",
                                         "where", "when",  "except", "after", "before", "every",  "provid",
                                         "assum", "given", "until",  "while", "case" };
    for (const char *w = words; *w;) {
        size_t n = 0;
        while ((w[n] | 32) >= 'a' && (w[n] | 32) <= 'z')
            n++;
        for (size_t k = 0; k < sizeof whole / sizeof *whole; k++)
            if (strlen(whole[k]) == n && !memcmp(w, whole[k], n))
                return true;
        for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
            if (strlen(signs[k]) <= n && !memcmp(w, signs[k], strlen(signs[k])))
                return true;
        w += n ? n : 1;
    }
    return false;
}

/* 2, l, L - 1: a number, where layers are counted. */
static bool is_layer(scope *s, const tree *t, const binding *env)
{
    fault f = { 0 };
    int64_t n;
    return scope_index(s, t, env, &n, &f);
}

bool scope_condition(scope *s, const tree *t, const binding *env, fault *f)
{
    if (t->kind == TREE_SYMBOL && !t->count && scope_letter(s, t->name, env, NULL) != LETTER_NONE) /* "for all t" */
        return true;
    if (t->kind == TREE_WORDS && !restricts(t->name)) /* "hidden state": a remark */
        return true;
    if (t->kind != TREE_RELATION)
        return fault_set(f, FAULT_NOT_READ, "a condition must be a relation such as t < T");
    for (int i = 0; i + 1 < t->count; i++) {
        const tree *left = t->child[i], *right = t->child[i + 1];
        int64_t x, y;
        tree_relation r = t->relations[i];
        if (r == REL_IN) {
            if (scope_plain(right) && scope_plain(left) && *right->style &&
                scope_letter(s, left->name, env, NULL) == LETTER_INDEX) /* w \in \mathcal V: whatever it runs over */
                continue;
            const tree *space = right->kind == TREE_POW ? right->child[0] : right;
            if (space->kind == TREE_SYMBOL && !strcmp(space->style, "bb")) /* x \in \mathbb R^I says no where */
                continue;
            if (right->kind != TREE_SET)
                return fault_set(f, FAULT_NOT_READ, "what stands after \"in\" in a condition must be a list in braces");
            if (!in_set(s, left, right, env, f))
                return false;
            continue;
        }
        const binding *label = NULL;
        double number;
        if ((r == REL_EQ || r == REL_NE) && left->kind == TREE_SYMBOL &&
            scope_letter(s, left->name, env, &label) == LETTER_LABEL && label &&
            !(scope_label_number(s, left, env, &number) && is_layer(s, right, env))) { /* g = i */
            symbol_use use;
            const binding *other = NULL;
            bool same = right->kind == TREE_SYMBOL && scope_letter(s, right->name, env, &other) == LETTER_LABEL && other
                            ? !strcmp(other->label, label->label)
                            : scope_symbol(s, right, env, &use) && !strcmp(use.key, label->label);
            if (same != (r == REL_EQ))
                return false;
            continue;
        }
        if (!scope_index(s, left, env, &x, f) || !scope_index(s, right, env, &y, f))
            return false;
        bool holds = r == REL_EQ   ? x == y
                     : r == REL_LE ? x <= y
                     : r == REL_LT ? x < y
                     : r == REL_GE ? x >= y
                     : r == REL_GT ? x > y
                                   : r == REL_NE && x != y;
        if (!holds)
            return false;
    }
    return true;
}

static bool has_quantity(scope *s, const tree *t)
{
    symbol_use use;
    if (scope_is_index(s, t, NULL) || scope_is_pi(t))
        return false;
    if (scope_is_name(s, t, NULL))
        return !(!t->count && scope_size(s, t->name)) && !scope_symbol_size(s, t) && scope_symbol(s, t, NULL, &use) &&
               use.quantity;
    for (int i = 0; i < t->count; i++)
        if (has_quantity(s, t->child[i]))
            return true;
    return false;
}

bool scope_is_value_condition(scope *s, const tree *t)
{
    bool unequal = t->kind == TREE_RELATION, quantities = false;
    for (int i = 0; unequal && i < t->count; i++) {
        unequal = i + 1 == t->count || t->relations[i] == REL_LT || t->relations[i] == REL_LE ||
                  t->relations[i] == REL_GT || t->relations[i] == REL_GE || t->relations[i] == REL_NE;
        quantities |= has_quantity(s, t->child[i]);
    }
    return unequal && quantities;
}

bool scope_conditions(scope *s, const tree *formula, const binding *env, fault *f)
{
    for (int i = 1; formula && i < formula->count; i++)
        if (!scope_is_value_condition(s, formula->child[i]) && !scope_condition(s, formula->child[i], env, f))
            return false;
    return f->kind == FAULT_NONE;
}
