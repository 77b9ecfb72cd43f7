/* The planner: where values lie, and what is rewritten so that fewer must be kept.
 *
 * Places: all values of a program lie in one block. A buffer whose last reader has run serves the next value that fits;
 * free buffers are kept by size, so that planning is linear in the number of calls.
 *
 * Early sums: the gradient of a weight shared by T steps is a sum of T products. Computed as one call it would keep all
 * T alive; computed term by term it keeps one. The terms are added in the order in which the sum lists them, so not a
 * bit changes. */
#include "ir.h"
#include "kernels.h"

#include <string.h>

/* ---- Early sums ---- */

enum { EDDY_EARLY_SUM = 8 }; /* terms from which on the memory saved is worth the accumulator's additional traffic */

static bool run_first(const eddy_work *work)
{
    eddy_kernel_copy(work->in[0], work->out);
    return true;
}

static bool run_next(const eddy_work *work)
{
    eddy_kernel_accumulate(work->in[0], work->out);
    return true;
}

static const eddy_rule rule_first = { .name = "sum_list", .run = run_first },
                       rule_next = { .name = "sum_list", .run = run_next };

/* Terms must come into being in the order in which they are added, and belong to one early sum only. */
static bool can_be_early(const eddy_compiler *c, const eddy_node *node)
{
    int32_t before = -1;
    for (int32_t k = 0; k < node->count; k++) {
        int32_t id = node->operand[k];
        if (id <= before || c->values[c->kept[id]].sum >= 0)
            return false;
        before = id;
    }
    return true;
}

void eddy_plan_early_sums(eddy_compiler *c)
{
    for (int32_t i = 0; i < c->count; i++) {
        const eddy_node *node = &c->program->nodes[i];
        if (!node->rule->is_sum || node->count < EDDY_EARLY_SUM || !can_be_early(c, node))
            continue;
        c->values[i].is_early_sum = true;
        for (int32_t k = 0; k < node->count; k++) {
            eddy_compiled_value *term = &c->values[c->kept[node->operand[k]]];
            term->sum = i;
            term->term = k;
        }
        c->term_count += node->count;
    }
}

eddy_call eddy_plan_term(eddy_compiler *c, int32_t term)
{
    const eddy_compiled_value *v = &c->values[term];
    eddy_program *p = c->program;
    return (eddy_call){ .rule = v->term ? &rule_next : &rule_first,
                        .in = &p->operands[c->values[v->sum].first_operand + v->term],
                        .out = &p->tensors[v->sum],
                        .count = 1,
                        .node = v->sum };
}

/* ---- Places ---- */

typedef struct free_class {
    size_t size;
    size_t *offsets;
    int32_t count, capacity;
} free_class;

typedef struct planner {
    free_class *classes; /* free buffers, ascending sizes */
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

/* The offset of a buffer of *size bytes: a free one at most an eighth larger, else new memory. *size becomes the
 * buffer's own. */
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

/* Gives a buffer back. False when memory is short. */
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

static void use(eddy_compiler *c, const eddy_tensor *tensor, int64_t time)
{
    uintptr_t first = (uintptr_t)c->program->tensors, at = (uintptr_t)tensor;
    if (at < first || at >= first + (uintptr_t)c->count * sizeof *tensor) /* a leaf's */
        return;
    int32_t base = c->values[(at - first) / sizeof *tensor].base;
    if (base >= 0 && c->values[base].last_use < time)
        c->values[base].last_use = time;
}

/* A buffer is a multiple of 64 bytes, a cache line. */
static size_t buffer_size(const eddy_tensor *tensor)
{
    size_t bytes = (size_t)eddy_tensor_count(tensor) * eddy_dtype_size(tensor->dtype);
    return bytes ? (bytes + 63) & ~(size_t)63 : 64;
}

bool eddy_plan_place(eddy_compiler *c)
{
    eddy_program *p = c->program;
    int64_t end = p->call_count;
    for (int64_t s = 0; s < end; s++) {
        use(c, p->calls[s].out, s);
        for (int32_t k = 0; k < p->calls[s].count; k++)
            use(c, p->calls[s].in[k], s);
    }
    for (int64_t k = 0; k < p->output_count; k++)
        use(c, p->outputs[k].from, end);
    for (int64_t k = 0; k < p->update_count; k++)
        use(c, p->updates[k].from, end);

    /* dying[time]: the first of the values whose last use is then, linked through next */
    int32_t *dying = eddy_allocate((size_t)end + 1, sizeof *dying),
            *next = eddy_allocate((size_t)c->count, sizeof *next);
    planner plan = { 0 };
    bool done = dying && next;
    if (done)
        memset(dying, 0xff, ((size_t)end + 1) * sizeof *dying);
    for (int64_t s = 0; s < end && done; s++) {
        int32_t at = p->calls[s].node;
        eddy_compiled_value *v = &c->values[at];
        if (!v->placed) {
            v->placed = true;
            v->size = buffer_size(&p->tensors[at]);
            p->stats.bytes_unshared += (int64_t)v->size;
            v->offset = take(&plan, &v->size);
            next[at] = dying[v->last_use];
            dying[v->last_use] = at;
        }
        for (int32_t d = dying[s]; d >= 0 && done; d = next[d])
            done = give(&plan, c->values[d].offset, c->values[d].size);
    }
    p->stats.bytes = (int64_t)plan.end;
    p->stats.nodes = end;
    free_planner(&plan);
    eddy_free(dying);
    eddy_free(next);
    p->block = done ? eddy_allocate(plan.end + 64, 1) : NULL;
    if (!p->block)
        return eddy_tape_out_of_memory(c->tape, c->site, "compile");
    char *first = (char *)(((uintptr_t)p->block + 63) & ~(uintptr_t)63);
    for (int32_t i = 0; i < c->count; i++) {
        const eddy_compiled_value *v = &c->values[i];
        if (v->base >= 0 && !v->constant)
            p->tensors[i].data =
                first + c->values[v->base].offset + v->shift * (int64_t)eddy_dtype_size(p->tensors[i].dtype);
    }
    return true;
}
