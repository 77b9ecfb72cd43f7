/* The search for conditions: which time steps, which reading, which states, which cut edges make a claim true. Every
 * minimal set is found, the simplest kinds first. */
#include "court.h"
#include "reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    SEARCH_WORK = 2000000, /* a guard against the unforeseen: most searches take a hundredth of it */
    PAIRED = 16            /* cuts that are tried two at a time: those that leave the claim's own step come first */
};

static int claim_derivatives(const claimed *claim, const tree **out, int most)
{
    const tree *stack[512] = { claim->right, claim->left };
    int count = 0, depth = 2;
    while (depth) {
        const tree *t = stack[--depth];
        if (t->kind == TREE_DERIV && count < most)
            out[count++] = t;
        for (int i = 0; i < t->count && depth < 512; i++)
            stack[depth++] = t->child[i];
    }
    return count;
}

/* Does a side depend on derivatives at all: written, by the shorthand, or through a quantity that is defined as one?
 * Otherwise no cut can matter. */
static bool speaks_of_derivatives(scope *s, const tree *t, int depth)
{
    if (t->kind == TREE_DERIV)
        return true;
    symbol_use use;
    if (t->kind == TREE_SYMBOL && scope_differential(s, t))
        return true;
    if ((t->kind == TREE_SYMBOL || t->kind == TREE_POW) && depth < 3) {
        free_letter letters[8];
        binding env[8];
        const binding *outer = NULL;
        int count = scope_free(s, t, letters, 8);
        for (int i = 0; i < count; i++) {
            const letter_row *l = scope_declared(s, letters[i].letter);
            env[i] = (binding){ .letter = letters[i].letter,
                                .kind = letters[i].kind,
                                .label = l && l->labels ? l->label[0] : NULL,
                                .value = 2,
                                .outer = outer };
            outer = &env[i];
        }
        if (scope_symbol(s, t, outer, &use) && use.quantity) {
            if (use.quantity->kind == QUANTITY_DIRECT)
                return true;
            for (int i = 0; i < use.quantity->definitions; i++)
                if (speaks_of_derivatives(s, use.quantity->definition[i]->value, depth + 1))
                    return true;
        }
    }
    for (int i = 0; i < t->count; i++)
        if (speaks_of_derivatives(s, t->child[i], depth))
            return true;
    return false;
}

bool cut_apply(const cut *k, const world *w, int64_t t, wiring *c)
{
    for (int64_t at = k->every ? 1 : t; at <= (k->every ? w->T : t); at++) {
        if (c->cuts == CONTEXT_CUTS)
            return false;
        node_name from = { k->from, !k->from->timed ? 0
                                    : k->last       ? w->T
                                                    : at + k->from_shift },
                  to = { k->to, k->to->timed ? at + k->to_shift : 0 };
        c->cut[c->cuts++] = (edge){ from, to };
    }
    return true;
}

static bool same_cut(const cut *a, const cut *b)
{
    return a->from == b->from && a->to == b->to && a->from_shift == b->from_shift && a->to_shift == b->to_shift &&
           a->last == b->last;
}

/* Edges near t that matter to the claim: cutting one changes one of its sides. */
static int cut_candidates(court *c, const claimed *claim, const assumption *as, cut *out, int most)
{
    fault f = { 0 };
    world *w = court_world(c, claim, 0, as, &f);
    if (!w || (!speaks_of_derivatives(c->scope, claim->left, 0) && !speaks_of_derivatives(c->scope, claim->right, 0)))
        return 0;
    bool timed = claim_has_time(c->scope, claim);
    int count = 0;
    for (int i = 0; i < w->edges && count < most; i++) {
        const edge *e = &w->edge[i];
        const quantity *to = e->to.quantity, *from = e->from.quantity;
        if (!from->timed || (from->kind == QUANTITY_GIVEN && !from->definitions && !from->library) ||
            to->kind == QUANTITY_DIRECT)
            continue;
        cut k = { .from = e->from.quantity, .to = e->to.quantity, .every = !timed };
        bool loss = !to->timed;
        if (loss) {
            for (int r = 0; r < to->read_count; r++)
                k.last |= to->reads[r].quantity == from && to->reads[r].last;
            if (!k.last && e->from.step != 2)
                continue;
        } else {
            k.from_shift = (int)(e->from.step - 2);
            k.to_shift = (int)(e->to.step - 2);
            if (k.from_shift < -1 || k.from_shift > 0 || k.to_shift < -1 || k.to_shift > 1)
                continue;
            if (k.every && (k.from_shift != 0 || k.to_shift > 1 || k.to_shift < 0)) {
                if (k.from_shift == -1 && k.to_shift == 0)
                    k.from_shift = 0, k.to_shift = 1;
                else
                    continue;
            }
        }
        bool known = false;
        for (int j = 0; j < count; j++)
            known |= same_cut(&out[j], &k);
        if (!known)
            out[count++] = k;
    }
    for (int from = 0, i = 0; i < count; i++) /* what leaves the claim's own step comes before what enters it */
        if (out[i].from_shift == 0) {
            cut first = out[i];
            memmove(out + from + 1, out + from, (size_t)(i - from) * sizeof *out);
            out[from++] = first;
        }
    return count;
}

/* Is this the only edge that leaves its source? */
bool cut_is_only(const world *w, const cut *k)
{
    for (int i = 0; i < w->edges; i++) {
        const edge *e = &w->edge[i];
        if (e->from.quantity == k->from && e->from.step == 2 + k->from_shift &&
            (e->to.quantity != k->to || (k->to->timed && e->to.step != 2 + k->to_shift)))
            return false;
    }
    return !k->last;
}

/* ---- Minimal sets ---- */

static bool signs_weaker(const reading *a, const reading *b)
{
    bool weaker = true;
    for (int i = 0; i < WRITTEN_SIGNS; i++)
        weaker &= !a->sign[i] || a->sign[i] == b->sign[i];
    return weaker;
}

static bool reading_weaker(const reading *a, const reading *b)
{
    return (a->rows == b->rows || !a->rows) && (!a->loose || b->loose) && (!a->transposed || b->transposed) &&
           (!a->spectral || b->spectral) && (!a->sides || b->sides || b->loose) && (!a->outer || b->outer) &&
           (!a->later_left || b->later_left) && (!a->by_numbers || b->by_numbers) &&
           (!a->slice_rows || b->slice_rows) && signs_weaker(a, b) &&
           (!a->explicits || (a->explicits == b->explicits &&
                              !memcmp(a->explicit_, b->explicit_, (size_t)a->explicits * sizeof *a->explicit_)));
}

/* Does a assume no more than b? */
static bool contained(const assumption *a, const assumption *b)
{
    if ((a->no_kappa && !b->no_kappa) || (a->zero_initial && !b->zero_initial) || (a->one_sample && !b->one_sample) ||
        !reading_weaker(&a->reading, &b->reading))
        return false;
    if (a->span != SPAN_ALL && a->span != b->span && !(a->span == SPAN_NOT_FIRST && b->span == SPAN_LAST) &&
        !(a->span == SPAN_NOT_LAST && b->span == SPAN_FIRST))
        return false;
    for (int i = 0; i < a->cuts; i++) {
        bool there = false;
        for (int j = 0; j < b->cuts; j++)
            there |= same_cut(&a->cut[i], &b->cut[j]);
        if (!there)
            return false;
    }
    return true;
}

typedef struct search {
    court *court;
    const claimed *claim;
    assumption *out;
    int count, most;
    int64_t limit; /* of the court's work */
} search;

static bool over(const search *s)
{
    return s->court->work > s->limit || court_over(s->court);
}

static bool covered(const search *s, const assumption *as)
{
    for (int i = 0; i < s->count; i++)
        if (contained(&s->out[i], as))
            return true;
    return false;
}

static void add(search *s, const assumption *as)
{
    if (s->count < s->most && !covered(s, as))
        s->out[s->count++] = *as;
}

/* Tries one assumption at every span; the first world decides what is worth trying in the others. False: it is no news,
 * or the claim has no values under it. */
static bool try(search *s, assumption as, bool spans)
{
    tally t;
    if (covered(s, &as) || over(s))
        return false;
    as.span = SPAN_ALL;
    judge_run(s->court, s->claim, &as, 1, spans ? STOP_DECIDED : STOP_FIRST, &t);
    if (t.outcome == OUTCOME_NOT_READ || t.outcome == OUTCOME_SHAPES)
        return false;
    bool maybe[SPANS];
    memcpy(maybe, t.pass, sizeof maybe);
    static const span widest_first[SPANS] = { SPAN_ALL,     SPAN_NOT_LAST, SPAN_NOT_FIRST,
                                              SPAN_EARLIER, SPAN_LAST,     SPAN_FIRST };
    for (int k = 0; k < (spans ? SPANS : 1); k++) {
        int i = (int)widest_first[k];
        as.span = (span)i;
        if (as.cuts && (as.span == SPAN_LAST || as.span == SPAN_FIRST))
            continue;
        if (!maybe[i] || covered(s, &as) || t.zero)
            continue;
        tally all;
        judge_run(s->court, s->claim, &as, court_worlds(s->court, s->claim), STOP_FIRST, &all);
        if (all.outcome == OUTCOME_PASS && !all.zero)
            add(s, &as);
        if (i == SPAN_ALL && all.outcome == OUTCOME_PASS)
            break;
    }
    return true;
}

bool may_read(const scope *s)
{
    for (int i = 0; i < s->quantities; i++)
        for (int k = 0; k < s->quantity[i]->read_count; k++)
            if (s->quantity[i]->reads[k].maybe)
                return true;
    return false;
}

static bool has_initial(const world *w)
{
    for (int i = 0; i < w->leaves; i++)
        if (w->leaf[i].initial)
            return true;
    return false;
}

static bool has_norm(const tree *t)
{
    if (t->kind == TREE_NORM && !t->sub)
        return true;
    for (int i = 0; i < t->count; i++)
        if (has_norm(t->child[i]))
            return true;
    return false;
}

/* A quantity whose shape nobody said, computed. */
static bool is_number(world *w, quantity *q)
{
    evaluation e = { .world = w, .context = w->base };
    value v = q->number < w->base->quantities ? world_look(&e, q, q->timed ? 1 : 0) : value_none();
    w->fault.kind = FAULT_NONE;
    eddy_clear_error(w->tape);
    return value_ok(v) && v.rank == 0;
}

bool is_scalar(court *c, const claimed *claim, const tree *t)
{
    fault f = { 0 };
    assumption first;
    symbol_use use;
    int rank = 0;
    int64_t dim[2];
    judge_default(c, claim, &first);
    world *w = court_world(c, claim, 0, &first, &f);
    return w && t->kind == TREE_SYMBOL && scope_symbol(c->scope, t, NULL, &use) && use.quantity &&
           ((shapes_get(w, use.quantity, &rank, dim) && rank == 0) || is_number(w, use.quantity));
}

bool formula_has_kind(const tree *t, tree_kind kind)
{
    if (t->kind == kind)
        return true;
    for (int i = 0; i < t->count; i++)
        if (formula_has_kind(t->child[i], kind))
            return true;
    return false;
}

bool formula_has_sign(const tree *t, written_sign sign)
{
    for (int i = 0; i < t->count; i++)
        if ((t->kind == TREE_MUL && i && written_sign_of(t->child[i]->join) == (int)sign) ||
            formula_has_sign(t->child[i], sign))
            return true;
    return false;
}

bool signs_differ(const reading *a, const reading *b)
{
    return memcmp(a->sign, b->sign, sizeof a->sign) != 0;
}

/* Does a row of a matrix stand by itself: Q_{i:}? */
static bool has_slice(const court *c, const tree *t)
{
    symbol_use use;
    int rank = 0;
    int64_t dim[2];
    if (c->count && t->kind == TREE_SYMBOL && scope_symbol(c->scope, t, NULL, &use) && use.quantity &&
        use.indices == use.quantity->timed + 1 && shapes_get(c->made[0].world, use.quantity, &rank, dim) && rank == 2)
        return true;
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++)
        if (has_slice(c, t->child[i]))
            return true;
    return false;
}

/* \partial L / \partial y \partial y / \partial x: the row of a number's derivative stands in front of a Jacobian. */
static bool has_chain(const tree *t)
{
    for (int i = 0; i < t->count; i++) {
        const tree *next = t->kind == TREE_MUL && i + 1 < t->count ? t->child[i + 1] : NULL;
        if ((next && t->child[i]->kind == TREE_DERIV && next->kind == TREE_DERIV && next->join == JOIN_BESIDE &&
             tree_equal(t->child[i]->child[1], next->child[0])) ||
            has_chain(t->child[i]))
            return true;
    }
    return false;
}

/* x \partial L / \partial z: a row behind a column, or behind its transpose or in front of one, then a column. */
static bool has_outer(const tree *t, bool transposed)
{
    for (int i = 0; i < t->count; i++) {
        const tree *c = t->child[i], *next = t->kind == TREE_MUL && i + 1 < t->count ? t->child[i + 1] : NULL;
        bool beside = next && next->join == JOIN_BESIDE;
        if ((beside && transposed && c->kind + next->kind == TREE_TRANSPOSE + TREE_DERIV &&
             (c->kind == TREE_DERIV || next->kind == TREE_DERIV)) ||
            (beside && !transposed && c->kind == TREE_SYMBOL && next->kind == TREE_DERIV) || has_outer(c, transposed))
            return true;
    }
    return false;
}

/* Are derivatives of numbers rows here? So the setup says, or chains of them show it. */
static bool writes_rows(const scope *s)
{
    for (int i = 0; i < s->formulas; i++)
        if (has_chain(s->formula[i]))
            return true;
    return s->numerator;
}

/* ... or may they be, where only this claim has one, and no formula one that is a column? */
static bool may_write_rows(const scope *s, const claimed *claim)
{
    bool rows = has_outer(claim->right, false);
    for (int i = 0; i < s->formulas; i++)
        rows &= !has_outer(s->formula[i], true);
    return rows;
}

static reading in_numerator_layout(const reading *first)
{
    reading r = *first;
    r.upstream = r.numerator = r.sides = true;
    return r;
}

int other_readings(const court *c, const claimed *claim, const reading *first, reading *out, int most)
{
    static const setup_sign others[WRITTEN_SIGNS][2] = { { SIGN_PRODUCT, SIGN_INNER },
                                                         { SIGN_ENTRYWISE, SIGN_INNER },
                                                         { SIGN_ENTRYWISE, SIGN_OUTER } };
    int count = 0;
    for (int i = 0; i < 2; i++) /* what differs from the usual */
        for (int k = 0; k < WRITTEN_SIGNS; k++) {
            bool guessed = k == WRITTEN_OTIMES || (k == WRITTEN_DOT && c->scope->dot_guessed),
                 open = !c->scope->sign[k] || (guessed && c->scope->sign[k] != others[k][i]);
            if (open && formula_has_sign(claim->formula, (written_sign)k) && count < most)
                out[count] = *first, out[count++].sign[k] = others[k][i];
        }
    if ((formula_has_kind(claim->left, TREE_INNER) || formula_has_kind(claim->right, TREE_INNER)) && count < most)
        out[count] = *first, out[count++].outer = true;
    if (count < most)
        out[count] = *first, out[count++].sides = true;
    if ((has_slice(c, claim->left) || has_slice(c, claim->right)) && count < most)
        out[count] = *first, out[count].slice_rows = true, out[count++].sides = true;
    if ((formula_has_kind(claim->left, TREE_DERIV) || formula_has_kind(claim->right, TREE_DERIV)) && count < most)
        out[count] = *first, out[count++].by_numbers = true;
    if (!claim->convention && count < most)
        out[count] = *first, out[count++].rows = !first->rows;
    if (!c->scope->denominator && count < most)
        out[count] = *first, out[count++].transposed = true;
    if (!first->rows && (c->scope->batch_unsaid || c->scope->batch_written) && count < most)
        out[count] = *first, out[count].upstream = true, out[count++].sides = true;
    if (!first->rows && c->scope->batch_unsaid && writes_rows(c->scope) && count < most)
        out[count++] = in_numerator_layout(first);
    return count;
}

/* The ways to read a claim: as it stands, then derivatives explicit (all, then each), transposed Jacobians, the other
 * convention. */
static int readings(court *c, const claimed *claim, const reading *first, reading *out, int most)
{
    const tree *derivative[JUDGE_DERIVATIVES];
    int count = 0, n = claim_derivatives(claim, derivative, JUDGE_DERIVATIVES), vectors = 0;
    out[count++] = *first;
    for (int i = 0; i < n; i++) /* of a scalar a derivative is total */
        if (!is_scalar(c, claim, derivative[i]->child[0]))
            derivative[vectors++] = derivative[i];
    for (int mask = (1 << (vectors < 4 ? vectors : 4)) - 1; mask > 0 && count < most; mask--) {
        reading r = *first;
        for (int i = 0; i < vectors && i < 4; i++)
            if (mask >> i & 1)
                r.explicit_[r.explicits++] = derivative[i];
        for (int i = 4; i < vectors && mask == 15; i++)
            r.explicit_[r.explicits++] = derivative[i];
        out[count++] = r;
    }
    if (vectors && count < most) {
        out[count] = *first;
        out[count++].transposed = true;
    }
    if (has_norm(claim->left) || has_norm(claim->right)) {
        out[count] = *first;
        out[count++].spectral = true;
    }
    if ((formula_has_kind(claim->left, TREE_PROD) || formula_has_kind(claim->right, TREE_PROD)) && count < most) {
        out[count] = *first;
        out[count++].later_left = true;
    }
    reading other[16];
    for (int i = 0, others = other_readings(c, claim, first, other, 16); i < others && count < most; i++)
        if (other[i].upstream)
            continue;
        else if (signs_differ(&other[i], first) || other[i].sides != first->sides || other[i].outer != first->outer)
            out[count++] = other[i];
    if (!first->rows && c->scope->batch_unsaid && may_write_rows(c->scope, claim) && count < most)
        out[count++] = in_numerator_layout(first);
    if (!claim->convention && count + 1 < most) {
        out[count] = *first;
        out[count].rows = !first->rows;
        count++;
        out[count] = *first;
        out[count++].loose = true;
    }
    return count;
}

int judge_search(court *c, const claimed *claim, assumption *out, int most, bool *finished)
{
    search s = { .court = c, .claim = claim, .out = out, .most = most, .limit = c->work + SEARCH_WORK };
    assumption first;
    reading reading_[26];
    fault f = { 0 };
    judge_default(c, claim, &first);
    int ways = readings(c, claim, &first.reading, reading_, 24);
    bool timed = claim_has_time(c->scope, claim), kappa = may_read(c->scope),
         batch = !c->scope->batch_unsaid && !c->scope->batch_written;
    world *w = court_world(c, claim, 0, &first, &f);
    bool initial = w && has_initial(w);
    *finished = true;
    for (int way = 0; way < ways; way++) {
        assumption as = first;
        as.reading = reading_[way];
        if (as.reading.sides || as.reading.outer || signs_differ(&as.reading, &first.reading)) {
            try(&s, as, false);
            continue;
        }
        try(&s, as, timed);
        if (kappa) {
            as.no_kappa = true;
            try(&s, as, timed);
            as.no_kappa = false;
        }
        if (batch && way == 0) {
            as.one_sample = true;
            try(&s, as, false);
            as.one_sample = false;
        }
        if (initial && way == 0) {
            as.zero_initial = true;
            try(&s, as, false);
            if (kappa) {
                as.no_kappa = true;
                try(&s, as, false);
            }
        }
        if (way == 0 && covered(&s, &first))
            return s.count;
    }
    cut candidate[64], useful[PAIRED];
    int candidates = cut_candidates(c, claim, &first, candidate, 64), count = 0;
    bool single[2] = { false, false };
    for (int i = 0; i < candidates && !over(&s); i++) {
        int before = s.count;
        bool matters = false;
        for (int k = 0; k <= kappa; k++) {
            assumption as = first;
            as.no_kappa = k;
            as.cut[0] = candidate[i];
            as.cuts = 1;
            matters |= try(&s, as, timed && !c->brief) && !c->brief;
            single[k] |= s.count > before;
        }
        if (matters && count < PAIRED)
            useful[count++] = candidate[i];
    }
    for (int i = 0; i < count; i++)
        for (int j = i + 1; j < count && !over(&s); j++)
            for (int k = 0; k <= kappa; k++) {
                assumption as = first;
                as.no_kappa = k;
                as.cut[0] = useful[i], as.cut[1] = useful[j];
                as.cuts = 2;
                if (!(single[k] && k))
                    try(&s, as, false);
            }
    *finished = !over(&s);
    return s.count;
}
