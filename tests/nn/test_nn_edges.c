/* What the helpers around layers refuse: foreign weights, initial values, stacks, batches and scalers that do not fit,
 * each with its sentence; and memory that ends in any of their allocations, after which the same call succeeds. */
#include "recording.h"
#include "batch.h"
#include "failing_memory.h"
#include "init.h"
#include "layers.h"
#include "weights.h"

#define REFUSED(sentence, call)                                                                                        \
    do {                                                                                                               \
        eddy_status status = { 0 };                                                                                    \
        ck_assert(!(call));                                                                                            \
        ck_assert_msg(strstr(status.text, sentence) != NULL, "no \"%s\" in: %s", sentence, status.text);               \
    } while (0)

enum { IN = 3, HID = 2 };
static const int64_t gates_of[] = { 1, 4, 3 };

static eddy_tensor wrap(eddy_dtype dtype, eddy_shape shape)
{
    static double zeros[256]; /* elements of any dtype */
    ck_assert(eddy_shape_count(&shape) <= 256);
    return eddy_tensor_wrap(zeros, dtype, shape);
}

static eddy_layer_weights layer_of(eddy_gates gates, eddy_dtype dtype)
{
    int64_t rows = gates_of[gates] * HID;
    return (eddy_layer_weights){ .weight_ih = wrap(dtype, EDDY_SHAPE(rows, IN)),
                                 .weight_hh = wrap(dtype, EDDY_SHAPE(rows, HID)),
                                 .bias_ih = wrap(dtype, EDDY_SHAPE(rows)),
                                 .bias_hh = wrap(dtype, EDDY_SHAPE(rows)) };
}

START_TEST(keras_that_does_not_fit)
{
    eddy_layer_weights out;
    eddy_tensor w = wrap(EDDY_F64, EDDY_SHAPE(IN, 8)), r = wrap(EDDY_F64, EDDY_SHAPE(HID, 8)),
                b = wrap(EDDY_F64, EDDY_SHAPE(8)), none = { 0 }, flat = wrap(EDDY_F64, EDDY_SHAPE(8)),
                single = wrap(EDDY_F32, EDDY_SHAPE(HID, 8)), whole = wrap(EDDY_I64, EDDY_SHAPE(IN, 8)),
                wide = wrap(EDDY_F64, EDDY_SHAPE(HID, 12)), two = wrap(EDDY_F64, EDDY_SHAPE(2, 8));
#define FROM(sentence, gates, w, r, b)                                                                                 \
    do {                                                                                                               \
        REFUSED(sentence, eddy_from_keras(&out, gates, true, w, r, b, &status));                                       \
        ck_assert(!out.weight_ih.data && !out.weight_hh.data && !out.bias_ih.data && !out.bias_hh.data);               \
    } while (0)
    REFUSED("from_keras: there is no place for the weights",
            eddy_from_keras(NULL, EDDY_GATES_LSTM, true, &w, &r, &b, &status));
    FROM("from_keras: the gates must be those of an RNN, LSTM or GRU", (eddy_gates)7, &w, &r, &b);
    FROM("from_keras: a weight is missing", EDDY_GATES_LSTM, NULL, &r, &b);
    FROM("from_keras: a weight is missing", EDDY_GATES_LSTM, &w, NULL, &b);
    FROM("from_keras: a weight is missing", EDDY_GATES_LSTM, &none, &r, &b);
    FROM("each must have 2 axes", EDDY_GATES_LSTM, &flat, &r, &b);
    FROM("each must have 2 axes", EDDY_GATES_LSTM, &w, &flat, &b);
    FROM("one axis of each must be 3 times the hidden size, which is 2", EDDY_GATES_GRU, &w, &r, &b);
    FROM("recurrent_kernel has shape (2, 12)", EDDY_GATES_LSTM, &w, &wide, &b);
    FROM("recurrent_kernel has dtype f32; the weights must be all f32 or all f64", EDDY_GATES_LSTM, &w, &single, &b);
    FROM("kernel has dtype i64", EDDY_GATES_LSTM, &whole, &r, &b);
    FROM("bias has shape (2, 8)", EDDY_GATES_LSTM, &w, &r, &two);
    FROM("bias is missing", EDDY_GATES_LSTM, &w, &r, &none);
    eddy_layer_weights_free(NULL);

    eddy_layer_weights in = layer_of(EDDY_GATES_LSTM, EDDY_F64), bad = in;
    eddy_tensor kernel, recurrent, bias;
#define TO(sentence, gates, in)                                                                                        \
    do {                                                                                                               \
        REFUSED(sentence, eddy_to_keras(&kernel, &recurrent, &bias, gates, true, in, &status));                        \
        ck_assert(!kernel.data && !recurrent.data && !bias.data);                                                      \
    } while (0)
    REFUSED("to_keras: there is no place for the kernels",
            eddy_to_keras(NULL, &recurrent, &bias, EDDY_GATES_LSTM, true, &in, &status));
    REFUSED("to_keras: there is no place for the kernels",
            eddy_to_keras(&kernel, NULL, &bias, EDDY_GATES_LSTM, true, &in, &status));
    REFUSED("to_keras: the layer has a bias, so there must be a place for it",
            eddy_to_keras(&kernel, &recurrent, NULL, EDDY_GATES_LSTM, true, &in, &status));
    TO("to_keras: there are no weights", EDDY_GATES_LSTM, NULL);
    TO("to_keras: the gates must be those", (eddy_gates)-1, &in);
    TO("3 times the hidden size", EDDY_GATES_GRU, &in);
    bad.weight_hh = wrap(EDDY_F64, EDDY_SHAPE(12, HID));
    TO("weight_hh has shape (12, 2)", EDDY_GATES_LSTM, &bad);
    bad = in;
    bad.weight_ih = wrap(EDDY_I64, EDDY_SHAPE(8, IN));
    TO("weight_ih has dtype i64", EDDY_GATES_LSTM, &bad);
    bad = in;
    bad.bias_ih = wrap(EDDY_F64, EDDY_SHAPE(7));
    TO("bias_ih has shape (7,)", EDDY_GATES_LSTM, &bad);
    bad = in;
    bad.bias_hh = wrap(EDDY_F32, EDDY_SHAPE(8));
    TO("bias_hh has dtype f32", EDDY_GATES_LSTM, &bad);
}
END_TEST

START_TEST(onnx_that_does_not_fit)
{
    eddy_layer_weights out;
    eddy_tensor w = wrap(EDDY_F64, EDDY_SHAPE(2, 8, IN)), r = wrap(EDDY_F64, EDDY_SHAPE(2, 8, HID)),
                b = wrap(EDDY_F64, EDDY_SHAPE(2, 16)), one = wrap(EDDY_F64, EDDY_SHAPE(1, 8, HID)),
                half = wrap(EDDY_F64, EDDY_SHAPE(2, 8)), whole = wrap(EDDY_I32, EDDY_SHAPE(2, 8, IN));
#undef FROM
#define FROM(sentence, direction, w, r, b)                                                                             \
    do {                                                                                                               \
        REFUSED(sentence, eddy_from_onnx(&out, EDDY_GATES_LSTM, true, direction, w, r, b, &status));                   \
        ck_assert(!out.weight_ih.data && !out.weight_hh.data && !out.bias_ih.data && !out.bias_hh.data);               \
    } while (0)
    REFUSED("from_onnx: there is no place for the weights",
            eddy_from_onnx(NULL, EDDY_GATES_LSTM, true, 0, &w, &r, &b, &status));
    FROM("from_onnx: a weight is missing", 0, NULL, &r, &b);
    FROM("from_onnx: there is no direction -1; W has 2", -1, &w, &r, &b);
    FROM("from_onnx: there is no direction 2; W has 2", 2, &w, &r, &b);
    FROM("R has shape (1, 8, 2)", 0, &w, &one, &b);
    FROM("W has dtype i32", 0, &whole, &r, &b);
    FROM("B has shape (2, 8)", 0, &w, &r, &half);

    eddy_layer_weights in[2] = { layer_of(EDDY_GATES_LSTM, EDDY_F64), layer_of(EDDY_GATES_LSTM, EDDY_F64) };
    eddy_tensor to_w, to_r, to_b;
#undef TO
#define TO(sentence, in, directions)                                                                                   \
    do {                                                                                                               \
        REFUSED(sentence, eddy_to_onnx(&to_w, &to_r, &to_b, EDDY_GATES_LSTM, true, in, directions, &status));          \
        ck_assert(!to_w.data && !to_r.data && !to_b.data);                                                             \
    } while (0)
    REFUSED("to_onnx: there is no place for W and R",
            eddy_to_onnx(NULL, &to_r, &to_b, EDDY_GATES_LSTM, true, in, 2, &status));
    REFUSED("to_onnx: there is no place for W and R",
            eddy_to_onnx(&to_w, NULL, &to_b, EDDY_GATES_LSTM, true, in, 2, &status));
    REFUSED("to_onnx: the layer has a bias, so there must be a place for it",
            eddy_to_onnx(&to_w, &to_r, NULL, EDDY_GATES_LSTM, true, in, 2, &status));
    TO("to_onnx: there are 0 directions", in, 0);
    TO("to_onnx: there are 3 directions", in, 3);
    TO("to_onnx: there are no weights", NULL, 1);
    in[1] = layer_of(EDDY_GATES_LSTM, EDDY_F32);
    TO("sizes and dtype must be the same", in, 2);
    in[1] = layer_of(EDDY_GATES_LSTM, EDDY_F64);
    in[1].weight_ih = wrap(EDDY_F64, EDDY_SHAPE(8, IN + 1));
    TO("weights of shapes (8, 3) and (8, 4)", in, 2);
    in[1] = layer_of(EDDY_GATES_RNN, EDDY_F64);
    TO("4 times the hidden size", in, 2);
}
END_TEST

/* ---- Initial values ---- */

START_TEST(initial_values_that_do_not_fit)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    const eddy_init normal = { .kind = EDDY_INIT_NORMAL, .a = 1 }, orthogonal = { .kind = EDDY_INIT_ORTHOGONAL },
                    unknown = { .kind = (eddy_init_kind)99 };
    FAILS(tape, eddy_parameter_init(tape, "a", EDDY_SHAPE(2), unknown), "99 is no kind of initial value");
    FAILS(tape, eddy_parameter_init(tape, "a", EDDY_SHAPE(4), orthogonal), "need a matrix; the shape is (4,)");
    FAILS(tape, eddy_parameter_init(tape, "a", EDDY_SHAPE(-1, 2), normal), "-1");
    ck_assert_int_eq(eddy_leaf_count(tape, EDDY_PARAMETER), 0);
    ck_assert(!eddy_ok(eddy_parameter_init(NULL, "a", EDDY_SHAPE(2), normal)));

    eddy_var p = eddy_parameter_init(tape, "p", EDDY_SHAPE(3, 2), normal), x = eddy_input(tape, "x", EDDY_SHAPE(2)),
             scalar = eddy_parameter_init(tape, "scalar", EDDY_SCALAR, normal),
             empty = eddy_parameter_init(tape, "empty", EDDY_SHAPE(0, 2), orthogonal);
    double before = at(p, 0), other = at(scalar, 0);
    FAILS(tape, eddy_reinitialise(x, normal, 0, 0), "reinitialise: the var is no parameter");
    FAILS(tape, eddy_reinitialise(p, normal, -1, 2), "reinitialise: the rows are out of range");
    FAILS(tape, eddy_reinitialise(p, normal, 2, 1), "reinitialise: the rows are out of range");
    FAILS(tape, eddy_reinitialise(p, normal, 0, 4), "reinitialise: the rows are out of range");
    FAILS(tape, eddy_reinitialise(p, unknown, 0, 0), "99 is no kind of initial value");
    ck_assert(at(p, 0) == before);
    ck_assert(eddy_reinitialise(scalar, normal, 0, 0) && at(scalar, 0) != other);
    ck_assert(eddy_reinitialise(empty, orthogonal, 0, 0));
    ck_assert(eddy_reinitialise(p, normal, 0, 1) && at(p, 0) != before);
    OK(tape);
    eddy_add(p, x = eddy_input(tape, "y", EDDY_SHAPE(7)));
    ck_assert(eddy_error(tape) != NULL);
    ck_assert(!eddy_ok(eddy_parameter_init(tape, "late", EDDY_SHAPE(2), normal)));
    eddy_tape_free(tape);
}
END_TEST

/* ---- Stacks ---- */

START_TEST(stacks_that_do_not_fit)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_lstm_layers stack = eddy_lstm_layers_new(tape, "l", IN, HID, 2, false, NULL),
                     both = eddy_lstm_layers_new(tape, "b", IN, HID, 1, true, NULL);
    eddy_gru_layers gru = eddy_gru_layers_new(tape, "g", IN, HID, 1, false, NULL);
    eddy_rnn_layers rnn = eddy_rnn_layers_new(tape, "r", IN, HID, 1, false, NULL);
    eddy_var x = input(tape, EDDY_SHAPE(4, 2, IN), -1, 1);
    OK(tape);
    const eddy_cell *cells[] = { &stack.lstm[0].cell, &stack.lstm[1].cell, NULL }, stateless = { 0 },
                    *bad[] = { &stateless };
#define STACK(sentence, cells, count, ...)                                                                             \
    FAILS(tape, eddy_unroll_layers(cells, count, x, &(eddy_layers_options){ __VA_ARGS__ }), sentence)
    STACK("unroll_layers: 0 cells; 1 to 16 are possible", NULL, 2, .dropout = 0);
    STACK("unroll_layers: 0 cells", cells, 0, .dropout = 0);
    STACK("unroll_layers: 17 cells", cells, 17, .dropout = 0);
    STACK("unroll_layers: 1 cells in both directions; their number must be even", cells, 1, .bidirectional = true);
    STACK("bidirectional and unroll.reverse exclude each other", cells, 2, .bidirectional = true,
          .unroll.reverse = true);
    STACK("unroll_layers: dropout is 1;", cells, 2, .dropout = 1);
    STACK("unroll_layers: dropout is -0.5;", cells, 2, .dropout = -0.5);
    STACK("unroll_layers: dropout is nan;", cells, 2, .dropout = (double)NAN);
    STACK("unroll_layers: 9 is no way to merge directions", cells, 2, .merge = (eddy_merge)9);
    STACK("unroll_layers: cell 2 is NULL or has no states", cells, 3, .dropout = 0);
    STACK("unroll_layers: cell 0 is NULL or has no states", bad, 1, .dropout = 0);
    char name[400];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    OK(tape);
    eddy_unroll_layers(cells, 2, x, &(eddy_layers_options){ .unroll.carry = name });
    check_sentence(tape, "", (const char *const[]){ "the name to carry states under is too long", NULL });
    FAILS(tape, eddy_unroll_lstm(NULL, x, NULL), "unroll_layers: 0 cells");
    FAILS(tape, eddy_unroll_gru(NULL, x, NULL), "unroll_layers: 0 cells");
    FAILS(tape, eddy_unroll_rnn(NULL, x, NULL), "unroll_layers: 0 cells");
    FAILS(tape, eddy_unroll_lstm(&both, x, NULL), "the stack was made for both directions");
    const eddy_layers_options two = { .bidirectional = true };
    FAILS(tape, eddy_unroll_lstm(&stack, x, &two), "made for one direction and options.bidirectional asks for two");
    FAILS(tape, eddy_unroll_gru(&gru, x, &two), "made for one direction");
    FAILS(tape, eddy_unroll_rnn(&rnn, x, &two), "made for one direction");
    FAILS(tape, eddy_lstm_layers_new(tape, "m", IN, HID, 0, false, NULL), "0 layers; 1 to 16 are possible");
    FAILS(tape, eddy_gru_layers_new(tape, "m", IN, HID, 9, true, NULL), "9 layers in both directions; 1 to 8");
    FAILS(tape, eddy_rnn_layers_new(tape, "m", IN, HID, 17, false, NULL), "17 layers; 1 to 16");

    ck_assert(!eddy_ok(eddy_unroll_layers(cells, 2, (eddy_var){ 0 }, NULL).outputs));
    ck_assert_int_eq(eddy_lstm_layers_new(NULL, "m", IN, HID, 1, false, NULL).count, 0);
    ck_assert_int_eq(eddy_gru_layers_new(NULL, "m", IN, HID, 1, false, NULL).count, 0);
    ck_assert_int_eq(eddy_rnn_layers_new(NULL, "m", IN, HID, 1, false, NULL).count, 0);
    ck_assert(!eddy_ok(eddy_unroll_lstm(&both, (eddy_var){ 0 }, NULL).last));
    eddy_lstm_layers_new(tape, "m", -1, HID, 1, false, NULL);
    ck_assert(eddy_error(tape) != NULL);
    ck_assert(!eddy_ok(eddy_unroll_layers(cells, 2, x, NULL).outputs));
    ck_assert(!eddy_ok(eddy_unroll_lstm(&both, x, NULL).outputs));
    ck_assert_int_eq(eddy_gru_layers_new(tape, "m", IN, HID, 1, true, NULL).count, 0);
    eddy_tape_free(tape);
}
END_TEST

/* ---- Scalers ---- */

START_TEST(scalers_that_do_not_fit)
{
    double values[] = { 1, 2, 3, 4, 5, 6 }, bad[] = { 1, 2, (double)NAN, 4 }, huge[] = { -1e308, 1e308 };
    eddy_tensor data = eddy_tensor_wrap(values, EDDY_F64, EDDY_SHAPE(2, 3)), whole = wrap(EDDY_I64, EDDY_SHAPE(2, 3)),
                scalar = wrap(EDDY_F64, EDDY_SCALAR), empty = wrap(EDDY_F64, EDDY_SHAPE(0, 3)),
                nan = eddy_tensor_wrap(bad, EDDY_F64, EDDY_SHAPE(2, 2)),
                wide = eddy_tensor_wrap(huge, EDDY_F64, EDDY_SHAPE(2, 1)), repeated = data;
    eddy_scaler scaler;
    REFUSED("scaler_fit: there is no place", eddy_scaler_fit(NULL, EDDY_SCALER_STANDARD, &data, &status));
#define FIT(sentence, kind, data) REFUSED(sentence, eddy_scaler_fit(&scaler, kind, data, &status))
    FIT("scaler_fit: the data have shape (NULL) and dtype none", EDDY_SCALER_STANDARD, NULL);
    FIT("scaler_fit: the data have shape ()", EDDY_SCALER_STANDARD, &scalar);
    FIT("dtype i64; they must have a last axis of features and be f32 or f64", EDDY_SCALER_MIN_MAX, &whole);
    FIT("scaler_fit: 5 is no kind of scaler", (eddy_scaler_kind)5, &data);
    FIT("data of shape (0, 3) have no values to fit to", EDDY_SCALER_STANDARD, &empty);
    FIT("element 2 of the data (feature 0) is nan", EDDY_SCALER_STANDARD, &nan);
    FIT("feature 0 has values from -1e+308 to 1e+308, whose spread overflows", EDDY_SCALER_MIN_MAX, &wide);
    FIT("whose spread overflows", EDDY_SCALER_STANDARD, &wide);
    const eddy_tensor several[] = { data, nan }, three[] = { nan, nan };
    const int64_t below[] = { 0, -1 };
#define FIT_ALL(sentence, sequences, index, count)                                                                     \
    REFUSED(sentence, eddy_scaler_fit_sequences(&scaler, EDDY_SCALER_STANDARD, sequences, index, count, &status))
    FIT_ALL("there are no sequences (the number is 0)", several, NULL, 0);
    FIT_ALL("the data have shape (NULL)", NULL, NULL, 2);
    FIT_ALL("sequence 1 has 2 features, and the first one has 3", several, NULL, 2);
    FIT_ALL("index 1 is -1; it must not be negative", several, below, 2);
    FIT_ALL("element 2 of sequence 0 (feature 0) is nan", three, NULL, 2);
    ck_assert(!scaler.shift.data && !scaler.scale.data);

    ck_assert(eddy_scaler_fit(&scaler, EDDY_SCALER_MIN_MAX, &data, NULL));
    eddy_scaler unfitted = { 0 };
    repeated.stride[0] = 0;
    REFUSED("scaler_apply: the data have shape (NULL)", eddy_scaler_apply(&scaler, NULL, &status));
    REFUSED("so 3 features; the scaler has none", eddy_scaler_apply(NULL, &data, &status));
    REFUSED("so 3 features; the scaler has ()", eddy_scaler_undo(&unfitted, &data, &status));
    REFUSED("so 2 features; the scaler has (3,)", eddy_scaler_apply(&scaler, &nan, &status));
    REFUSED("axis 0 of the data repeats its elements", eddy_scaler_undo(&scaler, &repeated, &status));
    ck_assert(values[0] == 1 && values[5] == 6);

    const char *names[2] = { "shift", "scale" };
    eddy_named_tensor parts[2];
    eddy_scaler_tensors(NULL, names, parts);
    eddy_scaler_tensors(&scaler, NULL, parts);
    eddy_scaler_tensors(&scaler, names, NULL);
    eddy_scaler_tensors(&scaler, names, parts);
    eddy_scaler back;
    eddy_safetensors file = { .tensors = parts, .count = 2 };
#define LOAD(sentence, shift, scale) REFUSED(sentence, eddy_scaler_load(&back, &file, shift, scale, &status))
    REFUSED("the place for the scaler is NULL", eddy_scaler_load(NULL, &file, "shift", "scale", &status));
    LOAD("a name is NULL", NULL, "scale");
    LOAD("a name is NULL", "shift", NULL);
    LOAD("the file has no tensor \"none\"", "none", "scale");
    LOAD("the file has no tensor \"none\"", "shift", "none");
    parts[1].tensor = wrap(EDDY_F64, EDDY_SHAPE(2));
    LOAD("\"shift\" has shape (3,) and \"scale\" (2,)", "shift", "scale");
    parts[1].tensor = wrap(EDDY_I64, EDDY_SHAPE(3));
    LOAD("both must be (features,) and floating-point", "shift", "scale");
    parts[1].tensor = wrap(EDDY_F64, EDDY_SHAPE(3)); /* zeros */
    LOAD("has shift 1 and scale 0; they must be finite and the scale above 0", "shift", "scale");
    eddy_scaler_free(&scaler);
    eddy_scaler_free(NULL);
}
END_TEST

/* ---- Batches ---- */

START_TEST(batches_that_do_not_fit)
{
    eddy_tensor list[] = { wrap(EDDY_F64, EDDY_SHAPE(4, 2)),
                           wrap(EDDY_F64, EDDY_SHAPE(3, 3)),
                           wrap(EDDY_F32, EDDY_SHAPE(3, 2)),
                           wrap(EDDY_F64, EDDY_SHAPE(3)),
                           { .shape = { .rank = 2 } } },
                out;
#define PAD(sentence, count, time, ...)                                                                                \
    REFUSED(sentence, eddy_pad_sequences(&out, NULL, list, (const int64_t[]){ __VA_ARGS__ }, count, time, &status))
    REFUSED("there is no place for the batch", eddy_pad_sequences(NULL, NULL, list, NULL, 1, 0, &status));
    REFUSED("there are no sequences (the number is 1)", eddy_pad_sequences(&out, NULL, NULL, NULL, 1, 0, &status));
    PAD("there are no sequences (the number is 0)", 0, 0, 0);
    PAD("pad_sequences: time is -1", 1, -1, 0);
    PAD("index 1 of the batch is -3; it must not be negative", 2, 0, 0, -3);
    PAD("sequence 1 has shape (3, 3) and dtype f64", 2, 0, 0, 1);
    PAD("sequence 2 has shape (3, 2) and dtype f32", 2, 0, 0, 2);
    PAD("sequence 3 has shape (3,); it must be (length, features)", 1, 0, 3);
    PAD("sequence 4 has shape (0, 0); it must be (length, features)", 1, 0, 4);
    PAD("sequence 0 has 4 steps, more than the 3 asked for", 1, 3, 0);

    int64_t order[3], lengths[] = { 2, -1, 3 };
    eddy_random random = { .seed = 1 };
    REFUSED("bucket: -1 sequences", eddy_bucket(order, lengths, -1, 1, 0, random, &status));
    REFUSED("in batches of 0", eddy_bucket(order, lengths, 3, 0, 0, random, &status));
    REFUSED("-1 in a group", eddy_bucket(order, lengths, 3, 1, -1, random, &status));
    REFUSED("bucket: order is NULL", eddy_bucket(NULL, lengths, 3, 1, 0, random, &status));
    REFUSED("bucket: lengths is NULL", eddy_bucket(order, NULL, 3, 1, 0, random, &status));
    REFUSED("bucket: sequence 1 has length -1", eddy_bucket(order, lengths, 3, 1, 0, random, &status));

    eddy_tensor series = wrap(EDDY_F64, EDDY_SHAPE(5, 2)), view, endless = series;
    endless.shape.dim[0] = INT64_MAX;
    endless.stride[0] = endless.stride[1] = 0;
    REFUSED("windows: there is no place", eddy_windows(NULL, &series, 2, 1, &status));
    REFUSED("windows: the series has shape (NULL)", eddy_windows(&view, NULL, 2, 1, &status));
    REFUSED("windows: the series has shape (3,)", eddy_windows(&view, &list[3], 2, 1, &status));
    REFUSED("windows: length 0 and stride 1", eddy_windows(&view, &series, 0, 1, &status));
    REFUSED("windows: length 1 and stride 0", eddy_windows(&view, &series, 1, 0, &status));
    REFUSED("5 steps, fewer than one window of 6", eddy_windows(&view, &series, 6, 1, &status));
    REFUSED("more elements than can be counted", eddy_windows(&view, &endless, INT64_MAX / 2, 1, &status));
}
END_TEST

/* ---- Memory that ends ---- */

static bool keras_there(eddy_gates gates, bool after, eddy_status *status)
{
    int64_t rows = gates_of[gates] * HID;
    eddy_tensor w = wrap(EDDY_F32, EDDY_SHAPE(IN, rows)), r = wrap(EDDY_F32, EDDY_SHAPE(HID, rows)),
                b = gates == EDDY_GATES_GRU && after ? wrap(EDDY_F32, EDDY_SHAPE(2, rows))
                                                     : wrap(EDDY_F32, EDDY_SHAPE(rows));
    eddy_layer_weights out;
    bool done = eddy_from_keras(&out, gates, after, &w, &r, &b, status);
    ck_assert(done == (out.weight_ih.data && out.weight_hh.data && out.bias_ih.data && out.bias_hh.data));
    eddy_layer_weights_free(&out);
    return done;
}

static bool keras_back(eddy_gates gates, bool after, eddy_status *status)
{
    eddy_layer_weights in = layer_of(gates, EDDY_F64);
    eddy_tensor w, r, b;
    bool done = eddy_to_keras(&w, &r, &b, gates, after, &in, status);
    ck_assert(done == (w.data && r.data && b.data));
    eddy_tensor_free(&w);
    eddy_tensor_free(&r);
    eddy_tensor_free(&b);
    return done;
}

static bool onnx_there(eddy_gates gates, bool after, eddy_status *status)
{
    int64_t rows = gates_of[gates] * HID;
    eddy_tensor w = wrap(EDDY_F32, EDDY_SHAPE(1, rows, IN)), r = wrap(EDDY_F32, EDDY_SHAPE(1, rows, HID)),
                b = wrap(EDDY_F32, EDDY_SHAPE(1, 2 * rows));
    eddy_layer_weights out;
    bool done = eddy_from_onnx(&out, gates, after, 0, &w, &r, &b, status);
    eddy_layer_weights_free(&out);
    return done;
}

static bool onnx_back(eddy_gates gates, bool after, eddy_status *status)
{
    eddy_layer_weights in[2] = { layer_of(gates, EDDY_F64), layer_of(gates, EDDY_F64) };
    eddy_tensor w, r, b;
    bool done = eddy_to_onnx(&w, &r, &b, gates, after, in, 2, status);
    ck_assert(done == (w.data && r.data && b.data));
    eddy_tensor_free(&w);
    eddy_tensor_free(&r);
    eddy_tensor_free(&b);
    return done;
}

static bool scaling(eddy_gates gates, bool after, eddy_status *status)
{
    (void)gates, (void)after;
    double values[] = { 1, 2, 3, 5, 4, 6 };
    eddy_tensor data = eddy_tensor_wrap(values, EDDY_F64, EDDY_SHAPE(3, 2));
    const char *names[] = { "shift", "scale" };
    eddy_scaler scaler, loaded = { 0 };
    eddy_named_tensor parts[2];
    eddy_safetensors file = { .tensors = parts, .count = 2 };
    bool done = eddy_scaler_fit(&scaler, EDDY_SCALER_STANDARD, &data, status);
    eddy_scaler_tensors(&scaler, names, parts);
    done = done && eddy_scaler_load(&loaded, &file, "shift", "scale", status);
    eddy_scaler_free(&scaler);
    eddy_scaler_free(&loaded);
    return done;
}

static bool batching(eddy_gates gates, bool after, eddy_status *status)
{
    (void)gates, (void)after;
    eddy_tensor list[] = { wrap(EDDY_F64, EDDY_SHAPE(4, 2)), wrap(EDDY_F64, EDDY_SHAPE(1, 2)) }, out;
    int64_t lengths[2], order[2];
    bool done = eddy_pad_sequences(&out, lengths, list, NULL, 2, 0, status);
    eddy_tensor_free(&out);
    return done && eddy_bucket(order, lengths, 2, 1, 0, (eddy_random){ .seed = 1 }, status);
}

/* The sentence of a tape as that of a status. */
static bool end_tape(eddy_tape *tape, eddy_status *status)
{
    bool done = tape && !eddy_error(tape);
    if (!done)
        eddy_status_fail(status, "%s", tape ? eddy_error(tape) : "no memory for a tape");
    eddy_tape_free(tape);
    return done;
}

static bool initial(eddy_gates gates, bool after, eddy_status *status)
{
    (void)gates;
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_var p = eddy_parameter_init(tape, "p", after ? EDDY_SHAPE(3, 2) : EDDY_SHAPE(2, 3),
                                     (eddy_init){ .kind = EDDY_INIT_ORTHOGONAL });
    if (tape && !eddy_error(tape))
        ck_assert(eddy_reinitialise(p, (eddy_init){ .kind = EDDY_INIT_NORMAL, .a = 1 }, 0, 1) || eddy_error(tape));
    return end_tape(tape, status);
}

static bool stacked(eddy_gates gates, bool after, eddy_status *status)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(2, 1, IN));
    const int64_t layers = after ? 1 : 2; /* further layers read the directions side by side, no mean */
    const eddy_layers_options options = { .bidirectional = after,
                                          .merge = after ? EDDY_MERGE_MEAN : EDDY_MERGE_CONCAT,
                                          .dropout = 0.5,
                                          .unroll = { .training = true, .carry = "c" } };
    if (gates == EDDY_GATES_LSTM) {
        eddy_lstm_layers stack = eddy_lstm_layers_new(tape, "l", IN, HID, layers, after, NULL);
        eddy_unroll_lstm(&stack, x, &options);
    } else if (gates == EDDY_GATES_GRU) {
        eddy_gru_layers stack = eddy_gru_layers_new(tape, "l", IN, HID, layers, after, NULL);
        eddy_unroll_gru(&stack, x, &options);
    } else {
        eddy_rnn_layers stack = eddy_rnn_layers_new(tape, "l", IN, HID, layers, after, NULL);
        eddy_unroll_rnn(&stack, x, &options);
    }
    return end_tape(tape, status);
}

static bool (*const calls[])(eddy_gates gates, bool after, eddy_status *status) = { keras_there, keras_back, onnx_there,
                                                                                    onnx_back,   scaling,    batching,
                                                                                    initial,     stacked };

/* Every allocation of the call fails in turn; afterwards nothing is left of it, and it succeeds. */
START_TEST(memory_runs_out)
{
    fault f;
    for (int kind = 0; kind < 6; kind++) {
        const eddy_gates gates = (eddy_gates)(kind / 2);
        fault_install(&f, 0);
        eddy_status status = { 0 };
        ck_assert_msg(calls[_i](gates, kind % 2, &status), "%s", status.text);
        ck_assert_int_eq(f.living, 0);
        for (long n = 1, needed = f.asked; n <= needed; n++) {
            status = (eddy_status){ 0 };
            fault_install(&f, n);
            ck_assert_msg(!calls[_i](gates, kind % 2, &status) && strstr(status.text, "memory"),
                          "allocation %ld of %ld: %s", n, needed, status.text);
            ck_assert_int_eq(f.living, 0);
            f.fail_at = 0;
            ck_assert_msg(calls[_i](gates, kind % 2, NULL), "after allocation %ld of %ld", n, needed);
            ck_assert_int_eq(f.living, 0);
        }
    }
    eddy_set_allocator(NULL);
}
END_TEST

Suite *suite_nn_edges(void)
{
    Suite *suite = suite_create("nn_edges");
    TCase *tests = tcase_create("nn_edges");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, keras_that_does_not_fit);
    tcase_add_test(tests, onnx_that_does_not_fit);
    tcase_add_test(tests, initial_values_that_do_not_fit);
    tcase_add_test(tests, stacks_that_do_not_fit);
    tcase_add_test(tests, scalers_that_do_not_fit);
    tcase_add_test(tests, batches_that_do_not_fit);
    tcase_add_loop_test(tests, memory_runs_out, 0, (int)(sizeof calls / sizeof calls[0]));
    suite_add_tcase(suite, tests);
    return suite;
}
