/* Recurrent layers against other libraries' stored results: ONNX, Keras, PyTorch (by candle). Every case is computed on
 * an f32 and on an f64 tape, by the interpreter and by a program. The files lie outside the project
 * ($EDDY_SHARED/vectors); every case that is not compared is named with the reason. */
#include "test.h"

#ifdef EDDY_HAVE_JANSSON
#include "vectors.h"

/* The stored values of ONNX and Keras are f32 results, some printed with eight digits: 2e-6 (17 units of f32) covers a
 * short recurrence's rounding, and the absolute part values near zero. */
static const double relative = 2e-6, absolute = 1e-7;
static const eddy_dtype dtypes[] = { EDDY_F32, EDDY_F64 };

static const gate_map as_stored = { .from = { 0, 1, 2, 3 } };

/* ---- ONNX ---- */

static const char *onnx_obstacle(const json_t *summary)
{
    if (strcmp(json_string_value(vectors_get(summary, "activations")), "default"))
        return "activations that eddy's cells do not have";
    return NULL;
}

/* One direction's slab of a parameter (directions, ...), from element `at`, or zeros where the file has none. */
static const double *onnx_part(const array *a, int64_t direction, int64_t at, const double *zeros)
{
    return a->data ? a->data + direction * (a->count / a->shape.dim[0]) + at : zeros;
}

/* The result that the file calls `name`, in its layout. */
static eddy_var onnx_output(const char *name, const eddy_unrolled *r, int directions, bool batch_first)
{
    eddy_var parts[2];
    for (int d = 0; d < directions; d++)
        parts[d] = !strcmp(name, "Y") ? r[d].outputs : r[d].state[!strcmp(name, "Y_c")];
    bool all_steps = !strcmp(name, "Y");
    eddy_var y = eddy_stack_list(all_steps, (eddy_list){ parts, directions });
    if (!batch_first)
        return y;
    return eddy_permute(y, all_steps ? EDDY_SHAPE(2, 0, 1, 3) : EDDY_SHAPE(1, 0, 2));
}

static void onnx_case(tally *t, const char *name, const json_t *entry, const json_t *set, eddy_dtype dtype)
{
    const json_t *attributes = vectors_get(entry, "attributes"), *inputs = vectors_get(set, "inputs"),
                 *summary = vectors_get(entry, "summary");
    const char *cell = json_string_value(vectors_get(summary, "cell")),
               *direction = json_string_value(vectors_get(summary, "direction"));
    bool batch_first = vectors_integer(attributes, "layout", 0) != 0,
         after = vectors_integer(attributes, "linear_before_reset", 0) != 0;
    /* ONNX: i, o, f, c and z, r, h; z is the share of the old state, eddy's reset-before GRU takes the share of the
     * new. */
    const gate_map lstm = { .from = { 0, 2, 3, 1 } }, gru = { .from = { 1, 0, 2 }, .negate = { false, !after, false } };
    layer_kind kind = !strcmp(cell, "LSTM")  ? LAYER_LSTM
                      : !strcmp(cell, "RNN") ? LAYER_RNN
                      : after                ? LAYER_GRU_AFTER
                                             : LAYER_GRU_BEFORE;
    const gate_map *map = kind == LAYER_LSTM ? &lstm : kind == LAYER_RNN ? &as_stored : &gru;

    enum { X, W, R, B, H0, C0, P, LENGTHS, INPUTS };
    const char *names[INPUTS] = { "X", "W", "R", "B", "initial_h", "initial_c", "P", "sequence_lens" };
    array in[INPUTS] = { { .data = NULL } };
    for (int i = 0; i < INPUTS; i++)
        if (json_object_get(inputs, names[i]))
            in[i] = array_of(json_object_get(inputs, names[i]));
    int directions = (int)in[W].shape.dim[0];
    int64_t hidden = in[R].shape.dim[2], rows = in[R].shape.dim[1];
    double *zeros = calloc((size_t)rows, sizeof *zeros);

    eddy_tape *tape = eddy_tape_new(dtype, 1);
    eddy_var x = array_input(tape, "x", &in[X]), states[2] = { { 0 }, { 0 } };
    if (batch_first)
        x = eddy_permute(x, EDDY_SHAPE(1, 0, 2));
    for (int s = 0; s < 2; s++)
        if (in[H0 + s].data)
            states[s] = eddy_permute(array_input(tape, names[H0 + s], &in[H0 + s]),
                                     batch_first ? EDDY_SHAPE(1, 0, 2) : EDDY_SHAPE(0, 1, 2));
    eddy_var lengths = { 0 };
    if (in[LENGTHS].data) {
        eddy_tensor given = eddy_tensor_wrap(in[LENGTHS].data, EDDY_F64, in[LENGTHS].shape);
        lengths = eddy_input_of(tape, "lengths", EDDY_I64, in[LENGTHS].shape);
        eddy_set_tensor(lengths, &given);
    }
    eddy_unrolled r[2];
    for (int d = 0; d < directions; d++) {
        layer l = { kind,
                    in[W].shape.dim[2],
                    hidden,
                    onnx_part(&in[W], d, 0, zeros),
                    onnx_part(&in[R], d, 0, zeros),
                    onnx_part(&in[B], d, 0, zeros),
                    onnx_part(&in[B], d, rows, zeros),
                    onnx_part(&in[P], d, 0, NULL),
                    lengths };
        eddy_var initial[2];
        for (int s = 0; s < 2; s++)
            initial[s] =
                states[s].tape ? eddy_select(states[s], 0, d) : eddy_full(tape, EDDY_SHAPE(eddy_size(x, 1), hidden), 0);
        r[d] = layer_run(&l, map, d ? "backward" : "forward", x, initial, d == 1 || !strcmp(direction, "reverse"));
    }
    const char *key;
    json_t *value;
    json_object_foreach(vectors_get(set, "outputs"), key, value)
    {
        array want = array_of(value);
        tally_compare(t, name, onnx_output(key, r, directions, batch_first), &want, relative, absolute);
        free(want.data);
    }
    eddy_tape_free(tape);
    free(zeros);
    for (int i = 0; i < INPUTS; i++)
        free(in[i].data);
}

START_TEST(onnx)
{
    const char *shared = test_shared("ONNX's recurrent layers"), *file = "onnx-rnn/index.json";
    if (!shared)
        return;
    json_t *all = vectors_load(shared, file);
    tally t = { 0 };
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *entry = json_array_get(all, i), *sets = vectors_get(entry, "sets");
        const char *name = json_string_value(vectors_get(entry, "name"));
        const json_t *attributes = vectors_get(entry, "attributes");
        for (size_t k = 0; k < json_array_size(sets); k++) {
            const json_t *set = json_array_get(sets, k);
            const char *obstacle = onnx_obstacle(vectors_get(entry, "summary"));
            if (json_object_get(attributes, "clip"))
                obstacle = "clipped activations: eddy's cells do not clip";
            if (obstacle) {
                tally_skip(&t, file, name, obstacle);
                continue;
            }
            for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++)
                onnx_case(&t, name, entry, set, dtypes[d]);
            t.compared++;
        }
    }
    json_decref(all);
    tally_end(&t, file);
}
END_TEST

/* ---- Keras ---- */

static double keras_constant(const json_t *kwargs, const char *key)
{
    const json_t *initializer = vectors_get(kwargs, key);
    ck_assert_str_eq(json_string_value(vectors_get(initializer, "initializer")), "Constant");
    return json_number_value(json_array_get(vectors_get(initializer, "args"), 0));
}

/* NULL if eddy's cells can express the layer. */
static const char *keras_obstacle(const json_t *layer_json)
{
    static const char *known[] = {
        "kernel_initializer", "recurrent_initializer", "bias_initializer", "implementation", "unroll",
        "go_backwards",       "unit_forget_bias",      "use_bias",         "reset_after",    "return_state",
        "return_sequences"
    };
    const char *name = json_string_value(vectors_get(layer_json, "layer"));
    if (strcmp(name, "LSTM") && strcmp(name, "GRU") && strcmp(name, "SimpleRNN"))
        return "a layer that eddy does not have";
    const char *key;
    json_t *value;
    json_object_foreach(vectors_get(layer_json, "kwargs"), key, value)
    {
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            found = found || !strcmp(known[i], key);
        if (!found)
            return "an option that eddy_unroll does not have (masks, states kept between calls, dropout, other "
                   "activations)";
    }
    return NULL;
}

/* Keras' order i, f, c, o is eddy's; z, r, h with z the share of the old state. Constant kernels need no transposition.
 */
static eddy_unrolled keras_layer(const json_t *json, const char *name, eddy_var x, const eddy_var *states,
                                 bool backwards)
{
    const json_t *kwargs = vectors_get(json, "kwargs");
    const char *type = json_string_value(vectors_get(json, "layer"));
    bool after = vectors_flag(kwargs, "reset_after", true), bias = vectors_flag(kwargs, "use_bias", true);
    layer_kind kind = !strcmp(type, "LSTM")        ? LAYER_LSTM
                      : !strcmp(type, "SimpleRNN") ? LAYER_RNN
                      : after                      ? LAYER_GRU_AFTER
                                                   : LAYER_GRU_BEFORE;
    const gate_map gru = { .from = { 1, 0, 2 }, .negate = { false, !after, false } };
    int64_t hidden = (int64_t)json_integer_value(json_array_get(vectors_get(json, "args"), 0)),
            input = eddy_size(x, -1);
    int64_t rows = hidden * abs((int)kind), sizes[4] = { rows * input, rows * hidden, rows, rows };
    double values[4] = { keras_constant(kwargs, "kernel_initializer"), keras_constant(kwargs, "recurrent_initializer"),
                         bias ? keras_constant(kwargs, "bias_initializer") : 0, 0 };
    values[3] = kind == LAYER_GRU_AFTER ? values[2] : 0; /* the only layer there with two biases */
    double *data[4];
    for (int k = 0; k < 4; k++) {
        data[k] = calloc((size_t)sizes[k], sizeof *data[k]);
        for (int64_t i = 0; i < sizes[k]; i++)
            data[k][i] = values[k];
    }
    if (kind == LAYER_LSTM && bias && vectors_flag(kwargs, "unit_forget_bias", true))
        for (int64_t i = hidden; i < 2 * hidden; i++)
            data[2][i] = 1;
    layer l = { kind, input, hidden, data[0], data[1], data[2], data[3], NULL, { 0 } };
    eddy_var zeros = eddy_full(x.tape, EDDY_SHAPE(eddy_size(x, 1), hidden), 0);
    eddy_unrolled r = layer_run(&l, kind == LAYER_GRU_AFTER || kind == LAYER_GRU_BEFORE ? &gru : &as_stored, name, x,
                                states ? states : (eddy_var[]){ zeros, zeros }, backwards);
    for (int k = 0; k < 4; k++)
        free(data[k]);
    return r;
}

static eddy_var keras_merge(const json_t *mode, eddy_var a, eddy_var b)
{
    const char *name = mode ? json_string_value(mode) : "concat";
    if (!strcmp(name, "sum"))
        return eddy_add(a, b);
    if (!strcmp(name, "ave"))
        return eddy_mul_scalar(eddy_add(a, b), 0.5);
    if (!strcmp(name, "mul"))
        return eddy_mul(a, b);
    ck_assert_str_eq(name, "concat");
    return eddy_concat(-1, a, b);
}

/* What a call of the layer returns: its output, or a list of outputs and states of which `path` names one. Sequences
 * are batch first. */
static eddy_var keras_call(const json_t *json, eddy_var x, const eddy_var *initial, int64_t path)
{
    const json_t *kwargs = vectors_get(json, "kwargs"), *forward = json_object_get(kwargs, "layer"),
                 *mode = json_object_get(kwargs, "merge_mode");
    const json_t *first = forward ? forward : json, *options = vectors_get(first, "kwargs");
    bool sequences = vectors_flag(options, "return_sequences", false);
    int states = strcmp(json_string_value(vectors_get(first, "layer")), "LSTM") ? 1 : 2;
    eddy_unrolled r = keras_layer(first, "forward", x, initial, vectors_flag(options, "go_backwards", false));
    eddy_var result[5] = { sequences ? eddy_transpose(r.outputs, 0, 1) : r.last };
    int count = 1;
    if (forward) {
        const json_t *other = json_object_get(kwargs, "backward_layer");
        eddy_unrolled b = keras_layer(other ? other : forward, "backward", x, initial ? initial + states : NULL, true);
        eddy_var second = sequences ? eddy_transpose(b.outputs, 0, 1) : b.last;
        if (mode && json_is_null(mode))
            result[count++] = second;
        else
            result[0] = keras_merge(mode, result[0], second);
        for (int s = 0; s < states && count + states < 5; s++) {
            result[count + s] = r.state[s];
            result[count + s + states] = b.state[s];
        }
        count += count + states < 5 ? 2 * states : 0;
    } else {
        ck_assert_msg(!sequences || !vectors_flag(options, "go_backwards", false),
                      "the order of a backward sequence is not mapped");
        for (int s = 0; s < states; s++)
            result[count++] = r.state[s];
    }
    ck_assert_int_lt(path, count);
    return result[path];
}

static void keras_case(tally *t, const char *name, const json_t *entry, const json_t *call, eddy_dtype dtype)
{
    const json_t *path = vectors_get(entry, "path"),
                 *given = json_object_get(vectors_get(call, "kwargs"), "initial_state");
    eddy_tape *tape = eddy_tape_new(dtype, 1);
    array in = array_of(json_array_get(vectors_get(call, "args"), 0)), want = array_of(vectors_get(entry, "expected"));
    eddy_var x = eddy_transpose(array_input(tape, "x", &in), 0, 1), initial[4] = { { 0 }, { 0 }, { 0 }, { 0 } };
    size_t states = json_is_array(given) ? json_array_size(given) : given ? 1 : 0;
    ck_assert_uint_le(states, 4);
    for (size_t s = 0; s < states; s++) {
        char leaf[32];
        snprintf(leaf, sizeof leaf, "state%zu", s);
        array state = array_of(json_is_array(given) ? json_array_get(given, s) : given);
        initial[s] = array_input(tape, leaf, &state);
        free(state.data);
    }
    int64_t at = json_array_size(path) ? (int64_t)json_integer_value(json_array_get(path, 0)) : 0;
    tally_compare(t, name, keras_call(vectors_get(entry, "layer"), x, states ? initial : NULL, at), &want, relative,
                  absolute);
    free(in.data);
    free(want.data);
    eddy_tape_free(tape);
}

START_TEST(keras)
{
    const char *shared = test_shared("Keras' recurrent layers"), *file = "keras_rnn.json";
    if (!shared)
        return;
    json_t *all = vectors_load(shared, file), *cases = vectors_get(all, "cases");
    tally t = { 0 };
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *entry = json_array_get(cases, i), *layer_json = vectors_get(entry, "layer"),
                     *events = vectors_get(entry, "events");
        const json_t *inner = json_object_get(vectors_get(layer_json, "kwargs"), "layer"),
                     *call = json_object_get(json_array_get(events, 0), "call");
        char name[200];
        snprintf(name, sizeof name, "case %zu, %s", i, json_string_value(vectors_get(entry, "test")));
        const char *obstacle = keras_obstacle(inner ? inner : layer_json);
        if (json_array_size(events) != 1 || !call || json_object_get(vectors_get(call, "kwargs"), "mask"))
            obstacle = "several calls with states kept between them, or a mask";
        if (obstacle) {
            tally_skip(&t, file, name, obstacle);
            continue;
        }
        for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++)
            keras_case(&t, name, entry, call, dtypes[d]);
        t.compared++;
    }
    json_decref(all);
    tally_end(&t, file);
}
END_TEST

/* ---- PyTorch, as quoted by candle with four decimals: half a unit of the last, and what f32 adds ---- */

static const double four_decimals = 0.5e-4 + 1e-6;

START_TEST(pytorch)
{
    const char *shared = test_shared("PyTorch's LSTM and GRU"), *file = "pytorch_candle.json";
    if (!shared)
        return;
    json_t *all = vectors_load(shared, file);
    tally t = { 0 };
    array in = array_of(vectors_get(all, "inputs"));
    in.shape = EDDY_SHAPE(in.shape.dim[0], 1, in.shape.dim[1]);
    for (int gru = 0; gru < 2; gru++) {
        const json_t *entry = vectors_get(all, gru ? "gru" : "lstm");
        array p[4] = { array_of(vectors_get(entry, "weight_ih")), array_of(vectors_get(entry, "weight_hh")),
                       array_of(vectors_get(entry, "bias_ih")), array_of(vectors_get(entry, "bias_hh")) };
        layer l = { gru ? LAYER_GRU_AFTER : LAYER_LSTM,
                    in.shape.dim[2],
                    p[1].shape.dim[1],
                    p[0].data,
                    p[1].data,
                    p[2].data,
                    p[3].data,
                    NULL,
                    { 0 } };
        for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++) {
            eddy_tape *tape = eddy_tape_new(dtypes[d], 1);
            eddy_unrolled r = layer_run(&l, &as_stored, "layer", array_input(tape, "x", &in), NULL, false);
            for (int s = 0; s < (gru ? 1 : 2); s++) {
                array want = array_of(vectors_get(entry, s ? "c" : "h"));
                tally_compare(&t, gru ? "GRU" : "LSTM", eddy_select(r.state[s], 0, 0), &want, 0, four_decimals);
                free(want.data);
            }
            eddy_tape_free(tape);
        }
        t.compared++;
        for (int k = 0; k < 4; k++)
            free(p[k].data);
    }
    free(in.data);
    json_decref(all);
    tally_end(&t, file);
}
END_TEST

/* candle's test of its optimisers, numbers by PyTorch: y = 3 a + b - 2 learned from four points. */
static void optimiser_case(tally *t, const json_t *want, bool adamw, int steps, double tolerance)
{
    const double xs[4][2] = { { 2, 1 }, { 7, 4 }, { -4, 12 }, { 5, 8 } };
    for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++) {
        eddy_tape *tape = eddy_tape_new(dtypes[d], 1);
        eddy_linear fc = eddy_linear_new(tape, "fc", 2, 1);
        array_put(fc.weight, (double[2]){ 0 });
        array_put(fc.bias, (double[1]){ 0 });
        eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(4, 2)), y = eddy_input(tape, "y", EDDY_SHAPE(4, 1));
        double ys[4];
        for (int i = 0; i < 4; i++)
            ys[i] = 3 * xs[i][0] + xs[i][1] - 2;
        array_put(x, xs[0]);
        array_put(y, ys);
        eddy_var loss = eddy_sum(eddy_square(eddy_sub(eddy_apply(&fc, x), y)));
        eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
        eddy_list updates = adamw ? eddy_adamw(params, grads, &(eddy_adam_options){ .lr = 0.1, .weight_decay = 0.01 })
                                  : eddy_sgd(params, grads, &(eddy_sgd_options){ .lr = 0.004 });
        eddy_program *step = eddy_compile(tape, EDDY_LIST(loss), updates);
        for (int i = 0; i < steps; i++)
            ck_assert_msg(eddy_run(step), "%s", eddy_error(tape));
        array w = array_of(vectors_get(want, "w")), b = array_of(vectors_get(want, "b"));
        b.shape = EDDY_SHAPE(1);
        tally_compare(t, adamw ? "AdamW, weight" : "SGD, weight", eddy_reshape(fc.weight, EDDY_SHAPE(2)), &w, relative,
                      tolerance);
        tally_compare(t, adamw ? "AdamW, bias" : "SGD, bias", fc.bias, &b, relative, tolerance);
        free(w.data);
        free(b.data);
        eddy_tape_free(tape);
    }
    t->compared++;
}

START_TEST(pytorch_optimisers)
{
    const char *shared = test_shared("PyTorch's SGD and AdamW"), *file = "pytorch_candle.json";
    if (!shared)
        return;
    json_t *all = vectors_load(shared, file), *optim = vectors_get(all, "optim");
    tally t = { 0 };
    optimiser_case(&t, vectors_get(optim, "sgd_lr0.004_1000steps"), false, 1000, absolute);
    optimiser_case(&t, vectors_get(optim, "adamw_lr0.1_wd0.01_100steps"), true, 100, four_decimals);
    json_decref(all);
    tally_end(&t, file);
}
END_TEST

Suite *suite_vectors(void)
{
    Suite *suite = suite_create("vectors");
    TCase *cases = tcase_create("foreign vectors");
    tcase_add_test(cases, onnx);
    tcase_add_test(cases, keras);
    tcase_add_test(cases, pytorch);
    tcase_add_test(cases, pytorch_optimisers);
    suite_add_tcase(suite, cases);
    return suite;
}

#else

START_TEST(without_jansson)
{
    printf("SKIPPED: foreign vectors (built without Jansson, which reads them)\n");
}
END_TEST

Suite *suite_vectors(void)
{
    Suite *suite = suite_create("vectors");
    TCase *cases = tcase_create("foreign vectors");
    tcase_add_test(cases, without_jansson);
    suite_add_tcase(suite, cases);
    return suite;
}

#endif
