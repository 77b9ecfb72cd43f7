/* The allocator, and how a failure is told.
 *
 * Every byte the library uses comes from one replaceable allocator. A function that can fail takes an eddy_status: a
 * buffer that holds one sentence. The first sentence written to a status stays, later ones are dropped, so a chain of
 * calls reports what went wrong first. */
#ifndef EDDY_MEMORY_H
#define EDDY_MEMORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined _WIN32
#define EDDY_API
#else
#define EDDY_API __attribute__((visibility("default")))
#endif

/* Functions with a call site: the build reads the declarations that begin with EDDY_SITED and generates, beside each
 * function NAME, a function NAME_at(site, ...) and a macro NAME(...) that hands over the caller's file and line
 * (tools/gen-calls.py). */
#define EDDY_SITED EDDY_API

/* Around the declarations of a header: for C++ they are C's. */
#ifdef __cplusplus
#define EDDY_C_BEGIN extern "C" {
#define EDDY_C_END }
#else
#define EDDY_C_BEGIN
#define EDDY_C_END
#endif

#if defined __GNUC__
#define EDDY_PRINTF(text, rest) __attribute__((format(printf, text, rest)))
#else
#define EDDY_PRINTF(text, rest)
#endif

EDDY_C_BEGIN

enum { EDDY_STATUS_SIZE = 1024 };

/* text[0] == 0 means that nothing has failed. */
typedef struct eddy_status {
    char text[EDDY_STATUS_SIZE];
} eddy_status;

/* Writes the sentence unless one is there already or status is NULL. Returns false, so that callers can `return
 * eddy_status_fail(...)`. */
EDDY_API bool eddy_status_fail(eddy_status *status, const char *format, ...) EDDY_PRINTF(2, 3);
EDDY_API bool eddy_status_fail_v(eddy_status *status, const char *format, va_list arguments);

/* An allocator: reallocate(context, block, size) behaves like realloc; size 0 frees and returns NULL. */
typedef struct eddy_allocator {
    void *(*reallocate)(void *context, void *block, size_t size);
    void *context;
} eddy_allocator;

/* Replaces the process-wide allocator (NULL: back to malloc) and returns the one before. Call it before the first other
 * eddy call, or between calls when every object allocated so far may be freed by the new one; it is not synchronised
 * with other threads. */
EDDY_API eddy_allocator eddy_set_allocator(const eddy_allocator *allocator);

/* count * size bytes, zeroed, aligned for any type; NULL when memory is short or the product overflows. */
EDDY_API void *eddy_allocate(size_t count, size_t size);
/* Like realloc to count * size bytes; the old block stays when NULL is returned. */
EDDY_API void *eddy_reallocate(void *block, size_t count, size_t size);
EDDY_API void eddy_free(void *block);
/* How many requests were refused in this process so far. A program that goes on after a failure, or clears errors while
 * it tries alternatives, compares two counts to learn whether memory was short in between. */
EDDY_API uint64_t eddy_allocations_refused(void);

EDDY_C_END
#endif
