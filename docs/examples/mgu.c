/* The cell of mgu.h learns to remember: after 12 steps of noise it must tell the sign of the first input. Gradcheck
 * first, then training. */
#include "mgu.h"

#include <stdio.h>

/* A loss on every output and the final state, from random initial states: sizes that no wrong derivative can hide
 * behind. */
static bool check(void)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    mgu cell = mgu_new(tape, "mgu", 3, 4);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(5, 2, 3)), h0 = eddy_input(tape, "h0", EDDY_SHAPE(2, 4));
    eddy_unrolled run = eddy_unroll(&cell.cell, x, &(eddy_unroll_options){ .initial = &h0 });
    eddy_var loss = eddy_add(eddy_sum(eddy_square(run.outputs)), eddy_sum(eddy_sin(run.state[0])));
    eddy_gradcheck_report report;
    bool good = eddy_gradcheck(loss, eddy_list_join(tape, eddy_parameters(tape), EDDY_LIST(x, h0)), NULL, &report);
    if (good) {
        printf("gradcheck, first and second order: %s\n", report.message);
        good = report.verdict == EDDY_AGREE;
        eddy_gradcheck_free(&report);
    } else {
        fprintf(stderr, "%s\n", eddy_error(tape));
    }
    eddy_tape_free(tape);
    return good;
}

static bool train(void)
{
    enum { TIME = 12, BATCH = 64 };
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 42);
    mgu cell = mgu_new(tape, "mgu", 1, 16);
    eddy_linear head = eddy_linear_new(tape, "head", 16, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(TIME, BATCH, 1)), y = eddy_input(tape, "y", EDDY_SHAPE(BATCH, 1));

    eddy_var loss = eddy_mse(eddy_apply(&head, eddy_unroll(&cell.cell, x, NULL).last), y);
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
    eddy_clip_grad_norm(&grads, 1.0);
    eddy_program *step =
        eddy_compile(tape, EDDY_LIST(loss), eddy_adam(params, grads, &(eddy_adam_options){ .lr = 1e-2 }));

    float xs[TIME][BATCH], ys[BATCH];
    double first = 0, last = 0;
    for (int i = 0; i < 300 && !eddy_error(tape); i++) {
        for (int t = 0; t < TIME; t++)
            for (int b = 0; b < BATCH; b++)
                xs[t][b] =
                    (float)eddy_random_normal((eddy_random){ .seed = 7 }, (uint64_t)((i * TIME + t) * BATCH + b));
        for (int b = 0; b < BATCH; b++)
            ys[b] = xs[0][b] > 0 ? 1 : -1;
        eddy_set(x, xs, sizeof xs);
        eddy_set(y, ys, sizeof ys);
        if (!eddy_run(step))
            break;
        last = eddy_output(step, loss);
        first = i ? first : last;
    }
    if (eddy_error(tape))
        fprintf(stderr, "%s\n", eddy_error(tape));
    else
        printf("loss %.3f -> %.3f\n", first, last);
    bool good = !eddy_error(tape) && last < 0.5 * first;
    eddy_tape_free(tape);
    return good;
}

int main(void)
{
    return check() && train() ? 0 : 1;
}
