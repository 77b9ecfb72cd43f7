/* \delta = \sigma' \odot W^\top \epsilon: a function's derivative without its argument, which is the one that it has in
 * the definition of what is differentiated. And every dot that stands for such an argument learns of which function. */
#include "pass.h"

#include <string.h>

enum { FUNCTIONS = 16 };

typedef struct functions { /* that stand in front of a bracket on a right side, and are nothing else */
    const char *name[FUNCTIONS];
    int count;
} functions;

static bool is_call(const tree *t)
{
    return t->kind == TREE_MUL && t->count == 2 && t->child[0]->kind == TREE_SYMBOL && !t->child[0]->count &&
           !*t->child[0]->accents && t->child[1]->brackets == '(' && t->child[1]->join == JOIN_BESIDE;
}

static void add_function(functions *f, const char *name)
{
    for (int i = 0; i < f->count; i++)
        if (!strcmp(f->name[i], name))
            return;
    if (f->count < FUNCTIONS)
        f->name[f->count++] = name;
}

/* h_t = f(a_t) */
static void note_function(functions *f, const tree *formula)
{
    const tree *r = formula->child[0], *right = r->kind == TREE_RELATION ? r->child[1] : r;
    if (r->kind != TREE_RELATION || (r->relations[0] != REL_EQ && r->relations[0] != REL_DEFINED))
        return;
    if (right->kind == TREE_APPLY && right->count == 1 && !right->primes && !strcmp(right->name, "\\sigma"))
        add_function(f, right->name);
    if (is_call(right) && !right->child[0]->primes)
        add_function(f, right->child[0]->name);
}

/* \sigma' = f (1 - f), or a given f: a quantity. */
static void without(functions *f, const tree *symbol)
{
    for (int i = 0; i < f->count; i++)
        if (symbol->kind == TREE_SYMBOL && !strcmp(symbol->name, f->name[i]))
            f->name[i--] = f->name[--f->count];
}

static bool among(const functions *f, const char *name)
{
    for (int i = 0; i < f->count; i++)
        if (!strcmp(f->name[i], name))
            return true;
    return false;
}

static tree *placed(pass *p, tree *symbol)
{
    tree *dot = ARENA_NEW(p->arena, tree), *call = ARENA_NEW(p->arena, tree);
    bool known = !strcmp(symbol->name, "\\sigma");
    tree **child = ARENA_ARRAY(p->arena, tree *, 2), *name = ARENA_NEW(p->arena, tree);
    if (!dot || !call || !child || !name)
        return symbol;
    *dot = (tree){ .kind = TREE_PLACE, .name = symbol->name, .accents = "", .style = "", .height = 1 };
    *name = *symbol;
    name->join = JOIN_BESIDE;
    *call = *symbol;
    call->height = 2;
    call->kind = known ? TREE_APPLY : TREE_MUL;
    call->count = known ? 1 : 2;
    call->child = child;
    child[0] = known ? dot : name;
    child[1] = dot;
    dot->brackets = known ? 0 : '(';
    if (!known)
        call->name = "", call->primes = 0;
    return call;
}

static void name_places(pass *p, tree *t, const functions *f)
{
    for (int i = 0; i < t->count; i++) {
        tree *part = t->child[i];
        const tree *next = t->kind == TREE_MUL && i + 1 < t->count ? t->child[i + 1] : NULL;
        if (t->kind == TREE_APPLY && part->kind == TREE_PLACE)
            part->name = t->name;
        if (part->kind == TREE_SYMBOL && next && next->kind == TREE_PLACE)
            t->child[i + 1]->name = part->name;
        bool bare = part->kind == TREE_SYMBOL && part->primes && !part->count && !*part->accents &&
                    among(f, part->name) && !(next && next->brackets == '(' && next->join == JOIN_BESIDE);
        if (bare && t->kind != TREE_SYMBOL)
            t->child[i] = placed(p, part);
        else
            name_places(p, part, f);
    }
}

/* ---- f(z)^2 ---- */

/* f(u) = ... */
static void note_defined(functions *f, const tree *formula)
{
    const tree *r = formula->child[0];
    if (r->kind == TREE_RELATION && is_call(r->child[0]))
        add_function(f, r->child[0]->child[0]->name);
}

/* f, f', f^{out} */
static bool is_function_name(const functions *f, const tree *t)
{
    bool label = t->kind == TREE_SYMBOL && t->count == 1 && t->child[0]->kind == TREE_SYMBOL &&
                 !strcmp(t->child[0]->style, "rm") && t->child[0]->name[1];
    return t->kind == TREE_SYMBOL && (!t->count || label) && !*t->accents && !t->brackets && among(f, t->name);
}

/* f'(z)^\top and f(z)^2 are the transpose and the square of what the function gives, not of its argument. */
static void write_powers(pass *p, tree *t, const functions *f)
{
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++) {
        write_powers(p, t->child[i], f);
        tree *next = t->kind == TREE_MUL && i + 1 < t->count ? t->child[i + 1] : NULL;
        if (!next || (next->kind != TREE_POW && next->kind != TREE_TRANSPOSE) || next->brackets ||
            next->join != JOIN_BESIDE || next->child[0]->brackets != '(' || !is_function_name(f, t->child[i]))
            continue;
        tree *call = ARENA_NEW(p->arena, tree), **part = ARENA_ARRAY(p->arena, tree *, 2);
        if (!call || !part)
            return;
        part[0] = t->child[i], part[1] = next->child[0];
        *call = (tree){ .kind = TREE_MUL, .name = "", .accents = "", .style = "", .child = part, .count = 2 };
        call->at = part[0]->at, call->length = part[1]->at + part[1]->length - part[0]->at;
        call->height = part[1]->height + 1;
        next->join = part[0]->join, part[0]->join = part[1]->join = JOIN_BESIDE;
        next->at = call->at, next->length += part[1]->at - call->at;
        next->child[0] = call, next->height++;
        t->child[i] = next;
        memmove(t->child + i + 1, t->child + i + 2, (size_t)(t->count - i - 2) * sizeof *t->child);
        t->count--;
    }
    if (t->kind == TREE_MUL && t->count == 1) { /* nothing else stands in the product */
        char brackets = t->brackets;
        tree_join join = t->join;
        *t = *t->child[0];
        t->brackets = brackets, t->join = join;
    }
}

/* ---- All formulas ---- */

static void each_formula(const parsed *item, int count, const setup *extra,
                         void (*visit)(functions *f, const tree *formula), functions *f)
{
    for (int i = -1; i < count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++)
            if (lines->statement[k].kind == SETUP_FORMULA)
                visit(f, lines->statement[k].value);
        for (int k = 0; i >= 0 && k < item[i].formulas.count; k++)
            visit(f, item[i].formulas.formula[k]);
    }
}

static void without_left(functions *f, const tree *formula)
{
    if (formula->child[0]->kind == TREE_RELATION)
        without(f, formula->child[0]->child[0]);
}

static void without_quantities(functions *f, const parsed *item, int count, const setup *extra)
{
    for (int i = -1; i < count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++)
            if (lines->statement[k].symbol)
                without(f, lines->statement[k].symbol);
    }
    each_formula(item, count, extra, without_left, f);
}

static void change_each(pass *p, parsed *item, int count, const setup *extra,
                        void (*change)(pass *p, tree *formula, const functions *f), const functions *f)
{
    for (int i = -1; i < count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++)
            if (lines->statement[k].kind == SETUP_FORMULA)
                change(p, lines->statement[k].value, f);
        for (int k = 0; i >= 0 && k < item[i].formulas.count; k++)
            change(p, item[i].formulas.formula[k], f);
    }
}

void tell_primes(pass *p, parsed *item, int count, const setup *extra)
{
    functions f = { 0 }, called = { { "f", "g", "\\phi", "\\varphi", "\\psi" }, 5 };
    each_formula(item, count, extra, note_function, &f);
    without_quantities(&f, item, count, extra);
    each_formula(item, count, extra, note_defined, &called);
    without_quantities(&called, item, count, extra);
    change_each(p, item, count, extra, write_powers, &called);
    change_each(p, item, count, extra, name_places, &f);
}
