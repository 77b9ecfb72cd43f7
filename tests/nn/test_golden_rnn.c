/* LSTM, GRU and RNN against PyTorch (golden/rnn.json): stacked, in both directions, with packed lengths, projection,
 * without biases. Outputs, final states and the gradients by every parameter, the input and the initial states, under a
 * loss with a weight for each output and final state. */
#include "test.h"

#ifdef EDDY_HAVE_JANSSON
#include "golden.h"

/* The layers of a case: eddy's stacks for LSTM and GRU, cells with names of their own for RNN. */
typedef struct stack {
    eddy_lstm_layers lstm;
    eddy_gru_layers gru;
    eddy_rnn rnn[EDDY_MAX_LAYERS];
    const eddy_cell *cell[EDDY_MAX_LAYERS];
    int64_t cells;
    int states; /* of a cell */
} stack;

static void stack_new(stack *s, eddy_tape *tape, const json_t *c)
{
    const char *kind = golden_text(c, "kind");
    int64_t input = vectors_integer(c, "input", 0), hidden = vectors_integer(c, "hidden", 0),
            layers = vectors_integer(c, "layers", 0);
    bool both = vectors_flag(c, "bidirectional", false), no_bias = !vectors_flag(c, "bias", true);
    s->cells = layers * (both ? 2 : 1);
    s->states = strcmp(kind, "lstm") ? 1 : 2;
    if (!strcmp(kind, "lstm"))
        s->lstm = eddy_lstm_layers_new(
            tape, "net", input, hidden, layers, both,
            &(eddy_lstm_options){ .no_bias = no_bias, .projection = vectors_integer(c, "projection", 0) });
    else if (!strcmp(kind, "gru"))
        s->gru =
            eddy_gru_layers_new(tape, "net", input, hidden, layers, both, &(eddy_gru_options){ .no_bias = no_bias });
    for (int64_t k = 0; k < s->cells; k++) {
        if (!strcmp(kind, "lstm")) {
            s->cell[k] = &s->lstm.lstm[k].cell;
        } else if (!strcmp(kind, "gru")) {
            s->cell[k] = &s->gru.gru[k].cell;
        } else {
            char name[32];
            int64_t number = both ? k / 2 : k;
            snprintf(name, sizeof name, "net.l%d%s", (int)number, both && k % 2 ? "_reverse" : "");
            s->rnn[k] = eddy_rnn_new_with(
                tape, name, number == 0 ? input : hidden * (both ? 2 : 1), hidden,
                &(eddy_rnn_options){ .act = !strcmp(kind, "relu") ? eddy_relu : eddy_tanh, .no_bias = no_bias });
            s->cell[k] = &s->rnn[k].cell;
        }
    }
    ck_assert_msg(!eddy_error(tape), "%s", eddy_error(tape));
}

/* The parameter of a name in PyTorch's state_dict. RNN cells are all layer 0 of something: weight_ih_l1_reverse is
 * l1_reverse.weight_ih_l0. */
static eddy_var parameter_of(eddy_tape *tape, const char *kind, const char *name)
{
    char full[96];
    const char *suffix = strrchr(name, 'l');
    while (suffix > name && suffix[-1] != '_')
        suffix--;
    if (!strcmp(kind, "lstm") || !strcmp(kind, "gru"))
        snprintf(full, sizeof full, "net.%s", name);
    else
        snprintf(full, sizeof full, "net.%s.%.*sl0", suffix, (int)(suffix - name), name);
    eddy_var found = eddy_find(tape, full);
    ck_assert_msg(eddy_ok(found), "there is no parameter %s", full);
    return found;
}

/* NaN where x (time, batch, features) is padding: nothing may change, as a packed sequence has no padding at all. */
static void poison(eddy_var x, eddy_var lengths)
{
    eddy_shape shape = eddy_shape_of(x);
    size_t bytes = (size_t)eddy_shape_count(&shape) * sizeof(double);
    double *values = malloc(bytes);
    int64_t length[16];
    ck_assert(shape.dim[1] <= 16 && eddy_get(x, values, bytes) &&
              eddy_get(lengths, length, (size_t)shape.dim[1] * sizeof *length));
    for (int64_t t = 0; t < shape.dim[0]; t++)
        for (int64_t b = 0; b < shape.dim[1]; b++)
            for (int64_t k = 0; t >= length[b] && k < shape.dim[2]; k++)
                values[(t * shape.dim[1] + b) * shape.dim[2] + k] = NAN;
    ck_assert(eddy_set(x, values, bytes));
    free(values);
}

static double rnn_case(const json_t *c)
{
    golden g = { .name = golden_text(c, "name") };
    const char *kind = golden_text(c, "kind");
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    stack s = { .cells = 0 };
    stack_new(&s, tape, c);

    eddy_var x = golden_input(tape, "x", vectors_get(c, "x"), EDDY_F64), whole[2], initial[2 * EDDY_MAX_LAYERS];
    for (int i = 0; i < s.states; i++)
        whole[i] = golden_input(tape, i ? "c0" : "h0", json_array_get(vectors_get(c, "initial"), (size_t)i), EDDY_F64);
    for (int64_t k = 0; k < s.cells; k++)
        for (int i = 0; i < s.states; i++)
            initial[k * s.states + i] = eddy_select(whole[i], 0, k);
    eddy_layers_options options = { .bidirectional = vectors_flag(c, "bidirectional", false),
                                    .unroll = { .initial = initial } };
    if (json_is_array(vectors_get(c, "lengths")))
        options.unroll.lengths = golden_input(tape, "lengths", vectors_get(c, "lengths"), EDDY_I64);
    eddy_layered run = !strcmp(kind, "lstm")  ? eddy_unroll_lstm(&s.lstm, x, &options)
                       : !strcmp(kind, "gru") ? eddy_unroll_gru(&s.gru, x, &options)
                                              : eddy_unroll_layers(s.cell, s.cells, x, &options);
    ck_assert_msg(!eddy_error(tape), "%s: %s", g.name, eddy_error(tape));
    ck_assert_int_eq(run.states.count, s.cells * s.states);

    eddy_var seen[3] = { run.outputs }, weights[3];
    golden_want(&g, run.outputs, vectors_get(c, "outputs"), "data", "outputs");
    for (int i = 0; i < s.states; i++) {
        eddy_var of_cells[EDDY_MAX_LAYERS];
        for (int64_t k = 0; k < s.cells; k++)
            of_cells[k] = run.states.items[k * s.states + i];
        seen[1 + i] = eddy_stack_list(0, (eddy_list){ of_cells, s.cells });
        golden_want(&g, seen[1 + i], json_array_get(vectors_get(c, "final"), (size_t)i), "data",
                    i ? "final c" : "final h");
    }
    for (int i = 0; i <= s.states; i++) {
        char name[16];
        snprintf(name, sizeof name, "weights%d", i);
        weights[i] = golden_input(tape, name, json_array_get(vectors_get(c, "weights"), (size_t)i), EDDY_F64);
    }
    eddy_var loss = eddy_dot((eddy_list){ seen, s.states + 1 }, (eddy_list){ weights, s.states + 1 });

    eddy_var wrt[GOLDEN_MOST];
    json_t *of[GOLDEN_MOST], *value;
    const char *what[GOLDEN_MOST], *name;
    int count = 0;
    json_t *parameters = vectors_get(c, "parameters");
    ck_assert_int_eq((int64_t)json_object_size(parameters), eddy_parameters(tape).count);
    json_object_foreach(parameters, name, value)
    {
        wrt[count] = parameter_of(tape, kind, name);
        golden_put(wrt[count], value);
        of[count] = value;
        what[count++] = name;
    }
    wrt[count] = x;
    of[count] = vectors_get(c, "x");
    what[count++] = "x";
    for (int i = 0; i < s.states; i++) {
        wrt[count] = whole[i];
        of[count] = json_array_get(vectors_get(c, "initial"), (size_t)i);
        what[count++] = i ? "initial c" : "initial h";
    }
    eddy_list grads = eddy_gradients(loss, (eddy_list){ wrt, count });
    ck_assert_msg(grads.count == count, "%s: %s", g.name, eddy_error(tape));
    for (int k = 0; k < count; k++)
        golden_want(&g, grads.items[k], of[k], "grad", what[k]);
    golden_compare(&g, tape);
    if (options.unroll.lengths.tape) {
        poison(x, options.unroll.lengths);
        golden_compare(&g, tape);
    }
    golden_free(&g);
    eddy_tape_free(tape);
    return g.worst;
}

static void cases_of_kind(const char *kind)
{
    json_t *file = golden_load("rnn.json"), *c;
    int cases = 0;
    double worst = 0;
    size_t i;
    json_array_foreach(vectors_get(file, "cases"), i, c)
    {
        if (strcmp(golden_text(c, "kind"), kind))
            continue;
        worst = fmax(worst, rnn_case(c));
        cases++;
    }
    json_decref(file);
    golden_end(kind, cases, worst);
}

static const char *const kinds[] = { "lstm", "gru", "tanh", "relu" };

START_TEST(layers)
{
    cases_of_kind(kinds[_i]);
}
END_TEST

#endif

Suite *suite_golden_rnn(void)
{
    Suite *suite = suite_create("golden_rnn");
    TCase *tests = tcase_create("PyTorch");
#ifdef EDDY_HAVE_JANSSON
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, layers, 0, (int)(sizeof kinds / sizeof *kinds));
#else
    printf("SKIPPED: recurrent layers against PyTorch (built without jansson)\n");
#endif
    suite_add_tcase(suite, tests);
    return suite;
}
