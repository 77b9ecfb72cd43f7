/* Readings and conditions in words. */
#include "court.h"
#include "reader.h"

#include <stdio.h>
#include <string.h>

static const char *const sign_words[SIGNS] = {
    "", "the matrix product", "element by element", "the inner product", "the outer product", "the Kronecker product"
};
static const char *const written_signs[WRITTEN_SIGNS] = { "*", "\\cdot", "\\otimes" };

static void add_words(text *out, const char *words)
{
    text_add(out, *text_done(out) ? ", " : "");
    text_add(out, words);
}

static bool speaks_of_shorthand(const scope *s, const tree *t)
{
    if (scope_differential(s, t))
        return true;
    for (int i = 0; i < t->count; i++)
        if (speaks_of_shorthand(s, t->child[i]))
            return true;
    return false;
}

const char *reading_text(arena *a, const court *c, const claimed *claim, const reading *r)
{
    static const char *const usual[WRITTEN_SIGNS] = { "element by element, or the matrix product if the shapes differ",
                                                      "the matrix product", "the outer product" };
    text out = { .arena = a };
    if (r->differentials)
        add_words(&out, "a d in front of a name is the differential");
    else if (c->scope->differential_assumed && speaks_of_shorthand(c->scope, claim->formula))
        add_words(&out, arena_format(a, "a $%s$ in front of a name is the derivative of $%s$ by it",
                                     strcmp(c->scope->differential, "d") ? "\\delta" : "\\mathrm{d}",
                                     c->scope->differential_loss->shown));
    for (int k = 0; k < WRITTEN_SIGNS; k++) {
        setup_sign is = r->sign[k] ? r->sign[k] : c->scope->sign[k];
        if (formula_has_sign(claim->formula, (written_sign)k))
            add_words(&out, arena_format(a, "$%s$ is %s", written_signs[k], is ? sign_words[is] : usual[k]));
    }
    add_words(&out, r->rows ? "vectors are rows, a batch is a matrix of rows"
                            : "vectors are columns, a batch is a matrix of columns");
    if (r->spectral)
        add_words(&out, "norms of matrices are spectral");
    for (int i = 0; i < r->explicits; i++)
        add_words(&out,
                  arena_format(a, "$%s$ is the explicit derivative", latex_text(a, r->explicit_[i], LATEX_SOURCE)));
    if (r->slice_rows)
        add_words(&out, "a row of a matrix is a row");
    if (r->outer)
        add_words(&out, "angle brackets are the outer product");
    if (r->identity)
        add_words(&out, "$I$ is the identity");
    if (r->upstream)
        add_words(&out, r->numerator ? "derivatives of numbers by columns are rows, and by matrices transposed"
                                     : "derivatives of numbers by columns are rows");
    else if (r->sides)
        add_words(&out, "a row is taken for a column");
    if (r->by_numbers)
        add_words(&out, r->rows ? "derivatives of rows by numbers are columns"
                                : "derivatives of columns by numbers are rows");
    if (r->loose)
        add_words(&out, "rows and columns are not told apart");
    if (formula_has_kind(claim->left, TREE_DERIV) || formula_has_kind(claim->right, TREE_DERIV))
        add_words(&out, r->transposed ? "Jacobians in denominator layout" : "Jacobians in numerator layout");
    return text_done(&out);
}

static const char *at_step(arena *a, const quantity *q, const char *step)
{
    const char *under = strstr(q->shown, "_{");
    if (under)
        return arena_format(a, "%.*s,%s}", (int)strlen(q->shown) - 1, q->shown, step);
    return arena_format(a, "%s_{%s}", q->shown, step);
}

static const char *shifted(int shift)
{
    static const char *const name[] = { "t-2", "t-1", "t", "t+1", "t+2" };
    return name[shift < -2 ? 0 : shift > 2 ? 4 : shift + 2];
}

const char *assumption_text(arena *a, court *c, const claimed *claim, const assumption *as)
{
    text out = { .arena = a };
    assumption first;
    judge_default(c, claim, &first);
    const char *and = "";
#define ALSO(...) (text_add(&out, and), text_format(&out, __VA_ARGS__), and = " and ")
    if (as->no_kappa) {
        const char *kappa = NULL, *read = NULL;
        for (int i = 0; i < c->scope->quantities; i++) {
            const quantity *q = c->scope->quantity[i];
            for (int k = 0; k < q->read_count; k++)
                if (q->reads[k].maybe)
                    read = at_step(a, q->reads[k].quantity, q->reads[k].last ? "T" : "t");
            if (q->kind == QUANTITY_DIRECT)
                for (int k = 0; k < q->loss->read_count; k++)
                    if (q->loss->reads[k].maybe && q->loss->reads[k].quantity == q->of)
                        kappa = q->shown;
        }
        if (kappa)
            ALSO("$%s = 0$", kappa);
        else
            ALSO("the loss does not read $%s$", read ? read : "C_T");
    }
    if (as->zero_initial)
        ALSO("the initial states are zero");
    if (as->one_sample)
        ALSO("$B = 1$ (one sequence)");
    static const char *const spans[] = { "", "$t = T$", "$t < T$", "$t \\ge 2$", "$t = 1$" };
    if (as->span == SPAN_EARLIER)
        ALSO("$%s < t$", claim_earlier(c->scope, claim));
    else if (as->span)
        ALSO("%s", spans[as->span]);
    if (as->reading.rows != first.reading.rows)
        ALSO("in the %s convention", as->reading.rows ? "row" : "column");
    if (as->reading.loose)
        ALSO("rows and columns are not told apart");
    if (as->reading.outer)
        ALSO("angle brackets are the outer product");
    if (as->reading.numerator)
        ALSO("derivatives of numbers are rows, and by matrices transposed (numerator layout)");
    else if (as->reading.sides)
        ALSO("a row is taken for a column");
    for (int k = 0; k < WRITTEN_SIGNS; k++)
        if (as->reading.sign[k] != first.reading.sign[k])
            ALSO("$%s$ is %s", written_signs[k], sign_words[as->reading.sign[k]]);
    if (as->reading.spectral)
        ALSO("norms of matrices are spectral");
    if (as->reading.later_left)
        ALSO("in the product the later step stands on the left");
    if (as->reading.transposed && !first.reading.transposed)
        ALSO("Jacobians are transposed (denominator layout)");
    for (int i = 0; i < as->reading.explicits; i++)
        ALSO("$%s$ is the explicit derivative", latex_text(a, as->reading.explicit_[i], LATEX_SOURCE));
    for (int i = 0; i < as->cuts; i++) {
        const cut *k = &as->cut[i];
        const char *from = at_step(a, k->from, k->last ? "T" : shifted(k->from_shift));
        const char *to = k->to->timed ? at_step(a, k->to, shifted(k->to_shift)) : k->to->shown;
        fault f = { 0 };
        const world *w = court_world(c, claim, 0, &first, &f);
        ALSO("$%s \\to %s$ is cut", from, to);
        if (w && cut_is_only(w, k))
            text_format(&out, " ($%s$ is held fixed)", from);
    }
#undef ALSO
    return text_done(&out);
}
