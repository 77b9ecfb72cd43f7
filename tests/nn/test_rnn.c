/* The classical cells against loops over scalars, their options, and their parameters' names, shapes, values and
 * counts. */
#include "attention.h"
#include "layers.h"
#include "recording.h"

enum { TIME = 4, BATCH = 2, IN = 3, HID = 5 };

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* (W x + b)[row] of one batch element; no bias if b is {0}. */
static double affine(eddy_var w, eddy_var b, int64_t row, const double *x, int64_t n)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        sum += at(w, row * n + k) * x[k];
    return sum + (b.tape ? at(b, row) : 0);
}

typedef struct scene {
    eddy_tape *tape;
    eddy_var x, initial[2];
} scene;

static scene scene_new(void)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 4);
    return (
        scene){ .tape = tape,
                .x = input(tape, EDDY_SHAPE(TIME, BATCH, IN), -1, 1),
                .initial = { input(tape, EDDY_SHAPE(BATCH, HID), -1, 1), input(tape, EDDY_SHAPE(BATCH, HID), -1, 1) } };
}

static eddy_unrolled unroll(const scene *s, const eddy_cell *cell)
{
    eddy_unrolled r = eddy_unroll(cell, s->x, &(eddy_unroll_options){ .initial = s->initial });
    OK(s->tape);
    ck_assert(has_shape(r.outputs, EDDY_SHAPE(TIME, BATCH, HID)) && has_shape(r.last, EDDY_SHAPE(BATCH, HID)));
    return r;
}

static void same(double got, double wanted)
{
    ck_assert_msg(fabs(got - wanted) <= 1e-12, "%.17g, not %.17g", got, wanted);
}

static void watched(eddy_tape *tape, const char *name, int t, int b, int k, double wanted)
{
    eddy_var v = eddy_watched(tape, name, t);
    ck_assert_msg(eddy_ok(v), "nothing is watched as %s in step %d", name, t);
    same(at(v, b * HID + k), wanted);
}

START_TEST(elman)
{
    for (int kind = 0; kind < 3; kind++) {
        scene s = scene_new();
        eddy_rnn rnn = kind == 0 ? eddy_rnn_new(s.tape, "rnn", IN, HID)
                                 : eddy_rnn_new_with(s.tape, "rnn", IN, HID,
                                                     kind == 1 ? &(eddy_rnn_options){ .act = eddy_relu }
                                                               : &(eddy_rnn_options){ .no_bias = true });
        eddy_unrolled r = unroll(&s, &rnn.cell);
        ck_assert(rnn.bias_ih.tape ? kind != 2 : kind == 2);
        for (int b = 0; b < BATCH; b++) {
            double h[HID], next[HID];
            for (int k = 0; k < HID; k++)
                h[k] = at(s.initial[0], b * HID + k);
            for (int t = 0; t < TIME; t++) {
                double x[IN];
                for (int k = 0; k < IN; k++)
                    x[k] = at(s.x, (t * BATCH + b) * IN + k);
                for (int k = 0; k < HID; k++) {
                    double a =
                        affine(rnn.weight_ih, rnn.bias_ih, k, x, IN) + affine(rnn.weight_hh, rnn.bias_hh, k, h, HID);
                    next[k] = kind == 1 ? fmax(a, 0) : tanh(a);
                    same(at(r.outputs, (t * BATCH + b) * HID + k), next[k]);
                    watched(s.tape, "h", t, b, k, next[k]);
                }
                memcpy(h, next, sizeof h);
            }
            for (int k = 0; k < HID; k++)
                same(at(r.state[0], b * HID + k), h[k]);
        }
        if (kind != 1)
            check_gradient(weighted(eddy_sin(r.outputs)),
                           eddy_list_join(s.tape, eddy_parameters(s.tape), EDDY_LIST(s.x, s.initial[0])), 2);
        eddy_tape_free(s.tape);
    }
}
END_TEST

START_TEST(lstm)
{
    for (int kind = 0; kind < 3; kind++) {
        scene s = scene_new();
        eddy_lstm m = kind == 0 ? eddy_lstm_new(s.tape, "lstm", IN, HID)
                                : eddy_lstm_new_with(s.tape, "lstm", IN, HID,
                                                     kind == 1 ? &(eddy_lstm_options){ .forget_bias = 1.5 }
                                                               : &(eddy_lstm_options){ .no_bias = true });
        eddy_unrolled r = unroll(&s, &m.cell);
        if (kind == 1)
            for (int k = 0; k < HID; k++)
                ck_assert(at(m.bias_ih, HID + k) == 1.5 && at(m.bias_hh, HID + k) == 0 && at(m.bias_ih, k) != 1.5 &&
                          at(m.bias_hh, k) != 0 && at(m.bias_ih, 2 * HID + k) != 1.5 &&
                          at(m.bias_hh, 2 * HID + k) != 0);
        ck_assert(m.bias_ih.tape ? kind != 2 : kind == 2);
        for (int b = 0; b < BATCH; b++) {
            double h[HID], c[HID], next[HID];
            for (int k = 0; k < HID; k++)
                h[k] = at(s.initial[0], b * HID + k), c[k] = at(s.initial[1], b * HID + k);
            for (int t = 0; t < TIME; t++) {
                double x[IN];
                for (int k = 0; k < IN; k++)
                    x[k] = at(s.x, (t * BATCH + b) * IN + k);
                for (int k = 0; k < HID; k++) {
                    double gate[4];
                    for (int g = 0; g < 4; g++)
                        gate[g] = affine(m.weight_ih, m.bias_ih, g * HID + k, x, IN) +
                                  affine(m.weight_hh, m.bias_hh, g * HID + k, h, HID);
                    double i = sigmoid(gate[0]), f = sigmoid(gate[1]), g = tanh(gate[2]), o = sigmoid(gate[3]);
                    c[k] = f * c[k] + i * g;
                    next[k] = o * tanh(c[k]);
                    same(at(r.outputs, (t * BATCH + b) * HID + k), next[k]);
                    watched(s.tape, "i", t, b, k, i);
                    watched(s.tape, "f", t, b, k, f);
                    watched(s.tape, "g", t, b, k, g);
                    watched(s.tape, "o", t, b, k, o);
                    watched(s.tape, "c", t, b, k, c[k]);
                    watched(s.tape, "h", t, b, k, next[k]);
                }
                memcpy(h, next, sizeof h);
            }
            for (int k = 0; k < HID; k++) {
                same(at(r.state[0], b * HID + k), h[k]);
                same(at(r.state[1], b * HID + k), c[k]);
            }
        }
        eddy_var loss = eddy_add(weighted(eddy_sin(r.outputs)), weighted(eddy_sin(r.state[1])));
        check_gradient(loss,
                       eddy_list_join(s.tape, eddy_parameters(s.tape), EDDY_LIST(s.x, s.initial[0], s.initial[1])), 2);
        eddy_tape_free(s.tape);
    }
}
END_TEST

START_TEST(gru)
{
    for (int kind = 0; kind < 4; kind++) {
        bool before = kind & 1;
        scene s = scene_new();
        eddy_gru m = kind == 0 ? eddy_gru_new(s.tape, "gru", IN, HID)
                               : eddy_gru_new_with(s.tape, "gru", IN, HID,
                                                   &(eddy_gru_options){ .reset_before = before, .no_bias = kind > 1 });
        eddy_unrolled r = unroll(&s, &m.cell);
        ck_assert(m.bias_hh.tape ? kind < 2 : kind > 1);
        for (int b = 0; b < BATCH; b++) {
            double h[HID], next[HID];
            for (int k = 0; k < HID; k++)
                h[k] = at(s.initial[0], b * HID + k);
            for (int t = 0; t < TIME; t++) {
                double x[IN], reset[HID], kept[HID];
                for (int k = 0; k < IN; k++)
                    x[k] = at(s.x, (t * BATCH + b) * IN + k);
                for (int k = 0; k < HID; k++) {
                    reset[k] =
                        sigmoid(affine(m.weight_ih, m.bias_ih, k, x, IN) + affine(m.weight_hh, m.bias_hh, k, h, HID));
                    kept[k] = reset[k] * h[k];
                }
                for (int k = 0; k < HID; k++) {
                    double z = sigmoid(affine(m.weight_ih, m.bias_ih, HID + k, x, IN) +
                                       affine(m.weight_hh, m.bias_hh, HID + k, h, HID));
                    double p = affine(m.weight_ih, m.bias_ih, 2 * HID + k, x, IN);
                    double q = before ? affine(m.weight_hh, m.bias_hh, 2 * HID + k, kept, HID)
                                      : reset[k] * affine(m.weight_hh, m.bias_hh, 2 * HID + k, h, HID);
                    double n = tanh(p + q);
                    next[k] = before ? (1 - z) * h[k] + z * n : (1 - z) * n + z * h[k];
                    same(at(r.outputs, (t * BATCH + b) * HID + k), next[k]);
                    watched(s.tape, "r", t, b, k, reset[k]);
                    watched(s.tape, "z", t, b, k, z);
                    watched(s.tape, "n", t, b, k, n);
                    watched(s.tape, "h", t, b, k, next[k]);
                }
                memcpy(h, next, sizeof h);
            }
            for (int k = 0; k < HID; k++)
                same(at(r.state[0], b * HID + k), h[k]);
        }
        check_gradient(weighted(eddy_sin(r.outputs)),
                       eddy_list_join(s.tape, eddy_parameters(s.tape), EDDY_LIST(s.x, s.initial[0])), 2);
        eddy_tape_free(s.tape);
    }
}
END_TEST

static int64_t count_parameters(eddy_tape *tape)
{
    int64_t sum = 0;
    eddy_list list = eddy_parameters(tape);
    for (int64_t i = 0; i < list.count; i++)
        sum += count_of(list.items[i]);
    return sum;
}

START_TEST(parameters)
{
    static const char *const names[] = { "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0" };
    for (int kind = 0; kind < 3; kind++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
        int64_t gates = kind == 0 ? 1 : kind == 1 ? 4 : 3;
        if (kind == 0)
            eddy_rnn_new(tape, "m", 7, 16);
        else if (kind == 1)
            eddy_lstm_new(tape, "m", 7, 16);
        else
            eddy_gru_new(tape, "m", 7, 16);
        OK(tape);
        eddy_list list = eddy_parameters(tape);
        ck_assert_int_eq(list.count, 4);
        const eddy_shape shapes[] = { EDDY_SHAPE(gates * 16, 7), EDDY_SHAPE(gates * 16, 16), EDDY_SHAPE(gates * 16),
                                      EDDY_SHAPE(gates * 16) };
        for (int p = 0; p < 4; p++) {
            char name[40];
            snprintf(name, sizeof name, "m.%s", names[p]);
            ck_assert_str_eq(eddy_name_of(list.items[p]), name);
            ck_assert(has_shape(list.items[p], shapes[p]));
            double largest = 0;
            for (int64_t i = 0; i < count_of(list.items[p]); i++)
                largest = fmax(largest, fabs(at(list.items[p], i)));
            ck_assert(largest <= 0.25 && largest > 0.2); /* 1/sqrt(16) */
        }
        eddy_tape_free(tape);
    }
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_lstm_new(tape, "lstm", 1, 64);
    ck_assert_int_eq(count_parameters(tape), 17152);
    eddy_linear_new(tape, "fc", 64, 1);
    ck_assert_int_eq(count_parameters(tape), 17217);
    eddy_tape_free(tape);
}
END_TEST

/* Every number that is multiplied by one of gates, directions or sizes: nothing overflows, and the sentence names it.
 */
START_TEST(huge_sizes)
{
    const int64_t huge[] = { INT64_MAX, INT64_MAX / 2 + 1, INT64_MAX / 3 + 1, INT64_MAX / 4 + 1, INT64_MIN };
    const eddy_lstm_options all = { .peepholes = true, .layer_norm = true, .forget_bias = 1 };
    for (size_t i = 0; i < sizeof huge / sizeof *huge; i++) {
        const int64_t n = huge[i];
        char number[32];
        snprintf(number, sizeof number, "hidden %lld", (long long)n);
        eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
        FAILS(tape, eddy_rnn_new(tape, "m", 1, n), number);
        FAILS(tape, eddy_gru_new(tape, "m", 1, n), number);
        FAILS(tape, eddy_lstm_new(tape, "m", 1, n), number);
        FAILS(tape, eddy_lstm_new_with(tape, "m", 1, n, &all), number);
        FAILS(tape, eddy_rnn_layers_new(tape, "m", 1, n, 3, true, NULL), number);
        FAILS(tape, eddy_gru_layers_new(tape, "m", 1, n, 3, true, NULL), number);
        FAILS(tape, eddy_lstm_layers_new(tape, "m", 1, n, 3, true, NULL), number);
        FAILS(tape, eddy_lstm_new(tape, "m", n, 1), number + 6);
        if (n > 0)
            FAILS(tape, eddy_lstm_new_with(tape, "m", 1, 1, &(eddy_lstm_options){ .projection = n }), "projection");
        FAILS(tape, eddy_attention_decoder_new(tape, "m", EDDY_DOT, n, INT64_MAX, 1, 1), "input");
        FAILS(tape, eddy_linear_new(tape, "m", n, n), "memory");
        eddy_tape_free(tape);
    }
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_lstm m = eddy_lstm_new(tape, "lstm", 3, 5);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(4, 2, 6));
    eddy_unroll(&m.cell, x, NULL);
    check_sentence(
        tape, "",
        (const char *[]){ "test_rnn.c:", "matmul: shapes (2, 6) and (3, 20): the inner dimensions 6 and 3 differ",
                          "step 0 of unroll at ", NULL });
    FAILS(tape, eddy_lstm_new(tape, "lstm", 3, 5), "\"lstm.weight_ih_l0\" already");
    FAILS(tape, eddy_gru_new(tape, "gru", -3, 5), "gru: input -3, hidden 5");
    FAILS(tape, eddy_rnn_new(tape, "", 3, 5), "push: the name is empty");
    ck_assert(!eddy_lstm_new(NULL, "x", 1, 1).weight_ih.tape);
    ck_assert_str_eq(eddy_name_of(eddy_input(tape, "after", EDDY_SCALAR)), "after");
    FAILS(tape, eddy_rnn_new(tape, "none", 3, 0).weight_ih, "rnn: input 3, hidden 0", "hidden is at least 1");
    FAILS(tape, eddy_lstm_new(tape, "none", 3, 0).weight_ih, "lstm: input 3, hidden 0");
    FAILS(tape, eddy_gru_new(tape, "none", 3, -1).weight_ih, "gru: input 3, hidden -1");
    eddy_tape_free(tape);
}
END_TEST

/* A cell made by name is the cell that its own constructor makes. */
START_TEST(by_name)
{
    static const struct {
        const char *name;
        eddy_gru_options options;
    } grus[] = { { "gru", { 0 } },
                 { "gru.no_bias", { .no_bias = true } },
                 { "gru-reset-before", { .reset_before = true } } };
    for (size_t i = 0; i < sizeof grus / sizeof *grus; i++) {
        eddy_tape *tape[2] = { eddy_tape_new(EDDY_F64, 1), eddy_tape_new(EDDY_F64, 1) };
        eddy_gru_options o = grus[i].options;
        o.layer = 1;
        o.reverse = true;
        eddy_any_cell any =
            eddy_any_cell_new(tape[0], grus[i].name, "m", IN, HID, &(eddy_any_options){ .layer = 1, .reverse = true });
        eddy_gru own = eddy_gru_new_with(tape[1], "m", IN, HID, &o);
        ck_assert(any.cell.step == own.cell.step && any.cell.state_size[0] == HID);
        ck_assert_str_eq(eddy_name_of(any.plain.weight_hh), eddy_name_of(own.weight_hh));
        ck_assert(!any.plain.bias_ih.tape == !own.bias_ih.tape);
        same(eddy_tensor_flat(eddy_value(any.plain.weight_ih), 7), eddy_tensor_flat(eddy_value(own.weight_ih), 7));
        eddy_tape_free(tape[0]);
        eddy_tape_free(tape[1]);
    }
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(TIME, BATCH, IN));
    for (size_t i = 0; eddy_cell_name(i); i++) {
        eddy_any_cell any = eddy_any_cell_new(tape, eddy_cell_name(i), eddy_cell_name(i), IN, HID, NULL);
        eddy_unrolled r = eddy_unroll(&any.cell, x, NULL);
        ck_assert_msg(eddy_ok(r.last) && eddy_ok(any.plain.weight_ih), "%s: %s", eddy_cell_name(i), eddy_error(tape));
        ck_assert_ptr_nonnull(eddy_cell_title(eddy_cell_name(i)));
    }
    ck_assert_ptr_null(eddy_cell_title("lstn"));
    FAILS(tape, (eddy_any_cell_new(tape, "lstn", "m", IN, HID, NULL), 0), "no built-in cell \"lstn\"");
    ck_assert(!eddy_any_cell_new(NULL, "lstm", "m", IN, HID, NULL).plain.weight_ih.tape);
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_rnn(void)
{
    Suite *suite = suite_create("rnn");
    TCase *tests = tcase_create("rnn");
    tcase_set_timeout(tests, 200);
    tcase_add_test(tests, elman);
    tcase_add_test(tests, lstm);
    tcase_add_test(tests, gru);
    tcase_add_test(tests, parameters);
    tcase_add_test(tests, huge_sizes);
    tcase_add_test(tests, by_name);
    tcase_add_test(tests, mistakes);
    suite_add_tcase(suite, tests);
    return suite;
}
