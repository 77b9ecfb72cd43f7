/* Differentiation of whole tapes: what gradients and vector-Jacobian products must satisfy, exactly where exactness can
 * be had; random tapes; and that everything grows linearly. */
#include "random_tape.h"

#include "node.h"

static eddy_var gradient(eddy_var loss, eddy_var x)
{
    eddy_list list = eddy_gradients(loss, EDDY_LIST(x));
    OK(x.tape);
    ck_assert_int_eq(list.count, 1);
    return list.items[0];
}

START_TEST(exact_polynomials)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var a = VECTOR(tape, 2, -3, 5), x = VECTOR(tape, 4, 7, -1);
    check_same(gradient(eddy_sum(eddy_mul(a, x)), x), a);
    /* the same var in both places, and many places */
    VALUES(gradient(eddy_sum(eddy_mul(x, x)), x), 8, 14, -2);
    VALUES(gradient(eddy_sum(eddy_add(x, eddy_add(x, x))), x), 3, 3, 3);
    VALUES(gradient(eddy_sum(eddy_mul(eddy_mul(x, x), eddy_mul(x, x))), x), 256, 1372, -4);
    /* every derivative of x^5 of a scalar */
    eddy_var s = constant(tape, EDDY_F64, EDDY_SCALAR, (double[]){ 3 }), s2 = eddy_mul(s, s),
             y = eddy_mul(eddy_mul(s2, s2), s);
    const double wanted[] = { 243, 405, 540, 540, 360, 120, 0, 0 };
    for (int k = 0; k < 8; k++, y = gradient(y, s))
        ck_assert_msg(eddy_item(y) == wanted[k], "derivative %d of x^5 is %g", k, eddy_item(y));
    /* and of sin, which come round */
    y = eddy_sin(s);
    for (int k = 0; k < 9; k++, y = gradient(y, s))
        ck_assert_double_eq_tol(eddy_item(y), (k % 2 ? cos(3) : sin(3)) * (k % 4 < 2 ? 1 : -1), 1e-15);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(what_is_asked_for)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = VECTOR(tape, 1, 2), y = VECTOR(tape, 5, 7), m = eddy_mul(x, y), loss = eddy_sum(eddy_square(m)),
             z = VECTOR(tape, 1, 1, 1);
    eddy_list g = eddy_gradients(
        loss, EDDY_LIST(z, m, x, loss, x, y)); /* unreached, intermediate, leaf, the loss itself, twice */
    OK(tape);
    VALUES(g.items[0], 0, 0, 0);
    VALUES(g.items[1], 10, 28);
    VALUES(g.items[2], 50, 196);
    VALUES(g.items[3], 1);
    VALUES(g.items[4], 50, 196);
    VALUES(g.items[5], 10, 56);
    ck_assert(has_shape(g.items[3], EDDY_SCALAR));
    ck_assert_int_eq(eddy_gradients(loss, EDDY_NONE).count, 0);
    OK(tape);
    /* an intermediate that the loss does not need, and a loss that is a leaf */
    VALUES(gradient(loss, eddy_exp(x)), 0, 0);
    eddy_var s = VECTOR(tape, 3);
    VALUES(gradient(s, s), 1);
    VALUES(gradient(s, x), 0, 0);
    VALUES(gradient(eddy_sum(eddy_detach(x)), x), 0, 0);
    eddy_var d = eddy_detach(x);
    VALUES(gradient(eddy_sum(eddy_mul(d, d)), d), 2, 4);
    /* a loss of one element of any rank */
    VALUES(gradient(eddy_sum_over(m, EDDY_SCALAR, true), x), 5, 7);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(several_outputs)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = VECTOR(tape, 1, 2), y = VECTOR(tape, 5, 7), p = eddy_mul(x, y), q = eddy_square(x),
             u = VECTOR(tape, 1, 10), v = VECTOR(tape, 3, -1);
    eddy_list g = eddy_gradients_with(EDDY_LIST(p, q), EDDY_LIST(u, v), EDDY_LIST(x, y));
    OK(tape);
    VALUES(g.items[0], 5 + 6, 70 - 4);
    VALUES(g.items[1], 1, 20);
    g = eddy_gradients_with(EDDY_LIST(p, p), EDDY_LIST(u, u), EDDY_LIST(p, x)); /* an output twice, and by itself */
    VALUES(g.items[0], 2, 20);
    VALUES(g.items[1], 10, 140);
    g = eddy_gradients_with(EDDY_LIST(x), EDDY_LIST(u), EDDY_LIST(x)); /* a leaf */
    VALUES(g.items[0], 1, 10);
    /* differentiable by the cotangent: g = y u */
    g = eddy_gradients_with(EDDY_LIST(p), EDDY_LIST(u), EDDY_LIST(x));
    VALUES(gradient(eddy_sum(g.items[0]), u), 5, 7);
    eddy_tape_free(tape);
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(2), 0, 1), y = eddy_exp(x), i = INDICES(tape, 1, 2), loss = eddy_sum(y),
             n = eddy_full(tape, EDDY_SHAPE(0), 0);
    FAILS(tape, eddy_gradients(y, EDDY_LIST(x)),
          "gradients: the loss has shape (2,); it needs one element, or cotangents");
    FAILS(tape, eddy_gradients(n, EDDY_LIST(x)), "gradients: the loss has shape (0,)");
    FAILS(tape, eddy_gradients(loss, EDDY_LIST(x, i)), "has dtype i64; only f32 and f64 can be differentiated by");
    FAILS(tape, eddy_gradients(eddy_sum(i), EDDY_LIST(x)),
          "gradients: output 1 has dtype i64; only f32 and f64 can be differentiated");
    FAILS(tape, eddy_gradients_with(EDDY_LIST(y), EDDY_NONE, EDDY_LIST(x)), "gradients: 1 outputs have 0 cotangents");
    FAILS(tape, eddy_gradients_with(EDDY_LIST(y), EDDY_LIST(loss), EDDY_LIST(x)),
          "output 1 has shape (2,) and dtype f64, its cotangent has () and f64");
    FAILS(tape, eddy_gradients_with(EDDY_LIST(loss, y), EDDY_LIST(loss, eddy_cast(y, EDDY_F32)), EDDY_LIST(x)),
          "output 2", "(2,) and f32");
    eddy_list failed = eddy_gradients(y, EDDY_LIST(x, x, x)); /* as long as it was asked to be */
    ck_assert(failed.count == 3 && !eddy_ok(failed.items[2]));
    eddy_tape_free(tape);
}
END_TEST

START_TEST(random_tapes)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        draws = seed << 20;
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        pool p = { .smooth = true };
        pool_leaves(&p, tape);
        pool_grow(&p, 4 + (int)(seed % 16));
        /* all that was recorded, curved and weighted */
        eddy_var terms[POOL_MOST];
        int n = 0;
        for (int k = POOL_LEAVES; k < p.count; k++)
            terms[n++] = weighted(eddy_sin(p.item[k]));
        eddy_list wrt = { p.leaf, POOL_LEAVES };
        eddy_var loss = eddy_sum_list((eddy_list){ terms, n });
        if (seed % 4 == 0)
            check_gradient(loss, wrt, 2);
        /* <J u, v> = <u, J^T v>, relative to the size of what is summed */
        eddy_list outputs = { p.item + POOL_LEAVES, p.count - POOL_LEAVES }, u = eddy_list_new(tape, NULL, wrt.count),
                  v = eddy_list_new(tape, NULL, outputs.count);
        for (int k = 0; k < u.count; k++)
            u.items[k] = input(tape, eddy_shape_of(wrt.items[k]), -1, 1);
        for (int k = 0; k < v.count; k++)
            v.items[k] = input(tape, eddy_shape_of(outputs.items[k]), -1, 1);
        eddy_list ju = eddy_jvp(outputs, wrt, u), jv = eddy_gradients_with(outputs, v, wrt);
        eddy_var left = eddy_dot(ju, v), right = eddy_dot(u, jv);
        OK(tape);
        double size = 1;
        for (int k = 0; k < ju.count; k++)
            for (int64_t i = 0; i < count_of(ju.items[k]); i++)
                size += fabs(at(ju.items[k], i));
        check_near(eddy_item(left), eddy_item(right), size, 32);
        /* what is asked for together and alone is the same to the last bit */
        eddy_list together = eddy_gradients(loss, wrt);
        for (int k = 0; k < wrt.count; k++)
            check_same(together.items[k], gradient(loss, wrt.items[k]));
        ck_assert(eddy_tape_verify(tape, 0));
        eddy_tape_free(tape);
    }
}
END_TEST

START_TEST(single_precision)
{
    eddy_tape *tapes[2] = { eddy_tape_new(EDDY_F64, 1), eddy_tape_new(EDDY_F32, 1) };
    for (uint64_t seed = 1; seed <= 30; seed++) {
        eddy_var g[2][POOL_LEAVES];
        for (int t = 0; t < 2; t++) {
            eddy_reset(tapes[t], (eddy_mark){ 0 });
            draws = seed << 20;
            pool p = { .smooth = true };
            pool_leaves(&p, tapes[t]);
            pool_grow(&p, 8);
            eddy_list list =
                eddy_gradients(eddy_sum(eddy_sin(p.item[p.count - 1])), (eddy_list){ p.leaf, POOL_LEAVES });
            OK(tapes[t]);
            for (int k = 0; k < POOL_LEAVES; k++) {
                g[t][k] = list.items[k];
                ck_assert_int_eq(eddy_dtype_of(g[t][k]), t ? EDDY_F32 : EDDY_F64);
            }
        }
        double size = 1;
        for (int k = 0; k < POOL_LEAVES; k++)
            for (int64_t i = 0; i < count_of(g[0][k]); i++)
                size = fmax(size, fabs(at(g[0][k], i)));
        for (int k = 0; k < POOL_LEAVES; k++)
            for (int64_t i = 0; i < count_of(g[0][k]); i++)
                ck_assert_msg(fabs(at(g[0][k], i) - at(g[1][k], i)) <= 200 * FLT_EPSILON * size,
                              "tape %d, leaf %d: %.9g and %.9g", (int)seed, k, at(g[0][k], i), at(g[1][k], i));
    }
    eddy_tape_free(tapes[0]);
    eddy_tape_free(tapes[1]);
}
END_TEST

static int64_t count_ops(eddy_tape *tape, const char *name)
{
    int64_t n = 0;
    for (int32_t i = 0; i < tape->count; i++)
        n += !strcmp(eddy_node_at(tape, i)->rule->name, name);
    return n;
}

/* The number of nodes after differentiating a recurrence over T slices of x, once and twice. */
static int64_t unrolled(int steps, int orders)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(steps, 2), -1, 1), w = input(tape, EDDY_SHAPE(2), -1, 1),
             h = eddy_full(tape, EDDY_SHAPE(2), 0);
    for (int t = 0; t < steps; t++)
        h = eddy_tanh(eddy_mul(w, eddy_add(h, eddy_select(x, 0, t))));
    eddy_var loss = eddy_sum(h);
    for (int k = 0; k < orders; k++) {
        eddy_list g = eddy_gradients(loss, EDDY_LIST(x, w));
        OK(tape);
        if (k == 0) {
            ck_assert_int_eq(count_ops(tape, "place"), 1);    /* all slices of x */
            ck_assert_int_eq(count_ops(tape, "sum_list"), 1); /* all uses of w */
            ck_assert_str_eq(eddy_name_of(g.items[0]), "place");
            ck_assert_int_eq(eddy_node_at(tape, g.items[0].index)->count, steps);
            ck_assert_int_eq(eddy_node_at(tape, g.items[1].index)->count, steps);
        }
        loss = eddy_dot(g, g);
    }
    int64_t nodes = eddy_node_count(tape);
    ck_assert(eddy_tape_verify(tape, 0));
    eddy_tape_free(tape);
    return nodes;
}

START_TEST(linear_in_the_steps)
{
    for (int orders = 1; orders <= 3; orders++) {
        int64_t a = unrolled(20, orders), b = unrolled(40, orders), c = unrolled(60, orders);
        ck_assert_msg(c - b == b - a, "order %d: %d, %d and %d nodes for 20, 40 and 60 steps", orders, (int)a, (int)b,
                      (int)c);
    }
}
END_TEST

/* Slices that overlap, are strided, flipped or whole, together with other uses of the same var. */
START_TEST(slices_of_one_var)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var x = input(tape, EDDY_SHAPE(4, 5), -1, 1);
    eddy_var parts[] = {
        eddy_slice(x, 0, 0, 2, 1),         eddy_slice(x, 0, 1, 3, 1), eddy_slice(eddy_flip(x, 1), 0, 3, EDDY_END, -2),
        eddy_slice(x, 1, 4, EDDY_END, -2), eddy_select(x, 0, 1),      eddy_select(eddy_select(x, 1, 2), 0, 3)
    };
    eddy_var loss = weighted(eddy_sin(x));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        loss = eddy_add(loss, weighted(eddy_sin(parts[i])));
    check_gradient(loss, EDDY_LIST(x), 2);
    /* also where the sliced var is an intermediate, and where its slices are asked for */
    eddy_var y = eddy_square(x), s = eddy_select(y, 0, 1), t = eddy_select(y, 0, 1);
    check_gradient(weighted(eddy_mul(s, eddy_exp(t))), EDDY_LIST(x), 2);
    eddy_list g = eddy_gradients(eddy_sum(eddy_mul(s, t)), EDDY_LIST(s, t, y));
    OK(tape);
    check_same(g.items[0], t);
    check_same(g.items[1], s);
    check_same(eddy_select(g.items[2], 0, 1), eddy_add(s, s));
    eddy_tape_free(tape);
}
END_TEST

Suite *suite_gradient(void)
{
    Suite *suite = suite_create("gradient");
    TCase *tests = tcase_create("gradient");
    tcase_set_timeout(tests, 200);
    tcase_add_test(tests, exact_polynomials);
    tcase_add_test(tests, what_is_asked_for);
    tcase_add_test(tests, several_outputs);
    tcase_add_test(tests, mistakes);
    tcase_add_test(tests, random_tapes);
    tcase_add_test(tests, single_precision);
    tcase_add_test(tests, linear_in_the_steps);
    tcase_add_test(tests, slices_of_one_var);
    suite_add_tcase(suite, tests);
    return suite;
}
