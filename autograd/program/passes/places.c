/* Places: all calls' values lie in one block. Memory whose last reader has run serves the next value that fits; what is
 * free is kept by size, so that planning is linear in the number of calls. */
#include "ir.h"

#include <string.h>

typedef struct free_class {
    size_t size;
    size_t *offsets;
    int32_t count, capacity;
} free_class;

typedef struct planner {
    free_class *classes; /* free memory, ascending sizes */
    int32_t count, capacity;
    size_t end; /* bytes of the block so far */
} planner;

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

/* The offset of *size bytes: free ones at most an eighth more, else new memory. *size becomes how many they are. */
static size_t take(planner *p, size_t *size)
{
    for (int32_t i = class_at_least(p, *size); i < p->count && p->classes[i].size <= *size + *size / 8; i++)
        if (p->classes[i].count) {
            *size = p->classes[i].size;
            return p->classes[i].offsets[--p->classes[i].count];
        }
    size_t offset = p->end;
    p->end += *size;
    return offset;
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
    return true;
}

static void free_planner(planner *p)
{
    for (int32_t i = 0; i < p->count; i++)
        eddy_free(p->classes[i].offsets);
    eddy_free(p->classes);
}

/* last[v]: the number of the last call that reads or writes the memory of value v; behind all calls for results. */
static void find_last_uses(const eddy_ir *ir, int32_t *last)
{
    for (int32_t i = 0; i < ir->call_count; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        for (int32_t k = 0; k < call->count; k++)
            last[eddy_ir_base(ir, ir->operands[call->first + k])] = i;
        for (int32_t v = call->out; v < call->out + call->outputs; v++)
            last[v] = i;
    }
    for (int64_t k = 0; k < ir->result_count; k++)
        last[eddy_ir_base(ir, ir->results[k])] = ir->call_count;
}

/* dying[i] is the first of the values whose last use is call i; next leads to the others. */
static bool place(eddy_ir *ir, const int32_t *last, int32_t *dying, int32_t *next)
{
    planner plan = { 0 };
    bool done = true;
    for (int32_t i = 0; i < ir->call_count && done; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        for (int32_t at = call->out; at < call->out + call->outputs; at++) {
            eddy_ir_value *v = &ir->values[at];
            if (v->size) /* a further term of a sum */
                continue;
            v->size = eddy_ir_size(ir, at);
            ir->block_unshared += (int64_t)v->size;
            v->place = take(&plan, &v->size);
            next[at] = dying[last[at]];
            dying[last[at]] = at;
        }
        for (int32_t d = dying[i]; d >= 0 && done; d = next[d])
            done = give(&plan, ir->values[d].place, ir->values[d].size);
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
    bool done = last && next && dying;
    if (done) {
        memset(dying, 0xff, times * sizeof *dying);
        find_last_uses(ir, last);
        done = place(ir, last, dying, next);
    }
    eddy_free(last);
    eddy_free(next);
    eddy_free(dying);
    return done || eddy_ir_no_memory(ir);
}
