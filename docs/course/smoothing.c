/* Exercise: softmax cross-entropy with label smoothing, by hand.
 *
 *     y_b = softmax(s_b)      q_{b,c} = (1 - EPSILON) [c is the label of b] + EPSILON / K
 *     L = -1/B sum over b and c of q_{b,c} log y_{b,c}
 *
 * B rows of K scores. The answer is one line. docs/book/losses.md, `eddy exercise losses-2` and `losses-6`.
 *
 *     cc smoothing.c $(pkg-config --cflags --libs eddy) -lm && ./a.out
 */
#include "course.h"

enum { B = 3, K = 4 };
#define EPSILON 0.1

static const int label[B] = { 2, 0, 3 };

static void backward(void *context, int64_t count, const eddy_tensor *const values[], const eddy_tensor gradients[])
{
    (void)context, (void)count;
    const double(*s)[K] = values[0]->data;
    double(*ds)[K] = gradients[0].data;

    double y[B][K];
    for (int b = 0; b < B; b++) {
        double sum = 0;
        for (int c = 0; c < K; c++)
            sum += exp(s[b][c]);
        for (int c = 0; c < K; c++)
            y[b][c] = exp(s[b][c]) / sum;
    }

    /* ---- Yours: from y, write ds ---- */
    (void)ds, (void)y, (void)label;
    /* ---- to here ---- */
}

int main(void)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    double q[B * K];
    for (int i = 0; i < B * K; i++)
        q[i] = (i % K == label[i / K] ? 1 - EPSILON : 0) + EPSILON / K;
    eddy_var s = eddy_input(tape, "s", EDDY_SHAPE(B, K));
    eddy_var weights = eddy_constant_from(tape, EDDY_SHAPE(B, K), q);
    eddy_var loss = eddy_mul_scalar(eddy_sum(eddy_mul(weights, eddy_log_softmax(s, 1))), -1.0 / B);
    int result = course_check(tape, loss, EDDY_LIST(s), backward);
    eddy_tape_free(tape);
    return result;
}
