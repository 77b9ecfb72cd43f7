/* Layouts of other libraries' weights: gates in another order, matrices transposed, one bias for two, and a GRU's z as
 * the share of the old state. */
#include "weights.h"

#include <string.h>

/* Where PyTorch's gates stand in the other library's order. */
typedef struct order {
    int64_t gates;
    int from[4];
    int negate; /* the gate whose rows change sign, since sigma(-a) = 1 - sigma(a); -1: none */
} order;

static order order_of(eddy_gates gates, bool onnx, bool reset_after)
{
    switch (gates) {
    case EDDY_GATES_RNN:
        return (order){ .gates = 1, .from = { 0 }, .negate = -1 };
    case EDDY_GATES_LSTM: /* Keras i, f, c, o; ONNX i, o, f, c */
        return onnx ? (order){ .gates = 4, .from = { 0, 2, 3, 1 }, .negate = -1 }
                    : (order){ .gates = 4, .from = { 0, 1, 2, 3 }, .negate = -1 };
    case EDDY_GATES_GRU: /* z, r, h in both */
        return (order){ .gates = 3, .from = { 1, 0, 2 }, .negate = reset_after ? -1 : 1 };
    }
    return (order){ .gates = 0 };
}

void eddy_layer_weights_free(eddy_layer_weights *weights)
{
    if (!weights)
        return;
    eddy_tensor_free(&weights->weight_ih);
    eddy_tensor_free(&weights->weight_hh);
    eddy_tensor_free(&weights->bias_ih);
    eddy_tensor_free(&weights->bias_hh);
}

static bool is_there(const eddy_tensor *tensor)
{
    return tensor && eddy_dtype_size(tensor->dtype);
}

/* Whether a tensor has this shape and a floating-point dtype, that of `like`. */
static bool check(const char *call, const char *name, const eddy_tensor *tensor, eddy_shape shape,
                  const eddy_tensor *like, eddy_status *status)
{
    if (!is_there(tensor))
        return eddy_status_fail(status, "%s: %s is missing", call, name);
    if (!eddy_shape_equal(&tensor->shape, &shape))
        return eddy_status_fail(status, "%s: %s has shape %s; with these gates and sizes it must have %s", call, name,
                                eddy_shape_format(&tensor->shape).text, eddy_shape_format(&shape).text);
    if (!eddy_dtype_is_float(tensor->dtype) || tensor->dtype != like->dtype)
        return eddy_status_fail(status, "%s: %s has dtype %s; the weights must be all f32 or all f64", call, name,
                                eddy_dtype_name(tensor->dtype));
    return true;
}

/* Checks what both matrices must have: a rank, and a hidden size that the gates divide. `rows`: the axis of all gates.
 * Then gives the sizes. */
static bool sizes(const char *call, const order *o, const eddy_tensor *w, const eddy_tensor *r, int rank, int rows,
                  int64_t *input, int64_t *hidden, eddy_status *status)
{
    *input = *hidden = 0;
    if (!o->gates)
        return eddy_status_fail(status, "%s: the gates must be those of an RNN, LSTM or GRU", call);
    if (!is_there(w) || !is_there(r))
        return eddy_status_fail(status, "%s: a weight is missing", call);
    if (w->shape.rank != rank || r->shape.rank != rank)
        return eddy_status_fail(status, "%s: the weights have shapes %s and %s; each must have %d axes", call,
                                eddy_shape_format(&w->shape).text, eddy_shape_format(&r->shape).text, rank);
    int columns = rows == rank - 1 ? rank - 2 : rank - 1;
    *input = w->shape.dim[columns];
    *hidden = r->shape.dim[columns];
    if (*hidden > INT64_MAX / 8 || w->shape.dim[rows] != o->gates * *hidden)
        return eddy_status_fail(
            status,
            "%s: the weights have shapes %s and %s; one axis of each must be %lld times the hidden size, which is %lld",
            call, eddy_shape_format(&w->shape).text, eddy_shape_format(&r->shape).text, (long long)o->gates,
            (long long)*hidden);
    return true;
}

static void negate(const eddy_tensor *rows)
{
    int64_t count = eddy_tensor_count(rows);
    for (int64_t i = 0; i < count && rows->dtype == EDDY_F32; i++)
        ((float *)rows->data)[i] *= -1;
    for (int64_t i = 0; i < count && rows->dtype == EDDY_F64; i++)
        ((double *)rows->data)[i] *= -1;
}

/* *out becomes `in`, a matrix or vector whose first axis holds the gates, in PyTorch's order or (back) from it. */
static bool reorder(eddy_tensor *out, const eddy_tensor *in, const order *o, bool back, eddy_status *status)
{
    if (!eddy_tensor_new(out, in->dtype, in->shape, status))
        return false;
    int64_t size = in->shape.dim[0] / o->gates;
    bool done = true;
    for (int g = 0; g < o->gates && done; g++) {
        int64_t theirs = o->from[g] * size, ours = g * size, to = back ? theirs : ours, from = back ? ours : theirs;
        eddy_tensor target, source;
        done = eddy_tensor_slice(&target, out, 0, (eddy_range){ to, to + size, 1 }, status) &&
               eddy_tensor_slice(&source, in, 0, (eddy_range){ from, from + size, 1 }, status) &&
               eddy_tensor_copy(&target, &source, status);
        if (done && g == o->negate)
            negate(&target);
    }
    if (!done)
        eddy_tensor_free(out);
    return done;
}

static bool transposed(eddy_tensor *out, const eddy_tensor *in, eddy_status *status)
{
    return eddy_tensor_permute(out, in, (const int[]){ 1, 0 }, status);
}

static bool reorder_layer(eddy_layer_weights *out, const eddy_layer_weights *in, const order *o, bool back,
                          eddy_status *status)
{
    *out = (eddy_layer_weights){ 0 };
    if (reorder(&out->weight_ih, &in->weight_ih, o, back, status) &&
        reorder(&out->weight_hh, &in->weight_hh, o, back, status) &&
        (!is_there(&in->bias_ih) || reorder(&out->bias_ih, &in->bias_ih, o, back, status)) &&
        (!is_there(&in->bias_hh) || reorder(&out->bias_hh, &in->bias_hh, o, back, status)))
        return true;
    eddy_layer_weights_free(out);
    return false;
}

/* A layer that is to be written in another layout. */
static bool check_layer(const char *call, const order *o, const eddy_layer_weights *in, int64_t *input, int64_t *hidden,
                        eddy_status *status)
{
    if (!in)
        return eddy_status_fail(status, "%s: there are no weights (NULL)", call);
    const eddy_tensor *w = &in->weight_ih, *r = &in->weight_hh;
    return sizes(call, o, w, r, 2, 0, input, hidden, status) &&
           check(call, "weight_ih", w, EDDY_SHAPE(o->gates * *hidden, *input), w, status) &&
           check(call, "weight_hh", r, EDDY_SHAPE(o->gates * *hidden, *hidden), w, status) &&
           (!is_there(&in->bias_ih) ||
            check(call, "bias_ih", &in->bias_ih, EDDY_SHAPE(o->gates * *hidden), w, status)) &&
           (!is_there(&in->bias_hh) || check(call, "bias_hh", &in->bias_hh, EDDY_SHAPE(o->gates * *hidden), w, status));
}

/* ---- Keras ---- */

bool eddy_from_keras(eddy_layer_weights *out, eddy_gates gates, bool reset_after, const eddy_tensor *kernel,
                     const eddy_tensor *recurrent, const eddy_tensor *bias, eddy_status *status)
{
    const order o = order_of(gates, false, reset_after);
    bool two = gates == EDDY_GATES_GRU && reset_after;
    int64_t input, hidden;
    eddy_layer_weights theirs = { 0 };
    if (!out)
        return eddy_status_fail(status, "from_keras: there is no place for the weights (out is NULL)");
    *out = (eddy_layer_weights){ 0 };
    if (!sizes("from_keras", &o, kernel, recurrent, 2, 1, &input, &hidden, status) ||
        !check("from_keras", "kernel", kernel, EDDY_SHAPE(input, o.gates * hidden), kernel, status) ||
        !check("from_keras", "recurrent_kernel", recurrent, EDDY_SHAPE(hidden, o.gates * hidden), kernel, status) ||
        (bias && !check("from_keras", "bias", bias,
                        two ? EDDY_SHAPE(2, o.gates * hidden) : EDDY_SHAPE(o.gates * hidden), kernel, status)) ||
        !transposed(&theirs.weight_ih, kernel, status) || !transposed(&theirs.weight_hh, recurrent, status))
        return false;
    if (bias && two &&
        (!eddy_tensor_select(&theirs.bias_ih, bias, 0, 0, status) ||
         !eddy_tensor_select(&theirs.bias_hh, bias, 0, 1, status)))
        return false;
    if (bias && !two)
        theirs.bias_ih = *bias;
    if (!reorder_layer(out, &theirs, &o, false, status))
        return false;
    if (bias && !two && !eddy_tensor_new(&out->bias_hh, bias->dtype, bias->shape, status)) {
        eddy_layer_weights_free(out);
        return false;
    }
    return true;
}

/* to += from, both contiguous */
static void add(const eddy_tensor *to, const eddy_tensor *from)
{
    int64_t count = eddy_tensor_count(to);
    for (int64_t i = 0; i < count && to->dtype == EDDY_F32; i++)
        ((float *)to->data)[i] += ((const float *)from->data)[i];
    for (int64_t i = 0; i < count && to->dtype == EDDY_F64; i++)
        ((double *)to->data)[i] += ((const double *)from->data)[i];
}

static bool copy_transposed(eddy_tensor *out, const eddy_tensor *in, eddy_status *status)
{
    eddy_tensor view;
    return transposed(&view, in, status) && eddy_tensor_new(out, view.dtype, view.shape, status) &&
           eddy_tensor_copy(out, &view, status);
}

/* The parts that are there as the rows of one tensor (2, n); an absent one is zero. */
static bool stack(eddy_tensor *out, const eddy_tensor *first, const eddy_tensor *second, eddy_status *status)
{
    const eddy_tensor *any = is_there(first) ? first : second;
    bool done = eddy_tensor_new(out, any->dtype, EDDY_SHAPE(2, any->shape.dim[0]), status);
    for (int k = 0; k < 2 && done; k++) {
        const eddy_tensor *part = k ? second : first;
        eddy_tensor row;
        done = !is_there(part) || (eddy_tensor_select(&row, out, 0, k, status) && eddy_tensor_copy(&row, part, status));
    }
    return done;
}

bool eddy_to_keras(eddy_tensor *kernel, eddy_tensor *recurrent, eddy_tensor *bias, eddy_gates gates, bool reset_after,
                   const eddy_layer_weights *in, eddy_status *status)
{
    const order o = order_of(gates, false, reset_after);
    int64_t input, hidden;
    eddy_layer_weights theirs;
    if (!kernel || !recurrent)
        return eddy_status_fail(status, "to_keras: there is no place for the kernels (NULL)");
    if (bias)
        *bias = (eddy_tensor){ 0 };
    *kernel = *recurrent = (eddy_tensor){ 0 };
    if (!check_layer("to_keras", &o, in, &input, &hidden, status))
        return false;
    bool biased = is_there(&in->bias_ih) || is_there(&in->bias_hh), two = gates == EDDY_GATES_GRU && reset_after;
    if (biased && !bias)
        return eddy_status_fail(status,
                                "to_keras: the layer has a bias, so there must be a place for it (bias is NULL)");
    if (!reorder_layer(&theirs, in, &o, true, status))
        return false;
    bool done =
        copy_transposed(kernel, &theirs.weight_ih, status) && copy_transposed(recurrent, &theirs.weight_hh, status);
    if (done && biased && two)
        done = stack(bias, &theirs.bias_ih, &theirs.bias_hh, status);
    if (done && biased && !two) {
        if (is_there(&theirs.bias_ih) && is_there(&theirs.bias_hh))
            add(&theirs.bias_ih, &theirs.bias_hh);
        eddy_tensor *sum = is_there(&theirs.bias_ih) ? &theirs.bias_ih : &theirs.bias_hh;
        *bias = *sum;
        *sum = (eddy_tensor){ 0 };
    }
    eddy_layer_weights_free(&theirs);
    if (!done) {
        eddy_tensor_free(kernel);
        eddy_tensor_free(recurrent);
        eddy_tensor_free(bias);
    }
    return done;
}

/* ---- ONNX ---- */

bool eddy_from_onnx(eddy_layer_weights *out, eddy_gates gates, bool linear_before_reset, int64_t direction,
                    const eddy_tensor *w, const eddy_tensor *r, const eddy_tensor *b, eddy_status *status)
{
    const order o = order_of(gates, true, linear_before_reset);
    int64_t input, hidden;
    eddy_layer_weights theirs = { 0 };
    if (!out)
        return eddy_status_fail(status, "from_onnx: there is no place for the weights (out is NULL)");
    *out = (eddy_layer_weights){ 0 };
    if (!sizes("from_onnx", &o, w, r, 3, 1, &input, &hidden, status))
        return false;
    int64_t directions = w->shape.dim[0], rows = o.gates * hidden;
    if (direction < 0 || direction >= directions)
        return eddy_status_fail(status, "from_onnx: there is no direction %lld; W has %lld", (long long)direction,
                                (long long)directions);
    if (!check("from_onnx", "W", w, EDDY_SHAPE(directions, rows, input), w, status) ||
        !check("from_onnx", "R", r, EDDY_SHAPE(directions, rows, hidden), w, status) ||
        (b && !check("from_onnx", "B", b, EDDY_SHAPE(directions, 2 * rows), w, status)) ||
        !eddy_tensor_select(&theirs.weight_ih, w, 0, direction, status) ||
        !eddy_tensor_select(&theirs.weight_hh, r, 0, direction, status))
        return false;
    eddy_tensor both;
    if (b && (!eddy_tensor_select(&both, b, 0, direction, status) ||
              !eddy_tensor_slice(&theirs.bias_ih, &both, 0, (eddy_range){ 0, rows, 1 }, status) ||
              !eddy_tensor_slice(&theirs.bias_hh, &both, 0, (eddy_range){ rows, 2 * rows, 1 }, status)))
        return false;
    return reorder_layer(out, &theirs, &o, false, status);
}

/* Copies a layer's part, if it is there, to part `at` of direction d of an ONNX tensor. */
static bool put(const eddy_tensor *to, int64_t d, int64_t at, const eddy_tensor *part, eddy_status *status)
{
    eddy_tensor one, rows;
    return !is_there(part) ||
           (eddy_tensor_select(&one, to, 0, d, status) &&
            eddy_tensor_slice(&rows, &one, 0, (eddy_range){ at, at + part->shape.dim[0], 1 }, status) &&
            eddy_tensor_copy(&rows, part, status));
}

bool eddy_to_onnx(eddy_tensor *w, eddy_tensor *r, eddy_tensor *b, eddy_gates gates, bool linear_before_reset,
                  const eddy_layer_weights *in, int64_t directions, eddy_status *status)
{
    const order o = order_of(gates, true, linear_before_reset);
    int64_t input = 0, hidden = 0;
    bool biased = false, done = true;
    if (!w || !r)
        return eddy_status_fail(status, "to_onnx: there is no place for W and R (NULL)");
    *w = *r = (eddy_tensor){ 0 };
    if (b)
        *b = (eddy_tensor){ 0 };
    if (directions < 1 || directions > 2)
        return eddy_status_fail(status, "to_onnx: there are %lld directions; there must be 1 or 2",
                                (long long)directions);
    for (int64_t d = 0; d < directions && done; d++) {
        int64_t first_input = input, first_hidden = hidden;
        done = check_layer("to_onnx", &o, in ? &in[d] : NULL, &input, &hidden, status);
        if (done && d &&
            (input != first_input || hidden != first_hidden || in[0].weight_ih.dtype != in[d].weight_ih.dtype))
            done = eddy_status_fail(
                status,
                "to_onnx: the two directions have weights of shapes %s and %s; sizes and dtype must be the same",
                eddy_shape_format(&in[0].weight_ih.shape).text, eddy_shape_format(&in[d].weight_ih.shape).text);
        biased = biased || (done && (is_there(&in[d].bias_ih) || is_there(&in[d].bias_hh)));
    }
    if (done && biased && !b)
        done = eddy_status_fail(status, "to_onnx: the layer has a bias, so there must be a place for it (b is NULL)");
    int64_t rows = o.gates * hidden;
    eddy_dtype dtype = done ? in[0].weight_ih.dtype : EDDY_F32;
    done = done && eddy_tensor_new(w, dtype, EDDY_SHAPE(directions, rows, input), status) &&
           eddy_tensor_new(r, dtype, EDDY_SHAPE(directions, rows, hidden), status) &&
           (!biased || eddy_tensor_new(b, dtype, EDDY_SHAPE(directions, 2 * rows), status));
    for (int64_t d = 0; d < directions && done; d++) {
        eddy_layer_weights theirs;
        done = reorder_layer(&theirs, &in[d], &o, true, status);
        done = done && put(w, d, 0, &theirs.weight_ih, status) && put(r, d, 0, &theirs.weight_hh, status) &&
               (!biased || (put(b, d, 0, &theirs.bias_ih, status) && put(b, d, rows, &theirs.bias_hh, status)));
        eddy_layer_weights_free(&theirs);
    }
    if (!done) {
        eddy_tensor_free(w);
        eddy_tensor_free(r);
        eddy_tensor_free(b);
    }
    return done;
}
