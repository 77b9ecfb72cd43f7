/* Names that a chain introduces in passing: \nabla_z L = \delta, y = a = \tanh(z), \partial L / \partial z = (a - y)
 * \odot (1 - a^2) =: \delta. Such a name stands alone on one side, nothing else says what it is, and its neighbour
 * does. */
#include "pass.h"

#include <string.h>

static bool is_equal(tree_relation relation)
{
    return relation == REL_EQ || relation == REL_DEFINED;
}

/* Does a formula that was not read begin with the name? Then that one may say what it is. */
static bool begins_unread(const pass *p, const tree *name)
{
    tree bare = *name;
    while (bare.kind == TREE_POW)
        bare = *bare.child[0];
    bare.count = 0, bare.primes = 0;
    const char *shown = latex_text(p->arena, &bare, LATEX_SOURCE);
    size_t n = strlen(shown);
    for (int i = p->from; i < p->to; i++) {
        const char *source = p->document->item[i].source;
        if (!p->parsed[i - p->from].formulas.sentence || !source)
            continue;
        source += strspn(source, " \t\r\n&");
        if (!strncmp(source, shown, n) && !((source[n] | 32) >= 'a' && (source[n] | 32) <= 'z'))
            return true;
    }
    return false;
}

bool has_euler(const tree *t)
{
    if (t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL && !strcmp(t->child[0]->name, "e"))
        return true;
    for (int i = 0; i < t->count; i++)
        if (has_euler(t->child[i]))
            return true;
    return false;
}

/* e = a - y, where no formula speaks of e^x. */
static bool is_error(const pass *p)
{
    for (int i = p->from; i < p->to; i++) {
        const latex_result *r = &p->parsed[i - p->from].formulas;
        for (int k = 0; k < r->count; k++)
            if (has_euler(r->formula[k]))
                return false;
    }
    return true;
}

/* T, a size; I, \delta_{ij}, \pi: they say what they are by themselves. */
static bool is_constant(const pass *p, const tree *t)
{
    scope *s = p->scope;
    symbol_use use;
    if (t->kind != TREE_SYMBOL)
        return false;
    return (scope_symbol(s, t, NULL, &use) && scope_delta(s, &use) != DELTA_OWN) || !strcmp(t->name, "I") ||
           (!strcmp(t->name, "e") && !is_error(p)) || !strcmp(t->name, "\\pi") ||
           (!t->count && (scope_size(s, t->name) || scope_letter(s, t->name, NULL, NULL) != LETTER_NONE)) ||
           (t->count && scope_symbol_size(s, t));
}

/* M of y = M x, which nobody gives, is drawn: \partial y_i / \partial x_j = M_{ij} does not introduce it. */
static bool is_read(pass *p, const tree *side, const tree *formula)
{
    const quantity *q = scope_quantity(p->scope, side, NULL);
    return !q || read_by_definition(p->scope, q, formula, true);
}

static bool may_introduce(pass *p, const tree *side, const tree *formula)
{
    return !side->brackets && !is_constant(p, side) && is_unknown(p->scope, side) &&
           !scope_differential(p->scope, side) && !scope_stands_left(p->scope, side) && !begins_unread(p, side) &&
           !is_read(p, side, formula);
}

/* The formula with two sides of its chain exchanged. */
static const tree *reordered(pass *p, const tree *formula, int i, int k)
{
    const tree *r = formula->child[0];
    tree *all = ARENA_NEW(p->arena, tree), *relation = ARENA_NEW(p->arena, tree);
    tree **parts = ARENA_ARRAY(p->arena, tree *, formula->count), **sides = ARENA_ARRAY(p->arena, tree *, r->count);
    if (!all || !relation || !parts || !sides)
        return formula;
    *all = *formula, *relation = *r;
    memcpy(parts, formula->child, (size_t)formula->count * sizeof *parts);
    memcpy(sides, r->child, (size_t)r->count * sizeof *sides);
    sides[i] = r->child[k], sides[k] = r->child[i];
    relation->child = sides, parts[0] = relation, all->child = parts;
    return all;
}

static bool same_function(const tree *a, const tree *b)
{
    return a->kind == TREE_APPLY && b->kind == TREE_APPLY && a->count == 1 && b->count == 1 &&
           !strcmp(a->name, b->name) && !a->primes && !b->primes && !a->sub && !b->sub;
}

const tree *define_argument(pass *p, const tree *formula, fault *f)
{
    const tree *r = formula->child[0];
    for (int i = 1; i < r->count; i++)
        for (int k = 1; k < r->count && r->relations[0] == REL_EQ; k++) {
            if (k == i || !same_function(r->child[i], r->child[k]) || is_unknown(p->scope, r->child[k]->child[0]))
                continue;
            tree *name = ARENA_NEW(p->arena, tree);
            if (!name)
                return formula;
            *name = *r->child[i]->child[0];
            name->brackets = 0;
            if (!may_introduce(p, name, formula) || !scope_define(p->scope, formula, name, r->child[k]->child[0], f))
                continue;
            return i == 1 ? formula : reordered(p, formula, 1, i);
        }
    return formula;
}

const tree *define_introduced(pass *p, const tree *formula, bool *defines, fault *f)
{
    const tree *r = formula->child[0];
    for (int i = r->count - 1; i > 0; i--) {
        const tree *side = r->child[i], *said = NULL;
        if (i + 1 < r->count && is_equal(r->relations[i]))
            said = r->child[i + 1];
        else if (is_equal(r->relations[i - 1]))
            said = r->child[i - 1];
        if (!said || said->kind == TREE_SET || said->kind == TREE_WORDS || is_unknown(p->scope, said) ||
            !may_introduce(p, side, formula) || !scope_define(p->scope, formula, side, said, f) || f->kind)
            continue;
        if (r->count == 2) {
            *defines = true;
            return reordered(p, formula, 0, 1);
        }
    }
    return formula;
}
