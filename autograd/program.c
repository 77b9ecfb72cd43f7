/* Programs: the nodes that some outputs and updates need, copied, with every value's place in memory decided before the first run. */
#include "node.h"
#include "kernels.h"
#include "plan.h"

#include <math.h>
#include <string.h>

typedef struct step {
    const eddy_rule *rule;
    const void *attributes;
    const eddy_tensor **in;
    eddy_tensor *out;
    int32_t count;
    int32_t node; /* the copy of the recorded node, for sentences */
} step;

typedef struct output {
    eddy_var var;
    const eddy_tensor *from;
    eddy_tensor snapshot;
} output;

typedef struct update {
    eddy_leaf *leaf;
    const eddy_tensor *from;
    eddy_tensor staged; /* where the value waits if it is a view of a leaf that this run may write; else empty */
} update;

struct eddy_program {
    eddy_tape *tape;
    eddy_program *next;
    bool has_run;
    step *steps;
    int64_t step_count;
    eddy_node *nodes; /* copies: op, site, scope text */
    eddy_leaf **leaves;
    int64_t leaf_count; /* whose values a run reads */
    output *outputs;
    int64_t output_count;
    update *updates;
    int64_t update_count;
    eddy_tensor *tensors; /* the value of every kept node */
    const eddy_tensor **operands;
    char *attributes, *block_memory, *constants;
    eddy_program_stats stats;
};

/* ---- Compiling ---- */

/* What is known of a kept node while compiling; indices count kept nodes. */
typedef struct value {
    int32_t base;     /* the kept node whose buffer holds the elements: itself unless a view; -1: a leaf's memory */
    int32_t last_use; /* of the buffer, by the last reader of it or of a view of it */
    int64_t shift;    /* elements from the base's first */
    size_t offset, size;
    bool constant;
} value;

typedef struct compiler {
    eddy_tape *tape;
    eddy_site site;
    eddy_program *program;
    int32_t *kept; /* node -> kept index, -1 not needed */
    value *values;
    int32_t count; /* of kept nodes */
    int64_t operand_count;
    size_t attribute_bytes, constant_bytes;
} compiler;

static bool no_memory(compiler *c)
{
    return eddy_tape_out_of_memory(c->tape, c->site, "compile");
}

static bool check_lists(eddy_tape *tape, eddy_site site, eddy_list outputs, eddy_list updates)
{
    if (outputs.count && eddy_begin(site, "compile", outputs.count, outputs.items) != tape)
        return eddy_tape_fail(tape, site, "compile", "an output belongs to another tape");
    if (updates.count && eddy_begin(site, "compile", updates.count, updates.items) != tape)
        return eddy_tape_fail(tape, site, "compile", "an update belongs to another tape");
    if (!outputs.count && !updates.count)
        return eddy_tape_fail(tape, site, "compile", "there is nothing to compile: no outputs and no updates");
    for (int64_t k = 0; k < updates.count; k++) {
        eddy_var var = updates.items[k];
        if (var.index < 0 || eddy_node_at(tape, var.index)->rule != &eddy_rule_assign)
            return eddy_tape_fail(tape, site, "compile", "update %lld is no assign but %s; make it with eddy_assign", (long long)k + 1,
                                  eddy_name_of(var));
        int32_t leaf = eddy_node_at(tape, var.index)->operand[1];
        for (int64_t j = 0; j < k; j++)
            if (eddy_node_at(tape, updates.items[j].index)->operand[1] == leaf)
                return eddy_tape_fail(tape, site, "compile", "updates %lld and %lld both write \"%s\"", (long long)j + 1, (long long)k + 1,
                                      eddy_leaf_at(tape, leaf)->name);
    }
    return true;
}

/* Marks what the roots need; numbers it in order; counts. */
static bool keep(compiler *c, eddy_list outputs, eddy_list updates)
{
    eddy_tape *tape = c->tape;
    c->kept = eddy_allocate((size_t)tape->count, sizeof *c->kept);
    unsigned char *reads = eddy_allocate((size_t)tape->leaf_count, 1);
    if (!c->kept || !reads) {
        eddy_free(reads);
        return no_memory(c);
    }
    const eddy_list roots[] = { outputs, updates };
    for (int r = 0; r < 2; r++)
        for (int64_t k = 0; k < roots[r].count; k++) {
            int32_t id = roots[r].items[k].index;
            if (id >= 0)
                c->kept[id] = 1;
            else
                reads[~id] = 1;
        }
    for (int32_t i = tape->count - 1; i >= 0; i--) {
        const eddy_node *node = eddy_node_at(tape, i);
        int32_t operands = node->rule == &eddy_rule_assign ? 1 : node->count;
        for (int32_t k = 0; c->kept[i] && k < operands; k++) {
            int32_t id = node->operand[k];
            if (id >= 0)
                c->kept[id] = 1;
            else
                reads[~id] = 1;
        }
    }
    for (int32_t i = 0; i < tape->count; i++) {
        const eddy_node *node = eddy_node_at(tape, i);
        if (!c->kept[i]) {
            c->kept[i] = -1;
            continue;
        }
        c->kept[i] = c->count++;
        c->operand_count += node->count;
        c->attribute_bytes += (node->attribute_size + 15u) & ~15u;
        c->constant_bytes += node->rule == &eddy_rule_full ? 64 : 0;
    }
    eddy_program *p = c->program;
    for (int32_t i = 0; i < tape->leaf_count; i++)
        p->leaf_count += reads[i];
    p->leaves = eddy_allocate((size_t)p->leaf_count, sizeof *p->leaves);
    for (int32_t i = 0, n = 0; p->leaves && i < tape->leaf_count; i++)
        if (reads[i])
            p->leaves[n++] = tape->leaves[i];
    eddy_free(reads);
    return p->leaves || no_memory(c);
}

/* Copies the nodes and finds out which are views, and of what. Data pointers are not known yet: only strides and shifts are. */
static bool copy_nodes(compiler *c)
{
    eddy_program *p = c->program;
    size_t n = (size_t)c->count;
    c->values = eddy_allocate(n, sizeof *c->values);
    p->nodes = eddy_allocate(n, sizeof *p->nodes);
    p->tensors = eddy_allocate(n, sizeof *p->tensors);
    p->steps = eddy_allocate(n, sizeof *p->steps);
    p->operands = eddy_allocate((size_t)c->operand_count, sizeof *p->operands);
    p->attributes = eddy_allocate(c->attribute_bytes, 1);
    p->constants = eddy_allocate(c->constant_bytes, 1);
    if (!c->values || !p->nodes || !p->tensors || !p->steps || !p->operands || !p->attributes || !p->constants)
        return no_memory(c);
    char *attributes = p->attributes, *constant = p->constants;
    const eddy_tensor **operands = p->operands;
    for (int32_t i = 0; i < c->tape->count; i++) {
        int32_t at = c->kept[i];
        if (at < 0)
            continue;
        eddy_node *node = &p->nodes[at];
        *node = *eddy_node_at(c->tape, i);
        if (node->attribute_size) {
            memcpy(attributes, node->attributes, node->attribute_size);
            node->attributes = attributes;
            attributes += (node->attribute_size + 15u) & ~15u;
        }
        value *v = &c->values[at];
        eddy_tensor *out = &p->tensors[at];
        *v = (value){ .base = at, .last_use = at };
        *out = eddy_tensor_wrap(NULL, node->dtype, node->shape);
        for (int32_t k = 0; k < node->count; k++) {
            int32_t id = node->operand[k];
            bool target = node->rule == &eddy_rule_assign && k == 1;
            operands[k] = id < 0 || target ? &eddy_leaf_at(c->tape, id)->value : &p->tensors[c->kept[id]];
        }
        const eddy_tensor **in = operands;
        operands += node->count;
        if (node->rule == &eddy_rule_full) {
            eddy_tensor one = eddy_tensor_wrap(constant, node->dtype, EDDY_SCALAR);
            node->rule->run(node->rule, node->attributes, 0, NULL, &one, NULL);
            memset(out->stride, 0, sizeof out->stride);
            out->data = constant;
            constant += 64;
            v->constant = true;
            continue;
        }
        int64_t offset = 0;
        if (node->rule->view && node->rule->view(node->attributes, in[0], out, &offset)) {
            int32_t id = node->operand[0];
            v->base = id < 0 ? -1 : c->values[c->kept[id]].base;
            v->shift = offset + (id < 0 ? 0 : c->values[c->kept[id]].shift);
            v->constant = id >= 0 && c->values[c->kept[id]].constant;
            if (v->base < 0 || v->constant) /* where it lies is known already */
                out->data = (char *)in[0]->data + offset * (int64_t)eddy_dtype_size(node->dtype);
            continue;
        }
        p->steps[p->step_count++] = (step){ .rule = node->rule, .attributes = node->attributes, .in = in, .out = out, .count = node->count, .node = at };
    }
    return true;
}

static void use(compiler *c, const eddy_tensor *tensor, int32_t by)
{
    eddy_program *p = c->program;
    uintptr_t first = (uintptr_t)p->tensors, at = (uintptr_t)tensor;
    if (at < first || at >= first + (uintptr_t)c->count * sizeof *tensor) /* a leaf's */
        return;
    int32_t base = c->values[tensor - p->tensors].base;
    if (base >= 0 && c->values[base].last_use < by)
        c->values[base].last_use = by;
}

/* Places every buffer: taken when its node is computed, given back after its last reader. */
static bool place(compiler *c)
{
    eddy_program *p = c->program;
    for (int64_t s = 0; s < p->step_count; s++)
        for (int32_t k = 0; k < p->steps[s].count; k++)
            use(c, p->steps[s].in[k], p->steps[s].node);
    for (int64_t k = 0; k < p->output_count; k++)
        use(c, p->outputs[k].from, c->count);
    for (int64_t k = 0; k < p->update_count; k++)
        use(c, p->updates[k].from, c->count);

    eddy_plan plan = { 0 };
    /* dying[i]: the first of the values whose last reader is i, linked through next */
    int32_t *dying = eddy_allocate((size_t)c->count + 1, sizeof *dying), *next = eddy_allocate((size_t)c->count, sizeof *next);
    bool done = dying && next;
    if (done)
        memset(dying, 0xff, ((size_t)c->count + 1) * sizeof *dying);
    for (int64_t s = 0; s < p->step_count && done; s++) {
        int32_t at = p->steps[s].node;
        value *v = &c->values[at];
        v->size = eddy_plan_round((size_t)eddy_shape_count(&p->nodes[at].shape) * eddy_dtype_size(p->nodes[at].dtype));
        p->stats.bytes_unshared += (int64_t)v->size;
        v->offset = eddy_plan_take(&plan, &v->size);
        next[at] = dying[v->last_use];
        dying[v->last_use] = at;
        for (int32_t d = dying[at]; d >= 0 && done; d = next[d])
            done = eddy_plan_give(&plan, c->values[d].offset, c->values[d].size);
    }
    p->stats.bytes = (int64_t)plan.end;
    p->stats.nodes = p->step_count;
    eddy_plan_free(&plan);
    eddy_free(dying);
    eddy_free(next);
    p->block_memory = done ? eddy_allocate(plan.end + 64, 1) : NULL;
    if (!p->block_memory)
        return no_memory(c);
    char *block = (char *)(((uintptr_t)p->block_memory + 63) & ~(uintptr_t)63);
    for (int32_t i = 0; i < c->count; i++) {
        const value *v = &c->values[i];
        if (v->base >= 0 && !v->constant)
            p->tensors[i].data = block + c->values[v->base].offset + v->shift * (int64_t)eddy_dtype_size(p->tensors[i].dtype);
    }
    return true;
}

static const eddy_tensor *tensor_of(const compiler *c, int32_t id)
{
    return id < 0 ? &eddy_leaf_at(c->tape, id)->value : &c->program->tensors[c->kept[id]];
}

static bool make_ends(compiler *c, eddy_list outputs, eddy_list updates)
{
    eddy_program *p = c->program;
    p->outputs = eddy_allocate((size_t)outputs.count, sizeof *p->outputs);
    p->updates = eddy_allocate((size_t)updates.count, sizeof *p->updates);
    if (!p->outputs || !p->updates)
        return no_memory(c);
    eddy_status status = { 0 };
    for (int64_t k = 0; k < outputs.count; k++) {
        eddy_var var = outputs.items[k];
        output *o = &p->outputs[p->output_count++];
        o->var = var;
        o->from = tensor_of(c, var.index);
        if (!eddy_tensor_new(&o->snapshot, eddy_var_dtype(var), *eddy_var_shape(var), &status))
            return eddy_tape_fail(c->tape, c->site, "compile", "%s", status.text);
    }
    for (int64_t k = 0; k < updates.count; k++) {
        int32_t index = updates.items[k].index;
        update *u = &p->updates[p->update_count++];
        u->leaf = eddy_leaf_at(c->tape, eddy_node_at(c->tape, index)->operand[1]);
        u->from = tensor_of(c, index);
        const value *v = &c->values[c->kept[index]];
        if (v->base < 0 && !v->constant && !eddy_tensor_new(&u->staged, u->from->dtype, u->from->shape, &status))
            return eddy_tape_fail(c->tape, c->site, "compile", "%s", status.text);
    }
    return true;
}

/* The updates, and one that advances the draw number, if there is one. */
static eddy_list with_draw(eddy_tape *tape, eddy_list updates)
{
    eddy_var draw = eddy_find(tape, "random.draw");
    if (!updates.count || !draw.tape)
        return updates;
    for (int64_t k = 0; k < updates.count; k++)
        if (eddy_node_at(tape, updates.items[k].index)->operand[1] == draw.index)
            return updates;
    eddy_var one = eddy_full_of(tape, EDDY_I64, EDDY_SCALAR, 1), advance = eddy_assign(draw, eddy_add(draw, one));
    return eddy_list_join(tape, updates, EDDY_LIST(advance));
}

eddy_program *eddy_compile_at(eddy_site site, eddy_tape *tape, eddy_list outputs, eddy_list updates)
{
    if (!eddy_begin_tape(tape) || !check_lists(tape, site, outputs, updates))
        return NULL;
    eddy_mark mark = eddy_mark_now(tape);
    updates = with_draw(tape, updates);
    eddy_program *program = tape->error.text[0] ? NULL : eddy_allocate(1, sizeof *program);
    if (!program) {
        eddy_tape_out_of_memory(tape, site, "compile");
        return NULL;
    }
    program->tape = tape;
    program->next = tape->programs;
    tape->programs = program;
    compiler c = { .tape = tape, .site = site, .program = program };
    bool done = keep(&c, outputs, updates) && copy_nodes(&c) && make_ends(&c, outputs, updates) && place(&c);
    eddy_free(c.kept);
    eddy_free(c.values);
#ifndef NDEBUG
    done = done && eddy_tape_verify(tape);
#endif
    if (!done) {
        eddy_program_free(program);
        return NULL;
    }
    eddy_reset(tape, mark);
    return program;
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
    void *blocks[] = { program->steps,   program->nodes,    program->leaves,     program->outputs,      program->updates,
                       program->tensors, program->operands, program->attributes, program->block_memory, program->constants };
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
            return eddy_tape_fail(tape, site, "run", "\"%s\" has no value yet; set it with eddy_set", program->leaves[i]->name);
    for (int64_t i = 0; i < program->step_count; i++) {
        step *s = &program->steps[i];
        eddy_status status;
        status.text[0] = 0;
        if (!s->rule->run(s->rule, s->attributes, s->count, s->in, s->out, &status))
            return eddy_node_fail(tape, &program->nodes[s->node], status.text);
        if (tape->eager && !eddy_check_finite(tape, &program->nodes[s->node], s->out))
            return false;
    }
    for (int64_t i = 0; i < program->output_count; i++)
        eddy_kernel_copy(program->outputs[i].from, &program->outputs[i].snapshot);
    for (int64_t i = 0; i < program->update_count; i++)
        if (program->updates[i].staged.owned)
            eddy_kernel_copy(program->updates[i].from, &program->updates[i].staged);
    tape->clock += program->update_count > 0;
    for (int64_t i = 0; i < program->update_count; i++) {
        update *u = &program->updates[i];
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
    eddy_tape_fail(program->tape, site, "output", "this var is not among the program's outputs; list it in eddy_compile");
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
