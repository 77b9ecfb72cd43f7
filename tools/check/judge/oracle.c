/* The numerical oracle: every derivative that the tape gave is asked again, without the tape's rules, along a random
 * direction by Ridders' extrapolation. */
#include "court.h"

#include <math.h>
#include <stdio.h>

/* What moves, and how: the derivatives of one quantity by several others are one number, that along all the directions
 * together. */
typedef struct mover {
    value at;
    eddy_var leaf;
    double *direction, *step;
    int64_t count;
} mover;

typedef struct curve {
    mover mover[CONTEXT_NUDGES];
    int movers;
    eddy_var value;
} curve;

static double along(void *context, double h)
{
    curve *c = context;
    for (int m = 0; m < c->movers; m++) {
        const mover *v = &c->mover[m];
        for (int64_t i = 0; i < v->count; i++)
            v->step[i] = h * v->direction[i];
        eddy_set(v->leaf, v->step, (size_t)v->count * sizeof *v->step);
    }
    return eddy_item(c->value);
}

static int64_t product_of(eddy_shape s, int from)
{
    int64_t n = 1;
    for (int i = from; i < s.rank; i++)
        n *= s.dim[i];
    return n;
}

/* <u, J d> of a derivative stored as [batch,] y, v. */
static double contracted(const derivative_entry *d, value y, const mover *v, const double *u)
{
    const eddy_tensor *j = eddy_value(d->value.var);
    if (!j)
        return NAN;
    int64_t ny = product_of(eddy_shape_of(y.var), y.batched), nv = product_of(eddy_shape_of(v->at.var), v->at.batched);
    int64_t samples = d->value.batched ? eddy_size(d->value.var, 0) : 1;
    double sum = 0;
    for (int64_t b = 0; b < samples; b++)
        for (int64_t i = 0; i < ny; i++)
            for (int64_t k = 0; k < nv; k++)
                sum += u[(y.batched ? b : 0) * ny + i] * eddy_tensor_flat(j, (b * ny + i) * nv + k) *
                       v->direction[(v->at.batched ? b : 0) * nv + k];
    return sum;
}

/* A direction for what d is by; false: there is no value or no memory. */
static bool begin_moving(world *w, const derivative_entry *d, mover *out)
{
    evaluation e = { .context = w->base, .world = w };
    value v = world_look(&e, d->v.quantity, d->v.step);
    if (!value_ok(v))
        return false;
    eddy_shape shape = eddy_shape_of(v.var);
    int64_t n = eddy_shape_count(&shape);
    double *numbers = arena_new(w->arena, (size_t)(2 * n), sizeof *numbers);
    char name[300];
    snprintf(name, sizeof name, "nudge of %.200s@%lld for %lld, %d", d->v.quantity->key, (long long)d->v.step,
             (long long)w->nudges++, d->explicit_);
    *out = (mover){ v, eddy_input(w->tape, name, shape), numbers, numbers + n, n };
    const eddy_tensor *at = eddy_value(v.var);
    if (!numbers || !at || !eddy_set_item(out->leaf, 0))
        return false;
    eddy_random random = { .seed = 17, .stream = (uint64_t)w->nudges };
    for (int64_t i = 0; i < n; i++)
        out->direction[i] = (2 * eddy_random_uniform(random, (uint64_t)i) - 1) *
                            fmax(fabs(eddy_tensor_flat(at, i)), 1e-2); /* a logarithm's argument stays positive */
    return true;
}

/* y with everything moved. */
static value moved_value(world *w, const derivative_entry *d, int count, const curve *k)
{
    evaluation nudged = { .context = w->base, .world = w };
    if (d->explicit_) {
        nudged.inside = true;
        nudged.replaced = d->v;
        nudged.replacement = eddy_add(k->mover[0].at.var, k->mover[0].leaf);
        return world_again(&nudged, d->y.quantity, d->y.step);
    }
    wiring *c = context_new(w, w->arena);
    if (!c)
        return value_none();
    for (int i = 0; i < count; i++)
        c->nudge[c->nudges++] = (struct nudge){ d[i].v, k->mover[i].leaf };
    nudged.context = c;
    return world_look(&nudged, d->y.quantity, d->y.step);
}

/* Derivatives of one quantity, `count` of them if total, one if explicit. What cannot be asked is confirmed if it is
 * alone; several are confirmed only where a fault in the least of them would be seen. */
static bool are_confirmed(world *w, const derivative_entry *d, int count, char *why, size_t size)
{
    evaluation e = { .context = w->base, .world = w };
    curve k = { .movers = 0 };
    value y = world_look(&e, d->y.quantity, d->y.step);
    bool alone = count == 1;
    bool itself = d->explicit_ && d->y.quantity == d->v.quantity && d->y.step == d->v.step; /* stands in no formula */
    if (!value_ok(y) || itself)
        return true;
    for (; k.movers < count; k.movers++)
        if (!begin_moving(w, &d[k.movers], &k.mover[k.movers]))
            return alone;
    eddy_shape ys = eddy_shape_of(y.var);
    int64_t ny = eddy_shape_count(&ys);
    double *u = arena_new(w->arena, (size_t)ny, sizeof *u);
    if (!u)
        return true;
    eddy_random random = { .seed = 18, .stream = (uint64_t)w->nudges };
    for (int64_t i = 0; i < ny; i++)
        u[i] = eddy_random_normal(random, (uint64_t)i);
    eddy_mark mark = eddy_mark_now(w->tape);
    value moved = moved_value(w, d, count, &k);
    bool ok = alone;
    if (value_ok(moved)) {
        eddy_tensor weights = eddy_tensor_wrap(u, EDDY_F64, ys);
        k.value = eddy_sum(eddy_mul(moved.var, eddy_constant(w->tape, &weights)));
        double expected = 0, least = INFINITY, found = 0;
        for (int i = 0; i < count; i++) {
            double part = contracted(&d[i], y, &k.mover[i], u);
            expected += part;
            if (part != 0)
                least = fmin(least, fabs(part));
        }
        ok = alone && !isfinite(expected); /* whoever used that has no finite side, and no verdict that asks here */
        /* Steeply curved, or near a kink, the extrapolation is worth nothing, and its estimate of the error neither:
         * shorter steps see less of it. */
        for (double h = 0.1; h > (alone ? 1e-6 : 1e-3) && !ok; h *= 0.1) {
            double error;
            found = eddy_ridders(along, &k, h, &error);
            double bound = 10 * error + 1e-9 * fmax(fabs(found), fmax(fabs(expected), 1e-3));
            ok = fabs(found - expected) <= bound && (alone || bound <= 1e-3 * least);
        }
        for (int i = 0; i < count; i++)
            eddy_set_item(k.mover[i].leaf, 0);
        if (!ok)
            snprintf(why, size,
                     "the derivative of $%s$ by $%s$ is not confirmed by differences of the values: %.6g along a "
                     "direction, and numerically %.6g",
                     d->y.quantity->shown, d->v.quantity->shown, expected, found);
    }
    w->fault.kind = FAULT_NONE;
    eddy_clear_error(w->tape);
    eddy_reset(w->tape, mark);
    return ok;
}

/* From this one on, how many are total derivatives of the same quantity. */
static int alike(const derivative_entry *d, int most)
{
    int count = 1;
    while (count < most && count < CONTEXT_NUDGES && !d[0].explicit_ && !d[count].explicit_ &&
           d[count].y.quantity == d[0].y.quantity && d[count].y.step == d[0].y.step)
        count++;
    return count;
}

bool judge_oracle(court *c, const claimed *claim, char *why, size_t size)
{
    assumption first;
    fault f = { 0 };
    judge_default(c, claim, &first);
    world *w = court_world(c, claim, 0, &first, &f);
    if (!w)
        return true;
    while (w->confirmed < w->base->derivatives) {
        const derivative_entry *d = &w->base->derivative[w->confirmed];
        int count = alike(d, w->base->derivatives - w->confirmed);
        bool ok = count > 1 && are_confirmed(w, d, count, why, size);
        for (int i = 0; i < count && !ok; i++) /* one by one, where together they leave a doubt */
            if (!are_confirmed(w, &d[i], 1, why, size))
                return false;
        w->confirmed += count;
    }
    return true;
}
