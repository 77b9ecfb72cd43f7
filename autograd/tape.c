/* The tape itself: its life, its arenas, scopes, failures, marks and resets. */
#include "node.h"
#include "format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Arenas ---- */

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
    if (arena->current >= arena->count)
        return (eddy_arena_mark){ arena->count, 0 };
    return (eddy_arena_mark){ arena->current, arena->chunks[arena->current].used };
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
    int32_t wanted = *capacity ? *capacity * 2 : 16;
    void *larger = wanted > *capacity ? eddy_reallocate(*items, (size_t)wanted, size) : NULL;
    if (!larger)
        return false;
    *items = larger;
    *capacity = wanted;
    return true;
}

/* ---- Life ---- */

eddy_tape *eddy_tape_new(eddy_dtype dtype, uint64_t seed)
{
    eddy_tape *tape = eddy_allocate(1, sizeof *tape);
    if (!tape)
        return NULL;
    const char *eager = getenv("EDDY_EAGER");
    tape->dtype = dtype;
    tape->seed = seed;
    tape->eager = eager && *eager && strcmp(eager, "0") != 0;
    tape->clock = 1;
    tape->scope = -1;
    if (!eddy_dtype_is_float(dtype)) {
        tape->dtype = EDDY_F32;
        eddy_tape_fail(tape, NULL, "tape_new", "the dtype of a tape is EDDY_F32 or EDDY_F64");
    }
    return tape;
}

void eddy_tape_free(eddy_tape *tape)
{
    if (!tape)
        return;
    while (tape->programs)
        eddy_program_free(tape->programs);
    eddy_reset(tape, (eddy_mark){ 0 });
    for (int32_t i = 0; i < tape->chunks; i++) {
        eddy_free(tape->nodes[i]);
        eddy_free(tape->slots[i]);
    }
    eddy_free(tape->nodes);
    eddy_free(tape->slots);
    for (int32_t i = 0; i < tape->leaf_count; i++)
        eddy_leaf_free(tape->leaves[i]);
    eddy_free(tape->leaves);
    eddy_free(tape->scopes);
    eddy_free(tape->watches);
    eddy_free(tape->watch_chains);
    eddy_free(tape->operands);
    eddy_free(tape->scratch);
    eddy_arena_free(&tape->arena);
    eddy_arena_free(&tape->lists);
    eddy_free(tape);
}

eddy_dtype eddy_tape_dtype(const eddy_tape *tape)
{
    return tape ? tape->dtype : (eddy_dtype)0;
}

uint64_t eddy_tape_seed(const eddy_tape *tape)
{
    return tape ? tape->seed : 0;
}

void eddy_set_eager(eddy_tape *tape, bool eager)
{
    if (tape)
        tape->eager = eager;
}

int64_t eddy_node_count(const eddy_tape *tape)
{
    return tape ? tape->count : 0;
}

/* ---- Failures ---- */

const char *eddy_error(const eddy_tape *tape)
{
    if (!tape)
        return "out of memory: there is no tape";
    return tape->error.text[0] ? tape->error.text : NULL;
}

void eddy_clear_error(eddy_tape *tape)
{
    if (tape)
        tape->error.text[0] = 0;
}

bool eddy_fail_in(eddy_tape *tape, const eddy_scope *scopes, int32_t scope, eddy_site site, const char *op,
                  const char *sentence)
{
    if (!tape || tape->error.text[0])
        return false;
    char context[200];
    eddy_scope_describe(scopes, scope, context, sizeof context);
    eddy_status_fail(&tape->error, "%s%s%s%s%s%s", site ? site : "", site ? ": " : "", op ? op : "", op ? ": " : "",
                     sentence, context);
    tape->error_event = ++tape->event;
    return false;
}

bool eddy_tape_fail(eddy_tape *tape, eddy_site site, const char *op, const char *format, ...)
{
    char sentence[EDDY_STATUS_SIZE - 300];
    va_list arguments;
    va_start(arguments, format);
    eddy_vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return tape && eddy_fail_in(tape, tape->scopes, tape->scope, site ? site : tape->here, op, sentence);
}

eddy_var eddy_op_fail(eddy_tape *tape, eddy_site site, const char *op, const char *format, ...)
{
    char sentence[EDDY_STATUS_SIZE - 300];
    va_list arguments;
    va_start(arguments, format);
    eddy_vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    eddy_tape_fail(tape, site, op, "%s", sentence);
    return eddy_failed(tape);
}

bool eddy_tape_out_of_memory(eddy_tape *tape, eddy_site site, const char *op)
{
    return eddy_tape_fail(tape, site, op, "out of memory");
}

eddy_var eddy_fail_v(eddy_site site, eddy_tape *tape, const char *format, va_list arguments)
{
    char sentence[EDDY_STATUS_SIZE - 300] = "";
    if (format)
        eddy_vsnprintf(sentence, sizeof sentence, format, arguments);
    return eddy_op_fail(tape, site, NULL, "%s", *sentence ? sentence : "failed without a sentence");
}

eddy_var eddy_failed(eddy_tape *tape)
{
    return tape ? (eddy_var){ tape, EDDY_FAILED, 0 } : (eddy_var){ 0 };
}

/* The tape's own page serves short lists, so that there is something to index even when memory is short; filled anew each
 * time, because its items may have been written to. */
eddy_list eddy_failed_list(eddy_tape *tape, int64_t n)
{
    static _Thread_local eddy_var tapeless[EDDY_FAILED_ITEMS];
    eddy_var *page = tape ? tape->failed : tapeless;
    for (int i = 0; i < EDDY_FAILED_ITEMS; i++)
        page[i] = eddy_failed(tape);
    if (n <= EDDY_FAILED_ITEMS || !tape)
        return (eddy_list){ page, n < 0 ? 0 : n > EDDY_FAILED_ITEMS ? EDDY_FAILED_ITEMS : n };
    size_t bytes = (uint64_t)n <= SIZE_MAX / sizeof *page ? (size_t)n * sizeof *page : SIZE_MAX - EDDY_ARENA_CHUNK;
    eddy_var *items = eddy_arena_take(&tape->lists, bytes);
    for (int64_t i = 0; i < n && items; i++)
        items[i] = eddy_failed(tape);
    return items ? (eddy_list){ items, n } : (eddy_list){ page, EDDY_FAILED_ITEMS };
}

/* ---- Scopes ---- */

void eddy_scope_push(eddy_tape *tape, eddy_site site, const char *name, int64_t step)
{
    if (!tape)
        return;
    if (!eddy_grow((void **)&tape->scopes, &tape->scope_capacity, tape->scope_count, sizeof *tape->scopes)) {
        eddy_tape_out_of_memory(tape, site, name);
        tape->scopes_missed++;
        return;
    }
    if (!site)
        site = tape->here;
    tape->scopes[tape->scope_count] = (eddy_scope){
        .site = site, .outside = tape->here, .name = name ? name : "scope", .step = step, .parent = tape->scope
    };
    tape->scope = tape->scope_count++;
    tape->here = site;
}

void eddy_scope_pop(eddy_tape *tape)
{
    if (tape && tape->scopes_missed) {
        tape->scopes_missed--;
        return;
    }
    if (!tape || tape->scope < 0)
        return;
    tape->here = tape->scopes[tape->scope].outside;
    tape->scope = tape->scopes[tape->scope].parent;
}

int64_t eddy_scope_step(const eddy_tape *tape, int32_t scope)
{
    for (; scope >= 0; scope = tape->scopes[scope].parent)
        if (tape->scopes[scope].step >= 0)
            return tape->scopes[scope].step;
    return -1;
}

int64_t eddy_step_index(const eddy_tape *tape)
{
    return tape ? eddy_scope_step(tape, tape->scope) : -1;
}

void eddy_scope_describe(const eddy_scope *scopes, int32_t scope, char *text, size_t size)
{
    text[0] = 0;
    size_t used = 0;
    const char *join = " (in ";
    for (int depth = 0; scope >= 0 && depth < 3 && used + 1 < size; scope = scopes[scope].parent, depth++) {
        const eddy_scope *s = &scopes[scope];
        bool of_parent =
            s->step >= 0 && s->parent >= 0 && depth < 2; /* a step scope inside the one that has the name */
        int n = s->step >= 0 ? snprintf(text + used, size - used, "%sstep %lld", join, (long long)s->step) : 0;
        used += n > 0 ? (size_t)n : 0;
        if (!of_parent && used < size) {
            n = snprintf(text + used, size - used, "%s%s%s%s", s->step >= 0 ? " of " : join, s->name,
                         s->site ? " at " : "", s->site ? s->site : "");
            used += n > 0 ? (size_t)n : 0;
        }
        join = of_parent ? " of " : " in ";
    }
    if (used && used + 2 <= size)
        memcpy(text + used, ")", 2);
}

/* ---- Checkpoints ---- */

void eddy_checkpoint_begin_at(eddy_site site, eddy_tape *tape)
{
    if (!tape)
        return;
    if (tape->region)
        eddy_tape_fail(tape, site, "checkpoint_begin", "a region is open already; regions do not nest");
    else
        tape->region = tape->count + 1;
}

void eddy_checkpoint_end_at(eddy_site site, eddy_tape *tape)
{
    if (!tape)
        return;
    if (!tape->region)
        eddy_tape_fail(tape, site, "checkpoint_end", "no region is open");
    tape->region = 0;
}

/* ---- Marks ---- */

eddy_mark eddy_mark_now(const eddy_tape *tape)
{
    if (!tape)
        return (eddy_mark){ 0 };
    return (eddy_mark){ .nodes = tape->count,
                        .scopes = tape->scope_count,
                        .watches = tape->watch_count,
                        .randoms = tape->random_count,
                        .generation = tape->generation,
                        .event = tape->event,
                        .arena = eddy_arena_now(&tape->arena),
                        .lists = eddy_arena_now(&tape->lists) };
}

/* The node below a mark that is still good was recorded no later than the mark. */
static bool mark_is_good(const eddy_tape *tape, const eddy_mark *mark)
{
    return mark->nodes <= tape->count &&
           (mark->nodes == 0 || eddy_node_at(tape, mark->nodes - 1)->generation <= mark->generation);
}

void eddy_reset(eddy_tape *tape, eddy_mark mark)
{
    if (!tape)
        return;
    if (!mark_is_good(tape, &mark)) {
        eddy_tape_fail(
            tape, NULL, "reset",
            "the mark is void: the tape was reset to an older mark since; take a new one with eddy_mark_now");
        return;
    }
    for (int32_t i = mark.nodes; i < tape->count; i++) {
        eddy_slot *chunk = tape->slots[i / EDDY_CHUNK];
        if (chunk) {
            eddy_tensor_free(&chunk[i % EDDY_CHUNK].value);
            chunk[i % EDDY_CHUNK] = (eddy_slot){ 0 };
        }
    }
    tape->count = mark.nodes;
    tape->generation++;
    tape->region = tape->region > mark.nodes ? 0 : tape->region;
    /* Scopes that are open stay; the closed ones go with the nodes that named them. */
    if (tape->scope < mark.scopes && mark.scopes < tape->scope_count)
        tape->scope_count = mark.scopes;
    eddy_unwatch(tape, mark.watches);
    tape->random_count = mark.randoms;
    eddy_arena_rewind(&tape->arena, mark.arena);
    eddy_arena_rewind(&tape->lists, mark.lists);
    if (tape->error.text[0] && tape->error_event > mark.event)
        eddy_clear_error(tape);
}

/* ---- Lists ---- */

eddy_list eddy_list_new(eddy_tape *tape, const eddy_var *items, int64_t count)
{
    if (tape && count == 0)
        return (eddy_list){ 0 };
    if (!tape || count < 0) {
        eddy_tape_fail(tape, NULL, "list", "a list of %lld items", (long long)count);
        return eddy_failed_list(tape, 0);
    }
    eddy_list list = { .count = count };
    if ((uint64_t)count <= PTRDIFF_MAX / sizeof *items)
        list.items = eddy_arena_take(&tape->lists, (size_t)count * sizeof *items);
    if (!list.items) {
        eddy_tape_out_of_memory(tape, NULL, "list");
        return eddy_failed_list(tape, 0);
    }
    for (int64_t i = 0; i < count; i++)
        list.items[i] = items ? items[i] : (eddy_var){ 0 };
    return list;
}

eddy_tape *eddy_list_tape(eddy_list list)
{
    for (int64_t i = 0; i < list.count && list.items; i++)
        if (list.items[i].tape)
            return list.items[i].tape;
    return NULL;
}

bool eddy_list_ok_at(eddy_site site, eddy_tape *tape, const char *what, eddy_list list)
{
    if (list.count >= 0 && (list.items || !list.count))
        return true;
    eddy_fail_at(site, tape, "%s: a list of %lld items%s", what ? what : "list", (long long)list.count,
                 list.count > 0 ? " without the items (NULL)" : " is none");
    return false;
}

eddy_list eddy_list_join(eddy_tape *tape, eddy_list a, eddy_list b)
{
    if (!tape || !eddy_list_ok(tape, "list_join", a) || !eddy_list_ok(tape, "list_join", b))
        return eddy_failed_list(tape, -1);
    if (a.count > INT64_MAX - b.count) {
        eddy_tape_out_of_memory(tape, NULL, "list_join");
        return eddy_failed_list(tape, -1);
    }
    eddy_list both = eddy_list_new(tape, NULL, a.count + b.count);
    for (int64_t i = 0; i < both.count; i++)
        both.items[i] = i < a.count ? a.items[i] : b.items[i - a.count];
    return both;
}
