/* The passes, in the order in which they run, and the switch for each. */
#include "ir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const eddy_pass eddy_passes[] = {
    { "same", eddy_pass_same, "what is computed twice is computed once" },
    { "constants", eddy_pass_constants, "a constant is one element, computed now and read with stride 0" },
    { "views", eddy_pass_views, "an op that only looks at memory in another way becomes a view, and costs nothing" },
    { "products", eddy_pass_products, "products of matrices, the way round in which they are read" },
    { "gather", eddy_pass_gather, "sum over t of x_t^T delta_t is one product whose inner dimension runs over time" },
    { "narrow", eddy_pass_narrow, "blocks of columns that are looked at become products of their own" },
    { "join", eddy_pass_join, "x W + h R + b is one product; a sum may round once where it rounded at every term" },
    { "split", eddy_pass_split, "[h, x] W is computed from h and x, and nothing is copied side by side" },
    { "early_sums", eddy_pass_early_sums, "long sums are added up term by term, so that the terms need not be kept" },
    { "pack", eddy_pass_pack, "weights are brought once into the order in which products read them" },
    { "recompute", eddy_pass_recompute,
      "what an elementwise op made long ago is made once more where it is read, not kept" },
    { "fuse", eddy_pass_fuse, "elementwise ops go together tile by tile through the nearest cache" },
    { "updates", eddy_pass_updates, "an update is made where its leaf is, when nobody needs the old value any more" },
    { "places", eddy_pass_places, "a value takes the memory of one whose last reader has run, or is running" },
    { NULL, NULL, NULL },
};

/* Does an item of the switches, sign and name, name the pass? "all" names every one. */
static bool names(const char *item, size_t length, const char *pass)
{
    return (length == 4 && !strncmp(item + 1, "all", 3)) ||
           (length == strlen(pass) + 1 && !strncmp(item + 1, pass, length - 1));
}

/* Is the pass on? The last item that names it says so; it is if none does. */
static bool is_on(const char *switches, const char *pass)
{
    bool on = true;
    for (const char *item = switches; *item; item += *item == ',') {
        size_t length = strcspn(item, ",");
        on = length && names(item, length, pass) ? *item == '+' : on;
        item += length;
    }
    return on;
}

/* Every item is a sign and a pass. */
static bool check_switches(const eddy_ir *ir, const char *switches)
{
    for (const char *item = switches; *item; item += *item == ',') {
        size_t length = strcspn(item, ",");
        bool known = !length;
        for (const eddy_pass *pass = eddy_passes; pass->name && !known; pass++)
            known = (*item == '-' || *item == '+') && names(item, length, pass->name);
        if (!known) {
            char list[400] = "";
            for (const eddy_pass *pass = eddy_passes; pass->name; pass++)
                snprintf(list + strlen(list), sizeof list - strlen(list), " %s", pass->name);
            return eddy_tape_fail(ir->tape, ir->site, "compile",
                                  "EDDY_PASSES holds \"%.*s\"; it is a list such as -early_sums,-places or "
                                  "-all,+views of these passes:%s",
                                  (int)(length < 40 ? length : 40), item, list);
        }
        item += length;
    }
    return true;
}

/* Number k of the effects. False when memory is short. */
static bool note_effect(const eddy_ir *ir, const eddy_pass_sight *sight, int64_t k, bool on)
{
    if (k >= sight->room || !sight->effects)
        return true;
    unsigned char *counted = eddy_allocate((size_t)ir->value_count, 1);
    if (!counted)
        return eddy_ir_no_memory(ir);
    int64_t bytes = (int64_t)ir->block;
    for (int32_t i = 0; i < ir->call_count && !ir->block; i++)
        for (int32_t v = ir->calls[i].out; v < ir->calls[i].out + ir->calls[i].outputs; v++) {
            const int32_t base = eddy_ir_base(ir, v);
            bytes += counted[base] || ir->values[base].kind == EDDY_VALUE_LEAF ? 0 : (int64_t)eddy_ir_size(ir, base);
            counted[base] = 1;
        }
    eddy_free(counted);
    sight->effects[k] = (eddy_pass_effect){ .on = on, .calls = ir->call_count, .bytes = bytes };
    return true;
}

bool eddy_ir_run_passes(eddy_ir *ir, const eddy_pass_sight *sight)
{
    const char *switches = getenv("EDDY_PASSES");
    switches = switches ? switches : "";
    if (!check_switches(ir, switches) || !note_effect(ir, sight, 0, true))
        return false;
    const bool none = sight->last && !strcmp(sight->last, "recorded");
    for (const eddy_pass *pass = eddy_passes; pass->name && !none; pass++) {
        const bool on = is_on(switches, pass->name);
        if ((on && !pass->run(ir)) || !note_effect(ir, sight, pass - eddy_passes + 1, on))
            return false;
#ifndef NDEBUG
        if (!eddy_ir_verify(ir, pass->name))
            return false;
#endif
        if (sight->last && !strcmp(pass->name, sight->last))
            break;
    }
    return true;
}
