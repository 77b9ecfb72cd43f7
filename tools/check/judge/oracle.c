/* The numerical oracle: every derivative that the tape gave is asked again, without the tape's rules, along a random
 * direction by Ridders' extrapolation. */
#include "court.h"

#include <math.h>
#include <stdio.h>

typedef struct curve {
    world *world;
    eddy_var leaf, value;
    const double *direction;
    double *step;
    int64_t count;
} curve;

static double along(void *context, double h)
{
    curve *c = context;
    for (int64_t i = 0; i < c->count; i++)
        c->step[i] = h * c->direction[i];
    eddy_set(c->leaf, c->step, (size_t)c->count * sizeof *c->step);
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
static double contracted(const derivative_entry *d, value y, value v, const double *u, const double *direction)
{
    const eddy_tensor *j = eddy_value(d->value.var);
    if (!j)
        return NAN;
    int64_t ny = product_of(eddy_shape_of(y.var), y.batched), nv = product_of(eddy_shape_of(v.var), v.batched);
    int64_t samples = d->value.batched ? eddy_size(d->value.var, 0) : 1;
    double sum = 0;
    for (int64_t b = 0; b < samples; b++)
        for (int64_t i = 0; i < ny; i++)
            for (int64_t k = 0; k < nv; k++)
                sum += u[(y.batched ? b : 0) * ny + i] * eddy_tensor_flat(j, (b * ny + i) * nv + k) *
                       direction[(v.batched ? b : 0) * nv + k];
    return sum;
}

static bool one_derivative(world *w, const derivative_entry *d, char *why, size_t size)
{
    evaluation e = { .context = w->base, .world = w };
    value y = world_look(&e, d->y.quantity, d->y.step), v = world_look(&e, d->v.quantity, d->v.step);
    wiring *c = context_new(w, w->arena);
    if (!value_ok(y) || !value_ok(v) || !c)
        return true;
    eddy_shape shape = eddy_shape_of(v.var), ys = eddy_shape_of(y.var);
    int64_t nv = eddy_shape_count(&shape), ny = eddy_shape_count(&ys);
    double *numbers = arena_new(w->arena, (size_t)(2 * nv + ny), sizeof *numbers);
    char name[300];
    snprintf(name, sizeof name, "nudge of %.200s@%lld for %lld, %d", d->v.quantity->key, (long long)d->v.step,
             (long long)w->nudges++, d->explicit_);
    eddy_var leaf = eddy_input(w->tape, name, shape);
    const eddy_tensor *at = eddy_value(v.var);
    if (!numbers || !at || !eddy_set_item(leaf, 0))
        return true;
    double *direction = numbers, *u = numbers + 2 * nv;
    eddy_random random = { .seed = 17, .stream = (uint64_t)w->nudges };
    for (int64_t i = 0; i < nv; i++)
        direction[i] = (2 * eddy_random_uniform(random, (uint64_t)i) - 1) *
                       fmax(fabs(eddy_tensor_flat(at, i)), 1e-2); /* a logarithm's argument stays positive */
    for (int64_t i = 0; i < ny; i++)
        u[i] = eddy_random_normal(random, (uint64_t)(nv + i));
    eddy_mark mark = eddy_mark_now(w->tape);
    evaluation nudged = { .context = c, .world = w };
    value moved;
    if (d->explicit_) {
        nudged.context = w->base;
        nudged.inside = true;
        nudged.replaced = d->v;
        nudged.replacement = eddy_add(v.var, leaf);
        moved = world_again(&nudged, d->y.quantity, d->y.step);
    } else {
        c->nudged = d->v;
        c->nudge = leaf;
        moved = world_look(&nudged, d->y.quantity, d->y.step);
    }
    bool ok = true;
    if (value_ok(moved)) {
        eddy_tensor weights = eddy_tensor_wrap(u, EDDY_F64, ys);
        curve k = { w,         leaf,         eddy_sum(eddy_mul(moved.var, eddy_constant(w->tape, &weights))),
                    direction, numbers + nv, nv };
        double expected = contracted(d, y, v, u, direction), found = 0;
        ok = !isfinite(expected); /* whoever used that has no finite side, and no verdict that asks here */
        /* Steeply curved, or near a kink, the extrapolation is worth nothing, and its estimate of the error neither:
         * shorter steps see less of it. */
        for (double h = 0.1; h > 1e-6 && !ok; h *= 0.1) {
            double error;
            found = eddy_ridders(along, &k, h, &error);
            ok = fabs(found - expected) <= 10 * error + 1e-9 * fmax(fabs(found), fmax(fabs(expected), 1e-3));
        }
        eddy_set_item(leaf, 0);
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

bool judge_oracle(court *c, const claimed *claim, char *why, size_t size)
{
    assumption first;
    fault f = { 0 };
    judge_default(c, claim, &first);
    world *w = court_world(c, claim, 0, &first, &f);
    if (!w)
        return true;
    for (; w->confirmed < w->base->derivatives; w->confirmed++)
        if (!one_derivative(w, &w->base->derivative[w->confirmed], why, size))
            return false;
    return true;
}
