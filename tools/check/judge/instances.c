/* The instances of a claim: the values of its free letters, one after the other; and what is said of all of them
 * together, that two sides are proportional. */
#include "court.h"

#include <math.h>
#include <string.h>

typedef struct walk {
    world *w;
    const claimed *claim;
    fault *fault;
    instance_visit each;
    void *context;
    free_letter letters[8];
    int count;
    int64_t visited;
} walk;

/* Does each element of one side relate to the other's? */
static bool relates(tree_relation relation, value left, value right)
{
    const eddy_tensor *l = eddy_value(left.var), *r = eddy_value(right.var);
    for (int64_t i = 0, n = l && r ? eddy_tensor_count(l) : 0; i < n; i++) {
        double x = eddy_tensor_flat(l, i), y = eddy_tensor_flat(r, i);
        bool so = relation == REL_LT   ? x < y
                  : relation == REL_LE ? x <= y
                  : relation == REL_GT ? x > y
                  : relation == REL_GE ? x >= y
                                       : x != y;
        if (!so)
            return false;
    }
    return l && r;
}

/* Are the conditions on quantities met here? What is beyond the first or the last step is not. */
static bool met(const walk *k, const binding *env)
{
    const tree *formula = k->claim->formula;
    evaluation here = { .world = k->w, .context = k->w->base, .env = env };
    for (int i = 1; i < formula->count; i++) {
        const tree *t = formula->child[i];
        for (int side = 0; scope_is_value_condition(k->w->scope, t) && side + 1 < t->count; side++) {
            value left = meaning_of(&here, t->child[side]), right = meaning_of(&here, t->child[side + 1]);
            bool there = value_ok(left) && value_ok(right) && value_meet(&k->w->algebra, &left, &right);
            if (there && relates(t->relations[side], left, right))
                continue;
            if (!there && k->w->fault.kind && k->w->fault.kind != FAULT_STEP)
                *k->fault = k->w->fault;
            k->w->fault.kind = FAULT_NONE;
            eddy_clear_error(k->w->tape);
            return false;
        }
    }
    return true;
}

static bool step_into(walk *k, int which, const binding *env, int64_t t)
{
    scope *s = k->w->scope;
    world_take_sizes(k->w); /* whatever was tried at the instance before */
    if (which == k->count) {
        if (!scope_conditions(s, k->claim->formula, env, k->fault))
            return k->fault->kind == FAULT_NONE;
        if (!met(k, env))
            return k->fault->kind == FAULT_NONE;
        if (++k->visited > 20000)
            return fault_set(k->fault, FAULT_TOO_BIG, "the claim has more than 20000 instances");
        return k->each(k->context, env, t);
    }
    const free_letter *l = &k->letters[which];
    const letter_row *declared = scope_declared(s, l->letter);
    binding b = { .letter = l->letter, .kind = l->kind, .outer = env };
    if (l->kind == LETTER_LABEL) {
        for (int i = 0; declared && i < declared->labels; i++) {
            b.label = declared->label[i];
            if (!step_into(k, which + 1, &b, t))
                return false;
        }
        return true;
    }
    int64_t high = k->w->T;
    if (declared && declared->of && !scope_range(s, declared, k->claim->formula, env, k->w, &high))
        return fault_set(k->fault, FAULT_NOT_READ,
                         "the range of the index $%s$ is not known: say \"index %s in ...\" in the setup", l->letter,
                         l->letter);
    evaluation here = { .world = k->w, .context = k->w->base, .env = env };
    if (declared && declared->range && !meaning_reach(&here, k->claim->formula, l->letter, declared->range, &high) &&
        !scope_index(s, declared->range, env, &high, k->fault))
        return false;
    bool time = scope_is_time(s, l->letter);
    high -= time && s->before_last;
    for (int64_t i = s->from_zero && time ? 0 : 1; i <= high; i++) {
        b.value = i;
        if (!step_into(k, which + 1, &b, !strcmp(l->letter, "t") ? i : t))
            return false;
    }
    return true;
}

static int claim_letters(scope *s, const claimed *claim, free_letter *out, int most)
{
    int count = scope_free(s, claim->formula, out, most);
    for (int i = 1; i < count; i++) /* the range of an element's letter may depend on the label */
        if (out[i].kind == LETTER_LABEL && out[i - 1].kind != LETTER_LABEL) {
            free_letter label = out[i];
            memmove(out + 1, out, (size_t)i * sizeof *out);
            out[0] = label;
        }
    for (int i = 0; i < count; i++) /* t first, so that an instance's time is known early */
        if (!strcmp(out[i].letter, "t")) {
            free_letter t = out[i];
            memmove(out + 1, out, (size_t)i * sizeof *out);
            out[0] = t;
        }
    return count;
}

bool claim_has_time(scope *s, const claimed *claim)
{
    free_letter letters[8];
    int count = claim_letters(s, claim, letters, 8);
    return count > 0 && !strcmp(letters[0].letter, "t");
}

const char *claim_earlier(scope *s, const claimed *claim)
{
    free_letter letters[8];
    int count = claim_letters(s, claim, letters, 8);
    for (int i = 1; i < count && !strcmp(letters[0].letter, "t"); i++) {
        const letter_row *declared = scope_declared(s, letters[i].letter);
        const tree *range = declared ? declared->range : NULL;
        if (letters[i].kind == LETTER_INDEX && range && range->kind == TREE_SYMBOL && !range->count &&
            !strcmp(range->name, "T"))
            return letters[i].letter;
    }
    return NULL;
}

bool judge_instances(world *w, const claimed *claim, fault *f, instance_visit each, void *context)
{
    walk k = { .w = w, .claim = claim, .fault = f, .each = each, .context = context };
    k.count = claim_letters(w->scope, claim, k.letters, 8);
    return step_into(&k, 0, NULL, 0) && f->kind == FAULT_NONE;
}

/* ---- Proportional ---- */

typedef struct scaling {
    evaluation *e;
    const claimed *claim;
    eddy_var both, square; /* sums of l r and of r r */
    double most;           /* the largest |l| */
    int64_t count;
} scaling;

static eddy_var summed(value v, eddy_var product)
{
    for (int k = 0; k < v.rank; k++)
        product = eddy_sum_over(product, EDDY_SHAPE(-1), false);
    return product;
}

static bool add_instance(void *context, const binding *env, int64_t t)
{
    scaling *s = context;
    evaluation inner = *s->e;
    value left, right;
    (void)t;
    inner.env = env;
    left = meaning_of(&inner, s->claim->left);
    right = value_ok(left) ? meaning_of(&inner, s->claim->right) : left;
    if (!value_ok(right) || !value_meet(&s->e->world->algebra, &left, &right))
        return false;
    eddy_var both = summed(left, eddy_mul(left.var, right.var)), square = summed(right, eddy_mul(right.var, right.var));
    s->both = s->count ? eddy_add(s->both, both) : both;
    s->square = s->count ? eddy_add(s->square, square) : square;
    s->count++;
    return true;
}

/* The letters over which the factor is the same: those of elements; without any, time. */
static int common_letters(scope *s, const claimed *claim, bool whole, free_letter *out)
{
    free_letter all[8];
    int count = claim_letters(s, claim, all, 8), elements = 0;
    for (int i = 0; i < count; i++)
        if (all[i].kind == LETTER_INDEX && !scope_is_time(s, all[i].letter))
            out[elements++] = all[i];
    for (int i = 0; i < count && !elements && !whole; i++)
        if (all[i].kind == LETTER_INDEX)
            out[elements++] = all[i];
    return elements;
}

bool judge_scale(evaluation *e, const claimed *claim, value left, value *right)
{
    world *w = e->world;
    scaling s = { .e = e, .claim = claim };
    walk k = { .w = w, .claim = claim, .fault = &w->fault, .each = add_instance, .context = &s };
    k.count = common_letters(w->scope, claim, left.rank > 0, k.letters);
    if (!k.count && !left.rank)
        return fault_set(&w->fault, FAULT_NOT_READ,
                         "a single number is proportional to every other: over which index is the factor the same?");
    if (!step_into(&k, 0, e->env, 0) || w->fault.kind || !s.count)
        return false;
    eddy_var factor = eddy_div(s.both, s.square);
    for (int i = 0; i < right->rank; i++)
        factor = eddy_unsqueeze(factor, -1);
    right->var = eddy_mul(right->var, factor);
    const eddy_tensor *c = eddy_value(factor), *l = eddy_value(left.var), *r = eddy_value(right->var);
    double least = 0, most = 0, apart = 0;
    for (int64_t i = 0; c && i < eddy_tensor_count(c); i++)
        least = fmin(least, eddy_tensor_flat(c, i));
    for (int64_t i = 0; l && r && i < eddy_tensor_count(l); i++) {
        most = fmax(most, fabs(eddy_tensor_flat(l, i)));
        apart = fmax(apart, fabs(eddy_tensor_flat(l, i) - eddy_tensor_flat(r, i)));
    }
    if (least < 0 && apart <= 1e-9 * most)
        return fault_set(&w->fault, FAULT_NOT_READ,
                         "the factor of this proportion is negative: write \"\\propto -\" if that is meant");
    return true;
}
