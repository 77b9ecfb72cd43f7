/* The gradient checker's judgement: a verdict for an element, and one sentence for all of them. */
#include "parts.h"
#include "numerical.h"
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
        *report = (eddy_gradcheck_report){ .verdict = EDDY_NOT_CHECKED };
    }
}

double eddy_gradcheck_largest(const eddy_tensor *claimed)
{
    double largest = 0;
    for (int64_t i = 0; claimed && i < eddy_tensor_count(claimed); i++) {
        double size = fabs(eddy_tensor_flat(claimed, i));
        largest = isfinite(size) ? fmax(largest, size) : largest;
    }
    return largest;
}

/* ---- One element ---- */

enum { TRIES = 8 };

/* The answers of several tables: a kink, a pole or the edge of the domain may lie between x and x + h, so that only
 * smaller steps tell. */
typedef struct slopes {
    eddy_slope all[TRIES];
    int count, pick; /* pick: the one to believe, -1 none */
} slopes;

/* The smallest slope that counts for a function with terms of that size: their rounding is loss_noise (at x; there they
 * may be zero). */
static double least_slope(double x, double size, const eddy_gradcheck_scale *scale)
{
    return 1e-9 * fmax(scale->loss_noise / DBL_EPSILON, size) / fmax(fabs(x), 0.5);
}

/* A table is worth something if it knows its own value to half a percent, or sees that it is nothing beside the terms
 * of the function. */
static bool worth_something(eddy_slope slope, double x, const eddy_gradcheck_scale *scale)
{
    return slope.error <= fmax(5e-3 * fabs(slope.value), least_slope(x, slope.size, scale));
}

/* Half a percent of the element, so that an error of one percent shows; less is asked of an element that hardly counts
 * beside its neighbours. Where every gradient is zero, the size of the function's terms is the measure. */
static double needed_accuracy(const eddy_gradcheck_element *e, double x, eddy_slope slope,
                              const eddy_gradcheck_scale *scale)
{
    double own = 5e-3 * fmax(fabs(e->claimed), fabs(slope.value)), leaf = 5e-6 * scale->largest_of_leaf,
           all = 1e-7 * scale->largest;
    double terms = scale->largest > 0 ? 0 : least_slope(x, slope.size, scale);
    return fmax(fmax(own, leaf), fmax(all, terms));
}

static double tolerance(const eddy_gradcheck_element *e, double error, const eddy_gradcheck_scale *scale)
{
    return error + scale->claim_noise + 8 * DBL_EPSILON * fabs(e->claimed);
}

static bool contradict(eddy_slope a, eddy_slope b)
{
    return fabs(a.value - b.value) > 10 * (a.error + b.error);
}

/* The least error among those worth something; but where a smaller step contradicts it, there was something between x
 * and x + h, and the smaller step is right: a derivative is a limit. */
static int choose(const slopes *s, double x, const eddy_gradcheck_scale *scale)
{
    int pick = -1, beaten;
    do {
        beaten = pick;
        for (int i = 0; i < s->count; i++) {
            bool better = pick == beaten || s->all[i].error < s->all[pick].error;
            bool allowed =
                beaten < 0 || (s->all[i].step < s->all[beaten].step && contradict(s->all[i], s->all[beaten]));
            if (better && allowed && worth_something(s->all[i], x, scale))
                pick = i;
        }
    } while (pick != beaten);
    return pick;
}

static slopes look(const eddy_gradcheck_element *e, const eddy_curve *curve, double x, double h,
                   const eddy_gradcheck_scale *scale)
{
    /* larger steps where rounding drowns the difference (f32 on the way), smaller ones where something is near */
    static const double steps[TRIES] = { 1, 0x1p-4, 8, 0x1p-8, 0x1p-12, 0x1p-16, 0x1p-20, 0x1p-24 };
    slopes s = { .pick = -1 };
    for (int i = 0; i < TRIES; i++) {
        eddy_slope slope = eddy_slope_at(curve, h * steps[i]);
        if (isnan(slope.value))
            continue;
        s.all[s.count++] = slope;
        s.pick = choose(&s, x, scale);
        if (s.pick < 0)
            continue;
        slope = s.all[s.pick];
        double allowed = tolerance(e, slope.error, scale);
        if (allowed <= 1e-3 * needed_accuracy(e, x, slope, scale) && fabs(e->claimed - slope.value) <= allowed)
            break; /* an accusation, in contrast, is made after the last try only */
    }
    return s;
}

/* Does the next best table that says the same as the chosen one have room for the claim? An estimate is the least of
 * many, so once in a while it is too small by chance: another table must tell the claim and the slope apart as well. */
static bool another_agrees(const slopes *s, eddy_gradcheck_element *e, double x, const eddy_gradcheck_scale *scale)
{
    int next = -1;
    for (int i = 0; i < s->count; i++)
        if (i != s->pick && !contradict(s->all[i], s->all[s->pick]) &&
            (next < 0 || s->all[i].error < s->all[next].error))
            next = i;
    double allowed = next < 0 ? 0 : tolerance(e, s->all[next].error, scale);
    if (next < 0 || allowed > needed_accuracy(e, x, s->all[s->pick], scale) ||
        fabs(e->claimed - s->all[next].value) > allowed)
        return false;
    e->numerical = s->all[next].value;
    e->uncertainty = allowed;
    return true;
}

void eddy_gradcheck_judge(eddy_gradcheck_element *e, double (*f)(void *context, double step), void *context, double x,
                          const eddy_gradcheck_scale *scale)
{
    eddy_curve curve = { .f = f, .context = context, .noise = scale->loss_noise, .grain = DBL_EPSILON * fabs(x) };
    double h = 0.1 * fmax(fabs(x), 0.5), jump = 0;
    slopes s = look(e, &curve, x, h, scale);
    bool trusted = s.pick >= 0;
    s.pick = trusted ? s.pick : 0;
    eddy_slope slope = s.count ? s.all[s.pick] : (eddy_slope){ NAN, INFINITY, 0, h };
    e->numerical = slope.value;
    e->uncertainty = tolerance(e, slope.error, scale);
    double difference = fabs(e->claimed - e->numerical), needed = needed_accuracy(e, x, slope, scale);
    if (!isfinite(difference)) {
        /* an infinite slope at the edge of the domain may be right; a NaN never is */
        e->verdict = isnan(e->claimed) || isfinite(e->numerical) ? EDDY_DISAGREE : EDDY_UNRESOLVED;
        e->error = INFINITY;
        return;
    }
    bool agrees = difference <= e->uncertainty ? e->uncertainty <= needed : trusted && another_agrees(&s, e, x, scale);
    difference = fabs(e->claimed - e->numerical);
    e->error = difference <= 0 ? 0 : difference / e->uncertainty;
    e->verdict = agrees ? EDDY_AGREE : EDDY_UNRESOLVED;
    if (agrees)
        return;
    bool kink = eddy_kink_at(&curve, h / 16, &jump) && jump > needed;
    e->kink = kink && difference <= 0.55 * jump + e->uncertainty;
    if (difference > e->uncertainty && trusted && !e->kink)
        e->verdict = EDDY_DISAGREE;
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
               "between them. Check at other "
               "values";
    if (isnan(e->numerical))
        return "the function is not finite beside this point. Check at other values";
    return "the numerical derivative is too uncertain here: is a kink, a jump or the edge of the domain near? Check at "
           "other values";
}

/* The tape's gradient beside a claim: what it is, and whether it stands on the numerical derivative's side. */
static void name_tape(const eddy_check *c, const eddy_gradcheck_element *w, char *text, size_t size)
{
    double difference = fabs(w->by_tape - w->numerical);
    text[0] = 0;
    if (c->claim)
        eddy_snprintf(text, size, ", by the tape %.9g%s", w->by_tape,
                      difference > w->uncertainty ? " (the tape's gradient is wrong as well)" : "");
}

static void word_element(const eddy_check *c, const eddy_gradcheck_element *w, const char *hint,
                         eddy_gradcheck_report *report)
{
    char name[200], tape[80];
    const char *order = w->order > 1 ? "order 2 (the gradient's derivative): " : "";
    name_element(c->wrt, w, name, sizeof name);
    name_tape(c, w, tape, sizeof tape);
    switch (w->verdict) {
    case EDDY_DISAGREE:
        eddy_snprintf(report->message, sizeof report->message,
                      "disagree: %s%s is claimed to be %.9g, numerically it is %.9g (+- %.1e)%s%s", order, name,
                      w->claimed, w->numerical, w->uncertainty, tape, hint);
        break;
    case EDDY_UNRESOLVED:
        eddy_snprintf(report->message, sizeof report->message,
                      "unresolved: %s%s is claimed to be %.9g, numerically %.9g (+- %.1e)%s; %s", order, name,
                      w->claimed, w->numerical, w->uncertainty, tape, why_unresolved(w));
        break;
    default:
        snprintf(report->message, sizeof report->message,
                 "agree: %lld elements; the largest difference is %.2g of what the errors explain, at %s%s",
                 (long long)report->compared, w->error, order, name);
    }
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

bool eddy_gradcheck_conclude(eddy_check *c, eddy_gradcheck_report *report)
{
    eddy_gradcheck_element *e = report->elements;
    report->compared = report->count;
    if (!report->count) {
        snprintf(report->message, sizeof report->message, "not checked: there was no element to compare");
        return true;
    }
    int64_t worst = 0;
    for (int64_t i = 0; i < report->count; i++) {
        report->disagreed += e[i].verdict == EDDY_DISAGREE;
        report->unresolved += e[i].verdict == EDDY_UNRESOLVED;
        worst = worse(&e[i], &e[worst]) ? i : worst;
    }
    report->verdict = e[worst].verdict;
    report->worst_relative = fmax(relative_errors(report, 1), relative_errors(report, 2));
    char hint[360] = "";
    if (report->verdict == EDDY_DISAGREE && !eddy_diagnose(c, span_of(report, worst), hint, sizeof hint))
        return false;
    word_element(c, &e[worst], hint, report);
    word_witnesses(c, report);
    sort(e, report->count);
    return true;
}
