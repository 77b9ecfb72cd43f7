/* Exercise: a cell of your own. Complete own_step(); the program checks its gradients, trains it to remember the sign
 * of the first input over ten steps of noise, and trains an LSTM of the same size beside it.
 *
 * You have two affine maps of [h, x] to try: gate and candidate. There is no backward pass to write: the tape has it.
 * docs/writing-a-cell.md; `eddy exercise flow-6` asks for the formulas.
 *
 *     cc own_cell.c $(pkg-config --cflags --libs eddy) -lm && ./a.out
 */
#include "course.h"

enum { TIME = 10, BATCH = 32, HIDDEN = 12, RUNS = 300 };

typedef struct own {
    eddy_cell cell;
    eddy_linear gate, candidate; /* from [h, x], HIDDEN + inputs, to HIDDEN */
} own;

static eddy_var own_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const own *o = (const own *)cell;
    eddy_var h = state[0], next = eddy_add_scalar(h, 0);
    /* ---- Yours: from h and x, the next hidden state ---- */
    (void)o, (void)x;
    /* ---- to here ---- */
    return state[0] = next;
}

static own own_new(eddy_tape *tape, int64_t input, int64_t hidden)
{
    return (own){ .cell = { .step = own_step, .states = 1, .state_size = { hidden } },
                  .gate = eddy_linear_new(tape, "gate", hidden + input, hidden),
                  .candidate = eddy_linear_new(tape, "candidate", hidden + input, hidden) };
}

/* Are the gradients right, and does the cell read its input at all? */
static bool check(void)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    own o = own_new(tape, 2, 3);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(4, 2, 2)), h0 = eddy_input(tape, "h0", EDDY_SHAPE(2, 3));
    eddy_var outputs = eddy_unroll(&o.cell, x, &(eddy_unroll_options){ .initial = &h0 }).outputs;
    eddy_gradcheck_report report;
    bool good = eddy_gradcheck(eddy_sum(eddy_square(outputs)), EDDY_LIST(x, h0), NULL, &report), reads = false;
    if (!good) {
        fprintf(stderr, "%s\n", eddy_error(tape));
    } else {
        for (int64_t i = 0; i < report.count; i++)
            reads |= report.elements[i].leaf == 0 && report.elements[i].claimed != 0;
        good = reads && report.verdict == EDDY_AGREE;
        printf("%s\n", reads ? report.message : "The cell is missing: own_step() does not read its input yet.");
        eddy_gradcheck_free(&report);
    }
    eddy_tape_free(tape);
    return good;
}

/* The loss over the last fifty of the training's steps; NaN after a mistake. */
static double train(bool mine)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 42);
    own o;
    eddy_lstm lstm;
    const eddy_cell *cell = &o.cell;
    if (mine) {
        o = own_new(tape, 1, HIDDEN);
    } else {
        lstm = eddy_lstm_new(tape, "lstm", 1, HIDDEN);
        cell = &lstm.cell;
    }
    eddy_linear head = eddy_linear_new(tape, "head", HIDDEN, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(TIME, BATCH, 1)), y = eddy_input(tape, "y", EDDY_SHAPE(BATCH, 1));
    eddy_var loss = eddy_mse(eddy_apply(&head, eddy_unroll(cell, x, NULL).last), y);
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
    eddy_clip_grad_norm(&grads, 1.0);
    eddy_program *step =
        eddy_compile(tape, EDDY_LIST(loss), eddy_adam(params, grads, &(eddy_adam_options){ .lr = 1e-2 }));
    float xs[TIME][BATCH], ys[BATCH];
    double sum = 0;
    for (int i = 0; i < RUNS && !eddy_error(tape); i++) {
        for (int k = 0; k < TIME * BATCH; k++)
            xs[k / BATCH][k % BATCH] =
                (float)eddy_random_normal((eddy_random){ .seed = 3 }, (uint64_t)(i * TIME * BATCH + k));
        for (int b = 0; b < BATCH; b++)
            ys[b] = xs[0][b] > 0 ? 1 : -1;
        eddy_set(x, xs, sizeof xs);
        eddy_set(y, ys, sizeof ys);
        if (!eddy_run(step))
            break;
        sum += i < RUNS - 50 ? 0 : eddy_output(step, loss) / 50;
    }
    if (eddy_error(tape)) {
        fprintf(stderr, "%s\n", eddy_error(tape));
        sum = NAN;
    }
    eddy_tape_free(tape);
    return sum;
}

int main(void)
{
    if (!check())
        return 1;
    double yours = train(true), lstm = train(false);
    printf("loss after %d steps of training (1 is guessing): your cell %.3f, LSTM %.3f\n", RUNS, yours, lstm);
    return isfinite(yours) && isfinite(lstm) ? 0 : 1;
}
