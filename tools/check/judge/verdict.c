/* From tallies to a verdict: holds, degenerate, holds under conditions, fails. */
#include "court.h"
#include "reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* I, an index, a size, Kronecker's \delta_{ij}: the same in every world. */
static bool is_fixed(scope *s, const tree *symbol)
{
    symbol_use use;
    return scope_is_index(s, symbol, NULL) || !strcmp(symbol->name, "I") ||
           (!symbol->count && scope_size(s, symbol->name)) ||
           (scope_symbol(s, symbol, NULL, &use) && scope_delta(s, &use) != DELTA_OWN);
}

static bool touches_numbers(scope *s, const tree *t)
{
    if (t->kind == TREE_DERIV || (t->kind == TREE_SYMBOL && !is_fixed(s, t)))
        return true;
    for (int i = 0; t->kind != TREE_SYMBOL && i < t->count; i++)
        if (touches_numbers(s, t->child[i]))
            return true;
    return false;
}

typedef struct dependence {
    court *court;
    world *world;
    const claimed *claim;
    const assumption *as;
    bool depends, asked;
} dependence;

static bool look_for_dependence(void *context, const binding *env, int64_t t)
{
    dependence *d = context;
    world *w = d->world;
    (void)t;
    evaluation e = judge_evaluation(w, w->base, d->claim, d->as, env);
    value v = meaning_of(&e, d->claim->right);
    if (!value_ok(v)) {
        w->fault.kind = FAULT_NONE;
        eddy_clear_error(w->tape);
        return d->depends = true, false;
    }
    d->asked = true;
    eddy_var vars[512];
    int count = w->leaves < 512 ? w->leaves : 512;
    for (int i = 0; i < count; i++)
        vars[i] = w->leaf[i].value.var;
    eddy_var weights = eddy_add_scalar(eddy_mul_scalar(eddy_detach(v.var), 0.37),
                                       1.1); /* any weights: a sum might be constant by chance */
    weights = eddy_mul(weights, weights);
    eddy_list g = eddy_gradients(eddy_sum(eddy_mul(weights, v.var)), (eddy_list){ vars, count });
    for (int64_t i = 0; i < g.count && !d->depends; i++) {
        const eddy_tensor *x = eddy_value(g.items[i]);
        for (int64_t k = 0, n = x ? eddy_tensor_count(x) : 0; k < n; k++)
            d->depends |= !(fabs(eddy_tensor_flat(x, k)) <= 1e-13); /* NaN does */
    }
    return !d->depends;
}

/* [z > 0], an argmax, \max(0, z): constant here or there, which says nothing; \rho(W): not differentiated. */
static bool has_steps(scope *s, const tree *t)
{
    static const char *const kinked[] = { "argmax", "argmin", "sign", "sgn", "\\max", "\\min", "relu", "ReLU", "clip" };
    for (size_t i = 0; t->kind == TREE_APPLY && i < sizeof kinked / sizeof *kinked; i++)
        if (!strcmp(t->name, kinked[i]))
            return true;
    bool least = t->kind == TREE_APPLY && !strcmp(t->name, "\\sigma") && t->sub; /* \sigma_{\min}(W) */
    if (least || t->kind == TREE_INDICATOR || (t->kind == TREE_SYMBOL && scope_spectrum(s, t) >= 0) ||
        ((t->kind == TREE_MAX || t->kind == TREE_MIN) && *t->name))
        return true;
    for (int i = 0; i < t->count; i++)
        if (has_steps(s, t->child[i]))
            return true;
    return false;
}

/* Does the right side depend on none of the numbers that are drawn, though it is made of them? */
bool judge_is_degenerate(court *c, const claimed *claim, const assumption *as)
{
    fault f = { 0 };
    world *w = court_world(c, claim, 0, as, &f);
    dependence d = { c, w, claim, as, false, false };
    if (!w || claim->relation != REL_EQ || has_steps(c->scope, claim->right) ||
        !touches_numbers(c->scope, claim->right))
        return false;
    judge_instances(w, claim, &f, look_for_dependence, &d);
    return d.asked && !d.depends;
}

/* softmax(e_t) of a scalar -> softmax_t(e_t) */
static tree *repaired(arena *a, const tree *t, bool *done)
{
    tree *copy = ARENA_NEW(a, tree);
    if (!copy)
        return NULL;
    *copy = *t;
    copy->quantity = NULL;
    if (t->kind == TREE_APPLY && !strcmp(t->name, "softmax") && !t->sub) {
        if (!(copy->sub = ARENA_NEW(a, tree)))
            return NULL;
        *copy->sub = (tree){ .kind = TREE_SYMBOL, .name = "t", .accents = "", .style = "" };
        *done = true;
    }
    copy->child = ARENA_ARRAY(a, tree *, t->count ? t->count : 1);
    for (int i = 0; copy->child && i < t->count; i++)
        if (!(copy->child[i] = repaired(a, t->child[i], done)))
            return NULL;
    return copy->child ? copy : NULL;
}

void judge_note(court *c, finding *out, const char *note)
{
    const char **more = ARENA_ARRAY(c->arena, const char *, out->notes + 1);
    if (!more)
        return;
    if (out->notes)
        memcpy(more, out->note, (size_t)out->notes * sizeof *more);
    more[out->notes++] = note;
    out->note = more;
}

void judge_degenerate(court *c, const claimed *claim, const assumption *as, finding *out)
{
    out->verdict = CHECK_DEGENERATE;
    out->summary = "the right side is the same whatever its inputs are";
    bool changed = false;
    claimed again = *claim;
    tree *right = repaired(c->arena, claim->right, &changed);
    if (!changed || !right)
        return;
    tally t;
    again.right = right;
    out->summary = "the softmax of a scalar is 1 whatever its argument is";
    judge_run(c, &again, as, court_worlds(c, claim), STOP_NEVER, &t);
    if (t.outcome == OUTCOME_PASS)
        out->repair =
            arena_format(c->arena, "softmax over $t$: $%s = %s$ HOLDS", latex_text(c->arena, claim->left, LATEX_SOURCE),
                         latex_text(c->arena, right, LATEX_SOURCE));
}

/* That a formula is true at t = 1, where most of it is 0, says less than anything else. */
static void first_step_last(assumption *found, int count)
{
    assumption sorted[24];
    int n = 0;
    for (int last = 0; last < 2; last++)
        for (int i = 0; i < count && i < 24; i++)
            if ((found[i].span == SPAN_FIRST && !found[i].cuts && !found[i].reading.explicits) == (last == 1))
                sorted[n++] = found[i];
    memcpy(found, sorted, (size_t)n * sizeof *found);
}

static void judge_false(court *c, const claimed *claim, const assumption *first, const tally *plain, finding *out)
{
    assumption found[24];
    const char *why = judge_doubt(c, claim, plain);
    if (why) {
        out->verdict = CHECK_NOT_READ;
        out->summary = why;
        return;
    }
    if (judge_is_degenerate(c, claim, first)) {
        judge_degenerate(c, claim, first, out);
        return;
    }
    if (c->quick) {
        if (plain->outcome == OUTCOME_SHAPES)
            judge_misfit(c, claim, first, plain, out);
        else
            out->verdict = CHECK_FAILS;
        return;
    }
    bool finished;
    int count = judge_search(c, claim, found, 24, &finished);
    if (!finished)
        judge_note(c, out, "the search for conditions was not finished in its time");
    if (plain->diagonal)
        judge_note(c, out, "as printed a vector is added to a matrix; it is read as its diagonal");
    int kept = 0;
    const char *alone = NULL; /* where there are many sequences, no author means one */
    for (int i = 0; i < count; i++) {
        const tree *part = judge_emptied(c, claim, &found[i]);
        if (found[i].one_sample) {
            alone = arena_format(c->arena, "it is true only if %s", assumption_text(c->arena, c, claim, &found[i]));
            judge_note(c, out, alone);
        } else if (part)
            judge_note(
                c, out,
                arena_format(c->arena,
                             "if %s it is true, but there $%s$ is 0, or a sum of one term: what is wrong does not "
                             "show",
                             assumption_text(c->arena, c, claim, &found[i]), latex_text(c->arena, part, LATEX_SOURCE)));
        else
            found[kept++] = found[i];
    }
    count = kept;
    first_step_last(found, count);
    if (count) {
        out->verdict = CHECK_HOLDS_IF;
        out->condition = ARENA_ARRAY(c->arena, const char *, count);
        for (int i = 0; out->condition && i < count; i++)
            out->condition[out->conditions++] = assumption_text(c->arena, c, claim, &found[i]);
        out->summary = out->conditions ? out->condition[0] : "";
        for (int i = 0; i < count && !out->missing; i++)
            if (found[i].cuts == 1)
                out->missing = missing_term(c, claim, &found[i]);
        /* the counterexample to the claim as it stands */
    } else {
        out->verdict = CHECK_FAILS;
        tally once; /* a pattern is looked for where the claim fails */
        judge_run(c, claim, first, 1, STOP_FIRST, &once);
        out->pattern = once.outcome == OUTCOME_PASS ? NULL : pattern_of(c, claim, first);
        out->summary = out->pattern ? out->pattern : alone ? alone : "";
        if (plain->outcome == OUTCOME_SHAPES)
            judge_misfit(c, claim, first, plain, out);
        if (out->verdict == CHECK_NOT_READ)
            return;
    }
    if (plain->outcome == OUTCOME_FAIL)
        out->example = example_of(c, claim, first);
    graph_of(c, claim, found, count, out);
}

/* A claim that fails as it stands, and holds with sums over the indices that stand twice. */
static bool judge_summed(court *c, claimed *claim, const assumption *as, tally *t)
{
    tally u;
    if (!summation_claim(c->scope, claim))
        return false;
    judge_run(c, claim, as, court_worlds(c, claim), STOP_NEVER, &u);
    if (u.outcome != OUTCOME_PASS || u.zero)
        return false;
    *t = u;
    return true;
}

/* A claim that does not hold with the square of u_j: with step 2 of it, then with the square of u_j at the step of the
 * claim. What the claim has become, or NULL; where none holds, the first that can be computed. */
static const char *judge_stepped(court *c, claimed *claim, const assumption *as, tally *t)
{
    static const char *const meant[] = {
        "a number above a quantity that has its steps there is read as a step, and not as a power",
        "a power of a quantity without its step is read at the step of the formula",
    };
    const claimed plain = *claim;
    const char *fails = NULL;
    claimed failing = plain;
    tally u, failed;
    for (int i = 0; i < 2; i++) {
        *claim = plain;
        if (!steps_for_powers(c->scope, claim, i ? POWER_AT_STEP : POWER_IS_STEP))
            break;
        judge_run(c, claim, as, court_worlds(c, claim), STOP_NEVER, &u);
        if (u.outcome == OUTCOME_PASS && !u.zero) {
            *t = u;
            return meant[i];
        }
        if (!fails && u.outcome == OUTCOME_FAIL)
            fails = meant[i], failing = *claim, failed = u;
    }
    if (fails)
        *claim = failing, *t = failed;
    return fails;
}

/* Every other place of this name in t, and whether each stands in front of a bracket, some around a single name. */
static void look_in_front(const tree *t, const tree *name, int *places, int *calls, bool *single)
{
    for (int i = 0; i < t->count; i++) {
        const tree *next = t->kind == TREE_MUL && i + 1 < t->count ? t->child[i + 1] : NULL;
        if (tree_equal(t->child[i], name)) {
            bool call = next && next->brackets == '(' && next->join == JOIN_BESIDE;
            ++*places, *calls += call;
            *single |= call && next->kind == TREE_SYMBOL;
        } else
            look_in_front(t->child[i], name, places, calls, single);
    }
}

static const tree *find_unknown_function(world *w, const claimed *claim, const tree *t)
{
    int places = 0, calls = 0;
    bool single = false;
    for (int i = 0; i < t->count; i++) {
        const tree *found = find_unknown_function(w, claim, t->child[i]);
        if (found)
            return found;
    }
    if (t->kind != TREE_SYMBOL || t->count || t->primes)
        return NULL;
    quantity *q = t->table ? NULL : scope_find(w->scope, t->name);
    if (!q || !judge_is_drawn(w, q) || q->kind != QUANTITY_GIVEN || q->drawn || q->shaped || q->definitions || q->timed)
        return NULL;
    look_in_front(claim->left, t, &places, &calls, &single);
    look_in_front(claim->right, t, &places, &calls, &single);
    return calls > 1 && calls == places && single ? t : NULL;
}

/* R of R(dW) = \sum_t R(du_t) h_{t-1}^\top, which nobody introduces: a function, or an operator, that may be linear or
 * not. As a number it would make true what is none. */
static const tree *unknown_operator(court *c, const claimed *claim, const assumption *as)
{
    fault f = { 0 };
    world *w = court_world(c, claim, 0, as, &f);
    const tree *found = w ? find_unknown_function(w, claim, claim->left) : NULL;
    return found || !w ? found : find_unknown_function(w, claim, claim->right);
}

static bool is_zero(const tree *t)
{
    return t->kind == TREE_NUMBER && t->value == 0;
}

/* How a claim was read in the end. */
typedef struct understood {
    assumption as;
    const char *meant; /* what the author must have meant, or NULL */
    bool summed;       /* repeated indices are */
} understood;

/* An inequality of everything that is given, without a condition. */
static bool is_bound(const court *c, const claimed *claim)
{
    for (int i = 1; i < claim->formula->count; i++)
        if (scope_is_value_condition(c->scope, claim->formula->child[i]))
            return false;
    return claim->relation == REL_LE || claim->relation == REL_LT || claim->relation == REL_GE ||
           claim->relation == REL_GT;
}

/* Numbers that break a bound which holds wherever it was drawn; NULL: none, with spectral norms at least, which is
 * noted. */
static counterexample *broken(court *c, const claimed *claim, const understood *read, finding *out)
{
    counterexample *found = violation_of(c, claim, &read->as);
    if (!found || read->as.reading.spectral || !(has_matrix_norm(claim->left) || has_matrix_norm(claim->right)))
        return found;
    assumption spectral = read->as;
    tally t;
    spectral.reading.spectral = true;
    judge_run(c, claim, &spectral, court_worlds(c, claim), STOP_NEVER, &t);
    if (t.outcome != OUTCOME_PASS || violation_of(c, claim, &spectral))
        return found;
    judge_note(c, out, spectral_norms);
    return NULL;
}

/* It came out true: HOLDS, unless that says nothing, or nobody knows what a sign stands for. */
static void say_true(court *c, const claimed *claim, const understood *read, const tally *t, finding *out)
{
    char why[512];
    out->verdict = CHECK_HOLDS;
    const tree *operator= unknown_operator(c, claim, &read->as);
    if (operator) {
        out->verdict = CHECK_NOT_READ;
        out->summary = arena_format(
            c->arena, "$%s$ stands in front of brackets only, and neither the document nor the setup says what it is",
            latex_text(c->arena, operator, LATEX_SOURCE));
        return;
    }
    if (t->zero && !is_zero(claim->left) && !is_zero(claim->right)) {
        out->verdict = CHECK_DEGENERATE;
        out->summary = "both sides are 0 everywhere: nothing is tested";
        return;
    }
    if (is_bound(c, claim) && !c->quick && (out->example = broken(c, claim, read, out))) {
        out->verdict = CHECK_FAILS;
        judge_note(c, out, "no numbers drawn at random break it; these were looked for");
        return;
    }
    if (claim->relation != REL_EQ)
        judge_note(c, out,
                   arena_format(c->arena,
                                "an inequality is tried on numbers drawn at random (%lld comparisons) and on some that "
                                "come close to breaking it; that is no proof",
                                (long long)t->compared));
    if (t->beside)
        judge_note(c, out, "two vectors side by side are multiplied element by element");
    if (t->diagonal)
        judge_note(c, out, "a vector in a sum with a matrix is read as its diagonal");
    if (read->summed && !c->scope->summed) { /* a sum may be missing */
        out->verdict = CHECK_HOLDS_IF;
        if ((out->condition = ARENA_ARRAY(c->arena, const char *, 1)))
            out->condition[out->conditions++] =
                "repeated indices are summed (\"convention summation\" in the setup says so)";
        out->summary = out->conditions ? out->condition[0] : "";
        return;
    }
    if (read->meant)
        judge_note(c, out, read->meant);
    if (claim->differential)
        judge_note(c, out,
                   "read as differentials: what stands behind a d on the right side moves by itself, all else stays");
    if (out->read_otherwise)
        judge_note(c, out, "read in the usual way it cannot be multiplied out");
    if (!judge_oracle(c, claim, why, sizeof why)) {
        out->verdict = CHECK_UNRESOLVED;
        out->summary = arena_format(c->arena, "%s", why);
    }
}

/* Is the left side the derivative of a number by a matrix? */
static bool is_by_matrix(court *c, const claimed *claim, const assumption *as)
{
    fault f = { 0 };
    symbol_use use;
    int rank = 0;
    int64_t dim[2];
    const tree *left = claim->left, *by = NULL;
    world *w = court_world(c, claim, 0, as, &f);
    if (left->kind == TREE_DERIV && left->count == 2 && is_scalar(c, claim, left->child[0]))
        by = left->child[1];
    else if (c->scope->differential && scope_differential(c->scope, left))
        by = scope_bare(c->scope, left, c->scope->differential);
    return w && by && scope_is_name(c->scope, by, NULL) && scope_symbol(c->scope, by, NULL, &use) && use.quantity &&
           !use.indices && shapes_get(w, use.quantity, &rank, dim) && rank == 2;
}

/* Other readings of a claim that came out as no product or false; `claim` may become another, `sums`. */
static const claimed *try_readings(court *c, const claimed *claim, claimed *sums, understood *read, tally *t,
                                   finding *out)
{
    judge_default(c, claim, &read->as);
    judge_run(c, claim, &read->as, court_worlds(c, claim), STOP_NEVER, t);
    if (t->outcome == OUTCOME_SHAPES) {
        judge_otherwise(c, claim, &read->as, t);
        out->read_otherwise = t->outcome != OUTCOME_SHAPES;
    }
    if (read->as.reading.identity && t->outcome != OUTCOME_PASS) { /* I may be the size yet */
        assumption size = read->as;
        tally u;
        size.reading.identity = false;
        judge_run(c, claim, &size, court_worlds(c, claim), STOP_NEVER, &u);
        if (u.outcome == OUTCOME_PASS && !u.zero)
            read->as = size, *t = u;
    }
    read->meant = t->outcome == OUTCOME_FAIL ? judge_as_meant(c, claim, &read->as, t) : NULL;
    *sums = *claim;
    if (t->outcome == OUTCOME_FAIL && claim->relation == REL_EQ && judge_summed(c, sums, &read->as, t)) {
        claim = sums;
        read->meant = "repeated indices are summed";
        read->summed = true;
    }
    claimed stepped = *claim;
    const char *powers = t->outcome == OUTCOME_PASS ? NULL : judge_stepped(c, &stepped, &read->as, t);
    if (powers) {
        *sums = stepped, claim = sums;
        judge_note(c, out, powers);
    }
    out->reading = reading_text(c->arena, c, claim, &read->as.reading);
    if (t->outcome == OUTCOME_PASS && may_read(c->scope)) { /* does the loss read the final state? tried both ways */
        assumption without = read->as;
        tally u;
        without.no_kappa = true;
        judge_run(c, claim, &without, 1, STOP_NEVER, &u);
        if (u.outcome != OUTCOME_PASS)
            *t = u;
        t->compared += u.outcome == OUTCOME_PASS ? u.compared : 0;
    }
    return claim;
}

void judge_claim(court *c, const claimed *claim, finding *out)
{
    understood read = { .summed = false };
    claimed sums;
    tally t;
    claim = try_readings(c, claim, &sums, &read, &t, out);
    out->error = t.error;
    out->tolerance = t.tolerance;
    out->compared = t.compared;
    out->instance = arena_format(c->arena, "%s", t.where);
    out->summary = "";
    switch (t.outcome) {
    case OUTCOME_NOT_READ:
        out->verdict = CHECK_NOT_READ;
        out->summary = arena_format(c->arena, "%s", t.sentence);
        return;
    case OUTCOME_NOWHERE:
        out->verdict = CHECK_NOT_READ;
        out->summary = "there is no step at which both sides exist";
        return;
    case OUTCOME_UNSURE:
        out->verdict = CHECK_UNRESOLVED;
        out->summary = isinf(t.error) ? "a side is not a finite number: the logarithm or root of a negative number, "
                                        "perhaps; say \"given ... positive\" in the setup"
                                      : "rounding hides the difference of the two sides";
        return;
    case OUTCOME_PASS:
        say_true(c, claim, &read, &t, out);
        if (out->verdict == CHECK_HOLDS && is_by_matrix(c, claim, &read.as)) {
            out->turned = read.as.reading.numerator;
            out->usual = !out->turned;
        }
        return;
    case OUTCOME_FAIL:
    case OUTCOME_SHAPES:
        judge_false(c, claim, &read.as, &t, out);
        return;
    }
}
