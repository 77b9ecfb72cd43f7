/* The gradient checker's judgement of one element: the numerical derivative by several tables of Ridders' method, which
 * of them to believe, and what follows for the claim.
 *
 * To agree, one table must have room for the claim and be exact enough to mean something. To accuse takes more: the
 * estimates of error are estimates, so the claim must be outside of ten of them, no table that can tell may have room
 * for it, the jump of the slope seen by the same values must not explain the difference, and the bound on rounding is
 * asked again at x + h and x - h, where the function may be steeper than at x. What is between stays unresolved. */
#include "gradcheck_internal.h"
#include "numerical.h"

#include <float.h>
#include <math.h>

double eddy_gradcheck_largest(const eddy_tensor *claimed)
{
    double largest = 0;
    for (int64_t i = 0; claimed && i < eddy_tensor_count(claimed); i++) {
        double size = fabs(eddy_tensor_flat(claimed, i));
        largest = isfinite(size) ? fmax(largest, size) : largest;
    }
    return largest;
}

enum { TRIES = 12, OWN = 4 }; /* OWN: the one whose step is of x's own size */

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
 * beside its neighbours in the leaf. Where all of these are nothing but rounding, the size of the function's terms is
 * the measure. */
static double needed_accuracy(const eddy_gradcheck_element *e, double x, eddy_slope slope,
                              const eddy_gradcheck_scale *scale)
{
    double own = 5e-3 * fmax(fabs(e->claimed), fabs(slope.value)), leaf = 5e-6 * scale->largest_of_leaf,
           least = least_slope(x, slope.size, scale);
    return fmax(fmax(own, leaf), scale->nothing && scale->largest_of_leaf <= 1e-6 * least ? least : 0);
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

/* Does the slope jump by more than is asked for, in the eyes of this table? */
static bool bends(const eddy_gradcheck_element *e, double x, eddy_slope slope, const eddy_gradcheck_scale *scale)
{
    return eddy_slope_bends(&slope) && fabs(slope.jump) > needed_accuracy(e, x, slope, scale);
}

static slopes look(const eddy_gradcheck_element *e, const eddy_curve *curve, double x, double h,
                   const eddy_gradcheck_scale *scale)
{
    /* larger steps where rounding drowns the difference (f32 on the way), smaller ones where something is near or the
     * function has the scale of a small x */
    const double own = x != 0 && fabs(x) < 0.5 ? fabs(x) / 0.5 : 0x1p-28;
    const double steps[TRIES] = { 1,       0x1p-4,  8,       0x1p-8,        own,     0x1p-12,
                                  0x1p-16, 0x1p-20, 0x1p-24, own * 0x1p-10, 0x1p-32, 0x1p-40 };
    slopes s = { .pick = -1 };
    /* beside a small x, a step of another size may see the plateau far from it: no agreement before its own is asked */
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
        if (allowed <= 1e-3 * needed_accuracy(e, x, slope, scale) && fabs(e->claimed - slope.value) <= allowed &&
            !bends(e, x, slope, scale) && (i >= OWN || x == 0 || own >= 0x1p-4))
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

/* How much of |claimed - slope| a table can explain at most, if it must. */
static double explained(const eddy_gradcheck_element *e, eddy_slope slope, const eddy_gradcheck_scale *scale)
{
    double jump = isfinite(slope.jump_error) ? fabs(slope.jump) + slope.jump_error : 0;
    return tolerance(e, 10 * slope.error, scale) + 0.55 * jump;
}

/* Is the claim far outside of everything that tables say which can tell? */
static bool is_outside(const slopes *s, const eddy_gradcheck_element *e, double difference,
                       const eddy_gradcheck_scale *scale)
{
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < s->count; i++)
        if (s->all[i].error <= difference / 4) {
            double room = explained(e, s->all[i], scale);
            low = fmin(low, s->all[i].value - room);
            high = fmax(high, s->all[i].value + room);
        }
    double width = high - low;
    return e->claimed < low - width || e->claimed > high + width;
}

/* Can the tables be read so that the claim is right? A derivative is a limit: a smaller step that contradicts the
 * chosen table, or has room for the claim and none for the chosen slope, is reason enough. Larger steps are asked
 * unless the chosen one contradicts them, and another one that says the same must tell claim and slope apart as well.
 */
static bool is_defensible(const slopes *s, const eddy_gradcheck_element *e, const eddy_gradcheck_scale *scale)
{
    eddy_slope chosen = s->all[s->pick];
    double difference = fabs(e->claimed - chosen.value);
    if (difference <= explained(e, chosen, scale))
        return true;
    int confirmed = 0;
    for (int i = 0; i < s->count; i++) {
        eddy_slope other = s->all[i];
        bool room = fabs(e->claimed - other.value) <= tolerance(e, other.error, scale),
             room_for_chosen = fabs(chosen.value - other.value) <= chosen.error + other.error;
        if (i == s->pick)
            continue;
        if (other.step < chosen.step && contradict(other, chosen))
            return !is_outside(s, e, difference, scale);
        if (other.step < chosen.step && room && !room_for_chosen)
            return true;
        if (other.step > chosen.step && !contradict(other, chosen) && room && other.error <= difference / 4)
            return true;
        confirmed += fabs(e->claimed - other.value) > explained(e, other, scale) &&
                     fabs(chosen.value - other.value) <= 3 * (chosen.error + other.error);
    }
    return !confirmed;
}

/* The bound on rounding at both ends of each table: errors grow by what it has grown. */
static void look_beside(slopes *s, const eddy_probe *probe, const eddy_gradcheck_scale *scale)
{
    for (int i = 0; i < s->count && probe->noise; i++) {
        eddy_slope *slope = &s->all[i];
        double least = scale->loss_noise + DBL_EPSILON * slope->size, most = least;
        for (int k = 0; k < 4; k++) {
            double noise = probe->noise(probe->context, slope->step * (k < 2 ? 1 : 0.25) * (k % 2 ? 1 : -1));
            most = isfinite(noise) ? fmax(most, noise) : most;
        }
        double grown = least > 0 ? most / least - 1 : most > 0 ? INFINITY : 0;
        slope->error += slope->rounding * grown;
        slope->jump_error += 4 * slope->rounding * grown;
        slope->rounding *= 1 + grown;
        if (!(least > 0) && most > 0)
            slope->error = slope->jump_error = most / slope->step * 64;
    }
}

static eddy_crossing crossed_by(const eddy_probe *probe, double step)
{
    eddy_crossing worst = EDDY_CROSSES_NOTHING;
    for (int k = 0; k < 8 && worst != EDDY_CROSSES_JUMP; k++, step /= k % 2 ? 1 : 2) {
        eddy_crossing now = probe->crossing(probe->context, k % 2 ? -step : step);
        worst = now > worst ? now : worst;
    }
    return worst;
}

/* An oscillation of a few times the rounding, as of 1e-15 sin(x) beside 1, cannot be seen at steps of its own scale,
 * and large steps take it for a plateau. The functions of a tape have scales of about 1, however large x is. */
static bool may_skip_oscillation(eddy_slope slope, const eddy_gradcheck_scale *scale)
{
    return slope.step > 1 && slope.size <= 1e3 * scale->loss_noise;
}

/* Leaves out the tables that say nothing of the slope at x: those that may skip an oscillation or cross a jump, and
 * those that cross a kink too if one that does not is worth something. */
static void leave_out_blind(slopes *s, const eddy_probe *probe, double x, const eddy_gradcheck_scale *scale)
{
    slopes smooth = { .pick = -1 }, continuous = { .pick = -1 };
    for (int i = 0; i < s->count; i++) {
        if (may_skip_oscillation(s->all[i], scale))
            continue;
        eddy_crossing crossing = crossed_by(probe, s->all[i].step);
        if (crossing == EDDY_CROSSES_NOTHING)
            smooth.all[smooth.count++] = s->all[i];
        if (crossing != EDDY_CROSSES_JUMP)
            continuous.all[continuous.count++] = s->all[i];
    }
    *s = choose(&smooth, x, scale) >= 0 ? smooth : continuous;
}

/* What the tables say of the claim. */
static eddy_verdict weigh(slopes *s, eddy_gradcheck_element *e, double x, const eddy_gradcheck_scale *scale)
{
    bool trusted = s->pick >= 0;
    for (int i = 0; i < s->count && !trusted; i++)
        s->pick = s->pick < 0 || s->all[i].error < s->all[s->pick].error ? i : s->pick;
    eddy_slope slope = s->pick >= 0 ? s->all[s->pick] : (eddy_slope){ .value = NAN, .error = INFINITY };
    e->numerical = slope.value;
    e->uncertainty = tolerance(e, slope.error, scale);
    double difference = fabs(e->claimed - e->numerical), needed = needed_accuracy(e, x, slope, scale);
    if (!isfinite(difference)) {
        /* an infinite slope at the edge of the domain may be right; a NaN never is */
        e->error = INFINITY;
        return isnan(e->claimed) || isfinite(e->numerical) ? EDDY_DISAGREE : EDDY_UNRESOLVED;
    }
    bool bent = bends(e, x, slope, scale);
    bool agrees =
        !bent && (difference <= e->uncertainty ? e->uncertainty <= needed : trusted && another_agrees(s, e, x, scale));
    difference = fabs(e->claimed - e->numerical);
    e->error = difference <= 0 ? 0 : difference / e->uncertainty;
    e->kink = bent && fabs(e->claimed - slope.value) <= explained(e, slope, scale);
    if (agrees)
        return EDDY_AGREE;
    e->rounding = !bent && difference <= e->uncertainty && slope.rounding >= slope.error / 4;
    return trusted && !is_defensible(s, e, scale) ? EDDY_DISAGREE : EDDY_UNRESOLVED;
}

void eddy_gradcheck_judge(eddy_gradcheck_element *e, const eddy_probe *probe, double x,
                          const eddy_gradcheck_scale *scale)
{
    eddy_curve curve = { .f = probe->f,
                         .context = probe->context,
                         .middle = 0,
                         .noise = scale->loss_noise,
                         .grain = DBL_EPSILON * fabs(x) };
    slopes s = look(e, &curve, x, 0.1 * fmax(fabs(x), 0.5), scale);
    e->verdict = weigh(&s, e, x, scale);
    if (e->verdict != EDDY_DISAGREE || !isfinite(e->error) || !probe->noise)
        return;
    look_beside(&s, probe, scale);
    if (probe->crossing)
        leave_out_blind(&s, probe, x, scale);
    s.pick = choose(&s, x, scale);
    e->verdict = weigh(&s, e, x, scale);
}
