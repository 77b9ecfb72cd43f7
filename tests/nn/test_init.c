/* Initial values: moments and bounds of the distributions, orthogonality, and that every value is a function of seed,
 * parameter and element alone. */
#include "recording.h"

typedef struct moments {
    double mean, deviation, low, high;
} moments;

static moments moments_of(eddy_var x)
{
    moments m = { 0, 0, INFINITY, -INFINITY };
    double n = (double)count_of(x);
    for (int64_t i = 0; i < count_of(x); i++) {
        m.mean += at(x, i) / n;
        m.low = fmin(m.low, at(x, i));
        m.high = fmax(m.high, at(x, i));
    }
    for (int64_t i = 0; i < count_of(x); i++)
        m.deviation += (at(x, i) - m.mean) * (at(x, i) - m.mean) / n;
    m.deviation = sqrt(m.deviation);
    return m;
}

/* Within five deviations of the estimates: of the mean s/sqrt(n), of the deviation s sqrt((k - 1)/(4n)), k the kurtosis
 * (1.8 uniform, 3 normal). */
static void check_moments(eddy_var x, double deviation, double bound)
{
    OK(x.tape);
    moments m = moments_of(x);
    double n = (double)count_of(x), kurtosis = bound > 0 ? 1.8 : 3;
    ck_assert_msg(fabs(m.mean) < 5 * deviation / sqrt(n), "mean %g", m.mean);
    ck_assert_msg(fabs(m.deviation - deviation) < 5 * deviation * sqrt((kurtosis - 1) / (4 * n)),
                  "deviation %g, not %g", m.deviation, deviation);
    if (bound > 0) {
        ck_assert(m.low >= -bound && m.high < bound);
        ck_assert(m.low < -bound * (1 - 20 / n) && m.high > bound * (1 - 20 / n)); /* and filled to the rim */
    } else {
        ck_assert(m.high > 3 * deviation && m.low < -3 * deviation && m.high < 7 * deviation && m.low > -7 * deviation);
    }
}

START_TEST(distributions)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
    const double s3 = sqrt(3);
    check_moments(
        eddy_parameter_init(tape, "a", EDDY_SHAPE(300, 100), (eddy_init){ .kind = EDDY_INIT_UNIFORM, .a = 0.7 }),
        0.7 / s3, 0.7);
    check_moments(
        eddy_parameter_init(tape, "b", EDDY_SHAPE(300, 100), (eddy_init){ .kind = EDDY_INIT_NORMAL, .a = 0.7 }), 0.7,
        0);
    for (int gain = 0; gain <= 2; gain += 2) {
        double g = gain ? gain : 1; /* 0 means 1 */
        eddy_push(tape, gain ? "two" : "one");
        /* fan_in 100 * 3, fan_out 40 * 3 */
        eddy_shape shape = EDDY_SHAPE(40, 3, 100);
        double xavier = g * sqrt(6.0 / 420), kaiming = g * sqrt(3.0 / 300);
        check_moments(
            eddy_parameter_init(tape, "c", shape, (eddy_init){ .kind = EDDY_INIT_XAVIER_UNIFORM, .gain = gain }),
            xavier / s3, xavier);
        check_moments(
            eddy_parameter_init(tape, "d", shape, (eddy_init){ .kind = EDDY_INIT_XAVIER_NORMAL, .gain = gain }),
            g * sqrt(2.0 / 420), 0);
        check_moments(
            eddy_parameter_init(tape, "e", shape, (eddy_init){ .kind = EDDY_INIT_KAIMING_UNIFORM, .gain = gain }),
            kaiming / s3, kaiming);
        check_moments(
            eddy_parameter_init(tape, "f", shape, (eddy_init){ .kind = EDDY_INIT_KAIMING_NORMAL, .gain = gain }),
            g / sqrt(300), 0);
        eddy_pop(tape);
    }
    VALUES(eddy_parameter_init(tape, "g", EDDY_SHAPE(3), (eddy_init){ 0 }), 0, 0, 0);
    VALUES(eddy_parameter_init(tape, "h", EDDY_SHAPE(2, 1), (eddy_init){ .kind = EDDY_INIT_CONSTANT, .a = -1.5 }), -1.5,
           -1.5);
    eddy_parameter_init(tape, "i", EDDY_SHAPE(0, 3), (eddy_init){ .kind = EDDY_INIT_NORMAL, .a = 1 });
    eddy_parameter_init(tape, "j", EDDY_SCALAR, (eddy_init){ .kind = EDDY_INIT_NORMAL, .a = 1 });
    eddy_parameter_init(tape, "k", EDDY_SHAPE(0, 3), (eddy_init){ .kind = EDDY_INIT_ORTHOGONAL });
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

/* The fewer of rows and columns are orthogonal, each of length `gain`. */
START_TEST(orthogonal)
{
    const struct {
        eddy_shape shape;
        double gain;
    } cases[] = { { EDDY_SHAPE(30, 30), 0 },  { EDDY_SHAPE(7, 40), 3 }, { EDDY_SHAPE(40, 7), 0.5 },
                  { EDDY_SHAPE(5, 3, 4), 0 }, { EDDY_SHAPE(1, 9), 0 },  { EDDY_SHAPE(9, 1), 2 } };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 5);
    for (int c = 0; c < 6; c++) {
        char name[16];
        snprintf(name, sizeof name, "w%d", c);
        eddy_var w = eddy_parameter_init(tape, name, cases[c].shape,
                                         (eddy_init){ .kind = EDDY_INIT_ORTHOGONAL, .gain = cases[c].gain });
        OK(tape);
        double gain = cases[c].gain != 0 ? cases[c].gain : 1;
        eddy_var m = eddy_reshape(w, EDDY_SHAPE(cases[c].shape.dim[0], -1)), t = eddy_transpose(m, 0, 1);
        eddy_var product = eddy_size(m, 0) <= eddy_size(m, 1) ? eddy_matmul(m, t) : eddy_matmul(t, m);
        int64_t n = eddy_size(product, 0);
        for (int64_t i = 0; i < n * n; i++)
            ck_assert_msg(fabs(at(product, i) - (i % (n + 1) == 0 ? gain * gain : 0)) < 1e-12 * gain * gain,
                          "case %d: %.17g", c, at(product, i));
    }
    FAILS(tape, eddy_parameter_init(tape, "v", EDDY_SHAPE(3), (eddy_init){ .kind = EDDY_INIT_ORTHOGONAL }),
          "orthogonal", "matrix", "(3,)");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(reproducible)
{
    const eddy_init normal = { .kind = EDDY_INIT_NORMAL, .a = 1 };
    eddy_tape *a = eddy_tape_new(EDDY_F64, 5), *b = eddy_tape_new(EDDY_F64, 5), *c = eddy_tape_new(EDDY_F64, 6),
              *f = eddy_tape_new(EDDY_F32, 5);
    eddy_var first[4], second[4];
    eddy_tape *tapes[] = { a, b, c, f };
    for (int t = 0; t < 4; t++) {
        eddy_input(tapes[t], "x", EDDY_SHAPE(t + 1)); /* other leaves do not matter */
        first[t] = eddy_parameter_init(tapes[t], "first", EDDY_SHAPE(20 + t), normal);
        second[t] = eddy_parameter_init(tapes[t], t == 1 ? "renamed" : "second", EDDY_SHAPE(5, 4), normal);
        OK(tapes[t]);
    }
    check_same(second[0], second[1]);
    for (int i = 0; i < 20; i++) {
        ck_assert(at(first[0], i) == at(first[1], i)); /* element i, whatever the size */
        ck_assert(at(first[0], i) != at(second[0], i));
        ck_assert(at(first[0], i) != at(first[2], i));
        ck_assert((float)at(first[0], i) == at(first[3], i));
    }
    for (int t = 0; t < 4; t++)
        eddy_tape_free(tapes[t]);
}
END_TEST

START_TEST(drawing_anew)
{
    const eddy_init normal = { .kind = EDDY_INIT_NORMAL, .a = 1 };
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 5);
    eddy_var w = eddy_parameter_init(tape, "w", EDDY_SHAPE(6, 3), normal), x = eddy_input(tape, "x", EDDY_SHAPE(3)),
             y = eddy_neg(w);
    double before[18];
    for (int i = 0; i < 18; i++)
        before[i] = at(w, i);
    ck_assert(eddy_reinitialise(w, (eddy_init){ .kind = EDDY_INIT_CONSTANT, .a = 2 }, 2, 4));
    for (int i = 0; i < 18; i++)
        ck_assert(at(w, i) == (i >= 6 && i < 12 ? 2 : before[i]) && at(y, i) == -at(w, i));
    ck_assert(eddy_reinitialise(w, normal, 0, 0)); /* all, and not the same again */
    for (int i = 0; i < 18; i++)
        ck_assert(at(w, i) != before[i] && at(w, i) != 2);
    before[17] = at(w, 17);
    ck_assert(eddy_reinitialise(w, normal, 0, 3) && at(w, 17) == before[17]);
    OK(tape);
    FAILS(tape, eddy_reinitialise(w, normal, 4, 7), "reinitialise: the rows are out of range");
    FAILS(tape, eddy_reinitialise(w, normal, -1, 2), "reinitialise: the rows are out of range");
    FAILS(tape, eddy_reinitialise(x, normal, 0, 0), "reinitialise: the var is no parameter");
    FAILS(tape, eddy_reinitialise(w, (eddy_init){ .kind = (eddy_init_kind)99 }, 0, 0),
          "99 is no kind of initial value");
    FAILS(tape, eddy_parameter_init(tape, "z", EDDY_SHAPE(2), (eddy_init){ .kind = (eddy_init_kind)99 }),
          "99 is no kind");
    FAILS(tape, eddy_parameter_init(tape, "w", EDDY_SHAPE(2), normal), "\"w\" already");
    FAILS(tape, eddy_parameter_init(tape, "z", EDDY_SHAPE(-2), normal), "(-2,)");
    ck_assert(!eddy_parameter_init(NULL, "z", EDDY_SHAPE(2), normal).tape &&
              !eddy_reinitialise((eddy_var){ 0 }, normal, 0, 0));
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_init(void)
{
    Suite *suite = suite_create("init");
    TCase *tests = tcase_create("init");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, distributions);
    tcase_add_test(tests, orthogonal);
    tcase_add_test(tests, reproducible);
    tcase_add_test(tests, drawing_anew);
    suite_add_tcase(suite, tests);
    return suite;
}
