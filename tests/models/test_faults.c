/* Every allocation of building a model, differentiating, compiling, training, saving, loading, checking and drawing
 * fails in turn, once alone and once with all after it: each time a sentence, no leak, no crash; what is tried again
 * afterwards gives the bits of a run without faults. */
#include "test.h"
#include "failing_memory.h"
#include "scratch.h"

#include <eddy/eddy.h>
#include <string.h>

typedef struct outcome {
    bool done;
    char sentence[EDDY_STATUS_SIZE]; /* of the first failure */
    double numbers[128];             /* results that must not depend on a failure survived */
    int count;
} outcome;

static fault faults;
static bool forever; /* all allocations from the n-th on fail */

static void *failing(void *context, void *block, size_t size)
{
    fault *f = context;
    if (forever && size && f->fail_at && f->asked >= f->fail_at)
        f->asked = f->fail_at - 1; /* it is the n-th again */
    return fault_reallocate(context, block, size);
}

static void install(long fail_at)
{
    faults = (fault){ .fail_at = fail_at };
    eddy_set_allocator(&(eddy_allocator){ failing, &faults });
}

/* A failure is noted and cleared; then, or if there was none, true. */
static bool failed(outcome *out, eddy_tape *tape)
{
    const char *sentence = eddy_error(tape);
    if (!sentence)
        return false;
    if (!*out->sentence)
        snprintf(out->sentence, sizeof out->sentence, "%s", sentence);
    eddy_clear_error(tape);
    return true;
}

static void keep(outcome *out, double number)
{
    ck_assert_int_lt(out->count, 128);
    out->numbers[out->count++] = number;
}

static void keep_list(outcome *out, eddy_list vars)
{
    for (int64_t k = 0; k < vars.count; k++) {
        const eddy_tensor *value = eddy_value(vars.items[k]); /* of leaves: nothing is computed */
        ck_assert_ptr_nonnull(value);
        for (int64_t i = 0; i < eddy_tensor_count(value); i++)
            keep(out, eddy_tensor_flat(value, i));
    }
}

/* Does the call once more when it failed, as a program that has freed some memory would; leaves the job when it fails
 * again. */
#define TRY(tape, ...)                                                                                                 \
    do {                                                                                                               \
        __VA_ARGS__;                                                                                                   \
        if (failed(out, tape)) {                                                                                       \
            __VA_ARGS__;                                                                                               \
            if (failed(out, tape))                                                                                     \
                goto end;                                                                                              \
        }                                                                                                              \
    } while (0)
/* For calls that make leaves: half a layer stays, so that only a new tape helps. */
#define ONCE(tape, ...)                                                                                                \
    do {                                                                                                               \
        __VA_ARGS__;                                                                                                   \
        if (failed(out, tape))                                                                                         \
            goto end;                                                                                                  \
    } while (0)

typedef struct model {
    eddy_lstm lstm;
    eddy_linear fc;
    eddy_var x, y, loss;
} model;

static void model_leaves(model *m, eddy_tape *tape)
{
    static const float xs[3][2][2] = { { { 1, 2 }, { 3, -1 } }, { { 0, 1 }, { 2, 2 } }, { { -1, 1 }, { 0.5, 0 } } },
                       ys[2] = { 1, -1 };
    m->lstm = eddy_lstm_new(tape, "lstm", 2, 3);
    m->fc = eddy_linear_new(tape, "fc", 3, 1);
    m->x = eddy_input(tape, "x", EDDY_SHAPE(3, 2, 2));
    m->y = eddy_input(tape, "y", EDDY_SHAPE(2, 1));
    eddy_set(m->x, xs, sizeof xs);
    eddy_set(m->y, ys, sizeof ys);
}

static void model_loss(model *m)
{
    m->loss = eddy_mse(eddy_apply(&m->fc, eddy_unroll(&m->lstm.cell, m->x, NULL).last), m->y);
}

static eddy_tape *tape_or_sentence(outcome *out)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 42);
    if (!tape)
        snprintf(out->sentence, sizeof out->sentence, "%s", eddy_error(tape));
    return tape;
}

/* ---- Jobs ---- */

static void job_train(outcome *out)
{
    eddy_tape *tape = tape_or_sentence(out);
    if (!tape)
        return;
    model m;
    eddy_list params, before, grads, update;
    eddy_var norm;
    eddy_program *step = NULL;
    ONCE(tape, model_leaves(&m, tape));
    TRY(tape, model_loss(&m));
    TRY(tape, params = eddy_parameters(tape));
    TRY(tape, before = eddy_gradients(m.loss, params));
    TRY(tape, (grads = before, norm = eddy_clip_grad_norm(&grads, 0.5)));
    TRY(tape, update = eddy_adam(params, grads, &(eddy_adam_options){ .lr = 1e-2 }));
    TRY(tape, step = eddy_compile(tape, EDDY_LIST(m.loss, norm), update));
    long asked = faults.asked;
    for (int k = 0; k < 2; k++) {
        ck_assert(eddy_run(step));
        keep(out, eddy_output(step, m.loss));
        keep(out, eddy_output(step, norm));
    }
    ck_assert_msg(faults.asked == asked, "a run allocated %ld times", faults.asked - asked);
    keep_list(out, params);
    out->done = true;
end:
    eddy_tape_free(tape);
}

static void job_value(outcome *out)
{
    eddy_tape *tape = tape_or_sentence(out);
    if (!tape)
        return;
    model m;
    double value = 0;
    ONCE(tape, model_leaves(&m, tape));
    TRY(tape, model_loss(&m));
    TRY(tape, value = eddy_item(m.loss));
    keep(out, value);
    eddy_set_item(m.fc.bias, 2);
    TRY(tape, value = eddy_item(m.loss));
    keep(out, value);
    eddy_mark mark = eddy_mark_now(tape);
    eddy_var again = { 0 };
    TRY(tape,
        again = eddy_softmax(eddy_concat(0, eddy_reshape(m.x, EDDY_SHAPE(-1)), eddy_mul_scalar(m.fc.bias, 0.5)), 0));
    TRY(tape, value = eddy_item(eddy_sum(eddy_square(again))));
    keep(out, value);
    eddy_reset(tape, mark);
    TRY(tape, value = eddy_item(eddy_sum(eddy_cumsum(eddy_prod(m.x, EDDY_SHAPE(1), false), 0))));
    keep(out, value);
    out->done = true;
end:
    eddy_tape_free(tape);
}

static scratch files;

static void job_files(outcome *out)
{
    eddy_tape *tape = tape_or_sentence(out);
    if (!tape)
        return;
    model m;
    eddy_list params;
    bool saved = false, loaded = false;
    ONCE(tape, model_leaves(&m, tape));
    TRY(tape, params = eddy_parameters(tape));
    TRY(tape,
        saved = eddy_save(tape, files.path, params, &(eddy_metadata){ (char[]){ "model" }, (char[]){ "lstm" } }, 1));
    ck_assert(saved);
    for (int64_t k = 0; k < params.count; k++)
        eddy_set_item(params.items[k], 7);
    loaded = eddy_load(tape, files.path, params);
    if (failed(out, tape)) {
        ck_assert(!loaded);
        for (int64_t k = 0; k < params.count; k++) {
            const eddy_tensor *value = eddy_value(params.items[k]);
            for (int64_t i = 0; i < eddy_tensor_count(value); i++)
                ck_assert_msg(eddy_tensor_flat(value, i) == 7, "a load that failed has changed \"%s\"",
                              eddy_name_of(params.items[k]));
        }
        ONCE(tape, loaded = eddy_load(tape, files.path, params));
    }
    ck_assert(loaded);
    keep_list(out, params);
    out->done = true;
end:
    eddy_tape_free(tape);
    ck_assert_int_le(scratch_files(&files), 1); /* no temporary file stays */
    unlink(files.path);
}

static void job_gradcheck(outcome *out)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 3);
    if (!tape) {
        snprintf(out->sentence, sizeof out->sentence, "%s", eddy_error(tape));
        return;
    }
    eddy_linear fc;
    eddy_var x, y, loss;
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    eddy_list params;
    ONCE(tape, (fc = eddy_linear_new(tape, "fc", 2, 1), x = eddy_input(tape, "x", EDDY_SHAPE(2, 2)),
                y = eddy_input(tape, "y", EDDY_SHAPE(2, 1))));
    TRY(tape, loss = eddy_mse(eddy_tanh(eddy_apply(&fc, x)), y));
    TRY(tape, params = eddy_parameters(tape));
    int64_t nodes = eddy_node_count(tape);
    TRY(tape, (eddy_gradcheck_free(&report), eddy_gradcheck(loss, params, NULL, &report)));
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s", report.message);
    ck_assert_int_eq(eddy_node_count(tape), nodes);
    keep(out, report.worst_relative);
    keep(out, (double)report.compared);
    ck_assert_msg(!eddy_value(x), "a drawn input has stayed set");
    eddy_clear_error(tape);
    keep_list(out, params);
    out->done = true;
end:
    eddy_gradcheck_free(&report);
    eddy_tape_free(tape);
}

static void job_graph(outcome *out)
{
    eddy_tape *tape = tape_or_sentence(out);
    if (!tape)
        return;
    model m;
    char *dot = NULL;
    eddy_list params, grads;
    ONCE(tape, model_leaves(&m, tape));
    TRY(tape, model_loss(&m));
    TRY(tape, params = eddy_parameters(tape));
    TRY(tape, grads = eddy_gradients(m.loss, params));
    TRY(tape, dot = eddy_graph(eddy_list_join(tape, EDDY_LIST(m.loss), grads), NULL));
    ck_assert_ptr_nonnull(dot);
    ck_assert(!strncmp(dot, "digraph", 7));
    /* Node numbers depend on what was recorded in vain before; the edges do not. */
    int edges = 0;
    for (const char *arrow = dot; (arrow = strstr(arrow, "->")); arrow++)
        edges++;
    ck_assert_int_gt(edges, 50);
    keep(out, edges);
    out->done = true;
end:
    eddy_free(dot);
    eddy_tape_free(tape);
}

/* ---- The sweep ---- */

static void sweep(const char *name, void (*job)(outcome *))
{
    static outcome clean, got;
    forever = false;
    clean = (outcome){ 0 };
    install(0);
    job(&clean);
    long total = faults.asked;
    ck_assert_msg(clean.done && !*clean.sentence, "%s without faults: %s", name, clean.sentence);
    ck_assert_int_eq(faults.living, 0);
    ck_assert_int_gt(total, 5);
    long survived = 0;
    for (int mode = 0; mode < 2; mode++)
        for (long n = 1; n <= total; n++) {
            forever = mode;
            got = (outcome){ 0 };
            install(n);
            job(&got);
            ck_assert_msg(*got.sentence != 0, "%s: allocation %ld of %ld failed and nobody said so", name, n, total);
            ck_assert_msg(strstr(got.sentence, "memory") != NULL, "%s: allocation %ld of %ld failed: \"%s\"", name, n,
                          total, got.sentence);
            ck_assert_msg(faults.living == 0, "%s: allocation %ld of %ld failed: %ld blocks leaked (%s)", name, n,
                          total, faults.living, got.sentence);
            ck_assert(!forever || !got.done);
            if (got.done) {
                survived++;
                ck_assert_int_eq(got.count, clean.count);
                ck_assert_msg(!memcmp(got.numbers, clean.numbers, sizeof clean.numbers),
                              "%s: allocation %ld of %ld failed: other results", name, n, total);
            }
        }
    forever = false;
    got = (outcome){ 0 };
    install(0);
    job(&got);
    ck_assert(got.done && !*got.sentence && !memcmp(got.numbers, clean.numbers, sizeof clean.numbers));
    eddy_set_allocator(NULL);
    printf("%s: %ld allocations failed in turn, %ld survived by trying again\n", name, total, survived);
    ck_assert_int_gt(survived, 0);
}

START_TEST(training)
{
    sweep("training", job_train);
}
END_TEST

START_TEST(values)
{
    sweep("values", job_value);
}
END_TEST

START_TEST(saving)
{
    files = scratch_new("model.safetensors");
    sweep("saving and loading", job_files);
    scratch_free(&files);
}
END_TEST

START_TEST(checking)
{
    sweep("gradcheck", job_gradcheck);
}
END_TEST

START_TEST(drawing)
{
    sweep("graph", job_graph);
}
END_TEST

/* ---- Runs that fail for another reason write nothing either ---- */

START_TEST(failed_run)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    model m;
    model_leaves(&m, tape);
    model_loss(&m);
    eddy_var row = eddy_input_of(tape, "row", EDDY_I64, EDDY_SHAPE(1)), rate = eddy_input(tape, "rate", EDDY_SCALAR);
    eddy_var loss = eddy_mul(eddy_add(m.loss, eddy_sum(eddy_index_select(m.fc.weight, 0, row))), eddy_log(rate));
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
    eddy_list update = eddy_adam(params, grads, NULL), states = eddy_leaves(tape, EDDY_STATE);
    eddy_program *step = eddy_compile(tape, EDDY_LIST(loss), update);
    ck_assert_msg(step != NULL, "%s", eddy_error(tape));
    outcome *before = calloc(1, sizeof *before), *after = calloc(1, sizeof *after);
    const char *expected[] = { "\"row\" has no value yet", "the index at (0, 0) is 1", "log" };
    for (int way = 0; way < 3; way++) {
        before->count = after->count = 0;
        keep_list(before, params);
        if (way > 0) {
            eddy_set_item(row, way == 1 ? 1 : 0); /* the weight has one row: number 0 */
            eddy_set_item(rate, way == 1 ? 2 : -1);
        }
        eddy_set_eager(tape, way == 2); /* the logarithm of -1 is found in eager mode */
        ck_assert(!eddy_run(step));
        ck_assert_msg(eddy_error(tape) && strstr(eddy_error(tape), expected[way]), "\"%s\" lacks %s", eddy_error(tape),
                      expected[way]);
        eddy_clear_error(tape);
        keep_list(after, params);
        ck_assert_int_eq(before->count, 88);
        ck_assert(!memcmp(before->numbers, after->numbers, sizeof before->numbers));
        for (int64_t k = 0; k < states.count; k++)
            for (int64_t i = 0; i < eddy_tensor_count(eddy_value(states.items[k])); i++)
                ck_assert_double_eq(eddy_tensor_flat(eddy_value(states.items[k]), i),
                                    strcmp(eddy_name_of(states.items[k]), "adam.lr") ? 0 : 1e-3);
    }
    eddy_set_eager(tape, false);
    eddy_set_item(rate, 2);
    ck_assert_msg(eddy_run(step), "%s", eddy_error(tape));
    after->count = 0;
    keep_list(after, params);
    ck_assert(memcmp(before->numbers, after->numbers, sizeof before->numbers) != 0);
    free(before);
    free(after);
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_faults(void)
{
    Suite *suite = suite_create("faults");
    TCase *cases = tcase_create("failing allocations");
    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, training);
    tcase_add_test(cases, values);
    tcase_add_test(cases, saving);
    tcase_add_test(cases, checking);
    tcase_add_test(cases, drawing);
    tcase_add_test(cases, failed_run);
    suite_add_tcase(suite, cases);
    return suite;
}
