/* Bounds are not only drawn: the numbers of a small world are moved, one leaf or element at a time, as long as that
 * brings the two sides of an inequality closer to breaking it. */
#include "hunt.h"

#include <math.h>
#include <string.h>

enum { MOVES = 400 };
static const double LARGEST = 8; /* beyond, sums may cancel to nothing but rounding */

/* How much larger the side is that should be the smaller one, relative to both: negative while the claim holds. */
static double excess(const hunt *h, const failing *at)
{
    bool below = h->claim->relation == REL_LE || h->claim->relation == REL_LT;
    look now = hunt_look(h, at);
    const eddy_tensor *l = eddy_value(now.left.var), *r = eddy_value(now.right.var);
    double most = -INFINITY;
    bool finite = l && r;
    for (int64_t i = 0, n = finite ? eddy_tensor_count(l) : 0; i < n; i++) {
        double x = eddy_tensor_flat(l, i), y = eddy_tensor_flat(r, i), size = fabs(x) + fabs(y) + 1e-6;
        finite &= isfinite(x) && isfinite(y);
        most = fmax(most, (below ? x - y : y - x) / size);
    }
    hunt_looked(h, &now);
    return finite ? most : -INFINITY;
}

/* One move of a leaf's numbers; false: it may not be moved so. */
static bool move(const world *w, const leaf_row *leaf, numbers *n, eddy_random random, uint64_t *draw)
{
    unsigned flags = leaf->name.quantity->flags;
    double what = eddy_random_uniform(random, (*draw)++), normal = eddy_random_normal(random, (*draw)++);
    int64_t which = (int64_t)(eddy_random_uniform(random, (*draw)++) * (double)n->count);
    if (flags & (GIVEN_ONE_HOT | GIVEN_ZERO_ONE) || n->count < 1)
        return false;
    bool one = n->count > 1 && what < 0.5 && !(flags & GIVEN_SYMMETRIC);
    for (int64_t i = one ? which : 0; i < (one ? which + 1 : n->count); i++) {
        double x = n->value[i];
        x = what < 0.25 || (what > 0.5 && what < 0.75) ? x * exp(normal)
            : flags & GIVEN_POSITIVE                   ? x * exp(0.2 * normal)
            : flags & GIVEN_UNIT                       ? x + 0.2 * normal
            : fabs(normal) < 0.3                       ? -x
                                                       : x + normal;
        if (fabs(x) > LARGEST || !hunt_allowed(flags, x))
            return false;
        n->value[i] = x;
    }
    int64_t samples = leaf->value.batched ? w->B : 1;
    world_keep_bounds(w, leaf->name.quantity, samples, n->count / samples, n->value);
    return true;
}

static void put_back(const leaf_row *leaf, numbers *n)
{
    memcpy(n->value, n->before, (size_t)n->count * sizeof *n->value);
    hunt_set(leaf, n);
}

/* Does it still fail when every number changes a little? Rounding would not. */
static bool is_firm(hunt *h, const failing *at, numbers *n, eddy_random random, uint64_t *draw)
{
    const world *w = h->world;
    gap plain = hunt_measure(h, at, h->claim->relation);
    for (int i = 0; i < w->leaves; i++) {
        for (int64_t k = 0; k < n[i].count; k++)
            n[i].value[k] = n[i].before[k] * (1 + 1e-9 * (2 * eddy_random_uniform(random, (*draw)++) - 1));
        hunt_set(&w->leaf[i], &n[i]);
    }
    gap moved = hunt_measure(h, at, h->claim->relation);
    for (int i = 0; i < w->leaves; i++)
        put_back(&w->leaf[i], &n[i]);
    return hunt_fails(&plain, 0) && hunt_fails(&moved, 0) &&
           fabs(plain.difference - moved.difference) <= 1e-3 * plain.difference;
}

bool hunt_climb(hunt *h, const failing *at, numbers *n)
{
    const world *w = h->world;
    eddy_random random = { .seed = 31, .stream = (uint64_t)w->leaves };
    uint64_t draw = 0;
    double best = excess(h, at);
    for (int k = 0; k < MOVES && h->climbs > 0 && w->leaves && !court_over(h->court); k++) {
        int i = (int)(eddy_random_uniform(random, draw++) * w->leaves);
        const leaf_row *leaf = &w->leaf[i];
        if ((leaf->initial && h->as->zero_initial) || !move(w, leaf, &n[i], random, &draw)) {
            memcpy(n[i].value, n[i].before, (size_t)n[i].count * sizeof *n[i].value);
            continue;
        }
        h->climbs--;
        double now = hunt_set(leaf, &n[i]) ? excess(h, at) : -INFINITY;
        if (now < best) {
            put_back(leaf, &n[i]);
            continue;
        }
        best = now;
        memcpy(n[i].before, n[i].value, (size_t)n[i].count * sizeof *n[i].value);
        if (best > 0.01 && is_firm(h, at, n, random, &draw))
            return true;
    }
    return false;
}
