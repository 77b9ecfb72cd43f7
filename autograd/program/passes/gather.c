/* Gather. The gradient of a weight shared by T steps is a sum of T products,
 *
 *     dL/dW = sum_t delta_t [h, x]_t^T = Delta^T Z,
 *
 * one product whose inner dimension runs over steps and sequences: the matrix form of BPTT. The terms follow each other
 * in the order of the sum, every element is one chain of additions through all of them. The gradient of a bias,
 * sum_t sum_b delta_tb, is gathered in the same way.
 *
 * The steps of a checkpointed region are gathered by themselves as soon as the region is done, and the next region goes
 * on from what has been added up (of bias gradients an f64 value), so that a region's values need not outlive it and
 * not a bit depends on regions. */
#include "ir.h"

#include <string.h>

typedef struct gathering {
    eddy_ir *ir;
    eddy_ir_uses uses;
    int32_t *sum;    /* of each call that is the last term of a region: the sum, else -1 */
    int32_t *from;   /* and the first term of that region */
    int32_t *result; /* of each sum that is gathered: the value that its terms are added to */
} gathering;

/* What a term of a gathered sum may be: a product, or a sum over the rows of a matrix. */
static const eddy_rule *kind_of(const eddy_ir *ir, const eddy_ir_call *call)
{
    if (call->rule == &eddy_ir_product)
        return &eddy_ir_product;
    const eddy_ir_value *x = call->count ? &ir->values[ir->operands[call->first]] : NULL;
    return call->rule->sum_axes && x->layout->shape.rank == 2 && x->layout->stride[1] == 1 &&
                   eddy_dtype_is_float(x->dtype) && call->rule->sum_axes(call->attributes) == 1
               ? &eddy_ir_row_sum
               : NULL;
}

/* The call that term k of a sum is the value of, if nobody else reads it; row sums may be seen as a vector. */
static int32_t term_call(const gathering *g, const eddy_ir_call *sum, int32_t k)
{
    const eddy_ir *ir = g->ir;
    int32_t v = ir->operands[sum->first + k], base = eddy_ir_base(ir, v);
    int32_t at = g->uses.writer[base];
    if (at < 0 || g->uses.direct[v] != 1 || (base != v && (g->uses.direct[base] || g->uses.next[v] >= 0)) ||
        (base == v && g->uses.view[v] >= 0) || ir->calls[at].outputs != 1)
        return -1;
    const eddy_rule *kind = kind_of(ir, &ir->calls[at]);
    if (base != v && (kind != &eddy_ir_row_sum || eddy_ir_shape(ir, v)->rank != 1 ||
                      eddy_ir_shape(ir, v)->dim[0] != eddy_ir_shape(ir, base)->dim[1]))
        return -1;
    return kind ? at : -1;
}

/* All terms of one kind, each computed behind the one before? */
static bool can_gather(const gathering *g, const eddy_ir_call *sum)
{
    int32_t before = -1;
    const eddy_rule *kind = NULL;
    for (int32_t k = 0; k < sum->count; k++) {
        int32_t at = term_call(g, sum, k);
        if (at <= before || (kind && kind_of(g->ir, &g->ir->calls[at]) != kind))
            return false;
        kind = kind_of(g->ir, &g->ir->calls[at]);
        before = at;
    }
    return true;
}

static int32_t region_of(const gathering *g, const eddy_ir_call *sum, int32_t k)
{
    return g->ir->nodes[g->ir->calls[term_call(g, sum, k)].node].again;
}

/* What the terms are added to: the sum's own value, or one in f64. */
static int32_t result_of(eddy_ir *ir, const eddy_ir_call *sum, const eddy_rule *kind)
{
    const eddy_ir_value *out = &ir->values[sum->out];
    if (kind == &eddy_ir_product)
        return sum->out;
    eddy_shape row = { .rank = 1, .dim = { out->layout->shape.dim[out->layout->shape.rank - 1] } };
    return eddy_ir_new_value(ir, EDDY_F64, &row, sum->node);
}

/* Terms lose their calls, but the last one of each region, in whose place the gathered call will stand. Those of a sum
 * whose terms are all of one region stand where the sum does. */
static bool note(gathering *g, int32_t i)
{
    eddy_ir *ir = g->ir;
    const eddy_ir_call *sum = &ir->calls[i];
    bool whole = region_of(g, sum, 0) == region_of(g, sum, sum->count - 1);
    const eddy_rule *kind = kind_of(ir, &ir->calls[term_call(g, sum, 0)]);
    g->result[i] = result_of(ir, sum, kind);
    for (int32_t k = 0, first = 0, at, next = term_call(g, sum, 0); k < sum->count; k++) {
        at = next;
        next = k + 1 < sum->count ? term_call(g, sum, k + 1) : -1;
        if (next < 0 || (!whole && ir->nodes[ir->calls[next].node].again != ir->nodes[ir->calls[at].node].again)) {
            g->sum[whole ? i : at] = i;
            g->from[whole ? i : at] = first;
            first = k + 1;
        }
        ir->calls[at].outputs = 0;
    }
    return g->result[i] >= 0;
}

/* The terms of one region, or of all, as one call. `calls` are those of before the pass. */
static bool append_gathered(gathering *g, const eddy_ir_call *calls, int32_t i)
{
    eddy_ir *ir = g->ir;
    const eddy_ir_call *sum = &calls[g->sum[i]];
    const eddy_ir_call *last = g->sum[i] == i ? NULL : &calls[i];
    bool product = g->result[g->sum[i]] == sum->out;
    int64_t first = ir->operand_count;
    for (int32_t k = g->from[i]; k < sum->count; k++) {
        const eddy_ir_call *term = &calls[g->uses.writer[eddy_ir_base(ir, ir->operands[sum->first + k])]];
        if (!eddy_ir_repeat_operands(ir, term))
            return false;
        if (term == last)
            break;
    }
    const eddy_rule *const rules[2][2] = { { &eddy_ir_row_sum, &eddy_ir_row_sum_adds },
                                           { &eddy_ir_product, &eddy_ir_product_adds } };
    eddy_ir_call call = { .rule = rules[product][g->from[i] > 0],
                          .first = first,
                          .count = (int32_t)(ir->operand_count - first),
                          .out = g->result[g->sum[i]],
                          .outputs = 1,
                          .node = sum->node };
    return eddy_ir_append(ir, call);
}

/* Row sums in f64 become what the sum was: a vector of its dtype, or a matrix of one row. */
static bool append_rounding(gathering *g, const eddy_ir_call *sum, int32_t result)
{
    eddy_ir *ir = g->ir;
    eddy_ir_value seen = ir->values[result];
    const eddy_ir_value *out = &ir->values[sum->out];
    if (out->layout->shape.rank == 2) {
        seen.kind = EDDY_VALUE_VIEW;
        seen.source = result;
        seen.layout = out->layout;
        result = eddy_ir_add_value(ir, &seen);
    }
    eddy_ir_call call = *sum;
    call.rule = &eddy_ir_copy;
    call.first = eddy_ir_add_operands(ir, &result, 1);
    call.count = 1;
    return result >= 0 && call.first >= 0 && eddy_ir_append(ir, call);
}

bool eddy_pass_gather(eddy_ir *ir)
{
    gathering g = { .ir = ir };
    int32_t count = ir->call_count;
    int32_t **arrays[] = { &g.sum, &g.from, &g.result };
    bool done = eddy_ir_find_uses(ir, &g.uses);
    for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++) {
        *arrays[a] = eddy_allocate((size_t)count, sizeof **arrays[a]);
        done = done && *arrays[a];
        for (int32_t i = 0; i < count && done; i++)
            (*arrays[a])[i] = -1;
    }
    for (int32_t i = 0; i < count && done; i++)
        if (ir->calls[i].rule->is_sum && ir->calls[i].count > 1 && can_gather(&g, &ir->calls[i]))
            done = note(&g, i);
    eddy_ir_call *calls = eddy_ir_take_calls(ir, &count);
    for (int32_t i = 0; i < count && done; i++) {
        if (g.sum[i] >= 0)
            done = append_gathered(&g, calls, i);
        if (g.result[i] < 0 && calls[i].outputs)
            done = done && eddy_ir_append(ir, calls[i]);
        else if (g.result[i] >= 0 && g.result[i] != calls[i].out)
            done = done && append_rounding(&g, &calls[i], g.result[i]);
    }
    eddy_free(calls);
    for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++)
        eddy_free(*arrays[a]);
    eddy_ir_free_uses(&g.uses);
    return done || eddy_ir_no_memory(ir);
}
