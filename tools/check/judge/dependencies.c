/* The dependency graph around a formula with derivatives: what lies between the quantities below and above the fraction
 * lines, from the edges that the first world recorded. Step t is a step in the middle; others are told relative to it.
 */
#include "court.h"
#include "reader.h"
#include "meaning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIDDLE = 2, NODES = 600, SHOWN = 24, PAIRS = 24, EDGES = 120 };

typedef struct pair { /* of one derivative */
    node_name numerator, denominator;
    const char *above, *below; /* as they stand in the formula */
} pair;

typedef struct drawing {
    court *court;
    const claimed *claim;
    world *world;
    arena *arena;
    pair pair[PAIRS];
    int pairs;
    node_name node[NODES]; /* of the recorded edges */
    int nodes;
    int *from, *to; /* by edge, -1: not for readers */
    bool *used;
    bool on_path[NODES], near[NODES];
} drawing;

/* ---- Derivatives of the formula ---- */

static bool has_derivative(const scope *s, const tree *t)
{
    if (t->kind == TREE_DERIV || scope_differential(s, t))
        return true;
    for (int i = 0; i < t->count; i++)
        if (has_derivative(s, t->child[i]))
            return true;
    return false;
}

static bool node_in(scope *s, const tree *t, const binding *env, node_name *out)
{
    symbol_use use;
    fault f = { 0 };
    if ((t->kind != TREE_SYMBOL && t->kind != TREE_POW) || !scope_symbol(s, t, env, &use) || !use.quantity ||
        (use.quantity->timed && !use.indices))
        return false;
    out->quantity = use.quantity;
    out->step = 0;
    return !use.quantity->timed || scope_index(s, use.index[0], env, &out->step, &f);
}

static void add_pairs(drawing *d, const tree *above, const tree *below, const binding *env)
{
    int m = above->kind == TREE_TUPLE ? above->count : 1, n = below->kind == TREE_TUPLE ? below->count : 1;
    for (int i = 0; i < m; i++)
        for (int k = 0; k < n && d->pairs < PAIRS; k++) {
            const tree *y = m > 1 ? above->child[i] : above, *v = n > 1 ? below->child[k] : below;
            pair *p = &d->pair[d->pairs];
            if (node_in(d->court->scope, y, env, &p->numerator) && node_in(d->court->scope, v, env, &p->denominator)) {
                p->above = latex_text(d->arena, y, LATEX_SOURCE);
                p->below = latex_text(d->arena, v, LATEX_SOURCE);
                d->pairs++;
            }
        }
}

static void find_pairs(drawing *d, const tree *t, const binding *env, int depth)
{
    scope *s = d->court->scope;
    binding bound[4];
    node_name name;
    fault f = { 0 };
    if (t->kind == TREE_DERIV) {
        add_pairs(d, t->child[0], t->child[1], env);
        return;
    }
    if (t->kind == TREE_SYMBOL && scope_differential(s, t) && d->pairs < PAIRS) {
        tree *bare = ARENA_NEW(d->arena, tree);
        pair *p = &d->pair[d->pairs];
        if (!bare)
            return;
        *bare = *t;
        bare->quantity = NULL;
        bare->accents += strlen(s->differential);
        bare->accents += *bare->accents == ' ';
        p->numerator = (node_name){ s->differential_loss, 0 };
        p->above = s->differential_loss->shown;
        p->below = latex_text(d->arena, bare, LATEX_SOURCE);
        d->pairs += node_in(s, bare, env, &p->denominator);
        return;
    }
    if (depth < 2 && node_in(s, t, env, &name) &&
        name.quantity->kind == QUANTITY_DEFINED) { /* a name for a derivative */
        const definition *def = scope_definition(s, name.quantity, name.step, &f);
        if (def && def->value->kind == TREE_DERIV) {
            binding step = {
                .letter = "t", .kind = LETTER_INDEX, .value = name.step - def->shift, .outer = def->labels
            };
            find_pairs(d, def->value, name.quantity->timed ? &step : def->labels, depth + 1);
        }
        return;
    }
    for (int i = 0; i < t->bounds && i < 4; i++) {
        const letter_row *l = scope_declared(s, t->bound[i].index);
        bound[i] = (binding){ .letter = t->bound[i].index, .kind = LETTER_INDEX, .value = MIDDLE, .outer = env };
        if (l && l->kind == LETTER_LABEL)
            bound[i].kind = LETTER_LABEL, bound[i].label = l->labels ? l->label[0] : "";
        env = &bound[i];
    }
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        find_pairs(d, t->child[i], env, depth);
}

static bool start(void *context, const binding *env, int64_t t)
{
    drawing *d = context;
    if (t && t != MIDDLE)
        return true;
    find_pairs(d, d->claim->left, env, 0);
    find_pairs(d, d->claim->right, env, 0);
    return false;
}

/* ---- Nodes and paths ---- */

static bool same_node(node_name a, node_name b)
{
    return a.quantity == b.quantity && a.step == b.step;
}

static bool in_pairs(const drawing *d, node_name n)
{
    for (int i = 0; i < d->pairs; i++)
        if (same_node(d->pair[i].numerator, n) || same_node(d->pair[i].denominator, n))
            return true;
    return false;
}

/* For readers: quantities of the forward pass with a time, the loss, and what the formula differentiates. */
static bool is_shown(const drawing *d, node_name n)
{
    const quantity *q = n.quantity;
    if (in_pairs(d, n) || q->kind == QUANTITY_LOSS)
        return true;
    if (!q->timed || q->kind == QUANTITY_DIRECT || (q->kind == QUANTITY_GIVEN && !q->definitions))
        return false;
    for (int i = 0; i < q->definitions; i++)
        if (has_derivative(d->court->scope, q->definition[i]->value))
            return false;
    return true;
}

static int number_of(drawing *d, node_name n)
{
    for (int i = 0; i < d->nodes; i++)
        if (same_node(d->node[i], n))
            return i;
    if (d->nodes == NODES || !is_shown(d, n))
        return -1;
    d->node[d->nodes] = n;
    return d->nodes++;
}

static void spread(const drawing *d, bool *reached, bool forward)
{
    const world *w = d->world;
    for (bool again = true; again;) {
        again = false;
        for (int i = 0; i < w->edges; i++) {
            int a = forward ? d->from[i] : d->to[i], b = forward ? d->to[i] : d->from[i];
            if (a >= 0 && b >= 0 && reached[a] && !reached[b])
                again = reached[b] = true;
        }
    }
}

static void find_paths(drawing *d)
{
    const world *w = d->world;
    for (int k = 0; k < d->pairs; k++) {
        bool below[NODES] = { false }, above[NODES] = { false };
        int y = number_of(d, d->pair[k].numerator), v = number_of(d, d->pair[k].denominator);
        if (y < 0 || v < 0)
            continue;
        below[v] = above[y] = true;
        d->on_path[v] = d->on_path[y] = true;
        spread(d, below, true);
        spread(d, above, false);
        for (int i = 0; i < w->edges; i++) {
            int a = d->from[i], b = d->to[i];
            if (a >= 0 && b >= 0 && below[a] && above[b]) /* a can be reached, and from b the numerator */
                d->used[i] = d->on_path[a] = d->on_path[b] = true;
        }
    }
    for (int i = 0; i < w->edges; i++) {
        int a = d->from[i], b = d->to[i];
        if (a >= 0 && b >= 0 && (d->on_path[a] || d->on_path[b]))
            d->near[a] = d->near[b] = true;
    }
}

/* ---- Into the finding ---- */

static bool read_last(const node_name *from, const node_name *to)
{
    for (int r = 0; to->quantity->kind == QUANTITY_LOSS && r < to->quantity->read_count; r++)
        if (to->quantity->reads[r].quantity == from->quantity)
            return to->quantity->reads[r].last;
    return false;
}

static bool in_window(const drawing *d, int node)
{
    const node_name *n = &d->node[node];
    return !n->quantity->timed || llabs(n->step - MIDDLE) <= 1 || in_pairs(d, *n);
}

static const char *node_text(const drawing *d, const node_name *n)
{
    const char *name = notation_near(d->arena, n->quantity, n->step - MIDDLE);
    bool timed = claim_has_time(d->court->scope, d->claim);
    for (int i = 0; i < d->pairs; i++)
        for (int side = 0; side < 2; side++) {
            const pair *p = &d->pair[i];
            const char *own = side ? p->above : p->below;
            bool step_t = strstr(own, "t") != NULL;
            if (same_node(side ? p->numerator : p->denominator, *n) && !timed && n->quantity->timed && !step_t)
                return own; /* h_T, h_0 in a formula without t */
        }
    return name;
}

static int cut_by(const assumption *found, int count, const node_name *from, const node_name *to)
{
    for (int wanted = 1; wanted <= 2; wanted++) /* conditions with one cut first */
        for (int i = 0; i < count; i++)
            for (int k = 0; k < found[i].cuts && found[i].cuts == wanted; k++) {
                const cut *c = &found[i].cut[k];
                if (c->from != from->quantity || c->to != to->quantity)
                    continue;
                int64_t a = from->step - MIDDLE, b = to->step - MIDDLE;
                bool loss = !to->quantity->timed;
                if (c->last    ? read_last(from, to)
                    : c->every ? loss || b - a == c->to_shift - c->from_shift
                               : a == c->from_shift && (loss || b == c->to_shift))
                    return 1 + i;
            }
    return 0;
}

static int put_node(const drawing *d, finding *out, const int *place, int node)
{
    if (place[node] >= 0 || out->nodes >= SHOWN)
        return place[node];
    const node_name *n = &d->node[node];
    graph_node *g = &out->node[out->nodes];
    *g = (graph_node){ .name = node_text(d, n), .step = n->quantity->timed ? (int)(n->step - MIDDLE) : GRAPH_NO_STEP };
    for (int i = 0; i < d->pairs; i++) {
        g->numerator |= same_node(d->pair[i].numerator, *n);
        g->denominator |= same_node(d->pair[i].denominator, *n);
    }
    return out->nodes++;
}

/* What the loss reads at the last step only: C_T -> L, which need not be C_{t+1}. */
static void put_last(const drawing *d, finding *out, const int *place, const assumption *found, int count)
{
    const world *w = d->world;
    for (int i = 0; i < w->edges; i++) {
        const node_name *from = &w->edge[i].from, *to = &w->edge[i].to;
        if (d->from[i] < 0 || d->to[i] < 0 || !d->used[i] || !read_last(from, to) || from->step != w->T ||
            place[d->to[i]] < 0)
            continue;
        if (out->nodes == SHOWN || out->edges + 2 > EDGES)
            return;
        int before = -1;
        for (int k = 0; k < d->nodes; k++)
            if (d->node[k].quantity == from->quantity && d->node[k].step == MIDDLE + 1)
                before = place[k];
        out->node[out->nodes] =
            (graph_node){ .name = notation_at(d->arena, from->quantity, "T"), .step = GRAPH_NO_STEP };
        if (before >= 0)
            out->edge[out->edges++] = (graph_edge){ .from = before, .to = out->nodes, .used = true };
        out->edge[out->edges++] = (graph_edge){
            .from = out->nodes, .to = place[d->to[i]], .used = true, .cut = cut_by(found, count, from, to)
        };
        out->nodes++;
    }
}

void graph_of(court *c, const claimed *claim, const assumption *found, int count, finding *out)
{
    assumption first;
    fault f = { 0 };
    judge_default(c, claim, &first);
    drawing *d = ARENA_NEW(c->arena, drawing);
    world *w = court_world(c, claim, 0, &first, &f);
    if (!d || !w || w->T < MIDDLE || !w->edges)
        return;
    d->court = c, d->claim = claim, d->world = w, d->arena = c->arena;
    judge_instances(w, claim, &f, start, d);
    d->from = ARENA_ARRAY(c->arena, int, w->edges);
    d->to = ARENA_ARRAY(c->arena, int, w->edges);
    d->used = ARENA_ARRAY(c->arena, bool, w->edges);
    out->node = ARENA_ARRAY(c->arena, graph_node, SHOWN);
    out->edge = ARENA_ARRAY(c->arena, graph_edge, EDGES);
    if (!d->pairs || !d->from || !d->to || !d->used || !out->node || !out->edge)
        return;
    for (int i = 0; i < w->edges; i++) {
        d->from[i] = number_of(d, w->edge[i].from);
        d->to[i] = number_of(d, w->edge[i].to);
    }
    find_paths(d);
    int place[NODES];
    memset(place, -1, sizeof place);
    for (int turn = 0; turn < 3; turn++) /* what the formula names, what lies between, what is next to it */
        for (int i = 0; i < d->nodes; i++)
            if (in_window(d, i) && (turn == 0 ? in_pairs(d, d->node[i]) : turn == 1 ? d->on_path[i] : d->near[i]))
                place[i] = put_node(d, out, place, i);
    for (int i = 0; i < w->edges && out->edges < EDGES; i++) {
        int a = d->from[i] < 0 ? -1 : place[d->from[i]], b = d->to[i] < 0 ? -1 : place[d->to[i]];
        if (a < 0 || b < 0 || read_last(&w->edge[i].from, &w->edge[i].to))
            continue;
        out->edge[out->edges++] = (graph_edge){
            .from = a, .to = b, .used = d->used[i], .cut = cut_by(found, count, &w->edge[i].from, &w->edge[i].to)
        };
    }
    put_last(d, out, place, found, count);
    bool joined[SHOWN] = { false };
    int kept[SHOWN], nodes = 0;
    for (int i = 0; i < out->edges; i++)
        joined[out->edge[i].from] = joined[out->edge[i].to] = true;
    for (int i = 0; i < out->nodes; i++) { /* nothing without an edge */
        kept[i] = nodes;
        if (joined[i])
            out->node[nodes++] = out->node[i];
    }
    for (int i = 0; i < out->edges; i++)
        out->edge[i].from = kept[out->edge[i].from], out->edge[i].to = kept[out->edge[i].to];
    out->nodes = nodes;
}
