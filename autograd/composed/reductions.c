/* Means, variances, minima, products of elements, and the inner product of two lists. */
#include "begin_ops.h"
#include "composed.h"

eddy_var eddy_amin_at(eddy_site site, eddy_var x, eddy_shape axes, bool keepdim)
{
    return eddy_neg_at(site, eddy_amax_at(site, eddy_neg_at(site, x), axes, keepdim));
}

eddy_var eddy_mean_over_at(eddy_site site, eddy_var x, eddy_shape axes, bool keepdim)
{
    eddy_reduced r;
    if (!eddy_begin_reduction(site, "mean", x, &axes, &r))
        return eddy_failed(x.tape);
    return eddy_div_scalar_at(site, eddy_sum_over_at(site, x, axes, keepdim), (double)r.over);
}

eddy_var eddy_mean_at(eddy_site site, eddy_var x)
{
    return eddy_mean_over_at(site, x, EDDY_SCALAR, false);
}

eddy_var eddy_variance_at(eddy_site site, eddy_var x, eddy_shape axes, double correction, bool keepdim)
{
    eddy_reduced r;
    if (!eddy_begin_reduction(site, "variance", x, &axes, &r))
        return eddy_failed(x.tape);
    eddy_var deviation = eddy_sub_at(site, x, eddy_mean_over_at(site, x, axes, true));
    return eddy_div_scalar_at(site, eddy_sum_over_at(site, eddy_square_at(site, deviation), axes, keepdim),
                              (double)r.over - correction);
}

/* Halves are multiplied until one is left: log2(n) products, none of which divides by an element, so zeros cost
 * nothing. */
eddy_var eddy_prod_at(eddy_site site, eddy_var x, eddy_shape axes, bool keepdim)
{
    eddy_reduced r;
    if (!eddy_begin_reduction(site, "prod", x, &axes, &r))
        return eddy_failed(x.tape);
    if (r.over == 0)
        return eddy_full_of_at(site, x.tape, eddy_var_dtype(x), keepdim ? r.kept : r.dropped, 1);
    eddy_shape order = { .rank = r.kept.rank }, flat = r.dropped;
    for (int i = 0, kept = 0, reduced = r.dropped.rank; i < order.rank; i++)
        order.dim[r.axes >> i & 1 ? reduced++ : kept++] = i;
    if (flat.rank == EDDY_MAX_RANK)
        return x;
    flat.dim[flat.rank++] = r.over;
    eddy_var rows = eddy_reshape_at(site, eddy_permute_at(site, x, order), flat);
    for (int64_t n = r.over; n > 1; n = n / 2 + n % 2) {
        int64_t half = n / 2;
        eddy_var product = eddy_mul_at(site, eddy_slice_at(site, rows, -1, 0, half, 1),
                                       eddy_slice_at(site, rows, -1, half, 2 * half, 1));
        eddy_var odd = n % 2 ? eddy_slice_at(site, rows, -1, n - 1, n, 1) : product;
        rows = n % 2 ? eddy_concat_list_at(site, -1, EDDY_LIST(product, odd)) : product;
    }
    return eddy_reshape_at(site, rows, keepdim ? r.kept : r.dropped);
}

eddy_var eddy_dot_at(eddy_site site, eddy_list a, eddy_list b)
{
    eddy_tape *tape = eddy_list_tape(a) ? eddy_list_tape(a) : eddy_list_tape(b);
    if (tape && eddy_list_ok_at(site, tape, "dot", a) && eddy_list_ok_at(site, tape, "dot", b) && a.count != b.count)
        eddy_tape_fail(tape, site, "dot", "the lists have %lld and %lld vars; they must be as long as each other",
                       (long long)a.count, (long long)b.count);
    if (!eddy_begin(site, "dot", a.count, a.items) || !eddy_begin(site, "dot", b.count, b.items))
        return eddy_failed(tape);
    eddy_list terms = eddy_list_new(tape, NULL, a.count);
    for (int64_t i = 0; i < terms.count; i++) {
        const eddy_shape *sa = eddy_var_shape(a.items[i]), *sb = eddy_var_shape(b.items[i]);
        if (!eddy_shape_equal(sa, sb))
            return eddy_op_fail(tape, site, "dot", "vars %lld have shapes %s and %s; they must be equal",
                                (long long)i + 1, eddy_shape_format(sa).text, eddy_shape_format(sb).text);
        eddy_var product = eddy_mul_at(site, a.items[i], b.items[i]);
        if (sa->rank > 1) /* rows are added to a row at once; all elements one after the other wait for each other */
            product = eddy_sum_over_at(site, product, EDDY_SHAPE(0), false);
        terms.items[i] = eddy_sum_at(site, product);
    }
    return eddy_sum_list_at(site, terms);
}
