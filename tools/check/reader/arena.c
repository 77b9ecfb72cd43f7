/* The arena: blocks of growing size in a chain, the newest first. */
#include "arena.h"

#include <eddy/eddy.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct arena_block {
    struct arena_block *previous;
    size_t size, used;
    max_align_t data[];
} arena_block;

enum { SMALLEST = 4096, LARGEST = 1 << 20 };

void arena_start(arena *a, size_t limit)
{
    *a = (arena){ .limit = limit };
}

void arena_free(arena *a)
{
    while (a->block) {
        arena_block *previous = a->block->previous;
        eddy_free(a->block);
        a->block = previous;
    }
    *a = (arena){ .limit = a->limit };
}

arena_position arena_now(const arena *a)
{
    return (arena_position){ a->block, a->block ? a->block->used : 0, a->used };
}

void arena_reset(arena *a, arena_position position)
{
    while (a->block && a->block != position.block) {
        arena_block *previous = a->block->previous;
        eddy_free(a->block);
        a->block = previous;
    }
    if (a->block)
        a->block->used = position.in_block;
    a->used = position.used;
}

static void *fail(arena *a)
{
    a->failed = true;
    return NULL;
}

void *arena_new(arena *a, size_t count, size_t size)
{
    const size_t align = sizeof(max_align_t);
    if (size && count > (SIZE_MAX / 4) / size)
        return fail(a);
    size_t bytes = (count * size + align - 1) / align * align;
    if (!bytes)
        bytes = align; /* nothing has a place of its own too */
    if (bytes > a->limit || a->used > a->limit - bytes)
        return fail(a);
    if (!a->block || a->block->size - a->block->used < bytes) {
        size_t room = a->block ? a->block->size * 2 : SMALLEST;
        room = room > LARGEST ? LARGEST : room;
        room = room < bytes ? bytes : room;
        arena_block *fresh = eddy_reallocate(NULL, 1, sizeof *fresh + room); /* what is handed out is zeroed then */
        if (!fresh)
            return fail(a);
        *fresh = (arena_block){ .previous = a->block, .size = room };
        a->block = fresh;
    }
    void *start = (char *)a->block->data + a->block->used;
    a->block->used += bytes;
    a->used += bytes;
    return memset(start, 0, bytes);
}

const char *arena_text(arena *a, const char *from, size_t length)
{
    char *copy = length < SIZE_MAX ? arena_new(a, length + 1, 1) : fail(a);
    if (!copy)
        return "";
    if (length)
        memcpy(copy, from, length);
    return copy;
}

const char *arena_format(arena *a, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *made = length < 0 ? fail(a) : arena_new(a, (size_t)length + 1, 1);
    if (made)
        vsnprintf(made, (size_t)length + 1, format, list);
    va_end(list);
    return made ? made : "";
}

/* Room for `more` bytes and the zero after them. */
static bool text_grow(text *t, size_t more)
{
    if (more > SIZE_MAX / 4 || t->length > SIZE_MAX / 4) {
        fail(t->arena);
        return false;
    }
    if (t->room < t->length + more + 1) {
        size_t room = 2 * (t->length + more) + 32;
        char *larger = arena_new(t->arena, room, 1);
        if (!larger)
            return false;
        if (t->length)
            memcpy(larger, t->start, t->length);
        t->start = larger;
        t->room = room;
    }
    return true;
}

void text_add_n(text *t, const char *more, size_t length)
{
    if (!length || !text_grow(t, length))
        return;
    memcpy(t->start + t->length, more, length);
    t->length += length;
    t->start[t->length] = 0;
}

void text_add(text *t, const char *more)
{
    text_add_n(t, more, strlen(more));
}

void text_format(text *t, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        fail(t->arena);
    else if (length && text_grow(t, (size_t)length)) {
        vsnprintf(t->start + t->length, (size_t)length + 1, format, list);
        t->length += (size_t)length;
    }
    va_end(list);
}

const char *text_done(const text *t)
{
    return t->start ? t->start : "";
}
