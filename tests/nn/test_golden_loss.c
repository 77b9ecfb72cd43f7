/* Losses, layer normalisation and embedding against PyTorch (golden/loss.json): values and gradients, every reduction.
 */
#include "test.h"

#ifdef EDDY_HAVE_JANSSON
#include "golden.h"

static eddy_reduction reduction_of(const json_t *c)
{
    const char *name = golden_text(c, "reduction");
    return !strcmp(name, "mean") ? EDDY_REDUCE_MEAN : !strcmp(name, "sum") ? EDDY_REDUCE_SUM : EDDY_REDUCE_NONE;
}

/* The case's arguments as leaves: numbers are inputs of f64, indices of i64. */
typedef struct arguments {
    eddy_tape *tape;
    const json_t *from;
} arguments;

static eddy_var argument(const arguments *a, const char *name, eddy_dtype dtype)
{
    return golden_input(a->tape, name, vectors_get(a->from, name), dtype);
}

static eddy_var class_loss(const json_t *c, const arguments *a, eddy_var prediction)
{
    const json_t *given = vectors_get(c, "options");
    eddy_cross_entropy_options options = { .reduction = reduction_of(c),
                                           .label_smoothing = golden_number(given, "label_smoothing") };
    if (vectors_flag(given, "weighted", false))
        options.weight = argument(a, "weight", EDDY_F64);
    if (vectors_flag(given, "ignore", false)) {
        options.ignore = true;
        options.ignore_index = -100;
    }
    eddy_var target = argument(a, "target", EDDY_I64);
    return !strcmp(golden_text(c, "loss"), "nll") ? eddy_nll(prediction, target, &options)
                                                  : eddy_cross_entropy(prediction, target, &options);
}

static eddy_var elementwise_loss(const json_t *c, const char *name, eddy_var prediction, eddy_var target)
{
    eddy_loss_options options = { .reduction = reduction_of(c) };
    if (!strcmp(name, "mse"))
        return eddy_mse_with(prediction, target, &options);
    if (!strcmp(name, "mae"))
        return eddy_mae(prediction, target, &options);
    if (!strcmp(name, "huber"))
        return eddy_huber(prediction, target, golden_number(vectors_get(c, "options"), "delta"), &options);
    ck_assert_msg(!strcmp(name, "bce_with_logits"), "a loss of another name: %s", name);
    return eddy_bce_with_logits(prediction, target, &options);
}

static double loss_case(const json_t *c)
{
    golden g = { .name = golden_text(c, "name") };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    const char *name = golden_text(c, "loss");
    arguments a = { .tape = tape, .from = vectors_get(c, "arguments") };
    eddy_var wrt[3] = { { 0 } }, y;
    const char *what[3] = { "prediction", "target", NULL };
    int count = 1;
    if (!strcmp(name, "layer_norm")) {
        wrt[0] = argument(&a, "x", EDDY_F64);
        eddy_layer_norm norm = eddy_layer_norm_new(tape, "norm", eddy_size(wrt[0], -1));
        golden_put(wrt[1] = eddy_find(tape, "norm.weight"), vectors_get(a.from, "weight"));
        golden_put(wrt[2] = eddy_find(tape, "norm.bias"), vectors_get(a.from, "bias"));
        memcpy(what, (const char *[]){ "x", "weight", "bias" }, sizeof what);
        count = 3;
        y = eddy_normalise(&norm, wrt[0]);
    } else if (!strcmp(name, "embedding")) {
        eddy_embedding_table table = eddy_embedding_new(tape, "table", 6, 3);
        golden_put(wrt[0] = eddy_find(tape, "table.weight"), vectors_get(a.from, "weight"));
        what[0] = "weight";
        y = eddy_embed(&table, argument(&a, "index", EDDY_I64));
    } else {
        wrt[0] = argument(&a, "prediction", EDDY_F64);
        if (!strcmp(name, "ctc")) {
            const json_t *given = vectors_get(c, "options");
            eddy_ctc_options options = { .reduction = reduction_of(c),
                                         .blank = vectors_integer(given, "blank", 0),
                                         .zero_infinity = vectors_flag(given, "zero_infinity", false) };
            y = eddy_ctc(eddy_log_softmax(wrt[0], -1), argument(&a, "target", EDDY_I64),
                         argument(&a, "input_lengths", EDDY_I64), argument(&a, "target_lengths", EDDY_I64), &options);
        } else if (!strcmp(name, "cross_entropy") || !strcmp(name, "nll")) {
            y = class_loss(c, &a, wrt[0]);
        } else {
            wrt[1] = argument(&a, "target", EDDY_F64);
            count = 2;
            y = elementwise_loss(c, name, wrt[0], wrt[1]);
        }
    }
    golden_want(&g, y, vectors_get(c, "value"), "data", "value");
    eddy_var loss = eddy_sum(eddy_mul(y, golden_input(tape, "of the loss", vectors_get(c, "weight"), EDDY_F64)));
    eddy_list grads = eddy_gradients(loss, (eddy_list){ wrt, count });
    ck_assert_msg(grads.count == count, "%s: %s", g.name, eddy_error(tape));
    for (int k = 0; k < count; k++)
        golden_want(&g, grads.items[k], vectors_get(a.from, what[k]), "grad", what[k]);
    golden_compare(&g, tape);
    golden_free(&g);
    eddy_tape_free(tape);
    return g.worst;
}

static const char *const losses[] = { "mse", "mae", "huber",      "bce_with_logits", "cross_entropy",
                                      "nll", "ctc", "layer_norm", "embedding" };

START_TEST(all_cases)
{
    json_t *file = golden_load("loss.json"), *c;
    int cases = 0;
    double worst = 0;
    size_t i;
    json_array_foreach(vectors_get(file, "cases"), i, c)
    {
        if (strcmp(golden_text(c, "loss"), losses[_i]))
            continue;
        worst = fmax(worst, loss_case(c));
        cases++;
    }
    json_decref(file);
    golden_end(losses[_i], cases, worst);
}
END_TEST

#endif

Suite *suite_golden_loss(void)
{
    Suite *suite = suite_create("golden_loss");
    TCase *tests = tcase_create("PyTorch");
#ifdef EDDY_HAVE_JANSSON
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, all_cases, 0, (int)(sizeof losses / sizeof *losses));
#else
    printf("SKIPPED: losses against PyTorch (built without jansson)\n");
#endif
    suite_add_tcase(suite, tests);
    return suite;
}
