/* Products: a product of two matrices becomes a sum of products with one term, which other passes make longer; and one
 * that is only looked at transposed is computed so, (A B)^T = B^T A^T, which is the same sum for every element. A
 * weight W that is used as x W^T gets its gradient that way round, so that the optimiser reads it in the order of W. */
#include "ir.h"

#include <string.h>

static bool is_matrix_product(const eddy_ir *ir, const eddy_ir_call *call)
{
    if (!call->rule->is_product || eddy_ir_shape(ir, call->out)->rank != 2)
        return false;
    const int32_t *operand = ir->operands + call->first;
    return eddy_ir_shape(ir, operand[0])->rank == 2 && eddy_ir_shape(ir, operand[1])->rank == 2;
}

/* Is the view its base transposed, no more? */
static bool is_transposition(const eddy_ir_value *base, const eddy_ir_value *view)
{
    const eddy_ir_layout *of = base->layout, *seen = view->layout;
    return seen->shape.rank == 2 && view->offset == 0 && seen->shape.dim[0] == of->shape.dim[1] &&
           seen->shape.dim[1] == of->shape.dim[0] && seen->stride[0] == 1 && seen->stride[1] == of->shape.dim[1];
}

static bool is_read_transposed(const eddy_ir *ir, const eddy_ir_uses *uses, int32_t v)
{
    if (uses->direct[v] || uses->view[v] < 0)
        return false;
    for (int32_t at = uses->view[v]; at >= 0; at = uses->next[at])
        if (!is_transposition(&ir->values[v], &ir->values[at]))
            return false;
    return true;
}

static bool turn(eddy_ir *ir, const eddy_ir_uses *uses, const eddy_ir_call *call, int32_t *by)
{
    int32_t *operand = ir->operands + call->first;
    int32_t a = eddy_ir_transposed(ir, operand[0]), b = eddy_ir_transposed(ir, operand[1]);
    if (a < 0 || b < 0)
        return false;
    operand[0] = b;
    operand[1] = a;
    const eddy_shape shape = { .rank = 2, .dim = { eddy_ir_shape(ir, b)->dim[0], eddy_ir_shape(ir, a)->dim[1] } };
    const eddy_ir_layout *layout = eddy_ir_find_layout(ir, &shape, NULL);
    if (!layout)
        return false;
    ir->values[call->out].layout = layout;
    for (int32_t at = uses->view[call->out]; at >= 0; at = uses->next[at])
        by[at] = call->out;
    return true;
}

bool eddy_pass_products(eddy_ir *ir)
{
    eddy_ir_uses uses;
    int32_t count = ir->value_count, *by = eddy_allocate((size_t)count, sizeof *by);
    bool done = eddy_ir_find_uses(ir, &uses) && by;
    for (int32_t v = 0; v < count && done; v++)
        by[v] = v;
    for (int32_t i = 0; i < ir->call_count && done; i++) {
        eddy_ir_call *call = &ir->calls[i];
        if (!is_matrix_product(ir, call))
            continue;
        call->rule = &eddy_ir_product;
        call->attributes = NULL;
        call->attribute_size = 0;
        if (is_read_transposed(ir, &uses, call->out))
            done = turn(ir, &uses, call, by);
    }
    if (done)
        eddy_ir_replace(ir, by, count);
    eddy_free(by);
    eddy_ir_free_uses(&uses);
    return done || eddy_ir_no_memory(ir);
}
