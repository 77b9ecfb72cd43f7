/* Memory of one check: everything that is read from a document and found out about it lives in one arena and is freed
 * at once.
 *
 * An arena has a limit; when it is reached, or memory is short, allocation returns NULL and `failed` stays true:
 * whoever works on reports it as one sentence instead of testing each small piece. */
#ifndef EDDY_CHECK_ARENA_H
#define EDDY_CHECK_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct arena {
    struct arena_block *block;
    size_t used, limit; /* bytes */
    bool failed;
} arena;

/* A position to return to: arena_reset frees what was allocated since. */
typedef struct arena_position {
    struct arena_block *block;
    size_t in_block, used;
} arena_position;

void arena_start(arena *a, size_t limit);
void arena_free(arena *a);
arena_position arena_now(const arena *a);
void arena_reset(arena *a, arena_position position);

/* Zeroed, aligned for anything. NULL after failure. */
void *arena_new(arena *a, size_t count, size_t size);
#define ARENA_NEW(a, type) ((type *)arena_new((a), 1, sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_new((a), (size_t)(n), sizeof(type)))

/* Strings are never NULL: "" after failure. */
const char *arena_text(arena *a, const char *text, size_t length);
const char *arena_format(arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A growing text. */
typedef struct text {
    arena *arena;
    char *start;
    size_t length, room;
} text;
void text_add(text *t, const char *more);
void text_add_n(text *t, const char *more, size_t length);
void text_format(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *text_done(const text *t); /* "" when nothing was added */

#endif
