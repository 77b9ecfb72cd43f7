/* Several slices of one var, and several vars in one: splits; concatenation, stacking. */
#include "layout.h"
#include "node.h"

/* n parts of an axis side by side: of the given sizes, or of one. Without the axis: `dropped`. */
static eddy_list cut(eddy_site site, eddy_var x, int axis, int64_t n, const int64_t *sizes, int64_t size, bool dropped)
{
    eddy_list parts = eddy_list_new(x.tape, NULL, n);
    eddy_region region = eddy_region_whole(eddy_var_shape(x));
    region.dropped = dropped ? 1u << axis : 0;
    for (int64_t i = 0; i < parts.count; i++) {
        region.size[axis] = sizes ? sizes[i] : size;
        parts.items[i] = eddy_region_slice(site, x, &region);
        region.start[axis] += region.size[axis];
    }
    return parts;
}

eddy_list eddy_split_at(eddy_site site, eddy_var x, int axis, const int64_t *sizes, int64_t n)
{
    if (!eddy_begin_axis(site, "split", x, &axis))
        return eddy_failed_list(x.tape, n);
    const eddy_shape *shape = eddy_var_shape(x);
    int64_t rest = shape->dim[axis];
    bool legal = n >= 0 && (sizes || !n);
    for (int64_t i = 0; i < n && legal; i++) {
        legal = sizes[i] >= 0 && sizes[i] <= rest;
        rest -= legal ? sizes[i] : 0;
    }
    if (!legal || rest)
        return eddy_list_fail(x.tape, n, site, "split",
                              "the %lld sizes do not add up to the %lld of axis %d of shape %s", (long long)n,
                              (long long)shape->dim[axis], axis, eddy_shape_format(shape).text);
    return cut(site, x, axis, n, sizes, 0, false);
}

eddy_list eddy_chunk_at(eddy_site site, eddy_var x, int axis, int64_t n)
{
    if (!eddy_begin_axis(site, "chunk", x, &axis))
        return eddy_failed_list(x.tape, n);
    const eddy_shape *shape = eddy_var_shape(x);
    int64_t all = shape->dim[axis];
    if (n <= 0 || all % n)
        return eddy_list_fail(x.tape, n, site, "chunk", "the %lld of axis %d of shape %s are not %lld equal parts",
                              (long long)all, axis, eddy_shape_format(shape).text, (long long)n);
    return cut(site, x, axis, n, NULL, all / n, false);
}

eddy_list eddy_unstack_at(eddy_site site, eddy_var x, int axis)
{
    return eddy_begin_axis(site, "unstack", x, &axis) ? cut(site, x, axis, eddy_var_shape(x)->dim[axis], NULL, 1, true)
                                                      : eddy_failed_list(x.tape, -1);
}

/* Parts side by side along an axis that they have (concat) or that is new (stack). */
static eddy_var join(eddy_site site, const char *op, int axis, eddy_list parts, bool stack)
{
    eddy_tape *tape = eddy_begin(site, op, parts.count, parts.items);
    if (!tape)
        return eddy_failed(eddy_list_tape(parts));
    eddy_shape like = *eddy_var_shape(parts.items[0]), shape = like;
    int at = eddy_axis_index(axis, like.rank + stack);
    if (at < 0 || like.rank + stack > EDDY_MAX_RANK)
        return eddy_op_fail(tape, site, op, "axis %d is out of range for parts of shape %s", axis,
                            eddy_shape_format(&like).text);
    if (stack)
        eddy_shape_insert(&shape, at);
    eddy_region *regions = eddy_allocate((size_t)parts.count, sizeof *regions);
    if (!regions)
        return eddy_op_fail(tape, site, op, "out of memory");
    int64_t total = 0;
    bool legal = true;
    for (int64_t k = 0; k < parts.count && legal; k++) {
        const eddy_shape *part = eddy_var_shape(parts.items[k]);
        if (!stack && part->rank == like.rank)
            like.dim[at] = shape.dim[at] = part->dim[at];
        regions[k] = eddy_region_whole(&shape);
        regions[k].start[at] = total;
        regions[k].dropped = stack ? 1u << at : 0;
        legal = eddy_shape_equal(part, &like) && eddy_var_dtype(parts.items[k]) == eddy_var_dtype(parts.items[0]) &&
                !__builtin_add_overflow(total, shape.dim[at], &total);
        if (!legal)
            eddy_tape_fail(tape, site, op, "part %lld has shape %s and dtype %s, part 1 has %s and %s%s",
                           (long long)k + 1, EDDY_KIND(parts.items[k]), EDDY_KIND(parts.items[0]),
                           stack ? "; stacked parts must agree" : "; only the joined axis may differ");
    }
    shape.dim[at] = total;
    eddy_var out = legal ? eddy_region_place(site, op, &shape, parts, regions, true) : eddy_failed(tape);
    eddy_free(regions);
    return out;
}

eddy_var eddy_concat_list_at(eddy_site site, int axis, eddy_list parts)
{
    return join(site, "concat", axis, parts, false);
}

eddy_var eddy_stack_list_at(eddy_site site, int axis, eddy_list parts)
{
    return join(site, "stack", axis, parts, true);
}
