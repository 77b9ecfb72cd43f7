/* One claim, many instances: evaluation of both sides and their comparison. */
#include "court.h"
#include "reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CLAIMED 1e-12 /* relative: what f64 is trusted for without further ado; beyond it, what rounding explains */

/* ---- Both sides ---- */

evaluation judge_evaluation(world *w, wiring *c, const claimed *claim, const assumption *as, const binding *env)
{
    evaluation e = { .context = c, .world = w, .env = env, .reading = as->reading };
    world_take_sizes(w);
    w->algebra.loose = as->reading.loose;
    w->algebra.sides = as->reading.sides;
    w->algebra.apart = as->reading.apart;
    if (as->reading.differentials)
        e.moved = ARENA_NEW(w->arena, moving);
    if (formula_has_kind(claim->formula, TREE_PLACE))
        meaning_find_places(&e, claim->formula->child[0]);
    return e;
}

bool judge_sides(evaluation *e, const claimed *claim, value *left, value *right)
{
    if (e->moved) { /* what moves is said on the right */
        *right = meaning_of(e, claim->right);
        *left = value_ok(*right) ? meaning_moved(e, claim->differential) : *right;
    } else {
        *left = meaning_of(e, claim->left);
        if (!value_ok(*left))
            return false;
        e->rows = left->rank == 2 || !left->row ? value_size(*left, 0) : 1;
        e->rows = left->rank ? e->rows : 0;
        e->per_sample = left->batched;
        *right = meaning_of(e, claim->right);
        e->rows = 0;
    }
    return value_ok(*left) && value_ok(*right) && value_meet(&e->world->algebra, left, right) &&
           (claim->relation != REL_PROPTO || judge_scale(e, claim, *left, right));
}

/* ---- Comparison ---- */

typedef struct comparison {
    double difference, size; /* largest |l - r|; largest |l| or |r| */
    int64_t count;           /* of elements */
    bool finite, touching;   /* touching: the sides are equal somewhere, which a strict inequality forbids */
} comparison;

static double excess(tree_relation relation, double l, double r)
{
    switch (relation) {
    case REL_LE:
    case REL_LT:
        return l > r ? l - r : 0;
    case REL_GE:
    case REL_GT:
        return l < r ? r - l : 0;
    default:
        return fabs(l - r);
    }
}

static comparison compare(eddy_var left, eddy_var right, tree_relation relation)
{
    comparison c = { .finite = true };
    const eddy_tensor *l = eddy_value(left), *r = eddy_value(right);
    if (!l || !r)
        return (comparison){ 0 };
    c.count = eddy_tensor_count(l);
    for (int64_t i = 0; i < c.count; i++) {
        double x = eddy_tensor_flat(l, i), y = eddy_tensor_flat(r, i), d = excess(relation, x, y);
        bool below = relation == REL_LE || relation == REL_LT, above = relation == REL_GE || relation == REL_GT;
        if ((below && isfinite(x) && y == INFINITY) || (above && isfinite(y) && x == INFINITY)) {
            c.size = fmax(c.size, fmax(1, fabs(below ? x : y))); /* a bound that overflows is one, if not a sharp one */
            continue;
        }
        if (!isfinite(x) || !isfinite(y))
            c.finite = false;
        c.touching |= x == y;
        c.difference = fmax(c.difference, d);
        c.size = fmax(c.size, fmax(fabs(x), fabs(y)));
    }
    return c;
}

static const double ROUNDING = 4.4e-16;

enum { NOISE_ROUNDS = 6 };

/* How much both sides move when every leaf moves by a part of itself, so often; with a part of 4.4e-16 it is what
 * rounding may do to them. */
static double shaken(world *w, eddy_var left, eddy_var right, double by, int rounds)
{
    double moved = 0, *first[2] = { NULL, NULL };
    int64_t counts[2] = { 0, 0 };
    arena_position position = arena_now(w->arena);
    struct kept {
        double *number;
        int64_t count;
    } *kept = ARENA_ARRAY(w->arena, struct kept, w->leaves + 1);
    for (int i = 0; kept && i < w->leaves; i++) {
        const eddy_tensor *t = eddy_value(w->leaf[i].value.var);
        int64_t n = t ? eddy_tensor_count(t) : 0;
        kept[i].number = ARENA_ARRAY(w->arena, double, 2 * n + 1);
        kept[i].count = kept[i].number ? n : 0;
        for (int64_t k = 0; k < kept[i].count; k++)
            kept[i].number[k] = eddy_tensor_flat(t, k);
    }
    for (int round = 0; kept && round <= rounds + 1;
         round++) { /* round 0: as it is; the last one puts everything back */
        for (int i = 0; round && i < w->leaves; i++) {
            int64_t n = kept[i].count;
            double *from = kept[i].number, *to = from + n;
            eddy_random random = { .seed = 5, .stream = (uint64_t)(i * 64 + round) };
            for (int64_t k = 0; k < n; k++)
                to[k] = from[k] * (round > rounds ? 1 : 1 + by * (2 * eddy_random_uniform(random, (uint64_t)k) - 1));
            if (n)
                eddy_set(w->leaf[i].value.var, to, (size_t)n * sizeof *to);
        }
        for (int side = 0; round <= rounds && side < 2; side++) {
            const eddy_tensor *t = eddy_value(side ? right : left);
            if (!round && t) {
                counts[side] = eddy_tensor_count(t);
                first[side] = ARENA_ARRAY(w->arena, double, counts[side] + 1);
            }
            for (int64_t k = 0; first[side] && t && k < counts[side]; k++) {
                double x = eddy_tensor_flat(t, k);
                if (round)
                    moved = fmax(moved, fabs(x - first[side][k]));
                else
                    first[side][k] = x;
            }
        }
    }
    arena_reset(w->arena, position);
    return moved;
}

/* A large number may hide everything beside it: do the sides see at all that their inputs change by a thousandth? */
static bool absorbed(world *w, eddy_var left, eddy_var right, double size)
{
    double moved = shaken(w, left, right, 1e-3, NOISE_ROUNDS);
    return moved > 0 ? moved < 1e-9 * size : w->leaves > 0;
}

/* Which summands of a side are 0, a bit for each; all bits if it cannot be evaluated. For cuts: they must not empty a
 * side. */
static uint64_t zero_summands(evaluation *e, const tree *t)
{
    int count = t->kind == TREE_ADD ? t->count : 1;
    uint64_t zero = 0;
    for (int i = 0; i < count; i++) {
        value v = meaning_of(e, t->kind == TREE_ADD ? t->child[i] : t);
        if (!value_ok(v))
            return ~(uint64_t)0;
        if (compare(v.var, v.var, REL_EQ).size == 0)
            zero |= (uint64_t)1 << (i < 63 ? i : 63);
    }
    return zero;
}

/* The largest number among a side's summands: what is left when they cancel is rounding of these. */
static double summand_size(evaluation *e, const tree *t)
{
    double most = 0;
    if (t->kind == TREE_ADD || t->kind == TREE_NEG) {
        for (int i = 0; i < t->count; i++)
            most = fmax(most, summand_size(e, t->child[i]));
        return most;
    }
    fault before = e->world->fault;
    bool product = t->kind == TREE_MUL && t->count > 1; /* p (1 - p), J 1: as exact as what its factors are made of */
    for (int i = 0; product && i < t->count; i++)
        most = (i ? most : 1) * summand_size(e, t->child[i]);
    if (product && !e->world->fault.kind)
        return most;
    if (product) { /* f(a + b): no product */
        e->world->fault = before;
        eddy_clear_error(e->world->tape);
    }
    value v = meaning_of(e, t);
    return value_ok(v) ? compare(v.var, v.var, REL_EQ).size : 0;
}

/* ---- A run ---- */

/* The context in which the assumption's edges are cut at step t; the base without cuts. What it records on the tape is
 * dropped once the instances of its step are done: those share it. */
typedef struct context_mark {
    wiring *context;
    eddy_mark mark;
    arena_position position;
    int64_t t, nodes;
    bool temporary;
} context_mark;

typedef struct run {
    court *court;
    const claimed *claim;
    const assumption *as;
    world *world;
    tally *out;
    judge_stop stop;
    const char *earlier; /* claim_earlier */
    bool all_zero[SPANS];
    int64_t finite, infinite; /* instances; those whose sides are no numbers say nothing while they are the fewer */
    char infinite_where[128];
    context_mark at;
} run;

static bool in_span(const run *r, span s, const binding *env, int64_t t)
{
    const int64_t T = r->world->T;
    const binding *other = NULL;
    if (s == SPAN_EARLIER)
        return r->earlier && scope_letter(r->world->scope, r->earlier, env, &other) == LETTER_INDEX && other &&
               other->value < t;
    return s == SPAN_ALL || (s == SPAN_LAST && t == T) || (s == SPAN_NOT_LAST && t != T) ||
           (s == SPAN_NOT_FIRST && t != 1) || (s == SPAN_FIRST && t == 1);
}

static void describe(const world *w, const claimed *claim, const binding *env, char *out, size_t size)
{
    size_t used = 0;
    (void)w, (void)claim;
    *out = 0;
    for (const binding *b = env; b && used + 1 < size; b = b->outer) {
        int n =
            b->kind == LETTER_LABEL
                ? snprintf(out + used, size - used, "%s$%s=%s$", used ? ", " : "", b->letter, b->label)
                : snprintf(out + used, size - used, "%s$%s=%lld$", used ? ", " : "", b->letter, (long long)b->value);
        used += n > 0 ? (size_t)n : 0;
    }
}

static void note(run *r, outcome o, const binding *env, int64_t t)
{
    tally *out = r->out;
    for (int s = 0; s < SPANS; s++)
        if (in_span(r, (span)s, env, t)) {
            out->some[s] = true;
            if (o != OUTCOME_PASS)
                out->pass[s] = false;
        }
    if (in_span(r, r->as->span, env, t) && o != OUTCOME_PASS && (out->outcome == OUTCOME_PASS || o > out->outcome)) {
        out->outcome = o;
        out->where_t = t;
        describe(r->world, r->claim, env, out->where, sizeof out->where);
        if (r->world->fault.kind)
            snprintf(out->sentence, sizeof out->sentence, "%s", r->world->fault.sentence);
    }
}

static bool prepare(void *context, const binding *env, int64_t t)
{
    run *r = context;
    value left, right;
    (void)t;
    evaluation e = judge_evaluation(r->world, r->world->base, r->claim, r->as, env);
    judge_sides(&e, r->claim, &left, &right);
    zero_summands(&e, r->claim->left);
    zero_summands(&e, r->claim->right);
    eddy_clear_error(r->world->tape);
    r->world->fault.kind = FAULT_NONE;
    return true;
}

static void context_done(run *r)
{
    if (r->at.temporary) {
        eddy_reset(r->world->tape, r->at.mark);
        arena_reset(&r->court->scratch, r->at.position);
    }
    r->at = (context_mark){ 0 };
}

/* Nodes that the instances of one step record before they get a context of their own: the tape has a limit. */
enum { SHARED_NODES = 200000 };

static wiring *context_use(run *r, int64_t t)
{
    world *w = r->world;
    context_mark *m = &r->at;
    if (!r->as->cuts)
        return w->base;
    if (m->context && m->t == t && eddy_node_count(w->tape) < m->nodes + SHARED_NODES)
        return m->context;
    context_done(r);
    if (w->prepared != r->claim->right) { /* the base must not grow between mark and reset */
        fault f = { 0 };
        judge_instances(w, r->claim, &f, prepare, r);
        w->prepared = r->claim->right; /* claims come and go at one address, their trees stay */
    }
    *m = (context_mark){ .mark = eddy_mark_now(w->tape),
                         .position = arena_now(&r->court->scratch),
                         .context = context_new(w, &r->court->scratch),
                         .nodes = eddy_node_count(w->tape),
                         .t = t,
                         .temporary = true };
    for (int i = 0; m->context && i < r->as->cuts; i++)
        cut_apply(&r->as->cut[i], w, t, m->context);
    return m->context;
}

/* Can a span that has this step still pass? Under cuts the first and the last step alone are no conditions: terms
 * outside 1 .. T are 0 there, and a cut easily makes the others so. */
static bool is_open(const run *r, const binding *env, int64_t t)
{
    for (int s = 0; s < SPANS; s++)
        if (r->out->pass[s] && in_span(r, (span)s, env, t) && !(r->as->cuts && (s == SPAN_FIRST || s == SPAN_LAST)))
            return true;
    return false;
}

/* What has been remembered of the tape: while it does not grow, what an instance records can be dropped again. */
static int64_t remembered(const world *w, const wiring *wired)
{
    return w->leaves + w->loss_numbers + w->base->kept + (wired != w->base ? wired->kept : 0);
}

/* What no wrong formula is off by in every world: in this one a state has grown until rounding inside it shows. */
static const double EXPLODED = 1e-9;

static bool says_nothing(run *r, const binding *env, int64_t t)
{
    if (in_span(r, r->as->span, env, t) && !r->infinite++)
        describe(r->world, r->claim, env, r->infinite_where, sizeof r->infinite_where);
    return true;
}

static bool one_instance(run *r, wiring *wired, const binding *env, int64_t t)
{
    world *w = r->world;
    tally *out = r->out;
    evaluation e = judge_evaluation(w, wired, r->claim, r->as, env);
    value left, right;
    int64_t diagonals = w->algebra.diagonals, besides = w->algebra.besides;
    outcome o;
    bool there = judge_sides(&e, r->claim, &left, &right);
    if (there && (!eddy_value(left.var) || !eddy_value(right.var)))
        there = fault_set(&w->fault, FAULT_TAPE, "%s", fault_plain(eddy_error(w->tape)));
    if (!there) {
        fault_kind kind = w->fault.kind;
        if (kind == FAULT_STEP) { /* this instance says nothing */
            w->fault.kind = FAULT_NONE;
            return true;
        }
        o = kind == FAULT_SHAPES ? OUTCOME_SHAPES : OUTCOME_NOT_READ;
        note(r, o, env, t);
        eddy_clear_error(w->tape);
        w->fault.kind = FAULT_NONE;
        return false;
    }
    out->diagonal |= w->algebra.diagonals != diagonals;
    out->beside |= w->algebra.besides != besides;
    out->per_sample |= e.per_sample;
    comparison c = compare(left.var, right.var, r->claim->relation);
    if (!c.finite)
        return says_nothing(r, env, t);
    double relative = c.size > 0 ? c.difference / c.size : 0, tolerance = CLAIMED;
    if (c.size > 0)
        out->zero = false;
    for (int s = 0; s < SPANS; s++)
        if (c.size > 0 && in_span(r, (span)s, env, t))
            r->all_zero[s] = false;
    if (relative <= tolerance)
        o = OUTCOME_PASS;
    else if (relative > 1e-6 && c.difference > 1e-8 &&
             (r->stop || out->outcome != OUTCOME_PASS ||
              c.difference > 1e4 * shaken(w, left.var, right.var, ROUNDING, 1)))
        o = OUTCOME_FAIL; /* beyond doubt; of a whole run the first one is shaken once, at least */
    else {                /* nearly equal, or nearly zero: measured against what rounding does to the two sides */
        double noise = shaken(w, left.var, right.var, ROUNDING, NOISE_ROUNDS), scale = fmax(c.size, noise / 2.2e-16);
        tolerance += scale > 0 ? 100 * noise / scale : 0;
        relative = scale > 0 ? c.difference / scale : 0;
        bool hidden = c.difference > 1e-8 && c.difference > 1e-6 * c.size &&
                      c.difference <= 100 * noise; /* cancellation: rounding alone could do this */
        o = hidden                  ? OUTCOME_UNSURE
            : relative <= tolerance ? OUTCOME_PASS
            : tolerance > 1e-4      ? OUTCOME_UNSURE
                                    : OUTCOME_FAIL;
        if (o == OUTCOME_FAIL && relative < EXPLODED)
            return says_nothing(r, env, t);
    }
    r->finite++;
    if (o == OUTCOME_FAIL && c.difference < 1e-8 &&
        c.difference <= 1e-13 * fmax(summand_size(&e, r->claim->left), summand_size(&e, r->claim->right)))
        o = OUTCOME_PASS;
    if (r->claim->relation == REL_NE && o != OUTCOME_UNSURE)
        o = o == OUTCOME_PASS ? OUTCOME_FAIL : OUTCOME_PASS;
    if ((r->claim->relation == REL_LT || r->claim->relation == REL_GT) && o == OUTCOME_PASS && c.touching)
        o = OUTCOME_FAIL;
    if (o == OUTCOME_PASS && c.size > 1e5 && absorbed(w, left.var, right.var, c.size))
        o = OUTCOME_UNSURE;
    if (o == OUTCOME_PASS && r->as->cuts) {
        evaluation plain = e;
        plain.context = w->base;
        if ((zero_summands(&e, r->claim->left) & ~zero_summands(&plain, r->claim->left)) ||
            (zero_summands(&e, r->claim->right) & ~zero_summands(&plain, r->claim->right)))
            o = OUTCOME_FAIL;
    }
    if (in_span(r, r->as->span, env, t)) {
        out->compared += c.count;
        if (relative > out->error) {
            out->error = relative;
            out->tolerance = tolerance;
        }
    }
    note(r, o, env, t);
    return !(r->stop == STOP_FIRST && o != OUTCOME_PASS && in_span(r, r->as->span, env, t));
}

static bool one(void *context, const binding *env, int64_t t)
{
    run *r = context;
    world *w = r->world;
    if (r->stop == STOP_DECIDED && !is_open(r, env, t))
        return true;
    wiring *wired = context_use(r, t);
    if (!wired) {
        fault_set(&w->fault, FAULT_TOO_BIG, "memory is short");
        return false;
    }
    eddy_mark mark = eddy_mark_now(w->tape);
    int64_t before = remembered(w, wired);
    bool on = one_instance(r, wired, env, t);
    if (remembered(w, wired) == before)
        eddy_reset(w->tape, mark);
    return on;
}

void judge_run(court *c, const claimed *claim, const assumption *as, int worlds, judge_stop stop, tally *out)
{
    *out = (tally){ .zero = true };
    run r = { .court = c, .claim = claim, .as = as, .out = out, .stop = stop };
    r.earlier = claim_earlier(c->scope, claim);
    for (int s = 0; s < SPANS; s++)
        out->pass[s] = r.all_zero[s] = true;
    if (c->work > c->most) {
        out->outcome = OUTCOME_NOT_READ;
        snprintf(out->sentence, sizeof out->sentence, "it takes more work than is allowed for it");
        return;
    }
    for (int i = 0; i < worlds; i++) {
        fault f = { 0 };
        r.world = court_world(c, claim, i, as, &f);
        if (!r.world) {
            out->outcome = OUTCOME_NOT_READ;
            snprintf(out->sentence, sizeof out->sentence, "%s", f.sentence);
            return;
        }
        bool done = judge_instances(r.world, claim, &f, one, &r);
        context_done(&r);
        c->work += r.world->spent;
        if (f.kind) {
            out->outcome = OUTCOME_NOT_READ;
            snprintf(out->sentence, sizeof out->sentence, "%s", f.sentence);
            return;
        }
        if (!done) { /* cut short: nothing is known of what comes after */
            memset(out->pass, 0, sizeof out->pass);
            if (out->outcome == OUTCOME_PASS)
                out->outcome = OUTCOME_SHAPES;
            break;
        }
    }
    for (int s = 0; s < SPANS; s++)
        out->pass[s] &= out->some[s] && !r.all_zero[s];
    if (out->outcome == OUTCOME_PASS && r.infinite > r.finite) {
        out->outcome = OUTCOME_UNSURE;
        out->error = INFINITY;
        memcpy(out->where, r.infinite_where, sizeof out->where);
    } else if (out->outcome == OUTCOME_PASS && !out->some[as->span])
        out->outcome = OUTCOME_NOWHERE;
    if (out->outcome == OUTCOME_PASS && out->zero)
        out->pass[SPAN_ALL] = true;
}

/* Does I stand as a term or a factor, in no denominator, where it would be no size beside a derivative? */
static bool has_identity(const tree *t)
{
    if (t->kind == TREE_SYMBOL)
        return !strcmp(t->name, "I") && !t->count && !*t->accents && !t->primes;
    if (t->kind == TREE_RELATION || t->kind == TREE_ADD || t->kind == TREE_NEG || t->kind == TREE_MUL)
        for (int i = 0; i < t->count; i++)
            if (has_identity(t->child[i]))
                return true;
    return false;
}

void judge_default(const court *c, const claimed *claim, assumption *out)
{
    *out = (assumption){ 0 };
    const char *said = claim->convention;
    bool rows = said && !strcmp(said, "rows");
    for (int i = 0; !said && i < c->scope->quantities; i++)
        for (int k = 0; k < c->scope->quantity[i]->definitions; k++)
            rows |= c->scope->quantity[i]->definition[k]->convention == 2;
    out->reading.rows = rows;
    out->reading.transposed = c->scope->denominator;
    out->reading.differentials = claim->differential != NULL;
    out->reading.identity = claim->left && claim->left->kind == TREE_DERIV && has_identity(claim->right) &&
                            scope_size(c->scope, "I") && !scope_find(c->scope, "I");
}
