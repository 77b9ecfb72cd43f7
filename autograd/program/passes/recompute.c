/* Recompute. What an elementwise op made long ago is made once more where it is read, instead of being kept: tanh c
 * for the gradient of an LSTM's step. Only where its operands are kept until nearly there for others' sake, and where
 * so much memory is saved that it would not have stayed in a cache. Not a bit changes. */
#include "ir.h"

enum {
    FAR = 64,        /* calls from an op to a reader that may have it made again */
    WORTH = 1 << 20, /* bytes that must be saved altogether */
    NEARLY = 8       /* operands may be kept longer by this part of the way from the op to the reader */
};

typedef struct recomputing {
    eddy_ir *ir;
    const eddy_ir_call *calls;
    int32_t count;        /* values before the pass, all that is said below is of */
    int32_t *writer;      /* of each value: the call that alone writes it and is elementwise, else -1 */
    int32_t *last;        /* of each base: the last call that reads it; INT32_MAX: a result */
    int32_t *again;       /* of each value: what stands for it from here on, -1: it does itself */
    unsigned char *grows; /* of each base: do calls add to it? */
} recomputing;

/* Is it the same whenever it is read? Leaves are written, and sums grow. */
static bool is_steady(const recomputing *r, int32_t base)
{
    const eddy_value_kind kind = r->ir->values[base].kind;
    return kind == EDDY_VALUE_CONSTANT || (kind == EDDY_VALUE_CALL && !r->grows[base]);
}

static void note(recomputing *r, int32_t count)
{
    const eddy_ir *ir = r->ir;
    for (int32_t v = 0; v < r->count; v++)
        r->writer[v] = r->last[v] = r->again[v] = -1;
    for (int32_t i = 0; i < count; i++) {
        const eddy_ir_call *call = &r->calls[i];
        for (int32_t k = 0; k < call->count; k++)
            r->last[eddy_ir_base(ir, ir->operands[call->first + k])] = i;
        for (int32_t v = call->out; v < call->out + call->outputs; v++)
            r->grows[eddy_ir_base(ir, v)] |= call->rule->adds;
        if (call->outputs == 1 && !call->once && ir->values[call->out].kind == EDDY_VALUE_CALL &&
            call->rule->elementwise)
            r->writer[call->out] = i;
    }
    for (int64_t k = 0; k < ir->result_count; k++)
        r->last[eddy_ir_base(ir, ir->results[k])] = INT32_MAX;
}

/* Shall call i read value v made anew? */
static bool is_worth(const recomputing *r, int32_t v, int32_t i)
{
    const eddy_ir *ir = r->ir;
    if (r->writer[v] < 0 || r->grows[v] || i - r->writer[v] < FAR || r->last[v] == INT32_MAX)
        return false;
    const eddy_ir_call *op = &r->calls[r->writer[v]];
    for (int32_t k = 0; k < op->count; k++) {
        const int32_t base = eddy_ir_base(ir, ir->operands[op->first + k]);
        if (base >= r->count) /* was made again itself */
            return false;
        const bool kept = ir->values[base].kind == EDDY_VALUE_CONSTANT ||
                          (int64_t)NEARLY * ((int64_t)i - r->last[base]) <= i - r->writer[v];
        if (!kept || !is_steady(r, base) || r->again[base] >= 0)
            return false;
    }
    return true;
}

/* Bytes that need not be kept. */
static size_t saved(recomputing *r, int32_t count)
{
    size_t bytes = 0;
    for (int32_t i = 0; i < count; i++)
        for (int32_t k = 0; k < r->calls[i].count; k++) {
            const int32_t v = r->ir->operands[r->calls[i].first + k];
            if (r->again[v] < 0 && is_worth(r, v, i)) {
                bytes += eddy_ir_size(r->ir, v);
                r->again[v] = v;
            }
        }
    for (int32_t v = 0; v < r->count; v++)
        r->again[v] = -1;
    return bytes;
}

/* The op of value v once more: the value that it makes, -1 when memory is short. */
static int32_t make_again(recomputing *r, int32_t v)
{
    eddy_ir *ir = r->ir;
    eddy_ir_call op = r->calls[r->writer[v]];
    const eddy_shape shape = *eddy_ir_shape(ir, v);
    const int64_t first = ir->operand_count;
    const bool room = eddy_ir_repeat_operands(ir, &op);
    op.first = first;
    op.out = room ? eddy_ir_new_value(ir, ir->values[v].dtype, &shape, ir->values[v].node) : -1;
    return op.out >= 0 && eddy_ir_append(ir, op) ? op.out : -1;
}

static bool rewrite(recomputing *r, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        const eddy_ir_call call = r->calls[i];
        for (int32_t k = 0; k < call.count; k++) {
            const int32_t v = r->ir->operands[call.first + k];
            if (r->again[v] < 0 && is_worth(r, v, i) && (r->again[v] = make_again(r, v)) < 0)
                return false;
            r->ir->operands[call.first + k] = r->again[v] >= 0 ? r->again[v] : v;
        }
        if (!eddy_ir_append(r->ir, call))
            return false;
    }
    return true;
}

bool eddy_pass_recompute(eddy_ir *ir)
{
    const size_t values = (size_t)ir->value_count;
    const int32_t count = ir->call_count;
    recomputing r = { .ir = ir,
                      .count = ir->value_count,
                      .calls = ir->calls,
                      .writer = eddy_allocate(values, sizeof *r.writer),
                      .last = eddy_allocate(values, sizeof *r.last),
                      .again = eddy_allocate(values, sizeof *r.again),
                      .grows = eddy_allocate(values, 1) };
    bool done = r.writer && r.last && r.again && r.grows;
    if (done)
        note(&r, count);
    if (done && saved(&r, count) >= WORTH) {
        int32_t taken;
        eddy_ir_call *calls = eddy_ir_take_calls(ir, &taken);
        done = rewrite(&r, taken);
        eddy_free(calls);
    }
    eddy_free(r.writer);
    eddy_free(r.last);
    eddy_free(r.again);
    eddy_free(r.grows);
    return done || eddy_ir_no_memory(ir);
}
