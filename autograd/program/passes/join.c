/* Join. A sum of products and rows, x W + b + h R, becomes one product whose inner dimension runs through x, then h:
 * nothing is written that is only added up, and a bias is a term of inner dimension 1. The sum of an element is then
 * one chain, which begins with the biases and goes on with the products in the order in which they were written; there
 * was a rounding after each product and each addition. What else is added comes last. */
#include "ir.h"
#include "kernels.h"

#include <string.h>

enum { MOST_TERMS = 32 };

typedef enum term_kind { TERM_OTHER, TERM_ROW, TERM_PRODUCT } term_kind;

typedef struct joining {
    eddy_ir *ir;
    eddy_ir_uses uses;
    const eddy_ir_call *calls; /* of before the pass */
    unsigned char *inner;      /* of each of them: it is a part of a longer sum */
    eddy_shape shape;          /* of the sum at hand */
    int32_t term[MOST_TERMS], count;
    term_kind kind[MOST_TERMS];
} joining;

static bool is_addition(const eddy_ir_call *call)
{
    return call->outputs == 1 && (call->rule->is_sum || call->rule->elementwise == 1 + EDDY_ELEMENTWISE_add);
}

/* The call that makes v, if only one operand reads it and it has the shape of the sum; else NULL. */
static const eddy_ir_call *maker(const joining *j, int32_t v)
{
    int32_t at = j->uses.writer[v];
    bool single = at >= 0 && j->uses.direct[v] == 1 && j->uses.view[v] < 0;
    return single && eddy_shape_equal(eddy_ir_shape(j->ir, v), &j->shape) ? &j->calls[at] : NULL;
}

/* Is v one row that every row of the sum gets? */
static bool is_row(const joining *j, int32_t v)
{
    const eddy_shape *s = eddy_ir_shape(j->ir, v);
    return (s->rank == 1 || (s->rank == 2 && s->dim[0] == 1)) && s->dim[s->rank - 1] == j->shape.dim[1];
}

/* The terms of a sum of additions, from left to right. False if there are too many. */
static bool find_terms(joining *j, const eddy_ir_call *sum)
{
    for (int32_t k = 0; k < sum->count; k++) {
        int32_t v = j->ir->operands[sum->first + k];
        const eddy_ir_call *call = maker(j, v);
        if (call && is_addition(call)) {
            if (!find_terms(j, call))
                return false;
            continue;
        }
        if (j->count == MOST_TERMS)
            return false;
        j->term[j->count] = v;
        j->kind[j->count++] = call && call->rule == &eddy_ir_product ? TERM_PRODUCT
                              : is_row(j, v)                         ? TERM_ROW
                                                                     : TERM_OTHER;
    }
    return true;
}

/* The additions and products within the sum have no calls of their own any more. */
static void mark_inner(joining *j, const eddy_ir_call *sum)
{
    for (int32_t k = 0; k < sum->count; k++) {
        const eddy_ir_call *call = maker(j, j->ir->operands[sum->first + k]);
        if (call && (is_addition(call) || call->rule == &eddy_ir_product))
            j->inner[call - j->calls] = 1;
        if (call && is_addition(call))
            mark_inner(j, call);
    }
}

/* Finds the terms of the sum; true if a product is to be made of two at least. */
static bool is_worth_it(joining *j, const eddy_ir_call *sum)
{
    int32_t products = 0, rows = 0;
    j->shape = *eddy_ir_shape(j->ir, sum->out);
    j->count = 0;
    if (j->shape.rank != 2 || !find_terms(j, sum))
        return false;
    for (int32_t k = 0; k < j->count; k++) {
        products += j->kind[k] == TERM_PRODUCT;
        rows += j->kind[k] == TERM_ROW;
    }
    return products && products + rows > 1;
}

/* A row as operands of a product: a column of ones, and the row as a matrix. */
static bool add_row(joining *j, int32_t v)
{
    eddy_ir *ir = j->ir;
    eddy_ir_value row = ir->values[v];
    const eddy_shape seen = { .rank = 2, .dim = { 1, j->shape.dim[1] } },
                     column = { .rank = 2, .dim = { j->shape.dim[0], 1 } };
    row.layout = eddy_ir_find_layout(ir, &seen, (const int64_t[]){ 0, row.layout->stride[row.layout->shape.rank - 1] });
    if (row.kind != EDDY_VALUE_CONSTANT) {
        row.kind = EDDY_VALUE_VIEW;
        row.source = eddy_ir_base(ir, v);
    }
    eddy_ir_value ones = { .kind = EDDY_VALUE_CONSTANT,
                           .node = row.node,
                           .dtype = row.dtype,
                           .layout = eddy_ir_find_layout(ir, &column, (const int64_t[]){ 0, 0 }) };
    if (!row.layout || !ones.layout)
        return false;
    memcpy(&ones.one, row.dtype == EDDY_F32 ? (const void *)&(float){ 1 } : &(double){ 1 }, eddy_dtype_size(row.dtype));
    int32_t pair[2] = { eddy_ir_add_value(ir, &ones), 0 };
    pair[1] = pair[0] >= 0 ? eddy_ir_add_value(ir, &row) : -1;
    return pair[1] >= 0 && eddy_ir_add_operands(ir, pair, 2) >= 0;
}

/* The product of all products and rows among the terms, with the value `out`. */
static bool append_product(joining *j, const eddy_ir_call *sum, int32_t out)
{
    eddy_ir *ir = j->ir;
    eddy_ir_call call = {
        .rule = &eddy_ir_product, .first = ir->operand_count, .out = out, .outputs = 1, .node = sum->node
    };
    for (int32_t k = 0; k < j->count; k++)
        if (j->kind[k] == TERM_ROW && !add_row(j, j->term[k]))
            return false;
    for (int32_t k = 0; k < j->count; k++) {
        if (j->kind[k] == TERM_PRODUCT && !eddy_ir_repeat_operands(ir, &j->calls[j->uses.writer[j->term[k]]]))
            return false;
    }
    call.count = (int32_t)(ir->operand_count - call.first);
    return eddy_ir_append(ir, call);
}

/* out = what `at` holds and the other terms, added in the way of the sum. */
static bool append_others(joining *j, const eddy_ir_call *sum, int32_t at, int32_t others)
{
    eddy_ir *ir = j->ir;
    int32_t list[MOST_TERMS + 1] = { at }, count = 1;
    for (int32_t k = 0; k < j->count; k++)
        if (j->kind[k] == TERM_OTHER)
            list[count++] = j->term[k];
    eddy_ir_call add = *sum;
    if (sum->rule->is_sum) {
        add.count = count;
        add.first = eddy_ir_add_operands(ir, list, count);
        return add.first >= 0 && eddy_ir_append(ir, add);
    }
    for (int32_t k = 1; k <= others; k++) {
        int32_t pair[2] = { list[0], list[k] };
        add.first = eddy_ir_add_operands(ir, pair, 2);
        add.out = k == others ? sum->out : eddy_ir_new_value(ir, ir->values[sum->out].dtype, &j->shape, sum->node);
        if (add.first < 0 || add.out < 0 || !eddy_ir_append(ir, add))
            return false;
        list[0] = add.out;
    }
    return true;
}

static bool append_joined(joining *j, const eddy_ir_call *sum)
{
    int32_t others = 0, out = sum->out;
    for (int32_t k = 0; k < j->count; k++)
        others += j->kind[k] == TERM_OTHER;
    if (others)
        out = eddy_ir_new_value(j->ir, j->ir->values[out].dtype, &j->shape, sum->node);
    return out >= 0 && append_product(j, sum, out) && (!others || append_others(j, sum, out, others));
}

bool eddy_pass_join(eddy_ir *ir)
{
    joining j = { .ir = ir, .calls = ir->calls };
    int32_t count = ir->call_count;
    j.inner = eddy_allocate((size_t)count, 1);
    bool done = eddy_ir_find_uses(ir, &j.uses) && j.inner;
    for (int32_t i = count - 1; i >= 0 && done; i--)
        if (is_addition(&j.calls[i]) && !j.inner[i] && is_worth_it(&j, &j.calls[i]))
            mark_inner(&j, &j.calls[i]);
    eddy_ir_call *calls = eddy_ir_take_calls(ir, &count);
    for (int32_t i = 0; i < count && done; i++) {
        if (j.inner[i])
            continue;
        done = is_addition(&calls[i]) && is_worth_it(&j, &calls[i]) ? append_joined(&j, &calls[i])
                                                                    : eddy_ir_append(ir, calls[i]);
    }
    eddy_free(calls);
    eddy_free(j.inner);
    eddy_ir_free_uses(&j.uses);
    return done || eddy_ir_no_memory(ir);
}
