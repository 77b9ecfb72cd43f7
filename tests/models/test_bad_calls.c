/* Every public function, called with NULL, {0}, lists without items, negative counts and numbers that cannot be meant:
 * one bad argument at a time, and random handfuls of them. Nothing crashes or leaks (the sanitizers look), and what
 * fails says so in a sentence. bad_calls.py finds the functions in the headers. */
#include "bad_calls.h"

#include "bad_calls.inc"

#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { HANDFULS = 12 };

static eddy_var keeps(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    (void)cell;
    return state[0] = eddy_add(state[0], x);
}

static void leaves_new(bad *b)
{
    double values[] = { 1, 2, 3, 4, 5, 6 };
    eddy_tape *tape = b->tape = eddy_tape_new(EDDY_F64, 1);
    b->tensor = eddy_tensor_wrap(b->numbers, EDDY_F64, EDDY_SHAPE(2, 3));
    b->shapeless = b->tensor;
    b->shapeless.shape.rank = -1;
    eddy_mark mark = eddy_mark_now(tape);
    b->reset = eddy_full(tape, EDDY_SHAPE(2, 3), 1);
    eddy_reset(tape, mark);
    eddy_tensor initial = eddy_tensor_wrap(values, EDDY_F64, EDDY_SHAPE(2, 3));
    b->x = eddy_parameter(tape, "x", &initial);
    b->y = eddy_parameter(tape, "y", &initial);
    eddy_state(tape, "adam.lr", &initial);
    b->scalar = eddy_sum(eddy_square(b->x));
    b->index = eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(2), 1);
    b->failed = eddy_failed(tape);
    b->other = eddy_tape_new(EDDY_F64, 2);
    b->foreign = eddy_full(b->other, EDDY_SHAPE(2, 3), 1);
    b->broken = eddy_tape_new(EDDY_F64, 3);
    eddy_fail(b->broken, "broken before");
    memcpy(b->list, (eddy_var[]){ b->x, b->y, b->scalar }, sizeof b->list);
    memcpy(b->holes, (eddy_var[]){ b->x, { 0 }, b->y }, sizeof b->holes);
    memcpy(b->mixed, (eddy_var[]){ b->x, b->foreign, b->y }, sizeof b->mixed);
    b->lists[0] = (eddy_list){ b->list, 2 };
    b->lists[1] = (eddy_list){ NULL, 3 };
    b->program = eddy_compile(tape, EDDY_LIST(b->scalar), EDDY_NONE);
}

static void layers_new(bad *b)
{
    b->cell = (eddy_cell){ .step = keeps, .states = 1, .state_size = { 3 } };
    b->stepless = (eddy_cell){ .states = 1, .state_size = { 3 } };
    b->stateless = (eddy_cell){ .step = keeps, .states = INT_MIN, .state_size = { 3 } };
    b->sizeless = (eddy_cell){ .step = keeps, .states = INT_MAX };
    b->cells[0] = b->cells[1] = b->holed_cells[0] = &b->cell;
    b->linear = eddy_linear_new(b->tape, "linear", 3, 2);
    b->lstm = eddy_lstm_layers_new(b->tape, "lstm", 3, 2, 1, false, NULL);
    b->gru = eddy_gru_layers_new(b->tape, "gru", 3, 2, 1, false, NULL);
    b->rnn = eddy_rnn_layers_new(b->tape, "rnn", 3, 2, 1, false, NULL);
    b->attention = eddy_attention_new(b->tape, "attention", EDDY_ADDITIVE, 3, 3, 2);
    b->table = eddy_embedding_new(b->tape, "table", 4, 3);
    b->norm = eddy_layer_norm_new(b->tape, "norm", 3);
}

static void scene_new(bad *b, const entry *e, const scratch *s, FILE *stream)
{
    static char long_name[3000], name[] = "x";
    memset(long_name, 'n', sizeof long_name - 1);
    *b = (bad){ .path = s->path, .long_name = long_name, .stream = stream };
    for (int i = 0; i < 64; i++)
        b->numbers[i] = 1 + i % 5;
    leaves_new(b);
    if (strstr(e->name, "unroll") || strstr(e->name, "apply") || strstr(e->name, "attend") ||
        strstr(e->name, "embed") || strstr(e->name, "normalise"))
        layers_new(b);
    b->named[0] = b->named[1] = (eddy_named_tensor){ .name = name, .tensor = b->tensor };
    b->file = (eddy_safetensors){ .tensors = b->named, .count = 1 };
    b->weights = (eddy_layer_weights){ .weight_ih = b->tensor, .weight_hh = b->tensor };
    if (strstr(e->name, "scaler"))
        ck_assert(eddy_scaler_fit(&b->scaler, EDDY_SCALER_STANDARD, &b->tensor, NULL));
    ck_assert_msg(!eddy_error(b->tape), "%s", eddy_error(b->tape));
}

static void scene_free(bad *b)
{
    eddy_gradcheck_free(&b->report);
    for (int i = 0; i < 4; i++)
        eddy_tensor_free(&b->out[i]);
    eddy_layer_weights_free(&b->converted);
    eddy_scaler_free(&b->scaler);
    eddy_scaler_free(&b->unfitted);
    eddy_tape_free(b->tape);
    eddy_tape_free(b->other);
    eddy_tape_free(b->broken);
    unlink(b->path);
}

/* The function and the numbers of its values, for whoever reads about a crash. */
static char now[400];

#ifndef __SANITIZE_ADDRESS__ /* which tells more itself */
static void crashed(int signal)
{
    ssize_t done = write(STDERR_FILENO, now, strlen(now));
    (void)done;
    _exit(128 + signal);
}
#endif

static void call(const entry *e, const int *v, const scratch *s, FILE *stream, int *counts)
{
    bad b;
    scene_new(&b, e, s, stream);
    int used = snprintf(now, sizeof now, "%s, values", e->name);
    for (int i = 0; i < e->parameters; i++)
        used += snprintf(now + used, sizeof now - (size_t)used, " %d", v[i]);
    snprintf(now + used, sizeof now - (size_t)used, "\n");
    b.call = now;
    e->call(&b, v);
    for (int i = 0; i < e->parameters; i++)
        counts[i] = b.counts[i];
    scene_free(&b);
}

START_TEST(no_call_crashes)
{
    const entry *e = &entries[_i];
    int v[MOST_PARAMETERS] = { 0 }, counts[MOST_PARAMETERS] = { 0 };
    scratch s = scratch_new("file");
    FILE *stream = fopen("/dev/null", "w");
    /* What is printed is not wanted. */
    fflush(stdout);
    int out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
#ifndef __SANITIZE_ADDRESS__
    signal(SIGSEGV, crashed);
    signal(SIGABRT, crashed);
    signal(SIGFPE, crashed);
#endif
    call(e, v, &s, stream, counts);
    for (int i = 0; i < e->parameters; i++)
        for (int k = 1; k < counts[i]; k++) {
            memset(v, 0, sizeof v);
            v[i] = k;
            call(e, v, &s, stream, (int[MOST_PARAMETERS]){ 0 });
        }
    for (uint64_t n = 0; n < HANDFULS && e->parameters > 1; n++) {
        for (int i = 0; i < e->parameters; i++)
            v[i] = (int)(eddy_random_bits((eddy_random){ .seed = 1, .stream = n }, (uint64_t)i) % 11);
        call(e, v, &s, stream, (int[MOST_PARAMETERS]){ 0 });
    }
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    close(out);
    close(null);
    fclose(stream);
    scratch_free(&s);
}
END_TEST

/* What the generator leaves out. */
START_TEST(calls_by_hand)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_status status = { 0 };
    ck_assert(!eddy_ok(eddy_fail(NULL, "%d", 1)) && !eddy_status_fail(NULL, "%d", 1));
    ck_assert(!eddy_ok(eddy_fail(tape, "%s", "")) && eddy_error(tape));
    ck_assert(!eddy_status_fail(&status, "%s", "") && status.text[0]);
    eddy_free(NULL);
    eddy_free(eddy_reallocate(NULL, 3, 3));
    ck_assert_ptr_null(eddy_reallocate(NULL, SIZE_MAX, SIZE_MAX));
    eddy_tape_free(NULL);
    eddy_tape_free(tape);
    eddy_set_allocator(NULL);
}
END_TEST

Suite *suite_bad_calls(void)
{
    Suite *suite = suite_create("bad_calls");
    TCase *tests = tcase_create("bad_calls");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, no_call_crashes, 0, (int)(sizeof entries / sizeof *entries));
    tcase_add_test(tests, calls_by_hand);
    suite_add_tcase(suite, tests);
    return suite;
}
