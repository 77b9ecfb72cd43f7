/* Initial values of parameters: drawn from one stream of random numbers a parameter, in f64, then converted. */
#include "init.h"
#include "random.h"

#include <math.h>

/* The fans of a weight (out, ..., in). */
static void fans(const eddy_shape *shape, double *in, double *out)
{
    double between = 1;
    for (int i = 1; i < shape->rank - 1; i++)
        between *= (double)shape->dim[i];
    *in = between * (shape->rank ? (double)shape->dim[shape->rank - 1] : 1);
    *out = between * (shape->rank ? (double)shape->dim[0] : 1);
}

/* Makes the rows of w (rows <= columns) orthonormal by Gram-Schmidt, twice (Giraud et al. 2005: twice is enough for
 * orthogonality to rounding). */
static void orthonormalise(double *w, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride)
{
    for (int64_t i = 0; i < rows; i++) {
        double *wi = w + i * row_stride;
        for (int pass = 0; pass < 2; pass++)
            for (int64_t j = 0; j < i; j++) {
                const double *wj = w + j * row_stride;
                double dot = 0;
                for (int64_t k = 0; k < columns; k++)
                    dot += wi[k * column_stride] * wj[k * column_stride];
                for (int64_t k = 0; k < columns; k++)
                    wi[k * column_stride] -= dot * wj[k * column_stride];
            }
        double norm = 0;
        for (int64_t k = 0; k < columns; k++)
            norm += wi[k * column_stride] * wi[k * column_stride];
        norm = sqrt(norm);
        for (int64_t k = 0; k < columns; k++)
            wi[k * column_stride] /= norm;
    }
}

/* Fills an f64 tensor that owns its memory. */
static bool draw(const eddy_tensor *out, eddy_init init, eddy_random random, eddy_status *status)
{
    double gain = init.gain != 0 ? init.gain : 1, in, to;
    fans(&out->shape, &in, &to);
    switch (init.kind) {
    case EDDY_INIT_ZEROS:
        return true;
    case EDDY_INIT_CONSTANT:
        return eddy_fill_uniform(out, random, init.a, init.a, status);
    case EDDY_INIT_UNIFORM:
        return eddy_fill_uniform(out, random, -init.a, init.a, status);
    case EDDY_INIT_NORMAL:
        return eddy_fill_normal(out, random, 0, init.a, status);
    case EDDY_INIT_XAVIER_UNIFORM:
        return eddy_fill_uniform(out, random, -gain * sqrt(6 / (in + to)), gain * sqrt(6 / (in + to)), status);
    case EDDY_INIT_XAVIER_NORMAL:
        return eddy_fill_normal(out, random, 0, gain * sqrt(2 / (in + to)), status);
    case EDDY_INIT_KAIMING_UNIFORM:
        return eddy_fill_uniform(out, random, -gain * sqrt(3 / in), gain * sqrt(3 / in), status);
    case EDDY_INIT_KAIMING_NORMAL:
        return eddy_fill_normal(out, random, 0, gain / sqrt(in), status);
    case EDDY_INIT_ORTHOGONAL:
        break;
    default:
        return eddy_status_fail(status, "%d is no kind of initial value", (int)init.kind);
    }
    if (out->shape.rank < 2)
        return eddy_status_fail(status, "orthogonal initial values need a matrix; the shape is %s",
                                eddy_shape_format(&out->shape).text);
    if (!eddy_fill_normal(out, random, 0, 1, status))
        return false;
    int64_t rows = out->shape.dim[0], count = eddy_tensor_count(out), columns = rows ? count / rows : 0;
    double *w = out->data;
    if (rows <= columns)
        orthonormalise(w, rows, columns, columns, 1);
    else
        orthonormalise(w, columns, rows, 1, columns);
    for (int64_t i = 0; i < count; i++)
        w[i] *= gain;
    return true;
}

/* First draws have the parameter's number as their stream, later ones the leaf's number and first row, in another
 * range. */
static eddy_random stream_of(eddy_tape *tape, int64_t stream)
{
    return (eddy_random){ .seed = eddy_tape_seed(tape), .stream = (uint64_t)stream };
}

eddy_var eddy_parameter_init_at(eddy_site site, eddy_tape *tape, const char *name, eddy_shape shape, eddy_init init)
{
    if (!tape || eddy_error(tape))
        return eddy_failed(tape);
    eddy_status status = { 0 };
    eddy_tensor values;
    eddy_var parameter;
    if (eddy_tensor_new(&values, EDDY_F64, shape, &status) &&
        draw(&values, init, stream_of(tape, eddy_leaf_count(tape, EDDY_PARAMETER)), &status))
        parameter = eddy_parameter_at(site, tape, name, &values);
    else
        parameter = eddy_fail_at(site, tape, "%s", status.text);
    eddy_tensor_free(&values);
    return parameter;
}

bool eddy_reinitialise_at(eddy_site site, eddy_var parameter, eddy_init init, int64_t first, int64_t last)
{
    if (eddy_role_of(parameter) != EDDY_PARAMETER || !eddy_value_at(site, parameter)) {
        eddy_fail_at(site, parameter.tape, "reinitialise: the var is no parameter");
        return false;
    }
    eddy_shape shape = eddy_shape_of(parameter), part = shape;
    last = last ? last : shape.rank ? shape.dim[0] : 0;
    if (shape.rank && (first < 0 || first > last || last > shape.dim[0])) {
        eddy_fail_at(site, parameter.tape, "reinitialise: the rows are out of range");
        return false;
    }
    if (shape.rank)
        part.dim[0] = last - first;
    eddy_random random = stream_of(parameter.tape, (first + 1) << 32 | ~parameter.index);
    eddy_status status = { 0 };
    eddy_tensor values = { 0 }, whole = { 0 }, rows;
    bool done = eddy_tensor_new(&values, EDDY_F64, part, &status) && draw(&values, init, random, &status) &&
                eddy_tensor_new(&whole, EDDY_F64, shape, &status) &&
                eddy_tensor_copy(&whole, eddy_value_at(site, parameter), &status);
    if (done && shape.rank)
        done = eddy_tensor_slice(&rows, &whole, 0, (eddy_range){ first, last, 1 }, &status) &&
               eddy_tensor_copy(&rows, &values, &status);
    else if (done)
        done = eddy_tensor_copy(&whole, &values, &status);
    done = done && eddy_set_tensor_at(site, parameter, &whole);
    if (!done)
        eddy_fail_at(site, parameter.tape, "%s", status.text);
    eddy_tensor_free(&values);
    eddy_tensor_free(&whole);
    return done;
}
