/* Compiling: the nodes that some outputs and updates need are copied, constants computed, views resolved, calls listed,
 * and the planner asked for places. */
#include "ir.h"

#include <string.h>

enum { EDDY_CONSTANT_BYTES = 64 };

static bool no_memory(eddy_compiler *c)
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
        if (!eddy_assigned(var).tape)
            return eddy_tape_fail(tape, site, "compile", "update %lld is no assign but %s; make it with eddy_assign",
                                  (long long)k + 1, eddy_name_of(var));
        int32_t leaf = eddy_node_at(tape, var.index)->operand[1];
        for (int64_t j = 0; j < k; j++)
            if (eddy_node_at(tape, updates.items[j].index)->operand[1] == leaf)
                return eddy_tape_fail(tape, site, "compile", "updates %lld and %lld both write \"%s\"",
                                      (long long)j + 1, (long long)k + 1, eddy_leaf_at(tape, leaf)->name);
    }
    return true;
}

/* Marks what the roots need; numbers it in order; counts. */
static bool keep(eddy_compiler *c, eddy_list outputs, eddy_list updates)
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
        for (int32_t k = 0; c->kept[i] && k < node->count; k++) {
            if (!eddy_rule_reads(node->rule, k))
                continue;
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
        c->constant_bytes += node->rule->constant ? EDDY_CONSTANT_BYTES : 0;
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

/* Copies the kept nodes with their attributes, and binds operands to the tensors that will hold their values. */
static bool copy_nodes(eddy_compiler *c)
{
    eddy_program *p = c->program;
    size_t n = (size_t)c->count;
    c->values = eddy_allocate(n, sizeof *c->values);
    p->nodes = eddy_allocate(n, sizeof *p->nodes);
    p->tensors = eddy_allocate(n, sizeof *p->tensors);
    p->operands = eddy_allocate((size_t)c->operand_count, sizeof *p->operands);
    p->attributes = eddy_allocate(c->attribute_bytes, 1);
    p->constants = eddy_allocate(c->constant_bytes, 1);
    p->scopes = eddy_allocate((size_t)c->tape->scope_count, sizeof *p->scopes);
    if (!p->scopes || !c->values || !p->nodes || !p->tensors || !p->operands || !p->attributes || !p->constants)
        return no_memory(c);
    if (c->tape->scope_count)
        memcpy(p->scopes, c->tape->scopes, (size_t)c->tape->scope_count * sizeof *p->scopes);
    char *attributes = p->attributes;
    int64_t operands = 0;
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
        c->values[at] = (eddy_compiled_value){ .base = at, .first_operand = operands, .sum = -1, .last_use = -1 };
        p->tensors[at] = eddy_tensor_wrap(NULL, node->dtype, node->shape);
        for (int32_t k = 0; k < node->count; k++) {
            int32_t id = node->operand[k];
            bool target = !eddy_rule_reads(node->rule, k);
            p->operands[operands++] = id < 0 || target ? &eddy_leaf_at(c->tape, id)->value : &p->tensors[c->kept[id]];
        }
    }
    return true;
}

/* A constant: computed now, one element seen everywhere with stride 0. */
static void make_constant(eddy_compiler *c, int32_t at, char *memory)
{
    const eddy_node *node = &c->program->nodes[at];
    eddy_tensor *out = &c->program->tensors[at], one = eddy_tensor_wrap(memory, node->dtype, EDDY_SCALAR);
    node->rule->run(&(eddy_work){ .rule = node->rule, .attributes = node->attributes, .out = &one, .outputs = 1 });
    memset(out->stride, 0, sizeof out->stride);
    out->data = memory;
    c->values[at].constant = true;
}

/* True if the node's value is a view. Data pointers into the block are not known yet: strides and shifts are. */
static bool make_view(eddy_compiler *c, int32_t at)
{
    const eddy_node *node = &c->program->nodes[at];
    eddy_compiled_value *v = &c->values[at];
    eddy_tensor *out = &c->program->tensors[at];
    int64_t offset = 0;
    if (!node->rule->view)
        return false;
    const eddy_tensor *in = c->program->operands[v->first_operand];
    if (!node->rule->view(node->attributes, in, out, &offset))
        return false;
    const eddy_compiled_value *of = node->operand[0] < 0 ? NULL : &c->values[c->kept[node->operand[0]]];
    v->base = of ? of->base : -1;
    v->shift = offset + (of ? of->shift : 0);
    v->constant = of && of->constant;
    if (v->base < 0 || v->constant) /* where it lies is known already */
        out->data = (char *)in->data + offset * (int64_t)eddy_dtype_size(node->dtype);
    return true;
}

/* Lists what a run has to do. */
static bool make_calls(eddy_compiler *c)
{
    eddy_program *p = c->program;
    eddy_plan_early_sums(c);
    p->calls = eddy_allocate((size_t)c->count + (size_t)c->term_count, sizeof *p->calls);
    if (!p->calls)
        return no_memory(c);
    char *constant = p->constants;
    for (int32_t at = 0; at < c->count; at++) {
        const eddy_node *node = &p->nodes[at];
        eddy_compiled_value *v = &c->values[at];
        if (node->rule->constant) {
            make_constant(c, at, constant);
            constant += EDDY_CONSTANT_BYTES;
        } else if (!v->is_early_sum && !make_view(c, at)) {
            p->calls[p->call_count++] = (eddy_call){ .rule = node->rule,
                                                     .attributes = node->attributes,
                                                     .in = &p->operands[v->first_operand],
                                                     .out = &p->tensors[at],
                                                     .count = node->count,
                                                     .node = at };
        }
        if (v->sum >= 0)
            p->calls[p->call_count++] = eddy_plan_term(c, at);
    }
    return true;
}

static const eddy_tensor *tensor_of(const eddy_compiler *c, int32_t id)
{
    return id < 0 ? &eddy_leaf_at(c->tape, id)->value : &c->program->tensors[c->kept[id]];
}

static bool make_ends(eddy_compiler *c, eddy_list outputs, eddy_list updates)
{
    eddy_program *p = c->program;
    p->outputs = eddy_allocate((size_t)outputs.count, sizeof *p->outputs);
    p->updates = eddy_allocate((size_t)updates.count, sizeof *p->updates);
    if (!p->outputs || !p->updates)
        return no_memory(c);
    eddy_status status = { 0 };
    for (int64_t k = 0; k < outputs.count; k++) {
        eddy_var var = outputs.items[k];
        eddy_program_output *o = &p->outputs[p->output_count++];
        o->var = var;
        o->from = tensor_of(c, var.index);
        if (!eddy_tensor_new(&o->snapshot, eddy_var_dtype(var), *eddy_var_shape(var), &status))
            return eddy_tape_fail(c->tape, c->site, "compile", "%s", status.text);
    }
    for (int64_t k = 0; k < updates.count; k++) {
        int32_t index = updates.items[k].index;
        eddy_program_update *u = &p->updates[p->update_count++];
        u->leaf = eddy_leaf_at(c->tape, eddy_node_at(c->tape, index)->operand[1]);
        u->from = tensor_of(c, index);
        const eddy_compiled_value *v = &c->values[c->kept[index]];
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
    eddy_compiler c = { .tape = tape, .site = site, .program = program };
    bool done = keep(&c, outputs, updates) && copy_nodes(&c) && make_calls(&c) && make_ends(&c, outputs, updates) &&
                eddy_plan_place(&c);
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
