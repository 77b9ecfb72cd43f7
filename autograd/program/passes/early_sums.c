/* Early sums. The gradient of a weight shared by T steps is a sum of T products. Computed as one call it would keep all
 * T alive; computed term by term, each as soon as it is known, it keeps one. The terms are added in the order in which
 * the sum lists them, so not a bit changes. */
#include "ir.h"
#include "kernels.h"

#include <string.h>

enum { EARLY_SUM = 8 }; /* terms from which on the memory saved is worth the accumulator's additional traffic */

static bool run_add(const eddy_work *work)
{
    eddy_kernels()->accumulate(work->in[0], work->out);
    return true;
}

static const eddy_rule rule_add = { .name = "sum_list", .run = run_add, .adds = true };

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

bool eddy_pass_early_sums(eddy_ir *ir)
{
    int32_t count, *writer = eddy_allocate((size_t)ir->value_count, sizeof *writer);
    term *terms = eddy_allocate((size_t)ir->value_count, sizeof *terms);
    bool done = writer && terms;
    if (done) {
        for (int32_t v = 0; v < ir->value_count; v++) {
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
        const term *of = &terms[calls[i].out];
        if (of->sum < 0 || !done)
            continue;
        eddy_ir_call add = calls[of->sum];
        add.rule = of->number ? &rule_add : &eddy_ir_copy;
        add.first += of->number;
        add.count = 1;
        done = eddy_ir_append(ir, add);
    }
    eddy_free(calls);
    eddy_free(writer);
    eddy_free(terms);
    return done || eddy_ir_no_memory(ir);
}
