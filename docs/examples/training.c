/* Training is a recording too: the tutorial's model, one program a step. And a Hessian-vector product, which is one
 * line. */
#include <eddy/eddy.h>

#include <stdio.h>

int main(void)
{
    enum { TIME = 20, BATCH = 80 };
    static float xs[TIME][BATCH], ys[BATCH];
    for (int b = 0; b < BATCH; b++)
        for (int t = 0; t <= TIME; t++)
            *(t < TIME ? &xs[t][b] : &ys[b]) = (float)(0.1 * ((3 * b + t) % 31) - 1.5);

    eddy_tape *tape = eddy_tape_new(EDDY_F32, 42);
    eddy_lstm lstm = eddy_lstm_new(tape, "lstm", 1, 64);
    eddy_linear fc = eddy_linear_new(tape, "fc", 64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(TIME, BATCH, 1)),
             y = eddy_input(tape, "y", EDDY_SHAPE(BATCH, 1)); /* time, batch, features */

    eddy_var loss = eddy_mse(eddy_apply(&fc, eddy_unroll(&lstm.cell, x, NULL).last), y);
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);

    eddy_list vectors = eddy_list_new(tape, NULL, params.count);
    for (int64_t i = 0; i < vectors.count; i++)
        vectors.items[i] = eddy_ones_like(params.items[i]);
    eddy_list hessian_vector = eddy_gradients(eddy_dot(grads, vectors), params);
    eddy_var curvature = eddy_dot(hessian_vector, vectors);

    eddy_var norm = eddy_clip_grad_norm(&grads, 0.5);
    eddy_list update = eddy_adam(params, grads, &(eddy_adam_options){ .lr = 1e-3 });

    eddy_program *step = eddy_compile(tape, EDDY_LIST(loss, norm, curvature), update);
    eddy_set(x, xs, sizeof xs);
    eddy_set(y, ys, sizeof ys);
    for (int epoch = 0; epoch < 5 && eddy_run(step); epoch++)
        printf("%d loss %g, gradient norm %g, curvature along (1, 1, ...) %g\n", epoch, eddy_output(step, loss),
               eddy_output(step, norm), eddy_output(step, curvature));
    int status = eddy_error(tape) != NULL;
    if (status)
        fprintf(stderr, "%s\n", eddy_error(tape));
    eddy_tape_free(tape);
    return status;
}
