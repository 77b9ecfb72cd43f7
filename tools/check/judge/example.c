/* The smallest counterexample in numbers: the smallest sizes at which a claim still fails clearly, and there as many
 * zeros and ones as it lets one write. */
#include "hunt.h"
#include "reader.h"
#include "meaning.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ELEMENTS = 40, PASSES = 3 };
static const double clearly = 1e-3;

look hunt_look(const hunt *h, const failing *at)
{
    world *w = h->world;
    look out = { .left = at->left, .right = at->right, .fresh = w->algebra.frozen > 0 };
    if (!out.fresh)
        return out;
    out.mark = eddy_mark_now(w->tape);
    out.position = arena_now(&h->court->scratch);
    wiring *wired = context_new(w, &h->court->scratch);
    evaluation e = judge_evaluation(w, wired ? wired : w->base, h->claim, h->as, at->env);
    if (!wired || !judge_sides(&e, h->claim, &out.left, &out.right))
        out.left = out.right = value_none();
    w->fault.kind = FAULT_NONE;
    eddy_clear_error(w->tape);
    return out;
}

void hunt_looked(const hunt *h, const look *l)
{
    if (!l->fresh)
        return;
    eddy_reset(h->world->tape, l->mark);
    arena_reset(&h->court->scratch, l->position);
}

static gap gap_of(eddy_var left, eddy_var right, tree_relation relation)
{
    gap g = { .finite = true };
    const eddy_tensor *l = eddy_value(left), *r = eddy_value(right);
    if (!l || !r)
        return (gap){ 0 };
    for (int64_t i = 0, n = eddy_tensor_count(l); i < n; i++) {
        double x = eddy_tensor_flat(l, i), y = eddy_tensor_flat(r, i), d = fabs(x - y);
        bool below = relation == REL_LE || relation == REL_LT, above = relation == REL_GE || relation == REL_GT;
        g.finite &= isfinite(x) && isfinite(y);
        g.size = fmax(g.size, fmax(fabs(x), fabs(y)));
        if ((below && x <= y) || (above && x >= y))
            d = 0;
        if (d > g.difference)
            g.difference = d, g.worst = i;
    }
    return g;
}

gap hunt_measure(const hunt *h, const failing *at, tree_relation relation)
{
    look l = hunt_look(h, at);
    gap g = value_ok(l.left) && value_ok(l.right) ? gap_of(l.left.var, l.right.var, relation) : (gap){ 0 };
    hunt_looked(h, &l);
    return g;
}

bool hunt_fails(const gap *g, double least)
{
    return g->finite && g->difference > clearly * g->size && g->difference >= fmax(least, 1e-9); /* no rounding */
}

/* The letters of an instance, which live on the stack of those who walk. */
static const binding *kept(court *c, const binding *env)
{
    binding *copy = env ? ARENA_NEW(c->arena, binding) : NULL;
    if (copy) {
        *copy = *env;
        copy->outer = kept(c, env->outer);
    }
    return copy;
}

static bool collect(void *context, const binding *env, int64_t t)
{
    hunt *h = context;
    world *w = h->world;
    value left, right;
    (void)t;
    evaluation e = judge_evaluation(w, w->base, h->claim, h->as, env);
    if (!judge_sides(&e, h->claim, &left, &right)) {
        eddy_clear_error(w->tape);
        w->fault.kind = FAULT_NONE;
        return true;
    }
    gap g = gap_of(left.var, right.var, h->claim->relation);
    if (h->violations || hunt_fails(&g, 0))
        h->at[h->count++] = (failing){ left, right, kept(h->court, env), notation_env(h->court->arena, env),
                                       h->violations ? 1e-3 : fmin(1e-3, 0.1 * g.difference) };
    return h->count < INSTANCES;
}

/* ---- Simpler numbers ---- */

bool hunt_set(const leaf_row *leaf, const numbers *n)
{
    return eddy_set(leaf->value.var, n->value, (size_t)n->count * sizeof *n->value);
}

static bool still_fails(const hunt *h, const failing *at)
{
    gap g = hunt_measure(h, at, h->claim->relation);
    return hunt_fails(&g, at->least);
}

/* Keeps what is in n->value now if the claim still fails with it. */
static bool keep(const hunt *h, const failing *at, const leaf_row *leaf, numbers *n)
{
    bool changed = memcmp(n->value, n->before, (size_t)n->count * sizeof *n->value) != 0;
    if (changed && hunt_set(leaf, n) && still_fails(h, at)) {
        memcpy(n->before, n->value, (size_t)n->count * sizeof *n->value);
        return true;
    }
    memcpy(n->value, n->before, (size_t)n->count * sizeof *n->value);
    if (changed)
        hunt_set(leaf, n);
    return false;
}

static bool all_equal(const numbers *n, double x)
{
    for (int64_t i = 0; i < n->count; i++)
        if (n->value[i] != x)
            return false;
    return true;
}

bool hunt_allowed(unsigned flags, double x)
{
    return !(flags & GIVEN_ONE_HOT) && !((flags & GIVEN_POSITIVE) && x <= 0) &&
           !((flags & GIVEN_UNIT) && (x <= 0 || x >= 1)) && !((flags & GIVEN_ZERO_ONE) && x != 0 && x != 1);
}

static bool simplify_leaf(const hunt *h, const failing *at, const leaf_row *leaf, numbers *n, bool elements)
{
    static const double simple[] = { 0, 1, 0.5 };
    unsigned flags = leaf->name.quantity->flags;
    bool any = false, done = false, plain = true; /* plain: zeros and ones, some of each: no whole number is simpler */
    for (int64_t i = 0; i < n->count; i++)
        plain &= n->value[i] == 0 || n->value[i] == 1;
    if (leaf->initial && h->as->zero_initial)
        return false;
    for (int k = 0; k < 3 && !done; k++) {
        if (!hunt_allowed(flags, simple[k]))
            continue;
        if (all_equal(n, simple[k]) || (k && plain))
            break;
        for (int64_t i = 0; i < n->count; i++)
            n->value[i] = simple[k];
        any |= done = keep(h, at, leaf, n);
    }
    if (!done && !all_equal(n, 0)) {
        bool fine = true;
        for (int64_t i = 0; i < n->count; i++) {
            n->value[i] = round(10 * n->value[i]) / 10;
            fine &= hunt_allowed(flags, n->value[i]);
        }
        if (!fine)
            memcpy(n->value, n->before, (size_t)n->count * sizeof *n->value);
        any |= keep(h, at, leaf, n);
    }
    for (int64_t i = 0; i < n->count && elements && n->count > 1 && n->count <= ELEMENTS &&
                        !(flags & (GIVEN_ONE_HOT | GIVEN_SYMMETRIC));
         i++)
        for (int k = 0; k < 2 && n->value[i] != simple[k]; k++)
            if (hunt_allowed(flags, simple[k])) {
                n->value[i] = simple[k];
                if (keep(h, at, leaf, n)) {
                    any = true;
                    break;
                }
            }
    return any;
}

/* Parameters become 0 first, then inputs, initial states last: an example with a state says most. */
static int turn_of(const leaf_row *leaf)
{
    return leaf->shared ? 0 : leaf->initial ? 2 : 1;
}

numbers *hunt_numbers(const hunt *h)
{
    const world *w = h->world;
    numbers *n = ARENA_ARRAY(&h->court->scratch, numbers, w->leaves + 1);
    for (int i = 0; n && i < w->leaves; i++) {
        const eddy_tensor *t = eddy_value(w->leaf[i].value.var);
        if (!t)
            return NULL;
        n[i].count = eddy_tensor_count(t);
        n[i].value = arena_new(&h->court->scratch, 2 * (size_t)n[i].count + 1, sizeof(double));
        if (!n[i].value)
            return NULL;
        n[i].before = n[i].value + n[i].count;
        for (int64_t k = 0; k < n[i].count; k++)
            n[i].value[k] = n[i].before[k] = eddy_tensor_flat(t, k);
    }
    return n;
}

static void simplify(const hunt *h, const failing *at, numbers *n)
{
    const world *w = h->world;
    bool again = true;
    for (int pass = 0; pass < PASSES && (again || pass == 1); pass++) {
        again = false;
        for (int turn = 0; turn < 3; turn++)
            for (int i = 0; i < w->leaves && world_clock() < h->until; i++)
                if (turn_of(&w->leaf[i]) == turn)
                    again |= simplify_leaf(h, at, &w->leaf[i], &n[i], pass > 0);
    }
    for (int i = 0; i < w->leaves; i++) { /* what cannot be 0 is told only if it matters */
        unsigned flags = w->leaf[i].name.quantity->flags;
        if (!(flags & (GIVEN_ONE_HOT | GIVEN_POSITIVE | GIVEN_UNIT)))
            continue;
        gap g = hunt_measure(h, at, REL_EQ), moved;
        eddy_set_item(w->leaf[i].value.var, 0.77);
        moved = hunt_measure(h, at, REL_EQ);
        hunt_set(&w->leaf[i], &n[i]);
        n[i].hidden = moved.difference == g.difference && moved.size == g.size;
    }
}

static double effort(const world *w, const numbers *n)
{
    double sum = 0;
    for (int i = 0; i < w->leaves; i++)
        for (int64_t k = 0; k < n[i].count && !n[i].hidden; k++)
            sum += n[i].value[k] == 0 ? 0 : n[i].value[k] == 1 ? 1 : 1.5;
    return sum;
}

/* ---- The report ---- */

/* One sample of a value. Rank 2: rows and columns; rank 1: a column. */
static number_row row_of(arena *a, const char *name, value v, const double *number, int64_t sample)
{
    number_row out = { .name = name, .rank = v.rank, .rows = 1, .columns = 1 };
    if (v.rank > 0)
        out.rows = (int)value_size(v, 0);
    if (v.rank > 1)
        out.columns = (int)value_size(v, 1);
    size_t each = (size_t)out.rows * (size_t)out.columns, first = v.batched ? (size_t)sample * each : 0;
    double *copy = arena_new(a, each, sizeof *copy);
    if (each == 1) /* a vector of one is written as a number */
        out.rank = 0;
    if (copy)
        memcpy(copy, number + first, each * sizeof *copy);
    out.value = copy;
    return out;
}

/* A given quantity with all its samples, which stand side by side as columns. */
static number_row given_row(arena *a, const char *name, value v, const numbers *n)
{
    int64_t B = v.batched ? eddy_size(v.var, 0) : 1, each = B ? n->count / B : 0;
    if (B == 1 || v.rank > 1)
        return row_of(a, name, v, n->value, 0);
    double *copy = arena_new(a, (size_t)n->count, sizeof *copy);
    for (int64_t b = 0; copy && b < B; b++)
        for (int64_t i = 0; i < each; i++)
            copy[i * B + b] = n->value[b * each + i];
    return (number_row){ .name = name, .rank = 2, .rows = (int)each, .columns = (int)B, .value = copy };
}

static const char *loss_text(const hunt *h)
{
    const world *w = h->world;
    arena *a = h->court->arena;
    if (!w->loss_numbers)
        return "";
    if (!w->options.tiny)
        return ", the loss at random";
    const quantity *loss = w->loss_number[0].loss;
    text out = { .arena = a };
    text_format(&out, ", $%s$ the sum of ", loss->shown);
    bool single = true, first = true;
    text formula = { .arena = a };
    text_format(&formula, ", $%s = ", loss->shown);
    for (int i = 0; i < w->loss_numbers; i++) {
        const struct loss_numbers *n = &w->loss_number[i];
        if (n->loss != loss || (n->read->timed && n->step != w->T))
            continue;
        const char *name = notation_at(a, n->read, arena_format(a, "%lld", (long long)n->step));
        eddy_shape shape = eddy_shape_of(n->g);
        single &= eddy_shape_count(&shape) == 1;
        text_format(&out, "%s$%s$", first ? "" : " and ", name);
        text_format(&formula, "%s%s", first ? "" : " + ", name);
        first = false;
    }
    text_add(&formula, "$");
    return first ? "" : text_done(single ? &formula : &out);
}

static const char *element_text(arena *a, value v, int64_t at, int64_t *sample)
{
    int64_t rows = v.rank > 0 ? value_size(v, 0) : 1, columns = v.rank > 1 ? value_size(v, 1) : 1,
            each = rows * columns;
    text out = { .arena = a };
    *sample = v.batched ? at / each : 0;
    if (v.rank > 1 && each > 1)
        text_format(&out, "row %lld, column %lld", (long long)(at % each / columns + 1), (long long)(at % columns + 1));
    else if (each > 1)
        text_format(&out, "row %lld", (long long)(at % each + 1));
    if (v.batched && eddy_size(v.var, 0) > 1)
        text_format(&out, "%sof sample %lld", out.length ? " " : "", (long long)*sample + 1);
    return text_done(&out);
}

static counterexample *told(const hunt *h, const failing *at, const numbers *n)
{
    const world *w = h->world;
    arena *a = h->court->arena;
    counterexample *out = ARENA_NEW(a, counterexample);
    text sizes = { .arena = a };
    if (!out)
        return NULL;
    for (int i = 0; i < w->scope->sizes; i++)
        text_format(&sizes, "%s$%s=%lld$", i ? ", " : "", w->scope->size[i].letter, (long long)w->size[i]);
    text_add(&sizes, loss_text(h));
    out->sizes = text_done(&sizes);
    out->where = at->where;
    out->others_zero = true;
    out->given = ARENA_ARRAY(a, number_row, w->leaves + 1);
    for (int i = 0; out->given && i < w->leaves; i++) {
        const node_name *name = &w->leaf[i].name;
        if (all_equal(&n[i], 0) || n[i].hidden)
            continue;
        const char *shown =
            arena_format(a, "$%s$", notation_at(a, name->quantity, arena_format(a, "%lld", (long long)name->step)));
        out->given[out->givens++] = given_row(a, shown, w->leaf[i].value, &n[i]);
    }
    look now = hunt_look(h, at);
    gap g = gap_of(now.left.var, now.right.var, h->claim->relation);
    int64_t sample;
    out->element = element_text(a, now.left, g.worst, &sample);
    for (int side = 0; out && side < 2; side++) {
        const eddy_tensor *t = eddy_value(side ? now.right.var : now.left.var);
        const char *name =
            arena_format(a, "$%s$", latex_text(a, side ? h->claim->right : h->claim->left, LATEX_SOURCE));
        int64_t count = t ? eddy_tensor_count(t) : 0;
        double *flat = t ? arena_new(a, (size_t)count + 1, sizeof *flat) : NULL;
        for (int64_t i = 0; flat && i < count; i++)
            flat[i] = eddy_tensor_flat(t, i) + 0.0; /* no -0 */
        if (flat) {
            *(side ? &out->right : &out->left) = row_of(a, name, side ? now.right : now.left, flat, sample);
            *(side ? &out->right_value : &out->left_value) = flat[g.worst];
        } else
            out = NULL;
    }
    hunt_looked(h, &now);
    return out;
}

static counterexample *in_world(hunt *h, const world_options *options)
{
    fault f = { 0 };
    arena *scratch = &h->court->scratch;
    arena_position position = arena_now(scratch);
    counterexample *out = NULL;
    double least = INFINITY;
    h->count = 0;
    h->world = world_new(scratch, h->court->scope, options, &f);
    if (!h->world) {
        arena_reset(scratch, position);
        return NULL;
    }
    judge_instances(h->world, h->claim, &f, collect, h);
    const numbers *drawn = h->count ? hunt_numbers(h) : NULL;
    for (int i = 0; drawn && i < h->count; i++) {
        numbers *n = hunt_numbers(h);
        if (!n)
            break;
        if (h->violations && !hunt_climb(h, &h->at[i], n)) {
            for (int k = 0; k < h->world->leaves; k++)
                hunt_set(&h->world->leaf[k], &drawn[k]);
            continue;
        }
        simplify(h, &h->at[i], n);
        double e = effort(h->world, n);
        if (e < least) {
            counterexample *simpler = told(h, &h->at[i], n);
            out = simpler ? simpler : out;
            least = e;
        }
        for (int k = 0; k < h->world->leaves; k++)
            hunt_set(&h->world->leaf[k], &drawn[k]);
    }
    world_free(h->world);
    arena_reset(scratch, position);
    return out;
}

counterexample *violation_of(court *c, const claimed *claim, const assumption *as)
{
    static const int64_t sizes[][2] = { { 1, 1 }, { 2, 1 }, { 1, 2 }, { 2, 2 }, { 3, 2 } }; /* steps, others */
    hunt h = { .court = c, .claim = claim, .as = as, .until = c->until, .violations = true, .climbs = 6000 };
    counterexample *found = NULL;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && !found && h.climbs > 0; i++) {
        world_options o = { .tiny = true, .kappa = !as->no_kappa, .zero_initial = as->zero_initial };
        o.batch = 1, o.steps = sizes[i][0], o.other = sizes[i][1];
        found = in_world(&h, &o);
    }
    return found;
}

counterexample *example_of(court *c, const claimed *claim, const assumption *as)
{
    static const struct {
        int64_t batch, steps, other;
    } sizes[] = { { 1, 1, 1 }, { 1, 2, 1 }, { 1, 3, 1 }, { 1, 1, 2 }, { 1, 2, 2 },
                  { 1, 3, 2 }, { 2, 1, 1 }, { 2, 2, 1 }, { 2, 2, 2 }, { 2, 3, 0 } };
    hunt h = { .court = c, .claim = claim, .as = as, .until = c->until };
    counterexample *found = NULL;
    if (claim->relation == REL_NE)
        return NULL;
    for (int tiny = 1; tiny >= 0; tiny--)
        for (int kappa = 0; kappa <= !as->no_kappa; kappa++)
            for (size_t i = 0; i < sizeof sizes / sizeof *sizes && !found && world_clock() < h.until; i++) {
                world_options o = { .tiny = tiny, .kappa = kappa, .zero_initial = as->zero_initial };
                o.batch = sizes[i].batch, o.steps = sizes[i].steps, o.other = sizes[i].other;
                if (!(as->one_sample && o.batch > 1))
                    found = in_world(&h, &o);
            }
    return found;
}
