/* The gradient with what one time step hands to another held fixed: the loss is recorded once more, with a detach
 * wherever a node of one step reads a node of another. For the gradient checker's diagnosis of a missing carry term.
 * Assumes that steps are scopes (eddy_unroll). */
#include "parts.h"

#include <string.h>

/* Does node `reader` read this operand across a step's border? */
static bool is_carried(const eddy_tape *tape, const eddy_node *reader, int32_t operand)
{
    int64_t here = operand >= 0 ? eddy_scope_step(tape, reader->scope) : -1;
    int64_t there = here >= 0 ? eddy_scope_step(tape, eddy_node_at(tape, operand)->scope) : -1;
    return there >= 0 && there != here;
}

static const char *watched_name(const eddy_tape *tape, int32_t index)
{
    for (int32_t i = 0; i < tape->watch_count; i++)
        if (tape->watches[i].index == index)
            return tape->watches[i].name;
    return NULL;
}

int eddy_check_carried(const eddy_check *c, const char **names, int room)
{
    int count = -1;
    for (int32_t i = 0; i < c->nodes; i++) {
        const eddy_node *node = eddy_node_at(c->tape, i);
        for (int32_t k = 0; k < node->count; k++) {
            if (!is_carried(c->tape, node, node->operand[k]))
                continue;
            count = count < 0 ? 0 : count;
            const char *name = watched_name(c->tape, node->operand[k]);
            bool known = !name;
            for (int j = 0; j < count; j++)
                known = known || !strcmp(names[j], name);
            if (!known && count < room)
                names[count++] = name;
        }
    }
    return count;
}

eddy_list eddy_check_cut_carry(eddy_check *c, const char *only)
{
    eddy_tape *tape = c->tape;
    eddy_var loss = c->levels[0].y;
    int32_t most = 0, cuts = 0;
    if (loss.index < 0)
        return (eddy_list){ 0 };
    for (int32_t i = 0; i <= loss.index; i++)
        most = eddy_node_at(tape, i)->count > most ? eddy_node_at(tape, i)->count : most;
    unsigned char *needed = eddy_check_below(c, loss);
    eddy_var *copy = eddy_allocate((size_t)loss.index + 1, sizeof *copy),
             *operands = eddy_allocate((size_t)most + 1, sizeof *operands);
    bool done = needed && copy && operands;
    if (!done)
        eddy_check_no_memory(c);
    for (int32_t i = 0; done && i <= loss.index; i++) {
        const eddy_node *node = eddy_node_at(tape, i);
        if (!needed[i])
            continue;
        for (int32_t k = 0; k < node->count; k++) {
            int32_t id = node->operand[k];
            const char *name = only && is_carried(tape, node, id) ? watched_name(tape, id) : NULL;
            bool cut = is_carried(tape, node, id) && (!only || (name && !strcmp(name, only)));
            operands[k] = id < 0 ? eddy_var_of(tape, id) : copy[id];
            if (cut)
                operands[k] = eddy_detach(operands[k]);
            cuts += cut;
        }
        copy[i] = eddy_record(tape, node->site, node->rule, node->dtype, &node->shape, node->count, operands,
                              node->attributes, node->attribute_size);
        done = !tape->error.text[0];
    }
    eddy_list gradient = { 0 };
    if (done && cuts)
        gradient = eddy_gradients_at(c->site, copy[loss.index], c->wrt);
    eddy_free(needed);
    eddy_free(copy);
    eddy_free(operands);
    return gradient;
}
