/* The gradient checker's comparison: which elements are looked at, how the function is computed beside the point, and
 * what the tape says of a claim where the numerical derivative cannot tell. */
#include "gradcheck_internal.h"

#include <float.h>
#include <math.h>

/* ---- The function beside the point ---- */

/* The change is compared with y itself: where they contradict each other, a rule only pretends to be linear. */
double eddy_check_change(eddy_check *c, int order)
{
    eddy_check_level *at = &c->levels[order - 1];
    if (!eddy_run(at->program))
        return NAN;
    double y0 = eddy_output(c->claims, at->y), y = eddy_output(at->program, at->y),
           change = eddy_output(at->program, at->change), noise = eddy_check_noise(c, order - 1, -1);
    double grown = 1 + fabs(y) / (fabs(y0) + DBL_MIN),
           room = 4 * noise * grown + 64 * DBL_EPSILON * (fabs(y) + fabs(y0));
    if (isfinite(y) && !(fabs(y - y0 - change) <= room + 1e-6 * fabs(y - y0)))
        at->change_is_wrong = true;
    return at->change_is_wrong || !isfinite(y) ? y - y0 : change;
}

double eddy_check_noise_beside(eddy_check *c, int order, int64_t k)
{
    eddy_check_level *at = &c->levels[order - 1];
    if (!at->beside)
        at->beside = eddy_compile_at(c->site, c->tape, (eddy_list){ &at->sizes, 1 }, (eddy_list){ 0 });
    return at->beside && eddy_run(at->beside) ? eddy_check_change_noise(c, at->beside, order - 1, k) : NAN;
}

typedef struct position {
    eddy_check *c;
    double *element, x;
    int64_t k;
    int order;
} position;

/* The element at x + step; at x again with a step of 0. */
static const position *move(void *context, double step)
{
    const position *p = context;
    *p->element = step == 0 ? p->x : p->x + step; /* -0 too */
    eddy_leaf_at(p->c->tape, p->c->wrt.items[p->k].index)->version = ++p->c->tape->clock;
    return p;
}

static double value_beside(void *context, double step)
{
    const position *p = move(context, step);
    double change = eddy_check_change(p->c, p->order);
    move(context, 0);
    return change;
}

static double noise_beside(void *context, double step)
{
    const position *p = move(context, step);
    double noise = eddy_check_noise_beside(p->c, p->order, p->k);
    move(context, 0);
    return noise;
}

static eddy_crossing crossing_beside(void *context, double step)
{
    const position *p = move(context, step);
    eddy_crossing crossing = eddy_check_crossing(p->c, p->order);
    move(context, 0);
    return crossing;
}

/* ---- One element ---- */

/* How far a claimed element may be from the tape's by rounding alone; a user's formula rounds in other places, and
 * below DBL_MIN digits are lost. */
static double room_beside_tape(const eddy_check *c, int order, int64_t k, int64_t i, double by_tape)
{
    return 8 * eddy_rounding_of(c, order, k, i) + 64 * DBL_EPSILON * fabs(by_tape) + DBL_MIN;
}

/* Does the claimed element differ from the tape's by more than rounding? Measures rounding if it must. */
static bool differs(eddy_check *c, int64_t k, int64_t i)
{
    if (c->tape->error.text[0])
        return false;
    double claimed = eddy_tensor_flat(eddy_check_claimed(c, 1, k), i),
           by_tape = eddy_tensor_flat(eddy_check_by_tape(c, 1, k), i), apart = fabs(claimed - by_tape);
    if (apart <= 8 * DBL_EPSILON * fabs(by_tape))
        return false;
    return eddy_rounding_measure(c) && !(apart <= room_beside_tape(c, 1, k, i, by_tape));
}

static void judge_once(eddy_check *c, eddy_gradcheck_element *e, const eddy_gradcheck_scale *scale)
{
    eddy_leaf *leaf = eddy_leaf_at(c->tape, c->wrt.items[e->leaf].index);
    double *element = (double *)leaf->value.data + e->index;
    position p = { c, element, *element, e->leaf, e->order };
    eddy_probe probe = { &p, value_beside, noise_beside, crossing_beside };
    const eddy_check_level *at = &c->levels[e->order - 1];
    for (bool again = true; again;) {
        bool was_wrong = at->change_is_wrong;
        eddy_gradcheck_scale now = *scale;
        now.loss_noise = eddy_check_change_noise(c, c->claims, e->order - 1, e->leaf);
        eddy_gradcheck_judge(e, &probe, *p.element, &now);
        again = at->change_is_wrong && !was_wrong;
    }
}

/* Where the numerical derivative has room for the claim and for the tape's gradient, the tape is asked: a claim that is
 * the same up to rounding agrees, another one stays open until the report knows whether the tape can be believed. */
static void ask_tape(eddy_check *c, eddy_gradcheck_element *e)
{
    bool apart = differs(c, e->leaf, e->index);
    bool both = fabs(e->claimed - e->numerical) <= e->uncertainty && fabs(e->by_tape - e->numerical) <= e->uncertainty;
    if (!both || e->kink || e->verdict == EDDY_DISAGREE || c->tape->error.text[0])
        return;
    double room =
        c->rounding ? room_beside_tape(c, 1, e->leaf, e->index, e->by_tape) : 8 * DBL_EPSILON * fabs(e->by_tape);
    bool means_something = room <= 5e-3 * fabs(e->by_tape);
    if (!apart && !(e->rounding && e->verdict == EDDY_UNRESOLVED && means_something))
        return;
    e->verdict = apart ? EDDY_UNRESOLVED : EDDY_AGREE;
    e->told_by_tape = true;
    e->error = fabs(e->claimed - e->by_tape) / fmax(room, DBL_MIN);
}

static bool judge_element(eddy_check *c, eddy_gradcheck_report *report, eddy_gradcheck_element asked,
                          const eddy_gradcheck_scale *scale)
{
    eddy_gradcheck_element *e = &report->elements[report->count++];
    *e = asked;
    e->claimed = eddy_tensor_flat(eddy_check_claimed(c, e->order, e->leaf), e->index);
    e->by_tape = eddy_tensor_flat(eddy_check_by_tape(c, e->order, e->leaf), e->index);
    judge_once(c, e, scale);
    if (c->claim && isfinite(e->claimed) && isfinite(e->numerical))
        ask_tape(c, e);
    if (c->claim && !c->tape->error.text[0] && e->verdict == EDDY_DISAGREE &&
        !(fabs(e->by_tape - e->numerical) <= e->uncertainty)) {
        eddy_gradcheck_element tape = *e;
        tape.claimed = e->by_tape;
        judge_once(c, &tape, scale);
        e->tape_disagrees = tape.verdict == EDDY_DISAGREE;
    }
    return !c->tape->error.text[0];
}

/* ---- All of them ---- */

enum { SUSPECTS = 16 };

/* The elements of a sampled claim that differ most from the tape's gradient, unless they are looked at already. */
static bool judge_suspects(eddy_check *c, eddy_gradcheck_report *report, int64_t k, const eddy_gradcheck_scale *scale)
{
    const eddy_tensor *claimed = eddy_check_claimed(c, 1, k), *by_tape = eddy_check_by_tape(c, 1, k);
    int64_t count = eddy_tensor_count(claimed), chosen[SUSPECTS];
    for (int n = 0; n < SUSPECTS; n++) {
        double most = 0;
        chosen[n] = -1;
        for (int64_t i = 0; i < count; i++) {
            double a = eddy_tensor_flat(claimed, i), b = eddy_tensor_flat(by_tape, i),
                   d = isfinite(a - b) ? fabs(a - b) : INFINITY;
            bool known = !(d > most) || !differs(c, k, i);
            for (int j = 0; j < n; j++)
                known = known || chosen[j] == i;
            if (!known) {
                most = d;
                chosen[n] = i;
            }
        }
        if (c->tape->error.text[0])
            return false;
        if (chosen[n] < 0)
            break;
        bool sampled = false;
        for (int64_t j = 0; j < report->count; j++)
            sampled = sampled || (report->elements[j].leaf == k && report->elements[j].index == chosen[n]);
        eddy_gradcheck_element asked = { .leaf = (int)k, .index = chosen[n], .order = 1 };
        if (!sampled && !judge_element(c, report, asked, scale))
            return false;
    }
    return true;
}

/* Is the tape's gradient of this leaf 0, or rounding instead of 0? Rounding is measured where the numerical derivative
 * could not tell. */
static bool is_nothing(eddy_check *c, int order, int64_t k, double largest)
{
    const eddy_tensor *by_tape = eddy_check_by_tape(c, order, k);
    double size = eddy_check_change_noise(c, c->claims, order - 1, k);
    if (!(largest > 0))
        return true;
    if (largest > 16 * size || !eddy_rounding_measure(c))
        return false;
    for (int64_t i = 0; i < eddy_tensor_count(by_tape); i++) {
        double g = eddy_tensor_flat(by_tape, i);
        if (fabs(g) > 8 * eddy_rounding_of(c, order, k, i))
            return false;
    }
    return true;
}

static bool compare_leaf(eddy_check *c, eddy_gradcheck_report *report, int order, int64_t k)
{
    const eddy_tensor *by_tape = eddy_check_by_tape(c, order, k);
    int64_t most = c->options.max_elements, count = eddy_tensor_count(by_tape),
            samples = most && count > most ? most : count;
    /* by the tape: an absurd claim must not make the check less exact */
    eddy_gradcheck_scale scale = { .claim_noise = eddy_check_claim_noise(c, order, k),
                                   .largest_of_leaf = eddy_gradcheck_largest(by_tape) };
    scale.nothing = is_nothing(c, order, k, scale.largest_of_leaf);
    if (c->tape->error.text[0])
        return false;
    for (int64_t i = 0; c->claim && i < count; i++)
        report->tape_disagreed += differs(c, k, i);
    for (int64_t i = 0; i < samples && !c->tape->error.text[0]; i++) {
        int64_t index = samples == count ? i : (int64_t)((double)i * (double)count / (double)samples);
        eddy_gradcheck_element asked = { .leaf = (int)k, .index = index, .order = order };
        if (!judge_element(c, report, asked, &scale))
            return false;
    }
    if (c->tape->error.text[0])
        return false;
    return !c->claim || samples == count || judge_suspects(c, report, k, &scale);
}

bool eddy_check_compare(eddy_check *c, eddy_gradcheck_report *report)
{
    int64_t most = c->options.max_elements, room = 0;
    for (int64_t k = 0; k < c->wrt.count; k++) {
        int64_t count = eddy_shape_count(eddy_var_shape(c->wrt.items[k]));
        room += most && count > most ? most + SUSPECTS : count;
    }
    room *= c->options.order;
    report->elements = eddy_allocate((size_t)(room ? room : 1), sizeof *report->elements);
    if (!report->elements)
        return eddy_check_no_memory(c);
    for (int order = 1; order <= c->options.order; order++)
        for (int64_t k = 0; k < c->wrt.count; k++)
            if (!compare_leaf(c, report, order, k))
                return false;
    return true;
}
