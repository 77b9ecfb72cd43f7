/* Running programs. */
#include "ir.h"
#include "kernels.h"

#include <math.h>

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
    void *blocks[] = { program->calls,   program->nodes,   program->leaves,   program->outputs,
                       program->updates, program->tensors, program->operands, program->attributes,
                       program->scopes,  program->block,   program->constants };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        eddy_free(blocks[i]);
    eddy_free(program);
}

/* ---- Running ---- */

bool eddy_run_at(eddy_site site, eddy_program *program)
{
    if (!program || !eddy_begin_tape(program->tape))
        return false;
    eddy_tape *tape = program->tape;
    program->has_run = false;
    for (int64_t i = 0; i < program->leaf_count; i++)
        if (!program->leaves[i]->version)
            return eddy_tape_fail(tape, site, "run", "\"%s\" has no value yet; set it with eddy_set",
                                  program->leaves[i]->name);
    for (int64_t i = 0; i < program->call_count; i++) {
        eddy_call *s = &program->calls[i];
        eddy_status status;
        status.text[0] = 0;
        eddy_work work = { .rule = s->rule,
                           .attributes = s->attributes,
                           .in = s->in,
                           .out = s->out,
                           .status = &status,
                           .count = s->count,
                           .outputs = 1,
                           .share = { 0, 1 } };
        if (!s->rule->run(&work))
            return eddy_node_fail(tape, program->scopes, &program->nodes[s->node], status.text);
        if (tape->eager && !eddy_check_finite(tape, program->scopes, &program->nodes[s->node], s->out))
            return false;
    }
    for (int64_t i = 0; i < program->output_count; i++)
        eddy_kernel_copy(program->outputs[i].from, &program->outputs[i].snapshot);
    for (int64_t i = 0; i < program->update_count; i++)
        if (program->updates[i].staged.owned)
            eddy_kernel_copy(program->updates[i].from, &program->updates[i].staged);
    tape->clock += program->update_count > 0;
    for (int64_t i = 0; i < program->update_count; i++) {
        eddy_program_update *u = &program->updates[i];
        eddy_kernel_copy(u->staged.owned ? &u->staged : u->from, &u->leaf->value);
        u->leaf->version = tape->clock;
    }
    program->has_run = true;
    return true;
}

const eddy_tensor *eddy_output_tensor_at(eddy_site site, const eddy_program *program, eddy_var var)
{
    if (!program || !eddy_begin_tape(program->tape))
        return NULL;
    for (int64_t i = 0; i < program->output_count; i++)
        if (eddy_same(program->outputs[i].var, var)) {
            if (!program->has_run)
                eddy_tape_fail(program->tape, site, "output", "the program has not run yet, or its last run failed");
            return program->has_run ? &program->outputs[i].snapshot : NULL;
        }
    eddy_tape_fail(program->tape, site, "output",
                   "this var is not among the program's outputs; list it in eddy_compile");
    return NULL;
}

double eddy_output_at(eddy_site site, const eddy_program *program, eddy_var var)
{
    const eddy_tensor *tensor = eddy_output_tensor_at(site, program, var);
    if (tensor && eddy_tensor_count(tensor) == 1)
        return eddy_tensor_flat(tensor, 0);
    if (tensor)
        eddy_tape_fail(program->tape, site, "output", "shape %s has %lld elements, not one; use eddy_output_tensor",
                       eddy_shape_format(&tensor->shape).text, (long long)eddy_tensor_count(tensor));
    return NAN;
}

eddy_program_stats eddy_program_describe(const eddy_program *program)
{
    return program ? program->stats : (eddy_program_stats){ 0 };
}
