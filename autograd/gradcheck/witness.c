/* The gradient checker's witnesses: what is asked of all elements at once, beside the numerical derivative of each.
 * gradcheck.h says what each of them states. Assumes that the levels are recorded and that the claims stand.
 *
 * Their tolerances are made like an element's. <g, d> = y[k] is a sum over the claimed elements, which noise(y[k])
 * bounds; the derivative along d by differentiating twice adds up as many terms of the same sizes in another order, for
 * which 16 noise(y[k]) leaves room. */
#include "gradcheck_internal.h"
#include "composed.h"

#include <float.h>
#include <math.h>
#include <string.h>

const char *eddy_witness_name(eddy_witness witness)
{
    switch (witness) {
    case EDDY_WITNESS_ADJOINT:
        return "adjoint identity";
    case EDDY_WITNESS_DIRECTION:
        return "derivative along a direction";
    case EDDY_WITNESS_TAYLOR:
        return "Taylor remainder";
    case EDDY_WITNESS_REPEAT:
        return "repetition";
    case EDDY_WITNESS_ZERO:
        return "zero cotangent";
    case EDDY_WITNESSES:
        break;
    }
    return "";
}

bool eddy_check_asks(const eddy_check *c, eddy_witness witness)
{
    return !(c->options.without >> witness & 1);
}

/* ---- Recording ---- */

/* Order k: J is the Jacobian of the loss or, for k = 2, that of its gradient, whose product with d is weighted with the
 * first direction. */
bool eddy_witness_record(eddy_check *c)
{
    for (int k = 0; k < c->options.order && eddy_check_asks(c, EDDY_WITNESS_ADJOINT); k++) {
        eddy_check_level *at = &c->levels[k];
        eddy_list from = k ? at[-1].gradient : (eddy_list){ &at->y, 1 };
        eddy_list along = eddy_jvp_at(c->site, from, c->wrt, at->direction);
        if (along.count != from.count)
            return false;
        at->along = k ? eddy_dot(along, at[-1].direction) : along.items[0];
    }
    if (eddy_check_asks(c, EDDY_WITNESS_ZERO)) {
        eddy_var zero = eddy_zeros_like(c->levels[0].y);
        c->zero = eddy_gradients_with_at(c->site, (eddy_list){ &c->levels[0].y, 1 }, (eddy_list){ &zero, 1 }, c->wrt);
    }
    return !c->tape->error.text[0];
}

/* ---- Twice the same ---- */

static bool same_bits(double a, double b)
{
    return !memcmp(&a, &b, sizeof a);
}

/* Compares with, or keeps, the elements at *kept, and moves on. */
static int64_t differing(const eddy_tensor *now, double **kept, bool keep)
{
    int64_t first = -1;
    for (int64_t i = 0; i < eddy_tensor_count(now); i++, (*kept)++) {
        double value = eddy_tensor_flat(now, i);
        if (keep)
            **kept = value;
        else if (first < 0 && !same_bits(value, **kept))
            first = i;
    }
    return first;
}

/* Loss and gradients of every order. */
static void look_again(eddy_check *c, double *kept, bool keep)
{
    for (int k = 0; k <= c->options.order; k++) {
        const eddy_check_level *at = &c->levels[k];
        if (differing(eddy_output_tensor(c->claims, at->y), &kept, keep) >= 0)
            eddy_status_fail(
                &c->repeat, k ? "the gradient's inner product with a direction has other bits when it is computed again"
                              : "the loss has other bits when it is computed again");
        for (int64_t j = 0; j < c->wrt.count; j++) {
            int64_t i = differing(eddy_output_tensor(c->claims, at->gradient.items[j]), &kept, keep);
            if (i >= 0 && k < c->options.order)
                eddy_status_fail(&c->repeat, "%s of \"%.100s\" has other bits when it is computed again (element %lld)",
                                 k ? "the second-order gradient" : "the gradient", eddy_name_of(c->wrt.items[j]),
                                 (long long)i);
        }
    }
}

static bool claim_again(eddy_check *c)
{
    bool done = true;
    for (int64_t k = 0; k < c->wrt.count; k++)
        done = done && c->claimed[k].data;
    eddy_tensor *again = eddy_allocate((size_t)c->wrt.count, sizeof *again);
    eddy_status status = { 0 };
    done = done && again;
    for (int64_t k = 0; done && k < c->wrt.count; k++)
        done = eddy_tensor_new(&again[k], EDDY_F64, c->claimed[k].shape, &status);
    done = done ? eddy_check_ask_user(c, again) : eddy_check_no_memory(c);
    for (int64_t k = 0; done && k < c->wrt.count; k++)
        for (int64_t i = 0; i < eddy_tensor_count(&again[k]); i++)
            if (!same_bits(eddy_tensor_flat(&again[k], i), eddy_tensor_flat(&c->claimed[k], i)))
                eddy_status_fail(&c->repeat,
                                 "the claim for \"%.100s\" has other bits when it is asked again (element %lld)",
                                 eddy_name_of(c->wrt.items[k]), (long long)i);
    for (int64_t k = 0; again && k < c->wrt.count; k++)
        eddy_tensor_free(&again[k]);
    eddy_free(again);
    return done;
}

bool eddy_witness_repeat(eddy_check *c)
{
    if (!eddy_check_asks(c, EDDY_WITNESS_REPEAT))
        return true;
    int64_t elements = 1;
    for (int64_t k = 0; k < c->wrt.count; k++)
        elements += eddy_shape_count(eddy_var_shape(c->wrt.items[k]));
    double *kept = eddy_allocate((size_t)elements * EDDY_CHECK_LEVELS, sizeof *kept);
    if (!kept)
        return eddy_check_no_memory(c);
    look_again(c, kept, true);
    bool done = eddy_run_at(c->site, c->claims);
    if (done)
        look_again(c, kept, false);
    eddy_free(kept);
    return done && (!c->claim || claim_again(c));
}

/* ---- Along a direction ---- */

typedef struct ray {
    eddy_check *c;
    const eddy_check_level *of;
    double **base; /* the leaves' values */
    int order;
} ray;

static double *elements_of(const eddy_check *c, eddy_var leaf)
{
    return eddy_leaf_at(c->tape, leaf.index)->value.data;
}

/* A leaf may stand in wrt more than once: it then moves along the sum of its directions. */
static void move(const ray *r, double step)
{
    const eddy_check *c = r->c;
    for (int64_t k = 0; k < c->wrt.count; k++) {
        eddy_leaf *leaf = eddy_leaf_at(c->tape, c->wrt.items[k].index);
        if (eddy_tensor_count(&leaf->value))
            memcpy(leaf->value.data, r->base[k], (size_t)eddy_tensor_count(&leaf->value) * sizeof **r->base);
        leaf->version = ++c->tape->clock;
    }
    for (int64_t k = 0; k < c->wrt.count && step != 0; k++) {
        double *x = elements_of(c, c->wrt.items[k]);
        const double *d = elements_of(c, r->of->direction.items[k]);
        for (int64_t i = 0; i < eddy_shape_count(eddy_var_shape(c->wrt.items[k])); i++)
            x[i] += step * d[i];
    }
}

static double value_along(void *context, double step)
{
    const ray *r = context;
    move(r, step);
    double change = eddy_check_change(r->c, r->order);
    move(r, 0);
    return change;
}

static double noise_along(void *context, double step)
{
    const ray *r = context;
    move(r, step);
    double noise = eddy_check_noise_beside(r->c, r->order, -1);
    move(r, 0);
    return noise;
}

static eddy_crossing crossing_along(void *context, double step)
{
    const ray *r = context;
    move(r, step);
    eddy_crossing crossing = eddy_check_crossing(r->c, r->order);
    move(r, 0);
    return crossing;
}

/* What is claimed along d, and the sums that its tolerance is made of. */
typedef struct sums {
    double along;    /* sum g d: NaN or infinite if an element is */
    double size;     /* sum |g d| */
    double rounding; /* of the function where x + h d is rounded: eps sum |g x| */
} sums;

static sums add_up(const eddy_check *c, int order)
{
    sums s = { 0 };
    bool infinite = false;
    for (int64_t k = 0; k < c->wrt.count; k++) {
        const eddy_tensor *g = eddy_check_claimed(c, order, k);
        const double *d = elements_of(c, c->levels[order - 1].direction.items[k]), *x = elements_of(c, c->wrt.items[k]);
        for (int64_t i = 0; i < eddy_tensor_count(g); i++) {
            double value = eddy_tensor_flat(g, i);
            if (isinf(value)) {
                infinite = true;
                continue;
            }
            s.along += value * d[i];
            s.size += fabs(value * d[i]);
            s.rounding += DBL_EPSILON * fabs(value * x[i]);
        }
    }
    if (infinite && !isnan(s.along))
        s.along = INFINITY;
    return s;
}

static void keep_worse(eddy_gradcheck_witness *witness, eddy_gradcheck_witness now)
{
    static const int severity[] = {
        [EDDY_AGREE] = 1, [EDDY_UNRESOLVED] = 2, [EDDY_DISAGREE] = 3, [EDDY_NOT_CHECKED] = 0
    };
    if (severity[now.verdict] > severity[witness->verdict])
        *witness = now;
}

/* The bound on rounding is that of one of the two sides, at first order; before an accusation, the rounding of both is
 * measured. */
static bool ask_adjoint(eddy_check *c, int order, sums s, eddy_gradcheck_witness *w)
{
    const eddy_check_level *at = &c->levels[order - 1];
    *w = (eddy_gradcheck_witness){ .order = order, .expected = eddy_output(c->claims, at->along), .found = s.along };
    w->uncertainty = (c->claim ? 64 : 16) * eddy_check_noise(c, order, -1) + 16 * DBL_EPSILON * s.size;
    double apart = fabs(w->found - w->expected);
    if (isfinite(apart) && apart > w->uncertainty) {
        if (!eddy_rounding_measure(c))
            return false;
        w->uncertainty += (c->claim ? 64 : 16) * eddy_rounding_of_adjoint(c, order);
    }
    w->verdict = apart <= w->uncertainty                                                  ? EDDY_AGREE
                 : isnan(w->found) || (isfinite(w->expected) && isfinite(w->uncertainty)) ? EDDY_DISAGREE
                                                                                          : EDDY_UNRESOLVED;
    return true;
}

static eddy_gradcheck_witness ask_direction(ray *r, int order, sums s)
{
    const eddy_check *c = r->c;
    eddy_gradcheck_scale scale = { .claim_noise = eddy_check_claim_noise(c, order, -1),
                                   .largest_of_leaf = s.size,
                                   .nothing = true };
    eddy_gradcheck_element e = { .order = order, .claimed = s.along };
    eddy_probe probe = { r, value_along, noise_along, crossing_along };
    for (bool again = true; again;) {
        bool was_wrong = r->of->change_is_wrong;
        scale.loss_noise = eddy_check_change_noise(c, c->claims, order - 1, -1) + s.rounding;
        eddy_gradcheck_judge(&e, &probe, 0, &scale);
        again = r->of->change_is_wrong && !was_wrong;
    }
    return (eddy_gradcheck_witness){ e.verdict, order, e.numerical, e.claimed, e.uncertainty };
}

/* The slope of log |remainder| over log h, by least squares over the smallest steps at which it stands out from
 * rounding. Beside a kink it means nothing, but there the remainder vanishes at once. */
static eddy_gradcheck_witness ask_taylor(ray *r, int order, sums s, eddy_verdict direction)
{
    enum { STEPS = 24, USED = 6 };
    const eddy_check *c = r->c;
    eddy_gradcheck_witness w = { EDDY_UNRESOLVED, order, 2, NAN, 0.25 };
    double noise = eddy_check_change_noise(c, c->claims, order - 1, -1) + s.rounding,
           claim_noise = eddy_check_claim_noise(c, order, -1), logs[STEPS], h = 0x1p-4;
    int used = 0;
    bool vanished = false; /* below rounding, at a step at which a wrong gradient would stand out */
    if (!isfinite(s.along))
        return w;
    for (int i = 0; i < STEPS; i++, h /= 2) {
        double change = value_along(r, h), remainder = fabs(change - h * s.along);
        double floor = 2 * noise + 4 * DBL_EPSILON * (fabs(change) + h * s.size) + h * claim_noise;
        if (isfinite(remainder) && remainder > 16 * floor)
            logs[used++] = log2(remainder);
        else if (isfinite(remainder)) {
            vanished = 16 * floor <= 1e-6 * h * s.size;
            break;
        }
    }
    if (used < 3) {
        w.verdict = vanished || s.size <= 0 ? EDDY_AGREE : EDDY_UNRESOLVED;
        return w;
    }
    const double *last = used > USED ? logs + used - USED : logs;
    int n = used > USED ? USED : used;
    double product = 0, square = 0;
    for (int i = 0; i < n; i++) {
        double x = (n - 1) / 2.0 - i;
        product += x * last[i];
        square += x * x;
    }
    w.found = product / square;
    if (w.found >= 2 - w.uncertainty || vanished)
        w.verdict = EDDY_AGREE;
    else if (fabs(w.found - 1) <= 0.1) /* a kink beside x has that slope as well: the direction's derivative knows */
        w.verdict = (direction == EDDY_NOT_CHECKED ? ask_direction(r, order, s).verdict : direction) == EDDY_DISAGREE
                        ? EDDY_DISAGREE
                        : EDDY_UNRESOLVED;
    return w;
}

/* May the function along a direction contradict what the elements said? Not if each was looked at and none disagrees:
 * leaves with different scales make it rougher than it is along any of them. */
static void weigh_against_elements(const eddy_check *c, const eddy_gradcheck_report *report, eddy_gradcheck_witness *w)
{
    int64_t elements = 0, seen = 0, disagreed = 0;
    for (int64_t k = 0; k < c->wrt.count; k++)
        elements += eddy_shape_count(eddy_var_shape(c->wrt.items[k]));
    for (int64_t i = 0; i < report->count; i++) {
        seen += report->elements[i].order == w->order;
        disagreed += report->elements[i].order == w->order && report->elements[i].verdict == EDDY_DISAGREE;
    }
    if (w->verdict == EDDY_DISAGREE && seen == elements && !disagreed)
        w->verdict = EDDY_UNRESOLVED;
}

static bool ask_along(eddy_check *c, eddy_gradcheck_report *report, double **base)
{
    for (int order = 1; order <= c->options.order; order++) {
        ray r = { c, &c->levels[order - 1], base, order };
        sums s = add_up(c, order);
        eddy_gradcheck_witness w;
        if (eddy_check_asks(c, EDDY_WITNESS_ADJOINT)) {
            if (!ask_adjoint(c, order, s, &w))
                return false;
            if (c->claim) /* the identity compares a claim with the tape, and so did the elements */
                weigh_against_elements(c, report, &w);
            keep_worse(&report->witness[EDDY_WITNESS_ADJOINT], w);
        }
        eddy_verdict direction = EDDY_NOT_CHECKED;
        if (eddy_check_asks(c, EDDY_WITNESS_DIRECTION)) {
            w = ask_direction(&r, order, s);
            direction = w.verdict;
            weigh_against_elements(c, report, &w);
            keep_worse(&report->witness[EDDY_WITNESS_DIRECTION], w);
        }
        if (eddy_check_asks(c, EDDY_WITNESS_TAYLOR)) {
            w = ask_taylor(&r, order, s, direction);
            weigh_against_elements(c, report, &w);
            keep_worse(&report->witness[EDDY_WITNESS_TAYLOR], w);
        }
    }
    return !c->tape->error.text[0];
}

/* ---- The cotangent 0 ---- */

/* Where the gradient itself is not finite, 0 times it is no 0 and nothing is learned. */
static eddy_gradcheck_witness ask_zero(const eddy_check *c)
{
    eddy_gradcheck_witness w = { .verdict = EDDY_AGREE, .order = 1 };
    for (int64_t k = 0; k < c->wrt.count; k++) {
        const eddy_tensor *zero = eddy_output_tensor(c->claims, c->zero.items[k]), *g = eddy_check_by_tape(c, 1, k);
        for (int64_t i = 0; i < eddy_tensor_count(zero); i++) {
            double value = eddy_tensor_flat(zero, i);
            if (isfinite(eddy_tensor_flat(g, i)) && !(fabs(value) <= 0) && w.verdict == EDDY_AGREE)
                w = (eddy_gradcheck_witness){ .verdict = EDDY_DISAGREE, .order = 1, .found = value };
        }
    }
    return w;
}

bool eddy_witness_ask(eddy_check *c, eddy_gradcheck_report *report)
{
    for (int i = 0; i < EDDY_WITNESSES; i++)
        report->witness[i].verdict = EDDY_NOT_CHECKED;
    if (eddy_check_asks(c, EDDY_WITNESS_ZERO))
        report->witness[EDDY_WITNESS_ZERO] = ask_zero(c);
    if (eddy_check_asks(c, EDDY_WITNESS_REPEAT))
        report->witness[EDDY_WITNESS_REPEAT].verdict = c->repeat.text[0] ? EDDY_DISAGREE : EDDY_AGREE;
    double **base = eddy_allocate((size_t)c->wrt.count, sizeof *base);
    bool done = base;
    for (int64_t k = 0; done && k < c->wrt.count; k++) {
        size_t count = (size_t)eddy_shape_count(eddy_var_shape(c->wrt.items[k]));
        done = (base[k] = eddy_allocate(count ? count : 1, sizeof **base)) != NULL;
        if (done && count)
            memcpy(base[k], elements_of(c, c->wrt.items[k]), count * sizeof **base);
    }
    done = done ? ask_along(c, report, base) : eddy_check_no_memory(c);
    for (int64_t k = 0; base && k < c->wrt.count; k++)
        eddy_free(base[k]);
    eddy_free(base);
    return done;
}
