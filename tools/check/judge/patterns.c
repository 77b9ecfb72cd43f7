/* What distinguishes the two sides of a false claim: a constant, a size, a factor, a term, a step, a transposition.
 * What is found is true in every world. */
#include "patterns.h"
#include "reader.h"
#include "meaning.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Both sides in numbers ---- */

double *spots_numbers(spots *s, const world *w, value v)
{
    const eddy_tensor *t = value_ok(v) ? eddy_value(v.var) : NULL;
    int64_t count = t ? eddy_tensor_count(t) : 0;
    double *x = t ? arena_new(s->arena, (size_t)count + 1, sizeof *x) : NULL;
    for (int64_t i = 0; x && i < count; i++)
        x[i] = eddy_tensor_flat(t, i);
    if (!x) {
        eddy_clear_error(w->tape);
        ((world *)(uintptr_t)w)->fault.kind = FAULT_NONE;
    }
    return x;
}

evaluation spots_evaluation(const spots *s, const spot *at)
{
    return judge_evaluation(at->world, at->world->base, s->claim, &s->as, at->env);
}

static const binding *copied(arena *a, const binding *env)
{
    binding *b = env ? ARENA_NEW(a, binding) : NULL;
    if (!b)
        return NULL;
    *b = *env;
    b->outer = copied(a, env->outer);
    return b;
}

static double largest(const double *x, int64_t count)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++)
        most = isfinite(x[i]) ? fmax(most, fabs(x[i])) : INFINITY;
    return most;
}

typedef struct gathering {
    spots *spots;
    world *world;
    int which;
} gathering;

static bool gather_one(void *context, const binding *env, int64_t t)
{
    gathering *g = context;
    spots *s = g->spots;
    world *w = g->world;
    spot *at = &s->spot[s->count];
    value left, right;
    if (s->count == PATTERN_SPOTS / JUDGE_WORLDS * (g->which + 1))
        return !(s->partly = true);
    if (s->as.span == SPAN_LAST && t != w->T)
        return true;
    *at = (spot){
        .world = w, .which = g->which, .t = t, .env = copied(s->arena, env), .rows = 1, .columns = 1, .samples = 1
    };
    evaluation e = judge_evaluation(w, w->base, s->claim, &s->as, env);
    if (!judge_sides(&e, s->claim, &left, &right)) {
        s->failed |= w->fault.kind != FAULT_STEP;
        eddy_clear_error(w->tape);
        w->fault.kind = FAULT_NONE;
        return !s->failed;
    }
    at->rank = left.rank, at->batched = left.batched;
    if (left.batched)
        at->samples = w->B;
    if (left.rank > 0)
        at->rows = value_size(left, 0);
    if (left.rank > 1)
        at->columns = value_size(left, 1);
    at->left = spots_numbers(s, w, left), at->right = spots_numbers(s, w, right);
    if (!at->left || !at->right)
        return !(s->failed = true);
    int64_t count = at->samples * at->rows * at->columns;
    at->left_most = largest(at->left, count), at->right_most = largest(at->right, count);
    s->failed |= !isfinite(at->left_most) || !isfinite(at->right_most);
    for (int64_t i = 0; at->rank == 2 && i < count; i++)
        if (at->rows != at->columns ||
            (i % (at->rows * at->columns) % (at->columns + 1) && (at->left[i] != 0 || at->right[i] != 0)))
            s->diagonal = false;
    s->rank = at->rank;
    s->count++;
    return true;
}

bool spots_gather(spots *s)
{
    s->count = 0;
    s->failed = false;
    s->diagonal = true;
    for (int i = 0; i < JUDGE_WORLDS; i++) {
        fault f = { 0 };
        gathering g = { s, court_world(s->court, s->claim, i, &s->as, &f), i };
        int before = s->count;
        if (!g.world)
            return false;
        judge_instances(g.world, s->claim, &f, gather_one, &g);
        double most = 0;
        for (int k = before; k < s->count; k++)
            most = fmax(most, s->spot[k].left_most);
        if (s->failed || most == 0)
            return false;
    }
    return true;
}

/* ---- A constant, or sizes ---- */

static bool same(double x, double y)
{
    return fabs(x - y) <= 1e-9 * fmax(fabs(x), fabs(y));
}

/* right = ratio * left everywhere in this world */
static bool ratio_in(const spots *s, int which, double *ratio)
{
    bool known = false;
    for (int k = 0; k < s->count; k++) {
        const spot *at = &s->spot[k];
        int64_t count = at->samples * at->rows * at->columns, pivot = 0;
        if (at->which != which || (at->left_most == 0 && at->right_most == 0))
            continue;
        for (int64_t i = 0; i < count; i++)
            if (fabs(at->left[i]) > fabs(at->left[pivot]))
                pivot = i;
        if (at->left[pivot] == 0)
            return false;
        if (!known)
            *ratio = at->right[pivot] / at->left[pivot];
        known = true;
        for (int64_t i = 0; i < count; i++)
            if (fabs(at->right[i] - *ratio * at->left[i]) > 1e-9 * at->right_most)
                return false;
    }
    return known && *ratio != 0;
}

static const char *constant(spots *s)
{
    static const struct {
        double ratio;
        const char *words;
    } known[] = { { -1, "the right side has the wrong sign" },
                  { 2, "the right side is twice the left side" },
                  { 0.5, "the right side is half of the left side" },
                  { -2, "the right side is $-2$ times the left side" },
                  { -0.5, "the right side is $-\\frac{1}{2}$ times the left side" } };
    double ratio[JUDGE_WORLDS];
    const world *w[JUDGE_WORLDS] = { NULL };
    arena *a = s->court->arena;
    for (int i = 0; i < JUDGE_WORLDS; i++)
        if (!ratio_in(s, i, &ratio[i]))
            return NULL;
    for (int k = 0; k < s->count; k++)
        w[s->spot[k].which] = s->spot[k].world;
    bool equal = same(ratio[0], ratio[1]) && same(ratio[0], ratio[2]);
    for (size_t i = 0; equal && i < sizeof known / sizeof *known; i++)
        if (same(ratio[0], known[i].ratio))
            return known[i].words;
    const scope *sc = s->court->scope;
    for (int i = 0; i < sc->sizes; i++)
        for (int j = -1; j < i; j++) { /* also products of two */
            for (int turned = 0; turned < 2; turned++)
                for (int sign = 1; sign >= -1; sign -= 2) {
                    bool all = true;
                    for (int k = 0; k < JUDGE_WORLDS; k++) {
                        double size = (double)w[k]->size[i] * (j < 0 ? 1 : (double)w[k]->size[j]);
                        all &= same(ratio[k], sign * (turned ? 1 / size : size));
                    }
                    const char *name =
                        j < 0 ? sc->size[i].letter : arena_format(a, "%s %s", sc->size[j].letter, sc->size[i].letter);
                    if (all)
                        return arena_format(
                            a, "the right side has an extra factor $%s%s$", sign < 0 ? "-" : "",
                            turned ? arena_format(a, "1/%s", j < 0 ? name : arena_format(a, "(%s)", name)) : name);
                }
        }
    return equal && fabs(ratio[0] - 1) > 1e-3
               ? arena_format(a, "the right side is $%.6g$ times the left side", ratio[0])
               : NULL;
}

/* ---- Transposed, another step, by the argument ---- */

static const char *transposed(const spots *s)
{
    for (int k = 0; k < s->count; k++) {
        const spot *at = &s->spot[k];
        int64_t n = at->rows;
        if (at->rank != 2 || n != at->columns)
            return NULL;
        for (int64_t b = 0; b < at->samples; b++)
            for (int64_t i = 0; i < n; i++)
                for (int64_t j = 0; j < n; j++)
                    if (fabs(at->left[(b * n + i) * n + j] - at->right[(b * n + j) * n + i]) > 1e-9 * at->left_most)
                        return NULL;
    }
    return "the right side is the transpose of the left side";
}

/* Is this value the spot's left (or right) side? */
static bool meets(spots *s, const spot *at, value v, bool left)
{
    value x, y;
    evaluation e = spots_evaluation(s, at);
    x = meaning_of(&e, left ? s->claim->left : s->claim->right);
    y = v;
    double *a = NULL, *b = NULL;
    if (value_ok(x) && value_ok(y) && value_meet(&at->world->algebra, &x, &y)) {
        a = spots_numbers(s, at->world, x);
        b = spots_numbers(s, at->world, y);
    }
    eddy_clear_error(at->world->tape);
    at->world->fault.kind = FAULT_NONE;
    if (!a || !b)
        return false;
    eddy_shape shape = eddy_shape_of(x.var);
    int64_t count = eddy_shape_count(&shape);
    double most = fmax(largest(a, count), largest(b, count));
    for (int64_t i = 0; i < count; i++)
        if (fabs(a[i] - b[i]) > 1e-9 * most)
            return false;
    return true;
}

static const char *shifted(spots *s)
{
    for (int shift = 1; shift >= -1; shift -= 2) {
        bool all = true;
        int met[JUDGE_WORLDS] = { 0 };
        for (int k = 0; k < s->count && all; k++) {
            const spot *at = &s->spot[k];
            if (!at->t || at->t + shift < 1 || at->t + shift > at->world->T || at->left_most == 0)
                continue;
            binding *env = (binding *)(uintptr_t)copied(s->arena, at->env);
            for (binding *b = env; b; b = (binding *)(uintptr_t)b->outer)
                if (!strcmp(b->letter, "t"))
                    b->value += shift;
            evaluation e = judge_evaluation(at->world, at->world->base, s->claim, &s->as, env);
            all = meets(s, at, meaning_of(&e, s->claim->right), true);
            met[at->which] += all;
        }
        if (all && met[0] && met[1] && met[2])
            return shift > 0
                       ? "it is the right side at $t+1$ that is equal to the left side at $t$: they are one step apart"
                       : "it is the right side at $t-1$ that is equal to the left side at $t$: they are one step apart";
    }
    return NULL;
}

/* partial y / partial v on the left, and v = f(a): is the right side partial y / partial a? */
static const char *by_argument(spots *s)
{
    const tree *left = s->claim->left;
    symbol_use above, below;
    const char *name = NULL, *of = NULL;
    scope *sc = s->court->scope;
    if (left->kind != TREE_DERIV || left->held)
        return NULL;
    for (int k = 0; k < s->count; k++) {
        const spot *at = &s->spot[k];
        node_name y = { 0 }, v = { 0 };
        fault f = { 0 };
        if (!scope_symbol(sc, left->child[0], at->env, &above) || !scope_symbol(sc, left->child[1], at->env, &below) ||
            !above.quantity || !below.quantity || !below.quantity->argument || above.indices > above.quantity->timed ||
            below.indices > below.quantity->timed)
            return NULL;
        y.quantity = above.quantity, v.quantity = below.quantity->argument;
        if ((above.indices && !scope_index(sc, above.index[0], at->env, &y.step, &f)) ||
            (below.indices && !scope_index(sc, below.index[0], at->env, &v.step, &f)))
            return NULL;
        evaluation e = spots_evaluation(s, at);
        int before = e.context->derivatives;
        value d = derivative_of(&e, y, v, false);
        e.context->derivatives = before; /* the oracle need not look at it */
        if (!meets(s, at, d, false))
            return NULL;
        if (!name && at->t) {
            name = notation_near(s->court->arena, v.quantity, v.step - at->t);
            of = notation_near(s->court->arena, below.quantity, v.step - at->t);
        }
    }
    return name ? arena_format(s->court->arena, "the derivative by $%s$, the argument of $%s$'s function", name, of)
                : NULL;
}

/* ---- All of them ---- */

static const char *search(court *c, const claimed *claim, const assumption *as, double until)
{
    spots s = { .court = c, .claim = claim, .as = *as, .arena = &c->scratch, .until = until };
    arena *a = c->arena;
    const char *found, *argument;
    if (claim->relation != REL_EQ)
        return NULL;
    if (!spots_gather(&s) || s.partly)
        return as->span == SPAN_ALL ? edits_find(c, claim, as, until) : NULL;
    if ((found = constant(&s)) || (found = transposed(&s)))
        return found;
    argument = by_argument(&s);
    found = factors_find(&s, false);
    if (argument)
        return found ? arena_format(a, "%s: it is %s", found, argument)
                     : arena_format(a, "the right side is %s", argument);
    if (!found && as->span == SPAN_ALL)
        found = edits_find(c, claim, as, until);
    if (found || (found = shifted(&s)))
        return found;
    return factors_find(&s, true);
}

const char *pattern_of(court *c, const claimed *claim, const assumption *as)
{
    arena_position position = arena_now(&c->scratch);
    double until = c->until;
    const char *found = search(c, claim, as, until);
    if (!found && claim_has_time(c->scope, claim)) {
        assumption last = *as;
        last.span = SPAN_LAST;
        last.no_kappa = may_read(c->scope);
        found = search(c, claim, &last, until);
        if (found)
            found = arena_format(c->arena, "if %s, %s", assumption_text(c->arena, c, claim, &last), found);
    }
    arena_reset(&c->scratch, position);
    return found;
}
