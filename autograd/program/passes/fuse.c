/* Fuse. Elementwise ops of one shape that follow each other become one call, which takes them tile by tile: what only
 * they read is never written to memory. A group stays open while calls pass that need nothing of it, and stands where
 * it is closed, behind all that its ops read. No element is computed in another way. */
#include "fused.h"
#include "kernels.h"

#include <string.h>

enum { OPEN = 4 }; /* groups at a time */

typedef struct group {
    int32_t first, last, count; /* members, as calls of before the pass; count 0: not open */
    int32_t leader;             /* a value of the group's shape and dtype */
} group;

typedef struct fusing {
    eddy_ir *ir;
    eddy_ir_uses uses;
    const eddy_ir_call *calls;
    group open[OPEN];
    int32_t *next;    /* of each call: the group's member behind it, -1 none */
    int32_t *member;  /* of each value: the open group that makes it, -1 none */
    int32_t *inside;  /* of each value: how many operands of its group are it */
    int32_t *slot;    /* of each value, in the group that is being closed: -1 none */
    int32_t *last_op; /* of each value there: the last member that reads it */
    int32_t *by;      /* what replaces each value */
    int32_t count;    /* values before the pass */
    /* Of the group that is being closed: */
    eddy_fused_op *op;
    int32_t *operand, *result, *temporary; /* values; slots that are free */
    int32_t ops, operands, results, temporaries, free;
    int32_t op_capacity, operand_capacity, result_capacity, free_capacity;
} fusing;

static bool is_candidate(const fusing *f, const eddy_ir_call *call)
{
    const eddy_ir_value *out = &f->ir->values[call->out];
    return call->outputs == 1 && !call->rule->adds && (call->rule->elementwise || call->rule->is_sum) &&
           out->kind == EDDY_VALUE_CALL;
}

static bool belongs(const fusing *f, const group *g, const eddy_ir_call *call)
{
    const eddy_ir_value *a = &f->ir->values[g->leader], *b = &f->ir->values[call->out];
    return g->count && a->dtype == b->dtype &&
           (a->layout == b->layout || eddy_shape_equal(&a->layout->shape, &b->layout->shape));
}

/* ---- Closing a group ---- */

static bool is_read_outside(const fusing *f, int32_t v)
{
    return f->uses.direct[v] > f->inside[v] || f->uses.view[v] >= 0;
}

static bool note_operand(fusing *f, int32_t v)
{
    if (f->slot[v] >= 0 || f->member[v] >= 0)
        return true;
    if (!eddy_grow((void **)&f->operand, &f->operand_capacity, f->operands, sizeof *f->operand))
        return false;
    f->slot[v] = f->operands;
    f->operand[f->operands++] = v;
    return true;
}

/* Operands and results of the group get slots. */
static bool collect(fusing *f, const group *g)
{
    f->ops = f->operands = f->results = f->temporaries = f->free = 0;
    for (int32_t i = g->first; i >= 0; i = f->next[i]) {
        const eddy_ir_call *call = &f->calls[i];
        for (int32_t k = 0; k < call->count; k++) {
            int32_t v = f->ir->operands[call->first + k];
            if (!note_operand(f, v))
                return false;
            f->last_op[v] = i;
        }
    }
    for (int32_t i = g->first; i >= 0; i = f->next[i]) {
        int32_t v = f->calls[i].out;
        if (!is_read_outside(f, v))
            continue;
        if (!eddy_grow((void **)&f->result, &f->result_capacity, f->results, sizeof *f->result))
            return false;
        f->slot[v] = f->operands + f->results;
        f->result[f->results++] = v;
    }
    return true;
}

static bool add_op(fusing *f, const eddy_rule *rule, int32_t count, const int32_t *in, int32_t out, int32_t node)
{
    if (!eddy_grow((void **)&f->op, &f->op_capacity, f->ops, sizeof *f->op))
        return false;
    eddy_fused_op *op = &f->op[f->ops++];
    *op = (eddy_fused_op){ .rule = rule, .count = count, .out = out, .node = node };
    memcpy(op->in, in, (size_t)count * sizeof *in);
    return true;
}

static int32_t take_temporary(fusing *f)
{
    return f->free ? f->temporary[--f->free] : f->operands + f->results + f->temporaries++;
}

/* The slots of the call's operands; those of temporaries that nobody reads later are free. */
static bool take_operands(fusing *f, int32_t i, int32_t *slots)
{
    const eddy_ir_call *call = &f->calls[i];
    for (int32_t k = 0; k < call->count; k++) {
        int32_t v = f->ir->operands[call->first + k];
        slots[k] = f->slot[v];
        if (f->last_op[v] != i || f->slot[v] < f->operands + f->results)
            continue;
        if (!eddy_grow((void **)&f->temporary, &f->free_capacity, f->free, sizeof *f->temporary))
            return false;
        f->temporary[f->free++] = f->slot[v];
        f->last_op[v] = -1; /* once, however often this call reads it */
    }
    return true;
}

static bool write_ops(fusing *f, const group *g, int32_t *slots)
{
    for (int32_t i = g->first; i >= 0; i = f->next[i]) {
        const eddy_ir_call *call = &f->calls[i];
        /* one op may write where it reads; a sum, additions from left to right, may not before the last of them */
        int32_t out = f->slot[call->out] < 0 && call->rule->is_sum ? take_temporary(f) : f->slot[call->out];
        if (!take_operands(f, i, slots))
            return false;
        out = out < 0 ? take_temporary(f) : out;
        f->slot[call->out] = out;
        if (call->rule->elementwise && !add_op(f, call->rule, call->count, slots, out, call->node))
            return false;
        for (int32_t k = 1; k < call->count && call->rule->is_sum; k++)
            if (!add_op(f, eddy_elementwise_rule(EDDY_ELEMENTWISE_add), 2,
                        (int32_t[]){ k == 1 ? slots[0] : out, slots[k] }, out, call->node))
                return false;
    }
    return true;
}

/* ---- Layout ---- */

static int64_t stride_along(const eddy_ir_value *v, const eddy_shape *shape, int axis)
{
    int own = axis - (shape->rank - v->layout->shape.rank);
    return own < 0 || v->layout->shape.dim[own] == 1 ? 0 : v->layout->stride[own];
}

/* The common axes of all operands and results, neighbours joined where all cross them with one stride. */
static void find_axes(const fusing *f, eddy_fused *to, int64_t *stride, int32_t leader)
{
    const eddy_ir *ir = f->ir;
    const eddy_shape *shape = eddy_ir_shape(ir, leader);
    int32_t slots = f->operands + f->results;
    int last[EDDY_MAX_RANK], first = 0;
    to->rank = 0;
    for (int i = 0; i < shape->rank; i++) {
        if (shape->dim[i] == 1)
            continue;
        bool merge = to->rank > 0;
        for (int32_t s = 0; s < slots && merge; s++) {
            const eddy_ir_value *v = &ir->values[s < f->operands ? f->operand[s] : f->result[s - f->operands]];
            merge = stride_along(v, shape, last[to->rank - 1]) == stride_along(v, shape, i) * shape->dim[i];
        }
        if (merge) {
            to->dim[to->rank - 1] *= shape->dim[i];
            last[to->rank - 1] = i;
            continue;
        }
        first = to->rank ? first : i;
        last[to->rank] = i;
        to->dim[to->rank++] = shape->dim[i];
    }
    to->first_dim = to->rank && shape->dim[first] ? shape->dim[first] : 1;
    if (!to->rank) { /* one element */
        to->dim[to->rank++] = 1;
        for (int32_t s = 0; s < slots; s++)
            stride[s] = s >= f->operands;
        return;
    }
    for (int32_t s = 0; s < slots; s++) {
        const eddy_ir_value *v = &ir->values[s < f->operands ? f->operand[s] : f->result[s - f->operands]];
        for (int i = 0; i < to->rank; i++)
            stride[s * to->rank + i] = stride_along(v, shape, last[i]);
    }
}

/* The stride of v along the innermost axis that has more than one element. */
static int64_t inner_stride(const eddy_ir *ir, int32_t v, const eddy_shape *shape)
{
    for (int i = shape->rank - 1; i >= 0; i--)
        if (shape->dim[i] != 1)
            return stride_along(&ir->values[v], shape, i);
    return 0;
}

/* Operands that tiles cannot be read from are copied first. */
static bool make_dense(fusing *f, int32_t leader, int32_t node)
{
    eddy_ir *ir = f->ir;
    for (int32_t k = 0; k < f->operands; k++) {
        int64_t step = inner_stride(ir, f->operand[k], eddy_ir_shape(ir, leader));
        if (step == 0 || step == 1)
            continue;
        eddy_ir_call copy = { .rule = &eddy_ir_copy, .count = 1, .outputs = 1, .node = node };
        eddy_shape shape = *eddy_ir_shape(ir, f->operand[k]);
        copy.first = eddy_ir_add_operands(ir, &f->operand[k], 1);
        copy.out = eddy_ir_new_value(ir, ir->values[f->operand[k]].dtype, &shape, node);
        if (copy.first < 0 || copy.out < 0 || !eddy_ir_append(ir, copy))
            return false;
        f->operand[k] = copy.out;
    }
    return true;
}

static void find_times(const fusing *f, int32_t *when)
{
    for (int32_t i = f->ops - 1; i >= 0; i--)
        if (f->op[i].out < f->operands + f->results)
            when[f->op[i].out] = i;
    for (int32_t i = 0; i < f->ops; i++)
        for (int32_t k = 0; k < f->op[i].count; k++)
            if (f->op[i].in[k] < f->operands)
                when[f->op[i].in[k]] = i;
}

/* The attributes, on the program's arena. */
static eddy_fused *write_attributes(fusing *f, int32_t leader)
{
    size_t slots = (size_t)f->operands + (size_t)f->results, ops = (size_t)f->ops * sizeof *f->op;
    eddy_fused *to = eddy_arena_take(f->ir->arena, sizeof *to);
    eddy_fused_op *op = eddy_arena_take(f->ir->arena, ops);
    int64_t *stride = eddy_arena_take(f->ir->arena, slots * EDDY_MAX_RANK * sizeof *stride);
    int32_t *when = eddy_arena_take(f->ir->arena, slots * sizeof *when);
    if (!to || !op || !stride || !when)
        return NULL;
    memcpy(op, f->op, ops);
    find_times(f, when);
    *to = (eddy_fused){ .dtype = f->ir->values[leader].dtype,
                        .shape = *eddy_ir_shape(f->ir, leader),
                        .ops = f->ops,
                        .operands = f->operands,
                        .results = f->results,
                        .temporaries = f->temporaries,
                        .op = op,
                        .stride = stride,
                        .when = when };
    find_axes(f, to, stride, leader);
    return to;
}

/* The results as values in a row, which replace the old ones. */
static int32_t renumber(fusing *f)
{
    int32_t first = f->ir->value_count;
    for (int32_t k = 0; k < f->results; k++) {
        int32_t made = eddy_ir_add_value(f->ir, &f->ir->values[f->result[k]]);
        if (made < 0)
            return -1;
        f->by[f->result[k]] = made;
    }
    return first;
}

static bool append_fused(fusing *f, const group *g)
{
    eddy_ir *ir = f->ir;
    int32_t node = f->calls[g->last].node, most = 3;
    for (int32_t i = g->first; i >= 0; i = f->next[i])
        most = f->calls[i].count > most ? f->calls[i].count : most;
    int32_t *slots = eddy_allocate((size_t)most, sizeof *slots);
    bool done = slots && collect(f, g) && write_ops(f, g, slots) && make_dense(f, g->leader, node);
    eddy_free(slots);
    eddy_ir_call call = { .rule = &eddy_ir_fused,
                          .attribute_size = sizeof(eddy_fused),
                          .count = f->operands,
                          .outputs = f->results,
                          .node = node };
    done = done && (call.attributes = write_attributes(f, g->leader)) != NULL;
    call.first = done ? eddy_ir_add_operands(ir, f->operand, f->operands) : -1;
    call.out = done ? renumber(f) : -1;
    return done && call.first >= 0 && call.out >= 0 && (!f->results || eddy_ir_append(ir, call));
}

static bool close_group(fusing *f, int32_t at)
{
    group g = f->open[at];
    f->open[at].count = 0;
    bool single = g.count == 1, done = single ? eddy_ir_append(f->ir, f->calls[g.first]) : append_fused(f, &g);
    for (int32_t i = g.first; i >= 0; i = f->next[i]) {
        const eddy_ir_call *call = &f->calls[i];
        f->member[call->out] = f->slot[call->out] = -1;
        for (int32_t k = 0; k < call->count; k++)
            f->slot[f->ir->operands[call->first + k]] = -1;
    }
    return done;
}

/* ---- The walk ---- */

/* Closes the groups whose values the call reads, but `own`, unless it reads those through a view. */
static bool close_read(fusing *f, const eddy_ir_call *call, int32_t own)
{
    for (int32_t k = 0; k < call->count; k++) {
        int32_t v = f->ir->operands[call->first + k], of = f->member[eddy_ir_base(f->ir, v)];
        if (of >= 0 && (of != own || f->member[v] < 0) && !close_group(f, of))
            return false;
    }
    return true;
}

static bool join_group(fusing *f, int32_t at, int32_t i)
{
    group *g = &f->open[at];
    const eddy_ir_call *call = &f->calls[i];
    if (g->count)
        f->next[g->last] = i;
    else
        g->first = i;
    g->last = i;
    g->leader = call->out;
    g->count++;
    f->member[call->out] = at;
    for (int32_t k = 0; k < call->count; k++)
        f->inside[f->ir->operands[call->first + k]] +=
            f->member[f->ir->operands[call->first + k]] == at && f->ir->operands[call->first + k] != call->out;
    return true;
}

static bool take_call(fusing *f, int32_t i)
{
    const eddy_ir_call *call = &f->calls[i];
    if (!is_candidate(f, call))
        return close_read(f, call, -1) && eddy_ir_append(f->ir, *call);
    int32_t own = -1;
    for (int32_t at = 0; at < OPEN && own < 0; at++)
        own = belongs(f, &f->open[at], call) ? at : -1;
    const bool waits = !call->prompt || (own >= 0 && f->member[f->ir->operands[call->first + 1]] == own);
    if (!close_read(f, call, waits ? own : -1))
        return false;
    if (!waits)
        return eddy_ir_append(f->ir, *call);
    for (int32_t at = 0; at < OPEN && own < 0; at++)
        own = f->open[at].count ? -1 : at;
    if (own < 0) { /* the one that is open longest gives way */
        own = 0;
        for (int32_t at = 1; at < OPEN; at++)
            own = f->open[at].first < f->open[own].first ? at : own;
        if (!close_group(f, own))
            return false;
    }
    return join_group(f, own, i);
}

bool eddy_pass_fuse(eddy_ir *ir)
{
    fusing f = { .ir = ir, .count = ir->value_count };
    int32_t calls_count;
    bool done = eddy_ir_find_uses(ir, &f.uses);
    eddy_ir_call *calls = eddy_ir_take_calls(ir, &calls_count);
    f.calls = calls;
    int32_t **arrays[] = { &f.next, &f.member, &f.slot, &f.last_op, &f.by, &f.inside };
    for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++) {
        size_t size = (size_t)(a ? f.count : calls_count);
        *arrays[a] = eddy_allocate(size, sizeof **arrays[a]);
        done = done && *arrays[a];
        if (done && a < 4)
            memset(*arrays[a], 0xff, size * sizeof **arrays[a]);
    }
    for (int32_t v = 0; v < f.count && done; v++)
        f.by[v] = v;
    for (int32_t i = 0; i < calls_count && done; i++)
        done = take_call(&f, i);
    for (int32_t at = 0; at < OPEN && done; at++)
        done = !f.open[at].count || close_group(&f, at);
    if (done)
        eddy_ir_replace(ir, f.by, f.count);
    eddy_free(calls);
    for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++)
        eddy_free(*arrays[a]);
    eddy_free(f.op);
    eddy_free(f.operand);
    eddy_free(f.result);
    eddy_free(f.temporary);
    eddy_ir_free_uses(&f.uses);
    return done || eddy_ir_no_memory(ir);
}
