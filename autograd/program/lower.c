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
    /* all of what follows is written before it is read: it need not be cleared */
    l->ir->values = eddy_reallocate(NULL, (size_t)values, sizeof *l->ir->values);
    l->ir->calls = eddy_reallocate(NULL, (size_t)l->kept, sizeof *l->ir->calls);
    l->ir->operands = eddy_reallocate(NULL, (size_t)l->ir->operand_count, sizeof *l->ir->operands);
    l->ir->operand_capacity = l->ir->operand_count;
    l->ir->results = eddy_allocate((size_t)(outputs.count + updates.count), sizeof *l->ir->results);
    l->ir->targets = eddy_allocate((size_t)(outputs.count + updates.count), sizeof *l->ir->targets);
    p->leaves = eddy_allocate((size_t)p->leaf_count, sizeof *p->leaves);
    p->nodes = eddy_reallocate(NULL, (size_t)l->kept, sizeof *p->nodes);
    p->attributes = eddy_reallocate(NULL, l->attribute_bytes, 1);
    p->scopes = eddy_allocate((size_t)tape->scope_count, sizeof *p->scopes);
    l->ir->nodes = p->nodes;
    l->ir->arena = &p->arena;
    return l->ir->values && l->ir->calls && l->ir->operands && l->ir->results && l->ir->targets && p->leaves &&
           p->nodes && p->attributes && p->scopes;
}

/* The value of a node or leaf, made if it is not there yet; -1 when memory is short. */
static int32_t value_of(lowering *l, int32_t id)
{
    int32_t *number = &l->number[id >= 0 ? id : l->tape->count + ~id];
    if (*number >= 0)
        return *number;
    eddy_ir_value v = { .kind = EDDY_VALUE_CALL };
    if (id >= 0) {
        const eddy_node *node = eddy_node_at(l->tape, id);
        v.dtype = node->dtype;
        v.layout = eddy_ir_find_layout(l->ir, &node->shape, NULL);
    } else {
        const eddy_tensor *leaf = &eddy_leaf_at(l->tape, id)->value;
        v = (eddy_ir_value){ .kind = EDDY_VALUE_LEAF, .source = ~id, .node = -1, .dtype = leaf->dtype };
        v.layout = eddy_ir_find_layout(l->ir, &leaf->shape, leaf->stride);
    }
    if (!v.layout)
        return -1;
    l->ir->values[l->ir->value_count] = v;
    return *number = l->ir->value_count++;
}

static bool lower_node(lowering *l, int32_t i, int32_t kept, char **attributes)
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
    bool done = true;
    for (int32_t k = 0; k < node->count; k++) {
        const int32_t v = value_of(l, node->operand[k]);
        ir->operands[ir->operand_count++] = v;
        done = done && v >= 0;
    }
    call.out = value_of(l, i);
    if (!done || call.out < 0)
        return false;
    ir->values[call.out].node = kept;
    ir->calls[ir->call_count++] = call;
    return true;
}

static bool add_result(lowering *l, int32_t id, int32_t target)
{
    const int32_t v = value_of(l, id);
    l->ir->targets[l->ir->result_count] = target;
    l->ir->results[l->ir->result_count++] = v;
    return v >= 0;
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
                done = done && value_of(&l, ~i) >= 0;
            }
        char *attributes = program->attributes;
        for (int32_t i = 0, kept = 0; i < l.tape->count && done; i++)
            if (l.nodes[i])
                done = lower_node(&l, i, kept++, &attributes);
        for (int64_t k = 0; k < outputs.count; k++)
            done = done && add_result(&l, outputs.items[k].index, -1);
        for (int64_t k = 0; k < updates.count; k++)
            done = done && add_result(&l, updates.items[k].index, ~eddy_assigned(updates.items[k]).index);
        if (done)
            settle_assigns(&l, updates);
    }
    eddy_free(l.nodes);
    eddy_free(l.number);
    return done || eddy_ir_no_memory(ir);
}
