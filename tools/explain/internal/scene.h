/* The whole network while it is explained (explain.c), and its attention (attention.c). */
#ifndef EDDY_EXPLAIN_SCENE_H
#define EDDY_EXPLAIN_SCENE_H

#include "network_internal.h"

/* Additive attention over the layer's outputs with the query s = h_T. Its pre-activations are probed like a layer's:
 * memory and weights get further columns that are zero, through which an injection reaches the argument of tanh, and
 * one that reaches e_t (v = 1, tanh'(0) = 1). */
typedef struct attention {
    eddy_attention module;
    int64_t width;
    eddy_var inject_u, inject_e, u, e, context, weights;
    double *W_h, *W_s, *v, *context_weight; /* the last: G and Q of c */
    quantity *q_W_h, *q_W_s, *q_v, *q_G, *q_Q, *q_u, *q_e, *q_alpha, *q_c, *q_dc, *q_dalpha, *q_de, *q_delta, *q_dW_h,
        *q_dW_s, *q_dv;
} attention;

typedef struct scene {
    explanation *e;
    eddy_tape *tape;
    layer layer[2];
    int layers;
    bool has_attention;
    attention attention;
    eddy_linear fc; /* of a forecast */
    eddy_var p, loss;
    double *g, *q, *kappa[2];                             /* of the loss */
    quantity *q_V, *q_c, *q_y, *q_p, *q_dp, *q_dV, *q_dc; /* of a forecast */
    quantity *q_dx;                                       /* of both directions */
    eddy_list leaves, steps;
} scene;

/* A constant of values that may be NULL, when memory was short: a failed var then. */
eddy_var scene_constant(scene *s, double *values, eddy_shape shape);
/* Quantities that belong to no layer; of a stepped one, or of rows of its own. */
quantity *scene_quantity(scene *s, explain_part part, const char *name, const char *label, bool stepped,
                         int64_t columns);
quantity *scene_rows(scene *s, explain_part part, const char *name, const char *label, int64_t rows, int64_t columns);
/* Says how it is computed; q may be NULL. */
quantity *scene_computed(quantity *q, const char *formula, const char *work, const char *id);

/* Records the attention over the first layer's outputs. */
void attention_record(scene *s);
bool attention_forward_quantities(scene *s);
bool attention_weight_quantities(scene *s);
/* The forward values, and the gradients in the order in which the scene asks for them. */
bool attention_read(scene *s, const eddy_var *gradient);
void attention_by_hand(scene *s);

#endif
