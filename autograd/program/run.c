/* Running programs. */
#include "compiled.h"
#include "crew.h"
#include "kernels.h"

#include <math.h>
#include <time.h>

/* Outputs are copied out, then all updates are written that are not yet: no failure is possible any more. */
static void finish(eddy_program *p)
{
    const eddy_tensor **of_updates = p->results + p->output_count;
    for (int64_t i = 0; i < p->output_count; i++)
        eddy_kernels()->copy(p->results[i], &p->outputs[i].snapshot);
    for (int64_t i = 0; i < p->update_count; i++)
        if (p->updates[i].staged.owned)
            eddy_kernels()->copy(of_updates[i], &p->updates[i].staged);
    p->tape->clock += p->update_count > 0;
    for (int64_t i = 0; i < p->update_count; i++) {
        eddy_program_update *u = &p->updates[i];
        if (!u->in_place)
            eddy_kernels()->copy(u->staged.owned ? &u->staged : of_updates[i], &u->leaf->value);
        u->leaf->version = p->tape->clock;
    }
}

/* Each result at the site of the node that it is the value of. */
static bool results_are_finite(const eddy_program *p, const eddy_work *work)
{
    for (const eddy_tensor *out = work->out; out < work->out + work->outputs; out++)
        if (p->node_of[out - p->tensors] >= 0 &&
            !eddy_check_finite(p->tape, p->scopes, &p->nodes[p->node_of[out - p->tensors]], out))
            return false;
    return true;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* One thread's part of a call; what cannot be shared, the first does. False with a failure on the tape. */
static bool run_call(eddy_program *p, eddy_instruction *at, eddy_share share)
{
    eddy_tape *tape = p->tape;
    eddy_work work = at->work;
    int32_t node = at->node;
    work.share = work.rule->shares ? share : (eddy_share){ 0, 1 };
    if (work.scratch)
        work.scratch = (char *)work.scratch + (size_t)share.index * p->scratch;
    work.culprit = tape->eager ? &node : NULL;
    const bool first = !share.index;
    const double began = p->measures && first ? now() : 0;
    const bool done = work.rule->run(&work);
    if (first)
        at->seconds = p->measures ? now() - began : 0;
    if (!done)
        return eddy_node_fail(tape, p->scopes, &p->nodes[node], p->status.text);
    if (tape->eager && !results_are_finite(p, &work))
        return false;
    if (at->once)
        at->version = at->once->version;
    return true;
}

/* Shared calls do not fail (in eager mode there is one thread). After a failure the others run on to the end, for
 * nothing. */
static void run_calls(void *context, int32_t index, int32_t count)
{
    eddy_program *p = context;
    bool done = true;
    for (int64_t i = 0; i < p->instruction_count && (done || count > 1); i++) {
        eddy_instruction *at = &p->instructions[i];
        if (at->waits && count > 1)
            eddy_crew_wait(count);
        if (i == p->in_place && p->status.text[0]) /* a failed run writes nothing */
            break;
        if (!done || (index && !at->work.rule->shares) || (at->once && at->once->version == at->version))
            continue;
        done = run_call(p, at, (eddy_share){ index, count });
    }
    if (!index)
        p->has_run = done;
}

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
    program->status.text[0] = 0;
    eddy_crew_run(tape->eager ? 1 : program->threads, run_calls, program);
    if (!program->has_run)
        return false;
    finish(program);
    tape->ran = tape->count;
    return true;
}

const eddy_tensor *eddy_output_tensor_at(eddy_site site, const eddy_program *program, eddy_var var)
{
    if (!program)
        eddy_tape_fail(var.tape, site, "output", "the program is NULL: was it compiled?");
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
