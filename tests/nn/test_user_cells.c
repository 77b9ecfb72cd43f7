/* Cells that users wrote: sixteen from the literature, each a few lines of the public header, and each goes through
 * what the built-in ones go through: gradients of both orders against numerical ones, other lengths, reverse, stacks,
 * and a compiled program with the same bits. */
#include "recording.h"
#include "user_cells_memory.h"

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
    bool right = eddy_gradcheck(loss, leaves, &(eddy_gradcheck_options){ .order = order }, &report);
    ck_assert_msg(!eddy_error(loss.tape), "%s: %s", name, eddy_error(loss.tape));
    ck_assert_msg(right && report.compared > 20, "%s: %s", name, report.message);
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

/* Lengths and both directions, in a program too. */
START_TEST(as_the_built_in_ones)
{
    for (int reverse = 0; reverse < 2; reverse++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 7);
        any_cell m;
        cells[_i].make(tape, &m);
        eddy_list leaves;
        eddy_var x = input(tape, EDDY_SHAPE(TIME, BATCH, cells[_i].width), -1, 1), n = INDICES(tape, 3, 2);
        eddy_var loss =
            loss_of(&m.cell, x, (eddy_unroll_options){ .lengths = n, .reverse = reverse, .checkpoint = 2 }, &leaves);
        check_right(cells[_i].name, loss, leaves, 1);
        eddy_list grads = eddy_gradients(loss, leaves);
        eddy_program *program = eddy_compile(tape, eddy_list_join(tape, EDDY_LIST(loss), grads), EDDY_NONE);
        ck_assert_msg(eddy_run(program), "%s: %s", cells[_i].name, eddy_error(tape));
        ck_assert(same_bits(eddy_output(program, loss), eddy_item(loss)));
        for (int64_t k = 0; k < grads.count; k++) {
            const eddy_tensor *g = eddy_output_tensor(program, grads.items[k]);
            for (int64_t e = 0; e < count_of(grads.items[k]); e++)
                ck_assert_msg(same_bits(eddy_tensor_flat(g, e), at(grads.items[k], e)), "%s: gradient %d of a program",
                              cells[_i].name, (int)k);
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
    suite_add_tcase(suite, tests);
    return suite;
}
