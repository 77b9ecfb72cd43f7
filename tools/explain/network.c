/* The layers on the tape: made, unrolled, and read.
 *
 * Pre-activations are no vars of the library's cells. To differentiate with respect to them anyway, a probe wraps the
 * cell and adds zeros that are inputs: to the bias in each step (their gradient is delta) and to the states that enter
 * the step (theirs is what the step sends back, with the other state held fixed). Adding zeros changes no value. */
#include "network_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- The probe ---- */

typedef struct probe {
    eddy_cell cell;
    const layer *layer;
} probe;

/* x = [input, injection into the pre-activations, into the products with the state (reset after), into h, into C] */
static eddy_var probe_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const layer *l = ((const probe *)cell)->layer;
    int64_t stack = l->kind->blocks * l->hidden;
    int64_t sizes[] = { l->input, stack, l->kind->reset_after ? stack : 0, l->hidden,
                        l->kind->cell_state ? l->hidden : 0 };
    eddy_list part = eddy_split(x, -1, sizes, 5);
    if (part.count < 5)
        return eddy_fail(x.tape, "the probe's input could not be split");
    state[0] = eddy_add(state[0], part.items[3]);
    if (l->kind->cell_state)
        state[1] = eddy_add(state[1], part.items[4]);
    eddy_any_cell inner = l->cell;
    inner.plain.bias_ih = eddy_add(inner.plain.bias_ih, part.items[1]);
    if (l->kind->reset_after)
        inner.plain.bias_hh = eddy_add(inner.plain.bias_hh, part.items[2]);
    return inner.cell.step(&inner.cell, part.items[0], state);
}

/* ---- Leaves ---- */

/* The first numbers for a pencil are some in which the later step matters as much as the step's own output. */
enum { PENCIL_SEED = 8 };

/* One of -0.9, -0.8, ..., 0.9 without zero, for x in [-1, 1). */
static double with_one_decimal(double x)
{
    double tenths = fmin(fmax(round(10 * fabs(x)), 1), 9);
    return copysign(tenths / 10, x);
}

/* Values of the explanation's own random streams. */
double *explain_random(explanation *e, uint64_t stream, int64_t count, bool normal)
{
    double *values = explain_doubles(e, count);
    eddy_tensor view = eddy_tensor_wrap(values, EDDY_F64, EDDY_SHAPE(count));
    eddy_random random = { .seed = e->setup.seed + (e->setup.pencil ? PENCIL_SEED : 0), .stream = 0xE0000 + stream };
    if (values && normal && !e->setup.pencil)
        eddy_fill_normal(&view, random, 0, 1, &e->status);
    else if (values)
        eddy_fill_uniform(&view, random, -1, 1, &e->status);
    for (int64_t i = 0; values && e->setup.pencil && i < count; i++)
        values[i] = with_one_decimal(values[i]);
    return values;
}

/* An input with these values, NULL: zeros. */
eddy_var explain_leaf(eddy_tape *tape, const char *name, eddy_shape shape, const double *values)
{
    eddy_var x = eddy_input(tape, name, shape);
    if (values)
        eddy_set(x, values, (size_t)eddy_shape_count(&shape) * sizeof *values);
    else
        eddy_set_item(x, 0);
    return x;
}

/* W_g = [W_g^h | W_g^x] from N(0, gain^2 / (hidden + input)), and the bias of the gate that keeps; the other biases as
 * the library draws them. */
static void draw_weights(const explanation *e, const layer *l)
{
    int64_t H = l->hidden;
    eddy_init normal = { .kind = EDDY_INIT_NORMAL, .a = e->setup.gain / sqrt((double)(H + l->input)) };
    eddy_reinitialise(l->cell.plain.weight_hh, normal, 0, 0);
    eddy_reinitialise(l->cell.plain.weight_ih, normal, 0, 0);
    if (isnan(e->setup.forget_bias))
        return;
    int64_t first = l->kind->gate[l->kind->keep_gate].block * H;
    double bias = l->kind->keep_inverse ? -e->setup.forget_bias : e->setup.forget_bias;
    eddy_reinitialise(l->cell.plain.bias_ih, (eddy_init){ .kind = EDDY_INIT_CONSTANT, .a = bias }, first, first + H);
    eddy_reinitialise(l->cell.plain.bias_hh, (eddy_init){ .kind = EDDY_INIT_ZEROS }, first, first + H);
}

/* The same for a pencil. The second bias is zero where it only adds to the first. */
static void draw_by_tenths(explanation *e, const layer *l, uint64_t stream)
{
    int64_t H = l->hidden, rows = l->kind->blocks * H, candidate = l->kind->gate[GATE_H].block;
    struct {
        eddy_var leaf;
        int64_t count;
    } drawn[] = { { l->cell.plain.weight_hh, rows * H },
                  { l->cell.plain.weight_ih, rows * l->input },
                  { l->cell.plain.bias_ih, rows },
                  { l->cell.plain.bias_hh, rows } };
    for (int i = 0; i < 4; i++) {
        double *values = explain_random(e, stream + (uint64_t)i, drawn[i].count, false);
        for (int64_t k = 0; values && i == 3 && k < rows; k++)
            values[k] = l->kind->reset_after && k / H == candidate ? values[k] : 0;
        if (values)
            eddy_set(drawn[i].leaf, values, (size_t)drawn[i].count * sizeof *values);
    }
}

static eddy_var *vars(eddy_tape *tape, int64_t count)
{
    return eddy_list_new(tape, NULL, count).items;
}

/* What the steps watched, straight after the unroll: a second one would hide it. */
static bool keep_watched(layer *l, eddy_tape *tape, int64_t steps)
{
    eddy_var **into[6] = { &l->h, &l->C, &l->gate[0], &l->gate[1], &l->gate[2], &l->gate[3] };
    const char *name[6] = { "h", l->kind->cell_state ? "c" : NULL, NULL, NULL, NULL, NULL };
    for (int g = 0; g < l->kind->gates; g++)
        name[2 + g] = l->kind->gate[g].watch;
    for (int i = 0; i < 6; i++) {
        *into[i] = name[i] ? vars(tape, steps + 1) : NULL;
        for (int64_t k = 1; *into[i] && k <= steps; k++)
            (*into[i])[k] = eddy_watched(tape, name[i], l->reverse ? steps - k : k - 1);
    }
    l->tanh_C = l->C ? vars(tape, steps + 1) : NULL;
    for (int64_t k = 1; l->tanh_C && k <= steps; k++)
        l->tanh_C[k] = eddy_tanh(l->C[k]); /* the kernel of the cell, so the same bits */
    l->q = l->kind->reset_after ? vars(tape, steps + 1) : NULL;
    int64_t first = l->kind->gate[GATE_H].block * l->hidden;
    for (int64_t k = 1; l->q && k <= steps; k++) { /* no var of the cell's own: its product is that of all gates */
        eddy_var weight = eddy_slice(l->cell.plain.weight_hh, 0, first, first + l->hidden, 1);
        eddy_var bias = eddy_slice(l->cell.plain.bias_hh, 0, first, first + l->hidden, 1);
        l->q[k] = eddy_add(eddy_matmul(k > 1 ? l->h[k - 1] : l->h0, eddy_transpose(weight, 0, 1)), bias);
    }
    return !eddy_error(tape);
}

bool layer_make(explanation *e, eddy_tape *tape, layer *l, const layer_kind *kind, int direction, eddy_var x)
{
    const explain_setup *s = &e->setup;
    bool reverse = direction < 0;
    const char *mark = reverse ? "_reverse" : "";
    char name[40];
    *l = (layer){ .kind = kind, .direction = direction, .reverse = reverse, .x = x };
    l->steps = s->steps;
    l->batch = s->batch;
    l->input = s->input;
    l->hidden = s->hidden;
    l->cell = eddy_any_cell_new(tape, kind->cell, kind->family, s->input, s->hidden,
                                &(eddy_any_options){ .reverse = reverse });
    if (s->pencil)
        draw_by_tenths(e, l, reverse ? 60 : 50);
    else if (!s->window)
        draw_weights(e, l);
    struct {
        const char *name;
        int64_t size; /* of one step */
        eddy_var *leaf;
    } injections[] = {
        { "inject_ih", kind->blocks * s->hidden, &l->inject_ih },
        { "inject_hh", kind->reset_after ? kind->blocks * s->hidden : 0, &l->inject_hh },
        { "inject_h", s->hidden, &l->inject_h },
        { "inject_C", kind->cell_state ? s->hidden : 0, &l->inject_C },
        { "inject_x", s->input, &l->inject_x },
    };
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "%s%s", injections[i].name, mark);
        *injections[i].leaf = explain_leaf(tape, name, EDDY_SHAPE(s->steps, s->batch, injections[i].size), NULL);
    }
    uint64_t stream = reverse ? 20 : 10;
    double *h0 = s->window ? NULL : explain_random(e, stream, s->batch * s->hidden, false);
    double *C0 = s->window ? NULL : explain_random(e, stream + 1, s->batch * s->hidden, false);
    for (int64_t i = 0; h0 && !s->pencil && i < s->batch * s->hidden; i++)
        h0[i] *= 0.9; /* a state that an LSTM can have is within (-1, 1) */
    snprintf(name, sizeof name, "h0%s", mark);
    l->h0 = explain_leaf(tape, name, EDDY_SHAPE(s->batch, s->hidden), h0);
    snprintf(name, sizeof name, "C0%s", mark);
    if (kind->cell_state)
        l->C0 = explain_leaf(tape, name, EDDY_SHAPE(s->batch, s->hidden), C0);
    probe wrap = {
        .cell = { .step = probe_step, .states = kind->cell_state ? 2 : 1, .state_size = { s->hidden, s->hidden } },
        .layer = l
    };
    eddy_var seen = eddy_concat(-1, eddy_add(x, l->inject_x), l->inject_ih, l->inject_hh, l->inject_h, l->inject_C);
    eddy_var initial[2] = { l->h0, l->C0 };
    l->run = eddy_unroll(&wrap.cell, seen, &(eddy_unroll_options){ .initial = initial, .reverse = reverse });
    return keep_watched(l, tape, s->steps);
}

/* ---- Quantities ---- */

static quantity *add(explanation *e, const layer *l, explain_part part, const char *name, const char *label,
                     const char *formula, const char *id, int64_t first, int64_t size)
{
    quantity *q = explain_add(e, part, name, label, first, e->setup.steps, e->setup.batch, size);
    if (!q)
        return NULL;
    q->formula = formula;
    q->id = id;
    q->direction = l->direction;
    q->reverse = l->reverse;
    return q;
}

/* What has no steps, and rows of its own. */
static quantity *add_rows(explanation *e, const layer *l, explain_part part, const char *name, const char *label,
                          const char *formula, const char *id, int64_t rows, int64_t columns)
{
    quantity *q = explain_add(e, part, name, label, 0, 0, rows, columns);
    if (!q)
        return NULL;
    q->formula = formula;
    q->id = id;
    q->direction = l->direction;
    q->reverse = l->reverse;
    q->own_rows = true;
    return q;
}

static quantity *worked(quantity *q, const char *work)
{
    if (q)
        q->work = work;
    return q;
}

static void given_quantities(explanation *e, layer *l)
{
    const layer_kind *kind = l->kind;
    int64_t H = l->hidden, I = l->input;
    for (int g = 0; g < kind->gates; g++) {
        const char *const *name = kind->gate[g].given;
        l->q_W[g] = add_rows(e, l, PART_GIVEN, name[0], name[1], NULL, NULL, H, H + I);
        l->q_b[g] = add_rows(e, l, PART_GIVEN, name[2], name[3], NULL, NULL, H, 2);
    }
    if (e->setup.window)
        return;
    if (e->setup.pencil) {
        l->q_y = add(e, l, PART_GIVEN, "y", "y", NULL, NULL, 1, H);
        return;
    }
    l->q_G = add(e, l, PART_GIVEN, "G", "G", NULL, NULL, 1, H);
    l->q_Q = add(e, l, PART_GIVEN, "Q", "Q", NULL, NULL, 1, H);
    if (kind->cell_state)
        l->q_kappa = add_rows(e, l, PART_GIVEN, "kappa", "\\kappa", NULL, NULL, l->batch, H);
    if (l->q_kappa)
        l->q_kappa->own_rows = false;
}

static void forward_quantities(explanation *e, layer *l)
{
    const layer_kind *kind = l->kind;
    int64_t H = l->hidden;
    l->q_x = add(e, l, PART_FORWARD, "x", "x", NULL, NULL, 1, l->input);
    if (kind->reset_after)
        l->q_q = worked(add(e, l, PART_FORWARD, "q", "q", "q_t = h_{t-1} W_{hn}^\\top + b_{hn}", NULL, 1, H),
                        "{W_n[j,k] h-[k]} + {b_n[j,1]}");
    for (int g = 0; g < kind->gates; g++) {
        const gate_row *row = &kind->gate[g];
        l->q_gate[g] = worked(add(e, l, PART_FORWARD, row->name, row->label, row->formula, row->id, 1, H), row->work);
    }
    if (kind->cell_state) {
        l->q_C = worked(
            add(e, l, PART_FORWARD, "C", "C", "C_t = f_t \\odot C_{t-1} + i_t \\odot \\tilde C_t", "LSTM.C", 0, H),
            "{f C-} + {i C_tilde}");
        l->q_tanh_C = worked(add(e, l, PART_FORWARD, "tanh_C", "\\tanh C", "\\tanh(C_t)", NULL, 1, H), "tanh({C})");
    }
    l->q_h = worked(add(e, l, PART_FORWARD, "h", "h", kind->h_formula, kind->h_id, 0, H), kind->h_work);
}

static void backward_quantities(explanation *e, layer *l)
{
    const layer_kind *kind = l->kind;
    int64_t H = l->hidden;
    const char *dC_formula =
        "\\mathrm dC_t = \\mathrm dh_t \\odot o_t \\odot (1 - \\tanh^2(C_t)) + \\mathrm dC_{t+1} \\odot f_{t+1}";
    bool attended = e->setup.network->attention, pencil = e->setup.pencil;
    l->q_hat = worked(add(e, l, PART_BACKWARD, "ghat", "\\hat g",
                          e->setup.window ? "\\hat g_T = \\mathrm dp V"
                          : pencil        ? "\\hat g_t = h_t - y_t"
                          : attended      ? "\\hat g_t = G_t + Q_t \\odot h_t + \\alpha_t \\mathrm dc + \\delta_t W_h"
                                          : "\\hat g_t = G_t + Q_t \\odot h_t",
                          NULL, 1, H),
                      e->setup.window ? "{T:dp V[0,j]}"
                      : pencil        ? "{h} − {y}"
                      : attended      ? "{G} + {Q h} + {alpha dc} + {delta[k] W_h[k,j]} + {T:delta*[k] W_s[k,j]}"
                                      : "{G} + {Q h}");
    l->q_dh = worked(add(e, l, PART_BACKWARD, "dh", "\\mathrm dh", kind->dh_formula, kind->dh_id, 1, H), kind->dh_work);
    if (kind->cell_state)
        l->q_dC = worked(add(e, l, PART_BACKWARD, "dC", "\\mathrm dC", dC_formula, "X.LSTM.dC_total", 1, H),
                         pencil ? "{dh}·{o}·(1 − {tanh_C}²) + {dC+ f+}"
                                : "{dh}·{o}·(1 − {tanh_C}²)"
                                  " + {dC+ f+} + {T:kappa}");
    for (int g = 0; g < kind->gates; g++) {
        const gate_row *row = &kind->gate[g];
        if (!kind->cell_state && g == GATE_R) /* which is that of r by way of the candidate */
            continue;
        l->q_delta[g] =
            worked(add(e, l, PART_BACKWARD, row->delta_name, row->delta_label, row->delta_formula, row->delta_id, 1, H),
                   row->delta_work);
    }
    if (!kind->cell_state) {
        const gate_row *row = &kind->gate[GATE_R];
        l->q_dr = worked(add(e, l, PART_BACKWARD, "dr", "\\mathrm dr", kind->dr_formula,
                             kind->reset_after ? NULL : "X.GRU.dr", 1, H),
                         kind->dr_work);
        l->q_delta[GATE_R] =
            worked(add(e, l, PART_BACKWARD, row->delta_name, row->delta_label, row->delta_formula, row->delta_id, 1, H),
                   row->delta_work);
    }
    if (kind->reset_after)
        l->q_delta_q = worked(
            add(e, l, PART_BACKWARD, "delta_q", "\\delta_q", "\\delta_{q,t} = \\delta_{n,t} \\odot r_t", NULL, 1, H),
            "{delta_n}·{r}");
    l->q_dx = worked(add(e, l, PART_BACKWARD, "dx", "\\mathrm dx", kind->dx_formula, kind->dx_id, 1, l->input),
                     kind->dx_work);
}

static void weight_quantities(explanation *e, layer *l)
{
    const layer_kind *kind = l->kind;
    int64_t H = l->hidden, I = l->input;
    for (int g = 0; g < kind->gates; g++) {
        const gate_row *row = &kind->gate[g];
        l->q_dW[g] = worked(add_rows(e, l, PART_WEIGHT, row->weight_name, row->weight_label, row->weight_formula,
                                     row->weight_id, H, H + I),
                            row->weight_work);
        if (l->q_dW[g])
            l->q_dW[g]->right = row->weight_right;
    }
    for (int g = 0; g < kind->gates; g++) {
        const gate_row *row = &kind->gate[g];
        l->q_db[g] = worked(add_rows(e, l, PART_WEIGHT, row->bias_name, row->bias_label, row->bias_formula, NULL, H, 2),
                            row->bias_work);
        if (l->q_db[g])
            l->q_db[g]->right = row->bias_right;
    }
    l->q_h0 = worked(add_rows(e, l, PART_WEIGHT, "dh0", l->reverse ? "\\mathrm dh_{T+1}" : "\\mathrm dh_0",
                              kind->dh0_formula, NULL, l->batch, H),
                     kind->dh0_work);
    if (kind->cell_state)
        l->q_C0 = worked(add_rows(e, l, PART_WEIGHT, "dC0", l->reverse ? "\\mathrm dC_{T+1}" : "\\mathrm dC_0",
                                  "\\mathrm dC_0 = \\mathrm dC_1 \\odot f_1", "X.LSTM.dC0", l->batch, H),
                         "{dC+ f+}");
    for (int i = 0; i < 2; i++) {
        quantity *q = i ? l->q_C0 : l->q_h0;
        if (q) {
            q->initial = true;
            q->own_rows = false; /* one for each sample */
        }
    }
}

bool layer_quantities(explanation *e, layer *l)
{
    given_quantities(e, l);
    forward_quantities(e, l);
    backward_quantities(e, l);
    weight_quantities(e, l);
    if (*e->status.text)
        return false;
    l->hat = l->q_hat->hand;
    int64_t H = l->hidden;
    for (int g = 0; g < l->kind->gates; g++) {
        l->weight[g] = l->q_W[g]->tape;
        l->bias[g] = explain_doubles(e, H);
    }
    l->bias_hn = explain_doubles(e, H);
    return !*e->status.text;
}

/* ---- Reading ---- */

bool explain_read(explanation *e, eddy_var var, double *to, int64_t count)
{
    if (count == 0 || eddy_get(var, to, (size_t)count * sizeof *to))
        return true;
    return eddy_status_fail(&e->status, "%s",
                            eddy_error(var.tape) ? eddy_error(var.tape) : "A value could not be computed.");
}

static bool read_steps(explanation *e, const layer *l, quantity *q, const eddy_var *step)
{
    int64_t size = q->rows * q->columns;
    for (int64_t k = 1; k <= l->steps; k++)
        if (!explain_read(e, step[k], q->tape + k * size, size))
            return false;
    return true;
}

/* Columns first .. of a (time, batch, all) var */
static bool read_columns(explanation *e, const layer *l, quantity *q, eddy_var all, int64_t first)
{
    int64_t size = q->rows * q->columns;
    eddy_var part = eddy_slice(all, -1, first, first + q->columns, 1);
    double *values = explain_doubles(e, l->steps * size);
    if (!values || !explain_read(e, part, values, l->steps * size))
        return false;
    for (int64_t k = 1; k <= l->steps; k++)
        memcpy(q->tape + k * size, values + (l->reverse ? l->steps - k : k - 1) * size, (size_t)size * sizeof *values);
    return true;
}

/* Parameters as [W^h | W^x] and the sums of both biases. */
static bool read_weights(explanation *e, layer *l)
{
    int64_t H = l->hidden, I = l->input, rows = l->kind->blocks * H;
    double *ih = explain_doubles(e, rows * I), *hh = explain_doubles(e, rows * H), *bias_ih = explain_doubles(e, rows),
           *bias_hh = explain_doubles(e, rows);
    if (!ih || !hh || !bias_ih || !bias_hh)
        return false;
    if (!explain_read(e, l->cell.plain.weight_ih, ih, rows * I) ||
        !explain_read(e, l->cell.plain.weight_hh, hh, rows * H) ||
        !explain_read(e, l->cell.plain.bias_ih, bias_ih, rows) ||
        !explain_read(e, l->cell.plain.bias_hh, bias_hh, rows))
        return false;
    for (int g = 0; g < l->kind->gates; g++)
        for (int64_t j = 0; j < H; j++) {
            int64_t row = l->kind->gate[g].block * H + j;
            bool candidate = l->kind->reset_after && g == GATE_H;
            memcpy(l->weight[g] + j * (H + I), hh + row * H, (size_t)H * sizeof *hh);
            memcpy(l->weight[g] + j * (H + I) + H, ih + row * I, (size_t)I * sizeof *ih);
            l->bias[g][j] = bias_ih[row] + (candidate ? 0 : bias_hh[row]);
            l->bias_hn[j] = candidate ? bias_hh[row] : l->bias_hn[j];
            l->q_b[g]->tape[2 * j] = bias_ih[row];
            l->q_b[g]->tape[2 * j + 1] = bias_hh[row];
        }
    return true;
}

bool layer_read_forward(explanation *e, layer *l)
{
    const layer_kind *kind = l->kind;
    int64_t state = l->batch * l->hidden;
    bool ok = read_weights(e, l) && read_columns(e, l, l->q_x, l->x, 0);
    for (int g = 0; ok && g < kind->gates; g++)
        ok = read_steps(e, l, l->q_gate[g], l->gate[g]);
    ok = ok && (!l->q_q || read_steps(e, l, l->q_q, l->q));
    ok = ok && read_steps(e, l, l->q_h, l->h) && explain_read(e, l->h0, l->q_h->tape, state);
    memcpy(l->q_h->hand, l->q_h->tape, (size_t)state * sizeof(double));
    if (ok && kind->cell_state) {
        ok = read_steps(e, l, l->q_C, l->C) && read_steps(e, l, l->q_tanh_C, l->tanh_C) &&
             explain_read(e, l->C0, l->q_C->tape, state);
        memcpy(l->q_C->hand, l->q_C->tape, (size_t)state * sizeof(double));
    }
    return ok;
}

/* ---- Gradients ---- */

void layer_wanted(const layer *l, eddy_tape *tape, eddy_list *leaves, eddy_list *steps)
{
    eddy_list mine = EDDY_LIST(l->inject_ih, l->inject_hh, l->inject_x, l->run.outputs);
    *leaves = eddy_list_join(tape, *leaves,
                             EDDY_LIST(l->cell.plain.weight_ih, l->cell.plain.weight_hh, l->cell.plain.bias_ih,
                                       l->cell.plain.bias_hh, l->h0));
    if (l->kind->cell_state)
        *leaves = eddy_list_join(tape, *leaves, EDDY_LIST(l->C0));
    *steps = eddy_list_join(tape, *steps, mine);
    const eddy_var *each[] = { l->h, l->kind->cell_state ? l->C : l->gate[GATE_R] };
    for (int i = 0; i < 2; i++)
        *steps = eddy_list_join(tape, *steps, eddy_list_new(tape, each[i] + 1, l->steps));
}

/* The gradients of what layer_wanted added to `steps`, in its order; returns how many it took. */
int64_t layer_read_gradients(explanation *e, layer *l, const eddy_var *gradient)
{
    const layer_kind *kind = l->kind;
    bool ok = true;
    for (int g = 0; ok && g < kind->gates; g++)
        ok = read_columns(e, l, l->q_delta[g], gradient[0], kind->gate[g].block * l->hidden);
    if (ok && kind->reset_after)
        ok = read_columns(e, l, l->q_delta_q, gradient[1], kind->gate[GATE_H].block * l->hidden);
    ok = ok && read_columns(e, l, l->q_dx, gradient[2], 0);
    ok = ok && read_columns(e, l, l->q_hat, gradient[3], 0);
    ok = ok && read_steps(e, l, l->q_dh, gradient + 4 - 1) &&
         read_steps(e, l, kind->cell_state ? l->q_dC : l->q_dr, gradient + 4 + l->steps - 1);
    /* h_T may also be seen as the last output; nothing follows it, so that all its gradient is direct */
    int64_t state = l->batch * l->hidden;
    memcpy(l->q_hat->tape + l->steps * state, l->q_dh->tape + l->steps * state, (size_t)state * sizeof(double));
    return ok ? 4 + 2 * l->steps : 0;
}

/* Where element `index` of a layer's leaf stands: leaf 0 .. 5 are weight_ih, weight_hh, bias_ih, bias_hh, h0, C0. */
quantity *layer_element(const layer *l, int leaf, int64_t index, int64_t *at)
{
    int64_t H = l->hidden, I = l->input, columns[] = { I, H, 1, 1 };
    *at = index;
    if (leaf >= 4)
        return leaf == 4 ? l->q_h0 : l->q_C0;
    int64_t row = index / columns[leaf], column = index % columns[leaf], j = row % H;
    for (int g = 0; g < l->kind->gates; g++) {
        if (l->kind->gate[g].block != row / H)
            continue;
        *at = leaf == 0 ? j * (H + I) + H + column : leaf == 1 ? j * (H + I) + column : 2 * j + (leaf == 3);
        return leaf < 2 ? l->q_dW[g] : l->q_db[g];
    }
    return NULL;
}
