/* The tape itself: its life, failures, marks and resets, lists. */
#include "node.h"
#include "format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Life ---- */

eddy_tape *eddy_tape_new_at(eddy_site site, eddy_dtype dtype, uint64_t seed)
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
        eddy_tape_fail(tape, site, "tape_new", "the dtype of a tape is EDDY_F32 or EDDY_F64, not %s",
                       eddy_dtype_size(dtype) ? eddy_dtype_name(dtype) : "one that there is not");
    }
    return tape;
}

/* Of the nodes from `first` on. */
static void free_values(eddy_tape *tape, int32_t first)
{
    for (int32_t i = first; i < tape->count; i++) {
        eddy_slot *slot = eddy_node_at(tape, i)->slot;
        eddy_tensor_free(slot ? &slot->value : NULL);
        eddy_free(slot);
    }
}

void eddy_tape_free(eddy_tape *tape)
{
    if (!tape)
        return;
    while (tape->programs)
        tape->free_program(tape->programs);
    free_values(tape, 0);
    for (int32_t i = 0; i < tape->chunks; i++)
        eddy_free(tape->nodes[i]);
    for (int32_t i = 0; i < tape->leaf_count; i++)
        eddy_leaf_free(tape->leaves[i]);
    void *const arrays[] = { tape->nodes, tape->leaves, tape->scopes, tape->watches, tape->operands };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        eddy_free(arrays[i]);
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
        tape->error.text[0] = tape->dropped[0] = tape->said[0] = 0;
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

/* Room for n vars; NULL when memory is short. */
static eddy_var *take_vars(eddy_tape *tape, int64_t n)
{
    bool fits = (uint64_t)n <= PTRDIFF_MAX / sizeof(eddy_var);
    return fits ? eddy_arena_take(&tape->lists, (size_t)n * sizeof(eddy_var)) : NULL;
}

/* The tape's own page serves short lists, so that there is something to index even when memory is short; filled anew
 * each time, because its items may have been written to. Without a tape a page of the thread's does: a list that a user
 * fills must be one that can be written to, and what stands in it means nothing. */
eddy_list eddy_failed_list(eddy_tape *tape, int64_t n)
{
    static _Thread_local eddy_var tapeless[EDDY_FAILED_ITEMS];
    eddy_var *page = tape ? tape->failed : tapeless;
    eddy_var *own = tape && n > EDDY_FAILED_ITEMS ? take_vars(tape, n) : NULL;
    int64_t room = own ? n : EDDY_FAILED_ITEMS;
    eddy_list list = { own ? own : page, n < 0 ? 0 : n < room ? n : room };
    for (int64_t i = 0; i < room; i++)
        list.items[i] = eddy_failed(tape);
    return list;
}

/* ---- Marks ---- */

eddy_mark eddy_mark_now(const eddy_tape *tape)
{
    if (!tape)
        return (eddy_mark){ 0 };
    return (eddy_mark){ .tape = tape,
                        .nodes = tape->count,
                        .scopes = tape->scope_count,
                        .watches = tape->watch_count,
                        .randoms = tape->random_count,
                        .generation = tape->generation,
                        .event = tape->event,
                        .arena = eddy_arena_now(&tape->arena),
                        .lists = eddy_arena_now(&tape->lists) };
}

/* A failure if the tape cannot be reset to the mark. The node below a mark that is still good was recorded no later
 * than the mark. */
static bool mark_is_good(eddy_site site, eddy_tape *tape, const eddy_mark *mark)
{
    if (mark->tape && mark->tape != tape)
        return eddy_tape_fail(tape, site, "reset", "the mark was taken of another tape");
    if (mark->nodes < 0 || mark->nodes > tape->count ||
        (mark->nodes && eddy_node_at(tape, mark->nodes - 1)->generation > mark->generation))
        return eddy_tape_fail(
            tape, site, "reset",
            "the mark is void: the tape was reset to an older mark since; take a new one with eddy_mark_now");
    if (tape->scope < mark->scopes)
        return true;
    const eddy_scope *open = &tape->scopes[tape->scope];
    while (open->step >= 0 && open->parent >= 0)
        open = &tape->scopes[open->parent];
    return eddy_tape_fail(tape, site, "reset",
                          "%s at %s is still being recorded and the mark is older, so what it has recorded would be "
                          "lost; reset after that call, or take the mark inside it",
                          open->name, open->site ? open->site : "?");
}

void eddy_reset_at(eddy_site site, eddy_tape *tape, eddy_mark mark)
{
    if (!tape || !mark_is_good(site, tape, &mark))
        return;
    eddy_warn_of_reset(tape, mark.nodes);
    free_values(tape, mark.nodes);
    tape->count = mark.nodes;
    tape->generation++;
    tape->region = tape->region > mark.nodes ? 0 : tape->region;
    tape->ran = tape->ran > mark.nodes ? mark.nodes : tape->ran;
    /* Scopes that are open stay; the closed ones go with the nodes that named them. */
    if (mark.scopes < tape->scope_count)
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
    if (!tape || count < 0)
        return eddy_list_fail(tape, 0, NULL, "list", "a list of %lld items", (long long)count);
    eddy_list list = { take_vars(tape, count), count };
    if (!list.items)
        return eddy_list_fail(tape, 0, NULL, "list", "out of memory");
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
    int64_t count;
    if (!tape || !eddy_list_ok(tape, "list_join", a) || !eddy_list_ok(tape, "list_join", b))
        return eddy_failed_list(tape, -1);
    if (__builtin_add_overflow(a.count, b.count, &count))
        return eddy_list_fail(tape, -1, NULL, "list_join", "out of memory");
    eddy_list both = eddy_list_new(tape, NULL, count);
    for (int64_t i = 0; i < both.count; i++)
        both.items[i] = i < a.count ? a.items[i] : b.items[i - a.count];
    return both;
}
