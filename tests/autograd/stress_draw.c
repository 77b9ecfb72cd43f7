/* Random losses: sums of up to three terms from families that are hard for a numerical derivative, each in its own way:
 * random tapes smooth and not, saturated gates, scales far apart, gradients that are exactly 0, kinks near, far and
 * faint, logarithms and roots near the edge of their domain, attention, recurrences of 20 to 40 steps. */
#include "stress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What random_tape.h takes from recording.h, without Check, which is for tests only. */
#define EDDY_TEST_RECORDING_H
#define OK(tape) ((void)(tape))

static uint64_t draws;

static double between(double low, double high)
{
    return low + (high - low) * eddy_random_uniform((eddy_random){ .seed = 3 }, draws++);
}

static int64_t below(int64_t n)
{
    return (int64_t)(eddy_random_bits((eddy_random){ .seed = 3 }, draws++) % (uint64_t)n);
}

static int64_t count_of(eddy_var x)
{
    eddy_shape shape = eddy_shape_of(x);
    return eddy_shape_count(&shape);
}

static eddy_tensor random_tensor(eddy_dtype dtype, eddy_shape shape, double low, double high)
{
    eddy_tensor values = { 0 };
    int64_t count = eddy_tensor_new(&values, dtype, shape, NULL) ? eddy_tensor_count(&values) : 0;
    for (int64_t i = 0; i < count; i++) {
        double x = between(low, high);
        if (dtype == EDDY_F64)
            ((double *)values.data)[i] = x;
        else
            ((int32_t *)values.data)[i] = (int32_t)x;
    }
    return values;
}

static eddy_var input_of(eddy_tape *tape, eddy_dtype dtype, eddy_shape shape, double low, double high)
{
    char name[32];
    snprintf(name, sizeof name, "leaf%d", (int)eddy_leaf_count(tape, EDDY_INPUT));
    eddy_tensor values = random_tensor(dtype, shape, low, high);
    eddy_var x = eddy_input_of(tape, name, dtype, shape);
    eddy_set_tensor(x, &values);
    eddy_tensor_free(&values);
    return x;
}

static eddy_var input(eddy_tape *tape, eddy_shape shape, double low, double high)
{
    return input_of(tape, EDDY_F64, shape, low, high);
}

/* A sum in which every element has a random weight of its own. */
static eddy_var weighted(eddy_var y)
{
    if (!eddy_ok(y))
        return y;
    eddy_tensor weights = random_tensor(EDDY_F64, eddy_shape_of(y), 0.3, 1.3);
    for (int64_t i = 0; i < eddy_tensor_count(&weights); i += 2)
        ((double *)weights.data)[i] *= -1;
    eddy_var loss = eddy_sum(eddy_mul(y, eddy_constant(y.tape, &weights)));
    eddy_tensor_free(&weights);
    return loss;
}

#include "../random_tape.h"

double stress_between(double low, double high)
{
    return between(low, high);
}

int64_t stress_below(int64_t n)
{
    return below(n);
}

static bool chance(double p)
{
    return between(0, 1) < p;
}

static double power_of_ten(double low, double high)
{
    return pow(10, between(low, high));
}

/* A leaf of two or three random dimensions, or one that was drawn before. */
static eddy_var leaf(eddy_tape *t, double low, double high)
{
    static const int64_t sizes[] = { 1, 2, 3, 4 };
    eddy_shape shape = EDDY_SHAPE(sizes[1 + below(3)], sizes[below(4)]);
    return input(t, chance(0.3) ? EDDY_SHAPE(sizes[below(4)]) : shape, low, high);
}

static eddy_var random_pool(eddy_tape *t, bool smooth)
{
    pool p = { .smooth = smooth, .whole = true };
    pool_leaves(&p, t);
    pool_grow(&p, 3 + (int)below(12));
    eddy_var y = p.item[p.count - 1];
    return chance(0.8) ? weighted(y) : eddy_mean(eddy_square(y));
}

static eddy_var smooth_pool(eddy_tape *t, bool wrong)
{
    (void)wrong;
    return random_pool(t, true);
}

static eddy_var kinky_pool(eddy_tape *t, bool wrong)
{
    return random_pool(t, wrong && chance(0.8));
}

static eddy_var saturated(eddy_tape *t, bool wrong)
{
    static const double sizes[] = { 3, 8, 15, 20, 36, 40, 100, 700 };
    double size = sizes[below(8)];
    /* where 1 - z^2 is a few units in the last place, nobody can call a gradient wrong: not so far for wrong ones */
    int64_t kind = below(10);
    size = wrong && kind == 1 ? fmin(size, 6) : size;
    double most = wrong ? 2 : 4, steep = wrong ? 1 / size : 5;
    eddy_var x = leaf(t, -size, size), y = leaf(t, -1, 1);
    switch (kind) {
    case 0:
        return weighted(eddy_sigmoid(x));
    case 1:
        return weighted(eddy_tanh(x));
    case 2:
        return weighted(eddy_tanh(eddy_exp(eddy_mul_scalar(x, fmin(1, most / size)))));
    case 3:
        return weighted(eddy_softplus(x));
    case 4:
        return weighted(eddy_mul(eddy_sigmoid(x), eddy_tanh(eddy_mean(y))));
    case 5:
        return weighted(eddy_log_softmax(x, -1));
    case 6:
        return weighted(eddy_exp(eddy_neg(eddy_square(eddy_mul_scalar(x, fmin(1, 8 / size))))));
    case 7: /* far below 0, all of its gradient is the rounding of 1 + erf: nothing can be known of it */
        return weighted(wrong ? eddy_sigmoid(eddy_sin(x)) : eddy_gelu(x));
    case 8:
        return weighted(eddy_tanh(eddy_mul_scalar(eddy_tanh(eddy_mul_scalar(x, steep)), steep * fmin(size, 5))));
    default:
        return weighted(eddy_softmax(x, -1));
    }
}

static eddy_var scales(eddy_tape *t, bool wrong)
{
    (void)wrong;
    double size = power_of_ten(-12, 12);
    eddy_var x = leaf(t, -size, size), y = leaf(t, 0.5, 1);
    switch (below(6)) {
    case 0:
        return weighted(eddy_square(x));
    case 1:
        return weighted(eddy_sin(eddy_mul_scalar(x, 1 / size)));
    case 2:
        return eddy_mul(weighted(x), eddy_mean(y));
    case 3:
        return weighted(eddy_tanh(eddy_mul_scalar(y, size)));
    case 4:
        return weighted(eddy_div(y, eddy_add_scalar(eddy_square(eddy_mean(eddy_mul_scalar(x, 1 / size))), 0.1)));
    default:
        return eddy_add(weighted(eddy_exp(y)), eddy_mul_scalar(weighted(eddy_sin(x)), power_of_ten(-20, 0)));
    }
}

/* Gradients that are 0 as a whole, or sums of terms that cancel. */
static eddy_var zero(eddy_tape *t, bool wrong)
{
    eddy_var x = leaf(t, -2, 2);
    switch (below(11)) {
    case 0:
        return eddy_sum(eddy_softmax(x, -1));
    case 1:
        return eddy_sum(eddy_sub(x, eddy_mean_over(x, EDDY_SHAPE(-1), true)));
    case 2:
        return weighted(eddy_mul_scalar(eddy_sin(x), 0));
    case 3:
        return eddy_sum(eddy_sub(eddy_tanh(x), eddy_flip(eddy_tanh(x), 0)));
    case 4:
        return eddy_sum(eddy_logsumexp(eddy_log_softmax(x, -1), -1, false));
    case 5:
        return weighted(eddy_sign(eddy_add_scalar(x, 5)));
    case 6:
        return weighted(eddy_mul(x, eddy_rsqrt(eddy_square(eddy_add_scalar(x, 3)))));
    case 7:
        return weighted(eddy_add(eddy_square(eddy_sin(x)), eddy_square(eddy_cos(x))));
    case 8:
        return eddy_mean(eddy_softmax(eddy_mul_scalar(eddy_tanh(x), 3), 0));
    case 9:
        return weighted(eddy_sub(eddy_log(eddy_exp(x)), x));
    default: /* below the rounding of the softmax nobody can call it wrong */
        return eddy_add(eddy_sum(eddy_softmax(x, -1)),
                        eddy_mul_scalar(weighted(eddy_tanh(x)), power_of_ten(wrong ? -9 : -18, -2)));
    }
}

static eddy_var kinks(eddy_tape *t, bool wrong)
{
    eddy_var x = leaf(t, -1, 1), y;
    /* the kink stands at a random distance from some element, or at it */
    double at = eddy_tensor_flat(eddy_value(x), below(count_of(x)));
    double distance = wrong ? power_of_ten(-2.5, 0) : chance(0.2) ? 0 : power_of_ten(-15, 0);
    eddy_var d = eddy_add_scalar(x, -(at + (chance(0.5) ? -distance : distance)));
    switch (below(7)) {
    case 0:
        y = eddy_relu(d);
        break;
    case 1:
        y = eddy_abs(d);
        break;
    case 2:
        y = eddy_maximum(d, eddy_mul_scalar(d, 0.3));
        break;
    case 3:
        y = eddy_clamp(d, -0.5, 0.5);
        break;
    case 4:
        y = eddy_mul(eddy_relu(d), x);
        break;
    case 5:
        y = eddy_square(eddy_relu(d));
        break;
    default:
        y = eddy_where(eddy_gt(d, eddy_zeros_like(d)), eddy_sin(d), eddy_mul_scalar(d, 2));
    }
    eddy_var faint = weighted(eddy_mul_scalar(y, wrong ? 1 : power_of_ten(-10, 0)));
    return chance(0.5) ? faint : eddy_add(faint, weighted(eddy_sin(eddy_mul_scalar(x, between(0.5, 6)))));
}

static eddy_var edges(eddy_tape *t, bool wrong)
{
    (void)wrong;
    double size = power_of_ten(-8, 3);
    eddy_var x = leaf(t, 0.1 * size, size), y = leaf(t, -1, 1);
    switch (below(8)) {
    case 0:
        return weighted(eddy_log(x));
    case 1:
        return weighted(eddy_sqrt(x));
    case 2:
        return weighted(eddy_pow_scalar(x, between(-2, 3)));
    case 3:
        return weighted(eddy_reciprocal(x));
    case 4:
        return weighted(eddy_log(eddy_softmax(y, -1)));
    case 5:
        return eddy_log(eddy_sum(eddy_exp(eddy_mul_scalar(y, between(1, 20)))));
    case 6:
        return eddy_mul(weighted(eddy_log(x)), eddy_mean(y));
    default:
        return eddy_sqrt(eddy_sum(eddy_square(eddy_add_scalar(y, 1.5))));
    }
}

static eddy_var attention(eddy_tape *t, bool wrong)
{
    (void)wrong;
    int64_t n = 1 + below(3), m = 2 + below(3), d = 1 + below(3);
    double sharp = chance(0.3) ? between(5, 30) : 1;
    eddy_var q = input(t, EDDY_SHAPE(n, d), -sharp, sharp), k = input(t, EDDY_SHAPE(m, d), -1, 1),
             v = input(t, EDDY_SHAPE(m, 2), -1, 1);
    eddy_var share = eddy_softmax(eddy_matmul(q, eddy_transpose(k, 0, 1)), 1);
    return weighted(eddy_matmul(share, v));
}

static eddy_var product(eddy_var x, eddy_var w)
{
    return eddy_matmul(x, eddy_transpose(w, 0, 1));
}

/* A recurrence of 20 to 40 steps: two units, one gate, two states or one. */
static eddy_var chain(eddy_tape *t, bool wrong)
{
    (void)wrong;
    enum { H = 2 };
    double size = chance(0.3) ? between(2, 6) : 1;
    int64_t steps = 20 + below(21), batch = 1 + below(2);
    eddy_var x = input(t, EDDY_SHAPE(steps, batch, 1), -1, 1), w = input(t, EDDY_SHAPE(H, H), -size, size),
             f = input(t, EDDY_SHAPE(H, H), -size, size), u = input(t, EDDY_SHAPE(H, 1), -size, size),
             b = input(t, EDDY_SHAPE(H), -1, chance(0.3) ? 10 : 1), h = input(t, EDDY_SHAPE(batch, H), -1, 1), c = h;
    bool gated = chance(0.6), last = chance(0.4);
    eddy_var total = eddy_full(t, EDDY_SHAPE(batch, H), 0);
    for (int64_t s = 0; s < steps; s++) {
        eddy_var in = product(eddy_select(x, 0, s), u);
        if (gated) {
            c = eddy_lerp(eddy_tanh(eddy_add(product(h, w), in)), c, eddy_sigmoid(eddy_add(product(h, f), b)));
            h = eddy_tanh(c);
        } else {
            h = eddy_tanh(eddy_add(eddy_add(product(h, w), in), b));
        }
        total = last ? h : eddy_add(total, h);
    }
    return weighted(total);
}

static eddy_var losses(eddy_tape *t, bool wrong)
{
    (void)wrong;
    int64_t n = 2 + below(3), m = 2 + below(2);
    double size = chance(0.3) ? between(5, 40) : 2;
    eddy_var x = input(t, EDDY_SHAPE(n, m), -size, size), y = input(t, EDDY_SHAPE(n, m), 0.01, 0.99);
    switch (below(5)) {
    case 0:
        return eddy_mse(x, y);
    case 1:
        return eddy_bce_with_logits(x, y, NULL);
    case 2:
        return eddy_huber(x, y, 0.3, NULL);
    case 3:
        return eddy_neg(eddy_mean(eddy_mul(eddy_log_softmax(x, 1), y)));
    default:
        return eddy_mean(eddy_cumsum(eddy_mul(eddy_sigmoid(x), eddy_select(y, 0, 0)), 0));
    }
}

static const struct {
    const char *name;
    eddy_var (*draw)(eddy_tape *t, bool wrong);
} families[] = { { "smooth tape", smooth_pool },
                 { "tape with kinks", kinky_pool },
                 { "saturated", saturated },
                 { "scales", scales },
                 { "zero", zero },
                 { "kinks", kinks },
                 { "edges", edges },
                 { "attention", attention },
                 { "chain", chain },
                 { "losses", losses } };
enum { FAMILIES = sizeof families / sizeof *families };

int64_t stress_count(const stress *s, int k)
{
    return count_of(s->wrt.items[k]);
}

bool stress_draw(stress *s, uint64_t seed, bool wrong)
{
    draws = seed << 20;
    *s = (stress){ .tape = eddy_tape_new(EDDY_F64, seed) };
    s->terms = chance(0.6) ? 1 : chance(0.7) ? 2 : 3;
    for (int i = 0; i < s->terms; i++) {
        int64_t kind = below(FAMILIES);
        s->family[i] = families[kind].name;
        s->term[i] = families[kind].draw(s->tape, wrong);
        if (chance(0.25))
            s->term[i] = eddy_mul_scalar(s->term[i], power_of_ten(-16, 6));
        s->loss = i ? eddy_add(s->loss, s->term[i]) : s->term[i];
    }
    s->wrt = eddy_leaves(s->tape, EDDY_INPUT);
    int64_t kept = 0;
    for (int64_t i = 0; i < s->wrt.count; i++)
        if (eddy_dtype_of(s->wrt.items[i]) == EDDY_F64 && kept < STRESS_LEAVES)
            s->wrt.items[kept++] = s->wrt.items[i];
    s->wrt.count = kept;
    return !eddy_error(s->tape) && isfinite(eddy_item(s->loss)) && fabs(eddy_item(s->loss)) < 1e200;
}

void stress_free(stress *s)
{
    for (int k = 0; k < STRESS_LEAVES; k++)
        free(s->claimed[k]);
    eddy_tape_free(s->tape);
    *s = (stress){ 0 };
}
