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

/* The largest eigenvalue of M^T M by repeated squaring: numbers of one sample. */
static double spectral(const double *m, int64_t rows, int64_t columns)
{
    double s[VALUE_LONGEST][VALUE_LONGEST], next[VALUE_LONGEST][VALUE_LONGEST], log_scale = 0, power = 1;
    for (int64_t i = 0; i < columns; i++)
        for (int64_t j = 0; j < columns; j++) {
            s[i][j] = 0;
            for (int64_t k = 0; k < rows; k++)
                s[i][j] += m[k * columns + i] * m[k * columns + j];
        }
    for (int round = 0; round < 40; round++, power *= 2) { /* (M^T M)^(2^round), scaled to trace 1 */
        double trace = 0;
        for (int64_t i = 0; i < columns; i++)
            trace += s[i][i];
        if (!(trace > 0) || isinf(trace))
            return trace;
        log_scale += log(trace) / power;
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
    return exp(log_scale / 2);
}

value value_spectral_norm(algebra *a, value x)
{
    if (!value_ok(x) || !value_short(a, x))
        return value_none();
    if (x.rank < 2)
        return value_norm(a, x);
    const eddy_tensor *t = eddy_value(x.var);
    int64_t samples = x.batched ? eddy_size(x.var, 0) : 1, rows = value_size(x, 0), columns = value_size(x, 1);
    double m[VALUE_LONGEST * VALUE_LONGEST], out[VALUE_LONGEST];
    if (!t || samples > VALUE_LONGEST)
        return value_taped(a, x);
    for (int64_t b = 0; b < samples; b++) {
        for (int64_t i = 0; i < rows * columns; i++)
            m[i] = eddy_tensor_flat(t, b * rows * columns + i);
        out[b] = spectral(m, rows, columns);
    }
    eddy_tensor norms = eddy_tensor_wrap(out, EDDY_F64, x.batched ? EDDY_SHAPE(samples) : EDDY_SCALAR);
    return value_taped(a, (value){ .var = eddy_constant(a->tape, &norms), .batched = x.batched });
}
