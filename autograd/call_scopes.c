/* Scopes: composite calls, layers and time steps in each other; and checkpointed regions. */
#include "node.h"

void eddy_scope_push(eddy_tape *tape, eddy_site site, const char *name, int64_t step)
{
    if (!tape)
        return;
    if (!eddy_grow((void **)&tape->scopes, &tape->scope_capacity, tape->scope_count, sizeof *tape->scopes)) {
        eddy_tape_out_of_memory(tape, site, name);
        tape->scopes_missed++;
        return;
    }
    tape->scopes[tape->scope_count] = (eddy_scope){ .site = site ? site : tape->here,
                                                    .outside = tape->here,
                                                    .name = name ? name : "scope",
                                                    .step = step,
                                                    .parent = tape->scope };
    tape->scope = tape->scope_count++;
    tape->here = tape->scopes[tape->scope].site;
}

void eddy_scope_pop(eddy_tape *tape)
{
    if (tape && tape->scopes_missed) {
        tape->scopes_missed--;
    } else if (tape && tape->scope >= 0) {
        tape->here = tape->scopes[tape->scope].outside;
        tape->scope = tape->scopes[tape->scope].parent;
    }
}

void eddy_scope_keep(eddy_tape *tape, const void *key, const void *kept)
{
    if (!tape || tape->scope < 0 || tape->scopes_missed)
        return;
    tape->scopes[tape->scope].key = key;
    tape->scopes[tape->scope].kept = kept;
}

const void *eddy_scope_kept(const eddy_tape *tape, const void *key)
{
    for (int32_t i = tape ? tape->scope : -1; i >= 0; i = tape->scopes[i].parent)
        if (key && tape->scopes[i].key == key)
            return tape->scopes[i].kept;
    return NULL;
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

/* ---- Checkpoints ---- */

void eddy_checkpoint_begin_at(eddy_site site, eddy_tape *tape)
{
    if (tape && !tape->region)
        tape->region = tape->count + 1;
    else
        eddy_tape_fail(tape, site, "checkpoint_begin", "a region is open already; regions do not nest");
}

void eddy_checkpoint_end_at(eddy_site site, eddy_tape *tape)
{
    if (tape && tape->region)
        tape->region = 0;
    else
        eddy_tape_fail(tape, site, "checkpoint_end", "no region is open");
}
