/* The losses that `eddy gradcheck` differentiates. Values depend on the tape's seed and a leaf's name only. */
#include "cases.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Leaves and weights ---- */

/* A tensor of random values; the caller frees it. */
static bool random_values(eddy_tape *tape, eddy_tensor *out, uint64_t stream, eddy_shape shape, double low, double high)
{
    eddy_status status = { 0 };
    if (eddy_tensor_new(out, EDDY_F64, shape, &status) &&
        eddy_fill_uniform(out, (eddy_random){ .seed = eddy_tape_seed(tape), .stream = stream }, low, high, &status))
        return true;
    eddy_fail(tape, "%s", status.text);
    return false;
}

/* The input of that name; made and set when it is first asked for. */
static eddy_var leaf(eddy_tape *tape, const char *name, double low, double high, eddy_shape shape)
{
    eddy_var x = eddy_find(tape, name);
    eddy_tensor values = { 0 };
    if (x.tape)
        return x;
    x = eddy_input(tape, name, shape);
    if (random_values(tape, &values, (uint64_t)name[0] << 8 | (uint64_t)name[strlen(name) - 1], shape, low, high))
        eddy_set_tensor(x, &values);
    eddy_tensor_free(&values);
    return x;
}

static eddy_var constant(eddy_tape *tape, uint64_t stream, eddy_shape shape)
{
    eddy_tensor values = { 0 };
    eddy_var x = random_values(tape, &values, stream, shape, -1, 1) ? eddy_constant(tape, &values) : (eddy_var){ 0 };
    eddy_tensor_free(&values);
    return x;
}

/* Sum of the elements with weights of size 0.5 to 1.5 and either sign: no two outputs look alike, none is lost. */
static eddy_var weighted(eddy_tape *tape, eddy_var y)
{
    if (!eddy_ok(y))
        return y;
    eddy_var w = constant(tape, 1000 + (uint64_t)eddy_node_count(tape), eddy_shape_of(y));
    return eddy_sum(eddy_mul(y, eddy_add(w, eddy_mul_scalar(eddy_sign(w), 0.5))));
}

static eddy_var every(eddy_list vars)
{
    eddy_list terms = vars.count ? eddy_list_new(vars.items[0].tape, NULL, vars.count) : vars;
    for (int64_t i = 0; i < terms.count; i++)
        terms.items[i] = weighted(vars.items[i].tape, vars.items[i]);
    return eddy_sum_list(terms);
}

static eddy_var indices(eddy_tape *tape, int64_t below, eddy_shape shape)
{
    eddy_tensor reals = { 0 }, whole = { 0 };
    eddy_var x = { 0 };
    if (random_values(tape, &reals, 77, shape, 0, (double)below) && eddy_tensor_new(&whole, EDDY_I64, shape, NULL) &&
        eddy_tensor_copy(&whole, &reals, NULL))
        x = eddy_constant(tape, &whole);
    eddy_tensor_free(&reals);
    eddy_tensor_free(&whole);
    return x;
}

/* An input in which some elements are exactly 0. */
static eddy_var zeroed(eddy_tape *tape, eddy_shape shape, double size, const int64_t *at, int count)
{
    eddy_tensor values = { 0 };
    eddy_var x = eddy_input(tape, "a", shape);
    if (random_values(tape, &values, 'a', shape, -size, size)) {
        for (int i = 0; i < count; i++)
            ((double *)values.data)[at[i]] = 0;
        eddy_set_tensor(x, &values);
    }
    eddy_tensor_free(&values);
    return x;
}

#define A_IN(low, high, ...) leaf(t, "a", low, high, EDDY_SHAPE(__VA_ARGS__))
#define A(...) leaf(t, "a", -1, 1, EDDY_SHAPE(__VA_ARGS__))
#define B(...) leaf(t, "b", -1, 1, EDDY_SHAPE(__VA_ARGS__))
#define C(...) leaf(t, "c", -1, 1, EDDY_SHAPE(__VA_ARGS__))
#define INDEX(below, ...) indices(t, below, EDDY_SHAPE(__VA_ARGS__))

/* ---- Modules ---- */

enum { TIME = 3, BATCH = 2, INPUT = 3, HIDDEN = 4 }; /* no two alike that could be mistaken for one another */

/* A loss on all outputs and all final states, from random initial ones. */
static eddy_var unrolled(eddy_tape *t, const eddy_cell *cell)
{
    static const char *const names[] = { "state0", "state1", "state2", "state3" };
    eddy_var initial[EDDY_STATE_SIZES] = { { 0 } };
    for (int i = 0; i < cell->states; i++)
        initial[i] = leaf(t, names[i], -1, 1, EDDY_SHAPE(BATCH, cell->state_size[i]));
    eddy_unrolled y = eddy_unroll(cell, A(TIME, BATCH, INPUT), &(eddy_unroll_options){ .initial = initial });
    eddy_var loss = weighted(t, y.outputs);
    for (int i = 0; i < cell->states; i++)
        loss = eddy_add(loss, weighted(t, y.state[i]));
    return loss;
}

static eddy_var linear(eddy_tape *t, bool bias)
{
    eddy_linear fc = bias ? eddy_linear_new(t, "fc", 4, 3) : eddy_linear_new_without_bias(t, "fc", 4, 3);
    return eddy_apply(&fc, A(2, 5, 4));
}

static eddy_var built_in(eddy_tape *t, const char *kind)
{
    eddy_any_cell cell = eddy_any_cell_new(t, kind, "cell", INPUT, HIDDEN, NULL);
    return unrolled(t, &cell.cell);
}

static eddy_var lstm_with(eddy_tape *t, const eddy_unroll_options *options)
{
    eddy_lstm m = eddy_lstm_new(t, "lstm", INPUT, HIDDEN);
    eddy_unrolled y = eddy_unroll(&m.cell, A(TIME, BATCH, INPUT), options);
    return eddy_add(eddy_add(weighted(t, y.outputs), weighted(t, y.last)),
                    eddy_add(weighted(t, y.state[0]), weighted(t, y.state[1])));
}

/* Both directions, each with the states of its own. */
static eddy_var bilstm(eddy_tape *t)
{
    eddy_lstm_layers both = eddy_lstm_layers_new(t, "lstm", INPUT, 2, 1, true, NULL);
    eddy_layered y = eddy_unroll_lstm(&both, A(TIME, BATCH, INPUT), &(eddy_layers_options){ .bidirectional = true });
    return eddy_add(eddy_add(weighted(t, y.outputs), weighted(t, y.last)), every(y.states));
}

/* A second layer of the library's stacks expects concatenated outputs of the first. */
static eddy_var stacked(eddy_tape *t, bool of_lstm, eddy_merge merge)
{
    const eddy_layers_options options = { .bidirectional = true,
                                          .merge = merge,
                                          .unroll.lengths = INDEX(TIME + 1, BATCH) };
    eddy_layered y;
    if (of_lstm) {
        eddy_lstm_layers stack = eddy_lstm_layers_new(t, "lstm", INPUT, 2, 2, true, NULL);
        y = eddy_unroll_lstm(&stack, A(TIME, BATCH, INPUT), &options);
    } else {
        eddy_gru_layers stack = eddy_gru_layers_new(t, "gru", INPUT, 2, merge == EDDY_MERGE_CONCAT ? 2 : 1, true, NULL);
        y = eddy_unroll_gru(&stack, A(TIME, BATCH, INPUT), &options);
    }
    return eddy_add(eddy_add(weighted(t, y.outputs), weighted(t, y.last)), every(y.states));
}

/* The first sequence may look at everything, the second at nothing, the third at all but one step. */
static eddy_var attention_mask(eddy_tape *t)
{
    double values[4][3] = { { 1, 0, 1 }, { 1, 0, 0 }, { 1, 0, 1 }, { 1, 0, 1 } };
    eddy_tensor mask = eddy_tensor_wrap(values, EDDY_F64, EDDY_SHAPE(4, 3));
    return eddy_constant(t, &mask);
}

static eddy_var attention(eddy_tape *t, eddy_attention_kind kind, eddy_var mask)
{
    bool free_query = kind == EDDY_ADDITIVE || kind == EDDY_GENERAL;
    eddy_attention m = eddy_attention_new(t, "attention", kind, 3, free_query ? 2 : 3, 5);
    eddy_attended y = eddy_attend(&m, A(4, 3, 3), free_query ? B(3, 2) : C(3, 3), mask);
    return eddy_add(weighted(t, y.context), weighted(t, y.weights));
}

static eddy_var decoder(eddy_tape *t)
{
    eddy_attention_decoder m = eddy_attention_decoder_new(t, "decoder", EDDY_ADDITIVE, 2, 3, 4, 5);
    m.memory = B(4, BATCH, 3);
    return eddy_unroll(&m.cell, A(TIME, BATCH, 2), NULL).outputs;
}

static eddy_var layer_norm(eddy_tape *t)
{
    eddy_layer_norm m = eddy_layer_norm_new(t, "norm", 5);
    return eddy_normalise(&m, A(2, 3, 5));
}

static eddy_var table(eddy_tape *t)
{
    eddy_embedding_table m = eddy_embedding_new(t, "table", 5, 3);
    return eddy_embed(&m, INDEX(5, 2, 4));
}

static eddy_var ctc(eddy_tape *t)
{
    int64_t labels[2][2] = { { 1, 1 }, { 2, 0 } }, lengths[2] = { 2, 1 }, steps[2] = { 4, 3 };
    eddy_tensor l = eddy_tensor_wrap(labels, EDDY_I64, EDDY_SHAPE(2, 2)),
                n = eddy_tensor_wrap(lengths, EDDY_I64, EDDY_SHAPE(2));
    eddy_tensor s = eddy_tensor_wrap(steps, EDDY_I64, EDDY_SHAPE(2));
    return eddy_ctc(eddy_log_softmax(A(4, 2, 3), -1), eddy_constant(t, &l), eddy_constant(t, &s), eddy_constant(t, &n),
                    NULL);
}

static eddy_var zero_states(eddy_tape *t)
{
    eddy_lstm m = eddy_lstm_new(t, "lstm", INPUT, HIDDEN);
    return eddy_unroll(&m.cell, A(TIME, BATCH, INPUT), NULL).last;
}

static eddy_var assign(eddy_tape *t)
{
    eddy_tensor zeros = { 0 };
    eddy_var y = { 0 };
    if (eddy_tensor_new(&zeros, EDDY_F64, EDDY_SHAPE(2, 3), NULL))
        y = eddy_assign(eddy_state(t, "memory", &zeros), eddy_tanh(A(2, 3)));
    eddy_tensor_free(&zeros);
    return y;
}

/* ---- Optimisers: what they write, as a function of the parameters and of the data ---- */

typedef struct fit {
    eddy_list params, grads;
} fit;

static fit fit_new(eddy_tape *t)
{
    eddy_linear fc = eddy_linear_new(t, "fc", 3, 2);
    eddy_var loss = eddy_mse(eddy_tanh(eddy_apply(&fc, A(4, 3))), B(4, 2));
    eddy_list params = eddy_parameters(t);
    return (fit){ params, eddy_gradients(loss, params) };
}

static eddy_var clip(eddy_tape *t, double max_norm)
{
    fit f = fit_new(t);
    eddy_list grads = eddy_list_new(t, f.grads.items, f.grads.count);
    for (int64_t i = 0; i < grads.count; i++)
        grads.items[i] = eddy_mul_scalar(grads.items[i], 4);
    eddy_var norm = eddy_clip_grad_norm(&grads, max_norm);
    return eddy_add(every(grads), norm);
}

/* Gives an optimiser's states of one kind values other than the first, where its formulas are degenerate. */
static void fill_states(eddy_tape *t, const char *prefix, uint64_t stream, double low, double high)
{
    eddy_list states = eddy_leaves(t, EDDY_STATE);
    for (int64_t i = 0; i < states.count; i++) {
        eddy_tensor values = { 0 };
        if (!strncmp(eddy_name_of(states.items[i]), prefix, strlen(prefix)) &&
            random_values(t, &values, stream + (uint64_t)i, eddy_shape_of(states.items[i]), low, high))
            eddy_set_tensor(states.items[i], &values);
        eddy_tensor_free(&values);
    }
}

static eddy_var sgd(eddy_tape *t)
{
    fit f = fit_new(t);
    eddy_list updates = eddy_sgd(f.params, f.grads, &(eddy_sgd_options){ .lr = 0.3, .momentum = 0.9 });
    fill_states(t, "sgd.momentum", 300, -1, 1);
    return every(updates);
}

static eddy_var adam(eddy_tape *t)
{
    fit f = fit_new(t);
    eddy_list updates = eddy_adam(f.params, f.grads, &(eddy_adam_options){ .lr = 0.1, .beta2 = 0.9 });
    fill_states(t, "adam.m", 300, -0.3, 0.3);
    fill_states(t, "adam.v", 400, 0.01, 0.1);
    eddy_set_item(eddy_find(t, "adam.step"), 2);
    return every(updates);
}

static eddy_var adamw(eddy_tape *t)
{
    fit f = fit_new(t);
    eddy_list updates = eddy_adamw(f.params, f.grads, &(eddy_adam_options){ .lr = 0.1, .beta2 = 0.9 });
    fill_states(t, "adamw.m", 300, -0.3, 0.3);
    fill_states(t, "adamw.v", 400, 0.01, 0.1);
    return every(updates);
}

static eddy_var rmsprop(eddy_tape *t)
{
    fit f = fit_new(t);
    eddy_list updates = eddy_rmsprop(f.params, f.grads, &(eddy_rmsprop_options){ .lr = 0.1 });
    fill_states(t, "rmsprop.v", 400, 0.01, 0.1);
    return every(updates);
}

static eddy_var adagrad(eddy_tape *t)
{
    fit f = fit_new(t);
    return every(eddy_adagrad(f.params, f.grads, &(eddy_adagrad_options){ .lr = 0.1, .initial = 0.1 }));
}

static eddy_var clip_value(eddy_tape *t)
{
    fit f = fit_new(t);
    eddy_list grads = eddy_list_new(t, f.grads.items, f.grads.count);
    eddy_clip_grad_value(&grads, 0.1);
    return every(grads);
}

/* ---- The table ---- */

#define EDDY_UNARY(row, types, value, to_x, low, high, what)                                                           \
    static eddy_var record_##row(eddy_tape *t)                                                                         \
    {                                                                                                                  \
        return weighted(t, eddy_##row(leaf(t, "x", low, high, EDDY_SHAPE(3, 4))));                                     \
    }
#define EDDY_BINARY(row, types, value, to_x, to_y, low, high, what)                                                    \
    static eddy_var record_##row(eddy_tape *t)                                                                         \
    {                                                                                                                  \
        eddy_var x = leaf(t, "x", low, high, EDDY_SHAPE(3, 1)), y = leaf(t, "y", low, high, EDDY_SHAPE(2, 1, 4));      \
        return weighted(t, eddy_##row(x, y));                                                                          \
    }
#define EDDY_TERNARY(row, types, value, to_x, to_y, low, high, what)                                                   \
    static eddy_var record_##row(eddy_tape *t)                                                                         \
    {                                                                                                                  \
        eddy_var c = constant(t, 5, EDDY_SHAPE(3, 4)), x = leaf(t, "x", low, high, EDDY_SHAPE(3, 4));                  \
        return weighted(t, eddy_##row(eddy_gt(c, eddy_zeros_like(c)), x, leaf(t, "y", low, high, EDDY_SHAPE(4))));     \
    }
#define CASE(id, name, result)                                                                                         \
    static eddy_var record_case_##id(eddy_tape *t)                                                                     \
    {                                                                                                                  \
        return weighted(t, result);                                                                                    \
    }
#define FLAT(id, name, result) CASE(id, name, result)
#define CELL(id, name, ...)                                                                                            \
    static eddy_var record_cell_##id(eddy_tape *t)                                                                     \
    {                                                                                                                  \
        return built_in(t, name);                                                                                      \
    }
#include "cells.def"
#include "elementwise.def"
#include "cases.def"
#undef CELL
#undef CASE
#undef FLAT

/* A row of elementwise.def that is not differentiable has the contribution NONE. */
#define IS_NONE(contribution) (sizeof #contribution == sizeof "NONE")
static const check_case cases[] = {
#define EDDY_UNARY(row, types, value, to_x, ...) { #row, record_##row, IS_NONE(to_x) },
#define EDDY_BINARY(row, types, value, to_x, ...) { #row, record_##row, IS_NONE(to_x) },
#define EDDY_TERNARY(row, types, value, to_x, ...) { #row, record_##row, IS_NONE(to_x) },
#define CASE(id, name, result) { name, record_case_##id, false },
#define FLAT(id, name, result) { name, record_case_##id, true },
#include "elementwise.def"
#include "cases.def"
#define CELL(id, name, ...) { name, record_cell_##id, false },
#include "cells.def"
};

const check_case *check_case_at(size_t i)
{
    return i < sizeof cases / sizeof *cases ? &cases[i] : NULL;
}
