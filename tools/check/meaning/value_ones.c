/* The algebra of value.h: products with ones, over the batch or over what they meet. */
#include "value_internal.h"

/* x times the number that is in front of the ones. */
value value_scaled(algebra *a, value x, value ones)
{
    if (!value_ok(x) || (ones.number && eddy_item(ones.var) == 1))
        return x;
    bool pending = x.pending;
    value number = { .var = ones.var, .batched = ones.batched, .number = ones.number };
    value out = value_elementwise(a, x, number, eddy_mul, "in a product,");
    out.pending = pending && out.batched, out.ones = x.ones, out.any_ones = x.any_ones, out.row = x.row;
    out.unit = false;
    return out;
}

/* A batch of columns is H x B: delta 1_B sums over the batch and 1^T delta over the elements; a batch of rows is B x H:
 * 1^T delta sums over the batch. 1 b^T repeats b for each sample. */
value value_with_ones(algebra *a, value x, value y)
{
    value ones = x.ones ? x : y, other = x.ones ? y : x;
    bool left = x.ones;
    if (other.stack) /* over time, and then over the batch */
        other = value_taped(a, (value){ .var = eddy_sum_over(other.var, EDDY_SHAPE(other.row ? -2 : -1), false),
                                        .rank = 1,
                                        .batched = other.batched });
    else if (other.rank == 2 && ones.row == left &&
             (ones.any_ones || (!other.batched && value_size(other, !left) == a->batch))) {
        /* 1^T A, A 1: sums of columns, of rows; also over the batch, where A in R^{B x I} writes it out */
        value sums = { .var = eddy_sum_over(other.var, EDDY_SHAPE(left ? -2 : -1), false),
                       .rank = 1,
                       .batched = other.batched,
                       .row = left };
        return value_taped(a, sums);
    } else if (other.rank == 2)
        return value_wrong(a, "in a product with ones,", x, y);
    if (!value_ok(other))
        return other;
    if (!other.batched && left && other.row && !ones.row) {
        other.same_sides = false, other.wide = ones.any_ones;
        return other;
    }
    if (!left && ones.row && ones.any_ones && other.rank == 1 && !other.batched) { /* x 1^T */
        other.wide = true, other.row = false;
        return other;
    }
    /* 1_B delta^T, B x 1 times B x H: only where a row may be taken for a column. */
    const bool astray = !ones.any_ones && left && !ones.row && other.row && !a->loose && !a->sides;
    bool over_batch = !astray && (other.row == left || a->loose);
    if (!over_batch && !ones.any_ones)
        return value_wrong(a, "in a product with ones,", x, y);
    if (!over_batch || !other.batched) {
        if (left ? !ones.row : ones.row) /* x 1^T: a matrix whose width nobody said */
            return value_wrong(a, "give the ones a size, \\mathbf 1_H: in a product,", x, y);
        return value_sum_all(a, other);
    }
    value sum = value_sum_batch(a, other);
    sum.row = false;
    sum.same_sides = true;
    return sum;
}

/* 1 1^T v: the sum of v in every element; A 1 1^T: the sums of A's rows in every column. */
value value_with_full(algebra *a, value x, value y)
{
    value full = x.full ? x : y, other = x.full ? y : x, number = { .var = full.var, .batched = full.batched };
    bool left = x.full;
    if (other.rank == 1) {
        value sum = value_elementwise(a, value_sum_all(a, other), number, eddy_mul, "in a product,");
        sum.ones = sum.any_ones = true, sum.row = other.row;
        return sum;
    }
    eddy_var sums = eddy_sum_over(other.var, EDDY_SHAPE(left ? -2 : -1), true);
    other.var = eddy_add(eddy_mul_scalar(other.var, 0), sums);
    return value_elementwise(a, other, number, eddy_mul, "in a product,");
}
