/* The allocator hook and the sentence buffer. The hook is the only mutable global of the library; it assumes that
 * nobody replaces it while another thread is inside a call. Every other file asks for memory here and nowhere else. */
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *system_reallocate(void *context, void *block, size_t size)
{
    (void)context;
    if (!size) {
        free(block);
        return NULL;
    }
    return realloc(block, size);
}

static eddy_allocator current = { system_reallocate, NULL };

eddy_allocator eddy_set_allocator(const eddy_allocator *allocator)
{
    eddy_allocator before = current;
    current = allocator && allocator->reallocate ? *allocator : (eddy_allocator){ system_reallocate, NULL };
    return before;
}

/* Size 0 means "free" to the allocator, so a block for nothing takes one byte. */
static bool block_size(size_t count, size_t size, size_t *bytes)
{
    if (size && count > PTRDIFF_MAX / size)
        return false;
    *bytes = count && size ? count * size : 1;
    return true;
}

void *eddy_allocate(size_t count, size_t size)
{
    size_t bytes;
    if (!block_size(count, size, &bytes))
        return NULL;
    void *block = current.reallocate(current.context, NULL, bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

void *eddy_reallocate(void *block, size_t count, size_t size)
{
    size_t bytes;
    return block_size(count, size, &bytes) ? current.reallocate(current.context, block, bytes) : NULL;
}

void eddy_free(void *block)
{
    if (block)
        current.reallocate(current.context, block, 0);
}

bool eddy_status_fail_v(eddy_status *status, const char *format, va_list arguments)
{
    if (status && !status->text[0]) {
        /* An empty text would mean success. */
        if (vsnprintf(status->text, sizeof status->text, format, arguments) < 0 || !status->text[0])
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
