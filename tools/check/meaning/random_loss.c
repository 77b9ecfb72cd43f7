/* The checker's own loss, a random smooth function of what the setup says that it reads, and its explicit derivatives.
 */
#include "evaluate.h"

#include <math.h>
#include <string.h>

/* The numbers of the checker's own loss, for one quantity that it reads. */
static const struct loss_numbers *numbers_of(world *w, const quantity *loss, const quantity *read, int64_t t,
                                             eddy_var like)
{
    for (int i = 0; i < w->loss_numbers; i++)
        if (w->loss_number[i].loss == loss && w->loss_number[i].read == read && w->loss_number[i].step == t)
            return &w->loss_number[i];
    eddy_shape shape = eddy_shape_of(like);
    int64_t count = eddy_shape_count(&shape);
    double *g = count > 0 ? arena_new(w->arena, (size_t)count * 2, sizeof *g) : NULL;
    if (w->loss_numbers == w->loss_room) {
        int room = w->loss_room ? 2 * w->loss_room : 16;
        struct loss_numbers *more = ARENA_ARRAY(w->arena, struct loss_numbers, room);
        if (!more)
            return NULL;
        if (w->loss_numbers)
            memcpy(more, w->loss_number, (size_t)w->loss_numbers * sizeof *more);
        w->loss_number = more, w->loss_room = room;
    }
    if (!g)
        return NULL;
    eddy_random random = { .seed = w->options.draw * 31 + 7,
                           .stream = world_hash(read->key, t) ^ world_hash(loss->key, 0) };
    for (int64_t k = 0; k < 2 * count; k++) {
        g[k] = eddy_random_normal(random, (uint64_t)k);
        if (fabs(g[k]) < 0.1)
            g[k] += 0.4;
        if (w->options.tiny) /* as simple as it gets: the sum of the last step */
            g[k] = k < count && t == w->T;
    }
    eddy_tensor G = eddy_tensor_wrap(g, EDDY_F64, shape), Q = eddy_tensor_wrap(g + count, EDDY_F64, shape);
    w->loss_number[w->loss_numbers] =
        (struct loss_numbers){ loss, read, t, eddy_constant(w->tape, &G), eddy_constant(w->tape, &Q) };
    return &w->loss_number[w->loss_numbers++];
}

value loss_value(evaluation *e, quantity *loss)
{
    world *w = e->world;
    value sum = value_number(&w->algebra, 0);
    for (int i = 0; i < loss->read_count; i++) {
        const struct read *r = &loss->reads[i];
        if (r->maybe && !w->options.kappa)
            continue;
        for (int64_t t = r->last || !r->quantity->timed ? w->T : 1; t <= w->T; t++) {
            value v = world_look(e, r->quantity, r->quantity->timed ? t : 0);
            if (!value_ok(v))
                return value_none();
            const struct loss_numbers *n = numbers_of(w, loss, r->quantity, t, v.var);
            if (!n) {
                fault_set(&w->fault, FAULT_TOO_BIG, "memory is short");
                return value_none();
            }
            eddy_var term = eddy_sum(eddy_mul(v.var, n->g));
            if (!r->maybe) /* kappa, the derivative by C_T, is constant as in the literature */
                term = eddy_add(term, eddy_mul_scalar(eddy_sum(eddy_mul(eddy_mul(v.var, v.var), n->q)), 0.5));
            sum.var = eddy_add(sum.var, term);
        }
    }
    sum.number = false;
    return sum;
}

value loss_direct(evaluation *e, quantity *q, int64_t step)
{
    world *w = e->world;
    quantity *of = (quantity *)(uintptr_t)q->of;
    bool maybe_off = false, last = false;
    for (int i = 0; i < q->loss->read_count; i++)
        if (q->loss->reads[i].quantity == of) {
            maybe_off = q->loss->reads[i].maybe && !w->options.kappa;
            last = q->loss->reads[i].last;
        }
    int64_t at = q->timed ? step : of->timed ? w->T : 0;
    value v = world_look(e, of, at);
    if (!value_ok(v))
        return value_none();
    if (maybe_off || (of->timed && (at < 1 || at > w->T || (last && at != w->T)))) {
        v.var = eddy_zeros_like(v.var);
        v.covector = true; /* as at every other step */
        return v;
    }
    return derivative_of(e, (node_name){ q->loss, 0 }, (node_name){ of, at }, true);
}
