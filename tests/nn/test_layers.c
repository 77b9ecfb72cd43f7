/* Stacks in one direction and both: against the same cells unrolled one by one, padding to the bit, names, carried
 * states, and mistakes. */
#include "recording.h"

enum { IN = 3, HID = 4, BATCH = 3, TIME = 5 };
static const int64_t lengths_of_batch[BATCH] = { 3, 0, 5 };

static void check_first(const char *what, eddy_var a, eddy_var b, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg(same_bits(at(a, i), at(b, i)), "%s, element %d: %.17g and %.17g", what, (int)i, at(a, i),
                      at(b, i));
}

static eddy_var lengths_of(eddy_tape *tape)
{
    eddy_var n = eddy_input_of(tape, "lengths", EDDY_I64, EDDY_SHAPE(BATCH));
    eddy_set(n, lengths_of_batch, sizeof lengths_of_batch);
    return n;
}

/* The same numbers whatever the number of steps, with garbage beyond the lengths. */
static eddy_var padded_input(eddy_tape *tape, int64_t time, bool garbage)
{
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(time, BATCH, IN));
    eddy_tensor value;
    ck_assert(eddy_tensor_new(&value, EDDY_F64, eddy_shape_of(x), NULL));
    for (int64_t i = 0; i < eddy_tensor_count(&value); i++) {
        bool beyond = i / IN / BATCH >= lengths_of_batch[i / IN % BATCH];
        double v = 2 * eddy_random_uniform((eddy_random){ .seed = 9 }, (uint64_t)i) - 1;
        ((double *)value.data)[i] = !beyond || !garbage ? v : i % 2 ? NAN : INFINITY;
    }
    eddy_set_tensor(x, &value);
    eddy_tensor_free(&value);
    return x;
}

/* A loss in which the weight of an element does not depend on the number of steps. */
static eddy_var loss_of(eddy_layered r)
{
    eddy_var terms[10];
    int64_t n = 0;
    for (int64_t k = 0; k < r.states.count + 2; k++) {
        eddy_var y = k == 0 ? r.outputs : k == 1 ? r.last : r.states.items[k - 2];
        eddy_tensor w;
        ck_assert(eddy_tensor_new(&w, eddy_dtype_of(y), eddy_shape_of(y), NULL) &&
                  eddy_fill_uniform(&w, (eddy_random){ .seed = 4, .stream = (uint64_t)k }, -1, 1, NULL));
        terms[n++] = eddy_sum(eddy_mul(eddy_sin(y), eddy_constant(y.tape, &w)));
        eddy_tensor_free(&w);
    }
    return eddy_sum_list((eddy_list){ terms, n });
}

/* ---- What a stack is ---- */

START_TEST(as_the_cells_one_by_one)
{
    for (int with_lengths = 0; with_lengths < 2; with_lengths++)
        for (eddy_merge merge = EDDY_MERGE_CONCAT; merge <= EDDY_MERGE_MEAN; merge++) {
            eddy_tape *tape = eddy_tape_new(EDDY_F64, 2);
            eddy_var x = padded_input(tape, TIME, with_lengths), n = with_lengths ? lengths_of(tape) : (eddy_var){ 0 };
            int64_t between = merge == EDDY_MERGE_CONCAT ? 2 * HID : HID;
            /* cells of two kinds in one stack */
            eddy_gru a = eddy_gru_new(tape, "a", IN, HID), b = eddy_gru_new(tape, "b", IN, HID);
            eddy_lstm c = eddy_lstm_new(tape, "c", between, HID), d = eddy_lstm_new(tape, "d", between, HID);
            eddy_var initial[6];
            for (int i = 0; i < 6; i++)
                initial[i] = input(tape, EDDY_SHAPE(BATCH, HID), -1, 1);
            const eddy_cell *cells[] = { &a.cell, &b.cell, &c.cell, &d.cell };
            eddy_layered r =
                eddy_unroll_layers(cells, 4, x,
                                   &(eddy_layers_options){ .bidirectional = true,
                                                           .merge = merge,
                                                           .dropout = 0.5,
                                                           .unroll = { .lengths = n, .initial = initial } });
            OK(tape);
            eddy_var outputs = x, last = x, states[6];
            for (int l = 0, s = 0; l < 2; l++) {
                eddy_unrolled f =
                    eddy_unroll(cells[2 * l], outputs, &(eddy_unroll_options){ .lengths = n, .initial = initial + s });
                for (int k = 0; k <= l; k++)
                    states[s++] = f.state[k];
                eddy_unrolled v =
                    eddy_unroll(cells[2 * l + 1], outputs,
                                &(eddy_unroll_options){ .lengths = n, .initial = initial + s, .reverse = true });
                for (int k = 0; k <= l; k++)
                    states[s++] = v.state[k];
                double half = merge == EDDY_MERGE_MEAN ? 0.5 : 1;
                outputs = merge == EDDY_MERGE_CONCAT ? eddy_concat(-1, f.outputs, v.outputs)
                                                     : eddy_mul_scalar(eddy_add(f.outputs, v.outputs), half);
                last = merge == EDDY_MERGE_CONCAT ? eddy_concat(-1, f.last, v.last)
                                                  : eddy_mul_scalar(eddy_add(f.last, v.last), half);
            }
            check_same(r.outputs, outputs);
            check_same(r.last, last);
            ck_assert_int_eq(r.states.count, 6);
            ck_assert_int_eq(r.carried.count, 0);
            for (int i = 0; i < 6; i++)
                check_same(r.states.items[i], states[i]);
            /* one direction */
            cells[1] = &c.cell;
            if (merge == EDDY_MERGE_SUM) {
                r = eddy_unroll_layers(cells, 2, x, NULL);
                eddy_unrolled top = eddy_unroll(&c.cell, eddy_unroll(&a.cell, x, NULL).outputs, NULL);
                check_same(r.outputs, top.outputs);
                check_same(r.last, top.last);
                ck_assert_int_eq(r.states.count, 3);
                check_same(r.states.items[2], top.state[1]);
            }
            OK(tape);
            eddy_tape_free(tape);
        }
}
END_TEST

START_TEST(dropout_between_layers_only)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 2);
    eddy_var x = padded_input(tape, TIME, false);
    eddy_lstm_layers one = eddy_lstm_layers_new(tape, "one", IN, HID, 1, false, NULL),
                     two = eddy_lstm_layers_new(tape, "two", IN, HID, 2, false, NULL);
    eddy_layers_options o = { .dropout = 0.5, .unroll = { .training = true } };
    check_same(eddy_unroll_lstm(&one, x, &o).outputs, eddy_unroll_lstm(&one, x, NULL).outputs);
    eddy_var dropped = eddy_unroll_lstm(&two, x, &o).outputs, whole = eddy_unroll_lstm(&two, x, NULL).outputs;
    OK(tape);
    bool differs = false;
    for (int64_t i = 0; i < count_of(whole); i++) {
        ck_assert(at(dropped, i) != 0);
        differs = differs || at(dropped, i) != at(whole, i);
    }
    ck_assert(differs);
    o.unroll.training = false;
    check_same(eddy_unroll_lstm(&two, x, &o).outputs, whole);
    eddy_tape_free(tape);
}
END_TEST

/* ---- Padding ---- */

typedef struct scene {
    eddy_tape *tape;
    eddy_layered run;
    eddy_var loss;
    eddy_list grads; /* by x, then the parameters */
} scene;

static scene scene_new(eddy_dtype dtype, int64_t time, bool gru, const eddy_layers_options *options)
{
    scene s = { .tape = eddy_tape_new(dtype, 2) };
    eddy_var x = padded_input(s.tape, time, true);
    eddy_layers_options o = *options;
    o.unroll.lengths = lengths_of(s.tape);
    if (gru) {
        eddy_gru_layers stack = eddy_gru_layers_new(s.tape, "m", IN, HID, 2, o.bidirectional, NULL);
        s.run = eddy_unroll_gru(&stack, x, &o);
    } else {
        eddy_lstm_layers stack = eddy_lstm_layers_new(s.tape, "m", IN, HID, 2, o.bidirectional, NULL);
        s.run = eddy_unroll_lstm(&stack, x, &o);
    }
    OK(s.tape);
    s.loss = loss_of(s.run);
    s.grads = eddy_gradients(s.loss, eddy_list_join(s.tape, EDDY_LIST(x), eddy_parameters(s.tape)));
    OK(s.tape);
    return s;
}

START_TEST(more_padding_changes_no_bit)
{
    const eddy_layers_options variants[] = { { 0 },
                                             { .unroll = { .reverse = true } },
                                             { .bidirectional = true },
                                             { .bidirectional = true,
                                               .unroll = { .checkpoint = 2, .truncate = 2, .zoneout = { 0.2 } } } };
    for (int dtype = 0; dtype < 2; dtype++)
        for (int gru = 0; gru < 2; gru++)
            for (int v = 0; v < 4; v++) {
                scene a = scene_new(dtype ? EDDY_F32 : EDDY_F64, TIME, gru, &variants[v]),
                      b = scene_new(dtype ? EDDY_F32 : EDDY_F64, TIME + 4, gru, &variants[v]);
                ck_assert(isfinite(at(a.loss, 0)));
                check_same(a.loss, b.loss);
                check_first("outputs", a.run.outputs, b.run.outputs, count_of(a.run.outputs));
                check_same(a.run.last, b.run.last);
                for (int64_t k = 0; k < a.run.states.count; k++)
                    check_same(a.run.states.items[k], b.run.states.items[k]);
                check_first("d x", a.grads.items[0], b.grads.items[0], count_of(a.grads.items[0]));
                for (int64_t k = 1; k < a.grads.count; k++)
                    check_same(a.grads.items[k], b.grads.items[k]);
                eddy_tape_free(a.tape);
                eddy_tape_free(b.tape);
            }
}
END_TEST

START_TEST(gradients_of_both_orders)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 2);
    eddy_var x = padded_input(tape, TIME, false);
    eddy_layered r;
    eddy_layers_options o = { .bidirectional = _i & 1,
                              .dropout = 0.4,
                              .unroll = { .lengths = lengths_of(tape), .training = true, .state_dropout = 0.2 } };
    if (_i & 2) {
        eddy_gru_layers stack =
            eddy_gru_layers_new(tape, "m", IN, HID, 2, o.bidirectional, &(eddy_gru_options){ .reset_before = true });
        r = eddy_unroll_gru(&stack, x, &o);
    } else {
        eddy_lstm_layers stack =
            eddy_lstm_layers_new(tape, "m", IN, HID, 2, o.bidirectional, &(eddy_lstm_options){ .projection = 2 });
        r = eddy_unroll_lstm(&stack, x, &o);
    }
    OK(tape);
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    ck_assert_msg(eddy_gradcheck(loss_of(r), eddy_list_join(tape, eddy_parameters(tape), EDDY_LIST(x)),
                                 &(eddy_gradcheck_options){ .max_elements = 12 }, &report),
                  "%s", eddy_error(tape));
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s", report.message);
    eddy_gradcheck_free(&report);
    eddy_tape_free(tape);
}
END_TEST

/* ---- Names, carrying ---- */

START_TEST(names_are_those_of_pytorch)
{
    static const char *const kinds[] = { "weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr" };
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 2);
    eddy_lstm_layers lstm =
        eddy_lstm_layers_new(tape, "lstm", IN, HID, 3, true, &(eddy_lstm_options){ .projection = 2 });
    eddy_gru_layers gru = eddy_gru_layers_new(tape, "gru", IN, HID, 2, false, NULL);
    OK(tape);
    ck_assert(lstm.count == 6 && gru.count == 2 && lstm.bidirectional && !gru.bidirectional);
    eddy_list all = eddy_parameters(tape);
    ck_assert_int_eq(all.count, 6 * 5 + 2 * 4);
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 5; k++) {
            char name[80];
            snprintf(name, sizeof name, "lstm.%s_l%d%s", kinds[k], i / 2, i % 2 ? "_reverse" : "");
            ck_assert_str_eq(eddy_name_of(all.items[i * 5 + k]), name);
        }
    ck_assert(has_shape(eddy_find(tape, "lstm.weight_ih_l0_reverse"), EDDY_SHAPE(4 * HID, IN)) &&
              has_shape(eddy_find(tape, "lstm.weight_ih_l2"), EDDY_SHAPE(4 * HID, 4)) &&
              has_shape(eddy_find(tape, "lstm.weight_hh_l1"), EDDY_SHAPE(4 * HID, 2)) &&
              has_shape(eddy_find(tape, "gru.weight_ih_l1"), EDDY_SHAPE(3 * HID, HID)));
    eddy_tape_free(tape);
}
END_TEST

START_TEST(merged_stack)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 2);
    eddy_var x = input(tape, EDDY_SHAPE(3, BATCH, IN), -1, 1);
    eddy_lstm_layers two = eddy_lstm_layers_new(tape, "two", IN, HID, 2, true, NULL),
                     one = eddy_lstm_layers_new(tape, "one", IN, HID, 1, true, NULL);
    eddy_layers_options o = { .bidirectional = true, .merge = EDDY_MERGE_SUM };
    ck_assert(has_shape(eddy_unroll_lstm(&one, x, &o).outputs, EDDY_SHAPE(3, BATCH, HID)));
    FAILS(tape, eddy_unroll_lstm(&two, x, &o), "test_layers.c:", "options.merge", "eddy_unroll_layers");
    eddy_tape_free(tape);
}
END_TEST

START_TEST(carried)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 2);
    eddy_lstm_layers stack = eddy_lstm_layers_new(tape, "m", IN, HID, 2, false, NULL);
    eddy_var all = input(tape, EDDY_SHAPE(6, BATCH, IN), -1, 1),
             chunk = eddy_input(tape, "chunk", EDDY_SHAPE(3, BATCH, IN));
    eddy_layered whole = eddy_unroll_lstm(&stack, all, NULL),
                 r = eddy_unroll_lstm(&stack, chunk, &(eddy_layers_options){ .unroll = { .carry = "s" } });
    OK(tape);
    ck_assert_int_eq(r.carried.count, 4);
    eddy_program *program = eddy_compile(tape, EDDY_LIST(r.outputs), r.carried),
                 *at_once = eddy_compile(tape, EDDY_LIST(whole.outputs, whole.states.items[3]), EDDY_NONE);
    ck_assert(eddy_run(at_once));
    for (int64_t c = 0; c < 2; c++) {
        eddy_set_tensor(chunk, eddy_value(eddy_slice(all, 0, c * 3, c * 3 + 3, 1)));
        ck_assert(eddy_run(program));
        for (int64_t i = 0; i < 3 * BATCH * HID; i++)
            ck_assert(eddy_tensor_flat(eddy_output_tensor(program, r.outputs), i) ==
                      eddy_tensor_flat(eddy_output_tensor(at_once, whole.outputs), c * 3 * BATCH * HID + i));
    }
    for (int64_t i = 0; i < BATCH * HID; i++)
        ck_assert(at(eddy_find(tape, "s.l1.1"), i) ==
                  eddy_tensor_flat(eddy_output_tensor(at_once, whole.states.items[3]), i));
    eddy_lstm_layers both = eddy_lstm_layers_new(tape, "both", IN, HID, 1, true, NULL);
    r = eddy_unroll_lstm(&both, chunk, &(eddy_layers_options){ .bidirectional = true, .unroll = { .carry = "b" } });
    OK(tape);
    ck_assert(r.carried.count == 4 && eddy_find(tape, "b.l0.1").tape && eddy_find(tape, "b.l0_reverse.1").tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 2);
    eddy_lstm_layers stack = eddy_lstm_layers_new(tape, "m", IN, HID, 2, true, NULL),
                     single = eddy_lstm_layers_new(tape, "s", IN, HID, 2, false, NULL);
    eddy_var x = input(tape, EDDY_SHAPE(TIME, BATCH, IN), -1, 1);
    const eddy_cell *cells[] = { &stack.lstm[0].cell, &stack.lstm[1].cell, NULL };
    FAILS(tape, eddy_unroll_layers(cells, 0, x, NULL), "unroll_layers: 0 cells; 1 to 16");
    FAILS(tape, eddy_unroll_layers(cells, 17, x, NULL), "17 cells");
    FAILS(tape, eddy_unroll_layers(NULL, 2, x, NULL), "0 cells");
    FAILS(tape, eddy_unroll_layers(cells, 3, x, NULL), "cell 2 is NULL");
    FAILS(tape, eddy_unroll_layers(cells, 3, x, &(eddy_layers_options){ .bidirectional = true }),
          "3 cells in both directions", "even");
    FAILS(
        tape,
        eddy_unroll_layers(cells, 2, x, &(eddy_layers_options){ .bidirectional = true, .unroll = { .reverse = true } }),
        "exclude each other");
    FAILS(tape, eddy_unroll_layers(cells, 2, x, &(eddy_layers_options){ .dropout = 1 }), "dropout is 1", "[0, 1)");
    FAILS(tape,
          eddy_unroll_layers(cells, 2, x, &(eddy_layers_options){ .bidirectional = true, .merge = (eddy_merge)7 }),
          "7 is no way to merge");
    FAILS(tape, eddy_unroll_lstm(&stack, x, NULL), "was made for both directions");
    FAILS(tape, eddy_unroll_lstm(&single, x, &(eddy_layers_options){ .bidirectional = true }),
          "was made for one direction");
    FAILS(tape, eddy_unroll_lstm(NULL, x, NULL), "0 cells");
    FAILS(tape, eddy_unroll_gru(NULL, x, NULL), "0 cells");
    FAILS(tape, eddy_lstm_layers_new(tape, "q", IN, HID, 9, true, NULL), "9 layers in both directions; 1 to 8");
    FAILS(tape, eddy_gru_layers_new(tape, "q", IN, HID, 0, false, NULL), "0 layers; 1 to 16");
    /* the second cell's input does not fit: the sentence says where */
    cells[1] = &stack.lstm[2].cell;
    eddy_layered r = eddy_unroll_layers(cells, 2, x, NULL);
    check_sentence(tape, "",
                   (const char *[]){ "matmul: shapes (3, 4) and (8, 16)", "step 0 of unroll", "layer 1", NULL });
    ck_assert(!eddy_ok(r.outputs) && !eddy_ok(r.last) && r.states.count == 0);
    ck_assert(!eddy_unroll_layers(cells, 2, (eddy_var){ 0 }, NULL).outputs.tape &&
              eddy_lstm_layers_new(NULL, "x", 1, 1, 1, false, NULL).count == 0);
    eddy_reshape(x, EDDY_SHAPE(7));
    ck_assert_ptr_null(strstr(eddy_error(tape), "in layer"));
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_layers(void)
{
    Suite *suite = suite_create("layers");
    TCase *tests = tcase_create("layers");
    tcase_set_timeout(tests, 200);
    tcase_add_test(tests, as_the_cells_one_by_one);
    tcase_add_test(tests, dropout_between_layers_only);
    tcase_add_test(tests, more_padding_changes_no_bit);
    tcase_add_loop_test(tests, gradients_of_both_orders, 0, 4);
    tcase_add_test(tests, names_are_those_of_pytorch);
    tcase_add_test(tests, merged_stack);
    tcase_add_test(tests, carried);
    tcase_add_test(tests, mistakes);
    suite_add_tcase(suite, tests);
    return suite;
}
