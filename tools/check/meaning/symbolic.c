/* Derivatives of simple defining equations: sums, elementwise products, matrix times vector, lists, functions of one
 * argument. */
#include "symbolic.h"
#include "reader.h"
#include "notation.h"

#include <stdio.h>
#include <string.h>

typedef struct derivation {
    world *world;
    arena *arena;
    evaluation e;
    node_name y, v;
    const tree *whole; /* the defining equation's right side */
    int64_t shift;     /* the equation's t is the result's t plus this */
} derivation;

symbolic_sum symbolic_identity(void)
{
    return (symbolic_sum){ .terms = 1 };
}

symbolic_sum symbolic_matrix(const char *latex)
{
    return (symbolic_sum){ .terms = 1, .term = { { .factors = 1, .factor = { { .latex = latex } } } } };
}

static symbolic_sum diagonal(const char *latex, bool sum)
{
    symbolic_sum s = symbolic_matrix(latex);
    s.term[0].factor[0].diagonal = true;
    s.term[0].factor[0].sum = sum;
    return s;
}

bool symbolic_product(const symbolic_sum *a, const symbolic_sum *b, symbolic_sum *out)
{
    symbolic_sum s = { .terms = 0 };
    for (int i = 0; i < a->terms; i++)
        for (int j = 0; j < b->terms; j++) {
            const symbolic_term *x = &a->term[i], *y = &b->term[j];
            if (s.terms == SYMBOLIC_TERMS || x->factors + y->factors > SYMBOLIC_FACTORS)
                return false;
            symbolic_term *z = &s.term[s.terms++];
            *z = *x;
            memcpy(z->factor + z->factors, y->factor, (size_t)y->factors * sizeof *y->factor);
            z->factors += y->factors;
            z->negative = x->negative != y->negative;
        }
    *out = s;
    return true;
}

static bool add(symbolic_sum *s, const symbolic_sum *more, bool negative)
{
    if (s->terms + more->terms > SYMBOLIC_TERMS)
        return false;
    for (int i = 0; i < more->terms; i++) {
        s->term[s->terms] = more->term[i];
        s->term[s->terms++].negative ^= negative;
    }
    return true;
}

/* ---- The equation's own parts, with the result's t and the labels filled in ---- */

static tree *plain_symbol(arena *a, const char *latex)
{
    latex_result r = latex_read(a, latex, strlen(latex));
    return r.count == 1 ? r.formula[0]->child[0] : NULL;
}

static const char *index_of(derivation *d, const tree *index)
{
    fault f = { 0 };
    int64_t at;
    const binding *t = NULL;
    bool letter = scope_is_index(d->world->scope, index, d->e.env) &&
                  scope_letter(d->world->scope, "t", d->e.env, &t) == LETTER_INDEX && t;
    binding far = { .letter = "t", .kind = LETTER_INDEX, .value = 1000, .outer = d->e.env };
    if (!letter || !scope_index(d->world->scope, index, &far, &at, &f) || at < 900 || at > 1100)
        return NULL;
    at += d->shift - 1000;
    return at ? arena_format(d->arena, "t%c%d", at < 0 ? '-' : '+', (int)(at < 0 ? -at : at)) : "t";
}

static tree *moved(derivation *d, const tree *t, bool script)
{
    tree *copy = ARENA_NEW(d->arena, tree);
    if (!copy)
        return NULL;
    const binding *bound = NULL;
    const char *index = script ? index_of(d, t) : NULL;
    if (index)
        return plain_symbol(d->arena, index);
    if (t->kind == TREE_SYMBOL && !t->count &&
        scope_letter(d->world->scope, t->name, d->e.env, &bound) == LETTER_LABEL && bound)
        return plain_symbol(d->arena, bound->label);
    *copy = *t;
    copy->quantity = NULL;
    copy->child = ARENA_ARRAY(d->arena, tree *, t->count ? t->count : 1);
    for (int i = 0; copy->child && i < t->count; i++) {
        copy->child[i] = moved(d, t->child[i], script || t->kind == TREE_SYMBOL);
        if (!copy->child[i])
            return NULL;
        copy->child[i]->join = t->child[i]->join;
    }
    return copy->child ? copy : NULL;
}

static const char *said(derivation *d, const tree *t)
{
    tree *copy = moved(d, t, false);
    if (!copy)
        return "";
    copy->brackets = 0;
    return latex_text(d->arena, copy, LATEX_SOURCE);
}

/* ---- Rules ---- */

static int rank_of(derivation *d, const tree *t)
{
    evaluation e = d->e;
    value v = meaning_of(&e, t);
    bool ok = value_ok(v);
    if (!ok) {
        eddy_clear_error(d->world->tape);
        d->world->fault.kind = FAULT_NONE;
    }
    return ok ? v.rank : -1;
}

static bool is_sum(const tree *t)
{
    return t->kind == TREE_ADD || t->kind == TREE_NEG;
}

static bool differentiate(derivation *d, const tree *t, symbolic_sum *out);

/* The factors besides `which`, multiplied elementwise. */
static bool others(derivation *d, const tree *t, int which, symbolic_sum *out)
{
    text product = { .arena = d->arena };
    int count = 0, rank = 0;
    bool sum = false;
    for (int i = 0; i < t->count; i++) {
        int r = rank_of(d, t->child[i]);
        if (r < 0 || r > 1)
            return false;
        if (i == which)
            continue;
        const char *one = said(d, t->child[i]);
        bool brackets = is_sum(t->child[i]) && t->count > 2;
        text_format(&product, brackets ? "%s(%s)" : "%s%s", count ? rank && r ? " \\odot " : " " : "", one);
        sum = is_sum(t->child[i]) && !brackets;
        count++;
        rank = r > rank ? r : rank;
    }
    *out = diagonal(text_done(&product), sum);
    return true;
}

/* W x, W [h, x] */
static bool through_matrix(derivation *d, const tree *t, symbolic_sum *out)
{
    const tree *matrix = t->child[0], *x = t->child[1];
    const char *name = said(d, matrix);
    symbolic_sum part, block;
    if (x->kind != TREE_CONCAT) {
        block = symbolic_matrix(name);
        return differentiate(d, x, &part) && symbolic_product(&block, &part, out);
    }
    *out = (symbolic_sum){ 0 };
    for (int i = 0; i < x->count; i++) {
        symbolic_sum one;
        if (!differentiate(d, x->child[i], &part))
            return false;
        if (!part.terms)
            continue;
        block = symbolic_matrix(
            arena_format(d->arena, strlen(d->v.quantity->shown) > 1 ? "%s^{%s}" : "%s^%s", name, d->v.quantity->shown));
        block.term[0].factor[0].block = true;
        if (matrix->kind != TREE_SYMBOL || !symbolic_product(&block, &part, &one) || !add(out, &one, false))
            return false;
    }
    return true;
}

static bool through_function(derivation *d, const tree *t, symbolic_sum *out)
{
    symbolic_sum inner, outer;
    bool sigmoid = !strcmp(t->name, "\\sigma"), tanh_ = !strcmp(t->name, "\\tanh") || !strcmp(t->name, "tanh"),
         exp_ = !strcmp(t->name, "\\exp") || !strcmp(t->name, "exp");
    if (!differentiate(d, t->child[0], &inner))
        return false;
    if (!inner.terms) {
        *out = inner;
        return true;
    }
    if (t->count != 1 || t->primes || t->sub || rank_of(d, t->child[0]) > 1 || !(sigmoid || tanh_ || exp_))
        return false;
    const char *y =
        t == d->whole ? notation_near(d->arena, d->y.quantity, d->y.step - (d->e.env ? d->e.env->value : 0) + d->shift)
                      : NULL;
    const char *x = said(d, t->child[0]);
    if (sigmoid)
        outer = diagonal(
            y ? arena_format(d->arena, "%s \\odot (1 - %s)", y, y) : arena_format(d->arena, "\\sigma'(%s)", x), false);
    else if (tanh_)
        outer =
            diagonal(y ? arena_format(d->arena, "1 - %s^2", y) : arena_format(d->arena, "1 - \\tanh^2(%s)", x), true);
    else
        outer = diagonal(y ? y : arena_format(d->arena, "\\exp(%s)", x), false);
    return symbolic_product(&outer, &inner, out);
}

static bool differentiate(derivation *d, const tree *t, symbolic_sum *out)
{
    symbolic_sum part, rest, one;
    symbol_use use;
    fault f = { 0 };
    scope *s = d->world->scope;
    *out = (symbolic_sum){ 0 };
    if (t->kind == TREE_NUMBER)
        return true;
    if (t->kind == TREE_SYMBOL || (t->kind == TREE_POW && scope_is_label(s, t, d->e.env))) {
        int64_t step = 0;
        if (!scope_symbol(s, t, d->e.env, &use) || !use.quantity || use.quantity != d->v.quantity)
            return true;
        if (use.indices != use.quantity->timed || (use.indices && !scope_index(s, use.index[0], d->e.env, &step, &f)))
            return false;
        if (step == d->v.step)
            *out = symbolic_identity();
        return true;
    }
    switch (t->kind) {
    case TREE_ADD:
        for (int i = 0; i < t->count; i++)
            if (!differentiate(d, t->child[i], &part) || !add(out, &part, false))
                return false;
        return true;
    case TREE_NEG:
        return differentiate(d, t->child[0], &part) && add(out, &part, true);
    case TREE_APPLY:
        return t->count == 1 && through_function(d, t, out);
    case TREE_MUL:
        if (t->count == 2 && t->child[1]->join != JOIN_ODOT && t->child[1]->join != JOIN_STAR &&
            rank_of(d, t->child[0]) == 2 && rank_of(d, t->child[1]) == 1)
            return through_matrix(d, t, out);
        for (int i = 0; i < t->count; i++) {
            if (!differentiate(d, t->child[i], &part))
                return false;
            if (part.terms &&
                (!others(d, t, i, &rest) || !symbolic_product(&rest, &part, &one) || !add(out, &one, false)))
                return false;
        }
        return true;
    default:
        return false;
    }
}

bool symbolic_explicit(world *w, node_name y, node_name v, int64_t t, symbolic_sum *out)
{
    fault f = { 0 };
    quantity *source = y.quantity->kind == QUANTITY_ARGUMENT ? (quantity *)(uintptr_t)y.quantity->of : y.quantity;
    if (source->kind != QUANTITY_DEFINED && !source->definitions)
        return false;
    const definition *def = scope_definition(w->scope, source, y.step, &f);
    if (!def || def->elements || def->step || f.kind)
        return false;
    binding env = { .letter = "t", .kind = LETTER_INDEX, .value = y.step - def->shift, .outer = def->labels };
    derivation d = {
        .world = w, .arena = w->scope->arena, .y = y, .v = v, .whole = def->value, .shift = y.step - def->shift - t
    };
    if (def->convention == 2)
        return false;
    d.e = (evaluation){ .context = w->base, .world = w, .env = &env };
    const tree *right = def->value;
    bool call = right->kind == TREE_APPLY && right->count == 1 && !right->primes;
    if (y.quantity != source) {
        if (!call)
            return false;
        d.whole = NULL;
        right = right->child[0];
    } else if (call && y.quantity->argument) { /* it reads its argument, which has a name */
        if (v.quantity != y.quantity->argument || v.step != y.step)
            return false;
        const char *name = notation_near(d.arena, y.quantity, y.step - t), *of = right->name;
        *out = !strcmp(of, "\\sigma")  ? diagonal(arena_format(d.arena, "%s \\odot (1 - %s)", name, name), false)
               : !strcmp(of, "\\tanh") ? diagonal(arena_format(d.arena, "1 - %s^2", name), true)
                                       : (symbolic_sum){ 0 };
        return out->terms > 0;
    }
    return differentiate(&d, right, out) && out->terms > 0;
}

/* ---- Writing ---- */

bool symbolic_has_block(const symbolic_sum *s)
{
    for (int i = 0; i < s->terms; i++)
        for (int k = 0; k < s->term[i].factors; k++)
            if (s->term[i].factor[k].block)
                return true;
    return false;
}

void symbolic_gather(arena *a, symbolic_sum *s)
{
    if (s->terms < 2)
        return;
    text sum = { .arena = a };
    for (int i = 0; i < s->terms; i++)
        if (s->term[i].factors != 1 || !s->term[i].factor[0].diagonal)
            return;
    for (int negative = 0; negative < 2; negative++)
        for (int i = 0; i < s->terms; i++)
            if (s->term[i].negative == negative) {
                const symbolic_factor *f = &s->term[i].factor[0];
                text_format(&sum, negative && f->sum ? "%s(%s)" : "%s%s",
                            negative     ? sum.length ? " - " : "-"
                            : sum.length ? " + "
                                         : "",
                            f->latex);
            }
    *s = diagonal(text_done(&sum), true);
}

const char *symbolic_jacobian(arena *a, const symbolic_sum *s)
{
    text out = { .arena = a };
    for (int i = 0; i < s->terms; i++) {
        const symbolic_term *t = &s->term[i];
        text_add(&out, t->negative ? (i ? " - " : "-") : i ? " + " : "");
        if (!t->factors)
            text_add(&out, "I");
        for (int k = 0; k < t->factors; k++)
            text_format(&out, t->factor[k].diagonal ? "%s\\operatorname{diag}(%s)" : "%s%s", k ? " " : "",
                        t->factor[k].latex);
    }
    return text_done(&out);
}

const char *symbolic_gradient(arena *a, const char *gradient, const symbolic_sum *s)
{
    text out = { .arena = a };
    for (int i = 0; i < s->terms; i++) {
        const symbolic_term *t = &s->term[i];
        const char *v = gradient;
        bool product = false;
        for (int k = 0; k < t->factors; k++) {
            const symbolic_factor *f = &t->factor[k];
            if (f->diagonal)
                v = arena_format(a, f->sum ? "%s \\odot (%s)" : "%s \\odot %s", v, f->latex);
            else {
                bool fraction = !strncmp(f->latex, "\\frac", 5), raised = strchr(f->latex, '^') != NULL;
                const char *transposed = fraction ? arena_format(a, "\\left(%s\\right)^\\top", f->latex)
                                         : raised ? arena_format(a, "{%s}^\\top", f->latex)
                                                  : arena_format(a, "%s^\\top", f->latex);
                v = arena_format(a, product ? "%s (%s)" : "%s %s", transposed, v);
            }
            product = f->diagonal;
        }
        text_format(&out, "%s%s", t->negative ? (i ? " - " : "-") : i ? " + " : "", v);
    }
    return text_done(&out);
}
