/* What a claim lacks that holds when one edge of the dependency graph is cut: the path over that edge, in the
 * document's notation. It is told only if, added to the right side, it gives the left side. */
#include "court.h"
#include "reader.h"
#include "meaning.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct path { /* N <- target <- source <- D */
    node_name numerator, target, source, denominator;
} path;

typedef struct lack {
    court *court;
    const claimed *claim;
    const assumption *as;
    world *world;
    const char *latex;
    bool wrong, tried, blocks;
} lack;

static bool same_node(node_name a, node_name b)
{
    return a.quantity == b.quantity && a.step == b.step;
}

/* ---- The derivative on the left ---- */

static bool node_in(scope *s, const tree *t, const binding *env, node_name *out)
{
    symbol_use use;
    fault f = { 0 };
    if (!scope_symbol(s, t, env, &use) || !use.quantity || use.indices != use.quantity->timed)
        return false;
    out->quantity = use.quantity;
    out->step = 0;
    return !use.indices || scope_index(s, use.index[0], env, &out->step, &f);
}

static bool left_derivative(scope *s, const tree *t, const binding *env, path *p, int depth)
{
    node_name name;
    fault f = { 0 };
    if (t->kind == TREE_DERIV)
        return !t->held && node_in(s, t->child[0], env, &p->numerator) && node_in(s, t->child[1], env, &p->denominator);
    if (t->kind == TREE_SYMBOL && scope_differential(s, t)) {
        size_t n = strlen(s->differential);
        tree *bare = ARENA_NEW(s->arena, tree);
        if (!bare)
            return false;
        *bare = *t;
        bare->quantity = NULL;
        bare->accents += n + (t->accents[n] == ' ');
        p->numerator = (node_name){ s->differential_loss, 0 };
        return node_in(s, bare, env, &p->denominator);
    }
    if (depth > 2 || !node_in(s, t, env, &name) || name.quantity->kind != QUANTITY_DEFINED)
        return false;
    const definition *d = scope_definition(s, name.quantity, name.step, &f);
    if (!d || f.kind)
        return false;
    binding inner = { .letter = "t", .kind = LETTER_INDEX, .value = name.step - d->shift, .outer = d->labels };
    return left_derivative(s, d->value, &inner, p, depth + 1);
}

/* ---- Numbers ---- */

static evaluation at_base(world *w)
{
    return (evaluation){ .context = w->base, .world = w };
}

static value derived(world *w, node_name y, node_name v, bool explicit_)
{
    evaluation e = at_base(w);
    int before = w->base->derivatives;
    value d = derivative_of(&e, y, v, explicit_);
    w->base->derivatives = before; /* the oracle need not look at what was only tried */
    if (!value_ok(d)) {
        eddy_clear_error(w->tape);
        w->fault.kind = FAULT_NONE;
    }
    return d;
}

static const eddy_tensor *tensor_of(value v)
{
    return value_ok(v) ? eddy_value(v.var) : NULL;
}

static double largest(const eddy_tensor *t)
{
    double most = 0;
    for (int64_t i = 0, n = t ? eddy_tensor_count(t) : 0; i < n; i++)
        most = fmax(most, fabs(eddy_tensor_flat(t, i)));
    return most;
}

static bool total_is_explicit(world *w, node_name y, node_name v)
{
    value a = derived(w, y, v, false), b = derived(w, y, v, true);
    if (!tensor_of(a) || !tensor_of(b))
        return false;
    value difference = { .var = eddy_sub(a.var, b.var) };
    const eddy_tensor *t = tensor_of(difference);
    return t && largest(t) <= 1e-10 * largest(tensor_of(a));
}

/* As [samples][rows][columns]; the identity for y = v. */
typedef struct block {
    double *x;
    int64_t samples, rows, columns;
} block;

static int64_t elements(world *w, node_name n, bool *batched)
{
    evaluation e = at_base(w);
    value v = world_look(&e, n.quantity, n.step);
    if (!value_ok(v)) {
        eddy_clear_error(w->tape);
        w->fault.kind = FAULT_NONE;
        return 0;
    }
    *batched = v.batched;
    return v.rank > 1 ? 0 : v.rank ? value_size(v, 0) : 1;
}

static bool block_of(lack *l, node_name y, node_name v, bool explicit_, block *out)
{
    world *w = l->world;
    bool y_batched, v_batched;
    int64_t rows = elements(w, y, &y_batched), columns = elements(w, v, &v_batched);
    *out = (block){ .rows = rows, .columns = columns, .samples = w->B };
    if (!rows || !columns || !(out->x = ARENA_ARRAY(&l->court->scratch, double, w->B *rows *columns)))
        return false;
    value d = { 0 };
    const eddy_tensor *t = NULL;
    if (!same_node(y, v)) {
        d = derived(w, y, v, explicit_);
        t = tensor_of(d);
        if (!t)
            return false;
    }
    for (int64_t i = 0; i < w->B * rows * columns; i++)
        out->x[i] = t ? eddy_tensor_flat(t, d.batched ? i : i % (rows * columns))
                      : i % (rows * columns) / columns == i % columns;
    return true;
}

static bool multiplied(lack *l, const block *a, const block *b, block *out)
{
    *out = (block){ .samples = a->samples, .rows = a->rows, .columns = b->columns };
    if (a->columns != b->rows || !(out->x = ARENA_ARRAY(&l->court->scratch, double, a->samples * a->rows * b->columns)))
        return false;
    for (int64_t s = 0; s < a->samples; s++)
        for (int64_t i = 0; i < a->rows; i++)
            for (int64_t j = 0; j < b->columns; j++)
                for (int64_t k = 0; k < a->columns; k++)
                    out->x[(s * a->rows + i) * b->columns + j] +=
                        a->x[(s * a->rows + i) * a->columns + k] * b->x[(s * b->rows + k) * b->columns + j];
    return true;
}

/* Is left = right + the path's value? */
static bool completes(lack *l, const path *p, value left, value right)
{
    block a, b, c, ab, abc;
    const eddy_tensor *x = tensor_of(left), *y = tensor_of(right);
    if (!x || !y || !block_of(l, p->numerator, p->target, false, &a) || !block_of(l, p->target, p->source, true, &b) ||
        !block_of(l, p->source, p->denominator, false, &c) || !multiplied(l, &a, &b, &ab) ||
        !multiplied(l, &ab, &c, &abc))
        return false;
    int64_t count = abc.samples * abc.rows * abc.columns;
    if (!left.batched || eddy_tensor_count(x) != count)
        return false;
    double scale = fmax(largest(x), largest(y));
    for (int64_t i = 0; i < count; i++)
        if (!(fabs(eddy_tensor_flat(x, i) - eddy_tensor_flat(y, i) - abc.x[i]) <= 1e-9 * scale))
            return false;
    return true;
}

/* The same of the term as it is written, where the reader knows how it is meant. */
static bool written_completes(lack *l, const binding *env, value left, value right)
{
    latex_result r = latex_read(&l->court->scratch, l->latex, strlen(l->latex));
    world *w = l->world;
    if (l->blocks)
        return true;
    if (r.count != 1)
        return false;
    evaluation e = judge_evaluation(w, w->base, l->claim, l->as, env);
    int before = w->base->derivatives;
    value x = left, sum = value_add(&w->algebra, right, meaning_of(&e, r.formula[0]->child[0]));
    w->base->derivatives = before;
    bool ok = value_ok(sum) && value_meet(&w->algebra, &x, &sum);
    if (ok) {
        value difference = { .var = eddy_sub(x.var, sum.var) };
        const eddy_tensor *t = tensor_of(difference);
        ok = t && largest(t) <= 1e-9 * largest(tensor_of(x));
    }
    eddy_clear_error(w->tape);
    w->fault.kind = FAULT_NONE;
    return ok;
}

/* ---- In LaTeX ---- */

static const char *fraction(arena *a, node_name y, node_name v, int64_t t)
{
    return arena_format(a, "\\frac{\\partial %s}{\\partial %s}", notation_near(a, y.quantity, y.step - t),
                        notation_near(a, v.quantity, v.step - t));
}

static bool jacobian(lack *l, node_name y, node_name v, int64_t t, bool explicit_, symbolic_sum *out)
{
    arena *a = l->court->arena;
    if (same_node(y, v)) {
        *out = symbolic_identity();
        return true;
    }
    bool plain = total_is_explicit(l->world, y, v);
    if ((explicit_ || plain) && symbolic_explicit(l->world, y, v, t, out)) {
        symbolic_gather(a, out);
        return true;
    }
    *out = symbolic_matrix(fraction(a, y, v, t));
    return !explicit_ || plain;
}

static const char *direct_name(const lack *l, const path *p, int64_t t)
{
    const scope *s = l->court->scope;
    for (int i = 0; i < s->quantities; i++) {
        const quantity *q = s->quantity[i];
        if (q->kind == QUANTITY_DIRECT && q->loss == p->target.quantity && q->of == p->source.quantity)
            return notation_near(l->court->arena, q, p->source.step - t);
    }
    return NULL;
}

static const char *written(lack *l, const path *p, int64_t t)
{
    arena *a = l->court->arena;
    symbolic_sum to_target, over, below, all;
    bool scalar = !p->numerator.quantity->timed, direct = same_node(p->numerator, p->target);
    if (!jacobian(l, p->source, p->denominator, t, false, &below))
        return NULL;
    l->blocks = symbolic_has_block(&below);
    if (scalar && direct) {
        const char *gradient = direct_name(l, p, t);
        return gradient ? symbolic_gradient(a, gradient, &below) : NULL;
    }
    if (!jacobian(l, p->target, p->source, t, true, &over) || !symbolic_product(&over, &below, &all))
        return NULL;
    l->blocks = symbolic_has_block(&all);
    if (scalar)
        return l->as->reading.rows ? NULL : symbolic_gradient(a, fraction(a, p->numerator, p->target, t), &all);
    if (!jacobian(l, p->numerator, p->target, t, false, &to_target) || !symbolic_product(&to_target, &all, &all))
        return NULL;
    l->blocks = symbolic_has_block(&all);
    return symbolic_jacobian(a, &all);
}

static bool each_instance(void *context, const binding *env, int64_t t)
{
    lack *l = context;
    world *w = l->world;
    const cut *k = &l->as->cut[0];
    path p;
    value left, right;
    span s = l->as->span;
    if ((s == SPAN_LAST && t != w->T) || (s == SPAN_NOT_LAST && t == w->T) || (s == SPAN_NOT_FIRST && t == 1) ||
        (s == SPAN_FIRST && t != 1) || (k->last && t != w->T))
        return true;
    evaluation e = judge_evaluation(w, w->base, l->claim, l->as, env);
    if (!judge_sides(&e, l->claim, &left, &right)) {
        bool step = w->fault.kind == FAULT_STEP;
        eddy_clear_error(w->tape);
        w->fault.kind = FAULT_NONE;
        l->wrong |= !step;
        return step;
    }
    p.source = (node_name){ k->from, k->last ? w->T : t + k->from_shift };
    p.target = (node_name){ k->to, k->to->timed ? t + k->to_shift : 0 };
    l->tried = true;
    l->wrong = !left_derivative(l->court->scope, l->claim->left, env, &p, 0) || !completes(l, &p, left, right);
    if (!l->wrong && !l->latex)
        l->latex = written(l, &p, t);
    l->wrong |= !l->latex || !written_completes(l, env, left, right);
    return !l->wrong;
}

const char *missing_term(court *c, const claimed *claim, const assumption *as)
{
    lack l = { .court = c, .claim = claim, .as = as };
    arena_position position = arena_now(&c->scratch);
    if (as->cuts != 1 || as->cut[0].every || claim->relation != REL_EQ)
        return NULL;
    for (int i = 0; i < 2 && !l.wrong; i++) {
        fault f = { 0 };
        l.world = court_world(c, claim, i, as, &f);
        l.wrong |= !l.world || !judge_instances(l.world, claim, &f, each_instance, &l);
    }
    arena_reset(&c->scratch, position);
    return l.wrong || !l.tried ? NULL : l.latex;
}
