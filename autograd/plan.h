/* The memory planner: where in one block each buffer of a program lies. A buffer that has been given back serves the next that fits; free buffers are
 * kept by size, so that planning is linear in their number. */
#ifndef EDDY_PLAN_H
#define EDDY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eddy_plan {
    struct eddy_plan_class *classes; /* free buffers, ascending sizes */
    int32_t count, capacity;
    size_t end; /* bytes of the block so far */
} eddy_plan;

/* A buffer size: a positive multiple of 64 bytes. */
size_t eddy_plan_round(size_t bytes);
/* The offset of a buffer of *size bytes: a free one at most an eighth larger, else new memory. *size becomes the buffer's own. */
size_t eddy_plan_take(eddy_plan *plan, size_t *size);
/* Gives a buffer back. False when memory is short. */
bool eddy_plan_give(eddy_plan *plan, size_t offset, size_t size);
void eddy_plan_free(eddy_plan *plan);

#endif
