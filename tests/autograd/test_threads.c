/* Threads: not a bit depends on how many there are, and they come and go without harm. */
#include "recording.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
long syscall(long number, ...); /* unistd.h hides it from programs that ask for POSIX */
#endif

enum { STEPS = 6, BATCH = 13, WIDTH = 5, HIDDEN = 21, RUNS = 3 };

typedef struct trained {
    eddy_tape *tape;
    eddy_program *step;
    eddy_var loss;
} trained;

/* A training step of two layers, the second in reverse, with dropout, lengths and clipping. */
static trained make(const char *threads, eddy_dtype dtype)
{
    ck_assert_int_eq(setenv("EDDY_THREADS", threads, 1), 0);
    trained t = { .tape = eddy_tape_new(dtype, 9) };
    eddy_lstm first = eddy_lstm_new(t.tape, "first", WIDTH, HIDDEN);
    eddy_gru second = eddy_gru_new(t.tape, "second", HIDDEN, HIDDEN);
    eddy_var x = eddy_input(t.tape, "x", EDDY_SHAPE(STEPS, BATCH, WIDTH));
    eddy_var h = eddy_dropout(eddy_unroll(&first.cell, x, NULL).outputs, 0.25);
    eddy_var last = eddy_unroll(&second.cell, h, &(eddy_unroll_options){ .reverse = true }).last;
    t.loss = eddy_mean(eddy_square(last));
    eddy_list params = eddy_parameters(t.tape), grads = eddy_gradients(t.loss, params);
    eddy_var norm = eddy_clip_grad_norm(&grads, 0.01);
    t.step = eddy_compile(t.tape, EDDY_LIST(t.loss, norm), eddy_adam(params, grads, NULL));
    unsetenv("EDDY_THREADS");
    double xs[STEPS * BATCH * WIDTH];
    float few[STEPS * BATCH * WIDTH];
    for (int i = 0; i < STEPS * BATCH * WIDTH; i++)
        few[i] = (float)(xs[i] = i * 7919 % 1000 / 500.0 - 1);
    ck_assert(dtype == EDDY_F64 ? eddy_set(x, xs, sizeof xs) : eddy_set(x, few, sizeof few));
    ck_assert_msg(t.step, "%s", eddy_error(t.tape));
    return t;
}

static void check_equal(const trained *a, const trained *b, const char *what)
{
    ck_assert_msg(eddy_output(a->step, a->loss) == eddy_output(b->step, b->loss), "%s: the loss", what);
    eddy_list of_a = eddy_parameters(a->tape), of_b = eddy_parameters(b->tape);
    ck_assert_int_eq(of_a.count, of_b.count);
    for (int64_t k = 0; k < of_a.count; k++) {
        const eddy_tensor *x = eddy_value(of_a.items[k]), *y = eddy_value(of_b.items[k]);
        ck_assert_msg(!memcmp(x->data, y->data, (size_t)eddy_tensor_count(x) * eddy_dtype_size(x->dtype)), "%s: %s",
                      what, eddy_name_of(of_a.items[k]));
    }
}

START_TEST(every_count)
{
    const char *counts[] = { "+2", "+3", "+7", "+64" };
    for (int dtype = EDDY_F32; dtype <= EDDY_F64; dtype++) {
        trained alone = make("1", (eddy_dtype)dtype);
        for (int run = 0; run < RUNS; run++)
            ck_assert_msg(eddy_run(alone.step), "%s", eddy_error(alone.tape));
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            trained many = make(counts[i], (eddy_dtype)dtype);
            for (int run = 0; run < RUNS; run++)
                ck_assert_msg(eddy_run(many.step), "%s", eddy_error(many.tape));
            check_equal(&alone, &many, counts[i]);
            eddy_tape_free(many.tape);
        }
        eddy_tape_free(alone.tape);
    }
    eddy_set_threads(1);
    eddy_set_threads(0);
}
END_TEST

START_TEST(set_and_asked)
{
    eddy_set_threads(5);
    ck_assert_int_eq(eddy_threads(), 5);
    eddy_set_threads(1 << 20);
    ck_assert_int_eq(eddy_threads(), 64);
    eddy_set_threads(-1);
    setenv("EDDY_THREADS", "3", 1);
    ck_assert_int_eq(eddy_threads(), 3);
    setenv("EDDY_THREADS", "many", 1);
    ck_assert_int_ge(eddy_threads(), 1);
    unsetenv("EDDY_THREADS");
}
END_TEST

#ifdef __linux__
/* A process that taskset or a container keeps to one processor takes one thread by itself. */
START_TEST(as_many_as_it_may_run_on)
{
    uint64_t before[64] = { 0 }, one[64] = { 0 };
    unsetenv("EDDY_THREADS");
    eddy_set_threads(0);
    const long bytes = syscall(SYS_sched_getaffinity, 0, sizeof before, before);
    ck_assert_int_gt(bytes, 0);
    long i = 0;
    while (!before[i])
        i++;
    one[i] = before[i] & -before[i]; /* the first of them */
    ck_assert_int_eq(syscall(SYS_sched_setaffinity, 0, (size_t)bytes, one), 0);
    ck_assert_int_eq(eddy_threads(), 1);
    ck_assert_int_eq(syscall(SYS_sched_setaffinity, 0, (size_t)bytes, before), 0);
}
END_TEST
#endif

static void *train(void *argument)
{
    trained *t = argument;
    for (int run = 0; run < 20; run++)
        if (!eddy_run(t->step))
            return t;
    return NULL;
}

/* Tapes in several threads share the threads; one has them, the other runs alone. */
START_TEST(several_tapes)
{
    enum { TAPES = 3 };
    trained t[TAPES], alone = make("1", EDDY_F32);
    pthread_t thread[TAPES];
    for (int i = 0; i < TAPES; i++)
        t[i] = make("+2", EDDY_F32);
    for (int i = 0; i < TAPES; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, train, &t[i]), 0);
    ck_assert_ptr_null(train(&alone));
    for (int i = 0; i < TAPES; i++) {
        void *failed;
        ck_assert_int_eq(pthread_join(thread[i], &failed), 0);
        ck_assert_ptr_null(failed);
        check_equal(&alone, &t[i], "a tape of several");
        eddy_tape_free(t[i].tape);
    }
    eddy_tape_free(alone.tape);
    eddy_set_threads(1);
    eddy_set_threads(0);
}
END_TEST

/* A child has no threads of its parent's, and makes its own. */
START_TEST(after_a_fork)
{
#ifdef __SANITIZE_THREAD__
    printf("SKIPPED: a fork with threads, which this sanitizer does not follow\n");
    return;
#else
    trained t = make("+3", EDDY_F32), alone = make("1", EDDY_F32);
    ck_assert(eddy_run(t.step) && eddy_run(alone.step));
    fflush(NULL);
    pid_t child = fork();
    if (!child) {
        const bool good = eddy_run(t.step) && eddy_run(alone.step) &&
                          eddy_output(t.step, t.loss) == eddy_output(alone.step, alone.loss);
        eddy_set_threads(1);
        _exit(good ? 0 : 1);
    }
    ck_assert_int_gt(child, 0);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert(eddy_run(t.step) && eddy_run(alone.step));
    check_equal(&alone, &t, "the parent");
    eddy_tape_free(t.tape);
    eddy_tape_free(alone.tape);
    eddy_set_threads(1);
    eddy_set_threads(0);
#endif
}
END_TEST

/* A call that fails in the first thread, behind which the others wait. */
START_TEST(a_failing_call)
{
    setenv("EDDY_THREADS", "+3", 1);
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(4, 3)), at = eddy_input_of(tape, "at", EDDY_I64, EDDY_SHAPE(4, 1));
    eddy_var y = eddy_gather(eddy_exp(x), -1, at), z = eddy_sum(eddy_tanh(eddy_matmul(y, eddy_transpose(y, 0, 1))));
    eddy_program *program = eddy_compile(tape, EDDY_LIST(z), EDDY_NONE);
    unsetenv("EDDY_THREADS");
    ck_assert_msg(program, "%s", eddy_error(tape));
    const double xs[12] = { 1, 2, 3 };
    const int64_t good[4] = { 0, 1, 2, 0 }, bad[4] = { 0, 1, 3, 0 };
    ck_assert(eddy_set(x, xs, sizeof xs) && eddy_set(at, bad, sizeof bad));
    ck_assert(!eddy_run(program));
    ck_assert_ptr_nonnull(strstr(eddy_error(tape), "3"));
    eddy_clear_error(tape);
    ck_assert(eddy_set(at, good, sizeof good));
    ck_assert_msg(eddy_run(program), "%s", eddy_error(tape));
    ck_assert(eddy_output(program, z) == eddy_item(z));
    eddy_tape_free(tape);
    eddy_set_threads(1);
    eddy_set_threads(0);
}
END_TEST

Suite *suite_threads(void)
{
    Suite *suite = suite_create("threads");
    TCase *tests = tcase_create("threads");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, every_count);
    tcase_add_test(tests, set_and_asked);
#ifdef __linux__
    tcase_add_test(tests, as_many_as_it_may_run_on);
#endif
    tcase_add_test(tests, several_tapes);
    tcase_add_test(tests, after_a_fork);
    tcase_add_test(tests, a_failing_call);
    suite_add_tcase(suite, tests);
    return suite;
}
