/* Names that are told by what stands beside them. Letters that are functions in front of a bracket and something else
 * elsewhere: h(s_c) beside the index h, F(x) beside nothing. They get a mark, by which they are names of their own. */
#include "reader.h"
#include "scope_internal.h"

#include <string.h>

enum { OTHERS_MOST = 256 };

typedef struct calls {
    scope *scope;
    const char *other[OTHERS_MOST]; /* names that stand without a bracket behind them */
    int others;
    const char *primed[OTHERS_MOST], *plain[OTHERS_MOST]; /* ... with one: e'(u) and e(u) */
    int primeds, plains;
} calls;

typedef struct bounds { /* of the sums around */
    const tree *sum;
    const struct bounds *outer;
} bounds;

static bool has_bracket(const tree *product, int k)
{
    const tree *next = product->kind == TREE_MUL && k + 1 < product->count ? product->child[k + 1] : NULL;
    return next && next->brackets == '(' && next->join == JOIN_BESIDE;
}

static bool is_among(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

static bool is_other(const calls *c, const char *name)
{
    return is_among(c->other, c->others, name);
}

/* f_k(a): each unit k has a function of its own. */
static bool is_one_of_many(const calls *c, const tree *t)
{
    static const char *const letters[] = { "f", "g", "F", "G", "\\phi", "\\varphi", "\\psi", "\\Phi", "\\Psi" };
    bool index = t->count == 1 && scope_plain(t->child[0]) && !*t->accents && strcmp(t->child[0]->name, "t") &&
                 !scope_is_time(c->scope, t->child[0]->name) && scope_is_index(c->scope, t->child[0], NULL);
    for (size_t i = 0; index && i < sizeof letters / sizeof *letters; i++)
        if (!strcmp(t->name, letters[i]))
            return true;
    return false;
}

static void note_call(calls *c, const tree *t)
{
    const char **names = t->primes ? c->primed : c->plain;
    int *count = t->primes ? &c->primeds : &c->plains;
    if (*count < OTHERS_MOST && !is_among(names, *count, t->name))
        names[(*count)++] = t->name;
}

static void note_others(calls *c, const tree *t)
{
    if (t->kind == TREE_SYMBOL && c->others < OTHERS_MOST && !is_other(c, t->name))
        c->other[c->others++] = t->name;
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        if (t->child[i]->kind != TREE_SYMBOL || (t->child[i]->count && !is_one_of_many(c, t->child[i])) ||
            !has_bracket(t, i))
            note_others(c, t->child[i]);
        else
            note_call(c, t->child[i]);
    if (t->sub)
        note_others(c, t->sub);
}

static bool is_bound(const char *letter, const bounds *around)
{
    for (; around; around = around->outer)
        for (int i = 0; i < around->sum->bounds; i++)
            if (!strcmp(around->sum->bound[i].index, letter))
                return true;
    return false;
}

/* An index or a size in front of something that is neither; or a letter of functions that is nothing else, or one that
 * stands in front of brackets only, with a prime and without. */
static bool is_function(const calls *c, const tree *t, const tree *argument, const bounds *around)
{
    static const char *const letters[] = { "h", "u", "F", "G", "H", "\\Phi", "\\Psi", "\\theta" };
    const letter_row *l = scope_declared(c->scope, t->name);
    bool index = (l && l->kind == LETTER_INDEX && !scope_is_time(c->scope, t->name)) || scope_size(c->scope, t->name);
    if (scope_is_index(c->scope, argument, NULL))
        return false;
    if (is_one_of_many(c, t))
        return !is_other(c, t->name);
    if (t->count || *t->accents)
        return false;
    if (index)
        return !is_bound(t->name, around) && (l || t->primes);
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (!strcmp(t->name, letters[i]))
            return !is_other(c, t->name);
    return is_among(c->primed, c->primeds, t->name) && is_among(c->plain, c->plains, t->name) &&
           !is_other(c, t->name); /* e(u), and e'(u) */
}

static void mark(const calls *c, tree *t, const bounds *around)
{
    bounds here = { t, around };
    if (t->bounds)
        around = &here;
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++) {
        tree *part = t->child[i];
        if (part->kind == TREE_SYMBOL && has_bracket(t, i) && is_function(c, part, t->child[i + 1], around))
            part->table = "call";
        mark(c, part, around);
    }
}

/* ---- Copies ---- */

/* The place of the one index in brackets that speaks of time; -1: there is none. */
static int step_of(const scope *s, const tree *t)
{
    int at = -1;
    for (int i = 0; t->kind == TREE_SYMBOL && i < t->count; i++)
        if (t->child[i]->brackets == '(' && scope_mentions_time(s, t->child[i], NULL))
            at = at < 0 ? i : t->count;
    return at < t->count ? at : -1;
}

typedef struct stands {
    const tree *name;
    int step;
    bool bare, stepped; /* without the step; with one, and not below a derivative */
} stands;

static bool is_bare(const tree *t, const tree *name, int step)
{
    bool same = t->kind == TREE_SYMBOL && t->count == name->count - 1 && !strcmp(t->name, name->name) &&
                !strcmp(t->accents, name->accents);
    for (int i = 0; same && i < t->count; i++)
        same = tree_equal(t->child[i], name->child[i + (i >= step)]);
    return same;
}

static void find_stands(const scope *s, const tree *t, bool below, stands *out)
{
    int step = step_of(s, t);
    out->bare |= !below && is_bare(t, out->name, out->step);
    out->stepped |= !below && step >= 0 && !strcmp(t->name, out->name->name) &&
                    !strcmp(t->accents, out->name->accents); /* h^{(t)} beside h_k^{(t)}, too */
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        find_stands(s, t->child[i], t->kind == TREE_DERIV && i == 1, out);
}

/* Its step becomes the last index, and the name that of the copies. */
static void make_copy(tree *t, int step)
{
    tree *index = t->child[step];
    memmove(t->child + step, t->child + step + 1, (size_t)(t->count - step - 1) * sizeof *t->child);
    t->child[t->count - 1] = index;
    index->brackets = 0;
    t->accents = "eddycopy";
}

/* \nabla_{U^{(t)}} beside U: the copy that is used at step t; also where the text mentions it. */
static void mark_copies(scope *s, tree *t, tree **formula, int count)
{
    tree *below = t->kind == TREE_DERIV ? t->child[1] : NULL;
    int step = below && !*below->accents ? step_of(s, below) : -1;
    stands where = { .name = below, .step = step };
    for (int k = 0; step >= 0 && k < count; k++)
        if (formula[k]->child[0]->kind == TREE_RELATION)
            find_stands(s, formula[k], false, &where);
    if (where.bare && !where.stepped) {
        const tree name = *below;
        for (int k = 0; k < count; k++) {
            tree *only = formula[k]->child[0];
            if (only->kind == TREE_SYMBOL && only->count == name.count && !strcmp(only->name, name.name) &&
                !*only->accents && step_of(s, only) == step)
                make_copy(only, step);
        }
        make_copy(below, step);
    }
    for (int i = 0; i < t->count; i++)
        mark_copies(s, t->child[i], formula, count);
}

/* ---- Labels above that are sizes elsewhere ---- */

static tree *raised_letter(const tree *t)
{
    return t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL && !t->child[0]->brackets && scope_plain(t->child[1])
               ? t->child[1]
               : NULL;
}

/* Whether Delta^r with a label r stands somewhere, and Delta without anything above. */
static void look_at(const scope *s, const tree *t, const char *name, bool *labelled, bool *alone)
{
    const tree *up = raised_letter(t);
    if (up && !strcmp(t->child[0]->name, name)) {
        *labelled |=
            !scope_declared(s, up->name) && !scope_size((scope *)(uintptr_t)s, up->name) && !scope_is_time(s, up->name);
        return;
    }
    *alone |= t->kind == TREE_SYMBOL && !strcmp(t->name, name);
    for (int i = 0; i < t->count; i++)
        look_at(s, t->child[i], name, labelled, alone);
}

static void add_labelled(scope *s, const char *name)
{
    if (!scope_is_labelled(s, name) && s->labelleds < (int)(sizeof s->labelled / sizeof *s->labelled))
        s->labelled[s->labelleds++] = name;
}

/* Delta^h beside Delta^r, with h a size: h is a label there. */
static void note_labelled(scope *s, const tree *t, tree **formula, int count)
{
    const tree *up = raised_letter(t);
    bool labelled = false, alone = false;
    for (int k = 0; k < count && up && scope_size(s, up->name); k++)
        look_at(s, formula[k], t->child[0]->name, &labelled, &alone);
    if (labelled && !alone)
        add_labelled(s, t->child[0]->name);
    for (int i = 0; i < t->count; i++)
        note_labelled(s, t->child[i], formula, count);
}

bool scope_is_labelled(const scope *s, const char *name)
{
    for (int i = 0; i < s->labelleds; i++)
        if (!strcmp(s->labelled[i], name))
            return true;
    return false;
}

/* ---- Powers of calls ---- */

/* h(x) of a formula h(x) = ...: the h. */
static const tree *head_of(const tree *formula)
{
    const tree *r = formula->child[0], *left = r->kind == TREE_RELATION ? r->child[0] : r;
    bool call = r->kind == TREE_RELATION && left->kind == TREE_MUL && left->count == 2 && has_bracket(left, 0) &&
                left->child[0]->kind == TREE_SYMBOL;
    return call ? left->child[0] : NULL;
}

static bool is_head(tree **formula, int count, const tree *name)
{
    for (int i = 0; i < count && name->kind == TREE_SYMBOL; i++) {
        const tree *head = head_of(formula[i]);
        if (head && !strcmp(head->name, name->name) && !strcmp(head->accents, name->accents))
            return true;
    }
    return false;
}

/* h(a)^2, with h(x) = ...: the square of the function's value, not of its argument. */
static void raise_calls(arena *a, tree *t, tree **formula, int count)
{
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        raise_calls(a, t->child[i], formula, count);
    for (int i = 0; i + 1 < t->count && t->kind == TREE_MUL; i++) {
        tree *name = t->child[i], *power = t->child[i + 1];
        if (power->kind != TREE_POW || power->brackets || power->join != JOIN_BESIDE ||
            power->child[0]->brackets != '(' || !is_head(formula, count, name))
            continue;
        tree *call = ARENA_NEW(a, tree), **parts = ARENA_ARRAY(a, tree *, 2), **both = ARENA_ARRAY(a, tree *, 2);
        if (!call || !parts || !both)
            return;
        *call = (tree){ .kind = TREE_MUL, .name = "", .accents = "", .style = "", .child = parts, .count = 2 };
        parts[0] = name, parts[1] = power->child[0];
        both[0] = call, both[1] = power->child[1];
        power->join = name->join;
        parts[1]->join = JOIN_BESIDE;
        power->child = both;
        memmove(t->child + i, t->child + i + 1, (size_t)(t->count - i - 1) * sizeof *t->child);
        t->count--;
        if (t->count == 1) { /* nothing else stands in the product */
            char brackets = t->brackets;
            tree_join join = t->join;
            *t = *power;
            t->brackets = brackets, t->join = join;
            return;
        }
    }
}

/* ---- 2 \pi ---- */

static bool is_pi(const tree *t)
{
    return t->kind == TREE_SYMBOL && !strcmp(t->name, "\\pi") && !*t->accents && !t->primes;
}

/* What a left side, or a line of the setup, introduces: \pi or \pi_k? */
static void introduces_pi(const tree *t, bool *bare, bool *indexed)
{
    t = t->kind == TREE_POW ? t->child[0] : t;
    *bare |= is_pi(t) && !t->count;
    *indexed |= is_pi(t) && t->count;
}

static void mark_pi(tree *t)
{
    for (int i = 0; i < t->count; i++)
        if (t->kind == TREE_MUL && i && is_pi(t->child[i]) && !t->child[i]->count &&
            t->child[i - 1]->kind == TREE_NUMBER)
            t->child[i]->table = "circle";
        else
            mark_pi(t->child[i]);
}

/* Beside the weights \pi_k of a mixture, the \pi behind a number is the number. */
static void tell_pi(tree **formula, int count, tree **given, int givens)
{
    bool bare = false, indexed = false;
    for (int i = 0; i < count; i++)
        if (formula[i]->child[0]->kind == TREE_RELATION)
            introduces_pi(formula[i]->child[0]->child[0], &bare, &indexed);
    for (int i = 0; i < givens; i++)
        introduces_pi(given[i], &bare, &indexed);
    for (int i = 0; i < count && indexed && !bare; i++)
        mark_pi(formula[i]);
}

bool scope_is_pi(const tree *t)
{
    return t->kind == TREE_SYMBOL && t->table && !strcmp(t->table, "circle");
}

/* ---- All of a scene ---- */

void scope_mark_calls(scope *s, tree **formula, int count, tree **given, int givens)
{
    calls *c = ARENA_NEW(s->arena, calls);
    if (!c)
        return;
    c->scope = s;
    for (int i = 0; i < count; i++)
        raise_calls(s->arena, formula[i], formula, count);
    for (int i = 0; i < count; i++)
        if (!is_one_of_many(c, formula[i]->child[0])) /* "for each $f_k$" */
            note_others(c, formula[i]);
    for (int i = 0; i < givens; i++)
        note_others(c, given[i]);
    for (int i = 0; i < count; i++)
        mark(c, formula[i], NULL);
    for (int i = 0; i < count; i++)
        mark_copies(s, formula[i], formula, count);
    for (int i = 0; i < givens; i++) /* given U^d in R^{d \times d}: nobody gives a power */
        if (raised_letter(given[i]) && scope_size(s, raised_letter(given[i])->name))
            add_labelled(s, given[i]->child[0]->name);
    for (int i = 0; i < count; i++) { /* nor does one define w^g = ... */
        const tree *r = formula[i]->child[0], *left = r->kind == TREE_RELATION ? r->child[0] : NULL;
        const tree *up = left && r->relations[0] == REL_EQ ? raised_letter(left) : NULL;
        if (up && !scope_declared(s, up->name) && !scope_is_time(s, up->name) && strcmp(up->name, "T"))
            add_labelled(s, left->child[0]->name);
    }
    for (int i = 0; i < count; i++)
        note_labelled(s, formula[i], formula, count);
    tell_pi(formula, count, given, givens);
}

bool scope_is_call(const tree *t)
{
    return t->kind == TREE_SYMBOL && t->table && !strcmp(t->table, "call");
}

bool scope_is_term(const tree *t)
{
    return t->kind == TREE_SYMBOL && t->table && (!strcmp(t->table, "term") || !strcmp(t->table, "unsaid"));
}
