/* Definitions: which formulas introduce a quantity, and which of them holds at a step. */
#include "reader.h"
#include "scope_internal.h"

#include <math.h>
#include <string.h>

/* Calls `each` for every combination of label values of the free label letters in a symbol's parts. */
bool scope_for_labels(scope *s, const tree *symbol, const binding *env,
                      bool (*each)(scope *s, const tree *symbol, const binding *env, void *context), void *context)
{
    free_letter letters[8];
    int count = scope_free(s, symbol, letters, 8);
    for (int i = 0; i < count; i++) {
        const binding *bound;
        if (letters[i].kind != LETTER_LABEL || (scope_letter(s, letters[i].letter, env, &bound), bound))
            continue;
        const letter_row *l = scope_declared(s, letters[i].letter);
        for (int k = 0; l && k < l->labels; k++) {
            binding *b = ARENA_NEW(s->arena, binding);
            if (!b)
                return false;
            *b = (binding){ .letter = l->letter, .kind = LETTER_LABEL, .label = l->label[k], .outer = env };
            if (!scope_for_labels(s, symbol, b, each, context))
                return false;
        }
        return true;
    }
    return each(s, symbol, env, context);
}

enum { FURTHEST = 1000 }; /* more steps than a sequence has */

/* t + 2 -> t, 2; false if it is no letter with a shift. */
bool scope_letter_and_shift(scope *s, const tree *index, const char **name, int64_t *shift)
{
    if (index->kind == TREE_SYMBOL && scope_letter(s, index->name, NULL, NULL) == LETTER_INDEX) {
        *name = index->name;
        *shift = 0;
        return true;
    }
    if (index->kind != TREE_ADD || index->count != 2 || index->child[0]->kind != TREE_SYMBOL)
        return false;
    const tree *second = index->child[1];
    bool minus = second->kind == TREE_NEG;
    if (minus)
        second = second->child[0];
    if (second->kind != TREE_NUMBER || second->value > FURTHEST || second->value != floor(second->value) ||
        scope_letter(s, index->child[0]->name, NULL, NULL) != LETTER_INDEX)
        return false;
    *name = index->child[0]->name;
    *shift = (int64_t)(minus ? -second->value : second->value);
    return true;
}

/* x_{t+1} = f(x_t), t = 0, ..., T-1: where the steps end. What is beyond goes on in the same way. */
static bool ends_before(scope *s, const definition *d, int64_t step, fault *f)
{
    const tree *range = d->formula->count == 2 ? d->formula->child[1] : NULL;
    bool listed = range && range->kind == TREE_RELATION && range->count > 1 && d->letter;
    bool dots = false;
    for (int i = 0; listed && i < range->count; i++)
        for (int k = 0; k < range->child[i]->count; k++)
            dots |= range->child[i]->child[k]->kind == TREE_DOTS;
    binding t = { .letter = d->letter, .kind = LETTER_INDEX, .value = step, .outer = d->labels };
    while (dots && t.value-- > step - 3)
        if (scope_conditions(s, d->formula, &t, f))
            return true;
    return false;
}

const definition *scope_definition(scope *s, const quantity *q, int64_t step, fault *f)
{
    const definition *beyond = NULL;
    for (int pass = 0; pass < 2; pass++) /* what is said of one step comes before what is said of all */
        for (int i = 0; i < q->definitions; i++) {
            const definition *d = q->definition[i];
            if (!q->timed)
                return d;
            if ((d->step != NULL) != (pass == 0))
                continue;
            int64_t at;
            if (d->step) {
                if (scope_index(s, d->step, d->labels, &at, f) && at == step)
                    return d;
                continue;
            }
            binding t = { .letter = d->letter, .kind = LETTER_INDEX, .value = step - d->shift, .outer = d->labels };
            if (d->formula->count > 1 && !scope_conditions(s, d->formula, &t, f)) {
                if (f->kind)
                    return NULL;
                beyond = beyond ? beyond : ends_before(s, d, t.value, f) ? d : NULL;
                continue;
            }
            return d;
        }
    return beyond;
}

/* The earliest and the latest step that a right side speaks of, as t + n. */
static void steps_in(scope *s, const tree *t, const char *letter, int64_t *least, int64_t *most)
{
    const char *name;
    int64_t shift;
    for (int i = 0; i < t->bounds; i++)
        if (!strcmp(t->bound[i].index, letter))
            return;
    if (scope_letter_and_shift(s, t, &name, &shift) && !strcmp(name, letter)) {
        *least = shift < *least ? shift : *least;
        *most = shift > *most ? shift : *most;
        return;
    }
    for (int i = 0; i < t->count; i++)
        steps_in(s, t->child[i], letter, least, most);
    for (int i = 0; i < t->bounds; i++) {
        const tree *ends[] = { t->bound[i].from, t->bound[i].to, t->bound[i].relation };
        for (int k = 0; k < 3; k++)
            if (ends[k])
                steps_in(s, ends[k], letter, least, most);
    }
}

/* How many steps before t = 1 a definition holds. h_{t+1} = f(h_t, x_{t+1}) makes h_1 of h_0 and the first input;
 * h_{t+1} = f(h_t, x_t) begins with h_2, unless the document's first step is 0. */
static int64_t ahead_of(scope *s, const definition *d)
{
    int64_t least = FURTHEST, most = -FURTHEST;
    if (d->letter)
        steps_in(s, d->value, d->letter, &least, &most);
    if (s->from_zero && least >= 0)
        return 1;
    if (d->shift > 0)
        return most >= d->shift ? d->shift : 0;
    return least > 0 && least < FURTHEST ? least : 0;
}

typedef struct defining {
    const tree *formula, *symbol, *value;
    const char *letter;
    int64_t shift, ahead;
    bool library, known, made;
    fault *fault;
} defining;

/* Are the conditions met at the step that t binds, for some value of the letters of elements? */
static bool met_somewhere(scope *s, const tree *symbol, const tree *formula, const binding *t)
{
    const tree *letter = NULL;
    for (int i = 0; i < symbol->count && formula->count > 1; i++)
        if (scope_plain(symbol->child[i]) && strcmp(symbol->child[i]->name, t->letter) != 0 &&
            scope_letter(s, symbol->child[i]->name, t, NULL) == LETTER_INDEX)
            letter = symbol->child[i];
    for (int64_t k = 0; k <= 6; k++) {
        binding element = { .letter = letter ? letter->name : "", .kind = LETTER_INDEX, .value = k, .outer = t };
        fault f = { 0 };
        if (scope_conditions(s, formula, letter ? &element : t, &f))
            return true;
    }
    return false;
}

/* Do two definitions say something about the same step, with T = 5? */
static bool overlap(scope *s, const definition *old, const defining *d, const tree *step, const binding *env)
{
    size_name *T = scope_size(s, "T");
    int64_t before = T ? T->value : 0;
    bool both = false;
    if (T)
        T->value = 5;
    bool one = step || old->step; /* of one step; two that are said of all steps overlap whatever their shifts are */
    for (int64_t t = 0; t <= 6 && !both; t++) {
        fault f = { 0 };
        int64_t at = 0;
        binding b = { .letter = old->letter ? old->letter : "t", .kind = LETTER_INDEX, .outer = env };
        b.value = t - (one ? old->shift : 0);
        bool first = old->step
                         ? scope_index(s, old->step, NULL, &at, &f) && at == t
                         : b.value + old->ahead >= 1 && b.value <= 5 && met_somewhere(s, old->symbol, old->formula, &b);
        fault g = { 0 };
        b.letter = d->letter ? d->letter : "t";
        b.value = t - (one ? d->shift : 0);
        bool second = step ? scope_index(s, step, NULL, &at, &g) && at == t
                           : b.value + d->ahead >= 1 && b.value <= 5 && met_somewhere(s, d->symbol, d->formula, &b);
        both = first && second;
    }
    if (T)
        T->value = before;
    return both;
}

/* A letter on the right that is not on the left: no definition. */
static bool has_other_letters(scope *s, const tree *symbol, const tree *value, const binding *env)
{
    free_letter left[8], right[8];
    int lefts = scope_free(s, symbol, left, 8), rights = scope_free(s, value, right, 8);
    for (int i = 0; i < rights; i++) {
        bool there = false;
        for (int k = 0; k < lefts; k++)
            there |= !strcmp(left[k].letter, right[i].letter);
        for (const binding *b = env; b; b = b->outer)
            there |= !strcmp(b->letter, right[i].letter);
        if (!there)
            return true;
    }
    return false;
}

/* h_1, h_T of a given h_t are given; h_0 and h_{T+1} may be said. */
static bool inside_sequence(scope *s, const tree *step)
{
    size_name *T = scope_size(s, "T");
    int64_t at, before = T ? T->value : 0;
    fault f = { 0 };
    if (T)
        T->value = 5;
    bool inside = scope_index(s, step, NULL, &at, &f) && at >= 1 && at <= 5;
    if (T)
        T->value = before;
    return inside;
}

/* Does the right side have the left one in it, at the same step? */
static bool repeats(const tree *t, const tree *symbol)
{
    if (tree_equal(t, symbol))
        return true;
    if (t->kind == TREE_DERIV || t->kind == TREE_SYMBOL || /* Q in W_Q is a label */
        (t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL &&
         t->child[1]->kind == TREE_SYMBOL)) /* W_g^h is another name */
        return false;
    for (int i = 0; i < t->count; i++)
        if (repeats(t->child[i], symbol))
            return true;
    return false;
}

/* 1 / \sqrt{d}, 0.01: made of numbers and sizes. What is drawn at random is no such number: the document says which
 * one it is. */
static bool is_constant(scope *s, const tree *t)
{
    bool sized = scope_symbol_size(s, t) && !scope_find(s, t->name);
    bool plain = t->kind == TREE_DIV || t->kind == TREE_NEG || t->kind == TREE_MUL || t->kind == TREE_POW ||
                 (t->kind == TREE_APPLY && !strcmp(t->name, "\\sqrt"));
    for (int i = 0; plain && i < t->count; i++)
        plain = is_constant(s, t->child[i]);
    return t->kind == TREE_NUMBER || sized || plain;
}

/* Does a right side read the name at a step behind (by > 0) or before the one that it defines? */
static bool reads_beside(scope *s, const tree *t, const char *key, int64_t from, int by)
{
    symbol_use use;
    const char *letter;
    int64_t shift;
    if (scope_is_name(s, t, NULL) && scope_symbol(s, t, NULL, &use) && use.indices && !strcmp(use.key, key) &&
        scope_letter_and_shift(s, use.index[0], &letter, &shift) && (by > 0 ? shift > from : shift < from))
        return true;
    for (int i = 0; i < t->count; i++)
        if (reads_beside(s, t->child[i], key, from, by))
            return true;
    return false;
}

/* d_T = ... begins d_t = ... d_{t+1} ..., and h_1 = ... begins h_t = f(h_{t-1}): the recursion is for the others. So is
 * \delta_t = \partial L / \partial h_t behind the same of step T. */
static bool begins(scope *s, const definition *old, const definition *made, const char *key)
{
    const tree *step = old->step;
    int by = made->step || !step                             ? 0
             : scope_plain(step) && !strcmp(step->name, "T") ? 1
             : step->kind == TREE_NUMBER && step->value == 1 ? -1
                                                             : 0;
    bool derivative = old->value->kind == TREE_DERIV;
    return derivative ? by > 0 && made->value->kind == TREE_DERIV
                      : by && reads_beside(s, made->value, key, made->shift, by);
}

/* A function that nobody knows, whose shape the setup may be the only one to say; another name of the same family. */
static bool leaves_open(scope *s, const tree *t, const tree *symbol, bool timed)
{
    if (t->kind == TREE_SYMBOL && (scope_is_unknown_function(s, t) || (!timed && !strcmp(t->name, symbol->name))))
        return true;
    for (int i = 0; i < t->count; i++)
        if (leaves_open(s, t->child[i], symbol, timed))
            return true;
    return false;
}

/* "given h_t in R^H" beside h_t = \tanh(...): nobody draws what the document says; the setup says its shape. */
static bool is_said(scope *s, const defining *d, const quantity *q, const tree *symbol)
{
    return !s->suggested && !q->flags && d->formula->count == 1 && d->formula->child[0]->count == 2 &&
           d->value->kind != TREE_DERIV && !is_constant(s, d->value) && !leaves_open(s, d->value, symbol, q->timed);
}

static bool define_one(scope *s, const tree *symbol, const binding *env, void *context)
{
    defining *d = context;
    symbol_use use;
    if (!scope_symbol(s, symbol, env, &use))
        return true;
    quantity *q = use.quantity;
    definition made = { .symbol = symbol, .value = d->value, .formula = d->formula, .labels = env };
    int elements = use.indices;
    if (!q && use.indices && !(q = scope_quantity(s, symbol, env)))
        return fault_set(d->fault, FAULT_TOO_BIG, "memory is short");
    bool timed = use.indices && q->timed;
    const char *name;
    if (timed) {
        elements--;
        if (!scope_letter_and_shift(s, use.index[0], &name, &made.shift))
            made.step = use.index[0];
        else
            made.letter = name;
    }
    d->letter = made.letter;
    made.ahead = ahead_of(s, &made);
    d->shift = made.shift, d->ahead = made.ahead;
    made.elements = elements > 0;
    for (int i = use.indices - elements; i < use.indices; i++)
        if (use.index[i]->kind != TREE_SYMBOL || scope_is_class(s, use.index[i], use.key, env))
            return d->known = true;
    q = scope_quantity(s, symbol, env);
    if (!q)
        return fault_set(d->fault, FAULT_TOO_BIG, "memory is short");
    bool number =
        !q->shaped || !q->rank || d->value->kind != TREE_NUMBER; /* v = 0 of a given vector says nothing new */
    bool said_here = !made.step && !made.elements && is_said(s, d, q, symbol);
    bool plain_given = q->kind == QUANTITY_GIVEN &&
                       (!q->drawn || said_here ||
                        (number && !use.indices && d->formula->child[0]->count == 2 && is_constant(s, d->value)));
    if (q->kind == QUANTITY_LOSS || q->kind == QUANTITY_DIRECT || q->kind == QUANTITY_ARGUMENT)
        return d->known = true;
    if (!made.step && !plain_given && !q->definitions)
        return d->known = true;
    for (int i = 0; i < q->definitions; i++) /* of a derivative the end is known, too */
        if (!timed || (made.step && q->definition[i]->value->kind == TREE_DERIV) ||
            (!begins(s, q->definition[i], &made, use.key) && overlap(s, q->definition[i], d, made.step, env)))
            return d->known = true;
    if (has_other_letters(s, symbol, d->value, env) || (made.step && q->drawn && inside_sequence(s, made.step)))
        return d->known = true;
    if (repeats(d->value, symbol)) /* q_t = q_t + 1 says something about q_t */
        return d->known = true;
    definition *copy = ARENA_NEW(s->arena, definition);
    definition **more = ARENA_ARRAY(s->arena, definition *, q->definitions + 1);
    if (!copy || !more)
        return fault_set(d->fault, FAULT_TOO_BIG, "memory is short");
    *copy = made;
    if (q->definitions)
        memcpy(more, q->definition, (size_t)q->definitions * sizeof *more);
    q->definition = more;
    q->definition[q->definitions++] = copy;
    if (!made.step)
        q->kind = QUANTITY_DEFINED;
    q->library |= d->library;
    d->made = true;
    return true;
}

bool scope_define(scope *s, const tree *formula, const tree *symbol, const tree *value, fault *f)
{
    if (scope_differential(s, symbol) || !scope_is_name(s, symbol, NULL)) /* dA^f_t is known */
        return false;
    defining d = { .formula = formula, .symbol = symbol, .value = value, .fault = f };
    return scope_for_labels(s, symbol, NULL, define_one, &d) && d.made &&
           !d.known; /* of a family some may be known: then it is a claim about these */
}

static bool comes_later(scope *s, const tree *t, const char *key)
{
    symbol_use use;
    const char *letter;
    int64_t shift;
    if (scope_is_name(s, t, NULL) && scope_symbol(s, t, NULL, &use) && use.indices && !strcmp(use.key, key) &&
        scope_letter_and_shift(s, use.index[0], &letter, &shift) && shift > 0)
        return true;
    for (int i = 0; i < t->count; i++)
        if (comes_later(s, t->child[i], key))
            return true;
    return false;
}

bool scope_recurs_before(scope *s, const tree *r)
{
    symbol_use use, other;
    if (r->count != 2 || !scope_is_name(s, r->child[0], NULL) || !scope_symbol(s, r->child[0], NULL, &use) ||
        !use.indices || !comes_later(s, r->child[1], use.key))
        return false;
    for (int i = 0; use.quantity && i < use.quantity->definitions; i++)
        if (use.quantity->definition[i]->step && use.quantity->definition[i]->value->kind != TREE_DERIV)
            return false; /* \lambda_N = S x_N: it begins here, and what it is the derivative of is the claim */
    for (int i = 0; i < s->formulas; i++) {
        const tree *f = s->formula[i], *said = f->kind == TREE_FORMULA ? f->child[0] : f;
        if (said->kind == TREE_RELATION && said != r && said->count == 2 &&
            (said->relations[0] == REL_EQ || said->relations[0] == REL_DEFINED) && said->child[1]->kind == TREE_DERIV &&
            scope_is_name(s, said->child[0], NULL) && scope_symbol(s, said->child[0], NULL, &other) &&
            !strcmp(other.key, use.key))
            return true;
    }
    return false;
}
