/* Places: all calls' values lie in one block. Memory whose last reader has run serves the next value that fits, and a
 * result of elementwise ops takes that of an operand which they read last. What is free is kept by size, so that
 * planning is linear in the number of calls; only for a value that would make the block much larger are free neighbours
 * joined, and a part of what they are is taken. */
#include "ir.h"

#include <stdlib.h>
#include <string.h>

typedef struct free_class {
    size_t size;
    size_t *offsets;
    int32_t count, capacity;
} free_class;

typedef struct planner {
    free_class *classes; /* free memory, ascending sizes */
    int32_t count, capacity;
    size_t end;    /* bytes of the block so far */
    size_t free;   /* of them, now */
    int32_t joins; /* how often neighbours were joined */
} planner;

enum { MOST_JOINS = 64, WORTH_JOINING = 64 }; /* a 64th of the block so far */

typedef struct stretch {
    size_t offset, size;
} stretch;

static int32_t class_at_least(const planner *p, size_t size)
{
    int32_t low = 0, high = p->count;
    while (low < high) {
        int32_t middle = (low + high) / 2;
        if (p->classes[middle].size < size)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Gives memory back. False when there is none to note that. */
static bool give(planner *p, size_t offset, size_t size)
{
    int32_t at = class_at_least(p, size);
    if (at == p->count || p->classes[at].size != size) {
        if (!eddy_grow((void **)&p->classes, &p->capacity, p->count, sizeof *p->classes))
            return false;
        memmove(&p->classes[at + 1], &p->classes[at], (size_t)(p->count - at) * sizeof *p->classes);
        p->classes[at] = (free_class){ .size = size };
        p->count++;
    }
    free_class *c = &p->classes[at];
    if (!eddy_grow((void **)&c->offsets, &c->capacity, c->count, sizeof *c->offsets))
        return false;
    c->offsets[c->count++] = offset;
    p->free += size;
    return true;
}

/* The offset of one of a class. */
static size_t pop(planner *p, free_class *c)
{
    p->free -= c->size;
    return c->offsets[--c->count];
}

static void free_planner(planner *p)
{
    for (int32_t i = 0; i < p->count; i++)
        eddy_free(p->classes[i].offsets);
    eddy_free(p->classes);
}

static int by_offset(const void *a, const void *b)
{
    const stretch *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Free neighbours become one. False when memory is short. */
static bool join(planner *p)
{
    int64_t count = 0;
    for (int32_t i = 0; i < p->count; i++)
        count += p->classes[i].count;
    stretch *all = eddy_allocate((size_t)count, sizeof *all);
    if (!all)
        return false;
    count = 0;
    for (int32_t i = 0; i < p->count; i++)
        while (p->classes[i].count)
            all[count++] = (stretch){ pop(p, &p->classes[i]), p->classes[i].size };
    qsort(all, (size_t)count, sizeof *all, by_offset);
    bool done = true;
    for (int64_t i = 0, next; i < count && done; i = next) {
        stretch one = all[i];
        for (next = i + 1; next < count && all[next].offset == one.offset + one.size; next++)
            one.size += all[next].size;
        done = give(p, one.offset, one.size);
    }
    eddy_free(all);
    return done;
}

/* The offset of *size bytes: free ones at most an eighth more, else new memory. *size becomes how many they are.
 * False when memory is short. */
static bool take(planner *p, size_t *size, size_t *offset)
{
    for (int32_t i = class_at_least(p, *size); i < p->count && p->classes[i].size <= *size + *size / 8; i++)
        if (p->classes[i].count) {
            *size = p->classes[i].size;
            *offset = pop(p, &p->classes[i]);
            return true;
        }
    if (p->free >= *size && *size >= p->end / WORTH_JOINING && p->joins < MOST_JOINS) {
        p->joins++;
        if (!join(p))
            return false;
        for (int32_t i = class_at_least(p, *size); i < p->count; i++)
            if (p->classes[i].count) {
                *offset = pop(p, &p->classes[i]);
                const size_t rest = p->classes[i].size - *size;
                return !rest || give(p, *offset + *size, rest);
            }
    }
    *offset = p->end;
    p->end += *size;
    return true;
}

/* last[v]: the number of the last call that reads or writes the memory of value v; behind all calls for results, and
 * for what is kept from run to run. */
static void find_last_uses(const eddy_ir *ir, int32_t *last)
{
    for (int32_t i = 0; i < ir->call_count; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        for (int32_t k = 0; k < call->count; k++) {
            int32_t base = eddy_ir_base(ir, ir->operands[call->first + k]);
            last[base] = i > last[base] ? i : last[base];
        }
        for (int32_t v = call->out; v < call->out + call->outputs; v++)
            last[eddy_ir_base(ir, v)] = call->once ? ir->call_count : i;
    }
    for (int64_t k = 0; k < ir->result_count; k++)
        last[eddy_ir_base(ir, ir->results[k])] = ir->call_count;
}

enum { CANDIDATES = 16 }; /* operands that are looked at for one result: planning stays linear */

/* What a call may overwrite. */
typedef struct overlay {
    int32_t *seen;      /* of each value: one more than the last call that reads a view of it */
    int32_t *candidate; /* operands, by number, whose memory nobody needs any more */
    int32_t first, count, capacity;
} overlay;

/* Operands that die here, dense, and of which the call reads no view: that would be overwritten before it is read. */
static bool find_candidates(const eddy_ir *ir, int32_t i, const int32_t *last, overlay *o)
{
    const eddy_ir_call *call = &ir->calls[i];
    o->first = o->count = 0;
    if (!call->rule->may_overlay)
        return true;
    for (int32_t k = 0; k < call->count; k++) {
        int32_t v = ir->operands[call->first + k];
        if (ir->values[v].kind == EDDY_VALUE_VIEW)
            o->seen[ir->values[v].source] = i + 1;
    }
    for (int32_t k = 0; k < call->count; k++) {
        int32_t v = ir->operands[call->first + k];
        if (ir->values[v].kind != EDDY_VALUE_CALL || last[v] != i || !ir->values[v].size || o->seen[v] == i + 1)
            continue;
        if (!eddy_grow((void **)&o->candidate, &o->capacity, o->count, sizeof *o->candidate))
            return false;
        o->candidate[o->count++] = k;
    }
    return true;
}

/* The operand whose memory result r of call i takes, -1 none. */
static int32_t overlaid(const eddy_ir *ir, int32_t i, int32_t r, const int32_t *last, overlay *o)
{
    const eddy_ir_call *call = &ir->calls[i];
    const eddy_ir_value *out = &ir->values[call->out + r];
    while (o->first < o->count && last[ir->operands[call->first + o->candidate[o->first]]] < 0)
        o->first++; /* taken already */
    for (int32_t c = o->first; c < o->count && c < o->first + CANDIDATES && out->kind == EDDY_VALUE_CALL; c++) {
        int32_t v = ir->operands[call->first + o->candidate[c]];
        const eddy_ir_value *in = &ir->values[v];
        if (last[v] == i && in->dtype == out->dtype && eddy_shape_equal(&in->layout->shape, &out->layout->shape) &&
            call->rule->may_overlay(call->attributes, o->candidate[c], r))
            return v;
    }
    return -1;
}

/* dying[i] is the first of the values whose last use is call i; next leads to the others. */
static bool place(eddy_ir *ir, int32_t *last, int32_t *dying, int32_t *next, overlay *over)
{
    planner plan = { 0 };
    bool done = true;
    for (int32_t i = 0; i < ir->call_count && done; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        if (!find_candidates(ir, i, last, over)) {
            done = false;
            break;
        }
        for (int32_t o = 0; o < call->outputs; o++) {
            int32_t at = eddy_ir_base(ir, call->out + o);
            eddy_ir_value *v = &ir->values[at];
            if (v->size || v->kind == EDDY_VALUE_LEAF) /* a further term of a sum, part of a block, or an update */
                continue;
            v->size = eddy_ir_size(ir, at);
            ir->block_unshared += (int64_t)v->size;
            int32_t under = overlaid(ir, i, o, last, over);
            if (under >= 0) {
                v->place = ir->values[under].place;
                v->size = ir->values[under].size;
                last[under] = -1; /* what it gave away is not free when it dies */
            } else if (call->once) {
                v->place = plan.end;
                plan.end += v->size;
            } else {
                done = done && take(&plan, &v->size, &v->place);
            }
            next[at] = dying[last[at]];
            dying[last[at]] = at;
        }
        for (int32_t d = dying[i]; d >= 0 && done; d = next[d])
            done = last[d] < 0 || give(&plan, ir->values[d].place, ir->values[d].size);
    }
    ir->block = plan.end;
    free_planner(&plan);
    return done;
}

bool eddy_pass_places(eddy_ir *ir)
{
    size_t values = (size_t)ir->value_count, times = (size_t)ir->call_count + 1;
    int32_t *last = eddy_allocate(values, sizeof *last), *next = eddy_allocate(values, sizeof *next),
            *dying = eddy_allocate(times, sizeof *dying);
    overlay over = { .seen = eddy_allocate(values, sizeof *over.seen) };
    bool done = last && next && dying && over.seen;
    if (done) {
        memset(dying, 0xff, times * sizeof *dying);
        find_last_uses(ir, last);
        done = place(ir, last, dying, next, &over);
    }
    eddy_free(last);
    eddy_free(next);
    eddy_free(dying);
    eddy_free(over.seen);
    eddy_free(over.candidate);
    return done || eddy_ir_no_memory(ir);
}
