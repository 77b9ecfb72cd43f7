/* The verifier of the tape: what every node must satisfy, checked in debug builds after recording, differentiating and
 * compiling. */
#include "node.h"

bool eddy_tape_verify(eddy_tape *tape, int32_t first)
{
    if (!tape)
        return false;
    for (int32_t i = first; i < tape->count; i++) {
        const eddy_node *node = eddy_node_at(tape, i);
        const char *fault = NULL;
        if (!node->rule || (!node->rule->run && !node->rule->view))
            fault = "has no op";
        else if (eddy_shape_count(&node->shape) < 0)
            fault = "has an illegal shape";
        else if (!eddy_dtype_size(node->dtype))
            fault = "has no dtype";
        else if (node->generation > tape->generation)
            fault = "is of the future";
        else if (node->scope >= tape->scope_count)
            fault = "stands in a scope that is gone";
        for (int32_t k = 0; k < node->count && !fault; k++) {
            int32_t id = node->operand[k];
            if (id >= i || (id < 0 && ~id >= tape->leaf_count))
                fault = "uses an operand that does not stand before it";
        }
        if (fault)
            return eddy_tape_fail(tape, node->site, "verify", "node %d (%s) %s; this is a mistake in the library",
                                  (int)i, node->rule ? node->rule->name : "?", fault);
    }
    return true;
}
