/* Compiling: what outputs and updates need becomes an IR (lower.c), which the passes rewrite (passes.c) and whose
 * numbers become pointers at last (bind.c). */
#include "compiled.h"

#include <string.h>

static bool check_lists(eddy_tape *tape, eddy_site site, eddy_list outputs, eddy_list updates)
{
    if (!tape)
        return eddy_tape_fail(eddy_list_tape(outputs) ? eddy_list_tape(outputs) : eddy_list_tape(updates), site,
                              "compile", "the tape is NULL");
    if (!eddy_begin_tape(tape) || !eddy_list_ok_at(site, tape, "compile", outputs) ||
        !eddy_list_ok_at(site, tape, "compile", updates))
        return false;
    if (outputs.count && eddy_begin(site, "compile", outputs.count, outputs.items) != tape)
        return eddy_tape_fail(tape, site, "compile", "an output belongs to another tape");
    if (updates.count && eddy_begin(site, "compile", updates.count, updates.items) != tape)
        return eddy_tape_fail(tape, site, "compile", "an update belongs to another tape");
    if (!outputs.count && !updates.count)
        return eddy_tape_fail(tape, site, "compile", "there is nothing to compile: no outputs and no updates");
    for (int64_t k = 0; k < updates.count; k++) {
        eddy_var target = eddy_assigned(updates.items[k]);
        if (!target.tape)
            return eddy_tape_fail(tape, site, "compile", "update %lld is no assign but %s; make it with eddy_assign",
                                  (long long)k + 1, eddy_name_of(updates.items[k]));
        for (int64_t j = 0; j < k; j++)
            if (eddy_same(eddy_assigned(updates.items[j]), target))
                return eddy_tape_fail(tape, site, "compile",
                                      "updates %lld and %lld both write \"%s\"; what has states of its own, such as a "
                                      "second optimiser, needs eddy_push before it and eddy_pop behind it",
                                      (long long)j + 1, (long long)k + 1, eddy_name_of(target));
    }
    return true;
}

#define DRAW "random.draw"

static bool is_draw(const eddy_leaf *leaf)
{
    return leaf->name && !strcmp(leaf->name, DRAW);
}

/* The updates, and one that advances the draw number, if there is one. */
static eddy_list with_draw(eddy_tape *tape, eddy_list updates)
{
    eddy_var draw = eddy_find(tape, DRAW);
    if (!updates.count || !draw.tape)
        return updates;
    for (int64_t k = 0; k < updates.count; k++)
        if (eddy_same(eddy_assigned(updates.items[k]), draw))
            return updates;
    eddy_var one = eddy_full_of(tape, EDDY_I64, EDDY_SCALAR, 1), advance = eddy_assign(draw, eddy_add(draw, one));
    return eddy_list_join(tape, updates, EDDY_LIST(advance));
}

/* Where the outputs are copied to, and the updates' values wait. */
static bool make_ends(eddy_program *p, const eddy_ir *ir, eddy_list outputs, eddy_list updates)
{
    p->outputs = eddy_allocate((size_t)outputs.count, sizeof *p->outputs);
    p->updates = eddy_allocate((size_t)updates.count, sizeof *p->updates);
    if (!p->outputs || !p->updates)
        return eddy_ir_no_memory(ir);
    eddy_status status = { 0 };
    for (int64_t k = 0; k < outputs.count; k++) {
        eddy_var var = outputs.items[k];
        eddy_program_output *o = &p->outputs[p->output_count++];
        o->var = var;
        if (!eddy_tensor_new(&o->snapshot, eddy_var_dtype(var), *eddy_var_shape(var), &status))
            return eddy_tape_fail(ir->tape, ir->site, "compile", "%s", status.text);
    }
    for (int64_t k = 0; k < updates.count; k++) {
        int32_t value = ir->results[outputs.count + k];
        eddy_program_update *u = &p->updates[p->update_count++];
        u->var = updates.items[k];
        u->leaf = eddy_leaf_at(ir->tape, ~ir->targets[outputs.count + k]);
        const eddy_ir_value *base = &ir->values[eddy_ir_base(ir, value)];
        const bool is_leaf = base->kind == EDDY_VALUE_LEAF;
        u->in_place = is_leaf && base->source == ir->targets[outputs.count + k] &&
                      eddy_ir_same_view(ir, value, eddy_ir_base(ir, value));
        if (is_leaf && !u->in_place &&
            !eddy_tensor_new(&u->staged, ir->values[value].dtype, *eddy_ir_shape(ir, value), &status))
            return eddy_tape_fail(ir->tape, ir->site, "compile", "%s", status.text);
    }
    return true;
}

/* An empty program of the tape, among its programs. */
static eddy_program *program_new(eddy_tape *tape, eddy_site site)
{
    eddy_program *program = tape->error.text[0] ? NULL : eddy_allocate(1, sizeof *program);
    if (!program) {
        eddy_tape_out_of_memory(tape, site, "compile");
        return NULL;
    }
    program->tape = tape;
    program->next = tape->programs;
    tape->programs = program;
    tape->free_program = eddy_program_free;
    return program;
}

/* Lowers and rewrites. False with a failure. */
static bool plan(eddy_program *program, eddy_ir *ir, eddy_list outputs, eddy_list updates, const eddy_pass_sight *sight)
{
    bool done = eddy_lower(program, ir, outputs, updates);
#ifndef NDEBUG
    done = done && eddy_ir_verify(ir, "lowering");
#endif
    return done && eddy_ir_run_passes(ir, sight);
}

/* The IR of the whole program, without what the passes have left over. */
static bool plan_all(eddy_program *program, eddy_ir *ir, eddy_list outputs, eddy_list updates)
{
    bool done = plan(program, ir, outputs, updates, &(eddy_pass_sight){ .last = NULL }) && eddy_ir_compact(ir);
#ifndef NDEBUG
    done = done && eddy_ir_verify(ir, "compacting");
#endif
    return done;
}

eddy_program *eddy_compile_at(eddy_site site, eddy_tape *tape, eddy_list outputs, eddy_list updates)
{
    if (!check_lists(tape, site, outputs, updates))
        return NULL;
    eddy_mark mark = eddy_mark_now(tape);
    updates = with_draw(tape, updates);
    eddy_program *program = program_new(tape, site);
    if (!program)
        return NULL;
    eddy_ir ir = { .tape = tape, .site = site };
    bool done = plan_all(program, &ir, outputs, updates) && make_ends(program, &ir, outputs, updates) &&
                eddy_bind(program, &ir);
    eddy_ir_free(&ir);
#ifndef NDEBUG
    done = done && eddy_tape_verify(tape, 0);
#endif
    if (!done) {
        eddy_program_free(program);
        return NULL;
    }
    eddy_reset(tape, mark);
    return program;
}

/* ---- Looking at the passes ---- */

eddy_pass_info eddy_pass_at(int64_t k)
{
    for (const eddy_pass *pass = eddy_passes; pass->name && k >= 0; pass++)
        if (!k--)
            return (eddy_pass_info){ pass->name, pass->purpose };
    return (eddy_pass_info){ 0 };
}

static bool is_pass(const char *name)
{
    bool known = !name || !strcmp(name, "recorded");
    for (const eddy_pass *pass = eddy_passes; pass->name && !known; pass++)
        known = !strcmp(pass->name, name);
    return known;
}

/* Plans and makes no program; *text, unless NULL, becomes what is there then. */
static bool look(eddy_tape *tape, eddy_site site, eddy_list outputs, eddy_list updates, const eddy_pass_sight *sight,
                 char **text)
{
    eddy_mark mark = eddy_mark_now(tape);
    updates = with_draw(tape, updates);
    eddy_program *program = program_new(tape, site);
    if (!program)
        return false;
    eddy_ir ir = { .tape = tape, .site = site };
    bool done = plan(program, &ir, outputs, updates, sight);
    if (done && text)
        done = (*text = eddy_ir_dump(&ir)) != NULL;
    eddy_ir_free(&ir);
    eddy_program_free(program);
    if (done)
        eddy_reset(tape, mark);
    return done;
}

char *eddy_program_dump_at(eddy_site site, eddy_tape *tape, eddy_list outputs, eddy_list updates, const char *pass)
{
    if (!check_lists(tape, site, outputs, updates))
        return NULL;
    if (!is_pass(pass)) {
        eddy_tape_fail(tape, site, "program_dump", "there is no pass \"%s\"; eddy_pass_at lists them", pass);
        return NULL;
    }
    char *text = NULL;
    look(tape, site, outputs, updates, &(eddy_pass_sight){ .last = pass }, &text);
    return text;
}

bool eddy_program_effects_at(eddy_site site, const eddy_program *program, eddy_pass_effect *effects, int64_t room)
{
    if (!program)
        return false;
    eddy_tape *tape = program->tape;
    if (!effects || room < 0)
        return eddy_tape_fail(tape, site, "program_effects", "there is no array for the effects");
    eddy_var *vars = eddy_allocate((size_t)(program->output_count + program->update_count), sizeof *vars);
    if (!vars)
        return eddy_tape_out_of_memory(tape, site, "program_effects");
    eddy_list outputs = { .items = vars }, updates = { .items = vars + program->output_count };
    for (int64_t k = 0; k < program->output_count; k++)
        outputs.items[outputs.count++] = program->outputs[k].var;
    for (int64_t k = 0; k < program->update_count; k++)
        if (!is_draw(program->updates[k].leaf)) /* which is advanced without being asked for */
            updates.items[updates.count++] = program->updates[k].var;
    const bool done = check_lists(tape, site, outputs, updates) &&
                      look(tape, site, outputs, updates, &(eddy_pass_sight){ .effects = effects, .room = room }, NULL);
    eddy_free(vars);
    return done;
}

eddy_program *eddy_program_at(const eddy_tape *tape, int64_t k)
{
    int64_t count = 0;
    for (eddy_program *p = tape ? tape->programs : NULL; p; p = p->next)
        count++;
    eddy_program *at = k >= 0 && k < count ? tape->programs : NULL;
    for (int64_t later = at ? count - 1 - k : 0; later > 0; later--)
        at = at->next;
    return at;
}

void eddy_program_free(eddy_program *program)
{
    if (!program)
        return;
    for (eddy_program **link = &program->tape->programs; *link; link = &(*link)->next)
        if (*link == program) {
            *link = program->next;
            break;
        }
    for (int64_t k = 0; k < program->output_count; k++)
        eddy_tensor_free(&program->outputs[k].snapshot);
    for (int64_t k = 0; k < program->update_count; k++)
        eddy_tensor_free(&program->updates[k].staged);
    void *blocks[] = { program->instructions, program->nodes,     program->scopes, program->tensors, program->node_of,
                       program->operands,     program->results,   program->leaves, program->outputs, program->updates,
                       program->attributes,   program->constants, program->block,  program->prepared };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        eddy_free(blocks[i]);
    eddy_arena_free(&program->arena);
    eddy_free(program);
}
