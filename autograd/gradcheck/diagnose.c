/* What a wrong gradient looks like: simple repairs are tried on the claimed elements of one leaf, and the one that
 * makes them right is named. Assumes a leaf with an element that disagrees; knows nothing of verdicts beyond the
 * elements' own tolerances. */
#include "gradcheck_internal.h"
#include "format.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

typedef struct diagnosis {
    eddy_check *c;
    eddy_span s;
    const eddy_shape *shape; /* of the leaf */
    int64_t count;           /* elements compared */
    bool whole;              /* every element of the leaf is among them, in order */
    int64_t wrong;
    char *text;
    size_t size;
} diagnosis;

static const eddy_gradcheck_element *element(const diagnosis *d, int64_t i)
{
    return &d->s.e[d->s.from + i];
}

static bool is_wrong(const eddy_gradcheck_element *e)
{
    return e->verdict == EDDY_DISAGREE;
}

/* What is taken for right: numerically, or by the tape where only it could tell; and give or take what. */
static double truth(const eddy_gradcheck_element *e)
{
    return e->told_by_tape ? e->by_tape : e->numerical;
}

static double slack(const eddy_gradcheck_element *e)
{
    return !e->told_by_tape ? e->uncertainty : e->error > 0 ? fabs(e->claimed - e->by_tape) / e->error : 0;
}

/* Is `factor` times the right element b what is claimed as element a? */
static bool matches(const eddy_gradcheck_element *a, const eddy_gradcheck_element *b, double factor)
{
    return fabs(a->claimed - factor * truth(b)) <= (a == b ? 0 : slack(a)) + (1 + fabs(factor)) * slack(b);
}

/* Is every claimed element (or every wrong one) `factor` times the numerical one? */
static bool scaled(const diagnosis *d, double factor, bool only_wrong)
{
    for (int64_t i = 0; i < d->count; i++)
        if (!(only_wrong && !is_wrong(element(d, i))) && !matches(element(d, i), element(d, i), factor))
            return false;
    return true;
}

/* The array of a matrix with rows and columns exchanged. */
static bool transposed(const diagnosis *d)
{
    int64_t rows = d->shape->rank == 2 ? d->shape->dim[0] : 0, columns = rows ? d->shape->dim[1] : 0;
    if (!d->whole || rows < 2 || columns < 2)
        return false;
    for (int64_t i = 0; i < rows * columns; i++)
        if (!matches(element(d, i), element(d, i % rows * columns + i / rows), 1))
            return false;
    return true;
}

/* ---- Factors ---- */

/* " (4 is axis 1 of "x")" if n is a dimension, or the number of elements, of some named leaf; the leaves of wrt come
 * last. */
static bool name_number(const diagnosis *d, double n, char *text, size_t size)
{
    const eddy_tape *tape = d->c->tape;
    text[0] = 0;
    for (int32_t i = 0; i < d->c->leaves; i++) {
        const eddy_leaf *leaf = tape->leaves[i];
        const eddy_shape *shape = &leaf->value.shape;
        if (!leaf->name || leaf->role == EDDY_STATE)
            continue;
        for (int axis = 0; axis < shape->rank; axis++)
            if (fabs((double)shape->dim[axis] - n) < 0.5) {
                snprintf(text, size, "; %.0f is axis %d of \"%.60s\"", n, axis, leaf->name);
                return true;
            }
        double two = shape->rank > 1 ? (double)shape->dim[0] * (double)shape->dim[1] : 0;
        if (fabs((double)eddy_shape_count(shape) - n) < 0.5 || fabs(two - n) < 0.5) {
            snprintf(text, size, "; %.0f is the number of %s of \"%.60s\"", n,
                     fabs(two - n) < 0.5 && shape->rank > 2 ? "steps times rows" : "elements", leaf->name);
            return true;
        }
    }
    return false;
}

/* The factor of the largest elements, where it is known best. */
static double best_factor(const diagnosis *d)
{
    const eddy_gradcheck_element *best = NULL;
    for (int64_t i = 0; i < d->count; i++) {
        const eddy_gradcheck_element *e = element(d, i);
        if (is_wrong(e) && (!best || fabs(truth(e)) > fabs(truth(best))))
            best = e;
    }
    return best && fabs(truth(best)) > slack(best) ? best->claimed / truth(best) : NAN;
}

static bool near_integer(double x)
{
    return x > 1.5 && fabs(x - round(x)) < 1e-6 * x;
}

/* "every element ...". That a mean is meant is only guessed where every element says so and the number is a size. */
static bool word_factor(const diagnosis *d, const char *which, double factor, bool only_wrong, char *text, size_t size)
{
    char number[128] = "";
    if (isnan(factor) || !scaled(d, factor, only_wrong))
        return false;
    double times = near_integer(fabs(factor)) ? round(fabs(factor)) : 0,
           part = near_integer(1 / fabs(factor)) ? round(fabs(1 / factor)) : 0;
    bool guess = !only_wrong && name_number(d, fmax(times, part), number, sizeof number) && fmax(times, part) > 2.5;
    if (fabs(factor + 1) < 1e-6)
        snprintf(text, size, "%s has the wrong sign", which);
    else if (fabs(factor) < 1e-9)
        snprintf(text, size, "%s is zero", which);
    else if (times > 0 && guess)
        eddy_snprintf(text, size, "%s is %.0f times too large%s: is a mean taken as a sum (1/%.0f missing%s)?", which,
                      fabs(factor), factor < 0 ? " and has the wrong sign" : "", fabs(factor), number);
    else if (part > 0 && guess)
        eddy_snprintf(text, size,
                      "%s is off by the factor 1/%.0f: is a sum taken as a mean (divided by %.0f once too often%s)?",
                      which, 1 / factor, fabs(1 / factor), number);
    else if (times > 0)
        eddy_snprintf(text, size, "%s is %.0f times too large%s", which, times,
                      factor < 0 ? " and has the wrong sign" : "");
    else if (fabs(factor - 0.5) < 1e-6 && !only_wrong)
        snprintf(text, size, "%s is off by the factor 0.5: is a factor 2 missing, or one of two equal terms?", which);
    else if (fabs(factor - 1) < 1e-6)
        eddy_snprintf(text, size, "%s is off by the factor 1 %+.2g", which, factor - 1);
    else
        eddy_snprintf(text, size, "%s is off by the factor %.9g", which, factor);
    return true;
}

/* ---- Time steps and other places ---- */

static int64_t coordinate(const eddy_shape *shape, int axis, int64_t index)
{
    for (int i = shape->rank - 1; i > axis; i--)
        index /= shape->dim[i];
    return index % shape->dim[axis];
}

/* Is the gradient of step t claimed for step t + by? What falls out at the edge may be anything. */
static bool shifted(const diagnosis *d, int64_t by)
{
    int64_t steps = d->shape->rank ? d->shape->dim[0] : 0, row = steps ? d->count / steps : 0, told = 0;
    if (!d->whole || steps < 3)
        return false;
    for (int64_t t = 0; t < steps; t++)
        for (int64_t i = 0; i < row && t + by >= 0 && t + by < steps; i++) {
            if (!matches(element(d, (t + by) * row + i), element(d, t * row + i), 1))
                return false;
            told += is_wrong(element(d, (t + by) * row + i));
        }
    return told > 0 && 2 * told >= d->wrong;
}

/* The places along an axis in which something is wrong; false if those are all places, are not side by side, or hold
 * much that is right. */
typedef struct places {
    int64_t first, last, wrong;
} places;

static bool wrong_places(const diagnosis *d, int axis, places *p)
{
    int64_t size = d->shape->dim[axis];
    *p = (places){ .first = -1 };
    int64_t inside = 0;
    for (int64_t at = 0; at < size; at++) {
        int64_t wrong = 0;
        for (int64_t i = 0; i < d->count; i++)
            wrong += is_wrong(element(d, i)) && coordinate(d->shape, axis, element(d, i)->index) == at;
        if (!wrong)
            continue;
        p->first = p->first < 0 ? at : p->first;
        p->last = at;
        p->wrong++;
    }
    for (int64_t i = 0; i < d->count; i++) {
        int64_t at = coordinate(d->shape, axis, element(d, i)->index);
        inside += at >= p->first && at <= p->last;
    }
    return p->wrong < size && p->last - p->first + 1 == p->wrong && 4 * d->wrong >= 3 * inside;
}

/* "; the wrong ones (12 of 48) stand at 4 to 7 of axis 0" for the axis that confines them most, and what they have in
 * common. */
static void word_places(const diagnosis *d)
{
    places best = { 0 };
    int axis = -1;
    double share = 1;
    for (int i = 0; i < d->shape->rank; i++) {
        places p;
        if (d->shape->dim[i] > 1024 || !wrong_places(d, i, &p))
            continue;
        double now = (double)p.wrong / (double)d->shape->dim[i];
        if (now < share) {
            share = now;
            best = p;
            axis = i;
        }
    }
    char where[160] = "", what[300] = "";
    bool named = false;
    if (axis >= 0) {
        int64_t size = d->shape->dim[axis];
        if (best.first == best.last)
            snprintf(where, sizeof where, ", all at %lld of axis %d", (long long)best.first, axis);
        else
            snprintf(where, sizeof where, ", all at %lld to %lld of axis %d", (long long)best.first,
                     (long long)best.last, axis);
        named = best.last - best.first == size - 2;
        if (named && best.first == 0)
            snprintf(what, sizeof what, ": only the last is right");
        else if (named)
            snprintf(what, sizeof what, ": only the first is right");
    }
    if (!named && d->wrong > 1)
        word_factor(d, ": each of these", best_factor(d), true, what, sizeof what);
    snprintf(d->text, d->size, "; %lld of this leaf's %lld elements disagree%s%s", (long long)d->wrong,
             (long long)d->count, where, what);
}

/* ---- What time steps hand over ---- */

/* Is the claim the gradient with that held fixed? *is stays false where nothing is handed over. */
static bool is_cut(const diagnosis *d, const char *only, bool *is)
{
    eddy_check *c = d->c;
    int64_t k = element(d, 0)->leaf;
    *is = false;
    eddy_list cut = eddy_check_cut_carry(c, only);
    if (c->tape->error.text[0])
        return false;
    if (!cut.count)
        return true;
    eddy_program *program = eddy_compile_at(c->site, c->tape, (eddy_list){ &cut.items[k], 1 }, (eddy_list){ 0 });
    bool done = program && eddy_run_at(c->site, program);
    const eddy_tensor *g = done ? eddy_output_tensor(program, cut.items[k]) : NULL;
    double noise = done ? eddy_check_claim_noise(c, 1, k) : 0;
    *is = g;
    for (int64_t i = 0; g && i < d->count; i++) {
        const eddy_gradcheck_element *e = element(d, i);
        double value = eddy_tensor_flat(g, e->index);
        *is = *is && fabs(value - e->claimed) <= 4 * noise + 64 * DBL_EPSILON * fabs(value);
    }
    eddy_program_free(program);
    return done;
}

static bool carry_missing(const diagnosis *d, bool *found)
{
    enum { NAMES = 8 };
    const char *names[NAMES];
    *found = false;
    if (element(d, 0)->order > 1)
        return true;
    int count = eddy_check_carried(d->c, names, NAMES);
    if (count < 0)
        return true;
    if (!is_cut(d, NULL, found))
        return false;
    if (*found) {
        snprintf(d->text, d->size,
                 "; it is the gradient with all that one time step hands to another held fixed: the terms carried back "
                 "from step to step are missing");
        return true;
    }
    for (int i = 0; i < count && count > 1; i++) {
        if (!is_cut(d, names[i], found))
            return false;
        if (*found) {
            snprintf(d->text, d->size,
                     "; it is the gradient with the \"%.40s\" that one time step hands to another held fixed: the term "
                     "carried back through "
                     "\"%.40s\" is missing",
                     names[i], names[i]);
            return true;
        }
    }
    return true;
}

bool eddy_diagnose(eddy_check *c, eddy_span s, char *text, size_t size)
{
    diagnosis d = { .c = c,
                    .s = s,
                    .shape = eddy_var_shape(c->wrt.items[s.e[s.from].leaf]),
                    .count = s.to - s.from,
                    .text = text,
                    .size = size };
    d.whole = d.count == eddy_shape_count(d.shape);
    int64_t not_finite = 0, zero = 0;
    for (int64_t i = 0; i < d.count; i++) {
        const eddy_gradcheck_element *e = element(&d, i);
        d.wrong += is_wrong(e);
        not_finite += !isfinite(e->claimed);
        zero += fabs(e->claimed) <= 0;
    }
    double factor = best_factor(&d);
    const char *leaf = eddy_name_of(c->wrt.items[s.e[s.from].leaf]);
    bool found;
    char what[300], which[120];
    text[0] = 0;
    if (not_finite) {
        snprintf(text, size, "; %lld elements are NaN or infinite: %s", (long long)not_finite,
                 c->claim ? "does the claim fill them?" : "EDDY_EAGER=1 finds the op where that begins");
        return true;
    }
    if (zero == d.count) {
        snprintf(text, size, "; the whole gradient of \"%.60s\" is zero: is the path cut%s?", leaf,
                 c->claim ? "" : " (detach, a cast to integers)");
        return true;
    }
    if (!carry_missing(&d, &found))
        return false;
    if (found)
        return true;
    if (d.wrong == 1 && d.count > 1) {
        snprintf(text, size, "; it is the only wrong one of this leaf's %lld", (long long)d.count);
        return true;
    }
    if (scaled(&d, -1, false)) {
        snprintf(text, size, "; every element of \"%.60s\" has the wrong sign", leaf);
        return true;
    }
    if (transposed(&d)) {
        snprintf(text, size, "; the gradient of \"%.60s\" is the transpose of the right one", leaf);
        return true;
    }
    snprintf(which, sizeof which, "; every element of \"%.60s\"", leaf);
    if (word_factor(&d, which, factor, false, what, sizeof what)) {
        snprintf(text, size, "%s", what);
        return true;
    }
    for (int by = -1; by <= 1; by += 2)
        if (shifted(&d, by)) {
            snprintf(text, size, "; the gradient of each step t stands at t %s 1: it is shifted by one step",
                     by < 0 ? "-" : "+");
            return true;
        }
    word_places(&d);
    return true;
}
