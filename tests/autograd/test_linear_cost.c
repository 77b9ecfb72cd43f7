/* Everything is linear in the number of nodes: nodes and bytes of recordings of T and 10 T steps. No clock is asked, so
 * that a busy machine cannot fail. */
#include "test.h"
#include "count.h"

#include <eddy/eddy.h>
#include <math.h>

typedef struct cost {
    double nodes, bytes, living; /* recorded; asked for at most; after all was computed */
    double program_nodes, program_bytes, value;
} cost;

static count counter;

/* d/dx of sum over t of sum(x[t] * x[t]) */
static cost slices(int64_t T)
{
    count_install(&counter);
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(T, 3));
    double *data = calloc((size_t)T * 3, sizeof *data), worst = 0;
    for (int64_t k = 0; k < 3 * T; k++)
        data[k] = (double)(k % 17) - 8;
    eddy_set(x, data, (size_t)T * 3 * sizeof *data);
    eddy_list terms = eddy_list_new(tape, NULL, T);
    for (int64_t t = 0; t < T; t++) {
        eddy_var row = eddy_select(x, 0, t);
        terms.items[t] = eddy_sum(eddy_mul(row, row));
    }
    eddy_var gradient = eddy_gradients(eddy_sum_list(terms), EDDY_LIST(x)).items[0];
    cost c = { .nodes = (double)eddy_node_count(tape), .bytes = (double)counter.peak };
    eddy_program *program = eddy_compile(tape, EDDY_LIST(gradient), EDDY_NONE);
    ck_assert_msg(eddy_run(program), "%s", eddy_error(tape));
    const eddy_tensor *ways[] = { eddy_output_tensor(program, gradient), eddy_value(gradient) };
    for (int way = 0; way < 2; way++) {
        ck_assert_ptr_nonnull(ways[way]);
        for (int64_t k = 0; k < 3 * T; k++)
            worst = fmax(worst, fabs(eddy_tensor_flat(ways[way], k) - 2 * data[k]));
    }
    ck_assert_double_eq(worst, 0);
    c.living = (double)counter.living;
    c.program_nodes = (double)eddy_program_describe(program).nodes;
    c.program_bytes = (double)eddy_program_describe(program).bytes;
    free(data);
    eddy_tape_free(tape);
    eddy_set_allocator(NULL);
    ck_assert_uint_eq(counter.living, 0);
    return c;
}

/* One training step of LSTM and linear layer over T steps of 2 sequences. */
static cost lstm(int64_t T)
{
    count_install(&counter);
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_lstm cell = eddy_lstm_new(tape, "lstm", 3, 4);
    eddy_linear fc = eddy_linear_new(tape, "fc", 4, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(T, 2, 3)), y = eddy_input(tape, "y", EDDY_SHAPE(T, 2, 1));
    eddy_var loss = eddy_mse(eddy_apply(&fc, eddy_unroll(&cell.cell, x, NULL).outputs), y);
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
    eddy_var norm = eddy_clip_grad_norm(&grads, 0.5);
    cost c = { .nodes = (double)eddy_node_count(tape), .bytes = (double)counter.peak };
    eddy_program *step = eddy_compile(tape, EDDY_LIST(loss, norm), eddy_adam(params, grads, NULL));
    ck_assert_msg(step != NULL, "%s", eddy_error(tape));
    eddy_set_item(x, 0.5);
    eddy_set_item(y, 0.25);
    double first = NAN, interpreted = eddy_item(loss);
    for (int k = 0; k < 3; k++) {
        ck_assert_msg(eddy_run(step), "%s", eddy_error(tape));
        first = k ? first : eddy_output(step, loss);
    }
    ck_assert_msg(fabs(first - interpreted) <= 1e-5 * first, "%g against %g", first, interpreted);
    ck_assert_double_lt(eddy_output(step, loss), first);
    c.living = (double)counter.living;
    c.program_nodes = (double)eddy_program_describe(step).nodes;
    c.program_bytes = (double)eddy_program_describe(step).bytes;
    eddy_tape_free(tape);
    eddy_set_allocator(NULL);
    ck_assert_uint_eq(counter.living, 0);
    return c;
}

static void grows(const char *what, double small, double large, double factor)
{
    double ratio = large / small;
    printf("%s: %.0f, %.0f (%.2f times)\n", what, small, large, ratio);
    ck_assert_msg(ratio < 1.2 * factor && ratio >= 1, "%s grow %.2f times where the work grows %.0f times", what, ratio,
                  factor);
}

static void compare(const char *name, cost small, cost large, double factor)
{
    printf("%s\n", name);
    grows("  nodes", small.nodes, large.nodes, factor);
    grows("  bytes asked for while recording", small.bytes, large.bytes, factor);
    grows("  bytes after compiling and running", small.living, large.living, factor);
    /* may be as many for any T: the planner makes one call of what belongs together */
    grows("  nodes of the program", small.program_nodes, large.program_nodes, factor);
    grows("  bytes of the program's values", small.program_bytes, large.program_bytes, factor);
}

START_TEST(slices_of_one_tensor)
{
    compare("gradient through T slices, T = 1000, 10000", slices(1000), slices(10000), 10);
}
END_TEST

START_TEST(unrolled_lstm)
{
    compare("LSTM training step, T = 200, 2000", lstm(200), lstm(2000), 10);
}
END_TEST

/* The second derivative is a recording like the first. */
START_TEST(second_derivative)
{
    double nodes[2];
    for (int k = 0; k < 2; k++) {
        int64_t T = k ? 400 : 40;
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_lstm cell = eddy_lstm_new(tape, "lstm", 2, 2);
        eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(T, 1, 2));
        eddy_list params = eddy_parameters(tape);
        eddy_list hvp = eddy_hvp(eddy_sum(eddy_unroll(&cell.cell, x, NULL).outputs), params, params);
        ck_assert_msg(eddy_ok(hvp.items[0]), "%s", eddy_error(tape));
        nodes[k] = (double)eddy_node_count(tape);
        eddy_tape_free(tape);
    }
    grows("Hessian-vector product of an LSTM, T = 40, 400: nodes", nodes[0], nodes[1], 10);
}
END_TEST

Suite *suite_linear_cost(void)
{
    Suite *suite = suite_create("linear_cost");
    TCase *cases = tcase_create("growth");
    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, slices_of_one_tensor);
    tcase_add_test(cases, unrolled_lstm);
    tcase_add_test(cases, second_derivative);
    suite_add_tcase(suite, cases);
    return suite;
}
