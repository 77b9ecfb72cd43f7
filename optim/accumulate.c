/* Gradient accumulation, and updates that wait for it. */
#include "state.h"

#include <stdio.h>

eddy_list eddy_accumulate_at(eddy_site site, eddy_list grads, int64_t n, eddy_var *ready, eddy_list *updates)
{
    eddy_tape *tape = eddy_list_tape(grads);
    if (ready)
        *ready = eddy_failed(tape);
    if (updates)
        *updates = eddy_failed_list(tape, -1);
    if (!tape || eddy_error(tape))
        return eddy_failed_list(tape, -1);
    if (!eddy_list_ok_at(site, tape, "accumulate", grads))
        return eddy_failed_list(tape, -1);
    bool done =
        ready && updates
            ? n >= 1 || eddy_optimiser_fail(site, tape, "accumulate: n is %lld; it must be at least 1", (long long)n)
            : eddy_optimiser_fail(site, tape, "accumulate: ready and updates must not be NULL");
    for (int64_t i = 0; i < grads.count && done; i++)
        if (!eddy_ok(grads.items[i]) || grads.items[i].tape != tape ||
            !eddy_dtype_is_float(eddy_dtype_of(grads.items[i])))
            done = eddy_optimiser_fail(
                site, tape, "accumulate: item %lld of the gradients is no floating-point var of the first one's tape",
                (long long)i + 1);
    if (!done)
        return eddy_failed_list(tape, -1);
    eddy_scope_push(tape, site, "accumulate", -1);
    /* count: runs since the last ready one */
    eddy_var count = eddy_optimiser_scalar(site, tape, "accumulate", "count", EDDY_F64, 0),
             next = eddy_add_scalar(count, 1);
    eddy_var full = eddy_ge(next, eddy_full_of(tape, EDDY_F64, EDDY_SCALAR, (double)n));
    eddy_list sums = eddy_list_new(tape, NULL, grads.count), writes = eddy_list_new(tape, NULL, grads.count + 1);
    if (sums.count && writes.count) {
        writes.items[0] = eddy_assign(count, eddy_where(full, eddy_zeros_like(next), next));
        for (int64_t i = 0; i < grads.count; i++) {
            eddy_var g = grads.items[i];
            char name[32];
            snprintf(name, sizeof name, "sum.%lld", (long long)i);
            eddy_var sum = eddy_optimiser_filled(site, tape, "accumulate", name, eddy_dtype_of(g), eddy_shape_of(g), 0),
                     all = eddy_add(sum, g);
            writes.items[i + 1] =
                eddy_assign(sum, eddy_where(eddy_cast(full, eddy_dtype_of(g)), eddy_zeros_like(all), all));
            sums.items[i] = eddy_div_scalar(all, (double)n);
        }
        *updates = writes;
    }
    *ready = eddy_cast(full, eddy_tape_dtype(tape));
    eddy_scope_pop(tape);
    return sums;
}

eddy_list eddy_when_at(eddy_site site, eddy_var ready, eddy_list updates)
{
    eddy_tape *tape = ready.tape;
    if (!tape || eddy_error(tape))
        return eddy_failed_list(tape, -1);
    if (!eddy_list_ok_at(site, tape, "when", updates))
        return eddy_failed_list(tape, -1);
    eddy_shape shape = eddy_shape_of(ready);
    bool done =
        eddy_ok(ready) || eddy_optimiser_fail(site, tape, "when: the condition is no usable var (its node was reset)");
    if (done && eddy_shape_count(&shape) != 1)
        done = eddy_optimiser_fail(site, tape, "when: the condition has shape %s; it must have one element",
                                   eddy_shape_format(&shape).text);
    for (int64_t i = 0; i < updates.count && done; i++)
        if (updates.items[i].tape != tape || !eddy_assigned(updates.items[i]).tape)
            done = eddy_optimiser_fail(
                site, tape,
                "when: item %lld of the updates is no assign of the condition's tape; make it with eddy_assign",
                (long long)i + 1);
    if (!done)
        return eddy_failed_list(tape, -1);
    eddy_scope_push(tape, site, "when", -1);
    eddy_var wanted = eddy_reshape(ready, EDDY_SCALAR);
    eddy_list out = eddy_list_new(tape, NULL, updates.count);
    for (int64_t i = 0; i < out.count; i++) {
        eddy_var value = updates.items[i], leaf = eddy_assigned(value);
        eddy_dtype dtype = eddy_dtype_of(leaf);
        out.items[i] = eddy_assign(
            leaf, eddy_where(dtype == eddy_dtype_of(wanted) ? wanted : eddy_cast(wanted, dtype), value, leaf));
    }
    eddy_scope_pop(tape);
    return out;
}
