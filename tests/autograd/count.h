/* An allocator that counts: how many bytes live, the most that ever did, and how often memory was asked for. Assumes
 * one thread. */
#ifndef EDDY_TEST_COUNT_H
#define EDDY_TEST_COUNT_H

#include <eddy/eddy.h>

#include <stdlib.h>

typedef struct count {
    size_t living, peak; /* bytes */
    long asked;
} count;

static inline void *count_reallocate(void *context, void *block, size_t size)
{
    count *c = context;
    size_t *header = block ? (size_t *)block - 2 : NULL; /* two, to keep the alignment of malloc */
    size_t old = header ? header[0] : 0;
    if (!size) {
        c->living -= old;
        free(header);
        return NULL;
    }
    c->asked++;
    header = size > SIZE_MAX / 2 ? NULL : realloc(header, size + 2 * sizeof *header);
    if (!header)
        return NULL;
    header[0] = size;
    c->living += size - old;
    c->peak = c->living > c->peak ? c->living : c->peak;
    return header + 2;
}

/* Clears *c and makes it the allocator. */
static inline void count_install(count *c)
{
    *c = (count){ 0 };
    eddy_set_allocator(&(eddy_allocator){ count_reallocate, c });
}

#endif
