/* Weights of Keras and ONNX: the other library's formulas as plain loops over its own layout against eddy's cells with
 * converted weights; round trips; every sentence; and the stored results of both libraries ($EDDY_SHARED/vectors). */
#include "recording.h"
#include "failing_memory.h"
#include "weights.h"

enum { TIME = 3, BATCH = 2, INPUT = 3, HIDDEN = 4 };
typedef enum layout { KERAS, ONNX } layout;
static const int64_t gate_count[] = { 1, 4, 3 };

/* One direction of a layer as the other library stores it. */
typedef struct foreign {
    layout layout;
    eddy_gates gates;
    bool after;          /* a GRU's reset_after or linear_before_reset */
    int64_t direction;   /* ONNX */
    eddy_tensor w, r, b; /* b: {0} for none */
} foreign;

static foreign foreign_new(layout kind, eddy_gates gates, bool after, bool bias, eddy_dtype dtype)
{
    foreign f = { .layout = kind, .gates = gates, .after = after, .direction = 1 };
    int64_t rows = gate_count[gates] * HIDDEN;
    bool two = gates == EDDY_GATES_GRU && after;
    f.w = random_tensor(dtype, kind == KERAS ? EDDY_SHAPE(INPUT, rows) : EDDY_SHAPE(2, rows, INPUT), -1, 1);
    f.r = random_tensor(dtype, kind == KERAS ? EDDY_SHAPE(HIDDEN, rows) : EDDY_SHAPE(2, rows, HIDDEN), -1, 1);
    if (bias)
        f.b = random_tensor(dtype,
                            kind == ONNX ? EDDY_SHAPE(2, 2 * rows)
                            : two        ? EDDY_SHAPE(2, rows)
                                         : EDDY_SHAPE(rows),
                            -1, 1);
    return f;
}

static void foreign_free(foreign *f)
{
    eddy_tensor_free(&f->w);
    eddy_tensor_free(&f->r);
    eddy_tensor_free(&f->b);
}

static bool convert(eddy_layer_weights *out, const foreign *f, eddy_status *status)
{
    const eddy_tensor *b = f->b.data ? &f->b : NULL;
    return f->layout == KERAS ? eddy_from_keras(out, f->gates, f->after, &f->w, &f->r, b, status)
                              : eddy_from_onnx(out, f->gates, f->after, f->direction, &f->w, &f->r, b, status);
}

/* sum_j w x_j for unit u of the gate at position k, and the biases there: straight from the library's layout. */
static double product(const foreign *f, const eddy_tensor *w, int k, int u, const double *x, int size)
{
    double sum = 0;
    for (int j = 0; j < size; j++)
        sum += x[j] * eddy_tensor_at(w, f->layout == KERAS ? (int64_t[]){ j, k * HIDDEN + u }
                                                           : (int64_t[]){ f->direction, k * HIDDEN + u, j });
    return sum;
}

static double bias_of(const foreign *f, bool recurrent, int k, int u)
{
    int64_t at = k * HIDDEN + u, rows = gate_count[f->gates] * HIDDEN;
    if (!f->b.data)
        return 0;
    if (f->layout == ONNX)
        return eddy_tensor_at(&f->b, (int64_t[]){ f->direction, recurrent * rows + at });
    if (f->b.shape.rank == 2)
        return eddy_tensor_at(&f->b, (int64_t[]){ recurrent, at });
    return recurrent ? 0 : eddy_tensor_at(&f->b, &at);
}

static double sigmoid(double a)
{
    return 1 / (1 + exp(-a));
}

/* One step of one sequence by the formulas of the Keras and ONNX documentation. */
static void step(const foreign *f, const double *x, double *h, double *c)
{
    double old[HIDDEN], reset[HIDDEN], a[4][HIDDEN];
    memcpy(old, h, sizeof old);
#define IN(k, u) (product(f, &f->w, k, u, x, INPUT) + bias_of(f, false, k, u))
#define BACK(k, u, state) (product(f, &f->r, k, u, state, HIDDEN) + bias_of(f, true, k, u))
    for (int u = 0; u < HIDDEN; u++)
        for (int k = 0; k < gate_count[f->gates]; k++)
            a[k][u] = IN(k, u) + BACK(k, u, old);
    if (f->gates == EDDY_GATES_RNN)
        for (int u = 0; u < HIDDEN; u++)
            h[u] = tanh(a[0][u]);
    if (f->gates == EDDY_GATES_LSTM) {
        const int *at =
            f->layout == KERAS ? (const int[]){ 0, 1, 2, 3 } : (const int[]){ 0, 2, 3, 1 }; /* of i, f, c, o */
        for (int u = 0; u < HIDDEN; u++) {
            c[u] = sigmoid(a[at[1]][u]) * c[u] + sigmoid(a[at[0]][u]) * tanh(a[at[2]][u]);
            h[u] = sigmoid(a[at[3]][u]) * tanh(c[u]);
        }
    }
    if (f->gates == EDDY_GATES_GRU) {
        for (int u = 0; u < HIDDEN; u++)
            reset[u] = sigmoid(a[1][u]) * old[u];
        for (int u = 0; u < HIDDEN; u++) {
            double z = sigmoid(a[0][u]),
                   n = tanh(IN(2, u) + (f->after ? sigmoid(a[1][u]) * BACK(2, u, old) : BACK(2, u, reset)));
            h[u] = z * old[u] + (1 - z) * n;
        }
    }
}

/* eddy's cell with these weights, unrolled. */
static eddy_unrolled run(const eddy_layer_weights *w, eddy_gates gates, bool after, eddy_var x, const eddy_var *initial,
                         const char *name)
{
    union {
        eddy_cell cell;
        eddy_rnn rnn;
        eddy_lstm lstm;
        eddy_gru gru;
    } m;
    bool bare = !w->bias_ih.dtype;
    int64_t input = w->weight_ih.shape.dim[1], hidden = w->weight_hh.shape.dim[1];
    eddy_var to[4];
#define PARAMETERS(made)                                                                                               \
    memcpy(to, (eddy_var[]){ made.weight_ih, made.weight_hh, made.bias_ih, made.bias_hh }, sizeof to)
    if (gates == EDDY_GATES_RNN) {
        m.rnn = eddy_rnn_new_with(x.tape, name, input, hidden, &(eddy_rnn_options){ .no_bias = bare });
        PARAMETERS(m.rnn);
    } else if (gates == EDDY_GATES_LSTM) {
        m.lstm = eddy_lstm_new_with(x.tape, name, input, hidden, &(eddy_lstm_options){ .no_bias = bare });
        PARAMETERS(m.lstm);
    } else {
        m.gru = eddy_gru_new_with(x.tape, name, input, hidden,
                                  &(eddy_gru_options){ .no_bias = bare, .reset_before = !after });
        PARAMETERS(m.gru);
    }
    const eddy_tensor *from[] = { &w->weight_ih, &w->weight_hh, &w->bias_ih, &w->bias_hh };
    for (int k = 0; k < (bare ? 2 : 4); k++)
        eddy_set_tensor(to[k], from[k]);
    OK(x.tape);
    return eddy_unroll(&m.cell, x, &(eddy_unroll_options){ .initial = initial });
}

static void check_cell(const foreign *f, const eddy_layer_weights *w)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(TIME, BATCH, INPUT), -1, 1), initial[2];
    for (int s = 0; s < 2; s++)
        initial[s] = input(tape, EDDY_SHAPE(BATCH, HIDDEN), -1, 1);
    eddy_unrolled r = run(w, f->gates, f->after, x, initial, "cell");
    OK(tape);
    for (int n = 0; n < BATCH; n++) {
        double h[HIDDEN], c[HIDDEN], xs[INPUT];
        for (int u = 0; u < HIDDEN; u++) {
            h[u] = at(initial[0], n * HIDDEN + u);
            c[u] = at(initial[1], n * HIDDEN + u);
        }
        for (int t = 0; t < TIME; t++) {
            for (int j = 0; j < INPUT; j++)
                xs[j] = at(x, (t * BATCH + n) * INPUT + j);
            step(f, xs, h, c);
            for (int u = 0; u < HIDDEN; u++)
                check_near(at(r.outputs, (t * BATCH + n) * HIDDEN + u), h[u], 1, 64);
        }
        for (int u = 0; u < HIDDEN && f->gates == EDDY_GATES_LSTM; u++)
            check_near(at(r.state[1], n * HIDDEN + u), c[u], 3, 64);
    }
    eddy_tape_free(tape);
}

/* Every combination of library, gates, variant, with and without bias. */
#define EVERY(kind, gates, after, bias)                                                                                \
    for (int kind = KERAS; kind <= ONNX; kind++)                                                                       \
        for (int gates = EDDY_GATES_RNN; gates <= EDDY_GATES_GRU; gates++)                                             \
            for (int after = 0; after < 2; after++)                                                                    \
                for (int bias = 0; bias < 2; bias++)

START_TEST(cells_agree_with_the_formulas)
{
    EVERY(kind, gates, after, bias)
    {
        foreign f = foreign_new((layout)kind, (eddy_gates)gates, after, bias, EDDY_F64);
        for (f.direction = 0; f.direction < (kind == ONNX ? 2 : 1); f.direction++) {
            eddy_layer_weights w;
            eddy_status status = { 0 };
            ck_assert_msg(convert(&w, &f, &status), "%s", status.text);
            check_cell(&f, &w);
            eddy_layer_weights_free(&w);
        }
        foreign_free(&f);
    }
}
END_TEST

static void check_tensors(const eddy_tensor *a, const eddy_tensor *b)
{
    ck_assert(a->dtype == b->dtype && (!a->dtype || eddy_shape_equal(&a->shape, &b->shape)));
    for (int64_t i = 0; a->dtype && i < eddy_tensor_count(a); i++)
        ck_assert_msg(eddy_tensor_flat(a, i) == eddy_tensor_flat(b, i), "element %d", (int)i);
}

static void check_layers(const eddy_layer_weights *a, const eddy_layer_weights *b)
{
    check_tensors(&a->weight_ih, &b->weight_ih);
    check_tensors(&a->weight_hh, &b->weight_hh);
    check_tensors(&a->bias_ih, &b->bias_ih);
    check_tensors(&a->bias_hh, &b->bias_hh);
}

/* The other library's tensors there and back are the same bits, in both dtypes and from any strides. */
START_TEST(round_trips)
{
    for (int dtype = EDDY_F32; dtype <= EDDY_F64; dtype++)
        EVERY(kind, gates, after, bias)
        {
            foreign f = foreign_new((layout)kind, (eddy_gates)gates, after, bias, (eddy_dtype)dtype),
                    back = { .layout = f.layout };
            eddy_layer_weights w[2] = { { .weight_ih = { 0 } } }, again;
            eddy_status status = { 0 };
            for (int64_t d = 0; d < (kind == ONNX ? 2 : 1); d++) {
                f.direction = d;
                ck_assert_msg(convert(&w[d], &f, &status), "%s", status.text);
            }
            if (kind == KERAS)
                ck_assert_msg(eddy_to_keras(&back.w, &back.r, &back.b, f.gates, after, &w[0], &status), "%s",
                              status.text);
            else
                ck_assert_msg(eddy_to_onnx(&back.w, &back.r, &back.b, f.gates, after, w, 2, &status), "%s",
                              status.text);
            check_tensors(&f.w, &back.w);
            check_tensors(&f.r, &back.r);
            check_tensors(&f.b, &back.b);

            /* the same weights stored the other way round in memory */
            foreign turned = f;
            eddy_tensor columns;
            int axes[3] = { 1, 0, 2 }, last[3] = { 0, 2, 1 }, *order = kind == KERAS ? axes : last;
            ck_assert(eddy_tensor_permute(&columns, &f.w, order, NULL) &&
                      eddy_tensor_new(&turned.w, columns.dtype, columns.shape, NULL) &&
                      eddy_tensor_copy(&turned.w, &columns, NULL));
            eddy_tensor owner = turned.w;
            ck_assert(eddy_tensor_permute(&turned.w, &owner, order, NULL) && convert(&again, &turned, NULL));
            check_layers(&again, &w[kind == ONNX]);
            eddy_layer_weights_free(&again);
            eddy_tensor_free(&owner);
            for (int d = 0; d < 2; d++)
                eddy_layer_weights_free(&w[d]);
            foreign_free(&f);
            foreign_free(&back);
        }
}
END_TEST

/* From eddy and back: ONNX keeps both biases; Keras keeps their sum where it has one, and no bias_hh is a bias_hh of
 * zeros. */
START_TEST(from_eddy_and_back)
{
    EVERY(kind, gates, after, missing)
    {
        int64_t rows = gate_count[gates] * HIDDEN;
        eddy_layer_weights w = { .weight_ih = random_tensor(EDDY_F64, EDDY_SHAPE(rows, INPUT), -1, 1),
                                 .weight_hh = random_tensor(EDDY_F64, EDDY_SHAPE(rows, HIDDEN), -1, 1),
                                 .bias_hh = random_tensor(EDDY_F64, EDDY_SHAPE(rows), -1, 1) },
                           back;
        if (!missing)
            w.bias_ih = random_tensor(EDDY_F64, EDDY_SHAPE(rows), -1, 1);
        foreign f = { .layout = (layout)kind, .gates = (eddy_gates)gates, .after = after };
        eddy_status status = { 0 };
        ck_assert_msg(kind == KERAS ? eddy_to_keras(&f.w, &f.r, &f.b, f.gates, after, &w, &status)
                                    : eddy_to_onnx(&f.w, &f.r, &f.b, f.gates, after, &w, 1, &status),
                      "%s", status.text);
        ck_assert_msg(convert(&back, &f, &status), "%s", status.text);
        check_tensors(&back.weight_ih, &w.weight_ih);
        check_tensors(&back.weight_hh, &w.weight_hh);
        bool one = kind == KERAS && !(gates == EDDY_GATES_GRU && after);
        for (int64_t i = 0; i < rows; i++) {
            double p = missing ? 0 : eddy_tensor_flat(&w.bias_ih, i), q = eddy_tensor_flat(&w.bias_hh, i);
            ck_assert(eddy_tensor_flat(&back.bias_ih, i) == (one ? p + q : p) &&
                      eddy_tensor_flat(&back.bias_hh, i) == (one ? 0 : q));
        }
        eddy_layer_weights_free(&back);
        eddy_layer_weights_free(&w);
        foreign_free(&f);
    }
}
END_TEST

#define REFUSED(call, ...)                                                                                             \
    do {                                                                                                               \
        eddy_status status = { 0 };                                                                                    \
        ck_assert(!(call));                                                                                            \
        for (const char *const *part = (const char *const[]){ __VA_ARGS__, NULL }; *part; part++)                      \
            ck_assert_msg(strstr(status.text, *part) != NULL, "no \"%s\" in: %s", *part, status.text);                 \
    } while (0)

START_TEST(mistakes)
{
    foreign k = foreign_new(KERAS, EDDY_GATES_GRU, false, true, EDDY_F64),
            o = foreign_new(ONNX, EDDY_GATES_LSTM, false, true, EDDY_F64);
    foreign small = foreign_new(KERAS, EDDY_GATES_GRU, false, true, EDDY_F32);
    eddy_tensor whole = random_tensor(EDDY_I32, k.w.shape, 0, 5), a, b, c;
    eddy_layer_weights w;
#define KERAS_CALL(...) eddy_from_keras(&w, EDDY_GATES_GRU, __VA_ARGS__, &status)
    REFUSED(KERAS_CALL(true, &k.w, &k.r, &k.b), "from_keras: bias has shape (12,)", "it must have (2, 12)");
    ck_assert(!w.weight_ih.data && !w.bias_ih.data);
    REFUSED(KERAS_CALL(false, &k.r, &k.w, &k.b), "from_keras: the weights have shapes (4, 12) and (3, 12)",
            "3 times the hidden size");
    REFUSED(eddy_from_keras(&w, EDDY_GATES_LSTM, false, &k.w, &k.r, NULL, &status),
            "4 times the hidden size, which is 4");
    REFUSED(eddy_from_keras(&w, (eddy_gates)7, false, &k.w, &k.r, NULL, &status),
            "the gates must be those of an RNN, LSTM or GRU");
    REFUSED(KERAS_CALL(false, NULL, &k.r, NULL), "from_keras: a weight is missing");
    REFUSED(KERAS_CALL(false, &o.w, &k.r, NULL), "(2, 16, 3) and (4, 12); each must have 2 axes");
    REFUSED(KERAS_CALL(false, &k.w, &small.r, NULL),
            "recurrent_kernel has dtype f32; the weights must be all f32 or all f64");
    REFUSED(KERAS_CALL(false, &whole, &k.r, NULL), "kernel has dtype i32");
#define ONNX_CALL(...) eddy_from_onnx(&w, EDDY_GATES_LSTM, false, __VA_ARGS__, &status)
    REFUSED(ONNX_CALL(2, &o.w, &o.r, &o.b), "from_onnx: there is no direction 2; W has 2");
    REFUSED(ONNX_CALL(-1, &o.w, &o.r, &o.b), "from_onnx: there is no direction -1");
    REFUSED(ONNX_CALL(0, &o.w, &o.r, &o.r), "from_onnx: B has shape (2, 16, 4)", "it must have (2, 32)");

    ck_assert(eddy_from_onnx(&w, EDDY_GATES_LSTM, false, 0, &o.w, &o.r, &o.b, NULL));
    REFUSED(eddy_to_onnx(&a, &b, NULL, EDDY_GATES_LSTM, false, &w, 1, &status), "to_onnx: the layer has a bias",
            "(b is NULL)");
    REFUSED(eddy_to_onnx(&a, &b, &c, EDDY_GATES_LSTM, false, &w, 3, &status),
            "to_onnx: there are 3 directions; there must be 1 or 2");
    REFUSED(eddy_to_onnx(&a, &b, &c, EDDY_GATES_LSTM, false, NULL, 1, &status), "to_onnx: there are no weights");
    REFUSED(eddy_to_onnx(&a, &b, &c, EDDY_GATES_GRU, false, &w, 1, &status), "3 times the hidden size");
    REFUSED(eddy_to_keras(&a, &b, NULL, EDDY_GATES_LSTM, false, &w, &status), "to_keras: the layer has a bias",
            "(bias is NULL)");
    ck_assert(!a.data && !b.data && !c.data);
    eddy_tensor kept = w.bias_hh;
    w.bias_hh = k.b;
    REFUSED(eddy_to_keras(&a, &b, &c, EDDY_GATES_LSTM, false, &w, &status), "to_keras: bias_hh has shape (12,)",
            "it must have (16,)");
    w.bias_hh = kept;
    eddy_layer_weights_free(&w);
    eddy_layer_weights_free(NULL);
    eddy_tensor_free(&whole);
    foreign_free(&k);
    foreign_free(&o);
    foreign_free(&small);
}
END_TEST

/* No units, no inputs. */
START_TEST(empty)
{
    eddy_tensor none = random_tensor(EDDY_F32, EDDY_SHAPE(0, 0), 0, 1), kernel, recurrent, bias,
                flat = random_tensor(EDDY_F32, EDDY_SHAPE(0), 0, 1);
    eddy_layer_weights w;
    ck_assert(eddy_from_keras(&w, EDDY_GATES_GRU, false, &none, &none, &flat, NULL));
    ck_assert(eddy_to_keras(&kernel, &recurrent, &bias, EDDY_GATES_GRU, false, &w, NULL));
    ck_assert(kernel.shape.rank == 2 && bias.shape.rank == 1 && eddy_tensor_count(&recurrent) == 0);
    eddy_layer_weights_free(&w);
    for (int k = 0; k < 5; k++)
        eddy_tensor_free((eddy_tensor *[]){ &none, &kernel, &recurrent, &bias, &flat }[k]);
}
END_TEST

START_TEST(faults)
{
    EVERY(kind, gates, after, bias)
    {
        foreign f = foreign_new((layout)kind, (eddy_gates)gates, after, bias, EDDY_F64);
        for (long n = 1, finished = 0; !finished; n++) {
            fault short_of;
            fault_install(&short_of, n);
            eddy_status status = { 0 };
            foreign back = { .layout = f.layout };
            eddy_layer_weights w;
            bool done = convert(&w, &f, &status);
            done = done && (kind == KERAS ? eddy_to_keras(&back.w, &back.r, &back.b, f.gates, after, &w, &status)
                                          : eddy_to_onnx(&back.w, &back.r, &back.b, f.gates, after,
                                                         (eddy_layer_weights[]){ w, w }, 2, &status));
            finished = short_of.asked < n;
            ck_assert(done == (finished != 0) && (done || status.text[0]));
            eddy_layer_weights_free(&w);
            foreign_free(&back);
            eddy_set_allocator(NULL);
            ck_assert_int_eq(short_of.living, 0);
        }
        foreign_free(&f);
    }
}
END_TEST

/* ---- Stored results ---- */

#ifdef EDDY_HAVE_JANSSON
#include "vectors.h"

static eddy_gates gates_named(const char *name)
{
    return !strcmp(name, "LSTM") ? EDDY_GATES_LSTM : !strcmp(name, "GRU") ? EDDY_GATES_GRU : EDDY_GATES_RNN;
}

static eddy_tensor tensor_of(const array *a)
{
    return eddy_tensor_wrap(a->data, EDDY_F64, a->shape);
}

/* Layers of one or two directions without peepholes, lengths, clipping and activations of their own; time first. */
START_TEST(onnx)
{
    const char *shared = test_shared("ONNX's weights");
    if (!shared)
        return;
    json_t *all = vectors_load(shared, "onnx-rnn/index.json");
    tally t = { 0 };
    for (size_t n = 0; n < json_array_size(all); n++) {
        const json_t *entry = json_array_get(all, n), *summary = vectors_get(entry, "summary"),
                     *attributes = vectors_get(entry, "attributes");
        const json_t *set = json_array_get(vectors_get(entry, "sets"), 0), *inputs = vectors_get(set, "inputs");
        const char *name = json_string_value(vectors_get(entry, "name")),
                   *direction = json_string_value(vectors_get(summary, "direction"));
        bool plain = !strcmp(json_string_value(vectors_get(summary, "activations")), "default") &&
                     !json_object_get(inputs, "P") && !json_object_get(inputs, "sequence_lens") &&
                     !json_object_get(attributes, "clip") && !vectors_integer(attributes, "layout", 0);
        if (!plain || json_object_get(inputs, "initial_h"))
            continue; /* test_vectors.c names what it leaves out */
        eddy_gates gates = gates_named(json_string_value(vectors_get(summary, "cell")));
        bool after = vectors_integer(attributes, "linear_before_reset", 0) != 0;
        array x = array_of(vectors_get(inputs, "X")), w = array_of(vectors_get(inputs, "W")),
              r = array_of(vectors_get(inputs, "R")), b = { .count = 0 };
        if (json_object_get(inputs, "B"))
            b = array_of(vectors_get(inputs, "B"));
        eddy_tensor tensors[3] = { tensor_of(&w), tensor_of(&r), tensor_of(&b) };
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_var in = array_input(tape, "x", &x), outputs[2];
        for (int64_t d = 0; d < w.shape.dim[0]; d++) {
            eddy_status status = { 0 };
            eddy_layer_weights mapped;
            ck_assert_msg(eddy_from_onnx(&mapped, gates, after, d, &tensors[0], &tensors[1],
                                         b.data ? &tensors[2] : NULL, &status),
                          "%s: %s", name, status.text);
            bool backwards = d == 1 || !strcmp(direction, "reverse");
            eddy_var y =
                run(&mapped, gates, after, backwards ? eddy_flip(in, 0) : in, NULL, d ? "backward" : "forward").outputs;
            outputs[d] = backwards ? eddy_flip(y, 0) : y;
            eddy_layer_weights_free(&mapped);
        }
        eddy_var y = eddy_permute(eddy_stack_list(0, (eddy_list){ outputs, w.shape.dim[0] }), EDDY_SHAPE(1, 0, 2, 3));
        const json_t *stored = vectors_get(set, "outputs");
        if (json_object_get(stored, "Y")) {
            array want = array_of(vectors_get(stored, "Y"));
            tally_compare(&t, name, y, &want, 2e-6, 1e-7);
            free(want.data);
        }
        if (json_object_get(stored, "Y_h") && w.shape.dim[0] == 1 && strcmp(direction, "reverse")) {
            array want = array_of(vectors_get(stored, "Y_h"));
            tally_compare(&t, name, eddy_select(y, 0, -1), &want, 2e-6, 1e-7);
            free(want.data);
        }
        t.compared++;
        eddy_tape_free(tape);
        for (int k = 0; k < 4; k++)
            free((double *[]){ x.data, w.data, r.data, b.data }[k]);
    }
    json_decref(all);
    tally_end(&t, "onnx-rnn/index.json through eddy_from_onnx");
}
END_TEST

/* A tensor whose elements are what a Keras initializer says: all one number. */
static eddy_tensor keras_tensor(const json_t *kwargs, const char *key, eddy_shape shape)
{
    double value = json_number_value(json_array_get(vectors_get(vectors_get(kwargs, key), "args"), 0));
    return random_tensor(EDDY_F64, shape, value, value);
}

/* Layers with no other options than those that say what the weights are. */
START_TEST(keras)
{
    static const char *const known[] = { "kernel_initializer", "recurrent_initializer", "bias_initializer",
                                         "reset_after",        "unit_forget_bias",      "use_bias" };
    const char *shared = test_shared("Keras' weights");
    if (!shared)
        return;
    json_t *all = vectors_load(shared, "keras_rnn.json"), *cases = vectors_get(all, "cases");
    tally t = { 0 };
    for (size_t n = 0; n < json_array_size(cases); n++) {
        const json_t *entry = json_array_get(cases, n), *config = vectors_get(entry, "layer"),
                     *kwargs = vectors_get(config, "kwargs");
        const json_t *events = vectors_get(entry, "events"), *call = json_object_get(json_array_get(events, 0), "call");
        const char *name = json_string_value(vectors_get(config, "layer")), *key;
        bool plain = json_array_size(events) == 1 && call && !json_object_size(vectors_get(call, "kwargs"));
        plain = plain && (!strcmp(name, "LSTM") || !strcmp(name, "GRU") || !strcmp(name, "SimpleRNN"));
        json_t *value;
        json_object_foreach((json_t *)(uintptr_t)kwargs, key, value)
        {
            bool found = false;
            for (size_t k = 0; k < sizeof known / sizeof *known; k++)
                found = found || !strcmp(known[k], key);
            plain = plain && found;
        }
        if (!plain)
            continue;
        eddy_gates gates = gates_named(name);
        bool after = gates == EDDY_GATES_GRU && vectors_flag(kwargs, "reset_after", true),
             bias = vectors_flag(kwargs, "use_bias", true);
        array x = array_of(json_array_get(vectors_get(call, "args"), 0)),
              want = array_of(vectors_get(entry, "expected"));
        int64_t hidden = (int64_t)json_integer_value(json_array_get(vectors_get(config, "args"), 0)),
                rows = gate_count[gates] * hidden;
        eddy_tensor w = keras_tensor(kwargs, "kernel_initializer", EDDY_SHAPE(x.shape.dim[2], rows)), b = { 0 };
        eddy_tensor r = keras_tensor(kwargs, "recurrent_initializer", EDDY_SHAPE(hidden, rows));
        if (bias)
            b = keras_tensor(kwargs, "bias_initializer", after ? EDDY_SHAPE(2, rows) : EDDY_SHAPE(rows));
        for (int64_t i = hidden;
             i < 2 * hidden && bias && gates == EDDY_GATES_LSTM && vectors_flag(kwargs, "unit_forget_bias", true); i++)
            ((double *)b.data)[i] = 1;
        eddy_layer_weights mapped;
        eddy_status status = { 0 };
        ck_assert_msg(eddy_from_keras(&mapped, gates, after, &w, &r, bias ? &b : NULL, &status), "%s", status.text);
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_var in = eddy_transpose(array_input(tape, "x", &x), 0, 1);
        tally_compare(&t, json_string_value(vectors_get(entry, "test")),
                      run(&mapped, gates, after, in, NULL, "layer").last, &want, 2e-6, 1e-7);
        t.compared++;
        eddy_tape_free(tape);
        eddy_layer_weights_free(&mapped);
        for (int k = 0; k < 3; k++)
            eddy_tensor_free((eddy_tensor *[]){ &w, &r, &b }[k]);
        free(x.data);
        free(want.data);
    }
    json_decref(all);
    tally_end(&t, "keras_rnn.json through eddy_from_keras");
}
END_TEST

#else

START_TEST(onnx)
{
    printf("SKIPPED: ONNX's weights (built without Jansson, which reads the vectors)\n");
}
END_TEST

START_TEST(keras)
{
    printf("SKIPPED: Keras' weights (built without Jansson, which reads the vectors)\n");
}
END_TEST

#endif

Suite *suite_weights(void)
{
    Suite *suite = suite_create("weights");
    TCase *tests = tcase_create("weights");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, cells_agree_with_the_formulas);
    tcase_add_test(tests, round_trips);
    tcase_add_test(tests, from_eddy_and_back);
    tcase_add_test(tests, mistakes);
    tcase_add_test(tests, empty);
    tcase_add_test(tests, faults);
    tcase_add_test(tests, onnx);
    tcase_add_test(tests, keras);
    suite_add_tcase(suite, tests);
    return suite;
}
