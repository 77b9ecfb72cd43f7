/* Gradient flow: Jacobians of the last state by the state after step k, by the tape, beside the product of the gates
 * that a first explanation stops at.
 *
 * All Jacobians of one output element come from one vector-Jacobian product: the states' injections of step k + 1 are
 * the state after step k. */
#include "network_internal.h"

#include <math.h>
#include <stdio.h>

enum { POWER_STEPS = 2000 };

double spectral_norm(const double *matrix, int64_t rows, int64_t columns)
{
    /* power iteration on M^T M, scaled by the largest element so that neither tiny nor huge ones leave the range */
    double scale = 0, sigma = 0;
    for (int64_t i = 0; i < rows * columns; i++) {
        if (isnan(matrix[i]))
            return NAN;
        scale = fmax(scale, fabs(matrix[i]));
    }
    double *block = eddy_allocate((size_t)(rows + columns + 1), sizeof *block), *u = block,
           *v = block ? block + rows : NULL;
    if (!block || scale == 0 || isinf(scale)) {
        eddy_free(block);
        return block ? scale : NAN;
    }
    for (int64_t j = 0; j < columns; j++)
        v[j] = 1 + 0.5 * eddy_random_uniform((eddy_random){ .seed = 7 },
                                             (uint64_t)j); /* not orthogonal to what is sought, but by a miracle */
    double length = NAN;
    for (int n = 0; n < POWER_STEPS; n++) {
        double before = sigma, size = 0;
        length = 0;
        for (int64_t j = 0; j < columns; j++)
            length += v[j] * v[j];
        length = sqrt(length);
        if (length == 0)
            break;
        for (int64_t i = 0; i < rows; i++) {
            u[i] = 0;
            for (int64_t j = 0; j < columns; j++)
                u[i] += matrix[i * columns + j] / scale * v[j] / length;
            size += u[i] * u[i];
        }
        sigma = sqrt(size);
        for (int64_t j = 0; j < columns; j++) {
            v[j] = 0;
            for (int64_t i = 0; i < rows; i++)
                v[j] += matrix[i * columns + j] / scale * u[i];
        }
        if (n > 10 && fabs(sigma - before) <= 1e-13 * sigma)
            break;
    }
    eddy_free(block);
    return scale * sigma;
}

/* d (h_T, C_T) / d (h_k, C_k) of sample 1 for k = 0 .. steps - 1: jacobian[k][row][column] of size n, states h first */
static double *jacobians(explanation *e, const layer *l, eddy_tape *tape, int64_t n)
{
    int64_t T = l->steps, B = l->batch, H = l->hidden;
    int states = l->kind->cell_state ? 2 : 1;
    double *jacobian = explain_doubles(e, T * n * n), *pick = explain_doubles(e, B * H),
           *row = explain_doubles(e, T * B * H);
    if (!jacobian || !pick || !row)
        return NULL;
    eddy_var cotangent[2] = { { 0 } };
    for (int i = 0; i < states; i++) {
        char name[40];
        snprintf(name, sizeof name, "pick_%d%s", i, l->reverse ? "_reverse" : "");
        cotangent[i] = explain_leaf(tape, name, EDDY_SHAPE(B, H), NULL);
    }
    eddy_list grads =
        eddy_gradients_with(eddy_list_new(tape, l->run.state, states), eddy_list_new(tape, cotangent, states),
                            eddy_list_new(tape, (eddy_var[]){ l->inject_h, l->inject_C }, states));
    for (int64_t i = 0; i < n && !eddy_error(tape); i++) {
        for (int64_t j = 0; j < B * H; j++)
            pick[j] = 0;
        pick[i % H] = 1;
        for (int k = 0; k < states; k++)
            k == i / H ? (void)eddy_set(cotangent[k], pick, (size_t)(B * H) * sizeof *pick)
                       : (void)eddy_set_item(cotangent[k], 0);
        for (int k = 0; k < states; k++) {
            if (!explain_read(e, grads.items[k], row, T * B * H))
                return NULL;
            for (int64_t t = 0; t < T; t++)
                for (int64_t j = 0; j < H; j++)
                    jacobian[(t * n + i) * n + k * H + j] = row[(l->reverse ? T - 1 - t : t) * B * H + j];
        }
    }
    return eddy_error(tape) ? NULL : jacobian;
}

static double norm(const double *x, int64_t count)
{
    double scale = 0, sum = 0;
    for (int64_t i = 0; i < count; i++)
        scale = fmax(scale, fabs(x[i]));
    for (int64_t i = 0; i < count && scale > 0; i++)
        sum += x[i] / scale * (x[i] / scale);
    return scale * sqrt(sum);
}

/* What one sees, from the first state to the last. */
static void conclude(flow *f, const flow_step *first, int64_t steps)
{
    char many[40] = "";
    const char *direction = f->direction > 0 ? "Forwards: " : f->direction < 0 ? "In reverse: " : "";
    double ratio = first->state / first->direct;
    char how[400];
    if (!(first->state > 0)) {
        snprintf(how, sizeof how, "nothing of the first state reaches the last one");
    } else if (ratio > 2) {
        if (ratio < 99999)
            snprintf(many, sizeof many, ratio < 10 ? "%.1f" : "%.0f", ratio);
        else
            snprintf(many, sizeof many, "%.1e", ratio);
        snprintf(how, sizeof how,
                 "the direct product %.2g underestimates the full Jacobian's norm %.2g by a factor of %s: most of the "
                 "gradient went through the gates",
                 first->direct, first->state, many);
    } else if (ratio < 0.5) {
        snprintf(how, sizeof how,
                 "the direct product %.2g overestimates the full Jacobian's norm %.2g by a factor of %.1f: what went "
                 "through the gates took most of "
                 "it away",
                 first->direct, first->state, 1 / ratio);
    } else {
        snprintf(how, sizeof how,
                 "the direct product %.2g and the full Jacobian's norm %.2g are of one size: here the direct path "
                 "tells the story",
                 first->direct, first->state);
    }
    const char *fate = first->state < 1e-3  ? "The gradient vanishes"
                       : first->state < 0.1 ? "The gradient fades"
                       : first->state > 100 ? "The gradient explodes, to where clipping is needed,"
                       : first->state > 10  ? "The gradient grows"
                                            : "The gradient stays alive";
    snprintf(f->sentence, sizeof f->sentence,
             "%sFrom the last state back to the first, %s. %s over %lld step%s (a factor of %.2g a step).", direction,
             how, fate, (long long)steps, steps == 1 ? "" : "s", pow(first->state, 1.0 / (double)steps));
}

static void saturate(explanation *e, const layer *l)
{
    for (int g = 0; g < l->kind->gates; g++) {
        const quantity *q = l->q_gate[g];
        int64_t size = q->rows * q->columns, low = 0, high = 0;
        if (g == (l->kind->cell_state ? GATE_C : GATE_H)) /* the candidate is no gate */
            continue;
        for (int64_t i = size; i < (l->steps + 1) * size; i++) {
            low += q->tape[i] < 0.1;
            high += q->tape[i] > 0.9;
        }
        double all = (double)(l->steps * size);
        e->gate[e->gates++] = (saturation){ .gate = q, .low = (double)low / all, .high = (double)high / all };
    }
}

bool explain_flow(explanation *e, const layer *l, eddy_tape *tape)
{
    int64_t T = l->steps, B = l->batch, H = l->hidden, n = l->kind->cell_state ? 2 * H : H;
    flow *f = &e->flow[e->flows++];
    *f = (flow){ .direction = l->direction, .reverse = l->reverse, .keep = l->kind->keep };
    f->step = eddy_allocate((size_t)T + 1, sizeof *f->step);
    double *jacobian = jacobians(e, l, tape, n), *product = explain_doubles(e, H), *cell = explain_doubles(e, H * H);
    if (f->step && e->blocks < EXPLAIN_BLOCKS)
        e->block[e->blocks++] = f->step;
    if (!f->step || !jacobian || !product || !cell)
        return eddy_status_fail(&e->status, "There is no memory for the Jacobians.");
    for (int64_t j = 0; j < H; j++)
        product[j] = 1;
    for (int64_t k = T; k >= 0; k--) {
        flow_step *s = &f->step[k];
        *s = (flow_step){ .state = 1, .cell = l->kind->cell_state ? 1 : NAN };
        const double *J = k < T ? jacobian + k * n * n : NULL;
        s->state = J ? spectral_norm(J, n, n) : 1;
        if (J && l->kind->cell_state) {
            for (int64_t i = 0; i < H; i++)
                for (int64_t j = 0; j < H; j++)
                    cell[i * H + j] = J[(H + i) * n + H + j];
            s->cell = spectral_norm(cell, H, H);
        }
        for (int64_t j = 0; j < H; j++)
            s->direct = fmax(s->direct, product[j]);
        s->gradient = norm(k ? l->q_dh->tape + k * B * H : l->q_h0->tape, H);
        for (int64_t j = 0; k && j < H; j++) {
            double gate = l->q_gate[l->kind->keep_gate]->tape[k * B * H + j];
            product[j] *= l->kind->keep_inverse ? 1 - gate : gate;
        }
    }
    conclude(f, &f->step[0], T);
    saturate(e, l);
    return true;
}
