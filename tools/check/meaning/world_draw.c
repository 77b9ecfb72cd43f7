/* The leaves of a world: given quantities, initial states, directions; and the numbers that they have. */
#include "evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

uint64_t world_hash(const char *key, int64_t step)
{
    uint64_t h = 1469598103934665603u ^ (uint64_t)(step + 1000);
    for (; *key; key++)
        h = (h ^ (unsigned char)*key) * 1099511628211u;
    return h;
}

/* From the fourth draw on each given quantity has a size of its own, so that a minimum or maximum is seen from both
 * sides. */
static double spread(const world *w, const quantity *q, int rank)
{
    eddy_random random = { .seed = 77, .stream = world_hash(q->key, 0) };
    return w->options.draw < 3 || w->options.tiny ? 1
                                                  : exp((rank == 0 || q->flags & GIVEN_POSITIVE ? 1.5 : 0.5) *
                                                        eddy_random_normal(random, w->options.draw));
}

/* As far inside a bound as it was outside, as far as there is room. */
static double mirrored(double x, double least, double most)
{
    double room = most - least;
    x = x < least ? least + fmin(least - x, room) : x > most ? most - fmin(x - most, room) : x;
    return fmin(fmax(x, least), most);
}

void world_keep_bounds(const world *w, const quantity *q, int64_t samples, int64_t each, double *x)
{
    if (!q->limited || !w->scope->assuming)
        return;
    for (int64_t s = 0; s < samples; s++, x += each) {
        double squares = 0;
        for (int64_t i = 0; i < each; i++) {
            x[i] = mirrored(x[i], q->least, q->most);
            squares += x[i] * x[i];
        }
        for (int64_t i = 0; i < each && sqrt(squares) > q->longest; i++)
            x[i] *= 0.99 * q->longest / sqrt(squares);
    }
}

void world_draw_values(const world *w, const quantity *q, int64_t step, int rank, const int64_t dim[2], int64_t samples,
                       double *out)
{
    eddy_random random = { .seed = w->options.draw * 7919 + 1, .stream = world_hash(q->key, step) };
    int64_t last = rank ? dim[rank - 1] : 1, each = rank == 2 ? dim[0] * dim[1] : last, count = samples * each;
    double calm = ldexp(1, -w->options.damped);
    for (int64_t i = 0; i < count; i++) {
        double normal = eddy_random_normal(random, (uint64_t)i), unit = eddy_random_uniform(random, (uint64_t)i);
        out[i] = rank == 2 ? 0.7 * normal : normal;
        if (fabs(out[i]) < 0.05) /* nothing near zero: a product with it would hide what it multiplies */
            out[i] += out[i] < 0 ? -0.3 : 0.3;
        if (q->flags & GIVEN_POSITIVE) /* damped towards 1: what is divided by it would grow with its inverse */
            out[i] = pow(exp(0.5 * normal) * spread(w, q, rank), calm);
        else
            out[i] *= spread(w, q, rank) * calm;
        out[i] *= q == w->options.pushed && !(q->flags & GIVEN_POSITIVE && w->options.times < 0) ? w->options.times : 1;
        if (q->flags & GIVEN_UNIT)
            out[i] = 0.1 + 0.8 * unit;
        if (q->flags & GIVEN_ZERO_ONE)
            out[i] = unit < 0.6 || (i == 0 && step <= 1);
    }
    for (int64_t i = 0; i < count && (q->flags & GIVEN_ONE_HOT); i++) {
        bool columns = rank == 2 && w->options.hot_columns;
        int64_t class = columns ? i % each / last : i % last, classes = columns ? dim[0] : last;
        out[i] = class == (int64_t)((world_hash(q->key, step) + (uint64_t)(columns ? i % last : i / last) * 5) %
                                    (uint64_t)classes);
    }
    for (int64_t i = 0; i < count && (q->flags & GIVEN_SYMMETRIC) && rank == 2 && dim[0] == dim[1]; i++) {
        int64_t r = i % each / last, c = i % last;
        if (c < r)
            out[i] = out[i - i % each + c * last + r];
    }
    world_keep_bounds(w, q, samples, each, out);
}

value world_leaf(world *w, quantity *q, int64_t step, value shaped, const int64_t dim[2], bool initial)
{
    eddy_shape shape = { 0 };
    if (shaped.batched)
        shape.dim[shape.rank++] = w->B;
    for (int i = 0; i < shaped.rank; i++)
        shape.dim[shape.rank++] = dim[i];
    int64_t count = eddy_shape_count(&shape);
    if (count < 1 || count > 100000) {
        fault_set(&w->fault, FAULT_TOO_BIG, "$%s$ would have %lld elements; a check takes at most 100000", q->shown,
                  (long long)count);
        return value_none();
    }
    double *number = arena_new(w->arena, (size_t)count, sizeof *number);
    char name[300];
    snprintf(name, sizeof name, "%.200s@%lld", q->key, (long long)step);
    value v = shaped;
    v.var = eddy_input(w->tape, name, shape);
    if (!number) {
        fault_set(&w->fault, FAULT_TOO_BIG, "memory is short");
        return value_none();
    }
    if (!(initial && w->options.zero_initial))
        world_draw_values(w, q, step, v.rank, dim, v.batched ? w->B : 1, number);
    if (!eddy_set(v.var, number, (size_t)count * sizeof *number))
        fault_set(&w->fault, FAULT_TAPE, "%s", fault_plain(eddy_error(w->tape)));
    if (w->leaves == w->leaf_room) {
        int room = w->leaf_room ? 2 * w->leaf_room : 64;
        leaf_row *more = ARENA_ARRAY(w->arena, leaf_row, room);
        if (!more)
            return v;
        if (w->leaves)
            memcpy(more, w->leaf, (size_t)w->leaves * sizeof *more);
        w->leaf = more, w->leaf_room = room;
    }
    w->leaf[w->leaves++] = (leaf_row){ { q, step }, v, initial, !v.batched };
    return v;
}

const value *world_find_leaf(const world *w, const quantity *q, int64_t step)
{
    for (int i = 0; i < w->leaves; i++)
        if (w->leaf[i].name.quantity == q && w->leaf[i].name.step == step)
            return &w->leaf[i].value;
    return NULL;
}

value world_given(world *w, quantity *q, int64_t step, bool initial)
{
    int rank = 0;
    int64_t dim[2] = { 1, 1 };
    const value *there = world_find_leaf(w, q, step);
    if (there)
        return *there;
    if (!shapes_get(w, q, &rank, dim)) {
        fault_set(&w->fault, FAULT_NOT_READ, "the shape of $%s$ is not known: say \"given %s in R^...\" in the setup",
                  q->shown, q->shown);
        return value_none();
    }
    bool batched = (q->timed || (q->flags & GIVEN_PER_SAMPLE)) && w->B > 0;
    value v = { .rank = rank, .batched = batched, .same_sides = rank == 1 && !batched && !w->scope->sided };
    return world_leaf(w, q, step, v, dim, initial);
}
