/* Several vars in one: concatenation and stacking. */
#include "op_rules.h"

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
