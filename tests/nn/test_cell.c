/* Unrolling: what a step receives and must leave behind, initial states, names by time step, and the sentences for
 * cells that break the rules. */
#include "recording.h"

typedef enum misdeed { NONE, FORGETS, RESHAPES, NO_OUTPUT, FAILS_ITSELF, SAYS_SO, FOREIGN } misdeed;

/* h' = 0.5 h + x, k' = k + sum h' : two states of different sizes. In step `when` it does something wrong. */
typedef struct toy {
    eddy_cell cell;
    misdeed deed;
    int when;
    int *calls;
    eddy_tape *other;
} toy;

static eddy_var toy_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const toy *t = (const toy *)cell;
    bool now = (*t->calls)++ == t->when;
    eddy_var h = eddy_watch(eddy_add(eddy_mul_scalar(state[0], 0.5), x), "h");
    state[1] = eddy_add(state[1], eddy_sum_over(h, EDDY_SHAPE(1), true));
    state[0] = h;
    eddy_var out = eddy_concat(-1, h, state[1]);
    if (now && t->deed == FORGETS)
        state[1] = (eddy_var){ 0 };
    if (now && t->deed == RESHAPES)
        state[0] = eddy_transpose(h, 0, 1);
    if (now && t->deed == NO_OUTPUT)
        return (eddy_var){ 0 };
    if (now && t->deed == FAILS_ITSELF)
        return eddy_matmul(h, h);
    if (now && t->deed == SAYS_SO)
        return eddy_fail(x.tape, "toy: dislikes its input");
    if (now && t->deed == FOREIGN)
        state[0] = eddy_full(t->other, eddy_shape_of(h), 0);
    return out;
}

static toy toy_new(misdeed deed, int when, int *calls)
{
    return (toy){
        .cell = { .step = toy_step, .states = 2, .state_size = { 3, 1 } }, .deed = deed, .when = when, .calls = calls
    };
}

START_TEST(forward)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    for (int given = 0; given < 2; given++) {
        int calls = 0;
        toy t = toy_new(NONE, 0, &calls);
        eddy_var x = input(tape, EDDY_SHAPE(5, 2, 3), -1, 1),
                 initial[] = { input(tape, EDDY_SHAPE(2, 3), -1, 1), input(tape, EDDY_SHAPE(2, 1), -1, 1) };
        eddy_unrolled r = eddy_unroll(&t.cell, x, given ? &(eddy_unroll_options){ .initial = initial } : NULL);
        OK(tape);
        ck_assert_int_eq(calls, 5);
        ck_assert(has_shape(r.outputs, EDDY_SHAPE(5, 2, 4)) && has_shape(r.last, EDDY_SHAPE(2, 4)) &&
                  has_shape(r.state[0], EDDY_SHAPE(2, 3)) && has_shape(r.state[1], EDDY_SHAPE(2, 1)) &&
                  !r.state[2].tape && !r.state[3].tape);
        check_same(r.last, eddy_select(r.outputs, 0, -1));
        check_same(r.state[0], eddy_slice(r.last, 1, 0, 3, 1));
        check_same(r.state[1], eddy_slice(r.last, 1, 3, 4, 1));
        for (int b = 0; b < 2; b++) {
            double h[3], k = given ? at(initial[1], b) : 0;
            for (int i = 0; i < 3; i++)
                h[i] = given ? at(initial[0], b * 3 + i) : 0;
            for (int s = 0; s < 5; s++) {
                for (int i = 0; i < 3; i++) {
                    h[i] = 0.5 * h[i] + at(x, (s * 2 + b) * 3 + i);
                    ck_assert(at(r.outputs, (s * 2 + b) * 4 + i) == h[i]);
                    ck_assert(at(eddy_watched(tape, "h", s), b * 3 + i) == h[i]);
                }
                k += h[0] + h[1] + h[2];
                check_near(at(r.outputs, (s * 2 + b) * 4 + 3), k, 30, 1);
            }
        }
        ck_assert(!eddy_watched(tape, "h", 5).tape && !eddy_watched(tape, "h", -1).tape);
        if (given)
            check_gradient(weighted(eddy_sin(r.outputs)), EDDY_LIST(x, initial[0], initial[1]), 2);
    }
    /* one step; an empty batch; the tape's other dtype */
    int calls = 0;
    toy t = toy_new(NONE, 0, &calls);
    ck_assert(
        has_shape(eddy_unroll(&t.cell, input(tape, EDDY_SHAPE(1, 2, 3), -1, 1), NULL).outputs, EDDY_SHAPE(1, 2, 4)));
    ck_assert(
        has_shape(eddy_unroll(&t.cell, input(tape, EDDY_SHAPE(4, 0, 3), -1, 1), NULL).outputs, EDDY_SHAPE(4, 0, 4)));
    ck_assert_int_eq(
        eddy_dtype_of(eddy_unroll(&t.cell, input_of(tape, EDDY_F32, EDDY_SHAPE(4, 1, 3), -1, 1), NULL).last), EDDY_F32);
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(cells_that_break_the_rules)
{
    static const struct {
        misdeed deed;
        const char *parts[3];
    } cases[] = { { FORGETS, { "after the step", "left state[1] without a value ({0})", "step 2 of unroll at " } },
                  { RESHAPES,
                    { "after the step", "state[0] has shape (3, 2); the cell's state_size says (2, 3)",
                      "step 2 of unroll at " } },
                  { NO_OUTPUT, { "returned no output ({0})", "step 2 of unroll at ", "" } },
                  { FAILS_ITSELF, { "matmul: shapes (2, 3) and (2, 3)", "step 2 of unroll at ", "" } },
                  { SAYS_SO, { "toy: dislikes its input", "step 2 of unroll at ", "" } },
                  { FOREIGN, { "state[0]", "another tape", "step 2 of unroll at " } } };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1), *other = eddy_tape_new(EDDY_F64, 1);
        int calls = 0;
        toy t = toy_new(cases[c].deed, 2, &calls);
        t.other = other;
        eddy_var x = input(tape, EDDY_SHAPE(5, 2, 3), -1, 1);
        eddy_unrolled r = eddy_unroll(&t.cell, x, NULL);
        ck_assert_int_eq(calls, 3); /* and not called again */
        check_sentence(
            tape, "",
            (const char *[]){ cases[c].parts[0], cases[c].parts[1], cases[c].parts[2], "test_cell.c:", NULL });
        ck_assert(!eddy_ok(r.outputs) && !eddy_ok(r.last) && !eddy_ok(r.state[0]) && !eddy_ok(r.state[3]));
        /* the scopes are closed again */
        eddy_reshape(x, EDDY_SHAPE(7));
        ck_assert_ptr_null(strstr(eddy_error(tape), "unroll"));
        eddy_tape_free(tape);
        eddy_tape_free(other);
    }
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    int calls = 0;
    toy t = toy_new(NONE, 0, &calls);
    eddy_cell sizeless = { .step = toy_step, .states = 2 }, none = { .step = toy_step, .state_size = { 3 } },
              empty = { .states = 1, .state_size = { 3 } },
              negative = { .step = toy_step, .states = 3, .state_size = { 3, -2 } };
    eddy_var x = input(tape, EDDY_SHAPE(5, 2, 3), -1, 1), good = eddy_full(tape, EDDY_SHAPE(2, 3), 0),
             bad = eddy_full(tape, EDDY_SHAPE(2, 2), 0);
    FAILS(tape, eddy_unroll(NULL, x, NULL), "unroll: the cell is NULL");
    FAILS(tape, eddy_unroll(&sizeless, x, NULL), "unroll: the cell's state_size[0] is 0; at least 1 is needed");
    FAILS(tape, eddy_unroll(&negative, x, NULL), "unroll: the cell's state_size[1] is -2");
    FAILS(tape, eddy_unroll(&none, x, NULL), "unroll: the cell has no states");
    FAILS(tape, eddy_unroll(&empty, x, NULL), "unroll: the cell has no step function");
    FAILS(tape, eddy_steps_done(tape), "steps_done: no step of eddy_unroll is being recorded");
    FAILS(tape, eddy_unroll(&t.cell, good, NULL),
          "unroll: the input has shape (2, 3); (time, batch, input) with at least one step is needed");
    FAILS(tape, eddy_unroll(&t.cell, eddy_full(tape, EDDY_SHAPE(0, 2, 3), 0), NULL),
          "unroll: the input has shape (0, 2, 3)");
    FAILS(tape, eddy_unroll(&t.cell, x, &(eddy_unroll_options){ .initial = (eddy_var[]){ good, bad } }),
          "at the start, state[1] has shape (2, 2); the cell's state_size says (2, 1)");
    FAILS(tape, eddy_unroll(&t.cell, x, &(eddy_unroll_options){ .initial = (eddy_var[]){ good, { 0 } } }),
          "at the start", "state[1]", "{0}");
    ck_assert_int_eq(calls, 0);
    FAILS(tape, eddy_unroll(&t.cell, (eddy_var){ tape, 999, 0 }, NULL), "unroll: the input");
    ck_assert(!eddy_unroll(&t.cell, (eddy_var){ 0 }, NULL).last.tape);
    /* a scope of the user's is still open afterwards */
    eddy_scope_push(tape, "user.c:3", "mine", -1);
    eddy_unroll(&t.cell, good, NULL);
    eddy_clear_error(tape);
    eddy_reshape(x, EDDY_SHAPE(7));
    check_sentence(tape, "", (const char *[]){ "(in mine at user.c:3)", NULL });
    eddy_scope_pop(tape);
    eddy_tape_free(tape);
}
END_TEST

/* A delay line of 12 states: each takes over what the one before held, the last two are one element wide. */
enum { LINE = 12, WIDE = 10 };

static eddy_var line_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    eddy_var out = state[cell->states - 1];
    for (int i = cell->states - 1; i > 0; i--)
        state[i] = i == WIDE ? eddy_slice(state[i - 1], 1, 0, 1, 1) : eddy_add_scalar(state[i - 1], 0);
    state[0] = x;
    return out;
}

START_TEST(many_states)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    /* Sizes beyond the array go on with its last one. */
    eddy_cell line = { .step = line_step, .states = LINE, .state_size = { 3 } };
    eddy_var x = input(tape, EDDY_SHAPE(LINE + 2, 2, 3), -1, 1);
    FAILS(tape, eddy_unroll(&line, x, NULL).outputs, "state[10] has shape (2, 1); the cell's state_size says (2, 3)");
    eddy_cell all = { .step = line_step, .states = WIDE, .state_size = { 3 } };
    eddy_unrolled r = eddy_unroll(&all, x, NULL);
    OK(tape);
    ck_assert(r.states.count == WIDE && eddy_same(r.states.items[0], r.state[0]) &&
              eddy_same(r.states.items[7], r.state[7]));
    for (int i = 0; i < WIDE; i++)
        check_same(r.states.items[i], eddy_select(x, 0, LINE + 1 - i));
    check_same(eddy_select(r.outputs, 0, WIDE), eddy_select(x, 0, 0));
    eddy_unrolled again = eddy_unroll(&all, x, &(eddy_unroll_options){ .initial = r.states.items, .carry = "line" });
    OK(tape);
    ck_assert(again.carried.count == WIDE && eddy_find(tape, "line.9").tape);
    check_same(eddy_select(again.outputs, 0, 0), r.states.items[WIDE - 1]);
    eddy_list g = eddy_gradients(eddy_sum(eddy_square(r.states.items[8])), EDDY_LIST(x));
    ck_assert(at(g.items[0], (LINE + 1 - 8) * 6) == 2 * at(x, (LINE + 1 - 8) * 6) && at(g.items[0], 0) == 0);
    eddy_tape_free(tape);
}
END_TEST

/* Puts out [how many steps are done, the step's index]; unrolls another cell in its last step. */
typedef struct clock {
    eddy_cell cell;
    const eddy_cell *inner;
} clock_cell;

static eddy_var clock_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const clock_cell *m = (const clock_cell *)cell;
    eddy_tape *tape = x.tape;
    if (m->inner)
        state[0] = eddy_unroll(m->inner, eddy_unsqueeze(x, 0), &(eddy_unroll_options){ .initial = state }).last;
    else
        state[0] = eddy_add(state[0], x);
    eddy_var index = eddy_full(tape, EDDY_SHAPE(eddy_size(x, 0), 1), (double)eddy_step_index(tape));
    return m->inner ? eddy_concat(-1, eddy_steps_done(tape), index) : state[0];
}

START_TEST(steps_are_counted)
{
    enum { T = 4, B = 3 };
    const double length[B] = { 3, 0, 4 };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(T, B, 1), -1, 1), n = constant(tape, EDDY_I64, EDDY_SHAPE(B), length);
    clock_cell inner = { .cell = { .step = clock_step, .states = 1, .state_size = { 1 } } },
               m = { .cell = inner.cell, .inner = &inner.cell };
    ck_assert_int_eq(eddy_step_index(tape), -1);
    ck_assert_int_eq(eddy_step_index(NULL), -1);
    for (int way = 0; way < 4; way++) {
        bool reverse = way & 1, lengths = way & 2;
        eddy_unroll_options o = { .reverse = reverse, .lengths = lengths ? n : (eddy_var){ 0 } };
        eddy_var out = eddy_unroll(&m.cell, x, &o).outputs;
        OK(tape);
        for (int t = 0; t < T; t++)
            for (int b = 0; b < B; b++) {
                double own = lengths ? length[b] : T;
                bool seen = t < own;
                ck_assert_double_eq(at(out, (t * B + b) * 2), !seen ? 0 : reverse ? own - 1 - t : t);
                ck_assert_double_eq(at(out, (t * B + b) * 2 + 1), seen ? t : 0);
            }
    }
    ck_assert_int_eq(eddy_step_index(tape), -1);
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_cell(void)
{
    Suite *suite = suite_create("cell");
    TCase *tests = tcase_create("cell");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, forward);
    tcase_add_test(tests, cells_that_break_the_rules);
    tcase_add_test(tests, mistakes);
    tcase_add_test(tests, many_states);
    tcase_add_test(tests, steps_are_counted);
    suite_add_tcase(suite, tests);
    return suite;
}
