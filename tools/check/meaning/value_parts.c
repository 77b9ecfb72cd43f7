/* The algebra of value.h: values made of parts, and the parts of values. */
#include "value_inside.h"

value value_transpose(algebra *a, value x)
{
    if (value_ok(x) && x.ones)
        x.row = !x.row;
    if (!value_ok(x) || x.rank == 0)
        return x;
    if (x.rank == 2)
        x.var = eddy_transpose(x.var, -1, -2);
    x.row = !x.row; /* of a stack: its rows are samples */
    x.same_sides = x.wide = false;
    return value_taped(a, x);
}

value value_map(algebra *a, value x, eddy_var (*f)(eddy_var))
{
    if (!value_ok(x))
        return value_none();
    x = x.pending ? (value){ .var = x.var, .rank = x.rank, .batched = x.batched } : x;
    x.var = f(x.var);
    x.covector = false;
    return value_taped(a, x);
}

value value_concat(algebra *a, const value *part, int count, bool on_top)
{
    eddy_var vars[256];
    bool batched = false, row = false, stack = false, pending = true;
    int rank = 1;
    if (count > 256) {
        fault_set(a->fault, FAULT_TOO_BIG, "a list of %d parts is too long; at most 256", count);
        return value_none();
    }
    for (int i = 0; i < count; i++) {
        if (!value_ok(part[i]))
            return value_none();
        batched |= part[i].batched;
        rank = part[i].rank > rank ? part[i].rank : rank;
        row |= part[i].rank == 1 && part[i].row;
        stack |= part[i].stack;
        pending &= part[i].pending;
    }
    for (int i = 0; i < count; i++) {
        if (part[i].rank && part[i].rank != rank)
            return value_wrong(a, "side by side,", part[i], part[0].rank == rank ? part[0] : part[count - 1]);
        value p = part[i].ones ? value_number(a, 1) : part[i];
        vars[i] = value_lifted(p, rank, batched);
        if (batched && !p.batched) {
            eddy_shape shape = eddy_shape_of(vars[i]);
            shape.dim[0] = a->batch;
            vars[i] = eddy_broadcast_to(vars[i], shape);
        }
    }
    int axis = rank == 1 || !on_top ? -1 : -2;
    for (int i = 1; rank == 2 && i < count; i++)
        if (eddy_size(vars[i], axis == -1 ? -2 : -1) != eddy_size(vars[0], axis == -1 ? -2 : -1))
            return value_wrong(a, on_top ? "on top of each other," : "side by side,", part[0], part[i]);
    return value_taped(
        a, (value){ .var = eddy_concat_list(axis, (eddy_list){ vars, count }),
                    .rank = rank,
                    .batched = batched,
                    .row = row,
                    .pending = pending, /* [delta h^T, delta x^T] is summed over the batch as its parts are */
                    .stack = stack });
}

value value_stack(algebra *a, const value *part, int count)
{
    value columns[256];
    if (count > 256 || count < 1) {
        fault_set(a->fault, FAULT_TOO_BIG, "a list of %d parts; it must be 1 to 256", count);
        return value_none();
    }
    for (int i = 0; i < count; i++) {
        if (!value_ok(part[i]))
            return value_none();
        if (part[i].rank != part[0].rank || part[i].rank > 1)
            return value_wrong(a, "in a list over time,", part[0], part[i]);
        columns[i] = part[i].rank ? value_as_matrix(part[i], part[0].row) : part[i];
    }
    value out = value_concat(a, columns, count, part[0].row);
    if (part[0].rank) {
        out.stack = true;
        out.row = part[0].row;
    }
    return out;
}

/* Has x such an axis, with these elements? */
static bool has_elements(algebra *a, value x, int axis, int64_t from, int64_t to)
{
    if (x.rank <= axis)
        return fault_set(a->fault, FAULT_SHAPES, "a %s has no elements", x.rank ? "vector's element" : "scalar");
    int64_t n = value_size(x, axis);
    return (from >= 0 && to <= n) || fault_set(a->fault, FAULT_SHAPES, "element %lld of %lld does not exist",
                                               (long long)(from < 0 ? from + 1 : to), (long long)n);
}

value value_element(algebra *a, value x, int axis, int64_t index)
{
    if (!value_ok(x) || !has_elements(a, x, axis, index, index + 1))
        return value_none();
    return value_taped(a, (value){ .var = eddy_select(x.var, axis + x.batched, index),
                                   .rank = x.rank - 1,
                                   .batched = x.batched,
                                   .pending = x.pending });
}

value value_range(algebra *a, value x, int axis, int64_t from, int64_t to)
{
    if (!value_ok(x) || !has_elements(a, x, axis, from, to))
        return value_none();
    if (from >= to) {
        fault_set(a->fault, FAULT_SHAPES, "a range of elements ends before it begins");
        return value_none();
    }
    x.var = eddy_slice(x.var, axis + x.batched, from, to, 1);
    return value_taped(a, x);
}

value value_sample(algebra *a, value x, int64_t index)
{
    if (!value_ok(x) || !x.batched)
        return x;
    if (index < 0 || index >= a->batch) { /* of however many there are: so it is no mistake of the formula */
        fault_set(
            a->fault, FAULT_NOT_READ,
            "the second index counts the sequences, and one of the letters is no such index: say \"index n in B\"");
        return value_none();
    }
    x.var = eddy_select(x.var, 0, index);
    x.batched = x.pending = false;
    return value_taped(a, x);
}
