/* Ops that look elements up by integer indices, and their adjoint. Indices are checked when the op runs. */
#include "node.h"
#include "kernels.h"

#include <stdio.h>

/* ---- gather: y[.., j, ..] = x[.., index[.., j, ..], ..] ---- */

static bool run_gather(const eddy_work *work)
{
    return eddy_kernels()->gather(work->in[0], *(const int *)work->attributes, work->in[1], work->out, work->status);
}

static eddy_var scatter(eddy_site site, eddy_var src, int axis, eddy_var index, const eddy_shape *shape);

static eddy_var gradient_gather(const eddy_pullback *back, int64_t k)
{
    eddy_shape shape = eddy_shape_of(back->operand(back, 0));
    return k == 0 ? scatter(NULL, back->g, *(const int *)back->attributes, back->operand(back, 1), &shape)
                  : (eddy_var){ 0 };
}

static const eddy_rule rule_gather = {
    .name = "gather", .run = run_gather, .gradient = gradient_gather, .describe = eddy_describe_axis
};

/* ---- scatter: zeros of a shape with src added at index; the adjoint of gather ---- */

static bool run_scatter(const eddy_work *work)
{
    return eddy_kernels()->scatter_add(work->in[0], *(const int *)work->attributes, work->in[1], work->out,
                                       work->status);
}

static eddy_var gradient_scatter(const eddy_pullback *back, int64_t k)
{
    return k == 0 ? eddy_gather(back->g, *(const int *)back->attributes, back->operand(back, 1)) : (eddy_var){ 0 };
}

/* All may fall on one element. */
static int64_t longest_scatter(const void *attributes, const eddy_shape *x)
{
    return x->dim[*(const int *)attributes];
}

static const eddy_rule rule_scatter = { .name = "scatter",
                                        .run = run_scatter,
                                        .gradient = gradient_scatter,
                                        .longest_sum = longest_scatter,
                                        .describe = eddy_describe_axis };

static eddy_var scatter(eddy_site site, eddy_var src, int axis, eddy_var index, const eddy_shape *shape)
{
    eddy_tape *tape = eddy_begin(site, "scatter", 2, (eddy_var[]){ src, index });
    if (!tape)
        return eddy_failed(src.tape);
    return eddy_record(tape, site,
                       &(eddy_recording){ &rule_scatter, eddy_var_dtype(src), shape, 2, (eddy_var[]){ src, index },
                                          &axis, sizeof axis });
}

/* ---- check_range: the operand, if its elements lie in a range ---- */

typedef struct range {
    int64_t low, high;
    char what[48];
} range;

/* "3" or "1, 2": where in the tensor element i is. */
static void place(const eddy_shape *shape, int64_t i, char *text, size_t size)
{
    int64_t at[EDDY_MAX_RANK] = { 0 };
    for (int axis = shape->rank - 1; axis >= 0; i /= shape->dim[axis], axis--)
        at[axis] = i % shape->dim[axis];
    text[0] = 0;
    for (int axis = 0, used = 0; axis < shape->rank && used >= 0 && (size_t)used < size; axis++)
        used += snprintf(text + used, size - (size_t)used, "%s%lld", axis ? ", " : "", (long long)at[axis]);
}

static bool run_check_range(const eddy_work *work)
{
    const range *r = work->attributes;
    if (!eddy_run_copy(work))
        return false;
    int64_t count = eddy_tensor_count(work->out);
    for (int64_t i = 0; i < count; i++) {
        int64_t x = work->out->dtype == EDDY_I32 ? ((const int32_t *)work->out->data)[i]
                                                 : ((const int64_t *)work->out->data)[i];
        if (x < r->low || x > r->high) {
            char where[200];
            place(&work->out->shape, i, where, sizeof where);
            return eddy_status_fail(work->status, "%s[%s] is %lld; it must lie in %lld..%lld", r->what, where,
                                    (long long)x, (long long)r->low, (long long)r->high);
        }
    }
    return true;
}

static void describe_range(const void *attributes, const eddy_shape *x, char *text, size_t size)
{
    const range *r = attributes;
    (void)x;
    snprintf(text, size, "%s in %lld..%lld", r->what, (long long)r->low, (long long)r->high);
}

static const eddy_rule rule_check_range = { .name = "check_range", .run = run_check_range, .describe = describe_range };

eddy_var eddy_check_range_at(eddy_site site, eddy_var x, int64_t low, int64_t high, const char *what)
{
    eddy_tape *tape = eddy_begin(site, "check_range", 1, &x);
    if (!tape)
        return eddy_failed(x.tape);
    if (eddy_dtype_is_float(eddy_var_dtype(x))) {
        eddy_tape_fail(tape, site, "check_range", "the operand has dtype %s; i32 or i64 is needed",
                       eddy_dtype_name(eddy_var_dtype(x)));
        return eddy_failed(tape);
    }
    range r = { .low = low, .high = high };
    snprintf(r.what, sizeof r.what, "%s", what && *what ? what : "x");
    return eddy_record(
        tape, site, &(eddy_recording){ &rule_check_range, eddy_var_dtype(x), eddy_var_shape(x), 1, &x, &r, sizeof r });
}

/* ---- What they have in common ---- */

/* The tape and the axis; the index is an integer var whose dimensions but the one of the axis do not exceed x's. NULL
 * after a failure. */
static eddy_tape *begin_index(eddy_site site, const char *op, eddy_var x, int axis, eddy_var index, int *at)
{
    eddy_tape *tape = eddy_begin(site, op, 2, (eddy_var[]){ x, index });
    if (!tape || !eddy_begin_axis(site, op, x, axis, at))
        return NULL;
    if (eddy_dtype_is_float(eddy_var_dtype(index))) {
        eddy_tape_fail(tape, site, op, "the index has dtype %s; i32 or i64 is needed",
                       eddy_dtype_name(eddy_var_dtype(index)));
        return NULL;
    }
    return tape;
}

static bool index_fits(const eddy_shape *x, const eddy_shape *index, int at)
{
    bool fits = x->rank == index->rank;
    for (int i = 0; i < x->rank && fits; i++)
        fits = i == at || index->dim[i] <= x->dim[i];
    return fits;
}

eddy_var eddy_gather_at(eddy_site site, eddy_var x, int axis, eddy_var index)
{
    int at;
    eddy_tape *tape = begin_index(site, "gather", x, axis, index, &at);
    if (!tape)
        return eddy_failed(x.tape);
    if (!index_fits(eddy_var_shape(x), eddy_var_shape(index), at))
        return eddy_op_fail(
            tape, site, "gather", "index of shape %s does not fit %s: ranks must agree and only axis %d may be larger",
            eddy_shape_format(eddy_var_shape(index)).text, eddy_shape_format(eddy_var_shape(x)).text, axis);
    return eddy_record(tape, site,
                       &(eddy_recording){ &rule_gather, eddy_var_dtype(x), eddy_var_shape(index), 2,
                                          (eddy_var[]){ x, index }, &at, sizeof at });
}

eddy_var eddy_scatter_add_at(eddy_site site, eddy_var x, int axis, eddy_var index, eddy_var src)
{
    int at;
    eddy_tape *tape = begin_index(site, "scatter_add", x, axis, index, &at);
    if (!tape || !eddy_begin(site, "scatter_add", 1, &src))
        return eddy_failed(x.tape);
    if (!index_fits(eddy_var_shape(x), eddy_var_shape(index), at) ||
        !eddy_shape_equal(eddy_var_shape(index), eddy_var_shape(src)) || eddy_var_dtype(src) != eddy_var_dtype(x)) {
        eddy_tape_fail(
            tape, site, "scatter_add",
            "x %s %s, index %s and src %s %s do not fit: index and src have one shape, only axis %d may be larger "
            "than x's, x and src have one dtype",
            eddy_shape_format(eddy_var_shape(x)).text, eddy_dtype_name(eddy_var_dtype(x)),
            eddy_shape_format(eddy_var_shape(index)).text, eddy_shape_format(eddy_var_shape(src)).text,
            eddy_dtype_name(eddy_var_dtype(src)), axis);
        return eddy_failed(tape);
    }
    return eddy_add_at(site, x, scatter(site, src, at, index, eddy_var_shape(x)));
}

/* The vector of indices is seen as an index of x's rank without a copy. */
eddy_var eddy_index_select_at(eddy_site site, eddy_var x, int axis, eddy_var index)
{
    int at;
    eddy_tape *tape = begin_index(site, "index_select", x, axis, index, &at);
    if (!tape)
        return eddy_failed(x.tape);
    eddy_shape rows = *eddy_var_shape(index), shape = *eddy_var_shape(x), column = { .rank = shape.rank };
    if (rows.rank != 1)
        return eddy_op_fail(tape, site, "index_select", "the index has shape %s; a vector is needed",
                            eddy_shape_format(&rows).text);
    for (int i = 0; i < shape.rank; i++)
        column.dim[i] = i == at ? rows.dim[0] : 1;
    shape.dim[at] = rows.dim[0];
    return eddy_gather_at(site, x, at, eddy_broadcast_to_at(site, eddy_reshape_at(site, index, column), shape));
}

eddy_var eddy_embedding_at(eddy_site site, eddy_var weight, eddy_var index)
{
    eddy_tape *tape = eddy_begin(site, "embedding", 2, (eddy_var[]){ weight, index });
    if (!tape)
        return eddy_failed(weight.tape);
    eddy_shape table = *eddy_var_shape(weight), shape = *eddy_var_shape(index);
    if (table.rank != 2 || shape.rank >= EDDY_MAX_RANK) {
        eddy_tape_fail(
            tape, site, "embedding",
            "the weight has shape %s and the index %s; the weight must be (V, D) and the index of rank below %d",
            eddy_shape_format(&table).text, eddy_shape_format(&shape).text, EDDY_MAX_RANK);
        return eddy_failed(tape);
    }
    eddy_shape flat = { .rank = 1, .dim = { eddy_shape_count(&shape) } };
    shape.dim[shape.rank++] = table.dim[1];
    return eddy_reshape_at(site, eddy_index_select_at(site, weight, 0, eddy_reshape_at(site, index, flat)), shape);
}

eddy_var eddy_one_hot_at(eddy_site site, eddy_var index, int64_t classes)
{
    eddy_tape *tape = eddy_begin(site, "one_hot", 1, &index);
    if (!tape)
        return eddy_failed(index.tape);
    eddy_shape shape = *eddy_var_shape(index);
    if (classes < 1 || shape.rank >= EDDY_MAX_RANK || eddy_dtype_is_float(eddy_var_dtype(index)))
        return eddy_op_fail(
            tape, site, "one_hot",
            "an index of shape %s and dtype %s with %lld classes: at least 1 class and an integer index of "
            "rank below %d",
            eddy_shape_format(&shape).text, eddy_dtype_name(eddy_var_dtype(index)), (long long)classes, EDDY_MAX_RANK);
    eddy_var column = eddy_unsqueeze_at(site, index, -1);
    eddy_var ones = eddy_full_at(site, tape, eddy_shape_of(column), 1);
    shape.dim[shape.rank++] = classes;
    return scatter(site, ones, shape.rank - 1, column, &shape);
}
