/* The gradient checker's report: a verdict for all elements together, worst first, and one sentence. */
#include "gradcheck_internal.h"
#include "format.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

const char *eddy_verdict_name(eddy_verdict verdict)
{
    switch (verdict) {
    case EDDY_AGREE:
        return "agree";
    case EDDY_DISAGREE:
        return "disagree";
    case EDDY_UNRESOLVED:
        return "unresolved";
    case EDDY_NOT_CHECKED:
        break;
    }
    return "not checked";
}

void eddy_gradcheck_free(eddy_gradcheck_report *report)
{
    if (report) {
        eddy_free(report->elements);
        eddy_free(report->leaves);
        *report = (eddy_gradcheck_report){ .verdict = EDDY_NOT_CHECKED };
    }
}

/* ---- All of them ---- */

/* Is a worse than b? A total order. A wrong gradient has a wrong derivative as well: order 1 is the cause and comes
 * first. */
static bool worse(const eddy_gradcheck_element *a, const eddy_gradcheck_element *b)
{
    static const int severity[] = {
        [EDDY_AGREE] = 0, [EDDY_UNRESOLVED] = 1, [EDDY_DISAGREE] = 2, [EDDY_NOT_CHECKED] = 0
    };
    if (a->verdict != b->verdict)
        return severity[a->verdict] > severity[b->verdict];
    if (a->verdict == EDDY_DISAGREE && a->order != b->order)
        return a->order < b->order;
    if (a->verdict == EDDY_UNRESOLVED && a->kink != b->kink)
        return a->kink;
    if (a->error > b->error || a->error < b->error)
        return a->error > b->error;
    if (a->order != b->order)
        return a->order < b->order;
    return a->leaf != b->leaf ? a->leaf < b->leaf : a->index < b->index;
}

static void sink(eddy_gradcheck_element *e, int64_t at, int64_t count)
{
    for (int64_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && worse(&e[child], &e[child + 1]);
        if (!worse(&e[at], &e[child]))
            return;
        eddy_gradcheck_element t = e[at];
        e[at] = e[child];
        e[child] = t;
    }
}

/* Heap sort, worst first: libc's qsort may allocate. */
static void sort(eddy_gradcheck_element *e, int64_t count)
{
    for (int64_t i = count / 2; i-- > 0;)
        sink(e, i, count);
    for (int64_t i = count; i-- > 1;) {
        eddy_gradcheck_element t = e[0];
        e[0] = e[i];
        e[i] = t;
        sink(e, 0, i);
    }
}

static eddy_span span_of(const eddy_gradcheck_report *report, int64_t at)
{
    eddy_span s = { report->elements, at, at + 1 };
    while (s.from && s.e[s.from - 1].leaf == s.e[at].leaf && s.e[s.from - 1].order == s.e[at].order)
        s.from--;
    while (s.to < report->count && s.e[s.to].leaf == s.e[at].leaf && s.e[s.to].order == s.e[at].order)
        s.to++;
    return s;
}

static double largest_numerical(eddy_span s)
{
    double largest = 0, uncertainty = 0;
    for (int64_t i = s.from; i < s.to; i++)
        if (isfinite(s.e[i].numerical)) {
            largest = fmax(largest, fabs(s.e[i].numerical));
            uncertainty = fmax(uncertainty, isfinite(s.e[i].uncertainty) ? s.e[i].uncertainty : 0);
        }
    return largest > uncertainty ? largest : 0;
}

static double relative_errors(const eddy_gradcheck_report *report, int order)
{
    double worst = 0, all = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < report->count;) {
            eddy_span s = span_of(report, i);
            i = s.to;
            if (s.e[s.from].order != order)
                continue;
            double largest = largest_numerical(s);
            all = fmax(all, largest);
            for (int64_t j = s.from; pass && j < s.to; j++) {
                const eddy_gradcheck_element *e = &s.e[j];
                if (e->verdict == EDDY_UNRESOLVED)
                    continue;
                double difference = fabs(e->claimed - e->numerical),
                       size = fmax(fabs(e->numerical), 1e-3 * (largest > 0 ? largest : all));
                bool nothing = difference <= e->uncertainty && !(size > e->uncertainty);
                worst = fmax(worst, isnan(difference) ? INFINITY : nothing ? 0 : difference / size);
            }
        }
    return worst;
}

/* "weight"[2, 1] */
static void name_element(eddy_list wrt, const eddy_gradcheck_element *e, char *text, size_t size)
{
    const eddy_shape *shape = eddy_var_shape(wrt.items[e->leaf]);
    int64_t rest = e->index, index[EDDY_MAX_RANK];
    for (int i = shape->rank - 1; i >= 0; i--) {
        index[i] = rest % shape->dim[i];
        rest /= shape->dim[i];
    }
    int used = snprintf(text, size, "\"%.100s\"", eddy_name_of(wrt.items[e->leaf]));
    for (int i = 0; i < shape->rank && used > 0 && (size_t)used < size; i++)
        used += snprintf(text + used, size - (size_t)used, "%s%lld%s", i ? ", " : "[", (long long)index[i],
                         i + 1 == shape->rank ? "]" : "");
}

static const char *why_unresolved(const eddy_gradcheck_element *e)
{
    if (e->kink)
        return "there is a kink at this point: the slopes to the left and to the right differ, and the claim is one "
               "between them. Check at other values";
    if (e->told_by_tape)
        return "that has room for both, and the tape's own gradient is contradicted elsewhere. Check a part of the "
               "loss";
    if (e->rounding)
        return "rounding drowns it. Check at other values, or check the part of the loss that matters here by itself";
    if (isnan(e->numerical))
        return "the function is not finite beside this point. Check at other values";
    return "the numerical derivative is too uncertain here: is a kink, a jump or the edge of the domain near? Check at "
           "other values";
}

/* The tape's gradient beside a claim: what it is, and whether it stands on the numerical derivative's side. */
static void name_tape(const eddy_check *c, const eddy_gradcheck_element *w, char *text, size_t size)
{
    text[0] = 0;
    if (c->claim)
        eddy_snprintf(text, size, ", by the tape %.9g%s", w->by_tape,
                      w->tape_disagrees ? " (the tape's gradient is wrong as well)" : "");
}

/* "; "w" disagrees as well (3 of 12 elements), 2 others agree" */
static void word_other_leaves(const eddy_check *c, const eddy_gradcheck_element *w, const eddy_gradcheck_report *report,
                              char *text, size_t size)
{
    enum { NAMED = 2 };
    int named = 0, count[EDDY_NOT_CHECKED + 1] = { 0 };
    size_t used = 0;
    text[0] = 0;
    for (int64_t k = 0; k < report->leaf_count; k++) {
        const eddy_gradcheck_leaf *leaf = &report->leaves[k];
        if (k == w->leaf)
            continue;
        count[leaf->verdict]++;
        if (leaf->verdict == EDDY_DISAGREE && named++ < NAMED && used < size)
            used +=
                (size_t)snprintf(text + used, size - used, "; \"%.40s\" disagrees as well (%lld of %lld elements)",
                                 eddy_name_of(c->wrt.items[k]), (long long)leaf->disagreed, (long long)leaf->compared);
    }
    if (named > NAMED && used < size)
        used += (size_t)snprintf(text + used, size - used, ", and %d more leaves", named - NAMED);
    if (count[EDDY_AGREE] && used < size)
        snprintf(text + used, size - used, "; %d other %s", count[EDDY_AGREE],
                 count[EDDY_AGREE] == 1 ? "leaf agrees" : "leaves agree");
}

static void word_element(const eddy_check *c, const eddy_gradcheck_element *w, const char *hint,
                         eddy_gradcheck_report *report)
{
    char name[200], tape[80], others[200];
    const char *order = w->order > 1 ? "order 2 (the gradient's derivative): " : "";
    name_element(c->wrt, w, name, sizeof name);
    name_tape(c, w, tape, sizeof tape);
    word_other_leaves(c, w, report, others, sizeof others);
    if (w->verdict == EDDY_DISAGREE && w->told_by_tape)
        eddy_snprintf(
            report->message, sizeof report->message,
            "disagree: %s is claimed to be %.9g, by the tape it is %.9g; numerically, %.9g (+- %.1e) has room for "
            "both%s%s",
            name, w->claimed, w->by_tape, w->numerical, w->uncertainty, hint, others);
    else if (w->verdict == EDDY_DISAGREE)
        eddy_snprintf(report->message, sizeof report->message,
                      "disagree: %s%s is claimed to be %.9g, numerically it is %.9g (+- %.1e)%s%s%s", order, name,
                      w->claimed, w->numerical, w->uncertainty, tape, hint, others);
    else if (w->verdict == EDDY_UNRESOLVED)
        eddy_snprintf(report->message, sizeof report->message,
                      "unresolved: %s%s is claimed to be %.9g, numerically %.9g (+- %.1e)%s; %s", order, name,
                      w->claimed, w->numerical, w->uncertainty, tape, why_unresolved(w));
    else
        eddy_snprintf(report->message, sizeof report->message,
                      "agree: %lld elements; the largest difference is %.2g of what the errors explain, at %s%s",
                      (long long)report->compared, w->error, order, name);
}

/* Witnesses that disagree. What is not the same twice is said first: it explains everything else. */
static void word_witnesses(const eddy_check *c, eddy_gradcheck_report *report)
{
    char *text = report->message;
    size_t size = sizeof report->message;
    if (c->repeat.text[0]) {
        report->verdict = EDDY_DISAGREE;
        snprintf(text, size, "disagree: %.200s: nothing can be said of a function that changes by itself",
                 c->repeat.text);
        return;
    }
    for (int i = 0; i < EDDY_WITNESSES; i++) {
        const eddy_gradcheck_witness *w = &report->witness[i];
        if (w->verdict != EDDY_DISAGREE || report->verdict == EDDY_DISAGREE)
            continue;
        report->verdict = EDDY_DISAGREE;
        const char *order = w->order > 1 ? " (order 2)" : "";
        if (i == EDDY_WITNESS_TAYLOR)
            eddy_snprintf(
                text, size,
                "disagree: the elements looked at do not, but the Taylor remainder%s falls like h^%.2f, not h^2", order,
                w->found);
        else if (i == EDDY_WITNESS_ZERO)
            eddy_snprintf(text, size, "disagree: the cotangent 0 gives a gradient with the element %.3g, not 0",
                          w->found);
        else
            eddy_snprintf(
                text, size,
                "disagree: the elements looked at do not, but the %s%s does: the gradient's inner product with it "
                "is %.9g, not %.9g (+- %.1e)",
                i == EDDY_WITNESS_ADJOINT ? "derivative along a direction by differentiating twice"
                                          : "numerical derivative along a direction",
                order, w->found, w->expected, w->uncertainty);
    }
}

/* Does nothing show that the tape's own gradient is wrong? Only then is it a witness where the numerical derivative
 * cannot tell. */
static bool is_credible(const eddy_gradcheck_report *report)
{
    for (int64_t i = 0; i < report->count; i++) {
        const eddy_gradcheck_element *e = &report->elements[i];
        bool against = e->verdict == EDDY_AGREE && fabs(e->by_tape - e->numerical) > e->uncertainty;
        if (e->tape_disagrees || (against && !e->told_by_tape))
            return false;
    }
    return true;
}

static bool count_leaves(const eddy_check *c, eddy_gradcheck_report *report)
{
    static const int severity[] = {
        [EDDY_NOT_CHECKED] = 0, [EDDY_AGREE] = 1, [EDDY_UNRESOLVED] = 2, [EDDY_DISAGREE] = 3
    };
    report->leaves = eddy_allocate((size_t)c->wrt.count, sizeof *report->leaves);
    if (!report->leaves)
        return eddy_check_no_memory(c);
    report->leaf_count = c->wrt.count;
    for (int64_t k = 0; k < c->wrt.count; k++)
        report->leaves[k].verdict = EDDY_NOT_CHECKED;
    for (int64_t i = 0; i < report->count; i++) {
        const eddy_gradcheck_element *e = &report->elements[i];
        eddy_gradcheck_leaf *leaf = &report->leaves[e->leaf];
        leaf->compared++;
        leaf->disagreed += e->verdict == EDDY_DISAGREE;
        leaf->unresolved += e->verdict == EDDY_UNRESOLVED;
        leaf->verdict = severity[e->verdict] > severity[leaf->verdict] ? e->verdict : leaf->verdict;
        report->disagreed += e->verdict == EDDY_DISAGREE;
        report->unresolved += e->verdict == EDDY_UNRESOLVED;
    }
    return true;
}

bool eddy_gradcheck_conclude(eddy_check *c, eddy_gradcheck_report *report)
{
    eddy_gradcheck_element *e = report->elements;
    report->compared = report->count;
    if (!report->count) {
        snprintf(report->message, sizeof report->message, "not checked: there was no element to compare");
        return true;
    }
    int64_t worst = 0;
    bool credible = is_credible(report);
    for (int64_t i = 0; i < report->count; i++) {
        if (e[i].told_by_tape && e[i].verdict == EDDY_UNRESOLVED && credible)
            e[i].verdict = EDDY_DISAGREE;
        worst = worse(&e[i], &e[worst]) ? i : worst;
    }
    report->verdict = e[worst].verdict;
    report->worst_relative = fmax(relative_errors(report, 1), relative_errors(report, 2));
    char hint[360] = "";
    if (!count_leaves(c, report) ||
        (report->verdict == EDDY_DISAGREE && !eddy_diagnose(c, span_of(report, worst), hint, sizeof hint)))
        return false;
    word_element(c, &e[worst], hint, report);
    word_witnesses(c, report);
    sort(e, report->count);
    return true;
}
