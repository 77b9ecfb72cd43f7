/* Memory of a tape that is given back only by rewinding, and arrays that grow. */
#include "node.h"

#include <stdint.h>

struct eddy_arena_chunk {
    char *bytes;
    size_t size, used;
};

enum { EDDY_ARENA_CHUNK = 1 << 16 };

void *eddy_arena_take(eddy_arena *arena, size_t bytes)
{
    bytes = (bytes + 15) & ~(size_t)15;
    for (; arena->current < arena->count; arena->current++) {
        struct eddy_arena_chunk *chunk = &arena->chunks[arena->current];
        if (chunk->size - chunk->used >= bytes) {
            void *block = chunk->bytes + chunk->used;
            chunk->used += bytes;
            return block;
        }
        if (arena->current + 1 < arena->count)
            arena->chunks[arena->current + 1].used = 0;
    }
    struct eddy_arena_chunk *chunks = eddy_reallocate(arena->chunks, (size_t)arena->count + 1, sizeof *chunks);
    if (!chunks)
        return NULL;
    arena->chunks = chunks;
    size_t size = bytes > EDDY_ARENA_CHUNK ? bytes : EDDY_ARENA_CHUNK;
    char *fresh = eddy_allocate(size, 1);
    if (!fresh)
        return NULL;
    arena->current = arena->count++;
    chunks[arena->current] = (struct eddy_arena_chunk){ .bytes = fresh, .size = size, .used = bytes };
    return fresh;
}

eddy_arena_mark eddy_arena_now(const eddy_arena *arena)
{
    bool some = arena->current < arena->count;
    return (eddy_arena_mark){ arena->current, some ? arena->chunks[arena->current].used : 0 };
}

void eddy_arena_rewind(eddy_arena *arena, eddy_arena_mark mark)
{
    arena->current = mark.chunk < arena->count ? mark.chunk : arena->count;
    if (arena->current < arena->count)
        arena->chunks[arena->current].used = mark.used;
}

void eddy_arena_free(eddy_arena *arena)
{
    for (int32_t i = 0; i < arena->count; i++)
        eddy_free(arena->chunks[i].bytes);
    eddy_free(arena->chunks);
    *arena = (eddy_arena){ 0 };
}

bool eddy_grow(void **items, int32_t *capacity, int32_t count, size_t size)
{
    if (count < *capacity)
        return true;
    int64_t wanted = *capacity ? *capacity : 8;
    do
        wanted *= 2;
    while (wanted <= count);
    void *larger = wanted <= INT32_MAX ? eddy_reallocate(*items, (size_t)wanted, size) : NULL;
    if (!larger)
        return false;
    *items = larger;
    *capacity = (int32_t)wanted;
    return true;
}
