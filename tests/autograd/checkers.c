/* See checkers.h. Libraries that compute in f32 (KANN, DyNet, ggml) are emulated by rounding inputs, outputs and claims
 * to f32; what lies between is computed in f64, which is in their favour: they see fewer rounding errors here than in
 * their own arithmetic. */
#include "checkers.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- The function ---- */

static bool single; /* f32 emulated; this program has one thread */

static void put(problem *p, int k, const double *values)
{
    for (int64_t i = 0; i < p->n[k]; i++)
        p->scratch[i] = single ? (double)(float)values[i] : values[i];
    eddy_set(p->t->wrt.items[k], p->scratch, (size_t)p->n[k] * sizeof *values);
}

static double value(problem *p)
{
    double f = eddy_run(p->loss) ? eddy_output(p->loss, p->t->loss) : NAN;
    return single ? (double)(float)f : f;
}

static double beside(problem *p, int k, int64_t i, double step)
{
    double x = p->x[k][i];
    p->x[k][i] = single ? (double)((float)x + (float)step) : x + step;
    put(p, k, p->x[k]);
    double f = value(p);
    p->x[k][i] = x;
    put(p, k, p->x[k]);
    return f;
}

/* At x + step d, d through the leaves from `first` to `last`. */
static double along(problem *p, double *const d[], int first, int last, double step)
{
    for (int k = first; k <= last; k++) {
        double *moved = malloc((size_t)(p->n[k] ? p->n[k] : 1) * sizeof *moved);
        if (!moved)
            return NAN;
        for (int64_t i = 0; i < p->n[k]; i++)
            moved[i] = p->x[k][i] + step * d[k][i];
        put(p, k, moved);
        free(moved);
    }
    double f = value(p);
    for (int k = first; k <= last; k++)
        put(p, k, p->x[k]);
    return f;
}

typedef enum drawing { UNIFORM, NORMAL } drawing;

static bool draw(problem *p, double *d[], drawing how)
{
    eddy_random random = { p->seed, 4711 };
    for (int k = 0; k < p->t->wrt.count; k++) {
        d[k] = malloc((size_t)(p->n[k] ? p->n[k] : 1) * sizeof **d);
        if (!d[k])
            return false;
        for (int64_t i = 0; i < p->n[k]; i++)
            d[k][i] = how == NORMAL ? eddy_random_normal(random, p->draws++) : eddy_random_uniform(random, p->draws++);
    }
    return true;
}

static void drop(double *d[])
{
    for (int k = 0; k < TRIAL_LEAVES; k++)
        free(d[k]);
}

static double inner(const problem *p, double *const d[], int first, int last)
{
    double sum = 0;
    for (int k = first; k <= last; k++)
        for (int64_t i = 0; i < p->n[k]; i++)
            sum += p->claimed[k][i] * d[k][i];
    return sum;
}

/* ---- PyTorch: torch/autograd/gradcheck.py ---- */

static bool close(double a, double b, double atol, double rtol)
{
    return fabs(a - b) <= atol + rtol * fabs(b);
}

static bool torch(problem *p)
{
    const double eps = 1e-6;
    for (int k = 0; k < p->t->wrt.count; k++)
        for (int64_t i = 0; i < p->n[k]; i++)
            if (!close(p->claimed[k][i], (beside(p, k, i, eps) - beside(p, k, i, -eps)) / (2 * eps), 1e-5, 1e-3))
                return false;
    return true;
}

static bool torch_fast(problem *p)
{
    const double eps = 1e-6;
    double *u[TRIAL_LEAVES] = { NULL };
    bool accepted = draw(p, u, UNIFORM);
    for (int k = 0; accepted && k < p->t->wrt.count; k++) {
        double square = 0, sum = 0;
        for (int64_t i = 0; i < p->n[k]; i++)
            square += u[k][i] * u[k][i];
        for (int64_t i = 0; i < p->n[k]; i++)
            sum += u[k][i] /= sqrt(square);
        double numerical = (along(p, u, k, k, eps) - along(p, u, k, k, -eps)) / (2 * eps);
        accepted = close(inner(p, u, k, k), numerical, 1e-5 * sum, 1e-3);
    }
    drop(u);
    return accepted;
}

/* ---- JAX: check_vjp in jax/_src/public_test_util.py, the cotangent of a one-element loss drawn too ---- */

static bool jax(problem *p)
{
    const double eps = 1e-4, tolerance = 1e-5;
    double *u[TRIAL_LEAVES] = { NULL };
    int last = (int)p->t->wrt.count - 1;
    bool accepted = draw(p, u, NORMAL);
    double cotangent = eddy_random_normal((eddy_random){ p->seed, 4712 }, p->draws++);
    if (accepted) {
        double expected = cotangent * (along(p, u, 0, last, eps) - along(p, u, 0, last, -eps)) * 0.5 / eps;
        accepted = close(cotangent * inner(p, u, 0, last), expected, tolerance, tolerance);
    }
    drop(u);
    return accepted;
}

/* ---- KANN: kad_check_grad in kautodiff.c ---- */

static bool kann(problem *p)
{
    const double eps = (double)1e-5f, rel = 1e-7 / eps;
    double *u[TRIAL_LEAVES] = { NULL };
    int last = (int)p->t->wrt.count - 1;
    bool accepted = draw(p, u, UNIFORM);
    single = true;
    double f0 = along(p, u, 0, last, 0), plus = along(p, u, 0, last, eps), minus = along(p, u, 0, last, -eps);
    double s0 = eps * inner(p, u, 0, last), s1 = 0.5 * (plus - minus);
    single = false;
    along(p, u, 0, last, 0);
    if (fabs(s1) >= rel * eps) { /* else it is "skipped" */
        double error = fabs(fabs(s0) - fabs(s1)) / (fabs(s0) + fabs(s1)),
               curvature = fabs(plus + minus - 2 * f0) / fabs(plus - minus);
        accepted = accepted && !(error >= rel && error > curvature);
    }
    drop(u);
    return accepted;
}

/* ---- DyNet: check_grad in dynet/grad-check.cc ---- */

static bool dynet(problem *p)
{
    const double alpha = (double)5e-3f;
    bool accepted = true;
    single = true;
    for (int k = 0; k < p->t->wrt.count; k++)
        for (int64_t i = 0; i < p->n[k]; i++) {
            double left = beside(p, k, i, -alpha), g = (beside(p, k, i, alpha) - left) / (2 * alpha),
                   act = (double)(float)p->claimed[k][i];
            double f = fabs(g - act), m = fmax(fabs(g), fabs(act));
            if (f > 0.01 && m > 0)
                f /= m;
            accepted = accepted && !(f > 0.01 || isnan(f));
        }
    single = false;
    for (int k = 0; k < p->t->wrt.count; k++)
        put(p, k, p->x[k]);
    return accepted;
}

/* ---- ggml: eval_grad in tests/test-backend-ops.cpp, with the defaults of a test case ---- */

static bool ggml_with(problem *p, bool precise)
{
    const double eps = (double)0.1f;
    bool accepted = true;
    single = true;
    for (int k = 0; k < p->t->wrt.count; k++) {
        double sum = 0;
        for (int64_t i = 0; i < p->n[k] && p->n[k] <= 10000; i++) {
            double ga = (double)(float)p->claimed[k][i], up = beside(p, k, i, eps), down = beside(p, k, i, -eps),
                   gn = (up - down) / (2 * eps);
            if (precise)
                gn = (8 * beside(p, k, i, eps / 2) + down - (8 * beside(p, k, i, -eps / 2) + up)) / (6 * eps);
            accepted = accepted && isfinite(ga);
            sum += fabs((gn - ga) / (gn + ga));
        }
        accepted = accepted && !(sum / (double)p->n[k] > 1e-4);
    }
    single = false;
    for (int k = 0; k < p->t->wrt.count; k++)
        put(p, k, p->x[k]);
    return accepted;
}

static bool ggml(problem *p)
{
    return ggml_with(p, false);
}

static bool ggml_precise(problem *p)
{
    return ggml_with(p, true);
}

/* ---- Ceres: include/ceres/internal/numeric_diff.h, is_close.cc; the precision of Solver::Options ---- */

static double ceres_ridders(problem *p, int k, int64_t i)
{
    enum { MOST = 10 };
    double h = fmax(1e-2, 1e-2 * fabs(p->x[k][i])) * pow(2, MOST / 2), before[MOST], now[MOST], result = NAN,
           error = DBL_MAX;
    for (int row = 0; row < MOST; row++, h /= 2) {
        now[0] = (beside(p, k, i, h) - beside(p, k, i, -h)) / (2 * h);
        if (row == 0)
            result = now[0];
        double factor = 4;
        for (int column = 1; column <= row; column++, factor *= 4) {
            now[column] = (factor * now[column - 1] - before[column - 1]) / (factor - 1);
            double candidate = fmax(fabs(now[column] - now[column - 1]), fabs(now[column] - before[column - 1]));
            if (candidate <= error) {
                error = candidate;
                result = now[column];
                if (error < 1e-12)
                    break;
            }
        }
        if (error < 1e-12 || (row && fabs(now[row] - before[row - 1]) >= 2 * error))
            break;
        memcpy(before, now, sizeof now);
    }
    return result;
}

static bool ceres(problem *p)
{
    for (int k = 0; k < p->t->wrt.count; k++)
        for (int64_t i = 0; i < p->n[k]; i++) {
            double a = p->claimed[k][i], b = ceres_ridders(p, k, i), error = fabs(a - b), most = fmax(fabs(a), fabs(b));
            bool one_is_zero = fabs(a) <= 0 || fabs(b) <= 0;
            if (!((one_is_zero ? error : error / most) < 1e-8))
                return false;
        }
    return true;
}

static const checker all[] = {
    { "PyTorch gradcheck", "central difference 1e-6; each element within 1e-5 + 1e-3 of its size", torch },
    { "PyTorch gradcheck, fast_mode", "one random projection per input, same tolerances", torch_fast },
    { "JAX check_grads (rev)", "one random direction, step 1e-4; within 1e-5 + 1e-5 of the size", jax },
    { "KANN kad_check_grad",
      "one random direction, step 1e-5, f32; sizes within 0.01 relative, or within the curvature; signs ignored",
      kann },
    { "DyNet check_grad", "step 5e-3, f32; absolute 0.01, else relative 0.01", dynet },
    { "ggml test-backend-ops grad", "step 0.1, f32; mean size of (a - n)/(a + n) at most 1e-4 per input", ggml },
    { "ggml, grad_precise", "the same with four points", ggml_precise },
    { "Ceres GradientChecker", "Ridders, estimate discarded; each element within 1e-8 relative", ceres },
};

const checker *checker_at(int i)
{
    return i < (int)(sizeof all / sizeof *all) ? &all[i] : NULL;
}

/* ---- Problems ---- */

static double *numbers(int64_t count)
{
    return malloc((size_t)(count ? count : 1) * sizeof(double));
}

bool problem_new(problem *p, const trial *t, uint64_t seed)
{
    eddy_tensor values[TRIAL_LEAVES], gradients[TRIAL_LEAVES];
    const eddy_tensor *at[TRIAL_LEAVES];
    *p = (problem){ .t = t, .seed = seed, .loss = eddy_compile(t->tape, EDDY_LIST(t->loss), EDDY_NONE) };
    int64_t largest = 1;
    for (int k = 0; k < t->wrt.count; k++) {
        eddy_shape shape = eddy_shape_of(t->wrt.items[k]);
        p->n[k] = eddy_shape_count(&shape);
        largest = p->n[k] > largest ? p->n[k] : largest;
        p->x[k] = numbers(p->n[k]);
        p->claimed[k] = numbers(p->n[k]);
        if (!p->x[k] || !p->claimed[k] || !eddy_get(t->wrt.items[k], p->x[k], (size_t)p->n[k] * sizeof(double)))
            return false;
        values[k] = eddy_tensor_wrap(p->x[k], EDDY_F64, shape);
        gradients[k] = eddy_tensor_wrap(p->claimed[k], EDDY_F64, shape);
        at[k] = &values[k];
    }
    p->scratch = numbers(largest);
    t->claim(t->context, t->wrt.count, at, gradients);
    return p->loss && p->scratch;
}

void problem_free(problem *p)
{
    eddy_program_free(p->loss);
    for (int k = 0; k < TRIAL_LEAVES; k++) {
        free(p->x[k]);
        free(p->claimed[k]);
    }
    free(p->scratch);
}
