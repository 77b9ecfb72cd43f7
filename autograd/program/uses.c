/* Who reads and writes what, and other sights of a value. */
#include "ir.h"

#include <string.h>

bool eddy_ir_grow_uses(const eddy_ir *ir, eddy_ir_uses *uses)
{
    if (ir->value_count > uses->capacity) {
        int32_t wanted = ir->value_capacity;
        int32_t **arrays[] = { &uses->writer, &uses->direct, &uses->view, &uses->next, &uses->later };
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
            int32_t *larger = eddy_reallocate(*arrays[i], (size_t)wanted, sizeof *larger);
            if (!larger)
                return eddy_ir_no_memory(ir);
            *arrays[i] = larger;
        }
        uses->capacity = wanted;
    }
    for (; uses->count < ir->value_count; uses->count++) {
        uses->writer[uses->count] = uses->view[uses->count] = -1;
        uses->next[uses->count] = uses->later[uses->count] = -1;
        uses->direct[uses->count] = 0;
    }
    return true;
}

/* A view is in its base's list as long as it is used. */
void eddy_ir_count_use(const eddy_ir *ir, eddy_ir_uses *uses, int32_t v, int32_t by)
{
    bool before = uses->direct[v] > 0;
    uses->direct[v] += by;
    if (ir->values[v].kind != EDDY_VALUE_VIEW || before == (uses->direct[v] > 0))
        return;
    int32_t *last = &uses->view[ir->values[v].source], next = uses->next[v], later = uses->later[v];
    if (!before) {
        if (*last >= 0)
            uses->later[*last] = v;
        uses->next[v] = *last;
        uses->later[v] = -1;
        *last = v;
        return;
    }
    *(later >= 0 ? &uses->next[later] : last) = next;
    if (next >= 0)
        uses->later[next] = later;
}

bool eddy_ir_find_uses(const eddy_ir *ir, eddy_ir_uses *uses)
{
    *uses = (eddy_ir_uses){ 0 };
    if (!eddy_ir_grow_uses(ir, uses))
        return false;
    for (int32_t i = 0; i < ir->call_count; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        for (int32_t k = 0; k < call->count; k++)
            eddy_ir_count_use(ir, uses, ir->operands[call->first + k], 1);
        for (int32_t v = call->out; v < call->out + call->outputs; v++)
            uses->writer[v] = i;
    }
    for (int64_t k = 0; k < ir->result_count; k++)
        eddy_ir_count_use(ir, uses, ir->results[k], 1);
    return true;
}

void eddy_ir_free_uses(eddy_ir_uses *uses)
{
    eddy_free(uses->writer);
    eddy_free(uses->direct);
    eddy_free(uses->view);
    eddy_free(uses->next);
    eddy_free(uses->later);
}

void eddy_ir_replace(eddy_ir *ir, const int32_t *by, int32_t count)
{
    for (int32_t v = 0; v < ir->value_count; v++)
        if (ir->values[v].kind == EDDY_VALUE_VIEW && ir->values[v].source < count) {
            eddy_ir_value *view = &ir->values[v];
            const eddy_ir_value *to = &ir->values[by[view->source]];
            bool seen =
                to->kind == EDDY_VALUE_VIEW; /* then it begins like what it stands for, contiguous as that was */
            view->offset += seen ? to->offset : 0;
            view->source = seen ? to->source : by[view->source];
        }
    for (int64_t k = 0; k < ir->operand_count; k++)
        if (ir->operands[k] < count)
            ir->operands[k] = by[ir->operands[k]];
    for (int64_t k = 0; k < ir->result_count; k++)
        if (ir->results[k] < count)
            ir->results[k] = by[ir->results[k]];
}

bool eddy_ir_sweep(eddy_ir *ir)
{
    unsigned char *needed = eddy_allocate((size_t)ir->value_count, 1), *kept = eddy_allocate((size_t)ir->call_count, 1);
    bool done = needed && kept;
    for (int64_t k = 0; k < ir->result_count && done; k++)
        needed[eddy_ir_base(ir, ir->results[k])] = 1;
    for (int32_t i = ir->call_count - 1; i >= 0 && done; i--) {
        const eddy_ir_call *call = &ir->calls[i];
        for (int32_t v = call->out; v < call->out + call->outputs; v++)
            kept[i] |= needed[eddy_ir_base(ir, v)];
        for (int32_t k = 0; k < call->count && kept[i]; k++)
            needed[eddy_ir_base(ir, ir->operands[call->first + k])] = 1;
    }
    int32_t count = 0;
    for (int32_t i = 0; i < ir->call_count && done; i++)
        if (kept[i])
            ir->calls[count++] = ir->calls[i];
    ir->call_count = done ? count : ir->call_count;
    eddy_free(needed);
    eddy_free(kept);
    return done || eddy_ir_no_memory(ir);
}

/* number[v] is 1 for values that are needed. */
static void mark_values(const eddy_ir *ir, int32_t *number)
{
    for (int32_t i = 0; i < ir->call_count; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        for (int32_t k = 0; k < call->count; k++) {
            const int32_t v = ir->operands[call->first + k];
            number[v] = number[eddy_ir_base(ir, v)] = 1;
        }
        for (int32_t v = call->out; v < call->out + call->outputs; v++)
            number[v] = number[eddy_ir_base(ir, v)] = 1;
    }
    for (int64_t k = 0; k < ir->result_count; k++)
        number[ir->results[k]] = number[eddy_ir_base(ir, ir->results[k])] = 1;
}

bool eddy_ir_compact(eddy_ir *ir)
{
    int64_t count = 0;
    for (int32_t i = 0; i < ir->call_count; i++)
        count += ir->calls[i].count;
    int32_t *number = eddy_allocate((size_t)ir->value_count, sizeof *number), values = 0;
    int32_t *operands = eddy_reallocate(NULL, (size_t)count, sizeof *operands);
    if (!number || !operands) {
        eddy_free(number);
        eddy_free(operands);
        return eddy_ir_no_memory(ir);
    }
    mark_values(ir, number);
    for (int32_t v = 0; v < ir->value_count; v++)
        if (number[v]) {
            number[v] = values;
            ir->values[values++] = ir->values[v];
        }
    for (int32_t v = 0; v < values; v++)
        if (ir->values[v].kind == EDDY_VALUE_VIEW)
            ir->values[v].source = number[ir->values[v].source];
    ir->value_count = values;
    ir->operand_count = 0;
    for (int32_t i = 0; i < ir->call_count; i++) {
        eddy_ir_call *call = &ir->calls[i];
        for (int32_t k = 0; k < call->count; k++)
            operands[ir->operand_count + k] = number[ir->operands[call->first + k]];
        call->first = ir->operand_count;
        call->out = number[call->out];
        ir->operand_count += call->count;
    }
    for (int64_t k = 0; k < ir->result_count; k++)
        ir->results[k] = number[ir->results[k]];
    eddy_free(ir->operands);
    ir->operands = operands;
    ir->operand_capacity = ir->operand_count;
    eddy_free(number);
    return true;
}

bool eddy_ir_same_view(const eddy_ir *ir, int32_t a, int32_t b)
{
    const eddy_ir_value *x = &ir->values[a], *y = &ir->values[b];
    if (a == b)
        return true;
    if (eddy_ir_base(ir, a) != eddy_ir_base(ir, b) || x->offset != y->offset || !eddy_ir_same_shape(ir, a, b))
        return false;
    for (int i = 0; i < x->layout->shape.rank; i++)
        if (x->layout->shape.dim[i] != 1 && x->layout->stride[i] != y->layout->stride[i])
            return false;
    return true;
}

/* *view, which looks at v's elements in the layout; v's base if that has it. */
static int32_t add_view(eddy_ir *ir, int32_t v, eddy_ir_value *view, const eddy_ir_layout *layout)
{
    view->layout = eddy_ir_find_layout(ir, &layout->shape, layout->stride);
    if (!view->layout)
        return -1;
    if (view->kind == EDDY_VALUE_CONSTANT)
        return eddy_ir_add_value(ir, view);
    int32_t base = eddy_ir_base(ir, v);
    view->kind = EDDY_VALUE_VIEW;
    view->source = base;
    view->place = view->size = 0;
    int32_t made = eddy_ir_add_value(ir, view);
    if (made >= 0 && eddy_ir_same_view(ir, made, base)) {
        ir->value_count--;
        return base;
    }
    return made;
}

int32_t eddy_ir_transposed(eddy_ir *ir, int32_t v)
{
    eddy_ir_value view = ir->values[v];
    eddy_ir_layout layout = *view.layout;
    for (int i = 0; i < 2; i++) {
        layout.shape.dim[i] = view.layout->shape.dim[1 - i];
        layout.stride[i] = view.layout->stride[1 - i];
    }
    return add_view(ir, v, &view, &layout);
}

int32_t eddy_ir_slice(eddy_ir *ir, int32_t v, int axis, int64_t start, int64_t size)
{
    eddy_ir_value view = ir->values[v];
    eddy_ir_layout layout = *view.layout;
    if (start == 0 && size == layout.shape.dim[axis])
        return v;
    layout.shape.dim[axis] = size;
    view.offset += view.kind == EDDY_VALUE_CONSTANT ? 0 : start * layout.stride[axis];
    return add_view(ir, v, &view, &layout);
}
