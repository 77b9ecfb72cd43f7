/* The passes of a program: every one can be switched off; each alone, all but one and all together leave every bit as
 * the interpreter computes it. */
#include "compiled.h"
#include "random_tape.h"
#include "recording.h"

#include <math.h>
#include <stdlib.h>

static void switch_passes(const char *list)
{
    ck_assert_int_eq(list ? setenv("EDDY_PASSES", list, 1) : unsetenv("EDDY_PASSES"), 0);
}

/* A random tape with the gradients of its last var: some terms are many, so that sums are added up early. */
static eddy_list random_outputs(eddy_tape *tape, uint64_t seed)
{
    draws = 1000 * seed;
    pool p = { .count = 0 };
    pool_leaves(&p, tape);
    pool_grow(&p, 4 + (int)(seed % 20));
    eddy_var last = p.item[p.count - 1], loss = eddy_sum(eddy_mul(last, last));
    for (int i = 0; i < 10; i++)
        loss = eddy_add(loss, eddy_sum(eddy_tanh(eddy_mul_scalar(p.leaf[0], 0.1 * i))));
    eddy_list gradients = eddy_gradients(loss, (eddy_list){ p.leaf, POOL_LEAVES });
    OK(tape);
    return eddy_list_join(tape, eddy_list_join(tape, EDDY_LIST(loss, last), gradients), (eddy_list){ p.item, p.count });
}

/* The switches under which `seed` is compiled: all passes, none, one alone, all but one, all that keep every bit. */
static const char *switches(uint64_t seed, char *text, size_t size)
{
    int64_t passes = 0;
    while (eddy_pass_at(passes).name)
        passes++;
    int64_t way = (int64_t)(seed % (uint64_t)(3 + 2 * passes));
    if (way < 3)
        return way == 0 ? NULL : way == 1 ? "-all" : "-join,-gather";
    snprintf(text, size, way < 3 + passes ? "-all,+%s" : "-%s", eddy_pass_at((way - 3) % passes).name);
    return text;
}

/* Do sums become one chain, which rounds elsewhere? */
static bool joins(const char *list)
{
    bool alone = list && strstr(list, "-all");
    return !list || (alone ? strstr(list, "+join") || strstr(list, "+gather") : strcmp(list, "-join,-gather") != 0);
}

static bool agree(double planned, double interpreted, bool joined)
{
    return same_bits(planned, interpreted) ||
           (joined && fabs(planned - interpreted) <= 1e-12 * (1 + fabs(interpreted)));
}

START_TEST(planned_as_interpreted)
{
    char text[64];
    const uint64_t tapes = getenv("EDDY_TEST_ALL") ? 5000 : 300;
    for (uint64_t seed = 0; seed < tapes; seed++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_list outputs = random_outputs(tape, seed);
        const char *list = switches(seed, text, sizeof text);
        switch_passes(list);
        eddy_program *program = eddy_compile(tape, outputs, EDDY_NONE);
        switch_passes(NULL);
        eddy_run(program);
        OK(tape);
        for (int64_t k = 0; k < outputs.count; k++) {
            const eddy_tensor *planned = eddy_output_tensor(program, outputs.items[k]);
            const eddy_tensor *interpreted = eddy_value(outputs.items[k]);
            OK(tape);
            for (int64_t i = 0; i < eddy_tensor_count(planned); i++)
                ck_assert_msg(agree(eddy_tensor_flat(planned, i), eddy_tensor_flat(interpreted, i), joins(list)),
                              "seed %d, output %d, EDDY_PASSES=%s: %.17g and %.17g", (int)seed, (int)k,
                              list ? list : "", eddy_tensor_flat(planned, i), eddy_tensor_flat(interpreted, i));
        }
        eddy_tape_free(tape);
    }
}
END_TEST

/* A random tape whose leaves are written: from themselves, from views of themselves, from each other, and from what
 * was recorded before others read them. */
static eddy_program *random_updates(eddy_tape *tape, pool *p, uint64_t seed, const char *list)
{
    draws = 1000 * seed;
    *p = (pool){ .count = 0 };
    pool_leaves(p, tape);
    pool_grow(p, 4 + (int)(seed % 9));
    eddy_var value[POOL_LEAVES];
    for (int i = 0; i < POOL_LEAVES; i++) {
        eddy_var w = p->leaf[i], other = eddy_tanh(pool_fit(pool_pick(p), eddy_shape_of(w)));
        switch (below(4)) {
        case 0:
            value[i] = other;
            break;
        case 1:
            value[i] = eddy_add(eddy_mul_scalar(w, 0.9), other);
            break;
        case 2:
            value[i] = eddy_sub(eddy_mul_scalar(eddy_flip(w, -1), 0.9), other);
            break;
        default:
            value[i] = eddy_mul(other, eddy_mul(w, w));
            break;
        }
        pool_grow(p, 2);
    }
    eddy_var loss = eddy_sum(p->item[p->count - 1]);
    eddy_list gradients = eddy_gradients(loss, (eddy_list){ p->leaf, POOL_LEAVES });
    eddy_var update[POOL_LEAVES];
    for (int i = 0; i < POOL_LEAVES; i++)
        update[i] = eddy_assign(
            p->leaf[i], seed % 3 ? eddy_sub(value[i], eddy_mul_scalar(eddy_tanh(gradients.items[i]), 0.1)) : value[i]);
    switch_passes(list);
    eddy_program *program = eddy_compile(tape, EDDY_LIST(loss), (eddy_list){ update, POOL_LEAVES });
    switch_passes(NULL);
    OK(tape);
    return program;
}

/* What is written, run after run, with and without passes, by one thread and by several. */
START_TEST(updates_as_interpreted)
{
    const uint64_t tapes = getenv("EDDY_TEST_ALL") ? 3000 : 200;
    for (uint64_t seed = 0; seed < tapes; seed++) {
        eddy_tape *plain = eddy_tape_new(EDDY_F64, 1), *tape = eddy_tape_new(EDDY_F64, 1);
        pool p, q;
        const char *list = seed % 2 ? NULL : "-all,+updates";
        eddy_program *reference = random_updates(plain, &p, seed, "-all");
        setenv("EDDY_THREADS", seed % 4 < 2 ? "+1" : "+3", 1);
        eddy_program *program = random_updates(tape, &q, seed, list);
        unsetenv("EDDY_THREADS");
        for (int run = 0; run < 3; run++) {
            ck_assert(eddy_run(reference) && eddy_run(program));
            for (int k = 0; k < POOL_LEAVES; k++)
                for (int64_t i = 0; i < eddy_tensor_count(eddy_value(p.leaf[k])); i++)
                    ck_assert_msg(agree(at(q.leaf[k], i), at(p.leaf[k], i), seed % 2),
                                  "seed %d, leaf %d, run %d: %.17g and %.17g", (int)seed, k, run, at(q.leaf[k], i),
                                  at(p.leaf[k], i));
        }
        eddy_tape_free(plain);
        eddy_tape_free(tape);
    }
    eddy_set_threads(1);
    eddy_set_threads(0);
}
END_TEST

/* An update is made where its leaf is only if nothing behind it reads the old value, or can fail. */
START_TEST(updates_in_place)
{
    enum { N = 1000 };
    static double ones[N];
    for (int i = 0; i < N; i++)
        ones[i] = 1;
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var w = eddy_input(tape, "w", EDDY_SHAPE(N)), i = input_of(tape, EDDY_I32, EDDY_SHAPE(1), 0, 0);
    eddy_var twice = eddy_assign(w, eddy_mul_scalar(w, 2)), turned = eddy_sum(eddy_mul(eddy_flip(twice, 0), w));
    const struct {
        eddy_var output;
        const char *passes;
        bool in_place, may_fail;
    } ways[] = { { eddy_sum(w), "-updates", false, false },
                 { eddy_sum(w), NULL, true, false },
                 { turned, NULL, false, false },
                 { eddy_sum(eddy_index_select(twice, 0, i)), NULL, false, true } };
    for (int k = 0; k < 4; k++) {
        switch_passes(ways[k].passes);
        eddy_program *program = eddy_compile(tape, EDDY_LIST(ways[k].output), EDDY_LIST(twice));
        switch_passes(NULL);
        OK(tape);
        ck_assert_int_eq(eddy_program_describe(program).bytes < N * 8, ways[k].in_place);
        eddy_set(w, ones, sizeof ones);
        eddy_set_item(i, 0);
        ck_assert(eddy_run(program));
        ck_assert(at(w, 0) == 2 && at(w, N - 1) == 2);
        eddy_set_item(i, N);
        ck_assert(eddy_run(program) == !ways[k].may_fail);
        eddy_clear_error(tape);
        const double now = ways[k].may_fail ? 2 : 4;
        ck_assert(at(w, 0) == now && at(w, N - 1) == now);
    }
    eddy_tape_free(tape);
}
END_TEST

/* What is elementwise is made again for the gradient where that saves a megabyte, and others keep its operand. */
START_TEST(recomputed)
{
    enum { STEPS = 40, N = 64 };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var w = input(tape, EDDY_SHAPE(N, N), -1, 1), x = input(tape, EDDY_SHAPE(N, N), -1, 1), c = x, loss = { 0 };
    for (int t = 0; t < STEPS; t++) {
        c = eddy_add(c, eddy_mul(w, eddy_sin(c)));
        eddy_var term = eddy_sum(eddy_exp(eddy_tanh(c)));
        loss = t ? eddy_add(loss, term) : term;
    }
    eddy_list outputs = eddy_list_join(tape, EDDY_LIST(loss), eddy_gradients(loss, EDDY_LIST(w, x)));
    const char *const lists[] = { "-recompute", NULL };
    eddy_program *program[2];
    for (int k = 0; k < 2; k++) {
        switch_passes(lists[k]);
        program[k] = eddy_compile(tape, outputs, EDDY_NONE);
        switch_passes(NULL);
        OK(tape);
        ck_assert(eddy_run(program[k]));
    }
    const int64_t kept = eddy_program_describe(program[0]).bytes, again = eddy_program_describe(program[1]).bytes;
    ck_assert_msg(again + STEPS / 2 * N * N * 8 < kept, "%lld bytes and %lld", (long long)again, (long long)kept);
    for (int64_t k = 0; k < outputs.count; k++) {
        const eddy_tensor *a = eddy_output_tensor(program[0], outputs.items[k]),
                          *b = eddy_output_tensor(program[1], outputs.items[k]);
        for (int64_t i = 0; i < eddy_tensor_count(a); i++)
            ck_assert(same_bits(eddy_tensor_flat(a, i), eddy_tensor_flat(b, i)));
    }
    eddy_tape_free(tape);
}
END_TEST

/* Two biases of side-by-side gates: the sums of their rows are different as wholes, and equal but for one gate. */
START_TEST(equal_sums_are_made_once)
{
    enum { STEPS = 3, B = 8, N = 4 };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var w = input(tape, EDDY_SHAPE(N, 3 * N), -1, 1), h = input(tape, EDDY_SHAPE(B, N), -1, 1);
    eddy_var b = input(tape, EDDY_SHAPE(3 * N), -1, 1), c = input(tape, EDDY_SHAPE(3 * N), -1, 1);
    for (int t = 0; t < STEPS; t++) {
        eddy_var x = input(tape, EDDY_SHAPE(B, 3 * N), -1, 1);
        eddy_list p = eddy_chunk(eddy_add(x, b), -1, 3), q = eddy_chunk(eddy_add(eddy_matmul(h, w), c), -1, 3);
        eddy_var r = eddy_sigmoid(eddy_add(p.items[0], q.items[0])), z = eddy_sigmoid(eddy_add(p.items[1], q.items[1]));
        h = eddy_mul(z, eddy_tanh(eddy_add(p.items[2], eddy_mul(r, q.items[2]))));
    }
    eddy_list outputs = eddy_gradients(eddy_sum(h), EDDY_LIST(b, c));
    int sums = 0;
    char *text = eddy_program_dump(tape, outputs, EDDY_NONE, "split");
    OK(tape);
    for (const char *at = text; (at = strstr(at, "= row_sum")); at++)
        sums++;
    ck_assert_msg(sums == 4, "%d sums:\n%s", sums, text);
    eddy_free(text);
    eddy_program *program = eddy_compile(tape, outputs, EDDY_NONE);
    OK(tape);
    ck_assert(eddy_run(program));
    for (int64_t k = 0; k < 2; k++)
        for (int64_t i = 0; i < 3 * N; i++)
            ck_assert(agree(eddy_tensor_flat(eddy_output_tensor(program, outputs.items[k]), i),
                            eddy_tensor_flat(eddy_value(outputs.items[k]), i), true));
    eddy_tape_free(tape);
}
END_TEST

/* A result may lie where an operand was only if nobody looks at that operand in another way. */
START_TEST(views_are_not_overwritten)
{
    enum { N = 3000 };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(N), -1, 1), z = eddy_tanh(x);
    eddy_var turned = eddy_mul(eddy_add(z, eddy_flip(z, 0)), eddy_sub(z, x)), plain = eddy_exp(eddy_mul(x, x));
    for (int fused = 0; fused < 2; fused++) {
        switch_passes(fused ? NULL : "-fuse");
        eddy_program *program = eddy_compile(tape, EDDY_LIST(turned, plain), EDDY_NONE);
        switch_passes(NULL);
        ck_assert(eddy_run(program));
        for (int i = 0; i < N; i++)
            ck_assert(same_bits(eddy_tensor_flat(eddy_output_tensor(program, turned), i), at(turned, i)) &&
                      same_bits(eddy_tensor_flat(eddy_output_tensor(program, plain), i), at(plain, i)));
    }
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(switches_are_checked)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2), -1, 1), y = eddy_neg(x);
    const char *const wrong[] = { "early_sums", "-early", "-early_sums,view", "=views", "-all,+everything", "-" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        switch_passes(wrong[i]);
        FAILS(tape, eddy_compile(tape, EDDY_LIST(y), EDDY_NONE), "compile: EDDY_PASSES holds", "early_sums", "places");
    }
    const char *const right[] = { "", ",", "-all", "+all", "-early_sums,-places", "-all,+views,", "-views,+views" };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        switch_passes(right[i]);
        ck_assert_ptr_nonnull(eddy_compile(tape, EDDY_LIST(y), EDDY_NONE));
        OK(tape);
    }
    switch_passes(NULL);
    ck_assert_ptr_null(eddy_pass_at(-1).name);
    ck_assert_ptr_null(eddy_pass_at(1000).name);
    eddy_tape_free(tape);
}
END_TEST

static bool dump_has(eddy_tape *tape, eddy_list outputs, const char *pass, const char *what)
{
    char *text = eddy_program_dump(tape, outputs, EDDY_NONE, pass);
    OK(tape);
    bool has = strstr(text, what) != NULL;
    eddy_free(text);
    return has;
}

START_TEST(dumps)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 8), -1, 1);
    eddy_list parts = eddy_unstack(x, 1);
    for (int64_t i = 0; i < parts.count; i++)
        parts.items[i] = eddy_mul_scalar(parts.items[i], (double)i);
    eddy_list out = EDDY_LIST(eddy_sum_list(parts));
    int64_t nodes = eddy_node_count(tape);
    ck_assert(dump_has(tape, out, "recorded", "= slice") && dump_has(tape, out, "recorded", "[:, 3]"));
    ck_assert(dump_has(tape, out, "recorded", "= sum_list") && !dump_has(tape, out, "early_sums", "= sum_list"));
    ck_assert(dump_has(tape, out, "same", "= full") && dump_has(tape, out, "constants", "constant 7"));
    ck_assert(dump_has(tape, out, "constants", "= slice") && !dump_has(tape, out, "views", "= slice"));
    ck_assert(dump_has(tape, out, "views", "view of %") && !dump_has(tape, out, "views", "@"));
    ck_assert(dump_has(tape, out, NULL, "@64"));
    ck_assert_int_eq(eddy_node_count(tape), nodes);
    FAILS(tape, eddy_program_dump(tape, out, EDDY_NONE, "vews"), "program_dump: there is no pass \"vews\"");
    eddy_tape_free(tape);
}
END_TEST

/* Every pass is told with what it left, and one that is off with what it found. */
START_TEST(effects)
{
    enum { ROOM = 64 };
    eddy_pass_effect all[ROOM], without[ROOM], few[2] = { { 0 }, { .calls = -1 } };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2, 8), -1, 1);
    eddy_list out = EDDY_LIST(eddy_tanh(eddy_mul(eddy_tanh(x), eddy_add_scalar(eddy_tanh(x), 1))));
    const int64_t nodes = eddy_node_count(tape);
    int64_t same = 0, fuse = 0, places = 0;
    for (int64_t k = 0; eddy_pass_at(k).name; k++) {
        same = strcmp(eddy_pass_at(k).name, "same") ? same : k;
        fuse = strcmp(eddy_pass_at(k).name, "fuse") ? fuse : k;
        places = strcmp(eddy_pass_at(k).name, "places") ? places : k;
    }
    eddy_program *program = eddy_compile(tape, out, EDDY_NONE);
    ck_assert(eddy_program_effects(program, all, ROOM));
    ck_assert_int_eq(all[0].calls, nodes);
    ck_assert_int_eq(all[same + 1].calls, nodes - 1);
    ck_assert_int_eq(all[fuse].calls, 4);
    ck_assert_int_eq(all[fuse + 1].calls, 1);
    ck_assert_int_eq(all[fuse + 1].bytes, 2 * 8 * 8);
    ck_assert_int_eq(all[places + 1].bytes, 2 * 8 * 8);
    switch_passes("-same");
    ck_assert(eddy_program_effects(program, without, ROOM));
    ck_assert(all[same + 1].on && !without[same + 1].on && without[fuse + 1].on);
    ck_assert_int_eq(without[same + 1].calls, nodes);
    switch_passes(NULL);
    ck_assert(eddy_program_effects(program, few, 1));
    ck_assert(few[0].calls == nodes && few[1].calls == -1);
    ck_assert_int_eq(eddy_node_count(tape), nodes);
    FAILS(tape, eddy_program_effects(program, NULL, 3), "program_effects: there is no array");
    ck_assert(!eddy_program_effects(NULL, few, 1));
    eddy_tape_free(tape);
}
END_TEST

/* What an assign returns is the value that it writes: Adam reads its new moments so, in the group that makes them. */
START_TEST(assigned_values_fuse)
{
    double zeros[2] = { 0 };
    const eddy_tensor initial = eddy_tensor_wrap(zeros, EDDY_F64, EDDY_SHAPE(2));
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2), -1, 1), moment = eddy_state(tape, "moment", &initial),
             kept = eddy_state(tape, "kept", &initial);
    eddy_var first = eddy_assign(moment, eddy_add(eddy_mul_scalar(moment, 0.9), x)),
             second = eddy_assign(kept, eddy_sub(kept, eddy_sqrt(eddy_square(first))));
    eddy_program *program = eddy_compile(tape, EDDY_NONE, EDDY_LIST(first, second));
    OK(tape);
    ck_assert_int_eq(eddy_program_describe(program).nodes, 1);
    eddy_tape_free(tape);
}
END_TEST

/* A program that draws random numbers advances their leaf by an update of its own. */
START_TEST(programs_of_a_tape)
{
    eddy_pass_effect first;
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    double zeros[2] = { 0 };
    const eddy_tensor initial = eddy_tensor_wrap(zeros, EDDY_F64, EDDY_SHAPE(2));
    eddy_var x = input(tape, EDDY_SHAPE(2), -1, 1), kept = eddy_state(tape, "kept", &initial);
    eddy_mark mark = eddy_mark_now(tape);
    eddy_var noisy = eddy_dropout(x, 0.5), written = eddy_assign(kept, noisy);
    eddy_program *a = eddy_compile(tape, EDDY_LIST(noisy), EDDY_LIST(written)),
                 *b = eddy_compile(tape, EDDY_LIST(x), EDDY_NONE);
    ck_assert(eddy_program_at(tape, 0) == a && eddy_program_at(tape, 1) == b);
    ck_assert(!eddy_program_at(tape, 2) && !eddy_program_at(tape, -1) && !eddy_program_at(NULL, 0));
    ck_assert_msg(eddy_program_effects(a, &first, 1), "%s", eddy_error(tape));
    ck_assert_int_ge(first.calls, 3);
    eddy_program_free(a);
    ck_assert(eddy_program_at(tape, 0) == b && !eddy_program_at(tape, 1));
    a = eddy_compile(tape, EDDY_LIST(noisy), EDDY_LIST(written));
    OK(tape);
    eddy_reset(tape, mark);
    FAILS(tape, eddy_program_effects(a, &first, 1), "reset");
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_passes(void)
{
    Suite *suite = suite_create("passes");
    TCase *tests = tcase_create("passes");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, planned_as_interpreted);
    tcase_add_test(tests, updates_as_interpreted);
    tcase_add_test(tests, updates_in_place);
    tcase_add_test(tests, recomputed);
    tcase_add_test(tests, equal_sums_are_made_once);
    tcase_add_test(tests, views_are_not_overwritten);
    tcase_add_test(tests, switches_are_checked);
    tcase_add_test(tests, dumps);
    tcase_add_test(tests, effects);
    tcase_add_test(tests, programs_of_a_tape);
    tcase_add_test(tests, assigned_values_fuse);
    suite_add_tcase(suite, tests);
    return suite;
}
