/* An allocator that counts the living blocks and fails the n-th allocation, for sweeps: fail every allocation of a call
 * in turn and look for a clean error and no leak. Every grown block moves, so that a stale pointer is noticed by the
 * sanitizers. Assumes one thread. */
#ifndef EDDY_TEST_FAILING_MEMORY_H
#define EDDY_TEST_FAILING_MEMORY_H

#include "memory.h"

#include <stdlib.h>
#include <string.h>

typedef struct fault {
    long living;  /* blocks not freed */
    long asked;   /* allocations so far */
    long fail_at; /* the number of the allocation that fails, counted from 1; 0 for none */
} fault;

static inline void *fault_reallocate(void *context, void *block, size_t size)
{
    fault *f = context;
    size_t *header = block ? (size_t *)block - 2 : NULL;
    if (!size) {
        if (header)
            f->living--;
        free(header);
        return NULL;
    }
    if (++f->asked == f->fail_at || size > PTRDIFF_MAX - 2 * sizeof *header)
        return NULL;
    size_t *fresh = malloc(size + 2 * sizeof *fresh);
    if (!fresh)
        return NULL;
    fresh[0] = size;
    if (header) {
        memcpy(fresh + 2, block, header[0] < size ? header[0] : size);
        free(header);
    } else {
        f->living++;
    }
    return fresh + 2;
}

/* Clears *f and makes it the allocator. */
static inline void fault_install(fault *f, long fail_at)
{
    *f = (fault){ .fail_at = fail_at };
    eddy_set_allocator(&(eddy_allocator){ fault_reallocate, f });
}

#endif
