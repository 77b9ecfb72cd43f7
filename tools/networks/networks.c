/* The networks by name: the rows of nn/cells.def, two compositions, and cells as a user writes them. */
#include "networks.h"

#include <string.h>

static const network networks[] = {
#define CELL(id, name, title, ...) { name, title, name, false, false, NULL },
#include "cells.def"
#undef CELL
    { "bilstm", "Bidirectional LSTM", "lstm", true, false, NULL },
    { "attention", "LSTM with additive attention", "lstm", false, true, NULL },
    { "mgu", "Minimal gated unit", NULL, false, false, user_mgu },
    { "slstm", "sLSTM", NULL, false, false, user_slstm },
    { "indrnn", "Independently recurrent network", NULL, false, false, user_indrnn },
    { "sru", "Simple recurrent unit", NULL, false, false, user_sru },
};
enum { NETWORKS = sizeof networks / sizeof *networks };

static const struct {
    const char *was, *is;
} renamed[] = { { "gru-reset-after", "gru" }, { "gru.reset_before", "gru-reset-before" } };

const network *network_at(size_t i)
{
    return i < NETWORKS ? &networks[i] : NULL;
}

const network *network_find(const char *name)
{
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
        name = strcmp(name, renamed[i].was) ? name : renamed[i].is;
    for (size_t i = 0; i < NETWORKS; i++)
        if (!strcmp(name, networks[i].name))
            return &networks[i];
    return NULL;
}

const char *network_name(const void *offer, size_t i)
{
    bool (*accepts)(const network *) = ((const network_offer *)offer)->accepts;
    for (size_t n = 0; n < NETWORKS; n++)
        if ((!accepts || accepts(&networks[n])) && !i--)
            return networks[n].name;
    return NULL;
}

eddy_var network_record(eddy_tape *tape, const network *n, eddy_var x, int64_t hidden, int64_t checkpoint)
{
    const eddy_unroll_options options = { .checkpoint = checkpoint };
    if (n->user)
        return n->user(tape, x, hidden, &options).last;
    const char *end = strpbrk(n->cell, ".-"); /* parameters are named by the cell, not by the variant */
    char name[40] = "";
    strncat(name, n->cell, end && (size_t)(end - n->cell) < sizeof name ? (size_t)(end - n->cell) : sizeof name - 1);
    int64_t input = eddy_size(x, -1);
    eddy_any_cell cell = eddy_any_cell_new(tape, n->cell, name, input, hidden, NULL);
    if (n->both) {
        eddy_any_cell back =
            eddy_any_cell_new(tape, n->cell, name, input, hidden, &(eddy_any_options){ .reverse = true });
        const eddy_cell *cells[] = { &cell.cell, &back.cell };
        return eddy_unroll_layers(cells, 2, x, &(eddy_layers_options){ .bidirectional = true }).last;
    }
    eddy_unrolled run = eddy_unroll(&cell.cell, x, &options);
    if (!n->attention)
        return run.last;
    eddy_attention attention = eddy_attention_new(tape, "attention", EDDY_ADDITIVE, hidden, hidden, hidden);
    return eddy_attend(&attention, run.outputs, run.last, (eddy_var){ 0 }).context;
}

/* H v, for v the parameters themselves:  d/dp <dL/dp, v> */
static eddy_list record_hessian(eddy_tape *tape, eddy_list params, eddy_list grads)
{
    eddy_list vectors = eddy_list_join(tape, params, EDDY_NONE);
    for (int64_t k = 0; k < vectors.count; k++)
        vectors.items[k] = eddy_detach(params.items[k]);
    return eddy_gradients(eddy_dot(grads, vectors), params);
}

const char *const network_part_names[] = { "training", "inference", "gradients", "hessian" };

network_step network_record_step(eddy_tape *tape, const network *n, const network_size *size, network_part part)
{
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(size->steps, size->batch, size->input));
    eddy_var last = network_record(tape, n, x, size->hidden, size->checkpoint);
    if (part == NETWORK_INFERENCE)
        return (network_step){ .outputs = eddy_list_new(tape, &last, 1) };
    eddy_var loss = eddy_mse(last, eddy_input(tape, "y", eddy_shape_of(last)));
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
    if (part != NETWORK_TRAINING)
        return (network_step){ .outputs = part == NETWORK_HESSIAN ? record_hessian(tape, params, grads) : grads };
    eddy_var norm = eddy_clip_grad_norm(&grads, 1);
    return (network_step){ .outputs = eddy_list_join(tape, EDDY_LIST(loss), EDDY_LIST(norm)),
                           .updates = eddy_adam(params, grads, NULL) };
}

bool network_fill(eddy_tape *tape)
{
    const char *const names[] = { "x", "y" };
    for (uint64_t i = 0; i < 2; i++) {
        eddy_var leaf = eddy_find(tape, names[i]);
        if (!leaf.tape)
            continue;
        eddy_status status = { 0 };
        eddy_tensor values = { 0 };
        const eddy_random random = { .seed = 1, .stream = i };
        bool done = eddy_tensor_new(&values, EDDY_F32, eddy_shape_of(leaf), &status) &&
                    eddy_fill_uniform(&values, random, -1, 1, &status);
        if (!done)
            eddy_fail(tape, "%s", status.text);
        done = done && eddy_set_tensor(leaf, &values);
        eddy_tensor_free(&values);
        if (!done)
            return false;
    }
    return true;
}
