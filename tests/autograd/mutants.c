/* The mutants of mutants.def and the right claims: recording, claiming, editing. */
#include "mutants.h"
#include "cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Leaves and weights ---- */

static eddy_tensor drawn(eddy_tape *t, uint64_t stream, eddy_shape shape, double low, double high)
{
    eddy_tensor values = { 0 };
    eddy_status status = { 0 };
    if (!eddy_tensor_new(&values, EDDY_F64, shape, &status) ||
        !eddy_fill_uniform(&values, (eddy_random){ eddy_tape_seed(t), stream }, low, high, &status))
        eddy_fail(t, "%s", status.text);
    return values;
}

/* The input of that name; made and set when it is first asked for. */
static eddy_var leaf(eddy_tape *t, const char *name, double low, double high, eddy_shape shape)
{
    eddy_var x = eddy_find(t, name);
    if (x.tape)
        return x;
    x = eddy_input(t, name, shape);
    eddy_tensor values = drawn(t, (uint64_t)name[0], shape, low, high);
    eddy_set_tensor(x, &values);
    eddy_tensor_free(&values);
    return x;
}

static eddy_var constant(eddy_tape *t, eddy_tensor *values)
{
    eddy_var x = eddy_constant(t, values);
    eddy_tensor_free(values);
    return x;
}

/* Numbers of size 0.5 to 1.5 and either sign; the same for the same shape. */
static eddy_var weights(eddy_tape *t, eddy_shape shape)
{
    uint64_t stream = 1000;
    for (int i = 0; i < shape.rank; i++)
        stream = stream * 31 + (uint64_t)shape.dim[i];
    eddy_tensor values = drawn(t, stream, shape, -1, 1);
    double *w = values.data;
    for (int64_t i = 0; w && i < eddy_tensor_count(&values); i++)
        w[i] += w[i] < 0 ? -0.5 : 0.5;
    return constant(t, &values);
}

static eddy_var weighted(eddy_var y)
{
    return eddy_ok(y) ? eddy_sum(eddy_mul(y, weights(y.tape, eddy_shape_of(y)))) : y;
}

/* A vector of up to four indices; a negative one ends it. */
static eddy_var indices(eddy_tape *t, int a, int b, int c, int d)
{
    const int all[4] = { a, b, c, d };
    int64_t count = d < 0 ? 3 : 4;
    eddy_tensor values = { 0 };
    if (eddy_tensor_new(&values, EDDY_I64, EDDY_SHAPE(count), NULL))
        for (int64_t i = 0; i < count; i++)
            ((int64_t *)values.data)[i] = all[i];
    return constant(t, &values);
}

/* Ones, and a zero at element 17. */
static eddy_var zeroed(eddy_tape *t, eddy_shape shape)
{
    eddy_tensor values = drawn(t, 17, shape, 1, 2);
    if (values.data)
        ((double *)values.data)[17] = 0;
    return constant(t, &values);
}

#define IN(low, high, ...) leaf(t, "a", low, high, EDDY_SHAPE(__VA_ARGS__))
#define A(...) leaf(t, "a", -1, 1, EDDY_SHAPE(__VA_ARGS__))
#define B(...) leaf(t, "b", -1, 1, EDDY_SHAPE(__VA_ARGS__))
#define C(...) leaf(t, "c", -1, 1, EDDY_SHAPE(__VA_ARGS__))
#define D(...) leaf(t, "d", -1, 1, EDDY_SHAPE(__VA_ARGS__))
#define T01(...) leaf(t, "y", 0, 1, EDDY_SHAPE(__VA_ARGS__))
#define W(y) weighted(y)
#define LIKE(x, slope) eddy_mul(x, eddy_detach(slope))

static eddy_var sigmoid_slope(eddy_var x)
{
    eddy_var f = eddy_sigmoid(x);
    return eddy_mul(f, eddy_rsub_scalar(f, 1));
}

static eddy_var diagonal(eddy_var s)
{
    return eddy_mul(s, eddy_rsub_scalar(s, 1));
}

/* ---- GRU: n = tanh(a_n + r (h U_n)) or tanh(a_n + (r h) U_n), h' = (1 - z) n + z h ---- */

enum { GRU_AFTER = 1, GRU_CUT_Z = 2, GRU_CUT_R = 4, GRU_PLAIN_H = 8, GRU_CUT_H = 16, GRU_SWAP = 32, GRU_TRUNCATE = 64 };
enum { TIME = 4, BATCH = 2, INPUT = 3, HIDDEN = 5 };

typedef struct own_gru {
    eddy_cell cell;
    eddy_var W, U, b;
    int flags;
} own_gru;

static eddy_var product(eddy_var x, eddy_var weight)
{
    return eddy_matmul(x, eddy_transpose(weight, 0, 1));
}

static eddy_var gru_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const own_gru *m = (const own_gru *)cell;
    eddy_var h = state[0];
    eddy_list a = eddy_chunk(eddy_add(product(x, m->W), m->b), 1, 3), U = eddy_chunk(m->U, 0, 3);
    if (a.count != 3 || U.count != 3)
        return state[0] = x;
    eddy_var r = eddy_sigmoid(eddy_add(a.items[0], product(h, U.items[0]))),
             z = eddy_sigmoid(eddy_add(a.items[1], product(h, U.items[1])));
    r = m->flags & GRU_CUT_R ? eddy_detach(r) : r;
    z = m->flags & GRU_CUT_Z ? eddy_detach(z) : z;
    eddy_var q = m->flags & GRU_AFTER ? eddy_mul(r, product(h, U.items[2])) : product(eddy_mul(r, h), U.items[2]);
    if (m->flags & GRU_PLAIN_H) {
        eddy_var wrong = product(eddy_detach(h), U.items[2]);
        q = eddy_add(product(eddy_mul(r, h), eddy_detach(U.items[2])), eddy_sub(wrong, eddy_detach(wrong)));
    }
    eddy_var n = eddy_tanh(eddy_add(a.items[2], q));
    eddy_var old = m->flags & GRU_CUT_H ? eddy_detach(h) : h;
    return state[0] = eddy_watch(m->flags & GRU_SWAP ? eddy_lerp(old, n, z) : eddy_lerp(n, old, z), "h");
}

static eddy_var gru(eddy_tape *t, int flags)
{
    own_gru m = { .cell = { .step = gru_step, .states = 1, .state_size = { HIDDEN } },
                  .W = B(3 * HIDDEN, INPUT),
                  .U = C(3 * HIDDEN, HIDDEN),
                  .b = D(3 * HIDDEN),
                  .flags = flags };
    eddy_var start = leaf(t, "h", -1, 1, EDDY_SHAPE(BATCH, HIDDEN));
    eddy_unrolled y =
        eddy_unroll(&m.cell, A(TIME, BATCH, INPUT),
                    &(eddy_unroll_options){ .initial = &start, .truncate = flags & GRU_TRUNCATE ? 1 : 0 });
    return W(y.outputs);
}

/* ---- Attention: e = <m_s, q> / sqrt(D), alpha = softmax over s, context = sum_s alpha_s m_s ---- */

enum {
    ATTENTION_DIAGONAL = 1,
    ATTENTION_CUT_WEIGHTS = 2,
    ATTENTION_CUT_VALUES = 4,
    ATTENTION_CUT_QUERY = 8,
    ATTENTION_UNSCALED = 16
};

static eddy_var attention(eddy_tape *t, int flags)
{
    enum { SIZE = 3 };
    eddy_var memory = A(4, 2, SIZE), query = B(2, SIZE);
    if (!flags) {
        eddy_attention att = eddy_attention_new(t, "attention", EDDY_SCALED_DOT, SIZE, SIZE, 0);
        return W(eddy_attend(&att, memory, query, (eddy_var){ 0 }).context);
    }
    eddy_var q = flags & ATTENTION_CUT_QUERY ? eddy_detach(query) : query;
    eddy_var scores = eddy_div_scalar(eddy_sum_over(eddy_mul(memory, q), EDDY_SHAPE(-1), false), sqrt(SIZE));
    eddy_var alpha = eddy_softmax(scores, 0);
    if (flags & ATTENTION_DIAGONAL)
        alpha =
            eddy_add(eddy_detach(alpha), eddy_mul(eddy_sub(scores, eddy_detach(scores)), eddy_detach(diagonal(alpha))));
    if (flags & ATTENTION_CUT_WEIGHTS)
        alpha = eddy_detach(alpha);
    if (flags & ATTENTION_UNSCALED) /* the value of alpha, and its derivative sqrt(size) times too large */
        alpha = eddy_sub(eddy_mul_scalar(alpha, sqrt(SIZE)), eddy_detach(eddy_mul_scalar(alpha, sqrt(SIZE) - 1)));
    eddy_var value = flags & ATTENTION_CUT_VALUES ? eddy_detach(memory) : memory;
    return W(eddy_sum_over(eddy_mul(eddy_unsqueeze(alpha, -1), value), EDDY_SHAPE(0), false));
}

/* ---- Losses, clipping, normalisation ---- */

/* sign -1: the gradient p + y. */
static eddy_var cross_entropy(eddy_tape *t, int sign, double factor)
{
    eddy_var x = A(4, 5), target = indices(t, 0, 2, 3, 1);
    eddy_var wrong = eddy_add(eddy_mean(eddy_logsumexp(x, 1, false)),
                              eddy_mean(eddy_gather(x, 1, eddy_reshape(target, EDDY_SHAPE(4, 1)))));
    return eddy_mul_scalar(sign > 0 ? eddy_cross_entropy(x, target, NULL) : wrong, factor);
}

static eddy_var masked(eddy_tape *t, bool right)
{
    eddy_tensor values = drawn(t, 5, EDDY_SHAPE(6, 2), 0, 1);
    for (int i = 0; values.data && i < 12; i++)
        ((double *)values.data)[i] = i % 3 != 1 && i != 11;
    eddy_var mask = constant(t, &values), a = A(6, 2), b = B(6, 2);
    return right ? eddy_mse_with(a, b, &(eddy_loss_options){ .mask = mask })
                 : eddy_mean(eddy_mul(mask, eddy_square(eddy_sub(a, b))));
}

typedef enum clip_kind { CLIP_RIGHT, CLIP_PER_TENSOR, CLIP_HELD, CLIP_NO_EPS, CLIP_PLUS_ONE } clip_kind;

static eddy_var clip(eddy_tape *t, clip_kind kind)
{
    eddy_list grads =
        eddy_list_new(t, (eddy_var[]){ eddy_mul_scalar(eddy_tanh(A(2, 3)), 4), eddy_mul_scalar(B(4), 2) }, 2);
    if (grads.count != 2)
        return eddy_fail(t, "no list");
    eddy_var norm = eddy_global_norm(grads);
    double eps = kind == CLIP_NO_EPS ? 0 : kind == CLIP_PLUS_ONE ? 1 : 1e-6;
    for (int i = 0; i < 2 && kind != CLIP_RIGHT; i++) {
        eddy_var own = kind == CLIP_PER_TENSOR ? eddy_global_norm((eddy_list){ &grads.items[i], 1 })
                       : kind == CLIP_HELD     ? eddy_detach(norm)
                                               : norm;
        grads.items[i] = eddy_mul(grads.items[i], eddy_rdiv_scalar(eddy_add_scalar(own, eps), 0.5));
    }
    if (kind == CLIP_RIGHT)
        eddy_clip_grad_norm(&grads, 0.5);
    return grads.count == 2 ? eddy_add(W(grads.items[0]), W(grads.items[1])) : norm;
}

static eddy_var layers(eddy_tape *t)
{
    eddy_var h = eddy_tanh(eddy_matmul(A(2, 3), B(3, 4)));
    return W(eddy_tanh(eddy_matmul(eddy_tanh(eddy_matmul(h, C(4, 4))), D(4, 4))));
}

static eddy_var norm(eddy_tape *t, bool held)
{
    eddy_var x = A(3, 5);
    if (!held) {
        eddy_layer_norm n = eddy_layer_norm_new(t, "norm", 5);
        return W(eddy_normalise(&n, x));
    }
    eddy_var centred = eddy_sub(x, eddy_mean_over(x, EDDY_SHAPE(1), true));
    eddy_var deviation = eddy_sqrt(eddy_add_scalar(eddy_variance(x, EDDY_SHAPE(1), 0, true), 1e-5));
    return W(eddy_add(eddy_mul(eddy_div(centred, eddy_detach(deviation)), eddy_find(t, "norm.weight")),
                      eddy_find(t, "norm.bias")));
}

/* ---- Changes of a claim ---- */

static int64_t size_of(const trial *t, int k)
{
    eddy_shape shape = eddy_shape_of(t->wrt.items[k]);
    return eddy_shape_count(&shape);
}

static void scale_all(trial *t, double factor)
{
    for (int k = 0; k < t->wrt.count; k++)
        for (int64_t i = 0; i < size_of(t, k); i++)
            t->claimed[k][i] *= factor;
}

static void one_percent(trial *t)
{
    scale_all(t, 1.01);
}

static void one_thousandth(trial *t)
{
    scale_all(t, 1.001);
}

/* The position in wrt of the leaf of that name. */
static int position(const trial *t, const char *name)
{
    int k = 0;
    while (k + 1 < t->wrt.count && strcmp(eddy_name_of(t->wrt.items[k]), name) != 0)
        k++;
    return k;
}

static void one_element(trial *t)
{
    t->claimed[0][1321] *= 1.01;
}

static void small_for_zero(trial *t)
{
    t->claimed[0][17] = 0.009;
}

static void zero_for_small(trial *t)
{
    t->claimed[position(t, "b")][0] = 0;
}

static void one_nan(trial *t)
{
    t->claimed[0][5] = NAN;
}

static void negate_first(trial *t)
{
    int k = position(t, "a");
    for (int64_t i = 0; i < size_of(t, k); i++)
        t->claimed[k][i] *= -1;
}

static void transpose_first(trial *t)
{
    int k = position(t, "a");
    eddy_shape shape = eddy_shape_of(t->wrt.items[k]);
    double kept[64];
    for (int64_t i = 0; i < size_of(t, k); i++)
        kept[i] = t->claimed[k][i];
    for (int64_t r = 0; r < shape.dim[0]; r++)
        for (int64_t c = 0; c < shape.dim[1]; c++)
            t->claimed[k][c * shape.dim[0] + r] = kept[r * shape.dim[1] + c];
}

static void shift_rows(trial *t)
{
    eddy_shape shape = eddy_shape_of(t->wrt.items[0]);
    int64_t n = size_of(t, 0), row = n / shape.dim[0];
    double kept[64];
    for (int64_t i = 0; i < n; i++)
        kept[i] = t->claimed[0][i];
    for (int64_t i = 0; i < n; i++)
        t->claimed[0][(i + row) % n] = kept[i];
}

/* The gradients of two weights of one shape. */
static void exchange_c_d(trial *t)
{
    int c = position(t, "c"), d = position(t, "d");
    for (int64_t i = 0; i < size_of(t, c); i++) {
        double swap = t->claimed[c][i];
        t->claimed[c][i] = t->claimed[d][i];
        t->claimed[d][i] = swap;
    }
}

/* Axis 1 is the batch. */
static void first_sample(trial *t)
{
    int k = position(t, "a");
    eddy_shape shape = eddy_shape_of(t->wrt.items[k]);
    int64_t row = shape.dim[2];
    for (int64_t i = 0; i < eddy_shape_count(&shape); i++)
        t->claimed[k][i] *= i / row % shape.dim[1] == 0;
}

/* ---- The table ---- */

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define MUTANT(group, name, hint, edit, right, wrong)                                                                  \
    static void PASTE(record_, __LINE__)(trial * trial_of)                                                             \
    {                                                                                                                  \
        eddy_tape *t = trial_of->tape;                                                                                 \
        trial_of->loss = right;                                                                                        \
        trial_of->source = wrong;                                                                                      \
    }
#define LSTM_MUTANT(name, hint, bug)                                                                                   \
    static void PASTE(record_, __LINE__)(trial * trial_of)                                                             \
    {                                                                                                                  \
        lstm_record(trial_of, 3, 4, 2, 5, bug);                                                                        \
    }
#include "mutants.def"
#undef MUTANT
#undef LSTM_MUTANT

static const mutant mutants[] = {
#define MUTANT(group, name, hint, edit, right, wrong) { #group, name, hint, PASTE(record_, __LINE__), edit },
#define LSTM_MUTANT(name, hint, bug) { "lstm", name, hint, PASTE(record_, __LINE__), NULL },
#include "mutants.def"
};
enum { MUTANTS = sizeof mutants / sizeof *mutants };

const mutant *mutant_at(int i)
{
    return i < MUTANTS ? &mutants[i] : NULL;
}

/* ---- Trials ---- */

/* What was computed beforehand. */
static void claim_computed(void *context, int64_t count, const eddy_tensor *const values[],
                           const eddy_tensor gradients[])
{
    const trial *t = context;
    (void)values;
    for (int64_t k = 0; k < count; k++)
        if (eddy_tensor_count(&gradients[k]))
            memcpy(gradients[k].data, t->claimed[k], (size_t)eddy_tensor_count(&gradients[k]) * sizeof(double));
}

/* All f64 leaves that somebody can set, by name: in which order they are made, compilers may choose. */
static eddy_list variables(eddy_tape *tape)
{
    eddy_list all = eddy_list_join(tape, eddy_leaves(tape, EDDY_INPUT), eddy_leaves(tape, EDDY_PARAMETER));
    int64_t kept = 0;
    for (int64_t i = 0; i < all.count; i++)
        if (eddy_dtype_of(all.items[i]) == EDDY_F64 && kept < TRIAL_LEAVES)
            all.items[kept++] = all.items[i];
    all.count = kept;
    for (int64_t i = 1; i < kept; i++)
        for (int64_t j = i; j > 0 && strcmp(eddy_name_of(all.items[j - 1]), eddy_name_of(all.items[j])) > 0; j--) {
            eddy_var swap = all.items[j];
            all.items[j] = all.items[j - 1];
            all.items[j - 1] = swap;
        }
    return all;
}

/* Lets the tape's gradient of `source` be the claim. */
static bool claim_gradient(trial *t)
{
    eddy_list grads = eddy_gradients(t->source, t->wrt);
    for (int k = 0; k < t->wrt.count && k < grads.count; k++) {
        size_t count = (size_t)size_of(t, k);
        t->claimed[k] = calloc(count ? count : 1, sizeof(double));
        if (!t->claimed[k] || !eddy_get(grads.items[k], t->claimed[k], count * sizeof(double)))
            return false;
    }
    t->claim = claim_computed;
    t->context = t;
    return grads.count == t->wrt.count;
}

bool trial_mutant(trial *t, const mutant *m, uint64_t seed, bool right)
{
    *t = (trial){ .tape = eddy_tape_new(EDDY_F64, seed) };
    m->record(t);
    if (right && t->claim) {
        t->by_hand[4] = LSTM_RIGHT;
        return !eddy_error(t->tape);
    }
    if (t->claim)
        return !eddy_error(t->tape);
    t->wrt = variables(t->tape);
    t->source = right ? t->loss : t->source;
    if (!claim_gradient(t))
        return false;
    if (!right && m->edit)
        m->edit(t);
    return !eddy_error(t->tape);
}

enum { CASE_SEEDS = 2, LSTM_TRIALS = 8 };

static int differentiable_cases(void)
{
    int count = 0;
    for (size_t i = 0; check_case_at(i); i++)
        count += !check_case_at(i)->flat;
    return count;
}

int right_count(void)
{
    return MUTANTS + LSTM_TRIALS + CASE_SEEDS * differentiable_cases();
}

bool trial_right(trial *t, int i, const char **name)
{
    if (i < MUTANTS) {
        *name = mutants[i].name;
        return trial_mutant(t, &mutants[i], 2, true);
    }
    if ((i -= MUTANTS) < LSTM_TRIALS) {
        static const int sizes[][4] = { { 2, 3, 4, 5 }, { 3, 5, 2, 4 }, { 4, 7, 5, 3 }, { 2, 4, 6, 1 },
                                        { 5, 3, 1, 2 }, { 1, 6, 2, 3 }, { 3, 1, 2, 4 }, { 2, 9, 1, 2 } };
        *name = "lstm by hand";
        *t = (trial){ .tape = eddy_tape_new(EDDY_F64, (uint64_t)i + 1) };
        lstm_record(t, sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3], LSTM_RIGHT);
        return !eddy_error(t->tape);
    }
    i -= LSTM_TRIALS;
    int wanted = i / CASE_SEEDS;
    size_t at = 0;
    for (; check_case_at(at)->flat || wanted-- > 0; at++)
        ;
    *name = check_case_at(at)->name;
    *t = (trial){ .tape = eddy_tape_new(EDDY_F64, (uint64_t)(i % CASE_SEEDS) + 1) };
    t->loss = t->source = check_case_at(at)->record(t->tape);
    t->wrt = variables(t->tape);
    return !eddy_error(t->tape) && claim_gradient(t) && !eddy_error(t->tape);
}

void trial_free(trial *t)
{
    eddy_tape_free(t->tape);
    for (int k = 0; k < TRIAL_LEAVES; k++)
        free(t->claimed[k]);
    *t = (trial){ 0 };
}
