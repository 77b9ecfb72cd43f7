/* Factors and terms by which the sides of a false claim differ: simple functions of the scope's quantities near t,
 * alone and in pairs. */
#include "reader.h"
#include "meaning.h"
#include "patterns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Candidates ---- */

typedef struct candidate {
    const char *name; /* LaTeX */
    const tree *tree; /* a symbol of the formula; or */
    node_name node;   /* a quantity, `node.step` relative to t; or */
    quantity *loss;   /* the loss's derivative by it */
    int rank;
    bool column; /* a vector against a matrix: one factor for each column, not row */
    const double *number[PATTERN_SPOTS];
    int64_t by_sample[PATTERN_SPOTS], by_row[PATTERN_SPOTS], by_column[PATTERN_SPOTS];
} candidate;

typedef struct pool {
    spots *spots;
    candidate item[PATTERN_CANDIDATES];
    int count;
} pool;

static value look(const spots *s, const spot *at, const candidate *c)
{
    evaluation e = spots_evaluation(s, at);
    int before = e.context->derivatives;
    node_name node = c->node;
    node.step += node.quantity && node.quantity->timed ? at->t : 0;
    value v = c->tree   ? meaning_of(&e, c->tree)
              : c->loss ? derivative_of(&e, (node_name){ c->loss, 0 }, node, false)
                        : world_look(&e, node.quantity, node.step);
    e.context->derivatives = before; /* the oracle need not look at what was only tried */
    return v;
}

/* The numbers of a candidate at every spot, if its shape lets it multiply the sides. */
static bool load(spots *s, candidate *c)
{
    bool zero = true; /* everywhere, as a derivative by what nothing depends on: it says nothing */
    for (int k = 0; k < s->count; k++) {
        const spot *at = &s->spot[k];
        value v = look(s, at, c);
        c->number[k] = spots_numbers(s, at->world, v);
        if (!c->number[k] || v.rank > at->rank || (v.batched && !at->batched) || (v.rank == 2 && at->rank != 2))
            return false;
        int64_t rows = v.rank ? value_size(v, 0) : 1, columns = v.rank > 1 ? value_size(v, 1) : 1;
        bool against = v.rank == 1 && at->rank == 2;
        if ((v.rank && rows != (against && c->column ? at->columns : at->rows)) ||
            (v.rank > 1 && columns != at->columns))
            return false;
        c->rank = v.rank;
        c->by_sample[k] = v.batched ? rows * columns : 0;
        c->by_row[k] = v.rank == 0 || (against && c->column) ? 0 : columns;
        c->by_column[k] = v.rank == 2 || (against && c->column);
        for (int64_t i = 0; zero && i < (v.batched ? at->samples : 1) * rows * columns; i++)
            zero = c->number[k][i] == 0;
    }
    return !zero;
}

static void add(pool *p, candidate c)
{
    for (int i = 0; i < p->count; i++)
        if (!strcmp(p->item[i].name, c.name) && p->item[i].column == c.column)
            return;
    if (p->count < PATTERN_CANDIDATES && world_clock() < p->spots->until && load(p->spots, &c))
        p->item[p->count++] = c;
    if (c.rank == 1 && p->spots->rank == 2 && !p->spots->diagonal && !c.column) {
        c.column = true;
        add(p, c);
    }
}

static void add_symbols(pool *p, const tree *t)
{
    spots *s = p->spots;
    symbol_use use;
    if (t->kind == TREE_SYMBOL && scope_symbol(s->court->scope, t, s->spot[0].env, &use) && use.quantity)
        add(p, (candidate){ .name = latex_text(s->court->arena, t, LATEX_SOURCE), .tree = t });
    if (t->kind != TREE_DERIV && t->kind != TREE_SUM && t->kind != TREE_PROD)
        for (int i = 0; i < t->count; i++)
            add_symbols(p, t->child[i]);
}

static bool speaks_of(const tree *t, const scope *s, const quantity *loss)
{
    if (t->kind == TREE_SYMBOL && !t->count && !strcmp(t->name, loss->key))
        return true;
    if (t->kind == TREE_SYMBOL && s->differential_loss == loss && scope_differential(s, t))
        return true;
    for (int i = 0; i < t->count; i++)
        if (speaks_of(t->child[i], s, loss))
            return true;
    return false;
}

static void fill(pool *p, bool derivatives)
{
    static const int64_t shifts[] = { 0, -1, 1 };
    spots *s = p->spots;
    scope *sc = s->court->scope;
    arena *a = s->court->arena;
    bool timed = s->spot[0].t > 0;
    add_symbols(p, s->claim->right);
    add_symbols(p, s->claim->left);
    for (int pass = 0; pass < 2 + derivatives; pass++)
        for (int i = 0; i < sc->quantities; i++) {
            quantity *q = sc->quantity[i];
            bool known = q->kind == QUANTITY_DEFINED || q->kind == QUANTITY_DIRECT || q->definitions ||
                         (q->kind == QUANTITY_GIVEN && q->timed);
            if (!known || (q->timed && !timed) || q->number >= s->spot[0].world->base->quantities)
                continue;
            for (int k = 0; k < (q->timed && pass ? 3 : 1); k++) {
                candidate c = { .name = notation_near(a, q, shifts[k]), .node = { q, shifts[k] } };
                if ((pass == 1 && k == 0) || pass == 2) {
                    for (int l = 0; pass == 2 && l < sc->quantities; l++) {
                        quantity *loss = sc->quantity[l];
                        if (loss->kind != QUANTITY_LOSS || q->kind == QUANTITY_DIRECT || !q->definitions ||
                            !speaks_of(s->claim->formula, sc, loss))
                            continue;
                        c.loss = loss;
                        c.name = arena_format(a, "\\frac{\\partial %s}{\\partial %s}", loss->shown,
                                              notation_near(a, q, shifts[k]));
                        add(p, c);
                    }
                    continue;
                }
                add(p, c);
            }
        }
}

/* ---- Functions of them ---- */

typedef enum shape_of {
    PLAIN,
    COMPLEMENT,
    LOGISTIC,
    BELL,
    SQUARE,
    TANH,
    SECH,
    SIGMOID,
    SIGMOID_SLOPE,
    FUNCTIONS
} shape_of;
enum { FEW = SQUARE }; /* those tried in pairs */

static double function(int f, double x)
{
    double s;
    switch (f) {
    case COMPLEMENT:
        return 1 - x;
    case LOGISTIC:
        return x * (1 - x);
    case BELL:
        return 1 - x * x;
    case SQUARE:
        return x * x;
    case TANH:
        return tanh(x);
    case SECH:
        return 1 - tanh(x) * tanh(x);
    case SIGMOID:
        return 1 / (1 + exp(-x));
    case SIGMOID_SLOPE:
        s = 1 / (1 + exp(-x));
        return s * (1 - s);
    default:
        return x;
    }
}

static const char *written(arena *a, const candidate *c, int f)
{
    const char *x = c->name, *times = c->rank ? " \\odot " : " ";
    bool fraction = strstr(x, "\\frac") != NULL;
    const char *in = fraction ? arena_format(a, "(%s)", x) : x;
    switch (f) {
    case COMPLEMENT:
        return arena_format(a, "(1 - %s)", x);
    case LOGISTIC:
        return arena_format(a, "%s%s(1 - %s)", x, times, x);
    case BELL:
        return arena_format(a, "(1 - %s^2)", in);
    case SQUARE:
        return arena_format(a, "%s^2", in);
    case TANH:
        return arena_format(a, "\\tanh(%s)", x);
    case SECH:
        return arena_format(a, "(1 - \\tanh^2(%s))", x);
    case SIGMOID:
        return arena_format(a, "\\sigma(%s)", x);
    case SIGMOID_SLOPE:
        return arena_format(a, "\\sigma'(%s)", x);
    default:
        return x;
    }
}

/* ---- Comparison ---- */

typedef struct guess {
    const candidate *c[2];
    int f[2], count;
} guess;

static double guessed(const guess *g, int k, int64_t b, int64_t i, int64_t j)
{
    double x = 1;
    for (int n = 0; n < g->count; n++) {
        const candidate *c = g->c[n];
        x *= function(g->f[n], c->number[k][b * c->by_sample[k] + i * c->by_row[k] + j * c->by_column[k]]);
    }
    return x;
}

typedef enum relation_of { EXTRA, LACKING, TERM } relation_of; /* r = l f, l = r f, l - r = f */

/* What must be `factor` times what: at one element. */
static void sides(const spot *at, relation_of how, int64_t e, double f, bool diagonal, double *whole, double *part)
{
    double l = at->left[e], r = at->right[e];
    *whole = how == EXTRA ? r : how == LACKING ? l : l - r;
    *part = how == EXTRA ? l * f : how == LACKING ? r * f : diagonal ? f : 0;
}

/* The constant k with "whole = k part" everywhere, 0 if there is none. */
static double fits(const spots *s, const guess *g, relation_of how, bool simple)
{
    static const double nice[] = { 1, -1, 2, -2, 0.5, -0.5 };
    double factor = 0, whole, part;
    for (int k = 0; k < s->count; k++) {
        const spot *at = &s->spot[k];
        double scale = how == TERM    ? fmax(at->left_most, at->right_most)
                       : how == EXTRA ? at->right_most
                                      : at->left_most,
               most = 0;
        bool vector = at->rank == 2 && how == TERM;
        for (int n = 0; vector && n < g->count; n++)
            vector = g->c[n]->rank < 2;
        int64_t elements = at->rows * at->columns;
        for (int64_t e = 0; factor == 0 && e < at->samples * elements; e++) { /* the largest element decides */
            int64_t i = e % elements / at->columns, j = e % at->columns;
            sides(at, how, e, guessed(g, k, e / elements, i, j), !vector || i == j, &whole, &part);
            if (fabs(whole) <= most || fabs(whole) <= 1e-6 * scale)
                continue;
            most = fabs(whole);
            if (part == 0)
                return 0;
            double ratio = whole / part;
            for (size_t c = 0; c < (simple ? 2 : sizeof nice / sizeof *nice); c++)
                if (fabs(ratio - nice[c]) < 1e-8 * fabs(nice[c]))
                    factor = nice[c];
            if (factor == 0)
                return 0;
        }
        for (int64_t e = 0; e < at->samples * elements; e++) {
            int64_t i = e % elements / at->columns, j = e % at->columns;
            sides(at, how, e, guessed(g, k, e / elements, i, j), !vector || i == j, &whole, &part);
            if (!(fabs(whole - factor * part) <= 1e-9 * fmax(scale, fabs(part))))
                return 0;
        }
    }
    return factor;
}

static const char *told(const spots *s, const guess *g, relation_of how, double factor)
{
    arena *a = s->court->arena;
    text product = { .arena = a };
    const char *side = "";
    text_add(&product, factor == 1     ? ""
                       : factor == -1  ? "-"
                       : factor == 2   ? "2 "
                       : factor == -2  ? "-2 "
                       : factor == 0.5 ? "\\frac{1}{2} "
                                       : "-\\frac{1}{2} ");
    for (int n = 0; n < g->count; n++) {
        const char *one = written(a, g->c[n], g->f[n]);
        size_t length = strlen(one);
        bool diag = s->rank == 2 && g->c[n]->rank == 1 && !(s->diagonal && how != TERM);
        if (diag) {
            if (g->f[n] != LOGISTIC && one[0] == '(')
                one = arena_format(a, "%.*s", (int)length - 2, one + 1);
            one = arena_format(a, "\\operatorname{diag}(%s)", one);
            if (how != TERM)
                side = g->c[n]->column ? " on the right" : " on the left";
        } else if (g->count == 1 && one[0] == '(' && one[length - 1] == ')' && product.length == 0)
            one = arena_format(a, "%.*s", (int)length - 2, one + 1);
        text_format(&product, "%s%s", n ? diag || !g->c[n]->rank ? " " : " \\odot " : "", one);
    }
    const char *what = text_done(&product);
    return how == EXTRA     ? arena_format(a, "the right side has an extra factor $%s$%s", what, side)
           : how == LACKING ? arena_format(a, "the right side lacks the factor $%s$%s", what, side)
           : factor < 0     ? arena_format(a, "the right side has $%s$ too much", what + 1)
                            : arena_format(a, "the right side lacks the term $%s$", what);
}

static const char *single(const pool *p, relation_of how)
{
    const char *best = NULL;
    for (int f = 0; f < FUNCTIONS && !best; f++)
        for (int i = 0; i < p->count; i++) {
            guess g = { .c = { &p->item[i] }, .f = { f }, .count = 1 };
            double factor = fits(p->spots, &g, how, false);
            const char *found = factor != 0 ? told(p->spots, &g, how, factor) : NULL;
            if (found && (!best || strlen(found) < strlen(best)))
                best = found;
        }
    return best;
}

static const char *paired(const pool *p, relation_of how)
{
    const char *best = NULL;
    for (int i = 0; i < p->count && world_clock() < p->spots->until; i++)
        for (int j = 0; j < i; j++)
            for (int f = 0; f < FEW * FEW; f++) {
                guess g = { .c = { &p->item[j], &p->item[i] }, .f = { f / FEW, f % FEW }, .count = 2 };
                double factor = fits(p->spots, &g, how, true);
                const char *found = factor != 0 ? told(p->spots, &g, how, factor) : NULL;
                if (found && (!best || strlen(found) < strlen(best)))
                    best = found;
            }
    return best;
}

const char *factors_find(spots *s, bool terms)
{
    pool *p = ARENA_NEW(s->arena, pool);
    const char *found;
    if (!p || !s->count)
        return NULL;
    p->spots = s;
    fill(p, terms);
    if (!terms)
        return (found = single(p, EXTRA)) ? found : single(p, LACKING);
    if ((found = single(p, TERM)) || (found = paired(p, EXTRA)) || (found = paired(p, LACKING)))
        return found;
    return paired(p, TERM);
}
