/* The whole network: its loss, every gradient by hand, by the tape and numerically. */
#include "scene.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool tape_ok(scene *s)
{
    const char *sentence = eddy_error(s->tape);
    if (sentence)
        eddy_status_fail(&s->e->status, "%s", sentence);
    return !*s->e->status.text;
}

eddy_var scene_constant(scene *s, double *values, eddy_shape shape)
{
    if (!values)
        return (eddy_var){ s->tape, EDDY_FAILED, 0 };
    eddy_tensor view = eddy_tensor_wrap(values, EDDY_F64, shape);
    return eddy_constant(s->tape, &view);
}

/* What belongs to no layer. */
quantity *scene_quantity(scene *s, explain_part part, const char *name, const char *label, bool stepped,
                         int64_t columns)
{
    return explain_add(s->e, part, name, label, stepped, stepped ? s->e->setup.steps : 0, s->e->setup.batch, columns);
}

quantity *scene_rows(scene *s, explain_part part, const char *name, const char *label, int64_t rows, int64_t columns)
{
    quantity *q = explain_add(s->e, part, name, label, 0, 0, rows, columns);
    if (q)
        q->own_rows = true;
    return q;
}

quantity *scene_computed(quantity *q, const char *formula, const char *work, const char *id)
{
    if (q) {
        q->formula = formula;
        q->work = work;
        q->id = id;
    }
    return q;
}

/* ---- The loss ---- */

#define LOSS "L = \\sum_t \\langle G_t, h_t \\rangle + \\frac 12 \\sum_t \\langle Q_t, h_t^2 \\rangle"
#define OF_C " + \\langle \\kappa, C_T \\rangle"
#define OF_BOTH_C                                                                                                      \
    " + \\langle \\overrightarrow\\kappa, \\overrightarrow C_T \\rangle"                                               \
    " + \\langle \\overleftarrow\\kappa, \\overleftarrow C_1 \\rangle"
#define OF_CONTEXT " + \\langle G_c, c \\rangle + \\frac 12 \\langle Q_c, c^2 \\rangle"

/* What the loss is, in LaTeX. */
static void say_loss(scene *s)
{
    const explain_setup *o = &s->e->setup;
    const char **line = s->e->loss_formula;
    bool cell = s->layer[0].kind->cell_state;
    if (o->window) {
        line[0] = "L = (p - y)^2";
    } else if (o->pencil) {
        line[0] = "L = \\frac 12 \\sum_t \\langle h_t - y_t, h_t - y_t \\rangle";
    } else if (s->has_attention) {
        line[0] = cell ? LOSS OF_C OF_CONTEXT : LOSS OF_CONTEXT;
        line[1] = "\\hat g_T = G_T + Q_T \\odot h_T + \\alpha_T \\mathrm dc + \\delta_T W_h + \\sum_t \\delta_t W_s";
    } else {
        line[0] = !cell ? LOSS : s->layers > 1 ? LOSS OF_BOTH_C : LOSS OF_C;
        line[1] = s->layers > 1 ? "h_t = [\\overrightarrow h_t, \\overleftarrow h_t]" : NULL;
    }
}

/* For a pencil: L = 1/2 sum_t |h_t - y_t|^2, which is the loss of G = -y and Q = 1 but for a constant. */
static void record_squares(scene *s)
{
    const explain_setup *o = &s->e->setup;
    int64_t T = o->steps, B = o->batch, H = o->hidden;
    double *y = explain_random(s->e, 30, T * B * H, false);
    s->g = explain_doubles(s->e, T * B * H);
    s->q = explain_doubles(s->e, T * B * H);
    s->kappa[0] = explain_doubles(s->e, B * H);
    if (!y || !s->g || !s->q || !s->kappa[0])
        return;
    for (int64_t i = 0; i < T * B * H; i++) {
        s->g[i] = -y[i];
        s->q[i] = 1;
    }
    memset(s->kappa[0], 0, (size_t)(B * H) * sizeof(double));
    eddy_var off = eddy_sub(s->layer[0].run.outputs, scene_constant(s, y, EDDY_SHAPE(T, B, H)));
    s->loss = eddy_mul_scalar(eddy_sum(eddy_square(off)), 0.5);
}

/* L = sum_t <G_t, h_t> + 1/2 <Q_t, h_t^2> + <kappa, C_T>, the same of c with attention; or the squared error of a
 * forecast. */
static void record_loss(scene *s)
{
    const explain_setup *o = &s->e->setup;
    layer *l = s->layer;
    int64_t T = o->steps, B = o->batch, H = o->hidden, D = H * s->layers;
    say_loss(s);
    if (o->window) {
        double target = o->window->scaled[T];
        s->p = eddy_apply(&s->fc, l->run.last);
        s->loss = eddy_mse(s->p, scene_constant(s, &target, EDDY_SHAPE(1, 1)));
        return;
    }
    if (o->pencil) {
        record_squares(s);
        return;
    }
    s->g = explain_random(s->e, 30, T * B * D, false);
    s->q = explain_random(s->e, 31, T * B * D, false);
    eddy_var h = s->layers > 1 ? eddy_concat(-1, l[0].run.outputs, l[1].run.outputs) : l[0].run.outputs;
    eddy_shape shape = EDDY_SHAPE(T, B, D);
    s->loss = eddy_add(eddy_sum(eddy_mul(scene_constant(s, s->g, shape), h)),
                       eddy_mul_scalar(eddy_sum(eddy_mul(scene_constant(s, s->q, shape), eddy_square(h))), 0.5));
    for (int i = 0; i < s->layers && l->kind->cell_state; i++) {
        s->kappa[i] = explain_random(s->e, 32 + (uint64_t)i, B * H, false);
        s->loss =
            eddy_add(s->loss, eddy_sum(eddy_mul(scene_constant(s, s->kappa[i], EDDY_SHAPE(B, H)), l[i].run.state[1])));
    }
    if (s->has_attention) {
        eddy_shape wide = EDDY_SHAPE(B, H);
        double *g = s->attention.context_weight;
        eddy_var c = s->attention.context;
        s->loss = eddy_add(s->loss, eddy_sum(eddy_mul(scene_constant(s, g, wide), c)));
        s->loss = eddy_add(
            s->loss,
            eddy_mul_scalar(eddy_sum(eddy_mul(scene_constant(s, g ? g + B * H : NULL, wide), eddy_square(c))), 0.5));
    }
}

/* The direct derivative with respect to h_t, by hand: G_t + Q_t * h_t, or dp V at the last step of a forecast. */
static void loss_by_hand(scene *s)
{
    const explain_setup *o = &s->e->setup;
    int64_t T = o->steps, B = o->batch, H = o->hidden, D = H * s->layers;
    for (int i = 0; i < s->layers; i++) {
        layer *l = &s->layer[i];
        memset(l->hat, 0, (size_t)((T + 1) * B * H) * sizeof *l->hat);
        for (int64_t k = 1; k <= T && !o->window; k++)
            for (int64_t b = 0; b < B; b++)
                for (int64_t j = 0; j < H; j++) {
                    int64_t t = explain_time(s->e, l->reverse, k) - 1, at = (t * B + b) * D + i * H + j,
                            now = (k * B + b) * H + j;
                    if (l->q_y)
                        l->q_y->tape[now] = -s->g[at];
                    if (l->q_G) {
                        l->q_G->tape[now] = s->g[at];
                        l->q_Q->tape[now] = s->q[at];
                    }
                    l->hat[now] = s->g[at] + s->q[at] * l->q_h->tape[now];
                }
        l->kappa = s->kappa[i];
        if (l->q_kappa)
            memcpy(l->q_kappa->tape, s->kappa[i], (size_t)(B * H) * sizeof(double));
    }
}

static bool forecast_by_hand(scene *s)
{
    explanation *e = s->e;
    layer *l = &s->layer[0];
    const explain_window *w = e->setup.window;
    int64_t T = l->steps, H = l->hidden;
    double *V = s->q_V->tape, *c = s->q_c->tape, p;
    if (!explain_read(e, s->fc.weight, V, H) || !explain_read(e, s->fc.bias, c, 1) ||
        !explain_read(e, s->p, s->q_p->tape, 1))
        return false;
    /* p = h_T V^T + c,  dp = 2 (p - y),  dV = dp h_T,  dc = dp,  g^_T = dp V                         X.MSE.dp
     * X.MSE.head */
    p = *c;
    for (int64_t j = 0; j < H; j++)
        p += V[j] * l->q_h->tape[T * H + j];
    s->q_p->hand[0] = p;
    s->q_y->tape[0] = w->scaled[T];
    double dp = s->q_dp->hand[0] = 2 * (p - w->scaled[T]);
    for (int64_t j = 0; j < H; j++) {
        s->q_dV->hand[j] = dp * l->q_h->tape[T * H + j];
        l->hat[T * H + j] = dp * V[j];
    }
    s->q_dc->hand[0] = dp;
    e->forecast = w->mean + w->scale * p;
    e->truth = w->mean + w->scale * w->scaled[T];
    s->kappa[0] = explain_doubles(e, H);
    for (int64_t j = 0; s->kappa[0] && j < H; j++)
        s->kappa[0][j] = 0;
    l->kappa = s->kappa[0];
    return l->kappa != NULL;
}

static void layer_by_hand(const layer *l)
{
    hand_pass p = {
        .steps = l->steps, .batch = l->batch, .input = l->input, .hidden = l->hidden, .bias_hn = l->bias_hn
    };
    for (int g = 0; g < l->kind->gates; g++) {
        p.weight[g] = l->weight[g];
        p.bias[g] = l->bias[g];
        p.gate[g] = l->q_gate[g]->tape;
        p.gate_out[g] = l->q_gate[g]->hand;
        p.delta[g] = l->q_delta[g]->hand;
        p.dW[g] = l->q_dW[g]->hand;
        p.db[g] = l->q_db[g]->hand;
    }
    /* the way back also reaches the state before the first step, which is shown among the leaves */
    p.dh = l->q_dh->hand;
    p.dx = l->q_dx->hand;
    p.x = l->q_x->tape, p.h = l->q_h->tape, p.h_out = l->q_h->hand, p.hat = l->hat, p.kappa = l->kappa;
    if (l->kind->cell_state) {
        p.C = l->q_C->tape, p.C_out = l->q_C->hand, p.tanh_C = l->q_tanh_C->tape, p.tanh_C_out = l->q_tanh_C->hand;
        p.dC = l->q_dC->hand;
    } else {
        p.dr = l->q_dr->hand;
    }
    p.q_out = l->q_q ? l->q_q->hand : NULL;
    p.delta_q = l->q_delta_q ? l->q_delta_q->hand : NULL;
    const hand_cell *cell = hand_find(l->kind->cell);
    cell->forward(&p);
    cell->backward(&p);
    size_t bytes = (size_t)(l->batch * l->hidden) * sizeof(double);
    memcpy(l->q_h0->hand, p.dh, bytes);
    if (l->kind->cell_state)
        memcpy(l->q_C0->hand, p.dC, bytes);
}

/* ---- Gradients ---- */

/* The quantity and element that a leaf's element is, in the order of s->leaves. */
static quantity *leaf_element(const scene *s, int leaf, int64_t index, int64_t *at)
{
    int of_layer = s->layer[0].kind->cell_state ? 6 : 5;
    *at = index;
    if (leaf < of_layer * s->layers)
        return layer_element(&s->layer[leaf / of_layer], leaf % of_layer, index, at);
    leaf -= of_layer * s->layers;
    if (s->has_attention)
        return leaf == 0 ? s->attention.q_dW_h : leaf == 1 ? s->attention.q_dW_s : s->attention.q_dv;
    return leaf == 0 ? s->q_dV : s->q_dc;
}

static bool read_gradients(scene *s)
{
    explanation *e = s->e;
    for (int i = 0; i < s->layers; i++)
        layer_wanted(&s->layer[i], s->tape, &s->leaves, &s->steps);
    attention *a = &s->attention;
    if (s->has_attention) {
        s->leaves =
            eddy_list_join(s->tape, s->leaves, EDDY_LIST(a->module.weight_memory, a->module.weight_query, a->module.v));
        s->steps = eddy_list_join(s->tape, s->steps, EDDY_LIST(a->context, a->weights, a->inject_e, a->inject_u));
    }
    if (e->setup.window)
        s->leaves = eddy_list_join(s->tape, s->leaves, EDDY_LIST(s->fc.weight, s->fc.bias));
    eddy_list all = eddy_list_join(s->tape, s->leaves, s->steps);
    all = eddy_list_join(s->tape, all,
                         EDDY_LIST(s->layer[0].x, a->module.weight_memory, a->module.weight_query, a->module.v));
    all.count -= s->has_attention ? 0 : 3;
    if (e->setup.window)
        all = eddy_list_join(s->tape, all, EDDY_LIST(s->p));
    eddy_list grads = eddy_gradients(s->loss, all);
    if (!tape_ok(s))
        return false;
    for (int n = 0; n < s->leaves.count; n++) {
        eddy_shape shape = eddy_shape_of(grads.items[n]);
        int64_t count = eddy_shape_count(&shape), at;
        double *values = explain_doubles(e, count);
        if (!values || !explain_read(e, grads.items[n], values, count))
            return false;
        for (int64_t i = 0; i < count; i++) {
            quantity *q = leaf_element(s, n, i, &at);
            q->tape[at] = values[i];
        }
    }
    const eddy_var *next = grads.items + s->leaves.count;
    for (int i = 0; i < s->layers; i++) {
        int64_t taken = layer_read_gradients(e, &s->layer[i], next);
        if (!taken)
            return false;
        next += taken;
    }
    const eddy_var *after = grads.items + s->leaves.count + s->steps.count; /* x, W_h, W_s, v */
    if (s->q_dx && !explain_read(e, after[0], s->q_dx->tape + s->q_dx->rows * s->q_dx->columns,
                                 s->e->setup.steps * s->q_dx->rows * s->q_dx->columns))
        return false;
    if (s->q_dp && !explain_read(e, after[1], s->q_dp->tape, 1))
        return false;
    eddy_var attention_order[] = { next[0], next[1], next[2], next[3], after[1], after[2], after[3] };
    return !s->has_attention || attention_read(s, attention_order);
}

/* Few elements of a large network: an element takes some thirty forward passes. */
static bool compare_numerically(scene *s)
{
    explanation *e = s->e;
    int64_t total = 0;
    for (int64_t n = 0; n < s->leaves.count; n++) {
        eddy_shape shape = eddy_shape_of(s->leaves.items[n]);
        total += eddy_shape_count(&shape);
    }
    bool all = total * e->setup.steps <= 4000;
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    eddy_gradcheck_options options = { .order = 1, .max_elements = all ? 0 : 6, .without = ~0u, .seed = e->setup.seed };
    bool ok = eddy_gradcheck(s->loss, s->leaves, &options, &report);
    for (int64_t i = 0; ok && i < report.count; i++) {
        const eddy_gradcheck_element *element = &report.elements[i];
        int64_t at;
        quantity *q = leaf_element(s, element->leaf, element->index, &at);
        q->numerical[at] = element->numerical;
        q->uncertainty[at] = element->uncertainty;
    }
    eddy_gradcheck_free(&report);
    if (!all)
        snprintf(e->missing, sizeof e->missing,
                 "of each stacked parameter 6 elements were compared numerically, spread evenly");
    return tape_ok(s) && ok;
}

/* ---- All together ---- */

static bool record(scene *s)
{
    explanation *e = s->e;
    const explain_setup *o = &e->setup;
    s->layers = o->network->both ? 2 : 1;
    s->has_attention = o->network->attention;
    double *x = explain_random(e, 1, o->steps * o->batch * o->input, true);
    for (int64_t t = 0; x && o->window && t < o->steps; t++)
        x[t] = o->window->scaled[t];
    eddy_var input = explain_leaf(s->tape, "x", EDDY_SHAPE(o->steps, o->batch, o->input), x);
    for (int i = 0; i < s->layers; i++)
        if (!layer_make(e, s->tape, &s->layer[i], layer_kind_of(o->network->cell), s->layers > 1 ? (i ? -1 : 1) : 0,
                        input))
            return tape_ok(s);
    if (s->has_attention)
        attention_record(s);
    if (o->window) {
        s->fc = eddy_linear_new(s->tape, "fc", o->hidden, 1);
        (eddy_load)(s->tape, o->window->path,
                    eddy_parameters(s->tape)); /* the function: a mistake in a file stands at no line of this program */
    }
    record_loss(s);
    return tape_ok(s);
}

static void forecast_quantities(scene *s)
{
    int64_t H = s->e->setup.hidden;
    s->q_V = scene_rows(s, PART_GIVEN, "V", "V", 1, H);
    s->q_c = scene_rows(s, PART_GIVEN, "c", "c", 1, 1);
    s->q_y = scene_quantity(s, PART_GIVEN, "y", "y", false, 1);
    s->q_p = scene_computed(scene_quantity(s, PART_FORWARD, "p", "p", false, 1), "p = h_T V^\\top + c",
                            "{V[0,k] h$[k]} + {c}", NULL);
    s->q_dp = scene_computed(scene_quantity(s, PART_BACKWARD, "dp", "\\mathrm dp", false, 1), "\\mathrm dp = 2 (p - y)",
                             "2·({p} − {y})", "X.MSE.dp");
    s->q_dV = scene_computed(scene_rows(s, PART_WEIGHT, "dV", "\\mathrm dV", 1, H), "\\mathrm dV = \\mathrm dp h_T",
                             "{dp h$[j]}", "X.MSE.head");
    s->q_dc = scene_computed(scene_rows(s, PART_WEIGHT, "dc", "\\mathrm dc", 1, 1), "\\mathrm dc = \\mathrm dp", "{dp}",
                             "X.MSE.dp");
}

static bool quantities(scene *s)
{
    explanation *e = s->e;
    if (s->has_attention && !attention_forward_quantities(s))
        return false;
    for (int i = 0; i < s->layers; i++)
        if (!layer_quantities(e, &s->layer[i]))
            return false;
    if (s->has_attention && !attention_weight_quantities(s))
        return false;
    if (s->layers > 1)
        s->q_dx = scene_computed(scene_quantity(s, PART_BACKWARD, "dx", "\\mathrm dx", true, e->setup.input),
                                 "\\mathrm dx_t = \\mathrm d\\overrightarrow x_t + \\mathrm d\\overleftarrow x_t", NULL,
                                 "X.BIL.dx");
    if (e->setup.window)
        forecast_quantities(s);
    return !*e->status.text;
}

static bool by_hand(scene *s)
{
    loss_by_hand(s);
    if (s->e->setup.window && !forecast_by_hand(s))
        return false;
    if (s->has_attention)
        attention_by_hand(s);
    for (int i = 0; i < s->layers; i++)
        layer_by_hand(&s->layer[i]);
    int64_t T = s->e->setup.steps, size = s->q_dx ? s->q_dx->rows * s->q_dx->columns : 0;
    for (int64_t t = 1; t <= T; t++)
        for (int64_t i = 0; i < size; i++)
            s->q_dx->hand[t * size + i] =
                s->layer[0].q_dx->hand[t * size + i] + s->layer[1].q_dx->hand[(T + 1 - t) * size + i];
    return true;
}

bool explain_network(explanation *e)
{
    scene s = { .e = e, .tape = eddy_tape_new(EDDY_F64, e->setup.seed) };
    bool ok = record(&s) && quantities(&s);
    for (int i = 0; ok && i < s.layers; i++)
        ok = layer_read_forward(e, &s.layer[i]);
    if (ok) {
        e->loss = eddy_item(s.loss);
        ok = read_gradients(&s) && by_hand(&s) && compare_numerically(&s);
    }
    if (ok)
        explain_judge(e);
    for (int i = 0; ok && i < s.layers; i++)
        ok = explain_flow(e, &s.layer[i], s.tape);
    ok = ok && tape_ok(&s);
    if (!ok)
        eddy_status_fail(&e->status, "%s",
                         s.tape && eddy_error(s.tape) ? eddy_error(s.tape) : "The network could not be computed.");
    eddy_tape_free(s.tape);
    return ok;
}
