/* Attention: the additive one and its gradients by plain loops, each derivative with its id; the other scores; masks
 * that hide NaN; the decoder; Keras' stored results. */
#include "recording.h"

#ifdef EDDY_HAVE_JANSSON
#include "vectors.h"
#endif

static void agrees(const char *here, eddy_var loss, eddy_list wrt)
{
    eddy_gradcheck_report report = { .verdict = EDDY_NOT_CHECKED };
    ck_assert_msg(eddy_gradcheck(loss, wrt, NULL, &report), "%s: %s", here, eddy_error(loss.tape));
    ck_assert_msg(report.verdict == EDDY_AGREE, "%s: %s", here, report.message);
    eddy_gradcheck_free(&report);
}
#define CHECKED(loss, ...) agrees(EDDY_HERE, loss, EDDY_LIST(__VA_ARGS__))

enum { S = 4, B = 3, M = 3, A = 5 }; /* steps, batch, memory and query, width */

/* L = <G, c> + <R, alpha>: the gradient reaches the weights alone, too. With self-query s is the last step of the
 * memory. */
static void by_loops(bool self)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_attention a = eddy_attention_new(tape, "att", EDDY_ADDITIVE, M, M, A);
    eddy_var memory = input(tape, EDDY_SHAPE(S, B, M), -1, 1),
             query = self ? eddy_select(memory, 0, S - 1) : input(tape, EDDY_SHAPE(B, M), -1, 1);
    eddy_attended r = eddy_attend(&a, memory, query, (eddy_var){ 0 });
    eddy_var upstream = input(tape, EDDY_SHAPE(B, M), -1, 1), beside = input(tape, EDDY_SHAPE(S, B), -1, 1);
    eddy_var loss = eddy_add(eddy_sum(eddy_mul(upstream, r.context)), eddy_sum(eddy_mul(beside, r.weights)));
    eddy_list grads =
        eddy_gradients(loss, EDDY_LIST(a.v, a.weight_memory, a.weight_query, memory, self ? memory : query));
    OK(tape);

    double dv[A] = { 0 }, dwh[A][M] = { { 0 } }, dws[A][M] = { { 0 } }, dh[S][B][M] = { { { 0 } } },
           ds[B][M] = { { 0 } };
    for (int b = 0; b < B; b++) {
        double u[S][A], e[S], alpha[S], dalpha[S], c[M] = { 0 }, sum = 0, mean = 0, s[M], h[S][M], dc[M];
        for (int i = 0; i < M; i++) {
            s[i] = at(query, b * M + i);
            dc[i] = at(upstream, b * M + i);
            for (int t = 0; t < S; t++)
                h[t][i] = at(memory, (t * B + b) * M + i);
        }
        for (int t = 0; t < S; t++) {
            e[t] = 0;
            for (int k = 0; k < A; k++) {
                double sum_k = 0;
                for (int i = 0; i < M; i++)
                    sum_k += at(a.weight_memory, k * M + i) * h[t][i] + at(a.weight_query, k * M + i) * s[i];
                u[t][k] = tanh(sum_k);
                e[t] += at(a.v, k) * u[t][k];
            }
            sum += exp(e[t]);
        }
        for (int t = 0; t < S; t++) {
            alpha[t] = exp(e[t]) / sum; /* ATT.alpha, over the steps */
            check_near(at(r.weights, t * B + b), alpha[t], 1, 8);
            dalpha[t] = at(beside, t * B + b);
            for (int i = 0; i < M; i++) {
                c[i] += alpha[t] * h[t][i]; /* ATT.c */
                dalpha[t] += dc[i] * h[t][i];
            }
            mean += alpha[t] * dalpha[t];
        }
        for (int i = 0; i < M; i++)
            check_near(at(r.context, b * M + i), c[i], 1, 8);
        for (int t = 0; t < S; t++) {
            double de = alpha[t] * (dalpha[t] - mean); /* X.ATT.smjac */
            for (int i = 0; i < M; i++)
                dh[t][b][i] += alpha[t] * dc[i]; /* X.ATT.dh */
            for (int k = 0; k < A; k++) {
                double delta = de * at(a.v, k) * (1 - u[t][k] * u[t][k]);
                dv[k] += de * u[t][k]; /* X.ATT.dv */
                for (int i = 0; i < M; i++) {
                    dwh[k][i] += delta * h[t][i]; /* X.ATT.dWh */
                    dws[k][i] += delta * s[i];    /* X.ATT.dWs */
                    dh[t][b][i] += at(a.weight_memory, k * M + i) * delta;
                    *(self ? &dh[S - 1][b][i] : &ds[b][i]) +=
                        at(a.weight_query, k * M + i) * delta; /* X.ATT.dh_selfquery, X.ATT.ds */
                }
            }
        }
    }
    const double *want[] = { dv, dwh[0], dws[0], dh[0][0], self ? dh[0][0] : ds[0] };
    for (int k = 0; k < 5; k++)
        for (int64_t i = 0; i < count_of(grads.items[k]); i++)
            check_near(at(grads.items[k], i), want[k][i], 4, 16);
    if (self)
        CHECKED(loss, a.v, a.weight_memory, a.weight_query, memory);
    else
        CHECKED(loss, a.v, a.weight_memory, a.weight_query, memory, query);
    eddy_tape_free(tape);
}

START_TEST(additive)
{
    by_loops(false);
    by_loops(true);
}
END_TEST

/* dot, scaled dot, general: scores by loops. */
START_TEST(products)
{
    for (eddy_attention_kind kind = EDDY_DOT; kind <= EDDY_GENERAL; kind++) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        int64_t q = kind == EDDY_GENERAL ? 2 : M;
        eddy_attention a = eddy_attention_new(tape, "att", kind, M, q, 0);
        ck_assert_int_eq(eddy_leaf_count(tape, EDDY_PARAMETER), kind == EDDY_GENERAL);
        eddy_var memory = input(tape, EDDY_SHAPE(S, B, M), -1, 1), query = input(tape, EDDY_SHAPE(B, q), -1, 1);
        eddy_attended r = eddy_attend(&a, memory, query, (eddy_var){ 0 });
        OK(tape);
        for (int b = 0; b < B; b++) {
            double e[S], sum = 0;
            for (int s = 0; s < S; s++) {
                e[s] = 0;
                for (int i = 0; i < M; i++)
                    for (int j = 0; j < q; j++)
                        e[s] += at(memory, (s * B + b) * M + i) * at(query, b * q + j) *
                                (kind == EDDY_GENERAL ? at(a.weight_memory, i * q + j) : i == j);
                sum += e[s] = exp(kind == EDDY_SCALED_DOT ? e[s] / sqrt(M) : e[s]);
            }
            for (int s = 0; s < S; s++)
                check_near(at(r.weights, s * B + b), e[s] / sum, 1, 8);
        }
        eddy_var loss = eddy_add(weighted(r.context), weighted(r.weights));
        if (kind == EDDY_GENERAL)
            CHECKED(loss, memory, query, a.weight_memory);
        else
            CHECKED(loss, memory, query);
        eddy_tape_free(tape);
    }
}
END_TEST

/* One step: alpha is 1 and nothing learns (X.ATT.T1_blind). */
START_TEST(one_step)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_attention a = eddy_attention_new(tape, "att", EDDY_ADDITIVE, M, 2, A);
    eddy_var memory = input(tape, EDDY_SHAPE(1, B, M), -1, 1), query = input(tape, EDDY_SHAPE(B, 2), -1, 1);
    eddy_attended r = eddy_attend(&a, memory, query, (eddy_var){ 0 });
    check_same(r.context, eddy_select(memory, 0, 0));
    eddy_list g = eddy_gradients(weighted(r.context), EDDY_LIST(a.v, a.weight_memory, a.weight_query, query));
    for (int k = 0; k < 4; k++)
        for (int64_t i = 0; i < count_of(g.items[k]); i++)
            ck_assert(at(g.items[k], i) == 0);
    eddy_tape_free(tape);
}
END_TEST

/* ---- Masks ---- */

START_TEST(softmax)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    const double values[] = { 1, 2, NAN, -INFINITY, 0.5, INFINITY, NAN, INFINITY, -INFINITY, 800, -800, 3 };
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(4, 3));
    eddy_set(x, values, sizeof values);
    eddy_var mask = constant(tape, EDDY_I32, EDDY_SHAPE(4, 3), (double[]){ 1, 1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1 });
    eddy_var y = eddy_masked_softmax(x, mask, 1), z = weighted(y);
    double p = 1 / (1 + exp(1));
    VALUES(y, p, 1 - p, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0);
    eddy_var g = eddy_gradients(z, EDDY_LIST(x)).items[0],
             h = eddy_gradients(eddy_sum(eddy_square(g)), EDDY_LIST(x)).items[0];
    for (int i = 0; i < 12; i++) {
        ck_assert(isfinite(at(g, i)) && isfinite(at(h, i)));
        ck_assert(!(i == 2 || (i >= 5 && i <= 8)) || (at(g, i) == 0 && at(h, i) == 0));
    }
    /* along the other axis, with a mask that broadcasts; without one it is softmax */
    eddy_var u = input(tape, EDDY_SHAPE(3, 2, 4), -1, 1),
             column = constant(tape, EDDY_F64, EDDY_SHAPE(2, 1), (double[]){ 1, 0 });
    eddy_var v = eddy_masked_softmax(u, column, 0);
    check_same(eddy_select(v, 1, 0), eddy_softmax(eddy_select(u, 1, 0), 0));
    check_same(eddy_select(v, 1, 1), eddy_zeros_like(eddy_select(u, 1, 1)));
    check_same(eddy_masked_softmax(u, (eddy_var){ 0 }, -1), eddy_softmax(u, -1));
    CHECKED(weighted(v), u);
    CHECKED(weighted(eddy_masked_softmax(
                u, constant(tape, EDDY_I64, EDDY_SHAPE(3, 1, 4), (double[]){ 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1 }), 0)),
            u);
    FAILS(tape, eddy_masked_softmax(u, eddy_full(tape, EDDY_SHAPE(5), 1), 0), "(5,)", "in masked_softmax at ");
    FAILS(tape, eddy_masked_softmax((eddy_var){ 0 }, column, 0), "is no var");
    eddy_tape_free(tape);
}
END_TEST

/* Sequences of lengths 4, 2 and 0. Memory that is masked holds NaN, and so does the query of the sequence without any:
 * all values and derivatives are those of clean data, and more padding changes no bit. */
START_TEST(padding)
{
    for (eddy_attention_kind kind = EDDY_ADDITIVE; kind <= EDDY_GENERAL; kind++) {
        enum { LONGER = S + 3 };
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_attention a = eddy_attention_new(tape, "att", kind, M, M, A);
        const int64_t length[B] = { 4, 2, 0 };
        eddy_var lengths = eddy_input_of(tape, "lengths", EDDY_I64, EDDY_SHAPE(B));
        eddy_set(lengths, length, sizeof length);
        eddy_var clean = input(tape, EDDY_SHAPE(S, B, M), -1, 1), q = input(tape, EDDY_SHAPE(B, M), -1, 1);
        double dirty[LONGER][B][M], dirty_query[B][M];
        ck_assert(eddy_get(clean, dirty, sizeof(double) * S * B * M) && eddy_get(q, dirty_query, sizeof dirty_query));
        for (int s = 0; s < LONGER; s++)
            for (int b = 0; b < B; b++)
                for (int i = 0; i < M && s >= length[b]; i++)
                    dirty[s][b][i] = i == 0 ? NAN : i == 1 ? INFINITY : -INFINITY;
        for (int i = 0; i < M; i++)
            dirty_query[2][i] = i ? INFINITY : NAN;
        eddy_var longer = eddy_input(tape, "longer", EDDY_SHAPE(LONGER, B, M)),
                 dirty_q = eddy_input(tape, "dirty_q", EDDY_SHAPE(B, M));
        eddy_set(longer, dirty, sizeof dirty);
        eddy_set(dirty_q, dirty_query, sizeof dirty_query);
        eddy_var up = input(tape, EDDY_SHAPE(B, M), -1, 1), values[2][2];
        eddy_list first[2], second[2], params = eddy_parameters(tape);
        for (int k = 0; k < 2; k++) {
            eddy_var memory = k ? longer : clean, query = k ? dirty_q : q;
            eddy_attended r = eddy_attend(&a, memory, query, eddy_length_mask(lengths, k ? LONGER : S));
            values[k][0] = r.context;
            values[k][1] = eddy_slice(r.weights, 0, 0, S, 1);
            eddy_list wrt = eddy_list_join(tape, EDDY_LIST(memory, query), params);
            eddy_var loss = eddy_add(eddy_sum(eddy_mul(up, r.context)), eddy_sum(eddy_square(r.weights)));
            first[k] = eddy_gradients(loss, wrt);
            second[k] = eddy_gradients(eddy_dot(first[k], first[k]), wrt);
            if (!k)
                agrees(EDDY_HERE, loss, wrt);
        }
        OK(tape);
        for (int i = 0; i < 2; i++)
            check_same(values[0][i], values[1][i]);
        for (int i = 0; i < B * M; i++)
            ck_assert(i < 2 * M || at(values[0][0], i) == 0);
        for (int order = 0; order < 2; order++)
            for (int64_t k = 0; k < first[0].count; k++) {
                eddy_var x = (order ? second : first)[0].items[k], y = (order ? second : first)[1].items[k];
                for (int64_t i = 0; i < count_of(y); i++)
                    ck_assert_msg(i < count_of(x) ? at(x, i) == at(y, i) : at(y, i) == 0,
                                  "kind %d, order %d, leaf %d, element %d: %g", (int)kind, order, (int)k, (int)i,
                                  at(y, i));
            }
        eddy_tape_free(tape);
    }
}
END_TEST

START_TEST(length_mask)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
    eddy_var mask = eddy_length_mask(INDICES(tape, 0, 2, 3), 3);
    VALUES(mask, 0, 1, 1, 0, 1, 1, 0, 0, 1);
    ck_assert(has_shape(mask, EDDY_SHAPE(3, 3)) && eddy_dtype_of(mask) == EDDY_F32);
    ck_assert(
        has_shape(eddy_length_mask(constant(tape, EDDY_I32, EDDY_SHAPE(2), (double[]){ 1, 1 }), 0), EDDY_SHAPE(0, 2)));
    FAILS(tape, eddy_length_mask(mask, 3), "lengths of shape (3, 3) and dtype f32");
    FAILS(tape, eddy_length_mask(INDICES(tape, 1), -1), "-1 steps");
    FAILS(tape, eddy_length_mask(eddy_full(tape, EDDY_SHAPE(2), 1), 3), "dtype f32");
    eddy_tape_free(tape);
}
END_TEST

/* ---- The decoder ---- */

START_TEST(decoder)
{
    enum { T = 3, I = 2, H = 4 };
    for (eddy_attention_kind kind = EDDY_ADDITIVE; kind <= EDDY_GENERAL; kind += EDDY_GENERAL - EDDY_ADDITIVE) {
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_attention_decoder d = eddy_attention_decoder_new(tape, "dec", kind, I, M, H, A);
        ck_assert(eddy_ok(eddy_find(tape, "dec.lstm.weight_ih_l0")) &&
                  eddy_ok(eddy_find(tape, "dec.attention.weight_memory")));
        ck_assert(has_shape(eddy_find(tape, "dec.lstm.weight_ih_l0"), EDDY_SHAPE(4 * H, I + M)));
        eddy_var x = input(tape, EDDY_SHAPE(T, B, I), -1, 1), memory = input(tape, EDDY_SHAPE(S, B, M), -1, 1);
        eddy_var initial[2] = { input(tape, EDDY_SHAPE(B, H), -1, 1), input(tape, EDDY_SHAPE(B, H), -1, 1) };
        FAILS(tape, eddy_unroll(&d.cell, x, NULL), "the memory is not set", "step 0");
        d.memory = memory;
        d.mask = eddy_length_mask(INDICES(tape, 4, 2, 0), S);
        eddy_unrolled r = eddy_unroll(&d.cell, x, &(eddy_unroll_options){ .initial = initial });
        OK(tape);
        ck_assert(has_shape(r.outputs, EDDY_SHAPE(T, B, H + M)));
        eddy_var state[2] = { initial[0], initial[1] }; /* the same, step by step */
        for (int t = 0; t < T; t++) {
            eddy_attended seen = eddy_attend(&d.attention, memory, state[0], d.mask);
            check_same(eddy_watched(tape, "attention", t), seen.weights);
            eddy_var h = d.lstm.cell.step(&d.lstm.cell, eddy_concat(-1, eddy_select(x, 0, t), seen.context), state);
            check_same(eddy_select(r.outputs, 0, t), eddy_concat(-1, h, seen.context));
        }
        check_same(r.state[1], state[1]);
        eddy_var loss = eddy_add(weighted(r.outputs), weighted(r.state[1]));
        agrees(EDDY_HERE, loss,
               eddy_list_join(tape, eddy_parameters(tape), EDDY_LIST(x, memory, initial[0], initial[1])));
        eddy_tape_free(tape);
    }
}
END_TEST

START_TEST(mistakes)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var none = { 0 }, memory = input(tape, EDDY_SHAPE(S, B, M), -1, 1),
             query = input(tape, EDDY_SHAPE(B, 2), -1, 1);
    FAILS(tape, eddy_attention_new(tape, "a", EDDY_DOT, 3, 4, 0), "memory (size 3) and query (size 4)");
    FAILS(tape, eddy_attention_new(tape, "a", (eddy_attention_kind)9, 3, 3, 0), "9 is no kind of attention");
    eddy_attention a = eddy_attention_new(tape, "a", EDDY_ADDITIVE, M, 2, A),
                   dot = eddy_attention_new(tape, "dot", EDDY_DOT, M, M, 0);
    OK(tape);
    FAILS(tape, eddy_attend(NULL, memory, query, none), "the attention is NULL");
    FAILS(tape, eddy_attend(&a, none, query, none), "the memory is no var");
    FAILS(tape, eddy_attend(&a, memory, none, none), "the query is no var");
    FAILS(tape, eddy_attend(&a, memory, eddy_select(query, 0, 0), none),
          "the memory has shape (4, 3, 3) and the query (2,)");
    FAILS(tape, eddy_attend(&a, eddy_full(tape, EDDY_SHAPE(0, B, M), 1), query, none),
          "the memory of shape (0, 3, 3) has no steps");
    FAILS(tape, eddy_attend(&a, memory, query, eddy_full(tape, EDDY_SHAPE(B, S), 1)),
          "the mask has shape (3, 4); (4, 3) is needed");
    FAILS(tape, eddy_attend(&dot, memory, query, none), "equal last dimensions");
    FAILS(tape, eddy_attend(&a, memory, eddy_full(tape, EDDY_SHAPE(B, 5), 1), none), "inner dimensions 5 and 2",
          "in attend at ");
    /* no batch */
    eddy_attended r =
        eddy_attend(&a, eddy_full(tape, EDDY_SHAPE(S, 0, M), 1), eddy_full(tape, EDDY_SHAPE(0, 2), 1), none);
    OK(tape);
    ck_assert(has_shape(r.context, EDDY_SHAPE(0, M)) && has_shape(r.weights, EDDY_SHAPE(S, 0)) &&
              eddy_value(r.context));
    eddy_tape_free(tape);
}
END_TEST

/* ---- Keras ---- */

#ifdef EDDY_HAVE_JANSSON

/* Printed with three decimals, and compared by Keras' own tests within 1e-3. */
static const double three_decimals = 1e-3;

/* (batch, steps, size) as (steps, batch, size) */
static eddy_var steps_first(eddy_tape *tape, const char *name, const json_t *json)
{
    array a = array_of(json);
    eddy_var x = eddy_transpose(array_input(tape, name, &a), 0, 1);
    free(a.data);
    return x;
}

/* One case. Keras scores keys and averages values; where there are two, eddy's weights average the values here. A
 * masked query's output is 0. */
static void keras_case(tally *t, const char *name, const json_t *test, eddy_dtype dtype, bool additive_score)
{
    eddy_tape *tape = eddy_tape_new(dtype, 1);
    const json_t *call = vectors_get(json_array_get(vectors_get(test, "events"), 0), "call"),
                 *args = json_array_get(vectors_get(call, "args"), 0);
    const json_t *masks = json_object_get(vectors_get(call, "kwargs"), "mask");
    eddy_var query = steps_first(tape, "query", json_array_get(args, 0)),
             value = steps_first(tape, "value", json_array_get(args, 1));
    bool keyed = json_array_size(args) > 2;
    eddy_var key = keyed ? steps_first(tape, "key", json_array_get(args, 2)) : value, mask[2] = { { 0 } };
    for (size_t k = 0; k < 2 && masks; k++) {
        const json_t *flags = vectors_get(json_array_get(masks, k), "data");
        double flag[16] = { 0 };
        ck_assert_uint_le(json_array_size(flags), 16);
        for (size_t i = 0; i < json_array_size(flags); i++)
            flag[i] = json_is_true(json_array_get(flags, i));
        mask[k] = constant(tape, dtype, EDDY_SHAPE((int64_t)json_array_size(flags), 1),
                           flag); /* all cases have a batch of 1 */
    }
    int64_t size = eddy_size(key, -1);
    eddy_attention a = eddy_attention_new(tape, "a", additive_score ? EDDY_ADDITIVE : EDDY_DOT, size, size, size);
    if (additive_score) { /* Keras: sum tanh(q + k) */
        double identity[64] = { 0 };
        for (int64_t i = 0; i < size; i++)
            identity[i * size + i] = 1;
        array_put(a.weight_memory, identity);
        array_put(a.weight_query, identity);
        eddy_set_item(a.v, 1);
    }
    eddy_list outputs = eddy_list_new(tape, NULL, eddy_size(query, 0));
    bool want_scores = json_integer_value(json_array_get(vectors_get(test, "path"), 0)) == 1;
    for (int64_t s = 0; s < outputs.count; s++) {
        eddy_attended r = eddy_attend(&a, key, eddy_select(query, 0, s), mask[1]);
        eddy_var context =
            keyed ? eddy_sum_over(eddy_mul(eddy_unsqueeze(r.weights, -1), value), EDDY_SHAPE(0), false) : r.context;
        if (mask[0].tape)
            context = eddy_mul(context, eddy_unsqueeze(eddy_select(mask[0], 0, s), -1));
        outputs.items[s] = want_scores ? eddy_transpose(r.weights, 0, 1) : context;
    }
    array want = array_of(vectors_get(test, "expected"));
    tally_compare(t, name, eddy_stack_list(1, outputs), &want, 0, three_decimals);
    free(want.data);
    eddy_tape_free(tape);
}

START_TEST(keras)
{
    const char *shared = test_shared("Keras' attention"), *file = "keras_attention.json";
    if (!shared)
        return;
    json_t *all = vectors_load(shared, file), *cases = vectors_get(all, "cases");
    tally t = { 0 };
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *test = json_array_get(cases, i), *about = vectors_get(test, "layer"),
                     *kwargs = vectors_get(about, "kwargs");
        const char *name = json_string_value(vectors_get(test, "test")),
                   *kind = json_string_value(vectors_get(about, "layer"));
        const json_t *mode = json_object_get(kwargs, "score_mode");
        bool by_sum = !strcmp(kind, "AdditiveAttention") || (mode && !strcmp(json_string_value(mode), "concat"));
        if (vectors_flag(kwargs, "use_scale", !strcmp(kind, "AdditiveAttention"))) {
            tally_skip(&t, file, name, "a learned scale, which eddy's scores have not");
            continue;
        }
        keras_case(&t, name, test, EDDY_F32, by_sum);
        keras_case(&t, name, test, EDDY_F64, by_sum);
        t.compared++;
    }
    json_decref(all);
    tally_end(&t, file);
}
END_TEST

#else

START_TEST(keras)
{
    printf("SKIPPED: Keras' attention (built without Jansson, which reads its vectors)\n");
}
END_TEST

#endif

Suite *suite_attention(void)
{
    Suite *suite = suite_create("attention");
    TCase *tests = tcase_create("attention");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, additive);
    tcase_add_test(tests, products);
    tcase_add_test(tests, one_step);
    tcase_add_test(tests, softmax);
    tcase_add_test(tests, padding);
    tcase_add_test(tests, length_mask);
    tcase_add_test(tests, decoder);
    tcase_add_test(tests, mistakes);
    tcase_add_test(tests, keras);
    suite_add_tcase(suite, tests);
    return suite;
}
