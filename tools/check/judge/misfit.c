/* Claims that cannot be multiplied out as they are usually read: other readings, and what is said where none fits. */
#include "pass.h"

#include <string.h>

/* sizes H=1: a row is a column, and a number a matrix. */
static bool has_size_of_one(const scope *s)
{
    for (int i = 0; i < s->sizes; i++)
        if (s->size[i].fixed == 1 && strcmp(s->size[i].letter, "B") != 0 && strcmp(s->size[i].letter, "T") != 0)
            return true;
    return false;
}

void judge_otherwise(court *c, const claimed *claim, assumption *as, tally *t)
{
    reading other[16];
    bool fits = false;
    assumption first = *as;
    int count = other_readings(c, claim, &first.reading, other, 16);
    for (int i = 0; i < count; i++) {
        assumption tried = first;
        tally u;
        if (other[i].rows != first.reading.rows) /* the definitions said which: a condition, see conditions.c */
            continue;
        tried.reading = other[i];
        judge_run(c, claim, &tried, court_worlds(c, claim), STOP_NEVER, &u);
        if (u.outcome == OUTCOME_PASS && !u.zero) {
            *as = tried, *t = u;
            return;
        }
        if (!fits && u.outcome == OUTCOME_FAIL && !other[i].transposed)
            *as = tried, *t = u, fits = true;
    }
    if (!fits && has_size_of_one(c->scope)) {
        assumption tried = first;
        tally u;
        tried.reading.loose = true;
        judge_run(c, claim, &tried, court_worlds(c, claim), STOP_NEVER, &u);
        if (u.outcome != OUTCOME_SHAPES)
            *as = tried, *t = u;
    }
}

/* Is there a derivative by just this? */
static bool stands_below(const tree *t, const tree *what)
{
    if (t->kind == TREE_DERIV && tree_equal(t->child[1], what))
        return true;
    for (int i = 0; i < t->count; i++)
        if (stands_below(t->child[i], what))
            return true;
    return false;
}

static bool mentions(const tree *t, const char *letter)
{
    bool found = t && t->kind == TREE_SYMBOL && !t->count && !strcmp(t->name, letter);
    for (int i = 0; t && i < t->count && !found; i++)
        found = mentions(t->child[i], letter);
    return found;
}

/* \prod_{j=k+1}^t \partial s_j / \partial s_{j-1}: a derivative by s_k, factor by factor. */
static bool leads_down_to(scope *s, const tree *t, const quantity *q, const char *letter)
{
    symbol_use below;
    if (t->kind == TREE_PROD && t->bounds == 1 && t->child[0]->kind == TREE_DERIV &&
        scope_symbol(s, t->child[0]->child[1], NULL, &below) && below.quantity == q &&
        (mentions(t->bound[0].from, letter) || mentions(t->bound[0].to, letter) ||
         mentions(t->bound[0].relation, letter)))
        return true;
    for (int i = 0; i < t->count; i++)
        if (leads_down_to(s, t->child[i], q, letter))
            return true;
    return false;
}

/* The derivatives of a chain rule over all steps: in \sum_t \partial L / \partial h_t \partial h_t / \partial W the
 * second one is explicit, for the sum has the other paths. */
static void find_links(scope *s, const tree *t, const tree *sum, reading *r)
{
    if (t->kind == TREE_SUM && t->bounds == 1)
        sum = t;
    symbol_use above, below;
    if (sum && t->kind == TREE_DERIV && r->explicits < 16 && scope_is_name(s, t->child[0], NULL) &&
        scope_is_name(s, t->child[1], NULL) && scope_symbol(s, t->child[0], NULL, &above) &&
        scope_symbol(s, t->child[1], NULL, &below) && above.quantity && above.quantity->timed && above.indices &&
        below.quantity && !below.quantity->timed && above.index[0]->kind == TREE_SYMBOL &&
        !strcmp(above.index[0]->name, sum->bound[0].index) &&
        (stands_below(sum->child[0], t->child[0]) ||
         leads_down_to(s, sum->child[0], above.quantity, sum->bound[0].index)))
        r->explicit_[r->explicits++] = t;
    for (int i = 0; i < t->count; i++)
        find_links(s, t->child[i], sum, r);
}

const char spectral_norms[] = "norms of matrices are spectral; with Frobenius norms it does not hold";

bool has_matrix_norm(const tree *t)
{
    bool found = t->kind == TREE_NORM && !t->sub;
    for (int i = 0; i < t->count && !found; i++)
        found = has_matrix_norm(t->child[i]);
    return found;
}

/* Y in R^{K x m} one-hot: nobody says whether each row or each column has its 1. */
static bool has_hot_matrix(const scope *s)
{
    for (int i = 0; i < s->quantities; i++)
        if (s->quantity[i]->flags & GIVEN_ONE_HOT && s->quantity[i]->shaped && s->quantity[i]->rank == 2)
            return true;
    return false;
}

const char *judge_as_meant(court *c, const claimed *claim, assumption *as, tally *t)
{
    assumption tried = *as;
    tally u;
    if (claim->relation == REL_EQ)
        find_links(c->scope, claim->right, NULL, &tried.reading);
    if (tried.reading.explicits) {
        judge_run(c, claim, &tried, court_worlds(c, claim), STOP_NEVER, &u);
        if (u.outcome == OUTCOME_PASS && !u.zero) {
            *as = tried, *t = u;
            return "in the sum over the steps the derivatives by the parameter are explicit: each step's own part";
        }
    }
    reading other[16]; /* of a square W, h \partial L / \partial z can be multiplied out: it is a diagonal */
    int count = t->beside ? other_readings(c, claim, &as->reading, other, 16) : 0;
    if (count && other[count - 1].numerator) {
        tried = *as;
        tried.reading = other[count - 1];
        judge_run(c, claim, &tried, court_worlds(c, claim), STOP_NEVER, &u);
        if (u.outcome == OUTCOME_PASS && !u.zero) {
            *as = tried, *t = u;
            return "numerator layout: derivatives of numbers by columns are rows, and by matrices transposed";
        }
    }
    tried = *as;
    tried.reading.apart = true;
    if (t->per_sample && claim->relation == REL_EQ) {
        judge_run(c, claim, &tried, court_worlds(c, claim), STOP_NEVER, &u);
        if (u.outcome == OUTCOME_PASS && !u.zero) {
            *as = tried, *t = u;
            return "of each sequence by itself: no product is summed over the batch";
        }
    }
    tried = *as;
    tried.hot_columns = true;
    if (has_hot_matrix(c->scope)) {
        judge_run(c, claim, &tried, court_worlds(c, claim), STOP_NEVER, &u);
        if (u.outcome == OUTCOME_PASS && !u.zero) {
            *as = tried, *t = u;
            return "a matrix that is one-hot is so in each column";
        }
    }
    tried = *as;
    tried.hot_columns = false;
    tried.reading.spectral = true;
    if (claim->relation != REL_EQ && (has_matrix_norm(claim->left) || has_matrix_norm(claim->right))) {
        judge_run(c, claim, &tried, court_worlds(c, claim), STOP_NEVER, &u);
        if (u.outcome == OUTCOME_PASS && !u.zero) {
            *as = tried, *t = u;
            return spectral_norms;
        }
    }
    return NULL;
}

static bool speaks_of(scope *s, const tree *t, const binding *env, const quantity *q)
{
    symbol_use use;
    if (scope_is_name(s, t, env))
        return scope_symbol(s, t, env, &use) && use.quantity == q;
    for (int i = 0; i < t->count; i++)
        if (speaks_of(s, t->child[i], env, q))
            return true;
    return false;
}

bool read_by_definition(scope *s, const quantity *q, const tree *but, bool as_argument)
{
    for (int i = 0; i < s->quantities; i++) {
        const quantity *by = s->quantity[i];
        bool argument = by->called && by->of_what && speaks_of(s, by->of_what, NULL, q);
        for (int k = 0; k < by->definitions && (as_argument || !argument); k++)
            if (by->definition[k]->formula != but &&
                speaks_of(s, by->definition[k]->value, by->definition[k]->labels, q))
                return true;
    }
    return false;
}

/* Is it one of several factors? That is what tells a matrix: \log Z does not. */
static bool is_factor(scope *s, const tree *t, const binding *env, const quantity *q)
{
    for (int i = 0; i < t->count; i++) {
        const tree *c = t->child[i]->kind == TREE_TRANSPOSE ? t->child[i]->child[0] : t->child[i];
        symbol_use use;
        if ((t->kind == TREE_MUL && scope_is_name(s, c, env) && scope_symbol(s, c, env, &use) && use.quantity == q) ||
            is_factor(s, c, env, q))
            return true;
    }
    return false;
}

static bool multiplied_in_definition(scope *s, const quantity *q)
{
    for (int i = 0; i < s->quantities; i++)
        for (int k = 0; k < s->quantity[i]->definitions; k++)
            if (is_factor(s, s->quantity[i]->definition[k]->value, s->quantity[i]->definition[k]->labels, q))
                return true;
    return false;
}

/* A capital that was taken for a matrix, and stands in a definition that can be multiplied out, is one. */
static bool is_seen_matrix(scope *s, world *w, quantity *q)
{
    int rank = 0;
    int64_t dim[2];
    return shapes_get(w, q, &rank, dim) && rank == 2 && multiplied_in_definition(s, q);
}

static bool is_in_front(const tree *t, int at)
{
    const tree *next = t->kind == TREE_MUL && at + 1 < t->count ? t->child[at + 1] : NULL;
    return next && next->brackets == '(' && next->join == JOIN_BESIDE;
}

/* f in front of a bracket, which nothing defines. */
static bool is_function(scope *s, const tree *t, int at)
{
    return is_in_front(t, at) && scope_is_unknown_function(s, t->child[at]);
}

/* f'(z): of each element, so f gives as many as it gets. */
static bool is_derived_function(const tree *t, int at)
{
    return t->child[at]->kind == TREE_SYMBOL && t->child[at]->primes && is_in_front(t, at);
}

static bool has_function(scope *s, const tree *t, const quantity *q)
{
    symbol_use use;
    for (int i = 0; i < t->count; i++)
        if (has_function(s, t->child[i], q) ||
            (is_function(s, t, i) && scope_symbol(s, t->child[i], NULL, &use) && use.quantity == q))
            return true;
    return false;
}

static const quantity *guessed_in(court *c, world *w, const claimed *claim, const tree *t)
{
    symbol_use use;
    if (claim->differential && scope_has_sign(t, "d")) /* as large as what it is the differential of */
        t = scope_bare(c->scope, t, "d");
    if (scope_is_name(c->scope, t, NULL)) {
        binding labels[4];
        return scope_symbol(c->scope, t, first_labels(c->scope, t, labels), &use) && use.quantity &&
                       shapes_guessed(w, use.quantity) && !is_seen_matrix(c->scope, w, use.quantity)
                   ? use.quantity
                   : NULL;
    }
    for (int i = 0; i < t->count; i++) {
        const quantity *q = is_derived_function(t, i) ? NULL : guessed_in(c, w, claim, t->child[i]);
        if (q)
            return q;
    }
    return NULL;
}

/* What cannot be multiplied out in any reading is false only if that is so whatever the sizes, and all shapes are
 * known; and if it can be for equal sizes, only if it is not true there either. */
void judge_misfit(court *c, const claimed *claim, const assumption *first, const tally *plain, finding *out)
{
    fault f = { 0 };
    world *w = court_world(c, claim, 0, first, &f);
    const quantity *guessed = w ? guessed_in(c, w, claim, claim->left) : NULL;
    if (w && !guessed)
        guessed = guessed_in(c, w, claim, claim->right);
    if (guessed) {
        out->verdict = CHECK_NOT_READ;
        out->summary = arena_format(
            c->arena,
            has_function(c->scope, claim->formula, guessed)
                ? "%s; nobody says how many numbers $%s$ gives of how many: \"%s(u) = ...\" in the setup would decide"
                : "%s; nobody says the shape of $%s$: \"given %s in R^...\" in the setup would decide",
            plain->sentence, guessed->shown, guessed->shown);
        return;
    }
    if (c->scope->suggested) {
        out->verdict = CHECK_NOT_READ;
        out->summary = arena_format(c->arena,
                                    "%s; the shapes in the setup are suggested ones: say others, or delete "
                                    "the line \"suggested\" if they are right",
                                    plain->sentence);
        return;
    }
    const char *transposed = is_scalar(c, claim, claim->left) ? pattern_of(c, claim, first) : NULL;
    if (transposed && strstr(transposed, "transposed")) { /* E = -y \log p: of vectors, and E a number */
        out->verdict = CHECK_NOT_READ;
        out->pattern = NULL;
        out->summary = arena_format(c->arena, "%s; an inner product may be meant, then it is true: %s", plain->sentence,
                                    transposed);
        return;
    }
    reading ways[9] = { first->reading };
    int count = 1 + other_readings(c, claim, &first->reading, ways + 1, 8);
    bool fits = false;
    for (int i = 0; i < count; i++) {
        assumption as = *first;
        tally t;
        as.reading = ways[i];
        as.equal_sizes = true;
        judge_run(c, claim, &as, 2, STOP_NEVER, &t);
        fits |= t.outcome == OUTCOME_FAIL;
        if (t.outcome != OUTCOME_PASS)
            continue;
        out->verdict = CHECK_NOT_READ;
        out->summary = arena_format(c->arena,
                                    "%s; it is true where all sizes are equal: say in the setup how its quantities are "
                                    "shaped, \"given ... in R^{...}\"",
                                    plain->sentence);
        return;
    }
    out->verdict = CHECK_FAILS;
    out->summary = fits
                       ? arena_format(c->arena, "the shapes do not fit, and with equal sizes it is not true either: %s",
                                      plain->sentence)
                       : arena_format(c->arena, "the shapes do not fit, in no reading and whatever the sizes: %s",
                                      plain->sentence);
}
