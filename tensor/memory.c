/* The allocator hook and the sentence buffer. The hook and the count of refusals are the only mutable globals of
 * the library; nobody may replace the hook while another thread is inside a call. Every other file asks for memory here
 * and nowhere else. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* madvise */
#endif
#include "memory.h"
#include "format.h"
#include "text_buffer.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *system_reallocate(void *context, void *block, size_t size)
{
    (void)context;
    if (!size) {
        free(block);
        return NULL;
    }
    void *fresh = realloc(block, size);
#ifdef MADV_HUGEPAGE
    /* Pages of 2 MiB for a large block, or for what it has grown by: walking through pages of 4 KiB costs a quarter of
     * a run. */
    const uintptr_t page = 2 << 20, from = (uintptr_t)fresh, begin = (from + page - 1) & ~(page - 1),
                    end = (from + size) & ~(page - 1);
    if (fresh && size >= 2 * page && end > begin)
        (void)madvise((char *)fresh + (begin - from), end - begin, MADV_HUGEPAGE);
#endif
    return fresh;
}

static eddy_allocator current = { system_reallocate, NULL };
static atomic_uint_fast64_t refused;

eddy_allocator eddy_set_allocator(const eddy_allocator *allocator)
{
    eddy_allocator before = current;
    current = allocator && allocator->reallocate ? *allocator : (eddy_allocator){ system_reallocate, NULL };
    return before;
}

void *eddy_reallocate(void *block, size_t count, size_t size)
{
    size_t bytes = count && size ? count * size : 1; /* 0 means "free" to the allocator */
    bool fits = !size || count <= PTRDIFF_MAX / size;
    void *fresh = fits ? current.reallocate(current.context, block, bytes) : NULL;
    if (!fresh)
        atomic_fetch_add_explicit(&refused, 1, memory_order_relaxed);
    return fresh;
}

void *eddy_allocate(size_t count, size_t size)
{
    void *block = eddy_reallocate(NULL, count, size);
    return block && count && size ? memset(block, 0, count * size) : block;
}

uint64_t eddy_allocations_refused(void)
{
    return atomic_load_explicit(&refused, memory_order_relaxed);
}

void eddy_free(void *block)
{
    if (block)
        current.reallocate(current.context, block, 0);
}

bool eddy_status_fail_v(eddy_status *status, const char *format, va_list arguments)
{
    if (status && !status->text[0]) {
        char sentence[EDDY_STATUS_SIZE];
        bool written = eddy_vsnprintf(sentence, sizeof sentence, format, arguments) >= 0;
        /* Paths and names of strangers are in it. An empty text would mean success. */
        if (!written || !eddy_escape(status->text, sizeof status->text, sentence))
            memcpy(status->text, "something failed and its sentence could not be written",
                   sizeof "something failed and its sentence could not be written");
    }
    return false;
}

bool eddy_status_fail(eddy_status *status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    eddy_status_fail_v(status, format, arguments);
    va_end(arguments);
    return false;
}
