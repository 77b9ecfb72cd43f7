/* The LSTM objective of ADBench (Srajer, Kukelova, Fitzgibbon 2018) and GradBench, whose state is so narrow that it
 * measures what a node costs. Speaks GradBench's protocol: a JSON message a line on standard input, an answer a line on
 * standard output; "evaluate" answers the objective, or its gradient (main parameters, then extra ones, row by row).
 *
 *     f = σ(x ⊙ w_f + b_f),  i = σ(h ⊙ w_i + b_i),  o = σ(x ⊙ w_o + b_o),  g = tanh(h ⊙ w_g + b_g)
 *     c' = c ⊙ f + i ⊙ g,    h' = o ⊙ tanh(c'),     the next layer's x is h'
 *     y = x ⊙ v + d,         q = y - log(2 + Σ_k exp y_k)
 *     objective = - 1 / (n (T-1)) Σ_t Σ_k e_{t+1,k} q_{t,k}
 */
#include <eddy/eddy.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_LAYERS = 64 };

typedef struct instance {
    int64_t layers, width, steps; /* steps: characters of the sequence */
    double *main, *extra, *state, *sequence;
} instance;

typedef struct recording {
    eddy_tape *tape;
    eddy_var main, extra, state, sequence;
    eddy_var objective;
    eddy_list gradients;
} recording;

/* Of one layer: the gates f, i, o, g. */
typedef struct layer {
    eddy_var w[4], b[4], h, c;
} layer;

static eddy_var row(eddy_var matrix, int64_t r)
{
    return eddy_select(matrix, 0, r);
}

static layer record_layer(const recording *r, int64_t l, int64_t n)
{
    layer made = { .h = row(r->state, 2 * l), .c = row(r->state, 2 * l + 1) };
    for (int64_t k = 0; k < 4; k++) {
        made.w[k] = eddy_slice(row(r->main, 2 * l), 0, k * n, (k + 1) * n, 1);
        made.b[k] = eddy_slice(row(r->main, 2 * l + 1), 0, k * n, (k + 1) * n, 1);
    }
    return made;
}

static eddy_var affine(eddy_var x, const layer *l, int k)
{
    return eddy_add(eddy_mul(x, l->w[k]), l->b[k]);
}

static eddy_var step(layer *l, eddy_var x)
{
    eddy_var f = eddy_sigmoid(affine(x, l, 0)), i = eddy_sigmoid(affine(l->h, l, 1));
    eddy_var o = eddy_sigmoid(affine(x, l, 2)), g = eddy_tanh(affine(l->h, l, 3));
    l->c = eddy_add(eddy_mul(l->c, f), eddy_mul(i, g));
    return l->h = eddy_mul(o, eddy_tanh(l->c));
}

static eddy_var record_objective(const instance *in, const recording *r)
{
    const int64_t n = in->width, layers = in->layers, steps = in->steps - 1;
    layer l[MOST_LAYERS];
    for (int64_t k = 0; k < layers; k++)
        l[k] = record_layer(r, k, n);
    eddy_list inputs = eddy_unstack(eddy_mul(eddy_slice(r->sequence, 0, 0, steps, 1), row(r->extra, 0)), 0);
    eddy_var *last = malloc((size_t)steps * sizeof *last);
    for (int64_t t = 0; last && t < steps; t++) {
        eddy_var x = inputs.items[t];
        for (int64_t k = 0; k < layers; k++)
            x = step(&l[k], x);
        last[t] = x;
    }
    eddy_var x = eddy_stack_list(0, (eddy_list){ last, steps });
    free(last);
    eddy_var y = eddy_add(eddy_mul(x, row(r->extra, 1)), row(r->extra, 2));
    eddy_var sum = eddy_sum_over(eddy_exp(y), EDDY_SHAPE(1), true);
    eddy_var q = eddy_sub(y, eddy_log(eddy_add_scalar(sum, 2)));
    eddy_var total = eddy_sum(eddy_mul(eddy_slice(r->sequence, 0, 1, steps + 1, 1), q));
    return eddy_mul_scalar(total, -1.0 / (double)(n * steps));
}

static recording record(const instance *in)
{
    recording r = { .tape = eddy_tape_new(EDDY_F64, 1) };
    r.main = eddy_input(r.tape, "main", EDDY_SHAPE(2 * in->layers, 4 * in->width));
    r.extra = eddy_input(r.tape, "extra", EDDY_SHAPE(3, in->width));
    r.state = eddy_input(r.tape, "state", EDDY_SHAPE(2 * in->layers, in->width));
    r.sequence = eddy_input(r.tape, "sequence", EDDY_SHAPE(in->steps, in->width));
    eddy_set(r.main, in->main, (size_t)(8 * in->layers * in->width) * sizeof(double));
    eddy_set(r.extra, in->extra, (size_t)(3 * in->width) * sizeof(double));
    eddy_set(r.state, in->state, (size_t)(2 * in->layers * in->width) * sizeof(double));
    eddy_set(r.sequence, in->sequence, (size_t)(in->steps * in->width) * sizeof(double));
    r.objective = record_objective(in, &r);
    r.gradients = eddy_gradients(r.objective, EDDY_LIST(r.main, r.extra));
    return r;
}

static void free_instance(instance *in)
{
    free(in->main);
    free(in->extra);
    free(in->state);
    free(in->sequence);
    *in = (instance){ 0 };
}

/* ---- JSON ---- */

/* A matrix of *columns columns (0: whatever it has) as rows one behind the other, for free; NULL if it is none. */
static double *read_matrix(const json_t *json, int64_t *rows, int64_t *columns)
{
    *rows = (int64_t)json_array_size(json);
    *columns = *columns ? *columns : (int64_t)json_array_size(json_array_get(json, 0));
    double *to = *rows && *columns ? malloc((size_t)(*rows * *columns) * sizeof *to) : NULL;
    for (int64_t i = 0; to && i < *rows; i++) {
        const json_t *line = json_array_get(json, (size_t)i);
        bool good = (int64_t)json_array_size(line) == *columns;
        for (int64_t j = 0; good && j < *columns; j++) {
            const json_t *number = json_array_get(line, (size_t)j);
            good = json_is_number(number);
            to[i * *columns + j] = json_number_value(number);
        }
        if (!good) {
            free(to);
            to = NULL;
        }
    }
    return to;
}

/* NULL, or what is wrong. */
static const char *read_instance(const json_t *input, instance *in)
{
    int64_t main_rows, extra_rows, state_rows, four = 0;
    in->sequence = read_matrix(json_object_get(input, "sequence"), &in->steps, &in->width);
    in->main = read_matrix(json_object_get(input, "main_params"), &main_rows, &four);
    in->extra = read_matrix(json_object_get(input, "extra_params"), &extra_rows, &in->width);
    in->state = read_matrix(json_object_get(input, "state"), &state_rows, &in->width);
    in->layers = main_rows / 2;
    if (!in->sequence || !in->main || !in->extra || !in->state)
        return "sequence, main_params, extra_params and state must be matrices of numbers, of the sequence's width";
    if (in->steps < 2 || four != 4 * in->width || main_rows % 2 || state_rows != main_rows || extra_rows != 3)
        return "main_params must have 2 rows a layer, of 4 widths; state 2 rows a layer; extra_params 3; sequence 2";
    return in->layers > MOST_LAYERS ? "more layers than 64" : NULL;
}

/* The gradient's elements in the order of the parameters; NULL when memory is short. */
static json_t *flat_gradients(const eddy_program *program, const recording *r)
{
    json_t *list = json_array();
    for (int64_t k = 0; k < r->gradients.count; k++) {
        const eddy_tensor *g = eddy_output_tensor(program, r->gradients.items[k]);
        for (int64_t i = 0; list && g && i < eddy_tensor_count(g); i++)
            json_array_append_new(list, json_real(((const double *)g->data)[i]));
    }
    return list;
}

static int64_t nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Runs until both least numbers are reached; one timing a run. */
static bool run_timed(eddy_program *program, int64_t least, double seconds, json_t *timings)
{
    const int64_t began = nanoseconds();
    for (int64_t k = 0; k < least || k == 0 || (double)(nanoseconds() - began) < seconds * 1e9; k++) {
        const int64_t before = nanoseconds();
        if (!eddy_run(program))
            return false;
        json_array_append_new(
            timings, json_pack("{s:s, s:I}", "name", "evaluate", "nanoseconds", (json_int_t)(nanoseconds() - before)));
    }
    return true;
}

static json_t *failure(const char *why)
{
    return json_pack("{s:b, s:s}", "success", 0, "error", why);
}

static json_t *evaluate(const json_t *message)
{
    const json_t *input = json_object_get(message, "input");
    const char *function = json_string_value(json_object_get(message, "function"));
    const bool gradient = function && !strcmp(function, "jacobian");
    if (!gradient && (!function || strcmp(function, "objective") != 0))
        return failure("there are the functions \"objective\" and \"jacobian\"");
    instance in = { 0 };
    const char *wrong = read_instance(input, &in);
    if (wrong) {
        free_instance(&in);
        return failure(wrong);
    }
    const recording r = record(&in);
    free_instance(&in);
    const int64_t compiling = nanoseconds();
    eddy_program *program = eddy_compile(r.tape, gradient ? r.gradients : EDDY_LIST(r.objective), EDDY_NONE);
    json_t *timings = json_array();
    json_array_append_new(
        timings, json_pack("{s:s, s:I}", "name", "plan", "nanoseconds", (json_int_t)(nanoseconds() - compiling)));
    bool done = program && run_timed(program, json_integer_value(json_object_get(input, "min_runs")),
                                     json_number_value(json_object_get(input, "min_seconds")), timings);
    json_t *answer = NULL;
    if (done)
        answer = json_pack("{s:b, s:o, s:O}", "success", 1, "output",
                           gradient ? flat_gradients(program, &r) : json_real(eddy_output(program, r.objective)),
                           "timings", timings);
    else
        answer = failure(eddy_error(r.tape));
    json_decref(timings);
    eddy_tape_free(r.tape);
    return answer;
}

/* The answer to one message, without its id. */
static json_t *answer_to(const json_t *message)
{
    const char *kind = json_string_value(json_object_get(message, "kind"));
    const char *module = json_string_value(json_object_get(message, "module"));
    const bool ours = module && !strcmp(module, "lstm");
    if (kind && !strcmp(kind, "start"))
        return json_pack("{s:s}", "tool", "eddy");
    if (kind && !strcmp(kind, "define"))
        return json_pack("{s:b}", "success", ours);
    if (kind && !strcmp(kind, "evaluate"))
        return ours ? evaluate(message) : failure("the only module is \"lstm\"");
    return json_object();
}

int main(void)
{
    eddy_set_threads(1);
    char *line = NULL;
    size_t capacity = 0;
    int status = EXIT_SUCCESS;
    while (status == EXIT_SUCCESS && getline(&line, &capacity, stdin) > 0) {
        json_error_t error;
        json_t *message = json_loads(line, 0, &error);
        if (!message) {
            fprintf(stderr, "gradbench: no JSON message: %s\n", error.text);
            status = EXIT_FAILURE;
            break;
        }
        json_t *answer = answer_to(message);
        json_object_set(answer, "id", json_object_get(message, "id"));
        if (!answer || json_dumpf(answer, stdout, JSON_REAL_PRECISION(17)) != 0 || puts("") == EOF || fflush(stdout))
            status = EXIT_FAILURE;
        json_decref(answer);
        json_decref(message);
    }
    free(line);
    return status;
}
