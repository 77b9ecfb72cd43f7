/* The gradients of LSTM and GRU by hand: forward and back-propagation through time as plain loops, no tape and no
 * tensors, each line of the derivation above its loop with its id, against the tape's gradients, interpreted and
 * compiled. f64; random non-zero initial states; a loss on every h_t and on C_T: L = sum_t <G_t, h_t> + 1/2 <Q_t,
 * h_t^2> + <kappa, C_T> Rows are samples: a = x W^T + b. dq stands for dL/dq, the total derivative, and delta_g for
 * dL/da_g, a_g the gate's sum before its activation. */
#include "test.h"

#include <eddy/eddy.h>
#include <math.h>
#include <string.h>

/* Rounding in sums of a few hundred products of numbers near 1 stays well below this; it is relative to the tensor's
 * largest magnitude. */
static const double tolerance = 1e-12;

static double sigmoid(double a)
{
    return 1 / (1 + exp(-a));
}

static void fill(double *to, int64_t count, double low, double high, uint64_t seed, uint64_t stream)
{
    for (int64_t k = 0; k < count; k++)
        to[k] = low + (high - low) * eddy_random_uniform((eddy_random){ seed, stream }, (uint64_t)k);
}
#define FILL(array, low, high, stream)                                                                                 \
    fill((double *)(array), (int64_t)(sizeof(array) / sizeof(double)), low, high, seed, stream)

static double difference(const eddy_tensor *got, const double *want)
{
    double largest = 0, error = 0;
    for (int64_t k = 0; k < eddy_tensor_count(got); k++) {
        largest = fmax(largest, fabs(want[k]));
        double d = fabs(eddy_tensor_flat(got, k) - want[k]);
        error = d <= error ? error : d;
    }
    return error / largest;
}

/* What is to be compared: vars whose derivative is wanted, and the derivatives by hand. */
typedef struct wanted {
    eddy_var wrt[256];
    const double *by_hand[256];
    char name[256][24];
    int count;
} wanted;

static void want(wanted *w, eddy_var wrt, const double *by_hand, const char *name, int t)
{
    ck_assert_int_lt(w->count, 256);
    ck_assert_msg(eddy_ok(wrt), "%s of step %d is no var", name, t);
    w->wrt[w->count] = wrt;
    w->by_hand[w->count] = by_hand;
    snprintf(w->name[w->count++], sizeof w->name[0], t < 0 ? "%s" : "%s of step %d", name, t);
}

/* All derivatives by the tape in both ways of running. */
static void compare(const wanted *w, eddy_var loss, double loss_by_hand)
{
    eddy_tape *tape = loss.tape;
    eddy_list wrt = eddy_list_new(tape, w->wrt, w->count), grads = eddy_gradients(loss, wrt);
    eddy_program *program = eddy_compile(tape, eddy_list_join(tape, EDDY_LIST(loss), grads), EDDY_NONE);
    ck_assert_msg(eddy_run(program), "%s", eddy_error(tape));
    for (int way = 0; way < 2; way++) {
        double got = way ? eddy_output(program, loss) : eddy_item(loss);
        ck_assert_msg(fabs(got - loss_by_hand) <= tolerance * fabs(loss_by_hand), "the loss is %.17g, by hand %.17g",
                      got, loss_by_hand);
        for (int k = 0; k < w->count; k++) {
            const eddy_tensor *value = way ? eddy_output_tensor(program, grads.items[k]) : eddy_value(grads.items[k]);
            ck_assert_msg(value != NULL, "%s", eddy_error(tape));
            double error = difference(value, w->by_hand[k]);
            ck_assert_msg(error <= tolerance, "%s, %s: the gradient is off by %g of the largest element",
                          way ? "program" : "interpreter", w->name[k], error);
        }
    }
}

/* An f64 input holding the array. */
static eddy_var put(eddy_tape *tape, const char *name, eddy_shape shape, const void *data, size_t bytes)
{
    eddy_var x = eddy_input(tape, name, shape);
    eddy_set(x, data, bytes);
    return x;
}
#define PUT(name, array, ...) put(tape, name, EDDY_SHAPE(__VA_ARGS__), array, sizeof(array))

static eddy_var loss_of(const eddy_unrolled *r, eddy_var G, eddy_var Q)
{
    return eddy_add(eddy_sum(eddy_mul(G, r->outputs)),
                    eddy_mul_scalar(eddy_sum(eddy_mul(Q, eddy_square(r->outputs))), 0.5));
}

/* ---- LSTM ---- */

/* injected: the last 4H inputs are zero and go to the gates' sums unchanged, so that dL/dx there is delta, gate by gate
 * and step by step. */
static double lstm_case(int B, int T, int I, int H, bool injected, uint64_t seed)
{
    enum { GATE_I, GATE_F, GATE_C, GATE_O };
    double W[4 * H][I], U[4 * H][H], b_ih[4 * H], b_hh[4 * H], x[T][B][I], h[T + 1][B][H], C[T + 1][B][H], G[T][B][H],
        Q[T][B][H], kappa[B][H];
    FILL(W, -0.9, 0.9, 1), FILL(U, -0.9, 0.9, 2), FILL(b_ih, -0.5, 0.5, 3), FILL(b_hh, -0.5, 0.5, 4), FILL(x, -1, 1, 5);
    FILL(h, -1, 1, 6), FILL(C, -1, 1, 7), FILL(G, -1, 1, 8), FILL(Q, -1, 1, 9), FILL(kappa, -1, 1, 10);
    for (int j = 0; injected && j < 4 * H; j++) {
        for (int k = 0; k < 4 * H; k++)
            W[j][I - 4 * H + k] = j == k;
        for (int t = 0; t < T; t++)
            for (int n = 0; n < B; n++)
                x[t][n][I - 4 * H + j] = 0;
    }

    /* ---- forward: h[t + 1] is h_t, h[0] the initial state; so for C ---- */
    double gate[4][T][B][H], loss = 0;
    for (int t = 0; t < T; t++)
        for (int n = 0; n < B; n++)
            for (int j = 0; j < H; j++) {
                double a[4];
                for (int g = 0; g < 4; g++) {
                    a[g] = b_ih[g * H + j] + b_hh[g * H + j];
                    for (int m = 0; m < I; m++)
                        a[g] += W[g * H + j][m] * x[t][n][m];
                    for (int m = 0; m < H; m++)
                        a[g] += U[g * H + j][m] * h[t][n][m];
                }
                /* i_t = sigma(a_i),  f_t = sigma(a_f),  C~_t = tanh(a_C),  o_t = sigma(a_o)            LSTM.i LSTM.f
                 * LSTM.Ctil LSTM.o */
                for (int g = 0; g < 4; g++)
                    gate[g][t][n][j] = g == GATE_C ? tanh(a[g]) : sigmoid(a[g]);
                /* C_t = f_t C_{t-1} + i_t C~_t,  h_t = o_t tanh C_t                                    LSTM.C LSTM.h */
                C[t + 1][n][j] = gate[GATE_F][t][n][j] * C[t][n][j] + gate[GATE_I][t][n][j] * gate[GATE_C][t][n][j];
                h[t + 1][n][j] = gate[GATE_O][t][n][j] * tanh(C[t + 1][n][j]);
                loss += G[t][n][j] * h[t + 1][n][j] + 0.5 * Q[t][n][j] * h[t + 1][n][j] * h[t + 1][n][j];
                loss += t == T - 1 ? kappa[n][j] * C[t + 1][n][j] : 0;
            }

    /* ---- backward: dh[t + 1] is dh_t; delta has the gates stacked ---- */
    double dh[T + 1][B][H], dC[T + 1][B][H], dgate[4][T][B][H], delta[T][B][4 * H], dx[T][B][I];
    for (int t = T - 1; t >= -1; t--) {
        for (int n = 0; n < B; n++)
            for (int j = 0; j < H; j++) {
                /* dh_t = g^_t + sum_g delta_{g,t+1} W_g^h,  g^_t = G_t + Q_t h_t;  dh_0 without g^     X.LSTM.dh_total
                 * X.LSTM.dh_prev X.LSTM.dh0 */
                dh[t + 1][n][j] = t >= 0 ? G[t][n][j] + Q[t][n][j] * h[t + 1][n][j] : 0;
                for (int k = 0; t + 1 < T && k < 4 * H; k++)
                    dh[t + 1][n][j] += delta[t + 1][n][k] * U[k][j];
                /* dC_t = dh_t o_t (1 - tanh^2 C_t) + dC_{t+1} f_{t+1}, kappa for the last term at T;  dC_0 = dC_1 f_1
                 *                                                                                      X.LSTM.dC_total
                 * X.LSTM.dC_prev X.LSTM.dC0 */
                double tanh_C = tanh(C[t + 1][n][j]);
                dC[t + 1][n][j] = t + 1 < T ? dC[t + 2][n][j] * gate[GATE_F][t + 1][n][j] : kappa[n][j];
                if (t < 0)
                    continue;
                double i = gate[GATE_I][t][n][j], f = gate[GATE_F][t][n][j], c = gate[GATE_C][t][n][j],
                       o = gate[GATE_O][t][n][j];
                dC[t + 1][n][j] += dh[t + 1][n][j] * o * (1 - tanh_C * tanh_C);
                /* do = dh tanh C,  df = dC C_{t-1},  di = dC C~,  dC~ = dC i                           X.LSTM.do
                 * X.LSTM.df X.LSTM.di X.LSTM.dCtil */
                double d_o = dgate[GATE_O][t][n][j] = dh[t + 1][n][j] * tanh_C;
                double d_f = dgate[GATE_F][t][n][j] = dC[t + 1][n][j] * C[t][n][j];
                double d_i = dgate[GATE_I][t][n][j] = dC[t + 1][n][j] * c;
                double d_c = dgate[GATE_C][t][n][j] = dC[t + 1][n][j] * i;
                /* delta_o = do o(1-o),  delta_f = df f(1-f),  delta_i = di i(1-i),  delta_C = dC~ (1 - C~^2)
                 * X.LSTM.delta_{o,f,i,C} */
                delta[t][n][GATE_O * H + j] = d_o * o * (1 - o);
                delta[t][n][GATE_F * H + j] = d_f * f * (1 - f);
                delta[t][n][GATE_I * H + j] = d_i * i * (1 - i);
                delta[t][n][GATE_C * H + j] = d_c * (1 - c * c);
            }
        /* dx_t = sum_g delta_{g,t} W_g^x                                                               X.LSTM.dx */
        for (int n = 0; t >= 0 && n < B; n++)
            for (int m = 0; m < I; m++) {
                dx[t][n][m] = 0;
                for (int k = 0; k < 4 * H; k++)
                    dx[t][n][m] += delta[t][n][k] * W[k][m];
            }
    }
    /* dW_ih = sum_t Delta_t^T x_t,  dW_hh = sum_t Delta_t^T h_{t-1},  db_ih = db_hh = sum_t Delta_t^T 1 X.LSTM.stacked
     * X.LSTM.dW X.LSTM.db */
    double dW[4 * H][I], dU[4 * H][H], db[4 * H], printed[H][H];
    memset(dW, 0, sizeof dW), memset(dU, 0, sizeof dU), memset(db, 0, sizeof db), memset(printed, 0, sizeof printed);
    for (int t = 0; t < T; t++)
        for (int n = 0; n < B; n++)
            for (int k = 0; k < 4 * H; k++) {
                for (int m = 0; m < I; m++)
                    dW[k][m] += delta[t][n][k] * x[t][n][m];
                for (int m = 0; m < H; m++)
                    dU[k][m] += delta[t][n][k] * h[t][n][m];
                db[k] += delta[t][n][k];
            }

    eddy_tape *tape = eddy_tape_new(EDDY_F64, seed);
    eddy_lstm lstm = eddy_lstm_new(tape, "lstm", I, H);
    eddy_set(lstm.weight_ih, W, sizeof W), eddy_set(lstm.weight_hh, U, sizeof U);
    eddy_set(lstm.bias_ih, b_ih, sizeof b_ih), eddy_set(lstm.bias_hh, b_hh, sizeof b_hh);
    eddy_var start[2] = { put(tape, "h0", EDDY_SHAPE(B, H), h[0], sizeof h[0]),
                          put(tape, "C0", EDDY_SHAPE(B, H), C[0], sizeof C[0]) };
    eddy_var in = PUT("x", x, T, B, I);
    eddy_unrolled r = eddy_unroll(&lstm.cell, in, &(eddy_unroll_options){ .initial = start });
    eddy_var total = eddy_add(loss_of(&r, PUT("G", G, T, B, H), PUT("Q", Q, T, B, H)),
                              eddy_sum(eddy_mul(PUT("kappa", kappa, B, H), r.state[1])));

    wanted w = { .count = 0 };
    want(&w, lstm.weight_ih, dW[0], "W_ih", -1), want(&w, lstm.weight_hh, dU[0], "W_hh", -1);
    want(&w, lstm.bias_ih, db, "b_ih", -1), want(&w, lstm.bias_hh, db, "b_hh", -1), want(&w, in, dx[0][0], "x", -1);
    want(&w, start[0], dh[0][0], "h_0", -1), want(&w, start[1], dC[0][0], "C_0", -1);
    for (int t = 0; t < T; t++) {
        want(&w, eddy_watched(tape, "h", t), dh[t + 1][0], "h", t),
            want(&w, eddy_watched(tape, "c", t), dC[t + 1][0], "C", t);
        want(&w, eddy_watched(tape, "i", t), dgate[GATE_I][t][0], "i", t),
            want(&w, eddy_watched(tape, "f", t), dgate[GATE_F][t][0], "f", t);
        want(&w, eddy_watched(tape, "g", t), dgate[GATE_C][t][0], "C~", t),
            want(&w, eddy_watched(tape, "o", t), dgate[GATE_O][t][0], "o", t);
    }
    /* The tape's delta, read from the gradient of the injected inputs, against the derivation's. */
    double injection[T][B][4 * H];
    if (injected) {
        eddy_var by_tape = eddy_gradients(total, EDDY_LIST(in)).items[0];
        eddy_get(eddy_slice(by_tape, -1, I - 4 * H, EDDY_END, 1), injection, sizeof injection);
        eddy_tensor got = eddy_tensor_wrap(injection, EDDY_F64, EDDY_SHAPE(T, B, 4 * H));
        ck_assert_double_le(difference(&got, delta[0][0]), tolerance);
    }
    compare(&w, total, loss);

    /* As the tutorial prints them: dL/df_t = dL/dh_t dh_t/dC_t dC_t/df_t with dC_t/df_t = C_{t-1} f(1-f), then delta_f
     * = dL/df f(1-f). How far dL/dW_f^h is off BPTT.composite */
    double off = 0, largest = 0;
    for (int t = 0; t < T; t++)
        for (int n = 0; n < B; n++)
            for (int j = 0; j < H; j++) {
                double f = gate[GATE_F][t][n][j], tanh_C = tanh(C[t + 1][n][j]);
                double df = dh[t + 1][n][j] * gate[GATE_O][t][n][j] * (1 - tanh_C * tanh_C) * C[t][n][j] * f * (1 - f);
                for (int m = 0; m < H; m++)
                    printed[j][m] += df * f * (1 - f) * h[t][n][m];
            }
    for (int j = 0; j < H; j++)
        for (int m = 0; m < H; m++) {
            off = fmax(off, fabs(printed[j][m] - dU[GATE_F * H + j][m]));
            largest = fmax(largest, fabs(dU[GATE_F * H + j][m]));
        }
    eddy_tape_free(tape);
    return off / largest;
}

static const int sizes[][4] = {
    { 2, 3, 4, 5 }, { 3, 5, 2, 4 }, { 4, 7, 5, 3 }, { 2, 4, 6, 1 }, { 5, 3, 1, 2 }
}; /* B T I H */
enum { SIZES = sizeof sizes / sizeof *sizes, SEEDS = 4 };

START_TEST(lstm_by_hand)
{
    const int *s = sizes[_i / SEEDS];
    uint64_t seed = (uint64_t)_i + 1;
    double off = lstm_case(s[0], s[1], s[2], s[3], false, seed);
    ck_assert_msg(off > 0.3, "the tutorial's chain for dL/dW_f is off by %g only", off);
}
END_TEST

START_TEST(lstm_deltas)
{
    const int *s = sizes[_i];
    lstm_case(s[0], s[1], s[2] + 4 * s[3], s[3], true, 100 + (uint64_t)_i);
}
END_TEST

/* ---- GRU ---- */

/* Gates stacked r, z, n. after: the reset gate acts after the product (PyTorch) and z is the share of the old state;
 * else before (the tutorial) and z is the share of the new. */
static void gru_case(int B, int T, int I, int H, bool after, uint64_t seed)
{
    double W[3 * H][I], U[3 * H][H], b_ih[3 * H], b_hh[3 * H], x[T][B][I], h[T + 1][B][H], G[T][B][H], Q[T][B][H];
    FILL(W, -0.9, 0.9, 1), FILL(U, -0.9, 0.9, 2), FILL(b_ih, -0.5, 0.5, 3), FILL(b_hh, -0.5, 0.5, 4), FILL(x, -1, 1, 5);
    FILL(h, -1, 1, 6), FILL(G, -1, 1, 7), FILL(Q, -1, 1, 8);

    double r[T][B][H], z[T][B][H], n[T][B][H], q[T][B][H], loss = 0;
    for (int t = 0; t < T; t++)
        for (int s = 0; s < B; s++) {
            double a[3 * H];
            for (int k = 0; k < 3 * H; k++) {
                a[k] = b_ih[k];
                for (int m = 0; m < I; m++)
                    a[k] += W[k][m] * x[t][s][m];
            }
            /* r_t = sigma(a_r),  z_t = sigma(a_z)                                                      GRU.r GRU.z */
            for (int k = 0; k < 2 * H; k++) {
                a[k] += b_hh[k];
                for (int m = 0; m < H; m++)
                    a[k] += U[k][m] * h[t][s][m];
                *(k < H ? &r[t][s][k] : &z[t][s][k - H]) = sigmoid(a[k]);
            }
            for (int j = 0; j < H; j++) {
                /* before:  n = tanh(x W_n + b_in + (r h_{t-1}) U_n + b_hn)                              GRU.htil
                 * after:   q = h_{t-1} U_n + b_hn,  n = tanh(x W_n + b_in + r q)                        section "reset
                 * after" */
                q[t][s][j] = b_hh[2 * H + j];
                for (int m = 0; m < H; m++)
                    q[t][s][j] += U[2 * H + j][m] * h[t][s][m] * (after ? 1 : r[t][s][m]);
                n[t][s][j] = tanh(a[2 * H + j] + (after ? r[t][s][j] : 1) * q[t][s][j]);
                /* before:  h_t = (1 - z) h_{t-1} + z n                                                  GRU.h
                 * after:   h_t = (1 - z) n + z h_{t-1} */
                double old = after ? z[t][s][j] : 1 - z[t][s][j];
                h[t + 1][s][j] = old * h[t][s][j] + (1 - old) * n[t][s][j];
                loss += G[t][s][j] * h[t + 1][s][j] + 0.5 * Q[t][s][j] * h[t + 1][s][j] * h[t + 1][s][j];
            }
        }

    /* Delta^i and Delta^h: dL/d(x W^T + b_ih) and dL/d(h U^T + b_hh); they differ in the candidate's block. */
    double dh[T + 1][B][H], dr[T][B][H], dz[T][B][H], dn[T][B][H], delta_i[T][B][3 * H], delta_h[T][B][3 * H],
        dx[T][B][I];
    memset(dh, 0, sizeof dh);
    for (int t = T - 1; t >= 0; t--)
        for (int s = 0; s < B; s++) {
            for (int j = 0; j < H; j++) {
                dh[t + 1][s][j] += G[t][s][j] + Q[t][s][j] * h[t + 1][s][j];
                double d = dh[t + 1][s][j], zt = z[t][s][j], nt = n[t][s][j];
                /* before:  dz = dh (n - h_{t-1}),  dn = dh z                                            X.GRU.dz
                 * X.GRU.dhtil after:   dz = dh (h_{t-1} - n),  dn = dh (1 - z) */
                dz[t][s][j] = d * (after ? h[t][s][j] - nt : nt - h[t][s][j]);
                dn[t][s][j] = d * (after ? 1 - zt : zt);
                /* delta_n = dn (1 - n^2),  delta_z = dz z(1-z)                                         X.GRU.delta_h
                 * X.GRU.delta_z */
                delta_i[t][s][2 * H + j] = dn[t][s][j] * (1 - nt * nt);
                delta_i[t][s][H + j] = delta_h[t][s][H + j] = dz[t][s][j] * zt * (1 - zt);
            }
            for (int j = 0; j < H; j++) {
                /* before:  dr = (delta_n U_n) h_{t-1};   after:  dr = delta_n q,  delta_q = delta_n r   X.GRU.dr */
                double back = 0, rt = r[t][s][j];
                for (int k = 0; k < H; k++)
                    back += delta_i[t][s][2 * H + k] * U[2 * H + k][j];
                dr[t][s][j] = after ? delta_i[t][s][2 * H + j] * q[t][s][j] : back * h[t][s][j];
                delta_h[t][s][2 * H + j] = delta_i[t][s][2 * H + j] * (after ? rt : 1);
                /* delta_r = dr r(1-r)                                                                  X.GRU.delta_r */
                delta_i[t][s][j] = delta_h[t][s][j] = dr[t][s][j] * rt * (1 - rt);
                /* the share of the old state, and before:  (delta_n U_n) r                              X.GRU.dh_prev
                 */
                dh[t][s][j] = dh[t + 1][s][j] * (after ? z[t][s][j] : 1 - z[t][s][j]) + (after ? 0 : back * rt);
            }
            /* before:  + delta_z U_z + delta_r U_r;   after:  + Delta^h U                               X.GRU.dh_total
             * X.GRA.dh0 */
            for (int j = 0; j < H; j++)
                for (int k = 0; k < (after ? 3 : 2) * H; k++)
                    dh[t][s][j] += delta_h[t][s][k] * U[k][j];
            /* dx = Delta^i W                                                                           X.GRU.dx
             * X.GRA.dx */
            for (int m = 0; m < I; m++) {
                dx[t][s][m] = 0;
                for (int k = 0; k < 3 * H; k++)
                    dx[t][s][m] += delta_i[t][s][k] * W[k][m];
            }
        }
    /* dW_ih = sum Delta^i^T x,  dW_hh = sum Delta^h^T h_{t-1} (before: r h_{t-1} in the candidate's rows),  db = sum
     * Delta^T 1 X.GRU.dW X.GRU.db X.GRA.dW_ih .. X.GRA.db_hh */
    double dW[3 * H][I], dU[3 * H][H], db_ih[3 * H], db_hh[3 * H];
    memset(dW, 0, sizeof dW), memset(dU, 0, sizeof dU), memset(db_ih, 0, sizeof db_ih), memset(db_hh, 0, sizeof db_hh);
    for (int t = 0; t < T; t++)
        for (int s = 0; s < B; s++)
            for (int k = 0; k < 3 * H; k++) {
                for (int m = 0; m < I; m++)
                    dW[k][m] += delta_i[t][s][k] * x[t][s][m];
                for (int m = 0; m < H; m++)
                    dU[k][m] += delta_h[t][s][k] * h[t][s][m] * (!after && k >= 2 * H ? r[t][s][m] : 1);
                db_ih[k] += delta_i[t][s][k];
                db_hh[k] += delta_h[t][s][k];
            }

    eddy_tape *tape = eddy_tape_new(EDDY_F64, seed);
    eddy_gru gru = eddy_gru_new_with(tape, "gru", I, H, &(eddy_gru_options){ .reset_before = !after });
    eddy_set(gru.weight_ih, W, sizeof W), eddy_set(gru.weight_hh, U, sizeof U);
    eddy_set(gru.bias_ih, b_ih, sizeof b_ih), eddy_set(gru.bias_hh, b_hh, sizeof b_hh);
    eddy_var start = put(tape, "h0", EDDY_SHAPE(B, H), h[0], sizeof h[0]), in = PUT("x", x, T, B, I);
    eddy_unrolled u = eddy_unroll(&gru.cell, in, &(eddy_unroll_options){ .initial = &start });
    wanted w = { .count = 0 };
    want(&w, gru.weight_ih, dW[0], "W_ih", -1), want(&w, gru.weight_hh, dU[0], "W_hh", -1);
    want(&w, gru.bias_ih, db_ih, "b_ih", -1), want(&w, gru.bias_hh, db_hh, "b_hh", -1);
    want(&w, in, dx[0][0], "x", -1), want(&w, start, dh[0][0], "h_0", -1);
    for (int t = 0; t < T; t++) {
        want(&w, eddy_watched(tape, "h", t), dh[t + 1][0], "h", t),
            want(&w, eddy_watched(tape, "r", t), dr[t][0], "r", t);
        want(&w, eddy_watched(tape, "z", t), dz[t][0], "z", t), want(&w, eddy_watched(tape, "n", t), dn[t][0], "n", t);
    }
    compare(&w, loss_of(&u, PUT("G", G, T, B, H), PUT("Q", Q, T, B, H)), loss);
    eddy_tape_free(tape);
}

START_TEST(gru_by_hand)
{
    const int *s = sizes[_i / SEEDS];
    gru_case(s[0], s[1], s[2], s[3], false, 200 + (uint64_t)_i);
    gru_case(s[0], s[1], s[2], s[3], true, 300 + (uint64_t)_i);
}
END_TEST

/* ---- The tutorial's formulas that are wrong as printed, each at its smallest counterexample: the tape's value is the
 * truth by hand, the printed one is not. B = I = H = 1, every weight 0 unless said, so that every gate is 1/2 ---- */

static void is(const char *id, double by_tape, double truth, double printed)
{
    ck_assert_msg(fabs(by_tape - truth) <= 1e-15 + 1e-14 * fabs(truth), "%s: the tape says %.17g, by hand %.17g", id,
                  by_tape, truth);
    ck_assert_msg(fabs(by_tape - printed) > 0.05, "%s: the printed formula gives %g, the tape %g: no counterexample",
                  id, printed, by_tape);
    printf("%s: true %.6g, as printed %.6g\n", id, by_tape, printed);
}

/* An LSTM with C_0 = 1, h_0 = 0, x_t = 1. */
static eddy_lstm still_lstm(eddy_tape *tape, int64_t T, eddy_unrolled *r)
{
    eddy_lstm lstm = eddy_lstm_new(tape, "lstm", 1, 1);
    eddy_list all = eddy_parameters(tape);
    for (int64_t k = 0; k < all.count; k++)
        eddy_set_item(all.items[k], 0);
    eddy_var x = eddy_full(tape, EDDY_SHAPE(T, 1, 1), 1),
             start[2] = { eddy_full(tape, EDDY_SHAPE(1, 1), 0), eddy_full(tape, EDDY_SHAPE(1, 1), 1) };
    *r = eddy_unroll(&lstm.cell, x, &(eddy_unroll_options){ .initial = start });
    return lstm;
}

static double derivative(eddy_var y, eddy_var x)
{
    return eddy_item(
        eddy_select(eddy_reshape(eddy_gradients(eddy_sum(y), EDDY_LIST(x)).items[0], EDDY_SHAPE(-1)), 0, 0));
}

START_TEST(tutorial_lstm)
{
    eddy_unrolled r;
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    still_lstm(tape, 2, &r);
    /* L = h_2: dL/df_1 = C_0 f_2 o_2 (1 - tanh^2 C_2) = 1/4 (1 - tanh^2 1/4); the printed chain begins with dL/dh_1,
     * which is 0 */
    eddy_var h1 = eddy_watched(tape, "h", 0), c1 = eddy_watched(tape, "c", 0), f1 = eddy_watched(tape, "f", 0);
    double chain = derivative(r.last, h1) * derivative(h1, c1) * derivative(c1, f1);
    is("BPTT.df", derivative(r.last, f1), 0.25 * (1 - pow(tanh(0.25), 2)), chain);
    /* dC_1/df_1 = C_0 */
    double f = eddy_item(f1), c0 = 1;
    is("BPTT.dCdf", derivative(c1, f1), c0, c0 * f * (1 - f));
    eddy_tape_free(tape);

    tape = eddy_tape_new(EDDY_F64, 1);
    eddy_lstm lstm = still_lstm(tape, 1, &r);
    /* L = h_1: dL/dW_f^x = delta_f x = o (1 - tanh^2 C_1) C_0 f(1-f); with the printed dC/df the factor f(1-f) stands
     * twice */
    eddy_var forget_weight =
        eddy_slice(eddy_gradients(eddy_sum(r.last), EDDY_LIST(lstm.weight_ih)).items[0], 0, 1, 2, 1);
    double slope = 0.5 * (1 - pow(tanh(0.5), 2));
    is("BPTT.deltaf", eddy_item(forget_weight), slope * 0.25, slope * 0.25 * 0.25);
    eddy_tape_free(tape);

    /* The cell does not carry for ever: dC_50/dC_0 = 1/2^50, and by the frozen gates' product the same CLM.vanish */
    tape = eddy_tape_new(EDDY_F64, 1);
    still_lstm(tape, 50, &r);
    is("CLM.vanish", derivative(r.state[1], eddy_watched(tape, "c", 0)), pow(0.5, 49), 1);
    eddy_tape_free(tape);
}
END_TEST

/* One step of a GRU of the tutorial (or reset after), hidden weights and the reset gate's bias given, x = 0, from h. */
static eddy_unrolled gru_step(eddy_tape *tape, bool after, int64_t H, const double *U, const double *b, const double *h,
                              int64_t T, eddy_var *start)
{
    eddy_gru gru = eddy_gru_new_with(tape, "gru", 1, H, &(eddy_gru_options){ .reset_before = !after });
    eddy_list all = eddy_parameters(tape);
    for (int64_t k = 0; k < all.count; k++)
        eddy_set_item(all.items[k], 0);
    eddy_set(gru.weight_hh, U, (size_t)(3 * H * H) * sizeof *U);
    eddy_set(gru.bias_ih, b, (size_t)(3 * H) * sizeof *b);
    *start = put(tape, "h0", EDDY_SHAPE(1, H), h, (size_t)H * sizeof *h);
    return eddy_unroll(&gru.cell, eddy_full(tape, EDDY_SHAPE(T, 1, 1), 0), &(eddy_unroll_options){ .initial = start });
}

START_TEST(tutorial_gru)
{
    /* W_z^h = 2, h = 1: dh'/dh = (1 - z) - 2 z(1-z) h, as n = 0; printed (1 - z) + z dn/dh without the path through z
     * GRU.dhdh */
    eddy_var start;
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_unrolled r =
        gru_step(tape, false, 1, (double[]){ 0, 2, 0 }, (double[]){ 0, 0, 0 }, (double[]){ 1 }, 1, &start);
    double z = sigmoid(2), by_tape = derivative(r.last, start);
    is("GRU.dhdh", by_tape, (1 - z) - 2 * z * (1 - z), (1 - z) + z * 0);
    ck_assert_double_lt(by_tape, 0);
    eddy_tape_free(tape);

    /* "No product of gradients": all weights 0, dh_20/dh_0 = 1/2^20; W^h = 6, h = 0: each factor is 1/2 + 1/2 * 6 * 1/2
     * = 2      GRU.noprod */
    tape = eddy_tape_new(EDDY_F64, 1);
    r = gru_step(tape, false, 1, (double[]){ 0, 0, 0 }, (double[]){ 0, 0, 0 }, (double[]){ 1 }, 20, &start);
    is("GRU.noprod", derivative(r.last, start), pow(0.5, 20), 1);
    eddy_tape_free(tape);
    tape = eddy_tape_new(EDDY_F64, 1);
    r = gru_step(tape, false, 1, (double[]){ 0, 0, 6 }, (double[]){ 0, 0, 0 }, (double[]){ 0 }, 20, &start);
    is("GRU.noprod", derivative(r.last, start), pow(2, 20), 1);
    eddy_tape_free(tape);

    /* Reset before and after are different functions: W^h = (0 1; 1 0), h = (1, -1), r = (1/2, sigma(1)) GRU.vs-torch
     */
    const double U[3][2][2] = { { { 0 } }, { { 0 } }, { { 0, 1 }, { 1, 0 } } }, b[6] = { 0, 1 }, h[2] = { 1, -1 };
    double n[2][2];
    for (int after = 0; after < 2; after++) {
        tape = eddy_tape_new(EDDY_F64, 1);
        gru_step(tape, after, 2, U[0][0], b, h, 1, &start);
        eddy_get(eddy_watched(tape, "n", 0), n[after], sizeof n[after]);
        eddy_tape_free(tape);
    }
    is("GRU.vs-torch", n[0][0], tanh(-sigmoid(1)), n[1][0]);
    is("GRU.vs-torch", n[1][0], tanh(-0.5), n[0][0]);
    is("GRU.vs-torch", n[0][1], tanh(0.5), n[1][1]);
    is("GRU.vs-torch", n[1][1], tanh(sigmoid(1)), n[0][1]);
}
END_TEST

Suite *suite_witness(void)
{
    Suite *suite = suite_create("witness");
    TCase *cases = tcase_create("by hand");
    tcase_add_loop_test(cases, lstm_by_hand, 0, SIZES * SEEDS);
    tcase_add_loop_test(cases, lstm_deltas, 0, SIZES);
    tcase_add_loop_test(cases, gru_by_hand, 0, SIZES * SEEDS);
    tcase_add_test(cases, tutorial_lstm);
    tcase_add_test(cases, tutorial_gru);
    suite_add_tcase(suite, cases);
    return suite;
}
