/* For test_golden_*.c: PyTorch's results out of golden/ (made by make.py there), and their comparison with eddy's by
 * interpreter and program. Assumes that the files are whole; what they lack fails the test. The folder is $EDDY_GOLDEN,
 * or tests/golden below the working directory. */
#ifndef EDDY_TEST_GOLDEN_H
#define EDDY_TEST_GOLDEN_H

#include "vectors.h"

/* Of a tensor's largest magnitude. Both sides compute in f64 and differ only in the order of sums and in the last bits
 * of exp and tanh. */
static const double golden_tolerance = 1e-12;

static inline json_t *golden_load(const char *file)
{
    const char *folder = getenv("EDDY_GOLDEN");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder && *folder ? folder : "tests/golden", file);
    json_error_t error;
    json_t *json = json_load_file(path, 0, &error);
    ck_assert_msg(json != NULL, "%s:%d: %s (EDDY_GOLDEN names the folder)", path, error.line, error.text);
    printf("%s: made with PyTorch %s\n", path, json_string_value(vectors_get(json, "torch")));
    return json;
}

static inline const char *golden_text(const json_t *json, const char *key)
{
    const char *text = json_string_value(vectors_get(json, key));
    ck_assert_msg(text != NULL, "\"%s\" is no text", key);
    return text;
}

/* 0 where the file has none, which is an option's default. */
static inline double golden_number(const json_t *json, const char *key)
{
    return json_number_value(json_object_get(json, key));
}

/* A set input, f64 or i64. */
static inline eddy_var golden_input(eddy_tape *tape, const char *name, const json_t *json, eddy_dtype dtype)
{
    array a = array_of(json);
    eddy_tensor from = eddy_tensor_wrap(a.data, EDDY_F64, a.shape), to = { 0 };
    eddy_var x = eddy_input_of(tape, name, dtype, a.shape);
    ck_assert(eddy_tensor_new(&to, dtype, a.shape, NULL) && eddy_tensor_copy(&to, &from, NULL) &&
              eddy_set_tensor(x, &to));
    eddy_tensor_free(&to);
    free(a.data);
    return x;
}

/* Sets a parameter from {"shape", "data"}. */
static inline void golden_put(eddy_var leaf, const json_t *json)
{
    array a = array_of(json);
    eddy_tensor value = eddy_tensor_wrap(a.data, EDDY_F64, a.shape);
    ck_assert_msg(eddy_set_tensor(leaf, &value), "%s", eddy_error(leaf.tape));
    free(a.data);
}

/* ---- Comparing ---- */

enum { GOLDEN_MOST = 64 };
typedef struct golden {
    const char *name; /* of the case */
    double worst;     /* difference over the largest magnitude */
    int count;
    eddy_var var[GOLDEN_MOST];
    array want[GOLDEN_MOST];
    char what[GOLDEN_MOST][48];
} golden;

/* Wants `var` to be the tensor under `key` ("data" or "grad") of json; "grad" has the shape of "data". */
static inline void golden_want(golden *g, eddy_var var, const json_t *json, const char *key, const char *what)
{
    ck_assert_int_lt(g->count, GOLDEN_MOST);
    json_t *pair = json_pack("{s:O,s:O}", "shape", vectors_get(json, "shape"), "data", vectors_get(json, key));
    g->want[g->count] = array_of(pair);
    json_decref(pair);
    g->var[g->count] = var;
    snprintf(g->what[g->count++], sizeof g->what[0], "%s%s", what, strcmp(key, "grad") ? "" : "'s gradient");
}

static inline void golden_check(golden *g, const eddy_tensor *got, const array *want, const char *what)
{
    ck_assert(got != NULL);
    eddy_shape shape = want->shape;
    ck_assert_msg(eddy_shape_equal(&got->shape, &shape), "%s, %s: shape %s instead of %s", g->name, what,
                  eddy_shape_format(&got->shape).text, eddy_shape_format(&shape).text);
    double largest = 0;
    for (int64_t i = 0; i < want->count; i++)
        largest = fmax(largest, fabs(want->data[i]));
    for (int64_t i = 0; i < want->count; i++) {
        double a = eddy_tensor_flat(got, i), b = want->data[i], error = a == b ? 0 : fabs(a - b) / largest;
        ck_assert_msg(error <= golden_tolerance,
                      "%s, %s: element %lld is %.17g instead of %.17g, off by %.2g of the largest", g->name, what,
                      (long long)i, a, b, error);
        g->worst = fmax(g->worst, error);
    }
}

/* Every var both ways. */
static inline void golden_compare(golden *g, eddy_tape *tape)
{
    ck_assert_msg(!eddy_error(tape), "%s: %s", g->name, eddy_error(tape));
    ck_assert_int_gt(g->count, 0);
    eddy_program *program = eddy_compile(tape, eddy_list_new(tape, g->var, g->count), EDDY_NONE);
    ck_assert_msg(eddy_run(program), "%s: %s", g->name, eddy_error(tape));
    for (int k = 0; k < g->count; k++) {
        golden_check(g, eddy_value(g->var[k]), &g->want[k], g->what[k]);
        golden_check(g, eddy_output_tensor(program, g->var[k]), &g->want[k], g->what[k]);
    }
    eddy_program_free(program);
}

static inline void golden_free(golden *g)
{
    for (int k = 0; k < g->count; k++)
        free(g->want[k].data);
    g->count = 0;
}

/* A line per file, so that a log tells how near. */
static inline void golden_end(const char *file, int cases, double worst)
{
    printf("%s: %d cases, worst difference %.2g of the largest magnitude\n", file, cases, worst);
    ck_assert_int_gt(cases, 0);
}

#endif
