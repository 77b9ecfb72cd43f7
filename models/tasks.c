/* The generators and the rules of success. */
#include "tasks.h"

#include <math.h>
#include <string.h>

enum { LAG = 100, ADDING = 100, ORDER_LEAST = 100, ORDER_MOST = 110, ADDING_LONG = 600 };
/* Of COPIED symbols 1 .. 8, BLANKS steps later; 0 is blank, MARKER asks for them. */
enum { COPIED = 10, BLANKS = 1000, COPY_SYMBOLS = 10, MARKER = 9 };

static const task tasks[TASK_COUNT] = {
    { .kind = TASK_REBER,
      .name = "reber",
      .number = "1",
      .about = "embedded Reber grammar: the second symbol must be repeated as the last but one",
      .criterion = "at every step of 256 training and 256 test strings each legal next symbol above every illegal one",
      .inputs = REBER_SYMBOLS,
      .outputs = REBER_SYMBOLS,
      .shortest = 8,
      .longest = REBER_LONGEST,
      .paper = 8440,
      .paper_note = "all trials" },
    { .kind = TASK_LAG_FIXED,
      .name = "lag",
      .number = "2a",
      .about = "noise-free sequences of 101 symbols, the last repeats the first, p = 100",
      .criterion = "every output of every step within 0.25 for 10,000 successive sequences",
      .inputs = LAG + 1,
      .outputs = LAG + 1,
      .shortest = LAG,
      .longest = LAG,
      .in_a_row = 10000,
      .right_below = 0.25,
      .paper = 5040,
      .paper_note = "all trials" },
    { .kind = TASK_LAG_RANDOM,
      .name = "lag-random",
      .number = "2b",
      .about = "as lag, with 99 symbols drawn at random between first and last",
      .criterion = "every output of the last step within 0.25 for 10,000 successive sequences",
      .inputs = LAG + 1,
      .outputs = LAG + 1,
      .shortest = LAG,
      .longest = LAG,
      .in_a_row = 10000,
      .right_below = 0.25,
      .paper = 5680,
      .paper_note = "all trials" },
    { .kind = TASK_ADDING,
      .name = "adding",
      .number = "4",
      .about = "the sum of two marked numbers among 100 to 110",
      .criterion = "the last 2,000 sequences within 0.04, their mean error below 0.01",
      .inputs = 2,
      .outputs = 1,
      .shortest = ADDING,
      .longest = ADDING + ADDING / 10,
      .numeric = true,
      .in_a_row = 2000,
      .row_counts = true,
      .right_below = 0.04,
      .mean_below = 0.01,
      .paper = 74000,
      .paper_note = "1 of 2,560 wrong" },
    { .kind = TASK_ORDER,
      .name = "order",
      .number = "6a",
      .about = "the order of two symbols at 10..20 and 50..60 among 100 to 110",
      .criterion = "every output within 0.3 on the last 2,000 sequences",
      .inputs = ORDER_SYMBOLS,
      .outputs = 4,
      .shortest = ORDER_LEAST,
      .longest = ORDER_MOST,
      .in_a_row = 2000,
      .row_counts = true,
      .right_below = 0.3,
      .paper = 31390,
      .paper_note = "1 of 2,560 wrong" },
    { .kind = TASK_ADDING_LONG,
      .name = "adding-600",
      .number = "A",
      .about = "the sum of two marked numbers among 600",
      .criterion = "mean squared error of the last 2,000 sequences below a hundredth of chance",
      .inputs = 2,
      .outputs = 1,
      .shortest = ADDING_LONG,
      .longest = ADDING_LONG,
      .numeric = true,
      .in_a_row = 2000,
      .row_counts = true,
      .loss_below = 0.00167,
      .paper_loss = 0.164,
      .chance = 1. / 6,
      .paper = 320000,
      .paper_note = "its GRU 5.3e-5" },
    { .kind = TASK_COPY,
      .name = "copy-1000",
      .number = "B",
      .about = "ten symbols of eight to be repeated after a thousand steps",
      .criterion = "mean cross-entropy a step of the last 2,000 sequences below a tenth of chance",
      .inputs = COPY_SYMBOLS,
      .outputs = COPY_SYMBOLS,
      .shortest = BLANKS + 2 * COPIED,
      .longest = BLANKS + 2 * COPIED,
      .in_a_row = 2000,
      .row_counts = true,
      .loss_below = 0.00204,
      .paper_loss = 0.0204,
      .chance = 0.0203867, /* 10 ln 8 / 1020 */
      .paper = 640000,
      .paper_note = "its GRU 0.0197" },
};

const task *task_of(task_kind kind)
{
    return (unsigned)kind < TASK_COUNT ? &tasks[kind] : NULL;
}

const task *task_find(const char *name)
{
    for (int i = 0; i < TASK_COUNT; i++)
        if (!strcmp(name, tasks[i].name) || !strcmp(name, tasks[i].number))
            return &tasks[i];
    return NULL;
}

/* ---- Draws: numbers n 2^20, n 2^20 + 1, ... of a stream belong to sequence n ---- */

typedef struct draws {
    eddy_random random;
    uint64_t next;
} draws;

/* low..high, both included */
static int64_t between(draws *d, int64_t low, int64_t high)
{
    return low + (int64_t)(eddy_random_uniform(d->random, d->next++) * (double)(high - low + 1));
}

/* ---- The grammar (Reber 1967): from each state two arcs, each taken with probability 1/2 ---- */

enum { REBER_STATES = 6, REBER_LAST = 6 };
static const struct {
    int symbol[2], to[2];
} reber[REBER_STATES] = {
    { { REBER_T, REBER_P }, { 1, 2 } }, { { REBER_S, REBER_X }, { 1, 3 } },
    { { REBER_T, REBER_V }, { 2, 4 } }, { { REBER_X, REBER_S }, { 2, 5 } },
    { { REBER_P, REBER_V }, { 3, 5 } }, { { REBER_E, REBER_E }, { REBER_LAST, REBER_LAST } },
};

static void say(task_sequence *s, int symbol, unsigned legal)
{
    if (s->steps >= REBER_LONGEST)
        return;
    if (s->steps) {
        s->target[s->steps - 1] = symbol;
        s->legal[s->steps - 1] = legal;
    }
    s->symbol[s->steps] = symbol;
    s->target[s->steps] = -1;
    s->steps++;
}

/* B, T or P, a Reber string B ... E, the same T or P, E */
static void draw_reber(draws *d, task_sequence *s)
{
    do {
        s->steps = 0;
        int wrapped = between(d, 0, 1) ? REBER_T : REBER_P;
        say(s, REBER_B, 1U << REBER_B);
        say(s, wrapped, 1U << REBER_T | 1U << REBER_P);
        say(s, REBER_B, 1U << REBER_B);
        for (int state = 0; state != REBER_LAST && s->steps < REBER_LONGEST;) {
            int64_t arc = between(d, 0, 1);
            say(s, reber[state].symbol[arc], 1U << reber[state].symbol[0] | 1U << reber[state].symbol[1]);
            state = reber[state].to[arc];
        }
        say(s, wrapped, 1U << wrapped);
        say(s, REBER_E, 1U << REBER_E);
    } while (s->steps >= REBER_LONGEST);
    s->steps--; /* nothing follows the last symbol */
}

/* Symbols 0..98 are a1 ... a99, then come x and y. */
static void draw_lag(const task *t, draws *d, task_sequence *s)
{
    int first = (int)between(d, LAG - 1, LAG);
    s->steps = LAG;
    s->symbol[0] = first;
    for (int i = 1; i < LAG; i++)
        s->symbol[i] = t->kind == TASK_LAG_FIXED ? i - 1 : (int)between(d, 0, LAG - 2);
    for (int i = 0; i < LAG - 1; i++)
        s->target[i] = t->kind == TASK_LAG_FIXED ? s->symbol[i + 1] : -1;
    s->target[LAG - 1] = first;
}

static void draw_adding(const task *t, draws *d, task_sequence *s)
{
    s->steps = between(d, t->shortest, t->longest);
    for (int64_t i = 0; i < s->steps; i++) {
        s->value[i] = 2 * eddy_random_uniform(d->random, d->next++) - 1;
        s->symbol[i] = 0;
        s->target[i] = -1;
    }
    int64_t one = between(d, 0, 9), other = between(d, 0, ADDING / 2 - 2);
    other += other >= one; /* among the first T/2 - 1 pairs that are unmarked */
    s->symbol[one] = s->symbol[other] = 1;
    /* The ends are marked -1. Where a chosen pair is the first one, its number is 0. */
    if (s->symbol[0])
        s->value[0] = 0;
    s->symbol[0] = s->symbol[s->steps - 1] = -1;
    s->sum = 0.5 + (s->value[one] + s->value[other]) / 4;
    s->target[s->steps - 1] = 0;
}

static void draw_order(const task *t, draws *d, task_sequence *s)
{
    s->steps = between(d, t->shortest, t->longest);
    for (int64_t i = 0; i < s->steps; i++) {
        s->symbol[i] = ORDER_A + (int)between(d, 0, 3);
        s->target[i] = -1;
    }
    int one = (int)between(d, 0, 1), two = (int)between(d, 0, 1);
    s->symbol[0] = ORDER_E;
    s->symbol[between(d, 10, 20)] = one ? ORDER_Y : ORDER_X;
    s->symbol[between(d, 50, 60)] = two ? ORDER_Y : ORDER_X;
    s->symbol[s->steps - 1] = ORDER_B;
    s->target[s->steps - 1] = 2 * one + two;
}

/* Numbers of 0 .. 1, two of them marked. */
static void draw_adding_long(draws *d, task_sequence *s)
{
    s->steps = ADDING_LONG;
    for (int64_t i = 0; i < s->steps; i++) {
        s->value[i] = eddy_random_uniform(d->random, d->next++);
        s->symbol[i] = 0;
        s->target[i] = -1;
    }
    int64_t one = between(d, 0, ADDING_LONG - 1), other = between(d, 0, ADDING_LONG - 2);
    other += other >= one;
    s->symbol[one] = s->symbol[other] = 1;
    s->sum = s->value[one] + s->value[other];
    s->target[s->steps - 1] = 0;
}

/* The symbols, blanks, and a marker at each step from the one before the answer on; the answer to the rest is blank. */
static void draw_copy(draws *d, task_sequence *s)
{
    s->steps = BLANKS + 2 * COPIED;
    for (int64_t i = 0; i < s->steps; i++) {
        s->symbol[i] = i < COPIED ? (int)between(d, 1, COPY_SYMBOLS - 2) : i < BLANKS + COPIED - 1 ? 0 : MARKER;
        s->target[i] = i < BLANKS + COPIED ? 0 : s->symbol[i - BLANKS - COPIED];
    }
}

void task_draw(const task *t, uint64_t seed, uint64_t stream, uint64_t number, task_sequence *out)
{
    /* a tape of the same seed draws its parameters from small stream numbers */
    draws d = { { seed, 0x7a5c0000U + ((uint64_t)t->kind << 8) + stream }, number << 20 };
    if (t->kind == TASK_REBER)
        draw_reber(&d, out);
    else if (t->kind == TASK_ADDING)
        draw_adding(t, &d, out);
    else if (t->kind == TASK_ORDER)
        draw_order(t, &d, out);
    else if (t->kind == TASK_ADDING_LONG)
        draw_adding_long(&d, out);
    else if (t->kind == TASK_COPY)
        draw_copy(&d, out);
    else
        draw_lag(t, &d, out);
}

void task_write(const task *t, const task_sequence *s, int64_t time, int64_t batch, int64_t column, float *x, float *y,
                float *mask)
{
    for (int64_t i = 0; i < time; i++) {
        float *xi = x + (i * batch + column) * t->inputs, *yi = y + (i * batch + column) * t->outputs;
        bool here = i < s->steps, asked = here && s->target[i] >= 0;
        memset(xi, 0, (size_t)t->inputs * sizeof *xi);
        memset(yi, 0, (size_t)t->outputs * sizeof *yi);
        if (here && t->numeric) {
            xi[0] = (float)s->value[i];
            xi[1] = (float)s->symbol[i];
        } else if (here) {
            xi[s->symbol[i]] = 1;
        }
        if (asked)
            yi[t->numeric ? 0 : s->target[i]] = t->numeric ? (float)s->sum : 1;
        mask[i * batch + column] = asked ? 1 : 0;
    }
}

/* The largest of those that must be small less the smallest of those that must be large. */
static double worst_margin(const float *p, unsigned legal)
{
    double low = INFINITY, high = -INFINITY;
    for (int k = 0; k < REBER_SYMBOLS; k++) {
        if (!isfinite(p[k]))
            return INFINITY;
        if (legal >> k & 1)
            low = fmin(low, p[k]);
        else
            high = fmax(high, p[k]);
    }
    return high - low;
}

static double worst_distance(const task *t, const task_sequence *s, int64_t step, const float *p)
{
    double worst = 0;
    for (int64_t k = 0; k < t->outputs; k++) {
        double e = fabs((double)p[k] - (t->numeric ? s->sum : k == s->target[step]));
        worst = !(e <= worst) ? e : worst; /* a NaN stays */
        if (isnan(e))
            return INFINITY;
    }
    return worst;
}

/* -log p of the target, or the squared error; infinite where that is no number. */
static double loss_at(const task *t, const task_sequence *s, int64_t step, const float *p)
{
    const double loss =
        t->numeric ? ((double)p[0] - s->sum) * ((double)p[0] - s->sum) : -log((double)p[s->target[step]]);
    return isnan(loss) ? INFINITY : loss;
}

static task_score judge_loss(const task *t, const task_sequence *s, int64_t batch, int64_t column, const float *p)
{
    double sum = 0;
    int64_t asked = 0;
    for (int64_t i = 0; i < s->steps; i++)
        if (s->target[i] >= 0) {
            sum += loss_at(t, s, i, p + (i * batch + column) * t->outputs);
            asked++;
        }
    const double loss = sum / (double)asked;
    return (task_score){ .right = loss < t->loss_below, .error = loss };
}

task_score task_judge(const task *t, const task_sequence *s, int64_t batch, int64_t column, const float *p)
{
    if (t->loss_below > 0)
        return judge_loss(t, s, batch, column, p);
    task_score score = { .error = t->kind == TASK_REBER ? -INFINITY : 0 };
    for (int64_t i = 0; i < s->steps; i++) {
        if (s->target[i] < 0)
            continue;
        const float *pi = p + (i * batch + column) * t->outputs;
        score.error =
            fmax(score.error, t->kind == TASK_REBER ? worst_margin(pi, s->legal[i]) : worst_distance(t, s, i, pi));
    }
    score.right = score.error < t->right_below;
    return score;
}
