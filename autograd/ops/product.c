/* The matrix product. */
#include "op_rules.h"
#include "kernels.h"

/* ---- matmul: (..., m, k) (..., k, n) -> (..., m, n), leading axes broadcast ---- */

static bool run_matmul(const eddy_work *work)
{
    eddy_kernels()->matmul(work->in[0], work->in[1], work->scratch, work->out);
    return true;
}

static size_t scratch_matmul(const eddy_work *work)
{
    return eddy_kernels()->matmul_scratch(work->in[0], work->in[1], work->out);
}

/* c = a b:  da = g b^T,  db = a^T g */
static eddy_var gradient_matmul(const eddy_pullback *back, int64_t k)
{
    eddy_var a = back->operand(back, 0), b = back->operand(back, 1);
    return k == 0 ? eddy_matmul(back->g, eddy_transpose(b, -1, -2)) : eddy_matmul(eddy_transpose(a, -1, -2), back->g);
}

static int64_t longest_matmul(const void *attributes, const eddy_shape *x)
{
    (void)attributes;
    return x->dim[x->rank - 1];
}

static const eddy_rule rule_matmul = { .name = "matmul",
                                       .run = run_matmul,
                                       .scratch = scratch_matmul,
                                       .gradient = gradient_matmul,
                                       .longest_sum = longest_matmul,
                                       .is_product = true };

eddy_var eddy_matmul_at(eddy_site site, eddy_var a, eddy_var b)
{
    eddy_tape *tape = eddy_begin(site, "matmul", 2, (eddy_var[]){ a, b });
    if (!tape)
        return eddy_failed(a.tape ? a.tape : b.tape);
    const eddy_shape sa = *eddy_var_shape(a), sb = *eddy_var_shape(b);
    eddy_dtype dtype = eddy_var_dtype(a);
    if (dtype != eddy_var_dtype(b) || !eddy_dtype_is_float(dtype))
        return eddy_op_fail(tape, site, "matmul", "operands have dtypes %s and %s; they must both be f32 or both f64",
                            eddy_dtype_name(dtype), eddy_dtype_name(eddy_var_dtype(b)));
    if (sa.rank == 0 || sb.rank == 0)
        return eddy_op_fail(tape, site, "matmul", "shapes %s and %s: a scalar has no inner dimension; use eddy_mul",
                            eddy_shape_format(&sa).text, eddy_shape_format(&sb).text);
    int64_t inner_a = sa.dim[sa.rank - 1], inner_b = sb.rank == 1 ? sb.dim[0] : sb.dim[sb.rank - 2];
    if (inner_a != inner_b)
        return eddy_op_fail(tape, site, "matmul", "shapes %s and %s: the inner dimensions %lld and %lld differ",
                            eddy_shape_format(&sa).text, eddy_shape_format(&sb).text, (long long)inner_a,
                            (long long)inner_b);
    /* A vector is a matrix with one row (left) or one column (right), and that axis goes again. */
    if (sb.rank == 1)
        return eddy_squeeze_at(site, eddy_matmul_at(site, a, eddy_unsqueeze_at(site, b, 1)), -1);
    if (sa.rank == 1)
        return eddy_squeeze_at(site, eddy_matmul_at(site, eddy_unsqueeze_at(site, a, 0), b), -2);
    /* Many matrices against one are one tall matrix, whose gradient then needs no sum over the batch. */
    if (sa.rank > 2 && sb.rank == 2) {
        eddy_shape rows = { .rank = 2, .dim = { 1, inner_a } }, result = sa;
        for (int i = 0; i < sa.rank - 1; i++)
            rows.dim[0] *= sa.dim[i];
        result.dim[sa.rank - 1] = sb.dim[1];
        return eddy_reshape_at(site, eddy_matmul_at(site, eddy_reshape_at(site, a, rows), b), result);
    }
    eddy_shape batch_a = sa, batch_b = sb, shape;
    batch_a.rank -= 2;
    batch_b.rank -= 2;
    if (!eddy_shape_broadcast(&batch_a, &batch_b, &shape))
        return eddy_op_fail(tape, site, "matmul", "shapes %s and %s: the leading dimensions do not broadcast",
                            eddy_shape_format(&sa).text, eddy_shape_format(&sb).text);
    shape.dim[shape.rank++] = sa.dim[sa.rank - 2];
    shape.dim[shape.rank++] = sb.dim[sb.rank - 1];
    return eddy_record(tape, site, &(eddy_recording){ &rule_matmul, dtype, &shape, 2, (eddy_var[]){ a, b }, NULL, 0 });
}
