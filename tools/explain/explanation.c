/* The report's memory and its verdicts. */
#include "explanation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double *explain_doubles(explanation *e, int64_t count)
{
    double *values = count >= 0 && e->blocks < EXPLAIN_BLOCKS
                         ? eddy_allocate((size_t)(count > 0 ? count : 1), sizeof *values)
                         : NULL;
    if (!values) {
        eddy_status_fail(&e->status, "There is no memory for %lld values of the report.", (long long)count);
        return NULL;
    }
    for (int64_t i = 0; i < count; i++)
        values[i] = NAN;
    e->block[e->blocks++] = values;
    return values;
}

quantity *explain_add(explanation *e, explain_part part, const char *name, const char *label, int64_t first,
                      int64_t last, int64_t rows, int64_t columns)
{
    if (e->count == EXPLAIN_MAX) {
        eddy_status_fail(&e->status, "The report has no room for %s.", name);
        return NULL;
    }
    int64_t count = (last + 1) * rows * columns;
    quantity *q = &e->item[e->count];
    *q = (quantity){
        .part = part, .name = name, .label = label, .first = first, .last = last, .rows = rows, .columns = columns
    };
    q->hand = explain_doubles(e, count);
    q->tape = explain_doubles(e, count);
    if (part == PART_WEIGHT) {
        q->numerical = explain_doubles(e, count);
        q->uncertainty = explain_doubles(e, count);
    }
    if (*e->status.text)
        return NULL;
    e->count++;
    return q;
}

void explain_free(explanation *e)
{
    for (int i = 0; i < e->blocks; i++)
        eddy_free(e->block[i]);
    e->blocks = e->count = 0;
}

int64_t explain_time(const explanation *e, bool reverse, int64_t k)
{
    return reverse ? e->setup.steps + 1 - k : k;
}

const char *explain_arrow(int direction)
{
    return direction > 0 ? "→" : direction < 0 ? "←" : "";
}

void explain_name(const quantity *q, char *out, size_t size)
{
    snprintf(out, size, "%s%s", q->name, q->direction > 0 ? "_forward" : q->direction < 0 ? "_reverse" : "");
}

const quantity *explain_find(const explanation *e, const char *name, int direction)
{
    for (int i = 0; i < e->count; i++)
        if (!strcmp(e->item[i].name, name) && e->item[i].direction == direction)
            return &e->item[i];
    return NULL;
}

/* ---- Comparing ---- */

/* Doubles in order as integers in order; both zeros are 0. */
static int64_t rank_of(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

uint64_t ulp_distance(double a, double b)
{
    if (isnan(a) || isnan(b))
        return UINT64_MAX;
    int64_t x = rank_of(a), y = rank_of(b);
    return x > y ? (uint64_t)x - (uint64_t)y : (uint64_t)y - (uint64_t)x;
}

static double largest(const double *x, int64_t count)
{
    double size = 0;
    for (int64_t i = 0; i < count; i++)
        size = fmax(size, fabs(x[i]));
    return size;
}

/* One step of a quantity. What only the tape has (an input) is not compared; half a pair is a disagreement. */
static void judge_step(quantity *q, int64_t k)
{
    int64_t count = q->rows * q->columns, at = k * count;
    double floor = 1e-3 * largest(q->tape + at, count);
    for (int64_t i = at; q->formula && i < at + count; i++) {
        uint64_t ulp = ulp_distance(q->hand[i], q->tape[i]);
        double difference = fabs(q->hand[i] - q->tape[i]), scale = fmax(fabs(q->tape[i]), floor);
        double relative = difference > 0 ? difference / scale : 0;
        relative = ulp == UINT64_MAX ? INFINITY : relative;
        q->ulp = ulp > q->ulp ? ulp : q->ulp;
        q->relative = fmax(q->relative, relative);
    }
    for (int64_t i = at; q->numerical && i < at + count; i++) {
        if (isnan(q->numerical[i]))
            continue;
        double difference = fabs(q->tape[i] - q->numerical[i]), scale = fmax(fabs(q->tape[i]), floor);
        if (q->uncertainty[i] > NUMERICAL_RESOLUTION * scale && scale > 0) {
            q->unresolved++;
            continue;
        }
        double ratio = isnan(difference) ? INFINITY : difference > 0 ? difference / q->uncertainty[i] : 0;
        q->numerical_ratio = fmax(q->numerical_ratio, isnan(ratio) ? INFINITY : ratio);
        q->numerical_relative = fmax(q->numerical_relative, difference > 0 ? difference / scale : 0);
        q->numerical_count++;
    }
}

void explain_judge(explanation *e)
{
    e->agrees = e->count > 0;
    e->compared = e->unresolved = 0;
    for (int n = 0; n < e->count; n++) {
        quantity *q = &e->item[n];
        q->ulp = 0;
        q->relative = 0;
        q->numerical_count = q->unresolved = 0;
        q->numerical_ratio = q->numerical_relative = NAN;
        for (int64_t k = q->first; k <= q->last; k++)
            judge_step(q, k);
        q->agrees = q->relative <= HAND_TOLERANCE && !(q->numerical_ratio > 1) &&
                    (!q->numerical || q->numerical_count + q->unresolved > 0);
        e->agrees = e->agrees && q->agrees;
        e->compared += q->numerical_count;
        e->unresolved += q->unresolved;
    }
}
