/* The options of LSTM and GRU against loops over scalars, for all combinations: peepholes, coupled gates, projection,
 * layer normalisation, no bias, forget-gate bias; their parameters' names and shapes; both orders of derivative. */
#include "recording.h"

enum { TIME = 3, BATCH = 2, IN = 3, HID = 5, OUT = 4, LARGEST = 4 * HID };

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* LN(W x) */
static void product(eddy_var w, const eddy_var norm[2], const double *x, double *y)
{
    int64_t rows = eddy_size(w, 0), n = eddy_size(w, 1);
    double mean = 0, variance = 0;
    for (int64_t r = 0; r < rows; r++) {
        y[r] = 0;
        for (int64_t k = 0; k < n; k++)
            y[r] += at(w, r * n + k) * x[k];
        mean += y[r] / (double)rows;
    }
    if (!norm[0].tape)
        return;
    for (int64_t r = 0; r < rows; r++)
        variance += (y[r] - mean) * (y[r] - mean) / (double)rows;
    for (int64_t r = 0; r < rows; r++)
        y[r] = (y[r] - mean) / sqrt(variance + 1e-5) * at(norm[0], r) + at(norm[1], r);
}

/* One step of one sequence; h has `out` elements. */
static void reference(const eddy_lstm *m, const eddy_lstm_options *o, const double *x, double *h, double *c)
{
    double a[LARGEST], b[LARGEST], u[HID], mean = 0, variance = 0, gate_o[HID];
    int n = o->coupled ? 3 : 4, shift = o->coupled ? 1 : 0;
    product(m->weight_ih, m->norm_ih, x, a);
    product(m->weight_hh, m->norm_hh, h, b);
    for (int r = 0; r < n * HID; r++)
        a[r] += b[r] + (o->no_bias ? 0 : at(m->bias_ih, r) + at(m->bias_hh, r));
#define PEEP(gate, value) (o->peepholes ? at(m->weight_p, (gate - shift) * HID + k) * (value) : 0)
    for (int k = 0; k < HID; k++) {
        double f = sigmoid(a[(1 - shift) * HID + k] + PEEP(1, c[k]));
        double i = o->coupled ? 1 - f : sigmoid(a[k] + PEEP(0, c[k]));
        c[k] = f * c[k] + i * tanh(a[(2 - shift) * HID + k]);
        gate_o[k] = sigmoid(a[(3 - shift) * HID + k] + PEEP(2, c[k]));
        mean += c[k] / HID;
    }
    for (int k = 0; k < HID; k++)
        variance += (c[k] - mean) * (c[k] - mean) / HID;
    for (int k = 0; k < HID; k++) {
        double normed =
            o->layer_norm ? (c[k] - mean) / sqrt(variance + 1e-5) * at(m->norm_c[0], k) + at(m->norm_c[1], k) : c[k];
        u[k] = gate_o[k] * tanh(normed);
    }
    if (o->projection)
        product(m->weight_hr, (eddy_var[2]){ { 0 }, { 0 } }, u, h);
    else
        memcpy(h, u, sizeof u);
}

/* Numbers that are not special: initial values of layer normalisation are ones and zeros. */
static void disturb(eddy_tape *tape)
{
    eddy_list all = eddy_parameters(tape);
    for (int64_t i = 0; i < all.count; i++) {
        eddy_tensor value = random_tensor(EDDY_F64, eddy_shape_of(all.items[i]), 0.2, 0.9);
        for (int64_t k = 0; k < eddy_tensor_count(&value); k += 2)
            ((double *)value.data)[k] *= -1;
        eddy_set_tensor(all.items[i], &value);
        eddy_tensor_free(&value);
    }
}

START_TEST(lstm)
{
    eddy_lstm_options o = {
        .peepholes = _i & 1, .coupled = _i & 2, .projection = _i & 4 ? OUT : 0, .layer_norm = _i & 8, .no_bias = _i & 16
    };
    const int64_t out = o.projection ? OUT : HID;
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 4);
    eddy_lstm m = eddy_lstm_new_with(tape, "lstm", IN, HID, &o);
    OK(tape);
    disturb(tape);
    eddy_var x = input(tape, EDDY_SHAPE(TIME, BATCH, IN), -1, 1);
    eddy_var initial[2] = { input(tape, EDDY_SHAPE(BATCH, out), -1, 1), input(tape, EDDY_SHAPE(BATCH, HID), -1, 1) };
    eddy_unrolled r = eddy_unroll(&m.cell, x, &(eddy_unroll_options){ .initial = initial });
    OK(tape);
    ck_assert(has_shape(r.outputs, EDDY_SHAPE(TIME, BATCH, out)) && has_shape(r.state[1], EDDY_SHAPE(BATCH, HID)));
    for (int64_t b = 0; b < BATCH; b++) {
        double h[HID], c[HID], in[IN];
        for (int64_t k = 0; k < out; k++)
            h[k] = at(initial[0], b * out + k);
        for (int64_t k = 0; k < HID; k++)
            c[k] = at(initial[1], b * HID + k);
        for (int64_t t = 0; t < TIME; t++) {
            for (int64_t k = 0; k < IN; k++)
                in[k] = at(x, (t * BATCH + b) * IN + k);
            reference(&m, &o, in, h, c);
            for (int64_t k = 0; k < out; k++)
                check_near(at(r.outputs, (t * BATCH + b) * out + k), h[k], 1, 200);
            for (int64_t k = 0; k < HID; k++)
                check_near(at(eddy_watched(tape, "c", t), b * HID + k), c[k], 1, 200);
        }
        for (int64_t k = 0; k < HID; k++) {
            check_near(at(r.state[1], b * HID + k), c[k], 1, 200);
            double i = at(eddy_watched(tape, "i", 1), b * HID + k), f = at(eddy_watched(tape, "f", 1), b * HID + k);
            ck_assert((fabs(i + f - 1) < 1e-15) == o.coupled);
        }
    }
    int64_t most = test_all() ? 24 : test_every() > 1 ? 1 : 4; /* of each leaf; the witnesses see the others */
    eddy_var loss = eddy_add(weighted(eddy_sin(r.outputs)), weighted(eddy_sin(r.state[1])));
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    ck_assert_msg(eddy_gradcheck(loss,
                                 eddy_list_join(tape, eddy_parameters(tape), EDDY_LIST(x, initial[0], initial[1])),
                                 &(eddy_gradcheck_options){ .max_elements = most }, &report),
                  "%s", eddy_error(tape));
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s", report.message);
    eddy_gradcheck_free(&report);
    eddy_tape_free(tape);
}
END_TEST

static void check_leaves(eddy_tape *tape, const char *const *names, const eddy_shape *shapes, int64_t count)
{
    OK(tape);
    eddy_list all = eddy_parameters(tape);
    ck_assert_int_eq(all.count, count);
    for (int64_t i = 0; i < count; i++) {
        eddy_var leaf = eddy_find(tape, names[i]);
        ck_assert_msg(leaf.tape != NULL, "no %s", names[i]);
        ck_assert_msg(has_shape(leaf, shapes[i]), "%s has another shape", names[i]);
    }
}

START_TEST(parameters)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 4);
    eddy_lstm m = eddy_lstm_new_with(
        tape, "m", IN, HID,
        &(eddy_lstm_options){ .peepholes = true, .projection = OUT, .layer_norm = true, .layer = 2, .reverse = true });
    check_leaves(
        tape,
        (const char *[]){ "m.weight_ih_l2_reverse", "m.weight_hh_l2_reverse", "m.bias_ih_l2_reverse",
                          "m.bias_hh_l2_reverse", "m.weight_hr_l2_reverse", "m.weight_p_l2_reverse",
                          "m.norm_ih_weight_l2_reverse", "m.norm_ih_bias_l2_reverse", "m.norm_hh_weight_l2_reverse",
                          "m.norm_hh_bias_l2_reverse", "m.norm_c_weight_l2_reverse", "m.norm_c_bias_l2_reverse" },
        (eddy_shape[]){ EDDY_SHAPE(4 * HID, IN), EDDY_SHAPE(4 * HID, OUT), EDDY_SHAPE(4 * HID), EDDY_SHAPE(4 * HID),
                        EDDY_SHAPE(OUT, HID), EDDY_SHAPE(3 * HID), EDDY_SHAPE(4 * HID), EDDY_SHAPE(4 * HID),
                        EDDY_SHAPE(4 * HID), EDDY_SHAPE(4 * HID), EDDY_SHAPE(HID), EDDY_SHAPE(HID) },
        12);
    for (int k = 0; k < HID; k++)
        ck_assert(at(m.norm_ih[0], k) == 1 && at(m.norm_ih[1], k) == 0 && at(m.norm_c[0], k) == 1 &&
                  at(m.norm_c[1], k) == 0 && fabs(at(m.weight_hr, k)) <= 1 / sqrt(HID));
    eddy_tape_free(tape);

    tape = eddy_tape_new(EDDY_F32, 4);
    m = eddy_lstm_new_with(tape, "m", IN, HID,
                           &(eddy_lstm_options){ .coupled = true, .peepholes = true, .forget_bias = 2 });
    check_leaves(
        tape, (const char *[]){ "m.weight_ih_l0", "m.weight_hh_l0", "m.bias_ih_l0", "m.bias_hh_l0", "m.weight_p_l0" },
        (eddy_shape[]){ EDDY_SHAPE(3 * HID, IN), EDDY_SHAPE(3 * HID, HID), EDDY_SHAPE(3 * HID), EDDY_SHAPE(3 * HID),
                        EDDY_SHAPE(2 * HID) },
        5);
    for (int k = 0; k < 3 * HID; k++)
        ck_assert((at(m.bias_ih, k) == 2) == (k < HID) && (at(m.bias_hh, k) == 0) == (k < HID)); /* f comes first */
    eddy_tape_free(tape);

    tape = eddy_tape_new(EDDY_F32, 4);
    eddy_gru_new_with(tape, "g", IN, HID, &(eddy_gru_options){ .layer = 1, .reverse = true, .no_bias = true });
    check_leaves(tape, (const char *[]){ "g.weight_ih_l1_reverse", "g.weight_hh_l1_reverse" },
                 (eddy_shape[]){ EDDY_SHAPE(3 * HID, IN), EDDY_SHAPE(3 * HID, HID) }, 2);
    FAILS(tape, eddy_gru_new_with(tape, "h", IN, HID, &(eddy_gru_options){ .layer = -1 }),
          "the layer's number is negative");
    FAILS(tape, eddy_lstm_new_with(tape, "h", IN, HID, &(eddy_lstm_options){ .layer = -1 }),
          "the layer's number is negative");
    FAILS(tape, eddy_lstm_new_with(tape, "h", IN, HID, &(eddy_lstm_options){ .projection = -1 }),
          "the projection is negative");
    FAILS(tape, eddy_lstm_new_with(tape, "g", IN, HID, &(eddy_lstm_options){ .layer = 1, .reverse = true }),
          "\"g.weight_ih_l1_reverse\" already");
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_lstm_options(void)
{
    Suite *suite = suite_create("lstm_options");
    TCase *tests = tcase_create("lstm_options");
    tcase_set_timeout(tests, 200);
    tcase_add_loop_test(tests, lstm, 0, 32);
    tcase_add_test(tests, parameters);
    suite_add_tcase(suite, tests);
    return suite;
}
