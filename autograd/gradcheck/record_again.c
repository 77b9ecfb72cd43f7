/* Records a part of the tape once more, with changes on the way. For the gradient checker. */
#include "gradcheck_internal.h"

static int32_t most_operands(const eddy_tape *tape, int32_t nodes)
{
    int32_t most = 0;
    for (int32_t i = 0; i < nodes; i++)
        most = eddy_node_at(tape, i)->count > most ? eddy_node_at(tape, i)->count : most;
    return most;
}

eddy_var *eddy_check_copy(eddy_check *c, const eddy_var *wanted, int64_t count, const eddy_copy_changes *changes)
{
    eddy_tape *tape = c->tape;
    int32_t nodes = tape->count;
    unsigned char *needed = eddy_check_below(c, wanted, count);
    eddy_var *copy = eddy_allocate((size_t)nodes + 1, sizeof *copy),
             *operands = eddy_allocate((size_t)most_operands(tape, nodes) + 1, sizeof *operands);
    if (needed && (!copy || !operands))
        eddy_check_no_memory(c);
    for (int32_t i = 0; i < nodes && !tape->error.text[0]; i++) {
        const eddy_node *node = eddy_node_at(tape, i);
        if (!needed[i])
            continue;
        for (int32_t k = 0; k < node->count; k++) {
            int32_t id = node->operand[k];
            operands[k] = id < 0 ? eddy_var_of(tape, id) : copy[id];
            if (changes->operand && eddy_rule_reads(node->rule, k))
                operands[k] = changes->operand(changes->context, node, k, operands[k]);
        }
        copy[i] = eddy_record(tape, node->site,
                              &(eddy_recording){ node->rule, node->dtype, &node->shape, node->count, operands,
                                                 node->attributes, node->attribute_size });
        if (changes->result)
            copy[i] = changes->result(changes->context, node, copy[i]);
    }
    eddy_free(needed);
    eddy_free(operands);
    if (!tape->error.text[0])
        return copy;
    eddy_free(copy);
    return NULL;
}
