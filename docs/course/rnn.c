/* Exercise: the backward pass of a plain recurrent network, by hand.
 *
 *     h_t = tanh(W h_{t-1} + U x_t + b),  t = 1 .. T,     L = 1/2 sum over t, sequences and units of h_t^2
 *
 * A batch is a matrix whose rows are sequences. Derive on paper first: docs/book/flow.md, `eddy exercise flow-3` and
 * `flow-4`. Then fill in backward() and run:
 *
 *     cc rnn.c $(pkg-config --cflags --libs eddy) -lm && ./a.out
 */
#include "course.h"

enum { T = 4, B = 2, I = 2, H = 3 };

static void backward(void *context, int64_t count, const eddy_tensor *const values[], const eddy_tensor gradients[])
{
    (void)context, (void)count;
    const double(*x)[B][I] = values[0]->data; /* x[t][b][i] */
    const double(*h0)[H] = values[1]->data;
    const double(*W)[H] = values[2]->data, (*U)[I] = values[3]->data, *b = values[4]->data;
    double(*dx)[B][I] = gradients[0].data;
    double(*dh0)[H] = gradients[1].data;
    double(*dW)[H] = gradients[2].data, (*dU)[I] = gradients[3].data, *db = gradients[4].data;

    double h[T + 1][B][H]; /* h[0] is the initial state */
    for (int s = 0; s < B; s++)
        for (int j = 0; j < H; j++)
            h[0][s][j] = h0[s][j];
    for (int t = 0; t < T; t++)
        for (int s = 0; s < B; s++)
            for (int j = 0; j < H; j++) {
                double a = b[j];
                for (int k = 0; k < H; k++)
                    a += W[j][k] * h[t][s][k];
                for (int i = 0; i < I; i++)
                    a += U[j][i] * x[t][s][i];
                h[t + 1][s][j] = tanh(a);
            }

    /* ---- Yours: from h, write dx, dh0, dW, dU and db ---- */
    (void)dx, (void)dh0, (void)dW, (void)dU, (void)db;
    /* ---- to here ---- */
}

int main(void)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(T, B, I)), h0 = eddy_input(tape, "h0", EDDY_SHAPE(B, H));
    eddy_var W = eddy_input(tape, "W", EDDY_SHAPE(H, H)), U = eddy_input(tape, "U", EDDY_SHAPE(H, I));
    eddy_var b = eddy_input(tape, "b", EDDY_SHAPE(H));
    eddy_var h = h0, loss = { 0 };
    for (int t = 0; t < T; t++) {
        eddy_var a = eddy_add(eddy_matmul(h, eddy_transpose(W, 0, 1)),
                              eddy_matmul(eddy_select(x, 0, t), eddy_transpose(U, 0, 1)));
        h = eddy_tanh(eddy_add(a, b));
        eddy_var part = eddy_mul_scalar(eddy_sum(eddy_square(h)), 0.5);
        loss = t ? eddy_add(loss, part) : part;
    }
    int result = course_check(tape, loss, EDDY_LIST(x, h0, W, U, b), backward);
    eddy_tape_free(tape);
    return result;
}
