/* The memory planner. */
#include "plan.h"
#include "node.h"

#include <string.h>

typedef struct eddy_plan_class {
    size_t size;
    size_t *offsets;
    int32_t count, capacity;
} free_class;

size_t eddy_plan_round(size_t bytes)
{
    return bytes ? (bytes + 63) & ~(size_t)63 : 64;
}

static int32_t class_at_least(const eddy_plan *p, size_t size)
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

size_t eddy_plan_take(eddy_plan *p, size_t *size)
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

bool eddy_plan_give(eddy_plan *p, size_t offset, size_t size)
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

void eddy_plan_free(eddy_plan *p)
{
    for (int32_t i = 0; i < p->count; i++)
        eddy_free(p->classes[i].offsets);
    eddy_free(p->classes);
}
