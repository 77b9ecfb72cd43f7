/* Additive attention in the network that is explained: its values from the tape and by hand. */
#include "scene.h"

#include <string.h>

void attention_record(scene *s)
{
    const explain_setup *o = &s->e->setup;
    attention *a = &s->attention;
    eddy_tape *tape = s->tape;
    int64_t T = o->steps, B = o->batch, H = o->hidden, A = a->width = H + 1;
    a->module = eddy_attention_new(tape, "attention", EDDY_ADDITIVE, H, H, A);
    a->inject_u = explain_leaf(tape, "inject_u", EDDY_SHAPE(T, B, A), NULL);
    a->inject_e = explain_leaf(tape, "inject_e", EDDY_SHAPE(T, B, 1), NULL);
    double *identity = explain_doubles(s->e, A * A);
    for (int64_t i = 0; identity && i < A * A; i++)
        identity[i] = i / A == i % A;
    eddy_var zero_row = eddy_full(tape, EDDY_SHAPE(1, H + A), 0), one = eddy_full(tape, EDDY_SHAPE(1), 1);
    eddy_var top = eddy_concat(1, a->module.weight_memory, scene_constant(s, identity, EDDY_SHAPE(A, A)),
                               eddy_full(tape, EDDY_SHAPE(A, 1), 0));
    eddy_attention wide = a->module;
    wide.weight_memory = eddy_concat(0, top, eddy_concat(1, zero_row, eddy_full(tape, EDDY_SHAPE(1, 1), 1)));
    wide.weight_query = eddy_concat(0, a->module.weight_query, eddy_full(tape, EDDY_SHAPE(1, H), 0));
    wide.v = eddy_concat(0, a->module.v, one);
    eddy_var h = s->layer[0].run.outputs, query = s->layer[0].run.last;
    eddy_attended seen = eddy_attend(&wide, eddy_concat(-1, h, a->inject_u, a->inject_e), query, (eddy_var){ 0 });
    a->weights = seen.weights;
    a->context = eddy_slice(seen.context, -1, 0, H, 1);
    eddy_var m = eddy_matmul(h, eddy_transpose(a->module.weight_memory, 0, 1));
    a->u = eddy_tanh(eddy_add(m, eddy_matmul(query, eddy_transpose(a->module.weight_query, 0, 1))));
    a->e = eddy_matmul(a->u, a->module.v);
    a->context_weight = explain_random(s->e, 40, 2 * B * H, false);
}

bool attention_forward_quantities(scene *s)
{
    attention *a = &s->attention;
    int64_t A = a->width, H = s->e->setup.hidden;
    a->q_W_h = scene_rows(s, PART_GIVEN, "W_h", "W_h", A, H);
    a->q_W_s = scene_rows(s, PART_GIVEN, "W_s", "W_s", A, H);
    a->q_v = scene_rows(s, PART_GIVEN, "v", "v", A, 1);
    a->q_G = scene_quantity(s, PART_GIVEN, "G_c", "G_c", false, H);
    a->q_Q = scene_quantity(s, PART_GIVEN, "Q_c", "Q_c", false, H);
    a->q_u = scene_computed(scene_quantity(s, PART_FORWARD, "u", "u", true, A),
                            "u_t = \\tanh(h_t W_h^\\top + s W_s^\\top), \\qquad s = h_T",
                            "tanh<{W_h[j,k] h[k]} + {W_s[j,k] h$[k]}>", "ATT.alpha");
    a->q_e =
        scene_computed(scene_quantity(s, PART_FORWARD, "e", "e", true, 1), "e_t = u_t v", "{u[k] v[k,0]}", "ATT.alpha");
    a->q_alpha =
        scene_computed(scene_quantity(s, PART_FORWARD, "alpha", "\\alpha", true, 1),
                       "\\alpha_t = \\frac{\\exp(e_t)}{\\sum_k \\exp(e_k)}", "{exp:e} / ({exp:e*})", "ATT.alpha");
    a->q_c = scene_computed(scene_quantity(s, PART_FORWARD, "c", "c", false, H), "c = \\sum_t \\alpha_t h_t",
                            "{alpha* h*}", "ATT.c");
    a->q_dc = scene_computed(scene_quantity(s, PART_BACKWARD, "dc", "\\mathrm dc", false, H),
                             "\\mathrm dc = G_c + Q_c \\odot c", "{G_c} + {Q_c c}", NULL);
    a->q_dalpha = scene_computed(scene_quantity(s, PART_BACKWARD, "dalpha", "\\mathrm d\\alpha", true, 1),
                                 "\\mathrm d\\alpha_t = \\mathrm dc h_t^\\top", "{dc[k] h[k]}", NULL);
    a->q_de = scene_computed(scene_quantity(s, PART_BACKWARD, "de", "\\mathrm de", true, 1),
                             "\\mathrm de_t = \\alpha_t (\\mathrm d\\alpha_t - \\sum_k \\alpha_k \\mathrm d\\alpha_k)",
                             "{alpha}·({dalpha} − ({alpha* dalpha*}))", "X.ATT.smjac");
    a->q_delta = scene_computed(scene_quantity(s, PART_BACKWARD, "delta", "\\delta", true, A),
                                "\\delta_t = "
                                "\\mathrm de_t v \\odot (1 - u_t^2)",
                                "{de}·{v[j,0]}·(1 − {u}²)", NULL);
    return !*s->e->status.text;
}

bool attention_weight_quantities(scene *s)
{
    attention *a = &s->attention;
    int64_t A = a->width, H = s->e->setup.hidden;
    a->q_dW_h = scene_computed(scene_rows(s, PART_WEIGHT, "dW_h", "\\mathrm dW_h", A, H),
                               "\\mathrm dW_h = \\sum_t \\delta_t^\\top h_t", "{delta*[i] h*[j]}", "X.ATT.dWh");
    a->q_dW_s = scene_computed(scene_rows(s, PART_WEIGHT, "dW_s", "\\mathrm dW_s", A, H),
                               "\\mathrm dW_s = \\sum_t \\delta_t^\\top s", "{delta*[i] h$[j]}", "X.ATT.dWs");
    a->q_dv = scene_computed(scene_rows(s, PART_WEIGHT, "dv", "\\mathrm dv", A, 1),
                             "\\mathrm dv = \\sum_t \\mathrm de_t u_t", "{de* u*[i]}", "X.ATT.dv");
    a->W_h = a->q_W_h->tape;
    a->W_s = a->q_W_s->tape;
    a->v = a->q_v->tape;
    return !*s->e->status.text;
}

/* gradients of: context, weights, inject_e, inject_u, W_h, W_s, v */
bool attention_read(scene *s, const eddy_var *gradient)
{
    attention *a = &s->attention;
    explanation *e = s->e;
    int64_t T = e->setup.steps, B = e->setup.batch, H = e->setup.hidden, A = a->width;
    return explain_read(e, a->u, a->q_u->tape + B * A, T * B * A) && explain_read(e, a->e, a->q_e->tape + B, T * B) &&
           explain_read(e, a->weights, a->q_alpha->tape + B, T * B) &&
           explain_read(e, a->context, a->q_c->tape, B * H) && explain_read(e, gradient[0], a->q_dc->tape, B * H) &&
           explain_read(e, gradient[1], a->q_dalpha->tape + B, T * B) &&
           explain_read(e, gradient[2], a->q_de->tape + B, T * B) &&
           explain_read(e, gradient[3], a->q_delta->tape + B * A, T * B * A) &&
           explain_read(e, gradient[4], a->q_dW_h->tape, A * H) &&
           explain_read(e, gradient[5], a->q_dW_s->tape, A * H) && explain_read(e, gradient[6], a->q_dv->tape, A) &&
           explain_read(e, a->module.weight_memory, a->W_h, A * H) &&
           explain_read(e, a->module.weight_query, a->W_s, A * H) && explain_read(e, a->module.v, a->v, A);
}

void attention_by_hand(scene *s)
{
    attention *a = &s->attention;
    layer *l = &s->layer[0];
    int64_t state = l->batch * l->hidden;
    memcpy(a->q_G->tape, a->context_weight, (size_t)state * sizeof(double));
    memcpy(a->q_Q->tape, a->context_weight + state, (size_t)state * sizeof(double));
    for (int64_t i = 0; i < state; i++)
        a->q_dc->hand[i] = a->context_weight[i] + a->context_weight[state + i] * a->q_c->tape[i];
    hand_attention p = { .steps = l->steps,
                         .batch = l->batch,
                         .hidden = l->hidden,
                         .width = a->width,
                         .W_h = a->W_h,
                         .W_s = a->W_s,
                         .v = a->v };
    p.h = l->q_h->tape, p.u = a->q_u->tape, p.alpha = a->q_alpha->tape, p.dc = a->q_dc->hand;
    p.u_out = a->q_u->hand, p.e_out = a->q_e->hand, p.alpha_out = a->q_alpha->hand, p.c_out = a->q_c->hand;
    p.dalpha = a->q_dalpha->hand, p.de = a->q_de->hand, p.delta = a->q_delta->hand;
    p.dW_h = a->q_dW_h->hand, p.dW_s = a->q_dW_s->hand, p.dv = a->q_dv->hand, p.hat = l->hat;
    hand_attention_forward(&p);
    hand_attention_backward(&p);
}
