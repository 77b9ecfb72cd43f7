/* The LSTM's gradient by hand, with a bug to choose: plain loops on arrays, as somebody who checks a derivation writes
 * them. The derivation, line by line, stands in test_witness.c. L = sum_t <G_t, h_t> + <kappa, C_T>; gates stacked i,
 * f, g, o; the bugs are marked where they sit. */
#include "mutants.h"

#include <math.h>
#include <string.h>

static double sigmoid(double a)
{
    return 1 / (1 + exp(-a));
}

enum { W_IH, W_HH, B_IH, B_HH, X, H0, C0, OUT, KAPPA, LEAVES }; /* the order of wrt */
enum { GATE_I, GATE_F, GATE_G, GATE_O };

static void lstm_claim(void *context, int64_t count, const eddy_tensor *const values[], const eddy_tensor gradients[])
{
    const int *n = context, B = n[0], T = n[1], I = n[2], H = n[3];
    const lstm_bug bug = (lstm_bug)n[4];
    if (count != LEAVES)
        return;
    double(*W)[I] = values[W_IH]->data, (*U)[H] = values[W_HH]->data, *b_ih = values[B_IH]->data,
    *b_hh = values[B_HH]->data;
    double(*x)[B][I] = values[X]->data, (*h0)[H] = values[H0]->data, (*c0)[H] = values[C0]->data,
    (*G)[B][H] = values[OUT]->data;
    double(*kappa)[H] = values[KAPPA]->data;

    double h[T + 1][B][H], C[T + 1][B][H], gate[4][T][B][H];
    memcpy(h[0], h0, sizeof h[0]);
    memcpy(C[0], c0, sizeof C[0]);
    for (int t = 0; t < T; t++)
        for (int s = 0; s < B; s++)
            for (int j = 0; j < H; j++) {
                for (int g = 0; g < 4; g++) {
                    double a = b_ih[g * H + j] + b_hh[g * H + j];
                    for (int m = 0; m < I; m++)
                        a += W[g * H + j][m] * x[t][s][m];
                    for (int m = 0; m < H; m++)
                        a += U[g * H + j][m] * h[t][s][m];
                    gate[g][t][s][j] = g == GATE_G ? tanh(a) : sigmoid(a);
                }
                C[t + 1][s][j] = gate[GATE_F][t][s][j] * C[t][s][j] + gate[GATE_I][t][s][j] * gate[GATE_G][t][s][j];
                h[t + 1][s][j] = gate[GATE_O][t][s][j] * tanh(C[t + 1][s][j]);
            }

    double dh[T + 1][B][H], dC[T + 1][B][H], delta[T][B][4 * H];
    for (int t = T - 1; t >= -1; t--)
        for (int s = 0; s < B; s++)
            for (int j = 0; j < H; j++) {
                dh[t + 1][s][j] = t >= 0 ? G[t][s][j] : 0;
                for (int k = 0; t + 1 < T && k < 4 * H; k++)
                    if ((bug != LSTM_NO_H_CARRY && bug != LSTM_NO_CARRY) || t < 0)
                        dh[t + 1][s][j] += delta[t + 1][s][k] * U[k][j];
                double tanh_C = tanh(C[t + 1][s][j]);
                dC[t + 1][s][j] = bug == LSTM_NO_FINAL_C ? 0 : kappa[s][j];
                if (t + 1 < T)
                    dC[t + 1][s][j] = (bug != LSTM_NO_C_CARRY && bug != LSTM_NO_CARRY) || t < 0
                                          ? dC[t + 2][s][j] * gate[GATE_F][t + 1][s][j]
                                          : 0;
                if (t < 0)
                    continue;
                double i = gate[GATE_I][t][s][j], f = gate[GATE_F][t][s][j], g = gate[GATE_G][t][s][j],
                       o = gate[GATE_O][t][s][j];
                double slope = bug == LSTM_TANH_OF_C ? 1 - C[t + 1][s][j] * C[t + 1][s][j] : 1 - tanh_C * tanh_C;
                double back = dC[t + 1][s][j] + dh[t + 1][s][j] * o * slope;
                dC[t + 1][s][j] = bug == LSTM_C_ASSIGNED ? dh[t + 1][s][j] * o * slope : back;
                double d_f = dC[t + 1][s][j] * C[bug == LSTM_C_OFF_BY_ONE ? t + 1 : t][s][j];
                delta[t][s][GATE_O * H + j] =
                    dh[t + 1][s][j] * (bug == LSTM_O_LATE ? tanh(C[t][s][j]) : tanh_C) * o * (1 - o);
                delta[t][s][GATE_F * H + j] = d_f * f * (1 - f) *
                                              (bug == LSTM_F_TWICE  ? f * (1 - f)
                                               : bug == LSTM_SIGN_F ? -1
                                                                    : 1);
                delta[t][s][GATE_I * H + j] = dC[t + 1][s][j] * g * i * (1 - i);
                delta[t][s][GATE_G * H + j] = dC[t + 1][s][j] * i * (1 - g * g);
            }

    double(*dW)[I] = gradients[W_IH].data, (*dU)[H] = gradients[W_HH].data, *db = gradients[B_IH].data,
    (*dx)[B][I] = gradients[X].data;
    memset(dW, 0, sizeof(double) * (size_t)(4 * H * I));
    memset(dU, 0, sizeof(double) * (size_t)(4 * H * H));
    memset(db, 0, sizeof(double) * (size_t)(4 * H));
    for (int t = 0; t < T; t++)
        for (int s = 0; s < (bug == LSTM_FIRST_SAMPLE ? 1 : B); s++)
            for (int k = 0; k < 4 * H; k++) {
                double d = delta[t][s][k];
                for (int m = 0; m < I; m++)
                    dW[k][m] += d * x[t][s][m];
                for (int m = 0; m < H; m++)
                    dU[k][m] += d * h[bug == LSTM_H_OFF_BY_ONE ? t + 1 : t][s][m];
                db[k] += bug == LSTM_LAST_STEP_BIAS && t + 1 < T ? 0 : d;
            }
    for (int t = 0; t < T; t++)
        for (int s = 0; s < B; s++)
            for (int m = 0; m < I; m++) {
                double sum = 0;
                for (int k = 0; k < 4 * H; k++)
                    sum += delta[t][s][k] * W[k][m];
                dx[bug == LSTM_X_SHIFTED ? (t + 1) % T : t][s][m] = sum;
            }
    double factor = bug == LSTM_ONE_PERCENT  ? 1.01
                    : bug == LSTM_MILLIONTH  ? 1 + 1e-6
                    : bug == LSTM_BATCH_MEAN ? 1.0 / B
                                             : 1;
    for (int k = 0; k < 4 * H; k++)
        for (int m = 0; m < I; m++)
            dW[k][m] *= factor;
    if (bug == LSTM_U_TRANSPOSED)
        for (int g = 0; g < 4; g++)
            for (int j = 0; j < H; j++)
                for (int m = 0; m < j; m++) {
                    double swap = dU[g * H + j][m];
                    dU[g * H + j][m] = dU[g * H + m][j];
                    dU[g * H + m][j] = swap;
                }
    for (int k = 0; bug == LSTM_BIAS_OF_F && k < 4 * H; k++)
        db[k] = db[GATE_F * H + k % H];
    memcpy(gradients[B_HH].data, db, sizeof(double) * (size_t)(4 * H));
    memcpy(gradients[H0].data, dh[0], sizeof dh[0]);
    memcpy(gradients[C0].data, dC[0], sizeof dC[0]);
    memcpy(gradients[OUT].data, h[1], sizeof h - sizeof h[0]);
    memcpy(gradients[KAPPA].data, C[T], sizeof C[T]);
}

static eddy_var input(trial *t, const char *name, eddy_shape shape)
{
    eddy_var x = eddy_input(t->tape, name, shape);
    eddy_tensor values = { 0 };
    eddy_status status = { 0 };
    if (eddy_tensor_new(&values, EDDY_F64, shape, &status) &&
        eddy_fill_uniform(&values, (eddy_random){ eddy_tape_seed(t->tape), (uint64_t)name[0] << 8 | (uint64_t)name[1] },
                          -1, 1, &status))
        eddy_set_tensor(x, &values);
    eddy_tensor_free(&values);
    return x;
}

void lstm_record(trial *t, int B, int T, int I, int H, lstm_bug bug)
{
    eddy_lstm lstm = eddy_lstm_new(t->tape, "lstm", I, H);
    eddy_var x = input(t, "x", EDDY_SHAPE(T, B, I)),
             start[2] = { input(t, "h0", EDDY_SHAPE(B, H)), input(t, "C0", EDDY_SHAPE(B, H)) };
    eddy_var out = input(t, "G", EDDY_SHAPE(T, B, H)), kappa = input(t, "kappa", EDDY_SHAPE(B, H));
    eddy_unrolled r = eddy_unroll(&lstm.cell, x, &(eddy_unroll_options){ .initial = start });
    t->loss = eddy_add(eddy_sum(eddy_mul(out, r.outputs)), eddy_sum(eddy_mul(kappa, r.state[1])));
    t->wrt = eddy_list_new(t->tape,
                           (eddy_var[LEAVES]){ lstm.weight_ih, lstm.weight_hh, lstm.bias_ih, lstm.bias_hh, x, start[0],
                                               start[1], out, kappa },
                           LEAVES);
    t->claim = lstm_claim;
    t->context = t->by_hand;
    const int all[] = { B, T, I, H, (int)bug };
    memcpy(t->by_hand, all, sizeof all);
}
