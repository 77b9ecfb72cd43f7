/* eddy_unroll's options one by one: dropout, zoneout, carried states; and what is refused. */
#include "recording.h"
#include "failing_memory.h"

enum { IN = 3, HID = 4, TIME = 5 };

static void check_all(const char *what, eddy_var a, eddy_var b)
{
    ck_assert_msg(has_shape(a, eddy_shape_of(b)), "%s: shapes differ", what);
    for (int64_t i = 0; i < count_of(a); i++)
        ck_assert_msg(same_bits(at(a, i), at(b, i)), "%s, element %d: %.17g and %.17g", what, (int)i, at(a, i),
                      at(b, i));
}

/* ---- Masks ---- */

/* state[0] = x + state[0], state[1] = x; the output [state[0] as read, x] is no state. */
static eddy_var show_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    (void)cell;
    eddy_var out = eddy_concat(-1, state[0], x);
    state[0] = eddy_add(x, state[0]);
    state[1] = eddy_mul_scalar(x, 1);
    return out;
}

START_TEST(variational_masks)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 3);
    enum { B = 20, F = 25, T = 4 };
    eddy_cell show = { .step = show_step, .states = 2, .state_size = { F, F } };
    eddy_var x = input(tape, EDDY_SHAPE(T, B, F), 1, 2);
    eddy_unroll_options o = { .training = true, .input_dropout = 0.4, .state_dropout = 0.2 };
    eddy_unrolled r = eddy_unroll(&show, x, &o);
    OK(tape);
    int64_t dropped[2] = { 0, 0 };
    for (int64_t b = 0; b < B; b++)
        for (int64_t k = 0; k < F; k++) {
            double kept = at(r.outputs, b * 2 * F + F + k) != 0, state = 0,
                   state_kept = at(r.outputs, (B + b) * 2 * F + k) != 0;
            dropped[0] += kept == 0;
            dropped[1] += kept != 0 && state_kept == 0;
            for (int64_t t = 0; t < T; t++) {
                double in = at(x, (t * B + b) * F + k) * kept / 0.6, read = state * state_kept / 0.8;
                check_close(at(r.outputs, (t * B + b) * 2 * F + F + k), in, 4, DBL_EPSILON);
                check_close(at(r.outputs, (t * B + b) * 2 * F + k), kept != 0 ? read : 0, 16, DBL_EPSILON);
                state = in + read;
            }
        }
    ck_assert(dropped[0] > 150 && dropped[0] < 250 && dropped[1] > 30 && dropped[1] < 90); /* of 500 and 300 */
    o.training = false;
    check_all("not in training", eddy_unroll(&show, x, &o).outputs, eddy_unroll(&show, x, NULL).outputs);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(zoneout)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 3);
    enum { B = 20, F = 25, T = 4 };
    eddy_cell show = { .step = show_step, .states = 2, .state_size = { F, F } };
    eddy_var x = input(tape, EDDY_SHAPE(T, B, F), 1, 2);
    eddy_unroll_options o = { .training = true, .zoneout = { 0, 0.3 } };
    eddy_unrolled r = eddy_unroll(&show, x, &o);
    check_all("state 0 is not zoned out", r.state[0], eddy_sum_over(x, EDDY_SHAPE(0), false));
    /* state 1 is the newest x that was let in: of step t with probability 0.7 0.3^(T - 1 - t), or still 0 */
    int64_t from[T + 1] = { 0 };
    for (int64_t i = 0; i < B * F; i++) {
        int64_t t = T - 1;
        while (t >= 0 && at(r.state[1], i) != at(x, t * B * F + i))
            t--;
        ck_assert(t >= 0 || at(r.state[1], i) == 0);
        from[t + 1]++;
    }
    ck_assert(from[T] > 310 && from[T] < 390 && from[T - 1] > 70 && from[T - 1] < 140);
    /* the expectation: s <- p s + (1 - p) x, exactly in this order */
    o.training = false;
    eddy_var state = eddy_full(tape, EDDY_SHAPE(B, F), 0);
    for (int64_t t = 0; t < T; t++)
        state = eddy_add(eddy_mul_scalar(state, 0.3), eddy_mul_scalar(eddy_select(x, 0, t), 0.7));
    check_all("expectation", eddy_unroll(&show, x, &o).state[1], state);
    /* probability 1 freezes; an output that is a state is that state after zoneout */
    eddy_gru gru = eddy_gru_new(tape, "gru", F, HID);
    eddy_var h0 = input(tape, EDDY_SHAPE(B, HID), -1, 1);
    for (int training = 0; training < 2; training++) {
        r = eddy_unroll(&gru.cell, x, &(eddy_unroll_options){ .initial = &h0, .training = training, .zoneout = { 1 } });
        check_all("frozen", r.state[0], h0);
        check_all("output", r.last, h0);
    }
    eddy_tape_free(tape);
}
END_TEST

START_TEST(masks_differ_between_runs)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 3);
    eddy_gru m = eddy_gru_new(tape, "m", IN, HID);
    eddy_var x = input(tape, EDDY_SHAPE(TIME, 2, IN), 1, 2);
    eddy_unrolled r =
        eddy_unroll(&m.cell, x, &(eddy_unroll_options){ .training = true, .zoneout = { 0.5 }, .carry = "s" });
    eddy_program *program = eddy_compile(tape, EDDY_LIST(r.outputs), r.carried);
    double first[HID], second[HID];
    ck_assert(eddy_run(program));
    for (int k = 0; k < HID; k++)
        first[k] = eddy_tensor_flat(eddy_output_tensor(program, r.outputs), k);
    eddy_set_item(eddy_find(tape, "s.0"), 0);
    ck_assert(eddy_run(program));
    for (int k = 0; k < HID; k++)
        second[k] = eddy_tensor_flat(eddy_output_tensor(program, r.outputs), k);
    ck_assert(memcmp(first, second, sizeof first) != 0);
    eddy_tape_free(tape);
}
END_TEST

/* ---- Carrying states over ---- */

START_TEST(carried_over_chunks)
{
    for (int prefixed = 0; prefixed < 2; prefixed++) {
        enum { B = 2, CHUNK = 3, CHUNKS = 3 };
        eddy_tape *tape = eddy_tape_new(EDDY_F32, 3);
        eddy_lstm m = eddy_lstm_new(tape, "m", IN, HID);
        eddy_var all = input(tape, EDDY_SHAPE(CHUNK * CHUNKS, B, IN), -1, 1),
                 chunk = eddy_input(tape, "chunk", EDDY_SHAPE(CHUNK, B, IN));
        eddy_var initial[2] = { input(tape, EDDY_SHAPE(B, HID), -1, 1), input(tape, EDDY_SHAPE(1, HID), -1, 1) };
        eddy_unrolled whole = eddy_unroll(&m.cell, all, &(eddy_unroll_options){ .initial = initial });
        if (prefixed)
            eddy_push(tape, "stream");
        eddy_unroll_options o = { .initial = initial, .carry = "carry" };
        eddy_unrolled r = eddy_unroll(&m.cell, chunk, &o);
        OK(tape);
        ck_assert_int_eq(r.carried.count, 2);
        eddy_program *program = eddy_compile(tape, EDDY_LIST(r.outputs), r.carried),
                     *at_once = eddy_compile(tape, EDDY_LIST(whole.outputs, whole.state[1]), EDDY_NONE);
        ck_assert(eddy_run(at_once));
        for (int64_t c = 0; c < CHUNKS; c++) {
            eddy_set_tensor(chunk, eddy_value(eddy_slice(all, 0, c * CHUNK, (c + 1) * CHUNK, 1)));
            ck_assert_msg(eddy_run(program), "%s", eddy_error(tape));
            for (int64_t i = 0; i < CHUNK * B * HID; i++)
                ck_assert(eddy_tensor_flat(eddy_output_tensor(program, r.outputs), i) ==
                          eddy_tensor_flat(eddy_output_tensor(at_once, whole.outputs), c * CHUNK * B * HID + i));
        }
        /* a second recording, of another length, goes on with the same states; no gradient goes back into another run's
         */
        int64_t leaves = eddy_leaf_count(tape, EDDY_STATE);
        eddy_unrolled again = eddy_unroll(&m.cell, eddy_slice(chunk, 0, 0, 1, 1), &o);
        OK(tape);
        ck_assert_int_eq(eddy_leaf_count(tape, EDDY_STATE), leaves);
        const char *name = prefixed ? "stream.carry.1" : "carry.1";
        for (int64_t i = 0; i < B * HID; i++)
            ck_assert(at(eddy_find(tape, name), i) == eddy_tensor_flat(eddy_output_tensor(at_once, whole.state[1]), i));
        eddy_list g = eddy_gradients(eddy_sum(again.outputs), EDDY_LIST(initial[0], eddy_find(tape, name)));
        ck_assert(at(g.items[0], 0) == 0 && at(g.items[1], 0) != 0);
        FAILS(
            tape,
            eddy_unroll(&m.cell, input(tape, EDDY_SHAPE(2, 5, IN), -1, 1), &(eddy_unroll_options){ .carry = "carry" }),
            "unroll: there is a leaf", name[0] == 's' ? "stream.carry.0" : "carry.0", "(2, 4)", "(5, 4)");
        if (prefixed)
            eddy_pop(tape);
        eddy_tape_free(tape);
    }
}
END_TEST

/* ---- Mistakes and corner cases ---- */

static eddy_var lazy_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    (void)cell;
    return state[0] = eddy_add(x, state[1]); /* and state[1]? */
}

/* A delay line: state[1] becomes what state[0] was. */
static eddy_var delay_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    (void)cell;
    state[1] = state[0];
    state[0] = eddy_add_scalar(x, 0);
    return eddy_add_scalar(state[1], 0);
}

static eddy_var flat_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    (void)cell;
    state[0] = eddy_add(x, state[0]);
    return eddy_sum_over(state[0], EDDY_SHAPE(1), false);
}

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1), *other = eddy_tape_new(EDDY_F64, 1);
    eddy_gru m = eddy_gru_new(tape, "m", IN, HID);
    eddy_var x = input(tape, EDDY_SHAPE(TIME, 2, IN), -1, 1);
    eddy_var n = input_of(tape, EDDY_I64, EDDY_SHAPE(3), 0, 2), floats = input(tape, EDDY_SHAPE(2), 0, 2),
             matrix = input_of(tape, EDDY_I32, EDDY_SHAPE(2, 1), 0, 2);
#define UNROLL(...) eddy_unroll(&m.cell, x, &(eddy_unroll_options){ __VA_ARGS__ })
    FAILS(tape, UNROLL(.lengths = n), "unroll: the lengths have shape (3,)", "i64", "(2,)");
    FAILS(tape, UNROLL(.lengths = floats), "the lengths", "f64", "i32 or i64");
    FAILS(tape, UNROLL(.lengths = matrix), "the lengths", "(2, 1)");
    FAILS(tape, UNROLL(.lengths = eddy_full_of(other, EDDY_I64, EDDY_SHAPE(2), 1)), "the lengths", "another tape");
    FAILS(tape, UNROLL(.lengths = { tape, 99999, 0 }), "the lengths", "no usable var");
    FAILS(tape, UNROLL(.input_dropout = 1), "input_dropout is 1", "[0, 1)");
    FAILS(tape, UNROLL(.state_dropout = -0.1), "state_dropout is -0.1");
    FAILS(tape, UNROLL(.input_dropout = NAN), "input_dropout is", "nan");
    FAILS(tape, UNROLL(.zoneout = { 1.5 }), "zoneout[0] is 1.5");
    FAILS(tape, UNROLL(.zoneout = { 0, 0.5 }), "zoneout[1] is 0.5", "only 1 states");
    FAILS(tape, UNROLL(.truncate = -3), "truncate is -3");
    FAILS(tape, UNROLL(.checkpoint = -2), "checkpoint is -2");
    FAILS(tape, UNROLL(.carry = ""), "carry is an empty name");
    char longest[400];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    FAILS(tape, UNROLL(.carry = longest), "the name to carry states under is too long");
    eddy_var unset = eddy_input(tape, "unset", EDDY_SHAPE(2, HID)), wrong = input(tape, EDDY_SHAPE(2, 2, HID), 0, 1);
    FAILS(tape, UNROLL(.carry = "c", .initial = &unset), "\"unset\" has no value yet");
    FAILS(tape, UNROLL(.initial = &wrong), "at the start, state[0] has shape (2, 2, 4)");
    ck_assert(!eddy_find(tape, "c.0").tape);

    eddy_cell lazy = { .step = lazy_step, .states = 2, .state_size = { IN, IN } },
              delay = { .step = delay_step, .states = 2, .state_size = { IN, IN } };
    eddy_cell flat = { .step = flat_step, .states = 1, .state_size = { IN } };
    eddy_unroll(&lazy, x, NULL);
    check_sentence(tape, "", (const char *[]){ "left state[1] as it found it", "step 0 of unroll at", NULL });
    eddy_unroll(&flat, x, NULL);
    check_sentence(tape, "",
                   (const char *[]){ "the step's output has shape (2,); (batch, size)", "step 0 of unroll at", NULL });
    /* two states may begin as one var */
    eddy_var zero = input(tape, EDDY_SHAPE(2, IN), 0, 1);
    eddy_unrolled r = eddy_unroll(&delay, x, &(eddy_unroll_options){ .initial = (eddy_var[]){ zero, zero } });
    OK(tape);
    check_all("delayed", eddy_slice(r.outputs, 0, 1, TIME, 1), eddy_slice(x, 0, 0, TIME - 1, 1));
    /* a failure within a region closes it */
    eddy_unroll(&lazy, x, &(eddy_unroll_options){ .checkpoint = 2 });
    eddy_clear_error(tape);
    eddy_checkpoint_begin(tape);
    eddy_checkpoint_end(tape);
    OK(tape);
    eddy_tape_free(tape);
    eddy_tape_free(other);
}
END_TEST

static bool build(void)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_gru m = eddy_gru_new(tape, "m", IN, HID);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(3, 2, IN)), n = eddy_input_of(tape, "n", EDDY_I64, EDDY_SHAPE(2));
    eddy_unroll_options o = { .lengths = n,
                              .training = true,
                              .input_dropout = 0.2,
                              .zoneout = { 0.2 },
                              .truncate = 2,
                              .checkpoint = 2,
                              .carry = "s" };
    eddy_unrolled r = eddy_unroll(&m.cell, x, &o);
    eddy_list g = eddy_gradients(eddy_add(eddy_sum(r.outputs), eddy_sum(r.last)), eddy_parameters(tape));
    eddy_set_item(x, 0.5);
    eddy_set_item(n, 2);
    eddy_program *program = eddy_compile(tape, g, r.carried);
    bool done = eddy_run(program);
    ck_assert_msg(done == !eddy_error(tape), "a failure without a sentence");
    eddy_tape_free(tape);
    return done;
}

START_TEST(allocation_faults)
{
    fault f;
    for (long n = 1;; n++) {
        fault_install(&f, n);
        bool done = build();
        ck_assert_msg(f.living == 0, "%ld blocks leak when allocation %ld fails", f.living, n);
        if (f.asked < n) {
            ck_assert(done);
            break;
        }
    }
    eddy_set_allocator(NULL);
}
END_TEST

Suite *suite_unroll_options(void)
{
    Suite *suite = suite_create("unroll_options");
    TCase *tests = tcase_create("unroll_options");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, variational_masks);
    tcase_add_test(tests, zoneout);
    tcase_add_test(tests, masks_differ_between_runs);
    tcase_add_test(tests, carried_over_chunks);
    tcase_add_test(tests, mistakes);
    tcase_add_test(tests, allocation_faults);
    suite_add_tcase(suite, tests);
    return suite;
}
