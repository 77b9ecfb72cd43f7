/* A condition under which a claim says nothing: at the steps that it leaves, a part of the formula is 0 that is none
 * elsewhere, or a sum has no second term, so that what is wrong with it does not show. */
#include "court.h"

#include <math.h>
#include <string.h>

enum { PARTS = 48, STEPS_LOOKED_AT = 4 };

typedef struct parts {
    world *world;
    const claimed *claim;
    const assumption *as;
    const tree *part[PARTS];
    bool shows_inside[PARTS], shows_outside[PARTS], failed[PARTS];
    int count;
} parts;

/* The summands and factors of a side. Below a sum over an index there are none: its letter has no value there. */
static void gather(parts *p, const tree *t)
{
    bool inner = t->kind == TREE_ADD || t->kind == TREE_NEG || t->kind == TREE_MUL || t->kind == TREE_TRANSPOSE;
    if (p->count < PARTS && (t->kind == TREE_SUM || t->kind == TREE_PROD || !inner))
        p->part[p->count++] = t;
    for (int i = 0; i < t->count && inner; i++)
        gather(p, t->child[i]);
}

static bool is_zero(value v)
{
    const eddy_tensor *x = eddy_value(v.var);
    for (int64_t i = 0, n = x ? eddy_tensor_count(x) : 0; i < n; i++)
        if (eddy_tensor_flat(x, i) != 0)
            return false;
    return x != NULL;
}

/* Has a sum with written bounds a second term here, a product a second factor, a power an exponent that is not 0? One
 * that runs up from t to T - 1 is empty at t = T. */
static bool has_two_terms(world *w, const tree *t, const binding *env, bool *known)
{
    int64_t from = 0, to = 0;
    fault f = { 0 };
    if (t->kind == TREE_POW)
        return !(*known = scope_is_index(w->scope, t->child[1], env) && t->child[1]->kind != TREE_NUMBER &&
                          scope_index(w->scope, t->child[1], env, &to, &f)) ||
               to != 0;
    const tree *r = t->bounds == 1 ? t->bound[0].relation : NULL;
    if (r && r->count == 3) { /* t >= i > k */
        int64_t strict = 0;
        for (int i = 0; i < 2; i++)
            strict += r->relations[i] == REL_LT || r->relations[i] == REL_GT;
        *known = scope_index(w->scope, r->child[0], env, &from, &f) && scope_index(w->scope, r->child[2], env, &to, &f);
        return (from < to ? to - from : from - to) + 1 - strict > 1;
    }
    *known = t->bounds == 1 && t->bound[0].from && t->bound[0].to &&
             scope_index(w->scope, t->bound[0].from, env, &from, &f) &&
             scope_index(w->scope, t->bound[0].to, env, &to, &f);
    return to > from ||
           (t->kind == TREE_PROD && *known && from > to && meaning_runs_down(w->scope, t->bound, from, to));
}

static bool look(void *context, const binding *env, int64_t t)
{
    parts *p = context;
    world *w = p->world;
    bool inside = p->as->span == SPAN_LAST ? t == w->T : t == 1;
    for (int i = 0; i < p->count; i++) {
        const tree *part = p->part[i];
        bool *shows = inside ? &p->shows_inside[i] : &p->shows_outside[i], counted = false;
        if (p->failed[i] || *shows)
            continue;
        bool two = (part->kind == TREE_SUM || part->kind == TREE_PROD || part->kind == TREE_POW) &&
                   has_two_terms(w, part, env, &counted);
        if (counted && inside && !two)
            continue;
        evaluation e = judge_evaluation(w, w->base, p->claim, p->as, env);
        value v = meaning_of(&e, part);
        if (value_ok(v))
            *shows = !is_zero(v);
        else if (w->fault.kind != FAULT_STEP)
            p->failed[i] = true;
        eddy_clear_error(w->tape);
        w->fault.kind = FAULT_NONE;
    }
    return true;
}

/* ---- Under cuts ---- */

typedef struct inside { /* the sums around a part */
    const tree_bound *bound;
    const struct inside *outer;
} inside;

typedef struct cuts {
    court *court;
    world *world;
    const claimed *claim;
    const assumption *as;
    const tree *part[PARTS];
    const inside *around[PARTS];
    bool shows[PARTS], shows_cut[PARTS];
    int count;
} cuts;

/* Derivatives, and names, which may be names of derivatives. */
static void gather_derivatives(cuts *k, const tree *t, const inside *around)
{
    if (t->kind == TREE_DERIV || (t->kind == TREE_SYMBOL && !t->brackets)) {
        if (k->count < PARTS)
            k->part[k->count] = t, k->around[k->count++] = around;
        return;
    }
    for (int i = 0; i < t->bounds; i++) {
        inside *more = ARENA_NEW(k->court->arena, inside);
        if (!more)
            return;
        *more = (inside){ &t->bound[i], around };
        around = more;
    }
    for (int i = 0; i < t->count; i++)
        gather_derivatives(k, t->child[i], around);
}

/* Is the part something else than 0 here, with each letter of a sum at `at`? */
static bool shows(cuts *k, wiring *c, const tree *part, const inside *around, const binding *env, int64_t at)
{
    if (around) {
        binding b = { .letter = around->bound->index, .kind = LETTER_INDEX, .value = at, .outer = env };
        return shows(k, c, part, around->outer, &b, at);
    }
    evaluation e = judge_evaluation(k->world, c, k->claim, k->as, env);
    value v = meaning_of(&e, part);
    bool something = value_ok(v) && !is_zero(v);
    eddy_clear_error(k->world->tape);
    k->world->fault.kind = FAULT_NONE;
    return something;
}

static bool look_at_cuts(void *context, const binding *env, int64_t t)
{
    cuts *k = context;
    arena_position position = arena_now(&k->court->scratch);
    wiring *c = context_new(k->world, &k->court->scratch);
    for (int i = 0; c && i < k->as->cuts; i++)
        cut_apply(&k->as->cut[i], k->world, t, c);
    for (int i = 0; c && i < k->count; i++)
        for (int64_t at = 1; at <= STEPS_LOOKED_AT; at++) {
            k->shows[i] |= !k->shows[i] && shows(k, k->world->base, k->part[i], k->around[i], env, at);
            k->shows_cut[i] |= !k->shows_cut[i] && shows(k, c, k->part[i], k->around[i], env, at);
        }
    arena_reset(&k->court->scratch, position);
    return c != NULL;
}

/* The derivative on the right that is 0 everywhere under the cuts, and not without them. */
static const tree *emptied_by_cuts(court *c, world *w, const claimed *claim, const assumption *as)
{
    cuts *k = ARENA_NEW(c->arena, cuts);
    fault f = { 0 };
    if (!k)
        return NULL;
    *k = (cuts){ .court = c, .world = w, .claim = claim, .as = as };
    gather_derivatives(k, claim->right, NULL);
    judge_instances(w, claim, &f, look_at_cuts, k);
    for (int i = 0; i < k->count; i++)
        if (k->shows[i] && !k->shows_cut[i])
            return k->part[i];
    return NULL;
}

/* A bound on what is 0 under the assumption says nothing. */
static bool empties_bound(court *c, const claimed *claim, const assumption *as)
{
    tree nothing = { .kind = TREE_NUMBER, .name = "", .accents = "", .style = "" };
    claimed zero = *claim;
    tally t;
    if ((claim->relation != REL_LE && claim->relation != REL_LT) || (!as->cuts && !as->reading.explicits))
        return false;
    zero.right = &nothing, zero.relation = REL_EQ;
    judge_run(c, &zero, as, 1, STOP_FIRST, &t);
    return t.outcome == OUTCOME_PASS;
}

const tree *judge_emptied(court *c, const claimed *claim, const assumption *as)
{
    fault f = { 0 };
    if (empties_bound(c, claim, as))
        return claim->left;
    if (as->cuts) {
        world *cut_world = court_world(c, claim, 0, as, &f);
        const tree *part = cut_world ? emptied_by_cuts(c, cut_world, claim, as) : NULL;
        if (part)
            return part;
    }
    parts p = { .world = court_world(c, claim, 0, as, &f), .claim = claim, .as = as };
    if ((as->span != SPAN_LAST && as->span != SPAN_FIRST) || !p.world)
        return NULL;
    gather(&p, claim->left);
    gather(&p, claim->right);
    judge_instances(p.world, claim, &f, look, &p);
    for (int i = 0; i < p.count; i++)
        if (!p.failed[i] && p.shows_outside[i] && !p.shows_inside[i])
            return p.part[i];
    return NULL;
}
