/* Norms of vectors and matrices. */
#include "value.h"

#include <math.h>
#include <string.h>

value value_norm(algebra *a, value x)
{
    value squares = value_inner(a, x, x);
    if (value_ok(squares))
        squares.var = eddy_sqrt(squares.var);
    return squares;
}

/* The largest singular value of a sample's matrix with its vectors: u^T M v. By repeated squaring of M^T M, scaled to
 * trace 1, which ends as v v^T. */
static double spectral(const double *m, int64_t rows, int64_t columns, double *u, double *v)
{
    double s[VALUE_LONGEST][VALUE_LONGEST], next[VALUE_LONGEST][VALUE_LONGEST], norm = 0;
    for (int64_t i = 0; i < columns; i++)
        for (int64_t j = 0; j < columns; j++) {
            s[i][j] = 0;
            for (int64_t k = 0; k < rows; k++)
                s[i][j] += m[k * columns + i] * m[k * columns + j];
        }
    for (int round = 0; round < 40; round++) {
        double trace = 0;
        for (int64_t i = 0; i < columns; i++)
            trace += s[i][i];
        if (!(trace > 0) || isinf(trace))
            return trace;
        for (int64_t i = 0; i < columns; i++)
            for (int64_t j = 0; j < columns; j++)
                s[i][j] /= trace;
        for (int64_t i = 0; i < columns; i++)
            for (int64_t j = 0; j < columns; j++) {
                next[i][j] = 0;
                for (int64_t k = 0; k < columns; k++)
                    next[i][j] += s[i][k] * s[k][j];
            }
        memcpy(s, next, sizeof s);
    }
    int64_t largest = 0;
    for (int64_t i = 1; i < columns; i++)
        largest = s[i][i] > s[largest][largest] ? i : largest;
    for (int64_t i = 0; i < columns; i++)
        norm += s[i][largest] * s[i][largest];
    for (int64_t i = 0; i < columns; i++)
        v[i] = s[i][largest] / sqrt(norm);
    norm = 0;
    for (int64_t i = 0; i < rows; i++) {
        u[i] = 0;
        for (int64_t j = 0; j < columns; j++)
            u[i] += m[i * columns + j] * v[j];
        norm += u[i] * u[i];
    }
    for (int64_t i = 0; i < rows; i++)
        u[i] /= sqrt(norm);
    return sqrt(norm);
}

value value_spectral_norm(algebra *a, value x)
{
    if (!value_ok(x) || !value_short(a, x))
        return value_none();
    if (x.rank < 2)
        return value_norm(a, x);
    a->frozen++;
    const eddy_tensor *t = eddy_value(x.var);
    int64_t samples = x.batched ? eddy_size(x.var, 0) : 1, rows = value_size(x, 0), columns = value_size(x, 1);
    double m[VALUE_LONGEST * VALUE_LONGEST], u[VALUE_LONGEST] = { 0 }, v[VALUE_LONGEST] = { 0 };
    if (!t || samples > VALUE_LONGEST)
        return value_taped(a, x);
    eddy_var outer[VALUE_LONGEST]; /* u v^T: its inner product with M is the norm, with the norm's derivative, for u and
                                      v stand still to first order */
    for (int64_t b = 0; b < samples; b++) {
        for (int64_t i = 0; i < rows * columns; i++)
            m[i] = eddy_tensor_flat(t, b * rows * columns + i);
        memset(u, 0, sizeof u);
        memset(v, 0, sizeof v);
        spectral(m, rows, columns, u, v);
        for (int64_t i = 0; i < rows * columns; i++)
            m[i] = u[i / columns] * v[i % columns];
        eddy_tensor both = eddy_tensor_wrap(m, EDDY_F64, EDDY_SHAPE(rows, columns));
        outer[b] = eddy_constant(a->tape, &both);
    }
    eddy_var all = x.batched ? eddy_stack_list(0, (eddy_list){ outer, samples }) : outer[0];
    return value_sum_all(a, value_taped(a, (value){ .var = eddy_mul(x.var, all), .rank = 2, .batched = x.batched }));
}

/* ---- Eigenvalues ---- */

/* |largest eigenvalue|, as the growth of the powers: 2^60 of them, squared and scaled. */
static double radius(double *m, int64_t n)
{
    double next[VALUE_LONGEST * VALUE_LONGEST], log_scale = 0, weight = 1;
    for (int round = 0; round < 60; round++) {
        double size = 0;
        for (int64_t i = 0; i < n * n; i++)
            size += m[i] * m[i];
        size = sqrt(size);
        if (!(size > 0) || isinf(size))
            return size;
        log_scale += weight * log(size);
        weight /= 2;
        for (int64_t i = 0; i < n * n; i++)
            m[i] /= size;
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) {
                double sum = 0;
                for (int64_t k = 0; k < n; k++)
                    sum += m[i * n + k] * m[k * n + j];
                next[i * n + j] = sum;
            }
        memcpy(m, next, (size_t)(n * n) * sizeof *m);
    }
    return exp(log_scale);
}

/* The eigenvalues of a symmetric matrix, on its diagonal, by Jacobi's rotations. */
static void diagonalize(double *m, int64_t n)
{
    for (int sweep = 0; sweep < 60; sweep++)
        for (int64_t p = 0; p < n; p++)
            for (int64_t q = p + 1; q < n; q++) {
                double off = m[p * n + q];
                if (off == 0)
                    continue;
                double theta = (m[q * n + q] - m[p * n + p]) / (2 * off);
                double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1)), c = 1 / sqrt(t * t + 1);
                for (int64_t k = 0; k < n; k++) {
                    double x = m[k * n + p], y = m[k * n + q];
                    m[k * n + p] = c * (x - t * y), m[k * n + q] = c * (t * x + y);
                }
                for (int64_t k = 0; k < n; k++) {
                    double x = m[p * n + k], y = m[q * n + k];
                    m[p * n + k] = c * (x - t * y), m[q * n + k] = c * (t * x + y);
                }
            }
}

static double spectrum_of(double *m, int64_t rows, int64_t columns, spectrum which)
{
    if (which == SPECTRUM_RADIUS)
        return radius(m, rows);
    double s[VALUE_LONGEST * VALUE_LONGEST] = { 0 }, best;
    int64_t n = rows < columns ? rows : columns;
    if (which == SPECTRUM_LEAST_SINGULAR) /* of the smaller of M M^T and M^T M */
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) {
                double sum = 0;
                for (int64_t k = 0; k < (rows < columns ? columns : rows); k++)
                    sum += rows < columns ? m[i * columns + k] * m[j * columns + k]
                                          : m[k * columns + i] * m[k * columns + j];
                s[i * n + j] = sum;
            }
    else
        memcpy(s, m, (size_t)(n * n) * sizeof *s);
    diagonalize(s, n);
    best = s[0];
    for (int64_t i = 1; i < n; i++)
        best = which == SPECTRUM_LARGEST ? fmax(best, s[i * n + i]) : fmin(best, s[i * n + i]);
    return which == SPECTRUM_LEAST_SINGULAR ? sqrt(fmax(best, 0)) : best;
}

value value_spectrum(algebra *a, value x, spectrum which)
{
    if (!value_ok(x) || !value_short(a, x))
        return value_none();
    a->frozen++;
    const eddy_tensor *t = eddy_value(x.var);
    int64_t samples = x.batched ? eddy_size(x.var, 0) : 1;
    if (!t || samples > VALUE_LONGEST)
        return value_taped(a, x);
    int64_t rows = x.rank == 2 ? value_size(x, 0) : 0, columns = x.rank == 2 ? value_size(x, 1) : 0;
    if (x.rank != 2 || (which != SPECTRUM_LEAST_SINGULAR && rows != columns)) {
        fault_set(a->fault, FAULT_SHAPES, "only a%s matrix has such numbers",
                  which == SPECTRUM_LEAST_SINGULAR ? "" : " square");
        return value_none();
    }
    double m[VALUE_LONGEST * VALUE_LONGEST], found[VALUE_LONGEST];
    for (int64_t b = 0; b < samples; b++) {
        for (int64_t i = 0; i < rows * columns; i++)
            m[i] = eddy_tensor_flat(t, b * rows * columns + i);
        for (int64_t i = 0; i < rows && (which == SPECTRUM_LARGEST || which == SPECTRUM_LEAST); i++)
            for (int64_t j = 0; j < i; j++)
                if (fabs(m[i * columns + j] - m[j * columns + i]) > 1e-9 * (1 + fabs(m[i * columns + j]))) {
                    fault_set(a->fault, FAULT_NOT_READ, "the largest eigenvalue of a matrix that is not symmetric");
                    return value_none();
                }
        found[b] = spectrum_of(m, rows, columns, which);
    }
    eddy_tensor all = eddy_tensor_wrap(found, EDDY_F64, x.batched ? EDDY_SHAPE(samples) : (eddy_shape){ 0 });
    return value_taped(a, (value){ .var = eddy_constant(a->tape, &all), .batched = x.batched });
}
