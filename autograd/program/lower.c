/* From tape to IR: the nodes that some outputs and updates need are copied into the program, and each becomes a call
 * with a value of its own. */
#include "compiled.h"

#include <string.h>

typedef struct lowering {
    eddy_tape *tape;
    eddy_program *program;
    eddy_ir *ir;
    unsigned char *nodes, *leaves; /* a byte for each: is it needed? */
    int32_t *number;               /* the value of each node, then of each leaf, -1 none yet */
    int64_t kept;                  /* nodes that are needed */
    size_t attribute_bytes;
} lowering;

static size_t padded(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

/* Marks and counts what is needed, and makes room for it. */
static bool prepare(lowering *l, eddy_list outputs, eddy_list updates)
{
    eddy_tape *tape = l->tape;
    eddy_program *p = l->program;
    size_t places = (size_t)tape->count + (size_t)tape->leaf_count;
    l->nodes = eddy_allocate(places, 1);
    l->number = eddy_allocate(places, sizeof *l->number);
    if (!l->nodes || !l->number)
        return false;
    l->leaves = l->nodes + tape->count;
    memset(l->number, 0xff, places * sizeof *l->number);
    eddy_mark_needed(tape, outputs.count, outputs.items, EDDY_READ_VALUES, l->nodes, l->leaves);
    eddy_mark_needed(tape, updates.count, updates.items, EDDY_READ_VALUES, l->nodes, l->leaves);
    for (int32_t i = 0; i < tape->count; i++) {
        const eddy_node *node = eddy_node_at(tape, i);
        if (!l->nodes[i])
            continue;
        l->kept++;
        l->ir->operand_count += node->count;
        l->attribute_bytes += padded(node->attribute_size);
    }
    for (int32_t i = 0; i < tape->leaf_count; i++)
        p->leaf_count += l->leaves[i];
    int64_t values = l->kept + tape->leaf_count;
    if (values > INT32_MAX)
        return false;
    l->ir->value_capacity = (int32_t)values;
    l->ir->call_capacity = (int32_t)l->kept;
    l->ir->values = eddy_allocate((size_t)values, sizeof *l->ir->values);
    l->ir->calls = eddy_allocate((size_t)l->kept, sizeof *l->ir->calls);
    l->ir->operands = eddy_allocate((size_t)l->ir->operand_count, sizeof *l->ir->operands);
    l->ir->operand_capacity = l->ir->operand_count;
    l->ir->results = eddy_allocate((size_t)(outputs.count + updates.count), sizeof *l->ir->results);
    l->ir->targets = eddy_allocate((size_t)(outputs.count + updates.count), sizeof *l->ir->targets);
    p->leaves = eddy_allocate((size_t)p->leaf_count, sizeof *p->leaves);
    p->nodes = eddy_allocate((size_t)l->kept, sizeof *p->nodes);
    p->attributes = eddy_allocate(l->attribute_bytes, 1);
    p->scopes = eddy_allocate((size_t)tape->scope_count, sizeof *p->scopes);
    l->ir->nodes = p->nodes;
    l->ir->arena = &p->arena;
    return l->ir->values && l->ir->calls && l->ir->operands && l->ir->results && l->ir->targets && p->leaves &&
           p->nodes && p->attributes && p->scopes;
}

static void set_contiguous(eddy_ir_value *v)
{
    eddy_tensor tensor = eddy_tensor_wrap(NULL, v->dtype, v->shape);
    memcpy(v->stride, tensor.stride, sizeof v->stride);
}

/* The value of a node or leaf, made if it is not there yet. */
static int32_t value_of(lowering *l, int32_t id)
{
    int32_t *number = &l->number[id >= 0 ? id : l->tape->count + ~id];
    if (*number >= 0)
        return *number;
    *number = l->ir->value_count++;
    eddy_ir_value *v = &l->ir->values[*number];
    if (id >= 0) {
        const eddy_node *node = eddy_node_at(l->tape, id);
        *v = (eddy_ir_value){ .kind = EDDY_VALUE_CALL, .dtype = node->dtype, .shape = node->shape };
        set_contiguous(v);
    } else {
        const eddy_tensor *leaf = &eddy_leaf_at(l->tape, id)->value;
        *v = (eddy_ir_value){
            .kind = EDDY_VALUE_LEAF, .source = ~id, .node = -1, .dtype = leaf->dtype, .shape = leaf->shape
        };
        memcpy(v->stride, leaf->stride, sizeof v->stride);
    }
    return *number;
}

static void lower_node(lowering *l, int32_t i, int32_t kept, char **attributes)
{
    eddy_ir *ir = l->ir;
    eddy_node *node = &l->program->nodes[kept];
    *node = *eddy_node_at(l->tape, i);
    if (node->attribute_size) {
        memcpy(*attributes, node->attributes, node->attribute_size);
        node->attributes = *attributes;
        *attributes += padded(node->attribute_size);
    }
    eddy_ir_call call = { .rule = node->rule,
                          .attributes = node->attributes,
                          .attribute_size = node->attribute_size,
                          .first = ir->operand_count,
                          .count = node->count,
                          .outputs = 1,
                          .node = kept };
    for (int32_t k = 0; k < node->count; k++)
        ir->operands[ir->operand_count++] = value_of(l, node->operand[k]);
    call.out = value_of(l, i);
    ir->values[call.out].node = kept;
    ir->calls[ir->call_count++] = call;
}

/* The assigns in this program to leaves that it writes are no longer pending: updates, and what eddy_when and averages
 * read of them. */
static void settle_assigns(lowering *l, eddy_list updates)
{
    memset(l->leaves, 0, (size_t)l->tape->leaf_count);
    for (int64_t k = 0; k < updates.count; k++)
        l->leaves[~eddy_assigned(updates.items[k]).index] = 1;
    for (int32_t i = 0; i < l->tape->count; i++) {
        eddy_node *node = eddy_node_at(l->tape, i);
        if (l->nodes[i] && node->pending && l->leaves[~node->operand[1]])
            node->pending = false;
    }
}

bool eddy_lower(eddy_program *program, eddy_ir *ir, eddy_list outputs, eddy_list updates)
{
    lowering l = { .tape = program->tape, .program = program, .ir = ir };
    bool done = prepare(&l, outputs, updates);
    if (done) {
        if (l.tape->scope_count)
            memcpy(program->scopes, l.tape->scopes, (size_t)l.tape->scope_count * sizeof *program->scopes);
        ir->operand_count = 0;
        int64_t leaf = 0;
        for (int32_t i = 0; i < l.tape->leaf_count; i++)
            if (l.leaves[i]) {
                program->leaves[leaf++] = l.tape->leaves[i];
                value_of(&l, ~i);
            }
        char *attributes = program->attributes;
        for (int32_t i = 0, kept = 0; i < l.tape->count; i++)
            if (l.nodes[i])
                lower_node(&l, i, kept++, &attributes);
        for (int64_t k = 0; k < outputs.count; k++) {
            ir->targets[ir->result_count] = -1;
            ir->results[ir->result_count++] = value_of(&l, outputs.items[k].index);
        }
        for (int64_t k = 0; k < updates.count; k++) {
            ir->targets[ir->result_count] = ~eddy_assigned(updates.items[k]).index;
            ir->results[ir->result_count++] = value_of(&l, updates.items[k].index);
        }
        settle_assigns(&l, updates);
    }
    eddy_free(l.nodes);
    eddy_free(l.number);
    return done || eddy_ir_no_memory(ir);
}
