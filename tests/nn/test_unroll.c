/* eddy_unroll's options together: lengths, direction, masks, truncation, checkpoints, learned states, and their
 * gradients. Exact claims are tested bit for bit, on f32 and f64, with garbage in the padding. */
#include "recording.h"

#include <stdlib.h>

enum { IN = 3, HID = 4, BATCH = 4, TIME = 5 };
static const int64_t lengths_of_batch[BATCH] = { 3, 0, 5, 2 };
static const int64_t in_order[BATCH] = { 0, 1, 2, 3 };

/* One batch and its run: the losses see every output, `last` and every final state. */
typedef struct scene {
    eddy_tape *tape;
    eddy_var x, lengths, initial[2];
    eddy_lstm lstm;
    eddy_unrolled run;
    eddy_var loss;
    eddy_list grads; /* by x, initial[0], initial[1], then the parameters */
} scene;

/* The weights of step t and sequence order[b] do not depend on the number of steps or the order. The last axis but one
 * is the batch. */
static eddy_var weights_for(eddy_var y, const int64_t *order, uint64_t stream)
{
    eddy_shape shape = eddy_shape_of(y);
    eddy_tensor value;
    ck_assert(eddy_tensor_new(&value, EDDY_F64, shape, NULL));
    int64_t width = shape.dim[shape.rank - 1], batch = shape.dim[shape.rank - 2],
            rows = eddy_shape_count(&shape) / (width ? width : 1);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t k = 0; k < width; k++) {
            int64_t same_place = (r / batch * batch + order[r % batch]) * width + k;
            ((double *)value.data)[r * width + k] =
                eddy_random_uniform((eddy_random){ .seed = 5, .stream = stream }, (uint64_t)same_place) - 0.5;
        }
    eddy_var w = eddy_constant_of(y.tape, eddy_dtype_of(y), shape, value.data);
    eddy_tensor_free(&value);
    return eddy_sum(eddy_mul(y, w));
}

/* The input: row (t, order[b]) of one stream of numbers, and NaN or infinity beyond the lengths. */
static void set_rows(eddy_var x, const int64_t *order, uint64_t stream, bool garbage)
{
    eddy_shape shape = eddy_shape_of(x);
    int64_t width = shape.dim[2], batch = shape.dim[1];
    eddy_tensor value;
    ck_assert(eddy_tensor_new(&value, EDDY_F64, shape, NULL));
    for (int64_t t = 0; t < shape.dim[0]; t++)
        for (int64_t b = 0; b < batch; b++)
            for (int64_t k = 0; k < width; k++) {
                double v = 2 * eddy_random_uniform((eddy_random){ .seed = 9, .stream = stream },
                                                   (uint64_t)((t * batch + order[b]) * width + k)) -
                           1;
                if (garbage && t >= lengths_of_batch[order[b]])
                    v = k % 3 == 0 ? NAN : k % 3 == 1 ? INFINITY : -INFINITY;
                ((double *)value.data)[(t * batch + b) * width + k] = v;
            }
    ck_assert(eddy_set_tensor(x, &value));
    eddy_tensor_free(&value);
}

static scene scene_new(eddy_dtype dtype, int64_t time, const int64_t *order, bool with_lengths,
                       const eddy_unroll_options *options)
{
    scene s = { .tape = eddy_tape_new(dtype, 6) };
    s.x = eddy_input(s.tape, "x", EDDY_SHAPE(time, BATCH, IN));
    set_rows(s.x, order, 1, with_lengths);
    s.lstm = eddy_lstm_new(s.tape, "lstm", IN, HID);
    eddy_unroll_options o = options ? *options : (eddy_unroll_options){ 0 };
    for (int i = 0; i < 2; i++) {
        s.initial[i] = eddy_input(s.tape, i ? "c0" : "h0", EDDY_SHAPE(BATCH, HID));
        double values[BATCH * HID];
        for (int b = 0; b < BATCH; b++)
            for (int k = 0; k < HID; k++)
                values[b * HID + k] = eddy_random_uniform((eddy_random){ .seed = 2, .stream = (uint64_t)i },
                                                          (uint64_t)(order[b] * HID + k)) -
                                      0.5;
        eddy_tensor wrapped = eddy_tensor_wrap(values, EDDY_F64, EDDY_SHAPE(BATCH, HID));
        eddy_set_tensor(s.initial[i], &wrapped);
    }
    o.initial = s.initial;
    if (with_lengths) {
        int64_t n[BATCH];
        for (int b = 0; b < BATCH; b++)
            n[b] = lengths_of_batch[order[b]];
        o.lengths = s.lengths = eddy_input_of(s.tape, "lengths", EDDY_I64, EDDY_SHAPE(BATCH));
        eddy_set(s.lengths, n, sizeof n);
    }
    s.run = eddy_unroll(&s.lstm.cell, s.x, &o);
    OK(s.tape);
    eddy_var terms[] = { weights_for(eddy_sin(s.run.outputs), order, 1), weights_for(s.run.last, order, 2),
                         weights_for(s.run.state[0], order, 3), weights_for(eddy_sin(s.run.state[1]), order, 4) };
    s.loss = eddy_sum_list((eddy_list){ terms, 4 });
    s.grads = eddy_gradients(
        s.loss, eddy_list_join(s.tape, EDDY_LIST(s.x, s.initial[0], s.initial[1]), eddy_parameters(s.tape)));
    OK(s.tape);
    return s;
}

/* The first n elements have the same bits (only the first n steps of a longer run). */
static void check_first(const char *what, eddy_var a, eddy_var b, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg(same_bits(at(a, i), at(b, i)), "%s, element %d: %.17g and %.17g", what, (int)i, at(a, i),
                      at(b, i));
}

static void check_all(const char *what, eddy_var a, eddy_var b)
{
    ck_assert_msg(has_shape(a, eddy_shape_of(b)), "%s: shapes differ", what);
    check_first(what, a, b, count_of(a));
}

static const struct {
    const char *name;
    eddy_unroll_options options;
} variants[] = {
    { "plain", { 0 } },
    { "reverse", { .reverse = true } },
    { "zoneout in expectation", { .zoneout = { 0.25, 0.5 } } },
    { "all masks", { .training = true, .input_dropout = 0.3, .state_dropout = 0.25, .zoneout = { 0.25, 0.5 } } },
    { "all masks in reverse",
      { .reverse = true, .training = true, .input_dropout = 0.3, .state_dropout = 0.25, .zoneout = { 0.25, 0.5 } } },
    { "truncate", { .truncate = 2 } },
    { "truncate in reverse", { .reverse = true, .truncate = 2 } },
    { "checkpoint", { .checkpoint = -1 } },
    { "everything",
      { .reverse = true,
        .training = true,
        .input_dropout = 0.3,
        .zoneout = { 0.25, 0.5 },
        .truncate = 3,
        .checkpoint = 2 } },
};
enum { VARIANTS = sizeof variants / sizeof *variants };

/* ---- Lengths ---- */

START_TEST(more_padding_changes_no_bit)
{
    const eddy_dtype dtypes[] = { EDDY_F32, EDDY_F64 };
    const int64_t more[] = { 6, 8, 11 };
    for (int d = 0; d < 2; d++)
        for (int m = 0; m < 3; m++) {
            scene a = scene_new(dtypes[d], TIME, in_order, true, &variants[_i].options);
            scene b = scene_new(dtypes[d], more[m], in_order, true, &variants[_i].options);
            const char *name = variants[_i].name;
            ck_assert(isfinite(at(a.loss, 0)));
            check_all(name, a.loss, b.loss);
            check_first(name, a.run.outputs, b.run.outputs, TIME * BATCH * HID);
            check_all(name, a.run.last, b.run.last);
            for (int i = 0; i < 2; i++)
                check_all(name, a.run.state[i], b.run.state[i]);
            check_first(name, a.grads.items[0], b.grads.items[0], TIME * BATCH * IN);
            for (int64_t k = 1; k < a.grads.count; k++)
                check_all(name, a.grads.items[k], b.grads.items[k]);
            /* padding: zeros come out, and no gradient goes in */
            for (int64_t t = 0; t < more[m]; t++)
                for (int64_t q = 0; q < BATCH; q++)
                    if (t >= lengths_of_batch[q]) {
                        for (int k = 0; k < HID; k++)
                            ck_assert(at(b.run.outputs, (t * BATCH + q) * HID + k) == 0);
                        for (int k = 0; k < IN; k++)
                            ck_assert(at(b.grads.items[0], (t * BATCH + q) * IN + k) == 0);
                    }
            /* the same of compiled programs */
            eddy_program *short_one =
                eddy_compile(a.tape, eddy_list_join(a.tape, EDDY_LIST(a.loss), a.grads), EDDY_NONE);
            eddy_program *long_one =
                eddy_compile(b.tape, eddy_list_join(b.tape, EDDY_LIST(b.loss), b.grads), EDDY_NONE);
            ck_assert_msg(eddy_run(short_one) && eddy_run(long_one), "%s", eddy_error(b.tape));
            ck_assert(eddy_output(long_one, b.loss) == eddy_output(short_one, a.loss));
            for (int64_t k = 1; k < b.grads.count; k++)
                for (int64_t i = 0; i < count_of(b.grads.items[k]); i++)
                    ck_assert(eddy_tensor_flat(eddy_output_tensor(long_one, b.grads.items[k]), i) ==
                              eddy_tensor_flat(eddy_output_tensor(short_one, a.grads.items[k]), i));
            eddy_tape_free(a.tape);
            eddy_tape_free(b.tape);
        }
}
END_TEST

/* Each sequence of the padded batch is what it is alone, without lengths, unpadded: in reverse too. */
START_TEST(each_sequence_as_if_alone)
{
    for (int reverse = 0; reverse < 2; reverse++) {
        scene s = scene_new(EDDY_F64, TIME, in_order, true, &(eddy_unroll_options){ .reverse = reverse });
        for (int64_t b = 0; b < BATCH; b++) {
            int64_t n = lengths_of_batch[b];
            eddy_var initial[2];
            for (int i = 0; i < 2; i++)
                initial[i] = eddy_slice(s.initial[i], 0, b, b + 1, 1);
            if (n == 0) {
                for (int i = 0; i < 2; i++)
                    check_all("length 0 keeps its states", eddy_slice(s.run.state[i], 0, b, b + 1, 1), initial[i]);
                for (int k = 0; k < HID; k++)
                    ck_assert(at(s.run.last, b * HID + k) == 0);
                continue;
            }
            eddy_var x = eddy_slice(eddy_slice(s.x, 0, 0, n, 1), 1, b, b + 1, 1);
            eddy_unrolled alone =
                eddy_unroll(&s.lstm.cell, reverse ? eddy_flip(x, 0) : x, &(eddy_unroll_options){ .initial = initial });
            OK(s.tape);
            eddy_var outputs = reverse ? eddy_flip(alone.outputs, 0) : alone.outputs;
            check_all("outputs", eddy_slice(eddy_slice(s.run.outputs, 0, 0, n, 1), 1, b, b + 1, 1), outputs);
            check_all("last", eddy_slice(s.run.last, 0, b, b + 1, 1), alone.last);
            for (int i = 0; i < 2; i++)
                check_all("state", eddy_slice(s.run.state[i], 0, b, b + 1, 1), alone.state[i]);
        }
        eddy_tape_free(s.tape);
    }
}
END_TEST

START_TEST(order_of_the_batch)
{
    static const int64_t order[BATCH] = { 2, 3, 0, 1 };
    if (variants[_i].options.training)
        return; /* masks belong to places in the batch */
    const eddy_dtype dtypes[] = { EDDY_F32, EDDY_F64 };
    for (int d = 0; d < 2; d++) {
        scene a = scene_new(dtypes[d], TIME, in_order, true, &variants[_i].options),
              b = scene_new(dtypes[d], TIME, order, true, &variants[_i].options);
        const eddy_var pairs[][2] = { { a.run.outputs, b.run.outputs },       { a.run.last, b.run.last },
                                      { a.run.state[0], b.run.state[0] },     { a.run.state[1], b.run.state[1] },
                                      { a.grads.items[0], b.grads.items[0] }, { a.grads.items[1], b.grads.items[1] } };
        for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
            int64_t width = eddy_size(pairs[p][0], -1), rows = count_of(pairs[p][0]) / width;
            for (int64_t r = 0; r < rows; r++)
                for (int64_t k = 0; k < width; k++)
                    ck_assert(same_bits(at(pairs[p][1], r * width + k),
                                        at(pairs[p][0], (r / BATCH * BATCH + order[r % BATCH]) * width + k)));
        }
        double epsilon = d ? DBL_EPSILON : FLT_EPSILON;
        for (int64_t k = 3; k < a.grads.count; k++)
            for (int64_t i = 0; i < count_of(a.grads.items[k]); i++)
                ck_assert(fabs(at(a.grads.items[k], i) - at(b.grads.items[k], i)) <= 50 * epsilon);
        eddy_tape_free(a.tape);
        eddy_tape_free(b.tape);
    }
}
END_TEST

START_TEST(lengths_are_checked_in_the_run)
{
    const eddy_dtype dtypes[] = { EDDY_I32, EDDY_I64 };
    for (int d = 0; d < 2; d++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
        eddy_lstm m = eddy_lstm_new(tape, "m", IN, HID);
        eddy_var x = input(tape, EDDY_SHAPE(TIME, 2, IN), -1, 1),
                 n = eddy_input_of(tape, "n", dtypes[d], EDDY_SHAPE(2));
        eddy_unrolled r = eddy_unroll(&m.cell, x, &(eddy_unroll_options){ .lengths = n });
        eddy_program *program = eddy_compile(tape, EDDY_LIST(r.state[0]), EDDY_NONE);
        OK(tape);
        const double bad[][2] = { { 2, -1 }, { 6, 2 }, { 2, 1e6 } }, good[][2] = { { 0, 5 }, { 0, 0 }, { 1, 4 } };
        const char *const said[] = { "is -1", "is 6", "is 1000000" };
        for (int k = 0; k < 3; k++) {
            eddy_tensor value = eddy_tensor_wrap((void *)(uintptr_t)bad[k], EDDY_F64, EDDY_SHAPE(2));
            eddy_set_tensor(n, &value);
            ck_assert(!eddy_run(program));
            check_sentence(tape, "",
                           (const char *[]){ "test_unroll.c:", said[k], "lengths[", "0..5", "unroll at", NULL });
            value.data = (void *)(uintptr_t)good[k];
            eddy_set_tensor(n, &value);
            ck_assert(eddy_run(program));
        }
        eddy_tape_free(tape);
    }
}
END_TEST

/* ---- Gradients ---- */

static void check_by_gradcheck(const char *name, eddy_var loss, eddy_list wrt)
{
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    bool done = eddy_gradcheck(loss, wrt, &(eddy_gradcheck_options){ .max_elements = 30 }, &report);
    ck_assert_msg(done, "%s: %s", name, eddy_error(loss.tape));
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s: %s", name, report.message);
    eddy_gradcheck_free(&report);
}

START_TEST(gradients_of_both_orders)
{
    if (variants[_i].options.truncate)
        return; /* not the derivative: see truncation */
    for (int with_lengths = 0; with_lengths < 2; with_lengths++) {
        scene s = scene_new(EDDY_F64, TIME, in_order, with_lengths, &variants[_i].options);
        set_rows(s.x, in_order, 1, false);
        check_by_gradcheck(variants[_i].name, s.loss,
                           eddy_list_join(s.tape, EDDY_LIST(s.x, s.initial[0], s.initial[1]), eddy_parameters(s.tape)));
        eddy_tape_free(s.tape);
    }
}
END_TEST

START_TEST(learned_initial_states)
{
    for (int rank = 1; rank <= 2; rank++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_gru m = eddy_gru_new(tape, "gru", IN, HID);
        eddy_tensor value = random_tensor(EDDY_F64, rank == 1 ? EDDY_SHAPE(HID) : EDDY_SHAPE(1, HID), -1, 1);
        eddy_var h0 = eddy_parameter(tape, "h0", &value), x = input(tape, EDDY_SHAPE(3, 2, IN), -1, 1);
        eddy_unrolled r = eddy_unroll(&m.cell, x, &(eddy_unroll_options){ .initial = &h0 });
        eddy_var full = eddy_broadcast_to(h0, EDDY_SHAPE(2, HID));
        check_all("spread", r.outputs, eddy_unroll(&m.cell, x, &(eddy_unroll_options){ .initial = &full }).outputs);
        check_by_gradcheck("learned", weighted(eddy_sin(r.outputs)),
                           eddy_list_join(tape, eddy_parameters(tape), EDDY_LIST(x)));
        eddy_tensor_free(&value);
        eddy_tape_free(tape);
    }
}
END_TEST

/* ---- Checkpoints ---- */

START_TEST(checkpoints_change_no_bit)
{
    const int64_t segments[] = { 1, 2, 3, 5, 9, -1 };
    for (int reverse = 0; reverse < 2; reverse++)
        for (size_t c = 0; c < sizeof segments / sizeof *segments; c++) {
            eddy_unroll_options o = { .reverse = reverse, .training = true, .zoneout = { 0.3 }, .state_dropout = 0.2 };
            scene a = scene_new(EDDY_F32, TIME, in_order, c % 2, &o);
            o.checkpoint = segments[c];
            scene b = scene_new(EDDY_F32, TIME, in_order, c % 2, &o);
            check_all("loss", a.loss, b.loss);
            for (int64_t k = 0; k < a.grads.count; k++)
                check_all("gradient", a.grads.items[k], b.grads.items[k]);
            eddy_tape_free(a.tape);
            eddy_tape_free(b.tape);
        }
}
END_TEST

START_TEST(checkpoints_save_memory)
{
    int64_t bytes[2];
    for (int k = 0; k < 2; k++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
        eddy_lstm m = eddy_lstm_new(tape, "m", 2, 16);
        eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(144, 32, 2));
        eddy_var loss = eddy_sum(eddy_unroll(&m.cell, x, &(eddy_unroll_options){ .checkpoint = k ? -1 : 0 }).last);
        eddy_program *program = eddy_compile(tape, eddy_gradients(loss, eddy_parameters(tape)), EDDY_NONE);
        OK(tape);
        bytes[k] = eddy_program_describe(program).bytes;
        eddy_tape_free(tape);
    }
    ck_assert_msg(getenv("EDDY_PASSES") || bytes[1] * 2 < bytes[0], "%d bytes without and %d with checkpoints",
                  (int)bytes[0], (int)bytes[1]);
}
END_TEST

/* ---- Truncation ---- */

START_TEST(truncation)
{
    for (int reverse = 0; reverse < 2; reverse++)
        for (int with_lengths = 0; with_lengths < 2; with_lengths++) {
            scene s = scene_new(EDDY_F64, TIME, in_order, with_lengths,
                                &(eddy_unroll_options){ .reverse = reverse, .truncate = 2 });
            scene whole =
                scene_new(EDDY_F64, TIME, in_order, with_lengths, &(eddy_unroll_options){ .reverse = reverse });
            check_all("forward", s.loss, whole.loss);
            /* segments {0, 1}, {2, 3}, {4}: what step t's output depends on. Sequence 2 has all steps. */
            for (int64_t t = 0; t < TIME; t++) {
                eddy_var out = eddy_select(eddy_select(s.run.outputs, 0, t), 0, 2);
                eddy_list g = eddy_gradients(eddy_sum(out), EDDY_LIST(s.x, s.initial[1]));
                for (int64_t k = 0; k < TIME; k++) {
                    bool before = reverse ? k >= t : k <= t, linked = before && k / 2 == t / 2;
                    ck_assert((at(g.items[0], (k * BATCH + 2) * IN) != 0) == linked);
                }
                ck_assert((at(g.items[1], 2 * HID) != 0) == (t / 2 == (reverse ? TIME - 1 : 0) / 2));
            }
            /* the final state of a sequence that ended in the first segment has its whole history */
            eddy_list g = eddy_gradients(eddy_sum(eddy_select(s.run.state[1], 0, 3)), EDDY_LIST(s.x, s.initial[1]));
            eddy_list w =
                eddy_gradients(eddy_sum(eddy_select(whole.run.state[1], 0, 3)), EDDY_LIST(whole.x, whole.initial[1]));
            for (int k = 0; k < 2 && with_lengths; k++)
                check_all("short sequence", g.items[k], w.items[k]);
            eddy_tape_free(s.tape);
            eddy_tape_free(whole.tape);
        }
}
END_TEST

/* ---- Corner cases ---- */

START_TEST(empty_batch_and_single_step)
{
    for (int v = 0; v < VARIANTS; v++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_lstm m = eddy_lstm_new(tape, "m", IN, HID);
        for (int64_t batch = 0; batch < 2; batch++) {
            eddy_unroll_options o = variants[v].options;
            o.lengths = input_of(tape, EDDY_I32, EDDY_SHAPE(batch), 1, 1);
            o.carry = batch ? "one" : "none";
            eddy_var x = input(tape, EDDY_SHAPE(batch ? 1 : 3, batch, IN), -1, 1);
            eddy_unrolled r = eddy_unroll(&m.cell, x, &o);
            eddy_var loss = eddy_add(eddy_sum(r.outputs), eddy_add(eddy_sum(r.last), eddy_sum(r.state[1])));
            eddy_list g = eddy_gradients(loss, eddy_list_join(tape, eddy_parameters(tape), EDDY_LIST(x)));
            eddy_program *program = eddy_compile(tape, eddy_list_join(tape, EDDY_LIST(loss), g), r.carried);
            ck_assert_msg(eddy_run(program), "%s", eddy_error(tape));
            ck_assert(has_shape(r.outputs, EDDY_SHAPE(batch ? 1 : 3, batch, HID)) &&
                      has_shape(r.last, EDDY_SHAPE(batch, HID)));
            for (int64_t k = 0; k < g.count && !batch; k++)
                for (int64_t i = 0; i < count_of(g.items[k]); i++)
                    ck_assert(at(g.items[k], i) == 0);
        }
        eddy_tape_free(tape);
    }
}
END_TEST

Suite *suite_unroll(void)
{
    Suite *suite = suite_create("unroll");
    TCase *tests = tcase_create("unroll");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, more_padding_changes_no_bit, 0, VARIANTS);
    tcase_add_test(tests, each_sequence_as_if_alone);
    tcase_add_loop_test(tests, order_of_the_batch, 0, VARIANTS);
    tcase_add_test(tests, lengths_are_checked_in_the_run);
    tcase_add_loop_test(tests, gradients_of_both_orders, 0, VARIANTS);
    tcase_add_test(tests, learned_initial_states);
    tcase_add_test(tests, checkpoints_change_no_bit);
    tcase_add_test(tests, checkpoints_save_memory);
    tcase_add_test(tests, truncation);
    tcase_add_test(tests, empty_batch_and_single_step);
    suite_add_tcase(suite, tests);
    return suite;
}
