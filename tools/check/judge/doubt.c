/* The benefit of the doubt: why a claim that does not hold may yet be true as its author means it. */
#include "court.h"
#include "reader.h"

#include <string.h>

/* A quantity of time in t that nothing defines or gives. */
static const quantity *without_definition(scope *s, const tree *t)
{
    symbol_use use;
    if (scope_is_name(s, t, NULL) && scope_symbol(s, t, NULL, &use) && use.quantity && use.quantity->timed &&
        use.quantity->kind == QUANTITY_GIVEN && !use.quantity->drawn && !use.quantity->definitions &&
        strcmp(use.key, "x"))
        return use.quantity;
    for (int i = 0; i < t->count; i++) {
        const quantity *q = without_definition(s, t->child[i]);
        if (q)
            return q;
    }
    return NULL;
}

bool judge_is_drawn(const world *w, const quantity *q)
{
    for (int i = 0; i < w->leaves; i++)
        if (w->leaf[i].name.quantity == q)
            return true;
    return false;
}

static const quantity *stranger_in(world *w, const tree *t, const tree *any)
{
    symbol_use use;
    if (any && tree_equal(t, any))
        return NULL;
    if (scope_is_name(w->scope, t, NULL) && scope_symbol(w->scope, t, NULL, &use) && use.quantity) {
        const quantity *q = use.quantity;
        bool said = q->kind != QUANTITY_GIVEN || q->drawn || q->shaped || q->definitions,
             read = !said && read_by_definition(w->scope, q, NULL, !shapes_guessed(w, q)); /* u of f(u) = ... is any */
        return said || read || !judge_is_drawn(w, q) ? NULL : q; /* it was asked for: no index, size or identity */
    }
    for (int i = 0; i < t->count; i++) {
        const tree *next = i + 1 < t->count && t->kind == TREE_MUL ? t->child[i + 1] : NULL;
        const tree *argument = next && next->kind == TREE_POW ? next->child[0] : next;
        if (argument && argument->brackets == '(' && next->join == JOIN_BESIDE && t->child[i]->kind == TREE_SYMBOL &&
            (t->child[i]->primes || scope_spectrum(w->scope, t->child[i]) >= 0))
            continue; /* f'(a), \rho(A)^2: a function */
        const quantity *q = stranger_in(w, t->child[i], any);
        if (q)
            return q;
    }
    return NULL;
}

static bool mentions(const tree *t, const tree *what)
{
    bool found = tree_equal(t, what);
    for (int i = 0; i < t->count && !found; i++)
        found = mentions(t->child[i], what);
    return found;
}

/* A quantity that stands in this claim, and in no definition, and nobody gives it: probably a name that was forgotten.
 */
static const quantity *used_nowhere(world *w, const claimed *claim)
{
    const tree *any = scope_any_argument(claim->left);
    if (any && !mentions(claim->right, any)) /* \cos\theta = u^\top v / ... says something of one \theta */
        any = NULL;
    const quantity *q = stranger_in(w, claim->differential ? claim->differential : claim->left, any);
    return q ? q : stranger_in(w, claim->right, any);
}

/* Something that nobody gives or defines, and that was drawn: no function, of which these are the usual names. */
static bool is_stranger(world *w, const tree *t, symbol_use *use)
{
    if (scope_spectrum(w->scope, t) >= 0)
        return false;
    static const char *const functions[] = { "f", "g", "\\phi", "\\varphi", "\\psi", "l", "\\ell", "L", "J", "E" };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (t->kind == TREE_SYMBOL && !strcmp(t->name, functions[i]))
            return false;
    return scope_is_name(w->scope, t, NULL) && scope_symbol(w->scope, t, NULL, use) && use->quantity &&
           use->quantity->kind == QUANTITY_GIVEN && !use->quantity->drawn && !use->quantity->shaped &&
           !use->quantity->definitions && judge_is_drawn(w, use->quantity);
}

/* a(x), a_j(x^{(i)}), of an a that nothing defines or gives, in `t` or in what defines it: NULL if there is none. */
static const tree *called_stranger(world *w, const tree *t, int depth)
{
    symbol_use use;
    for (int i = 0; t->kind == TREE_MUL && i + 1 < t->count; i++) {
        const tree *next = t->child[i + 1];
        bool name = next->kind == TREE_TUPLE || scope_is_name(w->scope, next, NULL);
        if (name && next->brackets == '(' && next->join == JOIN_BESIDE && is_stranger(w, t->child[i], &use))
            return t->child[i];
    }
    if (depth && scope_is_name(w->scope, t, NULL) && scope_symbol(w->scope, t, NULL, &use) && use.quantity)
        for (int i = 0; i < use.quantity->definitions; i++) {
            const tree *found = called_stranger(w, use.quantity->definition[i]->value, depth - 1);
            if (found)
                return found;
        }
    for (int i = 0; i < t->count; i++) {
        const tree *found = called_stranger(w, t->child[i], depth);
        if (found)
            return found;
    }
    return NULL;
}

/* p[y]: perhaps an element. */
static bool has_square_brackets(const tree *t)
{
    for (int i = 0; i < t->count; i++)
        if ((t->kind == TREE_MUL && i && t->child[i]->brackets == '[' && t->child[i]->join == JOIN_BESIDE) ||
            has_square_brackets(t->child[i]))
            return true;
    return false;
}

/* A quantity that the scene's definitions speak of, and that a formula defines which was not read: derivatives that
 * pass through it are not what the author means. */
static const quantity *left_open(const court *c)
{
    for (int i = 0; c->unread && i < c->scope->quantities; i++) {
        const quantity *q = c->scope->quantity[i];
        if (q->timed && q->kind == QUANTITY_GIVEN && !q->drawn && !q->definitions && strcmp(q->key, "x") != 0 &&
            read_by_definition(c->scope, q, NULL, true))
            return q;
    }
    return NULL;
}

/* A letter of the condition that stands free nowhere else: it is the range of a sum. */
static const char *range_of_sum(court *c, const claimed *claim, const tree *condition)
{
    free_letter said[8], used[16];
    int count = scope_free(c->scope, condition, said, 8), more = scope_free(c->scope, claim->left, used, 8);
    more += scope_free(c->scope, claim->right, used + more, 8);
    for (int i = 0; i < count; i++) {
        bool found = false;
        for (int k = 0; k < more; k++)
            found |= !strcmp(said[i].letter, used[k].letter);
        if (!found)
            return said[i].letter;
    }
    return NULL;
}

/* y_t = x_{t+1} of a given y, v = 0 of a given v: no claim that could hold for any y and v. */
static const quantity *said_anew(scope *s, const claimed *claim)
{
    symbol_use use, other;
    const tree *left = claim->left;
    bool number = claim->right->kind == TREE_NUMBER;
    bool whole =
        claim->relation == REL_EQ && (number || scope_is_name(s, claim->right, NULL)) && scope_is_name(s, left, NULL) &&
        !scope_differential(s, left) && scope_symbol(s, left, NULL, &use) && use.quantity && use.quantity->drawn &&
        use.quantity->kind == QUANTITY_GIVEN && !use.quantity->definitions &&
        (number ? use.quantity->rank > 0
                : scope_symbol(s, claim->right, NULL, &other) && other.quantity && other.quantity != use.quantity);
    for (int i = 0; whole && i < use.indices; i++)
        whole = use.index[i]->kind == TREE_SYMBOL && scope_letter(s, use.index[i]->name, NULL, NULL) == LETTER_INDEX;
    return whole ? use.quantity : NULL;
}

/* \mathbf{AB}, as a left side or under a transpose: is it the product, or a name, and what is transposed? NULL: there
 * is no such thing. */
static const tree *font_product(const tree *t, bool left)
{
    bool product = t->kind == TREE_MUL && t->style && *t->style && !t->brackets;
    if (product && (left || t->child[t->count - 1]->kind != TREE_SYMBOL))
        return t;
    bool scripted = left || t->kind == TREE_TRANSPOSE || t->kind == TREE_POW;
    for (int i = 0; i < t->count; i++) {
        const tree *found = font_product(t->child[i], scripted && !i && t->kind != TREE_ADD && t->kind != TREE_MUL);
        if (found)
            return found;
    }
    return NULL;
}

/* \sum_t g_t^T dh_t: whether the steps move by themselves, or one through the other, is not said. */
static bool moves_steps_together(scope *s, const tree *t, bool summed)
{
    symbol_use use;
    summed |= t->kind == TREE_SUM && t->bounds && scope_is_time(s, t->bound[0].index);
    if (t->kind == TREE_SYMBOL && scope_has_sign(t, "d"))
        return summed && scope_symbol(s, scope_bare(s, t, "d"), NULL, &use) && use.quantity && use.quantity->timed &&
               use.quantity->definitions;
    for (int i = 0; i < t->count; i++)
        if (moves_steps_together(s, t->child[i], summed))
            return true;
    return false;
}

const char *judge_doubt(court *c, const claimed *claim, const tally *plain)
{
    if (c->setup_wrong)
        return "the setup was not read, so nothing can be said";
    const quantity *q = plain->outcome == OUTCOME_FAIL ? said_anew(c->scope, claim) : NULL;
    if (q)
        return arena_format(
            c->arena, "the setup gives $%s$, any numbers, and here it is defined: leave it out of the setup", q->shown);
    const tree *product = font_product(claim->left, true);
    product = product ? product : font_product(claim->right, false);
    if (product) {
        const char *shown = latex_text(c->arena, product, LATEX_SOURCE);
        return arena_format(c->arena,
                            "$%s$ stands in one font command: a product, or one name; its letters apart, or \"given\" "
                            "with the name, would decide",
                            shown);
    }
    const tree *power = step_or_power(c->scope, claim->left);
    power = power ? power : step_or_power(c->scope, claim->right);
    if (power) {
        const char *base = latex_text(c->arena, power->child[0], LATEX_SOURCE);
        return arena_format(
            c->arena,
            "$%s^%g$ may be step %g or a power: write $%s^{(%g)}$ for the step, $(%s)^%g$ with its step "
            "for the power",
            base, power->child[1]->value, power->child[1]->value, base, power->child[1]->value, base,
            power->child[1]->value);
    }
    if (claim->differential && moves_steps_together(c->scope, claim->right, false))
        return "differentials of all steps in one sum: whether each moves by itself is not said";
    assumption first;
    fault f = { 0 };
    judge_default(c, claim, &first);
    world *w = court_world(c, claim, 0, &first, &f);
    q = w ? used_nowhere(w, claim) : NULL;
    if (q)
        return arena_format(c->arena, "$%s$ is neither defined nor given", q->shown);
    enum { THROUGH = 4 }; /* so many definitions */
    const tree *called = w ? called_stranger(w, claim->left, THROUGH) : NULL;
    called = called || !w ? called : called_stranger(w, claim->right, THROUGH);
    if (called)
        return arena_format(c->arena,
                            "$%s$ stands in front of a bracket, and nothing defines it: if it is a function, its "
                            "formula or its place is missing; if it is a factor, say \"given\" of it",
                            latex_text(c->arena, called, LATEX_SOURCE));
    q = c->unread ? without_definition(c->scope, claim->left) : NULL;
    if (c->unread && !q)
        q = without_definition(c->scope, claim->right);
    if (q)
        return arena_format(c->arena, "no formula that was read defines $%s$", q->shown);
    if ((q = left_open(c)))
        return arena_format(c->arena, "it does not hold, but no formula that was read defines $%s$, which others read",
                            q->shown);
    for (int i = 1; i < claim->formula->count; i++) {
        const tree *condition = claim->formula->child[i];
        const char *letter = range_of_sum(c, claim, condition);
        if (condition->kind == TREE_WORDS)
            return arena_format(c->arena, "it does not hold everywhere, and the words \"%s\" beside it may say where",
                                condition->name);
        if (letter)
            return arena_format(
                c->arena, "its condition speaks of $%s$, which is bound by a sum: write the range at the sum", letter);
    }
    if (plain->outcome == OUTCOME_SHAPES && (has_square_brackets(claim->left) || has_square_brackets(claim->right)))
        return arena_format(c->arena,
                            "%s; what stands in square brackets may be the number of an element: write an index",
                            plain->sentence);
    return NULL;
}
