/* Ops that only move elements: constants, casts, reshapes, permutations, broadcasts, and the pair slice/place that
 * slices, selections and flips, concatenation and stacking are made of. */
#include "op_rules.h"
#include "kernels.h"

#include <string.h>

bool eddy_run_copy(const eddy_work *work)
{
    eddy_kernels()->copy(work->in[0], work->out);
    return true;
}

/* A copy of what the rule's view shows: where views are not wanted. */
static bool run_view(const eddy_work *work)
{
    eddy_tensor view = { .dtype = work->out->dtype, .shape = work->out->shape };
    int64_t offset = 0;
    work->rule->view(work->attributes, work->in[0], &view, &offset); /* which these rules' operands always allow */
    view.data = (char *)work->in[0]->data + offset * (int64_t)eddy_dtype_size(view.dtype);
    eddy_kernels()->copy(&view, work->out);
    return true;
}

int64_t eddy_length_of_axis(const void *attributes, const eddy_shape *x)
{
    return x->dim[*(const int *)attributes];
}

/* Records a view by the rules of layout.h; x itself where there is nothing that changes. */
static eddy_var view(eddy_site site, const char *op, const eddy_rule *rule, const eddy_view *kind, eddy_var x,
                     const eddy_asked *asked)
{
    if (!eddy_begin(site, op, 1, &x))
        return eddy_failed(x.tape);
    const eddy_shape *from = eddy_var_shape(x);
    eddy_shape shape;
    eddy_layout layout = { 0 };
    eddy_status why = { 0 };
    if (!kind->shaping(from, asked, &shape, &layout, &why))
        return eddy_op_fail(x.tape, site, op, "%s", why.text);
    if (!kind->size && eddy_shape_equal(from, &shape))
        return x;
    return eddy_record(x.tape, site, &(eddy_recording){ rule, 0, &shape, 1, &x, &layout, kind->size });
}

/* ---- full: one element, seen everywhere with stride 0 ---- */

static bool run_full(const eddy_work *work)
{
    eddy_kernels()->fill(work->out, *(const double *)work->attributes);
    return true;
}

static const eddy_rule rule_full = {
    .name = "full", .run = run_full, .constant = true, .describe = eddy_describe_number
};

eddy_var eddy_full_of_at(eddy_site site, eddy_tape *tape, eddy_dtype dtype, eddy_shape shape, double value)
{
    if (!eddy_begin_tape(tape))
        return eddy_failed(tape);
    if (!eddy_dtype_size(dtype))
        return eddy_op_fail(tape, site, "full", "%d is no dtype", (int)dtype);
    return eddy_record(tape, site, &(eddy_recording){ &rule_full, dtype, &shape, 0, NULL, &value, sizeof value });
}

eddy_var eddy_full_at(eddy_site site, eddy_tape *tape, eddy_shape shape, double value)
{
    return eddy_full_of_at(site, tape, eddy_tape_dtype(tape), shape, value);
}

/* ---- cast ---- */

static eddy_var gradient_cast(const eddy_pullback *back, int64_t k)
{
    eddy_dtype from = eddy_dtype_of(back->operand(back, k)), to = eddy_dtype_of(back->z);
    return eddy_dtype_is_float(from) && eddy_dtype_is_float(to) ? eddy_cast(back->g, from) : (eddy_var){ 0 };
}

static const eddy_rule rule_cast = { .name = "cast", .run = eddy_run_copy, .gradient = gradient_cast };

eddy_var eddy_cast_at(eddy_site site, eddy_var x, eddy_dtype dtype)
{
    if (!eddy_begin(site, "cast", 1, &x))
        return eddy_failed(x.tape);
    if (!eddy_dtype_size(dtype))
        return eddy_op_fail(x.tape, site, "cast", "%d is no dtype", (int)dtype);
    if (eddy_var_dtype(x) == dtype)
        return x;
    return eddy_record(x.tape, site, &(eddy_recording){ .rule = &rule_cast, .dtype = dtype, .count = 1, .x = &x });
}

/* ---- detach ---- */

static const eddy_rule rule_detach = { .name = "detach", .view = eddy_strides_same, .run = eddy_run_copy };

eddy_var eddy_detach_at(eddy_site site, eddy_var x)
{
    return eddy_begin(site, "detach", 1, &x)
               ? eddy_record(x.tape, site, &(eddy_recording){ .rule = &rule_detach, .count = 1, .x = &x })
               : eddy_failed(x.tape);
}

/* ---- reshape ---- */

/* The elements in row-major order, whatever the two shapes: copies into the operand's own shape over out's memory. */
static bool run_reshape(const eddy_work *work)
{
    eddy_tensor to = eddy_tensor_wrap(work->out->data, work->out->dtype, work->in[0]->shape);
    eddy_kernels()->copy(work->in[0], &to);
    return true;
}

static eddy_var gradient_reshape(const eddy_pullback *back, int64_t k)
{
    return eddy_reshape(back->g, eddy_shape_of(back->operand(back, k)));
}

static const eddy_rule rule_reshape = {
    .name = "reshape", .view = eddy_strides_reshape, .run = run_reshape, .gradient = gradient_reshape
};

eddy_var eddy_reshape_at(eddy_site site, eddy_var x, eddy_shape shape)
{
    return view(site, "reshape", &rule_reshape, &eddy_view_reshape, x, &(eddy_asked){ .shape = shape });
}

eddy_var eddy_squeeze_at(eddy_site site, eddy_var x, int axis)
{
    if (!eddy_begin(site, "squeeze", 1, &x))
        return eddy_failed(x.tape);
    eddy_shape shape = *eddy_var_shape(x);
    int at = eddy_axis_index(axis, shape.rank);
    if (at < 0 || shape.dim[at] != 1)
        return eddy_op_fail(x.tape, site, "squeeze", "axis %d of shape %s is %s", axis, eddy_shape_format(&shape).text,
                            at < 0 ? "out of range" : "not 1");
    shape.rank--;
    memmove(&shape.dim[at], &shape.dim[at + 1], (size_t)(shape.rank - at) * sizeof *shape.dim);
    return eddy_reshape_at(site, x, shape);
}

eddy_var eddy_unsqueeze_at(eddy_site site, eddy_var x, int axis)
{
    if (!eddy_begin(site, "unsqueeze", 1, &x))
        return eddy_failed(x.tape);
    eddy_shape shape = *eddy_var_shape(x);
    int at = eddy_axis_index(axis, shape.rank + 1);
    if (at < 0 || shape.rank == EDDY_MAX_RANK)
        return eddy_op_fail(x.tape, site, "unsqueeze",
                            "axis %d is out of range for shape %s with one axis more (at most %d)", axis,
                            eddy_shape_format(&shape).text, EDDY_MAX_RANK);
    eddy_shape_insert(&shape, at);
    return eddy_reshape_at(site, x, shape);
}

/* ---- permute ---- */

static eddy_var gradient_permute(const eddy_pullback *back, int64_t k)
{
    (void)k;
    const int *axes = back->attributes;
    eddy_shape inverse = { .rank = eddy_shape_of(back->z).rank };
    for (int i = 0; i < inverse.rank; i++)
        inverse.dim[axes[i]] = i;
    return eddy_permute(back->g, inverse);
}

static const eddy_rule rule_permute = { .name = "permute",
                                        .view = eddy_strides_permute,
                                        .run = run_view,
                                        .gradient = gradient_permute,
                                        .describe = eddy_describe_permutation };

eddy_var eddy_permute_at(eddy_site site, eddy_var x, eddy_shape axes)
{
    return view(site, "permute", &rule_permute, &eddy_view_permute, x, &(eddy_asked){ .shape = axes });
}

eddy_var eddy_transpose_at(eddy_site site, eddy_var x, int axis0, int axis1)
{
    if (!eddy_begin_axis(site, "transpose", x, &axis0) || !eddy_begin_axis(site, "transpose", x, &axis1))
        return eddy_failed(x.tape);
    eddy_shape axes = { .rank = eddy_var_shape(x)->rank };
    for (int i = 0; i < axes.rank; i++)
        axes.dim[i] = i == axis0 ? axis1 : i == axis1 ? axis0 : i;
    return eddy_permute_at(site, x, axes);
}

/* ---- broadcast_to, and its adjoint sum_to ---- */

static eddy_var gradient_broadcast(const eddy_pullback *back, int64_t k)
{
    return eddy_sum_to(back->g, eddy_shape_of(back->operand(back, k)));
}

static const eddy_rule rule_broadcast = {
    .name = "broadcast_to", .view = eddy_strides_broadcast, .run = run_view, .gradient = gradient_broadcast
};

eddy_var eddy_broadcast_to_at(eddy_site site, eddy_var x, eddy_shape shape)
{
    return view(site, "broadcast_to", &rule_broadcast, &eddy_view_broadcast, x, &(eddy_asked){ .shape = shape });
}

eddy_var eddy_sum_to_at(eddy_site site, eddy_var x, eddy_shape shape)
{
    if (!eddy_begin(site, "sum_to", 1, &x))
        return eddy_failed(x.tape);
    const eddy_shape *from = eddy_var_shape(x);
    if (eddy_shape_equal(from, &shape))
        return x;
    eddy_shape axes = { 0 }, joint;
    if (!eddy_shape_broadcast(&shape, from, &joint) || !eddy_shape_equal(&joint, from))
        return eddy_op_fail(x.tape, site, "sum_to", "shape %s is no broadcast of %s", eddy_shape_format(from).text,
                            eddy_shape_format(&shape).text);
    int shift = from->rank - shape.rank;
    for (int i = 0; i < from->rank; i++)
        if (i < shift || (shape.dim[i - shift] == 1 && from->dim[i] != 1))
            axes.dim[axes.rank++] = i;
    return eddy_reshape_at(site, eddy_sum_over_at(site, x, axes, true), shape);
}

/* ---- slice and place ---- */

/* g placed into zeros; the engine normally collects all slices of one var instead, see gradient.c. */
static eddy_var gradient_slice(const eddy_pullback *back, int64_t k)
{
    eddy_shape shape = eddy_shape_of(back->operand(back, k));
    return eddy_region_place(NULL, "place", &shape, EDDY_LIST(back->g), back->attributes, false);
}

/* Of a slice its region, of a place those of its parts. */
static const eddy_region *regions_of(const void *attributes)
{
    return attributes;
}

static const eddy_rule rule_slice = { .name = "slice",
                                      .view = eddy_strides_region,
                                      .run = run_view,
                                      .gradient = gradient_slice,
                                      .region = regions_of,
                                      .describe = eddy_describe_region };

eddy_var eddy_slice_at(eddy_site site, eddy_var x, int axis, int64_t start, int64_t stop, int64_t step)
{
    return view(site, "slice", &rule_slice, &eddy_view_range, x,
                &(eddy_asked){ .axis = axis, .range = { start, stop, step } });
}

eddy_var eddy_select_at(eddy_site site, eddy_var x, int axis, int64_t index)
{
    return view(site, "select", &rule_slice, &eddy_view_index, x,
                &(eddy_asked){ .axis = axis, .range = { .start = index } });
}

eddy_var eddy_flip_at(eddy_site site, eddy_var x, int axis)
{
    return eddy_slice_at(site, x, axis, -1, EDDY_END, -1);
}

/* ---- place and join: parts in their regions, which are the attributes ---- */

static void put_parts(const eddy_work *work, void (*put)(const eddy_tensor *part, const eddy_tensor *to))
{
    const eddy_region *region = work->attributes;
    for (int64_t k = 0; k < work->count; k++) {
        eddy_tensor to = { .dtype = work->out->dtype, .shape = work->in[k]->shape };
        int64_t offset;
        eddy_strides_region(&region[k], work->out, &to, &offset);
        to.data = (char *)work->out->data + offset * (int64_t)eddy_dtype_size(to.dtype);
        put(work->in[k], &to);
    }
}

static bool run_place(const eddy_work *work)
{
    eddy_kernels()->fill(work->out, 0);
    put_parts(work, eddy_kernels()->accumulate);
    return true;
}

static bool run_join(const eddy_work *work)
{
    put_parts(work, eddy_kernels()->copy);
    return true;
}

static eddy_var gradient_place(const eddy_pullback *back, int64_t k)
{
    const eddy_region *region = (const eddy_region *)back->attributes + k;
    eddy_shape shape = eddy_shape_of(back->operand(back, k));
    return eddy_record(back->g.tape, NULL,
                       &(eddy_recording){ &rule_slice, 0, &shape, 1, &back->g, region, sizeof *region });
}

#define PLACE .name = "place", .gradient = gradient_place, .regions = regions_of
static const eddy_rule rule_place = { PLACE, .run = run_place }, rule_join = { PLACE, .run = run_join };

eddy_var eddy_region_place(eddy_site site, const char *op, const eddy_shape *shape, eddy_list parts,
                           const eddy_region *regions, bool disjoint)
{
    eddy_tape *tape = eddy_begin(site, op, parts.count, parts.items);
    if (!tape)
        return eddy_failed(eddy_list_tape(parts));
    return eddy_record(tape, site,
                       &(eddy_recording){ disjoint ? &rule_join : &rule_place, 0, shape, parts.count, parts.items,
                                          regions, (size_t)parts.count * sizeof *regions });
}
