/* Cells that users wrote: sixteen from the literature, each a few lines of the public header, and each goes through
 * what the built-in ones go through: gradients of both orders against numerical ones, other lengths, reverse, stacks,
 * and a compiled program with the same bits. */
#include "recording.h"
#include "user_cells_memory.h"

#include <stdlib.h>

enum { TIME = 3, BATCH = 2, MOST_STATES = 4 };

typedef union any_cell {
    eddy_cell cell;
    indrnn indrnn;
    sru sru;
    qrnn qrnn;
    minimal minimal;
    mullstm mullstm;
    nested nested;
    rhn rhn;
    mlstm mlstm;
    convlstm convlstm;
    clockwork clockwork;
    phased phased;
    lru lru;
    lem lem;
} any_cell;

#define CELL(name, member, width)                                                                                      \
    static void make_##name(eddy_tape *tape, any_cell *out)                                                            \
    {                                                                                                                  \
        out->member = name##_new(tape);                                                                                \
    }
#include "user_cells.def"
#undef CELL

static const struct {
    const char *name;
    void (*make)(eddy_tape *tape, any_cell *out);
    int64_t width; /* of the input */
} cells[] = {
#define CELL(name, member, width) { #name, make_##name, width },
#include "user_cells.def"
#undef CELL
};
enum { CELLS = sizeof cells / sizeof *cells };

static eddy_var loss_of(const eddy_cell *cell, eddy_var x, eddy_unroll_options o, eddy_list *leaves)
{
    eddy_tape *tape = x.tape;
    eddy_var initial[MOST_STATES];
    for (int i = 0, k = 0; i < cell->states; i++) {
        k = cell->state_size[i] ? i : k;
        initial[i] = input(tape, EDDY_SHAPE(BATCH, cell->state_size[k]), 0.3, 0.9);
    }
    o.initial = initial;
    eddy_unrolled r = eddy_unroll(cell, x, &o);
    eddy_var loss = weighted(r.outputs);
    for (int i = 0; i < cell->states; i++)
        loss = eddy_add(loss, weighted(eddy_sin(r.states.items[i])));
    eddy_list given = eddy_list_new(tape, initial, cell->states);
    *leaves = eddy_list_join(tape, eddy_parameters(tape), eddy_list_join(tape, EDDY_LIST(x), given));
    return loss;
}

static void check_right(const char *name, eddy_var loss, eddy_list leaves, int order)
{
    eddy_gradcheck_report report;
    int64_t most = test_every() > 1 ? 3 : 0; /* the same program runs for each element */
    bool right =
        eddy_gradcheck(loss, leaves, &(eddy_gradcheck_options){ .order = order, .max_elements = most }, &report);
    ck_assert_msg(!eddy_error(loss.tape), "%s: %s", name, eddy_error(loss.tape));
    ck_assert_msg(right && report.compared > (most ? 5 : 20), "%s: %s", name, report.message);
    eddy_gradcheck_free(&report);
}

START_TEST(gradients_of_both_orders)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 7);
    any_cell m;
    cells[_i].make(tape, &m);
    eddy_list leaves;
    eddy_var x = input(tape, EDDY_SHAPE(TIME, BATCH, cells[_i].width), -1, 1);
    check_right(cells[_i].name, loss_of(&m.cell, x, (eddy_unroll_options){ 0 }, &leaves), leaves, 2);
    eddy_tape_free(tape);
}
END_TEST

static bool close_to(double a, double b)
{
    return fabs(a - b) <= 1e-13 * (1 + fabs(b));
}

/* Each pass alone, all, all but one, and none: what does not join sums leaves every bit as the interpreter computes it.
 */
START_TEST(under_every_pass)
{
    int passes = 0;
    while (eddy_pass_at(passes).name)
        passes++;
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 7);
    any_cell m;
    cells[_i].make(tape, &m);
    eddy_list leaves;
    eddy_var x = input(tape, EDDY_SHAPE(TIME, BATCH, cells[_i].width), -1, 1), n = INDICES(tape, 3, 2);
    eddy_var loss = loss_of(&m.cell, x, (eddy_unroll_options){ .lengths = n }, &leaves);
    eddy_list outputs = eddy_list_join(tape, EDDY_LIST(loss), eddy_gradients(loss, leaves));
    int every = test_every() > 1 ? 4 : 1; /* every cell and every pass, not each pair of them */
    for (int way = _i % every; way < 3 + 2 * passes; way += every) {
        char switches[80] = "-join,-gather";
        if (way > 0)
            snprintf(switches, sizeof switches,
                     way == 1           ? "-all"
                     : way == 2         ? "+all"
                     : way < 3 + passes ? "-all,+%s"
                                        : "-%s",
                     way > 2 ? eddy_pass_at((way - 3) % passes).name : "");
        bool joins = way == 2 || way >= 3 + passes || strstr(switches, "+join") || strstr(switches, "+gather");
        ck_assert_int_eq(setenv("EDDY_PASSES", switches, 1), 0);
        ck_assert_int_eq(setenv("EDDY_THREADS", way % 2 ? "+3" : "1", 1), 0);
        eddy_program *program = eddy_compile(tape, outputs, EDDY_NONE);
        unsetenv("EDDY_PASSES");
        unsetenv("EDDY_THREADS");
        ck_assert_msg(eddy_run(program), "%s: %s", cells[_i].name, eddy_error(tape));
        for (int64_t k = 0; k < outputs.count; k++)
            for (int64_t e = 0; e < count_of(outputs.items[k]); e++) {
                double planned = eddy_tensor_flat(eddy_output_tensor(program, outputs.items[k]), e),
                       interpreted = at(outputs.items[k], e);
                ck_assert_msg(joins ? close_to(planned, interpreted) : same_bits(planned, interpreted),
                              "%s, EDDY_PASSES=%s, output %d: %.17g and %.17g", cells[_i].name, switches, (int)k,
                              planned, interpreted);
            }
        eddy_program_free(program);
    }
    eddy_tape_free(tape);
}
END_TEST

/* Lengths and both directions, in a program too. */
START_TEST(as_the_built_in_ones)
{
    for (int reverse = 0; reverse < 2; reverse++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 7);
        any_cell m;
        cells[_i].make(tape, &m);
        eddy_list leaves;
        eddy_var x = input(tape, EDDY_SHAPE(TIME, BATCH, cells[_i].width), -1, 1), n = INDICES(tape, 3, 2);
        const uint64_t from = draws;
        eddy_var loss =
            loss_of(&m.cell, x, (eddy_unroll_options){ .lengths = n, .reverse = reverse, .checkpoint = 2 }, &leaves);
        check_right(cells[_i].name, loss, leaves, 1);
        eddy_list grads = eddy_gradients(loss, leaves);
        eddy_program *program = eddy_compile(tape, eddy_list_join(tape, EDDY_LIST(loss), grads), EDDY_NONE);
        ck_assert_msg(eddy_run(program), "%s: %s", cells[_i].name, eddy_error(tape));
        eddy_list same_leaves;
        draws = from;
        eddy_var plain = loss_of(&m.cell, x, (eddy_unroll_options){ .lengths = n, .reverse = reverse }, &same_leaves);
        eddy_list plain_grads = eddy_gradients(plain, same_leaves);
        eddy_program *unmarked = eddy_compile(tape, eddy_list_join(tape, EDDY_LIST(plain), plain_grads), EDDY_NONE);
        ck_assert_msg(eddy_run(unmarked), "%s: %s", cells[_i].name, eddy_error(tape));
        /* a checkpoint changes no bit; a sum that is one chain may round elsewhere than the interpreter's */
        ck_assert(same_bits(eddy_output(program, loss), eddy_output(unmarked, plain)));
        ck_assert(close_to(eddy_output(program, loss), eddy_item(loss)));
        for (int64_t k = 0; k < grads.count; k++) {
            const eddy_tensor *g = eddy_output_tensor(program, grads.items[k]),
                              *h = eddy_output_tensor(unmarked, plain_grads.items[k]);
            for (int64_t e = 0; e < count_of(grads.items[k]); e++) {
                ck_assert_msg(same_bits(eddy_tensor_flat(g, e), eddy_tensor_flat(h, e)),
                              "%s: gradient %d of a program with checkpoints", cells[_i].name, (int)k);
                ck_assert_msg(close_to(eddy_tensor_flat(g, e), at(grads.items[k], e)), "%s: gradient %d of a program",
                              cells[_i].name, (int)k);
            }
        }
        eddy_tape_free(tape);
    }
}
END_TEST

Suite *suite_user_cells(void)
{
    Suite *suite = suite_create("user_cells");
    TCase *tests = tcase_create("user_cells");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, gradients_of_both_orders, 0, CELLS);
    tcase_add_loop_test(tests, as_the_built_in_ones, 0, CELLS);
    tcase_add_loop_test(tests, under_every_pass, 0, CELLS);
    suite_add_tcase(suite, tests);
    return suite;
}
