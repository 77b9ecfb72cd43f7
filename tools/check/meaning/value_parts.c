/* The algebra of value.h: values made of parts, and the parts of values. */
#include "value_internal.h"

value value_transpose(algebra *a, value x)
{
    if (value_ok(x) && x.ones)
        x.row = !x.row;
    if (!value_ok(x) || x.rank == 0)
        return x;
    if (x.rank == 2)
        x.var = eddy_transpose(x.var, -1, -2);
    x.row = !x.row; /* of a stack: its rows are samples */
    x.same_sides = false;
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

void value_as_blocks(value *part, int count, bool on_top)
{
    int rank = 0;
    for (int i = 0; i < count; i++)
        rank = part[i].rank > rank ? part[i].rank : rank;
    for (int i = 0; i < count; i++)
        if (part[i].rank == 1 && rank == 2 && part[i].row == on_top && !part[i].ones)
            part[i] = value_as_matrix(part[i], on_top);
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
        value p = part[i].ones ? value_number(a, 1) : part[i];
        if (p.rank && p.rank != rank)
            return value_wrong(a, "side by side,", part[i], part[0].rank == rank ? part[0] : part[count - 1]);
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

/* The shape of one sample, or of one for all: [batch,] then these. */
static eddy_var reshaped(value x, int rank, const int64_t *dim)
{
    eddy_shape shape = { 0 };
    if (x.batched)
        shape.dim[shape.rank++] = eddy_size(x.var, 0);
    for (int i = 0; i < rank; i++)
        shape.dim[shape.rank++] = dim[i];
    return eddy_reshape(x.var, shape);
}

value value_vec(algebra *a, value x)
{
    if (!value_ok(x) || x.rank == 0)
        return x;
    int64_t n = value_size(x, 0) * (x.rank == 2 ? value_size(x, 1) : 1);
    if (x.rank == 2)
        x.var = eddy_transpose(x.var, -1, -2);
    return value_taped(a, (value){ .var = reshaped(x, 1, &n), .rank = 1, .batched = x.batched });
}

/* I of unsaid size beside a matrix of so many rows: as large as the rows of what it is compared with ask for. */
static value fitted_identity(algebra *a, value unit, int64_t rows)
{
    if (!a->rows || a->rows % rows) {
        fault_set(a->fault, FAULT_NOT_READ, "how large the identity beside $\\otimes$ is, nobody says: write $I_n$");
        return value_none();
    }
    unit.unit = false;
    return value_product(a, unit, value_identity(a, a->rows / rows));
}

/* (x (x) y)_{ik,jl} = x_{ij} y_{kl} */
value value_kronecker(algebra *a, value x, value y)
{
    if (!value_ok(x) || !value_ok(y))
        return value_none();
    value part[2] = { x, y };
    int64_t size[2][2];
    for (int k = 0; k < 2; k++) {
        const value *other = &part[!k];
        if (part[k].unit && (other->unit || !other->rank))
            return value_product(a, x, y);
        if (part[k].unit)
            part[k] = fitted_identity(a, part[k], other->rank == 2 || !other->row ? value_size(*other, 0) : 1);
        if (!value_ok(part[k]))
            return value_none();
    }
    if (!part[0].rank || !part[1].rank)
        return value_product(a, part[0], part[1]);
    eddy_var var[2];
    for (int k = 0; k < 2; k++) {
        const value *p = &part[k];
        size[k][0] = p->rank == 1 && p->row ? 1 : value_size(*p, 0);
        size[k][1] = p->rank == 2 ? value_size(*p, 1) : p->row ? value_size(*p, 0) : 1;
        int64_t dim[] = { k ? 1 : size[0][0], k ? size[1][0] : 1, k ? 1 : size[0][1], k ? size[1][1] : 1 };
        var[k] = reshaped(*p, 4, dim);
    }
    bool vectors = part[0].rank == 1 && part[1].rank == 1 && part[0].row == part[1].row;
    value out = { .var = eddy_mul(var[0], var[1]), .rank = 2, .batched = part[0].batched || part[1].batched };
    int64_t dim[] = { size[0][0] * size[1][0], size[0][1] * size[1][1] }, n = dim[0] * dim[1];
    if (vectors)
        out.rank = 1, out.row = part[0].row;
    out.var = vectors ? reshaped(out, 1, &n) : reshaped(out, 2, dim);
    return value_taped(a, out);
}
