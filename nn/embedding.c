/* Embedding, layer normalisation, counting and freezing of parameters. */
#include "embedding.h"
#include "composed.h"

#include <string.h>

eddy_var eddy_embedding_at(eddy_site site, eddy_var weight, eddy_var index)
{
    eddy_shape table = eddy_shape_of(weight), shape = eddy_shape_of(index);
    if (table.rank >= 0 && shape.rank >= 0 && (table.rank != 2 || shape.rank >= EDDY_MAX_RANK))
        return eddy_fail_at(site, weight.tape,
                            "embedding: the weight has shape %s and the index %s; the weight must be (V, D) and the "
                            "index of rank below "
                            "%d",
                            eddy_shape_format(&table).text, eddy_shape_format(&shape).text, EDDY_MAX_RANK);
    eddy_var flat = eddy_reshape_at(site, index, EDDY_SHAPE(eddy_shape_count(&shape)));
    eddy_var rows = eddy_index_select_at(site, weight, 0, flat);
    if (!eddy_ok(rows))
        return rows;
    shape.dim[shape.rank++] = table.dim[1];
    return eddy_reshape_at(site, rows, shape);
}

eddy_embedding_table eddy_embedding_new_at(eddy_site site, eddy_tape *tape, const char *name, int64_t count,
                                           int64_t size)
{
    eddy_embedding_table table;
    eddy_push_at(site, tape, name);
    table.weight = eddy_parameter_init_at(site, tape, "weight", EDDY_SHAPE(count, size),
                                          (eddy_init){ .kind = EDDY_INIT_NORMAL, .a = 1 });
    eddy_pop_at(site, tape);
    return table;
}

eddy_var eddy_embed_at(eddy_site site, const eddy_embedding_table *table, eddy_var index)
{
    if (!table)
        return eddy_fail_at(site, index.tape, "embed: the table is NULL");
    return eddy_embedding_at(site, table->weight, index);
}

eddy_layer_norm eddy_layer_norm_new_at(eddy_site site, eddy_tape *tape, const char *name, int64_t size)
{
    eddy_layer_norm norm = { .eps = 1e-5 };
    eddy_push_at(site, tape, name);
    norm.weight = eddy_parameter_init_at(site, tape, "weight", EDDY_SHAPE(size),
                                         (eddy_init){ .kind = EDDY_INIT_CONSTANT, .a = 1 });
    norm.bias = eddy_parameter_init_at(site, tape, "bias", EDDY_SHAPE(size), (eddy_init){ .kind = EDDY_INIT_ZEROS });
    eddy_pop_at(site, tape);
    return norm;
}

/* (x - mean) / sqrt(var + eps) * weight + bias */
eddy_var eddy_normalise_at(eddy_site site, const eddy_layer_norm *norm, eddy_var x)
{
    if (!norm)
        return eddy_fail_at(site, x.tape, "normalise: the layer norm is NULL");
    eddy_tape *tape = x.tape ? x.tape : norm->weight.tape;
    eddy_shape shape = eddy_shape_of(x), weight = eddy_shape_of(norm->weight);
    if (shape.rank >= 0 && weight.rank >= 0 &&
        (shape.rank < 1 || weight.rank != 1 || shape.dim[shape.rank - 1] != weight.dim[0]))
        return eddy_fail_at(
            site, tape,
            "normalise: the input has shape %s and the weight %s; the last axis must have the weight's size",
            eddy_shape_format(&shape).text, eddy_shape_format(&weight).text);
    eddy_scope_push(tape, site, "normalise", -1);
    eddy_var deviation = eddy_sub(x, eddy_mean_over(x, EDDY_SHAPE(-1), true));
    eddy_var variance = eddy_mean_over(eddy_square(deviation), EDDY_SHAPE(-1), true);
    eddy_var y = eddy_mul(deviation, eddy_rsqrt(eddy_add_scalar(variance, norm->eps)));
    y = eddy_add(eddy_mul(y, norm->weight), norm->bias);
    eddy_scope_pop(tape);
    return y;
}

int64_t eddy_count_elements(eddy_list vars)
{
    int64_t count = 0;
    for (int64_t i = 0; i < vars.count && vars.items; i++) {
        eddy_shape shape = eddy_shape_of(vars.items[i]);
        count += shape.rank >= 0 ? eddy_shape_count(&shape) : 0;
    }
    return count;
}

eddy_list eddy_without_at(eddy_site site, eddy_list vars, const char *prefix)
{
    eddy_tape *tape = eddy_list_tape(vars);
    if (!prefix || !*prefix) {
        eddy_fail_at(site, tape, "without: the prefix is empty; it would leave nothing");
        return eddy_failed_list(tape, -1);
    }
    if (!eddy_list_ok_at(site, tape, "without", vars))
        return eddy_failed_list(tape, -1);
    eddy_list rest = eddy_list_new(tape, vars.items, vars.count);
    int64_t kept = 0;
    for (int64_t i = 0; i < rest.count; i++)
        if (strncmp(eddy_name_of(rest.items[i]), prefix, strlen(prefix)) != 0)
            rest.items[kept++] = rest.items[i];
    rest.count = kept;
    return rest;
}
