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
