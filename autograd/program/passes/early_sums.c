/* Early sums. The gradient of a weight shared by T steps is a sum of T terms. Computed as one call it would keep all T
 * alive; as additions, each as soon as its term is known, it keeps one, and an addition fuses with what makes its term.
 * The terms are added in the order in which the sum lists them, so not a bit changes. */
#include "ir.h"
#include "kernels.h"

#include <string.h>

enum { EARLY_SUM = 8 }; /* terms from which on the memory saved is worth the accumulator's additional traffic */

typedef struct term {
    int32_t sum; /* the call that adds it up, -1 none */
    int32_t number;
} term;

/* Terms must be calls' values that come into being in the order in which they are added, and belong to one early sum
 * only. */
static bool can_be_early(const eddy_ir *ir, const eddy_ir_call *call, const int32_t *writer, const term *terms)
{
    int32_t before = -1;
    for (int32_t k = 0; k < call->count; k++) {
        int32_t v = ir->operands[call->first + k];
        if (writer[v] <= before || terms[v].sum >= 0)
            return false;
        before = writer[v];
    }
    return true;
}

/* terms[v]: what v is a term of; a sum that is early has lost its rule. */
static void find(eddy_ir *ir, const int32_t *writer, term *terms)
{
    for (int32_t i = 0; i < ir->call_count; i++) {
        eddy_ir_call *call = &ir->calls[i];
        if (!call->rule->is_sum || call->count < EARLY_SUM || !can_be_early(ir, call, writer, terms))
            continue;
        for (int32_t k = 0; k < call->count; k++)
            terms[ir->operands[call->first + k]] = (term){ i, k };
        call->rule = NULL;
    }
}

/* sum = sum + v, where v is number k > 0 of the terms; the last of the sums is the value that the call had. */
static bool append_addition(eddy_ir *ir, const eddy_ir_call *call, int32_t k, int32_t *sum)
{
    const eddy_ir_value *total = &ir->values[call->out];
    eddy_ir_call add = { .rule = eddy_elementwise_rule(EDDY_ELEMENTWISE_add),
                         .count = 2,
                         .out = call->out,
                         .outputs = 1,
                         .node = call->node,
                         .prompt = true };
    add.first = eddy_ir_add_operands(ir, (int32_t[]){ *sum, ir->operands[call->first + k] }, 2);
    if (add.first >= 0 && k < call->count - 1)
        add.out = eddy_ir_new_value(ir, total->dtype, &total->layout->shape, call->node);
    *sum = add.out;
    return add.first >= 0 && add.out >= 0 && eddy_ir_append(ir, add);
}

bool eddy_pass_early_sums(eddy_ir *ir)
{
    const int32_t values = ir->value_count;
    int32_t count, *writer = eddy_allocate((size_t)values, sizeof *writer);
    int32_t *sum = eddy_allocate((size_t)ir->call_count, sizeof *sum); /* of each early one, the value so far */
    term *terms = eddy_allocate((size_t)values, sizeof *terms);
    bool done = writer && terms && sum;
    if (done) {
        for (int32_t v = 0; v < values; v++) {
            writer[v] = -1;
            terms[v].sum = -1;
        }
        for (int32_t i = 0; i < ir->call_count; i++)
            writer[ir->calls[i].out] = i;
        find(ir, writer, terms);
    }
    eddy_ir_call *calls = eddy_ir_take_calls(ir, &count);
    for (int32_t i = 0; i < count && done; i++) {
        if (calls[i].rule)
            done = eddy_ir_append(ir, calls[i]);
        const term of = terms[calls[i].out];
        if (of.sum >= 0 && !of.number)
            sum[of.sum] = calls[i].out;
        else if (of.sum >= 0)
            done = done && append_addition(ir, &calls[of.sum], of.number, &sum[of.sum]);
    }
    eddy_free(calls);
    eddy_free(writer);
    eddy_free(sum);
    eddy_free(terms);
    return done || eddy_ir_no_memory(ir);
}
