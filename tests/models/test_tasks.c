/* The published tasks: sequences are what the definitions say, by independent means (a regular expression for the
 * grammar, the written tensors for the others); the criteria; and a little training. */
#include "test.h"

#include "failing_memory.h"
#include "task_train.h"

#include <math.h>
#include <regex.h>
#include <string.h>

enum { MANY = 4000 };

static task_sequence sequence; /* too large for a small stack */

/* The inner grammar by hand from its picture: T S* X, or P and a loop, ... */
#define REBER_LOOP "T*V(PXT*V)*(V|PS)"
#define REBER_INNER "B(TS*XS|(TS*XX|P)" REBER_LOOP ")E"

START_TEST(reber_strings)
{
    const task *t = task_of(TASK_REBER);
    regex_t accept;
    ck_assert_int_eq(regcomp(&accept, "^B(T" REBER_INNER "T|P" REBER_INNER "P)E$", REG_EXTENDED | REG_NOSUB), 0);
    int wrapped_t = 0, twos = 0;
    for (uint64_t n = 0; n < MANY; n++) {
        char text[TASK_LONGEST + 2] = "";
        task_draw(t, 7, TASK_STREAM_TRAIN, n, &sequence);
        ck_assert(sequence.steps >= t->shortest && sequence.steps < TASK_LONGEST);
        for (int64_t i = 0; i <= sequence.steps; i++)
            text[i] = "BTPSXVE"[i < sequence.steps ? sequence.symbol[i] : sequence.target[i - 1]];
        ck_assert_msg(regexec(&accept, text, 0, NULL, 0) == 0, "%s is no embedded Reber string", text);
        wrapped_t += text[1] == 'T';
        twos += sequence.steps ==
                t->shortest; /* the two shortest inner strings: T X S and P V V, each with probability 1/8 */
        for (int64_t i = 0; i + 1 < sequence.steps; i++)
            ck_assert_int_eq(sequence.target[i], sequence.symbol[i + 1]);
    }
    regfree(&accept);
    /* five standard deviations around n/2 and n/4 */
    ck_assert_double_lt(fabs(wrapped_t - MANY / 2.0), 5 * sqrt(MANY / 4.0));
    ck_assert_double_lt(fabs(twos - MANY / 4.0), 5 * sqrt(MANY * 3 / 16.0));
}
END_TEST

/* The legal symbols after a short prefix are exactly those that are ever seen after it. */
START_TEST(reber_legal)
{
    enum { SHORT = 6 };
    static unsigned seen[1 << 3 * (SHORT + 1)], said[1 << 3 * (SHORT + 1)];
    for (uint64_t n = 0; n < 10 * MANY; n++) {
        task_draw(task_of(TASK_REBER), 8, TASK_STREAM_TEST, n, &sequence);
        unsigned prefix = 1; /* a leading one, so that lengths differ */
        for (int64_t i = 0; i < SHORT && i < sequence.steps; i++) {
            prefix = prefix << 3 | (unsigned)sequence.symbol[i];
            ck_assert(i == 0 || n == 0 || !said[prefix] || said[prefix] == sequence.legal[i]);
            said[prefix] = sequence.legal[i];
            seen[prefix] |= 1U << sequence.target[i];
        }
        ck_assert_uint_eq(sequence.legal[sequence.steps - 1], 1U << REBER_E);
        ck_assert_uint_eq(sequence.legal[sequence.steps - 2], 1U << sequence.symbol[1]);
    }
    for (unsigned k = 0; k < sizeof seen / sizeof *seen; k++)
        ck_assert_uint_eq(seen[k], said[k]);
}
END_TEST

START_TEST(lag_sequences)
{
    const task *t = task_of(_i ? TASK_LAG_RANDOM : TASK_LAG_FIXED);
    int first[2] = { 0 }, differs = 0;
    for (uint64_t n = 0; n < MANY / 4; n++) {
        task_draw(t, 3, TASK_STREAM_TRAIN, n, &sequence);
        ck_assert_int_eq(sequence.steps, 100); /* and the 101st symbol is the target */
        ck_assert_int_eq(sequence.target[99], sequence.symbol[0]);
        ck_assert(sequence.symbol[0] == 99 || sequence.symbol[0] == 100);
        first[sequence.symbol[0] - 99]++;
        for (int i = 1; i < 100; i++) {
            ck_assert(sequence.symbol[i] >= 0 && sequence.symbol[i] < 99);
            differs += sequence.symbol[i] != i - 1;
            ck_assert_int_eq(sequence.target[i - 1], _i ? -1 : sequence.symbol[i]);
        }
    }
    ck_assert_int_eq(differs != 0, _i);
    ck_assert_double_lt(abs(first[0] - first[1]), 5 * sqrt(MANY / 4.0));
}
END_TEST

/* Everything is read back from what a network would see. */
START_TEST(adding_sequences)
{
    enum { TIME = 112, BATCH = 3 };
    static float x[TIME * BATCH * 2], y[TIME * BATCH], mask[TIME * BATCH];
    int lengths[111] = { 0 }, places[100] = { 0 }, firsts = 0;
    for (uint64_t n = 0; n < MANY; n++) {
        task_draw(task_of(TASK_ADDING), 4, TASK_STREAM_TRAIN, n, &sequence);
        int column = (int)(n % BATCH), marks = 0, asked = 0;
        task_write(task_of(TASK_ADDING), &sequence, TIME, BATCH, column, x, y, mask);
        int64_t end = sequence.steps - 1;
        ck_assert(end >= 99 && end <= 109);
        lengths[end + 1]++;
        double sum = 0;
        int last_mark = -1, before = -1;
        for (int i = 0; i < TIME; i++) {
            double value = (double)x[(i * BATCH + column) * 2], mark = (double)x[(i * BATCH + column) * 2 + 1];
            ck_assert(value >= -1 && value <= 1);
            ck_assert(mark == (i == 0 || i == end ? -1 : mark == 1 ? 1 : 0));
            ck_assert(i <= end || value == 0);
            if (mark == 1) {
                sum += value;
                marks++;
                before = last_mark;
                last_mark = i;
                places[i]++;
            }
            asked += mask[i * BATCH + column] == 1;
            ck_assert(mask[i * BATCH + column] == (i == end));
        }
        ck_assert_int_eq(asked, 1);
        /* A chosen first pair counts 0 and shows no mark of its own. */
        ck_assert(marks == 2 || (marks == 1 && x[column * 2] == 0));
        firsts += marks == 1;
        ck_assert(last_mark < 50 && (marks == 1 || before < 10));
        ck_assert_double_le(fabs((double)y[end * BATCH + column] - (0.5 + sum / 4)), 1e-6);
    }
    for (int length = 100; length <= 110; length++)
        ck_assert_double_lt(fabs(lengths[length] - MANY / 11.0), 5 * sqrt(MANY / 11.0));
    for (int i = 1; i < 50; i++)
        ck_assert_int_gt(places[i], 0);
    ck_assert_int_gt(places[5], 2 * places[30]);
    ck_assert_double_lt(fabs(firsts - MANY * (0.1 + 0.9 / 49)),
                        5 * sqrt(MANY * 0.12)); /* one of ten, or else one of 49 */
}
END_TEST

START_TEST(order_sequences)
{
    enum { TIME = 110 };
    const task *t = task_of(TASK_ORDER);
    static float x[TIME * ORDER_SYMBOLS], y[TIME * 4], mask[TIME];
    int classes[4] = { 0 }, lengths[111] = { 0 };
    for (uint64_t n = 0; n < MANY; n++) {
        task_draw(t, 5, TASK_STREAM_TRAIN, n, &sequence);
        task_write(t, &sequence, TIME, 1, 0, x, y, mask);
        int64_t end = sequence.steps - 1;
        int class = 0, marks = 0;
        lengths[end + 1]++;
        for (int64_t i = 0; i < TIME; i++) {
            int ones = 0, symbol = -1;
            for (int k = 0; k < ORDER_SYMBOLS; k++)
                if (x[i * ORDER_SYMBOLS + k] != 0) {
                    ones++;
                    symbol = k;
                }
            ck_assert_int_eq(ones, i <= end);
            if (i == 0 || i == end || i > end) {
                ck_assert_int_eq(symbol, i > end ? -1 : i ? ORDER_B : ORDER_E);
            } else if (symbol == ORDER_X || symbol == ORDER_Y) {
                ck_assert(marks == 0 ? i >= 10 && i <= 20 : i >= 50 && i <= 60);
                class = 2 * class + (symbol == ORDER_Y);
                marks++;
            } else {
                ck_assert(symbol >= ORDER_A && symbol < ORDER_A + 4);
            }
            ck_assert(mask[i] == (i == end));
        }
        ck_assert_int_eq(marks, 2);
        for (int k = 0; k < 4; k++)
            ck_assert(y[end * 4 + k] == (k == class));
        classes[class]++;
    }
    for (int k = 0; k < 4; k++)
        ck_assert_double_lt(fabs(classes[k] - MANY / 4.0), 5 * sqrt(MANY * 3 / 16.0));
    for (int length = 100; length <= 110; length++)
        ck_assert_double_lt(fabs(lengths[length] - MANY / 11.0), 5 * sqrt(MANY / 11.0));
}
END_TEST

/* Two marks anywhere, the sum of their numbers asked at the end. */
START_TEST(adding_long_sequences)
{
    enum { TIME = 600 };
    static float x[TIME * 2], y[TIME], mask[TIME];
    int places[TIME] = { 0 };
    double square = 0;
    for (uint64_t n = 0; n < MANY; n++) {
        task_draw(task_of(TASK_ADDING_LONG), 4, TASK_STREAM_TRAIN, n, &sequence);
        task_write(task_of(TASK_ADDING_LONG), &sequence, TIME, 1, 0, x, y, mask);
        double sum = 0;
        int marks = 0;
        for (int i = 0; i < TIME; i++) {
            ck_assert(x[2 * i] >= 0 && x[2 * i] <= 1 && (x[2 * i + 1] == 0 || x[2 * i + 1] == 1));
            ck_assert(mask[i] == (i == TIME - 1));
            if (x[2 * i + 1] == 1) {
                sum += (double)x[2 * i];
                places[i]++;
                marks++;
            }
        }
        ck_assert_int_eq(marks, 2);
        ck_assert_double_le(fabs((double)y[TIME - 1] - sum), 1e-6);
        square += (sum - 1) * (sum - 1) / MANY;
    }
    for (int i = 0; i < TIME; i++)
        ck_assert_double_lt(fabs(places[i] - 2.0 * MANY / TIME), 6 * sqrt(2.0 * MANY / TIME));
    ck_assert_double_lt(fabs(square - task_of(TASK_ADDING_LONG)->chance), 0.01);
}
END_TEST

/* Ten symbols, and the same ten at the end; blanks are to be put out before. Who says blank, and then any of the eight,
 * is at chance. */
START_TEST(copy_sequences)
{
    enum { TIME = 1020, SIZE = 10 };
    const task *t = task_of(TASK_COPY);
    static float p[TIME * SIZE];
    for (uint64_t n = 0; n < MANY / 100; n++) {
        task_draw(t, 4, TASK_STREAM_TEST, n, &sequence);
        ck_assert_int_eq(sequence.steps, TIME);
        for (int i = 0; i < TIME; i++) {
            ck_assert(i < 10 ? sequence.symbol[i] >= 1 && sequence.symbol[i] <= 8
                             : sequence.symbol[i] == (i < 1009 ? 0 : 9));
            ck_assert_int_eq(sequence.target[i], i < 1010 ? 0 : sequence.symbol[i - 1010]);
            for (int k = 0; k < SIZE; k++)
                p[i * SIZE + k] = i < 1010 ? k == 0 : k >= 1 && k <= 8 ? 0.125F : 0;
        }
        ck_assert_double_lt(fabs(task_judge(t, &sequence, 1, 0, p).error - t->chance), 1e-6);
    }
}
END_TEST

START_TEST(streams)
{
    const task *t = task_of((task_kind)_i);
    static task_sequence a, b, c, d;
    int same[3] = { 0 };
    for (uint64_t n = 0; n < 50; n++) {
        memset(&a, 0, sizeof a);
        memset(&b, 0xff, sizeof b); /* nothing that was there before may matter */
        task_draw(t, 11, TASK_STREAM_TRAIN, n, &a);
        task_draw(t, 11, TASK_STREAM_TRAIN, n, &b);
        task_draw(t, 11, TASK_STREAM_TEST, n, &c);
        task_draw(t, 12, TASK_STREAM_TRAIN, n, &d);
        ck_assert_int_eq(a.steps, b.steps);
        size_t size = (size_t)a.steps * sizeof(int);
        ck_assert(!memcmp(a.symbol, b.symbol, size) && !memcmp(a.target, b.target, size));
        ck_assert(!t->numeric || (a.sum == b.sum && !memcmp(a.value, b.value, (size_t)a.steps * sizeof(double))));
        same[1] += a.steps == c.steps && !memcmp(a.symbol, c.symbol, size);
        same[2] += a.steps == d.steps && !memcmp(a.symbol, d.symbol, size);
    }
    ck_assert_int_lt(same[1], 50);
    ck_assert_int_lt(same[2], 50);
}
END_TEST

/* Outputs that are perfect, nearly wrong, just wrong, and no numbers. */
START_TEST(criteria)
{
    enum { BATCH = 2, COLUMN = 1 };
    const task *t = task_of((task_kind)_i);
    static float x[TASK_LONGEST * BATCH * 101], p[TASK_LONGEST * BATCH * 101], mask[TASK_LONGEST * BATCH];
    task_draw(t, 1, TASK_STREAM_TEST, 3, &sequence);
    task_write(t, &sequence, sequence.steps, BATCH, COLUMN, x, p, mask);
    int64_t last = (sequence.steps - 1) * BATCH + COLUMN;
    float *out = p + last * t->outputs;
    if (t->kind == TASK_REBER) /* 1/2 for each of two legal symbols, 1 for one */
        for (int64_t i = 0; i < sequence.steps; i++)
            for (int k = 0; k < REBER_SYMBOLS; k++)
                p[(i * BATCH + COLUMN) * REBER_SYMBOLS + k] = (float)(sequence.legal[i] >> k & 1);
    ck_assert(task_judge(t, &sequence, BATCH, COLUMN, p).right);
    if (t->loss_below > 0) {
        float *target = out + (t->numeric ? 0 : sequence.target[sequence.steps - 1]), right = *target;
        const double asked = t->numeric ? 1 : (double)sequence.steps, off[] = { 0.99, 1.01 };
        ck_assert(task_judge(t, &sequence, BATCH, COLUMN, p).error < 1e-12); /* y is rounded to f32 */
        for (int i = 0; i < 2; i++) {                                        /* (p - y)^2, -log p at one step of all */
            const double loss = off[i] * t->loss_below * asked;
            *target = (float)(t->numeric ? (double)right + sqrt(loss) : exp(-loss));
            ck_assert_int_eq(task_judge(t, &sequence, BATCH, COLUMN, p).right, i == 0);
        }
        *target = NAN;
        ck_assert(!task_judge(t, &sequence, BATCH, COLUMN, p).right);
        return;
    }
    float keep = out[0], step = t->kind == TASK_REBER ? 1 : (float)t->right_below;
    out[0] = keep + 0.99F * step;
    ck_assert(task_judge(t, &sequence, BATCH, COLUMN, p).right);
    out[0] = keep + 1.01F * step;
    ck_assert(!task_judge(t, &sequence, BATCH, COLUMN, p).right);
    out[0] = NAN;
    ck_assert(!task_judge(t, &sequence, BATCH, COLUMN, p).right);
    out[0] = keep;
    float *early = p + COLUMN * t->outputs; /* counts only where the first step is asked */
    early[0] += 5;
    ck_assert_int_eq(task_judge(t, &sequence, BATCH, COLUMN, p).right,
                     t->kind == TASK_LAG_RANDOM || t->kind == TASK_ADDING || t->kind == TASK_ORDER ||
                         (t->kind == TASK_REBER && (sequence.legal[0] & 1)));
}
END_TEST

START_TEST(names)
{
    ck_assert_ptr_eq(task_find("reber"), task_of(TASK_REBER));
    ck_assert_ptr_eq(task_find("6a"), task_of(TASK_ORDER));
    ck_assert_ptr_null(task_find("6b"));
    ck_assert_ptr_null(task_of(TASK_COUNT));
}
END_TEST

static bool stop_at(void *context, int64_t sequences, double error, int64_t in_a_row)
{
    (void)error;
    (void)in_a_row;
    return sequences < *(const int64_t *)context;
}

START_TEST(training_starts)
{
    const task *t = task_of((task_kind)_i);
    eddy_status status = { 0 };
    task_result a, b;
    ck_assert_msg(task_train(t, NULL, 5, 64, NULL, NULL, &a, &status), "%s", status.text);
    ck_assert(!a.solved && a.presented > 0 && a.presented <= 64 && a.sequences == a.presented && a.updates > 0);
    int64_t limit = a.presented / 2;
    ck_assert(task_train(t, NULL, 5, 64, stop_at, &limit, &b, &status));
    ck_assert(!b.solved && b.presented >= limit && b.presented < a.presented);
}
END_TEST

START_TEST(reber_is_learned)
{
    eddy_status status = { 0 };
    task_result a, b;
    bool whole = test_every() == 1; /* else the same program runs for fewer sequences */
    int64_t most = 8440 / test_every();
    ck_assert_msg(task_train(task_of(TASK_REBER), NULL, 1, most, NULL, NULL, &a, &status), "%s", status.text);
    ck_assert(!whole || (a.solved && a.sequences <= 8440 && a.tested == REBER_STRINGS && a.wrong == 0));
    ck_assert(task_train(task_of(TASK_REBER), NULL, 1, most, NULL, NULL, &b, &status));
    ck_assert_int_eq(a.sequences, b.sequences);
    ck_assert_int_eq(a.updates, b.updates);
}
END_TEST

START_TEST(memory_runs_out)
{
    const task_settings tiny = { .hidden = 2, .batch = 2, .lr = 0.01, .clip = 1, .chrono = 20 };
    fault f;
    task_result r;
    fault_install(&f, 0);
    ck_assert(task_train(task_of(TASK_REBER), &tiny, 1, 2, NULL, NULL, &r, NULL));
    long needed = f.asked;
    ck_assert_int_eq(f.living, 0);
    for (long n = 1; n <= needed; n += test_every() * (n < 60 ? 1 : 1 + needed / 60)) {
        eddy_status status = { 0 };
        fault_install(&f, n);
        bool ok = task_train(task_of(TASK_REBER), &tiny, 1, 2, NULL, NULL, &r, &status);
        ck_assert_msg(!ok && *status.text, "allocation %ld of %ld fails unnoticed", n, needed);
        ck_assert_int_eq(f.living, 0);
    }
    eddy_set_allocator(NULL);
}
END_TEST

Suite *suite_tasks(void)
{
    Suite *suite = suite_create("tasks");
    TCase *tests = tcase_create("tasks");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, reber_strings);
    tcase_add_test(tests, reber_legal);
    tcase_add_loop_test(tests, lag_sequences, 0, 2);
    tcase_add_test(tests, adding_sequences);
    tcase_add_test(tests, order_sequences);
    tcase_add_test(tests, adding_long_sequences);
    tcase_add_test(tests, copy_sequences);
    tcase_add_loop_test(tests, streams, 0, TASK_COUNT);
    tcase_add_loop_test(tests, criteria, 0, TASK_COUNT);
    tcase_add_test(tests, names);
    tcase_add_loop_test(tests, training_starts, 0, TASK_COUNT);
    tcase_add_test(tests, reber_is_learned);
    tcase_add_test(tests, memory_runs_out);
    suite_add_tcase(suite, tests);
    return suite;
}
