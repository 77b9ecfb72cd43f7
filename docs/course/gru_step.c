/* Exercise: the backward pass of one step of a GRU (reset before the product), by hand.
 *
 *     z  = sigmoid(W_z h + U_z x)           r = sigmoid(W_r h + U_r x)
 *     h~ = tanh(W_h (r * h) + U_h x)        h' = (1 - z) * h + z * h~       L = 1/2 sum of h'^2
 *
 * One sequence; * is element by element. Four ways lead from h to the loss. docs/book/gru.md, `eddy exercise`.
 *
 *     cc gru_step.c $(pkg-config --cflags --libs eddy) -lm && ./a.out
 */
#include "course.h"

enum { I = 2, H = 3 };

static double sigmoid(double a)
{
    return 1 / (1 + exp(-a));
}

static void backward(void *context, int64_t count, const eddy_tensor *const values[], const eddy_tensor gradients[])
{
    (void)context, (void)count;
    const double *x = values[0]->data, *h = values[1]->data;
    const double(*Wz)[H] = values[2]->data, (*Wr)[H] = values[3]->data, (*Wh)[H] = values[4]->data;
    const double(*Uz)[I] = values[5]->data, (*Ur)[I] = values[6]->data, (*Uh)[I] = values[7]->data;
    double *dx = gradients[0].data, *dh = gradients[1].data;
    double(*dWz)[H] = gradients[2].data, (*dWr)[H] = gradients[3].data, (*dWh)[H] = gradients[4].data;
    double(*dUz)[I] = gradients[5].data, (*dUr)[I] = gradients[6].data, (*dUh)[I] = gradients[7].data;

    double z[H], r[H], c[H], out[H]; /* c is h~, out is h' */
    for (int j = 0; j < H; j++) {
        double az = 0, ar = 0;
        for (int k = 0; k < H; k++)
            az += Wz[j][k] * h[k], ar += Wr[j][k] * h[k];
        for (int i = 0; i < I; i++)
            az += Uz[j][i] * x[i], ar += Ur[j][i] * x[i];
        z[j] = sigmoid(az), r[j] = sigmoid(ar);
    }
    for (int j = 0; j < H; j++) {
        double a = 0;
        for (int k = 0; k < H; k++)
            a += Wh[j][k] * r[k] * h[k];
        for (int i = 0; i < I; i++)
            a += Uh[j][i] * x[i];
        c[j] = tanh(a);
        out[j] = (1 - z[j]) * h[j] + z[j] * c[j];
    }

    /* ---- Yours: from z, r, c and out, write the eight gradients ---- */
    (void)dx, (void)dh, (void)dWz, (void)dWr, (void)dWh, (void)dUz, (void)dUr, (void)dUh, (void)out;
    /* ---- to here ---- */
}

static eddy_var affine(eddy_var W, eddy_var h, eddy_var U, eddy_var x)
{
    return eddy_add(eddy_matmul(h, eddy_transpose(W, 0, 1)), eddy_matmul(x, eddy_transpose(U, 0, 1)));
}

int main(void)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(1, I)), h = eddy_input(tape, "h", EDDY_SHAPE(1, H));
    eddy_var Wz = eddy_input(tape, "W_z", EDDY_SHAPE(H, H)), Wr = eddy_input(tape, "W_r", EDDY_SHAPE(H, H));
    eddy_var Wh = eddy_input(tape, "W_h", EDDY_SHAPE(H, H)), Uz = eddy_input(tape, "U_z", EDDY_SHAPE(H, I));
    eddy_var Ur = eddy_input(tape, "U_r", EDDY_SHAPE(H, I)), Uh = eddy_input(tape, "U_h", EDDY_SHAPE(H, I));
    eddy_var z = eddy_sigmoid(affine(Wz, h, Uz, x)), r = eddy_sigmoid(affine(Wr, h, Ur, x));
    eddy_var c = eddy_tanh(affine(Wh, eddy_mul(r, h), Uh, x));
    eddy_var loss = eddy_mul_scalar(eddy_sum(eddy_square(eddy_lerp(h, c, z))), 0.5);
    int result = course_check(tape, loss, EDDY_LIST(x, h, Wz, Wr, Wh, Uz, Ur, Uh), backward);
    eddy_tape_free(tape);
    return result;
}
