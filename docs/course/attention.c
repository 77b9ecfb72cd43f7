/* Exercise: the backward pass of additive attention, by hand.
 *
 *     e_t = v . tanh(W s + U h_t)      a = softmax of e over t      c = sum over t of a_t h_t      L = 1/2 sum of c^2
 *
 * One sequence of T states h_t, one query s. docs/book/attention.md, `eddy exercise`.
 *
 *     cc attention.c $(pkg-config --cflags --libs eddy) -lm && ./a.out
 */
#include "course.h"

enum { T = 4, H = 3, S = 2, A = 3 };

static void backward(void *context, int64_t count, const eddy_tensor *const values[], const eddy_tensor gradients[])
{
    (void)context, (void)count;
    const double(*h)[H] = values[0]->data, *s = values[1]->data; /* h[t][k] */
    const double(*W)[S] = values[2]->data, (*U)[H] = values[3]->data, *v = values[4]->data;
    double(*dh)[H] = gradients[0].data, *ds = gradients[1].data;
    double(*dW)[S] = gradients[2].data, (*dU)[H] = gradients[3].data, *dv = gradients[4].data;

    double u[T][A], a[T], c[H] = { 0 }, sum = 0; /* u_t = tanh(W s + U h_t) */
    for (int t = 0; t < T; t++) {
        double e = 0;
        for (int j = 0; j < A; j++) {
            double z = 0;
            for (int k = 0; k < S; k++)
                z += W[j][k] * s[k];
            for (int k = 0; k < H; k++)
                z += U[j][k] * h[t][k];
            u[t][j] = tanh(z);
            e += v[j] * u[t][j];
        }
        a[t] = exp(e);
        sum += a[t];
    }
    for (int t = 0; t < T; t++) {
        a[t] /= sum;
        for (int k = 0; k < H; k++)
            c[k] += a[t] * h[t][k];
    }

    /* ---- Yours: from u, a and c, write dh, ds, dW, dU and dv ---- */
    (void)dh, (void)ds, (void)dW, (void)dU, (void)dv, (void)c;
    /* ---- to here ---- */
}

int main(void)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var h = eddy_input(tape, "h", EDDY_SHAPE(T, H)), s = eddy_input(tape, "s", EDDY_SHAPE(1, S));
    eddy_var W = eddy_input(tape, "W", EDDY_SHAPE(A, S)), U = eddy_input(tape, "U", EDDY_SHAPE(A, H));
    eddy_var v = eddy_input(tape, "v", EDDY_SHAPE(A));
    eddy_var u = eddy_tanh(eddy_add(eddy_matmul(h, eddy_transpose(U, 0, 1)), eddy_matmul(s, eddy_transpose(W, 0, 1))));
    eddy_var a = eddy_softmax(eddy_sum_over(eddy_mul(u, v), EDDY_SHAPE(1), true), 0); /* T by 1 */
    eddy_var c = eddy_sum_over(eddy_mul(a, h), EDDY_SHAPE(0), false);
    eddy_var loss = eddy_mul_scalar(eddy_sum(eddy_square(c)), 0.5);
    int result = course_check(tape, loss, EDDY_LIST(h, s, W, U, v), backward);
    eddy_tape_free(tape);
    return result;
}
