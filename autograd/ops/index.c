/* Ops that look elements up by integer indices, and their adjoint. Indices are checked when the op runs. */
#include "op_rules.h"
#include "kernels.h"

#include <stdio.h>

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

static const eddy_rule rule_scatter = { .name = "scatter",
                                        .run = run_scatter,
                                        .gradient = gradient_scatter,
                                        .longest_sum = eddy_length_of_axis, /* all may fall on one element */
                                        .describe = eddy_describe_axis };

static eddy_var scatter(eddy_site site, eddy_var src, int axis, eddy_var index, const eddy_shape *shape)
{
    const eddy_var x[] = { src, index };
    return eddy_begin(site, "scatter", 2, x)
               ? eddy_record(src.tape, site, &(eddy_recording){ &rule_scatter, 0, shape, 2, x, &axis, sizeof axis })
               : eddy_failed(src.tape);
}

/* ---- gather: y[.., j, ..] = x[.., index[.., j, ..], ..] ---- */

static bool run_gather(const eddy_work *work)
{
    return eddy_kernels()->gather(work->in[0], *(const int *)work->attributes, work->in[1], work->out, work->status);
}

static eddy_var gradient_gather(const eddy_pullback *back, int64_t k)
{
    eddy_shape shape = eddy_shape_of(back->operand(back, 0));
    return k == 0 ? scatter(NULL, back->g, *(const int *)back->attributes, back->operand(back, 1), &shape)
                  : (eddy_var){ 0 };
}

static const eddy_rule rule_gather = {
    .name = "gather", .run = run_gather, .gradient = gradient_gather, .describe = eddy_describe_axis
};

/* ---- check_range: the operand, if its elements lie in a range ---- */

typedef struct range {
    int64_t low, high;
    char what[48];
} range;

static bool run_check_range(const eddy_work *work)
{
    const range *r = work->attributes;
    return eddy_run_copy(work) && eddy_kernels()->check_range(work->out, r->low, r->high, r->what, work->status);
}

static void describe_range(const void *attributes, const eddy_shape *x, char *text, size_t size)
{
    const range *r = attributes;
    (void)x;
    snprintf(text, size, "%s in %lld..%lld", r->what, (long long)r->low, (long long)r->high);
}

static const eddy_rule rule_check_range = { .name = "check_range", .run = run_check_range, .describe = describe_range };

/* Indices are integers. */
static bool is_index(eddy_site site, const char *op, const char *what, eddy_var x)
{
    eddy_dtype dtype = eddy_var_dtype(x);
    return !eddy_dtype_is_float(dtype) ||
           eddy_tape_fail(x.tape, site, op, "%s has dtype %s; i32 or i64 is needed", what, eddy_dtype_name(dtype));
}

eddy_var eddy_check_range_at(eddy_site site, eddy_var x, int64_t low, int64_t high, const char *what)
{
    if (!eddy_begin(site, "check_range", 1, &x) || !is_index(site, "check_range", "the operand", x))
        return eddy_failed(x.tape);
    range r = { .low = low, .high = high };
    snprintf(r.what, sizeof r.what, "%s", what && *what ? what : "x");
    return eddy_record(x.tape, site, &(eddy_recording){ &rule_check_range, 0, NULL, 1, &x, &r, sizeof r });
}

/* ---- What users call ---- */

bool eddy_begin_index(eddy_site site, const char *op, eddy_var x, int *axis, eddy_var index)
{
    return eddy_begin(site, op, 2, (eddy_var[]){ x, index }) && eddy_begin_axis(site, op, x, axis) &&
           is_index(site, op, "the index", index);
}

/* Of x's rank, and no dimension but the axis's exceeds x's. */
static bool index_fits(const eddy_shape *x, const eddy_shape *index, int axis)
{
    bool fits = x->rank == index->rank;
    for (int i = 0; i < x->rank && fits; i++)
        fits = i == axis || index->dim[i] <= x->dim[i];
    return fits;
}

eddy_var eddy_gather_at(eddy_site site, eddy_var x, int axis, eddy_var index)
{
    if (!eddy_begin_index(site, "gather", x, &axis, index))
        return eddy_failed(x.tape);
    const eddy_shape *from = eddy_var_shape(x), *shape = eddy_var_shape(index);
    if (!index_fits(from, shape, axis))
        return eddy_op_fail(x.tape, site, "gather",
                            "index of shape %s does not fit %s: ranks must agree and only axis %d may be larger",
                            eddy_shape_format(shape).text, eddy_shape_format(from).text, axis);
    const eddy_var operands[] = { x, index };
    return eddy_record(x.tape, site, &(eddy_recording){ &rule_gather, 0, shape, 2, operands, &axis, sizeof axis });
}

eddy_var eddy_scatter_add_at(eddy_site site, eddy_var x, int axis, eddy_var index, eddy_var src)
{
    if (!eddy_begin_index(site, "scatter_add", x, &axis, index) || !eddy_begin(site, "scatter_add", 1, &src))
        return eddy_failed(x.tape);
    const eddy_shape *to = eddy_var_shape(x), *at = eddy_var_shape(index), *from = eddy_var_shape(src);
    if (!index_fits(to, at, axis) || !eddy_shape_equal(at, from) || eddy_var_dtype(src) != eddy_var_dtype(x))
        return eddy_op_fail(
            x.tape, site, "scatter_add",
            "x %s %s, index %s and src %s %s do not fit: index and src have one shape, only axis %d may be larger "
            "than x's, x and src have one dtype",
            EDDY_KIND(x), eddy_shape_format(at).text, EDDY_KIND(src), axis);
    return eddy_add_at(site, x, scatter(site, src, axis, index, to));
}

eddy_var eddy_one_hot_at(eddy_site site, eddy_var index, int64_t classes)
{
    if (!eddy_begin(site, "one_hot", 1, &index))
        return eddy_failed(index.tape);
    eddy_shape shape = *eddy_var_shape(index);
    if (classes < 1 || shape.rank >= EDDY_MAX_RANK || eddy_dtype_is_float(eddy_var_dtype(index)))
        return eddy_op_fail(
            index.tape, site, "one_hot",
            "an index of shape %s and dtype %s with %lld classes: at least 1 class and an integer index of "
            "rank below %d",
            EDDY_KIND(index), (long long)classes, EDDY_MAX_RANK);
    eddy_var column = eddy_unsqueeze_at(site, index, -1);
    eddy_var ones = eddy_full_at(site, index.tape, eddy_shape_of(column), 1);
    shape.dim[shape.rank++] = classes;
    return scatter(site, ones, shape.rank - 1, column, &shape);
}
