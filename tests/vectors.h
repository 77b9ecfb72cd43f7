/* For test_vectors.c: arrays out of JSON files, and recurrent layers that are given in another library's gate order.
 * Assumes that the files are whole; what they lack fails the test. */
#ifndef EDDY_TEST_VECTORS_H
#define EDDY_TEST_VECTORS_H

#include "test.h"

#include <eddy/eddy.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

/* ---- JSON ---- */

static inline json_t *vectors_load(const char *shared, const char *file)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/vectors/%s", shared, file);
    json_error_t error;
    json_t *json = json_load_file(path, 0, &error);
    ck_assert_msg(json != NULL, "%s:%d: %s", path, error.line, error.text);
    return json;
}

/* A member that must be there. */
static inline json_t *vectors_get(const json_t *json, const char *key)
{
    json_t *value = json_object_get(json, key);
    ck_assert_msg(value != NULL, "the file has no \"%s\" where one belongs", key);
    return value;
}

static inline int64_t vectors_integer(const json_t *json, const char *key, int64_t otherwise)
{
    const json_t *value = json_object_get(json, key);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : otherwise;
}

static inline bool vectors_flag(const json_t *json, const char *key, bool otherwise)
{
    const json_t *value = json_object_get(json, key);
    return value ? json_is_true(value) : otherwise;
}

typedef struct array {
    eddy_shape shape;
    int64_t count;
    double *data;
} array;

static inline void array_collect(array *a, const json_t *json, int depth)
{
    if (json_is_number(json)) {
        a->data = realloc(a->data, (size_t)(a->count + 1) * sizeof *a->data);
        a->data[a->count++] = json_number_value(json);
        return;
    }
    ck_assert(json_is_array(json) && depth < EDDY_MAX_RANK);
    a->shape.dim[depth] = (int64_t)json_array_size(json);
    a->shape.rank = depth + 1 > a->shape.rank ? depth + 1 : a->shape.rank;
    for (size_t i = 0; i < json_array_size(json); i++)
        array_collect(a, json_array_get(json, i), depth + 1);
}

/* From {"shape", "data"} or nested lists. */
static inline array array_of(const json_t *json)
{
    array a = { .data = NULL };
    array_collect(&a, json_is_object(json) ? vectors_get(json, "data") : json, 0);
    if (json_is_object(json)) {
        const json_t *shape = vectors_get(json, "shape");
        a.shape = (eddy_shape){ .rank = (int)json_array_size(shape) };
        for (int i = 0; i < a.shape.rank; i++)
            a.shape.dim[i] = (int64_t)json_integer_value(json_array_get(shape, (size_t)i));
    }
    ck_assert_int_eq(eddy_shape_count(&a.shape), a.count);
    return a;
}

/* Sets a leaf of either dtype. */
static inline void array_put(eddy_var leaf, const double *data)
{
    eddy_shape shape = eddy_shape_of(leaf);
    size_t count = (size_t)eddy_shape_count(&shape);
    if (eddy_dtype_of(leaf) == EDDY_F64) {
        eddy_set(leaf, data, count * sizeof *data);
        return;
    }
    float *single = calloc(count + 1, sizeof *single);
    for (size_t i = 0; i < count; i++)
        single[i] = (float)data[i];
    eddy_set(leaf, single, count * sizeof *single);
    free(single);
}

static inline eddy_var array_input(eddy_tape *tape, const char *name, const array *a)
{
    eddy_var x = eddy_input(tape, name, a->shape);
    array_put(x, a->data);
    return x;
}

/* ---- Layers ---- */

typedef enum layer_kind {
    LAYER_RNN = 1,
    LAYER_LSTM = 4,
    LAYER_GRU_AFTER = 3,
    LAYER_GRU_BEFORE = -3
} layer_kind; /* absolute value: gates */

/* Parameters of one direction in the other library's order of gates, each gate's rows together: weights (gates *
 * hidden, in), biases (gates * hidden). */
typedef struct layer {
    layer_kind kind;
    int64_t input, hidden;
    const double *weight_ih, *weight_hh, *bias_ih, *bias_hh;
    const double *peepholes; /* of an LSTM, (3 hidden) in the order i, o, f; NULL: none */
    eddy_var lengths;        /* {0}: none */
} layer;

/* Where eddy's gates stand in the other library's order. negate: this gate is stored for the complement, sigma(-a) = 1
 * - sigma(a). */
typedef struct gate_map {
    int from[4];
    bool negate[4];
} gate_map;

static inline void layer_put(eddy_var parameter, const double *data, const layer *l, const gate_map *map,
                             int64_t columns)
{
    int64_t block = l->hidden * columns, gates = abs((int)l->kind);
    double *mapped = calloc((size_t)(gates * block), sizeof *mapped);
    for (int64_t g = 0; g < gates; g++)
        for (int64_t k = 0; k < block; k++)
            mapped[g * block + k] = (map->negate[g] ? -1 : 1) * data[map->from[g] * block + k];
    array_put(parameter, mapped);
    free(mapped);
}

/* x (time, batch, input). backwards: the last step comes first; outputs stand at their own time again. */
static inline eddy_unrolled layer_run(const layer *l, const gate_map *map, const char *name, eddy_var x,
                                      const eddy_var *initial, bool backwards)
{
    union {
        eddy_cell cell;
        eddy_rnn rnn;
        eddy_lstm lstm;
        eddy_gru gru;
    } m;
    eddy_var parameter[4];
#define LAYER_PARAMETERS(made)                                                                                         \
    memcpy(parameter, (eddy_var[]){ made.weight_ih, made.weight_hh, made.bias_ih, made.bias_hh }, sizeof parameter)
    if (l->kind == LAYER_RNN) {
        m.rnn = eddy_rnn_new(x.tape, name, l->input, l->hidden);
        LAYER_PARAMETERS(m.rnn);
    } else if (l->kind == LAYER_LSTM) {
        m.lstm = eddy_lstm_new_with(x.tape, name, l->input, l->hidden,
                                    &(eddy_lstm_options){ .peepholes = l->peepholes != NULL });
        LAYER_PARAMETERS(m.lstm);
        if (l->peepholes) {
            const int64_t h = l->hidden, from[3] = { 0, 2, 1 }; /* eddy's are i, f, o */
            double *mapped = calloc((size_t)(3 * h), sizeof *mapped);
            for (int64_t k = 0; k < 3 * h; k++)
                mapped[k] = l->peepholes[from[k / h] * h + k % h];
            array_put(m.lstm.weight_p, mapped);
            free(mapped);
        }
    } else {
        m.gru = eddy_gru_new_with(x.tape, name, l->input, l->hidden,
                                  &(eddy_gru_options){ .reset_before = l->kind == LAYER_GRU_BEFORE });
        LAYER_PARAMETERS(m.gru);
    }
#undef LAYER_PARAMETERS
    layer_put(parameter[0], l->weight_ih, l, map, l->input);
    layer_put(parameter[1], l->weight_hh, l, map, l->hidden);
    layer_put(parameter[2], l->bias_ih, l, map, 1);
    layer_put(parameter[3], l->bias_hh, l, map, 1);
    return eddy_unroll(&m.cell, x,
                       &(eddy_unroll_options){ .initial = initial, .lengths = l->lengths, .reverse = backwards });
}

/* ---- Comparing ---- */

typedef struct tally {
    int compared, skipped;
    double worst;
} tally;

static inline void tally_skip(tally *t, const char *file, const char *name, const char *reason)
{
    printf("SKIPPED: %s %s: %s\n", file, name, reason);
    t->skipped++;
}

/* Both ways of running against the stored values: |a - b| at most relative |b| + absolute. */
static inline void tally_compare(tally *t, const char *name, eddy_var got, const array *want, double relative,
                                 double absolute)
{
    ck_assert_msg(eddy_error(got.tape) == NULL, "%s: %s", name, eddy_error(got.tape));
    eddy_shape shape = eddy_shape_of(got);
    ck_assert_msg(eddy_shape_equal(&shape, &want->shape), "%s: shape %s instead of %s", name,
                  eddy_shape_format(&shape).text, eddy_shape_format(&want->shape).text);
    eddy_program *program = eddy_compile(got.tape, EDDY_LIST(got), EDDY_NONE);
    ck_assert_msg(eddy_run(program), "%s: %s", name, eddy_error(got.tape));
    const eddy_tensor *values[] = { eddy_value(got), eddy_output_tensor(program, got) };
    for (int way = 0; way < 2; way++) {
        ck_assert_msg(values[way] != NULL, "%s: %s", name, eddy_error(got.tape));
        for (int64_t i = 0; i < want->count; i++) {
            double a = eddy_tensor_flat(values[way], i), b = want->data[i],
                   error = fabs(a - b) / (relative * fabs(b) + absolute);
            ck_assert_msg(error <= 1, "%s (%s, %s): element %lld is %.9g instead of %.9g", name,
                          eddy_dtype_name(eddy_dtype_of(got)), way ? "program" : "interpreter", (long long)i, a, b);
            t->worst = error > t->worst ? error : t->worst;
        }
    }
}

static inline void tally_end(const tally *t, const char *file)
{
    printf("%s: %d compared, %d skipped, worst error %.2g of the tolerance\n", file, t->compared, t->skipped, t->worst);
    ck_assert_msg(t->compared > 0, "nothing of %s was compared", file);
}

#endif
