/* Backpropagation through time by hand. The identifiers (X.LSTM.dh_total, ...) are those of the formulas in
 * docs/book. */
#include "by_hand.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static int64_t at(const hand_pass *p, int64_t t, int64_t b, int64_t j)
{
    return (t * p->batch + b) * p->hidden + j;
}

static double sigma(double a)
{
    return 1 / (1 + exp(-a));
}

/* W_g[j, m]; m < hidden is W^h, the rest W^x */
static double weight(const hand_pass *p, int g, int64_t j, int64_t m)
{
    return p->weight[g][j * (p->hidden + p->input) + m];
}

/* (h_{t-1} W_g^{h T})_j, and (x_t W_g^{x T})_j */
static double from_state(const hand_pass *p, int g, int64_t t, int64_t b, int64_t j)
{
    double sum = 0;
    for (int64_t k = 0; k < p->hidden; k++)
        sum += p->h[at(p, t - 1, b, k)] * weight(p, g, j, k);
    return sum;
}

static double from_input(const hand_pass *p, int g, int64_t t, int64_t b, int64_t j)
{
    double sum = 0;
    for (int64_t m = 0; m < p->input; m++)
        sum += p->x[(t * p->batch + b) * p->input + m] * weight(p, g, j, p->hidden + m);
    return sum;
}

/* (delta_t W^h)_j: what a pre-activation's gradient sends back to element j of the state before */
static double to_state(const hand_pass *p, const double *delta, int g, int64_t t, int64_t b, int64_t j)
{
    double sum = 0;
    for (int64_t k = 0; k < p->hidden; k++)
        sum += delta[at(p, t, b, k)] * weight(p, g, k, j);
    return sum;
}

/* dx_t = sum_g delta_g W_g^x                                                                         X.LSTM.dx X.GRU.dx
 * X.GRA.dx */
static void input_gradient(const hand_pass *p, int gates)
{
    for (int64_t t = 1; t <= p->steps; t++)
        for (int64_t b = 0; b < p->batch; b++)
            for (int64_t m = 0; m < p->input; m++) {
                double sum = 0;
                for (int g = 0; g < gates; g++)
                    for (int64_t k = 0; k < p->hidden; k++)
                        sum += p->delta[g][at(p, t, b, k)] * weight(p, g, k, p->hidden + m);
                p->dx[(t * p->batch + b) * p->input + m] = sum;
            }
}

/* dW_g = sum_t delta_h^T S_t beside sum_t delta_x^T x_t, and the sums of both deltas for the two biases; S_t = h_{t-1},
 * or r_t * h_{t-1} */
static void weight_gradient(const hand_pass *p, int g, const double *delta_h, const double *delta_x,
                            const double *reset)
{
    int64_t H = p->hidden, I = p->input;
    for (int64_t j = 0; j < H; j++) {
        for (int64_t m = 0; m < H + I; m++)
            p->dW[g][j * (H + I) + m] = 0;
        p->db[g][2 * j] = p->db[g][2 * j + 1] = 0;
        for (int64_t t = 1; t <= p->steps; t++)
            for (int64_t b = 0; b < p->batch; b++) {
                for (int64_t k = 0; k < H; k++) {
                    double s = p->h[at(p, t - 1, b, k)] * (reset ? reset[at(p, t, b, k)] : 1);
                    p->dW[g][j * (H + I) + k] += delta_h[at(p, t, b, j)] * s;
                }
                for (int64_t m = 0; m < I; m++)
                    p->dW[g][j * (H + I) + H + m] += delta_x[at(p, t, b, j)] * p->x[(t * p->batch + b) * I + m];
                p->db[g][2 * j] += delta_x[at(p, t, b, j)];
                p->db[g][2 * j + 1] += delta_h[at(p, t, b, j)];
            }
    }
}

/* ---- LSTM ---- */

static void lstm_forward(const hand_pass *p)
{
    for (int64_t t = 1; t <= p->steps; t++)
        for (int64_t b = 0; b < p->batch; b++)
            for (int64_t j = 0; j < p->hidden; j++) {
                int64_t now = at(p, t, b, j), before = at(p, t - 1, b, j);
                double a[4];
                for (int g = 0; g < 4; g++)
                    a[g] = p->bias[g][j] + from_state(p, g, t, b, j) + from_input(p, g, t, b, j);
                /* f = sigma(a_f),  i = sigma(a_i),  C~ = tanh(a_C),  o = sigma(a_o)                  LSTM.f LSTM.i
                 * LSTM.Ctil LSTM.o */
                double f = sigma(a[GATE_F]), i = sigma(a[GATE_I]), candidate = tanh(a[GATE_C]), o = sigma(a[GATE_O]);
                /* C_t = f * C_{t-1} + i * C~,  h_t = o * tanh(C_t)                                   LSTM.C LSTM.h */
                double C = f * p->C[before] + i * candidate;
                p->gate_out[GATE_F][now] = f;
                p->gate_out[GATE_I][now] = i;
                p->gate_out[GATE_C][now] = candidate;
                p->gate_out[GATE_O][now] = o;
                p->C_out[now] = C;
                p->tanh_C_out[now] = tanh(C);
                p->h_out[now] = o * tanh(C);
            }
}

static void lstm_backward(const hand_pass *p)
{
    const double *f = p->gate[GATE_F], *i = p->gate[GATE_I], *candidate = p->gate[GATE_C], *o = p->gate[GATE_O];
    for (int64_t t = p->steps; t >= 0; t--)
        for (int64_t b = 0; b < p->batch; b++)
            for (int64_t j = 0; j < p->hidden; j++) {
                int64_t now = at(p, t, b, j), after = at(p, t + 1, b, j), before = at(p, t - 1, b, j);
                /* dh_t = g^_t + sum_g delta_{g,t+1} W_g^h                                            X.LSTM.dh_total
                 * X.LSTM.dh0 */
                double dh = t > 0 ? p->hat[now] : 0;
                for (int g = 0; g < 4 && t < p->steps; g++)
                    dh += to_state(p, p->delta[g], g, t + 1, b, j);
                p->dh[now] = dh;
                /* dC_t = dh_t * o_t * (1 - tanh^2 C_t) + dC_{t+1} * f_{t+1};  kappa at t = T         X.LSTM.dC_total
                 * X.LSTM.dC0 */
                double carried = t < p->steps ? p->dC[after] * f[after] : p->kappa[b * p->hidden + j];
                if (t == 0) {
                    p->dC[now] = carried;
                    continue;
                }
                double dC = p->dC[now] = dh * o[now] * (1 - p->tanh_C[now] * p->tanh_C[now]) + carried;
                /* delta_f = dC * C_{t-1} * f * (1 - f)                                               X.LSTM.delta_f */
                p->delta[GATE_F][now] = dC * p->C[before] * f[now] * (1 - f[now]);
                /* delta_i = dC * C~ * i * (1 - i)                                                    X.LSTM.delta_i */
                p->delta[GATE_I][now] = dC * candidate[now] * i[now] * (1 - i[now]);
                /* delta_C = dC * i * (1 - C~^2)                                                      X.LSTM.delta_C */
                p->delta[GATE_C][now] = dC * i[now] * (1 - candidate[now] * candidate[now]);
                /* delta_o = dh * tanh(C) * o * (1 - o)                                               X.LSTM.delta_o */
                p->delta[GATE_O][now] = dh * p->tanh_C[now] * o[now] * (1 - o[now]);
            }
    /* dW_g = sum_t delta_g^T Z_t,  db_g = sum_t delta_g^T 1                                          X.LSTM.dW
     * X.LSTM.db */
    for (int g = 0; g < 4; g++)
        weight_gradient(p, g, p->delta[g], p->delta[g], NULL);
    input_gradient(p, 4);
}

/* ---- GRU, reset before the product ---- */

static void gru_reset_before_forward(const hand_pass *p)
{
    for (int64_t t = 1; t <= p->steps; t++)
        for (int64_t b = 0; b < p->batch; b++) {
            /* z = sigma(a_z),  r = sigma(a_r)                                                        GRU.z GRU.r */
            for (int64_t j = 0; j < p->hidden; j++)
                for (int g = GATE_Z; g <= GATE_R; g++)
                    p->gate_out[g][at(p, t, b, j)] =
                        sigma(p->bias[g][j] + from_state(p, g, t, b, j) + from_input(p, g, t, b, j));
            for (int64_t j = 0; j < p->hidden; j++) {
                int64_t now = at(p, t, b, j);
                double a = p->bias[GATE_H][j] + from_input(p, GATE_H, t, b, j), z = p->gate_out[GATE_Z][now];
                for (int64_t k = 0; k < p->hidden; k++)
                    a += p->gate_out[GATE_R][at(p, t, b, k)] * p->h[at(p, t - 1, b, k)] * weight(p, GATE_H, j, k);
                /* h~ = tanh([r * h_{t-1}, x_t] W^T + b),  h_t = (1 - z) * h_{t-1} + z * h~           GRU.htil GRU.h */
                p->gate_out[GATE_H][now] = tanh(a);
                p->h_out[now] = (1 - z) * p->h[at(p, t - 1, b, j)] + z * tanh(a);
            }
        }
}

static void gru_reset_before_backward(const hand_pass *p)
{
    const double *z = p->gate[GATE_Z], *r = p->gate[GATE_R], *candidate = p->gate[GATE_H];
    for (int64_t t = p->steps; t >= 0; t--)
        for (int64_t b = 0; b < p->batch; b++) {
            for (int64_t j = 0; j < p->hidden; j++) {
                int64_t now = at(p, t, b, j), after = at(p, t + 1, b, j);
                /* dh_t = g^_t + dh_{t+1} * (1 - z_{t+1}) + (delta_{h,t+1} W^h) * r_{t+1} + delta_{z,t+1} W_z^h +
                   delta_{r,t+1} W_r^h X.GRU.dh_prev X.GRU.dh0 */
                double dh = t > 0 ? p->hat[now] : 0;
                if (t < p->steps)
                    dh += p->dh[after] * (1 - z[after]) +
                          to_state(p, p->delta[GATE_H], GATE_H, t + 1, b, j) * r[after] +
                          to_state(p, p->delta[GATE_Z], GATE_Z, t + 1, b, j) +
                          to_state(p, p->delta[GATE_R], GATE_R, t + 1, b, j);
                p->dh[now] = dh;
            }
            for (int64_t j = 0; t > 0 && j < p->hidden; j++) {
                int64_t now = at(p, t, b, j), before = at(p, t - 1, b, j);
                /* delta_z = dh * (h~ - h_{t-1}) * z * (1 - z)                                        X.GRU.delta_z */
                p->delta[GATE_Z][now] = p->dh[now] * (candidate[now] - p->h[before]) * z[now] * (1 - z[now]);
                /* delta_h = dh * z * (1 - h~^2)                                                      X.GRU.delta_h */
                p->delta[GATE_H][now] = p->dh[now] * z[now] * (1 - candidate[now] * candidate[now]);
            }
            for (int64_t j = 0; t > 0 && j < p->hidden; j++) {
                int64_t now = at(p, t, b, j), before = at(p, t - 1, b, j);
                /* dr = (delta_h W^h) * h_{t-1},  delta_r = dr * r * (1 - r)                          X.GRU.dr
                 * X.GRU.delta_r */
                p->dr[now] = to_state(p, p->delta[GATE_H], GATE_H, t, b, j) * p->h[before];
                p->delta[GATE_R][now] = p->dr[now] * r[now] * (1 - r[now]);
            }
        }
    /* dW_z = sum_t delta_z^T Z_t,  dW_r = sum_t delta_r^T Z_t,  dW_h = sum_t delta_h^T [r_t * h_{t-1}, x_t]
                                                                                                      X.GRU.dW_z
       X.GRU.dW_r X.GRU.dW_h X.GRU.db */
    weight_gradient(p, GATE_Z, p->delta[GATE_Z], p->delta[GATE_Z], NULL);
    weight_gradient(p, GATE_R, p->delta[GATE_R], p->delta[GATE_R], NULL);
    weight_gradient(p, GATE_H, p->delta[GATE_H], p->delta[GATE_H], r);
    input_gradient(p, 3);
}

/* ---- GRU, reset after the product ---- */

/* q_t = h_{t-1} W_hn^T + b_hn */
static double reset_product(const hand_pass *p, int64_t t, int64_t b, int64_t j)
{
    return p->bias_hn[j] + from_state(p, GATE_H, t, b, j);
}

static void gru_forward(const hand_pass *p)
{
    for (int64_t t = 1; t <= p->steps; t++)
        for (int64_t b = 0; b < p->batch; b++)
            for (int64_t j = 0; j < p->hidden; j++) {
                int64_t now = at(p, t, b, j);
                double gate[2];
                for (int g = GATE_Z; g <= GATE_R; g++)
                    gate[g] = p->gate_out[g][now] =
                        sigma(p->bias[g][j] + from_state(p, g, t, b, j) + from_input(p, g, t, b, j));
                /* n = tanh(x W_in^T + b_in + r * q),  h_t = (1 - z) * n + z * h_{t-1} */
                double q = p->q_out[now] = reset_product(p, t, b, j);
                double n = tanh(p->bias[GATE_H][j] + from_input(p, GATE_H, t, b, j) + gate[GATE_R] * q);
                p->gate_out[GATE_H][now] = n;
                p->h_out[now] = (1 - gate[GATE_Z]) * n + gate[GATE_Z] * p->h[at(p, t - 1, b, j)];
            }
}

static void gru_backward(const hand_pass *p)
{
    const double *z = p->gate[GATE_Z], *r = p->gate[GATE_R], *n = p->gate[GATE_H];
    for (int64_t t = p->steps; t >= 0; t--)
        for (int64_t b = 0; b < p->batch; b++)
            for (int64_t j = 0; j < p->hidden; j++) {
                int64_t now = at(p, t, b, j), after = at(p, t + 1, b, j), before = at(p, t - 1, b, j);
                /* dh_t = g^_t + dh_{t+1} * z_{t+1} + Delta^h_{t+1} W_hh,  Delta^h = [delta_r, delta_z, delta_q]
                 * X.GRA.dh0 */
                double dh = t > 0 ? p->hat[now] : 0;
                if (t < p->steps)
                    dh += p->dh[after] * z[after] + to_state(p, p->delta[GATE_R], GATE_R, t + 1, b, j) +
                          to_state(p, p->delta[GATE_Z], GATE_Z, t + 1, b, j) +
                          to_state(p, p->delta_q, GATE_H, t + 1, b, j);
                p->dh[now] = dh;
                if (t == 0)
                    continue;
                /* delta_n = dh * (1 - z) * (1 - n^2) */
                double delta_n = p->delta[GATE_H][now] = dh * (1 - z[now]) * (1 - n[now] * n[now]);
                /* delta_z = dh * (h_{t-1} - n) * z * (1 - z) */
                p->delta[GATE_Z][now] = dh * (p->h[before] - n[now]) * z[now] * (1 - z[now]);
                /* dr = delta_n * q,  delta_r = dr * r * (1 - r),  delta_q = delta_n * r */
                p->dr[now] = delta_n * reset_product(p, t, b, j);
                p->delta[GATE_R][now] = p->dr[now] * r[now] * (1 - r[now]);
                p->delta_q[now] = delta_n * r[now];
            }
    /* dW_ih = sum_t Delta^i_t^T x_t,  dW_hh = sum_t Delta^h_t^T h_{t-1},  Delta^i = [delta_r, delta_z, delta_n]
     * X.GRA.dW_ih X.GRA.dW_hh X.GRA.db */
    weight_gradient(p, GATE_Z, p->delta[GATE_Z], p->delta[GATE_Z], NULL);
    weight_gradient(p, GATE_R, p->delta[GATE_R], p->delta[GATE_R], NULL);
    weight_gradient(p, GATE_H, p->delta_q, p->delta[GATE_H], NULL);
    input_gradient(p, 3);
}

/* ---- By name ---- */

static const hand_cell cells[] = {
    { "lstm", lstm_forward, lstm_backward },
    { "gru", gru_forward, gru_backward },
    { "gru-reset-before", gru_reset_before_forward, gru_reset_before_backward },
};

const hand_cell *hand_find(const char *cell)
{
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (!strcmp(cells[i].cell, cell))
            return &cells[i];
    return NULL;
}

/* ---- Additive attention ---- */

void hand_attention_forward(const hand_attention *p)
{
    int64_t H = p->hidden, A = p->width, T = p->steps;
    for (int64_t b = 0; b < p->batch; b++) {
        const double *s = p->h + (T * p->batch + b) * H;
        double top = -INFINITY, sum = 0;
        for (int64_t t = 1; t <= T; t++) {
            const double *h = p->h + (t * p->batch + b) * H;
            double e = 0;
            for (int64_t a = 0; a < A; a++) {
                double sum_a = 0;
                for (int64_t j = 0; j < H; j++)
                    sum_a += p->W_h[a * H + j] * h[j] + p->W_s[a * H + j] * s[j];
                /* u_t = tanh(W_h h_t + W_s s),  e_t = v^T u_t                                        ATT.alpha */
                double u = p->u_out[(t * p->batch + b) * A + a] = tanh(sum_a);
                e += p->v[a] * u;
            }
            p->alpha_out[t * p->batch + b] = p->e_out[t * p->batch + b] = e;
            top = fmax(top, e);
        }
        /* alpha = softmax over t of e,  c = sum_t alpha_t h_t                                        ATT.alpha ATT.c */
        for (int64_t t = 1; t <= T; t++)
            sum += p->alpha_out[t * p->batch + b] = exp(p->alpha_out[t * p->batch + b] - top);
        for (int64_t t = 1; t <= T; t++)
            p->alpha_out[t * p->batch + b] /= sum;
        for (int64_t j = 0; j < H; j++) {
            double c = 0;
            for (int64_t t = 1; t <= T; t++)
                c += p->alpha_out[t * p->batch + b] * p->h[(t * p->batch + b) * H + j];
            p->c_out[b * H + j] = c;
        }
    }
}

void hand_attention_backward(const hand_attention *p)
{
    int64_t H = p->hidden, A = p->width, T = p->steps, B = p->batch;
    for (int64_t i = 0; i < A * H; i++)
        p->dW_h[i] = p->dW_s[i] = 0;
    for (int64_t a = 0; a < A; a++)
        p->dv[a] = 0;
    for (int64_t b = 0; b < B; b++) {
        const double *s = p->h + (T * B + b) * H;
        double mean = 0;
        for (int64_t t = 1; t <= T; t++) {
            /* dalpha_t = <dc, h_t> */
            double d = 0;
            for (int64_t j = 0; j < H; j++)
                d += p->dc[b * H + j] * p->h[(t * B + b) * H + j];
            p->dalpha[t * B + b] = d;
            mean += p->alpha[t * B + b] * d;
        }
        for (int64_t t = 1; t <= T; t++) {
            const double *h = p->h + (t * B + b) * H, *u = p->u + (t * B + b) * A;
            double *delta = p->delta + (t * B + b) * A;
            /* de_t = alpha_t (dalpha_t - sum_k alpha_k dalpha_k)                                     X.ATT.smjac */
            double de = p->de[t * B + b] = p->alpha[t * B + b] * (p->dalpha[t * B + b] - mean);
            for (int64_t a = 0; a < A; a++) {
                /* delta_t = de_t v * (1 - u_t^2),  dv = sum_t de_t u_t                               X.ATT.dv */
                delta[a] = de * p->v[a] * (1 - u[a] * u[a]);
                p->dv[a] += de * u[a];
                /* dW_h = sum_t delta_t h_t^T,  dW_s = (sum_t delta_t) s^T                            X.ATT.dWh
                 * X.ATT.dWs */
                for (int64_t j = 0; j < H; j++) {
                    p->dW_h[a * H + j] += delta[a] * h[j];
                    p->dW_s[a * H + j] += delta[a] * s[j];
                }
            }
            /* to h_t: alpha_t dc + W_h^T delta_t;  to h_T, being s: W_s^T sum_t delta_t              X.ATT.dh
             * X.ATT.dh_selfquery */
            for (int64_t j = 0; j < H; j++) {
                p->hat[(t * B + b) * H + j] += p->alpha[t * B + b] * p->dc[b * H + j];
                for (int64_t a = 0; a < A; a++) {
                    p->hat[(t * B + b) * H + j] += p->W_h[a * H + j] * delta[a];
                    p->hat[(T * B + b) * H + j] += p->W_s[a * H + j] * delta[a];
                }
            }
        }
    }
}
